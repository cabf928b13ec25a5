"""The definitions in use, by publisher, with the period in which each held. Sources: docs/metrics.md, in brackets its section.

Where a change of definition has no published day, `since` and `until` are the first and the last day it was seen in use, and
the note says so. What a definition needs and no fact gives is unknown with a reason; it is never put in by estimate.
"""

from __future__ import annotations

from datetime import date
from functools import partial

from treasury.claims.capital_stack import Layer
from treasury.claims.credit import (
    VOLATILITY_2025,
    VOLATILITY_2026,
    btc_breakeven_arr_pct,
    btc_credit_bp,
    btc_floor_price,
    btc_rating,
    btc_risk,
    months_of_coverage,
    years_of,
)
from treasury.instruments import DEBT_KINDS
from treasury.metrics.btc_yield import is_tiny_base, months_to_cover, p_byd
from treasury.publishers.definition import Definition, Subject, formula_of, of_metric, without_fact, without_formula
from treasury.unknown import Answer, unless_missing

MSTR, METAPLANET, STRIVE = "MSTR", "3350.T", "ASST"
EV_SINCE = date(2024, 12, 31)  # first day of the issuer's own daily EV multiple
EV_UNTIL = date(2026, 6, 29)  # its last day
NET_SINCE = date(2026, 6, 30)
Y2026 = date(2026, 1, 1)


# -- over the stack ------------------------------------------------------------------------------------------------


def _rating(subject: Subject, *, net_cash: bool) -> Answer:
    cash = subject.get("cash") if net_cash else 0.0
    return btc_rating(subject.get("btc_nav"), subject.stack.claims, cash)


def _floor(subject: Subject) -> Answer:
    return btc_floor_price(subject.get("btc"), subject.stack.claims)


def _last_dated_debt(subject: Subject) -> Layer | None:
    dated = [one for one in subject.stack.layers if one.kind in DEBT_KINDS and one.years and one.cover.value]
    return dated[-1] if dated else None


def _risk(subject: Subject, *, volatility: float, credit: bool = False) -> Answer:
    """Of the most junior debt with a day on which it falls due; of preferred stock the duration is not known."""
    one = _last_dated_debt(subject)
    if one is None or one.years is None or one.cover.value is None:
        return Answer(None, "NO_DATED_DEBT")
    risk = btc_risk(one.cover.value, one.years, volatility=volatility)
    return Answer(btc_credit_bp(risk, one.years) if credit else risk * 100, note=f"of {one.instrument}")


def _noted(answer: Answer, subject: Subject) -> Answer:
    return answer._replace(note=subject.stack.annual_obligations.note)


def _coverage(subject: Subject) -> Answer:
    if subject.stack.usd_reserve is None:
        return Answer(None, "MISSING_USD_RESERVE")
    return _noted(months_of_coverage(subject.stack.usd_reserve, subject.stack.annual_obligations.value), subject)


def _usd_duration(subject: Subject) -> Answer:
    return _noted(years_of(subject.get("cash"), subject.stack.annual_obligations.value), subject)


def _btc_duration(subject: Subject) -> Answer:
    return _noted(years_of(subject.get("btc_nav"), subject.stack.annual_obligations.value), subject)


def _breakeven(subject: Subject) -> Answer:
    return _noted(btc_breakeven_arr_pct(subject.stack.annual_obligations.value, subject.get("btc_nav")), subject)


def _maximum(subject: Subject) -> Answer:
    price, btc_nav, shares = subject.get("price_usd"), subject.get("btc_nav"), subject.stack.max_shares
    if shares is None:
        return Answer(None, "MISSING_DILUTION")
    if price is None or btc_nav is None:
        return Answer(None, "MISSING_PRICE")
    return Answer(None, "NAV_ZERO") if btc_nav <= 0 else Answer(price * shares / btc_nav)


def _full_nav(subject: Subject) -> Answer:
    """NYDIG: other assets in, minority interest out, where facts exist; else the note says what is left out."""
    cap, reserve = subject.get("market_cap_diluted"), subject.get("net_reserve")
    apart = subject.stack.apart
    if cap is None or reserve is None:
        return of_metric("equity_premium_pct")(subject)
    nav = reserve + apart.get("other_assets", 0.0) - apart.get("minority_interest", 0.0)
    note = "" if "other_assets" in apart else "opco_excluded: no fact on other assets"
    return Answer(None, "NET_RESERVE_NONPOSITIVE") if nav <= 0 else Answer(cap / nav * 100 - 100, note=note)


