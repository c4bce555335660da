"""Room between appointments, and parts read from lines."""

from datetime import UTC, datetime, timedelta

import pytest

from fieldwork import content
from fieldwork.slots import Span, free

NINE = datetime(2026, 3, 5, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = [Span(NINE, NINE + 4 * HOUR)]


def hours(
    taken: list[Span], length: float = 1, before: float = 0, since: datetime = NINE - 9 * HOUR
) -> list[float]:
    found = free(DAY, taken, length=length * HOUR, before=before * HOUR, step=HOUR / 2, since=since)
    return [9 + (at - NINE) / HOUR for at in found]


@pytest.mark.req("SD-29")
def test_free_times_fit_between_what_is_taken() -> None:
    assert hours([]) == [9, 9.5, 10, 10.5, 11, 11.5, 12]
    assert hours([Span(NINE + HOUR, NINE + 2 * HOUR)]) == [9, 11, 11.5, 12]
    assert hours([Span(NINE + HOUR, NINE + 2 * HOUR)], before=0.5) == [9, 11.5, 12]
    assert hours([], length=4) == [9]
    assert hours([], length=5) == []
    assert hours([], since=NINE + 2 * HOUR) == [11, 11.5, 12]


def test_parts_are_read_one_a_line_and_written_the_same() -> None:
    found = content.read_parts("Cable; C5; 2\n\nFuse\n保险丝；F1；3")
    assert [tuple(part.values()) for part in found] == [
        ("Cable", "C5", 2),
        ("Fuse", "", 1),
        ("保险丝", "F1", 3),
    ]
    assert content.read_parts(content.write_parts(found)) == found


@pytest.mark.parametrize("text", ["; C5; 1", "a; b; c", "a; b; 0", "a;b;1;d", "x" * 300, "a\n" * 51])
def test_lines_that_are_no_parts_are_named(text: str) -> None:
    with pytest.raises(content.BadPart):
        content.read_parts(text)


def test_the_hash_depends_on_every_word_and_not_on_their_order() -> None:
    one = {"a": "字", "b": [1, None]}
    assert content.digest(one) == content.digest({"b": [1, None], "a": "字"})
    assert content.digest(one) != content.digest({"a": "字", "b": [1, 0]})
