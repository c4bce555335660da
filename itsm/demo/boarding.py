# ruff: noqa: E501 - tables
"""The demo's board of changes: windows, a meeting held and one to come, a collision that was avoided."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone, translation

import records.services
from accounts.access import Actor, Origin
from boards import minutes, services, session, slotting
from boards.models import BoardMeeting
from changes import assessing, carrying, closing, deciding, lifecycle, risks, targets, writing
from changes import services as changes
from changes.assessing import Judged
from changes.models import Assessment, Change, PostReview
from itsm.demo.company import Company
from levels import changing
from levels.change_models import AgreedNotice
from problems import services as problems
from problems.models import Problem
from sla.models import Agreement
from windows import booking
from windows import services as windows
from windows.models import Window

ZONE = ZoneInfo("Asia/Shanghai")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
RISKY = {"reach": 3, "backout": 2, "experience": 2, "parts": 2, "security": 2}
SEATS = (("slm", "服务级别"), ("network", "网络"), ("apps", "应用"), ("platform", "平台"))
FINE = Judged(Assessment.Judgement.NONE, "无影响。")


@dataclass(frozen=True)
class Planned:
    """A major change: what, for which services and items, when it is to be done in days from today."""

    title: str
    text: str
    services: tuple[str, ...]
    items: tuple[str, ...]
    day: int
    hour: float
    hours: float
    outage: float = 0  # minutes, from its beginning
    assignee: str = "network"


SWITCH = Planned(
    "核心交换机固件升级到 7.2", "修复已知的转发缺陷，升级期间机房 A 网络中断。", ("network-access",), (), 6, 22, 2, 40,
)  # fmt: skip
GATEWAY = Planned(
    "更换邮件网关证书并启用新域名",
    "证书即将到期，同时切换到新的域名。",
    ("email",),
    (),
    -3,
    20,
    2,
    assignee="apps",
)
ERP = Planned(
    "ERP 数据库扩容",
    "数据文件所在磁盘剩余不足一成，扩容并迁移。",
    ("erp",),
    ("erp-app",),
    8,
    17,
    3,
    30,
    "platform",
)
PATCH = Planned(
    "ERP 应用服务器补丁", "操作系统安全补丁。", ("erp",), ("erp-app",), ERP.day, 18, 2, assignee="apps"
)
VPN = Planned(
    "远程接入网关切换到双机",
    "现有网关为单点，切换为双机热备。",
    ("vpn", "network-access"),
    (),
    SWITCH.day,
    22.5,
    2,
)


def make(company: Company, *, now: datetime) -> None:
    """All of it. The past comes in as an import and is silent."""
    story = _Story(company, now)
    with timezone.override(ZONE), translation.override("zh-hans"):
        story.seats()
        story.past_meeting()
        story.avoided()
        story.coming_meeting()
        story.passed()
        story.windows_()


class _Story:
    def __init__(self, company: Company, now: datetime) -> None:
        self.company, self.now = company, now
        self.today = timezone.localtime(now, ZONE).replace(hour=0, minute=0, second=0, microsecond=0)

    def actor(self, username: str) -> Actor:
        return self.company.users[username].actor.via(Origin.IMPORT)

    def windows_(self) -> None:
        """A freeze at the end of the year, and a weekly window of the video meetings."""
        # far enough ahead not to catch what the demo plans for the next days
        year = (self.today + 30 * DAY).year
        start = datetime(year, 12, 28, tzinfo=ZONE)
        if start < self.today + 30 * DAY:
            year, start = year + 1, start.replace(year=year + 1)
        slm = self.actor("slm")
        windows.enter(
            kind=Window.Kind.FREEZE, name_en="Year-end closing", name_zh="年终结账封网", everything=True,
            starts_at=start, ends_at=datetime(year + 1, 1, 4, tzinfo=ZONE), actor=slm, now=self.now,
            reason="财务年终结账期间，除紧急变更外不做任何变更。",
        )  # fmt: skip
        windows.enter(
            kind=Window.Kind.MAINTENANCE, name_en="Video meetings, weekly maintenance", name_zh="视频会议每周维护窗口",
            recurs=Window.Recurs.WEEKLY, weekday=5, from_time=time(19), until_time=time(23),
            starts_at=self.today - 60 * DAY, services=[self.company.services["meeting"]], actor=slm, now=self.now,
            reason="周六晚间无会议。",
        )  # fmt: skip

    def seats(self) -> None:
        for username, part in SEATS:
            person = self.company.users[username]
            services.seat(
                person, part=part, has_vote=True, actor=self.actor("manager"), now=self.now - 40 * DAY
            )

    def passed(self) -> None:
        """The ERP's problem is to be solved by the change of its database."""
        problem = Problem.objects.filter(title__startswith="ERP stops answering").first()
        change = Change.objects.filter(title=ERP.title).first()
        if problem and change:
            problems.pass_to_change(problem, change, actor=self.actor("apps"), now=self.now - DAY)

    # --- changes ------------------------------------------------------------------------------------

    def change(self, planned: Planned, at: datetime) -> Change:
        """Asked for, judged, planned and put up for approval at an instant of the past."""
        manager, slm = self.actor("manager"), self.actor("slm")
        found: Change = changes.open_change(
            title=planned.title, description=planned.text, category=lifecycle.NORMAL,
            nature=Change.Nature.COMPONENT, services=[self.company.services[code] for code in planned.services],
            items=[self.company.items[code] for code in planned.items], reason=planned.text,
            expected_effect="按计划完成，业务无感知。", assignee=self.company.users[planned.assignee],
            actor=self.actor("agent"), now=at,
        )  # fmt: skip
        found = changes.submit(found, actor=self.actor("agent"), now=at)
        found = changes.accept(found, actor=manager, now=at)
        assessing.refresh(found, actor=slm, now=at)
        assessing.assess(found, dict.fromkeys(Assessment.Aspect.values, FINE), actor=slm, now=at)
        rows = {(row.agreement.pk, row.key): FINE for row in targets.promised(found, now=at)}
        assessing.judge_targets(found, rows, actor=slm, now=at)
        risks.answer(found, RISKY, is_major=True, actor=manager, now=at)
        start = self.today + planned.day * DAY + planned.hour * HOUR
        facts = {
            "plan": "1. 备份配置。2. 停止服务。3. 实施。4. 验证。5. 通知用户。", "backout_plan": "恢复备份；22:30 前决定是否回退。",
            "test_plan": "在测试环境完整执行一遍。", "planned_start_at": start,
            "planned_end_at": start + planned.hours * HOUR,
        }  # fmt: skip
        if planned.outage:
            facts |= {"outage_from": start, "outage_until": start + planned.outage * timedelta(minutes=1)}
        found = Change.objects.get(pk=found.pk)
        written: Change = writing.write(found, facts, actor=manager, now=at)
        return written

    def put_up(self, planned: Planned, at: datetime) -> Change:
        return deciding.put_up(self.change(planned, at), actor=self.actor("manager"), now=at)

    def approve_beside(self, change: Change, at: datetime) -> Change:
        """The other approvals than the board's, each by another leader."""
        owners = [row.person.username for row in change.approvals.filter(round=change.round) if row.person]
        for username in (*owners, "slm", "admin", "manager"):
            current = Change.objects.get(pk=change.pk)
            for row in deciding.decidable(current, self.actor(username))[:1]:
                deciding.decide(
                    current, approve=True, conditions="", by_board=None, party=row.party, words="同意。",
                    actor=self.actor(username), now=at,
                )  # fmt: skip
        found: Change = Change.objects.get(pk=change.pk)
        return found

    # --- meetings -----------------------------------------------------------------------------------

    def meeting(self, meets_at: datetime, planned_at: datetime) -> BoardMeeting:
        return services.plan(
            meets_at=meets_at, chair=self.company.users["manager"], place="三楼会议室", actor=self.actor("manager"),
            now=planned_at,
        )  # fmt: skip

    def past_meeting(self) -> None:
        """Six days ago: one change approved with conditions, one rejected; its minutes were sent."""
        at = self.today - 6 * DAY + 14 * HOUR
        switch, gateway = self.put_up(SWITCH, at - 3 * DAY), self.put_up(GATEWAY, at - 2 * DAY)
        manager = self.actor("manager")
        meeting = session.begin(self.meeting(at, at - DAY), actor=manager, now=at)
        votes = {
            switch.pk: (
                ("slm", "for", "客户已同意中断时间。"),
                ("apps", "for", ""),
                ("platform", "abstain", ""),
            ),
            gateway.pk: (
                ("slm", "against", "新域名未通知客户。"),
                ("network", "against", ""),
                ("platform", "for", ""),
            ),
        }
        for item in meeting.agenda.order_by("position"):
            for username, choice, words in votes[item.change_id]:
                session.vote(meeting, item, choice=choice, words=words, actor=self.actor(username), now=at)
        decisions = {
            switch.pk: ("conditional", "实施前完成配置备份\n备用交换机在现场待命", ""),
            gateway.pk: ("rejected", "", "新域名尚未通知客户，请补充沟通计划后重新提交。"),
        }
        for item in meeting.agenda.order_by("position"):
            decision, conditions, words = decisions[item.change_id]
            session.rule(
                meeting,
                item,
                decision=decision,
                conditions=conditions,
                words=words,
                actor=manager,
                now=at + HOUR,
            )
        held = session.end(meeting, actor=manager, now=at + HOUR)
        minutes.send(held, actor=manager, now=at + 2 * HOUR)
        self.announce(self.approve_beside(switch, at + 3 * HOUR), at + 4 * HOUR)

    def announce(self, change: Change, at: datetime) -> None:
        """Its interruption is told to the customers named in the agreements; five days' notice is agreed."""
        for agreement in Agreement.objects.filter(customer=self.company.customers["xinghe"], kind="sla"):
            AgreedNotice.objects.get_or_create(agreement=agreement, defaults={"hours": 120})
        if change.state == lifecycle.APPROVED:
            changing.announce(
                change, reason_en="Firmware of the core switch is upgraded.", reason_zh="核心交换机固件升级。",
                agreed_with="何静", actor=self.actor("slm"), now=at,
            )  # fmt: skip

    def coming_meeting(self) -> None:
        """The day after tomorrow: a change to be decided, and an emergency change looked at afterwards."""
        self.put_up(ERP, self.now - DAY)
        # not put up yet: the calendar says what it would collide with
        self.change(PATCH, self.now - 5 * HOUR)
        self.emergency(self.today - 2 * DAY + 3 * HOUR)
        meeting = self.meeting(self.today + 2 * DAY + 14 * HOUR, self.now - 3 * HOUR)
        services.invite(meeting, note="", actor=self.actor("manager"), now=self.now - 2 * HOUR)

    def emergency(self, at: datetime) -> None:
        """At night two days ago: authorised by one leader, done in an hour, reviewed; the board is to see it."""
        manager, apps = self.actor("manager"), self.actor("apps")
        change = changes.open_change(
            title="紧急：打印服务器漏洞补丁", description="漏洞正被利用，立即安装补丁。", category=lifecycle.EMERGENCY,
            nature=Change.Nature.COMPONENT, services=[self.company.services["printing"]], reason="安全漏洞。",
            expected_effect="漏洞关闭。", assignee=self.company.users["apps"], actor=self.actor("agent"), now=at,
        )  # fmt: skip
        change = changes.submit(change, actor=self.actor("agent"), now=at)
        change = deciding.authorise(change, words="不能等到下次会议。", actor=manager, now=at)
        for guard in ("plan", "test"):
            carrying.exempt(change, guard=guard, reason="漏洞正被利用。", actor=manager, now=at)
        change = carrying.start(change, actor=apps, now=at)
        carrying.log_step(
            change, what="安装补丁并重启", started_at=at, ended_at=at + HOUR, actor=apps, now=at + HOUR
        )
        change = carrying.complete(change, outcome="success", words="补丁已安装。", actor=apps, now=at + HOUR)
        change = closing.verify(
            change, is_reached=True, words="扫描未再发现漏洞。", actor=manager, now=at + 6 * HOUR
        )
        answers = dict.fromkeys(PostReview.Question.values, (True, ""))
        closing.review(
            change, answers=answers, lessons="补丁应在发布后三天内评估。", actor=manager, now=at + 7 * HOUR
        )

    def avoided(self) -> None:
        """A second change wanted the same night on the same gear: the calendar refused it, and it moved on."""
        at, manager = self.now - 20 * HOUR, self.actor("manager")
        change = self.change(VPN, at)
        try:
            deciding.put_up(change, actor=manager, now=at)
        except booking.Taken as taken:
            said = " ".join(taken.messages)
            start, end = slotting.next_times(change, now=at, after=change.planned_start_at, count=1)[0]
            facts = {"planned_start_at": start, "planned_end_at": end}
            change = writing.write(Change.objects.get(pk=change.pk), facts, actor=manager, now=at)
            deciding.put_up(change, actor=manager, now=at)
            records.services.comment(
                change, text=f"日历拒绝了原定时间，已改到下一个空闲时段。{said}", is_public=False,
                actor=self.actor("network"), now=at,
            )  # fmt: skip
