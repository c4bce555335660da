"""The life of a release: plan, test, readiness, deployment with its items, decision, watch, report."""

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts.access import Denied
from changes import services as changes
from changes import writing
from cmdb import services as register
from cmdb.models import Alteration, Item
from records import services as records
from records.lifecycle import IllegalMove
from records.models import Activity, Link
from records.services import Stale
from releases import deploying, parting, related, reporting, services
from releases.models import PlanTest, Release, ReleaseChange, ReleaseIncident
from tests.cast import MONDAY, Cast, make_cast, make_incident
from tests.changes import making
from tests.releases import made as m

pytestmark = pytest.mark.django_db
DAY, HOUR, START = m.DAY, m.HOUR, m.START


def refused(act: Callable[[], Any]) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as error:
        act()
    found: dict[str, list[str]] = error.value.message_dict
    return found


def revision(item: Item) -> str:
    return Item.objects.get(pk=item.pk).revision


# --- plan -----------------------------------------------------------------------------------------


@pytest.mark.req("REL-01")
def test_a_plan_has_objective_result_scope_effect_timetable_team_and_decision_point(cast: Cast) -> None:
    row = m.begun(cast)
    ready = lambda: services.make_ready(m.fresh(row), actor=cast.mona.actor, now=MONDAY)  # noqa: E731
    found = refused(ready)
    assert {
        "objective", "expected_result", "scope", "effect", "criteria", "planned_start_at", "planned_end_at",
        "decide_at", "decider", "members", "nodes", "steps", "changes", "checks", "tests",
    } == set(found)  # fmt: skip
    assert len(found["steps"]) == 5
    server = m.server(cast)
    row = m.planned(cast, (m.change(cast, server), server))
    assert set(refused(lambda: services.make_ready(row, actor=cast.mona.actor, now=MONDAY))) == {"tests"}
    assert services.make_ready(m.with_test(cast, row), actor=cast.mona.actor, now=MONDAY).state == "ready"


def test_times_that_make_no_sense_are_refused(cast: Cast) -> None:
    row = m.begun(cast)
    assert "planned_end_at" in refused(lambda: m.write(cast, row, planned_start_at=START))
    assert "planned_end_at" in refused(
        lambda: m.write(cast, row, planned_start_at=START, planned_end_at=START - HOUR)
    )
    late = {"planned_start_at": START, "planned_end_at": START + HOUR, "decide_at": START + 2 * HOUR}
    assert "decide_at" in refused(lambda: m.write(cast, row, **late))
    assert "monitor_days" in refused(lambda: m.write(cast, row, monitor_days=0))
    assert "decider" in refused(lambda: m.write(cast, row, decider=cast.carla))
    assert "state" in refused(lambda: m.write(cast, row, state="closed"))


@pytest.mark.req("REL-02")
def test_it_is_not_ready_before_technology_environment_team_and_documents_are(cast: Cast) -> None:
    server = m.server(cast)
    row = m.with_test(cast, m.planned(cast, (m.change(cast, server), server)))
    assert list(row.checks.values_list("sort", flat=True)) == [
        "technology", "environment", "team_trained", "notice", "guide",
    ]  # fmt: skip
    guide = row.checks.get(sort="guide")
    parting.unmeet(row, guide.pk, reason="Outdated", rules=m.RULES, actor=cast.bob.actor, now=MONDAY)
    ready = lambda: services.make_ready(m.fresh(row), actor=cast.mona.actor, now=MONDAY)  # noqa: E731
    assert refused(ready) == {"checks": ["Not ready yet: Operating guide written."]}
    parting.meet(row, guide.pk, evidence="Rev. 3", rules=m.RULES, actor=cast.bob.actor, now=MONDAY)
    assert ready().state == "ready"


