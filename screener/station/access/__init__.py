"""Who may do what, and the log of it."""
