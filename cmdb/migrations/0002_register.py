"""Items with numbers, owners, attributes and relations; what existed gets its number in the next one."""

import django.core.validators
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_system"),
        ("catalog", "0003_first_versions"),
        ("cmdb", "0001_initial"),
        ("pghistory", "0007_auto_20250421_0444"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Alteration",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "act",
                    models.CharField(
                        choices=[
                            ("added", "Added"),
                            ("altered", "Altered"),
                            ("related", "Related"),
                            ("unrelated", "Relation removed"),
                            ("service_named", "Service named"),
                            ("service_removed", "Service removed"),
                        ],
                        max_length=20,
                        verbose_name="act",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="at")),
                ("origin", models.CharField(blank=True, max_length=10)),
                ("authority", models.CharField(blank=True, max_length=30, verbose_name="change")),
                ("before", models.JSONField(default=dict, verbose_name="before")),
                ("after", models.JSONField(default=dict, verbose_name="after")),
                ("is_refused", models.BooleanField(default=False, verbose_name="refused")),
                (
                    "refusal",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("no_change", "No change was named"),
                            ("not_approved", "The change is not approved"),
                            ("not_named", "The change does not name this item"),
                            ("not_permitted", "The account may not do that"),
                        ],
                        max_length=20,
                        verbose_name="why refused",
                    ),
                ),
            ],
            options={
                "verbose_name": "alteration",
                "verbose_name_plural": "alterations",
                "ordering": ["-at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="ItemAttribute",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name_en", models.CharField(max_length=200, verbose_name="name (English)")),
                ("name_zh", models.CharField(blank=True, max_length=200, verbose_name="name (Chinese)")),
                (
                    "code",
                    models.CharField(
                        max_length=40,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[a-z][a-z0-9_]{0,39}\\Z",
                                "Small letters, digits and underscores; a letter first.",
                            )
                        ],
                        verbose_name="code",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("text", "Text"),
                            ("number", "Number"),
                            ("date", "Date"),
                            ("choice", "Choice"),
                            ("flag", "Yes or no"),
                        ],
                        default="text",
                        max_length=10,
                        verbose_name="kind of value",
                    ),
                ),
                ("choices", models.JSONField(blank=True, default=list, verbose_name="choices")),
                ("is_required", models.BooleanField(default=False, verbose_name="required")),
                (
                    "is_controlled",
                    models.BooleanField(
                        default=False,
                        help_text="Altered only through an approved change.",
                        verbose_name="under control",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=100, verbose_name="position")),
            ],
            options={
                "verbose_name": "item attribute",
                "verbose_name_plural": "item attributes",
                "ordering": ["position", "code"],
            },
        ),
        migrations.CreateModel(
            name="ItemAttributeEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("name_en", models.CharField(max_length=200, verbose_name="name (English)")),
                ("name_zh", models.CharField(blank=True, max_length=200, verbose_name="name (Chinese)")),
                (
                    "code",
                    models.CharField(
                        max_length=40,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[a-z][a-z0-9_]{0,39}\\Z",
                                "Small letters, digits and underscores; a letter first.",
                            )
                        ],
                        verbose_name="code",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("text", "Text"),
                            ("number", "Number"),
                            ("date", "Date"),
                            ("choice", "Choice"),
                            ("flag", "Yes or no"),
                        ],
                        default="text",
                        max_length=10,
                        verbose_name="kind of value",
                    ),
                ),
                ("choices", models.JSONField(blank=True, default=list, verbose_name="choices")),
                ("is_required", models.BooleanField(default=False, verbose_name="required")),
                (
                    "is_controlled",
                    models.BooleanField(
                        default=False,
                        help_text="Altered only through an approved change.",
                        verbose_name="under control",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=100, verbose_name="position")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ItemService",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
            ],
            options={
                "verbose_name": "service of an item",
                "verbose_name_plural": "services of items",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="Relation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
            ],
            options={
                "verbose_name": "relation",
                "verbose_name_plural": "relations",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="RelationType",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name_en", models.CharField(max_length=200, verbose_name="name (English)")),
                ("name_zh", models.CharField(blank=True, max_length=200, verbose_name="name (Chinese)")),
                ("code", models.SlugField(unique=True, verbose_name="code")),
                ("reverse_en", models.CharField(max_length=200, verbose_name="read backward (English)")),
                (
                    "reverse_zh",
                    models.CharField(blank=True, max_length=200, verbose_name="read backward (Chinese)"),
                ),
                (
                    "impact",
                    models.CharField(
                        choices=[
                            ("forward", "A failing source hits the target"),
                            ("backward", "A failing target hits the source"),
                            ("none", "A failure hits neither"),
                        ],
                        default="none",
                        max_length=10,
                        verbose_name="impact",
                    ),
                ),
                ("is_acyclic", models.BooleanField(default=False, verbose_name="may not go in a circle")),
            ],
            options={
                "verbose_name": "relation type",
                "verbose_name_plural": "relation types",
                "ordering": ["code"],
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="item",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="item",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="itemtype",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="itemtype",
            name="update_update",
        ),
        migrations.AddField(
            model_name="item",
            name="attributes",
            field=models.JSONField(blank=True, default=dict, verbose_name="attributes"),
        ),
        migrations.AddField(
            model_name="item",
            name="is_important",
            field=models.BooleanField(
                default=False, help_text="Its relations are under control as well.", verbose_name="important"
            ),
        ),
        migrations.AddField(
            model_name="item",
            name="number",
            field=models.CharField(blank=True, db_default="", max_length=20, verbose_name="number"),
        ),
        migrations.AddField(
            model_name="item",
            name="owner",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="owned_items",
                to=settings.AUTH_USER_MODEL,
                verbose_name="item owner",
            ),
        ),
        migrations.AddField(
            model_name="item",
            name="revision",
            field=models.CharField(
                blank=True,
                default="",
                help_text="The item's own, such as 2.4.1.",
                max_length=100,
                verbose_name="revision",
            ),
        ),
        migrations.AddField(
            model_name="item",
            name="state",
            field=models.CharField(
                choices=[
                    ("planned", "Planned"),
                    ("in_use", "In use"),
                    ("maintenance", "In maintenance"),
                    ("retired", "Retired"),
                ],
                default="in_use",
                max_length=20,
                verbose_name="state",
            ),
        ),
        migrations.AddField(
            model_name="item",
            name="version",
            field=models.PositiveIntegerField(default=1),
        ),
        migrations.AddField(
            model_name="itemevent",
            name="attributes",
            field=models.JSONField(blank=True, default=dict, verbose_name="attributes"),
        ),
        migrations.AddField(
            model_name="itemevent",
            name="is_important",
            field=models.BooleanField(
                default=False, help_text="Its relations are under control as well.", verbose_name="important"
            ),
        ),
        migrations.AddField(
            model_name="itemevent",
            name="number",
            field=models.CharField(blank=True, db_default="", max_length=20, verbose_name="number"),
        ),
        migrations.AddField(
            model_name="itemevent",
            name="owner",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="item owner",
            ),
        ),
        migrations.AddField(
            model_name="itemevent",
            name="revision",
            field=models.CharField(
                blank=True,
                default="",
                help_text="The item's own, such as 2.4.1.",
                max_length=100,
                verbose_name="revision",
            ),
        ),
        migrations.AddField(
            model_name="itemevent",
            name="state",
            field=models.CharField(
                choices=[
                    ("planned", "Planned"),
                    ("in_use", "In use"),
                    ("maintenance", "In maintenance"),
                    ("retired", "Retired"),
                ],
                default="in_use",
                max_length=20,
                verbose_name="state",
            ),
        ),
        migrations.AddField(
            model_name="itemevent",
            name="version",
            field=models.PositiveIntegerField(default=1),
        ),
        migrations.AddField(
            model_name="itemtype",
            name="category",
            field=models.CharField(
                choices=[
                    ("hardware", "Hardware"),
                    ("software", "Software"),
                    ("document", "Document"),
                    ("user", "User"),
                    ("process", "Process"),
                    ("service", "Service component"),
                    ("site", "Site"),
                    ("other", "Other"),
                ],
                default="other",
                max_length=20,
                verbose_name="category",
            ),
        ),
        migrations.AddField(
            model_name="itemtype",
            name="prefix",
            field=models.CharField(
                blank=True,
                default="",
                help_text="Two to four capital letters; empty: the category's.",
                max_length=4,
                validators=[
                    django.core.validators.RegexValidator("\\A[A-Z]{2,4}\\Z", "Two to four capital letters.")
                ],
                verbose_name="prefix of the numbers",
            ),
        ),
        migrations.AddField(
            model_name="itemtypeevent",
            name="category",
            field=models.CharField(
                choices=[
                    ("hardware", "Hardware"),
                    ("software", "Software"),
                    ("document", "Document"),
                    ("user", "User"),
                    ("process", "Process"),
                    ("service", "Service component"),
                    ("site", "Site"),
                    ("other", "Other"),
                ],
                default="other",
                max_length=20,
                verbose_name="category",
            ),
        ),
        migrations.AddField(
            model_name="itemtypeevent",
            name="prefix",
            field=models.CharField(
                blank=True,
                default="",
                help_text="Two to four capital letters; empty: the category's.",
                max_length=4,
                validators=[
                    django.core.validators.RegexValidator("\\A[A-Z]{2,4}\\Z", "Two to four capital letters.")
                ],
                verbose_name="prefix of the numbers",
            ),
        ),
        migrations.AddIndex(
            model_name="item",
            index=models.Index(fields=["name", "id"], name="item_by_name"),
        ),
        migrations.AddIndex(
            model_name="item",
            index=models.Index(fields=["type", "name", "id"], name="item_by_type_and_name"),
        ),
        migrations.AddIndex(
            model_name="item",
            index=models.Index(fields=["state", "name", "id"], name="item_by_state_and_name"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="item",
            trigger=pgtrigger.compiler.Trigger(
                name="number_of_an_item",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE letters TEXT; next BIGINT;",
                    func="\n    SELECT prefix INTO letters FROM cmdb_itemtype WHERE id = NEW.type_id;\n    next := nextval('cmdb_number_' || lower(letters));\n    NEW.number := letters || lpad(next::text, greatest(6, length(next::text)), '0');\n    IF NOT NEW.is_active THEN\n        NEW.state := 'retired';\n    ELSIF NEW.state = 'retired' THEN\n        NEW.is_active := false;\n    END IF;\n    RETURN NEW;\n",
                    hash="4a323bd028cb70c815fc56441fc0e6402e28fc0a",
                    operation="INSERT",
                    pgid="pgtrigger_number_of_an_item_c0dc6",
                    table="cmdb_item",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="item",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "cmdb_itemevent" ("attributes", "customer_id", "id", "is_active", "is_important", "name", "number", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "revision", "site", "state", "type_id", "version") VALUES (NEW."attributes", NEW."customer_id", NEW."id", NEW."is_active", NEW."is_important", NEW."name", NEW."number", NEW."owner_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."revision", NEW."site", NEW."state", NEW."type_id", NEW."version"); RETURN NULL;',
                    hash="5b6091c31ddf71be64db87fb34d5626212e88f7a",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_965ff",
                    table="cmdb_item",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="item",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "cmdb_itemevent" ("attributes", "customer_id", "id", "is_active", "is_important", "name", "number", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "revision", "site", "state", "type_id", "version") VALUES (NEW."attributes", NEW."customer_id", NEW."id", NEW."is_active", NEW."is_important", NEW."name", NEW."number", NEW."owner_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."revision", NEW."site", NEW."state", NEW."type_id", NEW."version"); RETURN NULL;',
                    hash="9cb824cd56f5be2970699eb48581e75993378491",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_6a287",
                    table="cmdb_item",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="itemtype",
            trigger=pgtrigger.compiler.Trigger(
                name="prefix_with_its_counter",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    IF NEW.prefix = '' THEN\n        NEW.prefix := CASE NEW.category WHEN 'hardware' THEN 'HW' WHEN 'software' THEN 'SW' WHEN 'document' THEN 'DOC' WHEN 'user' THEN 'USR' WHEN 'process' THEN 'PRC' WHEN 'service' THEN 'SVC' WHEN 'site' THEN 'SIT' WHEN 'other' THEN 'CI' ELSE 'CI' END;\n    END IF;\n    IF to_regclass('cmdb_number_' || lower(NEW.prefix)) IS NULL THEN\n        PERFORM pg_advisory_xact_lock(hashtext('cmdb_number_' || lower(NEW.prefix)));\n        EXECUTE format('CREATE SEQUENCE IF NOT EXISTS %I', 'cmdb_number_' || lower(NEW.prefix));\n    END IF;\n    RETURN NEW;\n",
                    hash="34bee2ab5088882a8b2a828d03e8037f63540cd3",
                    operation='INSERT OR UPDATE OF "prefix"',
                    pgid="pgtrigger_prefix_with_its_counter_795b9",
                    table="cmdb_itemtype",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="itemtype",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "cmdb_itemtypeevent" ("category", "code", "id", "name_en", "name_zh", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "prefix") VALUES (NEW."category", NEW."code", NEW."id", NEW."name_en", NEW."name_zh", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."prefix"); RETURN NULL;',
                    hash="6998feb24574c58bf34367470ceea5fb54bed7ae",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_52312",
                    table="cmdb_itemtype",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="itemtype",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "cmdb_itemtypeevent" ("category", "code", "id", "name_en", "name_zh", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "prefix") VALUES (NEW."category", NEW."code", NEW."id", NEW."name_en", NEW."name_zh", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."prefix"); RETURN NULL;',
                    hash="f910a577ef23f445d77d9f8d5c13213b06a0ac7b",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_1fdc3",
                    table="cmdb_itemtype",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="alteration",
            name="actor",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="by",
            ),
        ),
        migrations.AddField(
            model_name="alteration",
            name="item",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="alterations",
                to="cmdb.item",
                verbose_name="item",
            ),
        ),
        migrations.AddField(
            model_name="itemattribute",
            name="type",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="attributes",
                to="cmdb.itemtype",
                verbose_name="type",
            ),
        ),
        migrations.AddField(
            model_name="itemattributeevent",
            name="pgh_context",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="pghistory.context",
            ),
        ),
        migrations.AddField(
            model_name="itemattributeevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="cmdb.itemattribute",
            ),
        ),
        migrations.AddField(
            model_name="itemattributeevent",
            name="type",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="cmdb.itemtype",
                verbose_name="type",
            ),
        ),
        migrations.AddField(
            model_name="itemservice",
            name="item",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="item_services",
                to="cmdb.item",
                verbose_name="item",
            ),
        ),
        migrations.AddField(
            model_name="itemservice",
            name="service",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="item_services",
                to="catalog.service",
                verbose_name="service",
            ),
        ),
        migrations.AddField(
            model_name="relation",
            name="source",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="relations_out",
                to="cmdb.item",
                verbose_name="item",
            ),
        ),
        migrations.AddField(
            model_name="relation",
            name="target",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="relations_in",
                to="cmdb.item",
                verbose_name="other item",
            ),
        ),
        migrations.AddField(
            model_name="relation",
            name="type",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="relations",
                to="cmdb.relationtype",
                verbose_name="relation",
            ),
        ),
        migrations.AddIndex(
            model_name="alteration",
            index=models.Index(fields=["item", "-at"], name="alteration_by_item"),
        ),
        migrations.AddIndex(
            model_name="alteration",
            index=models.Index(fields=["is_refused", "-at"], name="alteration_by_refusal"),
        ),
        migrations.AddIndex(
            model_name="alteration",
            index=models.Index(
                condition=models.Q(("authority", ""), _negated=True),
                fields=["authority"],
                name="alteration_by_change",
            ),
        ),
        migrations.AddConstraint(
            model_name="alteration",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("is_refused", False), ("refusal", "")),
                    models.Q(("is_refused", True), models.Q(("refusal", ""), _negated=True)),
                    _connector="OR",
                ),
                name="alteration_says_why_refused",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="alteration",
            trigger=pgtrigger.compiler.Trigger(
                name="alterations_only_grows",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="caf4cb1cb64dd2faf3b57aae858e948d4a10da7b",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_alterations_only_grows_8bc76",
                    table="cmdb_alteration",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="alteration",
            trigger=pgtrigger.compiler.Trigger(
                name="alterations_not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot empty alterations';",
                    hash="1cabbf0dcc196a3a1e41fac51f38790b103caad0",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_alterations_not_emptied_7ec47",
                    table="cmdb_alteration",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="itemattribute",
            constraint=models.UniqueConstraint(fields=("type", "code"), name="item_attribute_once_per_type"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="itemattribute",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "cmdb_itemattributeevent" ("choices", "code", "id", "is_controlled", "is_required", "kind", "name_en", "name_zh", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "type_id") VALUES (NEW."choices", NEW."code", NEW."id", NEW."is_controlled", NEW."is_required", NEW."kind", NEW."name_en", NEW."name_zh", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."position", NEW."type_id"); RETURN NULL;',
                    hash="37a1b0916ca57ab993ee3dfe5a952925c8f15039",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_d037b",
                    table="cmdb_itemattribute",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="itemattribute",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "cmdb_itemattributeevent" ("choices", "code", "id", "is_controlled", "is_required", "kind", "name_en", "name_zh", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "type_id") VALUES (NEW."choices", NEW."code", NEW."id", NEW."is_controlled", NEW."is_required", NEW."kind", NEW."name_en", NEW."name_zh", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."position", NEW."type_id"); RETURN NULL;',
                    hash="b2771d9f9aeb9b80e22d49fb1f4978b6eb30a514",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_cc967",
                    table="cmdb_itemattribute",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="itemservice",
            constraint=models.UniqueConstraint(fields=("item", "service"), name="item_service_once"),
        ),
        migrations.AddIndex(
            model_name="relation",
            index=models.Index(fields=["target", "type"], name="relation_by_target"),
        ),
        migrations.AddConstraint(
            model_name="relation",
            constraint=models.UniqueConstraint(fields=("source", "target", "type"), name="relation_once"),
        ),
        migrations.AddConstraint(
            model_name="relation",
            constraint=models.CheckConstraint(
                condition=models.Q(("source", models.F("target")), _negated=True),
                name="relation_not_to_itself",
            ),
        ),
    ]
