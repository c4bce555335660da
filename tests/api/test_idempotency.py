"""A POST that is repeated with its key happens once."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

import incidents.services
from accounts.models import IdempotencyKey
from accounts.services import issue_token
from accounts.tasks import forget_idempotency_keys
from incidents.models import Incident
from records.models import Activity, Attachment
from tests.api.conftest import Api, is_problem, refused
from tests.cast import Cast, make_cast

Make = Callable[..., Api]
ASKED = {"title": "Disk full", "requester": "rita", "impact": 1}


@pytest.mark.req("PLT-04")
def test_a_repeated_request_is_answered_alike_and_done_once(cast: Cast, api: Make) -> None:
    robot = api(cast.robot)
    first = robot.post("/incidents/", ASKED, Idempotency_Key="k-1")
    again = robot.post("/incidents/", dict(reversed(ASKED.items())), Idempotency_Key="k-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first
    assert (again["Location"], again["ETag"]) == (first["Location"], first["ETag"])
    assert Incident.objects.count() == 1


def test_the_same_key_for_something_else_is_422(cast: Cast, api: Make, number: str) -> None:
    robot = api(cast.robot)
    robot.post("/incidents/", ASKED, Idempotency_Key="k-1")
    other = robot.post("/incidents/", {**ASKED, "title": "Other"}, Idempotency_Key="k-1")
    is_problem(other, 422, "idempotency-key-reused")
    move = robot.post(f"/incidents/{number}/start/", ASKED, Idempotency_Key="k-1")
    is_problem(move, 422, "idempotency-key-reused")
    assert Incident.objects.count() == 2


def test_a_key_belongs_to_its_user(cast: Cast, api: Make) -> None:
    api(cast.robot).post("/incidents/", ASKED, Idempotency_Key="k-1")
    by_alice = api(cast.alice).post("/incidents/", ASKED, Idempotency_Key="k-1")
    assert by_alice.status_code == 201
    assert "Idempotency-Replayed" not in by_alice
    assert Incident.objects.count() == 2


def test_an_error_is_not_remembered_so_the_request_can_be_corrected(cast: Cast, api: Make) -> None:
    robot = api(cast.robot)
    refused(robot.post("/incidents/", {"title": "x"}, Idempotency_Key="k-1"), "requester")
    assert not IdempotencyKey.objects.exists()
    assert robot.post("/incidents/", ASKED, Idempotency_Key="k-1").status_code == 201


def test_a_breakdown_is_not_remembered(cast: Cast, api: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    def burst(**_: object) -> None:
        raise RuntimeError

    robot = api(cast.robot)
    with monkeypatch.context() as patch:
        patch.setattr(incidents.services, "open", burst)
        assert robot.post("/incidents/", ASKED, Idempotency_Key="k-1").status_code == 500
    assert robot.post("/incidents/", ASKED, Idempotency_Key="k-1").status_code == 201


def test_moves_comments_and_files_are_covered_too(cast: Cast, api: Make, number: str) -> None:
    alice = api(cast.alice)
    for _time in range(2):
        assert alice.post(f"/incidents/{number}/start/", Idempotency_Key="a").status_code == 200
        done = alice.post(f"/incidents/{number}/comments/", {"text": "once"}, Idempotency_Key="b")
        assert done.status_code == 201
        upload = SimpleUploadedFile("a.txt", b"once")
        done = alice.send_form(f"/incidents/{number}/attachments/", {"file": upload}, Idempotency_Key="c")
        assert done.status_code == 201, done.content
        assert alice.post("/sla/simulate/", {"cases": []}, Idempotency_Key="d").status_code == 200
    changed = {"file": SimpleUploadedFile("a.txt", b"changed")}
    is_problem(
        alice.send_form(f"/incidents/{number}/attachments/", changed, Idempotency_Key="c"),
        422, "idempotency-key-reused",
    )  # fmt: skip
    assert Activity.objects.filter(record__number=number, text="once").count() == 1
    assert Attachment.objects.count() == 1


def test_an_answer_is_remembered_for_two_days(cast: Cast, api: Make) -> None:
    robot = api(cast.robot)
    robot.post("/incidents/", ASKED, Idempotency_Key="old")
    robot.post("/incidents/", ASKED, Idempotency_Key="young")
    IdempotencyKey.objects.filter(key="old").update(created_at=timezone.now() - timedelta(hours=49))
    assert "Idempotency-Replayed" not in robot.post(
        "/incidents/", {**ASKED, "title": "new"}, Idempotency_Key="old"
    )
    IdempotencyKey.objects.filter(key="old").update(created_at=timezone.now() - timedelta(hours=49))
    assert forget_idempotency_keys() == 1
    assert [row.key for row in IdempotencyKey.objects.all()] == ["young"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.req("PLT-04")
def test_of_many_at_the_same_moment_one_makes_the_incident_and_all_get_it() -> None:
    token = issue_token(prepared().robot, name="", scope="write", lifetime=None)
    start, answers = threading.Barrier(6), []

    def ask() -> None:
        start.wait()
        try:
            answers.append(Api(token).post("/incidents/", ASKED, Idempotency_Key="race"))
        finally:
            connection.close()

    together(ask, 6)
    assert {a.status_code for a in answers} == {201}
    assert len({a.json()["number"] for a in answers}) == 1
    assert sorted("Idempotency-Replayed" in a for a in answers) == [False] + [True] * 5
    assert Incident.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_with_one_external_reference_one_is_accepted() -> None:
    token = issue_token(prepared().robot, name="", scope="write", lifetime=None)
    start, answers = threading.Barrier(6), []

    def ask() -> None:
        start.wait()
        try:
            answers.append(Api(token).post("/incidents/", {**ASKED, "external_reference": "R-1"}))
        finally:
            connection.close()

    together(ask, 6)
    assert sorted(a.status_code for a in answers) == [201, 409, 409, 409, 409, 409]
    assert Incident.objects.count() == 1


def together(work: Callable[[], Any], count: int) -> None:
    threads = [threading.Thread(target=work) for _n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)


def prepared() -> Cast:
    """A cast for a test with real transactions: TRUNCATE took what the migrations had put there."""
    from accounts.access import Role
    from accounts.models import Grant, Organisation, User

    provider, _new = Organisation.objects.get_or_create(
        code="provider", defaults={"kind": "provider", "name_en": "Provider"}
    )
    system, _new = User.objects.get_or_create(
        username="system", defaults={"display_name": "System", "organisation": provider}
    )
    Grant.objects.get_or_create(user=system, role=Role.SYSTEM)
    return make_cast()
