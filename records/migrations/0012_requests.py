"""Numbers for service requests."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("records", "0011_announcements_and_majors")]
    operations: ClassVar = [
        migrations.RunSQL("CREATE SEQUENCE records_number_request", "DROP SEQUENCE records_number_request"),
        migrations.AlterField(
            model_name="record",
            name="kind",
            field=models.CharField(
                choices=[
                    ("incident", "incident"),
                    ("request", "request"),
                    ("agreement", "agreement"),
                    ("action", "action"),
                    ("improvement", "improvement"),
                    ("review", "review"),
                    ("requirement", "requirement"),
                    ("report", "report"),
                    ("article", "article"),
                    ("complaint", "complaint"),
                    ("survey", "survey"),
                    ("announcement", "announcement"),
                    ("major", "major"),
                ],
                max_length=20,
            ),
        ),
    ]
