"""The words that tell what a part of an entry is: headings such as ``#### Abstract``, labels of links such as "demo". Pure."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from newsletter.collection.values import PieceKind
from newsletter.text.paper_links import FORGES, links_in
from newsletter.values.papers import LinkKind

_ABSTRACT = re.compile(
    r"(?:.{0,6}摘要|概要|要旨|摘錄|簡介|简介|초록|(?:\w+ )?abstract|tl;?\s?dr|summary|overview)(?:\s?[（(].{0,30}[)）]?)?", re.I
)
_NOTES = re.compile(
    r"(?:筆記|笔记|心得|備註|备注|評論|评论|想法|重點|重点|註|注)"
    r"|(?:my |our |curator'?s? |personal )?(?:notes?|comments?|remarks?|thoughts|why .{1,30})",
    re.I,
)
_DEMO = re.compile(r"\b(?:demos?|try it|playground|colab|spaces?)\b|試用|试用|演示|示範|展示|デモ", re.I)
_DOWNLOAD = re.compile(r"\b(?:downloads?|weights?|checkpoints?)\b|下載|下载|權重|权重|ダウンロード", re.I)
_REPOSITORY = re.compile(
    r"(?:source |official )?(?:code|github|gitlab|repo(?:sitory)?)|程式碼|代碼|代码|原始碼|源码|コード", re.I
)
_DEMO_HOSTS = ("colab.research.google.com", "replicate.com")
# What a link in a heading is called where the title stands beside it: "### Title [paper](…)".
_GENERIC = re.compile(
    r"(?:the )?(?:paper|pdf|arxiv(?:[: ][\d.v]+)?|link|abs|html|url|source|website|home ?page|project(?: page)?|post|blog|doi"
    r"|論文|论文|連結|链接|原文|文章|リンク)|" + _REPOSITORY.pattern,
    re.I,
)
_AROUND = " \t*_:：#[]【】()（）"


def is_abstract(words: str) -> bool:
    """Whether a heading with these words stands above an abstract."""
    return bool(_ABSTRACT.fullmatch(words.strip(_AROUND)))


def is_abstract_only(words: str) -> bool:
    """Whether a heading with these words is above an abstract wherever it stands; "Overview" may be a section too."""
    return words.strip(_AROUND).lower() in ("摘要", "abstract")


def is_part(words: str) -> bool:
    """Whether a heading with these words stands inside an entry wherever it is: above its abstract or notes."""
    return is_abstract(words) or is_notes(words)


def is_notes(words: str) -> bool:
    """Whether a heading with these words stands above the curator's notes."""
    return bool(_NOTES.fullmatch(words.strip(_AROUND)))


def is_generic(words: str) -> bool:
    """Whether a link so called says nothing about what it leads to, so that the title is beside it."""
    return bool(_GENERIC.fullmatch(words.strip(_AROUND)))


def kind_of_link(label: str, url: str) -> PieceKind:
    """What a link that stands for itself is: by its words first, then by where it leads."""
    if not _is_name(label):
        if _DEMO.search(label):
            return PieceKind.DEMO
        if _DOWNLOAD.search(label):
            return PieceKind.DOWNLOAD
    return PieceKind.REPOSITORY if _REPOSITORY.fullmatch(label.strip(_AROUND)) else _kind_of_address(url)


def _kind_of_address(url: str) -> PieceKind:
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return PieceKind.LINK
    if host in FORGES and any(link.kind is LinkKind.CODE for link in links_in(url.split("#", maxsplit=1)[0], "")):
        return PieceKind.REPOSITORY
    if host in _DEMO_HOSTS or (host == "huggingface.co" and parts.path.startswith("/spaces/")):
        return PieceKind.DEMO
    return PieceKind.LINK


def _is_name(label: str) -> bool:
    """``owner/demo`` names a repository."""
    return bool(re.fullmatch(r"[\w.-]+/[\w.-]+", label.strip(), re.ASCII))
