# ruff: noqa: E501 - tables
"""The demo's organisations, people, teams, services and items, and what stands behind its agreement."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from accounts.access import Role
from accounts.models import Grant, Membership, Organisation, Team, User
from accounts.services import system_actor
from catalog.models import Service
from cmdb.models import Item, ItemType
from itsm import defaults
from itsm.demo import catalogue, registered
from sla import target
from sla.models import (
    Agreement,
    AgreementVersion,
    Calendar,
    MeasuredTarget,
    Metric,
    Target,
    Underpinning,
)
from sla.policy import DEFAULT_MATRIX
from sla.terms import Cost, Credit, MeasureTerm, ReportTerm, Reward, Support, TargetTerm, Terms, Text
from suppliers.models import Supplier

ZH, EN = "zh-hans", "en"
PROVIDER = ("Yunqi IT Services", "云启信息技术服务")
CUSTOMERS = {
    "xinghe": ("Xinghe Manufacturing", "星河制造"),
    "haiyue": ("Haiyue Hospital", "海岳医院"),
    "mingde": ("Mingde Education", "明德教育"),
}
# whose people use the supplier's pages
SUPPLIERS = {"huaxun": ("Huaxun Networks", "华讯网络")}
# the supplier's contract runs out before the agreement that rests on it
CONTRACT_BEGAN, CONTRACT_ENDS = timedelta(days=100), timedelta(days=45)
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
    Account("supplier", "高远", "huaxun", (Role.SUPPLIER,)),
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
# names, category, prefix of the numbers
ITEM_TYPES = {
    "printer": ("Printer", "打印机", "hardware", "PRN"),
    "server": ("Server", "服务器", "hardware", "SRV"),
    "network": ("Network device", "网络设备", "hardware", "NET"),
    "meeting-room": ("Meeting room", "会议室", "site", "ROM"),
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
        words = {"name_en": en, "name_zh": zh, "description_en": about_en, "description_zh": about_zh}
        support = {"support_team": company.teams[first], "second_line_team": company.teams[second]}
        # one of the start catalogue may be there already
        company.services[code] = Service.objects.update_or_create(code=code, defaults={**words, **support})[0]
    _items(company)
    _underpinning(company, now)
    # the accounts as actors, with the roles and teams they have by now
    fresh = User.objects.prefetch_related("grants", "memberships").select_related("organisation")
    company.users = {name: fresh.get(pk=user.pk) for name, user in company.users.items()}
    catalogue.make(company.services, company.users, now)
    registered.make(now)
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
    for code, (en, zh) in SUPPLIERS.items():
        company.customers[code] = Organisation.objects.create(
            code=code, name_en=en, name_zh=zh, kind=Organisation.Kind.SUPPLIER
        )


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
        code: ItemType.objects.get_or_create(
            code=code, defaults={"name_en": en, "name_zh": zh, "category": category, "prefix": prefix}
        )[0]
        for code, (en, zh, category, prefix) in ITEM_TYPES.items()
    }
    for code, (kind, name, customer, site) in ITEMS.items():
        owner = company.customers[customer] if customer else None
        company.items[code] = Item.objects.create(name=name, type=types[kind], customer=owner, site=site)


def terms_of_xinghe() -> Terms:
    """Office hours, critical tickets round the clock, resolution by priority."""
    hours: dict[Metric, dict[int, float]] = {
        Metric.FIRST_RESPONSE: {1: 0.5, 2: 1, 3: 2, 4: 4},
        Metric.NEXT_UPDATE: {1: 2, 2: 8, 3: 16, 4: 24},
        Metric.RESOLUTION: {1: 4, 2: 8, 3: 16, 4: 40},
    }
    targets = tuple(
        _target(metric, priority, amount, method=METHOD, underpinned_by=SUPPORTS.get(metric, _none)(priority))
        for metric, amounts in hours.items()
        for priority, amount in amounts.items()
    )
    return Terms(
        calendar=defaults.OFFICE, pausing_reasons=tuple(defaults.PAUSING), warn_at=tuple(defaults.WARN_AT),
        matrix=dict(DEFAULT_MATRIX), targets=targets, measures=MEASURES, credits=CREDITS, cost=COST,
        rewards=REWARDS, reports=(ReportTerm("service_level", submitter="服务级别经理"),),
    )  # fmt: skip


METHOD = Text(
    "From the instants recorded in the ticket, within the hours of the calendar.",
    "依据工单记录的时刻，按日历工作时间计算。",
)
OUTAGES = Text("From the outages that monitoring told of.", "依据监控系统上报的中断。")
MONITORED: dict[str, Any] = {"source": "monitoring", "service": "erp"}
MEASURES = (
    MeasureTerm("availability", ">=", 99, "percent", **MONITORED,
                method=Text("Minutes of the service hours in which users could work, of all of them.",
                            "服务时间内用户可正常使用的分钟数占全部分钟数的比例。")),
    MeasureTerm("failures", "<=", 2, "count", **MONITORED, method=OUTAGES),
    MeasureTerm("outage_duration", "<=", 2, "hours", **MONITORED, method=OUTAGES),
    MeasureTerm("transaction_time", "<=", 2, "seconds", **MONITORED,
                method=Text("95th percentile of the daily means of posting an order.",
                            "每日订单过账平均耗时的第 95 百分位。")),
    MeasureTerm("answer_rate", ">=", 90, "percent", source="calls",
                method=Text("Calls answered, of all calls offered.", "已接来电占全部来电的比例。")),
    MeasureTerm("workload", "<=", 40, "count", source="tickets",
                method=Text("Tickets opened in the month.", "当月新开工单数。")),
)  # fmt: skip
CREDITS = (
    Credit("resolution//1", 95, 3),
    Credit("resolution//2", 95, 2),
    Credit("availability/erp", 99, 5),
)
REWARDS = (Reward("answer_rate/", 92, 0.5), Reward("answer_rate/", 99, 1))
COST = Cost(48_000, "CNY", "month")


def _none(priority: int) -> tuple[Support, ...]:
    return ()


SUPPORTS: dict[Metric, Callable[[int], tuple[Support, ...]]] = {
    Metric.FIRST_RESPONSE: lambda priority: (Support("ola-desk", f"first_response//{priority}"),),
    Metric.RESOLUTION: lambda priority: (
        Support("ola-desk", f"resolution//{priority}", 1),
        Support("ola-network", f"resolution//{priority}", 2),
        *((Support("uc-huaxun", "resolution//2", 3),) if priority == 2 else ()),
    ),
}


def _underpinning(company: Company, now: datetime) -> None:
    """What stands behind Xinghe's agreement: two OLAs and a UC. The network team's is too loose for priority 1,
    where it promises office hours only."""
    desk = Agreement.objects.create(
        code="ola-desk", kind=Agreement.Kind.OLA, team=company.teams["desk"],
        name_en="Service desk OLA", name_zh="服务台运营级别协议",
    )  # fmt: skip
    first_line: dict[Metric, dict[int, float]] = {
        Metric.FIRST_RESPONSE: {1: 0.5, 2: 1, 3: 2, 4: 4},
        Metric.RESOLUTION: {1: 1, 2: 1, 3: 4, 4: 8},
    }
    _version(desk, [_target(m, p, amount) for m, row in first_line.items() for p, amount in row.items()], now)
    network = Agreement.objects.create(
        code="ola-network", kind=Agreement.Kind.OLA, team=company.teams["network"],
        name_en="Network team OLA", name_zh="网络组运营级别协议",
    )  # fmt: skip
    second_line = {1: 2, 2: 3, 3: 12, 4: 32}
    _version(network, [_target(Metric.RESOLUTION, p, a, calendar=None) for p, a in second_line.items()], now)
    supplier = Supplier.objects.create(
        code="huaxun", name_en="Huaxun Networks", name_zh="华讯网络", contact="高远", phone="400 000 1234",
        email="support@huaxun.example", responsible=company.users["network"],
        organisation=company.customers["huaxun"],
        admission_note="营业执照、线路代维资质与信息安全承诺书已核验，均有效。",
    )  # fmt: skip
    contract = Agreement.objects.create(
        code="uc-huaxun", kind=Agreement.Kind.UC, supplier=supplier,
        name_en="Huaxun line support contract", name_zh="华讯线路支持合同",
    )  # fmt: skip
    report = ReportTerm(kind="service_level", period="month", due_day=3, submitter="高远", way="email")
    _version(
        contract, [_target(Metric.RESOLUTION, 2, 4)], now, reports=(report,),
        span=(_midnight(now - CONTRACT_BEGAN), _midnight(now + CONTRACT_ENDS)),
    )  # fmt: skip


def _midnight(at: datetime) -> datetime:
    return timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)


def _target(metric: Metric, priority: int, amount: float, **over: Any) -> TargetTerm:
    facts: dict[str, Any] = {
        "calendar": defaults.ALWAYS if priority == 1 else None,
        "escalates": metric == Metric.RESOLUTION,
        **over,
    }
    promise = target.Target("business_seconds", int(amount * defaults.HOUR))
    return TargetTerm(metric=metric.value, promise=promise, priority=priority, **facts)


def _version(
    agreement: Agreement,
    targets: Sequence[TargetTerm],
    now: datetime,
    *,
    span: tuple[datetime, datetime | None] = (defaults.EFFECTIVE_FROM, None),
    **more: Any,
) -> None:
    """The first version with its terms and, from them, its rows. ``more``: other parts of the terms."""
    calendars = Calendar.objects.in_bulk(field_name="code")
    pausing = tuple(defaults.PAUSING)
    terms = Terms(
        calendar=defaults.OFFICE,
        pausing_reasons=pausing,
        warn_at=tuple(defaults.WARN_AT),
        targets=tuple(targets),
        **more,
    )
    version = AgreementVersion.objects.create(
        agreement=agreement,
        number=1,
        effective_from=span[0],
        effective_until=span[1],
        calendar=calendars[defaults.OFFICE],
        matrix=dict(DEFAULT_MATRIX),
        pausing_reasons=defaults.PAUSING,
        warn_at=defaults.WARN_AT,
        terms=terms.dump(),
        created_by_id=system_actor().user_id,
        created_at=now,
    )
    _rows(version, terms, calendars)


def _rows(version: AgreementVersion, terms: Terms, calendars: Mapping[str, Calendar]) -> None:
    """What clocks and measures read of a version."""
    Target.objects.bulk_create(
        Target(
            version=version,
            metric=term.metric,
            priority=term.priority,
            ticket_kind=term.ticket_kind or "",
            amount=term.promise.amount,
            calendar=calendars[term.calendar] if term.calendar else None,
            goal_percent=95,
            escalates=term.escalates,
        )
        for term in terms.targets
    )
    services = Service.objects.in_bulk(field_name="code")
    MeasuredTarget.objects.bulk_create(
        MeasuredTarget(
            version=version, measure=term.measure, service=services.get(term.service or ""), value=term.value,
            operator=term.operator, unit=term.unit, source=term.source, period=term.period,
        )
        for term in terms.measures
    )  # fmt: skip
    behind = Agreement.objects.in_bulk(
        {s.agreement for term in terms.targets for s in term.underpinned_by}, field_name="code"
    )
    Underpinning.objects.bulk_create(
        Underpinning(
            version=version,
            target_key=term.key,
            agreement=behind[support.agreement],
            supporting_key=support.target,
            stage=support.stage,
        )
        for term in terms.targets
        for support in term.underpinned_by
    )
