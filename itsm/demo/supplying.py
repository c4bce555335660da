"""The demo's supplier: what it missed, its review of the quarter, its reports, and a decision to look for one."""
# ruff: noqa: E501 - texts

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

import incidents.services
from accounts.access import Actor, Origin
from agreements.lifecycle import IN_MAKING
from agreements.models import Edition
from incidents.models import Incident
from itsm.demo.company import Company
from reviews import services as reviews
from servicereports import schedule
from sla.models import Agreement, Breach
from sourcing import figures, rating, services
from sourcing.services import Claimed
from suppliers.models import Supplier

ZONE = ZoneInfo("Asia/Shanghai")
SAID = {
    "issues": ("The branch line failed twice in the quarter.", "本季度分厂专线中断两次。"),
    "missed": ("Repair of the second failure took four days: no spare fibre team nearby.", "第二次抢修用时四天：附近没有备用熔接队伍。"),
}  # fmt: skip


def make(company: Company, *, now: datetime) -> None:
    """Contract and certificate as files, one miss explained, a review with its score, one report of two."""
    supplier, contract = Supplier.objects.get(code="huaxun"), Agreement.objects.get(code="uc-huaxun")
    slm = company.users["slm"].actor.via(Origin.IMPORT)
    scan = SimpleUploadedFile("huaxun-contract.txt", "华讯线路支持合同（扫描件摘要）\n".encode())
    services.add_document(
        supplier,
        upload=scan,
        title="线路支持合同（已签）",
        agreement=contract,
        actor=slm,
        now=now - timedelta(days=99),
    )
    _blame(company, contract, now)
    _review(company, supplier, slm, now - timedelta(days=20))
    _report(contract, slm, now)
    _request(company, slm, now)


def _blame(company: Company, contract: Agreement, now: datetime) -> None:
    """The contract answers for what was missed at the customer while it was broken."""
    misses = Breach.objects.filter(
        clock__support=None, clock__metric="resolution", clock__record__in=Incident.objects.filter(supplier=contract.supplier)
    )  # fmt: skip
    for breach in misses.select_related("clock"):
        correction = incidents.services.Correction(
            title="与华讯约定分厂备用熔接队伍", responsible=company.users["network"], due_on=timezone.localdate(now, ZONE) + timedelta(days=14)
        )  # fmt: skip
        incidents.services.explain_breach(
            Incident.objects.get(pk=breach.clock.record_id), breach, reason=Breach.Reason.SUPPLIER,
            note="光缆熔接等了四天，承诺为四个工作小时。", agreement=contract, no_action="", action=correction,
            actor=company.users["network"].actor.via(Origin.IMPORT), now=now,
        )  # fmt: skip


def _review(company: Company, supplier: Supplier, slm: Actor, at: datetime) -> None:
    first, last = schedule.last_ended(timezone.localdate(at, ZONE), "quarter")
    review = reviews.plan(
        meeting="supplier", supplier=supplier, meets_at=at, place="线上会议", chair=company.users["slm"],
        period_from=first, period_until=last, actor=slm, now=at - timedelta(days=10),
    )  # fmt: skip
    review = reviews.add_participant(
        review, person=None, name="高远", side="supplier", role="客户经理", actor=slm, now=at
    )
    notes = {item.pk: SAID[item.topic] for item in review.agenda.all() if item.topic in SAID}
    review = reviews.write_notes(review, notes, actor=slm, now=at, expected_version=review.version)
    review = reviews.record_meeting(review, held_at=at, actor=slm, now=at)
    rating.rate(
        review, score=82, conclusion="总体达标，继续合作；分厂抢修力量需加强，下季度复查。",
        reason="季度内工单少，结合现场抢修表现综合评定。", actor=slm, now=at,
    )  # fmt: skip
    review.refresh_from_db()
    reviews.send_minutes(review, actor=slm, now=at)


def _report(contract: Agreement, slm: Actor, now: datetime) -> None:
    """That of the month before the last: it claims one ticket more than we know of."""
    last_first, _end = schedule.last_ended(timezone.localdate(now, ZONE), "month")
    first, last = schedule.span_of(last_first - timedelta(days=1), "month")
    ours = figures.by_target(contract, *figures.span(first, last, ZONE)).get("resolution//2")
    handled = (ours.decided if ours else 0) + 1
    services.receive_report(
        contract, kind="service_level", first=first, last=last, received_on=last + timedelta(days=2),
        claims={"resolution//2": Claimed(Decimal(100), handled)}, note="随邮件收到，附故障清单。",
        upload=SimpleUploadedFile("huaxun-report.txt", f"华讯服务报告 {first:%Y-%m}\n".encode()), actor=slm,
        now=timezone.make_aware(datetime.combine(last, datetime.min.time()), ZONE) + timedelta(days=2, hours=10),
    )  # fmt: skip


def _request(company: Company, slm: Actor, now: datetime) -> None:
    """Whoever stands behind the video rooms is still to be found."""
    edition = Edition.objects.filter(state__in=IN_MAKING, agreement__kind=Agreement.Kind.SLA).first()
    if edition:
        services.decide(
            edition, is_needed=True, reason="大型会议的现场摄像与直播设备无自有力量，需要外部供应商。", responsible=company.users["first"],
            due_on=timezone.localdate(now, ZONE) + timedelta(days=20), actor=slm, now=now - timedelta(hours=20),
        )  # fmt: skip
