import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

import incidents.services
from cmdb.models import Item, ItemType
from incidents.models import Incident
from monitoring import services
from monitoring.models import Alert, Rule, Source
from monitoring.signals import Signal
from records.models import Delivery
from tests.cast import MONDAY, Cast
from tests.monitoring.conftest import Monitoring

Rules = Callable[..., Rule]


def only_incident() -> Incident:
    found: Incident = Incident.objects.get()
    return found


def test_an_alert_opens_a_ticket_with_its_real_start(cast: Cast, monitoring: Monitoring, rule: Rules) -> None:
    rule(impact=1, urgency=1)
    began = MONDAY - timedelta(minutes=20)
    assert monitoring.say(title="Disk is full", started_at=began.isoformat(), text="97 %") == "opened"
    ticket = only_incident()
    assert (ticket.title, ticket.channel, ticket.priority) == ("Disk is full", "monitoring", 1)
    assert (ticket.customer, ticket.requester, ticket.service) == (cast.acme, cast.rita, cast.mail)
    assert (ticket.occurred_at, ticket.opened_at) == (began, MONDAY)
    assert "97 %" in ticket.description
    alert = Alert.objects.get()
    assert (alert.incident, alert.status, alert.started_at, alert.why) == (ticket, "firing", began, "")


@pytest.mark.req("INC-04", "SD-02")
def test_the_same_alarm_of_the_same_item_is_one_ticket_while_it_is_open(
    monitoring: Monitoring, rule: Rules
) -> None:
    rule()
    assert monitoring.say(started_at=MONDAY.isoformat()) == "opened"
    entries = only_incident().activities.count()
    monitoring.later(minutes=5)
    assert monitoring.say(started_at=MONDAY.isoformat()) == "unchanged"
    assert only_incident().activities.count() == entries
    assert monitoring.say(item="db-2") == "opened"
    assert monitoring.say(alarm="cpu") == "opened"
    assert Incident.objects.count() == 3


@pytest.mark.req("INC-04")
def test_an_alarm_that_begins_again_is_counted_on_its_open_ticket(
    monitoring: Monitoring, rule: Rules
) -> None:
    rule()
    monitoring.say()
    monitoring.later(minutes=5)
    assert monitoring.say(status="recovered") == "recovered"
    monitoring.later(hours=5)  # beyond any grace, but the ticket is open
    assert monitoring.say() == "counted"
    alert = Alert.objects.get()
    assert (alert.count, alert.status, alert.ended_at, alert.started_at) == (2, "firing", None, MONDAY)
    assert only_incident().activities.filter(verb="monitoring.fired_again").count() == 1


def test_what_comes_late_or_twice_changes_nothing(monitoring: Monitoring, rule: Rules) -> None:
    rule()
    began = {"started_at": MONDAY.isoformat()}
    over = {**began, "ended_at": (MONDAY + timedelta(minutes=4)).isoformat()}
    monitoring.say(**began)
    monitoring.later(minutes=5)
    assert monitoring.say(status="recovered", **over) == "recovered"
    before = Alert.objects.values().get()
    monitoring.later(minutes=5)
    assert monitoring.say(status="recovered", **over) == "unchanged"
    assert monitoring.say(**began) == "unchanged"
    assert Alert.objects.values().get() == before
    assert only_incident().activities.filter(verb__startswith="monitoring.").count() == 1


def test_the_end_of_something_unheard_of_is_kept(monitoring: Monitoring, rule: Rules) -> None:
    rule()
    assert monitoring.say(status="recovered") == "late"
    assert monitoring.say(status="recovered") == "unchanged"
    assert (Alert.objects.get().why, Incident.objects.count()) == ("late", 0)


# --- recovery -----------------------------------------------------------------------------------


def test_recovery_is_told_to_the_desk_which_resolves(cast: Cast, monitoring: Monitoring, rule: Rules) -> None:
    rule()
    monitoring.say()
    monitoring.later(minutes=5)
    monitoring.say(status="recovered")
    ticket = only_incident()
    assert ticket.state == "new"
    entry = ticket.activities.get(verb="monitoring.recovered")
    assert not entry.is_public
    told = Delivery.objects.filter(activity=entry, channel="in_app").values_list("recipient", flat=True)
    assert set(told) == {cast.alice.pk, cast.bob.pk}


def test_recovery_resolves_a_ticket_nobody_touched_where_the_source_says_so(
    monitoring: Monitoring, rule: Rules, source: Source
) -> None:
    Source.objects.update(on_recovery="resolve")
    rule()
    monitoring.say()
    ended = monitoring.later(minutes=5)
    monitoring.say(status="recovered")
    ticket = only_incident()
    assert (ticket.state, ticket.restored_at, ticket.resolution_code) == ("resolved", ended, "solved")
    assert "Checks" in ticket.resolution


