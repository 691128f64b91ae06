"""Engines that misbehave as real ones do, made of a good one: what each gives for a text, and what it says around it.

A translation is made up (see `fake_engines`), so what is published of a bad answer is wrong unless it is what a good engine's would be.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass

from tests.translation.engines.fake_engines import translated

PLACEHOLDER = re.compile(r"ZQ\d+Q|<x\d+/>|\{\{\d+\}\}")
_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9{<])")


@dataclass(frozen=True, slots=True)
class Asked:
    """What an engine was asked: a text with placeholders, a language, and the text that it was asked before."""

    text: str
    language: str
    before: str = ""

    @property
    def good(self) -> str:
        return translated(self.text, self.language)


Engine = Callable[[Asked], str]

# By language: prefaces, labels, notes behind, refusals. A line break stands for itself.
PREFACES: dict[str, tuple[str, ...]] = {
    "zh-CN": ("以下是翻译：", "当然！以下是您需要的中文翻译：\n", "好的，翻译如下：", "这是标题的简体中文翻译：", "根据您的要求，译文如下：\n\n", "没问题，我来翻译。", "您好！以下为译文：", "Here is the Chinese translation: ", "Sure! ", "下面是这段文字的中文版本：", "收到。", "翻译结果："),
    "zh-TW": ("以下是翻譯：", "當然！以下是您需要的中文翻譯：\n", "好的，翻譯如下：", "這是標題的繁體中文翻譯：", "根據您的要求，譯文如下：\n\n", "沒問題，我來翻譯。", "您好！以下為譯文：", "Here is the translation: ", "Sure, here you go:\n", "下面是這段文字的中文版本：", "收到。", "翻譯結果："),
    "ja": ("以下は翻訳です：", "はい、以下に翻訳を示します。\n", "承知しました。", "もちろんです！翻訳は以下の通りです：", "こちらが日本語訳です：\n\n", "ご依頼の翻訳はこちらです。", "かしこまりました。翻訳いたします。", "Here is the Japanese translation: ", "Sure! ", "次のとおり翻訳しました：", "タイトルの日本語訳：", "翻訳結果："),
    "ko": ("다음은 번역입니다: ", "네, 번역해 드리겠습니다.\n", "물론입니다! 번역은 다음과 같습니다: ", "요청하신 번역입니다: ", "아래는 한국어 번역문입니다.\n\n", "알겠습니다. ", "안녕하세요! 번역 결과입니다: ", "Here is the Korean translation: ", "Sure! ", "여기 번역이 있습니다: ", "제목 번역: ", "번역 결과: "),
    "de": ("Hier ist die Übersetzung: ", "Gerne! Hier ist die deutsche Übersetzung:\n", "Natürlich, die Übersetzung lautet: ", "Selbstverständlich! ", "Nachfolgend finden Sie die Übersetzung:\n\n", "Wie gewünscht, die Übersetzung ins Deutsche: ", "Dies ist die Übersetzung des Titels: ", "Here is the German translation: ", "Sure! ", "Im Folgenden die deutsche Fassung: ", "Klar, hier kommt der Text: ", "Übersetzung ins Deutsche: "),
    "fr": ("Voici la traduction : ", "Bien sûr ! Voici la traduction française :\n", "Certainement, la traduction est la suivante : ", "Avec plaisir ! ", "Vous trouverez ci-dessous la traduction :\n\n", "Comme demandé, voici le texte en français : ", "Voici le titre traduit : ", "Here is the French translation: ", "Sure! ", "Ci-dessous la version française : ", "D'accord, voici : ", "Traduction en français : "),
    "es": ("Aquí está la traducción: ", "¡Claro! Aquí tienes la traducción al español:\n", "Por supuesto, la traducción es la siguiente: ", "¡Con gusto! ", "A continuación encontrará la traducción:\n\n", "Como solicitó, este es el texto en español: ", "Esta es la traducción del título: ", "Here is the Spanish translation: ", "Sure! ", "La siguiente es la versión en español: ", "De acuerdo, aquí va: ", "Traducción al español: "),
    "pt": ("Aqui está a tradução: ", "Claro! Aqui está a tradução para o português:\n", "Com certeza, a tradução é a seguinte: ", "Com prazer! ", "A seguir encontra-se a tradução:\n\n", "Conforme solicitado, este é o texto em português: ", "Esta é a tradução do título: ", "Here is the Portuguese translation: ", "Sure! ", "Segue a versão em português: ", "Certo, aqui vai: ", "Tradução para o português: "),
    "ru": ("Вот перевод: ", "Конечно! Вот перевод на русский язык:\n", "Разумеется, перевод следующий: ", "С удовольствием! ", "Ниже приведён перевод:\n\n", "Как вы просили, вот текст на русском языке: ", "Это перевод названия: ", "Here is the Russian translation: ", "Sure! ", "Далее следует русская версия: ", "Хорошо, вот он: ", "Перевод на русский: "),
    "it": ("Ecco la traduzione: ", "Certo! Ecco la traduzione in italiano:\n", "Certamente, la traduzione è la seguente: ", "Volentieri! ", "Di seguito la traduzione:\n\n", "Come richiesto, questo è il testo in italiano: ", "Questa è la traduzione del titolo: ", "Here is the Italian translation: ", "Sure! ", "Qui sotto la versione italiana: ", "Va bene, ecco: ", "Traduzione in italiano: "),
    "ar": ("إليك الترجمة: ", "بالطبع! إليك الترجمة العربية:\n", "بالتأكيد، الترجمة كما يلي: ", "بكل سرور! ", "فيما يلي الترجمة:\n\n", "كما طلبت، هذا هو النص بالعربية: ", "هذه ترجمة العنوان: ", "Here is the Arabic translation: ", "Sure! ", "أدناه النسخة العربية: ", "حسنًا، تفضل: ", "الترجمة إلى العربية: "),
}  # fmt: skip
LABELS: dict[str, tuple[str, ...]] = {
    "zh-CN": ("标题：", "摘要：", "译文：", "翻译：", "中文标题：", "【译文】", "title: ", "Translation: "),
    "zh-TW": ("標題：", "摘要：", "譯文：", "翻譯：", "中文標題：", "【譯文】", "title: ", "Translation: "),
    "ja": ("タイトル：", "要旨：", "翻訳：", "和訳：", "日本語訳：", "【翻訳】", "title: ", "Translation: "),
    "ko": ("제목: ", "초록: ", "번역: ", "번역문: ", "한국어 번역: ", "[번역] ", "title: ", "Translation: "),
    "de": ("Titel: ", "Zusammenfassung: ", "Übersetzung: ", "Deutscher Titel: ", "Überschrift: ", "[Übersetzung] ", "title: ", "Translation: "),
    "fr": ("Titre : ", "Résumé : ", "Traduction : ", "Titre traduit : ", "Texte traduit : ", "[Traduction] ", "title: ", "Translation: "),
    "es": ("Título: ", "Resumen: ", "Traducción: ", "Título traducido: ", "Texto traducido: ", "[Traducción] ", "title: ", "Translation: "),
    "pt": ("Título: ", "Resumo: ", "Tradução: ", "Título traduzido: ", "Texto traduzido: ", "[Tradução] ", "title: ", "Translation: "),
    "ru": ("Название: ", "Аннотация: ", "Перевод: ", "Заголовок: ", "Переведённый текст: ", "[Перевод] ", "title: ", "Translation: "),
    "it": ("Titolo: ", "Riassunto: ", "Traduzione: ", "Titolo tradotto: ", "Testo tradotto: ", "[Traduzione] ", "title: ", "Translation: "),
    "ar": ("العنوان: ", "الملخص: ", "الترجمة: ", "عنوان مترجم: ", "النص المترجم: ", "[الترجمة] ", "title: ", "Translation: "),
}  # fmt: skip
NOTES: dict[str, tuple[str, ...]] = {
    "zh-CN": ("\n\n注：专有名词保留原文。", "（注：术语按惯例翻译）", " 希望这对您有帮助！", "\n如需修改，请告诉我。", "\n\n以上是翻译。", " （译者注：缩写未展开）", "\nNote: names were kept.", "\n\n如果您还有其他问题，请随时告诉我。"),
    "zh-TW": ("\n\n註：專有名詞保留原文。", "（註：術語按慣例翻譯）", " 希望這對您有幫助！", "\n如需修改，請告訴我。", "\n\n以上是翻譯。", " （譯者註：縮寫未展開）", "\nNote: names were kept.", "\n\n如果您還有其他問題，請隨時告訴我。"),
    "ja": ("\n\n注：固有名詞は原文のままです。", "（注：用語は慣例に従って翻訳しました）", " お役に立てれば幸いです。", "\nご不明な点があればお知らせください。", "\n\n以上が翻訳です。", "（訳注：略語は展開していません）", "\nNote: names were kept.", "\n\n他にご質問があればどうぞ。"),
    "ko": ("\n\n참고: 고유명사는 원문 그대로 두었습니다.", " (주: 용어는 관례에 따라 번역했습니다)", " 도움이 되었기를 바랍니다!", "\n추가로 필요하시면 말씀해 주세요.", "\n\n이상이 번역입니다.", " (역주: 약어는 풀어 쓰지 않음)", "\nNote: names were kept.", "\n\n궁금한 점이 있으면 언제든 알려 주세요."),
    "de": ("\n\nHinweis: Eigennamen wurden beibehalten.", " (Anmerkung: Fachbegriffe wie üblich übersetzt)", " Ich hoffe, das hilft Ihnen weiter!", "\nLassen Sie mich wissen, wenn etwas fehlt.", "\n\nDas war die Übersetzung.", " (Anm. d. Übers.: Abkürzungen nicht aufgelöst)", "\nNote: names were kept.", "\n\nFalls Sie weitere Fragen haben, melden Sie sich gern."),
    "fr": ("\n\nNote : les noms propres sont conservés.", " (Remarque : termes traduits selon l'usage)", " J'espère que cela vous aide !", "\nN'hésitez pas à me demander des modifications.", "\n\nFin de la traduction.", " (N.d.T. : sigles non développés dans la traduction)", "\nNote: names were kept.", "\n\nSi vous avez d'autres questions, dites-le-moi."),
    "es": ("\n\nNota: los nombres propios se conservan.", " (Nota: términos traducidos según el uso)", " ¡Espero que le ayude!", "\nNo dude en pedirme cambios.", "\n\nFin de la traducción.", " (N. del T.: siglas sin desarrollar en la traducción)", "\nNote: names were kept.", "\n\nSi tiene más preguntas, hágamelo saber."),
    "pt": ("\n\nNota: os nomes próprios foram mantidos.", " (Nota: termos traduzidos segundo o uso)", " Espero que isso ajude!", "\nNão hesite em pedir alterações.", "\n\nFim da tradução.", " (N. do T.: siglas não desenvolvidas na tradução)", "\nNote: names were kept.", "\n\nSe tiver outras perguntas, me avise."),
    "ru": ("\n\nПримечание: имена собственные сохранены.", " (Прим.: термины переведены по традиции)", " Надеюсь, это вам поможет!", "\nЕсли нужно что-то изменить, дайте знать.", "\n\nКонец перевода.", " (Прим. перев.: сокращения не раскрыты)", "\nNote: names were kept.", "\n\nЕсли у вас есть вопросы, обращайтесь."),
    "it": ("\n\nNota: i nomi propri sono stati mantenuti.", " (Nota: termini tradotti secondo l'uso)", " Spero che sia utile!", "\nNon esitare a chiedermi modifiche.", "\n\nFine della traduzione.", " (N.d.T.: sigle non sciolte nella traduzione)", "\nNote: names were kept.", "\n\nSe hai altre domande, fammi sapere."),
    "ar": ("\n\nملاحظة: أُبقيت الأسماء كما هي.", " (ملاحظة: تُرجمت المصطلحات حسب العرف)", " آمل أن يكون هذا مفيدًا لك!", "\nلا تتردد في طلب أي تعديل.", "\n\nانتهت الترجمة.", " (ملاحظة المترجم: الاختصارات كما هي)", "\nNote: names were kept.", "\n\nإذا كان لديك أسئلة أخرى فأخبرني."),
}  # fmt: skip
REFUSALS: dict[str, tuple[str, ...]] = {
    "zh-CN": ("抱歉，我无法翻译这段文字。", "对不起，我不能提供这个内容的翻译，因为它可能受版权保护。", "作为一个人工智能，我无法完成这个请求。", "无法翻译。"),
    "zh-TW": ("抱歉，我無法翻譯這段文字。", "對不起，我不能提供這個內容的翻譯，因為它可能受版權保護。", "作為一個人工智慧，我無法完成這個請求。", "無法翻譯。"),
    "ja": ("申し訳ありませんが、このテキストは翻訳できません。", "すみません、著作権の都合により翻訳を提供できません。", "AIとして、このご依頼にはお応えできません。", "翻訳できません。"),
    "ko": ("죄송하지만 이 텍스트는 번역할 수 없습니다.", "죄송합니다. 저작권 문제로 번역을 제공할 수 없습니다.", "인공지능으로서 저는 이 요청을 처리할 수 없습니다.", "번역할 수 없습니다."),
    "de": ("Es tut mir leid, aber ich kann diesen Text nicht übersetzen.", "Entschuldigung, aus urheberrechtlichen Gründen ist keine Übersetzung möglich.", "Als Sprachmodell kann ich diese Anfrage nicht erfüllen.", "Dieser Text kann leider nicht übersetzt werden."),
    "fr": ("Je suis désolé, mais je ne peux pas traduire ce texte.", "Désolé, pour des raisons de droits d'auteur, aucune traduction n'est possible.", "En tant que modèle de langue, je ne peux pas répondre à cette demande.", "Traduction impossible."),
    "es": ("Lo siento, pero no puedo traducir este texto.", "Disculpe, por derechos de autor no es posible ofrecer la traducción.", "Como modelo de lenguaje, no puedo cumplir esta solicitud.", "No se puede traducir este texto."),
    "pt": ("Desculpe, mas não posso traduzir este texto.", "Lamento, por motivos de direitos autorais não é possível oferecer a tradução.", "Como modelo de linguagem, não posso atender a este pedido.", "Não é possível traduzir este texto."),
    "ru": ("Извините, но я не могу перевести этот текст.", "К сожалению, из-за авторских прав перевод недоступен.", "Как языковая модель, я не могу выполнить этот запрос.", "Невозможно перевести текст."),
    "it": ("Mi dispiace, ma non posso tradurre questo testo.", "Spiacente, per motivi di diritto d'autore la traduzione non è disponibile.", "Come modello linguistico, non posso soddisfare questa richiesta.", "Impossibile tradurre questo testo."),
    "ar": ("آسف، لا أستطيع ترجمة هذا النص.", "عذرًا، لا يمكن تقديم الترجمة لأسباب تتعلق بحقوق النشر.", "بصفتي نموذجًا لغويًا، لا يمكنني تنفيذ هذا الطلب.", "تعذرت ترجمة هذا النص."),
}  # fmt: skip
LANGUAGES = tuple(PREFACES)


def _chosen(words: dict[str, tuple[str, ...]], asked: Asked) -> str:
    """One of the words of the language, the same for a text each time."""
    choices = words[asked.language]
    return choices[random.Random(asked.text + asked.before).randrange(len(choices))]


def _sentences(text: str) -> list[str]:
    return _END.split(text)


def _left_over(count: int) -> Engine:
    """So many plain words in a row as the source has them."""

    def answer(asked: Asked) -> str:
        words = list(re.finditer(r"(?<![\w\\-])[a-z]{3,}(?![\w-])", PLACEHOLDER.sub(lambda m: "\0" * len(m.group()), asked.text)))
        if not words:
            return asked.good
        at = random.Random(asked.text).randrange(max(1, len(words) - count + 1))
        start, end = words[at].start(), words[min(at + count, len(words)) - 1].end()
        kept = " ".join(asked.text[start:end].split()[:count])
        end = start + len(kept)
        return translated(asked.text[:start], asked.language) + f" {kept} " + translated(asked.text[end:], asked.language)

    return answer


def _twice(asked: Asked) -> str:
    """A sentence said again, in the same words in another order."""
    told = _sentences(asked.text)
    longest = max(range(len(told)), key=lambda at: len(told[at]))
    words = PLACEHOLDER.sub("", told[longest]).rstrip(".").split()
    random.Random(asked.text).shuffle(words)
    told.insert(longest + 1, " ".join(words).capitalize() + ".")
    return translated(" ".join(told), asked.language)


def _otherwise(asked: Asked) -> str:
    """A sentence said again in other words."""
    told = _sentences(asked.text)
    longest = max(range(len(told)), key=lambda at: len(told[at]))
    words = [word[::-1] for word in re.findall(r"[a-z]+", PLACEHOLDER.sub("", told[longest]))]
    told.insert(longest + 1, " ".join(words).capitalize() + ".")
    return translated(" ".join(told), asked.language)


def _glued(asked: Asked) -> str:
    return PLACEHOLDER.sub(lambda match: match.group() + "n", asked.good, count=1)


def _invented(name: str) -> Engine:
    """``name`` in the middle of the translation."""

    def answer(asked: Asked) -> str:
        words = asked.text.split(" ")
        middle = len(words) // 2
        left, right = (translated(" ".join(part), asked.language) for part in (words[:middle], words[middle:]))
        return f"{left} {name} {right}"

    return answer


ENGINES: dict[str, Engine] = {
    "good": lambda asked: asked.good,
    "preface": lambda asked: _chosen(PREFACES, asked) + asked.good,
    "label": lambda asked: _chosen(LABELS, asked) + asked.good,
    "note behind": lambda asked: asked.good + _chosen(NOTES, asked),
    "preface and note": lambda asked: _chosen(PREFACES, asked) + asked.good + _chosen(NOTES, asked),
    "refusal": lambda asked: _chosen(REFUSALS, asked),
    "refusal with the parts": lambda asked: _chosen(REFUSALS, asked) + " " + " ".join(PLACEHOLDER.findall(asked.text)),
    "invented acronym": _invented("XQZ"),
    "invented name": _invented("ZetaFormer"),
    "one word left": _left_over(1),
    "two words left": _left_over(2),
    "three words left": _left_over(3),
    "last sentence missing": lambda asked: translated(" ".join(_sentences(asked.text)[:-1]), asked.language) or asked.good,
    "a sentence twice": _twice,
    "a sentence again in other words": _otherwise,
    "answer to the text before": lambda asked: translated(asked.before, asked.language),
    "a letter glued to a part": _glued,
    "heading": lambda asked: "# " + asked.good,
    "bullet": lambda asked: "- " + asked.good,
    "quotation": lambda asked: "> " + asked.good,
    "in quotation marks": lambda asked: f"“{asked.good}”",
    "bold": lambda asked: f"**{asked.good}**",
    "words in italics": lambda asked: re.sub(r"(?<!\S)([^\W\d_]{2,})(?!\S)", r"*\1*", asked.good, count=1),
    "code fence": lambda asked: f"```\n{asked.good}\n```",
    "thoughts": lambda asked: f"<think>The user wants it in {asked.language}.\nFine.</think>\n\n{asked.good}",
    "entities": lambda asked: asked.good.replace(" ", "&nbsp;", 1).replace("'", "&#39;"),
    "zero-width signs": lambda asked: "\u200b".join(asked.good.split(" ", 1)) if False else "\ufeff" + asked.good.replace(" ", " \u200b", 1),
}  # fmt: skip
# What these put around a translation can be taken off clean, or the text is whole as it is.
HARMLESS = frozenset(("good", "heading", "bullet", "quotation", "in quotation marks", "bold", "words in italics", "code fence", "thoughts", "entities", "zero-width signs"))  # fmt: skip
