"""What models that others made say of examples: one file a format."""
