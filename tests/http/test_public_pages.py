"""Pages that strangers name are fetched from public addresses only, in little time and memory."""

from __future__ import annotations

import ipaddress
import socket
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.errors import InputError, TemporaryError
from newsletter.http.allowed_urls import checked
from newsletter.http.public_pages import Fetcher, is_allowed
from tests.collection.fake_site import FakeSite
from tests.waiting import PATIENCE

HTML = ("text/html",)
MOST = 1_000_000


@pytest.fixture
def fake() -> Iterator[FakeSite]:
    with FakeSite() as found:
        yield found


def get(url: str, *, loopback: bool = True, seconds: float = PATIENCE) -> bytes:
    return Fetcher("", loopback=loopback, seconds=seconds).get(url, most=MOST, media=HTML).body


def test_a_page_comes_with_its_type_charset_and_last_address(fake: FakeSite) -> None:
    found = Fetcher("", loopback=True).get(f"{fake.url}/to-honest", most=MOST, media=HTML)
    assert (found.url, found.media, found.charset, found.cut) == (f"{fake.url}/honest", "text/html", "utf-8", False)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "ftp://example.org/", "javascript:alert(1)", "//example.org/", "example.org", "http://",
        "http://user:secret@example.org/", "http://user@example.org/", "http://example.org:8080/", "http://example.org:22/",
        "http://exa mple.org/", "http://example.org/\nHost: x", "http://[::1", "http://example.org:99999/", "http:\\\\example.org",
        "https://example.org/" + "a" * 3000, "",
    ],
)  # fmt: skip
def test_an_address_that_is_none_of_a_public_page_is_refused(url: str) -> None:
    with pytest.raises(InputError):
        checked(url, loopback=False)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "[::1]", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "[::ffff:127.0.0.1]", "[::ffff:a9fe:a9fe]", "[fd00::1]", "[fe80::1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[::]",
        "2130706433", "0x7f000001", "127.1", "017700000001", "224.0.0.1", "255.255.255.255", "198.18.0.1",
    ],
)  # fmt: skip
def test_no_host_of_a_private_network_is_asked_in_whatever_spelling(host: str) -> None:
    with pytest.raises((InputError, TemporaryError), match=r"private network|cannot be reached"):
        get(f"http://{host}/", loopback=False)


def test_this_machine_is_not_asked_without_the_setting(fake: FakeSite, monkeypatch: pytest.MonkeyPatch) -> None:
    port = int(fake.url.rpartition(":")[2])
    real = socket.getaddrinfo
    # A name of a stranger's that resolves to this machine, at the port of a service here.
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, _port, *a, **k: real("127.0.0.1", port, *a, **k))
    with pytest.raises(InputError, match="private network"):
        get("http://rebound.example.org/honest", loopback=False)
    assert fake.asked == []


def test_a_name_that_resolves_otherwise_the_second_time_changes_nothing(fake: FakeSite, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["203.0.114.7", "127.0.0.1", "127.0.0.1"])
    real, asked = socket.getaddrinfo, []

    def resolve(host: str, port: int, *rest: object, **named: object) -> object:
        asked.append(host)
        return real(next(answers) if host == "rebound.example.org" else host, port, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(TemporaryError):
        get("http://rebound.example.org/", loopback=False)
    assert asked.count("rebound.example.org") == 1  # the connection goes to the address that was checked


def test_a_connection_that_ends_elsewhere_than_was_checked_is_closed_before_a_byte_is_said(
    fake: FakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = ("127.0.0.1", int(fake.url.rpartition(":")[2]))
    monkeypatch.setattr("urllib3.util.connection.create_connection", lambda *_a, **_k: socket.create_connection(here))
    with pytest.raises((InputError, TemporaryError)):
        get("http://93.184.216.34/honest", loopback=False)
    assert fake.asked == []


@pytest.mark.parametrize("trap", ["to-metadata", "to-file"])
def test_a_redirect_into_private_things_is_refused(fake: FakeSite, trap: str) -> None:
    with pytest.raises(InputError):
        get(f"{fake.url}/{trap}")


def test_redirects_end_after_three(fake: FakeSite) -> None:
    with pytest.raises(InputError, match="more than 3 times"):
        get(f"{fake.url}/round")
    assert len(fake.asked) == 4


@pytest.mark.parametrize("trap", ["drip", "drip-head"])
def test_a_page_that_drips_is_given_up_in_time(fake: FakeSite, trap: str) -> None:
    # The site goes on dripping for half a minute, and would then be read or told of as broken off.
    with pytest.raises(TemporaryError, match="took too long"):
        get(f"{fake.url}/{trap}", seconds=0.6)
    assert not fake.dripped


@pytest.mark.parametrize("trap", ["huge", "bomb"])
def test_of_a_page_without_end_only_the_beginning_is_read(fake: FakeSite, trap: str) -> None:
    tracemalloc.start()
    body = get(f"{fake.url}/{trap}")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(body) == MOST
    assert body.startswith(b"<title>")
    # The server of this test keeps its own megabytes.
    assert peak < (160_000_000 if trap == "bomb" else 12_000_000)


def test_what_is_no_page_is_refused(fake: FakeSite) -> None:
    fake.pages["/paper.pdf"] = ("application/pdf", b"%PDF")
    with pytest.raises(InputError, match="application/pdf"):
        get(f"{fake.url}/paper.pdf")


def test_no_proxy_and_no_cookie_of_this_machine_is_used(fake: FakeSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9/")
    assert b"Plain title" in get(f"{fake.url}/honest")


@given(st.integers(0, 2**32 - 1))
def test_an_ipv4_address_is_judged_alike_inside_of_ipv6(number: int) -> None:
    plain, mapped = ipaddress.IPv4Address(number), ipaddress.IPv6Address((0xFFFF << 32) + number)
    assert is_allowed(plain, loopback=False) == is_allowed(mapped, loopback=False)
    assert not is_allowed(plain, loopback=False) or plain.is_global
