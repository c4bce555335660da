"""The first 60 real incidents replayed: what the log, the states, the holds and the clocks say of them."""

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

import incidents.services
from accounts.models import Organisation, User
from incidents.importing import run
from incidents.models import Incident
from records import alarms, search, verbs
from records.models import Activity, Delivery, Record
from sla.models import Agreement, Clock, Metric
from tests.cast import make_cast

FILE = Path(__file__).parent.parent / "data" / "servicenow_first_60.csv"
STATES = {
    "New": ("new", ""),
    "Active": ("in_progress", ""),
    "Awaiting User Info": ("on_hold", "customer"),
    "Awaiting Problem": ("on_hold", "problem"),
    "Awaiting Vendor": ("on_hold", "supplier"),
    "Awaiting Evidence": ("on_hold", "evidence"),
    "Resolved": ("resolved", ""),
    "Closed": ("closed", ""),
}
PAUSING = {"Awaiting User Info", "Awaiting Evidence"}
TARGET_HOURS = {1: 4, 2: 8, 3: 24, 4: 40}
Rows = dict[str, list[dict[str, str]]]


def told() -> Rows:
    """The file's rows by incident, oldest first, read without the product's reader."""
    found: Rows = defaultdict(list)
    with FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[row["number"]].append(row)
    return {number: sorted(rows, key=at) for number, rows in found.items()}


def at(row: dict[str, str], column: str = "sys_updated_at") -> datetime:
    return datetime.strptime(row[column], "%d-%m-%Y %H:%M").replace(tzinfo=UTC)


def opened(rows: list[dict[str, str]]) -> datetime:
    return min(at(rows[0], "opened_at"), at(rows[0]))


def importing(path: Path = FILE) -> tuple[list[str], list[str]]:
    out, err = io.StringIO(), io.StringIO()
    call_command("import_incidents", str(path), format="servicenow", stdout=out, stderr=err)
    return out.getvalue().splitlines(), err.getvalue().splitlines()


@pytest.fixture(scope="module")
def imported(django_db_setup: None, django_db_blocker: Any) -> Iterator[list[str]]:
    """The sample imported once for this module, beside a live organisation; its last lines."""
    with django_db_blocker.unblock():
        with transaction.atomic():
            make_cast()
            out, err = importing()
            assert err == []
            yield out
            transaction.set_rollback(True)
        connection.close()


def test_the_last_line_counts_what_was_imported(imported: list[str]) -> None:
    assert imported[-1] == "imported 60 incidents, 374 events; 0 already there; 0 rejected"
    assert "50 of 60 incidents" in imported


def test_every_row_is_in_the_timeline_at_its_time_by_its_person(imported: list[str]) -> None:
    for number, rows in told().items():
        incident = Incident.objects.get(number=number)
        entries = Counter(
            (a.at, " ".join(a.actor.display_name.split()))
            for a in incident.activities.select_related("actor").exclude(verb__startswith="sla.")
        )
        needed = Counter((at(row), " ".join(row["sys_updated_by"].split())) for row in rows)
        assert all(entries[key] >= count for key, count in needed.items()), number
        times = {at(row) for row in rows} | {opened(rows)}
        assert {a.at for a in incident.activities.exclude(verb__startswith="sla.")} == times


def test_states_follow_each_other_as_in_the_file(imported: list[str]) -> None:
    for number, rows in told().items():
        wanted = [("new", "")]
        for row in rows:
            state = STATES[row["incident_state"]]
            if state != wanted[-1] and state[0] != "new":
                wanted.append(state)
        moves = Activity.objects.filter(record__number=number, data__has_key="into").order_by("at", "id")
        lived = [(m.data["into"], m.data.get("reason", {}).get("code", "")) for m in moves]
        assert [("new", ""), *lived] == wanted, number


def spans(rows: list[dict[str, str]], states: set[str]) -> list[tuple[datetime, datetime]]:
    """When the file shows one of the states, as joined spans."""
    found: list[tuple[datetime, datetime]] = []
    for row, following in pairwise(rows):
        if row["incident_state"] in states:
            if found and found[-1][1] == at(row):
                found[-1] = (found[-1][0], at(following))
            else:
                found.append((at(row), at(following)))
    return [span for span in found if span[0] < span[1]]


def test_holds_are_the_spans_of_the_file(imported: list[str]) -> None:
    seen = 0
    for number, rows in told().items():
        moves = list(
            Activity.objects.filter(record__number=number, data__has_key="into").order_by("at", "id")
        )
        for reason in {code for _state, code in STATES.values() if code}:
            lived = [
                (m.at, after.at)
                for m, after in pairwise(moves)
                if m.verb == "incident.hold" and m.data["reason"]["code"] == reason and m.at < after.at
            ]
            words = {word for word, (_state, code) in STATES.items() if code == reason}
            assert lived == spans(rows, words), (number, reason)
            seen += len(lived)
    assert seen > 10


