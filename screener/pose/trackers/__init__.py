"""What is followed on the pixels beside the landmarks: cloth, stickers, outline, room."""
