"""The customer's way: report with a file, see what is promised, read the answer, reopen, confirm."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

import incidents.services
from incidents.models import Incident
from tests.browser.conftest import Visits
from tests.browser.scene import Scene, this_second

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
FILE = "错误 截图.png"
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000"
    "050001a5f645400000000049454e44ae426082"
)


def test_who_is_not_logged_in_logs_in_and_lands_where_he_wanted(visit: Visits, scene: Scene) -> None:
    visit.expected = {422}
    page = visit()
    page.goto("/portal/requests/")
    page.get_by_label("User name").fill("rita")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_contain_text("do not match")
    page.get_by_label("Password").fill("secret-rita")
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_url(re.compile(r"/portal/requests/$"))


@pytest.mark.req("SD-01", "SD-04", "SD-08", "SD-14", "INC-24", "INC-26", "PLT-08")
def test_a_customer_reports_with_a_file_reopens_and_confirms(
    visit: Visits, scene: Scene, a_file: Callable[[str, bytes], Path]
) -> None:
    rita = visit(scene.cast.rita)
    incident = report(rita, a_file(FILE, PIXEL))
    alice = visit(scene.cast.alice)
    alice.goto(f"/incidents/{incident.number}/")
    expect(alice.get_by_role("link", name=FILE)).to_be_visible()
    alice.locator("#composer-body").fill("Please restart the printer.")
    alice.locator("#composer-body").press("Control+Enter")
    expect(alice.locator(".entry-public")).to_have_count(1)
    expect(alice.locator("#content")).to_be_focused()  # the keys act on the ticket again
    alice.keyboard.press("n")
    alice.keyboard.type("She sounds angry.")
    alice.keyboard.press("Control+Enter")
    expect(alice.locator(".entry-internal")).to_have_count(1)

    rita.reload()
    expect(rita.locator(".entry-public")).to_contain_text("Please restart the printer.")
    expect(rita.locator("body")).not_to_contain_text("She sounds angry.")
    expect(rita.locator(".promised").first).to_contain_text("as promised")
    rita.locator("#composer-body").fill("I did; the same.")
    rita.get_by_role("button", name="Send reply").click()
    expect(rita.locator(".entry-customer").last).to_contain_text("I did; the same.")

    solve(incident, scene)
    rita.reload()
    rita.get_by_text("No, it does not work yet").click()
    rita.get_by_label("What still does not work?").fill("It prints blank pages.")
    rita.get_by_role("button", name="Reopen").click()
    expect(rita.locator(".promise")).to_contain_text("We are working on it")
    solve(incident, scene)
    rita.reload()
    rita.get_by_role("button", name="Yes, it works: close it").click()
    expect(rita.locator(".toast-it")).to_contain_text("Thank you for confirming")
    incident.refresh_from_db()
    assert (incident.state, incident.reopen_count, incident.confirmed_by) == ("closed", 1, scene.cast.rita)


def report(page: Page, file: Path) -> Incident:
    page.goto("/portal/")
    page.locator("main").get_by_role("link", name="Report a problem").first.click()
    expect(page.locator("[name=title]")).to_be_focused()
    page.keyboard.type("The printer on the third floor is dead")
    page.get_by_label("What happened, and since when?").fill("Since nine o'clock.")
    page.get_by_label("Which service is it about?").select_option(label="E-mail")
    page.get_by_label("Several colleagues").check()
    page.get_by_label("Files").set_input_files(file)
    page.get_by_role("button", name="Send").click()
    expect(page).to_have_url(re.compile(r"/portal/requests/INC\d+/$"))
    incident: Incident = Incident.objects.latest("pk")
    assert incident.channel == "portal"
    expect(page.locator(".promised").first).to_contain_text(
        re.compile(r"Promised by \d{4}-\d\d-\d\d \d\d:\d\d")
    )
    with page.expect_download() as download:
        page.get_by_role("link", name=FILE).click()
    assert download.value.suggested_filename == FILE
    assert Path(download.value.path()).read_bytes() == PIXEL
    return incident


def solve(incident: Incident, scene: Scene) -> None:
    """Done by an agent meanwhile."""
    agent = scene.cast.alice.actor
    fresh = Incident.objects.get(pk=incident.pk)
    incidents.services.resolve(fresh, code="solved", steps="New driver.", actor=agent, now=this_second())
