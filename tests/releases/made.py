"""Releases for the tests, through the real verbs."""

from datetime import date, timedelta
from typing import Any
from unittest.mock import patch

from changes.models import Change
from cmdb import services as register
from cmdb.models import Item, ItemType
from releases import deploying, parting, reporting, services
from releases.models import FORWARD, Release, ReleaseStep
from tests.cast import MONDAY, Cast
from tests.changes import making

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
START = MONDAY + 2 * DAY
RULES = services.RULES
PLAN = {
    "objective": "Mail runs on 2.4.",
    "expected_result": "No mail waits longer than a minute.",
    "scope": "Both mail servers.",
    "effect": "Mail is away for ten minutes.",
    "criteria": "More than five mails wait after an hour.",
    "planned_start_at": START,
    "planned_end_at": START + 3 * HOUR,
    "decide_at": START + 2 * HOUR,
}


def server(cast: Cast, name: str = "mail-01", revision: str = "2.3") -> Item:
    kind, _made = ItemType.objects.get_or_create(
        code="server", defaults={"name_en": "Server", "prefix": "SRV"}
    )
    return register.add_item(item_type=kind, name=name, revision=revision, actor=cast.admin.actor, now=MONDAY)


def change(cast: Cast, *items: Item, after: timedelta = timedelta(0), **over: Any) -> Change:
    """Approved, altering the items; planned so long after the usual time."""
    times = {"planned_start_at": making.START + after, "planned_end_at": making.END + after}
    with patch.dict(making.PLAN, times):
        return making.approved(cast, items=items, **over)


def begun(cast: Cast, **over: Any) -> Release:
    facts: dict[str, Any] = {
        "title": "Mail 2.4", "title_zh": "邮件 2.4", "manager": cast.mona, "actor": cast.mona.actor,
        "now": MONDAY,
    }  # fmt: skip
    return services.open_release(**{**facts, **over})


def fresh(row: Release) -> Release:
    found: Release = Release.objects.get(pk=row.pk)
    return found


def write(cast: Cast, row: Release, **facts: Any) -> Release:
    return services.write(row, facts, actor=cast.alice.actor, now=MONDAY, expected_version=None)


def add(cast: Cast, row: Release, part: str, **facts: Any) -> Any:
    return parting.add(row, part, facts, rules=RULES, actor=cast.alice.actor, now=MONDAY)


def bundle(cast: Cast, row: Release, of: Change) -> Any:
    return services.bundle(row, change=of, actor=cast.alice.actor, now=MONDAY)


def step(row: Release, sort: str) -> ReleaseStep:
    found: ReleaseStep = row.steps.filter(sort=sort)[0]
    return found


def bring(cast: Cast, row: Release, item: Item, of: Change, revision: str = "2.4") -> Any:
    return services.add_item(
        row, item=item, change=of, step=step(row, "deploy"), revision=revision, actor=cast.alice.actor,
        now=MONDAY,
    )  # fmt: skip


def planned(cast: Cast, *bundled: tuple[Change, Item], **over: Any) -> Release:
    """With the whole plan, its changes and items, and everything found ready; not tested."""
    row = begun(cast, **over)
    write(cast, row, **PLAN, decider=cast.bob)
    add(cast, row, "members", person=cast.alice, duty="Deploys")
    add(cast, row, "nodes", title="Freeze of the plan", due_on=date(2026, 3, 3), responsible=cast.alice)
    for at, sort in enumerate((*FORWARD, "back_out")):
        add(
            cast, row, "steps", sort=sort, title=f"Step {sort}", position=services.place(sort, 0),
            planned_at=START + at * HOUR / 4,
        )  # fmt: skip
    for of, item in bundled:
        bundle(cast, row, of)
        bring(cast, row, item, of)
    for check in row.checks.all():
        parting.meet(row, check.pk, evidence="Seen", rules=RULES, actor=cast.bob.actor, now=MONDAY)
    return fresh(row)


def with_test(cast: Cast, row: Release, how: str = "passed") -> Release:
    services.record_test(row, result=how, words="On the copy.", actor=cast.alice.actor, now=MONDAY)
    return fresh(row)


def ready(cast: Cast, *bundled: tuple[Change, Item], **over: Any) -> Release:
    row = with_test(cast, planned(cast, *bundled, **over))
    return services.make_ready(row, actor=cast.mona.actor, now=MONDAY)


def deploying_one(cast: Cast, *bundled: tuple[Change, Item], **over: Any) -> Release:
    return deploying.deploy(ready(cast, *bundled, **over), actor=cast.mona.actor, now=START)


def finish(cast: Cast, row: Release, *sorts: str, by: Any = None) -> None:
    actor = (by or cast.mona).actor
    for sort in sorts:
        for one in row.steps.filter(sort=sort):
            deploying.finish_step(row, one.pk, result="done", actor=actor, now=START + HOUR)


def decide(cast: Cast, row: Release, decision: str, by: Any = None) -> Release:
    return deploying.decide(
        row, decision=decision, words="As agreed.", actor=(by or cast.bob).actor, now=START + HOUR
    )


def in_service(cast: Cast, *bundled: tuple[Change, Item], **over: Any) -> Release:
    row = deploying_one(cast, *bundled, **over)
    finish(cast, row, "deploy", "test")
    decide(cast, row, "go")
    finish(cast, row, "inform", "start")
    return deploying.put_in_service(fresh(row), actor=cast.mona.actor, now=START + 2 * HOUR)


def observe(cast: Cast, row: Release, *sorts: str) -> None:
    for sort in sorts:
        reporting.observe(
            row, sort=sort, words="Well", said_by="Carla", actor=cast.alice.actor, now=START + DAY
        )


def backed_out(cast: Cast, *bundled: tuple[Change, Item], **over: Any) -> Release:
    row = deploying_one(cast, *bundled, **over)
    finish(cast, row, "deploy")
    decide(cast, row, "back_out")
    finish(cast, row, "back_out")
    return deploying.back_out(fresh(row), actor=cast.mona.actor, now=START + 2 * HOUR)


def reported(cast: Cast, row: Release, by: Any = None) -> Release:
    observe(cast, row, "lesson")
    return reporting.hand_in(
        fresh(row), analysis="It went as planned.", conclusions="Do it again.",
        actor=(by or cast.mona).actor, now=START + 20 * DAY,
    )  # fmt: skip
