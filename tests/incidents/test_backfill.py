"""Logged afterwards, with real times and on whose word; and past the desk (SD-16, SD-17)."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from accounts.access import Denied
from incidents import backfill
from incidents.models import Incident
from records.models import Activity
from sla.models import Clock, Metric
from tests.cast import MONDAY, Cast, make_incident
from tests.incidents.ticket import now as this_minute

HOUR = timedelta(hours=1)


def log(cast: Cast, **over):
    facts = {
        "actor": cast.alice.actor, "now": MONDAY + 5 * HOUR, "customer": cast.acme, "requester": cast.rita,
        "title": "Mailbox full", "service": cast.mail, "occurred_at": MONDAY, "backfill_source": "sales",
        "solution": backfill.Solution("Raised the quota.", MONDAY + HOUR),
    }  # fmt: skip
    return backfill.log_afterwards(**{**facts, **over})


@pytest.mark.req("SD-16")
def test_real_times_count_and_who_told_and_who_logged_is_kept(cast: Cast) -> None:
    made = log(cast)
    assert (made.opened_at, made.occurred_at, made.resolved_at) == (MONDAY, MONDAY, MONDAY + HOUR)
    assert (made.is_backfilled, made.backfill_source, made.logged_by) == (True, "sales", cast.alice)
    clock = Clock.objects.get(record=made.pk, metric=Metric.RESOLUTION)
    assert clock.spent == 3600
    note = Activity.objects.get(record=made.pk, verb="incident.backfilled")
    assert note.at == MONDAY + 5 * HOUR
    opening = Activity.objects.get(record=made.pk, verb="incident.open")
    assert opening.at == MONDAY < opening.logged_at


def test_what_was_missed_is_missed(cast: Cast) -> None:
    late = backfill.Solution("Raised the quota.", MONDAY + timedelta(days=4))
    made = log(cast, solution=late, now=MONDAY + timedelta(days=5))
    assert Clock.objects.get(record=made.pk, metric=Metric.RESOLUTION).breached_at is not None


@pytest.mark.req("SD-17")
def test_who_bypassed_the_desk_is_named(cast: Cast, alice: Client) -> None:
    made = log(cast, bypassed_by=cast.sven)
    assert made.bypassed_by == cast.sven
    assert "Sven" in alice.get(made.get_absolute_url()).content.decode()
    page = alice.get(reverse("incidents:checks"), {"list": "bypassed", "month": "2026-03"}).content.decode()
    assert made.number in page
    assert "by Sven" in page


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"backfill_source": "rumour"}, "backfill_source"),
        ({"occurred_at": MONDAY + 6 * HOUR}, "occurred_at"),
        ({"occurred_at": MONDAY - timedelta(days=90)}, "occurred_at"),
        ({"solution": backfill.Solution("x", MONDAY - HOUR)}, "solved_at"),
        ({"solution": backfill.Solution(" ", MONDAY + HOUR)}, "steps"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(cast: Cast, over: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        log(cast, **over)
    assert field in refused.value.message_dict
    assert not Incident.objects.exists()


def test_a_customer_is_not_the_one_who_bypasses(cast: Cast) -> None:
    with pytest.raises(ValidationError):
        log(cast, bypassed_by=cast.rita)


def test_customers_do_not_log_afterwards(cast: Cast) -> None:
    with pytest.raises(Denied):
        log(cast, actor=cast.rita.actor)


@pytest.mark.req("SD-16", "SD-17")
def test_an_agent_logs_it_on_the_usual_page(cast: Cast, alice: Client) -> None:
    now = this_minute()
    data = {
        "requester": cast.rita.pk, "title": "Printer was dead", "level": "22", "channel": "phone",
        "contact_type": "fault", "backfill_source": "customer", "bypassed_by": cast.sven.pk,
        "occurred_at": f"{now - 3 * HOUR:%Y-%m-%dT%H:%M}", "is_solved": "on", "code": "solved",
        "steps": "New toner.", "solved_at": f"{now - 2 * HOUR:%Y-%m-%dT%H:%M}",
    }  # fmt: skip
    with_zone = alice.post(reverse("incidents:new"), data)
    assert with_zone.status_code == 302, with_zone.content.decode()[-3000:]
    made = Incident.objects.get()
    assert made.resolved_at is not None
    assert made.resolved_at - made.opened_at == HOUR
    assert made.bypassed_by == cast.sven


def test_the_page_asks_for_the_real_time(cast: Cast, alice: Client) -> None:
    data = {
        "requester": cast.rita.pk, "title": "Printer was dead", "level": "22", "channel": "phone",
        "contact_type": "fault", "backfill_source": "customer",
    }  # fmt: skip
    answer = alice.post(reverse("incidents:new"), data)
    assert answer.status_code == 422
    assert "Say when it really occurred." in answer.content.decode()


def test_that_the_desk_was_bypassed_can_be_noted_and_taken_back(cast: Cast) -> None:
    made = make_incident(cast)
    noted = backfill.note_bypass(made, person=cast.sven, actor=cast.alice.actor, now=MONDAY + HOUR)
    assert noted.bypassed_by == cast.sven
    again = backfill.note_bypass(noted, person=None, actor=cast.alice.actor, now=MONDAY + HOUR)
    assert again.bypassed_by is None
