"""The organisations, people, teams, services and agreements of the generated incidents."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from accounts.access import Role
from accounts.models import Grant, Membership, Organisation, Team, User
from accounts.services import issue_token
from catalog.models import Service
from sla.models import Agreement, AgreementVersion, Calendar, CalendarVersion, Metric, Target
from sla.policy import DEFAULT_MATRIX

CUSTOMERS, USERS, STAFF, TEAMS, SERVICES = 200, 2000, 320, 40, 30
WITH_AGREEMENT = 5  # customers with an agreement of their own
UNUSABLE = "!"
EARLY = datetime(2016, 1, 1, tzinfo=UTC)
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
OFFICE = {
    "timezone": "Asia/Shanghai",
    "weekly": {day: [["09:00", "12:00"], ["13:00", "18:00"]] for day in WEEK[:5]},
}
ALWAYS = {"timezone": "Asia/Shanghai", "weekly": {day: [["00:00", "24:00"]] for day in WEEK}}


@dataclass(frozen=True)
class People:
    """What the seeds choose from. ``customers`` and ``versions`` go together: same place, same agreement."""

    versions: list[AgreementVersion]
    customers: dict[int, list[int]]
    requesters: dict[int, list[int]]
    teams: list[tuple[int, str]]
    members: dict[int, list[int]]
    services: list[int]
    agent: User
    manager: User
    token: str


def make(now: datetime) -> People:
    """Write them. The agent works in the first team; the token is the agent's."""
    system = User.objects.get(username="system")
    customers = Organisation.objects.bulk_create(
        Organisation(code=f"customer-{n}", name_en=f"Customer {n:03d}", name_zh=f"客户{n:03d}")
        for n in range(CUSTOMERS)
    )
    versions = _agreements(system, customers)
    by_version: dict[int, list[int]] = {version.pk: [] for version in versions}
    for customer in customers:
        own = next((v for v in versions if v.agreement.customer_id == customer.pk), versions[0])
        by_version[own.pk].append(customer.pk)
    staff, requesters = _users(customers)
    teams, members = _teams(staff)
    services = Service.objects.bulk_create(
        Service(
            code=f"service-{n}", name_en=f"Service {n:02d}", name_zh=f"服务{n:02d}",
            support_team=teams[n % 10], second_line_team=teams[20 + n % 10],
        )
        for n in range(SERVICES)
    )  # fmt: skip
    agent, manager = staff[0], staff[1]
    return People(
        versions=versions,
        customers=by_version,
        requesters=requesters,
        teams=[(t.pk, t.tier) for t in teams],
        members=members,
        services=[s.pk for s in services],
        agent=agent,
        manager=manager,
        token=issue_token(agent, name="benchmark", scope="write", lifetime=timedelta(days=30)),
    )


def _agreements(system: User, customers: list[Organisation]) -> list[AgreementVersion]:
    """The default commitment, and round-the-clock agreements of a few customers."""
    office, always = _calendar(system, "office", OFFICE), _calendar(system, "always", ALWAYS)
    found = []
    for n, customer in enumerate([None, *customers[:WITH_AGREEMENT]]):
        agreement = Agreement.objects.create(
            code=f"agreement-{n}", name_en=f"Agreement {n}", name_zh=f"协议{n}", customer=customer
        )
        version = AgreementVersion.objects.create(
            agreement=agreement, number=1, effective_from=EARLY, calendar=always if customer else office,
            matrix=dict(DEFAULT_MATRIX), pausing_reasons=["customer", "appointment"], warn_at=[50, 75, 90],
            created_by=system, created_at=EARLY,
        )  # fmt: skip
        hours: list[tuple[Metric, int | None, int]] = [
            (Metric.FIRST_RESPONSE, None, 2),
            (Metric.NEXT_UPDATE, None, 24),
        ]
        hours += [(Metric.RESOLUTION, p, h) for p, h in ((1, 8), (2, 24), (3, 48), (4, 80))]
        Target.objects.bulk_create(
            Target(
                version=version, metric=m, priority=p, amount=h * 3600, escalates=m == Metric.RESOLUTION
            )
            for m, p, h in hours
        )  # fmt: skip
        found.append(version)
    return found


def _calendar(system: User, code: str, definition: Mapping[str, object]) -> Calendar:
    calendar = Calendar.objects.create(code=code, name_en=code, name_zh=code)
    CalendarVersion.objects.create(
        calendar=calendar, number=1, effective_from=EARLY, definition=dict(definition), created_by=system,
        created_at=EARLY,
    )  # fmt: skip
    return calendar


def _users(customers: list[Organisation]) -> tuple[list[User], dict[int, list[int]]]:
    provider = Organisation.objects.get(code="provider")
    made = User.objects.bulk_create(
        User(
            username=f"bench-{n}", display_name=f"Person {n:04d}", password=UNUSABLE, language="en",
            email=f"bench-{n}@example.org",
            organisation=provider if n < STAFF else customers[n % CUSTOMERS],
        )
        for n in range(USERS)
    )  # fmt: skip
    staff = made[:STAFF]
    grants = [Grant(user=u, role=Role.AGENT) for u in staff]
    grants += [Grant(user=staff[1], role=r) for r in (Role.MANAGER, Role.SERVICE_LEVEL_MANAGER)]
    grants += [Grant(user=u, role=Role.CUSTOMER) for u in made[STAFF:]]
    Grant.objects.bulk_create(grants)
    requesters: dict[int, list[int]] = {}
    for user in made[STAFF:]:
        requesters.setdefault(user.organisation_id, []).append(user.pk)
    return staff, requesters


def _teams(staff: list[User]) -> tuple[list[Team], dict[int, list[int]]]:
    tiers = [Team.Tier.DESK, Team.Tier.FIRST, Team.Tier.SECOND, Team.Tier.THIRD]
    teams = Team.objects.bulk_create(
        Team(code=f"team-{n}", name_en=f"Team {n:02d}", name_zh=f"第{n:02d}组", tier=tiers[n // 10])
        for n in range(TEAMS)
    )
    members: dict[int, list[int]] = {team.pk: [] for team in teams}
    for n, user in enumerate(staff):
        members[teams[n % TEAMS].pk].append(user.pk)
    Membership.objects.bulk_create(
        Membership(team_id=team, user_id=user) for team, users in members.items() for user in users
    )
    return teams, members
