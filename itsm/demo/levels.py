"""What the demo's services were measured at: outages, a planned interruption, series, and closed months."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts.services import system_actor
from catalog.models import Service
from itsm.demo.company import Company
from levels import credits as ledger
from levels import services
from levels.models import MeasuredValue, Source

ZONE = ZoneInfo("Asia/Shanghai")
DAYS = 60  # of series

# days ago, hour of the day, minutes, service, customer (None: all), minutes until users were told, note
OUTAGES = (
    (52, 10.5, 95, "erp", None, 15, "数据库主机故障，切换备机后恢复。"),
    (33, 14.0, 40, "network-access", "xinghe", 10, "接入交换机重启。"),
    (12, 15.25, 50, "erp", "xinghe", 20, "月末结账期间应用服务器内存耗尽。"),
    (4, 9.5, 70, "email", None, 0, "邮件网关证书过期。"),
    (2, 10.0, 25, "erp", "xinghe", 5, "数据库连接数耗尽。"),
)


def make(company: Company, *, now: datetime) -> None:
    """Two months of outages and series for Xinghe's agreement, and an interruption to come."""
    found = Service.objects.in_bulk(field_name="code")
    today = timezone.localtime(now, ZONE).replace(hour=0, minute=0, second=0)
    agent = company.users["agent"].actor
    for ago, hour, minutes, code, customer, told, note in OUTAGES:
        start = today - timedelta(days=ago) + timedelta(hours=hour)
        end = start + timedelta(minutes=minutes)
        services.record_outage(
            service=found[code], customer=company.customers[customer] if customer else None, started_at=start,
            ended_at=end, told_at=end + timedelta(minutes=told), source=Source.MONITORING, note=note,
            actor=agent, now=max(end + timedelta(minutes=told), now - timedelta(days=ago)),
        )  # fmt: skip
    _interruptions(company, found, today)
    _series(company, found, today, now)
    ledger.close_due(actor=system_actor(), now=now)


def _interruptions(company: Company, found: dict[str, Service], today: datetime) -> None:
    """One that took place a week ago at night, and one in five days."""
    plans: list[tuple[int, str, str, str]] = [
        (-7, "erp", "ERP database maintenance", "ERP 数据库维护"),
        (5, "network-access", "Core switch replacement", "核心交换机更换"),
    ]
    for days, code, english, chinese in plans:
        start = today + timedelta(days=days, hours=20)
        services.announce(
            services=[found[code]], customers=[company.customers["xinghe"]], starts_at=start,
            ends_at=start + timedelta(hours=3), reason_en=english, reason_zh=chinese, agreed_with="何静",
            actor=company.users["slm"].actor, now=start - timedelta(days=6),
        )  # fmt: skip


def _series(company: Company, found: dict[str, Service], today: datetime, now: datetime) -> None:
    """Daily values in one statement, as two months of deliveries would have left them."""
    rows = []
    for ago in range(DAYS, 0, -1):
        start = today - timedelta(days=ago)
        common: dict[str, Any] = {
            "started_at": start, "ended_at": start + timedelta(days=1),
            "customer": company.customers["xinghe"], "recorded_by": company.users["slm"], "recorded_at": now,
        }  # fmt: skip
        slow = Decimal("2.6") if ago % 17 == 3 else Decimal(110 + ago * 7 % 60) / 100
        rows.append(
            MeasuredValue(
                service=found["erp"],
                measure="transaction_time",
                value=slow,
                source=Source.MONITORING,
                **common,
            )
        )
        if start.weekday() < 5:
            offered = 40 + ago * 13 % 25
            rows.append(
                MeasuredValue(
                    service=found["workplace"], measure="answer_rate", numerator=offered - ago % 6,
                    denominator=offered, source=Source.CALLS, **common,
                )
            )  # fmt: skip
    MeasuredValue.objects.bulk_create(rows)
