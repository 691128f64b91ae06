"""Fake engines over HTTP on loopback: LibreTranslate, Google's mobile page and OpenAI chat, with faults on request.

    engines = FakeEngines()
    engines.start()
    engines.libre_url, engines.google_url, engines.openai_url   # for LIBRETRANSLATE_URL, GOOGLE_TRANSLATE_URL, OPENAI_BASE_URL
    engines.behave("429")                                       # from now on; see BEHAVIOURS
    engines.calls("libre"), engines.texts
    engines.stop()

A good engine turns every plain word into a made-up word in the script of the language and leaves everything else alone.
"""

from __future__ import annotations

import functools
import hashlib
import html
import json
import re
import threading
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from tests.http_fake import Handler, HttpFake

ALPHABETS = {
    "zh": "的一是在不了有和人这中大为上个国向以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面",
    "zt": "的一是在不了有和人這中大為上個國向以要他時來用們生到作地於出就分對成會可主發年動同工也能下過子說產種面",
    "ja": "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめも",
    "ko": "가나다라마바사아자차카타파하고노도로모보소오조초코토포호",
    "ar": "ابتثجحخدذرزسشصضطظعغفقكلمنهوي",
    "ru": "абвгдежзиклмнопрстуфхцчшщыэюя",
}
# Letters for one of English, as translators need them (``good_pairs.txt``).
SHARES = {"zh": 0.4, "zt": 0.4, "ja": 0.57, "ko": 0.55, "ar": 0.85, "ru": 1.1}
PIECE = re.compile(r"<[^<>]*>|https?://\S+|[A-Za-z0-9_]*\d[A-Za-z0-9_]*|[A-Za-z]+|\s+|.", re.DOTALL)
PLACEHOLDER = re.compile(r"ZQ\d+Q|<x\d+/>|\{\{\d+\}\}")


# Who translates like this does nothing wrong: all that it changes is how the language is written.
WELL_BEHAVED = ("good", "widens punctuation")


def translated(text: str, target: str) -> str:
    """A made-up translation of ``text``: each word always becomes the same one."""
    return "".join(_word(piece, target) if piece.isascii() and piece.isalpha() else piece for piece in PIECE.findall(text))


@functools.lru_cache(100_000)
def _word(word: str, target: str) -> str:
    number = int.from_bytes(hashlib.sha256(word.lower().encode()).digest()[:16], "big")
    alphabet = ALPHABETS.get("zt" if target == "zh-TW" else target[:2])
    if alphabet is None:
        made_up = word[::-1].lower() + "en"
        return made_up.capitalize() if word[0].isupper() else made_up
    share = len(word) * SHARES[target[:2]]
    length = max(1 if target.startswith("z") else 2, round(share))
    return "".join(alphabet[(number >> (6 * place)) % len(alphabet)] for place in range(length))


def _doubled(text: str, target: str) -> str:
    return PLACEHOLDER.sub(lambda match: match.group() * 2, translated(text, target))


def _spaced(text: str, target: str) -> str:
    """What machines do to formulas and tags where nobody protects them."""
    spoilt = re.sub(r"\$([^$]+)\$", lambda match: "$ " + match.group(1).replace("\\", "\\ ") + " $", translated(text, target))
    return re.sub(r"<([^<>]*)>", r"< \1 >", spoilt).replace("{{", "｛｛").replace("}}", "｝｝")


def _swapped(text: str, target: str) -> str:
    """The first and the last placeholder exchanged, where a sentence plainly ends between them."""
    found = list(PLACEHOLDER.finditer(text))
    if len(found) > 1 and re.search(r"[a-z]{4}\.\s+[A-Z]", text[found[0].end() : found[-1].start()]):
        first, last = found[0], found[-1]
        text = text[: first.start()] + last.group() + text[first.end() : last.start()] + first.group() + text[last.end() :]
    return translated(text, target)


def _with_wide_braces(text: str, target: str) -> str:
    return translated(text, target).replace("{", "｛").replace("}", "｝").replace("\\", "＼")


def _with_wide_punctuation(text: str, target: str) -> str:
    return re.sub(r"[.,:;!?()](?=\s|\Z)", lambda match: chr(ord(match.group()) + 0xFEE0), translated(text, target)).replace(
        "．", "。"
    )


def _halved(text: str, target: str) -> str:
    """Every other sentence, at least the first."""
    return translated(" ".join(re.split(r"(?<=[.!?])\s+", text)[::2]), target)


