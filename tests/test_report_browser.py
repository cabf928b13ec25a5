"""The report in a real browser: headless Chromium, from file://, by mouse, keyboard and at the width of a phone."""

from __future__ import annotations

import base64
import csv
import importlib.util
import json
import re
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from scripts.main import mnav
from treasury.amounts import dollars

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
LACKING = [
    name
    for name, there in (
        ("chromium", CHROMIUM), ("chromedriver", DRIVER), ("selenium", importlib.util.find_spec("selenium")), ("jinja2", importlib.util.find_spec("jinja2")),
    )
    if not there
]  # fmt: skip
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(LACKING), reason=f"not installed: {', '.join(LACKING)} (.ci/run installs them)"),
]

TODAY = "2026-09-02"
HOSTILE = "<img src=x onerror=alert(1)>"
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--window-size=1400,1000",
)  # fmt: skip
Css = Callable[[str], Any]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("report")


@pytest.fixture(scope="module")
def page(folder: Path, reference_db: Path) -> Path:
    """The report of the reference data in which one company has a hostile name and one hostile texts around it."""
    database = folder / "mnav.db"
    shutil.copy(reference_db, database)
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE company SET name = ? WHERE ticker = 'ASST'", (HOSTILE,))
        connection.execute("UPDATE company SET name = ? WHERE ticker = 'NAKA'", ("=1+1</script><b>",))
        connection.execute(
            "UPDATE source SET url = 'javascript:alert(1)', title = ? WHERE id = 'dat-prices'", (HOSTILE,)
        )
    connection.close()
    file = folder / "report.html"
    result = CliRunner().invoke(
        mnav, ["-q", "--db", str(database), "report", "-o", str(file), "--today", TODAY], prog_name="mnav"
    )
    assert result.exit_code == 0, result.output
    return file


@pytest.fixture(scope="module")
def driver(folder: Path) -> Iterator[Any]:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in (*FLAGS, f"--user-data-dir={folder / 'profile'}"):
        options.add_argument(flag)
    options.add_experimental_option("prefs", {"download.default_directory": str(folder)})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    browser = webdriver.Chrome(options=options, service=Service(DRIVER))
    yield browser
    browser.quit()


def loaded(driver: Any, load: Callable[[], None]) -> None:
    """Loads, and waits until another page than before stands whole with its first chart: on a busy machine the driver
    comes back while the page is still read."""
    from selenium.webdriver.support.wait import WebDriverWait

    driver.execute_script("window.before = true")
    load()
    WebDriverWait(driver, 60).until(
        lambda _: driver.execute_script(
            "return !window.before && document.readyState === 'complete' && !!document.querySelector('#c0 .u-over')"
        )
    )


@pytest.fixture
def css(driver: Any, page: Path) -> Css:
    """The page freshly loaded; a function that finds all elements of a selector."""
    driver.get("about:blank")  # else the browser takes it for a reload, and fills in what the test before chose
    loaded(driver, lambda: driver.get(page.as_uri()))
    return lambda selector: driver.find_elements("css selector", selector)


def tickers(css: Css) -> list[str]:
    return [one.text for one in css("#table tbody tr:not([hidden]) th a")]


def find(css: Css, *words: str) -> list[str]:
    """The tickers left in the table once these words are typed."""
    css("#find")[0].clear()
    css("#find")[0].send_keys(*(words or (" ",)))
    return tickers(css)


@contextmanager
def screen(driver: Any, width: int, theme: str = "light") -> Iterator[None]:
    """A screen of that many pixels across on a system that is light or dark."""
    metrics = {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": width < 500}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    media = [{"name": "prefers-color-scheme", "value": theme}]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": media})
    try:
        loaded(driver, driver.refresh)
        yield
    finally:
        driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})


def press(driver: Any, *keys: str) -> None:
    from selenium.webdriver import ActionChains

    ActionChains(driver).send_keys(*keys).perform()


def test_it_loads_from_a_file_without_network_and_without_an_error(driver: Any, css: Css, page: Path) -> None:
    css("#open")[0].click()  # every chart is drawn
    assert len(css(".chart canvas")) == len(css("details.company"))
    asked = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    urls = [one["params"]["request"]["url"] for one in asked if one["method"] == "Network.requestWillBeSent"]
    assert page.as_uri() in urls
    schemes = {url.partition(":")[0] for url in urls}
    assert schemes <= {"file", "data", "chrome", "chrome-untrusted"}  # the last two: the empty tab before it
    assert [url for url in urls if url.startswith("file:") and url != page.as_uri()] == []
    assert driver.get_log("browser") == []


