"""The printed balance sheet: its rows by label, closed or in doubt, and what they say of cash, debt and preferred stock."""

from __future__ import annotations

from typing import Any

import pytest
from tagged import document, number, report, row

from scrapers import catalogue
from scrapers.sec_reports.labels import Kind, liability

SOURCE = catalogue.load("sec_filing")
Told = dict[str, float]

ASSETS = (
    row("Cash and cash equivalents", "100", "us-gaap:Cash"),
    row("Bitcoin", "900"),
    row("Total assets", "1,000", "us-gaap:Assets"),
)
EQUITY = (
    row("Common stock", "10"),
    row("Accumulated deficit", "60", brackets=True),
    row("Total stockholders’ deficit", "50", brackets=True),
)
END = row("Total liabilities and stockholders’ deficit", "1,000", "us-gaap:LiabilitiesAndStockholdersEquity")


def sheet(
    *liabilities: dict[str, Any],
    assets: Any = ASSETS,
    equity: Any = EQUITY,
    total: str | None = "1,050",
    more: Any = (),
) -> catalogue.Examined:
    rows = (*assets, *liabilities, *((row("Total liabilities", total),) if total else ()), *equity, END)
    return catalogue.examine(SOURCE, document(report(*rows, *more)))


def told(found: catalogue.Examined) -> Told:
    return {one.quantity: one.value for one in found.readings if one.instrument is None}


def doubts(found: catalogue.Examined) -> dict[str, str]:
    return {one.quantity: why for one, why in found.refused if one.instrument is None}


PAYABLE, NOTES = row("Accounts payable", "450"), row("Notes payable", "600", "us-gaap:OperatingLeaseLiability")


def test_rows_of_debt_are_told_by_their_labels_whatever_their_tags() -> None:
    found = sheet(PAYABLE, NOTES, more=[number("us-gaap:NotesPayable", "77")])
    assert told(found) == {"cash": 100.0, "debt_carrying": 600.0, "preferred_total": 0.0}
    assert doubts(found) == {}


def test_no_row_of_debt_in_a_sheet_that_closes_is_a_debt_of_nothing() -> None:
    found = sheet(row("Accounts payable", "1,050"))
    assert told(found) == {"cash": 100.0, "debt_carrying": 0.0, "debt_total": 0.0, "preferred_total": 0.0}


@pytest.mark.parametrize(
    ("liabilities", "value", "doubt"),
    [
        ((row("Accounts payable", "449"), row("Notes payable", "590")), 590.0, "the rows add up to 1,039"),
        ((row("Accounts payable", "450"), row("Amounts owed to the Zephyr Trust", "600")), 0.0, "'Amounts owed to the Zephyr Trust' of 600 may be debt or not"),
        ((row("Accounts payable", "450"), row("Notes payable and accrued expenses", "600")), 0.0, "holds debt and something else"),
        ((row("Accounts payable", "450"), row("Notes payable", "60x0")), 600.0, "found '60x0' in format"),
    ],
)  # fmt: skip
def test_what_no_row_tells_for_certain_is_in_doubt_with_its_row(
    liabilities: tuple[Any, ...], value: float, doubt: str
) -> None:
    found = sheet(*liabilities)
    assert "debt_carrying" not in told(found)
    assert doubt in doubts(found)["debt_carrying"]
    assert next(one.value for one, _ in found.refused if one.quantity == "debt_carrying") == value
    assert told(found)["cash"] == 100.0  # one row costs no other quantity


def test_an_unknown_row_too_small_to_matter_does_not_keep_the_sum_out() -> None:
    assert (
        told(sheet(row("Amounts owed to the Zephyr Trust", "1"), row("Notes payable", "1,049")))["debt_carrying"]
        == 1049.0
    )
    assert "debt_carrying" in doubts(sheet(row("Amounts owed to the Zephyr Trust", "4"), row("Notes payable", "1,046")))


def test_subtotals_are_no_rows_and_a_sheet_without_total_liabilities_closes_too() -> None:
    rows = (row("Current liabilities", None), PAYABLE, row("Total current liabilities", "450"), NOTES)
    assert told(sheet(*rows))["debt_carrying"] == told(sheet(*rows, total=None))["debt_carrying"] == 600.0


