"""Japanese sentences about the issuer's own coins: held on a day, bought or sold with the amount and the average price.

A sentence counts where it is in the past or of a state, and about the issuer (当社) or about nobody else; plans, bounds, equivalents, coins
of customers and of subsidiaries do not. The day is the one named last before the number, in the sentence or the one before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from scrapers.announcements.days import days_in
from scrapers.announcements.statement import AVERAGE_OF, BOUGHT, COST_OF, HELD, QUANTITY, SOLD, Statement
from scrapers.formats.text import SCALES

_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_COINS = rf"(?P<about>約|およそ|概ね)? ?(?P<coins>{_NUMBER}) ?(?:BTC|ビットコイン|枚のビットコイン|枚)"
_AMOUNT = rf"(?P<near>約|およそ|概ね)? ?(?P<amount>(?:(?:{_NUMBER}) ?(?:兆|億|百万|千万|万|千)? ?)+)円"
_HELD = re.compile(
    rf"保有(?:ビットコイン)?(?:数量|残高|総数|総量|枚数|量|数|高)(?:（[^）]*）)?(?:は|が)、? ?(?:合計|累計|総計|計)?(?:で)? ?{_COINS}(?:（[^）]*）)?(?:と(?:なりました|なります|なっております|なっています)|です|であります|でした|に(?:達し|増加し|減少し)(?:まし|てい|ており))"
)
_HOLDS = re.compile(
    rf"(?<!うち)(?<!うち、)(?<!内)(?<!内、)(?<![\d.,約]){_COINS}を(?:[^。、\d]{{0,8}})?保有し(?:ており|ていま|ております)"
)
_DEALT = re.compile(
    rf"{_COINS}(?:のビットコイン)?を(?:[^。、\d]{{0,10}}で)?(?:、? ?(?:総額|合計)? ?{_AMOUNT}で)?、? ?(?:新たに)?(?:追加)?(?:で)?(?P<deed>取得|購入|売却)(?:いた)?しました"
)
_DEALT_IN = re.compile(  # "ビットコインを31.5BTC追加購入し"
    rf"ビットコインを、? ?(?P<amount>)(?P<near>){_COINS}、? ?(?:追加)?(?:で)?(?P<deed>取得|購入|売却)(?:いた)?し(?:ました|まし|て|、)"
)
_COST = re.compile(rf"(?:取得|購入|売却)(?:総額|価額|金額|代金)(?:は|が)、? ?(?:合計|総額)? ?{_AMOUNT}")
_AVERAGE = re.compile(
    rf"(?<!保有)平均(?:取得|購入|売却)(?:単価|価格|価額)(?:は|が)、? ?(?:1 ?BTC ?(?:当たり|あたり))?、? ?{_AMOUNT}"
)
_VETO = re.compile(
    r"予定|目標|上限|最大|可能性|検討|方針|見込|計画|目指|予想|想定|相当|仮に|場合|お客様|顧客|利用者|ユーザー|預か|受託|子会社|関連会社|他社|ETF|先物|オプション|貸し|貸出|借り|借入|持分|ファンド"
)
_OTHERS = re.compile(
    r"(?<![当弊同])社(?:グループ)?(?:は|が|の|、)|(?:Inc|Ltd|Corp)\b|[A-Za-zァ-ヶー]{3,}(?:は|が)(?!、?ビットコイン)"
)
_OTHER_COINS = re.compile(r"イーサ|ソラナ|リップル|ドージ|アバランチ|ETH|SOL|XRP|DOGE|AVAX")
_COIN_WORD = re.compile(r"BTC|ビットコイン")
_FOLLOWS = re.compile(r"\s*(?:これにより|この結果|その結果|本取得|今回の)")
_SOME_DAY = re.compile(r"\d ?[月日]|前[日月期]|昨日|先月")
_GLUED_DAY = re.compile(r"(?<=[^\W\d_])(?=20\d\d ?年)")
_SENTENCE = re.compile(r"[^。]*。?")
_DONE = re.compile(r"(?:取得|購入|売却)(?:いた)?し(?:ました|まし|て)")
_SEVERAL_UNITS = re.compile(
    rf"((?:(?:{_NUMBER}) ?(?:兆|億|百万|千万|万|千) ?)+(?:{_NUMBER})? ?(?:兆|億|百万|千万|万|千)?)円"
)
_LATE = 40  # days; an older purchase is a recap
_RECENT = 10  # days; an older one that is named is another purchase


def statements(text: str, told: date | None) -> Iterator[Statement]:
    """What the sentences of a notice published on day `told` state."""
    before: date | None = None
    for found in _SENTENCE.finditer(_GLUED_DAY.sub(" ", text)):
        sentence = found[0]
        days = [day for day in days_in(sentence, told) if day.whole]
        other_coins = "枚" in sentence and _OTHER_COINS.search(sentence)
        if _COIN_WORD.search(sentence) and not (_VETO.search(sentence) or _OTHERS.search(sentence) or other_coins):
            yield from _of_sentence(sentence, [(day.at, day.day) for day in days], before, told)
        before = days[-1].day if days else before


def deal_days(text: str, told: date) -> set[date]:
    """The days before that of the notice on which its sentences say that coins were bought or sold."""
    return {
        day.day
        for found in _SENTENCE.finditer(_GLUED_DAY.sub(" ", text))
        if _COIN_WORD.search(found[0]) and _DONE.search(found[0])
        for day in days_in(found[0], told)
        if day.whole and 0 < (told - day.day).days <= _RECENT
    }


def in_yen(text: str) -> str:
    """The text with amounts of several units, 936億5,400万円, in yen."""

    def written(found: re.Match[str]) -> str:
        yen = _yen(found[1])
        return found[0] if yen is None else f"{yen:,.0f}円"

    return _SEVERAL_UNITS.sub(written, text)


def _of_sentence(
    sentence: str, days: list[tuple[int, date]], before: date | None, told: date | None
) -> Iterator[Statement]:
    inferred = (
        () if _FOLLOWS.match(sentence) or "本日" in sentence else ("the day is inferred from the sentence before",)
    )

    def day_of(place: int) -> tuple[date | None, tuple[str, ...]]:
        named = next((day for at, day in reversed(days) if at < place), None)
        if named is not None:
            return named, ()
        if _SOME_DAY.search(sentence):  # of a month or year that is not printed
            return None, ()
        return (told if "本日" in sentence else before), inferred

    for found in (*_HELD.finditer(sentence), *_HOLDS.finditer(sentence)):
        day, doubts = day_of(found.start())
        if day is not None:
            yield _coins(HELD, found, day, None, doubts)
    deals = [*_DEALT.finditer(sentence), *_DEALT_IN.finditer(sentence)]
    for deal in deals:
        day, doubts = day_of(deal.start())
        if day is None:
            continue
        role = SOLD if deal["deed"] == "売却" else BOUGHT
        late = told is None or not 0 <= (told - day).days <= _LATE
        doubts += ("a recap of a longer period adds no purchase",) if late else ()
        if len(deals) > 1:
            doubts += ("several deals in one sentence",)
        yield _coins(role, deal, day, day, doubts)
        cost = deal if deal["amount"] else _COST.search(sentence, deal.end())
        for amount, quantity in ((cost, COST_OF[role]), (_AVERAGE.search(sentence), AVERAGE_OF[role])):
            if amount is not None and (yen := _yen(amount["amount"])) is not None:
                value = -yen if role == SOLD and quantity == COST_OF[role] else yen
                about = ("approximately",) if amount["near"] else ()
                yield Statement(quantity, value, "JPY", day, day, doubts=(*doubts, *about))


def _coins(role: str, found: re.Match[str], day: date, start: date | None, doubts: tuple[str, ...] = ()) -> Statement:
    value = Decimal(found["coins"].replace(",", ""))
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)
    about = ("approximately",) if found["about"] else ()
    signed = -float(value) if role == SOLD else float(value)
    return Statement(
        QUANTITY[role], signed, "BTC", day, start, 10.0**exponent, doubts=(*doubts, *about), note="in Japanese"
    )


def _yen(text: str) -> float | None:
    """22億5,000万 in yen; None where its parts do not go down."""
    total, last = Decimal(0), None
    for part in re.finditer(rf"({_NUMBER}) ?(兆|億|千万|百万|万|千)?", text):
        unit = 10**7 if part[2] == "千万" else SCALES[part[2]] if part[2] else 1
        if last is not None and unit >= last:
            return None
        total, last = total + Decimal(part[1].replace(",", "")) * unit, unit
    return float(total) if last is not None else None
