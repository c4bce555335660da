"""Items are found by a value of an attribute without going through all of their type."""

import django.contrib.postgres.indexes
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("cmdb", "0003_numbers")]

    operations = [
        migrations.AddIndex(
            model_name="item",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["attributes"], name="item_by_attribute", opclasses=["jsonb_path_ops"]
            ),
        ),
    ]
