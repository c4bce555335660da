"""The verbs of a service transition: begun, designed, prepared, switched, watched, closed; or given up.

Each is one transaction on the record; mistakes come back as ValidationError keyed by field, refusals as
access.Denied, IllegalMove or Stale. What its plan is made of is written by releases.parting under `RULES`;
checklists are in transitions.checklists, what a service that ends leaves behind in transitions.ending.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import access
from accounts.access import Actor
from accounts.models import Organisation, User
from actions.services import check_responsible
from catalog import services as catalogue
from catalog.models import Service
from planning.models import ServiceLevelRequirement
from records import log as records_log
from records.kinds import Kind
from records.models import Priority, Record
from records.services import MAX_TEXT, move, open_record, refuse, save
from releases import parting
from releases.needing import Need
from releases.needing import refuse as refuse_for
from releases.parting import begun, needed
from sla.models import Agreement
from transitions import ending, flow, gate, lifecycle, needs
from transitions.models import (
    CHECKS,
    Checklist,
    ChecklistPoint,
    CheckSort,
    Exemption,
    Nature,
    Observation,
    TemplateEdition,
    Transition,
    TransitionCheck,
    TransitionStep,
)

RULES = parting.Rules(
    act="work_transition",
    plannable=lifecycle.PLANNABLE,
    running=frozenset({lifecycle.IMPLEMENTING}),
    open=lifecycle.OPEN,
)
TEXTS = (*needs.DESIGN, *needs.SERVICE_PLAN, *needs.PLAN, "continuity")
MOST_DAYS = 365


def open_transition(
    *,
    title: str,
    nature: str,
    lead: User,
    actor: Actor,
    now: datetime,
    title_zh: str = "",
    description: str = "",
    customer: Organisation | None = None,
    about: Service | None = None,
    predecessor: Service | None = None,
    requirement: ServiceLevelRequirement | None = None,
    agreement: Agreement | None = None,
    template: TemplateEdition | None = None,
) -> Transition:
    """Begin the transition of a service, from a template's edition or without one; ``lead`` leads it.

    ``customer`` is whom it is for; without one it concerns several, and is the provider's.
    """
    access.require(actor, "lead_transitions")
    check_responsible(lead, "lead")
    _check(title, nature, about, predecessor, customer, requirement, agreement, template)
    provider = Organisation.objects.filter(kind=Organisation.Kind.PROVIDER).order_by("pk")[0]
    content = flow.Flow.parse(template.flow) if template else flow.Flow("", "", {})
    with transaction.atomic():
        made: Transition = open_record(
            Transition, Kind.TRANSITION, actor=actor, now=now, customer=customer or provider,
            requester=User.objects.get(pk=actor.user_id), priority=Priority.MODERATE,
            title=title.strip()[:200], title_zh=title_zh.strip()[:200], description=description.strip(),
            nature=nature, about=about, predecessor=predecessor, requirement=requirement,
            agreement=agreement, template_edition=template, assignee=lead, watch_days=content.days,
            words=[title_zh.strip()],
        )  # fmt: skip
        _lay_out(made, content)
    return made


def _check(
    title: str,
    nature: str,
    about: Service | None,
    predecessor: Service | None,
    customer: Organisation | None,
    requirement: ServiceLevelRequirement | None,
    agreement: Agreement | None,
    template: TemplateEdition | None,
) -> None:
    needed(title, "title", _("Give it a title."))
    if nature not in Nature.values:
        raise refuse("nature", _("Say whether the service is new, changed or retired."), "required")
    if nature != Nature.NEW and about is None:
        raise refuse("about", _("Name the service it is about."), "required")
    if about and about.withdrawn_at:
        raise refuse("about", _("“%(name)s” is withdrawn.") % {"name": about.name})
    if predecessor and (nature == Nature.RETIRED or predecessor == about):
        raise refuse("predecessor", _("A service takes the place of another one, or of none."))
    for field, row in (("requirement", requirement), ("agreement", agreement)):
        of = getattr(row, "customer_id", None)
        if of is not None and customer is not None and of != customer.pk:
            raise refuse(field, _("This is not of %(customer)s.") % {"customer": customer.name})
    if template and template.template.nature != nature:
        raise refuse("template", _("This template is for another kind of transition."))


def _lay_out(made: Transition, content: flow.Flow) -> None:
    """The checks every transition has, and what the template adds."""
    TransitionCheck.objects.bulk_create(
        TransitionCheck(work=made, sort=sort, **_label(CheckSort(sort).label))
        for sort in CHECKS[made.nature]  # type: ignore[index]
    )
    TransitionCheck.objects.bulk_create(
        TransitionCheck(work=made, sort=CheckSort.OTHER, **_line(line)) for line in content.checks
    )
    TransitionStep.objects.bulk_create(
        TransitionStep(work=made, sort=sort, position=place(sort, at), **_line(line))
        for sort in flow.STEPS
        for at, line in enumerate(content.steps.get(sort, ()))
    )
    if made.is_retirement and not (content.takeover or content.acceptance):
        return  # nobody takes over what ends, unless the template says so
    for sort in Checklist.Sort:
        row = Checklist.objects.create(work=made, sort=sort)
        ChecklistPoint.objects.bulk_create(
            ChecklistPoint(checklist=row, **_line(line)) for line in getattr(content, sort.value)
        )


def place(sort: str, at: int) -> int:
    """The position of a step: by its kind, then as the one of its kind numbered ``at``."""
    return flow.STEPS.index(sort) * 1000 + at


def _label(lazy: Any) -> dict[str, str]:
    both = records_log.bilingual(lazy)
    return {"title": both["en"], "title_zh": both["zh"]}


def _line(line: flow.Line) -> dict[str, str]:
    return {"title": line.en, "title_zh": line.zh}


def write(
    transition: Transition,
    facts: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
    expected_version: int | None,
) -> Transition:
    """Write what the design and the plan say (TRN-01, 02): texts of `TEXTS`, the services, what it goes by.

    The same again changes nothing. Once the design is settled it stands; the plan stands from the
    implementation on.
    """
    with transaction.atomic():
        current = begun(
            transition, "work_transition", lifecycle.PLANNABLE, actor=actor, now=now,
            expected_version=expected_version,
        )  # fmt: skip
        wanted = {name: value.strip() if isinstance(value, str) else value for name, value in facts.items()}
        changed = [name for name, value in wanted.items() if getattr(current, name) != value]
        _check_written(current, changed, wanted)
        if not changed:
            return current
        for name in changed:
            setattr(current, name, wanted[name])
        _check(
            current.title, current.nature, current.about, current.predecessor,
            current.customer if current.customer.kind == Organisation.Kind.CUSTOMER else None,
            current.requirement, current.agreement, None,
        )  # fmt: skip
        save(current, changed, now=now)
        labels = [records_log.bilingual(Transition._meta.get_field(n).verbose_name) for n in changed]  # type: ignore[union-attr]
        parts = {"en": ", ".join(one["en"] for one in labels), "zh": "、".join(one["zh"] for one in labels)}
        records_log.write(current, "transition.written", actor=actor, at=now, parts=parts)
    return current


SETTLED = (*needs.DESIGN, *needs.SERVICE_PLAN, "requirement", "last_day")
KNOWN = frozenset(
    {
        *TEXTS,
        "about",
        "predecessor",
        "requirement",
        "agreement",
        "last_day",
        "watch_days",
        "title",
        "title_zh",
    }
)


def _check_written(current: Transition, changed: Sequence[str], wanted: Mapping[str, Any]) -> None:
    for name in wanted:
        if name not in KNOWN:
            raise refuse(name, _("This field cannot be changed here."))
    for name in changed:
        if name in SETTLED and current.state != lifecycle.DESIGNING:
            raise refuse(name, _("The design is settled."))
        if name in TEXTS and len(wanted[name]) > MAX_TEXT:
            raise refuse(name, _("The text is too long: at most %(n)s characters.") % {"n": MAX_TEXT})
    if "watch_days" in wanted and not 1 <= wanted["watch_days"] <= MOST_DAYS:
        raise refuse("watch_days", _("Between 1 and %(n)s days.") % {"n": MOST_DAYS})


def settle_design(
    transition: Transition, *, actor: Actor, now: datetime, expected_version: int | None = None
) -> Transition:
    """The design record is complete and, for a new service, the contract was reviewed (TRN-01, TRN-06)."""
    with transaction.atomic():
        moved = move(transition, "settle_design", actor=actor, now=now, expected_version=expected_version)
        refuse_for(needs.of_design(moved, now))
    return moved


def begin_switch(
    transition: Transition, *, actor: Actor, now: datetime, expected_version: int | None = None
) -> Transition:
    """Plan and readiness are complete: carry it out (TRN-02, 03, 04). The old service goes on meanwhile."""
    with transaction.atomic():
        moved = move(transition, "begin_switch", actor=actor, now=now, expected_version=expected_version)
        refuse_for(needs.of_plan(moved, now))
    return moved


def finish_step(
    transition: Transition, pk: int, *, result: str, actor: Actor, now: datetime
) -> TransitionStep:
    """A step is done. Nobody is switched before the new service is deployed and tested and users know it."""
    with transaction.atomic():
        current = begun(transition, "work_transition", RULES.running, actor=actor, now=now)
        row: TransitionStep = parting.find(current, "steps", pk)
        if row.sort == "switch":
            before = current.steps.exclude(sort="switch").filter(done_at=None)
            refuse_for([Need("result", _("Not done yet: %(step)s.") % {"step": one}) for one in before])
        parting.finish_step(current, row, result=result, actor=actor, now=now)
    return row


def exempt(transition: Transition, *, point: str, reason: str, actor: Actor, now: datetime) -> Exemption:
    """Decide, with your name, to go live although something is missing (TRN-08). Once per point."""
    if point not in gate.LABELS:
        raise refuse("point", _("Choose what is missing."), "required")
    reason = needed(reason, "reason", _("Say why it goes live without it."))
    with transaction.atomic():
        current = begun(transition, "exempt_gate", lifecycle.BEFORE, actor=actor, now=now)
        if point not in {one.key for one in gate.missing(current, now)}:
            raise refuse("point", _("This is not missing, or exempted already."))
        made = Exemption.objects.create(
            work=current, point=point, reason=reason, decided_by_id=actor.user_id, decided_at=now
        )
        save(current, [], now=now)
        records_log.write(
            current, "transition.exempted", actor=actor, at=now, text=reason,
            point=records_log.bilingual(gate.LABELS[point]),
        )  # fmt: skip
    return made


def go_live(
    transition: Transition, *, actor: Actor, now: datetime, expected_version: int | None = None
) -> Transition:
    """The service is live from now on (TRN-04, TRN-08): nothing may be missing that is not exempted.

    In the same moment the service it takes the place of stops taking orders, and not before.
    """
    with transaction.atomic():
        moved = _live(transition, "go_live", actor, now, expected_version)
        missing = [
            Need("gate", _("Missing: %(point)s. %(words)s") % {"point": one.label, "words": one.words})
            for one in gate.missing(moved, now)
        ]
        refuse_for([*needs.of_steps(moved), *missing])
        if moved.predecessor:
            _stop(moved.predecessor, moved, actor, now)
    return moved


def _live(
    transition: Transition, act: str, actor: Actor, now: datetime, expected_version: int | None
) -> Transition:
    until = now + timedelta(days=transition.watch_days)
    return move(
        transition, act, actor=actor, now=now, expected_version=expected_version,
        changes={"live_at": now, "watch_until": until},
    )  # fmt: skip


def _stop(old: Service, moved: Transition, actor: Actor, now: datetime) -> None:
    old = Service.objects.select_for_update().get(pk=old.pk)
    if not old.is_published or old.unavailable_since:
        return
    new = moved.about
    catalogue.make_unavailable(
        old,
        words_en=f"Replaced by {new.name_en if new else moved.title}.",
        words_zh=f"已由{(new.name_zh or new.name_en) if new else (moved.title_zh or moved.title)}替代。",
        until=None, actor=actor, now=now,
    )  # fmt: skip


def take_out(
    transition: Transition, *, actor: Actor, now: datetime, expected_version: int | None = None
) -> Transition:
    """The service ends (TRN-09): customers were told, its last day has come, all that names it is settled.

    The catalogue entry is withdrawn in the same transaction.
    """
    with transaction.atomic():
        moved = _live(transition, "take_out", actor, now, expected_version)
        refuse_for([*needs.of_steps(moved), *ending.needs(moved, actor, now)])
        service = moved.about
        if service is not None and service.withdrawn_at is None:
            catalogue.withdraw(service, reason=f"{moved.number} {moved.title}"[:500], actor=actor, now=now)
    return moved


def step_back(
    transition: Transition,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Transition:
    """The switch is put off: back to the preparation. The old service has gone on all the time."""
    reason = needed(reason, "reason", _("Say why the switch is put off."))
    return move(transition, "step_back", actor=actor, now=now, note=reason, expected_version=expected_version)


def observe(
    transition: Transition,
    *,
    sort: str,
    words: str,
    actor: Actor,
    now: datetime,
    said_by: str = "",
) -> Observation:
    """Record what was seen, said or learnt after the switch (TRN-05)."""
    if sort not in Observation.Sort.values:
        raise refuse("sort", _("Say what it is."), "required")
    words = needed(words, "words", _("Write what was seen, said or learnt."))
    if sort == Observation.Sort.FEEDBACK:
        said_by = needed(said_by, "said_by", _("Say who said so."))
    states = frozenset({lifecycle.WATCHING, lifecycle.IMPLEMENTING})
    with transaction.atomic():
        current = begun(transition, "work_transition", states, actor=actor, now=now)
        made = Observation.objects.create(
            work=current, sort=sort, words=words, said_by=said_by.strip()[:150],
            recorded_by_id=actor.user_id, recorded_at=now,
        )  # fmt: skip
        save(current, [], now=now)
        what = records_log.bilingual(Observation.Sort(sort).label)
        records_log.write(current, "transition.observed", actor=actor, at=now, text=words, what=what)
    return made


def follow(observation: Observation, *, led_to: Record, actor: Actor, now: datetime) -> Observation:
    """Note the action or article that an observation led to. Safe to repeat."""
    if led_to.kind not in (Kind.ACTION, Kind.ARTICLE, Kind.IMPROVEMENT, Kind.PROBLEM):
        raise refuse("led_to", _("Name an action, an improvement, a problem or an article."))
    states = frozenset({lifecycle.WATCHING, lifecycle.IMPLEMENTING, lifecycle.CLOSED})
    with transaction.atomic():
        current = begun(observation.work, "work_transition", states, actor=actor, now=now)
        row = current.observations.get(pk=observation.pk)
        if row.led_to_id != led_to.pk:
            row.led_to_id = led_to.pk
            row.save(update_fields=["led_to"])
            save(current, [], now=now)
            records_log.write(current, "transition.followed", actor=actor, at=now, other=led_to.number)
    return row


def end_watch(
    transition: Transition,
    *,
    conclusion: str,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Transition:
    """Close it after the watch period, with feedback, lessons and a conclusion (TRN-05)."""
    conclusion = needed(conclusion, "conclusion", _("Say how the transition went."))
    with transaction.atomic():
        moved = move(
            transition, "end_watch", actor=actor, now=now, note=conclusion,
            changes={"conclusion": conclusion}, expected_version=expected_version,
        )  # fmt: skip
        refuse_for(needs.of_watch(moved, now))
    return moved


def abandon(
    transition: Transition,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Transition:
    """Give it up before the service is live, or gone."""
    reason = needed(reason, "reason", _("Say why it is given up."))
    return move(transition, "abandon", actor=actor, now=now, note=reason, expected_version=expected_version)
