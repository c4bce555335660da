"""The verbs of an incident: thin, typed wrappers over the kernel that add an incident's own rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import Actor, Origin, may
from accounts.models import Organisation, Team, User
from accounts.services import system_after
from actions.services import open_action
from catalog.models import Service
from cmdb.models import Item
from incidents import checks, family, lifecycle, repeats, supplying
from incidents.models import ContactType, Incident, ResolutionCode, WaitingFor
from records import assignment, breaches
from records import log as records_log
from records.files import Upload
from records.kinds import Kind
from records.lifecycle import IllegalMove
from records.models import Channel, Level
from records.services import begin, move, open_record, reach, refuse, save
from records.services import edit as edit_record
from sla.models import Agreement, Breach, Metric
from suppliers.models import Supplier


def open(  # noqa: A001 - the verb of the field
    *,
    actor: Actor,
    now: datetime,
    title: str,
    customer: Organisation,
    requester: User,
    description: str = "",
    service: Service | None = None,
    impact: int = Level.MEDIUM,
    urgency: int = Level.MEDIUM,
    priority: int | None = None,
    priority_reason: str = "",
    channel: str = Channel.PHONE,
    reporter: User | None = None,
    item: Item | None = None,
    team: Team | None = None,
    assignee: User | None = None,
    attachments: Sequence[Upload] = (),
    **facts: Any,
) -> Incident:
    """Log an incident. Priority comes from impact and urgency by the customer's agreement.

    ``priority`` overrides it and needs ``priority_reason``. ``facts`` are further columns (contact_type,
    category, site, occurred_at, external_reference ...). Without a team it goes to the service's first
    support, else to the desk; the staff member who logged it owns it until it is closed.
    """
    checks.title(title)
    checks.item(item, customer)
    checks.occurred(facts.get("occurred_at"), now)
    priority = checks.priority(customer.pk, impact, urgency, priority, priority_reason, at=now)
    team = team or (service.support_team if service else None) or default_desk()
    assignment.check(team, assignee)
    if actor.origin != Origin.IMPORT and facts.get("contact_type", ContactType.FAULT) == ContactType.FAULT:
        facts.setdefault("repeat_of", _repeated(customer.pk, item, facts, at=now))
    return open_record(
        Incident,
        Kind.INCIDENT,
        actor=actor,
        now=now,
        customer=customer,
        requester=requester,
        reporter=reporter or requester,
        follower=reporter,
        attachments=attachments,
        words=[facts.get("external_reference", "")],
        title=title.strip(),
        description=description,
        service=service,
        impact=impact,
        urgency=urgency,
        priority=priority,
        priority_reason=priority_reason,
        channel=channel,
        item=item,
        team=team,
        assignee=assignee,
        owner_id=actor.user_id if actor.is_staff_side else None,
        **facts,
    )


def _repeated(
    customer_id: int, item: Item | None, facts: Mapping[str, Any], *, at: datetime
) -> Incident | None:
    words = {name: facts.get(name) or "" for name in ("category", "symptom")}
    return repeats.earlier(customer_id, item.pk if item else None, **words, at=at)


def default_desk() -> Team | None:
    """The service desk that takes what no service directs elsewhere."""
    return Team.objects.filter(tier=Team.Tier.DESK, is_active=True).order_by("pk").first()


def edit(
    incident: Incident,
    changes: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
    expected_version: int | None,
) -> Incident:
    """Change facts. A new impact or urgency gives a new priority unless one is given with its reason."""
    wanted = dict(changes)
    if "title" in wanted:
        checks.title(wanted["title"])
    if "item" in wanted:
        checks.item(wanted["item"], incident.customer)
    checks.occurred(wanted.get("occurred_at"), now)
    if wanted.keys() & {"impact", "urgency", "priority"}:
        wanted["priority"] = checks.priority(
            incident.customer_id,
            wanted.get("impact", incident.impact),
            wanted.get("urgency", incident.urgency),
            wanted.get("priority"),
            wanted.get("priority_reason", ""),
            at=incident.opened_at,
        )
        wanted.setdefault("priority_reason", "")
    return edit_record(
        incident, wanted, actor=actor, now=now, expected_version=expected_version,
        reason=str(wanted.get("priority_reason", "")),
    )  # fmt: skip


def start(
    incident: Incident, *, actor: Actor, now: datetime, expected_version: int | None = None
) -> Incident:
    """Begin the work; who begins it becomes its assignee if there is none."""
    mine = {} if incident.assignee_id or not actor.is_staff_side else {"assignee_id": actor.user_id}
    return _work(incident, "start", actor=actor, now=now, expected_version=expected_version, changes=mine)


def hold(
    incident: Incident,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    note: str = "",
    supplier: Supplier | None = None,
    supplier_reference: str = "",
    expected_version: int | None = None,
) -> Incident:
    """Wait for something named. Whether that pauses the clocks is said by the agreement.

    ``supplier``: whom it is handed to if it waits for a supplier; the clocks of his contract (UC) run while
    it does. Without one it is the former supplier of the ticket, if there is one.
    """
    if supplier and reason != WaitingFor.SUPPLIER:
        raise refuse("supplier", _("Name a supplier only when the ticket waits for one."))
    if supplier and not supplier.is_active:
        raise refuse("supplier", _("This supplier is no longer active; choose another one."))
    named = {"supplier": supplier, "supplier_reference": supplier_reference.strip()} if supplier else {}
    with transaction.atomic():
        current = _work(
            incident, "hold", actor=actor, now=now, expected_version=expected_version,
            waiting_for=reason, note=note, changes=named,
        )  # fmt: skip
        if reason == WaitingFor.SUPPLIER and current.supplier:
            records_log.write(
                current, "incident.to_supplier", actor=actor, at=now, supplier=current.supplier.label,
                reference=current.supplier_reference or "–",
            )  # fmt: skip
            supplying.handed(current, actor=actor, now=now)
    return current


def resume(
    incident: Incident, *, actor: Actor, now: datetime, expected_version: int | None = None
) -> Incident:
    """Go on after a hold."""
    return _work(incident, "resume", actor=actor, now=now, expected_version=expected_version)


def _work(
    incident: Incident,
    action: str,
    *,
    actor: Actor,
    now: datetime,
    expected_version: int | None,
    **move_with: Any,
) -> Incident:
    """A move that is work on the incident itself, which a child behind a parent does not get."""
    with transaction.atomic():
        current = begin(incident, action, actor=actor, now=now, expected_version=expected_version)
        family.check_free(current)
        return move(current, action, actor=actor, now=now, **move_with)


def reached(incident: Incident) -> dict[str, datetime]:
    """What has happened of what clocks wait for, and when."""
    ended = incident.done_at if incident.state in (lifecycle.CLOSED, lifecycle.CANCELLED) else None
    events = {
        Metric.ON_SITE.value: incident.on_site_at,
        Metric.RESTORATION.value: incident.restored_at,
        Metric.CLOSURE.value: incident.closed_at or ended,
    }
    return {metric: at for metric, at in events.items() if at}


def arrive(
    incident: Incident,
    *,
    actor: Actor,
    now: datetime,
    at: datetime | None = None,
    note: str = "",
    expected_version: int | None = None,
) -> Incident:
    """Somebody is on site, ``at`` an instant before now or now itself."""
    checks.happened(incident, at, now)
    return reach(
        incident, "arrive", {"on_site_at": at or now},
        actor=actor, now=now, expected_version=expected_version, note=note,
    )  # fmt: skip


def restore(
    incident: Incident,
    *,
    actor: Actor,
    now: datetime,
    at: datetime | None = None,
    note: str = "",
    expected_version: int | None = None,
) -> Incident:
    """The service works again, perhaps by a workaround; the cause may still have to be mended."""
    checks.happened(incident, at, now)
    return reach(
        incident, "restore", {"restored_at": at or now},
        actor=actor, now=now, expected_version=expected_version, note=note,
    )  # fmt: skip


def resolve(
    incident: Incident,
    *,
    code: str,
    steps: str,
    actor: Actor,
    now: datetime,
    restored_at: datetime | None = None,
    expected_version: int | None = None,
) -> Incident:
    """Solve it, with the steps written down (SD-10). The requester is told by this very act.

    ``restored_at``: when the service worked again, if that was before now.
    """
    if not steps.strip():
        raise refuse(
            "steps", _("Write down the steps that solved it; nobody can learn from a blank."), "required"
        )
    if code not in ResolutionCode.values:
        raise refuse(
            "code",
            _("Choose one of: %(codes)s.") % {"codes": ", ".join(ResolutionCode.values)},
            "invalid_choice",
        )
    if (
        restored_at
        and not incident.opened_at <= restored_at <= now
        and not (incident.occurred_at and incident.occurred_at <= restored_at <= now)
    ):
        raise refuse("restored_at", _("The service was restored after the failure and not in the future."))
    with transaction.atomic():
        current = begin(incident, "resolve", actor=actor, now=now, expected_version=expected_version)
        family.check_free(current)
        solved = _solve(current, code, steps, restored_at, actor=actor, now=now)
        for child in family.open_children(solved):
            worker = actor if may(actor, "resolve", child) else system_after(actor)
            _solve(child, code, steps, restored_at or solved.restored_at, actor=worker, now=now)
    return solved


def _solve(
    incident: Incident, code: str, steps: str, restored_at: datetime | None, *, actor: Actor, now: datetime
) -> Incident:
    """The move itself. What ends has an owner: who solved it, where nobody took it (SD-26)."""
    tier = incident.team.tier if incident.team else ""
    owner = incident.owner_id or (actor.user_id if actor.is_staff_side else None)
    return move(
        incident, "resolve", actor=actor, now=now, note=steps,
        changes={
            "resolution_code": code, "resolution": steps, "resolved_by_id": actor.user_id,
            "resolved_tier": tier, "resolved_at": now,
            "user_notified_at": incident.user_notified_at or now, "owner_id": owner,
            "restored_at": restored_at or incident.restored_at or now,
        },
        code={**records_log.bilingual(ResolutionCode(code).label), "code": code}, tier=tier,
    )  # fmt: skip


def confirm(
    incident: Incident,
    *,
    actor: Actor,
    now: datetime,
    note: str = "",
    close_too: bool = False,
    expected_version: int | None = None,
) -> Incident:
    """Record that the requester confirms the solution; ``close_too`` closes it in the same act.

    A customer is not kept waiting for our explanation of a missed target: it is closed with that.
    """
    with transaction.atomic():
        current = begin(incident, "confirm", actor=actor, now=now, expected_version=expected_version)
        if current.state != lifecycle.RESOLVED:
            raise IllegalMove("confirm", current.state, lifecycle.LIFECYCLE.legal_moves(current.state))
        if current.confirmed_at is None:
            current.confirmed_at, current.confirmed_by_id = now, actor.user_id
            save(current, ["confirmed_at", "confirmed_by"], now=now)
            records_log.write(current, "record.confirmed", actor=actor, at=now, text=note)
        is_ours = not actor.is_desk_side and breaches.unexplained(current).exists()
        if close_too and not is_ours:
            current = close(current, actor=system_after(actor), now=now)
    return current


def close(
    incident: Incident,
    *,
    actor: Actor,
    now: datetime,
    no_answer: str = "",
    expected_version: int | None = None,
) -> Incident:
    """Close it once the requester confirmed, or with ``no_answer``: how he was asked in vain (SD-14)."""
    with transaction.atomic():
        current = begin(incident, "close", actor=actor, now=now, expected_version=expected_version)
        lifecycle.LIFECYCLE.next_state(current.state, "close")
        if current.confirmed_at is None and not no_answer.strip():
            raise refuse(
                "no_answer",
                _("Record the requester's confirmation first, or say how you asked without an answer."),
                "required",
            )
        if actor.origin != Origin.IMPORT and (missed := breaches.unexplained(current)):
            targets = ", ".join(str(Metric(b.clock.metric).label) for b in missed)
            message = _("Explain first why these targets were missed: %(targets)s.")
            raise refuse("breaches", message % {"targets": targets})
        return move(current, "close", actor=actor, now=now, note=no_answer, changes={"closed_at": now})


def explain_breach(
    incident: Incident,
    breach: Breach,
    *,
    reason: str,
    note: str,
    actor: Actor,
    now: datetime,
    agreement: Agreement | None = None,
    no_action: str = "",
    action: "Correction | None" = None,
) -> Breach:
    """Say why a target was missed, who answers for it, and what is corrected or why nothing needs to be.

    Where the customer has confirmed already, the last explanation closes the ticket.
    """
    if action is None and not no_action.strip():
        words = _("Say what is to be corrected, or why nothing needs to be.")
        raise refuse("no_action", words, "required")
    with transaction.atomic():
        kept = breaches.explain(
            incident, breach, reason=reason, note=note, agreement=agreement,
            no_action="" if action else no_action, actor=actor, now=now,
        )  # fmt: skip
        if action:
            open_action(
                source="breach", title=action.title, description=note, responsible=action.responsible,
                due_on=action.due_on, cause=incident, agreement=kept.clock.agreement_version.agreement,
                key=f"breach:{kept.pk}", actor=actor, now=now,
            )  # fmt: skip
        current = Incident.objects.get(pk=incident.pk)
        confirmed = current.confirmed_by and current.confirmed_by.organisation_id == current.customer_id
        if current.state == lifecycle.RESOLVED and confirmed and not breaches.unexplained(current).exists():
            close(current, actor=system_after(actor), now=now)
    return kept


@dataclass(frozen=True)
class Correction:
    """What is to be done so that a target is not missed again."""

    title: str
    responsible: User
    due_on: date


def reopen(
    incident: Incident,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Incident:
    """It is not solved after all: the clocks go on and the reopening is counted."""
    if not reason.strip():
        raise refuse("reason", _("Say what still does not work."), "required")
    with transaction.atomic():
        current = begin(incident, "reopen", actor=actor, now=now, expected_version=expected_version)
        lifecycle.LIFECYCLE.next_state(current.state, "reopen")
        checks.may_still_reopen(current, actor=actor, now=now)
        if current.parent_id:  # what still fails for one reporter is not what failed for all
            current = family.detach(current, actor=system_after(actor), now=now)
        opened = _open_again(current, reason, actor=actor, now=now)
        for child in family.resolved_children(opened):
            _open_again(child, reason, actor=system_after(actor), now=now)
    return opened


def _open_again(incident: Incident, reason: str, *, actor: Actor, now: datetime) -> Incident:
    return move(
        incident, "reopen", actor=actor, now=now, note=reason,
        changes={
            "reopen_count": incident.reopen_count + 1, "resolved_at": None, "resolved_by_id": None,
            "resolved_tier": "", "confirmed_at": None, "confirmed_by_id": None, "user_notified_at": None,
            "restored_at": None,
        },
    )  # fmt: skip


def cancel(
    incident: Incident,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Incident:
    """Give it up: logged by mistake or twice. Its clocks are cancelled, a breach stays a fact."""
    if not reason.strip():
        raise refuse("reason", _("Say why the ticket is given up."), "required")
    with transaction.atomic():
        gone = move(incident, "cancel", actor=actor, now=now, expected_version=expected_version, note=reason)
        family.release(gone, actor=actor, now=now)
    return gone


MOVES = {
    "start": start,
    "hold": hold,
    "resume": resume,
    "resolve": resolve,
    "close": close,
    "reopen": reopen,
    "cancel": cancel,
}
