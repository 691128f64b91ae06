"""Simple formulas in Unicode; everything else stays as its authors wrote it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.text.formulas import FORMULA, in_unicode, pieces, plain


@pytest.mark.parametrize(
    ("formula", "read"),
    [
        ("$x^2$", "x²"),
        (r"$\alpha$", "α"),
        (r"$x \leq y$", "x ≤ y"),
        (r"$n\ge3$", "n ≥ 3"),
        ("$10^{-3}$", "10⁻³"),
        ("$p=0.04$", "p = 0.04"),
        (r"$\mathbb{R}^d$", "ℝᵈ"),
        (r"$\mathbf{x}_i$", "xᵢ"),
        (r"$\mathcal{O}(N \log N)$", "𝒪(N log N)"),
        (r"$\mathrm{CO}_2$", "CO₂"),
        (r"$^3{\rm He}$", "³He"),
        (r"$16\times$", "16×"),
        (r"$256\times256$", "256 × 256"),
        (r"$82.4\%$", "82.4%"),
        (r"$5^{\circ}$", "5°"),
        (r"$\sqrt{n}$", "√n"),
        (r"$\{π_i\}$", "{πᵢ}"),
        (r"\(O(n^2)\)", "O(n²)"),
        ("$$x'$$", "x′"),
    ],
)
def test_a_simple_formula_is_written_in_unicode(formula: str, read: str) -> None:
    assert plain(f"with {formula}, that is") == f"with {read}, that is"


@pytest.mark.parametrize(
    "formula",
    [
        r"$\frac{a}{b}$",
        r"$\sqrt{n+1}$",
        r"$\hat{x}$",
        r"$\tilde{O}(1/\sqrt{T})$",
        "$x_{i,j}$",
        r"$L^\infty$",
        "$D_{KL}$",
        r"$\unknown$",
        "$x^{2$",
        "$x^$",
        "$}$",
        "$x_{2^{3}}}$",
        r"$\begin{pmatrix} a & b \end{pmatrix}$",
        "$C. As the measured heaters are fitted to 100 - 200$",
    ],
)
def test_any_other_formula_stays_whole_as_tex(formula: str) -> None:
    assert plain(f"with {formula}, that is") == f"with {formula}, that is"


@pytest.mark.parametrize("text", ["", "plain words", "$", "$ $", "from $5 to $6 or $7", r"costs \$5 and \$6", "a $b"])
def test_what_is_no_formula_is_left_alone(text: str) -> None:
    assert plain(text) == text


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("626 image--prompt pairs --- and more -- of them", "626 image–prompt pairs — and more – of them"),
        (r"an $\alpha$--stable law, known---or not", "an α–stable law, known—or not"),
        ("``quoted'' of~all, see Fig.~3", "“quoted” of all, see Fig. 3"),
        ("run --help in https://a.example/c--d for ~5% of 10~20", "run --help in https://a.example/c--d for ~5% of 10~20"),
    ],
)
def test_words_are_set_as_tex_would(text: str, read: str) -> None:
    assert plain(text) == read


def test_the_pieces_say_which_of_them_are_formulas() -> None:
    assert list(pieces(r"a $x^2$ b $\frac{1}{2}$")) == [("a ", False), ("x²", True), (" b ", False), (r"$\frac{1}{2}$", True)]


@given(st.text(st.sampled_from("$\\{}^_ax2+- ()α\n"), max_size=60).filter(lambda text: "--" not in text))
def test_whatever_comes_words_outside_of_formulas_stay(text: str) -> None:
    outside = "".join(piece for piece, is_formula in pieces(text) if not is_formula)
    assert outside == FORMULA.sub("", text)


@given(st.text(max_size=80))
def test_no_formula_brings_a_command_or_a_control_along(inside: str) -> None:
    read = in_unicode(f"${inside}$")
    assert "\\begin" not in read
    assert read == "" or read.isprintable()
