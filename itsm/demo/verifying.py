"""The demo's checks of the register: two imports of switches, a baseline with what is otherwise since, audits."""
# ruff: noqa: E501 - texts

from datetime import datetime, timedelta

from django.utils import timezone

import cmdb.services
from accounts.access import Actor, Origin
from cmdb.models import Item, ItemAttribute, ItemType
from itsm.demo.company import Company
from verifications import audits, baselines, following, imports, running, scopes
from verifications.models import AuditDifference, ItemAudit

DAY = timedelta(days=1)
FILE = "明德新校区接入交换机.csv"
HEAD = "设备名称,客户,序列号,厂商,端口数,固件版本,位置,负责人,状态\n"
FIRST = (
    HEAD
    + "".join(
        f"ASW-MD-{n:02},明德教育,21023{n:04},{'华为' if n % 3 else '新华三'},{24 if n % 2 else 48},V200R0{19 + n % 2}C10,新校区 {1 + n // 4} 号楼弱电间,陈刚,在用\n"
        for n in range(1, 13)
    )
    + "ASW-MD-13,明德教育,210230012,华为,24,V200R020C10,新校区体育馆,陈刚,在用\nASW-MD-14,明德教育,210230014,思科,24,V200R020C10,新校区食堂,陈刚,在用\n"
)
SECOND = (
    HEAD
    + "".join(
        f"ASW-MD-{n:02},明德教育,21023{n:04},{'华为' if n % 3 else '新华三'},{24 if n % 2 else 48},{'V200R021C00' if n == 5 else f'V200R0{19 + n % 2}C10'},新校区 {1 + n // 4} 号楼{'二层' if n in (2, 3) else ''}弱电间,陈刚,在用\n"
        for n in range(1, 11)
    )
    + "ASW-MD-15,明德教育,210230015,华为,48,V200R020C10,新校区图书馆,陈刚,在用\n"
)
TARGETS = (
    "name", "customer", "attributes.serial", "attributes.vendor", "attributes.ports", "attributes.firmware",
    "site", "owner", "state",
)  # fmt: skip


def make(company: Company, *, now: datetime) -> None:
    """A type of items of its own, so that nothing here depends on what other parts tell of theirs."""
    manager = company.users["manager"].actor.via(Origin.IMPORT)
    kind = _type()
    _import(kind, FIRST, manager, now - 40 * DAY, is_run=True)
    scope = scopes.make(types=[kind], customer=company.customers["mingde"], actor=manager)
    baselines.take(
        name_en="Access switches before the firmware round", name_zh="固件升级前的接入交换机", scope=scope,
        description="固件升级项目启动前的配置基线。", actor=manager, now=now - 30 * DAY,
    )  # fmt: skip
    _since(kind, manager, now - 12 * DAY)
    _past(company, scope, now - 10 * DAY)
    _running(company, scope, now - 2 * DAY)
    audits.plan(
        title="接入交换机年度审核", scope=scope, auditor=company.users["emma"],
        planned_on=timezone.localdate(now) + 20 * DAY, sample="every", amount=0, actor=manager, now=now - DAY,
        description="全部在用接入交换机，核对位置、固件与序列号。",
    )  # fmt: skip
    _import(kind, SECOND, manager, now - timedelta(hours=3), is_run=False)


def _type() -> ItemType:
    kind, _new = ItemType.objects.get_or_create(
        code="access-switch",
        defaults={"name_en": "Access switch", "name_zh": "接入交换机", "category": ItemType.Category.HARDWARE, "prefix": "ASW"},
    )  # fmt: skip
    vendors = [
        {"code": "huawei", "en": "Huawei", "zh": "华为"}, {"code": "h3c", "en": "H3C", "zh": "新华三"},
        {"code": "ruijie", "en": "Ruijie", "zh": "锐捷"},
    ]  # fmt: skip
    rows: tuple[tuple[str, str, str, str, list[dict[str, str]], bool], ...] = (
        ("serial", "Serial number", "序列号", "text", [], False),
        ("vendor", "Vendor", "厂商", "choice", vendors, False),
        ("ports", "Ports", "端口数", "number", [], False),
        ("firmware", "Firmware", "固件版本", "text", [], True),
    )
    for position, (code, en, zh, value, choices, is_controlled) in enumerate(rows):
        ItemAttribute.objects.get_or_create(
            type=kind, code=code,
            defaults={
                "name_en": en, "name_zh": zh, "kind": value, "choices": choices,
                "is_controlled": is_controlled, "is_required": code == "serial", "position": position,
            },
        )  # fmt: skip
    return kind


