"""The collection on the pages: seen by all, changed by editors, everything kept and undone."""

from __future__ import annotations

import io
import re
from html import unescape

import pytest
from flask.testing import FlaskClient
from PIL import Image

from newsletter.collection.bodies import pieces_of
from newsletter.collection.store import history
from newsletter.collection.store import nodes as nodes_store
from newsletter.collection.values import Draft, Node, NodeKind
from tests.collection.fake_site import FakeSite
from tests.web.conftest import HOSTILE, NOW, Site, csrf_of, send, site_on
from tests.web.editors.test_editors import editing

# Of a network for examples, so that it is refused at once.
PICTURE = "https://192.0.2.1/one.png"
BODY = f"![A view]({PICTURE})\n\n[GitHub](https://github.com/a/b)\n\n**Why**: read it.\n\n#### Abstract\n\nIt splats.\n"


def filled(site: Site) -> tuple[Node, Node]:
    """A section with one entry, of a stored paper with a Chinese translation."""
    with site.services.database.transaction() as session:
        section = nodes_store.add(session, Draft(NodeKind.SECTION, title="Splatting"), parent=None, who="Ada", now=NOW)
        draft = Draft(
            NodeKind.ENTRY,
            title="Gaussians",
            url="https://arxiv.org/abs/2606.26101",
            dated="CVPR 2024",
            pieces=pieces_of(BODY),
            picked_by="Ada",
        )
        return section, nodes_store.add(session, draft, parent=section.id, who="Ada", now=NOW)


