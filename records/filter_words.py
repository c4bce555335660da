"""The filters in words: what is chosen, what can be chosen, and which chosen thing is no longer there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import DESK_ROLES, Actor
from accounts.models import Organisation, Team, User
from catalog.models import Service
from itsm.templatetags.ui import day_words
from records.filters import DAYS, FIRST, ME, NOBODY, TYPED, QueueFilter, fixed_choices, names, texts


@dataclass(frozen=True)
class Choice:
    """One field of the filter form: what is chosen, and where further choices come from.

    ``form`` is "many" (several values), "text" or "day". ``is_first``: shown without asking for more.
    """

    name: str
    label: str
    chosen: list[tuple[str, str]]
    source: str
    form: str
    is_first: bool

    @property
    def value(self) -> str:
        return self.chosen[0][0] if self.chosen else ""


@dataclass(frozen=True)
class Active:
    """One active filter as components/filter_chips.html shows it."""

    label: str
    value: str
    remove_url: str


def _tables(actor: Actor) -> dict[str, "QuerySet[Any]"]:
    """Whose names an actor may be told."""
    customers, people = Organisation.objects.all(), User.objects.all()
    if actor.scope is not None:
        customers = customers.filter(pk__in=actor.scope)
        people = people.filter(organisation__in=actor.scope)
    staff = User.objects.filter(grants__role__in=DESK_ROLES).distinct()
    return {
        "team": Team.objects.all(), "assignee": staff, "owner": staff, "customer": customers,
        "service": Service.objects.all(), "requester": people,
    }  # fmt: skip


def words_of(values: Mapping[str, list[str]], actor: Actor) -> dict[str, dict[str, str]]:
    """The chosen values of each field with their words; one query per field of ids that is in use.

    What the reader may not see keeps its number: its name is not told.
    """
    tables, fixed = _tables(actor), fixed_choices()
    somebody = {ME: _("Me"), NOBODY: _("Nobody")}
    found: dict[str, dict[str, str]] = {}
    for name, wanted in values.items():
        words = {str(value): str(label) for value, label in fixed[name]()} if name in fixed else {}
        if name in ("assignee", "owner"):
            words = dict(somebody)
        if name in texts():
            words = {wanted[0]: wanted[0]}
        if name in DAYS:
            words = {wanted[0]: _day(wanted[0])}
        ids = [int(v) for v in wanted if v.isdecimal() and len(v) < 10]
        if ids and name in tables:
            words |= {str(row.pk): row.name for row in tables[name].filter(pk__in=ids)}
        found[name] = {v: words.get(v, f"#{v}"[:20]) for v in wanted}
    return found


def _day(text: str) -> str:
    try:
        return day_words(date.fromisoformat(text))
    except ValueError:
        return text[:20]


MASTER: Mapping[str, Any] = {
    "team": Team, "customer": Organisation, "service": Service, "assignee": User, "owner": User,
    "requester": User,
}  # fmt: skip


def gone(values: Mapping[str, list[str]], words: Mapping[str, dict[str, str]]) -> dict[str, list[str]]:
    """Values nobody could choose any more: ids that are nobody's, and words no process knows.

    Asks only about what has no words; what merely the reader may not be told of is not among it.
    """
    found: dict[str, list[str]] = {}
    for name, wanted in values.items():
        unnamed = [v for v in wanted if words[name][v] == f"#{v}"[:20]]
        if not unnamed:
            continue
        ids = [int(v) for v in unnamed if v.isdecimal() and len(v) < 10]
        if name in MASTER and ids:
            known = {str(pk) for pk in MASTER[name].objects.filter(pk__in=ids).values_list("pk", flat=True)}
            unnamed = [v for v in unnamed if v not in known]
        if unnamed:
            found[name] = unnamed
    return found


def choices(filters: QueueFilter, words: Mapping[str, dict[str, str]]) -> list[Choice]:
    """The filter form's fields with what is chosen."""
    fixed, alone = fixed_choices(), texts()
    return [
        Choice(
            name=name,
            label=str(filters.filters[name].label),
            chosen=list(words.get(name, {}).items()),
            source=_source(name) if name in TYPED or name in fixed else "",
            form="day" if name in DAYS else "text" if name in alone else "many",
            is_first=name in FIRST,
        )
        for name in sorted(names(), key=lambda n: FIRST.index(n) if n in FIRST else len(FIRST))
    ]


def _source(name: str) -> str:
    return reverse("records:typeahead", args=[TYPED.get(name, name.replace("_", "-"))]) + "?q="
