"""What teams and suppliers promised us: their clocks run while they have the ticket, and no others do."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from incidents import services, supplying
from incidents.models import Incident
from records import alarms, assignment
from records.models import Activity
from records.services import comment, get_record
from sla import selfcheck
from sla.models import Agreement, AgreementVersion, Breach, Clock, Holding, Metric, Target
from sla.policy import DEFAULT_MATRIX
from suppliers.models import Supplier
from tests.cast import EARLY, MONDAY, Cast, make_agreement, make_incident

pytestmark = [pytest.mark.django_db, pytest.mark.req("SLM-08", "SLM-34")]
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def support(cast: Cast, code: str, hours: dict[Metric, float], **party: Any) -> Agreement:
    kind = "ola" if "team" in party else "uc"
    agreement = Agreement.objects.create(code=code, name_en=code, name_zh=code, kind=kind, **party)
    version = AgreementVersion.objects.create(
        agreement=agreement, number=1, effective_from=EARLY, calendar=cast.calendar,
        matrix=dict(DEFAULT_MATRIX), pausing_reasons=["customer", "supplier"], warn_at=[50],
        created_by=cast.mona, created_at=EARLY,
    )  # fmt: skip
    for metric, amount in hours.items():
        Target.objects.create(version=version, metric=metric, amount=int(amount * 3600))
    return agreement


@pytest.fixture
def line(cast: Cast) -> Supplier:
    return Supplier.objects.create(code="line", name_en="Line Ltd", name_zh="线路公司")


@pytest.fixture
def chain(cast: Cast, line: Supplier) -> dict[str, Agreement]:
    """Desk: answers in 30 min, solves in 1 h. Second line: solves in 3 h. Supplier: answers in 1 h, 2 h."""
    make_agreement(cast.calendar, cast.acme)
    return {
        "desk": support(cast, "ola-desk", {Metric.FIRST_RESPONSE: 0.5, Metric.RESOLUTION: 1}, team=cast.desk),
        "second": support(cast, "ola-second", {Metric.RESOLUTION: 3}, team=cast.second),
        "line": support(cast, "uc-line", {Metric.FIRST_RESPONSE: 1, Metric.RESOLUTION: 2}, supplier=line),
    }


def clock(incident: Incident, agreement: Agreement, metric: Metric = Metric.RESOLUTION) -> Clock:
    return Clock.every.get(record=incident.pk, support=agreement, metric=metric)


def read(cast: Cast, incident: Incident) -> Incident:
    found = get_record(cast.alice.actor, incident.number)
    assert isinstance(found, Incident)
    return found


def to_second(cast: Cast, incident: Incident, now: datetime) -> Incident:
    return assignment.assign(incident, team=cast.second, assignee=None, actor=cast.alice.actor, now=now)


def test_each_clock_counts_only_what_its_party_had_in_hand(
    cast: Cast, chain: dict[str, Agreement], line: Supplier
) -> None:
    incident = make_incident(cast)
    to_second(cast, incident, MONDAY + 30 * MINUTE)
    held = services.hold(
        read(cast, incident), reason="supplier", supplier=line, supplier_reference="T-7",
        actor=cast.sven.actor, now=MONDAY + 60 * MINUTE,
    )  # fmt: skip
    back = services.resume(held, actor=cast.sven.actor, now=MONDAY + 105 * MINUTE)
    services.resolve(back, code="solved", steps="New line.", actor=cast.sven.actor, now=MONDAY + 120 * MINUTE)

    spent = {name: clock(incident, agreement).spent // 60 for name, agreement in chain.items()}
    assert spent == {"desk": 30, "second": 30 + 15, "line": 45}
    assert {clock(incident, a).state for a in chain.values()} == {"stopped"}
    assert Clock.objects.get(record=incident.pk, metric="resolution").spent == 120 * 60
    spans = list(Holding.objects.filter(record=incident.pk).order_by("since").values_list("party", "until"))
    assert [party for party, _until in spans] == ["team", "team", "supplier", "team"]
    assert spans[-1][1] == MONDAY + 120 * MINUTE


def test_the_time_of_the_parties_sums_to_the_time_the_ticket_was_open(
    cast: Cast, chain: dict[str, Agreement], line: Supplier
) -> None:
    incident = make_incident(cast)
    held = services.hold(incident, reason="customer", actor=cast.alice.actor, now=MONDAY + HOUR)
    comment(held, text="Here it is.", is_public=True, actor=cast.rita.actor, now=MONDAY + 3 * HOUR)
    to_second(cast, read(cast, incident), MONDAY + 4 * HOUR)
    held = services.hold(
        read(cast, incident), reason="supplier", supplier=line, actor=cast.sven.actor, now=MONDAY + 30 * HOUR
    )
    services.resolve(held, code="solved", steps="Done.", actor=cast.sven.actor, now=MONDAY + 50 * HOUR)
    spans = list(Holding.objects.filter(record=incident.pk).order_by("since", "pk"))
    assert spans[0].since == MONDAY
    assert all(a.until == b.since for a, b in pairwise(spans))
    assert sum(((s.until or timezone.now()) - s.since for s in spans), timedelta()) == 50 * HOUR


def test_a_clock_of_a_team_that_gave_the_ticket_away_waits_and_can_no_longer_be_missed(
    cast: Cast, chain: dict[str, Agreement]
) -> None:
    incident = make_incident(cast)
    to_second(cast, incident, MONDAY + 30 * MINUTE)
    waiting = clock(incident, chain["desk"])
    assert (waiting.state, waiting.due_at, waiting.alarm_at) == ("paused", None, None)
    explained = waiting.events.get()
    assert (explained.type, explained.reason) == ("pause", "elsewhere")


@pytest.mark.req("INC-10")
def test_a_missed_ola_is_told_by_name_and_is_no_miss_of_the_sla(
    cast: Cast, chain: dict[str, Agreement]
) -> None:
    incident = make_incident(cast)
    assignment.accept(incident, actor=cast.alice.actor, now=MONDAY + 5 * MINUTE)
    now = MONDAY + 90 * MINUTE
    alarms.raise_reached(
        list(Clock.every.filter(record=incident.pk, alarm_at__lte=now)), now=now, actor=cast.system
    )
    missed = Breach.objects.get(clock__record=incident.pk)
    assert missed.clock.support == chain["desk"]
    assert (missed.team, missed.at) == (cast.desk, MONDAY + HOUR)
    told = Activity.objects.get(record=incident.pk, verb="sla.breached")
    assert told.data["metric"] == {"en": "Resolution (ola-desk)", "zh": "解决（ola-desk）"}
    assert not told.is_public
    assert not Clock.objects.filter(record=incident.pk, breached_at__isnull=False).exists()


def test_who_takes_the_ticket_answers_for_the_team_and_who_hands_it_in_does_not(
    cast: Cast, chain: dict[str, Agreement]
) -> None:
    incident = make_incident(cast)
    response = clock(incident, chain["desk"], Metric.FIRST_RESPONSE)
    assert response.state == "running"
    assignment.assign(
        read(cast, incident), team=cast.desk, assignee=cast.bob, actor=cast.mona.actor, now=MONDAY + MINUTE
    )
    assert clock(incident, chain["desk"], Metric.FIRST_RESPONSE).state == "running"
    assignment.accept(read(cast, incident), actor=cast.bob.actor, now=MONDAY + 10 * MINUTE)
    response = clock(incident, chain["desk"], Metric.FIRST_RESPONSE)
    assert (response.state, response.spent, response.breached_at) == ("stopped", 600, None)


def test_the_suppliers_answer_is_recorded_with_his_number_and_stops_his_response(
    cast: Cast, chain: dict[str, Agreement], line: Supplier
) -> None:
    held = services.hold(
        make_incident(cast), reason="supplier", supplier=line, actor=cast.alice.actor, now=MONDAY + HOUR
    )
    told = supplying.supplier_replied(
        held, note="On its way.", reference="L-99", actor=cast.alice.actor, now=MONDAY + 90 * MINUTE
    )
    assert told.supplier_reference == "L-99"
    response = clock(held, chain["line"], Metric.FIRST_RESPONSE)
    assert (response.state, response.spent) == ("stopped", 1800)
    assert clock(held, chain["line"]).state == "running"
    assert not Activity.objects.get(record=held.pk, verb="incident.supplier_replied").is_public


def test_a_supplier_is_named_only_for_a_ticket_that_waits_for_one(cast: Cast, line: Supplier) -> None:
    incident = make_incident(cast)
    with pytest.raises(ValidationError, match="only when the ticket waits for one"):
        services.hold(incident, reason="customer", supplier=line, actor=cast.alice.actor, now=MONDAY + HOUR)
    line.is_active = False
    line.save()
    with pytest.raises(ValidationError, match="no longer active"):
        services.hold(incident, reason="supplier", supplier=line, actor=cast.alice.actor, now=MONDAY + HOUR)
    with pytest.raises(ValidationError, match="does not wait for a supplier"):
        supplying.supplier_replied(incident, note="Hm.", actor=cast.alice.actor, now=MONDAY + HOUR)
    assert read(cast, incident).state == "new"


def test_a_reopened_ticket_goes_on_with_who_has_it_and_with_nobody_else(
    cast: Cast, chain: dict[str, Agreement]
) -> None:
    incident = make_incident(cast)
    second = to_second(cast, incident, MONDAY + 30 * MINUTE)
    done = services.resolve(second, code="solved", steps="x", actor=cast.sven.actor, now=MONDAY + HOUR)
    services.reopen(done, reason="Again.", actor=cast.sven.actor, now=MONDAY + 2 * HOUR)
    assert clock(incident, chain["second"]).state == "running"
    assert clock(incident, chain["desk"]).state == "stopped"
    assert Holding.objects.get(record=incident.pk, until=None).team == cast.second


def test_a_ticket_given_up_cancels_them_unjudged(cast: Cast, chain: dict[str, Agreement]) -> None:
    incident = make_incident(cast)
    services.cancel(incident, reason="Twice.", actor=cast.alice.actor, now=MONDAY + MINUTE)
    assert clock(incident, chain["desk"]).state == "cancelled"
    assert clock(incident, chain["desk"]).decided_at is None


def test_the_agreement_the_sla_rests_on_is_measured_before_another_of_the_same_team(
    cast: Cast, chain: dict[str, Agreement]
) -> None:
    other = support(cast, "ola-desk-new", {Metric.RESOLUTION: 2}, team=cast.desk)
    version = AgreementVersion.objects.get(agreement__customer=cast.acme)
    version.underpinnings.create(
        target_key="resolution//1", agreement=other, supporting_key="resolution//", stage=1
    )
    incident = make_incident(cast)
    assert {c.support for c in Clock.every.filter(record=incident.pk, support__isnull=False)} == {other}


def test_the_nightly_check_replays_them_too(cast: Cast, chain: dict[str, Agreement], line: Supplier) -> None:
    now = timezone.now().replace(microsecond=0)
    incident = make_incident(cast, now=now - 2 * MINUTE)
    to_second(cast, incident, now - MINUTE)
    report = selfcheck.check(selfcheck.Report(started_at=now.isoformat()), now=now)
    assert (report.checked, report.differences) == (Clock.every.count(), [])
    assert report.checked > Clock.objects.count()


@pytest.mark.req("PLT-04")
def test_programs_read_whose_time_it_was_and_the_clocks_behind(
    cast: Cast, chain: dict[str, Agreement], client_of: Any
) -> None:
    incident = make_incident(cast)
    incident = to_second(cast, incident, MONDAY + HOUR)
    services.resolve(incident, code="solved", steps="x", actor=cast.alice.actor, now=MONDAY + 3 * HOUR)
    alice = client_of(cast.alice)
    found = alice.get(f"/api/v1/incidents/{incident.number}/parties/").json()
    assert (found["seconds"], found["counted"]) == (3 * 3600, 2 * 3600)  # lunch is not counted
    assert [(s["party"]["name"], s["seconds"], s["counted"]) for s in found["shares"]] == [
        (cast.second.name, 7200, 3600), (cast.desk.name, 3600, 3600),
    ]  # fmt: skip
    assert [(s["party"]["code"], s["until"]) for s in found["spans"]] == [
        ("team", "2026-03-02T03:00:00Z"), ("team", "2026-03-02T05:00:00Z"),
    ]  # fmt: skip
    listed = alice.get(f"/api/v1/clocks/?agreement_kind=ola,uc&record={incident.number}").json()["results"]
    assert {(row["agreement"]["code"], row["metric"]["code"]) for row in listed} == {
        ("ola-desk", "first_response"), ("ola-desk", "resolution"), ("ola-second", "resolution"),
    }  # fmt: skip
    assert all(alice.get(row["url"]).status_code == 200 for row in listed)
    for customer in (cast.rita, cast.carla):
        own = client_of(customer)
        assert own.get(f"/api/v1/incidents/{incident.number}/parties/").status_code in (403, 404)
        asked = f"/api/v1/clocks/?agreement_kind=ola,uc&record={incident.number}"
        assert own.get(asked).json()["results"] == []
        assert own.get(listed[0]["url"]).status_code == 404
