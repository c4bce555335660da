"""The demo's service reports: the month before is published, this one is drafted."""
# ruff: noqa: E501 - texts

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

import incidents.services
from accounts.access import Origin
from incidents.models import Incident
from itsm.demo.company import Company
from itsm.demo.play import Act, Story, play
from itsm.demo.stories import solved
from records import exclusions
from servicereports import schedule, services
from servicereports.models import ServiceReport
from sla.models import Agreement, Breach, Exclusion

ZONE = ZoneInfo("Asia/Shanghai")
OLDEST = timedelta(days=72)  # the agreement is a little older
TITLE, EXCLUDED = "订单接口全部中断", "三楼网络整改后无法上网"
# day of the month, hour, title, text, requester, service
SMALL = (
    (4, 9.5, "邮箱容量已满", "无法发送邮件，提示超出配额。", "customer", "email"),
    (6, 14.0, "Cannot reach the file share", "The drive letter is gone since this morning.", "oliver", "network-access"),
    (10, 10.5, "ERP 登录后空白页", "换了浏览器也一样。", "contact", "erp"),
    (13, 15.0, "新员工账号申请", "仓库新入职两人，需要域账号。", "customer", "accounts"),
    (18, 11.0, "VPN token expired", "It asks for a new one and I do not know where to get it.", "oliver", "vpn"),
    (24, 9.0, "打印机墨粉不足", "三楼打印机提示更换墨粉。", "customer", "printing"),
)  # fmt: skip
CRITICAL = [
    Act(10, "accept", "agent"),
    Act(12, "start", "agent"),
    Act(20, "reply", "agent", "已收到，应用组正在处理。"),
    Act(110, "reply", "agent", "定位到接口服务器证书过期，正在更换。"),
    Act(205, "reply", "agent", "证书已更换，正在逐个恢复接口。"),
    Act(300, "reply", "agent", "剩余两个接口，预计一小时内恢复。"),
    Act(385, "resolve", "agent", "更换证书并补发积压订单，全部接口恢复。"),
    Act(500, "confirm", "contact", "订单都补上了。"),
]
LONG = [
    Act(15, "accept", "agent"),
    Act(20, "start", "agent"),
    Act(25, "reply", "agent", "弱电间正在按计划整改，整改结束后立即恢复。"),
    Act(360, "reply", "agent", "整改还在进行，明早继续。"),
    Act(1420, "reply", "agent", "整改完成，正在恢复配线。"),
    Act(1600, "resolve", "agent", "恢复配线，三楼网络正常。"),
    Act(1700, "confirm", "contact", "好了。"),
]
SAID = {
    "comment_en": "Most promises were kept. The one critical ticket, the order interface, was solved two and a half hours late: its certificate had expired and nobody was watching its date. The third floor was without network during the works agreed with you; that ticket does not count.",
    "comment_zh": "本月绝大多数承诺均已兑现。唯一一张紧急工单（订单接口中断）超时两个半小时：接口证书过期且未纳入到期监控。三楼网络中断发生在与贵方约定的整改期间，经批准不计入达成率。",
    "next_steps_en": "Watch the dates of all certificates (done).\nKeep priority 1 around the clock by a rota of the network team, as decided in the review.",
    "next_steps_zh": "所有证书纳入到期监控（已完成）。\n按评审决定，网络组实行夜间与周末轮值，确保紧急事件全天候处理。",
}


def past(company: Company, *, now: datetime) -> None:
    """Tickets of the two months before, so that there is something to report; their misses are explained."""
    this = timezone.localdate(now, ZONE).replace(day=1)
    last = schedule.add_months(this, -1)
    for month in (schedule.add_months(this, -2), last):
        play(list(_month(month, is_last=month == last, now=now)), company, now=now)
    _explain(company, this, now)


def _month(month: date, *, is_last: bool, now: datetime) -> Iterator[Story]:
    for day, hour, title, text, requester, service in SMALL:
        acts = solved("agent", "已收到，正在处理。", "已处理并请用户确认。", thanks="好了，谢谢。")
        yield from _story(month, day, hour, title, text, requester, service, acts, now)
    if is_last:
        text = "ERP 与物流平台之间没有订单传输，仓库停摆。"
        yield from _story(month, 11, 10, TITLE, text, "contact", "erp", CRITICAL, now, impact=1, urgency=1)
        text = "弱电间整改后整层断网。"
        service = "network-access"
        yield from _story(month, 19, 10, EXCLUDED, text, "contact", service, LONG, now, impact=1, urgency=2)


