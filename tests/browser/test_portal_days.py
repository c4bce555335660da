"""The customer's days, in both languages: find, order, follow, approve, pay, rate, complain."""

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

import fulfilment.services
from channels import email
from customers import aftercare, surveys
from customers.models import Complaint, Response
from customers.surveys import Asked
from fulfilment import charging
from fulfilment.charging import Line
from fulfilment.models import Approval, Offering, ServiceRequest
from records.models import Delivery
from tests.browser.conftest import Visits
from tests.browser.scene import Scene, this_second
from tests.browser.speaking import LANGUAGES, Language, everybody_reads
from tests.fulfilment.orders import COLOUR, WHICH, make_offering

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
OWNER = {
    "name": {"en": "Owner", "zh": "负责人"}, "rule": "any", "parties": [{"kind": "customer_manager"}],
}  # fmt: skip
FILE = "图样.txt"


@pytest.fixture(params=LANGUAGES)
def words(request: pytest.FixtureRequest, scene: Scene) -> Language:
    return everybody_reads(request.param)


@pytest.fixture
def chair(scene: Scene) -> Offering:
    """Its colour decides what else is asked; the customer's contact approves it, and it is charged."""
    return make_offering(scene.cast, fields=[COLOUR, WHICH], stages=[OWNER], is_chargeable=True)


def order(page: Page, words: Language, file: Path | None = None) -> ServiceRequest:
    page.goto("/portal/")
    page.locator("main [type=search], .hero [type=search]").first.fill(words.pick("chair", "座椅"))
    page.keyboard.press("Enter")
    page.locator("main").get_by_role("link", name=words.pick("New chair", "新座椅")).first.click()
    which = page.locator("[name=q_which]")
    expect(which).to_be_hidden()
    page.locator("[name=q_colour]").select_option("other")
    expect(which).to_be_visible()
    which.fill(words.pick("Green", "绿色"))
    if file:
        page.locator("[type=file]").set_input_files(file)
    words.button(page, "Order").click()
    expect(page).to_have_url(re.compile(r"/portal/requests/REQ\d+/$"))
    ordered: ServiceRequest = ServiceRequest.objects.latest("pk")
    return ordered


def decide(page: Page, words: Language, result: str, comment: str = "") -> None:
    page.locator(f"[name=result][value={result}]").check()
    page.locator("[name=comment]").fill(comment)
    words.button(page, "Send the decision").click()


@pytest.mark.req("REQ-14", "REQ-15", "BRM-07", "BRM-19")
def test_an_order_is_found_placed_followed_approved_paid_for_rated_and_complained_about(
    visit: Visits, scene: Scene, words: Language, chair: Offering, a_file: Callable[[str, bytes], Path]
) -> None:
    cast = scene.cast
    survey_after_closing(cast)
    rita, carla = visit(cast.rita), visit(cast.carla)
    request = order(rita, words, a_file(FILE, "图".encode()))
    assert request.answers
    expect(rita.get_by_role("link", name=FILE)).to_be_visible()
    expect(rita.locator("main")).to_contain_text(words.pick("Green", "绿色"))
    assert request.state == "approval"

    carla.goto("/portal/")
    words.link(carla, "Decide").click()
    carla.locator("main a.ticket").first.click()
    expect(carla.locator("main")).to_contain_text(words.pick("Green", "绿色"))
    decide(carla, words, "approved")
    expect(carla.locator("main")).to_be_visible()
    assert Approval.objects.get().result == "approved"

    quote(cast, request)
    carla.goto(f"/portal/requests/{request.number}/")
    words.button(carla, "Accept the quotation").click()
    expect(words.button(carla, "Accept the quotation")).to_have_count(0)
    fulfil(cast, request)

    rita.reload()
    rita.locator("#solved button").first.click()
    expect(rita.locator("#solved")).to_have_count(0)
    aftercare.look(now=this_second())
    rita.reload()
    words.link(rita, "Rate this").click()
    rita.locator("input[type=radio][value='2']").check()
    words.button(rita, "Send").click()
    expect(rita.locator(".empty-title-it")).to_have_text(words("Thank you for your answer."))
    assert (Response.objects.get().score, Response.objects.get().way) == (2, "portal")

    rita.goto(f"/portal/requests/{request.number}/")
    rita.get_by_role("link", name=words("Complain about this, or say what you think")).click()
    expect(rita.locator("[name=about]")).to_have_value(request.number)
    rita.locator("[name=nature][value=complaint]").check()
    rita.locator("[name=title]").fill(words.pick("Wrong green", "绿得不对"))
    rita.locator("[name=words]").fill(words.pick("It is blue.", "送来的是蓝色。"))
    words.button(rita, "Send").click()
    expect(rita).to_have_url(re.compile(r"/portal/feedback/CMP\d+/$"))
    assert Complaint.objects.get().about_id == request.pk


