"""Readings become facts, prices and splits of our companies, or are kept out with a reason; nothing is dropped in silence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlsplit

from scrapers import catalogue
from scrapers.announcements.readings import NOTICE
from scrapers.catalogue import Examined
from treasury.bitcoin.condition import CONTEXT
from treasury.intake.harvest import Harvest, KeptOut, NewContext, NewFact, NewPrice, NewPurchase, NewSplit, Origin
from treasury.intake.identity import Identity, Match, Stranger
from treasury.intake.lone_prices import lone_prices
from treasury.intake.plausible import A_MONTH, COMPARATIVE, SHARE_COUNTS, History, priced
from treasury.intake.price_steps import Doubted
from treasury.intake.words import BITCOIN_BEGAN, FIRST_RATE, LONGEST_REASON, LONGEST_WORDS, without_marks
from treasury.known.fixings import UTC_CLOSE
from treasury.model import Document, Reading
from treasury.quantities import ALL_BITCOIN, PUBLISHED

OURS = "ours"  # the dialect of sources that name companies by our own tickers, and bitcoin and currencies besides
CIK = "cik"  # of those that name them by the number under which they file: CIK 0001050446
MARKET = ("close", "volume", "usd_per_unit", "split")
_FIRST_DAY, _FIRST_RATE = date.fromisoformat(BITCOIN_BEGAN), date.fromisoformat(FIRST_RATE)
FARTHEST_EAST = timedelta(hours=14)  # where a day begins first
Listing = tuple[str, str | None]  # a company's shares, or one of its instruments
PURCHASE = ("btc_acquired", "btc_acquired_cost", "btc_acquired_average")
SPLIT_INSTRUMENT = (
    "a split of an instrument changes what each is owed: import its new stated amount, and its closes from that day on"
)
_COMPANY_FILE = re.compile(r"/CIK(?P<cik>\d{10})\.json$")
_FILING = re.compile(r"https://www\.sec\.gov/Archives/edgar/data/(?P<cik>\d+)/(?P<accession>\d{18})/")


@dataclass(frozen=True, slots=True)
class Publisher:
    """What the catalogue says about a source, as far as its readings need it."""

    name: str
    kind: str
    about: str
    dialect: str = ""
    filed_as: str = "filing"
    dated: bool = False  # its rows carry their own days: nothing says when each was published
    adds_up: bool = False  # what it says was bought must lead from the holdings before to those it states


def publisher_of(name: str) -> Publisher:
    """What the catalogue says of a source, as far as its readings need it."""
    source = catalogue.load(name)
    return Publisher(
        name, catalogue.source_kind(source), catalogue.about(source), catalogue.dialect(source),
        getattr(source, "FILED_AS", "filing"), getattr(source, "DATED", False), getattr(source, "ADDS_UP", False),
    )  # fmt: skip


def normalise(
    examined: Examined, document: Document, publisher: Publisher, identity: Identity, history: History
) -> Harvest:
    """One document's readings, judged one after the other against `history`, which learns what is accepted."""
    harvest = Harvest(document.without_body(), origin_of(document, publisher))
    harvest.kept_out += [KeptOut(bounded(one)[0], without_marks(why)[:LONGEST_REASON]) for one, why in examined.refused]
    total = _all_holdings(examined.readings)
    if publisher.kind == "tracker" and total > ALL_BITCOIN:
        reason = f"all holdings of this document add up to {total:,.0f} BTC, more than there can be"
        harvest.kept_out += [KeptOut(bounded(reading)[0], reason) for reading in examined.readings]
        return harvest
    ours: list[tuple[str, Reading]] = []
    closes: dict[Listing, list[Reading]] = {}
    rates: list[Reading] = []
    bitcoin: list[Reading] = []
    last_day = (document.fetched_at.astimezone(UTC) + FARTHEST_EAST).date()
    for found in examined.readings:
        reading, unfit = bounded(found)
        if unfit:
            harvest.kept_out.append(KeptOut(reading, unfit))
            continue
        if reading.as_of > last_day and (reading.quantity in MARKET or reading.quantity in CONTEXT):
            harvest.kept_out.append(
                KeptOut(reading, f"is of {reading.as_of}, which had not come when it was fetched on {last_day}")
            )
            continue
        if reading.quantity == "usd_per_unit":
            rates.append(reading)
            continue
        if reading.quantity == "close" and reading.company == "BTC" and publisher.dialect == OURS:
            bitcoin.append(reading)
            continue
        if reading.quantity in MARKET:
            _market(harvest, reading, publisher, identity, history, closes)
            continue
        if reading.quantity in CONTEXT:
            harvest.context.append(
                NewContext(reading.quantity, reading.as_of, reading.value, reading.unit, reading.note)
            )
            harvest.passed.append(reading)
            continue
        match = company_of(reading, publisher, identity)
        if isinstance(match, Stranger):
            harvest.kept_out.append(KeptOut(reading, match.why, stranger=True))
        elif match.dead and match.dead.startswith(f"{match.ticker} no longer stands alone"):
            harvest.kept_out.append(KeptOut(reading, match.dead))
        else:
            ours.append((match.ticker, _noted(reading, match.dead)))
    _bitcoin(harvest, bitcoin, history)
    _rates(harvest, rates, history)
    for listing, told in closes.items():
        _closes(harvest, listing, told, publisher, history)
    _facts(harvest, ours, publisher, identity, history)
    return harvest


