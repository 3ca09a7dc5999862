"""What a screen gives, and where it goes."""
