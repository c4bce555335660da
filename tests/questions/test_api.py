"""Questions over HTTP: kept, changed on the version that was read, answered, and listed row by row."""

from typing import Any

from tests.cast import Cast
from tests.questions.test_pages import ASKED, keep, scoped, tickets

__all__ = ["scoped", "tickets"]
URL = "/api/v1/questions/"


def test_a_question_is_kept_once_changed_on_its_version_and_deleted(
    cast: Cast, client_of: Any, tickets: None
) -> None:
    client = client_of(cast.mona)
    body = {"name_en": "By customer", "content": ASKED}
    json, key = {"content_type": "application/json"}, {"Idempotency-Key": "q-1"}
    made = client.post(URL, body, **json, headers=key)
    again = client.post(URL, body, **json, headers=key)
    assert made.status_code == again.status_code == 201
    assert again.json()["id"] == made.json()["id"]
    assert made["ETag"] == '"v1"'
    url = made["Location"]
    assert client.get(url).json()["content"]["by"] == "customer"
    assert client.patch(url, {"sharing": "staff"}, **json).status_code == 428
    changed = client.patch(url, {"sharing": "staff"}, **json, headers={"If-Match": '"v1"'})
    assert (changed.status_code, changed["ETag"], changed.json()["sharing"]) == (200, '"v2"', "staff")
    stale = client.patch(url, {"sharing": "private"}, **json, headers={"If-Match": '"v1"'})
    assert stale.status_code == 412
    part = client.patch(url, {"content": {"chart": "line"}}, **json, headers={"If-Match": '"v2"'})
    assert (part.json()["content"]["chart"], part.json()["content"]["by"]) == ("line", "customer")
    assert client_of(cast.alice).patch(url, {}, **json, headers={"If-Match": '"v3"'}).status_code == 403
    assert client_of(cast.alice).delete(url).status_code == 403
    assert [row["id"] for row in client_of(cast.alice).get(URL).json()["results"]] == [made.json()["id"]]
    assert client.delete(url).status_code == 204
    assert client.get(url).status_code == 404


def test_each_figure_of_an_answer_names_as_many_rows_as_its_list_has(
    cast: Cast, client_of: Any, tickets: None, scoped: Any
) -> None:
    question = keep(cast, cast.mona, sharing="staff", data={**ASKED, "across": "priority"})
    for user, total in ((cast.mona, 5), (scoped, 3)):
        client = client_of(user)
        answer = client.get(f"{URL}{question.pk}/answer/").json()
        assert (answer["total"]["value"], answer["total"]["record_count"]) == (total, total)
        figures = [*answer["figures"], *answer["row_totals"], *answer["column_totals"], answer["total"]]
        for figure in figures:
            rows = client.get(figure["records"]).json()
            assert len(rows["results"]) == figure["record_count"]
            assert rows["next"] is None
    assert "Globex" not in str(answer)


def test_what_may_be_asked_about_is_listed_and_nonsense_refused(cast: Cast, client_of: Any) -> None:
    keys = [each["key"] for each in client_of(cast.alice).get(f"{URL}subjects/").json()["results"]]
    assert "tickets" in keys
    assert "answers" not in keys
    assert "answers" in str(client_of(cast.mona).get(f"{URL}subjects/").json())
    json = {"content_type": "application/json"}
    wrong: list[Any] = [{}, {**ASKED, "sql": "x"}, {**ASKED, "by": "password"}, [], "x"]
    for content in [*wrong, {**ASKED, "period": 7}]:
        refused = client_of(cast.mona).post(URL, {"name_en": "x", "content": content}, **json)
        assert refused.status_code == 400, content
    question = keep(cast, cast.mona)
    for end in ("answer/?from=x&to=y", "answer/?from=2026-03-02&to=2026-03-01", "answer/?from=2026-03-02"):
        assert client_of(cast.mona).get(f"{URL}{question.pk}/{end}").status_code == 400
    assert client_of(cast.mona).get(f"{URL}{question.pk}/rows/?row=x").status_code == 404
    for user in (cast.rita, cast.carla, cast.charlie):
        assert client_of(user).get(URL).status_code == 403
        assert client_of(user).get(f"{URL}{question.pk}/answer/").status_code == 403