def test_a_hostile_name_shows_as_text(driver: Any, css: Css) -> None:
    from selenium.webdriver.support.expected_conditions import alert_is_present

    assert not alert_is_present()(driver)
    assert HOSTILE in [one.text for one in css("#table tbody th small")]
    assert "=1+1</script><b>" in [one.text for one in css("#table tbody th small")]
    assert css("img") == []
    assert css("a[href^=javascript]") == []


def test_sorting_by_mouse_and_by_keyboard(driver: Any, css: Css) -> None:
    from selenium.webdriver.common.keys import Keys

    before = tickers(css)
    assert before[0] == "MSTR"  # most bitcoin first, as it comes
    place = [th.get_attribute("data-name") for th in css("#table thead tr:last-child th")].index("mnav_market_cap") + 1
    (head,) = css("#table thead th[data-name=mnav_market_cap] button")
    head.click()
    values = [float(v) for one in css(f"#table tbody td:nth-child({place})") if (v := one.get_attribute("data-v"))]
    assert len(values) > 5
    assert values == sorted(values, reverse=True)
    head.send_keys(Keys.ENTER)
    assert css("th[data-name=mnav_market_cap]")[0].get_attribute("aria-sort") == "ascending"
    again = [float(v) for one in css(f"#table tbody td:nth-child({place})") if (v := one.get_attribute("data-v"))]
    assert again == sorted(values)
    press(driver, Keys.TAB, Keys.ENTER)  # on to the next column
    assert css("th[data-name=mnav_diluted]")[0].get_attribute("aria-sort") == "descending"
    place = [th.get_attribute("data-name") for th in css("#table thead tr:last-child th")].index("mnav_diluted") + 1
    known = [one.get_attribute("data-v") for one in css(f"#table tbody td:nth-child({place})")]
    assert known[0] is not None
    assert known == [value for value in known if value is not None] + [None] * known.count(None), "unknown stays last"
    css("#table thead th:first-child button")[0].click()
    assert tickers(css) == sorted(before)


def test_filtering_and_columns(driver: Any, css: Css, read: sqlite3.Connection) -> None:
    latest = {
        row["ticker"]: row
        for row in read.execute("SELECT *, date < date(?, '-7 days') AS old FROM mnav_latest", (TODAY,))
    }
    everybody = tickers(css)
    assert find(css, "metaplanet") == ["3350.T"]
    assert css("#count")[0].text.startswith("1 of ")
    assert find(css, "microstrategy") == ["MSTR"]  # a former name
    assert find(css) == everybody
    css("#league details.more summary")[0].click()
    css("#fresh")[0].click()
    assert tickers(css) == [ticker for ticker in everybody if not latest[ticker]["old"]]
    css("#fresh")[0].click()
    css("#where option[value=mnav_market_cap]")[0].click()
    css("#side option[value=above]")[0].click()
    assert tickers(css) == [ticker for ticker in everybody if (latest[ticker]["mnav_market_cap"] or 0) > 1]


def test_a_country_and_a_company_that_is_not_valued_are_found(css: Css, read: sqlite3.Connection) -> None:
    latest = {row["ticker"]: row["country"] for row in read.execute("SELECT ticker, country FROM mnav_latest")}
    everybody = tickers(css)
    assert find(css, "japan") == [ticker for ticker in everybody if latest[ticker] == "JP"]
    assert find(css, "kitabo") == []
    assert css("#count")[0].text == f"0 of {len(everybody)} companies; 1 other is not in the table: below it stands why"
    (row,) = [one for one in css("#others tbody tr") if one.is_displayed()]
    assert "no price known" in row.text
    find(css, "marathon")
    (row,) = [one for one in css("#others tbody tr") if one.is_displayed()]
    assert row.text.startswith("MARA ")
    assert "counts as miner" in row.text
    find(css)
    assert not css("#others")[0].get_attribute("open")


