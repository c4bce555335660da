"""A serious quality problem goes to the department or supplier responsible, is answered, or reminded of."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.access import Denied
from problems import quality, tasks
from problems.models import Problem, QualityNotice
from records.models import Activity, Delivery
from suppliers.models import Supplier
from tests.cast import MONDAY, Cast
from tests.problems import made as m

pytestmark = [pytest.mark.django_db, pytest.mark.req("PRB-11")]
DUE = date(2026, 3, 6)


def send(cast: Cast, row: Problem, **over: Any) -> QualityNotice:
    facts: dict[str, Any] = {
        "text": "Three power supplies in a week.", "due_on": DUE, "actor": cast.mona.actor, "now": MONDAY,
    }  # fmt: skip
    return quality.send(row, **{**facts, **over})


def told(verb: str) -> set[str]:
    rows = Delivery.objects.filter(activity__verb=verb)
    return set(rows.values_list("recipient__username", flat=True))


def test_it_is_sent_to_a_department_whose_people_are_told(cast: Cast) -> None:
    row = send(cast, m.accepted(cast), team=cast.second)
    assert (row.recipient, row.due_on, row.sent_by) == ("Mail experts", DUE, cast.mona)
    assert told("problem.send_notice") == {"sven"}


def test_it_is_sent_to_a_supplier_and_told_to_who_answers_for_it_here(cast: Cast) -> None:
    supplier = Supplier.objects.create(
        code="power", name_en="Power Ltd", name_zh="电源公司", responsible=cast.bob
    )
    send(cast, m.accepted(cast), supplier=supplier)
    assert told("problem.send_notice") == {"bob"}


def test_it_goes_to_exactly_one_and_is_not_due_in_the_past(cast: Cast) -> None:
    row = m.accepted(cast)
    supplier = Supplier.objects.create(code="power", name_en="Power", name_zh="电源")
    for wrong in (
        {}, {"team": cast.desk, "supplier": supplier}, {"team": cast.desk, "due_on": date(2026, 3, 1)},
        {"team": cast.desk, "text": " "},
    ):  # fmt: skip
        with pytest.raises(ValidationError):
            send(cast, row, **wrong)
    with pytest.raises(Denied):
        send(cast, row, team=cast.desk, actor=cast.alice.actor)
    assert not QualityNotice.objects.exists()


def test_the_answer_is_recorded_once_and_told(cast: Cast) -> None:
    row = m.accepted(cast)
    notice = send(cast, row, team=cast.second)
    quality.answer(row, notice.pk, answer="The batch is replaced.", actor=cast.alice.actor, now=MONDAY)
    found = QualityNotice.objects.get()
    assert (found.answer, found.answered_by, found.answered_at) == (
        "The batch is replaced.", cast.alice, MONDAY,
    )  # fmt: skip
    assert told("problem.answer_notice") == {"sven", "mona"}
    with pytest.raises(ValidationError):
        quality.answer(row, notice.pk, answer="Other.", actor=cast.alice.actor, now=MONDAY)


def test_a_late_one_is_reminded_of_once_a_day_until_it_is_answered(cast: Cast) -> None:
    row = m.accepted(cast)
    notice = send(cast, row, team=cast.second)
    late = MONDAY + timedelta(days=6)
    assert quality.remind(now=MONDAY) == 0
    assert [quality.remind(now=late) for _n in range(2)] == [1, 0]
    assert told("problem.remind_notice") == {"sven", "mona"}
    assert quality.remind(now=late + timedelta(days=1)) == 1
    quality.answer(row, notice.pk, answer="Done.", actor=cast.alice.actor, now=late)
    assert quality.remind(now=late + timedelta(days=2)) == 0
    assert Activity.objects.filter(verb="problem.remind_notice").count() == 2
    assert QualityNotice.objects.get().is_late(late.date())


def test_the_task_reminds(cast: Cast) -> None:
    assert tasks.remind_of_notices() == 0
