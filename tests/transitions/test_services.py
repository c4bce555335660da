"""The life of a service transition: design, contract review, plan, readiness, switch, watch."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.access import Denied
from actions import services as actions
from agreements import papers
from catalog.models import Service
from records.lifecycle import IllegalMove
from records.models import Activity
from records.services import Stale
from releases import parting
from tests.cast import MONDAY, Cast
from tests.planning import made as planning
from tests.transitions import made as m
from transitions import needs, services
from transitions.models import Transition

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


# --- design ---------------------------------------------------------------------------------------


@pytest.mark.req("TRN-01")
def test_a_design_is_settled_with_requirement_analysis_and_service_plan_complete(cast: Cast) -> None:
    row = m.begun(cast, agreement=m.reviewed(cast), customer=cast.acme)
    settle = lambda: services.settle_design(m.fresh(row), actor=cast.mona.actor, now=MONDAY)  # noqa: E731
    assert set(m.refused(settle)) == set(m.DESIGN)
    m.write(cast, row, **{**m.DESIGN, "cost": ""})
    assert set(m.refused(settle)) == {"cost"}
    m.write(cast, row, cost="8,000 a month")
    assert settle().state == "preparing"
    assert m.fresh(row).level == "Gold."
    words = m.refused(lambda: m.write(cast, row, level="Silver."))
    assert words["level"] == ["The design is settled."]


@pytest.mark.req("TRN-01")
def test_what_planning_wrote_down_before_the_agreement_is_named_and_not_copied(cast: Cast) -> None:
    requirement = planning.planned(cast)
    row = m.begun(cast, requirement=requirement, customer=cast.acme)
    covered = needs.planned_before(row)
    assert set(covered) == {"goals", "indicators", "level", "content", "standard"}
    assert covered["goals"] == "baseline 1"
    left = {need.field for need in needs.of_design(row, MONDAY)}
    assert left == {"business_process", "cost", "period", "staffing", "agreement"}
    assert row.goals == ""


@pytest.mark.req("TRN-06")
def test_a_new_service_is_not_designed_to_the_end_before_the_contract_was_reviewed(cast: Cast) -> None:
    row = m.begun(cast, customer=cast.acme)
    m.write(cast, row, **m.DESIGN)
    settle = lambda: services.settle_design(m.fresh(row), actor=cast.mona.actor, now=MONDAY)  # noqa: E731
    assert "comes before a new service" in m.refused(settle)["agreement"][0]
    unreviewed = m.reviewed(cast, is_reviewed=False)
    m.write(cast, row, agreement=unreviewed)
    assert "Mail agreement" in m.refused(settle)["agreement"][0]
    papers.add(
        unreviewed.editions.get(), kind="contract_review", title="Review", approved_by="Ms Wang",
        approved_on=MONDAY.date(), actor=cast.mona.actor, now=MONDAY,
    )  # fmt: skip
    assert settle().state == "preparing"


def test_a_changed_service_needs_its_service_and_no_new_contract_review(cast: Cast) -> None:
    assert "about" in m.refused(lambda: m.begun(cast, nature="changed"))
    row = m.begun(cast, nature="changed", about=cast.mail)
    m.write(cast, row, **m.DESIGN)
    assert services.settle_design(m.fresh(row), actor=cast.mona.actor, now=MONDAY).state == "preparing"


def test_what_makes_no_sense_is_refused_when_it_is_begun(cast: Cast) -> None:
    assert "title" in m.refused(lambda: m.begun(cast, title=" "))
    assert "nature" in m.refused(lambda: m.begun(cast, nature="odd"))
    assert "predecessor" in m.refused(
        lambda: m.begun(cast, nature="changed", about=cast.mail, predecessor=cast.mail)
    )
    assert "agreement" in m.refused(lambda: m.begun(cast, customer=cast.globex, agreement=m.reviewed(cast)))
    assert "template" in m.refused(
        lambda: m.begun(cast, nature="changed", about=cast.mail, template=m.template(cast))
    )
    with pytest.raises(Denied):
        m.begun(cast, actor=cast.alice.actor)


# --- plan and readiness -----------------------------------------------------------------------------


@pytest.mark.req("TRN-02")
def test_the_implementation_begins_with_a_whole_plan(cast: Cast) -> None:
    row = m.ready(cast, m.designed(cast))
    begin = lambda: services.begin_switch(m.fresh(row), actor=cast.mona.actor, now=MONDAY)  # noqa: E731
    assert set(m.refused(begin)) == {"plan_goals", "scope", "effect", "members", "nodes", "risks"}
    m.planned(cast, row)
    node = row.nodes.get()
    assert (str(node), node.responsible, str(node.due_on)) == ("Switch", cast.alice, "2026-03-20")
    assert row.risks.get().measure == "Backup before"
    assert begin().state == "implementing"
    with pytest.raises(IllegalMove):
        m.add(cast, row, "members", person=cast.bob, duty="too late")


def test_a_member_is_named_once_and_what_is_planned_can_be_taken_out_until_it_is_done(cast: Cast) -> None:
    row = m.planned(cast, m.designed(cast))
    assert m.refused(lambda: m.add(cast, row, "members", person=cast.alice, duty="again"))["person"]
    member, node = row.members.get(), row.nodes.get()
    remove = lambda part, pk: parting.remove(  # noqa: E731
        row, part, pk, rules=m.RULES, actor=cast.alice.actor, now=MONDAY
    )
    remove("members", member.pk)
    assert not row.members.exists()
    parting.reach(row, node.pk, rules=m.RULES, actor=cast.bob.actor, now=MONDAY)
    parting.reach(row, node.pk, rules=m.RULES, actor=cast.alice.actor, now=MONDAY + DAY)
    node.refresh_from_db()
    assert (node.done_by, node.done_at) == (cast.bob, MONDAY)
    assert m.refused(lambda: remove("nodes", node.pk))["row"]


@pytest.mark.req("TRN-03")
def test_readiness_is_five_points_each_with_evidence_by_somebody_at_a_time(cast: Cast) -> None:
    row = m.planned(cast, m.designed(cast))
    sorts = list(row.checks.values_list("sort", flat=True))
    assert sorts == [
        "design_document", "user_manual", "operating_guide", "team_trained", "environment", "other",
    ]  # fmt: skip
    begin = lambda: services.begin_switch(m.fresh(row), actor=cast.mona.actor, now=MONDAY)  # noqa: E731
    assert len(m.refused(begin)["checks"]) == 6
    first = row.checks.get(sort="user_manual")
    meet = lambda **how: parting.meet(  # noqa: E731
        row, first.pk, **{"evidence": "", **how}, rules=m.RULES, actor=cast.bob.actor, now=MONDAY
    )
    assert "evidence" in m.refused(meet)
    meet(attachments=[SimpleUploadedFile("manual.txt", b"press send")])
    first.refresh_from_db()
    assert first.attachment is not None
    assert (first.attachment.name, first.met_by, first.met_at) == ("manual.txt", cast.bob, MONDAY)
    assert "met already" in m.refused(lambda: meet(evidence="again"))["evidence"][0]
    m.ready(cast, row)
    assert begin().state == "implementing"


def test_a_point_that_is_not_met_any_more_hinders_again(cast: Cast) -> None:
    row = m.ready(cast, m.planned(cast, m.designed(cast)))
    check = row.checks.get(sort="environment")
    parting.unmeet(
        row, check.pk, reason="The rack lost power", rules=m.RULES, actor=cast.bob.actor, now=MONDAY
    )
    words = m.refused(lambda: services.begin_switch(row, actor=cast.mona.actor, now=MONDAY))
    assert words["checks"] == ["Not ready yet: Environment available."]
    assert Activity.objects.get(record=row.pk, verb="transition.unmet").text == "The rack lost power"


# --- implementation ---------------------------------------------------------------------------------


@pytest.mark.req("TRN-04")
def test_nobody_is_switched_before_deployment_test_and_training(cast: Cast) -> None:
    row = m.implementing(cast)
    switch = row.steps.get(sort="switch")
    finish = lambda pk: services.finish_step(  # noqa: E731
        row, pk, result="ok", actor=cast.alice.actor, now=MONDAY + DAY
    )
    assert len(m.refused(lambda: finish(switch.pk))["result"]) == 3
    for step in row.steps.exclude(sort="switch"):
        finish(step.pk)
    done = finish(switch.pk)
    assert (done.done_by, done.done_at, done.result) == (cast.alice, MONDAY + DAY, "ok")
    assert "already" in m.refused(lambda: finish(switch.pk))["result"][0]


@pytest.mark.req("TRN-04")
def test_the_old_service_takes_orders_until_the_new_one_is_live_and_not_longer(cast: Cast) -> None:
    service = m.new_mail(cast)
    row = m.planned(cast, m.designed(cast, about=service, predecessor=cast.mail))
    m.ready(cast, row)
    begin = lambda: services.begin_switch(m.fresh(row), actor=cast.mona.actor, now=MONDAY)  # noqa: E731
    assert set(m.refused(begin)) == {"continuity"}
    m.write(cast, row, continuity="Both run side by side for a week.")
    Service.objects.filter(pk=cast.mail.pk).update(unavailable_since=MONDAY)
    assert "takes no orders" in m.refused(begin)["predecessor"][0]
    Service.objects.filter(pk=cast.mail.pk).update(unavailable_since=None)
    row = begin()
    m.carried_out(cast, row)
    m.signed(cast, row)
    m.complete(cast, row, service)
    services.exempt(row, point="commitment", reason="Signed next week", actor=cast.mona.actor, now=MONDAY)
    assert cast.mail in Service.objects.orderable()
    services.go_live(row, actor=cast.mona.actor, now=MONDAY + DAY)
    old = Service.objects.get(pk=cast.mail.pk)
    assert (old.unavailable_since, old.unavailable_en) == (MONDAY + DAY, "Replaced by New mail.")


def test_a_switch_that_is_put_off_goes_back_to_the_preparation_and_the_old_service_goes_on(
    cast: Cast,
) -> None:
    row = m.implementing(cast)
    assert "reason" in m.refused(
        lambda: services.step_back(row, reason=" ", actor=cast.mona.actor, now=MONDAY)
    )
    assert services.step_back(row, reason="Rain", actor=cast.mona.actor, now=MONDAY).state == "preparing"
    assert cast.mail in Service.objects.orderable()


# --- watch ----------------------------------------------------------------------------------------


def live(cast: Cast) -> Transition:
    service = m.new_mail(cast)
    row = m.implementing(cast, about=service)
    m.carried_out(cast, row)
    m.signed(cast, row)
    m.complete(cast, row, service)
    services.exempt(row, point="commitment", reason="later", actor=cast.mona.actor, now=MONDAY)
    return services.go_live(row, actor=cast.mona.actor, now=MONDAY)


@pytest.mark.req("TRN-05")
def test_it_is_closed_after_the_watch_with_operation_feedback_and_lessons(cast: Cast) -> None:
    row = live(cast)
    close = lambda now: services.end_watch(  # noqa: E731
        row, conclusion="It went well.", actor=cast.mona.actor, now=now
    )
    words = m.refused(lambda: close(MONDAY + DAY))
    assert (len(words["watch_until"]), len(words["observations"])) == (1, 3)
    see = lambda sort, said_by="": services.observe(  # noqa: E731
        row, sort=sort, words="Well", said_by=said_by, actor=cast.alice.actor, now=MONDAY + DAY
    )
    assert "said_by" in m.refused(lambda: see("feedback"))
    see("feedback", "Carla")
    see("operation")
    lesson = see("lesson")
    action = actions.open_action(
        source="review", title="Train earlier", description="", responsible=cast.alice,
        due_on=(MONDAY + 9 * DAY).date(), actor=cast.mona.actor, now=MONDAY + DAY, cause=row,
    )  # fmt: skip
    services.follow(lesson, led_to=action, actor=cast.alice.actor, now=MONDAY + DAY)
    assert list(m.refused(lambda: close(MONDAY + 9 * DAY))) == ["watch_until"]
    closed = close(MONDAY + 10 * DAY)
    assert (closed.state, closed.conclusion) == ("closed", "It went well.")
    lesson.refresh_from_db()
    assert lesson.led_to_id == action.pk


# --- who, and at the same time ---------------------------------------------------------------------


def test_whoever_writes_what_somebody_changed_meanwhile_is_told(cast: Cast) -> None:
    row = m.begun(cast)
    m.write(cast, row, goals="A")
    with pytest.raises(Stale):
        services.write(row, {"goals": "B"}, actor=cast.bob.actor, now=MONDAY, expected_version=row.version)
    before = m.fresh(row).version
    m.write(cast, row, goals="A")
    assert m.fresh(row).version == before


def test_customers_know_no_transition_and_agents_decide_none(cast: Cast) -> None:
    row = m.designed(cast)
    for person in (cast.rita, cast.carla, cast.charlie):
        assert not Transition.objects.visible_to(person.actor).exists()
        with pytest.raises(Denied):
            m.write(cast, row, by=person, scope="x")
    with pytest.raises(Denied):
        services.abandon(row, reason="x", actor=cast.alice.actor, now=MONDAY)
    gone = services.abandon(row, reason="No budget", actor=cast.mona.actor, now=MONDAY)
    assert (gone.state, gone.phase) == ("cancelled", "done")
