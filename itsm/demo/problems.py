"""The demo's problems: one with a known error, one that may have come again, one late with its answer, and more."""
# ruff: noqa: E501 - texts

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.access import Actor, Origin
from actions.services import open_action
from incidents.models import Incident
from itsm.demo.company import Company
from problems import analysis, candidates, known, quality, recurring, services
from problems.models import Problem, Recurrence, Severity, Source
from suppliers.models import Supplier

WHYS = (
    ("为什么页面超时？", "应用服务器的工作进程全部在等待。", "9:42 的线程转储，ERP-APP-01"),
    ("为什么在等待？", "等待订单明细表的锁，锁由月结报表持有。", "同一分钟的数据库锁清单"),
    ("为什么报表一直持有锁？", "报表在一个长事务中读取主库，而不是读取报表副本。", "报表程序与其连接配置"),
    ("为什么没有使用副本？", "春季升级后连接配置被还原为主库。", "升级变更记录：配置文件被整体替换"),
)
# category, hypothesis, state, how it was checked, root cause?
CAUSES: tuple[tuple[str, str, str, str, bool], ...] = (
    ("technology", "服务器内存不足", "ruled_out", "监控显示内存占用从未超过 61 %。", False),
    ("technology", "月结报表锁住订单明细表", "confirmed", "在测试系统上重现：40 秒后出现同样的等待。", True),
    ("process", "升级时整体替换配置文件而不作对比", "confirmed", "查阅最近三次升级说明。", True),
    ("supplier", "厂商 8.2 版本的缺陷", "open", "", False),
)
ERP_ERROR: dict[str, Any] = {
    "title": "ERP times out while the monthly report runs", "title_zh": "月结报表运行期间 ERP 超时",
    "symptom": "Pages of the ERP show a timeout or error 500; the stock is updated late.", "symptom_zh": "ERP 页面超时或报 500 错误，库存更新延迟。",
    "workaround": "Ask accounting to stop the report (ERP, Reports, Running, Stop). Pages answer again after a minute. Run the report after 18:00.",
    "workaround_zh": "请财务停止正在运行的月结报表（ERP → 报表 → 运行中 → 停止），约一分钟后恢复；月结报表请在 18:00 之后运行。",
}  # fmt: skip
MAIL_ERROR: dict[str, Any] = {
    "title": "", "title_zh": "Outlook 反复要求输入密码", "symptom": "", "symptom_zh": "打开 Outlook 后反复弹出密码框，网页邮箱正常。",
    "workaround": "", "workaround_zh": "在“凭据管理器”中删除 MicrosoftOffice 开头的凭据，重新打开 Outlook 并登录一次。",
}  # fmt: skip


class _Cast:
    """The people as silent actors, and the incidents by their titles."""

    def __init__(self, company: Company, now: datetime) -> None:
        self.company, self.now = company, now

    def by(self, name: str) -> Actor:
        return self.company.users[name].actor.via(Origin.IMPORT)

    def at(self, days: float) -> datetime:
        return self.now - timedelta(days=days)

    def incidents(self, *titles: str) -> list[Incident]:
        rows = Incident.objects.filter(title__in=titles).select_related("customer", "service")
        return list(rows.order_by("pk"))

    def raised(
        self, by: str, days: float, source: str, title: str, title_zh: str, text: str, *behind: str
    ) -> Problem:
        return services.open_problem(
            title=title, title_zh=title_zh, description=text, source=source, incidents=self.incidents(*behind),
            actor=self.by(by), now=self.at(days),
        )  # fmt: skip

    def accepted(self, expert: str, days: float, problem: Problem) -> Problem:
        person = self.company.users[expert]
        return services.accept(problem, expert=person, actor=self.by("slm"), now=self.at(days))


def make(company: Company, *, now: datetime) -> None:
    """Problems in every state, as the last weeks left them; then what the system finds by itself."""
    cast = _Cast(company, now)
    _mail(cast)
    _erp(cast)
    _printer(cast)
    _switch(cast)
    _others(cast)
    recurring.watch(now=now)
    early = Recurrence.objects.select_related("problem").filter(incident__title="打印机驱动无法安装").first()
    if early is not None:
        services.judge_recurrence(
            early.problem, early.pk, came_again=False, reason="驱动程序的问题，与送纸无关 / A driver, nothing to do with the paper feed",
            actor=cast.by("slm"), now=now - timedelta(hours=3),
        )  # fmt: skip
    candidates.refresh(now=now)


def _erp(cast: _Cast) -> None:
    """Analysed, with a known error that helps meanwhile; its solution is being carried out."""
    titles = ("ERP 月结报表打不开", "ERP login page shows error 500", "ERP 库存数量不对")
    row = cast.raised(
        "apps", 9, Source.SECOND_LINE, "ERP stops answering while the monthly report runs", "月结报表运行时 ERP 停止响应",
        "两周内三张工单，都发生在财务运行月结报表的时段。", *titles,
    )  # fmt: skip
    row = cast.accepted("apps", 8.8, row)
    doing: dict[str, Any] = {"actor": cast.by("apps"), "now": cast.at(8)}
    services.write_effect(
        row,
        scope="星河制造全部 ERP 用户约 420 人，订单最长等待一小时。",
        severity=Severity.SERIOUS,
        **doing,
    )
    for question, answer, evidence in WHYS:
        analysis.write_why(row, question=question, answer=answer, evidence=evidence, **doing)
    for category, text, state, check, is_root in CAUSES:
        cause = analysis.add_cause(row, category=category, text=text, **doing)
        if state != "open":
            analysis.judge_cause(row, cause.pk, state=state, check_words=check, is_root=is_root, **doing)
    error = known.record_error(**ERP_ERROR, problem=row, **doing)
    for incident in cast.incidents(*titles):
        known.match(incident, error, actor=cast.by("agent"), now=cast.at(7))
    chosen = analysis.add_solution(
        row,
        text="报表恢复读取报表副本，并监控该配置项。",
        effort="半天，风险低",
        **doing,
    )
    analysis.add_solution(row, text="增加应用服务器工作进程。", effort="需增购许可，且掩盖原因", **doing)
    analysis.choose_solution(row, chosen.pk, actor=cast.by("apps"), now=cast.at(6))
    services.begin_solution(row, actor=cast.by("apps"), now=cast.at(5))
    open_action(
        source="other", title="升级说明中加入“对比配置文件”一步 / Compare settings as a step of every upgrade", description="",
        responsible=cast.company.users["apps"], due_on=timezone.localdate(cast.now) + timedelta(days=14), cause=row,
        actor=cast.by("slm"), now=cast.at(5),
    )  # fmt: skip


