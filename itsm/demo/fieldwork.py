"""On-site work of the demo: two engineers, visits of yesterday, today and tomorrow, one with a signed form."""
# ruff: noqa: E501 - texts

import base64
import math
import struct
import uuid
import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import incidents.services
from accounts.access import Actor, Origin, Role
from accounts.models import Grant, Membership, Organisation, User
from fieldwork import papers, services
from fieldwork.models import Appointment
from incidents.models import Incident
from itsm.demo.company import Company
from records.models import Channel

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ENGINEERS = {"guokai": "郭凯", "xuting": "许婷"}
PHONES = {"guokai": "138 6210 0417", "xuting": "137 7180 2256"}


@dataclass(frozen=True)
class Job:
    """A ticket and its visit; ``start`` is in minutes from the loading."""

    title: str
    text: str
    requester: str
    service: str
    site: str
    engineer: str = ""
    start: int = 0
    minutes: int = 60
    travel: int = 0
    is_agreed: bool = True
    urgency: int = 2


DONE = Job(
    "打印机卡纸报警", "三楼文印室的打印机反复报卡纸，已取出纸张仍无法使用。", "customer", "printing", "星河大厦 A 座 3 楼文印室",
    "guokai", -25 * 60, 60, 30,
)  # fmt: skip
UNSIGNED = Job(
    "更换显示器支架", "工位显示器支架松动，需要现场更换。", "nurse", "workplace", "海悦医院门诊楼 2 层护士站", "xuting", -5 * 60, 45,
)  # fmt: skip
THERE = Job(
    "电脑无法开机", "按电源键无反应，已换过插座。", "teacher", "workplace", "明德学校教学楼 402", "guokai", -40, 90, 20, urgency=1,
)  # fmt: skip
LATE = Job(
    "条码枪读不出条码", "出库口两把条码枪都无法读取。", "oliver", "workplace", "星河物流园 2 号库", "xuting", -75, 45, 15,
)  # fmt: skip
COMING = Job(
    "会议室投屏没有声音", "一号会议室投屏有画面没有声音，明天有客户来访。", "customer", "meeting", "星河大厦 A 座 12 楼一号会议室", "xuting",
    60, 60, 30,
)  # fmt: skip
LATER = Job(
    "工位网口不通", "新工位的两个网口都没有信号。", "customer", "vpn", "星河大厦 B 座 5 楼 5012", "guokai", 240, 60, 30,
)  # fmt: skip
NOBODY = Job(
    "护士站打印机换位", "打印机需要搬到新的护士站并重新接线。", "nurse", "printing", "海悦医院住院部 7 层", "", 150, 90, urgency=3,
)  # fmt: skip
PROPOSED = Job(
    "机房空调漏水处理后的检查", "漏水已处理，请现场检查机柜内设备。", "teacher", "workplace", "明德学校信息楼机房", "guokai", 26 * 60, 120, 30,
    is_agreed=False,
)  # fmt: skip
WAITING = Job(
    "视频会议摄像头黑屏", "二号会议室摄像头黑屏，重新插拔无效。", "customer", "meeting", "星河大厦 A 座 12 楼二号会议室", urgency=1,
)  # fmt: skip


def make(company: Company, *, now: datetime) -> None:
    """All of it silently, through the verbs; in the order it happened."""
    people = {name: _engineer(name, company) for name in ENGINEERS}
    desk = company.users["agent"].actor.via(Origin.IMPORT)
    _signed(company, people, desk, now)
    _unsigned(company, people, desk, now)
    there = _visit(THERE, company, people, desk, now, made=-240)
    services.arrive(there, actor=_act(people["guokai"]), now=now - 35 * MINUTE)
    _visit(LATE, company, people, desk, now, made=-300)
    coming = _visit(COMING, company, people, desk, now, made=-55)
    services.set_out(coming, actor=_act(people["xuting"]), now=now - 5 * MINUTE)
    _visit(LATER, company, people, desk, now, made=-180)
    _visit(NOBODY, company, people, desk, now, made=-90)
    proposed = _visit(PROPOSED, company, people, desk, now, made=-100)
    services.wish(
        proposed, words="上午有期末考试，最好安排在下午三点以后。", wished_for=None,
        actor=company.users["teacher"].actor.via(Origin.IMPORT), now=now - 30 * MINUTE,
    )  # fmt: skip
    _open(WAITING, company, desk, now - 20 * MINUTE)


