"""Numbers for the reports of processes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0016_problems_and_changes")]

    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE records_number_process_report", "DROP SEQUENCE records_number_process_report"
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
                    ("problem", "problem"),
                    ("known_error", "known_error"),
                    ("change", "change"),
                    ("board", "board"),
                    ("release", "release"),
                    ("transition", "transition"),
                    ("item_audit", "item_audit"),
                    ("procurement", "procurement"),
                    ("process_report", "process_report"),
                ],
                max_length=20,
            ),
        ),
    ]
