"""The desk's days, in both languages: a call, a shift change, a major incident, a complaint, a mail."""

import re
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

import incidents.services
from channels import email
from customers import aftercare, links, surveys
from customers.models import CallbackRule, Complaint, Invitation
from customers.surveys import Asked
from incidents import lifecycle
from incidents.models import Incident
from majors.models import Major
from records.models import Delivery, Level
from shifts.models import Handover
from tests.browser.conftest import Visits
from tests.browser.scene import Scene, this_second
from tests.browser.speaking import LANGUAGES, Language, Typist, everybody_reads
from tests.cast import Cast, make_incident
from tests.channels.post import letter, make_mailbox, receive

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture(params=LANGUAGES)
def words(request: pytest.FixtureRequest, scene: Scene) -> Language:
    return everybody_reads(request.param)


@pytest.mark.req("SD-01", "SD-02", "SD-11")
def test_a_call_is_logged_and_routed_by_keyboard_in_twenty_seconds_of_typing(
    visit: Visits, scene: Scene, words: Language
) -> None:
    page = visit(scene.cast.alice)
    typist = Typist(page)
    page.goto("/queue/")
    typist.press("c")
    expect(page.locator("#id_requester-ts-control")).to_be_focused()
    typist.write("rita")
    expect(page.locator(".ts-dropdown:visible .option").first).to_contain_text("Rita")
    typist.press("Enter", "Tab")
    typist.write(words.pick("Nothing leaves the outbox", "邮件发不出去"))
    typist.press("Tab", "Tab")
    typist.write("e-ma")
    expect(page.locator(".ts-dropdown:visible .option")).to_have_count(1)
    typist.press("Enter", "Tab", "Tab", "ArrowLeft", "Control+Enter")
    expect(page).to_have_url(re.compile(r"/incidents/INC\d+/$"))
    typist.press("a")
    team = page.locator("#act [name=team]")
    expect(team).to_be_focused()
    away = _steps_to(team, scene.cast.second.pk)
    typist.press(*["ArrowDown" if away > 0 else "ArrowUp"] * abs(away), "Control+Enter")
    expect(page.locator("#record-side")).to_contain_text(words.pick("Mail experts", "邮件组"))
    incident = Incident.objects.latest("pk")
    assert (incident.channel, incident.requester, incident.customer) == (
        "phone", scene.cast.rita, scene.cast.acme,
    )  # fmt: skip
    assert (incident.team, incident.service, incident.priority) == (scene.cast.second, scene.cast.mail, 2)
    print(f"{words.code}: {typist.keys} keys, {typist.seconds:.1f} s of typing")
    assert typist.seconds < 20


def _steps_to(select: Any, value: int) -> int:
    order: list[str] = select.evaluate("node => [...node.options].map((option) => option.value)")
    return order.index(str(value)) - int(select.evaluate("node => node.selectedIndex"))


@pytest.mark.req("SD-19")
def test_a_shift_hands_over_and_nothing_is_lost(visit: Visits, scene: Scene, words: Language) -> None:
    cast = scene.cast
    going = visit(cast.alice)
    going.goto("/roster/handovers/new/?team=desk")
    held = Incident.objects.filter(team=cast.desk, state__in=lifecycle.OPEN)
    open_now = set(held.values_list("number", flat=True))
    assert scene.fresh.number in open_now
    for number in open_now:
        expect(going.get_by_role("link", name=number)).to_be_visible()
    note = words.pick("Waits for a spare part.", "等待备件。")
    going.locator(f"[name=note-{scene.fresh.pk}]").fill(note)
    words.button(going, "Hand over").click()
    expect(going).to_have_url(re.compile(r"/roster/handovers/\d+/$"))

    late = make_incident(cast, now=this_second(), title="刚到的工单")  # comes in between
    coming = visit(cast.bob)
    coming.goto("/roster/handovers/?team=desk")
    coming.locator(f"main a[href$='/roster/handovers/{Handover.objects.get().pk}/']").first.click()
    rows = coming.locator("tr[data-row]")
    assert {number for text in rows.all_inner_texts() for number in re.findall(r"INC\d+", text)} == open_now
    expect(rows.filter(has_text=scene.fresh.number)).to_contain_text(note)
    words.button(coming, "Accept").click()
    expect(coming.locator("dl.facts")).to_contain_text("Bob")
    handover = Handover.objects.get()
    assert handover.accepted_by == cast.bob
    assert handover.accepted_at
    assert handover.given_at <= handover.accepted_at
    coming.goto("/queue/?view=all")
    for number in {*open_now, late.number}:
        expect(coming.locator("[data-row]", has_text=number)).to_have_count(1)


