"""From three similar incidents to the release that ends them, in both languages, as one story."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.access import Role
from accounts.models import User
from boards import services as boards
from boards.models import AgendaItem, BoardMeeting
from changes import carrying, risks, services, writing
from changes.models import Change
from cmdb import services as register
from cmdb.models import Item, ItemService
from incidents.models import Incident
from problems import candidates
from problems.models import KnownError, Problem
from records.models import Link
from releases.models import Release
from releases.services import make_ready
from sla.models import Agreement, Clock
from tests.browser.conftest import Visits
from tests.browser.scene import HOUR, Scene, this_second
from tests.browser.speaking import LANGUAGES, Language, everybody_reads
from tests.cast import Cast, make_incident, make_user
from tests.changes import making
from tests.cmdb.made import relation_type
from tests.levels.test_standing import MEASURES
from tests.releases import made
from tests.sourcing import week

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
ZONE = ZoneInfo("Asia/Shanghai")
LENGTH = timedelta(hours=2)
MINUTE = timedelta(minutes=1)


def typed(at: datetime) -> str:
    """An instant as it is typed into a form by somebody in Shanghai."""
    return at.astimezone(ZONE).strftime("%Y-%m-%dT%H:%M")


def instant_of(shown: Locator) -> datetime:
    return datetime.fromisoformat(shown.get_attribute("datetime") or "")


@dataclass
class Story:
    """Who plays, on which pages, about which server."""

    visit: Visits
    cast: Cast
    words: Language
    server: Item
    webmail: Item
    agreement: Agreement
    soon: datetime
    pages: dict[str, Page] = field(default_factory=dict)

    def page(self, person: User, address: str) -> Page:
        """A page of the person's own profile, at this address."""
        if person.username not in self.pages:
            self.pages[person.username] = self.visit(person)
        page = self.pages[person.username]
        page.goto(address)
        return page

    def send(self, page: Page, form: Locator, *, refused: bool = False, **given: Any) -> None:
        """Fill a form in and send it; it is unfolded first where it is folded."""
        expect(form).to_be_attached()
        if not form.is_visible():
            page.locator("details", has=form).last.locator("summary").first.click()
        for name, value in given.items():
            control = form.locator(f"[name='{name}']")
            if control.evaluate("node => node.tagName") == "SELECT":
                control.select_option(str(value))
            else:
                control.fill(str(value))
        where = str(form.evaluate("node => node.action"))
        with page.expect_response(lambda got: (got.request.method, got.url) == ("POST", where)) as answered:
            form.locator("button[type=submit]").last.click()
        assert (answered.value.status == 422) is refused, (answered.value.status, answered.value.url)
        self.visit.settle(page)
        page.wait_for_load_state()

    def step(self, page: Page, act: str, **given: Any) -> None:
        """Take a step by the end of its address."""
        self.send(page, page.locator(f"form[action$='/{act}/']").first, **given)


@pytest.fixture(params=LANGUAGES)
def words(request: pytest.FixtureRequest, scene: Scene) -> Language:
    return everybody_reads(request.param)


@pytest.fixture
def soon() -> Iterator[datetime]:
    """In an hour; the makers of changes and releases plan for then, and do now what they do."""
    now = this_second()
    start = now.replace(second=0) + HOUR
    times = {"planned_start_at": start, "planned_end_at": start + LENGTH}
    decided = {**times, "decide_at": start + HOUR}
    with (
        patch.multiple(making, MONDAY=now, START=start, END=start + LENGTH),
        patch.dict(making.PLAN, times),
        patch.multiple(made, MONDAY=now, START=start),
        patch.dict(made.PLAN, decided),
    ):
        yield start


