"""Every column of `mnav_daily`, in the promised order: the one list that view, history, export, report and charts read.

A row-wise metric is a column because it is defined in `row_wise`, and needs no entry here. A stored column is one entry of
`_STORED`. What is new comes after everything promised; the promise is extended when a version is released.
"""

from __future__ import annotations

from treasury.metrics.claim_range import RANGE
from treasury.metrics.column import DailyColumn
from treasury.metrics.definition_range import ACROSS
from treasury.metrics.metric import METRICS, formula
from treasury.metrics.over_time import OVER_TIME
from treasury.metrics.row_wise import INPUTS

# columns are appended at the end, none is renamed, moved or dropped
PROMISED = (
    "ticker", "date", "price", "price_currency", "price_usd", "btc_price", "btc_fixing", "btc", "shares_basic",
    "shares_diluted", "shares_assumed_diluted", "debt", "preferred", "cash", "debt_otm", "preferred_otm", "market_cap",
    "market_cap_diluted", "enterprise_value", "btc_nav", "net_reserve", "mnav_market_cap", "mnav_diluted",
    "mnav_assumed_diluted", "mnav_ev", "mnav_ev_diluted", "mnav_net", "implied_premium_usd", "implied_premium_pct",
    "equity_premium_pct", "sats_per_share", "sats_per_share_diluted", "sats_per_share_assumed", "leverage", "claims_ratio",
    "amplification", "btc_yield_ytd_pct", "btc_yield_qtd_pct", "btc_yield_1y_pct", "cost_basis", "unrealised_gain_usd",
    "break_even_btc_price", "btc_age_days", "shares_age_days", "claims_age_days", "known_assumed", "missing", "reason",
    "fx", "split_factor", "mnav_low", "mnav_high", "issuing_zone", "definition_version", "sats_per_share_claims_adjusted",
    "mnav_ev_low", "mnav_ev_high", "mnav_ev_doubt", "cost_age_days",
    "net_claims", "loan_to_value", "equity_nav", "mnav_claims_adjusted", "equity_rating", "net_btc_per_share",
    "implied_btc_price", "dilutive_shares", "cost_of_holdings", "award_age_days", "btc_price_at",
)  # fmt: skip

# what a row says besides amounts and metrics; `stored` in the table named, else written by the view
_STORED = (
    DailyColumn(
        "ticker",
        "text",
        "the company's canonical symbol; outside the United States with its exchange's ending, as 1234.T",
    ),
    DailyColumn("date", "day", "session day of the share's exchange, or the day a price or change belongs to"),
    DailyColumn("price_currency", "text", "ISO code of the currency of the price"),
    DailyColumn(
        "btc_fixing",
        "text",
        "which bitcoin price was used, by place and local time: nyse is 16:00 New York, nyse_1300 a half day; utc the close of a UTC day",
        "at_close",
    ),
    DailyColumn(
        "known_assumed", "flag", "1 where the moment of publication is an assumption by kind of document", "state"
    ),
    DailyColumn("missing", "text", "quantities that were not known"),
    DailyColumn("reason", "text", "why something cannot be computed, or is kept out"),
    DailyColumn("btc_price_at", "moment", "the moment (UTC) the bitcoin price is of: never after the share's close"),
    DailyColumn(
        "volume",
        "shares",
        "what was traded that session, in the listed units of that day; where the source of the close said so",
    ),
    DailyColumn("split_factor", "ratio", "new shares for one share of the first basis", group="Per share", each=True),
)

# 0 also where no claim is known, so they are no columns: what counts as shares is `debt` less `debt_otm`
_ASIDE = ("debt_itm", "preferred_itm")

_METRICS = (
    DailyColumn(one.name, one.unit, one.meaning, "", formula(one), one.label, one.group, one.each)
    for one in METRICS.values()
)
_DEFINED = {
    one.name: one
    for one in (*INPUTS.values(), *_METRICS, *OVER_TIME.values(), *ACROSS.values(), *RANGE.values(), *_STORED)
    if one.name not in _ASIDE
}

DAILY: dict[str, DailyColumn] = {
    name: _DEFINED[name] for name in (*PROMISED, *(name for name in _DEFINED if name not in PROMISED))
}


def metric_rows() -> list[DailyColumn]:
    """The metrics as the README lists them: row by row, over time, over the definitions, over the claims."""
    return [DAILY[name] for name in (*METRICS, *OVER_TIME, *ACROSS, *RANGE)]


def readme_table() -> str:
    """The README's table of metrics, in Markdown."""
    lines = ["| column | unit | formula | what it says |", "|---|---|---|---|"]
    for metric_row in metric_rows():
        shown = f"`{metric_row.formula}`" if metric_row.name in METRICS else metric_row.formula
        lines.append(f"| `{metric_row.name}` | {metric_row.unit} | {shown} | {metric_row.meaning} |")
    return "\n".join(lines)
