"""The demo's assets: what Xinghe, Haiyue and the provider own, its upkeep, licences, and two service sites."""
# ruff: noqa: E501 - texts

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

import cmdb.services
from accounts.access import Actor, Origin
from assets import applications, licences, register, sites, upkeep, warranties
from assets.models import Asset, Check
from cmdb import relating
from cmdb.models import Item, ItemType, RelationType
from itsm.demo.company import Company
from sla.models import Calendar
from suppliers.models import Supplier

DAY = timedelta(days=1)
TYPES = {
    "laptop": ("Laptop", "笔记本电脑", ItemType.Category.HARDWARE),
    "ups": ("UPS", "不间断电源", ItemType.Category.HARDWARE),
    "software": ("Software", "软件", ItemType.Category.SOFTWARE),
}
# tag, name, class, customer, item (code of the demo's items, or True for one of its own), days since it was
# bought, cost, months of life, days of warranty left, location, important
ASSETS: tuple[tuple[Any, ...], ...] = (
    (
        "XH-SV-001",
        "ERP 应用服务器",
        "server",
        "xinghe",
        "erp-app",
        700,
        86000,
        60,
        396,
        "机房 A · 机柜 3",
        True,
    ),
    (
        "XH-PR-014",
        "三楼彩色复合机",
        "printer",
        "xinghe",
        "printer-3f",
        420,
        23800,
        60,
        26,
        "三楼文印区",
        True,
    ),
    ("XH-NB-0412", "ThinkPad T14 · 财务部", "laptop", "xinghe", True, 300, 8600, 36, 55, "2 号楼 305", False),
    ("XH-NB-0413", "ThinkPad T14 · 财务部", "laptop", "xinghe", True, 300, 8600, 36, 55, "2 号楼 305", False),
    (
        "XH-NB-0420",
        "ThinkPad P16 · 设计部",
        "laptop",
        "xinghe",
        True,
        120,
        15900,
        36,
        975,
        "2 号楼 402",
        False,
    ),
    ("XH-NB-0398", "ThinkPad T480 · 备用机", "laptop", "xinghe", None, 1900, 7200, 48, -75, "IT 库房", False),
    ("XH-UP-002", "机房 A 不间断电源", "ups", "xinghe", None, 820, 42000, 96, 82, "机房 A", True),
    (
        "HY-SV-002",
        "HIS 数据库服务器",
        "server",
        "haiyue",
        "his-db",
        500,
        158000,
        60,
        595,
        "信息中心 · 机柜 1",
        True,
    ),
    (
        "HY-AP-107",
        "住院部七楼无线接入点",
        "network",
        "haiyue",
        "wifi-ward",
        500,
        2600,
        60,
        595,
        "住院部七楼",
        False,
    ),
    ("YQ-SW-001", "核心交换机", "network", None, "core-switch", 900, 64000, 84, 190, "机房 A · 机柜 1", True),
    ("YQ-NB-0031", "现场工程师笔记本", "laptop", None, None, 200, 7900, 36, 895, "苏州服务网点", False),
)
PLANS = (
    ("Quarterly check of servers", "服务器季度巡检", "server", 3, "months", "platform", [("Dust filters clean", "防尘网清洁"), ("Fans and power supplies without alarms", "风扇与电源无告警"), ("Free space above 20 %", "磁盘剩余空间高于 20%"), ("Firmware on the approved level", "固件为批准版本")]),
    ("Check of printers", "打印机保养", "printer", 60, "days", "onsite", [("Rollers and glass cleaned", "清洁搓纸轮与稿台玻璃"), ("Test page without streaks", "测试页无条纹"), ("Counter noted", "登记计数器读数")]),
    ("Half-yearly check of laptops", "笔记本半年检查", "laptop", 6, "months", "onsite", [("Battery above 70 % of its capacity", "电池健康度高于 70%"), ("Disk encryption on", "磁盘加密已启用"), ("Only authorised software", "仅安装已授权软件")]),
)  # fmt: skip


