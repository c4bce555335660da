"""The demo's requirements: one led from a need through baselines and sheets to a draft, one just raised."""
# ruff: noqa: E501 - texts

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.access import Actor, Origin
from itsm import defaults
from itsm.demo.company import Company
from planning import agreeing, designs, services, standards
from planning.models import Input, PlanningCheck, ServiceLevelRequirement
from sla.models import ServicePackage

ZONE = ZoneInfo("Asia/Shanghai")
HOUR = 3600
# code -> rank, names, hours to first response, to resolution by priority, availability, price, calendar
PACKAGES = {
    "workplace-gold": (1, "Workplace gold", "工位金牌", 0.5, (2, 4, 8, 16), 99.9, 120, defaults.ALWAYS),
    "workplace-silver": (2, "Workplace silver", "工位银牌", 1, (4, 8, 16, 24), 99.5, 60, defaults.OFFICE),
    "workplace-bronze": (3, "Workplace bronze", "工位铜牌", 4, (8, 16, 24, 40), 99.0, 30, defaults.OFFICE),
}
TIMED = {"en": "From the instants recorded in the ticket.", "zh": "依据工单记录的时刻计算。"}
MONITORED = {"en": "From the monitoring of the gateway, every minute.", "zh": "依据网关监控，每分钟采样。"}
CONTENT: dict[str, Any] = {
    "expectation": {"en": "Doctors on duty reach the records from home as safely and quickly as in the hospital.", "zh": "值班医生在家访问病历系统，安全性与速度与院内一致。"},
    "hours": {"en": "Monday to Friday during office hours; on-call doctors also at night.", "zh": "工作日工作时间；值班医生夜间也需使用。"},
    "calendar": defaults.OFFICE,
    "continuity": {"en": "After a failure of the gateway access is back within four hours.", "zh": "接入网关故障后四小时内恢复访问。"},
    "departments": ["desk", "network"],
    "baseline": {"en": "Today: 40 accounts, first reply after two hours, availability 98.7 %.", "zh": "现状：账号 40 个，首次响应约两小时，可用率 98.7 %。"},
    "components": {"en": "Access gateway, second factor, accounts of the doctors.", "zh": "接入网关、双因素认证、医生账号。"},
    "services": ["vpn", "accounts"],
    "delivery": {"en": "Remotely; on site only for devices of the hospital.", "zh": "以远程方式提供，仅院方设备需现场处理。"},
    "quality": {"en": "Weekly check of the accounts, monthly test of the standby gateway.", "zh": "每周核对账号，每月演练备用网关。"},
    "measures": [
        {"measure": "first_response", "value": 1, "unit": "working_hours"},
        {"measure": "resolution", "value": 4, "unit": "working_hours", "priority": 1},
        {"measure": "availability", "operator": ">=", "value": 99, "unit": "percent", "service": "vpn"},
    ],
    "customer_duties": {"en": "The hospital names who may have access and reports leavers the same day.", "zh": "院方确定授权名单，人员离岗当日告知。"},
    "provider_duties": {"en": "Access is granted within one working day.", "zh": "一个工作日内完成授权。"},
    "cost": {"amount": 5200, "currency": "CNY", "per": "month"},
}  # fmt: skip
# requirement, what is asked of our technology, value, team, how it is measured
SHEET = (
    ("hours", "Gateway and directory run around the clock; changes only in the window on Sunday.", "接入网关与目录服务全天运行，变更仅在周日窗口进行。", "24x7", "network", MONITORED),
    ("continuity", "A standby gateway takes over; its configuration is copied every night.", "备用网关热备，配置每晚同步。", "RTO 4 h", "network", {"en": "Monthly test of the takeover.", "zh": "每月切换演练。"}),
    ("measures/first_response//", "A queue of its own at the desk with a warning after half an hour.", "服务台设专用队列，半小时预警。", "30 min", "desk", TIMED),
    ("measures/resolution//1", "Spare gateway on stock, remote console for the network team.", "网关备件在库，网络组具备远程控制台。", "4 h", "network", TIMED),
    ("measures/availability/vpn", "Two lines of different carriers.", "两家运营商双线路。", "99.5 %", "network", MONITORED),
)  # fmt: skip
# process, indicator, target, team, how it is checked
PLAN = (
    ("incident", "Tickets resolved in time", "事件按时解决率", ">=", 95, "percent", "desk", ("Monthly report", "月度报告")),
    ("problem", "Repeated failures of the gateway", "网关重复故障次数", "<=", 1, "count", "network", ("Review of problems each quarter", "季度问题评审")),
    ("change", "Changes without failure", "变更成功率", ">=", 98, "percent", "network", ("Log of changes", "变更记录")),
    ("security", "Leavers blocked the same day", "离岗账号当日停用率", ">=", 100, "percent", "desk", ("Weekly check of accounts", "每周账号核对")),
)  # fmt: skip
STANDARD = {
    "flow_en": "Request with approval → account with second factor → first login together → half-yearly check.", "flow_zh": "审批申请 → 开通账号与双因素 → 首次登录指导 → 半年复核。",
    "monitoring_en": "Gateway, lines and logins are monitored every minute; alarms go to the network team.", "monitoring_zh": "网关、线路、登录每分钟监控，告警送网络组。",
    "maintenance_en": "Daily: failed logins. Weekly: accounts. Monthly: takeover by the standby gateway.", "maintenance_zh": "每日查看失败登录，每周核对账号，每月演练备用网关切换。",
}  # fmt: skip


