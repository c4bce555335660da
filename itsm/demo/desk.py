"""The demo's major incidents, an announcement, and tickets behind one failure."""
# ruff: noqa: E501 - texts

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

import incidents.services
from accounts.access import Actor, Origin
from actions import services as actions
from actions.models import Action
from announcements import services as announcements
from announcements.models import Told
from incidents import backfill, family, urging
from incidents.models import Incident, Participation
from itsm.demo.company import Company
from majors import services as majors
from majors.models import Major

ZONE = ZoneInfo("Asia/Shanghai")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def make(company: Company, *, now: datetime) -> None:
    """One major incident under way with tickets behind it, one reviewed, a planned interruption."""
    _past(company, now - 9 * DAY)
    _planned(company, now)
    _past_the_desk(company, now - 3 * DAY)
    _under_way(company, now - 55 * MINUTE)


def _silent(company: Company, name: str) -> Actor:
    return company.users[name].actor.via(Origin.IMPORT)


def _log(
    company: Company, at: datetime, title: str, text: str, who: str, service: str, **over: object
) -> Incident:
    requester = company.users[who]
    facts = {"impact": 1, "urgency": 1, "event_kind": "outage", **over}
    return incidents.services.open(
        actor=_silent(company, "agent"), now=at, title=title, description=text, customer=requester.organisation,
        requester=requester, service=company.services[service], **facts,  # type: ignore[arg-type]
    )  # fmt: skip


def _under_way(company: Company, at: datetime) -> None:
    """Mail stands still at two customers; the second update is due soon."""
    agent, network = _silent(company, "agent"), _silent(company, "network")
    incident = _log(
        company,
        at,
        "邮件系统全部中断 / Mail is down for all",
        "所有用户无法收发邮件，客户端提示服务器不可用。",
        "contact",
        "email",
    )
    incident = incidents.services.start(incident, actor=agent, now=at + 2 * MINUTE)
    for minutes, who, title in (
        (6, "customer", "收不到任何邮件"),
        (9, "oliver", "Outlook cannot connect"),
        (12, "nurse", "医生站收不到检验邮件"),
    ):
        child = _log(company, at + minutes * MINUTE, title, "", who, "email", impact=2)
        family.attach(child, parent=incident, actor=agent, now=at + (minutes + 1) * MINUTE)
    major = majors.declare(
        Incident.objects.get(pk=incident.pk), reason="两家客户全部用户邮件不可用，业务往来停止。", coordinator=company.users["network"],
        severity=Major.Severity.CRITICAL, update_minutes=30, customers=[company.customers["haiyue"]], actor=agent,
        now=at + 8 * MINUTE,
    )  # fmt: skip
    majors.notify(
        major,
        person=company.users["manager"],
        note="电话通知，已同意启动应急预案。",
        actor=network,
        now=at + 15 * MINUTE,
    )
    majors.call_in(
        major,
        person=company.users["apps"],
        part=Participation.Part.TECHNICAL,
        actor=network,
        now=at + 16 * MINUTE,
    )
    majors.call_in(
        major,
        person=company.users["slm"],
        part=Participation.Part.INCIDENT_MANAGER,
        actor=network,
        now=at + 18 * MINUTE,
    )
    majors.post(
        major, internal="存储控制器 A 掉线，正在切换到 B。", text_en="Mail is down since this hour. We have found the cause and are switching to the spare storage.",
        text_zh="邮件系统自本时段起中断，原因已找到，正在切换备用存储。", actor=network, now=at + 20 * MINUTE,
    )  # fmt: skip
    majors.post(
        major, internal="控制器 B 已接管，数据库一致性检查进行中，预计 25 分钟。", text_en="The spare storage has taken over. Mailboxes are being checked; most will be back within half an hour.",
        text_zh="备用存储已接管，正在检查邮箱数据，预计半小时内大部分恢复。", actor=network, now=at + 42 * MINUTE,
    )  # fmt: skip
    urging.urge(
        Incident.objects.get(pk=incident.pk), actor=_silent(company, "contact"), now=at + 30 * MINUTE,
        note="下午两点有投标截止，请尽快恢复。",
    )  # fmt: skip


