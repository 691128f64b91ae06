"""Import and export as CSV: every fault named with its line, nobody revived, and the way there and back changes nothing."""

import csv
import datetime as dt
import io
from pathlib import Path

import pytest
from sqlalchemy import event, func, select

from newsletter.db import Database
from newsletter.errors import InputError
from newsletter.mail.store import ledger
from newsletter.settings import Settings
from newsletter.subscribers import import_export, preferences, unsubscribe
from newsletter.subscribers.import_export import ImportReport
from newsletter.subscribers.import_export.csv_rows import quoted, read
from newsletter.subscribers.store import personal_data
from newsletter.subscribers.store import readers as readers_store
from newsletter.subscribers.store import subscribers as subscribers_store
from newsletter.subscribers.subscriber import State
from newsletter.tables.subscribers import ConsentRow, SubscriberRow
from tests.services import within
from tests.subscribers.subscriber_builder import DAY, NOW, TOPICS, a_reader, ask, key_of, person, settings

CONFIG = settings(Path("unused"))
HEADER = "email,topics,language,timezone,hour,status"
ADA = "ada@example.org,nerf;slam,zh-CN,Asia/Shanghai,7,confirmed"


def take(session, text: str, *, consent: str = "Club list of 2024", now: dt.datetime = NOW) -> ImportReport:  # type: ignore[no-untyped-def]
    lines = import_export.decode(text.encode())
    return import_export.import_csv(within(session, CONFIG), lines, consent=consent, known=TOPICS, now=now)


def rows(*lines: str) -> str:
    return "\n".join((HEADER, *lines)) + "\n"


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.added, report.updated, report.unchanged, len(report.refused)


def everything(session) -> list[object]:  # type: ignore[no-untyped-def]
    ids = session.scalars(select(SubscriberRow.id).order_by(SubscriberRow.id)).all()
    return [subscribers_store.subscriber(session, subscriber_id) for subscriber_id in ids]


def test_a_row_becomes_a_subscriber_with_the_evidence_and_no_mail(database: Database) -> None:
    with database.transaction() as session:
        assert counts(take(session, rows(ADA))) == (1, 0, 0, 0)
        found = person(session)
        assert (found.state, found.topics, found.language, found.timezone) == (
            "confirmed",
            ("nerf", "slam"),
            "zh-CN",
            "Asia/Shanghai",
        )
        assert (found.hour, found.confirmed_at, found.cursor, found.address_key) == (7, NOW, None, key_of("ada@example.org"))
        [evidence] = subscribers_store.consents(session, found.id)
        assert (evidence["action"], evidence["words"], evidence["origin"]) == ("imported", "Club list of 2024", "import")
        assert ledger.deliveries(session) == []
        assert [reader.id for reader in readers_store.readers(session, on=NOW.date())] == [found.id]


def test_columns_come_in_any_order_quoted_and_behind_a_byte_order_mark(database: Database) -> None:
    text = '\ufeffStatus , "hour",timezone,language,"topics",EMAIL\r\nconfirmed,"7",,en,"nerf; slam;","ada@example.org"\r\n\r\n'
    with database.transaction() as session:
        assert counts(take(session, text)) == (1, 0, 0, 0)
        assert (person(session).timezone, person(session).topics) == ("UTC", ("nerf", "slam"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the file is empty"),
        ("\n\n", "the file is empty"),
        ("name,topics,language,timezone,hour\nAda,nerf,en,UTC,7\n", "names no column email"),
        ("email,language\nada@example.org,en\n", "names no column topics: give --topics"),
        (HEADER + ",email\n", "column 'email' twice"),
    ],
)
def test_a_file_without_a_right_header_is_refused_whole(text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        read(import_export.decode(text.encode()), known=TOPICS)


def test_a_file_in_no_known_encoding_is_refused_naming_the_line() -> None:
    with pytest.raises(InputError, match="line 3 of the file is not UTF-8"):
        import_export.decode(f"{HEADER}\n{ADA}\nj".encode() + b"\xf6\x81rg@example.org")
    with pytest.raises(InputError, match="workbook is damaged"):
        import_export.decode(b"PK\x03\x04rest")


def test_an_import_without_consent_is_refused(database: Database) -> None:
    for consent in ("", "  \n "):
        with pytest.raises(InputError, match="consent is empty"), database.transaction() as session:
            take(session, rows(ADA), consent=consent)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("ada,nerf,en,UTC,7,confirmed", "no mail address"),
        (",nerf,en,UTC,7,confirmed", "Give the address"),
        ("ada@example.org,astrology;nerf,en,UTC,7,confirmed", "topics is 'astrology': One of the topics is not offered"),
        ("ada@example.org,;,en,UTC,7,confirmed", "Choose at least one topic"),
        ("ada@example.org,nerf,xx,UTC,7,confirmed", "language is 'xx'"),
        ("ada@example.org,nerf,en,Berlin,7,confirmed", "timezone is 'Berlin'"),
        ("ada@example.org,nerf,en,UTC,24,confirmed", "hour is '24'"),
        ("ada@example.org,nerf,en,UTC,7.5,confirmed", "hour is '7.5'"),
        ("ada@example.org,nerf,en,UTC,²,confirmed", "hour is"),
        ("ada@example.org,nerf,en,UTC,,confirmed", "hour is ''"),
        ("ada@example.org,nerf,en,UTC,7,asleep", "status is 'asleep'"),
        ("ada@example.org,nerf,en,UTC,07:30,confirmed", "hour is '07:30'"),
        ("ada@example.org,nerf,slam,en,UTC,7,confirmed", "has 7 fields instead of 6"),
        ("ada@example.org,nerf", "has 2 fields instead of 6"),
        ("ada@example.org\x00,nerf,en,UTC,7,confirmed", "no mail address"),
        ("x" * 200_000, "has 0 fields"),
    ],
)
def test_a_faulty_row_is_named_by_its_line_and_stops_no_other(line: str, words: str) -> None:
    sheet = read(import_export.decode(rows(line, "bob@example.org,nerf,en,UTC,7,confirmed").encode()), known=TOPICS)
    [(number, why)] = sheet.refused
    assert number == 2 and words in why
    assert [row.email for row in sheet.rows] == ["bob@example.org"]


