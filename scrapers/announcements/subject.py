"""Whose coins a sentence tells of: its subject by pronoun or name, against the issuer's own names."""

from __future__ import annotations

import re

from scrapers.announcements.days import MONTH
from scrapers.announcements.figures import CoinFigure
from scrapers.announcements.issuer import Issuer
from scrapers.announcements.setting import Setting

_SELF = re.compile(
    r"\b(?:[Ww]e|[Oo]ur|us|[Tt]he Company(?:’s|'s)?|the Group(?:’s|'s)?|The Group(?:’s|'s)?|Company(?:’s|'s)|Group(?:’s|'s))\b"
)
_NAME = re.compile(r"\b(?:[A-Z][\w&’'-]*|[a-z]?[A-Z]\w+)(?:[ .]+(?:of |and |& )?(?:[A-Z0-9][\w&’'-]*))*\.?")
_OBJECT_OF = re.compile(
    r"\b(?:from|with|at|to|by|through|via|for|using|including|like|and|custodians?|exchange|on|in|under|per|of|called|named|ticker|symbol|nasdaq|nyse)\W*(?:the )?$",
    re.I,
)
_WITH = re.compile(  # "under an agreement with X, announced in May", "a company listed in Y, bought"
    r"\b(?:with|from|by|to|for|via|(?:listed|based|headquartered|incorporated|located|domiciled|registered|traded|quoted) (?:in|on|at)) (?:the )?$",
    re.I,
)
_OURS = re.compile(r"\b(?:our|its|their|the (?:Company|Group)(?:’s|'s))\W*$", re.I)
_DEFINED = re.compile(r"\([^()]*[“\"](?:the )?(?:Company|Group)[”\"]\)")
_SAYS = re.compile(r"\b(?:announce[sd]?|report(?:s|ed)|confirm(?:s|ed)|publishe[sd])\b")
_ACTS = re.compile(
    r"^\W{0,3}(?:(?:which|that|who|currently|now|also|still|itself) ){0,3}(?:holds?|held|owns?|owned|has|acquired?|bought|purchased?|sold|mined|custodies|safeguards)\b",
    re.I,
)
_OUR_PARTNER = re.compile(r"\W*(?:our|its|their)\s+(?:[\w-]+,?\s+){1,4}$", re.I)
_ONE_OF = re.compile(r"\bone of $")  # "one of North America's largest miners"
_LISTED_AT = re.compile(r"[\w.]+-(?:listed|based|headquartered|traded|quoted)")  # "a Tokyo-listed company"
_ITS = re.compile(r"\W*(?:it|its|they|their)\b", re.I)
_AGENT = re.compile(
    r"\b(?:held|owned|mined|produced|acquired|purchased|bought|sold)\b[^.;,]{0,25}?\bby (?P<agent>(?![a-z]+ing\b)[^.;,]{2,60})"
)
_SAID = re.compile(
    r"[”\"],?\W*(?:said|says|added|adds|stated|commented|noted|explained|remarked|continued)\b(?P<who>[^.;]{0,120})"
)
_OFFICE = re.compile(
    r"\b(?:CEO|CFO|COO|[Cc]hair(?:man|woman|person)?|[Pp]resident|[Ff]ounder|[Dd]irector|[Oo]fficer|[Hh]ead)\b[^.;,]{0,30}?\b(?:of|at) (?:the )?(?P<of>[A-Z][\w&’'-]*(?: [A-Z][\w&’'-]*)*)"
    r"|(?P<whose>[A-Z][\w&-]*(?: [A-Z][\w&-]*)*)(?:’s|'s)? (?:CEO|CFO|COO|[Cc]hair(?:man|woman)?|[Pp]resident|[Cc]hief|[Ff]ounder)\b"
)
_OWES = re.compile(
    r"^(?:’s|'s)?\W{0,2}(?:(?:also|has|had|have|then|which|that) ){0,3}(?:repaid|drew|borrowed|redeemed|reported|held|holds|raised|had|has)\b",
    re.I,
)
_STORE_OF_NAME = re.compile(
    r"\b(?:[Hh]oldings?|[Tt]reasury|[Rr]eserves?|[Ss]tack|[Bb]alance) of (?:the )?(?P<agent>[A-Z][\w&’'-]*(?: [A-Z][\w&’'-]*)*)"
)
_DEALT_BY = re.compile(
    r"\b(?:purchases?|acquisitions?|sales?|disposals?|transactions?|holdings?)\b(?: [\w-]+){0,3}? (?:by|of) (?:[a-z-]+ ){0,4}?(?P<agent>[A-Z][\w&’'-]*(?: [A-Z][\w&’'-]*)*)"
)
_ASIDE = re.compile(
    r", (?:in|of) which [^,.;]*,|, (?:an? |the )?(?:[\w-]+ ){0,2}(?:our|its|their|of ours|the [Cc]ompany[’']s) [^,.;]{2,60}?\b(?:subsidiary|affiliate|joint venture|partner|associate|investee|custodian|sponsor|shareholder|investor)\b[^,.;]{0,25},"
)
_NO_AGENT = re.compile(
    r"(?:our|its|their|the company)\b|(?:way|means|virtue) of\b|(?:the )?(?:end|close|year|month|quarter|half)\b|\d|a total|approximately|about|over|more than|"
    + MONTH,
    re.I,
)
_HEADLINE_VERB = re.compile(
    r"\b(?:Acquires?|Announces?|Holds?|Reports?|Buys?|Adds?|Sells?|Increases?|Expands?|Purchases?|Provides?|Releases?|Completes?|Confirms?|Reaches|Now|Raises?|Mines|Mined|Produces|Acquired|Purchased|Sold|Bought"
    r"|Reported|Increased|Produced|Reached|Ended|Held|Added|Earned|Grew)\b"
)
# Words that are capitalised at the beginning of sentences and in headlines, and name no company
_NO_NAME = frozenset(
    """
    a acquired acquires acquisition added adopts after all also although am amount an and announced announces april
    as asset assets at august average based because before between bitcoin bitcoins bloomberg btc but by cash ceo
    cfo chairman chief class coindesk common company coo crypto cryptocurrency currently date december details
    digital during each edt ended est et eth ether ethereum eur executive exhibit february financial first fiscal
    following for form friday from fund further gbp gmt gross group half has have held highlights holding holdings
    holds however if in inc including increase increased it item its january july june key last later management
    march may meanwhile mined mining monday month monthly net new nine no not note notes november number october of
    officer on operational operations or ordinary other our over own part per period pm president press previously
    prior production purchased q1 q2 q3 q4 quarter recently release report results sales saturday second section
    september share shares since six sol solana sold stock strategy's subsequent sunday that the their there these
    this those three through thursday to today total treasury tuesday u.s unaudited under until update upon us usd
    utc we wednesday week when which while with year yesterday ytd aud cad chf dkk hkd inr jpy krw nok sek sgd yen reach reaches reaching surpass surpasses increasing
    rising grows now stands corporate strategic board update current latest initial overall aggregate cumulative quarterly annual
    jan feb mar apr jun jul aug sep sept oct nov dec eh ph th mw gw kwh mwh just despite notably additionally moreover furthermore
    asic asics gpu gpus hpc tse lse nyse asx hkex sehk tsx tsxv cse otcqb otcqx
    """.split()  # noqa: SIM905 - a list of 200 words is read as words
)


