"""What languages call by letters or signs of their own, where English has an abbreviation or a Roman numeral. Pure."""

from __future__ import annotations

_FORMS = {
    "II": "2|二",
    "III": "3|三",
    "IV": "4|四",
    "AI": "人工智能|人工智慧|人工知能|인공지능|الذكاء الاصطناعي|هوش مصنوعی|בינה מלאכותית|ИИ|ШІ|KI|IA|SI|YZ",
    "DNA": "ADN|DNS|ДНК",
    "RNA": "ARN|РНК",
    "MRI": "IRM|RMN|MRT|МРТ|RM",
    "CT": "TDM|КТ|TC|TK",
    "EEG": "ЭЭГ|ЕЕГ",
    "ECG": "EKG|ЭКГ|ЕКГ",
    "HIV": "VIH|ВИЧ|ВІЛ",
    "UAV": "БПЛА|VANT|无人机|無人機|드론",
    "PDE": "EDP|ДУЧП|УЧП",
    "ODE": "EDO|ОДУ",
    "EU": "UE|ЕС|ЄС|欧盟|歐盟",
    "UN": "ONU|ООН|联合国|聯合國",
    "US": "EE. UU.|EE.UU.|EUA|USA|США|美国|美國|米国|미국",
    "USA": "EE. UU.|EE.UU.|EUA|США|美国|美國|米国|미국",
    "UK": "英国|英國|영국",
}
_WAYS = {name: forms.split("|") for name, forms in _FORMS.items()}


def local_ways(name: str) -> list[str]:
    """How the abbreviation or numeral ``name`` may be written elsewhere, also in the plural; none for most names."""
    return _WAYS.get(name) or _WAYS.get(name.removesuffix("s"), [])
