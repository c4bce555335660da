"""The papers of an agreement: the contract it is part of, and what was reviewed before it was signed.

Kept for good with who recorded them; a mistake is put right by the next paper.
"""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Actor
from agreements.models import Edition, Paper, Signature
from records import files
from records import log as records_log
from records.files import Upload
from records.services import begin, refuse, store_files
from sla.models import Agreement


def add(
    edition: Edition,
    *,
    kind: str,
    title: str,
    actor: Actor,
    now: datetime,
    number: str = "",
    approved_by: str = "",
    approved_on: date | None = None,
    note: str = "",
    attachments: Sequence[Upload] = (),
) -> Paper:
    """Record a paper with an edition, with its file if there is one.

    A contract needs its number, a review who approved it and when (SLM-25, 28, 51).
    """
    if kind not in Paper.Kind.values:
        raise refuse("kind", _("Say what kind of paper it is."), "required")
    if not title.strip():
        raise refuse("title", _("Give it a title."), "required")
    if kind == Paper.Kind.CONTRACT and not number.strip():
        raise refuse("number", _("Give the number of the contract."), "required")
    if bool(approved_by.strip()) != bool(approved_on):
        raise refuse("approved_by", _("Say who approved it, and on which day."), "required")
    if kind in (Paper.Kind.CONTRACT_REVIEW, Paper.Kind.AVAILABILITY_REVIEW) and not approved_on:
        raise refuse("approved_by", _("Say who approved it, and on which day."), "required")
    if approved_on and approved_on > timezone.localdate(now):
        raise refuse("approved_on", _("The approval cannot lie in the future."))
    files.check(list(attachments))
    with transaction.atomic():
        current = begin(edition, "keep_file", actor=actor, now=now, expected_version=None)
        label = records_log.bilingual(Paper.Kind(kind).label)
        activity = records_log.write(
            current, "agreement.add_paper", actor=actor, at=now, text=note, paper=label, title=title.strip()
        )
        store_files(current, activity, attachments, public=False, actor=actor, now=now)
        return Paper.objects.create(
            edition=current, kind=kind, number=number.strip(), title=title.strip(),
            approved_by=approved_by.strip(), approved_on=approved_on, note=note.strip(),
            attachment=activity.attachments.order_by("pk").first(), recorded_by_id=actor.user_id,
            recorded_at=now,
        )  # fmt: skip


def of(agreement: Agreement) -> "QuerySet[Paper]":
    """The papers of all its editions, the newest first."""
    rows = Paper.objects.filter(edition__agreement=agreement).order_by("-pk")
    return rows.select_related("edition", "recorded_by", "attachment")


def contract_of(agreement: Agreement) -> Paper | None:
    """The contract it is part of: the one recorded last; None: it stands alone (SLM-28)."""
    return of(agreement).filter(kind=Paper.Kind.CONTRACT).first()


def check_signature(edition: Edition, party: str) -> None:
    """We sign a supplier's contract in the company's name only after its contract review (SLM-25)."""
    if edition.agreement.kind != Agreement.Kind.UC or party != Signature.Party.PROVIDER:
        return
    if not edition.papers.filter(kind=Paper.Kind.CONTRACT_REVIEW).exists():
        raise refuse("party", _("Record the contract review first: it is signed in the company's name."))
