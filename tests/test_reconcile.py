"""Trackers against what was filed: the disagreements that really happened come out with the right verdict, and each tracker with a score.

Figures of companies are real ones, as the documents and trackers printed them; days that nobody printed are made up.
"""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from made_up import company, empty, facts, ground, sheet, store
from sqlite_utils import Database

from db import open_database
from db.derived.reconciliation import ground as ground_of
from db.derived.valuations import bring_up_to_date, rebuild
from db.derived.views import RECONCILED
from db.feeds.checks import findings
from db.tables import for_scraping, scraped
from db.tables.store import retract
from db.tables.transaction import writing
from scrapers.catalogue import sift
from scrapers.normalise import Publisher, normalise
from scripts.main import mnav
from treasury.model import Document, Fact, Reading
from treasury.trackers.reconcile import lateness, scores, stretches
from treasury.trackers.record import TrackerRecord, day_known, near
from treasury.trackers.verdicts import BETWEEN_TRACKERS, SAME_DAY, VERDICT_RULES

ROOT = Path(__file__).parent.parent
Row = dict[str, Any]
KINDS = {"sec": "filing", "rns": "filing", "release": "issuer", "news": "press"}


def said(ticker: str, source: str, *rows: str) -> tuple[str, str]:
    """What one source says of one company; a source whose name tells no other kind is a tracker."""
    kind = KINDS.get(source.partition("-")[0], "tracker")
    return sheet("source", f"{source},{kind},{source},https://example.org/{source},"), facts(
        ticker, *rows, source=source
    )


def shows(source: str, **btc: float) -> Iterator[str]:
    """A tracker's snapshot: the day stands in its name, `_` in a ticker is a dot."""
    day = source[-10:]
    for ticker, value in btc.items():
        yield from said(ticker.replace("_", "."), source, f"btc_holdings {day} {day} {value:.10g} BTC")


def looked(source: str) -> str:
    """A snapshot that brought nothing new."""
    return sheet("source", f"{source},tracker,{source},https://example.org/{source},")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Database]:
    db = empty(tmp_path / "mnav.db")
    ground(db)
    yield db
    db.close()


@pytest.fixture
def judged(world: Database) -> Callable[..., dict[str, Row]]:
    """Store files in their order (what names a source or company first), value, and give the rows by their other source and ticker."""

    def rows(*files: str | tuple[str, ...] | Iterator[str]) -> dict[str, Row]:
        flat = [text for one in files for text in ((one,) if isinstance(one, str) else one)]
        kinds = ("id,kind", "mic,", "ticker,name")
        for text in sorted(
            flat, key=lambda text: next((n for n, head in enumerate(kinds) if text.startswith(head)), 9)
        ):
            store(world, text)
        rebuild(world)
        found = {f"{row['ticker']} {row['other_source']}": row for row in world.query("SELECT * FROM reconciliation")}
        assert len(found) == world["reconciliation"].count
        return found

    return rows


Judged = Callable[..., dict[str, Row]]


def verdict(row: Row) -> tuple[str, str]:
    return row["verdict"], row["rule"]


# -- stale, late, agreeing -----------------------------------------------------------------------------------------


def test_block_under_a_dead_symbol(judged: Judged) -> None:
    """8,584 is the count of Q1 2025; shown under SQ:NYSE every day from 2025-08-15 to 2026-07-11."""
    row = judged(
        company("XYZ"),
        sheet("alias", "XYZ,SQ:NYSE,symbol,,2025-01-20,market"),
        said(
            "XYZ", "sec-1", "btc_holdings 2025-03-31 2025-05-01 8584 BTC", "btc_holdings 2025-06-30 2025-08-07 8692 BTC"
        ),
        said("XYZ", "sec-2", "btc_holdings 2025-09-30 2025-11-06 8780 BTC"),
        shows("bitbo-2025-08-15", XYZ=8584),
        looked("bitbo-2026-07-11"),
    )["XYZ bitbo-2025-08-15"]
    assert verdict(row) == ("stale", "replaced")
    assert row["why"] == (
        "the number of 2025-03-31 (sec-1), replaced 338 days before; SQ is a former symbol of XYZ: read under it still?"
    )
    assert (row["value"], row["source"], row["as_of"], row["age_days"]) == (8780, "sec-2", "2025-09-30", 284)
    assert (row["other_value"], row["other_as_of"], row["other_age_days"]) == (8584, "2025-08-15", 330)
    assert row["difference_pct"] == pytest.approx((8584 / 8780 - 1) * 100)
    assert row["judged_on"] == "2026-07-11"


def test_bitfufu_first_seen_74_days_after_the_day_it_describes(judged: Judged) -> None:
    files = (
        company("FUFU"),
        said("FUFU", "sec-1", "btc_holdings 2025-12-31 2026-01-07 1780 BTC"),
        said("FUFU", "sec-2", "btc_holdings 2026-01-31 2026-02-05 1796 BTC"),
        shows("bitbo-2026-01-23", FUFU=1780),
        shows("bitbo-2026-04-15", FUFU=1796),
    )
    row = judged(*files)["FUFU bitbo-2026-04-15"]
    assert verdict(row) == ("late", "late")
    assert row["why"] == "first shown 69 days after it was known, 74 days after the day it describes"
    assert row["difference_pct"] == 0


@pytest.mark.parametrize(
    ("snapshots", "rule"),
    [
        (("bitbo-2026-01-23", "bitbo-2026-02-08"), "same value"),  # three days: the Monday after a Friday
        (("bitbo-2026-04-15",), "same value"),  # the first look: nobody knows since when
        (("bitbo-2025-10-01", "bitbo-2026-04-15"), "same value"),  # half a year without a look says no more
        (("bitbo-2026-01-23", "bitbo-2026-02-09"), "late"),
    ],
)
def test_late_only_where_the_tracker_was_watched(judged: Judged, snapshots: tuple[str, ...], rule: str) -> None:
    files = [
        company("FUFU"),
        *said("FUFU", "sec-1", "btc_holdings 2026-01-31 2026-02-05 1796 BTC"),
        *(text for one in snapshots[:-1] for text in shows(one, FUFU=1780)),
        *shows(snapshots[-1], FUFU=1796),
    ]
    assert judged(*files)[f"FUFU {snapshots[-1]}"]["rule"] == rule


def test_a_value_a_second_filing_repeats_of_the_same_day_counts_from_the_first(judged: Judged) -> None:
    """Riot's 18,005 of 2025-12-31: in its production update of 2026-01-02, and in its annual report."""
    row = judged(
        company("RIOT"),
        said("RIOT", "sec-1", "btc_holdings 2025-12-31 2026-01-02 18005 BTC"),
        said("RIOT", "sec-2", "btc_holdings 2025-12-31 2026-03-02 18005 BTC"),
        shows("bitbo-2026-01-01", RIOT=19_324),
        shows("bitbo-2026-03-03", RIOT=18_005),
    )["RIOT bitbo-2026-03-03"]
    assert row["source"] == "sec-2"
    assert verdict(row) == ("late", "late")
    assert row["why"] == "first shown 60 days after it was known, 62 days after the day it describes"


