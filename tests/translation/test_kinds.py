"""Answers of kinds that were published or refused wrongly, in languages that nobody had given: what of each becomes the text."""

from __future__ import annotations

import pytest

from newsletter.languages import language_of
from newsletter.translation.glossary import load_glossary
from newsletter.translation.judging import judged, judged_summary

TIDES = (
    "We present TideNet, a model that forecasts coastal water levels from 12,480 hourly records. It lowers the mean error by 18.4% "
    "compared with ARIMA and needs only 2.5 GB of memory. Code is available at https://github.com/tide/tidenet."
)
TIDES_PT = (
    "Apresentamos o TideNet, um modelo que prevê os níveis da água costeira a partir de 12.480 registros horários. Ele reduz o erro "
    "médio em 18,4% em comparação com o ARIMA e precisa de apenas 2,5 GB de memória. O código está disponível em "
    "https://github.com/tide/tidenet."
)
LONG_INSTRUCTIONS = (
    "Large language models often fail to follow long instructions. We study 1,250 prompts with up to 40 constraints each and find "
    "that accuracy falls from 91% to 37%. A simple reminder at the end restores most of the loss."
)
LONG_INSTRUCTIONS_ES = (
    "Los grandes modelos de lenguaje a menudo no logran seguir instrucciones largas. Estudiamos 1250 prompts con hasta 40 "
    "restricciones cada uno y encontramos que la exactitud cae del 91 % al 37 %. Un simple recordatorio al final recupera la mayor "
    "parte de la pérdida."
)
GRASP = "Contact-Aware Grasp Planning for Multi-Fingered Hands with GPU-Resident Simulation"
GRASP_ES = "Planificación de agarres sensible al contacto para manos de varios dedos con simulación residente en GPU"
HOUSE = "How much memory does a robot need to clean a house it has never seen?"
HOUSE_ES = "¿Cuánta memoria necesita un robot para limpiar una casa que nunca ha visto?"
ROOMS = "Learning to draw maps of quiet rooms"
ROOMS_ES = "Aprender a dibujar mapas de habitaciones silenciosas"
ROOMS_KO = "조용한 방의 지도를 그리는 법 배우기"
ROOMS_RU = "Обучение рисованию карт тихих комнат"
CACHE = "We present a cache for robots. It improves accuracy by 4% and lowers memory. Tests on 3 robots confirm it."

