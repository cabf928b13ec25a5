"""Whole notices in the layouts companies use: everything they say for sure, and nothing else."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from scrapers.sources import announcement
from treasury.model import Document

TOLD = date(2026, 7, 2)
ACME = 'July 2, 2026\n\nAcme Corp. ("Acme" or the "Company") announces news.\n\n'
JAPANESE = "2026年7月2日\n各位\n会社名 株式会社アクメ\n\n"

Told = set[tuple[str, float, str]]


def sure(body: str) -> Told:
    """What a notice of Acme, published on TOLD, says without doubt."""
    published = datetime.combine(TOLD, time(16), UTC)
    document = Document("announcement", "ACME.htm", body.encode(), datetime(2026, 11, 30, tzinfo=UTC), published)
    found = announcement.parse(document, company="ACME")
    return {(one.quantity, one.value, one.as_of.isoformat()) for one in found if one.doubt is None}


def table(*rows: str) -> str:
    """Rows of cells parted by bars; `2*` before a cell spans two columns."""
    lines = []
    for row in rows:
        cells = [(cell[:1], cell[2:]) if cell[1:2] == "*" else ("1", cell) for cell in row.split("|")]
        lines.append("".join(f'<td colspan="{span}">{text}</td>' for span, text in cells))
    return f"<html><body><p>{ACME}</p><table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table></body></html>"


ENGLISH: dict[str, tuple[str, Told]] = {
    "the comparative's day is not the number's": (
        "Bitcoin (BTC): 2,147 BTC held, compared to 2,123 BTC as of March 31, 2026",
        {("btc_holdings", 2147, "2026-07-02")},
    ),
    "a line that ends in a colon is a heading with its day": (
        "Digital Asset Holdings as of June 30, 2026:\n\n- Bitcoin (BTC): 2,147 BTC held, compared to 2,123 BTC as of March 31, 2026",
        {("btc_holdings", 2147, "2026-06-30")},
    ),
    "purchases told after the total they led to": (
        "Acme acquired 90 BTC on July 1, 2026, bringing its total holdings to 1,021 BTC as of July 1, 2026. The purchases were made at a weighted average price of $108,884 per bitcoin.",
        {("btc_acquired", 90, "2026-07-01"), ("btc_holdings", 1021, "2026-07-01"), ("btc_acquired_average", 108884, "2026-07-01")},
    ),
    "two states of one sentence": (
        "1,660 Bitcoin held at quarter end; 1,689 Bitcoin held as of July 1, 2026",
        {("btc_holdings", 1689, "2026-07-01")},
    ),
    "a remark between two days": (
        "From April 1, 2026 (the quarter after it adopted its strategy) to June 30, 2026, Acme's BTC Yield was 37.3%.",
        {("btc_yield_published_pct", 37.3, "2026-06-30")},
    ),
    "coins a wholly-owned subsidiary holds are the headline's": (
        'Current Holdings of 267.6862 Bitcoin Include 29.0900 Bitcoin Purchased During Last Week\n\nThe Company\'s wholly owned subsidiary, Reef, Inc. ("Reef"), held approximately 267.6862 Bitcoin as of June 28, 2026.',
        {("btc_holdings", 267.6862, "2026-06-28")},
    ),
    "a wholly-owned subsidiary of the company buys": (
        "The Board announces that Clear Vision, a wholly-owned subsidiary of the Company, had further purchased 175.67798279 units of Bitcoin on July 1, 2026.",
        {("btc_acquired", 175.67798279, "2026-07-01")},
    ),
    "a company and its subsidiary hold": (
        "As of today, Acme and its subsidiary Acme Luxembourg SA hold a total of 2,812 BTC, based on an average price of €93,216 per bitcoin.",
        {("btc_holdings", 2812, "2026-07-02"), ("btc_average_cost", 93216, "2026-07-02")},
    ),
    "a company named in an agreement is no subject": (
        "Completion of the capital increase under the agreement with TOBAM, announced on June 23, 2026\n\nTotal group holdings of 2,812 BTC for €262.1 million at €93,216 per bitcoin",
        {("btc_holdings", 2812, "2026-07-02"), ("btc_cost_basis", 262.1e6, "2026-07-02"), ("btc_average_cost", 93216, "2026-07-02")},
    ),
    "coins of a fund in the total": (
        "Acme's treasury increases to 499.8 BTC\n\n306.8 BTC held directly and 193 BTC held via the Company's units in the Acme Bitcoin ETF",
        set(),
    ),
    "after the quarter reported": (
        "Acme announced results for the second quarter ended June 30, 2026. Subsequent to quarter end, Acme purchased 100 BTC, bringing holdings to 1,650 BTC.",
        set(),
    ),
    "after a day": ("After June 30, 2026, Acme purchased 100 BTC for $9.8 million.", set()),
    "the date of this release": (
        "Acme announced results for the second quarter ended June 30, 2026. We hold 1,650 BTC as of the date of this release, up from 1,550 BTC at quarter end.",
        {("btc_holdings", 1650, "2026-07-02")},
    ),
    "sold after the month reported": (
        "Acme announced its production update for June 2026. On July 1, 2026 we sold 100 BTC, and now hold 1,550 BTC.",
        {("btc_acquired", -100, "2026-07-01"), ("btc_holdings", 1550, "2026-07-02")},
    ),
    "a day before the news": ("NEW YORK, July 2, 2026 — Acme Corp. sold 100 BTC during the second quarter.", set()),
    "a day before the news of last month": (
        "NEW YORK, July 2, 2026 — Acme Corp. today announced that it purchased 100 BTC last month.",
        set(),
    ),
    "a day before a year's end": (
        "NEW YORK, July 2, 2026 — Acme Corp. reported that as of year-end 2025 it held 34 Bitcoin.",
        set(),
    ),
    "a planned purchase": (
        "Acme today announced that it has entered into an agreement to acquire 4,250 Bitcoins for a total purchase price of US$482,961,000 (average $113,638 per Bitcoin).",
        set(),
    ),
    "units linked to coins": ("Acme held 1,000 BTC-linked units of the Reef Fund.", set()),
    "a count of shares as the British tell it": (
        "As at 30 June 2026 the Company's issued share capital consists of 1,204,567,890 ordinary shares of £0.0001 each, with one voting right per share.",
        {("shares_basic", 1204567890, "2026-06-30")},
    ),
    "shares of the company by its name": (
        "As at 30 June 2026 Acme's issued share capital consists of 1,204,567,890 ordinary shares of £0.0001 each.",
        {("shares_basic", 1204567890, "2026-06-30")},
    ),
    "a part of the whole": (
        "As of June 30, 2026, approximately 1,500 of our 4,100 bitcoin were pledged as collateral.",
        {("btc_holdings", 4100, "2026-06-30")},
    ),
    "sold of the whole": (
        "The Company sold 1,200 BTC of its 5,000 BTC holdings in June 2026 to fund its share repurchase.",
        {("btc_acquired", -1200, "2026-06-30")},
    ),
    "collateral added": ("Acme posted an additional 40 BTC of collateral on June 30, 2026.", set()),
    "this month so far": (
        "During the quarter ended June 30, 2026, we added 120 BTC, ending the quarter with 2,810 BTC, and in July to date we have added 15 BTC.",
        {("btc_acquired", 120, "2026-06-30"), ("btc_holdings", 2810, "2026-06-30")},
    ),
    "sold beside mined, in no period": (
        "Bitcoin mined: 20.5 BTC (May: 22.1 BTC)\nBitcoin sold: 18.0 BTC (May: 10.0 BTC)\nBitcoin held at month end: 300.2 BTC",
        set(),
    ),
    "a target passed": (
        "We have exceeded our 2026 target of 1,500 BTC and now have 1,550 BTC in treasury.",
        {("btc_holdings", 1550, "2026-07-02")},
    ),
    "amounts with a point on the way to a purchase": (
        "The Company used approximately $5.0 million from its ATM to purchase 51 BTC on July 1, 2026.",
        {("btc_acquired", 51, "2026-07-01")},
    ),
    "a line that tells the day of what follows": (
        "Treasury position as at 30 June 2026\n\nBitcoin holdings: 1,500 BTC",
        {("btc_holdings", 1500, "2026-06-30")},
    ),
    "a ratio": ("The Group thus holds 0.0516 BTC for every 10,000 shares.", set()),
    "a sum of years": ("The Company has accumulated 1,234 BTC.", set()),
    "nothing any more": (
        "As of July 1, 2026, the Company no longer holds any Bitcoin or Ether.",
        {("btc_holdings", 0, "2026-07-01")},
    ),
    "the day behind a comparative is the comparative's": (
        "Holdings increased 98% to 52,850 BTC from 26,747 BTC at the end of Q2 2025",
        {("btc_holdings", 52850, "2026-07-02")},
    ),
    "an amount behind coins that are no purchase": (
        "On July 1, 2026 Acme made a purchase of 118.6 BTC, bringing its acquisitions to $91 million to date of 920 BTC at a weighted average price of $98,760 per bitcoin.",
        {("btc_acquired", 118.6, "2026-07-01"), ("btc_average_cost", 98760, "2026-07-01")},
    ),
    "what was used to repay": (
        "On July 1, 2026 Acme used the proceeds of the sale to repay $20 million of its loan.",
        {("debt_repaid", 20e6, "2026-07-01")},
    ),
    "what was repaid on no day told": ("Acme used the proceeds to repay $30 million of notes.", set()),
    "what was drawn on no day told": ("Acme drew $30 million under its credit facility.", set()),
    "purchases of another after the issuer's": (
        "Acme acquired 90 BTC on July 1, 2026. The purchases by Beta Inc. were made at a weighted average price of $108,884 per bitcoin.",
        {("btc_acquired", 90, "2026-07-01")},
    ),
    "another's purchases after the issuer's": (
        "Acme acquired 90 BTC on July 1, 2026. The acquisitions of Beta Inc. were made at a weighted average price of $108,884 per bitcoin.",
        {("btc_acquired", 90, "2026-07-01")},
    ),
    "a list without colons": (
        "1. Purchase\n(1) Number of Bitcoin purchased    5,268 Bitcoin\n(2) Average purchase price    17,395,018 yen per Bitcoin\n(3) Total purchase amount    91.637 billion yen",
        {("btc_acquired", 5268, "2026-07-02"), ("btc_acquired_average", 17395018, "2026-07-02"), ("btc_acquired_cost", 91.637e9, "2026-07-02")},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "told"), ENGLISH.values(), ids=ENGLISH)
def test_english(text: str, told: Told) -> None:
    assert sure(f"{ACME}{text}\n") == told


TABLES: dict[str, tuple[tuple[str, ...], Told]] = {
    "periods over years": (
        ("|2*Three Months Ended June 30,|2*Six Months Ended June 30,", "|2026|2025|2026|2025", "Bitcoin mined|735|234|1,400|900"),
        {("btc_mined", 735, "2026-06-30"), ("btc_mined", 1400, "2026-06-30"), ("btc_mined", 234, "2025-06-30"), ("btc_mined", 900, "2025-06-30")},
    ),
    "periods over named columns": (
        ("3*During Period June 22, 2026 to June 28, 2026|3*As of June 28, 2026", "BTC Acquired|Aggregate Purchase Price (in millions)|Average Purchase Price|Aggregate BTC Holdings|Aggregate Purchase Price (in billions)|Average Purchase Price", "210|$17.1|$81,429|30,231|$2.902|$95,994"),
        {("btc_acquired", 210, "2026-06-28"), ("btc_acquired_cost", 17.1e6, "2026-06-28"), ("btc_acquired_average", 81429, "2026-06-28"),
         ("btc_holdings", 30231, "2026-06-28"), ("btc_cost_basis", 2.902e9, "2026-06-28"), ("btc_average_cost", 95994, "2026-06-28")},
    ),
    "in millions but for coins": (
        ("($ in millions, except BTC)|June 30, 2026", "Total bitcoin holdings|52,850", "Cash|826.4"),
        {("btc_holdings", 52850, "2026-06-30")},
    ),
    "in thousands but for a price": (
        ("(In thousands, except BTC price)|June 30, 2026", "Total bitcoin held|12"),
        set(),
    ),
    "in thousands but for an average": (
        ("(In thousands, except average price per bitcoin)|June 30, 2026", "Total bitcoin held|12"),
        set(),
    ),
    "in thousands but for shares and coins": (
        ("(In thousands, except per share and bitcoin amounts)|June 30, 2026", "Total bitcoin held|12"),
        {("btc_holdings", 12, "2026-06-30")},
    ),
    "a month that runs beside one that is over": (
        ("|July|June", "Bitcoin mined|45|40", "Bitcoin held|900|855"),
        {("btc_mined", 40, "2026-06-30"), ("btc_holdings", 855, "2026-06-30")},
    ),
    "an end of a period": (
        ("|Three months ended June 30, 2026", "Bitcoin, beginning of period|1,290", "Bitcoin mined|210", "Bitcoin, end of period|1,500"),
        {("btc_mined", 210, "2026-06-30"), ("btc_holdings", 1500, "2026-06-30")},
    ),
    "units in brackets": (
        ("Quarter|Holdings (BTC)|Acquired (BTC)", "Q2 2026|1,500|210"),
        {("btc_holdings", 1500, "2026-06-30"), ("btc_acquired", 210, "2026-06-30")},
    ),
    "days over years": (
        ("|June 30,|December 31,", "|2026|2025", "Bitcoin held|735|234"),
        {("btc_holdings", 735, "2026-06-30"), ("btc_holdings", 234, "2025-12-31")},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("rows", "told"), TABLES.values(), ids=TABLES)
def test_tables(rows: tuple[str, ...], told: Told) -> None:
    assert sure(table(*rows)) == told


BOUGHT = {("btc_acquired", 5419, "2026-07-02"), ("btc_acquired_cost", 93_654_000_000, "2026-07-02")}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("（１）購入枚数 5,419 ビットコイン\n（３）購入総額 936 億 5,400 万円\n", BOUGHT),
        ("購入数量 5,419BTC\n平均取得単価 17,282,592円／BTC\n購入金額 93,654,000,000円\n", {*BOUGHT, ("btc_acquired_average", 17_282_592, "2026-07-02")}),
        ("取得期間 2026年6月25日～2026年7月1日\n取得数量 31.5BTC\n累計取得数量 1,411.3BTC\n", {("btc_acquired", 31.5, "2026-07-01")}),
        ("月次保有状況（2026年6月末現在）\n保有数量 1,411.3BTC\n", {("btc_holdings", 1411.3, "2026-06-30")}),
        ("令和8年6月30日現在の保有状況\n保有数量：１，４１１．３ＢＴＣ\n", {("btc_holdings", 1411.3, "2026-06-30")}),
        ("マイニング事業の月次報告（2026年6月）\n採掘数量 1.234BTC\n保有数量 20.5BTC\n", {("btc_mined", 1.234, "2026-06-30"), ("btc_holdings", 20.5, "2026-06-30")}),
        ("当月購入数量：31.5BTC\n当月末保有数量：1,411.3BTC\n", set()),
        ("売却数量：100 BTC\n平均売却単価：15,200,000円\n", {("btc_acquired", -100, "2026-07-02"), ("btc_acquired_average", 15_200_000, "2026-07-02")}),
        ("本日、ビットコインを31.5BTC追加購入し、保有数は合計1,411.3BTCとなりました。", {("btc_acquired", 31.5, "2026-07-02"), ("btc_holdings", 1411.3, "2026-07-02")}),
        ("当社は2026年7月1日、ビットコイン31.5枚を総額4億9,999万円で取得いたしました。", {("btc_acquired", 31.5, "2026-07-01"), ("btc_acquired_cost", 499_990_000, "2026-07-01")}),
        ("当社は2026年7月1日、イーサリアム31.5枚を取得し、ビットコインは取得しておりません。", set()),
        ("ビットコイン　購入枚数　64.4029046BTC　購入総額　6億円\n", set()),
    ],
)  # fmt: skip
def test_japanese(text: str, told: Told) -> None:
    assert sure(JAPANESE + text) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Zum 30. Juni 2026 hielt die Acme SE insgesamt 3.605 Bitcoin. Der Umsatz betrug 1.234.567 Euro.", {("btc_holdings", 3605, "2026-06-30")}),
        ("Zum 30. Juni 2026 hielt die Meta SE insgesamt 3.605 Bitcoin. Der Umsatz betrug 1.234.567 Euro.", set()),
        ("À ce jour, la Société et sa filiale Acme Luxembourg SA détiennent un total de 1 904 BTC.", {("btc_holdings", 1904, "2026-07-02")}),
        ("Acme confirme l'acquisition de 116 BTC pour environ 10,7 millions d'euros.", {("btc_acquired", 116, "2026-07-02")}),
        ("Efter genomförd transaktion uppgår Bolagets totala innehav till 1 046,66 BTC.", {("btc_holdings", 1046.66, "2026-07-02")}),
        ("Acme adquiriu bens por US$ 110.412,55. Em 1 de julho de 2026, a Companhia detém 3.708 bitcoins.", {("btc_holdings", 3708, "2026-07-01")}),
        ("Acme comunica que ha adquirido 3 bitcoins. Tras esta compra, la Sociedad mantiene en cartera un total de 100 bitcoins.", {("btc_acquired", 3, "2026-07-02"), ("btc_holdings", 100, "2026-07-02")}),
        ("La Sociedad no posee 100 bitcoins.", set()),
        ("O Acme S.A., em cumprimento ao disposto na Resolução CVM, comunica que adquiriu 275,43 bitcoins.", {("btc_acquired", 275.43, "2026-07-02")}),
    ],
)  # fmt: skip
def test_french_german_portuguese_and_swedish(text: str, told: Told) -> None:
    assert sure(f"{ACME}{text}\n") == told


ANOTHERS: dict[str, tuple[str, ...]] = {
    "what stands behind coins": (
        "La Sociedad mantiene 120 BTC en custodia de terceros a 30 de junio de 2026.",
        "La Sociedad mantiene 120 bitcoins de sus accionistas.",
        "La Sociedad mantiene 120 BTC menos que en marzo.",
        "La Sociedad mantiene 120 BTC en nombre de Beta SA.",
        "La Société confirme l'acquisition de 120 BTC par Beta SA.",
        "La Société annonce l’acquisition de 120 bitcoins, sous réserve de l'accord de l'assemblée.",
        "La Société détient 120 BTC pour le compte de tiers.",
        "La Société détient 120 BTC de moins qu'en mars.",
        "A Companhia detém 120 bitcoins de seus acionistas.",
        "A Companhia adquiriu 120 bitcoins por conta de terceiros.",
        "Die Gesellschaft hält 120 Bitcoin als Treuhänderin.",
        "Die Gesellschaft hält 120 Bitcoin weniger als im März.",
        "Die Gesellschaft hat 120 Bitcoin für die Beta AG erworben.",
        "Bolaget äger 120 BTC mindre än i mars.",
        "Bolaget har förvärvat 120 BTC för annans räkning.",
        "Bolaget har förvärvat 120 BTC, under förutsättning av stämmans godkännande.",
    ),
    "funds": (
        "Through units in Bitcoin Tracker One, Acme held 500 BTC as of June 30, 2026.",
        "Acme's units in Bitcoin exchange products represented 500 BTC held.",
        "Through units of Bitcoin Fund One, Acme held 500 BTC as of June 30, 2026.",
    ),
    "visions": (
        "Our Vision is that Acme holds 5,000 BTC.",
        "Vision 2030: Acme holds 5,000 BTC as of December 31, 2030.",
        "Our Vision has always been that Acme holds 5,000 BTC.",
    ),
    "a month that runs has no end yet": (
        "During July, the Company held 900 BTC at month-end.",
        "During July, the Company closed the month and held 900 BTC.",
        "At the end of July, the Company held 900 BTC.",
    ),
    "a company owned in part": (
        "Current Holdings of 267.6862 Bitcoin\n\nIts majority-owned subsidiary held 267.6862 Bitcoin as of June 28, 2026.",
        "Current Holdings of 267.6862 Bitcoin\n\nReef, Inc., a 51%-owned subsidiary of the Company, held 267.6862 Bitcoin as of June 28, 2026.",
        "Current Holdings of 267.6862 Bitcoin\n\nThe subsidiary held 267.6862 Bitcoin as of June 28, 2026.",
    ),
    "repaid by nobody, or another amount": (
        "On July 1, 2026 Acme had not used any proceeds to repay $30 million of notes.",
        "On July 1, 2026 Acme used its waiver not to repay $30 million of notes.",
        "On July 1, 2026 no proceeds were used to repay $30 million of notes.",
        "On July 1, 2026 Acme used bitcoin valued at $20 million as collateral for a loan to repay $30 million of notes.",
        "On July 1, 2026 Acme used bitcoin as collateral for a loan to repay $30 million of notes.",
        "Of the proceeds, on July 1, 2026 Acme used $12 million to repay $30 million of the loan.",
        "On July 1, 2026 Acme has not repaid $30 million of its loan.",
    ),
    "shares of another, or a part": (
        "The subscription represents 10% of the issued share capital of 5,000,000 ordinary shares of Beta plc.",
        "The subscription represents 10% of the issued share capital of 5,000,000 ordinary shares.",
        "The increase in issued share capital of 5,000,000 shares was approved.",
        "The increase of its issued share capital was of 5,000,000 shares.",
        "The Company issued capital of 5,000,000 shares.",
        "Beta plc's issued share capital consists of 5,000,000 ordinary shares.",
        "The issued share capital consists of 5,000,000 ordinary shares in Beta plc.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("text", [text for texts in ANOTHERS.values() for text in texts])
def test_what_is_not_the_issuers_or_not_done_is_never_sure(text: str) -> None:
    assert sure(f"{ACME}{text}\n") == set()


@pytest.mark.parametrize(
    "text",
    [
        "La Sociedad mantiene 120 BTC en cartera a 30 de junio de 2026.",
        "La Société détenait 120 BTC au 30 juin 2026.",
        "A Companhia detém 120 bitcoins em tesouraria em 30 de junho de 2026.",
        "Die Gesellschaft hielt 120 Bitcoin zum 30. Juni 2026.",
        "Bolaget äger 120 BTC per den 30 juni 2026.",
    ],
)
def test_what_goes_on_behind_coins_leaves_them_sure(text: str) -> None:
    assert sure(f"{ACME}{text}\n") == {("btc_holdings", 120, "2026-06-30")}


@pytest.mark.parametrize(
    "text",
    [
        "La Société annonce l'acquisition de 120 BTC pour ~10,7 millions d'euros.",
        "A Companhia adquiriu 120 bitcoins pelo valor de US$ 12 milhões.",
        "La Sociedad ha adquirido 120 bitcoins por un importe de 10 millones de euros.",
        "Bolaget har förvärvat 120 BTC till ett genomsnittspris om 1 107 435 SEK.",
    ],
)
def test_a_price_behind_coins_leaves_them_bought(text: str) -> None:
    assert sure(f"{ACME}{text}\n") == {("btc_acquired", 120, "2026-07-02")}
