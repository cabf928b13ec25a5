"""What the words around a number of coins make of it: held, bought, sold, mined, pledged, or no statement of its own."""

from __future__ import annotations

import re

from scrapers.announcements.days import MONTH
from scrapers.announcements.figures import COIN, CoinFigure
from scrapers.announcements.statement import BOUGHT, EXPOSED, FREE, HELD, MINED, PLEDGED, SOLD

_ADVERB = (
    r"(?:now|currently|still|also|directly|already|today|then|in total|in aggregate|collectively|together|subsequently|successfully|recently|"
    r"on (?:its|our|the) balance sheets?|in (?:its|our|the|their) (?:[\w-]+ )?treasury|,)"
)
_STORE = r"(?:holdings?|treasur(?:y|ies)|reserves?|balances?|stack|stash|portfolio|position|inventory|hodl)"
_HOLDS = re.compile(
    rf"\b(?:holds?|held|holding|owns?|owned|owning|possess(?:es|ed|ing)?|maintain(?:s|ed|ing)?|retain(?:s|ed)?|has|have|had|having|hodls?|hodled)\b(?: {_ADVERB})*[\s:]*$",
    re.I,
)
_HAS = re.compile(r"\b(?:has|have|had|having)\b[^.;]{0,30}$", re.I)
_STORE_OF = re.compile(
    rf"\b{_STORE}\b(?P<between>[^.;]{{0,110}}?)(?:\b(?:(?<!up )to|of|at|were|was|is|are|being|totall?(?:s|ed|ing)?|reach(?:es|ed|ing)?|amount(?:s|ed|ing)? to|"
    r"compris(?:es|ed|ing)(?: of)?|consist(?:s|ed|ing)? of|includ(?:e|es|ed|ing)|exceed(?:s|ed|ing)?|surpass(?:es|ed|ing)?|now|stands? at|stood at|total)(?: of)?|[:=–—])\s*$",
    re.I,
)
_CHANGE_BETWEEN = re.compile(
    r"\b(?:purchas|acqui|additions?\b|sales?\b|sold|bought|gain|worth|collateral|loan|strateg|polic|increase of|decrease of|change of|rise of|proceeds|funded|price|value)",
    re.I,
)
_GREW_TO = re.compile(
    rf"\b(?:bring(?:s|ing)?|brought|tak(?:es|ing)|took|increas(?:es|ed|ing)|boost\w*|rais(?:es|ed|ing)|expand(?:s|ed|ing)?|grow(?:s|ing|n)?|grew|lift(?:s|ed|ing)|bolster(?:s|ed|ing)?|"
    rf"push(?:es|ed|ing)|reduc(?:es|ed|ing)|lower(?:s|ed|ing)|leav(?:es|ing)|left)\b[^.;]{{0,110}}?\b(?:{_STORE}|total|bitcoins?|BTC|coins|ownership|tally|count)\b(?P<between>[^.;]{{0,60}}?)\b(?:(?<!up )to|at|of|with|is now|stands at)\s*$",
    re.I,
)
_CHANGED_BY = re.compile(
    r"\b(?:increas|decreas|reduc|rais|expand|grow|grew|rose|risen|fell|fall|declin|dropp|boost|lower)\w*(?:\b[^.;]{0,90}(?<!ed))? by\s*$",
    re.I,
)
_DIFFERENCE = re.compile(  # "234.6 BTC higher than in May"; not "120 BTC, more than any other", "120 BTC below the market price"
    r"^ (?:higher|lower|fewer|greater|(?:more|less)(?! \w+ly)(?: \w+){0,3} than|less (?=\d)|(?:above|below)(?![^.;,]{0,20}\b(?:price|cost|market|value)))\b",
    re.I,
)
_MORE = re.compile(r"\bmore\b", re.I)
_THAN = re.compile(  # "more BTC at lower prices than" compares the prices
    r"(?:(?!\b(?:more|less|fewer|lower|higher|better|cheaper)\b)[^.;]){0,90}?\b(?:than|compared (?:to|with))\b", re.I
)
_PRODUCTION_GREW = re.compile(
    rf"\b(?:production|output)\b(?P<between>(?:(?!\b{_STORE}\b|\b(?:its|our|the|total)\b[^.;\d]{{0,20}}\b(?:bitcoins?|BTC|coins)\b)[^.;]){{0,110}}?)\b(?<!up )to\s*$",
    re.I,
)
_SINCE_EVER = re.compile(r"\b(?:cumulative|lifetime|all[- ]time|inception|to date)\b", re.I)
_OF_A_PART = re.compile(  # "production at our Texas site", "of MetaCo"; not "of June", "in the quarter", "from 700"
    rf"^ (?:of|at|by|from|in|for|across) (?!(?:the |its |our )?(?:(?:first|second|third|fourth|last|past|full|three|six|nine|twelve) )?(?:{MONTH}\b|Q[1-4]\b|month|quarter|half|year|period|bitcoin|BTC|approximately|about|\d))"
)
_SINCE_GROWN = re.compile(
    r"\b(?:grown|grew|rose|risen|increased|climbed|expanded|reached|fell|fallen|declined|decreased|dropped|surged)\b[^.;,]{0,50}?\b(?<!up )to\s*$",
    re.I,
)
_NUMBER_HELD = re.compile(
    r"\b(?:bitcoins?|BTC)\b[^.;,]{0,25}?\b(?:held|owned|count|tally)\b[^.;]{0,60}?\b(?:was|were|is|are|(?<!up )to|at|now|totall?(?:s|ed|ing))\s*$",
    re.I,
)
_OF_ALL = re.compile(
    rf"\b(?P<what>sold|liquidated|disposed of|divested|exited|moneti[sz]ed|pledged|lost)\b[^.;,]{{0,40}}\b{_STORE}\b(?: of)?\W*(?:a total of )?$",
    re.I,
)
_COINS_WERE = re.compile(r"\b(?:balances?|as of|as at|amounts?|quantit\w+)\b.{0,120}\b(?:were|was)\b[^.;]{0,30}$", re.I)
_PLAINLY = re.compile(r"\b(?:now|currently|still|total|balance)\b", re.I)
_HOLDS_INDEED = re.compile(r"\b(?:holds?|held|owns?|owned)\b(?: \S+){0,3}\s*$", re.I)
_ENDS_HERE = re.compile(r"\W*(?:$|as of|as at|at |on |in |with |worth|valued|,)")
_ENDED_WITH = re.compile(r"\b(?:ended|closed|finished|exited|ending|closing|finishing)\b[^.;]{0,70}?\bwith\s*$", re.I)
_IN_STORE = re.compile(
    rf"^\W{{0,3}}(?:coins? )?(?:currently |now |remain(?:s|ed|ing)? )?(?:held\b(?! (?:for|on behalf))|owned\b|on (?:its|our|the|their|his) balance sheets?|"
    rf"in (?:its|our|the|their|corporate)(?: [\w-]+){{0,3}} {_STORE}|in {_STORE}\b|in (?:total )?holdings|on hand)",
    re.I,
)
_BOUGHT = re.compile(
    r"\b(?:acquir(?:ed|es|ing)|purchas(?:ed|es|ing)|bought|buys|buying|add(?:ed|s|ing)|accumulat(?:ed|es|ing)|(?:acquisitions?|purchases?|addition|buy) of|invested in|acquire|purchase|buy)"
    rf"(?: {_ADVERB})*\s*$",
    re.I,
)
_SOLD = re.compile(
    rf"\b(?:sold|sells|selling|(?:sales?|disposals?|disposition|liquidation|divestment) of|dispos(?:ed|es|ing) of|liquidat(?:ed|es|ing)|divest(?:ed|ing)|moneti[sz](?:ed|ing)|convert(?:ed|ing))(?: {_ADVERB})*\s*$",
    re.I,
)
_MINED = re.compile(
    rf"\b(?:mined|mining|produced|produces|producing|earned|generated|(?:production|output) of|minted)(?: {_ADVERB})*\s*$",
    re.I,
)
_WAS = re.compile(
    r"^\W{0,2}(?:(?:were|was|had been|have been|has been|newly|self-)\s?)?(?P<what>mined|produced|acquired|purchased|bought|sold|liquidated)\b",
    re.I,
)
_PLEDGED = re.compile(
    r"\b(?:pledg(?:ed|es|ing)|encumber(?:ed|ing)|posted|collaterali[sz]ed (?:by|with)|collateral (?:of|consisting of|comprising)|secured by|loaned(?: out)?|lent(?: out)?|restricted bitcoin of|restricted)\s*$",
    re.I,
)
_PLEDGED_AFTER = re.compile(
    r"^(?: \([^()]{1,40}\))?\W{0,2}(?:(?:of which|which|that|were|was|are|is|had been|have been|been|in|currently|of) ){0,3}(?:pledged|encumbered|restricted|loaned|lent|posted (?:as|for)|transferred as collateral|held as collateral|used as collateral|as collateral|serves? as collateral|collateral\b|receivable|in collateral|serving as collateral)",
    re.I,
)
_AS_COLLATERAL = re.compile(
    rf"(?P<bound>\b(?:maximum|minimum|required) )?\bcollateral (?:balance|position)\b(?:(?!\b(?:to be|{_STORE})\b)[^.;]){{0,60}}\b(?:to|of|at|is|was)\s*$",
    re.I,
)
_GIVEN_BACK = re.compile(r"^[^.;,]{0,30}\b(?:released|returned|withdrawn|recalled|liquidated)\b", re.I)
_FREE = re.compile(r"\b(?:unencumbered|unrestricted|unpledged)\b[^.;,]{0,50}$", re.I)
_FREE_AFTER = re.compile(
    r"^(?: \([^()]{1,40}\))?\W{0,2}(?:(?:of which|which|were|was|are|is|all|fully|remain|remained|that|currently) ){0,3}(?:unencumbered|unrestricted|unpledged)\b(?! cash)",
    re.I,
)
_PART_TOLD = re.compile(rf"\d {COIN}(?:(?:, | ?\([^()]{{1,40}}\),? )(?:of which )?| ?\(of which )$")
_SHARES = re.compile(
    r"^ (?:un)?restricted (?:[\w-]+ )?(?:shares?|stock|units?|ADSs?|securities|warrants?|awards?)\b", re.I
)
_SO_MANY_OF = re.compile(rf"(?:\d|\d ?%|\bhalf|\bsome|\bmost|\bportion|\bpart)(?: {COIN})?,? of (?:all )?$", re.I)
_OURS = re.compile(r"\b(?:our|its|the)\b", re.I)
_PART = re.compile(
    r"(?:\bof which|\bincluding|\binclusive of|\bexcluding|\bnet of|\bas well as \w+ holds?|\balso holds?|\ballocated|\breserved|\bearmarked|\bset aside)\W*(?:the |an? )?(?:further |additional )?$",
    re.I,
)
_PART_AFTER = re.compile(
    r"^\W{0,2}(?:(?:is|are|was|were|of which|which|have been|being) ){0,3}(?:allocated|reserved|earmarked|staked|wrapped|deployed|deposited|delegated|set aside|funded by|transferred|returned|receivable)",
    re.I,
)
COMPARED_WITH = re.compile(
    rf"(?:\bcompar(?:ed|es|ing) (?:to|with) (?:(?:{MONTH}|the|its|our|20\d\d|prior|previous|same|month|quarter|year|bitcoin|BTC)[’']?s? )*(?:production|output|holdings?|balance|sales?) of"
    r"|\bfrom|\bcompar(?:ed|es|ing) (?:to|with)|\bversus|\bvs\.?|\bagainst|\bthan|\bpreviously|\bprevious (?:total|balance) of|\bprior (?:total|balance) of|\bformerly|\binitial(?:ly)?|\(|\b(?:began|started|opened|entered)\b[^.;]{0,60}\bwith(?: (?:\w+ ){0,3}(?:of|at))?)\W*$",
    re.I,
)
_PART_OF = re.compile(r"\b(?:of which|includ\w+|comprising)\b[^.;]{0,40}$", re.I)
_EXPOSED = re.compile(r"\bexposure\b[^.;]{0,60}$", re.I)
_PAST_RANGE = re.compile(r"^\W{0,2}(?:to|-|–)\s?\d")
_RANGE = re.compile(
    r"\bbetween [\d,.]+ (?:BTC |bitcoins? )?and\W*$|(?<!by )(?<!from )(?<![\d.,])\d[\d.,]*\s?(?:to|[-–])\s*$", re.I
)
_HOLDING_WORDS = re.compile(
    rf"\b(?:bitcoin|BTC)\b[^.;]{{0,60}}\b(?:{_STORE}|count|tally)\b|\b{_STORE}\b[^.;]{{0,60}}\b(?:bitcoin|BTC)\b", re.I
)
_ITEM = re.compile(
    r"(?:(?:approximately|about|~|over) ?)?[~≈$€£]?\d[\d,.]* (?:\w+ ){0,2}(?:ETH|SOL|XRP|DOGE|ATOM|DOT|LTC|BNB|ADA|AVAX|USDC|USDT|HYPE|SUI|TRX|ethers?|ethereum|solana|(?!BTC)[A-Z]{3,5})\b(?:[^,;.\d]|\d[\d,.]*\d){0,80}(?:,? and|,|;|, as well as| as well as|, plus| plus)\s*$"
)

