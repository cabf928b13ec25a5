"""Tables and labelled lines: the label tells what a number is, the head of its column which day it describes."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from scrapers.announcements import labels
from scrapers.announcements.dating import period_to_date
from scrapers.announcements.days import (
    MONTH,
    MONTHS,
    DatePhrase,
    days_in,
    month_before,
    month_of_name,
    quarter_before,
    unclear_day,
)
from scrapers.announcements.figures import BTC, CoinFigure, figures_in, thousands_joined
from scrapers.announcements.japanese import in_yen
from scrapers.announcements.labels import Meaning, meaning, not_understood
from scrapers.announcements.sheet import Cell, PrintedRow, PrintedTable, without_marks
from scrapers.announcements.statement import AVERAGE_OF, BOUGHT, COST_OF, HELD, MINED, QUANTITY, SOLD, Statement
from scrapers.formats.text import DASH_SIGNS, unit_of
from treasury.model import ParseError

_CHANGE = re.compile(
    r"\b(?:change|variance|difference|increase|decrease|over|growth|%|mom|yoy|m/m|y/y|(?P<unit>month|quarter|year)(?:ly)?\s?[/-]\s?(?P=unit)(?:ly)?)\b|%|^[+−-]?Δ|増減",
    re.I,
)
_NO_STATE = re.compile(  # a column of what is planned, supposed, or of no one day
    r"\b(?:plan(?:ned)?|budget(?:ed)?|forecast|targets?|guidance|expected|projected|estimate[sd]?|pro[- ]?forma|adjusted|illustrative|average|avg|high|low|peak|record)\b|^(?:YTD|QTD|year[- ]to[- ]date|quarter[- ]to[- ]date)\b(?!.*\b(?:to|through|ended)\b)|予定|計画|目標",
    re.I,
)
_HEAD_MONTH = re.compile(
    r"^(?P<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)(?:[a-z]*\.?[ '-]+(?P<year>\d{2}|20\d{2})|(?:uary|ruary|ch|il|e|y|ust|t|tember|ober|ember)?\.?)$",
    re.I,
)
_WHEN = re.compile(
    r"\b(?:purchase|acquisition|trade|transaction|reporting|holding)s? (?:period|dates?)|^(?:period|date)s?(?: of (?:purchase|acquisition))?$|購入日|取得日|購入期間|取得期間|売却日",
    re.I,
)
_OTHERS = re.compile(
    r"\b(?:customers?|clients?|users?|ETFs?|ETPs?|funds?|equivalents?|on behalf|third[- ]part\w+|joint venture|associates?)\b",
    re.I,
)
_IN_COINS = re.compile(r"[(（](?:in )?(?:number of )?(?:BTC|bitcoins?|coins|units)[)）]", re.I)
_ENDS = re.compile(
    r"\b(?:month|(?P<quarter>quarter))[- ]end\b|\bend of (?:the )?(?:month|(?P<q>quarter))\b|(?<!前)月末", re.I
)
_OF_PERIOD = re.compile(r"\b(?:in|during|over|for) the (?:month|quarter|period)\b|\bmonthly\b|当月|月間|期間中", re.I)
_EXCEPT_COINS = re.compile(  # not "except BTC price", nor "except price per bitcoin"
    r"\bexcept\b(?:[^)]{0,60}(?:,|\band|\bor|&))? *(?:(?:for|the|our|total|numbers? of|quantit(?:y|ies) of) )*(?:BTC|bitcoins?|coins)\b"
    r"(?! ?[/-]| (?:(?!and\b|or\b)[\w-]+ ){0,2}(?:prices?|values?|costs?|averages?|per|yields?|rates?)\b)",
    re.I,
)
_TOTAL = re.compile(r"\b(?:total|aggregate|combined|overall|all)\b|合計|総", re.I)
_LABELLED = re.compile(r"^(?P<label>[^:：]{2,140}?)\s*(?:(?<!\d)[:：]|[:：](?!\d))\s*(?P<value>\S.*)$")
_LABELLED_JAPANESE = re.compile(
    r"^(?P<label>[（(]?[０-９\d]{0,2}[)）.．、]? ?[ぁ-んァ-ヶー一-龥々]{2,24}(?:[（(][^()（）]*[)）])?) (?P<value>約?\d.*)$"
)
_VALUE_FIRST = re.compile(
    r"^\W{0,3}(?:approximately|approx\.?|about|over|nearly|around|roughly|~|≈|c\.|a total of|an aggregate of|US|USD|GBP|EUR|JPY|HKD|CAD|AUD|SEK|CHF|[$€£¥￥₿ (-])*\d",
    re.I,
)
_BARE_YEARS = re.compile(r"20\d{2}")
_YEARLESS = re.compile(
    rf"^(?!.*{MONTH} \d.*{MONTH} \d).*\b{MONTH} \d{{1,2}},?$", re.I
)  # "Three Months Ended September 30,"
_ENGLISH = re.compile(r"[A-Za-z]{3}")


@dataclass(slots=True)
class LabelledRun:
    """Consecutive labelled lines or the rows of one table: what the last coins were, and when a purchase was made."""

    names: frozenset[str]  # the issuer's own
    section: str = ""
    last: str = ""
    others: str = ""  # words of a row of the same table that tells of coins of somebody else, or of none
    when: DatePhrase | None = None
    except_coins: bool = False  # "(in thousands, except BTC)"
    found: list[tuple[str, Statement]] = field(default_factory=list)  # (role, statement)

    def statements(self) -> Iterator[Statement]:
        """The run's statements; a purchase takes the day that a line of its own tells, and is of no day beside what was mined in no period."""
        undated = next((one.doubts for role, one in self.found if role == MINED and not one.dated and one.doubts), ())
        for role, statement in self.found:
            if self.when is not None and role in (BOUGHT, SOLD) and not statement.dated:
                yield replace(statement, day=self.when.day, start=self.when.start or self.when.day, dated=True)
            elif undated and role in (BOUGHT, SOLD) and not statement.dated:
                yield statement.doubted(undated[0])
            else:
                yield statement


