"""Placeholders: what gets one, and that every text comes back byte for byte."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.translation.protection import Form, PlaceholdersLost, protect, restore
from tests.translation.corpus import protected

PIECES = r"""$x$ $ ZQ ZQ1Q zq1q <x1/> < x /> / > {{0}} {{ }} { ｛｛1｝｝ 1 3.5 % Q \alpha \ ` $$ ٣ ² . word 的 LLM NeRF-VO
https://a.org/b. a@b.org 10.1000/182"""
AWKWARD = st.sampled_from([*PIECES.split(), " ", "\n", "zq 0 q"])


@given(st.text() | st.lists(AWKWARD | st.text(max_size=3)).map("".join), st.sampled_from(Form))
def test_restoring_what_was_protected_gives_any_text_back(text: str, form: Form) -> None:
    guarded = protect(text, form)
    assert restore(guarded.text, guarded) == text


@given(st.lists(AWKWARD, min_size=1).map("".join), st.sampled_from(Form))
def test_a_placeholder_that_is_lost_is_noticed(text: str, form: Form) -> None:
    guarded = protect(text, form)
    if guarded.parts:
        with pytest.raises(PlaceholdersLost, match="lost"):
            restore("", guarded)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a model of $3$B parameters", ["$3$B"]),
        ("a ~4.8k mesh and +1.5pp of 20%", ["~4.8k", "+1.5pp", "20%"]),
        ("from 0$-$45 eV for C$^-$ and O$^-$ ions", ["0$-$45 eV", "C$^-$", "O$^-$"]),
        (
            r"U$^2$Mamba, D$^{2}$R$^{2}$OSR, $\mu$Match and Full$_+$",
            ["U$^2$Mamba", "D$^{2}$R$^{2}$OSR", r"$\mu$Match", "Full$_+$"],
        ),
        (r"$\textbf{Freq}$uency-guided, ICD-9$\to$ICD-10", [r"$\textbf{Freq}$uency", r"ICD-9$\to$ICD-10"]),
        ("beta <= 0, p<.05, n >= 30 and gamma == 1", ["beta <= 0", "p<.05", "n >= 30", "gamma == 1"]),
        ("`usual' and `rare' words, but `code x`", ["`code x`"]),
        (r"100,000X, 10.6%p, 30\,000 and 810~km$^2$", ["100,000X", "10.6%p", r"30\,000", "810~km$^2$"]),
        ("costs between $5 and $10 a day", ["5", "10"]),
        (r"we call it \method{} and $\alpha_{i}$ here", [r"\method{}", r"$\alpha_{i}$"]),
        (r"see $\href{https://x.org/a}{this~URL}$ now", [r"$\href{https://x.org/a}{this~URL}$"]),
        (r"so \(a+b\) and \[c\] and $$d$$", [r"\(a+b\)", r"\[c\]", "$$d$$"]),
        (r"with \begin{equation}a=b\end{equation} we", [r"\begin{equation}a=b\end{equation}"]),
        (r"\textbf{bold \emph{words}} first", [r"\textbf{bold \emph{words}}"]),
        ("Code: https://github.com/a/b.", ["https://github.com/a/b"]),
        ("(see https://a.org/x?y=1&z=2), then", ["https://a.org/x?y=1&z=2"]),
        ("at github.com/a/b-c.", ["github.com/a/b-c"]),
        ("write to first.last@cs.uni.edu.", ["first.last@cs.uni.edu"]),
        ("doi 10.1000/xyz.12 and arXiv:2606.26101v2.", ["10.1000/xyz.12", "arXiv:2606.26101v2"]),
        ("gains of 3.5% at 30 FPS and 1,024 px", ["3.5%", "30 FPS", "1,024 px"]),
        ("from -17.5 dB to 1e-4 in 2026", ["-17.5 dB", "1e-4", "2026"]),
        (r"by 9.5\% on average", [r"9.5\%"]),
        (
            "NeRF-VO, I2V-Adapter, GPT-4o, MS-COCO, Unified-IO and PanGu-Draw work",
            ["NeRF-VO", "I2V-Adapter", "GPT-4o", "MS-COCO", "Unified-IO", "PanGu-Draw"],
        ),
        ("ResNet50, 3DGS, k-NN and LLM-based methods", ["ResNet50", "3DGS", "k-NN", "LLM"]),
        ("as Smith et al. and Doe et.al show", ["et al.", "et.al"]),
        ("the term x_1 and `code` here", ["x_1", "`code`"]),
        ("mRNA-driven, type-III, n-to-1 and pH-sensitive", ["mRNA", "III", "1", "pH"]),
        ("Wi-Fi-based, X-Ray-Induced, β-lactam-resistant", []),
        ("Fe3O4@SiO2 and H$_2$O, mAP@50 and IoU@0.5", ["Fe3O4@SiO2", "H$_2$O", "mAP@50", "IoU@0.5"]),
        ("p < 0.05, R^2 = 0.9, 10–40 K, 20%-30%, 3.5 µm", ["p < 0.05", "R^2 = 0.9", "10–40 K", "20%-30%", "3.5 µm"]),
        (r"360° details at 37 °C, 1.2\,ms and 5~km", ["360°", "37 °C", r"1.2\,ms", "5~km"]),
        ("Type-2 and Stage-IV, but Full-13", ["2", "IV", "Full-13"]),
        ("1.5×10^3, 256×256, 10^-5 at 5σ of 1/f", ["1.5×10^3", "256×256", "10^-5", "5σ", "1/f"]),
        (r"10$^{12}$ M$_{\odot}$, 5 km s$^{-1}$, 139 fb$^{-1}$", [r"10$^{12}$ M$_{\odot}$", "5 km s$^{-1}$", "139 fb$^{-1}$"]),
        ("SU(2) and SE(3)-equivariant in O(n log n), C++-based", ["SU(2)", "SE(3)", "O(n log n)", "C++"]),
        (
            "with GPT-4o-mini, gemini-1.5-pro and claude-3-5-sonnet-2024",
            ["GPT-4o-mini", "gemini-1.5-pro", "claude-3-5-sonnet-2024"],
        ),
        ("stage-2-and-3 mini models, GPT-4-like", ["2", "3", "GPT-4"]),
        ("edit config.yaml, data.tar.gz and Node.Js in train_step()", ["config.yaml", "data.tar.gz", "Node.Js", "train_step()"]),
        ("@open_models on #ClimateAction, C#", ["@open_models", "#ClimateAction", "C#"]),
        ("1.2 ± 0.3 ms, 20 kHz–100 MHz, 0.1–1 wt%, 100 mW/cm2", ["1.2 ± 0.3 ms", "20 kHz–100 MHz", "0.1–1 wt%", "100 mW/cm2"]),
        ("ΔE = 1.5 eV, R² = 0.93 in ℝ^n of G=(V,E)", ["ΔE = 1.5 eV", "R² = 0.93", "ℝ^n", "G=(V,E)"]),
        ("Na+ and SO4^2- in YBa2Cu3O7-δ, TNF-α of (2+1)D", ["Na+", "SO4^2-", "YBa2Cu3O7-δ", "TNF-α", "(2+1)D"]),
        ("Vision-Language Pre-training of State-of-the-Art Models", []),
        ("plain words, with commas; and stops.", []),
        ("ATTENTION IS ALL YOU NEED FOR LLM", []),
    ],
)
def test_what_no_engine_may_touch_is_protected(text: str, parts: list[str]) -> None:
    assert protected(text) == parts
    assert list(protect(text, Form.CODE).parts) == parts


