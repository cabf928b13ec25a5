"""Classes of shares and names of tranches are data: read, stored, matched, and missed with the row to add."""

from __future__ import annotations

from datetime import date

import pytest
from sqlite_utils import Database

from db.tables import for_scraping
from db.tables.store import add
from db.tables.transaction import writing
from treasury.intake.bundled import bundled_share_classes
from treasury.intake.csv_files import SHEETS, read_sheet
from treasury.model import InputError
from treasury.share_classes import ShareClass, letter, share_class

DAY = date(2025, 8, 1)


@pytest.mark.parametrize(
    ("member", "expected"),
    [
        ("CommonClassBMember", "B"), ("ClassAOrdinarySharesMember", "A"), ("CommonStockClassCMember", "C"), ("B", "B"),
        ("ClassActionMember", ""), ("MultipleVotingSharesMember", ""), ("Class V", "V"), ("", ""),
    ],
)  # fmt: skip
def test_the_letter_of_a_class_stands_alone(member: str, expected: str) -> None:
    assert letter(member) == expected


def test_a_whole_name_is_asked_before_a_letter_and_days_decide() -> None:
    classes = [
        ShareClass("ONE", "B", None, valid_to=date(2025, 1, 1)),
        ShareClass("ONE", "B", 0.5, valid_from=date(2025, 1, 1)),
        ShareClass("ONE", "SpecialClassBMember", 2.0),
    ]
    found = [
        share_class(classes, name, day) for name, day in (("CommonClassBMember", DAY), ("SpecialClassBMember", DAY))
    ]
    assert [one.ratio for one in found if one] == [0.5, 2.0]
    assert share_class(classes, "CommonClassBMember", date(2024, 12, 31)) == classes[0]
    assert share_class(classes, "CommonClassAMember", DAY) is None


def test_the_bundled_rows_and_the_stored_ones_are_the_same(bundled: Database) -> None:
    db = bundled
    assert set(for_scraping.share_classes(db)) == set(bundled_share_classes())
    idle = {(one.ticker, one.name) for one in bundled_share_classes() if one.ratio is None}
    assert {("RUM", "D"), ("XXI", "B")} <= idle
    identity = for_scraping.identity(db)
    assert identity.instrument("MSTR", "ConvertibleSeniorNotesDueTwentyThirtyMember") == "convert-2030a"
    assert identity.instrument("MSTR", "SomeNotesMember") == "SomeNotesMember"
    assert identity.instrument("MSTR", None) is None


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("ONE,B,economic,,,,a,", "an economic class needs a ratio in listed shares"),
        ("ONE,B,votes_only,1,,,a,", "a class with votes only has none"),
        ("ONE,B,none,,,,a,", "'none' is not one of economic, votes_only"),
    ],
)
def test_a_class_is_worth_something_or_has_votes_only(row: str, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        read_sheet([f"{','.join(SHEETS['share_class'].header)}\n", row], "classes.csv")


def test_a_name_of_an_unknown_instrument_is_refused_with_its_line(bundled: Database) -> None:
    db = bundled
    names = read_sheet(
        [f"{','.join(SHEETS['tranche_name'].header)}\n", "MSTR,XMember,convert-1999,known,"], "names.csv"
    )
    with pytest.raises(InputError, match=r"names\.csv:2: MSTR has no instrument 'convert-1999'"), writing(db):
        add(db, [(*names, "names.csv")])
