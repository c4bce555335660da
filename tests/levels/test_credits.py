"""The ledger: a month is closed once, whoever closes it and however often; nothing in it is ever changed."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from threading import Thread
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction

from accounts.access import Denied
from levels import credits as ledger
from levels import tasks
from levels.models import CreditEntry
from levels.standing import standing
from sla.models import Agreement, AgreementVersion
from sla.policy import DEFAULT_MATRIX
from tests.cast import Cast, make_agreement, make_cast
from tests.levels.test_standing import solved, terms

MARCH = date(2026, 3, 1)
APRIL_4 = datetime(2026, 4, 4, tzinfo=UTC)
APRIL_5 = datetime(2026, 4, 5, tzinfo=UTC)


def agreed(cast: Cast) -> Agreement:
    """Acme's agreement since the 1st of March."""
    since = datetime(2026, 2, 28, 16, tzinfo=UTC)
    return make_agreement(cast.calendar, cast.acme, terms=terms(), effective_from=since).agreement


def close(cast: Cast, now: datetime = APRIL_5) -> list[CreditEntry]:
    return ledger.close_due(actor=cast.system, now=now)


def test_a_month_is_closed_on_its_day_once(cast: Cast) -> None:
    agreement = agreed(cast)
    solved(cast, timedelta(days=2))
    assert close(cast, APRIL_4) == []
    (entry,) = close(cast)
    assert (entry.agreement, entry.month, entry.percent, entry.amount) == (
        agreement, MARCH, Decimal(5), Decimal(50)
    )  # fmt: skip
    assert entry.rules[0]["target"] == "resolution//1"
    assert close(cast) == []
    (april,) = close(cast, datetime(2026, 5, 9, tzinfo=UTC))
    assert (april.month, april.percent, april.amount) == (date(2026, 4, 1), Decimal(0), Decimal(0))
    assert list(ledger.visible(cast.mona.actor)) == [april, entry]
    assert not ledger.visible(cast.charlie.actor).exists()


def test_after_a_long_stop_every_month_is_closed_in_order(cast: Cast) -> None:
    agreed(cast)
    months = [entry.month.month for entry in close(cast, datetime(2026, 8, 9, tzinfo=UTC))]
    assert months == [3, 4, 5, 6, 7]


def test_an_agreement_without_a_rule_has_no_ledger(cast: Cast) -> None:
    make_agreement(cast.calendar, cast.globex, terms=terms(credits=[]))
    assert close(cast) == []


def test_the_task_closes_what_is_due(cast: Cast) -> None:
    agreed(cast)
    closed = tasks.close_months()
    assert closed == CreditEntry.objects.count() > 0
    assert tasks.close_months() == 0


def test_a_month_that_is_not_over_is_not_closed(cast: Cast) -> None:
    with pytest.raises(ValidationError):
        ledger.close(agreed(cast), MARCH, actor=cast.system, now=datetime(2026, 3, 31, 12, tzinfo=UTC))
    with pytest.raises(Denied):
        ledger.close_due(actor=cast.alice.actor, now=APRIL_5)


def test_a_correction_is_a_line_with_the_difference(cast: Cast) -> None:
    agreement = agreed(cast)
    solved(cast, timedelta(days=2))
    close(cast)

    def correct(percent: int, reason: str = "The miss was excluded in May") -> CreditEntry:
        return ledger.correct(
            agreement, MARCH, percent=Decimal(percent), reason=reason, actor=cast.mona.actor, now=APRIL_5
        )

    line = correct(0)
    assert (line.kind, line.percent, line.amount) == ("correction", Decimal(-5), Decimal(-50))
    again = correct(2)
    assert (again.percent, again.amount) == (Decimal(2), Decimal(20))
    for bad in (lambda: correct(2), lambda: correct(101), lambda: correct(3, " ")):
        with pytest.raises(ValidationError):
            bad()
    with pytest.raises(ValidationError):
        ledger.correct(agreement, date(2026, 4, 1), percent=Decimal(1), reason="x", actor=cast.mona.actor,
                       now=APRIL_5)  # fmt: skip


