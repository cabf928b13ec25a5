"""Every row-wise metric, once. Numbers in brackets are sections of docs/metrics.md, which names the sources of the formulas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from treasury.metrics.column import PER_SHARE_GROUP, PREMIUM_GROUP, SIZE_GROUP, DailyColumn
from treasury.metrics.metric import METRICS, metric

INPUTS = {
    column.name: column
    for column in (
        DailyColumn(
            "price", "price currency", "the share's close, unadjusted", "valuation", label="close", group=SIZE_GROUP
        ),
        DailyColumn(
            "fx", "USD", "US dollars for one unit of the price currency", "at_close", group=SIZE_GROUP, each=True
        ),
        DailyColumn(
            "btc_price",
            "USD",
            "bitcoin at the share's own close: the last price of that moment or before it (btc_price_at)",
            "at_close",
            label="bitcoin price",
            group=SIZE_GROUP,
            each=True,
        ),
        DailyColumn(
            "btc",
            "BTC",
            "bitcoin held on own account, pledged coins included",
            "state",
            label="bitcoin",
            group=SIZE_GROUP,
        ),
        DailyColumn(
            "shares_basic",
            "shares",
            "outstanding shares of every class with economic rights",
            "state",
            label="basic shares",
            group=PER_SHARE_GROUP,
        ),
        DailyColumn(
            "dilutive_shares",
            "shares",
            "in-the-money conversions, options and awards (gross where no strike is known)",
            "valuation",
            group=PER_SHARE_GROUP,
        ),
        DailyColumn(
            "shares_assumed_diluted",
            "shares",
            "basic plus every conversion and award, in the money or not, as the issuer counts",
            "state",
            label="assumed-diluted shares",
            group=PER_SHARE_GROUP,
        ),
        DailyColumn("debt", "USD", "principal of all borrowings", "valuation"),
        DailyColumn("preferred", "USD", "liquidation preference of all preferred stock", "valuation"),
        DailyColumn("cash", "USD", "last reported liquid balance", "valuation"),
        DailyColumn(
            "preferred_at_market",
            "USD",
            "all preferred stock, each series at its own close; one without a close counts at its preference (`reason` names it)",
            "valuation",
            label="preferred at market",
        ),
        DailyColumn(
            "debt_stated",
            "USD",
            "where no total of debt is known: what single borrowings are stated at",
            "valuation",
            label="debt stated of tranches",
        ),
        DailyColumn(
            "preferred_stated",
            "USD",
            "where no total of preferred stock is known: what single series are stated at",
            "valuation",
            label="preferred stated of series",
        ),
        DailyColumn(
            "debt_itm",
            "USD",
            "principal of convertibles in the money, which count as shares",
            "valuation",
            label="debt in the money",
        ),
        DailyColumn(
            "preferred_itm",
            "USD",
            "liquidation preference of convertible preferred in the money, which counts as shares",
            "valuation",
            label="preferred in the money",
        ),
        DailyColumn(
            "cost_basis",
            "USD",
            "aggregate purchase price of the bitcoin held, at the day's exchange rate",
            "valuation",
        ),
        DailyColumn(
            "cost_of_holdings",
            "USD",
            "the cost where it is that of the very coins held: of their day, or rolled forward to it coin by coin",
            "valuation",
        ),
    )
}

# why a guard failed, in the words of the column `reason`
GUARD_REASONS = {
    "btc_nav": "NAV_ZERO",
    "net_reserve": "NET_RESERVE_NONPOSITIVE",
    "equity_nav": "EQUITY_NAV_NONPOSITIVE",
    "net_claims": "NO_CLAIMS",
}
# a guard that fails wherever one of these does, which is said instead: equity NAV counts every convertible as debt
SAID_ALREADY = {"equity_nav": ("btc_nav", "net_reserve")}


def failed_guards(values: Mapping[str, float | None]) -> list[str]:
    """The reasons of the guards that fail for a row's values; the view says the same in SQL."""
    failed = [guard for guard in GUARD_REASONS if (value := values[guard]) is not None and value <= 0]
    return [GUARD_REASONS[guard] for guard in failed if not set(SAID_ALREADY.get(guard, ())) & set(failed)]


@metric(unit="USD", label="close in dollars", group=SIZE_GROUP, each=True)
def price_usd(price: Any, fx: Any) -> Any:
    """The share's close in US dollars."""
    return price * fx


@metric(unit="shares", label="diluted shares", group=PER_SHARE_GROUP)
def shares_diluted(shares_basic: Any, dilutive_shares: Any) -> Any:
    """Basic shares plus what is in the money, if-converted (6)."""
    return shares_basic + dilutive_shares


@metric(unit="USD", label="debt out of the money")
def debt_otm(debt: Any, debt_itm: Any) -> Any:
    """Debt without the convertibles that already count as shares."""
    return debt - debt_itm


@metric(unit="USD", label="preferred out of the money")
def preferred_otm(preferred: Any, preferred_itm: Any) -> Any:
    """Preferred stock without the convertible series that already count as shares."""
    return preferred - preferred_itm