@dataclass(frozen=True, slots=True)
class Default:
    """The day of a number whose words tell none, with the start of its period and the doubt that goes with it."""

    day: date | None
    start: date | None = None
    doubt: str = ""
    dated: bool = False


def labelled_line(text: str, default: Default, told: date | None, run: LabelledRun) -> bool:
    """Reads `label: value` into the run; whether the line is one at all."""
    found = _LABELLED.match(text) or _LABELLED_JAPANESE.match(text)
    if not found:
        return False
    if found["label"].count("(") > found["label"].count(")"):
        return False  # "1,000 BTC (2025: 800)": the colon stands in an aside of a sentence
    if re.search(r"[a-z)\d]{2}\. [A-Z]", found["label"]):
        return False  # the colon stands in the second of two sentences
    label, value = without_marks(found["label"]), thousands_joined(in_yen(found["value"]))
    if _WHEN.search(label):
        if days := days_in(value, told):
            run.when = days[0]
        return True
    if not _VALUE_FIRST.match(value):
        return False
    days = days_in(label, told)
    bare = label
    for day in reversed(days):
        bare = (
            re.sub(r"\b(?:as of|as at|at|on|in|for|during|end of)\s*(?:the )?$", "", bare[: day.at], flags=re.I)
            + bare[day.end :]
        )
    figures = figures_in(value)
    dated = default if not days else Default(days[-1].day, days[-1].start, "", True)
    if not days and (
        after := [
            day
            for day in days_in(value, told)
            if re.search(r"\bas (?:of|at)\W*$|\bon\W*$|^\W*$", value[: day.at][-10:], re.I)
            and not any(
                day.at > each.at >= figures[0].end for each in figures[1:]
            )  # "2,147 BTC, up from 2,123 BTC as of"
        ]
    ):
        dated = Default(after[0].day, after[0].start, "", True)
    if (
        not days and not dated.dated and dated.day == told and told and (ends := _ENDS.search(label))
    ):  # not the notice's day
        end = quarter_before(told) if ends["quarter"] or ends["q"] else month_before(told)
        dated = Default(end, None, f"the day is inferred from {ends[0]!r}", True)
    before = len(run.found)
    understood = _take(bare.strip(), figures[:1], [dated], default, run, beside=value[:60])
    prose = len(value) > 90 and len(run.found) == before and not labels._NEVER.search(label)
    return understood and not prose


