"""How amounts read to people: $69.52bn, −$19.6m, −43.1 %."""

from __future__ import annotations

import re

UNKNOWN_SIGN = "–"  # for what is not known: never 0, never empty


def with_minus(text: str) -> str:
    """A number as it was formatted, below nought with the sign of print, −, which is what people are shown everywhere; programs get "-"."""
    return f"−{text[1:]}" if text.startswith("-") else text


def dollars(value: float) -> str:
    """US dollars with the scale a person would use: $69.52bn, −$1.20bn, $54.3m."""
    sign, size = "−" if value < 0 else "", abs(value)
    for floor, name, digits in ((1e9, "bn", 2), (1e6, "m", 1), (1e3, "k", 1)):
        if size >= floor:
            return f"{sign}${size / floor:,.{digits}f}{name}"
    return f"{sign}${size:,.0f}"


def round_dollars(value: float) -> str:
    """The same for an axis, without digits that say nothing: $20bn, $2.5bn, $500m, $0."""
    sign, size = "−" if value < 0 else "", abs(value)
    for floor, name in ((1e9, "bn"), (1e6, "m"), (1e3, "k")):
        if size >= floor:
            return f"{sign}${size / floor:,.4g}{name}"
    return f"{sign}${size:,.4g}"


def plain(value: float) -> str:
    """All digits a person can use, never in powers of ten: 641,692, 6,754,000,000, 0.0061780955."""
    return with_minus(f"{value:,.10g}" if abs(value) < 1e9 else f"{value:,.2f}".removesuffix(".00"))


def per_cent(value: float, digits: int = 1) -> str:
    """A signed change: +4.4 %, −43.1 %."""
    return f"{signed(value, digits)} %"


def signed(value: float, digits: int = 3) -> str:
    """A change or a part, with its sign: +0.412, −1.000."""
    return with_minus(f"{round(value, digits) or 0.0:+,.{digits}f}")


def in_unit(value: float, unit: str, each: bool = False) -> str:
    """A number in the unit of its column (`treasury.metrics.column`); `each`: of one share or bitcoin, with all its digits."""
    if unit == "USD" and not each:
        return dollars(value)
    if unit == "x":
        text = f"{value:.3f}x" if abs(value) < 100 else f"{value:,.0f}x"
    elif unit == "%":
        text = f"{round(value, 1) or 0.0:,.1f} %"
    elif unit == "sats":
        text = f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.3f}"
    elif float(value).is_integer():
        text = f"{value:,.0f}"
    else:
        text = f"{value:,.2f}" if abs(value) >= 1 else f"{value:.6g}"
    return with_minus(text)


def counted(count: int, one: str, many: str = "") -> str:
    """How many of something: 1 close, 1,373 closes, 2 companies (`many`, where it is not `one` with an s)."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


_TYPED = re.compile(
    r"(?P<sign>[+-]?)[$€£¥]?(?P<digits>\d{1,3}(?:,\d{3})+|\d+|(?=\.\d))(?P<rest>\.\d*)?(?P<power>e[+-]?\d+)?\s?(?P<scale>k|mn?|bn?|tn?)?",
    re.ASCII,
)
MOST_TYPED = 1e15  # of money in any currency, shares or coins; more is a slip of the hand
_SCALES = {"": 1.0, "k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12}


def read_amount(text: str) -> float:
    """A number as people type it: 60000, 60,000, 60k, $1.5bn. Raises ValueError for anything else."""
    found = _TYPED.fullmatch(text.strip().lower().replace("−", "-"))
    if not found:
        raise ValueError(f"{text.strip()!r} is not a number; write it as 60000, 60,000, 60k or $1.5bn")
    plain = f"{found['sign']}{found['digits'].replace(',', '')}{found['rest'] or ''}{found['power'] or ''}"
    amount = float(plain) * _SCALES[(found["scale"] or "")[:1]]
    if not abs(amount) <= MOST_TYPED:
        raise ValueError(f"{text.strip()[:20]!r} is larger than any amount: at most {MOST_TYPED:,.0f}")
    return amount


def split_amounts(text: str) -> list[str]:
    """The words of a list between commas, in which $60,000 is one: 100k,$60,000 are two.

    Raises ValueError where commas may do either: 60,000,100,000.
    """
    words: list[str] = []
    for piece in text.split(","):
        continues = re.fullmatch(r"\d{3}(\.\d+)?", piece) and words
        if continues and re.fullmatch(r"\s*[$€£¥]?[1-9]\d{0,2}", words[-1]):
            words[-1] += f",{piece}"
        elif continues and "," in words[-1]:
            raise ValueError(f"{text!r} may be one number or several; write thousands as 60k")
        else:
            words.append(piece.strip())
    return words
