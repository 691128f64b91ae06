"""Says in lines for people why a paper is, or is not, under a topic. Decides nothing itself."""

from __future__ import annotations

from newsletter.errors import InputError
from newsletter.topics.catalogue import is_heading
from newsletter.topics.matching import Matcher
from newsletter.topics.weighing import THRESHOLD, Weighing
from newsletter.values import Paper


def explain(matcher: Matcher, paper: Paper, *, topic: str = "") -> tuple[str, ...]:
    """Why ``paper`` is under ``topic`` or not, piece by piece; without a topic, one line for each topic it is under.

    Raises InputError for a slug that the catalogue does not have, or that is a heading.
    """
    if not topic:
        matches = matcher.match(paper)
        lines = tuple(f"{match.topic} {match.score:.2f}: {match.reason}" for match in matches)
        return lines or (f"{paper.ref} is under no topic",)
    entry = matcher.catalogue.by_slug.get(topic)
    if entry is None:
        raise InputError(f"there is no topic {topic!r}: `newsletter topics list` shows the slugs")
    if is_heading(entry):
        raise InputError(f"{topic!r} is a heading, which no paper is matched to: name one of the topics under it")
    weighed = matcher.weigh(paper).get(topic)
    match = next((match for match in matcher.match(paper) if match.topic == topic), None)
    verdict = f"{paper.ref} is {'under' if match else 'not under'} {topic}"
    own = weighed is not None and weighed.matches
    through = (f"  through a narrower topic: {match.reason}",) if match and not own else ()
    return (verdict, *through, *_lines(weighed))


def _lines(weighed: Weighing | None) -> tuple[str, ...]:
    if weighed is None:
        return ("  none of its own phrases stands in title or abstract",)
    pieces = tuple(f"  {piece.points:+.2f}  {piece.words}" for piece in weighed.pieces)
    total = f"  {weighed.score:.2f} in all, {THRESHOLD} needed"
    return (*pieces, total) if weighed.carried else (*pieces, total, "  only supporting phrases: they carry no match alone")