@pytest.mark.parametrize(
    ("form", "spoilt"),
    [(Form.CODE, "zq 0 q的"), (Form.CODE, "ZQ٠Q"), (Form.TAG, "< x0 / >"), (Form.TAG, "＜x０／＞"), (Form.BRACES, "｛｛ 0 ｝｝")],
)
def test_a_placeholder_with_spaces_wide_braces_or_other_digits_is_still_read(form: Form, spoilt: str) -> None:
    guarded = protect("about $x$", form)
    assert "$x$" in restore(spoilt, guarded)


@pytest.mark.parametrize("form", Form)
def test_a_doubled_placeholder_is_refused(form: Form) -> None:
    guarded = protect("about $x$", form)
    with pytest.raises(PlaceholdersLost, match="1 doubled"):
        restore(guarded.text * 2, guarded)


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize(
    "text",
    [
        r"We advance research\footnote{https://a.org/b}.",
        r"as shown\cite{a} before\citep{b,c} in Fig.\ref{d}",
        r"code at\url{https://a.org} and pass\textasciicircum{}k",
        r"\sys{}s of\xspace words and m$^{-2}$, word\textsuperscript{th}",
        "a list of <word, lemma, tag> triplets and <O, {i}>",
    ],
)
def test_a_part_that_touches_a_word_is_apart_for_the_engine_alone(form: Form, text: str) -> None:
    guarded = protect(text, form)
    assert not re.search(r"[A-Za-z](?:ZQ\d|<x\d|\{\{\d)|(?:\dQ|\d/>|\d\}\})[A-Za-z]", guarded.text)
    assert restore(guarded.text, guarded) == text


def test_a_text_of_placeholders_alone_has_no_words() -> None:
    assert not protect("NeRF-VO: $x^2$, 3.5%", Form.TAG).has_words
    assert protect("NeRF-VO for $x^2$", Form.TAG).has_words