def _accretion_premium(subject: Subject) -> Answer:
    """The issuer clips it at nought; `implied_premium_pct` does not."""
    multiple = of_metric("mnav_market_cap")(subject)
    return multiple if multiple.value is None else Answer(max(0.0, (multiple.value - 1) * 100))


def _amplification_of_cebe(subject: Subject) -> Answer:
    gross, net = subject.get("sats_per_share"), subject.get("sats_per_share_claims_adjusted")
    if gross is None or net is None:
        return of_metric("sats_per_share_claims_adjusted")(subject)
    return Answer(None, "NET_RESERVE_NONPOSITIVE") if net <= 0 else Answer(gross / net)


# -- over time -----------------------------------------------------------------------------------------------------


def _in_yen(subject: Subject) -> Answer:
    gain, price, fx = subject.get("btc_gain_ytd"), subject.get("btc_price"), subject.get("fx")
    if gain is None or price is None or fx is None:
        return Answer(None, "NO_BASE" if gain is None else "MISSING_PRICE")
    return Answer(gain * price / fx)


def _cover_time(subject: Subject, *, years: bool) -> Answer:
    multiple, growth = of_metric("mnav_ev")(subject), of_metric("btc_yield_1y_pct")(subject)
    if multiple.value is None or growth.value is None:
        return multiple if multiple.value is None else growth
    if years:
        return p_byd(multiple.value, growth.value / 100, 1)
    return months_to_cover(multiple.value, growth.value / 100, 12)


def _base(name: str, base: str) -> partial[Answer]:
    return partial(_with_base, name=name, base=base)


def _with_base(subject: Subject, *, name: str, base: str) -> Answer:
    """A gain with the bitcoin it is a gain on."""
    opening = subject.get(base)
    answer = unless_missing(subject.get(name), "NO_BASE")
    if answer.value is None or opening is None:
        return answer
    now = subject.get("btc")
    tiny = ", under 1 % of today's: it says little" if now is not None and is_tiny_base(opening, now) else ""
    return answer._replace(note=f"on {opening:,.10g} BTC{tiny}")


# -- the table -----------------------------------------------------------------------------------------------------

_strategy = partial(Definition, publisher="Strategy", issuer=MSTR)
_metaplanet = partial(Definition, publisher="Metaplanet", issuer=METAPLANET)
_strive = partial(Definition, publisher="Strive", issuer=STRIVE)
_NO_DAY = "no day of the change was published"
_PRINTED_FROM = "period: first seen"

