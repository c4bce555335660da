"""The ticket page: every step through the page, what is refused, and what a second agent is told."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import incidents.services
from incidents.acts import ACTS
from incidents.models import Incident
from records import alarms, assignment, services
from records.models import Attachment, Link, Record
from sla.models import Breach, Clock, ClockEvent
from tests.cast import MONDAY, Cast, make_incident

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
HTMX = {"HX-Request": "true"}
ClientOf = Callable[[Any], Client]
# of the ticket page, however long its conversation
QUERIES = 18


@pytest.fixture
def alice(cast: Cast, client_of: ClientOf) -> Client:
    return client_of(cast.alice)


@pytest.fixture
def incident(cast: Cast) -> Incident:
    """Logged ten minutes ago, so that nothing has fallen due before the page is used."""
    return make_incident(cast, now=now() - 10 * MINUTE)


def now() -> datetime:
    return timezone.now().replace(microsecond=0)


def typed(at: datetime) -> str:
    """As alice's browser sends an instant."""
    return at.astimezone(ZoneInfo("Asia/Shanghai")).strftime("%Y-%m-%dT%H:%M")


def again(incident: Incident) -> Incident:
    fresh: Incident = Incident.objects.get(pk=incident.pk)
    return fresh


def url(incident: Record, action: str = "") -> str:
    return f"/incidents/{incident.number}/" + (f"{action}/" if action else "")


def do(client: Client, incident: Incident, action: str, **words: Any) -> Any:
    """Take a step as a browser without scripts does."""
    version = words.pop("version", again(incident).version)
    return client.post(url(incident, action), {"version": version, **words})


def verbs(record: Record) -> list[str]:
    return list(record.activities.order_by("id").values_list("verb", flat=True))


def resolved(cast: Cast, **over: Any) -> Incident:
    words = {"code": "solved", "steps": "Cleared the outbox.", "actor": cast.alice.actor, "now": now()}
    ticket = make_incident(cast, now=now() - 10 * MINUTE)
    return incidents.services.resolve(ticket, **{**words, **over})


# --- reading ---------------------------------------------------------------------------------


@pytest.mark.req("INC-03", "SD-12")
def test_the_page_shows_facts_every_target_and_the_conversation(cast: Cast, alice: Client) -> None:
    incident = make_incident(cast, category="Mail", site="Floor 3")
    services.comment(
        incident, text="We look at it.", is_public=True, actor=cast.alice.actor, now=MONDAY + HOUR
    )
    page = alice.get(url(incident))
    assert page.status_code == 200
    html = page.content.decode()
    for words in (
        "Cannot send mail",
        "Acme",
        "Rita",
        "Floor 3",
        "Moderate",
        "We look at it.",
        "rita@example.org",
    ):
        assert words in html
    shown = {row["chip"].metric for row in page.context["targets"]}
    assert shown == {"first_response", "next_update", "resolution"}
    assert page.context["recipients"] == "Rita"
    assert "nothing leaves the outbox" in html


@pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant"])
def test_the_pages_render_in_every_language(cast: Cast, client_of: ClientOf, language: str) -> None:
    cast.alice.language = language
    cast.alice.save()
    client, ticket = client_of(cast.alice), resolved(cast)
    assert client.get(url(ticket)).headers["Content-Language"] == language
    for address in (url(ticket), url(ticket, "reopen"), "/incidents/new/", "/incidents/new/preview/"):
        assert client.get(address).status_code == 200


def test_numbers_are_read_in_any_case_and_unknown_ones_are_404(incident: Incident, alice: Client) -> None:
    moved = alice.get(f"/incidents/{incident.number.lower()}/")
    assert (moved.status_code, moved.headers["Location"]) == (302, url(incident))
    assert alice.get("/incidents/INC9999999/").status_code == 404
    assert alice.get(url(incident, "explode")).status_code == 404


def test_customers_programs_and_strangers_do_not_get_in(
    cast: Cast, incident: Incident, client_of: ClientOf
) -> None:
    addresses = [
        url(incident),
        "/incidents/new/",
        "/incidents/new/preview/",
        *(url(incident, a) for a in ACTS),
    ]
    for user in (cast.rita, cast.carla, cast.charlie, cast.robot):
        client = client_of(user)
        for address in addresses:
            answer = client.get(address)
            assert answer.status_code in (302, 403), address
            assert answer.status_code == 403 or answer.headers["Location"].startswith("/portal/")
            assert "Cannot send mail" not in answer.content.decode()
        for action in (*ACTS, "comment"):
            assert client.post(url(incident, action), {"body": "x", "version": 1}).status_code == 403
    nobody = Client()
    for address in addresses:
        assert nobody.get(address).headers["Location"].startswith("/accounts/login/")
    assert verbs(incident) == ["incident.open"]


