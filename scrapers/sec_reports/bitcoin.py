"""The bitcoin of a periodic report: which of the tagged numbers of coins is the holding, which is pledged, and what it cost.

A number of coins can be a balance, a purchase commitment, collateral, or what was bought after the period. It is the holding
where it is of the balance sheet's day and of no axis, or of none but the one that says bitcoin; the axis wins over no axis,
since a second number without one was an event. Whether it is right, its fair value tells: divided by the coins it must be the day's
bitcoin close within 3 %. Without a close or a fair value the number stands and the note says "unchecked", unless something
else speaks against it: a unit of money, a scale, another tagged price per coin, nothing that says bitcoin. A number tagged as money
or with a scale by mistake counts as printed where its fair value divided by the printed number is the day's close, and only there.

2024-05-01  Strategy: `mstr:NumberOfBitcoinHeld`, unit mstr:Bitcoin, no axis; no fair value is tagged before ASU 2023-08
2025-08-07  CleanSpark: `clsk:NumberOfBitcoinsHeld` in USD and thousands, `clsk:FairValuePerBitcoin` in thousands, both by mistake;
            `CryptoAssetNumberOfUnits` is a commitment to buy miners; coins lent are a receivable, not in the number
2025-08     NAKA: `CryptoAssetNumberOfUnits`, `CryptoAssetFairValue`, `CryptoAssetCost` by CryptoAssetAxis
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from scrapers.sec_reports import bitcoin_prose
from scrapers.sec_reports.report import FiledReport, Members, ReportFigure, local, named
from treasury.model import Reading

TOLERANCE = 0.03  # between fair value per coin and the day's close: another exchange, another hour

_UNITS, _RESTRICTED = "us-gaap:CryptoAssetNumberOfUnits", "us-gaap:CryptoAssetNumberOfRestrictedUnits"
_FAIR_VALUE = "us-gaap:CryptoAssetFairValue"
_PARTS = ("us-gaap:CryptoAssetFairValueCurrent", "us-gaap:CryptoAssetFairValueNoncurrent")
_COST = "us-gaap:CryptoAssetCost"
_OWN_COUNT = re.compile(r"(?:NumberOf)?Bitcoins?Held|CryptoAssetsNumberOfUnits")
_OWN_EACH = re.compile(r"^(?:FairValuePer(?:Bitcoin|CryptoAsset|Unit|Coin)|BitcoinFairValuePer(?:Unit|Coin|Bitcoin))$")
_OWED = re.compile(r"^(?=.*Receivable)(?=.*(?:Bitcoin|Crypto|DigitalAsset))(?!.*(?:Sale|Sold|Proceeds))")
_SAYS_BITCOIN = re.compile(r"bitcoin|btc|xbt", re.I)
_BITCOIN = re.compile(  # a member that is bitcoin and nothing else: no bitcoin cash, collateral, fund or miner
    r"(?:crypto|digital)?(?:asset|currency|currencies)?s?(?:bitcoin|btc|xbt)s?(?:btc)?(?:cryptoasset|digitalasset)?member",
    re.I,
)
_COIN_AXIS = re.compile(r"Crypto|DigitalAsset|DigitalCurrency|IntangibleAsset")
_PLEDGED = "PledgedStatusAxis"
_OWN_COST = re.compile(
    r"^(?:(?:Aggregate|Total)?CostBasis(?:Of|In)?(?:Bitcoins?|CryptoAssets?|DigitalAssets?)|(?:Bitcoins?|DigitalAssets?)CostBasis)$"
)
_NO_PARTS = frozenset(
    {_PLEDGED, "SubsequentEventTypeAxis", "RangeAxis", "StatementScenarioAxis", "ConsolidationItemsAxis"}
)
_RESTRICTED_VALUE = "us-gaap:CryptoAssetFairValueRestricted"


@dataclass(frozen=True, slots=True)
class _Checked:
    """A number of coins with what its own filing, and the market, say to it."""

    figure: ReportFigure
    confirmed: bool
    note: str
    doubt: str | None


def readings(filing: FiledReport, closes: Mapping[date, float]) -> Iterator[Reading]:
    """Coins held, coins pledged and the cost of those held, on the day of the balance sheet."""
    counts = [one for one in filing.at_end(_is_count) if one.currency is None or "Number" in one.local]
    close = closes.get(filing.end)
    tagged = [one for one in counts if one.name != _RESTRICTED and _is_bitcoin(one.members)] or _by_other_axis(counts)
    held = _chosen(filing, tagged, close)
    lent = [one for one in filing.at_end(_OWED) if not one.members and one.value]
    pledged = _chosen(
        filing,
        [one for one in counts if _is_pledged(one)],
        close,
        {one.figure.members for one in held if one.doubt is None},
    )
    in_words = bitcoin_prose.held(filing) if not held else None
    coins = held[0].figure.value if len(held) == 1 and held[0].doubt is None else in_words
    asked = bool(coins or (held and lent)) and not any(one.doubt is None for one in pledged)
    said = bitcoin_prose.pledged(filing, coins) if asked else None
    if not held or all(one.doubt is not None for one in held):
        if (why := bitcoin_prose.none_at_all(filing)) is not None:
            yield filing.stated("btc_holdings", 0.0, "BTC", note=why)
            return
        if in_words is not None:
            yield filing.stated("btc_holdings", in_words, "BTC", note="in words, as of the day of the balance sheet")
    for figure in held:
        if lent and figure.doubt is None and said is not None and _is_lent(filing, lent[0], figure, said[0], close):
            both = f"{figure.figure.value:,.10g} + {said[0]:,.10g} lent or pledged, carried as {lent[0].local}"
            yield filing.stated("btc_holdings", figure.figure.value + said[0], "BTC", note=both)
            coins = figure.figure.value + said[0]
        quantity = "btc_unencumbered" if lent else "btc_holdings"
        without = f"without the coins of {lent[0].local}" if lent else ""
        note = "; ".join(filter(None, (figure.note, without))) or None
        yield filing.reading(quantity, figure.figure, note=note, doubt=figure.doubt)
    for figure in pledged:
        note = "; ".join(filter(None, (figure.figure.local, figure.note)))
        more = _more_than_held(figure.figure.value, coins)
        yield filing.reading("btc_encumbered", figure.figure, note=note, doubt=figure.doubt or more)
    if said is not None and coins:
        value, words = said
        yield filing.stated(
            "btc_encumbered", value, "BTC", note=f"in words: {words[:160]}", doubt=_more_than_held(value, coins)
        )
    sure = {one.figure.members for one in held if one.doubt is None}
    costs = _by_axis_first([one for one in filing.at_end(named(_COST)) if _is_bitcoin(one.members)])
    for cost in costs or [one for one in filing.at_end(_OWN_COST) if not one.members and one.currency]:
        if cost.members or () in sure:  # without an axis it is the cost of whatever was counted without one
            doubt = f"without the coins of {lent[0].local}" if lent else None
            yield filing.reading("btc_cost_basis", cost, doubt=doubt)


def _more_than_held(pledged: float, coins: float | None) -> str | None:
    return (
        f"{pledged:,.10g} coins are pledged, and {coins:,.10g} held" if coins is not None and pledged > coins else None
    )


def _is_lent(filing: FiledReport, lent: ReportFigure, held: _Checked, coins: float, close: float | None) -> bool:
    """Whether coins that secure a debt are those of a receivable: at the price of the coins held, or the day's close."""
    value = _fair_value(filing, held.figure, held.figure.members) or _fair_value(filing, held.figure, ())
    price = close if close is not None else value / held.figure.value if value and held.figure.value else None
    return bool(coins and price) and abs(lent.value / coins - (price or 0.0)) <= TOLERANCE * (price or 0.0)


