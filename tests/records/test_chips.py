"""Chips at chosen instants: the words, the state and the share, from what real verbs left in the clocks."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

import incidents.services
from records import chips
from records.chips import Chip
from records.models import Record
from records.services import comment
from sla.models import Metric, Target
from tests.cast import MONDAY, Cast, make_agreement, make_calendar, make_incident

pytestmark = pytest.mark.django_db
MINUTES = timedelta(minutes=1)
HOURS = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _in_shanghai() -> Iterator[None]:
    with timezone.override(ZoneInfo("Asia/Shanghai")), translation.override("en"):
        yield


def chip_of(record: Record, metric: str, at: datetime) -> Chip:
    found = chips.chips_of(record, record.clocks.all(), at)
    return next(c for c in found if c.metric == metric)


def first(record: Record, at: datetime) -> Chip:
    return chip_of(record, Metric.FIRST_RESPONSE, at)


def solution(record: Record, at: datetime) -> Chip:
    return chip_of(record, Metric.RESOLUTION, at)


def test_a_running_clock_says_what_to_do_and_in_what_time(cast: Cast) -> None:
    incident = make_incident(cast)  # Monday 10:00, first response due at 12:00
    chip = first(incident, MONDAY + 18 * MINUTES)
    assert (chip.state, chip.words, chip.share) == ("running", "Respond in 1 h 42 min", 15)
    assert chip.icon == "clock"
    assert chip.title == "First response within 2 working hours (Office); due 2026-03-02 12:00"
    assert chip.url == f"/r/{incident.number}/clocks/{incident.clocks.get(metric='first_response').pk}/"


def test_each_metric_has_its_own_verb(cast: Cast) -> None:
    incident = make_incident(cast, impact=1, urgency=1)  # resolution in 4 working hours
    at = MONDAY + 5 * MINUTES
    words = [c.words for c in chips.chips_of(incident, incident.clocks.all(), at)]
    assert words == [
        "Respond in 1 h 55 min",
        "Update in 7 working hours",
        "Resolve in 3 working hours",
    ]


def test_working_time_is_named_where_the_wall_clock_differs(cast: Cast) -> None:
    incident = make_incident(cast, impact=1, urgency=1)  # 4 h from 10:00 with a break: due 15:00
    assert solution(incident, MONDAY + 90 * MINUTES).words == "Resolve in 2 working hours"
    after_the_break = MONDAY + 4 * HOURS  # 14:00
    assert solution(incident, after_the_break).words == "Resolve in 1 h · 75 % used"


def test_the_last_hour_across_a_closing_is_in_working_minutes(cast: Cast) -> None:
    incident = make_incident(cast, now=MONDAY + 7 * HOURS + 20 * MINUTES)  # 17:20, due Tuesday 10:20
    chip = first(incident, MONDAY + 7 * HOURS + 50 * MINUTES)
    assert chip.words == "Respond in 90 working minutes"


def test_a_warning_says_how_much_is_used(cast: Cast) -> None:
    incident = make_incident(cast)
    chip = first(incident, MONDAY + 95 * MINUTES)
    assert (chip.state, chip.words, chip.share) == ("warning", "Respond in 25 min · 79 % used", 79)
    assert first(incident, MONDAY + 59 * MINUTES).state == "running"
    assert first(incident, MONDAY + 60 * MINUTES).state == "warning"


def test_after_the_due_time_it_is_missed_before_any_sweep_noticed(cast: Cast) -> None:
    incident = make_incident(cast)
    assert first(incident, MONDAY + 120 * MINUTES).state != "breached"
    chip = first(incident, MONDAY + 3 * HOURS + 15 * MINUTES)  # 13:15, the break does not count
    assert (chip.state, chip.words, chip.share) == ("breached", "Response missed by 15 working minutes", None)


def test_missed_by_no_working_second_is_simply_missed(cast: Cast) -> None:
    incident = make_incident(cast)
    assert first(incident, MONDAY + 150 * MINUTES).words == "Response missed"  # due 12:00, now in the break


def test_outside_hours_it_says_when_it_resumes(cast: Cast) -> None:
    incident = make_incident(cast, now=MONDAY + 7 * HOURS)  # 17:00, due Tuesday 10:00
    evening = first(incident, MONDAY + 9 * HOURS)
    assert (evening.state, evening.words) == ("outside_hours", "Resumes Tue 09:00 · 1 h left")
    early = first(incident, MONDAY + 22 * HOURS)  # Tuesday 08:00
    assert early.words == "Resumes 09:00 · 1 h left"


def test_before_a_weekend_it_resumes_on_monday(cast: Cast) -> None:
    friday = MONDAY + timedelta(days=4)
    incident = make_incident(cast, now=friday + 6 * HOURS)  # 16:00
    assert solution(incident, friday + 10 * HOURS).words == "Resumes Mon 09:00 · 14 h left"


def test_a_pause_says_why(cast: Cast) -> None:
    incident = make_incident(cast)
    at = MONDAY + 30 * MINUTES
    incident = incidents.services.hold(incident, reason="customer", actor=cast.alice.actor, now=at)
    chip = first(incident, at + 5 * HOURS)
    assert (chip.state, chip.words, chip.share) == (
        "paused",
        "Paused: waiting for the customer · 1 h 30 min left",
        25,
    )
    assert chip.due_at is None
    assert chip.original_due_at == MONDAY + 2 * HOURS


def test_a_reason_that_does_not_pause_leaves_the_clock_running(cast: Cast) -> None:
    incident = make_incident(cast)
    at = MONDAY + 30 * MINUTES
    incident = incidents.services.hold(incident, reason="supplier", actor=cast.alice.actor, now=at)
    assert first(incident, at).state == "running"


def reply(cast: Cast, record: Record, at: datetime) -> None:
    comment(record, text="We look into it.", is_public=True, actor=cast.alice.actor, now=at)


def test_a_met_target_says_how_much_was_spared(cast: Cast) -> None:
    incident = make_incident(cast)
    reply(cast, incident, MONDAY + 100 * MINUTES)
    chip = first(incident, MONDAY + 20 * HOURS)
    assert (chip.state, chip.words, chip.is_open) == ("met", "Met with 20 min to spare", False)


def test_a_target_missed_and_then_done_stays_missed(cast: Cast) -> None:
    incident = make_incident(cast, now=MONDAY + 3 * HOURS)  # 13:00, due 15:00
    reply(cast, incident, MONDAY + 5 * HOURS + 15 * MINUTES)
    chip = first(incident, MONDAY + 40 * HOURS)
    assert (chip.state, chip.words) == ("breached", "Response missed by 15 min")


def test_a_withdrawn_ticket_has_cancelled_clocks(cast: Cast) -> None:
    incident = make_incident(cast)
    incident = incidents.services.cancel(incident, reason="Twice", actor=cast.alice.actor, now=MONDAY)
    chip = first(incident, MONDAY + HOURS)
    assert (chip.state, chip.words, chip.share) == ("cancelled", "Cancelled", None)


def test_chinese_words_are_in_the_readers_language(cast: Cast) -> None:
    incident = make_incident(cast)
    with translation.override("zh-hans"):
        chip = first(incident, MONDAY + 18 * MINUTES)
    assert "日历" in chip.title  # the calendar's own Chinese name


def test_lists_show_the_two_most_urgent_open_ones(cast: Cast) -> None:
    incident = make_incident(cast, impact=1, urgency=1)
    shown = chips.urgent(chips.chips_of(incident, incident.clocks.all(), MONDAY + 70 * MINUTES))
    assert [c.metric for c in shown] == ["first_response", "resolution"]
    late = chips.chips_of(incident, incident.clocks.all(), MONDAY + 6 * HOURS)
    assert [(c.metric, c.state) for c in chips.urgent(late)] == [
        ("first_response", "breached"),
        ("resolution", "breached"),
    ]


def test_what_is_done_shows_only_what_was_missed(cast: Cast) -> None:
    incident = make_incident(cast)
    incident = incidents.services.resolve(
        incident, code="solved", steps="Restarted.", actor=cast.alice.actor, now=MONDAY + 4 * HOURS
    )
    shown = chips.chips_for([incident], MONDAY + 5 * HOURS)[incident.pk]
    assert [(c.metric, c.state) for c in shown] == [("first_response", "breached")]


def test_earlier_cycles_show_only_where_they_were_missed(cast: Cast) -> None:
    incident = make_incident(cast)
    for hours in (1, 2, 3):
        reply(cast, incident, MONDAY + hours * HOURS)
    found = chips.chips_of(incident, incident.clocks.all(), MONDAY + 4 * HOURS)
    assert [(c.metric, c.cycle) for c in found] == [
        ("first_response", 1),
        ("next_update", 4),
        ("resolution", 1),
    ]


def test_a_target_on_a_calendar_of_its_own_is_measured_by_it(cast: Cast) -> None:
    always = make_calendar("always", {"timezone": "UTC", "always_open": True})
    version = make_agreement(cast.calendar, cast.globex)
    Target.objects.create(
        version=version, metric=Metric.RESOLUTION, service=cast.mail, priority=1, amount=4 * 3600,
        calendar=always,
    )  # fmt: skip
    night = MONDAY + 10 * HOURS  # Monday 20:00
    incident = make_incident(cast, customer=cast.globex, requester=cast.charlie, now=night)
    assert solution(incident, night).words == "Resumes Tue 09:00 · 16 h left"
    incident = incidents.services.edit(
        incident, {"impact": 1, "urgency": 1}, actor=cast.alice.actor, now=night + HOURS,
        expected_version=None,
    )  # fmt: skip
    assert solution(incident, night + 2 * HOURS).words == "Resolve in 3 h"


def test_many_records_cost_one_query_for_their_clocks(cast: Cast) -> None:
    records = [make_incident(cast, title=f"Number {n}") for n in range(5)]
    chips.chips_for(records, MONDAY)  # versions and calendars are remembered
    with CaptureQueriesContext(connection) as queries:
        found = chips.chips_for(records, MONDAY + HOURS)
    assert len(queries) == 1
    assert all(len(own) == 2 for own in found.values())


def test_the_target_panel_gets_label_goal_and_both_due_times(cast: Cast) -> None:
    incident = make_incident(cast)
    rows = chips.targets(chips.chips_of(incident, incident.clocks.all(), MONDAY))
    assert [row["label"] for row in rows] == ["First response", "Progress update", "Resolution"]
    assert rows[0]["goal"] == "2 working hours"
    assert rows[0]["due_at"] == rows[0]["original_due_at"] == MONDAY + 2 * HOURS


def test_a_running_chip_tells_the_browser_how_to_count_on(cast: Cast) -> None:
    incident = make_incident(
        cast
    )  # Monday 10:00, first response due at 12:00, resolution in 16 working hours
    tick = first(incident, MONDAY + 18 * MINUTES).tick
    assert tick is not None
    assert (tick.pattern, tick.left, tick.goal) == ("Respond in {t}", 6120, 7200)
    assert (tick.lasts, tick.unit) == (6120, "wall")
    tick = solution(incident, MONDAY + 30 * MINUTES).tick
    assert tick is not None
    assert (tick.unit, tick.lasts) == ("work", 90 * 60)  # lunch begins at 12:00
    warned = first(incident, MONDAY + 90 * MINUTES).tick
    assert warned is not None
    assert warned.pattern == "Respond in {t} · {p} % used"


def test_a_chip_that_stands_still_tells_nothing(cast: Cast) -> None:
    incident = make_incident(cast)
    assert first(incident, MONDAY + 10 * HOURS).tick is None  # missed, and nobody works now
    assert solution(incident, MONDAY + 10 * HOURS).tick is None  # outside working hours
    late = first(incident, MONDAY + 4 * HOURS).tick  # 14:00: an hour of work after lunch
    assert late is not None
    assert (late.pattern, late.left, late.unit) == ("Response missed by {t}", -3600, "work")
    held = incidents.services.hold(
        incident, reason="customer", actor=cast.alice.actor, now=MONDAY + 10 * MINUTES
    )
    assert solution(held, MONDAY + 30 * MINUTES).tick is None
