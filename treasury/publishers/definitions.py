"""The definitions in use, every one once, by publisher and with the period in which it held. Sources: docs/metrics.md, in brackets its section.

A row of a multiple says by which metric (which settles share count, claims and cash), on bitcoin of which fixing and on whose
inputs; `mnav definitions`, `mnav bridge` and the view's `definition_version` read it. Where a change of definition has no
published day, `since` and `until` are the first and the last day it was seen in use, and the note says so. What a definition
needs and no fact gives is unknown with a reason; it is never put in by estimate.
"""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

from treasury.claims.credit import DRIFT, VOLATILITY_2025, VOLATILITY_2026
from treasury.publishers import figures
from treasury.publishers.definition import (
    STRATEGY,
    UTC,
    Definition,
    Multiple,
    formula_of,
    of_metric,
    without_fact,
    without_formula,
)
from treasury.publishers.issuers import issuer_of

EV_SINCE = date(2024, 12, 31)  # first day of the issuer's own daily EV multiple
EV_UNTIL = date(2026, 6, 29)  # its last day
NET_SINCE = date(2026, 6, 30)
Y2026 = date(2026, 1, 1)

_strategy = partial(
    Definition,
    publisher="Strategy",
    issuer=issuer_of("Strategy"),
    prefixes=("strategy-", "sec-", "public-course-quoting-strategy"),
)
_metaplanet = partial(
    Definition, publisher="Metaplanet", issuer=issuer_of("Metaplanet"), prefixes=("metaplanet", "tdnet")
)
_strive = partial(Definition, publisher="Strive", issuer=issuer_of("Strive"), prefixes=("strive",))
_bitcointreasuries = partial(
    Definition, publisher="BitcoinTreasuries.net", unit="x", source="5", prefixes=("bitcointreasuries",)
)
_defillama = partial(Definition, publisher="DefiLlama", unit="x", source="5", prefixes=("defillama",))
_cebe = partial(Definition, publisher="CEBE", source="5", prefixes=("cebe",))
_NO_DAY = "no day of the change was published"
_PRINTED_FROM = "period: first seen"
_NETTED = "2026-06-25 published net of cash"
_RISK = "N((ln(1/R) - ({drift:.2f} - s^2/2) T) / (s sqrt(T))), s = {volatility:.2f}"


def _shown(metric: str, times: float = 1.0) -> dict[str, Any]:
    """How a metric of ours, or a formula of publishers, is shown by a publisher: its value and its arithmetic."""
    return {"compute": of_metric(metric, times), "wording": formula_of(metric, "" if times == 1 else f" * {times:g}")}


def _risk(volatility: float) -> dict[str, Any]:
    return {
        "compute": partial(figures.risk, volatility=volatility),
        "wording": _RISK.format(drift=DRIFT, volatility=volatility),
    }


def _credit(volatility: float) -> dict[str, Any]:
    return {"compute": partial(figures.risk, volatility=volatility, credit=True), "wording": "-ln(1 - BTC Risk) / T"}


def _page(metric: str) -> Multiple:
    """On the inputs of the issuer's own page, bitcoin as that page priced it."""
    return Multiple(metric, STRATEGY, page=True)


