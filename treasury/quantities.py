"""Every quantity a fact can state: its unit and the bounds outside which it cannot be true. A new quantity is one line."""

from __future__ import annotations

import math
from dataclasses import dataclass

from treasury.model import ImplausibleError

A_CURRENCY = "money"
ALL_BITCOIN = 21_000_000  # more can never exist
HUNDREDFOLD = 100.0  # a step this large is an error of unit until somebody says otherwise
SHARES_BOUNDS = (
    1e5,
    1e11,
)  # outside it: a typing error, a unit in thousands, or a placeholder (10,000,000 for unknown, seen at a tracker)
COUNT = (0, 1e11)
LEAST_PRICE = 1e-9  # below it a number is what is left of an error of arithmetic
MONEY_BOUNDS = (0, 1e15)  # in units of any currency
HUNDREDTHS = ("GBX", "ZAC", "ILA")  # pence, cents, agorot as exchanges quote them: no currency of their own


@dataclass(frozen=True, slots=True)
class Quantity:
    """`unit` is BTC, shares, percent, or money (any ISO 4217 currency)."""

    id: str
    unit: str
    low: float
    high: float
    meaning: str

    def check(self, value: float, unit: str) -> None:
        """Raise ImplausibleError where value or unit cannot be right for this quantity."""
        if self.unit == A_CURRENCY:
            if not (len(unit) == 3 and unit.isascii() and unit.isalpha() and unit.isupper()) or unit in (
                "BTC",
                *HUNDREDTHS,
            ):
                raise ImplausibleError(f"{self.id} is money: its unit must be an ISO currency code, not {unit!r}")
        elif unit != self.unit:
            raise ImplausibleError(f"{self.id} is in {self.unit}, not {unit!r}")
        if not math.isfinite(value) or not self.low <= value <= self.high:
            raise ImplausibleError(
                f"{self.id} {value:,.10g} {unit} is outside {self.low if 0 < self.low < 1 else f'{self.low:,.0f}'} to {self.high:,.0f}"
            )