def make(company: Company, *, now: datetime) -> None:
    """A register with its story: handed out, in repair, one to be disposed of; checks done, due and late."""
    slm, agent = _actor(company, "slm"), _actor(company, "first")
    types = _types()
    _sites(company, now)
    assets = {row[0]: _asset(company, row, types, agent, now) for row in ASSETS}
    _hand_out(company, assets, agent, now)
    _upkeep(company, types, slm, now)
    _software(company, assets, types, slm, now)
    applications.ask_to_dispose(
        assets["XH-NB-0398"], on=timezone.localdate(now - DAY), way="recycled", data_wiped=True,
        data_note="硬盘已按流程三次覆写并拍照留档", reason="超出使用年限，电池鼓包，维修不经济。", actor=agent, now=now - DAY,
    )  # fmt: skip
    upkeep.work_off(now=now)
    warranties.announce(now=now)


def _actor(company: Company, name: str) -> Actor:
    return company.users[name].actor.via(Origin.IMPORT)


def _types() -> dict[str, ItemType]:
    for code, (en, zh, category) in TYPES.items():
        names = {"name_en": en, "name_zh": zh, "category": category}
        ItemType.objects.get_or_create(code=code, defaults=names)
    return {row.code: row for row in ItemType.objects.all()}


def _asset(
    company: Company, row: tuple[Any, ...], types: dict[str, ItemType], actor: Actor, now: datetime
) -> Asset:
    tag, name, kind, owner, item, age, cost, life, warranty, location, important = row
    customer = company.customers[owner] if owner else None
    if item is True:
        item = cmdb.services.add_item(
            item_type=types[kind], name=tag, customer=customer, site=location, actor=_actor(company, "slm"),
            now=now - age * DAY,
        )  # fmt: skip
    elif item:
        item = company.items[item]
    today = timezone.localdate(now)
    facts = {
        "tag": tag, "name": name, "device_class": types[kind], "customer": customer, "item": item,
        "purchased_on": today - age * DAY, "order_reference": f"PO-{(today - age * DAY):%Y%m}-{tag[-3:]}",
        "cost": Decimal(cost), "residual": Decimal(cost) / 20, "life_months": life, "location": location,
        "warranty_until": today + warranty * DAY, "is_important": important,
        "keeper": company.users["platform" if kind in ("server", "ups") else "first"],
    }  # fmt: skip
    at = now - (age - 5) * DAY
    return register.enter(facts, actor=actor, now=at, received_on=timezone.localdate(at))


def _hand_out(company: Company, assets: dict[str, Asset], actor: Actor, now: datetime) -> None:
    people = {
        "XH-NB-0412": "contact",
        "XH-NB-0413": "customer",
        "XH-NB-0420": "oliver",
        "YQ-NB-0031": "first",
    }
    for tag, row in assets.items():
        if tag == "XH-NB-0398":
            continue
        person = company.users[people[tag]] if tag in people else None
        at = now - 90 * DAY
        assets[tag] = register.hand_out(
            row, user=person, location=row.location, actor=actor, now=at, expected_version=None
        )
    register.send_to_repair(
        assets["XH-NB-0413"], note="键盘进水，送联想服务站，预计五个工作日。", actor=actor, now=now - 2 * DAY,
        expected_version=None,
    )  # fmt: skip


def _upkeep(company: Company, types: dict[str, ItemType], slm: Actor, now: datetime) -> None:
    """Plans since half a year; what was due then is recorded, one printer check is late."""
    begins = timezone.localdate(now) - 90 * DAY
    for en, zh, kind, every, unit, team, lines in PLANS:
        facts = {
            "name_en": en, "name_zh": zh, "device_class": types[kind], "every": every, "unit": unit,
            "team": company.teams[team], "starts_on": begins, "lead_days": 7,
            "checklist": [{"en": line_en, "zh": line_zh} for line_en, line_zh in lines],
        }  # fmt: skip
        upkeep.save_plan(None, facts, actor=slm, now=now - 91 * DAY)
    upkeep.work_off(now=now - 90 * DAY)
    due = Check.objects.filter(state="open", due_on__lte=begins + 30 * DAY).select_related("plan", "asset")
    for check in due.order_by("pk"):
        is_bad = check.plan.device_class.code == "server" and check.asset.customer_id is not None
        results = [upkeep.Result(is_ok=True) for _line in check.plan.checklist]
        if is_bad and check.asset.tag == "XH-SV-001":
            results[2] = upkeep.Result(is_ok=False, note="D 盘剩余 12%，已清理日志并安排扩容。")
        upkeep.record(
            check, results, done_on=check.due_on, conclusion="", now=now - 45 * DAY,
            actor=_actor(company, "platform" if check.plan.device_class.code == "server" else "first"),
        )  # fmt: skip


