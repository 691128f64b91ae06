"""Draws every page into var/pictures/, in the languages whose letters differ most; `tests.pictures` calls it."""

from __future__ import annotations

import logging
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser

from newsletter.db import connect
from newsletter.operating.migrate import migrate
from newsletter.papers.store import papers as papers_store
from newsletter.search.store import index_new
from newsletter.translation.store import translations as translation_store
from newsletter.translation.store.translations import Accepted
from newsletter.values.topics import Match
from newsletter.values.translations import Field
from newsletter.web import create_app
from tests.mail.samples import ABSTRACTS, TITLES, paper
from tests.web.conftest import DAY, NOW, Site, services_on, site_on
from tests.web.every_page import visited
from tests.web.serving import served

LANGUAGES = ("en", "zh-CN", "ar")
# Width and scheme: a phone and a desk, dark on the phone once.
VIEWS = ((360, "light"), (1280, "light"), (360, "dark"))
PAPERS = 6
# What the sample on the front page shows: topic, title, and what its abstract begins with.
SAMPLED = (
    (
        "3dgs",
        "Splats That Fit a Phone: Codebooks for Radiance Fields",
        "A shared codebook keeps scenes below 40 MB at 120 frames a second.",
    ),
    (
        "3dgs",
        "Relightable Gaussians from One Evening of Photographs",
        "We separate light from matter with forty pictures and no rig.",
    ),
    (
        "diffusion",
        "Fewer Steps, Same Faces: Distilling Video Diffusion",
        "Four steps give what fifty gave, with steady faces over ten seconds.",
    ),
    ("diffusion", "What a Denoiser Knows About Depth", "Depth can be read from its features without training anything."),
    ("llm", "Do Long Contexts Help? A Study of Twelve Models", "Beyond 32,000 tokens most answers get worse, not better."),
    (
        "llm",
        "Small Models That Ask Before They Answer",
        "A question in return halves the errors of a model of three billion weights.",
    ),
)


def draw_pages(browser: Browser, out: Path) -> None:
    """Pictures of all pages of a site with a few papers that are translated; tells what is wider than the window."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    for language in LANGUAGES:
        for width, scheme in VIEWS:
            with tempfile.TemporaryDirectory() as folder:
                site = _site(Path(folder), language)
                context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
                page = context.new_page()
                with served(site.app) as address:
                    for one in visited(page, address, site, language=language):
                        page.screenshot(path=out / f"page-{one.name}-{language}-{width}-{scheme}.png", full_page=True)
                        wide = page.evaluate("document.documentElement.scrollWidth")
                        if wide > width:
                            sys.stderr.write(f"page {one.name} is {wide} px wide at {width} px in {language}\n")
                context.close()
                site.services.database.close()


def draw_front_page(browser: Browser, path: Path) -> None:
    """The page where one signs up, as on a desk."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        services = services_on(_migrated(Path(folder)), Path(folder))
        sampled = [
            (
                paper(f"2606.2630{number}", title=title, abstract=words, announced_on=DAY),
                [Match(f"2606.2630{number}", slug, 9.0, "")],
            )
            for number, (slug, title, words) in enumerate(SAMPLED)
        ]
        with services.database.transaction() as session:
            papers_store.store_papers(session, sampled, now=NOW)
        page = browser.new_page(viewport={"width": 1100, "height": 844}, color_scheme="light", device_scale_factor=1)
        with served(create_app(services)) as address:
            page.goto(f"{address}/?lang=en")
            page.screenshot(path=path)
        page.close()
        services.database.close()


def _site(folder: Path, language: str) -> Site:
    imprint = "Paper Morning, Example Street 1, 12345 Example City"
    site = site_on(_migrated(folder), folder, IMPRINT=imprint, CONTACT_EMAIL="papers@example.org")
    _fill(site, language)
    return site


def _migrated(folder: Path) -> str:
    url = f"sqlite:///{folder / 'newsletter.db'}"
    database = connect(url)
    migrate(database)
    database.close()
    return url


def _fill(site: Site, language: str) -> None:
    papers = [paper(f"2606.2620{number}", announced_on=DAY) for number in range(PAPERS)]
    pairs = [(one, [Match(one.ref, "3dgs", 3.0, "title: Gaussian Splatting, abstract: splat (3x)")]) for one in papers]
    with site.services.database.transaction() as session:
        papers_store.store_papers(session, pairs, now=NOW)
        ids = [one.id for one in papers_store.papers_announced(session, DAY) if one.title == TITLES["en"]][: PAPERS - 1]
        texts = {Field.TITLE: TITLES.get(language, ""), Field.ABSTRACT: ABSTRACTS.get(language, "")}
        needs = translation_store.needed(session, [(paper_id, language) for paper_id in ids])
        made = [
            Accepted(need.paper_id, need.version, need.field, need.language, need.source_hash, texts[need.field], "libre")
            for need in needs
            if need.field in texts
        ]
        translation_store.save(session, made, now=NOW)
    index_new(site.services.database)
