"""How good the matching is: reads judgements of readers and counts precision and recall per topic. Prints nothing."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from newsletter.errors import InputError

YES, UNSURE, NONE = "yes", "unsure", "none"
# In place of a slug where a paper was judged and belongs under no topic.
NO_TOPIC = "-"


@dataclass(frozen=True, slots=True)
class Judgement:
    """Readers held that the paper ``ref`` belongs under ``topic`` (``verdict`` yes) or differed (unsure, not counted).

    With ``topic`` "-" and ``verdict`` none it belongs under no topic at all; such a line only says that it was judged.
    """

    ref: str
    topic: str
    verdict: str


@dataclass(frozen=True, slots=True)
class TopicScore:
    """Counts of one topic: rightly matched, matched wrongly, missed. ``topic`` is "all" for the sum over topics."""

    topic: str
    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float | None:
        """Share of the matches that are right; None where nothing was matched."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else None

    @property
    def recall(self) -> float | None:
        """Share of the papers that belong which were matched; None where none belongs."""
        return self.right / (self.right + self.missed) if self.right + self.missed else None


def read_judgements(path: Path) -> tuple[Judgement, ...]:
    """The judgements in a file of lines ``REF <tab> SLUG <tab> yes|unsure``, or ``REF <tab> - <tab> none``.

    Empty lines and lines with # are passed over.

    Raises InputError naming file, line and mend; also where a paper is judged twice for a topic.
    """
    found: dict[tuple[str, str], Judgement] = {}
    for number, row in enumerate(csv.reader(_lines(path), delimiter="\t", quoting=csv.QUOTE_NONE), start=1):
        if not row or row[0].startswith("#"):
            continue
        fields = [field.strip() for field in row]
        if len(fields) != 3 or not all(fields) or (fields[2] not in {YES, UNSURE} and fields[1:] != [NO_TOPIC, NONE]):
            raise InputError(f"{path}, line {number}: write a paper's id, a tab, a topic's slug, a tab, and yes or unsure")
        judgement = Judgement(*fields)
        if (judgement.ref, judgement.topic) in found:
            raise InputError(f"{path}, line {number}: {judgement.ref} is judged for {judgement.topic} before: take one out")
        found[judgement.ref, judgement.topic] = judgement
    return tuple(found.values())


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as exc:
        raise InputError(f"{path} cannot be read ({exc.strerror}): give the path of a file of judgements") from exc
    except UnicodeDecodeError as exc:
        raise InputError(f"{path} is not UTF-8 at byte {exc.start}: save it as UTF-8") from exc


def score(
    judgements: Iterable[Judgement], matches: Mapping[str, Collection[str]], *, topics: Collection[str] = ()
) -> list[TopicScore]:
    """Precision and recall per topic in the order of first mention, and last their sum, "all" (micro average).

    ``matches`` has the topics each judged paper was matched to, by ref, also for papers that no line names: whoever is in it and
    has no line for a topic does not belong there. ``topics`` limits or extends the topics counted (default: those of the
    judgements). Papers of judgements that are not in ``matches`` are left out of every count.
    """
    verdicts = {(one.ref, one.topic): one.verdict for one in judgements}
    slugs = tuple(topics) or tuple(dict.fromkeys(topic for _, topic in verdicts if topic != NO_TOPIC))
    counts: dict[str, Counter[str]] = {slug: Counter() for slug in slugs}
    for ref, matched in matches.items():
        for slug in slugs:
            counts[slug][_counted_as(verdicts.get((ref, slug)), slug in matched)] += 1
    return [_scored(slug, counts[slug]) for slug in slugs] + [_scored("all", sum(counts.values(), Counter()))]


def _scored(name: str, counted: Counter[str]) -> TopicScore:
    return TopicScore(name, counted["right"], counted["wrong"], counted["missed"])


def _counted_as(verdict: str | None, matched: bool) -> str:
    if verdict == UNSURE or (verdict is None and not matched):
        return "not at all"
    if verdict == YES:
        return "right" if matched else "missed"
    return "wrong"
