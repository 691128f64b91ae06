"""`newsletter translations check FILE`: answers of an engine judged by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from newsletter.cli import main

SOURCE = "We present NeRF-VO, a visual odometry that lowers the error by 3.5%."
RIGHT = {
    "language": "de",
    "source": SOURCE,
    "result": "Wir stellen NeRF-VO vor, eine visuelle Odometrie mit 3.5% weniger Fehlern.",
}
WRONG = {**RIGHT, "result": "Wir stellen NeRF-VO vor, eine visuelle Odometrie mit 9.5% weniger Fehlern.", "field": "abstract"}


def run(tmp_path: Path, text: str) -> Result:
    file = tmp_path / "cases.json"
    file.write_text(text, encoding="utf-8")
    return CliRunner().invoke(main, ["translations", "check", str(file)])


def checked(tmp_path: Path, text: str) -> list[dict[str, object]]:
    done = run(tmp_path, text)
    assert done.exit_code == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("text", [json.dumps([RIGHT, WRONG], indent=1), f"{json.dumps(RIGHT)}\n\n{json.dumps(WRONG)}\n"])
def test_a_list_and_lines_are_judged_alike(tmp_path: Path, text: str) -> None:
    first, second = checked(tmp_path, text)
    assert first == {"verdict": "published", "text": RIGHT["result"].replace("3.5", "3,5"), "reasons": []}
    assert (second["verdict"], "numbers" in list(second["reasons"])) == ("refused", True)  # type: ignore[call-overload]


def test_placeholders_are_put_back_as_for_an_engine(tmp_path: Path) -> None:
    given = {**RIGHT, "result": "Wir stellen {{0}} vor, eine visuelle Odometrie mit ｛｛ 1 ｝｝ weniger Fehlern."}
    assert checked(tmp_path, json.dumps([given]))[0]["verdict"] == "published"
    lost = {**RIGHT, "result": "Wir stellen {{0}} vor, eine visuelle Odometrie mit weniger Fehlern."}
    assert checked(tmp_path, json.dumps([lost]))[0]["reasons"] == ["placeholders"]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[{", "is no JSON"),
        ('{"language": "de"', "line 1 is no JSON"),
        ("[3]", "case 1: '3' is no object"),
        (json.dumps([{**RIGHT, "language": "xx"}]), "case 1: language 'xx'"),
        (json.dumps([{**RIGHT, "language": "en"}]), "case 1: language 'en'"),
        (json.dumps([RIGHT, {**RIGHT, "field": "body"}]), "case 2: field 'body'"),
        (json.dumps([{"language": "de", "result": ""}]), "case 1: source is missing"),
        (json.dumps([{**RIGHT, "result": None}]), "case 1: result is no text"),
        (json.dumps([{**RIGHT, "source": " "}]), "case 1: source is empty"),
    ],
)
def test_bad_input_ends_in_one_line_that_names_it(tmp_path: Path, text: str, named: str) -> None:
    done = run(tmp_path, text)
    assert (done.exit_code, len(done.stderr.splitlines())) == (2, 1)
    assert named in done.stderr


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["translations", "check", str(tmp_path / "none.json")])
    assert "none.json cannot be read" in done.stderr
