"""The gate: whether a compressed version may ship."""
