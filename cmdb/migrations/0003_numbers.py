"""What existed gets a prefix, a number and a state; the usual relation types are put in."""

from typing import Any

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from cmdb.defaults import RELATION_TYPES

NUMBERS = """
DO $$
DECLARE
    one RECORD;
    n BIGINT;
BEGIN
    FOR one IN SELECT i.id, t.prefix FROM cmdb_item i JOIN cmdb_itemtype t ON t.id = i.type_id ORDER BY i.id
    LOOP
        n := nextval('cmdb_number_' || lower(one.prefix));
        UPDATE cmdb_item
        SET number = one.prefix || lpad(n::text, greatest(6, length(n::text)), '0'),
            state = CASE WHEN is_active THEN 'in_use' ELSE 'retired' END
        WHERE id = one.id;
    END LOOP;
END $$
"""


def relation_types(apps: Any, schema_editor: Any) -> None:
    rows = apps.get_model("cmdb", "RelationType").objects
    for code, facts in RELATION_TYPES.items():
        rows.get_or_create(code=code, defaults=facts)


class Migration(migrations.Migration):
    dependencies = [("cmdb", "0002_register")]

    operations = [
        # the trigger of the types fills an empty prefix by the category and makes its sequence
        migrations.RunSQL("UPDATE cmdb_itemtype SET prefix = ''", migrations.RunSQL.noop),
        migrations.RunSQL(NUMBERS, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="item",
            name="number",
            field=models.CharField(
                blank=True, db_default="", max_length=20, unique=True, verbose_name="number"
            ),
        ),
        migrations.AddConstraint(
            model_name="item",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("is_active", True), ("state__in", ("planned", "in_use", "maintenance"))),
                    models.Q(("is_active", False), ("state", "retired")),
                    _connector="OR",
                ),
                name="item_active_until_retired",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="item",
            trigger=pgtrigger.compiler.Trigger(
                name="number_is_kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."number" IS DISTINCT FROM (NEW."number"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="9b0d52034db1b0a9c4770f9b0372dac0591fe1b2",
                    operation="UPDATE",
                    pgid="pgtrigger_number_is_kept_3f181",
                    table="cmdb_item",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunPython(relation_types, migrations.RunPython.noop),
    ]
