"""The verbs of a review meeting: planned, prepared, held, its minutes sent, closed.

Mistakes come back as ValidationError keyed by field, refusals as access.Denied, IllegalMove or Stale.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import access
from accounts.access import Actor
from accounts.models import Organisation, User
from actions.services import check_responsible
from records import log as records_log
from records.kinds import Kind
from records.lifecycle import IllegalMove
from records.models import Link, Priority, Record, Watch
from records.services import begin, link, move, open_record, refuse, save
from reviews import inputs, lifecycle
from reviews.models import AgendaItem, Participant, Review
from sla.models import Agreement
from suppliers.models import Supplier


def plan(
    *,
    meeting: str,
    meets_at: datetime,
    period_from: date,
    period_until: date,
    chair: User | None,
    actor: Actor,
    now: datetime,
    agreement: Agreement | None = None,
    supplier: Supplier | None = None,
    place: str = "",
    cause: Record | None = None,
) -> Review:
    """Plan a review with the usual agenda; the customer's contacts and the chair take part from the start.

    ``cause`` is for example the major incident after which an extra review is held.
    """
    access.require(actor, "lead_reviews")
    _check(meeting, agreement, supplier, period_from, period_until)
    if chair:
        check_responsible(chair, "chair")
    provider = Organisation.objects.filter(kind=Organisation.Kind.PROVIDER).order_by("pk")[0]
    of = agreement or supplier
    assert of is not None, "checked above"  # noqa: S101 - for the type checker
    with transaction.atomic():
        made: Review = open_record(
            Review, Kind.REVIEW, actor=actor, now=now, title=_title(of),
            customer=(agreement and agreement.customer) or provider,
            requester=User.objects.get(pk=actor.user_id), priority=Priority.MODERATE, assignee=chair,
            meeting=meeting, agreement=agreement, supplier=supplier, meets_at=meets_at, place=place.strip(),
            period_from=period_from, period_until=period_until, words=[of.name_zh, of.code],
        )  # fmt: skip
        AgendaItem.objects.bulk_create(
            AgendaItem(review=made, position=position, topic=topic)
            for position, topic in enumerate(AgendaItem.Topic.values, 1)
        )
        for person in _first_participants(made, chair):
            _join(made, person, person.name, _side_of(person), "")
        if cause:
            link(made, cause, kind=Link.Type.CAUSED_BY, actor=actor, now=now)
    return made


def _title(of: Agreement | Supplier) -> str:
    """The name in both languages, for lists and mails that show titles as they are."""
    return " · ".join(dict.fromkeys(name for name in (of.name_en, of.name_zh) if name))[:200]


def _check(
    meeting: str, agreement: Agreement | None, supplier: Supplier | None, first: date, last: date
) -> None:
    if meeting not in Review.Meeting.values:
        raise refuse("meeting", _("Say what kind of meeting it is."), "required")
    if meeting == Review.Meeting.SUPPLIER and supplier is None:
        raise refuse("supplier", _("Choose the supplier to be reviewed."), "required")
    if meeting != Review.Meeting.SUPPLIER and agreement is None:
        raise refuse("agreement", _("Choose the agreement to be reviewed."), "required")
    if agreement and supplier:
        raise refuse("supplier", _("A review is of an agreement or of a supplier, not of both."))
    if last < first:
        raise refuse("period_until", _("The end must lie after the beginning."))


def _first_participants(review: Review, chair: User | None) -> list[User]:
    """The chair, and the customer's contacts (its project manager)."""
    contacts = User.objects.filter(
        organisation=review.customer_id, is_active=True, grants__role=access.Role.CUSTOMER_MANAGER
    )
    return [*([chair] if chair else []), *contacts.distinct().order_by("pk")]


def _side_of(person: User) -> str:
    return Participant.Side.PROVIDER if person.actor.is_desk_side else Participant.Side.CUSTOMER


def _join(review: Review, person: User | None, name: str, side: str, role: str) -> Participant:
    """One participant; who has an account follows the review from now on."""
    made, _created = Participant.objects.get_or_create(
        review=review, name=name[:150], defaults={"user": person, "side": side, "role": role}
    )
    if person:
        Watch.objects.get_or_create(record_id=review.pk, user=person)
    return made


def _begin(review: Review, act: str, states: frozenset[str], actor: Actor, now: datetime) -> Review:
    return _begin_at(review, act, states, actor, now, None)


