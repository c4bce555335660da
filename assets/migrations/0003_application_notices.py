"""Who is told that an application waits for a decision, and what was decided."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("assets", "0002_licence_of_its_software"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ApplicationNotice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("is_decided", models.BooleanField(verbose_name="told of the decision")),
                ("told_at", models.DateTimeField(verbose_name="told")),
                ("read_at", models.DateTimeField(null=True, verbose_name="read")),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notices",
                        to="assets.application",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "notice of an application",
                "verbose_name_plural": "notices of applications",
                "ordering": ["-pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("read_at", None)),
                        fields=["person"],
                        name="application_notice_unread",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("application", "person", "is_decided"), name="application_told_once"
                    )
                ],
            },
        ),
    ]
