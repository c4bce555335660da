"""The formats every page uses: durations, instants, people, small drawings."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.template import Context, Template
from django.utils import timezone, translation

from itsm.templatetags import ui

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "0 s"),
        (45, "45 s"),
        (60, "1 min"),
        (3600 * 3 + 12 * 60 + 59, "3 h 12 min"),
        (timedelta(days=2), "2 d"),
        (timedelta(days=2, hours=4, minutes=59), "2 d 4 h"),
        (timedelta(days=2, minutes=5), "2 d"),
        (-900, "15 min"),
        (None, ""),
        ("soon", ""),
    ],
)
def test_a_duration_is_said_in_its_largest_two_units(value: object, words: str) -> None:
    assert ui.duration(value) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (3600, "1 working hour"),
        (4 * 3600, "4 working hours"),
        (30 * 60, "30 working minutes"),
        (90 * 60, "1 h 30 min working time"),
        (30 * 3600, "30 working hours"),
    ],
)
def test_working_time_is_named_and_never_folded_into_days(value: int, words: str) -> None:
    assert ui.working_duration(value) == words


@pytest.mark.parametrize(
    ("language", "words"), [("en", "2026-11-20 21:09"), ("zh-hans", "2026年11月20日 21:09")]
)
def test_an_instant_is_written_in_the_readers_zone_and_language(language: str, words: str) -> None:
    at = datetime(2026, 11, 20, 13, 9, tzinfo=UTC)
    with translation.override(language), timezone.override("Asia/Shanghai"):
        html = ui.stamp(at)
    assert f">{words}</time>" in html
    assert 'datetime="2026-11-20T13:09:00+00:00"' in html
    assert "21:09:00 Asia/Shanghai" in html


def test_a_zone_that_is_not_the_readers_is_named() -> None:
    with translation.override("en"), timezone.override("Asia/Shanghai"):
        assert ">2026-11-20 21:00 Asia/Tokyo</time>" in ui.stamp_in(NOON, "Asia/Tokyo")


@pytest.mark.parametrize(
    ("offset", "words"),
    [
        (timedelta(seconds=-5), "just now"),
        (timedelta(minutes=-3, seconds=-20), "3 min ago"),
        (timedelta(hours=-5), "5 h ago"),
        (timedelta(days=-6), "6 d ago"),
        (timedelta(days=-8), "2026-11-12"),
        (timedelta(minutes=25), "in 25 min"),
        (timedelta(days=1, hours=3), "in 1 d"),
    ],
)
def test_a_relative_time_uses_one_unit_and_a_date_beyond_a_week(offset: timedelta, words: str) -> None:
    with translation.override("en"):
        assert ui.relative_words(NOON + offset, now=NOON) == words


def test_nothing_is_shown_for_no_instant() -> None:
    assert (ui.stamp(None), ui.ago(None), ui.day(None), ui.stamp_in(None, "UTC")) == ("", "", "", "")


def test_a_date_alone_takes_the_readers_day() -> None:
    late = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
    with timezone.override("Asia/Shanghai"):
        assert ui.day(late) == "2026-11-21"
    assert ui.day(date(2026, 1, 2)) == "2026-01-02"


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Li Wei", "LW"),
        ("Mona", "M"),
        ("王小明", "小明"),
        ("欧阳小明", "欧阳"),
        ("", "?"),
        (None, "?"),
        ("Ann B. Cole", "AC"),
    ],
)
def test_initials_suit_names_of_both_scripts(name: str | None, letters: str) -> None:
    assert ui.initials(name) == letters


def test_a_name_keeps_its_colour() -> None:
    assert ui.avatar_tone("Li Wei") == ui.avatar_tone("Li Wei")
    assert 0 <= ui.avatar_tone("王小明") < ui.AVATAR_TONES


@pytest.mark.parametrize(("value", "share"), [(42.6, "43"), (250, "100"), (-3, "0"), (None, "0")])
def test_a_share_stays_within_its_bar(value: float | None, share: str) -> None:
    assert ui.percent(value) == share


def test_segments_are_laid_end_to_end_and_fill_the_bar() -> None:
    rows = ui.with_offsets([{"share": 10}, {"share": 30}, {"share": 10}])
    assert [(row["x"], row["width"]) for row in rows] == [
        ("0.000", "20.000"),
        ("20.000", "60.000"),
        ("80.000", "20.000"),
    ]
    assert ui.with_offsets(None) == []


def test_a_sparkline_leaves_a_gap_where_there_is_no_number() -> None:
    assert ui.spark_path([1, 2, None, 3, 4]).count("M") == 2
    assert ui.spark_path([5]) == ""
    assert ui.spark_path([5, 5]) == "M0.0 12.0 L100.0 12.0"


def test_an_icon_is_hidden_from_screen_readers_and_its_name_is_escaped() -> None:
    html = Template('{% load ui %}{% icon name "icon-lg" %}').render(Context({"name": '"><script>'}))
    assert 'class="icon icon-lg" aria-hidden="true"' in html
    assert "<script>" not in html
    assert ui.icon("") == ""
