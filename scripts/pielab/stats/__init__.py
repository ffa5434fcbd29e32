"""Intervals, tests and effects."""
