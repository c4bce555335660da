"""The demo's customers: grades, complaints, what they were asked and answered, calls to make."""
# ruff: noqa: E501 - texts

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.access import Actor, Origin
from accounts.models import User
from accounts.services import system_actor
from customers import callbacks, complaints, profiles, surveys
from customers.models import (
    AnswerTerm,
    CallbackRule,
    Complaint,
    Duty,
    Proposal,
    Questionnaire,
    Survey,
)
from customers.surveys import Asked
from incidents.models import Incident
from itsm.demo.company import Company
from records.models import Channel
from sla.models import Agreement

DAY = timedelta(days=1)
# customer -> class, grade, account manager, industry, address, telephone, what stays confidential
PROFILES = {
    "xinghe": (
        "enterprise",
        "a",
        "slm",
        "装备制造",
        "苏州工业园区星湖街 88 号",
        "0512 6288 0088",
        "合同价格与产线布局不得外传",
    ),
    "haiyue": (
        "medical",
        "b",
        "manager",
        "三级医院",
        "宁波市海曙区永丰路 16 号",
        "0574 8700 1616",
        "病历与患者信息不得外传",
    ),
    "mingde": ("education", "c", "", "民办学校", "", "0571 8500 2020", ""),
}
CONTACTS = {
    "xinghe": (("contact", "", "management", "信息部主管"), ("", "许国栋", "decision", "副总经理")),
    "haiyue": (("hospital", "", "management", "信息科科长"),),
}
CLOSING = (
    Asked("scale", "How content are you with how this was solved?", "您对本次处理结果满意吗？"),
    Asked("choice", "Was it quick enough?", "处理速度如何？", (("Yes", "及时"), ("Slow", "偏慢"), ("Much too slow", "太慢"))),
    Asked("text", "What could we do better?", "您希望我们在哪些方面改进？"),
)  # fmt: skip
YEARLY = (
    Asked("scale", "How content are you with our service as a whole?", "您对我们的整体服务满意吗？"),
    Asked("scale", "How well do we keep you informed?", "我们的信息沟通是否到位？"),
    Asked("text", "What do you wish for the next half year?", "下半年您有哪些期望？"),
)


def make(company: Company, *, now: datetime) -> None:
    """Profiles, complaints in every state, two surveys with and without answers, callbacks due."""
    leader, slm, agent = (_silent(company.users[name]) for name in ("manager", "slm", "agent"))
    Duty.objects.create(part=Duty.Part.SPECIALIST, user=company.users["slm"])
    Duty.objects.create(part=Duty.Part.LEADER, user=company.users["manager"])
    AnswerTerm.objects.create(days=5)
    AnswerTerm.objects.create(agreement=Agreement.objects.get(code="xinghe-sla"), days=3, is_working=True)
    _profiles(company, leader, now)
    _complaints(company, slm, agent, now)
    _surveys(company, leader, now)
    _callbacks(company, now)


def _silent(user: User) -> Actor:
    return user.actor.via(Origin.IMPORT)


def _profiles(company: Company, leader: Actor, now: datetime) -> None:
    doing: dict[str, Any] = {"actor": leader, "now": now - 60 * DAY}
    day = timezone.localdate(now - 60 * DAY)
    for code, (kind, grade, manager, industry, address, phone, secret) in PROFILES.items():
        customer = company.customers[code]
        for part, value, reason in (
            ("customer_class", kind, "按行业划分"),
            ("grade", "b" if grade == "a" else grade, "年度分级评审"),
        ):
            profiles.change(customer, part=part, value=value, reason=reason, effective_on=day, **doing)
        facts = {
            "account_manager": company.users.get(manager), "is_key": code == "xinghe", "industry": industry,
            "address": address, "phone": phone, "confidentiality": secret,
        }  # fmt: skip
        profiles.edit(customer, facts, version=profiles.profile_of(customer).version, **doing)
        for username, name, level, position in CONTACTS.get(code, ()):
            user = company.users.get(username)
            profiles.add_contact(customer, name=name, level=level, position=position, user=user, **doing)
    xinghe = company.customers["xinghe"]
    later: dict[str, Any] = {"actor": leader, "now": now - 9 * DAY}
    profiles.change(
        xinghe, part="grade", value="a", reason="新增二期厂区，年服务费超过百万元",
        effective_on=timezone.localdate(now - 10 * DAY), **later,
    )  # fmt: skip
    visit = profiles.plan_visit(
        xinghe, planned_on=timezone.localdate(now - 6 * DAY), purpose="季度走访", place="苏州一期厂区",
        visitor=company.users["slm"], **later,
    )  # fmt: skip
    profiles.record_visit(
        visit, held_on=timezone.localdate(now - 6 * DAY), people="何静、许国栋",
        findings="三楼打印机老化，希望年内更换；夜班联系方式需要张贴到车间。", actor=leader, now=now - 5 * DAY,
    )  # fmt: skip
    profiles.plan_visit(
        xinghe, planned_on=timezone.localdate(now + 20 * DAY), purpose="二期厂区开通前走访", place="苏州二期厂区",
        visitor=company.users["slm"], **later,
    )  # fmt: skip
    profiles.plan_publication(
        xinghe, title="半年度服务收支公示", due_on=timezone.localdate(now + 12 * DAY), every_months=6,
        agreement=Agreement.objects.get(code="xinghe-sla"), **later,
    )  # fmt: skip


