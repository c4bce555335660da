"""The demo's agreement on the table: revised once at the customer's wish, offered again, waiting for its word."""
# ruff: noqa: E501 - texts

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts.access import Actor, Origin
from agreements import party, services
from agreements.models import Countersignature, Edition
from itsm import defaults
from itsm.demo.company import Company
from sla.models import Agreement

ZONE = ZoneInfo("Asia/Shanghai")
HOUR = 3600
# section -> its words in both languages
SECTIONS = {
    "introduction": ("This agreement describes the support of video meetings at Xinghe Manufacturing. It adds to the service level agreement and goes before it where meetings are concerned.", "本协议约定星河制造视频会议的保障服务，是对现行服务级别协议的补充；凡涉及会议保障，以本协议为准。"),
    "parties": ("Named on the first page. Contacts are listed in section 6.", "双方名称见首页，联系人见第 6 章。"),
    "validity": ("For one year from its beginning. Either party may end it with three months' notice.", "自生效之日起一年。任何一方可提前三个月书面通知终止。"),
    "approval": ("Agreed by both project managers and signed by both companies.", "经双方项目经理确认，由双方公司签署生效。"),
    "scope": ("Twelve meeting rooms in Building A and B with cameras, displays and meeting software. Events outside the site are not included.", "A、B 两栋楼共十二间会议室的摄像、显示设备与会议软件。厂区以外的活动不在范围内。"),
    "contacts": ("Xinghe: He Jing, project manager. Provider: the service desk at any hour, the service level manager for this agreement.", "星河：项目经理何静。服务方：服务台全天受理，服务级别经理负责本协议。"),
    "service_hours": ("Monday to Friday during office hours; large meetings also outside, if announced two working days before.", "周一至周五工作时间；大型会议提前两个工作日预约的，可在工作时间以外保障。"),
    "interruptions": ("Maintenance of rooms is announced five working days before and takes place after 18:00.", "会议室维护提前五个工作日通知，安排在 18:00 以后。"),
    "customer_duties": ("Xinghe books rooms in the calendar, gives access at any time, names somebody per building who can decide, and tells of large meetings two working days before.", "星河在日历中预订会议室，随时提供进场条件，每栋楼指定一名可决定事项的人员，大型会议提前两个工作日告知。"),
    "priority_guide": ("A meeting that stands still is of high urgency; a room that is out of use, of medium impact.", "会议中断按高紧急度处理；会议室停用按中等影响处理。"),
    "escalation": ("Half an hour without progress goes to the team leader, one hour to the service level manager.", "半小时无进展上报组长，一小时上报服务级别经理。"),
    "complaints": ("To the service level manager; answered within one working day.", "向服务级别经理提出，一个工作日内答复。"),
    "service_targets": ("The times below hold for each ticket about a meeting room.", "以下时限适用于会议室相关的每张工单。"),
    "metrics": ("Shares are counted per calendar month over closed tickets.", "达成率按自然月统计已关闭工单。"),
    "workload_limits": ("Up to forty supported meetings a month; more by agreement.", "每月保障会议不超过四十场，超出部分另行商定。"),
    "changes": ("In writing by both project managers; each change is an edition of its own.", "由双方项目经理书面提出，每次变更形成新的版次。"),
    "continuity_security": ("Two spare sets of camera and display stand ready on site. Recordings are kept by Xinghe only.", "现场备有两套摄像与显示设备。会议录像仅由星河保存。"),
    "charges": ("A fixed fee per month; rooms beyond twelve are charged by room.", "按月固定费用；超过十二间的会议室按间计费。"),
    "interruption_procedure": ("The desk opens a ticket, on-site support goes to the room at once, the spare set is used after ten minutes.", "服务台开立工单，现场人员立即到场，十分钟未恢复即启用备用设备。"),
    "exceptions": ("Failures of Xinghe's own network or power, and of the other side's equipment.", "星河自有网络或供电故障，以及对方设备故障除外。"),
    "reporting_review": ("A report each month by the fifth; a review once a year.", "每月五日前提交服务报告，每年评审一次。"),
    "glossary": ("Terms are used as in the service level agreement.", "所用术语与服务级别协议一致。"),
    "incentives_penalties": ("Below the goal the month's fee is reduced as in the table.", "低于目标时按下表扣减当月费用。"),
}  # fmt: skip
METHOD = {"en": "From the instants recorded in the ticket, within the hours of the calendar.", "zh": "依据工单记录的时刻，按日历工作时间计算。"}  # fmt: skip