@pytest.fixture
def story(visit: Visits, scene: Scene, words: Language, soon: datetime) -> Story:
    """Webmail depends on the mail server; Acme was promised that mail is there, whenever that is."""
    cast = scene.cast
    server, webmail = made.server(cast), made.server(cast, "webmail-01", "5.0")
    ItemService.objects.create(item=server, service=cast.mail)
    depends = relation_type("depends_on")
    register.relate(webmail, server, depends, actor=cast.admin.actor, now=this_second())
    agreement = Agreement.objects.create(
        code="acme-mail", customer=cast.acme, name_en="Mail for Acme", name_zh="艾可美邮件协议"
    )
    promised = {"calendar": "always", "services": ["mail"], "measures": MEASURES[:1]}
    week.publish(cast, agreement, week.target(8), at=week.BEGAN, **promised)
    return Story(visit, cast, words, server, webmail, agreement, soon)


@pytest.mark.req("PRB-06", "PRB-07", "CHG-05", "CHG-16", "REL-08", "CMDB-06")
def test_three_incidents_become_a_problem_a_change_a_release_and_a_new_revision(story: Story) -> None:
    problem = accept_the_proposal(story)
    write_and_match_the_known_error(story, problem)
    change = ask_for_the_change(story, problem)
    avoid_the_collision(story, change)
    see_what_it_costs(story, change)
    decide_at_the_board(story, change)
    tell_the_customer(story, change)
    meet_the_condition(story, change)
    release_it(story, change)
    see_its_state(story, problem, change)
    hand_an_incident_to_the_supplier(story)


def report(story: Story, english: str, chinese: str, ago: timedelta) -> Incident:
    return make_incident(
        story.cast, now=this_second() - ago, title=story.words.pick(english, chinese), item=story.server
    )


def accept_the_proposal(story: Story) -> Problem:
    """Three incidents of one server are proposed as a problem; mona accepts it and names sven."""
    behind = [
        report(story, "Mail stays in the outbox", "邮件停在发件箱", 3 * HOUR),
        report(story, "The outbox does not empty", "发件箱清不空", 2 * HOUR),
        report(story, "Sent mail never leaves", "邮件一直发不出去", HOUR),
    ]
    candidates.refresh(now=this_second())
    page = story.page(story.cast.mona, "/problems/proposals/")
    page.locator("tr[data-row]", has_text=story.server.name).locator("a[data-open]").click()
    for incident in behind:
        expect(page.get_by_role("link", name=incident.number)).to_be_visible()
    title = story.words.pick("The mail queue of mail-01 is too small", "mail-01 邮件队列过小")
    story.step(page, "accept", title=title)
    expect(page).to_have_url(re.compile(r"/problems/PRB\d+/$"))
    expect(page.get_by_role("heading", level=1)).to_contain_text(title)
    problem = Problem.objects.get()
    assert Link.objects.filter(target=problem.pk, source__in=behind).count() == len(behind)
    story.step(page, "act/accept", expert=story.cast.sven.pk)
    accepted: Problem = Problem.objects.get(pk=problem.pk)
    assert accepted.assignee == story.cast.sven
    return accepted


def write_and_match_the_known_error(story: Story, problem: Problem) -> None:
    """Sven writes a workaround; alice is offered it while she writes a ticket and beside the next one, which
    she matches with a click."""
    sven = story.page(story.cast.sven, problem.get_absolute_url())
    sven.locator("a[href*='known-errors/new']").first.click()
    suffix = story.words.pick("", "_zh")
    workaround = story.words.pick("Restart the queue by hand.", "手动重启队列。")
    told: dict[str, Any] = {
        f"title{suffix}": story.words.pick("Mail stays in the outbox of mail-01", "mail-01 邮件停在发件箱"),
        f"workaround{suffix}": workaround,
    }
    story.send(sven, sven.locator("main form[data-once]"), **told)
    expect(sven).to_have_url(re.compile(r"/problems/known-errors/KE\d+/$"))

    known = KnownError.objects.get()
    alice = story.page(story.cast.alice, "/incidents/new/")
    alice.locator("#id_title").press_sequentially(
        story.words.pick("Mail stays in the outbox", "邮件停在发件箱")
    )
    alice.keyboard.press("End")  # Chinese comes in without keys here; whoever types it strikes some
    expect(alice.locator("#similar").get_by_role("link", name=known.number)).to_be_visible()
    incident = report(story, "Outbox full again", "发件箱又满了", timedelta(0))
    alice.goto(incident.get_absolute_url())
    offered = alice.locator("#known-found li", has_text=workaround)
    expect(offered).to_be_visible()
    offered.locator("form[action$='/match/'] button").click()
    expect(alice.locator("ul.related").get_by_role("link", name=known.number).first).to_be_visible()
    sven.reload()
    expect(sven.locator("main").get_by_role("link", name=incident.number).first).to_be_visible()
    assert Link.objects.filter(source=incident.pk, target=known.pk, type=Link.Type.MATCHES).exists()


