"""From seeds and plots to the rows of each table: one statement per table, for a range of incidents."""

from django.db import connection

SEEDS = "FROM bench.seed s JOIN bench.plot p ON p.id = s.plot"
RANGE = "s.id BETWEEN %(first)s AND %(last)s"
NUMBER = "'INC' || lpad(s.id::text, 7, '0')"
ACTOR = """CASE c.by WHEN 'requester' THEN s.requester WHEN 'assignee' THEN s.agent WHEN 'owner' THEN s.owner
           ELSE (SELECT id FROM accounts_user WHERE username = 'system') END"""

TABLES = {
    "records_activity": f"""
        INSERT INTO records_activity (id, record_id, customer_id, verb, actor_id, at, logged_at, origin,
            is_public, text, data, record_version)
        SELECT s.activities + c.place, s.id, s.customer, c.verb, {ACTOR}, c.at - s.back, c.at - s.back,
            CASE c.by WHEN 'system' THEN 'system' ELSE 'web' END, c.is_public, coalesce(w.body, ''),
            jsonb_build_object('number', {NUMBER}) || c.data
            || CASE WHEN c.run IS NULL THEN '{{}}' ELSE jsonb_build_object('clock', s.clocks + c.run) END
            || CASE WHEN c.verb = 'record.assigned' THEN jsonb_build_object('tier', s.tier,
                    'to', jsonb_build_object('id', s.agent, 'en', u.display_name, 'zh', u.display_name))
               ELSE '{{}}' END,
            c.version
        FROM bench.seed s JOIN bench.scene c ON c.plot = s.plot JOIN accounts_user u ON u.id = s.agent
        LEFT JOIN bench.words w ON w.kind = c.text AND w.no = c.text_no AND w.lang = s.lang
        WHERE {RANGE} ORDER BY 1""",
    "sla_clock": f"""
        INSERT INTO sla_clock (id, record_id, metric, cycle, agreement_version_id, calendar_version_id,
            target_id, promise, started_at, state, target_seconds, spent, running_since, due_at,
            first_due_at, alarm_at, breached_at, stopped_at, decided_at, failures)
        SELECT s.clocks + r.place, s.id, r.metric, r.cycle, r.agreement_version, r.calendar_version, r.target,
            r.promise, r.started_at - s.back, r.state, r.target_seconds, r.spent, r.running_since - s.back,
            r.due_at - s.back, r.first_due_at - s.back, r.alarm_at - s.back, r.breached_at - s.back,
            r.stopped_at - s.back, r.decided_at - s.back, 0
        FROM bench.seed s JOIN bench.run r ON r.plot = s.plot WHERE {RANGE} ORDER BY 1""",
    "records_record": f"""
        INSERT INTO records_record (id, kind, number, title, description, state, phase, waiting_for, priority,
            impact, urgency, customer_id, requester_id, service_id, team_id, assignee_id, owner_id, channel,
            opened_at, next_due_at, done_at, updated_at, version)
        SELECT s.id, 'incident', {NUMBER},
            t.body || CASE s.lang WHEN 0 THEN ', ' ELSE '，' END || l.body
            || CASE WHEN s.is_rare THEN CASE s.lang WHEN 0 THEN ': ' ELSE '：' END || x.body ELSE '' END,
            coalesce(d.body, ''), p.state, p.phase, p.waiting_for, p.priority, p.impact, p.urgency,
            s.customer, s.requester, s.service, s.team, CASE WHEN p.has_assignee THEN s.agent END, s.owner,
            s.channel, p.opened_at - s.back, p.next_due_at - s.back, p.done_at - s.back,
            p.updated_at - s.back, p.version
        {SEEDS}
        JOIN bench.words t ON t.kind = 'title' AND t.no = s.title AND t.lang = s.lang
        JOIN bench.words l ON l.kind = 'place' AND l.no = s.place AND l.lang = s.lang
        JOIN bench.words x ON x.kind = 'rare' AND x.lang = s.lang
        LEFT JOIN bench.scene c ON c.plot = p.id AND c.place = 0
        LEFT JOIN bench.words d ON d.kind = 'description' AND d.no = c.text_no AND d.lang = s.lang
        WHERE {RANGE} ORDER BY s.id""",
    "incidents_incident": f"""
        INSERT INTO incidents_incident (record_ptr_id, contact_type, category, subcategory, symptom, site,
            item_id, reporter_id, occurred_at, priority_reason, resolution_code, resolution, resolved_by_id,
            resolved_tier, resolved_at, restored_at, user_notified_at, confirmed_at, confirmed_by_id,
            closed_at, reopen_count, source, external_reference, supplier_reference, event_kind,
            is_backfilled, backfill_source, urge_count)
        SELECT s.id, 'fault', '', '', '', '', NULL, s.requester, NULL, '',
            CASE WHEN p.done_at IS NULL THEN '' ELSE 'solved' END,
            CASE WHEN p.done_at IS NULL THEN '' ELSE w.body END,
            CASE WHEN p.done_at IS NOT NULL THEN s.agent END,
            CASE WHEN p.done_at IS NULL THEN '' ELSE s.tier END,
            p.done_at - s.back, p.done_at - s.back, p.done_at - s.back, p.confirmed_at - s.back,
            CASE WHEN p.confirmed_at IS NOT NULL THEN s.requester END, p.closed_at - s.back, 0, '', '', '',
            'equipment', false, '', 0
        {SEEDS} JOIN bench.words w ON w.kind = 'resolution' AND w.no = 0 AND w.lang = s.lang
        WHERE {RANGE} ORDER BY s.id""",
    "records_searchentry": f"""
        INSERT INTO records_searchentry (record_id, public, internal)
        SELECT s.id, own.words || pw.public, own.words || pw.internal
        FROM bench.seed s JOIN bench.plot_words pw ON pw.plot = s.plot AND pw.lang = s.lang
        JOIN bench.words t ON t.kind = 'title' AND t.no = s.title AND t.lang = s.lang
        JOIN bench.words l ON l.kind = 'place' AND l.no = s.place AND l.lang = s.lang
        JOIN bench.words x ON x.kind = 'rare' AND x.lang = s.lang
        CROSS JOIN LATERAL (SELECT to_tsvector('simple', lower({NUMBER})) || t.cut || l.cut
            || CASE WHEN s.is_rare THEN x.cut ELSE '' END AS words) own
        WHERE {RANGE} ORDER BY s.id""",
    "sla_clockevent": f"""
        INSERT INTO sla_clockevent (clock_id, at, type, reason, data, by_id)
        SELECT s.clocks + e.run, e.at - s.back, e.type, e.reason, '{{}}', s.agent
        FROM bench.seed s JOIN bench.event e ON e.plot = s.plot WHERE {RANGE} ORDER BY 1, e.place""",
    "sla_alarm": f"""
        INSERT INTO sla_alarm (clock_id, step, at, noticed_at)
        SELECT s.clocks + a.run, a.step, a.at - s.back, a.at - s.back
        FROM bench.seed s JOIN bench.reached a ON a.plot = s.plot WHERE {RANGE} ORDER BY 1, a.at""",
    "sla_breach": f"""
        INSERT INTO sla_breach (clock_id, at, team_id, tier, assignee_id, reason, note, no_action)
        SELECT s.clocks + a.run, a.at - s.back, s.team, s.tier, s.agent, '', '', ''
        FROM bench.seed s JOIN bench.reached a ON a.plot = s.plot AND a.step = 'breach'
        WHERE {RANGE} ORDER BY 1""",
    "sla_holding": f"""
        INSERT INTO sla_holding (record_id, party, team_id, since, until)
        SELECT s.id, h.party, s.team, h.since - s.back, h.until - s.back
        FROM bench.seed s JOIN bench.hand h ON h.plot = s.plot WHERE {RANGE} ORDER BY 1, h.place""",
    # notices of a third of the incidents: to the assignee, the requester, the owner
    "records_delivery": f"""
        INSERT INTO records_delivery (activity_id, recipient_id, customer_id, channel, state, attempts,
            available_at, lease_token, last_error, sent_at, read_at)
        SELECT s.activities + c.place, o.recipient, s.customer, k.channel, 'sent', k.attempts, c.at - s.back,
            '', '', c.at - s.back, CASE WHEN p.done_at IS NOT NULL THEN c.at - s.back END
        {SEEDS} JOIN bench.scene c ON c.plot = s.plot
        CROSS JOIN LATERAL (SELECT CASE c.verb WHEN 'record.assigned' THEN s.agent
            WHEN 'sla.breached' THEN s.owner ELSE s.requester END AS recipient) o
        CROSS JOIN (VALUES ('in_app', 0), ('email', 1)) k (channel, attempts)
        WHERE {RANGE} AND s.id %% 3 = 0
            AND c.verb IN ('record.assigned', 'record.replied', 'incident.resolve', 'sla.breached')
            AND NOT (c.verb = 'record.assigned' AND s.agent = s.owner)
        ORDER BY 1""",
    "records_watch": f"""
        INSERT INTO records_watch (record_id, user_id)
        SELECT s.id, s.owner FROM bench.seed s WHERE {RANGE} AND s.id %% 10 = 0 ORDER BY 1""",
}


def set_sequences() -> None:
    """Numbers and ids go on after what was loaded with ids of its own."""
    with connection.cursor() as cursor:
        for table in ("records_record", "sla_clock", "records_activity"):
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
            )
        cursor.execute("SELECT setval('records_number_incident', (SELECT max(id) FROM records_record))")
