"""The whole life of an agreement on its pages, by the people who lead it through, in both languages."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

import amendments.services
from accounts.models import User
from agreements import lifecycle
from agreements.models import Edition, FollowUp
from sla import editions
from sla.models import Agreement, Clock, ServicePackage
from sla.terms import SECTIONS, Terms
from tests.amendments import acts
from tests.browser.conftest import Visits
from tests.browser.scene import Scene
from tests.cast import EARLY, Cast

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
METHOD = {"en": "from the tickets", "zh": "依据工单"}
WRITTEN = ("introduction", "charges")


def promise(hours: int, **over: Any) -> dict[str, Any]:
    seconds = {"kind": "business_seconds", "seconds": hours * 3600}
    return {"metric": "resolution", "promise": seconds, "method": METHOD, **over}


def prepare(cast: Cast) -> None:
    """Acme's old agreement has ended; an OLA of the desk in force, a package that rests on it and lacks two
    sections.
    """
    Agreement.objects.filter(customer=cast.acme).update(ended_at=timezone.now() - timedelta(days=1))
    desk = Agreement.objects.create(
        code="ola-desk", kind="ola", team=cast.desk, name_en="Desk OLA", name_zh="服务台 OLA"
    )
    behind = Terms.parse({"calendar": "always", "targets": [promise(4)]})
    editions.publish(desk, behind, effective_from=EARLY, effective_until=None, actor=cast.system, now=EARLY)
    rests = [{"agreement": "ola-desk", "target": "resolution//"}]
    sections = {code: {"en": "Words", "zh": "文字"} for code in SECTIONS if code not in WRITTEN}
    terms = {"calendar": "always", "targets": [promise(8, underpinned_by=rests)], "sections": sections}
    ServicePackage.objects.create(
        code="basic", family="desk", rank=1, name_en="Basic", name_zh="基本", terms=Terms.parse(terms).dump()
    )


@dataclass
class Walk:
    """The pages of those who take part, and the edition on its way."""

    mona: Page
    admin: Page
    carla: Page
    url: str = ""

    @property
    def number(self) -> str:
        return self.url.rstrip("/").rpartition("/")[2]

    @property
    def edition(self) -> Edition:
        found: Edition = Edition.objects.get(number=self.number)
        return found

    def step(self, page: Page, name: str, **words: str) -> None:
        """Take a step on the edition's page, and see that it was taken."""
        page.goto(self.url)
        self.send(page, page.locator(f'form[action$="/{name}/"]'), **words)

    @staticmethod
    def send(page: Page, form: Locator, **words: str) -> None:
        """Open what the form is folded into, fill it in, send it; nothing may be refused."""
        if not form.is_visible():
            page.locator("details", has=form).locator("summary").first.click()
        for field, value in words.items():
            put(form.locator(f'[name="{field}"]'), value)
        form.locator('button[type="submit"]').first.click()
        page.wait_for_load_state()
        expect(page.locator(".form-error")).to_have_count(0)


def put(field: Locator, value: str) -> None:
    if field.evaluate("node => node.tagName") == "SELECT":
        field.select_option(value)
    else:
        field.fill(value)


def minute(ago: int) -> str:
    return (timezone.localtime() - timedelta(minutes=ago)).strftime("%Y-%m-%dT%H:%M")


def begin(walk: Walk, scene: Scene) -> Agreement:
    """A new agreement with Acme and its first draft, from the package."""
    page = walk.mona
    page.goto("/agreements/begin/")
    form = page.locator("main form").last
    acme = {
        "kind": "sla",
        "name_en": "Acme gold",
        "name_zh": "艾可美金牌",
        "customer": str(scene.cast.acme.pk),
    }
    walk.send(page, form, **acme)
    expect(page).to_have_url(re.compile(r"/agreements/new/\?agreement=\d+"))
    basic = ServicePackage.objects.get(code="basic")
    walk.send(page, page.locator("main form").last, package=str(basic.pk), effective_from=minute(5))
    walk.url = page.url
    return Agreement.objects.get(name_en="Acme gold")


