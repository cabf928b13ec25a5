"""A number, or the reason why there is none: the answer that carries both, and what the codes of the column `reason` mean."""

from __future__ import annotations

from typing import NamedTuple

WHY = {
    "MERGED": "it no longer stands alone; its coins are counted in another company's",
    "SPAC_PENDING": "a SPAC before its merger: its shares and the announced coins do not belong together",
    "OTHER_CRYPTO": "its treasury is mainly another crypto asset",
    "HOLDINGS_OUTDATED": "it told of coins bought or sold since its last count, and nobody says how many there are now",
    "STALE_BTC": "the last holdings known are over 400 days old",
    "MISSING_SHARES": "no basic share count is known",
    "STALE_SHARES": "the last basic share count known is over 400 days old, or over 90 where a market cap gives it",
    "STALE_DILUTED": "the assumed-diluted count is over 400 days old or below the basic count, so it is not current",
    "MISSING_PRICE": "no bitcoin price or exchange rate of the last 4 days",
    "DEBT_AT_CARRYING": "debt is the balance-sheet amount; its principal is not known",
    "DEBT_FROM_TRANCHES": "filings and the issuer show more debt outstanding than the last total: their sum stands",
    "PREFERRED_FROM_TRANCHES": "filings and the issuer show more preferred stock outstanding than the last total: their sum stands",
    "INPUTS_DOUBTED": "the market cap is under a tenth of the bitcoin and the inputs are old: holdings of 180 days, or a share count of 90 days or from before a large reverse split",
    "SHARES_ROLLED_FORWARD": "the last share count, moved by what the issuer sold and bought back since",
    "SHARES_FROM_MARKET_CAP": "nobody told a share count: a published market cap by that day's close gives it",
    "UNIT_UNKNOWN": "how many shares one listed unit stands for is not known",
    "COST_OF_ANOTHER_DAY": "the last cost told is that of other coins than those held: the gain is not known",
    "NAV_ZERO": "no bitcoin held",
    "NET_RESERVE_NONPOSITIVE": "claims exceed bitcoin and cash: the common is under water",
    "EQUITY_NAV_NONPOSITIVE": "claims, every convertible counted as debt, exceed bitcoin and cash",
    "NO_CLAIMS": "cash covers debt and preferred stock: there is no break-even price",
    "PREFERRED_UNPRICED": "no series of its preferred stock has a close of that day, so nothing is known at market",
    "AT_PREFERENCE": "at market these series without a close of their own count at liquidation preference",
    "NO_BASE": "no opening value for the BTC Yield of the year",
}


def why(code: str) -> str:
    """What a code of `reason` means, with the names that follow it (AT_PREFERENCE:stre); the code itself where none is written down."""
    name, _, names = code.partition(":")
    return WHY.get(name, name) + (f": {names.replace(',', ', ')}" if names else "")


NOT_KNOWN = {
    "instruments": "its list of convertibles, preferred stock, options and warrants is not complete",
    "option_strikes": "strikes of its options, which are counted in full",
    "warrant_strikes": "strikes of its warrants, which are not counted",
    "debt_total": "its debt",
    "preferred_total": "its preferred stock; where there is none, nobody has said so",
}


class Answer(NamedTuple):
    """`value` None is unknown, and `reason` then says why (docs/metrics.md, codes). `note` says what the number leaves out."""

    value: float | None
    reason: str = ""
    note: str = ""


def unless_missing(value: float | None, reason: str) -> Answer:
    """The value, or the reason where it is unknown."""
    return Answer(None, reason) if value is None else Answer(value)
