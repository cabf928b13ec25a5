"""A live day rehearsed: a server that plays every host of the reference universe on Saturday, 19 September 2026, from captured bodies.

Most of what was captured of markets is of that day. What is older is brought to it: the ECB's file by the bundled rates of the days
since, the candles by the bundled prices of hours and days that were not captured, CoinGecko's holders by what they last filed,
Yahoo's bars by the bundled closes. Filings keep their own days; an index of those filers of whom none was captured names the
captured documents.
"""

from __future__ import annotations

import csv
import html
import io
import json
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from math import prod
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit
from zoneinfo import ZoneInfo

import healthy
from misbehaving import HTML, JSON, TEXT, ZIP, Answer, Handler, MisbehavingServer, document, status
from saved import SAMPLES
from sqlite_utils import Database

from db.reads.told import told
from db.tables import for_scraping, objects
from scrapers.prices.candles import A_DAY
from scrapers.sources import sec_submissions
from treasury.model import Document

NOW = datetime(2026, 9, 19, 22, 30, tzinfo=UTC)
# asked in this run, and played by documents made by hand in the format that is told of them: none was ever captured whole
MADE = {"bitbo", "nasdaq_screener", "sec_filing_index", "strategy_dashboard", "yahoo_fundamentals"}
REFUSED = {"binance_futures"}  # neither captured nor made for the day: it answers as it does in most countries
REAL = {
    "announcement", "bitstamp", "bitview", "coinbase", "coingecko_treasuries", "deribit", "ecb", "fear_greed", "sec_companyfacts",
    "sec_filing", "sec_submissions", "strategy_8k", "strategytracker", "yahoo_chart",
}  # fmt: skip
BARS_SINCE = date(2026, 8, 5)
ABROAD = "SWC.L"  # whose balance sheet is asked for
UNCUT = 1000  # a few rows stand for all options
ANNOUNCED_SINCE = date(2025, 9, 25)
VERSION = f"{NOW:%Y%m%dT%H%M%SZ}"


def answers(server: MisbehavingServer, db: Database) -> None:
    """Let the server be every host on that day; what it does not know is not there."""
    for path, answer in (*_markets(db), *_filings(db), *_trackers(db), *_made()):
        server.answers(path, answer)


def _sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


# -- markets -------------------------------------------------------------------------------------------------------


def _markets(db: Database) -> Iterator[tuple[str, Answer]]:
    yield "/products/BTC-USD/candles", _candles(db)
    yield "/api/v2/ohlc/btcusd/", _bitstamp(db)
    yield "/fng/", document(_sample("feargreed/fng_limit30_2026-09-19.json"), JSON)
    yield "/api/series/bulk", document(_holders(), JSON)
    summary = "/api/v2/public/get_book_summary_by_currency?currency=BTC&kind="
    yield f"{summary}future", document(_sample("deribit/future_2026-09-19.json"), JSON)
    options = json.loads(_sample("deribit/option_2026-09-19.cut.json"))
    for row in options["result"]:
        row["open_interest"] *= UNCUT
    yield f"{summary}option", document(json.dumps(options).encode(), JSON)
    yield "/stats/eurofxref/eurofxref-hist.zip", document(rates(db), ZIP)
    for symbol, body in _charts(db):
        yield f"/v8/finance/chart/{quote(symbol, safe='')}", document(body, JSON)


def _prices(db: Database) -> dict[datetime, float]:
    """Bitcoin by the moment it was priced at, from the bundle."""
    rows = db.execute("SELECT date, fixing, close FROM price WHERE symbol = 'BTC' AND fixing GLOB '[0-9][0-9]:00' AND date >= '2026-08-01'").fetchall()  # fmt: skip
    return {datetime.combine(date.fromisoformat(day), time.fromisoformat(at), UTC): close for day, at, close in rows}


def _rows(known: dict[datetime, float], captured: dict[int, Any], start: float, end: float, step: timedelta) -> Iterator[tuple[int, Any, float, float]]:  # fmt: skip
    """Moments of a range, each with what was captured of it (a day's candle alone), and the bundled price of its start and end."""
    moment = datetime.fromtimestamp(start, UTC)
    while moment <= min(datetime.fromtimestamp(end, UTC), NOW):
        before, after = known.get(moment), known.get(moment + step)
        own = captured.get(int(moment.timestamp())) if step == A_DAY else None
        if own is not None or (before and after):
            yield int(moment.timestamp()), own, before or 0.0, after or 0.0
        moment += step


