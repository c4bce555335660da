"""The verbs of announcements: written, published to those they are for, added to, ended.

Mistakes come back as ValidationError keyed by field, refusals as access.Denied, IllegalMove or Stale.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import Actor, Role
from accounts.models import Organisation, User
from accounts.services import system_actor, system_after
from announcements import lifecycle
from announcements.models import Announcement, Told
from catalog.models import Service
from records import log as records_log
from records.kinds import Kind
from records.models import Link, Priority, Record, Watch
from records.services import begin, link, move, open_record, refuse, save

CUSTOMER_ROLES = (Role.CUSTOMER, Role.CUSTOMER_MANAGER)
TEXTS = ("title_en", "title_zh", "text_en", "text_zh")


def write(
    *,
    sort: str,
    title_en: str,
    title_zh: str,
    text_en: str,
    text_zh: str,
    starts_at: datetime,
    actor: Actor,
    now: datetime,
    ends_at: datetime | None = None,
    services: Sequence[Service] = (),
    customers: Sequence[Organisation] = (),
    third_party: str = "",
    key: str = "",
) -> Announcement:
    """Write a draft for some customers, or without any for all. With a ``key`` it is written once."""
    if key and (there := by_key(key)):
        return there
    facts: dict[str, Any] = {
        "sort": sort, "title_en": title_en, "title_zh": title_zh, "text_en": text_en, "text_zh": text_zh,
        "starts_at": starts_at, "ends_at": ends_at, "third_party": third_party,
    }  # fmt: skip
    clean = _checked(facts, now)
    provider = Organisation.objects.filter(kind=Organisation.Kind.PROVIDER).order_by("pk")[0]
    with transaction.atomic():
        told = Told.objects.create(**clean, key=key)
        told.services.set(services)
        told.customers.set(customers)
        return _open(told, provider, User.objects.get(pk=actor.user_id), actor=actor, now=now)


def by_key(key: str) -> Announcement | None:
    """What was made from this before."""
    found: Announcement | None = Announcement.objects.originals().filter(told__key=key).first()
    return found


def _checked(facts: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    clean: dict[str, Any] = {
        name: value.strip() if isinstance(value, str) else value for name, value in facts.items()
    }
    if clean["sort"] not in Told.Sort.values:
        raise refuse("sort", _("Say what kind of announcement it is."), "required")
    for name in TEXTS:
        if not clean[name]:
            raise refuse(name, _("Customers read this; it is needed in both languages."), "required")
        if name.startswith("title") and len(clean[name]) > 90:
            raise refuse(name, _("At most %(n)s characters.") % {"n": 90}, "too_long")
    if clean["ends_at"] and clean["ends_at"] <= clean["starts_at"]:
        raise refuse("ends_at", _("The end must lie after the beginning."))
    if clean["ends_at"] and clean["ends_at"] <= now:
        raise refuse("ends_at", _("That is over already; nothing needs to be announced."))
    if clean["sort"] == Told.Sort.THIRD_PARTY and not clean["third_party"]:
        raise refuse("third_party", _("Name the third party."), "required")
    return clean


def _open(
    told: Told, customer: Organisation, requester: User, *, actor: Actor, now: datetime, **fields: Any
) -> Announcement:
    made: Announcement = open_record(
        Announcement, Kind.ANNOUNCEMENT, actor=actor, now=now, customer=customer, requester=requester,
        title=_title(told), priority=Priority.MODERATE, told=told, **fields,
    )  # fmt: skip
    return made


def _title(told: Told) -> str:
    """Both languages, for lists and search that show titles as they are."""
    return " · ".join(dict.fromkeys((told.title_en, told.title_zh)))


def rewrite(
    announcement: Announcement,
    *,
    services: Sequence[Service],
    customers: Sequence[Organisation],
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
    **facts: Any,
) -> Announcement:
    """Change a draft. What is published is added to, not rewritten: customers have read it."""
    clean = _checked({"third_party": "", "ends_at": None, **facts}, now)
    with transaction.atomic():
        current = begin(announcement, "announce", actor=actor, now=now, expected_version=expected_version)
        _check_original(current)
        lifecycle.LIFECYCLE.next_state(current.state, "announce")
        told = current.told
        changed = [name for name, value in clean.items() if getattr(told, name) != value]
        for name in changed:
            setattr(told, name, clean[name])
        if changed:
            told.save(update_fields=changed)
        told.services.set(services)
        told.customers.set(customers)
        current.title = _title(told)
        save(current, ["title"], now=now)
        parts = records_log.bilingual(told._meta.get_field(changed[0]).verbose_name) if changed else "–"  # type: ignore[union-attr]
        records_log.write(current, "announcement.rewrite", actor=actor, at=now, parts=parts)
    return current


def _check_original(announcement: Announcement) -> None:
    if announcement.original_id:
        raise refuse("original", _("This is a customer's copy; change the original."))


def affected(told: Told) -> list[Organisation]:
    """The active customers it is for: the named ones, or all."""
    rows = Organisation.objects.filter(kind=Organisation.Kind.CUSTOMER, is_active=True)
    named = list(told.customers.values_list("pk", flat=True))
    return list((rows.filter(pk__in=named) if named else rows).order_by("pk"))


def publish(
    announcement: Announcement, *, actor: Actor, now: datetime, expected_version: int | None = None
) -> Announcement:
    """Tell the people of every customer it is for: each customer gets its copy, each person a message."""
    with transaction.atomic():
        current = begin(announcement, "announce", actor=actor, now=now, expected_version=expected_version)
        _check_original(current)
        said = _said(current.told)
        current = move(
            current, "announce", actor=actor, now=now, note=said["en"], changes={"published_at": now},
            said=said, title=_titles(current.told),
        )  # fmt: skip
        for customer in affected(current.told):
            _publish_copy(current, customer, said, actor=actor, now=now)
    return current


def _publish_copy(
    original: Announcement, customer: Organisation, said: dict[str, str], *, actor: Actor, now: datetime
) -> None:
    """The copy is written by who wrote the original; what follows from publishing is the system's act."""
    system = system_after(actor)
    copy = _open(original.told, customer, original.requester, actor=system, now=now, original=original)
    people = User.objects.filter(
        organisation=customer.pk, is_active=True, grants__role__in=CUSTOMER_ROLES
    ).distinct()
    Watch.objects.bulk_create(
        (Watch(record_id=copy.pk, user=person) for person in people), ignore_conflicts=True
    )
    move(
        copy, "announce", actor=system, now=now, note=said["en"], changes={"published_at": now}, said=said,
        title=_titles(original.told),
    )  # fmt: skip


