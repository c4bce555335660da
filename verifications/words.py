"""What is wrong with a file, a column or a line, in the reader's language."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from records.verbs import readable
from verifications.reading import Unreadable

FILES = {
    "empty": _("The file is empty."),
    "only_heading": _("The file has column names and no line below them."),
    "too_large": _("The file is too large: at most %(most)s MB."),
    "too_many_lines": _("The file has too many lines: at most %(most)s; divide it."),
    "too_many_columns": _("The file has too many columns: at most %(most)s."),
    "column_twice": _("The column “%(column)s” is there twice; each name may stand once."),
    "old_excel": _("This is an old Excel file (.xls), or one with a password. Save it as .xlsx or CSV."),
    "broken_excel": _("This Excel file cannot be read; open it, save it again as .xlsx, and try once more."),
    "not_a_table": _("This is an archive or a document, not a table. Save the table as .xlsx or CSV."),
    "binary": _("This is not a text file. Save the table as .xlsx or CSV."),
    "broken_line": _(
        "Line %(line)s cannot be read: a quotation mark is not closed, or stands where it may not."
    ),
    "encoding": _(
        "The file's encoding is not known (line %(line)s). Save it as UTF-8, or choose the encoding."
    ),
    "not_this_encoding": _(
        "The file is not written in %(encoding)s (line %(line)s); choose another encoding."
    ),
}

FAULTS = {
    # of a cell
    "formula": _("The cell holds a formula; put its value there instead."),
    "error_value": _("The cell holds an error of the spreadsheet."),
    "cell_too_long": _("The cell is too long: at most %(most)s characters."),
    "control_characters": _("The cell holds invisible characters."),
    "more_cells": _("The line has more cells than there are columns (%(columns)s)."),
    "no_choice": _("“%(value)s” is none of the known values: %(known)s."),
    "no_flag": _("“%(value)s” is neither yes nor no."),
    "no_number": _("“%(value)s” is no number."),
    "no_date": _("“%(value)s” is no day; write it as 2026-03-02."),
    "too_long": _("At most %(most)s characters."),
    "required": _("“%(fact)s” is required."),
    # of how columns are laid
    "target_twice": _("“%(target)s” is chosen for two columns."),
    "no_target": _("Items of this type have no “%(target)s”."),
    "key_missing": _("No column is chosen for “%(target)s”, by which items are to be found."),
    # of a line against the others and the register
    "key_empty": _("By this value the item is found; it must not be empty."),
    "key_twice": _("The same item stands in line %(lines)s as well."),
    "name_twice": _("The same name stands in line %(lines)s as well."),
    "name_taken": _("There is another item of this name."),
    "no_such_number": _("There is no item %(number)s. New items are given their number by the register."),
    "other_number": _("The item found is %(number)s."),
    "several": _("Several items have this value: %(numbers)s."),
    "other_type": _("%(number)s is of another type: %(type)s."),
    "no_change": _("“%(fact)s” is under control: name the approved change."),
    "not_approved": _("“%(fact)s” is under control, and %(change)s is not approved."),
    "not_named": _("“%(fact)s” is under control, and %(change)s does not name this item."),
    "not_permitted": _("You may not do this to this item."),
    # when it was carried out
    "changed_since": _("It was changed since the preview; import it again."),
    "came_since": _("It was added by somebody else since the preview; import it again."),
    "decided_since": _("The change was decided on since the preview; import it again."),
    "gone": _("The item, or what is to be set, is not there any more."),
    "crashed": _("The server met an error; it was noted."),
    "given_up": _("It was begun several times and never ended."),
    "not_allowed": _("Who asked for it may not do this any more."),
    "words": "%(text)s",
}


def of_file(refused: Unreadable) -> str:
    return str(FILES[refused.code]) % refused.params


def of_fault(fault: Mapping[str, Any]) -> str:
    """A kept fault ({"code", "column", "params"}) without its column."""
    return str(FAULTS[fault["code"]]) % {name: readable(value) for name, value in fault["params"].items()}
