"""The page and the words of the underpinning proof."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.pages import actor_for
from itsm.templatetags.ui import duration, instant_words
from sla import underpinning
from sla.models import Agreement, AgreementVersion, MeasuredTarget, Metric
from sla.naming import UNITS, Names
from sla.queries import agreements
from sla.reading import Refused
from sla.terms import MeasureTerm, TargetTerm, Terms
from sla.terms_rows import terms_of
from sla.underpin import Circular, Verdict, Warned

STATES = {
    "proved": (gettext_lazy("No looser"), "good"),
    "looser": (gettext_lazy("Looser"), "bad"),
    "not_underpinned": (gettext_lazy("Not underpinned"), "warn"),
    "unknown": (gettext_lazy("Cannot be judged"), "neutral"),
}
METRICS = {
    **dict(Metric.choices),
    "on_site": gettext_lazy("On site"),
    "restoration": gettext_lazy("Restoration"),
    "closure": gettext_lazy("Closure"),
}
WEEKDAYS = (
    gettext_lazy("Monday"),
    gettext_lazy("Tuesday"),
    gettext_lazy("Wednesday"),
    gettext_lazy("Thursday"),
    gettext_lazy("Friday"),
    gettext_lazy("Saturday"),
    gettext_lazy("Sunday"),
)
WARNINGS = {
    "hours": gettext_lazy("%(agreement)s does not cover our service hours: the first gap is on %(at)s."),
    "validity": gettext_lazy("%(agreement)s ends before our agreement does, on %(at)s."),
    "agreement": gettext_lazy("%(agreement)s is not in force."),
    "target": gettext_lazy("%(agreement)s holds no target %(target)s."),
    "calendar": gettext_lazy("A calendar has no edition in force."),
    "kind": gettext_lazy("%(agreement)s: %(target)s promises something else."),
    "unit": gettext_lazy("%(agreement)s: %(target)s is in a unit that cannot be converted."),
    "period": gettext_lazy("%(agreement)s: %(target)s is judged over a longer period."),
    "opens": gettext_lazy("%(agreement)s: the clock of %(target)s starts later than ours."),
    "never": gettext_lazy("A promise in this chain never comes due."),
}


def page(request: HttpRequest, code: str) -> HttpResponse:
    """The proof of the version in force, or of the newest one where none is; 404 for whom it is not."""
    actor = actor_for(request, "dashboard")
    agreement = get_object_or_404(agreements(actor), code=code)
    version = version_of(agreement, timezone.now())
    context: dict[str, Any] = {"agreement": agreement, "version": version, "rows": []}
    if version is not None:
        try:
            verdicts = underpinning.prove_version(version, at=timezone.now())
            rows = named_rows(terms_of(version), verdicts, Names.load())
            decided = _decided(version)
            context["rows"] = [row | {"decision": decided.get(row["key"])} for row in rows]
        except Circular as refused:
            context["refused"] = circle_words(refused, Names.load())
    context["counts"] = [
        {"label": words, "tone": tone, "count": sum(row["state"] == state for row in context["rows"])}
        for state, (words, tone) in STATES.items()
    ]
    return render(request, "sla/underpinning.html", context, status=422 if "refused" in context else 200)


def circle_words(refused: Refused, names: Names | None = None) -> str:
    """The refusal of targets that rest on each other, in the reader's language; by code without names."""
    circle = refused.detail.partition(": ")[2]
    if names:
        nodes = [node.partition(" ") for node in circle.split(" -> ")]
        circle = " → ".join(f"{names.agreement(code)} ({names.key(key)})" for code, _space, key in nodes)
    return _("Targets may not rest on each other; this is a circle: %(circle)s") % {"circle": circle}


def version_of(agreement: Agreement, now: datetime) -> AgreementVersion | None:
    """The version in force, else the newest."""
    versions = AgreementVersion.objects.filter(agreement=agreement).select_related("agreement", "calendar")
    began = versions.filter(effective_from__lte=now).order_by("-effective_from", "-number").first()
    return began or versions.order_by("-number").first()


def rows(version: AgreementVersion, now: datetime) -> list[dict[str, Any]]:
    """One line for each target, the worst first; `underpin.Circular` if it cannot be proved at all."""
    return rows_of(terms_of(version), underpinning.prove_version(version, at=now))


