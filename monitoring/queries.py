"""What the pages of alerts read, in a fixed number of queries."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from monitoring.models import Alert, Source
from records.models import Record
from records.panels import Panel

SHOWN = 20
TRIED = 500
VIEWS = {
    "open": _("Going on"),
    "unmatched": _("Without a ticket"),
    "flapping": _("Flapping"),
    "recovered": _("Over"),
    "all": _("All"),
}
MISSED = (Alert.Why.NO_RULE, Alert.Why.NO_CUSTOMER, Alert.Why.NO_REQUESTER, Alert.Why.REFUSED)
STATUS_TONES = {Alert.Status.FIRING: "bad", Alert.Status.RECOVERED: "good"}


def asked(given: Mapping[str, str]) -> dict[str, Any]:
    """What an address narrows the alerts to; what is strange in it is as if not asked."""
    view, source = given.get("view", "open"), given.get("source", "")
    return {
        "view": view if view in VIEWS else "open",
        "source": int(source) if source.isascii() and source.isdigit() and len(source) < 19 else None,
        "text": given.get("q", "").replace("\0", "").strip()[:100],
    }


def listed(actor: Actor, *, view: str, source: int | None = None, text: str = "") -> Any:
    """Alerts of a view, the ones that began last first."""
    rows = Alert.objects.visible_to(actor)
    chosen = {
        "open": Q(status=Alert.Status.FIRING) & ~Q(why=Alert.Why.IGNORED),
        "unmatched": Q(status=Alert.Status.FIRING, why__in=MISSED),
        "flapping": Q(status=Alert.Status.FIRING, count__gte=3),
        "recovered": Q(status=Alert.Status.RECOVERED),
        "all": Q(),
    }[view]
    rows = rows.filter(chosen)
    if source is not None:
        rows = rows.filter(source=source)
    if text:
        rows = rows.filter(Q(title__icontains=text) | Q(item_name__icontains=text) | Q(alarm=text))
    return rows.select_related("source", "incident", "item", "customer", "rule").order_by(
        "-started_at", "-pk"
    )


def counts(actor: Actor) -> dict[str, int]:
    """How many go on, and how many of them have no ticket though they should."""
    rows = Alert.objects.visible_to(actor).firing()
    found: dict[str, int] = rows.aggregate(
        open=Count("pk", filter=~Q(why=Alert.Why.IGNORED)),
        unmatched=Count("pk", filter=Q(why__in=MISSED)),
        flapping=Count("pk", filter=Q(count__gte=3)),
    )
    return found


def badge(alert: Alert) -> dict[str, Any]:
    """The status of an alert as components/badge.html reads it."""
    return {"label": alert.get_status_display(), "tone": STATUS_TONES[Alert.Status(alert.status)]}


def received(source: Source) -> list[Alert]:
    """What a rule is tried on: the last alerts of its source."""
    rows = Alert.objects.filter(source=source).select_related("incident", "rule", "source")
    return list(rows.order_by("-pk")[:TRIED])


def of_ticket(record: Record, actor: Actor, *, now: datetime) -> QuerySet[Alert]:
    return Alert.objects.filter(incident=record.pk)


def beside(record: Record, actor: Actor, *, now: datetime) -> Mapping[str, Any] | None:
    """The alerts of a ticket, for its page; None where there are none."""
    if not actor.is_desk_side:
        return None
    rows = of_ticket(record, actor, now=now).select_related("source")
    found = list(rows.order_by("status", "-begun_at", "-pk")[: SHOWN + 1])
    if not found:
        return None
    sums = rows.aggregate(n=Count("pk"), firing=Count("pk", filter=Q(status="firing")), ended=Max("ended_at"))
    return {
        "rows": [{"alert": row, "badge": badge(row)} for row in found[:SHOWN]],
        "more": sums["n"] - SHOWN,
        "firing": sums["firing"],
        "total": sums["n"],
        "recovered_at": None if sums["firing"] else sums["ended"],
        "began": min(row.started_at for row in found),
    }


PANEL = Panel("alerts", 40, "monitoring/_panel.html", beside, probe=of_ticket)
