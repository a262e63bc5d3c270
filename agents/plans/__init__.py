"""Plan templates: what plans there are, in which stages they are made, and what models are told."""
