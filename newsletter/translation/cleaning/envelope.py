"""The answer within what a model wraps it in: thoughts, code fences, JSON. Pure.

It takes what can be read without guessing, the outermost JSON there is, and leaves the rest as it stands.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator

_TAGS = "think|thinking|thought|thoughts|reasoning|analysis|reflection|scratchpad|plan"
_THOUGHTS = re.compile(
    rf"<({_TAGS})>.*?</\1\s*>|\[({_TAGS})\].*?\[/\2\]|◁({_TAGS})▷.*?◁/\3▷|<\|begin_of_thought\|>.*?<\|end_of_thought\|>",
    re.DOTALL | re.IGNORECASE,
)
# Some servers cut the opening tag off, some models never close theirs.
_HALF_THOUGHTS = re.compile(r"\A.*</(?:think|thinking|thought|reasoning)\s*>|<(?:think|thinking)>.*\Z", re.DOTALL | re.IGNORECASE)
_FENCED = re.compile(r"(?:```|~~~)[ \t]*[A-Za-z0-9_+\-]*[ \t]*(?:\n|(?=[{\[])|\s)(.*?)(?:```|~~~|\Z)", re.DOTALL)
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
# A JSON object or list of objects begins so; a placeholder in braces does not.
_BEGINS = re.compile(r"\{\s*[\"“'}]|\[\s*(?:\{\s*[\"']|\")")
# The same as Python writes it.
_PYTHON = re.compile(r"[\[{]\s*'")
MOST_OF_PYTHON = 20_000
# No answer holds more beginnings than this; a hostile one may.
MOST_BEGINNINGS = 40
_DECODER = json.JSONDecoder(strict=False)
_KEYS = (
    "translation",
    "translated",
    "translated_text",
    "translatedtext",
    "text",
    "result",
    "output",
    "answer",
    "content",
    "response",
)
# Under these stands what holds the text, in answers as servers write them and in calls of tools; a string may be JSON again.
_HOLDERS = ("arguments", "parameters", "input", "function", "tool_calls", "message", "delta", "choices", "parts", "data", "value")
# An answer in pieces, as servers stream it: an event or an object a line.
_PIECE = re.compile(r"^(?:data:\s*)?(\{.*\})\s*$", re.MULTILINE)
# A key as TOML and YAML's blocks have it before a text.
_AFTER_KEY = re.compile(
    rf"\A\s*(?:{'|'.join((*_KEYS, 'title', 'abstract', 'tldr'))})\s*(?:=\s*(?=[\"'])|:\s*[|>][+-]?\s*\n)", re.IGNORECASE
)


def without_thoughts(answer: str) -> str:
    """``answer`` without what a model thinks aloud; of several channels the last one."""
    answer = answer.rpartition("<|message|>")[2]
    return _HALF_THOUGHTS.sub("", _THOUGHTS.sub("", answer))


def found_json(answer: str) -> object | None:
    """The outermost JSON object or list in ``answer``, wherever it stands; None where there is none.

    Line breaks within texts and commas before a closing bracket are forgiven.
    """
    for text in (answer, *(match.group(1) for match in _FENCED.finditer(answer))):
        for beginning in _beginnings(text):
            for written in (beginning, _TRAILING_COMMA.sub(r"\1", beginning)):
                try:
                    return _DECODER.raw_decode(written)[0]  # type: ignore[no-any-return]
                except (ValueError, RecursionError):
                    continue
            if (written_in_python := _python(beginning)) is not None:
                return written_in_python
    return None


def _python(text: str) -> object | None:
    """What a literal of Python at the beginning of ``text`` says, up to its last bracket; None where it is none."""
    end = max(text.rfind("}"), text.rfind("]"))
    if not _PYTHON.match(text) or end > MOST_OF_PYTHON:
        return None
    try:
        return ast.literal_eval(text[: end + 1])  # type: ignore[no-any-return]
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return None


def _beginnings(text: str) -> Iterator[str]:
    for number, match in enumerate(_BEGINS.finditer(text)):
        if number >= MOST_BEGINNINGS:
            return
        yield text[match.start() :]


def unwrapped(source: str, answer: str) -> str:
    """The text of an answer to one text: out of JSON where it is the value of a single or a telling key, out of a code fence."""
    text = without_thoughts(answer) if "<think" not in source.lower() else answer
    text = joined_pieces(text) or text
    if ("{" in text or "[" in text) and not _BEGINS.match(source.lstrip()):
        value = _single(found_json(text))
        if value:
            return value
    text = _out_of_fence(text) if "```" in text and "```" not in source else text
    return _AFTER_KEY.sub("", text) if not _AFTER_KEY.match(source) else text


def joined_pieces(text: str) -> str:
    """The texts of an answer in pieces one after the other; "" where it is none."""
    pieces = _PIECE.findall(text)
    if len(pieces) < 2 or _PIECE.sub("", text).replace("data: [DONE]", "").strip():
        return ""
    try:
        return "".join(_single(_DECODER.decode(piece)) for piece in pieces)
    except ValueError:
        return ""


def _out_of_fence(text: str) -> str:
    blocks = [match.group(1) for match in _FENCED.finditer(text) if match.group(1).strip()]
    return max(blocks, key=len) if blocks else text.replace("```", " ")


def _single(found: object) -> str:
    """The one text that ``found`` holds, or that of a telling key; "" where it is another thing."""
    if isinstance(found, str):
        return found
    if isinstance(found, list):
        return _single(found[0]) if len(found) == 1 else ""
    return _under_keys(found) if isinstance(found, dict) else ""


def _under_keys(found: dict[object, object]) -> str:
    if len(found) == 1:
        return _single(next(iter(found.values())))
    keys = {str(key).strip().lower(): value for key, value in found.items()}
    telling = (*_KEYS, "title", "abstract", "tldr")
    return next((text for key in telling if key in keys and (text := _single(keys[key]))), "") or _held(keys)


def _held(keys: dict[str, object]) -> str:
    """The text within an answer as a server writes it, or within the call of a tool; "" where there is none."""
    for held in (keys[key] for key in _HOLDERS if keys.get(key)):
        text = _single(found_json(held) or held) if isinstance(held, str) else _single(held)
        if text:
            return text
    return ""