ABLE_TO = re.compile(r"\b(?:allow|enabl)(?:ed|ing) (?:it|us|them|the (?:Company|Group)) to hold\b", re.I)
USED_TO = re.compile(
    r"\b(?:used|spent|deployed|converted|applied|exchanged|swapped)\b(?:[^.;]|\.\d){0,120}\bto (?:acquire|purchase|buy)\W*$",
    re.I,
)


def is_whole_of(text: str, figure: CoinFigure) -> bool:
    """`1,500 of our 4,100 bitcoin were pledged`: whether a figure is the whole, of which another told before is the part."""
    return bool(_SO_MANY_OF.search(text[max(0, figure.start - 40) : figure.start])) and bool(
        _OURS.search(text[figure.start : figure.at])
    )


def role_of(text: str, left: str, right: str, figure: CoinFigure) -> str | None:
    """The role of a coin figure; "" where it is understood and no statement of its own; None where no words tell."""
    left = _without_list(left[-260:])
    if is_whole_of(text, figure):
        return HELD if _PLEDGED_AFTER.match(right) or _FREE_AFTER.match(right) else ""
    more = _MORE.search(text, figure.at, figure.end) and _THAN.match(right)  # "mined 23.9 more BTC, compared to"
    if more or _CHANGED_BY.search(left) or _DIFFERENCE.match(right):
        return ""  # "increased unrestricted holdings by 3,132 bitcoin": a change, no state
    if collateral := _AS_COLLATERAL.search(left):
        return "" if collateral["bound"] or _GIVEN_BACK.match(right) else PLEDGED
    if _PLEDGED_AFTER.match(right) or _PLEDGED.search(left):
        return PLEDGED
    if _FREE.search(left) or _FREE_AFTER.match(right):
        return FREE
    if exposed := _EXPOSED.search(left):
        return "" if _PART_OF.search(left[: exposed.start()]) else EXPOSED
    if (
        COMPARED_WITH.search(left)
        or _PART.search(left)
        or _PART_AFTER.match(right)
        or _PAST_RANGE.match(right)
        or _RANGE.search(left)
    ):
        return ""
    near = left[-60:] + text[figure.start : figure.at]
    plainly = _IN_STORE.match(right) or _PLAINLY.search(near) or _HOLDS_INDEED.search(left)
    if _HAS.search(left) and _HOLDS.search(left) and not plainly:  # "has 100 BTC" may go on in any way
        return HELD if _ENDS_HERE.match(right) else None
    if all_of := _OF_ALL.search(left):  # "liquidated its entire position of 95 bitcoin"
        return SOLD if all_of["what"].lower() not in ("pledged", "lost") else ""
    if _HOLDS.search(left) or _ENDED_WITH.search(left) or _NUMBER_HELD.search(left):
        return HELD
    grew = _GREW_TO.search(left[-200:])
    store = _STORE_OF.search(left[-180:])
    part = left.rstrip().endswith("with") and _WAS.match(
        right
    )  # "increased its reserve to 100 BTC, with 3 BTC acquired"
    produced = _PRODUCTION_GREW.search(left)
    if produced and (grew or _SINCE_GROWN.search(left)):  # "increased our bitcoin production from 10 to 20 bitcoin"
        return "" if _SINCE_EVER.search(left) or _OF_A_PART.match(produced["between"]) else MINED
    if grew and not part and not _CHANGE_BETWEEN.search(grew["between"]):
        return HELD
    if store and not _CHANGE_BETWEEN.search(store["between"]):
        return HELD
    if _SINCE_GROWN.search(left) and _HOLDING_WORDS.search(text):
        return HELD
    if _COINS_WERE.search(left) and re.search(r"\brespectively\b", right):
        return HELD
    if _BOUGHT.search(left):
        return BOUGHT
    if _SOLD.search(left):
        return SOLD
    if _MINED.search(left):
        return MINED
    if was := _WAS.match(right):
        what = was["what"].lower()
        return MINED if what in ("mined", "produced") else SOLD if what in ("sold", "liquidated") else BOUGHT
    if _IN_STORE.match(right) and not re.search(r"\b(?:up|down|increase|decrease|rise|fall|by)\W*$", left):
        return HELD
    return None


