"""TeX accents become letters, formulas stay, and nothing that could harm a mail or a page comes through."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.text.tex import clean


@pytest.mark.parametrize(
    ("tex", "plain"),
    [
        (r"Schr\"odinger, Poincar\'e, G\"{o}del, na\"{\i}ve", "Schrödinger, Poincaré, Gödel, naïve"),
        (r"\c{c} \c c Erd\H{o}s \v{S}koda Ko\v cka", "ç ç Erdős Škoda Kočka"),
        (r"{\o}re, \L{}ukasz, \aa ngstr\"om, Stra\ss e, {\AA}", "øre, Łukasz, ångström, Straße, Å"),
        (r"\~nandu \^{\i}le \.I \=o \`a \k{a} \r{a} \u{g}", "ñandu île İ ō à ą å ğ"),
        (r"a gain of 50% \& more, \#1, a\_b, 7\%", "a gain of 50% & more, #1, a_b, 7%"),
        (r"\textbf{\emph{HierBias}} and \texttt{code}, +\textbf{89\%}", "HierBias and code, +89%"),
        (r"see \url{https://a.example/b}.", "see https://a.example/b."),
        ("two\n  lines\tand\u2028more", "two lines and more"),
        ("e\u0301", "é"),
        ("", ""),
        ("   ", ""),
    ],
)
def test_accents_and_emphasis_become_plain_unicode(tex: str, plain: str) -> None:
    assert clean(tex) == plain


@pytest.mark.parametrize(
    "text",
    [
        r"energy $E = \'mc^2 \% {\o}$ here",
        r"$$\textbf{x} \"o$$",
        r"inline \(\'e\) and \[\"o\]",
        r"costs \$5",
        r"\method{} and \ourmodel beat \iota",
        r"5$^\circ$ and 10$\times$",
        r"a trailing \ ",
        r"\\% stays",
    ],
)
def test_formulas_and_unknown_commands_stay_as_they_are(text: str) -> None:
    assert clean(text) == text.strip()


def test_nothing_after_a_percent_sign_is_lost() -> None:
    assert clean(r"We gain 12% on Schr\"odinger and 3% on others.") == "We gain 12% on Schrödinger and 3% on others."


@given(st.text())
def test_no_control_bidi_or_lone_surrogate_comes_through_and_spaces_are_single(text: str) -> None:
    cleaned = clean(text)
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u2028\u2029\x00-\x1f\x7f-\x9f]", cleaned)
    assert not any(unicodedata.category(character) in ("Cc", "Cs") for character in cleaned)
    assert "  " not in cleaned
    assert cleaned == cleaned.strip()
    cleaned.encode()


@given(st.text(alphabet=st.sampled_from("\\'\"`^~=.cvHuk{}$ oeaiLl%&#_()[]\n"), max_size=80))
def test_any_mixture_of_tex_signs_is_survived(text: str) -> None:
    cleaned = clean(text)
    assert "  " not in cleaned
    assert cleaned == cleaned.strip()


@given(st.text(alphabet=st.sampled_from("\\'\"abc{}^_ "), max_size=20).filter(lambda inner: inner.strip() == inner != ""))
def test_a_formula_comes_through_unchanged(inner: str) -> None:
    formula = "$" + re.sub(" +", " ", inner.replace("\\", "\\alpha ")).strip() + "$"
    assert formula in clean(f"Poincar\\'e {formula} end")


def test_lone_surrogates_go() -> None:
    assert clean("a\ud800b") == "ab"
