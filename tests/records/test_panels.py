"""Panels beside a ticket: shown on the side they are for, in order, and only when they have something."""

from datetime import datetime
from typing import Any

import pytest

from accounts.access import Actor
from records import panels
from records.models import Record
from records.panels import Panel, Side
from tests.cast import MONDAY, Cast, make_incident

pytestmark = pytest.mark.django_db


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panels, "_PANELS", {})


def _says(words: str | None) -> Any:
    def content(record: Record, actor: Actor, *, now: datetime) -> dict[str, str] | None:
        return None if words is None else {"words": f"{words} {record.number} {actor.name}"}

    return content


def _panel(name: str, order: int, words: str | None, side: Side = Side.DESK) -> Panel:
    return Panel(name, order, f"{name}.html", _says(words), side)


@pytest.mark.usefixtures("only")
def test_panels_are_shown_in_order_on_their_own_side_and_only_with_something_to_show(cast: Cast) -> None:
    for panel in (
        _panel("late", 20, "late"),
        _panel("early", 10, "early"),
        _panel("quiet", 5, None),
        _panel("theirs", 1, "theirs", Side.PORTAL),
    ):
        panels.register(panel)
    ticket, alice = make_incident(cast), cast.alice.actor
    desk = panels.panels_of(ticket, alice, now=MONDAY, side=Side.DESK)
    assert [p["template"] for p in desk] == ["early.html", "late.html"]
    assert desk[0]["content"]["words"] == f"early {ticket.number} {alice.name}"
    portal = panels.panels_of(ticket, alice, now=MONDAY, side=Side.PORTAL)
    assert [p["name"] for p in portal] == ["theirs"]


@pytest.mark.usefixtures("only")
def test_two_panels_of_one_name_are_refused_and_the_same_twice_is_once(cast: Cast) -> None:
    panels.register(_panel("one", 1, "one"))
    panels.register(_panel("one", 1, "one"))
    with pytest.raises(ValueError, match="two panels are named one"):
        panels.register(Panel("one", 1, "other.html", _says("x")))
    found = panels.panels_of(make_incident(cast), cast.alice.actor, now=MONDAY, side=Side.DESK)
    assert len(found) == 1


@pytest.mark.usefixtures("only")
def test_one_question_tells_which_panels_have_something_and_only_those_are_read(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    ticket = make_incident(cast)
    read: list[str] = []

    def content(name: str) -> Any:
        def shown(record: Record, actor: Actor, *, now: datetime) -> dict[str, str]:
            read.append(name)
            return {}

        return shown

    def rows(**wanted: Any) -> Any:
        return lambda record, actor, *, now: Record.objects.filter(**wanted)

    probes = {
        "there": rows(pk=ticket.pk),
        "not there": rows(pk=0),
        "nowhere": rows(pk__in=[]),
        "either": lambda record, actor, *, now: [rows(pk=0)(0, 0, now=0), rows(pk=ticket.pk)(0, 0, now=0)],
        "neither": lambda record, actor, *, now: [rows(pk=0)(0, 0, now=0), rows(pk__in=[])(0, 0, now=0)],
        "yes": lambda record, actor, *, now: True,
        "no": lambda record, actor, *, now: False,
        "unasked": None,
    }
    for order, (name, probe) in enumerate(probes.items()):
        panels.register(Panel(name, order, f"{name}.html", content(name), probe=probe))
    with django_assert_num_queries(1):
        found = panels.panels_of(ticket, cast.alice.actor, now=MONDAY, side=Side.DESK)
    assert [p["name"] for p in found] == read == ["there", "either", "yes", "unasked"]


@pytest.mark.usefixtures("only")
def test_what_is_named_a_banner_stands_above_and_the_rest_beside(cast: Cast) -> None:
    panels.register(_panel("banner.first", 50, "above"))
    panels.register(_panel("second", 1, "beside"))
    found = panels.beside(make_incident(cast), cast.alice.actor, now=MONDAY, side=Side.DESK)
    assert {key: [p["name"] for p in shown] for key, shown in found.items()} == {
        "banners": ["banner.first"],
        "panels": ["second"],
    }
