"""Layers with a customer: organisation, unit, service; which one applies, and what it inherits."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from agreements import beginning, follow_up, layering, services
from agreements.models import Edition, FollowUp
from sla.models import Agreement, AgreementVersion, Clock, Target
from tests.agreements.test_life import DAY, METHOD, agreement, draft, fresh, in_force, terms
from tests.cast import MONDAY, Cast, make_incident

__all__ = ["agreement"]
pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def target(hours: int, metric: str = "resolution", **over: Any) -> dict[str, Any]:
    promise = {"kind": "business_seconds", "seconds": hours * 3600}
    return {"metric": metric, "promise": promise, "method": METHOD, **over}


def lower(cast: Cast, agreement: Agreement, name: str, **over: Any) -> Agreement:
    return beginning.begin(
        kind="sla",
        name_en=name,
        name_zh="",
        customer=cast.acme,
        parent=agreement,
        actor=cast.mona.actor,
        **over,
    )


@pytest.fixture
def organisation(cast: Cast, agreement: Agreement) -> Edition:
    """Resolution in 8 h, first response in 1 h, for everybody at Acme."""
    given = terms(targets=[target(8), target(1, "first_response")])
    return in_force(cast, draft(cast, agreement, terms=given))


def hours(cast: Cast, metric: str = "resolution", **over: Any) -> tuple[str, int]:
    """Whose promise a new ticket gets, and for how long."""
    ticket = make_incident(cast, now=MONDAY + HOUR, **over)
    clock = Clock.objects.select_related("agreement_version__agreement").get(record=ticket.pk, metric=metric)
    return clock.agreement_version.agreement.name_en, clock.promise["seconds"] // 3600


@pytest.mark.req("SLM-09", "SLM-44")
def test_a_ticket_goes_by_the_lowest_layer_that_is_for_it(cast: Cast, organisation: Edition) -> None:
    assert hours(cast) == ("Acme SLA", 8)
    unit = lower(cast, organisation.agreement, "Acme sales", people=[cast.carla])
    in_force(cast, draft(cast, unit, terms=terms(targets=[target(6)], sections={})))
    assert hours(cast) == ("Acme SLA", 8)
    assert hours(cast, requester=cast.carla) == ("Acme sales", 6)
    # what the unit does not state it inherits
    assert hours(cast, "first_response", requester=cast.carla) == ("Acme sales", 1)
    mail = lower(cast, organisation.agreement, "Acme mail")
    in_force(cast, draft(cast, mail, terms=terms(services=["mail"], targets=[target(2)], sections={})))
    assert hours(cast) == ("Acme mail", 2)
    assert hours(cast, requester=cast.carla) == ("Acme mail", 2)
    assert hours(cast, service=None) == ("Acme SLA", 8)


@pytest.mark.req("SLM-09")
def test_what_was_inherited_is_signed_and_a_later_edition_above_asks_for_a_follow_up(
    cast: Cast, organisation: Edition
) -> None:
    mail = lower(cast, organisation.agreement, "Acme mail")
    edition = in_force(
        cast, draft(cast, mail, terms=terms(services=["mail"], targets=[target(2)], sections={}))
    )
    version = AgreementVersion.objects.get(agreement=mail)
    origins = version.terms["inherited"]
    assert (origins["first_response//"], origins["sections.scope"]) == ("acme", "acme")
    assert "resolution//" not in origins
    assert set(Target.objects.filter(version=version).values_list("metric", flat=True)) == {
        "resolution", "first_response",
    }  # fmt: skip
    faster = draft(
        cast, organisation.agreement, effective_from=MONDAY + DAY, change_reason="Faster",
        terms=terms(targets=[target(1, "first_response"), target(1)]),
    )  # fmt: skip
    in_force(cast, faster)
    item = follow_up.open_items(organisation.agreement).get()
    assert (item.agreement, item.kind) == (mail, FollowUp.Kind.AMEND)
    # nothing below changed until somebody signs there
    assert layering.of(fresh(edition)).terms.inherited == origins
    again = services.draft(
        mail, terms=edition.terms, effective_from=MONDAY + 2 * DAY, change_reason="As above",
        actor=cast.mona.actor, now=MONDAY,
    )  # fmt: skip
    assert layering.looser(again) == ("resolution//",)


def test_a_lower_agreement_says_whom_it_is_for_and_stands_below_what_is_in_force(
    cast: Cast, agreement: Agreement
) -> None:
    bare = lower(cast, agreement, "Acme lower")
    edition = draft(cast, bare)
    with pytest.raises(ValidationError, match="whom this lower agreement is for"):
        services.submit(edition, reviewers=[cast.admin], actor=cast.mona.actor, now=MONDAY)
    Edition.objects.filter(pk=edition.pk).update(terms=terms(services=["mail"]))
    with pytest.raises(ValidationError, match="Acme SLA, the agreement above, is not in force"):
        services.submit(fresh(edition), reviewers=[cast.admin], actor=cast.mona.actor, now=MONDAY)
    for wrong, words in (
        ({"customer": cast.globex}, "one with the same customer"),
        ({"people": [cast.charlie]}, "Choose people of the customer"),
    ):
        facts: dict[str, Any] = {
            "kind": "sla",
            "name_en": "X",
            "name_zh": "",
            "customer": cast.acme,
            "parent": agreement,
            **wrong,
        }
        with pytest.raises(ValidationError, match=words):
            beginning.begin(**facts, actor=cast.mona.actor)


@pytest.mark.req("SLM-09")
def test_the_page_shows_which_layer_gave_each_target(
    client: Client, cast: Cast, organisation: Edition
) -> None:
    mail = lower(cast, organisation.agreement, "Acme mail")
    edition = draft(cast, mail, terms=terms(services=["mail"], targets=[target(9)], sections={}))
    client.force_login(cast.mona)
    page = " ".join(client.get(edition.get_absolute_url()).content.decode().split())
    assert "from Acme SLA" in page
    assert "below Acme SLA" in page
    assert "Less is promised than in Acme SLA above it: Resolution · all services." in page
    assert "Acme mail" in client.get(organisation.get_absolute_url()).content.decode()