def rows_of(terms: Terms, verdicts: Sequence[Verdict]) -> list[dict[str, Any]]:
    """The lines for verdicts on given terms, such as those of a draft."""
    promised = {term.key: term for term in terms.promises}
    order = list(STATES)
    found = [_row(verdict, promised[verdict.key]) for verdict in verdicts]
    return sorted(found, key=lambda row: (order.index(row["state"]) + 3) % 4)


def _decided(version: AgreementVersion) -> dict[str, Any]:
    """What somebody accepted by name when the edition behind a version was signed, by key of the target."""
    edition = getattr(version, "edition", None)  # one of a layer above tells of it, or none does
    return {row.target_key: row for row in edition.exceptions.select_related("decided_by")} if edition else {}


def named_rows(terms: Terms, verdicts: Sequence[Verdict], names: Names) -> list[dict[str, Any]]:
    """The lines of `rows_of` for people: agreements, services and targets by name instead of by code."""
    return [_named(found, names) for found in rows_of(terms, [_named_verdict(v, names) for v in verdicts])]


def _named_verdict(verdict: Verdict, names: Names) -> Verdict:
    """A verdict whose sentences speak of agreements and targets by name."""
    example = verdict.counterexample
    if example:
        dues = [replace(due, agreement=names.agreement(due.agreement)) for due in example.dues]
        example = replace(example, dues=tuple(dues))
    warnings = [
        replace(each, agreement=names.agreement(each.agreement), target=names.key(each.target))
        for each in verdict.warnings
    ]
    return replace(verdict, counterexample=example, warnings=tuple(warnings))


def _named(found: dict[str, Any], names: Names) -> dict[str, Any]:
    """A line of the proof with names instead of codes."""
    chain = [
        {"agreement": names.agreement(each.agreement), "target": names.key(each.target), "stage": each.stage}
        for each in found["chain"]
    ]
    return found | {"name": names.key(found["key"]), "service": "", "priority": None, "chain": chain}


def _row(verdict: Verdict, term: TargetTerm | MeasureTerm) -> dict[str, Any]:
    words, tone = STATES[verdict.state]
    return {
        "key": verdict.key,
        "state": verdict.state,
        "label": words,
        "tone": tone,
        "name": _name(term),
        "service": term.service or "",
        "priority": getattr(term, "priority", None),
        "chain": sorted(term.underpinned_by, key=lambda support: support.stage),
        "slack": verdict.slack,
        "unit": verdict.unit,
        "slack_words": slack_words(verdict),
        "example": example_words(verdict),
        "warnings": [warning_words(warned, verdict.zone) for warned in verdict.warnings],
        "verdict": verdict,
    }


def _name(term: TargetTerm | MeasureTerm) -> Any:
    if isinstance(term, TargetTerm):
        return METRICS[term.metric]
    return dict(MeasuredTarget.Measure.choices).get(term.measure, term.measure)


def slack_words(verdict: Verdict) -> str:
    """How much is to spare or missing, in words; "" where there is no figure."""
    if verdict.slack is None:
        return ""
    if verdict.slack == 0:
        return _("nothing to spare")
    if verdict.unit == "seconds" and verdict.combined is None:
        amount, short = duration(verdict.slack), _("%s too late")
    else:
        unit = "%" if verdict.unit == "percent" else UNITS.get(verdict.unit, verdict.unit)
        amount, short = f"{abs(verdict.slack):.4g} {unit}", _("%s short of the promise")
    return (short if verdict.slack < 0 else _("%s to spare")) % amount


def example_words(verdict: Verdict) -> str:
    """The worst start as a sentence, in the zone of the calendar."""
    example = verdict.counterexample
    if example is None:
        return ""
    dues = "; ".join(
        _("%(agreement)s due %(at)s")
        % {"agreement": due.agreement, "at": weekday_words(due.due, verdict.zone)}
        for due in example.dues
    )
    return _("Opened %(start)s: %(dues)s; SLA due %(due)s.") % {
        "start": weekday_words(example.start, verdict.zone),
        "dues": dues,
        "due": weekday_words(example.sla_due, verdict.zone),
    }


def weekday_words(at: datetime, zone: str) -> str:
    """An instant with its weekday; seconds only where there are any."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{WEEKDAYS[local.weekday()]} {instant_words(at, ZoneInfo(zone), seconds=local.second != 0)}"


def warning_words(warned: Warned, zone: str) -> str:
    """What a person should know, as a sentence."""
    at = weekday_words(warned.at, zone) if warned.at else ""
    return WARNINGS[warned.code] % {"agreement": warned.agreement, "target": warned.target, "at": at}
