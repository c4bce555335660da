"""The demo's suppliers: admitted by their conditions, scored each quarter, bought from by tender, and at fault."""
# ruff: noqa: E501 - texts

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.access import Actor, Origin
from incidents.models import Incident
from itsm.demo.company import Company
from records.lifecycle import Phase
from reviews import services as reviews
from servicereports import schedule
from sourcing import admission, defects, handed, purchases, rating, tenders
from sourcing.models import ApprovalBand, Offer, Purchase
from sourcing.tenders import Weighed
from suppliers import conditions
from suppliers import services as suppliers
from suppliers.conditions import Asked
from suppliers.models import Supplier

ZONE = ZoneInfo("Asia/Shanghai")
ASKED = (
    Asked("Business licence", "营业执照", needs_document=True, expires=True),
    Asked("Qualification for the trade", "行业资质证书", needs_document=True, expires=True),
    Asked("Commitment to information security", "信息安全承诺书", needs_document=True),
    Asked("Three references of the last two years", "近两年三个同类案例"),
)
# the three quarters before the one that is reviewed in supplying: score and conclusion, the oldest first
QUARTERS = (
    (91, "响应及时，报告齐全，建议续签。"),
    (84, "总体良好，一次抢修超时已整改。"),
    (58, "多次抢修超时，已约谈，要求增派熔接队伍。"),
)
NEW = {
    "lianchuang": ("Lianchuang Equipment", "联创设备"),
    "hengxin": ("Hengxin Technology", "恒信科技"),
}


def make(company: Company, *, now: datetime) -> None:
    """Conditions and admissions, three former quarters, a tender, goods that were rejected, a swollen battery."""
    who = {
        name: company.users[name].actor.via(Origin.IMPORT) for name in ("slm", "manager", "agent", "first")
    }
    known = _admitted(who, now)
    _quarters(company, who["slm"], now)
    _tender(company, who, known, now)
    _goods(company, who, known, now)
    _asked(company, who, now)
    _defect(company, who, known["lianchuang"], now)
    _talk(company, now)


def _admitted(who: Mapping[str, Actor], now: datetime) -> dict[str, Supplier]:
    made_at = now - timedelta(days=200)
    conditions.publish(
        Supplier.Kind.EXTERNAL, ASKED, note="", expected_number=0, actor=who["manager"], now=made_at
    )
    today = timezone.localdate(now, ZONE)
    known = {"huaxun": Supplier.objects.get(code="huaxun")}
    for code, (en, zh) in NEW.items():
        known[code] = suppliers.enter(
            code=code, name_en=en, name_zh=zh, contact="王敏", email=f"sales@{code}.example", actor=who["slm"]
        )
    # the trade's certificate of one of them runs out soon
    until = {
        "huaxun": today + timedelta(days=41),
        "lianchuang": today + timedelta(days=300),
        "hengxin": today + timedelta(days=420),
    }
    for code, supplier in known.items():
        for condition in conditions.current(supplier.kind).conditions.all():  # type: ignore[union-attr]
            proof = SimpleUploadedFile(
                f"{code}-{condition.position}.txt", f"{condition.name_zh}（扫描件摘要）\n".encode()
            )
            admission.check(
                supplier, condition, is_met=True, evidence="已核对原件。" if condition.needs_document else "已电话回访三家客户，评价良好。",
                valid_until=until[code] if condition.expires else None, upload=proof if condition.needs_document else None,
                actor=who["slm"], now=now - timedelta(days=60),
            )  # fmt: skip
        admission.decide(
            supplier,
            is_admitted=True,
            reason="准入条件全部满足。",
            actor=who["manager"],
            now=now - timedelta(days=58),
        )
        supplier.refresh_from_db()
    waiting = suppliers.enter(
        code="yunlian", name_en="Yunlian Cloud", name_zh="云联云服务", contact="赵琳", actor=who["slm"]
    )
    first = conditions.current(waiting.kind).conditions.first()  # type: ignore[union-attr]
    if first:
        admission.check(
            waiting, first, is_met=True, evidence="营业执照原件已核对。", valid_until=today + timedelta(days=500),
            upload=SimpleUploadedFile("yunlian-1.txt", "营业执照（扫描件摘要）\n".encode()), actor=who["slm"], now=now - timedelta(days=3),
        )  # fmt: skip
    return known