def office_seconds(start: datetime, end: datetime) -> int:
    """Seconds from 09:00 to 17:00 UTC on weekdays; day by day, without the product's arithmetic."""
    total, day = timedelta(), start.replace(hour=0, minute=0)
    while day < end:
        if day.weekday() < 5:
            opens, shuts = day.replace(hour=9), day.replace(hour=17)
            total += max(min(end, shuts) - max(start, opens), timedelta())
        day += timedelta(days=1)
    return int(total.total_seconds())


def elapsed(rows: list[dict[str, str]]) -> int:
    """Working seconds until it stayed resolved, without the waiting and without the time it was resolved."""
    total, counts, since = 0, True, opened(rows)
    for row in rows:
        state = row["incident_state"]
        if counts:
            total += office_seconds(since, at(row))
        if state != "New" or counts:  # a late "New" does not reopen
            counts = state not in {*PAUSING, "Resolved", "Closed"}
        since = at(row)
    return total


def test_clocks_agree_with_an_independent_computation(imported: list[str]) -> None:
    verdicts: Counter[bool] = Counter()
    for number, rows in told().items():
        clock = Clock.objects.get(record__number=number)
        used = elapsed(rows)
        assert (clock.metric, clock.state, clock.spent) == (Metric.RESOLUTION, "stopped", used), number
        target = TARGET_HOURS[int(rows[-1]["priority"][0])] * 3600
        if len({row["priority"] for row in rows}) == 1 and used != target:
            assert (clock.breached_at is not None) == (used > target), number
            verdicts[used > target] += 1
    assert verdicts[True] >= 5
    assert verdicts[False] >= 30


def test_nothing_is_promised_that_the_file_cannot_show(imported: list[str]) -> None:
    assert set(Clock.objects.values_list("metric", flat=True)) == {Metric.RESOLUTION}
    agreement = Agreement.objects.get(code="servicenow-2016")
    assert {t.metric for t in agreement.versions.get().targets.all()} == {Metric.RESOLUTION}


def test_facts_are_those_of_the_last_row(imported: list[str]) -> None:
    for number, rows in told().items():
        last = {name: "" if value == "?" else value for name, value in rows[-1].items()}
        incident = Incident.objects.select_related("team", "assignee", "service", "item").get(number=number)
        assert (incident.category, incident.subcategory, incident.symptom, incident.site) == tuple(
            " ".join(last[name].split()) for name in ("category", "subcategory", "u_symptom", "location")
        )
        assert incident.priority == int(last["priority"][0])
        assert (incident.assignee.display_name if incident.assignee else "") == last["assigned_to"]
        assert incident.team is not None
        assert incident.team.name_en == (last["assignment_group"] or "Unknown group (imported)")
        assert (incident.service.name_en if incident.service else "") == last["category"]
        assert (incident.source, incident.external_reference) == ("servicenow", number)
        resolved = [row for row in rows if row["incident_state"] in ("Resolved", "Closed")]
        assert incident.reopen_count == int(rows[-1]["reopen_count"])
        assert incident.resolved_at in [at(row) for row in resolved]


def test_what_the_file_says_it_came_to_is_kept_in_the_log(imported: list[str]) -> None:
    origin = Activity.objects.get(record__number="INC0000045", verb="record.imported")
    assert origin.data["reference"] == "INC0000045"
    assert origin.data["final"]["resolved_at"] == "2016-02-29T11:29:00+00:00"
    assert origin.data["final"]["resolved_by"]["en"] == "Resolved by 149"
    # the clock went by the row that resolved it first
    assert Incident.objects.get(number="INC0000045").resolved_at == datetime(2016, 2, 29, 8, 53, tzinfo=UTC)


def test_every_entry_can_be_read(imported: list[str]) -> None:
    for activity in Activity.objects.filter(origin="import"):
        assert verbs.sentence(activity.verb, activity.data).count("–") == 0


def test_an_import_tells_nobody(imported: list[str]) -> None:
    assert Delivery.objects.count() == 0
    while alarms.sweep():
        pass
    assert Delivery.objects.count() == 0
    assert not Clock.objects.filter(alarm_at__isnull=False).exists()


def test_imported_people_cannot_log_in_and_get_no_mail(imported: list[str]) -> None:
    people = User.objects.filter(username__startswith="servicenow.")
    assert people.count() > 50
    assert not any(user.has_usable_password() or user.email for user in people)
    agent = people.get(username="servicenow.staff-updated-by-21").actor
    customer = Organisation.objects.get(code="servicenow-2016")
    assert agent.scope == frozenset({customer.pk})


def test_running_it_again_imports_nothing(imported: list[str]) -> None:
    before = Record.objects.count(), Activity.objects.count(), User.objects.count()
    out, _err = importing()
    assert out[-1] == "imported 0 incidents, 0 events; 60 already there; 0 rejected"
    assert (Record.objects.count(), Activity.objects.count(), User.objects.count()) == before


