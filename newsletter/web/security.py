"""What guards every page: CSRF, limits per address, headers, proxies, and the refusal of what no browser sends.

No page of ours loads anything from elsewhere, runs a script of another origin or can be framed by another site.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

import structlog
from flask import Flask, Response, abort, current_app, request, session
from flask.sessions import SecureCookieSessionInterface
from flask_limiter import Limiter
from flask_login import user_unauthorized
from flask_wtf.csrf import CSRFProtect
from itsdangerous import URLSafeTimedSerializer
from werkzeug.datastructures import MultiDict
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter

from newsletter.settings import Settings
from newsletter.web import proxies

log = structlog.get_logger(__name__)

# The largest honest form, all topics ticked, has about 4 kB.
FORM_BYTES = 64 * 1024
FIELDS = 400
# The one form that takes a file, and how large all of it may be: the server reads no body of more than 1 MB.
WITH_FILE, FILE_BYTES = "interests.change", 900_000
A_YEAR = 365 * 24 * 3600
# Control characters but tab and line breaks, halves of surrogate pairs, and what decoding puts in the place of bad bytes.
UNREADABLE = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f\\ud800-\\udfff\\ufffd]")

URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
# What a Host header can hold, https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4; names of containers have underscores.
HOST = re.compile(r"(?:\[[0-9A-Fa-f:.]{2,45}\]|(?=[^:]{1,253}(?::|$))[\w-]{1,63}(?:\.[\w-]{1,63})*\.?)(?::\d{1,5})?", re.ASCII)

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "frame-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# A mail brings its styles along and nothing else; links open in a window of their own, outside of the sandbox.
MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'; form-action 'none'"
SANDBOX = "sandbox allow-popups allow-popups-to-escape-sandbox"

# What every answer carries.
HEADERS = (
    ("Content-Security-Policy", POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
)

# Pages whose address is a secret of one person.
TOKEN_PAGES = (
    *(
        "/confirm/",
        "/preferences/",
        "/unsubscribe/",
        "/return/",
        "/view/",
        "/address/",
        "/data/",
        "/erase/",
        "/feedback/",
        "/later/",
        "/setup/",
    ),
    "/collection/editor/",
)
# Pages of editors of the collection: nothing of them stays in a browser that others use next.
WORK_PAGES = ("editing", "editors")
PRIVATE_PAGES = (*TOKEN_PAGES, "/admin", "/inbox", "/link", "/subscribe")

# What is the same for everybody who asks, or depends on the language alone.
EVERYBODYS = frozenset(
    (
        "static", "branding.logo", "branding.colours", "zones.every_city", "papers.citation",
        "feeds.topic", "feeds.author", "feeds.topics_opml", "feeds.sitemap", "feeds.robots",
    )
)  # fmt: skip

# What stands in the session of an editor and of an operator (Flask-Login).
LOGINS = ("editor", "_user_id")

csrf = CSRFProtect()


def client_network() -> str:
    """Whom a limit counts against: the address, of IPv6 its /64, because a household has one."""
    text = request.remote_addr or "unknown"
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return text
    if address.version == 6 and address.ipv4_mapped:
        # A server that listens on both kinds shows IPv4 so; all of it would be one network.
        return str(address.ipv4_mapped)
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return text


def client_is_here() -> bool:
    """True for a client on this very machine."""
    try:
        return ipaddress.ip_address(client_network()).is_loopback
    except ValueError:
        return False


limiter = Limiter(client_network, strategy="moving-window", headers_enabled=True)
LIMIT_SIGN_UP = "60 per minute; 300 per hour"
LIMIT_LINK = "30 per minute; 120 per hour"
# Trying queries reads two weeks of papers.
LIMIT_TRY = "40 per minute; 400 per hour"
# A visitor who tries topic after topic asks as often as they tick.
LIMIT_PREVIEW = "90 per minute; 900 per hour"
# Each pause in typing asks once, of memory alone.
LIMIT_FIND = "120 per minute; 2000 per hour"
LIMIT_OUTSIDE = "12 per minute; 60 per hour"
LIMIT_LOGIN = "10 per minute; 60 per hour"
# Wrong passwords for one login, from wherever they come. Its owner waits too; nothing is locked for good.
LIMIT_ACCOUNT = "20 per 10 minutes; 60 per hour"


def install(app: Flask, settings: Settings) -> None:
    """Configures ``app`` and hangs the guards into it."""
    secure = settings.base_url.startswith("https://")
    app.url_map.converters["int"] = Number
    app.config.update(
        SECRET_KEY=settings.secret_keys[0].get_secret_value(),
        SECRET_KEY_FALLBACKS=[key.get_secret_value() for key in settings.secret_keys[1:]],
        SESSION_COOKIE_NAME=cookie_name("session", secure=secure),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_PATH="/",
        HOST_OF_PAGES=urlsplit(settings.base_url).hostname or "",
        MAX_CONTENT_LENGTH=FORM_BYTES,
        MAX_FORM_MEMORY_SIZE=FORM_BYTES,
        MAX_FORM_PARTS=FIELDS,
        SEND_FILE_MAX_AGE_DEFAULT=A_YEAR,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a page may stay open over night
        WTF_CSRF_SSL_STRICT=False,  # it asks for a Referer, which our token pages do not send
        **_limits(settings.redis_url.get_secret_value()),
    )
    app.before_request(refuse_the_unreadable)
    csrf.init_app(app)
    limiter.init_app(app)
    # Limits stand on single views, which look at them themselves; before each request there is nothing to look for.
    app.before_request_funcs[None].remove(limiter._check_request_limit)
    app.session_interface = Sessions()
    app.after_request(guard)
    user_unauthorized.connect(_tell_of_closed_doors, app)
    app.wsgi_app = refuse_strange_hosts(app.wsgi_app)  # type: ignore[method-assign]
    if settings.proxy_hops:
        hops = settings.proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    app.wsgi_app = proxies.watched(app.wsgi_app, settings.proxy_hops)  # type: ignore[method-assign]


class Sessions(SecureCookieSessionInterface):
    """Flask's own, with what signs and checks them made once: the keys of a process stay as they are."""

    _made: URLSafeTimedSerializer | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        self._made = self._made or super().get_signing_serializer(app)
        return self._made