def test_a_number_stated_again_later_was_no_later(judged: Judged, world: Database) -> None:
    """Metaplanet's 35,102 of 2025-12-30, shown on 2026-01-04 and stated again on 2026-02-13."""
    row = judged(
        company("3350.T", mic="XTKS", currency="JPY"),
        said("3350.T", "rns-1", "btc_holdings 2025-12-30 2025-12-30 35102 BTC"),
        said("3350.T", "rns-2", "btc_holdings 2026-02-13 2026-02-13 35102 BTC"),
        shows("bitbo-2025-12-28", **{"3350_T": 30_823}),
        shows("bitbo-2026-01-04", **{"3350_T": 35_102}),
        looked("bitbo-2026-03-01"),
    )["3350.T bitbo-2026-01-04"]
    assert row["why"] == "first shown 5 days after it was known, 5 days after the day it describes"


WEEKS = said(
    "MSTR", "sec-1", "btc_holdings 2025-11-02 2025-11-03 641205 BTC", "btc_holdings 2025-11-09 2025-11-10 641692 BTC"
)


def test_last_weeks_number_is_stale_however_near(judged: Judged) -> None:
    """487 BTC of 641,692 are less than half a per cent, and no rounding."""
    row = judged(company("MSTR"), WEEKS, shows("bitbo-2025-11-04", MSTR=641_205), looked("bitbo-2025-11-12"))
    assert verdict(row["MSTR bitbo-2025-11-04"]) == ("stale", "replaced")
    assert row["MSTR bitbo-2025-11-04"]["why"] == "the number of 2025-11-02 (sec-1), replaced 2 days before"


def test_of_several_near_numbers_the_very_one_is_named(judged: Judged) -> None:
    row = judged(
        company("MSTR"), WEEKS, said("MSTR", "sec-2", "btc_holdings 2025-11-16 2025-11-17 642500 BTC"),
        shows("bitbo-2025-11-04", MSTR=641_205), looked("bitbo-2025-11-18"),
    )["MSTR bitbo-2025-11-04"]  # fmt: skip
    assert row["why"] == "the number of 2025-11-02 (sec-1), replaced 8 days before"


def test_a_number_left_standing_is_not_ahead_of_a_filing_that_comes_back_to_it(judged: Judged) -> None:
    """843,706 of 2026-06-01 still stood on 2026-06-09; 843,775 of 2026-07-20 is another number."""
    rows = "btc_holdings 2026-06-01 2026-06-01 843706 BTC", "btc_holdings 2026-06-08 2026-06-08 845256 BTC", "btc_holdings 2026-07-20 2026-07-20 843775 BTC"  # fmt: skip
    row = judged(
        company("MSTR"), said("MSTR", "release-1", *rows), shows("bitbo-2026-06-03", MSTR=843_706), looked("bitbo-2026-06-09"),
    )["MSTR bitbo-2026-06-03"]  # fmt: skip
    assert verdict(row) == ("stale", "replaced")


def test_coins_sold_since_the_filing_are_ahead_of_the_next_however_near(judged: Judged) -> None:
    """843,775 on 2026-07-07 where Strategy had said 847,363: its next statement says so too."""
    row = judged(
        company("MSTR"),
        said("MSTR", "release-1", "btc_holdings 2026-06-22 2026-06-22 847363 BTC", "btc_holdings 2026-07-20 2026-07-20 843775 BTC"),
        shows("bitbo-2026-06-23", MSTR=847_363), shows("bitbo-2026-07-07", MSTR=843_775),
    )["MSTR bitbo-2026-07-07"]  # fmt: skip
    assert verdict(row) == ("agrees", "ahead of the filing")
    assert row["why"] == "release-1 of 2026-07-20 says so too, known 13 days later"


def test_a_tracker_that_comes_back_to_a_number_is_not_late_with_it(judged: Judged) -> None:
    """Made up but for 19,287: shown in time, another number for two days, then 19,287 again."""
    row = judged(
        company("RIOT"), said("RIOT", "sec-1", "btc_holdings 2025-09-30 2025-10-30 19287 BTC"),
        shows("bitbo-2025-10-28", RIOT=18_000), shows("bitbo-2025-10-31", RIOT=19_287), shows("bitbo-2025-11-20", RIOT=19_700),
        shows("bitbo-2025-11-22", RIOT=19_287),
    )["RIOT bitbo-2025-11-22"]  # fmt: skip
    assert verdict(row) == ("agrees", "same value")


def test_near_is_not_called_rounding(judged: Judged) -> None:
    row = judged(
        company("HUT"), said("HUT", "sec-1", "btc_holdings 2025-03-31 2025-05-08 10264 BTC"), shows("bitbo-2025-06-28", HUT=10_237),
    )["HUT bitbo-2025-06-28"]  # fmt: skip
    assert (*verdict(row), row["why"]) == ("agrees", "same value", "within 0.5 %")


def test_a_value_the_filing_repeats_counts_from_its_first_day(judged: Judged) -> None:
    """Nakamoto's 5,398 of 2025-11-14 stands in three documents."""
    row = judged(
        company("NAKA"),
        said("NAKA", "sec-1", "btc_holdings 2025-08-19 2025-08-19 5765 BTC"),
        said("NAKA", "sec-2", "btc_holdings 2025-11-14 2025-11-19 5398 BTC"),
        said("NAKA", "sec-3", "btc_holdings 2025-12-09 2025-12-09 5398 BTC"),
        shows("bitbo-2025-10-20", NAKA=5764.9),
        shows("bitbo-2025-12-10", NAKA=5398),
    )["NAKA bitbo-2025-12-10"]
    assert row["why"] == "first shown 21 days after it was known, 26 days after the day it describes"


@pytest.mark.parametrize(
    ("filed", "shown", "rule"),
    [(1005, 1004.6, "same value"), (628.22, 628, "same value"), (4, 4.39, "same value"), (1000, 1005, "same value"),
     (1000, 1006, "unconfirmed"), (641_692, 641_205, "same value"), (0, 0, "same value"), (0, 40, "unconfirmed")],
)  # fmt: skip
def test_agreeing_is_half_a_per_cent_or_rounding(judged: Judged, filed: float, shown: float, rule: str) -> None:
    rows = judged(
        company("H100"),
        said("H100", "release-1", f"btc_holdings 2025-09-03 2025-09-03 {filed} BTC"),
        shows("bitbo-2025-09-09", H100=shown),
    )
    assert rows["H100 bitbo-2025-09-09"]["rule"] == rule
    assert (rows["H100 bitbo-2025-09-09"]["difference_pct"] is None) == (filed == 0)


def test_mara_shown_before_the_filing_was_known(judged: Judged) -> None:
    row = judged(
        company("MARA"),
        said("MARA", "sec-1", "btc_holdings 2025-06-30 2025-07-29 49951 BTC"),
        said("MARA", "sec-2", "btc_holdings 2025-09-30 2025-11-04 52850 BTC"),
        shows("bitbo-2025-10-31", MARA=52_850),
    )["MARA bitbo-2025-10-31"]
    assert verdict(row) == ("agrees", "ahead of the filing")
    assert row["why"] == "sec-2 of 2025-09-30 says so too, known 4 days later"


