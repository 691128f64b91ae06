"""First digests that wait for a fetch under way."""
