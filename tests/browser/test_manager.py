"""The manager's questions: how do we stand, which tickets are that, why did this clock run so, what if."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visits
from tests.browser.scene import Scene

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


FIGURES = """nodes => nodes.map(
  (node) => [node.getAttribute("href"), (node.querySelector(".figure-value") || node).textContent])"""


def opens_that_many(page: Page, address: str, number: int) -> None:
    page.goto(address)
    assert page.locator("[data-total]").inner_text() == str(number)
    assert page.locator("main tbody tr").count() == number


@pytest.mark.req("INC-20", "SLM-37")
def test_every_figure_opens_exactly_the_rows_it_counts(visit: Visits, scene: Scene) -> None:
    page = visit(scene.cast.mona)
    page.goto("/reports/")
    expect(page.locator("[data-chart] svg").first).to_be_visible()
    shown = page.eval_on_selector_all(".figure-card, #groups td.num a", FIGURES)
    links = [(address, int(text)) for address, text in shown if text.strip().isdigit()]
    assert len(links) > 6
    assert any(number > 0 for _address, number in links)
    page.locator(".figure-card", has_text="Open now").click()
    open_now = {a.partition("?")[0]: n for a, n in links}["/reports/tickets/open/"]
    assert open_now == 3
    expect(page.locator("[data-total]")).to_have_text(str(open_now))
    assert page.locator("main tbody tr").count() == open_now
    for address, number in links:
        opens_that_many(page, address, number)


@pytest.mark.req("INC-25")
def test_a_clock_explains_itself_and_can_be_tried(visit: Visits, scene: Scene) -> None:
    page = visit(scene.cast.mona)
    page.goto("/reports/")
    page.locator("#groups td.num a").filter(has_not_text=re.compile("^0$")).first.click()
    page.locator("main td a[href*='/clocks/']").first.click()
    expect(page).to_have_url(re.compile(r"/r/INC\d+/clocks/\d+/$"))
    expect(page.locator(".segments-table tbody tr").first).to_be_visible()
    page.get_by_text("Reproduce this clock").click()
    expect(page.get_by_label("Case for the simulator")).to_have_value(re.compile(r'"calendars"'))
    page.get_by_role("link", name="Open the simulator").click()

    page.get_by_label("Calendar").select_option(label="Office")
    page.get_by_label("Target").fill("4")
    page.get_by_label("Start").fill("2026-03-02 10:00")
    page.get_by_label("Looked at").fill("2026-03-02 17:00")
    page.get_by_label("What happened").fill("2026-03-02 11:00 pause customer\n2026-03-02 12:00 resume")
    page.get_by_role("button", name="Compute").click()
    # 10 to 11, then from 13, after the break
    expect(page.locator("[data-due]")).to_have_text(re.compile("2026-03-02 16:00"))
    expect(page.locator("[data-result]")).to_contain_text("Missed")
    assert page.locator("[data-elapsed]").get_attribute("data-elapsed") == str(5 * 3600)
    assert page.locator(".segments-table tbody tr").count() >= 4
