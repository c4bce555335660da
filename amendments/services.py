"""An amendment of an SLA is a change: asked for with its words, approved before it binds, carried out by it.

Called by the verbs of agreements within their transaction, under the lock of the edition's row. What stands
in the way is a ValidationError on ``change``, or on what the change itself lacks.
"""

import hashlib
import json
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.services import system_after
from agreements import amending, terms_words
from agreements.models import Edition
from amendments.models import Amendment
from catalog.models import Service
from changes import carrying, lifecycle, writing
from changes import services as changes
from changes.models import Change, State
from records.models import Link
from records.services import link, refuse
from sla.terms import Terms

# What is written into the change is read by people of either language.
PLAN = (
    "Put edition {number} of {agreement} in force from {day}; announce it; amend the OLAs and UCs behind it. "
    "What differs: {what}. Words: {mark}\n"
    "自 {day} 起使 {agreement_zh} 的第 {number} 版生效；对外公告；同步修订其背后的 OLA 与支持合同。"
    "变更内容：{what_zh}。文本标识：{mark}"
)
BACK_OUT = "Put the former words in force again as a further edition. · 以新版本恢复原有条款。"
EFFECT = "The customer is promised what the edition says, and nothing else. · 对客户的承诺以新版本条款为准。"


def mark_of(edition: Edition) -> str:
    """SHA-256 over the words of an edition."""
    words = json.dumps(edition.terms, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(words.encode()).hexdigest()


def current(edition: Edition) -> Amendment | None:
    """The amendment that counts: the newest whose change was not given up."""
    rows = Amendment.objects.filter(edition=edition).exclude(change__state__in=lifecycle.WITHDRAWN)
    return rows.select_related("change").order_by("-pk").first()


def submitted(edition: Edition, *, actor: Actor, now: datetime) -> None:
    """Ask for the change, or, where its words were altered since, ask anew with the new ones."""
    amendment, mark = current(edition), mark_of(edition)
    if amendment is None:
        _open(edition, mark, actor=actor, now=now)
    elif amendment.terms_sha256 != mark:
        writing.write(amendment.change, {"plan": _plan(edition, mark)}, actor=actor, now=now)
        amendment.terms_sha256 = mark
        amendment.save(update_fields=["terms_sha256"])


def _open(edition: Edition, mark: str, *, actor: Actor, now: datetime) -> None:
    agreement = edition.agreement
    change = changes.open_change(
        title=f"{edition.number} {edition.title}", category=Change.Category.NORMAL,
        nature=Change.Nature.AGREEMENT, description=edition.change_reason, reason=edition.change_reason,
        expected_effect=EFFECT, customer=agreement.customer, agreement=agreement,
        services=_services(edition), wanted_on=timezone.localdate(edition.effective_from),
        actor=actor, now=now,
    )  # fmt: skip
    plan = {"plan": _plan(edition, mark), "backout_plan": BACK_OUT}
    change = writing.write(change, plan, actor=actor, now=now)
    link(edition, change, kind=Link.Type.SOLVED_BY, actor=actor, now=now)
    Amendment.objects.create(edition=edition, change=change, terms_sha256=mark, opened_at=now)


def _services(edition: Edition) -> list[Service]:
    """The services the edition, or the one before, promises something for; naming none, it is for all."""
    before = amending.last_signed(edition)
    codes: set[str] = set()
    for terms in (edition.terms, before.terms if before else {}):
        if terms:
            found = Terms.parse(terms)
            codes |= {*found.services, *(term.service for term in found.promises if term.service)}
    rows = Service.objects.filter(code__in=codes) if codes else Service.objects.filter(is_published=True)
    return list(rows.order_by("pk"))


def _plan(edition: Edition, mark: str) -> str:
    before = amending.last_signed(edition)
    former = before.terms if before else {}
    parts = [name for name in {**former, **edition.terms} if former.get(name) != edition.terms.get(name)]
    what = terms_words.changed(parts, former, edition.terms)
    agreement = edition.agreement
    return PLAN.format(
        number=edition.edition_number, agreement=agreement.name_en,
        agreement_zh=agreement.name_zh or agreement.name_en, mark=mark[:12], what=what["en"],
        what_zh=what["zh"], day=timezone.localdate(edition.effective_from).isoformat(),
    )  # fmt: skip


def before_force(edition: Edition, *, actor: Actor, now: datetime) -> None:
    """It binds only by its approved change, with the words that were approved; the change then begins."""
    amendment = current(edition)
    if amendment is None:
        words = _("An amendment needs an approved change; send the edition back and submit it again.")
        raise refuse("change", words)
    change = amendment.change
    if change.state not in lifecycle.STANDS:
        words = _("The change %(number)s behind this amendment is not approved: it is in state “%(state)s”.")
        raise refuse("change", words % {"number": change.number, "state": change_state(change)})
    if amendment.terms_sha256 != mark_of(edition):
        words = _("The words differ from those %(number)s was approved with; submit the edition again.")
        raise refuse("change", words % {"number": change.number})
    if change.state == lifecycle.APPROVED:
        carrying.start(change, actor=actor, now=now)


def change_state(change: Change) -> str:
    """The change's state in the reader's language."""
    return str(State(change.state).label)


def in_force(edition: Edition, *, actor: Actor, now: datetime) -> None:
    """It was put in force: the change was carried out, and waits to be verified."""
    amendment = current(edition)
    if amendment is None or amendment.change.state != lifecycle.IMPLEMENTING:
        return
    change = amendment.change
    said = f"{edition.number}: put in force · 已生效"
    carrying.log_step(change, what=said, started_at=now, ended_at=now, actor=actor, now=now)
    carrying.complete(change, outcome=Change.Outcome.SUCCESS, words=said, actor=actor, now=now)


def given_up(edition: Edition, *, actor: Actor, now: datetime) -> None:
    """The edition was withdrawn: its change is called off, if it still can be."""
    amendment = current(edition)
    if amendment and amendment.change.state in lifecycle.WRITABLE:
        why = f"{edition.number}: withdrawn · 已撤回"
        changes.cancel(amendment.change, reason=why, actor=system_after(actor), now=now)
