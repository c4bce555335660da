"""The registry of changes: what may be done by name, told before, refused with a reason, and kept as JSON."""

import contextlib
import json
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.access import Actor, Denied
from accounts.models import Grant, User
from cmdb.models import Item, ItemType
from incidents.models import Incident
from records import changes
from records.changes import Change, Effect, ValueForm
from records.kinds import TICKETS
from records.lifecycle import IllegalMove
from records.models import Activity, Priority, Record
from tests.cast import MONDAY, Cast, make_incident
from tests.fulfilment.orders import make_request

pytestmark = pytest.mark.django_db


def _change(name: str) -> Change:
    found = changes.get(name)
    assert found is not None, name
    return found


def _raw(name: str, cast: Cast) -> Any:
    """A value as a form or JSON brings it."""
    kind, _made = ItemType.objects.get_or_create(code="printer", defaults={"name_en": "Printer"})
    printer, _made = Item.objects.get_or_create(name="P-1", type=kind, customer=cast.acme)
    parent = Incident.objects.first() or make_incident(cast)
    return {
        "team": str(cast.second.pk),
        "assignee": cast.bob.pk,
        "escalate": {"team": cast.second.pk, "reason": "beyond us"},
        "priority": {"priority": "1", "reason": "the board meets"},
        "impact": "1",
        "urgency": 1,
        "service": cast.mail.pk,
        "item": printer.pk,
        "incident.attach": parent.number,
        "category": "Mail",
        "symptom": "slow",
        "contact_type": "consultation",
        "event_kind": "outage",
        "incident.hold": {"reason": "customer", "note": ""},
        "incident.resolve": {"code": "solved", "steps": "restarted"},
        "reply": "We look into it.",
        "note": "Careful.",
    }.get(name)


def test_names_are_taken_once_and_everything_fits_a_kind_of_ticket(cast: Cast) -> None:
    known = changes.changes_for(cast.alice.actor)
    assert {"team", "assignee", "priority", "note", "incident.resolve", "request.fulfil"} <= {
        c.name for c in known
    }
    assert all(c.kinds <= set(TICKETS) and str(c.label) for c in known)
    assert changes.changes_for(cast.rita.actor) == []
    only_requests = changes.changes_for(cast.alice.actor, frozenset({"request"}))
    assert "impact" not in {c.name for c in only_requests}
    changes.register(known[0])
    other = Change(known[0].name, "x", 1, lambda: Effect("", ""), lambda: None)
    with pytest.raises(ValueError, match="two changes"):
        changes.register(other)


@pytest.mark.parametrize("name", [c.name for c in changes._CHANGES.values() if "request" not in c.kinds])
def test_a_preview_writes_nothing_and_a_value_survives_json(name: str, cast: Cast) -> None:
    ticket, actor, change = make_incident(cast, service=None), cast.alice.actor, _change(name)
    value = change.clean(_raw(name, cast), actor)
    kept = json.loads(json.dumps(change.stored(value)))
    assert change.clean(kept, actor) == value
    before, rows = Incident.objects.values().get(pk=ticket.pk), Activity.objects.count()
    with contextlib.suppress(ValidationError, IllegalMove):
        assert change.preview(ticket, value, actor=actor, now=MONDAY).after
    assert Incident.objects.values().get(pk=ticket.pk) == before
    assert Activity.objects.count() == rows


@pytest.mark.parametrize(
    ("name", "column", "expected"),
    [
        ("team", "team_id", lambda c: c.second.pk),
        ("assignee", "assignee_id", lambda c: c.bob.pk),
        ("escalate", "team_id", lambda c: c.second.pk),
        ("priority", "priority", lambda c: Priority.CRITICAL),
        ("impact", "impact", lambda c: 1),
        ("urgency", "urgency", lambda c: 1),
        ("service", "service_id", lambda c: c.mail.pk),
        ("category", "category", lambda c: "Mail"),
        ("contact_type", "contact_type", lambda c: "consultation"),
        ("incident.hold", "waiting_for", lambda c: "customer"),
        ("incident.resolve", "state", lambda c: "resolved"),
        ("incident.start", "state", lambda c: "in_progress"),
        ("assignee.me", "assignee_id", lambda c: c.alice.pk),
        ("assignee.least_busy", "assignee_id", lambda c: c.alice.pk),
    ],
)
def test_what_is_applied_is_what_the_preview_said_and_again_it_is_so_already(
    name: str, column: str, expected: Any, cast: Cast
) -> None:
    ticket, actor, change = make_incident(cast, service=None), cast.alice.actor, _change(name)
    value = change.clean(_raw(name, cast), actor) if change.field else None
    change.preview(ticket, value, actor=actor, now=MONDAY)
    change.apply(ticket, value, actor=actor, now=MONDAY)
    ticket.refresh_from_db()
    assert getattr(ticket, column) == expected(cast)
    with pytest.raises((ValidationError, IllegalMove)):
        change.apply(ticket, value, actor=actor, now=MONDAY)


