"""Alert rules from a TOML file, and which of the things that meet them are new: each is told once until it clears."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from treasury.metrics.mnav_daily import DAILY
from treasury.metrics.own_past import FEWEST_CLOSES, PAST_SUFFIXES, YEAR_BEFORE
from treasury.model import InputError

# what each view's rows are known by; a rule over the first two asks how things stand, over the others what happened
VIEWS = {
    "mnav_latest": ("ticker",),
    "holdings": ("ticker",),
    "mnav_daily": ("ticker", "date"),
    "revisions": ("ticker", "date", "quantity", "what", "fact"),
    "purchases": ("ticker", "announced_on", "period_end", "btc"),
    "disagreements": ("ticker", "quantity", "as_of", "source", "other_source"),
}
DATED = {"mnav_daily": "date", "revisions": "date", "purchases": "announced_on"}
AMOUNTS = {"revisions": ("old", "new"), "purchases": ("btc",)}  # of what happened, told with every rule over it
RULE_KEYS = {"name": str, "when": str, "view": str, "tickers": list, "days": int, "say": str}
MOST_DAYS = 36_525  # a century: longer than any price here
LOOK_BACK_DAYS = 7  # how far back a rule over what happened looks
MOST_DOTS = 500  # in a line: of a rule each is a name of the view, a number or a full stop


@dataclass(frozen=True, slots=True)
class Alert:
    """One rule: `when` is an SQL condition over the columns of `view`. `line` is where it stands in its file."""

    name: str
    when: str
    view: str = "mnav_latest"
    tickers: tuple[str, ...] = ()
    days: int = LOOK_BACK_DAYS
    say: str = ""
    line: int = 0


def read_alerts(text: str, file: str) -> list[Alert]:
    """The rules of a file. Raises InputError that names file and line for anything that is no rule."""
    text = text.removeprefix("\ufeff")  # the byte order mark that Windows editors write
    # tomllib takes time by the square of the parts of a name: half a minute for 20,000 of them
    if nested := next(
        (number for number, line in enumerate(text.splitlines(), 1) if line.count(".") > MOST_DOTS), None
    ):
        raise InputError(f"{file}:{nested}: more than {MOST_DOTS} dots; rules stand under [[alert]]")
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        line = re.search(r"at line (\d+)", message)
        number = line[1] if line else str(text.count("\n") + 1)
        raise InputError(f"{file}:{number}: not TOML: {message}") from None
    except (ValueError, RecursionError):  # a number of thousands of digits, lists in lists without end
        raise InputError(
            f"{file}: a number too long, or nested too deep for a rule; rules stand under [[alert]]"
        ) from None
    rules = found.pop("alert", [])
    if found or not isinstance(rules, list) or not rules:
        odd = ", ".join(found) or "nothing"
        line_number = _line_of(text, rf"\[*\s*{re.escape(next(iter(found)))}\b") if found else 1
        raise InputError(f"{file}:{line_number}: found {odd}; rules stand under [[alert]] and nothing else does")
    alerts: list[Alert] = []
    for number, rule in enumerate(rules):
        start = _table_line(text, number)
        alert = _alert(rule, file, text, start)
        if alert.name in {one.name for one in alerts}:
            raise InputError(f"{file}:{start}: there are two alerts called {alert.name!r}")
        alerts.append(alert)
    return alerts


_EXTREME = re.compile(r"\b(\w+) is (?:the )?(lowest|highest) in (?:a year|(\d+) days)\b", re.ASCII)


def condition(when: str) -> str:
    """A rule's condition as SQL over the columns of `rows`: "mnav_ev is lowest in a year" ("highest", "in 90 days") becomes a comparison
    with the closes of that many days before the row's, where enough of them are known (`treasury.metrics.own_past`)."""

    def compared(found: re.Match[str]) -> str:
        name, end, days = found[1], found[2], int(found[3] or YEAR_BEFORE.days)
        least = -(-FEWEST_CLOSES * days // YEAR_BEFORE.days)
        sign, function = ("<=", "min") if end == "lowest" else (">=", "max")
        return (
            f"(rows.{name} {sign} (SELECT CASE WHEN count(p.{name}) >= {least} THEN {function}(p.{name}) END FROM mnav_daily p"
            f" WHERE p.ticker = rows.ticker AND p.date < rows.date AND p.date >= date(rows.date, '-{days} days')))"
        )

    return _EXTREME.sub(compared, when)


_NAMED = re.compile(
    r"\bticker\s*(?:==?|!=|<>|(?:not\s+)?in\s*\(|is(?:\s+not)?)\s*'[^']*'(?:\s*,\s*'[^']*')*", re.IGNORECASE
)


def with_tickers(when: str, meant: Callable[[str], str]) -> str:
    """A condition whose comparisons of `ticker` name companies by their tickers: `ticker = 'Metaplanet'` would never hold."""

    def named(found: re.Match[str]) -> str:
        return re.sub(r"'([^']*)'", lambda text: f"'{meant(text[1])}'", found[0])

    return _NAMED.sub(named, when)


def pasts_named(when: str) -> set[str]:
    """The columns of mnav_daily whose own past a condition asks for: mnav_ev for mnav_ev_z_1y."""
    names = re.findall(rf"\b(\w+?)_(?:{'|'.join(PAST_SUFFIXES)})\b", when)
    return {name for name in names if name in DAILY and DAILY[name].numeric}


def values_named(alert: Alert, row: Mapping[str, object]) -> dict[str, object]:
    """What fired: the values of the columns that a rule's condition names, and of what happened how much it was."""
    words = re.findall(r"[a-z_]\w*", re.sub(r"'[^']*'", "", alert.when))
    aside = ("ticker", DATED.get(alert.view))
    return {
        name: row[name]
        for name in (*dict.fromkeys(words), *AMOUNTS.get(alert.view, ()))
        if name in row and name not in aside
    }


def _alert(rule: Mapping[str, object], file: str, text: str, start: int) -> Alert:
    def refuse(key: str, why: str) -> InputError:
        line = _line_of(text, re.escape(key) + r"\s*=", start) or start
        return InputError(f"{file}:{line}: {why}")

    for key, value in rule.items():
        if key not in RULE_KEYS:
            raise refuse(key, f"unknown key {key!r}; an alert has {', '.join(RULE_KEYS)}")
        if not isinstance(value, RULE_KEYS[key]) or isinstance(value, bool):
            raise refuse(key, f"{key} must be {'text' if RULE_KEYS[key] is str else 'a list' if RULE_KEYS[key] is list else 'a whole number'}")  # fmt: skip
    for key in ("name", "when"):
        if not str(rule.get(key, "")).strip():
            raise InputError(f"{file}:{start}: an alert needs a {key}")
    view = str(rule.get("view", "mnav_latest"))
    if view not in VIEWS:
        raise refuse("view", f"unknown view {view!r}; there are {', '.join(VIEWS)}")
    days = rule.get("days", LOOK_BACK_DAYS)
    assert isinstance(days, int)
    if not 1 <= days <= MOST_DAYS:
        raise refuse("days", f"days must be at least 1 and at most {MOST_DAYS:,}")
    lengths = [found[3] for found in _EXTREME.finditer(str(rule["when"])) if found[3]]
    if any(len(told) > len(str(MOST_DAYS)) or not 1 <= int(told) <= MOST_DAYS for told in lengths):
        raise refuse("when", f"a past has at least 1 day and at most {MOST_DAYS:,}")
    tickers = rule.get("tickers", [])
    assert isinstance(tickers, list)
    return Alert(
        str(rule["name"]),
        str(rule["when"]),
        view,
        tuple(map(str, tickers)),
        days,
        str(rule.get("say", "")),
        _line_of(text, r"when\s*=", start) or start,
    )


def _table_line(text: str, number: int) -> int:
    """The line of the n-th [[alert]]."""
    lines = [at for at, line in enumerate(text.splitlines(), start=1) if re.match(r"\s*\[\[\s*alert\s*\]\]", line)]
    return lines[number] if number < len(lines) else 1


def _line_of(text: str, pattern: str, start: int = 1) -> int:
    """The first line from `start` on that begins with a pattern; 0 where none does."""
    lines = text.splitlines()
    return next((at for at in range(start, len(lines) + 1) if re.match(rf"\s*{pattern}", lines[at - 1])), 0)


# -- told once until it clears -------------------------------------------------------------------------------------

Told = dict[str, dict[str, list[str]]]  # by alert: the conditions it was told under, and the rows it was told of


def settle(
    alerts: Sequence[Alert], met: Mapping[str, Mapping[str, object]], told: Told
) -> tuple[list[tuple[str, str]], Told]:
    """Which (alert, row) to tell now, and what has then been told.

    `met` holds for each alert the rows that meet it by their key. A row that no longer meets it is forgotten, and told again
    when it next does; an alert whose condition was rewritten begins anew.
    """
    fresh: list[tuple[str, str]] = []
    after: Told = {}
    for alert in alerts:
        condition = f"{alert.view}: {alert.when}"
        before = told.get(alert.name, {})
        known = before.get("rows", []) if before.get("condition") == [condition] else []
        fresh += [(alert.name, key) for key in met[alert.name] if key not in known]
        after[alert.name] = {"condition": [condition], "rows": sorted(met[alert.name])}
    return fresh, after
