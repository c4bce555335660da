"""Before an agreement ends its keepers are told; a new edition follows, or it ends or goes on as it says."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from agreements import lifecycle, renewal, services, tasks
from agreements.models import Edition
from records.models import Activity, Delivery
from sla.models import Agreement, AgreementVersion, Clock
from tests.agreements.test_life import DAY, agreement, draft, fresh, in_force, terms
from tests.cast import MONDAY, Cast, make_incident

__all__ = ["agreement"]
pytestmark = pytest.mark.django_db
YEAR = 365 * DAY
END = MONDAY + YEAR


def prompts(edition: Edition) -> list[int]:
    rows = Activity.objects.filter(record=edition.pk, verb="agreement.prompt_renewal").order_by("pk")
    return [row.data["days"] for row in rows]


def signed(cast: Cast, agreement: Agreement, **over: Any) -> Edition:
    return in_force(cast, draft(cast, agreement, effective_until=END, terms=terms(**over)))


@pytest.mark.req("SLM-20")
def test_the_keepers_are_told_once_at_each_of_the_days_the_agreement_names(
    cast: Cast, agreement: Agreement
) -> None:
    edition = signed(cast, agreement)
    for days, expected in (
        (91, []),
        (90, [90]),
        (61, [90]),
        (60, [90, 60]),
        (59, [90, 60]),
        (1, [90, 60, 30]),
    ):
        for _ in range(2):
            renewal.prompt(actor=cast.system, now=END - days * DAY)
        assert prompts(edition) == expected
    told = Delivery.objects.filter(activity__verb="agreement.prompt_renewal").values_list(
        "recipient", flat=True
    )
    assert cast.mona.pk in set(told)
    renewal.prompt(actor=cast.system, now=END + DAY)
    assert len(prompts(edition)) == 3


@pytest.mark.req("SLM-20")
def test_whoever_is_late_is_told_once_and_own_days_count(cast: Cast, agreement: Agreement) -> None:
    edition = signed(cast, agreement, renewal={"prompt_days": [45, 10]})
    renewal.prompt(actor=cast.system, now=END - 60 * DAY)
    assert prompts(edition) == []
    renewal.prompt(actor=cast.system, now=END - 9 * DAY)
    renewal.prompt(actor=cast.system, now=END - 8 * DAY)
    assert prompts(edition) == [10]


@pytest.mark.req("SLM-20")
def test_nobody_is_told_once_the_next_edition_is_signed(cast: Cast, agreement: Agreement) -> None:
    first = signed(cast, agreement)
    again = renewal.renew(first, **renewal.proposed(first, MONDAY), actor=cast.mona.actor, now=MONDAY)
    assert (again.edition_number, again.terms) == (2, first.terms)
    assert (again.effective_from, again.effective_until) == (END, datetime(2028, 3, 2, 2, 0, tzinfo=UTC))
    assert again.change_reason == "Renewal of edition 1"
    assert not renewal.is_open(fresh(first))
    in_force(cast, again)
    assert renewal.prompt(actor=cast.system, now=END - 5 * DAY) == 0
    with pytest.raises(ValidationError, match="renew that one"):
        renewal.renew(
            fresh(first), effective_from=END, effective_until=None, change_reason="x",
            actor=cast.mona.actor, now=MONDAY,
        )  # fmt: skip


@pytest.mark.req("SLM-20")
def test_without_a_successor_it_ends_or_goes_on_as_its_terms_say(cast: Cast, agreement: Agreement) -> None:
    edition = signed(cast, agreement, renewal={"at_end": "continues"})
    assert AgreementVersion.objects.get(agreement=agreement).effective_until is None
    late = END + DAY
    services.roll(agreement, actor=cast.system, now=late)
    assert fresh(edition).state == lifecycle.IN_FORCE
    assert renewal.is_past_its_end(fresh(edition), late)
    ticket = make_incident(cast, now=late)
    assert Clock.objects.filter(record=ticket.pk, agreement_version__agreement=agreement).exists()
    assert renewal.proposed(fresh(edition), late)["effective_from"] == late
    other = Agreement.objects.create(code="globex", customer=cast.globex, name_en="Globex", name_zh="环球")
    ends = signed(cast, other)
    services.roll(other, actor=cast.system, now=late)
    assert fresh(ends).state == lifecycle.EXPIRED


def test_a_renewal_is_as_long_as_what_it_renews(cast: Cast, agreement: Agreement) -> None:
    edition = draft(cast, agreement, effective_until=MONDAY + timedelta(days=10))
    assert renewal.next_span(edition, MONDAY).end == MONDAY + timedelta(days=20)
    edition.effective_until = None
    with pytest.raises(ValidationError, match="has no end"):
        renewal.next_span(edition, MONDAY)


@pytest.mark.req("SLM-20")
def test_the_page_of_an_edition_offers_its_renewal_and_the_list_shows_what_is_past_its_end(
    client: Client, cast: Cast, agreement: Agreement
) -> None:
    edition = signed(cast, agreement, renewal={"at_end": "continues"})
    Edition.objects.filter(pk=edition.pk).update(effective_until=MONDAY + DAY)
    client.force_login(cast.mona)
    assert "past its end, goes on" in client.get("/agreements/").content.decode()
    page = client.get(edition.get_absolute_url()).content.decode()
    assert "By its own rule it goes on" in " ".join(page.split())
    asked = {"effective_from": "2026-06-01T00:00", "effective_until": "2027-06-01T00:00"}
    refused = client.post(f"{edition.get_absolute_url()}renew/", asked)
    assert refused.status_code == 422
    made = client.post(f"{edition.get_absolute_url()}renew/", {**asked, "change_reason": "Next year"})
    assert made.headers["Location"] == Edition.objects.get(edition_number=2).get_absolute_url()
    assert "Renew" not in client.get(edition.get_absolute_url()).content.decode()


def test_the_task_tells_nobody_of_what_has_no_end(cast: Cast, agreement: Agreement) -> None:
    in_force(cast, draft(cast, agreement))
    assert tasks.prompt_renewals() == 0
