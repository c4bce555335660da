"""Numbers for announcements and for major incidents."""

from typing import ClassVar

from django.db import migrations, models

NAMES = ("announcement", "major")


class Migration(migrations.Migration):
    dependencies: ClassVar = [("records", "0010_complaints_and_surveys")]
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
