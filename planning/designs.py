"""The verbs of the design of a service: specification sheet, quality plan, check of the planning document.

Both sheets are versioned and approved by a second person; what is not translated hinders going on.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.models import Team
from catalog.models import Service
from planning import content as whole
from planning import design, lessons, lifecycle
from planning.content import Content
from planning.design import DesignError, QualityRow, SpecRow
from planning.models import Baseline, Design, Input, PlanningCheck, ServiceLevelRequirement
from planning.services import check_codes, in_fields, locked
from planning.words import Things
from records import log as records_log
from records.services import move, refuse, save

FIXED = frozenset({lifecycle.FIXED})
Rows = tuple[SpecRow, ...] | tuple[QualityRow, ...]


def last(requirement: ServiceLevelRequirement, kind: str) -> Design | None:
    """The newest version, draft or approved."""
    found: Design | None = requirement.designs.filter(kind=kind).order_by("-number").first()
    return found


def approved(requirement: ServiceLevelRequirement, kind: str) -> Design | None:
    """The newest version that was approved."""
    rows = requirement.designs.filter(kind=kind, approved_at__isnull=False)
    found: Design | None = rows.order_by("-number").first()
    return found


def spec_of(row: Design | None) -> tuple[SpecRow, ...]:
    return design.known_spec_rows(row.rows) if row else ()


def quality_of(row: Design | None) -> tuple[QualityRow, ...]:
    return design.quality_rows(row.rows) if row else ()


def write(
    requirement: ServiceLevelRequirement,
    kind: str,
    given: object,
    *,
    actor: Actor,
    now: datetime,
    expected_version: int | None,
) -> Design:
    """Write the rows of the draft; after an approved version this begins the next."""
    with transaction.atomic():
        current = locked(requirement, "write_design", FIXED, actor, now, expected_version)
        rows = _read(kind, given, Content.parse(current.content))
        newest = last(current, kind)
        wanted = design.dumped(rows)
        if newest and newest.rows == wanted:
            return newest
        if newest is None or newest.approved_at:
            number = newest.number + 1 if newest else 1
            newest = Design(requirement=current, kind=kind, number=number)
        newest.rows, newest.written_by_id, newest.written_at = wanted, actor.user_id, now
        newest.save()
        save(current, [], now=now)
        _log(current, "requirement.write_design", newest, actor, now)
    return newest


def _read(kind: str, given: object, content: Content) -> Rows:
    try:
        rows: Rows = (
            design.spec_rows(given, content)
            if kind == Design.Kind.SPECIFICATION
            else design.quality_rows(given)
        )
    except DesignError as refused:
        raise in_fields(refused) from None
    teams = {row.team for row in rows}
    check_codes("rows", teams, Team.objects.filter(code__in=teams).values_list("code", flat=True))
    services = {row.service for row in rows if isinstance(row, SpecRow) and row.service}
    check_codes("rows", services, Service.objects.filter(code__in=services).values_list("code", flat=True))
    return rows


def approve(
    requirement: ServiceLevelRequirement,
    kind: str,
    *,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Design:
    """Approve the draft for the present baseline; never by who wrote it."""
    with transaction.atomic():
        current = locked(requirement, "approve_design", FIXED, actor, now, expected_version)
        draft = last(current, kind)
        if draft is None or draft.approved_at:
            raise refuse("rows", _("There is no draft to be approved."))
        if draft.written_by_id == actor.user_id:
            raise refuse("actor", _("The author cannot do this; a second person must."))
        if not draft.rows:
            raise refuse("rows", _("There is no row in it yet."), "required")
        content = Content.parse(current.content)
        if kind == Design.Kind.SPECIFICATION and (left := design.untranslated(content, spec_of(draft))):
            raise refuse("rows", _not_translated(left))
        if kind == Design.Kind.SPECIFICATION and (unheeded := lessons.hindrance(current)):
            raise refuse("lessons", unheeded)
        draft.baseline, draft.approved_by_id, draft.approved_at = baseline(current), actor.user_id, now
        draft.save()
        save(current, [], now=now)
        _log(current, "requirement.approve_design", draft, actor, now)
    return draft


def _not_translated(places: tuple[str, ...]) -> str:
    things = Things.load()
    return _("Not translated into technical requirements yet: %(places)s.") % {
        "places": _(", ").join(map(things.place, places))
    }


def baseline(requirement: ServiceLevelRequirement) -> Baseline | None:
    """The one in force: the newest."""
    found: Baseline | None = requirement.baselines.order_by("-number").first()
    return found


def _log(current: ServiceLevelRequirement, verb: str, row: Design, actor: Actor, now: datetime) -> None:
    what = records_log.bilingual(Design.Kind(row.kind).label)
    records_log.write(current, verb, actor=actor, at=now, version=row.number, what=what)


def check_planning(
    requirement: ServiceLevelRequirement,
    *,
    document: Input,
    result: str,
    points: str,
    actor: Actor,
    now: datetime,
) -> PlanningCheck:
    """The service level manager's result on a planning document that somebody else filed (SLM-58)."""
    if result not in PlanningCheck.Result.values:
        raise refuse("result", _("Say whether it passed or is to be corrected."), "required")
    if result == PlanningCheck.Result.TO_CORRECT and not points.strip():
        raise refuse("points", _("Name the points to be corrected."), "required")
    with transaction.atomic():
        states = frozenset({lifecycle.DEFINING, lifecycle.FIXED})
        current = locked(requirement, "check_planning", states, actor, now)
        if document.requirement_id != current.pk or document.kind != Input.Kind.PLANNING:
            raise refuse("document", _("Choose a service planning document of this requirement."))
        if document.attachment.created_by_id == actor.user_id:
            raise refuse("document", _("You filed this document yourself; a second person must check it."))
        made = PlanningCheck.objects.create(
            document=document,
            result=result,
            points=points.strip(),
            checked_by_id=actor.user_id,
            checked_at=now,
        )
        save(current, [], now=now)
        label = records_log.bilingual(PlanningCheck.Result(result).label)
        records_log.write(
            current, "requirement.check_planning", actor=actor, at=now, text=points.strip(), result=label,
            document=document.attachment.name,
        )  # fmt: skip
    return made


