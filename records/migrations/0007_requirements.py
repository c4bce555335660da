"""Numbers for service level requirements."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("records", "0006_actions_reviews_improvements")]
    operations: ClassVar = [
        migrations.RunSQL(
            "CREATE SEQUENCE records_number_requirement", "DROP SEQUENCE records_number_requirement"
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
                ],
                max_length=20,
            ),
        ),
    ]
