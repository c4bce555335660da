"""Who has a record in hand: one open span per record, closed and followed by the next at each hand-over."""

from dataclasses import dataclass
from datetime import datetime

from sla.models import Holding
from sla.policy import Tracked
from sla.services import DONE, WAITING

CUSTOMER, SUPPLIER = "customer", "supplier"  # reasons for waiting that put it into somebody else's hands


@dataclass(frozen=True, slots=True)
class Holder:
    """A party as a value."""

    party: str
    team_id: int | None = None
    supplier_id: int | None = None


def holder_of(record: Tracked, supplier_id: int | None) -> Holder | None:
    """Who has it now; None once it is done. While we wait for the customer it is in his hands."""
    if record.phase == DONE:
        return None
    reason = record.waiting_for if record.phase == WAITING else ""
    if reason == CUSTOMER:
        return Holder(Holding.Party.CUSTOMER, record.team_id)
    if reason == SUPPLIER:
        return Holder(Holding.Party.SUPPLIER, record.team_id, supplier_id)
    if record.team_id is None:
        return Holder(Holding.Party.NOBODY)
    return Holder(Holding.Party.TEAM, record.team_id)


def note(record: Tracked, holder: Holder | None, *, now: datetime) -> bool:
    """Write down that ``holder`` has the record from ``now`` on. True if somebody else had it before.

    The caller holds the record's lock. Idempotent.
    """
    present = Holding.objects.filter(record=record.pk, until=None).first()
    if present and holder == Holder(present.party, present.team_id, present.supplier_id):
        return False
    if present is None and holder is None:
        return False
    if present:
        now = max(now, present.since)
        present.until = now
        present.save(update_fields=["until"])
    if holder:
        Holding.objects.create(
            record_id=record.pk,
            party=holder.party,
            team_id=holder.team_id,
            supplier_id=holder.supplier_id,
            since=now,
        )
    return True
