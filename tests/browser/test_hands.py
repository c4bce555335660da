"""Two people at one ticket, the palette, acts on a row, and many tickets at once, in a real browser."""

import re

import pytest
from playwright.sync_api import Page, expect

from incidents.models import Incident
from records.models import Activity
from records.services import comment
from tests.browser.conftest import Visits
from tests.browser.scene import Scene, this_second
from tests.cast import make_incident
from workspace.models import BulkEdit

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def look_now(page: Page) -> None:
    """As when somebody comes back to the window: signs of life and news at once."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def see(page: Page, words: str) -> None:
    """What another window sends is there with one of the next signs of life."""
    people = page.locator("[data-live-people]")
    for _time in range(40):
        look_now(page)
        page.wait_for_timeout(200)
        if words in (people.text_content() or ""):
            break
    expect(people).to_contain_text(words)


def test_two_people_see_each_other_and_nothing_typed_is_lost(visit: Visits, scene: Scene) -> None:
    visit.expected.add(409)
    alice, bob = visit(scene.cast.alice), visit(scene.cast.bob)
    url = f"/incidents/{scene.fresh.number}/"
    alice.goto(url)
    bob.goto(url)
    see(alice, "Bob is here too")
    bob.locator("#composer-body").fill("Please restart the printer.")
    see(bob, "Alice is here too")
    see(alice, "Bob is writing a reply")
    alice.locator("#composer-body").fill("Please reinstall the driver.")
    alice.set_input_files(
        "[data-file-input]", {"name": "driver.txt", "mimeType": "text/plain", "buffer": b"how"}
    )
    bob.keyboard.press("Control+Enter")
    expect(bob.locator(".entry-public")).to_contain_text("restart the printer")
    alice.locator("#composer-body").focus()
    alice.keyboard.press("Control+Enter")
    expect(alice.locator("[data-unseen]")).to_contain_text("1 new entry since you opened this ticket")
    expect(alice.locator("#composer-body")).to_have_value("Please reinstall the driver.")
    expect(alice.locator("#composer-body")).to_be_focused()
    alice.locator("[data-unseen] [data-show-news]").click()
    expect(alice.locator(".entry-public.is-new")).to_contain_text("restart the printer")
    expect(alice.locator("#composer-body")).to_have_value("Please reinstall the driver.")
    expect(alice.locator("[data-unseen]")).to_have_count(0)
    alice.locator("#composer-body").focus()
    alice.keyboard.press("Control+Enter")
    expect(alice.locator(".entry-public")).to_have_count(2)
    expect(alice.locator(".entry-public").last).to_contain_text("driver.txt")
    assert Activity.objects.filter(verb="record.replied", record=scene.fresh).count() == 2


def test_news_are_told_and_shown_without_touching_what_is_typed(visit: Visits, scene: Scene) -> None:
    page = visit(scene.cast.alice)
    page.goto(f"/incidents/{scene.fresh.number}/")
    page.locator("#composer-body").press_sequentially("Half a sen")
    comment(scene.fresh, text="又离线了。", is_public=True, actor=scene.cast.rita.actor, now=this_second())
    look_now(page)
    note = page.locator("[data-live-news]")
    expect(note).to_contain_text("Rita")
    expect(page.locator("#composer-body")).to_be_focused()
    note.get_by_role("link", name="Show").click()
    expect(page.locator(".entry-customer.is-new")).to_contain_text("又离线了。")
    expect(note).to_be_hidden()
    expect(page.locator("#composer-body")).to_have_value("Half a sen")


def test_the_palette_goes_anywhere_and_does_what_the_page_offers(visit: Visits, scene: Scene) -> None:
    page = visit(scene.cast.bob)
    page.goto(f"/incidents/{scene.fresh.number}/")
    page.goto("/queue/?view=all")
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="Command or search")
    expect(field).to_be_focused()
    expect(page.get_by_role("option").filter(has_text=scene.fresh.number)).to_be_visible()  # a recent one
    field.fill("投影")
    expect(page.get_by_role("option").filter(has_text=scene.missed.number)).to_be_visible()
    field.fill("rstr")  # Roster, by its letters
    expect(page.get_by_role("option").first).to_contain_text("Roster")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Commands", exact=True).click()
    field.fill(scene.missed.number.removeprefix("INC").lstrip("0"))
    expect(page.get_by_role("option").filter(has_text=scene.missed.number)).to_be_visible()
    page.get_by_role("option").filter(has_text=scene.missed.number).click()
    expect(page).to_have_url(re.compile(scene.missed.number))
    page.keyboard.press("Control+k")
    field.fill("change prio")
    expect(page.get_by_role("option").first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page.locator("#act [name=impact]")).to_be_visible()


def test_a_row_is_acted_on_without_leaving_the_list(visit: Visits, scene: Scene) -> None:
    visit.expected.add(422)
    page = visit(scene.cast.bob)
    page.goto("/queue/?view=all")
    row = page.locator("[data-row]").filter(has_text="三楼打印机无法打印")
    number = scene.fresh.number
    for _step in range(3):
        page.keyboard.press("j")
        if "is-current" in (row.get_attribute("class") or ""):
            break
    dialog = page.locator("#row-act")
    page.keyboard.press("n")
    expect(dialog).to_contain_text(number)
    expect(dialog.locator("#composer-body")).to_be_focused()
    page.keyboard.type("From the list.")
    page.keyboard.press("Control+Enter")
    expect(dialog).to_be_hidden()
    assert Activity.objects.filter(verb="record.noted", text="From the list.").count() == 1
    expect(row).to_have_class(re.compile("is-current"))
    page.keyboard.press("p")
    expect(dialog.locator("[name=impact]")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.keyboard.press("i")
    expect(row).to_contain_text("Bob")
    expect(page).to_have_url(re.compile("/queue/"))
    assert Incident.objects.get(number=number).assignee == scene.cast.bob


def test_many_tickets_are_changed_with_a_preview(visit: Visits, scene: Scene) -> None:
    page = visit(scene.cast.mona)
    page.goto("/queue/?view=all")
    page.locator("[data-row-select]").first.check()
    page.get_by_role("button", name=re.compile("All of this view")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Change 3 tickets")
    expect(page.locator("#id_note-value")).to_be_hidden()
    page.get_by_label("Add an internal note").check()
    page.locator("#id_note-value").fill("Seen.")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("Will be changed").first).to_be_visible()
    expect(page.locator("[data-row]")).to_have_count(3)
    assert not Activity.objects.filter(verb="record.noted", text="Seen.").exists()
    page.get_by_role("button", name="Make the changes").click()
    expect(page.locator("#bulk-progress")).to_contain_text("3 of 3 tickets")
    edit = BulkEdit.objects.get()
    assert edit.state == "done"
    assert Activity.objects.filter(verb="record.noted", text="Seen.").count() == 3
    narrow = visit(scene.cast.mona, width=390)
    narrow.goto(f"/bulk/{edit.pk}/")
    assert narrow.evaluate("document.documentElement.scrollWidth") == 390
    narrow.get_by_role("button", name="Commands", exact=True).click()
    expect(narrow.get_by_role("combobox", name="Command or search")).to_be_focused()


def test_a_draft_shows_in_the_list(visit: Visits, scene: Scene) -> None:
    other = make_incident(scene.cast, now=this_second(), title="Another one")
    page = visit(scene.cast.alice)
    page.goto(f"/incidents/{scene.fresh.number}/")
    page.locator("#composer-body").fill("Not sent yet")
    expect(page.locator("[data-draft-state]").last).to_contain_text("Draft saved")
    page.goto("/queue/?view=all")
    expect(
        page.locator("[data-row]").filter(has_text="三楼打印机无法打印").locator(".row-draft")
    ).to_be_visible()
    expect(page.locator("[data-row]").filter(has_text=other.title).locator(".row-draft")).to_have_count(0)
