"""What a process of tests makes once: the compiled templates of pages, which each of its many applications would compile anew."""

from __future__ import annotations

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket


class CompiledPages(BytecodeCache):
    """The templates by name and source: whatever is changed is compiled."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


def share() -> None:
    """From here on applications of this process share their compiled templates."""
    Flask.jinja_options = {"bytecode_cache": CompiledPages()}
