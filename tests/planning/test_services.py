"""The life of a service level requirement: who may do what, what is kept, what hinders going on."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import InternalError, transaction

from accounts.access import Denied
from agreements import services as agreements
from agreements.models import Edition
from planning import agreeing, designs, services, standards
from planning.models import Baseline, Design, ImplementationStandard, PlanningCheck, ServiceLevelRequirement
from records.lifecycle import IllegalMove
from records.models import Activity, Delivery, Link
from records.services import Stale
from sla.models import Agreement, ServicePackage
from tests.cast import MONDAY, Cast
from tests.planning import made as m

pytestmark = pytest.mark.django_db


def refused(act: Callable[[], Any]) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as error:
        act()
    found: dict[str, list[str]] = error.value.message_dict
    return found


# --- raised ---------------------------------------------------------------------------------------


@pytest.mark.req("SLM-02")
def test_a_need_keeps_what_it_comes_from_and_is_put_into_its_language(cast: Cast) -> None:
    row = m.need(cast, trigger="renewal", expectation="周末也要能收发邮件。", wished_hours="Mon to Sun")
    assert (row.number[:3], row.state, row.trigger) == ("SLR", "raised", "renewal")
    assert row.content["expectation"] == {"en": "", "zh": "周末也要能收发邮件。"}
    assert row.content["hours"] == {"en": "Mon to Sun", "zh": ""}
    assert row.content["services"] == ["mail"]
    assert Delivery.objects.filter(activity__verb="requirement.open").count() == 0  # mona raised it herself


@pytest.mark.req("SLM-49")
def test_the_customers_manager_raises_a_need_of_the_own_organisation_only(cast: Cast) -> None:
    upload = SimpleUploadedFile("why.txt", b"why")
    row = m.need(cast, actor=cast.carla.actor, attachments=[upload])
    assert row.inputs.get().kind == "demand"
    assert Activity.objects.get(record=row, verb="requirement.open").deliveries.filter(recipient=cast.mona)
    for person, customer in ((cast.rita, cast.acme), (cast.charlie, cast.acme), (cast.alice, cast.acme)):
        with pytest.raises(Denied):
            m.need(cast, actor=person.actor, customer=customer)
    visible = ServiceLevelRequirement.objects.visible_to
    assert list(visible(cast.carla.actor)) == [row]
    assert [visible(p.actor).count() for p in (cast.rita, cast.charlie)] == [0, 0]


def test_what_the_provider_raises_customers_do_not_see_unless_they_follow_it(cast: Cast) -> None:
    m.need(cast)
    followed = m.need(cast, contact=cast.carla)
    assert list(ServiceLevelRequirement.objects.visible_to(cast.carla.actor)) == [followed]
    assert "contact" in refused(lambda: m.need(cast, contact=cast.charlie))


def test_a_need_without_words_or_about_somebody_elses_agreement_is_refused(cast: Cast) -> None:
    other = Agreement.objects.create(code="other", customer=cast.globex, name_en="Other", name_zh="其他")
    assert "title" in refused(lambda: m.need(cast, title=" "))
    assert "expectation" in refused(lambda: m.need(cast, expectation=""))
    assert "trigger" in refused(lambda: m.need(cast, trigger="mood"))
    assert "agreement" in refused(lambda: m.need(cast, agreement=other))
    assert "customer" in refused(lambda: m.need(cast, customer=cast.provider))


# --- baseline -------------------------------------------------------------------------------------


@pytest.mark.req("SLM-01")
def test_a_baseline_needs_all_nine_parts(cast: Cast) -> None:
    row = services.define(m.need(cast), responsible=cast.mona, actor=cast.mona.actor, now=MONDAY)
    words = refused(lambda: services.fix_baseline(row, actor=cast.mona.actor, now=MONDAY))["content"][0]
    assert "Way of delivery" in words
    assert "Expectation" not in words
    m.amend(cast, row, **m.CONTENT)
    assert services.fix_baseline(row, actor=cast.mona.actor, now=MONDAY).state == "fixed"
    assert Baseline.objects.get().content == m.fresh(row).content


def test_codes_nobody_knows_are_refused(cast: Cast) -> None:
    row = services.define(m.need(cast), responsible=cast.mona, actor=cast.mona.actor, now=MONDAY)
    for name, value in (("calendar", "moon"), ("departments", ["moon"]), ("services", ["moon"])):
        assert name in refused(partial(m.amend, cast, row, **{name: value}))
    assert "measures[0].unit" in refused(lambda: m.amend(cast, row, measures=[{**m.UPTIME, "unit": "x"}]))


@pytest.mark.req("SLM-04")
def test_later_changes_are_kept_against_the_baseline_with_their_reason(cast: Cast) -> None:
    row = m.fixed(cast)
    more = [{**m.RESOLUTION, "value": 4}, m.UPTIME]
    assert "reason" in refused(lambda: m.amend(cast, row, measures=more))
    m.amend(cast, row, measures=more, reason="The plant runs in shifts now")
    kept = row.changes.get()
    assert (kept.reason, kept.baseline.number) == ("The plant runs in shifts now", 1)
    assert [c["place"] for c in kept.changes] == ["measures/resolution//1"]
    assert Baseline.objects.get().content["measures"][0]["value"] == 8
    assert [c.place for c in designs.changes_since(m.fresh(row))] == ["measures/resolution//1"]
    m.amend(cast, row, measures=more, reason="Again")
    assert row.changes.count() == 1


@pytest.mark.req("SLM-04")
def test_a_new_baseline_needs_a_change_a_reason_and_a_second_person(cast: Cast) -> None:
    row = m.fixed(cast)

    def again(who: Any, reason: str = "Shifts") -> Any:
        return services.fix_baseline(row, reason=reason, actor=who.actor, now=MONDAY)

    assert "content" in refused(lambda: again(cast.admin))
    m.amend(cast, row, hours={"en": "Always", "zh": "全天"}, reason="Shifts")
    assert "actor" in refused(lambda: again(cast.mona))
    assert "reason" in refused(lambda: again(cast.admin, " "))
    assert again(cast.admin).state == "fixed"
    assert list(row.baselines.values_list("number", "reason")) == [(2, "Shifts"), (1, "")]
    assert designs.changes_since(m.fresh(row)) == []


@pytest.mark.parametrize("act", ["update", "delete"])
def test_the_database_keeps_baselines_and_changes(cast: Cast, act: str) -> None:
    row = m.fixed(cast)
    m.amend(cast, row, hours=m.EN | {"en": "Always"}, reason="Shifts")
    for kept in (row.baselines.all(), row.changes.all()):
        with pytest.raises(InternalError), transaction.atomic():
            kept.update(reason="Other") if act == "update" else kept._raw_delete(kept.db)
    assert row.baselines.get().reason == ""


def test_who_is_second_to_save_is_told(cast: Cast) -> None:
    row = m.defined(cast)
    with pytest.raises(Stale):
        services.amend(row, m.CONTENT, actor=cast.mona.actor, now=MONDAY, expected_version=row.version - 1)
    assert m.fresh(row).version == row.version


# --- design ---------------------------------------------------------------------------------------


@pytest.mark.req("SLM-05")
def test_what_is_not_translated_hinders_approval_and_planning(cast: Cast) -> None:
    row = m.fixed(cast)
    m.write(cast, row, "specification", m.SPEC[:2])

    def approve() -> Any:
        return designs.approve(row, "specification", actor=cast.admin.actor, now=MONDAY)

    assert "Resolution" in refused(approve)["rows"][0]
    assert any("Availability" in words for words in designs.hindrances(m.fresh(row)))
    m.write(cast, row, "specification", m.SPEC)
    assert Design.objects.get().number == 1
    assert approve().approved_by == cast.admin
    assert not any("Availability" in words for words in designs.hindrances(m.fresh(row)))


@pytest.mark.req("SLM-06")
@pytest.mark.parametrize(("kind", "rows"), [("specification", m.SPEC), ("quality", m.QUALITY)])
def test_a_sheet_is_approved_by_a_second_person_and_closed_with_it(cast: Cast, kind: str, rows: Any) -> None:
    row = m.fixed(cast)
    assert "rows" in refused(lambda: designs.approve(row, kind, actor=cast.admin.actor, now=MONDAY))
    m.write(cast, row, kind, rows)
    assert "actor" in refused(lambda: designs.approve(row, kind, actor=cast.mona.actor, now=MONDAY))
    designs.approve(row, kind, actor=cast.admin.actor, now=MONDAY)
    with pytest.raises(InternalError), transaction.atomic():
        Design.objects.update(rows=[])
    m.write(cast, row, kind, [{**rows[0], "team": "second"}, *rows[1:]])
    assert list(row.designs.values_list("number", "approved_by")) == [(2, None), (1, cast.admin.pk)]


def test_a_sheet_naming_unknown_teams_is_refused(cast: Cast) -> None:
    row = m.fixed(cast)
    assert "rows" in refused(lambda: m.write(cast, row, "quality", [{**m.QUALITY[0], "team": "moon"}]))
    assert "rows[0].requirement" in refused(
        lambda: m.write(cast, row, "specification", [{**m.SPEC[0], "requirement": "delivery"}])
    )


@pytest.mark.req("SLM-58")
def test_the_planning_document_is_checked_by_the_service_level_manager(cast: Cast) -> None:
    row = m.fixed(cast)
    mine, theirs = m.document(cast, row, by=cast.mona), m.document(cast, row)

    def check(document: Any, result: str = "passed", points: str = "", who: Any = cast.mona) -> Any:
        return designs.check_planning(
            row, document=document, result=result, points=points, actor=who.actor, now=MONDAY
        )

    with pytest.raises(Denied):
        check(theirs, who=cast.admin)
    assert "document" in refused(lambda: check(mine))
    assert "document" in refused(lambda: check(m.document(cast, row, kind="minutes")))
    assert "points" in refused(lambda: check(theirs, "to_correct"))
    check(theirs, "to_correct", "No owner named")
    assert any("corrected" in words for words in designs.hindrances(m.fresh(row)))
    check(theirs)
    assert list(PlanningCheck.objects.values_list("result", "checked_by")) == [
        ("passed", cast.mona.pk), ("to_correct", cast.mona.pk)
    ]  # fmt: skip
    assert not any("document" in words for words in designs.hindrances(m.fresh(row)))


@pytest.mark.req("SLM-03")
def test_inputs_are_filed_by_kind_and_only_the_provider_reads_them(cast: Cast) -> None:
    row = m.need(cast, actor=cast.carla.actor)
    filed = m.document(cast, row, kind="contract")
    assert (filed.kind, filed.attachment.is_public) == ("contract", False)
    assert not filed.attachment.activity.is_public
    assert "kind" in refused(lambda: m.document(cast, row, kind="poem"))


def test_planning_is_finished_only_when_everything_is_there(cast: Cast) -> None:
    row = m.fixed(cast)
    words = refused(lambda: designs.plan_service(row, actor=cast.mona.actor, now=MONDAY))["planning"][0]
    assert "quality plan" in words
    assert m.planned(cast).state == "planned"


def test_a_change_after_planning_asks_for_a_new_baseline_and_new_approvals(cast: Cast) -> None:
    row = m.planned(cast)
    m.amend(cast, row, continuity={"en": "An hour", "zh": ""}, reason="Audit")
    assert "agreement" in refused(lambda: draft(cast, row))
    services.fix_baseline(row, reason="Audit", actor=cast.admin.actor, now=MONDAY)
    assert m.fresh(row).state == "fixed"
    assert len(designs.hindrances(m.fresh(row))) == 2


# --- towards an agreement -------------------------------------------------------------------------


def draft(cast: Cast, row: ServiceLevelRequirement, **over: Any) -> Edition:
    facts: dict[str, Any] = {
        "agreement": None, "code": "acme-mail", "name_en": "Mail", "name_zh": "邮件", "package": None,
        "effective_from": MONDAY, "actor": cast.mona.actor, "now": MONDAY,
    }  # fmt: skip
    return agreeing.draft(row, **{**facts, **over})


@pytest.mark.req("SLM-52")
def test_the_draft_carries_over_figures_words_and_cost_and_is_linked(cast: Cast) -> None:
    row = m.planned(cast)
    edition = draft(cast, row)
    terms = edition.terms
    assert (edition.agreement.code, edition.agreement.customer, edition.state) == (
        "acme-mail",
        cast.acme,
        "draft",
    )
    assert [t["promise"]["seconds"] for t in terms["targets"]] == [28800]
    assert [x["value"] for x in terms["measures"]] == [99.5]
    assert terms["cost"]["amount"] == 8000
    assert terms["targets"][0]["method"]["en"] == "Words"
    assert (m.fresh(row).state, m.fresh(row).agreement) == ("agreed", edition.agreement)
    link = Link.objects.get(source=edition.pk)
    assert (link.target_id, link.type) == (row.pk, "caused_by")
    assert agreeing.editions_of(row, cast.mona.actor) == [edition]


@pytest.mark.req("SLM-44")
def test_a_changed_need_begins_the_next_edition_of_the_agreement(cast: Cast) -> None:
    first = draft(cast, m.planned(cast))
    agreements.withdraw(first, reason="Only a test", actor=cast.mona.actor, now=MONDAY)
    row = m.planned(cast, agreement=first.agreement)
    edition = draft(cast, row, agreement=first.agreement, code="", name_en="", name_zh="")
    assert (edition.edition_number, edition.agreement_id) == (2, first.agreement_id)
    assert row.number in edition.change_reason


def test_a_package_is_carried_over_and_what_is_missing_is_added(cast: Cast) -> None:
    promise = {"kind": "business_seconds", "seconds": 3600}
    package = ServicePackage.objects.create(
        code="gold", family="test", rank=1, name_en="Gold", name_zh="金", price=900,
        terms={"calendar": "office", "targets": [{"metric": "resolution", "promise": promise}]},
    )  # fmt: skip
    row = m.planned(cast)
    terms = draft(cast, row, package=package).terms
    assert [(t["metric"], t["priority"], t["promise"]["seconds"]) for t in terms["targets"]] == [
        ("resolution", None, 3600)
    ]
    assert [x["measure"] for x in terms["measures"]] == ["availability"]


def test_an_agreement_needs_a_name_and_a_customer_of_the_requirement(cast: Cast) -> None:
    row = m.planned(cast)
    other = Agreement.objects.create(code="other", customer=cast.globex, name_en="Other", name_zh="其他")
    assert "code" in refused(lambda: draft(cast, row, code=""))
    assert "code" in refused(lambda: draft(cast, row, code="OTHER"))
    assert "agreement" in refused(lambda: draft(cast, row, agreement=other))
    assert m.fresh(row).state == "planned"


@pytest.mark.req("SLM-47")
def test_an_adjusted_expectation_is_kept_with_the_duties_of_both_sides(cast: Cast) -> None:
    row = m.fixed(cast)
    theirs, ours = {"en": "Names a contact", "zh": ""}, {"en": "Answers", "zh": ""}
    duties = {"customer_duties": theirs, "provider_duties": ours}
    m.amend(cast, row, expectation={"en": "Weekdays do", "zh": ""}, **duties, reason="Agreed with Ms Li")
    kept = row.changes.get()
    places = {change["place"]: change["after"] for change in kept.changes}
    assert places["expectation/en"] == "Weekdays do"
    assert places["customer_duties/en"] == "Names a contact"
    assert places["provider_duties/en"] == "Answers"
    assert kept.reason == "Agreed with Ms Li"


def test_who_raised_it_is_told_why_it_is_declined(cast: Cast) -> None:
    row = m.need(cast, actor=cast.carla.actor)
    assert "reason" in refused(lambda: services.decline(row, reason=" ", actor=cast.mona.actor, now=MONDAY))
    services.decline(row, reason="No staff at weekends", actor=cast.mona.actor, now=MONDAY)
    told = Activity.objects.get(record=row, verb="requirement.decline")
    assert (told.is_public, told.text, m.fresh(row).answer) == (
        True,
        "No staff at weekends",
        "No staff at weekends",
    )
    assert told.deliveries.filter(recipient=cast.carla).exists()
    with pytest.raises(IllegalMove):
        services.define(row, responsible=cast.mona, actor=cast.mona.actor, now=MONDAY)


@pytest.mark.parametrize("person", ["alice", "carla", "charlie"])
def test_only_managers_define_and_decide(cast: Cast, person: str) -> None:
    row = m.need(cast, actor=cast.carla.actor)
    actor = getattr(cast, person).actor
    with pytest.raises(Denied):
        services.define(row, responsible=cast.mona, actor=actor, now=MONDAY)
    with pytest.raises(Denied):
        services.decline(row, reason="No", actor=actor, now=MONDAY)
    assert m.fresh(row).state == "raised"


# --- implementation standards ---------------------------------------------------------------------

TEXTS = dict.fromkeys(standards.TEXTS, "Words")


@pytest.mark.req("SLM-07")
def test_a_standard_is_published_by_a_second_person_and_never_changed_again(cast: Cast) -> None:
    def publish(who: Any) -> ImplementationStandard:
        return standards.publish(cast.mail, actor=who.actor, now=MONDAY)

    assert "standard" in refused(lambda: publish(cast.admin))
    standards.write(cast.mail, {"flow_en": "Flow"}, actor=cast.mona.actor, now=MONDAY)
    assert "standard" in refused(lambda: publish(cast.mona))
    assert "flow_zh" in refused(lambda: publish(cast.admin))
    standards.write(cast.mail, TEXTS, actor=cast.mona.actor, now=MONDAY)
    done = publish(cast.admin)
    assert (done.number, standards.published(cast.mail)) == (1, done)
    with pytest.raises(InternalError), transaction.atomic():
        ImplementationStandard.objects.update(flow_en="Other")
    seen = standards.mark(done)
    second = standards.write(
        cast.mail, {**TEXTS, "flow_en": "New"}, actor=cast.mona.actor, now=MONDAY, seen=seen
    )
    assert (second.number, standards.published(cast.mail)) == (2, done)
    assert "seen" in refused(
        lambda: standards.write(cast.mail, TEXTS, actor=cast.admin.actor, now=MONDAY, seen=seen)
    )
    with pytest.raises(Denied):
        standards.write(cast.mail, TEXTS, actor=cast.alice.actor, now=MONDAY)
