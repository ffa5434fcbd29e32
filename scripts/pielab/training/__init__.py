"""Models, their training and pruning, and their predictions."""
