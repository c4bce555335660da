"""Numbers for self-assessments of the desk and for relationship reports."""

from typing import ClassVar

from django.db import migrations, models

NAMES = ("assessment", "relation")


class Migration(migrations.Migration):
    dependencies: ClassVar = [("records", "0012_requests")]
    operations: ClassVar = [
        *(
            migrations.RunSQL(
                f"CREATE SEQUENCE records_number_{name}", f"DROP SEQUENCE records_number_{name}"
            )
            for name in NAMES
        ),
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
                    ("assessment", "assessment"),
                    ("relation", "relation"),
                ],
                max_length=20,
            ),
        ),
    ]
