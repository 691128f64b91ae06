"""Examples of a reader's interests: read from what people export, kept whole or not at all, and felt in the order of papers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from newsletter.daily.select import build_candidate_set
from newsletter.db import Database
from newsletter.digests.selection import select_papers
from newsletter.errors import InputError
from newsletter.papers.store import papers as papers_store
from newsletter.ranking.examples import MOST, Example, read_examples
from newsletter.ranking.store import examples as examples_store
from newsletter.subscribers import rights
from newsletter.subscribers.interests import add_examples
from newsletter.values.readers import Reader
from tests.factories import NOW, a_subscriber
from tests.papers.paper_builder import SUBMITTED, match, paper
from tests.services import within
from tests.subscribers.subscriber_builder import settings

BIB = "@article{one, title={Tides of {Titan}}, abstract={Seas of methane.}}\n@misc{two, title={Moons}, eprint={2606.00001}}\n"
RIS = "TY  - JOUR\nTI  - Tides of Titan\nAB  - Seas of methane.\nER  - \n"
CSV = '"Key","Item Type","Title","Abstract Note","Url"\n"K","journalArticle","Tides of Titan","Seas of methane.",""\n'
CSL = json.dumps([{"type": "article", "title": "Tides of Titan", "abstract": "Seas of methane."}])
TIDES = Example("Tides of Titan", "Seas of methane.")


@pytest.mark.parametrize("text", [BIB, RIS, CSV, CSL, "\ufeff" + RIS.replace("\n", "\r\n")])
def test_what_people_export_is_read(text: str) -> None:
    assert read_examples(text.encode())[0] == TIDES


def test_ids_and_links_are_papers_and_other_lines_are_the_readers_words() -> None:
    found = read_examples(b"2606.00001, https://arxiv.org/abs/2606.00002v1\nMoons with seas.\nAnd their tides.\n2606.00001")
    assert [one.ref for one in found] == ["2606.00001", "2606.00002", ""]
    assert found[-1].abstract == "Moons with seas. And their tides."


WITH_SIGNS = {
    "words": "Tides{} of Titan",
    "BibTeX": BIB.replace("Tides", "Tides{}"),
    "RIS": RIS.replace("Tides", "Tides{}"),
    "CSV": CSV.replace("Tides", "Tides{}"),
    "CSL": CSL.replace("Tides", "Tides{}"),
}


@pytest.mark.parametrize("form", WITH_SIGNS)
def test_signs_that_nobody_sees_are_not_kept_whatever_they_come_in(form: str) -> None:
    signs = "".join(map(chr, [*range(9), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0xA0), 0x202E, 0xFFFE]))
    (found, *_) = read_examples(WITH_SIGNS[form].replace("{}", signs).encode())
    assert found.title == "Tides of Titan"


def test_signs_that_json_spells_out_are_not_kept() -> None:
    found = read_examples(rb'[{"title": "Tides\u0000\ud800 of Titan", "abstract": "Seas\u0007", "URL": "\u0000"}]')
    assert found == (Example("Tides of Titan", "Seas"),)


def test_the_same_entry_twice_is_one_example() -> None:
    assert read_examples((BIB + BIB).encode()) == read_examples(BIB.encode())


REFUSED = {
    "50 MB": (b"@" * 50_000_000, "the file has more than 2 MB: give a part of it"),
    "Latin-1": ("@misc{a,\n title={Körper}}".encode("latin-1"), "line 2 is not UTF-8"),
    "a broken entry": (b"@misc{a, title={Moons}}\n@misc{b, title={Tides\n\n@misc{c, title={Seas}}\n", "begins in line 2"),
    "5,000 ids": ("\n".join(f"2606.{number:05}" for number in range(1, 5001)).encode(), f"5000 papers are named, and {MOST}"),
    "BibTeX in RIS": ((RIS + BIB).encode(), "begins in line 5, 6 cannot be read"),
    "nothing": (b" \n", "no paper is named in it"),
    "broken JSON": (b'[{"title": ', "it is no JSON"),
    "JSON of numbers": (b"[1, 2]", "begins in line 1, 2 cannot be read"),
    "a book": (b"word " * 2000, "the text has 9999 characters"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_read_is_refused_in_one_line(case: str) -> None:
    content, message = REFUSED[case]
    with pytest.raises(InputError) as caught:
        read_examples(content)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_examples_are_kept_whole_or_not_at_all_told_forgotten_and_go_with_the_person(database: Database, tmp_path: Path) -> None:
    with database.transaction() as session:
        ada, bob = a_subscriber(session, "nerf"), a_subscriber(session, "nerf")
        papers_store.store_papers(session, [(paper(1), [match(paper(1), "nerf")])], now=NOW)
        services = within(session, settings(tmp_path))
        with pytest.raises(InputError, match=r"not among the stored papers: 2606.00009"):
            add_examples(services, ada, b"2606.00001\n2606.00009", now=NOW)
        assert examples_store.examples(session, ada) == []
        assert add_examples(services, ada, b"2606.00001", now=NOW) == 1
        assert add_examples(services, ada, b"2606.00001", now=NOW) == 0
        assert add_examples(services, bob, BIB.encode(), now=NOW) == 2
        assert [one["title"] for one in rights.own_data(session, ada)["examples"]] == ["Paper 1"]
        (number, _), *_ = examples_store.examples(session, bob)
        assert examples_store.forget_examples(session, ada, only=number) == 0, "nobody forgets another's"
        assert examples_store.forget_examples(session, bob, only=number) == 1
        rights.erase(services, bob, now=NOW)
        assert examples_store.examples_of_readers(session, [ada, bob]).keys() == {ada}


def test_words_with_signs_that_no_database_takes_are_kept_without_them(database: Database, tmp_path: Path) -> None:
    with database.transaction() as session:
        ada = a_subscriber(session, "nerf")
        add_examples(within(session, settings(tmp_path)), ada, b"abc\x00 def", now=NOW)
        assert [one.title for _, one in examples_store.examples(session, ada)] == ["abc def"]


def test_a_reader_who_gave_examples_gets_papers_like_them_first(database: Database, tmp_path: Path) -> None:
    subjects = ("Kites in the wind of spring", "Tides and seas of methane on Titan", "Bread and its yeast", "Snow on roofs")
    papers = [paper(number, title=one, abstract=f"We study {one}.") for number, one in enumerate(subjects, start=1)]
    with database.transaction() as session:
        ada = a_subscriber(session, "nerf")
        papers_store.store_papers(session, [(one, [match(one, "nerf", score=3.0)]) for one in papers], now=NOW)
        services = within(session, settings(tmp_path))
        reader = Reader(id=ada, language="en", timezone="UTC", hour=6, topics=("nerf",), cursor=0)

        def first() -> str:
            candidates = build_candidate_set(services, session, [reader], now=SUBMITTED)
            (paper_id, _), *_ = select_papers(reader, candidates).papers
            return papers_store.papers_by_ids(session, [paper_id])[paper_id].title

        before = first()
        add_examples(services, ada, BIB.encode(), now=NOW)
        assert first() == subjects[1] != before
        examples_store.forget_examples(session, ada)
        assert first() == before
