"""Settings that cannot be right stop the start with a line that names the variable; those that can be are taken as they are."""

from __future__ import annotations

import traceback
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest
from pydantic import ValidationError

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
    ("SECRET_KEY", "a"),
    ("SECRET_KEY", "x" * 31),
    ("SECRET_KEY", "0123456789abcdef0123456789abcdef,secret-word"),
    ("SUPPRESSION_KEY", "secret-word"),
    ("BASE_URL", "https://papers.example.org/below"),
    ("BASE_URL", "https://papers.example.org/a/b/"),
    ("BASE_URL", "https://papers.example.org/%2e"),
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
    ("BASE_URL", "http://[::1]:8000"),
    ("BASE_URL", "https://papers.example.org/"),
    ("SECRET_KEY", "0123456789abcdef0123456789abcdef"),
    ("SECRET_KEY", "0123456789abcdef0123456789abcdef,one of 16 bytes."),
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


SECRET = "secret-word"
SECRETS = {
    "DATABASE_URL": f"postgresql://user:{SECRET}@host/name",
    "REDIS_URL": f"redis://:{SECRET}@host:6379/0",
    "SMTP_URL": f"smtp://user:{SECRET}@host,smtps://user:{SECRET}@other",
    "SECRET_KEY": f"{SECRET}-{SECRET}-{SECRET}-1,{SECRET}-{SECRET}-{SECRET}-2",
    "SUPPRESSION_KEY": f"{SECRET}-{SECRET}-{SECRET}",
    "LIBRETRANSLATE_API_KEY": SECRET,
    "DEEPL_API_KEY": f"{SECRET}:fx",
    "MICROSOFT_API_KEY": SECRET,
    "OPENAI_API_KEY": SECRET,
    "OPENAI_BASE_URL": f"https://user:{SECRET}@host/v1",
    "HUGGINGFACE_URL": f"https://{SECRET}@host",
}


def test_no_secret_is_in_what_is_printed_of_the_settings(tmp_path: Path) -> None:
    found = read(tmp_path, **SECRETS)
    assert found.smtp_servers[1].password.get_secret_value() == SECRET
    assert found.engines.libre_key.get_secret_value() == SECRET
    for thing in (found, found.engines, found.publishing, found.smtp_servers, *found.smtp_servers):
        assert SECRET not in f"{thing!r} {thing}"


@pytest.mark.parametrize("name", sorted(SECRETS))
@pytest.mark.parametrize("value", ["{}:\x01", ",{}\udcff", "smtp:user:{}@host:x", "unix://{}@x", "//user:{}@[", "ftp://{}@host"])
def test_no_line_about_a_value_shows_a_secret(tmp_path: Path, name: str, value: str) -> None:
    try:
        read(tmp_path, **{name: value.format(SECRET)})
    except SettingsError as refusal:
        shown = "".join(traceback.format_exception(refusal))
        assert name in shown
        assert SECRET not in shown
        assert "pydantic" not in str(refusal)


@pytest.mark.parametrize("thing", ["", "engines", "publishing", "rates"])
def test_settings_stay_as_they_were_read(tmp_path: Path, thing: str) -> None:
    found = read(tmp_path)
    with pytest.raises((ValidationError, FrozenInstanceError)):
        setattr(getattr(found, thing) if thing else found, "total" if thing == "rates" else "language", "x")


def test_what_is_given_stands_over_the_file_and_an_empty_value_means_unset(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("SITE_NAME=File\nIMPRINT=File\nSMTP_RATE=5\nPUBLISH_DAYS=3\nENGINES=x\nSMTP_URL=smtp://a,smtp://b\n")
    found = load({"DATA_DIR": str(tmp_path), "SITE_NAME": "Given", "IMPRINT": " "}, dotenv=path)
    assert (found.site_name, found.imprint) == ("Given", "")
    assert (found.rates.total, found.publishing.days, len(found.smtp_servers)) == (5.0, 3, 2)


def test_the_environment_of_the_process_is_not_read_where_another_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SITE_NAME", "Process")
    assert read(tmp_path).site_name == "Paper Morning"


def test_rates_are_read_by_domain(tmp_path: Path) -> None:
    rates = read(tmp_path, SMTP_RATE="100", SMTP_DOMAIN_RATES="Example.org=10, *=0.5").rates
    assert (rates.total, rates.domains) == (100.0, {"example.org": 10.0, "*": 0.5})


def test_a_settings_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_bytes(b"\xef\xbb\xbfSITE_NAME=Papers\n")
    assert load({"DATA_DIR": str(tmp_path)}, dotenv=path).site_name == "Papers"


def modes(folder: Path) -> set[int]:
    return {path.stat().st_mode & 0o777 for path in (folder, *folder.iterdir()) if not path.is_symlink()}


def test_what_is_in_the_data_folder_is_nobody_elses_also_where_it_was_open_before(tmp_path: Path) -> None:
    folder, shared = tmp_path / "data", tmp_path / "shared"
    for name in ("pictures", "log"):
        (folder / name).mkdir(parents=True, mode=0o755)
    for path in (folder / "newsletter.db", folder / "newsletter.db-wal", shared):
        path.write_text("readers")
        path.chmod(0o644)
    (folder / "link").symlink_to(shared)
    folder.chmod(0o755)
    read(folder)
    assert modes(folder) <= {0o700, 0o600}
    assert shared.stat().st_mode & 0o777 == 0o644
    read(tmp_path / "new" / "deep")
    assert modes(tmp_path / "new" / "deep") == {0o700, 0o600}


def test_a_folder_that_others_use_too_keeps_its_rights(tmp_path: Path) -> None:
    tmp_path.chmod(0o1777)
    read(tmp_path)
    assert tmp_path.stat().st_mode & 0o7777 == 0o1777
    tmp_path.chmod(0o700)


def test_a_short_key_that_hashes_stand_under_goes_on_where_it_is_marked(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="short:KEY") as refused:
        read(tmp_path, SUPPRESSION_KEY="eighteen-letters-x")
    assert "eighteen" not in str(refused.value)
    assert read(tmp_path, SUPPRESSION_KEY="short:eighteen-letters-x").suppression_key.get_secret_value() == "eighteen-letters-x"


def test_each_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    given = {}
    for name, value in SECRETS.items():
        if name not in ("OPENAI_BASE_URL", "HUGGINGFACE_URL"):
            path = tmp_path / name.lower()
            path.write_text(value + "\n")
            given[f"{name}_FILE"] = str(path)
    found, plain = read(tmp_path / "data", **given), read(tmp_path / "data", **SECRETS)
    for name in ("database_url", "redis_url", "smtp_servers", "secret_keys", "suppression_key"):
        assert getattr(found, name) == getattr(plain, name)
    assert found.engines.deepl_key == plain.engines.deepl_key
    assert found.engines.order[:3] == ("openai", "deepl", "microsoft")


@pytest.mark.parametrize("content", [None, b"", b" \n", b"\xff", b"short"])
def test_a_file_without_a_usable_secret_is_told_by_its_variable(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "secret"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SettingsError, match="SECRET_KEY") as refusal:
        read(tmp_path / "data", SECRET_KEY_FILE=str(path))
    assert "short for" in str(refusal.value) or str(path) in str(refusal.value)


def test_a_secret_that_is_given_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("x" * 40)
    with pytest.raises(SettingsError, match="SUPPRESSION_KEY and SUPPRESSION_KEY_FILE are both set"):
        read(tmp_path / "data", SUPPRESSION_KEY="y" * 40, SUPPRESSION_KEY_FILE=str(tmp_path / "key"))