@pytest.mark.req("REL-04")
def test_a_plan_is_tested_before_it_is_deployed_and_again_after_every_change_of_it(cast: Cast) -> None:
    server = m.server(cast)
    row = m.planned(cast, (m.change(cast, server), server))
    ready = lambda: services.make_ready(m.fresh(row), actor=cast.mona.actor, now=MONDAY)  # noqa: E731
    assert refused(ready)["tests"] == ["The plan was not tested."]
    m.with_test(cast, row, "failed")
    assert refused(ready)["tests"] == ["The plan failed its last test."]
    m.with_test(cast, row)
    m.write(cast, row, scope="One server only.")
    assert refused(ready)["tests"] == ["The plan was changed since its test; test it again."]
    m.with_test(cast, row)
    m.add(cast, row, "steps", sort="deploy", title="One more", position=1)
    assert "tests" in refused(ready)
    m.with_test(cast, row)
    assert ready().state == "ready"
    assert PlanTest.objects.filter(release=row).count() == 4
    with pytest.raises(DatabaseError), transaction.atomic():
        PlanTest.objects.update(result="passed")


# --- changes ----------------------------------------------------------------------------------------


@pytest.mark.req("REL-08")
def test_only_approved_changes_are_bundled_and_each_is_in_one_release_that_is_not_over(cast: Cast) -> None:
    server = m.server(cast)
    row, other = m.begun(cast), m.begun(cast, title="Other")
    draft = making.make_change(cast, items=[server])
    assert "not approved" in refused(lambda: m.bundle(cast, row, draft))["change"][0]
    approved = m.change(cast, server)
    m.bundle(cast, row, approved)
    assert row.number in refused(lambda: m.bundle(cast, other, approved))["change"][0]
    with pytest.raises(IntegrityError), transaction.atomic():
        ReleaseChange.objects.create(release=other, change=approved, added_by=cast.mona, added_at=MONDAY)
    services.call_off(row, reason="Later", actor=cast.mona.actor, now=MONDAY)
    m.bundle(cast, other, approved)
    held = ReleaseChange.objects.filter(change=approved, is_held=True)
    assert [one.release for one in held] == [other]


@pytest.mark.req("REL-08")
def test_a_change_that_loses_its_approval_blocks_the_deployment_in_words(cast: Cast) -> None:
    server = m.server(cast)
    of = m.change(cast, server)
    row = m.ready(cast, (of, server))
    writing.write(of, {"plan": "Another way."}, actor=cast.sven.actor, now=MONDAY)
    found = refused(lambda: deploying.deploy(row, actor=cast.mona.actor, now=START))
    assert found["changes"][0].startswith(f"{of.number} is not approved, or not any more")
    assert m.fresh(row).state == "ready"


@pytest.mark.req("REL-08")
def test_a_change_lost_during_the_deployment_stops_the_next_step(cast: Cast) -> None:
    server = m.server(cast)
    of = m.change(cast, server)
    row = m.deploying_one(cast, (of, server))
    changes.cancel(of, reason="Not any more", actor=cast.mona.actor, now=START)
    found = refused(lambda: m.finish(cast, row, "deploy"))
    assert of.number in found["changes"][0]
    assert (revision(server), m.step(row, "deploy").done_at) == ("2.3", None)


def test_an_item_is_planned_only_by_a_change_of_the_release_that_alters_it(cast: Cast) -> None:
    server, other = m.server(cast), m.server(cast, "mail-02")
    of = m.change(cast, server)
    row = m.planned(cast, (of, server))
    assert "does not alter" in refused(lambda: m.bring(cast, row, other, of))["item"][0]
    assert "already" in refused(lambda: m.bring(cast, row, server, of))["item"][0]
    stray = m.change(cast, other, after=m.DAY)
    assert "change" in refused(lambda: m.bring(cast, row, other, stray))
    services.unbundle(row, row.bundled.get().pk, actor=cast.alice.actor, now=MONDAY)
    assert not row.release_items.exists()


# --- deployment -------------------------------------------------------------------------------------


