"""What the report shows of mnav_daily, once: a column is added to table, chart, glossary and CSV by one entry here."""

from __future__ import annotations

from dataclasses import dataclass

from treasury.metrics.metric import METRICS, Input, Metric, formula
from treasury.metrics.over_time import OVER_TIME, OverTime
from treasury.metrics.row_wise import INPUTS


@dataclass(frozen=True, slots=True)
class Column:
    """A column of mnav_daily. `group` is the checkbox that shows or hides it; `history` puts it into the charts too."""

    name: str
    heading: str
    group: str
    history: bool = False

    @property
    def unit(self) -> str:
        """ "x", "%", "USD", "BTC", "sats", "shares", "days" or "price currency"."""
        return _defined(self.name).unit

    @property
    def meaning(self) -> str:
        return _defined(self.name).meaning

    @property
    def formula(self) -> str:
        """The arithmetic over other columns; empty for what is stored or runs over time."""
        return formula(METRICS[self.name]) if self.name in METRICS else ""


SIZE, MULTIPLES, PREMIUM, PER_SHARE, CLAIMS, AGES = (
    "Size",
    "Multiples",
    "Premium",
    "Per share",
    "Balance sheet",
    "Ages in days",
)
SHOWN_AT_FIRST = (SIZE, MULTIPLES, PREMIUM, AGES)

COLUMNS = (
    Column("price", "close", SIZE, history=True),
    Column("btc", "bitcoin", SIZE, history=True),
    Column("btc_nav", "BTC NAV", SIZE),
    Column("market_cap", "market cap", SIZE),
    Column("enterprise_value", "enterprise value", SIZE),
    Column("mnav_market_cap", "basic", MULTIPLES, history=True),
    Column("mnav_diluted", "diluted", MULTIPLES, history=True),
    Column("mnav_assumed_diluted", "assumed diluted", MULTIPLES, history=True),
    Column("mnav_ev", "EV", MULTIPLES, history=True),
    Column("mnav_ev_diluted", "EV diluted", MULTIPLES, history=True),
    Column("mnav_net", "net", MULTIPLES, history=True),
    Column("implied_premium_usd", "implied premium", PREMIUM, history=True),
    Column("implied_premium_pct", "implied premium", PREMIUM, history=True),
    Column("equity_premium_pct", "equity premium", PREMIUM),
    Column("sats_per_share", "sats/share", PER_SHARE, history=True),
    Column("sats_per_share_diluted", "sats/diluted share", PER_SHARE),
    Column("sats_per_share_assumed", "sats/assumed share", PER_SHARE),
    Column("btc_yield_qtd_pct", "BTC yield QTD", PER_SHARE),
    Column("btc_yield_ytd_pct", "BTC yield YTD", PER_SHARE),
    Column("btc_yield_1y_pct", "BTC yield 1y", PER_SHARE),
    Column("debt", "debt", CLAIMS),
    Column("preferred", "preferred", CLAIMS),
    Column("cash", "cash", CLAIMS),
    Column("net_reserve", "net reserve", CLAIMS),
    Column("leverage", "leverage", CLAIMS, history=True),
    Column("claims_ratio", "claims ratio", CLAIMS),
    Column("amplification", "amplification", CLAIMS),
    Column("cost_basis", "cost basis", CLAIMS),
    Column("unrealised_gain_usd", "unrealised gain", CLAIMS),
    Column("break_even_btc_price", "break-even BTC", CLAIMS),
    Column("btc_age_days", "holdings", AGES, history=True),
    Column("shares_age_days", "shares", AGES),
    Column("claims_age_days", "claims", AGES),
    Column("cost_age_days", "cost basis", AGES),
)
DEFINITIONS = tuple(column for column in COLUMNS if column.group == MULTIPLES)
HISTORY = tuple(column for column in COLUMNS if column.history)


def groups() -> dict[str, list[Column]]:
    """The columns by group, in order."""
    found: dict[str, list[Column]] = {}
    for column in COLUMNS:
        found.setdefault(column.group, []).append(column)
    return found


def _defined(name: str) -> Metric | OverTime | Input:
    """Where a column has its unit and meaning from."""
    return METRICS.get(name) or OVER_TIME.get(name) or INPUTS[name]
