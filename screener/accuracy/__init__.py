"""How good the program is, against stickers or truth tables."""
