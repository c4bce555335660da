"""Bulk edits: what is previewed is what is done, each ticket once, by its own rules, and no other tickets."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import Grant, User
from incidents import services
from incidents.models import Incident
from records import assignment, changes
from records.models import Activity, Delivery
from records.services import comment
from tests.cast import Cast, make_cast, make_incident
from workspace import bulk, making, running, tasks
from workspace.models import BulkEdit, BulkItem

ClientOf = Callable[[User], Client]


def some(cast: Cast, count: int, **over: Any) -> list[Incident]:
    now = timezone.now().replace(microsecond=0)
    return [make_incident(cast, now=now, title=f"Ticket {n}", **over) for n in range(count)]


def wanted(cast: Cast, **values: Any) -> list[Any]:
    """Changes by name (dots as __) with raw values, as alice may choose them."""
    found = []
    for name, raw in values.items():
        change = changes.get(name.replace("__", "."))
        assert change
        found.append((change, change.clean(raw, cast.alice.actor)))
    return found


def draft(cast: Cast, tickets: list[Incident], *, by: User | None = None, **values: Any) -> BulkEdit:
    actor = (by or cast.alice).actor
    rows = bulk.tickets_named([t.number for t in tickets], actor)
    return bulk.prepare(rows, wanted(cast, **values), actor=actor, now=timezone.now())


def carried_out(edit: BulkEdit, cast: Cast) -> BulkEdit:
    assert bulk.confirm(edit, actor=cast.alice.actor, now=timezone.now())
    while running.run(edit.pk):
        pass
    edit.refresh_from_db()
    return edit


def states(edit: BulkEdit) -> list[str]:
    return list(edit.items.order_by("position").values_list("state", flat=True))


PRIORITY = {"priority": 1, "reason": "Everybody waits for it"}


# --- what is seen beforehand --------------------------------------------------------------------


def test_a_preview_says_what_changes_what_is_left_out_and_who_is_told(cast: Cast) -> None:
    first, second, third = some(cast, 3)
    assignment.assign(second, team=cast.second, assignee=None, actor=cast.alice.actor, now=timezone.now())
    services.cancel(third, reason="Twice.", actor=cast.alice.actor, now=timezone.now())
    before = (Activity.objects.count(), Delivery.objects.count())
    edit = draft(cast, [first, second, third], team=cast.second.pk, reply="We look at all of them.")
    assert (Activity.objects.count(), Delivery.objects.count()) == before
    rows = list(edit.items.order_by("position"))
    assert [e["after"] for e in rows[0].effects] == ["Mail experts", "We look at all of them."]
    assert [e["label"] for e in rows[1].effects] == ["Reply to the customer"]
    assert rows[2].reason == "This is not possible in its present state."
    seen = edit.forecast
    assert (seen["judged"], seen["changed"], seen["is_estimate"]) == (3, 2, False)
    assert seen["reasons"] == [["This is not possible in its present state.", 1]]
    assert seen["to_customers"] == 3  # rita, of each reply and of who will answer
    first.refresh_from_db()
    assert first.team_id != cast.second.pk


def test_what_was_foretold_is_what_is_sent(cast: Cast) -> None:
    edit = draft(cast, some(cast, 2), reply="Please restart.", priority=PRIORITY)
    before = Delivery.objects.count()
    assert edit.forecast["to_customers"] == 2
    carried_out(edit, cast)
    told = Delivery.objects.order_by("-pk")[: Delivery.objects.count() - before]
    pairs = {(d.activity_id, d.recipient_id) for d in told}
    assert len(pairs) == edit.forecast["to_customers"] + edit.forecast["to_colleagues"]


# --- doing --------------------------------------------------------------------------------------


def test_every_ticket_is_changed_by_its_own_verb_once(cast: Cast) -> None:
    tickets = some(cast, 3)
    edit = carried_out(draft(cast, tickets, priority=PRIORITY, note="By the storm."), cast)
    assert (edit.state, states(edit)) == ("done", ["done"] * 3)
    assert running.run(edit.pk) is False
    for ticket in tickets:
        ticket.refresh_from_db()
        assert ticket.priority == 1
        assert ticket.activities.filter(verb="record.noted", text="By the storm.").count() == 1
        assert ticket.activities.filter(verb="record.edited", actor=cast.alice).count() == 1


def test_what_others_changed_since_the_preview_is_left_out_and_words_are_no_change(cast: Cast) -> None:
    changed, talked = some(cast, 2)
    edit = draft(cast, [changed, talked], priority=PRIORITY)
    now = timezone.now()
    assignment.assign(changed, team=cast.second, assignee=None, actor=cast.bob.actor, now=now)
    comment(talked, text="Any news?", is_public=True, actor=cast.rita.actor, now=now)
    carried_out(edit, cast)
    assert states(edit) == ["skipped", "done"]
    assert edit.items.get(record=changed).reason == "Bob changed it since the preview."
    again = bulk.again(edit, actor=cast.alice.actor, now=timezone.now())
    assert [item.record_id for item in again.items.all()] == [changed.pk]
    assert states(carried_out(again, cast)) == ["done"]


def test_of_several_changes_all_are_made_or_none(cast: Cast) -> None:
    (ticket,) = some(cast, 1)
    edit = draft(cast, [ticket], note="A note.", incident__resume=None)
    assert edit.forecast["changed"] == 0
    carried_out(edit, cast)
    assert states(edit) == ["skipped"]
    assert not ticket.activities.filter(verb="record.noted").exists()


def test_many_reports_are_put_behind_one_and_solved_with_it(cast: Cast) -> None:
    parent, *children = some(cast, 4)
    edit = carried_out(draft(cast, children, incident__attach=parent.number), cast)
    assert states(edit) == ["done"] * 3
    parent.refresh_from_db()
    services.resolve(parent, code="solved", steps="Repaired.", actor=cast.alice.actor, now=timezone.now())
    assert {Incident.objects.get(pk=c.pk).state for c in children} == {"resolved"}


def test_a_bug_in_one_ticket_stops_no_other(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    bad, good = some(cast, 2)
    edit = draft(cast, [bad, good], note="x")
    real = making.make

    def breaks(record: Any, *args: Any, **options: Any) -> Any:
        if record.pk == bad.pk:
            raise RuntimeError("a bug")
        return real(record, *args, **options)

    monkeypatch.setattr(making, "make", breaks)
    carried_out(edit, cast)
    assert (edit.state, states(edit)) == ("done", ["failed", "done"])


def test_stopped_it_leaves_the_rest_as_it_is(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    edit = draft(cast, some(cast, 3), note="x")
    bulk.confirm(edit, actor=cast.alice.actor, now=timezone.now())
    assert running.run(edit.pk, seconds=0) is True  # one ticket, then the slice is over
    bulk.cancel(edit, actor=cast.alice.actor, now=timezone.now())
    assert running.run(edit.pk) is False
    assert states(edit) == ["done", "cancelled", "cancelled"]
    with pytest.raises(bulk.Over):
        bulk.cancel(edit, actor=cast.alice.actor, now=timezone.now())
    with pytest.raises(bulk.Over):
        bulk.confirm(edit, actor=cast.alice.actor, now=timezone.now())


def test_who_lost_the_right_meanwhile_changes_nothing_more(cast: Cast) -> None:
    edit = draft(cast, some(cast, 2), note="x")
    bulk.confirm(edit, actor=cast.alice.actor, now=timezone.now())
    User.objects.filter(pk=cast.alice.pk).update(is_active=False)
    assert running.run(edit.pk) is False
    assert states(edit) == ["failed", "failed"]


def test_a_ticket_begun_again_and_again_is_given_up(cast: Cast) -> None:
    edit = draft(cast, some(cast, 2), note="x")
    edit.items.filter(position=0).update(attempts=running.ATTEMPTS)
    carried_out(edit, cast)
    assert states(edit) == ["failed", "done"]


def test_too_many_none_and_nothing_are_refused(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    tickets = some(cast, 2)
    monkeypatch.setattr(bulk, "MOST", 1)
    one: dict[str, Any] = {"note": "x"}
    for found, values in ((tickets, one), ([], one), (tickets[:1], {})):
        with pytest.raises(ValidationError):
            draft(cast, found, **values)
    assert not BulkEdit.objects.exists()


def test_previews_nobody_confirmed_are_forgotten(cast: Cast) -> None:
    draft(cast, some(cast, 1), note="x")
    now = timezone.now()
    assert bulk.forget_drafts(now) == 0
    assert bulk.forget_drafts(now + bulk.FORGOTTEN_AFTER * 2) == 1
    assert not BulkItem.objects.exists()


# --- at once, and killed ------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_four_workers_at_once_change_every_ticket_exactly_once() -> None:
    cast = make_cast()
    tickets = some(cast, 12)
    edit = draft(cast, tickets, note="Once.")
    bulk.confirm(edit, actor=cast.alice.actor, now=timezone.now())
    start = threading.Barrier(4)

    def work() -> None:
        try:
            start.wait()
            while running.run(edit.pk):
                pass
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert states(edit) == ["done"] * 12
    notes = Activity.objects.filter(verb="record.noted", text="Once.")
    assert sorted(notes.values_list("record", flat=True)) == sorted(t.pk for t in tickets)
    edit.refresh_from_db()
    assert edit.state == "done"


def test_an_edit_whose_worker_died_is_offered_again(cast: Cast) -> None:
    edit = draft(cast, some(cast, 1), note="x")
    bulk.confirm(edit, actor=cast.alice.actor, now=timezone.now())
    assert running.unfinished() == []
    BulkEdit.objects.update(touched_at=timezone.now() - 2 * running.SILENT)
    assert running.unfinished() == [edit.pk]


# --- whose tickets ------------------------------------------------------------------------------


def test_tickets_of_customers_one_does_not_cover_are_never_touched(cast: Cast) -> None:
    ours = make_incident(cast, now=timezone.now())
    theirs = make_incident(cast, customer=cast.globex, requester=cast.charlie, now=timezone.now())
    Grant.objects.filter(user=cast.alice).update(organisation=cast.acme)
    alice = User.objects.get(pk=cast.alice.pk)
    edit = draft(cast, [ours, theirs], by=alice, note="x")
    assert [item.record_id for item in edit.items.all()] == [ours.pk]
    Grant.objects.filter(user=cast.alice).update(organisation=cast.globex)  # covered no more
    carried_out(edit, cast)
    assert edit.items.get().reason == "There is no such ticket."
    assert not theirs.activities.filter(verb="record.noted").exists()
    assert not ours.activities.filter(verb="record.noted").exists()


def test_many_tickets_go_to_a_worker_which_comes_again_until_all_are_done(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(bulk, "AT_ONCE", 1)
    monkeypatch.setattr(running, "SLICE_SECONDS", 0)
    monkeypatch.setattr(tasks.run_bulk, "delay", asked.append)
    monkeypatch.setattr(tasks.run_bulk, "apply_async", lambda args, **options: asked.append(args[0]))
    edit = draft(cast, some(cast, 3), note="x")
    with django_capture_on_commit_callbacks(execute=True):
        bulk.confirm(edit, actor=cast.alice.actor, now=timezone.now())
    assert asked == [edit.pk]
    for _slice in range(2):
        tasks.run_bulk(edit.pk)
    assert states(edit) == ["done", "done", "waiting"]
    BulkEdit.objects.update(touched_at=timezone.now() - 2 * running.SILENT)
    tasks.resume_bulk()
    tasks.forget()
    assert asked == [edit.pk] * 4
    tasks.run_bulk(edit.pk)
    tasks.run_bulk(edit.pk)
    assert states(edit) == ["done"] * 3
    edit.refresh_from_db()
    assert edit.state == "done"
