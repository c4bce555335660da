"""What may be asked about: its rows, by what they are told apart, and what is measured over them.

Nobody types a name of a table, a column or an expression: all a question holds are keys that stand here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from importlib import import_module
from typing import Any

from django.db.models import Field, Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.access import Actor, may
from kpis.engine import Asked

NONE = ""  # the key of rows that have no such value
MOST_OPTIONS = 300


@dataclass(frozen=True)
class Instant:
    """A moment in the life of a row, by which a period is meant. ``is_day``: a day instead of an instant."""

    key: str
    label: Any
    column: str
    is_day: bool = False

    def within(self, asked: Asked) -> Q:
        return asked.days(self.column) if self.is_day else asked.within(self.column)


class Sort(StrEnum):
    """How the values of a dimension are written and chosen."""

    PICK = "pick"  # one of a few words
    ROW = "row"  # another thing, by its id
    WORDS = "words"  # a text as people wrote it
    FLAG = "flag"  # yes or no
    SPAN = "span"  # a day, week, month ... of an instant
    CYCLE = "cycle"  # an hour of the day, a day of the week


@dataclass(frozen=True)
class Dimension:
    """By what rows are told apart. ``column`` is the path to it; of a FLAG ``condition`` says what "yes" is.

    ``choices`` are the words of a PICK, ``rows`` those an actor may name of a ROW.
    """

    key: str
    label: Any
    sort: Sort
    column: str = ""
    choices: Callable[[], Sequence[tuple[Any, Any]]] = tuple
    rows: Callable[[Actor], QuerySet[Any]] | None = None
    condition: Q | None = None
    instant: Instant | None = None
    step: str = ""

    @property
    def is_time(self) -> bool:
        return self.sort in (Sort.SPAN, Sort.CYCLE)

    @property
    def narrows(self) -> bool:
        """Whether a question may be narrowed by it: spans of time are what the period is for."""
        return self.sort != Sort.SPAN


class How(StrEnum):
    COUNT = "count"
    SHARE = "share"
    MEAN = "mean"
    MEDIAN = "median"
    NINETIETH = "ninetieth"
    SUM = "sum"


HOWS: Mapping[How, Any] = {
    How.COUNT: pgettext_lazy("measure", "Number"),
    How.SHARE: _("Share"),
    How.MEAN: _("Mean"),
    How.MEDIAN: _("Median"),
    How.NINETIETH: _("90th percentile"),
    How.SUM: _("Sum"),
}


class Measured(StrEnum):
    """What a figure is: rows, percent of them, seconds, working seconds, minutes, points of a scale."""

    ROWS = "rows"
    PERCENT = "percent"
    SECONDS = "seconds"
    WORKING = "working"
    MINUTES = "minutes"
    POINTS = "points"


@dataclass(frozen=True)
class Measure:
    """What is told of each group. ``among`` are the rows it looks at: those, and no others, are its list.

    A SHARE is of those that ``hit``; the others are of ``amount``, an expression in seconds, minutes or
    points that none of the rows it looks at lacks.
    """

    key: str
    label: Any
    how: How = How.COUNT
    measured: Measured = Measured.ROWS
    among: Q = field(default_factory=Q)
    hit: Q | None = None
    amount: Any = None


COUNT = Measure("count", HOWS[How.COUNT])


def amounts(
    key: str, label: Any, amount: Any, among: Q, *hows: How, measured: Measured = Measured.SECONDS
) -> tuple[Measure, ...]:
    """The same amount told in several ways; by default mean, median and 90th percentile."""
    chosen = hows or (How.MEAN, How.MEDIAN, How.NINETIETH)
    return tuple(Measure(f"{key}.{how}", label, how, measured, among, amount=amount) for how in chosen)


@dataclass(frozen=True)
class Subject:
    """A kind of rows one may ask about.

    ``rows`` starts from what the actor may see; ``customer`` is the path to the organisation a row concerns.
    ``is_shared``: rows of no customer are everybody's, so ``rows`` alone decides who sees which.
    ``needs_period``: there are so many that no answer goes without one.
    """

    key: str
    label: Any
    model: type[Model]
    rows: Callable[[Asked], QuerySet[Any]]
    dimensions: tuple[Dimension, ...]
    instants: tuple[Instant, ...] = ()
    measures: tuple[Measure, ...] = ()
    customer: str = "customer"
    is_shared: bool = False
    needs_period: bool = True
    permission: str = "ask_questions"

    def dimension(self, key: str) -> Dimension | None:
        return next((each for each in self.dimensions if each.key == key), None)

    def instant(self, key: str) -> Instant | None:
        return next((each for each in self.instants if each.key == key), None)

    def measure(self, key: str) -> Measure | None:
        return next((each for each in self.measures if each.key == key), None)


_SUBJECTS: dict[str, Subject] = {}


def register(subject: Subject) -> None:
    """Make something askable, told apart by its instants as well. ValueError for a key that is taken."""
    if subject.key in _SUBJECTS:
        raise ValueError(f"{subject.key} is registered twice")
    times = tuple(each for instant in subject.instants for each in times_of(instant))
    whole = {**vars(subject), "dimensions": (*subject.dimensions, *times)}
    _SUBJECTS[subject.key] = Subject(**{**whole, "measures": (COUNT, *subject.measures)})


MODULES = ("tickets", "levels", "contacts", "processes")


def subjects() -> list[Subject]:
    """All there are, in the order they are offered."""
    for name in MODULES:  # not before all processes have registered
        import_module(f"questions.subjects.{name}")
    return list(_SUBJECTS.values())


def subjects_for(actor: Actor) -> list[Subject]:
    """What the actor may ask about."""
    return [each for each in subjects() if may(actor, "ask_questions") and may(actor, each.permission)]


def get(key: str) -> Subject | None:
    return next((each for each in subjects() if each.key == key), None)


STEPS = (
    ("day", _("day")), ("week", _("week")), ("month", _("month")), ("quarter", _("quarter")),
    ("year", _("year")),
)  # fmt: skip
CYCLES = (("hour", _("hour of the day")), ("weekday", _("day of the week")))


def times_of(instant: Instant) -> list[Dimension]:
    """The spans and cycles an instant lies in."""
    found = [_time(instant, Sort.SPAN, step, words) for step, words in STEPS]
    cycles = [each for each in CYCLES if each[0] != "hour" or not instant.is_day]
    return [*found, *(_time(instant, Sort.CYCLE, step, words) for step, words in cycles)]


def _time(instant: Instant, sort: Sort, step: str, words: Any) -> Dimension:
    return Dimension(
        f"{instant.key}.{step}", (instant.label, words), sort, instant.column, instant=instant, step=step
    )


def may_lack(model: type[Model], column: str) -> bool:
    """Whether a row can be without a value there."""
    field = field_of(model, column)
    return "__" in column or field.null or field.blank


def field_of(model: type[Model], path: str) -> "Field[Any, Any]":
    """The field a path leads to."""
    here: Any = model
    found: Any = None
    for name in path.split("__"):
        found = here._meta.get_field(name)
        here = found.related_model
    return found  # type: ignore[no-any-return]
