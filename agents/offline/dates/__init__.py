"""Periods: the days that a question means."""