@pytest.mark.req("REL-03", "REL-08")
def test_a_deployment_step_updates_its_items_by_the_authority_of_their_change(cast: Cast) -> None:
    server = m.server(cast)
    of = m.change(cast, server)
    row = m.deploying_one(cast, (of, server))
    deploy = m.step(row, "deploy")
    parting.start_step(row, deploy.pk, rules=m.RULES, actor=cast.alice.actor, now=START)
    m.finish(cast, row, "deploy", by=cast.mona)
    deploy.refresh_from_db()
    assert (deploy.planned_at, deploy.started_at, deploy.done_at) == (START, START, START + HOUR)
    assert revision(server) == "2.4"
    kept = Alteration.objects.filter(item=server).order_by("-pk")[0]
    assert (kept.authority, kept.is_refused) == (of.number, False)
    planned = row.release_items.get()
    assert (planned.revision_before, planned.updated_at) == ("2.3", START + HOUR)
    assert "already" in refused(lambda: m.finish(cast, row, "deploy"))["result"][0]


@pytest.mark.req("REL-08")
def test_a_step_is_done_with_all_its_items_or_not_at_all(cast: Cast, monkeypatch: Any) -> None:
    one, two = m.server(cast), m.server(cast, "mail-02")
    of = m.change(cast, one, two)
    row = m.planned(cast, (of, one))
    m.bring(cast, row, two, of)
    row = services.make_ready(m.with_test(cast, row), actor=cast.mona.actor, now=MONDAY)
    row = deploying.deploy(row, actor=cast.mona.actor, now=START)
    real: Any = register.alter_item

    def breaks(item: Item, facts: Any, **how: Any) -> Any:
        if item.pk == two.pk and facts:
            raise ValidationError({"revision": "The register is away."})
        return real(item, facts, **how)

    monkeypatch.setattr(register, "alter_item", breaks)
    assert "revision" in refused(lambda: m.finish(cast, row, "deploy"))
    assert (revision(one), revision(two), m.step(row, "deploy").done_at) == ("2.3", "2.3", None)


@pytest.mark.req("REL-03", "REL-09")
def test_the_steps_have_their_order_and_the_decision_point_stands_between(cast: Cast) -> None:
    server = m.server(cast)
    row = m.deploying_one(cast, (m.change(cast, server), server))
    assert "Step deploy" in refused(lambda: m.finish(cast, row, "test"))["result"][0]
    assert "not decided to back out" in refused(lambda: m.finish(cast, row, "back_out"))["result"][0]
    m.finish(cast, row, "deploy")
    assert "Step test" in refused(lambda: m.decide(cast, row, "go"))["decision"][0]
    m.finish(cast, row, "test")
    assert "not decided to go on" in refused(lambda: m.finish(cast, row, "inform"))["result"][0]
    assert "Bob decides this" in refused(lambda: m.decide(cast, row, "go", by=cast.mona))["decision"][0]
    put = lambda: deploying.put_in_service(m.fresh(row), actor=cast.mona.actor, now=START + HOUR)  # noqa: E731
    assert set(refused(put)) == {"steps", "decision"}
    m.decide(cast, row, "go")
    m.finish(cast, row, "inform", "start")
    done = put()
    assert (done.state, done.outcome, done.decided_by) == ("monitoring", "success", cast.bob)
    assert done.monitor_until == START + HOUR + 14 * DAY


@pytest.mark.req("REL-09")
def test_a_release_that_is_backed_out_gives_its_items_their_former_revision(cast: Cast) -> None:
    server = m.server(cast)
    of = m.change(cast, server)
    row = m.deploying_one(cast, (of, server))
    m.finish(cast, row, "deploy")
    back = lambda: deploying.back_out(m.fresh(row), actor=cast.mona.actor, now=START + 2 * HOUR)  # noqa: E731
    assert set(refused(back)) == {"steps", "decision"}
    m.decide(cast, row, "back_out")
    assert "nothing more is deployed" in refused(lambda: m.finish(cast, row, "test"))["result"][0]
    assert set(refused(back)) == {"steps"}
    m.finish(cast, row, "back_out")
    assert revision(server) == "2.4"
    done = back()
    assert (done.state, done.outcome, revision(server)) == ("reporting", "backed_out", "2.3")
    kept = Alteration.objects.filter(item=server).order_by("-pk")[0]
    assert kept.authority == of.number
    assert row.release_items.get().backed_out_at == START + 2 * HOUR
    assert not row.bundled.filter(is_held=True).exists()


