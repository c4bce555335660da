"""Versions: what is promised from a later date on, who has no agreement, and that nothing is rewritten."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.urls import reverse

import incidents.services
from accounts.models import Team
from accounts.services import issue_token
from incidents.models import Incident
from records import services
from records.models import Activity
from sla.models import (
    AgreementVersion,
    Alarm,
    Calendar,
    CalendarVersion,
    Clock,
    ClockEvent,
    Metric,
    Target,
)  # fmt: skip
from tests.cast import MONDAY, Cast, make_incident

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def edition(cast: Cast, number: int, hours: int, **span: Any) -> AgreementVersion:
    old = cast.agreement
    version = AgreementVersion.objects.create(
        agreement=old.agreement, number=number, calendar=old.calendar, matrix=old.matrix,
        pausing_reasons=old.pausing_reasons, warn_at=old.warn_at, created_by=old.created_by,
        created_at=MONDAY, **span,
    )  # fmt: skip
    Target.objects.create(version=version, metric=Metric.FIRST_RESPONSE, amount=hours * 3600)
    return version


def test_old_tickets_keep_their_edition_and_new_ones_get_the_next(cast: Cast) -> None:
    new = edition(cast, 2, 1, effective_from=MONDAY + DAY)
    before = make_incident(cast, now=MONDAY + DAY - timedelta(seconds=1))
    after = make_incident(cast, now=MONDAY + DAY)
    incidents.services.edit(
        before, {"impact": 1, "urgency": 1}, actor=cast.alice.actor, now=MONDAY + 2 * DAY,
        expected_version=None,
    )  # fmt: skip
    used = Clock.objects.values_list("record", "agreement_version").distinct()
    assert set(used) == {(before.pk, cast.agreement.pk), (after.pk, new.pk)}


def test_a_gap_between_editions_is_no_promise_and_no_error(cast: Cast, client_of: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE sla_agreementversion SET effective_until = %s", [MONDAY - DAY])
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
    edition(cast, 2, 1, effective_from=MONDAY + DAY)
    ticket = make_incident(cast)
    assert not Clock.objects.exists()
    services.comment(ticket, text="hello", is_public=True, actor=cast.alice.actor, now=MONDAY)
    held = incidents.services.hold(
        Incident.objects.get(), reason="customer", actor=cast.alice.actor, now=MONDAY
    )
    assert client_of(cast.alice).get(held.get_absolute_url()).status_code == 200
    assert client_of(cast.alice).get(reverse("records:queue"), {"view": "all"}).status_code == 200
    assert client_of(cast.alice).get(f"{held.get_absolute_url()}hold/").status_code == 200
    assert client_of(cast.rita).get(reverse("portal:detail", args=[held.number])).status_code == 200
    assert client_of(cast.rita).get(reverse("portal:help")).status_code == 200
    token = issue_token(cast.alice, name="t", scope="read", lifetime=None)
    answer = client_of(cast.bob).get(
        f"/api/v1/incidents/{held.number}/", headers={"Authorization": f"Bearer {token}"}
    )
    assert (answer.status_code, answer.json()["clocks"], answer.json()["next_due_at"]) == (200, [], None)


def test_nobodys_service_without_a_desk_goes_to_no_team_and_nobody_fails_over_it(
    cast: Cast, client_of: Any
) -> None:
    Team.objects.update(is_active=False)
    ticket = make_incident(cast, service=None)
    assert ticket.team is None
    assert client_of(cast.alice).get(ticket.get_absolute_url()).status_code == 200


def attempt(model: Any, statement: str | None) -> None:
    if statement is None:
        model._default_manager.update(id=1_000_000)
        return
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # else what waits for them refuses the TRUNCATE
        cursor.execute(statement)


@pytest.mark.parametrize("how", ["update", "delete", "truncate", "orm"])
def test_what_only_grows_is_neither_changed_nor_removed(cast: Cast, how: str) -> None:
    ticket = make_incident(cast)
    incidents.services.hold(ticket, reason="customer", actor=cast.alice.actor, now=MONDAY + DAY)
    models = (Activity, ClockEvent, Alarm, AgreementVersion, CalendarVersion, Target)
    for model in models:
        assert model._default_manager.exists(), model
        table = model._meta.db_table
        statement = {
            "update": f"UPDATE {table} SET id = id + 1000000",
            "delete": f"DELETE FROM {table}",
            "truncate": f"TRUNCATE {table} CASCADE",
        }
        with pytest.raises(DatabaseError, match="pgtrigger: Cannot"), transaction.atomic():
            attempt(model, statement.get(how))


def test_a_new_edition_of_a_calendar_leaves_running_clocks_alone(cast: Cast) -> None:
    before = make_incident(cast)
    calendar: Calendar = cast.calendar
    first = calendar.versions.get()
    second = CalendarVersion.objects.create(
        calendar=calendar, number=2, effective_from=MONDAY + DAY, definition=first.definition,
        created_by=first.created_by, created_at=MONDAY,
    )  # fmt: skip
    after = make_incident(cast, now=MONDAY + DAY)
    used = Clock.objects.values_list("record", "calendar_version").distinct()
    assert set(used) == {(before.pk, first.pk), (after.pk, second.pk)}
