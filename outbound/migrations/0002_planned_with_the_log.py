"""What happens is put into the outbox by the database, in the transaction that logs it.

So nothing is lost and nothing is told that was rolled back, whoever writes to the log; and writers ask nothing
more. Imports are silent.
"""

from django.db import migrations

PLAN = """
CREATE FUNCTION outbound_plan() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO outbound_message
        (subscription_id, activity_id, state, attempts, created_at, available_at, lease_token, last_error)
    SELECT s.id, n.id, 'new', 0, n.logged_at, n.logged_at, '', ''
    FROM outbound_subscription s
    JOIN planned_activities n ON s.is_active
        AND ('*' = ANY (s.events) OR n.verb = ANY (s.events)
             OR split_part(n.verb, '.', 1) || '.*' = ANY (s.events))
        AND (s.customer_id IS NULL OR s.customer_id = n.customer_id)
        AND (n.is_public OR NOT s.public_only)
    JOIN records_record r ON r.id = n.record_id AND (s.team_id IS NULL OR s.team_id = r.team_id)
    WHERE n.origin <> 'import'
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER outbound_plan AFTER INSERT ON records_activity
    REFERENCING NEW TABLE AS planned_activities FOR EACH STATEMENT EXECUTE FUNCTION outbound_plan();
"""
UNPLAN = """
DROP TRIGGER outbound_plan ON records_activity;
DROP FUNCTION outbound_plan();
"""


class Migration(migrations.Migration):
    dependencies = [("outbound", "0001_webhooks"), ("records", "0002_numbers")]

    operations = [migrations.RunSQL(PLAN, UNPLAN)]
