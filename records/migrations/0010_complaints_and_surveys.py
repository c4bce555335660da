"""Numbers for complaints and for surveys."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("records", "0009_articles")]
    operations: ClassVar = [
        migrations.RunSQL(
            "CREATE SEQUENCE records_number_complaint", "DROP SEQUENCE records_number_complaint"
        ),
        migrations.RunSQL("CREATE SEQUENCE records_number_survey", "DROP SEQUENCE records_number_survey"),
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
                ],
                max_length=20,
            ),
        ),
    ]
