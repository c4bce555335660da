"""Numbers for actions, improvement plans and reviews."""

from typing import ClassVar

from django.db import migrations, models

KINDS = ("action", "improvement", "review")


class Migration(migrations.Migration):
    dependencies: ClassVar = [("records", "0005_agreements_are_records")]
    operations: ClassVar = [
        *(
            migrations.RunSQL(
                f"CREATE SEQUENCE records_number_{kind}", f"DROP SEQUENCE records_number_{kind}"
            )
            for kind in KINDS
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
                ],
                max_length=20,
            ),
        ),
    ]
