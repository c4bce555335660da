"""What indicators promise, counted in plain SQL in the tables themselves, in other ways than the product's.

By indicator and place of the figure: a number; numerator and denominator of a share; or a mean with the
number of rows. ``start`` and ``last`` are the first and last instant of the period.
"""

from datetime import timedelta
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from django.db import connection

from kpis.engine import Asked, Part, Unit, Value

AT = "BETWEEN %(start)s AND %(last)s"
DAYS = "BETWEEN %(first_day)s AND %(last_day)s"
TICKETS = "kind IN ('incident', 'request')"
RECORD = "JOIN records_record r ON r.id ="
CLOCKS = f"sla_clock c {RECORD} c.record_id"
CUSTOMERS = "c.support_id IS NULL"
REPLIES = f"""FROM {CLOCKS} WHERE c.metric = 'first_response' AND c.cycle = 1 AND {CUSTOMERS}
    AND r.opened_at {AT}"""
INCIDENTS = f"incidents_incident i {RECORD} i.record_ptr_id"
GIVEN_UP = "('cancelled', 'rejected', 'refused')"
BREACHES = f"""FROM sla_breach b JOIN sla_clock c ON c.id = b.clock_id {RECORD} c.record_id
    WHERE r.kind = 'incident' AND c.waived_at IS NULL AND {CUSTOMERS} AND b.at {AT}"""
ENDINGS = "verb IN ('problem.solve_problem', 'problem.settle_problem', 'problem.close_problem')"
RESPONSES = f"FROM customers_response WHERE score IS NOT NULL AND answered_at {AT}"
SIGNED = f"""SELECT count(DISTINCT f.appointment_id) FILTER (WHERE f.signed_at IS NOT NULL), count(*)
    FROM (SELECT DISTINCT ON (appointment_id) * FROM fieldwork_serviceform
          ORDER BY appointment_id, edition DESC) f
    JOIN fieldwork_appointment a ON a.id = f.appointment_id JOIN accounts_team t ON t.id = a.team_id
    WHERE f.arrived_at {AT} AND t.tier ="""


def _accepted(tier: str) -> str:
    return f"""SELECT count(*) FROM records_activity a {RECORD} a.record_id
        WHERE a.verb = 'record.accepted' AND a.data->>'tier' = '{tier}' AND r.{TICKETS} AND a.at {AT}"""


def _solved(tier: str) -> str:
    return f"SELECT count(*) FROM incidents_incident WHERE resolved_tier = '{tier}' AND resolved_at {AT}"


def _linked(kind: str, source: str, target: str) -> str:
    return f"""SELECT count(*) FROM records_link l JOIN records_record s ON s.id = l.source_id
        JOIN records_record t ON t.id = l.target_id WHERE l.type = '{kind}' AND s.kind = '{source}'
        AND t.kind = '{target}' AND l.created_at {AT}"""


def _ended(verb: str) -> str:
    """Of problems by how each ended last in the period."""
    return f"""SELECT count(*) FILTER (WHERE verb = 'problem.{verb}'), count(*) FROM (
        SELECT DISTINCT ON (record_id) verb FROM records_activity WHERE {ENDINGS} AND at {AT}
        ORDER BY record_id, id DESC) ends"""


def _changes(hit: str, more: str = "") -> str:
    return f"""SELECT count(*) FILTER (WHERE {hit}), count(*) FROM changes_change
        WHERE outcome <> '' AND actual_end_at {AT} {more}"""


def _passed(tier: str) -> str:
    return f"""SELECT count(*) FILTER (WHERE p.score > s.bad_mark), count(*) FROM customers_response p
        JOIN customers_invitation v ON v.id = p.invitation_id
        JOIN customers_survey s ON s.record_ptr_id = v.survey_id
        JOIN incidents_incident i ON i.record_ptr_id = v.ticket_id
        WHERE p.score IS NOT NULL AND i.resolved_tier = '{tier}' AND p.answered_at {AT}"""


