"""What a digest says of itself before its papers: how many of how many, the subject, and the line that inboxes show beside it.

The subject has a title in it, at most 90 characters, and never shouts; the line beside it says what the subject does not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from markupsafe import Markup

from newsletter.languages import Language
from newsletter.mail.rendering.card_texts import MOST_NAME
from newsletter.mail.rendering.cards import Card
from newsletter.mail.rendering.plain_text import cut_to_width, wrapped_list
from newsletter.text.characters import one_line
from newsletter.text.formulas import plain
from newsletter.values.digests import Digest, Group

MOST_SUBJECT, MOST_PREHEADER, MOST_NAMED = 90, 150, 8
# A title of mostly capitals shouts, whatever else stands in the subject; abbreviations of four letters do not.
SHOUTED = 0.7
_WORD = re.compile(r"[^\W\d_]+")


def counts(digest: Digest, cards_by_group: Sequence[Sequence[Card]]) -> dict[str, object]:
    """How many papers the mail has, how many there were, and how many it has no room for."""
    shown, count = sum(map(len, cards_by_group)), digest.count
    return {"count": count, "shown": shown, "total": count + digest.more, "more": digest.more + count - shown}


def shares(digest: Digest, cards_by_group: Sequence[Sequence[Card]], topics: Sequence[str]) -> list[tuple[str, str]]:
    """(name, papers) of each section of the mail; without papers the names of the reader's topics, uncounted."""
    if not digest.count:
        return [(short_name(name), "") for name in topics]
    return [
        (short_name(group.name), str(len(cards))) for group, cards in zip(digest.groups, cards_by_group, strict=True) if cards
    ]


def shares_html(found: Sequence[tuple[str, str]], language: Language) -> Markup:
    parts = [_share(name, number, language.direction) for name, number in found[:MOST_NAMED]]
    return Markup(" · ".join([*parts, *_others(found)]))  # noqa: S704 - all of them are markup, or a number


@lru_cache(maxsize=4096)
def _share(name: str, number: str, direction: str) -> Markup:
    # From right to left a mark, or the figure goes to the other side of a name that ends in Latin letters.
    mark = Markup("&#8207;") if direction == "rtl" else ""
    space = Markup("&#160;") + mark if number else ""
    return Markup('<span dir="{}">{}{}{}</span>').format(direction, name, space, number)


def shares_text(found: Sequence[tuple[str, str]]) -> list[str]:
    """What is told of each share, to be joined by spaces."""
    told = [*[f"{name} {number} ·" if number else f"{name} ·" for name, number in found[:MOST_NAMED]], *_others(found)]
    return [*told[:-1], *[last.removesuffix(" ·") for last in told[-1:]]]


def _others(found: Sequence[tuple[str, str]]) -> list[str]:
    return [f"+ {len(found) - MOST_NAMED}"] if len(found) > MOST_NAMED else []


@lru_cache(maxsize=4096)
def short_name(topic: str) -> str:
    return one_line(topic, MOST_NAME)


def best_cards(digest: Digest, cards_by_group: Sequence[Sequence[Card]]) -> list[Card]:
    """The cards of the papers that matter most to the reader, the best first; those that were cut are left out."""
    if not digest.top:
        return []
    by_id = {card.paper_id: card for cards in cards_by_group for card in cards}
    return [by_id[paper_id] for paper_id in digest.top if paper_id in by_id]


def in_order(best: Sequence[Card], cards_by_group: Sequence[Sequence[Card]]) -> list[Card]:
    """The cards that subject and preheader name: the best ones, then the others."""
    chosen = {card.paper_id for card in best}
    return [*best, *(card for cards in cards_by_group for card in cards if card.paper_id not in chosen)]


def title_for_subject(cards: Sequence[Card]) -> str:
    """The first title that does not shout, else the first one in small letters."""
    titles = (_plain(card.title) for card in cards)
    return next((title for title in titles if not shouts(title)), _plain(cards[0].title).capitalize() if cards else "")


# The first titles of a mail are the first of many others.
_plain = lru_cache(maxsize=4096)(plain)
_cut_to_width = lru_cache(maxsize=4096)(cut_to_width)


@lru_cache(maxsize=4096)
def shouts(text: str) -> bool:
    """True where most of the letters that have a case are capitals, and they make more than one abbreviation."""
    cased = [letter for letter in text if letter.isupper() or letter.islower()]
    capitals = sum(letter.isupper() for letter in cased)
    return capitals > 4 and capitals >= SHOUTED * len(cased)


def quiet_subject(subject: str, site_name: str) -> str:
    """``subject`` in at most 90 characters, and never with capitals as its only letters: filters take that for shouting.

    rspamd's SUBJ_ALL_CAPS counts letters that have a case, so that one abbreviation in a Chinese subject is enough for it.
    """
    subject = cut_characters(one_line(subject, 400), MOST_SUBJECT)
    if not subject.isupper():
        return subject
    if any(letter.islower() for letter in site_name) and len(site_name) + 3 < MOST_SUBJECT // 2:
        return f"{cut_characters(subject, MOST_SUBJECT - len(site_name) - 3)} · {site_name}"
    quiet = _WORD.sub(lambda found: found[0].capitalize(), subject)
    return subject.lower() if quiet.isupper() else quiet


def cut_characters(text: str, most: int) -> str:
    """``text`` in at most ``most`` characters, cut between words where there is one in its second half."""
    if len(text) <= most:
        return text
    kept = text[: most - 1]
    if text[most - 1] != " " and kept.rfind(" ") > most // 2:
        kept = kept[: kept.rindex(" ")]
    return kept.rstrip(" ,;:·-") + "…"


def preheader(cards: Sequence[Card], told: str, subject_title: str) -> str:
    """The titles after that of the subject, then ``told``."""
    titles = [title for card in cards[:4] if (title := _plain(card.title)) != subject_title][:2]
    return cut_characters(" · ".join([*[_cut_to_width(title, 70) for title in titles], told]), MOST_PREHEADER)


def more_of(group: Group, shown: int) -> int:
    """How many papers of the section's topic are not in the mail."""
    return max(group.found, len(group.entries)) - shown


def head_context(
    digest: Digest, cards_by_group: Sequence[Sequence[Card]], topics: Sequence[str], language: Language
) -> Mapping[str, object]:
    """What a digest says of itself, as its templates take it."""
    best = best_cards(digest, cards_by_group)
    ordered, found = in_order(best, cards_by_group), shares(digest, cards_by_group, topics)
    title, told = title_for_subject(ordered), shares_text(found)
    return counts(digest, cards_by_group) | {
        "best_cards": best,
        "title": title,
        "shares": wrapped_list(told),
        "shares_html": shares_html(found, language),
        "preheader": preheader(ordered, " ".join(told), title),
    }
