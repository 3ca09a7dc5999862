"""From a video or a recording to its report on disk."""
