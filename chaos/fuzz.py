"""Made-up requests to every page, form, token and webhook, and files of subscribers: no answer is 5xx, none takes seconds.

They go straight into the application, with logins and without, so that nothing but the views and what is below them is tried.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import random
import re
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import chdir
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from chaos.oracle import Verdict
from newsletter.db import connect
from newsletter.errors import InputError
from newsletter.mail.delivery_links import bounce_token
from newsletter.mail.store import ledger
from newsletter.operating import setup_token
from newsletter.operating.migrate import migrate
from newsletter.subscribers import import_export
from newsletter.web import create_app
from newsletter.web.public.bounce_hooks import SIGNATURE
from newsletter.web.security import limiter
from tests.web.conftest import NOW, Site, csrf_of, log_in, services_on, site_on

HOOK_KEY = "a key of the fuzz, long enough"
ARN = "arn:aws:sns:eu-west-1:123456789012:bounces"
SLOW_SECONDS = 5.0
WORDS = (
    *("", " ", "0", "-1", "1e309", "9" * 40, "true", "null", "en", "zh-CN", "llm", "3dgs", "UTC", "2026-06-26", "2026-13-45"),
    *("reader@example.org", "a@b.example", "a\r\nBcc: b@c.example", "../../etc/passwd", "%00", "%2e%2e%2f", "{{7*7}}", "${7*7}"),
    *("<script>", "' OR 1=1 --", "\x00", "\ud800", "\u202e\u0627", "İ" * 50, "a" * 5000, "(" * 400, "ti:" * 200, '"' * 99),
    *("AND OR NOT", "cat:", "*", "?", "http://127.0.0.1/", "file:///etc/passwd", "javascript:alert(1)", "//evil.example"),
    *("2606.26101", "hep-th/9901001", "🙂" * 40, "-" * 300),
    # What is typed on a first evening, and by operators.
    *("smtp://a:b@127.0.0.1:9", "smtp://[::1]:9", "smtps://@:0", "http://127.0.0.1:8000", "http://[", "Ada <a@papers.test>"),
    *("papers.test", "000000", "aaaa-" * 7, "owner", "viewer", "-P1D", "9999-12-31", "0001-01-01", "24", "P7D", "mail", "inbox"),
    *(
        "slug: a\nphrases: [b]",
        "&a [*a]",
        "phrases:\n" + "- [" * 99,
        "{a: 1e999}",
        "# Papers\n[x](javascript:1)",
        "a\tb;c,d" * 30,
    ),
)
TEMPLATES = Path(__file__).resolve().parent.parent / "templates" / "web"
# Those that forms have by their templates, by the form library, and those that stand in addresses.
FIELDS = (
    *sorted({name for page in TEMPLATES.rglob("*.html") for name in re.findall(r'name="(\w+)"', page.read_text("utf-8"))}),
    *("email", "topics", "language", "timezone", "hour", "website", "csrf_token", "max_papers", "weekdays", "layout"),
    *("updates", "q", "page", "wanted", "unwanted", "authors", "pause_until", "name", "password", "reason", "title"),
    *("url", "dated", "body", "text", "version", "id", "List-Unsubscribe", "say", "lang", "from", "to", "date"),
    *("day", "topic", "sort", "category", "choices", "undo", "paper", "kind", "parent", "step"),
    *("SITE_NAME", "BASE_URL", "MAIL_FROM", "CONTACT_EMAIL", "IMPRINT", "SMTP_URL"),
)
TYPES = (
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=b",
    "application/json",
    "text/plain",
    "",
)


# Files of subscribers are asked for as often as some forms.
IMPORT = "import of subscribers"
IMPORTS = 12
CELLS = (
    *(
        "email,topics,language,timezone,hour,status",
        "E-Mail;Name;Opt-in",
        "email\tstatus",
        '"email',
        "email,email",
        "\ufeffemail",
    ),
    *(
        "a@b.example,llm,en,UTC,7,confirmed",
        "c@d.example,llm;3dgs,zh-CN,Asia/Shanghai,25,left",
        "=cmd()|x,,,",
        ",,,,,",
        '"a\nb",',
    ),
    *(
        "reader@example.org,,,,,",
        "left@example.org,llm,,,,confirmed",
        "A B <e@f.example>",
        "g@" + "h" * 300,
        "\x00",
        "i@j.example" * 99,
    ),
)


@dataclass(frozen=True, slots=True)
class Target:
    """One address that the application knows, with the parts that differ, and how it is asked."""

    method: str
    pieces: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Visitor:
    """A browser, and what it has to send with a form."""

    client: FlaskClient
    token: str


def run(*, inputs: int, seed: int = 0) -> Verdict:
    """``inputs`` requests, spread over all targets; the ``seed`` of a run that found something finds it again."""
    seed = seed or time.time_ns() % 1_000_000
    dice, verdict, statuses = random.Random(seed), Verdict(), Counter[int]()
    # What is answered on a first evening goes into an .env of the folder.
    with tempfile.TemporaryDirectory(prefix="nl-fuzz-") as name, chdir(name):
        site, evening = _site(Path(name)), _evening(Path(name))
        visitors, targets = _visitors(site), [*_targets(site), *[Target(IMPORT, ("",))] * IMPORTS]
        tokens = {"/confirm/": site.confirm, "/view/": site.view, "/unsubscribe/": site.leave, "/feedback/": site.feedback}
        tokens["/setup/"] = evening.token
        slowest, failed = (0.0, ""), Counter[str]()
        for number in range(inputs):
            target = targets[number % len(targets)]
            right = tokens.get(target.pieces[0] or "", site.reader)
            path = "".join(_piece(dice, right) if piece is None else piece for piece in target.pieces)
            began = time.perf_counter()
            # The pages of a first evening are open where nobody has a login yet, and to one at this machine.
            visitor = evening if target.pieces[:1] == ("/setup/",) else dice.choice(visitors)
            status = _import(site, dice) if target.method == IMPORT else _ask(site, dice, visitor, target.method, path)
            slowest = max(slowest, (time.perf_counter() - began, f"{target.method} {path[:80]!r}"))
            statuses[status // 100] += 1
            if status >= 500:
                failed[f"{status} {target.method} {''.join(piece or '*' for piece in target.pieces)}"] += 1
        site.services.database.close()
    told = ", ".join(f"{count} {status}xx" for status, count in sorted(statuses.items()))
    verdict.tell(f"{inputs} inputs to {len(targets)} targets, seed {seed}: {told}", broken=bool(failed))
    verdict.tell_time(f"the slowest took {slowest[0]:.2f} s ({slowest[1]})", slowest[0], most=SLOW_SECONDS)
    for what, count in failed.most_common(20):
        verdict.tell(f"{what}: {count} times", broken=True)
    return verdict


def _site(folder: Path) -> Site:
    url = f"sqlite:///{folder}/fuzz.db"
    database = connect(url)
    migrate(database)
    database.close()
    environ = {"BOUNCE_HOOK_KEY": HOOK_KEY, "SES_TOPIC_ARN": ARN, "BOUNCE_DOMAIN": "b.example.org", "FORMS_PER_HOUR": "1000000"}
    site = site_on(url, folder, **environ, TRANSLATORS="none", ARXIV_API_URL="http://127.0.0.1:9/api/query")
    site.app.config.update(RATELIMIT_ENABLED=False)
    return site


def _visitors(site: Site) -> Sequence[Visitor]:
    """Somebody, and the operator, each with a token that their forms take."""
    limiter.enabled = False
    operator, somebody = site.client(), site.client()
    log_in(operator)
    return [Visitor(one, csrf_of(one, "/")) for one in (somebody, operator)]


def _evening(folder: Path) -> Visitor:
    """Who sits before an installation that nobody has a login for."""
    url = f"sqlite:///{folder}/evening.db"
    database = connect(url)
    migrate(database)
    database.close()
    services = services_on(url, folder / "evening")
    app = create_app(services)
    app.config.update(PROPAGATE_EXCEPTIONS=False)
    return Visitor(app.test_client(), setup_token.offer(services.settings.data_dir, frozenset()))


def _targets(site: Site) -> Iterator[Target]:
    for rule in site.app.url_map.iter_rules():
        pieces = tuple(None if dynamic else data for dynamic, data in rule._trace if data != "|")
        for method in sorted(set(rule.methods or ()) - {"OPTIONS"}):
            # Webhooks and forms read more than their address.
            yield from [Target(method, pieces)] * (3 if method == "POST" else 1)


def _piece(dice: random.Random, right: str) -> str:
    """A part of an address: the token for it, as it is or changed in one place, a number, or noise."""
    place = dice.randrange(len(right))
    changed = right[:place] + chr(dice.choice((0x2D, 0x41, 0x7A, 0x661, 0x2F))) + right[place + 1 :]
    number = str(dice.choice((dice.randint(0, 9), dice.getrandbits(70))))
    return dice.choice((right, right, right, changed, right * 2, right[:place], number, number, dice.choice(WORDS)))


def _ask(site: Site, dice: random.Random, visitor: Visitor, method: str, path: str) -> int:
    asked: dict[str, Any] = {"headers": {}}
    if dice.random() < 0.5:
        asked["query_string"] = [(dice.choice(FIELDS), _text(dice)) for _ in range(dice.randint(1, 4))]
    if method == "POST":
        _fill(site, dice, asked, path, visitor.token)
    try:
        answer = visitor.client.open(path.encode("utf-8", "replace").decode(), method=method, **asked)
    except (UnicodeError, ValueError):
        # What the client itself cannot say is no request.
        return 0
    return int(answer.status_code)


def _fill(site: Site, dice: random.Random, asked: dict[str, Any], path: str, token: str) -> None:
    if path.startswith("/hooks/"):
        body = _event(site, dice)
        asked["data"], asked["content_type"] = body, "application/json"
        at = str(int(time.time()))
        mac = hmac.new(HOOK_KEY.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
        asked["headers"][SIGNATURE] = dice.choice(
            (f"t={at},v1={mac}", f"t={at},v1={mac}", "t=1,v1=0", _text(dice)[:90].encode("ascii", "ignore").decode())
        )
    elif dice.random() < 0.2:
        name, data = dice.choice(("file", "file", "text")), dice.choice((*CELLS, _text(dice))).encode("utf-8", "replace")
        asked["data"] = {
            name: (BytesIO(dice.choice((data, data * 99, dice.randbytes(900)))), _text(dice)[:40]),
            "csrf_token": token,
        }
    elif dice.random() < 0.7:
        names = dice.sample(FIELDS, dice.randint(1, 12))
        asked["data"] = {name: [_text(dice) for _ in range(dice.choice((1, 1, 2)))] for name in names} | {"csrf_token": token}
    else:
        asked["data"], asked["content_type"] = dice.randbytes(dice.randint(0, 2000)), dice.choice(TYPES)


def _import(site: Site, dice: random.Random) -> int:
    """A file of subscribers of parts of right ones, noise, or both; what is no list of people may be refused, and not break."""
    lines = [dice.choice((dice.choice(CELLS), dice.choice(CELLS), _text(dice))) for _ in range(dice.randint(1, 60))]
    whole = dice.choice(("\n", "\r\n", "\r")).join(lines).encode(dice.choice(("utf-8", "utf-16", "gb18030")), "replace")
    data = dice.choice((whole, whole, whole[: dice.randrange(len(whole))], dice.randbytes(300)))
    how = import_export.Reading({}, {"topics": "llm"} if dice.random() < 0.5 else {})
    try:
        decoded, _ = import_export.decoded(data)
        import_export.import_csv(site.services, decoded, consent="asked", known={"llm"}, now=NOW, how=how)
    except InputError:
        return 400
    except Exception:  # noqa: BLE001 - what breaks is what is looked for
        traceback.print_exc()
        return 500
    return 200


def _text(dice: random.Random) -> str:
    if dice.random() < 0.8:
        return dice.choice(WORDS)
    return "".join(
        chr(dice.choice((dice.randint(0, 0x7F), dice.randint(0xA0, 0xD7FF), 0x1F600))) for _ in range(dice.randint(1, 60))
    )


def _event(site: Site, dice: random.Random) -> bytes:
    """What a provider might say: one of ours with parts taken out, put in or turned around, nested things, or noise."""
    with site.services.database.reading() as session:
        mail = ledger.deliveries(session)[0]
    token = bounce_token(site.services.signer, mail)
    ours = {
        "id": str(dice.getrandbits(40)),
        "kind": dice.choice(("hard", "soft", "complaint", "ours", "x")),
        "words": "no such user",
    }
    ours |= {
        "envelope_from": f"b-{token}@b.example.org",
        "message_id": mail.message_id,
        "recipient": mail.email,
        "status": "5.1.1",
    }
    theirs = {"Type": "Notification", "MessageId": "1", "TopicArn": ARN, "Message": json.dumps({"notificationType": "Bounce"})}
    theirs |= {"Timestamp": "2026-11-20T08:00:00Z", "SignatureVersion": "1", "Signature": "AAAA"}
    whole: dict[str, Any] = ours | theirs | {"SigningCertURL": "https://evil.example/cert.pem"}
    for key in dice.sample(list(whole), dice.randint(0, 8)):
        whole[key] = dice.choice((None, [], {}, [[[]]], 1, -1.5, True, _text(dice), {"a": [whole[key]]}))
    text = json.dumps(
        dice.choice((whole, [whole, whole], {"events": [whole]}, [], {}, "x", 7, None, [None], {"events": {"a": whole}}))
    )
    return dice.choice(
        (text.encode(), text.encode(), text[: dice.randrange(len(text) + 1)].encode(), dice.randbytes(200), b"[" * 20_000)
    )
