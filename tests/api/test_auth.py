"""Who may come in: tokens, sessions, and nobody else."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import Token
from accounts.services import deactivate, issue_token
from tests.api.conftest import Api, is_problem, refused
from tests.cast import Cast

Make = Callable[..., Api]


@pytest.mark.req("PLT-04")
def test_a_token_opens_the_door(cast: Cast, api: Make) -> None:
    answer = api(cast.alice).get("/users/me/")
    assert answer.status_code == 200
    assert answer.json()["username"] == "alice"


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", "Bearer wrong", "Bearer two words", "Bearer ü", "Bearer " + "a" * 5000,
     "Token abc", "Basic YTpi"],
)  # fmt: skip
def test_without_a_valid_token_the_answer_is_401_with_a_challenge(cast: Cast, header: str | None) -> None:
    api = Api(None)
    if header is not None:
        api.headers = {"Authorization": header}
    answer = api.get("/incidents/")
    is_problem(answer, 401, "not-authenticated")
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_an_expired_token_is_refused(cast: Cast) -> None:
    text = issue_token(cast.alice, name="old", scope="write", lifetime=timedelta(seconds=-1))
    is_problem(Api(text).get("/users/me/"), 401, "not-authenticated")


def test_the_token_of_a_deactivated_account_is_refused(cast: Cast, api: Make) -> None:
    program = api(cast.bob)
    cast.bob.is_active = False
    cast.bob.save(update_fields=["is_active"])
    is_problem(program.get("/users/me/"), 401, "not-authenticated")
    deactivate(cast.bob, actor=cast.admin.actor)
    is_problem(program.get("/users/me/"), 401, "not-authenticated")


def test_a_reading_token_reads_and_does_not_write(cast: Cast, api: Make, number: str) -> None:
    reader = api(cast.alice, Token.Scope.READ)
    assert reader.get(f"/incidents/{number}/").status_code == 200
    is_problem(reader.post(f"/incidents/{number}/start/"), 403, "forbidden")
    is_problem(reader.post("/incidents/", {"title": "x", "requester": "rita"}), 403, "forbidden")
    is_problem(reader.patch(f"/incidents/{number}/", {"title": "x"}, If_Match='"v1"'), 403, "forbidden")
    assert reader.post("/sla/simulate/", {"cases": []}).status_code == 200


def test_a_browser_needs_its_csrf_token_to_write(cast: Cast, number: str) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(cast.alice)
    assert browser.get(f"/api/v1/incidents/{number}/").status_code == 200
    is_problem(browser.post(f"/api/v1/incidents/{number}/start/"), 403, "forbidden")
    browser.get("/api/v1/docs/?script")
    token = browser.cookies["csrftoken"].value
    path, kind = f"/api/v1/incidents/{number}/start/", "application/json"
    done = browser.post(path, content_type=kind, headers={"X-CSRFToken": token})
    assert done.status_code == 200


def test_a_person_without_any_role_may_not_come_in(cast: Cast, api: Make) -> None:
    cast.rita.grants.all().delete()
    is_problem(api(cast.rita).get("/incidents/"), 403, "forbidden")


def run(*arguments: str) -> list[str]:
    out = StringIO()
    call_command("api_token", *arguments, stdout=out, stderr=StringIO())
    return out.getvalue().splitlines()


@pytest.mark.req("PLT-04")
def test_the_command_prints_a_token_that_works_as_its_last_line(cast: Cast) -> None:
    assert Api(run("robot")[-1]).get("/users/me/").json()["username"] == "robot"
    reader = Api(run("robot", "--scope", "read", "--days", "1")[-1])
    assert reader.get("/incidents/").status_code == 200
    is_problem(reader.post("/incidents/", {}), 403, "forbidden")


def test_the_command_names_an_unknown_user(cast: Cast) -> None:
    with pytest.raises(CommandError, match="nobody"):
        run("nobody")
    with pytest.raises(CommandError, match="--days"):
        run("robot", "--days", "0")


def test_too_many_requests_are_held_back_with_a_time_to_wait(cast: Cast, api: Make, settings: object) -> None:
    settings.API_READS_PER_MINUTE = 3  # type: ignore[attr-defined]
    program = api(cast.robot)
    answers = [program.get("/services/") for _ in range(7)]
    assert [a.status_code for a in answers].count(200) in (3, 4, 5, 6)  # a minute may end in between
    last = next(a for a in answers if a.status_code != 200)
    is_problem(last, 429, "too-many-requests")
    assert 1 <= int(last["Retry-After"]) <= 60
    assert api(cast.robot).get("/services/").status_code == 200  # another token, another count


def test_an_idempotency_key_must_be_plain_text(cast: Cast, api: Make) -> None:
    refused(api(cast.robot).post("/incidents/", {}, Idempotency_Key="with space"), "Idempotency-Key")
