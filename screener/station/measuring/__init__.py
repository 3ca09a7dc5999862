"""From a video to what a visit keeps of it: results, pictures and, where agreed, the video with a blurred face."""
