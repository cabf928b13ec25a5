"""Periodic reports: which tagged figure is the holding, the count, the principal; and which only looks like one."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import pytest
from saved import FIXTURES, REFERENCE, needs_samples, sample, saved
from tagged import document, number, report

from scrapers import catalogue
from scrapers.sec_reports import prose
from treasury.model import Document, ParseError, Reading
from treasury.share_classes import ShareClass

SOURCE = catalogue.load("sec_filing")
END = date(2025, 6, 30)
CLOSES = {END: 107_173.21}
CLASS = "us-gaap:StatementClassOfStockAxis"
COIN = "us-gaap:CryptoAssetAxis"
BITCOIN, ETHER = {COIN: "abc:BitcoinMember"}, {COIN: "abc:EthereumMember"}
PLEDGED = {"us-gaap:PledgedStatusAxis": "us-gaap:AssetPledgedAsCollateralMember"}
UNITS, FAIR_VALUE, COST = (f"us-gaap:CryptoAsset{word}" for word in ("NumberOfUnits", "FairValue", "Cost"))
COVER = "dei:EntityCommonStockSharesOutstanding"
FACE, CARRIED = "us-gaap:DebtInstrumentFaceAmount", "us-gaap:LongTermDebt"
NOTE = {"us-gaap:LongtermDebtTypeAxis": "abc:NotesDueTwentyThirtyMember"}

Told = dict[tuple[str, str | None], float]


def read(*numbers: dict[str, Any], closes: Mapping[date, float] | None = None, **cover: str) -> catalogue.Examined:
    return catalogue.examine(SOURCE, document(report(*numbers, **cover)), bitcoin=closes)


def values(examined: catalogue.Examined) -> Told:
    return {(one.quantity, one.instrument): one.value for one in examined.readings}


def refused(examined: catalogue.Examined) -> list[tuple[str, float, str]]:
    return [(one.quantity, one.value, reason) for one, reason in examined.refused]


def coins(text: str, name: str = UNITS, unit: str = "coins", **more: Any) -> dict[str, Any]:
    return number(name, text, unit=unit, **more)


def shares(text: str, member: str | None = None, day: str = "2025-08-08") -> dict[str, Any]:
    return number(COVER, text, unit="shares", day=day, axes={CLASS: member} if member else {})


# -- bitcoin -------------------------------------------------------------------------------------------------------


def test_a_holding_whose_fair_value_is_the_days_price_is_confirmed() -> None:
    found = read(coins("21", axes=BITCOIN, unit="pure"), number(FAIR_VALUE, "2,250,566", axes=BITCOIN), closes=CLOSES)
    (held,) = found.readings
    assert (held.company, held.quantity, held.value, held.unit) == ("CIK 0000999999", "btc_holdings", 21.0, "BTC")
    assert held.as_of == END
    assert held.note == "107,169.81 USD a coin by its fair value, bitcoin closed at 107,173.21"


@pytest.mark.parametrize(
    ("value", "kept"), [("2,183,200", True), ("2,183,000", False), ("2,318,100", True), ("2,318,300", False)]
)
def test_three_per_cent_off_the_close_is_the_limit(value: str, kept: bool) -> None:
    found = read(coins("21", axes=BITCOIN), number(FAIR_VALUE, value, axes=BITCOIN), closes=CLOSES)
    assert (values(found) == {("btc_holdings", None): 21.0}) is kept
    assert bool(found.refused) is not kept


def test_without_a_close_or_a_fair_value_the_note_says_unchecked() -> None:
    value = number(FAIR_VALUE, "2,250,566", axes=BITCOIN)
    for numbers, closes in (((), CLOSES), ((value,), None), ((value,), {date(2025, 6, 29): 1.0})):
        (held,) = read(coins("21", axes=BITCOIN), *numbers, closes=closes).readings
        assert str(held.note).startswith("unchecked: ")


@pytest.mark.parametrize(
    ("name", "unit", "attributes", "reason"),
    [
        (UNITS, "coins", {"scale": 3}, "has scale 3, but coins are counted in ones"),
        ("abc:NumberOfBitcoinHeld", "usd", {}, "is tagged in USD, not in coins"),
        (UNITS, "pure", {}, "nothing says that the units of us-gaap:CryptoAssetNumberOfUnits are bitcoin"),
    ],
)
def test_what_cannot_be_a_number_of_bitcoin_is_kept_out(
    name: str, unit: str, attributes: dict[str, Any], reason: str
) -> None:
    found = read(coins("10,075", name, unit, **attributes))
    assert found.readings == []
    ((quantity, _, why),) = refused(found)
    assert quantity == "btc_holdings"
    assert reason in why


@pytest.mark.parametrize(("unit", "scale"), [("usd", 0), ("usd", 3), ("coins", 3), ("coins", -3)])
def test_a_number_tagged_by_mistake_counts_as_printed_where_its_price_is_bitcoins(unit: str, scale: int) -> None:
    held = coins("10,075", "abc:NumberOfBitcoinHeld", unit, scale=scale)
    value = number(FAIR_VALUE, "1,079,754", scale=3)
    (told,) = read(held, value, closes=CLOSES).readings
    assert (told.quantity, told.value, told.unit) == ("btc_holdings", 10_075.0, "BTC")
    assert "as printed, not" in str(told.note)
    assert "as tagged; 107,171.61 USD a coin by its fair value, bitcoin closed at 107,173.21" in str(told.note)
    assert read(held, value).readings == []  # without the close nothing tells
    assert read(held, number(FAIR_VALUE, "1,112,500", scale=3), closes=CLOSES).readings == []  # 3 per cent is the limit


def test_a_number_in_thousands_that_is_right_stays_as_tagged() -> None:
    (told,) = read(coins("10.075", scale=3), number(FAIR_VALUE, "1,079,754", scale=3), closes=CLOSES).readings
    assert (told.value, "as printed" in str(told.note)) == (10_075.0, False)


def test_units_that_do_not_say_bitcoin_are_bitcoin_where_their_price_is() -> None:
    value = number(FAIR_VALUE, "2,250,566")
    assert values(read(coins("21", unit="pure"), value, closes=CLOSES)) == {("btc_holdings", None): 21.0}
    assert values(read(coins("905", unit="pure"), value, closes=CLOSES)) == {}  # ether at 2,487


def test_the_filings_own_price_of_a_coin_speaks_where_no_close_does() -> None:
    held, value = coins("21", axes=BITCOIN), number(FAIR_VALUE, "2,250,566", axes=BITCOIN)
    price = number("abc:FairValuePerBitcoin", "107,173")
    assert values(read(held, value, price)) == {("btc_holdings", None): 21.0}
    in_thousands = number("abc:FairValuePerBitcoin", "107,173", scale=3)
    ((_, _, why),) = refused(read(held, value, in_thousands))
    assert why == "107,169.81 USD a coin by its fair value, 107,173,000.00 by FairValuePerBitcoin"
    assert values(read(held, value, in_thousands, closes=CLOSES)) == {("btc_holdings", None): 21.0}


def test_an_event_beside_the_balance_is_not_the_balance() -> None:
    event, held = coins("5,743"), coins("21", axes=BITCOIN)
    for closes in (None, CLOSES):
        assert values(read(event, held, closes=closes)) == {("btc_holdings", None): 21.0}


def test_of_two_numbers_without_an_axis_the_price_picks_one_and_without_a_price_none_stands() -> None:
    numbers = coins("5,743"), coins("21"), number(FAIR_VALUE, "2,250,566")
    assert values(read(*numbers, closes=CLOSES)) == {("btc_holdings", None): 21.0}
    found = read(*numbers)
    assert found.readings == []
    assert {(value, why) for _, value, why in refused(found)} == {
        (21.0, "the coins are 21 and 5,743"),
        (5743.0, "the coins are 21 and 5,743"),
    }


@pytest.mark.parametrize(
    "axes",
    [
        BITCOIN | {"us-gaap:PropertyPlantAndEquipmentByTypeAxis": "abc:MinersMember"},
        {COIN: "abc:BitcoinCashMember"},
        {COIN: "abc:BitcoinTreasuryDerivativesMember"},
        {COIN: "abc:BitcoinHeldAsCollateralMember"},
        {"us-gaap:ShortTermDebtTypeAxis": "abc:BitcoinMember"},
        {"us-gaap:SubsequentEventTypeAxis": "us-gaap:SubsequentEventMember"},
        ETHER,
    ],
)
def test_commitments_and_other_coins_are_no_holding(axes: dict[str, str]) -> None:
    found = read(coins("691", axes=axes), number(COST, "7,717", axes=axes), closes=CLOSES)
    assert (found.readings, found.refused) == ([], [])


@pytest.mark.parametrize("member", ["BTCMember", "BitcoinMember", "BitcoinBTCMember", "CryptoAssetBitcoinMember"])
def test_bitcoin_under_the_names_filers_give_it(member: str) -> None:
    assert values(read(coins("21", axes={COIN: f"abc:{member}"}, unit="pure"))) == {("btc_holdings", None): 21.0}


def test_other_days_and_periods_are_no_holding() -> None:
    found = read(coins("189", day="2024-12-31"), coins("122", start="2025-04-01"), coins("214", day="2025-07-31"))
    assert (found.readings, found.refused) == ([], [])


def test_no_coins_are_a_claim_unless_they_are_worth_something() -> None:
    none = coins("no", "abc:NumberOfBitcoinHeld", format="ixt-sec:numwordsen")
    assert values(read(none)) == {("btc_holdings", None): 0.0}
    assert values(read(none, number(FAIR_VALUE, "0"), closes=CLOSES)) == {("btc_holdings", None): 0.0}
    ((_, _, why),) = refused(read(none, number(FAIR_VALUE, "2,250,566"), closes=CLOSES))
    assert why == "no coins, but their fair value is 2,250,566"


def test_coins_lent_are_not_in_the_count_so_that_it_is_not_all() -> None:
    lent = number("abc:DigitalAssetsReceivableNetCurrent", "1,900", scale=6)
    found = read(coins("35,493", axes=BITCOIN), number(COST, "3,000", scale=6, axes=BITCOIN), lent)
    assert values(found) == {("btc_unencumbered", None): 35_493.0}
    assert str(found.readings[0].note).endswith("without the coins of DigitalAssetsReceivableNetCurrent")
    assert [(quantity, why) for quantity, _, why in refused(found)] == [
        ("btc_cost_basis", "without the coins of DigitalAssetsReceivableNetCurrent")
    ]
    sold = number("abc:ReceivableFromSaleOfBitcoin", "5", scale=6)
    assert values(read(coins("35,493", axes=BITCOIN), sold)) == {("btc_holdings", None): 35_493.0}


def test_pledged_coins_stand_beside_the_holding_they_are_part_of() -> None:
    numbers = coins("1,200", axes=BITCOIN), coins("500", axes=BITCOIN | PLEDGED)
    assert values(read(*numbers)) == {("btc_holdings", None): 1200.0, ("btc_encumbered", None): 500.0}
    assert values(read(numbers[1])) == {("btc_encumbered", None): 500.0}
    restricted = coins("350.5", "us-gaap:CryptoAssetNumberOfRestrictedUnits", "pure")
    assert values(read(restricted)) == {}
    assert values(read(restricted, coins("1,200"))) == {("btc_holdings", None): 1200.0, ("btc_encumbered", None): 350.5}


def test_cost_without_an_axis_is_of_bitcoin_only_where_the_count_is() -> None:
    cost = number(COST, "84,000,000")
    assert values(read(cost)) == {}
    assert values(read(cost, coins("21", axes=BITCOIN))) == {("btc_holdings", None): 21.0}
    assert values(read(cost, coins("21")))[("btc_cost_basis", None)] == 84e6


# -- shares --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "member", [None, "us-gaap:CommonStockMember", "us-gaap:CommonClassAMember", "a:OrdinarySharesMember"]
)
def test_one_class_is_all_shares(member: str | None) -> None:
    assert values(read(shares("7,606,339", member))) == {("shares_basic", None): 7_606_339.0}


def test_classes_are_told_apart_and_summed_and_the_note_says_which() -> None:
    found = read(
        shares("15,773,406", "us-gaap:CommonClassAMember"),
        shares("1,964,025", "abc:ClassBOrdinarySharesMember"),
        shares("1,000,000", "us-gaap:CommonClassCMember"),
    )
    assert values(found) == {
        ("shares_class_a", None): 15_773_406.0,
        ("shares_class_b", None): 1_964_025.0,
        ("shares_basic", None): 18_737_431.0,
    }
    assert found.readings[-1].note == (
        "CommonClassAMember 15,773,406 + ClassBOrdinarySharesMember 1,964,025 + CommonClassCMember 1,000,000"
    )


A, B = shares("40,000,000", "us-gaap:CommonClassAMember"), shares("9,000,000", "us-gaap:CommonClassBMember")


@pytest.mark.parametrize(
    ("numbers", "reason"),
    [
        ((A, shares("9,000,000", "us-gaap:CommonClassBMember", "2025-08-01")), "on 2025-08-01 and 2025-08-08"),
        ((A, shares("5,000,000", "abc:SeriesBPreferredStockMember")), "SeriesBPreferredStockMember, and no row of share_class says"),
        ((A, shares("4,000,000", "abc:AmericanDepositarySharesMember")), "AmericanDepositarySharesMember, and no row"),
        ((A, B, shares("50,000,000")), "50,000,000 shares in all, its classes are another number"),
        ((shares("50,000,000"), shares("51,000,000")), "which cannot be the same"),
        ((shares("50,000,000", "abc:ClassAPreferredMember"),), "ClassAPreferredMember, and no row of share_class"),
    ],
)  # fmt: skip
def test_what_the_cover_does_not_show_to_be_all_shares_is_in_doubt(
    numbers: tuple[dict[str, Any], ...], reason: str
) -> None:
    found = read(*numbers)
    assert ("shares_basic", None) not in values(found)
    assert [why for quantity, _, why in refused(found) if quantity == "shares_basic" and reason in why]


def test_a_total_beside_its_classes_is_counted_once() -> None:
    assert values(read(A, B, shares("49,000,000")))[("shares_basic", None)] == 49e6


def test_a_class_known_to_have_votes_only_is_left_out() -> None:
    numbers = (
        shares("346,548,153", "us-gaap:CommonClassAMember"),
        shares("304,842,759", "us-gaap:CommonClassBMember"),
    )
    found = read(*numbers, cik="0002070457")
    assert values(found) == {
        ("shares_class_a", None): 346_548_153.0,
        ("shares_class_b", None): 304_842_759.0,
        ("shares_basic", None): 346_548_153.0,
    }
    assert "CommonClassBMember 304,842,759 with votes only left out" in str(found.readings[-1].note)
    assert values(read(*numbers))[("shares_basic", None)] == 651_390_912.0


def test_a_class_with_votes_only_is_not_all_shares_though_it_stands_alone() -> None:
    found = read(shares("304,842,759", "us-gaap:CommonClassBMember"), cik="0002070457")
    assert found.readings == []
    assert refused(found) == [
        ("shares_basic", 304_842_759.0, "the cover counts CommonClassBMember only, which has votes only")
    ]


def test_averages_and_balance_sheet_counts_are_no_share_count() -> None:
    found = read(
        number("us-gaap:WeightedAverageNumberOfSharesOutstandingBasic", "17,194", unit="shares", start="2025-04-01"),
        number("us-gaap:CommonStockSharesOutstanding", "281,063,551", unit="shares"),
    )
    assert (found.readings, found.refused) == ([], [])


def test_shares_in_another_unit_are_in_doubt() -> None:
    assert refused(read(number(COVER, "7,606,339", day="2025-08-08"))) == [
        ("shares_basic", 7_606_339.0, f"{COVER} is in 'iso4217:USD', not in xbrli:shares")
    ]


def test_upc_class_d_votes_only_is_left_out_by_data_and_an_unknown_class_is_in_doubt() -> None:
    numbers = (
        shares("215,000,000", "us-gaap:CommonClassAMember"), shares("123,000,000", "us-gaap:CommonClassCMember"),
        shares("95,000,000", "abc:CommonClassDMember"),
    )  # fmt: skip
    told = [ShareClass("ABC", "D", None, cik=999_999), ShareClass("ABC", "C", 0.5, cik=999_999)]
    known = catalogue.examine(SOURCE, document(report(*numbers)), share_classes=told)
    assert values(known)[("shares_basic", None)] == 215e6 + 123e6 / 2
    assert "CommonClassDMember 95,000,000 with votes only left out" in str(known.readings[-1].note)
    ((_, value, why),) = refused(read(*numbers))
    assert (value, "CommonClassDMember, and no row of share_class says" in why) == (433e6, True)


def test_ifrs_classes_axis_is_read() -> None:
    axis = "ifrs-full:ClassesOfShareCapitalAxis"
    numbers = [
        number(COVER, text, unit="shares", day="2025-08-08", axes={axis: member})
        for text, member in (("42", "abc:MultipleVotingSharesMember"), ("3,887,729", "ifrs-full:OrdinarySharesMember"))
    ]
    assert values(read(*numbers)) == {("shares_basic", None): 3_887_771.0}
    by_custodian = number(COVER, "3,887,729", unit="shares", day="2025-08-08", axes={"abc:HolderAxis": "abc:OneMember"})
    assert [why for _, _, why in refused(read(by_custodian))] == ["the cover counts its shares by HolderAxis only"]


def test_shares_thousandfold_typo_is_told_by_the_balance_sheet() -> None:
    counted = number("us-gaap:CommonStockSharesOutstanding", "28,900,000", unit="shares")
    assert values(read(shares("29,000,000"), counted))[("shares_basic", None)] == 29e6
    assert [why for _, _, why in refused(read(shares("29,000,000,000"), counted))] == [
        "the cover counts 29,000,000,000 shares, the balance sheet 28,900,000"
    ]


# -- claims --------------------------------------------------------------------------------------------------------


def principal(**more: Any) -> dict[str, Any]:
    return number("abc:DebtInstrumentOutstandingPrincipal", "603,750", scale=3, decimals=-3, axes=NOTE, **more)


def test_a_principal_is_of_one_tranche_on_the_day_of_the_balance_sheet() -> None:
    kind = {"us-gaap:DebtInstrumentAxis": "us-gaap:ConvertibleDebtMember"}
    found = read(
        principal(),
        principal(day="2024-12-31"),
        number("abc:DebtInstrumentOutstandingPrincipal", "3,103,750", scale=3, axes=kind),
        number(FACE, "205.0", scale=6, day="2022-03-23", axes=NOTE),
        number(FACE, "1,750,000", axes={"us-gaap:DebtInstrumentAxis": "abc:LoanMember", "srt:RangeAxis": "srt:MaximumMember"}),
        number(FACE, "2,000", scale=3),
    )  # fmt: skip
    assert values(found) == {("principal", "NotesDueTwentyThirtyMember"): 603_750_000.0}
    assert found.refused == []


def test_a_face_amount_of_a_wrong_scale_is_told_beside_the_principal() -> None:
    good = read(principal(), number(FACE, "603.8", scale=6, decimals=-5, axes=NOTE))
    assert [one.note for one in good.readings] == [None]
    odd = read(principal(), number(FACE, "603.8", scale=0, decimals=1, axes=NOTE))
    assert [(one.value, one.note) for one in odd.readings] == [(603_750_000.0, "its face amount is tagged with 603.8")]


@pytest.mark.parametrize(
    ("text", "scale", "kept"), [("800.0", 6, True), ("800.0", 0, False), ("800.0", 3, False), ("2.0", 9, False)]
)
def test_a_face_amount_far_from_its_carrying_amount_is_kept_out(text: str, scale: int, kept: bool) -> None:
    found = read(number(FACE, text, scale=scale, axes=NOTE), number(CARRIED, "782,248", scale=3, axes=NOTE))
    assert ([one.note for one in found.readings] == ["face amount"]) is kept
    assert [why for _, _, why in refused(found) if "is carried at 782,248,000" in why] == (
        [] if kept else [found.refused[0][1]]
    )


def test_a_face_amount_without_a_carrying_amount_may_be_repaid() -> None:
    ((quantity, value, why),) = refused(read(number(FACE, "800.0", scale=6, axes=NOTE)))
    assert (quantity, value) == ("principal", 800e6)
    assert why == "the face amount of 800,000,000 may be repaid: no carrying amount of this tranche is tagged"


CURRENT = number("us-gaap:LongTermDebtCurrent", "492", scale=3, decimals=-3)
LATER = number("us-gaap:LongTermDebtNoncurrent", "3,558,801", scale=3, decimals=-3)


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ((LATER,), 3_558_801_000.0),
        ((number(CARRIED, "950,769", scale=3),), 950_769_000.0),
        ((number("us-gaap:NotesAndLoansPayable", "1,499", scale=6),), 1_499e6),
        ((CURRENT, number("us-gaap:LongTermDebtAndCapitalLeaseObligations", "13,705", scale=6)), 13_705_492_000.0),
    ],
)
def test_debt_and_lease_line_unknown_or_alone_is_in_doubt_without_a_sheet(
    numbers: tuple[dict[str, Any], ...], expected: float
) -> None:
    """A lone line is a part; without the printed sheet nothing says that it is all."""
    ((quantity, value, why),) = refused(read(*numbers))
    assert (quantity, value) == ("debt_carrying", expected)
    assert why.startswith("no balance sheet is printed")


def test_a_tagged_total_of_both_lines_is_the_whole_without_a_sheet_too() -> None:
    whole = number("us-gaap:DebtInstrumentCarryingAmount", "3,559,293", scale=3)
    assert (
        values(read(CURRENT, LATER, whole))
        == values(read(CURRENT, LATER))
        == {("debt_carrying", None): 3_559_293_000.0}
    )
    other = number("us-gaap:CommercialPaper", "5", scale=6)
    assert [why for _, _, why in refused(read(CURRENT, LATER, whole, other))] == [
        "CommercialPaper of 5,000,000 is tagged beside DebtInstrumentCarryingAmount"
    ]


def test_lines_without_an_amount_are_no_claim_of_no_debt() -> None:
    given: Any = {"xsi:nil": "true"}
    nil = number("us-gaap:LoansPayableCurrent", "", **given)
    assert values(read(nil, number("us-gaap:LongTermLoansPayable", "—", format="ixt:fixed-zero"))) == {}


def test_notional_word_is_no_debt() -> None:
    found = read(
        number("abc:PrepaidNotebookRentalsNoncurrent", "50", scale=6), number("us-gaap:NotesReceivableNet", "7")
    )
    assert (found.readings, found.refused) == ([], [])


def test_no_cash_concept_is_lost() -> None:
    for name in ("us-gaap:Cash", "ifrs-full:CashAndCashEquivalents", "ifrs-full:Cash"):
        assert values(read(number(name, "1,000,000"))) == {("cash", None): 1e6}
    mixed = number("us-gaap:CashCashEquivalentsRestrictedCashAndRestrictedCashEquivalents", "10")
    assert [why for _, _, why in refused(read(mixed))] == [
        "CashCashEquivalentsRestrictedCashAndRestrictedCashEquivalents holds restricted cash, and how much is not tagged"
    ]
    assert values(read(mixed, number("us-gaap:RestrictedCash", "4"))) == {("cash", None): 6.0}


def test_20f_convenience_translation_is_dropped() -> None:
    cash = "us-gaap:CashAndCashEquivalentsAtCarryingValue"
    found = read(
        number(cash, "1,000", unit="eur", scale=6),
        number(cash, "1,161", scale=6),
        number("us-gaap:Goodwill", "5", unit="eur"),
    )
    assert [(one.value, one.unit) for one in found.readings] == [(1e9, "EUR")]


def test_20f_ordinary_shares_of_an_ads_listing_are_counted_as_shares() -> None:
    """What an ADS stands for is told by `listing`, when a price meets the count."""
    both = shares("9,400,000,000", "us-gaap:CommonClassAMember"), shares("311,624,444", "us-gaap:CommonClassBMember")
    assert values(read(*both, form="20-F"))[("shares_basic", None)] == 9_711_624_444.0


@pytest.mark.parametrize(
    ("text", "coins"),
    [
        ("we held approximately 21 bitcoins.", {"btc_holdings": 21.0}),
        ("we held 100 bitcoin, of which 40 bitcoin were pledged as collateral.", {"btc_holdings": 100.0, "btc_encumbered": 40.0}),
        ("the Company held 5,000 bitcoin on behalf of its customers.", {}),
        ("the Company held 5,000 bitcoin in custody for its clients.", {}),
        ("we held 100 bitcoin through our investment in a trust.", {}),
        ("we held 100 bitcoin call options.", {}),
        ("our subsidiary Beta held 90 bitcoins and we held 10 bitcoins.", {}),
        ("we held 120 bitcoin in cold storage and 80 bitcoin with a custodian.", {}),
        ("we held 120 bitcoin and had mined 80 bitcoin since.", {"btc_holdings": 120.0}),
        ("we had 3,000 bitcoin pledged as collateral and 7,000 unpledged.", {}),
        ("we held 300 bitcoin that were restricted.", {}),
        ("we had 500 bitcoin borrowings.", {}),
        ("we had 25 bitcoin of unsettled purchases.", {}),
        ("we held 1,000 bitcoin cash.", {}),
        ("we held approximately 96, and 80 bitcoin at June 30, 2025, and December 31, 2024, respectively.", {"btc_holdings": 96.0}),
        ("we held 96 bitcoin, with a receivable for 12 bitcoin posted as collateral.", {}),
        ("we held 1,000 bitcoin-linked notes.", {}),
        ("we held 1,000 Bitcoin Depot kiosks.", {}),
        ("we held 100 bitcoin and, through our subsidiary, another 50 bitcoin.", {}),
        ("our bitcoin holdings totaled 1,234 bitcoin.", {"btc_holdings": 1234.0}),
        ("we held 96 bitcoin, of which 8 were pledged as collateral.", {"btc_holdings": 96.0, "btc_encumbered": 8.0}),
        ("we held 96 bitcoin, and none of our bitcoin is pledged as collateral.", {"btc_holdings": 96.0, "btc_encumbered": 0.0}),
        ("we held 96 bitcoin. We may sell bitcoin that is not pledged as collateral.", {"btc_holdings": 96.0}),
        ("we held 96 bitcoin. As of June 30, 2025 and December 31, 2024, 40 and 30 bitcoin, respectively, were pledged as collateral.", {"btc_holdings": 96.0, "btc_encumbered": 40.0}),
        ("we held 96 bitcoin. In April 2024, we pledged 40 bitcoin as collateral. The loan was repaid in May 2024.", {"btc_holdings": 96.0}),
        ("we held 96 bitcoin. The loan is secured by approximately 40 bitcoin as of June 30, 2025.", {"btc_holdings": 96.0, "btc_encumbered": 40.0}),
        ("we held 96 bitcoin, all of which are unencumbered.", {"btc_holdings": 96.0, "btc_encumbered": 0.0}),
        ("we held 96 bitcoin. Borrowers have pledged 40 bitcoin to us as collateral.", {"btc_holdings": 96.0}),
        *(
            (f"we held 96 bitcoin. As of June 30, 2025, {theirs}", {"btc_holdings": 96.0})
            for theirs in (
                "the note receivable is secured by 50 bitcoin.", "loans receivable are secured by 50 bitcoin held by us.", "our loan to Beta is secured by 50 bitcoin.",
                "we made a loan of $10 million that is secured by 50 bitcoin.", "we hold 50 bitcoin as collateral for notes receivable.",
                "we had pledged 40 and 30 bitcoin at Coinbase and BitGo, respectively, as collateral.",
            )
        ),
        ("we held 1,000 bitcoin at Coinbase Custody, while BitGo kept the remaining 500 bitcoin.", {}),
        ("we held 1,000 bitcoin through Coinbase and 500 more at Anchorage.", {}),
        ("we held 1,000 bitcoin at Coinbase, 500 bitcoin at Anchorage.", {}),
        ("we held 1,000 bitcoin at Coinbase, representing 40% of our bitcoin.", {}),
        ("we held 1,000 bitcoin, representing 0.4% of all bitcoin there is.", {"btc_holdings": 1000.0}),
    ],
)  # fmt: skip
def test_coins_in_words_are_the_companys_own(text: str, coins: dict[str, float]) -> None:
    found = catalogue.examine(SOURCE, document(report(body=f"<p>As of June 30, 2025, {text}</p>")))
    assert {one.quantity: one.value for one in found.readings} == coins


@pytest.mark.parametrize(
    ("text", "coins"),
    [
        ("As of June 30, 2025 and December 31, 2024, we held 9,000 and 8,000 bitcoin, respectively.", 9000.0),
        ("As of June 30, 2025 and 2024, we held 9,000 and 8,000 bitcoin, respectively.", 9000.0),
        ("As of June 30, 2025, we held 9,000 and 8,000 bitcoin in two wallets.", None),
        ("As of June 30, 2025, we held 9,000 and 8,000 bitcoin at Coinbase and BitGo, respectively.", None),
        ("As of June 30, 2025, we held 9,000 bitcoin and 8,000 bitcoin at Coinbase and BitGo, respectively.", None),
        (
            "As of June 30, 2025 and December 31, 2024, we held 9,000 and 8,000 bitcoin at Coinbase and BitGo, respectively.",
            None,
        ),
        ("As of June 30, 2025 and December 31, 2024, we held 9,000 bitcoin and 8,000 bitcoin, respectively.", 9000.0),
        ("Between June 30, 2025 and July 5, 2025 we held 9,000 bitcoin.", None),
    ],
)
def test_coins_of_two_days_are_told_in_their_order(text: str, coins: float | None) -> None:
    found = catalogue.examine(SOURCE, document(report(body=f"<p>{text}</p>")))
    assert {one.quantity: one.value for one in found.readings}.get("btc_holdings") == coins


def test_words_are_read_where_the_header_stands_last() -> None:
    """As a 20-F of 2025 has it: the prose before the header is the document."""
    text = "<p>As of June 30, 2025, we held approximately 21 bitcoins.</p>"
    body = report(body=text).decode()
    begins, ends = (
        body.index('<div style="display:none"><ix:header'),
        body.index("</ix:header></div>") + len("</ix:header></div>"),
    )
    moved = body[:begins] + body[ends:].replace("</body>", f"{'<p>Item 1.</p>' * 200}{body[begins:ends]}</body>")
    for whole in (body, moved):
        found = catalogue.examine(SOURCE, document(whole.encode()))
        assert ("btc_holdings", 21.0) in {(one.quantity, one.value) for one in found.readings}


def test_cover_day_differs_from_balance_day() -> None:
    """52 and 53 weeks: the cover names the month's last day, or the other way round."""
    figures = (
        number("us-gaap:Cash", "1,000", day="2025-06-28"), coins("100", axes=BITCOIN, day="2025-06-28"),
        number("us-gaap:Goodwill", "5", day="2025-06-28"), number("us-gaap:Cash", "7", day="2024-06-29"),
    )  # fmt: skip
    found = read(*figures)
    assert values(found) == {("btc_holdings", None): 100.0, ("cash", None): 1000.0}
    assert {one.as_of for one in found.readings} == {date(2025, 6, 28)}
    assert values(read(number("us-gaap:Cash", "7", day="2025-03-31"))) == {}


