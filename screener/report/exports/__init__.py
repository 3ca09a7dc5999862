"""The same results for other programs."""
