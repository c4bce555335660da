"""The figures of a report: one value of texts and whole numbers, from the rows and the period alone.

``figures`` is what was and is frozen: computed again later it is the same, unless a fact was corrected.
``context`` is how things stood when it was computed (actions, names, the months before), ``sources`` the
clocks and records behind each figure, ``rules`` the versions it was measured by.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import zip_longest
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q

from accounts.services import system_actor
from levels.standing import standing
from reports.figures import Question
from reports.period import Period
from reviews.inputs import zone_of_agreement
from servicereports import attained, canonical, context, levelled, workload
from servicereports.attained import instant
from sla.models import Agreement, AgreementVersion, CalendarVersion
from sla.terms_rows import terms_of

FORMAT = 1


@dataclass(frozen=True)
class Computed:
    """All of it, ready to be kept as JSON."""

    figures: dict[str, Any]
    context: dict[str, Any]
    sources: dict[str, Any]
    rules: dict[str, Any]

    def dump(self) -> dict[str, Any]:
        return {
            "figures": self.figures,
            "context": self.context,
            "sources": self.sources,
            "rules": self.rules,
        }


def question_of(agreement: Agreement, first: date, last: date, zone: ZoneInfo, now: datetime) -> Question:
    """Everything about an agreement from the first day to the last, both included, whoever asks."""
    return Question(system_actor(), Period(first, last, zone), now, {"agreement": agreement.pk})


def compute(agreement: Agreement, first: date, last: date, *, now: datetime) -> Computed:
    """The report's figures. Days are those of the agreement's calendar; ``now`` is for the context alone."""
    zone = zone_of_agreement(agreement)
    question = question_of(agreement, first, last, zone, now)
    versions = versions_in(agreement, question.period.start, question.period.end)
    found = attained.read(question, versions)
    misses, breaches = attained.misses(found)
    exclusions = attained.exclusions(found)
    work = workload.read(question)
    stands = standing(agreement, start=question.period.start, end=question.period.end, now=now)
    figures = {
        "attainment": attained.figures(found),
        "misses": misses,
        "reasons": attained.reasons(misses),
        "exclusions": exclusions,
        "workload": {name: len(numbers) for name, numbers in work.items()},
        **levelled.read(stands),
    }
    return Computed(
        figures=figures,
        context=context.read(question, agreement, figures, breaches),
        sources={
            "attainment": found.sources,
            "clocks": {str(pk): number for pk, number in found.numbers.items()},
            "workload": work,
        },
        rules=rules(question, versions),
    )


def versions_in(agreement: Agreement, start: datetime, end: datetime) -> list[AgreementVersion]:
    """The versions that were in force at some instant of [start, end), the oldest first (SLM-45)."""
    rows = AgreementVersion.objects.filter(agreement=agreement, effective_from__lt=end)
    rows = rows.filter(Q(effective_until=None) | Q(effective_until__gt=start)).select_related("calendar")
    ordered = sorted(rows, key=lambda v: (v.effective_from, v.number))
    kept = [
        version
        for version, following in zip_longest(ordered, ordered[1:])
        if following is None or following.effective_from > start
    ]
    ended = agreement.ended_at
    return [v for v in kept if ended is None or (ended > start and v.effective_from < ended)]


# --- the rules -----------------------------------------------------------------------------------


def rules(question: Question, versions: Sequence[AgreementVersion]) -> dict[str, Any]:
    """The versions of agreement and calendars that the figures were measured by, each with a hash."""
    clocks = question.all_decided().order_by()
    ids = {v.pk for v in versions} | set(clocks.values_list("agreement_version", flat=True).distinct())
    used = AgreementVersion.objects.filter(pk__in=ids).order_by("number")
    hours = set(clocks.values_list("calendar_version", flat=True).distinct())
    calendars = CalendarVersion.objects.filter(pk__in=hours).select_related("calendar")
    return {
        "format": FORMAT,
        "zone": str(question.period.zone),
        "agreement_versions": [
            {
                "id": str(v.pk),
                "number": v.number,
                "from": instant(v.effective_from),
                "until": instant(v.effective_until) if v.effective_until else None,
                "sha256": canonical.digest(_stable(terms_of(v).dump())),
            }
            for v in used
        ],
        "calendar_versions": [
            {
                "id": str(v.pk),
                "calendar": v.calendar.code,
                "number": v.number,
                "sha256": canonical.digest(_stable(v.definition)),
            }
            for v in calendars.order_by("calendar__code", "number")
        ],
    }


def _stable(value: Any) -> str:
    """Terms and hours hold fractions; as text they are the same every time."""
    return canonical.text_of(_exact(value))


def _exact(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _exact(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_exact(each) for each in value]
    return repr(value) if isinstance(value, float) else value
