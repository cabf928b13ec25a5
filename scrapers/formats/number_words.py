"""Whole numbers written out in English, as filings print small ones: `no`, `twenty-five`, `two hundred and fifty thousand`."""

from __future__ import annotations

NONE = frozenset({"no", "none", "nil"})
ONES = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
POWERS = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}


def number_in(text: str) -> int | None:
    """The number these words are; None where they are not one, or not in this order."""
    words = text.lower().replace("-", " ").split()
    if len(words) == 1 and words[0] in NONE:
        return 0
    total = group = 0  # what is complete, and what the next power multiplies
    room, power = 1000, 10**15  # what may still be added to the group, and to the total
    for word in words:
        if word == "and" and (total or group):
            continue
        if (value := ONES.get(word, TENS.get(word, room))) < room:
            group, room = group + value, 10 if word in TENS else 0
        elif word == "hundred" and 0 < group < 10:
            group, room = group * 100, 100
        elif word in POWERS and group and POWERS[word] < power:
            power = POWERS[word]
            total, group, room = total + group * power, 0, 1000
        else:
            return None
    return total + group if words else None
