"""The condition that a number is among many given ones, which go to the database as one parameter.

With a parameter for each, SQLAlchemy writes the statement anew at each run, and every number of them is a statement of its own.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Self

from sqlalchemy import BigInteger, Boolean, Dialect, SQLColumnExpression, Text, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeDecorator, TypeEngine


class _Numbers(TypeDecorator[Sequence[int]]):
    """Numbers as one parameter: an array to PostgreSQL, JSON to SQLite."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(BigInteger) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Sequence[int] | None, dialect: Dialect) -> Any:
        numbers = list(value or ())
        return numbers if dialect.name == "postgresql" else json.dumps(numbers)


class among(FunctionElement[bool]):  # noqa: N801 - reads like a condition of SQL
    """True where ``number`` is among those of the parameter ``name``, a list of whole numbers."""

    type = Boolean()
    inherit_cache = True

    def __init__(self, number: SQLColumnExpression[int], name: str) -> None:
        super().__init__(number, bindparam(name, type_=_Numbers))

    def self_group(self, against: OperatorType | None = None) -> Self:  # noqa: ARG002
        # Else SQLite, which has no type for conditions, is asked whether it equals 1, and looks at each row for it.
        return self


@compiles(among)
def _on_postgresql(element: among, compiler: Any, **options: Any) -> str:
    number, given = element.clauses
    return f"{compiler.process(number, **options)} = ANY ({compiler.process(given, **options)})"


@compiles(among, "sqlite")
def _on_sqlite(element: among, compiler: Any, **options: Any) -> str:
    number, given = element.clauses
    # Nothing but what SQLAlchemy wrote of a column and a parameter stands in it.
    return f"{compiler.process(number, **options)} IN (SELECT value FROM json_each({compiler.process(given, **options)}))"  # noqa: S608
