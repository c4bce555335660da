"""Open clocks go over to a new edition of their calendar: once, whatever happens to the worker."""

from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import incidents.services
from incidents.models import Incident
from records import chips, explain, retiming
from records.models import Activity
from sla import calendars, impact_rows, selfcheck
from sla.models import Calendar, CalendarVersion, Clock, ClockEvent, Metric, Retiming
from sla.services import events_of
from tests.cast import MONDAY, OFFICE, Cast, make_incident
from tests.records import test_history as history
from tests.records.test_history import world  # noqa: F401 - a fixture
from tests.sla import test_live_property as life
from tests.sla.test_live_property import World
from tests.sla.test_live_property import world as plain  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TUESDAY_OFF: dict[str, Any] = {**OFFICE, "holidays": ["2026-03-03"]}


def edition(cast: Cast, definition: dict[str, Any] = TUESDAY_OFF, **over: Any) -> CalendarVersion:
    now = over.pop("now", MONDAY + HOUR)
    given = {"effective_from": now, "actor": cast.mona.actor, "now": now, "follow": True, **over}
    return calendars.new_version(cast.calendar, definition, **given)


def resolution(ticket: Incident) -> Clock:
    return Clock.objects.get(record=ticket.pk, metric=Metric.RESOLUTION)


def retimed(ticket: Incident) -> list[Activity]:
    return list(Activity.objects.filter(record=ticket.pk, verb="sla.retimed"))


def test_open_clocks_follow_the_edition_and_the_ticket_tells_it(cast: Cast) -> None:
    ticket = make_incident(cast)
    before = resolution(ticket)
    made = edition(cast)
    assert retiming.work(now=MONDAY + HOUR, seconds=9) is False
    after = resolution(ticket)
    assert before.due_at is not None
    assert after.due_at == before.due_at + DAY
    assert after.alarm_at is not None
    assert before.alarm_at is not None
    assert after.alarm_at >= before.alarm_at
    assert after.first_due_at == before.due_at  # what was promised first stays to be seen
    (told,) = retimed(ticket)
    assert told.data["edition"] == 2
    assert told.data["what"]["en"] == "due later: Progress update, Resolution"
    assert told.actor_id == cast.mona.pk
    ticket.refresh_from_db()
    assert ticket.next_due_at == MONDAY + 2 * HOUR  # the first response is due today and stays
    found = Retiming.objects.get(version=made)
    assert (found.clocks, found.moved, found.failed) == (3, 2, 0)
    assert found.finished_at is not None
    for clock in Clock.objects.filter(record=ticket.pk):
        assert selfcheck.compare(clock, list(clock.events.all()), MONDAY + HOUR) == []


@pytest.mark.req("SLM-45")
def test_without_the_decision_open_clocks_keep_their_hours(cast: Cast) -> None:
    ticket = make_incident(cast)
    before = resolution(ticket).due_at
    edition(cast, follow=False)
    assert retiming.work(now=MONDAY + DAY, seconds=9) is False
    assert resolution(ticket).due_at == before
    assert not retimed(ticket)
    later = make_incident(cast, now=MONDAY + 2 * HOUR)
    assert resolution(later).calendar_version.number == 2


def test_the_preview_says_what_the_worker_then_does(cast: Cast) -> None:
    tickets = [make_incident(cast, priority=p, priority_reason="x") for p in (1, 2, 3, 4)]
    incidents.services.hold(tickets[1], reason="customer", actor=cast.alice.actor, now=MONDAY + HOUR / 2)
    at = MONDAY + HOUR
    seen = impact_rows.preview(cast.calendar, TUESDAY_OFF, effective_from=None, actor=cast.mona.actor, now=at)
    edition(cast, now=at)
    retiming.work(now=at, seconds=9)
    assert len(seen.found) == Clock.objects.filter(stopped_at=None).count()
    for clock, move in seen.found:
        row = Clock.objects.get(pk=clock.pk)
        assert row.due_at == (None if move.is_paused else move.after)


def test_doing_it_again_changes_nothing(cast: Cast) -> None:
    ticket = make_incident(cast)
    edition(cast)
    retiming.work(now=MONDAY + HOUR, seconds=9)
    Retiming.objects.update(finished_at=None, cursor=0)
    retiming.work(now=MONDAY + 2 * HOUR, seconds=9)
    assert len(retimed(ticket)) == 1
    assert ClockEvent.objects.filter(clock__record=ticket.pk, type="calendar").count() == 3


