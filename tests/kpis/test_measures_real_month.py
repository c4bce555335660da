"""March 2016 of a real service desk: the imported incidents' figures, by plain SQL and by hand from the file.

The files are the samples in tests/data: 60 incidents opened on 29 February, and some opened on 1 March.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import ROUND_FLOOR, Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from accounts.services import system_actor
from kpis import engine
from kpis.engine import Asked, Value
from reports.period import Period
from tests.kpis import plain_sql

DATA = Path(__file__).parent.parent / "data"
FILES = (DATA / "servicenow_first_60.csv", DATA / "servicenow_march_fifth.csv")
pytestmark = pytest.mark.django_db
MARCH = Period(date(2016, 3, 1), date(2016, 3, 31), ZoneInfo("UTC"))
SLAS = """sla_agreement a JOIN sla_agreementversion v ON v.agreement_id = a.id
    WHERE a.kind = 'sla' AND a.customer_id IS NOT NULL AND v.effective_from <= %(last)s"""
JUDGED = f"""SELECT a.id AS agreement, r.service_id AS service, t.metric, t.service_id, t.priority,
        t.ticket_kind, max(t.goal_percent) AS goal, count(*) AS n,
        count(*) FILTER (WHERE c.breached_at IS NULL) AS met
    FROM sla_clock c JOIN records_record r ON r.id = c.record_id JOIN sla_target t ON t.id = c.target_id
    JOIN sla_agreementversion v ON v.id = c.agreement_version_id JOIN sla_agreement a ON a.id = v.agreement_id
    WHERE a.customer_id IS NOT NULL AND c.waived_at IS NULL AND c.support_id IS NULL
    AND r.service_id IS NOT NULL AND c.decided_at {plain_sql.AT} GROUP BY 1, 2, 3, 4, 5, 6"""
OF_AGREEMENTS = {
    # whoever was registered after the month counts by the agreement that was in force in it
    ("P12.R1.K1", 0): f"SELECT count(DISTINCT a.customer_id), count(DISTINCT a.customer_id) FROM {SLAS}",
    ("P12.R1.K3", 0): f"""SELECT count(*) FILTER (WHERE kept), count(*) FROM (SELECT service,
        bool_and(100 * met >= goal * n) AS kept FROM ({JUDGED}) judged GROUP BY service) services""",
    ("P12.R1.K3", 1): f"""SELECT count(*) FILTER (WHERE kept), count(*) FROM (SELECT agreement,
        bool_and(100 * met >= goal * n) AS kept FROM ({JUDGED}) judged GROUP BY agreement) agreements""",
    ("P12.R2.K1", 0): f"""SELECT count(*) FILTER (WHERE EXISTS (SELECT FROM sla_target t
        WHERE t.version_id = v.id AND t.service_id IS NULL)), count(*) FROM {SLAS}""",
    ("X05", 0): f"""SELECT count(u.id), count(*) FROM sla_target t
        LEFT JOIN sla_underpinning u ON u.version_id = t.version_id
        WHERE t.version_id IN (SELECT v.id FROM {SLAS})""",
    ("X07", 0): f"SELECT count(w.record_ptr_id), count(*) FROM reviews_review w RIGHT JOIN "
    f"(SELECT a.id FROM {SLAS}) a ON a.id = w.agreement_id",
}
"""What the agreements of the month promised; there are no reviews and no contracts behind them."""

MUST_TELL = {
    "P01.R2.K4", "P01.R3.K2", "P01.R3.K3", "P12.R1.K1", "P12.R1.K3", "P12.R1.K4", "P12.R2.K1", "P12.R2.K2",
    "X01", "X05", "X07", "X14", "X18", "X21", "X22", "X23", "X24", "X25", "X30", "X48", "X51",
}  # fmt: skip
"""Those that incidents alone must have something to tell of."""


@pytest.fixture(scope="module")
def asked(django_db_setup: None, django_db_blocker: Any) -> Iterator[Asked]:
    with django_db_blocker.unblock(), transaction.atomic():
        for file in FILES:
            call_command("import_incidents", str(file), format="servicenow", stdout=io.StringIO())
        yield Asked(system_actor(), MARCH, timezone.now())
        transaction.set_rollback(True)
    with django_db_blocker.unblock():
        connection.close()


def figure(asked: Asked, kpi: str, place: int = 0) -> Value:
    found = engine.get(kpi)
    assert found
    return engine.compute(found.parts[place], asked)


@pytest.mark.req("KPI-01", "RPT-14")
def test_every_figure_of_a_real_month_is_what_plain_sql_counts(asked: Asked) -> None:
    known = {kpi.id: kpi for kpi in engine.all_kpis()}
    different, telling = {}, set()
    for (kpi, place), statement in {**plain_sql.SQL, **OF_AGREEMENTS}.items():
        part = known[kpi].parts[place]
        value, found = engine.compute(part, asked), plain_sql.answer(statement, asked)
        assert value.record_count == engine.selected(part, asked).count()
        telling |= {kpi} if value.record_count else set()
        if not plain_sql.agrees(part, value, found):
            different[kpi, place] = (value, found)
    assert different == {}
    assert telling >= MUST_TELL
    assert len(MUST_TELL) >= 20


# --- by hand, from the file -------------------------------------------------------------------------


def at(row: dict[str, str], column: str = "sys_updated_at") -> datetime:
    return datetime.strptime(row[column], "%d-%m-%Y %H:%M").replace(tzinfo=UTC)


def incidents() -> dict[str, list[dict[str, str]]]:
    """The rows of each incident, oldest first."""
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    for path in FILES:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                found[row["number"]].append(row)
    return {number: sorted(rows, key=at) for number, rows in found.items()}


def opened(rows: list[dict[str, str]]) -> datetime:
    return min(at(rows[0], "opened_at"), at(rows[0]))


def done(rows: list[dict[str, str]]) -> datetime | None:
    """When it was solved for good: the first such row after it was worked on for the last time."""
    end = None
    for row in rows:
        if row["incident_state"] in ("Resolved", "Closed"):
            end = end or at(row)
        elif row["incident_state"] != "New":
            end = None
    return end


def in_march(instant: datetime | None) -> bool:
    return instant is not None and MARCH.start <= instant < MARCH.end


@pytest.mark.req("KPI-01")
def test_the_real_month_counted_by_hand_from_the_file(asked: Asked) -> None:
    told = list(incidents().values())
    new = [rows for rows in told if in_march(opened(rows))]
    assert 10 < len(new) < len(told)  # some were opened in February
    assert figure(asked, "X21").number == len(new)
    finished = sum((end := done(rows)) is not None and end < MARCH.end for rows in new)
    assert figure(asked, "X23") == share(finished, len(new))
    there = [end for rows in told if (end := done(rows)) is None or end >= MARCH.start]
    left = [end for end in there if end is None or end >= MARCH.end]
    assert figure(asked, "X24") == share(len(left), len(there))
    seconds = [(end - opened(rows)).total_seconds() for rows in told if (end := done(rows)) and in_march(end)]
    mean = Decimal(str(sum(seconds) / len(seconds))).quantize(Decimal("0.01"))
    assert figure(asked, "X25").number == mean
    assert figure(asked, "X25").record_count == len(seconds)
    assert figure(asked, "X51") == share(0, len(new))  # the file names no repeats


def share(hits: int, n: int) -> Value:
    return Value((Decimal(100 * hits) / n).quantize(Decimal("0.01"), ROUND_FLOOR), hits, n, n)


@pytest.mark.req("KPI-05")
def test_what_the_real_log_does_not_hold_is_no_data_and_no_zero(asked: Asked) -> None:
    """The log has no messages, calls, surveys or visits: shares of them are shares of nothing."""
    for kpi in ("X17", "X19", "X28", "X46", "X49", "P01.R3.K5", "P04.R1.K3"):
        assert figure(asked, kpi).is_no_data, kpi
    assert figure(asked, "P11.R1.K1").number == 0  # a number of none is nought


@pytest.mark.req("KPI-01")
def test_the_imported_customer_has_its_agreement_whenever_it_was_registered(asked: Asked) -> None:
    assert figure(asked, "P12.R1.K1") == share(1, 1)
    assert figure(asked, "P12.R2.K1") == share(1, 1)
    assert figure(asked, "P12.R2.K2") == share(0, 1)  # nobody looked whether it breaks a law
    assert figure(asked, "X05") == share(0, figure(asked, "X05").record_count)