def make(company: Company, *, now: datetime) -> None:
    """Packages, a standard, a requirement of the hospital's, and a need Xinghe's contact has just raised."""
    for code, (rank, en, zh, first, solved, up, price, calendar) in PACKAGES.items():
        ServicePackage.objects.create(
            code=code, family="workplace", rank=rank, name_en=en, name_zh=zh, price=price, price_unit="人·月",
            terms=_terms(calendar, first, solved, up),
        )  # fmt: skip
    slm, manager, agent, contact, hospital = (
        company.users[name].actor.via(Origin.IMPORT) for name in ("slm", "manager", "agent", "contact", "hospital")
    )  # fmt: skip
    standards.write(company.services["vpn"], STANDARD, actor=slm, now=now - timedelta(days=40))
    standards.publish(company.services["vpn"], actor=manager, now=now - timedelta(days=38))
    row = _defined(company, hospital, slm, now - timedelta(days=24))
    row = _changed(row, slm, manager, now - timedelta(days=15))
    _designed(row, slm, manager, agent, now - timedelta(days=9))
    begin = timezone.localtime(now, ZONE).replace(day=1, hour=0, minute=0, second=0) + timedelta(days=32)
    agreeing.draft(
        row, agreement=None, code="haiyue-access", name_en="Haiyue remote access agreement", name_zh="海岳医院远程接入协议",
        package=ServicePackage.objects.get(code="workplace-silver"), effective_from=begin.replace(day=1),
        actor=slm, now=now - timedelta(days=2),
    )  # fmt: skip
    services.raise_need(
        title="周六也需要 ERP 支持", title_zh="周六也需要 ERP 支持", customer=company.customers["xinghe"], service=company.services["erp"],
        expectation="自下季度起二号车间周六开工，ERP 故障需与工作日同样响应。", wished_hours="周一至周六 8:00–20:00",
        why="新增周六班次，去年两次周六故障到周一才处理。", actor=contact, now=now - timedelta(hours=20),
    )  # fmt: skip


