"""What the browser tests look at: tickets in every state, whose times do not depend on the hour."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

import incidents.services
from incidents.models import Incident
from records import alarms, assignment
from records.services import comment
from tests.cast import Cast, make_agreement, make_calendar, make_cast, make_incident

ALWAYS = {"timezone": "Asia/Shanghai", "always_open": True}
HOUR = timedelta(hours=1)


@dataclass
class Scene:
    cast: Cast
    fresh: Incident
    talked_about: Incident
    missed: Incident
    solved: Incident
    done: Incident


def this_second() -> datetime:
    return timezone.now().replace(microsecond=0)


def make_scene() -> Scene:
    """Five tickets of rita's: new, on hold after a conversation, overdue, resolved, closed."""
    cast = make_cast()
    make_agreement(make_calendar("always", ALWAYS), cast.acme)
    now = this_second()
    return Scene(
        cast=cast,
        missed=_missed(cast, now),
        done=_done(cast, now),
        solved=_solved(cast, now, title="签名显示乱码"),
        talked_about=_talked_about(cast, now),
        fresh=make_incident(cast, now=now - HOUR / 2, title="三楼打印机无法打印", description="一直离线。"),
    )


def _talked_about(cast: Cast, now: datetime) -> Incident:
    incident = make_incident(cast, now=now - 5 * HOUR, title="邮件附件无法下载", description="点了没有反应。")
    alice: dict[str, Any] = {"actor": cast.alice.actor}
    incident = _fresh(assignment.take(incident, now=now - 4 * HOUR, **alice))
    incident = _fresh(incidents.services.start(incident, now=now - 4 * HOUR, **alice))
    file = SimpleUploadedFile("说明 1.txt", "请看".encode(), "text/plain")
    comment(incident, text="请看附件。", is_public=True, now=now - 4 * HOUR, attachments=[file], **alice)
    comment(incident, text="怀疑是网关。", is_public=False, now=now - 3 * HOUR, **alice)
    comment(incident, text="还是不行。", is_public=True, actor=cast.rita.actor, now=now - 2 * HOUR)
    held = incidents.services.hold(
        _fresh(incident), reason="customer", note="请重试。", now=now - HOUR, **alice
    )
    return _fresh(held)


def _missed(cast: Cast, now: datetime) -> Incident:
    incident = make_incident(cast, now=now - 60 * HOUR, title="会议室投影花屏", description="")
    alarms.sweep()
    return _fresh(incident)


def _solved(cast: Cast, now: datetime, title: str) -> Incident:
    incident = make_incident(cast, now=now - 3 * HOUR, title=title, description="")
    solved = incidents.services.resolve(
        incident, code="solved", steps="更换了模板。", actor=cast.alice.actor, now=now - 2 * HOUR
    )
    return _fresh(solved)


def _done(cast: Cast, now: datetime) -> Incident:
    incident = _solved(cast, now, "邮箱已满")
    return _fresh(incidents.services.confirm(incident, actor=cast.rita.actor, now=now - HOUR, close_too=True))


def _fresh(record: Any) -> Incident:
    incident: Incident = Incident.objects.get(pk=record.pk)
    return incident
