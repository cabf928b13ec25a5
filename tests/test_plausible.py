"""What cannot be true in the light of what is known, by the real errors of PITFALLS."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from treasury.intake.plausible import History

DAY = date(2025, 6, 30)


def grown(quantity: str, value: float, ticker: str = "ACME", split: tuple[date, float] | None = None) -> History:
    return History(
        values=[(ticker, quantity, None, date(2025, 3, 31), value)],
        splits=[(ticker, *split)] if split else (),
        currencies=[(ticker, "USD")],
    )


@pytest.mark.parametrize(("value", "believed"), [(18_113, True), (1_335_000, False), (133.5, False), (135, True)])
def test_holdings_do_not_jump_a_hundredfold(value: float, believed: bool) -> None:
    reason = grown("btc_holdings", 13_350).why_not_fact("ACME", "btc_holdings", None, DAY, value)
    assert (reason is None) is believed


@pytest.mark.parametrize(
    ("held", "sold", "mined", "missing"),
    [(12_608, -578.0, 685.0, False), (12_590, -578.0, 685.0, False), (12_080, -578.0, 685.0, True), (12_080, None, 685.0, False), (12_080, -578.0, None, False)],
    ids=["adds up", "fees", "does not", "sales not told", "mined not told"],
)  # fmt: skip
def test_a_miners_month_adds_up(held: float, sold: float | None, mined: float | None, missing: bool) -> None:
    history = History(
        values=[
            ("ACME", "btc_holdings", None, date(2025, 5, 31), 12_502.0),
            ("ACME", "btc_mined", None, date(2025, 5, 31), 694.0),
        ]
    )
    history.learn("ACME", "btc_holdings", None, date(2025, 5, 31), 12_502.0, primary=True)
    history.learn("ACME", "btc_mined", None, date(2025, 5, 31), 694.0, primary=True)
    reason = history.why_not_sum("ACME", DAY, held, sold, mined)
    assert bool(reason) is missing
    assert not missing or "12,502 held on 2025-05-31 with 685 mined and 578 sold make 12,609, not 12,080" in str(reason)


def test_a_first_purchase_is_no_jump() -> None:
    assert grown("btc_holdings", 0.2).why_not_fact("ACME", "btc_holdings", None, DAY, 40) is None
    assert History().why_not_fact("ACME", "btc_holdings", None, DAY, 40_000) is None


@pytest.mark.parametrize(
    ("value", "believed"), [(599e6, True), (1_190e6, True), (1_210e6, False), (195e6, False), (4e9, False)]
)
def test_a_share_count_triples_in_a_quarter_at_most(value: float, believed: bool) -> None:
    reason = grown("shares_basic", 400e6).why_not_fact("ACME", "shares_basic", None, DAY, value)
    assert (reason is None) is believed
    assert believed or "without a split" in str(reason)


def test_a_known_split_explains_a_tenfold_count_but_not_one_on_another_day() -> None:
    assert grown("shares_basic", 39_468_334, split=(date(2025, 3, 28), 10)).why_not_fact("ACME", "shares_basic", None, DAY, 394_683_340) is None  # fmt: skip
    wrong = grown("shares_basic", 39_468_334, split=(date(2024, 10, 1), 10))
    said = wrong.why_not_fact("ACME", "shares_basic", None, DAY, 394_683_340)
    assert str(said).startswith("shares_basic jumps by +900 % from 39,468,334 of ")


def test_bitcoin_cannot_have_cost_more_than_ever_before() -> None:
    """Metaplanet's ¥1.06bn-per-coin: a cost in yen called dollars."""
    prices = [(date(2020, 1, 1) + timedelta(days=n), 7_000.0) for n in range(10)] + [(date(2025, 5, 22), 111_000.0)]
    history = History(bitcoin=prices)
    assert history.why_not_cost(1_061_561_067, 11_111, DAY) is None
    reason = history.why_not_cost(1_061_561_067 * 148.5, 11_111, DAY)
    assert reason is not None
    assert "outside the 7,000 to 111,000" in reason
    assert history.why_not_cost(1_061_561_067, 11_111, date(2021, 6, 1)) is not None, (
        "95,541 each was never seen by 2021"
    )


