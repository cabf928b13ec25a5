"""The report as text of one HTML file: everything scraped is escaped, and the page may not open a connection."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from treasury.amounts import UNKNOWN_SIGN, plain, signed
from treasury.instruments import DEBT_KINDS, PREFERRED_KINDS
from treasury.league import sector_day
from treasury.metrics.column import DailyColumn
from treasury.metrics.definition_range import BAND_REACH
from treasury.model import MnavError
from treasury.report.columns import BAND_COLUMNS, COLUMNS, HISTORY, SHOWN_AT_FIRST, groups
from treasury.report.packing import shown
from treasury.report.words import in_words, input_in_words
from treasury.trust.findings import Finding
from treasury.trust.grade import GRADES
from treasury.unknown import why

if TYPE_CHECKING:
    from jinja2 import Template

Row = Mapping[str, Any]
LIBRARY = "uPlot-1.6.32"  # MIT, vendored in treasury/static with its licence


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything the page says of one company. `row` is its newest row of mnav_daily with name, kind, country and what
    `treasury.trust.grade.aged` tells of it: stale, grade and close_age_days."""

    row: Row
    notes: str
    inputs: Sequence[Row]
    claims: Sequence[Row]
    purchases: Sequence[Row]
    revisions: Sequence[Row]
    history: Row  # from figures.pack
    bridges: Sequence[Row] = ()  # to the newest number of each publisher


@dataclass(frozen=True, slots=True)
class MarketSection:
    """All companies together. `months` is from `by_month`; `bitcoin` the newest price with its source."""

    bitcoin: Row | None
    holdings: Sequence[Row]
    months: Sequence[Row]


@dataclass(frozen=True, slots=True)
class ReportPage:
    """The whole page as of `today`. `csv` is the league table as CSV lines, the header first, then one for each of `companies`."""

    companies: Sequence[Dossier]
    market: MarketSection
    findings: Sequence[Finding]
    csv: Sequence[str]
    version: str
    today: str
    others: Sequence[Row] = ()  # the companies that are not shown, with `why`
    known_as: Mapping[str, str] = field(default_factory=dict)  # ticker to every other name, for the search


def by_month(days: Iterable[tuple[str, str, float, float, float]]) -> list[dict[str, Any]]:
    """Aggregate enterprise value and bitcoin NAV in USD by month, from (ticker, day, enterprise value, bitcoin NAV, bitcoin) by day.

    Each company counts with its last close of the month; `companies` says how many there are, since the sum grows with it. Months
    after the sector's day (`treasury.league`) have the closes of a few only and are left away.
    """
    last: dict[tuple[str, str], tuple[float, float]] = {}
    closes: dict[str, tuple[date, float]] = {}
    for ticker, day, value, nav, coins in days:
        last[day[:7], ticker] = value, nav
        closes[ticker] = date.fromisoformat(day), coins
    end = sector_day(closes.values())
    months: dict[str, list[tuple[float, float]]] = {}
    for (month, _), pair in last.items():
        if end is not None and month <= f"{end:%Y-%m}":
            months.setdefault(month, []).append(pair)
    return [
        {
            "month": month,
            "companies": len(pairs),
            "btc_nav": sum(nav for _, nav in pairs),
            "premium": sum(value - nav for value, nav in pairs),
            "multiple": sum(value for value, _ in pairs) / sum(nav for _, nav in pairs),
        }
        for month, pairs in sorted(months.items())
    ]


def render(report: ReportPage, *, version: str | None = None) -> str:
    """The page; with a `version` it asks the server it came from now and then whether there is another one. Raises MnavError in one sentence where jinja2 is not installed."""
    try:
        import jinja2  # noqa: F401
    except ImportError:
        raise MnavError("the report needs jinja2: pip install 'mnav[html]'") from None
    scripts = [
        _static(name) for name in (f"{LIBRARY}.iife.min.js", "report.js", *([] if version is None else ["live.js"]))
    ]
    page: str = _template().render(
        report=report,
        checks=_by_check(report.findings),
        data=_script_safe(_embedded(report)),
        styles=[_static(f"{LIBRARY}.min.css"), _static("report.css")],
        scripts=scripts,
        policy=" ".join(f"'sha256-{_digest(script)}'" for script in scripts),
        licence=_static("uPlot-LICENSE"),
        version=version,
        bitcoin=bitcoin_used([one.row for one in report.companies]),
        newest=max((one.row["date"] for one in report.companies), default=None),
    )
    return page


@cache  # a server renders it again and again
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.globals.update(
        cell=_cell, shown=shown, band=band, link=link, number=_plain, delta=_delta, columns=COLUMNS, definitions=BAND_COLUMNS,
        groups=groups(), shown_at_first=SHOWN_AT_FIRST, missing=UNKNOWN_SIGN, grades=GRADES, headline=headline, stack=stack,
        in_words=in_words, input_in_words=input_in_words, day_of=day_of,
        code_in_words=code_in_words, why=why,
    )  # fmt: skip
    return environment.from_string(files("treasury").joinpath("report", "template.html").read_text(encoding="utf-8"))