def _printer(cast: _Cast) -> None:
    """Solved for good, as it seemed; newer tickets of the same printer look like it came again."""
    row = cast.raised(
        "first", 11.4, Source.INCIDENT_MANAGER, "Printer 3F-PRN-01 fails again and again", "三楼打印机 3F-PRN-01 反复故障",
        "卡纸与扫描故障在两周内先后发生。", "三楼打印机卡纸", "扫描仪无法发送到邮箱",
    )  # fmt: skip
    row = cast.accepted("first", 11.2, row)
    doing: dict[str, Any] = {"actor": cast.by("first"), "now": cast.at(10)}
    services.write_effect(
        row, scope="三楼约 60 人 / About 60 people on the third floor", severity=Severity.MODERATE, **doing
    )
    cause = analysis.add_cause(
        row,
        category="technology",
        text="搓纸轮与主板接口板老化 / Feed roller and interface board worn out",
        **doing,
    )
    analysis.judge_cause(
        row,
        cause.pk,
        state="confirmed",
        check_words="拆机检查，换件后连续打印 100 张正常。",
        is_root=True,
        **doing,
    )
    solution = analysis.add_solution(
        row, text="更换搓纸轮与接口板，列入季度保养 / Replace both, add to the quarterly maintenance", **doing
    )
    analysis.choose_solution(row, solution.pk, **doing)
    analysis.verify_solution(
        row,
        verification="两天内打印 1,200 张无故障 / 1,200 pages in two days without a fault",
        actor=cast.by("first"),
        now=cast.at(8.5),
    )
    services.close(
        row, outcome="solved", summary="老化部件已更换，验证通过；保养计划已更新。/ Worn parts replaced and verified; the maintenance plan has it.",
        prevention="已列入季度保养计划 / Part of the quarterly maintenance now", actor=cast.by("first"), now=cast.at(8),
    )  # fmt: skip


def _mail(cast: _Cast) -> None:
    """Settled by a workaround, which nobody has written in English yet."""
    row = cast.raised(
        "emma", 16.5, Source.FEEDBACK, "Outlook asks for the password again and again", "Outlook 反复要求输入密码",
        "统一修改密码后，本机保存的旧凭据仍被使用。", "Outlook asks for the password again and again",
    )  # fmt: skip
    row = cast.accepted("apps", 16.2, row)
    known.record_error(**MAIL_ERROR, problem=row, actor=cast.by("apps"), now=cast.at(15))
    services.close(
        row, outcome="workaround", summary="厂商下一版本修复前使用变通办法。/ The workaround serves until the vendor's next version.",
        prevention="厂商已确认修复计划 / The vendor has announced the repair", actor=cast.by("apps"), now=cast.at(13),
    )  # fmt: skip


def _switch(cast: _Cast) -> None:
    """A serious quality problem sent to the supplier, whose answer is late."""
    row = cast.raised(
        "network", 10, Source.MONITORING, "Core switch restarts under load", "核心交换机高负载时重启",
        "监控记录到两次重启，日志指向电源模块。", "门诊挂号终端连不上网络",
    )  # fmt: skip
    row = cast.accepted("network", 9.7, row)
    services.write_effect(
        row,
        scope="门诊挂号，全院网络 / Registration, the whole hospital's network",
        severity=Severity.CRITICAL,
        actor=cast.by("network"),
        now=cast.at(9),
    )
    quality.send(
        row, supplier=Supplier.objects.get(code="huaxun"), due_on=timezone.localdate(cast.at(2)),
        text="同批次电源模块一周内两次异常重启，请提交原因分析与更换计划。/ Two restarts in a week with power modules of one batch: please send your analysis and a plan of replacement.",
        actor=cast.by("slm"), now=cast.at(7),
    )  # fmt: skip


def _others(cast: _Cast) -> None:
    """One rejected, and one that waits for the manager."""
    blue = cast.raised(
        "first", 15.5, Source.FEEDBACK, "Classroom computer shows a blue screen", "教室电脑开机蓝屏", "一台旧电脑。", "教室电脑开机蓝屏"
    )  # fmt: skip
    services.reject(
        blue,
        reason="单台超期设备，按更新计划更换。/ One computer past its age; it is replaced by the plan.",
        actor=cast.by("slm"),
        now=cast.at(15.2),
    )
    cast.raised(
        "agent", 1, Source.AUDIT, "Wireless network too weak in new buildings", "新建区域无线覆盖不足",
        "内部审核发现：新校区与住院部七楼的无线覆盖未按规划验收。", "新校区无线覆盖不足",
    )  # fmt: skip