def test_a_higher_tier_tells_the_requester_who_answers_also_through_the_registry(cast: Cast) -> None:
    ticket, change = make_incident(cast), _change("team")
    change.apply(ticket, cast.second, actor=cast.alice.actor, now=MONDAY)
    assert ticket.activities.filter(verb="incident.will_answer").exists()


def test_who_may_not_is_denied_before_and_while_it_is_applied(cast: Cast) -> None:
    ticket = make_incident(cast)
    for name in ("team", "priority", "note", "category", "incident.hold", "assignee.me"):
        change = _change(name)
        value = change.clean(_raw(name, cast), cast.alice.actor) if change.field else None
        for act in (change.preview, change.apply):
            with pytest.raises(Denied):
                act(ticket, value, actor=cast.rita.actor, now=MONDAY)


def test_who_is_limited_to_another_customer_is_denied(cast: Cast) -> None:
    far = User.objects.get(pk=cast.bob.pk)
    Grant.objects.filter(user=far).update(organisation=cast.globex)
    actor: Actor = far.actor
    with pytest.raises(Denied):
        _change("team").preview(make_incident(cast), cast.second, actor=actor, now=MONDAY)


def test_the_least_busy_member_gets_it_and_nobody_else_is_pushed_aside(cast: Cast) -> None:
    for _ in range(2):
        make_incident(cast, assignee=cast.alice)
    ticket, change = make_incident(cast), _change("assignee.least_busy")
    change.apply(ticket, None, actor=cast.mona.actor, now=MONDAY)
    ticket.refresh_from_db()
    assert ticket.assignee == cast.bob
    with pytest.raises(ValidationError):
        change.apply(ticket, None, actor=cast.mona.actor, now=MONDAY)


def test_a_parent_is_named_by_its_number_and_must_be_visible(cast: Cast) -> None:
    parent, child, change = make_incident(cast), make_incident(cast), _change("incident.attach")
    number = change.clean(parent.number.lower(), cast.alice.actor)
    assert change.preview(child, number, actor=cast.alice.actor, now=MONDAY).after == parent.number
    change.apply(child, number, actor=cast.alice.actor, now=MONDAY)
    child.refresh_from_db()
    assert child.parent_id == parent.pk
    with pytest.raises(ValidationError):
        change.clean("INC9999999", cast.alice.actor)


@pytest.mark.parametrize("raw", [None, "", "x", {}, [], {"priority": 9, "reason": "x"}, {"priority": 1}])
def test_a_composite_value_names_the_part_that_is_missing(raw: Any, cast: Cast) -> None:
    with pytest.raises(ValidationError) as error:
        _change("priority").clean(raw, cast.alice.actor)
    assert any(part in " ".join(error.value.messages) for part in ("Priority", "Reason"))


def test_a_value_is_asked_in_a_form_with_a_label_for_every_part(cast: Cast) -> None:
    change = _change("priority")
    html = str(ValueForm(change=change, actor=cast.alice.actor, prefix="p")["value"])
    assert 'for="id_p-value_priority"' in html
    assert 'id="id_p-value_reason"' in html
    sent = {"p-value_priority": "2", "p-value_reason": "<b>now</b>"}
    form = ValueForm(sent, change=change, actor=cast.alice.actor, prefix="p")
    assert form.is_valid(), form.errors
    assert form.value == {"priority": 2, "reason": "<b>now</b>"}
    assert "<b>" not in str(form["value"])
    chosen = ValueForm({"value": cast.bob.pk}, change=_change("assignee"), actor=cast.alice.actor)
    assert "Bob" in str(chosen["value"])
    assert "Alice" not in str(chosen["value"])
    assert ValueForm({}, change=_change("assignee.me"), actor=cast.alice.actor).is_valid()


def test_a_request_is_started_held_and_fulfilled_by_name(cast: Cast) -> None:
    request, actor = make_request(cast), cast.alice.actor
    for name, raw, state in (
        ("request.start", None, "in_fulfilment"),
        ("request.hold", {"reason": "customer", "note": "Which colour?"}, "on_hold"),
        ("request.resume", None, "in_fulfilment"),
        ("request.fulfil", "Delivered.", "fulfilled"),
    ):
        change, row = _change(name), Record.objects.get(pk=request.pk)
        value = change.clean(raw, actor)
        assert change.clean(json.loads(json.dumps(change.stored(value))), actor) == value
        assert change.preview(row, value, actor=actor, now=MONDAY).after
        change.apply(row, value, actor=actor, now=MONDAY)
        assert Record.objects.get(pk=request.pk).state == state
        with pytest.raises((ValidationError, IllegalMove)):
            change.apply(row, value, actor=actor, now=MONDAY)


def test_a_change_of_one_kind_does_not_fit_another(cast: Cast) -> None:
    with pytest.raises(ValidationError):
        changes.check_kind(_change("request.start"), make_incident(cast))
    changes.check_kind(_change("team"), make_incident(cast))
