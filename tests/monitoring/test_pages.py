from collections.abc import Callable
from typing import Any

from django.test import Client

from accounts.models import Grant
from incidents.models import Incident
from monitoring.models import Alert, Rule, Source
from tests.cast import Cast, make_incident
from tests.monitoring.conftest import Monitoring

Rules = Callable[..., Rule]
Log = Callable[[Any], Client]


def test_the_list_shows_what_goes_on_and_what_has_no_ticket(
    cast: Cast, client_of: Log, monitoring: Monitoring, rule: Rules
) -> None:
    rule(conditions="severity = critical")
    monitoring.say(title="Disk of db-1", severity="critical")
    monitoring.say(alarm="cpu", title="CPU of db-2", severity="info")
    monitoring.say(alarm="old", title="Long gone", status="recovered")
    alice = client_of(cast.alice)
    page = alice.get("/alerts/").content.decode()
    assert ("Disk of db-1" in page, "CPU of db-2" in page, "Long gone" in page) == (True, True, False)
    assert Incident.objects.get().number in page
    missed = alice.get("/alerts/?view=unmatched").content.decode()
    assert ("Disk of db-1" in missed, "CPU of db-2" in missed, "no rule fits" in missed) == (
        False,
        True,
        True,
    )
    assert "Long gone" in alice.get("/alerts/?view=recovered").content.decode()
    assert "CPU" not in alice.get("/alerts/?q=disk").content.decode()
    assert alice.get("/alerts/?view=x&source=y&page=z&q=%00").status_code == 200


def test_a_list_of_many_alerts_asks_no_query_per_row(
    cast: Cast, client_of: Log, monitoring: Monitoring, rule: Rules, django_assert_max_num_queries: Any
) -> None:
    rule(group_by="alarm")
    monitoring.results("", {"alerts": [{"alarm": "down", "item": f"h{n}"} for n in range(60)]})
    alice = client_of(cast.alice)
    alice.get("/alerts/")
    with django_assert_max_num_queries(14):
        assert alice.get("/alerts/").status_code == 200


def test_somebody_of_one_customer_sees_no_alert_of_another(
    cast: Cast, client_of: Log, monitoring: Monitoring, rule: Rules
) -> None:
    rule()
    monitoring.say(title="Disk of db-1")
    alert = Alert.objects.get()
    Grant.objects.filter(user=cast.alice).update(organisation=cast.globex)
    alice = client_of(cast.alice)
    assert "Disk of db-1" not in alice.get("/alerts/?view=all").content.decode()
    assert alice.get(f"/alerts/{alert.pk}/").status_code == 404
    assert alice.post(f"/alerts/{alert.pk}/end/").status_code == 404
    assert client_of(cast.bob).get(f"/alerts/{alert.pk}/").status_code == 200


def test_the_ticket_shows_its_alerts_and_when_they_were_over(
    cast: Cast, client_of: Log, monitoring: Monitoring, rule: Rules
) -> None:
    rule()
    monitoring.say(title="Disk of db-1")
    ticket = Incident.objects.get()
    alice = client_of(cast.alice)
    url = f"/incidents/{ticket.number}/"
    assert "1 of 1 going on" in alice.get(url).content.decode()
    monitoring.later(minutes=3)
    monitoring.say(status="recovered")
    page = alice.get(url).content.decode()
    assert "Recovered at" in page
    assert "all alerts of Checks are over" in page


def test_an_agent_puts_an_alert_on_a_ticket_by_its_number(
    cast: Cast, client_of: Log, monitoring: Monitoring
) -> None:
    monitoring.say()
    alert, ticket = Alert.objects.get(), make_incident(cast)
    alice = client_of(cast.alice)
    refused = alice.post(f"/alerts/{alert.pk}/attach/", {"number": "INC9999999"})
    assert (refused.status_code, "There is no record of this number." in refused.content.decode()) == (
        422,
        True,
    )
    assert alice.post(f"/alerts/{alert.pk}/attach/", {"number": ticket.number.lower()}).status_code == 302
    assert Alert.objects.get().incident == ticket
    assert alice.post(f"/alerts/{alert.pk}/end/").status_code == 302
    assert Alert.objects.get().status == "recovered"


# --- sources and rules -------------------------------------------------------------------------------


def entered(**over: Any) -> dict[str, Any]:
    return {
        "name": "Disks", "position": 10, "conditions": "severity = critical", "action": "ticket", "impact": 2,
        "urgency": 2, "most_tickets": 20, "item_label": "", "group_by": "", **over,
    }  # fmt: skip


def test_a_manager_tries_a_rule_before_it_counts(
    cast: Cast, client_of: Log, monitoring: Monitoring, source: Source
) -> None:
    monitoring.say(severity="critical")
    monitoring.say(alarm="cpu", severity="info")
    mona = client_of(cast.mona)
    url = f"/alerts/sources/{source.pk}/rules/new/"
    page = mona.post(url, entered(do="try", customer=cast.acme.pk)).content.decode()
    assert "Fits 1 of the last 2 alerts" in page
    assert Rule.objects.count() == 0
    assert mona.post(url, entered(customer=cast.acme.pk, is_active="on")).status_code == 302
    assert "1 alert goes" not in mona.get(source.get_absolute_url()).content.decode()
    assert mona.post(f"/alerts/sources/{source.pk}/apply/").status_code == 302
    assert Incident.objects.get().customer == cast.acme
    rule = Rule.objects.get()
    assert "Fits 1 of the last 2 alerts" in mona.get(rule.get_absolute_url()).content.decode()


def test_what_is_wrong_with_a_rule_is_said_at_its_field(cast: Cast, client_of: Log, source: Source) -> None:
    mona = client_of(cast.mona)
    url = f"/alerts/sources/{source.pk}/rules/new/"
    bad = mona.post(url, entered(conditions="severity = critical\nnonsense"))
    assert (bad.status_code, "Line 2 is no condition: nonsense" in bad.content.decode()) == (422, True)
    stranger = mona.post(url, entered(customer=cast.acme.pk, requester=cast.charlie.pk))
    assert (stranger.status_code, "Choose a person of Acme." in stranger.content.decode()) == (422, True)
    assert Rule.objects.count() == 0


def test_a_source_is_made_and_changed_by_managers(cast: Cast, client_of: Log) -> None:
    mona = client_of(cast.mona)
    given = {
        "name": "Prometheus", "code": "prometheus", "kind": "alertmanager", "account": cast.robot.pk,
        "on_recovery": "propose", "grace_minutes": 30, "time_zone": "Asia/Shanghai",
    }  # fmt: skip
    assert mona.post("/alerts/sources/new/", given).status_code == 302
    source = Source.objects.get()
    assert mona.post("/alerts/sources/new/", given).status_code == 422
    changed = {**given, "on_recovery": "resolve", "code": "other", "grace_minutes": 5}
    assert mona.post(source.get_absolute_url(), changed).status_code == 302
    source.refresh_from_db()
    assert (source.code, source.on_recovery, source.grace_minutes) == ("prometheus", "resolve", 5)
    assert client_of(cast.alice).get("/alerts/sources/").status_code == 403


def test_sources_concern_all_customers_so_a_manager_of_one_keeps_none(cast: Cast, client_of: Log) -> None:
    Grant.objects.filter(user=cast.mona).update(organisation=cast.acme)
    assert client_of(cast.mona).get("/alerts/sources/").status_code == 403
