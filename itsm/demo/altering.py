# ruff: noqa: E501 - texts
"""The demo's changes beside the board's: a standard one, one between its approvals, an emergency, a failed one."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone, translation

from accounts.access import Actor, Origin
from changes import (
    assessing,
    carrying,
    closing,
    deciding,
    lifecycle,
    risks,
    services,
    targets,
    templates,
    unauthorised,
    writing,
)
from changes.assessing import Judged
from changes.closing import FollowUp
from changes.models import Assessment, Change, ChangeTemplate, PostReview
from incidents.models import Incident
from itsm.demo.company import Company
from records.models import Link
from records.services import link

ZONE = ZoneInfo("Asia/Shanghai")
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
FINE = Judged(Assessment.Judgement.NONE, "无影响。")
MODEL = {
    "name_en": "Restart the mail gateway", "name_zh": "重启邮件网关", "nature": Change.Nature.CONFIGURATION,
    "description": "邮件队列持续增长且重试无效时使用。", "expected_effect": "十分钟内积压邮件全部投递。",
    "plan": "1. 将流量切到备用网关。\n2. 停止主网关服务并清空临时目录。\n3. 启动主网关，检查队列长度。\n4. 切回流量。",
    "backout_plan": "保持备用网关承载全部流量，主网关停用待查。", "test_plan": "在备用网关上演练全部步骤。",
    "test_words": "9 月 12 日演练记录：全程 11 分钟，无邮件丢失。", "minutes": 20, "risk": 1,
}  # fmt: skip
DRAFT_MODEL = {
    "name_en": "Replace a printer's toner and rollers", "name_zh": "更换打印机耗材与搓纸轮", "nature": Change.Nature.COMPONENT,
    "expected_effect": "打印质量恢复，卡纸率下降。", "plan": "1. 通知使用者。2. 关机更换。3. 打印测试页 20 张。",
    "backout_plan": "装回原部件。", "test_plan": "在备机上更换一次。", "test_words": "备机更换记录，打印 100 张无卡纸。",
    "minutes": 30, "risk": 1,
}  # fmt: skip
HIGH = {"reach": 2, "backout": 1, "experience": 1, "parts": 2, "security": 1}


class _Story:
    def __init__(self, company: Company, now: datetime) -> None:
        self.company, self.now = company, now
        self.today = timezone.localtime(now, ZONE).replace(hour=0, minute=0, second=0, microsecond=0)

    def by(self, name: str) -> Actor:
        return self.company.users[name].actor.via(Origin.IMPORT)

    def assessed(self, change: Change, at: datetime, answers: dict[str, int], bad: str = "") -> Change:
        """Submitted, accepted, rated and judged; ``bad`` says what happens to the first promise."""
        manager, slm = self.by("manager"), self.by("slm")
        change = services.submit(change, actor=self.by("agent"), now=at)
        change = services.accept(change, actor=manager, now=at)
        assessing.assess(change, dict.fromkeys(Assessment.Aspect.values, FINE), actor=slm, now=at)
        judged = {(row.agreement.pk, row.key): FINE for row in targets.promised(change, now=at)}
        if bad:
            slight = Judged(Assessment.Judgement.SLIGHT, bad)
            assessing.assess(change, {"users": slight, "reliability": slight}, actor=slm, now=at)
            judged[next(iter(judged))] = Judged("at_risk", bad)
        assessing.judge_targets(change, judged, actor=slm, now=at)
        return risks.answer(change, answers, actor=manager, now=at)

    def planned(
        self, change: Change, start: datetime, hours: float, plan: str, way_back: str, at: datetime
    ) -> Change:
        facts = {
            "plan": plan, "backout_plan": way_back, "test_plan": "在测试环境完整演练一次。",
            "planned_start_at": start, "planned_end_at": start + hours * HOUR,
        }  # fmt: skip
        return writing.write(change, facts, actor=self.by("apps"), now=at)


def make(company: Company, *, now: datetime) -> None:
    """All of it. The past comes in as an import and is silent."""
    story = _Story(company, now)
    with timezone.override(ZONE), translation.override("zh-hans"):
        _standard(story)
        _between(story)
        _emergency(story)
        _failed(story)
        _unauthorised(story)


def _model(story: _Story) -> ChangeTemplate:
    """One approved model, and one that waits for a second pair of eyes."""
    at = story.now - 60 * DAY
    facts = {**MODEL, "service": story.company.services["email"]}
    made = templates.propose(code="mail-gateway-restart", facts=facts, actor=story.by("slm"), now=at)
    approved = templates.approve(made, actor=story.by("manager"), now=at + DAY)
    facts = {**DRAFT_MODEL, "service": story.company.services["printing"]}
    templates.propose(code="printer-parts", facts=facts, actor=story.by("slm"), now=story.now - 2 * DAY)
    return approved


def _standard(story: _Story) -> None:
    """Done by its model, verified and closed without a meeting."""
    model, at = _model(story), story.today - 12 * DAY + 10 * HOUR
    apps = story.by("apps")
    change = services.open_change(
        title="", description="上午十点起队列超过 4,000 封，重试无效。", reason="邮件投递延迟超过 20 分钟。",
        category=lifecycle.STANDARD, nature="", template=model, items=[story.company.items["mail"]],
        assignee=story.company.users["apps"], actor=story.by("agent"), now=at,
    )  # fmt: skip
    change = services.take_standard(change, actor=story.by("agent"), now=at)
    change = carrying.start(change, actor=apps, now=at + 10 * MINUTE)
    for what, first, last in (
        ("切换到备用网关", 10, 14),
        ("重启主网关，检查队列", 14, 22),
        ("切回流量", 22, 25),
    ):
        carrying.log_step(
            change, what=what, started_at=at + first * MINUTE, ended_at=at + last * MINUTE, actor=apps,
            now=at + last * MINUTE,
        )  # fmt: skip
    change = carrying.complete(
        change, outcome="success", words="队列在八分钟内清空。", actor=apps, now=at + 25 * MINUTE
    )
    change = closing.verify(
        change,
        is_reached=True,
        words="监控：11 点后投递时间恢复到 30 秒以内。",
        actor=story.by("manager"),
        now=at + 2 * HOUR,
    )
    closing.close(change, actor=story.by("manager"), now=at + 2 * HOUR)


def _between(story: _Story) -> None:
    """Waiting: one approval given on a condition, others not; and a round before that does not count."""
    at = story.now - 3 * DAY
    change = services.open_change(
        title="统一认证升级到 4.0 / Single sign-on to 4.0", category=lifecycle.NORMAL, nature=Change.Nature.COMPONENT,
        description="从 3.9 升级到 4.0，登录页与令牌格式均有变化。", reason="3.9 于年底停止安全更新。",
        expected_effect="登录时间低于 2 秒，支持通行密钥。", items=[story.company.items["sso"]],
        services=[story.company.services["accounts"]], wanted_on=(story.today + 20 * DAY).date(),
        assignee=story.company.users["apps"], actor=story.by("agent"), now=at,
    )  # fmt: skip
    change = story.assessed(change, at, HIGH, "切换时全部用户需重新登录一次，首小时咨询量上升。")
    change = story.planned(
        change, story.today + 13 * DAY + 6 * HOUR, 3, "1. 备份数据库与密钥。\n2. 升级节点一并验证。\n3. 升级节点二。\n4. 验证六个业务系统的登录。",
        "恢复快照，DNS 切回旧节点；07:30 为决定点。", at,
    )  # fmt: skip
    change = deciding.put_up(change, actor=story.by("manager"), now=at + HOUR)
    change = writing.write(
        change, {"backout_plan": "恢复快照，DNS 切回旧节点，同时恢复旧令牌密钥；07:30 为决定点。"},
        actor=story.by("apps"), now=at + 5 * HOUR, reason="回退时旧令牌也要有效。",
    )  # fmt: skip
    for row in change.approvals.filter(round=change.round, result="")[:1]:
        person = row.person.username if row.person else "slm"
        deciding.decide(
            change, approve=True, conditions="提前三天在门户发布公告。\n升级前由网络组检查双机心跳。", by_board=None,
            words="同意，回退方案已补全。", actor=story.by(person), now=story.now - DAY,
        )  # fmt: skip


def _emergency(story: _Story) -> None:
    """Authorised by one leader at night, done; the board has still to look at it."""
    at = story.today - 2 * DAY + 21 * HOUR
    apps = story.by("apps")
    change = services.open_change(
        title="紧急关闭 VPN 网关的老旧加密套件 / Old ciphers of the VPN gateway off", category=lifecycle.EMERGENCY,
        nature=Change.Nature.CONFIGURATION, description="供应商通报高危漏洞，攻击代码已公开。",
        reason="漏洞可被未认证的攻击者利用。", expected_effect="漏洞扫描不再报告该项，现有用户可正常接入。",
        items=[story.company.items["vpn"]], services=[story.company.services["vpn"]],
        assignee=story.company.users["apps"], actor=story.by("agent"), now=at,
    )  # fmt: skip
    change = services.submit(change, actor=story.by("agent"), now=at)
    change = writing.write(
        change,
        {"plan": "关闭受影响的套件，重启服务，重新扫描。", "backout_plan": "恢复配置备份。"},
        actor=apps,
        now=at,
    )
    change = deciding.authorise(
        change,
        words="不能等到明天的会议，攻击已在外部出现。",
        actor=story.by("manager"),
        now=at + 10 * MINUTE,
    )
    carrying.exempt(
        change,
        guard="test",
        reason="没有同型号的测试设备，配置可在一分钟内恢复。",
        actor=story.by("slm"),
        now=at + 12 * MINUTE,
    )
    change = carrying.start(change, actor=apps, now=at + 15 * MINUTE)
    carrying.log_step(
        change, what="关闭套件并重启服务", result="中断 40 秒", started_at=at + 16 * MINUTE, ended_at=at + 20 * MINUTE,
        actor=apps, now=at + 20 * MINUTE,
    )  # fmt: skip
    change = carrying.complete(
        change, outcome="success", words="扫描已无此项，用户自动重连。", actor=apps, now=at + 40 * MINUTE
    )
    closing.verify(
        change,
        is_reached=True,
        words="次日接入 312 人，无相关工单。",
        actor=story.by("manager"),
        now=at + 14 * HOUR,
    )


def _backed_out(story: _Story, change: Change, start: datetime) -> Change:
    """Carried out until the drivers were not trusted, and taken back."""
    platform = story.by("platform")
    change = carrying.start(change, actor=platform, now=start)
    for what, result, first, last in (
        ("快照并升级平台", "正常", 0, 45), ("分发驱动到 60 台电脑", "22 台失败，证书不受信任", 45, 80),
        ("决定回退，恢复快照", "全部打印机恢复", 85, 105),
    ):  # fmt: skip
        carrying.log_step(
            change, what=what, result=result, started_at=start + first * MINUTE, ended_at=start + last * MINUTE,
            actor=platform, now=start + last * MINUTE,
        )  # fmt: skip
    change = carrying.complete(
        change,
        outcome="backed_out",
        words="驱动签名证书不受信任，按计划回退。",
        actor=platform,
        now=start + 110 * MINUTE,
    )
    return closing.verify(
        change,
        is_reached=False,
        words="回退后各楼层打印正常；新型号仍需手工安装。",
        actor=story.by("manager"),
        now=start + 12 * HOUR,
    )


def _failed(story: _Story) -> None:
    """Failed, backed out, and reviewed: two incidents counted back to it, and a lesson that became work."""
    at = story.today - 25 * DAY + 9 * HOUR
    start = story.today - 22 * DAY + 20 * HOUR
    platform = story.by("platform")
    change = services.open_change(
        title="打印管理平台升级到 5.0 / Print platform to 5.0", category=lifecycle.NORMAL, nature=Change.Nature.COMPONENT,
        description="升级打印管理平台并更换驱动分发方式。", reason="4.2 不支持新型号打印机。",
        expected_effect="新型号打印机可自动安装驱动。", items=[story.company.items["print-app"]],
        services=[story.company.services["printing"]], assignee=story.company.users["platform"],
        actor=story.by("agent"), now=at,
    )  # fmt: skip
    change = story.assessed(
        change, at, {"reach": 1, "backout": 0, "experience": 1, "parts": 0, "security": 0}
    )
    change = story.planned(
        change,
        start,
        2,
        "1. 快照。2. 升级。3. 分发驱动。4. 每层打印测试页。",
        "恢复快照；21:30 为决定点。",
        at,
    )
    change = deciding.put_up(change, actor=story.by("manager"), now=at)
    while change.state == lifecycle.APPROVING:
        row = change.approvals.filter(round=change.round, result="")[0]
        person = row.person.username if row.person else "slm"
        change = deciding.decide(
            change, approve=True, conditions="", by_board=None, actor=story.by(person), now=at
        )
    change = carrying.note_test(
        change, result="passed", words="测试机上三种型号打印正常。", actor=platform, now=at + DAY
    )
    change = _backed_out(story, change, start)
    for incident in Incident.objects.filter(service__code="printing", opened_at__gt=start).order_by("pk")[:2]:
        link(incident, change, kind=Link.Type.CAUSED_BY, actor=story.by("first"), now=start + 13 * HOUR)
    answers = dict.fromkeys(PostReview.Question.values, (True, ""))
    answers["side_effects"] = (False, "22 台电脑的驱动安装失败，次日有用户报修。")
    closing.review(
        change, answers=answers, lessons="驱动的签名证书要先进入域策略；分发前在每个楼层各选一台试装。",
        follow_up=FollowUp("action", story.company.users["platform"], (story.today + 10 * DAY).date()),
        actor=story.by("manager"), now=start + 2 * DAY,
    )  # fmt: skip
    closing.close(change, actor=story.by("manager"), now=start + 3 * DAY)


def _unauthorised(story: _Story) -> None:
    """Found by people: one taken back, one still to be settled."""
    item = story.company.items["wifi-ward"]
    row = unauthorised.record(
        item=item, found="无线接入点的管理口对访客网络开放，无变更记录。", cause=None, actor=story.by("network"),
        now=story.now - 18 * DAY,
    )  # fmt: skip
    unauthorised.back_out(
        row,
        words="已恢复基线配置并复测，访客网络无法访问管理口。",
        actor=story.by("manager"),
        now=story.now - 17 * DAY,
    )
    unauthorised.record(
        item=story.company.items["old-print"], found="服务器上多出一个本地管理员账号，建立时间为上周六。", cause=None,
        actor=story.by("first"), now=story.now - 6 * HOUR,
    )  # fmt: skip
