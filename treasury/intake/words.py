"""What a name or note from outside may hold: no control characters, no marks that turn the direction of text, no books."""

from __future__ import annotations

import re

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
DIRECTION = re.compile(
    "[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)  # makes text read in another order than it stands in
MARKS = re.compile(f"{CONTROL.pattern}|{DIRECTION.pattern}|[\ud800-\udfff]")  # and halves of characters
BITCOIN_BEGAN = "2008-01-01"  # before it nobody held bitcoin, and no price here is needed
FIRST_RATE = "1999-01-01"  # of the euro
LONGEST_REASON = 2_000  # why a reading is kept out
LONGEST_WORDS = {"company": 200, "instrument": 200, "note": 2_000}  # characters of what a document says of a number


def without_marks(text: str) -> str:
    return MARKS.sub("", text)
