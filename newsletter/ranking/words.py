"""The words of a paper as ranking reads them: those of ``text/term_weights.py``."""

from newsletter.text.term_weights import Corpus, TermCounts, Vector

__all__ = ["Corpus", "TermCounts", "Vector"]
