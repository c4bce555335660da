"""The verbs of a release: planned, made ready, put into service or backed out, watched, reported on.

Each is one transaction on the record; mistakes come back as ValidationError keyed by field, refusals as
access.Denied, IllegalMove or Stale. What the plan is made of is written by releases.parting under `RULES`;
the deployment itself is in releases.deploying, the report in releases.reporting.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import access
from accounts.access import Actor
from accounts.models import Organisation, User
from actions.services import check_responsible
from changes.models import Change
from changes.reading import authority_of
from cmdb.models import Item
from records import files
from records import log as records_log
from records.files import Upload
from records.kinds import Kind
from records.models import Attachment, Priority
from records.services import MAX_TEXT, lock, move, open_record, refuse, save, store_files
from releases import lifecycle, needs, parting
from releases.models import (
    CheckSort,
    PlanTest,
    Release,
    ReleaseChange,
    ReleaseCheck,
    ReleaseItem,
    ReleaseStep,
    StepSort,
)
from releases.needing import refuse as refuse_for
from releases.parting import begun, needed

RULES = parting.Rules(
    act="work_release",
    plannable=frozenset({lifecycle.PREPARING}),
    running=lifecycle.RUNNING,
    open=lifecycle.OPEN,
)
TEXTS = (*needs.PLAN, "criteria")
KNOWN = frozenset({*TEXTS, *needs.TIMES, "title", "title_zh", "decider", "monitor_days"})
MOST_DAYS = 365


def open_release(
    *,
    title: str,
    manager: User,
    actor: Actor,
    now: datetime,
    title_zh: str = "",
    description: str = "",
    customer: Organisation | None = None,
) -> Release:
    """Begin a release with its readiness checklist; ``manager`` manages it.

    ``customer`` is whom it is for; without one it concerns several, and is the provider's.
    """
    access.require(actor, "lead_releases")
    needed(title, "title", _("Give it a title."))
    check_responsible(manager, "manager")
    provider = Organisation.objects.filter(kind=Organisation.Kind.PROVIDER).order_by("pk")[0]
    with transaction.atomic():
        made: Release = open_record(
            Release, Kind.RELEASE, actor=actor, now=now, customer=customer or provider,
            requester=User.objects.get(pk=actor.user_id), priority=Priority.MODERATE,
            title=title.strip()[:200], title_zh=title_zh.strip()[:200], description=description.strip(),
            assignee=manager, words=[title_zh.strip()],
        )  # fmt: skip
        for sort in CheckSort:
            if sort != CheckSort.OTHER:
                both = records_log.bilingual(sort.label)
                ReleaseCheck.objects.create(work=made, sort=sort, title=both["en"], title_zh=both["zh"])
    return made


def write(
    release: Release,
    facts: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
    expected_version: int | None,
) -> Release:
    """Write what the plan says (REL-01, REL-09). The same again changes nothing."""
    with transaction.atomic():
        current = begun(
            release, "work_release", RULES.plannable, actor=actor, now=now, expected_version=expected_version
        )
        wanted = {name: value.strip() if isinstance(value, str) else value for name, value in facts.items()}
        changed = [name for name, value in wanted.items() if getattr(current, name, None) != value]
        _check_written(current, wanted)
        if not changed:
            return current
        for name in changed:
            setattr(current, name, wanted[name])
        _check_times(current)
        save(current, changed, now=now)
        labels = [records_log.bilingual(Release._meta.get_field(n).verbose_name) for n in changed]  # type: ignore[union-attr]
        parts = {"en": ", ".join(one["en"] for one in labels), "zh": "、".join(one["zh"] for one in labels)}
        records_log.write(current, "release.written", actor=actor, at=now, parts=parts)
    return current


def _check_written(current: Release, wanted: Mapping[str, Any]) -> None:
    for name, value in wanted.items():
        if name not in KNOWN:
            raise refuse(name, _("This field cannot be changed here."))
        if name in TEXTS and len(value) > MAX_TEXT:
            raise refuse(name, _("The text is too long: at most %(n)s characters.") % {"n": MAX_TEXT})
    if "title" in wanted:
        needed(wanted["title"], "title", _("Give it a title."))
    if wanted.get("decider"):
        check_responsible(wanted["decider"], "decider")
    if "monitor_days" in wanted and not 1 <= wanted["monitor_days"] <= MOST_DAYS:
        raise refuse("monitor_days", _("Between 1 and %(n)s days.") % {"n": MOST_DAYS})


def _check_times(current: Release) -> None:
    start, end = current.planned_start_at, current.planned_end_at
    if bool(start) != bool(end):
        raise refuse("planned_end_at", _("Give beginning and end."), "required")
    if start and end and end <= start:
        raise refuse("planned_end_at", _("The end must lie after the beginning."))
    if current.decide_at and start and end and not start <= current.decide_at <= end:
        raise refuse("decide_at", _("The decision point lies between beginning and end."))


# --- what it brings in -------------------------------------------------------------------------------


def bundle(release: Release, *, change: Change, actor: Actor, now: datetime) -> ReleaseChange:
    """Take an approved change in (REL-08). A change is in one release that is not over."""
    with transaction.atomic():
        current = begun(release, "work_release", RULES.plannable, actor=actor, now=now)
        held = lock(change)
        if not authority_of(held).is_approved:
            words = _("%(number)s is not approved, or is carried out already.")
            raise refuse("change", words % {"number": held.number})
        try:
            with transaction.atomic():
                made = ReleaseChange.objects.create(
                    release=current, change=held, added_by_id=actor.user_id, added_at=now
                )
        except IntegrityError:
            raise _held_by(held) from None
        save(current, [], now=now)
        records_log.write(current, "release.bundled", actor=actor, at=now, change=held.number)
    return made


def _held_by(change: Change) -> ValidationError:
    row = ReleaseChange.objects.filter(change=change, is_held=True).select_related("release").first()
    words = _("%(number)s is in the release %(release)s already.")
    return refuse("change", words % {"number": change.number, "release": row.release.number if row else "–"})


def unbundle(release: Release, pk: int, *, actor: Actor, now: datetime) -> None:
    """Take a change out again, with the items it was to update."""
    with transaction.atomic():
        current = begun(release, "work_release", RULES.plannable, actor=actor, now=now)
        row: ReleaseChange = parting.find(current, "bundled", pk)
        current.release_items.filter(change=row.change).delete()
        number = row.change.number
        row.delete()
        save(current, [], now=now)
        records_log.write(current, "release.unbundled", actor=actor, at=now, change=number)


def add_item(
    release: Release,
    *,
    item: Item,
    change: Change,
    step: ReleaseStep,
    revision: str,
    actor: Actor,
    now: datetime,
) -> ReleaseItem:
    """Plan that a step of the deployment brings an item to a new revision, by one of the changes."""
    revision = needed(revision, "revision", _("Say to which revision."))[:100]
    with transaction.atomic():
        current = begun(release, "work_release", RULES.plannable, actor=actor, now=now)
        if not current.bundled.filter(change=change).exists():
            raise refuse("change", _("This change is not in the release."))
        if step.work_id != current.pk or step.sort != StepSort.DEPLOY:
            raise refuse("step", _("Choose a step of this release that deploys."))
        if item.pk not in authority_of(change).item_ids:
            words = _("%(change)s does not alter %(item)s.")
            raise refuse("item", words % {"change": change.number, "item": item})
        if current.release_items.filter(item=item).exists():
            raise refuse("item", _("This is there already."), "unique")
        made = ReleaseItem.objects.create(
            release=current, item=item, change=change, step=step, revision=revision
        )
        save(current, [], now=now)
        part = records_log.bilingual(ReleaseItem._meta.verbose_name_plural)
        name = f"{item} {revision}"
        records_log.write(current, "release.added", actor=actor, at=now, part=part, name=name)
    return made


def remove_item(release: Release, pk: int, *, actor: Actor, now: datetime) -> None:
    with transaction.atomic():
        current = begun(release, "work_release", RULES.plannable, actor=actor, now=now)
        row: ReleaseItem = parting.find(current, "release_items", pk)
        part = records_log.bilingual(ReleaseItem._meta.verbose_name_plural)
        records_log.write(current, "release.removed", actor=actor, at=now, part=part, name=str(row.item))
        row.delete()
        save(current, [], now=now)


def place(sort: str, at: int) -> int:
    """The position of a step: by its kind, then as the one of its kind numbered ``at``."""
    return list(StepSort.values).index(sort) * 1000 + at


def record_test(
    release: Release,
    *,
    result: str,
    words: str,
    actor: Actor,
    now: datetime,
    attachments: list[Upload] | None = None,
) -> PlanTest:
    """Record a test of the plan as it is now (REL-04). What is changed afterwards is tested again."""
    if result not in PlanTest.Result.values:
        raise refuse("result", _("Say whether it passed."), "required")
    words = needed(words, "words", _("Say how it was tested and what was found."))
    files.check(attachments or [])
    with transaction.atomic():
        current = begun(release, "work_release", RULES.plannable, actor=actor, now=now)
        activity = records_log.write(
            current, "release.tested", actor=actor, at=now, text=words,
            result=records_log.bilingual(PlanTest.Result(result).label),
        )  # fmt: skip
        store_files(current, activity, attachments or [], public=False, actor=actor, now=now)
        made = PlanTest.objects.create(
            release=current, result=result, words=words, sha256=needs.fingerprint(current),
            attachment=Attachment.objects.filter(activity=activity).order_by("pk").first(),
            tested_by_id=actor.user_id, tested_at=now,
        )  # fmt: skip
        save(current, [], now=now)
    return made


# --- before the deployment ---------------------------------------------------------------------------


def make_ready(
    release: Release, *, actor: Actor, now: datetime, expected_version: int | None = None
) -> Release:
    """Plan, test and readiness are complete, every change is approved (REL-01, 02, 04, 09)."""
    with transaction.atomic():
        moved = move(release, "make_ready", actor=actor, now=now, expected_version=expected_version)
        refuse_for(needs.of_plan(moved))
    return moved


def replan(
    release: Release, *, reason: str, actor: Actor, now: datetime, expected_version: int | None = None
) -> Release:
    """Back to the plan, to change it."""
    reason = needed(reason, "reason", _("Say why it is planned anew."))
    return move(release, "replan", actor=actor, now=now, note=reason, expected_version=expected_version)


def call_off(
    release: Release, *, reason: str, actor: Actor, now: datetime, expected_version: int | None = None
) -> Release:
    """It is not deployed; its changes are free for another release."""
    reason = needed(reason, "reason", _("Say why it is called off."))
    with transaction.atomic():
        moved = move(
            release, "call_off_release", actor=actor, now=now, note=reason, expected_version=expected_version
        )
        let_go(moved)
    return moved


def let_go(release: Release) -> None:
    """Its changes may be taken into another release; the caller holds the transaction."""
    release.bundled.filter(is_held=True).update(is_held=False)
