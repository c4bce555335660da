"""One sequence per kind: numbers without races, with gaps where a transaction was rolled back."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("records", "0001_initial")]
    operations: ClassVar = [
        migrations.RunSQL("CREATE SEQUENCE records_number_incident", "DROP SEQUENCE records_number_incident"),
    ]
