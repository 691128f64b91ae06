"""Settings that cannot be right stop the start with a line that names the variable; those that can be are taken as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsletter.errors import SettingsError
from newsletter.settings import Settings, load

KEY = {"DKIM_DOMAIN": "example.org", "DKIM_SELECTOR": "s1"}


def read(folder: Path, **environ: str) -> Settings:
    return load({"DATA_DIR": str(folder), **environ})


WRONG = [
    ("DATABASE_URL", "sqlite://"),
    ("DATABASE_URL", "sqlite:///"),
    ("DATABASE_URL", "sqlite:///:memory:"),
    ("DATABASE_URL", "sqlite:///%00.db"),
    ("DATABASE_URL", "mysql://x"),
    ("DATABASE_URL", "postgresql://user:secret-word@host:port/x"),
    ("DATABASE_URL", "postgresql://[::1/x"),
    ("REDIS_URL", "unix://"),
    ("REDIS_URL", "unix://somewhere?db=1"),
    ("REDIS_URL", "redis://:secret-word@host:x"),
    ("SMTP_URL", ",,,"),
    ("SMTP_URL", "smtp://a b:25"),
    ("SMTP_URL", "smtp://%00:25"),
    ("SMTP_URL", "smtp://user:secret-word@host:x"),
    ("SMTP_URL", "smtp://user:secret-word@ho st:25"),
    ("SMTP_URL", "smtp://user:odd@secret-word@host:x"),
    ("BASE_URL", "https://exa mple.org"),
    ("BASE_URL", "https://example.org/?page=1"),
    ("BASE_URL", "https://example.org/#top"),
    ("BASE_URL", "https://user:secret-word@example.org"),
    ("BASE_URL", 'https://a"b.org'),
    ("BASE_URL", "https://" + "a" * 70 + ".org"),
    ("BASE_URL", "javascript:alert(1)"),
    ("SECRET_KEY", ","),
    ("TRANSLATORS", ","),
    ("MAIL_FROM", "a@example.org, b@example.org"),
    ("MAIL_FROM", "Papers <papers@exa_mple..org>"),
    ("MAIL_FROM", "ü@example.org"),
    ("MAIL_FROM", "x" * 400 + "@example.org"),
    ("MAIL_FROM", "a@example.org\nBcc: b@example.org"),
    ("CONTACT_EMAIL", "nobody"),
    ("WORKERS", "٣"),
    ("WORKERS", "9" * 5000),
    ("WORKERS", "0"),
    ("PROXY_HOPS", "-1"),
    ("LOG_FORMAT", "x" * 9000),
    ("ARXIV_DELAY_SECONDS", "nan"),
    ("BOUNCE_DOMAIN", "x y"),
    ("BOUNCE_DOMAIN", "user@example.org"),
    ("BOUNCE_DOMAIN", "é.org"),
    ("DKIM_DOMAIN", "example.org"),
    ("SITE_NAME", "two\nlines"),
    ("SITE_NAME", "no UTF-8 \udcff"),
    ("IMPRINT", "no UTF-8 \udcff"),
    ("DATA_DIR", "~nobody-of-this-name/x"),
    ("SMTP_RATE", "0"),
    ("SMTP_RATE", "nan"),
    ("SMTP_RATE", "-1"),
    ("SMTP_RATE", "99999"),
    ("SMTP_DOMAIN_RATES", "example.org"),
    ("SMTP_DOMAIN_RATES", "example.org="),
    ("SMTP_DOMAIN_RATES", "a b=1"),
    ("SMTP_DOMAIN_RATES", "*=much"),
    ("SMTP_CONNECTIONS", "-1"),
    ("LEASE_SECONDS", "1"),
    ("DIGEST_WAIT_MINUTES", "721"),
]


@pytest.mark.parametrize(("name", "value"), WRONG, ids=lambda text: ascii(text)[:40])
def test_a_value_that_cannot_be_right_is_refused_in_a_short_line_without_secrets(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        read(tmp_path, **{name: value})
    said = str(refusal.value)
    assert name in said
    assert "\n" not in said
    assert len(said) < 600
    assert "secret-word" not in said


@pytest.mark.parametrize("missing", [*KEY, "DKIM_KEY_FILE"])
def test_dkim_wants_all_three_or_none(tmp_path: Path, missing: str) -> None:
    path = tmp_path / "key.pem"
    path.write_text("a key")
    values = {name: value for name, value in {**KEY, "DKIM_KEY_FILE": str(path)}.items() if name != missing}
    with pytest.raises(SettingsError, match=missing):
        read(tmp_path, **values)


RIGHT = [
    ("BASE_URL", "https://papers.example.org/below"),
    ("BASE_URL", "http://[::1]:8000"),
    ("SMTP_URL", "smtp://user:p%40ss@mail_relay:587,smtps://10.0.0.1"),
    ("SMTP_URL", "smtp://[::1]:2525"),
    ("MAIL_FROM", "論文 <papers@example.org>"),
    ("MAIL_FROM", '"Papers, Inc." <papers@localhost>'),
    ("DATABASE_URL", "sqlite:///file.db"),
    ("DATABASE_URL", "postgresql:///papers?host=/run/postgresql"),
    ("REDIS_URL", "unix:///run/redis.sock"),
    ("REDIS_URL", "redis://redis:6379/0"),
    ("BOUNCE_DOMAIN", "bounces.example.org"),
    ("SMTP_RATE", "0.5"),
]


@pytest.mark.parametrize(("name", "value"), RIGHT, ids=lambda text: ascii(text)[:40])
def test_a_value_that_can_be_right_is_taken(tmp_path: Path, name: str, value: str) -> None:
    assert read(tmp_path, **{name: value})


@pytest.mark.parametrize(("value", "sources"), [("", ("arxiv",)), ("None", ()), ("medrxiv, arXiv", ("medrxiv", "arxiv"))])
def test_papers_come_from_whom_sources_names_and_from_nobody_for_none(
    tmp_path: Path, value: str, sources: tuple[str, ...]
) -> None:
    assert read(tmp_path, SOURCES=value).sources == sources


def test_rates_are_read_by_domain(tmp_path: Path) -> None:
    rates = read(tmp_path, SMTP_RATE="100", SMTP_DOMAIN_RATES="Example.org=10, *=0.5").rates
    assert (rates.total, rates.domains) == (100.0, {"example.org": 10.0, "*": 0.5})


def test_a_settings_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_bytes(b"\xef\xbb\xbfSITE_NAME=Papers\n")
    from newsletter.environment import dotenv_values

    assert dotenv_values(path) == {"SITE_NAME": "Papers"}