@pytest.mark.parametrize("text", ["Sept. 30, 2025", "Sept 30, 2025", "Sep 30, 2025", "September 30, 2025"])
def test_coverdate_sept_30_is_a_day(text: str) -> None:
    body = report(number("us-gaap:Cash", "1,000", day="2025-09-30")).replace(
        b'name="dei:DocumentPeriodEndDate" contextRef="c0">2025-06-30',
        f'name="dei:DocumentPeriodEndDate" contextRef="c0" format="ixt:date-monthname-day-year-en">{text}'.encode(),
    )
    assert [one.as_of for one in catalogue.examine(SOURCE, document(body)).readings] == [date(2025, 9, 30)]


def test_btc_custodian_axis_is_summed() -> None:
    one, two = ({COIN: "abc:BitcoinMember", "abc:CustodianAxis": f"abc:{name}Member"} for name in ("One", "Two"))
    value = number(FAIR_VALUE, "107,173", scale=3, axes=BITCOIN)
    found = read(coins("600", axes=one), coins("400", axes=two), value, closes=CLOSES)
    assert values(found) == {("btc_holdings", None): 1000.0}
    assert values(read(coins("600", axes=one), coins("400", axes=two), coins("990", axes=BITCOIN))) == {
        ("btc_holdings", None): 990.0
    }


