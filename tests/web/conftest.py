"""An application on a migrated database with a day of papers and people in every state, and a client that fills in forms."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import time_machine
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import MetaData, select
from werkzeug.test import TestResponse

from newsletter import bootstrap, settings
from newsletter.bootstrap import Services
from newsletter.mail.delivery_links import view_token
from newsletter.mail.signed_links import LinkPurpose
from newsletter.mail.store import ledger
from newsletter.operating import logins
from newsletter.papers.store import papers as papers_store
from newsletter.subscribers import confirm as confirming
from newsletter.subscribers import links, signup
from newsletter.tables.base import Base
from newsletter.values.mail import MailKind
from newsletter.values.papers import LinkKind, Paper, PaperLink
from newsletter.values.topics import Match
from newsletter.values.translations import Field
from newsletter.web import create_app
from tests.conftest import a_copy, copied_database
from tests.papers import paper_builder
from tests.subscribers import subscriber_builder

NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
DAY = dt.date(2026, 6, 26)
HOSTILE = "<script>alert(1)</script> {{ 7*7 }} & \"q\" 'q' $x<y$ \\section"
PASSWORD = "a long enough password"
# A hash says itself how dear it is to check; what ours cost is seen in tests/web/admin/test_operators.py.
QUICK_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


@dataclass(frozen=True)
class Site:
    """What a test needs: the parts, the application, tokens of people in known states."""

    services: Services
    app: Flask
    confirm: str
    reader: str
    reader_id: int
    left: str
    view: str
    leave: str
    feedback: str

    def client(self) -> FlaskClient:
        return self.app.test_client()

    def rows(self) -> dict[str, list[Any]]:
        """All rows of all tables."""
        metadata: MetaData = Base.metadata
        with self.services.database.reading() as session:
            return {
                table.name: sorted((repr(tuple(row)) for row in session.execute(select(table))), key=str)
                for table in metadata.sorted_tables
            }

    def kept(self) -> dict[str, list[Any]]:
        """The same without the count of uses of forms, which each sent form adds to."""
        return {name: rows for name, rows in self.rows().items() if name != "form_uses"}


def paper(ref: str, **changes: Any) -> Paper:
    values: dict[str, Any] = {
        "ref": ref,
        "title": f"Gaussian Splatting number {ref}",
        "abstract": "We splat Gaussians. " * 30,
        "authors": ("Ada Lovelace", "Alan Turing", "Grace Hopper", "Emmy Noether"),
        "categories": ("cs.CV", "cs.GR"),
        "submitted": dt.datetime(2026, 6, 25, 12, tzinfo=dt.UTC),
        "updated": dt.datetime(2026, 6, 25, 12, tzinfo=dt.UTC),
        "announced_on": DAY,
        "links": (PaperLink(LinkKind.CODE, "https://github.com/a/b", "comment"),),
    }
    return paper_builder.paper(**{**values, **changes})


def stored(services: Services, papers: list[Paper]) -> None:
    with services.database.transaction() as session:
        pairs = [
            (one, [Match(one.ref, "3dgs", 2.0, "title: Gaussian Splatting"), Match(one.ref, "3d", 1.8, "x")]) for one in papers
        ]
        papers_store.store_papers(session, pairs, now=NOW)


def signed_up(services: Services, email: str, *, confirmed: bool = True, language: str = "zh-CN") -> tuple[int, str]:
    """Signs somebody up; gives the id and the raw token of a fresh confirmation (used up where confirmed)."""
    from newsletter.subscribers.choices import Choices
    from newsletter.subscribers.store import subscribers

    request = signup.SignUpRequest(email, Choices(("3dgs", "llm"), language, "Asia/Shanghai", 7))
    subscriber_builder.sign_up(services, request, now=NOW)
    with services.database.transaction() as session:
        found = subscribers.subscriber_by_key(session, email)
        assert found is not None
        token = links.mint(session, found.id, links.Purpose.CONFIRM, now=NOW)
    if confirmed:
        with services.database.transaction() as session:
            confirming.confirm(session, token, now=NOW)
    return found.id, token


def digest_of(services: Services, subscriber_id: int, *, most: int | None = None) -> int:
    with services.database.transaction() as session:
        ids = [one.id for one in papers_store.papers_announced(session, DAY)][:most]
        planned = ledger.plan_mail(
            session,
            subscriber_id=subscriber_id,
            kind=MailKind.DIGEST,
            period=DAY.isoformat(),
            priority=2,
            due_at=NOW,
            domain="example.org",
            contents={"papers": [[one, "3dgs"] for one in ids], "more": 0, "welcome": False, "topics": ["3dgs"]},
            now=NOW,
        )
    assert planned is not None
    return planned


def site_on(database_url: str, folder: Path, **environ: str) -> Site:
    """A site on the migrated, empty database at ``database_url``, filled here."""
    services = services_on(database_url, folder, **environ)
    return over(services, fill(services))


def services_on(database_url: str, folder: Path, **environ: str) -> Services:
    values = {"DATABASE_URL": database_url, "DATA_DIR": str(folder / "data"), "IMPRINT": "Example Street 1", **environ}
    return bootstrap.build(settings.load(values))


def fill(the: Services) -> tuple[str, int, int, int]:
    """Stores papers and people; gives the token of who waits, the ids of the reader, of who left and of the digest."""
    stored(the, [paper("2606.26101"), paper("2606.26102", title=HOSTILE, abstract=HOSTILE), paper("hep-th/9901001", links=())])
    translated(the)
    _, confirm = signed_up(the, "waiting@example.org", confirmed=False)
    reader_id, _ = signed_up(the, "reader@example.org")
    left_id, _ = signed_up(the, "left@example.org")
    delivery = digest_of(the, reader_id)
    from newsletter.subscribers import unsubscribe

    unsubscribe.leave(the, left_id, now=NOW, origin="test")
    logins.keep(the.database, "operator", QUICK_HASH, now=NOW)
    return confirm, reader_id, left_id, delivery


def over(the: Services, filled: tuple[str, int, int, int]) -> Site:
    """The application over a filled database."""
    confirm, reader_id, left_id, delivery = filled
    return Site(
        the,
        application(the),
        confirm,
        link_of(the, reader_id),
        reader_id,
        link_of(the, left_id),
        view_of(the, delivery),
        link_of(the, reader_id, LinkPurpose.UNSUBSCRIBE),
        link_of(the, reader_id, LinkPurpose.FEEDBACK),
    )


def application(the: Services) -> Flask:
    """The application as tests want it: what breaks is a page, as for visitors."""
    app = create_app(the)
    app.testing = True
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app


def link_of(services: Services, subscriber_id: int, purpose: LinkPurpose = LinkPurpose.PREFERENCES) -> str:
    from newsletter.subscribers.store import subscribers

    with services.database.reading() as session:
        found = subscribers.subscriber(session, subscriber_id)
    assert found is not None
    return links.signed_link(services.signer, found, purpose, day=NOW.date())


def confirm_link(services: Services, email: str) -> str:
    """The token in the newest confirmation mail to ``email``."""
    with services.database.transaction() as session:
        mail = [one for one in ledger.deliveries(session, kind=MailKind.CONFIRM) if one.email == email][-1]
        return links.mint(session, mail.subscriber_id, links.Purpose.CONFIRM, now=NOW, delivery_id=mail.id)


def view_of(services: Services, delivery_id: int) -> str:
    with services.database.reading() as session:
        delivery = ledger.delivery(session, delivery_id)
    assert delivery is not None
    return view_token(services.signer, delivery)


def translated(services: Services) -> None:
    """A Chinese translation of the first paper, hostile text in it."""
    from newsletter.tables.papers import PaperRow
    from newsletter.tables.translations import TranslationRow

    with services.database.transaction() as session:
        row = session.scalars(select(PaperRow).where(PaperRow.ref == "2606.26101")).one()
        needs = {need.field: need for need in _needs(session, row.id)}
        for field, text in ((Field.TITLE, "高斯泼溅 <b>标题</b>"), (Field.ABSTRACT, "我们研究高斯泼溅。" + HOSTILE)):
            session.add(
                TranslationRow(
                    paper_id=row.id,
                    version=1,
                    field=field,
                    language="zh-CN",
                    source_hash=needs[field].source_hash,
                    engine="libre",
                    text=text,
                    made_at=NOW,
                )
            )


def _needs(session: Any, paper_id: int) -> list[Any]:
    from newsletter.translation.store import translations as translation_store

    return translation_store.needed(session, [(paper_id, "zh-CN")])


@dataclass(frozen=True)
class Filled:
    """A filled site that tests copy: its database (file or name), its DATA_DIR with the keys, and the ``first`` one over it."""

    database: str
    data: Path
    first: Site

    def copied(self, database_url: str, folder: Path) -> Site:
        """The site over ``database_url``, a copy of the database, with keys of its own that are the same, as its tokens are."""
        shutil.copytree(self.data, folder / "data")
        services = services_on(database_url, folder)
        return replace(self.first, services=services, app=application(services))


@pytest.fixture(scope="session")
def filled_file(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Filled:
    folder = tmp_path_factory.mktemp("filled")
    path = folder / "filled.db"
    shutil.copy(sqlite_template, path)
    first = _filled_once(f"sqlite:///{path}", folder)
    return Filled(str(path), folder / "data", first)


@pytest.fixture(scope="session")
def filled_postgres(postgres_server: str, postgres_template: str, tmp_path_factory: pytest.TempPathFactory) -> Filled:
    folder = tmp_path_factory.mktemp("filled")
    first = _filled_once(copied_database(postgres_server, "nl_filled", postgres_template), folder)
    return Filled("nl_filled", folder / "data", first)


def _filled_once(database_url: str, folder: Path) -> Site:
    site = site_on(database_url, folder)
    database = site.services.database
    if database_url.startswith("sqlite"):
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return site


@pytest.fixture
def small_site(filled_file: Filled, database_folder: Path, tmp_path: Path) -> Iterator[Site]:
    """A filled site on SQLite only, where the database makes no difference; filled once a process, copied for each test."""
    shutil.copy(filled_file.database, database_folder / "newsletter.db")
    found = filled_file.copied(f"sqlite:///{database_folder / 'newsletter.db'}", tmp_path)
    yield found
    found.services.database.close()


@pytest.fixture
def postgres_site(filled_postgres: Filled, postgres_server: str, tmp_path: Path) -> Iterator[Site]:
    """The same on PostgreSQL."""
    with a_copy(postgres_server, filled_postgres.database) as url:
        found = filled_postgres.copied(url, tmp_path)
        yield found
        found.services.database.close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def site(request: pytest.FixtureRequest) -> Site:
    """The same on each."""
    found: Site = request.getfixturevalue("small_site" if request.param == "sqlite" else "postgres_site")
    return found


FIELD = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@pytest.fixture
def still_clock() -> Iterator[None]:
    """The time stands still, so that what is counted by the minute is counted on any machine."""
    with time_machine.travel(dt.datetime.now(dt.UTC), tick=False):
        yield


def csrf_of(client: FlaskClient, path: str) -> str:
    """The CSRF token in the form on the page at ``path``."""
    found = FIELD.search(client.get(path).text)
    assert found, f"no form on {path}"
    return found.group(1)


def fields_of(client: FlaskClient, **fields: Any) -> dict[str, Any]:
    """The fields of a login, with the token where the page gives one."""
    found = FIELD.search(client.get("/admin/login").text)
    return {**fields, "csrf_token": found.group(1) if found else ""}


def send(client: FlaskClient, page: str, action: str | None = None, **fields: Any) -> TestResponse:
    """Posts the form of ``page`` as a browser does, to ``action`` where that is another address."""
    return client.post(action or page, data={"csrf_token": csrf_of(client, page), **fields})


CHOICES = {
    "email": "new@example.org",
    "topics": ["3dgs", "llm"],
    "language": "zh-CN",
    "hour": "7",
    "timezone": "Asia/Shanghai",
}


def log_in(client: FlaskClient, name: str = "operator", **code: str) -> None:
    """Logs an operator in, with the ``code`` of a second factor where there is one."""
    answer = client.post("/admin/login", data=fields_of(client, name=name, password=PASSWORD, **code))
    assert answer.status_code == 303
