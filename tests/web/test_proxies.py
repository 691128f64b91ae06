"""A PROXY_HOPS that does not fit is found out by the requests, and told in the log and to operators."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from newsletter.web.proxies import FORGOTTEN, TOO_FEW, TOO_MANY, doubt_of
from tests.web.conftest import CHOICES, Site, log_in, site_on

NEAR, FAR, OTHER = "10.0.0.5", "8.8.8.8", "9.9.9.9"


def environ(peer: str, *, path: str = "/", **headers: str) -> dict[str, str]:
    return {"REMOTE_ADDR": peer, "PATH_INFO": path, **{f"HTTP_{name}": value for name, value in headers.items()}}


@pytest.mark.parametrize(
    ("hops", "request_", "doubt"),
    [
        (0, environ(FAR), ""),
        (0, environ("127.0.0.1"), ""),
        (0, environ(FAR, X_FORWARDED_FOR=OTHER), ""),  # a visitor's own invention
        (0, environ(NEAR, X_FORWARDED_FOR=FAR), FORGOTTEN),
        (0, environ("127.0.0.1", X_FORWARDED_PROTO="https"), FORGOTTEN),
        (0, environ("::1", FORWARDED="for=8.8.8.8"), FORGOTTEN),
        (0, environ("", X_REAL_IP=FAR), FORGOTTEN),  # a Unix socket
        (0, environ("127.0.0.1", VIA="1.1 gate"), FORGOTTEN),
        (0, environ("127.0.0.1") | {"SERVER_PROTOCOL": "HTTP/1.0"}, FORGOTTEN),  # nginx as it comes
        (0, environ(FAR) | {"SERVER_PROTOCOL": "HTTP/1.0"}, ""),
        (0, environ(NEAR, path="/readyz", X_FORWARDED_FOR=FAR), ""),
        (1, environ(NEAR, X_FORWARDED_FOR=FAR), ""),
        (1, environ(NEAR, X_FORWARDED_FOR=f"{OTHER}, {FAR}"), ""),  # the first one is the visitor's invention
        (1, environ(NEAR), ""),  # somebody on the machine itself
        (1, environ(FAR), TOO_MANY),
        (1, environ(NEAR, X_FORWARDED_FOR=f"{FAR}, 172.18.0.3"), TOO_FEW),
        (2, environ(NEAR, X_FORWARDED_FOR=f"{FAR}, 172.18.0.3"), ""),
        (2, environ(NEAR, X_FORWARDED_FOR=FAR), TOO_MANY),
        (2, environ(FAR, X_FORWARDED_FOR="no address"), TOO_MANY),
        (1, environ(NEAR, X_FORWARDED_FOR="no address"), ""),
        (1, environ(NEAR, X_FORWARDED_FOR="10.1.1.1"), ""),  # an intranet
    ],
)
def test_what_speaks_against_the_number_of_proxies(hops: int, request_: dict[str, str], doubt: str) -> None:
    assert doubt_of(request_, hops) == doubt


def test_it_is_told_once_in_the_log_and_on_the_dashboard(sqlite_url: str, tmp_path: object) -> None:
    site: Site = site_on(sqlite_url, tmp_path)  # type: ignore[arg-type]
    through = {"X-Forwarded-For": FAR}
    with capture_logs() as logged:
        client = site.client()
        log_in(client)
        assert "PROXY_HOPS" not in client.get("/admin?lang=en").text
        assert "PROXY_HOPS does not fit" in client.get("/admin?lang=en", headers=through).text
        assert client.get("/", headers=through).status_code == 200
    assert [line["problem"] for line in logged if line["event"] == "PROXY_HOPS does not fit"] == [FORGOTTEN]
    site.services.database.close()


def test_a_form_that_was_opened_without_tls_says_where_it_works(sqlite_url: str, tmp_path: object) -> None:
    site: Site = site_on(sqlite_url, tmp_path, BASE_URL="https://papers.example.org")  # type: ignore[arg-type]
    for path, fields in (("/subscribe", CHOICES), ("/admin/login", {"name": "operator"})):
        answer = site.client().post(f"{path}?lang=en", data=fields)
        assert answer.status_code == 400
        assert "Open it at https://papers.example.org." in answer.text
        assert "press the button once more" not in answer.text
    with_tls = site.client().post("/subscribe?lang=en", data=CHOICES, base_url="https://papers.example.org")
    assert "press the button once more" in with_tls.text
    site.services.database.close()
