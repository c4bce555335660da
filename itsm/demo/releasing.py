# ruff: noqa: E501 - texts
"""The demo's releases: one deployed, watched, reported on and reviewed; one backed out; one being prepared."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

import cmdb.services
from accounts.access import Actor, Origin
from changes import assessing, carrying, closing, deciding, lifecycle, risks, targets, writing
from changes import services as changes
from changes.assessing import Judged
from changes.models import Assessment, Change, PostReview
from cmdb.models import Item, ItemType
from itsm.demo.company import Company
from releases import deploying, parting, reporting, services
from releases.models import FORWARD, Release

ZONE = ZoneInfo("Asia/Shanghai")
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
FINE = Judged(Assessment.Judgement.NONE, "无影响。")
HARMLESS = {"reach": 0, "backout": 0, "experience": 0, "parts": 0, "security": 0}
EVIDENCE = {
    "technology": "安装包校验通过，数据库脚本已评审。", "environment": "预生产环境与生产一致，磁盘余量 40%。",
    "team_trained": "应用组三人完成演练，记录见附件。", "notice": "发布通知已定稿，发布前一天发出。",
    "guide": "操作手册已按新版本更新并入库。",
}  # fmt: skip
STEPS = {
    "deploy": ("Install the new version", "安装新版本"),
    "test": ("Test in production with three users", "生产环境验证（三名业务用户）"),
    "inform": ("Inform the users", "通知用户"),
    "start": ("Start the service", "启动服务"),
    "back_out": ("Restore the snapshot", "恢复快照"),
}


@dataclass(frozen=True)
class Bundle:
    """A release with its one change: what, on which item, from which to which revision, on which day."""

    title: str
    title_zh: str
    change: str
    service: str
    item: tuple[str, str, str]
    revision: str
    day: int


ERP = Bundle(
    "ERP 3.8",
    "ERP 3.8 版发布",
    "ERP 应用服务器升级到 3.8",
    "erp",
    ("server", "ERP-APP-02", "3.7.2"),
    "3.8.0",
    -32,
)
MAIL = Bundle(
    "Mail gateway 5.1",
    "邮件网关 5.1 发布",
    "邮件网关升级到 5.1",
    "email",
    ("server", "MAIL-GW-01", "5.0.4"),
    "5.1.0",
    -60,
)
OFFICE = Bundle(
    "Office suite, autumn",
    "办公软件秋季版发布",
    "软件分发服务器升级办公软件包",
    "workplace",
    ("server", "SWD-01", "2026.1"),
    "2026.2",
    15,
)


def make(company: Company, *, now: datetime) -> None:
    """All of it. The past comes in as an import and is silent."""
    story = _Story(company, now)
    story.succeeded()
    story.backed_out()
    story.coming()


class _Story:
    def __init__(self, company: Company, now: datetime) -> None:
        self.company, self.now = company, now
        self.today = timezone.localtime(now, ZONE).replace(hour=0, minute=0, second=0, microsecond=0)

    def actor(self, username: str) -> Actor:
        return self.company.users[username].actor.via(Origin.IMPORT)

    def item(self, bundle: Bundle, at: datetime) -> Item:
        code, name, revision = bundle.item
        made = cmdb.services.add_item(
            item_type=ItemType.objects.get(code=code), name=name, revision=revision,
            owner=self.company.users["apps"], actor=self.actor("admin"), now=at,
        )  # fmt: skip
        cmdb.services.name_service(
            made, self.company.services[bundle.service], actor=self.actor("admin"), now=at
        )
        return made

    def change(self, bundle: Bundle, item: Item, start: datetime) -> Change:
        """Asked for, judged, approved and tested in the ten days before."""
        at, apps, slm = min(start - 10 * DAY, self.now - DAY), self.actor("apps"), self.actor("slm")
        found = changes.open_change(
            title=bundle.change, description="供应商发布新版本，修复已知缺陷。", category=lifecycle.NORMAL,
            nature=Change.Nature.COMPONENT, services=[self.company.services[bundle.service]], items=[item],
            reason="旧版本即将停止支持。", expected_effect="缺陷修复，功能不变。",
            assignee=self.company.users["apps"], actor=self.actor("agent"), now=at,
        )  # fmt: skip
        found = changes.submit(found, actor=self.actor("agent"), now=at)
        found = changes.accept(found, actor=self.actor("manager"), now=at)
        assessing.refresh(found, actor=slm, now=at)
        assessing.assess(found, dict.fromkeys(Assessment.Aspect.values, FINE), actor=slm, now=at)
        rows = {(row.agreement.pk, row.key): FINE for row in targets.promised(found, now=at)}
        assessing.judge_targets(found, rows, actor=slm, now=at)
        risks.answer(found, HARMLESS, actor=self.actor("manager"), now=at)
        facts = {
            "plan": "备份、停服、安装、验证、启动。", "backout_plan": "恢复快照，半小时内完成。",
            "test_plan": "预生产环境完整演练。", "planned_start_at": start, "planned_end_at": start + 3 * HOUR,
        }  # fmt: skip
        found = writing.write(Change.objects.get(pk=found.pk), facts, actor=apps, now=at)
        found = deciding.put_up(found, actor=self.actor("manager"), now=at)
        for username in ("slm", "manager", "admin"):
            current = Change.objects.get(pk=found.pk)
            for row in deciding.decidable(current, self.actor(username))[:1]:
                deciding.decide(
                    current, approve=True, conditions="", by_board=None, party=row.party, words="同意。",
                    actor=self.actor(username), now=at,
                )  # fmt: skip
        found = Change.objects.get(pk=found.pk)
        return carrying.note_test(found, result="passed", words="预生产环境通过。", actor=apps, now=at)

    def release(self, bundle: Bundle, change: Change, item: Item, start: datetime) -> Release:
        """Planned whole: plan, team, timetable, steps, change and item."""
        at, apps = min(start - 7 * DAY, self.now - 6 * HOUR), self.actor("apps")
        made = services.open_release(
            title=bundle.title, title_zh=bundle.title_zh, manager=self.company.users["manager"],
            description="随版本一并上线已批准的变更。", actor=self.actor("manager"), now=at,
        )  # fmt: skip
        facts = {
            "objective": "在维护窗口内把新版本投入使用，业务次日正常开工。",
            "expected_result": "新版本稳定运行，用户无感知。",
            "scope": f"{item.name} 及其承载的服务：{self.company.services[bundle.service].name_zh}。",
            "effect": "当晚服务中断约一小时，次日首次登录略慢。",
            "criteria": "两小时内关键流程验证未通过，即回退。",
            "planned_start_at": start, "planned_end_at": start + 3 * HOUR, "decide_at": start + 2 * HOUR,
            "decider": self.company.users["slm"],
        }  # fmt: skip
        services.write(made, facts, actor=apps, now=at, expected_version=None)
        who: dict[str, Any] = {"rules": services.RULES, "actor": apps, "now": at}
        for username, duty in (
            ("apps", "实施部署与回退"),
            ("network", "网络与监控"),
            ("agent", "通知用户、受理反馈"),
        ):
            parting.add(made, "members", {"person": self.company.users[username], "duty": duty}, **who)
        first, last = timezone.localdate(start, ZONE), timezone.localdate(start + DAY, ZONE)
        for title, due, username in (
            ("计划定稿", first - 2 * DAY, "apps"),
            ("发布通知发出", first - DAY, "agent"),
            ("次日业务确认", last, "manager"),
        ):
            facts = {"title": title, "due_on": due, "responsible": self.company.users[username]}
            parting.add(made, "nodes", facts, **who)
        for place, (sort, (en, zh)) in enumerate(STEPS.items()):
            planned = start + place * 35 * MINUTE if sort in FORWARD else start + 2 * HOUR
            facts = {
                "sort": sort,
                "title": en,
                "title_zh": zh,
                "position": services.place(sort, 0),
                "planned_at": planned,
            }
            parting.add(made, "steps", facts, **who)
        services.bundle(made, change=change, actor=apps, now=at)
        services.add_item(
            made, item=item, change=change, step=made.steps.get(sort="deploy"), revision=bundle.revision,
            actor=apps, now=at,
        )  # fmt: skip
        return made

    def meet(self, release: Release, sorts: tuple[str, ...], at: datetime) -> None:
        for check in release.checks.filter(sort__in=sorts):
            parting.meet(
                release, check.pk, evidence=EVIDENCE[check.sort], rules=services.RULES,
                actor=self.actor("network"), now=at,
            )  # fmt: skip

    def deployed(self, bundle: Bundle) -> tuple[Release, Change, datetime]:
        """Ready, and its deployment begun together with its change."""
        start = self.today + bundle.day * DAY + 20 * HOUR
        item = self.item(bundle, start - 20 * DAY)
        change = self.change(bundle, item, start)
        release = self.release(bundle, change, item, start)
        before = start - 2 * DAY
        self.meet(release, tuple(EVIDENCE), before)
        services.record_test(
            release,
            result="passed",
            words="预生产环境按计划演练一遍，用时 70 分钟，回退 12 分钟。",
            actor=self.actor("apps"),
            now=before,
        )
        services.make_ready(_fresh(release), actor=self.actor("manager"), now=before)
        carrying.start(Change.objects.get(pk=change.pk), actor=self.actor("apps"), now=start)
        return deploying.deploy(_fresh(release), actor=self.actor("manager"), now=start), change, start

    def finish(self, release: Release, sort: str, at: datetime, result: str) -> None:
        parting.start_step(
            release, release.steps.get(sort=sort).pk, rules=services.RULES, actor=self.actor("apps"), now=at - 20 * MINUTE,
        )  # fmt: skip
        deploying.finish_step(
            release, release.steps.get(sort=sort).pk, result=result, actor=self.actor("apps"), now=at
        )

    def done(self, change: Change, outcome: str, start: datetime) -> None:
        """The change is carried out, verified and reviewed."""
        apps, manager, at = self.actor("apps"), self.actor("manager"), start + 3 * HOUR
        current = Change.objects.get(pk=change.pk)
        carrying.log_step(current, what="随发布实施", started_at=start, ended_at=at, actor=apps, now=at)
        current = carrying.complete(
            Change.objects.get(pk=change.pk), outcome=outcome, words="见发布记录。", actor=apps, now=at
        )
        is_fine = outcome == "success"
        closing.verify(current, is_reached=is_fine, words="核对发布报告。", actor=manager, now=at + DAY)
        answers = dict.fromkeys(PostReview.Question.values, (is_fine, "" if is_fine else "见发布报告。"))
        closing.review(
            Change.objects.get(pk=change.pk),
            answers=answers,
            lessons="回退步骤应提前演练。",
            actor=manager,
            now=at + 2 * DAY,
        )

    def watch(self, release: Release, at: datetime, operation: str, feedback: str, lesson: str) -> None:
        for sort, words, said_by in (
            ("operation", operation, ""),
            ("feedback", feedback, "张伟，星河制造"),
            ("lesson", lesson, ""),
        ):
            reporting.observe(
                release, sort=sort, words=words, said_by=said_by, actor=self.actor("agent"), now=at
            )

    def judge(self, release: Release, at: datetime, first: str) -> None:
        """The incidents proposed: the first had to do with it, the others not."""
        from releases import related

        for place, proposed in enumerate(related.proposed(release)):
            words = first if place == 0 else "与本次发布无关。"
            reporting.judge_incident(
                release, incident=proposed.incident, is_related=place == 0, words=words,
                actor=self.actor("apps"), now=at,
            )  # fmt: skip

    def report(self, release: Release, analysis: str, conclusions: str, at: datetime) -> Release:
        handed = reporting.hand_in(
            _fresh(release), analysis=analysis, conclusions=conclusions, actor=self.actor("manager"), now=at
        )
        return reporting.review(
            handed,
            words="结论与记录一致，同意；经验已列入下次发布的检查项。",
            actor=self.actor("slm"),
            now=at + DAY,
        )

    def succeeded(self) -> None:
        """A month ago: in service, two weeks watched, reported and reviewed."""
        release, change, start = self.deployed(ERP)
        self.finish(release, "deploy", start + 35 * MINUTE, "安装用时 28 分钟，版本号核对为 3.8.0。")
        self.finish(release, "test", start + 80 * MINUTE, "下单、入库、结账三个流程通过。")
        deploying.decide(
            release,
            decision="go",
            words="关键流程全部通过。",
            actor=self.actor("slm"),
            now=start + 90 * MINUTE,
        )
        self.finish(release, "inform", start + 100 * MINUTE, "短信与邮件通知 86 人。")
        self.finish(release, "start", start + 110 * MINUTE, "对外服务已启动。")
        deploying.put_in_service(_fresh(release), actor=self.actor("manager"), now=start + 2 * HOUR)
        self.done(change, "success", start)
        self.watch(
            release,
            start + 3 * DAY,
            "上线后连续运行，CPU 与响应时间在基线以内。",
            "报表打开明显变快。",
            "发布前应预热缓存，避免次日首次登录变慢。",
        )
        end = start + 15 * DAY
        reporting.end_monitoring(_fresh(release), actor=self.actor("manager"), now=end)
        self.judge(_fresh(release), end, "升级后缓存未预热所致。")
        self.report(
            release, "部署按计划完成，提前一小时投入使用；次日首次登录变慢，原因是缓存未预热。",
            "发布成功。预热缓存写入操作手册，下一次发布作为检查项。", end + DAY,
        )  # fmt: skip

    def backed_out(self) -> None:
        """Two months ago: it failed its test in production and was backed out."""
        release, change, start = self.deployed(MAIL)
        self.finish(release, "deploy", start + 40 * MINUTE, "安装完成，版本号 5.1.0。")
        deploying.decide(
            release,
            decision="back_out",
            words="外发队列持续增长，超过回退条件。",
            actor=self.actor("slm"),
            now=start + 2 * HOUR,
        )
        self.finish(release, "back_out", start + 135 * MINUTE, "快照恢复，用时 12 分钟，队列清空。")
        deploying.back_out(_fresh(release), actor=self.actor("manager"), now=start + 140 * MINUTE)
        self.done(change, "backed_out", start)
        self.watch(
            release,
            start + 2 * DAY,
            "回退后收发正常，队列无积压。",
            "当晚发信延迟约一小时，次日恢复。",
            "新版本的反垃圾规则与现有白名单冲突，须先在副本上用真实流量测试。",
        )
        self.judge(_fresh(release), start + 15 * DAY, "回退前的规则拦截所致。")
        self.report(
            release, "新版本默认启用的规则拦截了内部系统发信，外发队列增长；在决策点回退，未影响次日业务。",
            "发布失败，已按计划回退。与供应商确认规则后重新提交变更。", start + 15 * DAY,
        )  # fmt: skip

    def coming(self) -> None:
        """In two weeks: planned, not tested yet, two points of the readiness still open."""
        start = self.today + OFFICE.day * DAY + 20 * HOUR
        item = self.item(OFFICE, self.now - 20 * DAY)
        change = self.change(OFFICE, item, start)
        release = self.release(OFFICE, change, item, start)
        self.meet(release, ("technology", "environment", "notice"), self.now - 3 * HOUR)


def _fresh(release: Release) -> Release:
    found: Release = Release.objects.get(pk=release.pk)
    return found
