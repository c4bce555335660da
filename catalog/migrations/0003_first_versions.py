"""Services of before the catalogue had versions: their name and description become version 1."""

from typing import Any, ClassVar

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.utils import timezone


def offer_of(service: Any) -> dict[str, Any]:
    """The offer's JSON form, as it was when this was written."""
    what = {"en": service.description_en[:4000].strip(), "zh": service.description_zh[:4000].strip()}
    name = {"en": service.name_en.strip() or service.code, "zh": service.name_zh.strip()}
    return {"name": name, "customer": {"what": what}, "provider": {}}


def make(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    models = {name: apps.get_model("catalog", name) for name in ("Service", "ServiceVersion", "ServiceEvent")}
    system = apps.get_model("accounts", "User").objects.filter(username="system").first()
    now = timezone.now().replace(microsecond=0)
    for service in models["Service"].objects.filter(is_published=True, present=None).order_by("pk"):
        first = models["ServiceEvent"].objects.filter(pgh_obj_id=service.pk).order_by("pgh_id").first()
        since = first.pgh_created_at.replace(microsecond=0) if first else now
        version = models["ServiceVersion"].objects.create(
            service=service,
            number=1,
            effective_from=since,
            offer=offer_of(service),
            created_by=system,
            created_at=now,
        )
        models["Service"].objects.filter(pk=service.pk).update(present=version)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("catalog", "0002_catalogue"), ("accounts", "0002_system")]
    operations: ClassVar = [migrations.RunPython(make, migrations.RunPython.noop)]
