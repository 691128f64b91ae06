"""What a process of tests makes once: what each of its many applications would compile anew, of templates, addresses and SQL."""

from __future__ import annotations

from collections.abc import Callable
from types import CodeType
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Dialect, Engine, event
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

# Statements; all tests together have some two thousand.
MOST_STATEMENTS = 4000


class CompiledPages(BytecodeCache):
    """The templates by name and source: whatever is changed is compiled."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key, bucket.checksum] = bucket.code


class SharedRule(Rule):
    """A rule whose builders of addresses are those of any equal one: compiling them is most of what making an application takes."""

    _builders: dict[tuple[Any, ...], Callable[..., tuple[str, str]]] = {}  # noqa: RUF012 - shared on purpose

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        # What werkzeug makes the builder of; the converters are reached through the rule that it is bound to.
        key = (self.rule, repr(self.defaults), tuple(self._trace), append_unknown)
        if key not in self._builders:
            self._builders[key] = super()._compile_builder(append_unknown)
        return self._builders[key]


class CompiledSql:
    """What SQLAlchemy compiles, for all engines of one kind: each has a cache of its own, and every test has an engine.

    A statement is kept under the dialect that it was compiled for, so engines share the first one that has met its server.
    """

    def __init__(self) -> None:
        self._dialects: dict[tuple[Any, ...], Dialect] = {}
        self._statements = LRUCache[Any, Any](MOST_STATEMENTS)

    def share(self, engine: Engine) -> None:
        """Has a new ``engine`` use what those before it compiled, or the next ones what it compiles."""
        own = engine.dialect
        kind = (type(own), getattr(own, "_on_connect_isolation_level", None))
        engine._compiled_cache = self._statements
        if kind in self._dialects:
            engine.dialect = self._dialects[kind]
        else:
            event.listen(engine, "connect", lambda *_: self._dialects.setdefault(kind, own), once=True)


def share() -> None:
    """From here on applications of this process share their compiled templates, rules and SQL."""
    compiled = CompiledSql()
    DefaultDialect.engine_created = classmethod(lambda _, engine: compiled.share(engine))  # type: ignore[assignment]
    Flask.url_rule_class = SharedRule
    Flask.jinja_options = {"bytecode_cache": CompiledPages()}
