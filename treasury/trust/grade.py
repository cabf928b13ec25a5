"""How far a company's multiple can be relied on, as a letter: the first rule that holds gives it.

A rule is a list of conditions over columns of `mnav_latest` (and `secondary`, the inputs that press or a tracker gave), written
once: it is asked of a row, and rendered as the SQL of the view. What is not known has no age.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from treasury.known.publication import HALF_YEARLY_LAG, QUARTERLY_LAG

QUARTER_DAYS = 92 + QUARTERLY_LAG  # the oldest that a quarter's report is before the next one is due
HALF_YEAR_DAYS = 184 + HALF_YEARLY_LAG
INPUT_AGES = ("btc_age_days", "shares_age_days", "claims_age_days")
GRADED_AGES = (*INPUT_AGES, "award_age_days")
GRADED_CLAIMS = ("debt", "preferred", "cash")
_MULTIPLE = {"mnav_ev": "EV multiple", "mnav_diluted": "diluted multiple"}
_NEEDED = {
    "mnav_ev": ("btc_holdings", "shares_basic", "debt_total", "preferred_total", "cash"),
    "mnav_diluted": ("btc_holdings", "shares_basic", "instruments", "options_outstanding", "rsu_unvested", "warrant_counts"),
}  # fmt: skip
_TOLD = {"DEBT_AT_CARRYING": "debt at its balance-sheet amount: the principal is not known"}
_INPUT = {"btc": "holdings", "shares_basic": "shares", "debt": "debt", "preferred": "preferred stock", "cash": "cash"}
_AGE_OF = {
    "btc_age_days": "holdings", "shares_age_days": "shares", "claims_age_days": "the oldest of debt, preferred stock and cash",
    "award_age_days": "the oldest of its awards",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Known:
    """A column has a value."""

    column: str

    def holds(self, row: Mapping[str, Any]) -> bool:
        return row[self.column] is not None

    def told(self, row: Mapping[str, Any]) -> str:
        words = [one for one in (row["missing"] or "").split() if one in _NEEDED[self.column]]
        return f"{_MULTIPLE[self.column]} not known" + (f": lacks {', '.join(words)}" if words else "")

    def sql(self, columns: Mapping[str, str]) -> str:
        return f"({columns[self.column]}) IS NOT NULL"


@dataclass(frozen=True, slots=True)
class AtMost:
    """A column has no value above a limit."""

    column: str
    limit: int

    def holds(self, row: Mapping[str, Any]) -> bool:
        return (row[self.column] or 0) <= self.limit

    def told(self, row: Mapping[str, Any]) -> str:
        if self.column == "stale":
            return "its close is more than a week behind the newest of its exchange"
        return f"{_AGE_OF[self.column]} {row[self.column]} days old, more than {self.limit}"

    def sql(self, columns: Mapping[str, str]) -> str:
        return f"coalesce({columns[self.column]}, 0) <= {self.limit}"


@dataclass(frozen=True, slots=True)
class Without:
    """A word is not among those of a column."""

    column: str
    word: str

    def holds(self, row: Mapping[str, Any]) -> bool:
        return self.word not in (row[self.column] or "").split()

    def told(self, row: Mapping[str, Any]) -> str:
        return _TOLD.get(self.word) or f"{_INPUT[self.word]} from press or a tracker"

    def sql(self, columns: Mapping[str, str]) -> str:
        return f"instr(' ' || coalesce({columns[self.column]}, '') || ' ', ' {self.word} ') = 0"


@dataclass(frozen=True, slots=True)
class GradeRule:
    """A grade, what it says, and the conditions that must all hold for it."""

    grade: str
    meaning: str
    conditions: tuple[Known | AtMost | Without, ...] = ()


def _within(days: int, ages: tuple[str, ...] = INPUT_AGES) -> tuple[AtMost, ...]:
    return (*(AtMost(age, days) for age in ages), AtMost("stale", 0))


def _primary(*inputs: str) -> tuple[Without, ...]:
    return tuple(Without("secondary", name) for name in inputs)


GRADE_RULES = (
    GradeRule(
        "A",
        "conversions known; holdings, shares and claims from filings or the issuer,"
        f" nothing over {QUARTER_DAYS} days old (a quarter and its report)",
        (
            Known("mnav_ev"),
            Known("mnav_diluted"),
            *_primary("btc", "shares_basic", *GRADED_CLAIMS),
            Without("reason", "DEBT_AT_CARRYING"),
            *_within(QUARTER_DAYS, GRADED_AGES),
        ),
    ),
    GradeRule(
        "B",
        "holdings and shares from filings or the issuer, claims from anyone,"
        f" nothing over {HALF_YEAR_DAYS} days old (a half-year and its report)",
        (Known("mnav_ev"), *_primary("btc", "shares_basic"), *_within(HALF_YEAR_DAYS)),
    ),
    GradeRule(
        "C",
        "an EV multiple on something older, on holdings or shares from press or trackers, or at a close more than a week old",
        (Known("mnav_ev"),),
    ),
    GradeRule(
        "D", "debt, preferred stock or cash is not known: a market-cap multiple only", (Known("mnav_market_cap"),)
    ),
    GradeRule("F", "no multiple: no bitcoin, or holdings, shares or price not known or too old"),
)
BEST_GRADE = GRADE_RULES[0].grade
GRADES = {rule.grade: rule.meaning for rule in GRADE_RULES}
LOWEST_GRADE = GRADE_RULES[-1].grade
OLD_CLOSE_DAYS = 7  # a close further back than this is old


def grade(row: Mapping[str, Any]) -> str:
    """The grade of a row of mnav_latest with its `secondary`; None is unknown."""
    return next(rule.grade for rule in GRADE_RULES if all(one.holds(row) for one in rule.conditions))


def aged(row: Mapping[str, Any], today: date) -> dict[str, Any]:
    """The row as it reads on `today`: `close_age_days` since its close, `stale` 1 where that is more than a week, and the grade of
    inputs that have grown older by as many days. `row` is of mnav_latest with its `date` (text) and `secondary`."""
    days = max(0, (today - date.fromisoformat(row["date"])).days)
    old = {**row, "stale": int(bool(row["stale"]) or days > OLD_CLOSE_DAYS)}
    older = {name: None if row[name] is None else row[name] + days for name in GRADED_AGES}
    return {**old, "close_age_days": days, "grade": grade({**old, **older})}


def kept_from_best(row: Mapping[str, Any]) -> list[str]:
    """What keeps a row of mnav_latest with its `secondary` from the best grade, one condition a line; empty where it has it."""
    return [one.told(row) for one in GRADE_RULES[0].conditions if not one.holds(row)]


def grade_sql(columns: Mapping[str, str]) -> str:
    """The same as SQL over the expressions of those columns."""
    *conditional, last = GRADE_RULES
    cases = (
        f"WHEN {' AND '.join(one.sql(columns) for one in rule.conditions)} THEN '{rule.grade}'" for rule in conditional
    )
    return f"CASE {' '.join(cases)} ELSE '{last.grade}' END"