DEFINITIONS: tuple[Definition, ...] = (
    _strategy(id="strategy-basic-2020", name="mNAV", unit="x", formula=formula_of("mnav_market_cap"), source="1.2",
              compute=of_metric("mnav_market_cap"), until=date(2024, 12, 30), own_mnav=True, note=_NO_DAY),
    _strategy(id="strategy-ev-2025", name="mNAV", unit="x", formula=formula_of("mnav_ev"), source="1.2",
              compute=of_metric("mnav_ev"), since=EV_SINCE, until=EV_UNTIL, own_mnav=True,
              note="first and last day of its published daily series"),
    _strategy(id="strategy-net-2026", name="mNAV", unit="x", formula=formula_of("mnav_net"), source="1.2",
              compute=of_metric("mnav_net"), since=NET_SINCE, own_mnav=True, note=_NO_DAY),
    _strategy(id="strategy-net-btc-per-share-2026", name="Net BTC per share", unit="USD", formula=formula_of("net_btc_per_share"),
              source="1.2", compute=of_metric("net_btc_per_share"), since=NET_SINCE),
    _strategy(id="strategy-btc-yield-ytd", name="BTC Yield, year to date", unit="%", source="1.4",
              formula="sats_per_share_assumed / the same at the last close of the year before - 1", compute=of_metric("btc_yield_ytd_pct")),
    _strategy(id="strategy-btc-yield-quarter-compound", name="BTC Yield, quarter to date", unit="%", source="1.4",
              formula="sats_per_share_assumed / the same at the last close of the quarter before - 1",
              compute=of_metric("btc_yield_qtd_compound_pct"), until=date(2025, 12, 31)),
    _strategy(id="strategy-btc-yield-quarter-additive-2026", name="BTC Yield, quarter to date", unit="%", source="1.4",
              formula="growth of sats_per_share_assumed in the quarter / the same at the last close of the year before",
              compute=of_metric("btc_yield_qtd_additive_pct"), since=Y2026, note="quarters add up to the year to date"),
    _strategy(id="strategy-btc-gain-ytd", name="BTC Gain, year to date", unit="BTC", source="1.4",
              formula="bitcoin at the start of the year * BTC Yield", compute=_base("btc_gain_ytd", "base_btc_ytd")),
    _strategy(id="strategy-btc-gain-quarter-compound", name="BTC Gain, quarter to date", unit="BTC", source="1.4",
              formula="bitcoin at the start of the quarter * BTC Yield (compound)",
              compute=_base("btc_gain_qtd_compound", "base_btc_qtd"), until=date(2025, 12, 31)),
    _strategy(id="strategy-btc-gain-quarter-additive-2026", name="BTC Gain, quarter to date", unit="BTC", source="1.4",
              formula="bitcoin at the start of the quarter * BTC Yield (additive)",
              compute=_base("btc_gain_qtd_additive", "base_btc_qtd"), since=Y2026, note="quarters do not add up to the year's gain"),
    _strategy(id="strategy-btc-dollar-gain-ytd", name="BTC $ Gain, year to date", unit="USD", source="1.4",
              formula="BTC Gain * btc_price", compute=_base("btc_gain_usd_ytd", "base_btc_ytd"),
              note="no gain on the books: see unrealised_gain_usd"),
    _strategy(id="strategy-ltv-2025", name="Loan to Value", unit="x", formula=formula_of("loan_to_value"), source="1.5",
              compute=of_metric("loan_to_value"), since=date(2025, 12, 1), until=date(2026, 3, 31), note=_PRINTED_FROM),
    _strategy(id="strategy-leverage", name="Leverage", unit="x", formula=formula_of("leverage"), source="1.5",
              compute=of_metric("leverage"), until=date(2026, 3, 31), note=_NO_DAY),
    _strategy(id="strategy-amplification-2026-04", name="Amplification", unit="%", formula=formula_of("claims_ratio", " * 100"),
              source="1.5", compute=of_metric("claims_ratio", 100), since=date(2026, 4, 1), until=date(2026, 8, 9), note=_PRINTED_FROM),
    _strategy(id="strategy-amplification-2026-08", name="Amplification", unit="x", formula=formula_of("amplification"), source="1.5",
              compute=of_metric("amplification"), since=date(2026, 8, 10), note=_PRINTED_FROM),
    _strategy(id="strategy-rating-2025", name="BTC Rating of all claims", unit="x", formula="btc_nav / (debt + preferred)", source="1.6",
              compute=partial(_rating, net_cash=False), since=date(2025, 11, 25), until=date(2026, 7, 31),
              note="each layer's: mnav capital; net_cash = no"),
    _strategy(id="strategy-rating-2026", name="BTC Rating of all claims", unit="x", formula="btc_nav / (debt + preferred - cash)",
              source="1.6", compute=partial(_rating, net_cash=True), since=date(2026, 8, 1), note="net_cash = yes; " + _PRINTED_FROM),
    _strategy(id="strategy-rating-common-2026-01", name="BTC Rating of the common", unit="x", formula=formula_of("equity_rating"),
              source="1.6", compute=of_metric("equity_rating"), since=Y2026, note="one over a multiple: no signal of its own"),
    _strategy(id="strategy-floor-price", name="BTC Floor Price of all claims", unit="USD", formula="(debt + preferred) / btc",
              source="1.6", compute=_floor, since=date(2025, 11, 25)),
    _strategy(id="strategy-risk-2025", name="BTC Risk", unit="%", source="1.6",
              formula="N((ln(1/R) - (0.10 - s^2/2) T) / (s sqrt(T))), s = 0.45", since=date(2025, 12, 1), until=date(2026, 7, 31),
              compute=partial(_risk, volatility=VOLATILITY_2025)),
    _strategy(id="strategy-risk-2026", name="BTC Risk", unit="%", source="1.6", since=date(2026, 8, 1),
              formula="N((ln(1/R) - (0.10 - s^2/2) T) / (s sqrt(T))), s = 0.40", compute=partial(_risk, volatility=VOLATILITY_2026)),
    _strategy(id="strategy-credit-2025", name="BTC Credit", unit="bp", formula="-ln(1 - BTC Risk) / T", source="1.6",
              compute=partial(_risk, volatility=VOLATILITY_2025, credit=True), since=date(2025, 12, 1), until=date(2026, 7, 31)),
    _strategy(id="strategy-credit-2026", name="BTC Credit", unit="bp", formula="-ln(1 - BTC Risk) / T", source="1.6",
              compute=partial(_risk, volatility=VOLATILITY_2026, credit=True), since=date(2026, 8, 1)),
    _strategy(id="strategy-months-of-coverage", name="Months of coverage", unit="months", source="1.7",
              formula="12 * USD Reserve / (interest + preferred dividends of a year)", compute=_coverage, since=date(2025, 12, 1),
              note="the issuer truncates"),
    _strategy(id="strategy-usd-duration", name="USD Duration", unit="years", formula="cash / (interest + preferred dividends)",
              source="1.7", compute=_usd_duration, since=date(2026, 8, 1), note=_PRINTED_FROM),
    _strategy(id="strategy-btc-duration", name="BTC Duration", unit="years", formula="btc_nav / (interest + preferred dividends)",
              source="1.7", compute=_btc_duration, since=date(2025, 11, 25), note="BTC years of dividends"),
    _strategy(id="strategy-breakeven-arr", name="BTC Breakeven ARR", unit="%", formula="(interest + preferred dividends) / btc_nav * 100",
              source="1.7", compute=_breakeven, since=date(2025, 11, 25)),
    _strategy(id="strategy-hurdle-arr", name="BTC Hurdle ARR", unit="%", formula="unpublished", source="1.7", compute=without_formula,
              since=date(2026, 8, 1)),
    _strategy(id="strategy-floor-arr", name="BTC Floor ARR", unit="%", formula="unpublished", source="1.7", compute=without_formula,
              since=date(2026, 8, 1)),
    _metaplanet(id="metaplanet-ev", name="mNAV", unit="x", formula=formula_of("mnav_ev"), source="2", compute=of_metric("mnav_ev"),
                own_mnav=True, note="on issued shares; the company prices bitcoin in yen"),
    _metaplanet(id="metaplanet-btc-yield", name="BTC Yield, year to date", unit="%", source="2", since=date(2024, 10, 25),
                formula="bitcoin per fully diluted share / the same at the last close of the year before - 1",
                compute=of_metric("btc_yield_ytd_pct"), note="warrants that were not exercised stay out: narrower than Strategy's"),
    _metaplanet(id="metaplanet-btc-gain", name="BTC Gain, year to date", unit="BTC", source="2", since=date(2025, 2, 26),
                formula="bitcoin at the start of the year * BTC Yield", compute=_base("btc_gain_ytd", "base_btc_ytd")),
    _metaplanet(id="metaplanet-btc-yen-gain", name="BTC ¥ Gain, year to date", unit="JPY", source="2", since=date(2025, 2, 26),
                formula="BTC Gain * btc_price / fx", compute=_in_yen),
    _strive(id="strive-accretion-premium", name="Common Equity Accretion Premium", unit="%", formula="max(0, mnav_market_cap - 1) * 100",
            source="5", compute=_accretion_premium, note="clipped at nought by the issuer"),
    _strive(id="strive-ev-tav", name="EV/TAV", unit="x", formula="(market_cap + debt + preferred at market - cash - securities) / (btc_nav + cash + securities)",
            source="5", compute=without_fact("PREFERRED_MARKET_PRICE")),
    _strive(id="strive-ntav-multiple", name="Multiple to NTAV", unit="x", formula=formula_of("mnav_claims_adjusted"), source="5",
            compute=of_metric("mnav_claims_adjusted"), note="without marketable securities: no fact on them; shares without warrants"),
    _strive(id="strive-amplification", name="Amplification Ratio", unit="%", formula=formula_of("claims_ratio", " * 100"), source="5",
            compute=of_metric("claims_ratio", 100)),
    Definition("nydig-equity-premium", "NYDIG", "Equity premium to full NAV", "%",
               "market_cap_diluted / (net_reserve + other assets - minority interest) * 100 - 100", "4", _full_nav, since=date(2025, 6, 6)),
    Definition("bitcointreasuries-basic", "BitcoinTreasuries.net", "basic mNAV", "x", formula_of("mnav_market_cap"), "5", of_metric("mnav_market_cap")),
    Definition("bitcointreasuries-diluted", "BitcoinTreasuries.net", "diluted mNAV", "x", formula_of("mnav_diluted"), "5", of_metric("mnav_diluted")),
    Definition("bitcointreasuries-ev", "BitcoinTreasuries.net", "EV mNAV (its default)", "x", formula_of("mnav_ev"), "5", of_metric("mnav_ev")),
    Definition("bitbo-premium-diluted", "bitbo", "NAV premium, diluted", "x", formula_of("mnav_assumed_diluted"), "5",
               of_metric("mnav_assumed_diluted"), note="a multiple, despite its name"),
    Definition("defillama-realized", "DefiLlama", "realized mNAV", "x", formula_of("mnav_market_cap"), "5", of_metric("mnav_market_cap"),
               note="bitcoin only: other coins of its treasury value are not facts here"),
    Definition("defillama-realistic", "DefiLlama", "realistic mNAV", "x", "price_usd * (realized + unavoidable dilution by GAAP) / btc_nav", "5",
               without_fact("GAAP_DILUTED_COUNT"), note="a period average, never a count at a date"),
    Definition("defillama-maximum", "DefiLlama", "maximum mNAV", "x", "price_usd * (shares_basic + every fixed count, gross) / btc_nav", "5",
               _maximum, note="bitcoin only"),
    Definition("strategytracker-ev", "StrategyTracker", "mNAV", "x", formula_of("mnav_ev"), "5", of_metric("mnav_ev"), note="basic shares"),
    Definition("vaneck-premium", "VanEck", "Premium to bitcoin and core business", "%", "market_cap / (btc_nav + core business) * 100 - 100", "5",
               without_fact("CORE_BUSINESS_VALUE")),
    Definition("cebe-sats-per-share", "CEBE", "claims-adjusted satoshis per share", "sats", formula_of("sats_per_share_claims_adjusted"), "5",
               of_metric("sats_per_share_claims_adjusted")),
    Definition("cebe-drag", "CEBE", "drag", "%", formula_of("claims_ratio", " * 100"), "5", of_metric("claims_ratio", 100)),
    Definition("cebe-net-mnav", "CEBE", "net mNAV", "x", formula_of("mnav_claims_adjusted"), "5", of_metric("mnav_claims_adjusted")),
    Definition("cebe-amplification", "CEBE", "amplification", "x", "sats_per_share / sats_per_share_claims_adjusted", "5", _amplification_of_cebe),
    Definition("back-months-to-cover", "Back", "months to cover", "months", "12 * ln(mnav_ev) / ln(1 + btc_yield_1y)", "7.3",
               partial(_cover_time, years=False), note="by EV multiple and yield of a year; circular: the yield depends on the multiple"),
    Definition("myers-p-byd", "Myers", "P/BYD", "years", "ln(mnav_ev) / ln(1 + btc_yield_1y)", "7.4", partial(_cover_time, years=True),
               since=date(2025, 7, 16), note="by EV multiple and yield of a year"),
    *(
        Definition(f"{id_}-mnav", publisher, "mNAV", "x", "unpublished", "5", without_formula)
        for id_, publisher in (("theblock", "The Block"), ("coingecko", "CoinGecko"), ("blockworks", "Blockworks"), ("saylortracker", "saylortracker"))
    ),
)  # fmt: skip


def own_mnav_periods() -> list[tuple[str, str, date | None, date | None]]:
    """(ticker, definition id, since, until) of the issuers' own mNAV definitions."""
    return [(one.issuer, one.id, one.since, one.until) for one in DEFINITIONS if one.own_mnav and one.issuer]