def bounded(reading: Reading) -> tuple[Reading, str | None]:
    """A reading whose words and days may be stored, and why it is kept out where they had to be cut or cannot be true."""
    first = _FIRST_RATE if reading.quantity == "usd_per_unit" else _FIRST_DAY
    known = reading.known_at.date() if isinstance(reading.known_at, datetime) else reading.known_at
    told = min(one for one in (reading.as_of, known, reading.period_start) if one is not None)
    reason = None if told >= first else f"is told of {told}, before {first}"
    words = {"company": reading.company, "instrument": reading.instrument, "note": reading.note}
    if all(word is None or (len(word) <= LONGEST_WORDS[name] and word.isprintable()) for name, word in words.items()):
        return reading, reason  # nearly always: a history of rates has two hundred thousand
    fit = {name: word if word is None else without_marks(word)[: LONGEST_WORDS[name]] for name, word in words.items()}
    if fit["company"] != words["company"] or fit["instrument"] != words["instrument"]:
        reason = "its name has marks that nobody prints, or is too long to be one"
    return replace(reading, company=str(fit["company"]), instrument=fit["instrument"], note=fit["note"]), reason


def _all_holdings(readings: Iterable[Reading]) -> float:
    """The newest holdings of every company added up."""
    newest: dict[str, Reading] = {}
    for reading in readings:
        if reading.quantity == "btc_holdings" and newest.get(reading.company, reading).as_of <= reading.as_of:
            newest[reading.company] = reading
    return sum(one.value for one in newest.values())


def origin_of(document: Document, publisher: Publisher) -> Origin:
    """The source a fact of this document names: its filing, a company's file, the day's snapshot, or the publisher."""
    if filing := _FILING.match(document.url):
        digits = filing["accession"]
        accession = f"{digits[:10]}-{digits[10:12]}-{digits[12:]}"
        return Origin(
            f"sec-{accession}", "filing", f"{publisher.filed_as} {accession} of CIK {filing['cik']}", filing[0]
        )
    if notice := NOTICE.match(document.url):
        day = (document.published_at or document.fetched_at).astimezone(UTC).date()
        title = f"notice of {notice['ticker']} of {day}"
        return Origin(f"notice-{notice['ticker']}-{day}-{document.sha256[:8]}", publisher.kind, title, notice["where"])
    if company := _COMPANY_FILE.search(document.url):
        title = f"{publisher.filed_as} figures of CIK {int(company['cik'])}"
        return Origin(f"{publisher.name}-CIK{company['cik']}", publisher.kind, title, document.url)
    if publisher.kind == "market":
        return Origin(publisher.name, "market", publisher.about, document.url.partition("?")[0])
    if publisher.dated:  # one history, told anew with every document
        return Origin(publisher.name, publisher.kind, publisher.about, f"https://{urlsplit(document.url).netloc}/")
    day = document.fetched_at.astimezone(UTC).date()
    title = f"{publisher.about.partition(' — ')[0]} as of {day}"
    return Origin(f"{publisher.name}-{day}", publisher.kind, title, document.url)


