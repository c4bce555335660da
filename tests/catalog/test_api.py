"""The catalogue over HTTP: a whole life, the conventions, and what customers are not told."""

from collections.abc import Callable
from typing import Any

import pytest

from catalog.models import Service, ServiceFamily, ServiceReview
from tests.api.conftest import Api, api, is_problem, refused
from tests.cast import Cast
from tests.catalog.test_offer import both, offer
from tests.catalog.test_services import draft, propose, published

pytestmark = pytest.mark.django_db
Make = Callable[..., Api]
__all__ = ["api"]


@pytest.fixture
def family(db: None) -> ServiceFamily:
    return ServiceFamily.objects.create(code="data", name_en="Data", name_zh="数据")


def do(program: Api, act: str, body: Any = None, code: str = "backup", **headers: str) -> Any:
    answer = program.post(f"/services/{code}/{act}/", body if body is not None else {}, **headers)
    assert answer.status_code == 200, answer.content
    assert answer["ETag"] == f'"v{answer.json()["version"]}"'
    return answer.json()


@pytest.mark.req("REQ-07", "PLT-04")
def test_a_whole_life(cast: Cast, api: Make, family: ServiceFamily) -> None:
    draft(cast, family)
    mona, admin, rita = api(cast.mona), api(cast.admin), api(cast.rita)
    body = {"offer": offer(), "members": ["admin"], "reason": "asked for"}
    sent = do(mona, "propose", body)
    assert (sent["state"]["code"], sent["edition"]) == ("in_review", None)
    assert "decide" in sent["moves"]
    is_problem(rita.get("/services/backup/"), 404, "not-found")
    refused(mona.post("/services/backup/publish/", {}), "members")
    assert do(admin, "decide", {"result": "approved"})["state"]["code"] == "in_review"
    public = do(mona, "publish")
    assert (public["state"]["code"], public["edition"], public["is_published"]) == ("published", 1, True)
    assert public["customer_view"]["what"] == both("what")
    away = do(
        mona, "unavailable", {"words_en": "Moving", "words_zh": "搬迁", "until": "2099-01-01T00:00:00Z"}
    )
    assert away["unavailable"]["words"] == "Moving"
    assert away["unavailable"]["until"] == "2099-01-01T00:00:00Z"
    assert do(mona, "available")["unavailable"] is None
    gone = do(mona, "withdraw", {"reason": "nobody uses it"})
    assert (gone["state"]["code"], gone["moves"], gone["is_published"]) == ("withdrawn", [], False)
    reviews = mona.get("/services/backup/reviews/").json()
    assert reviews[0]["decisions"][0]["member"]["username"] == "admin"
    assert reviews[0]["state"]["code"] == "published"


@pytest.mark.req("REQ-04", "REQ-05", "PLT-09")
def test_customers_read_what_is_published_and_only_the_customer_view(
    cast: Cast, api: Make, family: ServiceFamily
) -> None:
    draft(cast, family, "hidden")
    published(cast, draft(cast, family))
    for person in (cast.rita, cast.carla, cast.charlie):
        program = api(person)
        rows = {row["code"]: row for row in program.get("/services/").json()["results"]}
        assert set(rows) == {"mail", "backup"}
        row = rows["backup"]
        assert (row["provider_view"], row["owner"], row["moves"]) == (None, None, [])
        assert row["customer_view"]["included"] == [both("A mailbox")]
        version = program.get("/services/backup/versions/1/").json()
        assert version["provider_view"] is None
        everything = program.get("/services/backup/").text + program.get("/services/backup/versions/").text
        assert "Mail server" not in everything
        assert "By two people" not in everything
        for path in ("/services/hidden/", "/services/hidden/versions/"):
            is_problem(program.get(path), 404, "not-found")
        is_problem(program.get("/services/backup/reviews/"), 403, "forbidden")
        is_problem(program.post("/services/backup/withdraw/", {"reason": "x"}), 403, "forbidden")
        is_problem(program.post("/services/hidden/withdraw/", {"reason": "x"}), 404, "not-found")
        assert program.get("/services/?state=draft").json()["results"] == []
    staff = api(cast.alice).get("/services/backup/").json()
    assert staff["provider_view"]["components"] == [both("Mail server")]
    assert staff["owner"]["username"] == "mona"


