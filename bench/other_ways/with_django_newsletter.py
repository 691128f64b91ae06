"""`with_django_newsletter.py PORT COUNT PAPERS`: django-newsletter mails one issue to COUNT subscribers.

Prints the seconds and the bytes of a mail.

Everything is as its documentation has it (https://django-newsletter.readthedocs.io): a message of twelve articles,
submitted, with SQLite in a file, as Django has it and as our digests are counted on. One text for all readers. It opens a
connection for each message, and one process sends them all.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command
from django.db import transaction

APPS = ("auth", "contenttypes", "sites", "sessions", "messages", "admin")


def main(port: int, count: int, papers: list[dict[str, str]], database: Path) -> tuple[float, int]:
    """Seconds for ``count`` mails and the bytes of one; ``database`` is a file that is not there yet."""
    settings.configure(
        SECRET_KEY="bench",  # noqa: S106 - signs nothing
        INSTALLED_APPS=[*(f"django.contrib.{name}" for name in APPS), "sorl.thumbnail", "newsletter"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": database}},
        NEWSLETTER_THUMBNAIL="sorl-thumbnail",
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
        ROOT_URLCONF="newsletter.urls",
        SITE_ID=1,
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=port,
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    )
    django.setup()
    call_command("migrate", verbosity=0)
    with transaction.atomic():
        submission = _submission(count, papers)
    size = len(submission.get_message(submission.subscriptions.first()).message().as_bytes(linesep="\r\n"))
    started = time.perf_counter()
    submission.submit()
    return time.perf_counter() - started, size


def _submission(count: int, papers: list[dict[str, str]]):  # type: ignore[no-untyped-def]
    from newsletter.models import Article, Message, Newsletter, Submission, Subscription

    letter = Newsletter.objects.create(title="Papers", slug="papers", email="bench@example.org", sender="Papers")
    message = Message.objects.create(title="Papers of the day", slug="day", newsletter=letter)
    for place, paper in enumerate(papers, 1):
        Article.objects.create(
            sortorder=10 * place, title=paper["title"][:200], text=paper["abstract"], url=paper["url"], post=message
        )
    for number in range(count):
        person = {"email_field": f"reader{number}@host{number % 50}.example.org", "name_field": f"Reader {number}"}
        Subscription.objects.create(newsletter=letter, subscribed=True, **person)
    return Submission.from_message(message)


if __name__ == "__main__":
    given = json.loads(Path(sys.argv[3]).read_text("utf-8"))
    with tempfile.TemporaryDirectory(prefix="newsletter-bench-") as folder:
        seconds, size = main(int(sys.argv[1]), int(sys.argv[2]), given, Path(folder) / "papers.sqlite3")
    sys.stdout.write(f"{seconds} {size}\n")
