"""Misses and their causes; attainment net of what is excluded, and gross."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from incidents import services
from records import exclusions
from records.models import Record
from sla import spans
from sla.models import Breach, Clock
from tests.cast import MONDAY, Cast, make_incident

pytestmark = [pytest.mark.django_db]
Browser = Callable[[User], Client]
LATE = MONDAY + timedelta(days=3)
MARCH = {"from": "2026-03-01", "to": "2026-03-31"}


def missed(cast: Cast, reason: str = "", **over: Any) -> Breach:
    """The missed resolution of an incident that was solved a day late."""
    incident = services.resolve(
        make_incident(cast, **over), code="solved", steps="Done.", actor=cast.alice.actor, now=LATE
    )
    breach = Breach.objects.get(clock__record=incident.pk, clock__metric="resolution")
    if reason:
        services.explain_breach(
            incident, breach, reason=reason, note="", no_action="Single case.", actor=cast.alice.actor,
            now=LATE,
        )  # fmt: skip
    return breach


@pytest.mark.req("SLM-34")
def test_the_causes_are_counted_summed_up_and_each_opens_its_list(cast: Cast, client_of: Browser) -> None:
    Clock.objects.all().delete()
    for reason in ("workload", "workload", "workload", "skill", ""):
        missed(cast, reason)
    Breach.objects.exclude(clock__metric="resolution").update(reason="parts")
    mona = client_of(cast.mona)
    page = mona.get("/reports/misses/", MARCH)
    bars = [(str(b["label"]), b["n"], str(b["running"])) for b in page.context["bars"]]
    others = Breach.objects.exclude(clock__metric="resolution").count()
    total = 5 + others
    assert ("Too much work at once", 3) in [bar[:2] for bar in bars]
    assert ("Not explained yet", 1) in [bar[:2] for bar in bars]
    assert bars[-1][2] == "100.0"
    assert page.context["total"] == total
    for bar in page.context["bars"]:
        assert mona.get("/reports/misses/" + bar["url"]).context["total"] == bar["n"]
    assert mona.get("/reports/misses/", {**MARCH, "by": "weather"}).status_code == 400
    assert mona.get("/reports/misses/", {**MARCH, "by": "team", "cause": "x"}).status_code == 400


@pytest.mark.req("SLM-34", "SLM-60")
def test_a_miss_shows_what_is_corrected(cast: Cast, client_of: Browser) -> None:
    breach = missed(cast)
    services.explain_breach(
        Record.objects.get(pk=breach.clock.record_id).incident, breach, reason="skill", note="New tool.",
        action=services.Correction("Train the desk", cast.bob, (LATE + timedelta(days=9)).date()),
        actor=cast.alice.actor, now=LATE,
    )  # fmt: skip
    page = client_of(cast.mona).get("/reports/misses/", {**MARCH, "cause": "skill"}).content.decode()
    assert "Train the desk" in page
    assert "Knowledge or skill missing" in page


@pytest.mark.req("SLM-32")
def test_attainment_is_told_net_and_gross_and_the_excluded_open_their_list(
    cast: Cast, client_of: Browser
) -> None:
    kept = services.resolve(
        make_incident(cast), code="solved", steps="x", actor=cast.alice.actor, now=MONDAY + timedelta(hours=1)
    )
    clock = missed(cast).clock
    record = Record.objects.get(pk=clock.record_id)
    asked = exclusions.ask(
        record, clock, reason="planned", evidence="Plan 7.", actor=cast.alice.actor, now=LATE
    )
    mona = client_of(cast.mona)

    def card() -> tuple[str, str]:
        cards = mona.get("/reports/", MARCH).context["cards"]
        found = next(c for c in cards if str(c["label"]) == "Resolution")
        return str(found["value"]), str(found["note"])

    assert card()[0] == "50 %"
    exclusions.decide(record, asked, decision="approved", note="", actor=cast.mona.actor, now=LATE)
    assert card() == ("100 %", "gross 50 %, 1 excluded")
    listed = mona.get("/reports/targets/resolution/excluded/", MARCH)
    assert [row["number"] for row in listed.context["clocks"]] == [record.number]
    assert kept.number not in listed.content.decode()


@pytest.mark.req("SLM-32")
def test_an_exclusion_is_asked_and_decided_on_the_page_of_the_clock(cast: Cast, client_of: Browser) -> None:
    clock = missed(cast).clock
    record = Record.objects.get(pk=clock.record_id)
    page = f"/r/{record.number}/clocks/{clock.pk}/"
    alice, mona = client_of(cast.alice), client_of(cast.mona)
    assert "This target counts" in alice.get(page).content.decode()
    refused = alice.post(page + "exclude/", {"reason": "planned", "evidence": " "})
    assert refused.status_code == 422
    assert alice.post(page + "exclude/", {"reason": "planned", "evidence": "Plan 7."}).status_code == 302
    assert "Plan 7." in mona.get("/reports/exclusions/").content.decode()
    asked = clock.exclusions.get()
    assert alice.post(f"{page}exclusions/{asked.pk}/", {"decision": "approved"}).status_code == 403
    assert mona.post(f"{page}exclusions/{asked.pk}/", {"decision": "rejected"}).status_code == 422
    assert mona.post(f"{page}exclusions/{asked.pk}/", {"decision": "approved"}).status_code == 302
    clock.refresh_from_db()
    assert clock.waived_at is not None
    assert "Plan 7." in mona.get("/reports/exclusions/?decided").content.decode()
    rita = client_of(cast.rita).get(page)
    assert rita.status_code == 200
    assert "Plan 7." not in rita.content.decode()


@pytest.mark.req("SLM-29")
def test_the_time_of_a_month_is_shared_among_the_parties(cast: Cast) -> None:
    held = services.hold(
        make_incident(cast), reason="customer", actor=cast.alice.actor, now=MONDAY + timedelta(hours=10)
    )
    services.resolve(held, code="solved", steps="x", actor=cast.alice.actor, now=MONDAY + timedelta(hours=40))
    make_incident(cast, now=MONDAY + timedelta(hours=2))
    begin, end = MONDAY + timedelta(hours=5), MONDAY + timedelta(hours=50)
    found = spans.time_in(Record.objects.all(), begin, end)
    assert {row["party"]: row["seconds"] // 3600 for row in found} == {"team": 5 + 45, "customer": 30}


@pytest.mark.req("SLM-29")
def test_the_page_of_the_parties_tells_who_had_it_and_is_for_the_desk(cast: Cast, client_of: Browser) -> None:
    incident = make_incident(cast)
    services.hold(incident, reason="customer", actor=cast.alice.actor, now=MONDAY + timedelta(hours=1))
    page = client_of(cast.alice).get(f"/r/{incident.number}/parties/")
    labels = [row["label"] for row in page.context["shares"]]
    assert labels == ["the customer", cast.desk.name]
    assert page.context["counted"] == 3600
    assert client_of(cast.rita).get(f"/r/{incident.number}/parties/").status_code == 302
