"""Saying which reports are owed: the rules a definition keeps, and who may see and change it.

Mistakes come back as ValidationError keyed by field, refusals as access.Denied, a lost race as Stale.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts import access
from accounts.access import STAFF_ROLES, Actor, Role
from accounts.models import User
from kpis.catalogue import entries
from processreports.models import EVERY, ReportDefinition
from records.services import MAX_TEXT, refuse

LANGUAGES = ("zh", "en")
FIELDS = (
    "name_en", "name_zh", "introduction_en", "introduction_zh", "processes", "customer", "agreement", "every",
    "sections", "languages", "owner", "approver", "checker", "recipients", "due_days", "in_portal",
    "active_from", "active_until",
)  # fmt: skip
FIXED = ("every", "customer", "agreement")
"""What reports that are there are made by: another definition says it otherwise."""


class Changed(Exception):
    """Somebody changed the definition since the writer read it."""


def visible(actor: Actor) -> QuerySet[ReportDefinition]:
    """Those about customers the actor covers; what is about all of them is for who covers all."""
    rows = ReportDefinition.objects.all()
    if not actor.is_desk_side:
        return rows.none()
    return rows if actor.scope is None else rows.filter(customer__in=actor.scope)


def people() -> QuerySet[User]:
    """Who may write, approve and check: active staff."""
    return User.objects.filter(is_active=True, grants__role__in=STAFF_ROLES).distinct()


def possible_recipients(customer: int | None) -> QuerySet[User]:
    """Active staff; of a customer's report also its contacts who read reports."""
    staff = people()
    if customer is None:
        return staff
    contacts = User.objects.filter(
        is_active=True, organisation=customer, grants__role=Role.CUSTOMER_MANAGER
    ).distinct()
    return staff | contacts


def processes() -> list[str]:
    """The processes of the catalogue by their English names, in its order."""
    return list(dict.fromkeys(entry.process.en for entry in entries().values()))


def keep(
    before: ReportDefinition | None,
    facts: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
    expected: int | None = None,
) -> ReportDefinition:
    """Make a definition of ``facts`` (FIELDS), or change the one before. ``expected`` is the version seen."""
    access.require(actor, "lead_process_reports")
    with transaction.atomic():
        row = _begun(before, facts, actor, expected)
        recipients = facts.get("recipients")
        for name in FIELDS:
            if name in facts and name != "recipients":
                setattr(row, name, _clean(facts[name]))
        people_of = list(recipients) if recipients is not None else _recipients(row)
        _check(row, people_of, actor)
        row.changed_by_id, row.changed_at = actor.user_id, now
        if before is not None:
            row.version += 1
        row.save()
        row.recipients.set(people_of)
    return row


def _recipients(row: ReportDefinition) -> list[User]:
    return list(row.recipients.all()) if row.pk else []


def _clean(value: Any) -> Any:
    return value.replace("\0", "").strip() if isinstance(value, str) else value


def _begun(
    before: ReportDefinition | None, facts: Mapping[str, Any], actor: Actor, expected: int | None
) -> ReportDefinition:
    if before is None:
        return ReportDefinition()
    row = ReportDefinition.objects.select_for_update(of=("self",)).get(pk=before.pk)
    if not visible(actor).filter(pk=row.pk).exists():
        raise access.Denied(actor, "lead_process_reports")
    if expected is not None and expected != row.version:
        raise Changed
    if row.reports.exists():
        for name in FIXED:
            if name in facts and facts[name] != getattr(row, name):
                words = _("There are reports of it already: end it, and define another one.")
                raise refuse(name, words)
    return row


def _check(row: ReportDefinition, recipients: list[User], actor: Actor) -> None:
    errors: dict[str, ValidationError] = {}

    def wrong(field: str, words: str, code: str = "invalid") -> None:
        errors.setdefault(field, ValidationError(words, code=code))

    for name in ("name_en", "name_zh"):
        if not getattr(row, name):
            wrong(name, _("Give the name in both languages."), "required")
    for name in ("introduction_en", "introduction_zh"):
        if len(getattr(row, name)) > MAX_TEXT:
            wrong(name, _("The text is too long: at most %(n)s characters.") % {"n": MAX_TEXT}, "too_long")
    if row.every not in dict(EVERY):
        wrong("every", _("Choose how often it is owed."), "invalid_choice")
    _check_lists(row, wrong)
    _check_people(row, recipients, actor, wrong)
    _check_facts(row, wrong)
    if errors:
        raise ValidationError(errors)