def _quarters(company: Company, slm: Actor, now: datetime) -> None:
    """Reviews held on paper before the figures were kept here, so that each score has its reason."""
    supplier = Supplier.objects.get(code="huaxun")
    last = schedule.last_ended(timezone.localdate(now, ZONE) - timedelta(days=20), "quarter")
    spans: list[tuple[date, date]] = []
    while len(spans) < len(QUARTERS):
        last = schedule.span_of(last[0] - timedelta(days=1), "quarter")
        spans.insert(0, last)
    for (score, words), (begun, ended) in zip(QUARTERS, spans, strict=True):
        at = datetime(ended.year, ended.month, ended.day, 10, tzinfo=ZONE) + timedelta(days=9)
        review = reviews.plan(
            meeting="supplier", supplier=supplier, meets_at=at, place="线上会议", chair=company.users["slm"],
            period_from=begun, period_until=ended, actor=slm, now=at - timedelta(days=10),
        )  # fmt: skip
        notes = {item.pk: ("Reviewed on paper.", words) for item in review.agenda.all()[:1]}
        review = reviews.write_notes(review, notes, actor=slm, now=at, expected_version=review.version)
        review = reviews.record_meeting(review, held_at=at, actor=slm, now=at)
        rating.rate(
            review,
            score=score,
            conclusion=words,
            reason="当时以纸面记录评定，系统尚无数据。",
            actor=slm,
            now=at,
        )
        review.refresh_from_db()
        reviews.close(reviews.send_minutes(review, actor=slm, now=at), actor=slm, now=at)


def _approved(who: Mapping[str, Actor], company: Company, *, at: datetime, **facts: Any) -> Purchase:
    made = purchases.ask(**facts, buyer=company.users["slm"], actor=who["agent"], now=at)
    made = purchases.submit(made, actor=who["agent"], now=at)
    made = purchases.decide(
        made, approve=True, comment="同意。", actor=who["manager"], now=at + timedelta(hours=3)
    )
    if purchases.missing_approvals(made):
        made = purchases.decide(
            made, approve=True, comment="预算内，同意。", actor=who["slm"], now=at + timedelta(hours=5)
        )
    return made


def _tender(company: Company, who: Mapping[str, Actor], known: Mapping[str, Supplier], now: datetime) -> None:
    """Offers of all three are there; who gets it is still to be decided."""
    ApprovalBand.objects.create(up_to=Decimal(20_000), needed=1)
    ApprovalBand.objects.create(up_to=Decimal(100_000), needed=2)
    ApprovalBand.objects.create(up_to=None, needed=2, role="administrator")
    at = now - timedelta(days=12)
    made = _approved(
        who, company, at=at, title="大型会议直播设备", reason="视频会议服务需要现场摄像与直播，自有设备不足。",
        amount=Decimal(86_000), needed_on=timezone.localdate(now, ZONE) + timedelta(days=40),
    )  # fmt: skip
    slm: dict[str, Any] = {"actor": who["slm"]}
    criteria = [
        Weighed("Price", "价格", 40),
        Weighed("Quality and fitness", "质量与适用性", 35),
        Weighed("Service and delivery", "服务与交付", 25),
    ]
    until = timezone.localdate(now, ZONE) - timedelta(days=1)
    made = tenders.plan(
        made, invited=list(known.values()), criteria=criteria, until=until, now=at + timedelta(days=1), **slm
    )
    ids = [row.pk for row in made.criteria.all()]
    said = {
        "huaxun": (91_500, (70, 75, 90), "可附带线路保障。"),
        "lianchuang": (82_000, (90, 85, 80), "含三年上门保修。"),
        "hengxin": (79_800, (95, 65, 70), "交货期六周。"),
    }
    for offer in Offer.objects.filter(purchase=made).select_related("supplier", "purchase"):
        price, points, note = said[offer.supplier.code]
        tenders.record_offer(
            offer, price=Decimal(price), received_on=until - timedelta(days=2), note=note, points=dict(zip(ids, points, strict=True)),
            now=now - timedelta(days=2), **slm,
        )  # fmt: skip


