"""Automation written over HTTP: on the version that was read, by whoever may, every mistake by its place."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Grant
from accounts.pages import now_utc
from automation import services
from automation.api_rules import ConditionForm
from automation.api_schedules import ScheduleForm
from automation.api_words import NEW_TEMPLATE
from automation.models import Macro, ReplyTemplate, Schedule, Switch
from tests.api.conftest import is_problem, refused
from tests.automation.test_rules import make_rule
from tests.automation.test_schedules import make_schedule
from tests.automation.test_words import make_macro, make_template
from tests.cast import MONDAY, Cast, make_incident

pytestmark = pytest.mark.django_db
Programs = Callable[..., Any]
NOTE = {"change": "note", "value": "Please look."}
# what no field of these forms takes, whatever it is for
ODD: list[Any] = [[], {}, [[1]], {"en": 1}, 1.5, True, "\0", "x" * 60_000, 10**30]


def steps_of(cast: Cast) -> list[dict[str, Any]]:
    priority = {"priority": 1, "reason": "The board"}
    return [{"change": "team", "value": cast.second.pk}, {"change": "priority", "value": priority}, NOTE]


def shared_macro(cast: Cast, **over: Any) -> Macro:
    facts = {"name_en": "Shared", "is_own": False, "steps": [NOTE], **over}
    return services.save_macro(None, facts, actor=cast.mona.actor, now=MONDAY)


def test_a_macro_is_made_read_changed_and_withdrawn(cast: Cast, api: Programs) -> None:
    alice, ticket = api(cast.alice), make_incident(cast)
    body = {"name_en": "To the experts", "steps": steps_of(cast)}
    made = alice.post("/macros/", body, **{"Idempotency-Key": "m-1"})
    assert made.status_code == 201, made.content
    again = alice.post("/macros/", body, **{"Idempotency-Key": "m-1"})
    assert again.json() == made.json()
    assert Macro.objects.get().owner == cast.alice
    path = f"/macros/{made.json()['id']}/"
    assert made["Location"].endswith(path)
    read = alice.get(path)
    assert (read["ETag"], read.json()["is_personal"]) == (made["ETag"], True)
    written = [{"change": one["change"], "value": one["value"]} for one in read.json()["steps"]]
    assert written == steps_of(cast)
    used = alice.post(f"{path}use/", {"record": ticket.number, "version": ticket.version})
    assert used.status_code == 200, used.content
    patched = alice.patch(path, {"name_zh": "转专家组", "steps": [NOTE]}, **{"If-Match": read["ETag"]})
    assert patched.status_code == 200, patched.content
    assert (patched.json()["name_en"], patched.json()["name_zh"]) == ("To the experts", "转专家组")
    assert [one["words"] for one in patched.json()["steps"]] == ["Please look."]
    gone = alice.patch(path, {"is_active": False}, **{"If-Match": patched["ETag"]})
    assert gone.json()["is_active"] is False
    assert alice.get("/macros/?is_active=true").json()["results"] == []
    assert alice.post(f"{path}use/", {"record": ticket.number, "version": 1}).status_code == 403


def test_a_stale_version_changes_nothing(cast: Cast, api: Programs) -> None:
    macro, template = make_macro(cast), make_template(cast)
    for client, path in (
        (api(cast.alice), f"/macros/{macro.pk}/"),
        (api(cast.mona), f"/reply-templates/{template.pk}/"),
    ):
        is_problem(client.patch(path, {"name_en": "A"}), 428, "precondition-required")
        tag = client.get(path)["ETag"]
        assert client.patch(path, {"name_en": "B"}, **{"If-Match": tag}).status_code == 200
        body = client.patch(path, {"name_en": "C"}, **{"If-Match": tag})
        assert is_problem(body, 412, "stale")["version"] == 2
        assert body["ETag"] == '"v2"'
        assert client.get(path).json()["name_en"] == "B"


def test_agents_keep_their_own_macros_and_managers_what_is_shared(cast: Cast, api: Programs) -> None:
    own, shared = make_macro(cast), shared_macro(cast, team=cast.desk)
    alice, bob, mona = api(cast.alice), api(cast.bob), api(cast.mona)
    any_version = {"If-Match": "*"}
    assert bob.patch(f"/macros/{own.pk}/", {"name_en": "Mine"}, **any_version).status_code == 404
    assert mona.patch(f"/macros/{own.pk}/", {"name_en": "Mine"}, **any_version).status_code == 404
    assert alice.patch(f"/macros/{shared.pk}/", {"name_en": "X"}, **any_version).status_code == 403
    body = {"name_en": "For us", "steps": [NOTE], "is_personal": False, "team": "desk"}
    assert alice.post("/macros/", body).status_code == 403
    assert alice.patch(f"/macros/{own.pk}/", {"is_personal": False}, **any_version).status_code == 403
    made = mona.post("/macros/", body)
    assert made.status_code == 201, made.content
    assert made.json()["team"]["id"] == cast.desk.pk
    assert mona.patch(f"/macros/{shared.pk}/", {"team": None}, **any_version).json()["team"] is None
    assert alice.post("/reply-templates/", NEW_TEMPLATE).status_code == 403
    for person in (cast.robot, cast.rita, cast.carla):
        assert api(person).post("/macros/", body).status_code == 403
    own.refresh_from_db()
    assert own.name_en == "To the experts"


def test_each_mistake_in_a_macro_is_named_by_its_place(cast: Cast, api: Programs) -> None:
    alice, mona = api(cast.alice), api(cast.mona)
    refused(alice.post("/macros/", {}), "name_en")
    refused(alice.post("/macros/", {"name_en": "Empty"}), "steps")
    wrong = [
        NOTE,
        {"change": "team", "value": 999_999},
        {"change": "priority", "value": {"priority": 9, "reason": "x"}},
        {"change": "priority", "value": {"priority": {}, "reasons": "x"}},
        {"change": "nothing"},
        {"value": 1},
        {"change": "note", "value": 7},
        {"change": "macro", "value": 1},
        7,
    ]
    found = refused(
        alice.post("/macros/", {"name_en": "A", "steps": wrong, "colour": 1}),
        "steps[1].value", "steps[2].value", "steps[3].value.priority", "steps[3].value.reasons",
        "steps[4].change", "steps[5].change", "steps[6].value", "steps[7].change", "steps[8]", "colour",
    )  # fmt: skip
    assert found["errors"]
    refused(alice.post("/macros/", {"name_en": "A", "steps": [NOTE] * 13}), "steps")
    refused(alice.post("/macros/", {"name_en": "A", "steps": [NOTE], "team": "desk"}), "team")
    refused(mona.post("/macros/", {"name_en": "A", "template": 99, "is_personal": "no"}), "template",
            "is_personal")  # fmt: skip
    assert not Macro.objects.exists()


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_no_value_of_a_macro_or_text_is_an_error_of_ours(cast: Cast, api: Programs, odd: Any) -> None:
    mona, whole = api(cast.mona), {"name_en": "A", "steps": [NOTE]}
    names = ["name_en", "name_zh", "is_personal", "team", "template", "is_note", "is_active"]
    bodies = [odd, *({**whole, name: odd} for name in names)]
    bodies += [{**whole, "steps": [{"change": odd}]}, {**whole, "steps": [odd]}]
    bodies += [{**whole, "steps": odd}] if odd != [] else []
    for change in ("team", "priority", "note", "person", "hold", "template"):
        bodies.append({**whole, "steps": [{"change": change, "value": odd}]})
    bodies += [{**whole, "steps": [{"change": "priority", "value": {"priority": odd, "reason": "x"}}]}]
    for body in bodies:
        said = mona.post("/macros/", body)
        assert said.status_code in (400, 201), (body, said.content)
        if said.status_code == 201:
            assert {"is_note": True, "is_active": True, "is_personal": True}.items() & body.items()
    for name in ("name_en", "name_zh", "text_en", "text_zh", "kinds", "team"):
        said = mona.post("/reply-templates/", {**NEW_TEMPLATE, name: odd})
        assert said.status_code == 400, (name, odd, said.content)
    assert mona.ask("POST", "/macros/", raw=b'{"name_en": NaN}').status_code == 400


def test_a_reply_template_is_written_changed_and_withdrawn(cast: Cast, api: Programs) -> None:
    mona, alice, ticket = api(cast.mona), api(cast.alice), make_incident(cast)
    made = mona.post("/reply-templates/", {**NEW_TEMPLATE, "team": "desk"})
    assert made.status_code == 201, made.content
    path = f"/reply-templates/{made.json()['id']}/"
    read = mona.get(path)
    assert read["ETag"] == made["ETag"] == '"v1"'
    assert {name: read.json()[name] for name in NEW_TEMPLATE} == NEW_TEMPLATE
    assert alice.get(f"{path}filled/?record={ticket.number}").status_code == 200
    assert alice.patch(path, {"name_en": "X"}, **{"If-Match": "*"}).status_code == 403
    gone = mona.patch(path, {"is_active": False}, **{"If-Match": read["ETag"]})
    assert (gone.status_code, gone.json()["is_active"]) == (200, False)
    assert alice.get(path).status_code == 404
    assert mona.patch(path, {"is_active": True}, **{"If-Match": gone["ETag"]}).status_code == 200
    assert alice.get(path).status_code == 200


def test_each_mistake_in_a_reply_template_is_named(cast: Cast, api: Programs) -> None:
    mona = api(cast.mona)
    refused(mona.post("/reply-templates/", {}), "name_en")
    refused(mona.post("/reply-templates/", {"name_en": "A"}), "text_en")
    refused(mona.post("/reply-templates/", {"name_en": "A", "text_en": "{{no}} {{"}), "text_en")
    body = {"name_en": "A", "text_zh": "{{ticket.number", "kinds": []}
    refused(mona.post("/reply-templates/", body), "text_zh", "kinds")
    body = {"name_en": "A", "text_en": "A", "kinds": ["incident", "problem"], "team": "none"}
    refused(mona.post("/reply-templates/", body), "kinds[1]", "team")
    assert not ReplyTemplate.objects.exists()


# --- rules ---------------------------------------------------------------------------------------

RULE = {"name_en": "Printers", "when": "opened", "conditions": [{"words": ["printer"]}], "steps": [NOTE]}
ANY = {"If-Match": "*"}


def test_a_rule_is_written_tried_and_switched_on_in_editions(cast: Cast, api: Programs) -> None:
    mona, ticket = api(cast.mona), make_incident(cast, title="The printer is on fire", now=now_utc())
    make_incident(cast, title="No mail", now=now_utc())
    made = mona.post("/automation-rules/", RULE, **{"Idempotency-Key": "r-1"})
    assert made.status_code == 201, made.content
    path = f"/automation-rules/{made.json()['id']}/"
    assert made.json()["is_on"] is False
    assert mona.post("/automation-rules/", RULE, **{"Idempotency-Key": "r-1"}).json() == made.json()
    refused(mona.post(f"{path}switch-on/", {"edition": 1}), "reason")
    tried = mona.post(f"{path}try-outs/", {"days": 30})
    assert tried.status_code == 201, tried.content
    assert (tried.json()["looked"], tried.json()["matched"], tried.json()["is_whole"]) == (2, 1, True)
    again = mona.get(tried["Location"].removeprefix("http://testserver"))
    assert again.json() == tried.json()
    assert [row["record"] for row in again.json()["rows"]] == [ticket.number]
    on = mona.post(f"{path}switch-on/", {"edition": 1})
    assert (on.status_code, on.json()["edition"], on.json()["keeper"]["username"]) == (200, 1, "mona")
    body = {"conditions": [{"unassigned": True, "customers": ["acme"], "teams": [cast.desk.pk]}]}
    second = mona.patch(path, body, **{"If-Match": on["ETag"]})
    assert second.status_code == 200, second.content
    assert (second.json()["edition"], second.json()["newest"]["number"]) == (1, 2)
    kept = {"unassigned": True, "customers": [cast.acme.pk], "teams": [cast.desk.pk]}
    assert second.json()["newest"]["conditions"] == [kept]
    assert second.json()["newest"]["steps"][0]["value"] == NOTE["value"]
    refused(mona.post(f"{path}switch-on/", {"edition": 2}), "reason")
    on = mona.post(f"{path}switch-on/", {"edition": 2, "reason": "Urgent"}, **{"If-Match": second["ETag"]})
    assert on.json()["edition"] == 2
    off = mona.post(f"{path}switch-off/", {"reason": "Enough"})
    assert (off.status_code, off.json()["is_on"]) == (200, False)
    assert mona.post(f"{path}switch-off/", {}).status_code == 200
    assert [switch.reason for switch in Switch.objects.order_by("pk")] == ["", "Urgent", "Enough"]
    written = {name: second.json()["newest"][name] for name in ("when", "conditions", "stops", "hours")}
    same = mona.patch(path, written, **{"If-Match": off["ETag"]})
    assert same.json()["newest"]["number"] == 2


def test_a_rule_is_changed_and_switched_on_the_version_that_was_read(cast: Cast, api: Programs) -> None:
    rule, mona = make_rule(cast, on=False), api(cast.mona)
    path, old = f"/automation-rules/{rule.pk}/", {"If-Match": '"v1"'}
    is_problem(mona.patch(path, {"position": 1}), 428, "precondition-required")
    assert mona.patch(path, {"position": 1}, **old).json()["position"] == 1
    is_problem(mona.patch(path, {"position": 2}, **old), 412, "stale")
    is_problem(mona.post(f"{path}switch-on/", {"edition": 1, "reason": "x"}, **old), 412, "stale")
    is_problem(mona.post(f"{path}switch-off/", {}, **old), 412, "stale")
    assert mona.patch(path, {"position": 3}, **ANY).json()["version"] == 3
    assert mona.get(path).json()["newest"]["number"] == 1


def test_rules_are_written_by_managers_only(cast: Cast, api: Programs) -> None:
    rule = make_rule(cast, on=False)
    path = f"/automation-rules/{rule.pk}/"
    for person in (cast.alice, cast.robot, cast.rita, cast.carla):
        client = api(person)
        assert client.post("/automation-rules/", RULE).status_code == 403
        assert client.patch(path, {"position": 1}, **ANY).status_code == 403
        for act in ("try-outs", "switch-on", "switch-off"):
            assert client.post(f"{path}{act}/", {}).status_code == 403
    make_incident(cast, now=now_utc())
    tried = api(cast.mona).post(f"{path}try-outs/", {"days": 9}).json()
    Grant.objects.filter(user=cast.mona).update(organisation=cast.globex)
    assert len(tried["rows"]) == 1
    assert api(cast.mona).get(f"{path}try-outs/{tried['id']}/").json()["rows"] == []
    said = api(cast.mona).post("/automation-rules/", {**RULE, "conditions": [{"customers": ["acme"]}]})
    refused(said, "conditions[0].customers[0]")
    other = make_rule(cast, on=False)
    assert api(cast.mona).get(f"/automation-rules/{other.pk}/try-outs/{tried['id']}/").status_code == 404


def test_each_mistake_in_a_rule_is_named_by_its_place(cast: Cast, api: Programs) -> None:
    mona, rule = api(cast.mona), make_rule(cast, on=False)
    refused(mona.post("/automation-rules/", {}), "name_en", "when", "steps")
    groups = [
        {"priorities": [1, 9, "1"], "kinds": ["problem"], "services": ["mail", "none"]},
        {"hours": "inside", "words": ["a\nb", 7], "colour": 1},
        {"targets": ["late"], "grades": "A", "calendar": "none", "unassigned": "yes"},
    ]
    refused(
        mona.post("/automation-rules/", {**RULE, "conditions": groups, "into": ["a"], "when": "moved"}),
        "conditions[0].priorities[1]", "conditions[0].priorities[2]", "conditions[0].kinds[0]",
        "conditions[0].services[1]", "conditions[1].words[0]", "conditions[1].words[1]",
        "conditions[1].colour", "conditions[2].targets[0]", "conditions[2].grades",
        "conditions[2].calendar", "conditions[2].unassigned", "into[0]",
    )  # fmt: skip
    many = {"hours": "inside", "categories": ["x" * 199] * 30}
    said = mona.post("/automation-rules/", {**RULE, "conditions": [many]})
    refused(said, "conditions[0].calendar", "conditions[0].categories")
    refused(mona.post("/automation-rules/", {**RULE, "conditions": [{}]}), "conditions[0]")
    refused(mona.post("/automation-rules/", {**RULE, "conditions": [{"words": ["a"]}] * 4}), "conditions")
    refused(mona.post("/automation-rules/", {**RULE, "steps": []}), "steps")
    refused(mona.post("/automation-rules/", {**RULE, "when": "waited"}), "into")
    refused(mona.post("/automation-rules/", {**RULE, "when": "never"}), "when")
    path = f"/automation-rules/{rule.pk}/"
    refused(mona.patch(path, {"steps": [{"change": "macro", "value": 1}]}, **ANY), "steps[0].change")
    refused(mona.patch(path, {"steps": [{}]}, **ANY), "steps[0].change")
    refused(mona.post(f"{path}try-outs/", {"days": 0}), "days")
    refused(mona.post(f"{path}switch-on/", {"edition": 7, "reason": "x"}), "edition")
    assert rule.editions.count() == 1


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_no_value_of_a_rule_is_an_error_of_ours(cast: Cast, api: Programs, odd: Any) -> None:
    mona, rule = api(cast.mona), make_rule(cast, on=False)
    path = f"/automation-rules/{rule.pk}/"
    for name in ("name_en", "name_zh", "position", "when", "into", "hours", "conditions", "steps", "stops"):
        said = mona.post("/automation-rules/", {**RULE, name: odd})
        taken = (name == "stops" and odd is True) or (name in ("into", "conditions") and odd == [])
        assert said.status_code == (201 if taken else 400), (name, said.content)
    for condition in map(str, ConditionForm().fields):
        for value in (odd, [odd]):
            said = mona.post("/automation-rules/", {**RULE, "conditions": [{condition: value}]})
            taken = condition == "unassigned" and value is True
            assert said.status_code == (201 if taken else 400), (condition, value)
    for body in (odd, {"edition": odd}, {"edition": 1, "reason": odd}):
        assert mona.post(f"{path}switch-on/", body).status_code == 400
    for body in (odd, {"days": odd}):
        assert mona.post(f"{path}try-outs/", body).status_code == 400


# --- schedules -----------------------------------------------------------------------------------

SCHEDULE = {
    "name_en": "Patrol", "makes": "incident", "customer": "acme", "requester": "rita", "service": "mail",
    "every": "weekly", "weekdays": [3, 0, 0], "at": "09:00", "zone": "Asia/Shanghai", "starts": "2026-03-02",
    "checklist": [{"en": "Temperature", "zh": "温度"}, {"en": "Alarms"}],
}  # fmt: skip


@pytest.mark.req("REQ-17")
def test_a_schedule_is_made_read_changed_and_stopped(cast: Cast, api: Programs) -> None:
    mona = api(cast.mona)
    made = mona.post("/schedules/", SCHEDULE, **{"Idempotency-Key": "s-1"})
    assert made.status_code == 201, made.content
    assert mona.post("/schedules/", SCHEDULE, **{"Idempotency-Key": "s-1"}).json() == made.json()
    path = f"/schedules/{made.json()['id']}/"
    read = mona.get(path)
    assert (read["ETag"], read.json()) == ('"v1"', made.json())
    assert (read.json()["weekdays"], read.json()["at"]) == ([0, 3], "09:00")
    assert read.json()["checklist"] == [{"en": "Temperature", "zh": "温度"}, {"en": "Alarms", "zh": ""}]
    assert read.json()["keeper"]["username"] == "mona"
    assert read.json()["next_at"].endswith("T01:00:00Z")
    is_problem(mona.patch(path, {"at": "10:30"}), 428, "precondition-required")
    later = mona.patch(path, {"at": "10:30", "ends": None}, **{"If-Match": read["ETag"]})
    assert later.status_code == 200, later.content
    assert later.json()["next_at"].endswith("T02:30:00Z")
    assert (
        is_problem(mona.patch(path, {"day": 5}, **{"If-Match": read["ETag"]}), 412, "stale")["version"] == 2
    )
    stopped = mona.patch(path, {"is_active": False}, **{"If-Match": later["ETag"]})
    assert (stopped.json()["is_active"], stopped.json()["next_at"]) == (False, None)


def test_schedules_are_written_by_managers_of_the_customer(cast: Cast, api: Programs) -> None:
    path = f"/schedules/{make_schedule(cast).pk}/"
    for person in (cast.alice, cast.robot, cast.rita, cast.carla):
        assert api(person).post("/schedules/", SCHEDULE).status_code == 403
    assert api(cast.alice).patch(path, {"at": "10:30"}, **ANY).status_code == 403
    assert api(cast.carla).patch(path, {"at": "10:30"}, **ANY).status_code == 404
    Grant.objects.filter(user=cast.mona).update(organisation=cast.globex)
    assert api(cast.mona).patch(path, {"at": "10:30"}, **ANY).status_code == 404
    refused(api(cast.mona).post("/schedules/", SCHEDULE), "customer", "requester")


def test_each_mistake_in_a_schedule_is_named_by_its_place(cast: Cast, api: Programs) -> None:
    mona = api(cast.mona)
    needed = ("name_en", "makes", "customer", "requester", "checklist", "every", "at", "starts")
    refused(mona.post("/schedules/", {}), *needed)
    wrong = {
        "at": "9:00", "starts": "0001-01-01", "ends": "tomorrow", "weekdays": [7], "day": 32,
        "makes": "problem", "checklist": [{"zh": "温度"}, 7, {"en": "A", "no": 1}],
        "every": "hourly", "offering": "none",
    }  # fmt: skip
    refused(
        mona.post("/schedules/", {**SCHEDULE, **wrong}),
        "at", "starts", "ends", "weekdays[0]", "day", "makes", "checklist[0].en", "checklist[1]",
        "checklist[2].no", "every", "offering",
    )  # fmt: skip
    refused(mona.post("/schedules/", {**SCHEDULE, "zone": "Asia/Nowhere"}), "zone")
    body = {**SCHEDULE, "makes": "request", "requester": "charlie", "weekdays": [], "ends": "2026-03-01"}
    refused(mona.post("/schedules/", body), "offering", "requester", "weekdays", "ends")
    refused(mona.post("/schedules/", {**SCHEDULE, "checklist": []}), "checklist")
    refused(mona.post("/schedules/", {**SCHEDULE, "checklist": [{"en": "A"}] * 51}), "checklist")
    assert not Schedule.objects.exists()


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_no_value_of_a_schedule_is_an_error_of_ours(cast: Cast, api: Programs, odd: Any) -> None:
    mona = api(cast.mona)
    for name in map(str, ScheduleForm().fields):
        said = mona.post("/schedules/", {**SCHEDULE, name: odd})
        taken = name == "is_active" and odd is True
        assert said.status_code == (201 if taken else 400), (name, said.content)
    assert mona.post("/schedules/", odd).status_code == 400
