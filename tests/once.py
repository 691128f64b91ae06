"""What a process of tests makes once: parts that are dear to make and never change afterwards, so that sharing them hides nothing."""

from __future__ import annotations

from functools import cached_property, lru_cache
from pathlib import Path

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from newsletter.bootstrap import Services
from newsletter.topics import catalogue
from newsletter.topics.catalogue import Catalogue
from newsletter.topics.matching import Matcher

_read = catalogue.load


@lru_cache(maxsize=1)
def _packaged() -> Catalogue:
    return _read()


@lru_cache(maxsize=1)
def _packaged_matcher() -> Matcher:
    return Matcher(_packaged())


def _load(path: Path | None = None) -> Catalogue:
    """A catalogue of a test's own is read each time."""
    return _read(path) if path else _packaged()


def _matcher(services: Services) -> Matcher:
    return _packaged_matcher() if services.catalogue is _packaged() else Matcher(services.catalogue)


class _CompiledPages(BytecodeCache):
    """The compiled templates of pages, by name and source: each test has an application of its own, which compiles its own."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


def share() -> None:
    """From here on in this process, whatever asks for one of these parts gets the one that there is."""
    catalogue.load = _load
    matcher = cached_property(_matcher)
    matcher.__set_name__(Services, "matcher")
    Services.matcher = matcher  # type: ignore[assignment]
    Flask.jinja_options = {"bytecode_cache": _CompiledPages()}