def test_the_reader_chooses_the_columns_and_they_stay_chosen(driver: Any, css: Css) -> None:
    def head(name: str) -> Any:
        return css(f"#table th[data-name={name}]")[0]

    def over(group: str) -> int:
        return int(next(one for one in css("#table th.group") if one.text == group).get_attribute("colspan"))

    assert not head("debt").is_displayed()
    css("#chooser summary")[0].click()
    css("input.column[value=debt]")[0].click()
    assert head("debt").is_displayed()
    assert over("Balance sheet") == 1
    group = driver.execute_script("return document.querySelector('input.column[value=debt]').dataset.group")
    css(f"input.group[value='{group}']")[0].click()
    assert head("leverage").is_displayed()
    assert over("Balance sheet") == len(css(f"input.column[data-group='{group}']"))
    assert head("mnav_ev").is_displayed()
    css("input.column[value=mnav_ev]")[0].click()
    assert not head("mnav_ev").is_displayed()
    loaded(driver, driver.refresh)
    assert not head("mnav_ev").is_displayed()
    css("#chooser summary")[0].click()
    css("#usual")[0].click()
    assert head("mnav_ev").is_displayed()
    assert not head("debt").is_displayed()


def test_light_and_dark_are_the_systems_until_one_is_chosen(driver: Any, css: Css) -> None:
    def shade() -> int:
        """Of the page behind the text: 0 black to 255 white."""
        text = driver.execute_script("return getComputedStyle(document.body).backgroundColor")
        return int(re.findall(r"\d+", text)[0])

    with screen(driver, 1280, "dark"):
        assert shade() < 60
        dark = css("#c0 .u-wrap")[0].screenshot_as_png
        css("#theme")[0].click()
        assert shade() == 255
        assert css("#theme")[0].text == "Dark"
        assert css("#c0 .u-wrap")[0].screenshot_as_png != dark
        loaded(driver, driver.refresh)
        assert shade() == 255  # chosen, and kept
        css("#theme")[0].click()
        assert shade() < 60
        driver.execute_script("localStorage.clear()")


def test_the_league_table_fits_a_screen_of_1280(driver: Any, css: Css) -> None:
    with screen(driver, 1280):
        (box,) = css("#league > .wide")
        wide, room = driver.execute_script("return [arguments[0].scrollWidth, arguments[0].clientWidth]", box)
        assert wide <= room
        assert driver.execute_script("return document.documentElement.scrollWidth") <= 1280
        sections = [one.get_attribute("id") for one in css("main > section")]
        assert sections == ["league", "market", "companies", "quality", "definitions"]


def test_on_a_phone_a_company_is_a_card_with_its_multiple_first(
    driver: Any, css: Css, read: sqlite3.Connection
) -> None:
    with screen(driver, 390):
        first = css("#table tbody tr")[0]
        (value,) = read.execute("SELECT mnav_ev FROM mnav_latest WHERE ticker = 'MSTR'").fetchone()
        shown = first.find_element("css selector", ".first b")
        assert shown.text == f"{value:.3f}x"
        assert shown.rect["y"] < 844  # on the first screen, nothing scrolled
        assert driver.execute_script("return document.documentElement.scrollWidth") <= 390
        blocks = css("#c0 .stack .owe")
        assert len(blocks) > 8  # tranches
        assert all(block.size["height"] > 8 and block.size["width"] >= 2 for block in blocks)
        labels = [
            driver.execute_script("return getComputedStyle(arguments[0], '::before').content", cell)
            for cell in first.find_elements("css selector", "td:not([hidden])")
        ]
        assert '"basic"' in labels
        place = next(
            one for one in css("#by option") if one.get_attribute("textContent") == "implied premium %"
        ).get_attribute("value")
        driver.execute_script(
            "const by = arguments[0]; by.value = arguments[1]; by.dispatchEvent(new Event('change'))",
            css("#by")[0],
            place,
        )
        values = [one.get_attribute("data-v") for one in css(f"#table tbody td:nth-child({int(place) + 1})")]
        known = [float(one) for one in values if one is not None]
        assert known == sorted(known, reverse=True)
        assert values[len(known) :] == [None] * (len(values) - len(known))


def test_every_section_is_reached_and_every_detail_opened_by_keyboard(driver: Any, css: Css) -> None:
    from selenium.webdriver.common.keys import Keys

    def focused() -> Any:
        return driver.switch_to.active_element

    press(driver, Keys.TAB)
    assert focused().text == "Skip to the league table"
    press(driver, Keys.ENTER)
    assert focused().get_attribute("id") == "league"
    for link in css("nav a"):
        driver.execute_script("arguments[0].focus()", link)
        press(driver, Keys.ENTER)
        target = link.get_attribute("href").partition("#")[2]
        assert focused().get_attribute("id") == target
        press(driver, Keys.TAB)  # and on into it
        assert driver.execute_script(f"return document.getElementById('{target}').contains(document.activeElement)")
    for summary in css("#c1 > summary, #others > summary"):
        driver.execute_script("arguments[0].focus()", summary)
        press(driver, Keys.ENTER)
        assert summary.find_element("xpath", "..").get_attribute("open")
    assert css("#c1 canvas")


