"""mnav report: one HTML file with league table, charts, sources and findings; works offline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from scripts.shared.options import Settings, known_tickers, verb

if TYPE_CHECKING:
    from datetime import date

    from sqlite_utils import Database

    from treasury.report import Dossier, ReportPage

REPORT = "report.html"


@verb()
@click.argument("tickers", nargs=-1)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False), default=None, help=f"The file to write [default: {REPORT}]."
)
@click.option("--all", "everyone", is_flag=True, default=False, help="Miners, exchanges and operating companies too.")
def command(settings: Settings, tickers: tuple[str, ...], output: str | None, everyone: bool) -> None:
    """Write the report of the companies of the league table, or of the given TICKERS, as one self-contained HTML file.

    With --json or --csv the rows of its league table are printed, and it is written only where -o names a file.

    \b
    Examples: mnav report -o report.html
              mnav report MSTR 3350.T -o two.html
              mnav report MSTR --csv
    """
    from pathlib import Path

    from db import open_database
    from treasury.report import render

    db = open_database(settings.db)
    report = gather(db, known_tickers(db, tickers), everyone, today=settings.clock(None))
    if not report.companies:
        settings.say("no company has a valued close; run `mnav run --offline` first")
    if settings.output != "table":
        from scripts.shared.output import emit

        emit(
            [one.row for one in report.companies],
            list(report.companies[0].row) if report.companies else [],
            settings.output,
        )
        if output is None:
            return
    path = Path(output or REPORT)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render(report), encoding="utf-8")
    settings.say(f"{len(report.companies)} companies, {path.stat().st_size / 1e6:.1f} MB")
    if settings.output == "table":
        click.echo(path)


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
    return ReportPage([_company(db, row) for row in rows], market, findings(db), _csv(rows), __version__, str(today))


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


if __name__ == "__main__":
    command()
