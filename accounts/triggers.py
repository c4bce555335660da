"""Triggers by which the database itself keeps rows from being changed."""

import pgtrigger


def immutable(name: str) -> list[pgtrigger.Trigger]:
    """Triggers that let rows be added and nothing else, not even by TRUNCATE."""
    return [
        pgtrigger.Protect(name=f"{name}_only_grows", operation=pgtrigger.Update | pgtrigger.Delete),
        pgtrigger.Trigger(
            name=f"{name}_not_emptied",
            level=pgtrigger.Statement,
            when=pgtrigger.Before,
            operation=pgtrigger.Truncate,
            func=f"RAISE EXCEPTION 'pgtrigger: Cannot empty {name}';",
        ),
    ]
