"""In the back office agreements are read: promises are made where they are reviewed and signed.

Terms no clock could start with are refused when a version is written, not when a customer reports something.
"""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.models import User
from sla import editions
from sla.models import Agreement, AgreementVersion, Calendar, Target
from sla.terms import Terms, TermsError
from tests.cast import EARLY, Cast, make_calendar

pytestmark = pytest.mark.django_db
TWO_DAYS = {"kind": "working_days", "days": 2, "until": "same_time"}


@pytest.mark.req("SLM-18", "SLM-57")
@pytest.mark.parametrize("model", ["agreement", "agreementversion"])
def test_nobody_writes_a_promise_past_review_and_signature(cast: Cast, client_of: Any, model: str) -> None:
    browser = client_of(cast.admin)
    row = cast.agreement if model == "agreementversion" else cast.agreement.agreement
    before = list(AgreementVersion.objects.values()), list(Target.objects.values())
    assert browser.get(reverse(f"admin:sla_{model}_changelist")).status_code == 200
    page = browser.get(reverse(f"admin:sla_{model}_change", args=[row.pk]))
    assert page.status_code == 200
    assert 'name="_save"' not in page.content.decode()
    for url in (
        reverse(f"admin:sla_{model}_add"),
        reverse(f"admin:sla_{model}_change", args=[row.pk]),
        reverse(f"admin:sla_{model}_delete", args=[row.pk]),
    ):
        assert browser.post(url, {"name_en": "x", "number": 9}).status_code == 403
    assert (list(AgreementVersion.objects.values()), list(Target.objects.values())) == before


def publish(cast: Cast, calendar: Calendar, **promise: Any) -> AgreementVersion:
    agreement = Agreement.objects.create(code="own", customer=cast.acme, name_en="Own")
    found = Terms.parse(
        {
            "calendar": calendar.code,
            "targets": [{"metric": "resolution", "promise": {**TWO_DAYS, **promise}}],
        }
    )
    system = User.objects.get(username="system").actor
    return editions.publish(
        agreement, found, effective_from=EARLY, effective_until=None, actor=system, now=EARLY
    )


def test_good_terms_are_taken(cast: Cast) -> None:
    assert publish(cast, cast.calendar).targets.get().promise == TWO_DAYS


def test_a_misspelt_end_of_day_is_refused(cast: Cast) -> None:
    with pytest.raises(TermsError, match="until"):
        publish(cast, cast.calendar, until="evening")


def test_a_calendar_without_hours_is_refused(cast: Cast) -> None:
    empty = Calendar.objects.create(code="empty", name_en="Empty")
    with pytest.raises(ValidationError, match="This calendar has no version yet"):
        publish(cast, empty)


def test_working_days_a_calendar_does_not_have_are_refused(cast: Cast) -> None:
    once = {"timezone": "UTC", "weekly": {}, "special": {"2026-01-05": [["09:00", "10:00"]]}}
    with pytest.raises(ValidationError, match="the calendar has fewer than 2 working days"):
        publish(cast, make_calendar("once", once))
