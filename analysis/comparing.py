"""Before and after a day: whether an improvement shows in a figure, and keeping that with its plan."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts import access
from accounts.access import Actor
from actions.models import ImprovementPlan
from analysis import statistics, words
from analysis.asking import Choice, Figure, better_of, figure_of
from analysis.models import BeforeAfter
from analysis.statistics import Difference
from analysis.trending import records_url, state_of, values
from kpis import measuring
from kpis.measuring import Point
from records import span_words, spans
from records.models import Record
from records.services import refuse

MOST_KEPT = 10  # shown with an improvement


@dataclass(frozen=True)
class Compared:
    """The spans wholly before the day and wholly from it on; the one it lies within belongs to neither."""

    figure: Figure
    day: date
    before: list[Point]
    after: list[Point]
    found: Difference | None
    better: int

    @property
    def told(self) -> str:
        n_before, n_after = (len(statistics.there(values(each))) for each in (self.before, self.after))
        return words.difference(self.figure.part, self.found, n_before, n_after, self.better)

    @property
    def interval(self) -> str:
        return words.interval(self.figure.part, self.found) if self.found else ""


def compare(figure: Figure, choice: Choice, day: date) -> Compared:
    """``choice.count`` spans on each side of the day, as far as they are measured and over."""
    here = spans.of(choice.last.kind, day, choice.last.zone)
    after = here if here.first == day else here.next
    asked = Choice(
        choice.actor, choice.now, choice.customer, after.moved(choice.count - 1), 2 * choice.count + 1
    )
    points = asked.points(figure)
    before = [point for point in points if point.span.last < day][-choice.count :]
    later = [point for point in points if point.span.first >= day]
    found = statistics.difference(values(before), values(later))
    return Compared(figure, day, before, later, found, better_of(figure, day))


def page(compared: Compared, choice: Choice) -> dict[str, Any]:
    """What is told, and both sides drawn, with their means."""
    part, found = compared.figure.part, compared.found
    facts = []
    for label, points in (
        (pgettext("analysis", "Before"), compared.before),
        (pgettext("analysis", "After"), compared.after),
    ):
        described = statistics.describe(values(points))
        facts.append(
            {
                "label": label, "n": described.n if described else 0,
                "mean": words.number(part, described.mean) if described else _("no data"),
                "deviation": words.number(part, described.deviation)
                if described and described.deviation is not None
                else _("too few figures"),
            }
        )  # fmt: skip
    return {
        "told": compared.told, "interval": compared.interval, "is_told": found is not None and found.is_told,
        "chance": f"{found.p:.3f}" if found and found.p >= 0.001 else "< 0.001" if found else "",
        "sides": facts, "better": words.better_words(compared.better),
        "chart": _chart(compared, choice),
        "pending": _pending(compared, choice),
    }  # fmt: skip


def _pending(compared: Compared, choice: Choice) -> str:
    left = sum(point.span.end > choice.now for point in compared.after)
    if not left:
        return ""
    return ngettext(
        "%(n)s span after it is not over yet: look again later.",
        "%(n)s spans after it are not over yet: look again later.", left,
    ) % {"n": left}  # fmt: skip


def _chart(compared: Compared, choice: Choice) -> dict[str, Any]:
    part = compared.figure.part
    before = [point for point in compared.before if point.is_measured]
    later = [point for point in compared.after if point.span.start <= choice.now]
    points = [*before, *later]
    n, found = len(before), compared.found
    judged = values(points)

    def side(name: str, first: int, last: int, mean: float | None) -> list[dict[str, Any]]:
        data = [value if first <= place < last else None for place, value in enumerate(judged)]
        flat = [mean if first <= place < last else None for place in range(len(points))]
        urls = [records_url(compared.figure, point, choice.customer) for point in points]
        return [
            {
                "name": name,
                "data": [words.drawn(part, value) for value in data],
                "urls": urls,
                "dash": "solid",
            },
            {
                "name": _("Mean: %(name)s") % {"name": name},
                "bare": True,
                "dash": "dashed",
                "data": [words.drawn(part, value) for value in flat],
            },
        ]

    series = side(pgettext("analysis", "Before"), 0, n, found.mean_before if found else None)
    series += side(pgettext("analysis", "After"), n, len(points), found.mean_after if found else None)
    return {
        "id": "sides", "title": compared.figure.name,
        "empty": not statistics.there(judged) and _("No span before or after the day is measured and over."),
        "spec": {
            "type": "line", "unit": words.chart_unit(part), "categories": [p.span.code for p in points],
            "series": [each for each in series if statistics.there(each["data"])],
        },
        "head": [_("Span"), pgettext("analysis", "Side"), pgettext("analysis", "Figure"), _("State")],
        "rows": [
            [
                span_words.words(point.span),
                {"words": pgettext("analysis", "Before") if place < n else pgettext("analysis", "After")},
                {
                    "words": words.number(part, point.number) if point.is_measured else "–",
                    "url": records_url(compared.figure, point, choice.customer), "n": None,
                },
                {"words": state_of(point, choice)},
            ]
            for place, point in enumerate(points)
        ],
    }  # fmt: skip


# --- kept with an improvement ---------------------------------------------------------------------


def plans(actor: Actor) -> list[ImprovementPlan]:
    """The improvements a comparison may be kept with, the newest first."""
    if not access.may(actor, "lead_actions"):
        return []
    return list(ImprovementPlan.objects.visible_to(actor).order_by("-pk")[:200])


def keep(
    improvement: ImprovementPlan,
    figure: Figure,
    *,
    customer: int | None,
    span_kind: str,
    day: date,
    count: int,
    actor: Actor,
    now: datetime,
) -> BeforeAfter:
    """Keep a comparison with the improvement it judges. Safe to repeat: the one that is there is given."""
    access.require(actor, "lead_actions")
    if not measuring.covers(actor, customer):
        raise access.Denied(actor, "lead_actions")
    if span_kind not in spans.KINDS or not 2 <= count <= 60:
        raise refuse("span", _("Choose which spans are compared."))
    if customer and not figure.part.customer:
        words_ = _("This figure is the provider's own: it is told for all customers together only.")
        raise refuse("customer", words_)
    with transaction.atomic():
        made, _is_new = BeforeAfter.objects.get_or_create(
            improvement=improvement, kpi=figure.kpi.id, part=figure.place, customer_id=customer,
            span_kind=span_kind, day=day,
            defaults={"count": count, "kept_by_id": actor.user_id, "kept_at": now},
        )  # fmt: skip
    return made


def drop(kept: BeforeAfter, *, actor: Actor) -> None:
    """Take a comparison away from its improvement."""
    access.require(actor, "lead_actions")
    if not measuring.covers(actor, kept.customer_id):
        raise access.Denied(actor, "lead_actions")
    kept.delete()


def choice_for(kept: BeforeAfter, actor: Actor, now: datetime) -> Choice:
    """What was chosen when it was kept."""
    span = spans.of(kept.span_kind, kept.day, measuring.house_zone())
    return Choice(actor, now, kept.customer_id, span, kept.count)


def url_of(facts: Mapping[str, Any]) -> str:
    return (
        f"{reverse('analysis:compare')}?{urlencode({k: v for k, v in facts.items() if v not in ('', None)})}"
    )


def panel(record: Record, actor: Actor, *, now: datetime) -> dict[str, Any] | None:
    """The comparisons kept with an improvement, for managers; at most those of customers one covers."""
    if not access.may(actor, "dashboard"):
        return None
    rows = BeforeAfter.objects.filter(improvement=record.pk).select_related("customer").order_by("pk")
    if actor.scope is not None:
        rows = rows.filter(customer__in=actor.scope)
    shown = []
    for kept in rows[:MOST_KEPT]:
        figure = figure_of(f"{kept.kpi}:{kept.part}")
        if not figure.kpi.parts:
            continue
        compared = compare(figure, choice_for(kept, actor, now), kept.day)
        shown.append(
            {
                "kept": kept, "name": figure.name, "told": compared.told, "interval": compared.interval,
                "url": url_of(
                    {
                        "figure": figure.code, "customer": kept.customer_id, "span": kept.span_kind,
                        "count": kept.count, "day": kept.day, "improvement": record.number,
                    }
                ),
            }
        )  # fmt: skip
    return {
        "rows": shown,
        "new_url": url_of({"improvement": record.number}),
        "leads": access.may(actor, "lead_actions"),
    }
