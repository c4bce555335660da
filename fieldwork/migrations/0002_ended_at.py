from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("fieldwork", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="appointment",
            name="ended_at",
            field=models.DateTimeField(null=True),
        ),
    ]
