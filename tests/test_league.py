"""Which day is the sector's: the newest in whose week companies with half of the coins closed last."""

from __future__ import annotations

from datetime import date

import pytest

from treasury.league import in_week, sector_day

AUGUST, SEPTEMBER = date(2026, 8, 31), date(2026, 9, 30)


def test_a_few_later_closes_are_no_sector() -> None:
    assert sector_day([(AUGUST, 840_447), (AUGUST, 43_514), (SEPTEMBER, 43_000)]) == AUGUST
    assert sector_day([(AUGUST, 40), (SEPTEMBER, 60)]) == SEPTEMBER


def test_closes_of_one_week_stand_together() -> None:
    assert sector_day([(date(2026, 8, 24), 40), (AUGUST, 20), (date(2026, 8, 1), 40)]) == AUGUST
    assert sector_day([(date(2026, 8, 23), 40), (AUGUST, 20), (date(2026, 8, 1), 60)]) == date(2026, 8, 1)


def test_where_nobody_holds_half_the_newest_day_stands() -> None:
    assert sector_day([(date(2026, 1, 1), 40), (date(2026, 3, 1), 30), (date(2026, 5, 1), 30)]) == date(2026, 5, 1)
    assert sector_day([]) is None


@pytest.mark.parametrize(("days", "inside"), [(-1, False), (0, True), (7, True), (8, False)])
def test_a_week_ends_on_its_day(days: int, inside: bool) -> None:
    assert in_week(date.fromordinal(AUGUST.toordinal() - days), AUGUST) is inside
