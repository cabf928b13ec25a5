"""Who is meant: the real collisions, dialects, renames and mergers of PITFALLS (b), over the reference data."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from conftest import Rows

from treasury.intake.identity import Alias, Identity, Listed, Match, Stranger, plain_name, read_symbol

DAY = date(2026, 11, 2)


@pytest.fixture(scope="module")
def identity(reference: Callable[[str], Rows]) -> Identity:
    def day(text: str) -> date | None:
        return date.fromisoformat(text) if text else None

    return Identity(
        [
            Listed(row["ticker"], row["name"], row["mic"] or None, row["cik"] or None, day(row["active_to"]))
            for row in reference("companies")
        ],
        [
            Alias(row["ticker"], row["alias"], row["kind"], day(row["valid_from"]), day(row["valid_to"]))
            for row in reference("aliases")
        ],
    )


@pytest.mark.parametrize("symbol", ["COIN", "SWC", "NA", "HODL", "CAN", "PRE", "ANY", "IMG", "LOC", "TAP", "SIX", "PHX", "SQ", "MSTR"])  # fmt: skip
def test_a_bare_symbol_matches_nobody(identity: Identity, symbol: str) -> None:
    assert isinstance(identity.match(symbol, DAY), Stranger)


@pytest.mark.parametrize(
    ("printed", "ticker"),
    [
        ("NASDAQ:COIN", "COIN"), ("COIN:NADQ", "COIN"), ("COIN.US", "COIN"), ("COIN:AQUIS", "COIN.AQ"), ("COIN.AQ", "COIN.AQ"),
        ("HODL:AQUIS", "HODL.AQ"), ("CSE:HODL", "HODL.CN"), ("HODL.CN", "HODL.CN"), ("NASDAQ:NA", "NA"), ("LON:SWC", "SWC.L"),
        ("SWC.AQ:AQSE", "SWC.L"), ("BTGGF:TCMKTS", "ADE.DE"), ("OTCMKTS:DMGGF", "DMGI.V"), ("HKG:1357", "1357.HK"),
        ("CORZ:NASDAQ", "CORZ"), ("JAS. BK", "JAS.BK"), ("NTHOL TI:IST", "NTHOL.IS"), ("3350.T:TYO", "3350.T"), ("MTPLF.US", "3350.T"),
        ("NYSEAMERICAN: GNS", "GNS"), ("NYSE:KULR", "KULR"), ("AQSE:PNIX", "PNIX.AQ"), ("H100:NGM", "H100.ST"), ("H100.ST", "H100.ST"),
    ],
)  # fmt: skip
def test_a_symbol_with_its_exchange_matches_one_company(identity: Identity, printed: str, ticker: str) -> None:
    assert identity.match(printed, DAY) == Match(ticker)


def test_tse_is_tokyo_at_bitbo_and_toronto_at_coingecko(identity: Identity) -> None:
    assert identity.match("3825.T:TSE", DAY, dialect="bitbo") == Match("3825.T")
    assert isinstance(identity.match("3825.T:TSE", DAY, dialect="coingecko"), Stranger)
    assert getattr(identity.match("TSE: GLXY", DAY, dialect="coingecko"), "ticker", None) == "GLXY"
    assert isinstance(identity.match("TSE: GLXY", DAY, dialect="bitbo"), Stranger)
    assert isinstance(identity.match("TSE:3825", DAY), Stranger), "whose TSE nobody says"


def test_bse_is_bombay_and_bahrain_and_one_company_has_each_symbol(identity: Identity) -> None:
    assert identity.match("JETKINGQ:BSE", DAY, dialect="bitbo") == Match("JETKINGQ.BO")
    assert identity.match("ABRAAJ:BSE", DAY, dialect="bitbo") == Match("ABRAAJ.BH")


@pytest.mark.parametrize(
    ("printed", "ticker"),
    [("SQ:NYSE", "XYZ"), ("CCCM:NASDAQ", "BRR"), ("CEP.US", "XXI"), ("ALTBG:ALXP", "ALCPB.PA"), ("TSXV: DASH", "NDA.V")],
)  # fmt: skip
def test_a_dead_symbol_matches_and_says_so(identity: Identity, printed: str, ticker: str) -> None:
    match = identity.match(printed, DAY)
    assert isinstance(match, Match)
    assert match.ticker == ticker
    assert match.dead is not None
    assert "former symbol" in match.dead


def test_a_merged_company_is_marked_from_the_day_of_the_merger(identity: Identity) -> None:
    assert identity.match("SMLR:NASDAQ", date(2026, 1, 15)) == Match("SMLR")
    merged = identity.match("SMLR:NASDAQ", date(2026, 1, 16))
    assert merged == Match("SMLR", "SMLR no longer stands alone since 2026-01-16")


def test_a_name_stands_alone_only_where_there_is_no_symbol(identity: Identity) -> None:
    assert identity.match("Metaplanet Inc.", DAY) == Match("3350.T")
    former = identity.match("MicroStrategy", DAY)
    assert isinstance(former, Match)
    assert (former.ticker, former.dead) == ("MSTR", "MicroStrategy is a former name of MSTR")
    assert identity.match("MicroStrategy", date(2024, 6, 1)) == Match("MSTR")
    assert isinstance(identity.match("Strategy & Friends", DAY), Stranger)
    assert isinstance(identity.match("LSE:STR", DAY, name="Strategy Inc"), Stranger), (
        "a name does not carry a strange symbol"
    )


def test_a_name_beside_a_bare_symbol_makes_it_certain_and_a_wrong_name_a_stranger(identity: Identity) -> None:
    assert identity.match("COIN", DAY, name="Coinbase Global, Inc") == Match("COIN")
    assert identity.match("COIN", DAY, name="Coinsilium Group") == Match("COIN.AQ")
    assert isinstance(identity.match("SWC", DAY, name="Sibanye Stillwater"), Stranger)
    assert isinstance(identity.match("NASDAQ:COIN", DAY, name="Coinsilium Group Limited"), Stranger)


def test_one_company_under_its_old_and_new_name_is_one(identity: Identity) -> None:
    names = ("Canada Computational Unlimited", "SATO Technologies Corp.")
    assert {getattr(identity.match(name, DAY), "ticker", None) for name in names} == {"SATO.V"}


@pytest.mark.parametrize(
    ("cik", "ticker"),
    [(2070457, "XXI"), (1050446, "MSTR"), (827876, "CLSK"), (1865602, None), (1879726, None), (1771485, None)],
)
def test_a_cik_is_the_listed_company_never_its_shell_or_a_stranger(
    identity: Identity, cik: int, ticker: str | None
) -> None:
    assert getattr(identity.by_cik(cik, DAY), "ticker", None) == ticker


def test_what_two_companies_share_is_a_stranger() -> None:
    twins = Identity([Listed("A", "Same Corp", "XNAS"), Listed("B", "Same Inc", "XNYS")], [])
    assert isinstance(twins.match("Same", DAY), Stranger)
    assert twins.match("B.US", DAY) == Match("B")


def test_an_alias_counts_from_its_first_day_and_is_dead_after_its_last() -> None:
    begins, ends = date(2025, 1, 1), date(2025, 6, 30)
    one = Identity([Listed("NEW", "New Inc", "XNAS")], [Alias("NEW", "OLD:NYSE", "symbol", begins, ends)])
    assert isinstance(one.match("NYSE:OLD", date(2024, 12, 31)), Stranger)
    assert one.match("NYSE:OLD", ends) == Match("NEW")
    assert one.match("NYSE:OLD", date(2025, 7, 1)) == Match("NEW", "OLD is a former symbol of NEW")


def test_a_reused_symbol_belongs_to_who_has_it_now() -> None:
    companies = [Listed("XYZ", "Block Inc", "XNYS"), Listed("SQ", "Squash Inc", "XNYS")]
    assert Identity(companies, [Alias("XYZ", "SQ:NYSE", "symbol")]).match("SQ:NYSE", DAY) == Match("SQ")


def test_symbols_and_names_are_read_as_printed() -> None:
    assert read_symbol("Metaplanet Inc.") is None
    assert read_symbol("TSE: GLXY", "coingecko") == read_symbol("GLXY:TSE", "coingecko")
    assert plain_name("DIGITALX, Limited (ASX)") == plain_name("DigitalX")
    assert plain_name("Méliuz S.A.") == "meliuz"
    assert plain_name("A & B Bitcoin plc") == "a and b bitcoin"


@pytest.mark.parametrize(
    ("typed", "tickers"),
    [
        ("mstr", ["MSTR"]), ("MSTR.US", ["MSTR"]), ("Strategy", ["MSTR"]), ("MicroStrategy", ["MSTR"]),
        ("Metaplanet", ["3350.T"]), (" metaplanet ", ["3350.T"]), ("MTPLF", ["3350.T"]), ("TYO:3350", ["3350.T"]), ("3350", ["3350.T"]),
        ("twenty one", ["XXI"]), ("3350-T", ["3350.T"]), ("XYZ", ["XYZ"]), ("$mstr", ["MSTR"]), ("Smarter Web", ["SWC.L"]),
        ("btc-b", ["BTC-B.ST"]), ("BTC.B", ["BTC-B.ST"]), ("BTC/B", ["BTC-B.ST"]), ("nobody at all", []), ("", []),
    ],
)  # fmt: skip
def test_what_people_type(identity: Identity, typed: str, tickers: list[str]) -> None:
    assert identity.meant(typed) == tickers


@pytest.mark.parametrize(
    ("typed", "first"),
    [("Metaplanett", "3350.T"), ("MSTRR", "MSTR"), ("3350.TT", "3350.T"), ("Micro Strategy", "MSTR")],
)
def test_what_was_likely_meant(identity: Identity, typed: str, first: str) -> None:
    assert identity.near(typed)[0] == first


def test_nobody_is_likely_where_nothing_looks_alike(identity: Identity) -> None:
    assert identity.near("BRK.B") == []


def test_a_name_that_several_companies_begin_with_is_all_of_them(identity: Identity) -> None:
    assert len(identity.meant("Bitcoin")) > 1
