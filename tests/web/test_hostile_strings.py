"""Five hundred hostile strings as title, abstract, author, translation, topic name and query: pages and feeds show them as words."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from html import unescape
from html.parser import HTMLParser
from itertools import islice, product
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import yaml

from newsletter.errors import InputError
from newsletter.papers.store import papers as papers_store
from newsletter.search.store import index_new
from newsletter.subscribers.store.saved_queries import replace_own
from newsletter.tables.translations import TranslationRow
from newsletter.text.characters import printable
from newsletter.text.formulas import plain
from newsletter.topics.saved_queries import read_line
from newsletter.translation.store import translations as translation_store
from newsletter.values.papers import Paper
from newsletter.values.saved_queries import Kind, SavedQuery
from newsletter.values.topics import Match
from newsletter.values.translations import Field
from newsletter.web.public.archive import PAPERS_A_PAGE
from tests.conftest import missing
from tests.mail.hostile import STRINGS
from tests.mail.html_checks import Outline
from tests.services import give_catalogue
from tests.walk.browser import chromium, launched, page_of
from tests.web.conftest import NOW, Site, csrf_of, link_of, paper, signed_up, site_on
from tests.web.page_checks import UNSEEN, check_page, check_part
from tests.web.serving import served

ATOM = "{http://www.w3.org/2005/Atom}"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
# A database takes no half of a surrogate pair.
WORDS = [words.encode("utf-8", "replace").decode() for words in STRINGS]
# A topic has a name.
NAMES = [words for words in WORDS if words.strip()]
TOPICS = len(NAMES)
# Saved queries are tried on the papers of two weeks.
TODAY = NOW.date()


def catalogue(named: list[str]) -> str:
    """A catalogue of topics with hostile names, besides those that the site of the tests knows."""
    names = {f"t-{n}": words for n, words in enumerate(named)} | dict.fromkeys(("3d", "3dgs", "llm"), NAMES[0])
    return yaml.dump(
        [
            {
                "slug": slug,
                "names": dict.fromkeys(("en", "zh-CN", "zh-TW", "ja"), words),
                "means": words,
                "categories": ["cs.CV"],
                "strong": [f"phrase {slug}"],
            }
            for slug, words in names.items()
        ],
        Dumper=yaml.CSafeDumper,
    )


def hostile_paper(number: int, words: str) -> Paper:
    return paper(
        f"2606.4{number:04d}",
        title=words,
        abstract=f"Zylograph zylo{number}: {words}",
        authors=(words,) * 4,
        categories=(words[:60], "cs.CV"),
        comment=words,
        links=(),
        announced_on=TODAY,
    )


def fill(site: Site) -> None:
    """All strings as papers with their translation into Chinese, each under one of the topics."""
    matched = [
        (hostile_paper(n, words), [Match(f"2606.4{n:04d}", f"t-{n % TOPICS}", 2.0, f"title: {words}")])
        for n, words in enumerate(WORDS)
    ]
    with site.services.database.transaction() as session:
        papers_store.store_papers(session, matched, now=NOW)
        ids = [one.id for one in papers_store.papers_announced(session, TODAY)]
        for need in translation_store.needed(session, [(paper_id, "zh-CN") for paper_id in ids]):
            if need.field is not Field.TLDR:
                session.add(
                    TranslationRow(
                        paper_id=need.paper_id,
                        version=need.version,
                        field=need.field,
                        language="zh-CN",
                        source_hash=need.source_hash,
                        engine=need.text[:20],
                        text=need.text,
                        made_at=NOW,
                    )
                )
    index_new(site.services.database)


@contextmanager
def filled(template: Path, folder: Path, named: list[str]) -> Iterator[Site]:
    """A site in ``folder`` with the papers of all strings, and topics that are called ``named``."""
    (folder / "newsletter.db").write_bytes(template.read_bytes())
    site = site_on(f"sqlite:///{folder / 'newsletter.db'}", folder)
    give_catalogue(site.services, catalogue(named))
    fill(site)
    yield site
    site.services.database.close()


@pytest.fixture(scope="module")
def hostile(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with filled(sqlite_template, tmp_path_factory.mktemp("hostile"), NAMES) as site:
        yield site


@pytest.fixture(scope="module")
def few_topics(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The same with a short list of topics: for pages with forms about something else, which are then a tenth as long."""
    with filled(sqlite_template, tmp_path_factory.mktemp("few"), NAMES[::100]) as site:
        yield site


def as_shown(words: str) -> str:
    """``words`` of a paper as a page says them: without what nobody sees, simple formulas in Unicode, one space between."""
    return named(plain(words))


def named(words: str) -> str:
    """``words`` as the name of a topic, in which a formula is none."""
    return " ".join(printable(words).split())


