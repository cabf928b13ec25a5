"""What the label of a row or of a labelled line says its number is: English words and Japanese ones."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from scrapers.announcements.days import MONTH, days_in
from scrapers.announcements.figures import BTC
from scrapers.announcements.statement import MINED_AND_HELD

HELD, BOUGHT, SOLD, MINED, PLEDGED, FREE, EXPOSED = (
    "held",
    "bought",
    "sold",
    "mined",
    "pledged",
    "unencumbered",
    "held with funds",
)
COST, AVERAGE, YIELD, CASH, DEBT = "cost", "average", "yield", "cash", "debt"
BASIC, CLASS_A, CLASS_B, DILUTED = "shares_basic", "shares_class_a", "shares_class_b", "shares_assumed_diluted"
COINS = frozenset({HELD, BOUGHT, SOLD, MINED, PLEDGED, FREE, EXPOSED})
SHARES = frozenset({BASIC, CLASS_A, CLASS_B, DILUTED})


@dataclass(frozen=True, slots=True)
class Meaning:
    """`whole` where the label says of itself that it is the total of the holdings; `doubt` what the label leaves open."""

    kind: str
    whole: bool = False
    doubt: str = ""


_COIN = r"(?:bitcoins?|btcs?|ビットコイン)"
_NEVER = re.compile(
    r"target|goal|forecast|guidance|expected|projected|pipeline|planned|capacity|hash ?rate|\bgain|profit|loss|revenue|income|margin|expense|impairment|"
    r"(?:market |fair |dollar |us\$ |usd )value|valued|worth|fair value|customer|client|user|futures|option(?:s)? (?:on|contract)|\betf|\bfund\b|equivalent|per (?:share|1,000|10,000|unit|ads|exahash|eh|diluted)|"
    r"\bopening\b|\bbeginning\b|\bstart of\b|brought forward|期首|前月末|\bsats?\b|satoshi|daily|per day|cumulative(?!.*\b(?:held|holdings?|(?:purchase|acquisition) (?:amount|cost))\b)|year[- ]to[- ]date|\bytd\b|since inception|lifetime|block|\bnetwork|price of (?:bitcoin|btc)s?(?! (?:purchased|acquired|bought|sold|held|holdings))|(?:bitcoin|btc) price|spot price|closing price|"
    r"mnav|\bnav\b|市場価格|時価|目標|予定|計画|評価損益|評価損|評価益|損益|手数料|1株|一株|\bgross (?:bitcoin |btc )?(?:purchases|sales)|change|variance|difference|increase|decrease|増減|"
    r"treasur(?:y|ies) (?:compan|strateg|polic|program|highlights|update)|number of (?:companies|machines|miners)|miners? |asic|power|megawatt|cost to mine|to mine|rank|warrant|electricity|energy|all-in|cash cost|reali[sz]ed|exercise|ethereum|\beth\b|solana|\bsol\b",
    re.I,
)
_HYPOTHETICAL = re.compile(
    r"target|goal|guidance|outlook|forecast|roadmap|pro[- ]?forma|illustrat|hypothe|scenario|simulat|customer|client|peer|competitor|industry|目標|予定|計画",
    re.I,
)
_STOPPED = re.compile(r"[^.]*\.(?:\s|$)")  # a sentence is no heading
_YIELD = re.compile(r"\b(?:btc|bitcoin) yield|ビットコイン ?イールド|btc ?イールド|btc利回り", re.I)
_AVERAGE = re.compile(
    r"\b(?:average|avg\.?|mean|weighted)\b.*\b(?:price|cost|value|basis)|平均(?:取得|購入|売却)?(?:単価|価格|価額|額)|取得単価|購入単価|売却単価",
    re.I,
)
_COST = re.compile(
    r"\b(?:amount|total|aggregate|purchase|acquisition|net|gross)\b.*\b(?:purchased|cost|price|consideration|invest(?:ed|ment)|spent|paid|proceeds|value|purchases)\b|\b(?:purchase|acquisition|investment) amount\b|\bcost basis|^(?:total )?cost$|\b(?:consideration|proceeds|amount (?:spent|invested|paid))\b|"
    r"投資金額|投資総額|購入金額|取得金額|取得価額|購入総額|取得総額|購入価額|総額",
    re.I,
)
_AFTER = re.compile(
    r"\bafter\b|resulting|following|updated|new total|balance after|取得後|購入後|売却後|累計|累積|総保有|保有総", re.I
)
_PLEDGED = re.compile(r"pledg|collateral|restricted|encumber|receivable|loaned|lent\b|担保", re.I)
_FREE = re.compile(r"unrestricted|unencumbered|unpledged|not pledged", re.I)
_HELD = re.compile(
    rf"{_COIN}.*\b(?:held|holdings?|owned|in treasury|treasury|balance|reserves?|position|inventory|hodl|stack)\b|\b(?:holdings?|treasury|balance|reserves?|held|total|hodl)\b.*{_COIN}|^{_COIN}$|{_COIN}.*\b(?:at (?:the )?end of|end of (?:the )?(?:period|month|quarter|year))\b|\b(?:ending|closing)\b.*{_COIN}|"
    rf"^(?:total |current |aggregate |combined |group )+(?:{_COIN} )?(?:holdings?|treasury)|保有.*(?:数量|枚数|残高|量|数|総数)|(?:数量|枚数|残高).*保有|総保有|保有{_COIN}",
    re.I,
)
_BOUGHT = re.compile(
    rf"{_COIN}.*\b(?:purchased|acquired|bought|added|purchases?|acquisitions?)\b|\b(?:purchased|acquired|bought|added|new)\b.*{_COIN}|(?:購入|取得)(?:した)?.*(?:数量|枚数|量|数)|(?:数量|枚数).*(?:購入|取得)",
    re.I,
)
_SOLD = re.compile(
    rf"{_COIN}.*\b(?:sold|converted|liquidated|disposed|moneti[sz]ed|sales)\b|\bsold\b.*{_COIN}|売却(?!後).*(?:数量|枚数|量)",
    re.I,
)
_MINED = re.compile(
    rf"{_COIN}.*\b(?:mined|produced|production|earned|self-mined|output|generated)\b|\b(?:self-?)?(?:mined|produced|production|mining production)\b.*{_COIN}|^(?:total )?production$|採掘|マイニング.*(?:数量|枚数|量)",
    re.I,
)
_STORE = re.compile(r"(?:(?:our|total|current|closing|ending) )*(?:holdings|hodl(?: position)?|balance)", re.I)
_KEPT = re.compile(r"\b(?:held|holdings?|balance|in treasury)\b", re.I)
_CASH = re.compile(
    r"^(?:total )?(?:unrestricted )?cash(?:,? (?:and )?cash equivalents| and equivalents| balance| on hand| position)?(?: balance)?(?: \(.*)?$|^現金(?:及び現金同等物)?(?:の残高)?$",
    re.I,
)
_PART_OF_CASH = re.compile(r"\bcash\b.*\b(?:available|deploy)", re.I)
_CLASS = re.compile(
    r"^class (?P<class>[ab]) (?:common|ordinary) (?:stock|shares?)(?: outstanding)?$|^(?:outstanding )?shares? of class (?P<of>[ab]) (?:common|ordinary) stock(?: outstanding)?$",
    re.I,
)
_BASIC = re.compile(
    r"^(?:effective |total |basic |number of |common |ordinary |issued |outstanding )*(?:(?:common|ordinary|basic) )?(?:shares?|stock)(?: \(basic\))?(?: (?:issued(?: and outstanding)?|outstanding|in issue))+$|"
    r"^common stock \(basic\)$|^(?:total )?basic shares?(?: issued)?(?: and)?(?: outstanding)?|^effective common shares outstanding$|発行済(?:み)?株式(?:総)?数",
    re.I,
)
_DILUTED = re.compile(
    r"^(?:assumed )?(?:fully )?diluted shares?(?: outstanding)?$|^assumed (?:fully )?diluted(?: shares)?(?: outstanding)?$",
    re.I,
)
# Every word a label of coins may hold; any other may turn its meaning ("pro forma", "peak", another company's name)
_PLAIN = frozenset(
    """
    a acquired acquisition acquisitions added addition additional after aggregate all amount an and approx approximately as asset assets at
    balance balances bitcoin bitcoins bought btc btcs by close closing coin coins collateral collateralised collateralized company company's
    consolidated converted corporate count crypto cryptocurrency cumulative currency current currently digital direct directly disposed during
    earned encumbered end ended ending exposure following for from fully generated group group's had has have held hodl hold holding holdings
    holds in inventory its last latest lent liquidated loaned made mined minted mining month monthly new newly now number of on only operational
    our output overall own owned owns period pledged position posted produced production purchase purchased purchases quantity quarter
    receivable report reported reporting reserve reserves restricted resulting sale sales self self-mined sold stack stash status stockpile
    strategic sum tally the this today total totals transaction transactions treasury unaudited unencumbered unit units unpledged unrestricted
    updated volume was we week weekly were with year
    """.split()  # noqa: SIM905 - read as words
)
_PLAIN_JAPANESE = re.compile(
    r"ビットコイン|保有|取得|購入|売却|追加|今回|累計|累積|合計|総数|総量|総|数量|枚数|残高|数|量|枚|後|現在|時点|当社|弊社|グループ|採掘|マイニング|産出|生産|当月|当期|月間|末|年|月|日|担保|差入|した|する|している|における|による|の|に|を|は|で"
)
_DAY_OR_MONTH = re.compile(rf"(?:{MONTH})|[0-3]?\d(?:st|nd|rd|th)?", re.I)
_WORD = re.compile(r"[^\W\d_][\w’'.]*\w|[^\W_]+")
_DEBT = re.compile(r"^total (?:outstanding )?(?:debt|borrowings|indebtedness)(?: outstanding)?$", re.I)


def not_understood(label: str, names: frozenset[str] = frozenset()) -> str:
    """The first word of a label that is neither plain, nor a day, nor one of the issuer's `names`; "" where all are."""
    for day in reversed(days_in(label, None)):
        label = label[: day.at] + label[day.end :]
    for found in _WORD.finditer(_PLAIN_JAPANESE.sub(" ", label)):
        word = re.sub(r"[’']s$", "", found[0].lower())
        if word not in _PLAIN and word not in names and not _DAY_OR_MONTH.fullmatch(word):
            return found[0]
    return ""


