"""The walls between modules: what the import contracts of `.importlinter` leave for a test to look at."""

from __future__ import annotations

import ast
import configparser
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "newsletter"
# "Pure but for its store" claims nothing of the whole package.
CLAIMS_PURE = re.compile(r"\bPure\b(?! but)|: pure\b")
STATEMENTS = re.compile(r"\b(?:select|insert|update|delete)\(|\btext\(\s*['\"]|exec_driver_sql\(")
# The engine's own statements, and the ones that migrate; see their docstrings.
OUTSIDE_A_STORE = {"newsletter.db", "newsletter.operating.migrate"}


def modules() -> Iterator[tuple[str, Path]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"), path


def contract() -> list[str]:
    found = configparser.ConfigParser()
    found.read(ROOT / ".importlinter", encoding="utf-8")
    return found["importlinter:contract:pure"]["source_modules"].split()


def test_what_says_that_it_is_pure_is_held_to_it() -> None:
    held = contract()
    said = [
        name
        for name, path in modules()
        if CLAIMS_PURE.search(ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "")
    ]
    assert len(said) > 40
    assert [name for name in said if not any(name == one or name.startswith(f"{one}.") for one in held)] == []


def test_sql_stands_in_stores_only() -> None:
    found = [
        name
        for name, path in modules()
        if ".store" not in name and name not in OUTSIDE_A_STORE and _runs_sql(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def _runs_sql(source: str) -> bool:
    imports = any(
        isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "sqlalchemy" and node.module != "sqlalchemy.orm"
        for node in ast.walk(ast.parse(source))
    )
    return imports and STATEMENTS.search(source) is not None


def test_no_package_holds_one_store_and_nothing_else() -> None:
    stores = [path.parent for path in PACKAGE.rglob("store.py")]
    assert [
        str(folder.relative_to(ROOT))
        for folder in stores
        if {one.name for one in folder.glob("*.py")} <= {"__init__.py", "store.py"}
    ] == []


def test_at_the_root_stand_packages_and_eight_modules_at_most() -> None:
    assert len([path for path in PACKAGE.glob("*.py") if path.name != "__init__.py"]) <= 8


def test_the_entry_points_leave_transactions_and_wake_ups_to_the_use_cases() -> None:
    found = [
        f"{name}: {node.attr}"
        for name, path in modules()
        if name.startswith(("newsletter.web", "newsletter.cli"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and (node.attr == "transaction" or node.attr.startswith("wake_"))
    ]
    assert found == []
