# ruff: noqa: E501 - tables
"""The demo's organisations, people, teams, services, items and its one customer agreement."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.contrib.auth.hashers import make_password

from accounts.access import Role
from accounts.models import Grant, Membership, Organisation, Team, User
from accounts.services import system_actor
from catalog.models import Service
from cmdb.models import Item, ItemType
from itsm import defaults
from sla.models import Agreement, AgreementVersion, Calendar, Metric, Target
from sla.policy import DEFAULT_MATRIX

ZH, EN = "zh-hans", "en"
PROVIDER = ("Yunqi IT Services", "云启信息技术服务")
CUSTOMERS = {
    "xinghe": ("Xinghe Manufacturing", "星河制造"),
    "haiyue": ("Haiyue Hospital", "海岳医院"),
    "mingde": ("Mingde Education", "明德教育"),
}
MARK = "xinghe"  # where this organisation is, the demo is


class Account(NamedTuple):
    """A person of the demo; who has a role to show has a password."""

    username: str
    name: str
    organisation: str
    roles: tuple[Role, ...]
    language: str = ZH
    teams: tuple[str, ...] = ()
    is_shown: bool = True

    @property
    def password(self) -> str:
        return f"{self.username}-demo"


ACCOUNTS = (
    Account("admin", "赵敏", "provider", (Role.ADMINISTRATOR,)),
    Account("manager", "周建国", "provider", (Role.MANAGER,)),
    Account("slm", "林晓雯", "provider", (Role.SERVICE_LEVEL_MANAGER,)),
    Account("agent", "李娜", "provider", (Role.AGENT,), ZH, ("desk",)),
    Account("emma", "Emma Clarke", "provider", (Role.AGENT,), EN, ("desk",)),
    Account("first", "王磊", "provider", (Role.AGENT,), ZH, ("onsite",)),
    Account("network", "陈刚", "provider", (Role.AGENT,), ZH, ("network",)),
    Account("apps", "刘洋", "provider", (Role.AGENT,), ZH, ("applications",)),
    Account("platform", "孙涛", "provider", (Role.AGENT,), ZH, ("platform",), is_shown=False),
    Account("contact", "何静", "xinghe", (Role.CUSTOMER_MANAGER,)),
    Account("customer", "张伟", "xinghe", (Role.CUSTOMER,)),
    Account("oliver", "Oliver Brandt", "xinghe", (Role.CUSTOMER,), EN),
    Account("nurse", "黄丽", "haiyue", (Role.CUSTOMER,), is_shown=False),
    Account("hospital", "吴强", "haiyue", (Role.CUSTOMER_MANAGER,)),
    Account("teacher", "郑洁", "mingde", (Role.CUSTOMER,), is_shown=False),
    Account("school", "Grace Lin", "mingde", (Role.CUSTOMER_MANAGER,), EN),
)
TEAMS = {
    "desk": ("Service desk", "服务台", Team.Tier.DESK),
    "onsite": ("Desktop support", "桌面支持组", Team.Tier.FIRST),
    "network": ("Network team", "网络组", Team.Tier.SECOND),
    "applications": ("Application team", "应用组", Team.Tier.SECOND),
    "platform": ("Platform experts", "平台专家组", Team.Tier.THIRD),
}
# code -> names, descriptions, first support, second line
SERVICES = {
    "email": ("E-mail", "电子邮件", "Mailboxes, calendars and lists", "邮箱、日历与邮件列表", "desk", "applications"),
    "network-access": ("Office network", "办公网络", "Wired and wireless network", "有线与无线网络", "desk", "network"),
    "vpn": ("Remote access (VPN)", "远程接入 VPN", "Working from outside the office", "在办公室以外接入", "desk", "network"),
    "erp": ("ERP system", "ERP 系统", "Orders, stock and accounting", "订单、库存与财务", "desk", "applications"),
    "printing": ("Printing", "打印服务", "Printers and scanners", "打印机与扫描仪", "onsite", "network"),
    "workplace": ("Workplace computer", "办公电脑", "Computers and their software", "电脑及其软件", "onsite", "applications"),
    "accounts": ("Accounts and access", "账号与权限", "Login, passwords, permissions", "登录、密码与权限", "desk", "applications"),
    "meeting": ("Video meetings", "视频会议", "Meeting rooms and software", "会议室与会议软件", "onsite", "network"),
}  # fmt: skip
ITEMS = {
    "printer-3f": ("printer", "3F-PRN-01", "xinghe", "三楼"),
    "erp-app": ("server", "ERP-APP-01", "xinghe", "机房 A"),
    "core-switch": ("network", "CORE-SW-01", None, "机房 A"),
    "wifi-ward": ("network", "WARD-AP-07", "haiyue", "住院部七楼"),
    "his-db": ("server", "HIS-DB-02", "haiyue", "信息中心"),
    "room-201": ("meeting-room", "ROOM-201", "mingde", "行政楼 201"),
}
ITEM_TYPES = {
    "printer": ("Printer", "打印机"),
    "server": ("Server", "服务器"),
    "network": ("Network device", "网络设备"),
    "meeting-room": ("Meeting room", "会议室"),
}


@dataclass
class Company:
    """The demo's rows by their short names."""

    customers: dict[str, Organisation] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)


