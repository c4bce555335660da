"""What concerns an agreement of what happened to services, and a promise with its part of the period."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.models import Service
from levels.facts import Facts, Span
from levels.models import MeasuredValue, Outage, PlannedInterruption
from sla import measures
from sla.measures import Availability, Hours, Interval
from sla.models import Agreement
from sla.terms import MeasureTerm


def in_scope(span: Span, service: Service) -> bool:
    """Whether a version speaks of a service; one that names none speaks of all."""
    return not span.terms.services or service.code in span.terms.services


def outages_of(facts: Facts, agreement: Agreement) -> list[Outage]:
    """Those of the agreement's customer, and those of everybody."""
    return [row for row in facts.outages if row.customer_id in (None, agreement.customer_id)]


def interruptions_of(facts: Facts, agreement: Agreement, spans: Sequence[Span]) -> list[PlannedInterruption]:
    """Planned interruptions of services in scope, for the agreement's customer or for everybody."""
    found = []
    for row in facts.interruptions:
        customers = {each.pk for each in row.customers.all()}
        is_concerned = not customers or agreement.customer_id in customers
        if is_concerned and any(in_scope(span, each) for span in spans for each in row.services.all()):
            found.append(row)
    return found


@dataclass(frozen=True)
class Part:
    """A promise with the part of the period over which the same words held."""

    facts: Facts
    agreement: Agreement
    term: MeasureTerm
    spans: tuple[Span, ...]

    @property
    def start(self) -> datetime:
        return self.spans[0].start

    @property
    def end(self) -> datetime:
        return self.spans[-1].end

    @property
    def until(self) -> datetime:
        return min(self.end, self.facts.until)

    def hours(self, until: datetime) -> list[Hours]:
        return [
            piece
            for span in self.spans
            if span.start < until
            for piece in self.facts.hours(span.version, span.start, min(span.end, until))
        ]

    def availability(self, service: Service) -> Availability:
        """The service until now."""
        felt = [
            (row, Interval(row.started_at, min(row.felt_until or self.until, self.until)))
            for row in self.outages(service)
        ]
        out = [span for row, span in felt if row.pk in self.facts.excluded_outages]
        counted = [span for row, span in felt if row.pk not in self.facts.excluded_outages]
        out += [
            Interval(row.starts_at, row.ends_at)
            for row in interruptions_of(self.facts, self.agreement, self.spans)
            if row.is_taken_out and service in row.services.all()
        ]
        return measures.availability(self.hours(self.until), counted, out)

    def outages(self, service: Service | None) -> list[Outage]:
        return [
            row
            for row in outages_of(self.facts, self.agreement)
            if row.started_at < self.until
            and (row.felt_until is None or row.felt_until > self.start)
            and (row.service_id == service.pk if service else in_scope(self.spans[0], row.service))
        ]

    def values(self, service: Service | None) -> list[MeasuredValue]:
        """Those for the customer alone where there are any, else those for everybody."""
        rows = [
            row
            for row in self.facts.values
            if row.measure == self.term.measure
            and self.start <= row.started_at < self.until
            and (row.service_id == service.pk if service else in_scope(self.spans[0], row.service))
        ]
        own = [row for row in rows if row.customer_id and row.customer_id == self.agreement.customer_id]
        return own or [row for row in rows if row.customer_id is None]


def parts_of(facts: Facts, agreement: Agreement, spans: Sequence[Span]) -> Iterable[Part]:
    """Versions that follow each other with the same promise are one part."""
    open_parts: dict[str, Part] = {}
    found: list[Part] = []
    for span in spans:
        for term in span.terms.measures:
            held = open_parts.get(term.key)
            if held and held.end == span.start and held.term == term:
                part = Part(facts, agreement, term, (*held.spans, span))
                found[found.index(held)] = part
            else:
                part = Part(facts, agreement, term, (span,))
                found.append(part)
            open_parts[term.key] = part
    return found
