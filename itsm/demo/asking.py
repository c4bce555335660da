"""Three questions the demo's people keep and share, one of them sent every Monday."""

from datetime import datetime
from typing import Any

from itsm.demo.company import Company
from questions import schedules, services
from questions.models import Question
from questions.schedules import Timing

URGENT: dict[str, Any] = {
    "subject": "incidents", "at": "opened", "period": "last_12_weeks", "by": "opened.week",
    "across": "priority", "measure": "count", "chart": "bar",
}  # fmt: skip
KEPT: dict[str, Any] = {
    "subject": "targets", "at": "decided", "period": "last_90_days", "by": "customer", "across": "metric",
    "measure": "met", "chart": "heat",
}  # fmt: skip
BUSY: dict[str, Any] = {
    "subject": "tickets", "at": "opened", "period": "last_90_days", "by": "opened.hour",
    "across": "opened.weekday", "measure": "count", "chart": "heat",
}  # fmt: skip


def make(company: Company, *, now: datetime) -> None:
    """Through the real writers: two of the service level manager, one of the desk's lead for the team."""
    slm, agent = company.users["slm"].actor, company.users["agent"].actor
    week = services.save(
        name_en="Incidents by week and priority", name_zh="每周事件（按优先级）",
        sharing=Question.Sharing.STAFF.value, team=None, data=URGENT, actor=slm, now=now,
    )  # fmt: skip
    services.save(
        name_en="Targets kept, by customer", name_zh="各客户目标达成率", sharing=Question.Sharing.STAFF.value,
        team=None, data=KEPT, actor=slm, now=now,
    )  # fmt: skip
    services.save(
        name_en="When do tickets come in?", name_zh="工单都在什么时候来？",
        sharing=Question.Sharing.TEAM.value, team=company.teams["desk"], data=BUSY, actor=agent, now=now,
    )  # fmt: skip
    schedules.set_up(
        week, Timing("week", weekday=1, hour=8), zone="Asia/Shanghai", actor=slm, now=now,
        recipients=[company.users[name] for name in ("slm", "manager", "agent")],
    )  # fmt: skip