@pytest.mark.req("INC-06", "INC-21", "INC-27", "SD-31")
def test_a_major_incident_is_led_told_solved_and_reviewed(
    visit: Visits, scene: Scene, words: Language
) -> None:
    cast = scene.cast
    down = make_incident(cast, now=this_second(), title="全楼不能打印", impact=Level.HIGH, urgency=Level.HIGH)
    page = visit(cast.bob)
    page.goto(f"/incidents/{down.number}/")
    words.link(page, "Declare it a major incident").click()
    page.locator("[name=reason]").fill(words.pick("Nobody can print.", "无人能打印。"))
    page.locator("[name=coordinator]").select_option(str(cast.bob.pk))
    page.locator("[name=update_minutes]").fill("15")
    page.locator("main form button[type=submit]").last.click()
    expect(page).to_have_url(re.compile(r"/majors/MAJ\d+/$"))
    expect(page.locator("#major-board")).to_contain_text("Bob")
    update = words.step(page, "Give an update")
    update.locator("[name=internal]").fill("Spooler.")
    update.locator("[name=text_zh]").fill("打印服务中断，正在处理。")
    update.locator("[name=text_en]").fill("Printing is down, we are on it.")
    update.locator("button[type=submit]").click()
    told = words.pick("Printing is down, we are on it.", "打印服务中断，正在处理。")
    expect(page.locator("main")).to_contain_text(told)
    expect(page.locator("#major-board [role=status]")).to_contain_text("1")

    carla, charlie = visit(cast.carla), visit(cast.charlie)
    carla.goto("/portal/")
    carla.locator("main a[href*='/portal/announcements/ANN']").first.click()
    expect(carla.locator("main")).to_contain_text(told)
    expect(carla.locator("main")).not_to_contain_text("Spooler.")
    for address in ("/portal/", "/portal/announcements/"):
        charlie.goto(address)
        expect(charlie.locator("main a[href*='/portal/announcements/ANN']")).to_have_count(0)

    child = make_incident(cast, now=this_second(), title="二楼也不能打印", requester=cast.carla)
    page.goto(f"/incidents/{child.number}/attach/")
    page.locator("[name=parent]").fill(down.number)
    page.locator("[name=parent]").press("Control+Enter")
    expect(page.locator("[name=parent]")).to_have_count(0)
    page.goto(f"/incidents/{down.number}/resolve/")
    page.locator("[name=steps]").fill(words.pick("Restarted the spooler.", "重启打印服务。"))
    page.locator("[name=steps]").press("Control+Enter")
    expect(page.locator("#record-head")).to_contain_text(words("Resolved"))
    child.refresh_from_db()
    assert child.state == "resolved"
    for record, person in ((down, cast.rita), (child, cast.carla)):
        assert Delivery.objects.filter(activity__record=record.pk, recipient=person).exists()
    carla.goto(f"/portal/requests/{child.number}/")
    expect(words.button(carla, "Yes, it works: close it")).to_be_visible()

    page.goto(f"/majors/{Major.objects.get().number}/")
    words.step(page, "End it").locator("button[type=submit]").click()
    review = words.step(page, "Write the review")
    for name in ("causes", "course", "lessons"):
        review.locator(f"[name={name}]").fill(f"{name} 1")
    review.locator("button[type=submit]").click()
    expect(page.locator("main")).to_contain_text("lessons 1")
    mona = visit(cast.mona)
    mona.goto(page.url)
    words.step(mona, "Close").locator("button[type=submit]").click()
    expect(mona.locator("summary", has_text=words.exactly("Close"))).to_have_count(0)
    assert Major.objects.get().state == "closed"


@pytest.mark.req("BRM-01", "BRM-06", "BRM-19")
def test_a_complaint_is_judged_answered_and_its_outcome_rated(
    visit: Visits, scene: Scene, words: Language
) -> None:
    carla, mona = visit(scene.cast.carla), visit(scene.cast.mona)
    carla.goto("/portal/feedback/new/")
    carla.locator("[name=nature][value=complaint]").check()
    carla.locator("[name=title]").fill(words.pick("Nobody called back", "没有人回电"))
    carla.locator("[name=words]").fill(words.pick("I waited all day.", "等了一整天。"))
    carla.locator("[name=about]").fill(scene.talked_about.number)
    words.button(carla, "Send").click()
    expect(carla).to_have_url(re.compile(r"/portal/feedback/CMP\d+/$"))
    number = Complaint.objects.get().number

    mona.goto("/complaints/")
    mona.get_by_role("link", name=number).first.click()
    judging = words.step(mona, "Judge whether it is valid")
    judging.locator("[name=valid]").select_option("yes")
    judging.locator("[name=reason]").fill(words.pick("No call is logged.", "没有回电记录。"))
    judging.locator("button[type=submit]").click()
    answer = words.pick("We are sorry; it will not happen again.", "非常抱歉，我们会改进。")
    for step, text in (("Answer", answer), ("Say what was done", "Reminder set.")):
        form = words.step(mona, step)
        form.locator("[name=text]").fill(text)
        form.locator("button[type=submit]").click()
        expect(mona.locator("main")).to_contain_text(text)
    words.step(mona, "Close").locator("button[type=submit]").click()
    expect(mona.locator("dl.facts").first).to_contain_text("Mona")

    carla.reload()
    expect(carla.locator("main")).to_contain_text(answer)
    rating = carla.locator("details", has=carla.locator("[name=score]"))
    rating.locator("summary").click()
    rating.locator("[name=score]").select_option("4")
    rating.locator("button[type=submit]").click()
    expect(carla.locator("main")).to_be_visible()
    complaint = Complaint.objects.get()
    assert (complaint.is_valid, complaint.state, complaint.outcome_score) == (True, "closed", 4)


