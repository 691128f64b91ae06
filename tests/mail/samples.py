"""Papers, entries and digests made up for the tests of mails; plain functions, every value can be set."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from newsletter.values.digests import Digest, Entry, Group
from newsletter.values.mail import ReaderLinks
from newsletter.values.papers import LinkKind, Paper, PaperLink
from tests.papers import paper_builder

TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "email"
DAY = dt.date(2026, 11, 20)
WHEN = dt.datetime(2026, 11, 20, 7, 30, tzinfo=dt.UTC)
TOKEN = "kU3nB0a1c2D4e5F6g7H8iAjJ9"
LINKS = ReaderLinks(
    preferences=f"https://papers.example.org/preferences/{TOKEN}",
    unsubscribe=f"https://papers.example.org/unsubscribe/{TOKEN}",
    one_click=f"https://papers.example.org/unsubscribe/{TOKEN}",
    view=f"https://papers.example.org/view/{TOKEN}",
    token=TOKEN,
)

ABSTRACTS = {
    "en": (
        "We present a method that keeps the memory of Gaussian splats below 40 MB while it renders at 120 frames per second. "
        "Instead of storing spherical harmonics for every splat, we share a codebook of $K = 512$ entries and learn the residual "
        "with an $\\alpha$-weighted loss. On Mip-NeRF 360 the quality drops by 0.1 dB, and training takes 11 minutes on one GPU. "
        "An ablation shows that the codebook, not the pruning, carries most of the gain."
    ),
    "zh-CN": (
        "我们提出一种方法，在以每秒 120 帧渲染的同时，将高斯泼溅的内存控制在 40 MB 以下。我们不再为每个高斯存储球谐系数，"
        "而是共享一个包含 $K = 512$ 个条目的码本，并用 $\\alpha$ 加权损失学习残差。在 Mip-NeRF 360 上，质量仅下降 0.1 dB，"
        "在单块 GPU 上训练只需 11 分钟。消融实验表明，增益主要来自码本而非剪枝。"
    ),
    "ar": (
        "نقدّم طريقة تُبقي ذاكرة التناثر الغاوسي دون 40 ميغابايت مع عرض 120 إطارًا في الثانية. وبدلًا من تخزين التوافقيات الكروية لكل "
        "نقطة، نتشارك دفتر رموز من $K = 512$ مدخلًا ونتعلّم الباقي بدالة خسارة مرجّحة بمعامل $\\alpha$. على Mip-NeRF 360 تنخفض الجودة "
        "بمقدار 0.1 ديسيبل فقط، ويستغرق التدريب 11 دقيقة على وحدة معالجة رسومات واحدة."
    ),
    "ja": (
        "本手法は、毎秒 120 フレームで描画しながら、ガウシアンスプラットのメモリを 40 MB 未満に抑える。各スプラットに球面調和関数を保存する"
        "代わりに、$K = 512$ 個のエントリを持つコードブックを共有し、$\\alpha$ で重み付けした損失で残差を学習する。"
    ),
}
TITLES = {
    "en": "Shared Codebooks for Small and Fast Gaussian Splatting",
    "zh-CN": "用共享码本实现小巧而快速的高斯泼溅",
    "ar": "دفاتر رموز مشتركة لتناثر غاوسي صغير وسريع",
    "ja": "共有コードブックによる軽量で高速なガウシアンスプラッティング",
}


def paper(ref: str = "2611.01234", **changes: object) -> Paper:
    facts: dict[str, object] = {
        "ref": ref,
        "title": TITLES["en"],
        "abstract": ABSTRACTS["en"],
        "authors": ("Mira Olsen", "Jun-ichi Sató", "Li Wei", "Ana Pérez", "Tom Hall"),
        "categories": ("cs.CV", "cs.GR"),
        "submitted": dt.datetime(2026, 11, 18, 9, 0, tzinfo=dt.UTC),
        "updated": dt.datetime(2026, 11, 18, 9, 0, tzinfo=dt.UTC),
        "announced_on": DAY,
        "links": (
            PaperLink(LinkKind.CODE, "https://github.com/example/codebook-splats", "comment"),
            PaperLink(LinkKind.PROJECT, "https://example.github.io/codebook-splats/", "abstract"),
        ),
    }
    return paper_builder.paper(**{**facts, **changes})


def entry(language: str = "zh-CN", *, of: Paper | None = None, **changes: object) -> Entry:
    english = language == "en"
    facts: dict[str, object] = {
        "paper": of or paper(),
        "language": language,
        "title": TITLES.get(language, TITLES["en"]),
        "abstract": ABSTRACTS.get(language, ABSTRACTS["en"]),
        "translated": True,
        "engine": "" if english else "libre",
        "topic": "3dgs",
        "topics": ("3D Gaussian Splatting", "NeRF"),
        "reason": "title: Gaussian Splatting",
    }
    return Entry(**{**facts, **changes})  # type: ignore[arg-type]


def entries(count: int, language: str = "zh-CN", **changes: object) -> tuple[Entry, ...]:
    """``count`` entries of different papers."""
    return tuple(entry(language, of=paper(f"2611.{number:05d}"), **changes) for number in range(1, count + 1))


def digest(
    *groups: Sequence[Entry], language: str = "zh-CN", names: Sequence[str] = (), more: int = 0, welcome: bool = False
) -> Digest:
    """A digest with one group for each sequence of entries."""
    named = dict(enumerate(names))
    made = tuple(Group(f"topic-{place}", named.get(place, f"Topic {place}"), tuple(group)) for place, group in enumerate(groups))
    return Digest(date=DAY, language=language, groups=made, more=more, welcome=welcome)
