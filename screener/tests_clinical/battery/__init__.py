"""The clinical tests: one file each, and nothing else."""