def _candles(db: Database) -> Answer:
    known = _prices(db)
    captured = {row[0]: row for row in json.loads(_sample("coinbase/candles_1d_2026-09-19.cut.json"))}

    def answer(handler: Handler) -> None:
        query = {name: values[0] for name, values in parse_qs(urlsplit(handler.path).query).items()}
        start, end = (datetime.fromisoformat(query[name]).timestamp() for name in ("start", "end"))
        rows = [
            own or [at, min(before, after), max(before, after), before, after, 1.5]
            for at, own, before, after in _rows(
                known, captured, start, end, timedelta(seconds=int(query["granularity"]))
            )
        ]
        document(json.dumps(rows[::-1]).encode(), JSON)(handler)

    return answer


def _bitstamp(db: Database) -> Answer:
    whole = json.loads(_sample("bitstamp/ohlc_1d_2026-09-19.cut.json"))
    known = _prices(db)
    captured = {int(row["timestamp"]): row for row in whole["data"]["ohlc"]}

    def answer(handler: Handler) -> None:
        query = {name: float(values[0]) for name, values in parse_qs(urlsplit(handler.path).query).items()}
        made = [
            own or dict(zip(("timestamp", "open", "high", "low", "close", "volume"), map(str, (at, before, max(before, after), min(before, after), after, 1.5)), strict=True))
            for at, own, before, after in _rows(known, captured, query["start"], query["end"], timedelta(seconds=query["step"]))
        ]  # fmt: skip
        document(json.dumps({"data": whole["data"] | {"ohlc": made}}).encode(), JSON)(handler)

    return answer


def _holders() -> bytes:
    """Of the captured series: long-term holders, and all coins less those, in the days asked for."""
    dates, long, coins = json.loads(_sample("onchain/bulk_2026-09-19.three_of_twenty.json"))
    first, days = date(2020, 8, 1), dates["data"]
    earlier = [str(first + timedelta(n)) for n in range((date.fromisoformat(days[0]) - first).days)]
    short = [whole - held for held, whole in zip(long["data"], coins["data"], strict=True)]
    start = {"start": dates["start"] - len(earlier)}
    unknown: list[float | None] = [None] * len(earlier)
    made = [
        dates | start | {"data": [*earlier, *days]},
        long | start | {"data": [*unknown[:-90], *[long["data"][0]] * 90, *long["data"]]},
        coins | start | {"data": [*unknown[:-90], *[short[0]] * 90, *short]},
    ]
    return json.dumps(made).encode()


def rates(db: Database) -> bytes:
    """The captured file with the days since, in the currencies that are bundled."""
    with zipfile.ZipFile(SAMPLES / "ecb" / "eurofxref-hist.zip") as packed:
        header, *lines = packed.read("eurofxref-hist.csv").decode().splitlines()
    newest, columns = lines[0].partition(",")[0], header.split(",")[1:]
    days: dict[str, dict[str, float]] = defaultdict(dict)
    for symbol, day, rate in db.execute("SELECT symbol, date, close FROM price WHERE fixing = 'ecb' AND date > ? AND date <= ?", (newest, NOW.date().isoformat())).fetchall():  # fmt: skip
        days[day][symbol.removesuffix("USD")] = rate
    since = []
    for day in sorted(days, reverse=True):
        dollars = days[day]["EUR"]
        of_a_euro = {"USD": dollars} | {one: dollars / rate for one, rate in days[day].items()}
        since.append(",".join([day, *(f"{of_a_euro[one]:.10g}" if one in of_a_euro and one != "EUR" else "N/A" if one else "" for one in columns)]))  # fmt: skip
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("eurofxref-hist.csv", "\n".join([header, *since, *lines]) + "\n")
    return file.getvalue()


