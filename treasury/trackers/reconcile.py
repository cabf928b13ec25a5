"""Filings, issuers and trackers side by side: what each tracker now shows with a verdict, and how late and how often wrong each is."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from treasury.known.precedence import latest
from treasury.model import Fact
from treasury.trackers.record import Case, Key, TrackerClaim, TrackerRecord, day_known, near
from treasury.trackers.verdicts import (
    AGREES,
    BETWEEN_TRACKERS,
    DISAGREEMENT,
    DOUBLE,
    LATE,
    SCOPE,
    STALE,
    VERDICT_RULES,
    VerdictRule,
    first_told,
)

APART = timedelta(days=92)  # between two trackers' sights: by then every company has reported anew
NARROWER = {"btc_holdings": "btc_unencumbered"}  # what stands in where a filing gives no total


@dataclass(frozen=True, slots=True)
class Judged:
    """One claim and what it was judged against on a day. `difference_pct` is the claim over the other, in its unit and share basis."""

    claim: TrackerClaim
    against: Fact
    on: date
    rule: VerdictRule
    why: str
    difference_pct: float | None


def reconcile(ground: TrackerRecord) -> list[Judged]:
    """What every tracker showed when it was last looked at, and every reading kept out, each against what was filed by then."""
    found = []
    alone: dict[Key, list[TrackerClaim]] = {}
    for claim in (*(one for one in ground.claims if one.newest), *ground.kept_out):
        if (case := _case(ground, claim, claim.until)) is not None:
            found.append(judge(case, VERDICT_RULES))
        elif not claim.kept_out and claim.key not in ground.spoken:
            alone.setdefault(claim.key, []).append(claim)
    for claims in alone.values():
        found += [judge(case, BETWEEN_TRACKERS) for case in _between(ground, claims)]
    return [one for one in found if one is not None]


def judge(case: Case, rules: Sequence[VerdictRule]) -> Judged | None:
    """The first rule that holds; None where the two cannot be compared."""
    for rule in rules:
        if (why := rule.why(case)) is not None:
            if case.claim.kept_out and case.claim.kept_out != why:
                why = f"{why}; kept out: {case.claim.kept_out}"
            unknown = case.expected == 0 or math.isnan(case.expected)
            difference = None if unknown else (case.value / case.expected - 1) * 100
            return Judged(case.claim, case.against, case.on, rule, why, difference)
    return None


def _case(ground: TrackerRecord, claim: TrackerClaim, on: date) -> Case | None:
    """A claim against the filing that speaks on a day; what was kept out, against what was known about its own day."""
    ticker, quantity, instrument = claim.key
    for key in (claim.key, (ticker, NARROWER.get(quantity, quantity), instrument)):
        known = ground.known(key, on)
        if claim.kept_out:
            known = [fact for fact in known if fact.as_of <= claim.fact.as_of]
        if (against := latest(known)) is not None:
            return Case(claim, on, against, known if key == claim.key else [], ground.later(key, on), ground)
    return None


def _between(ground: TrackerRecord, claims: list[TrackerClaim]) -> Iterator[Case]:
    """Trackers of a company nobody else speaks of: each against the one whose number is newest."""
    newest = max(claims, key=lambda claim: (claim.since, claim.until, claim.publisher))
    for claim in claims:
        if claim is not newest and newest.since - claim.until <= APART:
            yield Case(claim, claim.until, newest.fact, (), (), ground)


# -- how late and how often wrong ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Score:
    """One tracker over all companies with filings. Shares are of the days on which what it showed can be compared.

    `disclosures` are the new values that filings and issuers gave while the tracker was watched, `shown` those it came to
    show, late by so many days from the moment they were known.
    """

    tracker: str
    companies: int
    values: int
    days: int
    agrees_pct: float | None
    stale_pct: float | None
    scope_pct: float | None
    wrong_pct: float | None
    unconfirmed_pct: float | None
    kept_out: int
    disclosures: int
    shown: int
    median_days_late: float | None
    worst_days_late: int | None


def scores(ground: TrackerRecord) -> list[Score]:
    """One row for each tracker of which something can be compared, the one with most values first."""
    claims: dict[str, list[TrackerClaim]] = {}
    for claim in ground.claims:
        if any(fact.primary for fact in ground.spoken.get(claim.key, ())):
            claims.setdefault(claim.publisher, []).append(claim)
    kept_out = [claim.publisher for claim in ground.kept_out if claim.fact.source_kind == "tracker"]
    for publisher in kept_out:
        claims.setdefault(publisher, [])
    found = [_score(ground, publisher, own, kept_out.count(publisher)) for publisher, own in claims.items()]
    return sorted((one for one in found if one.values or one.kept_out), key=lambda one: (-one.values, one.tracker))


def _score(ground: TrackerRecord, publisher: str, claims: list[TrackerClaim], kept_out: int) -> Score:
    shares = dict.fromkeys((AGREES, STALE, SCOPE, DISAGREEMENT, "unconfirmed"), 0)
    compared, companies = 0, set()
    for claim in claims:
        found = list(stretches(ground, claim))
        compared += bool(found)
        for days, verdict in found:
            companies.add(claim.fact.ticker)
            shares[_column(verdict)] += days
    total = sum(shares.values())
    per_cent = {name: days / total * 100 if total else None for name, days in shares.items()}
    lags = list(lateness(ground, claims))
    seen = [days for _, days in lags if days is not None]
    return Score(
        publisher, len(companies), compared, total, per_cent[AGREES], per_cent[STALE], per_cent[SCOPE], per_cent[DISAGREEMENT],
        per_cent["unconfirmed"], kept_out, len(lags), len(seen), median(seen) if seen else None, max(seen, default=None),
    )  # fmt: skip


def stretches(ground: TrackerRecord, claim: TrackerClaim) -> Iterator[tuple[int, Judged]]:
    """The days on which a claim was watched standing, cut where a filing became known, with the verdict on each stretch."""
    news = {day_known(fact) for fact in ground.spoken[claim.key]}
    starts = [claim.since, *sorted(day for day in news if claim.since < day <= claim.until)]
    for start, end in zip(starts, [*starts[1:], claim.until + timedelta(days=1)], strict=True):
        days = ground.days_watched(claim.publisher, start, end)
        case = _case(ground, claim, start) if days else None
        if case is not None and (one := judge(case, VERDICT_RULES)) is not None:
            yield days, one


def _column(one: Judged) -> str:
    if one.rule.name in ("unconfirmed", "copied"):  # two companies may have one number
        return "unconfirmed"
    return {AGREES: AGREES, LATE: AGREES, STALE: STALE, SCOPE: SCOPE, DOUBLE: SCOPE}.get(one.rule.verdict, DISAGREEMENT)


def lateness(ground: TrackerRecord, claims: Iterable[TrackerClaim]) -> Iterator[tuple[Fact, int | None]]:
    """Every new value filed while a tracker was watched and listed the company, with the days it was late; None if never shown."""
    series: dict[Key, list[TrackerClaim]] = {}
    for claim in claims:
        series.setdefault(claim.key, []).append(claim)
    for key, own in series.items():
        own.sort(key=lambda claim: claim.since)
        for fact in _new_values(ground, key):
            day = day_known(fact)
            if own[0].since < day <= own[-1].until and ground.days_watched(
                own[0].publisher, day, day + timedelta(days=1)
            ):
                yield fact, _days_until_shown(ground, fact, own)


def _new_values(ground: TrackerRecord, key: Key) -> Iterator[Fact]:
    """What filings and issuers say anew, as long as nothing newer was known; what is known by assumption is no measure."""
    last: float | None = None
    for fact in ground.spoken[key]:
        if (
            fact.primary
            and ground.newest(key, day_known(fact)) is fact
            and (last is None or not near(fact.value, last))
        ):
            last = fact.value
            if not fact.known_assumed:
                yield fact


def _days_until_shown(ground: TrackerRecord, fact: Fact, claims: Iterable[TrackerClaim]) -> int | None:
    for claim in claims:
        if claim.since >= fact.as_of and near(claim.fact.value, fact.value):
            return max(0, (claim.since - day_known(first_told(fact, ground.spoken[claim.key]))).days)
    return None