def ask_for_the_change(story: Story, problem: Problem) -> Change:
    """Sven asks for it from the problem's page, which shows its state; mona judges what it may do."""
    cast, pick = story.cast, story.words.pick
    page = story.page(cast.sven, problem.get_absolute_url())
    page.locator("a[href*='/changes/new/']").first.click()
    asked: dict[str, Any] = {
        "title": pick("Mail server 2.4 with a larger queue", "邮件服务器升级到 2.4，扩大队列"),
        "nature": Change.Nature.COMPONENT,
        "description": pick("From 2.3 to 2.4.", "由 2.3 升级到 2.4。"),
        "reason": pick("The queue fills up.", "队列经常写满。"),
        "expected_effect": pick("Mail leaves within a minute.", "邮件一分钟内发出。"),
        "items": story.server.number,
        "assignee": cast.bob.pk,
    }
    story.send(page, page.locator("main form[data-once]"), **asked)
    expect(page).to_have_url(re.compile(r"/changes/CHG\d+/$"))
    change = Change.objects.latest("pk")
    story.step(page, f"{change.number}/submit")
    see_its_state(story, problem, change)
    return judged(story, change)


def see_its_state(story: Story, problem: Problem, change: Change) -> None:
    """The problem says of its change what the change's own page says."""
    page = story.page(story.cast.sven, change.get_absolute_url())
    state = page.locator("h1 .badge-it").first.inner_text()
    page.goto(f"{problem.get_absolute_url()}?view=links")
    row = page.locator("li", has=page.get_by_role("link", name=change.number))
    expect(row.locator(".meta")).to_have_text(state)


def judged(story: Story, change: Change) -> Change:
    """Accepted, judged and planned, for a time that another change has."""
    cast, now = story.cast, this_second()
    current = services.accept(Change.objects.get(pk=change.pk), actor=cast.mona.actor, now=now)
    current = making.judge_all(cast, current)
    current = risks.answer(current, making.HARMLESS, is_major=True, actor=cast.mona.actor, now=now)
    outage = {"outage_from": story.soon, "outage_until": story.soon + 30 * MINUTE}
    return writing.write(current, {**making.PLAN, **outage}, actor=cast.sven.actor, now=now)


def avoid_the_collision(story: Story, change: Change) -> None:
    """Webmail, which depends on the server, is worked on then: refused in words; the next free time does."""
    cast = story.cast
    other = making.approved(cast, title="Webmail 5.1", services=[], items=[story.webmail])
    page = story.page(cast.mona, change.get_absolute_url())
    story.visit.expected = {422}
    story.step(page, f"{change.number}/put-up", refused=True)
    expect(page.locator("main [role=alert]").first).to_contain_text(other.number)
    story.visit.expected = set()
    page.goto(f"{change.get_absolute_url()}?view=plan")
    beside = page.locator("section.panel", has=page.locator("a[href*='/change-calendar/slot/']"))
    expect(beside).to_contain_text(story.webmail.name)
    expect(beside).to_contain_text(other.number)
    free = [instant_of(beside.locator("time").nth(n)) for n in (0, 1)]
    assert free == [story.soon + LENGTH, story.soon + 2 * LENGTH]
    page.locator("a[href$='/write/plan/']").click()
    times: dict[str, Any] = {
        "planned_start_at": typed(free[0]), "planned_end_at": typed(free[1]),
        "outage_from": typed(free[0]), "outage_until": typed(free[0] + 30 * MINUTE),
    }  # fmt: skip
    story.send(page, page.locator("form.part-plan"), **times)
    expect(page.locator("form.part-plan")).to_have_count(0)
    page.goto(change.get_absolute_url())
    story.step(page, f"{change.number}/put-up")
    assert Change.objects.get(pk=change.pk).state == "approving"
    carry_out(story, other)