def test_a_line_of_credit_in_brackets_is_in_the_companys_favour() -> None:
    found = sheet(row("Accounts payable", "1,169"), row("Line of credit", "119", brackets=True))
    assert told(found)["debt_carrying"] == 0.0
    assert "is in the company's favour" in str(
        next(one.note for one in found.readings if one.quantity == "debt_carrying")
    )
    found = sheet(PAYABLE, row("Convertible notes", "620"), row("Less: unamortized discount", "20", brackets=True))
    assert told(found)["debt_carrying"] == 600.0


@pytest.mark.parametrize(
    ("label", "brackets"),
    [("Discount on convertible notes", True), ("Less: discount on convertible notes", True), ("Less: discount on convertible notes", False)],
)  # fmt: skip
def test_a_discount_in_a_line_of_its_own_comes_off_the_debt(label: str, brackets: bool) -> None:
    found = sheet(PAYABLE, row("Convertible notes", "620"), row(label, "20", brackets=brackets))
    assert told(found)["debt_carrying"] == 600.0
    found = sheet(PAYABLE, row("Convertible notes", "580"), row("Deferred financing costs", "20"))
    assert "'Deferred financing costs' of 20 may be debt or not" in doubts(found)["debt_carrying"]


def test_a_sum_that_is_not_called_a_total_is_no_row() -> None:
    assets = (
        row("Cash and due from banks", "60"),
        row("Deposits with banks", "40"),
        row("Cash and cash equivalents", "100", "us-gaap:CashAndCashEquivalentsAtCarryingValue"),
        row("Equipment", "990"), row("Less: accumulated depreciation", "90"), row("Equipment, net", "900"), ASSETS[2],
    )  # fmt: skip
    portion = row("Less: current portion", "50", brackets=True)
    debt = (row("Notes payable, current", "50"), row("Notes payable", "600"), portion, row("Notes payable, net", "550"))
    found = sheet(PAYABLE, *debt, assets=assets)
    assert told(found) == {"cash": 100.0, "debt_carrying": 600.0, "preferred_total": 0.0}
    assert doubts(found) == {}


def test_a_label_in_two_lines_keeps_its_words_apart() -> None:
    rows = (*ASSETS, row("Accounts payable and LINE notes payable", "1,050"), row("Total liabilities", "1,050"), *EQUITY, END)  # fmt: skip
    found = catalogue.examine(SOURCE, document(report(*rows).replace(b" LINE ", b"<br/>")))
    assert "holds debt and something else" in doubts(found)["debt_carrying"]


def test_a_line_of_nothing_is_no_heading() -> None:
    found = sheet(PAYABLE, row("Convertible notes payable", "—"), row("Related party", "600"))
    assert "'Related party' of 600 may be debt or not" in doubts(found)["debt_carrying"]


def test_debt_and_lease_lines_lose_the_leases_that_are_tagged() -> None:
    rows = (
        PAYABLE,
        row("Current portion of debt and finance leases", "200"),
        row("Debt and finance leases, net of current portion", "400"),
    )
    assert told(sheet(*rows, more=[number("us-gaap:FinanceLeaseLiability", "35")]))["debt_carrying"] == 565.0
    parts = [
        number(f"us-gaap:FinanceLeaseLiability{part}", value)
        for part, value in (("Current", "5"), ("Noncurrent", "30"))
    ]
    assert told(sheet(*rows, more=parts))["debt_carrying"] == 565.0
    found = sheet(*rows)
    assert told(found)["debt_carrying"] == 600.0
    assert "finance leases are in it" in str(
        next(one.note for one in found.readings if one.quantity == "debt_carrying")
    )


def test_leases_tagged_in_one_sum_may_be_in_other_lines_too() -> None:
    rows = (PAYABLE, row("Notes payable", "200"), row("Debt and finance leases, net of current portion", "400"))
    found = sheet(*rows, more=[number("us-gaap:FinanceLeaseLiability", "35")])
    assert "finance leases of 35 are tagged in one sum" in doubts(found)["debt_carrying"]


