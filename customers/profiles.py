"""The verbs of what we know of a customer: profile, class and grade, contacts, visits, publications.

Leaders keep it, and the customer's account manager. A class or grade changes only with a reason and a day.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import access
from accounts.access import Actor
from accounts.models import Organisation, User
from customers import grades
from customers.deadlines import months_later
from customers.models import ContactPerson, CustomerProfile, ProfileChange, Publication, Visit
from customers.models.profiles import CustomerClass, Grade, Standing
from records.lifecycle import IllegalMove
from records.services import refuse
from sla.models import Agreement

KEPT = ("is_key", "account_manager", "industry", "address", "phone", "region", "confidentiality", "note")
# what must be filled in before master data are complete (BRM-13)
WANTED = ("customer_class", "grade", "account_manager", "industry", "address", "phone", "confidentiality")
MOST_DAYS = 7300  # how far from today something may be planned
VALUES: Mapping[str, list[str]] = {
    "customer_class": CustomerClass.values,
    "grade": Grade.values,
    "standing": Standing.values,
}


def profile_of(customer: Organisation) -> CustomerProfile:
    """What is known of the customer; an empty one, not stored, where nothing is."""
    found = CustomerProfile.objects.filter(customer=customer).select_related("account_manager").first()
    return found or CustomerProfile(customer=customer)


def rank_for(customer_id: int) -> tuple[str, int | None]:
    """The customer's grade in words and the rank of the packages that fit it; ("", None) without one."""
    profile = CustomerProfile.objects.filter(customer=customer_id).only("grade").first()
    if profile is None or not profile.grade:
        return "", None
    return str(Grade(profile.grade).label), grades.rank_of(profile.grade)


