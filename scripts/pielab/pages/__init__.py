"""The report and the PIE browser."""
