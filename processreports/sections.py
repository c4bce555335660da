"""What a report can consist of: each section gathers its facts and draws them; apps above may add some.

What is gathered is canonical (servicereports.canonical): texts, whole numbers, lists and mappings.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import Actor
from accounts.models import Organisation
from accounts.services import system_actor
from itsm.templatetags.ui import instant_words
from processreports.models import OCCASION, ReportDefinition
from records.models import Record
from reports.figures import Question
from reports.period import Period
from servicereports import tree
from servicereports.tree import Cell, Table, cut


@dataclass(frozen=True)
class Ask:
    """What a section is to say something about. ``subject`` is the event of a report on occasion."""

    definition: ReportDefinition
    period: Period
    every: str
    now: datetime
    subject: Record | None = None

    @property
    def actor(self) -> Actor:
        return system_actor()

    @property
    def customer(self) -> Organisation | None:
        return self.definition.customer

    @property
    def is_over(self) -> bool:
        return self.period.end <= self.now

    @property
    def question(self) -> Question:
        """The same of tickets and their clocks, as the dashboards ask it."""
        narrow: dict[str, int] = {}
        if self.definition.customer_id:
            narrow["customer"] = self.definition.customer_id
        if self.definition.agreement_id:
            narrow["agreement"] = self.definition.agreement_id
        return Question(self.actor, self.period, self.now, narrow)


@dataclass(frozen=True)
class Facts:
    """``figures``: what was; computed again later it is the same, unless a fact was corrected. ``context``:
    how things stood, and names. ``rows``: the ids of the rows behind each figure, by a key of its own.
    """

    figures: dict[str, Any] = field(default_factory=dict)
    context: dict[str, Any] = field(default_factory=dict)
    rows: dict[str, list[int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Source:
    """A section's part of a content, with all of it; ``most`` rows of a table are shown, None: all."""

    content: Mapping[str, Any]
    name: str
    most: int | None
    is_staff: bool

    @property
    def figures(self) -> Mapping[str, Any]:
        return self.content["figures"].get(self.name, {})  # type: ignore[no-any-return]

    @property
    def context(self) -> Mapping[str, Any]:
        return self.content["context"].get(self.name, {})  # type: ignore[no-any-return]

    @property
    def zone(self) -> ZoneInfo:
        """In which the days of the report begin."""
        return ZoneInfo(self.content["span"]["zone"])

    def instant(self, text: str | None) -> str:
        return instant_words(datetime.fromisoformat(text), self.zone) if text else tree.NONE

    def of(self, name: str) -> Mapping[str, Any]:
        """Another section's figures; empty where the report has no such section."""
        return self.content["figures"].get(name, {})  # type: ignore[no-any-return]

    def table(
        self,
        head: Sequence[str],
        rows: Sequence[tuple[Cell, ...]],
        widths: Sequence[int],
        *,
        right: Sequence[int] = (),
        title: str = "",
        left_out: int = 0,
    ) -> tuple[Table, ...]:
        """A table, or none without rows; what is left out is told below it."""
        kept, left = cut(rows, self.most)
        more = []
        if left:
            more.append(ngettext("%d more row in the workbook", "%d more rows in the workbook", left) % left)
        if left_out:
            more.append(_("%(n)s more are not listed here") % {"n": left_out})
        made = Table(tuple(head), kept, tuple(widths), tuple(right), title, " · ".join(more))
        return (made,) if rows else ()


Gather = Callable[[Ask], Facts]
Draw = Callable[[Source], tree.Section | None]


@dataclass(frozen=True)
class Section:
    """``gather`` None: it is drawn of what the report holds anyway. ``is_for_events``: of one event only."""

    name: str
    label: Any
    draw: Draw
    gather: Gather | None = None
    is_for_customers: bool = True
    is_for_events: bool = False
    help: Any = ""


_SECTIONS: dict[str, Section] = {}


def register(section: Section) -> None:
    """Make a section choosable. Called from AppConfig.ready(); safe to repeat."""
    _SECTIONS[section.name] = section


def registered() -> Mapping[str, Section]:
    """All of them by name, in the order they are offered."""
    return _SECTIONS


USUAL = ("overview", "indicators", "explained", "workload", "measures", "risks", "comment", "outlook")
"""What a report of processes begins with; the other kinds are below."""

OF_CUSTOMER = (
    "overview", "attainment", "project", "satisfaction", "misses", "workload", "measures", "risks", "comment",
    "outlook",
)  # fmt: skip
OF_EVENT = ("event", "comment", "measures", "outlook")
OF_YEAR = ("overview", "scores", "timeliness", "attainment", "satisfaction", "measures", "comment", "outlook")


def usual(every: str, *, has_customer: bool) -> tuple[str, ...]:
    """The sections a new definition starts with."""
    if every == OCCASION:
        return OF_EVENT
    if has_customer:
        return OF_CUSTOMER
    return OF_YEAR if every == "year" else USUAL
