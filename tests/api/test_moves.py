"""The moves: one POST each, refused in words where they are not possible."""

from collections.abc import Callable
from typing import Any

import pytest

from actions.models import Action
from incidents.models import Incident
from records.models import Activity
from sla.models import Breach
from tests.api.conftest import Api, is_problem, refused
from tests.cast import Cast, make_incident

Make = Callable[..., Api]


def do(api: Api, number: str, act: str, body: Any = None, **headers: str) -> Any:
    answer = api.post(f"/incidents/{number}/{act}/", body, **headers)
    assert answer.status_code == 200, answer.content
    assert answer["ETag"] == f'"v{answer.json()["version"]}"'
    return answer.json()


def explain_all(api: Api, number: str) -> None:
    """What was missed must be explained before the ticket is closed."""
    for breach in Breach.objects.filter(clock__record__number=number, clock__support=None):
        words = {"clock": breach.clock_id, "reason": "workload", "no_action": "A single case."}
        do(api, number, "explain_breach", words)


@pytest.mark.req("PLT-04", "INC-01", "INC-13", "INC-26", "SD-10", "SD-14")
def test_a_whole_life(cast: Cast, api: Make, number: str) -> None:
    alice, rita = api(cast.alice), api(cast.rita)
    assert do(alice, number, "start")["assignee"]["username"] == "alice"
    held = do(alice, number, "hold", {"reason": "customer", "note": "Send the log."})
    assert (held["state"]["code"], held["waiting_for"]["code"]) == ("on_hold", "customer")
    assert do(alice, number, "resume", {})["waiting_for"] is None
    solved = do(alice, number, "resolve", {"code": "workaround", "steps": "Use the web mail."})
    assert solved["resolution_code"]["code"] == "workaround"
    assert solved["resolved_by"]["username"] == "alice"
    assert solved["resolved_at"] == solved["restored_at"] == solved["user_notified_at"]
    assert do(rita, number, "reopen", {"reason": "Still broken."})["reopen_count"] == 1
    do(alice, number, "resolve", {"steps": "Repaired."})
    confirmed = do(rita, number, "confirm", {"note": "Thanks."})
    assert (confirmed["state"]["code"], confirmed["confirmed_by"]["username"]) == ("resolved", "rita")
    refused(alice.post(f"/incidents/{number}/close/"), "breaches")
    explain_all(alice, number)  # which closes it: the requester has confirmed
    closed = alice.get(f"/incidents/{number}/").json()
    assert (closed["state"]["code"], closed["phase"]) == ("closed", "done")
    assert closed["moves"] == ["link"]
    verbs = Activity.objects.filter(record__number=number).values_list("verb", "origin")
    assert {("incident.resolve", "api"), ("incident.close", "system")} <= set(verbs)


def test_a_customer_confirms_and_closes_in_one_act(cast: Cast, api: Make, number: str) -> None:
    do(api(cast.alice), number, "resolve", {"steps": "Repaired."})
    explain_all(api(cast.alice), number)
    assert do(api(cast.rita), number, "confirm", {"close": True})["state"]["code"] == "closed"


@pytest.mark.req("SLM-34", "SLM-60")
def test_a_missed_target_is_explained_with_who_answers_and_what_is_corrected(
    cast: Cast, api: Make, number: str
) -> None:
    alice = api(cast.alice)
    do(alice, number, "resolve", {"steps": "Repaired."})
    breach = Breach.objects.filter(clock__record__number=number).order_by("pk")[0]
    path, words = f"/incidents/{number}/explain_breach/", {"clock": breach.clock_id, "reason": "skill"}
    refused(alice.post(path, words), "no_action", code="required")
    refused(alice.post(path, {**words, "clock": 0, "no_action": "x"}), "clock", code="does_not_exist")
    action = {"title": "Train the desk", "responsible": "bob", "due_on": "2999-01-31"}
    do(alice, number, "explain_breach", {**words, "action": action})
    do(alice, number, "explain_breach", {**words, "action": action, "note": "Again."})
    opened = Action.objects.get()
    assert (opened.title, opened.assignee, opened.source) == ("Train the desk", cast.bob, "breach")
    breach.refresh_from_db()
    assert (breach.reason, breach.note) == ("skill", "Again.")
    assert api(cast.rita).post(path, {**words, "no_action": "x"}).status_code == 403


@pytest.mark.req("SD-14")
def test_closing_without_confirmation_needs_the_vain_attempts(cast: Cast, api: Make, number: str) -> None:
    do(api(cast.alice), number, "resolve", {"steps": "Repaired."})
    refused(api(cast.alice).post(f"/incidents/{number}/close/"), "no_answer", code="required")
    explain_all(api(cast.alice), number)
    assert do(api(cast.alice), number, "close", {"no_answer": "Called twice."})["state"]["code"] == "closed"


