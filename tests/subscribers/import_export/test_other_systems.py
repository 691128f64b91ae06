"""What other systems and spreadsheets export is taken in: by the names of columns, in any encoding, and what is not read is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pytest
from sqlalchemy import select

from newsletter.db import Database
from newsletter.errors import InputError
from newsletter.subscribers import import_export
from newsletter.subscribers.import_export import Reading
from newsletter.subscribers.import_export.csv_rows import Sheet, read
from newsletter.subscribers.import_export.leaving import status_by_name
from newsletter.subscribers.subscriber import State
from newsletter.tables.subscribers import SubscriberRow, SuppressionRow
from tests.services import within
from tests.subscribers.import_export.test_import_export import CONFIG
from tests.subscribers.subscriber_builder import NOW, TOPICS, key_of
from tests.workbooks import workbook

HEADER = "email,topics,language,timezone,hour,status\n"
EVERYBODY = Reading(defaults={"topics": "nerf;slam"})


def sheet(text: str | bytes, how: Reading = EVERYBODY) -> Sheet:
    data = text if isinstance(text, bytes) else text.encode()
    return read(import_export.decode(data), known=TOPICS, how=how)


def people(found: Sheet) -> list[tuple[str, str]]:
    return [(row.email, row.status) for row in found.rows]


SYSTEMS = {
    "mailchimp": "Email Address,First Name,Last Name,Language,TIMEZONE,MEMBER_RATING,OPTIN_TIME,CONFIRM_TIME,TAGS\n"
    'mila@example.org,Mila,Orr,en,Europe/Berlin,4,"2024-02-11 08:31:10","2024-02-11 08:33:02","""readers"""\n',
    "listmonk": "uuid,email,name,attributes,status,created_at,updated_at\n"
    'u,mila@example.org,Mila,"{""lab"": ""vision""}",enabled,2024-03-01T10:00:00Z,2024-03-01T10:00:00Z\n',
    "substack": "email,active_subscription,expiry,plan,email_disabled,created_at,first_payment_at\nmila@example.org,false,,other,false,2024,\n",
    "buttondown": "email_address,notes,metadata,tags,type,creation_date,unsubscription_date\nmila@example.org,,{},[],regular,2024-05-02,\n",
    "ghost": "id,email,name,note,subscribed_to_emails,complimentary_plan,created_at,deleted_at,labels\n1,mila@example.org,Mila,,true,false,2024,,\n",
    "mailman": "Mila Orr <mila@example.org>\n",
    "keila": "Email,First name,Last name,Data,Status,External ID\nmila@example.org,Mila,Orr,,active,\n",
    "a spreadsheet": "sep=;\nE-Mail;Name\nmila@example.org;Mila\n",
    "tabs": "email\tname\nmila@example.org\tMila\n",
}


# What an export says of a (wants mail) and b (left), in the words of other systems; of c nobody knows whether it wants any.
LEFT = {
    "a name of two words": "First Name,Email 1,Email subscriber status\nMila,a@x.org,Subscribed\nBo,b@x.org,Unsubscribed\n",
    "convertkit": "First Name,Email Address,Subscriber State\nMila,a@x.org,active\nBo,b@x.org,cancelled\n",
    "buttondown": "email_address,type\na@x.org,churning\nb@x.org,spammy\n",
    "beehiiv": "email,status,created\na@x.org,active,2024\nb@x.org,invalid,2024\nc@x.org,validating,2024\n",
    "phplist": "id,email,confirmed,blacklisted,disabled\n1,a@x.org,1,0,0\n2,b@x.org,1,0,1\n3,c@x.org,0,0,0\n",
    "phplist in sentences": "Email\tIs the email of this subscriber confirmed\tIs this subscriber blacklisted\tNumber of bounces on this subscriber\n"
    "a@x.org\t1\t0\t3\nb@x.org\t1\t1\t0\nc@x.org\t0\t0\t0\n",
    "shopify": "Email,Accepts Email Marketing\na@x.org,yes\nb@x.org,no\n",
    "klaviyo": "Email,Email Marketing Consent,Email Suppressions\na@x.org,SUBSCRIBED,[]\nb@x.org,NEVER_SUBSCRIBED,\n",
    "hubspot": "Record ID,Email,Unsubscribed from all email,Email hard bounce reason\n1,a@x.org,false,\n2,b@x.org,true,\n",
    "brevo": "CONTACT ID,EMAIL,BLACKLISTED_EMAIL\n1,a@x.org,No\n2,b@x.org,Yes\n",
    "words put together": "email,createdat,isexcludedfromcampaigns,isunsubscribed\na@x.org,2024,false,false\nb@x.org,2024,false,true\n",
    "a time of removal": "email,created_on,removed_on,removal_reason\na@x.org,2024,,\nb@x.org,2024,2024-01-01,unsubscribe\n",
    "a time of deactivation": "email;registered;activated;deactivated\na@x.org;2024-01-01;2024-01-01;\nb@x.org;2024-01-01;2024-01-01;2024-02-01\n",
    "membership": "email,plan_name,subscription_state\na@x.org,x,not_renewing\nb@x.org,x,cancelled\n",
    "a date of leaving": "email,Opted Out,Unsubscribe link\na@x.org,,http://x\nb@x.org,2024-01-05,http://x\n",
    "keys and sentences beside it": "email,Unsubscribe key,Bounced Email,Opt Out Text,Opted out?\na@x.org,ab12,,Click here,no\nb@x.org,cd34,,Click here,Jan 5 2024\n",
    "a word in a column of one's own": "email,Newsletter\na@x.org,Subscribed\nb@x.org,Unsubscribed\n",
    "left first, and again in another list": "email,status\na@x.org,subscribed\nB@x.org,unsubscribed\nb@x.org,subscribed\n",
    "an address beside the street": "Address,Email Address,Do Not Email\n1 Way,a@x.org,FALSE\n2 Way,b@x.org,TRUE\n",
    "german": "E-Mail-Adresse;Vorname;Abgemeldet\r\na@x.org;Mila;\r\nb@x.org;Bo;ja\r\n",
    "french": "Adresse e-mail;Prénom;Statut\na@x.org;Zoé;Abonné\nb@x.org;Bo;Désabonné\n".encode("cp1252"),
    "spanish": "Correo electrónico,Estado\na@x.org,Suscrito\nb@x.org,Cancelado\n",
    "chinese": "邮箱地址\t姓名\t状态\na@x.org\t安\t已订阅\nb@x.org\t博\t已退订\n".encode("utf-16"),
    "chinese of a spreadsheet": "邮箱,姓名,状态\na@x.org,安,已订阅\nb@x.org,博,已退订\n".encode("gb18030"),
    "japanese": "メールアドレス,名前,ステータス\na@x.org,安,購読中\nb@x.org,太郎,解除\n".encode("cp932"),
}


@pytest.mark.parametrize("name", LEFT)
def test_nobody_who_left_elsewhere_is_to_be_mailed_and_nobody_is_lost(name: str) -> None:
    text = LEFT[name]
    found = sheet(text)
    assert found.refused == ()
    states = {row.key: row.status for row in found.rows}
    assert states.pop("c@x.org", State.PENDING) is State.PENDING
    assert states == {"a@x.org": State.CONFIRMED, "b@x.org": State.UNSUBSCRIBED}


@pytest.mark.parametrize(
    ("file", "status"),
    [
        ("nonsubscribed_email_audience_export_1a.csv", "unsubscribed"),
        ("unsubscribed_members_export.csv", "unsubscribed"),
        ("cleaned_email_audience_export_1a.csv", "bounced"),
        ("subscribed_email_audience_export_1a.csv", ""),
        ("people.csv", ""),
    ],
)
def test_the_name_of_a_file_tells_who_left(file: str, status: str) -> None:
    assert status_by_name(file) == status


@pytest.mark.parametrize("name", SYSTEMS)
def test_what_a_system_exports_is_known_by_the_names_of_its_columns(name: str) -> None:
    found = sheet(SYSTEMS[name])
    assert found.refused == ()
    assert people(found) == [("mila@example.org", State.CONFIRMED)]
    assert found.rows[0].choices.topics == ("nerf", "slam")


def test_what_is_not_read_and_what_everybody_gets_is_told() -> None:
    told = " ".join(words for _, words in sheet(SYSTEMS["mailchimp"]).notes)
    assert "not read: First Name, Last Name, MEMBER_RATING" in told
    assert "hour 7, status confirmed" in told and "language" not in told


GONE = {
    "mailchimp": ("Email Address,UNSUB_TIME\ngone@example.org,2024-01-01\n", State.UNSUBSCRIBED),
    "mailchimp, cleaned": ("Email Address,CLEAN_TIME\ngone@example.org,2024-01-01\n", State.BOUNCED),
    "listmonk": ("email,status\ngone@example.org,blocklisted\n", State.UNSUBSCRIBED),
    "substack": ("email,active_subscription,email_disabled\ngone@example.org,false,true\n", State.UNSUBSCRIBED),
    "buttondown": ("email,type\ngone@example.org,complained\n", State.COMPLAINED),
    "ghost": ("email,subscribed_to_emails\ngone@example.org,false\n", State.UNSUBSCRIBED),
    "keila": ("Email,Status\ngone@example.org,unreachable\n", State.BOUNCED),
}


@pytest.mark.parametrize("name", GONE)
def test_who_left_elsewhere_is_no_reader_here(name: str) -> None:
    text, reason = GONE[name]
    [row] = sheet(text, Reading()).rows
    assert (row.status, row.reason, row.alone) == (State.UNSUBSCRIBED, reason, True)


def test_a_list_of_addresses_of_people_who_left_is_kept_as_suppressions_alone(database: Database) -> None:
    how = Reading(defaults={"status": "unsubscribed"})
    with database.transaction() as session:
        services = within(session, CONFIG)
        lines = import_export.decode(b"email\ngone1@example.org\ngone2@example.org\n")
        report = import_export.import_csv(services, lines, consent="left", known=TOPICS, now=NOW, how=how)
        assert (report.added, report.suppressed, report.refused) == (0, 2, ())
        kept = {(row.address_key, row.reason) for row in session.scalars(select(SuppressionRow))}
        assert kept == {(key_of("gone1@example.org"), "unsubscribed"), (key_of("gone2@example.org"), "unsubscribed")}
        assert session.scalars(select(SubscriberRow)).all() == []


def test_a_dry_run_says_what_would_happen_and_keeps_nothing(database: Database) -> None:
    with database.reading() as session:
        before = session.scalars(select(SubscriberRow)).all()
    with database.transaction() as session:
        services = within(session, CONFIG)
        lines = import_export.decode(f"{HEADER}ada@example.org,nerf,en,UTC,7,confirmed\n".encode())
        report = import_export.import_csv(services, lines, consent="x", known=TOPICS, now=NOW, dry_run=True)
    assert report.added == 1
    with database.reading() as session:
        assert session.scalars(select(SubscriberRow)).all() == before


@pytest.mark.parametrize(
    "cells",
    [
        '"Ada Byron <ada@example.org>",nerf,en,UTC,7,confirmed',
        "mailto:ada@example.org,nerf,en,UTC,7,confirmed",
        "ada@example.org;,nerf,en,UTC,7,confirmed",
        "\u200bada@example.org,nerf,en,UTC,7,confirmed",
        "ada@example.org\u00a0,NeRF,EN,utc,07:00,Confirmed",
        'ada@example.org,"nerf,nerf",en-US,UTC,7 am,subscribed',
        "ada@example.org,nerf,English,UTC,7:00,active",
    ],
)
def test_a_cell_is_read_as_people_spell_it(cells: str) -> None:
    found = sheet(HEADER + cells + "\n", Reading())
    assert found.refused == ()
    [row] = found.rows
    assert (row.email, row.choices.topics, row.choices.language, row.choices.timezone, row.choices.hour, row.status) == (
        "ada@example.org", ("nerf",), "en", "UTC", 7, State.CONFIRMED,
    )  # fmt: skip


def test_an_invisible_sign_is_taken_out_and_told() -> None:
    assert [(line, words) for line, words in sheet(HEADER + "\u200bada@example.org,nerf,en,UTC,7,confirmed\n").notes] == [
        (2, "an invisible sign was taken out of the address")
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_a_list_is_read_in_the_encodings_of_spreadsheets(encoding: str) -> None:
    found = sheet("email;name\nada@example.org;Jürgen Größe\n".encode(encoding))
    assert people(found) == [("ada@example.org", State.CONFIRMED)]
    assert "Größe" not in str(found.notes)


@pytest.mark.parametrize(
    ("zone", "language"), [("zh", "zh-CN"), ("zh_TW", "zh-TW"), ("zh-Hant", "zh-TW"), ("pt-BR", "pt"), ("Deutsch", "de")]
)
def test_a_language_is_known_as_a_locale_or_by_its_name(zone: str, language: str) -> None:
    [row] = sheet(f"{HEADER}ada@example.org,nerf,{zone},UTC,7,confirmed\n").rows
    assert row.choices.language == language


def test_a_column_may_be_told_to_hold_a_field() -> None:
    how = Reading(mapped={"Kontakt": "email", "Themen": "topics"})
    [row] = sheet("Kontakt,Themen,topics\nada@example.org,nerf,slam\n", how).rows
    assert (row.email, row.choices.topics) == ("ada@example.org", ("nerf",))
    with pytest.raises(InputError, match="no column 'Adresse', which --map speaks of"):
        sheet("email\nada@example.org\n", Reading(mapped={"Adresse": "email"}))


def test_the_refused_lines_are_kept_as_they_came_for_mending() -> None:
    found = sheet(f"{HEADER}nobody,nerf,en,UTC,7,confirmed\nada@example.org,nerf,en,UTC,7,confirmed\n")
    assert found.cells[2] == ("nobody", "nerf", "en", "UTC", "7", "confirmed")
    assert lines_of(found.refused) == [2]


def test_a_workbook_is_read_by_its_sheet_of_people_and_each_row_in_its_place() -> None:
    rows = [["E-Mail", "Topics", "Hour"], ["ada@example.org", "nerf;slam", dt.time(9)], [], ["nobody", "nerf", 8.0]]
    data = workbook(About=[["What this is"]], People=rows)
    lines, told = import_export.decoded(data)
    found = read(lines, known=TOPICS)
    assert told == "has several sheets: 'People' is read, and not 'About'"
    assert [(row.email, row.choices.topics, row.choices.hour) for row in found.rows] == [("ada@example.org", ("nerf", "slam"), 9)]
    assert lines_of(found.refused) == [4]


@pytest.mark.parametrize(
    ("sheets", "chosen"),
    [
        ({"Notes": [["write to boss@example.com"]], "People": [["E-Mail"], ["ada@example.org"]]}, "People"),
        ({"Offices": [["Address"], ["1 High Street"]], "People": [["ada@example.org"], ["bob@example.org"]]}, "People"),
        ({"Notes": [["boss@example.com", "Boss@example.com"]], "People": [["ada@example.org"], ["bob@example.org"]]}, "People"),
        (
            {"Told": [["a@example.org, b@example.org, c@example.org"]], "People": [["Name", "Mail"], ["Ada", "a@example.org"]]},
            "People",
        ),
        ({"Notes": [["What this is"]], "People": [["email", "topics"]]}, "People"),
        ({"Notes": [["What this is"]], "Others": [["Nobody"]]}, "Notes"),
    ],
)
def test_the_sheet_of_people_is_the_one_that_names_a_column_of_addresses_then_the_one_with_most(
    sheets: dict[str, list[list[object]]], chosen: str
) -> None:
    told = import_export.decoded(workbook(**sheets))[1]
    assert f"{chosen!r} is read" in told


def lines_of(remarks: Sequence[tuple[int, str]]) -> list[int]:
    return [line for line, _ in remarks]
