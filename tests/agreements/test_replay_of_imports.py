"""What-if replay over real incidents: the first 60 of an imported file, judged anew and recounted here."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, transaction

from agreements import replays, services
from agreements.models import ReplayFlip, ReplayRun
from sla.models import Agreement, Clock, Metric
from sla.target import Target
from sla.terms import Terms
from sla.terms_rows import terms_of
from tests.cast import Cast, make_cast
from tests.incidents.test_import_replay import importing

pytestmark = pytest.mark.django_db
NOW = datetime(2016, 6, 1, tzinfo=UTC)
SPRING = (datetime(2016, 1, 1, tzinfo=UTC), NOW)


@pytest.fixture(scope="module")
def cast(django_db_setup: None, django_db_blocker: Any) -> Iterator[Cast]:
    with django_db_blocker.unblock():
        with transaction.atomic():
            made = make_cast()
            _out, err = importing()
            assert err == []
            yield made
            transaction.set_rollback(True)
        connection.close()


def agreement() -> Agreement:
    return Clock.objects.filter(record__opened_at__lt=NOW).first().agreement_version.agreement  # type: ignore[union-attr]


def replayed(cast: Cast, change: Any) -> ReplayRun:
    """A run of a draft whose promises are those in force, changed; all batches done."""
    present = terms_of(agreement().versions.get())
    changed = [replace(t, promise=change(t)) for t in present.targets]
    draft = Terms.parse(replace(present, targets=tuple(changed)).dump())
    edition = services.draft(
        agreement(), terms=draft.dump(), effective_from=NOW, actor=cast.mona.actor, now=NOW
    )
    run = replays.ask(edition, *SPRING, actor=cast.mona.actor, now=NOW)
    while replays.run(run.pk) is replays.Progress.MORE:
        pass
    run.refresh_from_db()
    assert run.state == ReplayRun.State.DONE
    services.withdraw(edition, reason="Asked and answered.", actor=cast.mona.actor, now=NOW)
    return run


@pytest.mark.req("SLM-45")
def test_under_their_own_terms_no_real_ticket_changes(cast: Cast) -> None:
    run = replayed(cast, lambda target: target.promise)
    result = run.result or {}
    decided = Clock.objects.filter(record__opened_at__lt=NOW).exclude(decided_at=None)
    assert result["tickets"] == 60
    assert result["flips"] == {"now_missed": 0, "now_met": 0}
    assert result["total"]["before"] == result["total"]["after"]
    assert result["total"]["before"]["missed"] == decided.filter(breached_at__isnull=False).count() > 0
    assert result["total"]["before"]["met"] == decided.filter(breached_at=None).count() > 0


@pytest.mark.req("SLM-45")
@pytest.mark.parametrize("share", [4, 10])
def test_with_less_time_exactly_the_tickets_that_took_longer_are_missed(cast: Cast, share: int) -> None:
    def shorter(target: Any) -> Any:
        assert target.promise.kind == "business_seconds"
        return Target("business_seconds", target.promise.amount // share)

    run = replayed(cast, shorter)
    expected: Counter[bool] = Counter()
    newly = set()
    for clock in Clock.objects.filter(record__opened_at__lt=NOW, metric=Metric.RESOLUTION):
        assert clock.state == Clock.State.STOPPED
        assert clock.target_seconds
        late = clock.spent > clock.target_seconds // share
        expected[late] += 1
        if late and not clock.breached_at:
            newly.add(clock.record_id)
    after = (run.result or {})["total"]["after"]
    assert (after["met"], after["missed"]) == (expected[False], expected[True])
    flips = ReplayFlip.objects.filter(run=run)
    assert {flip.record_id for flip in flips} == newly
    assert newly
