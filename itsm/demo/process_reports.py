"""The demo's reports of processes: what is owed, one published, one late, some in work, one of a major incident."""
# ruff: noqa: E501 - texts

from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.access import Actor, Origin
from itsm.demo.company import Company
from kpis import measuring
from kpis.models import Measurement
from majors.models import Major
from processreports import definitions, services
from processreports.models import ProcessReport, ReportDefinition
from processreports.sections import OF_CUSTOMER, OF_EVENT, OF_YEAR, USUAL
from records import spans
from servicereports import schedule
from servicereports.zones import provider_zone

MONTHS = 4  # of figures before, for the charts
# key: name in both languages, processes, owner, approver, checker, recipients, days until it is due
MONTHLY: dict[str, tuple[tuple[str, str], list[str], str, str, str | None, list[str], int]] = {
    "incidents": (
        ("Incident management, monthly", "事件管理月报"),
        ["Incident management"],
        "agent",
        "slm",
        "manager",
        ["manager", "slm"],
        5,
    ),
    "changes": (
        ("Change management, monthly", "变更管理月报"),
        ["Change management"],
        "apps",
        "manager",
        None,
        ["manager"],
        28,
    ),
    "problems": (
        ("Problem management, monthly", "问题管理月报"),
        ["Problem management"],
        "network",
        "slm",
        "manager",
        ["manager", "slm"],
        28,
    ),
    "levels": (
        ("Service level management, monthly", "服务级别管理月报"),
        ["Service level management"],
        "slm",
        "manager",
        None,
        ["manager"],
        28,
    ),
}
INTRODUCTION = {
    "introduction_en": "What was asked of the desk and the two lines behind it, how quickly it was solved, and where the process itself has to become better.",
    "introduction_zh": "本报告说明服务台与一线、二线处理事件的数量、时效，以及流程本身需要改进之处。",
}
XINGHE = {
    "introduction_en": "What we did for Xinghe in this month, how well the promises of the agreement were kept, and what may become trouble.",
    "introduction_zh": "本报告向星河说明本月完成的工作、协议承诺的兑现情况，以及可能出现的问题。",
}
CALM = {
    "comment_en": "The month was calm but for one critical incident: the certificate of the order interface had expired. All certificates are watched now.\nTwo tickets came back because the solution was not tried with the user.",
    "comment_zh": "本月总体平稳，仅一起紧急事件：订单接口证书过期。目前所有证书均已纳入到期监控。\n有两张工单因未与用户当面验证而重新打开。",
    "outlook_en": "Before a ticket is solved the user tries the solution.\nThe peak on Monday mornings gets a second agent.",
    "outlook_zh": "解决前须请用户当面验证。\n周一上午高峰时段增派一名坐席。",
}
OF_XINGHE = {
    "comment_en": "Most promises were kept. The order interface was solved two and a half hours late: its certificate had expired and nobody was watching its date.",
    "comment_zh": "绝大多数承诺均已兑现。订单接口事件超时两个半小时：证书过期且此前未纳入监控。",
    "outlook_en": "The network team is on call around the clock for critical tickets from next month on.",
    "outlook_zh": "下月起网络组对紧急事件实行全天候值守。",
}
LEVELS = {
    "comment_en": "Every agreement in force was reviewed; one review is due next month.",
    "comment_zh": "在用协议均已评审，下月有一份协议到期评审。",
    "outlook_en": "Prepare the yearly review with Xinghe.",
    "outlook_zh": "准备与星河的年度评审。",
}


def make(company: Company, *, now: datetime) -> None:
    """What is owed, and how it stands: last month's incident report is out, the problem report is late."""
    today = timezone.localdate(now, provider_zone())
    _measure(today, now)
    last = schedule.add_months(today, -1)
    before = schedule.add_months(today, -2)
    made = _define(company, today, now)
    system = _actor(company, "manager")
    for name in ("incidents", "problems"):
        services.open_report(made[name], before, actor=system, now=now)
    for name in ("incidents", "problems", "changes", "levels", "xinghe", "haiyue"):
        services.open_report(made[name], last, actor=system, now=now)
    at = min(
        now,
        datetime.combine(schedule.add_months(today, 0), datetime.min.time(), provider_zone())
        + timedelta(days=2, hours=10),
    )
    for report in made["incidents"].reports.order_by("period_from"):
        _send(company, report, CALM, "agent", "slm", at)
    _send(company, made["xinghe"].reports.get(), OF_XINGHE, "slm", "manager", at)
    waiting = made["levels"].reports.get()
    services.write(waiting, **LEVELS, actor=_actor(company, "slm"), now=now)
    checked = made["incidents"].reports.order_by("-period_from")[0]
    services.check(
        checked, verdict="remarks", actor=_actor(company, "manager"), now=now,
        remark="数据与工单一致。建议下月补充重新打开工单的原因分析。",
    )  # fmt: skip
    major = Major.objects.order_by("pk").first()
    if major is not None:
        services.open_about(made["major"], major, actor=system, now=now)


