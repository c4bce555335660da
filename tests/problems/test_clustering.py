"""Which incidents are of one kind: properties of the pure function, and titles of both languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from problems.clustering import Seen, are_alike, clusters, grew_by_half
from problems.recurring import words_of

WORDS = st.frozensets(st.sampled_from("abcdefgh"), max_size=5)
ROWS = st.lists(st.tuples(st.integers(1, 3), WORDS), max_size=40)


def seen(rows: list[tuple[int, frozenset[str]]]) -> list[Seen]:
    return [Seen(number, group, words) for number, (group, words) in enumerate(rows, start=1)]


@pytest.mark.req("PRB-10")
@given(rows=ROWS)
def test_a_cluster_is_large_enough_of_one_group_and_its_incidents_share_words(
    rows: list[tuple[int, frozenset[str]]],
) -> None:
    given_rows = {each.incident: each for each in seen(rows)}
    taken: list[int] = []
    for cluster in clusters(given_rows.values()):
        members = [given_rows[i] for i in cluster.incidents]
        taken += cluster.incidents
        assert len(members) >= 3
        assert {m.group for m in members} == {cluster.group}
        shared = frozenset.intersection(*(m.words for m in members))
        assert len(shared) >= min(2, *(len(m.words) for m in members))
        assert set(cluster.words) >= shared
    assert len(taken) == len(set(taken))


@given(rows=ROWS, data=st.data())
def test_the_order_of_the_incidents_does_not_matter(
    rows: list[tuple[int, frozenset[str]]], data: st.DataObject
) -> None:
    one = seen(rows)
    assert clusters(one) == clusters(data.draw(st.permutations(one)))


@given(rows=ROWS)
def test_no_three_incidents_that_share_two_words_are_left_over(
    rows: list[tuple[int, frozenset[str]]],
) -> None:
    everything = seen(rows)
    taken = {i for cluster in clusters(everything) for i in cluster.incidents}
    assert clusters([each for each in everything if each.incident not in taken]) == []


@given(one=WORDS, other=WORDS)
def test_being_alike_is_mutual_and_every_title_is_like_itself(
    one: frozenset[str], other: frozenset[str]
) -> None:
    assert are_alike(one, other) == are_alike(other, one)
    assert are_alike(one, one) == bool(one)


@pytest.mark.req("PRB-10")
@pytest.mark.parametrize(
    "titles",
    [
        ("Printer in hall 3 jams paper", "Paper jams again in the printer", "The printer: paper jams"),
        ("打印机卡纸了", "三楼打印机又卡纸", "打印机卡纸，无法打印"),
    ],
)
def test_the_same_words_in_either_language_make_a_cluster(titles: tuple[str, ...]) -> None:
    rows = [Seen(n, 1, words_of(title)) for n, title in enumerate(titles)]
    others = [Seen(9, 1, words_of("VPN 登录很慢")), Seen(10, 2, words_of(titles[0]))]
    assert [cluster.incidents for cluster in clusters([*rows, *others])] == [(0, 1, 2)]


@given(judged=st.integers(1, 1000), new=st.integers(0, 1000))
def test_a_dismissed_cluster_comes_back_once_it_has_grown_by_half(judged: int, new: int) -> None:
    assert grew_by_half(judged, new) == (judged + new >= 1.5 * judged and new > 0)
