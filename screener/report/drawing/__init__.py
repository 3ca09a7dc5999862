"""Pictures, curves and scales, with one palette."""
