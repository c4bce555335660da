"""The end of a service: all that names it is dealt with, and its customers know."""

from datetime import timedelta
from typing import Any

import pytest

from catalog.models import Service, ServiceDependency
from records.lifecycle import IllegalMove
from tests.cast import MONDAY, Cast, make_incident
from tests.knowledge.made import make_article
from tests.transitions import made as m
from transitions import ending, services
from transitions.models import Settlement, Transition

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def retiring(cast: Cast) -> Transition:
    row = m.begun(cast, nature="retired", about=cast.mail, title="Old mail ends")
    m.write(cast, row, business_process="Nobody's any more", goals="Replaced", last_day=(MONDAY + DAY).date())
    services.settle_design(m.fresh(row), actor=cast.mona.actor, now=MONDAY)
    m.planned(cast, row)
    m.add(cast, row, "steps", sort="switch", title="Switch it off")
    m.ready(cast, row)
    return services.begin_switch(m.fresh(row), actor=cast.mona.actor, now=MONDAY)


def notice(cast: Cast, row: Transition, **over: Any) -> Any:
    facts = {"text_en": "Use the new mail.", "text_zh": "请使用新邮件。", "last_day": (MONDAY + DAY).date()}
    return ending.give_notice(row, **{**facts, **over}, actor=cast.admin.actor, now=MONDAY)


@pytest.mark.req("TRN-09")
def test_a_service_is_taken_out_once_customers_know_and_all_that_names_it_is_dealt_with(cast: Cast) -> None:
    ticket = make_incident(cast, service=cast.mail)
    item = m.item_of(cast, cast.mail)
    article = make_article(cast, services=[cast.mail])
    rule = m.watched(cast, cast.mail)
    row = retiring(cast)
    m.carried_out(cast, row)
    out = lambda now=MONDAY + DAY: services.take_out(row, actor=cast.admin.actor, now=now)  # noqa: E731
    words = m.refused(lambda: out(MONDAY))
    assert (len(words["notice"]), len(words["last_day"]), len(words["things"])) == (1, 1, 4)
    found = [thing.key for thing in ending.things(row, cast.admin.actor, MONDAY)]
    assert found == [
        f"ticket:{ticket.number}", f"item:{item.number}", f"article:{article.number}", f"rule:{rule.pk}",
    ]  # fmt: skip
    told = notice(cast, row)
    row = m.fresh(row)
    copies = told.copies.all() if hasattr(told, "copies") else []
    assert (told.state, row.notice_id) == ("published", told.pk)
    assert told.told.sort == "notice"
    assert "told with" in m.refused(lambda: notice(cast, row))["text_en"][0]
    assert copies is not None
    rule.is_active = False
    rule.save()
    for key in found[:3]:
        settle = lambda key=key: ending.settle(  # noqa: E731
            row, thing=key, words="Goes on with the new mail", actor=cast.admin.actor, now=MONDAY
        )
        settle()
        assert "settled already" in m.refused(settle)["thing"][0]
    assert Settlement.objects.count() == 3
    moved = out()
    service = Service.objects.get(pk=cast.mail.pk)
    assert (moved.state, service.is_published, service.withdrawn_at) == ("watching", False, MONDAY + DAY)
    assert service.withdrawal_reason.startswith(row.number)


@pytest.mark.req("TRN-09")
def test_a_service_that_others_rest_on_or_agreements_name_is_not_settled_by_words(cast: Cast) -> None:
    other = m.new_mail(cast, is_published=True)
    ServiceDependency.objects.create(service=other, rests_on=cast.mail)
    row = retiring(cast)
    m.carried_out(cast, row)
    notice(cast, row)
    words = m.refused(
        lambda: ending.settle(row, thing="service:mail-2", words="x", actor=cast.admin.actor, now=MONDAY)
    )
    assert "no more" in words["thing"][0]
    late = MONDAY + DAY
    assert "New mail" in m.refused(
        lambda: services.take_out(row, actor=cast.admin.actor, now=late)
    )["things"][0]  # fmt: skip
    ServiceDependency.objects.all().delete()
    assert services.take_out(row, actor=cast.admin.actor, now=late).state == "watching"


def test_what_is_live_is_not_taken_out_and_what_ends_does_not_go_live(cast: Cast) -> None:
    with pytest.raises(IllegalMove):
        services.go_live(retiring(cast), actor=cast.admin.actor, now=MONDAY + DAY)
    with pytest.raises(IllegalMove):
        services.take_out(m.implementing(cast), actor=cast.admin.actor, now=MONDAY)
