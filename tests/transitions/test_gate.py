"""The go-live gate: what is missing is listed live, hinders, and may be exempted by name."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.access import Denied
from records.lifecycle import IllegalMove
from records.models import Activity
from tests.cast import MONDAY, Cast, make_cast
from tests.transitions import made as m
from transitions import gate, services
from transitions.models import Exemption, Transition

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def keys(row: Transition) -> list[str]:
    return [point.key for point in gate.missing(m.fresh(row), MONDAY)]


@pytest.mark.req("TRN-08")
def test_the_gate_lists_live_what_is_missing_each_with_where_it_is_made(cast: Cast) -> None:
    row = m.implementing(cast)
    assert keys(row) == ["commitment", "catalogue", "items", "knowledge", "training", "monitoring"]
    assert [point.url for point in gate.points(row, MONDAY)][:3] == [
        "/agreements/", "/catalogue/new/", "/configuration/",
    ]  # fmt: skip
    service = m.new_mail(cast)
    Transition.objects.filter(pk=row.pk).update(about=service)
    m.complete(cast, row, service)
    m.carried_out(cast, row)
    assert keys(row) == ["commitment"]
    Transition.objects.filter(pk=row.pk).update(agreement=cast.agreement.agreement)
    assert keys(row) == []


@pytest.mark.req("TRN-08")
def test_going_live_with_something_missing_is_refused_unless_exempted_by_name(cast: Cast) -> None:
    service = m.new_mail(cast)
    row = m.implementing(cast, about=service)
    m.carried_out(cast, row)
    m.signed(cast, row)
    live = lambda: services.go_live(row, actor=cast.mona.actor, now=MONDAY)  # noqa: E731
    assert len(m.refused(live)["gate"]) == 5
    m.complete(cast, row, service)
    assert "Agreement or service commitment" in m.refused(live)["gate"][0]
    assert m.fresh(row).state == "implementing"
    exempt = lambda point="commitment", reason="Signed on Friday": services.exempt(  # noqa: E731
        row, point=point, reason=reason, actor=cast.mona.actor, now=MONDAY
    )
    assert "reason" in m.refused(lambda: exempt(reason=""))
    assert "not missing" in m.refused(lambda: exempt("items"))["point"][0]
    with pytest.raises(Denied):
        services.exempt(row, point="commitment", reason="x", actor=cast.alice.actor, now=MONDAY)
    exempt()
    moved = live()
    assert (moved.state, moved.live_at, moved.watch_until) == ("watching", MONDAY, MONDAY + 10 * DAY)
    kept = Exemption.objects.get()
    assert (kept.decided_by, kept.reason) == (cast.mona, "Signed on Friday")
    with pytest.raises(DatabaseError), transaction.atomic():
        kept.delete()


@pytest.mark.req("TRN-08")
def test_what_disappears_before_going_live_is_missing_again(cast: Cast) -> None:
    service = m.new_mail(cast)
    row = m.implementing(cast, about=service)
    m.carried_out(cast, row)
    m.signed(cast, row)
    m.complete(cast, row, service)
    services.exempt(row, point="commitment", reason="later", actor=cast.mona.actor, now=MONDAY)
    assert keys(row) == []
    service.is_published = False
    service.save()
    words = m.refused(lambda: services.go_live(row, actor=cast.mona.actor, now=MONDAY))
    assert list(words) == ["gate"]
    assert "is not published" in words["gate"][0]


@pytest.mark.django_db(transaction=True)
def test_of_two_go_lives_at_once_one_is_done() -> None:
    cast = make_cast()
    service = m.new_mail(cast)
    row = m.implementing(cast, about=service)
    m.carried_out(cast, row)
    m.signed(cast, row)
    m.complete(cast, row, service)
    services.exempt(row, point="commitment", reason="later", actor=cast.mona.actor, now=MONDAY)
    start, found = Barrier(2), []

    def work() -> None:
        try:
            start.wait(timeout=30)
            services.go_live(row, actor=cast.mona.actor, now=MONDAY)
            found.append("live")
        except IllegalMove:
            found.append("refused")
        finally:
            connection.close()

    threads = [Thread(target=work) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == ["live", "refused"]
    assert Activity.objects.filter(record=row.pk, verb="transition.go_live").count() == 1
