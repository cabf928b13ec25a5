"""Which of our companies a publisher means: by symbol and exchange, by name where it gives no symbol, or by CIK; never by a guess.

A symbol alone matches nobody: COIN is Coinbase on Nasdaq and Coinsilium on Aquis. Whoever matches nothing, or more than
one company, is a stranger.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

US = frozenset({"XNAS", "XNYS", "XASE"})
HONG_KONG = frozenset({"XHKG", "XGEM"})
STOCKHOLM = frozenset({"XSTO", "FNSE", "XSAT", "XNGM"})
OSLO = frozenset({"XOSL", "MERK"})
PARIS = frozenset({"ALXP", "XPAR"})
OTC = "OTC"  # no exchange of ours: a second line of shares in the United States

EXCHANGES: dict[str, frozenset[str]] = {  # what a word before or after a symbol means, wherever all agree
    **dict.fromkeys(("NASDAQ", "NADQ", "NMS", "NASDAQGS", "NASDAQCM"), frozenset({"XNAS"})),
    "NYSE": frozenset({"XNYS", "XASE"}),  # trackers write NYSE for NYSE American too
    **dict.fromkeys(("NYSEAMERICAN", "AMEX"), frozenset({"XASE"})),
    **dict.fromkeys(("TYO", "JPX"), frozenset({"XTKS"})),
    **dict.fromkeys(("HKG", "HKEX", "HKSE", "SEHK"), HONG_KONG),
    **dict.fromkeys(("LON", "LSE"), frozenset({"XLON"})),
    **dict.fromkeys(("AQSE", "AQUIS"), frozenset({"AQSE"})),
    "TSXV": frozenset({"XTSX"}),
    **dict.fromkeys(("CSE", "CNSX"), frozenset({"XCNQ"})),
    "ASX": frozenset({"XASX"}),
    **dict.fromkeys(("EPA", "ALXP"), PARIS),
    "STO": STOCKHOLM,
    "NGM": frozenset({"XNGM"}),
    "OSE": OSLO,
    **dict.fromkeys(("BKK", "SET"), frozenset({"XBKK"})),
    "KRX": frozenset({"XKOS"}),
    "XETRA": frozenset({"XETR"}),
    "DUS": frozenset({"XDUS"}),
    "FSE": frozenset({"XFRA"}),
    "B3": frozenset({"BVMF"}),
    "IST": frozenset({"XIST"}),
    "BIT": frozenset({"MTAA"}),
    "ADX": frozenset({"XADS"}),
    "BME": frozenset({"GROW"}),
    **dict.fromkeys(("OTC", "OTCMKTS", "OTCQX", "OTCQB", "OTCID", "TCMKTS", "PINK"), frozenset({OTC})),
}
DIALECTS: dict[str, dict[str, frozenset[str]]] = {  # where publishers differ; a word not told here is a stranger's
    "bitbo": {"TSE": frozenset({"XTKS"}), "TSX": frozenset({"XTSE", "XTKS"}), "BSE": frozenset({"XBOM", "XBAH"})},
    "coingecko": {"TSE": frozenset({"XTSE"}), "TSX": frozenset({"XTSE"})},
}
SUFFIXES: dict[str, frozenset[str]] = {  # Yahoo's, which our tickers carry; .US is CoinGecko's, any line in the United States
    "US": US | {OTC}, "T": frozenset({"XTKS"}), "HK": HONG_KONG, "L": frozenset({"XLON"}), "AQ": frozenset({"AQSE"}),
    "V": frozenset({"XTSX"}), "TO": frozenset({"XTSE"}), "CN": frozenset({"XCNQ"}), "NE": frozenset({"NEOE"}),
    "AX": frozenset({"XASX"}), "ST": STOCKHOLM, "NGM": frozenset({"XNGM"}), "PA": PARIS, "DE": frozenset({"XETR"}),
    "F": frozenset({"XFRA"}), "DU": frozenset({"XDUS"}), "OL": OSLO, "BK": frozenset({"XBKK"}), "BO": frozenset({"XBOM"}),
    "SA": frozenset({"BVMF"}), "JO": frozenset({"XJSE"}), "IS": frozenset({"XIST"}), "KQ": frozenset({"XKOS"}),
    "KS": frozenset({"XKOS"}), "MI": frozenset({"MTAA"}), "MC": frozenset({"GROW"}), "BH": frozenset({"XBAH"}),
    "AD": frozenset({"XADS"}),
}  # fmt: skip
FEWEST_LETTERS = 4  # of a name that stands for the one longer name which begins with it
LONGEST_SYMBOL = 6  # what is longer is a name
_LEGAL = re.compile(
    r"\b(incorporated|inc|corporation|corp|company|co|limited|ltd|plc|llc|lp|ag|ab|asa|as|sa|se|nv|pcl|holdings?)\b"
)
_FORMER = re.compile(r"\([^)]*\)")


@dataclass(frozen=True, slots=True)
class Listed:
    """A company as far as telling it apart goes. `active_to` is the first day it no longer stands alone."""

    ticker: str
    name: str
    mic: str | None
    cik: str | None = None
    active_to: date | None = None


@dataclass(frozen=True, slots=True)
class Alias:
    """Another symbol or name of a company, from `valid_from` through `valid_to` where those days are known."""

    ticker: str
    alias: str
    kind: str
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """Our company; `dead` says why the publisher's word for it is no longer in use, or the company no longer alone."""

    ticker: str
    dead: str | None = None