def survey_after_closing(cast: Any) -> None:
    aftercare.look(now=this_second())
    made = surveys.make_questionnaire(
        code="closing", name_en="How did it go?", name_zh="服务满意度",
        questions=[Asked("scale", "How content are you?", "您满意吗？")],
        actor=cast.mona.actor, now=this_second(),
    )  # fmt: skip
    planned = surveys.plan(
        purpose="closing", title="After tickets", questionnaire=made, customer=cast.acme, quiet_days=0,
        actor=cast.mona.actor, now=this_second(),
    )  # fmt: skip
    surveys.begin(planned, actor=cast.mona.actor, now=this_second())


def fresh(request: ServiceRequest) -> ServiceRequest:
    found: ServiceRequest = ServiceRequest.objects.get(pk=request.pk)
    return found


def quote(cast: Any, request: ServiceRequest) -> None:
    now = this_second()
    lines = [Line("labour", "", Decimal(1), Decimal(300)), Line("parts", "Chair", Decimal(1), Decimal(500))]
    lines.append(Line("travel", "", Decimal(1), Decimal(0)))
    charging.quote(
        fresh(request), lines, currency="CNY", valid_until=now.date() + timedelta(days=7), note="",
        actor=cast.alice.actor, now=now,
    )  # fmt: skip


def fulfil(cast: Any, request: ServiceRequest) -> None:
    """Done by an agent meanwhile."""
    by: dict[str, Any] = {"actor": cast.alice.actor, "now": this_second()}
    started = fulfilment.services.start(fresh(request), **by)
    fulfilment.services.fulfil(started, outcome="Delivered.", **by)


@pytest.mark.req("REQ-14")
def test_the_link_of_the_mail_approves_once_without_login(
    visit: Visits, scene: Scene, words: Language, chair: Offering
) -> None:
    visit.expected = {410}
    request = order(visit(scene.cast.rita), words)
    row = Delivery.objects.filter(
        activity__record=request.pk, recipient=scene.cast.carla, channel="email"
    ).latest("pk")
    link = re.search(r"/approve/\S+", str(email.build(row).body))
    assert link
    nobody = visit()
    nobody.goto(link[0])
    expect(nobody.locator("html")).to_have_attribute("lang", words.code)
    expect(nobody.locator("main, body").first).to_contain_text(words.pick("Green", "绿色"))
    decide(nobody, words, "approved")
    expect(nobody.locator("[name=result]")).to_have_count(0)
    approval = Approval.objects.get()
    assert (approval.result, approval.is_by_link) == ("approved", True)
    nobody.goto(link[0])
    expect(nobody.locator("[name=result]")).to_have_count(0)


@pytest.mark.req("REQ-14", "REQ-16")
def test_a_refusal_needs_its_reason_and_brings_an_alternative_to_the_customer(
    visit: Visits, scene: Scene, words: Language, chair: Offering
) -> None:
    visit.expected = {422}
    cast = scene.cast
    rita, carla, alice = visit(cast.rita), visit(cast.carla), visit(cast.alice)
    rejected = order(rita, words)
    carla.goto("/approvals/")
    carla.locator("main a.ticket").first.click()
    decide(carla, words, "rejected")
    expect(carla.locator(".form-error")).to_be_visible()
    expect(carla.locator("[name=result][value=rejected]")).to_be_checked()
    why = words.pick("There is no money left this year.", "今年预算已用完。")
    decide(carla, words, "rejected", why)
    expect(carla.locator(".form-error")).to_have_count(0)
    rita.goto(f"/portal/requests/{rejected.number}/")
    expect(rita.locator("main")).to_contain_text(why)

    refused = order(rita, words)
    carla.goto("/approvals/")
    carla.locator("main a.ticket").first.click()
    decide(carla, words, "approved")
    alice.goto(f"/requests/{refused.number}/refuse/")
    alice.locator("[name=reason]").fill(words.pick("No longer made.", "已停产。"))
    alice.locator("[name=reason]").press("Control+Enter")
    expect(alice.locator(".form-error")).to_be_visible()
    expect(alice.locator("[name=reason]")).to_have_value(words.pick("No longer made.", "已停产。"))
    alice.locator("[name=alternative]").fill(words.pick("Take the red one.", "可选红色。"))
    alice.locator("[name=alternative]").press("Control+Enter")
    expect(alice.locator(".form-error")).to_have_count(0)
    rita.goto(f"/portal/requests/{refused.number}/")
    for text in (words.pick("No longer made.", "已停产。"), words.pick("Take the red one.", "可选红色。")):
        expect(rita.locator("main")).to_contain_text(text)
