"""Finds the role of each column of a table (date, title, link …): by its header in several languages, or by its cells. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from newsletter.archive.formats.dates import find_date, is_date_alone
from newsletter.archive.formats.document import Role

_NAMES: dict[Role, str] = {
    Role.DATE: (
        "publish date|published|date|publication date|publish|time|day|submitted|update date|updated"
        "|submitdate|submit date|published at|submitted at"
        "|发布日期|發布日期|日期|发表日期|發表日期|时间|時間|发布时间|發布時間|公開日|投稿日|日付"
    ),
    Role.TITLE: (
        "title|paper title|name|original title|标题|標題|题目|題目|论文标题|論文標題|论文题目|原标题|原標題|英文标题|英文標題"
        "|タイトル|제목"
    ),
    Role.OTHER_TITLE: (
        "translated title|title zh|chinese title|中文标题|中文標題|标题翻译|標題翻譯|译名|譯名|中文题目|中文題目|邦題"
    ),
    Role.AUTHORS: "authors|author|first author|作者|著者|저자",
    Role.ABSTRACT: "abstract|abstracts|english abstract|摘要|中文摘要|英文摘要|原文摘要"
    "|abstract zh|translated abstract|description|概要|초록|要旨",
    Role.TLDR: "summary|tldr|tl dr|总结|總結|一句话总结|一句話總結|要点|要點|核心要点|簡介|简介|key point|takeaway",
    Role.REF: ("pdf|arxiv|arxiv id|id|link|links|url|pdf link|paper link|链接|連結|論文鏈接|论文链接|paper id|링크|abs"),
    Role.CODE: "code|code link|github|repo|repository|source code|代码|代碼|源码|源碼|程式碼|コード|code repository",
    Role.PROJECT: "project|project page|projects|page|homepage|website|web|demo|项目|項目|主页|主頁|项目主页|專案",
    Role.COMMENT: "comment|comments|arxiv comment|arxiv comments|author comments",
    # What the list's own people wrote, which is not what the authors say: known, and kept as it is.
    Role.NOTE: (
        "note|notes|remark|remarks|venue|conference|publication|source|tags|tag|keywords|keyword|institution|institutions|affiliation|organization"
        "|备注|備註|注释|评论|評論|说明|會議|会议|机构|機構|关键词|關鍵詞|标签|標籤"
    ),
    Role.PLACE: "ref|no|nr|index|序号|序號|编号|編號|番号",
    Role.CATEGORY: "category|categories|subject|subjects|类别|類別|分类|分類",
}
_ROLES = {name: role for role, names in _NAMES.items() for name in names.split("|")}
# "Paper" is the title in one list and the link in another: what else there is decides.
_PAPER = ("paper", "papers", "论文", "論文", "文献")
_REF = re.compile(r"(?<![\d.])\d{4}\.\d{4,5}(?!\d)|arxiv\.org/|^\[?[a-z-]+/\d{7}")
_FOOTNOTE = re.compile(r"\[\^[^\]]+\]")
_LINK = re.compile(r"\]\(\s*\S{1,1000}\s*\)|^\s*<?https?://\S+>?\s*$")
_NOTHING = re.compile(r"[\s*_`~\\-]*+(?:null|none|n/?a|无|無|-)?[\s*_`~\\-]*", re.IGNORECASE)
_ET_AL = re.compile(r"\bet\.?\s?al\.?", re.IGNORECASE)
_TRANSLATED = re.compile(r"translat|\bzh\b|\bcn\b|chinese|中文|译|譯|訳")
LONGEST_AUTHORS = 80
LONGEST_LINKS = 400
# A title that is bold or linked as a whole.
_WHOLE_TITLE = re.compile(r"\*\*.+\*\*|__.+__|\[.*\)", re.DOTALL)
# Roles that one column of a table has at most.
_ONCE = (Role.DATE, Role.TITLE, Role.OTHER_TITLE, Role.AUTHORS, Role.TLDR, Role.PLACE)


def roles_of(headers: Sequence[str]) -> tuple[Role, ...]:
    """The role of each column by its header; EXTRA where nobody knows it, and for a second title."""
    names = [_plain(header) for header in headers]
    roles = [_role_of_name(name) for name in names]
    for place, name in enumerate(names):
        if name in _PAPER:
            roles[place] = Role.REF if Role.TITLE in roles else Role.TITLE
    if "summary" in names and Role.TLDR in roles and not {Role.ABSTRACT, Role.PLACE} & {*roles}:
        roles[roles.index(Role.TLDR)] = Role.ABSTRACT
    return tuple(_or_extra(role, roles[:place]) for place, role in enumerate(roles))


def _or_extra(role: Role, before: Sequence[Role]) -> Role:
    return Role.EXTRA if role in _ONCE and role in before else role


def _role_of_name(name: str) -> Role:
    """The role of a header, also of one that says more than the name: the longest name in it counts."""
    if name in _ROLES or name in _PAPER:
        return _ROLES.get(name, Role.EXTRA)
    inside = [known for known in _ROLES if _stands_in(known, name)]
    role = _ROLES[max(inside, key=len)] if inside else Role.EXTRA
    if role in (Role.CODE, Role.EXTRA) and any(_stands_in(paper, name) for paper in _PAPER):
        return Role.REF
    return Role.OTHER_TITLE if role is Role.TITLE and _TRANSLATED.search(name) else role


_LABELS = {
    "main category": Role.CATEGORY, "primary category": Role.CATEGORY, "primary subject": Role.CATEGORY, "tl dr": Role.TLDR,
    "published on": Role.DATE, "submitted on": Role.DATE, "publish time": Role.DATE, "arxiv link": Role.REF,
    "paper url": Role.REF,
    "一句话": Role.TLDR, "中文标题": Role.OTHER_TITLE, "论文链接": Role.REF, "论文地址": Role.REF, "论文下载链接": Role.REF,
    "下载链接": Role.REF, "原文链接": Role.REF,
}  # fmt: skip


def role_of_label(label: str) -> Role:
    """The role of what stands behind a label, such as "TL;DR"; EXTRA where the label is none that is known as a whole."""
    name = _plain(label)
    return _LABELS.get(name) or (Role.REF if name in _PAPER else _ROLES.get(name, Role.EXTRA))


def _stands_in(known: str, name: str) -> bool:
    """Whether a known name stands in a header: as words of its own, or anywhere where words have no spaces between them."""
    if known.isascii():
        return len(known) > 3 and re.search(rf"\b{re.escape(known)}\b", name) is not None
    return len(known) > 1 and known in name


def is_header_of_papers(roles: Sequence[Role]) -> bool:
    """Whether a table with these columns lists papers: it has a title or a link, and one column more that is known."""
    return (Role.TITLE in roles or Role.REF in roles) and sum(role is not Role.EXTRA for role in roles) >= 2


def roles_by_content(cells: Sequence[str]) -> tuple[Role, ...]:
    """The roles of the cells of a row without a header, as stores of daily lists keep them."""
    found: list[Role] = []
    for cell in cells:
        role = _role_of(cell.strip(), found)
        found.append(role)
    return tuple(found)


def columns_by_content(roles: Sequence[Role], cells: Sequence[str]) -> tuple[Role, ...]:
    """``roles`` of a header that says too little, with what the first row's ``cells`` tell: which is the paper, and its title."""
    found = list(roles)
    named = next((place for place, cell in enumerate(cells[: len(found)]) if _REF.search(cell)), None)
    if named is not None and Role.REF not in found:
        has_words = (
            re.search(r"\[[*_`\s]*+[^\W\d_]{2}[^\]\s]{0,500}+\s[^\]]{0,500}+\]\(", cells[named])
            or len(_REF.sub("", cells[named])) > LONGEST_AUTHORS
        )
        found[named] = Role.TITLE if has_words and Role.TITLE not in found else Role.REF
    if Role.TITLE not in found:
        first = next(
            (place for place, role in enumerate(found) if role is Role.EXTRA and list(cells[place : place + 1]) != [""]), None
        )
        if first is not None:
            found[first] = Role.TITLE
    return tuple(found)


