"""What putting an edition in force does to open tickets is said before, and is what then happens."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

import incidents.services
from agreements import impact
from agreements.models import Edition
from incidents.models import Incident
from records.models import Record
from sla import editions
from sla.models import Agreement, AgreementVersion, Clock, Holding, Metric
from sla.policy import DEFAULT_MATRIX
from sla.terms import Terms
from suppliers.models import Supplier
from tests.agreements.test_life import METHOD, draft, terms
from tests.cast import MONDAY, Cast, make_incident

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Any], Client]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOW = MONDAY + 2 * DAY
# what is medium in both would be critical, not moderate
STRICT = {**DEFAULT_MATRIX, "22": 1}


@pytest.fixture
def agreement(cast: Cast) -> Agreement:
    return Agreement.objects.create(code="acme", customer=cast.acme, name_en="Acme SLA", name_zh="艾可美协议")


def of(cast: Cast, edition: Edition, **over: Any) -> impact.Impact:
    return impact.of(edition, **{"actor": cast.mona.actor, "now": NOW, **over})


def put_in_force(cast: Cast, edition: Edition) -> AgreementVersion:
    """As activation does it."""
    return editions.publish(
        edition.agreement, Terms.parse(edition.terms), effective_from=edition.effective_from,
        effective_until=None, actor=cast.mona.actor, now=NOW,
    )  # fmt: skip


def close_editions() -> None:
    Record.objects.filter(kind="agreement").update(phase="done", state="in_force", done_at=MONDAY)


def resolution(ticket: Incident) -> Clock:
    return Clock.objects.get(record=ticket.pk, metric=Metric.RESOLUTION)


@pytest.mark.req("SLM-45")
def test_an_edition_of_a_later_date_moves_no_open_ticket(cast: Cast, agreement: Agreement) -> None:
    ticket = make_incident(cast)
    edition = draft(cast, agreement, effective_from=NOW + DAY, terms=terms(matrix=STRICT))
    found = of(cast, edition)
    assert (found.is_dated_back, found.found, found.repriced) == (False, [], {})
    before = resolution(ticket).due_at
    put_in_force(cast, edition)
    changed = incidents.services.edit(
        ticket, {"impact": 2, "urgency": 2, "title": "Other"}, actor=cast.alice.actor, now=NOW + 2 * DAY,
        expected_version=None,
    )  # fmt: skip
    assert changed.priority == 3
    assert resolution(ticket).due_at == before


def test_the_clocks_of_former_versions_are_counted_as_staying(cast: Cast, agreement: Agreement) -> None:
    first = draft(cast, agreement)
    put_in_force(cast, first)
    make_incident(cast)
    make_incident(cast)
    close_editions()
    edition = draft(cast, agreement, effective_from=NOW + DAY, change_reason="x")
    found = of(cast, edition)
    assert (found.pinned_tickets, found.pinned_clocks) == (2, 2)


def test_an_edition_dated_back_says_which_tickets_change_at_their_next_edit(
    cast: Cast, agreement: Agreement
) -> None:
    ticket, decided = make_incident(cast), make_incident(cast, priority=2, priority_reason="VIP")
    edition = draft(cast, agreement, effective_from=MONDAY - HOUR, terms=terms(matrix=STRICT))
    found = of(cast, edition, now=MONDAY + 4 * HOUR)
    assert found.repriced == {ticket.pk: (3, 1)}
    assert decided.pk not in found.repriced
    (row,) = found.found
    assert row.clock.pk == resolution(ticket).pk
    assert row.move.verdict == "earlier"
    # and so it comes: by the guide of the edition, to the target of the version the ticket is pinned to
    put_in_force(cast, edition)
    changed = incidents.services.edit(
        ticket, {"impact": 2, "urgency": 2, "title": "x"}, actor=cast.alice.actor, now=MONDAY + 4 * HOUR,
        expected_version=None,
    )  # fmt: skip
    assert changed.priority == 1
    assert resolution(ticket).due_at == row.move.after


def test_what_would_be_missed_at_once_is_said(cast: Cast, agreement: Agreement) -> None:
    make_incident(cast)
    edition = draft(cast, agreement, effective_from=MONDAY - HOUR, terms=terms(matrix=STRICT))
    assert of(cast, edition, now=MONDAY + 8 * HOUR).counts["breaches"] == 1


def test_a_ticket_without_a_clock_gets_one_counted_from_its_opening(cast: Cast, agreement: Agreement) -> None:
    Agreement.objects.filter(pk=cast.agreement.agreement_id).update(ended_at=MONDAY - DAY)
    ticket = make_incident(cast)
    assert not Clock.objects.exists()
    edition = draft(cast, agreement, effective_from=MONDAY - HOUR)
    found = of(cast, edition, now=MONDAY + 2 * HOUR)
    assert (found.begun, [m.clock.metric for m in found.found]) == (1, ["resolution"])
    put_in_force(cast, edition)
    incidents.services.start(ticket, actor=cast.alice.actor, now=MONDAY + 2 * HOUR)
    assert resolution(ticket).due_at == found.found[0].move.after
    late = of(cast, draft(cast, Agreement.objects.create(code="g", customer=cast.globex, name_en="G")))
    assert late.found == []


def test_an_agreement_that_does_not_win_changes_nothing(cast: Cast) -> None:
    """The default commitment does not matter to who has an agreement of its own."""
    own = Agreement.objects.create(code="own", customer=cast.acme, name_en="Own")
    put_in_force(cast, draft(cast, own, effective_from=MONDAY - 2 * DAY))
    close_editions()
    make_incident(cast)
    edition = draft(
        cast,
        cast.agreement.agreement,
        effective_from=MONDAY - HOUR,
        terms=terms(matrix=STRICT),
        change_reason="x",
    )
    found = of(cast, edition)
    assert (found.repriced, found.found) == ({}, [])


def test_an_ola_says_what_its_team_has_in_hand_without_a_clock(cast: Cast) -> None:
    ticket = make_incident(cast)
    ola = Agreement.objects.create(code="ola", kind="ola", team=ticket.team, name_en="Desk OLA")
    assert Holding.objects.filter(record=ticket.pk, until=None).exists()
    found = of(cast, draft(cast, ola, terms=terms()))
    assert (found.in_hand, found.found, found.pinned_clocks) == (1, [], 0)
    put_in_force(
        cast, draft(cast, Agreement.objects.create(code="o2", kind="ola", team=cast.second, name_en="2"))
    )
    uc = Agreement.objects.create(
        code="uc", kind="uc", name_en="UC", supplier=Supplier.objects.create(code="s", name_en="S")
    )
    assert of(cast, draft(cast, uc)).in_hand == 0


# --- the page ---------------------------------------------------------------------------------


def test_the_page_tells_the_truth_and_offers_the_replay(
    cast: Cast, agreement: Agreement, client_of: ClientOf
) -> None:
    ticket = make_incident(cast, now=timezone.now().replace(microsecond=0))
    mona = client_of(cast.mona)
    edition = draft(cast, agreement, effective_from=timezone.now() + DAY, terms=terms(matrix=STRICT))
    put_in_force(cast, draft(cast, cast_default(cast), change_reason="x"))
    page = mona.get(f"/agreements/{edition.number}/impact/")
    text = page.content.decode()
    assert page.status_code == 200
    assert "No open ticket moves." in text
    assert "Replay the last 30 days" in text
    assert ticket.number not in text
    assert (
        f"/agreements/{edition.number}/impact/" in mona.get(f"/agreements/{edition.number}/").content.decode()
    )
    back = draft(
        cast, Agreement.objects.create(code="acme2", customer=cast.acme, name_en="Second"),
        effective_from=timezone.now() - DAY, terms=terms(matrix=STRICT),
    )  # fmt: skip
    shown = mona.get(f"/agreements/{back.number}/impact/").content.decode()
    assert ticket.number in shown
    assert "priority Critical instead of Moderate" in shown


def cast_default(cast: Cast) -> Agreement:
    return Agreement.objects.create(code="globex", customer=cast.globex, name_en="Globex SLA")


def test_an_edition_in_force_has_nothing_to_come(
    cast: Cast, agreement: Agreement, client_of: ClientOf
) -> None:
    edition = draft(cast, agreement)
    close_editions()
    page = client_of(cast.mona).get(f"/agreements/{edition.number}/impact/").content.decode()
    assert "Nothing of this edition is still to come." in page
    assert client_of(cast.alice).get(f"/agreements/{edition.number}/impact/").status_code == 403


def test_promises_in_days_and_of_other_calendars_are_compared_too(cast: Cast, agreement: Agreement) -> None:
    """The target of the other priority has a calendar of its own."""
    always = {"kind": "calendar_days", "days": 1, "until": "same_time"}
    slow = {"kind": "business_seconds", "seconds": 16 * 3600}
    own = terms(
        targets=[
            {"metric": "resolution", "priority": 1, "promise": always, "method": METHOD},
            {"metric": "resolution", "promise": slow, "method": METHOD},
        ]
    )
    put_in_force(cast, draft(cast, agreement, terms=own, effective_from=MONDAY - 2 * DAY))
    close_editions()
    ticket = make_incident(cast)
    edition = draft(
        cast, agreement, effective_from=MONDAY - HOUR, terms=terms(matrix=STRICT), change_reason="x"
    )
    (row,) = of(cast, edition, now=MONDAY + HOUR).found
    assert (row.clock.number, row.move.after) == (ticket.number, MONDAY + DAY)


def test_a_layer_below_another_agreement_touches_no_open_ticket(cast: Cast, agreement: Agreement) -> None:
    make_incident(cast)
    below = Agreement.objects.create(code="below", customer=cast.acme, name_en="Below", parent=agreement)
    edition = draft(cast, agreement, effective_from=MONDAY - HOUR, terms=terms(matrix=STRICT))
    Edition.objects.filter(pk=edition.pk).update(agreement=below)
    edition.refresh_from_db()
    found = of(cast, edition, now=MONDAY + HOUR)
    assert (found.found, found.repriced) == ([], {})
