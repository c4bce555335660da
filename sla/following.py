"""The clocks of a live record: what was promised to the customer, and what teams and suppliers promised us.

sla knows time, not tickets: a record is anything with the attributes of :class:`Tracked`. Nothing here
writes a log or a message; that is done by records, in the same transaction.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import groupby
from types import MappingProxyType

from accounts.access import Actor
from sla import holdings, passes, services
from sla.holdings import Holder
from sla.models import Agreement, AgreementVersion, Clock, ClockEvent, Holding, Metric, Underpinning
from sla.passes import Pass
from sla.policy import Tracked
from sla.services import DONE, events_of, not_before, version_of

NOTHING: Mapping[str, datetime] = MappingProxyType({})

# closing is the desk's; a team or a supplier promises the rest
OF_SUPPORT = tuple(metric for metric in Metric.values if metric != Metric.CLOSURE)


def follow(
    record: Tracked,
    *,
    now: datetime,
    by: Actor,
    withdrawn: bool = False,
    reached: Mapping[str, datetime] = NOTHING,
    supplier_id: int | None = None,
    began_at: datetime | None = None,
) -> datetime | None:
    """Make the clocks match the record's phase, priority, service and holder. Idempotent.

    The caller holds the record's lock; the clocks are locked here. ``withdrawn``: the record was
    given up, so its clocks are cancelled and not judged. ``reached``: metrics whose event has happened, and
    when; closure is reached by nothing else, so it runs on after the solution. ``supplier_id``: who it waits
    for if it waits for a supplier. ``began_at``: when the fault began, where monitoring saw that before the
    record was opened; promises that say so count from there.

    Answers the next time something is due to the customer, None if there is none.
    """
    clocks = _locked(record)
    now = not_before(record.pk, now) if clocks else now
    own = [c for c in clocks if c.support_id is None]
    version = (
        version_of(own[0].agreement_version_id)
        if own
        else services.version_for(
            record.customer_id,
            record.opened_at,
            service_id=record.service_id,
            person_id=getattr(record, "requester_id", None),
        )
    )
    events = events_of(_alive(clocks))
    if version:
        pass_ = Pass(record, now, by, version, own, events, record.opened_at, began_at=began_at)
        _apply(pass_, Metric.values, withdrawn=withdrawn, reached=reached)
    behind = [c for c in clocks if c.support_id is not None]
    for support in _support(record, behind, events, version, now=now, by=by, supplier_id=supplier_id):
        _apply(support, OF_SUPPORT, withdrawn=withdrawn, reached=reached)
    return next_due(pass_.clocks) if version else None


def _locked(record: Tracked) -> list[Clock]:
    return list(Clock.every.select_for_update().filter(record=record.pk).order_by("pk"))


def _alive(clocks: Iterable[Clock]) -> list[Clock]:
    """Those to which something may still happen: open, or going on when the record is reopened."""
    return [c for c in clocks if c.is_open or c.metric in (Metric.RESTORATION, Metric.RESOLUTION)]


def _apply(pass_: Pass, metrics: Iterable[str], *, withdrawn: bool, reached: Mapping[str, datetime]) -> None:
    if pass_.record.phase == DONE:
        passes.stop_all(pass_, withdrawn=withdrawn, reached=reached)
        return
    chosen = pass_.chosen()
    for metric in metrics:
        if metric in reached:
            passes.stop(pass_, metric, reached[metric])
        else:
            passes.match(pass_, metric, chosen.get(metric))


def answered(record: Tracked, *, now: datetime, by: Actor, supplier_id: int | None = None) -> datetime | None:
    """An agent wrote to the customer: the first response is given, the next update is due anew (K-2, K-4).

    The team that has the record, if the writer belongs to it, has thereby answered too.
    """
    clocks = _locked(record)
    own = [c for c in clocks if c.support_id is None]
    if not clocks or record.phase == DONE:
        return next_due(own)
    now = not_before(record.pk, now)
    events = events_of([c for c in clocks if c.is_open])
    if own:
        version = version_of(own[0].agreement_version_id)
        pass_ = Pass(record, now, by, version, own, events, record.opened_at)
        passes.answer(pass_)
        own = pass_.clocks
    if record.team_id in by.team_ids:
        holder = holdings.holder_of(record, supplier_id)
        behind = [c for c in clocks if c.support_id is not None]
        for group in _groups(record, behind, events, holder, now=now, by=by):
            if group.is_held and group.support and group.support.kind == Agreement.Kind.OLA:
                passes.answer(group)
    return next_due(own)


def next_due(clocks: Iterable[Clock]) -> datetime | None:
    """The earliest due time among open clocks."""
    return min((c.due_at for c in clocks if c.is_open and c.due_at), default=None)


# --- what teams and suppliers promised us -----------------------------------------------------


def handed_over(
    record: Tracked, *, now: datetime, by: Actor, supplier_id: int | None = None, is_accepted: bool = False
) -> None:
    """The record changed hands, or was accepted: the clocks behind the customer's ones follow. Idempotent.

    The caller holds the record's lock.
    """
    rows = Clock.every.select_for_update().filter(record=record.pk, support__isnull=False)
    clocks = list(rows.order_by("pk"))
    now = not_before(record.pk, now) if clocks else now
    events = events_of(_alive(clocks))
    sla = Clock.objects.filter(record=record.pk).values_list("agreement_version", flat=True)[:1]
    version = version_of(sla[0]) if sla else None
    for pass_ in _support(
        record, clocks, events, version, now=now, by=by, supplier_id=supplier_id, is_accepted=is_accepted
    ):
        _apply(pass_, OF_SUPPORT, withdrawn=False, reached=NOTHING)


def supplier_answered(record: Tracked, *, now: datetime, by: Actor, supplier_id: int) -> None:
    """The supplier who has the record was heard of: his response is given, his next update due anew."""
    rows = Clock.every.select_for_update().filter(record=record.pk, support__supplier=supplier_id)
    clocks = list(rows.order_by("pk"))
    if not clocks:
        return
    now = not_before(record.pk, now)
    events = events_of(_alive(clocks))
    for pass_ in _groups(record, clocks, events, holdings.holder_of(record, supplier_id), now=now, by=by):
        if pass_.is_held:
            passes.answer(pass_)


def _support(
    record: Tracked,
    clocks: list[Clock],
    events: dict[int, list[ClockEvent]],
    version: AgreementVersion | None,
    *,
    now: datetime,
    by: Actor,
    supplier_id: int | None,
    is_accepted: bool = False,
) -> list[Pass]:
    """A pass for each OLA or UC that has clocks on the record, and for the one of who has it in hand now."""
    holder = holdings.holder_of(record, supplier_id)
    is_moved = holdings.note(record, holder, now=now)
    found = _groups(record, clocks, events, holder, now=now, by=by)
    is_known = any(pass_.is_held for pass_ in found)
    if holder and not is_known and (supporting := _supporting(holder, version, now)):
        found.append(Pass(record, now, by, supporting, [], events, now, supporting.agreement))
    if is_accepted or (not is_moved and record.team_id in by.team_ids):
        for pass_ in found:
            if pass_.is_held and pass_.support and pass_.support.kind == Agreement.Kind.OLA:
                passes.stop(pass_, Metric.FIRST_RESPONSE, now)
    return found


def _groups(
    record: Tracked,
    clocks: list[Clock],
    events: dict[int, list[ClockEvent]],
    holder: Holder | None,
    *,
    now: datetime,
    by: Actor,
) -> list[Pass]:
    found = []
    for _id, group in groupby(sorted(clocks, key=lambda c: (c.support_id, c.pk)), key=lambda c: c.support_id):
        own = list(group)
        version = version_of(own[0].agreement_version_id)
        support = version.agreement
        is_held = holder is not None and _is_held(support, holder)
        found.append(Pass(record, now, by, version, own, events, now, support, is_held))
    return found


def _is_held(support: Agreement, holder: Holder) -> bool:
    if support.kind == Agreement.Kind.UC:
        return holder.party == Holding.Party.SUPPLIER and holder.supplier_id == support.supplier_id
    # while a supplier nobody has named is waited for, it is still the team's affair
    is_away = holder.party == Holding.Party.SUPPLIER and holder.supplier_id is not None
    return holder.team_id == support.team_id and not is_away


def _supporting(holder: Holder, version: AgreementVersion | None, at: datetime) -> AgreementVersion | None:
    """The OLA or UC of a holder in force at ``at``: one the customer's agreement rests on, before others."""
    rows = AgreementVersion.objects.in_force(at).select_related("agreement")
    if holder.party == Holding.Party.SUPPLIER and holder.supplier_id:
        rows = rows.filter(agreement__kind=Agreement.Kind.UC, agreement__supplier=holder.supplier_id)
    elif holder.team_id:
        rows = rows.filter(agreement__kind=Agreement.Kind.OLA, agreement__team=holder.team_id)
    else:
        return None
    found = list(rows)
    linked: set[int] = set()
    if version and len({v.agreement_id for v in found}) > 1:
        linked = set(Underpinning.objects.filter(version=version).values_list("agreement", flat=True))
    order = {v.pk: (v.agreement_id in linked, v.effective_from, v.number, -v.agreement_id) for v in found}
    return max(found, key=lambda v: order[v.pk], default=None)
