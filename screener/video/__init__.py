"""Files, cameras and H.264: the only package that imports av."""
