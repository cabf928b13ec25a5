"""Preferred stock in a periodic report: its liquidation preference, nothing where no share is outstanding, never its par or carrying value.

Outstanding beats issued, since some tag the authorised number as issued. Nothing is outstanding where the counts are zero,
where the row says so in words, or where no row speaks of preferred stock, nothing of it is tagged and the sheet adds up.
A preference is tagged or printed for all shares, or for one share, which then counts times the shares outstanding.
Redeemable common stock between liabilities and equity is not preferred.

2023-08     Fold: "none issued or outstanding" in the row, the number authorised as the only tag
2024-04     KULR: voting shares without "rights to distributions in the event of any liquidation", in the notes
2025-08     CleanSpark: `PreferredStockLiquidationPreference` 0.02 a share; DeFi Development: the stated value, which is the par value
2025-11     FG Nexus: "$25.00 par and liquidation value" in the row
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from scrapers.sec_reports.balance_sheet import SheetRow
from scrapers.sec_reports.labels import plain_label
from scrapers.sec_reports.report import FiledReport, Members, ReportFigure, local, named
from treasury.model import Reading

CENT = 0.01  # of preference a share: less is the preference of a single share, or of none
MOST_STATED = 10_000  # of preference that one share is stated with
MOST_EACH = 1e6  # of preference a share: more is the preference of all
LEAST_OF_CARRIED = (
    0.1  # that a preference is of what the row carries: less is a par value, or the preference of one share
)
MOST_OF_CARRIED = 10.0
NEAR_CARRIED = 2.0  # times: what a preference in the notes is of what the row carries, or the other way about

_PREFERRED = re.compile(
    r"\b(?:preferred|preference)\b(?!.*\bdividends?\s+payable)"
    r"|^(?=.*\bseries\s+[a-z]\b)(?=.*\b(?:convertible|redeemable|perpetual|cumulative)\b)(?!.*\b(?:common|ordinary|notes?|debentures?|bonds?|warrants?|loans?)\b)",
    re.I,
)
_NO_STOCK = re.compile(r"\b(?:dividends?|warrants?|derivative|receivable|deemed|accretion)", re.I)
_OUTSTANDING = ("PreferredStockSharesOutstanding", "TemporaryEquitySharesOutstanding")
_ISSUED = ("PreferredStockSharesIssued", "TemporaryEquitySharesIssued")
_VALUES = re.compile(
    r"^(?:PreferredStockValue(?:Outstanding)?|PreferredStock\w*Carrying\w*|ConvertiblePreferredStock\w*Value\w*)$"
)
_BETWEEN = re.compile(r"^TemporaryEquityCarryingAmount")
_WHOLE = named("us-gaap:PreferredStockLiquidationPreferenceValue", "us-gaap:TemporaryEquityLiquidationPreference")
_EACH = named("us-gaap:PreferredStockLiquidationPreference", "us-gaap:TemporaryEquityLiquidationPreferencePerShare")
_CLASS_AXES = ("StatementClassOfStockAxis", "ClassesOfShareCapitalAxis", "StatementEquityComponentsAxis")
_SERIES = re.compile(r"\b(?i:series)\s+([A-Z]{1,2})(?:-?(\d+))?\b")
_SERIES_MEMBER = re.compile(r"Series([A-Z]{1,2}?)(\d+)?(?=[A-Z][a-z]|$)")
_NONE = re.compile(
    r"\b(?:none|nil|zero(?:\s+shares)?|no(?:\s+\w+){0,2}\s+shares|no\s+(?:preferred|preference)\s+stock|-0-(?:\s+shares)?|0\s+shares|[—–]\s+shares)"
    r"[\s,]*(?:(?:were|are|was|have\s+been|being|shares)\s+)*(?:issued|outstanding)",
    re.I,
)
_ZERO_FIRST = re.compile(r"\b(?:0|zero|no|nil)\s+and\s+[\d,]+\s+shares\s+(?:issued|outstanding)", re.I)
_PRINTED_EACH = re.compile(
    r"\$\s*(?P<before>[\d,]+(?:\.\d+)?)\s+(?:par|stated)(?:\s+value)?\s+and\s+(?:liquidation)\s+(?:value|preference)"
    r"|\$\s*(?P<first>[\d,]+(?:\.\d+)?)\s+(?:per\s+share\s+liquidation\s+(?:preference|value)|liquidation\s+(?:preference|value)\s+(?:per|a|each)\s+(?:preferred\s+)?share)"
    r"|\bliquidation\s+(?:preference|value)\s*(?:of|is|equal\s+to|:|,)?\s*\$\s*(?P<after>[\d,]+(?:\.\d+)?)\s*(?:per|a|each)\s*(?:preferred\s+)?share",
    re.I,
)
_PRINTED_BARE = re.compile(
    r"\bliquidation\s+(?:preference|value)\s*(?:of|is|was|:|,)?\s*\$\s*(?P<bare>[\d,]*\d(?:\.\d+)?)", re.I
)
_CONVERTED = re.compile(r"\bas[-\s]+(?:if[-\s]+)?converted\b", re.I)
_PRINTED_WHOLE = re.compile(
    r"(?:aggregate|total)\s+liquidation\s+(?:preference|value)\s*(?:of|is|was|:|,)?\s*\$\s*(?P<whole>[\d,]+(?:\.\d+)?)(?:\s*(?P<scale>thousand|million|billion))?"
    r"|\bliquidation\s+(?:preference|value)\s*(?:of|is|was|:|,)?\s*\$\s*(?P<other>[\d,]+(?:\.\d+)?)(?:\s*(?P<scale2>thousand|million|billion))?\s+in\s+(?:the\s+)?aggregate",
    re.I,
)
_STATED = re.compile(r"\$\s*(?P<value>[\d,]*\.?\d+)\s+par\s+value\s+and\s+stated\s+value", re.I)
_STATED_IS_IT = re.compile(
    r"preference\b[^.;]{0,140}\b(?:equal\s+to|of)\s+(?:the|its|their)\s+(?:initial\s+|original\s+)?stated\s+value", re.I
)
_NO_CLAIM = re.compile(
    r"(?:\bno\b(?:\s+\w+){0,3}\s+rights?|\bnor\s+do\s+they\s+have\s+(?:a|any)\s+rights?|\bnot?\b[^.]{0,80}\bentitled\b|\bwithout\b(?:\s+any)?)"
    r"[^.]{0,120}?\b(?:distributions?\b[^.]{0,80}\bliquidation|liquidation\s+preference)",
    re.I,
)
_ISSUED_IN_WORDS = re.compile(
    r"(?<![\d,])[1-9][\d,]*(?:\s+and\s+[\d,—–-]+)?\s+(?:shares\s+)?(?:(?:are|were)\s+)?(?:issued|outstanding)\b", re.I
)
_MILLIONS = {"thousand": 1e3, "million": 1e6, "billion": 1e9}


@dataclass(frozen=True, slots=True)
class _Series:
    """Shares of a series outstanding, where they are counted, and the row that prints them."""

    members: Members
    shares: float
    row: SheetRow | None = None

    @property
    def name(self) -> str:
        return local(self.members[0][1]) if self.members else ""


def readings(filing: FiledReport) -> Iterator[Reading]:
    """`preferred_total` and, where several series are outstanding, `liquidation_preference` of each."""
    rows = _rows(filing)
    series = _outstanding(filing, rows)
    if not series:
        yield from _none(filing, rows)
        return
    told: list[tuple[_Series, float, str]] = []
    unknown: list[_Series] = []
    for line in series:
        for tagged in filing.at_end(_WHOLE):
            if line.members and tagged.members == line.members and (small := _too_small(tagged.value, line.shares)):
                yield filing.reading(
                    "liquidation_preference", tagged, instrument=line.name, note=tagged.local, doubt=small
                )
        if (found := _preference(filing, line, len(series) == 1)) is not None:
            told.append((line, *found))
        else:
            unknown.append(line)
    whole = _in_all(filing)
    if whole is not None and (unknown or not told):
        doubt = _too_small(whole.value, sum(one.shares for one in series))
        yield filing.reading("preferred_total", whole, note=whole.local, doubt=doubt)
        return
    for line, value, note in told:
        if line.name:
            doubt = _beside_carried(line, value)
            yield filing.stated("liquidation_preference", value, instrument=line.name, note=note, doubt=doubt)
    value = sum((value for _, value, _ in told), 0.0)
    note = "; ".join(note for _, _, note in told)
    small = next((doubt for line, value, _ in told if (doubt := _beside_carried(line, value))), None)
    if unknown:
        names = ", ".join(f"{one.shares:,.10g} shares{f' of {one.name}' if one.name else ''}" for one in unknown)
        printed = sum(abs(one.row.amount) for one in unknown if one.row is not None and one.row.amount)
        doubt = f"outstanding are {names}, and their liquidation preference is not stated"
        yield filing.stated("preferred_total", value + printed, note=note or None, doubt=doubt)
        return
    if whole is not None and abs(whole.value - value) > max(0.005 * value, whole.step):
        yield filing.stated(
            "preferred_total",
            value,
            note=note,
            doubt=f"{whole.local} is {whole.value:,.10g}, the series add up to {value:,.10g}",
        )
        return
    yield filing.stated("preferred_total", value, note=note, doubt=small)


# -- nothing outstanding -------------------------------------------------------------------------------------------


def _none(filing: FiledReport, rows: list[SheetRow]) -> Iterator[Reading]:
    """Zero where it is said or follows; in doubt where something is carried as preferred all the same."""
    carried = [row for row in rows if row.amount]
    tagged = [one for one in filing.at_end(_VALUES) if one.value]
    preferences = [one for one in filing.at_end(_WHOLE) if one.value]
    said = any(map(_says_none, rows))
    between = [
        one for one in filing.at_end(_BETWEEN) if one.value and (filing.sheet is None or "Prefer" in str(one.members))
    ]
    idle = {
        one.members
        for one in (*_figures(filing, rows, _OUTSTANDING), *_figures(filing, rows, _ISSUED))
        if not one.value
    }
    alive = [one for one in preferences if one.members not in idle]
    if carried or tagged or between:
        what, value = (carried[0].label[:80], abs(carried[0].amount or 0.0)) if carried else (tagged or between)[0].told
        doubt = f"{what!r} is {value:,.10g}, and no preferred share is read as outstanding"
        yield filing.stated("preferred_total", value, doubt=doubt)
    elif alive and _counts(filing, rows) is not None:
        for fact in alive:
            if fact.members:
                yield filing.reading(
                    "liquidation_preference", fact, instrument=local(fact.members[0][1]), note=fact.local
                )
        yield filing.reading(
            "preferred_total", alive[0], note=alive[0].local, doubt="no preferred shares are outstanding by their count"
        )
    elif _counts(filing, rows) is not None:
        yield filing.stated("preferred_total", 0.0, note="no preferred shares are outstanding")
    elif said:
        yield filing.stated("preferred_total", 0.0, note="the balance sheet says that none are issued")
    elif preferences:
        small = (
            None
            if len(preferences) == 1 and not preferences[0].members
            else "no shares outstanding are counted beside it"
        )
        yield filing.reading("preferred_total", preferences[0], note=preferences[0].local, doubt=small)
    elif filing.sheet is not None:
        note = (
            "no row of the balance sheet is preferred stock" if not rows else "no preferred stock is carried or counted"
        )
        issued = next(
            (
                f"{row.label[:80]!r} speaks of shares issued, and tags none"
                for row in rows
                if _ISSUED_IN_WORDS.search(row.label)
            ),
            None,
        )
        yield filing.stated("preferred_total", 0.0, note=note, doubt=filing.sheet.open_sum or issued)


def _counts(filing: FiledReport, rows: list[SheetRow]) -> float | None:
    """All preferred shares counted on the day; None where none is counted at all."""
    found = _figures(filing, rows, _OUTSTANDING) or _figures(filing, rows, _ISSUED)
    return sum(one.value for one in found) if found else None


def _rows(filing: FiledReport) -> list[SheetRow]:
    if filing.sheet is None:
        return []
    return [
        row
        for row in (*filing.sheet.equity, *(one for one in filing.sheet.liabilities if one.amount))
        if _PREFERRED.search(row.label) and not _NO_STOCK.search(plain_label(row.label).split(",")[0])
    ]


def _says_none(row: SheetRow) -> bool:
    """Whether its words say so of this day, the first of two: "0 and 8,615 shares", but not "730,000 and 0 shares"."""
    found = _NONE.search(row.label)
    return bool(found and not re.search(r"[\d,]\s+and\s+$", row.label[: found.start()])) or bool(
        _ZERO_FIRST.search(row.label)
    )


# -- what is outstanding -------------------------------------------------------------------------------------------


def _figures(filing: FiledReport, rows: list[SheetRow], names: tuple[str, ...]) -> list[ReportFigure]:
    """Counts of preferred shares: under names of temporary equity only those of a member, or in a row, that says preferred."""
    in_rows = {
        (fact.name, tuple((axis.rpartition(":")[2], member) for axis, member in fact.context.members))
        for row in rows
        for fact in row.facts
    }
    return [
        one
        for one in filing.at_end(named(*(f"us-gaap:{name}" for name in names)))
        if all(axis in _CLASS_AXES for axis, _ in one.members)
        and (
            one.local.startswith("Preferred")
            or any("Prefer" in member for _, member in one.members)
            or (one.name, one.members) in in_rows
        )
    ]


def _outstanding(filing: FiledReport, rows: list[SheetRow]) -> list[_Series]:
    counted: dict[Members, float] = {}
    for names in (_ISSUED, _OUTSTANDING):  # outstanding is asked last, and stands
        for one in _figures(filing, rows, names):
            counted[one.members] = one.value
    for members, row in _by_members(
        filing, rows
    ).items():  # carried, and issued: the count outstanding is wrong, or left out
        issued = [one.value for one in _figures(filing, rows, _ISSUED) if one.members == members]
        if row.amount and not counted.get(members) and issued and issued[0]:
            counted[members] = issued[0]
    said_none = [row for row in rows if _says_none(row) and not row.amount]
    by_members = _by_members(filing, rows)
    series = [_Series(members, shares, by_members.get(members)) for members, shares in counted.items() if shares]
    if len(series) == 1 and series[0].row is None:  # counted elsewhere, and one row prints it
        printed = [row for row in rows if row.amount]
        series = [_Series(series[0].members, series[0].shares, printed[0])] if len(printed) == 1 else series
    for fact in filing.at_end(_WHOLE):  # a series whose preference is tagged, and whose shares are not counted
        if fact.value and fact.members and fact.members not in counted and (series or not counted):
            series.append(_Series(fact.members, 0.0))
    if len(series) > 1:  # the sum of the series beside them
        broken = [one for one in series if one.members]
        series = broken or series
    if (
        series
        and len(said_none) == len(rows)
        and rows
        and not any(row.amount for row in rows)
        and not any(one.shares for one in series if one.row is None or one.row not in said_none)
    ):
        return []
    return series


def _by_members(filing: FiledReport, rows: list[SheetRow]) -> dict[Members, SheetRow]:
    """The row that prints the count of each series."""
    found: dict[Members, SheetRow] = {}
    for row in rows:
        for fact in row.facts:
            if fact.context.instant == filing.end and local(fact.name) in (*_OUTSTANDING, *_ISSUED):
                found.setdefault(tuple((axis.rpartition(":")[2], member) for axis, member in fact.context.members), row)
    return found


# -- what it is worth ----------------------------------------------------------------------------------------------


def _too_small(value: float, shares: float) -> str | None:
    """Why a preference is not that of all shares."""
    if 0 < value < CENT * shares:
        return f"{value:,.10g} for {shares:,.0f} shares is less than a cent each"
    if 0 < value <= MOST_STATED and value < shares:
        return f"{value:,.10g} for {shares:,.0f} shares is less than a dollar each: perhaps the preference of one share"
    return None


def _in_all(filing: FiledReport) -> ReportFigure | None:
    found = [one for one in filing.at_end(_WHOLE) if not one.members]
    return found[0] if len(found) == 1 and found[0].value else None


def _preference(filing: FiledReport, series: _Series, alone: bool) -> tuple[float, str] | None:
    """The preference of all shares of a series, and how it was read; None where it is not stated."""
    mine = [one for one in filing.at_end(_WHOLE) if one.members == series.members and one.value]
    if len(mine) == 1 and not _too_small(mine[0].value, series.shares):
        return mine[0].value, mine[0].local
    each = {
        one.value
        for one in filing.at_end(_EACH)
        if one.members in (series.members, ()) and CENT <= one.value <= MOST_EACH and (one.members or alone)
    }
    own = {
        one.value for one in filing.at_end(_EACH) if one.members == series.members and CENT <= one.value <= MOST_EACH
    }
    for told in (own, each):
        if len(told) == 1:
            (value,) = told
            return value * series.shares, f"{value:,.10g} a share x {series.shares:,.10g} shares"
    if series.row is not None and (found := _printed(series.row, series.shares)) is not None:
        return found
    return _in_words(filing, series, alone)


def _beside_carried(series: _Series, value: float) -> str | None:
    """Why what is read is hardly the preference of all shares; nothing where words say that they have no claim."""
    carried = abs(series.row.amount or 0.0) if series.row is not None else 0.0
    if not 0 < value < LEAST_OF_CARRIED * carried:
        return None
    return f"a preference of {value:,.10g} is less than a tenth of what the row carries, {carried:,.10g}"


def _printed(row: SheetRow, shares: float) -> tuple[float, str] | None:
    """The preference that a row prints; in the scale of the sheet where its words give none, and that is near what is carried."""
    label = row.label
    if found := _PRINTED_WHOLE.search(label):
        groups: Mapping[str, str | None] = found.groupdict()
        value = float((groups["whole"] or groups["other"] or "0").replace(",", "")) * _MILLIONS.get(
            (groups["scale"] or groups["scale2"] or "").lower(), 1.0
        )
        scaled = value * 10.0**row.scale
        carried = abs(row.amount or 0.0)
        if row.scale and not (groups["scale"] or groups["scale2"]) and scaled <= MOST_OF_CARRIED * carried:
            value = scaled  # "in thousands", as the amount beside it
        return (value, "aggregate preference in the row") if value >= CENT * shares else None
    if found := _PRINTED_EACH.search(label):
        value = float((found["before"] or found["first"] or found["after"]).replace(",", ""))
        return value * shares, f"{value:,.10g} a share in the row x {shares:,.10g} shares"
    if found := _PRINTED_BARE.search(label):
        value = float(found["bare"].replace(",", ""))
        near = [one for one in {value, value * 10.0**row.scale, value * shares} if _near_carried(one, row)]
        return (near[0], "preference in the row, near what it carries") if len(near) == 1 else None
    return None


def _near_carried(value: float, row: SheetRow | None) -> bool:
    carried = abs(row.amount or 0.0) if row is not None else 0.0
    return carried > 0 and carried / NEAR_CARRIED <= value <= carried * NEAR_CARRIED


def _each_in_words(filing: FiledReport, series: _Series, alone: bool) -> tuple[float, str] | None:
    """The one preference a share that the notes give of a series, where it comes to about what its row carries."""
    word = _word_of(series)
    if series.row is None or not series.row.amount:
        return None
    told = {
        float((found["before"] or found["first"] or found["after"]).replace(",", ""))
        for sentence in filing.prose.sentences("liquidation")
        if (found := _PRINTED_EACH.search(sentence))
        and "preferred" in sentence.lower()
        and (word.search(sentence) if word is not None else alone)
        and not _CONVERTED.search(sentence)
    }
    if len(told) != 1:
        return None
    (value,) = told
    if not _near_carried(value * series.shares, series.row):
        return None
    return value * series.shares, f"{value:,.10g} a share in the notes x {series.shares:,.10g} shares"


def _word_of(series: _Series) -> re.Pattern[str] | None:
    """How the notes call a series, by its row or its member; None where it has no letter."""
    found = _SERIES.search(series.row.label if series.row is not None else "") or _SERIES_MEMBER.search(series.name)
    if found is None:
        return None
    letters, number = found.groups()
    return re.compile(rf"\b(?i:series)\s+{letters}{f'-?{number}' if number else '(?!-?[0-9])'}\b")


def _in_words(filing: FiledReport, series: _Series, alone: bool) -> tuple[float, str] | None:
    """What the notes say: no claim in a liquidation, or the stated value that the row prints."""
    label = series.row.label if series.row is not None else ""
    if (
        label
        and (stated := _STATED.search(label))
        and any(map(_STATED_IS_IT.search, filing.prose.sentences("stated value")))
    ):
        value = float(stated["value"].replace(",", ""))
        return value * series.shares, f"stated value {value:,.10g} x {series.shares:,.10g} shares"
    if (each := _each_in_words(filing, series, alone)) is not None:
        return each
    if (word := _word_of(series)) is None:
        return None
    for sentence in filing.prose.sentences("liquidation"):
        if (
            "preferred" in sentence.lower()
            and (found := _NO_CLAIM.search(sentence))
            and word.search(sentence[: found.end()])
        ):
            return 0.0, f"no claim in a liquidation: {series.shares:,.10g} shares"
    return None
