"""Relationship reports: figures of the period, once each, approved by the manager, shown to the customer."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

import incidents.services
from accounts import access
from accounts.models import Organisation
from customers import complaints, profiles
from records.models import Delivery
from servicereports import keeping
from servicereports.models import KeptContent
from servicereports.relations import services, shown
from servicereports.relations.models import RelationReport
from tests.cast import MONDAY, Cast, make_incident
from tests.customers.made import receive

FIRST = date(2026, 1, 1)
APRIL = datetime(2026, 4, 1, 2, 0, tzinfo=UTC)


def happened(cast: Cast) -> None:
    """In the first quarter: a ticket solved in time, a complaint answered, a visit."""
    made = make_incident(cast)
    incidents.services.resolve(
        made, code="solved", steps="Restarted.", actor=cast.bob.actor, now=MONDAY + timedelta(hours=1)
    )
    said = receive(cast)
    said = complaints.judge(said, valid=True, reason="So it was.", actor=cast.mona.actor, now=MONDAY)
    complaints.answer(said, text="We are sorry.", actor=cast.mona.actor, now=MONDAY + timedelta(hours=3))
    receive(cast, customer=cast.globex, requester=cast.charlie, title="Globex only")
    doing: dict[str, Any] = {"actor": cast.admin.actor, "now": MONDAY}
    day = timezone.localdate(MONDAY)
    visit = profiles.plan_visit(
        cast.acme, planned_on=day, purpose="Quarterly visit", visitor=cast.alice, place="Site", **doing
    )
    profiles.record_visit(visit, held_on=day, people="Carla", findings="They think of leaving.", **doing)
    profiles.edit(cast.acme, {"account_manager": cast.alice}, version=profile_version(cast), **doing)
    profiles.change(cast.acme, part="grade", value="b", reason="Yearly grading", effective_on=day, **doing)


def profile_version(cast: Cast) -> int:
    return profiles.profile_of(cast.acme).version


def drafted(cast: Cast, of: Organisation | None = None) -> RelationReport:
    return services.draft(of or cast.acme, period="quarter", first=FIRST, actor=cast.admin.actor, now=APRIL)


def approved(cast: Cast, report: RelationReport) -> RelationReport:
    doing: dict[str, Any] = {"actor": cast.alice.actor, "now": APRIL}
    report = services.appraise(report, words_en="We get on well.", words_zh="合作良好。", **doing)
    return services.approve(report, **doing)


@pytest.mark.req("BRM-17")
def test_it_sums_up_the_customers_quarter_and_nobody_elses(cast: Cast) -> None:
    happened(cast)
    found = drafted(cast).computed
    said = found["complaints"]
    assert (said["received"], said["valid"], said["in_time"], said["decided"]) == (1, 1, 1, 1)
    assert [row["title"] for row in said["rows"]] == ["Nobody called back"]
    assert [row["purpose"] for row in found["visits"]] == ["Quarterly visit"]
    assert {row["id"]: row["met"] for row in found["attainment"]}["resolution"] == 1
    assert found["satisfaction"]["mean"] is None  # nobody was asked: no figure, not a zero
    assert len(found["satisfaction"]["trend"]) == 5
    assert (found["standing"]["grade"], found["standing"]["manager"]) == ("b", "Alice")


@pytest.mark.req("BRM-17")
def test_the_report_over_all_sets_customers_side_by_side(cast: Cast) -> None:
    happened(cast)
    found = drafted(cast, cast.provider).computed
    assert found["complaints"]["received"] == 2
    rows = {row["id"]: row for row in found["customers"]}
    assert (rows["acme"]["complaints"], rows["acme"]["visits"], rows["acme"]["met"] > 0) == (1, 1, True)
    assert rows["globex"]["complaints"] == 1


@pytest.mark.req("BRM-17")
def test_the_schedule_drafts_quarter_and_year_once(cast: Cast) -> None:
    year = datetime(2027, 1, 1, 2, 0, tzinfo=UTC)
    made = services.open_due(now=year)
    assert {(row.of.code, row.period) for row in made} == {
        (code, period) for code in ("provider", "acme", "globex") for period in ("quarter", "year")
    }
    assert services.open_due(now=year) == []
    later = services.open_due(now=datetime(2027, 4, 1, 2, 0, tzinfo=UTC))
    assert {row.period for row in later} == {"quarter"}


def test_whoever_only_intends_to_be_a_customer_gets_none(cast: Cast) -> None:
    profiles.change(
        cast.globex, part="standing", value="intending", reason="No contract yet",
        effective_on=timezone.localdate(MONDAY), actor=cast.admin.actor, now=MONDAY,
    )  # fmt: skip
    assert "globex" not in {row.of.code for row in services.open_due(now=APRIL)}


@pytest.mark.req("BRM-17")
def test_its_manager_approves_it_and_figures_stay(cast: Cast) -> None:
    happened(cast)
    report = drafted(cast)
    assert report.assignee == cast.alice
    with pytest.raises(access.Denied):
        services.approve(report, actor=cast.bob.actor, now=APRIL)
    with pytest.raises(ValidationError):  # without a word
        services.approve(report, actor=cast.alice.actor, now=APRIL)
    report = approved(cast, report)
    receive(cast, title="Later in the books", now=MONDAY)
    kept = KeptContent.objects.get(record=report.pk)
    assert keeping.is_intact(kept)
    assert shown.content_for(report, cast.alice.actor)["figures"]["complaints"]["received"] == 1


def test_a_period_that_runs_cannot_be_approved(cast: Cast) -> None:
    report = services.draft(cast.acme, period="quarter", first=FIRST, actor=cast.admin.actor, now=MONDAY)
    doing: dict[str, Any] = {"actor": cast.mona.actor, "now": MONDAY}
    report = services.appraise(report, words_en="Well.", words_zh="好。", **doing)
    with pytest.raises(ValidationError):
        services.approve(report, **doing)


@pytest.mark.req("BRM-17")
@pytest.mark.req("BRM-20")
def test_the_customer_reads_what_was_shown_to_it_and_what_is_its_own(cast: Cast) -> None:
    happened(cast)
    report = approved(cast, drafted(cast))
    url = reverse("servicereports:portal-relation", args=[report.number])
    carla, charlie, rita = Client(), Client(), Client()
    for browser, person in ((carla, cast.carla), (charlie, cast.charlie), (rita, cast.rita)):
        browser.force_login(person)
    assert carla.get(url).status_code == 404  # approved, not shown yet
    services.show(report, actor=cast.alice.actor, now=APRIL)
    page = carla.get(url + "?lang=en")
    text = page.content.decode()
    assert "We get on well." in text
    assert "1 complaints were received" in text
    # our view of the customer, what colleagues said and what we noted on the visit stay with us
    for secret in ("Nobody called back", "They think of leaving", "Grade at the end"):
        assert secret not in text
    api = carla.get(f"/api/v1/relationship-reports/{report.number}/").json()["content"]["figures"]
    assert api["complaints"]["rows"] == []
    assert api["standing"] == {"manager": "Alice"}
    assert (charlie.get(url).status_code, rita.get(url).status_code) == (404, 404)
    told = Delivery.objects.filter(activity__verb="relation.present").values_list("recipient__username")
    assert ("carla",) in set(told)
    assert ("charlie",) not in set(told)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_it_is_printed_in_both_languages(cast: Cast, language: str) -> None:
    happened(cast)
    report = drafted(cast)
    browser = Client()
    browser.force_login(cast.mona)
    pdf = browser.get(reverse("servicereports:relation-pdf", args=[report.number]) + f"?lang={language}")
    assert pdf.content.startswith(b"%PDF")
    page = browser.get(reverse("servicereports:relation", args=[report.number]) + f"?lang={language}")
    assert page.status_code == 200


def test_pages_open_draft_and_take_the_steps(cast: Cast) -> None:
    browser = Client()
    browser.force_login(cast.mona)
    entered = {"of": cast.acme.pk, "period": "year", "first": "2025-05"}
    assert browser.post(reverse("servicereports:relation-new"), entered).status_code == 302
    report = RelationReport.objects.get(of=cast.acme)
    assert (report.period_from, report.period_until) == (date(2025, 1, 1), date(2025, 12, 31))
    act = reverse("servicereports:relation-act", args=[report.number, "appraise"])
    assert browser.post(act, {"words_en": "", "words_zh": "好"}).status_code == 422
    assert browser.post(act, {"words_en": "Good", "words_zh": "好"}).status_code == 302
    assert browser.get(reverse("servicereports:relations")).status_code == 200
