"""Form fields of the agents' pages: a choice among many rows, an instant, several files."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

MOMENT = "%Y-%m-%dT%H:%M"
EARLIEST_YEAR, LATEST_YEAR = 1970, 9000  # both excluded


class RemoteChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A row out of many: the page holds the chosen one, the others come while one types.

    ``what`` names the typeahead; ``depends`` is the selector of the field that narrows it.
    """

    def __init__(self, queryset: QuerySet[Any], *, what: str, depends: str = "", **options: Any) -> None:
        self.what, self.depends = what, depends  # widget_attrs reads them while the field is made
        super().__init__(queryset, **options)

    def show_only(self, chosen: Any) -> None:
        """Put nothing but the chosen row into the page. A value that is no row is shown as nothing."""
        self.widget.attrs["data-typeahead"] = reverse("records:typeahead", args=[self.what])
        if self.depends:
            self.widget.attrs["data-depends"] = self.depends
        rows: list[tuple[Any, str]] = [("", "")]
        if isinstance(chosen, Model):
            rows.append((chosen.pk, str(chosen)))
        elif str(chosen or "").isdecimal() and self.queryset is not None:
            rows += [(row.pk, str(row)) for row in self.queryset.filter(pk=int(chosen) % 2**63)]
        self.widget.choices = rows


class ReadAhead:
    """Rows read beforehand in the place of the queryset of a choice; a row that was not read is not there."""

    def __init__(self, rows: Iterable[Model], model: type[Model]) -> None:
        self.rows, self.model = {str(row.pk): row for row in rows}, model

    def all(self) -> "ReadAhead":
        return self

    def none(self) -> list[Model]:
        return []

    def get(self, *, pk: Any) -> Model:
        if str(pk) not in self.rows:
            raise self.model.DoesNotExist  # type: ignore[attr-defined]
        return self.rows[str(pk)]

    def filter(self, *, pk: Any = None, pk__in: Iterable[Any] = ()) -> list[Model]:
        asked = {str(each) for each in (pk, *pk__in)}
        return [row for key, row in self.rows.items() if key in asked]


def read_ahead(choice: "forms.ModelChoiceField[Any]", kept: Iterable[Any]) -> ReadAhead:
    """The rows that kept values of a choice name, by one query however many there are.

    ``kept``: keys, or lists of keys, as JSON holds them. The answer may take the place of its queryset.
    """
    named = [key for value in kept for key in (value if isinstance(value, list) else [value])]
    keys = {key for key in named if type(key) is int and 0 < key < 2**63}
    rows: Any = choice.queryset
    return ReadAhead(rows.filter(pk__in=keys) if keys else (), rows.model)


class Moment(forms.DateTimeField):
    """An instant to the minute, typed and shown in the reader's time zone."""

    def __init__(self, **options: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT)
        super().__init__(**{"widget": widget, "required": False, **options})
        self.error_messages["invalid"] = _("Give a date and a time, such as 2026-11-20 21:09.")

    def to_python(self, value: Any) -> datetime | None:
        found: datetime | None = super().to_python(value)
        if found and not EARLIEST_YEAR < found.year < LATEST_YEAR:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return found and found.astimezone(UTC)


class ManyFilesInput(forms.FileInput):
    allow_multiple_selected = True


class Files(forms.FileField):
    """Any number of files; what is too large or has a hostile name is refused by records.files."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"widget": ManyFilesInput(), "required": False, **options})

    def clean(self, data: Any, initial: Any = None) -> Any:
        files: Sequence[UploadedFile[Any]] = (
            data if isinstance(data, list | tuple) else [data] if data else []
        )
        return list(files)
