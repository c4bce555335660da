"""The life of a service transition: design, contract review, plan, readiness, switch, watch, end."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction

from accounts.access import Denied
from actions import services as actions
from agreements import papers
from catalog.models import Service, ServiceDependency
from records.lifecycle import IllegalMove
from records.models import Activity
from records.services import Stale
from releases import parting
from tests.cast import MONDAY, Cast, make_cast, make_incident
from tests.knowledge.made import make_article
from tests.planning import made as planning
from tests.transitions import made as m
from transitions import checklists, ending, gate, needs, services, templates
from transitions.models import ChecklistSignature, Exemption, Settlement, TemplateEdition, Transition

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def refused(act: Callable[[], Any]) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as error:
        act()
    found: dict[str, list[str]] = error.value.message_dict
    return found


# --- design ---------------------------------------------------------------------------------------


@pytest.mark.req("TRN-01")
def test_a_design_is_settled_with_requirement_analysis_and_service_plan_complete(cast: Cast) -> None:
    row = m.begun(cast, agreement=m.reviewed(cast), customer=cast.acme)
    settle = lambda: services.settle_design(m.fresh(row), actor=cast.mona.actor, now=MONDAY)  # noqa: E731
    assert set(refused(settle)) == set(m.DESIGN)
    m.write(cast, row, **{**m.DESIGN, "cost": ""})
    assert set(refused(settle)) == {"cost"}
    m.write(cast, row, cost="8,000 a month")
    assert settle().state == "preparing"
    assert m.fresh(row).level == "Gold."
    words = refused(lambda: m.write(cast, row, level="Silver."))
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
    assert "comes before a new service" in refused(settle)["agreement"][0]
    unreviewed = m.reviewed(cast, is_reviewed=False)
    m.write(cast, row, agreement=unreviewed)
    assert "Mail agreement" in refused(settle)["agreement"][0]
    papers.add(
        unreviewed.editions.get(), kind="contract_review", title="Review", approved_by="Ms Wang",
        approved_on=MONDAY.date(), actor=cast.mona.actor, now=MONDAY,
    )  # fmt: skip
    assert settle().state == "preparing"


def test_a_changed_service_needs_its_service_and_no_new_contract_review(cast: Cast) -> None:
    assert "about" in refused(lambda: m.begun(cast, nature="changed"))
    row = m.begun(cast, nature="changed", about=cast.mail)
    m.write(cast, row, **m.DESIGN)
    assert services.settle_design(m.fresh(row), actor=cast.mona.actor, now=MONDAY).state == "preparing"


def test_what_makes_no_sense_is_refused_when_it_is_begun(cast: Cast) -> None:
    assert "title" in refused(lambda: m.begun(cast, title=" "))
    assert "nature" in refused(lambda: m.begun(cast, nature="odd"))
    assert "predecessor" in refused(
        lambda: m.begun(cast, nature="changed", about=cast.mail, predecessor=cast.mail)
    )
    assert "agreement" in refused(lambda: m.begun(cast, customer=cast.globex, agreement=m.reviewed(cast)))
    assert "template" in refused(
        lambda: m.begun(cast, nature="changed", about=cast.mail, template=m.template(cast))
    )
    with pytest.raises(Denied):
        m.begun(cast, actor=cast.alice.actor)


# --- plan and readiness -----------------------------------------------------------------------------


@pytest.mark.req("TRN-02")
def test_the_implementation_begins_with_a_whole_plan(cast: Cast) -> None:
    row = m.ready(cast, m.designed(cast))
    begin = lambda: services.begin_switch(m.fresh(row), actor=cast.mona.actor, now=MONDAY)  # noqa: E731
    assert set(refused(begin)) == {"plan_goals", "scope", "effect", "members", "nodes", "risks"}
    m.planned(cast, row)
    node = row.nodes.get()
    assert (str(node), node.responsible, str(node.due_on)) == ("Switch", cast.alice, "2026-03-20")
    assert row.risks.get().measure == "Backup before"
    assert begin().state == "implementing"
    with pytest.raises(IllegalMove):
        m.add(cast, row, "members", person=cast.bob, duty="too late")


def test_a_member_is_named_once_and_what_is_planned_can_be_taken_out_until_it_is_done(cast: Cast) -> None:
    row = m.planned(cast, m.designed(cast))
    assert refused(lambda: m.add(cast, row, "members", person=cast.alice, duty="again"))["person"]
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
    assert refused(lambda: remove("nodes", node.pk))["row"]


@pytest.mark.req("TRN-03")
def test_readiness_is_five_points_each_with_evidence_by_somebody_at_a_time(cast: Cast) -> None:
    row = m.planned(cast, m.designed(cast))
    sorts = list(row.checks.values_list("sort", flat=True))
    assert sorts == [
        "design_document", "user_manual", "operating_guide", "team_trained", "environment", "other",
    ]  # fmt: skip
    begin = lambda: services.begin_switch(m.fresh(row), actor=cast.mona.actor, now=MONDAY)  # noqa: E731
    assert len(refused(begin)["checks"]) == 6
    first = row.checks.get(sort="user_manual")
    meet = lambda **how: parting.meet(  # noqa: E731
        row, first.pk, **{"evidence": "", **how}, rules=m.RULES, actor=cast.bob.actor, now=MONDAY
    )
    assert "evidence" in refused(meet)
    meet(attachments=[SimpleUploadedFile("manual.txt", b"press send")])
    first.refresh_from_db()
    assert first.attachment is not None
    assert (first.attachment.name, first.met_by, first.met_at) == ("manual.txt", cast.bob, MONDAY)
    assert "met already" in refused(lambda: meet(evidence="again"))["evidence"][0]
    m.ready(cast, row)
    assert begin().state == "implementing"


def test_a_point_that_is_not_met_any_more_hinders_again(cast: Cast) -> None:
    row = m.ready(cast, m.planned(cast, m.designed(cast)))
    check = row.checks.get(sort="environment")
    parting.unmeet(
        row, check.pk, reason="The rack lost power", rules=m.RULES, actor=cast.bob.actor, now=MONDAY
    )
    words = refused(lambda: services.begin_switch(row, actor=cast.mona.actor, now=MONDAY))
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
    assert len(refused(lambda: finish(switch.pk))["result"]) == 3
    for step in row.steps.exclude(sort="switch"):
        finish(step.pk)
    done = finish(switch.pk)
    assert (done.done_by, done.done_at, done.result) == (cast.alice, MONDAY + DAY, "ok")
    assert "already" in refused(lambda: finish(switch.pk))["result"][0]


@pytest.mark.req("TRN-04")
def test_the_old_service_takes_orders_until_the_new_one_is_live_and_not_longer(cast: Cast) -> None:
    service = m.new_mail(cast)
    row = m.planned(cast, m.designed(cast, about=service, predecessor=cast.mail))
    m.ready(cast, row)
    begin = lambda: services.begin_switch(m.fresh(row), actor=cast.mona.actor, now=MONDAY)  # noqa: E731
    assert set(refused(begin)) == {"continuity"}
    m.write(cast, row, continuity="Both run side by side for a week.")
    Service.objects.filter(pk=cast.mail.pk).update(unavailable_since=MONDAY)
    assert "takes no orders" in refused(begin)["predecessor"][0]
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
    assert "reason" in refused(lambda: services.step_back(row, reason=" ", actor=cast.mona.actor, now=MONDAY))
    assert services.step_back(row, reason="Rain", actor=cast.mona.actor, now=MONDAY).state == "preparing"
    assert cast.mail in Service.objects.orderable()


# --- take-over and acceptance -------------------------------------------------------------------------


@pytest.mark.req("TRN-07")
def test_take_over_and_acceptance_are_looked_at_point_by_point_and_signed_by_two_sides(cast: Cast) -> None:
    row = m.implementing(cast)
    first, second = row.checklists.all()
    assert [str(first), str(second)] == ["Take-over inspection", "Acceptance"]
    sign = lambda side, person, pk=first.pk: checklists.sign(  # noqa: E731
        row, pk, side=side, person=person, role="Manager", actor=cast.mona.actor, now=MONDAY
    )
    assert "looked at" in refused(lambda: sign("handing", "Alice"))["person"][0]
    one, two = first.points.all()
    look = lambda found: checklists.look(row, first.pk, found, actor=cast.alice.actor, now=MONDAY)  # noqa: E731
    assert "follows from the defect" in refused(lambda: look({one.pk: ("defect", "")}))["found"][0]
    look({one.pk: ("defect", "Two accounts are missing; by Friday"), two.pk: ("good", "")})
    kept = sign("handing", "Alice")
    assert kept.sha256 == checklists.fingerprint(first)
    assert "signed already" in refused(lambda: sign("handing", "Bob"))["side"][0]
    assert "two people" in refused(lambda: sign("taking", "alice"))["person"][0]
    assert "stand" in refused(lambda: look({one.pk: ("good", "")}))["found"][0]
    assert (
        "stand"
        in refused(
            lambda: checklists.add_point(row, first.pk, title="More", actor=cast.alice.actor, now=MONDAY)
        )["found"][0]
    )
    sign("taking", "Carla")
    m.carried_out(cast, row)
    words = refused(lambda: services.go_live(row, actor=cast.mona.actor, now=MONDAY))
    assert words["checklists"] == ["Acceptance: not signed by both sides yet."]
    with pytest.raises(Denied):
        checklists.sign(
            row, second.pk, side="taking", person="Carla", role="IT", actor=cast.alice.actor, now=MONDAY
        )


@pytest.mark.req("TRN-07")
def test_a_checklist_that_was_meddled_with_no_longer_fits_its_signature(cast: Cast) -> None:
    row = m.implementing(cast)
    m.signed(cast, row)
    first = row.checklists.all()[0]
    kept = first.signatures.all()[0]
    assert kept.sha256 == checklists.fingerprint(first)
    first.points.update(found="na")
    assert kept.sha256 != checklists.fingerprint(first)
    with pytest.raises(DatabaseError), transaction.atomic():
        ChecklistSignature.objects.update(person="Somebody else")


# --- the gate -------------------------------------------------------------------------------------


def keys(row: Transition) -> list[str]:
    return [point.key for point in gate.missing(m.fresh(row), MONDAY)]


@pytest.mark.req("TRN-08")
def test_the_gate_lists_live_what_is_missing_each_with_where_it_is_made(cast: Cast) -> None:
    row = m.implementing(cast)
    assert keys(row) == ["commitment", "catalogue", "items", "knowledge", "training", "monitoring"]
    assert [point.url for point in gate.points(row, MONDAY)][:3] == [
        "/agreements/", "/catalogue/new/", "/configuration/",
    ]  # fmt: skip
    service = m.new_mail(cast)
    Transition.objects.filter(pk=row.pk).update(about=service)
    m.complete(cast, row, service)
    m.carried_out(cast, row)
    assert keys(row) == ["commitment"]
    Transition.objects.filter(pk=row.pk).update(agreement=cast.agreement.agreement)
    assert keys(row) == []


@pytest.mark.req("TRN-08")
def test_going_live_with_something_missing_is_refused_unless_exempted_by_name(cast: Cast) -> None:
    service = m.new_mail(cast)
    row = m.implementing(cast, about=service)
    m.carried_out(cast, row)
    m.signed(cast, row)
    live = lambda: services.go_live(row, actor=cast.mona.actor, now=MONDAY)  # noqa: E731
    assert len(refused(live)["gate"]) == 5
    m.complete(cast, row, service)
    assert "Agreement or service commitment" in refused(live)["gate"][0]
    assert m.fresh(row).state == "implementing"
    exempt = lambda point="commitment", reason="Signed on Friday": services.exempt(  # noqa: E731
        row, point=point, reason=reason, actor=cast.mona.actor, now=MONDAY
    )
    assert "reason" in refused(lambda: exempt(reason=""))
    assert "not missing" in refused(lambda: exempt("items"))["point"][0]
    with pytest.raises(Denied):
        services.exempt(row, point="commitment", reason="x", actor=cast.alice.actor, now=MONDAY)
    exempt()
    moved = live()
    assert (moved.state, moved.live_at, moved.watch_until) == ("watching", MONDAY, MONDAY + 10 * DAY)
    kept = Exemption.objects.get()
    assert (kept.decided_by, kept.reason) == (cast.mona, "Signed on Friday")
    with pytest.raises(DatabaseError), transaction.atomic():
        kept.delete()


@pytest.mark.req("TRN-08")
def test_what_disappears_before_going_live_is_missing_again(cast: Cast) -> None:
    service = m.new_mail(cast)
    row = m.implementing(cast, about=service)
    m.carried_out(cast, row)
    m.signed(cast, row)
    m.complete(cast, row, service)
    services.exempt(row, point="commitment", reason="later", actor=cast.mona.actor, now=MONDAY)
    assert keys(row) == []
    service.is_published = False
    service.save()
    words = refused(lambda: services.go_live(row, actor=cast.mona.actor, now=MONDAY))
    assert list(words) == ["gate"]
    assert "is not published" in words["gate"][0]


@pytest.mark.django_db(transaction=True)
def test_of_two_go_lives_at_once_one_is_done() -> None:
    cast = make_cast()
    service = m.new_mail(cast)
    row = m.implementing(cast, about=service)
    m.carried_out(cast, row)
    m.signed(cast, row)
    m.complete(cast, row, service)
    services.exempt(row, point="commitment", reason="later", actor=cast.mona.actor, now=MONDAY)
    start, found = Barrier(2), []

    def work() -> None:
        try:
            start.wait(timeout=30)
            services.go_live(row, actor=cast.mona.actor, now=MONDAY)
            found.append("live")
        except IllegalMove:
            found.append("refused")
        finally:
            connection.close()

    threads = [Thread(target=work) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == ["live", "refused"]
    assert Activity.objects.filter(record=row.pk, verb="transition.go_live").count() == 1


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
    words = refused(lambda: close(MONDAY + DAY))
    assert (len(words["watch_until"]), len(words["observations"])) == (1, 3)
    see = lambda sort, said_by="": services.observe(  # noqa: E731
        row, sort=sort, words="Well", said_by=said_by, actor=cast.alice.actor, now=MONDAY + DAY
    )
    assert "said_by" in refused(lambda: see("feedback"))
    see("feedback", "Carla")
    see("operation")
    lesson = see("lesson")
    action = actions.open_action(
        source="review", title="Train earlier", description="", responsible=cast.alice,
        due_on=(MONDAY + 9 * DAY).date(), actor=cast.mona.actor, now=MONDAY + DAY, cause=row,
    )  # fmt: skip
    services.follow(lesson, led_to=action, actor=cast.alice.actor, now=MONDAY + DAY)
    assert list(refused(lambda: close(MONDAY + 9 * DAY))) == ["watch_until"]
    closed = close(MONDAY + 10 * DAY)
    assert (closed.state, closed.conclusion) == ("closed", "It went well.")
    lesson.refresh_from_db()
    assert lesson.led_to_id == action.pk


# --- retirement -------------------------------------------------------------------------------------


def retiring(cast: Cast) -> Transition:
    row = m.begun(cast, nature="retired", about=cast.mail, title="Old mail ends")
    m.write(cast, row, business_process="Nobody's any more", goals="Replaced", last_day=(MONDAY + DAY).date())
    services.settle_design(m.fresh(row), actor=cast.mona.actor, now=MONDAY)
    m.planned(cast, row)
    m.add(cast, row, "steps", sort="switch", title="Switch it off")
    m.ready(cast, row)
    return services.begin_switch(m.fresh(row), actor=cast.mona.actor, now=MONDAY)


def notice(cast: Cast, row: Transition, **over: Any) -> Any:
    facts = {"text_en": "Use the new mail.", "text_zh": "请使用新邮件。", "last_day": (MONDAY + DAY).date()}
    return ending.give_notice(row, **{**facts, **over}, actor=cast.admin.actor, now=MONDAY)


@pytest.mark.req("TRN-09")
def test_a_service_is_taken_out_once_customers_know_and_all_that_names_it_is_dealt_with(cast: Cast) -> None:
    ticket = make_incident(cast, service=cast.mail)
    item = m.item_of(cast, cast.mail)
    article = make_article(cast, services=[cast.mail])
    rule = m.watched(cast, cast.mail)
    row = retiring(cast)
    m.carried_out(cast, row)
    out = lambda now=MONDAY + DAY: services.take_out(row, actor=cast.admin.actor, now=now)  # noqa: E731
    words = refused(lambda: out(MONDAY))
    assert (len(words["notice"]), len(words["last_day"]), len(words["things"])) == (1, 1, 4)
    found = [thing.key for thing in ending.things(row, cast.admin.actor, MONDAY)]
    assert found == [
        f"ticket:{ticket.number}", f"item:{item.number}", f"article:{article.number}", f"rule:{rule.pk}",
    ]  # fmt: skip
    told = notice(cast, row)
    row = m.fresh(row)
    copies = told.copies.all() if hasattr(told, "copies") else []
    assert (told.state, row.notice_id) == ("published", told.pk)
    assert told.told.sort == "notice"
    assert "told with" in refused(lambda: notice(cast, row))["text_en"][0]
    assert copies is not None
    rule.is_active = False
    rule.save()
    for key in found[:3]:
        settle = lambda key=key: ending.settle(  # noqa: E731
            row, thing=key, words="Goes on with the new mail", actor=cast.admin.actor, now=MONDAY
        )
        settle()
        assert "settled already" in refused(settle)["thing"][0]
    assert Settlement.objects.count() == 3
    moved = out()
    service = Service.objects.get(pk=cast.mail.pk)
    assert (moved.state, service.is_published, service.withdrawn_at) == ("watching", False, MONDAY + DAY)
    assert service.withdrawal_reason.startswith(row.number)


@pytest.mark.req("TRN-09")
def test_a_service_that_others_rest_on_or_agreements_name_is_not_settled_by_words(cast: Cast) -> None:
    other = m.new_mail(cast, is_published=True)
    ServiceDependency.objects.create(service=other, rests_on=cast.mail)
    row = retiring(cast)
    m.carried_out(cast, row)
    notice(cast, row)
    words = refused(
        lambda: ending.settle(row, thing="service:mail-2", words="x", actor=cast.admin.actor, now=MONDAY)
    )
    assert "no more" in words["thing"][0]
    late = MONDAY + DAY
    assert "New mail" in refused(
        lambda: services.take_out(row, actor=cast.admin.actor, now=late)
    )["things"][0]  # fmt: skip
    ServiceDependency.objects.all().delete()
    assert services.take_out(row, actor=cast.admin.actor, now=late).state == "watching"


def test_what_is_live_is_not_taken_out_and_what_ends_does_not_go_live(cast: Cast) -> None:
    with pytest.raises(IllegalMove):
        services.go_live(retiring(cast), actor=cast.admin.actor, now=MONDAY + DAY)
    with pytest.raises(IllegalMove):
        services.take_out(m.implementing(cast), actor=cast.admin.actor, now=MONDAY)


# --- templates ------------------------------------------------------------------------------------


@pytest.mark.req("TRN-10")
def test_a_transition_keeps_the_edition_of_the_template_it_was_begun_from(cast: Cast) -> None:
    first = m.template(cast)
    row = m.begun(cast, template=first)
    assert next((s.sort, s.title, s.title_zh) for s in row.steps.all()) == (
        "deploy", "Deploy to production", "部署到生产环境",
    )  # fmt: skip
    assert [str(p) for c in row.checklists.all() for p in c.points.all()] == [
        "Accounts handed over", "Licences handed over", "Mail arrives within a minute",
    ]  # fmt: skip
    assert row.watch_days == 10
    flow = {**m.FLOW, "rules_en": "Never on a Friday nor on a Monday."}
    revise = lambda **over: templates.revise(  # noqa: E731
        first.template, **{"flow": flow, "reason": "Monday", "actor": cast.mona.actor, "now": MONDAY, **over}
    )
    second = revise(expected=1)
    assert (second.number, templates.newest(first.template)) == (2, second)
    assert m.fresh(row).template_edition == first
    assert "the same" in refused(revise)["reason"][0]
    assert "meanwhile" in refused(lambda: revise(flow=m.FLOW, expected=1))["reason"][0]
    with pytest.raises(DatabaseError), transaction.atomic():
        TemplateEdition.objects.update(number=9)
    with pytest.raises(Denied):
        revise(actor=cast.alice.actor)


@pytest.mark.req("TRN-10")
def test_a_template_without_rules_or_without_a_kind_of_step_is_refused(cast: Cast) -> None:
    steps = {**m.FLOW["steps"], "train": []}
    assert "train" in refused(lambda: m.template(cast, flow={"steps": steps}))
    assert "rules_zh" in refused(lambda: m.template(cast, flow={"rules_en": "", "rules_zh": ""}))
    assert "days" in refused(lambda: m.template(cast, flow={"days": 0}))
    m.template(cast)
    assert "code" in refused(lambda: m.template(cast))


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