@pytest.mark.parametrize(
    ("above", "scale", "sure"), [("thousands", 3, True), ("thousands", 0, False), ("millions", 3, False)]
)
def test_a_sheet_is_tagged_in_the_unit_it_says_it_is_in(above: str, scale: int, sure: bool) -> None:
    rows = (*ASSETS, PAYABLE, NOTES, row("Total liabilities", "1,050"), *EQUITY, END)
    scaled = [row(one["label"], one["text"], one["name"], one["brackets"], scale=scale) for one in rows]
    head = row(f"(in {above}, except per share data)", None)
    found = catalogue.examine(SOURCE, document(report(head, *scaled)))
    assert (set(told(found)) == {"cash", "debt_carrying", "preferred_total"}) is sure
    assert sure or all("printed in units of" in why for why in doubts(found).values())


def test_a_related_partys_row_is_a_row_and_a_note_repeats_nothing() -> None:
    member = {"us-gaap:RelatedPartyTransactionsByRelatedPartyAxis": "us-gaap:RelatedPartyMember"}
    rows = (PAYABLE, row("Notes payable", "100"), row("Notes payable - related party", "500", axes=member))
    assert told(sheet(*rows, more=[number("us-gaap:NotesPayable", "500", axes=member)]))["debt_carrying"] == 600.0


def test_the_principal_is_what_exceeds_the_rows_by_exactly_a_tagged_discount() -> None:
    gross, discount = (
        number("us-gaap:DebtInstrumentFaceAmount", "640"),
        number("us-gaap:DebtInstrumentUnamortizedDiscount", "40"),
    )
    assert told(sheet(PAYABLE, NOTES, more=[gross, discount]))["debt_total"] == 640.0
    assert "debt_total" not in told(sheet(PAYABLE, NOTES, more=[gross]))
    paper = (PAYABLE, row("Commercial paper", "100"), row("Term debt", "500"))
    more = [number("us-gaap:DebtInstrumentCarryingAmount", "540"), discount]
    assert told(sheet(*paper, more=more))["debt_total"] == 640.0


def test_each_row_has_its_own_discount_and_one_tranche_alone_explains_all_or_nothing() -> None:
    rows = (PAYABLE, row("Term loan, net", "190"), row("Convertible notes, net", "410"))
    more = [
        number("us-gaap:LoansPayable", "200"), number("us-gaap:UnamortizedDebtIssuanceExpense", "10"),
        number("us-gaap:ConvertibleDebt", "440"), number("us-gaap:DebtInstrumentUnamortizedDiscount", "30"),
    ]  # fmt: skip
    assert told(sheet(*rows, more=more))["debt_total"] == 640.0
    face = number("us-gaap:DebtInstrumentFaceAmount", "620", axes={"us-gaap:DebtInstrumentAxis": "abc:NotesMember"})
    discount = number("us-gaap:UnamortizedDebtIssuanceExpense", "20")  # in the words of the row, mostly
    assert told(sheet(PAYABLE, NOTES, more=[face, discount]))["debt_total"] == 620.0
    rows = (PAYABLE, NOTES | {"text": "500"}, row("Other notes", "100"))
    assert "debt_total" not in told(sheet(*rows, more=[face | {"text": "520"}, discount]))


