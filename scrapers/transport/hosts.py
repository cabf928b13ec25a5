"""The hosts that have rules of their own; any other host a source names is asked once a second."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class HostGroup:
    """Hosts that count requests together, how many a second they take in all, who we say we are, and what else they insist on."""

    hosts: tuple[str, ...]
    per_second: float
    agent: Literal["ours", "identity", "browser"] = "ours"
    headers: tuple[tuple[str, str], ...] = ()  # sent besides, in place of ours where the names are the same


HOST_GROUPS = (
    # The SEC allows 10 a second and blocks an address for ten minutes above that: a margin for jitter on the way.
    HostGroup(("www.sec.gov", "data.sec.gov", "efts.sec.gov"), per_second=8, agent="identity"),
    # Yahoo answers 429 to the name of a library; its chart needs neither cookie nor crumb (seen 2026-08-28).
    HostGroup(("query1.finance.yahoo.com", "query2.finance.yahoo.com"), per_second=1 / 2, agent="browser"),
    # Strategy's pages answer 403 to the name of a library; its API takes any (seen 2026-07).
    HostGroup(
        ("www.strategy.com",),
        per_second=1 / 2,
        agent="browser",
        headers=(("Accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"), ("Accept-Language", "en-US,en;q=0.9")),
    ),
    # Nasdaq keeps clients waiting for ever that do not look like its own pages.
    HostGroup(
        ("api.nasdaq.com",),
        per_second=1 / 2,
        agent="browser",
        headers=(
            ("Accept", "application/json, text/plain, */*"),
            ("Origin", "https://www.nasdaq.com"),
            ("Referer", "https://www.nasdaq.com/"),
        ),
    ),
    HostGroup(("api.coingecko.com",), per_second=1 / 12),  # without a key, plan on five a minute
)
# A browser of the summer of 2026: pages turn away names that nobody uses any more.
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36"
