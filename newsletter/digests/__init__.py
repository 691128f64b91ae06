"""Digests: when one is due, what it holds, how it reads. Pure: no clock, no database, no network."""
