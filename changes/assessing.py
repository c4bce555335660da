"""The assessment of a change: its effects by aspect, what it reaches, and each promise it touches."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.models import in_reader_language
from accounts.services import system_actor
from changes import targets
from changes.models import Assessment, Change, ChangeService, TargetEffect
from changes.writing import altering, writable
from cmdb import impact
from cmdb.graph import Reached
from records import log as records_log
from records.services import save

Key = tuple[int, str]  # agreement and target
MOST_NAMED = 10


class Judged(NamedTuple):
    """A judgement with its words, as somebody gives it."""

    judgement: str
    words: str


def reached_items(change: Change, *, actor: Actor) -> list[Reached]:
    """The items hit if those of the change fail, nearest first, as far as the actor may see."""
    return impact.reached(_own_items(change), direction="impact", actor=actor)


def _own_items(change: Change) -> list[int]:
    return list(change.change_items.values_list("item", flat=True))


def found_services(change: Change) -> list[int]:
    """Ids of the services that run on the items of the change, or on what these reach; whoever asks."""
    own = _own_items(change)
    if not own:
        return []
    reached = impact.reached(own, direction="impact", actor=system_actor())
    return impact.services_of([*own, *(each.item_id for each in reached)])


def keep_services(change: Change) -> None:
    """Note the services found through the items as affected, and forget those found no longer.

    In the caller's transaction, under the change's lock.
    """
    found = set(found_services(change))
    change.change_services.filter(is_found=True).exclude(service__in=found).delete()
    known = set(change.change_services.values_list("service", flat=True))
    ChangeService.objects.bulk_create(
        ChangeService(change=change, service_id=pk, is_found=True) for pk in sorted(found - known)
    )


def refresh(change: Change, *, actor: Actor, now: datetime) -> Change:
    """Look again which services are affected through the items."""
    with transaction.atomic():
        current = writable(change, actor=actor, now=now)
        with altering(current, actor=actor, now=now):
            keep_services(current)
    return current


# --- judging ---------------------------------------------------------------------------------


def assess(
    change: Change,
    judged: Mapping[str, Judged],
    *,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Change:
    """Judge the effect on some or all of the five aspects, each with words (CHG-03)."""
    errors = {}
    for aspect, given in judged.items():
        if aspect not in Assessment.Aspect.values or given.judgement not in Assessment.Judgement.values:
            errors[aspect] = ValidationError(_("Choose one of the values."), code="invalid_choice")
        elif not given.words.strip():
            errors[aspect] = ValidationError(_("Say it in words as well."), code="required")
    if errors:
        raise ValidationError(errors)
    with transaction.atomic():
        current = writable(change, actor=actor, now=now, expected_version=expected_version)
        with altering(current, actor=actor, now=now):
            rows = {row.aspect: row for row in current.assessments.all()}
            changed = [
                aspect for aspect, given in judged.items()
                if (row := rows.get(aspect)) is None
                or (row.judgement, row.words) != (given.judgement, given.words.strip())
            ]  # fmt: skip
            for aspect in changed:
                Assessment.objects.update_or_create(
                    change=current, aspect=aspect,
                    defaults={
                        "judgement": judged[aspect].judgement, "words": judged[aspect].words.strip(),
                        "judged_by_id": actor.user_id, "judged_at": now,
                    },
                )  # fmt: skip
            if changed:
                labels = [Assessment.Aspect(aspect).label for aspect in changed]
                _note(current, [records_log.bilingual(label) for label in labels], actor, now)
    return current


def judge_targets(
    change: Change,
    judged: Mapping[Key, Judged],
    *,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Change:
    """Judge the effect on promised figures, by agreement and key (CHG-04); a bad effect needs words."""
    with transaction.atomic():
        current = writable(change, actor=actor, now=now, expected_version=expected_version)
        known = {(row.agreement.pk, row.key): row for row in targets.promised(current, now=now)}
        _check_effects(judged, known)
        with altering(current, actor=actor, now=now):
            rows = {(row.agreement_id, row.target_key): row for row in current.target_effects.all()}
            changed = [
                key for key, given in judged.items()
                if (row := rows.get(key)) is None
                or (row.effect, row.words) != (given.judgement, given.words.strip())
            ]  # fmt: skip
            for key in changed:
                name = known[key]
                TargetEffect.objects.update_or_create(
                    change=current, agreement_id=key[0], target_key=key[1],
                    defaults={
                        "effect": judged[key].judgement, "words": judged[key].words.strip(),
                        "name_en": name.name_en, "name_zh": name.name_zh,
                        "judged_by_id": actor.user_id, "judged_at": now,
                    },
                )  # fmt: skip
            if changed:
                _note(current, [_label(known[key]) for key in changed], actor, now)
    return current


def _check_effects(judged: Mapping[Key, Judged], known: Mapping[Key, targets.Promised]) -> None:
    """Errors are keyed by "agreement:key", as forms and programs name the figure."""
    errors = {}
    for (agreement, key), given in judged.items():
        field = f"{agreement}:{key}"
        if (agreement, key) not in known:
            errors[field] = ValidationError(_("This was not promised about these services."), code="invalid")
        elif given.judgement not in TargetEffect.Effect.values:
            errors[field] = ValidationError(_("Choose one of the values."), code="invalid_choice")
        elif given.judgement != TargetEffect.Effect.NONE and not given.words.strip():
            errors[field] = ValidationError(_("Say it in words as well."), code="required")
    if errors:
        raise ValidationError(errors)


def _label(row: targets.Promised) -> dict[str, str]:
    of = row.agreement.label
    return {"en": f"{of['en']}: {row.name_en}", "zh": f"{of['zh']}：{row.name_zh}"}


def _note(change: Change, labels: list[dict[str, str]], actor: Actor, now: datetime) -> None:
    save(change, [], now=now)
    shown = labels[:MOST_NAMED]
    more = " …" if len(labels) > MOST_NAMED else ""
    aspects = {
        "en": "; ".join(label["en"] for label in shown) + more,
        "zh": "；".join(label["zh"] for label in shown) + more,
    }
    records_log.write(change, "change.assessed", actor=actor, at=now, aspects=aspects)


# --- what is missing -------------------------------------------------------------------------


def unjudged(change: Change, *, now: datetime) -> list[targets.Promised]:
    """Promised figures about the affected services nobody has judged."""
    done = set(change.target_effects.values_list("agreement_id", "target_key"))
    return [row for row in targets.promised(change, now=now) if (row.agreement.pk, row.key) not in done]


def missing(change: Change, *, now: datetime) -> dict[str, str]:
    """What the assessment lacks, by field, naming it: aspects, and each promise without a judgement."""
    found = {}
    done = set(change.assessments.values_list("aspect", flat=True))
    if aspects := [str(label) for value, label in Assessment.Aspect.choices if value not in done]:
        found["assessment"] = _("Not judged yet: %(names)s.") % {"names": ", ".join(aspects)}
    if rows := unjudged(change, now=now):
        names = [f"{row.agreement.name}: {in_reader_language(row.name_en, row.name_zh)}" for row in rows]
        found["targets"] = _("The effect on what was promised is not judged yet: %(names)s.") % {
            "names": "; ".join(names)
        }
    return found
