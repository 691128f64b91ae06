"""Which regular expressions of the code are slow: each is run on texts made of its own parts, and on two and four times as much.

    python -m bench.patterns

It collects the patterns by itself: what stands in the modules, compiled, and what is given to `re` where it is used. It says of
which the time grows faster than the text, with the text; whether that matters is seen where the pattern is used. A pattern that
is put together while the program runs is not seen: those are named at the end, to be read.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import newsletter

ROOT = Path(newsletter.__file__).parent
METHODS = ("match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer")
# Twice the text may take so much longer.
MOST = 2.5
LETTERS, LEAST_SECONDS, STOPPED_AFTER = 3_000, 0.003, 1.0
# So slow a one need not be found slower.
CLEARLY = 0.03
# A repetition of at least so many is as good as one without end.
MANY = 20
COMMON = " \n\t.,-_<>(){}[]\"'\\/*=&:;@#$%|~^`+aA1é中"
TAILS = ("", "\0")


@dataclass(frozen=True, slots=True)
class Found:
    """A pattern of the code: where it stands, and the methods that it is used with."""

    pattern: re.Pattern[str]
    where: str
    used_with: frozenset[str]


@dataclass(frozen=True, slots=True)
class Slow:
    """A pattern with the text that it is slowest on (``begin``, then ``run`` again and again, then ``end``)."""

    found: Found
    method: str
    growth: float
    seconds: float
    text: tuple[str, str, str]


# ---------------------------------------------------------------- collected


def collected() -> list[Found]:
    """All patterns for text, each once."""
    sources = {path: path.read_text("utf-8") for path in sorted(ROOT.rglob("*.py"))}
    everything = "\n".join(sources.values())
    by_pattern: defaultdict[tuple[str, int], list[tuple[str, frozenset[str]]]] = defaultdict(list)
    for name, pattern in _compiled():
        used = set(re.findall(rf"\b{name.rpartition('.')[2]}\.({'|'.join(METHODS)})\b", everything))
        by_pattern[pattern.pattern, pattern.flags].append((name, frozenset(used or {"search"})))
    for path, source in sources.items():
        for line, method, text, flags in _given_to_re(ast.parse(source)):
            where = f"{path.relative_to(ROOT)}:{line}"
            by_pattern[text, re.compile(text, flags).flags].append((where, frozenset({method})))
    return [
        Found(re.compile(text, flags), " ".join(sorted({name for name, _ in there})), frozenset().union(*(m for _, m in there)))
        for (text, flags), there in by_pattern.items()
    ]


def _compiled() -> Iterator[tuple[str, re.Pattern[str]]]:
    for module in pkgutil.walk_packages([str(ROOT)], "newsletter."):
        if module.name.endswith("__main__"):
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            for pattern in _within(value, depth=3):
                if isinstance(pattern.pattern, str):
                    yield f"{module.name}.{name}", pattern


def _within(value: object, *, depth: int) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth and isinstance(value, Mapping):
        for one in [*value.keys(), *value.values()][:2000]:
            yield from _within(one, depth=depth - 1)
    elif depth and isinstance(value, tuple | list | set | frozenset):
        for one in list(value)[:2000]:
            yield from _within(one, depth=depth - 1)


def _given_to_re(tree: ast.AST) -> Iterator[tuple[int, str, str, int]]:
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and ast.unparse(call.func) in {f"re.{name}" for name in METHODS} and call.args:
            first = call.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield call.lineno, str(ast.unparse(call.func))[3:], first.value, _flags(call)


def _flags(call: ast.Call) -> int:
    given = [ast.unparse(one) for one in (*call.args[1:], *(word.value for word in call.keywords))]
    named = {name for text in given for name in re.findall(r"\bre\.([A-Z]+)\b", text)}
    return sum({int(getattr(re, name)) for name in named})


def put_together() -> list[str]:
    """Where a pattern is made while the program runs."""
    named = {f"re.{name}" for name in (*METHODS, "compile")}
    return [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in sorted(ROOT.rglob("*.py"))
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call) and ast.unparse(call.func) in named
        if call.args and not isinstance(call.args[0], ast.Constant)
    ]


# ---------------------------------------------------------------- attacked


def runs_of(text: str, flags: int) -> tuple[list[str], list[str]]:
    """Beginnings and runs to attack a pattern with: what each of its parts takes, alone and with what stands beside it."""
    tree = parser.parse(text, flags)
    begins, runs = {""}, set(COMMON)
    for before, part, after in _parts(tree, ""):
        begins.add(before)
        runs |= {part, part + after, before + part, *(sign + part for sign in " \n,")}
    runs |= {_sample(tree)[:end] for end in range(1, 12)}
    runs |= {"".join(letters) for letters in re.findall(r"\w{2,}|[^\w\s]{1,3}", _sample(tree))}
    return sorted(begins, key=len)[:4], sorted((run for run in runs if run), key=len)[:90]


def _parts(tree: Iterable[tuple[Any, Any]], before: str) -> Iterator[tuple[str, str, str]]:
    """Of each repetition: what may stand before it, what it repeats, and what comes behind."""
    nodes = list(tree)
    for place, (kind, argument) in enumerate(nodes):
        so_far = before + _sample(nodes[:place])
        inner = list(_inner(kind, argument))
        if kind in _REPEATS and argument[1] >= MANY:
            for body in _samples(argument[2]):
                yield so_far, body, _sample(nodes[place + 1 : place + 2])
        for subtree in inner:
            yield from _parts(subtree, so_far)


_REPEATS = (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT)


def _inner(kind: Any, argument: Any) -> Iterator[Any]:
    if kind in _REPEATS:
        yield argument[2]
    elif kind is sre.SUBPATTERN:
        yield argument[3]
    elif kind is sre.BRANCH:
        yield from argument[1]
    elif kind in (sre.ASSERT, sre.ASSERT_NOT):
        yield argument[1]
    elif kind is sre.ATOMIC_GROUP:
        yield argument


def _samples(tree: Any) -> list[str]:
    """Some texts that a part takes: by each of its branches, by several letters of a class."""
    [*nodes] = tree
    if len(nodes) == 1:
        kind, argument = nodes[0]
        if kind is sre.IN:
            return [sign for sign in (*COMMON, *_literals(argument)) if _takes(argument, sign)][:12] or ["x"]
        if kind is sre.SUBPATTERN:
            return _samples(argument[3])
        if kind is sre.BRANCH:
            return [text for branch in argument[1][:12] for text in _samples(branch)[:3]]
    return [_sample(nodes)]


def _sample(tree: Any) -> str:
    return "".join(_one(kind, argument) for kind, argument in tree)


def _one(kind: Any, argument: Any) -> str:
    if kind is sre.LITERAL:
        return chr(int(argument))
    if kind is sre.NOT_LITERAL:
        return "x" if argument != ord("x") else "y"
    if kind is sre.ANY:
        return "x"
    if kind is sre.IN:
        return next((sign for sign in ("x", *COMMON, *_literals(argument)) if _takes(argument, sign)), "x")
    if kind in _REPEATS:
        return _sample(argument[2]) * max(1, min(int(argument[0]), MANY))
    if kind is sre.BRANCH:
        return _sample(argument[1][0])
    inner = next(_inner(kind, argument), ()) if kind in (sre.SUBPATTERN, sre.ATOMIC_GROUP) else ()
    return _sample(inner)


def _literals(members: Any) -> list[str]:
    return [chr(a if kind is sre.LITERAL else a[0]) for kind, a in members if kind in (sre.LITERAL, sre.RANGE)]


_CATEGORIES = {
    sre.CATEGORY_DIGIT: r"\d",
    sre.CATEGORY_NOT_DIGIT: r"\D",
    sre.CATEGORY_SPACE: r"\s",
    sre.CATEGORY_NOT_SPACE: r"\S",
    sre.CATEGORY_WORD: r"\w",
    sre.CATEGORY_NOT_WORD: r"\W",
}


def _takes(members: Any, sign: str) -> bool:
    taken = any(_is(kind, argument, sign) for kind, argument in members)
    return taken is not any(kind is sre.NEGATE for kind, _ in members)


def _is(kind: Any, argument: Any, sign: str) -> bool:
    if kind is sre.LITERAL:
        return ord(sign) == int(argument)
    if kind is sre.RANGE:
        return bool(argument[0] <= ord(sign) <= argument[1])
    return kind is sre.CATEGORY and re.match(_CATEGORIES[argument], sign) is not None


def slow_of(found: Found) -> Slow | None:
    """What the pattern is slowest on; None where it grows as the text does."""
    begins, runs = runs_of(found.pattern.pattern, found.pattern.flags & ~re.DEBUG)
    worst: Slow | None = None
    for method in {"search" if used not in ("match", "fullmatch") else used for used in found.used_with}:
        for text in ((begin, run, end) for run in runs for begin in begins for end in TAILS):
            if _seconds(found.pattern, method, text, LETTERS) < LEAST_SECONDS:
                continue
            once, twice = (_seconds(found.pattern, method, text, LETTERS * times) for times in (2, 4))
            growth = twice / once if twice < STOPPED_AFTER else float("inf")
            if growth > MOST and (worst is None or twice > worst.seconds):
                worst = Slow(found, method, growth, twice, text)
            if worst and worst.seconds > CLEARLY:
                return worst
    return worst


class _StoppedError(Exception):
    pass


def _stop(*_: object) -> None:
    raise _StoppedError


def _seconds(pattern: re.Pattern[str], method: str, text: tuple[str, str, str], letters: int) -> float:
    """Processor time of one use, of `STOPPED_AFTER` at most."""
    begin, run, end = text
    made = begin + run * (letters // len(run)) + end
    started = time.process_time()
    signal.setitimer(signal.ITIMER_REAL, STOPPED_AFTER)
    try:
        if method == "search":
            for _ in pattern.finditer(made):
                pass
        else:
            getattr(pattern, method)(made)
    except _StoppedError:
        return STOPPED_AFTER
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return time.process_time() - started


def main() -> None:
    """Writes down the slow ones, each as it is found."""
    signal.signal(signal.SIGALRM, _stop)
    patterns = collected()
    _tell(f"{len(patterns)} patterns; slow on texts of {4 * LETTERS} letters:")
    for pattern in patterns:
        if one := slow_of(pattern):
            _tell(f"{one.seconds:6.2f} s {one.growth:5.1f}x {one.method:9} {pattern.where}\n    {pattern.pattern.pattern!r:.300}")
            _tell(f"    on {one.text!r}")
    _tell(f"put together while it runs: {' '.join(put_together())}")


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
