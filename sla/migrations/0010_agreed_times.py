from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("sla", "0009_layers"),
    ]

    operations = [
        migrations.AddField(
            model_name="clock",
            name="appointed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name="clockevent",
            name="type",
            field=models.CharField(
                choices=[
                    ("pause", "Pause"),
                    ("resume", "Resume"),
                    ("stop", "Stop"),
                    ("cancel", "Cancel"),
                    ("reopen", "Reopen"),
                    ("retarget", "Retarget"),
                    ("calendar", "Calendar"),
                    ("appoint", "Appoint"),
                    ("release", "Release"),
                ],
                max_length=10,
            ),
        ),
    ]
