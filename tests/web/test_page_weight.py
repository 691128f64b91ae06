"""Every page with its styles and its script stays within 100 kB on a busy day, also in a language of three bytes a letter."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from flask.testing import FlaskClient

from newsletter.collection.bodies import pieces_of
from newsletter.collection.store import history
from newsletter.collection.store import nodes as collection_store
from newsletter.collection.values import Draft, Node, NodeKind
from newsletter.papers.store import papers as papers_store
from newsletter.search.store import index_new
from newsletter.translation.store import translations as translation_store
from newsletter.values.topics import Match
from newsletter.values.translations import Field
from tests.mail.samples import ABSTRACTS, TITLES
from tests.web.conftest import DAY, NOW, Site, csrf_of, log_in, paper
from tests.web.editors.test_editors import editing
from tests.web.page_checks import weight
from tests.web.test_conventions import address, rules

MOST = 100_000
PAPERS = 120


def busy(site: Site) -> None:
    """A hundred and twenty long papers in Chinese, each under five of sixty topics, and sixty days of the archive."""
    slugs = [topic.slug for topic in site.services.catalogue.topics]
    title, abstract = TITLES["en"] * 3, ABSTRACTS["en"] * 4
    papers = [paper(f"2606.5{n:04d}", title=title, abstract=abstract) for n in range(PAPERS)]
    papers += [paper(f"2606.6{n:04d}", announced_on=DAY - dt.timedelta(days=n)) for n in range(1, 60)]
    reason = "title: Gaussian Splatting, abstract: radiance field (3x), comment: splat*"
    with site.services.database.transaction() as session:
        papers_store.store_papers(
            session,
            [
                (one, [Match(one.ref, slug, 2.0, reason) for slug in {"3dgs", *slugs[n % 60 : n % 60 + 5]}])
                for n, one in enumerate(papers)
            ],
            now=NOW,
        )
        ids = [one.id for one in papers_store.papers_announced(session, DAY)]
        texts = {Field.TITLE: TITLES["zh-CN"] * 3, Field.ABSTRACT: ABSTRACTS["zh-CN"] * 4, Field.TLDR: ABSTRACTS["zh-CN"][:100]}
        made = [
            translation_store.Accepted(
                need.paper_id, need.version, need.field, need.language, need.source_hash, texts[need.field], "libre"
            )
            for need in translation_store.needed(session, [(paper_id, "zh-CN") for paper_id in ids])
        ]
        translation_store.save(session, made, now=NOW)
    index_new(site.services.database)


def weights(site: Site, client: FlaskClient) -> dict[str, int]:
    """How much each page weighs, its styles and script counted in; feeds and maps are no pages."""
    paths = [address(site, rule) for rule in rules(site, "GET")]
    paths += ["/search?q=gaussian", "/search?q=高斯", f"/archive/{DAY}?topic=3dgs&page=2"]
    found = {}
    for path in paths:
        answer = client.get(f"{path}{'&' if '?' in path else '?'}lang=zh-CN", buffered=True)
        if answer.mimetype == "text/html" and answer.status_code == 200:
            found[path] = weight(client, answer.data)
    token = csrf_of(client, "/")
    data = {
        "csrf_token": token,
        "topics": [topic.slug for topic in site.services.catalogue.topics if topic.parent],
        "language": "zh-CN",
    }
    answer = client.post("/preview", data=data)
    assert answer.status_code == 200
    return found | {"the front page with today's mail": weight(client, answer.data)}


def test_no_page_weighs_more_than_100_kb_on_a_busy_day(small_site: Site) -> None:
    busy(small_site)
    client = small_site.client()
    log_in(client)
    found = weights(small_site, client)
    assert len(found) > 20
    assert {path: bytes_ for path, bytes_ in found.items() if bytes_ > MOST} == {}


def full(site: Site) -> Node:
    """A collection of five hundred entries in a section and two hundred in eighty, each of a paper with a long note; the first changed sixty times."""
    note = f"**Why**: {ABSTRACTS['en']}\n\n#### Abstract\n\n{ABSTRACTS['zh-CN'] * 3}\n\n[GitHub](https://github.com/a/b)\n"
    made = []
    with site.services.database.transaction() as session:
        for number in range(80):
            draft = Draft(NodeKind.SECTION, title=f"{number}. {TITLES['zh-CN']}")
            section = collection_store.add(session, draft, parent=None, who="Ada", now=NOW)
            for n in range(number, 200, 80) if number else range(500):
                entry = Draft(
                    NodeKind.ENTRY,
                    title=f"{TITLES['en']} {n}",
                    url=f"https://arxiv.org/abs/2606.5{n % PAPERS:04d}",
                    dated="CVPR 2026",
                    pieces=pieces_of(note),
                    picked_by="Ada",
                )
                made.append(collection_store.add(session, entry, parent=section.id, who="Ada", now=NOW))
        for n in range(60):
            fields = {"title": f"{TITLES['en']} {n}", "pieces": pieces_of(note * (1 + n % 2))}
            history.change(session, made[0].id, fields=fields, seen_version=1 + n, who="Ada", now=NOW)
    return made[0]


def test_no_page_of_a_large_collection_weighs_more_than_100_kb(small_site: Site) -> None:
    busy(small_site)
    first = full(small_site)
    reader, editor = small_site.client(), editing(small_site)
    paths = ["/collection", "/collection?page=2", f"/collection/{first.id}", "/collection/changes"]
    own = ["/collection/add", f"/collection/{first.id}/edit", f"/collection/{first.id + 250}/edit"]
    found = {}
    for who, client, asked in (("reader", reader, paths), ("editor", editor, paths + own)):
        for path in asked:
            answer = client.get(f"{path}{'&' if '?' in path else '?'}lang=zh-CN&language=zh-CN")
            assert answer.status_code == 200, path
            found[who, path] = weight(client, answer.data)
    assert {path: bytes_ for path, bytes_ in found.items() if bytes_ > MOST} == {}


def test_all_pages_share_a_sheet_and_a_script_and_three_parts_have_a_sheet_more() -> None:
    import newsletter.web

    static = Path(newsletter.web.__file__).parent / "static"
    assert sorted(path.name for path in static.iterdir()) == [
        "admin.css",
        "app.css",
        "app.js",
        "archive.css",
        "collection.css",
        "icon.svg",
        "og.png",
    ]