def test_twenty_one_keeps_its_number_as_a_shell(judged: Judged) -> None:
    row = judged(
        company("XXI"),
        said("XXI", "sec-1", "btc_holdings 2025-12-09 2025-12-12 43514 BTC"),
        shows("bitbo-2025-08-15", XXI=37_229.7),
        looked("bitbo-2026-07-11"),
    )["XXI bitbo-2025-08-15"]
    assert verdict(row) == ("stale", "not refreshed")
    assert row["why"] == "unchanged since 2025-08-15, before that day"


def test_metaplanet_two_purchases_behind(judged: Judged) -> None:
    row = judged(
        company("3350.T", mic="XTKS", currency="JPY"),
        said("3350.T", "rns-1", "btc_holdings 2025-12-30 2025-12-30 35102 BTC"),
        said("3350.T", "rns-2", "btc_holdings 2026-06-30 2026-06-30 43000 BTC"),
        shows("bitbo-2026-01-04", **{"3350_T": 35_102}),
        looked("bitbo-2026-07-11"),
    )["3350.T bitbo-2026-01-04"]
    assert verdict(row) == ("stale", "replaced")
    assert "replaced 11 days before" in row["why"]


def test_american_bitcoin_beyond_its_filing(judged: Judged) -> None:
    row = judged(
        company("ABTC"),
        said("ABTC", "sec-1", "btc_holdings 2025-12-31 2026-02-26 5401 BTC"),
        shows("bitbo-2026-04-15", ABTC=6235),
    )["ABTC bitbo-2026-04-15"]
    assert verdict(row) == ("disagreement", "unconfirmed")
    assert row["why"] == "seen on the first look, 105 days after that day: newer, older or wrong"


def test_hut_and_riot_with_one_number(judged: Judged) -> None:
    rows = judged(
        company("RIOT"), company("HUT"),
        said("RIOT", "sec-1", "btc_holdings 2025-12-31 2026-01-02 18005 BTC"),
        said("HUT", "sec-2", "btc_holdings 2025-09-30 2025-11-04 13696 BTC"),
        shows("bitbo-2026-07-07", RIOT=15_679, HUT=15_679),
    )  # fmt: skip
    assert verdict(rows["RIOT bitbo-2026-07-07"]) == ("disagreement", "copied")
    assert rows["RIOT bitbo-2026-07-07"]["why"] == "the very number it shows for HUT: a copy?"


# -- counted twice -------------------------------------------------------------------------------------------------

HUT = (
    company("HUT"),
    company("ABTC"),
    sheet("relation", "ABTC,HUT,consolidated_by,2025-09-03,,market,"),
    *said(
        "HUT", "sec-1", "btc_holdings 2025-06-30 2025-08-07 10667 BTC", "btc_holdings 2025-09-30 2025-11-04 13696 BTC"
    ),
    *said("ABTC", "sec-2", "btc_holdings 2025-09-30 2025-11-14 3418 BTC"),
    *shows("bitbo-2025-10-31", HUT=10_667),
)


def test_hut_and_its_subsidiary_both_listed(judged: Judged) -> None:
    rows = judged(*HUT, shows("bitbo-2025-11-20", HUT=13_696, ABTC=3418))
    assert verdict(rows["ABTC bitbo-2025-11-20"]) == ("double count", "listed beside its parent")
    assert (
        rows["ABTC bitbo-2025-11-20"]["why"]
        == "listed beside HUT's 13,696, which counts these coins: together they count twice"
    )
    assert verdict(rows["HUT bitbo-2025-11-20"]) == ("late", "late")
    assert "51 days after the day it describes" in rows["HUT bitbo-2025-11-20"]["why"]


def test_hut_with_its_subsidiary_added_once_more(judged: Judged) -> None:
    rows = judged(*HUT, shows("bitbo-2025-11-20", HUT=13_696 + 3418))
    assert verdict(rows["HUT bitbo-2025-11-20"]) == ("double count", "added to its parent")
    assert rows["HUT bitbo-2025-11-20"]["why"] == "sec-1 of 2025-09-30 counts ABTC's 3,418 already: added once more"


def test_hut_without_its_subsidiary_is_no_double_count(judged: Judged) -> None:
    """13,696 = 10,278 own + 3,418; the two rows add up to what Hut 8 filed."""
    rows = judged(*HUT, shows("bitbo-2025-11-20", HUT=10_278, ABTC=3418))
    assert verdict(rows["HUT bitbo-2025-11-20"]) == ("different scope", "another scope")
    assert rows["HUT bitbo-2025-11-20"]["why"] == "sec-1 of 2025-09-30 without the coins of ABTC: 3,418 of 2025-09-30"
    assert rows["ABTC bitbo-2025-11-20"]["verdict"] == "late"


def test_hut_with_its_subsidiarys_newer_count(judged: Judged) -> None:
    """April 2026: 15,679 = 10,278 + 5,401."""
    rows = judged(
        *HUT,
        said("ABTC", "sec-3", "btc_holdings 2025-12-31 2026-02-26 5401 BTC"),
        shows("bitbo-2026-04-15", HUT=15_679),
    )
    assert verdict(rows["HUT bitbo-2026-04-15"]) == ("agrees", "rolled forward")


# -- another thing counted -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("total", ["", "btc_holdings 2025-03-31 2025-05-08 11869 BTC"])
def test_cleanspark_with_the_coins_posted_as_collateral(judged: Judged, total: str) -> None:
    """The 10-Q counts 10,428 without collateral, the tracker 13,011 with it."""
    row = judged(
        company("CLSK"),
        said("CLSK", "sec-1", *([total] if total else []), "btc_unencumbered 2025-09-30 2025-11-25 10428 BTC"),
        shows("bitbo-2025-10-31", CLSK=13_011),
        looked("bitbo-2025-12-31"),
    )["CLSK bitbo-2025-10-31"]
    assert verdict(row) == ("different scope", "pledged coins")
    assert row["why"] == "sec-1 of 2025-09-30 counts 10,428 without the coins posted as collateral, this one all"
    assert row["value"] == (11_869 if total else 10_428)


@pytest.mark.parametrize(
    ("filed", "shown", "why"),
    [
        (("btc_holdings 2025-12-31 2026-01-23 13099 BTC", "btc_unencumbered 2025-12-31 2026-02-14 11452 BTC"), 11_452,
         "equals btc_unencumbered, bitcoin not posted as collateral: 11,452 of 2025-12-31"),
        (("btc_holdings 2025-09-30 2025-11-04 52850 BTC", "btc_encumbered 2025-09-30 2025-11-04 17357 BTC"), 35_493,
         "sec-1 of 2025-09-30 without btc_encumbered: 17,357 of 2025-09-30"),
        (("btc_holdings 2025-11-30 2025-12-01 308.8 BTC", "btc_fund_units 2025-11-30 2025-12-01 194.4 BTC"), 503.2,
         "sec-1 of 2025-11-30 with btc_fund_units: 194.4 of 2025-11-30"),
        (("btc_holdings 2026-01-10 2026-01-12 7749.8 BTC", "btc_holdings_pro_forma 2026-01-13 2026-01-13 12797.9 BTC"), 12_797.9,
         "equals btc_holdings_pro_forma, coins of a merger that has not closed: 12,797.9 of 2026-01-13"),
    ],
    ids=["CleanSpark", "MARA", "DigitalX", "Strive and Semler"],
)  # fmt: skip
def test_pledged_coins_fund_units_and_mergers(judged: Judged, filed: tuple[str, ...], shown: float, why: str) -> None:
    row = judged(company("ONE"), said("ONE", "sec-1", *filed), shows("bitbo-2026-03-01", ONE=shown))[
        "ONE bitbo-2026-03-01"
    ]
    assert verdict(row) == ("different scope", "another scope")
    assert row["why"] == why