def known_at(document: Document, publisher: Publisher) -> datetime:
    """When the public could know: a filing's acceptance, a notice's publication; what a tracker shows, when we saw it."""
    moment = document.published_at if publisher.kind in ("filing", "issuer") else None
    return (moment or document.fetched_at).astimezone(UTC).replace(microsecond=0)


def _known(reading: Reading, moment: datetime, publisher: Publisher, seen: datetime | None) -> datetime | date | None:
    """When the public could know one reading: as the document says, else with the document; None: on its own day, assumed.

    `seen` is when a history was last looked at: a row of an earlier day that it did not have then came later.
    """
    added = seen is not None and seen < moment and reading.as_of < seen.date()
    return reading.known_at or (moment if added or not publisher.dated else None)


def company_of(reading: Reading, publisher: Publisher, identity: Identity) -> Match | Stranger:
    """Whom a publisher means by its word for a company."""
    if publisher.dialect == OURS:
        return identity.by_ticker(reading.company, reading.as_of)
    if publisher.dialect == CIK:
        return identity.by_cik(int(reading.company.removeprefix("CIK ")), reading.as_of)
    name = (reading.note or "").partition(";")[0] or None
    return identity.match(reading.company, reading.as_of, name=name, dialect=publisher.dialect)


def _noted(reading: Reading, dead: str | None) -> Reading:
    if dead is None:
        return reading
    note = f"{reading.note}; {dead}" if reading.note else dead
    return Reading(
        reading.company, reading.quantity, reading.value, reading.unit, reading.as_of, reading.instrument,
        reading.period_start, reading.known_at, note,
    )  # fmt: skip


# -- facts ---------------------------------------------------------------------------------------------------------


def _facts(
    harvest: Harvest, ours: list[tuple[str, Reading]], publisher: Publisher, identity: Identity, history: History
) -> None:
    moment = known_at(harvest.document, publisher)
    found: dict[str, dict[tuple[str, date], float]] = {}  # what the document says of each company itself
    for ticker, our in ours:
        if our.instrument is None and not (our.quantity == "btc_mined" and not _of_a_month(our)):
            found.setdefault(ticker, {})[our.quantity, our.as_of] = our.value
    seen: set[tuple[object, ...]] = set()
    for ticker, reading in sorted(ours, key=lambda one: one[1].as_of):
        instrument = identity.instrument(ticker, reading.instrument)
        key = (ticker, reading.quantity, instrument, reading.as_of, reading.period_start, reading.known_at)
        if key in seen:
            harvest.kept_out.append(KeptOut(reading, f"{ticker} stands twice in one document"))
            continue
        seen.add(key)
        reason = next(_doubts(ticker, reading, instrument, found.get(ticker, {}), publisher, history, moment), None)
        if reason is not None:
            harvest.kept_out.append(KeptOut(reading, reason))
            if publisher.kind == "filing" and reading.quantity in SHARE_COUNTS:
                history.learn_doubted_count(ticker, reading.quantity, reading.as_of, reading.value)
            continue
        harvest.passed.append(reading)
        if reading.quantity in PURCHASE:
            continue
        tracker = publisher.kind == "tracker"
        if tracker and history.repeats(publisher.name, ticker, reading.quantity, instrument, reading.value):
            continue
        history.learn(
            ticker, reading.quantity, instrument, reading.as_of, reading.value,
            primary=publisher.kind in ("filing", "issuer"),
        )  # fmt: skip
        note = reading.note
        if reading.period_start is not None:
            note = f"from {reading.period_start}" + (f"; {note}" if note else "")
        looked = history.looked(publisher.name, ticker, reading.quantity)
        harvest.facts.append(
            NewFact(
                ticker, instrument, reading.quantity, reading.as_of, _known(reading, moment, publisher, looked),
                reading.value, reading.unit, note, reading.company,
            )
        )  # fmt: skip
    for fact in harvest.facts:
        history.look(publisher.name, fact.ticker, fact.quantity, fact.as_of, fact.value, moment)
    harvest.purchases += _purchases(ours, harvest.passed, None if publisher.dated else moment.date())