def test_a_worker_killed_in_a_batch_leaves_nothing_half_done(cast: Cast) -> None:
    tickets = [make_incident(cast) for _n in range(5)]
    edition(cast)

    def killed(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    with patch.object(retiming, "BATCH", 2):
        with transaction.atomic():
            assert retiming._batch(MONDAY + HOUR)
        # the second batch dies after its clocks were moved, before its place was kept
        with patch.object(Retiming, "save", killed), pytest.raises(KeyboardInterrupt), transaction.atomic():
            retiming._batch(MONDAY + HOUR)
        assert [len(retimed(t)) for t in tickets] == [1, 1, 0, 0, 0]
        retiming.work(now=MONDAY + 2 * HOUR, seconds=9)
    assert [len(retimed(t)) for t in tickets] == [1, 1, 1, 1, 1]
    assert Retiming.objects.get().clocks == 15


def test_a_slice_ends_in_time_and_says_that_more_is_left(cast: Cast) -> None:
    for _n in range(3):
        make_incident(cast)
    edition(cast)
    with patch.object(retiming, "BATCH", 1):
        assert retiming.work(now=MONDAY + HOUR, seconds=0) is True
    assert retiming.work(now=MONDAY + HOUR, seconds=9) is False


def test_an_edition_of_a_later_date_moves_clocks_on_that_date(cast: Cast) -> None:
    ticket = make_incident(cast)
    before, start = resolution(ticket).due_at, MONDAY + 4 * HOUR
    edition(cast, effective_from=start)
    retiming.work(now=MONDAY + 3 * HOUR, seconds=9)
    assert resolution(ticket).due_at == before
    retiming.work(now=start + timedelta(minutes=3), seconds=9)
    assert resolution(ticket).due_at != before
    event = ClockEvent.objects.filter(clock=resolution(ticket), type="calendar").get()
    assert event.at == start  # when it became true, not when the worker came


def test_two_editions_are_followed_in_their_order(cast: Cast) -> None:
    ticket = make_incident(cast)
    edition(cast)
    last = edition(cast, OFFICE, now=MONDAY + 2 * HOUR)
    retiming.work(now=MONDAY + 3 * HOUR, seconds=9)
    told = [e.data["edition"] for e in retimed(ticket)]
    assert told == [2, 3]
    clock = resolution(ticket)
    assert clock.due_at == clock.first_due_at
    assert events_of([clock])[clock.pk][-1].data == {"calendar_version": last.pk}


def test_a_record_that_cannot_be_computed_does_not_hold_up_the_others(
    cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    bad, good = make_incident(cast), make_incident(cast)
    edition(cast)
    honest = retiming._retime

    def failing(mine: Retiming, record: int) -> Any:
        if record == bad.pk:
            raise ValueError("broken")
        return honest(mine, record)

    with patch.object(retiming, "_retime", failing):
        retiming.work(now=MONDAY + HOUR, seconds=9)
    assert (len(retimed(bad)), len(retimed(good))) == (0, 1)
    assert Retiming.objects.get().failed == 1
    assert "could not be moved" in caplog.text


def test_clocks_on_other_calendars_and_ended_ones_are_left_alone(cast: Cast) -> None:
    done = make_incident(cast)
    incidents.services.resolve(done, code="solved", steps="x", actor=cast.alice.actor, now=MONDAY + HOUR / 2)
    other = Calendar.objects.create(code="other", name_en="Other")
    for n in (1, 2):
        calendars.new_version(
            other, TUESDAY_OFF, effective_from=MONDAY + n * HOUR, actor=cast.mona.actor, now=MONDAY + HOUR,
            follow=n == 2,
        )  # fmt: skip
    retiming.work(now=MONDAY + DAY, seconds=9)
    assert not retimed(done)
    assert not ClockEvent.objects.filter(type="calendar").exists()


def test_chips_and_the_explained_clock_go_by_the_hours_it_has_now(cast: Cast) -> None:
    """From six in the evening on Tuesday it resumes on Thursday, when the new edition closes Wednesday."""
    ticket = make_incident(cast)
    edition(cast, {**OFFICE, "holidays": ["2026-03-04"]})
    retiming.work(now=MONDAY + HOUR, seconds=9)
    clock = resolution(ticket)
    evening = MONDAY + DAY + 9 * HOUR
    chip = next(c for c in chips.chips_of(ticket, [clock], evening) if c.label == "Resolution")
    assert "Thu" in chip.words
    assert explain.calendar_words(clock).startswith("Office v2 (Asia/Shanghai); until ")
    other = make_incident(cast, now=MONDAY + 2 * HOUR)
    assert explain.calendar_words(resolution(other)) == "Office v2 (Asia/Shanghai)"


# --- among everything else that happens to a ticket -----------------------------------------------


def _retime(run: life.Run, now: datetime, n: int) -> None:
    """A new edition of one of the agreement's calendars, which open clocks follow at once."""
    rows = list(Calendar.objects.filter(code__in=("office", "one-always", "two-nights")).order_by("code"))
    calendar = rows[n % len(rows)]
    latest = CalendarVersion.objects.filter(calendar=calendar).order_by("-number")[0]
    # one dated back is another matter: who replays, sees it as if it had been known then
    start = max(now, latest.effective_from, run.latest + timedelta(seconds=1))
    day = (start + DAY * (n % 3)).date().isoformat()
    made = {**latest.definition, "holidays": sorted({*latest.definition.get("holidays", []), day})}
    actor = run.world.cast.mona.actor
    calendars.new_version(calendar, made, effective_from=start, actor=actor, now=start, follow=True)
    retiming.work(now=start, seconds=9)


STEPS = st.lists(
    st.tuples(st.sampled_from([*history.OFTEN, *["retime"] * 6]), life.INSTANTS, st.integers(0, 23)),
    max_size=12,
)


RANDOMLY = settings(
    max_examples=25,
    phases=[Phase.explicit, Phase.generate],
    report_multiple_bugs=False,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
LIVES = given(
    agreement=st.integers(0, 1), start=life.STARTS, priority=st.integers(0, 3), steps=STEPS, end=life.ENDS
)


@RANDOMLY
@LIVES
def test_a_replay_follows_editions_as_live_clocks_did(
    world: World,  # noqa: F811
    agreement: int,
    start: int,
    priority: int,
    steps: Any,
    end: str,
) -> None:
    with transaction.atomic(), patch.dict(history.VERBS, {"retime": _retime}):
        history.live_and_replay(world, agreement, start, priority, steps, end)
        transaction.set_rollback(True)


@RANDOMLY
@LIVES
def test_clocks_that_follow_editions_are_what_the_engine_gives(
    plain: World,  # noqa: F811
    agreement: int,
    start: int,
    priority: int,
    steps: Any,
    end: str,
) -> None:
    kept = [each for each in steps if each[0] in {*life.VERBS, "retime"}]
    with transaction.atomic(), patch.dict(life.VERBS, {"retime": _retime}):
        life.live(plain, agreement, start, priority, kept, end)
        transaction.set_rollback(True)
