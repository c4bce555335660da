"""A service report from draft to restatement: who may do what, what is frozen, what is found later."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

import actions.services
import incidents.services
from accounts.access import Denied
from actions.models import Action
from incidents.models import Incident
from records import exclusions
from records.lifecycle import IllegalMove
from records.models import Activity, Delivery, Record
from reports import figures as dashboards
from servicereports import canonical, freezing, services, show, upkeep
from servicereports.figures import compute, question_of
from servicereports.models import FrozenReport, ServiceReport
from sla.models import Agreement, Breach, Clock
from tests.cast import Cast, make_incident

FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)
APRIL = datetime(2026, 4, 2, 2, 0, tzinfo=UTC)
SAID = {
    "comment_en": "A quiet month but for one outage.",
    "comment_zh": "除一次中断外，本月平稳。",
    "next_steps_en": "A second mail server.",
    "next_steps_zh": "增加第二台邮件服务器。",
}


def solve(cast: Cast, incident: Incident, hours: float) -> Incident:
    at = incident.opened_at + timedelta(hours=hours)
    return incidents.services.resolve(
        incident, code="solved", steps="restarted", actor=cast.alice.actor, now=at
    )


def month(cast: Cast) -> tuple[Incident, Incident]:
    """A ticket solved in time, and a critical one that took two days."""
    good = solve(cast, make_incident(cast), 1)
    late = solve(cast, make_incident(cast, impact=1, urgency=1), 48)
    return good, late


def explain(cast: Cast, record: Record, reason: str = "skill") -> None:
    for breach in Breach.objects.filter(clock__record=record.pk):
        incidents.services.explain_breach(
            Incident.objects.get(pk=record.pk), breach, reason=reason, note="Nobody on call",
            action=incidents.services.Correction("A rota", cast.alice, date(2026, 5, 1)),
            actor=cast.alice.actor, now=APRIL,
        )  # fmt: skip


def drafted(cast: Cast, agreement: Agreement, **over: Any) -> ServiceReport:
    facts: dict[str, Any] = {
        "first": FIRST, "last": LAST, "due_on": date(2026, 4, 5), "writer": cast.mona,
        "actor": cast.mona.actor, "now": APRIL,
    }  # fmt: skip
    return services.draft(agreement, **{**facts, **over})


def fresh(report: ServiceReport) -> ServiceReport:
    found: ServiceReport = ServiceReport.objects.get(pk=report.pk)
    return found


def commented(cast: Cast, agreement: Agreement) -> ServiceReport:
    return services.comment(drafted(cast, agreement), **SAID, actor=cast.mona.actor, now=APRIL)


def approved(cast: Cast, agreement: Agreement) -> ServiceReport:
    report = fresh(commented(cast, agreement))
    return services.approve(report, seen=report.seen, actor=cast.admin.actor, now=APRIL)


def published(cast: Cast, agreement: Agreement) -> ServiceReport:
    return services.publish(approved(cast, agreement), actor=cast.admin.actor, now=APRIL)


@pytest.mark.req("SLM-37", "SLM-45")
def test_the_figures_are_those_of_the_dashboard_each_with_the_clocks_it_counts(
    cast: Cast, acme: Agreement
) -> None:
    _good, late = month(cast)
    explain(cast, late)
    computed = compute(acme, FIRST, LAST, now=APRIL)
    question = question_of(acme, FIRST, LAST, dashboards_zone(), APRIL)
    shown = dashboards.attainment(question)
    total = computed.figures["attainment"]["all"]
    assert (total["met"], total["missed"]) == (sum(a.met for a in shown), sum(a.missed for a in shown))
    row = next(r for r in computed.figures["attainment"]["targets"] if r["id"] == "resolution//1@1")
    assert (row["met"], row["missed"], row["net"], row["reached"]) == (0, 1, "0.00", False)
    clocks = computed.sources["attainment"]["resolution//1@1"]["missed"]
    assert list(Clock.objects.filter(pk__in=clocks).values_list("record__number", flat=True)) == [late.number]
    miss = next(m for m in computed.figures["misses"] if m["id"] == str(clocks[0]))
    assert (miss["number"], miss["reason"], miss["accountable"]) == (late.number, "skill", "")
    assert computed.rules["agreement_versions"][0]["number"] == 1
    assert canonical.text_of(computed.dump())


def dashboards_zone() -> ZoneInfo:
    return ZoneInfo("Asia/Shanghai")


def test_a_period_before_the_agreement_has_nothing_to_tell_and_says_so(cast: Cast, acme: Agreement) -> None:
    computed = compute(acme, date(2015, 5, 1), date(2015, 5, 31), now=APRIL)
    assert computed.figures["attainment"] == {
        "all": {
            "met": 0, "missed": 0, "excluded_met": 0, "excluded_missed": 0, "net": None, "gross": None,
        },
        "targets": [],
    }  # fmt: skip
    assert computed.rules["agreement_versions"] == []
    Agreement.objects.create(code="empty", customer=cast.globex, name_en="Empty", name_zh="空")
    assert [row["agreement"] for row in show.schedule_rows(cast.mona.actor, APRIL)] == []


def test_a_ticket_opened_again_later_was_still_done_in_its_month(cast: Cast, acme: Agreement) -> None:
    good, _late = month(cast)
    before = compute(acme, FIRST, LAST, now=APRIL).figures["workload"]
    assert before == {"opened": 2, "done": 2, "open_at_end": 0}
    incidents.services.reopen(
        Incident.objects.get(pk=good.pk), reason="again", actor=cast.alice.actor, now=APRIL
    )
    assert compute(acme, FIRST, LAST, now=APRIL).figures["workload"] == before


@pytest.mark.req("SLM-37", "RPT-01")
def test_a_report_goes_from_draft_to_publication_by_two_people_and_freezes_once(
    cast: Cast, acme: Agreement
) -> None:
    _good, late = month(cast)
    explain(cast, late)
    report = drafted(cast, acme)
    assert report.number.startswith("RPT")
    assert drafted(cast, acme).pk == report.pk
    with pytest.raises(ValidationError) as refused:
        services.comment(report, **{**SAID, "comment_zh": " "}, actor=cast.mona.actor, now=APRIL)
    assert "comment_zh" in refused.value.message_dict
    services.comment(report, **SAID, actor=cast.mona.actor, now=APRIL)
    report = fresh(report)
    with pytest.raises(ValidationError, match="second person"):
        services.approve(report, seen=report.seen, actor=cast.mona.actor, now=APRIL)
    with pytest.raises(Denied):
        services.approve(report, seen=report.seen, actor=cast.alice.actor, now=APRIL)
    services.approve(report, seen=report.seen, actor=cast.admin.actor, now=APRIL)
    row = FrozenReport.objects.get()
    assert row.sha256 == canonical.digest(row.content)
    assert json.loads(row.content)["comments"]["zh"] == SAID["comment_zh"]
    assert not Delivery.objects.filter(recipient=cast.carla).exists()
    services.publish(fresh(report), actor=cast.admin.actor, now=APRIL)
    told = Delivery.objects.filter(activity__verb="report.publish", channel="in_app")
    assert {d.recipient for d in told} == {cast.mona, cast.carla}
    assert Activity.objects.get(record=report.pk, verb="report.publish").is_public


def test_only_what_the_approver_has_read_is_approved(cast: Cast, acme: Agreement) -> None:
    report = fresh(commented(cast, acme))
    seen = report.seen
    _good, late = month(cast)
    explain(cast, late)
    with pytest.raises(ValidationError, match="shown anew"):
        services.approve(report, seen=seen, actor=cast.admin.actor, now=APRIL)
    report = fresh(report)
    assert report.computed["figures"]["workload"]["opened"] == 2
    with pytest.raises(ValidationError, match="shown anew"):
        services.approve(report, seen=seen, actor=cast.admin.actor, now=APRIL)
    done = services.approve(report, seen=report.seen, actor=cast.admin.actor, now=APRIL)
    assert done.state == "approved"


def test_a_month_is_not_closed_before_its_end_nor_with_unexplained_misses(
    cast: Cast, acme: Agreement
) -> None:
    _good, late = month(cast)
    report = fresh(commented(cast, acme))
    with pytest.raises(ValidationError, match="not ended"):
        services.approve(report, seen=report.seen, actor=cast.admin.actor, now=APRIL - timedelta(days=4))
    with pytest.raises(ValidationError, match=late.number):
        services.approve(report, seen=report.seen, actor=cast.admin.actor, now=APRIL)
    assert not FrozenReport.objects.exists()


def test_a_draft_follows_the_facts_until_it_is_commented(cast: Cast, acme: Agreement) -> None:
    report = drafted(cast, acme)
    assert upkeep.refresh(now=APRIL) == 0
    month(cast)
    assert upkeep.refresh(now=APRIL) == 1
    assert fresh(report).computed["figures"]["workload"]["opened"] == 2
    services.comment(fresh(report), **SAID, actor=cast.mona.actor, now=APRIL)
    make_incident(cast)
    assert upkeep.refresh(now=APRIL) == 0


def test_what_is_frozen_can_neither_be_changed_nor_deleted(cast: Cast, acme: Agreement) -> None:
    approved(cast, acme)
    row = FrozenReport.objects.get()
    for change in (
        lambda: FrozenReport.objects.filter(pk=row.pk).update(content="{}"),
        row.delete,
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert FrozenReport.objects.get().content == row.content


@pytest.mark.req("SLM-32", "SLM-37")
def test_a_later_correction_is_a_restatement_that_names_what_changed_and_why(
    cast: Cast, acme: Agreement
) -> None:
    _good, late = month(cast)
    explain(cast, late)
    report = published(cast, acme)
    first = FrozenReport.objects.get()
    assert freezing.verify(first, now=APRIL).is_current
    with pytest.raises(ValidationError, match="nothing to correct"):
        services.restate(report, reason="?", actor=cast.mona.actor, now=APRIL)
    exclude(cast, late)
    later = APRIL + timedelta(days=3)
    assert upkeep.check_frozen(now=later) == [report]
    assert upkeep.check_frozen(now=later) == [report]
    work = Action.objects.get(key=f"report-differs:{first.pk}")
    assert (work.assignee, work.source) == (cast.mona, "self_check")
    assert Activity.objects.filter(verb="report.differs").count() == 1
    done = services.restate(fresh(report), reason="A planned outage", actor=cast.mona.actor, now=later)
    assert (done.state, done.differs_since) == ("restated", None)
    second = FrozenReport.objects.get(number=2)
    content = json.loads(second.content)
    assert content["restates"] == first.sha256
    changed = {tuple(change["figure"]): change for change in content["changes"]}
    one = changed["attainment", "targets", "resolution//1@1", "excluded_missed"]
    assert (one["before"], one["after"], one["records"]) == (0, 1, [late.number])
    assert FrozenReport.objects.get(number=1).content == first.content
    seen = freezing.verify(second, now=later)
    assert (seen.is_intact, seen.is_current) == (True, True)
    assert freezing.verify(first, now=later).is_intact
    assert upkeep.check_frozen(now=later) == []


def exclude(cast: Cast, late: Incident) -> None:
    clock = late.clocks.get(metric="resolution")
    asked = exclusions.ask(
        late, clock, reason="planned", evidence="Mail of 1 March", actor=cast.alice.actor, now=APRIL
    )
    exclusions.decide(late, asked, decision="approved", note="", actor=cast.mona.actor, now=APRIL)


def test_a_text_that_was_tampered_with_is_found(cast: Cast, acme: Agreement) -> None:
    published(cast, acme)
    row = FrozenReport.objects.get()
    row.content = row.content.replace('"met":0', '"met":9', 1)
    assert not freezing.verify(row, now=APRIL).is_intact


@pytest.mark.req("SLM-60")
def test_the_next_months_report_shows_the_corrective_action_and_its_result(
    cast: Cast, acme: Agreement
) -> None:
    _good, late = month(cast)
    explain(cast, late)
    action = Action.objects.filter(title="A rota").order_by("pk")[0]
    mine = compute(acme, FIRST, LAST, now=APRIL).context["actions"]
    assert (mine[0]["id"], mine[0]["is_earlier"]) == (action.number, False)
    actions.services.finish(
        action, outcome="Rota kept", actor=cast.alice.actor, now=APRIL + timedelta(days=9)
    )
    after = compute(acme, date(2026, 5, 1), date(2026, 5, 31), now=APRIL + timedelta(days=60)).context
    assert action.number not in {row["id"] for row in after["actions"]}
    april = compute(acme, date(2026, 4, 1), date(2026, 4, 30), now=APRIL + timedelta(days=40)).context
    shown = next(row for row in april["actions"] if row["id"] == action.number)
    assert (shown["outcome"], shown["state"], shown["causes"]) == ("Rota kept", "done", [late.number])


def test_a_report_can_be_sent_back_and_cancelled_but_not_twice(cast: Cast, acme: Agreement) -> None:
    report = commented(cast, acme)
    back = services.send_back(report, reason="Say more", actor=cast.admin.actor, now=APRIL)
    assert back.state == "drafted"
    gone = services.cancel(back, reason="Not owed", actor=cast.admin.actor, now=APRIL)
    assert gone.state == "cancelled"
    with pytest.raises(IllegalMove):
        services.cancel(gone, reason="again", actor=cast.admin.actor, now=APRIL)
    assert drafted(cast, acme).pk == report.pk