@pytest.mark.parametrize(
    ("filed", "shown", "rule", "why"),
    [
        (("shares_basic 2025-11-02 2025-11-03 287100000 shares", "shares_class_a 2025-11-02 2025-11-03 267468000 shares"), 267_468_000,
         "another scope", "equals shares_class_a"),
        (("shares_basic 2025-07-02 2025-07-02 249230365 shares",), 10_000_000, "too few shares", "4 % of the shares outstanding"),
        (("shares_basic 2026-01-12 2026-01-12 1281253293 shares", "shares_basic 2026-03-31 2026-04-01 1345340624 shares"), 1_281_253_293,
         "replaced", "the number of 2026-01-12"),
        (("shares_basic 2025-02-17 2025-02-17 39468334 shares",), 394_683_340, "share basis", "2025-03-28, 10 shares for one"),
    ],
    ids=["class A of Strategy", "float of H100", "Metaplanet", "Metaplanet before its split"],
)  # fmt: skip
def test_share_counts(judged: Judged, filed: tuple[str, ...], shown: int, rule: str, why: str) -> None:
    day = "2025-03-01" if rule == "share basis" else "2026-05-01"
    row = judged(
        company("ONE"), sheet("split", "ONE,2025-03-28,10,1,market,"), said("ONE", "sec-1", *filed),
        said("ONE", f"vendor-{day}", f"shares_basic {day} {day} {shown} shares"),
    )[f"ONE vendor-{day}"]  # fmt: skip
    assert row["rule"] == rule
    assert why in row["why"]


def test_a_count_before_and_after_a_split_is_one(judged: Judged) -> None:
    row = judged(
        company("ONE"), sheet("split", "ONE,2025-03-28,10,1,market,"),
        said("ONE", "sec-1", "shares_basic 2025-02-17 2025-02-17 39468334 shares"),
        said("ONE", "vendor-2025-04-01", "shares_basic 2025-04-01 2025-04-01 394683340 shares"),
    )["ONE vendor-2025-04-01"]  # fmt: skip
    assert verdict(row) == ("agrees", "same value")
    assert row["difference_pct"] == pytest.approx(0)


# -- units and currencies ------------------------------------------------------------------------------------------

YEN = 1 / 153.34  # USD, as one feed had it beside its inverse


@pytest.mark.parametrize(
    ("told", "unit", "verdict_", "why"),
    [
        (71.16e9 * YEN, "USD", "agrees", "the same but for rounding"),  # 464,065,700 USD of debt reported in yen
        (71.16e9, "USD", "unit or currency error", "a number of JPY taken for USD"),
        (71.16e9 / YEN, "USD", "unit or currency error", "JPY converted with the rate upside down: 0.00652146 USD each on 2026-09-09"),
        (71.16e9 * YEN * YEN, "USD", "unit or currency error", "dollars taken for JPY, or converted twice"),
        (71.16e6, "JPY", "unit or currency error", "1/1,000 of it: thousands taken for units"),
        (71.16e3, "JPY", "unit or currency error", "1/1,000,000 of it: millions taken for units"),
        (71.16e11, "JPY", "unit or currency error", "100 times as much: hundredths taken for whole units"),
        (50e9, "JPY", "disagreement", "seen on the first look, 8 days after that day: newer, older or wrong"),
    ],
)  # fmt: skip
def test_metaplanets_debt_in_every_wrong_unit(
    judged: Judged, world: Database, told: float, unit: str, verdict_: str, why: str
) -> None:
    store(world, sheet("fx_rate", f"2026-09-08,JPY,{YEN},market"))
    row = judged(
        company("3350.T", mic="XTKS", currency="JPY"),
        said("3350.T", "rns-1", "debt_total 2026-09-01 2026-09-01 71160000000 JPY"),
        said("3350.T", "tracker-2026-09-09", f"debt_total 2026-09-09 2026-09-09 {told:.2f} {unit}"),
    )["3350.T tracker-2026-09-09"]
    assert row["verdict"] == verdict_
    assert row["why"].startswith(why)


def test_canadian_dollars_stored_as_american(judged: Judged, world: Database) -> None:
    """BTCT.V: CAD 25m of debt; the number stayed and the currency changed."""
    store(world, sheet("fx_rate", "2026-02-02,CAD,0.7246,market"))
    row = judged(
        company("BTCT.V", currency="CAD"), said("BTCT.V", "sec-1", "debt_total 2026-01-31 2026-02-02 25000000 CAD"),
        said("BTCT.V", "tracker-2026-02-03", "debt_total 2026-02-03 2026-02-03 25000000 USD"),
    )["BTCT.V tracker-2026-02-03"]  # fmt: skip
    assert verdict(row) == ("unit or currency error", "currency mistaken")
    assert row["difference_pct"] == pytest.approx((1 / 0.7246 - 1) * 100)


def test_without_a_rate_there_is_no_difference(judged: Judged) -> None:
    """Stale all the same: it stood before the day the filing describes."""
    row = judged(
        company("ONE", currency="CHF"), said("ONE", "sec-1", "debt_total 2026-02-20 2026-02-22 25000000 CHF"),
        said("ONE", "tracker-2026-02-03", "debt_total 2026-02-03 2026-02-03 31000000 USD"), looked("tracker-2026-03-01"),
    )["ONE tracker-2026-02-03"]  # fmt: skip
    assert verdict(row) == ("stale", "not refreshed")
    assert row["difference_pct"] is None


def test_without_a_rate_nothing_is_said(judged: Judged) -> None:
    assert judged(
        company("ONE", currency="CHF"), said("ONE", "sec-1", "debt_total 2026-01-31 2026-02-02 25000000 CHF"),
        said("ONE", "tracker-2026-02-03", "debt_total 2026-02-03 2026-02-03 31000000 USD"),
    ) == {}  # fmt: skip


@pytest.mark.parametrize(
    ("shown", "words"),
    [(64_169_200, "100 times"), (641.692, "1/1,000"), (6.41692e13, "100,000,000 times as much: satoshis")],
)
def test_bitcoin_on_another_scale(shown: float, words: str) -> None:
    told = Fact(
        1, "ONE", None, "btc_holdings", date(2025, 11, 9), date(2025, 11, 10), 641_692, "BTC", "sec-1", "filing"
    )
    seen = Fact(
        2, "ONE", None, "btc_holdings", date(2025, 11, 12), date(2025, 11, 12), shown, "BTC", "t-2025-11-12", "tracker"
    )
    from treasury.trackers.reconcile import reconcile

    (one,) = reconcile(TrackerRecord([told, seen]))
    assert (one.rule.verdict, one.rule.name) == ("unit or currency error", "scale")
    assert one.why.startswith(words)


# -- what the door kept out ----------------------------------------------------------------------------------------

FETCHED = datetime(2025, 7, 10, 12, tzinfo=UTC)
TODAY = FETCHED.date()


