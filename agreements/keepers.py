"""Who has which part in an agreement, or in all of them, with the days of it (SLM-48).

The parts say who is asked and told. What somebody may do is still by role (accounts.access); but a committee
or department manager who is named must review, and who owns the process owns no single agreement (SLM-57).
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import Actor, require
from accounts.models import User
from agreements import lifecycle
from agreements.models import Edition, Keeper
from records import log as records_log
from records.models import Record
from records.services import begin, refuse
from sla.models import Agreement

Part = Keeper.Part
SHARED = (Part.PROCESS_OWNER, Part.MANAGER, Part.COMMITTEE)
"""Of the organisation: the catalogue, the process and all agreements."""
OWN = (Part.MANAGER, Part.OWNER, Part.MAINTAINER, Part.CUSTOMER_PROJECT_MANAGER)
DEPARTMENTS = (Part.PROVIDING_DEPARTMENT, Part.RECEIVING_DEPARTMENT)
DUTIES = {
    Part.PROCESS_OWNER: gettext_lazy("Answers for the process and the catalogue; owns no single agreement."),
    Part.MANAGER: gettext_lazy("Leads agreements from draft to end: offers, puts in force, renews, ends."),
    Part.COMMITTEE: gettext_lazy("Reviews what is agreed; one member reviews every edition."),
    Part.OWNER: gettext_lazy("Answers for one agreement; is told before it ends."),
    Part.MAINTAINER: gettext_lazy("Drafts, revises and files one agreement."),
    Part.CUSTOMER_PROJECT_MANAGER: gettext_lazy("Speaks for the customer: raises needs, signs, reviews."),
    Part.PROVIDING_DEPARTMENT: gettext_lazy("Agrees, for the team that promises, by countersigning."),
    Part.RECEIVING_DEPARTMENT: gettext_lazy("Agrees, for the team that relies on it, by countersigning."),
}


def parts_of(agreement: Agreement | None) -> tuple[str, ...]:
    """The parts there are in an agreement; without one, those of the organisation."""
    if agreement is None:
        return SHARED
    if agreement.kind == Agreement.Kind.OLA:
        return (Part.MANAGER, Part.OWNER, Part.MAINTAINER, *DEPARTMENTS)
    return OWN if agreement.customer_id else (Part.MANAGER, Part.OWNER, Part.MAINTAINER)


def name(part: str, person: User, *, agreement: Agreement | None, actor: Actor, now: datetime) -> Keeper:
    """Give a part to somebody from today on; whoever has it already keeps it once."""
    require(actor, "draft_agreement")
    if part not in parts_of(agreement):
        raise refuse("part", _("There is no such part here."), "required")
    _check(part, person, agreement)
    with transaction.atomic():
        today = timezone.localdate(now)
        made, is_new = Keeper.objects.get_or_create(
            agreement=agreement, part=part, person=person, until=None,
            defaults={"since": today, "named_by_id": actor.user_id},
        )  # fmt: skip
        if is_new and agreement:
            _follow(agreement, part)
            _log("agreement.name_keeper", made, actor=actor, now=now)
    return made


def _check(part: str, person: User, agreement: Agreement | None) -> None:
    if not person.is_active:
        raise refuse("person", _("Choose an active person."))
    if part == Part.CUSTOMER_PROJECT_MANAGER:
        if agreement is None or person.organisation_id != agreement.customer_id:
            raise refuse("person", _("Choose somebody of the customer."))
    elif not person.actor.is_staff_side:
        raise refuse("person", _("Choose an active person of the provider."))
    other = {Part.PROCESS_OWNER.value: Part.OWNER, Part.OWNER.value: Part.PROCESS_OWNER}.get(part)
    if other and present().filter(part=other, person=person).exists():
        raise refuse("person", _("Who owns the process cannot own a single agreement: two people must."))


def end(keeper: Keeper, *, actor: Actor, now: datetime) -> Keeper:
    """Take a part back as of today; that somebody had it stays on record."""
    require(actor, "draft_agreement")
    with transaction.atomic():
        kept = Keeper.objects.select_for_update().get(pk=keeper.pk)
        if kept.until is None:
            kept.until, kept.ended_by_id = timezone.localdate(now), actor.user_id
            kept.save(update_fields=["until", "ended_by"])
            if kept.agreement:
                _follow(kept.agreement, kept.part)
                _log("agreement.end_keeper", kept, actor=actor, now=now)
    return kept


def _log(verb: str, keeper: Keeper, *, actor: Actor, now: datetime) -> None:
    """On the newest edition, if there is one."""
    newest = Edition.objects.filter(agreement=keeper.agreement_id).order_by("-edition_number").first()
    if newest:
        edition = begin(newest, "name_keeper", actor=actor, now=now, expected_version=None)
        part = records_log.bilingual(Part(keeper.part).label)
        records_log.write(edition, verb, actor=actor, at=now, part=part, person=keeper.person.name)


def _follow(agreement: Agreement, part: str) -> None:
    """The owner of an agreement owns its living editions: messages go by the record."""
    if part == Part.OWNER:
        states = lifecycle.IN_MAKING | {lifecycle.IN_FORCE}
        living = Edition.objects.filter(agreement=agreement, state__in=states).values("pk")
        Record.objects.filter(pk__in=living).update(owner=owner_of(agreement))


def present() -> "QuerySet[Keeper]":
    """The parts people have now."""
    return Keeper.objects.filter(until=None).select_related("person", "agreement").order_by("part", "pk")


def of(agreement: Agreement | None) -> "QuerySet[Keeper]":
    """Everybody who has or had a part, those of now first."""
    rows = Keeper.objects.filter(agreement=agreement).select_related("person", "named_by")
    return rows.order_by("-until", "part", "-since", "-pk")


def owner_of(agreement: Agreement) -> User | None:
    """Who answers for an agreement: the one named last."""
    found = present().filter(agreement=agreement, part=Part.OWNER).last()
    return found.person if found else None


def reviewers(edition: Edition, asked: Sequence[User]) -> list[User]:
    """Those asked to review, with the department managers of an OLA; one of the committee if there is one.

    ValidationError on ``reviewers`` where somebody is missing who has to review (SLM-17, 25, 27).
    """
    found = list(dict.fromkeys(asked))
    if edition.agreement.kind == Agreement.Kind.OLA:
        named = {row.part: row.person for row in present().filter(agreement=edition.agreement_id)}
        if missing := [Part(p).label for p in DEPARTMENTS if p not in named]:
            message = _("An OLA is agreed between two departments; name first: %(parts)s.")
            raise refuse("reviewers", message % {"parts": ", ".join(map(str, missing))})
        managers = [named[part] for part in DEPARTMENTS]
        if edition.requester_id in {person.pk for person in managers}:
            raise refuse(
                "reviewers", _("A department manager cannot be the author: somebody else drafts it.")
            )
        found += [person for person in managers if person not in found]
    committee = present().filter(Q(agreement=None), part=Part.COMMITTEE)
    members = [row.person for row in committee if row.person_id != edition.requester_id]
    if members and not set(members) & set(found):
        message = _("Ask one of the committee too: %(people)s.")
        raise refuse("reviewers", message % {"people": ", ".join(person.name for person in members)})
    return found
