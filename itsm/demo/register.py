"""The demo's register: a machine room and what stands in it, up to the services and their customers.

What fails with the core switch is seen from its page: hosts, applications, services, three customers.
"""
# ruff: noqa: E501 - tables

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError

import cmdb.services
from accounts.access import Denied, Origin
from cmdb import designing
from cmdb.models import Alteration, Item, ItemType, RelationType
from cmdb.refusals import Attempt
from itsm.demo.company import Company

BEGAN = timedelta(days=300)
OS = (
    ("kylin-v10", "Kylin V10", "麒麟 V10"),
    ("openeuler", "openEuler 24.03", "openEuler 24.03"),
    ("esxi", "ESXi 8", "ESXi 8"),
    ("windows", "Windows Server 2022", "Windows Server 2022"),
)
ENGINES = (
    ("dm8", "Dameng DM8", "达梦 DM8"),
    ("kingbase", "KingbaseES", "人大金仓"),
    ("postgresql", "PostgreSQL", "PostgreSQL"),
)
Attribute = tuple[str, str, str, str, bool]
# code -> names, category, prefix, attributes (code, names, kind, under control)
TYPES: dict[str, tuple[str, str, str, str, tuple[Attribute, ...]]] = {
    "server": ("Server", "服务器", "hardware", "SRV", (("os", "Operating system", "操作系统", "choice", True), ("ram_gb", "Memory, GB", "内存（GB）", "number", True), ("purchased_on", "Purchased on", "购置日期", "date", False))),
    "network": ("Network device", "网络设备", "hardware", "NET", (("management_ip", "Management address", "管理地址", "text", True), ("port_count", "Ports", "端口数", "number", False))),
    "storage": ("Storage", "存储", "hardware", "STO", (("capacity_tb", "Capacity, TB", "容量（TB）", "number", True),)),
    "application": ("Application", "应用系统", "software", "APP", (("vendor", "Vendor", "厂商", "text", False), ("is_internet_facing", "Reached from the internet", "面向互联网", "flag", True))),
    "database": ("Database", "数据库", "software", "DB", (("engine", "Engine", "数据库引擎", "choice", True), ("port", "Port", "端口", "number", False))),
    "document": ("Document", "文档", "document", "DOC", (("review_on", "Next review", "下次复审", "date", False),)),
    "process": ("Process", "流程", "process", "PRC", ()),
    "user-group": ("User group", "用户组", "user", "USR", (("head_count", "People", "人数", "number", False),)),
    "component": ("Service component", "服务组件", "service", "SVC", ()),
    "room": ("Machine room", "机房", "site", "SIT", (("racks", "Racks", "机柜数", "number", False),)),
}  # fmt: skip


@dataclass(frozen=True)
class New:
    """An item: type, name, customer, owner, site, revision; ``facts`` are its attributes."""

    kind: str
    name: str
    customer: str | None
    owner: str
    site: str = "机房 A"
    revision: str = ""
    is_important: bool = False
    state: str = "in_use"
    facts: dict[str, Any] = field(default_factory=dict)


