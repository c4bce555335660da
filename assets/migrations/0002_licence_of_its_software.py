"""Whose a licence is follows from its software; a copy of it would be wrong once the software moves."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("assets", "0001_initial"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="licence",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="licence",
            name="update_update",
        ),
        migrations.RemoveField(
            model_name="licence",
            name="customer",
        ),
        migrations.RemoveField(
            model_name="licenceevent",
            name="customer",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="licence",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "assets_licenceevent" ("cost", "currency", "id", "is_ended", "metric", "note", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "quantity", "reference", "software_id", "supplier_id", "valid_from", "valid_until", "version") VALUES (NEW."cost", NEW."currency", NEW."id", NEW."is_ended", NEW."metric", NEW."note", NEW."number", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."quantity", NEW."reference", NEW."software_id", NEW."supplier_id", NEW."valid_from", NEW."valid_until", NEW."version"); RETURN NULL;',
                    hash="00c4bdbc3e5506f27282da5e23934718d373c9ee",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_4e2a1",
                    table="assets_licence",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="licence",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "assets_licenceevent" ("cost", "currency", "id", "is_ended", "metric", "note", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "quantity", "reference", "software_id", "supplier_id", "valid_from", "valid_until", "version") VALUES (NEW."cost", NEW."currency", NEW."id", NEW."is_ended", NEW."metric", NEW."note", NEW."number", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."quantity", NEW."reference", NEW."software_id", NEW."supplier_id", NEW."valid_from", NEW."valid_until", NEW."version"); RETURN NULL;',
                    hash="df780fb848d658ef5a90b038895b4e386337b47b",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_07def",
                    table="assets_licence",
                    when="AFTER",
                ),
            ),
        ),
    ]