def _past(company: Company, at: datetime) -> None:
    """The core switch failed, was replaced, reviewed and closed."""
    network, slm = _silent(company, "network"), _silent(company, "slm")
    incident = _log(
        company,
        at,
        "核心交换机故障，办公网络中断",
        "机房 A 核心交换机电源故障。",
        "hospital",
        "network-access",
        item=company.items["core-switch"],
    )
    incident = incidents.services.start(incident, actor=network, now=at + 3 * MINUTE)
    major = majors.declare(
        incident, reason="全院办公网络中断，门诊受影响。", coordinator=company.users["network"], severity=Major.Severity.CRITICAL,
        actor=_silent(company, "agent"), now=at + 5 * MINUTE,
    )  # fmt: skip
    majors.notify(
        major, person=company.users["manager"], note="电话通知。", actor=network, now=at + 20 * MINUTE
    )
    majors.post(
        major,
        internal="备用电源已装上，交换机启动中。",
        text_en="Power is being replaced.",
        text_zh="正在更换电源。",
        actor=network,
        now=at + 30 * MINUTE,
    )
    majors.post(major, internal="网络恢复，观察中。", actor=network, now=at + 58 * MINUTE)
    incidents.services.resolve(
        Incident.objects.get(pk=incident.pk), code="solved", steps="更换核心交换机电源模块，网络恢复。", restored_at=at + 55 * MINUTE,
        actor=network, now=at + HOUR,
    )  # fmt: skip
    over = majors.stand_down(major, note="网络恢复，观察一小时无异常。", actor=network, now=at + 2 * HOUR)
    reviewed = majors.review(
        over, causes="单电源运行，备用电源一个月前损坏，告警未处理。", course="+0 断网\n+5 宣布重大事件\n+20 通知管理层\n+55 网络恢复\n+120 结束",
        lessons="电源告警必须当天处理；核心设备保持双电源，备件在库。", actor=slm, now=at + DAY,
    )  # fmt: skip
    actions.open_action(
        source=Action.Source.OTHER, title="核心设备双电源巡检并补齐备件", description="重大事件评审结论。", responsible=company.users["network"],
        due_on=timezone.localdate(at, ZONE) + timedelta(days=21), cause=reviewed, actor=slm, now=at + DAY,
    )  # fmt: skip
    majors.wrap_up(reviewed, actor=_silent(company, "manager"), now=at + DAY + HOUR)


def _planned(company: Company, now: datetime) -> None:
    """A maintenance window of the carrier, announced two days ahead to all."""
    begins = timezone.localtime(now + 2 * DAY, ZONE).replace(hour=22, minute=0, second=0)
    draft = announcements.write(
        sort=Told.Sort.THIRD_PARTY, third_party="中国电信 / China Telecom", title_en="Carrier maintenance: internet access may drop", title_zh="运营商割接：互联网出口可能中断",
        text_en="The carrier maintains its line. Remote access may drop for up to ten minutes; the office network is not affected.",
        text_zh="运营商进行线路割接，远程接入可能中断十分钟以内，办公内网不受影响。", starts_at=begins, ends_at=begins + 4 * HOUR,
        services=[company.services["vpn"]], actor=_silent(company, "agent"), now=now - 5 * HOUR,
    )  # fmt: skip
    announcements.publish(draft, actor=_silent(company, "agent"), now=now - 5 * HOUR)


def _past_the_desk(company: Company, at: datetime) -> None:
    """Solved on the corridor, logged afterwards on the word of sales."""
    requester = company.users["school"]
    backfill.log_afterwards(
        actor=_silent(company, "agent"), now=at + 5 * HOUR, customer=requester.organisation, requester=requester,
        title="Meeting room screen had no signal", description="Solved on site, told by sales later.",
        service=company.services["meeting"], occurred_at=at, backfill_source="sales", bypassed_by=company.users["first"],
        solution=backfill.Solution("Replaced the cable.", at + 40 * MINUTE),
    )  # fmt: skip
