"""Changes of the tests, made through the real verbs up to the state a test begins in."""

from datetime import timedelta
from typing import Any

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
    writing,
)
from changes.assessing import Judged
from changes.models import Assessment, Change, ChangeTemplate, PostReview
from cmdb.models import Item, ItemService, ItemType
from records.kinds import Kind
from records.lifecycle import Phase
from records.models import Record
from records.services import next_number
from tests.cast import MONDAY, Cast

START = MONDAY + timedelta(days=2)
END = START + timedelta(hours=2)
AFTER = START + timedelta(days=1)
HARMLESS = {"reach": 0, "backout": 0, "experience": 0, "parts": 0, "security": 0}
RISKY = {"reach": 3, "backout": 2, "experience": 2, "parts": 2, "security": 2}
PLAN = {
    "plan": "1. Stop the service. 2. Install 2.4. 3. Start it.",
    "backout_plan": "Restore the snapshot; decide by 23:00.",
    "test_plan": "Install 2.4 on the copy of the mail server.",
    "planned_start_at": START,
    "planned_end_at": END,
}


def make_item(cast: Cast, name: str = "mail-01", **over: Any) -> Item:
    """A server the mail service runs on."""
    kind, _made = ItemType.objects.get_or_create(
        code="server", defaults={"name_en": "Server", "prefix": "SRV"}
    )
    item = Item.objects.create(**{"name": name, "type": kind, **over})
    ItemService.objects.create(item=item, service=cast.mail)
    return item


def make_change(cast: Cast, **over: Any) -> Change:
    """A draft that bob asks for and sven carries out."""
    facts: dict[str, Any] = {
        "title": "Upgrade the mail server", "description": "From 2.3 to 2.4.", "category": lifecycle.NORMAL,
        "nature": Change.Nature.COMPONENT, "reason": "2.3 is no longer supported.",
        "expected_effect": "Mail is delivered within a minute.", "services": [cast.mail],
        "assignee": cast.sven, "actor": cast.bob.actor, "now": MONDAY,
    }  # fmt: skip
    return services.open_change(**{**facts, **over})


def judge_all(cast: Cast, change: Change) -> Change:
    """All that must be judged before anybody is asked, without effect."""
    fine = Judged(Assessment.Judgement.NONE, "Nothing is noticed.")
    assessing.refresh(change, actor=cast.mona.actor, now=MONDAY)
    assessing.assess(change, dict.fromkeys(Assessment.Aspect.values, fine), actor=cast.mona.actor, now=MONDAY)
    rows = {(row.agreement.pk, row.key): fine for row in targets.promised(change, now=MONDAY)}
    return assessing.judge_targets(change, rows, actor=cast.mona.actor, now=MONDAY)


def assessed(
    cast: Cast, *, answers: dict[str, int] = HARMLESS, is_major: bool = False, **over: Any
) -> Change:
    """Accepted, rated, judged and planned: nothing is missing."""
    change = services.submit(make_change(cast, **over), actor=cast.bob.actor, now=MONDAY)
    change = services.accept(change, actor=cast.mona.actor, now=MONDAY)
    change = judge_all(cast, change)
    change = risks.answer(change, answers, is_major=is_major, actor=cast.mona.actor, now=MONDAY)
    return writing.write(change, PLAN, actor=cast.sven.actor, now=MONDAY)


def put_up(cast: Cast, **over: Any) -> Change:
    """Waiting for approval."""
    return deciding.put_up(assessed(cast, **over), actor=cast.mona.actor, now=MONDAY)


def approve(change: Change, by: Any, **over: Any) -> Change:
    facts: dict[str, Any] = {"approve": True, "conditions": "", "by_board": None, "now": MONDAY}
    return deciding.decide(change, actor=by.actor, **{**facts, **over})


def approved(cast: Cast, **over: Any) -> Change:
    """Approved by the one whose approval a harmless change needs."""
    return approve(put_up(cast, **over), cast.mona)


def emergency(cast: Cast, **over: Any) -> Change:
    """Submitted, and waiting for a leader's word."""
    return services.submit(
        make_change(cast, category=lifecycle.EMERGENCY, **over), actor=cast.bob.actor, now=MONDAY
    )


TEMPLATE = {
    "name_en": "Restart the mail gateway", "name_zh": "重启邮件网关", "nature": Change.Nature.CONFIGURATION,
    "expected_effect": "The queue is worked off.", "plan": "Drain, restart, check.",
    "backout_plan": "Start the second gateway.", "test_plan": "Done on the second gateway.",
    "test_words": "Log of 1 March.",
}  # fmt: skip


def make_template(cast: Cast, **over: Any) -> ChangeTemplate:
    """A model mona wrote and admin approved."""
    facts = {**TEMPLATE, "service": cast.mail, **over}
    made = templates.propose(code="mail-gateway", facts=facts, actor=cast.mona.actor, now=MONDAY)
    return templates.approve(made, actor=cast.admin.actor, now=MONDAY)


def standard(cast: Cast, **over: Any) -> Change:
    """A standard change that took its model's plan."""
    facts = {"category": lifecycle.STANDARD, "template": make_template(cast), "nature": "", **over}
    return services.take_standard(make_change(cast, **facts), actor=cast.bob.actor, now=MONDAY)


def with_test(cast: Cast, change: Change) -> Change:
    """With a passed test of its plan."""
    return carrying.note_test(
        change, result="passed", words="Mails arrive on the copy.", actor=cast.sven.actor, now=MONDAY
    )


def begun(cast: Cast, **over: Any) -> Change:
    """Being implemented since its planned time."""
    return carrying.start(with_test(cast, approved(cast, **over)), actor=cast.sven.actor, now=START)


def carried_out(cast: Cast, change: Change, outcome: str = "success") -> Change:
    """Ended an hour after it began, with one step."""
    later = START + timedelta(hours=1)
    carrying.log_step(
        change, what="Installed 2.4", started_at=START, ended_at=later, actor=cast.sven.actor, now=later
    )
    return carrying.complete(change, outcome=outcome, words="As planned.", actor=cast.sven.actor, now=later)


ANSWERS = dict.fromkeys(PostReview.Question.values, (True, ""))


def verified(cast: Cast, change: Change, *, is_reached: bool = True) -> Change:
    return closing.verify(
        change, is_reached=is_reached, words="Mails arrive in 20 s.", actor=cast.mona.actor, now=AFTER
    )


def closed(cast: Cast, **over: Any) -> Change:
    """Through all stages into the archive."""
    change = verified(cast, carried_out(cast, begun(cast, **over)))
    closing.review(change, answers=ANSWERS, lessons="Nothing to add.", actor=cast.mona.actor, now=AFTER)
    return closing.close(change, actor=cast.mona.actor, now=AFTER)


def make_board(cast: Cast) -> Record:
    """A meeting of the board as other apps see it: a record of that kind."""
    return Record.objects.create(
        kind=Kind.BOARD, number=next_number(Kind.BOARD), title="Board", state="held", phase=Phase.ACTIVE,
        priority=3, customer=cast.provider, requester=cast.mona, opened_at=MONDAY, updated_at=MONDAY,
    )  # fmt: skip