def _terms(calendar: str, first: float, solved: tuple[float, ...], up: float) -> dict[str, Any]:
    def promise(hours: float) -> dict[str, Any]:
        return {"kind": "business_seconds", "seconds": round(hours * HOUR)}

    targets = [{"metric": "first_response", "promise": promise(first), "method": TIMED}] + [
        {"metric": "resolution", "priority": priority, "promise": promise(hours), "method": TIMED}
        for priority, hours in enumerate(solved, start=1)
    ]
    uptime = {
        "measure": "availability",
        "operator": ">=",
        "value": up,
        "unit": "percent",
        "method": MONITORED,
    }
    return {"calendar": calendar, "targets": targets, "measures": [uptime]}


def _defined(company: Company, hospital: Actor, slm: Actor, at: datetime) -> ServiceLevelRequirement:
    row = services.raise_need(
        title="Remote access for doctors on duty", title_zh="值班医生远程接入", customer=company.customers["haiyue"],
        service=company.services["vpn"], expectation="值班医生需要在家访问病历系统。", wished_hours="工作日，夜间值班时也需要",
        why="夜间值班人员不足，部分医生在家待命。", actor=hospital, now=at,
    )  # fmt: skip
    row = services.define(row, responsible=company.users["slm"], actor=slm, now=at + timedelta(hours=3))
    row = services.amend(row, CONTENT, actor=slm, now=at + timedelta(days=3), expected_version=None)
    for kind, name in ((Input.Kind.MINUTES, "需求沟通会纪要.txt"), (Input.Kind.PRESENT, "远程接入现状.txt")):
        _file(row, kind, name, slm, at + timedelta(days=3))
    return services.fix_baseline(row, actor=slm, now=at + timedelta(days=5))


def _file(row: ServiceLevelRequirement, kind: str, name: str, actor: Actor, at: datetime) -> Input:
    upload = SimpleUploadedFile(name, f"{name}\n".encode())
    return services.add_input(row, kind=kind, attachments=[upload], actor=actor, now=at)[0]


def _changed(
    row: ServiceLevelRequirement, slm: Actor, manager: Actor, at: datetime
) -> ServiceLevelRequirement:
    """The hospital asked for more after the baseline: kept against it, then fixed anew by the manager."""
    more = {**CONTENT, "measures": [*CONTENT["measures"][:2], {**CONTENT["measures"][2], "value": 99.5}]}
    row = services.amend(
        row, more, reason="院方要求可用率提高到 99.5 %", actor=slm, now=at, expected_version=None
    )
    return services.fix_baseline(
        row, reason="可用率要求提高，已与网络组确认双线路。", actor=manager, now=at + timedelta(days=1)
    )


def _designed(row: ServiceLevelRequirement, slm: Actor, manager: Actor, agent: Actor, at: datetime) -> None:
    sheet = [
        {"requirement": place, "technical": {"en": en, "zh": zh}, "value": value, "team": team, "method": method}
        for place, en, zh, value, team, method in SHEET
    ]  # fmt: skip
    plan = [
        {"process": process, "indicator": {"en": en, "zh": zh}, "operator": operator, "value": value, "unit": unit,
         "team": team, "check": {"en": check[0], "zh": check[1]}}
        for process, en, zh, operator, value, unit, team, check in PLAN
    ]  # fmt: skip
    for kind, rows in (("specification", sheet), ("quality", plan)):
        designs.write(row, kind, rows, actor=slm, now=at, expected_version=None)
        designs.approve(row, kind, actor=manager, now=at + timedelta(days=1))
    first = _file(row, Input.Kind.PLANNING, "服务项目策划文件 V1.txt", agent, at)
    designs.check_planning(
        row, document=first, result=PlanningCheck.Result.TO_CORRECT, points="未写明备件责任人与演练日期。", actor=slm, now=at + timedelta(days=1),
    )  # fmt: skip
    second = _file(row, Input.Kind.PLANNING, "服务项目策划文件 V2.txt", agent, at + timedelta(days=2))
    designs.check_planning(
        row,
        document=second,
        result=PlanningCheck.Result.PASSED,
        points="",
        actor=slm,
        now=at + timedelta(days=3),
    )
    designs.plan_service(row, actor=slm, now=at + timedelta(days=4))
