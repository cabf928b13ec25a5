"""Every source reads its saved documents as expected, has some, and survives what the network may hand it."""

from __future__ import annotations

import csv
import json
import math
from contextlib import suppress
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from saved import EXPECTED, FIXTURES, REFERENCE, as_json, beside, documents, needs_samples, sample, saved

from scrapers import catalogue
from treasury.bitcoin.condition import CONTEXT, ContextSeries
from treasury.model import Document, ParseError
from treasury.quantities import QUANTITIES, Quantity

BOUNDS: dict[str, Quantity | ContextSeries] = {**QUANTITIES, **CONTEXT}
STRICT = [
    name for name in catalogue.names() if catalogue.load(name).KIND != "html"
]  # a page of prose may hold anything


def _id(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


@pytest.mark.parametrize("path", documents(), ids=_id)
def test_reads_the_saved_document_as_expected(path: Path) -> None:
    source = catalogue.load(path.parent.name)
    if not beside(path).exists():
        found = [
            as_json(reading)
            for reading in source.parse(Document(path.parent.name, "", path.read_bytes(), datetime.now(UTC)))
        ]
        beside(path).write_text(json.dumps({"url": "", "fetched_at": "", "readings": found}, indent=1))
        pytest.fail(f"no expected answer was there: read, correct and keep {beside(path).name}, just written")
    told = json.loads(beside(path).read_text())
    if "error" in told:
        with pytest.raises(ParseError) as caught:
            list(source.parse(saved(path)))
        assert str(caught.value).startswith(f"{path.parent.name}: ")
        assert told["error"] in str(caught.value)
        return
    found = [as_json(reading) for reading in source.parse(saved(path))]
    if "count" in told:  # of a long document only some days are written out
        assert len(found) == told["count"]
        found = [row for row in found if row["as_of"] in {one["as_of"] for one in told["readings"]}]
    expected = [{**row, "value": pytest.approx(row["value"], rel=1e-8)} for row in told["readings"]]
    assert found == expected
    assert [r.value for r in source.parse(saved(path)) if r.doubt is None and catalogue.why_implausible(r)] == []


@pytest.mark.parametrize("name", catalogue.names())
def test_every_source_has_a_saved_document(name: str) -> None:
    assert any(beside(path).exists() for path in documents(name)), (
        f"tests/fixtures/{name}/ is empty: save a document there"
    )


def test_every_expected_answer_has_its_document_and_every_folder_its_source() -> None:
    assert {path.parent.name for path in documents()} <= set(catalogue.names())
    assert {beside(path) for path in documents()} >= set(FIXTURES.glob(f"*/*{EXPECTED}"))


@pytest.mark.parametrize("name", catalogue.names())
def test_every_source_says_where_how_many_and_what(name: str) -> None:
    source = catalogue.load(name)
    first = catalogue.about(source)
    assert " — " in first
    assert first.endswith(".")


@pytest.mark.parametrize("name", STRICT)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b"null",
        b"0",
        b"Too Many Requests\r\n",
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"a": NaN}',
        b"1" * 5000,
    ],
    ids=["nothing", "list", "object", "null", "zero", "429", "bytes", "nested", "nan", "digits"],
)
def test_what_is_no_document_is_refused(name: str, body: bytes) -> None:
    source = catalogue.load(name)
    with pytest.raises(ParseError, match=f"^{name}: .*found .*expected"):
        catalogue.read(source, Document(name, "", body, datetime(2026, 4, 14, tzinfo=UTC)))


@pytest.mark.parametrize("name", STRICT)
def test_a_challenge_page_is_refused(name: str) -> None:
    page = b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>1,2,3,</body></html>"
    with pytest.raises(ParseError, match=r"Just a moment|DOCTYPE"):
        catalogue.read(catalogue.load(name), Document(name, "", page, datetime(2026, 4, 14, tzinfo=UTC)))