RIGHT = [
    # "com" of a link is no English word of the text.
    ("pt", TIDES, TIDES_PT),
    # A name in the plural, also where not all of it is capitals.
    (
        "ru",
        "Rare Diseases in Radiographs with Self-Supervised ViTs",
        "Редкие заболевания на рентгенограммах с самообучаемыми ViT",
    ),
    ("ko", "Fast NeRFs and LoRAs for phones", "스마트폰을 위한 빠른 NeRF와 LoRA"),
    # A numeral written out, and abbreviations that the language has of its own.
    ("ko", "Spin-1/2 chains and type-II superconductors at 10-40 K", "10-40 K에서의 스핀 1/2 사슬과 제2종 초전도체"),
    ("zh-TW", "GPU-Resident Type-II Solvers for the U(1) Gauge Theory", "用於 U(1) 規範理論的 GPU 常駐第二類求解器"),
    ("ru", "AI-Generated Images and Human-AI Trust", "Изображения, созданные ИИ, и доверие между человеком и ИИ"),
    ("fr", "Repair of DNA in cells with HIV", "Réparation de l’ADN dans les cellules porteuses du VIH"),
    ("es", "A survey of AI in the US and the EU", "Un panorama de la IA en EE. UU. y la UE"),
    # Millions counted in ten thousands, in groups of three.
    ("ko", "A corpus of 12 million sentences with 3.75% noise", "노이즈가 3.75%인 1,200만 문장 코퍼스"),
    ("zh-TW", "A corpus of 12 million sentences with 3.75% noise", "含 3.75% 雜訊的 1,200 萬句語料庫"),
    # Nothing but jargon of the source is left.
    ("it", "A benchmark for fine-tuning chat models", "Un benchmark per il fine-tuning dei modelli di chat"),
    # The text itself tries, asks or fails.
    ("fr", "Try again: retries in distributed systems", "Réessayer : les nouvelles tentatives dans les systèmes distribués"),
    ("ar", "Attempts to read old maps", "محاولات لقراءة الخرائط القديمة"),
    ("pt", "Sure, but why? Reasons that models give", "Claro, mas por quê? As razões que os modelos dão"),
]
CUT_CLEAN = [
    # A line of its own before the text, in whatever words.
    ("es", HOUSE, f"Con mucho gusto:\n{HOUSE_ES}", HOUSE_ES),
    ("ko", "Fast NeRFs for phones", "아래와 같이 옮겨 보았어요:\n스마트폰을 위한 빠른 NeRF", "스마트폰을 위한 빠른 NeRF"),
    # What begins like "yes" in one sentence announces the text in another.
    ("it", "A cache for robots", "Ecco una frase di sintesi: Una cache per robot", "Una cache per robot"),
    ("es", GRASP, f"{GRASP_ES}\n\n¿Quieres que ajuste el tono?", GRASP_ES),
    # The title above an abstract.
    ("es", LONG_INSTRUCTIONS, f"Título: {ROOMS_ES}\n\n{LONG_INSTRUCTIONS_ES}", LONG_INSTRUCTIONS_ES),
    # The source beside the translation.
    *(
        ("es", ROOMS, form.format(ROOMS, ROOMS_ES), ROOMS_ES)
        for form in ("{0}\n{1}", "English: {0}\nEspañol: {1}", "{1} ({0})", "{1}\n\n{0}")
    ),
    # The language's code, a channel of the model, a remark in one word.
    ("es", ROOMS, f"[es] {ROOMS_ES}", ROOMS_ES),
    ("es", ROOMS, f"<|channel|>analysis<|message|>Easy.<|end|><|channel|>final<|message|>{ROOMS_ES}<|end|>", ROOMS_ES),
    ("ko", ROOMS, f"{ROOMS_KO} (직역)", ROOMS_KO),
    ("ru", ROOMS, f"{ROOMS_RU} (дословный перевод)", ROOMS_RU),
    # A line each sentence, in a script without spaces.
    ("zh-TW", "It rains. We stay at home.", "下雨了。\n我們待在家裡。", "下雨了。我們待在家裡。"),
]
REFUSED = [
    # An answer that says that nothing was translated, or asks for the text; a question for a title hid it.
    *(("fr", text, "La traduction a échoué. Veuillez réessayer plus tard.") for text in (HOUSE, GRASP)),
    *(("pt", text, "Parece que o texto está incompleto; poderia enviá-lo de novo?") for text in (HOUSE, GRASP)),
    ("ko", HOUSE, "텍스트가 비어 있는 것 같습니다. 번역할 내용을 보내 주시겠어요?"),
    ("es", HOUSE, "No se pudo traducir el texto. Inténtelo de nuevo más tarde."),
    ("ar", HOUSE, "تعذّرت الترجمة. يُرجى المحاولة لاحقًا."),
    ("it", HOUSE, "Potresti inviarmi il testo da tradurre?"),
    ("zh-TW", HOUSE, "請提供您想要翻譯的文字。"),
    ("tr", HOUSE, "Lütfen daha sonra tekrar deneyin."),
    # Two titles for one.
    ("es", ROOMS, f"{ROOMS_ES} o Aprendiendo a trazar mapas de cuartos tranquilos"),
    ("ko", ROOMS, f"{ROOMS_KO} 또는 조용한 방의 지도를 그리는 방법의 학습"),
    ("ru", ROOMS, f"{ROOMS_RU} / Учимся рисовать карты тихих комнат"),
    # The first of three sentences is missing.
    ("es", LONG_INSTRUCTIONS, LONG_INSTRUCTIONS_ES.partition(". ")[2]),
    # A language that shares its small words with the one asked for.
    ("fr", LONG_INSTRUCTIONS, LONG_INSTRUCTIONS_ES),
    ("it", LONG_INSTRUCTIONS, LONG_INSTRUCTIONS_ES),
]