def owned(text: str, figure: CoinFigure, setting: Setting) -> bool | None:
    """Whether the subject is the issuer: by pronoun or own name; False where another company is named; None where a name is unknown."""
    if said := _SAID.search(text, figure.end):  # "Our treasury is 10 BTC," said the CEO of X
        offices = [name for found in _OFFICE.finditer(said["who"]) if (name := _trimmed(found["of"] or found["whose"]))]
        verdicts = {setting.issuer.owns(name) for name in (*offices, said["who"])} if offices else set()
        if verdicts and True not in verdicts:
            return None if None in verdicts else False
    text = _ASIDE.sub(lambda aside: ", " + " " * (len(aside[0]) - 3) + ",", text)
    for found in (*_AGENT.finditer(text), *_STORE_OF_NAME.finditer(text, 0, figure.start)):
        agent = found["agent"]
        near = found.end("agent") >= figure.start - 60 and found.start() <= figure.end + 30
        named_so = near and not _NO_AGENT.match(agent) and not _SELF.search(agent) and bool(_trimmed(agent))
        if named_so and (verdict := setting.issuer.owns(agent)) is not True:
            return verdict
    if _title_case(text):
        return _headline_owner(text, figure, setting)
    selves = [found.start() for found in _SELF.finditer(text, 0, figure.start)]
    if defined := _DEFINED.search(text, 0, figure.start):  # "X SA (the "Company"), listed on Y, has announced"
        selves += [defined.end(), *(found.start() for found in _SAYS.finditer(text, defined.end(), figure.start))]
    nearest = max(selves, default=-1)
    own = setting.issuer.owns
    named: bool | None = None
    seen = False
    for found in reversed(list(_NAME.finditer(text, 0, figure.start))):
        if found.start() < nearest:
            break
        name = _trimmed(found[0])
        if (
            not name
            or _LISTED_AT.fullmatch(name)
            or (found.start() <= 2 and re.fullmatch(r"[A-Z][a-z]+(?:ed|ing)", name))
        ):
            continue
        verdict = own(name)
        begins = found.start() + found[0].find(name.split()[0])
        if verdict is not True and (_OURS.search(text[:begins]) or _OURS.search(text[: found.start()])):
            continue  # "our ATM", "the Company's HODL position", "its Strategic Reserve"
        acts = _ACTS.match(text[found.end() :])
        if verdict is not True and not acts and _OBJECT_OF.search(text[:begins]):
            continue
        named, seen = verdict, True
        break
    if seen:
        return named
    if nearest >= 0:
        return True
    if _ITS.match(text) and any(
        own(name) is False for found in _NAME.finditer(setting.before) if (name := _trimmed(found[0]))
    ):
        return None  # "We invested in X. Its treasury of 10 BTC ..."
    for found in _NAME.finditer(text, figure.end):
        name = _trimmed(found[0])
        if name and own(name) is True:
            return True
    return setting.subject if setting.subject is not None else True