def write(walk: Walk) -> None:
    """The missing sections and the cost, by their forms."""
    page = walk.mona
    for code in WRITTEN:
        page.goto(f"{walk.url}terms/sections/{code}/")
        walk.send(page, page.locator("main form.panel"), zh="双方约定如下。", en="Agreed as follows.")
    page.goto(f"{walk.url}terms/general/")
    walk.send(page, page.locator("main form.panel"), cost_amount="1200", renewal_prompt_days="60, 30")
    page.goto(f"{walk.url}terms/")
    expect(page.locator("main a[href*='/terms/sections/introduction/']").first).to_be_visible()


def into_force(walk: Walk, cast: Cast) -> None:
    """Reviewed, checked, offered, agreed to by the customer in the portal, signed by both, in force."""
    today = timezone.localdate().isoformat()
    walk.step(walk.mona, "submit", reviewers=str(cast.admin.pk))
    walk.step(walk.admin, "countersign", result="approved")
    walk.step(walk.admin, "check_legality", result="passed")
    walk.step(walk.mona, "offer")
    portal = f"/portal/agreements/{walk.number}/"
    walk.carla.goto(portal)
    walk.send(walk.carla, walk.carla.locator(f'form[action*="{portal}agree/"]'), note="Good")
    assert walk.edition.state == lifecycle.TO_SIGN
    walk.step(walk.admin, "sign", party="provider", person="Ada", role="Director", signed_on=today)
    walk.carla.goto(portal)
    walk.send(walk.carla, walk.carla.locator(f'form[action*="{portal}sign/"]'), role="Head of IT")
    if amendments.services.current(walk.edition):  # other words are a change, approved before they bind
        acts.approve(cast, walk.edition, now=timezone.now().replace(microsecond=0))
    walk.step(walk.mona, "activate")
    assert walk.edition.state == lifecycle.IN_FORCE


@pytest.mark.req("SLM-10", "SLM-12", "SLM-17", "SLM-18", "SLM-23", "SLM-44", "SLM-46")
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_an_agreement_lives_from_its_draft_to_its_end(visit: Visits, scene: Scene, language: str) -> None:
    cast = scene.cast
    prepare(cast)
    User.objects.filter(pk__in=[cast.mona.pk, cast.admin.pk, cast.carla.pk]).update(language=language)
    walk = Walk(visit(cast.mona), visit(cast.admin), visit(cast.carla))
    agreement = begin(walk, scene)
    first = walk.number
    write(walk)
    into_force(walk, cast)
    runs_on_it(visit, cast, agreement)
    revise(walk, agreement)
    into_force(walk, cast)
    assert Edition.objects.get(number=first).state == lifecycle.SUPERSEDED
    item = FollowUp.objects.get(edition__agreement=agreement, outcome="")
    walk.step(walk.mona, f"follow-ups/{item.pk}", outcome="unaffected", reason="Same figures")
    end(walk, agreement)


def runs_on_it(visit: Visits, cast: Cast, agreement: Agreement) -> None:
    """A customer reports something; its clock is the new agreement's."""
    page = visit(cast.rita)
    page.goto(reverse("portal:new"))
    form = page.locator("main form").last
    Walk.send(page, form, title="Cannot print")
    clock = Clock.objects.select_related("agreement_version").latest("pk")
    assert clock.agreement_version.agreement_id == agreement.pk


def revise(walk: Walk, agreement: Agreement) -> None:
    """The next edition, with other words."""
    page = walk.mona
    page.goto(f"/agreements/new/?agreement={agreement.pk}")
    walk.send(page, page.locator("main form").last, effective_from=minute(2), change_reason="Clearer words")
    walk.url = page.url
    page.goto(f"{walk.url}terms/sections/introduction/")
    walk.send(
        page, page.locator("main form.panel"), zh="自本版起更清楚。", en="Clearer from this edition on."
    )


def end(walk: Walk, agreement: Agreement) -> None:
    """Asked for as of tomorrow, with all that hangs on it; it binds until then."""
    page = walk.mona
    page.goto(f"{walk.url}end/")
    expect(page.locator("main").get_by_text("OLA", exact=False).first).to_be_visible()
    tomorrow = (timezone.localtime() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    walk.send(page, page.locator("main form").last, at=tomorrow, reason="They move away")
    expect(page.locator("main").get_by_text("They move away")).to_be_visible()
    assert walk.edition.state == lifecycle.IN_FORCE
    agreement.refresh_from_db()
    assert agreement.ended_at is not None
    assert FollowUp.objects.get(edition__agreement=agreement, outcome="").kind == FollowUp.Kind.END
