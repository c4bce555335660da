"""What a checker has to confirm: of each indicator the last month, quarter, half-year or year that is over.

Once such a span is over, everybody with something to confirm is told once (``remind``); what is confirmed
meanwhile is told to nobody.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import access
from accounts.access import Actor
from accounts.models import User
from kpis import closing
from kpis.catalogue import Every
from kpis.engine import Asked, Kpi
from kpis.measuring import house_zone
from kpis.models import Checker, Confirmation, Reminder
from records import span_words, spans
from records.notices import Notice, Others
from records.spans import Span
from reports.period import Period

RHYTHMS = (Every.MONTH, Every.QUARTER, Every.HALF, Every.YEAR)


@dataclass(frozen=True)
class Due:
    """An indicator with the span it is to be confirmed for."""

    kpi: Kpi
    span: Span

    @property
    def is_by_hand(self) -> bool:
        """That nothing counts it: its checker gives the points."""
        return not self.kpi.parts

    @property
    def key(self) -> str:
        return f"{self.kpi.id}:{self.span.code}"

    @property
    def url(self) -> str:
        address = reverse("kpis:detail", args=[self.kpi.id])
        return f"{address}?from={self.span.first}&to={self.span.last}"


def due(actor: Actor, *, today: date, zone: tzinfo) -> list[Due]:
    """What somebody has to confirm, in the order of the catalogue; three queries at most.

    Nothing for who covers some customers only: what is confirmed here is of all together.
    """
    if actor.scope is not None:
        return []
    over = {rhythm: spans.of(rhythm.value, today, zone).previous for rhythm in RHYTHMS}
    asked = [Due(kpi, over[kpi.entry.every]) for kpi in closing.confirmable(actor) if kpi.entry.every in over]
    done = _confirmed(over.values())
    return [each for each in asked if (each.kpi.id, each.span.first, each.span.last) not in done]


def _confirmed(over: Iterable[Span]) -> set[tuple[str, date, date]]:
    rows = Confirmation.objects.filter(customer=None, period_from__in={span.first for span in over})
    return set(rows.values_list("kpi", "period_from", "period_until"))


def confirm_all(
    chosen: Sequence[Due], *, actor: Actor, now: datetime
) -> tuple[list[Due], list[tuple[Due, str]]]:
    """Confirm several as they are counted: those that were, and those that were refused, with why."""
    confirmed, refused = [], []
    for each in chosen:
        period = Period(each.span.first, each.span.last, each.span.zone)
        try:
            closing.confirm(each.kpi, Asked(actor, period, now), expected=0)
        except ValidationError as error:
            refused.append((each, " ".join(error.messages)))
        else:
            confirmed.append(each)
    return confirmed, refused


# --- telling them ---------------------------------------------------------------------------------


def remind(*, now: datetime) -> int:
    """Tell who has something to confirm of a span that is over, once for each span. Safe to repeat and race.

    Those are the people named for a role; where nobody is, whoever opens the page sees it.
    """
    zone = house_zone()
    today = timezone.localdate(now, zone)
    named = Checker.objects.values("person")
    told = 0
    for person in User.objects.filter(pk__in=named, is_active=True).prefetch_related("grants", "memberships"):
        if not access.may(person.actor, "confirm_kpi"):
            continue
        waiting: dict[Span, int] = {}
        for each in due(person.actor, today=today, zone=zone):
            waiting[each.span] = waiting.get(each.span, 0) + 1
        rows = [
            Reminder(person=person, span=span.code, number=number, told_at=now)
            for span, number in waiting.items()
        ]
        kept = Reminder.objects.filter(person=person, span__in=[row.span for row in rows])
        before = set(kept.values_list("span", flat=True))
        Reminder.objects.bulk_create(rows, ignore_conflicts=True)
        told += sum(row.span not in before for row in rows)
    return told


def _unread(actor: Actor) -> QuerySet[Reminder]:
    return Reminder.objects.filter(person=actor.user_id, read_at=None)


def _latest(actor: Actor) -> list[Notice]:
    rows = Reminder.objects.filter(person=actor.user_id).order_by("-told_at", "-pk")[:20]
    return [_notice(row) for row in rows]


def _notice(row: Reminder) -> Notice:
    words = ngettext("%(n)s indicator is to be confirmed", "%(n)s indicators are to be confirmed", row.number)
    return Notice(
        id=0, words=words % {"n": row.number}, title=span_words.words(spans.parse(row.span, house_zone())),
        actor=_("The system"), at=row.told_at, url=reverse("kpis:due"), is_unread=row.read_at is None,
    )  # fmt: skip


def _read(actor: Actor, now: datetime) -> int:
    return _unread(actor).update(read_at=now)


OTHERS = Others("kpis", unread=_unread, latest=_latest, read=_read)