@dataclass(frozen=True, slots=True)
class Stranger:
    """Nobody we know for certain, and why."""

    why: str


@dataclass(frozen=True, slots=True)
class ListedSymbol:
    """A symbol and the exchanges its qualifier can mean; None where it has no qualifier or one nobody knows."""

    root: str
    exchanges: frozenset[str] | None


class Identity:
    """Matches publishers' words against companies and their dated aliases.

    `tranches` are instruments by (ticker, name), `listed` (ticker, instrument) by the symbol under which a market lists it.
    """

    def __init__(
        self,
        companies: Iterable[Listed],
        aliases: Iterable[Alias],
        tranches: Mapping[tuple[str, str], str] | None = None,
        listed: Mapping[str, tuple[str, str]] | None = None,
    ) -> None:
        self._tranches = tranches or {}
        self._listed = listed or {}
        self._companies = {one.ticker: one for one in companies}
        self._ciks: dict[int, list[str]] = {}
        self._symbols: dict[str, list[tuple[frozenset[str], Alias]]] = {}
        self._names: dict[str, list[Alias]] = {}
        for company in self._companies.values():
            if company.cik and company.cik.isdigit():
                self._ciks.setdefault(int(company.cik), []).append(company.ticker)
            self._add_symbol(Alias(company.ticker, company.ticker, "symbol"))
            self._add_name(Alias(company.ticker, company.name, "name"))
        for alias in aliases:
            if alias.ticker in self._companies:
                symbol = alias.kind == "symbol" or ":" in alias.alias
                self._add_symbol(alias) if symbol else self._add_name(alias)

    def instrument(self, ticker: str, printed: str | None) -> str | None:
        """The instrument that a name in a filing means; the name itself where nobody said."""
        return printed and self._tranches.get((ticker, printed), printed)

    def listed_instrument(self, symbol: str) -> tuple[str, str] | None:
        """Whose instrument a market lists under this symbol, and which; None where it lists no instrument of ours."""
        return self._listed.get(symbol)

    def meant(self, typed: str) -> list[str]:
        """The tickers a person may mean by a ticker, symbol or name, in any case and of any day; one where it is certain."""
        typed = typed.strip().removeprefix("$")  # as people write a symbol among words: $MSTR
        text = re.sub(r"[-/]", ".", typed.upper())
        exact = [ticker for ticker in self._companies if re.sub(r"[-/]", ".", ticker.upper()) == text]
        if exact:
            return exact
        symbol = read_symbol(typed.upper())
        roots = {re.sub(r"[-./]", mark, symbol.root) for mark in "-./"} if symbol else set()  # BTC-B, BTC.B, BTC/B
        found = {
            alias.ticker
            for root in roots
            for exchanges, alias in self._symbols.get(root, ())
            if symbol is not None and (symbol.exchanges is None or symbol.exchanges & exchanges)
        }
        name = plain_name(typed)
        found = found or {alias.ticker for alias in self._names.get(name, ())}
        if not found and len(name) >= FEWEST_LETTERS:
            begun = (
                aliases
                for known, aliases in self._names.items()
                if f"{known.removeprefix('the ')} ".startswith(f"{name.removeprefix('the ')} ")
            )
            found = {alias.ticker for aliases in begun for alias in aliases}
        return sorted(found)

    def near(self, typed: str, count: int = 3) -> list[str]:
        """The tickers whose symbol or name looks most like what was typed, the likeliest first."""
        words: dict[str, str] = {ticker.lower(): ticker for ticker in self._companies}
        for name, aliases in self._names.items():
            words.setdefault(name, aliases[0].ticker)
        symbols = difflib.get_close_matches(typed.strip().lower(), words, count, cutoff=0.6)
        names = difflib.get_close_matches(plain_name(typed), words, count, cutoff=0.7)
        likely = names if len(typed) > LONGEST_SYMBOL else symbols
        return list(dict.fromkeys(words[word] for word in likely or names or symbols))[:count]

    def by_ticker(self, ticker: str, day: date) -> Match | Stranger:
        """For sources that use our own tickers."""
        if ticker not in self._companies:
            return Stranger(f"{ticker} is no company of ours")
        return self._matched({ticker: None}, day, ticker)

    def by_cik(self, cik: int, day: date) -> Match | Stranger:
        """The company that files under this number; a shell and what it became have numbers of their own."""
        return self._matched(dict.fromkeys(self._ciks.get(cik, ())), day, f"CIK {cik:010d}")

    def match(self, printed: str, day: date, *, name: str | None = None, dialect: str = "") -> Match | Stranger:
        """Whom a publisher means by a symbol (or, where it has none, a name), on the day it was printed.

        `name` stands beside the symbol: it makes an unqualified symbol certain, and one that is another company's name
        makes the row a stranger's.
        """
        symbol = read_symbol(printed, dialect)
        named: dict[str, str | None] = self._named(name, day) if name else {}
        if symbol is None:
            return self._matched(self._named(printed, day), day, printed)
        if symbol.exchanges is None:
            held = {alias.ticker for _, alias in self._symbols.get(symbol.root, ()) if _in_force(alias, day)}
            both = {ticker: dead for ticker, dead in named.items() if ticker in held}
            if not both:
                return Stranger(f"{printed}: a symbol without a known exchange names nobody for certain")
            return self._matched(both, day, printed)
        found = {
            alias.ticker: _dead(alias, symbol, self._companies[alias.ticker], day)
            for exchanges, alias in self._symbols.get(symbol.root, ())
            if exchanges & symbol.exchanges and _begun(alias, day)
        }
        found = {
            ticker: dead for ticker, dead in found.items() if dead is None
        } or found  # a symbol that was given away belongs to who has it now
        if named and not set(found) & set(named) and found:
            return Stranger(f"{printed} is {', '.join(sorted(found))}, but {name} is {', '.join(sorted(named))}")
        return self._matched(found, day, printed)

    def _matched(self, found: dict[str, str | None], day: date, printed: str) -> Match | Stranger:
        if not found:
            return Stranger(f"{printed} is no company of ours")
        if len(found) > 1:
            return Stranger(f"{printed} may be {' or '.join(sorted(found))}")
        ((ticker, dead),) = found.items()
        ends = self._companies[ticker].active_to
        if ends is not None and day >= ends:
            dead = f"{ticker} no longer stands alone since {ends}"
        return Match(ticker, dead)

    def _named(self, name: str, day: date) -> dict[str, str | None]:
        found: dict[str, str | None] = {}
        for alias in self._names.get(plain_name(name), ()):
            if _in_force(alias, day):
                found[alias.ticker] = None
            elif _begun(alias, day):
                found.setdefault(alias.ticker, f"{alias.alias} is a former name of {alias.ticker}")
        return found

    def _add_symbol(self, alias: Alias) -> None:
        company = self._companies[alias.ticker]
        symbol = read_symbol(alias.alias, _dialect_of(alias.alias, company.mic))
        if symbol is None:
            return
        exchanges = symbol.exchanges or frozenset({company.mic or OTC})
        if symbol.exchanges is None and re.fullmatch(r"[A-Z]{4}[FY]", symbol.root):
            exchanges |= {OTC}  # a fifth letter F or Y: shares of a foreign company over the counter
        self._symbols.setdefault(symbol.root, []).append((exchanges, alias))

    def _add_name(self, alias: Alias) -> None:
        self._names.setdefault(plain_name(alias.alias), []).append(alias)


