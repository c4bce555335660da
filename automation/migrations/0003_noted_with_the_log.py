"""What rules wait for is put into their outbox by the database, in the transaction that logs it.

So nothing is lost and nothing runs for what was rolled back, whoever writes to the log. Imports set off no rule.
"""

from django.db import migrations

NOTE = """
CREATE FUNCTION automation_note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO automation_happening (activity_id, attempts, available_at, is_dead, last_error)
    SELECT n.id, 0, n.logged_at, false, ''
    FROM noted_activities n
    WHERE n.origin <> 'import'
        AND EXISTS (SELECT 1 FROM automation_rule r WHERE n.verb = ANY (r.verbs))
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER automation_note AFTER INSERT ON records_activity
    REFERENCING NEW TABLE AS noted_activities FOR EACH STATEMENT EXECUTE FUNCTION automation_note();
"""
UNNOTE = """
DROP TRIGGER automation_note ON records_activity;
DROP FUNCTION automation_note();
"""


class Migration(migrations.Migration):
    dependencies = [("automation", "0002_rules"), ("records", "0002_numbers")]

    operations = [migrations.RunSQL(NOTE, UNNOTE)]
