"""The agent's day: a call is logged, answered, held, resolved, confirmed and closed, by keyboard."""

import re
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from incidents.models import Incident
from itsm.templatetags.ui import instant_words
from sla.models import Clock, Metric
from tests.browser.conftest import Visits
from tests.browser.scene import Scene

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def choose(page: Page, words: str) -> None:
    """Type into the typeahead that has the cursor, take the first choice and go on."""
    page.keyboard.type(words)
    first = page.locator(".ts-dropdown:visible .option").first
    expect(first).to_contain_text(re.compile(words, re.IGNORECASE))
    page.keyboard.press("Enter")


@pytest.mark.req("SD-01", "SD-02", "SD-03", "SD-04", "SD-10", "SD-14", "INC-01", "INC-02", "INC-25")
def test_an_agent_takes_a_call_from_logging_to_closing(visit: Visits, scene: Scene) -> None:
    visit.expected = {422}  # resolving without steps
    page = visit(scene.cast.alice)
    page.goto("/queue/")
    page.keyboard.press("c")
    expect(page.locator("#id_requester-ts-control")).to_be_focused()
    choose(page, "rita")
    expect(page.locator("#id_customer + .ts-wrapper .item")).to_contain_text("Acme")
    page.keyboard.press("Tab")
    page.keyboard.type("Nothing leaves the outbox")
    page.keyboard.press("Tab")
    page.keyboard.type("Since this morning.")
    page.keyboard.press("Tab")
    choose(page, "e-mail")
    page.keyboard.press("Tab")
    expect(page.locator("#id_item-ts-control")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("[name=level]:checked")).to_be_focused()
    page.keyboard.press("ArrowLeft")  # medium impact, high urgency
    expect(page.locator("#preview .priority-shown")).to_have_text("High")
    expect(page.locator("#preview .fact").first).to_contain_text(re.compile(r"by \d{4}-\d\d-\d\d \d\d:\d\d"))
    page.keyboard.press("Control+Enter")
    expect(page).to_have_url(re.compile(r"/incidents/INC\d+/$"))

    incident = Incident.objects.latest("pk")
    assert (incident.title, incident.service, incident.priority) == (
        "Nothing leaves the outbox", scene.cast.mail, 2,
    )  # fmt: skip
    due = {c.metric: c.due_at for c in Clock.objects.filter(record=incident.pk)}
    targets = page.locator("#record-targets")
    zone = ZoneInfo(scene.cast.alice.time_zone)
    for metric in (Metric.FIRST_RESPONSE, Metric.RESOLUTION):
        promised = due[metric]
        assert promised is not None
        expect(targets).to_contain_text(f"Due {instant_words(promised, zone)}")

    answer_hold_and_resume(page)
    resolve_and_close(page)
    incident.refresh_from_db()
    assert (incident.state, incident.resolution) == ("closed", "Restarted the mail gateway.")
    assert incident.confirmed_at


def answer_hold_and_resume(page: Page) -> None:
    page.keyboard.press("r")
    expect(page.locator("#composer-body")).to_be_focused()
    page.keyboard.type("We are looking at it.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".entry-public .bubble-body")).to_have_text("We are looking at it.")
    expect(page.locator("#composer-body")).to_have_value("")
    expect(page.locator("#record-targets .chip-met")).to_have_count(1)
    page.get_by_role("button", name="Start work").click()
    expect(page.locator("#record-head")).to_contain_text("In progress")
    page.get_by_role("link", name="Put on hold").click()
    page.get_by_label("the customer (the clocks pause)").check()
    page.get_by_label("Message to the customer").fill("Please try again and tell us.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#record-head")).to_contain_text("On hold: waiting for the customer")
    expect(page.locator("#record-targets .chip-paused").first).to_contain_text(
        "Paused: waiting for the customer"
    )
    page.get_by_role("button", name="Resume").click()
    expect(page.locator("#record-head")).to_contain_text("In progress")
    expect(page.locator("#record-targets .chip-paused")).to_have_count(0)


def resolve_and_close(page: Page) -> None:
    page.keyboard.press("e")
    expect(page.locator("#act .act-panel")).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#act .form-error")).to_have_text("Write down the steps that solved it.")
    page.get_by_label("Resolution steps").fill("Restarted the mail gateway.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#record-head")).to_contain_text("Resolved")
    page.get_by_role("link", name="Record confirmation").click()
    page.get_by_label("Close the ticket as well").uncheck()
    page.get_by_label("What the requester said").fill("It works.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#record-facts")).to_contain_text("Confirmed")
    page.get_by_role("button", name="Close").first.click()
    expect(page.locator("#record-head")).to_contain_text("Closed")


def test_who_types_faster_than_the_server_answers_gets_nobody_else(visit: Visits, scene: Scene) -> None:
    page = visit(scene.cast.alice)
    page.goto("/incidents/new/")
    expect(page.locator(".ts-dropdown:visible .option")).to_have_count(3)
    page.keyboard.type("rita")
    page.keyboard.press("Enter")  # what was offered before was Carla first
    expect(page.locator("#id_requester + .ts-wrapper .item")).to_have_count(0)
    expect(page.locator(".ts-dropdown:visible .option")).to_have_count(1)
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("#id_requester + .ts-wrapper .item")).to_contain_text("Rita")
    page.wait_for_timeout(600)  # longer than any late answer takes to come back
    expect(page.locator("#id_title")).to_be_focused()


def test_two_who_save_the_same_ticket_lose_nothing_and_see_what_changed(visit: Visits, scene: Scene) -> None:
    visit.expected = {409}
    number = scene.fresh.number
    first, second = visit(scene.cast.bob), visit(scene.cast.alice)
    for page in (first, second):
        page.goto(f"/incidents/{number}/")
        page.locator("#record-facts").get_by_role("link", name="Edit").click()
        expect(page.locator("#act [name=site]")).to_be_visible()
    first.locator("#act [name=site]").fill("Building 7")
    first.keyboard.press("Control+Enter")
    expect(first.locator("#act .act-panel")).to_have_count(0)
    second.locator("#act [name=symptom]").fill("Paper jam light is on")
    second.keyboard.press("Control+Enter")

    notice = second.locator("#act .notice")
    expect(notice).to_contain_text("Nothing of yours is lost")
    expect(notice).to_contain_text("Bob")
    expect(notice).to_contain_text("Building 7")
    expect(second.locator("#act [name=symptom]")).to_have_value("Paper jam light is on")
    expect(second.locator("#act [name=site]")).to_have_value("Building 7")
    expect(second.locator("#record-facts")).to_contain_text("Building 7")
    second.locator("#act [name=symptom]").press("Control+Enter")
    expect(second.locator("#act .act-panel")).to_have_count(0)
    scene.fresh.refresh_from_db()
    assert (scene.fresh.site, scene.fresh.symptom) == ("Building 7", "Paper jam light is on")


def test_a_reply_that_was_not_sent_waits_as_a_draft(visit: Visits, scene: Scene) -> None:
    page = visit(scene.cast.alice)
    page.goto(f"/incidents/{scene.fresh.number}/")
    page.locator("#composer-body").fill("Half a sentence")
    expect(page.locator("#composer [data-draft-state]")).to_have_text("Draft saved")
    page.goto("/queue/")
    page.goto(f"/incidents/{scene.fresh.number}/")
    expect(page.locator("#composer-body")).to_have_value("Half a sentence")
    page.locator("#composer-body").press("Control+Enter")
    expect(page.locator(".entry-public")).to_have_count(1)
    page.reload()
    expect(page.locator("#composer-body")).to_have_value("")
