"""`mnav check`: every finding in what is stored. Each check is one function that yields findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from db.derived import at_close
from db.reads import views
from db.tables import objects
from db.tables.scraped import STRANGER
from db.tables.store import closes_near
from treasury.amounts import per_cent, plain
from treasury.consolidation import CONSOLIDATED_BY
from treasury.intake.plausible import SUPERSEDED
from treasury.known.claims import DEBT_CLAIM, PREFERRED_CLAIM
from treasury.known.precedence import TIE
from treasury.known.resolve import HOLDINGS_OUTDATED, NOT_VALUED, STALE_DAYS
from treasury.known.shares import DERIVED, FLOWS, UNIT_UNKNOWN
from treasury.quantities import ALL_BITCOIN, PUBLISHED
from treasury.splits import ADJUSTED, is_large, step_at
from treasury.trackers.verdicts import LATE, STALE
from treasury.trust import findings as judged
from treasury.trust.findings import Finding
from treasury.valuation.inputs import DOUBTED

if TYPE_CHECKING:
    from sqlite_utils import Database

NO_HOLDINGS = (
    "MERGED",
    *NOT_VALUED.values(),
    HOLDINGS_OUTDATED,
    "STALE_BTC",
    DOUBTED,
)  # the codes that leave holdings out of a row
LONGEST_CLOSE = timedelta(days=11)  # an exchange is never shut for longer (New Year in Asia)
# the facts that each company's newest state was made from
_NEWEST_FACTS = """SELECT s.btc_fact, s.shares_basic_fact, s.shares_assumed_diluted_fact, s.debt_fact, s.preferred_fact, s.cash_fact,
  s.cost_basis_fact FROM company c JOIN state s ON s.id = (SELECT id FROM state n WHERE n.company_id = c.id ORDER BY from_date DESC LIMIT 1)"""


def findings(db: Database) -> list[Finding]:
    """All findings, errors first."""
    found = [one for check in CHECKS for one in check(db)]
    return sorted(found, key=lambda one: judged.SEVERITIES.index(one.severity))


def implausible_costs(db: Database) -> Iterator[Finding]:
    """Average cost outside what bitcoin ever cost, from the holdings and cost of one document."""
    highest: list[tuple[str, float]] = []
    for day, close in db.execute("SELECT date, max(close) FROM price WHERE symbol = 'BTC' GROUP BY date ORDER BY date"):
        if not highest or close > highest[-1][1]:
            highest.append((day, close))
    rows = db.execute(
        """SELECT h.ticker, h.as_of, h.value, c.value * CASE c.unit WHEN 'USD' THEN 1 ELSE (SELECT p.close FROM price p
             WHERE p.symbol = c.unit || 'USD' AND p.date <= c.as_of ORDER BY p.date DESC LIMIT 1) END
           FROM known_fact h JOIN known_fact c ON c.ticker = h.ticker AND c.source = h.source AND c.as_of = h.as_of
           WHERE h.quantity = 'btc_holdings' AND c.quantity = 'btc_cost_basis' AND h.value >= ? ORDER BY h.ticker, h.as_of""",
        (judged.LEAST_BTC_WITH_COST,),
    ).fetchall()
    for ticker, as_of, btc, cost in rows:
        so_far = [close for day, close in highest if day <= as_of]
        if cost is not None and so_far and (problem := judged.average_cost(cost, btc, so_far[-1])):
            yield Finding("error", "implausible cost", ticker, as_of, problem)


def implausible_steps(db: Database) -> Iterator[Finding]:
    """Holdings or share counts that jump without an event."""
    rows = db.execute("SELECT date, ticker, quantity, old, new FROM revisions WHERE what = 'changed'").fetchall()
    for day, ticker, quantity, old, new in rows:
        if problem := judged.jump(quantity, old, new):
            yield Finding("warning", "implausible step", ticker, day, problem)


def implausible_prices(db: Database) -> Iterator[Finding]:
    """Closes that move by more than a factor of 2.5 on a day that is no split, nor one on which a listed unit changed."""
    split = set(
        db.execute(
            "SELECT ticker, ex_date FROM split UNION SELECT ticker, valid_from FROM listing UNION SELECT ticker, valid_to FROM listing"
        ).fetchall()
    )
    rows = db.execute(
        "SELECT p.symbol, p.date, p.close FROM price p WHERE p.fixing = 'close' ORDER BY p.symbol, p.date"
    ).fetchall()
    for (symbol, _, before), (ticker, day, close) in pairwise(rows):
        if symbol == ticker and max(close / before, before / close) > judged.PRICE_MOVE and (ticker, day) not in split:
            yield Finding(
                "warning",
                "implausible price",
                ticker,
                day,
                f"close moves from {before:,.6g} to {close:,.6g} and no split is known that day",
            )


def splits_without_a_step(db: Database) -> Iterator[Finding]:
    """Large splits beside which the closes do not move: those before are adjusted, and the split counts twice."""
    for ticker, ex_day, ratio in db.execute(
        "SELECT ticker, ex_date, numerator / denominator FROM split ORDER BY ticker, ex_date"
    ).fetchall():
        if not is_large(ratio):
            continue
        step = step_at(closes_near(db, ticker, ex_day), date.fromisoformat(ex_day), ratio)
        if step is not None and step[2] < ADJUSTED:
            yield Finding(
                "error",
                "split without a step",
                ticker,
                ex_day,
                f"close moves from {step[0]:,.6g} to {step[1]:,.6g} over a split by {ratio:.6g}: closes before it are adjusted, or it is none",
            )


def copied_prices(db: Database) -> Iterator[Finding]:
    """Two companies with the same closes on the same days: one series was pasted into the other."""
    rows = db.execute(
        """SELECT a.symbol, b.symbol, count(*), min(a.date) FROM price a JOIN price b ON b.date = a.date AND b.close = a.close
             AND b.fixing = 'close' AND b.symbol > a.symbol AND b.currency = a.currency
           WHERE a.fixing = 'close' AND a.close <> round(a.close) GROUP BY 1, 2 HAVING count(*) >= ?""",
        (judged.LEAST_COPIED_CLOSES,),
    ).fetchall()
    for row, other, count, first in rows:
        shared = db.execute(
            "SELECT count(*) FROM price a JOIN price b ON b.date = a.date AND b.fixing = 'close' AND b.symbol = ? WHERE a.symbol = ? AND a.fixing = 'close'",
            (other, row),
        ).fetchone()[0]
        if count > judged.COPIED_SHARE * shared:
            yield Finding("error", "copied prices", row, first, f"{count} of {shared} closes equal those of {other}")


def too_much_bitcoin(db: Database) -> Iterator[Finding]:
    for row in views.holdings_totals(db):
        if row["btc"] > ALL_BITCOIN:
            yield Finding(
                "error",
                "too much bitcoin",
                None,
                row["date"],
                f"all companies together hold {row['btc']:,.0f} BTC, more than can exist",
            )


def absurd_multiples(db: Database) -> Iterator[Finding]:
    """Multiples of treasury companies outside 0.3 to 5 on the last close of a quarter."""
    rows = db.execute(
        """SELECT d.ticker, d.date, d.mnav_market_cap, d.mnav_ev FROM company c CROSS JOIN mnav_daily d ON d.ticker = c.ticker
           WHERE c.kind = 'treasury' AND d.date = (SELECT max(v.date) FROM valuation v WHERE v.company_id = c.id
             AND v.date < date(d.date, 'start of month', printf('+%d months', 3 - (strftime('%m', d.date) - 1) % 3)))"""
    ).fetchall()
    for ticker, day, basic, ev in rows:
        for name, value in (("mnav_market_cap", basic), ("mnav_ev", ev)):
            if value is not None and (problem := judged.multiple(name, value)):
                yield Finding(
                    "warning", "absurd multiple", ticker, day, f"{problem}; see mnav explain {ticker} --on {day}"
                )


def ties(db: Database) -> Iterator[Finding]:
    """Primary facts of one day that differ by more than half a per cent: a warning where only the name of a source decides."""
    rows = db.execute(
        """SELECT a.ticker, a.quantity, a.instrument, a.as_of, a.value, b.value, a.source, b.source,
             a.known_at = b.known_at AND a.source_kind = b.source_kind
           FROM known_fact a JOIN known_fact b
             ON b.ticker = a.ticker AND b.quantity = a.quantity AND b.instrument IS a.instrument AND b.as_of = a.as_of
             AND b.unit = a.unit AND b.id > a.id AND b.source_kind IN ('filing', 'issuer')
           WHERE a.source_kind IN ('filing', 'issuer') AND abs(b.value - a.value) > ? * max(abs(a.value), abs(b.value))""",
        (TIE,),
    ).fetchall()
    for ticker, quantity, instrument, as_of, row, other, source, second, undecidable in rows:
        if quantity in PUBLISHED or quantity in FLOWS:
            continue
        what = f"{quantity} {instrument or ''}".strip()
        decided = "withdraw one" if undecidable else "the filing, then what became known last, speaks"
        yield Finding(
            "warning" if undecidable else "note",
            "undecidable tie" if undecidable else "tie",
            ticker,
            as_of,
            f"{what}: {row:,.10g} ({source}) or {other:,.10g} ({second}); {decided}",
        )


def disagreements(db: Database) -> Iterator[Finding]:
    """What trackers show against what was filed, and sources that differ about a day; a warning where our valuation rests on it."""
    rests_on = {fact for row in db.execute(_NEWEST_FACTS).fetchall() for fact in row if fact is not None}
    rows = db.execute(
        """SELECT d.ticker, d.quantity, d.instrument, d.value, d.source, d.as_of, d.other_value, d.other_source, d.other_as_of, d.other_unit,
             d.difference_pct, d.verdict, d.why, f.id FROM disagreements d LEFT JOIN known_fact f ON f.ticker = d.ticker
             AND f.quantity = d.quantity AND f.as_of = d.other_as_of AND f.source = d.other_source AND f.value = d.other_value
             AND f.instrument IS d.instrument AND f.unit = d.other_unit AND f.known_at = d.other_known_at
           ORDER BY d.ticker, d.quantity, d.instrument, d.other_as_of DESC, d.other_source"""
    ).fetchall()
    for ticker, quantity, found, value, source, as_of, other, second, day, unit, gap, verdict, why, fact in rows:
        if "_published" in quantity:
            continue
        what = f"{quantity} {found}" if found else quantity
        apart = "" if gap is None else f", {per_cent(gap)}"
        yield Finding(
            "warning" if fact in rests_on and verdict != LATE else "note",
            "stale tracker" if verdict == STALE else verdict,
            ticker,
            day,
            f"{what}: {plain(other)} {unit} ({second}) against {plain(value)} of {as_of} ({source}){apart}: {why}",
        )


def overruled_totals(db: Database) -> Iterator[Finding]:
    """Totals of debt and preferred stock below what filings and the issuer show outstanding: the sum of the tranches stands."""
    for bit, claim, column in ((1, DEBT_CLAIM, "debt"), (2, PREFERRED_CLAIM, "preferred")):
        rows = db.execute(
            f"""SELECT c.ticker, v.date, v.{column}, s.{column}_as_of FROM company c CROSS JOIN valuation v ON v.company_id = c.id
                JOIN state s ON s.id = v.state WHERE v.raised & {bit} OR s.reason LIKE '%{claim.from_tranches}%'
                ORDER BY c.id, v.date"""
        ).fetchall()
        for found in _stretches(rows):
            (ticker, first, amount, _), last = found[0], found[-1][1]
            told = db.execute(
                """SELECT value, unit, as_of, source FROM known_fact WHERE ticker = ? AND quantity = ? AND instrument IS NULL
                   AND as_of <= ? AND substr(known_at, 1, 10) <= ? ORDER BY source_kind IN ('filing', 'issuer') DESC, as_of DESC LIMIT 1""",
                (ticker, claim.quantity, first, first),
            ).fetchone()
            against = (
                "what was told in all"
                if told is None
                else f"the total told, {plain(told[0])} {told[1]} of {told[2]} ({told[3]}),"
            )
            until = f"to {last}" if last != first else "that day"
            yield Finding(
                "warning",
                "total below its tranches",
                ticker,
                first,
                f"{claim.from_tranches}: {against} is less than the tranches that filings and the issuer show"
                f" outstanding: their sum, ${amount:,.0f}, stands {until}; mnav explain {ticker} --on {first} names them",
            )


def doubted_inputs(db: Database) -> Iterator[Finding]:
    """Market caps under a tenth of the bitcoin on old inputs: no multiple is shown until newer ones are known."""
    rows = db.execute(
        f"""SELECT c.ticker, v.date, v.doubted, s.btc || ' BTC of ' || s.btc_as_of || ', ' || printf('%d', s.shares_basic) || ' shares of '
             || s.shares_basic_as_of, 100 * v.price * m.fx * s.shares_basic / (s.btc * m.btc_price), s.from_before
           FROM company c CROSS JOIN valuation v ON v.company_id = c.id{at_close.JOIN} JOIN state s ON s.id = v.state WHERE v.doubted > 0 ORDER BY c.id, v.date"""
    ).fetchall()
    for found in _stretches([(ticker, day, share, told) for ticker, day, _, told, share, _ in rows]):
        (ticker, first, share, told), last = found[0], found[-1][1]
        until = f"to {last}" if last != first else "that day"
        yield Finding(
            "warning",
            "inputs doubted",
            ticker,
            first,
            f"INPUTS_DOUBTED {until}: the market cap is {share:.2g} % of the bitcoin, on {told}: no multiple is shown",
        )


def _stretches(rows: list[tuple[str, str, float, str]]) -> list[list[tuple[str, str, float, str]]]:
    """Rows of (ticker, date, amount, day it describes) in stretches of one company, amount and time."""
    found: list[list[tuple[str, str, float, str]]] = []
    for row in rows:
        before = found[-1][-1] if found else None
        near = before is not None and date.fromisoformat(row[1]) - date.fromisoformat(before[1]) <= LONGEST_CLOSE
        if before is not None and near and (before[0], before[3]) == (row[0], row[3]):
            found[-1].append(row)
        else:
            found.append([row])
    return found


_OF_AGE = {
    "btc_age_days": "its holdings are",
    "shares_age_days": "its share count is",
    "claims_age_days": "its debt, preferred stock or cash is",
}


def stale_inputs(db: Database) -> Iterator[Finding]:
    for row in views.league(db):
        for name in ("btc_age_days", "shares_age_days", "claims_age_days"):
            if row[name] is not None and row[name] > judged.OLD_DAYS and row["mnav_market_cap"] is not None:
                yield Finding(
                    "warning",
                    "stale input",
                    row["ticker"],
                    row["date"],
                    f"{_OF_AGE[name]} {row[name]} days old at the newest close",
                )


def not_valued(db: Database) -> Iterator[Finding]:
    """Companies without a multiple at their newest close, and the one thing each lacks first."""
    valued = {row["ticker"]: row for row in views.league(db)}
    rows = db.execute(
        """SELECT c.ticker, c.mic, c.currency, c.kind, h.btc FROM company c LEFT JOIN holdings h ON h.ticker = c.ticker
           WHERE c.active_to IS NULL ORDER BY h.btc DESC, c.ticker"""
    ).fetchall()
    for ticker, mic, currency, kind, held in rows:
        row = valued.get(ticker)
        if (row is not None and row["mnav_market_cap"] is not None) or kind in ("spac", "other_crypto"):
            continue
        if held is None:
            lacks = "holdings"
        elif row is None:
            lacks = "a price series" if mic else "an exchange and a price series"
        elif row["price_usd"] is None:
            lacks = f"an exchange rate for {currency}"
        elif row["shares_basic"] is None:
            reason = row["reason"] or ""
            lacks = "a share count"
            if DERIVED in reason:
                lacks += " somebody told"
            elif "STALE_SHARES" in reason:
                lacks += f" not over {STALE_DAYS} days old"
            elif UNIT_UNKNOWN in reason:
                lacks = "how many shares one listed unit stands for"
            elif DOUBTED in reason:
                lacks += " that fits its market cap"
        elif row["btc"] is None:
            why = [code for code in (row["reason"] or "").split() if code in NO_HOLDINGS]
            lacks = f"usable holdings ({' '.join(why)})"
        else:
            lacks = "any bitcoin" if row["btc"] == 0 else "a bitcoin price"
        yield Finding("note", "not valued", ticker, row["date"] if row else None, f"lacks {lacks}")


def counted_twice(db: Database) -> Iterator[Finding]:
    """A company and the one that consolidates it, both with holdings: sums must leave one out, and ours do."""
    held = dict(db.execute("SELECT ticker, btc FROM holdings").fetchall())
    newest = date.fromisoformat(views.newest_day(db) or "0001-01-01")
    for relation in objects.relations(db):
        if (
            relation.kind == CONSOLIDATED_BY
            and relation.holds(newest)
            and {relation.ticker, relation.other} <= set(held)
        ):
            own, whole = held[relation.ticker], held[relation.other]
            yield Finding(
                "note",
                "counted in another",
                relation.ticker,
                str(relation.since),
                f"{own:,.10g} BTC are part of {relation.other}'s {whole:,.10g}; totals leave them out",
            )


def quarantined(db: Database) -> Iterator[Finding]:
    """Readings kept out, by ticker where their CIK is one company's; whoever is not matched, and what a newer filing has replaced, is nothing to repair."""
    rows = db.execute(
        """SELECT source, coalesce((SELECT max(ticker) FROM company WHERE company = printf('CIK %010d', cik) HAVING count(*) = 1), company),
               quantity, as_of, value, unit, reason FROM quarantine WHERE resolved_on IS NULL ORDER BY first_seen"""
    ).fetchall()
    for source, company, quantity, as_of, value, unit, reason in rows:
        stranger = reason.startswith(STRANGER)
        yield Finding(
            "note" if stranger or SUPERSEDED in reason else "warning",
            "not matched" if stranger else "in quarantine",
            company,
            as_of,
            f"{source}: {quantity} {value:,.10g} {unit}: {reason.removeprefix(STRANGER)}",
        )


def coverage(db: Database) -> Iterator[Finding]:
    rows = db.execute(
        """SELECT c.kind, count(*), count(d.mnav_market_cap), count(d.mnav_ev), count(DISTINCT CASE WHEN d.mnav_market_cap IS NOT NULL THEN d.ticker END)
           FROM company c CROSS JOIN mnav_daily d ON d.ticker = c.ticker GROUP BY c.kind ORDER BY 3 DESC"""
    ).fetchall()
    for kind, days, basic, ev, companies in rows:
        yield Finding(
            "note",
            "coverage",
            None,
            None,
            f"{kind}: {days:,} company-days, {basic:,} with a market-cap multiple ({companies} companies), {ev:,} with an enterprise-value multiple",
        )


CHECKS: tuple[Callable[[Database], Iterator[Finding]], ...] = (
    implausible_costs, implausible_steps, implausible_prices, splits_without_a_step, copied_prices, too_much_bitcoin, absurd_multiples, ties, overruled_totals, doubted_inputs,
    stale_inputs, quarantined, disagreements, not_valued, counted_twice, coverage,
)  # fmt: skip
