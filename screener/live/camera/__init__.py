"""The threads that fetch pictures and find the person in them."""
