"""What the customer does with an edition it was offered: remarks, its word, its signature (SLM-18, 47, 49).

Each act names the offer its reader had before him, so that nobody decides on a text he did not see. Remarks
and answers are activities: once sent nobody can change them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import Actor
from agreements import lifecycle, services
from agreements.models import Edition, Signature
from agreements.sections import NAMES
from itsm.templatetags.ui import day_words
from records import log as records_log
from records.files import Upload
from records.models import Activity
from records.services import MAX_TEXT, begin, refuse, save
from records.verbs import readable

OFFER, REMARK, ANSWER = "agreement.offer", "agreement.remark", "agreement.answer_remark"
AGREE, ASK_CHANGES, SIGN = "agreement.agree", "agreement.ask_changes", "agreement.sign"
WHOLE = gettext_lazy("the whole agreement")
UNSIGNED = frozenset({lifecycle.PARTY_REVIEW, lifecycle.TO_SIGN})


class Outcome(models.TextChoices):
    """What came of a remark (SLM-47)."""

    ADJUSTED = "adjusted", gettext_lazy("adjusted")
    KEPT = "kept", gettext_lazy("not adjusted")
    EXPLAINED = "explained", gettext_lazy("explained")


class Overtaken(Exception):
    """What the reader decided on is no longer what is to be decided. Says to a person what happened."""


@dataclass(frozen=True)
class Remark:
    """A remark of the customer with what came of it; ``outcome`` is empty until it is answered."""

    id: int
    where: str
    person: str
    at: datetime
    text: str
    outcome: str = ""
    answer: str = ""
    answered_by: str = ""
    answered_at: datetime | None = None


def remarks_of(edition: Edition) -> list[Remark]:
    """The remarks on an edition in the order they were sent, in the reader's language."""
    rows = Activity.objects.filter(record=edition.pk, verb__in=(REMARK, ANSWER)).select_related("actor")
    found: dict[int, Remark] = {}
    for row in rows.order_by("pk"):
        if row.verb == REMARK:
            where = str(readable(row.data["where"]))
            found[row.pk] = Remark(row.pk, where, row.actor.name, row.at, row.text)
        elif known := found.get(row.data["remark"]):
            found[known.id] = replace(
                known, outcome=str(Outcome(row.data["outcome"]["code"]).label), answer=row.text,
                answered_by=row.actor.name, answered_at=row.at,
            )  # fmt: skip
    return list(found.values())


def offer_of(edition: Edition) -> int:
    """What there is to decide on: changes when it is offered anew, and when somebody agreed; 0 before."""
    last = _last(edition, OFFER, AGREE)
    return last.pk if last else 0


def _last(edition: Edition, *verbs: str) -> Activity | None:
    rows = Activity.objects.filter(record=edition.pk, verb__in=verbs).select_related("actor")
    return rows.order_by("-pk").first()


def what_happened(edition: Edition) -> str:
    """Why an edition that was offered can no longer be decided on, for a person who wanted to."""
    if edition.state in (lifecycle.DRAFT, lifecycle.INTERNAL_REVIEW):
        last = _last(edition, OFFER, ASK_CHANGES)
        if last and last.verb == ASK_CHANGES:
            words = _("%(person)s asked for changes on %(day)s; the agreement is being revised.")
            return words % _who_and_when(last)
        return _("The agreement was taken back to be revised; you are told when it is offered again.")
    agreed = _last(edition, AGREE)
    if edition.state == lifecycle.TO_SIGN and agreed:
        return _("%(person)s recorded your agreement on %(day)s.") % _who_and_when(agreed)
    if edition.state == lifecycle.IN_FORCE:
        return _("The agreement is signed and in force.")
    return _("The agreement is no longer open for a decision.")


def _who_and_when(activity: Activity) -> dict[str, str]:
    return {"person": activity.actor.name, "day": day_words(timezone.localdate(activity.at))}


def _begin(
    edition: Edition, act: str, states: frozenset[str], offer: int, actor: Actor, now: datetime
) -> Edition:
    """Lock, permission, and that the reader saw what is on offer now."""
    current = begin(edition, act, actor=actor, now=now, expected_version=None)
    if current.state not in states:
        raise Overtaken(what_happened(current))
    if offer != offer_of(current):
        if current.state == lifecycle.TO_SIGN:
            raise Overtaken(what_happened(current))
        raise Overtaken(_("The agreement was offered anew since you opened it. Read it again, then decide."))
    return current


def _checked(field: str, text: str, message: str) -> str:
    """What a person wrote, without what cannot be kept."""
    if not text.strip():
        raise refuse(field, message, "required")
    if "\0" in text:
        raise refuse(field, _("Null characters are not allowed."))
    if len(text) > MAX_TEXT:
        words = _("The text is too long: at most %(n)s characters.")
        raise refuse(field, words % {"n": MAX_TEXT}, "too_long")
    return text.strip()


