"""Minutes of a meeting: drawn up from what was voted and decided, corrected by people, sent once."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import Actor
from boards import lifecycle
from boards.models import AgendaItem, BoardMeeting, Participant, Vote
from boards.services import begin_act
from itsm.templatetags.ui import instant_words
from records import log as records_log
from records.services import move, refuse, save

HELD = frozenset({lifecycle.HELD})
MOST = 20_000
LABELS = {"minutes_en": gettext_lazy("minutes (English)"), "minutes_zh": gettext_lazy("minutes (Chinese)")}
LANGUAGES = {"minutes_en": "en", "minutes_zh": "zh-hans"}


def drawn_up(meeting: BoardMeeting) -> dict[str, str]:
    """The minutes in both languages, as the meeting stands."""
    found = {}
    for column, language in LANGUAGES.items():
        with translation.override(language):
            found[column] = _text(meeting)
    return found


def _text(meeting: BoardMeeting) -> str:
    facts = {
        "number": meeting.number, "from": instant_words(meeting.begun_at or meeting.meets_at),
        "until": timezone.localtime(meeting.ended_at or meeting.ends_at).strftime("%H:%M"),
        "zone": str(timezone.get_current_timezone()),
        "place": meeting.place or "–", "chair": meeting.assignee.name if meeting.assignee else "–",
    }  # fmt: skip
    lines = [
        _("Meeting of the change advisory board %(number)s") % facts,
        _("%(from)s to %(until)s (%(zone)s), place: %(place)s, chair: %(chair)s") % facts,
        *_people(meeting),
        "",
    ]
    items = meeting.agenda.select_related("change").prefetch_related("votes__participant")
    for n, item in enumerate(items, 1):
        lines += [*_item(n, item), ""]
    return "\n".join(lines).rstrip()[:MOST]


def _people(meeting: BoardMeeting) -> list[str]:
    rows = list(meeting.participants.all())
    there = ", ".join(_person(row) for row in rows if row.is_present) or "–"
    away = ", ".join(_person(row) for row in rows if not row.is_present) or "–"
    voters = sum(row.has_vote and row.is_present for row in rows)
    return [
        _("Present: %(names)s") % {"names": there},
        _("Absent: %(names)s") % {"names": away},
        _("Quorum: %(quorum)s, there: %(there)s") % {"quorum": meeting.quorum, "there": voters},
    ]


def _person(row: Participant) -> str:
    said = ", ".join(
        part for part in (row.part, _("guest") if row.standing == Participant.Standing.GUEST else "") if part
    )
    return f"{row.name} ({said})" if said else row.name


def _item(n: int, item: AgendaItem) -> list[str]:
    lines = [f"{n}. {item.change.number} {item.change.title} ({item.get_purpose_display()})"]
    lines += [_("Discussion: %(words)s") % {"words": item.notes}] if item.notes else []
    lines += [_vote(vote) for vote in item.votes.all()]
    lines.append(_("Decision: %(decision)s") % {"decision": item.get_decision_display()})
    if item.conditions:
        conditions = "; ".join(line.strip() for line in item.conditions.splitlines() if line.strip())
        lines.append(_("Conditions: %(conditions)s") % {"conditions": conditions})
    lines += [_("Reason: %(words)s") % {"words": item.words}] if item.words else []
    return lines


def _vote(vote: Vote) -> str:
    said = f"{vote.participant.name}: {vote.get_choice_display()}"
    return f"{said} ({vote.words})" if vote.words else said


def write(
    meeting: BoardMeeting,
    *,
    minutes_en: str,
    minutes_zh: str,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> BoardMeeting:
    """Correct the minutes before they are sent. Raises Stale if somebody wrote meanwhile."""
    with transaction.atomic():
        current = begin_act(meeting, "prepare", HELD, actor, now, expected_version)
        wanted = {"minutes_en": minutes_en.strip(), "minutes_zh": minutes_zh.strip()}
        _check(wanted)
        changed = [name for name, text in wanted.items() if getattr(current, name) != text]
        for name in changed:
            setattr(current, name, wanted[name])
        if changed:
            save(current, changed, now=now)
            parts = records_log.bilingual(LABELS[changed[0]])
            records_log.write(current, "board.prepare", actor=actor, at=now, parts=parts)
    return current


def _check(texts: dict[str, str]) -> None:
    for name, text in texts.items():
        if not text:
            raise refuse(name, _("The minutes are read in both languages."), "required")
        if len(text) > MOST:
            raise refuse(name, _("At most %(n)s characters.") % {"n": MOST}, "too_long")


def send(
    meeting: BoardMeeting, *, actor: Actor, now: datetime, expected_version: int | None = None
) -> BoardMeeting:
    """Send the minutes to everybody who took part, each once and in his language; the meeting is closed."""
    with transaction.atomic():
        current = begin_act(meeting, "send_minutes", HELD, actor, now, expected_version)
        texts = {"minutes_en": current.minutes_en, "minutes_zh": current.minutes_zh}
        _check(texts)
        said = {"en": current.minutes_en, "zh": current.minutes_zh}
        return move(current, "send_minutes", actor=actor, now=now, note=current.minutes_zh, said=said)
