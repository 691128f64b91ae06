"""docs/asvs.md has every requirement of levels 1 and 2 once, and what it names exists; docs/security.md misses nothing."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import feedparser
import pytest

ROOT = Path(__file__).resolve().parents[1]
ASVS, SECURITY = (ROOT / "docs" / name for name in ("asvs.md", "security.md"))
# How many requirements of levels 1 and 2 each section of ASVS 5.0.0 has; they are numbered from 1, 253 in all.
SECTIONS = {
    **{"1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2, "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1},
    **{"3.2": 2, "3.3": 4, "3.4": 6, "3.5": 5, "3.7": 2, "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4},
    **{"5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3, "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4},
    **{"7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2, "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1, "9.1": 3, "9.2": 4},
    **{"10.1": 2, "10.2": 2, "10.3": 4, "10.4": 11, "10.5": 5, "10.6": 2, "10.7": 3},
    **{"11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1, "12.1": 3, "12.2": 2, "12.3": 4},
    **{"13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5, "14.1": 2, "14.2": 4, "14.3": 3, "15.1": 3, "15.2": 3, "15.3": 7},
    **{"16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3, "17.1": 1, "17.2": 4, "17.3": 2},
}
REQUIRED = [f"{section}.{number}" for section, count in SECTIONS.items() for number in range(1, count + 1)]
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", ASVS.read_text("utf-8") + SECURITY.read_text("utf-8"))))
OURS = sorted((ROOT / "newsletter").rglob("*.py"))


@dataclass(frozen=True)
class Row:
    items: tuple[str, ...]
    state: str
    how: str


def rows() -> Iterator[Row]:
    """The rows of all tables but that of what lies beyond level 2."""
    for line in ASVS.read_text("utf-8").partition("## Beyond level 2")[0].splitlines():
        if re.match(r"\| \d", line):
            items, _, state, how = (cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:5])
            yield Row(tuple(items.split(", ")), state, how)


def test_each_requirement_stands_there_once() -> None:
    assert len(REQUIRED) == 253
    assert Counter(item for row in rows() for item in row.items) == Counter(REQUIRED)


def test_each_row_says_what_shows_it_or_why_not() -> None:
    for row in rows():
        if row.state == "met":
            assert "`tests/" in row.how or "](" in row.how, row
        else:
            assert row.state in ("unmet", "n/a"), row
            assert len(row.how.split()) >= (5 if row.state == "unmet" else 1), row


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_a_test_that_is_named_exists(file: str, name: str) -> None:
    assert re.search(rf"^def {name or 'test_'}", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)


def test_a_section_that_is_named_exists() -> None:
    for file, section in re.findall(r"\]\(((?:\.\./)?\w+\.md)#([\w-]+)\)", ASVS.read_text("utf-8") + SECURITY.read_text("utf-8")):
        titles = re.findall(r"^#+ (.+)$", (ROOT / "docs" / file).resolve().read_text("utf-8"), re.M)
        assert section in [re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles], (file, section)


@cache
def calls() -> Counter[str]:
    """The names of all that our code calls, with what they are called on."""
    found: Counter[str] = Counter()
    for path in OURS:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                found[ast.unparse(node.func)] += 1
                found["shell="] += any(keyword.arg == "shell" for keyword in node.keywords)
    return found


def test_no_text_is_run() -> None:
    forbidden = ["eval", "exec", "os.system", "os.popen", "shell=", "subprocess.getoutput", "pickle.loads", "pickle.load"]
    forbidden += ["marshal.loads", "yaml.unsafe_load", "__import__", "render_template_string"]
    assert [name for name in forbidden if calls()[name]] == []
    assert calls()["subprocess.run"]


def test_no_broken_hash_is_used() -> None:
    assert [name for name in ("hashlib.md5", "hashlib.sha1", "hashlib.new") if calls()[name]] == []
    assert calls()["hashlib.sha256"]


# What keeps a secret, or checks one; SHA-256 names contents elsewhere.
SECRETS = re.compile(
    r"\bhmac\.|\bscrypt\(|\bfrom argon2\b|\bfrom itsdangerous\b|^import dkim\b|\bfrom cryptography\b|secrets\.token_\w+\(\d\d\)"
    r"|sha256\((?:raw|self\.operator\.password_hash|browser)",
    re.M,
)


def test_the_inventory_has_each_module_that_uses_cryptography() -> None:
    inventory = SECURITY.read_text("utf-8").partition("## Keys")[2].partition("\n## ")[0]
    using = [path for path in OURS if SECRETS.search(path.read_text("utf-8"))]
    assert len(using) > 10
    assert [path for path in using if f"`{path.relative_to(ROOT)}`" not in inventory] == []


def test_each_service_that_is_asked_is_written_down() -> None:
    told = SECURITY.read_text("utf-8").partition("## Who is spoken to")[2].partition("\n## ")[0]
    named = {
        name
        for name in (ROOT / "docs" / "settings.md").read_text("utf-8").split("`")
        if re.fullmatch(r"[A-Z_]+_(?:URL|FEEDS)", name)
    }
    assert {*named} - {"BASE_URL"} - set(re.findall(r"`([A-Z_]+)`", told)) == set()


def test_no_xml_of_others_reads_a_file_or_grows(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("a secret")
    outside = f'<!DOCTYPE r [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    growing = "<!DOCTYPE r [<!ENTITY a 'aaaaaaaaaa'>" + "".join(
        f"<!ENTITY {b} '{f'&{a};' * 10}'>" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    for head in (outside, growing + "<!ENTITY x '&i;'>]>"):
        feed = f"<?xml version='1.0'?>{head}<rss version='2.0'><channel><title>&x;</title></channel></rss>"
        assert "a secret" not in str(feedparser.parse(feed.encode()))
        assert len(str(feedparser.parse(feed.encode()))) < 10_000