def _check_facts(row: ReportDefinition, wrong: Any) -> None:
    if row.active_until is not None and row.active_until < row.active_from:
        wrong("active_until", _("It cannot end before it begins."))
    if row.in_portal and row.customer_id is None:
        wrong("in_portal", _("Only a report of one customer is published in a portal."))
    if not 0 <= row.due_days <= 366:
        wrong("due_days", _("From 0 to 366 days."))


def _check_lists(row: ReportDefinition, wrong: Any) -> None:
    from processreports import sections

    known = sections.registered()
    if not row.sections or not isinstance(row.sections, list):
        wrong("sections", _("Choose at least one section."), "required")
    elif any(name not in known for name in row.sections) or len(set(row.sections)) < len(row.sections):
        wrong("sections", _("Choose sections that there are, each once."), "invalid_choice")
    elif row.in_portal and any(not known[name].is_for_customers for name in row.sections):
        names = ", ".join(str(known[name].label) for name in row.sections if not known[name].is_for_customers)
        wrong("sections", _("Not for customers: %(names)s.") % {"names": names})
    if not row.languages or any(each not in LANGUAGES for each in row.languages):
        wrong("languages", _("Choose Chinese, English or both."), "required")
    if any(each not in processes() for each in row.processes):
        wrong("processes", _("Choose processes of the catalogue."), "invalid_choice")
    needs = {"indicators", "scores"} & set(row.sections or ())
    if needs == {"indicators"} and not row.processes:
        wrong("processes", _("Choose the processes whose indicators it shows."), "required")


def _check_people(row: ReportDefinition, recipients: list[User], actor: Actor, wrong: Any) -> None:
    if actor.scope is not None and row.customer_id not in actor.scope:
        wrong("customer", _("Choose one of your customers."))
    if row.agreement and row.agreement.customer_id != row.customer_id:
        wrong("agreement", _("Choose an agreement of this customer."))
    staff = {person.pk: person for person in people().prefetch_related("grants", "memberships")}
    for name in ("owner", "approver", "checker"):
        person = getattr(row, f"{name}_id")
        if person is None and name == "checker":
            continue
        if person not in staff:
            wrong(name, _("Choose an active person of the provider."), "invalid_choice")
        elif not _covers(staff[person], row):
            wrong(name, _("This person does not cover the customers it is about."))
    if row.owner_id and row.owner_id == row.approver_id:
        wrong("approver", _("Who writes it cannot be the one who approves it."))
    if row.checker_id and row.checker_id == row.owner_id:
        wrong("checker", _("Who writes it cannot be the one who checks it."))
    _check_recipients(row, recipients, staff, wrong)


def _check_recipients(
    row: ReportDefinition, recipients: list[User], staff: Mapping[int, User], wrong: Any
) -> None:
    allowed = set(possible_recipients(row.customer_id).values_list("pk", flat=True))
    if any(person.pk not in allowed for person in recipients):
        wrong("recipients", _("Choose people of the provider, or contacts of this customer."))
    elif not row.in_portal and any(person.pk not in staff for person in recipients):
        wrong("recipients", _("A customer's contacts read it in the portal: publish it there."))
    elif blind := [p.name for p in recipients if p.pk in staff and not _covers(staff[p.pk], row)]:
        words = _("Do not cover the customers it is about: %(names)s.")
        wrong("recipients", words % {"names": ", ".join(blind)})


def _covers(person: User, row: ReportDefinition) -> bool:
    scope = person.actor.scope
    return scope is None or row.customer_id in scope


def remove(row: ReportDefinition, *, actor: Actor) -> None:
    """Take back a definition nothing was made of; one with reports is ended instead."""
    access.require(actor, "lead_process_reports")
    with transaction.atomic():
        current = ReportDefinition.objects.select_for_update(of=("self",)).get(pk=row.pk)
        if current.reports.exists():
            raise refuse("id", _("There are reports of it already: give it an end instead."), "in_use")
        current.delete()
