"""An agreement's targets as a table people read: what is promised, within which time."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from itsm.templatetags.ui import working_duration
from records.models import Priority
from sla.models import Metric, Target, TicketKind


def table(targets: Sequence[Target]) -> list[tuple[str, str]]:
    """(what, within which time) of the targets that hold for every service, in the order of events."""
    general = [t for t in targets if t.service_id is None]
    order = list(Metric.values)
    rows = sorted(general, key=lambda t: (order.index(t.metric), t.priority or 0))
    return [(_what(target), amount_words(target)) for target in rows]


def _what(target: Target) -> str:
    words = {
        Metric.FIRST_RESPONSE: _("First reply"),
        Metric.NEXT_UPDATE: _("News at the latest every"),
        Metric.ON_SITE: _("Somebody on site"),
        Metric.RESTORATION: _("Service works again"),
        Metric.RESOLUTION: _("Solution"),
        Metric.CLOSURE: _("Closure"),
    }[Metric(target.metric)]
    if target.priority is not None:
        priority = str(Priority(target.priority).label).lower()
        words = _("%(what)s, priority %(priority)s") % {"what": words, "priority": priority}
    if target.ticket_kind:
        words = f"{words} ({TicketKind(target.ticket_kind).label})"
    return words


def amount_words(target: Target) -> str:
    """ "4 working hours", "2 working days, until 18:00"."""
    if target.kind == Target.Kind.BUSINESS_SECONDS:
        return working_duration(target.amount)
    if target.kind == Target.Kind.WORKING_DAYS:
        words = ngettext("%d working day", "%d working days", target.amount) % target.amount
    else:
        words = ngettext("%d day", "%d days", target.amount) % target.amount
    if target.until and target.until[:1].isdigit():
        return _("%(days)s, until %(time)s") % {"days": words, "time": target.until}
    return words