@pytest.mark.parametrize(
    ("each", "believed"), [(113_000.0, True), (113_300.0, False), (6_870.0, True), (6_850.0, False)]
)
def test_a_cost_may_be_a_fiftieth_beyond_all_that_bitcoin_ever_cost(each: float, believed: bool) -> None:
    """Fees on top, a discount for many at once, and closes that missed the day's highest."""
    prices = [(date(2020, 1, 1) + timedelta(days=n), 7_000.0) for n in range(10)] + [(date(2025, 5, 22), 111_000.0)]
    assert (History(bitcoin=prices).why_not_cost(each * 100, 100.0, DAY) is None) is believed


def test_a_young_list_of_prices_says_nothing() -> None:
    assert History(bitcoin=[(DAY, 100_000.0)]).why_not_cost(1.0, 1.0, DAY) is None


def test_coins_of_a_merger_against_the_float_of_the_shell() -> None:
    """XXI: $306M of market cap against 37,230 BTC, a multiple of 0.076."""
    shell = History(
        values=[("CEP", "shares_basic", None, date(2025, 5, 1), 10_300_000.0)],
        closes=[("CEP", DAY, 29.7)], bitcoin=[(DAY, 108_000.0)], currencies=[("CEP", "USD")],
    )  # fmt: skip
    assert "float of a shell" in str(shell.why_not_float("CEP", 37_230, DAY))
    assert shell.why_not_float("CEP", 3_000, DAY) is None
    assert shell.why_not_float("OTHER", 37_230, DAY) is None


@pytest.mark.parametrize(
    ("close", "currency", "said"),
    [(0.336, "GBP", None), (33.6, "GBP", "hundredths"), (0.336, "USD", "trades in GBP"), (0.0034, "GBP", "hundredths")],
)
def test_pence_are_not_pounds(close: float, currency: str, said: str | None) -> None:
    history = History(closes=[("SWC.L", date(2025, 6, 27), 0.335)], currencies=[("SWC.L", "GBP")])
    reason = history.why_not_price("SWC.L", DAY, close, currency)
    assert reason is None if said is None else said in str(reason)


def test_a_known_split_explains_a_price() -> None:
    split = [("NXTT", date(2025, 9, 15), 1 / 200)]
    closes = [("NXTT", date(2025, 9, 12), 0.11)]
    history = History(closes=closes, splits=split, currencies=[("NXTT", "USD")])
    assert history.why_not_price("NXTT", date(2025, 9, 15), 21.5, "USD") is None
    assert History(closes=closes, currencies=[("NXTT", "USD")]).why_not_price("NXTT", date(2025, 9, 15), 21.5, "USD")


def test_a_tracker_that_repeats_itself_says_nothing_new() -> None:
    history = History(trackers=[("bitbo", "ACME", "btc_holdings", None, 100.0)])
    assert history.repeats("bitbo", "ACME", "btc_holdings", None, 100.0)
    assert not history.repeats("coingecko", "ACME", "btc_holdings", None, 100.0)
    assert not history.repeats("bitbo", "ACME", "btc_holdings", None, 101.0)
    assert history.repeats("bitbo", "ACME", "btc_holdings", None, 101.0)


def test_the_same_split_a_few_days_apart_is_one() -> None:
    history = History(splits=[("3350.T", date(2025, 3, 28), 10.0)])
    assert not history.learn_split("3350.T", date(2025, 4, 1), 10.0)
    assert history.learn_split("3350.T", date(2025, 9, 1), 10.0)


def test_a_count_printed_after_a_split_is_not_that_of_a_day_before() -> None:
    """Metaplanet's consolidation of 2024-07-30 and split of 2025-03-28 take each other back."""
    history = History(splits=[("3350.T", date(2024, 7, 30), 0.1), ("3350.T", date(2025, 3, 28), 10)])
    told = {
        day: history.why_not_basis("3350.T", "shares_basic", day, date(2025, 7, 28)) is None
        for day in (date(2024, 7, 29), date(2024, 7, 30), date(2025, 3, 27), date(2025, 3, 28))
    }
    assert list(told.values()) == [True, False, False, True]
    assert history.why_not_basis("3350.T", "shares_basic", date(2024, 8, 13), date(2025, 1, 15)) is None
    assert history.why_not_basis("3350.T", "btc_holdings", date(2024, 8, 13), date(2025, 7, 28)) is None
    assert history.why_not_basis("H100.ST", "shares_basic", date(2024, 8, 13), date(2025, 7, 28)) is None