def test_an_agent_of_other_customers_sees_nothing(
    cast: Cast, incident: Incident, client_of: ClientOf
) -> None:
    cast.bob.grants.update(organisation=cast.globex)
    client = client_of(cast.bob)
    assert client.get(url(incident)).status_code == 404
    assert do(client, incident, "start").status_code == 404
    assert verbs(incident) == ["incident.open"]


def count(client: Client, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_the_page_takes_a_fixed_number_of_queries(cast: Cast, alice: Client) -> None:
    ticket = make_incident(cast, reporter=cast.carla)
    make_incident(cast)
    services.link(ticket, make_incident(cast), kind=Link.Type.RELATED, actor=cast.alice.actor, now=MONDAY)
    short = count(alice, url(ticket))
    for minute in range(120):
        services.comment(
            ticket, text=f"note {minute}", is_public=minute % 2 == 0, actor=cast.alice.actor,
            now=MONDAY + timedelta(minutes=minute),
        )  # fmt: skip
    long = count(alice, url(ticket))
    assert long <= QUERIES
    assert long <= short + 1
    page = alice.get(url(ticket))
    assert len(page.context["history"].entries) == 100
    before = alice.get(url(ticket), {"before": page.context["history"].older})
    assert "note 0" in before.content.decode()


# --- steps -----------------------------------------------------------------------------------


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
        "arrive", "restore",
    }  # fmt: skip
    assert offered(resolved(cast)) == {"confirm", "close", "reopen", "priority", "edit", "link"}
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


# --- talking ---------------------------------------------------------------------------------


@pytest.mark.req("SD-04", "SD-08")
def test_a_reply_is_public_and_a_note_is_not(cast: Cast, incident: Incident, alice: Client) -> None:
    file = SimpleUploadedFile("log.txt", b"lines")
    words = {"body": "Looking at it.", "visibility": "public", "attachments": file}
    assert alice.post(url(incident, "comment"), words).status_code == 302
    assert alice.post(url(incident, "comment"), {"body": "Odd.", "visibility": "internal"}).status_code == 302
    public = dict(incident.activities.values_list("verb", "is_public"))
    assert (public["record.replied"], public["record.noted"]) == (True, False)
    assert Attachment.objects.get(record=incident.pk).is_public
    assert Clock.objects.get(record=incident.pk, metric="first_response").state == "stopped"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"body": " ", "visibility": "public"}, "Write something"),
        ({"body": "x" * 50_001, "visibility": "public"}, "50000"),
        ({"body": "hello", "visibility": "loud"}, "loud"),
        ({"body": "hello"}, "required"),
    ],
)
def test_a_refused_message_is_not_lost(
    incident: Incident, alice: Client, words: dict[str, str], said: str
) -> None:
    for headers in ({}, HTMX):
        answer = alice.post(url(incident, "comment"), words, headers=headers)
        assert answer.status_code == 422
        html = answer.content.decode()
        assert said in html
        assert words["body"].strip() in html
    assert verbs(incident) == ["incident.open"]


def test_a_hostile_file_is_refused_with_the_words_kept(incident: Incident, alice: Client) -> None:
    file = SimpleUploadedFile("run.exe", b"MZ")
    words = {"body": "See the file.", "visibility": "internal", "attachments": file}
    answer = alice.post(url(incident, "comment"), words)
    assert answer.status_code == 422
    assert "See the file." in answer.content.decode()
    assert not Attachment.objects.exists()


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
    words = {"body": "Hello.", "visibility": "public", "version": "1"}
    assert alice.post(url(incident, "comment"), words).status_code == 302


def test_from_the_last_tier_nothing_can_be_escalated(cast: Cast, alice: Client) -> None:
    cast.second.tier = "third"
    cast.second.save()
    ticket = make_incident(cast, now=now() - 10 * MINUTE, team=cast.second)
    assert "escalate" not in alice.get(url(ticket)).context["can"]
