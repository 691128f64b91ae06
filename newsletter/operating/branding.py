"""An operator's branding and logo read and checked: what mails and pages could not be read with is refused in one line."""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Mapping
from email.utils import parseaddr
from typing import Any

import yaml

from newsletter.errors import SettingsError
from newsletter.languages import BY_CODE
from newsletter.values.branding import ACCENT, ACCENT_DARK, Branding, Logo

FIELDS = ("accent", "accent_dark", "footer", "from", "texts")
# https://www.w3.org/TR/WCAG22/#contrast-minimum: text against what it stands on.
CONTRAST = 4.5
LIGHT, DARK, WHITE = "#fbfaf7", "#14181a", "#ffffff"
MOST_FOOTER, MOST_TEXT, MOST_TEXTS = 300, 500, 500
MOST_BYTES, MOST_PIXELS = 100_000, 2000
_PLACES = re.compile(r"%\((\w+)\)s")


def parse_branding(content: bytes, where: str) -> Branding:
    """The branding in a YAML file. Raises SettingsError with the line of ours that it cannot be used for."""
    try:
        given = yaml.safe_load(content.decode("utf-8-sig")) or {}
    except UnicodeDecodeError as error:
        raise SettingsError(f"{where} is not UTF-8 at byte {error.start}: save it as UTF-8") from error
    except yaml.YAMLError as error:
        raise SettingsError(f"{where} is no YAML ({' '.join(str(error).split())}): mend it") from error
    if not isinstance(given, dict):
        raise SettingsError(f'{where} has no fields: write `accent: "#0e5a62"` and the like')
    if unknown := [str(name) for name in given if name not in FIELDS]:
        raise SettingsError(f"{where}: {unknown[0]} is no field: give some of {', '.join(FIELDS)}")
    texts = _by_language(given.get("texts"), where, "texts", inner=True)
    return Branding(
        accent=_colour(given.get("accent", ACCENT), where, "accent", on={LIGHT: "the light paper", WHITE: "a button's words"}),
        accent_dark=_colour(given.get("accent_dark", ACCENT_DARK), where, "accent_dark", on={DARK: "the dark paper"}),
        footer={code: _line(one, where, f"footer, {code}", MOST_FOOTER) for code, one in _words(given, "footer", where).items()},
        sender={code: _sender(text, where, code) for code, text in _words(given, "from", where).items()},
        texts={code: _texts(words, where, code) for code, words in texts.items()},
    )


def _words(given: Mapping[str, Any], name: str, where: str) -> Mapping[str, Any]:
    value = given.get(name)
    return {"": value} if isinstance(value, str) else _by_language(value, where, name)


def _by_language(value: Any, where: str, name: str, *, inner: bool = False) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict) or any(isinstance(one, dict) is not inner for one in value.values()):
        raise SettingsError(f"{where}: {name} has to be words by language, such as `en: …`")
    if unknown := [str(code) for code in value if code not in BY_CODE]:
        raise SettingsError(f"{where}: {name}, {unknown[0]} is no language of this service: give codes such as en or zh-CN")
    return value


def _line(text: Any, where: str, name: str, most: int) -> str:
    if not isinstance(text, str) or "\n" in text.strip() or len(text) > most:
        raise SettingsError(f"{where}: {name} has to be one line of at most {most} characters")
    if re.search(r"[<>\x00-\x1f\x7f]", text.strip()):
        raise SettingsError(f"{where}: {name} has signs that no line of words has (<, > or a control sign): take them out")
    return text.strip()


def _sender(text: Any, where: str, code: str) -> str:
    if not isinstance(text, str) or not text.strip() or len(text) > MOST_FOOTER or "\n" in text.strip():
        raise SettingsError(f"{where}: from, {code} has to be a name, or Name <address>")
    name, address = parseaddr(text)
    if "<" in text and not re.fullmatch(r"[^@\s]+@[^@\s]+", address):
        raise SettingsError(f"{where}: from, {code} has no address in its angle brackets: write Name <papers@example.org>")
    if "<" not in text and "@" in text:
        raise SettingsError(f"{where}: from, {code} is an address without a name: write Name <{name or address}>")
    return text.strip()


