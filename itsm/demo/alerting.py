"""A monitoring system of the demo: a source with two rules, and what it reported in the last days."""

from datetime import datetime, timedelta
from typing import Any

from accounts.access import Origin, Role
from accounts.models import Grant, Organisation, User
from catalog.models import Service
from itsm.demo.company import Company
from monitoring import services
from monitoring.models import Rule, Source
from monitoring.signals import Signal

# minutes ago it began, and ended (None: it goes on); alarm, item, severity, title
ALERTS = (
    (4300, 4240, "HostDown", "erp-app-01", "critical", "ERP 应用服务器无响应"),
    (190, 150, "LinkFlapping", "sw-suzhou-03", "critical", "苏州三号交换机链路抖动"),
    (120, 95, "LinkFlapping", "sw-suzhou-03", "critical", "苏州三号交换机链路抖动"),
    (70, None, "LinkFlapping", "sw-suzhou-03", "critical", "苏州三号交换机链路抖动"),
    (48, None, "DiskFull", "erp-db-01", "critical", "ERP 数据库服务器磁盘使用率 96%"),
    (35, None, "DiskFull", "erp-db-02", "critical", "ERP 备用数据库磁盘使用率 95%"),
    (30, None, "BackupLate", "nas-01", "warning", "夜间备份尚未完成"),
    (25, None, "CertExpires", "mail-gw-01", "info", "邮件网关证书将在 14 天后过期"),
)
LIVE = timedelta(days=1)


def make(company: Company, *, now: datetime) -> None:
    """Everything through the verb that takes real deliveries."""
    robot = User.objects.create_user(
        "monitoring", None, display_name="监控平台", language="zh-hans",
        organisation=Organisation.objects.get(code="provider"),
    )  # fmt: skip
    Grant.objects.create(user=robot, role=Role.INTEGRATION)
    source = Source.objects.create(
        account=robot, code="prometheus", name="Prometheus", kind=Source.Kind.ALERTMANAGER,
        on_recovery=Source.OnRecovery.RESOLVE,
    )  # fmt: skip
    xinghe: dict[str, Any] = {"source": source, "customer": company.customers["xinghe"], "is_active": True}
    Rule.objects.create(
        **xinghe, position=10, name="严重告警：按告警名称合并", conditions="severity = critical",
        requester=company.users["contact"], service=Service.objects.get(code="erp"), group_by="alertname",
        impact=1, urgency=2,
    )  # fmt: skip
    Rule.objects.create(
        **xinghe, position=20, name="提示信息不建单", conditions="severity = info", action=Rule.Action.IGNORE
    )
    told: list[tuple[datetime, Signal]] = []
    for began, ended, alarm, item, severity, title in ALERTS:
        start = now - timedelta(minutes=began)
        facts: dict[str, Any] = {
            "alarm": f"{alarm}@{item}", "item_name": item, "title": title, "severity": severity,
            "labels": {"alertname": alarm, "instance": item, "severity": severity}, "started_at": start,
        }  # fmt: skip
        told.append((start + timedelta(minutes=1), Signal(is_firing=True, **facts)))
        if ended is not None:
            over = now - timedelta(minutes=ended)
            told.append((over + timedelta(minutes=1), Signal(is_firing=False, ended_at=over, **facts)))
    for at, signal in sorted(told, key=lambda each: each[0]):
        # what is over since days told nobody anything: the demo's past is silent
        origin = Origin.API if now - at < LIVE else Origin.IMPORT
        services.receive(source, [signal], actor=robot.actor.via(origin), now=at)
