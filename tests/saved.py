"""Saved documents beside their expected answers, and where the captured samples lie."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from scrapers import catalogue
from treasury.model import Document, Reading

FIXTURES = Path(__file__).parent / "fixtures"
REFERENCE = Path(__file__).parents[1] / "treasury" / "reference"
SAMPLES = Path(__file__).parents[2] / "shared" / "samples"
EXPECTED = ".expected.json"
NOT_SOURCES = ("golden", "worked")  # answers of another kind, each with its own README

needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason="left out: ../shared/samples is not here")


def documents(source: str | None = None) -> list[Path]:
    """Every saved document of one source, or of all."""
    found = sorted(FIXTURES.glob(f"{source or '*'}/*"))
    return [
        path
        for path in found
        if path.is_file() and not path.name.endswith(EXPECTED) and path.parent.name not in NOT_SOURCES
    ]


def beside(path: Path) -> Path:
    """Where the expected answer of a saved document lies."""
    return path.with_name(path.stem + EXPECTED)


def saved(path: Path) -> Document:
    """A saved document, with the URL and the moment its expected answer names."""
    told = json.loads(beside(path).read_text())
    published = told.get("published_at")
    return Document(
        path.parent.name,
        told["url"],
        path.read_bytes(),
        datetime.fromisoformat(told["fetched_at"]),
        datetime.fromisoformat(published) if published else None,
    )


def sample(source: str, name: str, fetched_at: str, url: str = "") -> Document:
    """A captured sample as if fetched at that moment."""
    return Document(source, url, (SAMPLES / name).read_bytes(), datetime.fromisoformat(fetched_at).replace(tzinfo=UTC))


def costs_itself(found: Document, spoilt: Document, message: str, **choices: object) -> list[Reading]:
    """The readings of a document with one bad bar: the others stand as they were, and the bad one is told or in doubt."""
    source = catalogue.load(found.source)
    whole, left = list(source.parse(found, **choices)), list(source.parse(spoilt, **choices))
    good = [one for one in left if one.doubt is None]
    assert all(one in whole for one in good)
    assert len(whole) > len(good) >= len(whole) / 3
    remarks: Callable[[Document], list[str]] = getattr(source, "remarks", lambda _: [])
    told = [*(one.doubt for one in left if one.doubt is not None), *remarks(spoilt)]
    assert any(message in reason for reason in told), told
    return left


def as_json(reading: Reading) -> dict[str, Any]:
    """A reading as the expected answers write it: what is unknown is left out."""
    fields = (
        "company",
        "instrument",
        "quantity",
        "value",
        "unit",
        "as_of",
        "period_start",
        "known_at",
        "note",
        "doubt",
    )
    told = {name: getattr(reading, name) for name in fields}
    return {name: v.isoformat() if isinstance(v, date) else v for name, v in told.items() if v is not None}
