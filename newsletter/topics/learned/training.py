"""Learns a linear model for each topic from judged papers: ridge regression, solved exactly, the same at each run. Pure.

Least squares with a penalty need no optimiser's luck: one system of linear equations, as large as there are papers, gives the
weights of all topics (https://en.wikipedia.org/wiki/Kernel_method). A topic's threshold is chosen on papers that were left out
while its weights were learned, an eighth at a time; nothing is chosen on papers that are not given.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from newsletter.errors import InputError
from newsletter.text.language_model import SIZE
from newsletter.topics.evaluation import UNSURE, YES, TopicScore, score
from newsletter.topics.learned.features import Block, Reading, rarity_of, read_paper, weighed
from newsletter.topics.learned.folds import folds
from newsletter.topics.learned.model import (
    Terms,
    TopicModel,
    category_places,
    entry_key,
    rule_features,
    shared_rule_features,
    text_vector,
)
from newsletter.topics.learned.records import JudgedPapers
from newsletter.topics.learned.thresholds import choose_thresholds, recall_weights, taken_unseen
from newsletter.topics.matching import Matcher
from newsletter.topics.scoring import Weighing
from newsletter.values.papers import Paper

# How much each block counts, and in how many papers a term must stand. Chosen by cross-validation (docs/topics.md).
BLOCK_WEIGHTS = {Block.TITLE: 0.5, Block.TEXT: 3.0, Block.PAIRS: 1.0}
FEWEST_PAPERS = {Block.TITLE: 2, Block.TEXT: 2, Block.PAIRS: 3}
CATEGORY_WEIGHT, VECTOR_WEIGHT, RULE_WEIGHT, SHARED_RULE_WEIGHT = 0.2, 1.0, 0.1, 0.3
# With the language model's vectors beside the others, all together count for more.
FINER_WEIGHT = 3.0
PENALTY, BIAS_WEIGHT = 0.5, 0.3
# A topic is learned from so many papers at least.
FEWEST_EXAMPLES = 3
# Papers are left out so many times, each time with others together.
DRAWS = 4

Counts = npt.NDArray[np.int64]
# In doubles, so that the order in which a machine adds up changes nothing of what is kept, which has fewer digits.
Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    """The terms of a block, how rare each is, and where it stands: (papers, weights) by term."""

    places: Mapping[str, int]
    rarity: Sequence[float]
    found: Sequence[tuple[npt.NDArray[np.intp], Doubles]]


@dataclass(frozen=True, slots=True)
class _Material:
    """The papers as matrices: ``likeness`` of each to each, ``rules`` (papers, topics, 3), ``targets`` (-1 no, 0 unsure, 1)."""

    vocabularies: Mapping[Block, _Vocabulary]
    categories: Mapping[str, int]
    category_rows: Doubles
    vectors: Doubles
    vector_mean: Doubles
    vector_scale: float
    likeness: Doubles
    rules: Doubles
    shared_rules: Doubles
    targets: Doubles


@dataclass(frozen=True, slots=True)
class Trained:
    """A model, and how good it was on papers left out while weights and thresholds were learned: by topic, last "all".

    ``before`` is how good one is on the same papers that learns from what was judged before.
    """

    model: TopicModel
    scores: tuple[TopicScore, ...]
    before: tuple[TopicScore, ...] = ()


def train(
    judged: JudgedPapers,
    matcher: Matcher,
    *,
    about: Mapping[str, object],
    before: JudgedPapers | None = None,
    beside: str = "",
) -> Trained:
    """A model of those topics of the matcher's catalogue that have enough judged papers.

    ``before`` is what was judged before, of papers that are among the ``judged``. ``beside`` is the version of the ordinary model
    to learn a finer one, which hears the papers' vectors. Raises InputError where no topic has enough.
    """
    slugs = learnable(judged, [topic.slug for topic in matcher.catalogue.choices])
    if not slugs:
        raise InputError(f"no topic has {FEWEST_EXAMPLES} judged papers: mark papers, or add judgements, and train again")
    material = _material(judged, matcher, slugs, finer=bool(beside))
    everything = np.arange(len(judged.papers))
    left_out, left, counts_for = _drawn(material, judged, everything), folds(judged), recall_weights(slugs, finer=bool(beside))
    thresholds = choose_thresholds(left_out, material.targets, counts_for)
    weights, rule_weights = _solved(material, everything)
    model = _model(material, slugs, weights, rule_weights=rule_weights, thresholds=thresholds)
    scores = _scores(judged, slugs, taken_unseen(left_out, material.targets, left, counts_for))
    counts = {one.topic: [one.right, one.wrong, one.missed] for one in scores}
    told = {**about, "papers": len(judged.papers), "scores": counts}
    entries = {slug: entry_key(matcher.catalogue.by_slug[slug]) for slug in slugs}
    learned_before = _scores_before(material, judged, before, slugs, finer=bool(beside)) if before else ()
    return Trained(replace(model, entries=entries, about=told, beside=beside), scores, learned_before)


def _scores_before(
    material: _Material, judged: JudgedPapers, before: JudgedPapers, slugs: Sequence[str], *, finer: bool
) -> tuple[TopicScore, ...]:
    """How good a model is on the ``judged`` papers that learns from what was judged ``before``, of the topics it would know."""
    refs = {paper.ref for paper in before.papers}
    rows = np.array([row for row, paper in enumerate(judged.papers) if paper.ref in refs])
    targets = _targets(replace(judged, judgements=before.judgements), slugs)
    # Of other papers nothing was known, not even that they do not belong.
    targets[np.setdiff1d(np.arange(len(targets)), rows)] = 0.0
    left_out = _drawn(replace(material, targets=targets), judged, rows)
    taken = taken_unseen(left_out, targets, folds(judged), recall_weights(slugs, finer=finer))
    known = learnable(before, slugs)
    return _scores(judged, known, taken[:, [slugs.index(slug) for slug in known]])


def _scores(judged: JudgedPapers, slugs: Sequence[str], taken: npt.NDArray[np.bool_]) -> tuple[TopicScore, ...]:
    matches = {
        paper.ref: {slug for slug, one in zip(slugs, row, strict=True) if one}
        for paper, row in zip(judged.papers, taken, strict=True)
        if paper.ref not in judged.chosen
    }
    return tuple(score(judged.judgements, matches, topics=slugs))


def learnable(judged: JudgedPapers, slugs: Sequence[str]) -> tuple[str, ...]:
    """Those of ``slugs`` that enough of the judged papers are under."""
    refs = {paper.ref for paper in judged.papers}
    examples = Counter(one.topic for one in judged.judgements if one.verdict == YES and one.ref in refs)
    return tuple(slug for slug in slugs if examples[slug] >= FEWEST_EXAMPLES)


def _material(judged: JudgedPapers, matcher: Matcher, slugs: Sequence[str], *, finer: bool) -> _Material:
    papers = judged.papers
    readings = [read_paper(paper) for paper in papers]
    vocabularies = {block: _vocabulary(readings, block) for block in Block}
    categories, category_rows = _categories(papers)
    raw = _text_vectors(papers, finer=finer)
    mean = raw.mean(axis=0)
    centred = raw - mean
    scale = (FINER_WEIGHT if finer else VECTOR_WEIGHT) / max(1e-9, float((centred * centred).sum(axis=1).mean()))
    likeness = CATEGORY_WEIGHT * category_rows @ category_rows.T + scale * centred @ centred.T + BIAS_WEIGHT
    for block, vocabulary in vocabularies.items():
        _add_likeness(likeness, vocabulary, BLOCK_WEIGHTS[block])
    nothing = Weighing(0.0, False, ())
    weighings = [matcher.weigh(paper) for paper in papers]
    shared = np.array([shared_rule_features(one, slugs) for one in weighings], np.float64)
    likeness += SHARED_RULE_WEIGHT * shared @ shared.T
    rules = np.array([[rule_features(one.get(slug, nothing)) for slug in slugs] for one in weighings], np.float64)
    return _Material(
        vocabularies, categories, category_rows, centred, mean, scale, likeness, rules, shared, _targets(judged, slugs)
    )


def _text_vectors(papers: Sequence[Paper], *, finer: bool) -> Doubles:
    """A row a paper. One without a vector of the language model is given the mean of the others', which says nothing."""
    rows = np.array([text_vector(paper, finer=finer) for paper in papers], np.float64)
    without = np.array([not paper.vector for paper in papers])
    if finer and without.any() and not without.all():
        rows[without, -SIZE:] = rows[~without, -SIZE:].mean(axis=0)
    return rows


