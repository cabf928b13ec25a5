"""What the sentences of a report say of its bitcoin, where no tag does: coins held, coins pledged, and that there are none.

A sentence counts where it is of the balance sheet's day and the company its subject; a covenant, a condition, another holder, coins of
customers and another day do not. Two sentences that differ say nothing. That a report has no bitcoin follows only where its other
coins are all named, and no sentence speaks of holding bitcoin.

2021-04-29  Strategy: "As of March 31, 2021, we held approximately 91,326 bitcoins"
2024-05-01  Strategy: "214,278 bitcoins, of which approximately 175,721 are unencumbered"; a covenant's 92,079 beside it
2024-08     CleanSpark: "do not serve as collateral"; 2025-08: "2,533 bitcoin that are held as collateral"
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from scrapers.sec_reports.balance_sheet import SheetRow
from scrapers.sec_reports.report import FiledReport, local

_NAMES = ("bitcoin", "btc")  # in small letters
_SECURING = ("collateral", "encumber", "pledge", "secured by")
_COIN = r"(?:bitcoins?|BTC|₿)"
_COUNT = r"(?P<{0}>\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?)"
_WITHIN = rf"(?:(?!\.\s|;|\d[\d,.]*\s+{_COIN}).)"  # of one sentence, before another number of coins
_OURS = r"(?:we|the\s+company(?:,\s+together\s+with\s+its\s+(?:consolidated\s+)?subsidiaries,?)?)"
_HELD = re.compile(
    rf"\b{_OURS}\s+(?:currently\s+|also\s+)?(?:held|holds?|owned|owns?|had)\s+(?:an?\s+(?:aggregate|total)\s+of\s+|in\s+aggregate\s+)?"
    rf"(?:approximately\s+|about\s+|~\s*)?{_COUNT.format('held')}(?P<before>,?\s+and\s+(?:approximately\s+)?[\d,]*\d(?:\.\d+)?)?\s+{_COIN}\b",
    re.I,
)
_HOLDINGS = re.compile(
    rf"\b(?:our|the\s+company['’]s)\s+(?:total\s+|aggregate\s+)?{_COIN}\s+(?:holdings?|treasury|reserves?|balance)\s+(?:was|were|is|are|totall?ed|consisted\s+of|comprised"
    rf"|stood\s+at|amounted\s+to)\s+(?:approximately\s+)?{_COUNT.format('held')}\s+{_COIN}\b",
    re.I,
)
_GOES_ON = re.compile(  # what may follow a number of coins: anything else makes them something else, or a part
    r"\s*(?:$|[.,;:()\[\]—–](?!\w)|\((?=\w)|(?:,\s+)?(?:at|on|in|with|which|that|valued|worth|having|representing|including|carried|recorded|held|and|as|compared|versus|total(?:l?ing)?|for|all|of\s+which"
    r"|by|through|under|acquired|purchased|mined|produced|self[-\s]mined|generated|across|within|outright|directly|were|was|reflect\w+|or|after|prior|based|using|digital\s+assets?)\b)",
    re.I,
)
_A_PART = re.compile(
    r"\s*(?:(?:that|which)\s+)?(?:(?:is|are|was|were|(?:had|has|have)\s+been)\s+)?(?:held\s+)?(?:currently\s+)?(?:pledged|posted|restricted|encumbered|on\s+loan|loaned|lent|transferred|deposited|borrowed|as\s+collateral|in\s+escrow)\b",
    re.I,
)
_CARRIED = re.compile(
    rf"\bvalue\s+of\s+(?:our|the\s+company['’]s)\s+(?:approximately\s+)?{_COUNT.format('held')}\s+{_COIN}\b", re.I
)
_OF_WHICH_FREE = re.compile(
    rf"{_COUNT.format('all')}\s+{_COIN},?\s+of\s+which\s+(?:approximately\s+)?{_COUNT.format('free')}\s+(?:{_COIN}\s+)?(?:are|were|is|was)\s+unencumbered",
    re.I,
)
_OF_WHICH_PLEDGED = re.compile(
    rf"{_COUNT.format('all')}\s+{_COIN},?\s+of\s+which\s+(?:approximately\s+)?{_COUNT.format('pledged')}\s+(?:{_COIN}\s+)?(?:are|were|is|was)\s+{_WITHIN}{{0,30}}?\b(?:pledged|encumbered|(?:held|posted)\s+as\s+collateral)",
    re.I,
)
_SO = rf"(?:(?!\.\s|;|\d[\d,.]*\s+{_COIN}|\b(?:not|none|no|of\s+which)\b).)"  # within a sentence that says neither no nor of which
_AS_COLLATERAL = re.compile(
    rf"{_COUNT.format('pledged')}\s+(?:of\s+(?:the|our)\s+)?{_COIN}\b{_SO}{{0,80}}?\b(?:held|serve[ds]?|serving|pledged|posted|transferred|restricted|used)\b{_WITHIN}{{0,30}}?\b(?:as|for)\b{_WITHIN}{{0,25}}?\bcollateral",
    re.I,
)
_PLEDGED_OF = re.compile(
    rf"\b(?:pledged|posted|transferred)\s+(?:approximately\s+)?{_COUNT.format('pledged')}\s+{_COIN}\b{_WITHIN}{{0,60}}?\bcollateral",
    re.I,
)
_SECURED_BY = re.compile(
    rf"\b(?:is|are|were|was)\s+(?:fully\s+|currently\s+)?(?:secured|collaterali[sz]ed)\s+by\s+(?:a\s+pledge\s+of\s+)?(?:approximately\s+)?{_COUNT.format('pledged')}\s+{_COIN}\b",
    re.I,
)
_FIRST_OF_TWO = re.compile(r"(?P<first>\d[\d,]*(?:\.\d+)?)\s+and\s+(?:approximately\s+)?$")
_MONTHS = r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_MONTH = re.compile(rf"\b{_MONTHS}\s+20\d\d")
_TWO_DAYS = re.compile(
    rf"\b{_MONTHS}\s+\d{{1,2}}(?:,\s+20\d\d)?,?\s+and\s+(?:as\s+of\s+|at\s+)?(?:{_MONTHS}\s+\d{{1,2}},\s+)?20\d\d\b"
)
_AT_TWO = re.compile(  # "at Coinbase and BitGo, respectively": two places
    rf"^[^.;]*\b(?:at|in|on|through|via|by|with)\s+(?!{_MONTHS}|(?:an?|fair|carrying|cost|total)\b)[a-z][^.;]*\brespectively\b",
    re.I,
)
_NONE_PLEDGED = re.compile(
    rf"\b{_COIN}\b(?!\s+(?:that|which)\b){_WITHIN}{{0,80}}?\b(?:do|does|did|are|is|were|was|has|have)\s+not\s+(?:been\s+)?(?:serve|served|serving|pledged|posted|encumbered|used){_WITHIN}{{0,40}}?(?:collateral|pledged|encumbered|encumbrance|loan|indebtedness)"
    rf"|\b(?:have|has|had)\s+not\s+pledged\s+(?:any\s+)?(?:of\s+)?(?:our\s+|its\s+)?{_COIN}\b"
    rf"|\bnone\s+of\s+(?:our|the\s+company['’]s|its)\s+{_COIN}\b{_WITHIN}{{0,40}}?\b(?:pledged|encumbered|collateral)"
    rf"|\b{_COIN},?\s+all\s+of\s+which\s+(?:are|is|were|was)\s+unencumbered\b"
    rf"|\b(?:all\s+of\s+)?(?:our|the\s+company['’]s)\s+{_COIN}\s+(?:holdings\s+)?(?:are|is|were|was|remain(?:s|ed)?)\s+(?:unencumbered|unpledged|not\s+pledged)",
    re.I,
)
_COINS = re.compile(rf"\d\s+{_COIN}\b", re.I)
_SUBSIDIARY = re.compile(r"\bsubsidiar(?:y|ies)\b[^.;]{0,60}\b(?:held|holds?|owned|owns?)\b", re.I)  # parts by company
_NOT_OURS = re.compile(  # behind a number of coins: whose they are, or that they are none
    rf"^\s*(?:(?:call|put|futures|options?|contracts?|ATMs?|ETFs?|kiosks?|machines?|denominated|units?)\b|(?:(?!\.\s|;|\d[\d,.]*\s+{_COIN}).){{0,80}}?"
    r"\b(?:on\s+behalf\s+of|(?:for|of|by|with|from)\s+(?:(?:its|our|the|their|certain)\s+)?(?:customers?|clients?|users?|depositors?)|custod\w+\s+for|joint\s+venture|(?:trust|fund)s?\b|ETFs?\b))",
    re.I,
)
_AND_MORE = re.compile(  # a second number of coins beside the first is held as well, unless each has its own day
    rf"^(?:(?!\.\s|;|\d).){{0,60}}\band\b(?:\s+(?:approximately\s+|about\s+)?|(?:(?!\.\s|;|\d).){{0,50}}?\b(?:additional|further|another)\s+(?:approximately\s+)?){_COUNT.format('more')}\s+{_COIN}\b",
    re.I,
)
_ELSEWHERE = re.compile(  # behind a number of coins: what shows that it is of one place only, or a share of them
    r"\b(?:remaining|remainder)\b|\breceivables?\s+(?:for|of)\s+(?:approximately\s+)?\d[\d,.]*\s+(?:bitcoins?|btc)\b|\b\d[\d,.]*\s+(?:more|others?)\b|\bother\s+\d|(?:\band|,)\s+(?:approximately\s+|about\s+)?\d[\d,.]*\s+(?:bitcoins?\s+|btc\s+)?(?:more\s+)?(?:at|with|in|through|by)\b"
    rf"|\b(?!100\b)\d[\d.]*\s*(?:%|per\s?cent)\s+of\s+(?:all\s+(?:of\s+)?)?(?:our|its|the\s+company['’]s)\s+(?:total\s+|aggregate\s+)?(?:{_COIN}|holdings?|treasury)"
    r"|\b(?:represent\w+|constitut\w+|compris\w+)\s+(?:\w+\s+){0,3}?(?:half|most|majority|part|portion|substantially\s+all)\s+of\b",
    re.I,
)
_OVER_TIME = re.compile(r"\b(?:between|during|average)\b", re.I)
_RESPECTIVELY = re.compile(r"^(?:(?!\.\s|;).){0,100}\brespectively\b", re.I)
_VETO = re.compile(
    r"\b(?:covenants?|indenture|liquidity,|restricted\s+subsidiar\w+|existing\s+digital\s+assets|would|could|may|might|if|shall|customers?|clients?|subsequent\s+to|purchas\w+|acquir\w+|returned|released)\b",
    re.I,
)
_SPEAKS_OF_HOLDING = re.compile(
    rf"\b{_COIN}\s+(?:holdings?|held)\b|\b(?:we|company)\s+(?:\w+\s+){{0,2}}?(?:held|holds?|owns?|owned|mined?|purchased|acquired|sold)\s+(?:\S+\s+){{0,5}}?{_COIN}\b"
    rf"|\b\d[\d,.]*\s+{_COIN}\b",
    re.I,
)
_DIGITAL = re.compile(r"\b(?:digital\s+(?:assets?|currenc\w+)|crypto\w*|tokens?|coins?)\b", re.I)
_OTHER_COIN = re.compile(
    r"\b(?:ETH|SOL|XRP|BNB|DOGE|LTC|ADA|AVAX|ATOM|TRX|TRON|SUI|HYPE|TON|LINK|DOT|ZEC|NEAR|TAO|RPL|ENA|WLD|USDC|USDT|BONK"
    r"|(?i:ether(?:eum)?|solana|dogecoin|litecoin|cardano|avalanche|cosmos|hyperliquid|toncoin|chainlink|polkadot|zcash|bittensor|rocket\s+pool"
    r"|ethena|worldcoin|stablecoins?|animecoin|ripple))\b"
)
_BITCOIN = re.compile(_COIN, re.I)
_TO_US = re.compile(  # whose sentence is of what others owe us, and of their coins
    r"\bcounterpart(?:y|ies)\s+(?:(?:has|have|had)\s+)?(?:pledged|posted|transferred)\b|\bto\s+(?:us|the\s+company)\b"
    r"|(?<!\bas\s)(?<!\bas\sthe\s)(?<!\bas\sa\s)\bborrowers?\b|\b(?:lent|(?:notes?|loans?|advances?|mortgages?|debentures?|financing)\s+(?:\w+\s+){0,2}?receivables?|receivables?\s+(?:is|are|was|were)|investments?\s+in)\b"
    r"|\b(?:loans?|advances?|financing|credit)\s+(?:(?:we|it|the\s+company)\s+)?(?:(?:made|extended|granted|provided|advanced|issued)\s+)?to\s+(?!(?:be|refinance|finance|fund|repay|build|pay)\b)"
    rf"|\b{_OURS}\s+(?:\w+\s+)?(?:made|extended|granted|provided|originated|advanced)\b",
    re.I,
)
_CLOSE = 100  # characters around the words that nothing is pledged, in which another day would be told
_COIN_CONCEPT = re.compile(r"Crypto|DigitalAsset|Token")
_WINDOW = 260  # characters before an amount within which the coin is named that it is of


def held(filing: FiledReport) -> float | None:
    """Coins held on the day of the balance sheet, as all sentences about it say alike; None where they differ or there is none."""
    told: set[float] = set()
    if not filing.prose.says(*_NAMES):
        return None
    for sentence in filing.prose.sentences(*_NAMES, naming=[f"{filing.end:%B}".lower()]):
        if not _of_day(filing, sentence) or (_SUBSIDIARY.search(sentence) and len(_COINS.findall(sentence)) > 1):
            continue
        for wanted in (_HELD, _HOLDINGS, _CARRIED):
            told |= {_number(found["held"]) for found in wanted.finditer(sentence) if _is_all(found)}
    return told.pop() if len(told) == 1 else None


def _is_all(found: re.Match[str]) -> bool:
    """Whether a number of coins is all that are held, by what its sentence says before and behind it."""
    behind = found.string[found.end() :]
    two = found.groupdict().get("before") or _AND_MORE.search(behind)
    if two and not _of_two_days(found.string, behind):
        return False  # "9,000 and 8,000 bitcoin" of two days, else of two places
    return not (
        _VETO.search(found.string[: found.end()])
        or _OVER_TIME.search(found.string[: found.start()])
        or not _GOES_ON.match(behind)
        or _A_PART.match(behind)
        or _NOT_OURS.search(behind)
        or _ELSEWHERE.search(behind)
    )


def _of_two_days(sentence: str, behind: str) -> bool:
    """Whether two numbers of coins, `behind` which a sentence goes on, are those of two days and not of two places."""
    return bool(_RESPECTIVELY.search(behind) and _TWO_DAYS.search(sentence) and not _AT_TWO.search(behind))


def pledged(filing: FiledReport, coins: float | None) -> tuple[float, str] | None:
    """Coins that secure a debt, with the words; 0 where it is said that none do. `coins` are all that are held, where known."""
    told: dict[float, str] = {}
    undated: dict[float, str] = {}
    none: list[str] = []
    if not filing.prose.says(*_NAMES):
        return None
    for sentence in filing.prose.sentences(*_NAMES, naming=_SECURING):
        for found in _OF_WHICH_FREE.finditer(sentence):
            everything = _number(found["all"])
            if coins in (None, everything) and _of_day(filing, sentence):
                told[everything - _number(found["free"])] = found[0]
        for found in _OF_WHICH_PLEDGED.finditer(sentence):
            if coins in (None, _number(found["all"])) and _of_day(filing, sentence):
                told[_number(found["pledged"])] = found[0]
        for number, words in _securing(sentence):
            if _of_day(filing, sentence):
                told.setdefault(number, words)
            elif next(_days(sentence), None) is None and not _other_month(filing, sentence):
                undated.setdefault(number, words)
        for found in _NONE_PLEDGED.finditer(sentence):
            near = sentence[max(0, found.start() - _CLOSE) : found.end() + _CLOSE]
            if not _VETO.search(found[0]) and not _other_day(filing, near):
                none.append(found[0])
    told = told or undated
    if not told and none:
        return 0.0, none[0]
    if len(told) != 1:
        return None
    ((value, words),) = told.items()
    return value, words


def _securing(sentence: str) -> Iterator[tuple[float, str]]:
    """Numbers of our coins that a sentence calls collateral, with the words; of two days the first."""
    if _VETO.search(sentence) or _TO_US.search(sentence):
        return
    for wanted in (_AS_COLLATERAL, _PLEDGED_OF, _SECURED_BY):
        for found in wanted.finditer(sentence):
            first = _FIRST_OF_TWO.search(sentence[: found.start("pledged")])
            if first is None:
                yield _number(found["pledged"]), found[0]
            elif _of_two_days(sentence, sentence[found.end("pledged") :]):
                yield _number(first["first"]), f"{first[0]}{found[0]}"


def none_at_all(filing: FiledReport) -> str | None:
    """Why a report that carries digital assets has no bitcoin among them; None where that does not follow."""
    if filing.sheet is None:
        return None
    rows = [
        row
        for row in filing.sheet.assets
        if row.amount and not row.is_total and (_DIGITAL.search(row.label) or _OTHER_COIN.search(row.label))
    ]
    if not rows or any(_BITCOIN.search(row.label) for row in rows) or _bitcoin_tagged(filing):
        return None
    if not (all(_of_other_coin(filing, row) for row in rows) or _total_of_other_coin(filing, rows)):
        return None
    if any(map(_SPEAKS_OF_HOLDING.search, filing.prose.sentences(*_NAMES))):
        return None
    return "its digital assets are other coins, and no sentence speaks of holding bitcoin"


def _of_other_coin(filing: FiledReport, row: SheetRow) -> bool:
    """Whether a row is of coins other than bitcoin: by its label, by tags that name all its parts, or by the words before its amount."""
    assert row.amount is not None
    return (
        bool(_OTHER_COIN.search(row.label))
        or _parted(filing, row.amount)
        or _named_before(filing, row.amount, row.scale)
    )


def _total_of_other_coin(filing: FiledReport, rows: list[SheetRow]) -> bool:
    total = sum(row.amount or 0.0 for row in rows if not _OTHER_COIN.search(row.label))
    return _parted(filing, total) or _named_before(filing, total, rows[0].scale)


def _parted(filing: FiledReport, amount: float) -> bool:
    """Whether tags of named coins, none of them bitcoin or "other", add up to the amount."""
    by_name: dict[str, dict[str, float]] = {}
    for fact in filing.at_end(_COIN_CONCEPT):
        if len(fact.members) == 1 and re.search(r"Crypto|Digital|Coin", fact.members[0][0]) and fact.currency:
            by_name.setdefault(fact.name, {})[local(fact.members[0][1])] = fact.value
    return any(
        abs(sum(parts.values()) - amount) <= 1e-6 * amount
        and not any(re.search(r"Other|Bitcoin|BTC|Restricted", name, re.I) for name in parts)
        for parts in by_name.values()
    )


def _named_before(filing: FiledReport, amount: float, scale: int) -> bool:
    """Whether the amount, as the sheet prints it, follows the name of another coin somewhere in the notes, and never that of bitcoin."""
    windows = filing.prose.before(f"{amount / 10**scale:,.0f}", _WINDOW)
    return any(map(_OTHER_COIN.search, windows)) and not any(map(_BITCOIN.search, windows))


def _bitcoin_tagged(filing: FiledReport) -> bool:
    return any(
        _BITCOIN.search(local(member)) for one in filing.at_end(_COIN_CONCEPT) if one.value for _, member in one.members
    )


# -- sentences -----------------------------------------------------------------------------------------------------


def _days(sentence: str) -> Iterator[str]:
    yield from re.findall(
        r"\b(?:January|February|March|April|May|June|July|August|September|October|November|December)\s+\d{1,2},\s+20\d\d",
        sentence,
    )


def _of_day(filing: FiledReport, sentence: str) -> bool:
    """Whether a sentence names the day of the balance sheet, and names it first."""
    return next(_days(sentence), None) == f"{filing.end:%B} {filing.end.day}, {filing.end.year}"


def _other_day(filing: FiledReport, sentence: str) -> bool:
    days = list(_days(sentence))
    return bool(days) and f"{filing.end:%B} {filing.end.day}, {filing.end.year}" not in days


def _other_month(filing: FiledReport, sentence: str) -> bool:
    """Whether a sentence names months, and not the one of the balance sheet: what happened then may be over."""
    months = _MONTH.findall(sentence)
    return bool(months) and f"{filing.end:%B} {filing.end.year}" not in months


def _number(text: str) -> float:
    return float(text.replace(",", ""))
