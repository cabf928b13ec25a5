"""The questions people ask of the database, each as one SELECT over its views."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from treasury.trust.findings import OLD_DAYS
from treasury.trust.grade import OLD_CLOSE_DAYS


@dataclass(frozen=True, slots=True)
class Question:
    """A canned query. Named parameters left empty take the default that the query itself gives them."""

    name: str
    title: str
    sql: str
    hint: str = ""

    def as_metadata(self) -> dict[str, Any]:
        return {"title": self.title, "sql": self.sql.strip(), "description": self.hint}


# by its ticker or the beginning of its name, in any case; the company with the most bitcoin where none is named
_TICKER = """coalesce(
    (SELECT ticker FROM holdings WHERE upper(ticker) = upper(trim(:ticker)) LIMIT 1),
    (SELECT ticker FROM holdings WHERE trim(:ticker) <> '' AND name LIKE trim(:ticker) || '%' ORDER BY length(name) LIMIT 1),
    nullif(trim(:ticker), ''),
    (SELECT ticker FROM mnav_latest ORDER BY btc_nav DESC LIMIT 1))"""

QUESTIONS = (
    Question(
        "biggest_premium",
        "Which companies trade furthest above their bitcoin?",
        """
SELECT ticker, name, date, implied_premium_usd, implied_premium_pct, mnav_ev, mnav_market_cap, btc, stale
FROM mnav_latest WHERE implied_premium_usd IS NOT NULL ORDER BY implied_premium_usd DESC""",
        "Enterprise value less bitcoin, in US dollars; companies whose claims are not all known have none.",
    ),
    Question(
        "premium_over_time",
        "How did a company's premium move?",
        f"""
SELECT date, implied_premium_usd, implied_premium_pct, mnav_ev, mnav_market_cap, btc_price, price
FROM mnav_daily WHERE ticker = {_TICKER} AND mnav_market_cap IS NOT NULL ORDER BY date DESC""",
        "ticker: the company with the most bitcoin if left empty.",
    ),
    Question(
        "every_definition",
        "What is the mNAV, by every definition?",
        """
SELECT ticker, name, date, mnav_market_cap, mnav_diluted, mnav_assumed_diluted, mnav_ev, mnav_ev_diluted, mnav_net, missing, reason, stale
FROM mnav_latest WHERE mnav_market_cap IS NOT NULL ORDER BY btc_nav DESC""",
    ),
    Question(
        "who_bought",
        "Who bought bitcoin lately?",
        """
SELECT announced_on, ticker, name, btc, cost, currency, average_price, btc_bought_so_far, source, url FROM purchases
WHERE announced_on >= coalesce(nullif(:since, ''), (SELECT date(max(announced_on), 'start of month') FROM purchase))
ORDER BY announced_on DESC, btc DESC""",
        "since: a day as 2026-06-01; the month of the newest purchase if left empty. Sales are negative.",
    ),
    Question(
        "below_their_bitcoin",
        "Whose shares cost less than the bitcoin behind them?",
        """
SELECT ticker, name, date, mnav_market_cap, mnav_ev, btc_nav, market_cap, debt, preferred, cash, stale
FROM mnav_latest WHERE mnav_market_cap < 1 AND kind = 'treasury' ORDER BY mnav_market_cap""",
        "By basic market cap; see mnav_ev for what debt and preferred stock change.",
    ),
    Question(
        "stale_companies",
        "Whose numbers are old?",
        f"""
SELECT ticker, name, date, stale, btc_age_days, shares_age_days, claims_age_days, missing, reason
FROM mnav_latest WHERE stale OR btc_age_days > {OLD_DAYS} OR shares_age_days > {OLD_DAYS} OR claims_age_days > {OLD_DAYS}
ORDER BY max(coalesce(btc_age_days, 0), coalesce(shares_age_days, 0), coalesce(claims_age_days, 0)) DESC""",
        f"Prices more than {OLD_CLOSE_DAYS} days behind the newest, or an input older than {OLD_DAYS} days.",
    ),
    Question(
        "where_sources_disagree",
        "Where do sources disagree?",
        "SELECT * FROM disagreements ORDER BY abs(difference_pct) DESC",
    ),
    Question(
        "what_changed",
        "What changed, and when was it learned?",
        f"""
SELECT date, ticker, quantity, what, old, new, unit, as_of, known_at, source, url FROM revisions
WHERE (trim(coalesce(:ticker, '')) = '' OR ticker = {_TICKER}) ORDER BY date DESC, ticker LIMIT 500""",
        "ticker: everyone if left empty.",
    ),
    Question(
        "sources_of_a_company",
        "Where is each number of a company from?",
        f"""
SELECT quantity, instrument, as_of, known_at, value, unit, source_kind, source_title, url, note
FROM known_fact WHERE ticker = {_TICKER} ORDER BY as_of DESC, quantity""",
        "ticker: the company with the most bitcoin if left empty.",
    ),
    Question(
        "what_falls_due",
        "Which convertibles and loans can be put or fall due, and when?",
        """
SELECT coalesce(i.put_date, i.maturity) AS due, i.ticker, i.instrument, i.kind, f.value AS amount, f.unit, f.as_of, i.put_date, i.maturity, f.url
FROM instrument i LEFT JOIN known_fact f ON f.id = (SELECT n.id FROM known_fact n WHERE n.ticker = i.ticker
  AND n.instrument = i.instrument AND n.quantity = 'principal' ORDER BY n.as_of DESC, n.known_at DESC LIMIT 1)
WHERE i.kind IN ('convertible', 'loan', 'bond') AND i.retired_on IS NULL AND coalesce(f.value, 1) > 0 AND coalesce(i.put_date, i.maturity) >= (SELECT max(date) FROM valuation)
ORDER BY due""",
        "The principal last stated of each; those past the newest close.",
    ),
    Question(
        "all_bitcoin_over_time",
        "How much bitcoin do all companies hold?",
        "SELECT date, btc, changes FROM holdings_total ORDER BY date DESC",
        "As known on each day; coins of consolidated companies count once.",
    ),
)
