"""Pixels to landmarks. The only package that imports mediapipe, cv2 and av."""
