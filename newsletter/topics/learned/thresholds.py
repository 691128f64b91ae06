"""From which likeness on a paper belongs under a topic: chosen on papers left out while the weights were learned. Pure.

A topic with few examples is pulled towards what is best for all topics together, as if it had some more papers like theirs.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.float64]

# Sixteen topics that other people's daily lists have: their papers are many, and more is asked of them.
WIDELY_LISTED = {
    *("nerf", "3dgs", "3d", "mllm", "diffusion", "llm", "agents", "rag", "6dof-pose", "detection-segmentation", "compression"),
    *("ocr", "slam", "medical", "robotics", "video"),
}
# The share of missed papers counts for this much squared beside that of wrong ones (the F measure:
# https://nlp.stanford.edu/IR-book/html/htmledition/evaluation-of-unranked-retrieval-sets-1.html). It is the weight with which, on
# days of which neither weights nor thresholds knew anything, precision and recall of all such topics together lie equally far
# above what is asked of them (0.94 and 0.88 of the sixteen, 0.88 and 0.76 of the others), or next to it where papers left out by
# eighths would fall under their bar: `.ci/operating-point` counts it, for the model that hears the language model's vectors (the
# finer one) by itself.
LISTED_RECALL_WEIGHT, RECALL_WEIGHT = 0.82, 1.02
FINER_LISTED_RECALL_WEIGHT, FINER_RECALL_WEIGHT = 0.84, 0.98
# So many papers' worth of the other topics' counts are added to those of each.
BORROWED = 40.0
TRIED = np.arange(0.08, 0.75, 0.01)
# What is counted at a threshold counts a little at those beside it too (a normal curve of this width, in steps of those tried):
# with a paper more or less the best one then moves a little, and does not jump.
WIDTH = 4


def recall_weights(slugs: Sequence[str], *, finer: bool) -> list[float]:
    """How much recall counts in each topic's threshold, in the ordinary model or in the ``finer`` one."""
    listed, others = (FINER_LISTED_RECALL_WEIGHT, FINER_RECALL_WEIGHT) if finer else (LISTED_RECALL_WEIGHT, RECALL_WEIGHT)
    return [listed if slug in WIDELY_LISTED else others for slug in slugs]


def choose_thresholds(likeness: Floats, targets: Floats, weights: Sequence[float]) -> list[float]:
    """The threshold of each topic for the likeness (draws, papers, topics) of papers; targets are -1 no, 0 unsure, 1 yes.

    ``weights`` are those of recall. Papers of unknown likeness (NaN) and unsure ones count nowhere. Several draws of papers left
    out make a threshold lean less on which were left out together.
    """
    counts = np.mean([counted(draw, targets) for draw in likeness], axis=0)
    return best_thresholds(counts, weights)


def best_thresholds(counts: Counts, weights: Sequence[float]) -> list[float]:
    """For each topic of ``counts`` (topics, thresholds tried, 3) the middle of the thresholds that are worth most."""
    pooled = counts.sum(axis=0)
    papers = max(1.0, float(pooled[0, 0] + pooled[0, 2]))
    smooth = _smoothing() @ (counts + BORROWED * pooled / papers)
    worth = [_worth(one, weight) for one, weight in zip(smooth, weights, strict=True)]
    return [float(np.median(TRIED[one >= one.max() - 1e-9])) for one in worth]


def _smoothing() -> Floats:
    """A row a threshold tried: how much what is counted at each of them counts there. Beyond the ends it is as at the ends."""
    steps = np.arange(-3 * WIDTH, 3 * WIDTH + 1)
    curve = np.exp(-0.5 * (steps / WIDTH) ** 2)
    rows = np.zeros((len(TRIED), len(TRIED)))
    for row in range(len(TRIED)):
        np.add.at(rows[row], np.clip(row + steps, 0, len(TRIED) - 1), curve / curve.sum())
    return rows


def taken_unseen(
    likeness: Floats, targets: Floats, left: Sequence[npt.NDArray[np.int64]], weights: Sequence[float]
) -> npt.NDArray[np.bool_]:
    """Which papers are taken where each fold (of ``left``, the first draw) gets the thresholds that the others chose."""
    taken = np.zeros(targets.shape, bool)
    everything = np.arange(len(targets))
    for out in left:
        rest = np.setdiff1d(everything, out)
        taken[out] = likeness[0, out] >= np.array(choose_thresholds(likeness[:, rest], targets[rest], weights))
    return taken


def counted(likeness: Floats, targets: Floats) -> Counts:
    """Right, wrong and missed papers of each topic at each threshold tried."""
    return np.array([_counts(likeness[:, topic], targets[:, topic]) for topic in range(targets.shape[1])])


def _counts(likeness: Floats, targets: Floats) -> Counts:
    with np.errstate(invalid="ignore"):
        taken = likeness[None, :] >= TRIED[:, None]
    known = ~np.isnan(likeness)
    right, wrong, missed = taken & (targets == 1), taken & (targets == -1), ~taken & (targets == 1) & known
    return np.stack([one.sum(axis=1) for one in (right, wrong, missed)], axis=1).astype(np.float64)


def _worth(counts: Counts, recall_weight: float) -> Counts:
    square = recall_weight**2
    right, wrong, missed = counts.T
    whole = (1 + square) * right + wrong + square * missed
    return np.asarray((1 + square) * right / np.maximum(whole, 1e-9))