def arrive(db: Database, publisher: Publisher, *readings: Reading) -> None:
    """Readings at the door, as a scrape brings them: judged, then stored or kept out."""
    document = Document(publisher.name, f"https://example.org/{publisher.name}", publisher.name.encode(), FETCHED)
    harvest = normalise(sift(readings), document, publisher, for_scraping.identity(db), for_scraping.history(db))
    scraped.take(db, [harvest])


OWN = Publisher("vendor", "tracker", "a vendor — of numbers", "ours")
MARKET = Publisher("exchange", "market", "closes", "ours")
DOOR = (
    sheet("exchange", "XLON,Europe/London,16:30,,market,", "XSTO,Europe/Stockholm,17:30,,market,"),
    company("SWC.L", mic="XLON", currency="GBP"),
    company("3189.T", mic="XTKS", currency="JPY"),
    company("H100.ST", mic="XSTO", currency="SEK"),
    sheet("equity_price", "SWC.L,2025-07-09,0.34,market", "3189.T,2025-07-09,245,market"),
    sheet("fx_rate", f"2025-07-09,JPY,{YEN},market", "2025-07-09,GBP,1.36,market"),
    *said("H100.ST", "release-1", "shares_basic 2025-07-02 2025-07-02 249230365 shares"),
    *said("3189.T", "release-2", "btc_holdings 2025-07-02 2025-07-02 184.5 BTC"),
)


@pytest.mark.parametrize(
    ("publisher", "reading", "against", "verdict_", "why"),
    [
        (MARKET, Reading("SWC.L", "close", 33.5, "GBP", TODAY), 0.34, "unit or currency error",
         "100 times as much: hundredths taken for whole units; kept out: closes at 33.5 after 0.34"),
        (MARKET, Reading("3189.T", "close", 245, "USD", TODAY), 245, "unit or currency error",
         "a number of JPY taken for USD; kept out: quoted in USD, but 3189.T trades in JPY"),
        (OWN, Reading("H100.ST", "shares_basic", 10_000_000, "shares", TODAY), 249_230_365, "different scope",
         "4 % of the shares outstanding: a float, one class or a placeholder; kept out: shares_basic jumps by -96 %"),
        (MARKET, Reading("JPY", "usd_per_unit", 153.34, "USD", TODAY), YEN, "unit or currency error",
         "the rate upside down; kept out: usd_per_unit 153.34 USD is outside"),
        (MARKET, Reading("GBP", "usd_per_unit", 0.7353, "USD", TODAY), 1.36, "unit or currency error",
         "the rate upside down; kept out: 0.7353 USD for one GBP after 1.36 on 2025-07-09"),
        (OWN, Reading("3189.T", "btc_holdings", 18_450_000_000, "BTC", TODAY), 184.5, "unit or currency error",
         "100,000,000 times as much: satoshis taken for bitcoin; kept out: btc_holdings 1.845e+10 BTC is outside"),
        (OWN, Reading("3189.T", "btc_holdings", 3_800_000, "BTC", TODAY), 184.5, "disagreement",
         "holdings jump from 184.5 to 3,800,000 BTC, a hundredfold"),
    ],
    ids=["pence", "yen as dollars", "float", "inverted rate", "inverted within bounds", "satoshis", "3.8 million"],
)  # fmt: skip
def test_what_is_kept_out_stands_beside_what_was_filed(
    judged: Judged, world: Database, publisher: Publisher, reading: Reading, against: float, verdict_: str, why: str
) -> None:
    judged(*DOOR)
    arrive(world, publisher, reading)
    assert world["quarantine"].count == 1
    bring_up_to_date(world)
    (row,) = world.query("SELECT * FROM disagreements")
    assert (row["value"], row["verdict"]) == (pytest.approx(against), verdict_)
    assert (row["other_value"], row["other_source"]) == (reading.value, publisher.name)
    assert row["other_url"] == f"https://example.org/{publisher.name}"
    assert row["why"].startswith(why)


FILINGS = Publisher("sec_filing", "filing", "reports", "cik")
CIK_URL = "https://www.sec.gov/Archives/edgar/data/1/000000000125000001/"


def test_a_filing_kept_out_is_no_trackers(judged: Judged, world: Database) -> None:
    judged(*DOOR)
    world.execute("UPDATE company SET cik = '7' WHERE ticker = 'H100.ST'")
    document = Document("sec_filing", f"{CIK_URL}one.htm", b"", FETCHED)
    readings = (
        Reading("CIK 0000000007", "cash", 1_000_000, "SEK", date(2025, 6, 30)),
        Reading("CIK 0000000007", "shares_basic", 10_000_000, "shares", date(2025, 7, 8)),
    )
    scraped.take(
        world, [normalise(sift(readings), document, FILINGS, for_scraping.identity(world), for_scraping.history(world))]
    )
    bring_up_to_date(world)
    (row,) = world.query("SELECT * FROM disagreements")
    assert (row["other_source"], row["other_source_kind"]) == ("sec_filing", "filing")
    assert scores(ground_of(world)) == []


def test_what_is_kept_out_moves_no_valuation_and_is_no_second_warning(judged: Judged, world: Database) -> None:
    judged(*DOOR)
    arrive(world, OWN, Reading("H100.ST", "shares_basic", 10_000_000, "shares", TODAY))
    bring_up_to_date(world)
    told = {one.check: one.severity for one in findings(world) if one.ticker == "H100.ST"}
    assert told["different scope"] == "note"
    assert told["in quarantine"] == "warning"


def test_what_is_settled_is_no_disagreement_any_more(judged: Judged, world: Database) -> None:
    judged(*DOOR)
    arrive(world, OWN, Reading("H100.ST", "shares_basic", 10_000_000, "shares", TODAY))
    bring_up_to_date(world)
    assert world["reconciliation"].count == 1
    world.execute("UPDATE quarantine SET resolved_on = '2025-07-11'")
    bring_up_to_date(world)
    assert world["reconciliation"].count == 0


def test_strangers_and_prices_without_a_past_have_nothing_beside_them(judged: Judged, world: Database) -> None:
    judged(*DOOR)
    arrive(world, MARKET, Reading("H100.ST", "close", 99, "USD", TODAY), Reading("COIN.AQ", "close", 99, "USD", TODAY))
    assert world["quarantine"].count == 2
    bring_up_to_date(world)
    assert world["reconciliation"].count == 0


def test_semler_listed_after_its_coins_became_strives(judged: Judged, world: Database) -> None:
    judged(
        company("ASST"), company("SMLR", active_to="2025-07-01"), sheet("relation", "SMLR,ASST,merged_into,2025-07-01,,market,"),
        said("SMLR", "sec-1", "btc_holdings 2025-06-20 2025-06-21 5048 BTC"),
    )  # fmt: skip
    arrive(world, OWN, Reading("SMLR", "btc_holdings", 5048, "BTC", TODAY))
    bring_up_to_date(world)
    (row,) = world.query("SELECT * FROM disagreements")
    assert verdict(row) == ("double count", "merged")
    assert (
        row["why"] == "SMLR's coins are ASST's since 2025-07-01; kept out: SMLR no longer stands alone since 2025-07-01"
    )


