"""Topics are learned from judged papers, the same at each run, and decide where phrases say nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from newsletter.errors import InputError, SettingsError
from newsletter.text.vectors import shipped
from newsletter.topics.catalogue import Catalogue, load
from newsletter.topics.explain import explain
from newsletter.topics.learned import model as models
from newsletter.topics.learned.folds import folds
from newsletter.topics.learned.records import JudgedPapers, read_papers, shipped_records
from newsletter.topics.learned.thresholds import TRIED, WIDELY_LISTED, best_thresholds, choose_thresholds
from newsletter.topics.learned.training import train
from newsletter.topics.matching import Matcher, matcher_of
from newsletter.values.papers import Paper
from tests.topics.learned.records import judged
from tests.topics.making import paper, topic

KITES = topic("kites", strong=("kite festival",))
TIDES = topic("tides", strong=("tidal range",))


@pytest.fixture(scope="module")
def content() -> bytes:
    return models.to_bytes(train(judged(), Matcher(Catalogue((KITES, TIDES))), about={}).model)


def learned(content: bytes, *topics: object) -> Matcher:
    return Matcher(Catalogue(topics or (KITES, TIDES)), model=models.from_bytes(content))  # type: ignore[arg-type]


UNSEEN = paper("Long tails for paper sails", "Bamboo and a bridle in gusty weather over the beach.", ref="2607.00001")


def test_a_paper_without_any_phrase_is_matched_by_its_words_which_are_the_reason(content: bytes) -> None:
    assert Matcher(Catalogue((KITES, TIDES))).match(UNSEEN) == ()
    (match,) = learned(content).match(UNSEEN)
    assert match.topic == "kites"
    words = match.reason.split(", ")
    assert 1 <= len(words) <= 3
    assert all(word in f"{UNSEEN.title} {UNSEEN.abstract}".lower() for word in words)
    assert not set(match.reason.replace(",", "").split()) & {"and", "the", "for"}


def test_a_phrase_that_carries_the_match_is_the_reason(content: bytes) -> None:
    (match,) = learned(content).match(replace(UNSEEN, title="Kite festival with paper sails"))
    assert match.reason == "title: kite festival"


def test_training_is_the_same_at_each_run(content: bytes) -> None:
    again = train(judged(), Matcher(Catalogue((KITES, TIDES))), about={}).model
    assert models.to_bytes(again) == content


def test_what_is_read_back_matches_as_before(content: bytes) -> None:
    first, second = (models.from_bytes(content) for _ in range(2))
    assert first.version == second.version
    assert models.to_bytes(first) == content


def test_an_entry_that_was_changed_since_is_matched_by_its_phrases(content: bytes) -> None:
    changed = topic("kites", strong=("kite festival", "paper sail"))
    matcher = learned(content, changed, TIDES)
    assert matcher.learned == {"tides"}
    assert [match.reason for match in matcher.match(UNSEEN)] == ["title: paper sail"]


def test_a_topic_of_ones_own_stays_with_its_phrases(content: bytes) -> None:
    own = topic("tails", strong=("long tail",))
    assert {match.topic for match in learned(content, KITES, TIDES, own).match(UNSEEN)} == {"kites", "tails"}


def test_the_matchers_version_changes_with_the_model(content: bytes) -> None:
    catalogue = Catalogue((KITES, TIDES))
    assert Matcher(catalogue).version != Matcher(catalogue, model=models.from_bytes(content)).version


def test_explaining_tells_likeness_threshold_words_and_phrases(content: bytes) -> None:
    lines = explain(learned(content), UNSEEN, topic="kites")
    assert lines[0] == "2607.00001 is under kites"
    assert "model: likeness" in lines[1] and lines[1].endswith("needed")
    assert "words that weighed most" in lines[2]
    assert explain(learned(content), UNSEEN, topic="tides")[0] == "2607.00001 is not under tides"


def test_scores_are_counted_on_papers_left_out() -> None:
    *_, total = train(judged(), Matcher(Catalogue((KITES, TIDES))), about={}).scores
    assert (total.topic, total.right + total.missed) == ("all", 24)
    assert (total.precision or 0) > 0.9


def test_a_topic_with_too_few_papers_is_not_learned_and_none_at_all_is_refused() -> None:
    few = judged()
    kept = JudgedPapers(few.papers, tuple(one for one in few.judgements if one.topic == "kites"))
    assert train(kept, Matcher(Catalogue((KITES, TIDES))), about={}).model.slugs == ("kites",)
    with pytest.raises(InputError, match="no topic has 3 judged papers"):
        train(JudgedPapers(few.papers, ()), Matcher(Catalogue((KITES, TIDES))), about={})


def test_every_paper_is_left_out_once_and_with_the_same_others_at_each_run() -> None:
    papers = judged()
    left = folds(papers)
    assert sorted(np.concatenate(left).tolist()) == list(range(120))
    assert len(left) == 8
    assert [fold.tolist() for fold in folds(papers)] == [fold.tolist() for fold in left]
    again = folds(papers, 1)
    assert sorted(np.concatenate(again).tolist()) == list(range(120))
    assert [fold.tolist() for fold in again] != [fold.tolist() for fold in left]


def test_chosen_papers_are_learned_from_but_never_left_out_and_counted_in_no_score() -> None:
    everything = judged()
    some = {one.ref for one in everything.judgements if one.topic == "kites"}
    given = replace(everything, chosen=frozenset(some))
    assert {given.papers[place].ref for fold in folds(given) for place in fold} == everything.refs - some
    trained = train(given, Matcher(Catalogue((KITES, TIDES))), about={})
    assert trained.model.slugs == ("kites", "tides")
    assert {one.topic: one.right + one.missed for one in trained.scores} == {"kites": 0, "tides": 12, "all": 12}
    assert given.of_days.refs == everything.refs - some and given.of_days.topics == {"tides"}


def test_a_threshold_lies_between_the_likeness_of_yes_and_no_and_unsure_papers_count_nowhere() -> None:
    likeness = np.array([[[0.7]] * 20 + [[0.4]] * 20 + [[0.1]] * 60])
    targets = np.array([[1.0]] * 20 + [[0.0]] * 20 + [[-1.0]] * 60)
    assert 0.2 < choose_thresholds(likeness, targets, [1.0])[0] < 0.6


def test_a_threshold_lies_lower_the_more_recall_counts_and_one_paper_more_moves_it_little() -> None:
    likeness = np.concatenate([np.linspace(0.1, 0.5, 60), np.linspace(0.3, 0.7, 30)])[None, :, None]
    targets = np.array([[-1.0]] * 60 + [[1.0]] * 30)
    lower, higher = (choose_thresholds(likeness, targets, [weight])[0] for weight in (2.0, 0.5))
    assert lower < higher
    without = choose_thresholds(likeness[:, 1:], targets[1:], [0.5])[0]
    assert abs(without - higher) <= 0.02


def test_a_topic_with_few_papers_leans_on_the_others() -> None:
    many, few = np.zeros((2, len(TRIED), 3))
    at = TRIED < 0.4
    many[:, 0], many[:, 1], many[:, 2] = np.where(at, 300, 0), np.where(TRIED < 0.3, 300, 0), np.where(at, 0, 300)
    few[:, 0], few[:, 2] = np.where(TRIED < 0.6, 1, 0), np.where(TRIED < 0.6, 0, 1)
    of_many, of_few = best_thresholds(np.array([many, few]), [1.0, 1.0])
    assert abs(of_many - of_few) < 0.05


@pytest.mark.parametrize("broken", [b"", b"no model", b"PK\x03\x04"])
def test_a_broken_model_is_refused_in_a_line(broken: bytes) -> None:
    with pytest.raises(SettingsError, match=r"model.npz is no model of topics .*run `newsletter topics train`"):
        models.parse(broken, "model.npz")


def test_broken_records_are_refused_with_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "papers.jsonl.gz"
    path.write_bytes(b"no gzip")
    with pytest.raises(InputError, match=r"papers.jsonl.gz cannot be read"):
        read_papers(path)


def test_texts_that_say_like_things_have_like_vectors() -> None:
    vectors = shipped()
    car, auto, poem = (vectors.of(text) for text in ("self-driving car", "autonomous vehicle", "a poem on love"))
    assert float(car @ auto) > float(car @ poem)
    assert not vectors.of("").any() and not vectors.of("图像").any()


def test_the_model_that_ships_was_learned_from_the_catalogue_and_the_records_that_ship() -> None:
    matcher, records = matcher_of(load()), shipped_records()
    model = models.load()
    assert set(model.slugs) == matcher.learned, "an entry was changed since: make topics"
    assert len(model.slugs) >= 50
    assert model.about["papers"] == len(records.papers)
    assert records.chosen and records.of_days.refs == records.refs - records.chosen
    assert {paper.announced_on.isoformat() for paper in records.papers}.isdisjoint({"2026-06-24", "2026-06-29"})


@pytest.mark.parametrize(("listed", "precision", "recall"), [(True, 0.95, 0.89), (False, 0.89, 0.79)])
def test_the_model_that_ships_keeps_its_bar_on_papers_left_out_while_it_was_learned(
    listed: bool, precision: float, recall: float
) -> None:
    told = models.load().about["scores"].items()
    scores = [counts for slug, counts in told if slug != "all" and (slug in WIDELY_LISTED) == listed]
    right, wrong, missed = (sum(column) for column in zip(*scores, strict=True))
    assert (right / (right + wrong) >= precision, right / (right + missed) >= recall) == (True, True)


def is_found(found: Paper) -> bool:
    return bool(matcher_of(load()).match(found))


def test_a_text_of_nothing_and_one_without_a_known_word_belong_nowhere() -> None:
    assert not is_found(paper("", "", categories=()))
    assert not is_found(paper("Zzyzx qwrtp", "Brzk.", categories=("zz.ZZ",)))
