"""What was imported is published as it was, comes out of the database, and may be shown with all that is known."""

from __future__ import annotations

import datetime as dt
import json
import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, insert, update

from newsletter.archive.formats import registry
from newsletter.archive.formats.table_pages import read_table_page
from newsletter.archive.pages.markdown import cell
from newsletter.archive.publishing import PublishOptions
from newsletter.bootstrap import Services
from newsletter.errors import InputError, TemporaryError
from newsletter.papers.store import papers as papers_store
from newsletter.tables.papers import PaperRow
from newsletter.tables.translations import TranslationRow
from newsletter.text.anchors import Anchors
from newsletter.values.papers import LinkKind, PaperLink
from tests.archive.bringing import NOW, bring
from tests.archive.list_pages import README, STORE, TLDR
from tests.papers.paper_builder import match, paper

# What may differ between a page that was imported and the same page published with --classic: docs/archive.md has the list.
ALLOWED = (("\r\n", "\n"), ("\ufeff", ""))


def publish(services: Services, folder: Path, format: str = "", **changes: object) -> registry.Published:
    return registry.publish(services, folder, PublishOptions(**changes), now=NOW, format=format)  # type: ignore[arg-type]


def rows_that_differ(one: str, other: str) -> list[tuple[str, str]]:
    from difflib import SequenceMatcher

    old, new = one.splitlines(), other.splitlines()
    found = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [("\n".join(old[a:b]), "\n".join(new[c:d])) for what, a, b, c, d in found if what != "equal"]


@pytest.mark.parametrize(
    "text", [README, TLDR, README.replace("\n", "\r\n"), "\ufeff" + TLDR], ids=["tables", "notes", "crlf", "mark"]
)
def test_a_page_that_was_imported_is_published_as_it_was(quick: Services, tmp_path: Path, text: str) -> None:
    from newsletter.archive.formats.decoding import decode

    bring(quick, decode(text.encode(), name="x"), "mine")
    publish(quick, tmp_path / "out", classic=True)
    for old, new in ALLOWED:
        text = text.replace(old, new)
    assert (tmp_path / "out" / "mine.md").read_text(encoding="utf-8") == text


def test_real_pages_that_were_imported_are_published_as_they_were(quick: Services, tmp_path: Path, shared_data: Path) -> None:
    pages = {
        name: (shared_data / "pages" / f"{name}.md").read_text(encoding="utf-8") for name in ("readme-table", "tldr-summary")
    }
    for name, text in pages.items():
        bring(quick, text, name)
    publish(quick, tmp_path / "out", classic=True)
    assert {name: (tmp_path / "out" / f"{name}.md").read_text(encoding="utf-8") for name in pages} == pages


def test_a_store_that_was_imported_is_published_with_the_same_contents(quick: Services, tmp_path: Path) -> None:
    bring(quick, STORE, "store")
    publish(quick, tmp_path / "out", classic=True)
    assert json.loads((tmp_path / "out" / "store.json").read_text(encoding="utf-8")) == json.loads(STORE)


def _change_and_add(services: Services, ref: str) -> None:
    with services.database.transaction() as session:
        session.execute(update(PaperRow).where(PaperRow.ref == ref).values(title="A Title | That Changed"))
        links = (PaperLink(LinkKind.CODE, "https://github.com/new/one", "comment"),)
        one = paper(77, title="Brand New", announced_on=dt.date(2026, 6, 25), submitted=NOW, links=links)
        papers_store.store_papers(session, [(one, [match(one, "nerf")])], now=NOW)


def test_after_a_title_changed_and_a_paper_came_exactly_these_rows_differ(services: Services, tmp_path: Path) -> None:
    bring(services, README, "mine")
    _change_and_add(services, "2606.10002")
    publish(services, tmp_path, classic=True)
    (came, changed) = rows_that_differ(README, (tmp_path / "mine.md").read_text(encoding="utf-8"))
    assert came == (
        "",
        "|**2026-06-25**|**Brand New**|Ada Byron et.al.|What paper 77 is about. et.al."
        "|[2606.00077](http://arxiv.org/abs/2606.00077)|**[link](https://github.com/new/one)**|",
    )
    assert changed[1] == changed[0].replace("A Second Light", "A Title \\| That Changed")


