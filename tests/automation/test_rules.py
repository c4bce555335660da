"""Rules: tried before they are switched on, run once, in order, in nobody's stead, and never in circles."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import InternalError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

import incidents.services
import records.services
from accounts.access import Denied, Role
from accounts.models import Grant, Team, User
from automation import conditions, engine, rules, steps
from automation.models import Happening, Rule, RuleEdition, Run, TryOutRow, Wait
from incidents.models import Incident
from records import timeline
from records.models import Activity, Record
from tests.cast import MONDAY, Cast, make_incident

pytestmark = pytest.mark.django_db


def make_rule(cast: Cast, *, on: bool = True, by: User | None = None, **over: Any) -> Rule:
    actor = (by or cast.mona).actor
    facts = {
        "name_en": "To the experts", "when": "opened",
        "steps": [{"change": "team", "value": cast.second.pk}], **over,
    }  # fmt: skip
    rule = rules.save(None, facts, actor=actor, now=MONDAY)
    if on:
        rule = rules.switch_on(rule, rules.latest(rule), actor=actor, now=MONDAY, reason="a test")
    return rule


def outcomes(rule: Rule) -> list[str]:
    return list(Run.objects.filter(rule=rule).order_by("pk").values_list("outcome", flat=True))


def test_what_happens_sets_a_rule_off_once_and_the_timeline_names_it(cast: Cast) -> None:
    rule = make_rule(cast)
    ticket = make_incident(cast, now=timezone.now().replace(microsecond=0))
    assert Happening.objects.count() == 1
    assert engine.work_off() >= 1
    assert engine.work_off() == 0
    ticket.refresh_from_db()
    assert ticket.team == cast.second
    assert outcomes(rule) == ["done"]
    assert not Happening.objects.exists()
    shown = timeline.entries(ticket, cast.alice.actor).entries
    assert any("To the experts" in entry.actor for entry in shown)
    theirs = timeline.entries(ticket, cast.rita.actor).entries
    assert not any("To the experts" in entry.actor for entry in theirs)


def test_the_same_entry_offered_again_changes_nothing(cast: Cast) -> None:
    rule = make_rule(cast, steps=[{"change": "note", "value": "Look."}])
    ticket = make_incident(cast)
    opened = ticket.activities.get(verb="incident.open")
    for _ in range(3):
        engine.offer(opened, now=MONDAY)
    assert outcomes(rule) == ["done"]
    assert ticket.activities.filter(verb="record.noted").count() == 1


def test_what_was_rolled_back_sets_nothing_off(cast: Cast) -> None:
    make_rule(cast)
    with transaction.atomic():
        make_incident(cast)
        transaction.set_rollback(True)
    assert not Happening.objects.exists()


def test_a_worker_that_dies_in_between_leaves_it_whole_to_the_next(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = make_rule(cast, steps=[{"change": "note", "value": "One."}, {"change": "note", "value": "Two."}])
    ticket = make_incident(cast)
    whole = engine._count

    def die(run: Run, *, now: Any) -> None:
        raise SystemExit

    monkeypatch.setattr(engine, "_count", die)
    with pytest.raises(SystemExit):
        engine.work_off()
    assert not ticket.activities.filter(verb="record.noted").exists()
    monkeypatch.setattr(engine, "_count", whole)
    Happening.objects.update(available_at=timezone.now())
    engine.work_off()
    assert ticket.activities.filter(verb="record.noted").count() == 2
    assert outcomes(rule) == ["done"]


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_do_it_once(cast: Cast) -> None:
    rule = make_rule(cast, steps=[{"change": "note", "value": "Look."}])
    tickets = [make_incident(cast) for _ in range(4)]

    def work() -> None:
        try:
            for pk in list(Happening.objects.values_list("pk", flat=True)):
                engine._attempt(pk)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes(rule)) == ["done"] * 4
    assert Activity.objects.filter(verb="record.noted").count() == len(tickets)


def test_a_rule_does_not_set_itself_off_and_the_log_says_so(cast: Cast) -> None:
    rule = make_rule(
        cast,
        when="changed",
        steps=[{"change": "category", "value": "Mail"}, {"change": "note", "value": "x"}],
    )
    now = timezone.now().replace(microsecond=0)
    ticket = make_incident(cast, now=now)
    incidents.services.edit(ticket, {"site": "Here"}, actor=cast.alice.actor, now=now, expected_version=None)
    while engine.work_off():
        pass
    assert outcomes(rule) == ["done", "loop"]
    assert ticket.activities.filter(verb="automation.stopped").count() == 1
    assert ticket.activities.filter(verb="record.noted").count() == 1


def test_what_fell_due_before_a_rule_ran_is_not_its_doing(cast: Cast) -> None:
    make_rule(cast)
    ticket = make_incident(cast)
    engine.work_off()
    late = ticket.activities.filter(verb="sla.breached")
    assert late.exists()
    assert not late.filter(data__has_key="cause").exists()


def test_rules_that_set_each_other_off_end(cast: Cast) -> None:
    names = ["category", "symptom"]
    for name in names:
        make_rule(
            cast, when="changed", steps=[{"change": name, "value": "A"}],
            conditions=[{"kinds": ["incident"]}],
        )  # fmt: skip
    ticket = make_incident(cast)
    incidents.services.edit(ticket, {"site": "X"}, actor=cast.alice.actor, now=MONDAY, expected_version=None)
    for _ in range(20):
        engine.work_off()
    assert not Happening.objects.exists()
    assert Run.objects.count() <= 8
    ticket.refresh_from_db()
    assert (ticket.category, ticket.symptom) == ("A", "A")


def test_rules_run_in_their_order_and_one_may_be_the_last(cast: Cast) -> None:
    late = make_rule(cast, position=30, steps=[{"change": "note", "value": "late"}])
    early = make_rule(cast, position=10, steps=[{"change": "note", "value": "early"}])
    last = make_rule(cast, position=20, steps=[{"change": "note", "value": "last"}], stops=True)
    make_incident(cast)
    engine.work_off()
    assert list(Run.objects.order_by("pk").values_list("rule", flat=True)) == [early.pk, last.pk]
    assert not outcomes(late)


def test_a_rule_does_nothing_who_switched_it_on_may_not(cast: Cast) -> None:
    rule = make_rule(cast)
    Grant.objects.filter(user=cast.mona).update(organisation=cast.globex)
    ticket = make_incident(cast)
    engine.work_off()
    assert outcomes(rule) == []
    Grant.objects.filter(user=cast.mona).delete()
    Grant.objects.create(user=cast.mona, role=Role.AGENT)
    make_incident(cast)
    engine.work_off()
    rule.refresh_from_db()
    assert rule.active is None
    assert rule.paused_reason
    ticket.refresh_from_db()
    assert ticket.team == cast.desk


def test_another_customers_tickets_are_neither_tried_nor_matched(cast: Cast) -> None:
    Grant.objects.filter(user=cast.mona).update(organisation=cast.globex)
    near = User.objects.get(pk=cast.mona.pk)
    rule = make_rule(cast, on=False, by=near)
    make_incident(cast)
    tried = rules.try_out(rules.latest(rule), days=365, actor=near.actor, now=MONDAY + timedelta(days=1))
    assert (tried.looked, tried.matched) == (0, 0)
    rules.switch_on(rule, rules.latest(rule), actor=near.actor, now=MONDAY)
    make_incident(cast)
    engine.work_off()
    assert outcomes(rule) == []


def test_a_rule_that_fails_five_times_is_paused_and_its_keeper_told(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = make_rule(cast)

    def broken(*args: Any, **options: Any) -> Any:
        raise RuntimeError("broken")

    monkeypatch.setattr(steps, "carried_out", broken)
    for _ in range(6):
        make_incident(cast)
    while engine.work_off():
        pass
    rule.refresh_from_db()
    assert outcomes(rule) == ["failed"] * 5
    assert rule.active is None
    assert "five times" in rule.paused_reason
    paused = Activity.objects.get(verb="automation.paused")
    assert paused.deliveries.filter(recipient=cast.mona).exists()


def test_a_step_that_is_refused_is_skipped_with_its_reason_and_the_others_done(cast: Cast) -> None:
    rule = make_rule(
        cast, steps=[{"change": "incident.resume", "value": None}, {"change": "note", "value": "Look."}]
    )
    make_incident(cast)
    engine.work_off()
    run = Run.objects.get(rule=rule)
    assert run.outcome == "partly"
    assert run.lines[0]["refused"]["en"]
    assert run.lines[0]["refused"]["zh"]


def test_a_try_out_tells_everything_and_writes_nothing(cast: Cast) -> None:
    rule = make_rule(
        cast, on=False, conditions=[{"words": ["printer"]}, {"priorities": [1]}],
        steps=[{"change": "team", "value": cast.second.pk}, {"change": "incident.resume", "value": None}],
    )  # fmt: skip
    hit, miss = make_incident(cast, title="The PRINTER burns"), make_incident(cast)
    before = (Activity.objects.count(), list(Record.objects.order_by("pk").values()))
    tried = rules.try_out(rules.latest(rule), days=30, actor=cast.mona.actor, now=MONDAY + timedelta(days=1))
    assert (tried.looked, tried.matched, tried.is_whole) == (2, 1, True)
    row = TryOutRow.objects.get()
    assert row.record_id == hit.pk != miss.pk
    assert row.lines[0]["before"]["en"] == "Service desk"
    assert row.lines[0]["after"]["zh"] == "邮件组"
    assert row.lines[1]["refused"]["en"]
    assert (Activity.objects.count(), list(Record.objects.order_by("pk").values())) == before


def test_while_it_tries_the_database_refuses_to_write(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    rule = make_rule(cast, on=False)
    make_incident(cast)

    def writes(*args: Any, **options: Any) -> Any:
        Record.objects.update(title="written")

    monkeypatch.setattr(steps, "told", writes)
    with pytest.raises(InternalError, match="read-only"):
        rules.try_out(rules.latest(rule), days=30, actor=cast.mona.actor, now=MONDAY + timedelta(days=1))


def test_a_rule_is_switched_on_after_a_try_out_of_that_edition_or_with_a_reason(cast: Cast) -> None:
    rule = make_rule(cast, on=False)
    first = rules.latest(rule)
    with pytest.raises(ValidationError):
        rules.switch_on(rule, first, actor=cast.mona.actor, now=MONDAY)
    rules.try_out(first, days=30, actor=cast.mona.actor, now=MONDAY)
    rules.switch_on(rule, first, actor=cast.mona.actor, now=MONDAY)
    facts = {"name_en": "Other", "when": "asked", "steps": [{"change": "note", "value": "x"}]}
    rule = rules.save(rule, facts, actor=cast.mona.actor, now=MONDAY)
    second = rules.latest(rule)
    assert (rule.active, second.number) == (first, 2)
    with pytest.raises(ValidationError):
        rules.switch_on(rule, second, actor=cast.mona.actor, now=MONDAY)
    rules.save(rule, facts, actor=cast.mona.actor, now=MONDAY)
    assert rules.latest(rule) == second
    with pytest.raises(InternalError), transaction.atomic():
        RuleEdition.objects.filter(pk=second.pk).update(when="moved")
    with pytest.raises(Denied):
        rules.switch_on(rule, first, actor=cast.alice.actor, now=MONDAY, reason="x")


def test_time_in_a_state_counts_only_while_it_stays_there(cast: Cast) -> None:
    rule = make_rule(
        cast, when="waited", into=["incident:on_hold"], hours=24, steps=[{"change": "note", "value": "Ask."}]
    )
    now = timezone.now().replace(microsecond=0)
    early = now - timedelta(hours=30)
    stays, moves, young = (make_incident(cast, now=early) for _ in range(3))
    for ticket, at in ((stays, early), (moves, early), (young, now)):
        incidents.services.hold(ticket, reason="customer", actor=cast.alice.actor, now=at)
    incidents.services.resume(moves, actor=cast.alice.actor, now=now)
    while engine.work_off():
        pass
    assert [run.record_id for run in Run.objects.filter(rule=rule)] == [stays.pk]
    assert Wait.objects.count() == 1
    rules.switch_off(rule, actor=cast.mona.actor, now=now)
    assert not Wait.objects.exists()


def test_a_move_sets_off_only_rules_for_its_state_and_a_customers_words_those_for_them(cast: Cast) -> None:
    held = make_rule(cast, when="moved", into=["incident:on_hold"], steps=[{"change": "note", "value": "h"}])
    asked = make_rule(cast, when="asked", steps=[{"change": "note", "value": "a"}])
    ticket = make_incident(cast)
    incidents.services.start(ticket, actor=cast.alice.actor, now=MONDAY)
    records.services.comment(ticket, text="?", is_public=True, actor=cast.rita.actor, now=MONDAY)
    while engine.work_off():
        pass
    assert (outcomes(held), outcomes(asked)) == ([], ["done"])
    incidents.services.hold(ticket, reason="parts", actor=cast.alice.actor, now=MONDAY)
    while engine.work_off():
        pass
    assert outcomes(held) == ["done"]


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ({}, True),
        ({"kinds": ["request"]}, False),
        ({"priorities": [3, 4]}, True),
        ({"words": ["OUTBOX"]}, True),
        ({"words": ["outbox"], "without": ["morning"]}, False),
        ({"unassigned": True}, True),
        ({"categories": ["mail"]}, False),
        ({"channels": ["phone"]}, True),
        ({"grades": ["A"]}, False),
        ({"targets": ["running"]}, True),
        ({"targets": ["missed", "warned"]}, False),
    ],
)
def test_a_group_fits_where_all_of_it_holds(group: dict[str, Any], expected: bool, cast: Cast) -> None:
    ticket = make_incident(cast)
    assert conditions.fits([group], ticket, at=MONDAY) is expected
    assert conditions.fits([{"kinds": ["request"]}, group], ticket, at=MONDAY) is expected
    rows = Incident.objects.all()
    found = conditions.fitting([group], Record.objects.filter(pk__in=rows.values("pk")))
    assert found == ([ticket.pk] if expected else [])


def test_hours_are_those_of_the_calendar(cast: Cast) -> None:
    ticket, night = make_incident(cast), MONDAY + timedelta(hours=12)
    inside = {"hours": "inside", "calendar": cast.calendar.pk}
    outside = {"hours": "outside", "calendar": cast.calendar.pk}
    assert conditions.fits([inside], ticket, at=MONDAY)
    assert not conditions.fits([inside], ticket, at=night)
    assert conditions.fits([outside], ticket, at=night)


def test_a_rule_is_refused_with_what_is_wrong(cast: Cast) -> None:
    for over, field in (
        ({"name_en": " "}, "name_en"), ({"when": "x"}, "when"), ({"steps": []}, "steps"),
        ({"steps": [{"change": "assignee.me", "value": None}]}, "steps"),
        ({"steps": [{"change": "macro", "value": 1}]}, "steps"),
        ({"when": "waited", "into": ["incident:on_hold"]}, "hours"),
        ({"when": "waited", "hours": 2}, "into"), ({"when": "moved", "into": ["x:y"]}, "into"),
    ):  # fmt: skip
        with pytest.raises(ValidationError) as error:
            make_rule(cast, on=False, **over)
        assert field in error.value.message_dict
    with pytest.raises(Denied):
        make_rule(cast, on=False, by=cast.alice)


def test_without_a_rule_the_log_is_noted_nowhere(cast: Cast) -> None:
    make_rule(cast, on=False)
    make_incident(cast)
    assert not Happening.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM automation_happening")
        assert cursor.fetchone() == (0,)


def test_a_rule_is_written_tried_and_switched_on_by_its_pages(cast: Cast, client_of: Any) -> None:
    browser, ticket = client_of(cast.mona), make_incident(cast, now=timezone.now())
    sent = {
        "name_en": "Mail first", "name_zh": "邮件优先", "position": "5", "when": "opened", "hours": "",
        "g0-words": "mail\n", "g0-kinds": ["incident"], "g1-hours": "inside", "g1-calendar": "",
        "s0-order": "10", "s0-change": "priority", "s0-value_priority": "1", "s0-value_reason": "mail",
    }  # fmt: skip
    wrong = browser.post(reverse("automation:new-rule"), sent)
    assert wrong.status_code == 422
    assert "Choose whose working hours" in wrong.content.decode()
    sent["g1-calendar"] = str(cast.calendar.pk)
    assert browser.post(reverse("automation:new-rule"), sent).status_code == 302
    rule = Rule.objects.get()
    edition = rules.latest(rule)
    assert edition.conditions == [
        {"kinds": ["incident"], "words": ["mail"]}, {"hours": "inside", "calendar": cast.calendar.pk}
    ]  # fmt: skip
    page = browser.get(rule.get_absolute_url()).content.decode()
    assert "Title or description contains: mail" in page
    switch = reverse("automation:switch", args=[rule.pk])
    browser.post(switch, {"do": "on", "edition": "1"})
    assert Rule.objects.get().active is None
    tried = browser.post(reverse("automation:try", args=[rule.pk]), {"days": "30"})
    found = browser.get(tried.headers["Location"]).content.decode()
    assert ticket.number in found
    assert "Moderate → Critical" in found
    browser.post(switch, {"do": "on", "edition": "1"})
    assert Rule.objects.get().active == edition
    made = make_incident(cast)
    engine.work_off()
    assert made.number in browser.get(rule.get_absolute_url()).content.decode()
    assert browser.get(reverse("automation:rules")).status_code == 200
    assert browser.get(reverse("automation:edit-rule", args=[rule.pk])).status_code == 200
    assert client_of(cast.alice).get(rule.get_absolute_url()).status_code == 403


def _queries(browser: Any, url: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(url).status_code == 200
    return len(queries)


def test_the_list_of_rules_asks_no_more_for_more_rules(cast: Cast, client_of: Any) -> None:
    asked = [{"customers": [cast.acme.pk], "teams": [cast.desk.pk]}, {"teams": [cast.second.pk]}]
    notice = {"team": cast.desk.pk, "person": cast.bob.pk, "text": "Look."}
    steps_ = [{"change": "team", "value": cast.second.pk}, {"change": "notice", "value": notice}]
    make_rule(cast, conditions=asked, steps=steps_)
    make_rule(cast, conditions=asked, steps=steps_, on=False)
    browser, url = client_of(cast.mona), reverse("automation:rules")
    _queries(browser, url)
    few = _queries(browser, url)
    for person in (cast.alice, cast.bob, cast.mona):
        told = [{"change": "assignee", "value": person.pk}, {"change": "notice", "value": notice}]
        for is_on in (True, False):
            make_rule(cast, conditions=[{"teams": [cast.second.pk]}], steps=told, on=is_on)
    assert _queries(browser, url) <= few + 1  # people are named now, too
    page = browser.get(url).content.decode()
    for words in (cast.second.name, cast.acme.name, f"{cast.bob.name}: Look.", cast.alice.name):
        assert words in page


def test_a_step_whose_team_is_gone_says_so_in_the_list(cast: Cast, client_of: Any) -> None:
    make_rule(cast)
    Team.objects.filter(pk=cast.second.pk).update(is_active=False)
    page = client_of(cast.mona).get(reverse("automation:rules")).content.decode()
    assert "Select a valid choice" in page
    assert cast.second.name not in page
