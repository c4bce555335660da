"""The queue by keyboard: news shown in place, columns put in order, one ticket leading to the next."""

import re

import pytest
from playwright.sync_api import Page, expect

from records.models import DeskSetting, SavedView
from records.services import comment
from tests.browser.conftest import Visits
from tests.browser.scene import Scene, this_second

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def ask_now(page: Page) -> None:
    """As if the time to ask for news had come."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_what_changed_is_announced_and_shown_without_losing_ones_place(visit: Visits, scene: Scene) -> None:
    page = visit(scene.cast.bob)
    page.goto("/queue/?view=all")
    for key in ("j", "j", "x"):
        page.keyboard.press(key)
    row = page.locator("[data-row].is-current")
    number = row.get_attribute("data-row")
    page.wait_for_timeout(1100)  # instants are kept to the second
    comment(scene.fresh, text="news", is_public=False, actor=scene.cast.alice.actor, now=this_second())
    ask_now(page)
    expect(page.locator("[data-live-words]")).to_have_text("1 changed")
    expect(page).to_have_title(re.compile(r"^\(1\) All open"))
    expect(row).to_have_attribute("data-row", str(number))  # nothing moved by itself
    page.keyboard.press("u")
    expect(page.locator("[data-live-note]")).to_be_hidden()
    expect(page.locator("[data-row].is-current")).to_have_attribute("data-row", str(number))
    expect(page.locator(f"[data-row='{number}'] [data-row-link]")).to_be_focused()
    expect(page.locator("[data-row-select]:checked")).to_have_count(1)
    expect(page.locator("[data-bulk-count]")).to_have_text("1 selected")
    expect(page).to_have_title(re.compile(r"^All open"))


def test_a_view_is_saved_and_its_columns_put_in_order_by_keyboard(visit: Visits, scene: Scene) -> None:
    page = visit(scene.cast.bob)
    page.goto("/queue/?view=all&priority=3")
    page.locator("summary", has_text="Columns").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Owner", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Leave out Owner")).to_be_focused()
    for _step in range(2):
        page.get_by_role("button", name="Move Owner to the left").press("Enter")
    page.get_by_role("button", name="Show these").press("Enter")
    heads = page.locator("thead th")
    expect(heads.nth(6)).to_have_text("Owner")
    page.keyboard.press("v")
    page.get_by_label("Name (English)").fill("Moderate ones")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Moderate ones")
    view = SavedView.objects.get()
    assert (view.filters, view.columns[5]) == ({"priority": ["3"]}, "owner")


def test_after_a_note_the_next_ticket_of_the_list_opens_for_who_wants_that(
    visit: Visits, scene: Scene
) -> None:
    DeskSetting.objects.create(user=scene.cast.bob, after="next")
    page = visit(scene.cast.bob)
    page.goto("/queue/?view=all")
    for key in ("j", "Enter"):
        page.keyboard.press(key)
    expect(page.locator("[data-place-words]")).to_have_text("1 of 3")
    page.keyboard.press("n")
    page.keyboard.type("seen")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-place-words]")).to_have_text("2 of 3")
    page.keyboard.press("j")
    expect(page.locator("[data-place-words]")).to_have_text("3 of 3")
    page.keyboard.press("k")
    expect(page.locator("[data-place-words]")).to_have_text("2 of 3")
