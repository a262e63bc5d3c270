"""Requests: what is asked of one tool, or of a few together, beyond plain numbers."""