def _role_of(cell: str, before: Sequence[Role]) -> Role:
    """The first role in the usual order that no cell before has and that this one can have; after the link comes only code."""
    order: Sequence[Role] = (Role.DATE, Role.TITLE, Role.CODE) if Role.REF in before else _ORDER
    if Role.ABSTRACT in before:
        order = tuple(role for role in order if role is not Role.AUTHORS)
    return next((role for role in order if role not in before and _CAN_BE[role](cell)), Role.EXTRA)


def _is_link_of_paper(cell: str) -> bool:
    """An id or address with few words around it; a linked title has more words between its brackets than an id has."""
    if not _REF.search(cell) or len(_REF.sub("", cell)) >= LONGEST_AUTHORS:
        return False
    return len(re.sub(r"\]\(.*", "", cell)) <= 30


_ORDER = (Role.DATE, Role.REF, Role.TITLE, Role.AUTHORS, Role.ABSTRACT)
_CAN_BE: dict[Role, Callable[[str], bool]] = {
    Role.DATE: is_date_alone,
    Role.REF: _is_link_of_paper,
    Role.TITLE: lambda _: True,
    Role.AUTHORS: lambda cell: cell.isascii() and len(cell) <= LONGEST_AUTHORS,
    Role.ABSTRACT: lambda _: True,
    Role.CODE: lambda cell: fitness(Role.CODE, cell) > 0,
}


def fitness(role: Role, cell: str) -> float:
    """How well ``cell`` fits a column of this role, from -2 to 2: for telling where a row was split at a pipe of its text."""
    rule = _FITS.get(role)
    return rule(cell.strip()) if rule else 0.0


def _fits_date(text: str) -> float:
    return 2.0 if len(text) <= 40 and find_date(text) else -2.0


def _fits_ref(text: str) -> float:
    if _REF.search(text) and len(text) < LONGEST_LINKS:
        return 2.0
    return 0.5 if _LINK.search(text) else -2.0


def _fits_links(text: str) -> float:
    if _LINK.search(text) and len(text) < LONGEST_LINKS:
        return 2.0
    return 1.0 if _NOTHING.fullmatch(text) else -2.0


def _fits_place(text: str) -> float:
    if _FOOTNOTE.fullmatch(text):
        return 2.0
    return 1.0 if text.isdecimal() else -1.0


def _fits_title(text: str) -> float:
    return 1.0 if _WHOLE_TITLE.fullmatch(text) else 0.0


def _fits_authors(text: str) -> float:
    return 0.5 if len(text) <= 4 * LONGEST_AUTHORS and ("," in text or _ET_AL.search(text)) else 0.0


_FITS: dict[Role, Callable[[str], float]] = {
    Role.DATE: _fits_date,
    Role.REF: _fits_ref,
    Role.CODE: _fits_links,
    Role.PROJECT: _fits_links,
    Role.PLACE: _fits_place,
    Role.TITLE: _fits_title,
    Role.AUTHORS: _fits_authors,
}


def _plain(header: str) -> str:
    text = re.sub(r"[*_`:()（）/;.'’\-]+", " ", header.replace("&nbsp;", " ")).casefold()
    return " ".join(text.split())