def test_a_ticket_somebody_works_on_is_never_resolved_by_monitoring(
    cast: Cast, monitoring: Monitoring, rule: Rules, source: Source
) -> None:
    Source.objects.update(on_recovery="resolve")
    rule()
    monitoring.say()
    incidents.services.start(only_incident(), actor=cast.alice.actor, now=monitoring.later(minutes=1))
    monitoring.later(minutes=5)
    monitoring.say(status="recovered")
    ticket = only_incident()
    assert ticket.state == "in_progress"
    assert ticket.activities.filter(verb="monitoring.recovered").exists()


def test_a_ticket_of_several_alerts_is_over_with_the_last_of_them(
    monitoring: Monitoring, rule: Rules
) -> None:
    rule(group_by="alarm")
    assert [monitoring.say(item=item) for item in ("db-1", "db-2")] == ["opened", "joined"]
    monitoring.say(item="db-1", status="recovered")
    assert not only_incident().activities.filter(verb="monitoring.recovered").exists()
    monitoring.say(item="db-2", status="recovered")
    assert only_incident().activities.filter(verb="monitoring.recovered").count() == 1


def test_within_the_grace_period_a_resolved_ticket_is_reopened(
    monitoring: Monitoring, rule: Rules, source: Source
) -> None:
    Source.objects.update(on_recovery="resolve")
    rule()
    monitoring.say()
    monitoring.later(minutes=5)
    monitoring.say(status="recovered")
    monitoring.later(minutes=59)
    assert monitoring.say() == "counted"
    assert only_incident().state == "in_progress"
    assert only_incident().reopen_count == 1


def test_after_the_grace_period_it_is_a_new_ticket_that_repeats_the_former(
    monitoring: Monitoring, rule: Rules, source: Source
) -> None:
    Source.objects.update(on_recovery="resolve")
    rule()
    monitoring.say()
    monitoring.later(minutes=5)
    monitoring.say(status="recovered")
    monitoring.later(minutes=61)
    assert monitoring.say() == "opened"
    first, second = Incident.objects.order_by("pk")
    assert second.repeat_of == first
    assert [a.incident for a in Alert.objects.order_by("pk")] == [first, second]


def test_what_goes_on_after_its_ticket_was_resolved_gets_a_new_one(
    cast: Cast, monitoring: Monitoring, rule: Rules
) -> None:
    rule()
    began = MONDAY.isoformat()
    monitoring.say(started_at=began)
    incidents.services.resolve(
        only_incident(), code="solved", steps="Cleaned up", actor=cast.alice.actor,
        now=monitoring.later(minutes=10),
    )  # fmt: skip
    monitoring.later(minutes=30)
    assert monitoring.say(started_at=began) == "unchanged"
    monitoring.later(minutes=31)
    assert monitoring.say(started_at=began) == "opened"
    assert Incident.objects.count() == 2
    assert Alert.objects.firing().count() == 1


# --- rules ----------------------------------------------------------------------------------------


def test_an_alert_no_rule_fits_is_kept_and_gets_its_ticket_once_one_does(
    cast: Cast, monitoring: Monitoring, rule: Rules, source: Source
) -> None:
    made = rule(conditions="severity = critical", is_active=False)
    assert monitoring.say(severity="critical") == "unmatched"
    assert (Alert.objects.get().why, Incident.objects.count()) == ("no_rule", 0)
    made.is_active = True
    services.save_rule(made, actor=cast.mona.actor)
    assert services.apply_rules(source, actor=cast.mona.actor, now=MONDAY) == 1
    assert services.apply_rules(source, actor=cast.mona.actor, now=MONDAY) == 0
    assert (Alert.objects.get().incident, Alert.objects.get().why) == (only_incident(), "")


def test_a_reminder_of_an_alert_without_a_ticket_asks_the_rules_again(
    monitoring: Monitoring, rule: Rules
) -> None:
    assert monitoring.say(started_at=MONDAY.isoformat()) == "unmatched"
    rule()
    assert monitoring.say(started_at=MONDAY.isoformat()) == "opened"


def test_the_first_rule_that_fits_decides(cast: Cast, monitoring: Monitoring, rule: Rules) -> None:
    rule(position=20)
    rule(position=10, conditions="severity = info", action="ignore")
    assert monitoring.say(severity="info") == "ignored"
    assert monitoring.say(alarm="cpu", severity="critical") == "opened"
    assert Alert.objects.get(alarm="disk-full").why == "ignored"