@metric(unit="USD", group=SIZE_GROUP)
def market_cap(price_usd: Any, shares_basic: Any) -> Any:
    """Basic shares at the close."""
    return price_usd * shares_basic


@metric(unit="USD", label="diluted market cap", group=SIZE_GROUP)
def market_cap_diluted(price_usd: Any, shares_diluted: Any) -> Any:
    """Diluted shares at the close."""
    return price_usd * shares_diluted


@metric(unit="USD")
def net_claims(debt: Any, preferred: Any, cash: Any) -> Any:
    """Debt and preferred stock less cash."""
    return debt + preferred - cash


@metric(unit="USD", group=SIZE_GROUP)
def enterprise_value(market_cap: Any, debt: Any, preferred: Any, cash: Any) -> Any:
    """Market cap plus debt and preferred stock, less cash (1.2)."""
    return market_cap + debt + preferred - cash


@metric(unit="USD", label="BTC NAV", group=SIZE_GROUP)
def btc_nav(btc: Any, btc_price: Any) -> Any:
    """The bitcoin held at the bitcoin price; gross, nothing deducted (1.1)."""
    return btc * btc_price


@metric(unit="USD")
def net_reserve(btc_nav: Any, debt_otm: Any, preferred_otm: Any, cash: Any) -> Any:
    """Bitcoin less the claims that are not shares, plus cash: what is left for the common (1.2)."""
    return btc_nav - debt_otm - preferred_otm + cash


@metric(unit="x", positive=("btc_nav",), label="basic mNAV")
def mnav_market_cap(market_cap: Any, btc_nav: Any) -> Any:
    """Basic market cap per dollar of bitcoin; the original mNAV, Strategy's own to early 2025."""
    return market_cap / btc_nav


@metric(unit="x", positive=("btc_nav",), label="diluted mNAV")
def mnav_diluted(market_cap_diluted: Any, btc_nav: Any) -> Any:
    """Diluted market cap per dollar of bitcoin."""
    return market_cap_diluted / btc_nav


@metric(unit="x", positive=("btc_nav",), label="assumed-diluted mNAV")
def mnav_assumed_diluted(price_usd: Any, shares_assumed_diluted: Any, btc_nav: Any) -> Any:
    """Assumed-diluted market cap per dollar of bitcoin: every conversion counted, in the money or not."""
    return price_usd * shares_assumed_diluted / btc_nav


@metric(unit="x", positive=("btc_nav",), label="EV mNAV")
def mnav_ev(enterprise_value: Any, btc_nav: Any) -> Any:
    """Enterprise value per dollar of bitcoin; the definition Strategy published from 2025 to mid-2026."""
    return enterprise_value / btc_nav


@metric(unit="x", positive=("btc_nav",), label="diluted EV mNAV")
def mnav_ev_diluted(market_cap_diluted: Any, debt_otm: Any, preferred_otm: Any, cash: Any, btc_nav: Any) -> Any:
    """Enterprise value with in-the-money convertibles as shares instead of debt, per dollar of bitcoin."""
    return (market_cap_diluted + debt_otm + preferred_otm - cash) / btc_nav


@metric(unit="x", positive=("net_reserve",), label="net mNAV")
def mnav_net(market_cap_diluted: Any, net_reserve: Any) -> Any:
    """Diluted market cap per dollar of net reserve; Strategy's own definition since mid-2026."""
    return market_cap_diluted / net_reserve


@metric(unit="USD", label="implied premium", group=PREMIUM_GROUP)
def implied_premium_usd(enterprise_value: Any, btc_nav: Any) -> Any:
    """Enterprise value less bitcoin: the dollars the short-premium trade is about. Signed."""
    return enterprise_value - btc_nav


@metric(unit="%", positive=("btc_nav",), label="implied premium")
def implied_premium_pct(implied_premium_usd: Any, btc_nav: Any) -> Any:
    """Implied premium in per cent of the bitcoin held: an mnav_ev of 1.23 is 23 %."""
    return implied_premium_usd / btc_nav * 100


@metric(unit="%", positive=("net_reserve",), label="equity premium")
def equity_premium_pct(market_cap_diluted: Any, net_reserve: Any) -> Any:
    """Premium of the diluted market cap to the net reserve (NYDIG's equity premium to NAV, 4)."""
    return market_cap_diluted / net_reserve * 100 - 100


@metric(unit="sats", positive=("shares_basic",), label="sats/share")
def sats_per_share(btc: Any, shares_basic: Any) -> Any:
    """Satoshis per basic share, on the day's own share basis."""
    return btc / shares_basic * 1e8


@metric(unit="sats", positive=("shares_diluted",), label="sats/diluted share")
def sats_per_share_diluted(btc: Any, shares_diluted: Any) -> Any:
    """Satoshis per diluted share, on the day's own share basis."""
    return btc / shares_diluted * 1e8


