"""Operators look after papers, topics, engines and relays: marks, texts, the catalogue and a test mail."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsletter.daily import translations
from newsletter.errors import InputError
from newsletter.operating.operators import store as operators_store
from newsletter.papers.store import fetches
from newsletter.papers.store.fetches import FetchRecord
from newsletter.topics.entry_texts import entry_text, with_entry, without_entry
from newsletter.translation.store import usage
from newsletter.values.translations import Field
from tests.papers.arxiv.fake_query_api import FakeArxiv, Fault, some_paper
from tests.papers.preprints.fake_biorxiv import FakeBiorxiv, some_posting
from tests.smtp_sink import Sink
from tests.translation.engines.fake_engines import FakeEngines
from tests.web.conftest import DAY, NOW, Site, log_in, send, site_on

PAPER = "/admin/papers/of/2606.26101"
FILE = "# kept\n- slug: a\n  names: {en: A}\n\n  strong: [one]\n# of b\n- slug: 'b'\n  names: {en: B}\n  strong: [two]\n"


def test_a_text_is_rejected_written_by_hand_and_shown_so(small_site: Site) -> None:
    log_in(client := small_site.client())
    text = {"ref": "2606.26101", "language": "zh-CN", "field": "title"}

    def act(name: str, **fields: str) -> int:
        return send(client, PAPER, f"/admin/papers/{name}", **{**text, **fields}).status_code

    assert "高斯泼溅 &lt;b&gt;标题" in client.get(PAPER).text
    assert act("reject") == 303
    assert "was refused" in client.get(f"{PAPER}?lang=en").text
    assert act("write", text="  高斯泼溅，\n第一篇 ") == 303
    shown = {(one.language, one.field): one for one in translations.show(small_site.services, "2606.26101")}
    assert (shown["zh-CN", Field.TITLE].text, shown["zh-CN", Field.TITLE].engine) == ("高斯泼溅， 第一篇", "operator")
    assert act("write", text="第二次") == 303
    assert "第二次" in client.get("/papers/2606.26101?language=zh-CN").text
    assert act("reject") == 303
    assert "第二次" not in client.get("/papers/2606.26101?language=zh-CN").text
    for wrong in ({"text": " "}, {"field": "x"}, {"language": "xx"}, {"language": "en"}):
        assert act("write", **{"text": "x", **wrong}) == 400, wrong
    assert act("write", ref="9999.99999", text="x") == 404


def test_a_paper_is_marked_as_wrong_or_missing_under_a_topic(small_site: Site) -> None:
    log_in(client := small_site.client())

    def mark(word: str, topic: str = "3dgs") -> int:
        return send(client, PAPER, "/admin/papers/mark", ref="2606.26101", topic=topic, mark=word).status_code

    assert mark("wrong") == 303
    assert "marked as wrong there" in client.get(f"{PAPER}?lang=en").text
    assert "wrong there" in client.get("/admin/papers?lang=en").text
    assert [mark("undo"), mark("undo"), mark("odd"), mark("missing", "nothing")] == [303, 400, 400, 400]
    assert client.get("/admin/papers/find?ref=https://arxiv.org/abs/2606.26101v2").headers["Location"] == PAPER
    for missing in ("/admin/papers/of/nothing", "/admin/papers/find?ref=nothing", "/admin/papers/find?ref="):
        assert client.get(missing).status_code == 404, missing


def test_a_topic_is_tried_saved_and_gone_back_from(small_site: Site) -> None:
    log_in(client := small_site.client())
    with small_site.services.database.transaction() as session:
        from sqlalchemy import update

        from newsletter.tables.papers import PaperRow

        session.execute(update(PaperRow).values(announced_on=NOW.date()))
    where = "/admin/topics/edit/3dgs"
    page = client.get(f"{where}?lang=en").text
    assert "- slug: 3dgs" in page

    def press(button: str, text: str, number: str = "0", slug: str = "3dgs") -> tuple[int, str]:
        answer = send(client, where, f"/admin/topics/{button}", slug=slug, number=number, text=text)
        return answer.status_code, answer.text

    entry = "- slug: 3dgs\n  parent: 3d\n  names: Splats\n  categories: [cs.CV]\n  strong: [%s]\n"
    before = small_site.rows()
    code, tried = press("try", entry % "splatting number")
    assert (code, "2606.26101" in tried) == (200, False)
    code, tried = press("try", entry % "nothing that stands anywhere")
    assert (code, "2606.26101" in tried) == (200, True)
    for wrong in (
        "nonsense",
        "- slug: 3dgs\n  names: [",
        "- slug: llm\n  names: {en: x}\n  strong: [x]",
        "- slug: 3dgs",
        "x" * 70_000,
    ):
        assert press("try", wrong)[0] in (400, 413), wrong[:30]
        assert press("save", wrong)[0] in (400, 413), wrong[:30]
    assert small_site.kept()["own_files"] == before["own_files"]
    assert press("save", entry % "splatting number")[0] == 303
    assert "Splats" in client.get("/admin/topics?lang=en").text
    # Somebody else saved meanwhile.
    assert press("save", entry % "other words", number="0")[0] == 400
    assert send(client, "/admin/topics", "/admin/topics/undo").status_code == 303
    assert "Splats" not in client.get("/admin/topics?lang=en").text
    assert send(client, where, "/admin/topics/undo").status_code == 400
    assert client.get("/admin/topics/edit/nothing").status_code == 404


def test_an_entry_is_taken_out_and_put_back_and_all_else_stays() -> None:
    assert entry_text(FILE, "a") == "- slug: a\n  names: {en: A}\n\n  strong: [one]\n"
    changed = with_entry(FILE, "b", "- slug: c\r\n  names: {en: C}\r\n")
    assert changed == FILE[: FILE.index("- slug: 'b'")] + "- slug: c\n  names: {en: C}\n"
    assert with_entry(FILE, "", "- slug: d") == FILE + "- slug: d\n"
    assert without_entry(FILE, "a") == "# kept\n# of b\n" + FILE[FILE.index("- slug: 'b'") :]
    for wrong in ("c", "a.", ""):
        with pytest.raises(InputError):
            entry_text(FILE, wrong)
    with pytest.raises(InputError):
        with_entry(FILE, "a", "  slug: a")


def test_thirty_days_of_engines_and_fetches_and_what_they_said(small_site: Site) -> None:
    record = FetchRecord("arxiv", NOW, NOW, DAY, DAY, 50, 7, 0, "arXiv <b>is</b> away", "a weekend")
    with small_site.services.database.transaction() as session:
        usage.add(session, {("libre", "accepted"): 40, ("libre", "rejected numbers"): 3, ("libre", "calls"): 50}, day=NOW.date())
        fetches.record_fetch(session, record)
    log_in(client := small_site.client())
    page = client.get("/admin/outside?lang=en").text
    for told in ("50 calls", "40 texts accepted", "rejected numbers", "arXiv &lt;b&gt;is&lt;/b&gt; away", "a weekend"):
        assert told in page, told
    assert page.count("<rect") == 3
    assert send(client, "/admin/outside", "/admin/outside/test", email="nonsense").status_code == 400


def test_what_the_service_leans_on_is_tried_and_its_own_words_are_shown(sqlite_url: str, tmp_path: Path) -> None:
    arxiv = FakeArxiv([some_paper(1, ref="1706.03762", title="Attention <i>is</i> for n < 9")])
    posts = FakeBiorxiv([some_posting(1, date=f"{NOW:%Y-%m-%d}")])
    with Sink() as sink, FakeEngines() as engines, arxiv as arxiv_url, posts as posts_url:
        site = site_on(
            sqlite_url, tmp_path, SMTP_URL=f"smtp://127.0.0.1:{sink.port}", TRANSLATORS="libre,openai",
            LIBRETRANSLATE_URL=engines.libre_url, OPENAI_BASE_URL=engines.openai_url, OPENAI_MODEL="m", SOURCES="arxiv,biorxiv",
            ARXIV_API_URL=arxiv_url, ARXIV_FEED_URL="none", ARXIV_DELAY_SECONDS="0", BIORXIV_URL=posts_url,
            VENUE_FEEDS="Lamps=http://127.0.0.1:9/feed",
        )  # fmt: skip
        log_in(client := site.client())

        def press(what: str, **fields: str) -> tuple[int, str]:
            answer = send(client, "/admin/outside", f"/admin/outside/{what}?lang=en", **fields)
            return answer.status_code, answer.text

        code, text = press("test", email="me@example.org")
        assert (code, "taken by" in text, len(sink.taken)) == (200, True, 1)
        asked = {"sentence": "A lamp is seen.", "language": "de"}
        code, text = press("engine", engine="libre", **asked)
        assert (code, "libre answered after" in text, engines.texts[-1]) == (200, True, ("libre", "de", "A lamp is seen."))
        engines.behave("429", engine="libre")
        assert "429" in press("engine", engine="libre", **asked)[1]
        with site.services.database.reading() as session:
            assert usage.by_day(session, since=NOW.date())[NOW.date(), "libre", "calls"] == 2
        for wrong in ({"language": "xx"}, {"language": "en"}, {"sentence": " "}, {"sentence": "x" * 301}, {"engine": "deepl"}):
            assert press("engine", **{"engine": "libre", **asked, **wrong})[0] == 400, wrong
        assert "1706.03762, Attention is for n &lt; 9" in press("source", source="arxiv")[1]
        arxiv.faults.append(Fault.FORBIDDEN)
        assert "403" in press("source", source="arxiv")[1]
        assert "biorxiv answered" in press("source", source="biorxiv")[1]
        assert "Lamps: " in press("source", source="venue-1")[1]
        for name in ("announcements", "venue-2", "medrxiv", "venue-x", ""):
            assert press("source", source=name)[0] == 400, name
        with site.services.database.reading() as session:
            noted = [act.what for act in operators_store.acts(session, most=20)]
        assert [noted.count(f"outside.{name}") for name in ("test", "try_engine", "try_source")] == [1, 2, 4]
        site.services.database.close()
