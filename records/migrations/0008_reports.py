"""Numbers for service reports."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("records", "0007_requirements")]
    operations: ClassVar = [
        migrations.RunSQL("CREATE SEQUENCE records_number_report", "DROP SEQUENCE records_number_report"),
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
                ],
                max_length=20,
            ),
        ),
    ]
