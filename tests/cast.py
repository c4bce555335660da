"""The people of the tests, and the verbs that make their records.

Staff: alice and bob (agents at the desk), sven (second line), mona (service level manager), admin; robot is
an integration. Customers: rita (Acme) and carla (Acme's contact), charlie (another organisation's contact).
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import incidents.services
from accounts.access import Actor, Role
from accounts.models import Grant, Membership, Organisation, Team, User
from accounts.services import system_actor
from catalog.models import Service
from incidents.models import Incident
from sla.models import (
    Agreement,
    AgreementVersion,
    Calendar,
    CalendarVersion,
    Metric,
    Target,
)
from sla.policy import DEFAULT_MATRIX
from suppliers.models import Supplier

# A Monday, 10:00 in Shanghai
MONDAY = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
EARLY = datetime(2016, 1, 1, tzinfo=UTC)
HOURS = [["09:00", "12:00"], ["13:00", "18:00"]]
OFFICE = {"timezone": "Asia/Shanghai", "weekly": dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), HOURS)}


@dataclass
class Cast:
    provider: Organisation
    acme: Organisation
    globex: Organisation
    alice: User
    bob: User
    sven: User
    mona: User
    admin: User
    robot: User
    rita: User
    carla: User
    charlie: User
    desk: Team
    second: Team
    mail: Service
    calendar: Calendar
    agreement: AgreementVersion

    @property
    def system(self) -> Actor:
        return system_actor()


def make_user(username: str, organisation: Organisation, *roles: Role, **fields: Any) -> User:
    user = User.objects.create_user(
        username, "secret-" + username, display_name=username.title(), organisation=organisation,
        email=f"{username}@example.org", language="en", **fields,
    )  # fmt: skip
    for role in roles:
        Grant.objects.create(user=user, role=role)
    return user


def make_calendar(code: str = "office", definition: dict[str, Any] = OFFICE) -> Calendar:
    calendar = Calendar.objects.create(code=code, name_en=code.title(), name_zh="日历")
    CalendarVersion.objects.create(
        calendar=calendar, number=1, effective_from=EARLY, definition=definition,
        created_by=User.objects.get(username="system"), created_at=EARLY,
    )  # fmt: skip
    return calendar


def make_agreement(calendar: Calendar, customer: Organisation | None = None, **over: Any) -> AgreementVersion:
    """First response 2 h, progress every 8 h, resolution by priority (4, 8, 16, 24 working hours)."""
    agreement = Agreement.objects.create(
        code=customer.code if customer else "default", customer=customer, name_en="Agreement", name_zh="协议"
    )
    version = AgreementVersion.objects.create(
        **{
            "agreement": agreement, "number": 1, "effective_from": EARLY, "calendar": calendar,
            "matrix": dict(DEFAULT_MATRIX), "pausing_reasons": ["customer", "appointment"],
            "warn_at": [50, 75, 90], "created_by": User.objects.get(username="system"), "created_at": EARLY,
            **over,
        }
    )  # fmt: skip
    rows: list[tuple[Metric, int | None, int]] = [
        (Metric.FIRST_RESPONSE, None, 2),
        (Metric.NEXT_UPDATE, None, 8),
    ]
    rows += [(Metric.RESOLUTION, p, h) for p, h in ((1, 4), (2, 8), (3, 16), (4, 24))]
    Target.objects.bulk_create(
        Target(version=version, metric=m, priority=p, amount=h * 3600, escalates=m == Metric.RESOLUTION)
        for m, p, h in rows
    )
    return version


def make_cast() -> Cast:
    provider = Organisation.objects.get(code="provider")
    acme = Organisation.objects.create(code="acme", name_en="Acme", name_zh="艾可美")
    globex = Organisation.objects.create(code="globex", name_en="Globex", name_zh="环球")
    desk = Team.objects.create(code="desk", name_en="Service desk", name_zh="服务台", tier=Team.Tier.DESK)
    second = Team.objects.create(
        code="second", name_en="Mail experts", name_zh="邮件组", tier=Team.Tier.SECOND
    )
    mail = Service.objects.create(
        code="mail", name_en="E-mail", name_zh="电子邮件", support_team=desk, second_line_team=second
    )
    calendar = make_calendar()
    cast = Cast(
        provider=provider,
        acme=acme,
        globex=globex,
        alice=make_user("alice", provider, Role.AGENT),
        bob=make_user("bob", provider, Role.AGENT),
        sven=make_user("sven", provider, Role.AGENT),
        mona=make_user("mona", provider, Role.MANAGER, Role.SERVICE_LEVEL_MANAGER),
        admin=make_user("admin", provider, Role.ADMINISTRATOR),
        robot=make_user("robot", provider, Role.INTEGRATION),
        rita=make_user("rita", acme, Role.CUSTOMER),
        carla=make_user("carla", acme, Role.CUSTOMER_MANAGER),
        charlie=make_user("charlie", globex, Role.CUSTOMER_MANAGER),
        desk=desk,
        second=second,
        mail=mail,
        calendar=calendar,
        agreement=make_agreement(calendar),
    )
    for team, user in ((desk, cast.alice), (desk, cast.bob), (second, cast.sven)):
        Membership.objects.create(team=team, user=user)
    return cast


def make_supplier_contact(username: str = "sue", code: str = "huaxun", **over: Any) -> User:
    """Somebody who works for a supplier, with the supplier (there or new) and its organisation."""
    organisation, _is_new = Organisation.objects.get_or_create(
        code=f"{code}-people", defaults={"kind": Organisation.Kind.SUPPLIER, "name_en": code.title()}
    )
    supplier, _is_new = Supplier.objects.get_or_create(code=code, defaults={"name_en": code.title()})
    Supplier.objects.filter(pk=supplier.pk).update(organisation=organisation)
    return make_user(username, organisation, Role.SUPPLIER, **over)


def make_incident(cast: Cast, **over: Any) -> Incident:
    """An incident of rita's about e-mail, logged by alice on MONDAY, through the real verb."""
    facts: dict[str, Any] = {
        "actor": cast.alice.actor,
        "now": MONDAY,
        "title": "Cannot send mail",
        "description": "Since this morning nothing leaves the outbox.",
        "customer": cast.acme,
        "requester": cast.rita,
        "service": cast.mail,
    }
    return incidents.services.open(**{**facts, **over})
