"""The same fault on the same item within the window is linked to the earlier one and counted (INC-19)."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from cmdb.models import Item, ItemType
from incidents import checklists, repeats, services
from incidents.models import Incident, Rules
from tests.cast import MONDAY, Cast, make_incident

DAY = timedelta(days=1)


@pytest.fixture
def printer(cast: Cast) -> Item:
    kind = ItemType.objects.create(code="printer", name_en="Printer", name_zh="打印机")
    return Item.objects.create(name="P-1", type=kind, customer=cast.acme)


@pytest.fixture
def before(cast: Cast, printer: Item) -> Incident:
    made = make_incident(cast, item=printer, category="Paper jam")
    return services.resolve(made, code="solved", steps="Roller.", actor=cast.alice.actor, now=MONDAY)


@pytest.mark.req("INC-19")
def test_a_repeat_is_linked_and_counted(cast: Cast, printer: Item, before: Incident) -> None:
    made = make_incident(cast, item=printer, category="paper JAM ", now=MONDAY + 10 * DAY)
    assert made.repeat_of_id == before.pk
    span = {"start": MONDAY, "end": MONDAY + 20 * DAY, "now": MONDAY + 20 * DAY}
    assert checklists.counts(cast.alice.actor, **span)["repeats"] == 1


@pytest.mark.req("INC-19")
@pytest.mark.parametrize(
    "over",
    [
        {"category": "Toner"},
        {"category": ""},
        {"item": None},
        {"now": MONDAY + 31 * DAY},
        {"contact_type": "consultation"},
    ],
)
def test_another_fault_item_or_time_is_no_repeat(
    cast: Cast, printer: Item, before: Incident, over: dict[str, Any]
) -> None:
    facts = {"item": printer, "category": "Paper jam", "now": MONDAY + 10 * DAY}
    assert make_incident(cast, **{**facts, **over}).repeat_of is None


def test_the_window_is_a_rule_of_the_customer(cast: Cast, printer: Item, before: Incident) -> None:
    Rules.objects.create(customer=cast.acme, repeat_days=5)
    assert make_incident(cast, item=printer, category="Paper jam", now=MONDAY + 6 * DAY).repeat_of is None


def test_what_is_still_open_is_no_repeat(cast: Cast, printer: Item) -> None:
    make_incident(cast, item=printer, category="Paper jam")
    assert make_incident(cast, item=printer, category="Paper jam", now=MONDAY + DAY).repeat_of is None


def test_an_agent_says_that_it_is_one_or_is_not(cast: Cast, printer: Item, before: Incident) -> None:
    made = make_incident(cast, now=MONDAY + DAY)
    marked = repeats.mark(made, earlier=before, actor=cast.alice.actor, now=MONDAY + DAY)
    assert marked.repeat_of_id == before.pk
    freed = repeats.mark(marked, earlier=None, actor=cast.alice.actor, now=MONDAY + DAY)
    assert freed.repeat_of_id is None
    with pytest.raises(ValidationError):
        repeats.mark(before, earlier=made, actor=cast.alice.actor, now=MONDAY + DAY)


def test_a_repeat_is_of_the_same_customer(cast: Cast, before: Incident) -> None:
    theirs = make_incident(cast, customer=cast.globex, requester=cast.charlie, now=MONDAY + DAY)
    with pytest.raises(ValidationError):
        repeats.mark(theirs, earlier=before, actor=cast.alice.actor, now=MONDAY + DAY)


@pytest.mark.req("INC-19", "SD-31")
def test_while_typing_one_sees_what_there_is_already(cast: Cast, alice: Client, incident: Incident) -> None:
    other = make_incident(cast, customer=cast.globex, requester=cast.charlie, title="Cannot send mail either")
    url = reverse("incidents:similar")
    asked: dict[str, Any] = {"title": "send mail", "requester": cast.rita.pk, "service": cast.mail.pk}
    page = alice.get(url, asked).content.decode()
    assert incident.number in page
    assert other.number not in page
