"""Where one kind of work goes different ways: all of them in one table."""

import pytest

from records.lifecycle import IllegalMove, Lifecycle, Phase

SHORT = Lifecycle(
    initial="new",
    phases={"new": Phase.ACTIVE, "done": Phase.DONE},
    moves={"finish": (frozenset({"new"}), "done")},
)
LONG = Lifecycle(
    initial="new",
    phases={"new": Phase.ACTIVE, "asked": Phase.WAITING, "done": Phase.DONE, "off": Phase.DONE},
    moves={
        "ask": (frozenset({"new"}), "asked"),
        "finish": (frozenset({"asked"}), "done"),
        "drop": (frozenset({"new", "asked"}), "off"),
    },
    withdrawn=frozenset({"off"}),
)


def test_ways_joined_know_every_state_and_every_source() -> None:
    both = Lifecycle.joined(SHORT, LONG)
    assert both.states() == {"new", "asked", "done", "off"}
    assert both.moves["finish"] == (frozenset({"new", "asked"}), "done")
    assert both.withdrawn == {"off"}


def test_the_short_way_does_not_lend_its_moves_to_the_long_one() -> None:
    with pytest.raises(IllegalMove):
        LONG.next_state("new", "finish")


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (Lifecycle("new", {"new": Phase.WAITING}, {}), "two phases"),
        (
            Lifecycle(
                "new",
                {"new": Phase.ACTIVE, "off": Phase.DONE},
                {"finish": (frozenset({"new"}), "off")},
            ),
            "leads to",
        ),
        (Lifecycle("old", {"old": Phase.ACTIVE}, {}), "begin in one state"),
    ],
)
def test_ways_that_contradict_each_other_are_refused(other: Lifecycle, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Lifecycle.joined(SHORT, other)
