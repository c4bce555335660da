"""Suppliers and what belongs to them as rows of their pages: words and links, nothing decided here."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import Actor
from actions.models import Action
from agreements.terms_words import REPORT_KINDS, within
from records.chips import chips_by_record
from records.kinds import process_of
from records.models import Record
from reviews import lifecycle, schedule
from reviews.models import Review
from reviews.upkeep import QUARTER
from sla.models import Breach, Metric
from sla.naming import Names, unit_words
from sla.terms import MeasureTerm
from sourcing.contracts import IN_FORCE, STATES, Contract
from sourcing.figures import Figures
from sourcing.models import SupplierReport
from sourcing.reported import Compared, Expected
from suppliers.models import Supplier

TONES = {30: "bad", 60: "warn", 90: "accent"}


# --- contracts --------------------------------------------------------------------------------


def contract_row(contract: Contract) -> dict[str, Any]:
    """A contract as templates/sourcing/_contracts.html shows it."""
    label, tone = STATES[contract.state]
    return {
        "contract": contract,
        "state": label,
        "tone": tone,
        "url": reverse("agreements:detail", args=[contract.number]) if contract.number else "",
        "ends": ends_words(contract),
        "ends_tone": TONES.get(contract.warn_days or 0, ""),
        "versions": len(contract.versions),
    }


def ends_words(contract: Contract) -> str:
    """How near the end is, in words; "" where there is nothing to warn of."""
    if contract.warn_days is None or contract.days_left is None:
        return ""
    days = contract.days_left
    return ngettext("ends in %(n)s day", "ends in %(n)s days", days) % {"n": days}


def warnings(contracts: Iterable[Contract]) -> list[dict[str, Any]]:
    """What to act on: contracts that end soon, or before the agreement that rests on them."""
    found = []
    for contract in contracts:
        names = {"contract": contract.agreement.name}
        url = reverse("sourcing:detail", args=[contract.agreement.supplier.code])  # type: ignore[union-attr]
        if contract.warn_days:
            words = _("%(contract)s %(ends)s.") % {**names, "ends": ends_words(contract)}
            found.append({"words": words, "tone": TONES[contract.warn_days], "url": url})
        for rest in contract.too_short:
            words = _("%(contract)s ends before %(agreement)s, which rests on it.")
            other = {"agreement": rest.agreement.name}
            found.append({"words": words % {**names, **other}, "tone": "bad", "url": url})
    return found


# --- figures ----------------------------------------------------------------------------------


def month_row(supplier: Supplier, month: Figures) -> dict[str, Any]:
    """A month's, quarter's or year's figures, each with the address of its list."""

    def url(name: str, **more: str) -> str:
        words = urlencode({**month.query, **more})
        return f"{reverse(f'sourcing:{name}', args=[supplier.code])}?{words}"

    return {
        "month": month,
        "tickets_url": url("tickets"),
        "decided_url": url("clocks", outcome="decided"),
        "missed_url": url("clocks", outcome="missed"),
        "breaches_url": url("breaches"),
        "problems_url": url("problems"),
    }


def breach_rows(breaches: Sequence[Breach], actor: Actor, now: datetime) -> list[dict[str, Any]]:
    """Missed targets with how late they were and what is corrected; three queries for all of them."""
    records = list({b.clock.record_id: b.clock.record for b in breaches}.values())
    chips = chips_by_record(records, [b.clock for b in breaches], now)
    said = {chip.url: chip for row in chips.values() for chip in row}
    keys = [f"breach:{b.pk}" for b in breaches]
    actions = {a.key: a for a in Action.objects.visible_to(actor).filter(key__in=keys)}
    found = []
    for breach in breaches:
        record = breach.clock.record
        url = reverse("records:clock", args=[record.number, breach.clock_id])
        chip = said.get(url)
        found.append(
            {
                "breach": breach,
                "record": record,
                "record_url": record_url(record),
                "clock_url": url,
                "metric": Metric(breach.clock.metric).label,
                "late": chip.words if chip else "",
                "action": actions.get(f"breach:{breach.pk}"),
            }
        )
    return found


def record_url(record: Record) -> str:
    return reverse(process_of(record.kind).detail_url, args=[record.number])


# --- reviews ----------------------------------------------------------------------------------


def next_review(
    contracts: Iterable[Contract], reviews: Sequence[Review], now: datetime
) -> dict[str, Any] | None:
    """When the supplier is reviewed next (SUP-03): as planned, else a quarter after the last, or the start.

    None where no contract is in force. ``reviews`` are the supplier's, newest first.
    """
    running = [c for c in contracts if c.state == IN_FORCE]
    planned = [r for r in reviews if r.state == lifecycle.PLANNED]
    if planned:
        review = min(planned, key=lambda r: r.meets_at)
        return {
            "review": review,
            "day": timezone.localdate(review.meets_at),
            "is_late": review.meets_at < now,
        }
    if not running:
        return None
    held = [timezone.localdate(r.held_at) for r in reviews if r.held_at and r.state in lifecycle.TOOK_PLACE]
    began = min(timezone.localdate(v.effective_from) for c in running for v in c.versions)
    due = schedule.due_on(max(held) if held else None, began, QUARTER)
    return {"review": None, "day": due, "is_late": due < timezone.localdate(now)}


def last_graded(reviews: Sequence[Review]) -> Review | None:
    """The latest review with a score."""
    graded = [r for r in reviews if r.score is not None and r.state in lifecycle.TOOK_PLACE]
    return max(graded, key=lambda r: r.held_at or r.meets_at) if graded else None


# --- reports ----------------------------------------------------------------------------------


def report_url(contract: str, supplier: str, kind: str, first: date, last: date) -> str:
    return reverse("sourcing:report", args=[supplier, contract, kind, first.isoformat(), last.isoformat()])


def kind_words(kind: str) -> str:
    return str(REPORT_KINDS.get(kind, kind))


def expected_row(expected: Expected) -> dict[str, Any]:
    """An expected report as a row."""
    contract = expected.contract
    code = contract.supplier.code if contract.supplier else ""
    tone, state = "neutral", _("not received")
    if expected.report:
        tone, state = ("warn", _("received late")) if expected.days_late else ("good", _("received"))
    elif expected.is_overdue:
        tone, state = "bad", _("overdue")
    elif expected.due_on:
        tone, state = "accent", _("expected")
    days = expected.days_late
    return {
        "expected": expected,
        "kind": kind_words(expected.kind),
        "url": report_url(contract.code, code, expected.kind, expected.first, expected.last),
        "state": state,
        "tone": tone,
        "late": ngettext("%(n)s day late", "%(n)s days late", days) % {"n": days} if days else "",
    }


def compared_rows(report: SupplierReport, rows: Sequence[Compared], names: Names) -> list[dict[str, Any]]:
    """Claims beside our own figures; a figure of ours opens its list."""
    contract = report.agreement
    supplier = contract.supplier.code if contract.supplier else ""
    base = reverse("sourcing:clocks", args=[supplier])
    query = {"from": report.period_from.isoformat(), "to": report.period_until.isoformat()}
    found = []
    for row in rows:
        words = {**query, "outcome": "decided", "contract": contract.code, "key": row.term.key}
        is_measure = isinstance(row.term, MeasureTerm)
        found.append(
            {
                "row": row,
                "name": names.key(row.term.key),
                "promise": within(row.term),
                "unit": unit_words(row.term.unit) if isinstance(row.term, MeasureTerm) else "%",
                "is_measure": is_measure,
                "url": "" if is_measure else f"{base}?{urlencode(words)}",
            }
        )
    return found
