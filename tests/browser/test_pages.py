"""The pages of the reports, in a browser: for everyone, on a phone and at a desk, on the screen and on paper."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from services.reporting.pages.page import page as made
from services.reporting.paper import Paper
from tests.browser.conftest import WIDTHS, Looked
from tests.e2e.commands import Sample
from tests.papers import DRAFT_PAPER, PUBLIC_PAPER

ANNUAL = "annual/2024-25?as_at=2025-03-31"
PAGES = [
    ANNUAL,
    "quarterly/2024-25/3?as_at=2024-12-31",
    "progress?as_at=2024-11-12",
    "statutory/2024-25?as_at=2025-03-31",
    "regional/2023-24?as_at=2024-11-12",
]
PUBLISHED = "published"
SAVED = {"draft": DRAFT_PAPER, "public": PUBLIC_PAPER}
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RULES = {"phone": WCAG, "desk": [*WCAG, "best-practice"]}
"""What is good practice besides does not depend on the width."""

LOOKED_OVER = [
    (width, kind) for width in WIDTHS for kind in (*PAGES, PUBLISHED, *SAVED) if (width, kind) != ("desk", ANNUAL)
]
"""The longest page is looked over on a phone alone: at a desk its publication stands for it."""

SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
PAPER_WIDTH = 672
"""CSS pixels between the margins of an A4 page: 210 mm less twice 16 mm, at 96 to the inch."""


@pytest.fixture(params=[*PAGES, PUBLISHED, *SAVED])
def shown(request: pytest.FixtureRequest, looked: Looked, sample: Sample, key: str, tmp_path: Path) -> Page:
    """Every kind of page: made by the server, read by the public without a key, and saved in a file."""
    if request.param == PUBLISHED:
        return looked.open(request.getfixturevalue("published"))
    if request.param in SAVED:
        return looked.open(saved(SAVED[request.param], tmp_path))
    return looked.open(f"{sample.server.url}/v1/reports/{request.param}&format=html", key)


def saved(paper: Paper, folder: Path) -> str:
    (folder / "report.html").write_text(made(paper), "utf-8")
    return (folder / "report.html").as_uri()


@pytest.mark.parametrize(("context", "shown"), LOOKED_OVER, indirect=True)
def test_a_page_is_accessible_asks_for_nothing_and_complains_of_nothing(
    shown: Page, looked: Looked, request: pytest.FixtureRequest
) -> None:
    rules = {"runOnly": {"type": "tag", "values": RULES[request.node.callspec.params["context"]]}}
    found: Any = Axe().run(shown, options=rules).response
    assert {v["id"]: [node["target"] for node in v["nodes"]] for v in found["violations"]} == {}
    assert len(found["passes"]) > 15  # it looked
    assert looked.asked == [shown.url]
    assert looked.complaints == []


def test_a_page_is_no_wider_than_the_screen_and_what_is_wider_scrolls_by_keyboard(shown: Page) -> None:
    assert shown.evaluate(SIDEWAYS) <= 0
    cut = """[...document.querySelectorAll('main div')].filter(e => e.scrollWidth > e.clientWidth)
             .filter(e => e.tabIndex !== 0 || !e.getAttribute('aria-labelledby')).map(e => e.innerText.slice(0, 80))"""
    assert shown.evaluate(cut) == []


def test_the_keyboard_reaches_the_report_first_and_then_every_region(shown: Page) -> None:
    shown.keyboard.press("Tab")
    assert shown.evaluate("document.activeElement.textContent") == "Skip to the report"
    assert shown.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
    shown.keyboard.press("Enter")
    assert shown.evaluate("document.activeElement.id") == "main"
    regions = shown.locator("[role=region]")
    for number in range(regions.count()):
        region = regions.nth(number)
        region.focus()
        assert region.evaluate("e => e === document.activeElement")
        if region.evaluate("e => e.scrollWidth > e.clientWidth"):
            shown.keyboard.press("ArrowRight")
            shown.wait_for_function("e => e.scrollLeft > 0", arg=region.element_handle())


def test_the_contents_lead_to_every_heading(shown: Page) -> None:
    targets = shown.eval_on_selector_all("nav a", "links => links.map(link => link.hash.slice(1))")
    headings = shown.eval_on_selector_all("main :is(h2, h3)", "found => found.map(one => one.id)")
    assert sorted({*targets, "summary", "contents"} & set(headings)) == sorted(headings)
    assert set(targets) <= set(headings)


def test_in_print_nothing_is_cut_off_and_what_is_for_the_screen_is_gone(shown: Page) -> None:
    shown.emulate_media(media="print")
    shown.set_viewport_size({"width": PAPER_WIDTH, "height": 1000})
    assert shown.evaluate(SIDEWAYS) <= 0
    wide = """limit => [...document.querySelectorAll('table, svg')]
              .filter(e => e.getBoundingClientRect().right > limit + 1).map(e => e.textContent.slice(0, 80))"""
    assert shown.evaluate(wide, PAPER_WIDTH) == []
    assert not shown.locator("nav").is_visible()
    assert not shown.locator("body > a").is_visible()
    heads = shown.eval_on_selector_all("thead", "found => found.map(e => getComputedStyle(e).display)")
    assert set(heads) <= {"table-header-group"}
    printed = shown.pdf(prefer_css_page_size=True)
    assert printed.startswith(b"%PDF-")
    assert b"/URI (http" not in printed


def test_a_figure_that_is_a_link_leads_to_its_cases_on_the_same_server(
    looked: Looked, sample: Sample, key: str
) -> None:
    shown = looked.open(f"{sample.server.url}/v1/reports/{ANNUAL}&format=html", key)
    links = shown.eval_on_selector_all("td a", "found => found.map(link => link.href)")
    assert len(links) > 150
    assert {urlsplit(link)[:3] for link in links} == {("http", f"127.0.0.1:{sample.server.port}", "/v1/traces")}


def test_a_browser_that_asks_as_browsers_do_is_shown_the_page(looked: Looked, sample: Sample, key: str) -> None:
    shown = looked.open(f"{sample.server.url}/v1/reports/annual/2024-25", key)
    assert shown.title() == "Annual report on complaints and compliments 2024-25 \N{EN DASH} Coventry City Council"


def test_what_the_public_reads_has_no_way_to_a_case_and_says_what_it_hides(looked: Looked, published: str) -> None:
    shown = looked.open(published)
    assert shown.locator("header strong").inner_text() == "Published"
    assert shown.locator("td a").count() == 0
    assert "Figures marked [c] are not shown" in shown.locator("main > p").first.inner_text()
