"""What is said of a column of `mnav_daily`: its unit, its meaning, and how people are shown it."""

from __future__ import annotations

from dataclasses import dataclass

SIZE_GROUP, MULTIPLES_GROUP, PREMIUM_GROUP, PER_SHARE_GROUP, CLAIMS_GROUP, AGES_GROUP, OF_THE_ROW_GROUP = (
    COLUMN_GROUPS
) = (
    "Size",
    "Multiples",
    "Premium",
    "Per share",
    "Balance sheet",
    "Ages in days",
    "The row itself",
)
TEXT = ("text", "day", "moment", "flag")  # units of what is no amount and cannot be drawn
_GROUP_OF_UNIT = {
    "%": PREMIUM_GROUP,
    "sats": PER_SHARE_GROUP,
    "days": AGES_GROUP,
    "text": OF_THE_ROW_GROUP,
    "day": OF_THE_ROW_GROUP,
    "moment": OF_THE_ROW_GROUP,
    "flag": OF_THE_ROW_GROUP,
}


@dataclass(frozen=True, slots=True)
class DailyColumn:
    """One column of `mnav_daily`.

    `unit`: "x" a ratio, "%", "USD", "BTC", "sats", "shares", "days", "price currency" (of the listing), or one of TEXT.
    `formula` is arithmetic over other columns, or in words where it comes from. `stored` is the table whose column of this
    name it is ("valuation", "at_close" or "state"), empty where it is computed. `each` says that it is an amount of one share or one
    bitcoin, which is shown with all its digits.
    """

    name: str
    unit: str
    meaning: str
    stored: str = ""
    formula: str = "stored"
    label: str = ""
    group: str = ""
    each: bool = False

    @property
    def numeric(self) -> bool:
        return self.unit not in TEXT

    @property
    def called(self) -> str:
        """Its name in a sentence."""
        return self.label or self.name.replace("_", " ")

    @property
    def heading(self) -> str:
        """Its name over a column of a table that has a heading for the group."""
        return self.called.removesuffix(" mNAV")

    @property
    def belongs_to(self) -> str:
        """The group it is shown in: the one given, else by its unit; a multiple is what its name calls mnav_."""
        if self.group:
            return self.group
        if self.unit == "x" and self.name.startswith("mnav_"):
            return MULTIPLES_GROUP
        return _GROUP_OF_UNIT.get(self.unit, CLAIMS_GROUP)
