"""The report in a real browser: headless Chromium, from file://, by mouse, keyboard and at the width of a phone."""

from __future__ import annotations

import csv
import importlib.util
import json
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
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
pytestmark = pytest.mark.skipif(bool(LACKING), reason=f"not installed: {', '.join(LACKING)} (.ci/run installs them)")

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


@pytest.fixture
def css(driver: Any, page: Path) -> Css:
    """The page freshly loaded; a function that finds all elements of a selector."""
    driver.get(page.as_uri())
    return lambda selector: driver.find_elements("css selector", selector)


def tickers(css: Css) -> list[str]:
    return [one.text for one in css("#table tbody tr:not([hidden]) th a")]


def press(driver: Any, *keys: str) -> None:
    from selenium.webdriver import ActionChains

    ActionChains(driver).send_keys(*keys).perform()


def test_it_loads_from_a_file_without_network_and_without_an_error(driver: Any, css: Css, page: Path) -> None:
    css("#open")[0].click()  # every chart is drawn
    assert len(css(".chart canvas")) == len(css("details.company"))
    asked = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    urls = [one["params"]["request"]["url"] for one in asked if one["method"] == "Network.requestWillBeSent"]
    assert page.as_uri() in urls
    assert {url.partition(":")[0] for url in urls} <= {"file", "data", "chrome"}  # chrome: the empty tab before it
    assert [url for url in urls if url.startswith("file:") and url != page.as_uri()] == []
    assert driver.get_log("browser") == []


def test_a_hostile_name_shows_as_text(driver: Any, css: Css) -> None:
    from selenium.webdriver.support.expected_conditions import alert_is_present

    assert not alert_is_present()(driver)
    assert HOSTILE in [one.text for one in css("#table tbody th small")]
    assert "=1+1</script><b>" in [one.text for one in css("#table tbody th small")]
    assert css("img") == []
    assert css("a[href^=javascript]") == []


@pytest.mark.slow
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


@pytest.mark.slow
def test_filtering_and_columns(driver: Any, css: Css, read: sqlite3.Connection) -> None:
    latest = {
        row["ticker"]: row
        for row in read.execute("SELECT *, date < date(?, '-7 days') AS old FROM mnav_latest", (TODAY,))
    }
    everybody = tickers(css)
    css("#find")[0].send_keys("metaplanet")
    assert tickers(css) == ["3350.T"]
    assert css("#count")[0].text.startswith("1 of ")
    css("#find")[0].clear()
    css("#find")[0].send_keys(" ")
    css("#fresh")[0].click()
    assert tickers(css) == [ticker for ticker in everybody if not latest[ticker]["old"]]
    css("#fresh")[0].click()
    css("#where option[value=mnav_market_cap]")[0].click()
    css("#side option[value=above]")[0].click()
    assert tickers(css) == [ticker for ticker in everybody if (latest[ticker]["mnav_market_cap"] or 0) > 1]
    assert not css("th[data-name=debt]")[0].is_displayed()
    css("input.group[value=g5]")[0].click()
    assert css("th[data-name=debt]")[0].is_displayed()


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


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_phone_needs_no_sideways_scrolling(driver: Any, css: Css) -> None:
    phone = {"width": 375, "height": 800, "deviceScaleFactor": 2, "mobile": True}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", phone)
    try:
        driver.refresh()
        css("#open")[0].click()
        for details in css("details.company details"):
            driver.execute_script("arguments[0].open = true", details)
        assert driver.execute_script("return document.documentElement.scrollWidth") <= 375
        assert css("#c0 canvas")[0].size["width"] <= 375
    finally:
        driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
