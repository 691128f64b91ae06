"""Finds the language of a text by its characters alone. Pure.

It tells scripts apart, and simplified from traditional Chinese; a text in Latin letters counts as the original English.
"""

from __future__ import annotations

import re

from newsletter.languages import SOURCE_LANGUAGE
from newsletter.text.scripts import ARABIC, CYRILLIC, DEVANAGARI, HAN, HANGUL, KANA

# Characters of abstracts that are written in one way only on each side, in pairs.
_PAIRS = (
    "们們个個这這为為来來时時对對开開发發会會种種过過进進还還后後与與现現实實学學习習数數据據图圖题題问問训訓练練网網络絡视視频頻"
    "质質优優应應结結构構说說证證语語场場动動态態单單双雙东東业業产產亲親从從众眾传傳伪偽体體余餘侧側党黨关關兴興养養内內军軍"
    "决決况況净淨准準几幾击擊创創别別刚剛剂劑办辦务務劳勞势勢区區医醫协協压壓厂廠历歷厅廳参參变變叠疊号號听聽启啟员員响響团團园園"
    "围圍国國圆圓圣聖坏壞块塊坚堅垒壘执執扩擴扫掃护護报報担擔择擇挂掛挥揮损損换換搅攪摆擺敌敵断斷无無旧舊显顯晋晉晓曉术術机機杂雜"
    "权權条條极極枢樞标標栏欄树樹样樣档檔桥橋检檢楼樓汇匯汉漢汤湯沟溝没沒泪淚洁潔测測浅淺济濟浓濃涡渦涂塗润潤涨漲温溫湿濕满滿"
    "滤濾滥濫灵靈灾災炼煉点點热熱焕煥爱愛犹猶独獨狭狹环環玛瑪画畫疗療盖蓋监監盘盤码碼础礎确確离離称稱积積稳穩穷窮筑築签簽简簡类類"
    "粮糧紧緊约約级級纪紀纯純纲綱纳納纵縱线線组組细細终終绍紹经經绕繞绘繪给給绝絕统統继繼绩績续續维維综綜绿綠缓緩编編缘緣缩縮罗羅"
    "联聯聪聰职職肤膚胜勝脑腦脚腳节節范範荐薦药藥获獲营營虑慮虚虛虽雖补補装裝见見观觀规規览覽觉覺触觸计計订訂认認讨討让讓许許论論"
    "设設访訪评評识識诉訴词詞译譯试試该該详詳误誤请請读讀课課调調谁誰谱譜负負财財责責败敗货貨贡貢购購费費资資赋賦赖賴转轉轮輪软軟"
    "轻輕载載较較辅輔辆輛辑輯输輸达達迁遷运運远遠连連迟遲适適选選递遞逻邏邻鄰释釋里裡鉴鑑针針钢鋼链鏈锁鎖错錯键鍵镜鏡长長门門间間"
    "闭閉阅閱队隊阶階际際陆陸险險随隨隐隱难難雾霧静靜项項须須顺順预預领領颜顏额額风風飞飛馈饋马馬驱驅驾駕验驗鱼魚鲁魯鸟鳥麦麥黄黃齐齊"
)
_SIMPLIFIED = frozenset(
    one for one, other in zip(_PAIRS[::2], _PAIRS[1::2], strict=True) if one != other and one not in "后里准几余"
)
_TRADITIONAL = frozenset(other for one, other in zip(_PAIRS[::2], _PAIRS[1::2], strict=True) if one != other)
_HAN, _KANA, _HANGUL = (re.compile(f"[{letters}]") for letters in (HAN, KANA, HANGUL))
_OTHERS = tuple((code, re.compile(f"[{letters}]")) for code, letters in (("ru", CYRILLIC), ("ar", ARABIC), ("hi", DEVANAGARI)))
_LATIN = re.compile("[A-Za-z]")
# A Chinese character says about as much as so many letters; names of models stay in Latin letters in every translation.
LETTERS_A_CHARACTER = 5
LEAST_SHARE = 0.25


def language_told(text: str) -> str:
    """The language that the characters of ``text`` show: zh-CN, zh-TW, ja, ko, ru, ar, hi, else en; "" for no letter."""
    latin = len(_LATIN.findall(text)) / LETTERS_A_CHARACTER
    han, kana, hangul = (len(pattern.findall(text)) for pattern in (_HAN, _KANA, _HANGUL))
    if _enough(han + kana + hangul, latin):
        if kana and kana * 10 > han:
            return "ja"
        return "ko" if hangul > han else chinese_of(text)
    for code, pattern in _OTHERS:
        if _enough(len(pattern.findall(text)) / LETTERS_A_CHARACTER, latin):
            return code
    return SOURCE_LANGUAGE if latin else ""


def chinese_of(text: str) -> str:
    """zh-TW where more characters are traditional than simplified, else zh-CN."""
    simplified = sum(character in _SIMPLIFIED for character in text)
    traditional = sum(character in _TRADITIONAL for character in text)
    return "zh-TW" if traditional > simplified else "zh-CN"


def _enough(seen: float, latin: float) -> bool:
    return seen > 0 and seen / (seen + latin) >= LEAST_SHARE