@pytest.mark.req("BRM-07", "BRM-09", "SD-30", "INC-15")
def test_a_survey_is_answered_by_link_a_bad_score_becomes_a_complaint_and_a_callback_is_made(
    visit: Visits, scene: Scene, words: Language
) -> None:
    cast, now = scene.cast, this_second()
    aftercare.look(now=this_second())  # what was closed before is not asked about
    asked = surveys.make_questionnaire(
        code="closing", name_en="How did it go?", name_zh="服务满意度",
        questions=[Asked("scale", "How content are you?", "您满意吗？"), Asked("text", "Why?", "原因？")],
        actor=cast.mona.actor, now=now,
    )  # fmt: skip
    planned = surveys.plan(
        purpose="closing", title="After tickets", questionnaire=asked, customer=cast.acme, quiet_days=0,
        actor=cast.mona.actor, now=now,
    )  # fmt: skip
    surveys.begin(planned, actor=cast.mona.actor, now=now)
    CallbackRule.objects.create()
    ticket = closed_in_time(cast)
    aftercare.look(now=this_second())
    invitation = Invitation.objects.get(ticket=ticket.pk)

    nobody = visit(locale="zh-CN" if words.code == "zh-hans" else "en-GB")
    nobody.goto(f"/opinion/{links.token_of(invitation.pk)}/")
    expect(nobody.locator("input:checked")).to_have_count(0)
    nobody.locator("input[type=radio][value='1']").check()
    nobody.locator("textarea").fill(words.pick("Too slow.", "太慢了。"))
    words.button(nobody, "Send").click()
    expect(nobody.locator(".empty-title-it")).to_have_text(words("Thank you for your answer."))

    mona = visit(cast.mona)
    mona.goto("/complaints/proposed/")
    expect(mona.locator("blockquote")).to_contain_text(words.pick("Too slow.", "太慢了。"))
    words.button(mona, "Make it a complaint").click()
    expect(mona).to_have_url(re.compile(r"/complaints/CMP\d+/$"))
    assert Complaint.objects.get().about_id == ticket.pk

    sven = visit(cast.sven)
    sven.goto("/callbacks/")
    words.button(sven, "I call").click()
    sven.locator("[name=is_reached]").select_option("yes")
    sven.locator("[name=content]").select_option("no")
    words.button(sven, "Store the result").click()
    expect(sven.locator(".empty-title-it")).to_be_visible()
    assert ticket.activities.filter(verb="callback.reached").count() == 1


def closed_in_time(cast: Cast) -> Incident:
    """Logged by alice, solved by bob, confirmed by rita; nothing of it was missed, so that it is closed."""
    now = this_second()
    made = make_incident(cast, now=now - timedelta(minutes=20))
    made = incidents.services.resolve(
        made, code="solved", steps="Restarted.", actor=cast.bob.actor, now=now - timedelta(minutes=10)
    )
    return incidents.services.confirm(made, actor=cast.rita.actor, now=now, close_too=True)


@pytest.mark.req("SD-32", "SD-08")
def test_a_mail_becomes_a_ticket_and_the_reply_goes_out_as_mail(
    visit: Visits, scene: Scene, words: Language
) -> None:
    subject = words.pick("Printer is on fire", "打印机冒烟")
    box = make_mailbox()
    receive(box, letter(subject=subject), now=this_second())
    incident = Incident.objects.latest("pk")
    page = visit(scene.cast.alice)
    page.goto("/queue/?view=all")
    page.get_by_role("link", name=incident.number).first.click()
    expect(page.locator("h1")).to_contain_text(subject)
    page.keyboard.press("r")
    answer = words.pick("Pull the plug, please.", "请先拔掉电源。")
    page.keyboard.type(answer)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".entry-public").last).to_contain_text(answer)
    row = Delivery.objects.filter(
        activity__record=incident.pk, channel="email", recipient=scene.cast.rita
    ).latest("pk")
    sent = email.build(row)
    assert answer in sent.body
    assert incident.number in sent.subject
    receive(
        box, letter(subject="Re", text=words.pick("It is out.", "灭了。"), to=sent.reply_to[0]),
        now=this_second() + timedelta(seconds=1),
    )  # fmt: skip
    page.reload()
    expect(page.locator(".entry-customer").last).to_contain_text(words.pick("It is out.", "灭了。"))