@pytest.mark.skipif(not importlib.util.find_spec("axe_core_python"), reason="not installed: axe-core-python")
@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (390, "dark")])
def test_axe_finds_nothing(driver: Any, css: Css, reference_db: Path, folder: Path, width: int, theme: str) -> None:
    """Of one company with everything opened: each further one is more of the same."""
    import axe_core_python

    file = folder / "one.html"
    if not file.exists():
        arguments = ["-q", "--db", str(reference_db), "report", "3350.T", "-o", str(file), "--today", TODAY]
        assert CliRunner().invoke(mnav, arguments, prog_name="mnav").exit_code == 0
    loaded(driver, lambda: driver.get(file.as_uri()))
    with screen(driver, width, theme):
        driver.execute_script("for (const one of document.querySelectorAll('details')) one.open = true")
        driver.execute_script(
            "for (const one of document.querySelectorAll('tbody tr:nth-child(n + 6)')) one.remove()"
        )  # alike
        driver.execute_script(Path(axe_core_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8"))
        driver.set_script_timeout(300)
        found = driver.execute_async_script("axe.run().then(arguments[0])")
        assert len(found["passes"]) > 20
        assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == []


def test_it_prints_light_and_within_its_pages(driver: Any, css: Css) -> None:
    with screen(driver, 1280, "dark"):
        driver.execute_script(
            "addEventListener('beforeprint', () => { window.printed = document.documentElement.dataset.theme; })"
        )
        pdf = base64.b64decode(driver.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})["data"])
        assert driver.execute_script("return window.printed") == "light"
        assert driver.execute_script("return document.documentElement.dataset.theme") is None
        sizes = re.findall(rb"/MediaBox ?\[0 0 ([\d.]+) ([\d.]+)\]", pdf)
        assert {(round(float(width)), round(float(height))) for width, height in sizes} == {(842, 595)}  # A4 across
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
        driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": 1046, "height": 718, "deviceScaleFactor": 1, "mobile": False},
        )
        assert (
            driver.execute_script("return document.documentElement.scrollWidth") <= 1046
        )  # A4 across without its margins
        assert not css("nav")[0].is_displayed()
        assert css("#c0 .legend")[0].is_displayed()