def test_the_principal_is_what_the_tranches_or_the_years_of_repayment_add_up_to() -> None:
    one, other = ({"us-gaap:LongtermDebtTypeAxis": f"abc:{name}Member"} for name in ("One", "Other"))
    face = "us-gaap:DebtInstrumentCarryingAmount"
    faces = [number(face, "300", axes=one), number(face, "340", axes=other)]
    discount = number("us-gaap:DebtInstrumentUnamortizedDiscount", "40")
    assert told(sheet(PAYABLE, NOTES, more=[*faces, discount]))["debt_total"] == 640.0
    assert "debt_total" not in told(sheet(PAYABLE, NOTES, more=faces))
    rows = (PAYABLE, row("Convertible note, net", "280"), row("Convertible note at fair value", "320"))
    own = [number("us-gaap:DebtInstrumentUnamortizedDiscount", "20", axes=one), number("us-gaap:DebtInstrumentFairValueAdjustment", "20", axes=other)]  # fmt: skip
    found = sheet(*rows, more=[number(face, "300", axes=one), number(face, "300", axes=other), *own])
    assert told(found)["debt_total"] == 600.0
    assert "debt_total" not in told(sheet(*rows, more=[number(face, "300", axes=one), own[0]]))
    rows = (
        PAYABLE,
        row("Current portion of notes payable", "200"),
        row("Notes payable, net of current portion", "400"),
    )
    due = "us-gaap:LongTermDebtMaturitiesRepaymentsOfPrincipalIn"
    years = [number(f"{due}NextTwelveMonths", "210"), number(f"{due}YearTwo", "450")]
    assert told(sheet(*rows, more=[*years, number("us-gaap:LongTermDebt", "660")]))["debt_total"] == 660.0
    assert "debt_total" not in told(sheet(*rows, more=years))
    short = (PAYABLE, row("Short-term borrowings", "100"), *(row(f"{term} portion of debt", text) for term, text in (("Current", "100"), ("Long-term", "400"))))  # fmt: skip
    assert "debt_total" not in told(sheet(*short, more=[*years, number("us-gaap:LongTermDebt", "660")]))


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("0.75% Convertible Senior Notes 2028", Kind.DEBT), ("Convertible notes due 2030 (Note 7)", Kind.DEBT),
        ("Warehouse facility", Kind.DEBT), ("Installment payables", Kind.DEBT), ("Due to bank", Kind.DEBT),
        ("Accounts payable (Note 12)", Kind.OTHER), ("SAFE notes", Kind.OTHER), ("Unsettled trades payable", Kind.OTHER),
        ("Accounts payable (including the consolidated VIE's notes without recourse)", Kind.OTHER),
        ("Other liabilities (including loans of a shareholder)", Kind.MIXED), ("Sales returns", Kind.OTHER),
        ("Convertible notes with detachable warrants, net", Kind.MIXED), ("Loan guarantee liability", Kind.UNKNOWN),
        ("Shares issuable on conversion of notes", Kind.UNKNOWN), ("Loans payable at amortised cost", Kind.DEBT),
        ("Deferred tax liability on convertible notes", Kind.UNKNOWN), ("Notes at cost", Kind.DEBT),
        ("Obligation to return collateral", Kind.UNKNOWN), ("Crypto assets borrowed", Kind.UNKNOWN),
    ],
)  # fmt: skip
def test_what_a_label_says(label: str, kind: Kind) -> None:
    assert liability(label) is kind


def test_cash_in_two_lines_is_their_sum_where_a_tag_says_so() -> None:
    assets = (row("Cash", "60"), row("Cash equivalents", "40"), *ASSETS[1:])
    whole = number("us-gaap:CashAndCashEquivalentsAtCarryingValue", "100")
    assert told(sheet(PAYABLE, NOTES, assets=assets, more=[whole]))["cash"] == 100.0
    assert "several rows are cash" in doubts(sheet(PAYABLE, NOTES, assets=assets))["cash"]


@pytest.mark.parametrize(
    ("label", "more", "value", "doubt"),
    [
        ("Cash", (), 100.0, None),
        ("Cash and due from banks", (), 100.0, None),
        ("Cash and other assets", (), 100.0, "holds more than cash"),
        ("CASH AND BANK BALANCES", (), 100.0, None),
        ("Unrestricted cash", (), 100.0, None),
        ("Cash, cash equivalents and restricted cash", (number("us-gaap:RestrictedCash", "30"),), 70.0, None),
        ("Cash, cash equivalents and restricted cash", (), 100.0, "how much is not tagged"),
        ("Cash and marketable securities", (), 100.0, "holds more than cash"),
        ("Cash and digital assets", (), 100.0, "holds more than cash"),
        ("Cash held in trust account", (), 100.0, "not all at the company's disposal"),
    ],
)
def test_cash_is_the_first_row_that_begins_with_cash(label: str, more: Any, value: float, doubt: str | None) -> None:
    assets = (row(label, "100", "abc:Anything"), *ASSETS[1:])
    found = sheet(PAYABLE, NOTES, assets=assets, more=more)
    assert (told(found).get("cash") == value) is (doubt is None)
    assert (doubt or "") in doubts(found).get("cash", "")


