"""Feeds of papers: Atom and JSON Feed. Pure: values in, bytes out."""
