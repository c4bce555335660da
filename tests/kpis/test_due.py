"""What is to be confirmed stands before who checks it, is told once, and is gone when it is confirmed."""

from datetime import datetime
from threading import Barrier, Thread
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection

from kpis import closing, due, measuring
from kpis.models import Confirmation, Reminder
from records import notices, spans
from tests.cast import Cast, make_incident

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Shanghai")
APRIL = datetime(2026, 4, 2, 9, tzinfo=ZONE)
PAGE = "/kpis/due/"


@pytest.fixture
def checker(cast: Cast) -> Cast:
    closing.name_checkers("Incident manager", [cast.alice.pk], actor=cast.mona.actor)
    make_incident(cast)
    measuring.measure(spans.parse("2026-03", ZONE), now=APRIL)
    return cast


@pytest.mark.req("KPI-03", "KPI-04")
def test_a_checker_confirms_several_at_once_and_they_are_gone(checker: Cast, client_of: Any) -> None:
    browser = client_of(checker.alice)
    with time_machine.travel(APRIL, tick=False):
        groups = browser.get(PAGE).context["groups"]
        rows = {row["id"]: row for group in groups for row in group["rows"]}
        assert {group["code"] for group in groups} <= {"2026-03", "2026-Q1", "2025-H2", "2025"}
        assert rows["P01.R2.K2"]["figure"] == "0"
        assert browser.post(PAGE, {}).status_code == 422
        keys = [row["key"] for row in rows.values() if not row["is_by_hand"]][:2]
        assert browser.post(PAGE, {"chosen": keys}).status_code == 302
        left = {row["key"] for group in browser.get(PAGE).context["groups"] for row in group["rows"]}
        assert left == {row["key"] for row in rows.values()} - set(keys)
        assert {row.confirmed_by for row in Confirmation.objects.all()} == {checker.alice}
        assert Confirmation.objects.count() == len(keys)
        assert browser.post(PAGE, {"chosen": keys}).status_code == 302  # sent twice: nothing is left to do
        assert Confirmation.objects.count() == len(keys)


def test_what_others_check_is_not_confirmed_by_naming_it(checker: Cast, client_of: Any) -> None:
    with time_machine.travel(APRIL, tick=False):
        client_of(checker.alice).post(PAGE, {"chosen": ["P01.R1.K1:2026-03", "x", "P01.R2.K2:2026-02"]})
    assert not Confirmation.objects.exists()


@pytest.mark.req("KPI-03")
def test_who_has_to_confirm_is_told_once_for_each_span(checker: Cast) -> None:
    first = due.remind(now=APRIL)
    assert first == Reminder.objects.filter(person=checker.alice).count() >= 1
    assert not Reminder.objects.exclude(person=checker.alice).exists()
    assert due.remind(now=APRIL) == 0
    actor = checker.alice.actor
    assert notices.unread_count(actor) == first
    told, _more = notices.latest(actor)
    assert any("to be confirmed" in notice.words and notice.title == "2026-03" for notice in told)
    notices.read_all(actor, now=APRIL)
    assert notices.unread_count(actor) == 0


@pytest.mark.django_db(transaction=True)
def test_two_workers_tell_once(checker: Cast) -> None:
    start, told = Barrier(2), []

    def work() -> None:
        start.wait()
        try:
            told.append(due.remind(now=APRIL))
        finally:
            connection.close()

    threads = [Thread(target=work) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 2
    spans_told = list(Reminder.objects.values_list("person", "span"))
    assert len(spans_told) == len(set(spans_told)) >= 1