def band(row: Row) -> tuple[float, float] | None:
    """The lowest and highest multiple that any definition gives; None where fewer than two are known."""
    known = [row[column.name] for column in BAND_COLUMNS if row[column.name] is not None]
    return (min(known), max(known)) if len(known) > 1 else None


def headline(row: Row) -> tuple[str, float] | None:
    """The multiple that stands for a company: the EV multiple, the basic one where that is not known; its name and value."""
    named = (("EV mNAV", row["mnav_ev"]), ("basic mNAV", row["mnav_market_cap"]))
    return next(((name, value) for name, value in named if value is not None), None)


def bitcoin_used(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The bitcoin prices that made the multiples of these rows, each with its moment and the number of companies, the most used first."""
    used = Counter((row["btc_price_at"], row["btc_price"]) for row in rows if headline(row) and row["btc_price_at"])
    return [{"at": _moment(at), "price": price, "companies": count} for (at, price), count in used.most_common()]


def stack(company: Dossier) -> list[dict[str, Any]]:
    """The bars of the capital stack: what is held, each kind of claim with its tranches in US dollars, and the common."""
    row = company.row
    bars = [("bitcoin", row["btc_nav"], "have", ()), ("cash", row["cash"], "have", ()),
            ("debt", row["debt"], "owe", DEBT_KINDS), ("preferred", row["preferred"], "owe", PREFERRED_KINDS),
            ("market cap", row["market_cap"], "own", ())]  # fmt: skip
    most = max((amount for _, amount, *_ in bars if amount), default=None)
    return [
        {
            "name": name,
            "amount": amount,
            "role": role,
            "parts": [
                {"name": part, "amount": size, "width": size / most * 100}
                for part, size in (_tranches(company.claims, kinds) or [("", amount or 0.0)])
                if amount and size and most
            ],
        }
        for name, amount, role, kinds in bars
    ]


def _tranches(claims: Iterable[Row], kinds: Collection[str]) -> list[tuple[str, float]]:
    return [(one["instrument"], one["usd"]) for one in claims if one["kind"] in kinds and one["usd"]]


def code_in_words(notes: str) -> str:
    """The codes of a note as words: DEBT_AT_CARRYING is "debt at carrying"."""
    return re.sub(r"\b[A-Z]+(?:_[A-Z]+)+\b", lambda code: code[0].lower().replace("_", " "), notes)


def day_of(moment: str | None) -> str:
    """The day of a day or moment, as every date on the page is written: 2025-11-10."""
    return (moment or "")[:10]


def _moment(at: str) -> str:
    """A stored moment as the page writes it: 2026-08-31 20:00 UTC."""
    return f"{at[:10]} {at[11:16]} UTC"


def link(url: str | None) -> str | None:
    """`url` where a browser may follow it from the page: http and https only."""
    return url if url and url.lower().startswith(("https://", "http://")) else None


def _by_check(findings: Sequence[Finding]) -> dict[tuple[str, str], list[Finding]]:
    found: dict[tuple[str, str], list[Finding]] = {}
    for one in findings:
        found.setdefault((one.severity, one.check), []).append(one)
    return found


def _cell(row: Row, column: DailyColumn) -> str:
    if not column.numeric:
        return str(row[column.name] or UNKNOWN_SIGN)
    text = shown(row[column.name], column.unit)
    return f"{text} {row['price_currency']}" if column.name == "price" and text != UNKNOWN_SIGN else text


def _plain(value: float | None) -> str:
    return UNKNOWN_SIGN if value is None else plain(value)


def _delta(value: float) -> str:
    """A term of a bridge with its sign, in the digits `mnav bridge` prints."""
    return signed(value, 5)


def _embedded(report: ReportPage) -> dict[str, Any]:
    return {
        "csv": report.csv,
        "definitions": [[column.name, column.heading] for column in BAND_COLUMNS],
        "band_reach": BAND_REACH,
        "columns": {column.name: [_title(column), column.unit] for column in HISTORY},
        "companies": [
            {
                "ticker": company.row["ticker"],
                "currency": company.row["price_currency"],
                "history": company.history,
                "purchases": [[row["announced_on"], row["btc"]] for row in reversed(company.purchases)],
            }
            for company in report.companies
        ],
        "months": [[row["month"], row["premium"], row["companies"], row["multiple"]] for row in report.market.months],
    }


def _title(column: DailyColumn) -> str:
    return (
        f"{column.heading}, %"
        if column.unit == "%"
        else f"{column.heading}, days old"
        if column.unit == "days"
        else column.heading
    )


def _script_safe(data: Any) -> Any:
    """JSON for a script element: nothing in it can end the element or open a comment."""
    from markupsafe import Markup

    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)


def _static(name: str) -> Any:
    """One of our own files, put into the page as it is."""
    from markupsafe import Markup

    return Markup(files("treasury").joinpath("static", name).read_text(encoding="utf-8"))


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


__all__ = ["Dossier", "MarketSection", "ReportPage", "band", "by_month", "link", "render"]
