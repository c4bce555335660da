"""Indicators and the rows behind them in words, for pages and programs."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Organisation, in_reader_language
from assets.models import Asset, Check
from boards.models import AgendaItem
from calls.models import CallRecord
from catalog.models import Service
from changes.models import UnauthorisedChange
from customers.models import Callback, Response
from fieldwork.models import Appointment, ServiceForm
from incidents.models import ManagementEscalation, Participation
from itsm.templatetags.ui import duration
from kpis.catalogue import Words
from kpis.engine import Part, Unit, Value
from levels.models import Outage
from planning.models import PlanningCheck
from records.models import Activity, Link, Priority, Record
from releases.models import ReleaseChange
from shifts.models import Handover, MinimumSeats
from sla.models import Agreement, AgreementVersion, Breach, Clock, MeasuredTarget, Metric, Target
from sla.naming import amount
from sourcing.models import Decision
from suppliers.models import Supplier
from verifications.models import AuditEntry


def said(words: Words) -> str:
    """In the reader's language."""
    return in_reader_language(words.en, words.zh)


@dataclass(frozen=True)
class Line:
    """One row behind a figure: what it is, where it is read, and when it happened."""

    words: str
    url: str
    at: datetime | None


def number(part: Part, value: Value) -> str:
    """A figure with its unit; words where there is nothing to tell."""
    if value.number is None:
        return _("no data")
    if part.unit == Unit.COUNT:
        return f"{value.number:,.0f}"
    if part.unit == Unit.PERCENT:
        return f"{value.number:.2f} %"
    if part.unit == Unit.SCORE:
        return f"{value.number:.2f}"
    return duration(float(value.number))


def kept_value(figure: Mapping[str, Any]) -> Value:
    """A figure as a confirmation keeps it."""
    number = None if figure["value"] is None else Decimal(figure["value"])
    return Value(number, figure["numerator"], figure["denominator"], figure["record_count"])


def fraction(value: Value) -> str:
    """What a share is made of: "12 of 14"."""
    if value.numerator is None or value.denominator is None:
        return ""
    return _("%(n)s of %(all)s") % {"n": value.numerator, "all": value.denominator}


# --- rows -----------------------------------------------------------------------------------------

Describe = Callable[[Any], tuple[str, str]]


def _record(record: Record) -> tuple[str, str]:
    return str(record), record.get_absolute_url()


def _clock(clock: Clock) -> tuple[str, str]:
    words, url = _record(clock.record)
    return f"{words} · {Metric(clock.metric).label}", url


def _response(row: Response) -> tuple[str, str]:
    asked = row.invitation
    words, url = _record(asked.ticket or asked.survey)
    return f"{words} · {_('score %(score)s') % {'score': row.score}}", url


def _activity(row: Activity) -> tuple[str, str]:
    words, url = _record(row.record)
    return f"{words} · {row.actor.name}", f"{url}#entry-{row.pk}"


def _link(row: Link) -> tuple[str, str]:
    words, url = _record(row.source)
    return f"{words} → {row.target.number}", url


