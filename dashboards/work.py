"""Records behind figures of the dashboards: open work by age, major incidents, what is late."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.exceptions import BadRequest
from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.access import complaints
from customers.models import Complaint
from dashboards.asking import View
from dashboards.processes import WORKED_ON
from records.counting import tally
from records.kinds import Kind, process_of
from records.models import Record
from reports.desk_rows import AGES, age_short, age_words
from servicereports.models import ServiceReport


def kind_words(kind: str) -> str:
    """What records of a kind are called, all together."""
    return capfirst(str(process_of(kind).model._meta.verbose_name_plural))


def _seen(view: View) -> QuerySet[Record]:
    rows: QuerySet[Record] = Record.objects.visible_to(view.actor)
    return rows.filter(customer=view.customer) if view.customer else rows


def _age(view: View, place: int) -> Q:
    low, high = AGES[place]
    found = Q(opened_at__lte=view.now - timedelta(days=low)) if low else Q()
    return found if high is None else found & Q(opened_at__gt=view.now - timedelta(days=high))


def _open(view: View, picked: Mapping[str, str]) -> QuerySet[Record]:
    """What is not done now; of a kind, of an age."""
    kinds = [picked["kind"]] if "kind" in picked else sorted(WORKED_ON)
    rows = _seen(view).filter(kind__in=kinds).exclude(phase="done")
    return rows.filter(_age(view, int(picked["age"]))) if "age" in picked else rows


def _majors(view: View, picked: Mapping[str, str]) -> QuerySet[Record]:
    return _seen(view).filter(
        kind=Kind.MAJOR.value, opened_at__gte=view.span.start, opened_at__lt=view.span.end
    )  # fmt: skip


def _late_reports(view: View, picked: Mapping[str, str]) -> QuerySet[Record]:
    late = ServiceReport.objects.visible_to(view.actor).overdue(timezone.localdate(view.now, view.span.zone))
    return _seen(view).filter(pk__in=late.values("pk"))


def _late_complaints(view: View, picked: Mapping[str, str]) -> QuerySet[Record]:
    late = complaints(view.actor).filter(
        nature=Complaint.Nature.COMPLAINT, answered_at=None, due_at__lt=view.now
    )
    return _seen(view).filter(pk__in=late.exclude(phase="done").values("pk"))


def _open_title(picked: Mapping[str, str]) -> str:
    words = kind_words(picked["kind"]) if "kind" in picked else _("Open work")
    return f"{words}: {age_words(int(picked['age']))}" if "age" in picked else words


@dataclass(frozen=True)
class List:
    """The rows behind a figure, and what they are called."""

    title: Any
    help: Any
    rows: Callable[[View, Mapping[str, str]], QuerySet[Record]]
    picks: tuple[str, ...] = ()

    def named(self, picked: Mapping[str, str]) -> str:
        return _open_title(picked) if self.picks else str(self.title)


LISTS: Mapping[str, List] = {
    "open": List("", gettext_lazy("What is open now, the oldest first"), _open, ("kind", "age")),
    "majors": List(
        gettext_lazy("Major incidents"), gettext_lazy("Major incidents declared in the month"), _majors
    ),
    "late-reports": List(
        gettext_lazy("Overdue reports"), gettext_lazy("Service reports due and not yet sent"), _late_reports
    ),
    "late-complaints": List(
        gettext_lazy("Complaints not answered in time"),
        gettext_lazy("Open complaints past the day on which an answer was due"),
        _late_complaints,
    ),
}


def picked(found: List, words: Mapping[str, str]) -> dict[str, str]:
    """Which of many alike lists the address means; a 400 for what is none."""
    given = {name: words[name] for name in found.picks if words.get(name)}
    if given.get("kind", "incident") not in WORKED_ON:
        raise BadRequest(_("There is no such “%(field)s”.") % {"field": "kind"})
    if "age" in given and given["age"] not in {str(place) for place in range(len(AGES))}:
        raise BadRequest(_("There is no such “%(field)s”.") % {"field": "age"})
    return given


def rows_of(key: str, view: View, chosen: Mapping[str, str]) -> QuerySet[Record]:
    """The rows, each with its place in the list, the oldest first."""
    return LISTS[key].rows(view, chosen).annotate(place=F("opened_at")).order_by("place", "pk")


def url(key: str, view: View, **over: Any) -> str:
    return f"{reverse('dashboards:list', args=[key])}?{view.kept(**over)}"


def open_work(view: View, kinds: Sequence[Kind]) -> dict[str, Any] | None:
    """Open work by kind and age, as a chart with its table; one query. None for a process without records."""
    if not kinds:
        return None
    names = [kind.value for kind in kinds]
    whens = [When(_age(view, place), then=Value(place)) for place in range(len(AGES))]
    rows = _seen(view).filter(kind__in=names).exclude(phase="done")
    rows = rows.annotate(age=Case(*whens, output_field=IntegerField()))
    counted = {name: [0] * len(AGES) for name in names}
    for row in rows.order_by().values("kind", "age").annotate(n=tally()):
        counted[row["kind"]][row["age"]] = row["n"]
    labels = [age_words(place) for place in range(len(AGES))]
    series: list[dict[str, Any]] = [
        {
            "name": kind_words(name), "data": counted[name],
            "urls": [url("open", view, kind=name, age=place) for place in range(len(AGES))],
        }
        for name in names
    ]  # fmt: skip
    cells = [
        [_cell(each["data"][place], each["urls"][place]) for each in series] for place in range(len(AGES))
    ]
    totals = [sum(counted[name]) for name in names]
    sums = [_cell(total, url("open", view, kind=name)) for name, total in zip(names, totals, strict=True)]
    return {
        "id": "work",
        "title": _("Open work by age, now"),
        "spec": {
            "type": "bar", "stacked": True, "series": series,
            "categories": [age_short(place) for place in range(len(AGES))],
        },
        "empty": "" if any(map(sum, counted.values())) else _("Nothing is open."),
        "head": [_("Open since"), *(each["name"] for each in series)],
        "rows": [*([labels[place], *cells[place]] for place in range(len(AGES))), [_("Total"), *sums]],
        "sums": [
            {
                "label": each["name"], "value": f"{total:,}", "n": total, "note": _("open now"),
                "url": url("open", view, kind=name),
            }
            for name, each, total in zip(names, series, totals, strict=True)
        ],
    }  # fmt: skip


def _cell(n: int, address: str) -> dict[str, Any]:
    return {"words": f"{n:,}", "url": address if n else "", "n": n}