def test_a_cell_that_cannot_be_read_is_named_and_costs_itself() -> None:
    found = read(number("us-gaap:Cash", "3x499"), coins("21", axes=BITCOIN))
    assert values(found) == {("btc_holdings", None): 21.0}
    ((quantity, value, why),) = refused(found)
    assert (quantity, value, "found '3x499' in format" in why) == ("cash", 3499.0, True)


def test_cash_is_of_the_whole_company_and_the_better_of_two_accuracies() -> None:
    cash = "us-gaap:CashAndCashEquivalentsAtCarryingValue"
    found = read(
        number(cash, "34.6", scale=6, decimals=-5), number(cash, "34,553", scale=3, decimals=-3),
        number(cash, "1,089", scale=3, axes={"a:AssetAcquisitionAxis": "abc:OtherMember"}),
        number(cash, "121,222", scale=3, day="2024-09-30"),
    )  # fmt: skip
    assert values(found) == {("cash", None): 34_553_000.0}


def test_cash_told_twice_and_differently_is_kept_out() -> None:
    cash = "us-gaap:CashAndCashEquivalentsAtCarryingValue"
    found = read(number(cash, "34.6", decimals=1), number(cash, "34,553", scale=3, decimals=-3))
    assert found.readings == []
    assert {value for _, value, _ in refused(found)} == {34.6, 34_553_000.0}


