"""The provider and the account the system acts with."""

from typing import ClassVar

from django.apps.registry import Apps
from django.contrib.auth.hashers import make_password
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def make(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    provider, _ = apps.get_model("accounts", "Organisation").objects.get_or_create(
        code="provider",
        defaults={"name_en": "Service provider", "name_zh": "服务提供方", "kind": "provider"},
    )
    user, _ = apps.get_model("accounts", "User").objects.get_or_create(
        username="system",
        defaults={
            "display_name": "System",
            "organisation": provider,
            "time_zone": "UTC",
            "password": make_password(None),
        },
    )
    apps.get_model("accounts", "Grant").objects.get_or_create(user=user, role="system", organisation=None)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("accounts", "0001_initial")]
    operations: ClassVar = [migrations.RunPython(make, migrations.RunPython.noop)]