def test_good_rows_are_stored_beside_faulty_ones(database: Database) -> None:
    with database.transaction() as session:
        report = take(session, rows("ada,nerf,en,UTC,7,confirmed", "", '"no, good"', ADA))
        assert counts(report) == (1, 0, 0, 2)
        assert [line for line, _ in report.refused] == [2, 4]
        assert person(session).state == "confirmed"


def test_the_last_row_of_an_address_counts_and_the_earlier_one_is_noted(database: Database) -> None:
    with database.transaction() as session:
        report = take(session, rows(ADA, "ADA@Example.org,llm,en,UTC,9,paused"))
        assert counts(report) == (1, 0, 0, 0)
        assert report.notes == ((2, "the same address stands in line 3 again, which counts"),)
        assert (person(session).topics, person(session).state) == (("llm",), "paused")


def test_the_same_file_again_changes_nothing(database: Database) -> None:
    text = rows(
        ADA, "bob@example.org,nerf,en,,0,paused", "cy@example.org,,en,UTC,0,unsubscribed", "di@example.org,llm,ja,UTC,0,pending"
    )
    with database.transaction() as session:
        assert counts(take(session, text)) == (4, 0, 0, 0)
        before = everything(session)
        assert counts(take(session, text, now=NOW + DAY)) == (0, 0, 4, 0)
        assert everything(session) == before
        assert session.scalar(select(func.count()).select_from(ConsentRow)) == 4


def test_changed_choices_are_taken_over_with_the_evidence(database: Database) -> None:
    with database.transaction() as session:
        take(session, rows(ADA))
        assert counts(take(session, rows("ada@example.org,llm,ja,UTC,9,confirmed"), consent="asked by mail")) == (0, 1, 0, 0)
        found = person(session)
        assert (found.topics, found.language, found.hour, found.confirmed_at) == (("llm",), "ja", 9, NOW)
        assert [row["words"] for row in subscribers_store.consents(session, found.id)] == ["Club list of 2024", "asked by mail"]


@pytest.mark.parametrize("gone", ["left", "bounced", "complained", "suppressed", "erased for good"])
def test_nobody_who_is_gone_is_revived(database: Database, config: Settings, gone: str) -> None:
    with database.transaction() as session:
        reader = a_reader(session, config)
        if gone == "left":
            unsubscribe.leave(within(session, config), reader.id, now=NOW, origin="test")
        elif gone in ("bounced", "complained"):
            subscribers_store.change_subscriber(session, reader.id, state=gone)
        else:
            subscribers_store.suppress(session, reader.address_key, reason="never again", now=NOW)
            if gone == "erased for good":
                personal_data.erase_subscriber(session, reader.id)
        before = everything(session)
        for status in ("confirmed", "pending", "paused"):
            report = take(session, rows(ADA.replace("confirmed", status).replace("ada", "Ada", 1)))
            assert counts(report) == (0, 0, 0, 1)
            assert report.refused[0][0] == 2
            assert everything(session) == before


def test_somebody_listed_as_unsubscribed_leaves_and_keeps_their_choices(database: Database, config: Settings) -> None:
    with database.transaction() as session:
        reader = a_reader(session, config)
        assert counts(take(session, rows("ada@example.org,,en,UTC,0,unsubscribed"))) == (0, 1, 0, 0)
        left = person(session)
        assert (left.state, left.left_at, left.topics, left.language) == ("unsubscribed", NOW, reader.topics, reader.language)
        assert readers_store.readers(session, on=NOW.date()) == []
        assert subscribers_store.consents(session, left.id)[-1]["action"] == "left"