def test_hovering_shows_the_numbers_of_the_database(driver: Any, css: Css, read: sqlite3.Connection) -> None:
    from selenium.webdriver import ActionChains

    over = css("#c0 .u-over")[0]
    driver.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", over)
    ActionChains(driver).move_to_element_with_offset(over, over.size["width"] // 4, 20).perform()
    (tip,) = css("#c0 .tip")
    assert tip.is_displayed()
    day, *lines = tip.text.splitlines()
    row = read.execute(
        "SELECT mnav_market_cap, mnav_ev FROM mnav_daily WHERE ticker = 'MSTR' AND date = ?", (day,)
    ).fetchone()
    assert [line.split() for line in lines] == [["basic", f"{row[0]:.3f}x"], ["EV", f"{row[1]:.3f}x"]]


def test_a_band_that_leaves_every_scale_is_cut_and_told(driver: Any, reference_db: Path, tmp_path: Path) -> None:
    """Trump Media's net multiple was in thousands while its claims took nearly all of its bitcoin; its lines stay to be read."""
    file = tmp_path / "djt.html"
    words = ["-q", "--db", str(reference_db), "report", "DJT", "-o", str(file), "--today", TODAY]
    assert CliRunner().invoke(mnav, words, prog_name="mnav").exit_code == 0
    loaded(driver, lambda: driver.get(file.as_uri()))
    (hint,) = driver.find_elements("css selector", "#c0 .tools small")
    assert re.search(r"is cut: it goes to \d,\d{3}x$", hint.get_attribute("textContent"))


def test_switching_definitions_and_zooming(driver: Any, css: Css, read: sqlite3.Connection) -> None:
    from selenium.webdriver.common.keys import Keys

    def reading() -> str:
        return str(css("#c0 .reading")[0].text)

    css("#c0 .tools input[value=mnav_net]")[0].click()
    css("#c0 .tools input[value=mnav_ev]")[0].click()
    css("#c0 .plot")[0].send_keys(Keys.ARROW_LEFT)
    net = read.execute(
        "SELECT date, mnav_market_cap, mnav_net FROM mnav_daily WHERE ticker = 'MSTR' ORDER BY date DESC LIMIT 1"
    ).fetchone()
    assert reading() == f"{net[0]} · basic {net[1]:.3f}x · net {net[2]:.3f}x"
    css("#c0 .tools option[value=implied_premium_usd]")[0].click()
    css("#c0 .plot")[0].send_keys(Keys.ARROW_LEFT)
    (premium,) = read.execute(
        "SELECT implied_premium_usd FROM mnav_daily WHERE ticker = 'MSTR' ORDER BY date DESC LIMIT 1"
    ).fetchone()
    assert reading() == f"{net[0]} · implied premium {dollars(premium)}"
    before = css("#c0 .u-wrap")[0].screenshot_as_png
    next(one for one in css("#c0 .tools button") if one.text == "6 months").click()
    assert css("#c0 .u-wrap")[0].screenshot_as_png != before


def test_the_download_holds_what_is_shown_and_is_safe(css: Css, folder: Path, read: sqlite3.Connection) -> None:
    css("#find")[0].send_keys("na")  # Nakamoto has become =1+1</script><b>, and still is NAKA
    css("#csv")[0].click()
    file = folder / "mnav-league.csv"
    for _ in range(100):
        if file.exists():
            break
        time.sleep(0.05)
    rows = list(csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines()))
    assert [row["ticker"] for row in rows] == tickers(css)
    (one,) = [row for row in rows if row["ticker"] == "NAKA"]
    assert one["name"] == "'=1+1</script><b>"
    assert one["mnav_net"] == ""  # unknown, not 0
    (value,) = read.execute("SELECT mnav_market_cap FROM mnav_latest WHERE ticker = 'NAKA'").fetchone()
    assert float(one["mnav_market_cap"]) == value


def test_a_phone_needs_no_sideways_scrolling(driver: Any, css: Css) -> None:
    with screen(driver, 375):
        css("#open")[0].click()
        for details in css("details.company details"):
            driver.execute_script("arguments[0].open = true", details)
        beyond = """return [...document.querySelectorAll("body *")]
            .filter((one) => one.checkVisibility() && one.getBoundingClientRect().right > 376 && !one.closest(".wide, .scroll, nav, .u-wrap, details:not([open])"))
            .map((one) => one.outerHTML.slice(0, 200))"""
        assert driver.execute_script(beyond) == []
        assert driver.execute_script("return document.documentElement.scrollWidth") <= 375
        assert css("#c0 canvas")[0].size["width"] <= 375


def test_the_served_page_renews_itself_when_a_run_has_ended_and_keeps_what_was_typed(
    driver: Any, reference_db: Path, folder: Path
) -> None:
    from http.server import ThreadingHTTPServer
    from threading import Thread

    from selenium.webdriver.support.wait import WebDriverWait

    from db import open_database
    from db.tables import store
    from scripts.serve import HOST, Live, handler
    from scripts.shared.options import Settings

    path = Path(shutil.copy(reference_db, folder / "served.db"))
    with ThreadingHTTPServer((HOST, 0), handler(Live(Settings(db=path), ("3350.T", "XXI"), False))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        loaded(driver, lambda: driver.get(f"http://{HOST}:{server.server_port}/"))
        driver.find_element("css selector", "#find").send_keys("planet")
        db = open_database(path, writable=True)
        db.execute("UPDATE company SET name = 'Planet of Meta' WHERE ticker = '3350.T'")
        store.end_run(db, store.begin_run(db, "run", "2026-09-02T10:00:00Z", {}), "2026-09-02T10:01:00Z", "done", {})
        db.conn.commit()
        db.close()
        WebDriverWait(driver, 120).until(lambda _: "Planet of Meta" in driver.page_source)
        assert driver.find_element("css selector", "#newer").text == "A run has ended: these are its numbers."
        assert driver.find_element("css selector", "#find").get_property("value") == "planet"
        assert [one.text for one in driver.find_elements("css selector", "#table tbody tr:not([hidden]) th a")] == [
            "3350.T"
        ]
        assert driver.get_log("browser") == []
        server.shutdown()