@pytest.mark.req("REL-09")
def test_a_failed_release_records_that_it_was_not_backed_out_and_why(cast: Cast) -> None:
    server = m.server(cast)
    row = m.deploying_one(cast, (m.change(cast, server), server))
    m.finish(cast, row, "deploy")
    give = lambda reason: deploying.give_up(row, reason=reason, actor=cast.mona.actor, now=START + HOUR)  # noqa: E731
    assert "reason" in refused(lambda: give(" "))
    done = give("The former version cannot read the new data.")
    assert (done.state, done.outcome, revision(server)) == ("reporting", "failed", "2.4")


@pytest.mark.req("REL-09")
def test_who_went_on_may_still_back_out_while_it_is_watched_but_not_over_somebodys_later_work(
    cast: Cast,
) -> None:
    server = m.server(cast)
    row = m.in_service(cast, (m.change(cast, server), server))
    m.decide(cast, row, "back_out")
    m.finish(cast, row, "back_out")
    Item.objects.filter(pk=server.pk).update(revision="2.5")
    back = lambda: deploying.back_out(m.fresh(row), actor=cast.mona.actor, now=START + DAY)  # noqa: E731
    assert "2.5 by now" in refused(back)["items"][0]
    Item.objects.filter(pk=server.pk).update(revision="2.4")
    assert (back().outcome, revision(server)) == ("backed_out", "2.3")


