"""Insights in plain sentences, written by rules."""
