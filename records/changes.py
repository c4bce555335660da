"""What may be changed on a ticket by name and value: one registry for bulk edits, macros and rules.

Whoever has something to change registers it from ``AppConfig.ready()``; whoever changes several things, or
several tickets, or by a rule, finds them here. A change never goes round the verb that exists for it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.access import Actor, Denied
from records.fields import RemoteChoice, read_ahead
from records.kinds import TICKETS
from records.lifecycle import IllegalMove
from records.models import Record


@dataclass(frozen=True)
class Effect:
    """What a change would do, in words of the reader's language."""

    before: str
    after: str


def _plain(value: Any) -> Any:
    """A value as JSON keeps it: a row as its key, a date as its text."""
    if isinstance(value, Model):
        return value.pk
    if isinstance(value, Mapping):
        return {key: _plain(part) for key, part in value.items()}
    return value.isoformat() if isinstance(value, date) else value


def _said(value: Any) -> str:
    return str(getattr(value, "name", value)) if value is not None else ""


@dataclass(frozen=True)
class Change:
    """One thing that may be changed on a ticket.

    ``field(actor)`` makes the form field of its value, offering what this actor may choose; None: it needs no
    value. ``preview(record, value, *, actor, now)`` says what would change and writes nothing;
    ``apply(record, value, *, actor, now)`` does it by the verb that exists, which locks and reads anew. Both
    raise ValidationError (also where it is so already), access.Denied or IllegalMove with the reason.
    ``is_personal``: it means the person who acts, so no rule can do it.
    """

    name: str
    label: Any
    order: int
    preview: Callable[..., Effect]
    apply: Callable[..., None]
    field: Callable[[Actor], forms.Field] | None = None
    kinds: frozenset[str] = frozenset(TICKETS)
    wording: Callable[[Any], str] = _said
    is_personal: bool = False

    def clean(self, raw: Any, actor: Actor) -> Any:
        """The value from what a form sent or :meth:`stored` kept. ValidationError names what is wrong."""
        return self.field(actor).clean(raw) if self.field else None

    def stored(self, value: Any) -> Any:
        """The value for JSON; :meth:`clean` reads it again."""
        return _plain(value)

    def words(self, value: Any) -> str:
        """The value in the reader's language; empty where there is none."""
        return self.wording(value) if self.field else ""


_CHANGES: dict[str, Change] = {}


def register(change: Change) -> None:
    """Make a change known. Safe to repeat; ValueError for a name taken."""
    known = _CHANGES.setdefault(change.name, change)
    if known.apply is not change.apply:
        raise ValueError(f"two changes are named {change.name}")


def get(name: str) -> Change | None:
    return _CHANGES.get(name)


def changes_for(actor: Actor, kinds: frozenset[str] | None = None) -> list[Change]:
    """The changes in order, with ``kinds`` those that fit one of them. A preview says who may do one."""
    if not actor.is_desk_side:
        return []
    fitting = [c for c in _CHANGES.values() if kinds is None or c.kinds & kinds]
    return sorted(fitting, key=lambda change: (change.order, change.name))


def check_kind(change: Change, record: Record) -> None:
    """Refuse a change that does not fit this kind of ticket."""
    if record.kind not in change.kinds:
        raise ValidationError(_("This does not fit this kind of ticket."), code="kind")


def unchanged() -> ValidationError:
    """What a preview raises where there is nothing to do."""
    return ValidationError(_("It is so already."), code="unchanged")


def why_not(refusal: Exception) -> str:
    """The words for what :meth:`Change.preview` and :meth:`Change.apply` raise."""
    match refusal:
        case Denied():
            return _("You may not do this.")
        case IllegalMove():
            return _("This is not possible in its present state.")
        case ValidationError():
            return " ".join(refusal.messages)
    raise TypeError(f"{type(refusal).__name__} is no refusal") from refusal


REFUSALS = (ValidationError, Denied, IllegalMove)


# --- the field of a change ---------------------------------------------------------------------