def test_a_companys_last_row_is_judged_before_it_merged(judged: Judged) -> None:
    row = judged(
        company("ASST"), company("SMLR", active_to="2026-01-16"), sheet("relation", "SMLR,ASST,merged_into,2026-01-16,,market,"),
        said("SMLR", "sec-1", "btc_holdings 2025-09-30 2025-10-03 5048 BTC"),
        shows("bitbo-2025-10-15", SMLR=5048), looked("bitbo-2026-07-11"),
    )["SMLR bitbo-2025-10-15"]  # fmt: skip
    assert (row["verdict"], row["judged_on"]) == ("agrees", "2026-01-15")


# -- who speaks ----------------------------------------------------------------------------------------------------


def test_a_look_that_brings_nothing_new_is_a_look(judged: Judged, world: Database) -> None:
    """A tracker asked again shows the same, and has a filing in between to answer for."""
    judged(
        company("ONE"), said("ONE", "sec-1", "btc_holdings 2025-01-31 2025-02-01 100 BTC", "btc_holdings 2025-03-10 2025-03-11 120 BTC"),
        shows("bitbo-2025-02-01", ONE=100),
    )  # fmt: skip
    rows = "SELECT verdict, judged_on FROM reconciliation"
    assert world.execute(rows).fetchall() == [("agrees", "2025-02-01")]
    world.table("document").insert(
        {"source": "bitbo", "url": "u", "fetched_at": "2025-03-20T08:00:00Z", "status": 200, "sha256": "0"}
    )
    bring_up_to_date(world)
    assert world.execute(rows).fetchall() == [("stale", "2025-03-20")]


def test_looks_that_bring_nothing_for_long_are_looks(judged: Judged, world: Database) -> None:
    """Read every month and unchanged for five: what it then shows is late, and every day counts."""
    judged(
        company("ONE"), said("ONE", "sec-1", "btc_holdings 2024-12-31 2025-01-02 100 BTC", "btc_holdings 2025-05-31 2025-06-02 120 BTC"),
        shows("bitbo-2025-01-10", ONE=100), shows("bitbo-2025-06-10", ONE=120),
    )  # fmt: skip
    assert world.execute("SELECT rule FROM reconciliation").fetchone() == ("same value",)
    for month in (2, 3, 4, 5):
        world.table("document").insert(
            {"source": "bitbo", "url": "u", "fetched_at": f"2025-0{month}-10T08:00:00Z", "status": 200, "sha256": str(month)}
        )  # fmt: skip
    bring_up_to_date(world)
    assert world.execute("SELECT rule FROM reconciliation").fetchone() == ("late",)
    (score,) = scores(ground_of(world))
    assert (score.days, score.disclosures, score.worst_days_late) == (152, 1, 8)


def test_what_a_tracker_dates_itself_takes_the_place_of_what_it_showed(judged: Judged) -> None:
    """DefiLlama's day is that of the announcement: now and then the day we look, mostly not."""
    own = "btc_holdings 2025-01-20 2025-01-20 100 BTC", "btc_holdings 2025-02-18 2025-02-20 120 BTC"
    assert judged(
        company("ONE"), said("ONE", "sec-1", "btc_holdings 2025-01-20 2025-01-20 100 BTC", "btc_holdings 2025-02-18 2025-02-18 120 BTC"),
        said("ONE", "defillama_dat-2025-01-20", own[0]), said("ONE", "defillama_dat-2025-02-20", own[1]),
        looked("defillama_dat-2025-03-01"),
    ) == {}  # fmt: skip


def test_an_old_day_a_tracker_tells_later_replaces_nothing(judged: Judged) -> None:
    row = judged(
        company("ONE"), said("ONE", "sec-1", "btc_holdings 2025-01-20 2025-01-20 100 BTC"),
        said("ONE", "vendor-2025-01-20", "btc_holdings 2025-01-20 2025-01-20 100 BTC"),
        said("ONE", "vendor-2025-02-20", "btc_holdings 2024-11-30 2025-02-20 80 BTC"),
    )["ONE vendor-2025-01-20"]  # fmt: skip
    assert (row["verdict"], row["judged_on"]) == ("agrees", "2025-02-20")


def test_two_trackers_and_nobody_else(judged: Judged) -> None:
    """Brooker: 122 on CoinGecko and bitcointreasuries, 1,150 on bitbo seven weeks later. Agreement of two is no confirmation."""
    rows = judged(
        company("BTC.BK"),
        shows("coingecko-2025-06-28", BTC_BK=122),
        shows("bitcointreasuries-2025-07-08", BTC_BK=122),
        shows("bitbo-2025-08-15", BTC_BK=1150),
    )
    assert {verdict(row) for row in rows.values()} == {("disagreement", "trackers alone")}
    assert {row["other_source"]: row["why"] for row in rows.values()} == {
        "coingecko-2025-06-28": "no filing, issuer or press decides; first shown 48 days before the other",
        "bitcointreasuries-2025-07-08": "no filing, issuer or press decides; first shown 38 days before the other",
    }


def test_trackers_far_apart_say_nothing_about_each_other(judged: Judged) -> None:
    assert judged(company("ONE"), shows("one-2024-01-07", ONE=10), shows("two-2025-06-28", ONE=20)) == {}


def test_the_press_decides_where_nobody_filed(judged: Judged) -> None:
    """Cango sold 4,451 of 7,474 in February 2026; bitbo shows December's 7,528.3 until April."""
    row = judged(
        company("CANG"),
        said(
            "CANG",
            "news-1",
            "btc_holdings 2025-12-31 2026-01-05 7528.3 BTC",
            "btc_holdings 2026-02-09 2026-02-09 3644.7 BTC",
        ),
        shows("bitbo-2026-01-23", CANG=7528.3),
        looked("bitbo-2026-04-14"),
    )["CANG bitbo-2026-01-23"]
    assert verdict(row) == ("stale", "replaced")
    assert row["source_kind"] == "press"


def test_the_press_does_not_decide_where_somebody_filed(judged: Judged) -> None:
    row = judged(
        company("DJT"), said("DJT", "sec-1", "btc_holdings 2025-09-30 2025-11-07 11542 BTC"),
        said("DJT", "news-1", "btc_holdings 2025-11-01 2025-11-10 15000 BTC"), shows("bitbo-2025-12-01", DJT=11_542),
    )["DJT bitbo-2025-12-01"]  # fmt: skip
    assert (row["verdict"], row["value"]) == ("agrees", 11_542)


def test_histories_that_a_tracker_dates_itself_are_compared_day_by_day(judged: Judged, world: Database) -> None:
    rows = judged(
        company("ONE"), said("ONE", "sec-1", "btc_holdings 2025-01-31 2025-02-01 100 BTC"),
        said("ONE", "feed-2025-07", "btc_holdings 2025-01-31 - 90 BTC", "btc_holdings 2025-02-28 - 150 BTC"),
    )  # fmt: skip
    assert rows == {}
    (row,) = world.query("SELECT * FROM disagreements")
    assert (row["other_source"], row["verdict"], row["rule"]) == ("feed-2025-07", "disagreement", SAME_DAY)