def _begin_at(
    review: Review, act: str, states: frozenset[str], actor: Actor, now: datetime, version: int | None
) -> Review:
    """As every act that is no move begins: lock, permission, version, state."""
    current = begin(review, act, actor=actor, now=now, expected_version=version)
    if current.state not in states:
        raise IllegalMove(act, current.state, lifecycle.LIFECYCLE.legal_moves(current.state))
    return current


def prepare(
    review: Review,
    *,
    meets_at: datetime,
    place: str,
    chair: User | None,
    period_from: date,
    period_until: date,
    actor: Actor,
    now: datetime,
) -> Review:
    """Change when, where and under whom it meets, and which period it is about."""
    if period_until < period_from:
        raise refuse("period_until", _("The end must lie after the beginning."))
    if chair:
        check_responsible(chair, "chair")
    with transaction.atomic():
        current = _begin(review, "prepare", lifecycle.UNSENT, actor, now)
        wanted: dict[str, Any] = {
            "meets_at": meets_at, "place": place.strip(), "assignee": chair, "period_from": period_from,
            "period_until": period_until,
        }  # fmt: skip
        changed = [name for name, value in wanted.items() if getattr(current, name) != value]
        for name in changed:
            setattr(current, name, wanted[name])
        if changed:
            if chair:
                _join(current, chair, chair.name, Participant.Side.PROVIDER, "")
            save(current, changed, now=now)
            records_log.write(current, "review.prepare", actor=actor, at=now, parts=_names(changed))
    return current


def _names(fields: Sequence[str]) -> dict[str, str]:
    """What was changed, as the log keeps it."""
    pairs = [records_log.bilingual(getattr(Review._meta.get_field(n), "verbose_name", n)) for n in fields]
    return {"en": ", ".join(p["en"] for p in pairs), "zh": "、".join(p["zh"] for p in pairs)}


def add_participant(
    review: Review, *, person: User | None, name: str, side: str, role: str, actor: Actor, now: datetime
) -> Review:
    """Somebody else takes part: a person with an account, or a name."""
    if person is None and not name.strip():
        raise refuse("name", _("Choose a person or write a name."), "required")
    if person and not _may_take_part(review, person):
        raise refuse("person", _("Choose an active person of the provider or of the customer."))
    with transaction.atomic():
        current = _begin(review, "prepare", lifecycle.UNSENT, actor, now)
        side = _side_of(person) if person else side
        _join(current, person, person.name if person else name.strip(), side, role.strip())
        save(current, [], now=now)
        parts = records_log.bilingual(Participant._meta.verbose_name_plural)
        records_log.write(current, "review.prepare", actor=actor, at=now, parts=parts)
    return current


def _may_take_part(review: Review, person: User) -> bool:
    is_theirs = person.organisation_id == review.customer_id
    return person.is_active and (person.actor.is_staff_side or is_theirs)


def remove_participant(review: Review, participant: Participant, *, actor: Actor, now: datetime) -> Review:
    """Somebody does not take part after all, and follows the review no longer."""
    with transaction.atomic():
        current = _begin(review, "prepare", lifecycle.UNSENT, actor, now)
        if participant.user_id:
            Watch.objects.filter(record_id=current.pk, user=participant.user_id).delete()
        Participant.objects.filter(pk=participant.pk, review=current).delete()
        save(current, [], now=now)
        parts = records_log.bilingual(Participant._meta.verbose_name_plural)
        records_log.write(current, "review.prepare", actor=actor, at=now, parts=parts)
    return current


def write_notes(
    review: Review,
    notes: Mapping[int, tuple[str, str]],
    *,
    actor: Actor,
    now: datetime,
    expected_version: int,
    own: tuple[str, str] = ("", ""),
) -> Review:
    """Write what was said on each point, by its id (English, Chinese), until the minutes are sent.

    ``own`` is the title of a further point in both languages. Raises Stale if somebody wrote meanwhile.
    """
    with transaction.atomic():
        current = _begin_at(review, "prepare", lifecycle.UNSENT, actor, now, expected_version)
        changed = False
        for item in current.agenda.all():
            wanted = notes.get(item.pk, (item.notes_en, item.notes_zh))
            if (item.notes_en, item.notes_zh) != wanted:
                item.notes_en, item.notes_zh = wanted
                item.save(update_fields=["notes_en", "notes_zh"])
                changed = True
        if any(own):
            last = current.agenda.order_by("-position").values_list("position", flat=True).first() or 0
            AgendaItem.objects.create(
                review=current, position=last + 1, title_en=own[0][:200], title_zh=own[1][:200]
            )
            changed = True
        if changed:
            save(current, [], now=now)
            parts = records_log.bilingual(AgendaItem._meta.verbose_name_plural)
            records_log.write(current, "review.prepare", actor=actor, at=now, parts=parts)
    return current