SERIES = {CLASS: "abc:SeriesAPerpetualStrifePreferredStockMember"}
NO_PREFERRED = number(
    "us-gaap:PreferredStockSharesOutstanding", "no", unit="shares", format="ixt-sec:numwordsen", scale=3
)
CASH = number("us-gaap:CashAndCashEquivalentsAtCarryingValue", "1")


def test_no_preferred_shares_are_no_preferred_claims_where_no_series_is_tagged() -> None:
    assert values(read(NO_PREFERRED, CASH))[("preferred_total", None)] == 0.0
    for name, axes in (
        ("us-gaap:TemporaryEquityCarryingAmountAttributableToParent", {}),
        ("us-gaap:TemporaryEquitySharesOutstanding", SERIES),
        ("us-gaap:PreferredStockSharesOutstanding", SERIES),
        ("us-gaap:PreferredStockValue", {}),
    ):
        assert ("preferred_total", None) not in values(read(NO_PREFERRED, CASH, number(name, "5,786", axes=axes)))
    series = number("us-gaap:PreferredStockLiquidationPreferenceValue", "850.0", scale=6, axes=SERIES)
    found = read(NO_PREFERRED, series)
    assert values(found) == {("liquidation_preference", "SeriesAPerpetualStrifePreferredStockMember"): 850e6}
    assert [(quantity, value) for quantity, value, _ in refused(found)] == [("preferred_total", 850e6)]


