"""The demo's shifts: two weeks of the desk and the network team, a swap, two hand-overs, a day in the log."""

import uuid
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from accounts.access import Actor, Origin
from accounts.models import Membership, Team, User
from itsm.demo.company import Company
from shifts import handing, services, swapping
from shifts.models import ChecklistItem, Duty, DutyRules, MinimumSeats, ShiftPattern

DAY, WEEK = timedelta(days=1), 7
PATTERNS = (
    ("day", "Day", "白班", 8, 20),
    ("late", "Late day", "晚白班", 9, 21),
    ("night", "Night", "夜班", 20, 8),
)
PHONES = {
    "agent": "0571 8800 1001",
    "emma": "0571 8800 1002",
    "first": "0571 8800 1003",
    "network": "138 0571 2040",
}
RULES = (
    "提前十分钟到岗并完成班前检查；未经批准不得换班；交接班未接收前，交班人不得离岗。",
    (
        "Be there ten minutes early and go through the checklist. No swap without approval. Do not leave "
        "before the next shift has accepted the hand-over."
    ),
)
CHECKLIST = (
    ("Telephone and headset work", "电话与耳机正常"),
    ("Mailbox and alerts looked through", "邮箱与告警已查看"),
    ("Open hand-over read and accepted", "已阅读并接收交接班"),
)


def make(company: Company, *, now: datetime) -> None:
    """This week and the next one, with nights nobody sits in."""
    leader = company.users["manager"].actor.via(Origin.IMPORT)
    desk, network = company.teams["desk"], company.teams["network"]
    # who usually supports on site sits at the desk at night
    Membership.objects.get_or_create(team=desk, user=company.users["first"])
    for name, phone in PHONES.items():
        User.objects.filter(username=name).update(phone=phone)
    patterns = {
        code: ShiftPattern.objects.create(
            code=code, name_en=en, name_zh=zh, starts=time(start), ends=time(end)
        )
        for code, en, zh, start, end in PATTERNS
    }
    for team in (desk, network):
        DutyRules.objects.create(team=team, text_zh=RULES[0], text_en=RULES[1])
    for start, end, seats in ((9, 20, 2), (20, 9, 1)):
        MinimumSeats.objects.create(team=desk, starts=time(start), ends=time(end), seats=seats)
    for place, (en, zh) in enumerate(CHECKLIST, 1):
        ChecklistItem.objects.create(team=desk, position=place, text_en=en, text_zh=zh)
    _roster(company, patterns, leader, now)
    _change(company, patterns, now)


def _roster(company: Company, patterns: dict[str, ShiftPattern], leader: Actor, now: datetime) -> None:
    today = timezone.localdate(now)
    monday = today - timedelta(days=today.weekday())
    people: list[tuple[str, str, str, str, set[int]]] = [
        ("desk", "agent", "day", "seat", {0, 1, 2, 3, 4}),
        ("desk", "emma", "late", "seat", {0, 1, 2, 3, 4, 5, 6}),
        ("desk", "first", "night", "seat", {0, 1, 3, 4, 5}),
        ("network", "network", "day", "seat", {0, 1, 2, 3, 4}),
        ("network", "network", "night", "on_call", {0, 1, 2, 3, 4, 5, 6}),
    ]
    for team, person, pattern, kind, on in people:
        days = [monday + n * DAY for n in range(2 * WEEK) if n % WEEK in on]
        _put(company.teams[team], company.users[person], patterns[pattern], days, leader, now, kind)


def _put(
    team: Team, person: User, pattern: ShiftPattern, days: list[date], leader: Actor, now: datetime, kind: str
) -> None:
    services.add(
        team=team, person=person, pattern=pattern, days=days, kind=kind, actor=leader, now=now
    )  # fmt: skip


def _change(company: Company, patterns: dict[str, ShiftPattern], now: datetime) -> None:
    """One hand-over accepted, one that waits; the log of today; a swap that waits for approval."""
    fresh = User.objects.prefetch_related("grants", "memberships")
    lina, emma, wang = (
        fresh.get(pk=company.users[name].pk).actor.via(Origin.IMPORT) for name in ("agent", "emma", "first")
    )
    desk = company.teams["desk"]
    tickets = list(handing.open_tickets(desk)[:2])
    given: dict[str, Any] = {"note": "夜间平稳，无重大事件。", "notes": {}}
    if tickets:
        given["notes"] = {tickets[0].pk: "用户上午十点后可接电话，请先回电。"}
    first = handing.hand_over(desk, **given, key=uuid.uuid4(), actor=wang, now=now - timedelta(hours=12))
    handing.accept(first, actor=lina, now=now - timedelta(hours=12) + timedelta(minutes=8))
    for item in ChecklistItem.objects.filter(team=desk):
        day = timezone.localdate(now)
        handing.tick(item, pattern=patterns["late"], day=day, actor=emma, now=now - timedelta(hours=2))
    record = tickets[0] if tickets else None
    handing.write(
        desk, text="运营商来电：城东光缆抢修，预计两小时恢复。", actor=lina, now=now - timedelta(hours=1),
        key="demo:carrier", record=record,
    )  # fmt: skip
    handing.hand_over(
        desk, note="请留意 ERP 月结窗口。", notes=given["notes"], key=uuid.uuid4(), actor=lina,
        now=now - timedelta(minutes=20),
    )  # fmt: skip
    duty = Duty.objects.filter(team=desk, person=lina.user_id, starts_at__gt=now + DAY).order_by("starts_at")[
        0
    ]
    swap = swapping.ask(
        duty,
        colleague=company.users["first"],
        reason="家中有事，需要调班",
        actor=lina,
        now=now - timedelta(hours=3),
    )
    swapping.act(swap, "consent", actor=wang, now=now - timedelta(hours=2))