def _charts(db: Database) -> Iterator[tuple[str, bytes]]:
    """Of every company with a bundled close a chart in the form of a captured one; where no close is bundled any more, the last one stays."""
    form, sessions = _sample("yahoo/1301.T_2024-12.json"), objects.closes(db)
    days = [BARS_SINCE + timedelta(n) for n in range((NOW.date() - BARS_SINCE).days + 1)]
    for ticker, mic, currency, zone in db.execute("SELECT c.ticker, c.mic, c.currency, min(e.timezone) FROM company c JOIN exchange e ON e.mic = c.mic GROUP BY c.ticker").fetchall():  # fmt: skip
        known = dict(db.execute("SELECT date, close FROM price WHERE symbol = ? AND fixing = 'close' AND date <= ? ORDER BY date", (ticker, NOW.date().isoformat())).fetchall())  # fmt: skip
        splits = [
            one for one in for_scraping.stored_splits(db) if one[0] == ticker and BARS_SINCE < one[1] <= NOW.date()
        ]

        def noon(day: date, place: str = zone) -> int:
            return int(datetime.combine(day, time(12), ZoneInfo(place)).timestamp())

        close = next((known[day] for day in reversed(known) if day < BARS_SINCE.isoformat()), None)
        bars: list[tuple[int, float]] = []
        for day in days:
            if (told_then := known.get(day.isoformat())) is not None:
                close = told_then
            elif close is not None:
                close /= prod(ratio for _, ex_day, ratio in splits if ex_day == day)
            if close is not None and sessions.is_session(mic, day):
                bars.append((noon(day), close / prod(ratio for _, ex_day, ratio in splits if ex_day > day)))
        if not bars:
            continue
        whole, end = json.loads(form), bars[-1][0] + 3600
        (chart,) = whole["chart"]["result"]
        chart["meta"] |= {
            "symbol": ticker, "currency": currency, "exchangeTimezoneName": zone, "regularMarketTime": end, "firstTradeDate": bars[0][0],
            "currentTradingPeriod": {"regular": {"start": end - 20_000, "end": end}},
        }  # fmt: skip
        chart["timestamp"] = [at for at, _ in bars]
        chart["indicators"] = {"quote": [{"close": [price for _, price in bars]}]}
        chart["events"] = {"splits": {str(noon(ex_day)): {"date": noon(ex_day), "numerator": ratio, "denominator": 1} for _, ex_day, ratio in splits}}  # fmt: skip
        yield ticker, json.dumps(whole).encode()


# -- filings -------------------------------------------------------------------------------------------------------


def _filings(db: Database) -> Iterator[tuple[str, Answer]]:
    """Strategy's index and 8-Ks, Tesla's index, companyfacts; of others their newest report and what they announced since."""
    submissions = _sample("sec_xbrl/mstr_subs.json")
    yield "/submissions/CIK0001050446.json", document(submissions, JSON)
    yield "/submissions/CIK0001318605.json", document(_sample("sec_edgar/submissions/CIK0001318605.json"), JSON)
    yield "/submissions/CIK0001318605-submissions-001.json", document(_sample("sec_edgar/submissions/CIK0001318605-submissions-001.json"), JSON)  # fmt: skip
    yield "/api/xbrl/companyfacts/CIK0001050446.json", document(_sample("sec_xbrl/mstr_xbrl.json"), JSON)
    listed = sec_submissions.filings(Document("sec_submissions", "https://data.sec.gov/submissions/CIK0001050446.json", submissions, NOW))  # fmt: skip
    for filing in listed:
        path = SAMPLES / "sec_8k" / f"8k-{filing.filed_on}-{filing.accession[-6:]}.html"
        if path.exists():
            yield urlsplit(filing.url).path, document(path.read_bytes(), HTML)
    for cik, own in _captured(db).items():
        rows = []
        for number, (path, form, day) in enumerate(own):
            accession = f"{cik:010d}-{day:%y}-{number:06d}"
            folder = f"/Archives/edgar/data/{cik}/{accession.replace('-', '')}"
            rows.append((accession, f"{day}", f"{day}T16:{number % 60:02d}:00.000Z", form, "8.01", path.name))
            yield f"{folder}/{accession}-index.html", document(_page(accession, form, day, folder, path.name), HTML)
            yield f"{folder}/{quote(path.name)}", document(path.read_bytes(), TEXT if path.suffix == ".txt" else HTML)
        columns = ("accessionNumber", "filingDate", "acceptanceDateTime", "form", "items", "primaryDocument")
        recent = dict(zip(columns, map(list, zip(*rows, strict=True)), strict=True))
        yield f"/submissions/CIK{cik:010d}.json", document(json.dumps({"cik": f"{cik}", "filings": {"recent": recent, "files": []}}).encode(), JSON)  # fmt: skip


