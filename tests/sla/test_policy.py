"""Which target applies to a ticket: the most exact one, and one for its kind before one for all kinds."""

from typing import NamedTuple

import pytest

from sla import policy
from sla.keys import key_of, scope_of
from sla.reading import Refused
from sla.terms import Terms
from tests.sla.test_terms import HOUR, given


class Row(NamedTuple):
    name: str
    metric: str = "resolution"
    service_id: int | None = None
    priority: int | None = None
    ticket_kind: str | None = ""


def chosen(*rows: Row, kind: str = "incident", service: int | None = 7, priority: int = 1) -> str:
    found = policy.choose_targets(rows, kind=kind, service_id=service, priority=priority)
    return found["resolution"].name if found else ""


GENERAL, MAIL, URGENT = Row("general"), Row("mail", service_id=7), Row("urgent", priority=1)
BOTH = Row("both", service_id=7, priority=1)
REQUESTS = Row("requests", ticket_kind="request")
MAIL_REQUESTS = Row("mail requests", service_id=7, ticket_kind="request")


@pytest.mark.req("REQ-01")
def test_a_target_for_requests_counts_for_requests_before_every_target_for_all_and_for_nothing_else() -> None:
    rows = (BOTH, REQUESTS, GENERAL, MAIL)
    assert chosen(*rows, kind="request") == "requests"
    assert chosen(*rows, MAIL_REQUESTS, kind="request") == "mail requests"
    assert chosen(*rows, MAIL_REQUESTS, kind="incident") == "both"
    assert chosen(REQUESTS, kind="incident") == ""


def test_service_and_priority_come_before_service_before_priority_before_the_general_one() -> None:
    assert chosen(GENERAL, URGENT, MAIL, BOTH) == "both"
    assert chosen(GENERAL, URGENT, MAIL) == "mail"
    assert chosen(GENERAL, URGENT) == "urgent"
    assert chosen(GENERAL, URGENT, priority=2) == "general"
    assert chosen(URGENT, priority=2) == ""


@pytest.mark.parametrize(
    "scope",
    [
        ("resolution", "", "", ""),
        ("resolution", "mail", "1", ""),
        ("resolution", "", "", "request"),
        ("on_site", "mail", "2", "incident"),
    ],
)
def test_a_key_can_be_taken_apart_again(scope: tuple[str, str, str, str]) -> None:
    metric, service, priority, kind = scope
    key = key_of(metric, service or None, int(priority) if priority else None, kind or None)
    assert scope_of(key) == scope


def test_terms_without_a_kind_are_written_as_before_and_those_with_one_name_it() -> None:
    plain = {"metric": "resolution", "promise": HOUR}
    whole = given(targets=[plain, plain | {"ticket_kind": "request"}])
    read = Terms.parse(whole)
    assert [term.key for term in read.targets] == ["resolution//", "resolution///request"]
    first, second = read.dump()["targets"]
    assert "ticket_kind" not in first
    assert second["ticket_kind"] == "request"
    assert Terms.parse(read.dump()) == read


def test_a_kind_that_is_none_is_refused_by_name() -> None:
    with pytest.raises(Refused) as refused:
        Terms.parse(given(targets=[{"metric": "resolution", "promise": HOUR, "ticket_kind": "problem"}]))
    assert refused.value.field == "targets[0].ticket_kind"
