"""The report gathered from the database, as `mnav report` writes it and `mnav serve` shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import date

    from sqlite_utils import Database

    from treasury.report import Dossier, ReportPage


def gather(db: Database, tickers: tuple[str, ...] = (), everyone: bool = False, *, today: date) -> ReportPage:
    """Everything the report shows, read from the database; ages and grades are of `today`."""
    from db.feeds import report as dossier
    from db.feeds.checks import findings
    from db.reads import views
    from db.reads.bitcoin import newest_price
    from treasury import __version__
    from treasury.league import in_league
    from treasury.report import MarketSection, ReportPage
    from treasury.report.page import by_month
    from treasury.trust.grade import aged

    everybody = [aged(row, today) for row in views.league(db, None, str(today))]
    newest = max((row["date"] for row in everybody), default="9999-12-31")
    rows = [row for row in everybody if (row["ticker"] in tickers if tickers else everyone or in_league(row))]
    market = MarketSection(newest_price(db), dossier.holdings(db, newest), by_month(dossier.enterprise_days(db)))
    return ReportPage(
        companies=[_company(db, row) for row in rows],
        market=market,
        findings=findings(db),
        csv=_csv(rows),
        version=__version__,
        today=str(today),
        others=dossier.others(db, everybody, {row["ticker"] for row in rows}, newest),
        known_as=dossier.known_as(db),
    )


def _company(db: Database, row: dict[str, Any]) -> Dossier:
    from db.feeds import report as dossier
    from db.reads import views
    from db.reads.explained import explain
    from scripts.shared.league_table import notes
    from treasury.report import HISTORY, Dossier, pack

    ticker, units = row["ticker"], {column.name: column.unit for column in HISTORY}
    days, columns = dossier.history(db, ticker, list(units))
    return Dossier(
        row=row,
        notes=notes(row),
        inputs=explain(db, ticker, row["date"])["inputs"],
        claims=dossier.claims(db, ticker, row["date"]),
        purchases=dossier.purchases(db, ticker),
        revisions=views.revisions(db, [ticker])[::-1],
        history=pack(days, {name: (units[name], values) for name, values in columns.items()}),
        bridges=dossier.bridges(db, ticker),
    )


def _csv(rows: list[dict[str, Any]]) -> list[str]:
    """The league table as CSV lines, full precision, safe to open in a spreadsheet."""
    import csv
    import io

    from scripts.shared.output import spreadsheet_safe

    lines = []
    for cells in [list(rows[0]), *(row.values() for row in rows)] if rows else []:
        out = io.StringIO()
        csv.writer(out, lineterminator="").writerow(["" if cell is None else spreadsheet_safe(cell) for cell in cells])
        lines.append(out.getvalue())
    return lines