def last_check(requirement: ServiceLevelRequirement) -> PlanningCheck | None:
    """The result on the newest planning document; None while it is unchecked."""
    rows = requirement.inputs.filter(kind=Input.Kind.PLANNING)
    newest: Input | None = rows.order_by("-pk").first()
    return newest.checks.select_related("checked_by").first() if newest else None


def changes_since(requirement: ServiceLevelRequirement) -> list[whole.Change]:
    """What it says differently from its newest baseline."""
    fixed = baseline(requirement)
    if fixed is None:
        return []
    return whole.changes(Content.parse(fixed.content), Content.parse(requirement.content))


def hindrances(requirement: ServiceLevelRequirement) -> list[str]:
    """What stands between a fixed baseline and a finished planning, each in a sentence."""
    found: list[str] = []
    fixed = baseline(requirement)
    if changes_since(requirement):
        found.append(_("It was changed since the baseline: fix a new one, or take the changes back."))
    sheet = approved(requirement, Design.Kind.SPECIFICATION)
    content = Content.parse(requirement.content)
    if left := design.untranslated(content, spec_of(last(requirement, Design.Kind.SPECIFICATION))):
        found.append(_not_translated(left))
    elif sheet is None or sheet.baseline_id != (fixed and fixed.pk):
        found.append(_("The specification sheet is not approved for this baseline."))
    plan = approved(requirement, Design.Kind.QUALITY)
    if plan is None or plan.baseline_id != (fixed and fixed.pk):
        found.append(_("The quality plan is not approved for this baseline."))
    if unheeded := lessons.hindrance(requirement):
        found.append(unheeded)
    check = last_check(requirement)
    if check is None:
        found.append(_("No service planning document was checked by the service level manager."))
    elif check.result != PlanningCheck.Result.PASSED:
        found.append(_("The service planning document is to be corrected."))
    return found


def plan_service(
    requirement: ServiceLevelRequirement, *, actor: Actor, now: datetime, expected_version: int | None = None
) -> ServiceLevelRequirement:
    """The planning is finished; an agreement can be drafted."""
    with transaction.atomic():
        current = locked(requirement, "plan_service", FIXED, actor, now, expected_version)
        if problems := hindrances(current):
            raise refuse("planning", " ".join(problems))
        return move(current, "plan_service", actor=actor, now=now)