def _of_a_month(reading: Reading) -> bool:
    return reading.period_start is not None and reading.as_of - reading.period_start <= A_MONTH[1]


def _doubts(
    ticker: str,
    reading: Reading,
    instrument: str | None,
    found: dict[tuple[str, date], float],
    publisher: Publisher,
    history: History,
    moment: datetime,
) -> Iterator[str]:
    """Every reason not to believe a reading about our company."""

    def beside(quantity: str) -> float | None:
        return found.get((quantity, reading.as_of))

    if reading.as_of > moment.date():
        yield f"describes {reading.as_of}, after it was published on {moment.date()}"
    held = beside("btc_holdings")
    primary = publisher.kind in ("filing", "issuer")
    reasons = [
        history.why_not_fact(
            ticker, reading.quantity, instrument, reading.as_of, reading.value, primary=primary, beside=found
        )
    ]
    if publisher.kind == "tracker":  # said first: such a count is a jump as well
        reasons.insert(0, history.why_not_basis(ticker, reading.quantity, reading.as_of, moment.date()))
    if reading.quantity == "btc_cost_basis" and reading.unit == "USD" and held:
        reasons.append(history.why_not_cost(reading.value, held, reading.as_of))
    if reading.quantity == "btc_holdings" and publisher.kind == "tracker":
        reasons.append(history.why_not_at_once(ticker, reading.value, reading.as_of))
        reasons.append(history.why_not_float(ticker, reading.value, reading.as_of))
    if publisher.kind == "tracker" and not publisher.dated and reading.quantity not in PUBLISHED:
        reasons.append(history.why_not_current(ticker, reading.quantity, instrument, reading.as_of, reading.value))
    if publisher.adds_up:
        reasons.append(history.why_not_said_then(ticker, reading.quantity, reading.as_of, reading.value, reading.note))
        if reading.quantity == "btc_holdings" and reading.note != COMPARATIVE:
            traded = [value for (what, day), value in found.items() if what == "btc_acquired" and day <= reading.as_of]
            bought = sum(traded) if traded else None
            reasons.append(history.why_not_sum(ticker, reading.as_of, reading.value, bought, beside("btc_mined")))
    yield from (reason for reason in reasons if reason is not None)
    basic = beside("shares_basic")
    if reading.quantity in ("shares_class_a", "shares_class_b") and basic is not None and reading.value > basic * 1.001:
        yield f"one class has {reading.value:,.0f} shares, all together only {basic:,.0f}"


def _purchases(
    ours: list[tuple[str, Reading]], passed: Iterable[Reading], announced_on: date | None
) -> list[NewPurchase]:
    """Readings about one period as one purchase; announced, where nobody says when, as the period ends."""
    good = {id(reading) for reading in passed}
    periods: dict[tuple[str, date | None, date], dict[str, Reading]] = {}
    for ticker, reading in ours:
        if reading.quantity in PURCHASE and id(reading) in good:
            periods.setdefault((ticker, reading.period_start, reading.as_of), {})[reading.quantity] = reading
    made = []
    for (ticker, start, end), told in periods.items():
        coins, cost, average = (told.get(quantity) for quantity in PURCHASE)
        if coins is not None and coins.value:
            made.append(
                NewPurchase(
                    ticker, announced_on or end, start, end, coins.value, cost.value if cost else None,
                    cost.unit if cost else None, average.value if average else None,
                )
            )  # fmt: skip
    return made


# -- markets -------------------------------------------------------------------------------------------------------


