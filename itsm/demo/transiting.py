# ruff: noqa: E501 - texts
"""The demo's service transitions: templates, one before its go-live with things missing, one just begun."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

import cmdb.services
from accounts.access import Actor, Origin
from agreements import papers
from catalog import services as catalogue
from catalog.models import Service
from cmdb.models import ItemType
from itsm.demo.company import Company
from planning.models import ServiceLevelRequirement
from releases import parting
from transitions import checklists, services, templates
from transitions.models import TemplateEdition, Transition

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NEW: dict[str, Any] = {
    "rules_zh": "合同评审通过后方可完成设计。\n周五与节假日前一天不切换。\n旧服务在切换完成前保持可申请，切换后保留两周回退能力。",
    "rules_en": "The contract is reviewed before the design is settled.\nNo switch on a Friday or before a holiday.\nThe old service stays orderable until the switch and can be brought back for two weeks.",
    "steps": {
        "deploy": [["Deploy to production", "部署到生产环境"], ["Connect monitoring", "接入监控"]],
        "test": [["Test with the pilot group", "试点组验证"]],
        "train": [["Train the users", "培训用户"], ["Instruct the service desk", "培训服务台"]],
        "switch": [["Switch the users over", "用户分批切换"]],
    },
    "checks": [["Back-out tried out", "回退演练完成"]],
    "takeover": [["Accounts and licences handed over", "账号与许可移交"], ["Configuration documents complete", "配置文档齐全"], ["Spare parts on stock", "备件到位"]],
    "acceptance": [["Availability measured for a week", "连续一周可用性达标"], ["Users confirm the main functions", "用户确认主要功能"]],
    "days": 14,
}  # fmt: skip
END: dict[str, Any] = {
    "rules_zh": "至少提前三十天书面通知客户。\n数据归档或交还并由客户确认后方可下线。",
    "rules_en": "Customers are told in writing thirty days before.\nData is archived or handed back, and the customer confirms it, before anything is switched off.",
    "steps": {"switch": [["Switch it off", "停止服务"], ["Take the entry out of the catalogue", "目录下架"]]},
    "days": 30,
}  # fmt: skip
DESIGN = {
    "business_process": "值班医生在家或出差时访问病历系统，夜间会诊与处方审核。",
    "cost": "一次性 6.8 万元，之后每月 5,200 元。",
    "period": "自启用起三年，每年评审一次。",
    "staffing": "网络组两人，服务台 7×24 受理，供应商二线支持。",
}
PLAN = {
    "plan_goals": "四周内 40 名医生全部切换到新接入方式，切换期间夜间会诊不中断。",
    "scope": "海岳医院 40 名值班医生的远程接入；不含行政人员。",
    "effect": "首次登录需绑定双因素认证，约十分钟；旧网关两周后停用。",
    "continuity": "旧的 VPN 网关与账号保持可用，按科室分批切换，每批失败当晚可退回旧方式。",
}


def make(company: Company, *, now: datetime) -> None:
    """All of it. The past comes in as an import and is silent."""
    slm = _silent(company, "slm")
    first = templates.create(
        code="new-service", name_en="New service, standard flow", name_zh="新服务上线标准流程", nature="new", flow=NEW,
        actor=slm, now=now - 90 * DAY,
    )  # fmt: skip
    changed = {**NEW, "checks": [*NEW["checks"], ["Emergency contacts listed", "应急联系人清单"]]}
    edition = templates.revise(
        first.template, flow=changed, reason="上次上线缺少应急联系人。", actor=slm, now=now - 50 * DAY
    )
    templates.create(
        code="end-of-service", name_en="End of a service", name_zh="服务下线标准流程", nature="retired", flow=END,
        actor=slm, now=now - 90 * DAY,
    )  # fmt: skip
    _access(company, edition, now)
    _fax(company, now)


def _silent(company: Company, name: str) -> Actor:
    return company.users[name].actor.via(Origin.IMPORT)


def _access(company: Company, edition: TemplateEdition, now: datetime) -> None:
    """The hospital's new remote access takes the place of its VPN; the gate names what is missing."""
    slm, network, manager = (_silent(company, name) for name in ("slm", "network", "manager"))
    at = now - 25 * DAY
    requirement = ServiceLevelRequirement.objects.filter(
        customer=company.customers["haiyue"], agreement__isnull=False
    ).first()
    service = _entry(company, slm, at)
    row = services.open_transition(
        title="Zero-trust remote access for the hospital", title_zh="海岳医院零信任远程接入上线", nature="new",
        lead=company.users["slm"], customer=company.customers["haiyue"], about=service,
        predecessor=company.services["vpn"], requirement=requirement,
        agreement=requirement.agreement if requirement else None, template=edition,
        description="用零信任接入取代值班医生使用的 VPN。", actor=slm, now=at,
    )  # fmt: skip
    facts = {**DESIGN, **PLAN}
    if requirement is None:
        facts |= {"goals": "在家访问与院内一致。", "indicators": "可用率 99.5%。", "level": "一小时响应。"}
    missing = {
        "content": "接入网关、双因素认证、账号管理。",
        "standard": "按远程接入实施标准执行，每月演练。",
    }
    services.write(row, {**facts, **missing}, actor=network, now=at, expected_version=None)
    drafted = requirement.agreement.editions.order_by("-pk").first() if requirement else None
    if drafted is not None:
        papers.add(
            drafted, kind="contract_review", title="海岳医院远程接入合同评审", approved_by="法务 王敏",
            approved_on=timezone.localdate(at - DAY), actor=slm, now=at,
        )  # fmt: skip
        services.settle_design(_fresh(row), actor=slm, now=at + DAY)
        _prepare(company, row, network, at + 5 * DAY)
        services.begin_switch(_fresh(row), actor=manager, now=at + 12 * DAY)
        _half_way(company, row, network, at + 16 * DAY)