def table_statements(
    table: PrintedTable,
    default: Default,
    told: date | None,
    names: frozenset[str],
    caption: str = "",
    bought_on: DatePhrase | None = None,
) -> tuple[list[Statement], int]:
    """What the rows of a table state, and how many rows named coins in a way that is not understood.

    `bought_on` is the day of purchase that the line above tells.
    """
    run = LabelledRun(names, section=caption, when=bought_on)
    run.others = next((other[0] for row in table.rows if (other := _OTHERS.search(row.label))), "")
    unknown = 0
    columns: list[Default | None] = []
    heads: list[Cell] = []
    named: list[tuple[Cell, str]] = []
    scale = _scale(caption)
    section_scale, unclear = 1, ""
    dated_here = False  # whether a row is a head of days
    above: PrintedRow | None = None  # the row before, where it may be the first line of a head
    run.except_coins = bool(_EXCEPT_COINS.search(" ".join((caption, *(row.label for row in table.rows)))))
    for row in table.rows:
        row, above = _in_years_of(row, above), row
        dated_above, dated_here = dated_here, False
        if (found := _dated_head(row, told)) is not None:
            heads, columns = found
            named, unclear, dated_here = [], "", True
            scale = max(scale, _scale(" ".join((row.label, *(cell.text for cell in row.cells)))))
            continue
        if (labels_of := _named_head(row)) is not None:
            named = labels_of
            if not dated_above:
                heads, columns = [], []
            scale = _scale(" ".join(cell.text for cell, _ in labels_of)) if scale == 1 else scale
            continue
        values = [(cell, _figure(cell)) for cell in row.cells]
        if not any(figure is not None for _, figure in values):
            printed = " ".join((row.label, *(cell.text for cell in row.cells)))
            unclear = unclear_day(printed, days_in(printed, told)) or unclear
            run.section, section_scale = row.label or run.section, _scale(row.label)
            run.last = ""
            scale = max(scale, _scale(" ".join(cell.text for cell in row.cells)))
            continue
        if named:
            _by_column(row, named, _dated(named, heads, columns, default), told, run)
            continue
        if _WHEN.search(row.label) and row.cells and (days := days_in(row.cells[0].text, told)):
            run.when = days[0]
            continue
        figures, dates, mistaken = _placed(values, heads, columns, default, table.flowing)
        label_scale = max(_scale(row.label), section_scale) if scale == 1 else scale
        before = len(run.found)
        understood = _take(row.label, figures, dates, default, run, label_scale, undated=bool(mistaken))
        if doubt := mistaken or (f"of which day {unclear} is" if unclear else ""):
            run.found[before:] = [(role, statement.doubted(doubt)) for role, statement in run.found[before:]]
        unknown += not understood and any(figure is not None and figure.unit == BTC for figure in figures)
    return list(run.statements()), unknown


