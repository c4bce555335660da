"""Every step through the ticket page, and what is refused."""

from typing import Any

import pytest
from django.test import Client

from incidents.models import Incident
from records import alarms
from records.models import Link
from sla.models import Breach, Clock
from tests.cast import Cast, make_incident
from tests.incidents.ticket import HOUR, MINUTE, ClientOf, again, do, now, resolved, typed, url, verbs


@pytest.mark.req("INC-01", "INC-25", "SD-10", "SD-14")
def test_a_ticket_goes_its_whole_way_through_the_page(cast: Cast, incident: Incident, alice: Client) -> None:
    steps: list[tuple[str, dict[str, Any], str]] = [
        ("start", {}, "in_progress"),
        ("hold", {"reason": "customer", "note": "Please send the log."}, "on_hold"),
        ("resume", {}, "in_progress"),
        ("resolve", {"code": "workaround", "steps": "Use the web mail."}, "resolved"),
        ("reopen", {"reason": "It still hangs."}, "in_progress"),
        ("resolve", {"code": "solved", "steps": "New certificate."}, "resolved"),
        ("confirm", {"note": "She says it works."}, "resolved"),
        ("close", {}, "closed"),
    ]
    for action, words, state in steps:
        answer = do(alice, incident, action, **words)
        assert (answer.status_code, answer.headers.get("Location")) == (302, url(incident)), action
        assert again(incident).state == state, action
    done = again(incident)
    assert (done.reopen_count, done.resolution, done.confirmed_by) == (1, "New certificate.", cast.alice)
    assert verbs(incident)[-1] == "incident.close"
    page = alice.get(url(incident))
    assert {a["url"].rsplit("/", 2)[1] for a in page.context["actions"]} == {"link"}


def test_only_legal_steps_are_offered(cast: Cast, incident: Incident, alice: Client) -> None:
    def offered(ticket: Incident) -> set[str]:
        page = alice.get(url(ticket))
        return {a["url"].rsplit("/", 2)[1] for a in page.context["actions"]}

    assert offered(incident) == {
        "start", "take", "assign", "resolve", "hold", "escalate", "priority", "edit", "link", "cancel",
        "arrive", "restore", "attach", "adopt", "repeat", "bypass", "inform", "participate", "urge",
    }  # fmt: skip
    assert offered(resolved(cast)) == {
        "confirm", "close", "reopen", "priority", "edit", "link", "repeat", "bypass", "inform", "participate",
    }  # fmt: skip
    primary = [a for a in alice.get(url(incident)).context["actions"] if a["style"] == "primary"]
    assert len(primary) == 1
    assert str(primary[0]["label"]) == "Start work"


@pytest.mark.req("SD-11")
def test_assigning_taking_and_accepting(
    cast: Cast, incident: Incident, alice: Client, client_of: ClientOf
) -> None:
    do(alice, incident, "assign", team=cast.desk.pk, assignee=cast.bob.pk, note="You know mail.")
    assert again(incident).assignee == cast.bob
    bob = client_of(cast.bob)
    assert "accept" in {a["url"].rsplit("/", 2)[1] for a in bob.get(url(incident)).context["actions"]}
    assert do(bob, incident, "accept").status_code == 302
    assert "accept" not in {a["url"].rsplit("/", 2)[1] for a in bob.get(url(incident)).context["actions"]}
    assert do(client_of(cast.sven), incident, "take").status_code == 302
    taken = again(incident)
    assert (taken.assignee, taken.team) == (cast.sven, cast.second)
    assert verbs(incident)[1:] == [
        "record.assigned", "record.accepted", "record.assigned", "record.accepted",
    ]  # fmt: skip
    last = incident.activities.order_by("id").last()
    assert last
    assert last.data["tier"] == "second"


def test_an_assignee_must_be_a_member_of_the_team(cast: Cast, incident: Incident, alice: Client) -> None:
    answer = do(alice, incident, "assign", team=cast.desk.pk, assignee=cast.sven.pk, note="please")
    assert answer.status_code == 422
    assert "not a member" in answer.content.decode()
    assert "please" in answer.content.decode()
    assert do(alice, incident, "assign", assignee=cast.rita.pk).status_code == 422
    assert again(incident).assignee is None


