"""Votes of groups of models, and the examples on which two groups differ."""
