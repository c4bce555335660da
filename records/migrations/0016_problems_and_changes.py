"""Numbers for problems, known errors, changes, boards, releases, transitions, audits of items, procurement."""

from django.db import migrations, models

NAMES = (
    "problem",
    "known_error",
    "change",
    "board",
    "release",
    "transition",
    "item_audit",
    "procurement",
)


class Migration(migrations.Migration):
    dependencies = [("records", "0015_waiting_for_customers")]

    operations = [
        *(
            migrations.RunSQL(
                f"CREATE SEQUENCE records_number_{name}", f"DROP SEQUENCE records_number_{name}"
            )
            for name in NAMES
        ),
        migrations.AlterField(
            model_name="link",
            name="type",
            field=models.CharField(
                choices=[
                    ("related", "is related to"),
                    ("duplicate", "is a duplicate of"),
                    ("caused_by", "was caused by"),
                    ("solved_by", "is to be solved by"),
                    ("matches", "matches"),
                ],
                default="related",
                max_length=20,
            ),
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
                ],
                max_length=20,
            ),
        ),
    ]
