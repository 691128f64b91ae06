"""What stands in front of the pages and what goes into the image: TLS of today, public certificates, no history and no secrets."""

from __future__ import annotations

import fnmatch
import os
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


def test_people_are_led_to_tls_and_programs_are_not() -> None:
    plain = NGINX.partition("listen 443")[0]
    assert "location /hooks/ { return 403; }" in plain
    assert "location / { return 301 https://$host$request_uri; }" in plain
    assert "auto_https disable_redirects" in CADDY
    assert re.search(r"http:// \{\s+handle /hooks/\* \{\s+respond 403\s+\}\s+handle \{\s+redir https://", CADDY)


def test_the_image_has_no_history_and_no_secrets() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    for name in (".git", ".env", "var", "tests", "chaos"):
        assert any(fnmatch.fnmatch(name, pattern) for pattern in ignored), name
    copied = re.findall(r"^COPY (?!--)(.+) \S+$", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.M)
    assert copied
    assert {".", "./", "tests", "bench", ".git"}.isdisjoint(word for line in copied for word in line.split())


@pytest.mark.skipif(shutil.which("nginx") is None, reason="there is no nginx here")
def test_nginx_takes_its_sample(tmp_path: Path) -> None:
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=papers.example.org"]
    made += ["-keyout", str(tmp_path / "privkey.pem"), "-out", str(tmp_path / "fullchain.pem")]
    subprocess.run(made, check=True, capture_output=True)
    site = NGINX.replace("/etc/letsencrypt/live/papers.example.org", str(tmp_path))
    site = re.sub(r"listen (?:\[::\]:)?(\d+)", lambda found: f"listen unix:{tmp_path}/{found.start()}.sock", site)
    folders = "".join(f"{name}_temp_path {tmp_path}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (tmp_path / "nginx.conf").write_text(f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{ access_log off;\n{folders}{site} }}\n")
    command = ["nginx", "-t", "-c", str(tmp_path / "nginx.conf"), "-p", str(tmp_path), "-e", str(tmp_path / "error.log")]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


@pytest.mark.skipif(shutil.which("caddy") is None, reason="there is no Caddy here")
def test_caddy_takes_its_sample(tmp_path: Path) -> None:
    command = ["caddy", "validate", "--adapter", "caddyfile", "--config", str(ROOT / "deploy" / "Caddyfile")]
    values = {**os.environ, "BASE_URL": "https://papers.example.org", "HOME": str(tmp_path)}
    ran = subprocess.run(command, env=values, capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr
