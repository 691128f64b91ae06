"""Tells the words of a link that only say where it leads ("PDF", "📄 Paper", "论文链接", "2401.00001v2") from a title. Pure."""

from __future__ import annotations

import re

# Signs that lists put before titles, labels and links for their looks.
EMOJI = "[\U0001f000-\U0001faff\u2190-\u2bff\ufe0f\u200d]"
_LATIN = (
    "the|official|original|full|read|view|see|open|get|download|more|on|at|in|or|and|text|version|preprint|paper|papers|pdf|arxiv|abs|abstract|link"
    "|links|url|html|here|code|github|gitlab|repo|repository|project|website|web|site|page|homepage|demo|video|youtube|data|dataset|model|weights"
    "|slides?|poster|blog|tweet|twitter|doi|openreview|hugging\\s?face|hf|pytorch|tensorflow|back|to|top|bib|bibtex|cite|tex|source|not|yet|coming|soon|available|short|presentation|release|released|unofficial"
    "|alphaxiv|papers\\.cool|semantic\\s+scholar|v(?=\\d)"
)
_OTHERS = (
    "附带|附|阅读|閱讀|查看|下载|下載|原文|全文|论文|論文|链接|連結|鏈接|地址|代码|代碼|项目|項目|主页|主頁"
    "|点击|點擊|リンク|コード"
)
_GENERIC = re.compile(
    rf"(?:[\W\d_]|(?<![a-z])(?:{_LATIN})(?![a-z])|{_OTHERS}|(?<![\w.])[a-z]+(?:-[a-z]+)?(?:\.[A-Z]{{2}})?/\d{{7}})*"
    r"|\s*<?https?://\S*\s*|!\[.*",
    re.IGNORECASE | re.DOTALL,
)
_WORD = re.compile(r"[^\W\d_]{2}|[\u3040-\u9fff\uac00-\ud7a3]")


def has_words(text: str) -> bool:
    """Whether anything stands there that could be a part of a title: two letters in a row, or a sign of an Asian script."""
    return _WORD.search(text) is not None


def is_generic(words: str) -> bool:
    """Whether the words of a link are those of a label and no title."""
    return not has_words(words) or _GENERIC.fullmatch(words) is not None
