"""What somebody whose role is limited to one organisation, or who moved to another one, does not learn."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

import incidents.services
from accounts.access import may
from accounts.models import Grant, User
from records import notices, services
from records.models import Delivery
from records.services import Stale
from sla.models import Agreement
from tests.cast import MONDAY, Cast, make_agreement, make_incident

LATER = MONDAY + timedelta(minutes=5)


def limit(user: User, organisation: Any) -> User:
    """The same person anew, with all roles for one organisation only."""
    Grant.objects.filter(user=user).update(organisation=organisation)
    return User.objects.get(pk=user.pk)


def told(user: User) -> list[str]:
    rows = Delivery.objects.filter(recipient=user).order_by("pk")
    return [f"{row.channel}: {row.activity.verb}" for row in rows]


@pytest.mark.django_db
def test_a_member_of_the_team_is_told_nothing_of_a_customer_he_does_not_cover(cast: Cast) -> None:
    bob = limit(cast.bob, cast.globex)
    make_incident(cast)
    assert told(bob) == []
    make_incident(cast, customer=cast.globex, requester=cast.charlie)
    assert told(bob) == ["in_app: incident.open", "email: incident.open"]


@pytest.mark.django_db
def test_who_moved_to_another_organisation_hears_no_more_of_the_old_ones_tickets(cast: Cast) -> None:
    incident = make_incident(cast)
    before = told(cast.rita)
    User.objects.filter(pk=cast.rita.pk).update(organisation=cast.globex)
    services.comment(incident, text="News", is_public=True, actor=cast.alice.actor, now=LATER)
    assert told(cast.rita) == before


@pytest.mark.django_db
def test_the_bell_counts_only_what_may_still_be_seen(cast: Cast) -> None:
    make_incident(cast)
    assert notices.unread_count(cast.bob.actor) == 1
    assert notices.unread_count(limit(cast.bob, cast.globex).actor) == 0


@pytest.mark.django_db
def test_the_dashboard_names_no_customer_or_agreement_out_of_scope(cast: Cast, client_of: Any) -> None:
    make_agreement(cast.calendar, cast.acme)
    Agreement.objects.filter(code="acme").update(name_en="Acme's own terms")
    page = client_of(limit(cast.mona, cast.globex)).get(reverse("reports:dashboard")).content.decode()
    assert "Globex" in page
    assert "Acme" not in page
    page = client_of(limit(cast.mona, None)).get(reverse("reports:dashboard")).content.decode()
    assert "Acme&#x27;s own terms" in page


@pytest.mark.django_db
def test_the_log_does_not_name_a_linked_record_out_of_scope(cast: Cast, client_of: Any) -> None:
    ours = make_incident(cast, customer=cast.globex, requester=cast.charlie)
    theirs = make_incident(cast)
    services.link(ours, theirs, kind="related", actor=cast.alice.actor, now=LATER)
    changed = incidents.services.edit(
        ours, {"title": "Else"}, actor=cast.alice.actor, now=LATER, expected_version=None
    )
    services.link(changed, theirs, kind="duplicate", actor=cast.alice.actor, now=LATER)
    bob = limit(cast.bob, cast.globex)
    page = client_of(bob).get(ours.get_absolute_url()).content.decode()
    assert theirs.number not in page
    assert theirs.number in client_of(cast.alice).get(ours.get_absolute_url()).content.decode()
    verbs = [a.verb for a in Stale(changed, 1).since_for(bob.actor)]
    assert "record.edited" in verbs
    assert "record.linked" not in verbs


@pytest.mark.django_db
def test_an_administrator_of_one_organisation_does_not_keep_the_settings_of_all(
    cast: Cast, client_of: Any
) -> None:
    admin = limit(cast.admin, cast.globex)
    assert not may(admin.actor, "administer")
    assert client_of(admin).get("/admin/", follow=True).status_code == 403
    with pytest.raises(ValidationError) as refused:
        Grant(user=cast.bob, role="administrator", organisation=cast.globex).full_clean()
    assert list(refused.value.message_dict) == ["organisation"]


@pytest.mark.django_db
def test_the_choice_of_agents_follows_the_chosen_team(cast: Cast, client_of: Any) -> None:
    alice: Client = client_of(cast.alice)

    def names(query: str) -> set[str]:
        found = alice.get(f"{reverse('records:typeahead', args=['agents'])}?{query}").json()["results"]
        return {line["text"] for line in found}

    assert names(f"q=&team={cast.second.pk}") == {"Sven"}
    assert names(f"q=&team={cast.desk.pk}") == {"Alice", "Bob"}
    assert names("q=&team=x") == set()
    assert {"Alice", "Sven", "Mona"} <= names("q=")