def make(company: Company, *, now: datetime) -> None:
    """Offered eight days ago, sent back with a remark, changed, offered anew yesterday: the contact is asked."""
    agreement = Agreement.objects.create(
        code="xinghe-meeting", customer=company.customers["xinghe"],
        parent=Agreement.objects.get(code="xinghe-sla"),
        name_en="Xinghe video meeting agreement", name_zh="星河制造视频会议保障协议",
    )  # fmt: skip
    slm = company.users["slm"].actor
    silent, at = slm.via(Origin.IMPORT), now - timedelta(days=10)
    start = timezone.localtime(now, ZONE).replace(day=1, hour=0, minute=0, second=0) + timedelta(days=32)
    edition = services.draft(
        agreement, terms=_terms(on_site=1), effective_from=start.replace(day=1), actor=silent, now=at
    )
    offered = _offer(company, edition, silent, silent, at)
    at = now - timedelta(days=6)
    contact = company.users["contact"].actor.via(Origin.IMPORT)
    seen = party.offer_of(offered)
    remark = party.remark(
        offered, section="service_targets", text="大型会议一小时到场太慢，希望半小时内到场。", offer=seen, actor=contact, now=at,
    )  # fmt: skip
    back = party.ask_changes(
        offered, reason="请缩短到场时间，其余条款同意。", offer=seen, actor=contact, now=at
    )
    at = now - timedelta(days=3)
    party.answer(
        back, remark=remark.pk, outcome=party.Outcome.ADJUSTED, text="到场时间改为半小时，已与桌面支持组确认人力。", actor=silent, now=at,
    )  # fmt: skip
    changed = services.revise(
        back, {"terms": _terms(on_site=0.5)}, actor=silent, now=at, expected_version=None
    )
    _offer(company, changed, silent, slm, now - timedelta(days=1))


def _offer(company: Company, edition: Edition, silent: Actor, loud: Actor, at: datetime) -> Edition:
    """Through internal review by the manager and the administrator to the customer."""
    reviewers = [company.users["manager"], company.users["admin"]]
    edition = services.submit(edition, reviewers=reviewers, actor=silent, now=at)
    for person in reviewers:
        services.countersign(
            edition, result=Countersignature.Result.APPROVED, comment="", actor=_silent(company, person.username), now=at,
        )  # fmt: skip
    manager = _silent(company, "manager")
    edition = services.check_legality(
        edition, result=Edition.Legality.PASSED, note="依据合同模板审核。", actor=manager, now=at
    )
    return services.offer(edition, actor=loud, now=at)


def _silent(company: Company, name: str) -> Actor:
    return company.users[name].actor.via(Origin.IMPORT)


def _terms(*, on_site: float) -> dict[str, Any]:
    """``on_site``: hours until somebody is in the room."""
    hours = {"first_response": 0.25, "on_site": on_site, "resolution": 2}
    targets = [
        {"metric": metric, "service": "meeting", "goal_percent": 95, "method": METHOD,
         "promise": {"kind": "business_seconds", "seconds": int(amount * HOUR)}}
        for metric, amount in hours.items()
    ]  # fmt: skip
    available = {
        "measure": "availability", "service": "meeting", "operator": ">=", "value": 99, "unit": "percent",
        "source": "manual", "period": "month",
        "method": {"en": "Minutes in which all rooms could be used, of all minutes of the service hours.", "zh": "全部会议室可用分钟数占服务时间总分钟数的比例。"},
    }  # fmt: skip
    words = {code: {"en": en, "zh": zh} for code, (en, zh) in SECTIONS.items()}
    return {
        "calendar": defaults.OFFICE,
        "pausing_reasons": list(defaults.PAUSING),
        "services": ["meeting"],
        "targets": targets,
        "measures": [available],
        "sections": words,
        "credits": [{"target": "*", "below": 95, "percent": 5}],
        "reports": [
            {"kind": "service_level", "period": "month", "due_day": 5, "submitter": "", "way": "portal"}
        ],
        "cost": {"amount": 6800, "currency": "CNY", "per": "month"},
    }