def invite(review: Review, *, actor: Actor, now: datetime, note: str = "") -> Review:
    """Tell all participants when and where it meets."""
    with transaction.atomic():
        current = _begin(review, "prepare", frozenset({lifecycle.PLANNED}), actor, now)
        if not current.participants.exists():
            raise refuse("note", _("Nobody takes part yet; add the participants first."))
        day = timezone.localtime(current.meets_at).strftime("%Y-%m-%d %H:%M")
        records_log.write(
            current, "review.invite", actor=actor, at=now, text=note.strip() or current.place, day=day
        )
    return current


def record_meeting(review: Review, *, held_at: datetime, actor: Actor, now: datetime) -> Review:
    """The meeting took place; the minutes can be finished and sent."""
    if held_at > now:
        raise refuse("held_at", _("This lies in the future; record the meeting once it was held."))
    day = timezone.localtime(held_at).date().isoformat()
    return move(review, "record_meeting", actor=actor, now=now, changes={"held_at": held_at}, day=day)


def send_minutes(review: Review, *, actor: Actor, now: datetime) -> Review:
    """Freeze the figures and send the minutes to every participant with an account, each once (SLM-41)."""
    with transaction.atomic():
        current = _begin(review, "send_minutes", frozenset({lifecycle.HELD}), actor, now)
        if not current.participants.exists():
            raise refuse("minutes", _("Nobody took part; add the participants first."))
        if not any(item.notes_en.strip() or item.notes_zh.strip() for item in current.agenda.all()):
            raise refuse("minutes", _("The minutes are empty; write what was said on the points first."))
        if current.supplier_id and current.score is None:
            raise refuse("minutes", _("Give the supplier a score and a conclusion first."))
        return move(
            current, "send_minutes", actor=actor, now=now, changes={"inputs": inputs.collect(current)}
        )


def rate(review: Review, *, score: int, comment: str, person: str, actor: Actor, now: datetime) -> Review:
    """How satisfied the customer is with the service under the agreement, 1 to 5 (SLM-53).

    A participant of the customer says so for himself; leaders record what somebody said.
    """
    if not 1 <= score <= 5:
        raise refuse("score", _("Give a score from 1 to 5."))
    with transaction.atomic():
        current = _begin(review, "rate", lifecycle.TOOK_PLACE, actor, now)
        if not actor.is_desk_side:
            if not current.participants.filter(user=actor.user_id).exists():
                raise access.Denied(actor, "rate")
            person = actor.name
        if not person.strip():
            raise refuse("person", _("Say whose opinion it is."), "required")
        current.satisfaction, current.satisfaction_comment = score, comment.strip()
        current.satisfaction_by = person.strip()[:150]
        save(current, ["satisfaction", "satisfaction_comment", "satisfaction_by"], now=now)
        records_log.write(
            current, "review.rate", actor=actor, at=now, text=comment.strip(), score=score,
            person=current.satisfaction_by,
        )  # fmt: skip
    return current


def grade(review: Review, *, score: int, conclusion: str, actor: Actor, now: datetime) -> Review:
    """The supplier's score of 100 and the conclusion of its quarter."""
    if review.supplier_id is None:
        raise refuse("score", _("Only suppliers are given a score."))
    if not 0 <= score <= 100:
        raise refuse("score", _("Give a score from 0 to 100."))
    if not conclusion.strip():
        raise refuse("conclusion", _("Say what follows from the score."), "required")
    with transaction.atomic():
        current = _begin(review, "grade", lifecycle.UNSENT, actor, now)
        current.score, current.conclusion = score, conclusion.strip()
        save(current, ["score", "conclusion"], now=now)
        records_log.write(current, "review.grade", actor=actor, at=now, text=current.conclusion, score=score)
    return current


def close(review: Review, *, actor: Actor, now: datetime) -> Review:
    """Nothing more is to be said about it; its actions live on."""
    return move(review, "conclude", actor=actor, now=now)


def cancel(review: Review, *, reason: str, actor: Actor, now: datetime) -> Review:
    """It will not take place, with the reason."""
    if not reason.strip():
        raise refuse("reason", _("Say why the review is cancelled."), "required")
    return move(review, "call_off", actor=actor, now=now, note=reason.strip())
