"""Why a number beside the word bitcoin is no statement about the issuer's coins. A veto comes before any reading."""

from __future__ import annotations

import re
from datetime import date

from scrapers.announcements.days import DatePhrase
from scrapers.announcements.figures import CoinFigure
from scrapers.announcements.roles import ABLE_TO, USED_TO

_FUTURE = re.compile(
    r"\b(?:will|would|shall|(?-i:may)|might|could|should|can|cannot|plans?|planned|planning|intend(?:s|ed|ing)?|intentions?|expect(?:s|ed|ing|ations?)?|aim(?:s|ed|ing)?|"
    r"targets?|targeted|targeting|goals?|seek(?:s|ing)?|hopes?|propos(?:e|es|ed|al|ing)|anticipat\w+|forecast\w*|project(?:s|ed|ions?)|guidance|commit(?:s|ted|ments?)?|"
    r"potential(?:ly)?|pursu\w+|objectives?|ambitions?|roadmap|vision|on track|if|unless|subject to|pending|upon (?:closing|completion)|pro[- ]forma|"
    r"letter of intent|term sheet|hypothetical\w*|illustrat\w+|assum(?:e|es|ing|ption)|for example|suppose|imagine|let[’']s say|scenario|(?:base|bull|bear|best|worst) case|once (?:completed|closed|approved|settled|executed|fully)|"
    r"to (?:acquire|purchase|buy|accumulate|hold|own|reach|expand|build|sell|raise|fund|finance|add|invest|grow|increase|bring|mine|produce)|"
    r"agree(?:d|s|ment) to|authori[sz]\w+|option to|right to|ability to|capable of|capacity|towards?|next (?:month|quarter|year)|programme? to|mandate)\b",
    re.I,
)
_NAMED_VISION = re.compile(  # of a company
    r"\b(?!(?:Our|Its|The|This|Their|My)\b)[A-Z]\w+ Vision(?=,? (?:Inc|Corp|Ltd|Limited|LLC|plc|PLC|Holdings|Group|(?:an?|the Company[’']s) (?:[\w-]+,? ){0,3}subsidiary)\b| ha[sd]\b)"
)
_PAST = re.compile(r"\bto (?:acquire|purchase|buy)$", re.I)
_TARGET = re.compile(
    r"\b(?:targets?|goals?|milestone of|exceed(?:s|ed|ing)? (?:a|its|our|the) (?:target|goal)|building to|path to|road to|scale to|journey to|race to)\b[^.;]{0,60}$",
    re.I,
)
_PER = re.compile(
    r"^\W{0,2}(?:(?:bitcoins?|BTC|coins?)?\s?(?:(?:mined |produced |earned )?per|(?:for )?(?:each|every)|a|/)\s?(?:calendar |business |trading )?(?:day|week|month|quarter|year|yr|annum|block|share|shares|unit|"
    r"exahash|EH|PH|TH|MW|ADS|investor|person|1,000|10,000|100|thousand)\b|(?:daily|weekly|monthly|quarterly|annually|yearly|per diem|p\.a\.)\b)",
    re.I,
)
_RATE = re.compile(
    r"\b(?:daily|weekly|monthly|annual(?:i[sz]ed)?|average|per[- ](?:day|month|year|share)|run[- ]rate|block (?:reward|subsidy)|rewards? of|rate of)\b[^.;,]{0,40}$",
    re.I,
)
_EQUIVALENT = re.compile(
    r"\b(?:equivalents?|equat\w+|correspond\w+|translat\w+|worth|convert(?:s|ible)? (?:in)?to|represent(?:s|ing) (?:approximately )?the value|in bitcoin terms)\b[^.;]{0,30}$|\b(?:BTC|bitcoin)[- ]equivalents?\b[^.;]{0,90}$",
    re.I,
)
_EQUIVALENT_AFTER = re.compile(
    r"^\W{0,3}(?:\(?equivalent|worth of|in value|-?equivalent|of value|eq\b|terms\b|of (?:[\w-]+ )?(?:equipment|machines|miners|hardware|goods|services)\b)",
    re.I,
)
_GAIN = re.compile(
    r"\b(?:gains?|yield|loss(?:es)?|profits?|savings?|dividend|rewards?|fees? of|credits?)\b[^.;,]{0,30}$", re.I
)
_HASH = re.compile(
    r"\b(?:hash ?rate|exahash|EH/s|PH/s|network|global supply|total supply|circulating|ever be|supply of|capped at|limited to|halving|block height)\b",
    re.I,
)
_CUSTOMERS = re.compile(
    r"\b(?:customers?|clients?|users?|depositors?|on behalf of|under custody|assets under|custodied|hosted|hosting|investors’|investors'|"
    r"third[- ]part(?:y|ies)(?! (?:custod|institution|provider|vendor|storage|qualified))|counterpart(?:y|ies)|members?’|platform (?:holds?|held|users?)|trust holds?|fund holds?|borrowers?)\b",
    re.I,
)
_TELLS = re.compile(r"\bannounce[sd]?(?: today)?,? that (?:it|we|the [Cc]ompany)\b")
_DERIVATIVE = re.compile(
    r"\b(?:futures|derivativ\w+|(?:call|put)s?\b|options? (?:contracts?|positions?|covering|on|over)|contracts?|swaps?|forwards?|notional|synthetic|long position|"
    r"short position|open interest|perpetual (?:swap|contract|future)s?|strike|hedg\w+|structured)\b",
    re.I,
)
_FUNDS = re.compile(
    r"\b(?:ETFs?|ETPs?|[Tt]racker|(?:[Bb]itcoin|BTC)[ -](?:[\w-]+ )?products?|fund units?"
    r"|units? (?:of|in)(?! (?:[Bb]itcoins?|BTC|Ether|ETH|SOL|Solana)\b(?=\W*(?:$|[.,;:()]|\b(?:on|at|for|from|by|to|as|and|which|that|was|were|bringing)\b)))|[Tt]rust|IBIT|FBTC|GBTC|[Ff]und(?:’s|'s)?)\b"
)
_OTHERS = re.compile(
    r"\b(?:(?:\d+|several|other|many|all|public|listed|private|peer|these|those|top|largest) (?:[\w-]+ ){0,4}(?:companies|firms|corporations|entities|treasuries|holders|miners|peers|institutions)|"
    r"companies|industry|market participants|worldwide|globally|in aggregate across|governments?|nation|countries|competitors?|investee|founder|chief executive(?:’s|'s)?|director(?:’s|'s)? (?:own|personal))\b"
    r"[^.;]{0,60}?\b(?:hold(?:s|ing|ings)?|held|own(?:s|ed|ing)?|acquired?|bought|purchased?|accumulated|with|of)?\W*$",
    re.I,
)
_RELATED = re.compile(
    r"\b(?:joint ventures?|associates?|investees?|affiliates?|sponsors?|parent(?: company)?|shareholders?|stockholders?|foundation|subsidiary of (?!(?:the|our) (?:Company|Group|Issuer)\b|ours\b)(?-i:[A-Z])|CEO|CFO|COO|(?:co-)?founders?|chair(?:man|woman|person)?|directors?|president|chief \w+ officer)\b"
    r"(?:,(?= (?:holds?|held|owns?|owned|acquired|bought|purchased|sold)\b))?(?:(?!\b(?:we|it|that|(?:the )?company|group|announc\w+|report\w*|confirm\w*|pleased)\b)[^.;,]){0,40}\b(?:holds?|held|owns?|owned|has|had|acquired|bought|purchased|sold|mined|holdings?)\b[^.;,]{0,40}$",
    re.I,
)
_JOINTLY = re.compile(
    r"\bjointly\b|\b(?:together|combined) with (?!(?:its|our|their|the Company’s|the Company's) (?:[\w-]+ ){0,2}(?:subsidiar|group|affiliated entit))|\band (?:its|our|their) (?:\w+ )?(?:partners?|affiliates?|investors?|shareholders?|peers?)\b[^.;,]{0,30}$",
    re.I,
)
_WHEN_CLOSED = re.compile(
    r"^[^.;]{0,60}?\b(upon|subject to|pending|conditional|conditioned|contingent|if approved|once (?:approved|completed|closed)|at (?:the )?closing)\b",
    re.I,
)
_APPROVED = re.compile(
    r"\b(?:approv(?:e|es|ed|al|ing)|resolv(?:e|es|ed)|recommend\w*|agreed|agreement)\b(?: (?:of|on|for|to))?(?: (?:a|an|the|its|further|additional|proposed))*"
    r" (?:purchases?|acquisitions?|sales?|allocations?|investments?|purchasing|acquiring)(?: of)?(?: (?:a total of|an aggregate of|approximately))?\W*$",
    re.I,
)
_NEGATED = re.compile(
    r"\b(?:not|never|no longer|n't|without|neither|nor|fewer than|rather than|instead of|cease[ds]?|whether|den(?:y|ies|ied)|refut\w+)\b[^.;,]{0,40}$",
    re.I,
)
_BY_YEAR = re.compile(r"\bby (?:the end of |year[- ]end |late |mid[- ]?|early )?(20\d\d)\b")
_WINDOW = 220