def test_restricted_cash_of_another_row_is_not_in_the_row_of_cash() -> None:
    later = "us-gaap:RestrictedCashNoncurrent"
    assets = (
        row("Cash and restricted cash", "100"),
        row("Restricted cash", "50", later),
        row("Bitcoin", "850"),
        ASSETS[2],
    )
    found = sheet(PAYABLE, NOTES, assets=assets, more=[number("us-gaap:RestrictedCashCurrent", "20")])
    assert told(found)["cash"] == 80.0
    found = sheet(PAYABLE, NOTES, assets=assets, more=[number("us-gaap:RestrictedCash", "70")])
    assert "how much is not tagged" in doubts(found)["cash"]


@pytest.mark.parametrize("words", ["aggregate liquidation preference of $60", "liquidation preference: $60"])
def test_a_preference_printed_in_a_sheet_in_thousands_is_in_thousands(words: str) -> None:
    rows = [
        row(one["label"], one["text"], one["name"], one["brackets"], scale=3)
        for one in (*ASSETS, PAYABLE, NOTES, row("Total liabilities", "1,050"),
                    row(f"Series A preferred stock, {words}", "50"), EQUITY[0],
                    row("Accumulated deficit", "110", brackets=True), EQUITY[2], END)
    ]  # fmt: skip
    found = catalogue.examine(SOURCE, document(report(*rows, SHARES)))
    assert told(found)["preferred_total"] == 60_000.0


def test_restricted_cash_before_it_is_not_the_cash() -> None:
    assets = (row("Cash held in escrow", "10"), row("Cash and cash equivalents", "90"), *ASSETS[1:])
    assert told(sheet(PAYABLE, NOTES, assets=assets))["cash"] == 90.0


PREFERRED = row("Preferred stock, $0.001 par value; 5,000 shares authorized; none issued or outstanding", None)
SHARES = number("us-gaap:PreferredStockSharesOutstanding", "2", unit="shares")


@pytest.mark.parametrize(
    ("label", "amount", "more", "value"),
    [
        ("Preferred stock; none issued or outstanding", None, (), 0.0),
        ("Preferred stock; 0 and 8,615 shares issued and outstanding", None, (), 0.0),
        ("Series A preferred stock; 2 shares, liquidation preference of $25.00 per share", "10", (SHARES,), 50.0),
        ("Series A preferred stock, $25.00 par and liquidation value, 2 shares", "10", (SHARES,), 50.0),
        ("Series A preferred stock, aggregate liquidation preference of $60", "10", (SHARES,), 60.0),
        ("Series A preferred stock", "10", (SHARES, number("us-gaap:PreferredStockLiquidationPreference", "7")), 14.0),
        (
            "Series A preferred stock",
            "10",
            (SHARES, number("us-gaap:PreferredStockLiquidationPreferenceValue", "33")),
            33.0,
        ),
        ("Series A preferred stock", "10", (SHARES,), None),
        ("Series A preferred stock; 730 and 0 shares issued and outstanding", "10", (), None),
        ("Preferred stock; 730 and 0 shares issued and outstanding", "0", (), None),
        (
            "Series A preferred stock",
            "100",
            (SHARES, number("us-gaap:PreferredStockLiquidationPreferenceValue", "9")),
            None,
        ),
        (
            "Series A preferred stock",
            "10",
            (SHARES, number("us-gaap:PreferredStockLiquidationPreference", "0.001")),
            None,
        ),
        ("Class A common stock subject to possible redemption", "10", (), 0.0),
    ],
)
def test_preferred_stock_counts_with_its_preference_never_with_its_par(
    label: str, amount: str | None, more: Any, value: float | None
) -> None:
    equity = (
        row(label, amount, "abc:Other"),
        *(
            EQUITY
            if amount is None
            else (row("Common stock", "10"), row("Accumulated deficit", "70", brackets=True), EQUITY[2])
        ),
    )
    found = sheet(PAYABLE, NOTES, equity=equity, more=more)
    assert told(found).get("preferred_total") == value
    assert ("preferred_total" in doubts(found)) is (value is None)


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("The Series A-1 Preferred Stock has a liquidation preference of $12.00 per share.", 60.0),
        ("The Series A-1 Preferred Stock has a liquidation preference equal to $0.02 per share.", None),  # the row carries 50
        ("The Series A-1 Preferred Stock has a $12.00 per share liquidation preference on an as-converted basis.", None),
        ("The Series A and Series A-2 Preferred Stock have a liquidation preference of $12.00 per share.", None),
    ],
)  # fmt: skip
def test_a_preference_in_the_notes_counts_where_it_is_near_what_the_row_carries(
    words: str, value: float | None
) -> None:
    axes = {"us-gaap:StatementClassOfStockAxis": "abc:SeriesA1PreferredStockMember"}
    rows = (
        *ASSETS, PAYABLE, NOTES, row("Total liabilities", "1,050"), row("Preferred stock, Series A-1", "50"), EQUITY[0],
        row("Accumulated deficit", "110", brackets=True), EQUITY[2], END,
        number("us-gaap:PreferredStockSharesOutstanding", "5", unit="shares", axes=axes),
    )  # fmt: skip
    found = catalogue.examine(SOURCE, document(report(*rows, body=f"<p>{words}</p>")))
    assert told(found).get("preferred_total") == value
    assert ("preferred_total" in doubts(found)) is (value is None)


