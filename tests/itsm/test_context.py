"""The frame: who is offered which way, and what it costs."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.test import RequestFactory
from django.urls import resolve

from accounts.access import Actor
from itsm import context
from itsm.context import Entry


def frame_for(*roles: str, user: object = None) -> dict[str, Any]:
    request = RequestFactory().get("/")
    request.actor = SimpleNamespace(roles=frozenset(roles))  # type: ignore[attr-defined]
    request.user = user or SimpleNamespace(is_authenticated=False)  # type: ignore[assignment]
    return context.frame(request)


def entries_of(frame: dict[str, Any]) -> list[dict[str, Any]]:
    return [entry for section in frame["nav"] for entry in section["entries"]]


@pytest.fixture
def rail(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three entries: a page for staff, a page for leaders, and one whose page does not exist."""
    entries = (
        Entry("healthz", "Desk", "inbox", context.STAFF),
        Entry("set_language", "Reports", "chart-bar", context.LEADERS),
        Entry("nowhere:page", "Nowhere", "x", context.STAFF),
    )
    monkeypatch.setattr(context, "RAIL", entries)


@pytest.mark.usefixtures("rail")
@pytest.mark.parametrize(
    ("roles", "labels"),
    [
        (("agent",), ["Desk"]),
        (("manager",), ["Desk", "Reports"]),
        (("service_level_manager",), ["Desk", "Reports"]),
        (("customer",), []),
        ((), []),
    ],
)
def test_the_rail_offers_what_the_role_may_open_and_what_exists(
    roles: tuple[str, ...], labels: list[str]
) -> None:
    assert [entry["label"] for entry in entries_of(frame_for(*roles))] == labels


@pytest.mark.parametrize(
    ("address", "lit"),
    [
        ("/agreements/", "Agreements"),
        ("/sla/coverage/", "Agreements"),
        ("/sla/agreements/acme/underpinning/", "Agreements"),
        ("/sla/simulate/", "SLA clock"),
        ("/levels/outages/", "Standing"),
        ("/queue/", "Desk"),
        ("/customers/xinghe/", "Customers"),
        ("/surveys/", "Complaints"),
    ],
)
def test_one_entry_is_lit_the_page_itself_before_its_app(address: str, lit: str) -> None:
    request = RequestFactory().get(address)
    request.actor = SimpleNamespace(roles=frozenset({"manager"}))  # type: ignore[attr-defined]
    request.user = SimpleNamespace(is_authenticated=False)  # type: ignore[assignment]
    request.resolver_match = resolve(address)
    entries = entries_of(context.frame(request))
    assert [str(entry["label"]) for entry in entries if entry["active"]] == [lit]


def test_the_rail_stands_in_sections_and_shows_none_that_is_empty() -> None:
    def captions(*roles: str) -> list[str]:
        return [section["caption"] for section in frame_for(*roles)["nav"]]

    assert captions("administrator")[-1] == "Administration"
    assert captions("agent") == [
        "Service desk", "Customers", "Problems and changes", "Configuration", "Knowledge and catalogue",
        "Service levels",
    ]  # fmt: skip
    assert captions("customer") == []


def test_a_request_without_actor_or_match_still_gets_a_frame() -> None:
    frame = context.frame(RequestFactory().get("/"))
    assert frame["nav"] == []
    assert frame["unread_notices"] == 0
    assert frame["theme"] == "auto"


@pytest.mark.django_db
def test_the_frame_asks_the_database_nothing_until_it_is_shown(django_assert_num_queries: Any) -> None:
    actor = Actor(user_id=1, name="Li Na", roles=frozenset({"agent"}), scope=None)
    reader = SimpleNamespace(is_authenticated=True, pk=1, actor=actor)
    with django_assert_num_queries(0):
        frame = frame_for("agent", user=reader)
    with django_assert_num_queries(2):
        assert frame["unread_notices"] == 0
        assert str(frame["provider_name"])
