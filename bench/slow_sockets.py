"""How long somebody waits for the front page while hundreds of sockets send half a request: of the pages alone, and behind nginx.

nginx runs with the site of `deploy/nginx.conf`, where there is one on PATH; else that figure says so.
"""

from __future__ import annotations

import datetime as dt
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from bench.figures import Figure
from bench.pages import serving
from bench.places import ROOT, SQLITE, a_place
from chaos.bounces import free_port

BAR_SECONDS = 1.0
HALVES = (
    b"GE",
    b"GET / HTTP/1.1\r\nHost: papers.example.org\r\nX-Slow: ",
    b"POST /subscribe HTTP/1.1\r\nHost: papers.example.org\r\nContent-Length: 900\r\n\r\nemail=",
    b"",
)
# As Debian's own file of nginx has it.
FRAME = """daemon off; worker_processes 1; error_log {folder}/error.log; pid {folder}/pid;
events {{ worker_connections 768; }}
http {{ access_log off; {temporary}
{site} }}
"""
PATHS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def measure(*, sockets: int, loads: int) -> Iterator[Figure]:
    """``loads`` of the front page, each over a connection of its own, beside ``sockets`` that send half of a request."""
    with a_place(SQLITE) as (_, environ), serving("wsgi:app", environ) as port:
        yield _figure("the pages alone", port, None, sockets, loads)
    if shutil.which("nginx") is None:
        yield Figure("front page behind nginx among slow sockets", None, note="there is no nginx on PATH")
        return
    with ExitStack() as stack:
        _, environ = stack.enter_context(a_place(SQLITE, PROXY_HOPS="1", BASE_URL="https://papers.example.org"))
        pages = stack.enter_context(serving("wsgi:app", environ))
        port = stack.enter_context(_nginx(Path(environ["DATA_DIR"]), pages))
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        yield _figure("behind nginx", port, context, sockets, loads)


def _figure(where: str, port: int, tls: ssl.SSLContext | None, sockets: int, loads: int) -> Figure:
    waits: list[float] = []
    with ExitStack() as stack:
        slow = [stack.enter_context(_open(port, tls, seconds=60)) for _ in range(sockets)]
        for number, one in enumerate(slow):
            one.sendall(HALVES[number % len(HALVES)])
        for _ in range(loads):
            began = time.perf_counter()
            _load(port, tls)
            waits.append(time.perf_counter() - began)
            for one in slow:
                with suppress(OSError):
                    one.send(b"a")
    note = f"the longest of {loads}, median {sorted(waits)[loads // 2]:.3f} s; {sockets} sockets that send a byte now and then"
    return Figure(f"front page {where} among slow sockets", max(waits), "s", at_most=BAR_SECONDS, note=note)


def _open(port: int, tls: ssl.SSLContext | None, *, seconds: float) -> socket.socket:
    plain = socket.create_connection(("127.0.0.1", port), timeout=seconds)
    return tls.wrap_socket(plain, server_hostname="papers.example.org") if tls else plain


def _load(port: int, tls: ssl.SSLContext | None) -> None:
    with _open(port, tls, seconds=60) as asking:
        asking.sendall(b"GET / HTTP/1.1\r\nHost: papers.example.org\r\nConnection: close\r\n\r\n")
        answer = b""
        while piece := asking.recv(65536):
            answer += piece
    if b" 200 " not in answer[:20]:
        raise RuntimeError(f"the front page answered {answer[:60]!r}")


@contextmanager
def _nginx(folder: Path, pages: int) -> Iterator[int]:
    """The site that we ship before the pages on port ``pages``, with a certificate of its own; gives the port of TLS."""
    port, plain = free_port(), free_port()
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    made += ["-subj", "/CN=papers.example.org", "-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")]
    subprocess.run(made, check=True, capture_output=True)
    site = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    changes = {
        "/etc/letsencrypt/live/papers.example.org": str(folder), "listen [::]": "# ", "127.0.0.1:8000": f"127.0.0.1:{pages}",
        "listen 443": f"listen 127.0.0.1:{port}", "listen 80": f"listen 127.0.0.1:{plain}",
    }  # fmt: skip
    for before, after in changes.items():
        site = site.replace(before, after)
    temporary = "".join(f"{name}_temp_path {folder}/{name};\n" for name in PATHS)
    (folder / "nginx.conf").write_text(FRAME.format(folder=folder, temporary=temporary, site=site), encoding="utf-8")
    process = subprocess.Popen(["nginx", "-c", str(folder / "nginx.conf"), "-p", str(folder), "-e", str(folder / "error.log")])
    try:
        deadline = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=20)
        while dt.datetime.now(dt.UTC) < deadline:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait()
