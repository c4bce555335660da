"""Who wrote a mail: a person we know, a customer known by its domain, or nobody; and new contacts."""

from dataclasses import dataclass

from django.db import IntegrityError, transaction

from accounts.access import Role
from accounts.models import Grant, Organisation, User
from channels.models import Mailbox, MailDomain

MAX_NAME = 100


@dataclass(frozen=True)
class Found:
    """``user`` if exactly one active person has the address; ``count`` of all who have it, active or not."""

    user: User | None
    count: int
    active: int = 0
    customer: Organisation | None = None  # whose people write from there
    may_add: bool = False  # a new address becomes a contact by itself


def who(address: str, mailbox: Mailbox) -> Found:
    """The person behind an address."""
    users = list(
        User.objects.filter(email__iexact=address).select_related("organisation")
        .prefetch_related("grants", "memberships").order_by("pk")[:20]
    )  # fmt: skip
    active = [user for user in users if user.is_active]
    if users:
        same = {user.organisation_id for user in active}
        customer = active[0].organisation if len(same) == 1 else None
        is_customer = customer is not None and customer.kind == Organisation.Kind.CUSTOMER
        user = active[0] if len(active) == 1 else None
        return Found(user, len(users), len(active), customer if is_customer else None)
    domain = MailDomain.objects.filter(domain=address.rpartition("@")[2]).select_related("customer").first()
    if domain and domain.customer.is_active:
        return Found(None, 0, 0, domain.customer, domain.makes_contacts)
    customer = mailbox.customer if mailbox.customer and mailbox.customer.is_active else None
    return Found(None, 0, 0, customer, customer is not None)


def contact(address: str, name: str, customer: Organisation) -> User:
    """The person of this address at this customer, made if there is none. Nobody can log in as him yet.

    Safe to repeat. Raises ValueError if the address is a person of somebody else.
    """
    existing = User.objects.filter(email__iexact=address).order_by("pk").first()
    if existing is None:
        try:
            with transaction.atomic():
                existing = User.objects.create_user(
                    address[:150], display_name=_shown(name, address), email=address, organisation=customer
                )
                Grant.objects.create(user=existing, role=Role.CUSTOMER)
        except IntegrityError:  # at the same moment somewhere else, or a user name that looks like an address
            existing = User.objects.filter(email__iexact=address).order_by("pk").first()
    if existing is None or existing.organisation_id != customer.pk or not existing.is_active:
        raise ValueError(address)
    return existing


def _shown(name: str, address: str) -> str:
    """A name as we repeat it in mails to others: one line, no links."""
    words = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    looks_like_link = "://" in words or "www." in words.lower() or "@" in words
    return (words if words and not looks_like_link else address.partition("@")[0])[:MAX_NAME]