def _software(
    company: Company, assets: dict[str, Asset], types: dict[str, ItemType], slm: Actor, now: datetime
) -> None:
    """Office software in order, a design program used once too often, and a finding."""
    today, customer = timezone.localdate(now), company.customers["xinghe"]
    laptops = [row.item for tag, row in assets.items() if tag.startswith("XH-NB") and row.item]
    runs_on = RelationType.objects.get(code="runs_on")
    for name, devices, quantity, left in (
        ("WPS Office 专业版", laptops, 50, 400),
        ("AutoCAD 2026", laptops[1:], 1, 38),
        ("用友 U8+ 客户端", laptops[:1], None, None),
    ):
        software = cmdb.services.add_item(
            item_type=types["software"], name=name, customer=customer, actor=slm, now=now - 200 * DAY
        )
        for device in devices:
            relating.relate(software, device, runs_on, actor=slm, now=now - 80 * DAY)
        if left is not None:
            _licence(software, quantity, today + left * DAY, today, slm, now - 200 * DAY)
    others = Item.objects.filter(type__category=ItemType.Category.SOFTWARE, licences=None)
    for software in others.exclude(name="用友 U8+ 客户端").order_by("pk"):
        own = {
            "software": software, "metric": "device", "quantity": None, "valid_from": today - 365 * DAY,
            "reference": "自主开发或整体买断", "currency": "CNY",
        }  # fmt: skip
        licences.save(None, own, actor=slm, now=now - 190 * DAY)
    licences.record_finding(
        name="迅雷下载 11", software=None, asset=assets["XH-NB-0420"], device=None, found_on=today - 3 * DAY,
        note="半年检查时发现，未经批准安装。", responsible=company.users["first"], due_on=today + 5 * DAY,
        actor=_actor(company, "first"), now=now - 3 * DAY,
    )  # fmt: skip


def _licence(
    software: Item, quantity: int | None, until: date, today: date, slm: Actor, at: datetime
) -> None:
    made = licences.save(
        None,
        {
            "software": software, "metric": "device", "quantity": quantity, "valid_from": today - 365 * DAY,
            "valid_until": until, "supplier": Supplier.objects.order_by("pk").first(), "currency": "CNY",
            "reference": f"LIC-{until:%Y}-017", "cost": Decimal((quantity or 1) * 480),
        },
        actor=slm, now=at,
    )  # fmt: skip
    paper = SimpleUploadedFile("授权证书.txt", f"授权证书（摘要）：{software.name}\n".encode())
    licences.add_document(made, upload=paper, actor=slm, now=at)


def _sites(company: Company, now: datetime) -> None:
    """The outlet in Suzhou is open; one in Wuxi is applied for."""
    calendar = Calendar.objects.get(code="office-8x5")
    agent, slm = _actor(company, "agent"), _actor(company, "slm")
    for code, en, zh, place_en, place_zh, phone in (
        ("suzhou", "Suzhou outlet", "苏州服务网点", "218 Xinghu Street, Suzhou", "苏州市工业园区星湖街 218 号", "0512-6288 1000"),
        ("wuxi", "Wuxi outlet", "无锡服务网点", "99 Taihu Avenue, Wuxi", "无锡市太湖大道 99 号", "0510-8270 2000"),
    ):  # fmt: skip
        facts = {
            "name_en": en, "name_zh": zh, "address_en": place_en, "address_zh": place_zh, "phone": phone,
            "calendar": calendar, "team": company.teams["onsite"], "keeper": company.users["first"],
        }  # fmt: skip
        is_old = code == "suzhou"
        at = now - (400 if is_old else 6) * DAY
        site = sites.plan(code, facts, actor=agent, now=at)
        reason = (
            "园区内有星河制造等七家客户，现场到达时间可缩短一半。"
            if is_old
            else "明德教育无锡校区明年投入使用，需要本地现场力量。"
        )
        asked = applications.ask_for_site(
            site, "open_site", on=timezone.localdate(at) + 10 * DAY, reason=reason, actor=agent, now=at
        )
        if is_old:
            applications.decide(asked, approve=True, note="同意，先租用两年。", actor=slm, now=at + 3 * DAY)
