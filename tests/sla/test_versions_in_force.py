"""Which version of an agreement counts at an instant: one rule for whoever asks the database."""

from datetime import timedelta

import pytest

from changes import targets
from sla import policy
from sla.models import AgreementVersion
from tests.cast import MONDAY, Cast
from tests.changes.making import make_change

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def versions(cast: Cast) -> dict[int, AgreementVersion]:
    """The first without an end; the second from Monday for two days; the third from Thursday."""
    agreement = cast.agreement.agreement
    first = cast.agreement
    made = {1: first}
    for number, begin, end in ((2, MONDAY, MONDAY + 2 * DAY), (3, MONDAY + 3 * DAY, None)):
        made[number] = AgreementVersion.objects.create(
            agreement=agreement, number=number, effective_from=begin, effective_until=end,
            calendar=first.calendar, matrix=first.matrix, pausing_reasons=[], warn_at=[],
            created_by=cast.admin, created_at=MONDAY,
        )  # fmt: skip
    return made


@pytest.mark.parametrize(("days", "number"), [(-1, 1), (0, 2), (1.9, 2), (2, 1), (2.9, 1), (3, 3), (30, 3)])
def test_the_later_of_those_in_force_counts_as_it_does_for_tickets(
    cast: Cast, versions: dict[int, AgreementVersion], days: float, number: int
) -> None:
    at = MONDAY + days * DAY
    rows = AgreementVersion.objects.filter(agreement=cast.agreement.agreement)
    assert rows.current(at).get() == versions[number]
    everything = AgreementVersion.objects.select_related("agreement")
    chosen = policy.choose_version(everything, customer_id=cast.acme.pk, at=at)
    assert chosen == versions[number]


def test_nothing_of_an_agreement_that_has_ended_is_in_force(
    cast: Cast, versions: dict[int, AgreementVersion]
) -> None:
    agreement = cast.agreement.agreement
    agreement.ended_at = MONDAY + DAY
    agreement.save()
    rows = AgreementVersion.objects.filter(agreement=agreement)
    assert rows.current(MONDAY).get() == versions[2]
    assert not rows.current(MONDAY + DAY).exists()


def test_a_change_is_judged_by_what_tickets_are_measured_by(cast: Cast) -> None:
    """What ran out leaves the former version, which goes on."""
    change = make_change(cast, customer=cast.acme)
    before = targets.promised(change, now=MONDAY)
    first = cast.agreement
    AgreementVersion.objects.create(
        agreement=first.agreement, number=2, effective_from=MONDAY, effective_until=MONDAY + DAY,
        calendar=first.calendar, matrix=first.matrix, pausing_reasons=[], warn_at=[], created_by=cast.admin,
        created_at=MONDAY,
    )  # fmt: skip
    assert targets.promised(change, now=MONDAY + 2 * DAY) == before != []
