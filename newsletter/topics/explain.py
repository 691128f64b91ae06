"""Says in lines for people why a paper is, or is not, under a topic. Decides nothing itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from newsletter.errors import InputError
from newsletter.topics.catalogue import is_heading
from newsletter.topics.categories import category_matches, slug_of
from newsletter.topics.matching import Matcher
from newsletter.topics.queries.syntax import show
from newsletter.topics.scoring import THRESHOLD, Weighing
from newsletter.values.papers import Paper
from newsletter.values.topics import Match, Topic

# A query of ours may have fifty terms; of those that are not there a few are told.
_LISTED = 8


def explain(matcher: Matcher, paper: Paper, *, topic: str = "") -> tuple[str, ...]:
    """Why ``paper`` is under ``topic`` or not, piece by piece; without a topic, one line for each topic it is under.

    Raises InputError for a slug that the catalogue does not have, or that is a heading.
    """
    if not topic:
        return _all_topics(matcher, paper)
    entry = matcher.catalogue.by_slug.get(topic)
    if entry is None:
        return _category(paper, topic)
    if is_heading(entry):
        raise InputError(f"{topic!r} is a heading, which no paper is matched to: name one of the topics under it")
    weighings = matcher.weigh(paper)
    weighed = weighings.get(topic)
    match = next((match for match in matcher.match(paper) if match.topic == topic), None)
    verdict = f"{paper.ref} is {'under' if match else 'not under'} {topic}"
    through = _through(match, topic in matcher.learned or (weighed is not None and weighed.matches))
    model = _model(matcher, paper, weighings, topic)
    return (verdict, *through, *model, *_pieces(weighed), *_queries(matcher, paper, entry))


def _category(paper: Paper, name: str) -> tuple[str, ...]:
    slug = slug_of(name)
    if not slug:
        raise InputError(f"there is no topic {name!r}: `newsletter topics list` shows the slugs")
    found = any(match.topic == slug for match in category_matches(paper))
    return (f"{paper.ref} is {'under' if found else 'not under'} {slug}", f"  its categories: {', '.join(paper.categories)}")


def _all_topics(matcher: Matcher, paper: Paper) -> tuple[str, ...]:
    lines = tuple(f"{match.topic} {match.score:.2f}: {match.reason}" for match in matcher.match(paper))
    return lines or (f"{paper.ref} is under no topic",)


def _through(match: Match | None, own: bool) -> tuple[str, ...]:
    return (f"  through a narrower topic: {match.reason}",) if match and not own else ()


def _model(matcher: Matcher, paper: Paper, weighings: Mapping[str, Weighing], topic: str) -> tuple[str, ...]:
    """What the model makes of the paper, which decides; the phrases below are one thing that it hears."""
    if topic not in matcher.learned:
        return ()
    verdict = matcher.judge(paper, weighings).get(topic)
    if verdict is None:
        return ("  model: far from the papers of this topic; the phrases below are but a part of what it hears",)
    words = ", ".join(f"{word} {weight:+.2f}" for word, weight in verdict.words[:_LISTED]) or "none"
    return (
        f"  model: likeness {verdict.likeness:.2f}, {verdict.threshold:.2f} needed",
        f"  words that weighed most: {words}",
        "  the phrases, which the model hears beside much else:",
    )


def _pieces(weighed: Weighing | None) -> tuple[str, ...]:
    if weighed is None:
        return ("  none of its own phrases stands in title or abstract",)
    pieces = tuple(f"  {piece.points:+.2f}  {piece.words}" for piece in weighed.pieces)
    total = f"  {weighed.score:.2f} in all, {THRESHOLD} needed"
    alone = () if weighed.carried or weighed.held else ("  only supporting phrases: they carry no match alone",)
    return (*pieces, total, *alone)


def _queries(matcher: Matcher, paper: Paper, topic: Topic) -> Iterator[str]:
    """The topic's queries as written, whether they hold, and where each of their words stands."""
    effects = {"query": "so the paper is under the topic", "unless": "so the paper is not under the topic"}
    for name, effect in effects.items():
        text = getattr(topic, name)
        if not text:
            continue
        held = (topic.slug, name) in matcher.queries.match(paper)
        yield f"  {name}: {text}"
        yield f"    it holds, {effect}" if held else "    it does not hold"
        terms = matcher.queries.found(paper, (topic.slug, name))
        yield from (f"    {show(term)}: {', '.join(places)}" for term, places in terms if places)
        absent = [show(term) for term, places in terms if not places]
        if absent:
            more = f" and {len(absent) - _LISTED} more" if len(absent) > _LISTED else ""
            yield f"    not found: {', '.join(absent[:_LISTED])}{more}"
