"""The demo's people and papers of agreements, and one that is near its end."""
# ruff: noqa: E501 - texts

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts.access import Actor, Origin
from agreements import keepers, papers
from agreements.models import Edition, Keeper, Paper
from itsm.demo.company import Company
from itsm.demo.signing import Signed, bring_into_force
from sla.models import Agreement, ServicePackage
from sla.terms import SECTIONS

ZONE = ZoneInfo("Asia/Shanghai")
SECTIONS_SAID = {
    "introduction": {
        "en": "Support of the workplaces of Mingde Education.",
        "zh": "明德教育办公终端的日常支持。",
    },
    "scope": {"en": "All services of the catalogue at the main campus.", "zh": "主校区目录内全部服务。"},
    "charges": {"en": "A fixed fee per month.", "zh": "按月固定费用。"},
}
Part = Keeper.Part
SHARED = (
    (Part.PROCESS_OWNER, "manager"),
    (Part.MANAGER, "slm"),
    (Part.COMMITTEE, "manager"),
    (Part.COMMITTEE, "admin"),
)
OWN = ((Part.OWNER, "slm"), (Part.MAINTAINER, "emma"), (Part.CUSTOMER_PROJECT_MANAGER, "contact"))


def make(company: Company, *, now: datetime) -> None:
    """The general agreement and the one below it have people, one has its papers."""
    general = Agreement.objects.get(code="xinghe-sla")
    meeting = Agreement.objects.get(code="xinghe-meeting")
    slm = _silent(company, "slm")
    since = now - timedelta(days=120)
    for part, name in SHARED:
        keepers.name(part, company.users[name], agreement=None, actor=slm, now=since)
    for agreement in (general, meeting):
        for part, name in OWN:
            named = now - timedelta(days=10)
            keepers.name(part, company.users[name], agreement=agreement, actor=slm, now=named)
    edition = Edition.objects.filter(agreement=meeting).latest("edition_number")
    at = now - timedelta(days=9)
    papers.add(
        edition, kind=Paper.Kind.CONTRACT, number="XH-2026-017", title="星河制造 IT 服务框架合同",
        approved_by="周建国", approved_on=timezone.localdate(at), note="会议保障为该合同的附件。", actor=slm, now=at,
    )  # fmt: skip
    papers.add(
        edition, kind=Paper.Kind.COST, title="会议保障成本测算", note="按两名现场人员每月四十场会议计。", actor=slm, now=at,
    )  # fmt: skip
    _near_its_end(company, now=now)


def _silent(company: Company, name: str) -> Actor:
    return company.users[name].actor.via(Origin.IMPORT)


def _near_its_end(company: Company, *, now: datetime) -> None:
    """Mingde's agreement, in force since last year and soon to be renewed or ended."""
    agreement = Agreement.objects.create(
        code="mingde-sla", customer=company.customers["mingde"],
        name_en="Mingde Education service agreement", name_zh="明德教育服务协议",
    )  # fmt: skip
    begin = timezone.localtime(now, ZONE).replace(hour=0, minute=0, second=0) - timedelta(days=320)
    facts = Signed(
        effective_from=begin, effective_until=begin + timedelta(days=365), at=begin - timedelta(days=20),
        signer=("孙立", "信息中心主任"), note="明德教育以书面方式同意。",
    )  # fmt: skip
    bring_into_force(company.users, agreement, _terms(), facts)


def _terms() -> dict[str, Any]:
    """The desk rule for a year, then on until it is renewed."""
    package = ServicePackage.objects.get(code="desk-rule")
    left = {"not_applicable": "见通用服务条款 / as in the general terms of service"}
    return {
        **package.terms,
        "sections": {code: SECTIONS_SAID.get(code, left) for code in SECTIONS},
        "renewal": {"at_end": "continues", "prompt_days": [90, 60, 30]},
        "reports": [{"kind": "service_level", "period": "month"}],
        "cost": {"amount": 3200, "currency": "CNY", "per": "month"},
    }
