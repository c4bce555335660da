"""What the bulk loader writes is what the verbs would have written: constraints hold, clocks replay."""

import pytest
from django.db import connection
from django.utils import timezone

from accounts.services import system_actor
from benchmarks import rows
from benchmarks.loader import Size, load
from records import alarms, search
from records.models import Activity, Delivery, Record
from sla import selfcheck
from sla.models import Alarm, Breach, Clock, Holding

FOREIGN_KEYS = """
SELECT c.conrelid::regclass::text, a.attname, c.confrelid::regclass::text, f.attname
FROM pg_constraint c
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
JOIN pg_attribute f ON f.attrelid = c.confrelid AND f.attnum = c.confkey[1]
WHERE c.contype = 'f' AND c.conrelid = ANY(%s::regclass[])
"""


@pytest.mark.django_db
def test_a_small_load_keeps_every_constraint_and_every_clock_replays() -> None:
    now = timezone.now().replace(microsecond=0)
    load(Size(400, plots=120), now=now, threads=0, report=lambda _text: None)

    assert Record.objects.count() == 400
    assert Record.objects.open().count() == 40
    assert Clock.objects.count() > 800
    assert Activity.objects.count() > 1200
    for table in (Delivery, Breach, Alarm):
        assert table.objects.exists()
    assert orphans() == []
    assert Holding.objects.filter(until=None).count() == 40
    assert records_whose_spans_have_gaps() == 0
    report = selfcheck.check(selfcheck.Report(now.isoformat()), now=now)
    assert (report.checked, report.different) == (Clock.objects.count(), 0), report.differences[:3]
    # nothing is overdue for the sweep but what came due while this test ran
    assert Clock.objects.filter(alarm_at__lte=now).count() == 0
    assert alarms.sweep() <= 5


@pytest.mark.django_db
def test_words_of_both_languages_are_found_in_what_was_loaded() -> None:
    load(Size(400, plots=120), now=timezone.now(), threads=0, report=lambda _text: None)
    actor = system_actor()
    for word, most in (("printer", 60), ("打印机", 60), ("gyroscope", 10), ("陀螺仪", 10)):
        assert 1 <= search.find(Record.objects.all(), word, actor=actor).count() <= most, word
    assert search.find(Record.objects.all(), "INC0000123", actor=actor).count() == 1


def records_whose_spans_have_gaps() -> int:
    """Records whose time is not told by the spans of those who had them, one after the other, to the end."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(*) FROM records_record r CROSS JOIN LATERAL (
                   SELECT min(since) AS since, max(until) AS until, count(*) - count(until) AS open,
                       bool_and(since = before OR before IS NULL) AS is_whole
                   FROM (SELECT *, lag(until) OVER (ORDER BY since, id) AS before
                         FROM sla_holding WHERE record_id = r.id) h) t
               WHERE NOT (t.is_whole AND t.since = r.opened_at
                   AND (r.done_at IS NULL AND t.open = 1 OR t.until = r.done_at AND t.open = 0))"""
        )
        found: int = cursor.fetchone()[0]
    return found


def orphans() -> list[str]:
    """Rows that point nowhere: the loader's foreign keys were asleep."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute(FOREIGN_KEYS, [list(rows.TABLES)])
        for table, column, target, key in cursor.fetchall():
            cursor.execute(
                f"SELECT count(*) FROM {table} t LEFT JOIN {target} o ON o.{key} = t.{column} "
                f"WHERE t.{column} IS NOT NULL AND o.{key} IS NULL"
            )
            if count := cursor.fetchone()[0]:
                found.append(f"{table}.{column}: {count}")
    return found