def _take(
    label: str,
    figures: Sequence[CoinFigure | None],
    dates: Sequence[Default],
    default: Default,
    run: LabelledRun,
    scale: int = 1,
    undated: bool = False,
    beside: str = "",
) -> bool:
    """Adds what a label and its figures state; whether the label is understood (if only as nothing to record)."""
    first = next((figure for figure in figures if figure is not None), None)
    if first is None:
        return True
    if first.coins_of:
        return True
    if any(each.unit == BTC and each.value != 1 for each in figures_in(label)):
        return False  # "Purchased 64.4 BTC for a total of": a label and a number before it
    what = meaning(label, f"{run.section} {'bitcoin' if run.last else ''} {beside}", first.unit, run.names)
    if what is None:
        return bool(labels._NEVER.search(label)) or not re.search(labels._COIN, label, re.I)
    newest = max((each.day for each in dates if each.day), default=None)
    for place, (figure, when) in enumerate(zip(figures, dates, strict=False)):
        if figure is None or when.day is None:
            continue
        if undated and place:
            break
        made = _statement(what, label, figure, when, run, scale)
        if made is not None:
            role, statement = made
            earlier = len(dates) > 1 and when.day != newest
            if earlier and role in (BOUGHT, SOLD) and statement.quantity.startswith("btc_acquired"):
                continue  # told when it was done; a comparative adds no purchase
            run.found.append(
                (role, replace(statement, earlier=earlier, note="comparative" if earlier else statement.note))
            )
    if what.kind in (HELD, BOUGHT, SOLD):
        run.last = what.kind
    return True


def _statement(
    what: Meaning, label: str, figure: CoinFigure, when: Default, run: LabelledRun, scale: int
) -> tuple[str, Statement] | None:
    assert when.day is not None
    doubts = [reason for reason in (what.doubt, when.doubt) if reason]
    if run.others and what.kind == HELD and _TOTAL.search(label):
        doubts.append(f"a row of the same table tells of {run.others!r}, which the total may hold")
    if figure.bound:
        doubts.append(f"{figure.hedge!r}: a bound, no number")
    if figure.ceiling:
        return None
    note = figure.hedge if not figure.bound else ""
    kind, value, unit, step = what.kind, figure.value, figure.unit, figure.step
    role = kind
    if kind in labels.COINS:
        if unit not in (BTC, "") or (figure.value < 0 and kind != SOLD):
            return None
        if not unit and not re.search(labels._COIN, run.section + " bitcoin", re.I):
            return None
        if not unit and scale > 1 and not (run.except_coins or _IN_COINS.search(label)):
            doubts.append("the table is in thousands or more: coins or money is not told")
        quantity, unit = QUANTITY[kind], BTC
        value = -abs(value) + 0.0 if kind == SOLD else value  # none sold is no negative zero
    elif kind in (labels.COST, labels.AVERAGE):
        whole = what.whole
        sold = re.search(r"\b(?:sold|sales?|proceeds)\b|売却", label, re.I)
        role = SOLD if sold else run.last or (HELD if whole else "")
        if not role:
            role = BOUGHT
            doubts.append("of which coins is not told")
        table = COST_OF if kind == labels.COST else AVERAGE_OF
        quantity = table[role]
        if not unit or len(unit) != 3 or unit == BTC:
            return None
        value, step = value * (scale if kind == labels.COST else 1), step * (scale if kind == labels.COST else 1)
        if kind == labels.COST and role == SOLD:
            value = -abs(value)
    elif kind in labels.SHARES:
        if unit or figure.coins_of:
            return None
        quantity, unit, value, step = kind, "shares", value * scale, step * scale
    elif kind == labels.YIELD:
        since, named = period_to_date(label, when.day)
        start = since or (when.start if when.start != when.day else None)
        return role, Statement(
            "btc_yield_published_pct", value, "percent", when.day, start, step, when.dated, False, tuple(doubts), named
        )
    else:
        quantity = "cash" if kind == labels.CASH else "debt_total"
        if not unit:
            return None
        value, step = value * scale, step * scale
    start = when.start if role in (BOUGHT, SOLD, MINED) else None
    if (role == MINED or (start and _OF_PERIOD.search(label))) and not when.dated and start == when.day:
        doubts.append("of which period is not told")
    return role, Statement(quantity, value, unit, when.day, start, step, when.dated, False, tuple(doubts), note)


# -- heads and columns -------------------------------------------------------------------------------------------------


