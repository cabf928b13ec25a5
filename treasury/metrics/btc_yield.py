"""BTC Yield, BTC Gain and BTC $ Gain over a period, by both quarterly conventions, and the yardsticks made from a yield.

Formulas: docs/metrics.md 1.4, 7.3 and 7.4. Yields are fractions here (0.23 is 23 %); frames carry per cent in `*_pct`.
"""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING, Literal

from treasury.metrics.over_time import BASE_WITHIN, btc_yields
from treasury.unknown import Answer

if TYPE_CHECKING:
    import pandas as pd

Convention = Literal["compound", "additive_ytd"]
TINY_BASE = 0.01  # a yield on less than this part of today's bitcoin says little


def is_tiny_base(btc_start: float, btc_now: float) -> bool:
    """Whether a yield is arithmetically right and says nothing: it started from under 1 % of today's bitcoin."""
    return btc_start < TINY_BASE * btc_now


def quarterly_gains(daily: pd.DataFrame, convention: Convention) -> pd.DataFrame:
    """Yield and gain of each calendar quarter, as far as `daily` goes, indexed by quarter ("2026Q1").

    `daily` has a sorted DatetimeIndex and the columns `btc`, `btc_price`, `sats_per_share_assumed` and `split_factor`.
    "compound": Qn = b(n) ÷ b(n−1) − 1. "additive_ytd" (Strategy since 2026): Qn = [b(n) − b(n−1)] ÷ b(0), with b(0) of the
    start of the year, so that the quarters add to the year to date. Under both a gain is the yield × the bitcoin at the start
    of the quarter, `base_btc`: additive yields sum to the year's, their gains do not. NaN where an end is unknown.
    """
    import numpy as np
    import pandas as pd

    closing = _period_ends(daily, "Q")
    opening = _opening(closing)
    before = opening["bps"]
    if convention == "compound":
        return _gained(
            closing["btc_yield_qtd_pct"].where(before > 0) / 100, opening["btc"], closing["btc_price"], before
        )
    of_year = {str(period)[:4]: value for period, value in before.items() if str(period).endswith("Q1")}
    base = pd.Series([of_year.get(str(period)[:4], np.nan) for period in closing.index], closing.index)
    return _gained((closing["bps"] - before) / base.where(base > 0), opening["btc"], closing["btc_price"], base)


def yearly_gains(daily: pd.DataFrame) -> pd.DataFrame:
    """Yield and gain of each calendar year, the last one to date; columns as of `quarterly_gains`."""
    closing = _period_ends(daily, "Y")
    opening = _opening(closing)
    base = opening["bps"].where(opening["bps"] > 0)
    return _gained(closing["btc_yield_ytd_pct"].where(base.notna()) / 100, opening["btc"], closing["btc_price"], base)


def to_date(daily: pd.DataFrame) -> dict[str, float | None]:
    """Yields and gains of the year and quarter of the last row, with their bases; columns as of `quarterly_gains`.

    Yields by year and over a year are those of `treasury.metrics.over_time.btc_yields`.
    """
    import pandas as pd

    if daily.empty:
        return {}
    last = btc_yields(daily).iloc[-1]
    year = yearly_gains(daily).iloc[-1]
    compound, additive = (quarterly_gains(daily, how).iloc[-1] for how in ("compound", "additive_ytd"))
    found = {
        **{name: last[name] for name in ("btc_yield_ytd_pct", "btc_yield_1y_pct")},
        "btc_gain_ytd": year["btc_gain"],
        "btc_gain_usd_ytd": year["btc_gain_usd"],
        "base_btc_ytd": year["base_btc"],
        "base_btc_qtd": compound["base_btc"],
        "btc_yield_qtd_compound_pct": compound["btc_yield_pct"],
        "btc_yield_qtd_additive_pct": additive["btc_yield_pct"],
        "btc_gain_qtd_compound": compound["btc_gain"],
        "btc_gain_qtd_additive": additive["btc_gain"],
    }
    return {name: None if pd.isna(value) else float(value) for name, value in found.items()}


def _period_ends(daily: pd.DataFrame, length: str) -> pd.DataFrame:
    import pandas as pd

    sats = daily["sats_per_share_assumed"].astype(float) * daily["split_factor"]
    ends = pd.DataFrame({"bps": sats, "btc": daily["btc"], "btc_price": daily["btc_price"]}, index=daily.index).join(
        btc_yields(daily)
    )
    day = pd.DatetimeIndex(ends.index)
    last = ends.assign(day=day).groupby(day.to_period(length)).tail(1)
    return last.set_index(pd.DatetimeIndex(last.index).to_period(length))


def _opening(closing: pd.DataFrame) -> pd.DataFrame:
    """The bitcoin and satoshis each period opened with: of the last row before it, at most ten days before it."""
    import pandas as pd

    periods = pd.PeriodIndex(closing.index)
    opening = closing.shift(1)
    return opening.where(pd.Series(opening["day"] >= periods.to_timestamp() - BASE_WITHIN, closing.index), axis=0)


def _gained(growth: pd.Series, base_btc: pd.Series, btc_price: pd.Series, base_bps: pd.Series) -> pd.DataFrame:
    import pandas as pd

    gain = base_btc * growth
    return pd.DataFrame(
        {
            "base_btc": base_btc,
            "base_sats_per_share": base_bps,
            "btc_yield_pct": growth * 100,
            "btc_gain": gain,
            "btc_gain_usd": gain * btc_price,
        }
    )


# -- yardsticks ----------------------------------------------------------------------------------------------------


def months_to_cover(mnav: float, growth: float, period_months: float) -> Answer:
    """Months until bitcoin per share has grown by the multiple, at the yield of a period: T · ln(m) ÷ ln(1 + y) (Back).

    0 at or below 1.0x. NEVER where bitcoin per share does not grow. Circular: the yield depends on the multiple.
    """
    if mnav <= 1:
        return Answer(0.0)
    return Answer(None, "NEVER") if growth <= 0 else Answer(period_months * log(mnav) / log(1 + growth))


def p_byd(mnav: float, growth: float, periods_per_year: float) -> Answer:
    """Price to bitcoin yield in years: ln(m) ÷ (n · ln(1 + y)), n periods of the yield a year (Myers). As `months_to_cover`."""
    months = months_to_cover(mnav, growth, 12 / periods_per_year)
    return months if months.value is None else Answer(months.value / 12)
