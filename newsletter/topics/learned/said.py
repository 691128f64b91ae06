"""What is said of single topics of a paper (marks of operators, examples of a topic), put over the judged papers. Pure.

A judged paper was read under all topics; of a marked one, and of an example, the others are not known. Where the matcher finds
such a paper, it counts neither as right nor as wrong.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from newsletter.topics.entries import FEWEST_EXAMPLES
from newsletter.topics.evaluation import UNSURE, YES, Judgement
from newsletter.topics.learned.records import JudgedPapers
from newsletter.topics.matching import Matcher
from newsletter.values.papers import Paper

# (ref, topic, whether the paper belongs there)
Said = tuple[str, str, bool]
# Of a paper that is said not to belong no line is kept, as of judged ones.
NO = "no"


def with_said(judged: JudgedPapers, papers: Mapping[str, Paper], said: Sequence[Said], matcher: Matcher) -> JudgedPapers:
    """The judged papers with what is ``said`` of them and of ``papers`` (by ref); of two on one paper and topic the last counts.

    A topic that no paper was judged for is left out, unless 15 papers are said to belong there. ``matcher`` is the one in use.
    """
    taken = _taken(judged, said, judged.refs | papers.keys())
    own = {topic for _, topic in taken} - judged.topics
    added = [papers[ref] for ref in sorted({ref for ref, _ in taken} - judged.refs)]
    verdicts = {(one.ref, one.topic): one.verdict for one in judged.judgements}
    verdicts |= dict.fromkeys(_open_questions(judged.papers, added, own, matcher), UNSURE)
    verdicts |= {pair: YES if right else NO for pair, right in taken.items()}
    return replace(judged, papers=(*judged.papers, *added), judgements=_as_judgements(verdicts))


def _taken(judged: JudgedPapers, said: Sequence[Said], refs: Collection[str]) -> dict[tuple[str, str], bool]:
    """What was said last of each of the papers and a topic of which enough is known."""
    last = {(ref, topic): right for ref, topic, right in said if ref in refs}
    examples = Counter(topic for (_, topic), right in last.items() if right)
    topics = judged.topics
    return {pair: right for pair, right in last.items() if pair[1] in topics or examples[pair[1]] >= FEWEST_EXAMPLES}


def _as_judgements(verdicts: Mapping[tuple[str, str], str]) -> tuple[Judgement, ...]:
    return tuple(Judgement(*pair, verdict) for pair, verdict in verdicts.items() if verdict != NO)


def _open_questions(
    judged: Sequence[Paper], added: Sequence[Paper], own: Collection[str], matcher: Matcher
) -> Iterator[tuple[str, str]]:
    """(ref, topic) where a paper may belong: ``added`` ones where they are matched, all where phrases of ``own`` find them."""
    yield from ((paper.ref, match.topic) for paper in added for match in matcher.match(paper))
    for paper in judged if own else ():
        weighed = matcher.weigh(paper)
        yield from ((paper.ref, topic) for topic in own if topic in weighed and weighed[topic].matches)
