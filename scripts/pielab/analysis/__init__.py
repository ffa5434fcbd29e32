"""What is said of cells, classes, influence and readability."""
