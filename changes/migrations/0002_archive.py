"""What a closed change says of itself in the shared table stays as well (CHG-09).

Its version and the time of its last entry may move on: a remark, or an incident that turns out to have been
caused by it, is added to its history afterwards.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION changes_record_archived() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'pgtrigger: Cannot alter a closed change';
END;
$$;
CREATE TRIGGER changes_record_stays BEFORE UPDATE ON records_record FOR EACH ROW
WHEN (
    OLD.kind = 'change' AND OLD.state = 'closed'
    AND (
        NEW.kind, NEW.number, NEW.title, NEW.description, NEW.state, NEW.phase, NEW.priority, NEW.customer_id,
        NEW.requester_id, NEW.service_id, NEW.team_id, NEW.assignee_id, NEW.owner_id, NEW.opened_at, NEW.done_at
    ) IS DISTINCT FROM (
        OLD.kind, OLD.number, OLD.title, OLD.description, OLD.state, OLD.phase, OLD.priority, OLD.customer_id,
        OLD.requester_id, OLD.service_id, OLD.team_id, OLD.assignee_id, OLD.owner_id, OLD.opened_at, OLD.done_at
    )
)
EXECUTE FUNCTION changes_record_archived();
CREATE TRIGGER changes_record_not_removed BEFORE DELETE ON records_record FOR EACH ROW
WHEN (OLD.kind = 'change' AND OLD.state = 'closed')
EXECUTE FUNCTION changes_record_archived();
"""
BACKWARD = """
DROP TRIGGER changes_record_stays ON records_record;
DROP TRIGGER changes_record_not_removed ON records_record;
DROP FUNCTION changes_record_archived();
"""


class Migration(migrations.Migration):
    dependencies = [("changes", "0001_changes"), ("records", "0016_problems_and_changes")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
