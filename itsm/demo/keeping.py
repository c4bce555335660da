"""The demo's people and papers of agreements, and the layer below Xinghe's agreement."""
# ruff: noqa: E501 - texts

from datetime import datetime, timedelta

from django.utils import timezone

from accounts.access import Origin
from agreements import keepers, papers
from agreements.models import Edition, Keeper, Paper
from itsm.demo.company import Company
from sla.models import Agreement

Part = Keeper.Part
SHARED = (
    (Part.PROCESS_OWNER, "manager"),
    (Part.MANAGER, "slm"),
    (Part.COMMITTEE, "manager"),
    (Part.COMMITTEE, "admin"),
)
OWN = ((Part.OWNER, "slm"), (Part.MAINTAINER, "emma"), (Part.CUSTOMER_PROJECT_MANAGER, "contact"))


def make(company: Company, *, now: datetime) -> None:
    """The meeting agreement stands below the general one; both have people, one has its papers."""
    general = Agreement.objects.get(code="xinghe-sla")
    meeting = Agreement.objects.get(code="xinghe-meeting")
    meeting.parent = general
    meeting.save(update_fields=["parent"])
    slm = company.users["slm"].actor.via(Origin.IMPORT)
    since = now - timedelta(days=120)
    for part, name in SHARED:
        keepers.name(part, company.users[name], agreement=None, actor=slm, now=since)
    for agreement in (general, meeting):
        for part, name in OWN:
            keepers.name(part, company.users[name], agreement=agreement, actor=slm, now=since)
    edition = Edition.objects.filter(agreement=meeting).latest("edition_number")
    at = now - timedelta(days=9)
    papers.add(
        edition, kind=Paper.Kind.CONTRACT, number="XH-2026-017", title="星河制造 IT 服务框架合同",
        approved_by="周建国", approved_on=timezone.localdate(at), note="会议保障为该合同的附件。", actor=slm, now=at,
    )  # fmt: skip
    papers.add(
        edition, kind=Paper.Kind.COST, title="会议保障成本测算", note="按两名现场人员每月四十场会议计。", actor=slm, now=at,
    )  # fmt: skip
