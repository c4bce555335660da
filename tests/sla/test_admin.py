"""Terms no clock could start with are refused in the back office, not when a customer reports something."""

import json
from typing import Any

import pytest
from django.urls import reverse

from sla.models import Agreement, AgreementVersion, Calendar
from sla.policy import DEFAULT_MATRIX
from tests.cast import Cast, make_calendar

URL = "admin:sla_agreementversion_add"


def terms(cast: Cast, calendar: Calendar, **target: Any) -> dict[str, Any]:
    agreement = Agreement.objects.create(code="own", customer=cast.acme, name_en="Own")
    row = {"metric": "resolution", "kind": "working_days", "amount": "2", "until": "same_time",
           "opens": "creation", "goal_percent": "95", **target}  # fmt: skip
    form = {
        "agreement": agreement.pk, "effective_from_0": "2026-01-01", "effective_from_1": "00:00:00",
        "calendar": calendar.pk, "matrix": json.dumps(dict(DEFAULT_MATRIX)), "pausing_reasons": "customer",
        "warn_at": "50,90", "targets-TOTAL_FORMS": "1", "targets-INITIAL_FORMS": "0",
    }  # fmt: skip
    return form | {f"targets-0-{name}": value for name, value in row.items()}


def refusal(cast: Cast, client_of: Any, form: dict[str, Any]) -> str:
    response = client_of(cast.admin).post(reverse(URL), form)
    assert response.status_code == 200
    assert not AgreementVersion.objects.filter(agreement__code="own").exists()
    return str(response.content.decode())


@pytest.mark.django_db
def test_good_terms_are_taken(cast: Cast, client_of: Any) -> None:
    assert client_of(cast.admin).post(reverse(URL), terms(cast, cast.calendar)).status_code == 302
    assert AgreementVersion.objects.get(agreement__code="own").targets.get().promise == {
        "kind": "working_days", "days": 2, "until": "same_time",
    }  # fmt: skip


@pytest.mark.django_db
def test_a_misspelt_end_of_day_is_refused(cast: Cast, client_of: Any) -> None:
    assert "until" in refusal(cast, client_of, terms(cast, cast.calendar, until="evening"))


@pytest.mark.django_db
def test_a_calendar_without_hours_is_refused(cast: Cast, client_of: Any) -> None:
    empty = Calendar.objects.create(code="empty", name_en="Empty")
    words = "This calendar has no version yet"
    assert words in refusal(cast, client_of, terms(cast, empty))


@pytest.mark.django_db
def test_working_days_a_calendar_does_not_have_are_refused(cast: Cast, client_of: Any) -> None:
    once = {"timezone": "UTC", "weekly": {}, "special": {"2026-01-05": [["09:00", "10:00"]]}}
    form = terms(cast, make_calendar("once", once))
    assert "the calendar has fewer than 2 working days" in refusal(cast, client_of, form)
