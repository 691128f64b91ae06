"""What a text is about, as ranking reads it: by ``text/subjects.py``, from the file beside this module."""

from newsletter.text.subjects import shipped

__all__ = ["shipped"]
