"""Angles, signals and events: pure numpy, no landmark names, no limits."""