def read_symbol(printed: str, dialect: str = "") -> ListedSymbol | None:
    """`NASDAQ:MSTR`, `CORZ:NASDAQ`, `TSE: GLXY`, `3350.T`, `JAS. BK` or `MSTR`; None where it is no symbol but a name.

    A symbol without a qualifier is written in capitals.
    """
    words = EXCHANGES | DIALECTS.get(dialect, {})
    text = re.sub(r"\s*([:.])\s*", r"\1", unicodedata.normalize("NFKC", printed).strip())
    parts = [part for part in text.split(":") if part]
    if ":" in text and len(parts) == 2:
        for word, root in (parts, parts[::-1]):
            if word.upper() in words:
                return ListedSymbol(_root(root), words[word.upper()])
        return ListedSymbol(_root(parts[0]), None)
    if not re.fullmatch(r"[A-Z0-9][A-Z0-9.&/-]{0,14}", text):
        return None
    root, _, suffix = text.rpartition(".")
    if root and suffix in SUFFIXES:
        return ListedSymbol(root, SUFFIXES[suffix])
    return ListedSymbol(text, None)


def former_symbol(company: Listed, aliases: Iterable[Alias], day: date) -> str | None:
    """Which symbol of a company is out of use by a day, in words; None where none is."""
    for alias in aliases:
        symbol = read_symbol(alias.alias, _dialect_of(alias.alias, company.mic)) if alias.kind == "symbol" else None
        if symbol is not None and _begun(alias, day) and (dead := _dead(alias, symbol, company, day)):
            return dead
    return None