def _texts(words: Mapping[Any, Any], where: str, code: str) -> Mapping[str, str]:
    if len(words) > MOST_TEXTS:
        raise SettingsError(f"{where}: texts, {code} has {len(words)} entries: {MOST_TEXTS} at most")
    found = {}
    for ours, own in words.items():
        shown = str(ours)[:60]
        line = _line(own, where, f"texts, {code}, {shown!r}", MOST_TEXT)
        if sorted(_PLACES.findall(str(ours))) != sorted(_PLACES.findall(line)) or _PLACES.sub("", line).count("%"):
            places = ", ".join(f"%({name})s" for name in _PLACES.findall(str(ours))) or "no sign of per cent"
            raise SettingsError(f"{where}: texts, {code}, {shown!r} has to have {places}, each once, and no other %")
        found[str(ours)] = line
    return found


def _colour(value: Any, where: str, name: str, *, on: Mapping[str, str]) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
        raise SettingsError(f'{where}: {name} is {value!r}: write a colour as "#0e5a62", in quotation marks')
    for ground, called in on.items():
        ratio = contrast(value, ground)
        if ratio < CONTRAST:
            told = f"{name} {value} has a contrast of {ratio:.1f} to {called} ({ground})"
            raise SettingsError(f"{where}: {told}: {CONTRAST} is the least that people can read")
    return value.lower()


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, 1 to 21, by https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


# ---------------------------------------------------------------- the logo


def parse_logo(content: bytes, where: str) -> Logo:
    """The picture in ``content``: PNG, JPEG or GIF, which every mail program shows. Raises SettingsError."""
    if len(content) > MOST_BYTES:
        raise SettingsError(f"{where} has {len(content)} bytes: {MOST_BYTES} at most, for it is loaded with every mail")
    for mimetype, size_of in (("image/png", _png), ("image/gif", _gif), ("image/jpeg", _jpeg)):
        size = size_of(content)
        if size is None:
            continue
        width, height = size
        if not (0 < width <= MOST_PIXELS and 0 < height <= MOST_PIXELS):
            raise SettingsError(f"{where} is {width} by {height} pixels: {MOST_PIXELS} at most, and not empty")
        return Logo(content, mimetype, width, height, hashlib.sha256(content).hexdigest()[:12])
    raise SettingsError(f"{where} is no picture that every mail program shows: give a PNG, JPEG or GIF")


def _png(content: bytes) -> tuple[int, int] | None:
    whole = content.startswith(b"\x89PNG\r\n\x1a\n") and content[12:16] == b"IHDR" and content.rstrip(b"\0")[-8:-4] == b"IEND"
    if not whole:
        return None
    width, height = struct.unpack(">II", content[16:24])
    return width, height


def _gif(content: bytes) -> tuple[int, int] | None:
    whole = content[:6] in (b"GIF87a", b"GIF89a") and len(content) > 13 and content.rstrip(b"\0").endswith(b";")
    if not whole:
        return None
    width, height = struct.unpack("<HH", content[6:10])
    return width, height


def _jpeg(content: bytes) -> tuple[int, int] | None:
    """The size stands in the first start of a frame: https://www.w3.org/Graphics/JPEG/itu-t81.pdf, B.2.2."""
    if not content.startswith(b"\xff\xd8\xff") or not content.rstrip(b"\0").endswith(b"\xff\xd9"):
        return None
    at = 2
    while at + 9 < len(content) and content[at] == 0xFF:
        kind, length = content[at + 1], int.from_bytes(content[at + 2 : at + 4], "big")
        if 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        at += 2 + length
    return None