def carry_out(story: Story, other: Change) -> None:
    """The other one is done early, so that its time is free."""
    by: dict[str, Any] = {"actor": story.cast.sven.actor, "now": this_second()}
    begun = carrying.start(making.with_test(story.cast, other), **by)
    by["now"] = now = this_second()
    carrying.log_step(begun, what="Installed 5.1", started_at=now, ended_at=now, **by)
    carrying.complete(begun, outcome="success", words="As planned.", **by)


def see_what_it_costs(story: Story, change: Change) -> None:
    """Beside the change stands what its interruption takes of what Acme was promised."""
    page = story.page(story.cast.mona, change.get_absolute_url())
    names = story.words.pick(story.agreement.name_en, story.agreement.name_zh)
    panel = page.locator("section.panel", has=page.locator("strong", has_text=names))
    expect(panel).to_contain_text("99.5 %")
    expect(panel).to_contain_text("30")


def decide_at_the_board(story: Story, change: Change) -> None:
    """Mona approves as change manager, which is not enough for a major change, and calls a meeting: alice
    and amy vote, and mona decides for the board."""
    cast = story.cast
    amy = make_user("amy", cast.provider, Role.AGENT)
    User.objects.update(language=story.words.code)
    for person in (cast.alice, amy):
        boards.seat(person, part="Desk", has_vote=True, actor=cast.mona.actor, now=this_second())
    chair = story.page(cast.mona, change.get_absolute_url())
    story.step(chair, f"{change.number}/decide", approve="yes")
    assert Change.objects.get(pk=change.pk).state == "approving"
    chair.goto("/boards/new/")
    story.send(chair, chair.locator("main form.panel"), meets_at=typed(this_second() + 5 * MINUTE))
    expect(chair).to_have_url(re.compile(r"/boards/CAB\d+/$"))
    expect(chair.locator("#agenda")).to_contain_text(change.number)
    story.step(chair, "act/begin")
    hold_the_meeting(story, chair, [cast.alice, amy])
    expect(chair.locator("main")).to_contain_text(change.number)
    assert Change.objects.get(pk=change.pk).state == "approved"


def hold_the_meeting(story: Story, chair: Page, voters: list[User]) -> None:
    """Votes, the decision with a condition, and the minutes that keep both."""
    meeting, item = BoardMeeting.objects.get(), AgendaItem.objects.get()
    for person in voters:
        voter = meeting.participants.get(user=person)
        page = story.page(person, meeting.get_absolute_url())
        page.locator(f"#for-{item.pk}-{voter.pk}").click()
        expect(page.locator(".board-voter", has_text=voter.name).locator("strong")).to_be_visible()
    condition = story.words.pick("Back up first", "先备份")
    chair.reload()
    chair.locator(f"#decision-{item.pk}").select_option("conditional")
    chair.locator(f"#conditions-{item.pk}").fill(condition)
    chair.locator(f"#decide-{item.pk}").click()
    expect(chair.locator(f"#item-{item.pk} .board-marks")).to_contain_text(
        story.words("Approved with conditions")
    )
    expect(chair.locator(f"#item-{item.pk}")).to_contain_text(condition)
    chair.reload()
    story.step(chair, "act/end")
    chair.goto(f"{meeting.get_absolute_url()}minutes/")
    for words in (condition, *(person.display_name for person in voters)):
        expect(chair.locator("main")).to_contain_text(words)


def tell_the_customer(story: Story, change: Change) -> None:
    """The approved interruption is in the calendar, and mona announces it to Acme: carla reads it."""
    mona = story.page(story.cast.mona, change.get_absolute_url())
    mona.locator("a[href*='/change-calendar/?day=']").click()
    expect(mona.locator("tr[data-row]", has_text=change.number)).to_be_visible()
    mona.goto(change.get_absolute_url())
    mona.locator("main section.panel a[href$='/announce/']").click()
    told: dict[str, Any] = {"reason_en": "A larger mail queue.", "reason_zh": "扩大邮件队列。"}
    story.send(mona, mona.locator("main form.panel"), **told)
    carla = story.page(story.cast.carla, "/portal/")
    carla.locator("main a[href*='/portal/announcements/ANN']").first.click()
    expect(carla.locator("main")).to_contain_text(story.words.pick(told["reason_en"], told["reason_zh"]))


