"""The pages of actions and improvement plans, walked by request."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from actions import plans, services
from actions.models import Action, ImprovementPlan
from records.lifecycle import IllegalMove
from tests.cast import Cast, make_incident

pytestmark = pytest.mark.django_db
Browser = Callable[[Any], Client]

# today is another day in another zone
DAYS = timedelta(days=2)


def now() -> Any:
    return timezone.now().replace(microsecond=0)


def day(days: int) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def plan_of(cast: Cast, **over: Any) -> ImprovementPlan:
    facts: dict[str, Any] = {
        "title": "Fewer late replies", "title_zh": "减少迟复", "objective": "Reply in time again.",
        "owner": cast.alice, "people": "The desk", "resources": "Two days", "indicator": "In time",
        "starts_on": timezone.localdate(), "ends_on": timezone.localdate() + timedelta(days=60),
        "value_before": "82 %", "value_wanted": "95 %", "actor": cast.mona.actor, "now": now(),
        "agreement": cast.agreement.agreement,
    }  # fmt: skip
    return plans.propose(**{**facts, **over})


@pytest.mark.req("SLM-60")
def test_an_action_is_opened_done_and_judged_in_the_browser(client_of: Browser, cast: Cast) -> None:
    mona, alice = client_of(cast.mona), client_of(cast.alice)
    incident = make_incident(cast)
    form = mona.get(f"/actions/new/?cause={incident.number}&source=breach").content.decode()
    assert incident.number in form
    asked = {"source": "breach", "title": "Check twice a day", "responsible": cast.alice.pk, "due_on": day(7)}
    refused = mona.post("/actions/new/", {**asked, "cause": "INC9999999"})
    assert (refused.status_code, "no record of this number" in refused.content.decode()) == (422, True)
    opened = mona.post("/actions/new/", {**asked, "cause": incident.number.lower()})
    page = opened.headers["Location"]
    assert incident.number in alice.get(page).content.decode()
    assert alice.post(f"{page}start/").status_code == 302
    assert alice.post(f"{page}finish/", {"outcome": ""}).status_code == 422
    assert alice.post(f"{page}finish/", {"outcome": "A rota"}).status_code == 302
    assert alice.post(f"{page}judge/", {"effective": "yes", "words": "97 %"}).status_code == 403
    assert mona.post(f"{page}judge/", {"effective": "yes", "words": "97 %"}).status_code == 302
    assert "Effect confirmed" in mona.get(page).content.decode()
    assert mona.post(f"{page}cancel/", {"reason": "late"}).status_code == 409
    assert mona.post(f"{page}nonsense/").status_code == 404


def test_the_list_narrows_to_mine_overdue_source_and_agreement(client_of: Browser, cast: Cast) -> None:
    facts: dict[str, Any] = {
        "description": "", "due_on": timezone.localdate() + DAYS, "actor": cast.mona.actor, "now": now()
    }  # fmt: skip
    mine = services.open_action(source="review", title="Mine", responsible=cast.alice, **facts)
    other = services.open_action(
        source="breach", title="Others", responsible=cast.bob, agreement=cast.agreement.agreement, **facts
    )
    Action.objects.filter(pk=other.pk).update(due_on=timezone.localdate() - DAYS)

    def shown(query: str, who: Any = cast.alice) -> set[str]:
        text = client_of(who).get(f"/actions/{query}").content.decode()
        return {row.number for row in (mine, other) if row.number in text}

    assert shown("") == {mine.number}
    assert shown("", cast.mona) == {mine.number, other.number}
    assert shown("?who=all") == {mine.number, other.number}
    assert shown("?who=all&state=overdue") == {other.number}
    assert shown("?who=all&source=breach") == {other.number}
    assert shown(f"?who=all&agreement={cast.agreement.agreement_id}") == {other.number}
    assert shown("?who=all&state=effective") == set()
    assert shown("?who=x&state=y&source=z&agreement=q&page=w") == {mine.number}


@pytest.mark.req("SLM-43")
def test_a_plan_is_approved_by_another_carried_out_and_closed_with_its_figure(
    client_of: Browser, cast: Cast
) -> None:
    mona, admin = client_of(cast.mona), client_of(cast.admin)
    asked = {
        "title": "Fewer late replies", "title_zh": "减少迟复", "objective": "Reply in time",
        "indicator": "First response", "value_before": "82 %", "value_wanted": "95 %", "people": "The desk",
        "agreement": cast.agreement.agreement_id, "resources": "Two days", "owner": cast.alice.pk,
        "starts_on": day(0), "ends_on": day(-1),
    }  # fmt: skip
    assert mona.post("/improvements/new/", asked).status_code == 422
    page = mona.post("/improvements/new/", {**asked, "ends_on": day(60)}).headers["Location"]
    assert "/approve/" not in mona.get(page).content.decode()
    assert mona.post(f"{page}approve/").status_code == 422
    assert admin.post(f"{page}approve/", {"note": "Go"}).status_code == 302
    assert mona.post(f"{page}begin/").status_code == 302
    plan = ImprovementPlan.objects.get()
    action = mona.post(
        "/actions/new/",
        {
            "source": "improvement",
            "title": "A rota",
            "responsible": cast.alice.pk,
            "due_on": day(9),
            "plan": plan.pk,
        },
    ).headers["Location"]
    result = {"value_after": "96 %", "result": "Kept for two months"}
    refused = mona.post(f"{page}conclude/", result)
    assert (refused.status_code, "not done yet" in refused.content.decode()) == (422, True)
    client_of(cast.alice).post(f"{action}finish/", {"outcome": "done"})
    assert mona.post(f"{page}conclude/", result).status_code == 302
    plan.refresh_from_db()
    assert (plan.state, plan.value_after, plan.approved_by) == ("closed", "96 %", cast.admin)
    assert "96 %" in mona.get("/improvements/?state=closed").content.decode()


@pytest.mark.req("SLM-43")
def test_a_plan_leads_to_a_new_edition_of_its_agreement(client_of: Browser, cast: Cast) -> None:
    plan = plan_of(cast)
    mona = client_of(cast.mona)
    page = mona.get(plan.get_absolute_url()).content.decode()
    url = f"/agreements/new/?agreement={cast.agreement.agreement_id}&change_reason={plan.number}"
    assert url.replace("&", "&amp;") in page
    form = mona.get(url).content.decode()
    assert f'<option value="{cast.agreement.agreement_id}" selected>' in form
    assert f'value="{plan.number}"' in form


def test_a_plan_cannot_begin_before_it_is_approved(cast: Cast) -> None:
    plan = plan_of(cast)
    with pytest.raises(IllegalMove):
        plans.start(plan, actor=cast.mona.actor, now=now())
    gone = plans.withdraw(plan, reason="No budget", actor=cast.mona.actor, now=now())
    assert gone.state == "withdrawn"


def test_agents_see_plans_and_lead_none(client_of: Browser, cast: Cast) -> None:
    plan = plan_of(cast)
    alice = client_of(cast.alice)
    assert alice.get(plan.get_absolute_url()).status_code == 200
    assert alice.get("/improvements/new/").status_code == 403
    assert alice.get("/actions/new/").status_code == 403
    assert alice.post(f"{plan.get_absolute_url()}approve/").status_code == 403
    assert client_of(cast.carla).get(plan.get_absolute_url()).status_code == 302
    assert client_of(cast.mona).get(f"/actions/{plan.number}/").status_code == 404
