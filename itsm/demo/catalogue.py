# ruff: noqa: E501 - tables
"""The demo's catalogue: what its services offer, one version before the committee, one service away for a while."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from accounts.models import User
from accounts.services import system_actor
from catalog import services
from catalog.models import ReviewDecision, Service, ServiceFamily
from catalog.offer import CustomerView, Lines, Offer, ProviderView, Text
from catalog.start import ASK, CHECKS, CORE, LEVEL, PERIOD, SUPPORTING, VALUE_ADDED

OFFICE = Text(
    "Monday to Friday 09:00–18:00; critical faults round the clock.", "工作日 09:00–18:00；重大故障全天候。"
)
WORKPLACE = ("workplace", Text("Workplace and equipment", "办公场所与设备"))

# code -> family, class, included, not included, price, delivery, components, teams, rests on
OFFERS: Mapping[str, tuple[str, str, Lines, Lines, Text, Text, Lines, tuple[str, ...], tuple[str, ...]]] = {
    "network-access": (
        "network", CORE,
        (Text("A wired place and wireless access for each person", "每人一个有线接入点及无线接入"), Text("Guest access", "访客网络")),
        (Text("Cabling of new rooms", "新场所综合布线"),),
        Text("CNY 30 per place and month", "每点位每月 30 元"),
        Text("Remote first, on site within the hour in the same building.", "先远程，同楼宇 1 小时内到场。"),
        (Text("Access switches", "接入交换机"), Text("Wireless access points", "无线接入点")), ("desk", "network"), ("network",),
    ),
    "vpn": (
        "internet", VALUE_ADDED,
        (Text("Access from home and on the road", "居家与差旅接入"), Text("A second factor", "双因素认证")),
        (Text("The line at home", "家庭宽带"),),
        Text("CNY 20 per person and month", "每人每月 20 元"),
        Text("Granted on an approved request, checked every half year.", "经审批开通，每半年复核。"),
        (Text("Remote access gateway", "接入网关"),), ("desk", "network"), ("internet", "accounts"),
    ),
    "erp": (
        "applications", CORE,
        (Text("Help with orders, stock and accounting", "订单、库存与财务的使用支持"), Text("Repair of faults", "故障修复")),
        (Text("New development", "新功能开发"),),
        Text("CNY 12,000 per month", "每月 12,000 元"),
        Text("First support helps; the application team repairs.", "服务台答疑，应用组修复。"),
        (Text("Application server ERP-APP-01", "应用服务器 ERP-APP-01"),), ("desk", "applications"), ("database", "network"),
    ),
    "printing": (
        "workplace", SUPPORTING,
        (Text("Printing, copying and scanning", "打印、复印与扫描"), Text("Toner", "耗材")),
        (Text("Paper", "纸张"),),
        Text("CNY 0.10 per page", "每页 0.10 元"),
        Text("On site by desktop support.", "桌面支持组现场处理。"),
        (Text("Print server", "打印服务器"),), ("onsite",), ("network-access",),
    ),
    "workplace": (
        "workplace", CORE,
        (Text("A computer with its software", "电脑及常用软件"), Text("Exchange within a working day", "一个工作日内更换")),
        (Text("Private devices", "个人设备"),),
        Text("CNY 80 per computer and month", "每台每月 80 元"),
        Text("On site by desktop support; software is distributed centrally.", "桌面支持组现场处理，软件统一分发。"),
        (Text("Software distribution", "软件分发系统"),), ("onsite", "applications"), ("network-access", "accounts"),
    ),
    "accounts": (
        "security", SUPPORTING,
        (Text("Login, passwords and permissions", "登录、密码与权限"),),
        (Text("Permissions without approval", "未经审批的授权"),),
        Text("Included in every agreement", "包含在各协议内"),
        Text("Every right is granted on an approved request and recorded.", "授权须经审批并留有记录。"),
        (Text("Directory", "目录服务"),), ("desk", "applications"), ("data-centre",),
    ),
    "meeting": (
        "workplace", VALUE_ADDED,
        (Text("Equipment of meeting rooms", "会议室设备"), Text("Software for video meetings", "视频会议软件")),
        (Text("Recording and minutes", "录制与纪要"),),
        Text("CNY 200 per room and month", "每间每月 200 元"),
        Text("On site by desktop support, half an hour before large meetings.", "桌面支持组现场保障，大型会议提前半小时到场。"),
        (Text("Cameras and displays", "摄像头与显示屏"),), ("onsite", "network"), ("network-access",),
    ),
}  # fmt: skip
OWNERS = {"core": "slm", "supporting": "manager", "value_added": "slm"}


def make(rows: Mapping[str, Service], users: Mapping[str, User], now: datetime) -> None:
    """Give the demo's services their families, classes, owners and versions; ``rows`` by code."""
    code, name = WORKPLACE
    ServiceFamily.objects.get_or_create(
        code=code, defaults={"name_en": name.en, "name_zh": name.zh, "position": 20}
    )
    families = ServiceFamily.objects.in_bulk(field_name="code")
    begun = now - timedelta(days=90)
    for service in Service.objects.filter(owner=None):
        service.owner = users[OWNERS[service.portfolio_class]]
        service.save(update_fields=["owner"])
    in_order = ("accounts", "network-access", *(c for c in OFFERS if c not in ("accounts", "network-access")))
    for code in in_order:
        service = rows[code]
        family, portfolio_class = OFFERS[code][:2]
        service.family, service.portfolio_class = families[family], portfolio_class
        service.owner = users[OWNERS[portfolio_class]]
        service.save(update_fields=["family", "portfolio_class", "owner"])
        if service.present is None:
            services.adopt(service, _offer(service), review=None, reason="", actor=system_actor(), now=begun)
    _in_the_making(rows, users, now)


def _offer(service: Service) -> Offer:
    _family, _class, included, without, price, delivery, components, groups, depends_on = OFFERS[service.code]
    what = Text(service.description_en, service.description_zh)
    return Offer(
        Text(service.name_en, service.name_zh),
        CustomerView(what, included, without, ASK, OFFICE, LEVEL, PERIOD, price),
        ProviderView(delivery, components, (), CHECKS, groups, depends_on),
    )


def _in_the_making(rows: Mapping[str, Service], users: Mapping[str, User], now: datetime) -> None:
    """ERP's second version waits for the administrator; meetings are away for two days."""
    erp = Service.objects.get(pk=rows["erp"].pk)
    offer = erp.offer
    price = Text("CNY 13,500 per month", "每月 13,500 元")
    hours = Text(
        "Monday to Saturday 08:00–20:00; critical faults round the clock.",
        "周一至周六 08:00–20:00；重大故障全天候。",
    )
    review = services.propose(
        erp, replace(offer, customer=replace(offer.customer, hours=hours, price=price)),
        members=[users["manager"], users["admin"]], reason="按客户要求延长服务时间",
        actor=users["slm"].actor, now=now - timedelta(days=2),
    )  # fmt: skip
    services.decide(
        review, result=ReviewDecision.Result.APPROVED, comment="同意，人员排班已确认。", actor=users["manager"].actor,
        now=now - timedelta(days=1),
    )  # fmt: skip
    services.make_unavailable(
        rows["meeting"], words_en="The displays of the large rooms are being replaced.", words_zh="大会议室显示屏更换中。",
        until=now + timedelta(days=2), actor=users["manager"].actor, now=now - timedelta(hours=3),
    )  # fmt: skip