def test_the_list_is_filtered(cast: Cast, api: Make, family: ServiceFamily) -> None:
    published(cast, draft(cast, family))
    draft(cast, family, "drafted")
    program = api(cast.alice)
    for query, codes in (
        ("family=data&state=published", ["backup"]),
        ("state=draft", ["drafted"]),
        ("portfolio_class=core", ["mail"]),
        ("is_published=false", ["drafted"]),
    ):
        found = program.get(f"/services/?{query}").json()["results"]
        assert [row["code"] for row in found] == codes, query
    refused(program.get("/services/?state=lost"), "state")
    refused(program.get("/services/?family=none-such"), "family")


def test_a_version_is_told_from_another(cast: Cast, api: Make, family: ServiceFamily) -> None:
    service = published(cast, draft(cast, family))
    published(cast, service, offer(customer={"price": both("CNY 5", "5 元")}), reason="dearer")
    rows = api(cast.alice).get("/services/backup/versions/").json()["results"]
    assert [(row["number"], row["reason"], row["customer_view"]["price"]["en"]) for row in rows] == [
        (2, "dearer", "CNY 5"),
        (1, "asked for", "price"),
    ]


def test_mistakes_are_named_by_their_place(cast: Cast, api: Make, family: ServiceFamily) -> None:
    draft(cast, family)
    mona = api(cast.mona)
    whole = {"offer": offer(), "members": ["admin"]}
    refused(mona.post("/services/backup/propose/", {}), "offer", "members")
    refused(mona.post("/services/backup/propose/", {**whole, "members": ["nobody"]}), "members[0]")
    refused(mona.post("/services/backup/propose/", {**whole, "members": ["alice"]}), "members")
    refused(mona.post("/services/backup/propose/", {**whole, "offer": []}), "offer")
    wrong = offer(customer={"what": {"fr": "x"}})
    refused(mona.post("/services/backup/propose/", {**whole, "offer": wrong}), "offer.customer.what.fr")
    empty = offer(customer={"price": both("", "")})
    refused(mona.post("/services/backup/propose/", {**whole, "offer": empty}), "offer.customer.price")
    refused(mona.post("/services/backup/propose/", {**whole, "colour": 1}), "colour")
    assert not ServiceReview.objects.exists()


def test_an_act_that_does_not_fit_names_those_that_do(cast: Cast, api: Make, family: ServiceFamily) -> None:
    propose(cast, draft(cast, family))
    body = is_problem(
        api(cast.mona).post("/services/backup/propose/", {"offer": offer(), "members": ["admin"]}),
        409,
        "illegal-move",
    )
    assert body["state"] == "in_review"
    assert "decide" in body["legal_moves"]


def test_etag_and_idempotency_key_are_kept(cast: Cast, api: Make, family: ServiceFamily) -> None:
    draft(cast, family)
    mona = api(cast.mona)
    tag = mona.get("/services/backup/")["ETag"]
    body = {"offer": offer(), "members": ["admin"]}
    headers = {"If_Match": tag, "Idempotency_Key": "once-and-only-once"}
    first = mona.post("/services/backup/propose/", body, **headers)
    again = mona.post("/services/backup/propose/", body, **headers)
    assert (first.status_code, again.json()) == (200, first.json())
    assert ServiceReview.objects.count() == 1
    stale = is_problem(mona.post("/services/backup/take_back/", {"reason": "x"}, If_Match=tag), 412, "stale")
    assert stale["version"] == Service.objects.get(code="backup").version
    assert do(mona, "take_back", {"reason": "x"}, If_Match='"v2"')["state"]["code"] == "draft"
