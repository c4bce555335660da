"""The words of an agreement that a customer may not know, explained to them (SLM-16)."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from agreements.documents.words import say
from sla.models import MeasuredTarget, Metric
from sla.terms import Terms, Text

TERMS: Mapping[str, tuple[Any, Any]] = {
    "sla": (
        _("Service level agreement (SLA)"),
        _("What the provider promises a customer about a service, how it is measured, and what follows."),
    ),
    "ola": (
        _("Operational level agreement (OLA)"),
        _("What one of the provider's teams promises, so that the promise to the customer can be kept."),
    ),
    "uc": (
        _("Underpinning contract (UC)"),
        _("What a supplier promises the provider, so that the promise to the customer can be kept."),
    ),
    "ticket": (
        _("Ticket"),
        _("The numbered record of what was reported or asked for; times are measured on it."),
    ),
    "target": (
        _("Target"),
        _("A promised figure with its unit, hours, way of measuring and period."),
    ),
    "goal": (
        _("Attainment"),
        _("The share of a period's tickets that kept a target. The goal is the least share agreed."),
    ),
    "working_time": (
        _("Working time"),
        _("Time within the hours of the calendar named with a target; other time does not count."),
    ),
    "working_days": (
        _("Working day"),
        _("A day on which the calendar named with a target has hours."),
    ),
    "calendar_days": (
        _("Day"),
        _("A day of the year, whether worked or not."),
    ),
    "priority": (
        _("Priority"),
        _("How soon a ticket is worked on, from 1 (critical) to 4 (low): by its impact and urgency."),
    ),
    "impact": (
        _("Impact"),
        _("How much of the customer's work is affected."),
    ),
    "urgency": (
        _("Urgency"),
        _("How soon it must be solved before the harm grows."),
    ),
    "pause": (
        _("Pause"),
        _("Time that does not count because a ticket waits for a reason agreed in section 8."),
    ),
    "credit": (
        _("Credit"),
        _("A part of the charge that is given back when a goal is missed."),
    ),
    "reward": (
        _("Reward"),
        _("A part of the charge that is added to it when a target is kept more often than promised."),
    ),
}
METRICS: Mapping[str, Any] = {
    "first_response": _("Until a person first answers whoever reported it."),
    "next_update": _("The longest time without a solution or news."),
    "on_site": _("Until a technician is at the place."),
    "restoration": _("Until the service can be used again, be it by a workaround."),
    "resolution": _("Until the ticket is solved."),
    "closure": _("Until the ticket is closed after its solution."),
}
MEASURES: Mapping[str, Any] = {
    "availability": _("The share of the agreed hours in which the service can be used."),
    "failures": _("How often the service fails in a period."),
    "outage_duration": _("The longest time at a stretch in which the service cannot be used."),
    "mtbf": _("The average time from the end of a failure to the next one."),
    "throughput": _("How much work the service handles in a given time."),
    "transaction_time": _("How long a user waits for the answer of the system."),
    "answer_rate": _("The share of calls that are answered."),
    "reply_rate": _("The share of enquiries that are replied to."),
    "callback_rate": _("The share of repairs after which the customer is asked how it went."),
    "repeat_faults": _("How often the same fault has to be repaired again."),
    "workload": _("The amount of work up to which the targets hold."),
    "publication": _("How often the figures are made public."),
}


def entries(terms: Terms, kind: str) -> tuple[tuple[Text, Text], ...]:
    """Term and meaning of what this agreement speaks of, and of nothing else."""
    found = [tuple(map(say, TERMS[code])) for code in _used(terms, kind)]
    metrics = dict.fromkeys(term.metric for term in terms.targets)
    measures = dict.fromkeys(term.measure for term in terms.measures)
    found += [(say(Metric(code).label), say(METRICS[code])) for code in metrics]
    found += [(say(MeasuredTarget.Measure(code).label), say(MEASURES[code])) for code in measures]
    return tuple((term, meaning) for term, meaning in found)


def _used(terms: Terms, kind: str) -> Iterator[str]:
    """The codes of TERMS that the agreement uses, in their order."""
    kinds = {term.promise.kind for term in terms.targets}
    is_used = {
        "ola": kind == "ola",
        "uc": kind == "uc",
        "sla": kind == "sla",
        "goal": bool(terms.targets) or any(term.goal_percent is not None for term in terms.measures),
        "working_time": "business_seconds" in kinds,
        "working_days": "working_days" in kinds,
        "calendar_days": "calendar_days" in kinds,
        "pause": bool(terms.pausing_reasons),
        "credit": bool(terms.credits),
        "reward": bool(terms.rewards),
    }
    return (code for code in TERMS if is_used.get(code, True))
