"""Short ways to say by what rows are told apart."""

from collections.abc import Callable
from typing import Any

from django.db.models import F, Func, Model, Q, QuerySet
from django.db.models.fields import FloatField
from django.utils.translation import gettext_lazy as _

import accounts.queries
import sla.queries
from accounts.access import Actor
from accounts.models import Organisation, Team, User
from catalog.models import Service
from cmdb.models import ItemType
from questions.subjects.base import Dimension, Sort, field_of
from records.kinds import Kind, process_of
from sla.models import Agreement


def _staff(actor: Actor) -> QuerySet[Any]:
    return User.objects.filter(organisation__kind=Organisation.Kind.PROVIDER)


# whom and what an actor may name; of other models all rows
OFFERED: dict[type[Model], Callable[[Actor], QuerySet[Any]]] = {
    Organisation: accounts.queries.organisations,
    User: _staff,
    Team: lambda actor: Team.objects.all(),
    Service: lambda actor: Service.objects.all(),
    Agreement: sla.queries.agreements,
    ItemType: lambda actor: ItemType.objects.all(),
}


def row(model: type[Model], column: str, label: Any, key: str = "") -> Dimension:
    """Another thing that a row belongs to."""
    of: type[Model] = field_of(model, column).related_model  # type: ignore[assignment]
    offered = OFFERED.get(of, lambda actor: of._default_manager.all())
    return Dimension(key or column.rpartition("__")[2], label, Sort.ROW, column, rows=offered)


def pick(model: type[Model], column: str, label: Any, key: str = "") -> Dimension:
    """One of the words of a field."""
    choices = field_of(model, column).choices or ()
    return Dimension(
        key or column.rpartition("__")[2],
        label,
        Sort.PICK,
        column,
        choices=lambda: list(choices),
    )


def text(column: str, label: Any, key: str = "") -> Dimension:
    """What people wrote themselves."""
    return Dimension(key or column.rpartition("__")[2], label, Sort.WORDS, column)


def flag(key: str, label: Any, condition: Q) -> Dimension:
    return Dimension(key, label, Sort.FLAG, condition=condition)


def state(*kinds: Kind, column: str = "state") -> Dimension:
    """The states of one or several processes; a word that two have is said as the first says it."""

    def choices() -> list[tuple[Any, Any]]:
        found: dict[str, Any] = {}
        for kind in kinds:
            for value, words in process_of(kind.value).labels.choices:
                found.setdefault(value, words)
        return list(found.items())

    return Dimension("state", _("State"), Sort.PICK, column, choices=choices)


def record(model: type[Model], way: str = "") -> tuple[Dimension, ...]:
    """What every record is told apart by; ``way`` leads to the record."""
    return (
        row(model, f"{way}customer", _("Customer")),
        row(model, f"{way}service", _("Service")),
        pick(model, f"{way}priority", _("Priority")),
        row(model, f"{way}team", _("Team")),
        row(model, f"{way}assignee", _("Person")),
        row(model, f"{way}owner", _("Owner")),
    )


def seconds(first: str, last: str) -> Any:
    """The seconds from one instant to another by the clock on the wall."""
    return Func(F(last) - F(first), template="EXTRACT(EPOCH FROM %(expressions)s)", output_field=FloatField())
