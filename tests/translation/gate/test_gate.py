"""The gate: good translations pass, and each defect that readers meet in published lists is refused."""

from __future__ import annotations

import pytest

from newsletter.languages import language_of
from newsletter.translation.gate.verdict import faults

GOOD = [
    (
        "zh-CN",
        "We present NeRF-VO, a visual odometry system that runs at 30 FPS. Code: https://github.com/a/b.",
        "我们提出 NeRF-VO,一种以 30 FPS 运行的视觉里程计系统。代码:https://github.com/a/b。",
    ),
    ("zh-CN", "A model of $3$B parameters beats GPT-4o by 2.5%.", "一个拥有 $3$B 参数的模型比 GPT-4o 高出 2.5%。"),
    (
        "zh-CN",
        r"We prove that $f(x) \le \alpha_{i}$ holds for all $x$, which answers two open questions.",
        r"我们证明 $f(x) \le \alpha_{i}$ 对所有 $x$ 成立,从而回答了2个悬而未决的问题。",
    ),
    (
        "zh-CN",
        "Large language models learn with artificial intelligence and LLM agents.",
        "大语言模型(LLM)通过人工智能和 LLM 智能体来学习。",
    ),
    (
        "zh-TW",
        "We compress large language models without losing quality on MS-COCO.",
        "我們壓縮大型語言模型,同時在 MS-COCO 上不損失品質。",
    ),
    (
        "ja",
        "We propose a new method for depth estimation from a single image that needs no labels.",
        "ラベルを必要とせず、単一画像から奥行きを推定する新しい手法を提案する。",
    ),
    ("ja", "Diffusion models for 3D shape generation", "3D形状生成のための拡散モデル"),
    (
        "de",
        "We propose a new method for depth estimation from a single image that needs no labels.",
        "Wir schlagen ein neues Verfahren zur Tiefenschätzung aus einem einzigen Bild vor, das keine Annotationen benötigt.",
    ),
    ("de", "Attention in Transformer models: a survey", "Aufmerksamkeit in Transformer-Modellen: ein Überblick"),
    ("fr", "A survey of visual navigation for mobile robots", "Un état de l'art de la navigation visuelle pour robots mobiles"),
    (
        "ar",
        "We propose a new method for depth estimation from a single image that needs no labels.",
        "نقترح طريقة جديدة لتقدير العمق من صورة واحدة لا تحتاج إلى أي تسميات.",
    ),
    ("he", "A survey of visual navigation for mobile robots", "סקירה של ניווט חזותי לרובוטים ניידים"),
    ("ko", "We train Llama-3.1-8B with 5,000 samples.", "우리는 5,000 개의 샘플로 Llama-3.1-8B 모델을 학습한다."),
    ("ru", "A survey of visual navigation for mobile robots", "Обзор визуальной навигации для мобильных роботов"),
    ("zh-CN", "Rate limit exceeded: how chat services fail", "Rate limit exceeded:聊天服务如何失效"),
    ("zh-CN", "NeRF-VO", "NeRF-VO 系统"),
]


@pytest.mark.parametrize(("language", "source", "result"), GOOD)
def test_a_good_translation_passes(language: str, source: str, result: str) -> None:
    assert faults(source, result, language_of(language)) == ()


