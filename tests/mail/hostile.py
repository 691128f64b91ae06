"""Five hundred hostile strings: what attackers, broken feeds and odd typists write into a title, made from a list and its disguises."""

from __future__ import annotations

from itertools import product

CORES = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "</p></td></table></body></html>",
    "<style>*{display:none}</style>",
    "<base href=//e.org>",
    "<meta http-equiv=refresh content=0;url=//e.org>",
    "<iframe src=javascript:alert(1)>",
    "<form action=//e.org><input>",
    "<a href='javascript:alert(1)'>x</a>",
    '" onmouseover="alert(1)',
    "' onfocus='alert(1)' autofocus='",
    "<mj-raw><b>bold</b></mj-raw>",
    "</mj-text><mj-image src='//e.org/x.png'/>",
    "<mj-include path='/etc/passwd'/>",
    "<!--[if mso]><script>1</script><![endif]-->",
    "<!-- part cards --> x <!-- end cards -->",
    "]]><!-- --!> -->",
    "{{ 7 * 7 }}",
    "{{ ''.__class__.__mro__ }}",
    "{% for x in range(9) %}x{% endfor %}",
    "{# no #} {%- raw -%}",
    "%(num)s %s %d %% %(site)s",
    "${7*7} #{7*7} <%= 7*7 %>",
    "$\\href{javascript:alert(1)}{x}$",
    "$\\input{/etc/passwd}$ \\write18{ls}",
    "$x^{2^{2^{2}}}$ $ $$ \\( \\)",
    "$" + "{" * 140 + "x" + "}" * 140 + "$",
    "\\begin{document}\\end{document}",
    "\u202etxt.exe\u202c",
    "\u2066\u2067\u2068 never closed",
    "\u200f\u061cنص\u200e",
    "nul \x00 bell \x07 escape \x1b[2J",
    "c1 \x85\x9b\x9f del \x7f",
    "\x02https://e.org/\x03 note",
    "a\r\nBcc: victim@example.org\r\n\r\nbody",
    "line\u2028separator\u2029end",
    "lone \ud800 surrogate \udfff",
    "\ufeff\ufffe\uffff\ufff9x\ufffa",
    "👩‍👩‍👧‍👦 🏳️‍🌈 e\u0301\u0301\u0301",
    "Z̸̧̢" + "\u0336" * 200,
    "a" * 10_000,
    "字" * 10_000,
    "م" * 10_000,
    "& &amp; &#60; &lt;b&gt; &nbsp;",
    "javascript:alert(1)",
    "https://e.org/'onclick='x",
    "file:///etc/passwd data:text/html,<script>alert(1)</script>",
    "=cmd|'/c calc'!A0",
    "'; DROP TABLE papers; --",
    "",
)
DISGUISES = ("{}", "Deep {} Learning", "{}{}", "«{}»", "\t{}\n", "<b>{}", "{}</b>", "{} $x^2$", "字{}字", "&lt;{}&gt;")
STRINGS = tuple(
    dict.fromkeys(disguise.replace("{}", core, 1).replace("{}", core) for disguise, core in product(DISGUISES, CORES))
)
