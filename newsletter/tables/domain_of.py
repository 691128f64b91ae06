"""The domain of a mail address, as the databases cut it off: for conditions, and for the index that answers them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class domain_of(FunctionElement[str]):  # noqa: N801 - written as the function that it is
    """What stands behind the @ of an address in lower case; an address as it is kept has one @.

    An index over it serves only where a statement has it by the same words: they stand once more in the migration.
    """

    name = "domain_of"
    type = String()
    inherit_cache = True


@compiles(domain_of)
def _on_postgresql(element: domain_of, compiler: SQLCompiler, **given: Any) -> str:
    address = compiler.process(element.clauses, **given)
    return f"split_part({address}, '@', 2)"


@compiles(domain_of, "sqlite")
def _on_sqlite(element: domain_of, compiler: SQLCompiler, **given: Any) -> str:
    address = compiler.process(element.clauses, **given)
    return f"substr({address}, instr({address}, '@') + 1)"