def test_what_a_newer_filing_has_replaced_is_not_todays() -> None:
    """Block: 8,485, then 8,584 and 8,780 filed; bitbo showed 8,584 for eleven months (PITFALLS)."""
    filed = [("XYZ", "btc_holdings", None, date(2024, 12, 31), 8_485.0), ("XYZ", "btc_holdings", None, date(2025, 3, 31), 8_584.0),
             ("XYZ", "btc_holdings", None, date(2025, 9, 30), 8_780.0)]  # fmt: skip
    history = History(primary=filed)
    day = date(2026, 7, 11)
    reason = history.why_not_current("XYZ", "btc_holdings", None, day, 8_584.04)
    assert reason == "shows 8,584.04 of 2025-03-31 still, superseded by 8,780 of 2025-09-30"
    assert (
        history.why_not_current("XYZ", "btc_holdings", None, date(2025, 8, 15), 8_584.04) is None
    )  # nothing newer yet
    for current in (8_780.0, 8_900.0):
        assert history.why_not_current("XYZ", "btc_holdings", None, day, current) is None
    history.learn("XYZ", "btc_holdings", None, date(2025, 12, 31), 8_883.0, primary=True)
    assert history.why_not_current("XYZ", "btc_holdings", None, day, 8_780.0) is not None
    history.learn("XYZ", "btc_holdings", None, date(2026, 3, 31), 8_780.0, primary=True)  # sold again
    assert history.why_not_current("XYZ", "btc_holdings", None, day, 8_780.0) is None


@pytest.mark.parametrize(
    ("had", "shown", "believed"),
    [
        (640_000, 4_440_000, False),
        (0, 3_800_000, False),
        (0, 43_514, True),
        (331_200, 386_700, True),
        (90_000, 180_000, True),
    ],
)
def test_nobody_buys_a_hundred_thousand_bitcoin_at_once(had: float, shown: float, believed: bool) -> None:
    """3.8 million stood on a tracker for a day; the most ever bought at once is 55,500."""
    history = grown("btc_holdings", had) if had else History()
    assert (history.why_not_at_once("ACME", shown, DAY) is None) is believed


@pytest.mark.parametrize(
    ("currency", "had", "rate", "believed"),
    [("EUR", 1.11, 1.12, True), ("EUR", 1.11, 0.9009, False), ("EUR", 1.001, 0.99, True), ("JPY", 0.00652, 0.0064, True),
     ("GBP", 1.27, 0.787, False), ("TRY", 0.03, 0.025, True), ("TRY", 0.03, 0.003, False)],
)  # fmt: skip
def test_a_rate_does_not_turn_upside_down(currency: str, had: float, rate: float, believed: bool) -> None:
    history = History(rates=[(currency, date(2025, 6, 27), had)])
    assert (history.why_not_rate(currency, DAY, rate) is None) is believed
    assert History().why_not_rate(currency, DAY, rate) is None


def test_no_rate_of_the_reference_data_is_doubted(reference: Callable[[str], list[dict[str, str]]]) -> None:
    """The euro crossed parity by 3.5 % in a day; the lira halved in a month."""
    rates = [(row["currency"], date.fromisoformat(row["date"]), float(row["usd_per_unit"])) for row in reference("fx")]
    history = History(rates=rates)
    assert [one for one in rates if history.why_not_rate(*one)] == []
    upside_down = [one for one in rates if one[1].year == 2025 and not history.why_not_rate(one[0], one[1], 1 / one[2])]
    assert {currency for currency, *_ in upside_down} <= {"EUR", "CHF"}  # near parity an inverse is no great error