ITEMS: dict[str, New] = {
    "room-a": New("room", "机房 A", None, "platform", "总部三号楼地下一层", facts={"racks": 24}),
    "esx-1": New("server", "ESX-01", None, "platform", revision="8.0 U3", is_important=True, facts={"os": "esxi", "ram_gb": 512, "purchased_on": "2023-05-18"}),
    "esx-2": New("server", "ESX-02", None, "platform", revision="8.0 U3", facts={"os": "esxi", "ram_gb": 512, "purchased_on": "2023-05-18"}),
    "san": New("storage", "SAN-01", None, "platform", revision="7.3.2", is_important=True, facts={"capacity_tb": 120}),
    "erp-db": New("database", "ERP 数据库", "xinghe", "apps", revision="8.1.3", facts={"engine": "dm8", "port": 5236}),
    "erp": New("application", "ERP 系统", "xinghe", "apps", revision="12.4.1", is_important=True, facts={"vendor": "用友", "is_internet_facing": False}),
    "sso": New("application", "统一认证", None, "apps", revision="3.9.0", is_important=True, facts={"vendor": "自研", "is_internet_facing": True}),
    "mail": New("application", "邮件系统", None, "apps", revision="2026.2", facts={"vendor": "Coremail", "is_internet_facing": True}),
    "vpn": New("application", "VPN 网关", None, "network", revision="9.1", facts={"vendor": "深信服", "is_internet_facing": True}),
    "his": New("application", "HIS 医院信息系统", "haiyue", "apps", revision="6.0.7", is_important=True, facts={"vendor": "东软", "is_internet_facing": False}),
    "print-app": New("application", "打印管理平台", None, "first", revision="4.2", facts={"is_internet_facing": False}),
    "erp-manual": New("document", "ERP 运维手册", "xinghe", "apps", "知识库", "V3.2", facts={"review_on": "2027-03-31"}),
    "room-plan": New("document", "机房 A 应急预案", None, "platform", "知识库", "V1.8", facts={"review_on": "2026-12-31"}),
    "backup": New("process", "每日备份流程", None, "platform", ""),
    "finance": New("user-group", "财务共享中心用户", "xinghe", "agent", "星河总部", facts={"head_count": 86}),
    "esx-3": New(
        "server",
        "ESX-03",
        None,
        "platform",
        state="planned",
        facts={"os": "esxi", "ram_gb": 768},
    ),
    "relay": New("component", "邮件转发组件", None, "apps", revision="2.4"),
    "old-print": New("server", "PRINT-OLD-01", None, "first", revision="6.1", state="maintenance", facts={"os": "windows", "ram_gb": 16}),
}  # fmt: skip
# what the company's items of before have besides: owner, revision, attributes
KNOWN: dict[str, tuple[str, str, dict[str, Any]]] = {
    "erp-app": ("apps", "10 SP1", {"os": "kylin-v10", "ram_gb": 64}),
    "core-switch": ("network", "7.1", {"management_ip": "10.0.0.1", "port_count": 48}),
    "wifi-ward": ("network", "22.4", {"management_ip": "10.8.7.7", "port_count": 2}),
    "his-db": ("apps", "10 SP1", {"os": "kylin-v10", "ram_gb": 128}),
}
RELATIONS = (
    ("esx-1", "depends_on", "room-a"), ("esx-2", "depends_on", "room-a"), ("san", "depends_on", "room-a"), ("core-switch", "depends_on", "room-a"),
    ("esx-1", "depends_on", "san"), ("esx-2", "depends_on", "san"), ("esx-1", "depends_on", "core-switch"), ("esx-2", "depends_on", "core-switch"),
    ("erp-app", "runs_on", "esx-1"), ("erp-db", "runs_on", "esx-2"), ("erp", "runs_on", "erp-app"), ("erp", "depends_on", "erp-db"), ("erp", "depends_on", "sso"),
    ("sso", "runs_on", "esx-2"), ("mail", "runs_on", "esx-1"), ("mail", "depends_on", "sso"), ("relay", "part_of", "mail"), ("vpn", "runs_on", "esx-2"), ("vpn", "depends_on", "sso"),
    ("his-db", "depends_on", "core-switch"), ("his", "runs_on", "his-db"), ("wifi-ward", "depends_on", "core-switch"),
    ("print-app", "runs_on", "esx-1"), ("printer-3f", "depends_on", "print-app"), ("finance", "uses", "erp"),
    ("erp-manual", "documents", "erp"), ("room-plan", "documents", "room-a"), ("backup", "uses", "san"), ("sso", "connects_to", "core-switch"),
)  # fmt: skip
SERVICES = (("erp", "erp"), ("mail", "email"), ("vpn", "vpn"), ("core-switch", "network-access"), ("print-app", "printing"), ("sso", "accounts"))  # fmt: skip