def _market(
    harvest: Harvest,
    reading: Reading,
    publisher: Publisher,
    identity: Identity,
    history: History,
    closes: dict[Listing, list[Reading]],
) -> None:
    """A split; closes and volumes are put into `closes` by what is listed, to be judged together."""
    day = reading.as_of
    listed = identity.listed_instrument(reading.company) if publisher.dialect == OURS else None
    if listed is not None:
        reading = replace(reading, company=listed[0], instrument=listed[1])
    match = company_of(reading, publisher, identity)
    if isinstance(match, Stranger):
        harvest.kept_out.append(KeptOut(reading, match.why, stranger=True))
        return
    if reading.quantity in ("close", "volume"):
        closes.setdefault((match.ticker, listed and listed[1]), []).append(reading)
        return
    if listed is not None:
        harvest.kept_out.append(KeptOut(reading, SPLIT_INSTRUMENT))
        return
    if (reason := history.why_not_split(match.ticker, day, reading.value)) is not None:
        harvest.kept_out.append(KeptOut(reading, reason))
        return
    if history.learn_split(match.ticker, day, reading.value):
        harvest.splits.append(NewSplit(match.ticker, day, reading.value))
    harvest.passed.append(reading)


def _bitcoin(harvest: Harvest, told: list[Reading], history: History) -> None:
    """Prices of bitcoin, judged beside each other and then one by one in their order in time."""
    alone = lone_prices((_moment(one), one.value) for one in told)
    for reading in sorted(told, key=_moment):
        day = reading.as_of
        if (why := alone.get(_moment(reading)) or history.why_not_bitcoin(day, reading.value)) is not None:
            harvest.kept_out.append(KeptOut(reading, why))
            continue
        history.learn_bitcoin(day, reading.value)
        harvest.prices.append(NewPrice("BTC", day, reading.instrument or UTC_CLOSE, reading.value, reading.unit))
        harvest.passed.append(reading)


def _moment(reading: Reading) -> datetime:
    """The moment a price of bitcoin is of: a UTC day's is that of its end."""
    start = datetime.combine(reading.as_of, time(), UTC)
    if reading.instrument in (None, UTC_CLOSE):
        return start + timedelta(days=1)
    return datetime.combine(reading.as_of, time.fromisoformat(reading.instrument), UTC)


def _rates(harvest: Harvest, told: list[Reading], history: History) -> None:
    """Exchange rates, judged together: a file that is upside down is so in all its currencies."""
    doubts = history.why_not_rates((one.company, one.as_of, one.value) for one in told)
    for reading in told:
        if (reason := doubts.get((reading.company, reading.as_of))) is not None:
            harvest.kept_out.append(KeptOut(reading, reason))
            continue
        rate = float(f"{reading.value:.10g}")
        harvest.prices.append(NewPrice(f"{reading.company}USD", reading.as_of, "ecb", rate, "USD"))
        harvest.passed.append(reading)


def _closes(harvest: Harvest, listing: Listing, told: list[Reading], publisher: Publisher, history: History) -> None:
    """The closes of what is listed, judged one by one and then as a series: one odd bar costs itself, and its volume."""
    ticker, instrument = listing
    series = priced(ticker, instrument)
    volumes = {one.as_of: one.value for one in told if one.quantity == "volume"}
    told = [one for one in told if one.quantity == "close"]
    reasons = [history.why_not_price(series, one.as_of, one.value, one.unit) for one in told]
    good = {one.as_of: one.value for one, reason in zip(told, reasons, strict=True) if reason is None}
    doubts = history.why_not_closes(series, sorted(good.items()), publisher.name)
    for reading, reason in zip(told, reasons, strict=True):
        day = reading.as_of
        if (why := reason or doubts.get(day)) is not None:
            harvest.kept_out.append(KeptOut(reading, why))
            if day in doubts:
                seen = harvest.document.fetched_at.astimezone(UTC).date()
                history.learn_doubted(series, day, Doubted(publisher.name, reading.value, seen))
            continue
        harvest.prices.append(NewPrice(ticker, day, "close", reading.value, reading.unit, instrument, volumes.get(day)))
        harvest.passed.append(reading)
    history.learn_closes(series, {day: close for day, close in good.items() if day not in doubts})
