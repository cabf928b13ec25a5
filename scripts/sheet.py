"""mnav sheet: a tear sheet of one company, or of the league, to print."""

from __future__ import annotations

import click

from scripts.shared.options import DAY, Settings, known_ticker, verb


@verb()
@click.argument("ticker", required=False)
@click.option("-o", "--output", type=click.Path(dir_okay=False), required=True, help="A .pdf or .html file.")
@click.option("--on", type=DAY, default=None, help="The day [default: the newest valued close].")
@click.option("--league", is_flag=True, default=False, help="The league table instead of a company.")
def command(settings: Settings, ticker: str | None, output: str, on: str | None, league: bool) -> None:
    """Write a tear sheet: what TICKER is worth in every definition and against its own past, capital structure with cover, preferred
    stock, per-share growth, purchases, stress, and every input with its source and age. A4 pages of vector graphics, or HTML.

    \b
    Examples: mnav sheet MSTR -o mstr.pdf
              mnav sheet 3350.T --on 2025-11-10 -o metaplanet.html
              mnav sheet --league -o league.pdf
    """
    from pathlib import Path

    from db import open_database
    from scripts.shared.sheets import company_sheet, league_sheet
    from treasury.report.sheet import html, save_pdf
    from treasury.whole_file import whole_file

    path = Path(output)
    if path.suffix.lower() not in (".pdf", ".html"):
        raise click.UsageError(f"a tear sheet is a .pdf or .html file, not {path.name!r}")
    if league == (ticker is not None):
        raise click.UsageError("name one company, or give --league")
    db = open_database(settings.db)
    if ticker is None:
        sheet = league_sheet(db, on, str(settings.clock(on)))
    else:
        ticker = known_ticker(db, ticker)
        sheet = company_sheet(db, ticker, on, settings.clock(on))
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix.lower() == ".html":
        with whole_file(path) as draft:
            draft.write_text(html(sheet), encoding="utf-8")
    else:
        save_pdf(sheet, path)
    settings.say(f"{sheet.title}, {path.stat().st_size / 1e3:.0f} kB")
    click.echo(path)


if __name__ == "__main__":
    command()
