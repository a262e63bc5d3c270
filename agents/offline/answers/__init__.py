"""Answers: from what the tools returned to Markdown."""
