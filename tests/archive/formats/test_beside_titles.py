"""What stands beside a title in the lists that people keep: a venue, an award, a date, a day of the week."""

from __future__ import annotations

import datetime as dt

import pytest

from newsletter.archive.formats.dates import is_date_alone, without_date
from newsletter.archive.formats.entries import read_entry
from newsletter.archive.formats.table_pages import read_table_page
from newsletter.archive.formats.topic_names import day_in, names_no_topic


@pytest.mark.parametrize(
    ("entry", "title"),
    [
        (
            "1. Fast Splats. Bo Lind. **CVPR'24**. [[paper](http://arxiv.org/abs/2403.11111)] [[code](https://x.example)]\n",
            "Fast Splats",
        ),
        ("- **[NeurIPS 2024 Oral]** Slow Splats, Ada Orr [[pdf](https://arxiv.org/pdf/2403.11112)]\n", "Slow Splats"),
        ("- **New!** [Bold Fields](https://arxiv.org/abs/2403.11113)\n", "Bold Fields"),
        (
            "* __ICCV 2023__ | Fields of Oats and Barley | [arXiv](https://arxiv.org/abs/2403.11114)\n",
            "Fields of Oats and Barley",
        ),
        (
            "- (**ECCV'24 Best Paper**) A Title of Things. [arXiv:2403.11115](https://arxiv.org/abs/2403.11115)\n",
            "A Title of Things",
        ),
        ("- **Mip-NeRF 360** [[paper](https://arxiv.org/abs/2111.12077)]\n", "Mip-NeRF 360"),
        ("- **Accepted at ICRA 2026**: Grasping by Ear. [[paper](https://arxiv.org/abs/2403.11117)]\n", "Grasping by Ear"),
    ],
)
def test_a_venue_or_an_award_in_bold_letters_is_no_title(entry: str, title: str) -> None:
    item = read_entry(entry)[1]
    assert item is not None
    assert item.title.rstrip(".").startswith(title)
    assert "**" not in item.title


@pytest.mark.parametrize(
    "entry",
    [
        "1. **Barns.** Preprint.\n\n   *Ada Orr, Bo Lind* [[pdf](https://arxiv.org/abs/2503.11111)], 2025.6\n",
        '1. <u>B5</u>: **"Barns at Large"**. *Ada Orr, Bo Lind*. JMLR 2025. [[Paper](https://arxiv.org/abs/2503.11111)]\n',
        "**Barns.**<br>\n*[Ada Orr](https://a.example/a_b), Bo Lind et al. (7 authors)*<br>\nCVPR 2025. [[PDF](https://arxiv.org/abs/2503.11111)]\n",
        "### Barns\n- **作者**: Ada Orr, Bo Lind 等\n- [PDF](https://arxiv.org/abs/2503.11111)\n",
        "1. **Barns** `ACL 2025`\n\n   *Ada Orr, Bo Lind*, ACL 2025 [[pdf](https://arxiv.org/abs/2503.11111)]\n",
    ],
)
def test_names_beside_a_title_are_its_authors(entry: str) -> None:
    assert read_entry(entry)[1].authors == ("Ada Orr", "Bo Lind")


@pytest.mark.parametrize(
    "heading",
    [
        "Mon, 3 March 2025",
        "Monday 2025-03-03",
        "2025年3月3日 星期一",
        "2025年3月3日(月)",
        "2025-03-03 (周一)",
        "March 3, 2025 (Mon.)",
    ],
)
def test_a_date_with_its_day_of_the_week_is_a_date_alone(heading: str) -> None:
    assert is_date_alone(heading)
    assert day_in(heading) == dt.date(2025, 3, 3)
    assert names_no_topic(heading)


@pytest.mark.parametrize(
    ("heading", "day"),
    [
        ("Papers of 2025-03-03", dt.date(2025, 3, 3)),
        ("Updated on 2025.03.03", dt.date(2025, 3, 3)),
        ("New papers for March 3, 2025", dt.date(2025, 3, 3)),
        ("Week of 2025-03-03", None),
        ("Archive 2025-03-03", None),
        ("Sun-like stars, 2025-03-03", None),
        ("3D Gaussian Splatting", None),
    ],
)
def test_a_heading_tells_the_day_of_its_papers_where_it_is_no_topic(heading: str, day: dt.date | None) -> None:
    assert day_in(heading) == day


def test_a_topic_keeps_its_name_beside_a_date() -> None:
    assert not names_no_topic("Sun-like stars, 2025-03-03")
    assert without_date("Robots") is None


ONE, TWO = ("- [Fast Splats](https://arxiv.org/abs/2503.00001)\n", "- [Slow Splats](https://arxiv.org/abs/2503.00002)\n")
MONDAY, TUESDAY = dt.date(2025, 3, 3), dt.date(2025, 3, 4)


@pytest.mark.parametrize(
    ("page", "topics"),
    [
        (
            f"# Papers\n\n## Splatting\n\n### Mon, 3 March 2025\n\n{ONE}\n### Tue, 4 March 2025\n\n{TWO}",
            ["Splatting", "Splatting"],
        ),
        (f"# Papers\n\n## 2025-03-03\n\n### Splatting\n\n{ONE}\n## 2025-03-04\n\n{TWO}", ["Splatting", ""]),
        (f"# Papers\n\n## 2025-03-03\n\n### Splatting\n\n{ONE}\n## 2025-03-04\n\n### Robots\n\n{TWO}", ["Splatting", "Robots"]),
        (f"# Papers\n\n## 2025-03-03\n\n{ONE}\n## Papers of 2025-03-04\n\n{TWO}", ["", ""]),
        (
            f"# L\n\n## Splatting\n\n### New papers, 2025-03-03\n\n{ONE}\n## Robots\n\n**2025-03-04 (Tue)**\n\n{TWO}",
            ["Splatting", "Robots"],
        ),
    ],
)
def test_papers_below_the_heading_of_a_day_have_that_day_and_the_topic_around_it(page: str, topics: list[str]) -> None:
    read = read_table_page(page)
    assert read.raw == page
    rows = [(row.item.date, "" if row.topic is None else read.topics[row.topic]) for row in read.rows if row.item is not None]
    assert rows == [(MONDAY, topics[0]), (TUESDAY, topics[1])]


def test_a_heading_that_says_nothing_stays_within_its_topic() -> None:
    read = read_table_page(f"# L\n\n## Splatting\n\n### Papers\n\n{ONE}\n## Robots\n\n### Latest papers\n\n{TWO}")
    assert list(read.topics) == ["Splatting", "Robots"]
    assert list(read_table_page(f"# L\n\n## 2024\n\n### Papers\n\n{ONE}").topics) == []
