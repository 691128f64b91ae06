"""What a text is about, in 100 numbers: directions in which the words of papers differ most (latent semantic analysis).

Words that stand in the same papers get like numbers, so that a paper on "splats" is near one on "radiance fields" with no word in
common. The directions were learned from the titles and abstracts of the judged papers that ship (``topics/learned/judged``), from
no judgement, by ``.ci/learn-subjects``, which writes the one file that is read here:
https://nlp.stanford.edu/IR-book/html/htmledition/latent-semantic-indexing-1.html
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from newsletter.text.term_weights import Corpus, TermCounts, Vector

SUBJECTS = Path(__file__).with_name("subjects.npz")
SIZE, FEWEST_PAPERS = 100, 2

Floats = npt.NDArray[np.float32]


class Subjects:
    """The table of words. Immutable; safe to share between threads."""

    def __init__(self, content: bytes) -> None:
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            words = stored["words"].tobytes().decode().split("\n")
            self._rows: npt.NDArray[np.int8] = stored["rows"]
            self._scales: Floats = stored["scales"]
            frequency: Sequence[int] = stored["frequency"].tolist()
            papers = int(stored["papers"])
        self._places = {word: place for place, word in enumerate(words)}
        self._corpus = Corpus(dict(zip(words, frequency, strict=True)), papers)
        self.size = self._rows.shape[1]
        self.digest = hashlib.sha256(content).hexdigest()[:16]

    def of(self, paper: TermCounts) -> Floats:
        """The subject of a paper, of length 1; zeros for one without a known word."""
        vector = self._corpus.vector(paper)
        known = [(place, weight) for word, weight in vector.items() if (place := self._places.get(word)) is not None]
        if not known:
            return np.zeros(self.size, np.float32)
        places = [place for place, _ in known]
        weights = np.array([weight for _, weight in known], np.float32) * self._scales[places]
        found = weights @ self._rows[places].astype(np.float32)
        length = float(np.linalg.norm(found))
        return np.asarray(found / length if length > 0 else found, np.float32)


def learn_subjects(texts: Iterable[tuple[str, str]], *, size: int = SIZE) -> bytes:
    """The directions of ``texts`` (title, abstract) as a file's content; the same for the same texts.

    The first direction, which all papers share, is left out.
    """
    read = [TermCounts.of(*text) for text in texts]
    corpus = Corpus.of(read)
    whole, words = _as_matrix([corpus.vector(one) for one in read], corpus)
    values, directions = np.linalg.eigh(whole @ whole.T)
    order = np.argsort(-values)[1 : size + 1]
    rows = whole.T @ directions[:, order] / np.sqrt(np.maximum(values[order], 1e-9))
    # A direction may point either way: which one is fixed, so that the same texts give the same file.
    rows *= np.where(rows[np.abs(rows).argmax(axis=0), np.arange(rows.shape[1])] < 0, -1.0, 1.0)
    scales = np.maximum(np.abs(rows).max(axis=1), 1e-9) / 127
    written = io.BytesIO()
    np.savez_compressed(
        written,
        words=np.frombuffer("\n".join(words).encode(), np.uint8),
        rows=np.rint(rows / scales[:, None]).astype(np.int8),
        scales=scales.astype(np.float32),
        frequency=np.array([corpus.papers[word] for word in words], np.int32),
        papers=np.array(corpus.size),
    )
    return written.getvalue()


def _as_matrix(vectors: Sequence[Vector], corpus: Corpus) -> tuple[npt.NDArray[np.float64], list[str]]:
    """A row a text, a column a word that stands in several of them; and the words."""
    words = sorted({word for vector in vectors for word in vector if corpus.papers[word] >= FEWEST_PAPERS})
    places = {word: place for place, word in enumerate(words)}
    whole = np.zeros((len(vectors), len(words)), np.float64)
    for row, vector in enumerate(vectors):
        for word in vector.keys() & places.keys():
            whole[row, places[word]] = vector[word]
    return whole, words


@lru_cache(maxsize=1)
def shipped() -> Subjects:
    """The subjects that ship with the service, read once a process."""
    return Subjects(SUBJECTS.read_bytes())