def test_a_preference_a_share_or_a_carrying_amount_is_no_liquidation_preference() -> None:
    each = number("us-gaap:PreferredStockLiquidationPreference", "100", unit="usd", axes=SERIES)
    found = read(
        each,
        number("us-gaap:TemporaryEquityCarryingAmountAttributableToParent", "1,411", scale=6, axes=SERIES),
        number("us-gaap:PreferredStockValue", "2", scale=3),
    )
    assert found.readings == []
    assert [quantity for quantity, _, _ in refused(found)] == ["preferred_total"]
    counted = number("us-gaap:PreferredStockSharesOutstanding", "8,500,000", unit="shares", axes=SERIES)
    assert values(read(each, counted)) == {
        ("liquidation_preference", "SeriesAPerpetualStrifePreferredStockMember"): 850e6, ("preferred_total", None): 850e6,
    }  # fmt: skip
    authorised = number("us-gaap:PreferredStockSharesIssued", "20,000,000", unit="shares")
    assert values(read(NO_PREFERRED, authorised, CASH))[("preferred_total", None)] == 0.0


# -- the document --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["10-Q", "10-K/A", "20-F", "40-F/A", "10-KT"])
def test_the_forms_it_reads(form: str) -> None:
    assert values(read(CASH, form=form)) == {("cash", None): 1.0}


