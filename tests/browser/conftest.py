"""A real browser: one Chromium for all tests here, a fresh profile for each person in each test."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    expect,
    sync_playwright,
)

from accounts.models import User
from tests.browser.scene import Scene, make_scene
from tests.cast import Cast

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
NAMES = ("chromium", "chromium-browser", "google-chrome")
PATIENCE = 15_000  # ms; a busy build machine is slow, a page that is wrong stays wrong


def chromium_path() -> str | None:
    """The browser of this machine; CHROMIUM names another one."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """One browser for the whole folder, gone with its last test.

    Playwright keeps an event loop running in this thread, so that Django takes every query for one out of
    asynchronous code; the variable says that we know.
    """
    path = chromium_path()
    if path is None:
        pytest.skip(f"no browser: none of {', '.join(NAMES)} is on PATH and CHROMIUM is not set")
    unsafe = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()
    if unsafe is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
    else:
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = unsafe


class Visits:
    """Opens pages as the people of the cast, and notes whatever a page complains about.

    ``expected`` holds the HTTP statuses of refusals that the test provokes.
    """

    def __init__(self, browser: Browser, address: str) -> None:
        self.browser, self.address = browser, address
        self.problems: list[str] = []
        self.expected: set[int] = set()
        self.contexts: list[BrowserContext] = []
        self.under_way: set[Request] = set()

    def __call__(self, user: User | None = None, *, width: int = 1440, **options: Any) -> Page:
        """A page of a new profile, in which the person is logged in."""
        context = self.browser.new_context(
            base_url=self.address,
            viewport={"width": width, "height": 900},
            reduced_motion="reduce",
            timezone_id="Asia/Shanghai",
            **options,
        )
        context.set_default_timeout(PATIENCE)
        self.contexts.append(context)
        if user:
            client = Client()
            client.force_login(user)
            value = client.cookies["sessionid"].value
            context.add_cookies([{"name": "sessionid", "value": value, "url": self.address}])
        page = context.new_page()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.problems.append(f"{page.url}: {error}"))
        page.on("response", self._answered)
        page.on("request", self._asked)
        page.on("requestfinished", self._done)
        page.on("requestfailed", self._failed)
        return page

    def _heard(self, message: ConsoleMessage) -> None:
        # an answer that says no is judged by its status
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self.problems.append(f"{message.location['url']}: {message.text}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.problems.append(f"{response.status} {response.request.method} {response.url}")

    def _asked(self, request: Request) -> None:
        self.under_way.add(request)

    def _done(self, request: Request) -> None:
        self.under_way.discard(request)

    def _failed(self, request: Request) -> None:
        self.under_way.discard(request)
        if request.failure != "net::ERR_ABORTED":  # left behind when the page was left
            self.problems.append(f"{request.failure} {request.url}")

    def settle(self, page: Page) -> None:
        """Wait until nothing is asked any more: what a page fetches after it was read is there."""
        for _moment in range(250):
            if not self.under_way:
                break
            page.wait_for_timeout(20)

    def end(self) -> None:
        """Close everything; the server has nothing left to answer when the tables are emptied."""
        for context in self.contexts:
            for page in context.pages:
                self.settle(page)
            context.close()


@pytest.fixture
def visit(chromium: Browser, live_server: Any) -> Iterator[Visits]:
    visits = Visits(chromium, live_server.url)
    yield visits
    visits.end()
    assert visits.problems == []


@pytest.fixture
def scene(live_server: Any, _attachments_in_a_folder_of_their_own: None) -> Scene:
    """The cast with a few tickets in every state, measured around the clock."""
    return make_scene()


@pytest.fixture
def cast(scene: Scene) -> Cast:
    return scene.cast


@pytest.fixture
def a_file(tmp_path: Path) -> Callable[[str, bytes], Path]:
    """Writes a file to upload."""

    def write(name: str, content: bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write