def _tell_of_closed_doors(_app: Flask, **_: object) -> None:
    log.info("operators' page refused: nobody is logged in", endpoint=request.endpoint, method=request.method)


def _limits(redis_url: str) -> dict[str, object]:
    """Counts are shared through Redis where there is one; without it, or while it is away, each process counts alone."""
    if not redis_url:
        return {"RATELIMIT_STORAGE_URI": "memory://"}
    return {
        "RATELIMIT_STORAGE_URI": f"redis+{redis_url}" if redis_url.startswith("unix://") else redis_url,
        "RATELIMIT_STORAGE_OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": True,
        "RATELIMIT_SWALLOW_ERRORS": True,
    }


def refuse_strange_hosts(app: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """Answers 400 where the Host header is no name at all: the framework fails on some before any error page of ours is asked."""

    def guarded(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        host = environ.get("HTTP_HOST", "")
        if not host or HOST.fullmatch(host):
            return app(environ, start_response)
        start_response("400 Bad Request", [("Content-Type", "text/plain; charset=utf-8"), ("X-Content-Type-Options", "nosniff")])
        return [b"The Host header of this request is no name of a machine.\n"]

    return guarded


def refuse_the_unreadable() -> None:
    """Answers 4xx to addresses and forms that hold control characters or are no UTF-8, before any view sees them.

    Also to bodies that are no form, and to files, which one form of ours takes: the form library would trip over them elsewhere.
    """
    if unreadable(request.path):
        abort(404)
    if _holds_unreadable(request.args):
        abort(400)
    # RFC 8058 wants the POST to act whatever its body is; nothing of the body is read there. Programs call the hooks, with JSON.
    if request.method != "POST" or request.path.startswith(("/unsubscribe/", "/hooks/")):
        return
    if request.endpoint == WITH_FILE:
        request.max_content_length = FILE_BYTES
    if request.mimetype not in (URLENCODED, MULTIPART, ""):
        abort(415)
    if request.mimetype == URLENCODED and not _is_utf8(unquote_to_bytes(request.get_data())):
        abort(400)
    _refuse_fields()


def _refuse_fields() -> None:
    if (request.files and request.endpoint != WITH_FILE) or _holds_unreadable(request.form):
        abort(400)


def _holds_unreadable(fields: MultiDict[str, str]) -> bool:
    return any(unreadable(name) or unreadable(value) for name, value in fields.items(multi=True))


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def unreadable(text: str) -> bool:
    """True where ``text`` holds a control character (tab and line breaks aside) or what was no UTF-8."""
    return UNREADABLE.search(text) is not None


def guard(response: Response) -> Response:
    """Adds the headers that every answer carries; a view may have set a stricter or looser policy of its own."""
    headers = response.headers
    there = {name.lower() for name, _ in headers}
    for name, value in HEADERS:
        if name.lower() not in there:
            headers.add(name, value)
    headers.setdefault("Referrer-Policy", "no-referrer" if request.path.startswith(TOKEN_PAGES) else "same-origin")
    if current_app.config["SESSION_COOKIE_SECURE"]:
        # Browsers heed it where it comes over TLS only, https://www.rfc-editor.org/rfc/rfc6797#section-8.1.
        headers.setdefault("Strict-Transport-Security", strict_transport(current_app.config["HOST_OF_PAGES"]))
    if request.path.startswith(PRIVATE_PAGES):
        headers["X-Robots-Tag"] = "noindex, nofollow"
    if request.path.startswith(PRIVATE_PAGES) or request.blueprint in WORK_PAGES or _is_somebodys():
        headers["Cache-Control"] = "no-store"
    return response


# Below these, in the domain of a country, names are given to anybody: example.co.uk, example.or.jp.
OPEN_TO_ALL = ("ac", "co", "com", "edu", "gov", "ne", "net", "or", "org")


def strict_transport(host: str) -> str:
    """For how long browsers open ``host`` over TLS alone, with the hosts below it where these can only be its own.

    Below a bare domain, such as example.org or example.co.uk, stand hosts of others who may do without TLS.
    """
    labels = host.split(".")
    bare = 3 if len(labels[-1]) == 2 and labels[-2:-1] and labels[-2] in OPEN_TO_ALL else 2
    below = "; includeSubDomains" if len(labels) > bare and not labels[-1].isdecimal() else ""
    return f"max-age={A_YEAR}{below}"


def _is_somebodys() -> bool:
    """True for a page that was made for somebody who is logged in. To look is to depend on the cookie, which caches are told."""
    return request.endpoint not in EVERYBODYS and any(name in session for name in LOGINS)


def cookie_name(name: str, *, secure: bool) -> str:
    """``name`` as a cookie of this very host: under TLS no other host of the domain, and no page without TLS, can set it.

    https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis#section-4.1.3.2
    """
    return f"__Host-{name}" if secure else name


class Number(IntegerConverter):
    """A number in an address. One of more digits is no number of ours: databases take no number of any size."""

    regex = r"[0-9]{1,18}"