def _story(
    month: date,
    day: int,
    hour: float,
    title: str,
    text: str,
    requester: str,
    service: str,
    acts: list[Act],
    now: datetime,
    *,
    impact: int = 2,
    urgency: int = 3,
) -> Iterator[Story]:
    """One ticket on a day of a month, or on the Monday after; none where it is older than the agreement."""
    on = month.replace(day=day)
    on += timedelta(days=(7 - on.weekday()) % 7 if on.weekday() > 4 else 0)
    at = datetime.combine(on, datetime.min.time(), ZONE) + timedelta(hours=hour)
    if now - at < OLDEST:
        named = [Act(a.after, a.verb, a.who or requester, a.text, a.what) for a in acts]
        ago = (now - at) / timedelta(hours=1)
        yield Story(ago, title, text, requester, service, impact=impact, urgency=urgency, acts=named)


def _explain(company: Company, this: date, now: datetime) -> None:
    """Every miss of the months before has its reason, as a month that is closed must."""
    end = datetime.combine(this, datetime.min.time(), ZONE)
    at = min(now, end + timedelta(days=1, hours=9))
    agent = company.users["agent"].actor.via(Origin.IMPORT)
    missed = Breach.objects.filter(reason="", at__lt=end).select_related("clock").order_by("at", "pk")
    for breach in missed:
        incident = Incident.objects.get(pk=breach.clock.record_id)
        is_critical = incident.title == TITLE
        correction = incidents.services.Correction(
            "所有接口证书纳入到期监控",
            company.users["apps"],
            timezone.localdate(now, ZONE) + timedelta(days=5),
        )
        incidents.services.explain_breach(
            incident, breach, reason=Breach.Reason.FORGOTTEN if is_critical else Breach.Reason.WORKLOAD,
            note="接口证书过期，未纳入到期监控。" if is_critical else "当班人手不足。",
            action=correction if is_critical else None, no_action="" if is_critical else "个例，不需要纠正。",
            actor=agent, now=at,
        )  # fmt: skip
        if incident.title == EXCLUDED:
            _exclude(company, incident, breach, at)


def _exclude(company: Company, incident: Incident, breach: Breach, at: datetime) -> None:
    asked = exclusions.ask(
        incident, breach.clock, reason=Exclusion.Reason.PLANNED,
        evidence="何静的邮件：三楼弱电间整改，约定两天内断网，不计入时限。",
        actor=company.users["slm"].actor.via(Origin.IMPORT), now=at,
    )  # fmt: skip
    exclusions.decide(
        incident, asked, decision=Exclusion.Decision.APPROVED, note="邮件已核对。",
        actor=company.users["manager"].actor.via(Origin.IMPORT), now=at,
    )  # fmt: skip


def make(company: Company, *, now: datetime) -> None:
    """The report of the month before goes out on the third; this month's is being made."""
    agreement = Agreement.objects.get(code="xinghe-sla")
    slm = company.users["slm"].actor.via(Origin.IMPORT)
    manager = company.users["manager"].actor.via(Origin.IMPORT)
    first, last = schedule.last_ended(timezone.localdate(now, ZONE), "month")
    ended = datetime.combine(last + timedelta(days=1), datetime.min.time(), ZONE)
    at = min(now, ended + timedelta(days=2, hours=10))
    report = services.draft(
        agreement, first=first, last=last, due_on=schedule.due_on(last, 5), writer=company.users["slm"],
        submitter="服务级别经理", actor=slm, now=at,
    )  # fmt: skip
    services.comment(report, **SAID, actor=slm, now=at)
    report = ServiceReport.objects.get(pk=report.pk)
    report = services.approve(report, seen=report.seen, actor=manager, now=at)
    services.publish(report, actor=manager, now=at)
    begin, end = schedule.span_of(timezone.localdate(now, ZONE), "month")
    services.draft(
        agreement, first=begin, last=end, due_on=schedule.due_on(end, 5), writer=company.users["slm"],
        submitter="服务级别经理", actor=slm, now=now,
    )  # fmt: skip
