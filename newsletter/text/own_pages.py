"""The operator's own words for a page, in Markdown: who they are, what their law asks them to say. Pure.

Shown through the same rendering as all Markdown that people write; nothing here makes HTML.
"""

from __future__ import annotations

from newsletter.errors import SettingsError

# The pages that take own words; each shows them above what it says anyway.
PAGES = ("about", "privacy")
# A page stays within 100 kB with them.
LONGEST = 20_000


def read_page(content: bytes, where: str) -> str:
    """The Markdown in ``content`` (UTF-8, at most 20,000 characters). Raises SettingsError, which names ``where``."""
    try:
        text = content.decode().replace("\ufeff", "").replace("\r\n", "\n").strip()
    except UnicodeDecodeError as error:
        raise SettingsError(f"{where} is not written in UTF-8 (byte {error.start}): save it so") from error
    if not text:
        raise SettingsError(f"{where} is empty: write what the page is to say, or undo the last text")
    if len(text) > LONGEST:
        raise SettingsError(f"{where} has {len(text)} characters: a page takes {LONGEST} at most")
    if any(ord(sign) < 32 and sign not in "\n\t" for sign in text):
        raise SettingsError(f"{where} holds control characters, so it is no text: give Markdown")
    return text
