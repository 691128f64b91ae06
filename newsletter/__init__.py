"""A daily e-mail digest of new research papers, by topic and in the reader's language."""

__version__ = "0.1.0"
