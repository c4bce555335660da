"""The demo's signed agreement with Xinghe: two OLAs and a UC behind it, one of them too loose for priority 1."""
# ruff: noqa: E501 - texts

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils import timezone

from itsm.demo.company import Company, terms_of_xinghe
from itsm.demo.signing import Signed, bring_into_force, silent
from levels import services, values
from levels.models import Source
from sla.models import Agreement
from sla.terms import SECTIONS, Section

ZONE = ZoneInfo("Asia/Shanghai")
BEGAN, ENTERED = timedelta(days=95), timedelta(days=75)
SAID = {
    "introduction": ("This agreement says which IT services Yunqi provides to Xinghe Manufacturing, how well, and what both sides do for it.", "本协议约定云启为星河制造提供的 IT 服务、服务水平以及双方的职责。"),
    "validity": ("Without a fixed end. Either party may end it with three months' notice; it is reviewed every year.", "长期有效。任何一方可提前三个月书面通知终止；每年评审一次。"),
    "approval": ("Agreed by both project managers and signed by both companies.", "经双方项目经理确认，由双方公司签署生效。"),
    "scope": ("All services of the catalogue for the head office and the branch plant.", "总部与分厂范围内服务目录所列全部服务。"),
    "contacts": ("Xinghe: He Jing, project manager. Provider: the service desk at any hour, the service level manager for this agreement.", "星河：项目经理何静。服务方：服务台全天受理，服务级别经理负责本协议。"),
    "service_hours": ("Monday to Friday during office hours. Critical tickets are worked on round the clock.", "周一至周五工作时间；紧急工单全天候处理。"),
    "interruptions": ("Announced five working days before and agreed with the project manager; usually after 20:00.", "提前五个工作日通知并经项目经理同意，一般安排在 20:00 以后。"),
    "customer_duties": ("Xinghe names who may approve, gives access to rooms and systems, and reports faults to the desk only.", "星河指定审批人，提供机房与系统访问条件，故障统一向服务台报告。"),
    "escalation": ("At half the time the team leader is told, at three quarters the service level manager, at the limit the manager on duty.", "用时过半告知组长，四分之三告知服务级别经理，到期告知值班经理。"),
    "complaints": ("To the service level manager; answered within one working day.", "向服务级别经理提出，一个工作日内答复。"),
    "changes": ("In writing by both project managers; each change is an edition of its own.", "由双方项目经理书面提出，每次变更形成新的版次。"),
    "continuity_security": ("The ERP system is restored from the second data centre within a day. Data stay within the country.", "ERP 系统可在一天内由备用机房恢复。数据不出境。"),
    "charges": ("A fixed fee per month; projects are offered separately.", "按月固定费用；项目另行报价。"),
    "interruption_procedure": ("The desk opens a ticket and tells the project manager within half an hour, then every two hours.", "服务台开立工单，半小时内通知项目经理，此后每两小时通报一次。"),
    "exceptions": ("Failures of Xinghe's own network or power. They are excluded only with evidence and by a second person.", "星河自有网络或供电故障；须有证据并由另一人批准后方可剔除。"),
    "reporting_review": ("A report each month by the fifth; a review once a year and after each major event.", "每月五日前提交服务报告；每年及每次重大事件后评审。"),
}  # fmt: skip
BY_THE_TABLES = "由条款表格列出 / told by the tables of the terms"
LOOSER = "网络组目前只在工作时间值班，夜间由值班经理电话协调；改进计划完成后复核。"


def make(company: Company, *, now: datetime) -> None:
    """Signed with a decision by name: the network team's promise does not carry priority 1 at night."""
    agreement = Agreement.objects.create(
        code="xinghe-sla", customer=company.customers["xinghe"],
        name_en="Xinghe service level agreement", name_zh="星河制造服务级别协议",
    )  # fmt: skip
    entered = now - ENTERED
    _sources_deliver(company, entered)
    begin = timezone.localtime(now - BEGAN, ZONE).replace(hour=0, minute=0, second=0)
    sections = {
        code: Section(*SAID[code]) if code in SAID else Section(not_applicable=BY_THE_TABLES)
        for code in SECTIONS
    }
    terms = replace(terms_of_xinghe(), sections=sections).dump()
    facts = Signed(
        effective_from=begin, at=entered, signer=("许国强", "信息中心主任"),
        signed_on=timezone.localdate(begin, ZONE) - timedelta(days=6), note="星河制造以书面方式同意。",
        decided={"resolution//1": LOOSER},
    )  # fmt: skip
    bring_into_force(company.users, agreement, terms, facts)


def _sources_deliver(company: Company, at: datetime) -> None:
    """Monitoring and the telephone system had told of something before they were relied on."""
    agent, day = silent(company.users, "agent"), timedelta(days=1)
    services.record_outage(
        service=company.services["erp"], started_at=at - 3 * day, ended_at=at - 3 * day + timedelta(minutes=4),
        source=Source.MONITORING, reference="probe-0001", note="监控接入测试：重启应用服务。", actor=agent, now=at - 2 * day,
    )  # fmt: skip
    values.deliver(
        service=company.services["erp"], measure="answer_rate", started_at=at - 2 * day, ended_at=at - day,
        source=Source.CALLS, numerator=Decimal(41), denominator=Decimal(43), actor=silent(company.users, "slm"), now=at,
    )  # fmt: skip
