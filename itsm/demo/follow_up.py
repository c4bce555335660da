"""The demo's review meetings, what was decided there, and the plan that came of it."""
# ruff: noqa: E501 - texts

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts.access import Actor, Origin
from actions import plans
from actions import services as actions
from actions.models import Action, ImprovementPlan
from incidents.models import Incident
from itsm.demo.company import Company
from reviews import services as reviews
from reviews.models import Review
from sla.models import Agreement, Breach

ZONE = ZoneInfo("Asia/Shanghai")
# topic -> what was said, in both languages
SAID = {
    "issues": ("Two outages of the ERP system and slow replies on Mondays.", "ERP 系统两次中断，周一回复偏慢。"),
    "trends": ("Fewer printing tickets since the new driver; more questions about remote access.", "新驱动上线后打印事件减少，远程接入咨询增多。"),
    "services": ("Video meetings move to the new platform next quarter.", "视频会议下季度迁移到新平台。"),
    "procedures": ("A shift leader on Mondays: half a post more at the desk.", "周一增设班长，服务台需增加半个岗位。"),
    "missed": ("Priority 1 was missed where the network team works office hours only.", "网络组仅在工作时间值班，紧急事件因此未达标。"),
    "cost": ("Within the budget.", "在预算之内。"),
    "actions": ("First review, nothing was open.", "首次评审，无遗留行动项。"),
    "satisfaction": ("Better than last year; wishes faster first replies.", "较去年有所改善，希望首次响应更快。"),
}  # fmt: skip


def make(company: Company, *, now: datetime) -> None:
    """A yearly review held three days ago with its minutes, one to come, three actions and a plan."""
    agreement = Agreement.objects.get(code="xinghe-sla")
    at = now - timedelta(days=3)
    slm = company.users["slm"].actor.via(Origin.IMPORT)
    review = _held(company, agreement, slm, at)
    ahead = timezone.localtime(now + timedelta(days=12), ZONE).replace(hour=14, minute=0, second=0)
    today = timezone.localdate(now, ZONE)
    reviews.plan(
        meeting=Review.Meeting.EXTRA, agreement=agreement, meets_at=ahead, place="星河制造 3 号会议室", chair=company.users["slm"],
        period_from=today - timedelta(days=30), period_until=today, actor=slm, now=at, cause=_major(agreement),
    )  # fmt: skip
    plan = plans.propose(
        title="Keep priority 1 around the clock", title_zh="紧急事件全天候达标", agreement=agreement, cause=review,
        objective="紧急事件全天候有人处理，解决时限达标。", owner=company.users["network"], people="网络组全员，服务台班长",
        resources="轮值补贴，监控大屏一块", starts_on=today, ends_on=today + timedelta(days=90),
        indicator="优先级 1 解决达成率", value_before="75 %", value_wanted="95 %", actor=slm, now=at,
    )  # fmt: skip
    manager = company.users["manager"].actor.via(Origin.IMPORT)
    plans.start(plans.approve(plan, actor=manager, now=at), actor=slm, now=at)
    _actions(company, agreement, review, plan, slm, at)


def _held(company: Company, agreement: Agreement, slm: Actor, at: datetime) -> Review:
    last = timezone.localdate(at, ZONE) - timedelta(days=1)
    review = reviews.plan(
        meeting=Review.Meeting.YEARLY, agreement=agreement, meets_at=at, place="线上会议", chair=company.users["slm"],
        period_from=last - timedelta(days=364), period_until=last, actor=slm, now=at - timedelta(days=20),
    )  # fmt: skip
    for name, role in (("agent", "服务台组长"), ("network", "网络组")):
        review = reviews.add_participant(
            review, person=company.users[name], name="", side="provider", role=role, actor=slm, now=at
        )
    review = reviews.add_participant(
        review, person=None, name="许经理", side="customer", role="客户项目经理", actor=slm, now=at
    )
    notes = {item.pk: SAID[item.topic] for item in review.agenda.all()}
    review = reviews.write_notes(review, notes, actor=slm, now=at, expected_version=review.version)
    review = reviews.record_meeting(review, held_at=at, actor=slm, now=at)
    review = reviews.rate(
        review, score=4, comment="响应比去年快，周一仍需改进。", person="何静", actor=slm, now=at
    )
    return reviews.send_minutes(review, actor=slm, now=at)


def _major(agreement: Agreement) -> Incident | None:
    """A critical ticket of the customer, the latest."""
    found: Incident | None = (
        Incident.objects.filter(customer=agreement.customer, priority=1).order_by("-opened_at").first()
    )
    return found


def _actions(
    company: Company,
    agreement: Agreement,
    review: Review,
    plan: ImprovementPlan,
    slm: Actor,
    at: datetime,
) -> None:
    """One under way, one overdue, one done whose effect is to be judged."""
    day = timezone.localdate(at, ZONE)
    rota = actions.open_action(
        source=Action.Source.IMPROVEMENT, title="网络组夜间与周末轮值表", description="按周排班，含备岗与交接要求。",
        responsible=company.users["network"], due_on=day + timedelta(days=17), agreement=agreement, plan=plan, cause=review,
        resources="轮值补贴", effect_check_on=day + timedelta(days=60), actor=slm, now=at,
    )  # fmt: skip
    actions.start(rota, actor=company.users["network"].actor.via(Origin.IMPORT), now=at + timedelta(hours=3))
    actions.open_action(
        source=Action.Source.REVIEW, title="向星河提交待更换打印机清单", description="评审中约定。", responsible=company.users["first"],
        due_on=day + timedelta(days=2), agreement=agreement, cause=review, actor=slm, now=at,
    )  # fmt: skip
    missed = Breach.objects.filter(clock__agreement_version__agreement=agreement).order_by("at").first()
    done = actions.open_action(
        source=Action.Source.BREACH, title="周一早高峰增加一名坐席", description="未达标原因为周一工作量集中。",
        responsible=company.users["agent"], due_on=day + timedelta(days=2), agreement=agreement,
        cause=missed.clock.record if missed else review, actor=slm, now=at,
    )  # fmt: skip
    agent = company.users["agent"].actor.via(Origin.IMPORT)
    actions.finish(
        done, outcome="已调整排班，周一 8:30 至 11:00 增加一名坐席。", actor=agent, now=at + timedelta(days=1)
    )
