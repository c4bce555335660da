"""The demo's orderable entries, and what was ordered from them lately, in every stage of its way."""
# ruff: noqa: E501 - texts

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from accounts.access import Actor, Origin
from catalog.offer import Text
from fulfilment import approvals, attainment, charging, offerings, ordering, rights, services, work
from fulfilment.blueprint import Blueprint
from fulfilment.charging import Line
from fulfilment.models import Approval, Offering, ServiceRequest, Task
from itsm.demo.company import Company
from records.services import comment

Kind = Offering.Kind


def t(en: str, zh: str) -> dict[str, str]:
    return {"en": en, "zh": zh}


def field(
    key: str,
    kind: str,
    en: str,
    zh: str,
    *,
    required: bool = True,
    when: tuple[str, str] | None = None,
    **more: Any,
) -> dict[str, Any]:
    condition = {"field": when[0], "value": when[1]} if when else None
    return {
        "key": key,
        "type": kind,
        "label": t(en, zh),
        "required": required,
        "shown_when": condition,
        **more,
    }


def pick(
    key: str, en: str, zh: str, *options: tuple[str, str, str], kind: str = "choice", **more: Any
) -> dict[str, Any]:
    return field(key, kind, en, zh, choices=[{"key": k, "label": t(e, z)} for k, e, z in options], **more)


def task(order: int, team: str, en: str, zh: str) -> dict[str, Any]:
    return {"title": t(en, zh), "order": order, "team": team}


CONTACT = {
    "name": t("Customer's contact", "客户联系人"),
    "rule": "any",
    "parties": [{"kind": "customer_manager"}],
}
PROVIDER = {
    "name": t("Release by the provider", "服务方核准"),
    "rule": "any",
    "parties": [{"kind": "user", "code": "manager"}],
}
# code -> service, kind, blueprint
ENTRIES: dict[str, tuple[str, Kind, dict[str, Any]]] = {
    "new-account": ("accounts", Kind.ACCESS, {
        "name": t("Account for a new colleague", "新员工账号"), "what": t("A login with mailbox and the permissions you choose.", "开通登录账号、邮箱及所选权限。"),
        "duration": t("One working day after approval", "审批后 1 个工作日"), "level": t("Ready on the first morning", "入职首日上午可用"), "priority": 3, "stages": [CONTACT],
        "fields": [
            field("colleague", "text", "Name of the colleague", "员工姓名", most=100), field("starts", "date", "First day", "入职日期"),
            pick("systems", "Which systems?", "需要哪些系统？", ("mail", "E-mail", "电子邮件"), ("erp", "ERP", "ERP 系统"), ("vpn", "Remote access", "远程接入"), kind="choices"),
            field("erp_role", "text", "Role in the ERP", "ERP 岗位角色", when=("systems", "erp"), help=t("For example: purchasing, stock, accounting", "例如：采购、库管、财务")),
            field("limited", "flag", "Only for a limited time?", "是否限期使用？"), field("until", "date", "Until", "截止日期", when=("limited", "yes")),
        ],
        "tasks": [task(1, "desk", "Create the login", "创建账号"), task(2, "desk", "Set up the mailbox", "开通邮箱"), task(2, "applications", "Give the permissions", "分配系统权限"), task(3, "desk", "Hand over to the colleague", "交付给员工")],
    }),
    "new-laptop": ("workplace", Kind.STANDARD, {
        "name": t("New laptop", "申领笔记本电脑"), "what": t("A laptop with our standard software, set up and delivered to your desk.", "预装标准软件的笔记本电脑，配置完成后送到工位。"),
        "price": "6800.00", "currency": "CNY", "unit": t("piece", "台"), "duration": t("Five working days", "5 个工作日"), "is_chargeable": True, "priority": 4, "team": "onsite", "stages": [CONTACT],
        "fields": [
            pick("model", "Model", "机型", ("light", "Light, 14 inches", "轻薄型 14 寸"), ("strong", "Strong, for design", "高性能，设计用")),
            field("why", "long", "Why does it have to be strong?", "为什么需要高性能机型？", when=("model", "strong")), field("for", "person", "For whom?", "使用人"),
            field("place", "text", "Where should we bring it?", "送至何处？"), field("return", "flag", "Do we take an old one back?", "是否回收旧电脑？"), field("old", "item", "Which one?", "回收哪一台？", when=("return", "yes"), required=False),
        ],
        "tasks": [task(1, "onsite", "Take it from stock or buy it", "领用或采购"), task(2, "onsite", "Install the software", "安装软件"), task(3, "onsite", "Deliver and explain", "送货并讲解")],
    }),
    "erp-data-change": ("erp", Kind.CHANGE, {
        "name": t("Change of data in the ERP", "ERP 数据变更"), "what": t("We correct data that users cannot change themselves.", "修正用户无法自行修改的业务数据。"),
        "duration": t("Two working days after approval", "审批后 2 个工作日"), "priority": 3, "team": "applications", "stages": [CONTACT, PROVIDER],
        "fields": [
            pick("area", "Area", "业务范围", ("stock", "Stock", "库存"), ("orders", "Orders", "订单"), ("accounts", "Accounting", "财务")), field("document", "text", "Number of the document", "单据编号", pattern="[A-Z]{2}[0-9]{6}", help=t("Two letters and six digits", "两位字母加六位数字")),
            field("before", "text", "What stands there now?", "现有内容"), field("after", "text", "What should stand there?", "应改为"), field("proof", "file", "Proof", "佐证材料", required=False),
        ],
        "tasks": [task(1, "applications", "Back up the data", "备份数据"), task(2, "applications", "Change and check", "修改并核对")],
    }),
    "vpn-access": ("vpn", Kind.ACCESS, {
        "name": t("Remote access", "远程接入"), "what": t("Work from outside the office with a second factor.", "通过双因素认证在外办公。"),
        "duration": t("Half a working day after approval", "审批后半个工作日"), "priority": 3, "team": "network", "stages": [CONTACT],
        "fields": [pick("reason", "What for?", "用途", ("travel", "Travel", "出差"), ("home", "Home office", "居家办公"), ("duty", "On call", "值班")), field("until", "date", "Until", "截止日期")],
    }),
    "meeting-support": ("workplace", Kind.STANDARD, {
        "name": t("Support of a meeting", "会议保障"), "what": t("An engineer prepares the room and stays until everybody is heard and seen.", "工程师提前调试会议室，并在场保障至音视频正常。"),
        "duration": t("Ask two working days before", "请提前 2 个工作日申请"), "priority": 3, "team": "onsite",
        "fields": [field("day", "date", "Day of the meeting", "会议日期"), field("room", "text", "Room", "会议室"), field("people", "number", "How many take part?", "参会人数", least=2, most=500)],
    }),
    "software": ("workplace", Kind.STANDARD, {
        "name": t("Install software", "安装软件"), "what": t("Software of our list, or another one after a check.", "安装清单内软件，清单外软件须先审核。"),
        "duration": t("One working day", "1 个工作日"), "priority": 4, "team": "onsite",
        "fields": [pick("which", "Which software?", "哪款软件？", ("office", "Office suite", "办公套件"), ("cad", "CAD viewer", "CAD 看图"), ("other", "Another one", "其他")), field("name", "text", "Its name", "软件名称", when=("which", "other"))],
    }),
    "move-printer": ("printing", Kind.STANDARD, {
        "name": t("Move a printer", "打印机移机"), "what": t("We move it, connect it and print a test page.", "搬运、接线并打印测试页。"), "price": "180.00", "currency": "CNY", "unit": t("piece", "台"),
        "duration": t("Three working days", "3 个工作日"), "priority": 4, "team": "onsite", "fields": [field("printer", "item", "Which printer?", "哪一台打印机？"), field("to", "text", "Where to?", "移至何处？")],
    }),
}  # fmt: skip
PLANS = {"new-account": 12, "new-laptop": 6, "meeting-support": 2, "vpn-access": 1}