def meaning(label: str, section: str = "", unit: str = "", names: frozenset[str] = frozenset()) -> Meaning | None:
    """What the number behind a label is; None where it is nothing this project records.

    `section` is the heading the label stands under, `unit` that of its number where it has one, `names` are the issuer's own.
    """
    found = _meaning(label, section, unit)
    if found is None or found.kind not in COINS or found.doubt:
        return found
    if word := not_understood(label, names):
        return replace(found, doubt=f"its label holds a word that may turn its meaning: {word!r}")
    if above := _HYPOTHETICAL.search(_STOPPED.sub(" ", section)):
        return replace(found, doubt=f"it stands under {above[0]!r}")
    if not unit and re.fullmatch(_COIN, label.strip(" :"), re.I):
        return replace(found, doubt="its label names the coin alone: a holding or a price")
    return found


def _meaning(label: str, section: str, unit: str) -> Meaning | None:
    text = re.sub(
        r"\s+",
        " ",
        re.sub(r"[（(]?[０-９\d]{1,2}[)）.．、]\s*", "", label, count=1)
        if re.match(r"\s*[（(]?[０-９\d]{1,2}[)）.．、]", label)
        else label,
    ).strip(" :：*-–—•")
    bare = re.sub(r"\s*[（(][^()（）]*[)）]", "", text).strip()
    if not bare or len(text) > 160:
        return None
    if _YIELD.search(bare):
        return (
            Meaning(YIELD)
            if unit == "percent" and not re.search(r"target|goal|guidance|hurdle|目標", text, re.I)
            else None
        )
    if _PART_OF_CASH.search(bare):
        return Meaning(CASH, doubt="cash to be deployed, perhaps a part of the cash")
    if found := _CLASS.match(bare):
        return Meaning(CLASS_A if (found["class"] or found["of"]).lower() == "a" else CLASS_B)
    for pattern, kind in ((_DILUTED, DILUTED), (_BASIC, BASIC), (_CASH, CASH), (_DEBT, DEBT)):
        if pattern.match(text if pattern is _BASIC else bare):
            return Meaning(kind)
    if _NEVER.search(text):
        return None
    coins = re.search(_COIN, f"{text} {section}", re.I) or unit == BTC
    if not coins:
        return None
    whole = bool(re.search(r"\b(?:total|aggregate|overall|net|cumulative|all|holdings?)\b|総|累計", bare, re.I))
    money = len(unit) == 3 and unit != BTC
    if _AVERAGE.search(bare):
        return Meaning(AVERAGE, whole) if money or not unit else None
    if money:
        return Meaning(COST, whole) if _COST.search(bare) else None
    if unit == "percent" or re.search(r"\b(?:price|cost|value|per)\b|金額|単価|価額", bare, re.I):
        return None
    if unit != BTC and re.search(r"\bamount\b", bare, re.I):
        return None
    in_coins = unit == BTC or re.search(rf"[(（]{_COIN}[)）]", text, re.I)
    deed = f"{bare} bitcoin" if in_coins else bare  # "Amount purchased: 21 BTC", "Acquired (BTC)"
    if _FREE.search(bare):
        return Meaning(FREE)
    if _PLEDGED.search(bare):
        return Meaning(PLEDGED)
    if re.search(r"\bexposure\b", bare, re.I):
        return Meaning(EXPOSED)
    if _MINED.search(bare) and _KEPT.search(bare):
        return Meaning(HELD, whole, MINED_AND_HELD)
    for pattern, kind in ((_SOLD, SOLD), (_MINED, MINED)):
        if pattern.search(deed):
            return Meaning(kind)
    held = _HELD.search(bare) or (in_coins and re.search(r"\b(?:held|holdings?|owned)\b", bare, re.I))
    if held and (_AFTER.search(bare) or not _BOUGHT.search(bare)):
        return Meaning(HELD, whole)
    if _BOUGHT.search(deed):
        if re.search("累計|累積|合計", bare):
            return Meaning(HELD, whole, "what was bought in all: perhaps not what is held")
        return Meaning(BOUGHT)
    if unit == BTC and (_AFTER.search(bare) or _STORE.fullmatch(bare)):
        return Meaning(HELD, whole)
    return None
