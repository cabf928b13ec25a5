"""The bundled reference data, read like any file of a user's, and the parts of it that need no database."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Mapping
from datetime import date, time
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from treasury.intake.csv_files import SHEETS, Row, Sheet, read_sheet
from treasury.share_classes import ShareClass

NO_SHEETS = ("sessions.csv", "company_lists.csv")  # what is read here and nowhere else


def reference_sheets(kind: str | None = None, folder: Traversable | None = None) -> list[tuple[Sheet, list[Row], str]]:
    """Every file of treasury/reference (or of `folder`), read strictly; those of one kind where it is given."""
    sheets = []
    folder = folder or files("treasury").joinpath("reference")
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith((".csv", ".csv.gz")) and file.name not in NO_SHEETS:
            with file.open("rb") as packed:
                body = gzip.GzipFile(fileobj=packed) if file.name.endswith(".gz") else packed
                head = body.readline()
                if kind is None or _may_be(kind, head.decode("utf-8")):
                    lines = (head + body.read()).decode("utf-8").splitlines(keepends=True)
                    sheets.append((*read_sheet(lines, file.name), file.name))
    return [one for one in sheets if kind in (None, one[0].kind)]


@cache
def bundled_share_classes() -> tuple[ShareClass, ...]:
    """What the reference data says of classes of shares, for a reader that was given no database."""
    ciks = {str(row["ticker"]): str(row["cik"] or "") for _, rows, _ in reference_sheets("company") for row in rows}
    return tuple(
        ShareClass(
            str(row["ticker"]), str(row["class"]), _number(row["ratio"]), _day(row["valid_from"]), _day(row["valid_to"]),
            int(cik) if (cik := ciks.get(str(row["ticker"]), "")).isdigit() else None,
        )
        for _, rows, _ in reference_sheets("share_class")
        for row in rows
    )  # fmt: skip


@cache
def company_list(name: str) -> tuple[str, ...]:
    """The companies a source is asked about where it is not asked about everyone, in the order and words of that source."""
    text = files("treasury").joinpath("reference", "company_lists.csv").read_text(encoding="utf-8")
    return tuple(row["company"] for row in csv.DictReader(text.splitlines()) if row["list"] == name)


@cache
def cik_of(ticker: str) -> int:
    """The number under which a company files with the SEC, by the reference data. Raises KeyError where it has none."""
    ciks = {row["ticker"]: row["cik"] for _, rows, _ in reference_sheets("company") for row in rows if row["cik"]}
    return int(str(ciks[ticker]))


@cache
def bundled_sessions() -> Mapping[str, Mapping[date, time | None]]:
    """By calendar and day: when a short day closes, None where the exchange was shut (made by `python -m scripts.sessions`)."""
    found: dict[str, dict[date, time | None]] = {}
    text = files("treasury").joinpath("reference", "sessions.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        closes_at = time.fromisoformat(row["closes_at"]) if row["closes_at"] else None
        found.setdefault(row["calendar"], {})[date.fromisoformat(row["date"])] = closes_at
    return found


@cache
def bundled_calendars() -> Mapping[str, tuple[str | None, int]]:
    """By exchange: the calendar whose shut and short days it keeps, and the minutes from a short day's close to its auction's."""
    return {
        str(row["mic"]): (str(row["calendar"]) if row["calendar"] else None, int(row["auction_minutes"] or 0))
        for _, rows, _ in reference_sheets("exchange")
        for row in rows
    }


@cache
def bundled_names() -> dict[str, list[str]]:
    """What companies are called, by ticker and by `CIK 0001050446`, for a reader that was given no database."""
    found: dict[str, list[str]] = {}
    ciks: dict[str, str] = {}
    for _, rows, _ in reference_sheets("company"):
        for row in rows:
            ciks[str(row["ticker"])] = str(row["cik"] or "")
            found.setdefault(str(row["ticker"]), []).append(str(row["name"]))
    for _, rows, _ in reference_sheets("alias"):
        for row in rows:
            found.setdefault(str(row["ticker"]), []).append(str(row["alias"]))
    return found | {f"CIK {int(cik):010d}": found[ticker] for ticker, cik in ciks.items() if cik.isdigit()}


def _may_be(kind: str, head: str) -> bool:
    """Whether a first line is the header of a kind, so that the large files need not be read."""
    return head.strip().split(",") in map(list, SHEETS[kind].headers)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, float | int) else None


def _day(value: object) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else None