def test_a_page_of_notes_gets_a_row_and_a_note_for_a_paper_of_its_topic(quick: Services, tmp_path: Path) -> None:
    bring(quick, TLDR, "notes", topics=("nerf",))
    _change_and_add(quick, "2404.00001")
    publish(quick, tmp_path, classic=True)
    differ = rows_that_differ(TLDR, (tmp_path / "notes.md").read_text(encoding="utf-8"))
    assert [("Changed" in new, "[^3]" in new) for _, new in differ] == [
        (True, False),
        (False, True),
        (True, False),
        (False, True),
    ]
    assert "[^3]: Brand New\n\n    Brand New\n" in differ[3][1]


def test_a_translation_that_changed_is_written_and_one_that_went_gives_the_original(quick: Services, tmp_path: Path) -> None:
    bring(quick, TLDR, "notes")
    with quick.database.transaction() as session:
        session.execute(update(TranslationRow).where(TranslationRow.text == "会学习的网格").values(text="学习着的网格"))
        session.execute(delete(TranslationRow).where(TranslationRow.text.startswith("旧的网格仍然")))
    publish(quick, tmp_path, classic=True)
    text = (tmp_path / "notes.md").read_text(encoding="utf-8")
    assert "[^1]: 学习着的网格\n" in text
    assert text.count("    Old grids are still of use. Here are three examples.\n") == 2


def test_a_paper_that_is_taken_away_takes_its_row_along(quick: Services, tmp_path: Path) -> None:
    bring(quick, README, "mine")
    with quick.database.transaction() as session:
        session.execute(delete(PaperRow).where(PaperRow.ref == "2606.10001"))
    publish(quick, tmp_path, classic=True)
    ((gone, came),) = rows_that_differ(README, (tmp_path / "mine.md").read_text(encoding="utf-8"))
    assert ("2606.10001" in gone, came) == (True, "")


def test_a_dated_page_says_today_wherever_it_names_its_day(quick: Services, tmp_path: Path) -> None:
    bring(quick, README, "mine")
    publish(quick, tmp_path, classic=True, dated=True)
    text = (tmp_path / "mine.md").read_text(encoding="utf-8")
    assert text == README.replace("2026.06.24", "2026.06.25").replace("20260624", "20260625")


def test_a_rich_page_has_what_the_old_one_lacked(quick: Services, tmp_path: Path) -> None:
    bring(quick, README, "mine")
    publish(quick, tmp_path)
    text = (tmp_path / "mine.md").read_text(encoding="utf-8")
    assert text.startswith("---\nlayout: default\n---\n")
    assert "- [Our own things](#our-own-things)" in text
    assert "[2606.10002](https://arxiv.org/abs/2606.10002) · [PDF](https://arxiv.org/pdf/2606.10002)" in text
    assert "zh-TW, imported" in text, "an imported translation is marked"
    assert "list: mine" in text
    assert "A paper without an id" in text, "what was not understood is still there"
    assert text.rstrip().endswith("Translations name what made them.")


@pytest.mark.parametrize("format", ["readme", "jekyll", "tldr", "json"])
@pytest.mark.parametrize("classic", [True, False])
def test_a_list_may_be_published_in_any_family(quick: Services, tmp_path: Path, format: str, *, classic: bool) -> None:
    bring(quick, README, "mine")
    bring(quick, TLDR, "notes")
    publish(quick, tmp_path / "out", format, classic=classic)
    pages = {path.stem: path.read_text(encoding="utf-8") for path in (tmp_path / "out").iterdir()}
    assert set(pages) == {"mine", "notes"}
    assert all(ref in pages["mine"] for ref in ("2606.10001", "2606.10002", "2606.10003"))
    assert all(ref in pages["notes"] for ref in ("2404.00001", "2401.00002"))
    if format == "jekyll":
        assert all(text.startswith("---\n") for text in pages.values())
    if classic:
        again = registry.format_of(pages["notes"], name=format)
        assert again.name == format


def test_where_nothing_was_imported_the_newest_days_get_their_pages(quick: Services, tmp_path: Path) -> None:
    with quick.database.transaction() as session:
        days = [
            paper(number, announced_on=dt.date(2026, 6, 20 + number), title=f"Paper of $|x|_{number}$") for number in (1, 2, 3)
        ]
        papers_store.store_papers(session, [(one, [match(one)]) for one in days], now=NOW)
    done = publish(quick, tmp_path, days=2)
    assert sorted(done.pages.pages) == ["2026-06-22.md", "2026-06-23.md", "README.md"]
    front = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "[2026-06-22](2026-06-22.md)" in front
    assert "Paper of $\\|x\\|_3$" in front
    assert "Ada Byron, Émilie du Châtelet" in front
    assert publish(quick, tmp_path, days=2).pages.pages == ()