def _categories(papers: Sequence[Paper]) -> tuple[dict[str, int], Doubles]:
    """The place of each category, and a row for each paper with 1 where it has one."""
    names = sorted({name for paper in papers for name in (*paper.categories, f"primary {paper.primary_category}")})
    places = {name: place for place, name in enumerate(names)}
    rows = np.zeros((len(papers), len(names)), np.float64)
    for row, paper in enumerate(papers):
        rows[row, category_places(paper.categories, places)] = 1.0
    return places, rows


def _vocabulary(readings: Sequence[Reading], block: Block) -> _Vocabulary:
    standing = Counter(term for reading in readings for term in reading.terms[block])
    terms = sorted(term for term, count in standing.items() if count >= FEWEST_PAPERS[block])
    places = {term: place for place, term in enumerate(terms)}
    rarity = [rarity_of(len(readings), standing[term]) for term in terms]
    found: list[tuple[list[int], list[float]]] = [([], []) for _ in terms]
    for row, reading in enumerate(readings):
        for place, weight in weighed(reading.terms[block], places, rarity):
            found[place][0].append(row)
            found[place][1].append(weight)
    return _Vocabulary(places, rarity, _as_arrays(found))


def _as_arrays(found: Sequence[tuple[list[int], list[float]]]) -> list[tuple[npt.NDArray[np.intp], Doubles]]:
    return [(np.array(rows, np.intp), np.array(given, np.float64)) for rows, given in found]