def _entry(company: Company, slm: Actor, at: datetime) -> Service:
    """The catalogue entry is begun and not published; a gateway is in the register."""
    vpn = company.services["vpn"]
    family = Service.objects.get(pk=vpn.pk).family
    if family is None:
        return vpn
    made = catalogue.create(
        code="zero-trust", name_en="Zero-trust access", name_zh="零信任接入", family=family,
        portfolio_class="core", owner=company.users["slm"], support_team=company.teams["desk"],
        second_line_team=company.teams["network"], actor=slm, now=at,
    )  # fmt: skip
    admin = _silent(company, "admin")
    item = cmdb.services.add_item(
        item_type=ItemType.objects.get(code="network"), name="ZT-GW-01", customer=company.customers["haiyue"],
        site="信息中心", revision="1.4", owner=company.users["network"], actor=admin, now=at,
    )  # fmt: skip
    cmdb.services.name_service(item, made, actor=admin, now=at)
    return made


def _prepare(company: Company, row: Transition, network: Actor, at: datetime) -> None:
    who: dict[str, Any] = {"rules": services.RULES, "actor": network, "now": at}
    people = company.users
    for username, duty in (
        ("network", "部署、切换与回退"),
        ("agent", "服务台受理与培训"),
        ("slm", "与院方沟通、协议"),
    ):
        parting.add(row, "members", {"person": people[username], "duty": duty}, **who)
    today = timezone.localdate(at)
    for title, days, username in (
        ("试点科室切换", 8, "network"),
        ("全部科室切换", 22, "network"),
        ("旧网关停用", 36, "slm"),
    ):
        facts = {"title": title, "due_on": today + days * DAY, "responsible": people[username]}
        parting.add(row, "nodes", facts, **who)
    for risk, measure, username in (
        ("夜间会诊时接入失败", "旧 VPN 保留，值班手机可直接切回", "network"),
        ("医生手机未绑定双因素", "切换前一周逐科室绑定并签到", "agent"),
    ):
        parting.add(row, "risks", {"risk": risk, "measure": measure, "responsible": people[username]}, **who)
    words = {
        "design_document": "设计文档 V1.2，已评审。", "user_manual": "医生版使用手册（图文），院方确认。",
        "operating_guide": "运维手册 V1.0，含应急流程。", "team_trained": "网络组与服务台共 9 人完成培训并通过考核。",
        "environment": "生产网关、备用网关与线路就绪。", "other": "已完成，记录存档。",
    }  # fmt: skip
    for check in row.checks.all():
        parting.meet(row, check.pk, evidence=words[check.sort], **who)


def _half_way(company: Company, row: Transition, network: Actor, at: datetime) -> None:
    """Deployed and tested; half of the training and the switch are to come."""
    for step in row.steps.filter(sort__in=("deploy", "test")):
        services.finish_step(row, step.pk, result="按计划完成。", actor=network, now=at)
    step = row.steps.filter(sort="train")[0]
    services.finish_step(row, step.pk, result="三场共 34 人参加。", actor=network, now=at + DAY)
    parting.reach(row, row.nodes.all()[0].pk, rules=services.RULES, actor=network, now=at)
    takeover = row.checklists.get(sort="takeover")
    found = {point.pk: ("good", "") for point in takeover.points.all()}
    found[takeover.points.all()[2].pk] = ("defect", "备用电源未到，供应商承诺下周到货")
    checklists.look(row, takeover.pk, found, actor=network, now=at)
    for side, person, role in (("handing", "陈刚", "网络组"), ("taking", "吴强", "海岳医院信息中心")):
        checklists.sign(
            row,
            takeover.pk,
            side=side,
            person=person,
            role=role,
            actor=_silent(company, "slm"),
            now=at + HOUR,
        )


def _fax(company: Company, now: datetime) -> None:
    """Just begun: the printing service is to end at the school, and what names it is listed."""
    template = TemplateEdition.objects.get(template__code="end-of-service")
    row = services.open_transition(
        title="End of the central printing service", title_zh="集中打印服务下线", nature="retired",
        lead=company.users["manager"], about=company.services["printing"], template=template,
        description="各单位改用自管设备，集中打印服务计划下线。", actor=_silent(company, "manager"), now=now - 2 * DAY,
    )  # fmt: skip
    facts = {
        "business_process": "合同、处方与试卷打印；各单位已采购自管设备。",
        "goals": "设备老化，续租成本高于各单位自管。",
    }
    services.write(row, facts, actor=_silent(company, "first"), now=now - DAY, expected_version=None)


def _fresh(row: Transition) -> Transition:
    found: Transition = Transition.objects.get(pk=row.pk)
    return found
