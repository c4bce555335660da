"""The register of assets, their upkeep, licences and service sites, with numbers of their own."""

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0002_system"),
        ("actions", "0001_initial"),
        ("cmdb", "0001_initial"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("sla", "0012_from_when_it_happened"),
        ("suppliers", "0002_admission_and_version"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL("CREATE SEQUENCE assets_number_asset", "DROP SEQUENCE assets_number_asset"),
        migrations.RunSQL("CREATE SEQUENCE assets_number_licence", "DROP SEQUENCE assets_number_licence"),
        migrations.CreateModel(
            name="Asset",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "number",
                    models.CharField(editable=False, max_length=20, unique=True, verbose_name="number"),
                ),
                ("tag", models.CharField(max_length=50, verbose_name="asset tag")),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("make", models.CharField(blank=True, max_length=200, verbose_name="make and model")),
                ("serial", models.CharField(blank=True, max_length=100, verbose_name="serial number")),
                ("purchased_on", models.DateField(blank=True, null=True, verbose_name="purchased on")),
                (
                    "order_reference",
                    models.CharField(blank=True, max_length=100, verbose_name="order reference"),
                ),
                (
                    "cost",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=14,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="cost",
                    ),
                ),
                ("currency", models.CharField(default="CNY", max_length=3, verbose_name="currency")),
                (
                    "residual",
                    models.DecimalField(
                        decimal_places=2,
                        default=0,
                        max_digits=14,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="residual value",
                    ),
                ),
                (
                    "life_months",
                    models.PositiveSmallIntegerField(default=36, verbose_name="useful life in months"),
                ),
                ("location", models.CharField(blank=True, max_length=200, verbose_name="location")),
                ("warranty_until", models.DateField(blank=True, null=True, verbose_name="warranty until")),
                ("warranty_told_for", models.DateField(editable=False, null=True)),
                ("is_important", models.BooleanField(default=False, verbose_name="important")),
                ("note", models.TextField(blank=True, verbose_name="note")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("ordered", "ordered"),
                            ("in_stock", "in stock"),
                            ("in_use", "in use"),
                            ("in_repair", "in repair"),
                            ("disposed", "disposed of"),
                        ],
                        default="ordered",
                        max_length=20,
                        verbose_name="state",
                    ),
                ),
                ("received_on", models.DateField(null=True, verbose_name="received on")),
                ("disposed_on", models.DateField(null=True, verbose_name="disposed of on")),
                (
                    "disposal_way",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("sold", "sold"),
                            ("recycled", "recycled"),
                            ("scrapped", "scrapped"),
                            ("returned", "given back to the supplier"),
                            ("donated", "given away"),
                            ("lost", "lost"),
                        ],
                        max_length=20,
                        verbose_name="way of disposal",
                    ),
                ),
                ("data_wiped", models.BooleanField(null=True, verbose_name="data wiped")),
                (
                    "data_note",
                    models.CharField(
                        blank=True, max_length=300, verbose_name="how the data were wiped, or why not"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "customer",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: our own.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assets",
                        to="accounts.organisation",
                        verbose_name="customer",
                    ),
                ),
                (
                    "device_class",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assets",
                        to="cmdb.itemtype",
                        verbose_name="device class",
                    ),
                ),
                (
                    "disposal_approved_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="disposal approved by",
                    ),
                ),
                (
                    "item",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="asset",
                        to="cmdb.item",
                        verbose_name="configuration item",
                    ),
                ),
                (
                    "keeper",
                    models.ForeignKey(
                        blank=True,
                        help_text="Who is told of the end of its warranty; empty: the service level manager.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="responsible person",
                    ),
                ),
                (
                    "supplier",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assets",
                        to="suppliers.supplier",
                        verbose_name="supplier",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assets",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="used by",
                    ),
                ),
            ],
            options={
                "verbose_name": "asset",
                "verbose_name_plural": "assets",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="Licence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "number",
                    models.CharField(editable=False, max_length=20, unique=True, verbose_name="number"),
                ),
                (
                    "metric",
                    models.CharField(
                        choices=[("device", "per device"), ("user", "per user"), ("site", "per site")],
                        default="device",
                        max_length=10,
                        verbose_name="counted",
                    ),
                ),
                (
                    "quantity",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Empty: as many as one likes.",
                        null=True,
                        verbose_name="quantity",
                    ),
                ),
                ("valid_from", models.DateField(verbose_name="valid from")),
                (
                    "valid_until",
                    models.DateField(
                        blank=True,
                        help_text="The last day; empty: without end.",
                        null=True,
                        verbose_name="valid until",
                    ),
                ),
                ("reference", models.CharField(blank=True, max_length=100, verbose_name="contract or order")),
                (
                    "cost",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=14, null=True, verbose_name="cost"
                    ),
                ),
                ("currency", models.CharField(default="CNY", max_length=3, verbose_name="currency")),
                ("note", models.TextField(blank=True, verbose_name="note")),
                ("is_ended", models.BooleanField(default=False, editable=False, verbose_name="given up")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "customer",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="licences",
                        to="accounts.organisation",
                        verbose_name="customer",
                    ),
                ),
                (
                    "software",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="licences",
                        to="cmdb.item",
                        verbose_name="software",
                    ),
                ),
                (
                    "supplier",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="licences",
                        to="suppliers.supplier",
                        verbose_name="supplier",
                    ),
                ),
            ],
            options={
                "verbose_name": "licence",
                "verbose_name_plural": "licences",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="LicenceDocument",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=64, unique=True)),
                ("name", models.CharField(max_length=200)),
                ("size", models.PositiveBigIntegerField()),
                ("content_type", models.CharField(max_length=100)),
                ("sha256", models.CharField(max_length=64)),
                ("created_at", models.DateTimeField()),
                ("removed_at", models.DateTimeField(null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "licence",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="documents",
                        to="assets.licence",
                    ),
                ),
                (
                    "removed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="LicenceEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("number", models.CharField(editable=False, max_length=20, verbose_name="number")),
                (
                    "metric",
                    models.CharField(
                        choices=[("device", "per device"), ("user", "per user"), ("site", "per site")],
                        default="device",
                        max_length=10,
                        verbose_name="counted",
                    ),
                ),
                (
                    "quantity",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Empty: as many as one likes.",
                        null=True,
                        verbose_name="quantity",
                    ),
                ),
                ("valid_from", models.DateField(verbose_name="valid from")),
                (
                    "valid_until",
                    models.DateField(
                        blank=True,
                        help_text="The last day; empty: without end.",
                        null=True,
                        verbose_name="valid until",
                    ),
                ),
                ("reference", models.CharField(blank=True, max_length=100, verbose_name="contract or order")),
                (
                    "cost",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=14, null=True, verbose_name="cost"
                    ),
                ),
                ("currency", models.CharField(default="CNY", max_length=3, verbose_name="currency")),
                ("note", models.TextField(blank=True, verbose_name="note")),
                ("is_ended", models.BooleanField(default=False, editable=False, verbose_name="given up")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "customer",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.organisation",
                        verbose_name="customer",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="assets.licence",
                    ),
                ),
                (
                    "software",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="cmdb.item",
                        verbose_name="software",
                    ),
                ),
                (
                    "supplier",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="suppliers.supplier",
                        verbose_name="supplier",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="MaintenancePlan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name_en", models.CharField(max_length=200, verbose_name="name (English)")),
                ("name_zh", models.CharField(blank=True, max_length=200, verbose_name="name (Chinese)")),
                ("checklist", models.JSONField(default=list, verbose_name="what is looked at")),
                ("every", models.PositiveSmallIntegerField(verbose_name="interval")),
                (
                    "unit",
                    models.CharField(
                        choices=[("days", "days"), ("months", "months")],
                        default="months",
                        max_length=10,
                        verbose_name="unit",
                    ),
                ),
                (
                    "lead_days",
                    models.PositiveSmallIntegerField(
                        default=7, verbose_name="becomes a task so many days before"
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="no check before")),
                ("is_active", models.BooleanField(default=True, verbose_name="in force")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "device_class",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="maintenance_plans",
                        to="cmdb.itemtype",
                        verbose_name="device class",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: who leads the team.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="responsible person",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.team",
                        verbose_name="responsible team",
                    ),
                ),
            ],
            options={
                "verbose_name": "maintenance plan",
                "verbose_name_plural": "maintenance plans",
                "ordering": ["name_en", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Check",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("due_on", models.DateField(verbose_name="due")),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "to be done"), ("done", "done"), ("skipped", "left out")],
                        default="open",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("results", models.JSONField(default=list, verbose_name="results")),
                ("has_findings", models.BooleanField(default=False, verbose_name="something was found")),
                ("conclusion", models.TextField(blank=True, verbose_name="conclusion")),
                ("done_on", models.DateField(null=True, verbose_name="done on")),
                ("next_on", models.DateField(null=True, verbose_name="next due")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "action",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="asset_check",
                        to="actions.action",
                        verbose_name="task",
                    ),
                ),
                (
                    "asset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="checks",
                        to="assets.asset",
                        verbose_name="asset",
                    ),
                ),
                (
                    "done_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="done by",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="checks",
                        to="assets.maintenanceplan",
                        verbose_name="maintenance plan",
                    ),
                ),
            ],
            options={
                "verbose_name": "check",
                "verbose_name_plural": "checks",
                "ordering": ["due_on", "pk"],
            },
        ),
        migrations.CreateModel(
            name="MaintenancePlanEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("name_en", models.CharField(max_length=200, verbose_name="name (English)")),
                ("name_zh", models.CharField(blank=True, max_length=200, verbose_name="name (Chinese)")),
                ("checklist", models.JSONField(default=list, verbose_name="what is looked at")),
                ("every", models.PositiveSmallIntegerField(verbose_name="interval")),
                (
                    "unit",
                    models.CharField(
                        choices=[("days", "days"), ("months", "months")],
                        default="months",
                        max_length=10,
                        verbose_name="unit",
                    ),
                ),
                (
                    "lead_days",
                    models.PositiveSmallIntegerField(
                        default=7, verbose_name="becomes a task so many days before"
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="no check before")),
                ("is_active", models.BooleanField(default=True, verbose_name="in force")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "device_class",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="cmdb.itemtype",
                        verbose_name="device class",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="Empty: who leads the team.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="responsible person",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="assets.maintenanceplan",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.team",
                        verbose_name="responsible team",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ServiceSite",
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
                ("address_en", models.CharField(max_length=300, verbose_name="address (English)")),
                (
                    "address_zh",
                    models.CharField(blank=True, max_length=300, verbose_name="address (Chinese)"),
                ),
                ("phone", models.CharField(blank=True, max_length=50, verbose_name="telephone")),
                ("note", models.TextField(blank=True, verbose_name="note")),
                (
                    "state",
                    models.CharField(
                        choices=[("planned", "planned"), ("open", "open"), ("closed", "closed")],
                        default="planned",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("opened_on", models.DateField(null=True, verbose_name="opened on")),
                ("closed_on", models.DateField(null=True, verbose_name="closed on")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "calendar",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="service_sites",
                        to="sla.calendar",
                        verbose_name="opening hours",
                    ),
                ),
                (
                    "keeper",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="responsible person",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="service_sites",
                        to="accounts.team",
                        verbose_name="team",
                    ),
                ),
            ],
            options={
                "verbose_name": "service site",
                "verbose_name_plural": "service sites",
                "ordering": ["name_en", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("verb", models.CharField(max_length=40)),
                ("at", models.DateTimeField()),
                ("origin", models.CharField(max_length=10)),
                ("note", models.TextField(blank=True)),
                ("data", models.JSONField(default=dict)),
                (
                    "actor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "asset",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="assets.asset",
                    ),
                ),
                (
                    "licence",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="assets.licence",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="assets.maintenanceplan",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="assets.servicesite",
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="AssetEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("number", models.CharField(editable=False, max_length=20, verbose_name="number")),
                ("tag", models.CharField(max_length=50, verbose_name="asset tag")),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("make", models.CharField(blank=True, max_length=200, verbose_name="make and model")),
                ("serial", models.CharField(blank=True, max_length=100, verbose_name="serial number")),
                ("purchased_on", models.DateField(blank=True, null=True, verbose_name="purchased on")),
                (
                    "order_reference",
                    models.CharField(blank=True, max_length=100, verbose_name="order reference"),
                ),
                (
                    "cost",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=14,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="cost",
                    ),
                ),
                ("currency", models.CharField(default="CNY", max_length=3, verbose_name="currency")),
                (
                    "residual",
                    models.DecimalField(
                        decimal_places=2,
                        default=0,
                        max_digits=14,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="residual value",
                    ),
                ),
                (
                    "life_months",
                    models.PositiveSmallIntegerField(default=36, verbose_name="useful life in months"),
                ),
                ("location", models.CharField(blank=True, max_length=200, verbose_name="location")),
                ("warranty_until", models.DateField(blank=True, null=True, verbose_name="warranty until")),
                ("warranty_told_for", models.DateField(editable=False, null=True)),
                ("is_important", models.BooleanField(default=False, verbose_name="important")),
                ("note", models.TextField(blank=True, verbose_name="note")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("ordered", "ordered"),
                            ("in_stock", "in stock"),
                            ("in_use", "in use"),
                            ("in_repair", "in repair"),
                            ("disposed", "disposed of"),
                        ],
                        default="ordered",
                        max_length=20,
                        verbose_name="state",
                    ),
                ),
                ("received_on", models.DateField(null=True, verbose_name="received on")),
                ("disposed_on", models.DateField(null=True, verbose_name="disposed of on")),
                (
                    "disposal_way",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("sold", "sold"),
                            ("recycled", "recycled"),
                            ("scrapped", "scrapped"),
                            ("returned", "given back to the supplier"),
                            ("donated", "given away"),
                            ("lost", "lost"),
                        ],
                        max_length=20,
                        verbose_name="way of disposal",
                    ),
                ),
                ("data_wiped", models.BooleanField(null=True, verbose_name="data wiped")),
                (
                    "data_note",
                    models.CharField(
                        blank=True, max_length=300, verbose_name="how the data were wiped, or why not"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "customer",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="Empty: our own.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.organisation",
                        verbose_name="customer",
                    ),
                ),
                (
                    "device_class",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="cmdb.itemtype",
                        verbose_name="device class",
                    ),
                ),
                (
                    "disposal_approved_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="disposal approved by",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="cmdb.item",
                        verbose_name="configuration item",
                    ),
                ),
                (
                    "keeper",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="Who is told of the end of its warranty; empty: the service level manager.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="responsible person",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="assets.asset",
                    ),
                ),
                (
                    "supplier",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="suppliers.supplier",
                        verbose_name="supplier",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="used by",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="assets.servicesite",
                        verbose_name="service site",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="asset",
            name="site",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="assets",
                to="assets.servicesite",
                verbose_name="service site",
            ),
        ),
        migrations.CreateModel(
            name="Application",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("dispose", "dispose of an asset"),
                            ("open_site", "open a service site"),
                            ("close_site", "close a service site"),
                        ],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                ("reason", models.TextField(verbose_name="reason")),
                ("on", models.DateField(verbose_name="from")),
                (
                    "way",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("sold", "sold"),
                            ("recycled", "recycled"),
                            ("scrapped", "scrapped"),
                            ("returned", "given back to the supplier"),
                            ("donated", "given away"),
                            ("lost", "lost"),
                        ],
                        max_length=20,
                        verbose_name="way of disposal",
                    ),
                ),
                ("data_wiped", models.BooleanField(null=True, verbose_name="data wiped")),
                (
                    "data_note",
                    models.CharField(
                        blank=True, max_length=300, verbose_name="how the data were wiped, or why not"
                    ),
                ),
                ("asked_at", models.DateTimeField(verbose_name="asked")),
                (
                    "decision",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("approved", "approved"),
                            ("refused", "refused"),
                            ("withdrawn", "withdrawn"),
                        ],
                        max_length=10,
                        verbose_name="decision",
                    ),
                ),
                ("decision_note", models.TextField(blank=True, verbose_name="reason of the decision")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided")),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="asked by",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decided by",
                    ),
                ),
                (
                    "asset",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="applications",
                        to="assets.asset",
                        verbose_name="asset",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="applications",
                        to="assets.servicesite",
                        verbose_name="service site",
                    ),
                ),
            ],
            options={
                "verbose_name": "application",
                "verbose_name_plural": "applications",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="ServiceSiteEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("name_en", models.CharField(max_length=200, verbose_name="name (English)")),
                ("name_zh", models.CharField(blank=True, max_length=200, verbose_name="name (Chinese)")),
                ("code", models.SlugField(db_index=False, verbose_name="code")),
                ("address_en", models.CharField(max_length=300, verbose_name="address (English)")),
                (
                    "address_zh",
                    models.CharField(blank=True, max_length=300, verbose_name="address (Chinese)"),
                ),
                ("phone", models.CharField(blank=True, max_length=50, verbose_name="telephone")),
                ("note", models.TextField(blank=True, verbose_name="note")),
                (
                    "state",
                    models.CharField(
                        choices=[("planned", "planned"), ("open", "open"), ("closed", "closed")],
                        default="planned",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("opened_on", models.DateField(null=True, verbose_name="opened on")),
                ("closed_on", models.DateField(null=True, verbose_name="closed on")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "calendar",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="sla.calendar",
                        verbose_name="opening hours",
                    ),
                ),
                (
                    "keeper",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="responsible person",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="assets.servicesite",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.team",
                        verbose_name="team",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="SoftwareFinding",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=200, verbose_name="name of the software")),
                ("found_on", models.DateField(verbose_name="found on")),
                ("note", models.TextField(blank=True, verbose_name="what was found")),
                ("recorded_at", models.DateTimeField(verbose_name="recorded")),
                (
                    "action",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="software_finding",
                        to="actions.action",
                        verbose_name="task",
                    ),
                ),
                (
                    "asset",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="findings",
                        to="assets.asset",
                        verbose_name="asset",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                        verbose_name="customer",
                    ),
                ),
                (
                    "device",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cmdb.item",
                        verbose_name="device",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recorded by",
                    ),
                ),
                (
                    "software",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cmdb.item",
                        verbose_name="software",
                    ),
                ),
            ],
            options={
                "verbose_name": "unauthorised software",
                "verbose_name_plural": "unauthorised software",
                "ordering": ["-pk"],
            },
        ),
        migrations.AddIndex(
            model_name="licence",
            index=models.Index(fields=["valid_until"], name="licence_end"),
        ),
        migrations.AddConstraint(
            model_name="licence",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_until", None), ("valid_until__gte", models.F("valid_from")), _connector="OR"
                ),
                name="licence_has_a_span",
            ),
        ),
        migrations.AddConstraint(
            model_name="licence",
            constraint=models.CheckConstraint(
                condition=models.Q(("quantity", None), ("quantity__gt", 0), _connector="OR"),
                name="licence_quantity",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="licence",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "assets_licenceevent" ("cost", "currency", "customer_id", "id", "is_ended", "metric", "note", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "quantity", "reference", "software_id", "supplier_id", "valid_from", "valid_until", "version") VALUES (NEW."cost", NEW."currency", NEW."customer_id", NEW."id", NEW."is_ended", NEW."metric", NEW."note", NEW."number", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."quantity", NEW."reference", NEW."software_id", NEW."supplier_id", NEW."valid_from", NEW."valid_until", NEW."version"); RETURN NULL;',
                    hash="5a403a37361858b74c98f74bc82d2382a655048c",
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
                    func='INSERT INTO "assets_licenceevent" ("cost", "currency", "customer_id", "id", "is_ended", "metric", "note", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "quantity", "reference", "software_id", "supplier_id", "valid_from", "valid_until", "version") VALUES (NEW."cost", NEW."currency", NEW."customer_id", NEW."id", NEW."is_ended", NEW."metric", NEW."note", NEW."number", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."quantity", NEW."reference", NEW."software_id", NEW."supplier_id", NEW."valid_from", NEW."valid_until", NEW."version"); RETURN NULL;',
                    hash="ea51c4c7f7319026353b5ba975264df09674974c",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_07def",
                    table="assets_licence",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="maintenanceplan",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_active", True)),
                fields=("device_class",),
                name="plan_one_per_device_class",
            ),
        ),
        migrations.AddConstraint(
            model_name="maintenanceplan",
            constraint=models.CheckConstraint(
                condition=models.Q(("every__gt", 0)), name="plan_has_an_interval"
            ),
        ),
        migrations.AddConstraint(
            model_name="maintenanceplan",
            constraint=models.CheckConstraint(
                condition=models.Q(("team__isnull", False), ("person__isnull", False), _connector="OR"),
                name="plan_has_a_responsible",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="maintenanceplan",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "assets_maintenanceplanevent" ("checklist", "device_class_id", "every", "id", "is_active", "lead_days", "name_en", "name_zh", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "starts_on", "team_id", "unit", "version") VALUES (NEW."checklist", NEW."device_class_id", NEW."every", NEW."id", NEW."is_active", NEW."lead_days", NEW."name_en", NEW."name_zh", NEW."person_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."starts_on", NEW."team_id", NEW."unit", NEW."version"); RETURN NULL;',
                    hash="e90fab856c0484b95e103a760c4e74502abbbda4",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_90da6",
                    table="assets_maintenanceplan",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="maintenanceplan",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "assets_maintenanceplanevent" ("checklist", "device_class_id", "every", "id", "is_active", "lead_days", "name_en", "name_zh", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "starts_on", "team_id", "unit", "version") VALUES (NEW."checklist", NEW."device_class_id", NEW."every", NEW."id", NEW."is_active", NEW."lead_days", NEW."name_en", NEW."name_zh", NEW."person_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."starts_on", NEW."team_id", NEW."unit", NEW."version"); RETURN NULL;',
                    hash="08a56d9aeb090402e1736a7195853795e4b145af",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_3394a",
                    table="assets_maintenanceplan",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="check",
            index=models.Index(
                condition=models.Q(("state", "open")), fields=["due_on", "id"], name="check_open_due"
            ),
        ),
        migrations.AddIndex(
            model_name="check",
            index=models.Index(fields=["asset", "-due_on"], name="check_of_asset"),
        ),
        migrations.AddIndex(
            model_name="check",
            index=models.Index(
                condition=models.Q(("state", "done")), fields=["-done_on", "-id"], name="check_done"
            ),
        ),
        migrations.AddConstraint(
            model_name="check",
            constraint=models.UniqueConstraint(
                fields=("plan", "asset", "due_on"), name="check_once_per_due_date"
            ),
        ),
        migrations.AddConstraint(
            model_name="check",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")), fields=("asset",), name="check_one_open_per_asset"
            ),
        ),
        migrations.AddConstraint(
            model_name="check",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("done_by", None), ("done_on", None), ("state", "open")),
                    models.Q(
                        models.Q(("state", "open"), _negated=True),
                        ("done_by__isnull", False),
                        ("done_on__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="check_done_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="servicesite",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "open"), _negated=True), ("opened_on__isnull", False), _connector="OR"
                ),
                name="site_open_since_a_day",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="servicesite",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "assets_servicesiteevent" ("address_en", "address_zh", "calendar_id", "closed_on", "code", "id", "keeper_id", "name_en", "name_zh", "note", "opened_on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "state", "team_id", "version") VALUES (NEW."address_en", NEW."address_zh", NEW."calendar_id", NEW."closed_on", NEW."code", NEW."id", NEW."keeper_id", NEW."name_en", NEW."name_zh", NEW."note", NEW."opened_on", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."phone", NEW."state", NEW."team_id", NEW."version"); RETURN NULL;',
                    hash="6d90c170d38813f28639a6d52c50b8deb793811d",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_cf711",
                    table="assets_servicesite",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="servicesite",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "assets_servicesiteevent" ("address_en", "address_zh", "calendar_id", "closed_on", "code", "id", "keeper_id", "name_en", "name_zh", "note", "opened_on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "state", "team_id", "version") VALUES (NEW."address_en", NEW."address_zh", NEW."calendar_id", NEW."closed_on", NEW."code", NEW."id", NEW."keeper_id", NEW."name_en", NEW."name_zh", NEW."note", NEW."opened_on", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."phone", NEW."state", NEW."team_id", NEW."version"); RETURN NULL;',
                    hash="6648bdc6f75d2ef802f7b64e49ea32ccf5ffa37b",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_94639",
                    table="assets_servicesite",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["asset", "-id"], name="entry_of_asset"),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("asset__isnull", False), ("licence", None), ("plan", None), ("site", None)),
                    models.Q(("asset", None), ("licence__isnull", False), ("plan", None), ("site", None)),
                    models.Q(("asset", None), ("licence", None), ("plan__isnull", False), ("site", None)),
                    models.Q(("asset", None), ("licence", None), ("plan", None), ("site__isnull", False)),
                    _connector="OR",
                ),
                name="entry_is_about_one_thing",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="entry",
            trigger=pgtrigger.compiler.Trigger(
                name="entry_only_grows",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="0c87ef286126aa10758b84e71bc3b7e58c60a3c4",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_entry_only_grows_31339",
                    table="assets_entry",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="entry",
            trigger=pgtrigger.compiler.Trigger(
                name="entry_not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot empty entry';",
                    hash="4a7866b898b929bddd350f014d7df87ec9e9f30d",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_entry_not_emptied_edb09",
                    table="assets_entry",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="asset",
            index=models.Index(fields=["state", "-id"], name="asset_state"),
        ),
        migrations.AddIndex(
            model_name="asset",
            index=models.Index(fields=["customer", "-id"], name="asset_customer"),
        ),
        migrations.AddIndex(
            model_name="asset",
            index=models.Index(fields=["device_class", "state"], name="asset_class"),
        ),
        migrations.AddIndex(
            model_name="asset",
            index=models.Index(
                condition=models.Q(("state", "disposed"), _negated=True),
                fields=["warranty_until"],
                name="asset_warranty",
            ),
        ),
        migrations.AddIndex(
            model_name="asset",
            index=models.Index(
                condition=models.Q(("is_important", True)), fields=["-id"], name="asset_important"
            ),
        ),
        migrations.AddConstraint(
            model_name="asset",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Upper("tag"), name="asset_tag_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="asset",
            constraint=models.CheckConstraint(
                condition=models.Q(("tag", ""), _negated=True), name="asset_has_a_tag"
            ),
        ),
        migrations.AddConstraint(
            model_name="asset",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("cost", None), ("residual", 0)),
                    models.Q(("cost__gte", models.F("residual")), ("residual__gte", 0)),
                    _connector="OR",
                ),
                name="asset_residual_within_cost",
            ),
        ),
        migrations.AddConstraint(
            model_name="asset",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("disposal_approved_by__isnull", False),
                        ("disposed_on__isnull", False),
                        ("state", "disposed"),
                    ),
                    models.Q(
                        models.Q(("state", "disposed"), _negated=True),
                        ("disposal_approved_by", None),
                        ("disposed_on", None),
                    ),
                    _connector="OR",
                ),
                name="asset_disposed_with_approval",
            ),
        ),
        migrations.AddConstraint(
            model_name="asset",
            constraint=models.CheckConstraint(
                condition=models.Q(("user", None), ("state__in", ("in_use", "in_repair")), _connector="OR"),
                name="asset_user_while_out",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="asset",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "assets_assetevent" ("cost", "currency", "customer_id", "data_note", "data_wiped", "device_class_id", "disposal_approved_by_id", "disposal_way", "disposed_on", "id", "is_important", "item_id", "keeper_id", "life_months", "location", "make", "name", "note", "number", "order_reference", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "purchased_on", "received_on", "residual", "serial", "site_id", "state", "supplier_id", "tag", "user_id", "version", "warranty_told_for", "warranty_until") VALUES (NEW."cost", NEW."currency", NEW."customer_id", NEW."data_note", NEW."data_wiped", NEW."device_class_id", NEW."disposal_approved_by_id", NEW."disposal_way", NEW."disposed_on", NEW."id", NEW."is_important", NEW."item_id", NEW."keeper_id", NEW."life_months", NEW."location", NEW."make", NEW."name", NEW."note", NEW."number", NEW."order_reference", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."purchased_on", NEW."received_on", NEW."residual", NEW."serial", NEW."site_id", NEW."state", NEW."supplier_id", NEW."tag", NEW."user_id", NEW."version", NEW."warranty_told_for", NEW."warranty_until"); RETURN NULL;',
                    hash="65901bd350635258a9029449ef18b8455642b4df",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_db54a",
                    table="assets_asset",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="asset",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "assets_assetevent" ("cost", "currency", "customer_id", "data_note", "data_wiped", "device_class_id", "disposal_approved_by_id", "disposal_way", "disposed_on", "id", "is_important", "item_id", "keeper_id", "life_months", "location", "make", "name", "note", "number", "order_reference", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "purchased_on", "received_on", "residual", "serial", "site_id", "state", "supplier_id", "tag", "user_id", "version", "warranty_told_for", "warranty_until") VALUES (NEW."cost", NEW."currency", NEW."customer_id", NEW."data_note", NEW."data_wiped", NEW."device_class_id", NEW."disposal_approved_by_id", NEW."disposal_way", NEW."disposed_on", NEW."id", NEW."is_important", NEW."item_id", NEW."keeper_id", NEW."life_months", NEW."location", NEW."make", NEW."name", NEW."note", NEW."number", NEW."order_reference", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."purchased_on", NEW."received_on", NEW."residual", NEW."serial", NEW."site_id", NEW."state", NEW."supplier_id", NEW."tag", NEW."user_id", NEW."version", NEW."warranty_told_for", NEW."warranty_until"); RETURN NULL;',
                    hash="596d200976ec8f1377e57893f152f96966b41fea",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_4a336",
                    table="assets_asset",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("asset__isnull", False), ("kind", "dispose"), ("site", None)),
                    models.Q(
                        models.Q(("kind", "dispose"), _negated=True), ("asset", None), ("site__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="application_is_about_one_thing",
            ),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at", None), ("decided_by", None), ("decision", "")),
                    models.Q(
                        models.Q(("decision", ""), _negated=True),
                        ("decided_at__isnull", False),
                        ("decided_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="application_decided_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decided_by", None),
                    ("decision", "withdrawn"),
                    models.Q(("decided_by", models.F("asked_by")), _negated=True),
                    _connector="OR",
                ),
                name="application_four_eyes",
            ),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.UniqueConstraint(
                condition=models.Q(("asset__isnull", False), ("decision", "")),
                fields=("asset",),
                name="application_one_per_asset",
            ),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.UniqueConstraint(
                condition=models.Q(("decision", ""), ("site__isnull", False)),
                fields=("site",),
                name="application_one_per_site",
            ),
        ),
        migrations.AddConstraint(
            model_name="softwarefinding",
            constraint=models.UniqueConstraint(
                fields=("name", "asset", "device", "found_on"),
                name="software_finding_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="softwarefinding",
            constraint=models.CheckConstraint(
                condition=models.Q(("asset__isnull", False), ("device__isnull", False), _connector="OR"),
                name="software_found_somewhere",
            ),
        ),
    ]
