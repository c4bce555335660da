"""The end of an agreement: asked for, shown with all that hangs on it, told, called off, done on its day."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from actions.models import Action
from actions.services import open_action
from agreements import ending, follow_up, lifecycle, tasks
from agreements.models import Edition, Ending, FollowUp
from records.lifecycle import IllegalMove
from records.models import Activity, Delivery
from sla.models import Agreement, Clock
from tests.agreements.test_life import (
    DAY,
    agreement,
    draft,
    fresh,
    in_force,
    ola,
    resting_on_the_desk,
)
from tests.cast import MONDAY, Cast, make_incident

__all__ = ["agreement"]
pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def edition(cast: Cast, agreement: Agreement) -> Edition:
    ola(cast, 4)
    found = resting_on_the_desk()
    found |= {
        "credits": [{"target": "*", "below": 90, "percent": 5}], "reports": [{"kind": "service_level"}],
    }  # fmt: skip
    return in_force(cast, draft(cast, agreement, terms=found))


def request(cast: Cast, edition: Edition, **over: Any) -> Ending:
    facts = {"reason": "They move away", "at": MONDAY + 30 * DAY, "actor": cast.mona.actor, "now": MONDAY}
    return ending.request(edition, **{**facts, **over})


@pytest.mark.req("SLM-46")
def test_a_request_records_what_is_open_and_tells_the_customers_people(cast: Cast, edition: Edition) -> None:
    ticket = make_incident(cast, now=MONDAY + HOUR)
    open_action(
        source=Action.Source.OTHER, title="Tidy the mail rules", description="", responsible=cast.alice,
        due_on=(MONDAY + DAY).date(), agreement=edition.agreement, actor=cast.mona.actor, now=MONDAY,
    )  # fmt: skip
    made = request(cast, edition, now=MONDAY + 2 * HOUR)
    assert [(duty["kind"], duty["number"] or duty["words"]["en"]) for duty in made.duties] == [
        ("ticket", ticket.number), ("action", Action.objects.get(title="Tidy the mail rules").number),
        ("report", "Service level report"), ("credit", "for the last periods"),
    ]  # fmt: skip
    assert made.offers == [{"service": "mail", "falls_to": "default"}]
    told = Delivery.objects.filter(activity__verb="agreement.plan_end").values_list("recipient", flat=True)
    assert {cast.rita.pk, cast.carla.pk} <= set(told)
    assert cast.charlie.pk not in told
    proposal = Action.objects.get(key=f"ending-{made.pk}-catalogue")
    assert "E-mail → Agreement" in proposal.description
    assert follow_up.open_items(edition.agreement).get().kind == FollowUp.Kind.END


@pytest.mark.req("SLM-24", "SLM-46")
def test_until_its_day_it_binds_and_from_then_on_it_does_not(cast: Cast, edition: Edition) -> None:
    made = request(cast, edition)
    assert fresh(edition).state == lifecycle.IN_FORCE
    before = make_incident(cast, now=MONDAY + 29 * DAY)
    pinned = Clock.objects.filter(agreement_version__agreement=edition.agreement)
    assert pinned.filter(record=before.pk).exists()
    assert ending.carry_out(actor=cast.system, now=made.ends_at - HOUR) == 0
    for expected in (1, 0):
        assert ending.carry_out(actor=cast.system, now=made.ends_at) == expected
    assert fresh(edition).state == lifecycle.TERMINATED
    after = make_incident(cast, now=MONDAY + 31 * DAY)
    assert not pinned.filter(record=after.pk).exists()
    # what was open keeps its promise to the end
    assert pinned.filter(record=before.pk).exists()
    log = Activity.objects.filter(record=edition.pk).values_list("verb", flat=True)
    assert [verb for verb in log.order_by("pk") if "end" in verb or "termin" in verb] == [
        "agreement.plan_end", "agreement.terminate",
    ]  # fmt: skip


@pytest.mark.req("SLM-46")
def test_an_end_is_called_off_before_its_day_only(cast: Cast, edition: Edition) -> None:
    made = request(cast, edition)
    with pytest.raises(ValidationError, match="asked for already"):
        request(cast, fresh(edition))
    with pytest.raises(ValidationError, match="why the agreement goes on"):
        ending.call_off(made, reason=" ", actor=cast.mona.actor, now=MONDAY)
    ending.call_off(made, reason="They stay", actor=cast.mona.actor, now=MONDAY + DAY)
    assert Agreement.objects.get(pk=edition.agreement_id).ended_at is None
    assert FollowUp.objects.get(edition=edition).outcome == FollowUp.Outcome.CALLED_OFF
    assert ending.carry_out(actor=cast.system, now=made.ends_at) == 0
    assert fresh(edition).state == lifecycle.IN_FORCE
    again = request(cast, fresh(edition), now=MONDAY + DAY)
    with pytest.raises(ValidationError, match="before its day"):
        ending.call_off(again, reason="Too late", actor=cast.mona.actor, now=again.ends_at)


@pytest.mark.req("SLM-46")
def test_an_end_at_once_is_done_at_once_and_the_task_does_the_others(cast: Cast, edition: Edition) -> None:
    made = request(cast, edition, at=MONDAY)
    assert Ending.objects.get(pk=made.pk).done_at == MONDAY
    assert fresh(edition).state == lifecycle.TERMINATED
    with pytest.raises(IllegalMove):
        request(cast, fresh(edition))
    other = Agreement.objects.create(code="globex", customer=cast.globex, name_en="Globex")
    later = in_force(cast, draft(cast, other))
    request(cast, later)
    tasks.roll()  # MONDAY and the month after it lie in the past of the task's clock
    assert fresh(later).state == lifecycle.TERMINATED


def test_a_request_with_an_edition_in_the_making_is_refused(cast: Cast, edition: Edition) -> None:
    second = draft(cast, edition.agreement, effective_from=MONDAY + DAY, change_reason="Hours")
    with pytest.raises(ValidationError, match=f"{second.number} is being made"):
        request(cast, edition)
    for wrong, words in (
        ({"reason": ""}, "why the agreement ends"),
        ({"at": MONDAY - DAY}, "before it began"),
    ):
        with pytest.raises(ValidationError, match=words):
            request(cast, edition, **wrong)


@pytest.mark.req("SLM-46")
def test_one_page_shows_all_that_hangs_on_it_and_takes_the_request_and_its_recall(
    client: Client, cast: Cast, edition: Edition
) -> None:
    url = f"{edition.get_absolute_url()}end/"
    client.force_login(cast.mona)
    shown = client.get(url).content.decode()
    for words in ("Desk OLA", "E-mail", "falls to Agreement", "Service level report", "Ask for its end"):
        assert words in shown
    assert client.post(url, {"at": "2027-01-01T00:00", "reason": ""}).status_code == 422
    later = (timezone.localtime() + DAY).strftime("%Y-%m-%dT%H:%M")
    assert client.post(url, {"at": later, "reason": "They move away"}).status_code == 302
    page = client.get(edition.get_absolute_url()).content.decode()
    assert "It is to end" in page
    assert "They move away" in client.get(url).content.decode()
    assert client.post(url, {"off-reason": "They stay"}).status_code == 302
    assert "called off" in client.get(url).content.decode()
    assert Agreement.objects.get(pk=edition.agreement_id).ended_at is None