def _titles(told: Told) -> dict[str, str]:
    return {"en": told.title_en, "zh": told.title_zh}


def _said(told: Told) -> dict[str, str]:
    return {"en": told.text_en, "zh": told.text_zh}


def add(
    announcement: Announcement, *, text_en: str, text_zh: str, actor: Actor, now: datetime
) -> Announcement:
    """News of what was announced: told to everybody it was told to."""
    said = {"en": text_en.strip(), "zh": text_zh.strip()}
    for language, words in said.items():
        if not words:
            message = _("Customers read this; it is needed in both languages.")
            raise refuse(f"text_{language}", message, "required")
    with transaction.atomic():
        current = begin(announcement, "announce_more", actor=actor, now=now, expected_version=None)
        _check_original(current)
        # the same states as ending it
        lifecycle.LIFECYCLE.next_state(current.state, "announce_end")
        titles = _titles(current.told)
        for row, by in [(current, actor), *((copy, system_after(actor)) for copy in _copies(current))]:
            save(row, [], now=now)
            records_log.write(
                row, "announcement.announce_more", actor=by, at=now, text=said["en"], said=said, title=titles
            )
    return current


def reschedule(
    announcement: Announcement,
    *,
    starts_at: datetime,
    ends_at: datetime | None,
    text_en: str,
    text_zh: str,
    actor: Actor,
    now: datetime,
    key: str = "",
) -> Announcement:
    """What was published is about another time from now on, and everybody it was told to is told that.

    The same times again tell nobody. ``key``: what it is made from now.
    """
    if ends_at and ends_at <= starts_at:
        raise refuse("ends_at", _("The end must lie after the beginning."))
    with transaction.atomic():
        current = begin(announcement, "announce_more", actor=actor, now=now, expected_version=None)
        _check_original(current)
        lifecycle.LIFECYCLE.next_state(current.state, "announce_end")
        told = Told.objects.select_for_update().get(pk=current.told_id)
        is_same = (told.starts_at, told.ends_at) == (starts_at, ends_at)
        told.starts_at, told.ends_at, told.key = starts_at, ends_at, key or told.key
        told.save(update_fields=["starts_at", "ends_at", "key"])
        return current if is_same else add(current, text_en=text_en, text_zh=text_zh, actor=actor, now=now)


