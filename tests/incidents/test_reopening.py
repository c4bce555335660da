"""Reopened by the requester within a period; closed within another; late closures are listed (INC-16, 26)."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from incidents import checklists, services
from incidents.models import Incident, Rules
from tests.cast import MONDAY, Cast, make_incident
from tests.incidents.ticket import ClientOf, now

DAY = timedelta(days=1)


@pytest.fixture
def solved(cast: Cast) -> Incident:
    return services.resolve(
        make_incident(cast), code="solved", steps="Done.", actor=cast.alice.actor, now=MONDAY
    )


@pytest.mark.req("INC-26")
def test_within_the_period_the_requester_reopens_and_later_reports_anew(cast: Cast, solved: Incident) -> None:
    Rules.objects.create(customer=cast.acme, reopen_days=3)
    with pytest.raises(ValidationError, match="report it anew"):
        services.reopen(
            solved, reason="No.", actor=cast.rita.actor, now=MONDAY + 3 * DAY + timedelta(seconds=1)
        )
    again = services.reopen(solved, reason="No.", actor=cast.rita.actor, now=MONDAY + 3 * DAY)
    assert (again.state, again.reopen_count) == ("in_progress", 1)


def test_the_desk_may_reopen_later(cast: Cast, solved: Incident) -> None:
    late = services.reopen(solved, reason="No.", actor=cast.alice.actor, now=MONDAY + 90 * DAY)
    assert late.state == "in_progress"


@pytest.mark.req("INC-26")
def test_the_portal_says_until_when_and_afterwards_to_report_anew(
    cast: Cast, client_of: ClientOf, solved: Incident
) -> None:
    page = client_of(cast.rita).get(reverse("portal:detail", args=[solved.number])).content.decode()
    assert "You can reopen it until" in page
    Incident.objects.filter(pk=solved.pk).update(resolved_at=now() - 60 * DAY)
    answer = client_of(cast.rita).post(
        reverse("portal:reopen", args=[solved.number]), {"reason": "It is back."}
    )
    assert answer.status_code == 422
    assert "Please report it anew" in answer.content.decode()


@pytest.mark.req("INC-16")
def test_what_is_not_closed_in_time_is_listed_and_so_is_what_was_closed_late(
    cast: Cast, solved: Incident
) -> None:
    Rules.objects.create(customer=None, close_days=10)
    Rules.objects.create(customer=cast.acme, close_days=2)
    span = {"start": MONDAY, "end": MONDAY + 30 * DAY}
    actor = cast.alice.actor
    assert checklists.counts(actor, **span, now=MONDAY + 2 * DAY)["not-closed"] == 0
    assert checklists.counts(actor, **span, now=MONDAY + 2 * DAY + timedelta(1))["not-closed"] == 1
    services.close(solved, no_answer="Called twice.", actor=actor, now=MONDAY + 4 * DAY)
    found = checklists.counts(actor, **span, now=MONDAY + 5 * DAY)
    assert (found["not-closed"], found["closed-late"]) == (0, 1)


def test_another_customers_are_nobodys_business(cast: Cast, alice: Client, solved: Incident) -> None:
    from accounts.models import Grant

    Grant.objects.filter(user=cast.alice).update(organisation=cast.globex)
    span = {"start": MONDAY, "end": MONDAY + 30 * DAY, "now": MONDAY + 20 * DAY}
    cast.alice.refresh_from_db()
    actor = type(cast.alice).objects.get(pk=cast.alice.pk).actor
    assert not any(checklists.counts(actor, **span).values())
