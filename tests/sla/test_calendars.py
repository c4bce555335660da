"""Holidays from the library, new editions of calendars, and the warning when known years run out."""

import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from accounts.access import Denied
from sla import calendar as working_time
from sla import calendars, public_holidays, tasks
from sla.models import CalendarVersion, Retiming
from sla.queries import calendars_running_out
from tests.cast import OFFICE, Cast

NOW = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)


def command(*arguments: str) -> str:
    out = io.StringIO()
    call_command("import_holidays", *arguments, stdout=out)
    return out.getvalue()


def test_china_2026_has_its_holidays_and_make_up_days() -> None:
    days = {day.on: day for day in public_holidays.official("CN", 2026)}
    makeup = {on.isoformat(): day.worked_as for on, day in days.items() if day.kind == "makeup"}
    assert makeup == {
        "2026-01-04": "fri",
        "2026-02-14": "fri",
        "2026-02-28": "mon",
        "2026-05-09": "tue",
        "2026-09-20": "tue",
        "2026-10-10": "wed",
    }
    assert days[date(2026, 2, 17)].kind == "holiday"
    assert days[date(2026, 1, 4)].instead_of == date(2026, 1, 2)
    assert date(2026, 2, 24) not in days


def test_a_year_nobody_has_published_is_refused() -> None:
    with pytest.raises(public_holidays.UnknownYear, match="2040"):
        public_holidays.official("CN", 2040)
    with pytest.raises(public_holidays.UnknownCountry, match="XX"):
        public_holidays.official("XX", 2026)
    assert public_holidays.official_years("CN", 2025, 2026) == [2025, 2026]
    assert 2040 not in public_holidays.official_years("CN", 2025, 2040)


def test_a_country_without_make_up_days_has_holidays_only() -> None:
    days = public_holidays.official("DE", 2026)
    assert date(2026, 10, 3) in {day.on for day in days}
    assert {day.kind for day in days} == {"holiday"}


def test_adding_days_keeps_the_organisations_own_and_names_what_changes() -> None:
    own = {
        **OFFICE,
        "holidays": ["2026-06-01", "2026-10-01"],
        "makeup": [{"date": "2026-05-09", "as": "mon"}],
    }
    merged, changes = calendars.with_days(own, public_holidays.official("CN", 2026))
    assert "2026-06-01" in merged["holidays"]
    assert {"date": "2026-05-09", "as": "tue"} in merged["makeup"]
    assert changes[date(2026, 5, 9)] == "changed"
    assert changes[date(2026, 10, 2)] == "new"
    assert date(2026, 10, 1) not in changes
    assert calendars.with_days(merged, public_holidays.official("CN", 2026))[1] == {}


@pytest.mark.django_db
def test_without_apply_the_days_are_shown_and_nothing_is_written(cast: Cast) -> None:
    shown = command("cn", "2026", "--calendar", "office")
    assert "2026-02-14 Sat  worked as fri   new" in shown
    assert "2026-02-17 Tue  holiday         new" in shown
    assert "--apply" in shown.splitlines()[-1]
    assert CalendarVersion.objects.filter(calendar=cast.calendar).count() == 1


@pytest.mark.django_db
def test_applied_days_are_a_new_edition_and_the_old_one_stays(cast: Cast) -> None:
    command("CN", "2026", "--calendar", "office", "--apply", "--effective-from", "2026-01-01T00:00+08:00")
    first, second = CalendarVersion.objects.filter(calendar=cast.calendar).order_by("number")
    assert first.definition == OFFICE
    assert second.holidays_known_until == date(2026, 12, 31)
    assert second.effective_from == datetime(2025, 12, 31, 16, tzinfo=UTC)
    assert working_time.is_working_day(second.hours, date(2026, 2, 28))
    assert not working_time.is_working_day(second.hours, date(2026, 2, 23))
    assert second.day_names["2026-01-01"] == {"en": "New Year's Day", "zh": "元旦"}
    assert not Retiming.objects.exists()
    again = command("CN", "2026", "--apply")
    assert "office: all of it is there already" in again
    assert CalendarVersion.objects.filter(calendar=cast.calendar).count() == 2


@pytest.mark.django_db
def test_open_clocks_follow_imported_days_only_if_that_is_said(cast: Cast) -> None:
    said = command("CN", "2026", "--calendar", "office", "--apply", "--follow")
    assert "open clocks follow it" in said
    assert Retiming.objects.get().version.number == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["XX", "2026", "--all-calendars"], "is not a country"),
        (["CN", "2040", "--all-calendars"], "nothing was changed"),
        (["CN", "2026", "--calendar", "moon"], "There are: office"),
        (["CN", "2026"], "No calendar keeps holidays"),
        (["CN", "2026", "--calendar", "office", "--effective-from", "2026-01-01"], "not an instant"),
        (
            ["CN", "2026", "--calendar", "office", "--apply", "--effective-from", "2015-01-01T00:00Z"],
            "earlier",
        ),
    ],
)
def test_a_mistaken_import_says_what_would_be_right(cast: Cast, arguments: list[str], says: str) -> None:
    with pytest.raises(CommandError, match=says):
        command(*arguments)
    assert CalendarVersion.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("definition", "says"),
    [
        ({**OFFICE, "timezone": "Mars/Base"}, "not an IANA time zone"),
        ({"timezone": "UTC", "weekly": {}}, "never opens"),
        ({"timezone": "UTC", "weekly": {"mon": [["09:00", "09:00"]]}}, "same time"),
    ],
)
def test_a_calendar_nobody_can_compute_with_is_refused(
    cast: Cast, definition: dict[str, Any], says: str
) -> None:
    with pytest.raises(ValidationError, match=says):
        calendars.new_version(cast.calendar, definition, effective_from=NOW, actor=cast.admin.actor, now=NOW)
    with pytest.raises(Denied):
        calendars.new_version(cast.calendar, OFFICE, effective_from=NOW, actor=cast.alice.actor, now=NOW)
    assert CalendarVersion.objects.count() == 1


@pytest.mark.django_db
def test_calendars_run_out_sixty_days_before_their_last_known_day(cast: Cast) -> None:
    assert calendars_running_out(NOW) == []  # it never kept holidays
    calendars.new_version(
        cast.calendar, OFFICE, effective_from=NOW, actor=cast.mona.actor, now=NOW,
        holidays_known_until=date(2026, 12, 31),
    )  # fmt: skip
    end = datetime(2026, 12, 31, tzinfo=UTC)
    assert calendars_running_out(end - timedelta(days=60)) == []
    assert [each.calendar for each in calendars_running_out(end - timedelta(days=59))] == [cast.calendar]
    calendars.new_version(
        cast.calendar, OFFICE, effective_from=NOW, actor=cast.mona.actor, now=NOW,
        holidays_known_until=date(2027, 12, 31),
    )  # fmt: skip
    assert calendars_running_out(end) == []


@pytest.mark.django_db
def test_the_daily_look_and_the_command_name_the_calendar(
    cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    calendars.new_version(
        cast.calendar, OFFICE, effective_from=NOW, actor=cast.mona.actor, now=NOW,
        holidays_known_until=date(2020, 1, 1),
    )  # fmt: skip
    assert tasks.check_calendars() == 1
    assert "calendar office knows holidays until 2020-01-01 only" in caplog.text
    out = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("check_calendars", stdout=out)
    assert out.getvalue().startswith("office (Office): holidays are known until 2020-01-01")