def make(company: Company, *, now: datetime) -> None:
    """Right after the company: what others plan and audit hangs on it."""
    began = now - BEGAN
    manager = company.users["manager"].actor.via(Origin.IMPORT)
    types = {code: _type(code, company) for code in TYPES}
    for code, new in ITEMS.items():
        company.items[code] = cmdb.services.add_item(
            item_type=types[new.kind], name=new.name, customer=company.customers[new.customer] if new.customer else None,
            site=new.site, owner=company.users[new.owner], revision=new.revision, attributes=new.facts,
            state=new.state, actor=manager, now=began,
        )  # fmt: skip
    for code in ("printer-3f", "erp-app", "core-switch", "wifi-ward", "his-db", "room-201"):
        _complete(company, code, began)
    kinds = {row.code: row for row in RelationType.objects.all()}
    for source, kind, target in RELATIONS:
        cmdb.services.relate(
            company.items[source], company.items[target], kinds[kind], actor=manager, now=began
        )
    for item, service in SERVICES:
        cmdb.services.name_service(company.items[item], company.services[service], actor=manager, now=began)
    for code in ("core-switch", *(code for code, new in ITEMS.items() if new.is_important)):
        company.items[code] = cmdb.services.alter_item(
            company.items[code], {"is_important": True}, actor=manager, now=began + timedelta(days=2)
        )
    _tried(company, now)


def _type(code: str, company: Company) -> ItemType:
    en, zh, category, prefix, attributes = TYPES[code]
    manager = company.users["manager"].actor
    known = ItemType.objects.filter(code=code).first()
    facts: dict[str, Any] = {"name_en": en, "name_zh": zh, "category": category, "prefix": prefix}
    kind = (
        designing.edit_type(known, **facts, actor=manager)
        if known
        else designing.add_type(code=code, **facts, actor=manager)
    )
    choices = {"os": OS, "engine": ENGINES}
    for place, (name, name_en, name_zh, of, is_controlled) in enumerate(attributes):
        designing.add_attribute(
            kind,
            {
                "code": name, "name_en": name_en, "name_zh": name_zh, "kind": of, "is_controlled": is_controlled,
                "position": place * 10, "choices": [dict(zip(("code", "en", "zh"), each, strict=True)) for each in choices.get(name, ())],
            },
            actor=manager,
        )  # fmt: skip
    return kind


def _complete(company: Company, code: str, began: datetime) -> None:
    """An item of the company as it was first entered: with owner, revision and attributes."""
    item = company.items[code]
    if code in KNOWN:
        owner, revision, facts = KNOWN[code]
        Item.objects.filter(pk=item.pk).update(
            owner=company.users[owner], revision=revision, attributes=facts
        )
        item.refresh_from_db()
    attempt = Attempt((item,), Alteration.Act.ADDED, None, company.users["manager"].actor, began)
    attempt.after = {"name": item.name, "site": item.site, "type": item.type.label}
    Alteration.objects.bulk_create(attempt.rows())


def _tried(company: Company, now: datetime) -> None:
    """Two attempts that were refused, and what somebody may do himself."""
    switch, old = company.items["core-switch"], company.items["old-print"]
    with suppress(Denied):
        cmdb.services.alter_item(
            switch, {"revision": "7.2"}, actor=company.users["agent"].actor, now=now - timedelta(days=9)
        )
    with suppress(ValidationError):
        cmdb.services.alter_item(
            company.items["erp"], {"revision": "12.5.0"}, actor=company.users["manager"].actor, now=now - timedelta(days=6)
        )  # fmt: skip
    cmdb.services.alter_item(
        company.items["vpn"], {"site": "机房 A 05 机柜"}, actor=company.users["network"].actor, now=now - timedelta(days=4)
    )  # fmt: skip
    with suppress(ValidationError):
        cmdb.services.retire(old, actor=company.users["manager"].actor, now=now - timedelta(days=2))  # fmt: skip
