from django.db import migrations

NOTE = (
    "准入条件建立之前录入：保持启用，准入条件未经检查。"
    " / Entered before admission conditions were kept: stays active, its conditions were not checked."
)


def note_unchecked(apps, schema_editor):
    """Existing suppliers stay active; their note on admission says that nobody checked anything (SUP-01)."""
    for supplier in apps.get_model("suppliers", "Supplier").objects.order_by("pk"):
        supplier.admission_note = "\n".join(filter(None, (supplier.admission_note, NOTE)))
        supplier.save(update_fields=["admission_note"])


class Migration(migrations.Migration):
    dependencies = [("suppliers", "0003_admission_conditions")]

    operations = [migrations.RunPython(note_unchecked, migrations.RunPython.noop)]
