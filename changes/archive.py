"""Triggers by which the database itself keeps what belongs to a closed change (CHG-09)."""

import pgtrigger

from changes.lifecycle import CLOSED


def archived(name: str, *, change: str = "change_id") -> list[pgtrigger.Trigger]:
    """Once the change is closed no row of it is added, changed or removed, and never all by TRUNCATE.

    ``change`` is the column that names the change.
    """
    return [
        pgtrigger.Trigger(
            name=f"{name}_archived",
            when=pgtrigger.Before,
            operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
            func=f"""
                IF EXISTS (
                    SELECT 1 FROM records_record
                    WHERE id IN (NEW.{change}, OLD.{change}) AND state = '{CLOSED}'
                ) THEN
                    RAISE EXCEPTION 'pgtrigger: Cannot alter {name} of a closed change';
                END IF;
                IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
                RETURN NEW;
            """,  # noqa: S608 - names of the code, not of people
        ),
        pgtrigger.Trigger(
            name=f"{name}_not_emptied",
            level=pgtrigger.Statement,
            when=pgtrigger.Before,
            operation=pgtrigger.Truncate,
            func=f"RAISE EXCEPTION 'pgtrigger: Cannot empty {name}';",
        ),
    ]
