"""Rows of the collection as values, and what every change of them goes through."""
