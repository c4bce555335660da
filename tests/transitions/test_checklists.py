"""Take-over and acceptance: looked at point by point, and signed for both sides."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from accounts.access import Denied
from tests.cast import MONDAY, Cast
from tests.transitions import made as m
from transitions import checklists, services
from transitions.models import ChecklistSignature

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.mark.req("TRN-07")
def test_take_over_and_acceptance_are_looked_at_point_by_point_and_signed_by_two_sides(cast: Cast) -> None:
    row = m.implementing(cast)
    first, second = row.checklists.all()
    assert [str(first), str(second)] == ["Take-over inspection", "Acceptance"]
    sign = lambda side, person, pk=first.pk: checklists.sign(  # noqa: E731
        row, pk, side=side, person=person, role="Manager", actor=cast.mona.actor, now=MONDAY
    )
    assert "looked at" in m.refused(lambda: sign("handing", "Alice"))["person"][0]
    one, two = first.points.all()
    look = lambda found: checklists.look(row, first.pk, found, actor=cast.alice.actor, now=MONDAY)  # noqa: E731
    assert "follows from the defect" in m.refused(lambda: look({one.pk: ("defect", "")}))["found"][0]
    look({one.pk: ("defect", "Two accounts are missing; by Friday"), two.pk: ("good", "")})
    kept = sign("handing", "Alice")
    assert kept.sha256 == checklists.fingerprint(first)
    assert "signed already" in m.refused(lambda: sign("handing", "Bob"))["side"][0]
    assert "two people" in m.refused(lambda: sign("taking", "alice"))["person"][0]
    assert "stand" in m.refused(lambda: look({one.pk: ("good", "")}))["found"][0]
    assert (
        "stand"
        in m.refused(
            lambda: checklists.add_point(row, first.pk, title="More", actor=cast.alice.actor, now=MONDAY)
        )["found"][0]
    )
    sign("taking", "Carla")
    m.carried_out(cast, row)
    words = m.refused(lambda: services.go_live(row, actor=cast.mona.actor, now=MONDAY))
    assert words["checklists"] == ["Acceptance: not signed by both sides yet."]
    with pytest.raises(Denied):
        checklists.sign(
            row, second.pk, side="taking", person="Carla", role="IT", actor=cast.alice.actor, now=MONDAY
        )


@pytest.mark.req("TRN-07")
def test_a_checklist_that_was_meddled_with_no_longer_fits_its_signature(cast: Cast) -> None:
    row = m.implementing(cast)
    m.signed(cast, row)
    first = row.checklists.all()[0]
    kept = first.signatures.all()[0]
    assert kept.sha256 == checklists.fingerprint(first)
    first.points.update(found="na")
    assert kept.sha256 != checklists.fingerprint(first)
    with pytest.raises(DatabaseError), transaction.atomic():
        ChecklistSignature.objects.update(person="Somebody else")