def test_neither_a_call_price_nor_a_name_without_preferred_tells_a_preference() -> None:
    line, shares = row("Series A convertible stock", "50"), number("us-gaap:PreferredStockSharesOutstanding", "2", unit="shares")  # fmt: skip
    deficit = row("Accumulated deficit", "110", brackets=True)
    rows = (*ASSETS, PAYABLE, NOTES, row("Total liabilities", "1,050"), line, EQUITY[0], deficit, EQUITY[2], END)
    call = number("us-gaap:PreferredStockRedemptionPricePerShare", "25.5")
    for more in ((), (shares, call)):
        assert "preferred_total" in doubts(catalogue.examine(SOURCE, document(report(*rows, *more))))


def test_a_convenience_translation_and_the_years_before_are_other_columns() -> None:
    rows = [
        row(one["label"], one["text"], one["name"], one["brackets"], unit="eur")
        for one in (*ASSETS, PAYABLE, NOTES, row("Total liabilities", "1,050"), *EQUITY, END)
    ]
    found = catalogue.examine(SOURCE, document(report(*rows, number("us-gaap:Cash", "116"))))
    assert told(found) == {"cash": 100.0, "debt_carrying": 600.0, "preferred_total": 0.0}
    assert {one.unit for one in found.readings} == {"EUR"}


@pytest.mark.parametrize(
    ("label", "more", "value", "doubt"),
    [
        ("Series A preferred stock, $100 liquidation preference per share; 1,000 shares outstanding", (), 100_000.0, ""),
        ("Series A preferred stock", (number("us-gaap:PreferredStockLiquidationPreferenceValue", "100"),), None, "perhaps the preference of one share"),
        ("Series A preferred stock", (number("us-gaap:PreferredStockLiquidationPreferenceValue", "100,000"),), 100_000.0, ""),
    ],
)  # fmt: skip
def test_a_preference_of_one_share_is_not_that_of_all(label: str, more: Any, value: float | None, doubt: str) -> None:
    counted = number("us-gaap:PreferredStockSharesOutstanding", "1,000", unit="shares")
    equity = (row(label, "5"), row("Common stock", "5"), *EQUITY[1:])
    found = sheet(PAYABLE, NOTES, equity=equity, more=(counted, *more))
    assert told(found).get("preferred_total") == value
    assert doubt in doubts(found).get("preferred_total", "")


# -- IFRS: 20-F and 6-K ------------------------------------------------------------------------------------------------

