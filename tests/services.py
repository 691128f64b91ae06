"""The real Services, put together for a test: a database of its own, a folder of its own, outside services on loopback."""

from __future__ import annotations

from pathlib import Path

from newsletter import bootstrap
from newsletter.bootstrap import Services
from newsletter.settings import load

SECRET = "a-test-secret-of-sufficient-length"


def services_over(database_url: str, folder: Path, **environ: str) -> Services:
    """Services over ``database_url`` with ``environ`` on top of settings that reach nothing outside."""
    values = {
        "DATABASE_URL": database_url,
        "DATA_DIR": str(folder / "var"),
        "SECRET_KEY": SECRET,
        "SUPPRESSION_KEY": SECRET,
        "BASE_URL": "http://papers.example.org",
        "MAIL_FROM": "Paper Morning <papers@example.org>",
        "TRANSLATORS": "none",
        "ARXIV_API_URL": "http://127.0.0.1:9/api/query",
        "ARXIV_DELAY_SECONDS": "0",
    }
    return bootstrap.build(load(values | environ))