def _by_other_axis(counts: list[ReportFigure]) -> list[ReportFigure]:
    """The sum over one more axis, such as custodians, where coins are counted no other way."""
    groups: dict[tuple[str, str], list[ReportFigure]] = {}
    for count in counts:
        coin = [member for member in count.members if _is_bitcoin((member,))]
        rest = [member for member in count.members if member not in coin]
        if len(coin) == 1 and len(rest) == 1 and rest[0][0] not in _NO_PARTS and count.name != _RESTRICTED:
            groups.setdefault((count.name, rest[0][0]), []).append(count)
    whole = [found for found in groups.values() if len(found) > 1 and len({one.unit for one in found}) == 1]
    return [
        replace(
            found[0],
            members=tuple(one for one in found[0].members if _is_bitcoin((one,))),
            value=sum(one.value for one in found),
            step=sum(one.step for one in found),
        )
        for found in whole
        if len(whole) == 1
    ]


def _is_count(name: str) -> bool:
    prefix, _, concept = name.partition(":")
    return name in (_UNITS, _RESTRICTED) or (prefix != "us-gaap" and bool(_OWN_COUNT.fullmatch(concept)))


def _is_bitcoin(members: Members) -> bool:
    """Whether figures of these members are of bitcoin as a whole, or of the company as a whole."""
    return not members or (
        len(members) == 1 and bool(_COIN_AXIS.search(members[0][0])) and bool(_BITCOIN.fullmatch(local(members[0][1])))
    )


def _is_pledged(count: ReportFigure) -> bool:
    """Pledged by its axis, or restricted by its concept, and of bitcoin otherwise."""
    pledged = [one for one in count.members if one[0] == _PLEDGED and local(one[1]).startswith("AssetPledged")]
    rest = tuple(one for one in count.members if one not in pledged)
    return bool(pledged or count.name == _RESTRICTED) and _is_bitcoin(rest)