class Taken(Exception):
    """The demo wants a user name that somebody has."""


def make(now: datetime) -> Company:
    """Everything but tickets. Raises Taken where a user name of the demo exists already."""
    if taken := User.objects.filter(username__in=[a.username for a in ACCOUNTS]).first():
        raise Taken(taken.username)
    company = Company()
    _organisations(company)
    for code, (en, zh, tier) in TEAMS.items():
        company.teams[code] = Team.objects.create(code=code, name_en=en, name_zh=zh, tier=tier)
    _users(company, ACCOUNTS)
    for code, (en, zh, about_en, about_zh, first, second) in SERVICES.items():
        company.services[code] = Service.objects.create(
            code=code, name_en=en, name_zh=zh, description_en=about_en, description_zh=about_zh,
            support_team=company.teams[first], second_line_team=company.teams[second],
        )  # fmt: skip
    _items(company)
    _agreement(company.customers["xinghe"], now)
    # the accounts as actors, with the roles and teams they have by now
    fresh = User.objects.prefetch_related("grants", "memberships").select_related("organisation")
    company.users = {name: fresh.get(pk=user.pk) for name, user in company.users.items()}
    return company


@contextmanager
def passwords() -> Iterator[None]:
    """Hash the accounts' passwords beside the work inside, for that is slow on purpose; then set them."""
    shown = [account for account in ACCOUNTS if account.is_shown]
    with ThreadPoolExecutor(2) as pool:
        hashes = pool.map(lambda account: make_password(account.password), shown)
        yield
        for account, hashed in zip(shown, hashes, strict=True):
            User.objects.filter(username=account.username).update(password=hashed)


def _organisations(company: Company) -> None:
    provider = Organisation.objects.filter(kind=Organisation.Kind.PROVIDER).order_by("pk")[0]
    if provider.name_en == "Service provider":  # still as the first migration named it
        provider.name_en, provider.name_zh = PROVIDER
        provider.save(update_fields=["name_en", "name_zh"])
    company.customers = {"provider": provider}
    for code, (en, zh) in CUSTOMERS.items():
        company.customers[code] = Organisation.objects.create(code=code, name_en=en, name_zh=zh)


def _users(company: Company, accounts: Sequence[Account]) -> None:
    for account in accounts:
        user = User.objects.create(
            username=account.username,
            password=make_password(None),
            display_name=account.name,
            email=f"{account.username}@{account.organisation}.example",
            organisation=company.customers[account.organisation],
            language=account.language,
        )
        Grant.objects.bulk_create(Grant(user=user, role=role) for role in account.roles)
        Membership.objects.bulk_create(
            Membership(user=user, team=company.teams[team], is_lead=account.username == "agent")
            for team in account.teams
        )
        company.users[account.username] = user


def _items(company: Company) -> None:
    types = {
        code: ItemType.objects.get_or_create(code=code, defaults={"name_en": en, "name_zh": zh})[0]
        for code, (en, zh) in ITEM_TYPES.items()
    }
    for code, (kind, name, customer, site) in ITEMS.items():
        owner = company.customers[customer] if customer else None
        company.items[code] = Item.objects.create(name=name, type=types[kind], customer=owner, site=site)


def _agreement(customer: Organisation, now: datetime) -> None:
    """Xinghe's: office hours, critical tickets round the clock, resolution by priority."""
    office = Calendar.objects.get(code=defaults.OFFICE)
    always = Calendar.objects.get(code=defaults.ALWAYS)
    agreement = Agreement.objects.create(
        code="xinghe-sla", customer=customer, name_en="Xinghe service level agreement", name_zh="星河制造服务级别协议"
    )  # fmt: skip
    version = AgreementVersion.objects.create(
        agreement=agreement,
        number=1,
        effective_from=defaults.EFFECTIVE_FROM,
        calendar=office,
        matrix=dict(DEFAULT_MATRIX),
        pausing_reasons=defaults.PAUSING,
        warn_at=defaults.WARN_AT,
        created_by_id=system_actor().user_id,
        created_at=now,
    )
    hours: dict[Metric, dict[int, float]] = {
        Metric.FIRST_RESPONSE: {1: 0.5, 2: 1, 3: 2, 4: 4},
        Metric.NEXT_UPDATE: {1: 2, 2: 8, 3: 16, 4: 24},
        Metric.RESOLUTION: {1: 4, 2: 8, 3: 16, 4: 40},
    }
    Target.objects.bulk_create(
        Target(
            version=version,
            metric=metric,
            priority=priority,
            amount=int(amount * defaults.HOUR),
            calendar=always if priority == 1 else None,
            goal_percent=95,
            escalates=metric == Metric.RESOLUTION,
        )
        for metric, amounts in hours.items()
        for priority, amount in amounts.items()
    )
