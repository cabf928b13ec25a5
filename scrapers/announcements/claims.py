"""What a sentence says of costs, averages, yields, share counts, cash and debt, beside the coins of the same sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from scrapers.announcements.dating import AS_OF, THAT_DAY, day_before, period_to_date
from scrapers.announcements.days import DatePhrase, days_in, quarter_before
from scrapers.announcements.figures import BTC, PERCENT, CoinFigure, figures_in
from scrapers.announcements.setting import Setting, StatedCoins
from scrapers.announcements.statement import AVERAGE_OF, BOUGHT, COST_OF, HELD, SOLD, Statement
from scrapers.announcements.subject import dealt_by_another, of_another

_AVERAGE = re.compile(
    r"\b(?:average|weighted)\b[^.;]{0,70}?\b(?:price|cost|value|basis|rate)\b(?:[^.;\d$€£¥]{0,50})?$|\b(?:price|cost) (?:basis )?per (?:bitcoin|BTC|coin)\b[^.;\d$€£¥]{0,40}$|(?:\bat an |\()average(?: of)?\W*$|\bat (?:a price of )?\W*$",
    re.I,
)
_OF_HOLDINGS = re.compile(r"\b(?:holdings?|total|overall|aggregate|all|treasury|entire|portfolio|to date)\b", re.I)
_COST = re.compile(
    r"\b(?:for|at)\W*(?:cash (?:proceeds|consideration) of |an? |the )?(?:(?:aggregate|total|combined|cumulative|overall|net|gross|cash) )*(?:purchase |acquisition |sale |investment )?(?:price|cost|consideration|value|amount|sum|investment|proceeds)?(?: of| totall?ing)?\W*$"
    r"|\b(?:aggregate|total|combined|gross|net)\b[^.;\d]{0,40}\b(?:price|cost|consideration|value|investment|proceeds|amount)\b[^.;\d]{0,30}\b(?:of|is|was|were|totall?\w+|:)\W*$"
    r"|\b(?:proceeds|consideration|cost basis|investment) (?:of|totall?ing)\W*$|\binvest(?:ed|ing)\W*$|\bspen[dt](?:ing)?\W*$|\bcost(?:ing)?\W*$",
    re.I,
)
_OF_SHARES = re.compile(  # "selling shares at $10 apiece"
    r"\b(?:shares?|stock|(?<!bitcoin )(?<!BTC )units?(?! of (?:bitcoins?|BTC)\b)|warrants?|ADSs?|securities)\b(?: [\w-]+){0,3} at (?:a |an )?(?:[\w-]+ ){0,3}(?:price of )?$",
    re.I,
)
_PER_BITCOIN = re.compile(r"^\W{0,2}(?:/|per|a) ?(?:bitcoin|BTC)\b", re.I)
_WORTH = re.compile(
    r"\b(?:valued|priced|trading|traded|marked) at (?:approximately )?$", re.I
)  # "(valued at $16,212 per bitcoin)"
_NOT_COST = re.compile(
    r"\b(?:valued|worth|value of|market value|fair value|offering|notes?|loan|facility|placement|raise[ds]?|gain|yield|current price|trading at|price of bitcoin|pledg\w+|collateral\w*|secur(?:es?|ed|ing|ity))\b[^.;]{0,40}$",
    re.I,
)
_A_DEBT = re.compile(
    r"^\W{0,2}(?:[\w-]+ ){0,3}(?:loans?|facilit(?:y|ies)|credit|notes?|bonds?|debentures?|mortgage|borrowings?|debts?|indebtedness|liabilit\w+)\b",
    re.I,
)
_YIELD = re.compile(r"\b(?:BTC|[Bb]itcoin) [Yy]ield\b(?:[^.;]|\.\d){0,60}$", re.I)
_YIELD_AFTER = re.compile(r"^\W{0,3}(?:BTC|[Bb]itcoin) [Yy]ield", re.I)
_SHARES_AFTER = re.compile(
    r"^\W{0,2}(?:new )?(?:(?:Class |“Class )?(?P<class>[AB])\b”? )?(?:of (?:its|our|the) )?(?:(?:ordinary|common|voting|issued|basic|outstanding|subordinate|registered|fully paid) ?)*(?:shares?|stock)\b(?P<rest>[^;]{0,120})",
    re.I,
)
_OUTSTANDING = re.compile(
    r"^[^;,]{0,70}?\b(?:in issue|issued and outstanding|outstanding|issued(?: share capital)?)\b", re.I
)
_ISSUED_CAPITAL = re.compile(
    r"(?:\b(?:its|our|the|an)|(?P<whose>[\w&-]+(?: (?:plc|inc|ltd|limited|corp)\.?)?)[’']s) (?:(?:total|current|entire|enlarged|own|fully|paid|up) )*issued (?:ordinary )?(?:share )?capital\b[^.;\d]*$",
    re.I,
)
_PART_OF_CAPITAL = re.compile(
    r"(?:%|\bper ?cent|\b(?:increas|reduc|rais|enlarg|part|portion|half|majority|interest|stake|holders?)\w*)[^.;]{0,30}$",
    re.I,
)
_OF_COMPANY = re.compile(
    r"(?:^\W*(?:of|in)|^[^.;,]{0,50}?\bof) (?:the )?(?P<name>[A-Z][\w&’'-]*(?: [A-Z][\w&’'-]*)*)(?![\w$€£¥]| ?\d)"
)
_COUNTS = re.compile(
    r"\b(?:has|had|have|there (?:are|were)|are|were|is|was|comprises?|comprised|consists? of|consisted of|stands? at|total of|of)\W*(?:a total of |approximately )?$",
    re.I,
)
_NOT_A_COUNT = re.compile(
    r"\b(?:will|would|may|could|if|upon|following|after|assuming|expected|up to|warrants?|options?|sold|sale|selling|issue[sd]? of|placed|placing|purchase[ds]?|repurchase[ds]?|holders? of|beneficial\w*|weighted|diluted|"
    r"convertible|conversion|underlying|authori[sz]ed|preferred|preference|treasury shares|offering|representing|per|granted|exercis\w+)\b",
    re.I,
)
_DEBT = re.compile(
    r"\btotal (?:outstanding )?(?P<what>drawings|debt|borrowings|indebtedness|amount (?:drawn|borrowed|outstanding))\b(?P<between>[^.;$€£¥\d]{0,80}?)(?:\b(?:is|are|was|were|of|to|at|stands? at|totall?\w+|now|unchanged at)\b)\W*$",
    re.I,
)
_DRAWN = re.compile(
    r"\b(?:drew(?: down)?|drawn(?: down)?|borrowed|drawdown of|drawing down)\W*(?:an? (?:additional|further|initial) )?$",
    re.I,
)
_REPAID = re.compile(
    r"\b(?:used (?:(?!\b(?:not|never|collateral|secur\w+|pledg\w+|[A-Z]{3} \d)\b|[$€£¥]|\b[mb]illion\b)[^.;]){0,90}\bto repay|repaid|repayment of|paid down|paid off|redeemed|retired|prepaid)\W*$",
    re.I,
)
_NOT_DONE = re.compile(
    r"\b(?:will|would|(?-i:may)|could|intends?|plans?|expects?|up to|can|shall|to be|if|capacity|available)\b", re.I
)
_DENIED = re.compile(r"\b(?:not(?! only)|never|no|none|nor|neither|without|instead of|rather than)\b|n[’']t\b", re.I)
_CASH = re.compile(
    r"\b(?:cash(?:,? (?:and )?cash equivalents| and equivalents| balances?| position| on hand)?)(?: balance| position)?\W*(?:(?:of|was|were|totall?\w+|is|stood at|amount\w+ to)\W*)+(?:approximately )?$",
    re.I,
)
_NOT_CASH = re.compile(
    r"\b(?:crypto|bitcoin|BTC|digital asset\w*|securities|investments|restricted|proceeds|consideration|dividends?|paid|for|in|flow\w*|revenue|per|cost|used|raised)\b[^.;]{0,40}$",
    re.I,
)
_DEAL = re.compile(
    r"^\W*(?:the|these|those|this|such|all|each|its|our)? ?(?:\w+ )?(?:(?P<sold>sales?|disposals?)|purchases?|acquisitions?)\b",
    re.I,
)
_NO_DAY = "no day is told; that of the notice is taken"
_FACILITY = re.compile(r"\bfacilit(?:y|ies)\b|\bloan\b|\bcredit\b|\bdrawings\b", re.I)


def money_stated(
    text: str, coins: Sequence[StatedCoins], setting: Setting, before: Sequence[StatedCoins]
) -> Iterator[Statement]:
    """Costs and averages of the coins stated; `before` are those of the sentence before, for one that names none."""
    told = setting.issuer.day
    if told is None:
        return
    days = days_in(text, told)
    seen: set[tuple[str, date]] = set()
    for figure in figures_in(text):
        if len(figure.unit) != 3 or figure.unit == BTC or figure.value <= 0 or figure.ceiling:
            continue
        left, right = text[: figure.start][-140:], text[figure.end :][:60]
        if _A_DEBT.match(right):
            continue
        per_coin = bool(re.match(r"^\W{0,2}(?:(?:/|per|a) ?(?:bitcoin|BTC|coin|token)\b|each\b|apiece)", right, re.I))
        average = _AVERAGE.search(left)
        bitcoin = re.search(r"\b(?:bitcoins?|BTC)\b", text, re.I)
        if not bitcoin or (not average and not per_coin and (_NOT_COST.search(left) or not _COST.search(left))):
            continue
        if (average or per_coin) and not (
            (average and (per_coin or re.search(r"average|weighted|per (?:bitcoin|BTC|coin)", average[0], re.I)))
            or (per_coin and re.search(r"\bat\W*(?:a price of )?$|price of\W*$", left))
        ):
            continue
        if average and re.search(
            r"\b(?:shares?|per share|revenue|hash|mine|mining|mined|electricity|energy|power|spot|market|traded|trading|reali[sz]ed|production|all-in)\b",
            average[0],
            re.I,
        ):
            continue
        if (_OF_SHARES.search(left) and not _PER_BITCOIN.match(right)) or _WORTH.search(left):
            continue
        owner = _owner_of(figure, text, coins) or _owner_before(before, text, figure, setting)
        is_average = bool(average or per_coin)
        unsaid = not coins and any(each.unit == BTC and each.value != 1 for each in figures_in(text))
        whole = is_average and _OF_HOLDINGS.search(left[-90:] + right[:25])
        planned = owner is None and _NOT_DONE.search(text, text.rfind(";", 0, figure.start) + 1, figure.start)
        if owner is None and (
            not whole or unsaid or planned
        ):  # of coins that are planned, another's, or not understood
            continue
        doubts = list(owner.doubts) if owner is not None else []
        role = owner.role if owner is not None else HELD
        if (
            is_average
            and average
            and role == BOUGHT
            and _OF_HOLDINGS.search(average[0])
            and not re.search(r"\bthese|such\b", average[0], re.I)
        ):
            role = HELD
            owner = next((each for each in coins if each.role == HELD), None)
        table = AVERAGE_OF if is_average else COST_OF
        if role not in table:
            continue
        if setting.aside and setting.aside not in doubts:
            doubts.append(setting.aside)
        if figure.bound:
            doubts.append(f"{figure.hedge!r}: a bound, no number")
        day = owner.day if owner is not None else (days[-1].day if days and days[-1].day <= told else told)
        key = (table[role], day)
        if key in seen:
            continue  # the same amount in another currency
        seen.add(key)
        value = -figure.value if role == SOLD and not is_average else figure.value
        start = owner.start if owner is not None and role != HELD else None
        yield Statement(
            table[role],
            value,
            figure.unit,
            day,
            start,
            figure.step,
            True,
            False,
            tuple(doubts),
            figure.hedge if not figure.bound else "",
        )


def _owner_of(figure: CoinFigure, text: str, coins: Sequence[StatedCoins]) -> StatedCoins | None:
    """The coins an amount was paid for: the nearest before it with a cost, else the first after it."""
    with_cost = [each for each in coins if each.role in COST_OF]
    before = [each for each in with_cost if each.figure.end <= figure.start]
    nearest = [each for each in figures_in(text[: figure.start]) if each.unit == BTC and each.value != 1][-1:]
    if before and nearest and nearest[0].at > before[-1].figure.end:
        return None  # of other coins, told between
    after = [each for each in with_cost if each.figure.start >= figure.end]
    if before or not after:
        return before[-1] if before else None
    joined = re.search(
        r"\band\b", text[figure.end : after[0].figure.start]
    )  # "issued shares for $20 million and bought 100 BTC"
    return None if joined else after[0]


def _owner_before(before: Sequence[StatedCoins], text: str, figure: CoinFigure, setting: Setting) -> StatedCoins | None:
    if not before or not re.search(
        r"\b(?:purchases?|acquisitions?|these|such|the bitcoin|coins?|sales?|transactions?|aggregate|total|average)\b",
        text,
        re.I,
    ):
        return None
    if dealt_by_another(text, figure.start, setting) or of_another(text, figure.start, setting):
        return None
    with_cost = [each for each in before if each.role in COST_OF]
    named = _DEAL.search(text)  # "The purchases were made at": not the holdings told last
    dealt = [each for each in with_cost if named and each.role == (SOLD if named["sold"] else BOUGHT)]
    return (dealt or with_cost)[-1] if with_cost else None


def others_stated(text: str, setting: Setting) -> Iterator[Statement]:
    """Published yields, share counts, cash and debt."""
    told = setting.issuer.day
    if told is None:
        return
    days = days_in(text, told)
    inside = [(day.at, day.end) for day in days]
    for figure in figures_in(text):
        if any(at < figure.end and figure.at < end for at, end in inside):
            continue
        left, right = text[: figure.start], text[figure.end :]
        doubts = [setting.aside] if setting.aside else []
        if figure.bound:
            doubts.append(f"{figure.hedge!r}: a bound, no number")
        day = _state_day(text, figure, days, told) or day_before(text, setting.before, told)
        if day is None and (that := THAT_DAY.search(text)):
            doubts.append(f"{that[0]!r}: which day is not told")
        if figure.unit == PERCENT and (_YIELD.search(left[-80:]) or _YIELD_AFTER.match(right)):
            if _NOT_DONE.search(left[-60:]) or re.search(
                r"\b(?:target|goal|guidance|from|compared)\b", left[-60:], re.I
            ):
                continue
            end, start, named = _yield_period(text, figure, days, told, setting)
            yield Statement(
                "btc_yield_published_pct",
                figure.value,
                "percent",
                end,
                start,
                figure.step,
                True,
                False,
                tuple(doubts),
                named,
            )
        elif not figure.unit and figure.value >= 1e5 and (shares := _SHARES_AFTER.match(right)):
            if (
                _NOT_A_COUNT.search(left[-90:])
                or not _COUNTS.search(left[-60:])
                or (
                    not _OUTSTANDING.match(shares["rest"] or "")
                    and not re.match(r"(?:issued|outstanding) ", right.strip(), re.I)
                    and not _capital_told(left, setting)
                )
                or _of_company(shares["rest"], setting)
                or of_another(text, figure.start, setting)
            ):
                continue
            letter = (shares["class"] or "").lower()
            quantity = f"shares_class_{letter}" if letter else "shares_basic"
            if re.search(r"\b(?:preferred|preference|warrant)", shares[0], re.I):
                continue
            doubts += (
                [f"{figure.hedge} {figure.value:,.0f}"]
                if figure.hedge and not figure.bound and figure.value % 1000 == 0
                else []
            )
            yield Statement(
                quantity, figure.value, "shares", day or told, None, figure.step, day is not None, False, tuple(doubts)
            )
        elif len(figure.unit) == 3 and figure.unit != BTC and figure.value > 0 and not figure.ceiling:
            yield from _debt_or_cash(text, figure, left, right, day, told, doubts, setting)


def _capital_told(left: str, setting: Setting) -> bool:
    """Whether the words before a number tell all shares issued: `its issued share capital consists of`, not a part of it or a change."""
    found = _ISSUED_CAPITAL.search(left)
    if found is None or _PART_OF_CAPITAL.search(left, 0, found.start()):
        return False
    whose = found["whose"] or "company"
    return whose.lower() in ("company", "group") or setting.issuer.owns(whose) is True


def _of_company(behind: str, setting: Setting) -> bool:
    """Whether the words behind shares name another company: `shares of Beta plc`."""
    found = _OF_COMPANY.match(behind)
    return found is not None and setting.issuer.owns(found["name"]) is False


def _debt_or_cash(
    text: str,
    figure: CoinFigure,
    left: str,
    right: str,
    day: date | None,
    told: date,
    doubts: list[str],
    setting: Setting,
) -> Iterator[Statement]:
    near = left[-130:]
    if of_another(text, figure.start, setting):
        return
    if found := _DEBT.search(near):
        if _NOT_DONE.search(found["between"]):
            return
        one = (
            [f"one facility's {found['what']}; other borrowings are not told"]
            if _FACILITY.search(found[0] + right[:80])
            else []
        )
        yield Statement(
            "debt_total",
            figure.value,
            figure.unit,
            day or told,
            None,
            figure.step,
            day is not None,
            False,
            (*doubts, *one),
            "",
        )
    elif (drawn := _DRAWN.search(near)) or _REPAID.search(near):
        if (
            _NOT_DONE.search(near[-90:])
            or _DENIED.search(near)
            or not re.search(r"\b(?:facilit|loan|credit|notes?|debt|borrow|bond|debenture)", text, re.I)
        ):
            return
        if not drawn and re.search(r"\bpreferred\b", text, re.I):
            return
        quantity = "debt_drawn" if drawn else "debt_repaid"
        late = [] if day else [_NO_DAY]
        yield Statement(
            quantity,
            figure.value,
            figure.unit,
            day or told,
            day or told,
            figure.step,
            day is not None,
            False,
            (*doubts, *late),
            "",
        )
    elif (
        (cash := _CASH.search(near)) and not _NOT_CASH.search(near[: cash.start()]) and not _NOT_DONE.search(near[-60:])
    ):
        if re.match(r"^\W{0,2}(?:and|in|of)?\W*(?:crypto|digital|bitcoin|proceeds|consideration|per)", right, re.I):
            return
        late = [] if day else [_NO_DAY]
        yield Statement(
            "cash",
            figure.value,
            figure.unit,
            day or told,
            None,
            figure.step,
            day is not None,
            False,
            (*doubts, *late),
            "",
        )


def _state_day(text: str, figure: CoinFigure, days: Sequence[DatePhrase], told: date) -> date | None:
    """The day nearest to a number among those that name a state; None where none does."""
    of_state = [
        day
        for day in days
        if (day.day - told).days <= 1
        and re.search(
            r"\b(?:as of|as at|at|(?<!ed )(?<!drawn )(?<!paid )(?<!sold )(?<!taken )(?<!into )(?<!due )on|(?:reported|recorded) on|ended|end of)\W*(?:the )?(?:close of )?$",
            text[max(0, day.at - 30) : day.at],
            re.I,
        )
    ]
    return (
        min(of_state, key=lambda day: min(abs(day.at - figure.end), abs(figure.start - day.end))).day
        if of_state
        else None
    )


def _yield_period(
    text: str, figure: CoinFigure, days: Sequence[DatePhrase], told: date, setting: Setting
) -> tuple[date, date | None, str]:
    """The period of a yield by the words beside it: year or quarter to date, so many days, or as told."""
    behind = re.split(r"\d|\band\b|[;,]", text[figure.end : figure.end + 45], maxsplit=1)[0]  # "1.6% YTD and 2.8% QTD"
    around = text[max(0, figure.start - 70) : figure.end + 45].lower()
    ranged = [day for day in days if day.start is not None]
    headed = [
        day.day for day in days_in(setting.heading, told) if day.whole and AS_OF.search(setting.heading[: day.at])
    ]
    of_state = _state_day(text, figure, days, told) or day_before(text, setting.before, told)
    end = min(of_state or (headed[-1] if headed else told), told)
    start, named = period_to_date(behind, end)
    if start is None:
        start, named = period_to_date(around, end)
    if start is not None:
        return end, start, named
    if ranged:
        near = min(ranged, key=lambda day: min(abs(day.at - figure.end), abs(figure.start - day.end)))
        return min(near.day, told), near.start, "as told"
    if setting.period is not None:
        return setting.period.day, setting.period.start, "the period reported"
    if re.search(r"\bquarter", around):
        ended = quarter_before(told)
        return ended, date(ended.year, ended.month - 2, 1), "quarter"
    return end, None, ""
