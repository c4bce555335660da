"""The levels the system begins with: each drives real clocks (SLM-54, SLM-55)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

import incidents.services
from incidents.models import Incident
from itsm import defaults
from records import alarms
from records.models import Record
from sla import editions
from sla.models import (
    Agreement,
    AgreementVersion,
    Breach,
    Clock,
    MeasuredTarget,
    ServicePackage,
    Underpinning,
)
from sla.packages import PACKAGES, Package
from sla.terms import Terms
from sla.terms_rows import terms_of
from tests.cast import MONDAY, Cast, make_incident

pytestmark = pytest.mark.django_db
START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def signed(cast: Cast, terms: object) -> AgreementVersion:
    agreement, _ = Agreement.objects.get_or_create(code="acme", customer=cast.acme, name_en="Acme's")
    return editions.publish(
        agreement,
        Terms.parse(terms),
        effective_from=START,
        effective_until=None,
        actor=cast.system,
        now=MONDAY,
    )


def clocks_of(incident: Incident) -> dict[str, Clock]:
    return {clock.metric: clock for clock in Clock.objects.filter(record=incident.pk)}


@pytest.mark.req("SLM-54", "SLM-55", "SLM-10")
@pytest.mark.parametrize("package", PACKAGES, ids=lambda p: p.code)
def test_a_ticket_runs_through_every_package_and_a_missed_promise_is_a_breach(
    cast: Cast, package: Package
) -> None:
    defaults.ensure()
    kept = ServicePackage.objects.get(code=package.code)
    kept.full_clean()
    version = signed(cast, kept.terms)
    for priority, (impact, urgency) in {1: (1, 1), 4: (3, 3)}.items():
        incident = make_incident(cast, impact=impact, urgency=urgency)
        promised = {t.metric: t for t in Terms.parse(kept.terms).targets if t.priority in (None, priority)}
        found = clocks_of(incident)
        assert found.keys() == promised.keys()
        for metric, clock in found.items():
            assert clock.agreement_version == version
            assert clock.promise == promised[metric].promise.definition()
            assert clock.first_due_at is not None
        if not promised:
            continue
        late = max(c.first_due_at for c in found.values() if c.first_due_at) + HOUR
        assert alarms.raise_due_of(Record.objects.get(pk=incident.pk), now=late, actor=cast.system)
        assert Breach.objects.filter(clock__record=incident.pk).count() == len(promised)


@pytest.mark.req("SLM-55")
def test_the_urgent_repair_is_due_in_twenty_minutes_by_night_and_met_by_the_arrival(cast: Cast) -> None:
    defaults.ensure()
    signed(cast, ServicePackage.objects.get(code="grade-3").terms)
    night = datetime(2026, 3, 1, 17, 0, tzinfo=UTC)  # 01:00 in Shanghai, the centre is closed
    incident = make_incident(cast, impact=1, urgency=1, now=night)
    assert clocks_of(incident)["on_site"].due_at == night + timedelta(minutes=20)
    incidents.services.arrive(incident, actor=cast.alice.actor, now=night + timedelta(minutes=19))
    arrival = clocks_of(incident)["on_site"]
    assert (arrival.state, arrival.breached_at) == ("stopped", None)


@pytest.mark.req("SLM-54")
def test_the_rank_orders_what_the_names_cannot(cast: Cast) -> None:
    defaults.ensure()
    by_rank = ServicePackage.objects.filter(family="nanjing").order_by("rank")
    assert [p.name_zh for p in by_rank] == ["南京二级", "南京一级"]
    best = ServicePackage.objects.filter(family="shijiazhuang").order_by("rank")[0]
    assert best.name_zh == "特级"
    assert [str(p.price) for p in by_rank] == ["0.1000", "0.0500"]


def test_making_the_packages_twice_changes_nothing(cast: Cast) -> None:
    defaults.ensure()
    ServicePackage.objects.filter(code="nanjing-1").update(price=7)
    defaults.ensure()
    assert ServicePackage.objects.count() == len(PACKAGES)
    assert ServicePackage.objects.get(code="nanjing-1").price == 7


@pytest.mark.req("SLM-15", "SLM-45")
def test_what_is_signed_is_read_back_the_same_with_all_its_rows(cast: Cast) -> None:
    defaults.ensure()
    behind = Agreement.objects.create(code="ola-desk", kind="ola", team=cast.desk, name_en="Desk")
    terms = ServicePackage.objects.get(code="nanjing-2").terms
    terms["targets"][0]["underpinned_by"] = [{"agreement": "ola-desk", "target": "on_site//1"}]
    version = signed(cast, terms)
    assert terms_of(version) == Terms.parse(terms)
    assert version.targets.count() == len(terms["targets"])
    assert MeasuredTarget.objects.filter(version=version).count() == len(terms["measures"])
    link = Underpinning.objects.get(version=version)
    assert (link.target_key, link.agreement, link.supporting_key) == ("on_site//1", behind, "on_site//1")


@pytest.mark.req("SLM-45")
def test_a_ticket_keeps_the_version_it_was_opened_under(cast: Cast) -> None:
    defaults.ensure()
    first = signed(cast, ServicePackage.objects.get(code="nanjing-1").terms)
    old = make_incident(cast, impact=1, urgency=1)
    second = editions.publish(
        first.agreement, Terms.parse(ServicePackage.objects.get(code="grade-1").terms),
        effective_from=MONDAY + HOUR, effective_until=None, actor=cast.system, now=MONDAY,
    )  # fmt: skip
    new = make_incident(cast, impact=1, urgency=1, now=MONDAY + 2 * HOUR)
    assert clocks_of(old)["on_site"].agreement_version == first
    assert clocks_of(new)["on_site"].agreement_version == second


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"calendar": "nowhere"}, "calendar"),
        ({"services": ["nothing"]}, "services[0]"),
    ],
)
def test_a_code_nobody_knows_is_refused_with_its_field(
    cast: Cast, over: dict[str, object], field: str
) -> None:
    defaults.ensure()
    terms = {**ServicePackage.objects.get(code="nanjing-1").terms, **over}
    with pytest.raises(ValidationError) as refused:
        signed(cast, terms)
    assert list(refused.value.message_dict) == [field]
    assert not AgreementVersion.objects.filter(agreement__code="acme").exists()


def test_a_version_that_begins_before_the_present_one_or_ends_before_it_begins_is_refused(
    cast: Cast,
) -> None:
    defaults.ensure()
    terms = ServicePackage.objects.get(code="nanjing-1").terms
    signed(cast, terms)
    with pytest.raises(ValidationError, match="must begin later"):
        signed(cast, terms)
    with pytest.raises(ValidationError, match="after the beginning"):
        editions.publish(
            Agreement.objects.get(code="acme"), Terms.parse(terms), effective_from=MONDAY,
            effective_until=MONDAY, actor=cast.system, now=MONDAY,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ("Special grade", "20 minutes", "100 %")), ("zh-hans", ("特级", "服务套餐", "回访率"))],
)
def test_the_page_shows_every_package_in_the_readers_language(
    client: Client, cast: Cast, language: str, words: tuple[str, ...]
) -> None:
    defaults.ensure()
    cast.mona.language = language
    cast.mona.save()
    client.force_login(cast.mona)
    page = client.get("/sla/packages/").content.decode()
    assert [word for word in words if word not in page] == []
