"""What languages call by letters or signs of their own, where English has an abbreviation or a Roman numeral. Pure."""

from __future__ import annotations

# Written out, in the cases that sentences need.
_US = (
    "Estados Unidos|Vereinigte Staaten|Vereinigten Staaten|Vereinigter Staaten|États-Unis|Etats-Unis|Stati Uniti"
    "|Verenigde Staten|Stany Zjednoczone|Stanów Zjednoczonych|Stanach Zjednoczonych|Соединённые Штаты"
    "|Соединенные Штаты|Соединённых Штатов|Соединенных Штатов|Соединённых Штатах|Соединенных Штатах|Сполучені Штати"
    "|Сполучених Штатів|Сполучених Штатах|Spojené státy|Spojených států|Spojených státech|Förenta staterna"
    "|Amerika Serikat|Amerika Birleşik Devletleri|ABD|Hoa Kỳ|Mỹ|アメリカ合衆国|アメリカ|الولايات المتحدة|ארצות הברית|ארה״ב"
    "|ایالات متحده|संयुक्त राज्य अमेरिका|अमेरिका"
)
_UK = (
    "Vereinigtes Königreich|Vereinigten Königreich|Royaume-Uni|Reino Unido|Regno Unito|Verenigd Koninkrijk"
    "|Wielka Brytania|Wielkiej Brytanii|Великобритания|Великобритании|Велика Британія|Великої Британії"
    "|Великій Британії|Birleşik Krallık|Vương quốc Anh|Anh|Inggris|Spojené království|Spojeném království"
    "|Storbritannien|イギリス|المملكة المتحدة|בריטניה|הממלכה המאוחדת|بریتانیا|ब्रिटेन|यूनाइटेड किंगडम"
)
_EU = (
    "Europäische Union|Europäischen Union|Union européenne|Unión Europea|União Europeia|Unione Europea"
    "|Unione europea|Europese Unie|Unia Europejska|Unii Europejskiej|Европейский союз|Европейского союза"
    "|Европейском союзе|AB|Avrupa Birliği|Liên minh châu Âu|Uni Eropa|Evropská unie|Evropské unie|Evropské unii"
    "|Europeiska unionen|欧州連合|유럽 연합|유럽연합|الاتحاد الأوروبي|האיחוד האירופי|اتحادیه اروپا|यूरोपीय संघ"
)
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
    "EU": f"UE|ЕС|ЄС|欧盟|歐盟|{_EU}",
    "UN": "ONU|ООН|联合国|聯合國|国連|유엔|Vereinte Nationen|Vereinten Nationen|Nations unies|Naciones Unidas|Nações Unidas"
    "|Nazioni Unite"
    "|Verenigde Naties|الأمم المتحدة|האו״ם|سازمان ملل",
    "US": f"EE. UU.|EE.UU.|EUA|USA|США|美国|美國|米国|미국|{_US}",
    "USA": f"EE. UU.|EE.UU.|EUA|США|美国|美國|米国|미국|{_US}",
    "UK": f"英国|英國|영국|{_UK}",
}
_WAYS = {name: forms.split("|") for name, forms in _FORMS.items()}


def local_ways(name: str) -> list[str]:
    """How the abbreviation or numeral ``name`` may be written elsewhere, also in the plural; none for most names."""
    return _WAYS.get(name) or _WAYS.get(name.removesuffix("s"), [])
