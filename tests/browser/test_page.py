"""The page in a real browser: silent, offline, no wider than the screen, sortable, filterable, linkable."""

import json
import shutil

import pytest
from referee.report.sample import everything, shards
from requirements import need

from groundspeed.referee.report.command import report

WIDTHS = (1280, 390)
SWITCHES = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    root = tmp_path_factory.mktemp("browser")
    return report(shards(root / "records", everything(cuda=True)), root / "reports").as_uri()


@pytest.fixture(scope="module")
def chromium():
    need("selenium", "chromium", "chromedriver")
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for switch in SWITCHES:
        options.add_argument(switch)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver")))
    yield driver
    driver.quit()


@pytest.fixture
def browser(chromium, url):
    """The page, freshly loaded at 1280 pixels."""
    resize(chromium, 1280)
    chromium.get("about:blank")
    chromium.get(url)
    return chromium


def resize(browser, width):
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 700}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def run(browser, script, *arguments):
    return browser.execute_script(f"return {script}", *arguments)


def column(browser, name):
    """Text of a column in the rows that are shown."""
    return run(
        browser,
        """(name => {
            const heads = [...document.querySelectorAll('#rows th')];
            const at = heads.findIndex(head => head.dataset.column === name);
            return [...document.querySelectorAll('#rows tbody tr')]
                .filter(row => !row.hidden).map(row => row.cells[at])
                .map(cell => cell.dataset.sort ?? cell.textContent);
        })(arguments[0])""",
        name,
    )


def click(browser, name):
    selector = f"#rows th[data-column='{name}'] button"
    run(browser, "document.querySelector(arguments[0]).click()", selector)


def choose(browser, name, value):
    script = """((name, value) => {
        const control = document.querySelector(`.filters [name=${name}]`);
        control.value = value;
        control.dispatchEvent(new Event('input', {bubbles: true}));
    })(...arguments)"""
    run(browser, script, name, value)


def test_the_console_is_silent_and_nothing_is_fetched(chromium, url):
    chromium.get("about:blank")
    chromium.get_log("performance")
    chromium.get_log("browser")
    chromium.get(url)
    assert chromium.get_log("browser") == []
    messages = [json.loads(entry["message"])["message"] for entry in chromium.get_log("performance")]
    requests = [
        one["params"]["request"]["url"] for one in messages if one["method"] == "Network.requestWillBeSent"
    ]
    assert requests, "the performance log must at least hold the page itself"
    assert {one for one in requests if not one.startswith("data:")} == {url}
    assert run(chromium, "performance.getEntriesByType('resource').map(one => one.name)") in ([], ["data:,"])


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_the_screen(browser, width, scheme):
    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    resize(browser, width)
    run(browser, "document.querySelectorAll('details').forEach(one => { one.open = true; })")
    assert run(browser, "innerWidth") == width
    assert run(browser, "document.documentElement.scrollWidth") <= width
    too_wide = """[...document.querySelectorAll('main *, header *')]
        .filter(one => !one.closest('.scroll, pre') && one.getBoundingClientRect().right > innerWidth + 1)
        .map(one => one.outerHTML.slice(0, 80))"""
    assert run(browser, too_wide) == []


def test_dark_and_light_differ(browser):
    seen = set()
    for scheme in ("light", "dark"):
        media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
        seen.add(run(browser, "getComputedStyle(document.body).backgroundColor"))
    assert len(seen) == 2


def test_sorting_by_numbers_both_ways_keeps_the_unknown_last(browser):
    def numbers():
        values = column(browser, "time")
        known = [float(value) for value in values if value]
        assert values[: len(known)] == [value for value in values if value]
        return known

    before = column(browser, "time")
    click(browser, "time")
    rising = numbers()
    assert rising == sorted(rising)
    assert column(browser, "time") != before
    click(browser, "time")
    assert numbers() == sorted(rising, reverse=True)


def test_sorting_tells_screen_readers(browser):
    def sorts():
        return run(browser, "[...document.querySelectorAll('#rows th')].map(head => head.ariaSort)")

    assert set(sorts()) == {"none"}
    click(browser, "implementation")
    assert sorts().count("ascending") == 1
    click(browser, "implementation")
    assert sorts().count("descending") == 1
    names = [name.lower() for name in column(browser, "implementation")]
    assert names == sorted(names, reverse=True)


def test_filters_narrow_and_count(browser):
    everything = len(column(browser, "lane"))
    choose(browser, "lane", "cold")
    assert set(column(browser, "lane")) == {"cold"}
    choose(browser, "style", "naive")
    assert set(column(browser, "style")) == {"naive"}
    choose(browser, "q", "FLIGHTS pandas")
    assert column(browser, "implementation") == ["pandas apply"]
    assert run(browser, "document.getElementById('shown').textContent") == f"1 of {everything} rows"
    choose(browser, "q", "no such thing")
    assert column(browser, "implementation") == []


def test_the_address_keeps_the_view(browser, url):
    choose(browser, "operation", "haversine_distance")
    choose(browser, "lane", "run")
    click(browser, "time")
    click(browser, "time")
    shown, address = column(browser, "implementation"), browser.current_url
    assert address.startswith(f"{url}#table?")
    browser.get("about:blank")
    browser.get(address)
    assert column(browser, "implementation") == shown
    assert run(browser, "document.querySelector('th[data-column=time]').ariaSort") == "descending"


def test_timed_code_appears_beside_the_bar(browser):
    run(browser, "document.querySelector('.case .more').open = true")
    waiting = """new Promise(done => setTimeout(
        () => done(document.querySelector('.case .more pre')?.textContent), 50))"""
    assert "def strtree_query" in run(browser, waiting)


def test_links_lead_somewhere_on_the_page(browser):
    script = """[...document.querySelectorAll('a[href^="#"]')]
        .filter(link => !document.getElementById(link.hash.slice(1))).length"""
    assert run(browser, script) == 0


def test_the_page_works_without_scripts(chromium, url):
    chromium.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        chromium.get("about:blank")
        chromium.get(url)
        assert "groundspeed[cpu]" in chromium.find_element("css selector", "#rows").text
    finally:
        chromium.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_the_index_page(chromium, url):
    resize(chromium, 390)
    chromium.get(url.replace("sample-machine/", ""))
    assert run(chromium, "document.documentElement.scrollWidth") <= 390
    chromium.find_element("css selector", "h2 a").click()
    assert chromium.current_url == url


def test_the_ladder_of_all_operations_heads_the_page_at_every_width(browser):
    for width in WIDTHS:
        resize(browser, width)
        tops = run(
            browser,
            "[...document.querySelectorAll('.climb, .scores')].map(one => one.getBoundingClientRect().top)",
        )
        assert tops == sorted(tops)
        marks = "[...document.querySelectorAll('.climb .mark')].map(one => one.getBoundingClientRect())"
        inside = f"{marks}.every(one => one.left >= 0 && one.right <= innerWidth && one.width > 4)"
        assert run(browser, inside)


def test_the_rankings_can_be_told_apart_in_every_row(browser):
    choose(browser, "ranking", "tuned")
    assert set(column(browser, "ranking")) == {"tuned"}
    assert "numba tuned" in column(browser, "implementation")
    assert "groundspeed[cpu]" in column(browser, "implementation")
    choose(browser, "ranking", "default")
    assert "numba tuned" not in column(browser, "implementation")
