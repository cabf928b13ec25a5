"""Warrants, options and stock units in a periodic report: how many are outstanding, and at which price they are exercised.

Of the day of the balance sheet, as tagged; warrants by the member that names them, with the shares they can be exercised into.
Prices are as printed, on the share basis of that day.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from scrapers.sec_reports.report import FiledReport, Members, ReportFigure, local, named
from treasury.model import Reading

_SHARES_OF = named("us-gaap:ClassOfWarrantOrRightNumberOfSecuritiesCalledByWarrantsOrRights")
_WARRANTS = named("us-gaap:ClassOfWarrantOrRightOutstanding")
_WARRANT_PRICE = re.compile(r"^ClassOfWarrantOrRightExercisePriceOfWarrantsOrRights\d*$")
_AWARD = "ShareBasedCompensationArrangementByShareBasedPaymentAward"
_OPTIONS = named(f"us-gaap:{_AWARD}OptionsOutstandingNumber")
_OPTION_PRICE = named(f"us-gaap:{_AWARD}OptionsOutstandingWeightedAverageExercisePrice")
_UNITS = named(f"us-gaap:{_AWARD}EquityInstrumentsOtherThanOptionsNonvestedNumber")
_CONVERSION_PRICE = named("us-gaap:DebtInstrumentConvertibleConversionPrice1")
_DEBT_AXES = frozenset({"LongtermDebtTypeAxis", "DebtInstrumentAxis", "ShortTermDebtTypeAxis"})


def readings(filing: FiledReport) -> Iterator[Reading]:
    """`shares_underlying` of warrants, `options_outstanding`, `rsu_unvested`, and `exercise_price` of each, notes included."""
    prices = _by_member(filing.at_end(_WARRANT_PRICE))
    counts = _by_member(filing.at_end(_SHARES_OF)) or _by_member(filing.at_end(_WARRANTS))
    for members, found in counts.items():
        instrument = local(members[0][1]) if members else "warrants"
        yield from _of(filing, "shares_underlying", instrument, found)
        yield from _price(filing, instrument, prices.get(members, ()))
    for quantity, instrument, count, price in (
        ("options_outstanding", "options", _OPTIONS, _OPTION_PRICE),
        ("rsu_unvested", "rsu", _UNITS, None),
    ):
        if found := [one for one in filing.at_end(count) if not one.members]:
            yield from _of(filing, quantity, instrument, found)
            if price is not None:
                yield from _price(filing, instrument, [one for one in filing.at_end(price) if not one.members])
    for members, found in _by_member(filing.at_end(_CONVERSION_PRICE)).items():
        if members and members[0][0] in _DEBT_AXES:
            yield from _price(filing, local(members[0][1]), found)


def _by_member(figures: list[ReportFigure]) -> dict[Members, list[ReportFigure]]:
    """Figures of the company as a whole, or broken down by one axis."""
    found: dict[Members, list[ReportFigure]] = {}
    for figure in figures:
        if len(figure.members) < 2:
            found.setdefault(figure.members, []).append(figure)
    return found


def _of(filing: FiledReport, quantity: str, instrument: str, found: list[ReportFigure]) -> Iterator[Reading]:
    for award in found:
        wrong = None if award.unit == "xbrli:shares" else f"{award.local} is in {award.unit!r}, not in shares"
        yield filing.stated(
            quantity, award.value, "shares", instrument=instrument, note=award.local, doubt=wrong or award.doubt
        )


def _price(filing: FiledReport, instrument: str, found: list[ReportFigure] | tuple[()]) -> Iterator[Reading]:
    for award in found:
        money, _, each = award.unit.partition("/")
        if money.startswith("iso4217:") and each in ("xbrli:shares", ""):
            yield filing.stated(
                "exercise_price", award.value, money.partition(":")[2], instrument=instrument, note=award.local, doubt=award.doubt
            )  # fmt: skip
