"""What a process of tests makes once: what each of its many applications would compile anew, of templates and of addresses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule


class CompiledPages(BytecodeCache):
    """The templates by name and source: whatever is changed is compiled."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


class SharedRule(Rule):
    """A rule whose builders of addresses are those of any equal one: compiling them is most of what making an application takes."""

    _builders: dict[tuple[Any, ...], Callable[..., tuple[str, str]]] = {}  # noqa: RUF012 - shared on purpose

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        # What werkzeug makes the builder of; the converters are reached through the rule that it is bound to.
        key = (self.rule, repr(self.defaults), tuple(self._trace), append_unknown)
        if key not in self._builders:
            self._builders[key] = super()._compile_builder(append_unknown)
        return self._builders[key]


def share() -> None:
    """From here on applications of this process share their compiled templates and rules."""
    Flask.url_rule_class = SharedRule
    Flask.jinja_options = {"bytecode_cache": CompiledPages()}
