"""Published lists made up for tests: the formats' shapes with words of our own."""

from __future__ import annotations

README = """\
---
layout: default
---

[![Stars][stars-shield]][stars-url]

## Updated on 2026.06.24
> How to use: [here](./docs/README.md#usage)

<details>
  <summary>Table of Contents</summary>
  <ol>
    <li><a href=#nerf>NeRF</a></li>
    <li><a href=#our-own-things>Our own things</a></li>
  </ol>
</details>

## NeRF

|Publish Date|Title|Authors|Abstract|PDF|Code|
|---|---|---|------|---|---|
|**2026-06-22**|**Fields of Light: $|x|$ Matters**|Ada Byron et.al.|我们提出一种新的辐射场方法，它在数据很少时也能训练。 et.al.|[2606.10001](http://arxiv.org/abs/2606.10001)|**[link](https://github.com/lights/fields)**|
|**2026-06-21**|**A Second Light**|Émilie du Châtelet et.al.|我們提出一種新的方法，結果顯示它優於現有的方法 | 見 https://example.org/page. et.al.|[2606.10002v2](http://arxiv.org/abs/2606.10002v2)|null|

<p align=right>(<a href=#updated-on-20260624>back to top</a>)</p>

## Our own things

A word of the editors stands here.

| PDF | Code | Title | Mood | Publish Date |
|:---|---|---|:---:|---|
| [2606.10003](https://arxiv.org/pdf/2606.10003.pdf) | [code](https://github.com/a/b), [project](https://a.example.org) | [Things We Made](https://arxiv.org/abs/2606.10003) | good | 2026-06-20 |
| no link yet | null | A paper without an id | fair | 2026-06-19 |

<p align=right>(<a href=#updated-on-20260624>back to top</a>)</p>

[stars-shield]: https://img.example.org/stars.svg
[stars-url]: https://example.org/stars
"""

TLDR = """\
# 摘要

| Ref | Title | Summary |
| --- | --- | --- |
| [^1] | [Grids That Learn](https://arxiv.org/abs/2404.00001) | 本文提出了会学习的网格。 |
| [^2] | [Old Grids.](http://arxiv.org/abs/2401.00002) | 旧的网格也有用处。 |

# 详细

[^1]: 会学习的网格

    Grids That Learn

    [https://arxiv.org/abs/2404.00001](https://arxiv.org/abs/2404.00001)

    本文提出了会学习的网格。

    \n
    arXiv:2404.00001v2 发布类型: 交叉  摘要: 我们说明网格怎样学习，并且给出实验结果。

    arXiv:2404.00001v2 Announce Type: cross  Abstract: We say how grids learn. They learn well.
    \n[^2]: Old Grids

    Old Grids. (arXiv:2401.00002v1 [cs.GR])

    [http://arxiv.org/abs/2401.00002](http://arxiv.org/abs/2401.00002)

    旧的网格也有用处。

    \n
    旧的网格仍然有用处，这里有三个例子。

    Old grids are still of use. Here are three examples.
    \n"""

STORE = (
    '{"NeRF": {"2606.10001": "|**2026-06-22**|**Fields of Light**|Ada Byron et.al.|[2606.10001](http://arxiv.org/abs/2606.10001)|null|\\n"},'
    ' "SLAM": {"2606.10004": "|**2026-06-20**|**Where Am I**|我们提出一种定位方法。 et.al.|[2606.10004](http://arxiv.org/abs/2606.10004)|'
    '**[link](https://github.com/where/am-i)**|\\n"}}'
)