_ALL = (
    Quantity("btc_holdings", "BTC", 0, ALL_BITCOIN, "all bitcoin of the company, pledged coins included"),
    Quantity(
        "btc_holdings_outdated",
        "BTC",
        0,
        ALL_BITCOIN,
        "the holdings last told, on the day from which they no longer stand while nobody says how many do",
    ),
    Quantity("btc_unencumbered", "BTC", 0, ALL_BITCOIN, "bitcoin not posted as collateral"),
    Quantity("btc_encumbered", "BTC", 0, ALL_BITCOIN, "bitcoin pledged, loaned or restricted"),
    Quantity("btc_fund_units", "BTC", 0, ALL_BITCOIN, "bitcoin held through fund units"),
    Quantity("btc_holdings_incl_funds", "BTC", 0, ALL_BITCOIN, "a printed total that mixes coins and fund units"),
    Quantity("btc_holdings_pro_forma", "BTC", 0, ALL_BITCOIN, "coins of a merger that has not closed"),
    Quantity("btc_and_related_securities", A_CURRENCY, *MONEY_BOUNDS, "a value, not a number of coins"),
    Quantity("btc_acquired", "BTC", -ALL_BITCOIN, ALL_BITCOIN, "bought (negative: sold) in a period"),
    Quantity("btc_acquired_cost", A_CURRENCY, -1e15, 1e15, "paid for the bitcoin of a period, fees included"),
    Quantity("btc_acquired_average", A_CURRENCY, 0, 1e12, "average price of the bitcoin of a period, fees included"),
    Quantity("btc_mined", "BTC", 0, ALL_BITCOIN, "mined or earned in a period"),
    Quantity("btc_cost_basis", A_CURRENCY, *MONEY_BOUNDS, "aggregate purchase price of the holdings"),
    Quantity("btc_average_cost", A_CURRENCY, 0, 1e12, "average purchase price of the holdings"),
    Quantity("shares_basic", "shares", *SHARES_BOUNDS, "outstanding shares of every class with economic rights"),
    Quantity(
        "shares_listed_units",
        "shares",
        *SHARES_BOUNDS,
        "all shares counted in listed units, as ADS: meets the price as it is",
    ),
    Quantity(
        "shares_from_market_cap",
        "shares",
        *SHARES_BOUNDS,
        "a published market cap by that day's close, in listed units: where no count is known",
    ),
    Quantity("shares_class_a", "shares", *COUNT, "outstanding class A shares"),
    Quantity("shares_class_b", "shares", *COUNT, "outstanding class B shares"),
    Quantity("shares_issued", "shares", *COUNT, "issued shares, treasury shares included"),
    Quantity("shares_sold", "shares", *COUNT, "shares sold or otherwise issued in a period; moves the last count"),
    Quantity(
        "issuance_available",
        A_CURRENCY,
        *MONEY_BOUNDS,
        "what an at-the-market programme may still sell of the common, or of the instrument named",
    ),
    Quantity("shares_bought_back", "shares", *COUNT, "own shares bought back in a period; moves the last count"),
    Quantity("shares_weighted_average", "shares", *COUNT, "period average, never a count at a date"),
    Quantity("shares_weighted_average_basic", "shares", *COUNT, "period average, never a count at a date"),
    Quantity("shares_assumed_diluted", "shares", *SHARES_BOUNDS, "basic plus every conversion and award, gross"),
    Quantity("shares_underlying", "shares", *COUNT, "shares an instrument converts or exercises into"),
    Quantity(
        "exercise_price",
        A_CURRENCY,
        0,
        1e9,
        "price of a share at which an instrument converts or is exercised, as printed",
    ),
    Quantity("options_outstanding", "shares", *COUNT, "employee options, gross"),
    Quantity("rsu_unvested", "shares", *COUNT, "unvested restricted and performance stock units"),
    Quantity("debt_total", A_CURRENCY, *MONEY_BOUNDS, "principal of all borrowings"),
    Quantity("debt_carrying", A_CURRENCY, *MONEY_BOUNDS, "balance-sheet amount of borrowings"),
    Quantity("debt_drawn", A_CURRENCY, *MONEY_BOUNDS, "borrowed in a period, as an announcement tells it"),
    Quantity("debt_repaid", A_CURRENCY, *MONEY_BOUNDS, "repaid in a period, as an announcement tells it"),
    Quantity("principal", A_CURRENCY, *MONEY_BOUNDS, "principal of one instrument"),
    Quantity("preferred_total", A_CURRENCY, *MONEY_BOUNDS, "liquidation preference of all preferred stock"),
    Quantity(
        "preferred_carrying", A_CURRENCY, *MONEY_BOUNDS, "balance-sheet amount of preferred stock; never an input"
    ),
    Quantity("liquidation_preference", A_CURRENCY, *MONEY_BOUNDS, "liquidation preference of one series"),
    Quantity(
        "stated_amount",
        A_CURRENCY,
        0,
        1e6,
        "what one preferred share is owed: stated amount, or liquidation preference a share",
    ),
    Quantity("miner_purchase_liability", A_CURRENCY, *MONEY_BOUNDS, "payable in pledged coins"),
    Quantity("minority_interest", A_CURRENCY, *MONEY_BOUNDS, "others' part of consolidated subsidiaries; shown apart"),
    Quantity("other_assets", A_CURRENCY, -1e15, 1e15, "net assets besides bitcoin and cash, as reported; shown apart"),
    Quantity(
        "marketable_securities", A_CURRENCY, *MONEY_BOUNDS, "liquid securities besides cash, at market; shown apart"
    ),
    Quantity("cash", A_CURRENCY, *MONEY_BOUNDS, "unrestricted cash and equivalents"),
    Quantity("usd_reserve", A_CURRENCY, *MONEY_BOUNDS, "Strategy's USD Reserve"),
    Quantity("dividend_rate_pct", "percent", 0, 100, "annual dividend rate of a preferred series"),
    Quantity(
        "cash_used_in_published_ev", A_CURRENCY, *MONEY_BOUNDS, "cash the issuer's dashboard subtracted; never an input"
    ),
    Quantity(
        "share_price_published", A_CURRENCY, 0, 1e12, "the share price an issuer's page used that day; never an input"
    ),
    Quantity("market_cap_published", A_CURRENCY, *MONEY_BOUNDS, "as a publisher printed it; never an input"),
    Quantity("ev_published", A_CURRENCY, -1e15, 1e15, "as a publisher printed it; never an input"),
    Quantity("btc_yield_published_pct", "percent", -100, 1e6, "as the issuer printed it; never an input"),
    Quantity("btc_gain_published", "BTC", -ALL_BITCOIN, ALL_BITCOIN, "as the issuer printed it; never an input"),
    Quantity(
        "close", A_CURRENCY, LEAST_PRICE, 1e12, "price of one share or coin at the close; a price, stored in `price`"
    ),
    Quantity("volume", "shares", *COUNT, "shares or units traded in a session; stored with its close in `price`"),
    Quantity(
        "usd_per_unit",
        A_CURRENCY,
        LEAST_PRICE,
        100,
        "US dollars for one unit of a currency; a price, stored in `price`",
    ),
    Quantity("split", "ratio", 1e-4, 1e4, "new shares for one old share; stored in `split`"),
    Quantity("mnav_published", "ratio", 0, 1000, "as a publisher printed it; never an input"),
)
QUANTITIES = {quantity.id: quantity for quantity in _ALL}
# read from pages as any other, but stored in tables of their own: the kind of file that holds each
STORED_APART = {"close": "equity_price", "volume": "equity_price", "usd_per_unit": "fx_rate", "split": "split"}
# stated of one instrument, which must be known by then
OF_INSTRUMENT = frozenset(
    {
        "principal",
        "liquidation_preference",
        "stated_amount",
        "shares_underlying",
        "exercise_price",
        "options_outstanding",
        "rsu_unvested",
    }
)
PUBLISHED = frozenset(q for q in QUANTITIES if q.endswith(("_published", "_published_pct", "_published_ev")))