def test_classic_pages_of_our_own_can_be_imported_again(quick: Services, tmp_path: Path) -> None:
    with quick.database.transaction() as session:
        papers_store.store_papers(session, [(one, [match(one)]) for one in (paper(1), paper(2))], now=NOW)
    publish(quick, tmp_path, classic=True)
    page = read_table_page((tmp_path / "2026-06-25.md").read_text(encoding="utf-8"))
    assert [(row.item.ref, row.item.title, row.item.authors) for row in page.rows if row.item] == [
        ("2606.00001", "Paper 1", ("Ada Byron",)), ("2606.00002", "Paper 2", ("Ada Byron",)),
    ]  # fmt: skip
    assert not page.remarks


def test_a_page_is_whole_or_as_it_was(quick: Services, tmp_path: Path) -> None:
    bring(quick, README, "mine")
    publish(quick, tmp_path / "out", classic=True)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.md"], "no draft is left behind"
    (tmp_path / "other").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be written"):
        publish(quick, tmp_path / "other", classic=True)


def test_two_thousand_papers_are_published_by_few_statements_and_of_them_again_what_changed(
    quick: Services, tmp_path: Path
) -> None:
    day = dt.date(2026, 1, 1)
    rows = [
        {
            "id": number, "number": number, "ref": f"2601.{number:05d}", "version": 1, "source": "arxiv", "title": f"A Paper on $x_{number}$",
            "abstract": "We say what we did, and why others did not. " * 20, "authors": ["Ada Byron", "Émilie du Châtelet"],
            "categories": ["cs.CV"], "submitted_at": NOW, "updated_at": NOW, "announced_on": day + dt.timedelta(days=number % 50), "stored_at": NOW,
        }
        for number in range(1, 2001)
    ]  # fmt: skip
    with quick.database.transaction() as session:
        session.execute(insert(PaperRow), rows)
    statements: list[str] = []
    event.listen(quick.database.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    assert len(publish(quick, tmp_path, days=366).pages.pages) == 51
    assert len(statements) < 200
    with quick.database.transaction() as session:
        session.execute(update(PaperRow).where(PaperRow.number == 7).values(title="Changed"))
    assert publish(quick, tmp_path, days=366).pages.pages == ("2026-01-08.md",)


# ---------------------------------------------------------------- git


def git(folder: Path, *words: str) -> str:
    return subprocess.run(["git", "-C", str(folder), *words], check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def working(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """A bare remote and a clone of it."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", "/dev/null")
    remote, clone = tmp_path / "remote.git", tmp_path / "clone"
    subprocess.run(["git", "init", "--quiet", "--bare", "-b", "main", str(remote)], check=True)
    subprocess.run(["git", "init", "--quiet", "-b", "main", str(clone)], check=True)
    git(clone, "remote", "add", "origin", str(remote))
    return remote, clone


def test_pages_are_committed_and_pushed_and_a_second_time_there_is_nothing_to_do(
    quick: Services,
    working: tuple[Path, Path],
) -> None:
    remote, clone = working
    bring(quick, README, "mine")
    assert publish(quick, clone, classic=True, git=True).git.startswith("committed and pushed to origin/main at ")
    assert git(remote, "show", "main:mine.md") == README.strip()
    assert publish(quick, clone, classic=True, git=True).git == "nothing to commit"
    assert git(remote, "rev-list", "--count", "main") == "1"


def test_each_thing_that_git_lacks_is_named_with_its_mend(quick: Services, working: tuple[Path, Path], tmp_path: Path) -> None:
    _, clone = working
    bring(quick, README, "mine")
    with pytest.raises(InputError, match="git init"):
        publish(quick, tmp_path / "plain", git=True)
    git(clone, "remote", "remove", "origin")
    with pytest.raises(InputError, match="git remote add"):
        publish(quick, clone, git=True)
    git(clone, "remote", "add", "origin", str(tmp_path / "nowhere.git"))
    with pytest.raises(TemporaryError, match="origin cannot be reached"):
        publish(quick, clone, git=True)


def test_a_push_that_was_refused_is_made_up_for_by_the_next_one(quick: Services, working: tuple[Path, Path]) -> None:
    remote, clone = working
    bring(quick, README, "mine")
    (remote / "hooks").mkdir(exist_ok=True)
    hook = remote / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho closed today >&2\nexit 1\n", encoding="utf-8")
    hook.chmod(0o755)
    with pytest.raises(InputError, match="refused"):
        publish(quick, clone, git=True)
    hook.unlink()
    assert publish(quick, clone, git=True).git.startswith("pushed to origin/main at ")


# ---------------------------------------------------------------- any text


@pytest.mark.parametrize(
    ("names", "anchors"),
    [
        (["3D", "3D", "3D-1"], ["3d", "3d-1", "3d-1-1"]),
        (["分类/检测/识别/分割", "C++ & more"], ["分类检测识别分割", "c--more"]),
        (["A_b `c` *d*", "[x](https://e.org) y"], ["a_b-c-d", "x-y"]),
        (["हिन्दी", "🔥"], ["हिन्दी", ""]),
        (["C &amp; D", "a\\_b \\#1"], ["c--d", "a_b-1"]),
    ],
)
def test_anchors_are_those_that_code_hosts_make(names: list[str], anchors: list[str]) -> None:
    page = Anchors()
    assert [page.of(name) for name in names] == anchors


LINE = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp"), blacklist_characters="\x85"), max_size=60)


@settings(max_examples=200)
@given(text=LINE)
def test_no_text_breaks_its_cell(text: str) -> None:
    made = cell(text, liquid=True)
    assert not re.search(r"(?<!\\)(?:\\\\)*\|", made), "each pipe has its backslash"
    assert "\n" not in made
    assert "{{" not in made
    assert "{%" not in made
    assert not re.search(r"<[A-Za-z/!?]", made)


@settings(max_examples=60)
@given(formula=st.from_regex(r"\A\\?[A-Za-z|<>_^{}0-9]{1,12}\Z"))
def test_a_formula_stays_one(formula: str) -> None:
    assert cell(f"of ${formula}$ here").replace("\\|", "|").replace("\\lt ", "<").replace("\\gt ", ">") == f"of ${formula}$ here"


def test_papers_are_added_under_a_heading_that_was_told_its_topic(quick: Services, tmp_path: Path) -> None:
    bring(quick, README, "mine", topics=("Our own things=nerf",))
    _change_and_add(quick, "2606.10002")
    publish(quick, tmp_path, classic=True)
    added = [line for line in (tmp_path / "mine.md").read_text(encoding="utf-8").splitlines() if "2606.00077" in line]
    assert [line.startswith("| [2606.00077](https://arxiv.org/pdf/2606.00077.pdf) | ") for line in added] == [False, True]
    with pytest.raises(InputError, match="'Nothing'"):
        bring(quick, README, "mine", topics=("Nothing=nerf",))
    with pytest.raises(InputError, match="'nonsense'"):
        bring(quick, README, "mine", topics=("nonsense",))


def test_a_list_may_be_told_its_topic_later(quick: Services, tmp_path: Path) -> None:
    bring(quick, TLDR, "notes")
    _change_and_add(quick, "2404.00001")
    assert not bring(quick, TLDR, "notes", topics=("nerf",)).unchanged
    assert bring(quick, TLDR, "notes", topics=("nerf",)).unchanged
    publish(quick, tmp_path, classic=True)
    text = (tmp_path / "notes.md").read_text(encoding="utf-8")
    assert "[^3]: Brand New" in text
    assert "A Title | That Changed" in text, "what changed since the first import is not taken back"


def test_a_hostile_title_brings_no_tag_and_no_link_into_an_old_page(quick: Services, tmp_path: Path) -> None:
    bring(quick, README, "mine")
    with quick.database.transaction() as session:
        hostile = "<script>alert(1)</script> [x](javascript:alert(1)) | {{ 7*7 }}"
        session.execute(update(PaperRow).where(PaperRow.ref == "2606.10001").values(title=hostile))
    publish(quick, tmp_path, "jekyll", classic=True)
    (row,) = [line for line in (tmp_path / "mine.md").read_text(encoding="utf-8").splitlines() if "alert" in line]
    assert "<script" not in row
    assert "](javascript" not in row
    assert "{{" not in row


def test_lines_that_only_look_like_contents_stay_on_a_rich_page(quick: Services, tmp_path: Path) -> None:
    more = "<details>\n<summary>How we choose</summary>\nBy hand.\n</details>\n\n- [up](#nerf)\n"
    bring(quick, README.replace("A word of the editors stands here.\n", more), "mine")
    publish(quick, tmp_path)
    text = (tmp_path / "mine.md").read_text(encoding="utf-8")
    assert more in text
    assert text.count("- [NeRF](#nerf)") == 1