def test_a_withdrawn_fact_says_nothing(judged: Judged, world: Database) -> None:
    judged(
        company("ONE"),
        said("ONE", "sec-1", "btc_holdings 2025-01-31 2025-02-01 100 BTC"),
        shows("bitbo-2025-03-01", ONE=90),
    )
    (fact,) = world.execute("SELECT id FROM fact WHERE value = 90").fetchone()
    with writing(world):
        retract(world, fact, "2025-03-02", "misread")
    bring_up_to_date(world)
    assert world["reconciliation"].count == 0


def test_the_view_leaves_agreement_out_and_keeps_its_columns(judged: Judged, world: Database) -> None:
    judged(
        company("ONE"), company("TWO"),
        said("ONE", "sec-1", "btc_holdings 2025-01-31 2025-02-01 100 BTC"), said("TWO", "sec-2", "btc_holdings 2025-01-31 2025-02-01 100 BTC"),
        shows("bitbo-2025-03-01", ONE=100, TWO=90),
    )  # fmt: skip
    assert {row["verdict"] for row in world.query("SELECT * FROM reconciliation")} == {"agrees", "disagreement"}
    rows = list(world.query("SELECT * FROM disagreements"))
    assert [row["ticker"] for row in rows] == ["TWO"]
    assert tuple(rows[0]) == RECONCILED
    assert tuple(world["reconciliation"].columns_dict) == RECONCILED
    assert RECONCILED[:12] == (
        "ticker", "instrument", "quantity", "as_of", "value", "unit", "source", "other_value", "other_source", "difference_pct", "url",
        "other_url",
    )  # fmt: skip


# -- rules ---------------------------------------------------------------------------------------------------------


def test_rules_have_names_of_their_own() -> None:
    names = [rule.name for rule in (*VERDICT_RULES, BETWEEN_TRACKERS[-1])]
    assert len(set(names)) == len(names)
    assert SAME_DAY not in names


def test_near_is_no_sum_of_small_differences() -> None:
    assert near(100, 100.5)
    assert not near(100, 100.6)
    assert near(4.39, 4)
    assert not near(4.6, 4)
    assert not near(float("nan"), 4)


# -- the score -----------------------------------------------------------------------------------------------------


def test_a_score_worked_by_hand(judged: Judged, world: Database) -> None:
    """Watched from 1 January to 10 February 2025: 41 days.

    Right for 10 days (1-10 January). 110 filed on the 11th: stale for 5 days, to the 15th. Then right for 16 days, to the 31st,
    5 days late. On 1 February it shows 500, which nobody filed: 10 days unconfirmed. 120, filed on 5 February, is never shown.
    """
    judged(
        company("ONE"),
        said("ONE", "sec-1", "btc_holdings 2024-12-31 2024-12-31 100 BTC"),
        said("ONE", "sec-2", "btc_holdings 2025-01-10 2025-01-11 110 BTC"),
        said("ONE", "sec-3", "btc_holdings 2025-01-31 2025-02-05 120 BTC"),
        shows("bitbo-2025-01-01", ONE=100),
        shows("bitbo-2025-01-16", ONE=110),
        shows("bitbo-2025-02-01", ONE=500),
        looked("bitbo-2025-02-10"),
    )
    (score,) = scores(ground_of(world))
    assert (score.tracker, score.companies, score.values, score.days) == ("bitbo", 1, 3, 41)
    shares = (score.agrees_pct, score.stale_pct, score.scope_pct, score.wrong_pct, score.unconfirmed_pct)
    assert shares == pytest.approx((26 / 41 * 100, 5 / 41 * 100, 0, 0, 10 / 41 * 100))
    assert (score.disclosures, score.shown, score.median_days_late, score.worst_days_late) == (2, 1, 5, 5)


def test_one_number_for_two_companies_may_be_right(judged: Judged, world: Database) -> None:
    """Capital B and HIVE both stood at 2,201 on 2025-08-15."""
    judged(
        company("ALCPB"), company("HIVE"), said("ALCPB", "sec-1", "btc_holdings 2025-08-05 2025-08-05 2075 BTC"),
        shows("bitbo-2025-08-15", ALCPB=2201, HIVE=2201),
    )  # fmt: skip
    (score,) = scores(ground_of(world))
    assert (score.wrong_pct, score.unconfirmed_pct) == (0, 100)


def test_a_tracker_of_which_everything_was_kept_out_is_told(judged: Judged, world: Database) -> None:
    judged(*DOOR)
    arrive(world, OWN, Reading("H100.ST", "shares_basic", 10_000_000, "shares", TODAY))
    (score,) = scores(ground_of(world))
    assert (score.tracker, score.values, score.kept_out, score.agrees_pct) == ("vendor", 0, 1, None)


@pytest.fixture(scope="module")
def reference(reference_db: Path) -> Iterator[Database]:
    db = open_database(reference_db)
    yield db
    db.close()


def test_bitbo_was_as_late_as_its_daily_scrape_shows(reference: Database) -> None:
    """PITFALLS: of the disclosures of eleven months about a third ever showed up; days from the day described to the first sight."""
    told = ground_of(reference)
    claims = [claim for claim in told.claims if claim.publisher == "bitbo" and claim.fact.quantity == "btc_holdings"]
    claims = [claim for claim in claims if any(fact.primary for fact in told.spoken.get(claim.key, ()))]
    late = {
        (fact.ticker, fact.value): None if days is None else days + (day_known(fact) - fact.as_of).days
        for fact, days in lateness(told, claims)
    }
    assert {key: late[key] for key in (
        ("FUFU", 1796), ("HUT", 13_696), ("ABTC", 5098), ("3350.T", 30_823), ("FUFU", 1780), ("CLSK", 13_099), ("RIOT", 18_005),
        ("DDC", 1007.69), ("H100.ST", 911), ("3350.T", 25_555),
    )} == {
        ("FUFU", 1796): 74, ("HUT", 13_696): 51, ("ABTC", 5098): 40, ("3350.T", 30_823): 37, ("FUFU", 1780): 23, ("CLSK", 13_099): 23,
        ("RIOT", 18_005): 23, ("DDC", 1007.69): 7, ("H100.ST", 911): 6, ("3350.T", 25_555): None,
    }  # fmt: skip
    shown = [days for days in late.values() if days is not None]
    assert (len(late), len(shown)) == (95, 42)


def test_bitbo_day_by_day(reference: Database) -> None:
    told = ground_of(reference)
    found = {
        (claim.fact.ticker, claim.fact.value): [one.rule.name for _, one in stretches(told, claim)]
        for claim in told.claims
        if claim.publisher == "bitbo" and claim.key in told.spoken
    }
    assert found["HUT", 13_696] == ["late", "replaced"]
    assert found["ABTC", 3418] == ["listed beside its parent"] * 2
    assert found["CLSK", 13_011] == ["unconfirmed"]  # 12,608 were filed for June, pledged ones included
    assert found["MARA", 52_850] == ["ahead of the filing", "same value", "replaced", "replaced"]
    assert found["XYZ", 8584][:2] == ["unconfirmed", "not refreshed"]
    assert found["KULR", 920][-1] == "replaced"


