"""Two hotlines of the demo with their menus, the numbers of customers' people, and two weeks of calls."""

from datetime import datetime, timedelta
from typing import Any

from accounts.access import Actor, Origin, Role
from accounts.models import Grant, Organisation, User
from calls import services
from calls.models import Branch, Hotline
from catalog.models import Service
from incidents.models import Incident
from itsm.demo.company import Company

PHONES = {
    "contact": "0512-6288 1001", "customer": "+86 512 6288 1001 转 802", "oliver": "+86 138 1234 5678",
    "nurse": "0512-6522 7700-703", "hospital": "139 1555 0166", "teacher": "0512-6711 2301",
    "school": "137 0620 4411",
}  # fmt: skip
# key of the menu -> names, service, team
MENU = {
    "1": ("Network and remote access", "网络与远程接入", "vpn", "network"),
    "2": ("ERP and accounts", "ERP 与账号", "erp", "desk"),
    "3": ("Printers and computers", "打印机与电脑", "printing", "onsite"),
}
# days ago, hour and minute in UTC, caller (a user or a number), branch, seconds until reached (negative:
# abandoned), minutes talked, agent
CALLS = tuple(
    (
        1 + n * 13 // 38, 1 + n * 5 % 9, n * 17 % 60,
        ("contact", "customer", "nurse", "13912340077", "teacher", "oliver", "school")[n % 7],
        ("1", "2", "3", None)[n % 4],
        -(18 + n) if n in (4, 15, 29) else 5 + n * 7 % 15,
        2 + n * 3 % 9,
        ("agent", "emma", "agent", "first")[n % 4],
    )
    for n in range(38)
)  # fmt: skip


def make(company: Company, *, now: datetime) -> None:
    """Calls through the verb an exchange uses, under an account of its own."""
    for name, phone in PHONES.items():
        User.objects.filter(pk=company.users[name].pk, phone="").update(phone=phone)
    main = _hotline("service", "Service hotline", "服务热线", "400-820-0512", 90)
    for code, (en, zh, service, team) in MENU.items():
        Branch.objects.create(
            hotline=main, code=code, name_en=en, name_zh=zh, service=company.services[service],
            team=company.teams[team],
        )  # fmt: skip
    vip = _hotline("vip", "Key customers", "重点客户专线", "0512-6288 9000", 95)
    vip.service = Service.objects.filter(code="erp", is_published=True).first()
    vip.save()
    exchange = User.objects.create_user(
        "exchange", None, display_name="电话平台", language="zh-hans",
        organisation=Organisation.objects.get(code="provider"),
    )  # fmt: skip
    Grant.objects.create(user=exchange, role=Role.INTEGRATION)
    actor = exchange.actor.via(Origin.API)
    for n, row in enumerate(CALLS):
        _call(n, row, vip if n % 5 == 2 else main, company, actor=actor, now=now)
    _about_tickets(main, company, actor=actor, now=now)


def _hotline(code: str, en: str, zh: str, number: str, goal: int) -> Hotline:
    return Hotline.objects.create(code=code, name_en=en, name_zh=zh, number=number, goal=goal)


def _call(
    n: int,
    row: tuple[int, int, int, str, str | None, int, int, str],
    hotline: Hotline,
    company: Company,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    days, hour, minute, caller, branch, wait, minutes, agent = row
    began = (now - timedelta(days=days)).replace(hour=hour, minute=minute, second=n)
    reached = began + timedelta(seconds=abs(wait))
    facts: dict[str, Any] = {
        "hotline": hotline, "branch": hotline.branches.filter(code=branch).first(), "offered_at": began,
        "number": PHONES.get(caller, caller), "reference": f"demo-{n}", "recording": "",
    }  # fmt: skip
    if wait < 0:
        facts |= {"abandoned_at": reached, "ended_at": reached}
    else:
        facts |= {"answered_at": reached, "ended_at": reached + timedelta(minutes=minutes)}
        facts |= {"agent": company.users[agent], "recording": f"{began:%Y%m%d}/{n:04}.wav"}
    services.store(facts, actor=actor, now=now)


def _about_tickets(hotline: Hotline, company: Company, *, actor: Actor, now: datetime) -> None:
    """The calls in which the newest tickets by telephone were logged."""
    rows = Incident.objects.filter(channel="phone", opened_at__gte=now - timedelta(days=13))
    for n, incident in enumerate(rows.select_related("requester", "record_ptr").order_by("-pk")[:5]):
        began = incident.opened_at - timedelta(minutes=3)
        number = PHONES.get(incident.requester.username, "")
        services.store(
            {
                "hotline": hotline, "number": number, "offered_at": began, "ticket": incident.record_ptr,
                "answered_at": began + timedelta(seconds=9), "ended_at": began + timedelta(minutes=6),
                "agent": company.users["agent"], "recording": f"{began:%Y%m%d}/t{n:03}.wav",
                "reference": f"demo-t{n}",
            },
            actor=actor, now=now,
        )  # fmt: skip