_NOUN_OF = re.compile(
    r"\b(?:acquisitions?|purchases?|additions?|buys?|sales?|disposals?|disposition|liquidation|divestment|production|output) of\s*$",
    re.I,
)
_A_DAY = rf"(?:{MONTH} \d{{1,2}}(?:st|nd|rd|th)?|\d{{1,2}} {MONTH}),? 20\d\d"
_DONE = re.compile(
    r"\b(?:announc\w+|complet\w+|clos(?:es|ed|ing)|confirm\w*|report\w*|made|makes|finali[sz]\w+|execut\w+|conclud\w+|disclos\w+|carried out|effected|perform\w+|"
    rf"consummat\w+|recorded|with|through|following|after|by|via|due to|from|resulting)\W+(?:today\W+)?(?:(?:on\W+)?{_A_DAY}\W+)?(?:(?:the|a|an|its|our|his|further|additional|another|new|previously|announced|first|initial|"
    r"successful|strategic|latest|second|third|recent|bitcoin|direct|aggregate|complet\w+|this|of|[$€£¥]?[\d.,]+ (?:million|billion))\W+){0,4}$",
    re.I,
)
_UNDONE = re.compile(
    r"\b(?:consider\w*|evaluat\w+|explor\w+|discuss\w+|negotiat\w+|cancel\w*|terminat\w+|abandon\w*|withdr[ae]w\w*|postpon\w+|delay\w*|fail\w*|reject\w*|schedul\w+|contemplat\w+|review\w*|request\w*|order(?:s|ed)?)\b",
    re.I,
)
_BARE = re.compile(
    r"(?<!an )(?<!the )(?<!this )\b(?:hold|own|have|maintain|possess|retain|acquire|purchase|buy|sell|mine|produce|grow|increase|rise|reach|expand|bring|take|reduce)\b(?! of\b)(?: \w+){0,3}\W*$",
    re.I,
)
_PLURAL = re.compile(
    r"\b(?:we|they|subsidiaries|companies|entities|holdings|collectively|together|Group|did|do)(?:\W+(?:now|currently|also|still|together|collectively|directly|jointly|each))*\W*$"
    r"|\b(?:we|they)\b[^.;]{0,90}\band (?:now|currently)\W*$|\band (?:its|our) (?:[\w-]+ ){0,3}subsidiar(?:y|ies)(?: (?-i:[A-Z])[\w.’'-]*){0,6}\W*$",
    re.I,
)
_THOUGHT = re.compile(r"\b(?:hold|own|hav|acquir|purchas|buy|possess|maintain)ing\b[^.;,]{0,20}$", re.I)
_TAKEN = re.compile(r"\b(?:receiv\w+|accept\w*|hold\w*|held|took|obtain\w*)\W*(?:\w+\W+){0,2}$", re.I)
_EQUIVALENTS = re.compile(
    r"^\W{0,3}(?:and|or|plus|together with|including|incl\.?|of which [^.;,]{0,40}?\b(?:were|was|are|is)) (?:its |our |the )?(?:[Bb]itcoin|BTC)?[- ]?equivalents?\b",
    re.I,
)
_LIKE_COINS = re.compile(
    r"^\W{0,3}(?:and|or|plus|together with|including|incl\.?|of which [^.;,]{0,40}?\b(?:were|was|are|is)) (?:its |our |the )?(?:[Bb]itcoin|BTC)?[- ]?(?:equivalents?|exposure|ETFs?|derivativ\w*|funds?|related)\b",
    re.I,
)
_OWED_BESIDE = re.compile(rf"\breceivables? (?:for|of) (?:approximately )?\d[\d,.]* {COIN}\b", re.I)
_VERB_AFTER = re.compile(
    r"^[^.;,]{0,30}\b(?:is|are|would|becomes?|remains|seems|requires?|makes?|puts?|gives?)\b", re.I
)
_MONEY_BUYS = re.compile(
    r"[$€£¥]\s?[\d.,]+(?: ?(?:million|billion|m|bn|k))?\s+(?:buys?|purchases?|acquires?|equals?|gets?)\W*$", re.I
)


