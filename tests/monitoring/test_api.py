import base64
import copy
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.models import Grant, Token, User
from accounts.services import issue_token
from incidents.models import Incident
from monitoring import api as examples
from monitoring.models import Alert, Rule, Source
from tests.api.conftest import Api, is_problem, refused
from tests.cast import MONDAY, Cast
from tests.monitoring.conftest import Monitoring

Rules = Callable[..., Rule]
BEGAN = "2026-03-02T01:58:11Z"


def alertmanager(*statuses: str, **over: Any) -> dict[str, Any]:
    """A real document of Alertmanager with an alert of each status, all of the same alarm."""
    document: dict[str, Any] = copy.deepcopy(examples.FROM_ALERTMANAGER)
    pattern = document["alerts"][0]
    document["alerts"] = [{**copy.deepcopy(pattern), "status": status, **over} for status in statuses]
    return document


# --- Alertmanager ------------------------------------------------------------------------------------


@pytest.mark.req("INC-04")
def test_alertmanager_opens_a_ticket_and_reports_its_end(
    cast: Cast, monitoring: Monitoring, rule: Rules
) -> None:
    source = Source.objects.create(account=cast.robot, code="alertmanager", kind="alertmanager", name="AM")
    rule(source=source, conditions="severity = critical")
    assert monitoring.results("alertmanager/", alertmanager("firing")) == ["opened"]
    alert = Alert.objects.get()
    assert (alert.alarm, alert.item_name) == ("6f8ad1e3b0c5a1de", "db-1:9100")
    assert alert.title == "Disk of db-1 is 97 % full"
    assert alert.started_at == datetime(2026, 3, 2, 1, 58, 11, tzinfo=UTC)
    monitoring.later(hours=1)
    ended = "2026-03-02T02:30:00.5Z"
    assert monitoring.results("alertmanager/", alertmanager("resolved", endsAt=ended)) == ["recovered"]
    assert Alert.objects.get().ended_at == datetime(2026, 3, 2, 2, 30, tzinfo=UTC)


def test_the_first_delivery_makes_its_source_so_that_nothing_is_lost(
    cast: Cast, monitoring: Monitoring
) -> None:
    assert monitoring.results("alertmanager/?source=suzhou", alertmanager("firing")) == ["unmatched"]
    source = Source.objects.get()
    assert (source.account, source.code, source.kind) == (cast.robot, "suzhou", "alertmanager")
    assert Alert.objects.get().payload["fingerprint"] == "6f8ad1e3b0c5a1de"


def test_of_a_mixed_document_what_can_be_read_is_taken_and_each_alert_answered(
    monitoring: Monitoring,
) -> None:
    document = alertmanager("firing", "firing")
    document["alerts"][0]["startsAt"] = "yesterday"
    response = monitoring.post("alertmanager/", document)
    assert response.status_code == 200
    bad, good = response.json()["results"]
    assert (bad["result"], bad["errors"][0]["field"]) == ("refused", "alerts[0].startsAt")
    assert (good["result"], good["alert"]) == ("unmatched", Alert.objects.get().pk)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"version": "3"}, "version"),
        ({"version": None}, "version"),
        ({"alerts": "none"}, "alerts"),
        ({"alerts": [7]}, "alerts[0]"),
        ({"alerts": [{"status": "firing", "labels": [], "startsAt": BEGAN}]}, "alerts[0].labels"),
        ({"alerts": [{"status": "on", "labels": {"a": "b"}, "startsAt": BEGAN}]},
         "alerts[0].status"),
        ({"alerts": [{"status": "firing", "labels": {"a": "b"}}]}, "alerts[0].startsAt"),
        ({"alerts": [{"status": "firing", "labels": {"a": 1}, "startsAt": BEGAN}]},
         "alerts[0].labels"),
    ],
)  # fmt: skip
def test_a_document_that_cannot_be_read_is_refused_by_field_and_stores_nothing(
    monitoring: Monitoring, change: dict[str, Any], field: str
) -> None:
    refused(monitoring.post("alertmanager/", {**alertmanager("firing"), **change}), field)
    assert (Alert.objects.count(), Source.objects.count()) == (0, 0)


@pytest.mark.parametrize("body", [[], "text", 7, None])
@pytest.mark.parametrize("path", ["", "alertmanager/", "zabbix/"])
def test_what_is_no_object_is_refused(monitoring: Monitoring, path: str, body: Any) -> None:
    response = monitoring.post(path, body)
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"


def test_an_empty_document_is_answered_with_nothing(monitoring: Monitoring) -> None:
    assert monitoring.results("alertmanager/", alertmanager()) == []


def test_null_characters_and_long_words_do_no_harm(monitoring: Monitoring) -> None:
    labels = {"alertname": "x\0y", "instance": "h" * 500}
    document = alertmanager(
        "firing", labels=labels, annotations={"summary": "s" * 999}, fingerprint="f" * 999
    )
    assert monitoring.results("alertmanager/", document) == ["unmatched"]
    assert monitoring.results("alertmanager/", document) == ["unchanged"]
    assert Alert.objects.get().labels["alertname"] == "xy"


def test_an_address_that_is_no_web_page_is_dropped(monitoring: Monitoring) -> None:
    monitoring.results("alertmanager/", alertmanager("firing", generatorURL="javascript:alert(1)"))
    assert Alert.objects.get().url == ""


# --- Zabbix ---------------------------------------------------------------------------------------------


def zabbix(**over: str) -> dict[str, str]:
    unfilled = {
        "event_recovery_date": "{EVENT.RECOVERY.DATE}",
        "event_recovery_time": "{EVENT.RECOVERY.TIME}",
    }
    return {**examples.FROM_ZABBIX, **unfilled, **over}


