"""After the deployment: what is watched (REL-05), the incidents that followed, the report (REL-06)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import Actor
from records import log as records_log
from records.kinds import Kind
from records.models import Link, Record
from records.services import link, move, refuse, save
from releases import lifecycle, needs, related
from releases.models import Observation, Release, ReleaseIncident
from releases.needing import refuse as refuse_for
from releases.parting import begun, fitting, needed
from releases.services import let_go

WATCHED = frozenset({lifecycle.MONITORING, lifecycle.REPORTING})
REPORTABLE = frozenset({lifecycle.REPORTING})


def observe(
    release: Release, *, sort: str, words: str, actor: Actor, now: datetime, said_by: str = ""
) -> Observation:
    """Record what was seen, said or learnt after the deployment."""
    if sort not in Observation.Sort.values:
        raise refuse("sort", _("Say what it is."), "required")
    words = needed(words, "words", _("Write what was seen, said or learnt."))
    if sort == Observation.Sort.FEEDBACK:
        said_by = needed(said_by, "said_by", _("Say who said so."))
    with transaction.atomic():
        current = begun(release, "work_release", WATCHED, actor=actor, now=now)
        made = Observation.objects.create(
            work=current, sort=sort, words=words, said_by=said_by.strip()[:150],
            recorded_by_id=actor.user_id, recorded_at=now,
        )  # fmt: skip
        save(current, [], now=now)
        what = records_log.bilingual(Observation.Sort(sort).label)
        records_log.write(current, "release.observed", actor=actor, at=now, text=words, what=what)
    return made


def judge_incident(
    release: Release,
    *,
    incident: Record,
    is_related: bool,
    actor: Actor,
    now: datetime,
    words: str = "",
) -> ReleaseIncident:
    """Say whether an incident has to do with the release; what does is linked as caused by it.

    May be judged anew until the report is handed in.
    """
    if incident.kind != Kind.INCIDENT:
        raise refuse("incident", _("Name an incident."))
    words = fitting(words, "words")
    with transaction.atomic():
        current = begun(release, "work_release", WATCHED, actor=actor, now=now)
        there = current.incidents.filter(incident=incident.pk).first()
        why = there.why if there else related.why_of(current, incident)
        if there and (there.is_related, there.words) == (is_related, words):
            return there
        made, _is_new = ReleaseIncident.objects.update_or_create(
            release=current, incident_id=incident.pk,
            defaults={
                "why": why, "is_related": is_related, "words": words,
                "decided_by_id": actor.user_id, "decided_at": now,
            },
        )  # fmt: skip
        save(current, [], now=now)
        verb = "release.related" if is_related else "release.unrelated"
        records_log.write(current, verb, actor=actor, at=now, text=words, incident=incident.number)
        if is_related:
            link(incident, current, kind=Link.Type.CAUSED_BY, actor=actor, now=now)
        else:
            Link.objects.filter(source=incident.pk, target=current.pk, type=Link.Type.CAUSED_BY).delete()
    return made


def end_monitoring(
    release: Release, *, actor: Actor, now: datetime, expected_version: int | None = None
) -> Release:
    """The period is over, operation and users were listened to (REL-05): the report is due."""
    with transaction.atomic():
        moved = move(release, "end_monitoring", actor=actor, now=now, expected_version=expected_version)
        refuse_for(needs.of_monitoring(moved, now))
        let_go(moved)
    return moved


def hand_in(
    release: Release,
    *,
    analysis: str,
    conclusions: str,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Release:
    """Hand the report in: why it succeeded or failed, conclusions; every proposed incident is decided on."""
    written = {
        "analysis": analysis.strip(), "conclusions": conclusions.strip(), "reported_by_id": actor.user_id,
        "reported_at": now,
    }  # fmt: skip
    with transaction.atomic():
        moved = move(
            release,
            "hand_in_report",
            actor=actor,
            now=now,
            expected_version=expected_version,
            changes=written,
        )
        refuse_for(needs.of_report(moved, actor))
    return moved


def return_report(
    release: Release, *, reason: str, actor: Actor, now: datetime, expected_version: int | None = None
) -> Release:
    """Give the report back to be written better."""
    reason = needed(reason, "reason", _("Say what is missing in the report."))
    _check_second(release, actor)
    return move(
        release, "return_report", actor=actor, now=now, note=reason, expected_version=expected_version
    )


def review(
    release: Release, *, words: str, actor: Actor, now: datetime, expected_version: int | None = None
) -> Release:
    """Review the conclusions (REL-06); somebody else than who reported."""
    words = needed(words, "words", _("Say what you think of the conclusions."))
    _check_second(release, actor)
    return move(
        release, "review_report", actor=actor, now=now, note=words, expected_version=expected_version,
        changes={"review_words": words, "reviewed_by_id": actor.user_id, "reviewed_at": now},
    )  # fmt: skip


def _check_second(release: Release, actor: Actor) -> None:
    reported_by = Release.objects.values_list("reported_by", flat=True).get(pk=release.pk)
    if reported_by == actor.user_id:
        raise refuse("actor", _("You reported this yourself; a second person must review it."))
