"""On-site work in a browser: the board renews itself politely, and a customer signs on a phone."""

import uuid
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from fieldwork import papers, services
from fieldwork.models import Appointment, ServiceForm
from tests.browser.conftest import Visits
from tests.browser.scene import Scene, this_second

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
HOUR = timedelta(hours=1)


def sent(scene: Scene) -> Appointment:
    """Alice is to come in an hour."""
    now = this_second()
    return services.make(
        scene.fresh, engineer=scene.cast.alice, starts_at=now + HOUR, ends_at=now + 2 * HOUR,
        site="Building 3", key=uuid.uuid4(), actor=scene.cast.alice.actor, now=now,
    )  # fmt: skip


@pytest.mark.req("SD-28")
def test_the_board_renews_itself_but_never_under_the_hand(visit: Visits, scene: Scene) -> None:
    job = sent(scene)
    page = visit(scene.cast.bob)
    page.goto("/fieldwork/board/")
    page.mouse.move(2, 2)
    lane = page.get_by_role("region", name="Agreed", exact=True)
    expect(lane).to_contain_text("None")
    # the twenty seconds of a look are cut short: what is asked is the same
    job = services.agree(job, actor=scene.cast.alice.actor, now=this_second())
    ask = (
        "() => htmx.ajax('GET', document.querySelector('[data-board-live]').getAttribute('hx-get'),"
        " '[data-board-live]')"
    )
    page.evaluate(ask)
    expect(lane).to_contain_text("Building 3")
    page.get_by_role("link", name=scene.fresh.number).first.focus()
    services.set_out(job, actor=scene.cast.alice.actor, now=this_second())
    page.evaluate(ask)
    expect(page.locator("[data-board-live]")).to_contain_text("The board has changed")
    expect(lane).to_contain_text("Building 3")
    page.evaluate("() => document.activeElement.blur()")
    expect(page.get_by_role("region", name="On the way")).to_contain_text("Building 3")


@pytest.mark.req("INC-12", "BRM-15")
def test_a_customer_signs_on_a_phone(visit: Visits, scene: Scene) -> None:
    job = services.arrive(sent(scene), actor=scene.cast.alice.actor, now=this_second())
    page = visit(scene.cast.alice, width=390)
    page.goto(f"/fieldwork/visits/{job.pk}/")
    page.get_by_role("link", name="Write the service form").click()
    page.get_by_label("Work done").fill("Changed the fuse")
    page.get_by_label("Parts used").fill("Fuse; F1; 2")
    page.get_by_label("Result").select_option("solved")
    page.get_by_role("button", name="Save and let the customer sign").click()
    canvas = page.locator("canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 30, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 70, steps=4)
    page.mouse.up()
    page.get_by_label("Very satisfied").check()
    page.get_by_label("Name of who signs").fill("Zhang Wei")
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_role("img", name="Zhang Wei")).to_be_visible()
    form = ServiceForm.objects.get(appointment=job)
    assert (form.signer, form.way, form.satisfaction, papers.is_intact(form)) == (
        "Zhang Wei",
        "drawn",
        5,
        True,
    )
    assert page.evaluate("document.documentElement.scrollWidth") == 390
