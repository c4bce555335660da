"""Numbers for articles of the knowledge base."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("records", "0008_reports")]
    operations: ClassVar = [
        migrations.RunSQL("CREATE SEQUENCE records_number_article", "DROP SEQUENCE records_number_article"),
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
                ],
                max_length=20,
            ),
        ),
    ]