def _engineer(name: str, company: Company) -> User:
    user = User.objects.create_user(
        name, None, display_name=ENGINEERS[name], language="zh-hans", time_zone="Asia/Shanghai",
        phone=PHONES[name], organisation=Organisation.objects.get(code="provider"),
    )  # fmt: skip
    Grant.objects.create(user=user, role=Role.AGENT)
    Membership.objects.create(team=company.teams["onsite"], user=user)
    return User.objects.prefetch_related("grants", "memberships").get(pk=user.pk)


def _act(user: User) -> Actor:
    return user.actor.via(Origin.IMPORT)


def _open(job: Job, company: Company, actor: Actor, at: datetime) -> Incident:
    person = company.users[job.requester]
    customer = person.organisation
    assert customer is not None  # noqa: S101 - the demo's people have one
    return incidents.services.open(
        title=job.title, description=job.text, customer=customer, requester=person, site=job.site,
        service=company.services[job.service], impact=3, urgency=job.urgency, channel=Channel.PHONE,
        team=company.teams["onsite"], actor=actor, now=at,
    )  # fmt: skip


def _visit(
    job: Job, company: Company, people: dict[str, User], actor: Actor, now: datetime, *, made: int
) -> Appointment:
    """Open the ticket ``made`` minutes from now, and make its appointment two minutes later."""
    at = now + made * MINUTE
    ticket = _open(job, company, actor, at)
    start = (now + job.start * MINUTE).replace(second=0)
    start -= timedelta(minutes=start.minute % 5)
    return services.make(
        ticket, engineer=people.get(job.engineer), starts_at=start, ends_at=start + job.minutes * MINUTE,
        travel_minutes=job.travel, site=job.site, contact_name=ticket.requester.name,
        contact_phone=ticket.requester.phone, task=job.text, team=company.teams["onsite"],
        is_agreed=job.is_agreed, key=uuid.uuid4(), actor=actor, now=at + 2 * MINUTE,
    )  # fmt: skip


def _signed(company: Company, people: dict[str, User], desk: Actor, now: datetime) -> None:
    visit = _visit(DONE, company, people, desk, now, made=-28 * 60)
    actor = _act(people["guokai"])
    at = visit.starts_at - 3 * MINUTE
    services.set_out(visit, actor=actor, now=at - 25 * MINUTE)
    visit = services.arrive(visit, actor=actor, now=at)
    over = at + 48 * MINUTE
    facts: dict[str, Any] = {
        "fault": "搓纸轮磨损，纸张打滑。", "work_done": "更换搓纸轮和分离垫，清洁走纸通道，试印五十张正常。", "result": "solved",
        "parts": [
            {"name": "搓纸轮", "number": "RM1-6414", "quantity": 1},
            {"name": "分离垫", "number": "RC2-8575", "quantity": 1},
        ],
        "travel_minutes": 30, "remarks": "处理很快，谢谢。",
    }  # fmt: skip
    papers.write(visit, facts, actor=actor, now=over)
    drawing = papers.DRAWING + base64.b64encode(stroke()).decode()
    papers.sign(visit, signer="张伟", drawing=drawing, satisfaction=5, actor=actor, now=over + 2 * MINUTE)
    papers.finish(visit, actor=actor, now=over + 3 * MINUTE)


def _unsigned(company: Company, people: dict[str, User], desk: Actor, now: datetime) -> None:
    visit = _visit(UNSIGNED, company, people, desk, now, made=-7 * 60)
    actor = _act(people["xuting"])
    at = visit.starts_at + 8 * MINUTE
    visit = services.arrive(visit, actor=actor, now=at)
    facts = {"work_done": "更换支架并固定线缆。", "result": "solved", "travel_minutes": 20}
    papers.write(visit, facts, actor=actor, now=at + 30 * MINUTE)
    papers.finish(visit, actor=actor, now=at + 32 * MINUTE)


def stroke(width: int = 360, height: int = 120) -> bytes:
    """A made-up signature as PNG: a wave that dies away."""
    rows = [bytearray(width * 4) for _n in range(height)]
    for step in range(width * 6):
        x = 20 + step / 6 * (width - 40) / width
        y = (
            height / 2
            + math.sin(step / 55) * (height / 3) * (1 - step / (width * 7))
            + math.sin(step / 17) * 6
        )
        for dx in range(3):
            for dy in range(3):
                place = 4 * (int(x) + dx)
                rows[min(int(y) + dy, height - 1)][place : place + 4] = b"\x10\x21\x4a\xff"

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    raw = zlib.compress(b"".join(b"\0" + bytes(row) for row in rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", raw) + chunk(b"IEND", b"")
