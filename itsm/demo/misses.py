"""Why the demo's targets were missed: most are explained, some wait for it, two ask not to count."""
# ruff: noqa: E501 - texts

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

import incidents.services
from accounts.access import Origin
from incidents.models import Incident
from itsm.demo.company import Company
from records import breaches, exclusions
from sla.models import Breach, Exclusion

ZONE = ZoneInfo("Asia/Shanghai")
# reason, what happened, what is corrected (or nothing, and why not)
EXPLAINED = (
    (Breach.Reason.WORKLOAD, "周一早上同时来了十几张工单，应用组只有一人当班。", "应用组周一早班增加一人", ""),
    (Breach.Reason.ASSIGNMENT, "先派给了桌面支持组，转派晚了两个小时。", "", "个例：新人已看过分派指南。"),
    (Breach.Reason.FORGOTTEN, "电话里答复过客户，但没有写进工单。", "", "已提醒：电话答复当场补记。"),
    (Breach.Reason.SKILL, "考试系统只有一名同事熟悉。", "考试系统再培养一名工程师", ""),
    (Breach.Reason.WORKLOAD, "当班同事在处理紧急事件。", "", "有紧急事件时属正常，不需要纠正。"),
    (Breach.Reason.CUSTOMER, "等客户提供机房门禁。", "", "已在评审中与客户约定门禁流程。"),
)  # fmt: skip


def explain(company: Company, *, now: datetime) -> None:
    """The misses of a day ago and before are explained; the last ones are left for whoever looks around."""
    people = [company.users[name] for name in ("agent", "apps", "network")]
    day = timezone.localdate(now, ZONE)
    old = (
        Breach.objects.filter(clock__support=None, at__lt=now - timedelta(days=1), reason="")
        .select_related("clock")
        .order_by("at", "pk")
    )
    for breach, (reason, note, action, no_action) in zip(old, EXPLAINED, strict=False):
        incident = Incident.objects.get(pk=breach.clock.record_id)
        person = people[breach.pk % len(people)]
        correction = incidents.services.Correction(
            title=action, responsible=person, due_on=day + timedelta(days=10)
        )
        incidents.services.explain_breach(
            incident, breach, reason=reason, note=note, agreement=breaches.proposed(breach), no_action=no_action,
            action=correction if action else None, actor=company.users["agent"].actor.via(Origin.IMPORT), now=now,
        )  # fmt: skip
    _exclude(company, now)


def _exclude(company: Company, now: datetime) -> None:
    """One approved with its evidence, one that waits for the manager."""
    ask, decide = (
        company.users["slm"].actor.via(Origin.IMPORT),
        company.users["manager"].actor.via(Origin.IMPORT),
    )
    misses = Breach.objects.filter(
        clock__support=None, clock__agreement_version__agreement__customer=None
    ).order_by("at", "pk")
    evidence = (
        "机房 11 月例行停电，通知已随工单附上，客户书面同意。",
        "客户值班电话无人接听，通话记录见工单。",
    )
    reasons = (Exclusion.Reason.PLANNED, Exclusion.Reason.CUSTOMER)
    for place, breach in enumerate(misses[:2]):
        record = breach.clock.record
        asked = exclusions.ask(
            record, breach.clock, reason=reasons[place], evidence=evidence[place], actor=ask, now=now
        )
        if place == 0:
            exclusions.decide(
                record,
                asked,
                decision=Exclusion.Decision.APPROVED,
                note="通知与同意均已核对。",
                actor=decide,
                now=now,
            )