@pytest.mark.parametrize(
    ("cover", "found"),
    [
        ({"cik": ""}, "no dei:EntityCentralIndexKey"),
        ({"form": ""}, "no dei:DocumentType"),
        ({"end": ""}, "no dei:DocumentPeriodEndDate"),
        ({"cik": "ABC"}, "the CIK 'ABC'"),
        ({"form": "8-K"}, "form '8-K'"),
    ],
)
def test_a_report_that_does_not_say_whose_what_and_when_is_refused(cover: dict[str, Any], found: str) -> None:
    with pytest.raises(ParseError, match=f"^sec_filing: found {found}, expected "):
        read(CASH, **cover)


def test_figures_of_another_company_are_left_to_it() -> None:
    body = report(CASH, coins("21", axes=BITCOIN)).decode()
    first = body.index('id="c1"')
    body = body[:first] + body[first:].replace('CIK">0000999999', 'CIK">0001050446', 1)
    assert values(catalogue.examine(SOURCE, document(body.encode()))) == {("btc_holdings", None): 21.0}


def test_a_cover_of_another_company_is_refused() -> None:
    body = report(CASH).replace(b'CIK">0000999999', b'CIK">0001050446', 1)
    with pytest.raises(ParseError, match="found figures of '0001050446', expected those of CIK 0000999999 only"):
        catalogue.examine(SOURCE, document(body))