IFRS_ASSETS = (row("Property, plant and equipment", "300"), row("Cash and cash equivalents", "125", "ifrs-full:CashAndCashEquivalents"), row("TOTAL ASSETS", "425", "ifrs-full:Assets"))  # fmt: skip
IFRS_EQUITY = (row("Share capital", "10"), row("Share premium", "290"), row("Accumulated deficit", "40", brackets=True), row("Total equity", "260", "ifrs-full:Equity"))  # fmt: skip
NON_CURRENT = (row("Convertible loan notes", "80"), row("Lease liabilities", "8"), row("Total non-current liabilities", "88"))  # fmt: skip
CURRENT = (row("Trade payables", "27"), row("Borrowings", "50"), row("Total current liabilities", "77"))
LIABILITIES = row("Total liabilities", "165")
BOTH = row("Total equity and liabilities", "425", "ifrs-full:EquityAndLiabilities")


@pytest.mark.parametrize(
    "claims",
    [
        (*IFRS_EQUITY, *NON_CURRENT, *CURRENT, LIABILITIES, BOTH),
        (*IFRS_EQUITY, *NON_CURRENT, *CURRENT, BOTH),
        (*CURRENT, *NON_CURRENT, LIABILITIES, *IFRS_EQUITY, row("Total liabilities and equity", "425")),
        (*CURRENT, *NON_CURRENT, LIABILITIES, row("NET ASSETS", "260"), *IFRS_EQUITY),
    ],
    ids=["equity first", "no total of liabilities", "liabilities first", "net assets"],
)
def test_the_orders_in_which_others_print_their_sheets(claims: tuple[dict[str, Any], ...]) -> None:
    found = catalogue.examine(SOURCE, document(report(*IFRS_ASSETS, *claims, form="20-F")))
    assert told(found) == {"cash": 125.0, "debt_carrying": 130.0, "preferred_total": 0.0}
    assert doubts(found) == {}


def test_financial_liabilities_of_an_unknown_kind_are_in_doubt() -> None:
    claims = (row("Trade payables", "35"), row("Financial liabilities at amortised cost", "130"), LIABILITIES, *IFRS_EQUITY, BOTH)  # fmt: skip
    found = catalogue.examine(SOURCE, document(report(*IFRS_ASSETS, *claims, form="20-F")))
    assert "may be debt or not" in doubts(found)["debt_carrying"]


def test_a_sheet_of_the_parent_alone_is_not_the_companys() -> None:
    parent = {"srt:ConsolidatedEntitiesAxis": "srt:ParentCompanyMember"}
    own = (row("Cash", "50"), row("Total assets", "50", "us-gaap:Assets"), row("Notes payable", "40"), row("Total liabilities", "40"),
           row("Common stock", "10"), row("Total equity", "10"), row("Total liabilities and equity", "50"))  # fmt: skip
    before = [one | {"axes": parent, "name": f"{one['name']}{place}" if one["name"] == "abc:Line" else one["name"]} for place, one in enumerate(own)]  # fmt: skip
    whole = (*ASSETS, PAYABLE, NOTES, row("Total liabilities", "1,050"), *EQUITY, END)
    found = catalogue.examine(SOURCE, document(report(*before, number("abc:Apart", "1"), *whole)))
    assert told(found) == {"cash": 100.0, "debt_carrying": 600.0, "preferred_total": 0.0}
    found = catalogue.examine(SOURCE, document(report(*before)))
    assert told(found)["cash"] == 50.0  # where all is of one member, that is the company


def test_selected_data_before_the_sheet_are_not_the_sheet() -> None:
    selected = (row("Cash and cash equivalents", "999"), row("Total assets", "425", "ifrs-full:Assets"), row("Long-term debt", "7"))  # fmt: skip
    claims = (*CURRENT, *NON_CURRENT, LIABILITIES, *IFRS_EQUITY, BOTH)
    found = catalogue.examine(SOURCE, document(report(*selected, *IFRS_ASSETS, *claims, form="20-F")))
    assert told(found).get("debt_carrying", 130.0) == 130.0
    assert told(found).get("cash", 125.0) == 125.0
