"""A real Chromium that looks at the pages of a real server with the Coventry sample."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.e2e.commands import Sample, created
from tests.e2e.conftest import migrated, sample

__all__ = ["migrated", "sample"]  # the deployment that they make is the one looked at

NAMES = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WIDTHS = {"phone": (390, 844), "desk": (1280, 900)}


@dataclass
class Looked:
    """A page as it was opened, with what it asked for and what it complained of."""

    page: Page
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, address: str, key: str | None = None) -> Page:
        """Go to an address with a key or without, which must answer with a page."""
        if key:
            self.page.set_extra_http_headers({"Authorization": f"Bearer {key}"})
        answer = self.page.goto(address)
        assert answer
        assert (answer.status, answer.headers["content-type"].partition(";")[0]) == (200, "text/html")
        return self.page


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.fail(f"no browser to look with: none of {', '.join(NAMES)} is on the PATH", pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=OPTIONS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def key(sample: Sample) -> str:
    """A key that may read every report."""
    return sample.deployment.key("reports:read", "reports:regional")


@pytest.fixture(scope="session")
def published(sample: Sample) -> str:
    """The address of a publication that anyone may read."""
    reference = sample.deployment.run("publish", "annual", "2024-25", "--as-at", "2025-03-31").stdout.strip()
    with sample.server.client(sample.deployment.key("reports:publish")) as client:
        created(client.post(f"/v1/publications/{reference}/release", json={"approved_by": "Cabinet"}))
    return f"{sample.server.url}/v1/publications/{reference}?format=html"


@pytest.fixture(params=WIDTHS)
def context(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[BrowserContext]:
    """A phone's screen, or a desk's."""
    width, height = WIDTHS[request.param]
    made = chromium.new_context(viewport={"width": width, "height": height})
    yield made
    made.close()


@pytest.fixture
def looked(context: BrowserContext) -> Looked:
    found = Looked(context.new_page())
    found.page.on("request", lambda request: found.asked.append(request.url))
    found.page.on("console", lambda message: found.complaints.append(message.text))
    found.page.on("pageerror", lambda error: found.complaints.append(str(error)))
    return found