def unlikely(left: str, right: str, role: str) -> str:
    """Why a role found is perhaps a thought and no deed, by the form of its verb; "" where its form tells a deed or a state.

    It looks for what must be there where the vetoes look for what must not: neither needs the words of the other.
    """
    near = left[-120:]
    if (found := _UNDONE.search(near[-60:])) or (_NOUN_OF.search(near) and (found := _UNDONE.search(right[:60]))):
        return f"{found[0]!r}: whether it was done is not told"
    if _EQUIVALENTS.match(right) or (role == HELD and _LIKE_COINS.match(right)):
        return "with what is like bitcoin, and how much of it is not told"
    if role == HELD and _OWED_BESIDE.search(right):
        return "coins lent or posted are told beside it, and whether it holds them is not"
    if role == PLEDGED and _TAKEN.search(near):
        return "taken as collateral or given is not told"
    if _MONEY_BUYS.search(near):
        return "what an amount would buy"
    if role in (BOUGHT, SOLD) and (noun := _NOUN_OF.search(near)):
        before = near[: noun.start()]
        if before.strip() and not _DONE.search(before):
            return f"{noun[0].strip()!r}: whether it was done is not told"
    bare = _BARE.search(near)
    if bare and not _PLURAL.search(near[: bare.start()]) and not (USED_TO.search(left) or ABLE_TO.search(left)):
        return f"{bare[0].strip()!r}: whether it is so or may be is not told"
    if _THOUGHT.search(near) and _VERB_AFTER.match(right):
        return "a thought about holding, perhaps no holding"
    return ""


