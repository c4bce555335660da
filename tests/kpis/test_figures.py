"""Every figure is its list, and twenty of them are what plain SQL counts in the same tables."""

import io
from datetime import timedelta
from decimal import ROUND_FLOOR, Decimal
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone, translation

from accounts.models import User
from kpis import engine, shown
from kpis.engine import Asked, Unit
from reports.period import Period
from tests.cast import Cast

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Shanghai")

# Each counts in its own way what the indicator promises: numerator and denominator, or a number.
AT = "BETWEEN %(start)s AND %(last)s"
TICKETS = "kind IN ('incident', 'request')"
SQL = {
    "P01.R1.K3": f"""SELECT count(*) FROM incidents_incident i JOIN records_record r ON r.id = i.record_ptr_id
        WHERE i.is_backfilled AND r.opened_at {AT}""",
    "P01.R1.K4": f"""SELECT count(*) FROM incidents_incident
        WHERE bypassed_by_id IS NOT NULL AND resolved_at {AT}""",
    "P01.R2.K1": f"""SELECT count(*) FROM records_activity a JOIN records_record r ON r.id = a.record_id
        WHERE a.verb = 'record.accepted' AND a.data->>'tier' = 'desk' AND r.{TICKETS} AND a.at {AT}""",
    "P01.R2.K2": f"""SELECT count(*) FROM incidents_incident
        WHERE resolved_tier = 'desk' AND resolved_at {AT}""",
    "P01.R2.K3": f"""SELECT count(*) FILTER (WHERE done_at <= due_at), count(*)
        FROM incidents_managementescalation WHERE required_at {AT}""",
    "P01.R3.K2": f"""SELECT count(*) FROM incidents_incident
        WHERE resolved_tier = 'first' AND resolved_at {AT}""",
    "P01.R3.K3": f"""SELECT count(DISTINCT c.record_id) FROM sla_breach b
        JOIN sla_clock c ON c.id = b.clock_id
        JOIN records_record r ON r.id = c.record_id WHERE b.tier = 'first' AND r.kind = 'incident'
        AND c.waived_at IS NULL AND c.support_id IS NULL AND b.at {AT}""",
    "P01.R3.K4": f"""SELECT count(*) FROM records_activity WHERE verb = 'record.escalated'
        AND data->>'from_tier' = 'first' AND data->>'to_tier' = 'second' AND at {AT}""",
    "P11.R1.K1": f"""SELECT count(*) FROM customers_complaint
        WHERE nature = 'complaint' AND received_at {AT}""",
    "P11.R1.K2": f"""SELECT count(handled_at), count(*) FROM customers_complaint
        WHERE nature = 'complaint' AND received_at {AT}""",
    "P12.R1.K4": f"""SELECT count(DISTINCT c.record_id) FROM sla_breach b
        JOIN sla_clock c ON c.id = b.clock_id
        JOIN records_record r ON r.id = c.record_id WHERE r.kind = 'incident' AND c.waived_at IS NULL
        AND c.support_id IS NULL AND b.at {AT}""",
    "X01": f"""SELECT count(*) FROM sla_clock WHERE support_id IS NULL AND waived_at IS NULL
        AND breached_at IS NULL AND decided_at {AT}""",
    "X03": f"""SELECT count(*) FROM sla_breach b JOIN sla_agreement a ON a.id = b.agreement_id
        JOIN sla_clock c ON c.id = b.clock_id WHERE a.kind = 'uc' AND c.waived_at IS NULL AND b.at {AT}""",
    "X10": f"SELECT count(*) FROM levels_outage WHERE withdrawn_at IS NULL AND started_at {AT}",
    "X17": f"""SELECT count(*) FILTER (WHERE c.state = 'stopped'
            AND c.stopped_at - c.started_at <= interval '2 hours'), count(*)
        FROM sla_clock c JOIN records_record r ON r.id = c.record_id WHERE c.metric = 'first_response'
        AND c.cycle = 1 AND c.support_id IS NULL AND r.opened_at {AT}""",
    "X19": f"""SELECT count(answered_at), count(*) FROM calls_callrecord
        WHERE direction = 'in' AND offered_at {AT}""",
    "X21": f"SELECT count(*) FROM records_record WHERE {TICKETS} AND opened_at {AT}",
    "X22": f"""SELECT count(*) FILTER (WHERE breached_at IS NULL), count(*) FROM sla_clock
        WHERE metric = 'resolution' AND support_id IS NULL AND waived_at IS NULL AND decided_at {AT}""",
    "X23": f"""SELECT count(*) FILTER (WHERE done_at <= %(last)s), count(*) FROM records_record
        WHERE {TICKETS} AND opened_at {AT}""",
    "X24": f"""SELECT count(*) FILTER (WHERE done_at IS NULL OR done_at > %(last)s), count(*)
        FROM records_record WHERE {TICKETS} AND opened_at <= %(last)s
        AND (done_at IS NULL OR done_at >= %(start)s)""",
    "P02.R1.K2": f"""SELECT count(*) FILTER (WHERE p.outcome = 'solved'), count(*) FROM problems_problem p
        JOIN records_record r ON r.id = p.record_ptr_id WHERE p.outcome <> '' AND r.done_at {AT}""",
    "P02.R1.K4": f"""SELECT count(*) FROM records_link l JOIN records_record s ON s.id = l.source_id
        JOIN records_record t ON t.id = l.target_id WHERE l.type = 'solved_by' AND s.kind = 'problem'
        AND t.kind = 'change' AND l.created_at {AT}""",
    "P03.R1.K1": """SELECT count(item_id), count(*) FROM assets_asset
        WHERE is_important AND state <> 'disposed'""",
    "P04.R1.K1": f"""SELECT count(*) FROM records_activity WHERE verb = 'change.accept_change' AND at {AT}""",
    "P04.R1.K3": f"""SELECT count(*) FILTER (WHERE outcome = 'success'), count(*) FROM changes_change
        WHERE outcome <> '' AND actual_end_at {AT}""",
    "P05.R1.K3": f"""SELECT count(*) FILTER (WHERE outcome = 'success'), count(*) FROM releases_release
        WHERE outcome <> '' AND ended_at {AT}""",
    "X46": f"""SELECT count(*) FILTER (WHERE state = 'done' AND done_at IS NOT NULL), count(*)
        FROM customers_callback WHERE closed_at {AT}""",
    "X51": f"""SELECT count(repeat_of_id), count(*) FROM incidents_incident i
        JOIN records_record r ON r.id = i.record_ptr_id WHERE r.opened_at {AT}""",
}


