"""The end of a service (TRN-09): who is told, what names it still, and what becomes of each of these things.

A thing leaves the list when it names the service no more. What may stay, such as a ticket that another
service goes on with, is settled in words and by name; an agreement in force and a service that rests on it
are not: the catalogue would not let the entry go.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import Actor
from accounts.models import Organisation
from announcements import services as announcements
from announcements.models import Announcement, Told
from catalog.models import Service
from cmdb.models import ItemService
from fulfilment.models import Offering
from knowledge.models import Article, VersionService
from monitoring.models import Rule
from records import log as records_log
from records.models import Record
from records.services import refuse, save
from releases.needing import Need
from releases.parting import begun, needed
from sla.catalogue_checks import naming
from sla.models import AgreementVersion
from transitions import lifecycle
from transitions.models import Settlement, Transition

MOST = 200
"""Tickets are listed up to here; the list grows shorter as they are settled."""
SORTS: dict[str, Any] = {
    "ticket": gettext_lazy("Open ticket"),
    "agreement": gettext_lazy("Agreement"),
    "service": gettext_lazy("Service that rests on it"),
    "item": gettext_lazy("Configuration item"),
    "article": gettext_lazy("Knowledge article"),
    "offering": gettext_lazy("Orderable entry"),
    "rule": gettext_lazy("Rule for alerts"),
}


@dataclass(frozen=True)
class Thing:
    """Something that names the service. ``must_go``: words do not settle it. ``row``: how it was settled."""

    key: str
    name: str
    url: str
    must_go: bool = False
    row: Settlement | None = None

    @property
    def sort(self) -> Any:
        return SORTS[self.key.partition(":")[0]]

    @property
    def is_open(self) -> bool:
        return self.must_go or self.row is None


def things(transition: Transition, actor: Actor, now: datetime) -> list[Thing]:
    """Everything that names the service at this moment, with what was decided of it."""
    service = transition.about
    if service is None or service.withdrawn_at is not None:
        return []
    settled = {row.thing: row for row in transition.settlements.select_related("settled_by")}
    return [replace(thing, row=settled.get(thing.key)) for look in _LOOKS for thing in look(service, now)]


def _tickets(service: Service, now: datetime) -> Iterator[Thing]:
    rows = Record.objects.tickets().open().filter(service=service).order_by("pk")[:MOST]
    for row in rows:
        yield Thing(f"ticket:{row.number}", f"{row.number} {row.title}", row.get_absolute_url())


def _agreements(service: Service, now: datetime) -> Iterator[Thing]:
    rows = AgreementVersion.objects.select_related("agreement", "calendar").filter(agreement__ended_at=None)
    newest = rows.order_by("agreement_id", "-effective_from", "-number").distinct("agreement_id")
    for agreement in naming(service, newest):
        yield Thing(f"agreement:{agreement.code}", agreement.name, reverse("agreements:list"), must_go=True)


def _services(service: Service, now: datetime) -> Iterator[Thing]:
    for row in Service.objects.published().filter(dependencies__rests_on=service).distinct():
        yield Thing(f"service:{row.code}", row.name, reverse("catalog:detail", args=[row.code]), must_go=True)


def _items(service: Service, now: datetime) -> Iterator[Thing]:
    for row in ItemService.objects.filter(service=service, item__is_active=True).select_related("item"):
        url = reverse("configuration:item", args=[row.item.number])
        yield Thing(f"item:{row.item.number}", f"{row.item.number} {row.item}", url)


def _articles(service: Service, now: datetime) -> Iterator[Thing]:
    about = VersionService.objects.filter(service=service).values("version")
    for row in Article.objects.shown().filter(published__in=about).order_by("number"):
        yield Thing(f"article:{row.number}", f"{row.number} {row.title}", row.get_absolute_url())


def _offerings(service: Service, now: datetime) -> Iterator[Thing]:
    for row in Offering.objects.filter(service=service, present__isnull=False, withdrawn_at=None).order_by(
        "code"
    ):
        url = reverse("fulfilment:offering", args=[row.code])
        yield Thing(f"offering:{row.code}", row.name, url)


def _rules(service: Service, now: datetime) -> Iterator[Thing]:
    for row in Rule.objects.filter(service=service, is_active=True):
        yield Thing(f"rule:{row.pk}", row.name, row.get_absolute_url())


_LOOKS = (_tickets, _agreements, _services, _items, _articles, _offerings, _rules)


def needs(transition: Transition, actor: Actor, now: datetime) -> list[Need]:
    """What stands against taking it out now."""
    found = []
    if transition.notice is None:
        found.append(Need("notice", _("The customers were not told yet.")))
    if transition.last_day and timezone.localdate(now) < transition.last_day:
        words = _("The last day of the service is %(day)s.") % {"day": transition.last_day.isoformat()}
        found.append(Need("last_day", words))
    for thing in things(transition, actor, now):
        if thing.is_open:
            words = _("Not dealt with yet: %(sort)s %(name)s.") % {"sort": thing.sort, "name": thing.name}
            found.append(Need("things", words))
    return found


def give_notice(
    transition: Transition,
    *,
    text_en: str,
    text_zh: str,
    last_day: date,
    actor: Actor,
    now: datetime,
) -> Announcement:
    """Tell the customers by an announcement when the service ends and what they are to do. Once."""
    with transaction.atomic():
        current = begun(transition, "give_notice", lifecycle.BEFORE, actor=actor, now=now)
        service = current.about
        if not current.is_retirement or service is None:
            raise refuse("text_en", _("Only the end of a service is announced here."))
        if current.notice is not None:
            words = _("The customers were told with %(number)s; add to it there.")
            raise refuse("text_en", words % {"number": current.notice.number}, "done")
        if last_day <= timezone.localdate(now):
            raise refuse("last_day", _("The last day lies in the future: customers need time."))
        told = current.customer.kind == Organisation.Kind.CUSTOMER
        draft = announcements.write(
            sort=Told.Sort.NOTICE, title_en=f"{service.name_en} ends on {last_day}"[:90],
            title_zh=f"{service.name_zh or service.name_en}将于{last_day}停止服务"[:90], text_en=text_en,
            text_zh=text_zh, starts_at=now, services=[service], customers=[current.customer] if told else [],
            key=f"transition:{current.pk}", actor=actor, now=now,
        )  # fmt: skip
        made = announcements.publish(draft, actor=actor, now=now)
        current.notice, current.last_day = made, last_day
        save(current, ["notice", "last_day"], now=now)
        records_log.write(
            current, "transition.noticed", actor=actor, at=now, day=last_day.isoformat(), notice=made.number
        )
    return made


def settle(transition: Transition, *, thing: str, words: str, actor: Actor, now: datetime) -> Settlement:
    """Say what becomes of something that names the service. Once per thing, and kept."""
    words = needed(words, "words", _("Say what becomes of it."))
    with transaction.atomic():
        current = begun(transition, "settle_use", lifecycle.BEFORE, actor=actor, now=now)
        known = {one.key: one for one in things(current, actor, now)}
        chosen = known.get(thing)
        if chosen is None:
            raise refuse("thing", _("This does not name the service, or not any more."))
        if chosen.must_go:
            raise refuse("thing", _("Words do not settle this: it has to name the service no more."))
        if chosen.row is not None:
            raise refuse("thing", _("This is settled already."), "unique")
        made = Settlement.objects.create(
            work=current, thing=thing, name=chosen.name[:300], words=words, settled_by_id=actor.user_id,
            settled_at=now,
        )  # fmt: skip
        save(current, [], now=now)
        records_log.write(current, "transition.settled", actor=actor, at=now, text=words, name=chosen.name)
    return made
