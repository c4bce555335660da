"""A report of a process: opened once, commented, approved by a second person, frozen, sent, corrected."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from accounts import access
from accounts.models import User
from kpis import closing, engine
from kpis.engine import Asked
from processreports import definitions, freezing, services, upkeep
from processreports.models import ProcessReport, QualityCheck, ReportEdition
from processreports.sections import OF_CUSTOMER
from records.models import Activity, Delivery, Record
from reports.period import Period
from servicereports import canonical
from servicereports.zones import provider_zone
from tests.cast import MONDAY, Cast, make_incident
from tests.processreports.made import (
    APRIL,
    MARCH,
    approved,
    commented,
    facts,
    make_definition,
    of_acme,
    opened,
    published,
    solved,
)

# --- definitions -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"name_zh": " "}, "name_zh"),
        ({"sections": []}, "sections"),
        ({"sections": ["overview", "overview"]}, "sections"),
        ({"sections": ["nothing"]}, "sections"),
        ({"languages": ["fr"]}, "languages"),
        ({"processes": ["Cooking"]}, "processes"),
        ({"in_portal": True}, "in_portal"),
        ({"every": "fortnight"}, "every"),
        ({"due_days": 999}, "due_days"),
        ({"active_until": date(2025, 1, 1)}, "active_until"),
    ],
)
def test_a_definition_that_makes_no_sense_is_refused_at_its_field(
    cast: Cast, over: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        make_definition(cast, **over)
    assert field in refused.value.message_dict


def test_who_writes_neither_approves_nor_checks(cast: Cast) -> None:
    with pytest.raises(ValidationError) as refused:
        make_definition(cast, approver=cast.alice, checker=cast.alice)
    assert {"approver", "checker"} <= set(refused.value.message_dict)


def test_contacts_of_a_customer_get_only_what_is_in_their_portal(cast: Cast) -> None:
    with pytest.raises(ValidationError):  # of another customer
        of_acme(cast, recipients=[cast.charlie])
    with pytest.raises(ValidationError):  # not published there
        of_acme(cast, in_portal=False)
    with pytest.raises(ValidationError):  # a section that is the provider's own
        of_acme(cast, sections=["overview", "scores"])
    assert list(of_acme(cast).recipients.all()) == [cast.carla]


def test_agents_define_nothing_and_a_lost_race_is_told(cast: Cast) -> None:
    with pytest.raises(access.Denied):
        definitions.keep(None, facts(cast), actor=cast.alice.actor, now=MONDAY)
    made = make_definition(cast)
    doing: dict[str, Any] = {"actor": cast.mona.actor, "now": MONDAY, "expected": made.version}
    assert definitions.keep(made, {"due_days": 9}, **doing).version == made.version + 1
    with pytest.raises(definitions.Changed):
        definitions.keep(made, {"due_days": 7}, **doing)


def test_what_reports_were_made_by_stays(cast: Cast) -> None:
    definition = make_definition(cast)
    opened(cast, definition)
    with pytest.raises(ValidationError):
        definitions.keep(definition, {"every": "year"}, actor=cast.mona.actor, now=APRIL)


# --- the schedule ----------------------------------------------------------------------------------


@pytest.mark.req("RPT-01")
def test_the_schedule_opens_each_report_once_with_its_writer_and_day(cast: Cast) -> None:
    make_definition(cast, active_from=date(2026, 2, 1))
    made = upkeep.open_due(now=APRIL)
    assert [(row.period_from, row.due_on) for row in made] == [
        (date(2026, 2, 1), date(2026, 3, 5)), (MARCH, date(2026, 4, 5)),
    ]  # fmt: skip
    assert {row.assignee for row in made} == {cast.alice}
    assert upkeep.open_due(now=APRIL) == []
    assert Delivery.objects.filter(activity__verb="process_report.open", recipient=cast.alice).exists()


@pytest.mark.req("RPT-01")
@pytest.mark.parametrize("every", ["day", "week", "month", "quarter", "half", "year"])
def test_every_kind_of_span_opens_when_it_is_over(cast: Cast, every: str) -> None:
    definition = make_definition(cast, every=every, active_from=date(2025, 1, 1))
    made = upkeep.open_due(now=APRIL)
    assert made
    assert all(row.period_until < date(2026, 4, 2) for row in made)
    ended = {"day": "2026-04-01", "week": "2026-03-29", "month": "2026-03-31", "quarter": "2026-03-31",
             "half": "2025-12-31", "year": "2025-12-31"}[every]  # fmt: skip
    assert max(row.period_until for row in made).isoformat() == ended
    assert definition.reports.count() == len(made)


def test_an_ended_definition_owes_nothing_more(cast: Cast) -> None:
    make_definition(cast, active_until=date(2026, 2, 28))
    assert [row.period_from for row in upkeep.open_due(now=APRIL)] == [date(2026, 1, 1), date(2026, 2, 1)]


@pytest.mark.req("RPT-01")
def test_whom_an_overdue_report_waits_for_is_told_weekly(cast: Cast) -> None:
    report = opened(cast, make_definition(cast))
    assert upkeep.remind(now=APRIL) == 0
    later = APRIL + timedelta(days=6)
    assert (upkeep.remind(now=later), upkeep.remind(now=later)) == (1, 0)
    commented(cast, report)
    assert upkeep.remind(now=later + timedelta(days=8)) == 1
    told = Delivery.objects.filter(activity__verb="process_report.remind", channel="in_app")
    assert list(told.order_by("pk").values_list("recipient__username", flat=True)) == [
        "alice", "alice", "mona",
    ]  # fmt: skip


# --- making ----------------------------------------------------------------------------------------


def test_an_empty_month_says_so_and_shows_no_zero_as_a_share(cast: Cast) -> None:
    report = opened(cast, of_acme(cast, sections=[*OF_CUSTOMER, "indicators"]))
    kept = report.computed["figures"]["attainment"]
    assert (kept["targets"], kept["all"]["net"]) == ([], None)
    assert report.computed["figures"]["satisfaction"]["mean"] is None
    parts = {row["id"]: row for row in report.computed["figures"]["indicators"]["parts"]}
    assert parts["P01.R2.K4/0"]["value"] is None


@pytest.mark.req("RPT-06")
def test_a_project_report_tells_problems_in_time_completed_and_left_over(cast: Cast) -> None:
    solved(cast)
    make_incident(cast)
    make_incident(cast, customer=cast.globex, requester=cast.charlie)
    inside = opened(cast, make_definition(cast, customer=cast.acme, sections=["project"], processes=[]))
    found = inside.computed["figures"]["project"]
    assert (found["opened"], found["done"], found["left"], found["problems"]) == (2, 1, 1, 0)
    assert (found["met"], found["missed"]) == (1, 0)
    assert sum(row["opened"] for row in found["people"]) == 2
    outside = opened(cast, of_acme(cast))
    assert "people" not in outside.computed["figures"]["project"]


def test_it_goes_out_in_the_languages_it_was_defined_in(cast: Cast) -> None:
    report = opened(cast, make_definition(cast))
    with pytest.raises(ValidationError) as refused:
        services.write(report, comment_en="Calm.", outlook_en="On.", actor=cast.alice.actor, now=APRIL)
    assert "comment_zh" in refused.value.message_dict
    other = opened(cast, make_definition(cast, name_en="English only", languages=["en"]))
    done = services.write(other, comment_en="Calm.", outlook_en="On.", actor=cast.alice.actor, now=APRIL)
    assert done.state == "commented"


def test_strangers_do_not_write_in_it(cast: Cast) -> None:
    report = opened(cast, make_definition(cast))
    with pytest.raises(access.Denied):
        services.write(report, comment_en="x", comment_zh="x", actor=cast.sven.actor, now=APRIL)
    with pytest.raises(access.Denied):
        services.open_report(report.definition, date(2026, 2, 1), actor=cast.sven.actor, now=APRIL)


# --- approving -------------------------------------------------------------------------------------


@pytest.mark.req("RPT-12")
def test_approval_freezes_text_and_rows_for_good(cast: Cast) -> None:
    ticket = solved(cast)
    report = approved(cast, opened(cast, make_definition(cast)))
    row = report.editions.get()
    found = freezing.content_of(row)
    assert canonical.digest(row.content) == row.sha256
    assert found["words"]["comment_zh"] == "本月平稳。"
    assert freezing.unpack(row.rows)["workload/opened"] == [ticket.pk]
    with pytest.raises(DatabaseError), transaction.atomic():
        ReportEdition.objects.filter(pk=row.pk).update(reason="changed")
    assert freezing.verify(row, now=APRIL).is_intact


def test_nobody_approves_what_he_wrote_nor_what_he_has_not_read(cast: Cast) -> None:
    report = commented(cast, opened(cast, make_definition(cast)))
    with pytest.raises(ValidationError):
        services.approve(report, seen=report.seen, actor=cast.alice.actor, now=APRIL)
    with pytest.raises(ValidationError):
        services.approve(report, seen="something else", actor=cast.mona.actor, now=APRIL)
    with pytest.raises(access.Denied):
        services.approve(report, seen=report.seen, actor=cast.sven.actor, now=APRIL)
    solved(cast)  # in the books after it was read
    with pytest.raises(ValidationError):
        services.approve(report, seen=report.seen, actor=cast.mona.actor, now=APRIL)
    report.refresh_from_db()
    done = services.approve(report, seen=report.seen, actor=cast.mona.actor, now=APRIL)
    assert done.state == "approved"


def test_a_period_that_runs_is_not_approved(cast: Cast) -> None:
    during = datetime(2026, 3, 20, 2, 0, tzinfo=UTC)
    report = opened(cast, make_definition(cast), now=during)
    assert report.computed["span"]["is_over"] is False
    report = commented(cast, report)
    with pytest.raises(ValidationError, match="not ended"):
        services.approve(report, seen=report.seen, actor=cast.mona.actor, now=during)


def test_a_confirmed_indicator_is_taken_as_it_was_confirmed(cast: Cast) -> None:
    solved(cast)
    kpi = engine.get("P01.R2.K1")
    assert kpi is not None
    definition = make_definition(cast)
    asked = Asked(cast.mona.actor, Period(MARCH, date(2026, 3, 31), provider_zone()), APRIL)
    kept = closing.confirm(kpi, asked)
    report = opened(cast, definition)
    rows = {row["id"]: row for row in report.computed["context"]["indicators"]["kpis"]}
    assert rows["P01.R2.K1"]["confirmed"]["sha256"] == kept.sha256
    assert rows["P01.R2.K2"]["confirmed"] is None
    keys = report.computed["rows"]["indicators/P01.R2.K1/0"]
    assert keys["n"] == kept.figures[0]["record_count"]


# --- sending ---------------------------------------------------------------------------------------


@pytest.mark.req("RPT-09")
def test_recipients_are_told_and_one_without_address_is_named(cast: Cast) -> None:
    User.objects.filter(pk=cast.sven.pk).update(email="")
    report = published(cast, opened(cast, make_definition(cast, recipients=[cast.sven, cast.bob])))
    assert report.state == "issued"
    sent = Delivery.objects.filter(activity__verb="process_report.issue_report")
    assert set(sent.filter(channel="email").values_list("recipient__username", flat=True)) == {"bob"}
    assert "sven" in set(sent.filter(channel="in_app").values_list("recipient__username", flat=True))
    told = Activity.objects.get(record=report.pk, verb="process_report.unreached")
    assert told.data["names"] == "Sven"
    assert Delivery.objects.filter(activity=told, recipient=cast.alice).exists()


def test_a_customer_knows_of_its_report_from_its_publication_on(cast: Cast) -> None:
    report = opened(cast, of_acme(cast))
    seen = Record.objects.visible_to(cast.carla.actor).filter(pk=report.pk)
    assert not seen.exists()
    report = approved(cast, report)
    assert not seen.exists()
    services.publish(report, actor=cast.alice.actor, now=APRIL)
    assert seen.exists()
    assert not Record.objects.visible_to(cast.charlie.actor).filter(pk=report.pk).exists()
    assert not Record.objects.visible_to(cast.rita.actor).filter(pk=report.pk).exists()
    told = Delivery.objects.filter(activity__verb="process_report.publish_report")
    assert set(told.values_list("recipient__username", flat=True)) == {"carla"}


@pytest.mark.req("RPT-12", "RPT-09")
def test_a_correction_is_a_further_edition_with_reason_and_difference(cast: Cast) -> None:
    report = published(cast, opened(cast, make_definition(cast)))
    doing: dict[str, Any] = {"actor": cast.mona.actor, "now": APRIL}
    with pytest.raises(ValidationError, match="nothing to correct"):
        services.restate(report, reason="By habit", **doing)
    solved(cast)
    assert upkeep.check_frozen(now=APRIL) == [report]
    report.refresh_from_db()
    assert report.differs_since == APRIL
    services.restate(report, reason="A ticket was logged late.", **doing)
    first, second = report.editions.order_by("number")
    found = freezing.content_of(second)
    assert (found["restates"], second.reason) == (first.sha256, "A ticket was logged late.")
    assert ["workload", "opened"] in [each["figure"] for each in found["changes"]]
    assert freezing.content_of(first)["figures"]["workload"]["opened"] == 0
    assert upkeep.check_frozen(now=APRIL) == []


@pytest.mark.req("RPT-10")
def test_quality_staff_check_it_and_never_their_own(cast: Cast) -> None:
    report = published(cast, opened(cast, make_definition(cast)))
    with pytest.raises(ValidationError):
        services.check(report, verdict="sound", remark="", actor=cast.alice.actor, now=APRIL)
    with pytest.raises(access.Denied):
        services.check(report, verdict="sound", remark="", actor=cast.sven.actor, now=APRIL)
    with pytest.raises(ValidationError):
        services.check(report, verdict="faulty", remark=" ", actor=cast.bob.actor, now=APRIL)
    solved(cast)
    made = services.check(
        report, verdict="faulty", remark="A ticket is missing.", actor=cast.bob.actor, now=APRIL
    )
    assert (made.is_intact, made.is_current, made.checked_by) == (True, False, cast.bob)
    with pytest.raises(DatabaseError), transaction.atomic():
        QualityCheck.objects.filter(pk=made.pk).update(verdict="sound")


# --- one event -------------------------------------------------------------------------------------


@pytest.mark.req("RPT-04")
def test_one_event_has_a_report_of_its_own(cast: Cast) -> None:
    ticket = solved(cast)
    definition = make_definition(
        cast, every="occasion", sections=["event", "comment", "measures"], processes=[]
    )
    doing: dict[str, Any] = {"actor": cast.mona.actor, "now": APRIL}
    report = services.open_about(definition, ticket, **doing)
    assert services.open_about(definition, ticket, **doing) == report
    assert report.computed["subject"]["number"] == ticket.number
    course = report.computed["context"]["event"]["course"]
    assert course
    assert {"en", "zh", "at", "who"} <= set(course[0])
    with pytest.raises(ValidationError):
        services.open_report(definition, MARCH, **doing)
    assert approved(cast, report).editions.count() == 1


def test_an_event_of_another_customer_is_none_of_its_business(cast: Cast) -> None:
    ticket = make_incident(cast, customer=cast.globex, requester=cast.charlie)
    definition = of_acme(cast, every="occasion", sections=["event"], processes=[])
    with pytest.raises(ValidationError):
        services.open_about(definition, ticket, actor=cast.mona.actor, now=APRIL)
    assert ProcessReport.objects.count() == 0