def _captured(db: Database) -> dict[int, list[tuple[Path, str, date]]]:
    """By filer: the newest captured report, and announcements since, each with its form and day."""
    filers = for_scraping.offers(db, NOW.date())["filers"]
    numbers = {ticker: cik for cik, ticker in filers.items()}
    found: dict[int, list[tuple[Path, str, date]]] = defaultdict(list)
    reports: dict[int, tuple[date, Path]] = {}
    for path in sorted([*(SAMPLES / "reports").glob("*.htm*"), *(SAMPLES / "sec_10q").glob("*.htm*")]):
        filer = re.search(rb"EntityCentralIndexKey[^>]*>(?:<[^>]*>)*\s*0*(\d{1,10})", path.read_bytes())
        period_end = re.search(r"\d{4}-\d{2}-\d{2}", path.name)
        if filer and period_end and int(filer[1]) in filers and int(filer[1]) not in (1050446, 1318605):
            reports[int(filer[1])] = max(
                reports.get(int(filer[1]), (date.min, path)), (date.fromisoformat(period_end[0]), path)
            )
    for cik, (period, path) in reports.items():
        form = "20-F" if "20F" in path.name else "10-K" if "10K" in path.name else "10-Q"
        found[cik].append((path, form, period + timedelta(days=44)))
    with (SAMPLES / "releases" / "golden.csv").open(newline="") as file:
        rows = {row["file"]: row for row in csv.DictReader(file)}
    for name, row in rows.items():
        number, day = numbers.get(row["ticker"]), row["published_on"]
        form = "6-K" if "6K" in name else "8-K"
        if number and len(day) == 10 and date.fromisoformat(day) > ANNOUNCED_SINCE and name.endswith((".html", ".txt")):
            found[number].append((SAMPLES / "releases" / name, form, date.fromisoformat(day)))
    return found


def _page(accession: str, form: str, day: date, folder: str, name: str) -> bytes:
    """A filing's index page, as tests/fixtures/sec_filing_index has them."""
    cells = "".join(f'<td scope="row">{one}</td>' for one in (1, form, f'<a href="{folder}/{quote(name)}">{html.escape(name)}</a>', form, 9999))  # fmt: skip
    return f"""<html><body><div id="formDiv"><div id="formHeader"><div id="formName"><strong>Form {form}</strong> - a report:</div>
<div id="secNum">SEC Accession No. {accession}</div></div><div class="formContent"><div class="formGrouping">
<div class="infoHead">Filing Date</div><div class="info">{day}</div><div class="infoHead">Accepted</div><div class="info">{day} 16:10:00</div>
</div></div></div><p>Document Format Files</p><table class="tableFile" summary="Document Format Files">
<tr><th scope="col">Seq</th><th scope="col">Description</th><th scope="col">Document</th><th scope="col">Type</th><th scope="col">Size</th></tr>
<tr>{cells}</tr></table></body></html>""".encode()


# -- trackers, and what is made ------------------------------------------------------------------------------------


def _trackers(db: Database) -> Iterator[tuple[str, Answer]]:
    holders = json.loads(_sample("coingecko/companies_public_treasury_bitcoin.2025-06-28.json"))
    identity, filed = for_scraping.identity(db), {}
    for number in sorted(told(db, (), NOW.date()), key=lambda one: one.day):
        if number.quantity == "btc_holdings" and number.primary and number.day <= NOW.date():
            filed[number.about] = number.value
    for row in holders["companies"]:
        match = identity.match(row["symbol"], NOW.date(), name=row["name"], dialect="coingecko")
        row["total_holdings"] = filed.get(getattr(match, "ticker", ""), row["total_holdings"])
    holders["total_holdings"] = sum(row["total_holdings"] for row in holders["companies"])
    yield "/api/v3/companies/public_treasury/bitcoin", document(json.dumps(holders).encode(), JSON)
    index = {"version": VERSION, "timestamp": NOW.isoformat(), "files": {"light": f"all-light.v{VERSION}.json"}}
    yield "/latest.json", document(json.dumps(index).encode(), JSON)
    yield f"/3350_T.v{VERSION}.json", document(_sample("strategytracker/metaplanet_fallback_data.json"), JSON)


def _made() -> Iterator[tuple[str, Answer]]:
    for name in sorted(MADE - {"sec_filing_index", "yahoo_fundamentals"}):
        for page in healthy.pages(name):
            yield page.path, document(page.body, page.media)
    (balance,) = healthy.pages("yahoo_fundamentals")
    path = urlsplit(balance.path).path.replace("MSTR", ABROAD)
    yield path, document(balance.body.replace(b"MSTR", ABROAD.encode()), balance.media)
    restricted = b'{"code":0,"msg":"Service unavailable from a restricted location"}'
    yield "/futures/data/openInterestHist", status(451, restricted, JSON)
