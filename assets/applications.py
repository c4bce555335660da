"""Asked by one person, decided by another: disposals, and service sites opened or closed (CMDB-07, CMDB-14).

What was approved is carried out in the same transaction. Nobody decides what they asked for; the database
holds that, too.
"""

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import RULES, Actor, Denied, Role, require
from accounts.models import User
from assets import lifecycle, news, register, sites, upkeep, words
from assets.models import Application, Asset, DisposalWay, ServiceSite
from records import log as records_log
from records.services import MAX_TEXT, refuse

KIND, DECISION = Application.Kind, Application.Decision
DECIDE = {
    KIND.DISPOSE: "approve_disposal",
    KIND.OPEN_SITE: "lead_sites",
    KIND.CLOSE_SITE: "lead_sites",
}
ASK = {KIND.DISPOSE: register.KEEP, KIND.OPEN_SITE: "ask_for_site", KIND.CLOSE_SITE: "ask_for_site"}


class Settled(Exception):
    """The application was decided or withdrawn already."""

    def __init__(self, row: Application) -> None:
        super().__init__(f"application {row.pk} is {row.decision}")
        self.row = row


# --- asked -----------------------------------------------------------------------------------------


def ask_to_dispose(
    asset: Asset, *, on: date, way: str, data_wiped: bool, data_note: str, reason: str, actor: Actor,
    now: datetime,
) -> Application:  # fmt: skip
    """Ask that an asset be disposed of. ``data_note``: how its data were wiped, or why they were not."""
    require(actor, register.KEEP)
    register.covers(actor, asset.customer_id, register.KEEP)
    if way not in DisposalWay.values:
        raise refuse("way", _("Say how it is disposed of."), "required")
    if not data_note.strip():
        raise refuse(
            "data_note", _("Say how the data were wiped, or why there is nothing to wipe."), "required"
        )
    with transaction.atomic():
        row = register.held(asset, None)
        lifecycle.ASSET.next_state(row.state, "dispose")
        if on > timezone.localdate(now):
            raise refuse("on", _("This day is still to come."))
        facts = {"asset": row, "way": way, "data_wiped": data_wiped, "data_note": data_note.strip()[:300]}
        return _ask(KIND.DISPOSE, row, facts, on=on, reason=reason, actor=actor, now=now)


def ask_for_site(
    site: ServiceSite, kind: str, *, on: date, reason: str, actor: Actor, now: datetime
) -> Application:
    """Ask that a site be opened or closed from a day on."""
    if kind not in (KIND.OPEN_SITE, KIND.CLOSE_SITE):
        raise refuse("kind", _("A site is opened or closed."))
    require(actor, ASK[Application.Kind(kind)])
    with transaction.atomic():
        row = register.held(site, None)
        lifecycle.SITE.next_state(row.state, kind)
        return _ask(Application.Kind(kind), row, {"site": row}, on=on, reason=reason, actor=actor, now=now)


def _ask(
    kind: Application.Kind, about: Asset | ServiceSite, facts: dict[str, Any], *, on: date, reason: str,
    actor: Actor, now: datetime,
) -> Application:  # fmt: skip
    text = reason.strip()
    if not text:
        raise refuse("reason", _("Give the reason."), "required")
    if len(text) > MAX_TEXT:
        raise refuse("reason", _("The text is too long: at most %(n)s characters.") % {"n": MAX_TEXT})
    try:
        with transaction.atomic():
            made = Application.objects.create(
                kind=kind, on=on, reason=text, asked_by_id=actor.user_id, asked_at=now, **facts
            )
    except IntegrityError:
        raise refuse(
            "reason", _("There is an application about it already: wait for its decision.")
        ) from None
    words.write(about, "asked", actor=actor, at=now, note=text, kind=_kind(kind))
    news.tell(made, _deciders(made), is_decided=False, now=now)
    return made


def _kind(kind: str) -> dict[str, str]:
    return records_log.bilingual(Application.Kind(kind).label)


# --- decided ---------------------------------------------------------------------------------------


def may_decide(actor: Actor, row: Application) -> bool:
    """Whether the actor is another person than the applicant, and one who may decide such things."""
    try:
        _require_decider(actor, row)
    except Denied:
        return False
    return not row.decision


def _deciders(row: Application) -> list[User]:
    """Everybody who may decide it."""
    roles = RULES[DECIDE[Application.Kind(row.kind)]].keys() - {Role.SYSTEM}
    people = User.objects.filter(is_active=True, grants__role__in=roles).distinct().order_by("pk")
    return [
        person for person in people.prefetch_related("grants", "memberships") if may_decide(person.actor, row)
    ]


def _require_decider(actor: Actor, row: Application) -> None:
    permission = DECIDE[Application.Kind(row.kind)]
    require(actor, permission)
    if row.asset:
        register.covers(actor, row.asset.customer_id, permission)
    if actor.user_id == row.asked_by_id:
        raise Denied(actor, permission)


def decide(application: Application, *, approve: bool, note: str, actor: Actor, now: datetime) -> Application:
    """Approve and carry out, or refuse with the reason. Raises Settled where it was decided already."""
    with transaction.atomic():
        row = _held(application)
        _require_decider(actor, row)
        if not approve and not note.strip():
            raise refuse("note", _("Say why it is refused."), "required")
        if approve:
            _carry_out(row, note, actor=actor, now=now)
        else:
            words.write(row.about, "refused", actor=actor, at=now, note=note.strip(), kind=_kind(row.kind))
        settled = _settle(row, DECISION.APPROVED if approve else DECISION.REFUSED, note, actor, now)
        news.tell(settled, [settled.asked_by], is_decided=True, now=now)
    return settled


def withdraw(application: Application, *, actor: Actor, now: datetime) -> Application:
    """Whoever asked takes it back before it is decided."""
    with transaction.atomic():
        row = _held(application)
        if actor.user_id != row.asked_by_id:
            raise Denied(actor, ASK[Application.Kind(row.kind)])
        words.write(row.about, "withdrawn", actor=actor, at=now, kind=_kind(row.kind))
        return _settle(row, DECISION.WITHDRAWN, "", actor, now)


def _held(application: Application) -> Application:
    """Under the locks of the thing and then the application: the order in which it is asked, too."""
    register.held(application.about, None)
    rows = Application.objects.select_for_update(of=("self",)).select_related("asset", "site")
    row: Application = rows.get(pk=application.pk)
    if row.decision:
        raise Settled(row)
    return row


def _carry_out(row: Application, note: str, *, actor: Actor, now: datetime) -> None:
    if row.asset:
        facts = {
            "disposed_on": row.on, "disposal_way": row.way, "data_wiped": row.data_wiped,
            "data_note": row.data_note, "user": None,
            "disposal_approved_by": User.objects.get(pk=actor.user_id),
        }  # fmt: skip
        way = records_log.bilingual(DisposalWay(row.way).label)
        gone = register.move(
            row.asset, "dispose", lambda asset: (facts, {"way": way}), actor=actor, now=now, note=note,
            expected_version=None, permission="approve_disposal",
        )  # fmt: skip
        upkeep.give_up(gone, now=now)
    elif row.site:
        sites.carry_out(row.site, row.kind, on=row.on, note=note, actor=actor, now=now)


def _settle(row: Application, decision: str, note: str, actor: Actor, now: datetime) -> Application:
    row.decision, row.decision_note = decision, note.strip()
    row.decided_by_id, row.decided_at = actor.user_id, now
    row.save(update_fields=["decision", "decision_note", "decided_by", "decided_at"])
    return row
