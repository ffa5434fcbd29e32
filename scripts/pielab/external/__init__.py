"""What external models say of examples: one file a format."""
