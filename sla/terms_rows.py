"""Terms of agreement versions: read from the rows, and the code-to-row maps both ways."""

from collections.abc import Iterable

from sla.models import AgreementVersion
from sla.models import Target as TargetRow
from sla.target import Target
from sla.terms import TargetTerm, Terms


def terms_of(version: AgreementVersion) -> Terms:
    """What was signed; of a version older than documents, what its rows say."""
    if version.terms:
        return Terms.parse(version.terms)
    return terms_from(
        version, version.targets.select_related("service", "calendar").order_by("metric", "priority", "pk")
    )


def terms_from(version: AgreementVersion, rows: Iterable[TargetRow]) -> Terms:
    """The same with the version's target rows at hand, their services and calendars loaded: no query."""
    if version.terms:
        return Terms.parse(version.terms)
    return Terms(
        calendar=version.calendar.code,
        matrix=version.matrix,
        pausing_reasons=tuple(version.pausing_reasons),
        warn_at=tuple(version.warn_at),
        reopen_starts_new_cycle=version.reopen_starts_new_cycle,
        targets=tuple(
            TargetTerm(
                metric=row.metric,
                promise=Target.parse(row.promise),
                service=row.service.code if row.service else None,
                priority=row.priority,
                ticket_kind=row.ticket_kind or None,
                calendar=row.calendar.code if row.calendar else None,
                opens=row.opens,
                goal_percent=float(row.goal_percent),
                escalates=row.escalates,
            )
            for row in rows
        ),
    )
