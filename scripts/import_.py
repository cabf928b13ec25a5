"""mnav import: take CSV files of companies, facts, prices and rates of your own."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

import click

from scripts.shared.options import Settings, verb

if TYPE_CHECKING:
    from pathlib import Path

    from treasury.intake.csv_files import Row, Sheet

LONG = 10_000_000  # bytes from which a file is long enough for a progress bar
LINES_PER_STEP = 5_000  # between two moves of it
SHOWN = 20  # closes in doubt named one by one


@verb("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False))
@click.option("--check", is_flag=True, default=False, help="Only say whether the files could be taken.")
def command(settings: Settings, files: tuple[str, ...], check: bool) -> None:
    """Take CSV FILES (.csv, .csv.gz) whole or not at all; the header row tells what kind each is (docs/your-own-companies.md).

    \b
    Example: mnav import --check facts.csv prices.csv
    """
    from contextlib import ExitStack
    from datetime import UTC, datetime
    from pathlib import Path
    from tempfile import TemporaryDirectory

    from db import open_database
    from db.tables.judged import add_judged
    from db.tables.transaction import without_collector, writing
    from scripts.shared.output import emit

    class Checked(Exception):
        """Nothing is wrong; take nothing."""

    counts: Counter[str] = Counter()
    kept_out: list[str] = []
    with ExitStack() as stack:
        stack.enter_context(without_collector())
        sheets = [read(settings, Path(name)) for name in files]
        path = settings.db
        if check and not path.exists():  # a check makes no database
            path = Path(stack.enter_context(TemporaryDirectory())) / path.name
        db = open_database(path, writable=True)
        stack.callback(db.close)
        try:
            with writing(db):
                counts, kept_out = add_judged(db, sheets, datetime.now(UTC))
                if check:
                    raise Checked
        except Checked:
            pass
    emit(
        [{"file": name, "kind": sheet.kind, "rows": len(taken)} for sheet, taken, name in sheets],
        ["file", "kind", "rows"],
        settings.output,
    )
    for line in kept_out[:SHOWN]:
        settings.say(f"kept out, in doubt: {line}")
    if len(kept_out) > SHOWN:
        settings.say(f"kept out, in doubt: {len(kept_out) - SHOWN} more; `mnav check` lists them")
    new = (
        ", ".join(f"{count:,} new or changed {table} rows" for table, count in counts.items() if count) or "nothing new"
    )
    settings.say(
        f"could be taken: {new}"
        if check
        else f"taken: {new}" + ("; now run `mnav value`" if any(counts.values()) else "")
    )


def read(settings: Settings, path: Path) -> tuple[Sheet, list[Row], str]:
    """One file, read strictly, with a progress bar where it is long and somebody watches."""
    import gzip
    import zlib
    from datetime import UTC, datetime

    from scripts.shared.terminal import own, plain
    from treasury.intake.csv_files import lines_of, read_sheet
    from treasury.model import InputError

    today = datetime.now(UTC).date()
    size = path.stat().st_size
    packed = path.suffix == ".gz"
    try:
        with (
            gzip.open(path, "rt", encoding="utf-8", newline="")
            if packed
            else path.open(encoding="utf-8", newline="") as file
        ):
            if settings.quiet or size < LONG:
                return (*read_sheet(lines_of(file), path.name, today), path.name)
            with click.progressbar(length=size, label=plain(f"reading {path.name}"), file=own(sys.stderr)) as bar:
                return (*read_sheet(_watched(lines_of(file), bar.update), path.name, today), path.name)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(f"{path.name}: not a whole gzip file ({error}); pack it again, or give it unpacked") from None
    except OSError as error:
        error.filename = error.filename or str(path)
        raise


def _watched(lines: Iterable[str], moved: Callable[[int], None]) -> Iterator[str]:
    done = 0
    for number, line in enumerate(lines, start=1):
        done += len(line.encode())
        if number % LINES_PER_STEP == 0:
            moved(done)
            done = 0
        yield line
    moved(done)


if __name__ == "__main__":
    command()
