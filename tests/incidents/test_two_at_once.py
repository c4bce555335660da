"""Steps in place, and what a second agent is told."""

import re

from django.test import Client

import incidents.services
from incidents.models import Incident
from records import assignment
from sla.models import ClockEvent
from tests.cast import Cast
from tests.incidents.ticket import HTMX, again, do, now, url

# --- in place --------------------------------------------------------------------------------


def test_a_step_in_place_answers_with_the_parts_that_changed(incident: Incident, alice: Client) -> None:
    form = alice.get(url(incident, "resolve"), headers=HTMX)
    assert "<html" not in form.content.decode()
    assert 'name="steps"' in form.content.decode()
    refused = alice.post(url(incident, "resolve"), {"version": 1, "code": "solved"}, headers=HTMX)
    assert refused.status_code == 422
    assert "<html" not in refused.content.decode()
    done = alice.post(
        url(incident, "resolve"), {"version": 1, "code": "solved", "steps": "Done."}, headers=HTMX
    ).content.decode()
    for part in ("act", "record-head", "record-targets", "record-facts", "record-timeline", "record-side"):
        assert re.search(rf'id="{part}"[^>]*hx-swap-oob="true"', done), part
    assert "Record confirmation" in done
    sent = alice.post(
        url(incident, "comment"), {"body": "Please confirm.", "visibility": "public"}, headers=HTMX
    ).content.decode()
    assert 'id="composer"' in sent
    assert re.search(r'id="record-timeline"[^>]*hx-swap-oob="true"', sent)


# --- two at once -----------------------------------------------------------------------------


def test_the_second_agent_is_told_loses_nothing_and_can_send_again(
    cast: Cast, incident: Incident, alice: Client
) -> None:
    incidents.services.edit(
        incident, {"site": "Floor 4"}, actor=cast.bob.actor, now=now(), expected_version=None
    )
    for headers in ({}, HTMX):
        words = {"version": 1, "code": "solved", "steps": "I changed the cable."}
        answer = alice.post(url(incident, "resolve"), words, headers=headers)
        html = answer.content.decode()
        assert answer.status_code == 409
        assert "I changed the cable." in html
        assert "Bob" in html
        assert "Floor 4" in html
        assert 'name="version" value="2"' in html
    assert again(incident).state == "new"
    assert do(alice, incident, "resolve", **{**words, "version": 2}).status_code == 302


def test_without_a_form_the_second_agent_is_told_as_well(
    cast: Cast, incident: Incident, alice: Client
) -> None:
    assignment.assign(
        incident, team=cast.desk, assignee=cast.bob, actor=cast.bob.actor, now=now(), expected_version=None
    )
    for version in (1, "", "x", "99999999999999999999"):
        answer = do(alice, incident, "take", version=version)
        assert answer.status_code == 409
        assert "assigned it to Bob" in answer.content.decode()
    assert again(incident).assignee == cast.bob


def test_two_agents_edit_different_facts_and_neither_undoes_the_other(
    cast: Cast, incident: Incident, alice: Client
) -> None:
    form = alice.get(url(incident, "edit")).context["panel"]["form"]
    data = {name: form[name].value() or "" for name in form.fields}
    data |= {"service": cast.mail.pk, "requester": cast.rita.pk, "category": "Mail"}
    incidents.services.edit(
        incident, {"title": "No mail on floor 4"}, actor=cast.bob.actor, now=now(), expected_version=None
    )
    answer = do(alice, incident, "edit", **{**data, "version": 1})
    assert answer.status_code == 409
    shown = answer.context["panel"]["form"]
    assert (shown["title"].value(), shown["category"].value()) == ("No mail on floor 4", "Mail")
    second = {name: shown[name].value() or "" for name in shown.fields}
    assert do(alice, incident, "edit", **second).status_code == 302
    saved = again(incident)
    assert (saved.title, saved.category) == ("No mail on floor 4", "Mail")


def test_an_illegal_step_says_what_is_possible_and_keeps_the_words(
    cast: Cast, incident: Incident, alice: Client
) -> None:
    incidents.services.resolve(incident, code="solved", steps="Done by Bob.", actor=cast.bob.actor, now=now())
    for headers in ({}, HTMX):
        words = {"version": again(incident).version, "reason": "customer", "note": "Please send it."}
        answer = alice.post(url(incident, "hold"), words, headers=headers)
        html = answer.content.decode()
        assert answer.status_code == 409
        assert "Possible now: Close, Reopen" in html
        assert "Please send it." in html
    assert alice.get(url(incident, "hold")).status_code == 409
    assert not ClockEvent.objects.filter(type="pause").exists()


def test_a_comment_needs_no_version(cast: Cast, incident: Incident, alice: Client) -> None:
    incidents.services.start(incident, actor=cast.bob.actor, now=now())
    words = {"body": "Hello.", "visibility": "public"}
    assert alice.post(url(incident, "comment"), words).status_code == 302
    # one that is given asks to be told first (tests/workspace/test_collision.py)
    assert alice.post(url(incident, "comment"), {**words, "version": "1"}).status_code == 409
