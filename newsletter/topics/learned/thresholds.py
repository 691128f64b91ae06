"""From which likeness on a paper belongs under a topic: chosen on papers left out while the weights were learned. Pure.

A topic with few examples is pulled towards what is best for all topics together, as if it had some more papers like theirs.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.float64]

# A paper under the wrong topic annoys more than a missing one: the share of missed papers counts for this much squared
# (the F measure: https://nlp.stanford.edu/IR-book/html/htmledition/evaluation-of-unranked-retrieval-sets-1.html).
RECALL_WEIGHT = 0.88
# So many papers' worth of the other topics' counts are added to those of each.
BORROWED = 40.0
TRIED = np.arange(0.08, 0.75, 0.01)


def choose_thresholds(likeness: Floats, targets: Floats) -> list[float]:
    """The threshold of each topic (columns) for the likeness of papers (rows); targets are -1 no, 0 unsure, 1 yes.

    Papers of unknown likeness (NaN) and unsure ones count nowhere.
    """
    counts = np.array([_counts(likeness[:, topic], targets[:, topic]) for topic in range(targets.shape[1])])
    pooled = counts.sum(axis=0)
    papers = max(1.0, float(pooled[0, 0] + pooled[0, 2]))
    return [_best(_worth(one + BORROWED * pooled / papers)) for one in counts]


def _best(worth: Counts) -> float:
    """The middle of the thresholds that are worth most."""
    return float(np.median(TRIED[worth >= worth.max() - 1e-9]))


def taken_unseen(likeness: Floats, targets: Floats, left: Sequence[npt.NDArray[np.int64]]) -> npt.NDArray[np.bool_]:
    """Which papers are taken where each fold (of ``left``) gets the thresholds that the other folds chose: nothing saw it."""
    taken = np.zeros(likeness.shape, bool)
    everything = np.arange(len(likeness))
    for out in left:
        rest = np.setdiff1d(everything, out)
        taken[out] = likeness[out] >= np.array(choose_thresholds(likeness[rest], targets[rest]))
    return taken


def _counts(likeness: Floats, targets: Floats) -> Counts:
    """Right, wrong and missed papers at each threshold tried."""
    with np.errstate(invalid="ignore"):
        taken = likeness[None, :] >= TRIED[:, None]
    known = ~np.isnan(likeness)
    right, wrong, missed = taken & (targets == 1), taken & (targets == -1), ~taken & (targets == 1) & known
    return np.stack([one.sum(axis=1) for one in (right, wrong, missed)], axis=1).astype(np.float64)


def _worth(counts: Counts) -> Counts:
    square = RECALL_WEIGHT**2
    right, wrong, missed = counts.T
    whole = (1 + square) * right + wrong + square * missed
    return np.asarray((1 + square) * right / np.maximum(whole, 1e-9))
