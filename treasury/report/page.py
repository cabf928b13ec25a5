"""The report as text of one HTML file: everything scraped is escaped, and the page may not open a connection."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from treasury.amounts import UNKNOWN_SIGN, plain
from treasury.metrics.column import DailyColumn
from treasury.model import MnavError
from treasury.report.columns import BAND_COLUMNS, COLUMNS, HISTORY, SHOWN_AT_FIRST, groups
from treasury.report.packing import shown
from treasury.trust.findings import Finding
from treasury.trust.grade import GRADES

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


def by_month(days: Iterable[tuple[str, str, float, float]]) -> list[dict[str, Any]]:
    """Aggregate enterprise value and bitcoin NAV in USD by month, from (ticker, day, enterprise value, bitcoin NAV) by day.

    Each company counts with its last close of the month; `companies` says how many there are, since the sum grows with it.
    """
    last: dict[tuple[str, str], tuple[float, float]] = {}
    for ticker, day, value, nav in days:
        last[day[:7], ticker] = value, nav
    months: dict[str, list[tuple[float, float]]] = {}
    for (month, _), pair in last.items():
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


def render(report: ReportPage) -> str:
    """The page. Raises MnavError in one sentence where jinja2 is not installed."""
    try:
        from jinja2 import Environment, StrictUndefined
    except ImportError:
        raise MnavError("the report needs jinja2: pip install 'mnav[html]'") from None
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.globals.update(
        cell=_cell, shown=shown, band=band, link=link, number=_plain, delta=_delta, columns=COLUMNS, definitions=BAND_COLUMNS,
        groups=groups(), shown_at_first=SHOWN_AT_FIRST, missing=UNKNOWN_SIGN, grades=GRADES,
    )  # fmt: skip
    scripts = [_static(f"{LIBRARY}.iife.min.js"), _static("report.js")]
    template = files("treasury").joinpath("report", "template.html").read_text(encoding="utf-8")
    page: str = environment.from_string(template).render(
        report=report,
        checks=_by_check(report.findings),
        data=_script_safe(_embedded(report)),
        styles=[_static(f"{LIBRARY}.min.css"), _static("report.css")],
        scripts=scripts,
        policy=" ".join(f"'sha256-{_digest(script)}'" for script in scripts),
        licence=_static("uPlot-LICENSE"),
        newest=max((one.row["date"] for one in report.companies), default=None),
    )
    return page


def band(row: Row) -> tuple[float, float] | None:
    """The lowest and highest multiple that any definition gives; None where fewer than two are known."""
    known = [row[column.name] for column in BAND_COLUMNS if row[column.name] is not None]
    return (min(known), max(known)) if len(known) > 1 else None


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
    return f"{round(value, 5) + 0.0:+,.5f}".replace("-", "−")


def _embedded(report: ReportPage) -> dict[str, Any]:
    return {
        "csv": report.csv,
        "definitions": [[column.name, column.heading] for column in BAND_COLUMNS],
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
