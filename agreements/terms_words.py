"""What the parts of an agreement are called, on pages and in the log, in the reader's language.

Programs name a target by its key, "resolution/email/1"; people read "Resolution · E-mail · Priority 1".
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.sections import NAMES
from records import log as records_log
from sla.keys import key_of as key_of_parts
from sla.naming import Names, amount
from sla.package_views import promise_words
from sla.target import Target
from sla.terms import Cost, MeasureTerm, TargetTerm

PARTS: Mapping[str, Any] = {
    "general": gettext_lazy("General"),
    "guide": gettext_lazy("Priority guide"),
    "targets": gettext_lazy("Targets"),
    "measures": gettext_lazy("Measures"),
    "sections": gettext_lazy("Sections"),
    "credits": gettext_lazy("Credits"),
    "rewards": gettext_lazy("Rewards"),
    "reports": gettext_lazy("Service reports"),
}
FIELDS: Mapping[str, Any] = {
    **PARTS,
    "calendar": gettext_lazy("Service hours"),
    "matrix": gettext_lazy("Priority guide"),
    "pausing_reasons": gettext_lazy("Reasons that pause the clocks"),
    "warn_at": gettext_lazy("Warnings"),
    "reopen_starts_new_cycle": gettext_lazy("Reopened tickets"),
    "services": gettext_lazy("Services in scope"),
    "review_months": gettext_lazy("Reviews"),
    "cost": gettext_lazy("Expected cost"),
    "key_services": gettext_lazy("Key services"),
    "renewal": gettext_lazy("End and renewal"),
    "effective_from": gettext_lazy("In force from"),
    "effective_until": gettext_lazy("In force until"),
    "change_reason": gettext_lazy("Reason for the change"),
}
HELP: Mapping[str, Any] = {
    "introduction": gettext_lazy(
        "What this agreement is for, in two or three sentences the customer understands."
    ),
    "parties": gettext_lazy(
        "Who provides and who receives the service: organisations, addresses, representatives."
    ),
    "validity": gettext_lazy(
        "From when until when it applies, how it is renewed, and how either side ends it."
    ),
    "approval": gettext_lazy("Who reviews, approves and signs on both sides, in which role."),
    "scope": gettext_lazy(
        "Which services of the catalogue and which sites and users it covers, and what it does not."
    ),
    "contacts": gettext_lazy("How the service desk is reached, and the contact persons of both sides."),
    "service_hours": gettext_lazy(
        "When the service runs and when it is supported: weekdays, weekends, holidays."
    ),
    "interruptions": gettext_lazy(
        "Maintenance windows and how early they are announced; these do not count as failures."
    ),
    "customer_duties": gettext_lazy(
        "What the customer provides: access, information, contact persons, cooperation."
    ),
    "priority_guide": gettext_lazy("How impact and urgency give the priority, with examples for each."),
    "escalation": gettext_lazy("Who is told when, and who decides, if a target is in danger or missed."),
    "complaints": gettext_lazy("Where the customer complains, who answers, and by when."),
    "service_targets": gettext_lazy(
        "In words: availability, reliability, response, support, throughput, transaction and turnaround time."
    ),
    "metrics": gettext_lazy(
        "How each target is measured, with what formula, from which data, over which period."
    ),
    "workload_limits": gettext_lazy(
        "Up to how many users, tickets or transactions the targets hold, and what is done beyond."
    ),
    "changes": gettext_lazy(
        "How changes to the service and to this agreement are asked for, judged and agreed."
    ),
    "continuity_security": gettext_lazy(
        "Recovery after a disaster, backups, and who is responsible for which part of security."
    ),
    "charges": gettext_lazy("What the service costs, how it is counted and billed, and by when it is paid."),
    "interruption_procedure": gettext_lazy("What both sides do when the service fails, step by step."),
    "exceptions": gettext_lazy(
        "What does not count: force majeure, causes on the customer's side, agreed exceptions."
    ),
    "reporting_review": gettext_lazy(
        "Which reports the customer gets, and when service is reviewed together."
    ),
    "incentives_penalties": gettext_lazy(
        "What follows from promises kept and missed: credits, bonus, limits of liability."
    ),
    "glossary": gettext_lazy("The terms of this agreement, explained for the customer."),
}
SOURCES: Mapping[str, Any] = {
    "tickets": gettext_lazy("tickets"),
    "monitoring": gettext_lazy("monitoring"),
    "calls": gettext_lazy("telephone system"),
    "survey": gettext_lazy("survey"),
    "manual": gettext_lazy("entered by hand"),
}
PERIODS: Mapping[str, Any] = {
    "month": gettext_lazy("month"),
    "quarter": gettext_lazy("quarter"),
    "half_year": gettext_lazy("half year"),
    "year": gettext_lazy("year"),
}
REPORT_KINDS: Mapping[str, Any] = {
    "service_level": gettext_lazy("Service level report"),
    "availability": gettext_lazy("Availability report"),
    "workload": gettext_lazy("Workload report"),
    "satisfaction": gettext_lazy("Satisfaction report"),
    "review": gettext_lazy("Report for the service review"),
}
WAYS: Mapping[str, Any] = {
    "portal": gettext_lazy("portal"),
    "email": gettext_lazy("e-mail"),
    "meeting": gettext_lazy("meeting"),
    "paper": gettext_lazy("paper"),
}
AT_END: Mapping[str, Any] = {
    "ends": gettext_lazy("It ends."),
    "continues": gettext_lazy("It goes on until a new edition is in force or it is terminated."),
}
MOST_NAMED = 6


def promise(target: Target) -> str:
    """ "4 working hours", "2 working days, until closing time"."""
    words = promise_words(target)
    return _("%s, until closing time") % words if target.until == "close" else words


def measured(term: MeasureTerm) -> str:
    """ "at least 99.9 %", "at most 3 times"."""
    return amount(term.operator, term.value, term.unit)


def cost(given: Cost) -> str:
    """ "CNY 1,200.00 per month"; "" where none is expected."""
    if not given.amount:
        return ""
    amount = f"{given.currency} {given.amount:,.2f}"
    return _("%(amount)s per %(period)s") % {"amount": amount, "period": PERIODS.get(given.per, given.per)}


def within(term: TargetTerm | MeasureTerm) -> str:
    """What is promised, in words."""
    return promise(term.promise) if isinstance(term, TargetTerm) else measured(term)


def sections(codes: Iterable[str]) -> str:
    return ", ".join(str(NAMES[code]) for code in codes)


def in_both(words: Callable[[], str]) -> dict[str, str]:
    """Words as a label of the log: {"en", "zh"}."""
    return records_log.bilingual(lazy(words, str)())


def changed(parts: Iterable[str], before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, str]:
    """What a revision changed, as a label of the log: "Targets (Resolution · E-mail), Warnings"."""
    names = Names.load()
    listed = list(parts)
    return in_both(lambda: ", ".join(_part(part, before, after, names) for part in listed))


def _part(part: str, before: Mapping[str, Any], after: Mapping[str, Any], names: Names) -> str:
    label = str(FIELDS.get(part, part))
    if part == "sections":
        old, new = before.get(part, {}), after.get(part, {})
        details = [str(NAMES[code]) for code in NAMES if old.get(code) != new.get(code)]
    elif part in ("targets", "measures"):
        old, new = _by_key(before.get(part, [])), _by_key(after.get(part, []))
        details = [names.key(key) for key in {**old, **new} if old.get(key) != new.get(key)]
    else:
        details = []
    more = ["…"] if len(details) > MOST_NAMED else []
    return f"{label} ({', '.join(details[:MOST_NAMED] + more)})" if details else label


def _by_key(rows: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {key_of(row): row for row in rows}


def key_of(row: Mapping[str, Any]) -> str:
    """The key of a target or measure in the JSON form."""
    if "metric" in row:
        scope = (row.get("service"), row.get("priority"), row.get("ticket_kind"))
        return key_of_parts(row["metric"], *scope)
    return f"{row['measure']}/{row.get('service') or ''}"
