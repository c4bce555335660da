"""Approvals that wait: reminded of once in working hours, and handed over by who was asked by name."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from rest_framework.test import APIClient

from accounts.access import Denied, Role
from accounts.models import User
from accounts.services import issue_token
from changes import lifecycle, waiting
from changes.models import Approval, Change
from fulfilment.tasks import remind_of_approvals
from records import reminders
from records.lifecycle import IllegalMove
from records.models import Activity, Delivery
from tests.cast import MONDAY, Cast, make_user
from tests.changes.making import RISKY, approve, approved, put_up

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def erin(cast: Cast) -> User:
    """An agent who has nothing to do with the change."""
    return make_user("erin", cast.provider, Role.AGENT)


def told(verb: str) -> set[str]:
    rows = Delivery.objects.filter(activity__verb=verb, channel="in_app")
    return set(rows.values_list("recipient__username", flat=True))


def owned(cast: Cast, **over: Any) -> Change:
    """Waits for alice, who owns the service, then for the leaders and the board."""
    cast.mail.owner = cast.alice
    cast.mail.save()
    return put_up(cast, answers=RISKY, **over)


@pytest.mark.req("CHG-13")
def test_whoever_is_asked_is_reminded_once_after_a_working_day(cast: Cast) -> None:
    change = owned(cast)
    # put up on Monday at 10; of eight working hours seven are Monday's and one is Tuesday's
    assert waiting.remind(now=MONDAY + 23 * HOUR) == 0
    assert waiting.remind(now=MONDAY + 24 * HOUR) == 1
    assert waiting.remind(now=MONDAY + 72 * HOUR) == 0
    activity = Activity.objects.get(record=change.pk, verb="change.approval_reminded")
    assert told("change.approval_reminded") == {"alice", "mona"}
    assert "board" not in activity.data["parties"]["en"].lower()
    assert set(change.approvals.filter(party="board").values_list("reminded_at", flat=True)) == {None}


def test_a_weekend_is_no_waiting_and_who_decided_is_left_alone(cast: Cast) -> None:
    friday = MONDAY + timedelta(days=4, hours=8)
    change = owned(cast)
    change = approve(change, cast.alice)
    Approval.objects.filter(change=change, result="").update(asked_at=friday)
    assert waiting.remind(now=friday + timedelta(days=2)) == 0
    assert waiting.remind(now=friday + timedelta(days=4)) == 1
    assert "alice" not in told("change.approval_reminded")


def test_what_is_decided_or_altered_since_reminds_nobody(cast: Cast) -> None:
    approved(cast)
    assert waiting.remind(now=MONDAY + timedelta(days=9)) == 0


def test_the_hourly_task_reminds_of_all_that_waits_though_one_fails(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    owned(cast)
    Approval.objects.filter(result="").update(asked_at=MONDAY - timedelta(days=9))

    def broken(*, now: Any) -> int:
        raise RuntimeError("no")

    monkeypatch.setitem(reminders._REMINDERS, "requests", broken)
    assert {"requests", "changes", "problems"} <= reminders._REMINDERS.keys()
    assert remind_of_approvals() >= 1
    assert Activity.objects.filter(verb="change.approval_reminded").count() == 1


@pytest.mark.req("CHG-13")
def test_who_is_asked_by_name_lets_somebody_else_decide_and_it_is_written_down(
    cast: Cast, erin: User
) -> None:
    change = owned(cast)
    change = waiting.hand_over(change, person=erin, words="Away.", actor=cast.alice.actor, now=MONDAY)
    row = change.approvals.get(party="service_owner")
    assert (row.person, row.handed_by, row.handed_at, row.result) == (erin, cast.alice, MONDAY, "")
    said = Activity.objects.get(record=change.pk, verb="change.handed_over")
    assert (said.actor, said.text) == (cast.alice, "Away.")
    assert told("change.handed_over") == {erin.username}
    with pytest.raises(ValidationError):
        approve(change, cast.alice)
    change = approve(change, erin)
    row.refresh_from_db()
    assert (row.decided_by, row.handed_by, row.result) == (erin, cast.alice, "approved")


def test_nobody_hands_over_what_he_may_not_or_to_who_may_not(cast: Cast) -> None:
    change = owned(cast)
    doing: dict[str, Any] = {"now": MONDAY}
    for person in (cast.bob, cast.sven, cast.rita, cast.robot):  # asks, carries out, a customer, a program
        with pytest.raises(ValidationError) as refused:
            waiting.hand_over(change, person=person, actor=cast.alice.actor, **doing)
        assert "person" in refused.value.message_dict, person
    with pytest.raises(ValidationError, match="any leader may decide"):
        waiting.hand_over(change, person=cast.admin, actor=cast.mona.actor, **doing)
    with pytest.raises(Denied):
        waiting.hand_over(change, person=cast.admin, actor=cast.carla.actor, **doing)
    # who decided on another level of this round is not asked for a second one
    change = approve(change, cast.mona)
    with pytest.raises(ValidationError):
        waiting.hand_over(change, person=cast.mona, actor=cast.alice.actor, **doing)
    assert change.state == lifecycle.APPROVING
    change = approve(change, cast.alice, approve=False, words="No.")
    with pytest.raises(IllegalMove):
        waiting.hand_over(change, person=cast.admin, actor=cast.mona.actor, **doing)


def test_it_is_handed_over_on_the_page_and_over_http(cast: Cast, client_of: Any, erin: User) -> None:
    change = owned(cast)
    alice = client_of(cast.alice)
    page = alice.get(f"{change.get_absolute_url()}?view=approval").content.decode()
    assert "Let somebody else decide" in page
    url = f"/changes/{change.number}/hand-over/"
    assert alice.post(url, {"person": cast.sven.pk}).status_code == 422
    assert alice.post(url, {"person": erin.pk, "words": "Away."}).status_code == 302
    page = alice.get(f"{change.get_absolute_url()}?view=approval").content.decode()
    assert f"in place of {cast.alice.name}" in page
    assert "Let somebody else decide" not in page
    token = issue_token(erin, name="x", scope="write", lifetime=None)
    answer = APIClient().post(
        f"/api/v1/changes/{change.number}/hand_over/", {"person": "admin"}, format="json",
        headers={"Authorization": f"Bearer {token}"},
    )  # fmt: skip
    assert answer.status_code == 200, answer.content
    row = Approval.objects.get(change=change, party="service_owner")
    assert (row.person, row.handed_by) == (cast.admin, cast.alice)