def _complaints(company: Company, slm: Actor, agent: Actor, now: datetime) -> None:
    """One closed, one being looked into about a ticket, one overdue and major, one about a person, others."""
    _closed(company, slm, agent, now)
    _going(company, slm, agent, now)
    _kind_words(company, agent, now)


def _closed(company: Company, slm: Actor, agent: Actor, now: datetime) -> None:
    at = now - 20 * DAY
    done = _said(
        company,
        "contact",
        "电话等待时间过长",
        "周一上午拨打服务台，连续三次等待超过十分钟。",
        Channel.PHONE,
        agent,
        at,
    )
    done = complaints.acknowledge(done, actor=slm, now=at + timedelta(hours=2))
    done = complaints.judge(
        done, valid=True, reason="话务记录显示当日上午只有一名坐席在岗。", actor=slm, now=at + DAY
    )
    done = complaints.answer(
        done, text="非常抱歉。周一上午已增加一名坐席，等待时间会明确公布。", actor=slm, now=at + DAY
    )
    done = complaints.handle(
        done, text="周一 8:30 至 11:00 固定两名坐席，已写入排班。", actor=slm, now=at + 3 * DAY
    )
    contact = _silent(company.users["contact"])
    done = complaints.rate_outcome(done, score=4, words="已有改善。", actor=contact, now=at + 6 * DAY)
    complaints.close(done, actor=slm, now=at + 6 * DAY)


def _going(company: Company, slm: Actor, agent: Actor, now: datetime) -> None:
    ticket = (
        Incident.objects.filter(customer=company.customers["xinghe"])
        .exclude(done_at=None)
        .order_by("-done_at", "-pk")
        .first()
    )
    open_one = _said(
        company,
        "customer",
        "同一问题反复出现",
        "同样的故障这个月已经报了三次，每次都说已解决。",
        Channel.PORTAL,
        _silent(company.users["customer"]),
        now - DAY,
        about=ticket,
    )
    complaints.acknowledge(open_one, actor=slm, now=now - DAY + timedelta(hours=3))
    late = _said(
        company,
        "hospital",
        "夜间无人响应",
        "周六凌晨病区网络中断，值班电话无人接听。",
        Channel.LETTER,
        agent,
        now - 7 * DAY,
        is_major=True,
    )
    complaints.judge(late, valid=True, reason="值班记录与来电记录一致。", actor=slm, now=now - 6 * DAY)
    Complaint.objects.filter(pk=late.pk).update(alarm_at=None, overdue_at=late.due_at)
    person = _said(
        company,
        "school",
        "工程师态度生硬",
        "现场工程师拒绝说明处理步骤，态度生硬。",
        Channel.VISIT,
        agent,
        now - 2 * DAY,
        person=company.users["first"],
    )
    complaints.acknowledge(person, actor=slm, now=now - 2 * DAY + timedelta(hours=1))


def _kind_words(company: Company, agent: Actor, now: datetime) -> None:
    _said(
        company,
        "oliver",
        "Opening hours on the portal",
        "Please show on the start page when the desk is open on holidays.",
        Channel.PORTAL,
        _silent(company.users["oliver"]),
        now - 3 * DAY,
        nature="suggestion",
    )
    _said(
        company,
        "nurse",
        "感谢夜班同事",
        "夜里打印机卡纸，十分钟就处理好了，谢谢！",
        Channel.WECHAT,
        agent,
        now - 4 * DAY,
        nature="praise",
    )