def test_the_item_is_found_by_name_and_brings_its_customer(
    cast: Cast, monitoring: Monitoring, rule: Rules
) -> None:
    server = ItemType.objects.create(code="server", name_en="Server")
    item = Item.objects.create(name="DB-1", type=server, customer=cast.globex)
    rule(customer=None, requester=None, item_label="instance")
    assert monitoring.say(labels={"instance": "db-1.example.com:9100"}) == "opened"
    ticket = only_incident()
    assert (ticket.item, ticket.customer, ticket.requester) == (item, cast.globex, cast.charlie)
    assert monitoring.say(alarm="x", labels={"instance": "nobody-knows"}) == "unmatched"
    assert Alert.objects.get(alarm="x").why == "no_customer"


def test_an_item_of_another_customer_is_never_put_on_a_ticket(
    cast: Cast, monitoring: Monitoring, rule: Rules
) -> None:
    server = ItemType.objects.create(code="server", name_en="Server")
    Item.objects.create(name="db-1", type=server, customer=cast.globex)
    rule()
    assert monitoring.say() == "opened"
    assert (only_incident().item, only_incident().customer) == (None, cast.acme)


def test_a_ticket_that_is_refused_leaves_the_alert_with_the_reason(
    cast: Cast, monitoring: Monitoring, rule: Rules
) -> None:
    rule()
    cast.mail.is_published = False
    cast.mail.save()
    assert monitoring.say() == "unmatched"
    alert = Alert.objects.get()
    assert (alert.why, alert.refusal) == ("refused", "Choose a published service.")


# --- many at once ------------------------------------------------------------------------------------


@pytest.mark.req("INC-04")
@pytest.mark.django_db(transaction=True)
def test_two_workers_with_the_same_alert_at_once_make_one_ticket(cast: Cast, rule: Rules) -> None:
    rule()
    source = Source.objects.get()
    signal = Signal(alarm="disk-full", item_name="db-1", title="Disk", is_firing=True, started_at=MONDAY)
    barrier = threading.Barrier(4)
    found: list[str] = []

    def work() -> None:
        try:
            barrier.wait()
            outcome = services.receive(source, [signal], actor=cast.robot.actor, now=MONDAY)
            found.append(outcome[0].result)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == ["opened", "unchanged", "unchanged", "unchanged"]
    assert (Incident.objects.count(), Alert.objects.count()) == (1, 1)


def storm(**more: Any) -> dict[str, Any]:
    return {"alerts": [{"alarm": "down", "item": f"host-{n}", **more} for n in range(1000)]}


def test_a_thousand_alerts_of_one_group_are_one_ticket_in_a_few_queries(
    monitoring: Monitoring, rule: Rules, django_assert_max_num_queries: Any
) -> None:
    rule(group_by="alarm")
    with django_assert_max_num_queries(200):
        results = monitoring.results("", storm())
    assert (results.count("opened"), results.count("joined")) == (1, 999)
    ticket = only_incident()
    assert ticket.alerts.count() == 1000
    assert ticket.activities.filter(verb="monitoring.joined").count() == 5
    with django_assert_max_num_queries(200):
        assert set(monitoring.results("", storm(status="recovered"))) == {"recovered"}
    assert ticket.activities.filter(verb="monitoring.recovered").count() == 1


def test_in_a_storm_without_groups_the_rest_joins_the_newest_ticket(
    monitoring: Monitoring, rule: Rules
) -> None:
    rule(most_tickets=3)
    results = monitoring.results("", {"alerts": [{"alarm": "down", "item": f"h{n}"} for n in range(10)]})
    assert results == ["opened"] * 3 + ["joined"] * 7
    assert Incident.objects.count() == 3
    monitoring.later(minutes=11)
    assert monitoring.say(item="another") == "opened"


# --- people ------------------------------------------------------------------------------------------


def test_an_agent_puts_an_alert_on_a_ticket_and_ends_it(cast: Cast, monitoring: Monitoring) -> None:
    from tests.cast import make_incident

    ticket = make_incident(cast)
    monitoring.say()
    alert = services.attach(Alert.objects.get(), record=ticket, actor=cast.alice.actor, now=MONDAY)
    assert (alert.incident, alert.customer, alert.why) == (ticket, cast.acme, "")
    over = services.end(alert, actor=cast.alice.actor, now=MONDAY + timedelta(hours=1))
    assert over.status == "recovered"
    assert ticket.activities.filter(verb="monitoring.recovered").count() == 1