def test_a_report_without_bitcoin_is_no_error_and_one_cut_off_is() -> None:
    whole = saved(FIXTURES / "sec_filing" / "good_day.html")
    assert catalogue.examine(SOURCE, document(report())).readings == []
    for length in range(200, len(whole.body) - 20, 97):
        with pytest.raises(ParseError, match=r"^sec_filing: found .*expected"):
            catalogue.examine(SOURCE, replace(whole, body=whole.body[:length]))


# -- captured filings ----------------------------------------------------------------------------------------------


@cache
def _closes() -> dict[date, float]:
    with (REFERENCE / "btc_usd.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["fixing"] == "utc"]
    return {date.fromisoformat(row["date"]): float(row["close"]) for row in rows}


def _facts(ticker: str, source: str) -> dict[tuple[str, str], float]:
    with (REFERENCE / "facts.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["ticker"] == ticker and row["source"] == source]
    return {(row["quantity"], row["as_of"]): float(row["value"]) for row in rows}


def _captured(name: str) -> catalogue.Examined:
    captured: Document = sample("sec_filing", f"sec_10q/{name}.html", "2026-11-01T00:00:00")
    return catalogue.examine(SOURCE, captured, bitcoin=_closes())


def _by_day(readings: list[Reading]) -> dict[tuple[str, str], float]:
    return {(one.quantity, one.as_of.isoformat()): one.value for one in readings if one.instrument is None}


@needs_samples
def test_strategys_captured_report_agrees_with_the_reference() -> None:
    found = _captured("mstr_10-Q_2024-05-01")
    assert found.refused == []
    told, known = _by_day(found.readings), _facts("MSTR", "sec-0000950170-24-051230")
    same = told.keys() & known.keys()
    assert {quantity for quantity, _ in same} == {
        "btc_holdings", "shares_class_a", "shares_class_b", "shares_basic", "cash", "preferred_total"
    }  # fmt: skip
    assert {key: told[key] for key in same} == {key: known[key] for key in same}
    assert told["debt_carrying", "2024-03-31"] == 3_559_293_000
    principals = {one.instrument: one.value for one in found.readings if one.quantity == "principal"}
    with (REFERENCE / "tranche_names.csv").open(newline="") as file:
        named = {row["name"]: row["instrument"] for row in csv.DictReader(file) if row["ticker"] == "MSTR"}
    principals = {named.get(str(one), one): value for one, value in principals.items()}
    assert principals == {
        "convert-2025": 650e6, "convert-2027": 1_050e6, "convert-2030a": 800e6, "convert-2031": 603.75e6,
        "secured-2028": 500e6, "OtherLongTermSecuredDebtMember": 10.2e6,
    }  # fmt: skip
    with (REFERENCE / "facts.csv").open(newline="") as file:
        issued = {
            row["instrument"]: float(row["value"])
            for row in csv.DictReader(file)
            if row["ticker"] == "MSTR" and row["quantity"] == "principal" and row["as_of"] <= "2024-03-31"
        }
    assert {one: value for one, value in principals.items() if one in issued} == {
        one: value for one, value in issued.items() if one != "loan-2022"
    }


@needs_samples
def test_cleansparks_captured_report_gives_its_coins_as_printed_and_no_commitment() -> None:
    found = _captured("clsk_10q_10-Q-2025-06-30")
    told = _by_day(found.readings)
    told_of_coins = {
        one.quantity: one for one in found.readings if one.unit == "BTC" or one.quantity == "btc_cost_basis"
    }
    assert {quantity: one.value for quantity, one in told_of_coins.items()} == {
        "btc_holdings": 12_608, "btc_unencumbered": 10_075, "btc_encumbered": 2_533,
    }  # fmt: skip
    held = told_of_coins["btc_unencumbered"]
    assert str(held.note).startswith("as printed, not 10,075,000 USD as tagged; 107,171.61 USD a coin")
    known = _facts("CLSK", "stocktitan-earnings-report-6fc8f6ca8ea0")
    assert told["btc_unencumbered", "2025-06-30"] == known["btc_unencumbered", "2025-06-30"]
    assert told["cash", "2025-06-30"] == 34_553_000
    assert told["debt_carrying", "2025-06-30"] == pytest.approx(820_300_000, rel=1e-3)
    assert told["shares_basic", "2025-08-01"] == _facts("CLSK", "sec-cover-CLSK")["shares_basic", "2025-08-01"]
    assert [one.quantity for one, _ in found.refused] == [
        "btc_cost_basis",
        "principal",
    ]  # without the coins pledged; its face
    unpriced = catalogue.examine(
        SOURCE, sample("sec_filing", "sec_10q/clsk_10q_10-Q-2025-06-30.html", "2026-11-01T00:00:00")
    )
    ((value, why),) = [(value, why) for quantity, value, why in refused(unpriced) if quantity == "btc_unencumbered"]
    assert value == 10_075_000
    assert why == "clsk:NumberOfBitcoinsHeld is tagged in USD, not in coins"


@needs_samples
def test_kindlymds_captured_report_gives_21_bitcoin_at_the_days_price() -> None:
    found = _captured("naka_10q_10Q-2025-06-30")
    assert found.refused == []
    assert _by_day(found.readings) == {
        ("shares_basic", "2025-08-04"): _facts("NAKA", "sec-cover-NAKA")["shares_basic", "2025-08-04"],
        ("btc_holdings", "2025-06-30"): 21,
        ("btc_cost_basis", "2025-06-30"): 2_289_585,
        ("cash", "2025-06-30"): 6_024_604,
        ("preferred_total", "2025-06-30"): 0,
        ("debt_carrying", "2025-06-30"): 0,
        ("debt_total", "2025-06-30"): 0,
    }
    held = next(one for one in found.readings if one.quantity == "btc_holdings")
    assert held.note == "107,169.81 USD a coin by its fair value, bitcoin closed at 107,173.21"


@needs_samples
def test_the_secs_own_refusal_is_no_report() -> None:
    with pytest.raises(ParseError, match="Undeclared Automated Tool"):
        catalogue.examine(SOURCE, sample("sec_filing", "sec_edgar/SEC.AutomatedTool.html", "2026-11-01T00:00:00"))


def test_words_are_found_in_whatever_letters_around_the_header_and_not_in_it() -> None:
    body = b"<p>BTC first.</p><ix:header>bitcoin, btc</ix:header><p>Then Bitcoin and 1,024 of it.</p>"
    found = prose.Prose(body, "utf-8")
    assert list(found.sentences("bitcoin", "btc")) == ["BTC first.", "Then Bitcoin and 1,024 of it."]
    assert list(found.sentences("bitcoin", "btc", naming=["then"])) == ["Then Bitcoin and 1,024 of it."]
    assert found.says("bitcoin", "btc")
    assert not found.says("pledge")
    assert found.before("1,024", 11) == ["Bitcoin and"]


@pytest.mark.parametrize("filling", [0, prose._MOSTLY - 20, prose._MOSTLY, prose._MOSTLY + 20, prose._LONGEST - 40])
def test_a_sentence_ends_at_the_nearest_mark_however_far_it_is(filling: int) -> None:
    between = b"<b></b>" * (filling // 7)
    body = b"<td>No.</td><p>Before. We hold " + between + b"5 bitcoin" + between + b" today</p><p>After. "
    assert list(prose.Prose(body, "utf-8").sentences("bitcoin")) == ["We hold 5 bitcoin today"]