def _said(
    company: Company, who: str, title: str, words: str, channel: str, actor: Actor, at: datetime, **more: Any
) -> Complaint:
    person = company.users[who]
    return complaints.receive(
        title=title, words=words, customer=person.organisation, requester=person, channel=channel,
        actor=actor, now=at, **more,
    )  # fmt: skip


def _surveys(company: Company, leader: Actor, now: datetime) -> None:
    closing = _questionnaire("closing", "How did it go?", "工单满意度调查", CLOSING, leader, now)
    yearly = _questionnaire("relationship", "How do we work together?", "客户关系调查", YEARLY, leader, now)
    at = now - 25 * DAY
    after = surveys.plan(
        purpose="closing",
        title="工单关闭后满意度",
        questionnaire=closing,
        customer=None,
        quiet_days=14,
        actor=leader,
        now=at,
    )
    after = surveys.begin(after, actor=leader, now=at)
    _asked(after, now)
    half = surveys.plan(
        purpose="periodic", title="下半年客户关系调查", questionnaire=yearly, customer=company.customers["xinghe"],
        audience=Survey.Audience.EVERYBODY, every_months=6, valid_days=30, actor=leader, now=now - 4 * DAY,
    )  # fmt: skip
    half = surveys.begin(half, actor=leader, now=now - 4 * DAY)
    first = half.invitations.get(person=company.users["customer"])
    scale, informed, wish = yearly.questions.values_list("pk", flat=True)
    given = {scale: 4, informed: 3, wish: "希望提前告知计划停机。"}
    surveys.answer(first, given, way="link", actor=_silent(first.person), now=now - 3 * DAY)


def _questionnaire(
    code: str, en: str, zh: str, questions: tuple[Asked, ...], leader: Actor, now: datetime
) -> Questionnaire:
    return surveys.make_questionnaire(
        code=code, name_en=en, name_zh=zh, questions=questions, actor=leader, now=now,
        intro_en="It takes a minute. You may leave out any question.", intro_zh="约需一分钟，任何问题都可以不答。",
    )  # fmt: skip


def _asked(survey: Survey, now: datetime) -> None:
    """People asked after their closed tickets: content ones, one who is not, and some who do not answer."""
    scale, quick, words = survey.questionnaire.questions.values_list("pk", flat=True)
    given: tuple[dict[int, Any] | None, ...] = (
        {scale: 5, quick: 1}, None, {scale: 4, quick: 1}, {scale: 1, quick: 3, words: "等了两天没有人联系我。"}, None,
        {scale: 4}, {scale: 5, quick: 1, words: "很及时。"}, None,
    )  # fmt: skip
    tickets = (
        Incident.objects.filter(state="closed")
        .select_related("requester__organisation")
        .order_by("-done_at", "-pk")
    )
    silent = system_actor().via(Origin.IMPORT)
    for ticket, answers in zip(tickets[: len(given)], given, strict=False):
        at = max(ticket.done_at or now, now - 13 * DAY)
        invitation = surveys.ask_about(ticket, survey, actor=silent, now=at)
        if answers is not None:
            when = min(at + timedelta(hours=5), now)
            surveys.answer(invitation, answers, way="link", actor=_silent(ticket.requester), now=when)
    assert Proposal.objects.exists() or not tickets  # noqa: S101 - somebody is not content


def _callbacks(company: Company, now: datetime) -> None:
    """Calls about the latest closed tickets: one made, one tried in vain, the others due, one overdue."""
    rule = CallbackRule.objects.create(due_days=7)
    tickets = list(Incident.objects.filter(state="closed").order_by("-done_at", "-pk")[:6])
    made = [
        callbacks.make(row, rule, closed_at=row.done_at or now, now=row.done_at or now) for row in tickets
    ]
    caller = _silent(company.users["manager"])
    if len(made) > 2:
        callbacks.record(
            made[0], is_reached=True, content="yes", words="已恢复正常，满意。", actor=caller, now=now
        )
        callbacks.record(
            made[1], is_reached=False, words="占线", next_at=now + timedelta(hours=4), actor=caller, now=now
        )
