"""Self-assessments of the desk: figures, own judgement, submission to the supervisory body, its answer."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

import incidents.services
from accounts import access
from records.lifecycle import IllegalMove
from records.models import Delivery
from servicereports import keeping, tasks
from servicereports.assessments import indicators, services
from servicereports.assessments.models import Assessment, Indicator, SupervisoryBody, Verdict
from servicereports.models import IndicatorGoal, KeptContent
from tests.cast import MONDAY, Cast, make_incident

FIRST = date(2026, 3, 1)
APRIL = datetime(2026, 4, 1, 2, 0, tzinfo=UTC)


@pytest.fixture
def body(cast: Cast) -> SupervisoryBody:
    return SupervisoryBody.objects.create(
        name_en="Quality board", name_zh="质量监督委员会", person=cast.mona, lead=cast.alice
    )


def opened(cast: Cast, body: SupervisoryBody, **over: Any) -> Assessment:
    facts = {"period": "month", "first": FIRST, "lead": cast.alice, "actor": cast.admin.actor, "now": APRIL}
    return services.open_assessment(body, **{**facts, **over})


def judged(cast: Cast, row: Assessment) -> Assessment:
    said = {each.indicator: (Verdict.PARTLY.value, "We look into it.") for each in row.judgements.all()}
    return services.judge(
        row, said, summary="A quiet month.", actor=cast.alice.actor, now=APRIL, expected_version=row.version
    )


def solve(cast: Cast) -> None:
    made = make_incident(cast)
    incidents.services.resolve(
        made, code="solved", steps="Restarted.", actor=cast.bob.actor, now=MONDAY + timedelta(hours=1)
    )


@pytest.mark.req("SD-21")
def test_figures_come_from_the_records_of_the_period(cast: Cast, body: SupervisoryBody) -> None:
    solve(cast)
    row = opened(cast, body)
    found = {each.indicator: each for each in row.judgements.all()}
    assert set(found) == set(Indicator.values)
    assert (found["resolution"].figure, found["resolution"].hits, found["resolution"].total) == (
        "100.0",
        1,
        1,
    )
    assert found["answer_rate"].figure == ""  # no call: nothing measured, which is not zero
    assert found["answer_rate"].goal == 90
    assert indicators.reached("resolution", "100.0", found["resolution"].goal) is True
    assert indicators.reached("slips", "1", found["slips"].goal) is False


def test_it_is_opened_once_per_body_and_period(cast: Cast, body: SupervisoryBody) -> None:
    assert opened(cast, body).pk == opened(cast, body).pk
    with pytest.raises(ValidationError):
        opened(cast, body, first=date(2026, 3, 2))
    with pytest.raises(access.Denied):
        opened(cast, body, actor=cast.alice.actor)


def test_a_goal_of_ones_own_counts_and_an_indicator_can_be_left_out(
    cast: Cast, body: SupervisoryBody
) -> None:
    IndicatorGoal.objects.create(indicator="answer_rate", goal=95)
    IndicatorGoal.objects.create(indicator="callbacks", goal=100, is_active=False)
    found = {each.indicator: each.goal for each in opened(cast, body).judgements.all()}
    assert found["answer_rate"] == 95
    assert "callbacks" not in found


@pytest.mark.req("SD-21")
def test_it_is_submitted_frozen_answered_and_written_anew(cast: Cast, body: SupervisoryBody) -> None:
    solve(cast)
    row = opened(cast, body)
    with pytest.raises(ValidationError):  # nothing is judged yet
        services.submit(row, actor=cast.alice.actor, now=APRIL)
    row = services.submit(judged(cast, row), actor=cast.alice.actor, now=APRIL)
    assert row.state == "submitted"
    told = Delivery.objects.filter(activity__verb="assessment.hand_in").values_list("recipient__username")
    assert {name for (name,) in told} == {"mona"}
    with pytest.raises(access.Denied):  # only the body's person answers
        services.answer(row, accept=True, opinion="Fine.", actor=cast.admin.actor, now=APRIL)
    row = services.answer(row, accept=False, opinion="Say more.", actor=cast.mona.actor, now=APRIL)
    assert (row.state, row.answered_by) == ("returned", "Mona")
    row = services.submit(row, actor=cast.alice.actor, now=APRIL)
    row = services.answer(row, accept=True, opinion="Agreed.", actor=cast.mona.actor, now=APRIL)
    assert (row.state, row.opinion) == ("accepted", "Agreed.")
    kept = list(KeptContent.objects.filter(record=row.pk))
    assert [each.number for each in kept] == [1, 2]
    assert all(keeping.is_intact(each) for each in kept)
    assert keeping.content_of(kept[1])["before"] == kept[0].sha256


@pytest.mark.req("SD-21")
def test_figures_stay_as_they_were_submitted(cast: Cast, body: SupervisoryBody) -> None:
    solve(cast)
    row = services.submit(judged(cast, opened(cast, body)), actor=cast.alice.actor, now=APRIL)
    with pytest.raises(IllegalMove):
        services.recompute(row, actor=cast.alice.actor, now=APRIL)
    solve(cast)
    browser = Client()
    browser.force_login(cast.mona)
    page = browser.get(reverse("servicereports:assessment", args=[row.number]))
    assert page.status_code == 200
    assert "1 of 1" in page.content.decode()
    pdf = browser.get(reverse("servicereports:assessment-pdf", args=[row.number]) + "?lang=zh")
    assert pdf.content.startswith(b"%PDF")


def test_a_body_outside_is_answered_for_by_a_leader_who_did_not_submit(cast: Cast) -> None:
    outside = SupervisoryBody.objects.create(name_en="City office", name_zh="市监督办", lead=cast.alice)
    row = judged(cast, opened(cast, outside))
    with pytest.raises(ValidationError):  # how does it reach them?
        services.submit(row, actor=cast.mona.actor, now=APRIL)
    row = services.submit(row, sent_how="Printed page", actor=cast.mona.actor, now=APRIL)
    doing: dict[str, Any] = {"accept": True, "opinion": "Noted.", "now": APRIL}
    with pytest.raises(access.Denied):
        services.answer(row, answered_by="Ms Gao", actor=cast.mona.actor, **doing)
    with pytest.raises(ValidationError):
        services.answer(row, actor=cast.admin.actor, **doing)
    row = services.answer(row, answered_by="Ms Gao", actor=cast.admin.actor, **doing)
    assert (row.answered_by, row.answer_recorded_by) == ("Ms Gao", cast.admin)


def test_it_cannot_be_submitted_before_the_period_has_ended(cast: Cast, body: SupervisoryBody) -> None:
    row = opened(cast, body, now=MONDAY)
    said = {each.indicator: ("met", "Yes.") for each in row.judgements.all()}
    row = services.judge(
        row, said, summary="So far.", actor=cast.alice.actor, now=MONDAY, expected_version=row.version
    )
    with pytest.raises(ValidationError):
        services.submit(row, actor=cast.alice.actor, now=MONDAY)


@pytest.mark.req("SD-21")
def test_the_schedule_opens_one_for_the_desk_lead(cast: Cast, body: SupervisoryBody) -> None:
    made = services.open_due(now=APRIL)
    assert [(row.assignee, row.period_from) for row in made] == [(cast.alice, FIRST)]
    assert services.open_due(now=APRIL) == []
    assert tasks.open_periodic() > 0
    assert tasks.open_periodic() == 0


def test_judgements_are_written_on_the_page_and_a_second_writer_is_told(
    cast: Cast, body: SupervisoryBody
) -> None:
    row = opened(cast, body)
    browser = Client()
    browser.force_login(cast.alice)
    url = reverse("servicereports:assessment-judge", args=[row.number])
    entered = {"version": row.version, "verdict-slips": "met", "remarks-slips": "None.", "summary": "Good."}
    assert browser.post(url, entered).status_code == 302
    row = Assessment.objects.get(pk=row.pk)
    assert (row.summary, row.judgements.get(indicator="slips").verdict) == ("Good.", "met")
    late = browser.post(url, {**entered, "summary": "Mine was lost?"})
    assert late.status_code == 409
    assert "Mine was lost?" in late.content.decode()
    wrong = browser.post(url, {"version": row.version, "verdict-slips": "splendid"})
    assert wrong.status_code == 422


@pytest.mark.req("SD-21")
def test_programs_write_submit_and_answer_too(cast: Cast, body: SupervisoryBody) -> None:
    row = opened(cast, body)
    url = f"/api/v1/self-assessments/{row.number}/"
    said = [{"indicator": code, "verdict": "partly", "remarks": "See page."} for code in Indicator.values]
    alice, mona, rita = Client(), Client(), Client()
    for browser, person in ((alice, cast.alice), (mona, cast.mona), (rita, cast.rita)):
        browser.force_login(person)
    as_json: dict[str, Any] = {"content_type": "application/json"}
    tag = alice.get(url).headers["ETag"]
    words = {"summary": "Calm.", "indicators": said}
    assert alice.post(f"{url}judge/", words, **as_json).status_code == 428
    assert alice.post(f"{url}judge/", words, headers={"If-Match": tag}, **as_json).status_code == 200
    assert alice.post(f"{url}submit/", {}, **as_json).json()["state"]["code"] == "submitted"
    answer = {"accept": True, "opinion": "Well done."}
    assert alice.post(f"{url}answer/", answer, **as_json).status_code == 403
    found = mona.post(f"{url}answer/", answer, **as_json)
    assert found.json()["state"]["code"] == "accepted"
    assert len(found.json()["sha256"]) == 64
    assert rita.get(url).status_code == 403
    assert rita.get(reverse("records:go", args=[row.number])).status_code == 404
