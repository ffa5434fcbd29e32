"""Slices, groups of examples with a common property: which compression hurts more than the rest."""
