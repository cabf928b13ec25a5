"""Announcements of every company: the grammar by sentences made to mislead, and by the captured notices where they are at hand."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_up import EXCHANGES, SOURCES, company, empty, facts, store
from saved import FIXTURES, SAMPLES, needs_samples

from db import open_database
from scrapers import catalogue
from scrapers.announcements import figures, labels, roles, vetoes
from scrapers.announcements.days import days_in
from scrapers.announcements.figures import figures_in
from scrapers.announcements.layout import Paragraph, layout
from scrapers.announcements.readings import Names, read
from scrapers.announcements.sheet import PrintedTable
from scrapers.archive import Archive
from scrapers.sources import announcement
from scripts.main import mnav
from treasury.intake.bundled import bundled_names
from treasury.model import Document, ParseError, Reading
from treasury.quantities import QUANTITIES

TOLD = date(2026, 7, 2)
OPENING = 'July 2, 2026\n\nAcme Corp. ("Acme" or the "Company") announces news.\n\n'
RELEASES = SAMPLES / "releases"


def notice(body: bytes, company: str = "ACME", on: date | None = TOLD) -> Document:
    published = datetime.combine(on, time(16), UTC) if on else None
    return Document("announcement", f"{company}.htm", body, datetime(2026, 11, 30, tzinfo=UTC), published)


def of(text: str, company: str = "ACME") -> list[Reading]:
    """What a notice of Acme that says this states."""
    return list(announcement.parse(notice((OPENING + text + "\n").encode(), company), company=company))


def sure(readings: list[Reading]) -> list[tuple[str, float, str]]:
    return [(one.quantity, one.value, one.as_of.isoformat()) for one in readings if one.doubt is None]


# -- sentences that must not become coins -------------------------------------------------------------------------------

NO_COINS = """
The Company plans to hold 10,000 BTC by the end of 2027.
We target holding 21,000 bitcoin.
Our goal is 5,000 BTC in treasury.
Holdings exceeded a target of 10,000 BTC.
The company is on track to reach 30,000 BTC.
Building to 6,000 BTC by 2027.
We acquired up to 1,000 BTC.
The facility allows us to acquire up to 500 bitcoin.
We may sell 500 BTC.
Holdings could grow to 9,000 BTC.
We would hold 7,000 BTC after the merger.
Upon closing, the combined company is expected to hold 5,021 BTC.
An aggregate of 2,000 bitcoin will be contributed at closing.
A letter of intent for the purchase of 100 BTC was signed.
Assuming we hold 5,000 BTC, the NAV is $500 million.
If the price falls, we would have to post 300 BTC as collateral.
We did not hold 100 BTC.
We hold 5,000 BTC on behalf of our customers.
Customers held 12,345 bitcoin on our platform as of June 30, 2026.
As of June 30, 2026, assets under custody included 4,000 BTC.
Strategy held 580,250 bitcoin as of June 1, 2026.
Our peer Metaplanet currently holds 1,762 BTC and plans to expand its holdings to 10,000 BTC.
Semler's holdings increased to 4,636 BTC.
Tether contributed 14,000 BTC to the venture.
There are 13 bitcoin treasury companies that hold 1,246 Bitcoin in aggregate.
Public companies hold 1,000,000 BTC.
El Salvador holds 6,000 BTC.
Founder John Smith personally owns 17,732 bitcoin.
BlackRock's iShares Bitcoin Trust holds 700,000 BTC.
The Trust held 24,000 bitcoin.
We hold units of an ETF corresponding to 195 BTC.
The power credits equate to approximately 136 BTC.
The Company held $10 million, equivalent to 100 BTC, in cash.
The convertible bond is denominated in 174 BTC.
BTC Gain of 508.3 BTC year to date.
The Company has a long futures position of 1,000 BTC.
We hold call options on 500 BTC.
We mine 3.42 BTC per day.
Our fleet produces 10 BTC per month.
A block reward is 3.125 Bitcoin per block.
Average BTC held by an investor is 2 BTC.
Total supply is limited to 21 million bitcoin.
The network's 900 BTC daily issuance
The Company's hash rate was 50 EH/s, and it has 100 bitcoin miners.
As of June 30, 2026, ETH and SOL were 768.7 and 27,689.6, respectively.
0.108309 BTC per 1,000 shares
Bitcoin reached $100,000.
We estimate 100,000 BTC are lost.
The Bitcoin 2026 conference
Bitcoin Held17,3277,3096,7660%8%
Acme's CEO John Smith holds 1,500 BTC.
Acme's joint venture holds 400 BTC, of which Acme's share is 80%.
On June 15, 2026, shareholders approved the purchase of 1,000 BTC.
1,000 BTC were held by Acme as at 30 June 2026 (2025: 800).
The network difficulty rose, and 13,500 BTC were mined by all miners in June 2026.
A purchase of 100 BTC is scheduled for July 15, 2026.
The Company cancelled its purchase of 100 BTC.
Acme is considering the purchase of 1,000 BTC.
At the current price, $100 million buys 1,000 BTC.
According to BitcoinTreasuries.net, Acme holds 3,000 BTC.
Mr. Tanaka, our CEO, bought 10 BTC personally.
We believe that owning 210,000 BTC is achievable.
Our custodian Coinbase holds 1,000,000 BTC.
Acme owns 20% of MetaCo, which holds 3,000 BTC.
Acme, together with MetaCo, holds 3,000 BTC.
Once completed, Acme holds 3,000 BTC.
In our base case we own 3,000 BTC by December.
Our partner MetaCo announced that it had purchased 500 BTC. Total holdings now stand at 2,500 BTC.
We invested in MetaCo. Its treasury of 2,500 BTC makes it a leader.
The combined entity owns 5,000 BTC.
The transaction increases holdings to 5,000 BTC upon closing.
The Company announces a financing of €10 million for the acquisition of 100 BTC.
The Board of Directors decided on the purchase of 1,000 BTC.
The Company received 100 BTC as collateral.
The Company holds 100 BTC in escrow.
Acme's pool mined 1,200 BTC for its members in June 2026.
The Company started the year with holdings of 1,900 BTC.
Net of debt, Acme holds 1,900 BTC.
The treasury of MetaCo reached 3,000 BTC.
“Our treasury now stands at 12,608 BTC,” said the CEO of MetaCo.
“We now hold 12,608 BTC,” said MetaCo CEO John Doe.
MetaCo, in which we own 10%, acquired 500 BTC.
Acme and MetaCo jointly mined 300 BTC in June 2026.
Acme Bitcoin Fund acquired 300 BTC.
Arkham data show that Acme holds 1,000 BTC.
Acme has bought the equivalent of 100 BTC.
Acme acquired 100 BTC of mining equipment.
Acme denies that it sold 1,000 BTC.
Imagine that we hold 1,000 BTC.
Holdings at December 2027: 3,000 BTC
FY2027 BTC holdings: 10,000
Pro forma bitcoin holdings: 3,000 BTC
Combined BTC holdings: 3,000 BTC
Bitcoin holdings of peers: 30,000 BTC
BTC held at May 31, 2026 by MARA: 49,951
Peak bitcoin holdings: 1,900 BTC
Number of Bitcoin to be acquired: 1,000 BTC
Average BTC held during the quarter: 1,234
BTC: 100,123
顧客保有ビットコイン数量：1,000 BTC
Acme mined approx. 23.9 more BTC on an annualized basis as of June 30, 2026, compared to the same period of 2025.
On Wednesday, Acme increased its BTC holdings to 808 Satoshis per share.
Acme increased its unrestricted bitcoin holdings by 3,000 bitcoin.
The deal would make Acme a large corporate Bitcoin treasury, with Bitcoin acquired at a blended average cost of $87,280 per coin.
MetaCo said it had acquired 104 Bitcoin at an average price of £77,751, bringing its total purchase to £8.1m.
The maximum collateral balance is 500 BTC.
As of June 30, 2026, Acme held 1,620 BTC less 300 that are owed to others.
The collateral amount to be posted is 500 BTC.
Acme's collateral balance of 300 BTC was released on July 1, 2026.
Acme's cumulative bitcoin production has increased to 12,486 BTC as of June 30, 2026.
Bitcoin production of MetaCo rose to 486 BTC in June 2026.
Bitcoin production at our Texas site increased to 186 BTC in June 2026.
Acme held 2,210 and 790 bitcoin in hot and cold wallets, respectively, at June 30, 2026 and July 1, 2026.
On July 1, 2026, Acme paid with a bitcoin, 38 restricted shares were issued; of 2 BTC, 38 restricted stock units vested.
""".strip().splitlines()


@pytest.mark.parametrize("text", NO_COINS)
def test_no_coins_of_the_issuer(text: str) -> None:
    assert [one for one in sure(of(text)) if one[0].startswith("btc")] == []


TWICE = """
We acquired up to 1,000 BTC.
Our holdings of bitcoin may rise to up to 100 BTC.
Acme will hold 9,000 BTC.
We may sell 500 BTC.
Holdings could grow to 9,000 BTC.
The Company plans to hold 10,000 BTC by the end of 2027.
Acme is considering the purchase of 1,000 BTC.
Pro forma bitcoin holdings: 3,000 BTC
""".strip().splitlines()


@pytest.mark.parametrize(
    "module", [vetoes, figures, roles, labels], ids=lambda module: module.__name__.rpartition(".")[2]
)
def test_no_one_list_of_words_alone_keeps_a_plan_out(module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """The vetoes look for what must not be there, the forms of verbs and plain labels for what must."""
    lists = [
        name
        for name, value in vars(module).items()
        if isinstance(value, re.Pattern) and name not in ("_FIGURE", "_WORD")
    ]
    for name in lists:
        with monkeypatch.context() as emptied:
            emptied.setattr(module, name, re.compile("(?!)"))
            assert [text for text in TWICE if [one for one in sure(of(text)) if one[0].startswith("btc")]] == [], name


HELD = [
    ("Acme now holds approximately 5,048 bitcoins.", 5048, "2026-07-02"),
    ("Acme acquired 25 BTC, bringing its total to 1,083 BTC.", 1083, "2026-07-02"),
    ("Holdings increased to 43,000 BTC from 35,102 BTC.", 43000, "2026-07-02"),
    ("As of June 30, 2026, BTC and ETH were 768.7 and 27,689.6, respectively.", 768.7, "2026-06-30"),
    ("As of June 30, 2026, the Company held eight bitcoins.", 8, "2026-06-30"),
    ("The Company holds ₿1,526.", 1526, "2026-07-02"),
    (
        "At June 30, 2026, our treasury comprised 1,523,373 ETH at $4,326 per ETH, 192 Bitcoin (BTC) and cash of $266 million.",
        192,
        "2026-06-30",
    ),
    (
        "Our total bitcoin holdings as of June 30, 2026 were 12,345.67 BTC, of which 3,000 BTC were pledged as collateral.",
        12345.67,
        "2026-06-30",
    ),
    (
        "As of the close of business on June 30, 2026, Acme Corp. held an aggregate of 4,210 bitcoin.",
        4210,
        "2026-06-30",
    ),
    ("保有ビットコイン数量：1,417.0341 BTC", 1417.0341, "2026-07-02"),
    ("Acme Acquires 4.39 BTC – Total Holdings Reach 1,051 BTC", 1051, "2026-07-02"),
    ("Acme har förvärvat; total holdings now 1 051 BTC", 1051, "2026-07-02"),
    ("We ended June with 1,234 bitcoin on our balance sheet.", 1234, "2026-06-30"),
    ("Our Bitcoin treasury stands at 2,500 BTC.", 2500, "2026-07-02"),
    (
        "The Company sold 100 BTC during June, leaving it with 900 BTC in treasury as of June 30, 2026.",
        900,
        "2026-06-30",
    ),
    ("Total Bitcoin held: 2,000", 2000, "2026-07-02"),
    ("Total BTC holdings as of June 30: 281", 281, "2026-06-30"),
    (
        "With this purchase, the Company’s holdings now total 3,021 bitcoin, acquired at an average price of $91,000.",
        3021,
        "2026-07-02",
    ),
    ("Acme held 3,021 bitcoin with third-party custodians at June 30, 2026.", 3021, "2026-06-30"),
    ("Acme's bitcoin reserve grew to 3,021 BTC by June 30, 2026.", 3021, "2026-06-30"),
    ("As of July 1st, Acme holds 7,777 BTC in its treasury", 7777, "2026-07-01"),
    ("The Company purchased 19.5 BTC in the week ending June 28, 2026 and now owns 512.7 BTC.", 512.7, "2026-07-02"),
    ("As at 30 June 2026, the number of bitcoin held by the Group was 4,091.", 4091, "2026-06-30"),
    ("The Company produced 450 bitcoin during June 2026, and held 19,273 bitcoin at month-end.", 19273, "2026-06-30"),
    ("As of June 30, 2026, we held a total of 49,940 unrestricted and restricted bitcoin.", 49940, "2026-06-30"),
    ("The Company's HODL position increased to 2,201 BTC.", 2201, "2026-07-02"),
    ("“We now hold 12,608 BTC,” said John Doe, Chief Executive Officer.", 12608, "2026-07-02"),
    ("“We now hold 12,608 BTC,” said Jane Doe, CEO of Acme.", 12608, "2026-07-02"),
    ("HODL: 1,402 BTC as of June 30, 2026", 1402, "2026-06-30"),
    ("Cumulative Bitcoin holdings: 1,411.3 BTC", 1411.3, "2026-07-02"),
    ("4. Cumulative quantity held 665.1 BTC", 665.1, "2026-07-02"),
    ("Acme Corp. Buys 150 Bitcoin, Total Holdings Now 2,000", 2000, "2026-07-02"),
    ("Our balance was 1,758 BTC as of June 30, 2026, versus 1,502 BTC as of May 31, 2026.", 1758, "2026-06-30"),
    ("It increased its Strategic Reserve by 216 Bitcoin to 5,427 Bitcoin as of June 30, 2026.", 5427, "2026-06-30"),
    (
        'Paris, July 1, 2026, 08:30 a.m. CEST: Acme SA (ticker: ACME) (the "Company"), listed on Euronext Growth Paris, has announced the acquisition of 182 BTC, bringing its total holding to 1,653 BTC.',
        1653,
        "2026-07-01",
    ),
    ("Holdings increased to 12,703 BTC, of which 3,300 BTC were pledged as of June 30, 2026.", 12703, "2026-06-30"),
    ("As of June 30, 2026, Acme held 1,005 BTC, worth about $104 million based on a BTC price of $104,000.", 1005, "2026-06-30"),
    ("Reef One, our majority-owned subsidiary, held 152 BTC. As of June 30, 2026, we held 905 BTC.", 905, "2026-06-30"),
    ("It increased its strategic reserve to 4,004 Bitcoin, as of July 1, 2026, with approximately 139 Bitcoin acquired in the past week. As of July 1, 2026, we hold 4,004 BTC.", 4004, "2026-07-01"),
    ("As of 30.06.2026, Acme held 525 BTC.", 525, "2026-06-30"),
    ("As of 30/06/2026, Acme held 525 BTC.", 525, "2026-06-30"),
    ("As of 01/08/2026, Acme held 525 BTC.", 525, "2026-01-08"),
    ("As of 2026/6/30, Acme held 525 BTC.", 525, "2026-06-30"),
    ("As of June 30, 2026, Acme held 417.6 BTC. The BTC equivalent of our digital asset holdings was approximately 871.8.", 417.6, "2026-06-30"),
    ("Further to its announcement on Nov. 27, 2025, it has completed a purchase of land.\n\nThe company's hodl position at the end of June 2026 was 1,620 BTC.", 1620, "2026-06-30"),
    ("Acme runs ASIC and GPU BTC hash rate (all of it its own).\n\nThe company's hodl position at the end of June 2026 was 1,939 BTC, which was 234.6 BTC higher than in the prior month.", 1939, "2026-06-30"),
    ("Acme, one of North America’s largest miners, has news.\n\nThe company (TSE: 3350) now holds 346.5 Bitcoin.", 346.5, "2026-07-02"),
    ("Acme, a games company listed in Port Verde, has grown.\n\nThe company now holds 346.5 Bitcoin.", 346.5, "2026-07-02"),
    ("The Lisbon-listed business has grown.\n\nThe company now holds 346.5 Bitcoin.", 346.5, "2026-07-02"),
    ("Acme Corp. reduced its treasury from 460 BTC in May to 350 BTC by the end of June 2026.", 350, "2026-06-30"),
    ("Following the purchase the Company holds 85.25 BTC.", 85.25, "2026-07-02"),
    ("As of June 30, 2026, Acme held 1,620 BTC, above its target of 1,500 BTC.", 1620, "2026-06-30"),
    ("As of June 30, 2026, Acme held 1,620 BTC, more than any other listed company in Europe.", 1620, "2026-06-30"),
    ("With production up, Acme increased its total bitcoin to 1,620 BTC as of June 30, 2026.", 1620, "2026-06-30"),
    ("Acme's shares closed on Tuesday at $5; it holds 1,620 BTC as of today.", 1620, "2026-07-02"),
    ("Bitcoin Treasury Capital AB (publ) (“BTC AB” or the “Company”) bought 5.7 bitcoin and now holds a total of 166.16 bitcoin.", 166.16, "2026-07-02"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "coins", "day"), HELD)
def test_coins_held(text: str, coins: float, day: str) -> None:
    assert ("btc_holdings", coins, day) in sure(of(text))
    assert [one for one in sure(of(text)) if one[0] == "btc_holdings"] == [("btc_holdings", coins, day)]


OTHERS = [
    (
        "Acme sold an aggregate of approximately 764 bitcoin at a weighted average sales price of approximately $76,633 per BTC, for aggregate gross proceeds of approximately $58.6 million. The sales were completed on July 1, 2026.",
        {
            ("btc_acquired", -764, "2026-07-01"),
            ("btc_acquired_average", 76633, "2026-07-01"),
            ("btc_acquired_cost", -58.6e6, "2026-07-01"),
        },
    ),
    (
        "Between June 4, 2026 and July 1, 2026, Acme acquired 187 Bitcoin for $20.0 million at an average purchase price of $106,906 per Bitcoin.",
        {
            ("btc_acquired", 187, "2026-07-01"),
            ("btc_acquired_cost", 20e6, "2026-07-01"),
            ("btc_acquired_average", 106906, "2026-07-01"),
        },
    ),
    ("The Company's average cost per bitcoin holding is USD $108,726.", {("btc_average_cost", 108726, "2026-07-02")}),
    ("Between June 22 and 28, 2026, Acme sold 95 bitcoin.", {("btc_acquired", -95, "2026-06-28")}),
    ("Acme liquidated its entire position of 95 bitcoin.", {("btc_acquired", -95, "2026-07-02")}),
    ("We used $10 million of the proceeds of our ATM to buy 100 BTC.", {("btc_acquired", 100, "2026-07-02")}),
    ("Amount purchased: 21 BTC", {("btc_acquired", 21, "2026-07-02")}),
    (
        "Bitcoin purchased: 325 Bitcoin\nAverage price of Bitcoin purchased: £82,919 ($111,969) per Bitcoin\nPurchase amount: £26,948,675 ($36,389,925)",
        {("btc_acquired_average", 82919, "2026-07-02"), ("btc_acquired_cost", 26948675, "2026-07-02")},
    ),
    (
        "Quarter-to-Date BTC Yield: 0.8%\nYear-to-Date BTC Yield: 5.6%",
        {("btc_yield_published_pct", 0.8, "2026-07-02"), ("btc_yield_published_pct", 5.6, "2026-07-02")},
    ),
    ("Bitcoin mined in June: 535", {("btc_mined", 535, "2026-06-30")}),
    (
        "The Board of Directors is pleased to report that, following approval, Acme acquired 50 BTC on July 1, 2026.",
        {("btc_acquired", 50, "2026-07-01")},
    ),
    (
        "Acme reports its production of June 2026. The Company mined 90 BTC, down from the same month last year.",
        {("btc_mined", 90, "2026-06-30")},
    ),
    (
        "In June 2026, Acme produced 374 BTC, a decrease of 15% as compared to June 2025 production of 441 BTC.",
        {("btc_mined", 374, "2026-06-30")},
    ),
    (
        "On July 1, 2026, the Group further purchased 6.12 units of Bitcoin at an average price of HK$856,000 per Bitcoin.",
        {("btc_acquired", 6.12, "2026-07-01"), ("btc_acquired_average", 856000, "2026-07-01")},
    ),
    (
        "In June 2026, Acme sold 350 BTC and funded its operations.",
        {("btc_acquired", -350, "2026-06-30")},
    ),
    (
        "As of June 30, 2026, Acme had raised a loan that is secured by 300 bitcoin.",
        {("btc_encumbered", 300, "2026-06-30")},
    ),
    (
        "As of May 31, 2026, the average cost of our total bitcoin holdings is $68,000.",
        {("btc_average_cost", 68000, "2026-05-31")},
    ),
    (
        "Daily BTC production of approximately 14 BTC. Acme holds total of 3,349 BTC. Acme sold 3,000 bitcoins for $62 million.",
        {
            ("btc_holdings", 3349, "2026-07-02"),
            ("btc_acquired", -3000, "2026-07-02"),
            ("btc_acquired_cost", -62e6, "2026-07-02"),
        },
    ),
    (
        "In June 2026, Acme mined 486 BTC, averaging 15.7 BTC mined per day.",
        {("btc_mined", 486, "2026-06-30")},
    ),
    (
        "In June 2026, Acme mined 30 BTC and sold 25 BTC.",
        {("btc_mined", 30, "2026-06-30"), ("btc_acquired", -25, "2026-06-30")},
    ),
    ("Acme repaid $40 million of its credit facility on July 1, 2026.", {("debt_repaid", 40e6, "2026-07-01")}),
    (
        "On July 1, 2026, Acme drew down an additional $25 million under its Bitcoin-backed loan facility.",
        {("debt_drawn", 25e6, "2026-07-01")},
    ),
    (
        "There are 23,309,005 Class A ordinary shares issued and outstanding.",
        {("shares_class_a", 23309005, "2026-07-02")},
    ),
    (
        "As of June 30, 2026, the Company had 13,788,405 shares of common stock outstanding.",
        {("shares_basic", 13788405, "2026-06-30")},
    ),
    (
        "The Company held approximately 2,210, and 790 bitcoin at June 30, 2026, and December 31, 2025, respectively.",
        {("btc_holdings", 2210, "2026-06-30"), ("btc_holdings", 790, "2025-12-31")},
    ),
    (
        "As of June 30, 2026 and December 31, 2025, the Company had a total of 5,070 and 2,990 bitcoin pledged as collateral, respectively.",
        {("btc_encumbered", 5070, "2026-06-30"), ("btc_encumbered", 2990, "2025-12-31")},
    ),
    (
        "As of June 30, 2026, the Company held 10,673 bitcoin, 3,828 of which were pledged as collateral.",
        {("btc_holdings", 10673, "2026-06-30"), ("btc_encumbered", 3828, "2026-06-30")},
    ),
    (
        "The Company's collateral balance increased to 7,821 bitcoin on June 30, 2026.",
        {("btc_encumbered", 7821, "2026-06-30")},
    ),
    (
        "In June 2026, Acme produced a record 825 bitcoin.\n\nAcme increased its bitcoin production from 700 to 1,525 bitcoin in May 2026.",
        {("btc_mined", 825, "2026-06-30"), ("btc_mined", 1525, "2026-05-31")},
    ),
    ("Produced 1,202 BTC in June 2026 and 9,812 BTC Year-to-Date", {("btc_mined", 1202, "2026-06-30")}),
    (
        "As of June 30, 2026, Acme had unrestricted cash and cash equivalents of $124.9 Million.",
        {("cash", 124.9e6, "2026-06-30")},
    ),
    (
        "Acme redeemed half of the convertible debt it issued on June 7, 2026, cutting total outstanding debt to $94.5 million.",
        {("debt_total", 94.5e6, "2026-07-02")},
    ),
    (
        "Acme holds 900 bitcoin, which it bought at a cumulative cost of $81 million.",
        {("btc_cost_basis", 81e6, "2026-07-02")},
    ),
    (
        "Acme purchased 300 Bitcoin at an average price of $61,813. It spread the purchase over ten days, from 15th June 2026 to 25th June 2026.",
        {("btc_acquired", 300, "2026-06-25"), ("btc_acquired_average", 61813, "2026-06-25")},
    ),
    (
        "In June 2026, Acme mined 486 BTC, more than the 450 BTC mined in May 2026.",
        {("btc_mined", 486, "2026-06-30")},
    ),
    ("Acme mined 486 BTC more efficiently than peers in June 2026.", {("btc_mined", 486, "2026-06-30")}),
    ("Acme mined 486 BTC less pool fees in June 2026.", {("btc_mined", 486, "2026-06-30")}),
    ("Acme bought 120 BTC. Acme plans to increase production to 600 BTC.", {("btc_acquired", 120, "2026-07-02")}),
    ("On July 1, 2026, Acme sold 120 BTC above the market price.", {("btc_acquired", -120, "2026-07-01")}),
    ("On July 1, 2026, Acme bought 120 more BTC and holds more than any peer.", {("btc_acquired", 120, "2026-07-01")}),
    (
        "On July 1, 2026, Acme bought 120 more BTC at lower prices than in the previous quarter.",
        {("btc_acquired", 120, "2026-07-01")},
    ),
    (
        "The raised loan of $20 million is supported by 300 BTC held as collateral as of June 30, 2026.",
        {("btc_encumbered", 300, "2026-06-30")},
    ),
    (
        "The Company's collateral balance was reduced by 200 BTC to 300 BTC on June 30, 2026.",
        {("btc_encumbered", 300, "2026-06-30")},
    ),
    (
        "As of June 30, 2026, Acme held 10,673 bitcoin (of which 3,828 were pledged as collateral).",
        {("btc_holdings", 10673, "2026-06-30"), ("btc_encumbered", 3828, "2026-06-30")},
    ),
    (
        "As of June 30, 2026 and 2025, Acme and Subsidiaries held 2,210 BTC and 790 BTC, respectively.",
        {("btc_holdings", 2210, "2026-06-30"), ("btc_holdings", 790, "2025-06-30")},
    ),
    (
        "As of June 30, 2026 and 2025, we held 2,210 BTC and 790 BTC, respectively.",
        {("btc_holdings", 2210, "2026-06-30"), ("btc_holdings", 790, "2025-06-30")},
    ),
    (
        "As of June 30, 2026, Acme held 1,000 BTC and 500 BTC was pledged; its ETH and SOL were 3 and 5, respectively.",
        {("btc_holdings", 1000, "2026-06-30"), ("btc_encumbered", 500, "2026-06-30")},
    ),
    (
        "On July 1, 2026, Acme bought 100 Bitcoin and Bitcoin-related shares.",
        {("btc_acquired", 100, "2026-07-01")},
    ),
    (
        "On July 1, 2026, Acme sold 100 BTC and the funds were used to pay debt.",
        {("btc_acquired", -100, "2026-07-01")},
    ),
    (
        "On July 1, 2026, Acme adds 86 Bitcoin, purchased at an average price of $68,000; its films are produced in Paris.",
        {("btc_acquired", 86, "2026-07-01"), ("btc_acquired_average", 68000, "2026-07-01")},
    ),
    (
        "Today Acme sold 120 BTC for $8.1 million. In June 2026, Acme mined 486 BTC.",
        {("btc_acquired", -120, "2026-07-02"), ("btc_acquired_cost", -8.1e6, "2026-07-02")},
    ),
    (
        "Acme sold 120 BTC. Some 19.9 million were mined, and production is capped at 21,000,000 BTC.",
        {("btc_acquired", -120, "2026-07-02")},
    ),
    (
        "As at 1 July 2026, the Company purchased 68 units of Bitcoin, in June 2026 it sold 3 units of Bitcoin.",
        {("btc_acquired", 68, "2026-07-01")},
    ),
    (
        "Acme held 1,788 Bitcoin as of May 31, 2026 and bought 20 BTC on June 20, 2026.",
        {("btc_holdings", 1788, "2026-05-31"), ("btc_acquired", 20, "2026-06-20")},
    ),
    (
        "On July 1, 2026, Acme bought 292 BTC through its Class A shares issuance at an average price of $68,000 per bitcoin.",
        {("btc_acquired_average", 68000, "2026-07-01")},
    ),
    (
        "On July 1, 2026, Acme acquired 292 Bitcoin units at an average price of $68,000.",
        {("btc_acquired_average", 68000, "2026-07-01")},
    ),
    (
        "Acme will go on buying; the average cost of our total bitcoin holdings is $68,000.",
        {("btc_average_cost", 68000, "2026-07-02")},
    ),
    (
        "During Q2 2026, Acme purchased 400 BTC for $27 million at an average price of $67,500. In June 2026, Acme purchased 100 BTC for $6.8 million at an average price of $68,000.",
        {("btc_acquired_cost", 6.8e6, "2026-06-30"), ("btc_acquired_average", 68000, "2026-06-30")},
    ),
    (
        "Acme has total debt of $94.5 million, including notes issued on June 7, 2026 and drawn on June 15, 2026.",
        {("debt_total", 94.5e6, "2026-07-02")},
    ),
    (
        "The company, listed on June 15, 2026, reports a BTC Yield of 70.1% year-to-date.",
        {("btc_yield_published_pct", 70.1, "2026-07-02")},
    ),
    ("After its Q1 results Acme bought 300 BTC.", {("btc_acquired", 300, "2026-07-02")}),
    ("So far this quarter, the Company's bitcoin yield is 12.1%.", {("btc_yield_published_pct", 12.1, "2026-07-02")}),
    (
        "BTC Yield of 1,656.1% YTD and 28.1% QTD",
        {("btc_yield_published_pct", 1656.1, "2026-07-02"), ("btc_yield_published_pct", 28.1, "2026-07-02")},
    ),
    (
        "The Company held 1,788 Bitcoin as of May 31, 2026.\n\nAt that date, the Company had achieved:\n\na BTC Yield of 70.1% year-to-date and 9.3% quarter-to-date;",
        {("btc_yield_published_pct", 70.1, "2026-05-31"), ("btc_yield_published_pct", 9.3, "2026-05-31")},
    ),
    (
        "Acme achieved a BTC Yield of 649% in Q2 2026, from the first day it purchased Bitcoin in May 2026.",
        {("btc_yield_published_pct", 649, "2026-06-30")},
    ),
    (
        "The Company has achieved a Year-to-Date BTC Yield of 43,787% on its treasury",
        {("btc_yield_published_pct", 43787, "2026-07-02")},
    ),
]


@pytest.mark.parametrize(("text", "expected"), OTHERS)
def test_purchases_sales_and_the_rest(text: str, expected: set[tuple[str, float, str]]) -> None:
    assert expected <= set(sure(of(text)))


DOUBTED = [
    ("With over 2,100 Bitcoins on its balance sheet, Acme is a leader.", "over"),
    ("Acme holds nearly 2,100 bitcoin.", "nearly"),
    ("Acme holds approximately 18,000 BTC.", "round number"),
    ("Acme holds 500 BTC. As of today, Acme holds 600 BTC.", "the same notice tells"),
    (
        "Acme acquired 100 BTC for $9.0 million at an average price of $120,000 per bitcoin.",
        "is 12,000,000, printed 9,000,000",
    ),
    ("Total drawings under the facility are £15,000,000.", "one facility"),
    ("Approximate net cash in treasury available to be deployed into Bitcoin: £1,000,000", "part of the cash"),
    ("Total Bitcoin Holdings Surpass 1,500 BTC", "how far is not told"),
    ("To date, the Company has acquired 2,000 BTC for $180 million.", "told before"),
    ("Since January 1, 2026 Acme has acquired 2,000 BTC.", "told before"),
    ("Self-mined BTC held at June 30, 2026: 1,166", "perhaps a part"),
    ("Excluding 300 BTC held as collateral, Acme holds 700 BTC.", "left out"),
    ("Acme held 1,000 BTC (June 30, 2025: 800 BTC).", "no day is told"),
    ("Acme held 52,477 BTC, including loaned and collateralized bitcoin.", "no day is told"),
    ("Acme holds 175 Bitcoin and Bitcoin equivalents.", "like bitcoin"),
    ("As of June 30, 2026, Acme held 512 Bitcoin, of which 167 were BTC Equivalents.", "like bitcoin"),
    ("In June 2026, Acme mined 215 Bitcoin or Bitcoin Equivalents.", "like bitcoin"),
    ("As of June 30, 2026, Acme held 6,819 bitcoin, with a receivable for 1,229 bitcoin posted as collateral.", "lent or posted"),
    ("Acme reduced its treasury from 460 BTC in May to 350 BTC in June.", "the day is inferred from 'June'"),
    ("As of Tuesday, Acme's holdings stood at 540.5 BTC.", "the day is inferred from 'Tuesday'"),
    ("Acme raised £40 million three days after it bought 197 BTC.", "of which days is not told"),
    ("Acme's total production fell to 233 BTC.\n\nAcme secured 86 BTC, bringing its total to 1,103 BTC. Acme bought 86 BTC.", "that of what was mined is another"),
    ("Last month, Acme sold the 188 BTC it mined earlier in May 2026.", "of which days is not told"),
    ("Acme mined 230 BTC in June 2026 and sold most of it.\n\nAcme mined more than it sold. Acme added 86 BTC to its treasury.", "perhaps as mined"),
    ("In June 2026, Acme mined 30 BTC.\n\nAcme sold 1,576 BTC at an average price of $60,460.", "that of what was mined is another"),
    ("Acme reports its production of June 2026. In June 2026 it mined 90 BTC.\n\nIn Q2, the Company mined 300 BTC.", "'In Q2': of which days"),
    ("As of June 30, 2026, Acme held 1,620 self-mined BTC.", "perhaps a part"),
    ("As of Monday Acme held 1,620 BTC; as of today it holds 1,640 BTC.", "the day is inferred from 'Monday'"),
    ("On July 1, 2026, Acme held 1,620 BTC. It sold 30 BTC on that date.", "of which days is not told"),
    ("Acme bought 50 BTC. Its miners earned 12 BTC, and it plans to sell none.", "that of what was mined is another"),
    ("Acme sold 350 BTC from inventory it mined in May 2026.", "that of what was mined is another"),
    ("Acme today announced it has purchased 120 BTC for $8.1 million. In June 2026, Acme mined 486 BTC.", "that of what was mined is another"),
    ("Acme bought 100 BTC on June 3, 2026. On that date, its BTC Yield was 12.1% YTD.", "which day is not told"),
    ("Acme held 1,788 Bitcoin as of May 31, 2026, compared with 1,500 as of December 31, 2025. At that date, BTC Yield year-to-date was 70.1%.", "which day is not told"),
    ("As of June 30, 2026 and December 31, 2025, Acme and Beta Mining held 1,010 and 870 bitcoin, respectively.", "of a company, not of a day"),
    ("Over the eight months ending June 30, 2026, Acme sold 101.5 BTC.", "a recap of a longer period"),
    ("Self-mined Bitcoin: 688 BTC", "of which period"),
    ("Analysts estimate that Acme holds 3,000 BTC.", "the word of others"),
    ("Acme holds 500 BTC. This post contains sponsored content.", "news sets nothing"),
    ("As of 05/06/2026, Acme held 525 BTC.", "of which day 05/06/2026 is"),
    ("In 2025, Acme mined 945 BTC and purchased 2,206 BTC at an average price of $87,205.", "a sum of what was told before"),
    ("Acme acquired 1,748 BTC, after having acquired 40 BTC in 2024.", "a sum of what was told before"),
    ("As of June 30, 2026, Acme held 4,091 BTC and 302 ETH (including BTC and ETH held through the MetaCo ETF).", "held through others"),
    ("As of June 30, 2026, Acme held 95 BTC. Acme produced 110 BTC.", "of which period"),
    ("In June 2026, Acme produced 110 BTC across its own and hosted machines.", "hosted by others"),
    ("As of June 30, 2026, Acme held 400 BTC. As of December 31, 2025, Acme held 318 BTC. The average cost of the BTC is $68,114.", "of which of two days"),
    ("Acme announces that its wholly owned subsidiary, Reef Limited, bought 11 BTC. Reef now holds a total of 182 BTC.", "whose coins"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "doubt"), DOUBTED)
def test_what_is_open_is_in_doubt(text: str, doubt: str) -> None:
    assert any(doubt in (one.doubt or "") for one in of(text))


@pytest.mark.parametrize(
    "text",
    [
        "Acme issued shares for $20 million and bought 100 BTC.",
        "Acme holds 1,000 BTC, of which 500 BTC serve as collateral for a $50 million loan.",
        "Acme holds 2,139 BTC, of which 1,617 BTC are pledged as security for $94.5 million convertible debt.",
        "MetaCo's total debt was $50 million.",
        "MetaCo repaid $20 million of its loan.",
        "The treasury arm of Acme raised money by selling shares at $10 apiece and has completed the purchase of 292 BTC.",
        "Acme holds 1,669 bitcoin (valued at $16,212.50 per bitcoin) as of today.",
    ],
)
def test_amounts_that_are_no_cost_and_no_debt_of_the_issuer(text: str) -> None:
    assert [one for one in of(text) if one.unit == "USD"] == []


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("Acme purchased 68 bitcoins for approximately $5 million (Canadian dollars).", "CAD"),
        ("All financial references are in Canadian Dollars unless specified otherwise. Acme purchased 68 bitcoins for $5 million.", "CAD"),
        ("All amounts are in U.S. dollars. Acme purchased 68 bitcoins for $5 million.", "USD"),
        ("Values in Canadian dollars were converted. Acme purchased 68 bitcoins for $5 million.", "USD"),
        ("All amounts are in Hong Kong dollars. Acme purchased 68 bitcoins for US$5 million.", "USD"),
        ("All amounts are in Canadian dollars. Acme purchased 68 bitcoins for $5 million US.", "USD"),
        ("All amounts are in Canadian dollars. Acme purchased 68 bitcoins for $5M (US$3.6M).", "CAD"),
        ("(All figures in CAD unless noted.) Acme purchased 68 bitcoins for $5 million.", "CAD"),
        ("Unless noted, dollar amounts herein are in Canadian dollars. Acme purchased 68 bitcoins for $5 million.", "CAD"),
        ('References to "US$" are to United States dollars and to "$" are to Canadian dollars. Acme purchased 68 bitcoins for $5 million.', "CAD"),
        ("Results are presented in Australian dollars. Acme purchased 68 bitcoins for $5 million.", "AUD"),
        ("Results are presented in New Zealand dollars. Acme purchased 68 bitcoins for $5 million.", "NZD"),
        ("Acme purchased 68 bitcoins for NZ$5 million.", "NZD"),
        ("All amounts are in New Taiwan dollars. Acme purchased 68 bitcoins for $5 million.", "TWD"),
        ("Acme purchased 68 bitcoins for $5 million in Canadian dollars.", "CAD"),
        ("Acme purchased 68 bitcoins for $5 million (Canadian dollars 7 million).", "USD"),
        ('All references to "C$" are to Canadian dollars. Acme purchased 68 bitcoins for $5 million.', "USD"),
        ("The notes are denominated in Canadian dollars. Acme purchased 68 bitcoins for $5 million.", "USD"),
        ("The fund's value is reported in Canadian dollars. Acme purchased 68 bitcoins for $5 million.", "USD"),
        ("All amounts translated to Hong Kong dollars are at HK$7.8. Acme purchased 68 bitcoins for $5 million.", "USD"),
        ("All per-share amounts are in Hong Kong dollars. Acme purchased 68 bitcoins for $5 million.", "USD"),
        ("All amounts owed to banks in Canadian dollars were paid. Acme purchased 68 bitcoins for $5 million.", "USD"),
    ],
)  # fmt: skip
def test_a_notice_says_whose_dollars_it_prints(text: str, unit: str) -> None:
    assert [one.unit for one in of(text) if one.quantity == "btc_acquired_cost"] == [unit]


def test_a_row_that_names_american_dollars_is_in_them() -> None:
    rows = (
        "Bitcoin Treasury|June 30, 2026",
        "Bitcoin held|1,500",
        "Average cost (US$)|$68,000",
        "Cost basis|$140,000,000",
    )
    cells = "".join(f"<tr><td>{'</td><td>'.join(row.split('|'))}</td></tr>" for row in rows)
    page = (
        f"<html><body><p>{OPENING}</p><p>All amounts are in Canadian dollars.</p><table>{cells}</table></body></html>"
    )
    found = list(announcement.parse(notice(page.encode()), company="ACME"))
    assert {(one.quantity, one.unit) for one in found if one.unit != "BTC"} == {
        ("btc_average_cost", "USD"),
        ("btc_cost_basis", "CAD"),
    }


def test_a_month_and_its_quarter_side_by_side_are_two_periods_and_the_longer_sale_a_recap() -> None:
    lines = [
        "Metric|June 2026|May 2026|Second Qtr. 2026",
        "Self-Mining Bitcoin Earned|345|358|1,115",
        "Bitcoin Sold|981|952|2,888",
    ]
    cells = "".join(f"<tr><td>{'</td><td>'.join(line.split('|'))}</td></tr>" for line in lines)
    page = f"<html><body><p>July 2, 2026</p><p>{JUNE}</p><table>{cells}</table></body></html>".encode()
    found = list(announcement.parse(notice(page), company="ACME"))
    assert [(one.value, str(one.period_start), one.doubt) for one in found if one.quantity == "btc_mined" and one.as_of.month == 6] == [
        (345, "2026-06-01", None), (1115, "2026-04-01", None)
    ]  # fmt: skip
    assert [(one.value, "recap" in (one.doubt or "")) for one in found if one.quantity == "btc_acquired"] == [
        (-981, False),
        (-2888, True),
    ]


def test_without_a_day_or_an_issuer_there_is_no_reading() -> None:
    body = b"Acme holds 500 BTC."
    assert list(announcement.parse(notice(body, on=None), company="ACME")) == []
    assert list(announcement.parse(notice(body))) == []
    assert len(list(announcement.parse(notice(body), company="ACME"))) == 1


def test_a_purchase_long_past_is_a_recap_and_a_quarter_adds_none() -> None:
    (told,) = [one for one in of("On January 5, 2026, Acme acquired 100 BTC.") if one.quantity == "btc_acquired"]
    assert "adds no purchase" in (told.doubt or "")
    quarter = "Quarterly Update for the three months ended June 30, 2026. The Company added 31 Bitcoin to its treasury."
    (added,) = [one for one in of(quarter) if one.quantity == "btc_acquired"]
    assert "adds no purchase" in (added.doubt or "")


def test_words_about_who_the_issuer_is_are_none_about_what_it_did() -> None:
    told = "Acme, a maker of products that assist its customers, today announced that it acquired 167 bitcoins for $16.2 million on July 1, 2026."
    assert ("btc_acquired", 167, "2026-07-01") in sure(of(told))
    assert sure(of("Our customers announced that they hold 167 bitcoins.")) == []


def test_an_acquisition_announced_with_its_day_is_done() -> None:
    told = "Acme announces today, July 2, 2026, the acquisition of an additional 13 Bitcoin for approximately $1.5 million."
    assert ("btc_acquired", 13, "2026-07-02") in sure(of(told))


def test_a_snapshot_is_of_the_day_its_opening_words_tell() -> None:
    found = of("Acme is pleased to provide a treasury update as at 30 June 2026.\n\nBitcoin holdings: 502.4 BTC")
    assert [(one.value, one.as_of.isoformat()) for one in found] == [(502.4, "2026-06-30")]


def test_the_price_of_a_purchase_is_held_against_the_closes() -> None:
    text = OPENING + "On July 1, 2026, Acme acquired 10 BTC at an average price of $250,000 per bitcoin.\n"
    closes = {date(2026, 6, 28): 99_000.0, date(2026, 7, 1): 101_000.0}
    found = list(announcement.parse(notice(text.encode()), bitcoin=closes, company="ACME"))
    assert ["closed between" in (one.doubt or "") for one in found if one.quantity == "btc_acquired_average"] == [True]


def test_names_of_the_issuer_come_from_data_too() -> None:
    body = OPENING.replace("Acme", "Zenith") + "Semler Scientific held 4,636 Bitcoins as of July 1, 2026.\n"
    known: Names = {"SMLR": ("Semler Scientific",)}
    found = list(announcement.parse(notice(body.encode(), "SMLR"), known_as=known, company="SMLR"))
    assert sure(found) == [("btc_holdings", 4636, "2026-07-01")]
    assert sure(list(announcement.parse(notice(body.encode(), "ACME"), known_as=known, company="ACME"))) == []


@pytest.mark.parametrize(
    ("text", "value", "day"),
    [
        ("Total Bitcoin Holdings: 2 525", 2525, "2026-07-02"),
        ("Total Bitcoin Holdings: 2'525 Bitcoin", 2525, "2026-07-02"),
        ("Total Bitcoin Holdings:\u00a02\u00a0525 Bitcoin" + "\u00a0" * 60, 2525, "2026-07-02"),
        ("As of Jun. 30, 2026, Acme held 2,525 Bitcoin.", 2525, "2026-06-30"),
    ],
)
def test_thousands_and_months_as_others_write_them(text: str, value: float, day: str) -> None:
    assert sure(of(text)) == [("btc_holdings", value, day)]


def test_points_that_part_thousands_elsewhere_put_coins_in_doubt() -> None:
    (held,) = [one for one in of("Acme holds 2.525 BTC, bought for €210.123.456.") if one.quantity == "btc_holdings"]
    assert "part its thousands" in (held.doubt or "")
    assert sure(of("Acme holds 2.525 BTC."))[0][1] == 2.525


@pytest.mark.parametrize(
    ("text", "held", "doubt"),
    [
        ("La Société détient désormais un total de 1 933 BTC.", (1933, "2026-07-02"), None),
        ("La Société détenait 1 788,25 BTC au 30 juin 2026.", (1788.25, "2026-06-30"), None),
        ("Acme meddelar idag. Totalt innehav uppgår till 1 004,56 BTC, förvärvade till ett genomsnittspris om 1 107 435 SEK per BTC.", (1004.56, "2026-07-02"), None),
        ("Bolaget äger nu 1.046,66 BTC.", (1046.66, "2026-07-02"), None),
        ("Bolaget äger nu 1.959 BTC.", (1959, "2026-07-02"), "a point may part thousands or decimals"),
        ("La Société détient 2,218 BTC.", (2218, "2026-07-02"), "a comma may part thousands or decimals"),
        ("Bolaget äger nu 1.959 BTC, köpta för 1.234.567,50 SEK.", (1959, "2026-07-02"), None),
        ("Bolaget äger nu 1.959 BTC, köpta för 1.234.567,50 SEK. In all $1,234,567.50.", (1959, "2026-07-02"), "a point may part"),
        ("Die Gesellschaft hält zum 30. Juni 2026 insgesamt 3.605,5 Bitcoin.", (3605.5, "2026-06-30"), None),
        ("A Companhia passa a deter 595,67 bitcoins, adquiridos a um preço médio de US$ 102.702,84.", (595.67, "2026-07-02"), None),
        ("Metaplanet äger nu 18 991 BTC.", (18991, "2026-07-02"), "whose coins"),
        ("Die Gesellschaft hält rund 3 605 Bitcoin.", (3605, "2026-07-02"), "approximately"),
        ("La Société ne détient pas 300 BTC.", None, None),
        ("La Société détient plus de 300 BTC.", None, None),
        ("La Société vise un objectif et détient 300 BTC.", None, None),
        ("Bolaget avser att äga 500 BTC.", None, None),
        ("A Companhia poderá, quando possui 500 bitcoins, vender.", None, None),
        ("La Société détenait 300 BTC au 31 décembre 2025 et 400 au 30 juin 2026.", None, None),
    ],
)  # fmt: skip
def test_french_german_portuguese_and_swedish_sentences(
    text: str, held: tuple[float, str] | None, doubt: str | None
) -> None:
    found = [one for one in of(text) if one.quantity == "btc_holdings"]
    assert [(one.value, one.as_of.isoformat()) for one in found] == ([held] if held else [])
    assert all((doubt or "") in (one.doubt or "") and bool(one.doubt) == bool(doubt) for one in found)


def test_purchases_in_french_german_portuguese_and_swedish() -> None:
    for text in (
        "Acme annonce avoir acquis 37,86 BTC.",
        "Bolaget har förvärvat 37,86 BTC.",
        "Die Gesellschaft hat 37,86 Bitcoin gekauft.",
        "A Companhia adquiriu 37,86 bitcoins.",
    ):
        assert sure(of(text)) == [("btc_acquired", 37.86, "2026-07-02")], text


POINTED = "Acme bought them at EUR 98.123,45 each, for EUR 2.938.797,33 in all."


@pytest.mark.parametrize(
    ("text", "held"),
    [
        (f"Acme holds 1.046,66 BTC. {POINTED}", 1046.66),
        (f"Acme holds 29,95 BTC. {POINTED}", 29.95),
        ("Acme holds 29,95 BTC.", None),
        (f"Acme holds 29,95 BTC. {POINTED} This is about $3,412,000.", None),
        (f"Acme holds 1.959 BTC. {POINTED}", None),
    ],
)
def test_numbers_the_other_way_round_are_read_where_others_leave_no_doubt(text: str, held: float | None) -> None:
    assert [value for quantity, value, _ in sure(of(text)) if quantity == "btc_holdings"] == ([held] if held else [])


ISSUED = "On June 30, 2026, Acme completed its previously announced private offering of 2.250% Convertible Senior Notes due 2032 (the “notes”)."
SOLD = " The aggregate principal amount of the notes sold in the offering was $800 million, which includes $100 million under an option."
NEW_CLASS = "On June 30, 2026, Acme issued 7,300,000 shares of a new class of its capital stock titled “8.00% Series A Perpetual Reef Preferred Stock”. It has a liquidation preference of $100 per share."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ISSUED + SOLD, [("principal", 800e6, "2.25% convertible senior notes due 2032", False)]),
        (
            "On June 30, 2026, Acme issued $450.5 million aggregate principal amount of its 0% Convertible Senior Notes due 2031.",
            [("principal", 450.5e6, "0% convertible senior notes due 2031", False)],
        ),
        (
            "On June 30, 2026, Acme sold an additional $50 million aggregate principal amount of 0% Convertible Senior Notes due 2031.",
            [("principal", 50e6, "0% convertible senior notes due 2031", True)],
        ),
        (NEW_CLASS, [("liquidation_preference", 730e6, "8.00% Series A Perpetual Reef Preferred Stock", False)]),
        (ISSUED.replace("completed", "priced") + SOLD, []),
        (
            "On June 30, 2026, Acme repurchased $50 million principal amount of its 0% Convertible Senior Notes due 2031.",
            [],
        ),
    ],
    ids=["offering", "issue", "more of them", "new class", "priced only", "repurchase"],
)
def test_new_notes_and_series_bear_the_names_printed(text: str, expected: list[tuple[str, float, str, bool]]) -> None:
    found = [one for one in of(text) if one.instrument]
    assert [(one.quantity, one.value, one.instrument, bool(one.doubt)) for one in found] == expected


# -- tables of others -----------------------------------------------------------------------------------------------------

JUNE = 'Acme Corp. ("Acme" or the "Company") announces unaudited production and operations update for June 2026.'


@pytest.mark.parametrize(
    ("rows", "held"),
    [
        (["|June|May", "BTC in treasury|12,000|11,307"], [(12000, "2026-06-30", None), (11307, "2026-05-31", None)]),
        (["|May 2026|June 2026|Change", "BTC Holdings|11,307|12,000|693"], [(11307, "2026-05-31", None), (12000, "2026-06-30", None)]),
        (["Opening BTC balance|11,307", "BTC mined|693", "BTC sold|0", "Closing BTC balance|12,000"], [(12000, "2026-06-30", None)]),
        (["(in thousands)|June 30, 2026", "Bitcoin holdings|120,000"], [(120000, "2026-06-30", "coins or money is not told")]),
        (["|June 30, 2026", "Direct BTC held|500", "ETF (BTC equivalent)|300", "Total BTC held|800"], [(500, "2026-06-30", None), (800, "2026-06-30", "which the total may hold")]),
        (["Company|Bitcoin holdings", "MetaCo|640,000"], [(640000, "2026-06-30", "'MetaCo'")]),
        (["|June 30, 2026|June 30, 2026 Budget", "BTC held|1,200|1,300"], [(1200, "2026-06-30", None)]),
        (["|June 30, 2026|Pro forma", "BTC held|1,200|5,000"], [(1200, "2026-06-30", None)]),
        (["|June 2026", "Opening BTC balance|1,000", "BTC sold|(50)", "Closing BTC balance|950"], [(950, "2026-06-30", None)]),
        (["Milestone|BTC target|Year", "Phase 1|1,000|2026"], []),
        (["|June 2026|May 2026|Month/Month|Year/Year", "Bitcoin Held|12,000|11,307|6%|106%"], [(12000, "2026-06-30", None), (11307, "2026-05-31", None)]),
        (["|5/6/2026", "BTC Holdings|408"], [(408, "2026-06-30", "of which day 5/6/2026 is")]),
    ],
    ids=["months", "older first", "opening and closing", "thousands", "with funds", "other company", "budget", "pro forma", "sold in brackets", "targets", "month by month", "unclear day"],
)  # fmt: skip
def test_tables_as_others_set_them(rows: list[str], held: list[tuple[float, str, str | None]]) -> None:
    cells = "".join(f"<tr><td>{'</td><td>'.join(line.split('|'))}</td></tr>" for line in rows)
    page = f"<html><body><p>July 2, 2026</p><p>{JUNE}</p><table>{cells}</table></body></html>".encode()
    found = [one for one in announcement.parse(notice(page), company="ACME") if one.quantity == "btc_holdings"]
    assert [(one.value, one.as_of.isoformat()) for one in found] == [(value, day) for value, day, _ in held]
    assert all((doubt or "") in (one.doubt or "") and bool(doubt) == bool(one.doubt) for one, (*_, doubt) in zip(found, held, strict=True))  # fmt: skip


def test_shares_of_a_section_in_thousands_are_whole_shares() -> None:
    lines = ["|12/31/2025|6/30/2026", "Total Bitcoin Holdings|447,470|478,740", "Shares Outstanding (in ‘000s)", "Basic Shares Outstanding|245,778|258,180"]  # fmt: skip
    cells = "".join(f"<tr><td>{'</td><td>'.join(line.split('|'))}</td></tr>" for line in lines)
    page = f"<html><body><p>July 2, 2026</p><p>Acme Corp. (“Acme” or the “Company”)</p><table>{cells}</table></body></html>"
    found = sure(list(announcement.parse(notice(page.encode()), company="ACME")))
    assert {("shares_basic", 258_180_000, "2026-06-30"), ("btc_holdings", 478_740, "2026-06-30")} <= set(found)


# -- numbers, days and layout -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("USD $108,726 and ~€6.2 million", [(108726, "USD", ""), (6.2e6, "EUR", "~")]),
        ("JPY 4 billion, 1,000,000,405 円, △656,503,300 円", [(4e9, "JPY", ""), (1000000405, "JPY", ""), (-656503300, "JPY", "")]),
        ("over 2,100 Bitcoins, 13 bitcoin treasury companies", [(2100, "BTC", "over"), (13, "", "")]),
        ("17,3277,3096", []),
        ("$124.9 Million, $1.4 B", [(124.9e6, "USD", ""), (1.4e9, "USD", "")]),
        ("4,000 Solana and 12 Satoshis", [(4000, "other coin", ""), (12, "other coin", "")]),
        ("twenty-five bitcoin", [(25, "BTC", "")]),
        ("1 051 BTC", [(1051, "BTC", "")]),
        ("175,000 ATOM", [(175000, "other coin", "")]),
        ("we hold 15 391", []),
    ],
)  # fmt: skip
def test_numbers(text: str, expected: list[tuple[float, str, str]]) -> None:
    assert [(one.value, one.unit, one.hedge) for one in figures_in(text)] == expected


@pytest.mark.parametrize(
    ("text", "day", "start"),
    [
        ("from September 8, 2026 through September 11", "2026-09-11", "2026-09-08"),
        ("As of August 17th at 11:59pm ET", "2026-08-17", None),
        ("in November", "2025-11-30", "2025-11-01"),
        ("2026 年 1 月 21 日", "2026-01-21", None),
        ("three and nine months ended March 31, 2026", "2026-03-31", "2026-01-01"),
        ("28 April 2026", "2026-04-28", None),
        ("at 31 December 2025", "2025-12-31", None),
        ("In June 2026, we", "2026-06-30", "2026-06-01"),
        ("Over the eight months ending August 31, 2026", "2026-08-31", "2026-01-01"),
        ("in the first ten months of 2025", "2025-10-31", "2025-01-01"),
        ("Third Qtr. 2026", "2026-09-30", "2026-07-01"),
        ("as of Tuesday", "2026-09-29", None),
        ("on Tuesday, September 8, 2026", "2026-09-08", None),
    ],
)
def test_days(text: str, day: str, start: str | None) -> None:
    found = days_in(text, date(2026, 10, 2))[-1]
    assert (found.day.isoformat(), found.start and found.start.isoformat()) == (day, start)


def test_rows_of_a_text_are_a_table_and_wrapped_lines_a_paragraph() -> None:
    text = b"Key Metrics Apr 26 Mar 26\nBitcoin mined3 579 BTC 533 BTC\nElectricity costs1 ($14.1m) ($10.9m)\n\nA sentence that\nruns on. Another.\n"
    table, paragraph = layout(text).blocks
    assert isinstance(table, PrintedTable)
    assert [(row.label, [cell.text for cell in row.cells]) for row in table.rows][1] == ("Bitcoin mined", ["579 BTC", "533 BTC"])  # fmt: skip
    assert paragraph == Paragraph("A sentence that runs on. Another.")


def test_bars_within_brackets_part_nothing() -> None:
    (paragraph,) = layout(b"Beacon (LSE: B | OTCQB: BB | FRA: 3) holds 5 BTC.\n").blocks
    assert isinstance(paragraph, Paragraph)


# -- the three answers, and the verb ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "answer"), [("good_day.html", "leads to exhibits"), ("unknown_words.html", "layout unknown"), ("weekly_table.html", "")]
)  # fmt: skip
def test_what_a_document_without_readings_is(name: str, answer: str) -> None:
    document = notice((FIXTURES / "announcement" / name).read_bytes())
    assert announcement.answer(document, company="LRCH") == answer
    assert bool(announcement.remarks(document, company="LRCH")) == (answer == "layout unknown")


def test_nothing_here() -> None:
    text = "Acme declared a dividend of $0.05 per share, payable on July 31, 2026."
    assert announcement.answer(notice((OPENING + text).encode()), company="ACME") == "nothing here"


def test_the_verb_shows_doubt_and_says_what_an_empty_document_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    def parsed(text: str) -> tuple[list[dict[str, object]], str]:
        Path("notice.txt").write_text(OPENING + text + "\n")
        words = ["parse", "announcement", "notice.txt", "--company", "ACME", "--json"]
        result = CliRunner().invoke(mnav, [*words, "--published-at", "2026-07-02T16:00:00Z"], prog_name="mnav")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout), result.stderr

    (held,), _ = parsed("Acme holds 500 BTC.")
    assert (held["company"], held["value"], held["doubt"], held["known_at"]) == ("ACME", 500, None, "2026-07-02T16:00:00Z")  # fmt: skip
    (over,), said = parsed("Acme holds over 500 BTC.")
    assert "a bound" in str(over["doubt"])
    assert "in doubt, kept out" in said
    assert parsed("Acme appointed a director.") == ([], "nothing here\n")
    assert parsed("A press release is attached as Exhibit 99.1.") == ([], "leads to exhibits\n")
    assert parsed("At the vault, 4,200 BTC slumber.")[1].startswith("layout unknown: ")


# -- the captured notices -----------------------------------------------------------------------------------------------

TICKERS = {"3350": "3350.T", "ANAP": "3189.T", "GUMI": "3903.T", "DCC": "DCC.AX", "1723": "1723.HK", "NDA": "NDA.V", "SWC": "SWC.AQ"}  # fmt: skip
GOLDEN = {
    "btc_purchased": ("btc_acquired", 1), "btc_sold": ("btc_acquired", -1), "average_price": ("btc_acquired_average", 1),
    "sale_average_price": ("btc_acquired_average", 1), "purchase_cost": ("btc_acquired_cost", 1), "sale_proceeds": ("btc_acquired_cost", -1),
    "cost_basis_total": ("btc_cost_basis", 1), "cost_basis_average": ("btc_average_cost", 1),
}  # fmt: skip


def captured() -> dict[str, list[dict[str, str]]]:
    rows: dict[str, list[dict[str, str]]] = defaultdict(list)
    with (RELEASES / "golden.csv").open() as lines:
        for row in csv.DictReader(lines):
            rows[row["file"]].append(row)
    return rows


@cache  # more than one test looks at what all of them say
def stated(file: str, published: str) -> list[Reading]:
    company = TICKERS.get(file.partition("/")[0], file.partition("/")[0])
    on = date.fromisoformat(published if len(published) == 10 else f"{published}-15")
    document = notice((RELEASES / file).read_bytes(), company, on)
    return list(announcement.parse(document, known_as=bundled_names(), company=company))


@pytest.mark.slow
@needs_samples
def test_the_captured_notices_hold_what_their_readers_found() -> None:
    """The bars: holdings with their day in 85 % of the documents, nothing false without doubt, 80 % of the rest."""
    right: Counter[str] = Counter()
    wanted: Counter[str] = Counter()
    false = []
    for file, rows in captured().items():
        if file.startswith("MANY/"):  # articles about several companies
            continue
        found = stated(file, rows[0]["published_on"])
        told = {(one.quantity, round(one.value, 4), one.as_of.isoformat()) for one in found}
        held = [row for row in rows if row["quantity"] == "btc_holdings"]
        if held:
            wanted["documents"] += 1
            right["documents"] += all(
                ("btc_holdings", round(float(row["value"]), 4), row["as_of"]) in told for row in held
            )
        for row in rows:
            if row["quantity"] not in GOLDEN:
                continue
            quantity, sign = GOLDEN[row["quantity"]]
            wanted[quantity] += 1
            right[quantity] += (quantity, round(sign * float(row["value"]), 4), row["as_of"].rpartition("/")[2]) in told
        true = {round(float(row["value"]), 4) for row in held} | {24531.0}  # a comparative of ASST/2026-09-14-8K.txt
        false += [
            (file, one)
            for one in found
            if one.quantity == "btc_holdings" and one.doubt is None and round(one.value, 4) not in true
        ]
    assert false == []
    assert right["documents"] >= 0.95 * wanted["documents"] > 35
    assert {quantity: right[quantity] / wanted[quantity] for quantity in wanted if right[quantity] < 0.9 * wanted[quantity]} == {}  # fmt: skip


@pytest.mark.slow
@needs_samples
def test_numbers_that_are_no_holdings_are_none() -> None:
    for file, rows in captured().items():
        nothing = {float(row["value"]) for row in rows if row["quantity"] == "NONE" and row["value"]}
        found = stated(file, rows[0]["published_on"])
        assert [
            one for one in found if one.quantity == "btc_holdings" and one.doubt is None and one.value in nothing
        ] == []


@needs_samples
def test_covers_lead_to_their_exhibits() -> None:
    for name in ("2024-02-29-6K-cover.html", "2024-06-30-6K-cover.html", "2025-12-05-6K-cover.html"):
        document = notice((RELEASES / "FUFU" / name).read_bytes(), "FUFU", date(2025, 12, 5))
        assert announcement.answer(document, company="FUFU") == "leads to exhibits"


# -- whatever comes -----------------------------------------------------------------------------------------------------

PAGES = [path for path in sorted((FIXTURES / "announcement").glob("*.*")) if path.suffix in (".html", ".txt")]


@pytest.mark.slow
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_damaged_notice_is_refused_doubted_or_plausible(data: st.DataObject) -> None:
    body = bytearray(data.draw(st.sampled_from(PAGES)).read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(body) - 1))
        kind = data.draw(st.sampled_from(("cut", "swap", "write", "digits")))
        if kind == "cut":
            del body[at : at + data.draw(st.integers(1, 200))]
        elif kind == "swap":
            other = data.draw(st.integers(0, len(body) - 1))
            body[at], body[other] = body[other], body[at]
        elif kind == "write":
            body[at : at + 1] = data.draw(
                st.sampled_from((b"<", b"</td>", b"<table>", b"|", b"\x00", b"\xff", b"9", b",", "円".encode(), b"BTC"))
            )
        else:
            body[at:at] = data.draw(
                st.sampled_from((b"9" * 30, b"1,2,3", b"2026", b"99/99/2026", b"February 31, 2026"))
            )
        if not body:
            return
    document = notice(bytes(body))
    try:
        found = list(announcement.parse(document, company="ACME"))
    except ParseError:
        return
    for reading in found:
        if reading.doubt is None and catalogue.why_implausible(reading) is None:
            QUANTITIES[reading.quantity].check(reading.value, reading.unit)
            assert reading.as_of.year in range(2000, 2028)


@pytest.mark.slow
def test_a_long_notice_takes_time_in_proportion() -> None:
    sentence = "As of June 30, 2026, Acme held 1,234 bitcoin, and (with its subsidiaries) it had, in total, 5,000 BTC of others. "
    found = read(notice((OPENING + sentence * 400).encode()), "ACME")
    assert found.issuer.company == "ACME"


# -- notices of companies abroad ----------------------------------------------------------------------------------------


def imported(tmp_path: Path, *words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(mnav, ["--db", str(tmp_path / "mnav.db"), "import-document", *words], prog_name="mnav")
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def small_world(tmp_path: Path) -> Path:
    db = empty(tmp_path / "mnav.db")
    store(
        db,
        *(SOURCES, EXCHANGES, company("BCNW.L", mic="XTKS", currency="JPY")),
        facts("BCNW.L", "btc_holdings 2026-04-20 2026-04-20T06:00:00Z 778 BTC"),
    )
    return tmp_path


def test_a_notice_of_a_company_abroad_is_stored_once_with_its_quarantine(small_world: Path) -> None:
    page = FIXTURES / "issuer_notice" / "good_day.html"
    words = (
        str(page),
        "--company",
        "BCNW.L",
        "--published-at",
        "2026-05-04T06:00:00Z",
        "--url",
        "https://beacon.example/1",
    )
    status, shown, said = imported(small_world, *words, "--json")
    assert status == 0, said
    assert {(row["quantity"], row["value"], row["doubt"]) for row in json.loads(shown)} >= {("btc_holdings", 805, None)}
    db = open_database(small_world / "mnav.db")
    rows = db.execute("SELECT value, known_at, s.url, s.kind FROM fact f JOIN source s ON s.id = f.source WHERE quantity = 'btc_holdings' AND as_of = '2026-05-01'").fetchall()  # fmt: skip
    assert rows == [(805.0, "2026-05-04T06:00:00Z", "https://beacon.example/1", "issuer")]
    assert db.execute("SELECT btc, cost, currency FROM purchase").fetchall() == [(27.0, 1_533_573.0, "GBP")]
    assert list((small_world / "mnav-archive").rglob("*.gz"))
    assert "nothing new" in imported(small_world, *words)[2]


def test_holdings_that_do_not_follow_from_those_before_name_the_missing_notice(small_world: Path) -> None:
    text = (
        OPENING.replace("July 2, 2026", "4 May 2026")
        + "On 1 May 2026, Acme acquired 27 BTC, bringing its total holdings to 905 BTC.\n"
    )
    (small_world / "n.txt").write_text(text)
    words = (str(small_world / "n.txt"), "--company", "BCNW.L", "--published-at", "2026-05-04T06:00:00Z", "--json")
    _, shown, _ = imported(small_world, *words)
    (held,) = [row for row in json.loads(shown) if row["quantity"] == "btc_holdings"]
    assert held["doubt"] == "778 held on 2026-04-20 and 27 bought make 805, not 905: an announcement between 2026-04-20 and 2026-05-01 is missing"  # fmt: skip


NEW_SECURITIES = ("1.25% convertible senior notes due 2033", "8.00% Series Q Perpetual Preferred Stock")
ISSUING = (
    OPENING.replace("July 2, 2026", "4 May 2026")
    + f"On 1 May 2026, Acme completed its offering of $850.0 million aggregate principal amount of its {NEW_SECURITIES[0]}.\n\n"
    f"On 1 May 2026, Acme issued 1,000,000 shares of a new series of its preferred stock titled “{NEW_SECURITIES[1]}”, with a"
    " liquidation preference of $25 per share.\n"
)


def waiting(folder: Path) -> list[tuple[str, str]]:
    """The lines of `mnav check` about readings kept out: whose, and what it says."""
    result = CliRunner().invoke(mnav, ["--db", str(folder / "mnav.db"), "check", "--json"], prog_name="mnav")
    return [(row["ticker"], row["message"]) for row in json.loads(result.stdout) if row["check"] == "in quarantine"]


def test_new_notes_and_preferred_stock_wait_under_their_printed_names_with_the_row_to_add(small_world: Path) -> None:
    notice_ = small_world / "n.txt"
    notice_.write_text(ISSUING)
    words = (str(notice_), "--company", "BCNW.L", "--published-at", "2026-05-04T06:00:00Z", "--json")
    for more in (("--check",), ()):
        rows = {row["instrument"]: row for row in json.loads(imported(small_world, *words, *more)[1])}
        assert [rows[name]["value"] for name in NEW_SECURITIES] == [850e6, 25e6]
        assert all(
            f"the row BCNW.L,{name},INSTRUMENT,SOURCE, with a tranche_name file" in rows[name]["doubt"]
            for name in NEW_SECURITIES
        )
    assert all(sum(name in line for _, line in waiting(small_world)) == 1 for name in NEW_SECURITIES)


def test_a_replayed_filing_of_new_notes_and_preferred_stock_waits_the_same_way(small_world: Path) -> None:
    db = open_database(small_world / "mnav.db", writable=True)
    store(db, company("BCNQ", cik="1234567"))
    now = datetime(2026, 11, 30, tzinfo=UTC)
    url = "https://www.sec.gov/Archives/edgar/data/1234567/000123456726000001/ex99-1.htm"
    Archive(small_world / "recorded").keep(
        Document("announcement", url, ISSUING.encode(), now, datetime(2026, 5, 4, 12, tzinfo=UTC))
    )
    replay = ["--db", str(small_world / "mnav.db"), "scrape", "--replay", str(small_world / "recorded")]
    for told in ("2 readings kept out", "nothing new"):  # the same again changes nothing
        result = CliRunner().invoke(mnav, replay, prog_name="mnav")
        assert result.exit_code == 0, result.stderr
        assert told in result.stderr
        lines = waiting(small_world)
        assert [ticker for ticker, _ in lines] == ["BCNQ", "BCNQ"]
        for name in NEW_SECURITIES:
            assert sum(f"the row BCNQ,{name},INSTRUMENT,SOURCE, with a tranche_name file" in one for _, one in lines) == 1  # fmt: skip
    assert db.execute("SELECT count(*) FROM fact WHERE ticker = 'BCNQ'").fetchone()[0] == 0


def test_check_stores_nothing_and_the_future_is_refused(small_world: Path) -> None:
    page = str(FIXTURES / "issuer_notice" / "good_day.html")
    words = (page, "--company", "BCNW.L", "--published-at")
    assert imported(small_world, *words, "2026-05-04T06:00:00Z", "--check")[0] == 0
    assert open_database(small_world / "mnav.db").execute("SELECT count(*) FROM document").fetchone() == (0,)
    assert imported(small_world, *words, "2126-05-04T06:00:00Z")[0] == 2


ABROAD = "2026年11月6日\n各位\n会社名 株式会社アクメ\n\n"
ACQUIRED = "当社は2026年11月5日に150BTCを22億5,000万円で取得しました。"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2026年11月5日現在、当社の保有数量は1,417.0341BTCとなりました。", {("btc_holdings", 1417.0341, "2026-11-05")}),
        ("2026年10月末時点の保有数量は1,200BTC、2026年11月5日時点のビットコイン保有残高は1,350 BTCです。", {("btc_holdings", 1350, "2026-11-05")}),
        (ACQUIRED, {("btc_acquired", 150, "2026-11-05"), ("btc_acquired_cost", 2.25e9, "2026-11-05")}),
        (ACQUIRED + "これにより、保有数量は1,350BTCとなりました。", {("btc_acquired", 150, "2026-11-05"), ("btc_acquired_cost", 2.25e9, "2026-11-05"), ("btc_holdings", 1350, "2026-11-05")}),
        ("当社は本日50BTCを売却いたしました。平均売却単価は1,400万円です。", {("btc_acquired", -50, "2026-11-06")}),
        ("当社は本日、50BTCを購入しました、平均購入単価は1,400万円です。", {("btc_acquired", 50, "2026-11-06"), ("btc_acquired_average", 1.4e7, "2026-11-06")}),
        ("11月5日時点で当社の保有数量は1,350BTCです。", set()),
        ("当社の保有数量は1,350BTCです。", set()),
        ("2026年11月5日現在、当社の保有数量は約1,350BTCです。", set()),
        ("2026年11月5日現在、A社の保有数量は1,350BTCです。", set()),
        ("2026年11月5日現在、当社子会社の保有数量は1,350BTCです。", set()),
        ("2026年11月5日現在、お客様からの預かり分を含む保有数量は1,350BTCです。", set()),
        ("当社は2026年12月31日までに保有数量は10,000BTCとなりますことを目標とします。", set()),
        ("当社は2026年11月5日に総額100億円を上限として150BTCを取得しました。", set()),
        ("当社は2026年7月5日に150BTCを取得しました。", set()),
        ("当社は、2026年11月5日現在、1,168.28ビットコインを保有しております。", {("btc_holdings", 1168.28, "2026-11-05")}),
        ("当社は、2026年11月5日現在、うち168ビットコインを保有しております。", set()),
    ],
)  # fmt: skip
def test_japanese_sentences_tell_what_is_held_and_dealt(text: str, told: set[tuple[str, float, str]]) -> None:
    document = Document("issuer_notice", "https://example.org/n.txt", (ABROAD + text).encode(), datetime(2026, 11, 7, tzinfo=UTC), datetime(2026, 11, 6, 7, tzinfo=UTC))  # fmt: skip
    found = [one for one in announcement.parse(document, company="ACME") if one.doubt is None]
    assert {(one.quantity, one.value, one.as_of.isoformat()) for one in found} == told


LINES = """ビットコインの追加購入に関するお知らせ
1. 追加購入の概要
(1)購入枚数 5,419ビットコイン
(2)平均購入価額 1ビットコインあたり 17,282,592円
(3)購入総額 936億5,400万円
2. ビットコイン保有状況（2026年11月5日現在）
(1)総保有枚数 25,555ビットコイン
(2)購入総額 3,982億1,400万円
"""


def test_japanese_labels_need_no_colon_and_amounts_may_have_two_units() -> None:
    found = sure(list(announcement.parse(notice((ABROAD + LINES).encode(), on=date(2026, 11, 6)), company="ACME")))
    assert found == [
        ("btc_acquired", 5419, "2026-11-06"),
        ("btc_acquired_average", 17_282_592, "2026-11-06"),
        ("btc_acquired_cost", 93_654_000_000, "2026-11-06"),
        ("btc_holdings", 25_555, "2026-11-05"),
        ("btc_cost_basis", 398_214_000_000, "2026-11-05"),
    ]


@pytest.mark.parametrize(
    ("line", "day", "doubt"), [("取得日 2026年11月5日\n", "2026-11-05", False), ("", "2026-11-06", True)]
)
def test_a_purchase_is_of_the_day_its_line_tells_and_in_doubt_where_a_sentence_tells_another(
    line: str, day: str, doubt: bool
) -> None:
    told = "当社は、2026年11月5日に、ビットコインを追加で購入いたしましたのでお知らせいたします。\n"
    body = ABROAD + told + line + "取得数量 70.4437 BTC\n取得総額 1,000百万円\n売却後保有数量 1,346.5856BTC\n"
    found = list(announcement.parse(notice(body.encode(), on=date(2026, 11, 6)), company="ACME"))
    (bought,) = [one for one in found if one.quantity == "btc_acquired"]
    assert (bought.value, bought.as_of.isoformat(), bool(bought.doubt)) == (70.4437, day, doubt)
    assert ("btc_holdings", 1346.5856, "2026-11-06") in sure(found)


@pytest.mark.parametrize(
    ("sentence", "value"),
    [
        ("As of July 1, 2026, the Company does not hold any bitcoin.", 0.0),
        ("The Company held no bitcoin as of July 1, 2026.", 0.0),
        ("As of July 1, 2026, we owned no bitcoin or other digital assets.", 0.0),
        ("The Company does not hold any bitcoin.", None),
        ("As of July 1, 2026, the Company does not hold any bitcoin for customers.", None),
        ("As of July 1, 2026, the Company held no bitcoin other than that of its subsidiary.", None),
        ("As of July 1, 2026, the Company held no bitcoin in its trading account.", None),
        ("As of July 1, 2026, the Company did not directly hold any bitcoin.", None),
        ("If as of July 1, 2026, the Company held no bitcoin, the notes fall due.", None),
        ("As of July 1, 2026, Beta Inc. held no bitcoin.", None),
        ("As of July 1, 2025, the Company held no bitcoin.", None),
    ],
)
def test_no_bitcoin_is_a_holding_of_nothing_where_it_is_said_of_a_day(sentence: str, value: float | None) -> None:
    found = announcement.parse(notice((OPENING + sentence).encode()), company="ACME")
    assert [one.value for one in found if one.quantity == "btc_holdings" and one.doubt is None] == [value][
        : value is not None
    ]
