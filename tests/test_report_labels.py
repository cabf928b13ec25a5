"""Which labels of a balance sheet are debt, which another liability, and which nobody knows: in words no sample prints."""

from __future__ import annotations

import pytest

from scrapers.sec_reports.labels import Kind, liability, plain_label

DEBT = """Term debt|Commercial paper|Convertible senior notes, net|Notes payable, net of current portion|Promissory note - related party
Related party loans|Line of credit|Short-term debt, net of issuance costs|Prepaid advance liability, net of discount, non-current portion
Convertible debt carried at fair value|Loan payable - DeFi protocol|Bank overdrafts|Interest-bearing loans and borrowings|Bank loans and other borrowings
Senior secured notes due 2028|Debentures|Mortgage payable|Borrowings under revolving credit facility|Notes payable, related party, including accrued interest
PPP loan|Bonds payable|Long-term debt, less current maturities|Insurance premium financing|Convertible notes payable to stockholders
Notes payable - officers and directors|Notes payable and accrued interest|Obligations under credit agreement|Securities sold under agreements to repurchase
Financing obligation|Exchangeable notes|2030 Notes|Note payable (Note 7)|Borrowings (see notes 12 and 13)|Bitcoin-backed loan|Revolver|Term loan B
Receivables financing facility|Borrowings under accounts receivable facility|Receivables purchase facility|Warehouse funding facilities, current
Federal Home Loan Bank advances|Financed insurance premiums|Convertible and other notes payable, net|Miner financing
Unsecured bank indebtedness|Loans from shareholders|Schuldscheindarlehen|Sukuk|Due to bank|Hire purchase|Subordinated debentures, series C|Floor plan payable"""
OTHER = """Accounts payable|Trade and other payables|Accrued interest|Accrued interest on notes payable|Operating lease liability|Finance lease liabilities, current
Warrant liabilities|Derivative liability|Deferred revenue|Due to related party|Income tax payable|Deferred underwriters’ discount|Customer deposits|Simple agreements for future equity
Other liabilities|Other current liabilities|Provisions|Employee benefit obligations|Contract liabilities|Deferred tax liabilities|Dividends payable
Contingent consideration|Asset retirement obligation|Liabilities of discontinued operations|Accrued expenses and other current liabilities
Safeguarding obligation liability|Embedded derivative on convertible notes|Derivative liability - convertible notes|Derivative financial liabilities
Unearned revenue|Government remittances|Acquisition payable|Current tax liabilities|Accrued payroll|Refund liability|Commitments and contingencies (Note 14)
Tax receivable agreement liability|Book overdraft|Right-of-use liability|Interest rate swap liability|Natural gas payable|Notes receivable
Trade accounts and other payables|Liabilities to customers|Payables to merchants|Funds held for clients|Call option liability|Obligation to issue shares|Payable for bitcoin purchases|Unclaimed property
Warranty reserve|Payables to customers|Pension liabilities|Royalties payable|Legal settlement|Litigation provision|Uncertain tax positions"""
UNKNOWN = """Liabilities to customers for borrowed bitcoin|Payables to customers for loaned bitcoin|Due to customers under lending program|Other financial liabilities|Amounts owed under the Zephyr arrangement|Advances from shareholder
Obligation to deliver bitcoin|Payable to Galaxy|Prepaid liability, net of discount|Payable - DeFi protocol|Facility|Other obligations
Finance contract payable|Total return swap|Liability related to sale of future royalties|Put premium on notes|Due to broker - margin|Liability to repurchase loans
Instruments at fair value|Due to parent company|Financial liabilities at amortised cost|Vault token liability|Streaming arrangement|Term"""
MIXED = """Notes payable and accrued expenses|Accounts payable, accrued expenses and short-term borrowings|Warrants and convertible notes
Notes payable and due to related parties|Due to officers and notes payable
Accrued interest and notes payable|Long-term debt and other liabilities|Loans and other payables|Current portion of long-term debt and other
Deposits and borrowings|Convertible notes and warrant liability|Debt and operating lease liabilities"""
LEASES = "Current portion of debt and finance leases|Long-term debt and capital lease obligations|Finance lease liabilities and notes payable"
CONTRA = "Less: discount on notes payable|Discount on convertible notes|Notes payable discount|Less: current portion of notes payable|Deferred loan costs, net|Deferred financing fees, net|Less: unamortized debt discount|Unamortized debt issuance costs|Less current portion|Debt issuance costs"


def labels(text: str) -> list[str]:
    return text.replace("\n", "|").split("|")


@pytest.mark.parametrize(
    ("kind", "label"),
    [
        (kind, label)
        for kind, text in (
            (Kind.DEBT, DEBT), (Kind.OTHER, OTHER), (Kind.UNKNOWN, UNKNOWN), (Kind.MIXED, MIXED), (Kind.DEBT_AND_LEASES, LEASES),
            (Kind.CONTRA, CONTRA),
        )
        for label in labels(text)
    ],
)  # fmt: skip
def test_a_label_is_debt_another_liability_or_unknown(kind: Kind, label: str) -> None:
    assert liability(label) is kind
    assert liability(label.upper()) is kind


@pytest.mark.parametrize("label", labels(DEBT))
def test_a_label_of_debt_whose_word_is_not_known_is_never_taken_for_another_liability(label: str) -> None:
    """As if one company's words were missing from the list: unknown or still debt, never a liability we know."""
    from scrapers.sec_reports import labels as module

    stranger = module._DEBT.sub("zorbs", label)
    assert liability(stranger) in (Kind.UNKNOWN, Kind.DEBT, Kind.MIXED, Kind.CONTRA) or "interest" in label.lower()


def test_a_line_under_a_heading_of_debt_is_debt_where_it_says_nothing_else() -> None:
    assert liability("Due 2030", "Convertible notes:") is Kind.DEBT
    assert liability("Accounts payable", "Convertible notes:") is Kind.OTHER
    assert liability("Due 2030", "Current liabilities:") is Kind.UNKNOWN
    assert liability("Other", "Notes payable:") is Kind.UNKNOWN  # perhaps other notes
    assert liability("Current", "Operating lease liabilities:") is Kind.OTHER


def test_a_reference_to_a_note_of_the_accounts_is_no_note_that_is_owed() -> None:
    assert plain_label("Commitments and contingencies (Note 14)") == "Commitments and contingencies"
    assert plain_label("Other non‑current liabilities") == "Other non-current liabilities"
    assert plain_label("Other payables (see Notes 2 and 5)") == "Other payables"
    assert liability("Amounts due to stakers (Note 8)") is Kind.UNKNOWN


def test_a_loan_held_for_customers_is_debt() -> None:
    assert liability("Loans payable held for customers") is Kind.DEBT
