"""Questions about one problem: what stands behind it, what it lacks for an outcome, what it was passed to."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import Actor
from accounts.models import Organisation
from actions.models import Action
from cmdb.models import Item
from problems import lifecycle
from problems.models import Cause, KnownError, Outcome, Problem, Solution
from records.kinds import Kind, process_of
from records.log import bilingual
from records.models import Link, Record

# What the log calls the parts of the analysis.
PARTS = {
    "effect": gettext_lazy("the effect"),
    "whys": gettext_lazy("the five whys"),
    "causes": gettext_lazy("the tree of causes"),
    "solutions": gettext_lazy("the solutions"),
}
CANCELLED = "cancelled"


def items_of(records: Iterable[int]) -> list[Item]:
    """The configuration items that tickets name; one query."""
    return list(Item.objects.filter(incidents__in=list(records)).distinct().order_by("pk"))


def incidents_of(problem: Record, actor: Actor) -> QuerySet[Record]:
    """The records behind a problem that the actor may see, the newest first."""
    rows = Record.objects.visible_to(actor).filter(
        links_from__target=problem.pk, links_from__type=Link.Type.CAUSED_BY
    )
    found: QuerySet[Record] = rows.exclude(kind=Kind.ACTION.value).order_by("-pk")
    return found


def problems_of(incident: Record, actor: Actor) -> QuerySet[Problem]:
    """The problems an incident stands behind."""
    found: QuerySet[Problem] = Problem.objects.visible_to(actor).filter(
        links_to__source=incident.pk, links_to__type=Link.Type.CAUSED_BY
    )
    return found


def changes_of(problem: Record, actor: Actor) -> list[dict[str, Any]]:
    """The changes it was passed to, each with its state in words (PRB-06)."""
    rows = Record.objects.visible_to(actor).filter(
        links_to__source=problem.pk, links_to__type=Link.Type.SOLVED_BY
    )
    return [{"record": row, "state": state_of(row)} for row in rows.order_by("pk")]


def told(problem: Record, incident: Record) -> Any:
    """What a problem's log calls an incident: its number, but of another customer's nobody is told even that.

    Whoever works for the problem's customer only reads the log. A problem of several is the provider's.
    """
    is_shared = problem.customer.kind == Organisation.Kind.PROVIDER
    if is_shared or problem.customer_id == incident.customer_id:
        return incident.number
    return bilingual(gettext_lazy("an incident of another customer"))


def state_of(record: Record) -> str:
    """A record's state in words, of whatever process it is."""
    return str(dict(process_of(record.kind).labels.choices).get(record.state, record.state))


def measures_of(problem: Record) -> QuerySet[Action]:
    """The preventive measures: actions opened because of the problem that were not called off (PRB-08)."""
    caused = Q(links_from__target=problem.pk, links_from__type=Link.Type.CAUSED_BY)
    found: QuerySet[Action] = Action.objects.filter(caused).exclude(state=CANCELLED).order_by("pk")
    return found


def lacking(problem: Problem, outcome: str, *, reason: str = "", prevention: str = "") -> dict[str, str]:
    """What stands between a problem and an outcome, by field, in words; empty when nothing does (PRB-04)."""
    found: dict[str, str] = {}
    if outcome == Outcome.SOLVED:
        if not Cause.objects.filter(problem=problem.pk, is_root=True).exists():
            found["root_cause"] = _("A root cause is confirmed first.")
        if not Solution.objects.filter(problem=problem.pk, verified_at__isnull=False).exists():
            found["solution"] = _("A solution is chosen and verified first.")
    if outcome == Outcome.WORKAROUND:
        valid = KnownError.objects.filter(of_problem=problem.pk, state=lifecycle.VALID)
        if not valid.exists():
            found["known_error"] = _("A valid known error with its workaround is recorded first.")
    if outcome == Outcome.DIRECT and not reason:
        found["reason"] = _("Say why it is closed directly.")
    if outcome != Outcome.DIRECT and not prevention and not measures_of(problem).exists():
        found["prevention"] = _("Record a preventive measure, or say why none is needed.")
    return found
