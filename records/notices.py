"""In-app notices of one person: how many are unread, the list of them, and reading them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from accounts.access import Actor
from accounts.models import User
from records import verbs
from records.models import Delivery, Record

PAGE = 50
COUNTED = 100


@dataclass(frozen=True)
class Notice:
    """One notice: what it is about in words, and where it leads."""

    id: int
    words: str
    title: str
    actor: str
    at: datetime
    url: str
    is_unread: bool


@dataclass(frozen=True)
class Others:
    """Notices that are about no record, kept by another app.

    ``unread``: the rows not read yet (they are counted); ``latest``: the newest, at most twenty; ``read``
    marks all as read and answers how many.
    """

    name: str
    unread: "Callable[[Actor], QuerySet[Any]]"
    latest: Callable[[Actor], list[Notice]]
    read: Callable[[Actor, datetime], int]


_OTHERS: dict[str, Others] = {}


def register(others: Others) -> None:
    """Let the bell tell of something else than records. Called from AppConfig.ready(); safe to repeat."""
    _OTHERS[others.name] = others


def _of(user_id: int) -> "QuerySet[Delivery]":
    return Delivery.objects.filter(recipient=user_id, channel=Delivery.Channel.IN_APP)


def unread_count(actor: Actor) -> int:
    """Unread notices of a person about what they may still see; counting stops at 100."""
    rows = _of(actor.user_id).filter(read_at=None)
    if actor.scope is not None or not actor.is_desk_side:
        rows = rows.filter(activity__record__in=Record.objects.visible_to(actor).values("pk"))
    news: QuerySet[Any] = rows.order_by().values_list("pk")[:COUNTED]
    more = [others.unread(actor).order_by().values_list("pk")[:COUNTED] for others in _OTHERS.values()]
    counted = news.union(*more, all=True) if more else news  # one query, for every page shows the bell
    return min(COUNTED, counted.count())


def unread_among(record_ids: Iterable[int], actor: Actor) -> set[int]:
    """Those of some records about which the actor has an unread notice; one query."""
    rows = _of(actor.user_id).filter(read_at=None, activity__record__in=list(record_ids))
    return set(rows.values_list("activity__record", flat=True))


def latest(actor: Actor, *, before: int | None = None) -> tuple[list[Notice], int | None]:
    """The newest 50 notices (before the one with an id), and the id to go on before, or None.

    What the reader may no longer see is left out. The newest of other apps stand on the first page.
    """
    rows = _of(actor.user_id).filter(activity__record__in=Record.objects.visible_to(actor).values("pk"))
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.select_related("activity__record", "activity__actor").order_by("-pk")[: PAGE + 1])
    page = found[:PAGE]
    told = [_notice(row) for row in page]
    if before is None:
        told += [notice for others in _OTHERS.values() for notice in others.latest(actor)]
        told.sort(key=lambda notice: notice.at, reverse=True)
    return told, page[-1].pk if len(found) > PAGE else None


def _notice(row: Delivery) -> Notice:
    activity = row.activity
    return Notice(
        id=row.pk,
        words=verbs.subject(activity.verb, activity.data),
        title=activity.record.title,
        actor=activity.actor.name,
        at=activity.at,
        url=reverse("records:go", args=[activity.record.number]),
        is_unread=row.read_at is None,
    )


def read_all(actor: Actor, *, now: datetime) -> int:
    """Mark every notice of the actor as read."""
    read = _of(actor.user_id).filter(read_at=None).update(read_at=now)
    return read + sum(others.read(actor, now) for others in _OTHERS.values())


def read_about(record: Record, actor: Actor, *, now: datetime) -> int:
    """The actor has opened a record: its notices are read. Called by the pages that show one."""
    return _of(actor.user_id).filter(read_at=None, activity__record=record.pk).update(read_at=now)


class NoticesMiddleware:
    """Sets ``request.unread_notices``, which is counted only when a page shows it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.unread_notices = SimpleLazyObject(lambda: _count_for(request))  # type: ignore[attr-defined]
        return self.get_response(request)


def _count_for(request: HttpRequest) -> int:
    return unread_count(request.user.actor) if isinstance(request.user, User) else 0
