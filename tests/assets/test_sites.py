"""Service sites: opened and closed only by an application approved by somebody else (CMDB-14)."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.access import Denied, Role
from accounts.models import Grant
from assets import applications, register, sites
from assets.models import ApplicationNotice, ServiceSite
from records import notices
from records.lifecycle import IllegalMove
from tests.assets.making import TODAY, make_asset
from tests.cast import MONDAY, Cast


def make_site(cast: Cast, code: str = "suzhou", **over: Any) -> ServiceSite:
    facts = {
        "name_en": "Suzhou outlet", "name_zh": "苏州服务网点", "address_en": "1 Xinghu St",
        "calendar": cast.calendar, "team": cast.desk, **over,
    }  # fmt: skip
    return sites.plan(code, facts, actor=cast.alice.actor, now=MONDAY)


@pytest.mark.req("CMDB-14")
def test_a_site_opens_and_closes_only_by_an_application_somebody_else_approved(cast: Cast) -> None:
    site = make_site(cast)
    assert site.state == "planned"
    known: dict[str, Any] = {"on": TODAY, "reason": "Ten customers nearby", "now": MONDAY}
    asked = applications.ask_for_site(site, "open_site", **known, actor=cast.mona.actor)
    for person in (cast.mona, cast.alice, cast.charlie):
        with pytest.raises(Denied):
            applications.decide(asked, approve=True, note="", actor=person.actor, now=MONDAY)
    site.refresh_from_db()
    assert site.state == "planned"
    applications.decide(asked, approve=True, note="Agreed", actor=cast.admin.actor, now=MONDAY)
    site.refresh_from_db()
    assert (site.state, site.opened_on) == ("open", TODAY)
    with pytest.raises(IllegalMove):
        applications.ask_for_site(site, "open_site", **known, actor=cast.mona.actor)
    closing = applications.ask_for_site(site, "close_site", **known, actor=cast.alice.actor)
    applications.decide(closing, approve=True, note="", actor=cast.mona.actor, now=MONDAY)
    site.refresh_from_db()
    assert (site.state, site.closed_on) == ("closed", TODAY)
    verbs = list(site.entries.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["entered", "asked", "open_site", "asked", "close_site"]
    assert site.events.count() == 3  # type: ignore[attr-defined]


@pytest.mark.req("CMDB-14")
def test_a_refused_site_stays_planned_and_the_reason_is_kept(cast: Cast) -> None:
    site = make_site(cast)
    asked = applications.ask_for_site(
        site, "open_site", on=TODAY, reason="Wanted", actor=cast.alice.actor, now=MONDAY
    )
    with pytest.raises(ValidationError):
        applications.decide(asked, approve=False, note=" ", actor=cast.mona.actor, now=MONDAY)
    decided = applications.decide(
        asked, approve=False, note="Too few calls", actor=cast.mona.actor, now=MONDAY
    )
    site.refresh_from_db()
    assert site.state == "planned"
    assert (decided.decision, decided.decision_note) == ("refused", "Too few calls")


@pytest.mark.req("CMDB-14")
def test_those_who_decide_are_told_once_and_who_asked_of_the_decision(cast: Cast, client_of: Any) -> None:
    site = make_site(cast)
    cast.bob.grants.all().delete()
    Grant.objects.create(user=cast.bob, role=Role.MANAGER, organisation=cast.acme)  # not of all customers
    asked = applications.ask_for_site(
        site, "open_site", on=TODAY, reason="Wanted", actor=cast.mona.actor, now=MONDAY
    )
    told = set(ApplicationNotice.objects.values_list("person__username", flat=True))
    assert "admin" in told
    assert not {"mona", "alice", "bob", "rita", "carla", "charlie", "robot"} & told
    assert notices.unread_count(cast.admin.actor) == 1
    (notice,), _more = notices.latest(cast.admin.actor)
    assert "waits for a decision" in notice.words
    page = client_of(cast.admin).get("/notices/").content.decode()
    assert f"/assets/applications/{asked.pk}/" in page
    client_of(cast.admin).get(f"/assets/applications/{asked.pk}/")
    assert notices.unread_count(cast.admin.actor) == 0
    applications.decide(asked, approve=True, note="", actor=cast.admin.actor, now=MONDAY)
    (notice,), _more = notices.latest(cast.mona.actor)
    assert "approved" in notice.words
    assert notices.read_all(cast.mona.actor, now=MONDAY) == 1
    assert notices.unread_count(cast.mona.actor) == 0


def test_what_was_decided_meanwhile_is_no_news_to_others(cast: Cast) -> None:
    asset = make_asset(cast, customer=cast.acme)
    asked = applications.ask_to_dispose(
        asset, on=TODAY, way="recycled", data_wiped=True, data_note="Shredded", reason="Broken",
        actor=cast.alice.actor, now=MONDAY,
    )  # fmt: skip
    assert notices.unread_count(cast.mona.actor) == 1
    assert notices.unread_count(cast.admin.actor) == 1
    applications.decide(asked, approve=False, note="Repair it.", actor=cast.admin.actor, now=MONDAY)
    assert notices.unread_count(cast.mona.actor) == 0
    assert notices.unread_count(cast.alice.actor) == 1


def test_an_application_is_withdrawn_by_who_asked(cast: Cast) -> None:
    site = make_site(cast)
    asked = applications.ask_for_site(
        site, "open_site", on=TODAY, reason="Wanted", actor=cast.alice.actor, now=MONDAY
    )
    with pytest.raises(Denied):
        applications.withdraw(asked, actor=cast.bob.actor, now=MONDAY)
    applications.withdraw(asked, actor=cast.alice.actor, now=MONDAY)
    applications.ask_for_site(site, "open_site", on=TODAY, reason="Again", actor=cast.alice.actor, now=MONDAY)
    assert site.applications.count() == 2


def test_a_site_with_assets_does_not_close(cast: Cast) -> None:
    site = make_site(cast)
    ServiceSite.objects.filter(pk=site.pk).update(state="open", opened_on=TODAY)
    asset = make_asset(cast, customer=None, site=site)
    closing = applications.ask_for_site(
        site, "close_site", on=TODAY, reason="Few calls", actor=cast.alice.actor, now=MONDAY
    )
    with pytest.raises(ValidationError, match="assets"):
        applications.decide(closing, approve=True, note="", actor=cast.mona.actor, now=MONDAY)
    register.change(asset, {"site": None}, actor=cast.alice.actor, now=MONDAY, expected_version=None)
    applications.decide(closing, approve=True, note="", actor=cast.mona.actor, now=MONDAY)
    with pytest.raises(ValidationError) as refused:
        make_asset(cast, "IT-9", customer=None, site=ServiceSite.objects.get())
    assert "site" in refused.value.message_dict


@pytest.mark.parametrize(
    ("code", "over", "field"),
    [
        ("new", {}, "code"),
        ("", {}, "code"),
        ("suzhou 1", {}, "code"),
        ("a", {"name_en": ""}, "name_en"),
        ("a", {"address_en": " "}, "address_en"),
        ("a", {"calendar": None}, "calendar"),
    ],
)
def test_what_no_site_can_be_is_refused(cast: Cast, code: str, over: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        make_site(cast, code, **over)
    assert field in refused.value.message_dict