def test_the_newest_of_bitbo_against_what_was_filed(reference: Database) -> None:
    rows = reference.execute("SELECT ticker, rule FROM reconciliation WHERE other_source LIKE 'bitbo-%'").fetchall()
    found = dict(rows)
    assert {ticker: found[ticker] for ticker in ("MSTR", "XYZ", "XXI", "ALCPB.PA", "SWC.L", "DDC", "3350.T", "KULR", "RIOT", "HUT", "NAKA")} == {
        "MSTR": "same value", "XYZ": "not refreshed", "XXI": "not refreshed", "ALCPB.PA": "not refreshed", "SWC.L": "replaced",
        "DDC": "replaced", "3350.T": "replaced", "KULR": "replaced", "RIOT": "unconfirmed", "HUT": "replaced", "NAKA": "replaced",
    }  # fmt: skip


# -- what a tracker cannot do --------------------------------------------------------------------------------------

VALUED = "SELECT * FROM mnav_daily WHERE ticker IN ({}) ORDER BY ticker, date"


@pytest.mark.slow
def test_a_tracker_full_of_stale_values_moves_no_company_with_filings(reference_db: Path, tmp_path: Path) -> None:
    """It lists every company that filed two numbers, each with the one before its last; then falls silent about all but one."""
    db = open_database(shutil.copy(reference_db, tmp_path / "mnav.db"), writable=True)
    rows = db.execute(
        """WITH filed AS (SELECT ticker, as_of, value, first_value(value) OVER (PARTITION BY ticker ORDER BY as_of DESC, id) AS last
             FROM known_fact WHERE quantity = 'btc_holdings' AND source_kind IN ('filing', 'issuer'))
           SELECT ticker, value FROM filed f WHERE as_of = (SELECT max(as_of) FROM filed n WHERE n.ticker = f.ticker
             AND abs(n.value / n.last - 1) > 0.01) AND abs(value / last - 1) > 0.01 GROUP BY ticker"""
    ).fetchall()
    assert len(rows) > 20
    marks = ", ".join(f"'{ticker}'" for ticker, _ in rows)
    before = db.execute(VALUED.format(marks)).fetchall()
    held = db.execute("SELECT * FROM holdings").fetchall()
    assert len(before) > 5000
    store(db, *said(rows[0][0], "stale-2026-07-01", f"btc_holdings 2026-07-01 2026-07-01 {rows[0][1]} BTC"),
          *(facts(ticker, f"btc_holdings 2026-07-01 2026-07-01 {value} BTC", source="stale-2026-07-01") for ticker, value in rows[1:]))  # fmt: skip
    bring_up_to_date(db)
    assert db.execute(VALUED.format(marks)).fetchall() == before
    store(db, *said(rows[0][0], "stale-2026-07-02", f"btc_holdings 2026-07-02 2026-07-02 {rows[0][1]} BTC"))
    bring_up_to_date(db)
    assert db.execute(VALUED.format(marks)).fetchall() == before
    assert db.execute("SELECT * FROM holdings").fetchall() == held
    told = db.execute("SELECT verdict, ticker FROM disagreements WHERE other_source LIKE 'stale-%'").fetchall()
    assert Counter(verdict for verdict, _ in told) == {
        "stale": len(told) - 2,
        "double count": 2,
    }  # ABTC in HUT, SMLR in ASST
    assert len(rows) - 2 <= len(told) <= len(rows)  # what equals another tracker's number is no news of its own
    db.close()


def test_silence_of_its_only_tracker_does_not_remove_a_company(judged: Judged, world: Database) -> None:
    judged(
        company("ONE"), company("TWO"), shows("bitbo-2025-01-01", ONE=100, TWO=200), shows("bitbo-2025-02-01", ONE=110)
    )
    assert world.execute("SELECT ticker, btc FROM holdings ORDER BY ticker").fetchall() == [("ONE", 110), ("TWO", 200)]


# -- the command ---------------------------------------------------------------------------------------------------


def check(path: Path, *arguments: str) -> str:
    done = CliRunner().invoke(mnav, ["--db", str(path), "check", *arguments], prog_name="mnav")
    assert done.exit_code == 0, done.stderr
    return done.stdout


def test_trackers_as_table_json_and_csv(reference_db: Path) -> None:
    table, rows = check(reference_db, "--trackers"), json.loads(check(reference_db, "--trackers", "--json"))
    (bitbo,) = [row for row in rows if row["tracker"] == "bitbo"]
    assert table.splitlines()[2].split()[:4] == ["bitbo", "32", "121", "8,546"]
    assert (bitbo["companies"], bitbo["values"], bitbo["days"]) == (32, 121, 8546)
    assert (bitbo["disclosures"], bitbo["shown"], bitbo["median_days_late"], bitbo["worst_days_late"]) == (
        96,
        42,
        2,
        69,
    )
    shares = [bitbo[f"{name}_pct"] for name in ("agrees", "stale", "scope", "wrong", "unconfirmed")]
    assert sum(shares) == pytest.approx(100)
    assert shares[1] > 50
    (first, *_) = csv.DictReader(io.StringIO(check(reference_db, "--trackers", "--csv")))
    assert float(first["stale_pct"]) == bitbo["stale_pct"]
    assert list(first) == list(bitbo)


@pytest.mark.slow
def test_findings_name_both_sides_and_the_reason(reference_db: Path) -> None:
    rows = json.loads(check(reference_db, "--json"))
    (block,) = [row for row in rows if row["ticker"] == "XYZ" and row["check"] == "stale tracker"]
    assert (block["severity"], block["date"]) == ("note", "2025-08-15")
    assert block["message"] == (
        "btc_holdings: 8,584 BTC (bitbo-2025-08-15) against 9,032 of 2026-03-31 (onato-xyz-10q-2026-03-31), −5.0 %: unchanged since"
        " 2025-08-15, before that day; SQ is a former symbol of XYZ: read under it still?"
    )
    (used,) = [
        row
        for row in rows
        if row["ticker"] == "CLSK" and row["check"] == "disagreement" and row["severity"] == "warning"
    ]
    assert used["message"].startswith("btc_holdings: 13,470 BTC (bitbo-2026-07-07) against ")


def test_the_page_names_every_rule_with_its_verdict_in_their_order() -> None:
    page = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
    rules = (*VERDICT_RULES, BETWEEN_TRACKERS[-1])
    lines = [f"| {rule.verdict} | {rule.name} | {rule.meaning} |" for rule in rules]
    places = [page.index(line) for line in lines]
    assert places == sorted(places)


def test_a_price_of_bitcoin_kept_out_for_an_older_one_has_no_former_symbol(tmp_path: Path) -> None:
    db = empty(tmp_path / "mnav.db")
    ground(db)
    store(db, sheet("btc_price", "2024-12-30,utc,90000,market"), *said("ACME", "sec-1"), company("ACME"), *shows("tracker-2025-01-06", ACME=5))  # fmt: skip
    kept = "INSERT INTO quarantine (source, company, quantity, as_of, value, unit, reason, first_seen) VALUES ('kraken', 'BTC', 'close', ?, 90000, 'USD', 'odd', '2025-01-11T00:00:00Z')"
    db.conn.executemany(kept, [("2024-12-31",), ("2025-01-10",)])
    db.conn.commit()
    rebuild(db)
    told = db.execute("SELECT why FROM reconciliation WHERE ticker = 'BTC' AND rule = 'replaced'").fetchall()
    assert told
    db.close()