def _actor(company: Company, name: str) -> Actor:
    return company.users[name].actor.via(Origin.IMPORT)


def _measure(today: date, now: datetime) -> None:
    """Figures of the months before, where nobody has counted them."""
    if Measurement.objects.exists():
        return
    span = spans.of("month", today, measuring.house_zone()).previous
    for each in span.up_to(MONTHS):
        measuring.measure(each, now=now)


def _send(
    company: Company, report: ProcessReport, words: dict[str, str], writer: str, approver: str, at: datetime
) -> None:
    report = services.write(report, **words, actor=_actor(company, writer), now=at)
    report = ProcessReport.objects.get(pk=report.pk)
    report = services.approve(report, seen=report.seen, actor=_actor(company, approver), now=at)
    services.publish(report, actor=_actor(company, writer), now=at)


def _define(company: Company, today: date, now: datetime) -> dict[str, ReportDefinition]:
    users = company.users
    shared: dict[str, Any] = {
        "every": "month", "languages": ["zh", "en"], "active_from": schedule.add_months(today, -1), "customer": None,
        "sections": list(USUAL), "in_portal": False,
    }  # fmt: skip
    found: dict[str, dict[str, Any]] = {}
    for name, (names, processes, owner, approver, checker, recipients, days) in MONTHLY.items():
        found[name] = {
            **shared, "name_en": names[0], "name_zh": names[1], "processes": processes,
            "owner": users[owner], "approver": users[approver],
            "checker": users[checker] if checker else None,
            "recipients": [users[each] for each in recipients], "due_days": days,
        }  # fmt: skip
    for name in ("incidents", "problems"):
        found[name]["active_from"] = schedule.add_months(today, -2)
    found["incidents"] |= INTRODUCTION | {
        "sections": [
            "overview",
            "workload",
            "indicators",
            "attainment",
            "misses",
            "explained",
            "measures",
            "risks",
            "comment",
            "outlook",
        ]
    }
    found["xinghe"] = {
        **shared, **XINGHE, "name_en": "Xinghe, monthly report", "name_zh": "星河运维服务月报",
        "customer": company.customers["xinghe"], "processes": [],
        "sections": list(OF_CUSTOMER), "owner": users["slm"], "approver": users["manager"],
        "recipients": [users["contact"], users["manager"]], "due_days": 5, "in_portal": True,
    }  # fmt: skip
    found["haiyue"] = {
        **shared, "name_en": "Haiyue hospital, monthly report", "name_zh": "海岳医院运维月报",
        "customer": company.customers["haiyue"], "processes": [], "sections": [n for n in OF_CUSTOMER if n != "indicators"],
        "owner": users["agent"], "approver": users["manager"], "recipients": [users["manager"]], "due_days": 25,
    }  # fmt: skip
    found["major"] = {
        **shared, "every": "occasion", "name_en": "Report on a major incident", "name_zh": "重大事件报告",
        "processes": [], "sections": list(OF_EVENT), "owner": users["agent"], "approver": users["manager"],
        "checker": users["slm"], "recipients": [users["manager"], users["slm"]], "due_days": 7,
    }  # fmt: skip
    found["system"] = {
        **shared, "every": "year", "name_en": "Management system, yearly report", "name_zh": "管理体系年度报告",
        "processes": [], "sections": list(OF_YEAR), "owner": users["slm"], "approver": users["manager"],
        "recipients": [users["admin"], users["manager"]], "due_days": 31, "active_from": today.replace(month=1, day=1),
    }  # fmt: skip
    actor = _actor(company, "manager")
    return {name: definitions.keep(None, facts, actor=actor, now=now) for name, facts in found.items()}