def _told_from(left: str) -> int:
    """Where a sentence gets from who the issuer is ("…, whose products assist its customers, announced that it") to what it did."""
    return max((found.end() for found in _TELLS.finditer(left)), default=0)


def why_not(
    text: str, figure: CoinFigure, clause: tuple[int, int], days: list[DatePhrase], told: date | None
) -> str | None:
    """The reason a coin figure says nothing of what the issuer holds, bought, sold or mined; None where there is none.

    `clause` is the span the figure stands in; a participle's clause takes the tense of its sentence along.
    """
    start, end = clause
    left, right = text[start : figure.start][-_WINDOW:], text[figure.end : end]
    if figure.coins_of:
        return f"{figure.coins_of!r}, no coins"
    if figure.ceiling:
        return f"{figure.hedge!r}: a ceiling"
    left_of_verb = left[: left.rfind(" to ")] if USED_TO.search(left) else left
    if found := _FUTURE.search(_NAMED_VISION.sub("", ABLE_TO.sub("", left_of_verb))):
        return f"{found[0]!r}: not done yet"
    if found := _WHEN_CLOSED.match(right):
        return f"{found[1]!r}: not done yet"
    if _APPROVED.search(left):
        return "approved, not done yet"
    if _TARGET.search(left):
        return "a target"
    if re.match(r"^[^.;,]{0,30}\b(?:target|goal|milestone|objective)\b", right, re.I):
        return "a target"
    if _PER.match(right) or _RATE.search(left):
        return "a rate, no number of coins"
    if _EQUIVALENT.search(left + text[figure.start : figure.at]) or _EQUIVALENT_AFTER.match(right):
        return "the equivalent of something else"
    if _GAIN.search(left) or re.match(r"^\W{0,3}(?:gains?|yield|of (?:gain|rewards?|credits?))\b", right, re.I):
        return "a gain, no coins"
    if _HASH.search(left[-60:]):
        return "the network, not the issuer"
    if _CUSTOMERS.search(left, _told_from(left)) or re.match(
        r"^[^.;]{0,60}\b(?:on behalf of|for (?:its|our|their|the)? ?(?:customers?|clients?|users?)|(?:customer|client|user)s?\b|owned by (?:its|our) |for (?:its|our|their) (?:members|participants|tenants|hosting))",
        right,
        re.I,
    ):
        return "coins of customers or others"
    if re.match(
        r"^\W{0,2}(?:as (?:an? )?(?:agent|custodian|trustee|nominee|bailee)|in (?:escrow|trust|liabilities|debt|loans)|of (?:debt|liabilities|loans))\b",
        right,
        re.I,
    ):
        return "held for others, or owed"
    if _DERIVATIVE.search(left[-100:]) or re.match(
        r"^\W{0,2}(?:[\w-]+ ){0,4}(?:futures|options?\b|derivatives?|swaps?|contracts?|notional)", right, re.I
    ):
        return "a derivative, no coins"
    if _FUNDS.search(left[-70:]) or re.match(
        r"^[^.;,]{0,40}\b(?:ETFs?|ETPs?|fund units?|(?:through|via|in) (?:the|its|our|an?) [\w ]{0,30}(?:fund|trust|ETF))\b",
        right,
    ):
        return "units of a fund, no coins"
    if _OTHERS.search(left) or _RELATED.search(left) or _JOINTLY.search(left):
        return "other holders"
    if _NEGATED.search(left):
        return "denied"
    if told is not None:
        late = [
            day
            for day in days
            if figure.end <= day.at < end
            and day.day > told
            and re.search(
                r"\b(?:by|before|until|in|through|year[- ]end)\W*(?:the )?(?:end of )?(?:\w+ )?$",
                text[max(0, day.at - 24) : day.at],
                re.I,
            )
        ]
        if late:
            return f"of {late[0].day}, which is to come"
    by_year = _BY_YEAR.search(right)
    if by_year and (told is None or int(by_year[1]) >= told.year):
        return f"by {by_year[1]}, which is to come"
    return None
