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
from newsletter.ranking.example import MOST, Example
from newsletter.ranking.examples import read_examples
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


TITAN = "Tides of Titan"
EXPORTED = {
    "Zotero's BibTeX": (
        "@article{a_2026,\n\ttitle = {Tides of {Titan}},\n\turl = {http://arxiv.org/abs/2606.00001},\n\turldate = {2026-06-03},\n"
        "\tnote = {arXiv:2606.00001 [astro-ph]},\n\tfile = {arXiv PDF:/x/A et al. - 2026.pdf:application/pdf},\n}\n",
        [Example(TITAN, ref="2606.00001")],
    ),
    "BibLaTeX": ("@online{a, title={Tides of Titan}, eprint={2606.00001v2}, eprinttype={arXiv}}", [Example(TITAN, ref="2606.00001")]),
    "a DOI of arXiv alone": ("@misc{a, doi={10.48550/arXiv.2606.00001}}", [Example(ref="2606.00001")]),
    "a journal that is an id": ("@article{a, journal={arXiv preprint arXiv:2606.00001}}", [Example(ref="2606.00001")]),
    "a note about another paper": ("@article{a, title={Tides of Titan}, note={Reply to arXiv:2606.00002}}", [Example(TITAN)]),
    "JabRef": ('% Encoding: UTF-8\n@preamble{ "x" }\n@comment{jabref-meta: a;}\n@book{a, title="Tides " # "of Titan"}', [Example(TITAN)]),
    "a field twice": ("@article{a, title={Tides of Titan}, url={x}, url={y}}", [Example(TITAN)]),
    "TeX in a title": ("@article{a, title={{Tides \\emph{of} Titan}}}", [Example(TITAN)]),
    "EndNote's RIS": (
        "TY  - JOUR\nT1  - Tides of Titan\nN2  - Seas of\nmethane.\nDO  - 10.48550/arXiv.2606.00001\nER  - \n",
        [Example(TITAN, "Seas of methane.")],
    ),
    "RIS without ends": ("Provider: X\n\nTY - JOUR\nTI - Tides of Titan\nty  - JOUR\nti  - Moons", [Example(TITAN), Example("Moons")]),
    "RIS without titles": ("TY  - UNPB\nAN  - arXiv:2606.00001\nER  - \n", [Example(ref="2606.00001")]),
    "CSV with semicolons": ('\ufeff"Key";"Title";"Abstract Note"\n"K";"Tides of Titan";"Seas, of methane."\n', [Example(TITAN, "Seas, of methane.")]),
    "CSV of others": ('title,DOI\n,10.48550/arXiv.2606.00001\nMoons,\n', [Example(ref="2606.00001"), Example("Moons")]),
    "CSL of Zotero": ('[{"title": "Tides <i>of</i> Titan", "number": "arXiv:2606.00001"}, {"DOI": "10.48550/arXiv.2606.00002"}]', [Example(TITAN), Example(ref="2606.00002")]),
    "JSON of Crossref": ('{"message": {"items": [{"title": ["Tides of Titan"], "abstract": "<jats:p>Seas &amp; more</jats:p>"}]}}', [Example(TITAN, "Seas & more")]),
    "JSON a line": ('{"title": "Tides of Titan"}\n{"title": "Moons"}\n', [Example(TITAN), Example("Moons")]),
    "UTF-16": ("TY  - JOUR\nTI  - Tides of Titan\nER  - \n".encode("utf-16"), [Example(TITAN)]),
    "ids": (
        "ID\n- arXiv:2606.00001v3\n2. https://www.alphaxiv.org/abs/2606.00002\n[2606.00003]; 10.48550/arXiv.2606.00004 arxiv: 2606.00005\n"
        "https://huggingface.co/papers/2606.00006\nmath.AG/0601001",
        [*(Example(ref=f"2606.0000{number}") for number in range(1, 7)), Example(ref="math/0601001")],
    ),
    "ids with titles": ("2606.00001 - Tides of Titan\n* **Moons** ([arXiv](https://arxiv.org/abs/2606.00002))", [Example(TITAN, ref="2606.00001"), Example("Moons", ref="2606.00002")]),
    "a link in a sentence": ("more like https://arxiv.org/abs/2606.00001 please", [Example("more like https://arxiv.org/abs/2606.00001 please", ref="2606.00001")]),
}  # fmt: skip


@pytest.mark.parametrize("kind", EXPORTED)
def test_what_managers_of_references_and_people_write_is_read(kind: str) -> None:
    given, examples = EXPORTED[kind]
    assert read_examples(given if isinstance(given, bytes) else given.encode()) == tuple(examples)


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
    "a web page": (b"<html><body>2606.00001</body></html>", "no paper is named in it"),
    "EndNote's own": (b"%0 Journal Article\n%T Tides\n", "no paper is named in it"),
    "round brackets": (b"@misc{a, title={Moons}}\n@article(b, title = {Tides})\n", "begins in line 2"),
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
        assert add_examples(services, ada, b"2606.00001 by its title too", now=NOW) == 0
        assert add_examples(services, bob, BIB.encode() + b"@misc{x, title={Not stored}, eprint={2606.00009}}", now=NOW) == 3
        assert {one.title for _, one in examples_store.examples(session, bob)} == {"Tides of Titan", "Paper 1", "Not stored"}
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
