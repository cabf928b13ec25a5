"""What counts as a document, tried on captured answers: none of the real ones may be turned away."""

from __future__ import annotations

import pytest
from saved import SAMPLES, needs_samples

from scrapers.request import Kind
from scrapers.transport.objections import is_challenge, objection


@needs_samples
@pytest.mark.parametrize(
    ("pattern", "kind", "media_type"),
    [
        ("sec_8k/*.html", "html", "text/html"),
        ("sec_10q/*.html", "html", "text/html"),
        ("sec_xbrl/*.json", "json", "application/json"),
        ("coingecko/*.json", "json", "application/json"),
        ("yahoo/*.json", "json", "application/json"),
        ("coinbase/*.json", "json", "application/json"),
        ("strategytracker/*.json", "json", "application/json"),
        ("ecb/*.csv", "csv", "text/csv"),
        ("ecb/*.zip", "zip", "application/zip"),
    ],
)
def test_captured_documents_are_documents(pattern: str, kind: Kind, media_type: str) -> None:
    paths = sorted(SAMPLES.glob(pattern))
    assert paths
    refused = {path.name: objection(kind, media_type, path.read_bytes()) for path in paths}
    assert not {name: found for name, found in refused.items() if found}
    assert not [path.name for path in paths if is_challenge(path.read_bytes())]


@needs_samples
def test_the_captured_refusal_of_the_sec_is_a_challenge() -> None:
    page = (SAMPLES / "sec_edgar" / "SEC.AutomatedTool.html").read_bytes()
    assert is_challenge(page)
    assert "Undeclared Automated Tool" in (objection("json", "text/html", page) or "")


@needs_samples
@pytest.mark.parametrize("name", ["yahoo/error_429_body.txt", "stooq/no_data_200.txt", "stooq/daily_limit_200.txt"])
def test_captured_soft_errors_are_no_json(name: str) -> None:
    assert objection("json", "application/json", (SAMPLES / name).read_bytes())