def test_imported_incidents_are_found_by_their_number(imported: list[str]) -> None:
    mona = User.objects.get(username="mona").actor
    found = search.find(Record.objects.visible_to(mona), "INC0000047", actor=mona)
    assert [record.number for record in found] == ["INC0000047"]
    charlie = User.objects.get(username="charlie").actor
    assert not Record.objects.visible_to(charlie).exists()


# --- a database each -------------------------------------------------------------------------


def small(tmp_path: Path, *numbers: str, **changes: str) -> Path:
    """A file with some incidents of the sample; ``changes`` are put into all rows."""
    path = tmp_path / "some.csv"
    with FILE.open(encoding="utf-8", newline="") as source, path.open("w", newline="") as target:
        reader = csv.DictReader(source)
        writer = csv.DictWriter(target, list(reader.fieldnames or []))
        writer.writeheader()
        writer.writerows({**row, **changes} for row in reader if row["number"] in numbers)
    return path


def last_value() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_value FROM records_number_incident")
        return int(cursor.fetchone()[0])


def test_new_tickets_are_numbered_beyond_the_imported_ones(db: None, tmp_path: Path) -> None:
    start = last_value()
    number = f"INC{start + 500:07d}"
    importing(small(tmp_path, "INC0000045", number=number))
    assert Incident.objects.filter(number=number).exists()
    assert last_value() >= start + 500
    run.advance_numbers(3)
    assert last_value() >= start + 500


def test_a_number_that_is_taken_or_foreign_is_replaced_and_stays_searchable(
    cast: Any, tmp_path: Path
) -> None:
    live = incidents.services.open(
        actor=cast.alice.actor, now=datetime(2026, 3, 2, 2, tzinfo=UTC), title="Mine", customer=cast.acme,
        requester=cast.rita,
    )  # fmt: skip
    importing(small(tmp_path, "INC0000045", number=live.number))
    mine = Incident.objects.get(external_reference=live.number)
    assert mine.number != live.number
    assert Incident.objects.get(number=live.number).title == "Mine"
    found = search.find(Record.objects.visible_to(cast.mona.actor), live.number, actor=cast.mona.actor)
    assert {record.number for record in found} == {mine.number, live.number}
    importing(small(tmp_path, "INC0000047", number="TICKET-9"))
    assert Incident.objects.get(external_reference="TICKET-9").number.startswith("INC")


def test_a_priority_the_matrix_does_not_give_is_an_override_with_its_reason(db: None, tmp_path: Path) -> None:
    importing(small(tmp_path, "INC0000045", priority="1 - Critical"))
    incident = Incident.objects.get(external_reference="INC0000045")
    assert (incident.priority, incident.impact, incident.urgency) == (1, 2, 2)
    assert incident.priority_reason == "ServiceNow: 1 - Critical"


def test_a_bad_row_is_reported_and_a_repaired_file_completes(db: None, tmp_path: Path) -> None:
    path = small(tmp_path, "INC0000045", "INC0000047")
    good = path.read_text()
    path.write_text(good.replace("29-02-2016 08:53", "29-02-2016 8h53"))
    out, err = importing(path)
    assert err == [
        "line 3, field sys_updated_at: '29-02-2016 8h53' is not a time; write it as 29-02-2016 01:23"
    ]
    assert out[-1].endswith("; 0 already there; 1 rejected")
    assert list(Incident.objects.values_list("external_reference", flat=True)) == ["INC0000047"]
    path.write_text(good)
    out, err = importing(path)
    assert (out[-1], err) == ("imported 1 incidents, 4 events; 1 already there; 0 rejected", [])


def test_an_incident_left_open_has_its_past_alarms_silently(cast: Any, tmp_path: Path) -> None:
    path = small(tmp_path, "INC0000047")
    kept = [
        line for line in path.read_text().splitlines() if ",Resolved," not in line and ",Closed," not in line
    ]
    path.write_text("\n".join(line for line in kept if "Awaiting" not in line) + "\n")
    importing(path)
    clock = Clock.objects.get(record__number="INC0000047")
    assert clock.state == "running"
    assert clock.breached_at is not None
    assert clock.alarm_at is None
    assert Delivery.objects.count() == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["missing.csv", "--format", "servicenow"], "there is no such file"),
        ([".", "--format", "servicenow"], "cannot be read"),
        ([str(FILE), "--format", "jira"], "known: servicenow"),
        ([__file__, "--format", "servicenow"], "does not name the columns"),
    ],
)
def test_a_command_that_cannot_begin_says_why(db: None, arguments: list[str], says: str) -> None:
    with pytest.raises(CommandError, match=says):
        call_command("import_incidents", *arguments)
    assert not Organisation.objects.filter(code="servicenow-2016").exists()