def race(work: Callable[[], str]) -> list[str]:
    start, found = Barrier(2), []

    def run() -> None:
        try:
            start.wait(timeout=30)
            found.append(work())
        except (IllegalMove, ValidationError):
            found.append("refused")
        finally:
            connection.close()

    threads = [Thread(target=run) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(found)


@pytest.mark.django_db(transaction=True)
def test_of_the_same_step_done_twice_at_once_one_counts() -> None:
    cast = make_cast()
    server = m.server(cast)
    row = m.deploying_one(cast, (m.change(cast, server), server))
    pk = m.step(row, "deploy").pk

    def work() -> str:
        deploying.finish_step(row, pk, result="done", actor=cast.mona.actor, now=START + HOUR)
        return "done"

    assert race(work) == ["done", "refused"]
    assert Activity.objects.filter(record=row.pk, verb="release.updated").count() == 1
    assert Alteration.objects.filter(item=server, authority__startswith="CHG", is_refused=False).count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_releases_that_take_the_same_change_at_once_one_gets_it() -> None:
    cast = make_cast()
    of = m.change(cast, m.server(cast))
    rows = iter([m.begun(cast), m.begun(cast, title="Other")])

    def work() -> str:
        m.bundle(cast, next(rows), of)
        return "bundled"

    assert race(work) == ["bundled", "refused"]
    assert ReleaseChange.objects.filter(change=of, is_held=True).count() == 1


# --- after the deployment ------------------------------------------------------------------------------


@pytest.mark.req("REL-05")
def test_operation_and_users_are_watched_for_the_period_and_lessons_are_recorded(cast: Cast) -> None:
    server = m.server(cast)
    row = m.in_service(cast, (m.change(cast, server), server))
    end = lambda now: reporting.end_monitoring(m.fresh(row), actor=cast.mona.actor, now=now)  # noqa: E731
    found = refused(lambda: end(START + DAY))
    assert (len(found["monitor_until"]), len(found["observations"])) == (1, 2)
    assert "said_by" in refused(
        lambda: reporting.observe(row, sort="feedback", words="x", actor=cast.alice.actor, now=START + DAY)
    )
    m.observe(cast, row, "feedback", "operation")
    assert end(START + 15 * DAY).state == "reporting"
    words = refused(
        lambda: reporting.hand_in(
            m.fresh(row), analysis="x", conclusions="y", actor=cast.mona.actor, now=START + 15 * DAY
        )
    )
    assert words == {"observations": ["Record what was learnt."]}


@pytest.mark.req("REL-06")
def test_incidents_within_the_period_are_proposed_and_decided_before_the_report(cast: Cast) -> None:
    server, stranger = m.server(cast), m.server(cast, "print-01")
    of = m.change(cast, server)
    row = m.in_service(cast, (of, server))
    service = of.change_services.get().service
    soon = START + DAY
    caused = make_incident(cast, title="caused")
    records.link(caused, of, kind=Link.Type.CAUSED_BY, actor=cast.alice.actor, now=soon)
    on_item = make_incident(cast, title="item", item=server, now=soon)
    on_service = make_incident(cast, title="service", service=service, now=soon)
    make_incident(cast, title="before", service=service, now=START - HOUR)
    make_incident(cast, title="late", service=service, now=START + 40 * DAY)
    other = make_incident(cast, title="elsewhere", service=None, item=stranger, now=soon)
    found = {(one.incident.pk, one.why) for one in related.proposed(row)}
    assert found == {(caused.pk, "change"), (on_item.pk, "item"), (on_service.pk, "service")}
    judge = lambda incident, is_related: reporting.judge_incident(  # noqa: E731
        row, incident=incident, is_related=is_related, words="Seen", actor=cast.alice.actor, now=soon
    )
    judge(caused, True)
    judge(on_service, False)
    assert judge(other, True).why == "named"
    m.observe(cast, row, "feedback", "operation", "lesson")
    reporting.end_monitoring(m.fresh(row), actor=cast.mona.actor, now=START + 15 * DAY)
    hand = lambda: reporting.hand_in(  # noqa: E731
        m.fresh(row), analysis="One server was slow.", conclusions="Warm up first.", actor=cast.mona.actor,
        now=START + 15 * DAY,
    )  # fmt: skip
    assert on_item.number in refused(hand)["incidents"][0]
    judge(on_item, True)
    assert hand().state == "reviewing"
    assert {one.incident_id for one in related.confirmed(row)} == {caused.pk, on_item.pk, other.pk}
    linked = Link.objects.filter(target=row.pk, type=Link.Type.CAUSED_BY).values_list("source", flat=True)
    assert set(linked) == {caused.pk, on_item.pk, other.pk}


@pytest.mark.req("REL-06")
def test_who_reported_does_not_review_the_conclusions(cast: Cast) -> None:
    server = m.server(cast)
    row = m.reported(cast, m.backed_out(cast, (m.change(cast, server), server)))
    review = lambda who, words="I agree.": reporting.review(  # noqa: E731
        row, words=words, actor=who.actor, now=START + 21 * DAY
    )
    assert "second person" in refused(lambda: review(cast.mona))["actor"][0]
    assert "words" in refused(lambda: review(cast.admin, " "))
    back = reporting.return_report(row, reason="Why?", actor=cast.admin.actor, now=START + 21 * DAY)
    assert back.state == "reporting"
    m.reported(cast, back)
    done = review(cast.admin)
    assert (done.state, done.reviewed_by, done.review_words) == ("closed", cast.admin, "I agree.")
    with pytest.raises(IntegrityError), transaction.atomic():
        Release.objects.filter(pk=row.pk).update(reviewed_by=cast.mona)
    assert not ReleaseIncident.objects.exists()


# --- who --------------------------------------------------------------------------------------------


def test_customers_know_no_release_and_agents_decide_none(cast: Cast) -> None:
    server = m.server(cast)
    row = m.ready(cast, (m.change(cast, server), server))
    for person in (cast.rita, cast.carla, cast.charlie):
        assert not Release.objects.visible_to(person.actor).exists()
        with pytest.raises(Denied):
            services.write(row, {"scope": "x"}, actor=person.actor, now=MONDAY, expected_version=None)
    with pytest.raises(Denied):
        deploying.deploy(row, actor=cast.alice.actor, now=START)
    with pytest.raises(Denied):
        m.begun(cast, actor=cast.alice.actor)
    with pytest.raises(Stale):
        services.replan(row, reason="x", actor=cast.mona.actor, now=MONDAY, expected_version=1)
    assert services.replan(row, reason="One more", actor=cast.mona.actor, now=MONDAY).state == "preparing"