def asked_of(username: str, days: int = 45) -> Asked:
    now = timezone.now()
    last = now.astimezone(ZONE).date() - timedelta(days=1)
    actor = User.objects.prefetch_related("grants", "memberships").get(username=username).actor
    return Asked(actor, Period(last - timedelta(days=days), last, ZONE), now)


@pytest.fixture
def demo(db: None) -> None:
    call_command("demo", stdout=io.StringIO())


@pytest.mark.req("KPI-01", "KPI-05", "RPT-14")
def test_every_figure_of_the_demo_is_its_list_and_what_plain_sql_counts(demo: None) -> None:
    asked = asked_of("slm")
    limits = {"start": asked.period.start, "last": asked.period.end - timedelta(microseconds=1)}
    different, not_nothing = {}, 0
    for kpi in engine.all_kpis():
        for place, part in enumerate(kpi.parts):
            value = engine.compute(part, asked)
            rows = list(engine.selected(part, asked))
            assert value.record_count == len(rows) == len({row.pk for row in rows}), kpi.id
            assert len(shown.lines(engine.selected(part, asked), part)) == len(rows)
            hits = list(engine.selected(part, asked).filter(part.hit)) if part.hit is not None else rows
            if part.unit == Unit.PERCENT and rows:
                assert value.numerator == len(hits)
                assert (value.number is None) is (len(rows) == 0)
            if part.unit == Unit.PERCENT and not rows:
                assert value.number is None
            if place == 0 and kpi.id in SQL:
                with connection.cursor() as cursor:
                    cursor.execute(SQL[kpi.id], limits)
                    found = cursor.fetchone()
                counted = (value.numerator, value.denominator)[: len(found)]
                not_nothing += bool(found[-1])
                if (counted if any(counted) else (0,) * len(found)) != found:
                    different[kpi.id] = (counted, found)
                elif len(found) == 2 and found[1]:
                    share = (Decimal(100 * found[0]) / found[1]).quantize(Decimal("0.01"), ROUND_FLOOR)
                    assert value.number == share
    assert different == {}
    assert len(SQL) >= 20
    assert not_nothing >= 15  # a comparison of nothing with nothing proves nothing


@pytest.mark.req("KPI-01")
def test_the_pages_show_what_the_lists_hold_and_say_what_is_waited_for(demo: None, client: Client) -> None:
    asked = asked_of("slm")
    client.force_login(User.objects.get(username="slm"))
    query = {"from": asked.period.first.isoformat(), "to": asked.period.last.isoformat()}
    page = client.get("/kpis/X21/", query)
    listed = sum(b"data-row" in line for line in page.content.splitlines())
    opened = engine.get("X21")
    assert opened
    total = engine.compute(opened.parts[0], asked).record_count
    assert f"data-total>{total}<".encode() in page.content
    assert listed > 0
    people = page.context["people"]
    assert sum(int(each["number"].replace(",", "")) for each in people) == total
    seen, url = len(page.context["lines"]), page.context["next_url"]
    while url:
        page = client.get(f"/kpis/X21/{url}")
        seen, url = seen + len(page.context["lines"]), page.context["next_url"]
    assert seen == total
    waiting = client.get("/kpis/P16.R1.K1/", query)
    with translation.override("zh-hans"):  # as the demo's manager reads
        assert str(waiting.context["kpi"].waits_for) in waiting.content.decode()
    assert client.get("/kpis/P99/").status_code == 404


@pytest.mark.req("KPI-05")
def test_an_empty_period_has_no_share_and_no_mean(cast_asked: Asked) -> None:
    for kpi in engine.all_kpis():
        for part in kpi.parts:
            value = engine.compute(part, cast_asked)
            if part.unit != Unit.COUNT and not value.record_count:
                assert value.is_no_data, kpi.id
                assert shown.number(part, value) == "no data"


@pytest.fixture
def cast_asked(cast: Cast) -> Asked:
    period = Period(timezone.localdate().replace(year=2001), timezone.localdate().replace(year=2001), ZONE)
    return Asked(cast.mona.actor, period, timezone.now())
