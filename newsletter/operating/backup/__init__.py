"""Whole installations: copied into another database, written into one file, and brought back from it."""
