"""The timeline of a record: conversation and history in one, as far as the reader may read it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Q
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from accounts.access import Actor, Origin
from itsm.templatetags.ui import instant_words
from records import verbs
from records.kinds import process_of
from records.markup import to_html
from records.models import Activity, Attachment, Record

PAGE = 100
# A run of this many mechanical entries becomes one line.
FOLD = 3
LONGEST_VALUE = 60
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Fields whose values are whole texts: that they changed is said, not what they were.
LONG_FIELDS = frozenset({"description", "resolution"})
CONVERSATION = {"record.replied": "public", "record.asked": "customer", "record.noted": "internal"}
ICONS = {
    "open": "plus",
    "assigned": "user-up",
    "accepted": "user-check",
    "escalated": "trending-up",
    "edited": "pencil",
    "linked": "link",
    "attached": "paperclip",
    "confirmed": "checks",
    "start": "player-play",
    "resume": "player-play",
    "hold": "player-pause",
    "resolve": "circle-check",
    "close": "lock",
    "reopen": "arrow-back-up",
    "cancel": "ban",
    "warned": "alert-triangle",
    "breached": "clock-exclamation",
    "explained": "report",
}


@dataclass(frozen=True)
class File:
    name: str
    url: str
    size: int


@dataclass(frozen=True)
class Entry:
    """One entry as components/timeline_entry.html shows it. ``words`` follow the actor's name."""

    id: int
    kind: str  # customer, public, internal, move, system
    verb: str
    actor: str
    at: datetime
    words: str
    icon: str
    body_html: SafeString | str = ""
    attachments: tuple[File, ...] = ()
    is_mechanical: bool = False
    folded: int = 0
    url: str = ""
    recipients: str = ""
    source: str = ""  # how it came in, for example "by e-mail"
    source_url: str = ""  # its original, for those who may read it


@dataclass(frozen=True)
class Source:
    """Something an entry may have come from: the words for it, and the agents' page of the original."""

    words: Any
    url_name: str  # URL name taking the number that stands in the log under the source's key


_SOURCES: dict[str, Source] = {}


def register_source(key: str, source: Source) -> None:
    """Make ``key`` in an activity's data show where it came from. Called from AppConfig.ready()."""
    _SOURCES[key] = source


@dataclass(frozen=True)
class Timeline:
    """Entries in the order of time. ``older``: the ``before`` of the page before this one, or ""."""

    entries: list[Entry] = field(default_factory=list)
    older: str = ""


def entries(record: Record, actor: Actor, before: str | None = None, *, fold: bool = True) -> Timeline:
    """The newest 100 entries the actor may read, or the 100 before a cursor; two queries.

    ``before`` is ``Timeline.older`` of another page; anything else shows the newest.
    """
    rows = record.activities.readable_by(actor).select_related("actor")
    if mark := _parse(before):
        at, pk = mark
        rows = rows.filter(Q(at__lt=at) | Q(at=at, pk__lt=pk), at__lte=at)
    newest = list(rows.order_by("-at", "-pk")[: PAGE + 1])
    page = newest[:PAGE][::-1]
    files = _files(page, actor)
    shown = [_entry(record, activity, files[activity.pk], actor) for activity in page]
    return Timeline(_folded(shown) if fold else shown, _mark(page[0]) if len(newest) > PAGE else "")


def _mark(activity: Activity) -> str:
    return f"{(activity.at - EPOCH) // timedelta(microseconds=1)}.{activity.pk}"


def _parse(before: str | None) -> tuple[datetime, int] | None:
    at, _dot, pk = (before or "").partition(".")
    if not ((at + pk).isascii() and at.isdecimal() and pk.isdecimal()) or len(at) > 17 or len(pk) > 18:
        return None
    return EPOCH + timedelta(microseconds=int(at)), int(pk)


def _files(page: Sequence[Activity], actor: Actor) -> dict[int, tuple[File, ...]]:
    found: dict[int, list[File]] = defaultdict(list)
    rows = Attachment.objects.filter(activity__in=[a.pk for a in page]).order_by("pk")
    for row in rows if actor.is_desk_side else rows.filter(is_public=True):
        url = reverse("records:attachment", args=[row.key])
        found[row.activity_id].append(File(row.name, url, row.size))
    return defaultdict(tuple, {pk: tuple(own) for pk, own in found.items()})