def missing(profile: CustomerProfile, *, has_contact: bool) -> list[str]:
    """What of the master data is not filled in yet, in words."""
    found = [
        str(CustomerProfile._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
        for name in WANTED
        if not getattr(profile, f"{name}_id" if name == "account_manager" else name)
    ]
    return found if has_contact else [*found, _("contact person")]


def completeness(profile: CustomerProfile, *, has_contact: bool) -> int:
    """Percent of the master data that are there."""
    wanted = len(WANTED) + 1
    return round(100 * (wanted - len(missing(profile, has_contact=has_contact))) / wanted)


def may_keep(actor: Actor, profile: CustomerProfile) -> bool:
    """Leaders in whose scope the customer is, and its account manager."""
    if not actor.is_staff_side or (actor.scope is not None and profile.customer_id not in actor.scope):
        return False
    return access.may(actor, "lead_customers") or profile.account_manager_id == actor.user_id


def _require(actor: Actor, customer: Organisation) -> CustomerProfile:
    """The profile, stored and locked; Denied for who does not keep it."""
    if customer.kind != Organisation.Kind.CUSTOMER:
        raise refuse("customer", _("Choose an active customer."))
    if not may_keep(actor, profile_of(customer)):
        raise access.Denied(actor, "keep_customer")
    CustomerProfile.objects.get_or_create(customer=customer)
    return CustomerProfile.objects.select_for_update().get(customer=customer)


@transaction.atomic
def edit(
    customer: Organisation, changes: Mapping[str, Any], *, version: int, actor: Actor, now: datetime
) -> CustomerProfile:
    """Change master data other than class, grade and standing, on the version that was read."""
    profile = _require(actor, customer)
    if strange := set(changes) - set(KEPT):
        raise refuse(min(strange), _("This field cannot be changed here."))
    if version != profile.version:
        raise refuse(
            "version", _("Somebody changed this since you opened it; compare and save anew."), "stale"
        )
    manager = changes.get("account_manager")
    if manager is not None and not manager.actor.is_staff_side:
        raise refuse("account_manager", _("Choose an active person of the provider."))
    is_key = changes.get("is_key", profile.is_key)
    if is_key and not (manager or ("account_manager" not in changes and profile.account_manager_id)):
        raise refuse("account_manager", _("A key customer has an account manager."), "required")
    for name, value in changes.items():
        setattr(profile, name, value)
    profile.version += 1
    profile.save()
    return profile


@transaction.atomic
def change(
    customer: Organisation,
    *,
    part: str,
    value: str,
    reason: str,
    effective_on: date,
    actor: Actor,
    now: datetime,
) -> ProfileChange | None:
    """Another class, grade or standing, from a day on and with its reason; the same again changes nothing."""
    profile = _require(actor, customer)
    if part not in VALUES or value not in VALUES[part]:
        raise refuse("value", _("Choose one of the values."), "invalid_choice")
    if not reason.strip():
        raise refuse("reason", _("Say why it changes."), "required")
    if effective_on > timezone.localdate(now):
        raise refuse("effective_on", _("This lies in the future."))
    before = getattr(profile, part)
    if before == value:
        return None
    made = ProfileChange.objects.create(
        customer=customer, part=part, before=before, after=value, reason=reason.strip()[:500],
        effective_on=effective_on, by_id=actor.user_id, at=now,
    )  # fmt: skip
    setattr(profile, part, value)
    profile.version += 1
    profile.save()
    return made


# --- people, visits, publications ------------------------------------------------------------


@transaction.atomic
def add_contact(
    customer: Organisation,
    *,
    name: str,
    level: str,
    actor: Actor,
    now: datetime,
    position: str = "",
    phone: str = "",
    email: str = "",
    user: User | None = None,
) -> ContactPerson:
    """Somebody of the customer, by level."""
    _require(actor, customer)
    if user and user.organisation_id != customer.pk:
        raise refuse("user", _("Choose an active person of %(customer)s.") % {"customer": customer.name})
    said = name.strip() or (user.name if user else "")
    if not said:
        raise refuse("name", _("Give the person's name."), "required")
    try:
        with transaction.atomic():
            return ContactPerson.objects.create(
                customer=customer, name=said, level=level, position=position.strip(), phone=phone.strip(),
                email=email, user=user,
            )  # fmt: skip
    except IntegrityError:
        raise refuse("name", _("This person is listed already."), "unique") from None


@transaction.atomic
def drop_contact(contact: ContactPerson, *, actor: Actor, now: datetime) -> None:
    """The person is no longer a contact; the entry stays in the history."""
    _require(actor, contact.customer)
    contact.is_active = False
    contact.save(update_fields=["is_active"])


@transaction.atomic
def plan_visit(
    customer: Organisation, *, planned_on: date, purpose: str, visitor: User, actor: Actor, now: datetime,
    place: str = "",
) -> Visit:  # fmt: skip
    """Plan to visit a customer or one of its regions."""
    _require(actor, customer)
    if not purpose.strip():
        raise refuse("purpose", _("Say what the visit is for."), "required")
    if not visitor.actor.is_staff_side:
        raise refuse("visitor", _("Choose an active person of the provider."))
    return Visit.objects.create(
        customer=customer,
        planned_on=planned_on,
        place=place.strip(),
        purpose=purpose.strip(),
        visitor=visitor,
    )


def _planned(visit: Visit, actor: Actor, act: str) -> Visit:
    found = Visit.objects.select_for_update().get(pk=visit.pk)
    if found.visitor_id != actor.user_id and not may_keep(actor, profile_of(visit.customer)):
        raise access.Denied(actor, "keep_customer")
    if found.state != Visit.State.PLANNED:
        raise IllegalMove(act, found.state, ())
    return found


@transaction.atomic
def record_visit(
    visit: Visit, *, held_on: date, findings: str, actor: Actor, now: datetime, people: str = ""
) -> Visit:
    """The visit was held: whom we met and what was found; by the visitor or who keeps the profile."""
    found = _planned(visit, actor, "record_visit")
    if held_on > timezone.localdate(now):
        raise refuse("held_on", _("This lies in the future."))
    if not findings.strip():
        raise refuse("findings", _("Say what was found."), "required")
    found.state, found.held_on = Visit.State.HELD, held_on
    found.findings, found.people = findings.strip(), people.strip()
    found.save()
    return found


@transaction.atomic
def call_off_visit(visit: Visit, *, reason: str, actor: Actor, now: datetime) -> Visit:
    """It does not take place, with the reason."""
    found = _planned(visit, actor, "call_off_visit")
    if not reason.strip():
        raise refuse("reason", _("Say why it is called off."), "required")
    found.state, found.findings = Visit.State.CALLED_OFF, reason.strip()
    found.save()
    return found


@transaction.atomic
def plan_publication(
    customer: Organisation, *, title: str, due_on: date, actor: Actor, now: datetime,
    agreement: Agreement | None = None, every_months: int | None = None,
) -> Publication:  # fmt: skip
    """Something to be published for a customer by a day, once or again and again."""
    _require(actor, customer)
    if not title.strip():
        raise refuse("title", _("Say what is published."), "required")
    if abs((due_on - timezone.localdate(now)).days) > MOST_DAYS:
        raise refuse("due_on", _("This day is too far away."))
    if agreement and agreement.customer_id != customer.pk:
        raise refuse("agreement", _("This agreement is not one with this customer."))
    facts = {"agreement": agreement, "every_months": every_months or None}
    made, is_new = Publication.objects.get_or_create(
        customer=customer, title=title.strip(), due_on=due_on, defaults=facts
    )
    if not is_new:
        raise refuse("title", _("This is planned already."), "unique")
    return made


@transaction.atomic
def publish(row: Publication, *, published_on: date, where: str, actor: Actor, now: datetime) -> Publication:
    """It was published, when and where; of what is repeated the next one is planned."""
    _require(actor, row.customer)
    current = Publication.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if current.published_on is not None:
        raise IllegalMove("publish", "published", ())
    if published_on > timezone.localdate(now):
        raise refuse("published_on", _("This lies in the future."))
    if not where.strip():
        raise refuse("where", _("Say where it can be read."), "required")
    current.published_on, current.where, current.published_by_id = published_on, where.strip(), actor.user_id
    current.save()
    if current.every_months:
        Publication.objects.get_or_create(
            customer=current.customer, title=current.title,
            due_on=months_later(current.due_on, current.every_months),
            defaults={"agreement": current.agreement, "every_months": current.every_months},
        )  # fmt: skip
    return current
