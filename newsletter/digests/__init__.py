"""Digests: when one is due, what it holds, how it reads. Pure but for its store: no clock, no network."""
