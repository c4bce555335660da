"""The demo's accounts of itself: the desk's self-assessment, and reports on the relationship with customers."""
# ruff: noqa: E501 - texts

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.access import Origin
from accounts.services import system_actor
from actions import services as actions
from itsm.demo.company import Company
from servicereports import schedule
from servicereports.assessments import services as assessments
from servicereports.assessments.models import Assessment, SupervisoryBody, Verdict
from servicereports.relations import services as relations
from servicereports.relations.models import RelationReport
from servicereports.zones import provider_zone

REMARKS = {
    "answer_rate": "周一上午高峰期应答不足，已在周一增设一名坐席。",
    "first_response": "夜间工单首次响应偏慢，已调整夜班值守。",
    "resolution": "接口证书过期导致一次重大超时，证书已纳入到期监控。",
    "first_line": "ERP 类问题需转二线，正在补充知识文章。",
    "satisfaction": "样本较少，下期扩大调查范围。",
    "complaints": "一起投诉未按期答复，已重申答复时限。",
    "callbacks": "部分客户未接通，已安排二次回访。",
    "handovers": "交接均已确认。",
    "slips": "逐条核对并已整改。",
}
SUMMARY = (
    "本期服务台总体运行平稳。主要问题是周一上午话务高峰和夜间响应，均已采取措施；下期重点提升一线解决率。"
)
WORDS = {
    "words_en": "We work together well. The peak on Monday mornings was smoothed by a second agent; the third floor's printers are to be replaced this year.",
    "words_zh": "双方合作良好。周一上午的话务高峰通过增派坐席得到缓解；三楼打印机计划年内更换。",
}


def make(company: Company, *, now: datetime) -> None:
    """Last month's self-assessment is submitted, this month's being written; a quarter's reports wait."""
    lead, manager = company.users["slm"], company.users["manager"]
    body = SupervisoryBody.objects.create(
        name_en="Quality supervision committee", name_zh="质量监督委员会", person=manager, lead=lead
    )
    _assessments(company, body, now)
    made = relations.open_due(now=now)
    first, _last = schedule.span_of(timezone.localdate(now, provider_zone()), "quarter")
    for of in (company.customers["xinghe"], company.customers["haiyue"]):
        relations.draft(of, period="quarter", first=first, actor=system_actor().via(Origin.IMPORT), now=now)
    _approved(company, [report for report in made if report.of.code == "xinghe"], now)


def _assessments(company: Company, body: SupervisoryBody, now: datetime) -> None:
    lead = company.users["slm"]
    actor = lead.actor.via(Origin.IMPORT)
    first, _last = schedule.last_ended(timezone.localdate(now, provider_zone()), "month")
    row = assessments.open_assessment(
        body, period="month", first=first, lead=lead, actor=system_actor().via(Origin.IMPORT), now=now
    )
    said = {
        each.indicator: (_verdict(each), REMARKS[each.indicator] if each.figure else "本期无数据。")
        for each in row.judgements.all()
    }
    row = assessments.judge(row, said, summary=SUMMARY, actor=actor, now=now, expected_version=None)
    action: dict[str, Any] = {"source": "self_check", "cause": row, "actor": actor, "now": now}
    actions.open_action(
        title="周一上午增设坐席", description="8:30 至 11:00 固定两名坐席。", responsible=company.users["agent"],
        due_on=timezone.localdate(now + timedelta(days=10)), **action,
    )  # fmt: skip
    assessments.submit(Assessment.objects.get(pk=row.pk), actor=actor, now=now)


def _verdict(row: Any) -> str:
    from servicereports.assessments.indicators import reached

    kept = reached(row.indicator, row.figure, row.goal)
    return {True: Verdict.MET, False: Verdict.PARTLY, None: Verdict.NONE}[kept].value


def _approved(company: Company, reports: list[RelationReport], now: datetime) -> None:
    """The quarter's report on Xinghe was approved and shown; the year's waits."""
    actor = company.users["slm"].actor.via(Origin.IMPORT)
    for report in reports:
        if report.period == "quarter":
            row = relations.appraise(report, **WORDS, actor=actor, now=now)
            relations.show(relations.approve(row, actor=actor, now=now), actor=actor, now=now)
