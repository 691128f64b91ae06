"""Topics: the catalogue, the matches, and why a paper is where it is."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsletter.cli.context import DATE, JSON, answer, as_table, now, opened, working
from newsletter.cli.topic_marks import mark, marks
from newsletter.errors import InputError

if TYPE_CHECKING:
    from newsletter.bootstrap import Services
    from newsletter.daily.learn_topics import Learned
    from newsletter.topics.evaluation import TopicScore
    from newsletter.values.papers import Paper


MOST_VOTES = 200
SCORED = ("topic", "precision", "recall", "right", "wrong", "missed")


@click.group()
def topics() -> None:
    """The catalogue of topics, and what matches them."""


topics.add_command(mark)
topics.add_command(marks)


@topics.command("list")
@click.option("--categories", is_flag=True, help="The categories of arXiv (and of other servers in SOURCES) instead.")
@click.option("--json", "as_json", is_flag=True, help="A JSON array.")
def list_(*, categories: bool, as_json: bool) -> None:
    """The catalogue as a tree. Every category of arXiv is a topic too, by its own name (cs.CV, astro-ph): --categories."""
    with opened() as services:
        own = services.catalogue.by_slug
        shown = [one for one in services.offered.values() if one.slug not in own] if categories else services.catalogue.topics
    if as_json:
        rows = [
            {"slug": one.slug, "parent": one.parent, "names": dict(one.names), "categories": list(one.categories)}
            for one in shown
        ]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    tree = [(f"{'  ' if one.parent else ''}{one.slug}", one.name("en"), " ".join(one.categories)) for one in shown]
    click.echo(as_table(("topic", "name", "categories"), tree))


@topics.command()
@click.option("--date", type=DATE, help="Only papers announced on this day.")
@click.option("--json", "as_json", is_flag=True, help="A JSON array.")
def matches(date: dt.date | None, *, as_json: bool) -> None:
    """Which stored papers belong to which topics, and why."""
    with opened() as services, services.database.reading() as session:
        from newsletter.papers.store import papers as papers_store

        known = services.catalogue.by_slug
        papers = papers_store.papers_announced(session, date) if date else papers_store.papers_after(session, 0)
        found = papers_store.matches_of(session, [paper.id for paper in papers])
    rows = [
        {"id": match.ref, "topic": match.topic, "score": round(match.score, 4), "reason": match.reason}
        for paper in papers
        for match in found.get(paper.id, ())
        if match.topic in known
    ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    if rows:
        click.echo(as_table(("paper", "topic", "score", "reason"), [tuple(map(str, row.values())) for row in rows]))
    click.echo(f"{len(rows)} matches", err=True)


@topics.command()
@click.option("--json", "as_json", is_flag=True, help="A JSON array.")
def votes(*, as_json: bool) -> None:
    """Which papers readers hold for wrong under a topic, the most votes first, and how operators marked them.

    A vote changes nothing: `newsletter topics mark PAPER TOPIC wrong` makes a mark of one.
    """
    from newsletter.daily import topic_marks
    from newsletter.ranking.store import reading as reading_store
    from newsletter.topics.marks import word_of

    with opened() as services, services.database.reading() as session:
        found = reading_store.votes(session, most=MOST_VOTES)
        marked = {(one.ref, one.topic): word_of(one.is_right) for one in topic_marks.marks(services)}
    rows = [
        {"id": ref, "title": title, "topic": topic, "votes": number, "mark": marked.get((ref, topic), "")}
        for ref, title, topic, number in found
    ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    if rows:
        told = [(str(number), topic, marked.get((ref, topic), ""), ref, f"{title:.80}") for ref, title, topic, number in found]
        click.echo(as_table(("votes", "topic", "mark", "paper", "title"), told))
    click.echo(f"{len(rows)} papers", err=True)


@topics.command()
@click.argument("paper")
@click.argument("topic", default="")
@click.option("--topic", "also", default="", hidden=True, help="The same as TOPIC.")
@JSON
def explain(paper: str, topic: str, also: str, *, as_json: bool) -> None:
    """Why the stored paper PAPER (an id or a link) is under its topics, or is under TOPIC or not."""
    from newsletter.daily import topic_marks
    from newsletter.topics.explain import explain as lines
    from newsletter.topics.marks import word_of

    with opened() as services:
        with services.database.reading() as session:
            found = topic_marks.stored_paper(session, paper)
        told = [
            *lines(services.matcher, found, topic=topic or also),
            *(
                f"  marked as {word_of(one.is_right)} under {one.topic} by {one.who}, which counts before all of this"
                for one in topic_marks.marks(services)
                if one.ref == found.ref and (topic or also) in ("", one.topic)
            ),
        ]
    answer({"id": found.ref, "title": found.title, "lines": told}, *told, as_json=as_json)


@topics.command()
@click.argument("judgements", type=click.Path(path_type=Path))
@click.option("--date", type=DATE, help="Only papers announced on this day.")
@click.option(
    "--papers", type=click.Path(path_type=Path), help="The papers of this file (JSON lines, gzipped), not the stored ones."
)
@JSON
def score(judgements: Path, date: dt.date | None, papers: Path | None, *, as_json: bool) -> None:
    """Precision and recall of the matching against a file of lines: id, tab, topic, tab, yes or unsure."""
    from newsletter.topics.evaluation import read_judgements
    from newsletter.topics.evaluation import score as scores

    judged = read_judgements(judgements)
    with opened() as services, working("matching"):
        read = _papers_of(services, papers, date)
        matched = {paper.ref: {match.topic for match in services.matcher.match(paper)} for paper in read}
    wanted = {one.ref for one in judged}
    counted = {ref: found for ref, found in matched.items() if date or ref in wanted}
    if not counted:
        raise InputError(f"none of the papers in {judgements} is stored: fetch their days first (newsletter fetch --since DATE)")
    told = scores(judged, counted)
    answer(
        [{name: getattr(one, name) for name in SCORED} for one in told],
        as_table(SCORED, [_scored(one) for one in told]),
        as_json=as_json,
    )


def _papers_of(services: Services, file: Path | None, date: dt.date | None) -> Sequence[Paper]:
    """The papers of a file, with their vectors where the extra is installed, or the stored ones, of a day where one is named."""
    from newsletter.daily.match import with_vectors
    from newsletter.papers.store import papers as papers_store
    from newsletter.topics.learned.records import read_papers

    if file is not None:
        return [paper for paper in with_vectors(services, read_papers(file), {}) if date in (None, paper.announced_on)]
    with services.database.reading() as session:
        return papers_store.papers_announced(session, date) if date else papers_store.papers_after(session, 0)


def _scored(one: TopicScore) -> tuple[str, ...]:
    return one.topic, _share(one.precision), _share(one.recall), str(one.right), str(one.wrong), str(one.missed)


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


@topics.command()
@click.argument("judgements", nargs=-1, type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write the model here, and leave the one in use.")
@click.option("--yes", is_flag=True, help="Take the new model over without asking.")
@JSON
def train(judgements: tuple[Path, ...], out: Path | None, *, yes: bool, as_json: bool) -> None:
    """Learn the topics anew: from the judged papers that ship with the service, all marks, examples, and JUDGEMENTS.

    Shows precision and recall on papers left out, before and after, and asks before the new model takes over. Each file of
    JUDGEMENTS has lines: id, tab, topic, tab, yes or unsure; a paper in it is under no topic that no line names.
    """
    from newsletter.cli.own_files import whoever, write
    from newsletter.daily.learn_topics import bring_examples, learn, take_over

    with opened() as services:
        with working("learning the topics"):
            bring_examples(services, services.catalogue, now=now())
            learned = learn(services, judgements, finer=out is not None or services.language_model is not None)
        if not as_json:
            click.echo(_shown(learned))
        told, words = {"in_use": False, "matched_anew": 0}, []
        if out is not None:
            beside = out.with_name(f"{out.stem}-vectors{out.suffix}")
            write(out, learned.content)
            if str(out) != "-":
                write(beside, learned.finer)
            words = [f"written to {out}, and for papers with vectors to {beside}"]
        elif yes or click.confirm("Use the new model from now on?", err=as_json):
            with working("matching anew"):
                count = take_over(services, learned, who=whoever(), now=now())
            told = {"in_use": True, "matched_anew": count}
            words = [f"the new model is in use, {count} papers matched anew; `newsletter catalogue undo topics-model` goes back"]
    answer(_compared(learned) | told | {"file": str(out) if out else None}, *words, as_json=as_json)


def _compared(learned: Learned) -> dict[str, object]:
    """Precision and recall of each topic before and after, for scripts."""
    shares = [
        {
            "topic": topic,
            "precision": {"before": before.precision if before else None, "after": after.precision},
            "recall": {"before": before.recall if before else None, "after": after.recall},
        }
        for topic, before, after in learned.compared
    ]
    return {"topics": shares, "note": learned.note}


def _shown(learned: Learned) -> str:
    """The same as a table."""
    rows = []
    for topic, before, after in learned.compared:
        shares = (before.precision if before else None, after.precision, before.recall if before else None, after.recall)
        rows.append((topic, *map(_share, shares)))
    table = as_table(("topic", "precision before", "after", "recall before", "after"), rows)
    return f"{table}\n{learned.note}; counted on papers that were left out while learning"


@topics.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), default="-")
@click.option("--version", "number", type=click.IntRange(1), default=None, help="A version of `newsletter catalogue history`.")
@JSON
def export_(file: Path, number: int | None, *, as_json: bool) -> None:
    """Write the catalogue in use, in the YAML form that `import` reads (default: to standard output)."""
    from newsletter.cli.own_files import put_out
    from newsletter.operating.own_files import CATALOGUE
    from newsletter.topics.catalogue import CATALOGUE as SHIPPED

    put_out(CATALOGUE, file, number=number or 0, shipped=SHIPPED, as_json=as_json)


@topics.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--who", help="Who gives it, for `newsletter catalogue history` (default: the login and host).")
@JSON
def import_(file: Path, who: str | None, *, as_json: bool) -> None:
    """Use the catalogue in FILE, or add the keywords of a daily list's config.yaml to the one in use.

    Each keyword becomes a topic with a query. Every host uses it within seconds; papers of the last month are matched anew. Where
    topics have examples, all are learned anew first, which takes a minute. A file with a fault changes nothing. `newsletter
    catalogue undo` goes back.
    """
    from newsletter.cli.own_files import read, whoever
    from newsletter.daily.learn_topics import take_catalogue

    given = read(file)
    with opened() as services:
        content, told = _to_use(file, given, services)
        note = f"from {file.name}" + (", keywords added" if told else "")
        with working("matching the papers of the last month anew"):
            change, learned = take_catalogue(services, content, where=str(file), who=whoever(who), note=note, now=now())
        count = len(services.catalogue.topics)
    values = {"topics_in_use": count, "version": change.number, "matched_anew": change.matched, "told": list(told)}
    values |= {"learned": _compared(learned) if learned else None}
    words = f"{count} topics in use as version {change.number}, {change.matched} papers matched anew"
    answer(values, *told, *([_shown(learned)] if learned else ()), words, as_json=as_json)


def _to_use(file: Path, given: bytes, services: Services) -> tuple[bytes, tuple[str, ...]]:
    """The catalogue to use from now on, and what to tell of a daily list whose keywords were added to it."""
    import yaml

    from newsletter.daily.own_files import content_of
    from newsletter.operating.own_files import CATALOGUE
    from newsletter.topics.catalogue import CATALOGUE as SHIPPED
    from newsletter.topics.keyword_lists import added, is_list, take

    try:
        content = yaml.safe_load(given.decode())
    except (yaml.YAMLError, ValueError, RecursionError):
        return given, ()
    if not is_list(content):
        return given, ()
    try:
        taken = take(content)
    except InputError as error:
        raise InputError(f"{file}: {error}") from error
    in_use = content_of(services, CATALOGUE) or SHIPPED.read_bytes()
    text, told = added(in_use.decode("utf-8-sig"), services.catalogue, taken.entries)
    return text.encode(), (*told, *taken.told)
