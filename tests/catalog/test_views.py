"""The pages of the catalogue: a whole life by the browser's requests, and what customers see of it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from catalog import services
from catalog.models import Service, ServiceFamily, ServiceReview
from tests.cast import MONDAY, Cast
from tests.catalog.test_offer import both, offer
from tests.catalog.test_services import draft, propose, published

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Any], Client]
TEXTS = {
    "name": "Backup", "customer__what": "Your data, safe", "customer__ask": "Call us",
    "customer__hours": "Always", "customer__price": "CNY 5", "provider__delivery": "Nightly",
}  # fmt: skip


@pytest.fixture
def family(db: None) -> ServiceFamily:
    return ServiceFamily.objects.create(code="data", name_en="Data", name_zh="数据")


def form(cast: Cast, **over: Any) -> dict[str, Any]:
    """A whole proposal as the browser sends it."""
    words = {f"{name}__{language}": text for name, text in TEXTS.items() for language in ("en", "zh")}
    return {**words, "members": [cast.admin.pk], "reason": "asked for", **over}


@pytest.mark.req("REQ-02", "REQ-04", "REQ-07", "REQ-08")
def test_two_people_take_a_service_from_a_draft_to_the_portal(
    cast: Cast, client_of: ClientOf, family: ServiceFamily
) -> None:
    mona, admin, rita = client_of(cast.mona), client_of(cast.admin), client_of(cast.rita)
    basics = {
        "code": "backup", "name_en": "Backup", "name_zh": "备份", "family": family.pk,
        "portfolio_class": "value_added", "owner": cast.mona.pk,
    }  # fmt: skip
    made = mona.post("/catalogue/new/", basics)
    assert (made.status_code, made.headers["Location"]) == (302, "/catalogue/backup/propose/")
    assert "Only the staff read this" in mona.get("/catalogue/backup/propose/").text
    lists = {
        "customer__included__en": "Daily\r\n\r\nMonthly", "customer__included__zh": "每日\r\n每月",
        "provider__components__en": "Tape library", "provider__components__zh": "磁带库",
        "depends_on": [cast.mail.pk], "groups": [cast.desk.pk],
    }  # fmt: skip
    sent = mona.post("/catalogue/backup/propose/", form(cast, **lists))
    assert (sent.status_code, sent.headers["Location"]) == (302, "/catalogue/backup/")
    assert "Backup" not in rita.get("/portal/services/").text
    assert "1 proposal waits for your decision" in admin.get("/catalogue/").text
    assert "Decide on the proposal" not in mona.get("/catalogue/backup/").text
    assert "Decide on the proposal" in admin.get("/catalogue/backup/").text
    assert admin.post("/catalogue/backup/decide/", {"result": "approved"}).status_code == 302
    assert mona.post("/catalogue/backup/publish/").status_code == 302
    page = rita.get("/portal/services/").text
    for words in ("Backup", "Your data, safe", "CNY 5", "Call us", "Daily", "Monthly"):
        assert words in page
    assert "Tape library" not in page
    assert "Nightly" not in page
    provider = mona.get("/catalogue/backup/?view=provider").text
    for words in ("Tape library", "Nightly", "Service desk", "E-mail"):
        assert words in provider
    assert "Backup" in mona.get("/catalogue/mail/?view=provider").text
    cast.rita.language = "zh-hans"
    cast.rita.save()
    assert "每日" in client_of(cast.rita).get("/portal/services/").text


@pytest.mark.req("PLT-08")
def test_a_proposal_that_is_refused_keeps_every_word(
    cast: Cast, client_of: ClientOf, family: ServiceFamily
) -> None:
    draft(cast, family)
    mona = client_of(cast.mona)
    uneven = form(
        cast, customer__included__en="One\nTwo", customer__included__zh="一", customer__level__en="Good"
    )
    page = mona.post("/catalogue/backup/propose/", uneven)
    assert page.status_code == 422
    assert "The numbers of lines differ: 2 in English, 1 in Chinese." in page.text
    page = mona.post("/catalogue/backup/propose/", form(cast, customer__level__en="Good level"))
    assert (page.status_code, "Say it in both languages." in page.text) == (422, True)
    assert "Good level" in page.text
    page = mona.post("/catalogue/backup/propose/", form(cast, members=[]))
    assert page.status_code == 422
    assert not ServiceReview.objects.exists()


def test_the_second_of_two_authors_is_told_and_loses_nothing(
    cast: Cast, client_of: ClientOf, family: ServiceFamily
) -> None:
    service = draft(cast, family)
    services.edit(
        service, family=family, portfolio_class="core", owner=None, support_team=None, second_line_team=None,
        actor=cast.admin.actor, now=MONDAY,
    )  # fmt: skip
    late = form(cast, version=1, customer__what__en="My own words")
    page = client_of(cast.mona).post("/catalogue/backup/propose/", late)
    assert page.status_code == 422
    assert "Somebody changed this entry since you opened it" in page.text
    assert "My own words" in page.text
    assert 'name="version" value="2"' in page.text
    page = client_of(cast.mona).post("/catalogue/backup/withdraw/", {"reason": "gone", "version": 1})
    assert (page.status_code, "Somebody took a step" in page.text) == (409, True)
    assert Service.objects.get(code="backup").state == "draft"


def test_a_refused_proposal_is_where_the_next_one_begins(
    cast: Cast, client_of: ClientOf, family: ServiceFamily
) -> None:
    service = published(cast, draft(cast, family))
    changed = offer(customer={"price": both("CNY 999", "999 元")})
    review = propose(cast, service, changed)
    mona, admin = client_of(cast.mona), client_of(cast.admin)
    page = admin.get("/catalogue/backup/").text
    for words in ("Change in review", "CNY 999", "What would change", "asked for"):
        assert words in page
    assert mona.get("/catalogue/backup/propose/").status_code == 409
    page_ = admin.post("/catalogue/backup/decide/", {"result": "objected"})
    assert (page_.status_code, "Say what you object to." in page_.text) == (422, True)
    assert (
        admin.post("/catalogue/backup/decide/", {"result": "objected", "comment": "Too dear"}).status_code
        == 302
    )
    assert "objected to the proposal: Too dear" in mona.get("/catalogue/backup/").text
    assert "CNY 999" in mona.get("/catalogue/backup/propose/").text
    review.refresh_from_db()
    assert review.state == "refused"


def test_a_step_that_does_not_fit_is_a_conflict_in_words(
    cast: Cast, client_of: ClientOf, family: ServiceFamily
) -> None:
    draft(cast, family)
    mona = client_of(cast.mona)
    for step in ("publish", "available"):
        page = mona.post(f"/catalogue/backup/{step}/")
        assert (page.status_code, "not possible now" in page.text) == (409, True)
    assert mona.post("/catalogue/backup/nonsense/").status_code == 404
    assert mona.get("/catalogue/nothing/").status_code == 404
    assert mona.post("/catalogue/mail/withdraw/", {}).status_code == 422


@pytest.mark.req("REQ-18")
def test_the_portal_says_until_when_a_service_is_away_and_takes_no_order(
    cast: Cast, client_of: ClientOf
) -> None:
    until = timezone.localtime(timezone.now() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    words = {"words_en": "New servers", "words_zh": "更换服务器", "until": until}
    rita, mona = client_of(cast.rita), client_of(cast.mona)
    order = f'href="{reverse("portal:new")}?service={cast.mail.pk}"'
    assert order in rita.get("/portal/services/").text
    assert mona.post("/catalogue/mail/unavailable/", words).status_code == 302
    page = rita.get("/portal/services/").text
    for said in ("Not available at the moment", "New servers", "Expected to return"):
        assert said in page
    assert order not in page
    assert order not in rita.get("/portal/search/?q=mail").text
    assert "Temporarily unavailable" in mona.get("/catalogue/").text
    assert mona.post("/catalogue/mail/available/").status_code == 302
    assert order in rita.get("/portal/services/").text


@pytest.mark.req("REQ-06")
def test_a_withdrawn_service_leaves_the_portal_and_stays_in_the_catalogue(
    cast: Cast, client_of: ClientOf
) -> None:
    mona = client_of(cast.mona)
    assert mona.post("/catalogue/mail/withdraw/", {"reason": "Nobody uses it"}).status_code == 302
    assert "E-mail" not in client_of(cast.rita).get("/portal/services/").text
    page = mona.get("/catalogue/mail/").text
    assert "Nobody uses it" in page
    assert ">Next steps<" not in page
    assert "E-mail" in mona.get("/catalogue/?state=withdrawn").text


@pytest.mark.req("REQ-08")
def test_the_list_is_narrowed_by_family_class_state_and_words(
    cast: Cast, client_of: ClientOf, family: ServiceFamily
) -> None:
    published(cast, draft(cast, family), offer(name=both("Backup", "备份")))
    mona = client_of(cast.mona)
    for query, shows, hides in (
        ("family=data", "Backup", "E-mail"),
        ("class=core", "E-mail", "Backup"),
        ("q=备份", "Backup", "E-mail"),
        ("state=published&q=mail", "E-mail", "Backup"),
    ):
        page = mona.get(f"/catalogue/?{query}").text
        assert (f">{shows}</a>" in page, f">{hides}</a>" in page) == (True, False), query
    assert "Nothing fits these filters" in mona.get("/catalogue/?state=draft").text
    for junk in ("page=x", "state=%00", "family=%00", "q=%00", "class=%27", "mine=%00", "page=-1"):
        assert mona.get(f"/catalogue/?{junk}").status_code == 200, junk
    portal = client_of(cast.rita)
    assert "Backup" in portal.get("/portal/services/?service=备份").text
    assert "E-mail" not in portal.get("/portal/services/?service=备份").text
    assert "Nothing found" in portal.get("/portal/services/?service=zzz%00").text


def test_agents_read_and_customers_do_not(cast: Cast, client_of: ClientOf) -> None:
    page = client_of(cast.alice).get("/catalogue/mail/")
    assert page.status_code == 200
    assert "Withdraw the service" not in page.text
    assert "Propose a change" not in page.text
    assert client_of(cast.rita).get("/catalogue/mail/").status_code == 403


def test_the_list_costs_no_query_per_service(cast: Cast, client_of: ClientOf, family: ServiceFamily) -> None:
    mona, rita = client_of(cast.mona), client_of(cast.rita)

    def cost(client: Client, url: str) -> int:
        with CaptureQueriesContext(connection) as found:
            assert client.get(url).status_code == 200
        return len(found)

    urls = [(mona, "/catalogue/"), (rita, "/portal/services/")]
    before = [cost(*each) for each in urls]
    for code in ("one", "two", "three"):
        published(cast, draft(cast, family, code), offer(name=both(code.title(), code)))
    draft(cast, family, "four")
    assert [cost(*each) for each in urls] == before
