"""The default commitment for those without an agreement; the yearly look at categories of services."""

from datetime import timedelta

import pytest

from actions.models import Action
from agreements import categories, keepers, tasks
from agreements.models import Keeper
from records import alarms
from records.models import Activity
from sla.models import Clock
from tests.cast import MONDAY, Cast, make_incident

pytestmark = pytest.mark.django_db


@pytest.mark.req("SLM-19")
def test_a_customer_without_an_agreement_is_promised_and_watched_like_the_others(cast: Cast) -> None:
    ticket = make_incident(cast, customer=cast.globex, requester=cast.charlie, now=MONDAY)
    clocks = Clock.objects.filter(record=ticket.pk)
    assert {clock.agreement_version for clock in clocks} == {cast.agreement}
    assert cast.agreement.agreement.customer is None
    alarms.raise_due_of(ticket, now=MONDAY + timedelta(days=30), actor=cast.system)
    told = set(Activity.objects.filter(record=ticket.pk).values_list("verb", flat=True))
    assert {"sla.warned", "sla.breached"} <= told


@pytest.mark.req("SLM-61")
def test_the_categories_of_services_are_looked_at_once_a_year(cast: Cast) -> None:
    keepers.name(Keeper.Part.PROCESS_OWNER, cast.admin, agreement=None, actor=cast.mona.actor, now=MONDAY)
    for _ in range(2):
        made = categories.review(actor=cast.system, now=MONDAY)
    assert made is not None
    assert Action.objects.get(key="service-categories-2026") == made
    assert made.assignee == cast.admin
    assert "E-mail: no agreement names it alone" in made.description
    categories.review(actor=cast.system, now=MONDAY + timedelta(days=365))
    assert Action.objects.filter(key__startswith="service-categories-").count() == 2


def test_the_task_asks_a_service_level_manager_where_nobody_owns_the_process(cast: Cast) -> None:
    tasks.review_categories()
    assert Action.objects.get().assignee == cast.mona
