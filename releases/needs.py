"""What a release still needs before its next step (REL-01, 02, 04, 05, 06, 09), each in words.

The verbs refuse with these sentences, and the page lists them beforehand.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.access import Actor
from changes.models import Change
from changes.models import State as ChangeState
from changes.reading import authority_of
from releases import related
from releases.fingerprint import digest
from releases.models import FORWARD, CheckSort, PlanTest, Release, StepSort
from releases.needing import Need

PLAN = ("objective", "expected_result", "scope", "effect")
TIMES = ("planned_start_at", "planned_end_at", "decide_at")


def label(name: str) -> str:
    """A field's name as a heading."""
    return str(capfirst(Release._meta.get_field(name).verbose_name))  # type: ignore[union-attr]


def plan_of(release: Release) -> dict[str, Any]:
    """All that a test of the plan is good for: another word, step or item, and it has to be tested again."""
    return {
        **{name: getattr(release, name) for name in (*PLAN, *TIMES, "criteria", "decider_id")},
        "steps": list(map(list, release.steps.values_list("sort", "title", "planned_at"))),
        "changes": sorted(release.bundled.values_list("change_id", flat=True)),
        "items": sorted(map(list, release.release_items.values_list("item_id", "revision", "step_id"))),
    }


def fingerprint(release: Release) -> str:
    return digest(plan_of(release))


def changes_of(release: Release) -> list[Change]:
    rows = Change.objects.filter(pk__in=release.bundled.values("change")).order_by("pk")
    return list(rows)


def of_changes(release: Release) -> list[Need]:
    """Only changes that are approved and not done yet are deployed (REL-08)."""
    rows = changes_of(release)
    if not rows:
        return [Need("changes", _("Name at least one approved change."))]
    words = _("%(number)s is not approved, or not any more (%(state)s): nothing is deployed by it.")
    return [
        Need("changes", words % {"number": row.number, "state": ChangeState(row.state).label})
        for row in rows
        if not authority_of(row).is_approved
    ]


def of_plan(release: Release) -> list[Need]:
    """Before it is ready for deployment."""
    said = _("Nothing is said yet about: %(part)s.")
    needs = [
        Need(name, said % {"part": label(name)}) for name in (*PLAN, "criteria") if not getattr(release, name)
    ]
    needs += [Need(name, said % {"part": label(name)}) for name in TIMES if getattr(release, name) is None]
    if release.decider_id is None:
        needs.append(Need("decider", _("Name who decides whether to go on or to back out.")))
    if not release.members.exists():
        needs.append(Need("members", _("Name the team and who answers for what.")))
    if not release.nodes.exists():
        needs.append(Need("nodes", _("Put key nodes into the timetable, each with who.")))
    sorts = set(release.steps.values_list("sort", flat=True))
    needs += [
        Need("steps", _("No step is planned for: %(sort)s.") % {"sort": StepSort(sort).label})
        for sort in StepSort.values
        if sort not in sorts
    ]
    return [*needs, *of_changes(release), *_items(release), *_unready(release), *_untested(release)]


def _items(release: Release) -> Iterator[Need]:
    """An item is brought to a revision only by a change that names it."""
    for row in release.release_items.select_related("item", "change"):
        if row.item_id not in authority_of(row.change).item_ids:
            words = _("%(change)s does not alter %(item)s.")
            yield Need("items", words % {"change": row.change.number, "item": row.item})


def _unready(release: Release) -> list[Need]:
    there = {row.sort for row in release.checks.all()}
    left = [str(row) for row in release.checks.filter(met_at=None)]
    left += [str(CheckSort(s).label) for s in CheckSort.values if s != CheckSort.OTHER and s not in there]
    return [Need("checks", _("Not ready yet: %(point)s.") % {"point": point}) for point in left]


def _untested(release: Release) -> list[Need]:
    """The plan was tested as it is now, and passed (REL-04)."""
    last = release.tests.first()
    if last is None:
        return [Need("tests", _("The plan was not tested."))]
    if last.result != PlanTest.Result.PASSED:
        return [Need("tests", _("The plan failed its last test."))]
    if last.sha256 != fingerprint(release):
        return [Need("tests", _("The plan was changed since its test; test it again."))]
    return []


def of_service(release: Release) -> list[Need]:
    """Before it is in service: every step forward is done and the decision was to go on."""
    left = release.steps.filter(sort__in=FORWARD, done_at=None)
    needs = [Need("steps", _("Not done yet: %(step)s.") % {"step": row}) for row in left]
    if release.decision != Release.Decision.GO:
        needs.append(Need("decision", _("It is not decided to go on.")))
    return needs


def of_back_out(release: Release) -> list[Need]:
    """Before it is backed out: decided by name, and every back-out step done."""
    left = release.steps.filter(sort=StepSort.BACK_OUT, done_at=None)
    needs = [Need("steps", _("Not done yet: %(step)s.") % {"step": row}) for row in left]
    if release.decision != Release.Decision.BACK_OUT:
        needs.append(Need("decision", _("It is not decided to back out.")))
    return needs


def of_monitoring(release: Release, now: datetime) -> list[Need]:
    """Before the monitoring ends (REL-05)."""
    needs = []
    if release.monitor_until and now < release.monitor_until:
        day = timezone.localtime(release.monitor_until).date().isoformat()
        needs.append(Need("monitor_until", _("The monitoring period runs until %(day)s.") % {"day": day}))
    sorts = set(release.observations.values_list("sort", flat=True))
    wanted = {"feedback": _("Record what users say."), "operation": _("Record how the operation goes.")}
    return needs + [Need("observations", words) for sort, words in wanted.items() if sort not in sorts]


def of_report(release: Release, actor: Actor) -> list[Need]:
    """Before the report is handed in (REL-06)."""
    said = _("Nothing is said yet about: %(part)s.")
    needs = [
        Need(name, said % {"part": label(name)})
        for name in ("analysis", "conclusions")
        if not getattr(release, name).strip()
    ]
    if not release.observations.filter(sort="lesson").exists():
        needs.append(Need("observations", _("Record what was learnt.")))
    for proposed in related.proposed(release):
        words = _("Decide whether %(number)s has to do with the release.")
        needs.append(Need("incidents", words % {"number": proposed.incident.number}))
    return needs
