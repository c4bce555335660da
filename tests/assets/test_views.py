"""The pages of assets: forms in both directions, refusals in words, what other pages show."""

from typing import Any

import pytest

from accounts.access import Role
from accounts.models import Grant
from assets import applications, upkeep
from assets.models import Application, Asset, Check, Licence, MaintenancePlan, ServiceSite, SoftwareFinding
from tests.assets.making import TODAY, install, make_asset, make_item, make_plan, make_type
from tests.assets.test_licences import make_licence
from tests.assets.test_sites import make_site
from tests.cast import MONDAY, Cast, make_user

PAGES = (
    "", "new/", "coverage/", "contracts/", "plans/", "checks/", "checks/?view=overdue", "licences/",
    "licences/?verdict=unlicensed", "findings/", "findings/new/", "sites/", "sites/new/", "applications/",
    "plans/new/", "licences/new/", "?warranty=90", "?warranty=ended", "?state=here", "?customer=own",
    "?q=%00x", "?class=99999999999", "?cursor=nonsense", "?page=99", "checks/?view=x", "?coverage=x",
)  # fmt: skip


def whole(cast: Cast) -> Asset:
    """One of each, so that every page has something to show."""
    asset = make_asset(cast, item=make_item("laptop-1", of=cast.acme), is_important=True, cost=5000,
                       purchased_on=TODAY)  # fmt: skip
    make_plan(cast, starts_on=TODAY)
    upkeep.work_off(now=MONDAY)
    software = make_item("WPS", category="software")
    install(software, make_item("laptop-2"))
    make_licence(cast, software)
    make_site(cast)
    applications.ask_to_dispose(
        asset, on=TODAY, way="sold", data_wiped=True, data_note="wiped", reason="old",
        actor=cast.alice.actor, now=MONDAY,
    )  # fmt: skip
    return asset


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_opens_full_and_empty(cast: Cast, client_of: Any, language: str) -> None:
    type(cast.mona).objects.filter(pk=cast.mona.pk).update(language=language)
    mona = client_of(cast.mona)
    for page in PAGES:
        assert mona.get(f"/assets/{page}").status_code == 200, page
    asset = whole(cast)
    own = [
        f"{asset.number}/", f"{asset.number}/edit/", f"licences/{Licence.objects.get().number}/",
        f"software/{Licence.objects.get().software_id}/", f"plans/{MaintenancePlan.objects.get().pk}/",
        f"plans/{MaintenancePlan.objects.get().pk}/edit/", f"checks/{Check.objects.get().pk}/",
        f"sites/{ServiceSite.objects.get().code}/", f"applications/{Application.objects.get().pk}/",
        f"licences/{Licence.objects.get().number}/edit/", f"sites/{ServiceSite.objects.get().code}/edit/",
    ]  # fmt: skip
    for page in (*PAGES, *own):
        assert mona.get(f"/assets/{page}").status_code == 200, page


@pytest.mark.req("CMDB-07")
def test_an_asset_is_entered_changed_and_handed_out_in_the_browser(cast: Cast, client_of: Any) -> None:
    alice, kind = client_of(cast.alice), make_type()
    form = {
        "tag": "IT-1", "name": "ThinkPad", "device_class": kind.pk, "customer": cast.acme.pk,
        "received_on": "2026-03-02", "currency": "CNY", "life_months": "36", "cost": "100",
    }  # fmt: skip
    assert alice.post("/assets/new/", {**form, "tag": ""}).status_code == 422
    assert alice.post("/assets/new/", form).status_code == 302
    again = alice.post("/assets/new/", form)
    assert again.status_code == 422
    assert "There is an asset with this tag already." in again.content.decode()
    asset = Asset.objects.get()
    url = asset.get_absolute_url()
    assert alice.post(f"{url}hand_out/", {"user": cast.charlie.pk, "version": 1}).status_code == 422
    assert alice.post(f"{url}hand_out/", {"user": cast.rita.pk, "version": 1}).status_code == 302
    assert alice.post(f"{url}take_back/", {"location": "Store", "version": 1}).status_code == 409
    assert alice.post(f"{url}receive/", {"on": "2026-03-02", "location": "x"}).status_code == 409
    asset.refresh_from_db()
    assert (asset.state, asset.user) == ("in_use", cast.rita)
    stale = alice.post(f"{url}edit/", {**form, "name": "X1", "version": 1})
    assert stale.status_code == 422
    assert "Somebody else saved this meanwhile" in stale.content.decode()
    assert alice.post(f"{url}edit/", {**form, "name": "X1", "version": 2}).status_code == 302
    assert "X1" in alice.get(url).content.decode()


