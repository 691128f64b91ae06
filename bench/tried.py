"""What was done for figures that can fall short, by the beginning of their names: the page tells it where one does."""

from __future__ import annotations

from collections.abc import Mapping

DELIVERING = (
    "cards and lines of the contents are encoded once in base64 lines and joined, a frame is rendered once for all mails that "
    "differ in names and links alone (a third of a worker's processor time), what headers and titles share is kept, a mail is "
    "kept in the pieces that it shares with others until it is sent; statements are built once and take ids as one parameter; a "
    "message's commands leave together, a claim takes up to 256 rows and a commit eight mails"
)
PLANNING = (
    "readers' topics come a row a reader, what is new is kept by cursor in order, rows are written in bulk, first cursors go as "
    "one value, and the cycle collector rests: together a third of the time that it took; writing a batch while the next is "
    "made ready was no quicker"
)
ON_POSTGRESQL = (
    "each commit waits for the disk; a group is settled, its readers' cursors are moved and the next group is marked by one "
    "statement, which is a transaction by itself and short enough for the driver to keep it prepared; connections are asked "
    "whether they still work only after they rested for a second"
)
TRIED: Mapping[str, str] = {
    "share of smtp-source's rate on SQLite": DELIVERING,
    "share of smtp-source's rate on PostgreSQL": f"{DELIVERING}; {ON_POSTGRESQL}",
    "times the rate of django-newsletter": (
        f"ours is made quicker: {DELIVERING}; the text and HTML of our own mail as the other's templates made it no slower "
        "(237 for 229 a second, one run each); in the runs seen, ten times its rate was 0.85 to 1.2 times what smtp-source "
        "itself sends"
    ),
    "times the rate of": f"ours is made quicker: {DELIVERING}",
    "planning": PLANNING,
    "processor time of a digest": "a claim takes up to 256 rows, and a worker reads nothing but the rows that it claimed",
    "memory of a worker": "papers are read once a drain, and at most 2,048 cards are kept",
    "archive of a day": "only the papers shown are read, and no TL;DR is looked for (30 ms of processor became 10)",
    "topic": "the ids of the forty papers are found by one query, and no TL;DR is looked for (31 ms of processor became 9)",
    "search": "common words are looked for among the newest papers, rare ones by the index; vectors are stored",
    "rate of the sign-up page": (
        "it is rendered and looked through for unseen signs once for all who would see the same; the pattern of these signs "
        "begins by one class (1.75 ms became 0.2)"
    ),
    "worse off of the ten": 'what they like has no words in common, and stood high anyway: docs/topics.md, "How good it is"',
    "a fetch of a day": "a request's slot has 0.08 s of room, and 0.25 s where it opens a connection",
}


def tried_with(figure: str) -> str:
    """What was done for the figure of that name; says so where nothing was."""
    return next((told for name, told in TRIED.items() if figure.startswith(name)), "nothing yet")