def make(company: Company, *, now: datetime) -> None:
    """The entries, published two months ago, and a request for each stage of the way."""
    who = {name: user.actor.via(Origin.IMPORT) for name, user in company.users.items()}
    published = now - timedelta(days=60)
    made = {code: _entry(company, code, who["slm"], published) for code in ENTRIES}
    offerings.make_unavailable(
        made["move-printer"], words_en="The vans are at the workshop.", words_zh="搬运车辆检修中。", until=now + timedelta(days=6),
        actor=who["slm"], now=now - timedelta(days=1),
    )  # fmt: skip
    _requests(company, made, who, now)
    month = timezone.localdate(now).replace(day=1)
    for code, quantity in PLANS.items():
        attainment.plan(made[code], month, quantity, actor=who["manager"])


def _entry(company: Company, code: str, slm: Actor, at: datetime) -> Offering:
    service, kind, content = ENTRIES[code]
    name = Text(content["name"]["en"], content["name"]["zh"])
    row = offerings.create(
        code=code, name=name, service=company.services[service], kind=kind, actor=slm, now=at
    )
    wanted = Blueprint.parse(content)
    offerings.redraft(row, lambda draft: wanted, actor=slm, now=at)
    offerings.publish(row, reason="", actor=slm, now=at)
    return Offering.objects.get(pk=row.pk)


def _order(company: Company, row: Offering, name: str, at: datetime, **over: Any) -> ServiceRequest:
    user = company.users[name]
    given = over.pop("given")
    return ordering.order(
        row,
        given,
        customer=user.organisation,
        requester=user,
        actor=user.actor.via(Origin.IMPORT),
        now=at,
        **over,
    )


def _approve(request: ServiceRequest, who: dict[str, Actor], at: datetime) -> ServiceRequest:
    """Everybody who is asked says yes, stage by stage."""
    while (
        row := Approval.objects.waiting().filter(stage__request=request.pk).select_related("person").first()
    ):
        actor = next(actor for actor in who.values() if actor.user_id == row.person_id)
        approvals.decide(row, result="approved", comment="", actor=actor, now=at)
    fresh: ServiceRequest = ServiceRequest.objects.get(pk=request.pk)
    return fresh


HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def _requests(company: Company, made: dict[str, Offering], who: dict[str, Actor], now: datetime) -> None:
    """New ones, one with a quotation, one half done, three that are over."""
    _new(company, made, now)
    _quoted(company, made, who, now)
    _half_done(company, made, who, now)
    _supported(company, made, who, now)
    _granted(company, made, who, now)
    _turned_down(company, made, who, now)


def _new(company: Company, made: dict[str, Offering], now: datetime) -> None:
    hour = HOUR
    today, day = timezone.localdate(now), DAY
    given: dict[str, Any] = {
        "colleague": "周晓彤",
        "starts": today + 5 * day,
        "systems": ["mail", "erp"],
        "erp_role": "采购",
        "limited": False,
    }
    _order(company, made["new-account"], "customer", now - 5 * hour, given=given)
    _order(
        company,
        made["software"],
        "oliver",
        now - 2 * hour,
        given={"which": "cad"},
        remark="For the drawings of workshop two.",
    )


def _quoted(company: Company, made: dict[str, Offering], who: dict[str, Actor], now: datetime) -> None:
    hour, day = HOUR, DAY
    today, onsite = timezone.localdate(now), who["first"]
    laptop = _order(
        company,
        made["new-laptop"],
        "customer",
        now - 2 * day,
        given={
            "model": "strong",
            "why": "三维设计软件运行缓慢。",
            "for": company.users["customer"],
            "place": "二号楼 305",
            "return": False,
        },
    )
    laptop = _approve(laptop, who, now - 2 * day + hour)
    lines = [
        Line("labour", "", Decimal(2), Decimal(150)),
        Line("parts", "16 寸工作站 / 32 GB", Decimal(1), Decimal(11800)),
        Line("travel", "", Decimal(1), Decimal(0)),
    ]
    charging.quote(
        laptop,
        lines,
        currency="CNY",
        valid_until=today + 20 * day,
        note="含三年上门保修。",
        actor=onsite,
        now=now - day,
    )


def _half_done(company: Company, made: dict[str, Offering], who: dict[str, Actor], now: datetime) -> None:
    hour, day, apps = HOUR, DAY, who["apps"]
    change = _order(
        company,
        made["erp-data-change"],
        "customer",
        now - 3 * day,
        given={"area": "stock", "document": "RK202611", "before": "120", "after": "102"},
    )
    comment(change, text="收到，待审批后处理。", is_public=True, actor=apps, now=now - 6 * hour + hour / 4)
    change = services.start(_approve(change, who, now - 5 * hour), actor=apps, now=now - 2 * hour)
    work.finish(
        Task.objects.filter(request=change.pk).order_by("order")[0],
        result="已备份相关表。",
        actor=apps,
        now=now - 20 * hour,
    )


def _supported(company: Company, made: dict[str, Offering], who: dict[str, Actor], now: datetime) -> None:
    hour, day = HOUR, DAY
    today, onsite = timezone.localdate(now), who["first"]
    meeting = _order(
        company,
        made["meeting-support"],
        "school",
        now - 4 * day,
        given={"day": today - day, "room": "201", "people": Decimal(40)},
    )
    meeting = services.start(meeting, actor=onsite, now=now - 3 * day)
    services.fulfil(
        meeting,
        outcome="Tested the day before; an engineer stayed for the first half hour.",
        actor=onsite,
        now=now - 20 * hour,
    )


def _granted(company: Company, made: dict[str, Offering], who: dict[str, Actor], now: datetime) -> None:
    hour, day = HOUR, DAY
    today, network = timezone.localdate(now), who["network"]
    vpn = _order(
        company,
        made["vpn-access"],
        "nurse",
        now - 50 * day,
        given={"reason": "duty", "until": today + 12 * day},
    )
    comment(vpn, text="收到，审批后为您开通。", is_public=True, actor=network, now=now - 50 * day + hour / 2)
    vpn = services.start(
        _approve(vpn, who, now - 50 * day + hour), actor=network, now=now - 50 * day + 2 * hour
    )
    rights.check_identity(vpn, how="按通讯录回拨科室电话核实", actor=network, now=now - 50 * day + 2 * hour)
    rights.grant(
        vpn,
        right="病历系统远程接入",
        valid_from=today - 50 * day,
        valid_until=today + 12 * day,
        actor=network,
        now=now - 50 * day + 3 * hour,
    )
    vpn = services.fulfil(
        vpn, outcome="已开通，请按说明绑定双因素。", actor=network, now=now - 50 * day + 3 * hour
    )
    services.confirm(vpn, close_too=True, actor=who["nurse"], now=now - 49 * day)


def _turned_down(company: Company, made: dict[str, Offering], who: dict[str, Actor], now: datetime) -> None:
    hour, day, onsite = HOUR, DAY, who["first"]
    other = _order(
        company,
        made["software"],
        "teacher",
        now - 6 * day,
        given={"which": "other", "name": "录屏大师（破解版）"},
    )
    services.turn_down(
        other,
        reason="该软件没有合法授权，不能安装。",
        alternative="可以安装已购授权的录屏工具，功能相同。",
        actor=onsite,
        now=now - 6 * day + 3 * hour,
    )
