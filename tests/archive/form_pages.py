"""Lists in the forms that people publish, with what a reader of theirs sees in them: (topic, id, title) of each paper. Our own words."""

from __future__ import annotations

import random

ROW = "|**2025-03-1{0}**|**{1}**|Ada Orr et.al.|[2503.1499{0}](http://arxiv.org/abs/2503.1499{0})|null|"
HEAD = "|Publish Date|Title|Authors|PDF|Code|\n|---|---|---|---|---|\n"
FIRST, SECOND, THIRD = ROW.format(1, "Mapping a Barn"), ROW.format(2, "Loops for Cats"), ROW.format(3, "Fields of Rye")

PAGES: dict[str, tuple[str, list[tuple[str, str, str]]]] = {
    "folded": (
        f"# My daily list\n\n> Updated on 2025.03.25\n\n<details>\n<summary>SLAM (2 papers)</summary>\n\n{HEAD}{FIRST}\n{SECOND}\n\n</details>\n\n"
        f"## NeRF\n\n{HEAD}{THIRD}\n\n<details>\n<summary>older papers</summary>\n\n{HEAD}{ROW.format(4, 'Fields of Oats')}\n\n</details>\n",
        [("SLAM", "2503.14991", "Mapping a Barn"), ("SLAM", "2503.14992", "Loops for Cats"), ("NeRF", "2503.14993", "Fields of Rye"), ("NeRF", "2503.14994", "Fields of Oats")],
    ),
    "bold and underlined": (
        f"**SLAM**\n\n{HEAD}{FIRST}\n\nNeRF\n----\n\n{HEAD}{THIRD}\n\n<h3>3D</h3>\n\n{HEAD}{SECOND}\n",
        [("SLAM", "2503.14991", "Mapping a Barn"), ("NeRF", "2503.14993", "Fields of Rye"), ("3D", "2503.14992", "Loops for Cats")],
    ),
    "without a head": (
        f"---\nlayout: default\n---\n\n## Legal NLP\n\n{FIRST}\n\n<p align=right>(<a href='#x'>back to top</a>)</p>\n",
        [("Legal NLP", "2503.14991", "Mapping a Barn")],
    ),
    "quoted": (
        "## NeRF\n\n" + "".join(f"> {line}\n" for line in f"{HEAD}{FIRST}".split("\n")) + "\n> - **Quoted Cats**, Ada Orr et.al., Paper: [here](http://arxiv.org/abs/2503.14992)\n",
        [("NeRF", "2503.14991", "Mapping a Barn"), ("NeRF", "2503.14992", "Quoted Cats")],
    ),
    "shortcodes": (
        '# Daily\n\n??? note "SLAM"\n\n' + "".join(f"    {line}\n" for line in f"{HEAD}{FIRST}".split("\n"))
        + f'\n{{{{< details "NeRF" >}}}}\n{HEAD}{SECOND}\n{{{{< /details >}}}}\n',
        [("SLAM", "2503.14991", "Mapping a Barn"), ("NeRF", "2503.14992", "Loops for Cats")],
    ),
    "bullets": (
        "> Updated on 2022.02.23\n\n## SLAM\n\n- 2022-02-22, **Mapping Barns**, Ada Orr et.al., Paper: [http://arxiv.org/abs/2202.09991v2](http://arxiv.org/abs/2202.09991v2),"
        " Code: **[https://github.com/example/barns](https://github.com/example/barns)**\n\n## NeRF\n\n"
        "- 2022-02-17, **Fields of Rye**, Cy Moor et.al., Paper: [http://arxiv.org/abs/2202.09993v1](http://arxiv.org/abs/2202.09993v1)\n",
        [("SLAM", "2202.09991", "Mapping Barns"), ("NeRF", "2202.09993", "Fields of Rye")],
    ),
    "awesome": (
        "# Awesome Barns\n\n- [Surveys](#surveys)\n\n## Surveys\n* [A Survey of Barns](https://arxiv.org/abs/2503.14991), Ada Orr, Bo Lind, CVPR 2024 [[Code]](https://github.com/a/b)\n"
        "* **Barns: The Book** - Ada Orr et al. *ICLR 2023*. [[Paper]](https://arxiv.org/abs/2303.14992)\n\n## Methods\n- **Indoor**\n"
        "  - Seeing Barns, *CVPR 2025* [[pdf](https://arxiv.org/abs/2503.14993)]\n  - (ICLR'25) Hearing Barns. [[arxiv]](https://arxiv.org/abs/2503.14994)\n"
        "- **Outdoor Barns**\n  - Paper: https://arxiv.org/abs/2503.14995\n  - Code: https://github.com/e/f\n",
        [
            ("Surveys", "2503.14991", "A Survey of Barns"), ("Surveys", "2303.14992", "Barns: The Book"), ("Indoor", "2503.14993", "Seeing Barns"),
            ("Indoor", "2503.14994", "Hearing Barns"), ("Methods", "2503.14995", "Outdoor Barns"),
        ],
    ),
    "cards of a machine": (
        "<div id=toc></div>\n\n# Table of Contents\n\n- [cs.DB](#cs.DB) [Total: 2]\n\n\n<div id='cs.DB'></div>\n\n# cs.DB [[Back]](#toc)\n\n"
        "### [1] [Sorting Kettles](https://arxiv.org/abs/2506.04991)\n*Ada Orr,Bo Lind*\n\nMain category: cs.DB\n\nTL;DR: 本文提出一种更快的方法。\n\n\n<details>\n  <summary>Details</summary>\n"
        "Motivation: 慢。\n\nAbstract: We sort kettles with an index\nthat is small.\n\n</details>\n\n\n### [2] [Joining Spoons](https://arxiv.org/abs/2506.04992)\n*Cy Moor*\n\nMain category: cs.DB\n\nTL;DR: Error\n",
        [("cs.DB", "2506.04991", "Sorting Kettles"), ("cs.DB", "2506.04992", "Joining Spoons")],
    ),
    "cards": (
        "# 2025-03-05\n\n### Sorting Spoons\n- **Authors:** Ada Orr, Bo Lind\n- **arXiv:** [2503.14991](https://arxiv.org/abs/2503.14991)\n\n### Joining Forks\n**Authors**: Di Pell\n"
        "**Link**: http://arxiv.org/abs/2503.14992v1\n**Abstract**: We join\nforks.\n\n---\n\n> **[Seeing Barns](https://arxiv.org/abs/2503.14993)** — Cy Moor\n> Barns are seen.\n\n"
        "**Last One** ([2503.14994](https://arxiv.org/abs/2503.14994))\nAda Orr\n",
        [("", "2503.14991", "Sorting Spoons"), ("", "2503.14992", "Joining Forks"), ("", "2503.14993", "Seeing Barns"), ("", "2503.14994", "Last One")],
    ),
    "a table in HTML": (
        "<h2>SLAM</h2>\n<table>\n<thead><tr><th>Date</th><th>Title</th><th>Link</th></tr></thead>\n<tr><td>2025-03-19</td><td><b>Mapping a Barn</b></td>"
        '<td><a href="https://arxiv.org/abs/2503.14991">2503.14991</a></td></tr>\n<tr>\n  <td>2025-03-18</td>\n  <td><a href="https://arxiv.org/abs/2503.14992">Loops for Cats</a></td>\n'
        '  <td><a href="https://github.com/a/b">code</a></td>\n</tr>\n</table>\n',
        [("SLAM", "2503.14991", "Mapping a Barn"), ("SLAM", "2503.14992", "Loops for Cats")],
    ),
    "columns of their own": (
        "## Zoo\n|Model|Params|Ours|\n|---|---|---|\n|[BarnNet: Nets for Barns](https://arxiv.org/abs/2503.14991)|3M|yes|\n|FooNet|[arXiv](https://arxiv.org/abs/2503.14992)|no|\n",
        [("Zoo", "2503.14991", "BarnNet: Nets for Barns"), ("Zoo", "2503.14992", "FooNet")],
    ),
    "folded abstracts and comments": (
        "## Time Series\n| **Title** | **Date** | **Abstract** | **Comment** |\n| --- | --- | --- | --- |\n| **[Forecasting Kettles with $\\alpha$-mixing](http://arxiv.org/abs/2504.16991v1)** | 2025-04-23 |"
        " <details><summary>Show</summary><p>We forecast. A model with $|x|<1$ and p(x|y) fails; 3.5%.</p></details> | 8 pages, 5 figures |\n",
        [("Time Series", "2504.16991", "Forecasting Kettles with $\\alpha$-mixing")],
    ),
    "titles are the summaries of folded blocks": (
        "<details open>\n<summary><h2>SLAM (2 papers)</h2></summary>\n\n<details>\n<summary><strong>Mapping a Barn</strong> - Ada Orr, Bo Lind - [[pdf]](https://arxiv.org/pdf/2503.14991)</summary>\n\n"
        "**Abstract:** We map barns.\n\n**arXiv ID:** 2503.14991\n</details>\n\n<details>\n<summary>Loops for Cats</summary>\n\n[📄 PDF](https://arxiv.org/pdf/2503.14992)\n</details>\n\n</details>\n\n"
        "<details>\n<summary>NeRF</summary>\n\n- [Fields of Rye](https://arxiv.org/abs/2503.14993)\n\n</details>\n",
        [("SLAM", "2503.14991", "Mapping a Barn"), ("SLAM", "2503.14992", "Loops for Cats"), ("NeRF", "2503.14993", "Fields of Rye")],
    ),
    "quoted cards with a table of fields": (
        "## 📑 论文\n\n> ### 1. Barn\\-Nets: Seeing Barns\n>\n> | 属性 | 内容 |\n> |:---:|:---|\n> | 📅 发布日期 | 2025-03-11 |\n> | 👤 作者 | Ada Orr |\n>\n> **📄 英文摘要：**\n> We see barns\\-like things \\(YOLO\\).\n>\n"
        "> 🔗 [阅读论文](http://arxiv.org/abs/2503.14991v1)\n\n---\n\n> ### 2. Loops for Cats\n>\n> | 属性 | 内容 |\n> |:---:|:---|\n> | 📅 发布日期 | 2025-03-10 |\n>\n> 🔗 [阅读论文](http://arxiv.org/abs/2503.14992v1)\n",
        [("📑 论文", "2503.14991", "Barn-Nets: Seeing Barns"), ("📑 论文", "2503.14992", "Loops for Cats")],
    ),
    "headings above abstracts and links": (
        "# Barns\n\n## Indoor\n### 1. Mapping a Barn\n**Authors**: Ada Orr, Bo Lind\n<details span>\n<summary><b>Abstract</b></summary>\nWe map barns.\n</details>\n\n  [📄 Paper](https://arxiv.org/pdf/2503.14991.pdf) |"
        " [💻 Code (not yet)](https://github.com/a/b)\n\n### 2025-03-12 - Loops for Cats\n- **PDF:** [2503.14992v1.pdf](https://arxiv.org/pdf/2503.14992v1)\n- **Summary:** We loop.\n\n## **3. Fields of Rye**\n\n"
        "cs.CV\n\n**SubmitDate**: 2025-03-02    [paper-pdf](http://arxiv.org/pdf/2503.14993v3)\n\n**Abstracts**: Rye is seen.\n",
        [("Indoor", "2503.14991", "Mapping a Barn"), ("Indoor", "2503.14992", "Loops for Cats"), ("", "2503.14993", "Fields of Rye")],
    ),
    "titles above fields in Chinese": (
        "# 目标检测\n\n**Seeing Barns**\n\n- CVPR 2020 Oral\n- 论文：https://arxiv.org/abs/2003.14991\n- 代码：https://github.com/a/b\n\n**Hearing Barns**\n\n论文：https://arxiv.org/abs/2003.14992\n\n代码：https://github.com/a/c\n\n"
        "## 3D点云\n\nPointBarn: Grouping of Points for Barns\n\n- 论文下载链接：https://arxiv.org/abs/2003.14993\n- 代码：https://github.com/a/d\n",
        [("目标检测", "2003.14991", "Seeing Barns"), ("目标检测", "2003.14992", "Hearing Barns"), ("3D点云", "2003.14993", "PointBarn: Grouping of Points for Barns")],
    ),
    "names, venue and links below bold titles": (
        "## Rendering\n\n**Mapping a Barn.**<br>\n*[Ada Orr](https://a.example/x_y/), Bo Lind.*<br>\nCVPR 2022. [[PDF](http://arxiv.org/abs/2111.14991)] [[Github](https://github.com/a/b)]\n\n"
        "**Loops for Cats**<br>\n*Ada Orr*<br>\n[12th Sep., 2023] [arXiv, 2023]<br>\n[[Paper](https://arxiv.org/pdf/2309.14992.pdf)]<br>\n",
        [("Rendering", "2111.14991", "Mapping a Barn"), ("Rendering", "2309.14992", "Loops for Cats")],
    ),
    "linked titles with the paper named once more": (
        "# Hot\n\n**[Mapping a Barn](https://huggingface.co/papers/2503.14991)**\n\n*Ada Orr, Bo Lind et al. (7 authors)*\n\nBarns are mapped.\n\n▲ 35 • 💬 3\n\n[🎓 arXiv](https://arxiv.org/abs/2503.14991) • [💻 code](https://github.com/a/b)\n\n---\n\n"
        "- [arXiv:2503.14992 — Loops for Cats](https://arxiv.org/abs/2503.14992)\n- [HTML 全文](https://arxiv.org/html/2503.14992v1)\n- [PDF](https://arxiv.org/pdf/2503.14992)\n",
        [("Hot", "2503.14991", "Mapping a Barn"), ("Hot", "2503.14992", "Loops for Cats")],
    ),
    "short names, days and numbers before titles": (
        '#### 2.Nets ([back👆](#top))\n* **BarnNet**: "Seeing Barns at Scale", arXiv, 2025 (*Google*). [[Paper](https://arxiv.org/abs/2503.14991)]\n* **?**: "Hearing Barns", ICLR, 2025. [[Paper](https://arxiv.org/abs/2503.14992)]\n'
        "- 2025 **BarnNet v2** Rethinking the Nets for Barns [[paper](https://arxiv.org/pdf/2503.14993.pdf)]\n- 2 Jan, *Loops for Cats*, https://arxiv.org/abs/2501.14994\n"
        "1. **Title:** Fields of Rye (arXiv:2503.14995)\n   - **Authors:** Ada Orr, Bo Lind\n* Fields of Oats (arXiv 2503.14996) \\[[Paper](https://arxiv.org/abs/2503.14996)]\n  * CMU & PKU\n",
        [
            ("Nets", "2503.14991", "Seeing Barns at Scale"), ("Nets", "2503.14992", "Hearing Barns"), ("Nets", "2503.14993", "Rethinking the Nets for Barns"),
            ("Nets", "2501.14994", "Loops for Cats"), ("Nets", "2503.14995", "Fields of Rye"), ("Nets", "2503.14996", "Fields of Oats"),
        ],
    ),
    "what stands around titles in tables": (
        "## Barns\n|Title|Links|Abstract|\n|---|---|---|\n| ![Star](https://img.shields.io/github/stars/a/b.svg?style=social) <br> [**Mapping a Barn**](https://arxiv.org/pdf/2503.14991) <br> | [Github](https://github.com/a/b) |None|\n"
        "| Loops for Cats (Read more on [arXiv](https://arxiv.org/abs/2503.14992) or [HuggingFace](https://huggingface.co/papers/2503.14992))| - | Cats loop.|\n"
        "| 3) **Fields of Rye** - an approach that aims to see the rye in fields. | [Paper](https://arxiv.org/abs/2503.14993) |-|\n"
        "|🔥🔥[**Oats**] Fields of Oats(@a.example)|[[pdf]](https://arxiv.org/pdf/2503.14994.pdf) ![](https://img.shields.io/x.svg)|⚠️|\n"
        "|[Seeing Barns](https://arxiv.org/abs/2503.14995) | - | Jan, 2024\n|[Hearing Barns](https://arxiv.org/abs/2503.14996) | - | Jan, 2024\n",
        [
            ("Barns", "2503.14991", "Mapping a Barn"), ("Barns", "2503.14992", "Loops for Cats"), ("Barns", "2503.14993", "Fields of Rye"), ("Barns", "2503.14994", "Fields of Oats"),
            ("Barns", "2503.14995", "Seeing Barns"), ("Barns", "2503.14996", "Hearing Barns"),
        ],
    ),
    "names and ids beside titles": (
        "# Barns\n\n## Maps\n\n### Mapping a Barn\n**Ada Orr, Bo Lind — arXiv:2503.14991**\n\nBarns are mapped.\n\n## Loops\n\n### 9. A Paper Without an Id\n- **作者**: Cy Moor\n- **链接**: [arXiv](https://arxiv.org/abs/2503.06XXX)\n\n"
        "### 10. Loops for Cats (2025)\n- **作者**: Rui Wang 等\n- **链接**: [arXiv](https://arxiv.org/abs/2503.14992) | [PDF](https://arxiv.org/pdf/2503.14992)\n\n"
        "## Talks\n\n#### 1. **[Fields of Rye]** \n(附带论文链接: https://huggingface.co/papers/2503.14993)\n- **核心**：麦田。\n",
        [("Maps", "2503.14991", "Mapping a Barn"), ("Loops", "2503.14992", "Loops for Cats"), ("Talks", "2503.14993", "Fields of Rye")],
    ),
    "citations": (
        '## References\n\n1. **BarnNet** — Orr et al., "Training Nets to Correct Barns" (2024). [arXiv:2503.14991](https://arxiv.org/abs/2503.14991)\n   → Shaped reward\n'
        "- Lind et al., *Mastering Barns with Large Nets: A Case\n  Study on Cats*, arXiv:2503.14992 / NeurIPS 2024.\n- Moor et al., *Barn Scaling Laws*, arXiv:2503.14993.\n"
        "- **[BarnFormer]** Barn Transformer(**WACV**) [[paper](https://arxiv.org/abs/2503.14994)]\n- Coding Barns by Many Agents (**arXiv** **2024**) [[paper](https://arxiv.org/abs/2503.14995)]\n",
        [
            ("References", "2503.14991", "Training Nets to Correct Barns"), ("References", "2503.14992", "Mastering Barns with Large Nets: A Case Study on Cats"),
            ("References", "2503.14993", "Barn Scaling Laws"), ("References", "2503.14994", "Barn Transformer"), ("References", "2503.14995", "Coding Barns by Many Agents"),
        ],
    ),
    "papers of a group, and of a note-taker": (
        "# Work\n\n## 1. [[papers/2503.14991_Mapping.pdf|Mapping a Barn]]\n- 论文链接: https://arxiv.org/abs/2503.14991\n- 时间: 2025-03-11\n\n## SIGLoops\n\nAda Orr\\*, **Bo Lind**, Cy Moor&dagger;  \n[[homepage](https://a.example)]"
        " [[arxiv](https://arxiv.org/abs/2503.14992)]\n\n## Trees\n\n|Venue|Title|Links|\n|---|---|---|\n|Arxiv 25.03|Trees of Barns ![](https://img.shields.io/x.svg)  |[Link](https://arxiv.org/abs/2503.14993)|\n",
        [("Work", "2503.14991", "Mapping a Barn"), ("Work", "2503.14992", "SIGLoops"), ("Trees", "2503.14993", "Trees of Barns")],
    ),
}  # fmt: skip

MUTATIONS = (
    "|", "> ", "<details>", "</details>", "<!--", "-->", "```\n", "    ", "- ", "# ", "**", "\n\n", "---\n", "<table>", "<tr>", "</td>", "[", "](",
    "$", "\\", "<summary>", "</summary>", "[^1]", "~~~\n", "1. ", "\t", "|---|---|\n", "</table>", "::: details X\n", '??? note "X"\n',
)  # fmt: skip


def mutated(text: str, chance: random.Random) -> str:
    """``text`` with a few stretches put in, cut out, swapped, indented or doubled."""
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(text) + 1)
        lines = text.split("\n")
        one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
        match chance.randrange(5):
            case 0:
                text = text[:at] + chance.choice(MUTATIONS) + text[at:]
            case 1:
                text = text[:at] + text[at + chance.randint(1, 30) :]
            case 2:
                lines[one], lines[other] = lines[other], lines[one]
                text = "\n".join(lines)
            case 3:
                mark = chance.choice(["> ", "  ", "    ", "- "])
                text = "\n".join(mark + line if one <= place < one + 6 else line for place, line in enumerate(lines))
            case _:
                text = "\n".join([*lines[:one], lines[other], *lines[one:]])
    return text
