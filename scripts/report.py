"""mnav report: one HTML file with league table, charts, sources and findings; works offline."""

from __future__ import annotations

import click

from scripts.shared.options import Settings, known_tickers, verb

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
    from scripts.shared.reporting import gather
    from treasury.report import render
    from treasury.whole_file import whole_file

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
    with whole_file(path) as draft:
        draft.write_text(render(report), encoding="utf-8")
    settings.say(f"{len(report.companies)} companies, {path.stat().st_size / 1e6:.1f} MB")
    if settings.output == "table":
        click.echo(path)


if __name__ == "__main__":
    command()