SQL: dict[tuple[str, int], str] = {
    ("P01.R1.K2", 0): _linked("caused_by", "incident", "problem"),
    ("P01.R1.K3", 0): f"SELECT count(*) FROM {INCIDENTS} WHERE i.is_backfilled AND r.opened_at {AT}",
    ("P01.R1.K3", 2): f"""SELECT count(*) FROM {INCIDENTS}
        WHERE i.is_backfilled AND i.backfill_source = 'sales' AND r.opened_at {AT}""",
    ("P01.R1.K4", 0): f"""SELECT count(*) FROM incidents_incident
        WHERE bypassed_by_id IS NOT NULL AND resolved_at {AT}""",
    ("P01.R2.K1", 0): _accepted("desk"),
    ("P01.R2.K2", 0): _solved("desk"),
    ("P01.R2.K3", 0): f"""SELECT count(*) FILTER (WHERE done_at <= due_at), count(*)
        FROM incidents_managementescalation WHERE required_at {AT}""",
    ("P01.R2.K4", 0): f"""SELECT count(v.id), count(*) FROM incidents_incident i
        LEFT JOIN customers_invitation v ON v.ticket_id = i.record_ptr_id WHERE i.closed_at {AT}""",
    ("P01.R2.K5", 0): f"SELECT count(accepted_at), count(*) FROM shifts_handover WHERE given_at {AT}",
    ("P01.R3.K1", 0): _accepted("first"),
    ("P01.R3.K2", 0): _solved("first"),
    ("P01.R3.K3", 0): f"SELECT count(DISTINCT c.record_id) {BREACHES} AND b.tier = 'first'",
    ("P01.R3.K4", 0): f"""SELECT count(*) FROM records_activity WHERE verb = 'record.escalated'
        AND data->>'from_tier' = 'first' AND data->>'to_tier' = 'second' AND at {AT}""",
    ("P01.R3.K5", 0): f"{SIGNED} 'first'",
    ("P01.R3.K6", 0): _passed("first"),
    ("P01.R4.K1", 0): _accepted("second"),
    ("P01.R4.K2", 0): _solved("second"),
    ("P01.R4.K3", 0): _linked("caused_by", "incident", "problem"),
    ("P01.R4.K4", 0): f"SELECT count(DISTINCT c.record_id) {BREACHES} AND b.tier = 'second'",
    ("P02.R1.K1", 0): f"""SELECT count(*) FROM problems_problem p {RECORD} p.record_ptr_id
        WHERE p.source IN ('second_line', 'incident_manager') AND r.state <> 'rejected'
        AND p.decided_at {AT}""",
    ("P02.R1.K2", 0): _ended("solve_problem"),
    ("P02.R1.K3", 0): _ended("settle_problem"),
    ("P02.R1.K4", 0): _linked("solved_by", "problem", "change"),
    ("P02.R1.K5", 0): _ended("close_problem"),
    ("P02.R2.K1", 0): f"""SELECT count(*) FROM records_activity
        WHERE verb IN ('problem.accept_problem', 'problem.assign_expert') AND at {AT}""",
    ("P03.R1.K2", 0): f"""SELECT count(reported_at), count(*) FROM verifications_itemaudit a
        {RECORD} a.record_ptr_id WHERE r.state <> 'cancelled' AND a.planned_on {DAYS}""",
    ("P04.R1.K1", 0): f"""SELECT count(*) FROM records_activity
        WHERE verb = 'change.accept_change' AND at {AT}""",
    ("P04.R1.K2", 0): f"""SELECT count(*) FILTER (WHERE plan <> '' AND test_result = 'passed'
        AND tested_at <= actual_start_at), count(*) FROM changes_change WHERE actual_start_at {AT}""",
    ("P04.R1.K3", 0): _changes("outcome = 'success'"),
    ("P04.R1.K4", 0): _changes("outcome = 'backed_out'"),
    ("P04.R2.K1", 0): f"""SELECT count(DISTINCT b.change_id) FROM boards_agendaitem b
        JOIN changes_change c ON c.record_ptr_id = b.change_id WHERE c.is_major AND b.purpose = 'decide'
        AND b.decision <> 'put_off' AND b.decided_at {AT}""",
    ("P04.R2.K2", 0): _changes("outcome = 'success'", "AND is_major"),
    ("P05.R1.K1", 0): f"SELECT count(*) FROM releases_releasechange WHERE added_at {AT}",
    ("P05.R1.K3", 0): f"""SELECT count(*) FILTER (WHERE outcome = 'success'), count(*)
        FROM releases_release WHERE outcome <> '' AND ended_at {AT}""",
    ("P10.R1.K1", 0): f"""SELECT count(*) FILTER (WHERE checks <> '[]'), count(*) FROM sourcing_decision
        WHERE is_admitted AND decided_at {AT}""",
    ("P11.R1.K1", 0): f"""SELECT count(*) FROM customers_complaint
        WHERE nature = 'complaint' AND received_at {AT}""",
    ("P11.R1.K2", 0): f"""SELECT count(handled_at), count(*) FROM customers_complaint
        WHERE nature = 'complaint' AND received_at {AT}""",
    ("P11.R1.K3", 0): f"""SELECT count(*) FILTER (WHERE outcome_score > 3), count(*) FROM customers_complaint
        WHERE outcome_rated_at {AT}""",
    ("P11.R1.K4", 0): f"""SELECT count(*) FILTER (WHERE p.score > 3), count(*) FROM customers_response p
        JOIN customers_invitation v ON v.id = p.invitation_id
        JOIN customers_survey s ON s.record_ptr_id = v.survey_id
        WHERE s.purpose = 'periodic' AND p.score IS NOT NULL AND p.answered_at {AT}""",
    ("P12.R1.K2", 0): f"""SELECT count(*) FILTER (WHERE score > 3), count(*) FROM (
        SELECT DISTINCT ON (v.person_id) p.score FROM customers_response p
        JOIN customers_invitation v ON v.id = p.invitation_id
        WHERE p.score IS NOT NULL AND p.answered_at {AT} ORDER BY v.person_id, p.id DESC) answers""",
    ("P12.R1.K4", 0): f"SELECT count(DISTINCT c.record_id) {BREACHES}",
    ("P12.R3.K1", 0): f"""SELECT count(*) FILTER (WHERE result = 'passed'), count(*)
        FROM planning_planningcheck WHERE checked_at {AT}""",
    ("P12.R2.K2", 0): """SELECT count(DISTINCT v.id) FILTER (WHERE e.legality = 'passed'
            AND e.legality_at <= v.created_at), count(DISTINCT v.id)
        FROM sla_agreement a JOIN LATERAL (SELECT * FROM sla_agreementversion v
            WHERE v.agreement_id = a.id AND v.effective_from <= %(last)s
            AND (v.effective_until IS NULL OR v.effective_until > %(last)s)
            ORDER BY v.effective_from DESC, v.number DESC LIMIT 1) v ON true
        LEFT JOIN agreements_edition e ON e.signed_version_id = v.id
        WHERE a.kind = 'sla' AND a.customer_id IS NOT NULL
        AND (a.ended_at IS NULL OR a.ended_at > %(last)s)""",
    ("X01", 0): f"""SELECT count(*) FROM sla_clock c WHERE {CUSTOMERS} AND waived_at IS NULL
        AND breached_at IS NULL AND decided_at {AT}""",
    ("X01", 1): f"""SELECT count(*) FROM sla_clock c WHERE {CUSTOMERS} AND waived_at IS NULL
        AND breached_at IS NOT NULL AND decided_at {AT}""",
    ("X02", 0): f"""SELECT count(*) FROM records_record r WHERE r.{TICKETS} AND r.opened_at {AT}
        AND r.id NOT IN (SELECT c.record_id FROM sla_clock c
            JOIN sla_agreementversion v ON v.id = c.agreement_version_id
            JOIN sla_agreement a ON a.id = v.agreement_id
            WHERE {CUSTOMERS} AND a.customer_id IS NOT NULL)""",
    ("X03", 0): f"""SELECT count(*) FROM sla_breach b JOIN sla_agreement a ON a.id = b.agreement_id
        JOIN sla_clock c ON c.id = b.clock_id WHERE a.kind = 'uc' AND c.waived_at IS NULL AND b.at {AT}""",
    ("X10", 0): f"SELECT count(*) FROM levels_outage WHERE withdrawn_at IS NULL AND started_at {AT}",
    ("X12", 0): f"""SELECT avg(extract(epoch FROM coalesce(told_at, ended_at) - started_at)), count(*)
        FROM levels_outage WHERE withdrawn_at IS NULL AND ended_at IS NOT NULL AND started_at {AT}""",
    ("X13", 0): f"SELECT avg(c.spent), count(*) {REPLIES} AND c.state = 'stopped'",
    ("X14", 0): f"""SELECT avg(c.spent), count(*) FROM sla_clock c WHERE metric = 'resolution'
        AND {CUSTOMERS} AND state = 'stopped' AND stopped_at {AT}""",
    ("X17", 0): f"""SELECT count(*) FILTER (WHERE c.state = 'stopped'
            AND c.stopped_at - c.started_at <= interval '2 hours'), count(*) {REPLIES}""",
    ("X18", 0): f"""SELECT count(*) FILTER (WHERE least(i.resolved_at, q.fulfilled_at, (
                SELECT a.at FROM records_activity a WHERE a.record_id = r.id AND a.verb = 'record.replied'
                ORDER BY a.at OFFSET 1 LIMIT 1)) <= r.opened_at + interval '24 hours'), count(*)
        FROM records_record r LEFT JOIN incidents_incident i ON i.record_ptr_id = r.id
        LEFT JOIN fulfilment_servicerequest q ON q.record_ptr_id = r.id
        WHERE r.{TICKETS} AND r.opened_at {AT}""",
    ("X19", 0): f"""SELECT count(answered_at), count(*) FROM calls_callrecord
        WHERE direction = 'in' AND offered_at {AT}""",
    ("X21", 0): f"SELECT count(*) FROM records_record WHERE {TICKETS} AND opened_at {AT}",
    ("X22", 0): f"""SELECT count(*) FILTER (WHERE breached_at IS NULL), count(*) FROM sla_clock c
        WHERE metric = 'resolution' AND {CUSTOMERS} AND waived_at IS NULL AND decided_at {AT}""",
    ("X23", 0): f"""SELECT count(*) FILTER (WHERE done_at <= %(last)s), count(*) FROM records_record
        WHERE {TICKETS} AND opened_at {AT}""",
    ("X24", 0): f"""SELECT count(*) FILTER (WHERE done_at IS NULL OR done_at > %(last)s), count(*)
        FROM records_record WHERE {TICKETS} AND opened_at <= %(last)s
        AND (done_at IS NULL OR done_at >= %(start)s)""",
    ("X25", 0): f"""SELECT avg(extract(epoch FROM done_at - opened_at)), count(*) FROM records_record
        WHERE {TICKETS} AND state NOT IN {GIVEN_UP} AND done_at {AT}""",
    ("X26", 0): f"""SELECT avg(extract(epoch FROM c.stopped_at - c.started_at)), count(*) {REPLIES}
        AND c.state = 'stopped'""",
    ("X27", 0): f"""SELECT count(*) FILTER (WHERE (r.done_at AT TIME ZONE %(zone)s)::date <= a.due_on),
        count(*) FROM actions_action a {RECORD} a.record_ptr_id
        WHERE r.state <> 'cancelled' AND a.due_on {DAYS}""",
    ("X28", 0): f"SELECT avg(score), count(*) {RESPONSES}",
    ("X28", 1): f"SELECT count(*) FILTER (WHERE score > 3), count(*) {RESPONSES}",
    ("X29", 1): f"""SELECT count(*) FILTER (WHERE result = 'agrees'), count(*)
        FROM verifications_auditentry WHERE checked_at {AT}""",
    ("X30", 0): f"""SELECT count(*) FILTER (WHERE done_at IS NOT NULL AND state NOT IN {GIVEN_UP}), count(*)
        FROM records_record WHERE {TICKETS} AND opened_at {AT}""",
    ("X35", 0): f"""SELECT avg(extract(epoch FROM ended_at - started_at)), count(*) FROM levels_outage
        WHERE withdrawn_at IS NULL AND ended_at IS NOT NULL AND started_at {AT}""",
    ("X40", 0): f"""SELECT count(*) FILTER (WHERE state = 'done'), count(*) FROM assets_check
        WHERE due_on {DAYS}""",
    ("X43", 0): f"SELECT count(*) FILTER (WHERE c.state = 'stopped'), count(*) {REPLIES}",
    ("X45", 0): f"""SELECT count(*) FILTER (WHERE answered_at <= received_at + interval '5 days'), count(*)
        FROM customers_complaint WHERE nature = 'complaint' AND received_at {AT}""",
    ("X46", 0): f"""SELECT count(*) FILTER (WHERE state = 'done' AND done_at IS NOT NULL), count(*)
        FROM customers_callback WHERE closed_at {AT}""",
    ("X48", 0): f"""SELECT count(*) FILTER (WHERE i.resolved_at - r.opened_at <= interval '5 days'), count(*)
        FROM {INCIDENTS} WHERE r.priority = 4 AND i.closed_at {AT}""",
    ("X49", 0): f"""SELECT count(*) FILTER (WHERE arrived_at - promised_at <= interval '15 minutes'), count(*)
        FROM fieldwork_appointment WHERE state <> 'cancelled' AND promised_at {AT}""",
    ("X50", 0): f"""SELECT count(*) FILTER (WHERE c.state = 'stopped'
            AND c.stopped_at - c.started_at <= interval '1 day'), count(*) {REPLIES}""",
    ("X51", 0): f"SELECT count(i.repeat_of_id), count(*) FROM {INCIDENTS} WHERE r.opened_at {AT}",
    ("X53", 0): f"SELECT count(*) FROM changes_unauthorisedchange WHERE found_at {AT}",
    ("X58", 0): f"SELECT count(*) FILTER (WHERE score > 3), count(*) {RESPONSES}",
}  # fmt: skip


def counted(key: tuple[str, int], asked: Asked) -> tuple[Any, ...]:
    """The row that plain SQL answers for a figure."""
    return answer(SQL[key], asked)


def answer(statement: str, asked: Asked) -> tuple[Any, ...]:
    """The row of a statement about a period."""
    period = asked.period
    limits: dict[str, Any] = {
        "start": period.start, "last": period.end - timedelta(microseconds=1), "first_day": period.first,
        "last_day": period.last, "zone": str(period.zone),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(statement, limits)
        row = cursor.fetchone()
    assert row is not None
    return tuple(row)


def agrees(part: Part, value: Value, row: tuple[Any, ...]) -> bool:
    """Whether a figure says exactly what plain SQL found; of nothing there is no share and no mean."""
    if part.unit == Unit.COUNT:
        return (value.number, value.record_count) == (row[0], row[0])
    if row[-1] != value.record_count:
        return False
    if not row[-1]:
        return value.number is None
    if part.unit == Unit.PERCENT:
        share = (Decimal(100 * row[0]) / row[1]).quantize(Decimal("0.01"), ROUND_FLOOR)
        return (value.number, value.numerator, value.denominator) == (share, row[0], row[1])
    return value.number == Decimal(row[0]).quantize(Decimal("0.01"))