def _copies(original: Announcement) -> list[Announcement]:
    return list(original.copies.order_by("pk"))


def end(
    announcement: Announcement,
    *,
    actor: Actor,
    now: datetime,
    text_en: str = "",
    text_zh: str = "",
    expected_version: int | None = None,
) -> Announcement:
    """It is over; everybody it was told to is told that, with some last words if there are any."""
    if bool(text_en.strip()) != bool(text_zh.strip()):
        missing = "text_zh" if text_en.strip() else "text_en"
        raise refuse(missing, _("Customers read this; it is needed in both languages."), "required")
    said = {"en": text_en.strip(), "zh": text_zh.strip()} if text_en.strip() else {}
    with transaction.atomic():
        current = begin(announcement, "announce_end", actor=actor, now=now, expected_version=expected_version)
        _check_original(current)
        words: dict[str, Any] = {"note": text_en.strip(), "title": _titles(current.told), "said": said}
        current = move(current, "announce_end", actor=actor, now=now, **words)
        for copy in _copies(current):
            move(copy, "announce_end", actor=system_after(actor), now=now, **words)
    return current


def announce_interruption(
    *,
    key: str,
    services: Sequence[Service],
    customers: Sequence[Organisation],
    starts_at: datetime,
    ends_at: datetime,
    reason_en: str,
    reason_zh: str,
    actor: Actor,
    now: datetime,
) -> Announcement:
    """Tell customers of a planned interruption that is kept elsewhere, in one step and once per ``key``."""
    named_en = ", ".join(service.name_en for service in services)
    named_zh = "、".join(service.name_zh for service in services)
    with transaction.atomic():
        draft = write(
            sort=Told.Sort.PLANNED, title_en=f"Planned interruption: {named_en}"[:90],
            title_zh=f"计划中断：{named_zh}"[:90], text_en=reason_en, text_zh=reason_zh, starts_at=starts_at,
            ends_at=ends_at, services=services, customers=customers, key=key, actor=actor, now=now,
        )  # fmt: skip
        return publish(draft, actor=actor, now=now) if draft.state == lifecycle.DRAFT else draft


def discard(
    announcement: Announcement, *, actor: Actor, now: datetime, expected_version: int | None = None
) -> Announcement:
    """A draft that is not to be published."""
    _check_original(announcement)
    return move(announcement, "announce_discard", actor=actor, now=now, expected_version=expected_version)


def attach(ticket: Record, announcement: Announcement, *, actor: Actor, now: datetime) -> Link:
    """A ticket raised because of it: linked to the copy of the ticket's customer. Safe to repeat."""
    original = announcement.original or announcement
    copy = original.copies.filter(customer=ticket.customer_id, state__in=lifecycle.SHOWN).first()
    if copy is None:
        raise refuse("announcement", _("This announcement is not for the customer of the ticket."))
    return link(ticket, copy, kind=Link.Type.CAUSED_BY, actor=actor, now=now)


def end_past(*, now: datetime) -> int:
    """End what has passed its end; answers how many. Safe to repeat and to race."""
    due = Announcement.objects.originals().filter(state=lifecycle.PUBLISHED, told__ends_at__lte=now)
    ended = 0
    for announcement in list(due.order_by("pk")[:100]):
        with transaction.atomic():
            current = begin(
                announcement, "announce_end", actor=system_actor(), now=now, expected_version=None
            )
            if current.state == lifecycle.PUBLISHED:
                end(current, actor=system_actor(), now=now)
                ended += 1
    return ended