# Each with the reason; the sources' clean twins stand above or pass in `test_the_clean_twin_of_a_defect_passes`.
METHOD = r"We call it \method{} and publish the code of the system."
PRICE = "We train a model worth $3$B parameters on public text."
LINK = "The code of our method is public at https://github.com/a/b."
NAMES = "We compare NeRF-VO, Unified-IO and PanGu-Draw in the same setting."
DECIMAL = "Our method improves the accuracy of the model by 3.5 points."
LONG = (
    "We study how language models use tools. We collect many tasks from public sites. We find that planning is the hard part. "
    "We give a simple method that helps. We show that it works in practice."
)
DEFECTS = [
    (METHOD, r"我们称之为 \方法｛｝,并公开系统的代码。", "spans"),
    (METHOD, r"我们称之为 \method｛｝,并公开系统的代码。", "wide"),
    (METHOD, r"我们称之为 \ method{},并公开系统的代码。", "spans"),
    (
        r"See $\href{https://x.org/a}{this~https~URL}$ for the code of the system.",
        r"系统代码见 $\href｛https://x.org/a｝｛this~https~URL｝$。",
        "spans",
    ),
    ("We prove that $a+b$ is bounded for every input.", "我们证明 a+b$ 对每个输入都有界。", "spans"),
    ("We prove that $a+b$ is bounded for every input.", "我们证明 $ a+b $ 对每个输入都有界。", "spans"),
    (PRICE, "我们在公开文本上训练了一个价值30亿美元的模型。", "spans"),
    (LINK, "我们方法的代码公开于 https://github.com/a/ b。", "spans"),
    (LINK, "我们方法的代码公开于 https://github.com/a/b 和 https://github.com/a/b。", "spans"),
    (NAMES, "我们在相同设置下比较神经-VO、统一-IO 和盘古-绘画。", "spans"),
    (NAMES, "我们在相同设置下比较 NeRF-VO、Unified-IO 和 PanGu - Draw。", "spans"),
    ("We study LLM agents that use tools.", "我們研究使用工具的法學碩士代理。", "spans"),
    (DECIMAL, "我们的方法将模型的准确率提高了 3. 5 个点。", "numbers"),
    (DECIMAL, "我们的方法将模型的准确率提高了 3。5 个点。", "decimal"),
    (DECIMAL, "我们的方法将模型的准确率提高了 35 个点。", "numbers"),
    (DECIMAL, "我们的方法将模型的准确率提高了几个点。", "numbers"),
    (DECIMAL, "我们的方法在 2024 年将模型的准确率提高了 3.5 个点。", "numbers"),
    (
        LONG,
        "我们研究语言模型如何使用工具。我们研究语言模型如何使用工具并收集任务。我们研究语言模型如何使用工具并收集任务。",
        "repeated",
    ),
    (LONG, "我们研究语言模型。", "length"),
    (LONG, LONG, "source"),
    (LONG, LONG.replace("We", "我们"), "source"),
    (LONG, "", "empty"),
    (LONG, "   \n", "empty"),
    (LONG, "Error 500 (Server Error)!!1500.That’s an error.There was an error. Please try again later.", "error"),
    (LONG, "MYMEMORY WARNING: YOU USED ALL AVAILABLE FREE TRANSLATIONS FOR TODAY.", "error"),
    (LONG, "<!DOCTYPE html><html><body>请稍后再试,我们的服务现在不可用,请稍后再试。</body></html>", "markup"),
    ("We study how models &mdash; of all kinds &mdash; learn.", "我们研究各种模型如何学习,&quot;以及原因&quot;。", "markup"),
    ("We study language models and tools.", "我々は言語模型と道具の使用方法を研究する。", "script"),
    (LINK, "我们方法的代码公开于 ZQ0,见 https://github.com/a/b。", "debris"),
    (LINK, "我们方法的代码 {{0} 公开于 https://github.com/a/b。", "debris"),
    (LINK, "我们方法的代码 < x0 /> 公开于 https://github.com/a/b。", "debris"),
    (LONG, "Мы изучаем, как языковые модели используют инструменты. Мы собираем задачи с сайтов и находим трудность.", "script"),
    (
        LONG,
        "私たちは言語モデルがどのように道具を使うかを研究する。多くの課題を公開サイトから集める。計画が難しいことを示す。",
        "script",
    ),
]


@pytest.mark.parametrize(("source", "result", "reason"), DEFECTS)
def test_a_defect_that_readers_meet_is_refused(source: str, result: str, reason: str) -> None:
    assert reason in faults(source, result, language_of("zh-CN"))


@pytest.mark.parametrize(
    ("source", "result"),
    [
        (METHOD, r"我们称之为 \method{},并公开系统的代码。"),
        (
            r"See $\href{https://x.org/a}{this~https~URL}$ for the code of the system.",
            r"系统代码见 $\href{https://x.org/a}{this~https~URL}$。",
        ),
        ("We prove that $a+b$ is bounded for every input.", "我们证明 $a+b$ 对每个输入都有界。"),
        (PRICE, "我们在公开文本上训练了一个拥有 $3$B 参数的模型。"),
        (LINK, "我们方法的代码公开于 https://github.com/a/b。"),
        (NAMES, "我们在相同设置下比较 NeRF-VO、Unified-IO 和 PanGu-Draw。"),
        (DECIMAL, "我们的方法将模型的准确率提高了 3.5 个点。"),
        ("We study LLM agents that use tools.", "我们研究使用工具的 LLM 智能体。"),
        (
            LONG,
            "我们研究语言模型如何使用工具。我们从公开网站收集许多任务。我们发现规划是难点。我们给出一种简单有效的方法。我们证明它在实践中有效。",
        ),
    ],
)
def test_the_clean_twin_of_a_defect_passes(source: str, result: str) -> None:
    assert faults(source, result, language_of("zh-CN")) == ()


def test_chinese_in_the_place_of_japanese_is_refused() -> None:
    result = "我们研究语言模型如何使用工具。我们从公开网站收集许多任务。我们发现规划是难点。我们给出一种简单有效的方法。"
    assert "script" in faults(LONG, result, language_of("ja"))


def test_english_that_comes_back_in_other_words_is_refused_for_german_and_arabic() -> None:
    english = LONG.replace("tasks", "jobs")
    assert "source" in faults(LONG, english, language_of("de"))
    assert {"source", "script"} <= set(faults(LONG, english, language_of("ar")))
