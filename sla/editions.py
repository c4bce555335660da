"""Writing a version of an agreement from its terms: the rows that clocks and figures read."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Actor
from catalog.models import Service
from sla.models import (
    Agreement,
    AgreementVersion,
    Calendar,
    MeasuredTarget,
    Target,
    Underpinning,
    check_calendar,
)
from sla.terms import TargetTerm, Terms

M = TypeVar("M", bound=Model)


@transaction.atomic
def publish(
    agreement: Agreement,
    terms: Terms,
    *,
    effective_from: datetime,
    effective_until: datetime | None,
    actor: Actor,
    now: datetime,
) -> AgreementVersion:
    """Write the next version of an agreement, with its targets and what stands behind them.

    Tickets opened from ``effective_from`` on are measured by it; those opened before keep theirs (A-1). If
    the terms go on after their validity, the version has no end: it counts until a later one begins.
    Who may do this, and whether it was signed, is for the caller to have asked. Raises ValidationError,
    keyed by the field of the terms, for a code nobody knows or a promise no clock could be started with.
    """
    Agreement.objects.select_for_update(no_key=True).get(pk=agreement.pk)
    last = AgreementVersion.objects.filter(agreement=agreement).order_by("-number").first()
    _check_span(last, effective_from, effective_until)
    known = _Codes(terms)
    version = AgreementVersion.objects.create(
        agreement=agreement,
        number=last.number + 1 if last else 1,
        effective_from=effective_from,
        effective_until=None if terms.renewal.at_end == "continues" else effective_until,
        calendar=known.calendars[terms.calendar],
        matrix=dict(terms.matrix),
        pausing_reasons=list(terms.pausing_reasons),
        warn_at=list(terms.warn_at),
        reopen_starts_new_cycle=terms.reopen_starts_new_cycle,
        terms=terms.dump(),
        created_by_id=actor.user_id,
        created_at=now,
    )
    Target.objects.bulk_create(known.target(version, term) for term in terms.targets)
    MeasuredTarget.objects.bulk_create(
        MeasuredTarget(
            version=version, measure=term.measure, service=known.service(term.service),
            operator=term.operator, value=term.value, unit=term.unit, source=term.source, period=term.period,
            goal_percent=term.goal_percent,
        )
        for term in terms.measures
    )  # fmt: skip
    Underpinning.objects.bulk_create(
        Underpinning(
            version=version, target_key=term.key, agreement=known.agreements[support.agreement],
            supporting_key=support.target, stage=support.stage,
        )
        for term in terms.promises
        for support in dict.fromkeys(term.underpinned_by)
    )  # fmt: skip
    return version


def check_codes(terms: Terms) -> None:
    """ValidationError for the first code in the terms that nobody knows, keyed by its field."""
    _Codes(terms)


def unknown_codes(terms: Terms) -> dict[str, str]:
    """The codes in the terms that nobody knows, by their field; three queries."""
    return {
        field: code
        for model, wanted in named_codes(terms).items()
        for known in [set(_rows(model, wanted.values()))]
        for field, code in wanted.items()
        if code not in known
    }


def named_codes(terms: Terms) -> "dict[type[Model], dict[str, str]]":
    """What terms name by code: for each kind of row the field and the code that stands there."""
    calendars = {"calendar": terms.calendar}
    services = {f"services[{n}]": code for n, code in enumerate(terms.services)}
    services |= {f"key_services[{n}]": code for n, code in enumerate(terms.key_services)}
    supports: dict[str, str] = {}
    for n, target in enumerate(terms.targets):
        if target.calendar:
            calendars[f"targets[{n}].calendar"] = target.calendar
    rows = [(f"targets[{n}]", term.service, term.underpinned_by) for n, term in enumerate(terms.targets)]
    rows += [(f"measures[{n}]", term.service, term.underpinned_by) for n, term in enumerate(terms.measures)]
    for at, service, behind in rows:
        if service:
            services[f"{at}.service"] = service
        supports |= {f"{at}.underpinned_by[{n}].agreement": s.agreement for n, s in enumerate(behind)}
    return {Calendar: calendars, Service: services, Agreement: supports}


def _rows(model: type[M], codes: Iterable[str]) -> dict[str, M]:
    rows: Any = model._default_manager.filter(code__in=set(codes))
    return {row.code: row for row in rows}


def unknown_words(code: str) -> str:
    """What is said of a code nobody knows."""
    return _("There is nothing with the code “%(code)s”.") % {"code": code}


def _check_span(last: AgreementVersion | None, begin: datetime, end: datetime | None) -> None:
    if end and end <= begin:
        raise ValidationError({"effective_until": _("The end must lie after the beginning.")})
    if last and begin <= last.effective_from:
        message = _("Version %(number)s is in force from %(at)s; the next one must begin later.")
        words = {"number": last.number, "at": f"{timezone.localtime(last.effective_from):%Y-%m-%d %H:%M}"}
        raise ValidationError({"effective_from": message % words})


class _Codes:
    """The rows that terms name by code; ValidationError for the first one that nobody knows."""

    def __init__(self, terms: Terms) -> None:
        named = named_codes(terms)
        self.calendars = _found(Calendar, named[Calendar])
        self.services = _found(Service, named[Service])
        self.agreements = _found(Agreement, named[Agreement])
        self.shared = self.calendars[terms.calendar]

    def service(self, code: str | None) -> Service | None:
        return self.services[code] if code else None

    def target(self, version: AgreementVersion, term: TargetTerm) -> Target:
        own = self.calendars[term.calendar] if term.calendar else None
        check_calendar(own or self.shared, "calendar", term.promise)
        return Target(
            version=version,
            metric=term.metric,
            service=self.service(term.service),
            priority=term.priority,
            ticket_kind=term.ticket_kind or "",
            kind=term.promise.kind,
            amount=term.promise.amount,
            until=term.promise.until or "",
            calendar=own,
            opens=term.opens,
            goal_percent=term.goal_percent,
            escalates=term.escalates,
        )


def _found(model: type[M], wanted: Mapping[str, str]) -> dict[str, M]:
    found = _rows(model, wanted.values())
    for field, code in wanted.items():
        if code not in found:
            raise ValidationError({field: unknown_words(code)})
    return found