DEFINITIONS: tuple[Definition, ...] = (
    _strategy(id="strategy-basic-2020", name="mNAV", unit="x", source="1.2", multiple=_page("mnav_market_cap"), until=date(2024, 12, 30),
              own_mnav=True, note=_NO_DAY),
    _strategy(id="strategy-ev-2025", name="mNAV", unit="x", source="1.2", multiple=_page("mnav_ev"), since=EV_SINCE, until=EV_UNTIL,
              own_mnav=True, note="first and last day of its published daily series; every input as its page showed it"),
    _strategy(id="strategy-net-2026", name="mNAV", unit="x", source="1.2", multiple=Multiple("mnav_net"), since=NET_SINCE, own_mnav=True,
              note=_NO_DAY),
    _strategy(id="strategy-net-btc-per-share-2026", name="Net BTC per share", unit="USD", source="1.2", **_shown("net_btc_per_share"),
              since=NET_SINCE),
    _strategy(id="strategy-btc-yield-ytd", name="BTC Yield, year to date", unit="%", source="1.4", compute=of_metric("btc_yield_ytd_pct"),
              wording="sats_per_share_assumed / the same at the last close of the year before - 1"),
    _strategy(id="strategy-btc-yield-quarter-compound", name="BTC Yield, quarter to date", unit="%", source="1.4",
              compute=of_metric("btc_yield_qtd_compound_pct"), until=date(2025, 12, 31),
              wording="sats_per_share_assumed / the same at the last close of the quarter before - 1"),
    _strategy(id="strategy-btc-yield-quarter-additive-2026", name="BTC Yield, quarter to date", unit="%", source="1.4",
              compute=of_metric("btc_yield_qtd_additive_pct"), since=Y2026, note="quarters add up to the year to date",
              wording="growth of sats_per_share_assumed in the quarter / the same at the last close of the year before"),
    _strategy(id="strategy-btc-gain-ytd", name="BTC Gain, year to date", unit="BTC", source="1.4",
              compute=figures.gain("btc_gain_ytd", "base_btc_ytd"), wording="bitcoin at the start of the year * BTC Yield"),
    _strategy(id="strategy-btc-gain-quarter-compound", name="BTC Gain, quarter to date", unit="BTC", source="1.4",
              compute=figures.gain("btc_gain_qtd_compound", "base_btc_qtd"), until=date(2025, 12, 31),
              wording="bitcoin at the start of the quarter * BTC Yield (compound)"),
    _strategy(id="strategy-btc-gain-quarter-additive-2026", name="BTC Gain, quarter to date", unit="BTC", source="1.4",
              compute=figures.gain("btc_gain_qtd_additive", "base_btc_qtd"), since=Y2026,
              wording="bitcoin at the start of the quarter * BTC Yield (additive)", note="quarters do not add up to the year's gain"),
    _strategy(id="strategy-btc-dollar-gain-ytd", name="BTC $ Gain, year to date", unit="USD", source="1.4",
              compute=figures.gain("btc_gain_usd_ytd", "base_btc_ytd"), wording="BTC Gain * btc_price",
              note="no gain on the books: see unrealised_gain_usd"),
    _strategy(id="strategy-ltv-2025", name="Loan to Value", unit="x", source="1.5", **_shown("loan_to_value"), since=date(2025, 12, 1),
              until=date(2026, 3, 31), note=_PRINTED_FROM),
    _strategy(id="strategy-leverage", name="Leverage", unit="x", source="1.5", **_shown("leverage"), until=date(2026, 3, 31), note=_NO_DAY),
    _strategy(id="strategy-amplification-2026-04", name="Amplification", unit="%", source="1.5", **_shown("claims_ratio", 100),
              since=date(2026, 4, 1), until=date(2026, 8, 9), note=_PRINTED_FROM),
    _strategy(id="strategy-amplification-2026-08", name="Amplification", unit="x", source="1.5", **_shown("amplification"),
              since=date(2026, 8, 10), note=_PRINTED_FROM),
    _strategy(id="strategy-rating-2025", name="BTC Rating of all claims", unit="x", source="1.6", compute=partial(figures.rating, net_cash=False),
              wording="btc_nav / (debt + preferred)", since=date(2025, 11, 25), until=date(2026, 7, 31),
              note="each layer's: mnav capital; net_cash = no"),
    _strategy(id="strategy-rating-2026", name="BTC Rating of all claims", unit="x", source="1.6", compute=partial(figures.rating, net_cash=True),
              wording="btc_nav / (debt + preferred - cash)", since=date(2026, 8, 1), note="net_cash = yes; " + _PRINTED_FROM),
    _strategy(id="strategy-rating-common-2026-01", name="BTC Rating of the common", unit="x", source="1.6", **_shown("equity_rating"),
              since=Y2026, note="one over a multiple: no signal of its own"),
    _strategy(id="strategy-floor-price", name="BTC Floor Price of all claims", unit="USD", source="1.6", compute=figures.floor_price,
              wording="(debt + preferred) / btc", since=date(2025, 11, 25)),
    _strategy(id="strategy-risk-2025", name="BTC Risk", unit="%", source="1.6", **_risk(VOLATILITY_2025), since=date(2025, 12, 1),
              until=date(2026, 7, 31)),
    _strategy(id="strategy-risk-2026", name="BTC Risk", unit="%", source="1.6", **_risk(VOLATILITY_2026), since=date(2026, 8, 1)),
    _strategy(id="strategy-credit-2025", name="BTC Credit", unit="bp", source="1.6", **_credit(VOLATILITY_2025), since=date(2025, 12, 1),
              until=date(2026, 7, 31)),
    _strategy(id="strategy-credit-2026", name="BTC Credit", unit="bp", source="1.6", **_credit(VOLATILITY_2026), since=date(2026, 8, 1)),
    _strategy(id="strategy-months-of-coverage", name="Months of coverage", unit="months", source="1.7", compute=figures.coverage,
              wording="12 * USD Reserve / (interest + preferred dividends of a year)", since=date(2025, 12, 1), note="the issuer truncates"),
    _strategy(id="strategy-usd-duration", name="USD Duration", unit="years", source="1.7", compute=figures.usd_duration,
              wording="cash / (interest + preferred dividends)", since=date(2026, 8, 1), note=_PRINTED_FROM),
    _strategy(id="strategy-btc-duration", name="BTC Duration", unit="years", source="1.7", compute=figures.btc_duration,
              wording="btc_nav / (interest + preferred dividends)", since=date(2025, 11, 25), note="BTC years of dividends"),
    _strategy(id="strategy-breakeven-arr", name="BTC Breakeven ARR", unit="%", source="1.7", compute=figures.breakeven,
              wording="(interest + preferred dividends) / btc_nav * 100", since=date(2025, 11, 25)),
    _strategy(id="strategy-hurdle-arr", name="BTC Hurdle ARR", unit="%", source="1.7", compute=without_formula, wording="unpublished",
              since=date(2026, 8, 1)),
    _strategy(id="strategy-floor-arr", name="BTC Floor ARR", unit="%", source="1.7", compute=without_formula, wording="unpublished",
              since=date(2026, 8, 1)),
    _metaplanet(id="metaplanet-ev", name="mNAV", unit="x", source="2", multiple=Multiple("mnav_ev"), own_mnav=True,
                note="on issued shares; the company prices bitcoin in yen"),
    _metaplanet(id="metaplanet-btc-yield", name="BTC Yield, year to date", unit="%", source="2", since=date(2024, 10, 25),
                compute=of_metric("btc_yield_ytd_pct"), note="warrants that were not exercised stay out: narrower than Strategy's",
                wording="bitcoin per fully diluted share / the same at the last close of the year before - 1"),
    _metaplanet(id="metaplanet-btc-gain", name="BTC Gain, year to date", unit="BTC", source="2", since=date(2025, 2, 26),
                compute=figures.gain("btc_gain_ytd", "base_btc_ytd"), wording="bitcoin at the start of the year * BTC Yield"),
    _metaplanet(id="metaplanet-btc-yen-gain", name="BTC ¥ Gain, year to date", unit="JPY", source="2", since=date(2025, 2, 26),
                compute=figures.in_yen, wording="BTC Gain * btc_price / fx"),
    _strive(id="strive-ntav-multiple", name="Multiple to NTAV", unit="x", source="5", multiple=Multiple("mnav_claims_adjusted"),
            note="without marketable securities: no fact on them; shares without warrants"),
    _strive(id="strive-accretion-premium", name="Common Equity Accretion Premium", unit="%", source="5", compute=figures.accretion_premium,
            wording="max(0, mnav_market_cap - 1) * 100", note="clipped at nought by the issuer"),
    _strive(id="strive-ev-tav", name="EV/TAV", unit="x", source="5", multiple=Multiple("mnav_ev_tav")),
    _strive(id="strive-amplification", name="Amplification Ratio", unit="%", source="5", **_shown("claims_ratio", 100)),
    Definition("nydig-equity-premium", "NYDIG", "Equity premium to full NAV", "%", "4", Multiple("mnav_full_nav", premium=True),
               since=date(2025, 6, 6), prefixes=("nydig",)),
    _bitcointreasuries(id="bitcointreasuries-ev", name="EV mNAV (its default)", multiple=Multiple("mnav_ev", UTC)),
    _bitcointreasuries(id="bitcointreasuries-basic", name="basic mNAV", multiple=Multiple("mnav_market_cap", UTC)),
    _bitcointreasuries(id="bitcointreasuries-diluted", name="diluted mNAV", multiple=Multiple("mnav_assumed_diluted", UTC),
                       note="published over its basic one 1.1145 on 2025-11-30: the assumed-diluted count"),
    Definition("bitbo-premium-diluted", "bitbo", "NAV premium, diluted", "x", "5", Multiple("mnav_assumed_diluted", UTC), prefixes=("bitbo",),
               note="a multiple, despite its name"),
    _defillama(id="defillama-realized", name="realized mNAV", multiple=Multiple("mnav_market_cap", UTC),
               note="bitcoin only: other coins of its treasury value are not facts here"),
    _defillama(id="defillama-realistic", name="realistic mNAV", compute=without_fact("GAAP_DILUTED_COUNT"), is_multiple=True,
               wording="price_usd * (realized + unavoidable dilution by GAAP) / btc_nav", note="a period average, never a count at a date"),
    _defillama(id="defillama-maximum", name="maximum mNAV", multiple=Multiple("mnav_assumed_diluted", UTC),
               note="bitcoin only; every fixed-count instrument, gross"),
    Definition("strategytracker-ev", "StrategyTracker", "mNAV", "x", "5", Multiple("mnav_ev", UTC), prefixes=("strategytracker",), note="basic shares"),
    Definition("vaneck-premium", "VanEck", "Premium to bitcoin and core business", "%", "5", compute=without_fact("CORE_BUSINESS_VALUE"),
               wording="market_cap / (btc_nav + core business) * 100 - 100"),
    _cebe(id="cebe-sats-per-share", name="satoshis per share after claims, net of cash", unit="sats", **_shown("sats_per_share_net_of_cash"), note=_NETTED),
    _cebe(id="cebe-sats-per-share-gross", name="satoshis per share after claims, cash left out", unit="sats",
          **_shown("sats_per_share_claims_adjusted")),
    _cebe(id="cebe-drag", name="drag, net of cash", unit="%", **_shown("net_claims_ratio", 100)),
    _cebe(id="cebe-drag-gross", name="drag, cash left out", unit="%", **_shown("claims_ratio", 100)),
    _cebe(id="cebe-net-mnav", name="net mNAV", unit="x", multiple=Multiple("mnav_claims_adjusted"), note="net of cash"),
    _cebe(id="cebe-amplification", name="amplification, net of cash", unit="x", **_shown("sats_amplification")),
    _cebe(id="cebe-amplification-gross", name="amplification, cash left out", unit="x", **_shown("sats_amplification_gross")),
    Definition("back-months-to-cover", "Back", "months to cover", "months", "7.3", compute=partial(figures.cover_time, years=False),
               wording="12 * ln(mnav_ev) / ln(1 + btc_yield_1y)", note="by EV multiple and yield of a year; circular: the yield depends on the multiple"),
    Definition("myers-p-byd", "Myers", "P/BYD", "years", "7.4", compute=partial(figures.cover_time, years=True),
               wording="ln(mnav_ev) / ln(1 + btc_yield_1y)", since=date(2025, 7, 16), note="by EV multiple and yield of a year"),
    Definition("mnav-ev-at-market", "mnav", "EV mNAV, preferred stock at market", "x", "12", Multiple("mnav_ev_at_market"),
               note="what all claims trade for; a series without a close at its liquidation preference"),
    *(
        Definition(f"{id_}-mnav", publisher, "mNAV", "x", "5", compute=without_formula, wording="unpublished", is_multiple=True, prefixes=(id_,))
        for id_, publisher in (("theblock", "The Block"), ("coingecko", "CoinGecko"), ("blockworks", "Blockworks"), ("saylortracker", "saylortracker"))
    ),
)  # fmt: skip
BY_ID = {one.id: one for one in DEFINITIONS}
WALKABLE = tuple(one for one in DEFINITIONS if one.walkable)


def definition_meant(name: str, day: date) -> Definition:
    """A multiple by its id, or by how its publisher's ids begin ("strategy"): then the first that holds that day. Raises KeyError."""
    if name in BY_ID and BY_ID[name].walkable:
        return BY_ID[name]
    theirs = [one for one in WALKABLE if one.id.startswith(f"{name}-")]
    if not theirs:
        raise KeyError(name)
    return next((one for one in theirs if one.in_force(day)), theirs[-1])


def own_mnav_periods() -> list[tuple[str, str, date | None, date | None]]:
    """(ticker, definition id, since, until) of the issuers' own mNAV definitions."""
    return [(one.issuer, one.id, one.since, one.until) for one in DEFINITIONS if one.own_mnav and one.issuer]
