"""What the database itself does for an item: its number, and that what is retired is not active.

A number is the prefix of the type and six digits or more. Each prefix has a sequence of its own, made when
the first type takes the prefix: a sequence never gives a number twice and nobody waits for it.
"""

import pgtrigger

CATEGORY_PREFIXES = {
    "hardware": "HW",
    "software": "SW",
    "document": "DOC",
    "user": "USR",
    "process": "PRC",
    "service": "SVC",
    "site": "SIT",
    "other": "CI",
}

_CASES = " ".join(f"WHEN '{category}' THEN '{prefix}'" for category, prefix in CATEGORY_PREFIXES.items())

PREFIX = f"""
    IF NEW.prefix = '' THEN
        NEW.prefix := CASE NEW.category {_CASES} ELSE 'CI' END;
    END IF;
    IF to_regclass('cmdb_number_' || lower(NEW.prefix)) IS NULL THEN
        PERFORM pg_advisory_xact_lock(hashtext('cmdb_number_' || lower(NEW.prefix)));
        EXECUTE format('CREATE SEQUENCE IF NOT EXISTS %I', 'cmdb_number_' || lower(NEW.prefix));
    END IF;
    RETURN NEW;
"""

NUMBER = """
    SELECT prefix INTO letters FROM cmdb_itemtype WHERE id = NEW.type_id;
    next := nextval('cmdb_number_' || lower(letters));
    NEW.number := letters || lpad(next::text, greatest(6, length(next::text)), '0');
    IF NOT NEW.is_active THEN
        NEW.state := 'retired';
    ELSIF NEW.state = 'retired' THEN
        NEW.is_active := false;
    END IF;
    RETURN NEW;
"""


def prefix_with_its_counter() -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name="prefix_with_its_counter",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.UpdateOf("prefix"),  # type: ignore[no-untyped-call]
        func=PREFIX,
    )


def number_of_an_item() -> pgtrigger.Trigger:
    """Before an item is stored: its number, whatever it came with, and the state that fits ``is_active``."""
    return pgtrigger.Trigger(
        name="number_of_an_item",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        declare=[("letters", "TEXT"), ("next", "BIGINT")],
        func=NUMBER,
    )
