"""Grounding: whether every number of an answer has a source."""