@pytest.mark.parametrize("path", [path for name in STRICT for path in documents(name)], ids=_id)
def test_half_a_file_is_refused(path: Path) -> None:
    document = saved(path)
    half = Document(document.source, document.url, document.body[: len(document.body) // 2], document.fetched_at)
    with pytest.raises(ParseError):
        list(catalogue.load(document.source).parse(half))


SPECIAL: list[Any] = [
    0,
    -1,
    1,
    1e308,
    -1e308,
    10**400,
    2**63,
    None,
    True,
    "",
    "N/A",
    "NaN",
    "12",
    [],
    {},
    [1],
    "\ud800",
    "2026-13-45",
    1e-320,
]


@pytest.mark.slow
@pytest.mark.parametrize("name", catalogue.names())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_mutated_document_gives_an_error_or_readings_that_can_be_true(name: str, data: st.DataObject) -> None:
    document = saved(data.draw(st.sampled_from([path for path in documents(name) if path.stat().st_size > 0])))
    body = _mutated(document.body, data)
    mutated = Document(name, data.draw(st.sampled_from([document.url, ""])), body, document.fetched_at)
    source = catalogue.load(name)
    try:
        found = list(source.parse(mutated))
    except ParseError:
        with pytest.raises(ParseError):
            catalogue.read(source, mutated)
        return
    assert all(math.isfinite(reading.value) for reading in found)
    kept = catalogue.sift(found).readings
    assert [
        reading
        for reading in kept
        if not BOUNDS[reading.quantity].low <= reading.value <= BOUNDS[reading.quantity].high
    ] == []
    with suppress(ParseError):  # too few, twice, or not to be true
        assert catalogue.read(source, mutated) == found


def _mutated(body: bytes, data: st.DataObject) -> bytes:
    """Values of a JSON document replaced, members removed or repeated; any other document with bytes changed."""
    try:
        tree = json.loads(body)
    except ValueError:
        tree = None
    if tree is None or data.draw(st.booleans()):
        at = data.draw(st.integers(0, len(body) - 1))
        put = data.draw(
            st.one_of(st.binary(max_size=4), st.sampled_from([b"1e999", b"NaN", b"-", b"00", b",", b"\n", b"9" * 30]))
        )
        return body[:at] + put + body[at + data.draw(st.integers(0, 8)) :]
    for _ in range(data.draw(st.integers(1, 3))):
        holder = tree
        while isinstance(holder, dict | list) and holder:
            key = data.draw(st.sampled_from(list(holder) if isinstance(holder, dict) else list(range(len(holder)))))
            inner = holder[key]
            if isinstance(inner, dict | list) and inner and data.draw(st.integers(0, 9)):
                holder = inner
                continue
            match data.draw(st.sampled_from(["replace", "remove", "repeat"])):
                case "replace":
                    holder[key] = deepcopy(data.draw(st.sampled_from(SPECIAL)))
                case "remove":
                    del holder[key]
                case "repeat" if isinstance(holder, list):
                    holder.insert(int(key), inner)
            break
    return json.dumps(tree).encode()


# The reference's bitcoin prices are of other exchanges, which differ by some 0.1 %, and at most by 0.5 % within an hour.
OTHER_EXCHANGES = {"kraken": 5e-3, "bitstamp": 5e-3}


def _reference(name: str) -> list[dict[str, str]]:
    with (REFERENCE / name).open(newline="") as file:
        return list(csv.DictReader(file))


def test_saved_prices_agree_with_the_reference_on_the_same_days() -> None:
    known: dict[tuple[str, str, str | None], float] = {
        (row["ticker"], row["date"], None): float(row["close"]) for row in _reference("equity_prices.csv")
    }
    known |= {("BTC", row["date"], row["fixing"]): float(row["close"]) for row in _reference("btc_usd.csv")}
    known |= {(row["currency"], row["date"], "ecb"): float(row["usd_per_unit"]) for row in _reference("fx.csv")}
    compared = set()
    for path in documents():
        for row in json.loads(beside(path).read_text()).get("readings", []):
            key = (row["company"], row["as_of"], row.get("instrument"))
            if row["quantity"] in ("close", "usd_per_unit") and key in known:
                tolerance = OTHER_EXCHANGES.get(path.parent.name, 1e-8)
                assert row["value"] == pytest.approx(known[key], rel=tolerance), (path, key)
                compared.add(key)
    assert len(compared) >= 25
    assert {key[0] for key in compared} >= {"MSTR", "3350.T", "BTC", "EUR", "JPY"}


@pytest.mark.slow
@needs_samples
def test_the_captured_ecb_history_agrees_with_every_reference_rate() -> None:
    document = sample("ecb", "ecb/eurofxref-hist.zip", "2026-04-13T18:00:00")
    found = {(r.company, r.as_of.isoformat()): r.value for r in catalogue.read(catalogue.load("ecb"), document)}
    rows = [row for row in _reference("fx.csv") if row["date"] <= "2026-04-13"]
    assert len(rows) > 17_000
    for row in rows:
        assert found[row["currency"], row["date"]] == pytest.approx(float(row["usd_per_unit"]), rel=1e-6)