def remark(edition: Edition, *, section: str, text: str, offer: int, actor: Actor, now: datetime) -> Activity:
    """Say something about a section ("" for the whole) while it is under the customer's review."""
    if section and section not in NAMES:
        raise refuse("section", _("Choose a section of the agreement."))
    words = _checked("text", text, _("Write your remark."))
    with transaction.atomic():
        states = frozenset({lifecycle.PARTY_REVIEW})
        current = _begin(edition, "remark", states, offer, actor, now)
        save(current, [], now=now)
        where = records_log.bilingual(NAMES[section] if section else WHOLE)
        return records_log.write(
            current, REMARK, actor=actor, at=now, text=words, section=section, where=where
        )


def answer(
    edition: Edition, *, remark: int, outcome: str, text: str, actor: Actor, now: datetime
) -> Activity:
    """Tell the customer what came of a remark; once per remark, and with words unless it was adjusted."""
    if outcome not in Outcome.values:
        raise refuse("outcome", _("Say what came of the remark."), "required")
    if outcome != Outcome.ADJUSTED:
        text = _checked("text", text, _("Give the customer a reason."))
    with transaction.atomic():
        current = begin(edition, "answer_remark", actor=actor, now=now, expected_version=None)
        asked = Activity.objects.filter(record=current.pk, verb=REMARK, pk=remark).first()
        if asked is None:
            raise refuse("remark", _("There is no such remark."))
        if Activity.objects.filter(record=current.pk, verb=ANSWER, data__remark=remark).exists():
            raise refuse("remark", _("This remark is answered already."), "unique")
        save(current, [], now=now)
        label = {**records_log.bilingual(Outcome(outcome).label), "code": outcome}
        return records_log.write(
            current, ANSWER, actor=actor, at=now, text=text.strip(), remark=remark, outcome=label,
            where=asked.data["where"],
        )  # fmt: skip


def agree(edition: Edition, *, note: str, offer: int, actor: Actor, now: datetime) -> Edition:
    """The customer agrees to what it was offered; ``note`` may be empty."""
    with transaction.atomic():
        current = _begin(edition, "agree", frozenset({lifecycle.PARTY_REVIEW}), offer, actor, now)
        return services.agree(current, note=note.strip(), actor=actor, now=now)


def ask_changes(edition: Edition, *, reason: str, offer: int, actor: Actor, now: datetime) -> Edition:
    """The customer does not agree yet, and says what has to change; not after it has signed."""
    words = _checked("reason", reason, _("Say what has to change."))
    with transaction.atomic():
        current = _begin(edition, "ask_changes", UNSIGNED, offer, actor, now)
        if _signature(current):
            raise Overtaken(_("Your side has signed already."))
        return services.send_back(current, reason=words, actor=actor, now=now)


def _signature(edition: Edition) -> Signature | None:
    return edition.signatures.filter(party=Signature.Party.COUNTERPARTY).first()


def sign(
    edition: Edition,
    *,
    person: str,
    role: str,
    signed_on: date,
    offer: int,
    actor: Actor,
    now: datetime,
    attachments: Sequence[Upload] = (),
) -> Signature:
    """The customer signs. The same signature again is the same signature; of two, the first stands."""
    with transaction.atomic():
        current = begin(edition, "sign", actor=actor, now=now, expected_version=None)
        if known := _signature(current):
            same = (known.person, known.role, known.signed_on) == (person.strip(), role.strip(), signed_on)
            if same and known.recorded_by_id == actor.user_id:
                return known
            words = _("%(person)s has signed for your side already, on %(day)s.")
            raise Overtaken(words % {"person": known.person, "day": day_words(known.signed_on)})
        current = _begin(edition, "sign", frozenset({lifecycle.TO_SIGN}), offer, actor, now)
        if current.legality != Edition.Legality.PASSED:
            raise Overtaken(_("Our legality check is not finished yet; you can sign once it is."))
        name = ", ".join(file.name or "" for file in attachments)[:200]
        return services.sign(
            current, party=Signature.Party.COUNTERPARTY, person=person, role=role, signed_on=signed_on,
            document=name, attachments=attachments, actor=actor, now=now,
        )  # fmt: skip


def waits_for(edition: Edition) -> str:
    """What the customer is asked for now: "review", "signature" or "" for nothing."""
    if edition.state == lifecycle.PARTY_REVIEW:
        return "review"
    is_ready = edition.state == lifecycle.TO_SIGN and edition.legality == Edition.Legality.PASSED
    return "signature" if is_ready and not _signature(edition) else ""
