"""What stands in front of the pages and what goes into the image: TLS of today, public certificates, no history and no secrets."""

from __future__ import annotations

import fnmatch
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NGINX = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
CADDY = (ROOT / "deploy" / "Caddyfile").read_text(encoding="utf-8")


def test_the_sample_for_nginx_speaks_tls_of_today() -> None:
    assert re.search(r"^\s*ssl_protocols TLSv1\.2 TLSv1\.3;$", NGINX, re.M)
    # Forward secrecy and authenticated encryption only.
    ciphers = re.search(r"^\s*ssl_ciphers (.*);$", NGINX, re.M)
    assert ciphers
    assert all(part in ("ECDHE+AESGCM", "ECDHE+CHACHA20") for part in ciphers[1].split(":"))
    # Caddy's defaults are these; https://caddyserver.com/docs/caddyfile/directives/tls would loosen them.
    assert not re.search(r"^\s*tls\b", CADDY, re.M)


def test_the_samples_get_public_certificates() -> None:
    assert "/etc/letsencrypt/live/" in NGINX
    assert "tls internal" not in CADDY
    assert "return 301 https://$host$request_uri;" in NGINX


def test_the_image_has_no_history_and_no_secrets() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    for name in (".git", ".env", "var", "tests", "chaos"):
        assert any(fnmatch.fnmatch(name, pattern) for pattern in ignored), name
    copied = re.findall(r"^COPY (?!--)(.+) \S+$", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.M)
    assert copied
    assert {".", "./", "tests", "bench", ".git"}.isdisjoint(word for line in copied for word in line.split())


@pytest.mark.skipif(shutil.which("caddy") is None, reason="there is no Caddy here")
def test_caddy_takes_its_sample() -> None:
    command = ["caddy", "validate", "--adapter", "caddyfile", "--config", str(ROOT / "deploy" / "Caddyfile")]
    ran = subprocess.run(
        command, env={"BASE_URL": "https://papers.example.org", "HOME": "/nonexistent"}, capture_output=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