def _cut(text: str, target: str) -> str:
    result = translated(text, target)
    return result[: len(result) * 7 // 10]


# What an engine answers instead of a good translation, by name; the rest of BEHAVIOURS is about the exchange itself.
ANSWERS: dict[str, Callable[[str, str], str | None]] = {
    "good": translated,
    "identity": lambda text, _: text,
    "drops": lambda text, target: PLACEHOLDER.sub("", translated(text, target)),
    "doubles": _doubled,
    "spaces": _spaced,
    "error sentence": lambda *_: "Error 500 (Server Error)!!1500.That’s an error.There was an error. Please try again later.",
    "empty": lambda *_: "",
    "none": lambda *_: None,
    "wrong language": lambda text, _: translated(text, "ru"),
    "truncates": lambda text, target: translated(text, target)[: max(1, len(translated(text, target)) // 10)],
    "long is cut": lambda text, target: translated(text, target) if len(text) < 120 else translated(text[:60], target),
    "swaps": _swapped,
    "widens braces": _with_wide_braces,
    "widens punctuation": _with_wide_punctuation,
    "half": _halved,
    "cuts": _cut,
    "repeats": lambda text, target: translated(text, target) + " " + translated(text, target),
}
BEHAVIOURS = (*ANSWERS, "429", "500", "403", "html", "hang", "not json", "drop", "line breaks")


class _Handler(Handler):
    protocol_version = "HTTP/1.1"
    fake: FakeEngines

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(url.query).items()}
        if url.path == "/google/m":
            self._answer("google", query.get("q", ""), query.get("tl", ""))
        else:
            self._send(404, b"", "text/plain")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = urlsplit(self.path)
        if url.path == "/libre/translate":
            given = json.loads(body)
            self.fake.payloads.append(given)
            self._answer("libre", given["q"], given["target"])
        elif url.path == "/v1/chat/completions":
            messages = json.loads(body)["messages"]
            code = re.search(r"\(([a-z]{2}(?:-[A-Z]{2})?)\)", messages[0]["content"])
            self._answer("openai", messages[-1]["content"], code.group(1) if code else "")
        else:
            self._send(404, b"", "text/plain")

    def _answer(self, engine: str, text: str, target: str) -> None:
        self.fake.connections.add(self.client_address)
        behaviour = self.fake.behaviour_for(engine, target, text)
        if behaviour == "hang":
            self.fake.hang()
        elif behaviour == "drop":
            self.close_connection = True
        elif behaviour.isdecimal():
            self._send(int(behaviour), b"go away", "text/plain")
        elif behaviour == "html":
            self._send(
                200, b"<!DOCTYPE html><html><head><title>Sorry</title></head><body><p>Sorry</p></body></html>", "text/html"
            )
        elif behaviour == "line breaks":
            self._send(200, b'<html><body><div class="result-container">eins<br>zwei</div></body></html>', "text/html")
        elif behaviour == "not json":
            self._send(200, b"[1, 2", "application/json")
        else:
            self._translation(engine, ANSWERS[behaviour](text, target))

    def _translation(self, engine: str, result: str | None) -> None:
        if engine == "google":
            page = f'<html><body><div class="result-container">{html.escape(result or "")}</div></body></html>'
            self._send(200, page.encode(), "text/html; charset=utf-8")
            return
        message = {"role": "assistant", "content": result}
        answer = {
            "libre": {"translatedText": result},
            "openai": {
                "id": "1",
                "object": "chat.completion",
                "created": 0,
                "model": "m",
                "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
            },
        }[engine]
        self._send(200, json.dumps(answer).encode(), "application/json")

    def _send(self, status: int, body: bytes, kind: str) -> None:
        asks = {"Retry-After": self.fake.retry_after} if status >= 400 and self.fake.retry_after else {}
        self.answer(status, body, kind, asks)


class FakeEngines(HttpFake):
    """A server on a port of its own; ``behave`` may be called at any time and holds for all three engines or the one named."""

    handler = _Handler

    def __init__(self, behaviour: str = "good", *, retry_after: str | None = None) -> None:
        self.retry_after = retry_after
        self.texts: list[tuple[str, str, str]] = []
        self.payloads: list[dict[str, str]] = []
        self.connections: set[tuple[str, int]] = set()
        self._behaviours: dict[str, str] = {}
        self._lock = threading.Lock()
        self.behave(behaviour)

    @property
    def libre_url(self) -> str:
        return f"{self.url}/libre"

    @property
    def google_url(self) -> str:
        return f"{self.url}/google/m"

    @property
    def openai_url(self) -> str:
        return f"{self.url}/v1"

    def behave(self, behaviour: str, *, engine: str | None = None) -> None:
        assert behaviour in BEHAVIOURS, behaviour
        for name in [engine] if engine else ["libre", "google", "openai"]:
            self._behaviours[name] = behaviour

    def calls(self, engine: str | None = None) -> int:
        with self._lock:
            return sum(1 for name, _, _ in self.texts if engine in (None, name))

    def behaviour_for(self, engine: str, target: str, text: str) -> str:
        with self._lock:
            self.texts.append((engine, target, text))
        return self._behaviours[engine]