def meet_the_condition(story: Story, change: Change) -> None:
    page = story.page(story.cast.mona, f"{change.get_absolute_url()}?view=approval")
    done = story.words.pick("Backed up at noon.", "已于中午备份。")
    story.send(page, page.locator("form.change-tick"), words=done)
    page.goto(f"{change.get_absolute_url()}?view=approval")
    expect(page.locator(".change-condition")).to_contain_text(done)


def release_it(story: Story, change: Change) -> None:
    """The release deploys the approved change: the server has its new revision, and the change its steps."""
    cast = story.cast
    approved = making.with_test(cast, Change.objects.get(pk=change.pk))
    planned = made.with_test(cast, made.planned(cast, (approved, story.server)))
    release = make_ready(planned, actor=cast.mona.actor, now=this_second())
    mona = story.page(cast.mona, release.get_absolute_url())
    story.step(mona, f"{release.number}/deploy")
    bob = story.page(cast.bob, change.get_absolute_url())
    story.step(bob, f"{change.number}/start")
    begun = Change.objects.get(pk=change.pk).actual_start_at
    assert begun
    what = story.words.pick("Installed 2.4", "已安装 2.4")
    note = {"what": what, "started_at": typed(begun), "ended_at": typed(begun)}
    story.step(bob, f"{change.number}/step", **note)
    expect(bob.locator("main")).to_contain_text(what)
    deploy = made.step(Release.objects.get(), "deploy")
    mona.goto(f"{release.get_absolute_url()}?view=deployment")
    story.step(mona, f"steps/{deploy.pk}/finish", words=what)
    alice = story.page(cast.alice, f"/configuration/{story.server.number}/")
    expect(alice.locator("dl.facts").first).to_contain_text("2.4")
    expect(alice.locator("main").get_by_role("link", name=release.number).first).to_be_visible()
    outcome = {"outcome": "success", "outcome_words": story.words.pick("As planned.", "按计划完成。")}
    story.step(bob, f"{change.number}/complete", **outcome)
    assert Item.objects.get(pk=story.server.pk).revision == "2.4"
    assert Change.objects.get(pk=change.pk).outcome == "success"


def hand_an_incident_to_the_supplier(story: Story) -> None:
    """The clock of the supplier's contract runs while he has the ticket, and is seen on it."""
    cast = story.cast
    supplier = week.make_supplier()
    contract = week.make_contract(cast, supplier, calendar="always").agreement
    incident = report(story, "A disk of mail-01 is broken", "mail-01 磁盘损坏", timedelta(0))
    page = story.page(cast.alice, f"/incidents/{incident.number}/hold/")
    page.locator("[name=reason][value=supplier]").check()
    form = page.locator("form[action$='/hold/']")
    note = story.words.pick("The maker sends a disk.", "厂商寄送硬盘。")
    story.send(page, form, supplier=supplier.pk, note=note)
    page.goto(f"/incidents/{incident.number}/supplier_replied/")
    answer = story.words.pick("It comes tomorrow.", "明天送到。")
    story.send(page, page.locator("form[action$='/supplier_replied/']"), note=answer)
    page.goto(incident.get_absolute_url())
    expect(page.locator(".record-main")).to_contain_text(answer)
    page.goto(f"/r/{incident.number}/parties/")
    name = story.words.pick(supplier.name_en, supplier.name_zh)
    expect(page.locator("tbody tr", has_text=name).first).to_be_visible()
    promise = page.locator("section.panel", has_text=story.words.pick(contract.name_en, contract.name_zh))
    expect(promise.locator(".target time").first).to_be_visible()
    clock = Clock.every.get(record=incident.pk, support=contract)
    assert clock.state == "running"