def test_zabbix_reports_problem_and_recovery_in_its_own_zone(
    cast: Cast, monitoring: Monitoring, rule: Rules
) -> None:
    source = Source.objects.create(account=cast.robot, code="zabbix", kind="zabbix", name="Zabbix")
    rule(source=source, conditions="scope = capacity\nseverity = High")
    assert monitoring.results("zabbix/", zabbix()) == ["opened"]
    alert = Alert.objects.get()
    assert (alert.alarm, alert.item_name, alert.text) == ("22001", "db-1", "97 %")
    assert alert.started_at == datetime(2026, 3, 2, 1, 58, 11, tzinfo=UTC)  # 09:58 in Shanghai
    monitoring.later(hours=1)
    over = zabbix(event_value="0", event_recovery_date="2026.03.02", event_recovery_time="10:40:00")
    assert monitoring.results("zabbix/", over) == ["recovered"]
    assert Alert.objects.get().ended_at == datetime(2026, 3, 2, 2, 40, tzinfo=UTC)


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"event_value": "{EVENT.VALUE}"}, "event_value"),
        ({"event_name": "*UNKNOWN*"}, "event_name"),
        ({"trigger_id": "", "event_id": ""}, "trigger_id"),
        ({"event_date": "2nd of March"}, "event_date"),
        ({"event_tags": "nonsense"}, "event_tags"),
        ({"event_timestamp": "soon"}, "event_timestamp"),
    ],
)
def test_what_zabbix_did_not_fill_in_is_named(
    monitoring: Monitoring, over: dict[str, str], field: str
) -> None:
    refused(monitoring.post("zabbix/", zabbix(**over)), field)


# --- plain JSON --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"alarm": ""}, "alarm"),
        ({"alarm": 7}, "alarm"),
        ({"statsu": "firing"}, "statsu"),
        ({"status": "resolved"}, "status"),
        ({"started_at": "2026-03-02T10:00:00"}, "started_at"),
        ({"url": "ftp://x"}, "url"),
        ({"status": "recovered", "ended_at": "2020-01-01T00:00:00Z"}, "ended_at"),
    ],
)
def test_plain_json_names_what_is_wrong(monitoring: Monitoring, over: dict[str, Any], field: str) -> None:
    refused(monitoring.post("", {**examples.PLAIN, **over}), field)


def test_plain_json_takes_several_alerts(monitoring: Monitoring) -> None:
    body = {"alerts": [examples.PLAIN, {**examples.PLAIN, "item": "db-2"}, examples.PLAIN]}
    assert monitoring.results("", body) == ["unmatched", "unmatched", "unchanged"]


def test_a_clock_that_is_fast_does_not_begin_in_the_future(monitoring: Monitoring, rule: Rules) -> None:
    rule()
    assert monitoring.say(started_at=(MONDAY + timedelta(hours=2)).isoformat()) == "opened"
    assert Incident.objects.get().occurred_at == MONDAY


def test_the_same_key_repeats_the_same_answer(monitoring: Monitoring, rule: Rules) -> None:
    rule()
    first = monitoring.post("", examples.PLAIN, **{"Idempotency-Key": "a1"})
    again = monitoring.post("", examples.PLAIN, **{"Idempotency-Key": "a1"})
    assert again.json() == first.json()
    assert again["Idempotency-Replayed"] == "true"


def program(user: User) -> Api:
    return Api(issue_token(user, name="test", scope=Token.Scope.WRITE, lifetime=None))


# --- who ------------------------------------------------------------


def test_a_sender_that_knows_only_basic_uses_the_token_as_password(
    cast: Cast, monitoring: Monitoring
) -> None:
    def basic(name: str, password: str) -> Any:
        pair = base64.b64encode(f"{name}:{password}".encode()).decode()
        return monitoring.post("", examples.PLAIN, Authorization=f"Basic {pair}")

    assert basic("robot", monitoring.token).status_code == 200
    is_problem(basic("alice", monitoring.token), 401, "not-authenticated")
    is_problem(basic("robot", "secret-robot"), 401, "not-authenticated")
    is_problem(monitoring.post("", examples.PLAIN, Authorization="Basic %%%"), 401, "not-authenticated")


def test_a_token_that_may_only_read_reports_nothing(cast: Cast, monitoring: Monitoring) -> None:
    monitoring.token = issue_token(cast.robot, name="r", scope=Token.Scope.READ, lifetime=None)
    is_problem(monitoring.post("", examples.PLAIN), 403, "forbidden")
    assert Alert.objects.count() == 0


def test_only_integrations_report_and_only_the_desk_reads(cast: Cast, monitoring: Monitoring) -> None:
    monitoring.say()
    for person in (cast.alice, cast.mona, cast.carla):
        is_problem(program(person).post("/alerts/", {"alarm": "x"}), 403, "forbidden")
    is_problem(program(cast.carla).get("/alerts/"), 403, "forbidden")
    found = program(cast.alice).get("/alerts/?status=firing").json()["results"]
    assert [(row["alarm"], row["why"]["code"]) for row in found] == [("disk-full", "no_rule")]
    assert program(cast.alice).get(f"/alerts/{found[0]['id']}/").json()["item"] == "db-1"


def test_an_account_of_one_customer_sees_and_opens_nothing_of_another(
    cast: Cast, monitoring: Monitoring, rule: Rules
) -> None:
    Grant.objects.filter(user=cast.robot).update(organisation=cast.globex)
    Grant.objects.filter(user=cast.alice).update(organisation=cast.globex)
    rule()
    assert monitoring.say() == "unmatched"
    assert (Alert.objects.get().why, Incident.objects.count()) == ("refused", 0)
    assert program(cast.alice).get("/alerts/").json()["results"] == []
    assert len(program(cast.bob).get("/alerts/").json()["results"]) == 1