def _entry(record: Record, activity: Activity, files: tuple[File, ...], actor: Actor) -> Entry:
    is_system = activity.origin == Origin.SYSTEM
    source, source_url = _source(activity, actor)
    return Entry(
        id=activity.pk,
        kind=_kind(record, activity),
        verb=activity.verb,
        actor=_system_words(activity, actor) if is_system else activity.actor.name,
        at=activity.at,
        words=_words(record, activity),
        icon=ICONS.get(activity.verb.rpartition(".")[2], "history"),
        body_html=to_html(verbs.text_of(activity.text, activity.data)) if _has_body(activity) else "",
        attachments=files,
        is_mechanical=verbs.verb_of(activity.verb).is_mechanical and not activity.text and not files,
        url=f"#entry-{activity.pk}",
        source=source,
        source_url=source_url,
    )


def _system_words(activity: Activity, actor: Actor) -> str:
    """The system, for the desk under the name of the rule by which it acted."""
    by = activity.data.get("by")
    if not by or not actor.is_desk_side:
        return _("The system")
    return _("Rule “%(rule)s”") % {"rule": verbs.readable(by)}


def _source(activity: Activity, actor: Actor) -> tuple[str, str]:
    for key, source in _SOURCES.items():
        if number := activity.data.get(key):
            url = reverse(source.url_name, args=[number]) if actor.is_staff_side else ""
            return str(source.words), url
    return "", ""


def _kind(record: Record, activity: Activity) -> str:
    if talk := CONVERSATION.get(activity.verb):
        return talk
    if activity.origin == Origin.SYSTEM:
        return "system"
    is_opening = activity.verb == f"{record.kind}.open"
    return "customer" if is_opening and activity.actor.organisation_id == record.customer_id else "move"


def _has_body(activity: Activity) -> bool:
    """An escalation's reason is in its sentence already."""
    return bool(activity.text.strip()) and activity.verb != "record.escalated"


def _words(record: Record, activity: Activity) -> str:
    changes = activity.data.get("changes")
    if activity.verb == "record.edited" and isinstance(changes, dict) and changes:
        listed = _("; ").join(_change(record, name, pair) for name, pair in changes.items())
        return _("changed %(fields)s") % {"fields": listed}
    return verbs.sentence(activity.verb, activity.data)


def _change(record: Record, name: str, pair: Any) -> str:
    """One changed field: "priority: High → Critical"."""
    label = _label(record, name)
    if name in LONG_FIELDS or not isinstance(pair, list) or len(pair) != 2:
        return label
    old, new = (_value(each) for each in pair)
    return _("%(field)s: %(old)s → %(new)s") % {"field": label, "old": old, "new": new}


def _label(record: Record, name: str) -> str:
    try:
        return str(getattr(process_of(record.kind).model._meta.get_field(name), "verbose_name", name))
    except FieldDoesNotExist:
        return name


def _value(value: Any) -> str:
    value = verbs.readable(value)
    if value is None or value == "":
        return "–"
    if isinstance(value, str) and "T" in value and (at := _instant(value)):
        return instant_words(at)
    return Truncator(str(value)).chars(LONGEST_VALUE)


def _instant(text: str) -> datetime | None:
    try:
        at = parse_datetime(text)
    except ValueError:
        return None
    return at if at and at.tzinfo else None


def _folded(shown: Iterable[Entry]) -> list[Entry]:
    """Runs of mechanical entries as one line: the newest of them, saying how many it stands for."""
    found: list[Entry] = []
    run: list[Entry] = []

    def flush() -> None:
        if len(run) >= FOLD:
            found.append(replace(run[-1], folded=len(run) - 1))
        else:
            found.extend(run)
        run.clear()

    for entry in shown:
        if entry.is_mechanical:
            run.append(entry)
        else:
            flush()
            found.append(entry)
    flush()
    return found