def _chosen(
    filing: FiledReport, counts: list[ReportFigure], close: float | None, sure: Collection[Members] = ()
) -> list[_Checked]:
    """The one number of coins, the confirmed one where there are several; all of them in doubt where none is better."""
    checked = [_check(filing, replace(one, doubt=None), close, one.members in sure) for one in _by_axis_first(counts)]
    checked = [one for one in checked if one.confirmed] or checked
    told = sorted({one.figure.value for one in checked})
    if len(told) < 2:
        return checked[:1]
    doubt = f"the coins are {' and '.join(f'{value:,.10g}' for value in told)}"
    return [replace(one, doubt=one.doubt or doubt) for one in checked]


def _by_axis_first(figures: list[ReportFigure]) -> list[ReportFigure]:
    return [one for one in figures if one.members] or figures


def _check(filing: FiledReport, count: ReportFigure, close: float | None, is_bitcoin: bool) -> _Checked:
    """What speaks for and against a number of coins; confirmed is what the market's price or the filing's own agrees with."""

    def against(reason: str) -> _Checked:
        return _Checked(count, False, "", reason)

    value, all_coins = _fair_value(filing, count, count.members), _fair_value(filing, count, ())
    if value and close is not None and (printed := _as_printed(count)) is not None:
        apiece = value / printed.value
        if abs(apiece - close) <= TOLERANCE * close:
            tagged = f"as printed, not {count.value:,.10g} {count.currency or 'coins'} as tagged"
            told = f"{tagged}; {apiece:,.2f} USD a coin by its fair value, bitcoin closed at {close:,.2f}"
            return _Checked(printed, True, told, None)
    if count.currency is not None:
        return against(f"{count.name} is tagged in {count.currency}, not in coins")
    if not count.value and value:
        return against(f"no coins, but their fair value is {value:,.10g}")
    each, each_of_all = (whole / count.value if whole and count.value else None for whole in (value, all_coins))
    for price in (each, each_of_all):
        if price is None or close is None:
            continue
        told = f"{price:,.2f} USD a coin by its fair value, bitcoin closed at {close:,.2f}"
        if abs(price - close) <= TOLERANCE * close:
            return _Checked(count, True, told, None)
        if price == each:
            return against(told)
    if count.scale:
        return against(f"{count.name} has scale {count.scale}, but coins are counted in ones")
    if not (is_bitcoin or _says_bitcoin(count)):
        return against(f"nothing says that the units of {count.name} are bitcoin")
    if each is None:
        return _Checked(count, False, "unchecked: no fair value of these coins is tagged", None)
    told, own = f"{each:,.2f} USD a coin by its fair value", _own_price(filing, count)
    if own is None:
        return _Checked(count, False, f"unchecked: {told}, no close of bitcoin at hand", None)
    told = f"{told}, {own.value:,.2f} by {own.local}"
    return _Checked(count, True, told, None) if abs(each - own.value) <= TOLERANCE * each else against(told)


def _as_printed(count: ReportFigure) -> ReportFigure | None:
    """A number tagged as money or with a scale, as a reader sees it; None where the tag changes nothing."""
    if not count.value or (count.currency is None and not count.scale):
        return None
    return replace(count, value=float(f"{count.value / 10**count.scale:.12g}"), unit="", scale=0)


def _fair_value(filing: FiledReport, count: ReportFigure, members: Members) -> float | None:
    """Of these members in dollars, tagged whole or in its two parts; unknown for restricted coins, which have none of their own."""
    if count.name == _RESTRICTED:
        return None
    if any(axis == _PLEDGED for axis, _ in members):
        figures = [one for one in filing.at_end(named(_FAIR_VALUE)) if one.members == members]
        figures = figures or [
            replace(one, name=_FAIR_VALUE, members=members)
            for one in filing.at_end(named(_RESTRICTED_VALUE))
            if not one.members
        ]
    else:
        figures = filing.at_end(named(_FAIR_VALUE, *_PARTS))
    told = {one.name: one.value for one in figures if one.members == members and one.currency == "USD"}
    parts = [told[name] for name in _PARTS if name in told]
    return told.get(_FAIR_VALUE, sum(parts) if parts else None)


def _own_price(filing: FiledReport, count: ReportFigure) -> ReportFigure | None:
    """What the filing itself tags as the price of a coin on that day."""
    found = filing.at_end(_OWN_EACH)
    return next((one for one in found if one.members in (count.members, ())), None)


def _says_bitcoin(count: ReportFigure) -> bool:
    return any(_SAYS_BITCOIN.search(text) for text in (count.local, count.unit, *(local(m) for _, m in count.members)))
