"""Results in, files out. Nothing here computes a number."""
