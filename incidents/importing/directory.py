"""The people, teams, services and items an imported file names: made once, found again by unique keys.

They belong to one organisation per source, with an agreement of its own. Imported people have no password
and no e-mail, so nobody logs in as them and nothing is sent to them. A file does not say which line of
support a group is: all become first line, to be changed in the administration pages.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.contrib.auth.hashers import make_password
from django.db import models, transaction

from accounts.access import Actor, Origin, Role
from accounts.models import Grant, Membership, Organisation, Team, User
from accounts.services import system_actor
from catalog.models import Service
from cmdb.models import Item, ItemType
from incidents.importing.events import Story
from incidents.models import WaitingFor
from sla.models import Agreement, AgreementVersion, Calendar, CalendarVersion, Metric, Target
from sla.policy import DEFAULT_MATRIX

M = TypeVar("M", bound=models.Model)

CODE = "servicenow-2016"
EFFECTIVE_FROM = datetime(2016, 1, 1, tzinfo=UTC)
OFFICE = {
    "timezone": "UTC",
    "weekly": {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
}
# Working hours by priority. Their own targets are unknown, and the file holds no messages: so there is
# no target for a first reply or for progress.
RESOLUTION_HOURS = {1: 4, 2: 8, 3: 24, 4: 40}
GOAL_PERCENT = 95


def code_of(prefix: str, name: str) -> str:
    """A short unique key for a name: readable where possible, with a hash where it would be ambiguous."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    simple = re.fullmatch(r"[a-z0-9]+( [a-z0-9]+)*", name.lower().replace("_", " ").replace("-", " "))
    if simple and len(prefix) + len(plain) < 49:
        return f"{prefix}-{plain}"
    digest = hashlib.sha256(name.encode()).hexdigest()[:10]
    return "-".join(part for part in (prefix, plain[: 36 - len(prefix)].strip("-"), digest) if part)


class Directory:
    """Names of a file to rows of the database, looked up once for a whole import."""

    def __init__(self, stories: Sequence[Story]) -> None:
        self.source = stories[0].source if stories else "servicenow"
        self.system = system_actor().via(Origin.IMPORT)
        with transaction.atomic():
            self.customer = _organisation()
            _agreement(self.customer)
        self.teams = self._teams({u.team for s in stories for u in s.updates})
        self.services = self._services({u.facts["category"] for s in stories for u in s.updates} - {""})
        self.items = self._items({u.item for s in stories for u in s.updates} - {""})
        self.callers = self._people({s.caller for s in stories}, Role.CUSTOMER, self.customer)
        self.staff = self._people(_staff_names(stories), Role.AGENT, self.system_organisation())
        self._memberships({(u.team, u.assignee) for s in stories for u in s.updates if u.assignee})

    @staticmethod
    def system_organisation() -> Organisation:
        """The provider: whoever works on a ticket is on its side."""
        return Organisation.objects.filter(kind=Organisation.Kind.PROVIDER).order_by("pk")[0]

    def actor(self, name: str) -> Actor:
        """Who did it, coming in by the import; the system where the file does not say."""
        return self.staff[name].actor.via(Origin.IMPORT) if name else self.system

    def _teams(self, names: Iterable[str]) -> dict[str, Team]:
        def make(name: str) -> dict[str, Any]:
            en, zh = (name, name) if name else ("Unknown group (imported)", "未知组（导入）")
            return {"name_en": en, "name_zh": zh, "tier": Team.Tier.FIRST}

        return _ensure(Team, names, lambda n: code_of(self.source, n or "unknown"), make)

    def _services(self, names: Iterable[str]) -> dict[str, Service]:
        # not published: nobody can order from a catalogue that ended in 2016
        return _ensure(
            Service,
            names,
            lambda n: code_of(self.source, n),
            lambda n: {"name_en": n, "name_zh": n, "is_published": False},
        )

    def _items(self, names: Iterable[str]) -> dict[str, Item]:
        wanted = set(names)
        kind, _ = ItemType.objects.get_or_create(
            code="imported", defaults={"name_en": "Imported item", "name_zh": "导入的配置项"}
        )
        Item.objects.bulk_create(
            [Item(name=n, type=kind, customer=self.customer) for n in sorted(wanted)], ignore_conflicts=True
        )
        return {i.name: i for i in Item.objects.filter(customer=self.customer, name__in=wanted)}

    def _people(self, names: set[str], role: Role, organisation: Organisation) -> dict[str, User]:
        side = "caller" if role is Role.CUSTOMER else "staff"

        def make(name: str) -> dict[str, Any]:
            return {
                "display_name": name or "Unknown caller",
                "organisation": organisation,
                "password": make_password(None),
                "time_zone": "UTC",
                "mail_level": User.MailLevel.NONE,
            }

        key = f"{self.source}.{side}"
        people = _ensure(User, names, lambda n: code_of(key, n or "unknown"), make, key="username")
        Grant.objects.bulk_create(
            [Grant(user=user, role=role, organisation=self.customer) for user in people.values()],
            ignore_conflicts=True,
        )
        # with their roles, which every act asks for
        known = User.objects.prefetch_related("grants", "memberships")
        ready = known.in_bulk([user.pk for user in people.values()])
        return {name: ready[user.pk] for name, user in people.items()}

    def _memberships(self, pairs: Iterable[tuple[str, str]]) -> None:
        Membership.objects.bulk_create(
            [Membership(team=self.teams[team], user=self.staff[person]) for team, person in sorted(pairs)],
            ignore_conflicts=True,
        )


