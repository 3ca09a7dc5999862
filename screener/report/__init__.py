"""Results in, documents out. Nothing is measured or graded here."""
