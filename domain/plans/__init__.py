"""Plans: what a creator is going to post, when, and which of their figures say so."""