@pytest.mark.parametrize(("code", "source", "answer"), RIGHT)
def test_right_words_are_published(code: str, source: str, answer: str) -> None:
    found = judged(source, answer, language_of(code), load_glossary(code))
    assert (found.reasons, found.text) == ((), answer)


@pytest.mark.parametrize(("code", "source", "answer", "text"), CUT_CLEAN)
def test_what_stands_around_them_is_cut(code: str, source: str, answer: str, text: str) -> None:
    assert judged(source, answer, language_of(code), load_glossary(code)).text == text


@pytest.mark.parametrize(("code", "source", "answer"), REFUSED)
def test_what_is_no_translation_is_refused(code: str, source: str, answer: str) -> None:
    assert judged(source, answer, language_of(code), load_glossary(code)).reasons


@pytest.mark.parametrize(
    ("code", "summary", "is_right"),
    [
        ("es", "Una caché para robots que empeora la exactitud un 4 %.", False),
        ("ru", "Кэш для роботов, который ухудшает точность на 4 %.", False),
        ("ko", "정확도를 4% 떨어뜨리는 로봇용 캐시.", False),
        ("ar", "ذاكرة مخبئة للروبوتات تُخفض الدقة بنسبة 4%.", False),
        ("pt", "Um cache para robôs que melhora a acurácia em 4% e reduz o uso de memória.", True),
    ],
)
def test_less_of_a_cost_is_no_ground_for_worse(code: str, summary: str, is_right: bool) -> None:
    assert judged_summary(CACHE, summary, language_of(code)).passed is is_right


# What a service says of itself, with a full stop, for a title that says nothing of policies, quotas or languages.
@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("zh-CN", "您的免费额度已用完。"), ("zh-TW", "不支援此語言。"), ("ja", "このコンテンツはポリシーに違反しています。"),
        ("ko", "지원하지 않는 언어입니다."), ("de", "Ihr Kontingent ist erschöpft."), ("fr", "Langue non prise en charge."),
        ("es", "Necesito más contexto para poder ayudarle."), ("pt", "Este conteúdo viola as nossas diretrizes."),
        ("it", "Il testo fornito sembra incompleto."), ("nl", "Deze inhoud is in strijd met ons beleid."),
        ("pl", "Limit zapytań został wyczerpany."), ("ru", "Этот контент нарушает правила использования."),
        ("uk", "Ця мова не підтримується, мова не підтримується."), ("tr", "Ücretsiz kotanız doldu."),
        ("vi", "Nội dung này vi phạm chính sách."), ("id", "Konten ini melanggar kebijakan kami."),
        ("hi", "यह सामग्री नीति का उल्लंघन करती है।"), ("cs", "Tento jazyk není podporován, jazyk není podporován."),
        ("sv", "Innehållet bryter mot våra riktlinjer."), ("ar", "هذا المحتوى يخالف سياسة الاستخدام."),
        ("he", "התוכן מפר את תנאי השימוש."), ("fa", "این محتوا مغایر با سیاست ماست."),
        ("zh-CN", "【开始】学习绘制安静房间的地图"), ("it", "[Inizio] Imparare a disegnare mappe di stanze silenziose"),
    ],
)  # fmt: skip
def test_what_a_service_says_of_itself_is_no_title(code: str, answer: str) -> None:
    assert not judged(ROOMS, answer, language_of(code)).passed


@pytest.mark.parametrize("form", ["// {}", "%% {}", "/* {} */", "{}[1]", "{} ¹", "{}\n\nAvíseme si prefiere un tono más formal."])
def test_marks_of_comments_and_notes_are_taken_off(form: str) -> None:
    assert judged(ROOMS, form.format(ROOMS_ES), language_of("es")).text == ROOMS_ES
