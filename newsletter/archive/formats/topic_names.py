"""What topic a heading, or the summary of a folded block, names; "" where it names none. Pure."""

from __future__ import annotations

import datetime as dt
import html
import re

from newsletter.archive.formats.dates import date_in, is_date_alone, without_date
from newsletter.archive.formats.link_words import has_words

# A name of a topic has fewer characters; what has more is a sentence.
LONGEST = 120
_LINKED = re.compile(r"\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\([^()]*\)")
_BACK = re.compile(
    r"(?<!\s)\s*+\[{0,9}+\s*+(?:back(?: to (?:the )?top)?|top|↑|⬆️?|🔝|返回\w{0,40}+|回到\w{0,40}+)\s*+\]*+(?:\(#[^)]*\))?\s*+$",
    re.IGNORECASE,
)
_COUNT = re.compile(
    r"(?<!\s)\s*+(?:[(（\[【]\s*(?:total:?\s*)?\d[\d,]*+\s*+(?:papers?|items?|entries|new|篇(?:论文|論文)?|本)?\s*[)）\]】]|[-–—:：·|]\s*\d+\s*(?:papers?|篇))\s*$",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"^\s*(?:\d{1,3}(?:\.\d{1,3})*[.)、](?:\s+|(?=[^\W\d_]))|[（(]\d{1,3}[)）]\s+)")
# A link that only leads about the page, beside the name of the topic.
_ABOUT_THE_PAGE = re.compile(r"[(（]?\[(?:[^\[\]]|\[[^\[\]]*\])*\]\(#[^()]*\)[)）]?")
_MARKS = re.compile(r"^[\s*_`~#>]+|[\s*_`~:：]{1,200}+$|\s#+$")
_TAG = re.compile(r"<[^<>]*>|:[a-z0-9_+-]+:(?=\s|$)|!\[[^\]]*\]\([^)]*\)")
# Words of which a summary is made that only says that something is folded.
_GENERIC = re.compile(
    r"(?:click|tap|press|show|see|view|expand|open|unfold|fold|hide|collapse|toggle|older|newer|earlier|previous|past|more|all|the|full|other|others"
    r"|archive|archived|history|list|table|of|contents|content|toc|details?|abstract|summary|tl;?dr|papers?|articles?|entries|items|here|to|me|and|or|for"
    r"|preprints?|arxiv|updates?|updated|on|latest|recent|new|daily|weekly|today|yesterday|this|last|week|month|year|\d|[\s.,;:!?()\[\]\-–—/&+*'’\"|…▶►▸👉⬇️📄📚]"
    r"|点击|點擊|展开|展開|查看|更多|全部|较早|較早|论文|論文|列表|目录|目錄|详情|詳情|摘要|折叠|摺疊|历史|歷史|往期|篇|もっと見る|続き|一覧)+",
    re.IGNORECASE,
)

_LONGER = re.compile(r"week|month|year|older|earlier|previous|past|archive|history|往期|历史|歷史|较早|較早", re.IGNORECASE)


def topic_in(heading: str) -> str:
    """The words of a heading without links, marks, numbers and counts around them, as they stand in it where they can."""
    name = _TAG.sub(" ", heading)
    alone = _ABOUT_THE_PAGE.sub(" ", name)
    name = alone if has_words(alone) else name
    while (plain := _LINKED.sub(_words, name)) != name:
        name = plain
    name = _NUMBER.sub("", name.strip())
    while (bare := _MARKS.sub("", _COUNT.sub("", _BACK.sub("", name)))) != name:
        name = bare
    return " ".join(html.unescape(name).split())


def _words(found: re.Match[str]) -> str:
    """The words of a link; none of one that only leads about the page."""
    return "" if _BACK.fullmatch(f" {found[1]}") else found[1]


def names_no_topic(name: str) -> bool:
    """Whether a name says nothing of what papers under it are about: "older papers", "2024", "Click to expand"."""
    is_generic = any(_GENERIC.fullmatch(words) for words in (name, without_date(name) or ""))
    return not name or len(name) > LONGEST or is_generic or is_date_alone(name)


def day_in(heading: str) -> dt.date | None:
    """The day of the papers under a heading that is no topic: "Mon, 3 March 2025", "Papers of 2025-03-03"; None where it is one.

    Of a week, and of an archive, it says no day.
    """
    rest = without_date(heading)
    if rest is None or not (is_date_alone(heading) or (_GENERIC.fullmatch(rest) and not _LONGER.search(rest))):
        return None
    return date_in(heading)
