"""Passwords as people type them into URLs: understood where they can mean one thing only, else told of, and shown nowhere."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.errors import SettingsError
from newsletter.settings import Settings, load, logins
from newsletter.settings.sections import relays

TYPED = (
    "a/b-word",
    "a#b-word",
    "a?b-word",
    "a@b-word",
    "a,b-word",
    "100%-word",
    "a:b-word",
    "/#?@,%-word",
    "word/",
    "?x=1#@",
    "p w",
)
SHAPES = {
    "DATABASE_URL": "postgresql://user:{}@db.example.org:5432/papers",
    "REDIS_URL": "redis://:{}@redis.example.org:6379/0",
    "SMTP_URL": "smtp://other:else@one.example.org,smtps://me@example.org:{}@two.example.org:465",
    "OPENAI_BASE_URL": "https://user:{}@llm.example.org/v1",
}


def read(folder: Path, **environ: str) -> Settings:
    return load({"DATA_DIR": str(folder), **environ})


def password_of(found: Settings, name: str) -> str:
    if name == "SMTP_URL":
        return found.smtp_servers[1].password.get_secret_value()
    if name == "OPENAI_BASE_URL":
        return unquote(urlsplit(found.engines.openai_url).password or "")
    kept = found.database_url if name == "DATABASE_URL" else found.redis_url
    return unquote(urlsplit(kept.get_secret_value()).password or "")


@pytest.mark.parametrize("name", sorted(SHAPES))
@pytest.mark.parametrize("password", TYPED)
@pytest.mark.parametrize("how", ["as it is", "encoded"])
def test_a_password_is_read_as_it_was_meant_or_refused_with_the_mend(tmp_path: Path, name: str, password: str, how: str) -> None:
    text = SHAPES[name].format(quote(password, safe="") if how == "encoded" else password)
    try:
        found = read(tmp_path, **{name: text})
    except SettingsError as refusal:
        assert how == "as it is"
        assert name in str(refusal)
        assert "percent-encode" in str(refusal)
        assert password not in str(refusal)
        assert "word" not in str(refusal).replace("password", "")
    else:
        assert password_of(found, name) == password
        assert password not in repr(found)


def test_what_can_mean_one_thing_only_is_understood(tmp_path: Path) -> None:
    for name in ("DATABASE_URL", "REDIS_URL", "SMTP_URL"):
        for password in TYPED[:7]:
            assert password_of(read(tmp_path, **{name: SHAPES[name].format(password)}), name) == password


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://user:80/word@host",  # a server "user" with the database "word@host", or a login
        "postgresql://user:word@host/name@x",
        "redis://user:80?x=1@host",
        "redis://:a%2Fb/word@host",
    ],
)
def test_what_can_mean_two_things_is_told_to_be_encoded(tmp_path: Path, text: str) -> None:
    name = "REDIS_URL" if text.startswith("redis") else "DATABASE_URL"
    with pytest.raises(SettingsError, match="percent-encode") as refusal:
        read(tmp_path, **{name: text})
    assert "word@" not in str(refusal.value)


@pytest.mark.parametrize(
    "text",
    [
        "https://example.org/@me/api",
        "https://key@example.org/v1",
        "https://user:p%40ss@example.org/v1?x=1",
        "postgresql:///papers?host=/run/postgresql&user=me@here",
        "unix:///run/a@b.sock",
    ],
)
def test_a_url_that_is_right_stays_as_it_is(text: str) -> None:
    forms = {"https": logins.HTTP, "postgresql": logins.POSTGRESQL, "unix": logins.SOCKET}
    assert logins.encoded(text, forms[text.partition(":")[0]]) == text


LETTERS = st.text(alphabet="ab1/#?@,%:.[ ", min_size=1, max_size=12)


@given(LETTERS)
def test_no_password_is_taken_for_another(password: str) -> None:
    for text in (f"smtp://user:{password}@host:587", f"smtps://first:one@other, smtp://user:{password}@host:587"):
        try:
            server = relays(text)[-1]
        except ValueError:
            continue
        assert (server.host, server.port, server.user) == ("host", 587, "user")
        # Letters that are encoded already are read as such: there is no telling them apart.
        assert server.password.get_secret_value() == unquote(password)


@given(LETTERS)
def test_what_is_encoded_is_always_understood(password: str) -> None:
    (server,) = relays(f"smtp://user:{quote(password, safe='')}@host:587")
    assert server.password.get_secret_value() == password


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_the_login_of_a_proxy_is_encoded_where_requests_reads_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    import os

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv(name, "http://user:a/b#c@proxy.example.org:3128")
    load()
    assert os.environ[name] == "http://user:a%2Fb%23c@proxy.example.org:3128"
    monkeypatch.setenv(name, "user:a%2Fb/word@proxy.example.org:3128")
    with pytest.raises(SettingsError, match=rf"{name} .*percent-encode") as refusal:
        load()
    assert "word@" not in str(refusal.value)
