"""What a bulk edit is asked for: which changes, each with its value."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from accounts.access import Actor
from records.changes import Change, ValueForm, changes_for
from records.filters import kind_choices
from records.kinds import TICKETS


@dataclass(frozen=True)
class Line:
    """One change that may be chosen, with the form of its value."""

    change: Change
    form: ValueForm
    is_chosen: bool

    @property
    def html_id(self) -> str:
        return f"change-{_prefix(self.change)}"

    @property
    def has_value(self) -> bool:
        return self.change.field is not None


def _prefix(change: Change) -> str:
    return change.name.replace(".", "-")


class Wishes:
    """The changes on offer and those chosen. ``data`` None: nothing was sent yet."""

    def __init__(self, data: QueryDict | None, *, actor: Actor) -> None:
        chosen = set(data.getlist("change")) if data is not None else set()
        self.lines = [
            _line(change, data if change.name in chosen else None, actor=actor)
            for change in changes_for(actor, frozenset(TICKETS))
        ]

    @property
    def chosen(self) -> list[Line]:
        return [line for line in self.lines if line.is_chosen]

    def is_valid(self) -> bool:
        """Every chosen value is judged, so that every mistake is shown."""
        found = [line.form.is_valid() for line in self.chosen]
        return all(found)

    def wanted(self) -> Sequence[tuple[Change, Any]]:
        return [(line.change, line.form.value) for line in self.chosen]

    def groups(self) -> list[dict[str, Any]]:
        """The changes by the kind of ticket they fit: those for all kinds first, without a caption."""
        captions = {frozenset({kind}): label for kind, label in kind_choices()}
        found: dict[str, list[Line]] = {"": []}
        for line in self.lines:
            caption = captions.get(line.change.kinds, "")
            found.setdefault(str(caption), []).append(line)
        return [{"caption": caption, "lines": lines} for caption, lines in found.items() if lines]

    def begin_with(self, name: str) -> None:
        """Have one change ticked to begin with."""
        self.lines = [
            Line(line.change, line.form, is_chosen=line.is_chosen or line.change.name == name)
            for line in self.lines
        ]


def _line(change: Change, data: QueryDict | None, *, actor: Actor) -> Line:
    form = ValueForm(data, prefix=_prefix(change), change=change, actor=actor)
    return Line(change, form, is_chosen=data is not None)