def test_the_database_refuses_to_change_or_empty_the_ledger(cast: Cast) -> None:
    agreed(cast)
    close(cast)
    for verb in (
        lambda: CreditEntry.objects.update(amount=0),
        lambda: CreditEntry.objects.all().delete(),
        lambda: connection.cursor().execute("TRUNCATE levels_creditentry"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            verb()


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_close_a_month_once() -> None:
    cast = make_cast()
    agreed(cast)
    found: list[int] = []

    def work() -> None:
        try:
            found.append(len(ledger.close_due(actor=cast.system, now=APRIL_5)))
        finally:
            connection.close()

    threads = [Thread(target=work) for _n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(found) == 1
    assert CreditEntry.objects.count() == 1


def test_a_version_signed_later_does_not_reach_back(cast: Cast) -> None:
    """The rules and the charge of a month are those of the version in force at its end."""
    agreement = agreed(cast)
    solved(cast, timedelta(days=2))
    AgreementVersion.objects.create(
        agreement=agreement, number=2, effective_from=datetime(2026, 4, 1, tzinfo=UTC),
        calendar=cast.calendar, matrix=dict(DEFAULT_MATRIX), pausing_reasons=[], warn_at=[50],
        created_by=cast.mona, created_at=APRIL_4, terms=terms(credits=[]),
    )  # fmt: skip
    (entry,) = close(cast)
    assert (entry.version.number, entry.percent) == (1, Decimal(5))


# --- rewards -------------------------------------------------------------------------------------

REWARDS = [
    {"target": "resolution//1", "above": 98, "percent": 2},
    {"target": "resolution//1", "above": 100, "percent": 3},
]


def rewarded(cast: Cast, **over: Any) -> Agreement:
    """Acme's agreement since the 1st of March, with rewards beside the credits."""
    since = datetime(2026, 2, 28, 16, tzinfo=UTC)
    given = terms(rewards=REWARDS, **over)
    return make_agreement(cast.calendar, cast.acme, terms=given, effective_from=since).agreement


@pytest.mark.req("FIN-10")
def test_a_closed_month_has_a_line_for_credits_and_one_for_rewards(cast: Cast) -> None:
    agreement = rewarded(cast)
    solved(cast, timedelta(hours=1))
    assert close(cast, APRIL_4) == []
    owed, earned = close(cast)
    assert (owed.side, owed.percent, owed.rules) == ("credit", Decimal(0), [])
    assert (earned.side, earned.kind, earned.month) == ("reward", "closing", MARCH)
    assert (earned.percent, earned.amount, earned.currency) == (Decimal(3), Decimal(30), "CNY")
    assert earned.rules == [{"target": "resolution//1", "percent": 100, "above": 100, "reward": 3}]
    assert close(cast) == []
    assert ledger.close(agreement, MARCH, actor=cast.system, now=APRIL_5) == []
    assert CreditEntry.objects.count() == 2
    assert not ledger.visible(cast.charlie.actor).exists()


def test_a_month_without_tickets_earns_nothing(cast: Cast) -> None:
    rewarded(cast, credits=[])
    (line,) = close(cast)
    assert (line.side, line.percent, line.amount, line.rules) == ("reward", Decimal(0), Decimal(0), [])


def test_a_reward_is_expected_while_the_month_goes_on_and_booked_when_it_is_closed(cast: Cast) -> None:
    agreement = rewarded(cast)
    solved(cast, timedelta(hours=1))
    begin, end = ledger.bounds(MARCH, ZoneInfo("Asia/Shanghai"))
    before = standing(agreement, start=begin, end=end, now=end - timedelta(days=2)).rewards
    assert before is not None
    assert (before.is_closed, before.percent, before.entries) == (False, Decimal(3), ())
    close(cast)
    found = standing(agreement, start=begin, end=end, now=APRIL_5)
    assert found.rewards is not None
    assert found.credits is not None
    assert (found.rewards.is_closed, found.rewards.amount) == (True, Decimal(30))
    assert (found.credits.is_closed, found.credits.amount) == (True, Decimal(0))


def test_each_side_is_corrected_apart(cast: Cast) -> None:
    agreement = rewarded(cast)
    solved(cast, timedelta(hours=1))
    close(cast)

    def correct(side: str, percent: int) -> CreditEntry:
        return ledger.correct(
            agreement, MARCH, side=side, percent=Decimal(percent), reason="A miss was found",
            actor=cast.mona.actor, now=APRIL_5,
        )  # fmt: skip

    line = correct("reward", 2)
    assert (line.side, line.kind, line.percent, line.amount) == (
        "reward", "correction", Decimal(-1), Decimal(-10)
    )  # fmt: skip
    assert correct("credit", 5).percent == Decimal(5)
    with pytest.raises(ValidationError):
        correct("reward", 2)
    with pytest.raises(ValidationError) as refused:
        correct("bonus", 2)
    assert "side" in refused.value.message_dict


def test_the_database_keeps_one_closing_line_for_each_side(cast: Cast) -> None:
    rewarded(cast)
    _owed, earned = close(cast)
    with pytest.raises(DatabaseError), transaction.atomic():
        CreditEntry.objects.create(
            agreement=earned.agreement, version=earned.version, month=MARCH, side="reward", rules=[],
            percent=1, currency="CNY", made_by=cast.mona, made_at=APRIL_5,
        )  # fmt: skip
    assert CreditEntry.objects.filter(side="reward").count() == 1


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_enter_both_sides_once() -> None:
    cast = make_cast()
    rewarded(cast)
    found: list[int] = []

    def work() -> None:
        try:
            found.append(len(ledger.close_due(actor=cast.system, now=APRIL_5)))
        finally:
            connection.close()

    threads = [Thread(target=work) for _n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [0, 0, 0, 2]
    assert sorted(CreditEntry.objects.values_list("side", flat=True)) == ["credit", "reward"]
