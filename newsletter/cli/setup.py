"""`newsletter setup`: from nothing to the first real mail, each step checked; begun again, it asks only what is missing."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parseaddr
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsletter.cli.admin import create
from newsletter.cli.context import as_table, now, opened, warn
from newsletter.cli.daily import daily
from newsletter.errors import InputError, PermanentError

if TYPE_CHECKING:
    from newsletter.bootstrap import Services
    from newsletter.desk.first_evening import Place, Question
    from newsletter.settings import Settings

FILE = Path(".env")
# What is asked besides settings; none of it stands in the file.
READER, TOPICS, LANGUAGE, TIMEZONE, HOUR = "SUBSCRIBER", "TOPICS", "LANGUAGE", "TIMEZONE", "HOUR"
OWNER, PASSWORD, SIGNED_BY = "OWNER", "OWNER_PASSWORD", "SIGNED_BY"


@dataclass(frozen=True, slots=True)
class Answers:
    """Where answers come from: ``given`` ones first, then whoever sits there, unless nobody does (not ``asks``)."""

    given: Mapping[str, str] = field(default_factory=dict)
    asks: bool = True

    def to(self, name: str, words: str, *, proposed: str = "", secret: bool = False) -> str:
        """The answer to one question. Raises InputError where there is nobody to ask, and nothing is proposed."""
        if name in self.given:
            return self.given[name].strip()
        if self.asks:
            return str(click.prompt(words, default=proposed or None, hide_input=secret, confirmation_prompt=secret)).strip()
        if proposed:
            return proposed
        raise InputError(f"{name} is missing: give --answer {name}=…, or a line of it in --answers FILE")

    def may_try_again(self, name: str) -> bool:
        """Whether another answer can be had."""
        return self.asks and name not in self.given


@click.command()
@click.option(
    "--answers", type=click.Path(path_type=Path), help="A file with a line NAME=VALUE for each answer; nothing is asked."
)
@click.option("--answer", "single", multiple=True, metavar="NAME=VALUE", help="One answer; may be given several times.")
@click.option("--no-input", is_flag=True, help="Ask nothing: what has no answer takes its proposal, or is told.")
@click.option("--no-mail", is_flag=True, help="Send nothing: neither a test mail nor the first digest.")
@click.pass_context
def setup(context: click.Context, answers: Path | None, single: tuple[str, ...], *, no_input: bool, no_mail: bool) -> None:
    """From nothing to the first real mail: name, sender, mail server, DNS, a login, topics, the first reader.

    Answers are kept in .env of this folder, whose other lines stay; run it again, and only what is missing or wrong is asked.
    Names of answers: SITE_NAME, BASE_URL, MAIL_FROM, CONTACT_EMAIL, IMPRINT, SMTP_URL (none: the local inbox), SIGNED_BY (here
    or relay), SUBSCRIBER, TOPICS, LANGUAGE, TIMEZONE, HOUR, OWNER, OWNER_PASSWORD.
    """
    from newsletter.desk.first_evening import QUESTIONS

    source = _answers(answers, single, asks=not no_input)
    for number, question in enumerate(QUESTIONS, 1):
        _settle(question, source, step=f"{number}/{len(QUESTIONS)}")
    config = _place().settings()
    words = "Your own address? (the first reader; the test mail goes there)"
    email = source.to(READER, words, proposed=parseaddr(config.contact_email)[1])
    if not config.local_inbox:
        # The test mail is signed as all others will be.
        _sign(source)
        _try_relay(email, source, no_mail=no_mail)
        _show_dns(_place().settings())
    with opened(_place().settings()) as services:
        _make_owner(services, source, context)
        is_new = _make_reader(services, email, source)
    _end(_place().settings(), email, context, mail=is_new and not no_mail)


def _answers(file: Path | None, single: Sequence[str], *, asks: bool) -> Answers:
    """What was given beforehand. Raises InputError where the file is none."""
    from newsletter.operating import env_file

    if file is not None and not file.is_file():
        raise InputError(f"{file} is no file: give one with lines NAME=VALUE")
    given = env_file.read(file) if file else {}
    given |= {name.strip(): value for name, _, value in (one.partition("=") for one in single)}
    return Answers(given, asks=asks and file is None and sys.stdin.isatty())


def _place() -> Place:
    from newsletter.desk.first_evening import Place

    return Place(FILE, os.environ)


def _settle(question: Question, source: Answers, *, step: str) -> None:
    """Has one setting stand in the file: as it stands there where that is right, else as it is answered."""
    from newsletter.desk.first_evening import example_of, keep

    name = question.name
    if name not in source.given and (where := _stands(name)):
        click.echo(f"{step} {name}: {where}")
        return
    while True:
        answer = source.to(name, f"{step} {question.words}", proposed=example_of(question, _place().standing()))
        try:
            keep(_place(), name, answer)
            return
        except PermanentError as error:
            if not source.may_try_again(name):
                raise
            warn(str(error))


def _stands(name: str) -> str:
    """Where a setting is answered already, and rightly; "" where it is to be asked."""
    from newsletter.desk.first_evening import stands

    try:
        return stands(_place(), name)
    except PermanentError as error:
        warn(str(error))
        return ""


def _try_relay(email: str, source: Answers, *, no_mail: bool) -> None:
    """Sends a test mail, and asks for another server until one takes it. Raises InputError where nobody can be asked."""
    from newsletter.daily.test_mail import send
    from newsletter.desk.first_evening import QUESTIONS
    from newsletter.operating import env_file
    from newsletter.operating.doctor.findings import Level

    while not no_mail:
        found = list(send(_place().settings(), email, now=now()))
        for one in found:
            click.echo(one.line)
        if all(one.level is not Level.FAIL for one in found):
            click.echo(f"A test mail is on its way to {email}: look for it there, in the folder for spam too.")
            return
        if not source.may_try_again("SMTP_URL"):
            raise InputError("SMTP_URL: no mail was taken, as told above: mend it, and run `newsletter setup` again")
        question = next(one for one in QUESTIONS if one.name == "SMTP_URL")
        env_file.write(FILE, "SMTP_URL", source.to("SMTP_URL", question.words))


def _sign(source: Answers) -> None:
    """Has it decided who signs the mails, unless it was."""
    from newsletter.desk.first_evening import HERE, is_signing_decided, sign

    if not is_signing_decided(_place()):
        words = "Who signs the mails (DKIM)? here: with a key that is made now; relay: your provider does"
        sign(_place(), source.to(SIGNED_BY, words, proposed=HERE))


def _show_dns(config: Settings) -> None:
    from newsletter.desk.first_evening import UNKNOWN_ADDRESS, records, seen_in_dns

    click.echo("\nRecords for your domain's DNS, to copy. What is longer than 255 characters some forms want in two pieces.")
    rows = list(records(config))
    if UNKNOWN_ADDRESS in str(rows):
        click.echo(f"Put in the place of {UNKNOWN_ADDRESS} from where your mail server sends: its operator knows,")
        click.echo("and may name another record for SPF.")
    click.echo()
    click.echo(as_table(("name", "type", "value"), rows))
    click.echo("\nWhat receivers see now:")
    for one in seen_in_dns(config):
        # The mend is the table above.
        click.echo(f"  {one.level} {one.what}: {one.words}")
    click.echo("Mail goes out before these are seen, and may land in spam until then. `newsletter doctor` looks again.\n")


def _make_owner(services: Services, source: Answers, context: click.Context) -> None:
    from newsletter.desk.first_evening import make_owner
    from newsletter.operating.operators.store import operators

    with services.database.reading() as session:
        if found := operators(session):
            click.echo(f"login for /admin: {found[0].name} is there")
            return
    while True:
        name = source.to(OWNER, "A name to log in by at /admin?", proposed="owner" if source.asks else "")
        if PASSWORD in source.given:
            break
        try:
            context.invoke(create, name=name)
            return
        except PermanentError as error:
            if not source.asks:
                raise
            warn(str(error))
    role = make_owner(services, name, source.given[PASSWORD], now=now())
    click.echo(f"{name} can log in at /admin ({role})")


def _make_reader(services: Services, email: str, source: Answers) -> bool:
    """Enters the first reader; False where they are here already."""
    from newsletter.desk.changes import person
    from newsletter.desk.first_evening import add_first_reader
    from newsletter.subscribers.choices import Choices, hour_of

    try:
        with services.database.reading() as session:
            person(session, email)
            click.echo(f"{email} is here already: `newsletter subscribers why {email}` says how it stands")
            return False
    except InputError:
        pass
    if source.asks:
        click.echo(f"Topics: {' '.join(topic.slug for topic in services.catalogue.topics)}")
    while True:
        try:
            topics = re.split(r"[;,\s]+", source.to(TOPICS, "Which topics for you? (slugs, with spaces between)"))
            language = source.to(LANGUAGE, "In which language? (en, zh-CN, …)", proposed="en")
            zone = source.to(TIMEZONE, "In which time zone? (such as Europe/Berlin)", proposed="UTC")
            hour = hour_of(source.to(HOUR, "At which hour, later on? (0-23; the first comes now)", proposed="7"))
            chosen = Choices(tuple(filter(None, topics)), language, zone, hour)
            add_first_reader(services, email, chosen, now=now())
            return True
        except PermanentError as error:
            if not source.may_try_again(TOPICS):
                raise
            warn(str(error))


def _end(config: Settings, email: str, context: click.Context, *, mail: bool) -> None:
    """The first real mail, and what comes next."""
    from newsletter.desk.why_no_mail import why_no_mail

    left: SystemExit | None = None
    if mail:
        click.echo("\nThe first digest: papers are fetched, which takes a minute or two …")
        try:
            context.invoke(daily)
        except SystemExit as end:
            left = end
    with opened(config) as services, services.database.reading() as session:
        click.echo(f"\n{email}: {why_no_mail(services, session, email, now=now())}")
    click.echo(f"Start (or restart) it with: make run   or: newsletter run   Pages: {config.base_url}/admin")
    if left is not None:
        raise left