def _dated_head(row: PrintedRow, told: date | None) -> tuple[list[Cell], list[Default | None]] | None:
    """The columns of a head row by their days: None for changes and percentages; None where the row is no such head."""
    cells = [*([Cell(row.label, 0, 1)] if row.label else []), *row.cells]
    kinds = [_head_day(cell.text, told) for cell in cells]
    dated = [each for each in kinds if isinstance(each, DatePhrase)]
    beside = cells[1:] and all(_NO_STATE.search(cell.text) for cell in cells[1:])  # "June 30, 2026 | Pro forma"
    if not dated or (len(cells) > 1 and not beside and not any(isinstance(each, DatePhrase) for each in kinds[1:])):
        return None
    if any(
        each is None and _figure(cell) is not None and not _CHANGE.search(cell.text)
        for each, cell in zip(kinds, cells, strict=True)
    ):
        return None  # a row of figures whose label bears a date
    keep = [(cell, each) for cell, each in zip(cells, kinds, strict=True) if each is not None]
    return [cell for cell, _ in keep], [
        Default(each.day, each.start, f"{cell.text!r} was not over" if each.running else "", True)
        if isinstance(each, DatePhrase)
        else None
        for cell, each in keep
    ]


def _in_years_of(row: PrintedRow, above: PrintedRow | None) -> PrintedRow:
    """A row of bare years under "Three Months Ended September 30,": each year with the words it stands under."""
    years = [cell for cell in row.cells if _BARE_YEARS.fullmatch(cell.text)]
    if above is None or not years or len(years) < len([cell for cell in row.cells if _figure(cell) is not None]):
        return row

    def whole(cell: Cell) -> Cell:
        over = [span.text for span in above.cells if span.start < cell.end and cell.start < span.end] or [above.label]
        period = len(over) == 1 and cell in years and _YEARLESS.search(over[0])
        return replace(cell, text=f"{over[0].rstrip(' ,')}, {cell.text}") if period else cell

    return replace(row, cells=tuple(whole(cell) for cell in row.cells))


def _head_day(text: str, told: date | None) -> DatePhrase | str | None:
    """A column's day, "change" for one that is none, or None for a label."""
    if (_CHANGE.search(text) and not days_in(text, told)) or _NO_STATE.search(text):
        return "change"
    if found := _HEAD_MONTH.match(text.strip()):
        month = MONTHS.index(found["month"].lower()) + 1
        if not found["year"]:
            return month_of_name(month, told, 0, len(text)) if told is not None else None
        year = int(found["year"])
        year = year if year > 100 else 2000 + year
        return DatePhrase(
            date(year, month, monthrange(year, month)[1]), 0, len(text), date(year, month, 1), whole=False
        )
    days = days_in(text, told)
    return days[-1] if days and len(text) - (days[-1].end - days[-1].at) <= 45 else None


def _named_head(row: PrintedRow) -> list[tuple[Cell, str]] | None:
    """A head whose columns are named by what they hold: `Date | BTC acquired | Total BTC holdings`."""
    if any(_figure(cell) is not None for cell in row.cells) or not row.cells:
        return None
    names = [(cell, without_marks(cell.text)) for cell in (Cell(row.label, 0, 1), *row.cells)]
    known = [name for _, name in names[1:] if (what := meaning(name, "bitcoin", "")) and what.kind in labels.COINS]
    return names if known and all(len(name) < 90 for _, name in names) else None


def _dated(
    named: list[tuple[Cell, str]], heads: list[Cell], columns: list[Default | None], default: Default
) -> list[Default | None]:
    """The day of each named column: of the head it stands under or behind, else the default."""
    return [
        next(
            (column for head, column in zip(heads[::-1], columns[::-1], strict=True) if head.start <= cell.start),
            default,
        )
        for cell, _ in named
    ]