def _staff_names(stories: Iterable[Story]) -> set[str]:
    names = set()
    for story in stories:
        names |= {story.opened_by, story.final.get("resolved_by", "")}
        for update in story.updates:
            names |= {update.by, update.assignee}
    return names - {"", "?"}


def _ensure(
    model: type[M],
    names: Iterable[str],
    code: Callable[[str], str],
    make: Callable[[str], Mapping[str, Any]],
    key: str = "code",
) -> dict[str, M]:
    """One row per name, made where it is missing; safe against another import doing the same."""
    codes = {name: code(name) for name in sorted(names)}
    manager = model._default_manager
    there = set(manager.filter(**{f"{key}__in": codes.values()}).values_list(key, flat=True))
    manager.bulk_create(
        [model(**{key: c}, **make(name)) for name, c in codes.items() if c not in there],
        ignore_conflicts=True,
    )
    found = manager.in_bulk(codes.values(), field_name=key)
    return {name: found[c] for name, c in codes.items()}


def _organisation() -> Organisation:
    return Organisation.objects.get_or_create(
        code=CODE,
        defaults={
            "name_en": "ServiceNow 2016 (imported)",
            "name_zh": "ServiceNow 2016（导入）",
            "kind": Organisation.Kind.CUSTOMER,
        },
    )[0]


def _agreement(customer: Organisation) -> None:
    """Resolution by priority in office hours; waiting for the user or for evidence pauses."""
    made = {"created_by_id": system_actor().user_id, "created_at": EFFECTIVE_FROM}
    calendar, _ = Calendar.objects.get_or_create(
        code=CODE, defaults={"name_en": "Imported: 8x5, UTC", "name_zh": "导入：8x5，UTC"}
    )
    CalendarVersion.objects.get_or_create(
        calendar=calendar,
        number=1,
        defaults={"effective_from": EFFECTIVE_FROM, "definition": OFFICE, **made},
    )
    agreement, _ = Agreement.objects.get_or_create(
        code=CODE,
        defaults={
            "customer": customer,
            "name_en": "ServiceNow 2016: resolution",
            "name_zh": "ServiceNow 2016：解决时限",
        },
    )
    version, is_new = AgreementVersion.objects.get_or_create(
        agreement=agreement,
        number=1,
        defaults={
            "effective_from": EFFECTIVE_FROM,
            "calendar": calendar,
            "matrix": dict(DEFAULT_MATRIX),
            "pausing_reasons": [WaitingFor.CUSTOMER.value, WaitingFor.EVIDENCE.value],
            "warn_at": [50, 75, 90],
            **made,
        },
    )
    if is_new:
        Target.objects.bulk_create(
            Target(
                version=version,
                metric=Metric.RESOLUTION,
                priority=priority,
                amount=hours * 3600,
                goal_percent=GOAL_PERCENT,
                escalates=False,
            )
            for priority, hours in RESOLUTION_HOURS.items()
        )
