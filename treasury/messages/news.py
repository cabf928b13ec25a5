"""What a run changed, as a message that can be mailed: plain text, the first line of which is its subject."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from treasury.amounts import plain
from treasury.unknown import WHY

Row = Mapping[str, Any]
QUANTITY_NAMES = {
    "btc_holdings": "bitcoin", "shares_basic": "basic shares", "shares_assumed_diluted": "assumed-diluted shares", "debt_total": "debt",
    "preferred_total": "preferred stock", "cash": "cash", "btc_cost_basis": "cost of the bitcoin", "close": "close", "usd_per_unit": "rate",
    "split": "split",
}  # fmt: skip
FIRST_RUN = "mnav: the first run here; from the next one on, what changed is told"
STRANGERS_SHOWN = 12  # of one source
WITHDRAWN_SHOWN = 12  # for one reason


@dataclass(frozen=True, slots=True)
class News:
    """`changes` are rows of the journal with the company's name; `kept_out` and `strangers` have source, company and reason (the former
    also quantity, value, unit and as_of), `failed` source and message. `about` says of which run or days; `first`: nothing was before."""

    about: str
    changes: Sequence[Row]
    kept_out: Sequence[Row] = ()
    strangers: Sequence[Row] = ()
    failed: Sequence[Row] = ()
    first: bool = False

    def __bool__(self) -> bool:
        """Whether there is anything to tell."""
        return bool(self.changes or self.kept_out or self.strangers or self.failed)

    @property
    def subject(self) -> str:
        if self.first:
            return FIRST_RUN
        tickers = {row["ticker"] for row in self.changes}
        parts = [
            f"{_many(len(self.changes), 'change')} at {_many(len(tickers), 'company', 'companies')}" if tickers else "",
            *(_counted(len(self._holders(what)), what) for what in ("appeared", "vanished")),
            _counted(len(self.kept_out), "kept out"),
            _counted(len(self.strangers), "not matched"),
            f"{_many(len(self.failed), 'source')} failed" if self.failed else "",
        ]
        return "mnav: " + (", ".join(filter(None, parts)) or "nothing changed")

    def _holders(self, what: str) -> list[Row]:
        return [row for row in self.changes if row["quantity"] == "btc_holdings" and row["what"] == what]


def message(news: News) -> str:
    """The whole text. Of each company and quantity the newest change stands there, with the number of those before it."""
    return "\n".join([news.subject, "", news.about, *_body(news)])


def _body(news: News) -> Iterator[str]:
    changes = [] if news.first else sorted(news.changes, key=lambda row: str(row["ticker"]))
    for (name, ticker), rows in _grouped(changes, "name", "ticker"):
        yield from ("", f"{name} ({ticker}){_came_or_went(rows)}")
        for quantity, label in QUANTITY_NAMES.items():
            if own := [row for row in rows if row["quantity"] == quantity and row["what"] != "withdrawn"]:
                yield from _change(label, own)
        for (quantity, _), taken in _grouped([row for row in rows if row["what"] == "withdrawn"], "quantity", "note"):
            label = QUANTITY_NAMES.get(quantity) or quantity
            if len(taken) > WITHDRAWN_SHOWN:  # a series
                days = sorted(str(row["as_of"]) for row in taken)
                yield _line(f"{label}: {len(taken):,} of {days[0]} to {days[-1]} withdrawn: {taken[0]['note']}")
            else:
                yield from (line for row in taken for line in _change(label, [row]))
    if news.kept_out:
        yield from ("", "Kept out, because it cannot be true (mnav check lists all):")
        for row in news.kept_out:
            amount = f"{plain(row['value'])} {row['unit']} as of {row['as_of']}"
            yield _line(f"{row['source']}: {row['company']} {row['quantity']} {amount}: {row['reason']}")
    if news.strangers:
        yield from ("", "Not matched to a company:")
        for (source,), rows in _grouped(news.strangers, "source"):
            names = [str(row["company"]) for row in rows]
            more = f" and {len(names) - STRANGERS_SHOWN} more" if len(names) > STRANGERS_SHOWN else ""
            yield _line(f"{source}: {', '.join(names[:STRANGERS_SHOWN])}{more}")
    if news.failed:
        yield from ("", "Sources that failed; what was known from them stands:")
        for row in news.failed:
            named = row["message"].startswith(f"{row['source']}:")
            yield _line(row["message"] if named else f"{row['source']}: {row['message']}")


def _came_or_went(rows: Sequence[Row]) -> str:
    """Whether the company is new here, or gone, as the newest word on its bitcoin has it."""
    told = [row for row in rows if row["quantity"] == "btc_holdings" and row["what"] in ("appeared", "vanished")]
    return f", {max(told, key=lambda row: str(row['date']))['what']}" if told else ""


def _change(label: str, rows: Sequence[Row]) -> Iterator[str]:
    """The newest of one company's changes of one quantity, and where it is from."""
    row = max(rows, key=lambda row: str(row["date"]))
    notes = [_by(row), f"after {_many(len(rows) - 1, 'earlier change')}" if len(rows) > 1 else ""]
    aside = "; ".join(filter(None, notes))
    yield _line(f"{label}: {_step(row)}" + (f" ({aside})" if aside else ""))
    days = [f"as of {row['as_of']}" if row["as_of"] else "", f"known {row['known_at'][:10]}" if row["known_at"] else ""]
    told = row["url"] or row["source"] or ("" if row["new"] is None else "the sum of its instruments")
    if words := [one for one in (*days, told) if one]:
        yield f"      {', '.join(words)}"


def _step(row: Row) -> str:
    """847,363 → 849,000 BTC, or what became of a value that is no more."""
    old, new = row["old"], row["new"]
    before = "" if old is None else f"{plain(old)} {row['old_unit']}"
    after = "" if new is None else f"{plain(new)} {row['unit']}"
    if row["what"] == "withdrawn":
        return f"{before} withdrawn: {row['note']}"
    if not before:
        return f"{after}, not known before"
    if not after:
        why = "; ".join(WHY[code] for code in (row["note"] or "").split() if code in WHY)
        return f"{before} is no longer used" + (f": {why}" if why else "")
    return f"{plain(old)} → {after}" if row["unit"] == row["old_unit"] else f"{before} → {after}"


def _by(row: Row) -> str:
    """By how much it changed, where that can be said."""
    if row["old"] is None or row["new"] is None or row["unit"] != row["old_unit"]:
        return ""
    change = row["new"] - row["old"]
    return "by a split" if row["what"] == "split" else f"{'−' if change < 0 else '+'}{plain(abs(change))}"


def _line(text: str) -> str:
    """What others wrote, on one line and without control characters."""
    return "  " + " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _grouped(rows: Sequence[Row], *names: str) -> list[tuple[tuple[str, ...], list[Row]]]:
    """Rows by some of their columns, in the order of the first of each."""
    found: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        found.setdefault(tuple(str(row[name]) for name in names), []).append(row)
    return list(found.items())


def _many(count: int, one: str, several: str = "") -> str:
    return f"{count:,} {one if count == 1 else several or one + 's'}"


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}" if count else ""
