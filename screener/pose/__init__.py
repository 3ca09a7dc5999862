"""Pixels to landmarks. The only package that imports mediapipe."""
