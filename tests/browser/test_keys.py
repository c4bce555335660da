"""Every common act is one key away, and no key acts while somebody types."""

import re

import pytest
from playwright.sync_api import Page, expect

from incidents.models import Incident
from tests.browser.conftest import Visits
from tests.browser.scene import Scene

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_the_queue_is_worked_by_keyboard(visit: Visits, scene: Scene) -> None:
    page = visit(scene.cast.bob)
    page.goto("/queue/?view=all")
    rows = page.locator("[data-row]")
    expect(rows).to_have_count(3)
    for key, place in (("j", 0), ("j", 1), ("j", 2), ("j", 2), ("k", 1)):
        page.keyboard.press(key)
        expect(rows.nth(place)).to_have_class(re.compile("is-current"))
        expect(rows.nth(place).locator("[data-row-link]")).to_be_focused()
    number = rows.nth(1).locator("[data-row-select]").get_attribute("value")
    page.keyboard.press("x")
    expect(page.locator("[data-bulk-count]")).to_have_text("1 selected")
    page.keyboard.press("a")
    expect(page.locator("#bulk-team")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("i")
    expect(page.locator(".toast-it")).to_be_visible()
    assert Incident.objects.get(number=number).assignee == scene.cast.bob
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/incidents/INC\d+/\?from=view%3Dall$"))
    page.keyboard.press("g")
    page.keyboard.press("q")
    expect(page).to_have_url(re.compile(r"/queue/$"))


def test_search_and_the_list_of_keys_and_the_palette_open_from_anywhere(visit: Visits, scene: Scene) -> None:
    page = visit(scene.cast.mona)
    page.goto("/queue/")
    page.keyboard.press("?")
    expect(page.locator("#keys-sheet")).to_be_visible()
    page.keyboard.press("c")  # nothing acts behind an open sheet
    page.keyboard.press("Escape")
    expect(page.locator("#keys-sheet")).to_be_hidden()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("打印机 c?")
    expect(page.get_by_role("searchbox")).to_have_value("打印机 c?")
    page.get_by_role("searchbox").fill("打印机")
    page.keyboard.press("Enter")
    expect(page.locator("[data-row]")).to_have_count(1)
    expect(page.locator("[data-row]")).to_contain_text("三楼打印机无法打印")
    page.keyboard.press("g")
    page.keyboard.press("d")
    expect(page).to_have_url(re.compile(r"/reports/$"))
    page.keyboard.press("Control+k")
    page.keyboard.type("new inc")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/incidents/new/$"))


def focus_nothing(page: Page) -> None:
    page.keyboard.press("Escape")
    expect(page.locator("textarea:focus, input:focus, select:focus")).to_have_count(0)


def test_a_ticket_is_worked_by_keyboard(visit: Visits, scene: Scene) -> None:
    page = visit(scene.cast.bob)
    page.goto(f"/incidents/{scene.fresh.number}/")
    page.keyboard.press("n")
    expect(page.locator("#composer-body")).to_be_focused()
    expect(page.locator("[name=visibility]:checked")).to_have_value("internal")
    page.keyboard.type("rnpeaic?/ is only text")
    expect(page.locator("#composer-body")).to_have_value("rnpeaic?/ is only text")
    expect(page.locator("#act .act-panel")).to_have_count(0)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".entry-internal")).to_contain_text("is only text")
    focus_nothing(page)
    page.keyboard.press("r")
    expect(page.locator("[name=visibility]:checked")).to_have_value("public")
    for key, field in (("p", "impact"), ("e", "code"), ("a", "team")):
        focus_nothing(page)
        page.keyboard.press(key)
        expect(page.locator(f"#act [name={field}]")).to_be_visible()
    focus_nothing(page)
    page.keyboard.press("i")
    expect(page.locator("#record-side")).to_contain_text("Bob")
    scene.fresh.refresh_from_db()
    assert scene.fresh.assignee == scene.cast.bob