@pytest.mark.req("SD-11", "SD-13")
def test_assigning_accepting_and_escalating(cast: Cast, api: Make, number: str) -> None:
    alice = api(cast.alice)
    given = do(alice, number, "assign", {"assignee": "bob", "note": "Yours."})
    assert (given["team"]["code"], given["assignee"]["username"]) == ("desk", "bob")
    given = do(alice, number, "assign", {"assignee": None})
    assert (given["team"]["code"], given["assignee"]) == ("desk", None)
    assert do(api(cast.bob), number, "accept")["assignee"]["username"] == "bob"
    raised = do(alice, number, "escalate", {"reason": "Needs an expert."})
    assert (raised["team"]["code"], raised["assignee"], raised["owner"]["username"]) == (
        "second",
        None,
        "alice",
    )
    moved = do(alice, number, "assign", {"team": "desk"})
    assert (moved["team"]["code"], moved["assignee"]) == ("desk", None)
    refused(alice.post(f"/incidents/{number}/assign/", {}), "team", code="required")
    refused(alice.post(f"/incidents/{number}/assign/", {"assignee": "sven"}), "assignee")
    refused(
        alice.post(f"/incidents/{number}/assign/", {"assignee": "rita"}), "assignee", code="does_not_exist"
    )


def test_linking_names_a_record_by_number(cast: Cast, api: Make, number: str) -> None:
    other = make_incident(cast)
    body = do(api(cast.alice), number, "link", {"other": other.number, "type": "caused_by"})
    assert body["links"] == [
        {
            "type": {"code": "caused_by", "label": "was caused by"},
            "direction": "outward",
            "number": other.number,
            "title": other.title,
            "kind": "incident",
        }
    ]
    refused(api(cast.alice).post(f"/incidents/{number}/link/", {"other": "INC9999999"}), "other")
    refused(api(cast.alice).post(f"/incidents/{number}/link/", {"other": number}), "other")
    refused(api(cast.alice).post(f"/incidents/{number}/link/", {"other": other.number, "type": "x"}), "type")


def test_an_illegal_move_lists_the_legal_ones(cast: Cast, api: Make, number: str) -> None:
    body = is_problem(api(cast.alice).post(f"/incidents/{number}/close/", {}), 409, "illegal-move")
    assert body["legal_moves"] == [
        "start",
        "hold",
        "resolve",
        "cancel",
        "assign",
        "accept",
        "escalate",
        "link",
        "arrive",
        "restore",
    ]
    assert body["state"] == "new"
    do(api(cast.alice), number, "resolve", {"steps": "x"})
    for act in ("start", "resume", "hold", "resolve", "cancel", "assign", "escalate"):
        answer = api(cast.alice).post(f"/incidents/{number}/{act}/", {})
        assert "reopen" in is_problem(answer, 409, "illegal-move")["legal_moves"]
    do(api(cast.rita), number, "confirm")
    again = is_problem(api(cast.rita).post(f"/incidents/{number}/confirm/"), 409, "illegal-move")
    assert again["legal_moves"] == ["reopen"]


@pytest.mark.parametrize(
    ("act", "body", "field"),
    [
        ("hold", {}, "reason"),
        ("hold", {"reason": "coffee"}, "reason"),
        ("hold", {"reason": ""}, "reason"),
        ("resolve", {}, "steps"),
        ("resolve", {"steps": " \n "}, "steps"),
        ("resolve", {"steps": 5}, "steps"),
        ("resolve", {"steps": "x", "code": "magic"}, "code"),
        ("resolve", {"steps": "x", "restored_at": "2026-03-02T10:00:00"}, "restored_at"),
        ("resolve", {"steps": "x", "restored_at": "2001-03-02T10:00:00Z"}, "restored_at"),
        ("cancel", {}, "reason"),
        ("cancel", {"reason": "  "}, "reason"),
        ("escalate", {}, "reason"),
        ("start", {"who": "me"}, "who"),
        ("hold", {"reason": "customer", "note": "x" * 50_001}, "note"),
        ("cancel", {"reason": "nul\0"}, "reason"),
        ("assign", {"team": "none"}, "team"),
        ("link", {}, "other"),
    ],
)
def test_what_a_move_lacks_is_named_and_nothing_happens(
    cast: Cast, api: Make, number: str, act: str, body: dict[str, Any], field: str
) -> None:
    refused(api(cast.alice).post(f"/incidents/{number}/{act}/", body), field)
    assert Incident.objects.get(number=number).state == "new"
    assert Activity.objects.filter(record__number=number).exclude(verb__startswith="sla.").count() == 1


@pytest.mark.parametrize(
    "act", ["start", "hold", "resume", "resolve", "close", "cancel", "assign", "accept", "escalate", "link"]
)
def test_customers_may_not_do_the_desks_work(cast: Cast, api: Make, number: str, act: str) -> None:
    for person in (cast.rita, cast.carla):
        is_problem(api(person).post(f"/incidents/{number}/{act}/", {}), 403, "forbidden")


def test_a_move_on_a_version_long_gone_is_refused_with_what_happened(
    cast: Cast, api: Make, number: str
) -> None:
    seen = api(cast.alice).get(f"/incidents/{number}/")["ETag"]
    do(api(cast.bob), number, "start", None, If_Match=seen)
    body = is_problem(
        api(cast.alice).post(f"/incidents/{number}/hold/", {"reason": "customer"}, If_Match=seen),
        412,
        "stale",
    )
    assert "incident.start" in [change["verb"] for change in body["changes"]]
    assert Incident.objects.get(number=number).state == "in_progress"
