"""The demo's automation: texts, macros, rules that were tried, and recurring work with its findings."""
# ruff: noqa: E501 - texts

from datetime import datetime, time, timedelta

import incidents.services
from accounts.access import Origin
from automation import rules, scheduling, services
from automation.models import Rule, Schedule
from incidents.models import Incident
from itsm.demo.company import Company
from sla.models import Calendar

TEXTS = (
    (
        "Received", "已受理",
        "Dear {{requester.name}},\n\nwe received your ticket {{ticket.number}} “{{ticket.title}}”. We expect to finish by {{due}}. You can follow it at {{ticket.url}}\n\n{{agent.name}}",
        "{{requester.name}}，您好：\n\n您的工单 {{ticket.number}}“{{ticket.title}}”已受理，预计在 {{due}} 前完成处理。处理进展可在此查看：{{ticket.url}}\n\n{{agent.name}}",
    ),
    (
        "More information needed", "需要补充信息",
        "Dear {{requester.name}},\n\nto go on with {{ticket.number}} we need to know: since when does it happen, on which device, and what exactly is shown?\n\n{{agent.name}}",
        "{{requester.name}}，您好：\n\n为继续处理 {{ticket.number}}，请您补充：从什么时候开始出现，在哪台设备上，屏幕上显示的具体内容是什么？\n\n{{agent.name}}",
    ),
    (
        "Please confirm", "请确认",
        "Dear {{requester.name}},\n\n{{ticket.number}} is solved from our side. Please try it and confirm at {{ticket.url}}\n\n{{agent.name}}",
        "{{requester.name}}，您好：\n\n{{ticket.number}} 已处理完毕，请您验证后在此确认：{{ticket.url}}\n\n{{agent.name}}",
    ),
)  # fmt: skip
CHECKLIST = [
    {"en": "Temperature between 18 and 27 °C", "zh": "温度在 18 至 27 °C 之间"},
    {"en": "No red lamps at the storage", "zh": "存储设备无红灯告警"},
    {"en": "UPS on mains, batteries charged", "zh": "UPS 市电供电，电池已充满"},
]


def make(company: Company, *, now: datetime) -> None:
    """Three texts, two macros, a rule that is on and one only tried, a patrol every other day and a half-yearly one."""
    _words(company, now)
    _rules(company, now)
    _schedules(company, now)


def _words(company: Company, now: datetime) -> None:
    manager = company.users["manager"].actor
    made = [
        services.save_template(
            None,
            {"name_en": en, "name_zh": zh, "text_en": text_en, "text_zh": text_zh},
            actor=manager,
            now=now,
        )
        for en, zh, text_en, text_zh in TEXTS
    ]
    hold = {"change": "incident.hold", "value": {"reason": "customer", "note": ""}}
    services.save_macro(
        None, {"name_en": "Ask for more information", "name_zh": "请客户补充信息", "is_own": False, "steps": [{"change": "assignee.me", "value": None}, hold], "template": made[1]},
        actor=manager, now=now,
    )  # fmt: skip
    note = {"change": "note", "value": "网络组：请检查接入交换机端口。"}
    to_network = {"change": "team", "value": company.teams["network"].pk}
    services.save_macro(
        None, {"name_en": "To the network team", "name_zh": "转网络组", "is_own": False, "steps": [to_network, note]},
        actor=manager, now=now,
    )  # fmt: skip


def _rules(company: Company, now: datetime) -> None:
    manager = company.users["manager"].actor
    urgent = {
        "name_en": "VPN and network faults to the network team", "name_zh": "VPN 与网络故障转网络组", "position": 10, "when": "opened",
        "conditions": [{"kinds": ["incident"], "words": ["VPN", "网络", "network"]}],
        "steps": [{"change": "team", "value": company.teams["network"].pk}, {"change": "category", "value": "网络"}],
    }  # fmt: skip
    stuck = {
        "name_en": "Waiting for the customer for three days", "name_zh": "等待客户超过三天", "position": 50, "when": "waited",
        "into": ["incident:on_hold"], "hours": 72,
        "steps": [{"change": "notice", "value": {"team": company.teams["desk"].pk, "person": None, "text": "已等待三天，请电话联系客户。"}}],
    }  # fmt: skip
    for facts in (urgent, stuck):
        rule = rules.save(None, facts, actor=manager, now=now)
        rules.try_out(rules.latest(rule), days=60, actor=manager, now=now)
    first = Rule.objects.get(position=10)
    rules.switch_on(first, rules.latest(first), actor=manager, now=now)


def _schedules(company: Company, now: datetime) -> None:
    manager = company.users["manager"].actor
    contact = company.users["contact"]
    today = now.date()
    shared = {
        "makes": "incident", "customer": contact.organisation, "requester": contact, "checklist": CHECKLIST,
        "team": company.teams["desk"], "at": time(9), "zone": "Asia/Shanghai",
    }  # fmt: skip
    begun = now - timedelta(days=9)
    patrol = scheduling.save(
        None, {**shared, "name_en": "Patrol of the server room", "name_zh": "机房巡检", "every": "alternate", "starts": today - timedelta(days=8), "text_en": "Walk through the server room and look at every line of the checklist.", "text_zh": "按检查表逐项巡检机房。"},
        actor=manager, now=begun,
    )  # fmt: skip
    for days in (8, 6, 2):
        scheduling.make_due((now - timedelta(days=days)).replace(hour=2, minute=0, second=0, microsecond=0))
        _found(patrol, company, now - timedelta(days=days) + timedelta(hours=1))
    scheduling.save(
        None, {**shared, "name_en": "Maintenance of the UPS", "name_zh": "UPS 维护保养", "every": "half_yearly", "day": 0, "starts": today, "calendar": Calendar.objects.order_by("pk").first(), "hours_to_finish": 72},
        actor=manager, now=now,
    )  # fmt: skip


def _found(patrol: Schedule, company: Company, at: datetime) -> None:
    run = patrol.runs.filter(state="open").order_by("day").first()
    if run is None:
        return
    is_first = patrol.runs.filter(state="done").count() == 1
    found = [{"position": str(n), "outcome": "ok"} for n in (1, 2, 3)]
    if is_first:
        found[1] = {"position": "2", "outcome": "found", "note": "3 号存储一块硬盘告警，已报修。"}
    agent = company.users["agent"].actor.via(Origin.IMPORT)
    scheduling.finish(run, found, conclusion="", actor=agent, now=at)
    incident = Incident.objects.get(pk=run.record_id)
    incidents.services.resolve(incident, code="solved", steps="按检查表完成巡检。", actor=agent, now=at)