def _by_column(
    row: PrintedRow, named: list[tuple[Cell, str]], dates: list[Default | None], told: date | None, run: LabelledRun
) -> None:
    """A row of figures under named columns, dated by its label or one of its cells, else by the heads above."""
    days = [
        *days_in(row.label, told),
        *(day for cell in row.cells if _head_day(cell.text, told) for day in days_in(cell.text, told)),
    ]
    cells = [cell for cell in row.cells if not days_in(cell.text, told)]
    if re.search(r"total|average|合計", row.label, re.I) and not days:
        return
    own = Default(days[-1].day, days[-1].start, "", True) if days else None
    numbered = _figure(Cell(row.label, 0, 1)) is not None and not days  # no label: the first column too holds a number
    if numbered:
        cells = [Cell(row.label, 0, 1), *cells]
    heads = [
        (name, when)
        for (_, name), when in list(zip(named, dates, strict=True))[not numbered :]
        if name and not re.search(r"^(?:date|period|month|announce)", name, re.I)
    ]
    if len(cells) != len(heads):
        return
    before = len(run.found)
    for cell, (name, when) in zip(cells, heads, strict=True):
        if when is not None:
            _take(name, [_figure(cell)], [own or when], own or when, run, _scale(name))
    if not numbered and (word := not_understood(row.label, run.names)):
        doubt = f"its row holds a word that may turn its meaning: {word!r}"
        run.found[before:] = [(role, statement.doubted(doubt)) for role, statement in run.found[before:]]


def _placed(
    values: list[tuple[Cell, CoinFigure | None]],
    heads: list[Cell],
    columns: list[Default | None],
    default: Default,
    flowing: bool,
) -> tuple[list[CoinFigure | None], list[Default], str]:
    """Each figure with the day of its column; and the doubt where the columns cannot be told."""
    if heads and len(values) == len(heads) + 1 and _is_mark(values[0][1]):
        values = values[1:]
    if heads and len(values) != len(heads) and not flowing:
        pairs = [(figure, _over(cell, heads, columns)) for cell, figure in values]
        if all(column != "?" for _, column in pairs):
            kept = [(figure, column) for figure, column in pairs if isinstance(column, Default)]
            return [figure for figure, _ in kept], [column for _, column in kept], ""
    if heads and len(values) == len(heads):
        kept = [(figure, column) for (_, figure), column in zip(values, columns, strict=True) if column is not None]
        return [figure for figure, _ in kept], [column for _, column in kept], ""
    if len(values) > 2 and not heads and _is_mark(values[0][1]) and (values[1][1] is None or values[1][1].value > 20):
        values = values[1:]
    figures = [figure for _, figure in values]
    if not heads and len(figures) == 2 and _in_another_currency(figures[0], figures[1]):
        return figures[:1], [default], ""
    if len(figures) == 1:
        return figures, [default], "" if not heads else "the columns of this row cannot be told"
    return figures, [default] * len(figures), "which column is the current one is not told"


def _in_another_currency(first: CoinFigure | None, second: CoinFigure | None) -> bool:
    """`£219,369,000 ($295,000,000)`: one amount told twice."""
    units = [figure.unit for figure in (first, second) if figure is not None]
    return len(set(units)) == 2 and all(len(unit) == 3 and unit != BTC for unit in units)


def _over(cell: Cell, heads: list[Cell], columns: list[Default | None]) -> Default | str | None:
    found = [
        column for head, column in zip(heads, columns, strict=True) if head.start < cell.end and cell.start < head.end
    ]
    return found[0] if len(found) == 1 else "?"


def _is_mark(figure: CoinFigure | None) -> bool:
    return figure is not None and not figure.unit and figure.step == 1 and 0 < figure.value <= 12


def _figure(cell: Cell) -> CoinFigure | None:
    """The number of a cell: a dash is nought; None for words, for several numbers, and for a number among words."""
    text = thousands_joined(in_yen(cell.text.strip()))
    if text in DASH_SIGNS:
        return CoinFigure(0.0, 1.0, "", 0, 1, 0)
    figures = figures_in(text)
    if not figures or figures[0].start > 3:
        return None
    if figures[0].at > 0 and re.search(r"[A-Za-z]{4}", text[: figures[0].at]) and not figures[0].hedge:
        return None
    words = _ENGLISH.findall(text[figures[0].end :])
    return figures[0] if len(words) <= 3 else None


def _scale(text: str) -> int:
    try:
        return unit_of(text)
    except ParseError:
        return 1
