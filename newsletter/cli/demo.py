"""`newsletter run --demo`: the whole service in a scratch folder, with papers, readers and mails of three days that are made up.

Nothing leaves the machine, nothing is asked of anybody, and the data of a real installation is not touched: the folder is a new
one at each start, and goes at its end.
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path

from newsletter.cli.context import now
from newsletter.errors import SettingsError
from newsletter.settings import Settings

READERS, DAYS = 20, 3
LOGIN = "demo"
# An empty value counts as unset, also where .env sets one.
NOTHING_LEAVES = {
    **dict.fromkeys(("DATABASE_URL", "REDIS_URL", "SMTP_URL", "SMTP_RATE", "SMTP_DOMAIN_RATES", "SMTP_CONNECTIONS"), ""),
    **dict.fromkeys(("BASE_URL", "PROXY_HOPS", "SECRET_KEY", "SUPPRESSION_KEY", "PUBLISH_DIR", "BOUNCE_DOMAIN"), ""),
    **dict.fromkeys(("DKIM_DOMAIN", "DKIM_SELECTOR", "DKIM_KEY_FILE"), ""),
    **dict.fromkeys(("SOURCES", "TRANSLATORS", "HUGGINGFACE_URL", "PAPERSWITHCODE_URL", "ARXIV_FEED_URL"), "none"),
}
IGNORED = "SMTP_URL is set, and ignored: no mail leaves a demo."


def run(*, host: str, port: int) -> int:
    """Runs the demo until SIGTERM or Ctrl-C. Where it fails, the folder stays, with the logs in it."""
    from dotenv import dotenv_values

    from newsletter.operating import supervisor
    from newsletter.operating.start_messages import RunProfile
    from newsletter.settings import load

    dotenv = Path(".env")
    given: dict[str, str | None] = {}
    with suppress(OSError, UnicodeDecodeError):  # told by `load`
        given = dict(dotenv_values(dotenv, encoding="utf-8-sig"))
    given |= os.environ
    folder = Path(tempfile.mkdtemp(prefix="newsletter-demo-"))
    environment = {**os.environ, **NOTHING_LEAVES, "DATA_DIR": str(folder)}
    profile = RunProfile(
        lambda _: "",
        about="a demo: made anew at each start, gone at its end",
        mails="all mail goes here",
        notes=(IGNORED,) if (given.get("SMTP_URL") or "").strip() else (),
        fill=fill,
    )
    try:
        settings = load(environment, dotenv=dotenv)
        code = supervisor.run(settings, host=host, port=port, environment=environment, profile=profile)
    except SettingsError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    shutil.rmtree(folder, ignore_errors=True)
    return code


def fill(settings: Settings, working: Callable[[str], None], stop: Callable[[], bool]) -> str:
    """Three mornings of twenty readers, and an operator; gives the login in words."""
    from newsletter import bootstrap
    from newsletter.cli.deliver import with_an_inbox
    from newsletter.operating import logins
    from newsletter.operating.operators.passwords import hashed
    from newsletter.population.mornings import live_through

    password = secrets.token_urlsafe(9)
    with ExitStack() as stack:
        services = bootstrap.build(with_an_inbox(settings, stack))
        stack.callback(services.database.close)
        logins.keep(services.database, LOGIN, hashed(password), now=now())
        live_through(
            services,
            readers=READERS,
            days=DAYS,
            now=now(),
            tell=lambda day: working(f"Morning {day} of {DAYS}: {READERS} readers get their mails"),
            stop=stop,
        )
    return f"login {LOGIN}, password {password}"