def test_an_import_ends_no_pause_and_unconfirms_nobody(database: Database, config: Settings) -> None:
    until = NOW.date() + dt.timedelta(days=5)
    with database.transaction() as session:
        for name in ("ada", "bob", "cy"):
            a_reader(session, config, email=f"{name}@example.org")
        preferences.pause(within(session, config), person(session).id, until=None, now=NOW)
        preferences.pause(within(session, config), person(session, "bob@example.org").id, until=until, now=NOW)
        lines = [
            f"{name}@example.org,nerf;slam,zh-CN,Asia/Shanghai,7,{status}"
            for name, status in (("ada", "confirmed"), ("bob", "confirmed"), ("cy", "pending"))
        ]
        before = everything(session)
        report = take(session, rows(*lines))
        assert counts(report) == (0, 0, 3, 0)
        assert [line for line, _ in report.notes] == [2, 3, 4]
        assert everything(session) == before


def test_a_pending_person_whom_the_operator_knows_as_confirmed_is_confirmed(database: Database, config: Settings) -> None:
    with database.transaction() as session:
        ask(session, config)
        assert counts(take(session, rows(ADA), now=NOW + DAY)) == (0, 1, 0, 0)
        assert (person(session).state, person(session).confirmed_at) == ("confirmed", NOW + DAY)


def test_the_export_brought_back_changes_nothing_and_rebuilds_an_empty_database(database: Database, config: Settings) -> None:
    with database.transaction() as session:
        states = ("confirmed", "paused", "bounced", "complained", "unsubscribed")
        for number, state in enumerate(states):
            reader = a_reader(session, config, email=f"Reader.{number}@Example.org", topics=("slam", "llm"))
            subscribers_store.change_subscriber(session, reader.id, state=state)
        ask(session, config, email="waiting@bücher.example")
        dated = a_reader(session, config, email="dated@example.org")
        preferences.pause(within(session, config), dated.id, until=NOW.date() + dt.timedelta(days=3), now=NOW)
        text = "".join(import_export.export_csv(session, now=NOW))
        before = everything(session)
        assert counts(take(session, text)) == (0, 0, 7, 0)
        assert everything(session) == before
        for row in before:
            personal_data.erase_subscriber(session, row.id)  # type: ignore[attr-defined]
        assert counts(take(session, text)) == (7, 0, 0, 0)
        assert "".join(import_export.export_csv(session, now=NOW)) == text
    assert text.startswith(HEADER + "\n")
    assert [line.rsplit(",", 1)[1] for line in text.splitlines()[1:]] == [
        "confirmed", "paused", "unsubscribed", "unsubscribed", "unsubscribed", "pending", "paused",
    ]  # fmt: skip


def test_thousands_of_rows_take_a_few_statements_for_each_five_hundred(database: Database) -> None:
    lines = [f"reader{number}@example.org,nerf;slam,en,UTC,{number % 24},confirmed" for number in range(2_000)]
    statements: list[str] = []
    with database.transaction() as session:

        def count(connection, cursor, statement, *rest) -> None:  # type: ignore[no-untyped-def]
            statements.append(statement)

        event.listen(database.engine, "before_cursor_execute", count)
        assert counts(take(session, rows(*lines))) == (2_000, 0, 0, 0)
        assert counts(take(session, rows(*(line.replace("nerf", "llm") for line in lines)))) == (0, 2_000, 0, 0)
        event.remove(database.engine, "before_cursor_execute", count)
        assert len(readers_store.readers(session, on=NOW.date())) == 2_000
    assert len(statements) < 80


def test_lines_may_be_any_iterable_of_text(database: Database) -> None:
    with database.transaction() as session:
        lines = io.StringIO(rows(ADA))
        report = import_export.import_csv(within(session, CONFIG), lines, consent="x", known=TOPICS, now=NOW)
        assert report.added == 1
        assert person(session).state is State.CONFIRMED


@pytest.mark.parametrize("local", ["=1+1", "+1", "-1", "'=1", "''=1", "'plain", "=cmd|'/c'!a"])
def test_no_cell_of_an_export_is_a_formula_and_each_comes_back_as_it_was(database: Database, local: str) -> None:
    with database.transaction() as session:
        take(session, rows(quoted(f"{local}@example.org") + ",nerf,zh-CN,Asia/Shanghai,7,confirmed"))
        before = everything(session)
        lines = list(import_export.export_csv(session, now=NOW))
        cell = next(csv.reader(lines[1:]))[0]
        assert cell == f"'{local}@example.org"
        assert not cell.startswith(("=", "+", "-", "@"))
        assert counts(take(session, "".join(lines))) == (0, 0, 1, 0)
        assert everything(session) == before