def _import(kind: ItemType, text: str, actor: Actor, at: datetime, *, is_run: bool) -> None:
    """A file read, laid and previewed; the first one carried out, the second waiting for its confirmation."""
    job = imports.upload(("\ufeff" + text).encode(), name=FILE, item_type=kind, actor=actor, now=at)
    imports.preview(job, laid=TARGETS, match="attributes.serial", actor=actor, now=at)
    if is_run:
        imports.confirm(job, actor=actor, now=at)
        running.run(job.pk, at=at)
        type(job).objects.filter(pk=job.pk).update(finished_at=at + timedelta(seconds=9))


def _item(kind: ItemType, number: int) -> Item:
    return Item.objects.get(type=kind, name=f"ASW-MD-{number:02}")


def _since(kind: ItemType, actor: Actor, at: datetime) -> None:
    """What is otherwise than in the baseline."""
    cmdb.services.alter_item(_item(kind, 7), {"site": "新校区 3 号楼机房"}, actor=actor, now=at)
    cmdb.services.alter_item(_item(kind, 9), {"attributes": {"ports": 48}}, actor=actor, now=at)
    cmdb.services.add_item(
        item_type=kind, name="ASW-MD-16", customer=_item(kind, 7).customer, site="新校区报告厅",
        attributes={"serial": "210230016", "vendor": "ruijie", "ports": 24, "firmware": "11.4(1)B70"},
        owner=_item(kind, 7).owner, actor=actor, now=at,
    )  # fmt: skip


def _past(company: Company, scope: dict[str, object], at: datetime) -> None:
    """An audit that is over: one differs without a change, one was not found, one is not in the register."""
    manager, auditor = (company.users[name].actor.via(Origin.IMPORT) for name in ("manager", "agent"))
    audit = audits.plan(
        title="接入交换机抽样审核", scope=scope, auditor=company.users["agent"],
        planned_on=timezone.localdate(at), sample="share", amount=50, actor=manager, now=at - 5 * DAY,
    )  # fmt: skip
    audit = audits.draw(audit, actor=auditor, now=at)
    entries = list(audit.entries.order_by("position"))
    for entry in entries[:-2]:
        audits.check(entry, result="agrees", actor=auditor, now=at)
    found = {"attributes.firmware": "V200R021C00", "site": "新校区 2 号楼三层弱电间"}
    audits.check(entries[-2], result="differs", found=found, note="机柜标签已核对。", actor=auditor, now=at)
    audits.check(entries[-1], result="not_found", note="原机柜为空，询问值班室未果。", actor=auditor, now=at)
    audits.add_unregistered(
        audit, name="TP-Link TL-SG1008", note="新校区 1 号楼二层弱电间，未贴标签。", actor=auditor, now=at
    )
    audits.conclude(
        audit, conclusion="抽样设备大多一致；一台固件未经变更升级，一台未找到，另发现一台未登记设备。", actor=auditor,
        now=at + timedelta(hours=2),
    )  # fmt: skip
    due = timezone.localdate(at) + 14 * DAY
    audits.approve(audit, due_on=due, actor=manager, now=at + timedelta(hours=6))
    moved = AuditDifference.objects.get(entry__audit=audit, fact="site")
    network = company.users["network"].actor.via(Origin.IMPORT)
    following.correct(moved, remark="登记中的位置已更正。", actor=network, now=at + 2 * DAY)


def _running(company: Company, scope: dict[str, object], at: datetime) -> ItemAudit:
    """An audit that is half done."""
    manager, auditor = (company.users[name].actor.via(Origin.IMPORT) for name in ("manager", "agent"))
    audit = audits.plan(
        title="接入交换机序列号核对", scope=scope, auditor=company.users["agent"],
        planned_on=timezone.localdate(at), sample="count", amount=5, actor=manager, now=at - DAY,
    )  # fmt: skip
    audit = audits.draw(audit, actor=auditor, now=at)
    for entry in audit.entries.order_by("position")[:2]:
        audits.check(entry, result="agrees", actor=auditor, now=at)
    return audit
