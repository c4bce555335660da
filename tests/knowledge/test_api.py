"""Articles over HTTP: the same life and the same separation as on the pages."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from knowledge.models import Article, ArticleUse, Audience
from tests.cast import Cast, make_incident
from tests.knowledge.made import TOMORROW_YEAR, make_article, make_draft, titled

URL = "/api/v1/articles/"
DRAFT = {
    "genre": "how_to", "audience": "customers", "review_on": TOMORROW_YEAR.isoformat(),
    "title": "Set up the VPN", "title_zh": "安装 VPN", "body": "Install it.", "body_zh": "安装它。",
    "services": ["mail"],
}  # fmt: skip


def api(person: Any) -> APIClient:
    client = APIClient()
    client.force_login(person)
    return client


def numbers(answer: Any) -> set[str]:
    assert answer.status_code == 200, answer.content
    return {row["number"] for row in answer.json()["results"]}


def test_a_draft_goes_all_the_way_over_the_api(cast: Cast) -> None:
    alice, mona = api(cast.alice), api(cast.mona)
    made = alice.post(URL, DRAFT, format="json")
    assert made.status_code == 201, made.content
    url = f"{URL}{made.json()['number']}/"
    assert (made.json()["state"]["code"], made.json()["moves"]) == ("draft", ["send_to_review"])
    changed = alice.patch(url, {"body": "Restart it."}, format="json", headers={"If-Match": made["ETag"]})
    assert changed.json()["latest"]["number"] == 2
    assert changed.json()["latest"]["texts"]["en"]["body"] == "Restart it."
    assert changed.json()["latest"]["texts"]["zh"]["body"] == "安装它。"
    stale = alice.patch(url, {"body": "Again."}, format="json", headers={"If-Match": made["ETag"]})
    assert stale.status_code == 412
    assert alice.post(f"{url}send_to_review/", {}, format="json").status_code == 200
    assert alice.post(f"{url}publish/", {}, format="json").status_code == 403
    assert mona.post(f"{url}publish/", {}, format="json").json()["published"]["number"] == 2
    assert mona.post(f"{url}publish/", {}, format="json").status_code == 409
    assert alice.post(f"{url}revise/", {}, format="json").json()["state"]["code"] == "revising"


def test_a_manager_does_not_publish_his_own_words_over_the_api(cast: Cast) -> None:
    mona = api(cast.mona)
    url = f"{URL}{mona.post(URL, DRAFT, format='json').json()['number']}/"
    mona.post(f"{url}send_to_review/", {}, format="json")
    refused = mona.post(f"{url}publish/", {}, format="json")
    assert (refused.status_code, Article.objects.get().state) == (400, "in_review")


@pytest.mark.parametrize(
    "wrong",
    [
        {"genre": "novel"}, {"audience": "named"}, {"review_on": "soon"}, {"review_on": "2020-01-01"},
        {"title": "", "title_zh": ""}, {"title": 3}, {"services": ["nothing"]}, {"services": "mail"},
        {"customers": [0]}, {"body": "\0"}, {"owner": "alice"}, {"audience": "named", "customers": []},
    ],
)  # fmt: skip
def test_bad_input_is_refused_in_words(cast: Cast, wrong: dict[str, Any]) -> None:
    answer = api(cast.alice).post(URL, {**DRAFT, **wrong}, format="json")
    assert (answer.status_code, Article.objects.count()) == (400, 0)
    assert answer.json()["errors"]


@pytest.mark.req("KNW-08")
def test_customers_read_list_search_and_are_offered_only_what_is_for_them(cast: Cast) -> None:
    everybody = make_article(cast)
    of_acme = {"audience": Audience.NAMED, "customers": (cast.acme,)}
    acme = make_article(cast, **titled("Outbox of Acme", "艾可美发件箱", **of_acme))
    internal = make_article(cast, **titled("Outbox inside", "发件箱内幕", audience=Audience.INTERNAL))
    draft = make_draft(cast, **titled("Outbox draft", "发件箱草稿"))
    readable = {
        cast.rita: {everybody.number, acme.number},
        cast.carla: {everybody.number, acme.number},
        cast.charlie: {everybody.number},
    }
    for person, theirs in readable.items():
        client = api(person)
        for query in ("", "?q=outbox", "?state=published", "?audience=named,internal,customers"):
            assert numbers(client.get(URL + query)) <= theirs
        assert numbers(client.get(URL)) == numbers(client.get(f"{URL}?q=outbox")) == theirs
        assert numbers(client.get(f"{URL}suggestions/?q=outbox")) == theirs
        for article in (everybody, acme, internal, draft):
            url = f"{URL}{article.number}/"
            is_theirs = article.number in theirs
            answer = client.get(url)
            assert answer.status_code == (200 if is_theirs else 404)
            assert "use_count" not in answer.json()
            assert client.post(f"{url}vote/", {"is_helpful": True}, format="json").status_code == (
                200 if is_theirs else 404
            )
            assert client.post(f"{url}retire/", {"reason": "x"}, format="json").status_code in (403, 404)
        assert client.post(URL, DRAFT, format="json").status_code == 403
    assert numbers(api(cast.alice).get(f"{URL}?state=draft")) == {draft.number}


def test_a_use_is_counted_once_and_the_ticket_must_be_visible(cast: Cast) -> None:
    article, incident = make_article(cast), make_incident(cast)
    url = f"{URL}{article.number}/use/"
    for _twice in range(2):
        assert api(cast.alice).post(url, {"record": incident.number}, format="json").json()["use_count"] == 1
    assert ArticleUse.objects.count() == 1
    assert api(cast.alice).post(url, {"record": "INC9999999"}, format="json").status_code == 400
    assert api(cast.rita).post(url, {"record": incident.number}, format="json").status_code == 403
