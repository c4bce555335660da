"""kill -9 of workers at work: every alarm once as a fact, every message at least once under one key."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection

from records import alarms
from records.models import Activity, Delivery, Record
from sla.models import Alarm, Breach, Clock, Metric
from tests.cast import Cast, make_agreement, make_calendar, make_incident

KILLS = 200
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ALWAYS = {"timezone": "UTC", "weekly": {day: [["00:00", "24:00"]] for day in DAYS}}
HALF, MOST, NEARLY, BREACH = "50", "75", "90", Alarm.BREACH
FULL = [HALF, MOST, NEARLY, BREACH]
# Groups of incidents: how many, how long ago they were opened, and what their clocks have reached by then.
# First response is 2 hours, progress 8 hours, resolution 4 hours at the highest priority.
GROUPS: list[tuple[int, int, dict[str, Any], dict[str, list[str]]]] = [
    (920, 65, {}, {Metric.FIRST_RESPONSE: [HALF]}),
    (180, 125, {}, {Metric.FIRST_RESPONSE: FULL}),
    (
        40, 245, {"impact": 1, "urgency": 1},
        {Metric.FIRST_RESPONSE: FULL, Metric.NEXT_UPDATE: [HALF], Metric.RESOLUTION: FULL},
    ),
]  # fmt: skip


def copies(template: Record, count: int) -> list[int]:
    """Further records like this one, with its clocks; made by SQL because verbs would take too long."""
    with connection.cursor() as cursor:

        def columns(table: str, without: Iterable[str]) -> str:
            described = connection.introspection.get_table_description(cursor, table)
            return ", ".join(f't."{c.name}"' for c in described if c.name not in without)

        facts = columns("records_record", ("id", "number"))
        cursor.execute(
            f"""INSERT INTO records_record ({facts.replace("t.", "")}, number)
                SELECT {facts}, t.number || '-' || g FROM records_record t, generate_series(1, %s) g
                WHERE t.id = %s RETURNING id""",
            [count, template.pk],
        )
        made = [pk for (pk,) in cursor.fetchall()]
        for table, key, without in (
            ("incidents_incident", "record_ptr_id", ("record_ptr_id",)),
            ("sla_clock", "record_id", ("id", "record_id")),
        ):
            facts = columns(table, without)
            cursor.execute(
                f"""INSERT INTO {table} ({facts.replace("t.", "")}, {key})
                    SELECT {facts}, new FROM {table} t, unnest(%s) new WHERE t.{key} = %s""",
                [made, template.pk],
            )
    return [template.pk, *made]


def fall_due(cast: Cast) -> dict[tuple[int, str], datetime]:
    """2,000 steps that clocks have reached and nobody has raised: (clock, step) -> when it came true."""
    make_agreement(make_calendar("always", ALWAYS), customer=cast.acme)
    now = alarms.database_now()
    hours = {Metric.FIRST_RESPONSE: 2, Metric.NEXT_UPDATE: 8, Metric.RESOLUTION: 4}
    expected: dict[tuple[int, str], datetime] = {}
    for count, minutes, facts, steps in GROUPS:
        opened = now - timedelta(minutes=minutes)
        made = copies(make_incident(cast, now=opened, **facts), count - 1)
        for clock in Clock.objects.filter(record__in=made):
            for step in steps.get(clock.metric, ()):
                share = 100 if step == BREACH else int(step)
                at = opened + timedelta(hours=hours[Metric(clock.metric)]) * share / 100
                expected[clock.pk, step] = at
    return expected


def kill_workers(mails: Path) -> dict[str, Any]:
    """Run the harness against this test's database; answers its report."""
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    command = [sys.executable, "-m", "tests.records.kill_harness", str(mails), str(KILLS), "20260302"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=120, cwd=settings.BASE_DIR,
        env={**os.environ, "DATABASE_URL": url.geturl(), "DJANGO_SETTINGS_MODULE": "itsm.settings"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    report: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return report


def step_of(activity: Activity) -> tuple[int, str]:
    step = BREACH if activity.verb == "sla.breached" else activity.data["share"]
    return activity.data["clock"], step


@pytest.mark.kill
@pytest.mark.req("SLM-11")
@pytest.mark.django_db(transaction=True)
def test_two_hundred_kills_while_two_thousand_alarms_fall_due_lose_and_double_nothing(
    cast: Cast, tmp_path: Path
) -> None:
    expected = fall_due(cast)
    assert len(expected) == 2000
    mails = tmp_path / "mails"
    mails.touch()

    report = kill_workers(mails)
    print(f"\nkill test: {report}")

    assert report["left"] == [0, 0]
    assert report.get("sweeping", 0) + report.get("sending", 0) >= KILLS * 0.8, (
        "the kills must hit workers at work"
    )
    assert report["sweeping"] >= KILLS * 0.3, "the kills must hit workers raising alarms"
    assert report["clocks_left_at_last_kill"] > 0, "there must be work until the last kill"
    # each alarm once as a fact, with the instant it came true
    assert {(a.clock_id, a.step): a.at for a in Alarm.objects.all()} == expected
    assert Alarm.objects.count() == 2000
    # and once in the log
    logged = Activity.objects.filter(verb__startswith="sla.")
    assert Counter(step_of(a) for a in logged) == Counter(expected.keys())
    assert all(a.at == expected[step_of(a)] for a in logged)
    # each breach once
    breached = sorted(clock for clock, step in expected if step == BREACH)
    assert sorted(Breach.objects.values_list("clock", flat=True)) == breached
    # what follows from a breach of the solution happened once for each of the forty
    escalated = Activity.objects.filter(verb="record.escalated").values_list("record", flat=True)
    assert Counter(escalated) == Counter(Record.objects.filter(team=cast.second).values_list("pk", flat=True))
    assert len(escalated) == 40
    check_notices(cast, logged)
    check_mails(mails.read_text().split())


def check_notices(cast: Cast, logged: Iterable[Activity]) -> None:
    """Each alarm is one notice to each person it concerns: owner, team and service level manager."""
    told: dict[int, list[int]] = {a.pk: [] for a in logged}
    notices = Delivery.objects.filter(channel="in_app", activity__in=told)
    for activity, person in notices.values_list("activity", "recipient"):
        told[activity].append(person)
    desk = sorted([cast.alice.pk, cast.bob.pk, cast.mona.pk])
    second = sorted([cast.alice.pk, cast.sven.pk, cast.mona.pk])  # after the escalation
    assert {tuple(sorted(people)) for people in told.values()} <= {tuple(desk), tuple(second)}


def check_mails(sent: list[str]) -> None:
    """Every mail left at least once; what left more than once did so under the same key, by a new attempt."""
    rows = {d.key: d for d in Delivery.objects.filter(channel="email").select_related("activity")}
    important = [d for d in rows.values() if d.activity.verb == "sla.breached"]
    assert len(important) == 3 * Breach.objects.count()
    assert set(sent) == set(rows)
    assert {d.state for d in rows.values()} == {Delivery.State.SENT}
    times = Counter(sent)
    assert all(times[key] <= row.attempts for key, row in rows.items())
    print(f"mails: {len(rows)}, repeated under the same key: {len(sent) - len(rows)}")