def plain_name(name: str) -> str:
    """A company's name without case, punctuation, accents, what stands in parentheses, and its legal form."""
    text = unicodedata.normalize("NFKD", _FORMER.sub(" ", name)).encode("ascii", "ignore").decode().lower()
    text = re.sub(r"[.,']", "", text).replace("&", " and ")
    bare = " ".join(_LEGAL.sub(" ", re.sub(r"[^a-z0-9 ]", " ", text)).split())
    return bare or text.strip()


def _dead(alias: Alias, symbol: ListedSymbol, company: Listed, day: date) -> str | None:
    """Why a symbol is out of use: it ended, or its exchange lists the company under another one now."""
    home = read_symbol(company.ticker, "")
    root = company.ticker if home is None else home.root
    moved = company.mic in (symbol.exchanges or ()) and symbol.root != root
    if _ended(alias, day) or moved:
        return f"{symbol.root} is a former symbol of {alias.ticker}"
    return None


def _root(symbol: str) -> str:
    """`3350.T` in `3350.T:TYO` is 3350, `NTHOL TI` with Bloomberg's word for Istanbul is NTHOL."""
    symbol = symbol.upper().partition(" ")[0]
    root, _, suffix = symbol.rpartition(".")
    return root if root and suffix in SUFFIXES else symbol


def _dialect_of(alias: str, mic: str | None) -> str:
    """An alias with TSE or BSE was written down from a tracker: the company's own exchange tells which."""
    if "TSE" not in alias.upper() or mic == "XTKS":
        return "bitbo"
    return "coingecko"


def _begun(alias: Alias, day: date) -> bool:
    return alias.valid_from is None or alias.valid_from <= day


def _ended(alias: Alias, day: date) -> bool:
    return alias.valid_to is not None and alias.valid_to < day


def _in_force(alias: Alias, day: date) -> bool:
    return _begun(alias, day) and not _ended(alias, day)
