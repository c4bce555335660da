"""The migrations, however they are run, leave the database that the models describe."""

import pytest
from django.apps import apps
from django.db import connection, models

pytestmark = pytest.mark.django_db
Facts = dict[str, set[object]]


def described() -> dict[str, Facts]:
    """Columns, foreign keys and named indexes and constraints of every table, as the models say."""
    found: dict[str, Facts] = {}
    for model in apps.get_models(include_auto_created=True):
        meta = model._meta
        if not meta.managed or meta.proxy:
            continue
        fields = meta.local_concrete_fields
        named = [*meta.indexes, *meta.constraints]
        keys = [f for f in fields if isinstance(f, models.ForeignKey) and getattr(f, "db_constraint", True)]
        found[meta.db_table] = {
            "columns": {(f.column, f.null) for f in fields},
            "keys": {(f.column, f.target_field.model._meta.db_table) for f in keys},
            "unique": {f.column for f in fields if f.unique},
            "named": {one.name for one in named},
        }
    return found


def there(table: str) -> Facts:
    """The same, as the database says."""
    with connection.cursor() as cursor:
        columns = connection.introspection.get_table_description(cursor, table)
        limits = connection.introspection.get_constraints(cursor, table)
    single = {name: one for name, one in limits.items() if len(one["columns"] or ()) == 1}
    return {
        "columns": {(column.name, column.null_ok) for column in columns},
        "keys": {(o["columns"][0], o["foreign_key"][0]) for o in single.values() if o["foreign_key"]},
        "unique": {one["columns"][0] for one in single.values() if one["unique"] or one["primary_key"]},
        "named": set(limits),
    }


def test_every_column_key_index_and_constraint_of_the_models_is_in_the_database() -> None:
    missing = {}
    for table, said in described().items():
        found = there(table)
        lacks = {what: said[what] - found[what] for what in said if said[what] - found[what]}
        if found["columns"] - said["columns"]:
            lacks["unknown columns"] = found["columns"] - said["columns"]
        if lacks:
            missing[table] = lacks
    assert missing == {}
