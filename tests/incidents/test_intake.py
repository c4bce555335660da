"""What the desk takes in: any kind of contact, at any hour, whatever calendar the promise runs by."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from incidents.models import ContactType, Incident
from tests.browser.scene import ALWAYS
from tests.cast import Cast, make_agreement, make_calendar, make_incident

SUNDAY_NIGHT = datetime(2026, 3, 1, 19, 0, tzinfo=UTC)  # 3 o'clock on Monday morning in Shanghai
KINDS = ("fault", "consultation", "data_change", "permission_change", "guidance", "suggestion", "complaint")


@pytest.mark.req("SD-03")
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_contact_is_offered_kept_and_shown(cast: Cast, client_of: Any, kind: str) -> None:
    alice, new = client_of(cast.alice), reverse("incidents:new")
    offered = dict(alice.get(new).context["form"].fields["contact_type"].choices)
    assert kind in offered
    call = {
        "requester": cast.rita.pk, "title": "Something", "level": "22", "channel": "phone",
        "contact_type": kind,
    }  # fmt: skip
    page = alice.post(new, call, follow=True).content.decode()
    assert Incident.objects.get().contact_type == kind
    assert str(ContactType(kind).label) in page


@pytest.mark.req("SD-06")
def test_a_contact_at_night_is_taken_in_and_its_promise_waits_for_the_desk_hours(cast: Cast) -> None:
    made = make_incident(cast, now=SUNDAY_NIGHT)
    assert made.opened_at == SUNDAY_NIGHT
    opening = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # 9 o'clock
    assert made.clocks.get(metric="first_response").due_at == opening + timedelta(hours=2)


@pytest.mark.req("SD-06")
def test_a_desk_around_the_clock_answers_at_night_too(cast: Cast) -> None:
    make_agreement(make_calendar("always", ALWAYS), cast.acme)
    made = make_incident(cast, now=SUNDAY_NIGHT)
    assert made.clocks.get(metric="first_response").due_at == SUNDAY_NIGHT + timedelta(hours=2)
