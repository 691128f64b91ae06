"""Learning what readers like from what they said and gave, kept where nothing of it changed meanwhile; and its words, for them.

Nothing of a reader but their own rows comes of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from newsletter.errors import TemporaryError
from newsletter.papers.store import papers as papers_store
from newsletter.ranking.opinions import Say
from newsletter.ranking.pool import corpus_of
from newsletter.ranking.store import examples as examples_store
from newsletter.ranking.store import learned as learned_store
from newsletter.ranking.store import opinions as opinions_store
from newsletter.ranking.store import texts as texts_store
from newsletter.ranking.taste import Taste, Text, learn, telling_words, to_text
from newsletter.text.term_weights import Corpus

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

# Of each reader's feedback only the newest counts: what they said long ago says less than what they said since.
MOST_OPINIONS = 200
# Which words are common is counted in the papers stored last: the same for all readers, whoever else a digest is planned for.
CORPUS_SIZE = 1000
# A model's words that people are shown.
MOST_TOLD = 40


def words_of(services: Services, who: int, *, now: dt.datetime) -> list[str]:
    """The words that weigh most in what is learned of the reader, for themselves; empty where there is nothing to learn from.

    What was not learned yet is learned now, and kept.
    """
    with services.database.reading() as session:
        kept = learned_store.kept_words(session, who)
        if kept is not None:
            return kept
        before = learned_store.marks(session, [who])
        corpus = corpus_upto(session, upto=papers_store.highest_number(session))
        learned = learn_tastes(session, [who], corpus)
    # What cannot be kept now is learned again at the next look.
    with suppress(TemporaryError), services.database.transaction() as session:
        keep_tastes(session, learned, before, corpus, now=now)
    return telling_words(learned[who], corpus, most=MOST_TOLD) if who in learned else []


def corpus_upto(session: Session, *, upto: int) -> Corpus:
    last = texts_store.newest_paper_ids(session, upto=upto, most=CORPUS_SIZE)
    return corpus_of((title, abstract) for _, title, abstract in texts_store.texts(session, last))


def learn_tastes(session: Session, ids: Sequence[int], corpus: Corpus) -> dict[int, Taste]:
    """What is learned of these readers from their newest opinions and their examples; who gave none is left out."""
    opinions = opinions_store.opinions_of_readers(session, ids, most=MOST_OPINIONS)
    # An example counts as a paper that the reader wants more of; papers have ids above 0.
    examples = examples_store.examples_of_readers(session, ids)
    texts = {
        paper_id: Text.of(paper_id, title, abstract, corpus)
        for paper_id, title, abstract in texts_store.texts(session, {one for said in opinions.values() for one, _ in said})
    }
    left_out = learned_store.left_out_words(session, ids)
    return {
        who: learn(
            [
                *((texts[paper_id], say) for paper_id, say in opinions.get(who, ()) if paper_id in texts),
                *((Text.of(-number, one.title, one.abstract, corpus), Say.MORE) for number, one in examples.get(who, ())),
            ],
            but=left_out.get(who, ()),
            given=len(examples.get(who, ())),
        )
        for who in opinions.keys() | examples.keys()
    }


def keep_tastes(
    session: Session,
    learned: Mapping[int, Taste],
    before: Mapping[int, tuple[object, ...]],
    corpus: Corpus,
    *,
    now: dt.datetime,
) -> set[int]:
    """Keeps the tastes of those who changed nothing since ``before``, and gives who did not.

    What somebody took back meanwhile must not come back by what was learned from it.
    """
    same = learned_store.unchanged(session, before)
    kept = {who: (to_text(one), telling_words(one, corpus, most=MOST_TOLD)) for who, one in learned.items() if who in same}
    learned_store.keep_tastes(session, kept, now=now)
    return same