def _goods(company: Company, who: Mapping[str, Actor], known: Mapping[str, Supplier], now: datetime) -> None:
    """Ordered, came, and not as ordered: a replacement is awaited."""
    at = now - timedelta(days=25)
    made = _approved(
        who, company, at=at, title="接入交换机两台", reason="三楼弱电间交换机故障频发，无备件。", amount=Decimal(15_600),
    )  # fmt: skip
    slm: dict[str, Any] = {"actor": who["slm"]}
    made = tenders.choose_directly(
        made,
        supplier=known["lianchuang"],
        reason="在用同型号设备，金额低于招标限额，直接采购。",
        now=at + timedelta(days=1),
        **slm,
    )
    day = timezone.localdate(now, ZONE)
    made = purchases.order(
        made, order_number="CG-0417", ordered_on=day - timedelta(days=24), expected_on=day - timedelta(days=10), price=Decimal(15_200),
        contract=None, no_contract_reason="一次性采购标准货物，保修按订单条款。", now=at + timedelta(days=1), **slm,
    )  # fmt: skip
    purchases.reject_goods(
        made, reason="其中一台电源模块缺失，外箱有破损。", settlement=Purchase.Settlement.REPLACEMENT,
        settle_by=day + timedelta(days=6), actor=who["first"], now=now - timedelta(days=8),
    )  # fmt: skip


def _asked(company: Company, who: Mapping[str, Actor], now: datetime) -> None:
    made = purchases.ask(
        title="服务台耳机 12 副", reason="现有耳机已用四年，通话杂音多，影响接听质量。", amount=Decimal(7_200),
        needed_on=timezone.localdate(now, ZONE) + timedelta(days=21), buyer=company.users["slm"], actor=who["agent"], now=now - timedelta(hours=30),
    )  # fmt: skip
    purchases.submit(made, actor=who["agent"], now=now - timedelta(hours=29))


def _defect(company: Company, who: Mapping[str, Actor], vendor: Supplier, now: datetime) -> None:
    """A ticket that waits for spare parts tells of bad ones."""
    rows = Incident.objects.exclude(phase=Phase.DONE).filter(
        waiting_for__in=("parts", "supplier"), supplier=None
    )
    incident = (
        rows.order_by("pk").first() or Incident.objects.exclude(phase=Phase.DONE).order_by("pk").first()
    )
    if incident is None:
        return
    made = defects.raise_defect(
        incident, supplier=vendor, what="同批次更换件两件中有一件到货即损坏，疑为批次质量问题。", buyer=company.users["slm"],
        due_on=timezone.localdate(now, ZONE) + timedelta(days=4), actor=who["first"], now=now - timedelta(hours=20),
    )  # fmt: skip
    defects.pass_on(
        made,
        reference="RMA-20318",
        note="已通过采购渠道书面反馈。",
        actor=who["slm"],
        now=now - timedelta(hours=16),
    )


def _talk(company: Company, now: datetime) -> None:
    """Of the tickets the supplier has now, one has a message each way."""
    supplier = Supplier.objects.get(code="huaxun")
    holding = handed.in_hand(supplier).first()
    incident = Incident.objects.filter(pk=holding.record_id).first() if holding else None
    if holding is None or incident is None:
        return
    at = max(holding.since, now - timedelta(minutes=50))
    agent = company.users["network"].actor.via(Origin.IMPORT)
    handed.tell(incident, text="请告知预计到场时间，现场可随时进入机房。", actor=agent, now=at)
    person = company.users["supplier"].actor.via(Origin.IMPORT)
    handed.write(
        incident, text="抢修队伍已出发，预计四十分钟到场，先做光路测试。", is_answer=True, reference="HX-88213",
        actor=person, now=min(now, at + timedelta(minutes=10)),
    )  # fmt: skip
