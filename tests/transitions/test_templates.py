"""Templates of transitions: editions that are never changed."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from accounts.access import Denied
from tests.cast import MONDAY, Cast
from tests.transitions import made as m
from transitions import templates
from transitions.models import TemplateEdition

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.mark.req("TRN-10")
def test_a_transition_keeps_the_edition_of_the_template_it_was_begun_from(cast: Cast) -> None:
    first = m.template(cast)
    row = m.begun(cast, template=first)
    assert next((s.sort, s.title, s.title_zh) for s in row.steps.all()) == (
        "deploy", "Deploy to production", "部署到生产环境",
    )  # fmt: skip
    assert [str(p) for c in row.checklists.all() for p in c.points.all()] == [
        "Accounts handed over", "Licences handed over", "Mail arrives within a minute",
    ]  # fmt: skip
    assert row.watch_days == 10
    flow = {**m.FLOW, "rules_en": "Never on a Friday nor on a Monday."}
    revise = lambda **over: templates.revise(  # noqa: E731
        first.template, **{"flow": flow, "reason": "Monday", "actor": cast.mona.actor, "now": MONDAY, **over}
    )
    second = revise(expected=1)
    assert (second.number, templates.newest(first.template)) == (2, second)
    assert m.fresh(row).template_edition == first
    assert "the same" in m.refused(revise)["reason"][0]
    assert "meanwhile" in m.refused(lambda: revise(flow=m.FLOW, expected=1))["reason"][0]
    with pytest.raises(DatabaseError), transaction.atomic():
        TemplateEdition.objects.update(number=9)
    with pytest.raises(Denied):
        revise(actor=cast.alice.actor)


@pytest.mark.req("TRN-10")
def test_a_template_without_rules_or_without_a_kind_of_step_is_refused(cast: Cast) -> None:
    steps = {**m.FLOW["steps"], "train": []}
    assert "train" in m.refused(lambda: m.template(cast, flow={"steps": steps}))
    assert "rules_zh" in m.refused(lambda: m.template(cast, flow={"rules_en": "", "rules_zh": ""}))
    assert "days" in m.refused(lambda: m.template(cast, flow={"days": 0}))
    m.template(cast)
    assert "code" in m.refused(lambda: m.template(cast))