def places(html: str, tag: str) -> list[str]:
    """The words of each element ``tag`` of a page or a part of one, whose own words cannot stand in for them."""
    return [Outline(found[0]).words for found in re.finditer(rf"<{tag}\b[^>]*>.*?</{tag}>", html, re.DOTALL)]


def is_title(title: str, whole: str) -> bool:
    """Whether ``title`` is ``whole``; a long one is cut, and says so."""
    return title == whole or (len(whole) > 200 and title[-1:] == "…" and whole.startswith(title[:-1]))


def languages(n: int) -> dict[str, str]:
    """Languages of paper and page in turn, so that each string comes in each, in one disguise or the other."""
    return {"language": ("zh-CN", "en", "ar")[(n + n // 51) % 3], "lang": ("ar", "zh-CN", "en", "ja")[(n + n // 51) % 4]}


def test_every_page_of_a_paper_says_its_words_as_they_are(hostile: Site) -> None:
    client = hostile.client()
    # Kinds of strings stand together, and all titles are seen in lists: every other one.
    for n, words in islice(enumerate(WORDS), 0, None, 2):
        page = client.get(f"/papers/2606.4{n:04d}", query_string=languages(n)).text
        outline = check_page(page)
        assert places(page, "h1") == [as_shown(words)], words[:60]
        assert named(f"Zylograph zylo{n}: {plain(words)}") in outline.words, words[:60]
        assert named(", ".join([words] * 4)) in outline.words, words[:60]


def test_every_list_of_papers_says_their_titles_as_they_are(hostile: Site) -> None:
    client = hostile.client()
    titles: list[str] = []
    for number in range(1, -(-len(WORDS) // PAPERS_A_PAGE) + 1):
        page = client.get(f"/archive/{TODAY}", query_string={"language": "zh-CN", "page": number}).text
        check_page(page)
        titles += places(page, "h3")
    assert Counter(titles) == Counter(map(as_shown, WORDS))
    for n, words in enumerate(NAMES):
        page = client.get(f"/topics/t-{n}", query_string=languages(n)).text
        check_page(page)
        assert [named(unescape(found)) for found in re.findall("<h1>([^<]*)</h1>", page)] == [named(words)]


def test_search_shows_every_title_as_it_is_whatever_is_marked(few_topics: Site) -> None:
    client = few_topics.client()
    for query in ("zylograph", "zylograph alert", "zylograph learning"):
        found: Counter[str] = Counter()
        for number in range(1, 28):
            page = client.get("/search", query_string={"q": query, "page": number, "lang": "ar"}).text
            check_page(page)
            if '<ol class="papers"' not in page:
                break  # past the last page the heading says that there is none
            found += Counter(places(page, "h2"))
        everything = Counter(map(as_shown, WORDS))
        assert found == everything if query == "zylograph" else found <= everything and found.total() > 10


def test_search_marks_nothing_but_words(few_topics: Site) -> None:
    client = few_topics.client()
    queries = [words[:300] for words in WORDS if not any(sign < " " or sign in "\x7f\ufffd" for sign in words[:300])]
    # A search takes its time, and the strings come in kinds that stand together: every fifth, of these every third as it finds.
    for n, query in enumerate(queries[::5]):
        answer = client.get("/search", query_string={"q": query, "page": 50 if n % 3 else 1})
        assert answer.status_code == 200
        check_page(answer.text)


def test_names_of_topics_are_names_where_topics_are_chosen(hostile: Site) -> None:
    client = hostile.client()
    for path in ("/", "/?lang=ar", f"/preferences/{hostile.reader}"):
        outline = check_page(client.get(path).text)
        assert outline.tags.count("input") > TOPICS
    token = csrf_of(client, "/")
    for start in range(0, TOPICS, 10):
        topics = [f"t-{n}" for n in range(start, min(start + 10, TOPICS))]
        data = {"csrf_token": token, "topics": topics, "language": "zh-CN"}
        # The whole page, of five hundred topics, is the same around each.
        part = {"X-Part": "preview"} if start else {}
        answer = client.post("/preview", data=data, headers=part)
        assert answer.status_code == 200
        (check_part if part else check_page)(answer.text)
        assert answer.text.count('<div class="letter"') == 1


def test_saved_queries_are_shown_as_they_were_written(few_topics: Site) -> None:
    client = few_topics.client()
    page = f"/preferences/{few_topics.reader}"
    token = csrf_of(client, page)
    for n, start in enumerate(range(0, len(WORDS), 5)):
        words = "\n".join(WORDS[start : start + 5])
        data = {"csrf_token": token, "queries": words, "authors": words, "excluded": words}
        answer = client.post(f"{page}/try", data=data, environ_base={"REMOTE_ADDR": f"10.1.{n}.1"})
        assert answer.status_code in (200, 400, 413), words[:40]
        check_page(answer.text)


def test_a_trial_of_saved_queries_says_the_titles_that_it_found(few_topics: Site) -> None:
    client = few_topics.client()
    page = f"/preferences/{few_topics.reader}"
    token = csrf_of(client, page)
    # Of more lines at once no title is shown.
    for start in range(0, len(WORDS), 60):
        lines = [f"zylo{n}" for n in range(start, min(start + 60, len(WORDS)))]
        data = {"csrf_token": token, "queries": "\n".join(lines[:20]), "excluded": "\n".join(lines[20:])}
        answer = client.post(f"{page}/try", data=data, environ_base={"REMOTE_ADDR": f"10.2.{start // 60}.1"})
        assert answer.status_code == 200
        check_page(answer.text)
        part = answer.text.partition('<ul class="trials">')[2].partition("</form>")[0]
        titles = [Outline(found).words for found in re.findall(r'<li>(<a href="/papers/[^"]*">.*?</a>)</li>', part, re.DOTALL)]
        wanted = [as_shown(words) for words in WORDS[start : start + 60]]
        assert [title for title, whole in zip(titles, wanted, strict=True) if not is_title(title, whole)] == []


def readable(texts: list[str]) -> Iterator[SavedQuery]:
    """The queries, authors and words to keep out that ``texts`` can be read as."""
    for kind, words in product(Kind, texts):
        with suppress(InputError):
            yield read_line(kind, words)


def test_saved_queries_that_are_stored_break_no_page(few_topics: Site) -> None:
    reader_id, _ = signed_up(few_topics.services, "odd@example.org")
    client = few_topics.client()
    link = link_of(few_topics.services, reader_id)
    wanted = list(dict.fromkeys(readable(WORDS)))
    assert len(wanted) > 300
    for start in range(0, len(wanted), 60):
        own = wanted[start : start + 60]
        with few_topics.services.database.transaction() as session:
            replace_own(session, reader_id, own, now=NOW)
        answer = client.get(f"/preferences/{link}")
        assert answer.status_code == 200
        check_page(answer.text)
    with few_topics.services.database.transaction() as session:
        replace_own(session, reader_id, [], now=NOW)


class Inner(HTMLParser):
    """The tags in the content of a feed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, attrs))


def check_content(html: str) -> None:
    assert not UNSEEN.search(html)
    for tag, attrs in Inner(html).found:
        assert tag in ("p", "h4", "a"), tag
        assert {name for name, _ in attrs} <= {"lang", "dir", "href"}, attrs


def test_every_feed_holds_words_only(hostile: Site) -> None:
    client = hostile.client()
    entries = 0
    for n in range(TOPICS):
        document = ET.fromstring(client.get(f"/feeds/t-{n}.xml?language=zh-CN").data)
        for content in document.iter(f"{ATOM}content"):
            check_content(content.text or "")
            entries += 1
        assert not UNSEEN.search("".join(document.itertext()))
        feed = json.loads(client.get(f"/feeds/t-{n}.json?language=zh-CN").data)
        assert not UNSEEN.search(" ".join([feed["title"], feed["description"]]))
        for item in feed["items"]:
            check_content(item["content_html"])
            names = [author["name"] for author in item["authors"]]
            assert not UNSEEN.search(" ".join([item["title"], *names, *item["tags"]]))
    assert entries == len(WORDS)


def test_the_map_of_the_site_holds_addresses_only(hostile: Site) -> None:
    places = [place.text or "" for place in ET.fromstring(hostile.client().get("/sitemap.xml").data).iter(f"{MAP}loc")]
    assert len(places) > len(WORDS) + TOPICS
    assert all(re.fullmatch(r"https?://[\w.:-]+(/[\w./-]*)?", place) for place in places)


@pytest.mark.browser
def test_no_script_but_ours_runs_in_a_browser(hostile: Site) -> None:
    if chromium() is None:
        missing("Chromium")
    ran: list[str] = []
    with served(hostile.app) as address, launched() as browser, page_of(browser) as page:
        page.on("dialog", lambda dialog: (ran.append(dialog.message), dialog.dismiss()))
        page.on("console", lambda line: ran.append(line.text) if "Content Security Policy" in line.text else None)
        page.on("request", lambda asked: ran.append(asked.url) if not asked.url.startswith((address, "data:")) else None)
        paths = [f"/archive/{TODAY}?language=zh-CN&page={number}" for number in (1, 2, 9)]
        for path in (*paths, "/papers/2606.40000", "/papers/2606.40006?language=zh-CN", "/search?q=alert", "/"):
            page.goto(address + path)
            page.mouse.move(200, 300)
            assert page.locator("script:not([type='application/ld+json'])").count() == 1
        page.check("input[value='t-0']")
        page.locator(".letter").wait_for()
        assert page.locator("script").count() == 1
    assert ran == []
