"""Pages about many incidents, the fast path, and that the requester is told who will answer."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from incidents import oncall, passing, services
from incidents.models import EventKind, Incident
from records import alarms
from records.models import Activity, Delivery
from records.services import comment
from tests.cast import MONDAY, Cast, make_incident
from tests.incidents.ticket import ClientOf, do

HOUR = timedelta(hours=1)


@pytest.mark.req("SD-26")
def test_the_requester_is_told_who_will_answer(cast: Cast, client_of: ClientOf) -> None:
    made = make_incident(cast)
    passing.escalate(made, team=cast.second, reason="Too deep for us", actor=cast.alice.actor, now=MONDAY)
    told = Delivery.objects.get(activity__verb="incident.will_answer", recipient=cast.rita, channel="in_app")
    assert told.activity.data["to"]["en"] == "Mail experts"
    page = client_of(cast.rita).get(reverse("portal:detail", args=[made.number])).content.decode()
    assert "Mail experts will answer" in page


@pytest.mark.req("SD-26")
def test_a_question_never_ends_without_an_owner(cast: Cast) -> None:
    asked = make_incident(cast, actor=cast.rita.actor, contact_type="consultation")
    assert asked.owner is None
    solved = services.resolve(asked, code="solved", steps="Like so.", actor=cast.bob.actor, now=MONDAY + HOUR)
    assert solved.owner == cast.bob


@pytest.mark.req("INC-05")
@pytest.mark.parametrize("kind", EventKind.values)
def test_kinds_of_event_are_told_apart(cast: Cast, alice: Client, kind: str) -> None:
    data = {
        "requester": cast.rita.pk, "title": "Something", "level": "22", "channel": "phone",
        "contact_type": "fault", "event_kind": kind,
    }  # fmt: skip
    assert alice.post(reverse("incidents:new"), data).status_code == 302
    made = Incident.objects.get()
    assert made.event_kind == kind
    lists = {"risk": "risks", "security": "security"}
    if kind in lists:
        page = alice.get(reverse("incidents:checks"), {"list": lists[kind]}).content.decode()
        assert made.number in page


@pytest.mark.req("INC-22")
def test_an_emergency_takes_the_fast_path_to_who_is_on_call(
    cast: Cast, alice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oncall, "_FINDERS", [])
    oncall.register(lambda team, at: User.objects.get(username="bob"))
    data = {
        "requester": cast.rita.pk, "title": "Server room burns", "service": cast.mail.pk,
        "event_kind": "outage", "site": "B1", "once": "x",
    }  # fmt: skip
    url = reverse("incidents:emergency")
    assert alice.get(url).status_code == 200
    first, second = alice.post(url, data), alice.post(url, data)
    assert first.status_code == 302
    assert first["Location"] == second["Location"]
    made = Incident.objects.get()
    assert (made.priority, made.impact, made.urgency) == (1, 1, 1)
    assert (made.assignee, made.event_kind) == (cast.bob, "outage")


def test_without_a_roster_an_emergency_goes_to_the_team(
    cast: Cast, alice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oncall, "_FINDERS", [])
    data = {"requester": cast.rita.pk, "title": "Fire", "event_kind": "outage"}
    assert alice.post(reverse("incidents:emergency"), data).status_code == 302
    made = Incident.objects.get()
    assert (made.assignee, made.team) == (None, cast.desk)


def test_an_emergency_without_a_person_is_refused_in_words(cast: Cast, alice: Client) -> None:
    answer = alice.post(reverse("incidents:emergency"), {"title": "Fire", "event_kind": "outage"})
    assert answer.status_code == 422
    assert "Choose whom the incident affects" in answer.content.decode()


@pytest.mark.req("INC-23")
def test_times_are_compared_month_by_month(cast: Cast, client_of: ClientOf) -> None:
    for month, hours in ((0, 4), (31, 2)):
        at = MONDAY + timedelta(days=month)
        made = make_incident(cast, now=at)
        services.resolve(made, code="solved", steps="x", actor=cast.alice.actor, now=at + hours * HOUR)
    page = client_of(cast.mona).get(reverse("incidents:comparison"), {"month": "2026-04"}).content.decode()
    assert "March 2026" in page
    assert "-33 %" in page or "-50 %" in page


def test_a_month_or_a_list_that_is_none_is_no_error(cast: Cast, alice: Client) -> None:
    for month in ("", "2026-13", "x", "９９９９-01", "2026-03-01"):
        assert alice.get(reverse("incidents:summary"), {"month": month}).status_code == 200
    assert alice.get(reverse("incidents:checks"), {"list": "nothing"}).status_code == 404
    assert alice.get(reverse("incidents:checks"), {"page": "-3"}).status_code == 200


@pytest.mark.req("SD-20")
def test_the_months_work_comes_from_the_records(cast: Cast, alice: Client) -> None:
    make_incident(cast)
    made = make_incident(cast, channel="wechat")
    services.resolve(made, code="solved", steps="x", actor=cast.alice.actor, now=MONDAY + HOUR)
    page = alice.get(reverse("incidents:summary"), {"month": "2026-03"})
    facts = {line["label"]: line["now"] for line in page.context["facts"]["lines"]}
    assert (facts["Opened"], facts["Solved"]) == (2, 1)
    assert "WeChat" in page.content.decode()
    empty = alice.get(reverse("incidents:summary"), {"month": "2025-01"})
    assert {line["now"] for line in empty.context["facts"]["lines"]} == {0}


@pytest.mark.req("SD-05")
def test_neither_solution_nor_progress_in_time_is_counted_as_missed(cast: Cast) -> None:
    silent, told = make_incident(cast), make_incident(cast)
    day = timedelta(days=1)
    comment(told, text="We are on it.", is_public=True, actor=cast.alice.actor, now=MONDAY + HOUR)
    for made in (silent, told):
        alarms.raise_due_of(made, now=MONDAY + day + HOUR, actor=cast.system)
    missed = Activity.objects.filter(verb="sla.breached", data__metric_code="next_update")
    assert [each.record_id for each in missed] == [silent.pk]


def test_each_new_step_has_a_form_that_opens(cast: Cast, alice: Client, incident: Incident) -> None:
    for act in ("attach", "adopt", "repeat", "bypass", "inform", "participate", "urge"):
        page = alice.get(f"/incidents/{incident.number}/{act}/")
        assert page.status_code == 200, act
    assert do(alice, incident, "participate", person=cast.bob.pk, part="technical").status_code == 302
    assert do(alice, incident, "urge", note="Called again").status_code == 302
    assert do(alice, incident, "bypass", person=cast.sven.pk).status_code == 302
    fresh = Incident.objects.get(pk=incident.pk)
    assert (fresh.urge_count, fresh.bypassed_by) == (1, cast.sven)