def of_another(text: str, place: int, setting: Setting) -> bool:
    """Whether the last company before a place that owns or does something there is another: `MetaCo repaid`, `MetaCo's debt`."""
    for found in reversed(list(_NAME.finditer(text, 0, place))):
        owns = found[0].endswith(("’s", "'s")) or bool(_OWES.match(text[found.end() :]))
        if owns and (name := _trimmed(found[0])) and not name.isupper():
            return setting.issuer.owns(name) is False and not _SELF.search(text, found.end(), place)
    return False


def dealt_by_another(text: str, place: int, setting: Setting) -> bool:
    """Whether a purchase, sale or holding told before a place is another company's: `the purchases by Beta`."""
    names = [_trimmed(found["agent"]) for found in _DEALT_BY.finditer(text, 0, place)]
    return any(name and setting.issuer.owns(name) is not True for name in names)


def _title_case(text: str) -> bool:
    """Whether the words are capitalised as in a headline, where a capital marks no name; a sentence with its stop is none."""
    words = [word for word in re.findall(r"[A-Za-z][\w’'-]*", text) if len(word) > 4]
    return len(words) >= 2 and not text.rstrip().endswith(".") and all(word[0].isupper() for word in words)


def _headline_owner(text: str, figure: CoinFigure, setting: Setting) -> bool | None:
    """`X Acquires 25 BTC`: who stands before the verb; nobody there means the issuer, whose headline it is."""
    verb = _HEADLINE_VERB.search(text, 0, figure.start)
    before = re.sub(r"^.*(?:Release|Announcement|Title)\W+", "", text[: verb.start() if verb else figure.start])
    names = [name for found in _NAME.finditer(before) if (name := _trimmed(found[0]))]
    verdicts = [setting.issuer.owns(word) for name in names for word in (name, *re.findall(r"[A-Z]\w{3,}", name))]
    if True in verdicts or not names:
        return True
    return None if None in verdicts else False


def _trimmed(name: str) -> str:
    """A run of capitalised words without those that begin sentences or name months and coins; "" where nothing is left."""
    words = name.replace(".", " ").split()
    while words and re.sub(r"[’']s$", "", words[0]).lower() in _NO_NAME:
        words.pop(0)
    while words and re.sub(r"[’']s$", "", words[-1]).lower() in _NO_NAME:
        words.pop()
    return " ".join(words) if words and not all(word.isdigit() for word in words) else ""


def last_subject(text: str, issuer: Issuer, before: bool | None) -> bool | None:
    """Whether the company a sentence is about is the issuer, for the sentences after it that say "the company"."""
    for found in _NAME.finditer(text[:160]):
        name = _trimmed(found[0])
        if name and _OUR_PARTNER.match(text[: found.start()]) and issuer.owns(name) is False:
            return False
    if _SELF.search(text):
        return True
    for found in _NAME.finditer(text[:160]):
        name = _trimmed(found[0])
        if (
            name
            and not _LISTED_AT.fullmatch(name)
            and not (_ONE_OF.search(text[: found.start()]) and name.endswith(("’s", "'s")))
            and not _WITH.search(text[: found.start()])
            and re.match(
                r"[^.;]{0,40}?\b(?:is|are|was|has|have|had|holds?|held|announced?|reported|acquired|bought|purchased|expanded|released|claimed|said|revealed|sold|also)\b",
                text[found.end() :],
            )
        ):
            owned = issuer.owns(name)
            if owned is not None:
                return owned
    return before