def _add_likeness(likeness: Doubles, vocabulary: _Vocabulary, weight: float) -> None:
    """Adds the products of all pairs of papers, term by term: most terms stand in few papers."""
    for rows, given in vocabulary.found:
        likeness[np.ix_(rows, rows)] += weight * np.outer(given, given)


def _targets(judged: JudgedPapers, slugs: Sequence[str]) -> Doubles:
    rows = {paper.ref: row for row, paper in enumerate(judged.papers)}
    columns = {slug: column for column, slug in enumerate(slugs)}
    targets = np.full((len(rows), len(columns)), -1.0, np.float64)
    for one in judged.judgements:
        if one.ref in rows and one.topic in columns:
            targets[rows[one.ref], columns[one.topic]] = {YES: 1.0, UNSURE: 0.0}.get(one.verdict, -1.0)
    return targets


def _solved(material: _Material, rows: Counts) -> tuple[Doubles, Doubles]:
    """Weights of papers (rows, topics) and of each topic's own rule (topics, 3), learned from the papers of ``rows``.

    The phrases' verdict counts for its own topic alone, which makes the system of each topic differ by three columns only
    (https://en.wikipedia.org/wiki/Woodbury_matrix_identity).
    """
    targets, rules = material.targets[rows], material.rules[rows] * np.sqrt(RULE_WEIGHT)
    system = material.likeness[np.ix_(rows, rows)] + PENALTY * np.eye(len(rows))
    topics, width = targets.shape[1], rules.shape[2]
    solved = np.linalg.solve(system, np.hstack([targets, rules.reshape(len(rows), -1)]))
    weights, turned = solved[:, :topics], solved[:, topics:].reshape(len(rows), topics, width)
    rule_weights = np.zeros((topics, width))
    for topic in range(topics):
        own = rules[:, topic]
        small = np.eye(width) + own.T @ turned[:, topic]
        weights[:, topic] -= turned[:, topic] @ np.linalg.solve(small, own.T @ weights[:, topic])
        rule_weights[topic] = np.sqrt(RULE_WEIGHT) * (own.T @ weights[:, topic])
    return weights, rule_weights


def _drawn(material: _Material, judged: JudgedPapers, known: Counts) -> Doubles:
    """The likeness of the papers left out, by draw: (draws, papers, topics)."""
    return np.array([_cross_validated(material, folds(judged, draw), known) for draw in range(DRAWS)])


def _cross_validated(material: _Material, left: Sequence[Counts], known: Counts) -> Doubles:
    """The likeness of each paper by a model that learned from the ``known`` ones without its fold; targets become 0 and 1."""
    found = np.full(material.targets.shape, np.nan, np.float64)
    for out in left:
        rows = np.setdiff1d(known, out)
        weights, rule_weights = _solved(material, rows)
        values = material.likeness[np.ix_(out, rows)] @ weights
        values += np.einsum("ptw,tw->pt", material.rules[out], rule_weights)
        found[out] = (values + 1) / 2
    return found


def _model(
    material: _Material, slugs: Sequence[str], weights: Doubles, *, rule_weights: Doubles, thresholds: Sequence[float]
) -> TopicModel:
    """The weights of papers turned into those of terms, halved as the likeness is (targets of -1 and 1 become 0 and 1)."""
    half = weights / 2
    vector_weights = material.vector_scale * material.vectors.T @ half
    bias = BIAS_WEIGHT * half.sum(axis=0) + 0.5 - material.vector_mean @ vector_weights
    return TopicModel(
        slugs=tuple(slugs),
        entries={},
        thresholds={slug: round(float(one), 3) for slug, one in zip(slugs, thresholds, strict=True)},
        blocks={block: _terms(one, BLOCK_WEIGHTS[block] * half) for block, one in material.vocabularies.items()},
        categories=material.categories,
        category_weights=(CATEGORY_WEIGHT * material.category_rows.T @ half).astype(np.float32),
        rule_weights=(rule_weights / 2).astype(np.float32),
        shared_rule_weights=(SHARED_RULE_WEIGHT * material.shared_rules.T @ half).astype(np.float32),
        vector_weights=vector_weights.astype(np.float32),
        bias=bias.astype(np.float32),
        about={},
    )


def _terms(vocabulary: _Vocabulary, weights: Doubles) -> Terms:
    """Weights of terms, kept in a byte each: 127 steps of the largest of its topic."""
    exact = np.array(list(_products(vocabulary, weights)), np.float64).reshape(len(vocabulary.found), weights.shape[1])
    scales = np.maximum(np.abs(exact).max(axis=0, initial=0.0), 1e-9) / 127
    rarity = [float(np.float32(one)) for one in vocabulary.rarity]
    return Terms(vocabulary.places, rarity, np.rint(exact / scales).astype(np.int8), scales.astype(np.float32))


def _products(vocabulary: _Vocabulary, weights: Doubles) -> Iterator[Doubles]:
    for rows, given in vocabulary.found:
        yield given @ weights[rows]
