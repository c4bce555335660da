"""The clocks a conversation drives: rules K of docs/sla-clock.md."""

from sla import conversation
from tests.sla.week import (
    DESK,
    t,
    w,
)


def talk(*messages, at="mon 17:00", **targets):
    kept = conversation.clocks(
        created=t("mon 10:00"),
        calendar=DESK,
        targets=targets or {"first_response": 3600},
        messages=messages,
        at=t(at),
    )
    return [(k.kind, w(k.start), k.stop and w(k.stop), k.state) for k in kept]


def says(when, author, public=True):
    return conversation.Message(t(when), author, public)


def test_only_a_public_message_of_an_agent_is_a_first_response_k_2():
    assert talk(
        says("mon 10:05", "automation"),
        says("mon 10:10", "agent", public=False),
        says("mon 10:15", "customer"),
        says("mon 10:30", "agent"),
    ) == [("first_response", "mon 10:00", "mon 10:30", "met")]
    assert talk(says("mon 10:05", "automation")) == [("first_response", "mon 10:00", None, "breached")]


def test_a_next_reply_is_opened_by_the_first_message_after_an_answer_k_3():
    found = talk(
        says("mon 10:10", "customer"),
        says("mon 10:30", "agent"),
        says("mon 11:00", "customer"),
        says("mon 11:30", "customer"),
        says("mon 13:00", "agent"),
        next_reply=3600,
    )
    assert found == [("next_reply", "mon 11:00", "mon 13:00", "breached")]


def test_a_next_update_is_opened_by_each_answer_and_stopped_by_the_next_k_4():
    messages = [
        says("mon 10:30", "agent"),
        says("mon 11:00", "agent"),
        conversation.Message(t("mon 11:30"), resolved=True),
        says("mon 12:00", "agent"),
    ]
    assert talk(*messages, first_response=3600, next_update=7200) == [
        ("first_response", "mon 10:00", "mon 10:30", "met"),
        ("next_update", "mon 10:30", "mon 11:00", "met"),
        ("next_update", "mon 11:00", "mon 11:30", "met"),
    ]
    assert talk(messages[0], next_update=7200, at="mon 11:00") == [
        ("next_update", "mon 10:00", "mon 10:30", "met"),
        ("next_update", "mon 10:30", None, "running"),
    ]


def test_messages_may_be_early_late_and_unsorted_x_2_x_3_x_4():
    assert talk(says("mon 16:00", "agent"), says("mon 08:00", "agent")) == [
        ("first_response", "mon 10:00", "mon 10:00", "met")
    ]
    assert talk(says("mon 10:30", "agent"), at="mon 09:00") == [
        ("first_response", "mon 10:00", None, "not_started")
    ]
    assert talk(says("mon 10:30", "agent"), at="mon 10:20") == [
        ("first_response", "mon 10:00", None, "running")
    ]
