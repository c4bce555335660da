"""Figures of complaints: the number and the list behind it are the same question."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from customers import callbacks, complaints
from customers.figures import FIGURES, Span, measured, rows_of
from customers.models import Callback, CallbackRule, Complaint
from tests.cast import Cast
from tests.customers.made import closed, instant, receive

pytestmark = pytest.mark.django_db
Browser = Callable[[Any], Client]
DAY = timedelta(days=1)


def some_complaints(cast: Cast) -> None:
    """One closed and content, one answered late and not handled, one overdue, one retracted, one praise."""
    now, actor = instant(), cast.alice.actor
    good = receive(cast, now=now - 2 * DAY)
    complaints.judge(good, valid=True, reason="x", actor=actor, now=now - DAY)
    complaints.answer(Complaint.objects.get(pk=good.pk), text="x", actor=actor, now=now - DAY)
    complaints.handle(Complaint.objects.get(pk=good.pk), text="x", actor=actor, now=now - DAY)
    complaints.rate_outcome(
        Complaint.objects.get(pk=good.pk), score=5, words="", actor=cast.rita.actor, now=now
    )
    complaints.close(Complaint.objects.get(pk=good.pk), actor=actor, now=now)
    late = receive(cast, now=now - 9 * DAY)
    complaints.judge(late, valid=True, reason="x", actor=actor, now=now)
    complaints.answer(Complaint.objects.get(pk=late.pk), text="x", actor=actor, now=now)
    receive(cast, now=now - 8 * DAY)
    complaints.retract(receive(cast, now=now - DAY), reason="x", actor=actor, now=now)
    receive(cast, now=now - DAY, nature="praise")


@pytest.mark.req("BRM-03", "BRM-06")
def test_every_figure_is_computed_from_the_list_it_leads_to(client_of: Browser, cast: Cast) -> None:
    some_complaints(cast)
    now, actor = instant(), cast.mona.actor
    span = Span.read("", "", now.date())
    found = {key: measured(figure, actor, span, now) for key, figure in FIGURES.items()}
    assert found["received"]["total"] == 3
    shares = {key: (row["hits"], row["total"]) for key, row in found.items() if key != "received"}
    assert shares == {
        "completed": (1, 3), "answered": (2, 3), "in-time": (1, 3), "handled": (1, 2), "satisfied": (1, 1),
        "called": (0, 0),
    }  # fmt: skip
    assert found["called"]["percent"] is None
    mona = client_of(cast.mona)
    page = mona.get("/complaints/figures/").content.decode()
    assert "66.7" in page
    for key, figure in FIGURES.items():
        listed = mona.get(f"/complaints/figures/{key}/?part=hit").content.decode()
        for row in rows_of(figure, "hit", actor, span, now):
            assert row.number in listed
        missed = mona.get(f"/complaints/figures/{key}/?part=miss")
        assert missed.status_code == 200
    assert (
        "Nothing in this period"
        in mona.get("/complaints/figures/answered/?first=2020-01-01&last=2020-02-01").content.decode()
    )
    assert mona.get("/complaints/figures/nothing/").status_code == 404


@pytest.mark.req("BRM-09")
def test_the_callback_rate_counts_made_calls_of_those_due(cast: Cast) -> None:
    now = instant()
    rule = CallbackRule(due_days=1)
    for _n in range(2):
        callbacks.make(closed(cast), rule, closed_at=now - 3 * DAY, now=now - 3 * DAY)
    first = Callback.objects.order_by("pk")[0]
    callbacks.record(first, is_reached=True, content="yes", actor=cast.sven.actor, now=now)
    row = measured(FIGURES["called"], cast.mona.actor, Span.read("", "", now.date()), now)
    assert (row["hits"], row["total"], row["percent"], row["tone"]) == (1, 2, 50.0, "bad")


def test_a_strange_period_is_the_last_ninety_days() -> None:
    today = date(2026, 3, 2)
    usual = Span(date(2025, 12, 3), today)
    for first, last in (
        ("", ""),
        ("x", "2026-01-01"),
        ("2026-02-01", "2026-01-01"),
        ("0001-01-01", "2026-01-01"),
    ):
        assert Span.read(first, last, today) == usual
    assert Span.read("2026-01-01", "2026-01-31", today) == Span(date(2026, 1, 1), date(2026, 1, 31))