# model -> what is read along with a row, and what it says
_KINDS: dict[type[Model], tuple[tuple[str, ...], Describe]] = {
    Record: ((), _record),
    Clock: (("record",), _clock),
    Breach: (("clock__record",), lambda row: _clock(row.clock)),
    Activity: (("record", "actor"), _activity),
    Link: (("source", "target"), _link),
    Participation: (("incident", "person"), lambda row: _of(row.incident, row.person.name)),
    ManagementEscalation: (("incident",), lambda row: _of(row.incident, row.get_why_display())),
    Response: (("invitation__ticket", "invitation__survey"), _response),
    Callback: (("ticket", "person"), lambda row: _of(row.ticket, row.person.name)),
    ServiceForm: (("appointment__ticket",), lambda row: _of(row.appointment.ticket, row.signer)),
    Appointment: (("ticket", "engineer"), lambda row: _of(row.ticket, row.site)),
    Handover: (
        ("team", "given_by"),
        lambda row: (f"{row.team.name} · {row.given_by.name}", reverse("shifts:handover", args=[row.pk])),
    ),
    CallRecord: (
        (),
        lambda row: (row.number or _("number withheld"), reverse("calls:detail", args=[row.pk])),
    ),
    Outage: (("service",), lambda row: (row.service.name, reverse("levels:outage", args=[row.pk]))),
    Organisation: ((), lambda row: (row.name, reverse("customers:customer", args=[row.code]))),
    Agreement: ((), lambda row: (row.name, reverse("levels:detail", args=[row.code]))),
    Asset: ((), lambda row: (str(row), row.get_absolute_url())),
    AgendaItem: (("change", "meeting"), lambda row: _of(row.change, row.meeting.number)),
    UnauthorisedChange: (
        ("item",),
        lambda row: (f"{row.item.name} · {row.found}"[:200], row.item.get_absolute_url()),
    ),
    Decision: (("supplier",), lambda row: _supplier(row.supplier)),
    AgreementVersion: (("agreement",), lambda row: _promise(row, "")),
    Service: ((), lambda row: (row.name, reverse("catalog:detail", args=[row.code]))),
    PlanningCheck: (
        ("document__requirement", "document__attachment"),
        lambda row: _of(row.document.requirement, row.document.attachment.name),
    ),
    Check: (("asset",), lambda row: (str(row.asset), row.get_absolute_url())),
    AuditEntry: (("audit",), lambda row: _of(row.audit, f"{row.number} {row.name}".strip())),
    ReleaseChange: (("change", "release"), lambda row: _of(row.change, row.release.number)),
    MinimumSeats: (("team",), lambda row: (str(row), reverse("shifts:roster"))),
}  # fmt: skip


def _promise(version: AgreementVersion, words: str, service: Service | None = None) -> tuple[str, str]:
    """A version of an agreement, or one promise of it."""
    named = [f"{version.agreement.name} v{version.number}", words, service.name if service else ""]
    url = reverse("levels:detail", args=[version.agreement.code])
    return " · ".join(part for part in named if part), url


def _target(row: Target) -> tuple[str, str]:
    words = [Metric(row.metric).label, Priority(row.priority).label if row.priority else ""]
    return _promise(row.version, " · ".join(str(part) for part in words if part), row.service)


def _measure(row: MeasuredTarget) -> tuple[str, str]:
    words = f"{row.get_measure_display()} {amount(row.operator, float(row.value), row.unit)}"
    return _promise(row.version, words, row.service)


def _supplier(supplier: Supplier) -> tuple[str, str]:
    return supplier.name, reverse("sourcing:detail", args=[supplier.code])


_KINDS[Supplier] = ((), _supplier)
_KINDS[Target] = (("version__agreement", "service"), _target)
_KINDS[MeasuredTarget] = (("version__agreement", "service"), _measure)


def _of(record: Record, more: str) -> tuple[str, str]:
    words, url = _record(record)
    return (f"{words} · {more}" if more else words), url


def describing(model: type[Model]) -> tuple[tuple[str, ...], Describe]:
    """What is read along with a row of this model, and what such a row says."""
    for known, how in _KINDS.items():
        if issubclass(model, known):
            return how
    raise KeyError(f"say in kpis.shown how a {model.__name__} is shown")


def lines(rows: QuerySet[Any], part: Part) -> list[Line]:
    """Rows in words; as many queries whatever their number."""
    related, describe = describing(rows.model)
    found: Iterable[Any] = rows.select_related(*related) if related else rows
    return [Line(*describe(row), instant_of(row, part.at)) for row in found]


def instant_of(row: Any, column: str) -> datetime | None:
    """When a row happened, where its column is an instant."""
    value = getattr(row, column, None)
    return value if isinstance(value, datetime) else None
