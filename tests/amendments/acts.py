"""The change behind an amendment on its way to approval, through the real verbs."""

from datetime import datetime

from agreements.models import Edition
from amendments import services
from changes import assessing, carrying, deciding, risks, targets
from changes import services as changes
from changes.assessing import Judged
from changes.models import Assessment, Change
from tests.cast import Cast
from tests.changes.making import HARMLESS


def change_of(edition: Edition) -> Change:
    """The change behind a submitted amendment, as it stands now."""
    found = services.current(edition)
    assert found
    row: Change = Change.objects.get(pk=found.change_id)
    return row


def judged(cast: Cast, change: Change, *, now: datetime) -> Change:
    """Submitted, accepted by the administrator, rated and judged as harmless, with a passed test."""
    author, manager = cast.mona.actor, cast.admin.actor
    change = changes.submit(change, actor=author, now=now)
    change = changes.accept(change, actor=manager, now=now)
    fine = Judged(Assessment.Judgement.NONE, "Nothing is noticed.")
    assessing.refresh(change, actor=manager, now=now)
    assessing.assess(change, dict.fromkeys(Assessment.Aspect.values, fine), actor=manager, now=now)
    promised = targets.promised(change, now=now)
    if promised:
        rows = {(row.agreement.pk, row.key): fine for row in promised}
        assessing.judge_targets(change, rows, actor=manager, now=now)
    risks.answer(change, HARMLESS, is_major=False, actor=manager, now=now)
    return carrying.note_test(
        change, result="passed", words="Replayed under the new words: no ticket flips.", actor=author, now=now
    )


def approve(cast: Cast, edition: Edition, *, now: datetime) -> Change:
    """The change behind the amendment is approved by the administrator."""
    change = deciding.put_up(judged(cast, change_of(edition), now=now), actor=cast.admin.actor, now=now)
    return deciding.decide(
        change, approve=True, conditions="", by_board=None, actor=cast.admin.actor, now=now
    )
