"""For machines: alive, ready, and figures."""

from __future__ import annotations

import hmac

from flask import Blueprint, Response, abort, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from newsletter.errors import TemporaryError
from newsletter.operating import heartbeats
from newsletter.operating.doctor import outside
from newsletter.operating.migrate import pending
from newsletter.settings import LOOPBACK
from newsletter.web.page_context import clock, services
from newsletter.web.proxies import came_by_a_proxy
from newsletter.web.public.figures import Figures

pages = Blueprint("health", __name__)


@pages.get("/healthz")
def alive() -> Response:
    """200 while the process answers at all; asks nothing of the database. The doctor is told what was seen of its request."""
    config = services().settings
    secrets = tuple(key.get_secret_value() for key in config.secret_keys)
    if outside.is_proof(request.headers.get(outside.HEADER, ""), secrets, now=clock()):
        return jsonify(outside.answer_of(request.environ, scheme=request.scheme, hops=config.proxy_hops))
    return Response("ok\n", mimetype="text/plain")


@pages.get("/readyz")
def ready() -> Response:
    """200 where all is at work, 503 with the reason where not; with ``?of=pages`` only whether pages can be served."""
    reason = _not_ready()
    response = Response(f"{reason or 'ready'}\n", status=503 if reason else 200, mimetype="text/plain")
    if reason:
        response.headers["Retry-After"] = "5"
    return response


def _not_ready() -> str:
    database = services().database
    try:
        if pending(database):
            return "the database is not migrated: run `newsletter migrate`"
        with database.reading() as session:
            silent = heartbeats.silences(heartbeats.beats(session), now=clock())
        # Pages can be served, and mails do not leave: `?of=pages` asks for the first alone.
        return "" if request.args.get("of") == "pages" else "; ".join(silence.words for silence in silent)
    except (TemporaryError, SQLAlchemyError):
        return "the database cannot be reached"


@pages.get("/metrics")
def metrics() -> Response:
    """Figures for Prometheus, for this machine and whoever has METRICS_TOKEN."""
    if not _may_read_figures():
        abort(403, "Figures are for this machine: set METRICS_TOKEN, and send it as a bearer token.")
    registry = CollectorRegistry()
    registry.register(Figures())
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _may_read_figures() -> bool:
    token = services().settings.alarms.metrics_token.get_secret_value()
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token and hmac.compare_digest(given.encode(), token.encode()):
        return True
    # Behind a proxy that is not told of (PROXY_HOPS), everybody seems to come from this machine.
    through_a_proxy = not services().settings.proxy_hops and came_by_a_proxy(request.environ)
    return request.remote_addr in LOOPBACK and not through_a_proxy
