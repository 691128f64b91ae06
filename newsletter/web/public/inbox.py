"""The local inbox as a page, for trying the service out. Shown on this very machine only, because it holds everybody's links.

The HTML of a mail stands in a frame of its own that runs no script and reaches nothing; its links open beside it.
"""

from __future__ import annotations

import ipaddress
import re
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, render_template, request

from newsletter.mail.inbox import InboxMail, inbox_folder, message, messages
from newsletter.settings import LOOPBACK
from newsletter.web.page_context import moment, services
from newsletter.web.proxies import came_by_a_proxy
from newsletter.web.security import MAIL_POLICY, SANDBOX

pages = Blueprint("inbox", __name__)

# Some 490 bytes each, by their subject and the hour, which has a digit more from ten on; a page weighs 100 kB at most.
LISTED = 190
HEAD = re.compile(r"<head[^>]*>", re.IGNORECASE)
BASE = '<base target="_blank">'


def open_here() -> bool:
    """True where mail goes to the local inbox, and server, client, name asked for and BASE_URL are all this machine."""
    settings = services().settings
    # What is told to the world as the address of the pages is not only this machine's, whatever this one request looks like.
    return settings.local_inbox and _is_loopback(urlsplit(settings.base_url).hostname or "") and asked_from_here()


def asked_from_here() -> bool:
    """True where server, client and the name asked for are this machine.

    The name is checked because a page elsewhere may point its own name at 127.0.0.1 (DNS rebinding); a proxy in front, even one
    that was not told of by PROXY_HOPS, closes what is for this machine alone.
    """
    names = (request.environ.get("SERVER_NAME", ""), request.remote_addr or "", _host())
    here = all(_is_loopback(name.strip("[]")) for name in names)
    return not services().settings.proxy_hops and here and not came_by_a_proxy(request.environ)


def _is_loopback(name: str) -> bool:
    """True for an address of this machine only, and for its one name; 127.0.0.1.example.org is somebody else's."""
    try:
        return name.lower() in LOOPBACK or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _host() -> str:
    """The name in the Host header without its port."""
    text = request.host
    return text.partition("]")[0].lstrip("[") if text.startswith("[") else text.partition(":")[0]


@pages.before_request
def close_elsewhere() -> None:
    if not services().settings.local_inbox:
        abort(404)
    if not open_here():
        abort(403)


@pages.app_template_filter("sent_at")
def sent_at(date: str) -> str:
    """The date in a mail's head as the page writes times; as it stands where it is none."""
    try:
        return moment(parsedate_to_datetime(date))
    except ValueError:
        return date


@pages.get("/inbox")
def mails() -> str:
    return render_template("inbox.html", mails=messages(inbox_folder(services().settings.data_dir), limit=LISTED), most=LISTED)


@pages.get("/inbox/<mail_id>")
def mail(mail_id: str) -> str:
    return render_template("inbox_mail.html", mail=_mail(mail_id))


@pages.get("/inbox/<mail_id>/html")
def html(mail_id: str) -> Response:
    """The mail's own HTML for the frame."""
    found = _mail(mail_id)
    document, heads = HEAD.subn(lambda match: match.group(0) + BASE, found.html, count=1)
    document = document.replace('href="#', 'target="_self" href="#')  # a way within the mail stays in its frame
    response = Response(document if heads else BASE + document, mimetype="text/html")
    response.headers["Content-Security-Policy"] = f"{MAIL_POLICY}; frame-ancestors 'self'; {SANDBOX}"
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _mail(mail_id: str) -> InboxMail:
    found = message(inbox_folder(services().settings.data_dir), mail_id)
    if found is None:
        abort(404)
    return found
