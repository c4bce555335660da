"""Who is told of applications: those who may decide when one is asked for, who asked when it is decided.

Applications are no records, so their notices are rows of their own, which the bell shows beside the others.
What somebody else decided meanwhile is no news any more to who was asked.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.models import User
from assets.models import Application, ApplicationNotice
from records.notices import Notice, Others

LATEST = 20


def tell(row: Application, people: Iterable[User], *, is_decided: bool, now: datetime) -> None:
    """Tell each of them once: that it waits for a decision, or what was decided."""
    rows = [
        ApplicationNotice(application=row, person=person, is_decided=is_decided, told_at=now)
        for person in people
    ]
    ApplicationNotice.objects.bulk_create(rows, ignore_conflicts=True)


def _of(actor: Actor) -> "QuerySet[ApplicationNotice]":
    seen = Application.objects.visible_to(actor).values("pk")
    told = ApplicationNotice.objects.filter(person=actor.user_id, application__in=seen)
    return told.filter(Q(is_decided=True) | Q(application__decision=""))


def unread(actor: Actor) -> "QuerySet[ApplicationNotice]":
    return _of(actor).filter(read_at=None)


def latest(actor: Actor) -> list[Notice]:
    rows = _of(actor).select_related(
        "application__asset", "application__site", "application__asked_by", "application__decided_by"
    )
    return [_notice(row) for row in rows.order_by("-pk")[:LATEST]]


def _notice(row: ApplicationNotice) -> Notice:
    about = row.application
    words = (
        _("Your application was decided: %(kind)s, %(decision)s")
        if row.is_decided
        else _("An application waits for a decision: %(kind)s")
    )
    by = about.decided_by if row.is_decided else about.asked_by
    return Notice(
        id=0, words=words % {"kind": about.get_kind_display(), "decision": about.get_decision_display()},
        title=str(about.about), actor=by.name if by else "", at=row.told_at, url=about.get_absolute_url(),
        is_unread=row.read_at is None,
    )  # fmt: skip


def read(actor: Actor, now: datetime) -> int:
    """All of one person's are read."""
    return unread(actor).update(read_at=now)


def read_about(application: Application, actor: Actor, *, now: datetime) -> None:
    """The actor has opened an application: what told of it is read."""
    unread(actor).filter(application=application.pk).update(read_at=now)


OTHERS = Others("applications", unread=unread, latest=latest, read=read)