@metric(unit="sats", positive=("shares_assumed_diluted",), label="sats/assumed share")
def sats_per_share_assumed(btc: Any, shares_assumed_diluted: Any) -> Any:
    """Satoshis per assumed-diluted share, the base of Strategy's BTC Yield."""
    return btc / shares_assumed_diluted * 1e8


@metric(unit="x", positive=("btc_nav",))
def leverage(debt: Any, btc_nav: Any) -> Any:
    """Debt per dollar of bitcoin."""
    return debt / btc_nav


@metric(unit="x", positive=("btc_nav",))
def claims_ratio(debt: Any, preferred: Any, btc_nav: Any) -> Any:
    """Debt and preferred stock per dollar of bitcoin."""
    return (debt + preferred) / btc_nav


@metric(unit="x", positive=("net_reserve",))
def amplification(btc_nav: Any, net_reserve: Any) -> Any:
    """Bitcoin per dollar of net reserve (Strategy's Amplification as a multiple, August 2026)."""
    return btc_nav / net_reserve


@metric(unit="x", positive=("btc_nav",), label="loan to value")
def loan_to_value(debt: Any, cash: Any, btc_nav: Any) -> Any:
    """Debt less cash per dollar of bitcoin (Strategy's Loan to Value, December 2025; 1.5)."""
    return (debt - cash) / btc_nav


@metric(unit="USD", label="equity NAV")
def equity_nav(btc_nav: Any, net_claims: Any) -> Any:
    """Bitcoin less debt and preferred stock, plus cash; every convertible is debt, in the money or not."""
    return btc_nav - net_claims


@metric(unit="x", positive=("equity_nav",), label="claims-adjusted mNAV")
def mnav_claims_adjusted(market_cap: Any, equity_nav: Any) -> Any:
    """Basic market cap per dollar of equity NAV (CEBE's net mNAV; Strive's multiple to net tangible asset value)."""
    return market_cap / equity_nav


@metric(unit="x", positive=("market_cap",))
def equity_rating(equity_nav: Any, market_cap: Any) -> Any:
    """Equity NAV per dollar of market cap (Strategy's BTC Rating of the common, January 2026; one over the multiple above)."""
    return equity_nav / market_cap


@metric(unit="USD", positive=("shares_diluted",), label="net BTC per share", group=PER_SHARE_GROUP, each=True)
def net_btc_per_share(net_reserve: Any, shares_diluted: Any) -> Any:
    """Net reserve per diluted share: Strategy's net BTC per share of 2026, the denominator of its mNAV."""
    return net_reserve / shares_diluted


@metric(unit="sats", positive=("btc_price", "shares_basic"), label="sats/share after claims")
def sats_per_share_claims_adjusted(btc: Any, debt: Any, preferred: Any, btc_price: Any, shares_basic: Any) -> Any:
    """Satoshis per basic share once debt and preferred stock are paid in bitcoin at the day's price (CEBE, 5). Signed."""
    return (btc - (debt + preferred) / btc_price) / shares_basic * 1e8


@metric(unit="USD", positive=("btc",), label="implied BTC price", group=PREMIUM_GROUP, each=True)
def implied_btc_price(enterprise_value: Any, btc: Any) -> Any:
    """The bitcoin price at which enterprise value and bitcoin are equal: what the share price pays for a coin (7.5)."""
    return enterprise_value / btc


@metric(unit="USD", label="unrealised gain")
def unrealised_gain_usd(btc_nav: Any, cost_of_holdings: Any) -> Any:
    """Bitcoin at market less what was paid for these coins."""
    return btc_nav - cost_of_holdings


@metric(unit="USD", positive=("btc", "net_claims"), label="break-even BTC", each=True)
def break_even_btc_price(net_claims: Any, btc: Any) -> Any:
    """The bitcoin price at which the bitcoin just covers debt and preferred stock less cash (7.8)."""
    return net_claims / btc


@metric(unit="USD", label="enterprise value, preferred at market", group=SIZE_GROUP)
def enterprise_value_at_market(market_cap: Any, debt: Any, preferred_at_market: Any, cash: Any) -> Any:
    """Enterprise value with preferred stock at what it trades for instead of what it is owed (12)."""
    return market_cap + debt + preferred_at_market - cash


@metric(unit="x", positive=("btc_nav",), label="EV mNAV at market")
def mnav_ev_at_market(enterprise_value_at_market: Any, btc_nav: Any) -> Any:
    """Enterprise value with preferred stock at market per dollar of bitcoin (12)."""
    return enterprise_value_at_market / btc_nav


@metric(unit="USD", label="implied premium, preferred at market", group=PREMIUM_GROUP)
def implied_premium_at_market_usd(enterprise_value_at_market: Any, btc_nav: Any) -> Any:
    """What the market pays for all claims and shares together less the bitcoin: signed (12)."""
    return enterprise_value_at_market - btc_nav


__all__ = ["GUARD_REASONS", "INPUTS", "METRICS"]