@pytest.mark.req("SD-12", "SD-13", "SD-26")
def test_escalating_needs_a_reason_and_keeps_the_owner(cast: Cast, incident: Incident, alice: Client) -> None:
    form = alice.get(url(incident, "escalate")).context["panel"]["form"]
    assert form["team"].value() == cast.second.pk
    assert do(alice, incident, "escalate", team=cast.second.pk).status_code == 422
    assert again(incident).team == cast.desk
    do(alice, incident, "escalate", team=cast.second.pk, reason="Needs the mail server.")
    moved = again(incident)
    assert (moved.team, moved.assignee, moved.owner) == (cast.second, None, cast.alice)


@pytest.mark.req("INC-25")
def test_a_hold_needs_a_named_reason_and_says_which_pause(incident: Incident, alice: Client) -> None:
    offered = dict(alice.get(url(incident, "hold")).context["panel"]["form"].fields["reason"].choices)
    assert "the clocks pause" in offered["customer"]
    assert "the clocks go on" in offered["supplier"]
    for reason in ("", "lunch"):
        answer = do(alice, incident, "hold", reason=reason, note="Please wait.")
        assert answer.status_code == 422
        assert "Please wait." in answer.content.decode()
    assert verbs(incident) == ["incident.open"]
    do(alice, incident, "hold", reason="customer")
    assert {c.state for c in Clock.objects.filter(record=incident.pk)} == {"paused"}
    do(alice, incident, "hold", reason="supplier")
    assert {c.state for c in Clock.objects.filter(record=incident.pk)} == {"running"}


@pytest.mark.req("SD-10", "INC-09", "INC-13")
def test_resolving_needs_steps_and_keeps_tier_and_times(
    cast: Cast, incident: Incident, alice: Client
) -> None:
    answer = do(alice, incident, "resolve", code="solved", steps="  ")
    assert answer.status_code == 422
    assert "steps" in answer.context["panel"]["form"].errors
    assert again(incident).state == "new"
    restored = (now() - 5 * MINUTE).replace(second=0)
    do(alice, incident, "resolve", code="solved", steps="Restarted it.", restored_at=typed(restored))
    done = again(incident)
    assert (done.resolved_by, done.resolved_tier) == (cast.alice, "desk")
    assert done.restored_at == restored
    assert done.resolved_at == done.user_notified_at != done.restored_at


def test_a_restoration_in_the_future_is_refused_in_its_field(incident: Incident, alice: Client) -> None:
    answer = do(alice, incident, "resolve", code="solved", steps="x", restored_at="2099-01-01T00:00")
    assert answer.status_code == 422
    assert "restored_at" in answer.context["panel"]["form"].errors


@pytest.mark.req("SD-14")
def test_closing_without_confirmation_needs_a_documented_try(cast: Cast, alice: Client) -> None:
    ticket = resolved(cast)
    answer = do(alice, ticket, "close")
    assert answer.status_code == 422
    assert again(ticket).state == "resolved"
    do(alice, ticket, "close", no_answer="Called twice on Monday and Tuesday.")
    assert again(ticket).state == "closed"
    other = resolved(cast)
    do(alice, other, "confirm", note="Works.", close_too="on")
    assert again(other).state == "closed"
    assert again(other).confirmed_at is not None


@pytest.mark.req("INC-26")
def test_reopening_and_cancelling_need_a_reason(cast: Cast, incident: Incident, alice: Client) -> None:
    ticket = resolved(cast)
    assert do(alice, ticket, "reopen", reason=" ").status_code == 422
    assert do(alice, incident, "cancel").status_code == 422
    do(alice, incident, "cancel", reason="Logged twice.")
    assert again(incident).state == "cancelled"


@pytest.mark.req("INC-02")
def test_another_priority_than_the_agreements_needs_a_reason(incident: Incident, alice: Client) -> None:
    words = {"impact": 2, "urgency": 2, "priority": 1}
    answer = do(alice, incident, "priority", **words)
    assert answer.status_code == 422
    assert "priority_reason" in answer.context["panel"]["form"].errors
    do(alice, incident, "priority", **words, priority_reason="The board waits.")
    assert again(incident).priority == 1
    do(alice, incident, "priority", impact=1, urgency=2)
    assert again(incident).priority == 2


