"""A pasted id or address fills in the form from where the thing is known best."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from functools import partial

import pytest

from newsletter.bootstrap import Services
from newsletter.collection import lookup
from newsletter.collection.suggestions import Pasted, Suggestion, read_pasted
from newsletter.daily.ingest import store_old_paper
from newsletter.errors import InputError
from newsletter.papers.store import papers as papers_store
from tests.collection.fake_site import FakeSite
from tests.papers.arxiv.fake_query_api import FakeArxiv, FakePaper, Fault

NOW = dt.datetime(2026, 6, 26, 12, tzinfo=dt.UTC)
Make = Callable[..., Services]


def looked_up(services: Services, text: str) -> Suggestion:
    return lookup.look_up(services, text, keep=partial(store_old_paper, services, now=NOW), now=NOW)


@pytest.mark.parametrize(
    "text",
    [
        "2606.26101", " arXiv:2606.26101v3 ", "https://arxiv.org/abs/2606.26101v2", "http://www.arxiv.org/pdf/2606.26101.pdf",
        "https://arxiv.org/html/2606.26101v1#S2", "https://doi.org/10.48550/arXiv.2606.26101",
        "https://huggingface.co/papers/2606.26101",
    ],
)  # fmt: skip
def test_every_form_of_an_arxiv_paper_is_the_paper(text: str) -> None:
    assert read_pasted(text) == Pasted("https://arxiv.org/abs/2606.26101", ref="2606.26101")


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("https://huggingface.co/datasets/squad/plain_text", "datasets", "squad/plain_text"),
        ("https://huggingface.co/org/Model-7B/tree/main", "models", "org/Model-7B"),
        ("https://huggingface.co/gpt2", "models", "gpt2"),
        ("https://huggingface.co/blog/some-post", "", ""),
        ("https://huggingface.co.evil.example/org/model", "", ""),
    ],
)
def test_models_and_data_sets_of_the_hub_are_known_by_their_address(text: str, kind: str, name: str) -> None:
    assert (read_pasted(text).hub, read_pasted(text).name) == (kind, name)


@pytest.mark.parametrize("text", ["", "hello", "javascript:alert(1)", "file:///etc/passwd", "2613.00001"])
def test_what_is_neither_is_told(text: str) -> None:
    with pytest.raises(InputError, match="neither"):
        read_pasted(text)


def test_a_paper_that_is_not_stored_is_asked_for_and_kept_new_to_nobody(make_services: Make, sqlite_url: str) -> None:
    old = FakePaper(
        "2501.01234", "An old paper", "It is old.", NOW - dt.timedelta(days=90), comment="Code: https://github.com/a/b"
    )
    with FakeArxiv([old]) as url:
        services = make_services(sqlite_url, ARXIV_API_URL=url)
        found = looked_up(services, "https://arxiv.org/pdf/2501.01234v1")
    assert (found.title, found.url, found.repository) == (
        "An old paper",
        "https://arxiv.org/abs/2501.01234",
        "https://github.com/a/b",
    )
    assert found.dated == f"{NOW - dt.timedelta(days=90):%Y-%m-%d}"
    with services.database.reading() as session:
        kept = papers_store.paper_by_ref(session, "2501.01234")
        assert kept is not None
        assert kept.number < 0
        assert papers_store.highest_number(session) == 0
    again = looked_up(services, "2501.01234")  # arXiv is gone, the paper is here
    assert again == found


def test_a_paper_of_these_days_is_left_to_the_fetch_that_makes_it_new_to_readers(make_services: Make, sqlite_url: str) -> None:
    with FakeArxiv([FakePaper("2606.20001", "Young", "It is young.", NOW - dt.timedelta(days=2))]) as url:
        services = make_services(sqlite_url, ARXIV_API_URL=url)
        assert looked_up(services, "2606.20001").title == "Young"
    with services.database.reading() as session:
        assert papers_store.paper_by_ref(session, "2606.20001") is None


def test_where_arxiv_does_not_answer_the_form_comes_with_the_address_and_says_so(make_services: Make, sqlite_url: str) -> None:
    with FakeArxiv([], faults=[Fault.UNAVAILABLE]) as url:
        found = looked_up(make_services(sqlite_url, ARXIV_API_URL=url), "2606.20001")
    assert (found.url, found.title) == ("https://arxiv.org/abs/2606.20001", "")
    assert "503" in found.problem


def test_a_data_set_and_a_model_come_with_what_the_hub_says(make_services: Make, sqlite_url: str) -> None:
    with FakeSite() as hub:
        told = {"id": "a/b", "description": "Ten  thousand <b>scenes</b>.", "createdAt": "2024-05-06T07:08:09.000Z"}
        hub.pages["/api/datasets/a/b"] = ("application/json", json.dumps(told).encode())
        hub.pages["/api/models/a/b"] = ("application/json", b'{"id": "a/b", "pipeline_tag": "image-to-3d"}')
        services = make_services(sqlite_url, HUGGINGFACE_URL=hub.url)
        data = looked_up(services, "https://huggingface.co/datasets/a/b")
        model = looked_up(services, "https://huggingface.co/a/b")
        private = looked_up(services, "https://huggingface.co/a/private")
    assert data == Suggestion("https://huggingface.co/datasets/a/b", "a/b", "2024-05-06", "Ten thousand scenes .")
    assert (model.title, model.note) == ("a/b", "image-to-3d")
    assert "404" in private.problem


def test_any_other_page_comes_with_its_title_description_and_picture(make_services: Make, sqlite_url: str) -> None:
    with FakeSite() as web:
        found = looked_up(make_services(sqlite_url, COLLECTION_LOOPBACK="yes"), f"{web.url}/honest")
    assert found == Suggestion(
        f"{web.url}/honest", "Splatting & the world", "2024-03-01", "What it is about.", image=f"{web.url}/picture.png"
    )


def test_a_page_within_this_network_is_not_asked_for_and_the_form_says_why(make_services: Make, sqlite_url: str) -> None:
    with FakeSite() as web:
        found = looked_up(make_services(sqlite_url), "http://127.0.0.1/honest")
    assert "private network" in found.problem
    assert web.asked == []
