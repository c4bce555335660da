"""How much work there was in a period, told from the log, so that it can be told again later."""

from typing import Any

from django.db.models import OuterRef, Q, Subquery
from django.db.models.fields.json import KT

from records.kinds import TICKETS, process_of
from records.lifecycle import Phase
from records.models import Activity
from reports.figures import Question


def read(question: Question) -> dict[str, list[str]]:
    """The numbers of the tickets opened and done in the period, and of those open at its end.

    A ticket done in the period and opened again later stays done in the period: the log says so.
    """
    rows = question.records()
    start, end = question.period.start, question.period.end
    opened = rows.filter(opened_at__gte=start, opened_at__lt=end)
    done = Activity.objects.filter(verb__in=_endings(), at__gte=start, at__lt=end, record__in=rows)
    open_now = rows.filter(opened_at__lt=end).filter(Q(done_at=None) | Q(done_at__gte=end))
    last = (
        Activity.objects.filter(record=OuterRef("pk"), at__lt=end, data__has_key="into")
        .annotate(into=KT("data__into"))
        .order_by("-at", "-pk")
        .values("into")[:1]
    )
    still = open_now.annotate(was=Subquery(last)).filter(Q(was=None) | ~Q(was__in=_ended()))
    return {
        "opened": _numbers(opened),
        "done": sorted(set(done.values_list("record__number", flat=True))),
        "open_at_end": _numbers(still),
    }


def _numbers(rows: Any) -> list[str]:
    return list(rows.order_by("number").values_list("number", flat=True))


def _endings() -> list[str]:
    """The verbs by which a ticket comes to be done."""
    return [
        f"{kind}.{move}"
        for kind in TICKETS
        for move, (sources, into) in process_of(kind).lifecycle.moves.items()
        if process_of(kind).lifecycle.phases[into] == Phase.DONE
        and any(process_of(kind).lifecycle.phases[source] != Phase.DONE for source in sources)
    ]


def _ended() -> list[str]:
    """The states in which a ticket is done."""
    phases = [process_of(kind).lifecycle.phases for kind in TICKETS]
    return [state for each in phases for state, phase in each.items() if phase == Phase.DONE]
