"""An operator's catalogue, glossaries and model: shared by all hosts, checked before they are taken, gone back from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy import update

from newsletter.bootstrap import Services
from newsletter.daily import ingest, match, own_files
from newsletter.daily.troubles import Kind
from newsletter.daily.watch import watch
from newsletter.errors import InputError, PermanentError
from newsletter.operating import store
from newsletter.operating.own_files import CATALOGUE, MODEL, glossary_of
from newsletter.papers.store import papers as papers_store
from newsletter.tables.operating import OwnFileRow
from newsletter.topics.categories import category_topics
from newsletter.topics.learned.model import SHIPPED
from newsletter.web import create_app
from tests.papers.paper_builder import paper
from tests.services import give_catalogue, give_own

Make = Callable[..., Services]
NOW = dt.datetime(2026, 6, 29, 9, tzinfo=dt.UTC)
NAMES = "{en: Kites, zh-CN: 风筝, zh-TW: 風箏, ja: 凧}"
GERMAN = glossary_of("de")


@pytest.fixture
def services(database_url: str, make_services: Make) -> Services:
    return make_services(database_url)


def catalogue(phrase: str) -> str:
    return f"- slug: kites\n  names: {NAMES}\n  means: Seeing kites.\n  categories: [cs.CV]\n  strong: [{phrase}]\n"


def matched(services: Services) -> set[str]:
    with services.database.reading() as session:
        papers = papers_store.papers_after(session, 0)
        matches = [match for found in papers_store.matches_of(session, [one.id for one in papers]).values() for match in found]
    return {match.topic for match in matches} - category_topics().keys()


def damage(services: Services, name: str, number: int) -> None:
    with services.database.transaction() as session:
        row = OwnFileRow
        session.execute(update(row).where(row.name == name, row.number == number).values(content=b"- slug: [\xff"))


def afresh(services: Services) -> Services:
    """The same installation as a process sees it that starts now."""
    return Services(services.settings, services.database)


def test_two_hosts_share_one_catalogue_and_neither_wipes_what_the_other_matched(database_url: str, make_services: Make) -> None:
    one, two = make_services(database_url), make_services(database_url)
    kite = paper(1, announced_on=NOW.date(), title="A kite in the wind", abstract="We fly it.", categories=("cs.CV",))
    assert "kites" not in two.catalogue.by_slug
    by_the_old = match.match_new_papers(two, [kite])
    give_catalogue(one, catalogue("kite"))
    with two.database.transaction() as session:
        ingest.store_matched(two, session, by_the_old, now=NOW)
    assert matched(one) == {"kites"}, "what was matched before the change is matched anew when it is stored"
    assert two.catalogue.by_slug.keys() == {"kites"}
    assert match.rematch(two, now=NOW) == match.rematch(one, now=NOW) == 0
    assert own_files.undo(two, CATALOGUE, who="anna", now=NOW)[1].matched == 1
    one.own_files.look()
    assert "nerf" in one.catalogue.by_slug
    assert matched(one) == set()


def test_a_row_that_cannot_be_read_stops_neither_pages_nor_mail_and_is_told(sqlite_url: str, make_services: Make) -> None:
    services = make_services(sqlite_url)
    good, bad = give_catalogue(services, catalogue("kite")), give_catalogue(services, catalogue("string"))
    damage(services, CATALOGUE, bad)
    now = afresh(services)
    assert now.catalogue.by_slug["kites"].strong == ("kite",)
    assert create_app(now).test_client().get("/").status_code == 200
    (problem,) = own_files.problems(now)
    assert f"version {bad}" in problem
    assert problem.endswith(f"version {good}, the last good one, is used")
    assert Kind.OWN_FILES in {told.kind for told in watch(now, now=NOW)}
    damage(services, CATALOGUE, good)
    assert "nerf" in afresh(services).catalogue.by_slug
    own_files.undo(now, CATALOGUE, who="anna", now=NOW)
    own_files.undo(now, CATALOGUE, who="anna", now=NOW)
    assert own_files.problems(now) == []
    assert Kind.OWN_FILES in {told.kind for told in watch(now, now=NOW) if told.is_well}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (CATALOGUE, b""),
        (CATALOGUE, b"topics: ["),
        (CATALOGUE, b"- \xff"),
        (CATALOGUE, b"- slug: 2026-13-45"),
        (CATALOGUE, b"[" * 5000),
        (CATALOGUE, b"- &a [*a]"),
        (CATALOGUE, (catalogue("kite") * 2).encode()),
        (GERMAN, b"token: [a]"),
        (GERMAN, b"{" * 5000),
        (GERMAN, b"token: \xff"),
        (MODEL, b"PK\x03\x04"),
        (MODEL, SHIPPED.read_bytes()[:-2000]),
        ("glossary-xx", b"token: a"),
        ("glossaries", b"token: a"),
    ],
)
def test_what_cannot_be_used_is_refused_in_a_line_and_the_good_one_stays(
    sqlite_url: str, make_services: Make, name: str, content: bytes
) -> None:
    services = make_services(sqlite_url)
    give_catalogue(services, catalogue("kite"))
    with pytest.raises(PermanentError) as raised:
        own_files.take(services, name, content, where="own.yaml", who="anna", note="", now=NOW)
    assert "\n" not in str(raised.value)
    assert any(named in str(raised.value) for named in ("own.yaml", name.removeprefix("glossary-")))
    assert [(version.name, used) for version, used in own_files.history(services)] == [(CATALOGUE, True)]
    assert services.catalogue.by_slug["kites"].strong == ("kite",)


def test_going_back_step_by_step_ends_at_what_ships(services: Services) -> None:
    numbers = [give_own(services, GERMAN, f"kite: {word}\n") for word in ("Drachen", "Drachen", "Lenkdrachen")]
    assert numbers[0] == numbers[1] < numbers[2], "the same once more is no new version"

    def rendered() -> str:
        return next((entry.rendering for entry in services.glossary("de").entries if entry.term == "kite"), "")

    assert rendered() == "Lenkdrachen"
    gone, change = own_files.undo(services, GERMAN, who="berta", now=NOW)
    assert (gone.number, change.number, rendered()) == (numbers[2], numbers[0], "Drachen")
    own_files.undo(services, GERMAN, who="berta", now=NOW)
    assert rendered() == ""
    assert own_files.content_of(services, GERMAN) is None
    assert own_files.content_of(services, GERMAN, number=numbers[0]) == b"kite: Drachen\n"
    with pytest.raises(InputError, match="nothing to undo"):
        own_files.undo(services, GERMAN, who="berta", now=NOW)
    kept = [(version.given_by, version.undone_by, used) for version, used in own_files.history(services, GERMAN)]
    assert kept == [("anna", "berta", False)] * 2
    assert rendered() == ""
    assert give_own(services, GERMAN, "kite: Drachen\n") > numbers[2]
    assert rendered() == "Drachen"


def test_the_last_twenty_versions_are_kept(services: Services) -> None:
    other = give_own(services, glossary_of("fr"), "kite: cerf-volant\n")
    numbers = [give_own(services, GERMAN, f"kite: Drachen {number}\n") for number in range(store.KEPT_VERSIONS + 3)]
    assert [version.number for version, _ in own_files.history(services, GERMAN)] == numbers[:2:-1]
    assert [version.number for version, _ in own_files.history(services, glossary_of("fr"))] == [other]


def test_files_of_before_are_taken_in_once_and_told_of(sqlite_url: str, make_services: Make) -> None:
    services, second = make_services(sqlite_url), make_services(sqlite_url)
    for host, word in ((services, "kite"), (second, "string")):
        folder = host.settings.data_dir
        (folder / "glossaries").mkdir()
        (folder / "catalogue.yaml").write_text(catalogue(word), encoding="utf-8")
        (folder / "glossaries" / "de.yaml").write_text("kite: Drachen\n", encoding="utf-8")
        (folder / "glossaries" / "fr.yaml").write_text("kite: [", encoding="utf-8")
    first, german, french = own_files.take_in_files(services, now=NOW)
    assert first.endswith("the catalogue is kept now; the file is catalogue.yaml.taken now, and read no more")
    assert "the glossary of de is kept now" in german
    assert "fr.yaml was not taken into the database" in french
    assert services.catalogue.by_slug["kites"].strong == ("kite",)
    left, again = own_files.take_in_files(second, now=NOW)
    assert "another version of the catalogue; the file is catalogue.yaml.not-taken now" in left
    assert "fr.yaml" in again
    assert second.catalogue.by_slug["kites"].strong == ("kite",)
    assert [line for line in own_files.take_in_files(services, now=NOW) if "fr.yaml" not in line] == []
    assert {version.name for version, _ in own_files.history(services)} == {CATALOGUE, GERMAN}


# The list of its files says of the first that it is packed in a way that nobody unpacks.
_LIST = SHIPPED.read_bytes().index(b"PK\x01\x02")
WRONGLY_PACKED = SHIPPED.read_bytes()[: _LIST + 10] + b"\x63" + SHIPPED.read_bytes()[_LIST + 11 :]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (CATALOGUE, b"- slug: !!timestamp x"),
        (CATALOGUE, b"- slug: !!int ''"),
        (GERMAN, b"- !!int ''"),
        (MODEL, b"PK\x03\x04" + bytes(200)),
        (MODEL, WRONGLY_PACKED),
    ],
)
def test_whatever_is_wrong_with_a_file_is_told_as_a_fault_of_the_file(name: str, content: bytes) -> None:
    with pytest.raises(PermanentError, match="the file"):
        own_files.reader_of(name)(content, "the file")