def _without_list(left: str) -> str:
    """The words before a list of coins, for a figure that is not its first: "holdings are comprised of 1,523,373 ETH at $4,326 per ETH, "."""
    for _ in range(6):
        shorter = _ITEM.sub("", left)
        if shorter == left:
            break
        left = shorter
    return left


def is_bare_holding(text: str, figure: CoinFigure) -> bool:
    left, right = text[: figure.start], text[figure.end : figure.end + 30]
    after = text[figure.end :]
    if (
        _PART_TOLD.search(left)
        and (_PLEDGED_AFTER.match(after) or _FREE_AFTER.match(after))
        and not _SHARES.match(after)
    ):
        return True  # "held 10,670 bitcoin, 3,828 of which were pledged", "of which 3,828 were pledged"
    if re.match(
        r"\W{0,2}(?:[a-z]*[Ss]hares?|miners?|years?|months?|days?|[A-Z]{2,}\b|MW|x\b|companies|times|wallets|[Oo]rdinary|[Cc]lass|[Cc]ommon|units?|warrants?|machines?|people|users?)",
        right,
    ) and not right.startswith((" as of", " at ")):
        return False
    year = figure.value.is_integer() and 1990 <= figure.value <= 2100 and figure.step == 1
    if figure.value < 1 or (year and "," not in text[figure.at : figure.end]):
        return False
    behind = left[-110:]
    if _NUMBER_HELD.search(behind):
        return True
    if _SINCE_GROWN.search(behind) and re.search(
        rf"\b(?:bitcoin|BTC)\b[^.;]{{0,60}}\b{_STORE}\b", text[: figure.start], re.I
    ):
        return True
    found = _STORE_OF.search(behind)
    return (
        bool(found)
        and bool(re.search(r"\b(?:bitcoin|BTC)\b", behind, re.I))
        and not _CHANGE_BETWEEN.search(found["between"] if found else "")
    )