@pytest.mark.req("CMDB-14")
def test_a_site_is_planned_applied_for_and_approved_in_the_browser(cast: Cast, client_of: Any) -> None:
    alice, mona = client_of(cast.alice), client_of(cast.mona)
    form = {"code": "suzhou", "name_en": "Suzhou", "address_en": "1 Xinghu St", "calendar": cast.calendar.pk}
    assert alice.post("/assets/sites/new/", form).status_code == 302
    site = ServiceSite.objects.get()
    apply = {"on": "2026-03-02", "reason": "Ten customers"}
    assert alice.post("/assets/sites/suzhou/open_site/", {"on": "2026-03-02"}).status_code == 422
    assert alice.post("/assets/sites/suzhou/open_site/", apply).status_code == 302
    assert alice.post("/assets/sites/suzhou/close_site/", apply).status_code == 409
    url = Application.objects.get().get_absolute_url()
    assert alice.post(url, {"act": "approve"}).status_code == 403
    assert mona.post(url, {"act": "refuse"}).status_code == 422
    assert mona.post(url, {"act": "approve"}).status_code == 302
    assert mona.post(url, {"act": "approve"}).status_code == 409
    site.refresh_from_db()
    assert site.state == "open"


@pytest.mark.req("CMDB-08")
def test_a_check_is_recorded_in_the_browser(cast: Cast, client_of: Any) -> None:
    make_asset(cast)
    make_plan(cast, every=1, unit="days")
    upkeep.work_off(now=MONDAY)
    check, alice = Check.objects.get(), client_of(cast.alice)
    url = check.get_absolute_url()
    form = {"outcome_0": "ok", "outcome_1": "found", "note_1": "", "done_on": "2026-03-02"}
    assert alice.post(url, {"outcome_0": "ok"}).status_code == 422
    assert alice.post(url, form).status_code == 422
    assert alice.post(url, {**form, "note_1": "Rattles"}).status_code == 302
    assert alice.post(url, {**form, "note_1": "Rattles"}).status_code == 409
    page = alice.get(url).content.decode()
    assert "Rattles" in page
    check.refresh_from_db()
    assert (check.state, check.done_by) == ("done", cast.alice)


@pytest.mark.req("CMDB-09")
def test_unauthorised_software_is_recorded_in_the_browser(cast: Cast, client_of: Any) -> None:
    asset = make_asset(cast)
    alice = client_of(cast.alice)
    form = {
        "name": "BitTorrent", "asset": asset.tag.lower(), "found_on": "2026-03-02", "due_on": "2099-03-02",
        "responsible": cast.bob.pk,
    }  # fmt: skip
    assert alice.post("/assets/findings/new/", {**form, "asset": "AST999999"}).status_code == 422
    assert alice.post("/assets/findings/new/", form).status_code == 302
    found = SoftwareFinding.objects.get()
    assert found.action is not None
    assert found.action.number in alice.get("/assets/findings/").content.decode()


def test_whoever_works_for_another_customer_finds_nothing(cast: Cast, client_of: Any) -> None:
    asset = whole(cast)
    confined = make_user("conny", cast.provider)
    Grant.objects.create(user=confined, role=Role.MANAGER, organisation=cast.globex)
    conny = client_of(confined)
    for page in (
        asset.get_absolute_url(), f"{asset.get_absolute_url()}edit/", Check.objects.get().get_absolute_url(),
        Application.objects.get().get_absolute_url(),
    ):  # fmt: skip
        assert conny.get(page).status_code == 404, page
    assert asset.number not in conny.get("/assets/").content.decode()
    assert conny.get("/assets/?coverage=covered").context["rows"] == []
    assert conny.post(f"{asset.get_absolute_url()}take_back/", {"location": "x"}).status_code == 404
    assert client_of(cast.carla).get(asset.get_absolute_url()).status_code in (302, 403)


def test_the_list_goes_by_pages_of_fifty_both_ways(
    cast: Cast, client_of: Any, django_assert_max_num_queries: Any
) -> None:
    for n in range(120):
        make_asset(cast, f"IT-{n:03}")
    mona = client_of(cast.mona)
    seen, url = [], ""
    while True:
        with django_assert_max_num_queries(22):
            page = mona.get(f"/assets/{url}")
        seen += [row["asset"].tag for row in page.context["rows"]]
        url = page.context["page"]["next_url"]
        if not url:
            break
    assert seen == [f"IT-{n:03}" for n in reversed(range(120))]
    back = mona.get(f"/assets/{page.context['page']['previous_url']}")
    assert [row["asset"].tag for row in back.context["rows"]] == [f"IT-{n:03}" for n in range(69, 19, -1)]


@pytest.mark.req("CMDB-10")
def test_the_page_of_an_item_shows_its_asset_and_software_its_licences(cast: Cast) -> None:
    from assets.panels import of_item

    item, software = make_item("laptop-1", of=cast.acme), make_item("WPS", category="software")
    asset = make_asset(cast, item=item)
    install(software, item)
    shown = of_item(item, cast.mona.actor, now=MONDAY)
    assert shown is not None
    assert shown["row"]["asset"] == asset
    used = of_item(software, cast.mona.actor, now=MONDAY)
    assert used is not None
    assert used["use"].standing.used == 1
    assert of_item(make_item("bare"), cast.mona.actor, now=MONDAY) is None
    assert of_item(item, cast.carla.actor, now=MONDAY) is None
