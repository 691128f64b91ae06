"""Fakes of DeepL, Microsoft Translator, MyMemory and a chat server that speaks JSON: real HTTP on loopback, faults on request.

services = FakeServices()
with services:
    services.url                       # DEEPL_URL, MICROSOFT_URL, MYMEMORY_URL; with /v1 OPENAI_BASE_URL
    services.answers = [456, "<html>"] # what the next requests get: a status, or a body; then good ones
    services.chat = lambda given: ...  # the content of a chat answer, from the JSON of the last message
    services.requests                  # (path, query, headers, JSON body)
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.http_fake import Handler, HttpFake
from tests.translation.engines.fake_engines import translated

CODES = {"ZH-HANS": "zh", "zh-Hans": "zh", "ZH-HANT": "zt", "zh-Hant": "zt", "zh-CN": "zh", "zh-TW": "zt"}


def good_paper(given: dict[str, str], code: str) -> str:
    """What a good model answers: each text translated, and under tldr the first sentence of the abstract."""
    texts = {name: translated(text, CODES.get(code, code.lower())) for name, text in given.items()}
    if "abstract" in given:
        texts["tldr"] = translated(given["abstract"].split(". ")[0] + ".", CODES.get(code, code.lower()))
    return json.dumps(texts, ensure_ascii=False)


class _Handler(Handler):
    protocol_version = "HTTP/1.1"
    fake: FakeServices

    def do_GET(self) -> None:
        self._serve(None)

    def do_POST(self) -> None:
        self._serve(json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0))))

    def _serve(self, body: Any) -> None:
        url = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(url.query).items()}
        self.fake.requests.append((url.path, query, self.asked_with, body))
        answer = self.fake.answers.pop(0) if self.fake.answers else None
        if isinstance(answer, int):
            self._send(answer, "refused")
        elif answer is not None:
            self._send(200, answer)
        elif url.path == "/v2/translate":
            text = translated(body["text"][0], _code(body["target_lang"]))
            self._send(200, json.dumps({"translations": [{"detected_source_language": "EN", "text": text}]}))
        elif url.path == "/translate":
            text = translated(body[0]["Text"], _code(query["to"]))
            self._send(200, json.dumps([{"translations": [{"text": text, "to": query["to"]}]}]))
        elif url.path == "/get":
            text = translated(query["q"], _code(query["langpair"].partition("|")[2]))
            self._send(200, json.dumps({"responseData": {"translatedText": text, "match": 0.9}, "responseStatus": 200}))
        elif url.path.startswith("/v1/"):
            self._chat(body)
        else:
            self._send(404, "")

    def _chat(self, body: Any) -> None:
        if "response_format" in body and not self.fake.takes_schema:
            self._send(400, json.dumps({"error": {"message": "unknown parameter response_format"}}))
            return
        code = re.search(r"\(([a-z]{2}(?:-[A-Z]{2})?)\)", body["messages"][0]["content"])
        said = body["messages"][-1]["content"]
        target = code.group(1) if code else ""
        content = self.fake.chat(json.loads(said), target) if said.startswith("{") else translated(said, _code(target))
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": content}}
        self._send(200, json.dumps({"id": "1", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice]}))

    def _send(self, status: int, text: str) -> None:
        headers = {"Retry-After": self.fake.retry_after} if self.fake.retry_after else {}
        self.answer(status, text.encode(), "application/json; charset=utf-8", headers)


@dataclass
class FakeServices(HttpFake):
    """One server for all; a request under ``/v1`` is a chat."""

    handler = _Handler
    answers: list[int | str] = field(default_factory=list)
    chat: Callable[[dict[str, str], str], str] = good_paper
    takes_schema: bool = True
    retry_after: str = ""
    requests: list[tuple[str, dict[str, str], dict[str, str], Any]] = field(default_factory=list)


def _code(code: str) -> str:
    return CODES.get(code, code.lower())