class ValueForm(forms.Form):
    """The value of one change, named ``value``; give a prefix where several stand on one page."""

    use_required_attribute = False  # the server says what is missing, in the reader's language

    def __init__(self, *args: Any, change: Change, actor: Actor, **options: Any) -> None:
        super().__init__(*args, **options)
        if change.field:
            self.fields["value"] = change.field(actor)
            self._show_chosen()

    def _show_chosen(self) -> None:
        """Let a choice among many show its chosen row and no other."""
        field = self.fields["value"]
        if isinstance(field, RemoteChoice):
            field.show_only(self["value"].value())

    @property
    def value(self) -> Any:
        """The cleaned value; None for a change without one."""
        return self.cleaned_data.get("value")


class PartsInput(forms.MultiWidget):
    """Several controls of one value, each with its label above."""

    use_fieldset = True

    def __init__(self, parts: Mapping[str, forms.Field]) -> None:
        self.parts = dict(parts)
        super().__init__({name: field.widget for name, field in parts.items()})

    def decompress(self, value: Any) -> list[Any]:
        given = value if isinstance(value, Mapping) else {}
        return [_plain(given.get(name)) for name in self.parts]

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        values = value if isinstance(value, list) else self.decompress(value)
        base = (attrs or {}).get("id") or f"id_{name}"
        rows = [
            (f"{base}_{part}", field.label, self._control(f"{name}_{part}", f"{base}_{part}", field, given))
            for (part, field), given in zip(self.parts.items(), values, strict=True)
        ]
        return format_html_join(
            "", '<div class="change-part"><label class="meta" for="{}">{}</label>{}</div>', rows
        )

    @staticmethod
    def _control(name: str, html_id: str, field: forms.Field, given: Any) -> SafeString:
        is_select = getattr(field.widget, "input_type", "") == "select"
        css = "form-select" if is_select else "form-control"
        return SafeString(field.widget.render(name, given, attrs={"id": html_id, "class": css}))


class Parts(forms.MultiValueField):
    """A value of several named parts: cleaned, and kept as JSON, it is a mapping."""

    def __init__(self, parts: Mapping[str, forms.Field], **options: Any) -> None:
        self.names = list(parts)
        super().__init__(
            fields=list(parts.values()), widget=PartsInput(parts), require_all_fields=False, **options
        )

    def clean(self, value: Any) -> dict[str, Any]:
        if isinstance(value, Mapping):
            value = [value.get(name) for name in self.names]
        missing = [None] * len(self.names)
        given = [*value, *missing] if isinstance(value, list | tuple) else missing
        found: dict[str, Any] = {}
        for name, field, raw in zip(self.names, self.fields, given, strict=False):
            try:
                found[name] = field.clean(raw)
            except ValidationError as error:
                words = [_("%(part)s: %(why)s") % {"part": field.label, "why": m} for m in error.messages]
                raise ValidationError(words) from error
        return found

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.clean(initial) != self.clean(data))


# --- many kept values --------------------------------------------------------------------------


class Kept:
    """Kept values of many changes, cleaned together: one query per choice reads the rows they name."""

    def __init__(self, kept: Iterable[tuple[Change, Any]], actor: Actor) -> None:
        raws: dict[str, list[Any]] = {}
        self._fields: dict[str, forms.Field] = {}
        for change, raw in kept:
            raws.setdefault(change.name, []).append(raw)
            if change.field and change.name not in self._fields:
                self._fields[change.name] = change.field(actor)
        for name, field in self._fields.items():
            _let_read_ahead(field, raws[name])

    def clean(self, change: Change, raw: Any) -> Any:
        """As :meth:`Change.clean`, for one of the values there are."""
        return self._fields[change.name].clean(raw) if change.field else None


def _let_read_ahead(field: forms.Field, raws: Sequence[Any]) -> None:
    if isinstance(field, Parts):
        for name, part in zip(field.names, field.fields, strict=True):
            _let_read_ahead(part, [raw.get(name) for raw in raws if isinstance(raw, Mapping)])
    elif isinstance(field, forms.ModelChoiceField):
        field.queryset = read_ahead(field, raws)  # type: ignore[assignment]
