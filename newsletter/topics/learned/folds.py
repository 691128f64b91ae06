"""Which judged papers are left out together, to be judged by models that do not know them."""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt

from newsletter.topics.learned.records import JudgedPapers

# So many models are learned with some papers left out, on which thresholds are chosen: of few, each would know much less.
FOLDS = 8


def folds(judged: JudgedPapers, draw: int = 0) -> list[npt.NDArray[np.int64]]:
    """The papers to leave out together, by place: an eighth of them each, drawn by their refs, others in another ``draw``.

    Chosen ones are never left out.
    """
    drawn = [int(hashlib.sha256(paper.ref.encode()).hexdigest(), 16) for paper in judged.papers]
    of = [number // FOLDS**draw % FOLDS for number in drawn]
    of = [-1 if paper.ref in judged.chosen else fold for paper, fold in zip(judged.papers, of, strict=True)]
    return [found for fold in range(FOLDS) if len(found := np.flatnonzero(np.array(of) == fold))]
