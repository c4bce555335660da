"""After the implementation: the result verified, the change reviewed, and closed for good."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import access
from accounts.access import Actor
from accounts.models import User
from actions.models import Action
from actions.services import open_action
from changes import lifecycle
from changes.models import Change, PostReview
from changes.reading import caused_incidents
from knowledge import services as knowledge
from knowledge.models import Audience, Genre
from knowledge.writing import Content
from records import log as records_log
from records import search
from records.kinds import Kind
from records.lifecycle import IllegalMove
from records.models import Record
from records.services import begin, move, refuse, save

Question = PostReview.Question
KNOWLEDGE_CHECKED_AFTER = timedelta(days=180)
_REACHED = {True: gettext_lazy("expected effect reached"), False: gettext_lazy("expected effect not reached")}


@dataclass(frozen=True)
class FollowUp:
    """What becomes of the lessons: an action for somebody until a day, or a draft of the knowledge base."""

    kind: str  # "action" or "article"
    responsible: User | None = None
    due_on: date | None = None


def may_verify(actor: Actor, change: Change) -> bool:
    """Whoever asked for it, and leaders; never who carried it out."""
    if actor.user_id == change.assignee_id or not access.may(actor, "verify_change", change):
        return False
    return actor.user_id == change.requester_id or access.may(actor, "accept_change", change)


def verify(
    change: Change,
    *,
    is_reached: bool,
    words: str,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Change:
    """Hold the result against the expected effect (CHG-08). A standard change is then ready to be closed."""
    if not words.strip():
        raise refuse("verification", _("Say what you looked at, and what it showed."), "required")
    with transaction.atomic():
        current = begin(change, "verify_change", actor=actor, now=now, expected_version=expected_version)
        if current.state != lifecycle.VERIFYING:
            raise IllegalMove("verify_change", current.state, _legal(current))
        if not may_verify(actor, current):
            raise access.Denied(actor, "verify_change")
        if is_reached and current.outcome != Change.Outcome.SUCCESS:
            raise refuse("is_reached", _("A change that failed has not reached its effect."))
        facts = {
            "is_effect_reached": is_reached, "verification": words.strip(), "verified_at": now,
            "verified_by": User.objects.get(pk=actor.user_id),
        }  # fmt: skip
        reached = records_log.bilingual(_REACHED[is_reached])
        if current.category != lifecycle.STANDARD:
            return move(
                current, "verify_change", actor=actor, now=now, note=words.strip(), changes=facts,
                reached=reached,
            )  # fmt: skip
        for column, value in facts.items():
            setattr(current, column, value)
        save(current, list(facts), now=now)
        records_log.write(
            current, "change.verified", actor=actor, at=now, text=words.strip(), reached=reached
        )
        search.index(current, internal=[words])
    return current


def review(
    change: Change,
    *,
    answers: Mapping[str, tuple[bool, str]],
    lessons: str,
    actor: Actor,
    now: datetime,
    by_board: Record | None = None,
    follow_up: FollowUp | None = None,
    expected_version: int | None = None,
) -> PostReview:
    """The review after the implementation: the questions answered, incidents counted, lessons drawn.

    May be written again until the change is closed. ``by_board`` is the meeting that looked at it, which an
    emergency change needs (CHG-15).
    """
    _check_review(answers, lessons, by_board)
    with transaction.atomic():
        current = begin(change, "review_change", actor=actor, now=now, expected_version=expected_version)
        if current.state not in (lifecycle.VERIFYING, lifecycle.REVIEWING):
            raise IllegalMove("review_change", current.state, _legal(current))
        count = caused_incidents(current).count()
        made, _new = PostReview.objects.update_or_create(
            change=current,
            defaults={
                "answers": {q: {"yes": yes, "words": said.strip()} for q, (yes, said) in answers.items()},
                "incidents_caused": count, "lessons": lessons.strip(), "by_board": by_board,
                "reviewed_by_id": actor.user_id, "reviewed_at": now,
            },
        )  # fmt: skip
        if follow_up and made.follow_up_id is None:
            made.follow_up = _follow(current, lessons.strip(), follow_up, actor=actor, now=now)
            made.save(update_fields=["follow_up"])
        save(current, [], now=now)
        records_log.write(
            current, "change.reviewed", actor=actor, at=now, text=lessons.strip(), incidents=count,
            meeting=by_board.number if by_board else "",
        )  # fmt: skip
        search.index(current, internal=[lessons, *(said for _yes, said in answers.values())])
    return made


def _check_review(answers: Mapping[str, tuple[bool, str]], lessons: str, by_board: Record | None) -> None:
    errors = {
        question: ValidationError(_("Answer this question."), code="required")
        for question in Question.values
        if question not in answers
    }
    for question, (yes, said) in answers.items():
        if question not in Question.values:
            errors[question] = ValidationError(_("Choose one of the values."), code="invalid_choice")
        elif not yes and not said.strip():
            errors[question] = ValidationError(_("Say what happened instead."), code="required")
    if not lessons.strip():
        errors["lessons"] = ValidationError(_("Say what is learned from it."), code="required")
    if by_board is not None and by_board.kind != Kind.BOARD:
        errors["by_board"] = ValidationError(_("Name the meeting of the board that looked at it."))
    if errors:
        raise ValidationError(errors)


def _follow(change: Change, lessons: str, wanted: FollowUp, *, actor: Actor, now: datetime) -> Record:
    """Open what the lessons lead to, once."""
    title = _("Lessons of %(number)s: %(title)s") % {"number": change.number, "title": change.title}
    if wanted.kind == "article":
        content = Content(
            genre=Genre.CASE, audience=Audience.INTERNAL, texts={"title": title[:200], "lesson": lessons},
            review_on=timezone.localdate(now) + KNOWLEDGE_CHECKED_AFTER,
        )  # fmt: skip
        return knowledge.begin_article(content, actor=actor, now=now, source=change)
    if wanted.responsible is None or wanted.due_on is None:
        raise refuse("responsible", _("Say who does it until when."), "required")
    return open_action(
        source=Action.Source.OTHER, title=title, description=lessons, responsible=wanted.responsible,
        due_on=wanted.due_on, actor=actor, now=now, cause=change, key=f"change-review:{change.number}",
    )  # fmt: skip


def obstacles(change: Change) -> dict[str, str]:
    """What is missing before it may be closed, by field (CHG-07, CHG-08, CHG-15)."""
    found: dict[str, str] = {}
    if not change.outcome:
        found["outcome"] = _("The outcome is missing.")
    if change.verified_at is None:
        found["verification"] = _("The result has not been held against the expected effect.")
    done = PostReview.objects.filter(change=change.pk).first()
    is_short = change.category == lifecycle.STANDARD and change.outcome == Change.Outcome.SUCCESS
    if done is None and not is_short:
        found["review"] = _("The review is missing.")
    elif change.category == lifecycle.EMERGENCY and (done is None or done.by_board_id is None):
        found["by_board"] = _("The board has not looked at this emergency change yet.")
    return found


def close(change: Change, *, actor: Actor, now: datetime, expected_version: int | None = None) -> Change:
    """Close it: from then on it is an archive that the database keeps (CHG-09)."""
    with transaction.atomic():
        current = begin(change, "close_change", actor=actor, now=now, expected_version=expected_version)
        lifecycle.WAYS[current.category].next_state(current.state, "close_change")
        if found := obstacles(current):
            raise ValidationError({f: ValidationError(words, code="missing") for f, words in found.items()})
        search.index(
            current,
            internal=[current.plan, current.backout_plan, current.outcome_words, current.verification],
        )
        return move(current, "close_change", actor=actor, now=now)


def _legal(change: Change) -> tuple[str, ...]:
    return lifecycle.WAYS[change.category].legal_moves(change.state)
