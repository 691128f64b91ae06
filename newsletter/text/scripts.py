"""The letters of scripts, as ranges for a regular expression's brackets: ``re.compile(f"[{HAN}{KANA}]")``. Pure."""

from __future__ import annotations

HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
KANA = r"\u3041-\u30ff\u31f0-\u31ff"
HANGUL = r"\uac00-\ud7a3\u1100-\u11ff\u3130-\u318f"
# Written without a space between words, or with few: a letter says about as much as a syllable.
DENSE = HAN + KANA + HANGUL
LATIN = r"A-Za-z\u00c0-\u024f\u1e00-\u1eff"
CYRILLIC = r"\u0400-\u04ff"
DEVANAGARI = r"\u0900-\u097f"
ARABIC = r"\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc"
HEBREW = r"\u0590-\u05ff"
