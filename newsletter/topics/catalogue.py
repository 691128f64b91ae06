"""The catalogue of topics: read from YAML and checked as a whole; an object of it never changes.

Raises SettingsError for anything wrong in the text; it must not guess or skip an entry.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

import yaml

from newsletter.errors import SettingsError
from newsletter.text.preprint_identifiers import is_preprint_category
from newsletter.topics.entries import read_topic
from newsletter.topics.scoring import METHOD
from newsletter.values.topics import Topic

CATALOGUE = Path(__file__).with_name("catalogue.yaml")
# Ten times what ships has.
MOST_NODES = 200_000
# As safe as the usual one and eight times as fast, where the package has its part in C.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


# Compared by identity: what is made ready for a catalogue is kept for that one.
@dataclass(frozen=True, slots=True, eq=False)
class Catalogue:
    """All topics in the order of the tree: an upper entry, then those under it. ``categories`` is the sorted union of those of
    arXiv, by which it is asked; other servers are read whole.

    ``version`` changes whenever an entry or a weight does; stored matches of another version are out of date.
    """

    topics: tuple[Topic, ...]
    by_slug: Mapping[str, Topic] = field(init=False)
    categories: tuple[str, ...] = field(init=False)
    version: str = field(init=False)

    def __post_init__(self) -> None:
        union = {category for topic in self.topics for category in topic.categories if not is_preprint_category(category)}
        content = "\n".join([METHOD, *(repr(topic) for topic in self.topics)])
        object.__setattr__(self, "by_slug", MappingProxyType({topic.slug: topic for topic in self.topics}))
        object.__setattr__(self, "categories", tuple(sorted(union)))
        object.__setattr__(self, "version", hashlib.sha256(content.encode()).hexdigest()[:16])

    @property
    def choices(self) -> tuple[Topic, ...]:
        """The topics that can be subscribed to, in the order of the tree: all but the headings."""
        return tuple(topic for topic in self.topics if not is_heading(topic))

    def tree(self) -> tuple[tuple[Topic, tuple[Topic, ...]], ...]:
        """Upper entries, each with the entries under it (none is an empty tuple)."""
        under: dict[str, list[Topic]] = {}
        for topic in self.topics:
            under.setdefault(topic.parent, []).append(topic)
        return tuple((upper, tuple(under.get(upper.slug, ()))) for upper in under.get("", ()))


def is_heading(topic: Topic) -> bool:
    """True for an upper entry without phrases, query or examples of its own: it orders the page and cannot be subscribed to."""
    return not (topic.strong or topic.in_title or topic.query or topic.examples)


def load(path: Path | None = None) -> Catalogue:
    """The checked catalogue of ``path`` (default: the one that ships with the service).

    The one that ships is read once a process. Raises SettingsError naming the file, the entry and the mend.
    """
    return _read(path) if path else _shipped()


@lru_cache(maxsize=1)
def _shipped() -> Catalogue:
    return _read(CATALOGUE)


def _read(path: Path) -> Catalogue:
    try:
        content = path.read_bytes()
    except OSError as exc:
        raise SettingsError(f"{path} cannot be read ({exc.strerror}): give the path of a catalogue file") from exc
    return parse(content, str(path))


def parse(content: bytes, where: str) -> Catalogue:
    """The checked catalogue that a file's ``content`` holds; ``where`` names it for messages.

    Raises SettingsError naming it, the entry and the mend.
    """
    read = [_topic(entry, f"{where}: entry {place}") for place, entry in enumerate(_entries(content, where), start=1)]
    topics = _with_categories(read)
    _check_together(topics, where)
    return Catalogue(_in_tree_order(topics))


def _topic(entry: object, where: str) -> Topic:
    try:
        return read_topic(entry, where)
    except ValueError as exc:
        # What is read in sixties (1:1:1…) has more digits than Python writes.
        raise SettingsError(f"{where} has a number that is too long: put it in quotes") from exc


def _entries(content: bytes, where: str) -> list[object]:
    try:
        text = content.decode("utf-8-sig")
        _check_anchors(text, where)
        entries = yaml.load(text, Loader=LOADER)  # noqa: S506 - a safe one
    except UnicodeDecodeError as exc:
        raise SettingsError(f"{where} is not UTF-8 at byte {exc.start}: save it as UTF-8") from exc
    except yaml.YAMLError as exc:
        mark = getattr(exc, "problem_mark", None)
        place = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise SettingsError(f"{where} is no valid YAML{place}: {getattr(exc, 'problem', None) or 'mend its syntax'}") from exc
    except (ValueError, RecursionError) as exc:
        # A date that the calendar does not have, brackets without end.
        raise SettingsError(f"{where} is no valid YAML ({exc}): put what is no plain word in quotes") from exc
    if not isinstance(entries, list) or not entries:
        raise SettingsError(f"{where} holds no list of topics: write entries that start with '- slug:'")
    return entries


def _check_anchors(text: str, where: str) -> None:
    """Raises SettingsError where anchors (``&name``) said again and again (``*name``) make more of the text than anybody wrote.

    Raises YAMLError and RecursionError, as reading it would.
    """
    if "&" not in text or "*" not in text:
        return
    sizes: dict[int, int] = {}

    def size(node: yaml.Node | None) -> int:
        if not isinstance(node, yaml.CollectionNode):
            return 1
        if id(node) not in sizes:
            sizes[id(node)] = MOST_NODES  # where it holds itself
            inner = (part for one in node.value for part in (one if isinstance(one, tuple) else (one,)))
            sizes[id(node)] = min(MOST_NODES, 1 + sum(map(size, inner)))
        return sizes[id(node)]

    if size(yaml.compose(text, Loader=LOADER)) >= MOST_NODES:
        raise SettingsError(f"{where} says the same again and again by its anchors (&name, *name): write it out")


def _with_categories(topics: Sequence[Topic]) -> tuple[Topic, ...]:
    """A topic that names no categories has its papers in those of all others."""
    every = tuple(sorted({category for topic in topics for category in topic.categories}))
    return tuple(topic if topic.categories or is_heading(topic) else replace(topic, categories=every) for topic in topics)


def _check_together(topics: tuple[Topic, ...], where: str) -> None:
    by_slug: dict[str, Topic] = {}
    for place, topic in enumerate(topics, start=1):
        if topic.slug in by_slug:
            raise SettingsError(f"{where}: entry {place} ({topic.slug}) has a slug that an earlier entry has: give it another")
        by_slug[topic.slug] = topic
    parents = {topic.parent for topic in topics}
    faults = [_parent_fault(topic, by_slug) for topic in topics] + [_phrase_fault(topic, parents) for topic in topics]
    for place, fault in enumerate(faults):
        if fault:
            entry = place % len(topics)
            raise SettingsError(f"{where}: entry {entry + 1} ({topics[entry].slug}) {fault}")


def _parent_fault(topic: Topic, by_slug: Mapping[str, Topic]) -> str:
    if not topic.parent:
        return ""
    if topic.parent not in by_slug:
        return f"has the parent {topic.parent!r}, which no entry has as its slug: correct it or take it out"
    if by_slug[topic.parent].parent:
        return f"has the parent {topic.parent!r}, which has a parent itself: name an upper entry, there are two levels"
    return ""


def _phrase_fault(topic: Topic, parents: set[str]) -> str:
    wanted = "add 'strong:', 'in_title:', 'query:' or 'examples:'"
    if not is_heading(topic):
        return "" if topic.categories else "has no categories, so none of its papers would be fetched: add 'categories:'"
    if topic.parent or topic.slug not in parents:
        return f"has no phrases: {wanted} (only a heading with entries under it has none)"
    if topic.weak or topic.exclude or topic.unless:
        return f"has only what supports or prevents a match, so it matches nothing: {wanted}"
    return ""


def _in_tree_order(topics: tuple[Topic, ...]) -> tuple[Topic, ...]:
    return tuple(
        topic for upper in topics if not upper.parent for topic in (upper, *(t for t in topics if t.parent == upper.slug))
    )