def form_of(client: FlaskClient, path: str) -> dict[str, str]:
    """The fields of the entry's form as a browser would send them back."""
    page = client.get(path).text
    fields = dict(re.findall(r'<input[^>]*name="(title|url|dated|seen|kind)"[^>]*value="([^"]*)"', page))
    body = re.search(r'<textarea id="body"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    assert body
    return {name: unescape(value) for name, value in {**fields, "body": body[1]}.items()}


def test_an_empty_collection_is_led_to_from_nowhere(small_site: Site) -> None:
    client = small_site.client()
    assert client.get("/collection").status_code == 200
    assert 'href="/collection"' not in client.get("/archive").text
    assert "/collection" not in client.get("/sitemap.xml").text


def test_the_page_shows_the_tree_with_everything_of_an_entry(site: Site) -> None:
    section, entry = filled(site)
    page = site.client().get("/collection?lang=en").text
    for part in (
        "Splatting",
        "Gaussians",
        "CVPR 2024",
        "https://github.com/a/b",
        "<strong>Why</strong>",
        "It splats.",
        "picked by Ada",
    ):
        assert part in page
    assert f'<a href="{PICTURE}"' in page  # no picture from elsewhere
    assert f'id="n{section.id}"' in page
    assert 'href="/collection"' in site.client().get("/archive").text
    assert f"/collection/{entry.id}</loc>" in site.client().get("/sitemap.xml").text


def test_a_paper_s_abstract_is_shown_in_the_language_of_the_page(small_site: Site) -> None:
    filled(small_site)
    page = small_site.client().get("/collection?language=zh-CN").text
    assert "我们研究高斯泼溅" in page
    assert "It splats." not in page


def test_a_visitor_changes_nothing(site: Site) -> None:
    _, entry = filled(site)
    before, client = site.rows(), site.client()
    token = csrf_of(client, "/collection/editor")
    for path in (
        "add",
        "new",
        "section",
        f"{entry.id}/edit",
        f"{entry.id}/move",
        f"{entry.id}/remove",
        f"{entry.id}/comment",
        "changes/1/undo",
    ):
        answer = client.post(f"/collection/{path}", data={"csrf_token": token, "title": "x", "text": "2606.26101", "seen": "1"})
        assert answer.status_code in (403, 303)
        assert answer.status_code == 403 or "editor" in answer.headers["Location"]
    assert site.rows() == before


def test_no_page_of_the_collection_changes_anything_when_it_is_opened(site: Site) -> None:
    _, entry = filled(site)
    client = editing(site)
    before = site.rows()
    for path in ("", "/add", "/changes", f"/{entry.id}", f"/{entry.id}/edit", "/editor"):
        assert client.get(f"/collection{path}").status_code == 200
    for path in ("/new", "/section", f"/{entry.id}/move", f"/{entry.id}/remove", "/changes/1/undo"):
        assert client.get(f"/collection{path}").status_code in (404, 405)
    assert site.rows() == before


def test_a_post_without_the_token_of_its_page_is_refused(small_site: Site) -> None:
    filled(small_site)
    assert editing(small_site).post("/collection/changes/1/undo").status_code == 400


def test_an_editor_adds_by_pasting_looks_and_saves(site: Site) -> None:
    section, _ = filled(site)
    client = editing(site)
    page = send(client, "/collection/add", text="https://arxiv.org/pdf/hep-th/9901001v3")
    assert "https://arxiv.org/abs/hep-th/9901001" in page.text
    assert len(stored(site)) == 2  # looking keeps nothing
    values = {
        "title": "Strings",
        "url": "https://arxiv.org/abs/hep-th/9901001",
        "dated": "1999",
        "body": "Still\r\nworth it.",
        "seen": "0",
    }
    answer = client.post(
        "/collection/new", data={"csrf_token": csrf_of(client, "/collection/add"), "place": f"top:{section.id}", **values}
    )
    assert answer.status_code == 303
    _, first, _ = stored(site)
    assert (first.title, first.parent_id, first.picked_by, first.paper_ref) == ("Strings", section.id, "Ada", "hep-th/9901001")
    assert first.pieces[0].text == "Still\nworth it."
    assert "Still" in client.get(answer.headers["Location"]).text


def stored(site: Site) -> list[Node]:
    with site.services.database.reading() as session:
        return nodes_store.tree(session)


@pytest.mark.parametrize(
    ("field", "value"),
    [("title", " "), ("title", "x" * 501), ("url", "javascript:alert(1)"), ("dated", "x" * 101), ("body", "x" * 40_001)],
)
def test_what_cannot_be_kept_is_told_beside_its_field_and_all_that_was_typed_stays(
    small_site: Site, field: str, value: str
) -> None:
    client = editing(small_site)
    values = {
        "title": "A title",
        "url": "https://example.org/kept",
        "dated": "2024",
        "body": "my words",
        "seen": "0",
        field: value,
    }
    answer = client.post("/collection/new", data={"csrf_token": csrf_of(client, "/collection/add"), **values})
    assert answer.status_code == 400
    assert f'id="{field}-problem"' in answer.text
    assert field == "body" or "my words" in answer.text
    assert stored(small_site) == []


def test_two_editors_who_change_different_fields_both_succeed(site: Site) -> None:
    _, entry = filled(site)
    one, two = editing(site), editing(site, "bob@example.org", "Bob")
    path = f"/collection/{entry.id}/edit"
    first, second = form_of(one, path), form_of(two, path)
    assert send(one, path, **{**first, "title": "Gaussians everywhere"}).status_code == 303
    token = csrf_of(two, path)
    assert two.post(path, data={"csrf_token": token, **second, "dated": "ICCV 2025"}).status_code == 303
    [_, now] = stored(site)
    assert (now.title, now.dated, now.pieces) == ("Gaussians everywhere", "ICCV 2025", entry.pieces)


def test_where_two_change_the_same_the_second_sees_both_and_saves_again(site: Site) -> None:
    _, entry = filled(site)
    one, two = editing(site), editing(site, "bob@example.org", "Bob")
    path = f"/collection/{entry.id}/edit"
    mine, theirs = form_of(one, path), form_of(two, path)
    assert send(one, path, **{**theirs, "title": "By Ada"}).status_code == 303
    answer = two.post(path, data={"csrf_token": csrf_of(two, path), **mine, "title": "By Bob"})
    assert answer.status_code == 409
    assert "By Ada" in answer.text
    assert 'value="By Bob"' in answer.text
    seen = re.search(r'name="seen" value="(\d+)"', answer.text)
    assert seen
    assert [one.title for one in stored(site)] == ["Splatting", "By Ada"]
    again = two.post(path, data={"csrf_token": csrf_of(two, path), **mine, "title": "By Bob", "seen": seen[1]})
    assert again.status_code == 303
    assert [one.title for one in stored(site)] == ["Splatting", "By Bob"]


def test_a_change_is_shown_with_who_and_what_and_can_be_undone(site: Site) -> None:
    _, entry = filled(site)
    client = editing(site)
    path = f"/collection/{entry.id}/edit"
    values = form_of(client, path)
    send(client, path, **{**values, "title": "Another title", "body": values["body"].replace("read it", "read it twice")})
    page = client.get(f"/collection/{entry.id}?lang=en").text
    assert '<ins dir="auto"><span class="hidden">in: </span>Another title</ins>' in page
    assert "read it twice" in page
    change = re.search(r"/collection/changes/(\d+)/undo", page)
    assert change
    assert send(client, f"/collection/{entry.id}", change[0]).status_code == 303
    [_, now] = stored(site)
    assert (now.title, now.pieces) == (entry.title, entry.pieces)


def test_what_is_removed_goes_from_the_pages_and_comes_back_by_undoing(site: Site) -> None:
    _, entry = filled(site)
    client, visitor = editing(site), site.client()
    assert send(client, f"/collection/{entry.id}/edit", f"/collection/{entry.id}/remove").status_code == 303
    assert "Gaussians" not in visitor.get("/collection").text
    assert visitor.get(f"/collection/{entry.id}").status_code == 404
    change = re.search(r"/collection/changes/(\d+)/undo", client.get("/collection/changes").text)
    assert change
    assert send(client, "/collection/changes", change[0]).status_code == 303
    assert visitor.get(f"/collection/{entry.id}").status_code == 200


def test_an_entry_is_moved_to_where_the_list_says_and_never_into_itself(small_site: Site) -> None:
    section, entry = filled(small_site)
    client = editing(small_site)
    assert send(client, f"/collection/{entry.id}/edit", f"/collection/{entry.id}/move", place="in:0").status_code == 303
    assert [one.parent_id for one in stored(small_site) if one.id == entry.id] == [None]
    assert f'value="in:{section.id}"' not in client.get(f"/collection/{section.id}/edit").text
    bad = send(client, f"/collection/{entry.id}/edit", f"/collection/{entry.id}/move", place="after:999")
    assert bad.status_code == 400


def test_comments_stand_below_their_entry_with_who_said_it(small_site: Site) -> None:
    _, entry = filled(small_site)
    assert (
        send(editing(small_site), f"/collection/{entry.id}", f"/collection/{entry.id}/comment", text="**Yes**").status_code == 303
    )
    assert "<strong>Yes</strong>" in small_site.client().get("/collection").text


def test_hostile_words_are_dead_wherever_they_stand(small_site: Site) -> None:
    with small_site.services.database.transaction() as session:
        draft = Draft(
            NodeKind.ENTRY,
            title=HOSTILE,
            url="javascript:alert(1)",
            dated=HOSTILE,
            pieces=pieces_of(HOSTILE + "\n"),
            picked_by=HOSTILE,
        )
        node = nodes_store.add(session, draft, parent=None, who=HOSTILE, now=NOW)
        nodes_store.comment(session, node.id, HOSTILE, who=HOSTILE, now=NOW)
    client = editing(small_site)
    for path in ("", f"/{node.id}", f"/{node.id}/edit", "/changes", "/add"):
        page = client.get(f"/collection{path}").text
        assert "<script>alert" not in page
        assert 'href="javascript' not in page


def test_a_picture_of_a_saved_entry_is_shown_from_here(sqlite_url: str, tmp_path) -> None:  # type: ignore[no-untyped-def]
    site = site_on(sqlite_url, tmp_path, COLLECTION_LOOPBACK="yes")
    out = io.BytesIO()
    Image.new("RGB", (30, 20)).save(out, "PNG")
    with FakeSite(pages={"/p.png": ("image/png", out.getvalue())}) as web:
        client = editing(site)
        page = send(client, "/collection/add", text=f"{web.url}/honest").text
        assert "Splatting &amp; the world" in page
        values = {"title": "A page", "url": f"{web.url}/honest", "body": f"![words]({web.url}/p.png)", "seen": "0"}
        client.post("/collection/new", data={"csrf_token": csrf_of(client, "/collection/add"), **values})
    shown = re.search(r'src="(/collection/images/[0-9a-f]{32}\.webp)" alt="words"', site.client().get("/collection").text)
    assert shown
    with site.client().get(shown[1]) as answer:
        assert (answer.status_code, answer.mimetype) == (200, "image/webp")
    assert site.client().get("/collection/images/..%2fsecret.webp").status_code == 404
    site.services.database.close()


def test_a_long_collection_is_cut_into_pages_that_together_show_all(small_site: Site) -> None:
    with small_site.services.database.transaction() as session:
        for number in range(95):
            if number % 30 == 0:
                section = nodes_store.add(
                    session, Draft(NodeKind.SECTION, title=f"Section {number}"), parent=None, who="Ada", now=NOW
                )
            nodes_store.add(session, Draft(NodeKind.ENTRY, title=f"Entry {number}."), parent=section.id, who="Ada", now=NOW)
    pages = [small_site.client().get(f"/collection?page={page}").text for page in range(1, 7)]
    found = [title for page in pages for title in re.findall(r"<h3[^>]*>(Entry \d+\.)</h3>", page)]
    assert found == [f"Entry {number}." for number in range(95)]
    assert "/collection?page=4&amp;language=en#n" in pages[0]


def test_saving_again_after_a_conflict_takes_back_nothing_that_others_changed_beside_it(site: Site) -> None:
    _, entry = filled(site)
    one, two = editing(site), editing(site, "bob@example.org", "Bob")
    path = f"/collection/{entry.id}/edit"
    first, second = form_of(one, path), form_of(two, path)
    assert send(one, path, **{**first, "title": "By Ada", "dated": "ICCV 2025"}).status_code == 303
    answer = two.post(path, data={"csrf_token": csrf_of(two, path), **second, "title": "By Bob", "body": "Bob's note"})
    assert answer.status_code == 409
    assert 'value="ICCV 2025"' in answer.text
    [_, kept] = stored(site)
    assert (kept.title, kept.pieces[0].text) == ("By Ada", "Bob's note")
    fields = {**dict(re.findall(r'name="(title|url|dated|seen|kind)"[^>]*value="([^"]*)"', answer.text)), "body": "Bob's note"}
    assert two.post(path, data={"csrf_token": csrf_of(two, path), **fields}).status_code == 303
    [_, now] = stored(site)
    assert (now.title, now.dated, now.pieces[0].text) == ("By Bob", "ICCV 2025", "Bob's note")


def test_what_was_typed_for_an_entry_removed_meanwhile_is_shown_and_saved_once_it_is_back(small_site: Site) -> None:
    _, entry = filled(small_site)
    one, two = editing(small_site), editing(small_site, "bob@example.org", "Bob")
    path = f"/collection/{entry.id}/edit"
    typed, token = {**form_of(two, path), "body": "A long text of Bob's"}, csrf_of(two, path)
    assert send(one, path, f"/collection/{entry.id}/remove").status_code == 303
    answer = two.post(path, data={"csrf_token": token, **typed})
    assert answer.status_code == 409
    assert "A long text of Bob" in answer.text
    with small_site.services.database.transaction() as session:
        nodes_store.undo(session, nodes_store.changes(session, node=entry.id)[0].id, who="Ada", now=NOW)
    seen = re.search(r'name="seen" value="(\d+)"', answer.text)
    assert seen
    assert two.post(path, data={"csrf_token": token, **typed, "seen": seen[1]}).status_code == 303
    assert stored(small_site)[1].pieces[0].text == "A long text of Bob's"


def test_what_was_typed_when_a_session_has_ended_is_handed_back(small_site: Site) -> None:
    _, entry = filled(small_site)
    client = editing(small_site)
    path = f"/collection/{entry.id}/edit"
    token = csrf_of(client, path)
    send(client, "/collection", "/collection/leave")
    answer = client.post(
        path, data={"csrf_token": csrf_of(client, "/collection/editor"), "title": "Mine", "body": "Long <b>words"}
    )
    assert answer.status_code == 403
    assert "Long &lt;b&gt;words" in answer.text
    assert token
    assert stored(small_site)[1] == entry


def test_a_long_history_goes_on_on_another_page(site: Site) -> None:
    _, entry = filled(site)
    with site.services.database.transaction() as session:
        for n in range(20):
            history.change(session, entry.id, fields={"title": f"Gaussians {n}"}, seen_version=1 + n, who="Ada", now=NOW)
    client = site.client()
    for page in (f"/collection/{entry.id}", "/collection/changes"):
        seen: list[str] = []
        at = page
        while at:
            html = client.get(at).text
            seen += re.findall(r'class="in"><ins[^>]*><span[^>]*>[^<]*</span>(Gaussians \d+)</ins>', html)
            found = re.search(r'<a href="(\?before=\d+[^"]*)" rel="next">', html)
            at = f"{page}{unescape(found[1])}" if found else ""
        assert seen == [f"Gaussians {n}" for n in reversed(range(20))]
    assert client.get("/collection/changes?before=x").status_code == 200
