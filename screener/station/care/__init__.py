"""Care of the data: backup, export and erasure, start-up."""
