"""Vectors of texts: the mean of static vectors of pieces of words, distilled once from all-MiniLM-L6-v2 (Apache 2.0).

Reads ``vectors.npz`` beside it and nothing else; ``.ci/distil-vectors`` made it. The method is Model2Vec's
(https://github.com/MinishLab/model2vec): each piece went through the model alone, the mean was taken off, the 128 directions that
differ most were kept, and a rare piece weighs more than a common one.
"""

from __future__ import annotations

import hashlib
import io
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

VECTORS = Path(__file__).with_name("vectors.npz")
Floats = npt.NDArray[np.float32]
# A longer word is no word, and looking for its pieces would take long.
_LONGEST = 40


class Vectors:
    """The table of pieces. Immutable; safe to share between threads."""

    def __init__(self, content: bytes) -> None:
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            pieces = stored["pieces"].tobytes().decode().split("\n")
            self._rows: npt.NDArray[np.int8] = stored["rows"]
            self._scales: Floats = stored["scales"].astype(np.float32)
        self._places = {piece: place for place, piece in enumerate(pieces)}
        self.size = self._rows.shape[1]
        self.digest = hashlib.sha256(content).hexdigest()[:16]
        self._pieces_of = lru_cache(maxsize=50_000)(self._split)

    def of(self, text: str) -> Floats:
        """The vector of ``text``, of length 1; zeros for a text without a known piece."""
        places = [place for word in _words(text) for place in self._pieces_of(word)]
        mean = self._rows[places].T.astype(np.float32) @ self._scales[places] if places else np.zeros(self.size, np.float32)
        length = float(np.linalg.norm(mean))
        return np.asarray(mean / length if length > 0 else mean, np.float32)

    def _split(self, word: str) -> tuple[int, ...]:
        return split_into_pieces(word, self._places, longest=_LONGEST)


def split_into_pieces(word: str, places: Mapping[str, int], *, longest: int) -> tuple[int, ...]:
    """The places of a word's pieces, the longest that fits first (WordPiece); none where a part of it is no piece.

    A word of more than ``longest`` letters has none.
    """
    found: list[int] = []
    start = 0
    while start < len(word) <= longest:
        mark = "##" if start else ""
        ends = range(len(word), start, -1)
        end = next((end for end in ends if mark + word[start:end] in places), None)
        if end is None:
            return ()
        found.append(places[mark + word[start:end]])
        start = end
    return tuple(found)


def _words(text: str) -> list[str]:
    """As BERT's uncased tokenizer cuts: lower case, no accents, each sign of punctuation a word of its own."""
    plain = "".join(one for one in unicodedata.normalize("NFD", text.lower()) if unicodedata.category(one) != "Mn")
    return "".join(one if one.isalnum() or one.isspace() else f" {one} " for one in plain).split()


@lru_cache(maxsize=1)
def shipped() -> Vectors:
    """The vectors that ship with the service, read once a process (some 20 ms and 5 MB of memory)."""
    return Vectors(VECTORS.read_bytes())