@pytest.mark.req("INC-03")
def test_editing_saves_what_was_touched_and_nothing_else(
    cast: Cast, incident: Incident, alice: Client
) -> None:
    form = alice.get(url(incident, "edit")).context["panel"]["form"]
    data = {name: form[name].value() or "" for name in form.fields}
    data["service"], data["requester"] = cast.mail.pk, cast.rita.pk
    do(alice, incident, "edit", **data)
    assert verbs(incident) == ["incident.open"]
    do(alice, incident, "edit", **{**data, "site": "Floor 3", "occurred_at": typed(now() - HOUR)})
    last = incident.activities.order_by("id").last()
    assert last
    assert set(last.data["changes"]) == {"site", "occurred_at"}


def test_another_organisations_person_or_item_cannot_be_named(
    cast: Cast, incident: Incident, alice: Client
) -> None:
    from cmdb.models import Item, ItemType

    item = Item.objects.create(
        name="Secret server",
        customer=cast.globex,
        type=ItemType.objects.create(code="server", name_en="Server"),
    )
    answer = do(
        alice, incident, "edit", title="Cannot send mail", requester=cast.charlie.pk, contact_type="fault"
    )
    assert answer.status_code == 422
    assert "requester" in answer.context["panel"]["form"].errors
    words = {"title": "Cannot send mail", "requester": cast.rita.pk, "contact_type": "fault", "item": item.pk}
    answer = do(alice, incident, "edit", **words)
    assert answer.status_code == 422
    assert "item" in answer.context["panel"]["form"].errors
    assert verbs(incident) == ["incident.open"]


def test_linking_only_to_what_one_may_see(
    cast: Cast, incident: Incident, alice: Client, client_of: ClientOf
) -> None:
    foreign = make_incident(cast, customer=cast.globex, requester=cast.charlie)
    cast.bob.grants.update(organisation=cast.acme)
    answer = do(client_of(cast.bob), incident, "link", type="related", other=foreign.number)
    assert answer.status_code == 422
    assert not Link.objects.exists()
    assert do(alice, incident, "link", type="related", other="INC").status_code == 422
    assert do(alice, incident, "link", type="related", other=incident.number).status_code == 422
    assert do(alice, incident, "link", type="duplicate", other=foreign.number.lower()).status_code == 302
    assert foreign.number in alice.get(url(incident)).content.decode()
    seen = client_of(cast.bob).get(url(incident))
    assert seen.context["related"] == []
    assert foreign.get_absolute_url() not in seen.content.decode()


@pytest.mark.req("INC-10")
def test_a_missed_target_is_explained_once_and_may_be_explained_better(
    cast: Cast, incident: Incident, alice: Client
) -> None:
    assert "explain" not in alice.get(url(incident)).context["can"]
    incident = make_incident(cast)
    alarms.sweep()
    breach = Breach.objects.get(clock__record=incident.pk, clock__metric="first_response")
    page = alice.get(url(incident))
    assert "explain" in page.context["can"]
    assert "Not explained yet" in page.content.decode()
    words: dict[str, object] = {"clock": breach.clock_id}
    assert do(alice, incident, "explain", **words).status_code == 422
    assert do(alice, incident, "explain", **words, reason="other").status_code == 422
    assert do(alice, incident, "explain", **words, reason="workload").status_code == 422
    words |= {"no_action": "A single case."}
    assert do(alice, incident, "explain", **words, reason="workload", note="Two were ill.").status_code == 302
    breach.refresh_from_db()
    assert (breach.reason, breach.note, breach.explained_by) == ("workload", "Two were ill.", cast.alice)
    assert verbs(incident)[-1] == "sla.explained"
    other = make_incident(cast)
    alarms.sweep()
    assert do(alice, other, "explain", **words, reason="skill").status_code == 422


def test_from_the_last_tier_nothing_can_be_escalated(cast: Cast, alice: Client) -> None:
    cast.second.tier = "third"
    cast.second.save()
    ticket = make_incident(cast, now=now() - 10 * MINUTE, team=cast.second)
    assert "escalate" not in alice.get(url(ticket)).context["can"]
