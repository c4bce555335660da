"""The form of a calendar's next edition: a week, days of their own with their names, and from when."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sla import calendar as working_time
from sla.definition import WEEKDAYS as CODES
from sla.models import CalendarVersion

LONGEST = 62  # days in one row
MOST_ROWS = 60
WINDOW = re.compile(r"\s*(\d{1,2}:\d{2})\s*[-–—~～至]\s*(\d{1,2}:\d{2})\s*")
HINT = gettext_lazy("For example 09:00-12:00, 13:00-18:00")
# what the engine refuses, by its code, in words of this page
REFUSED: Mapping[str, Any] = {
    "overlap": gettext_lazy(
        "These hours overlap, also with those of the day before or after; they may only touch."
    ),
    "zero_length": gettext_lazy("These hours begin and end at the same time; a whole day is 00:00-24:00."),
    "crosses_midnight": gettext_lazy("A break does not cross midnight; write its parts at their weekdays."),
    "bad_time": gettext_lazy("Write times such as 09:30; 24:00 may only end."),
    "unknown_zone": gettext_lazy("There is no such time zone; write for example Asia/Shanghai or UTC."),
    "duplicate": gettext_lazy("This date is worked like two different weekdays; keep one of them."),
    "too_many": gettext_lazy("These are too many."),
}


class EditionForm(forms.Form):
    """The week and the frame of an edition. Days of their own are in :class:`DayForm`."""

    timezone = forms.CharField(label=gettext_lazy("Time zone"), max_length=60)
    always_open = forms.BooleanField(label=gettext_lazy("Open round the clock"), required=False)
    effective_from = forms.DateTimeField(
        label=gettext_lazy("In force from"), required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        help_text=gettext_lazy("Empty: at once. A holiday still to come needs no date here, it has its own."),
    )  # fmt: skip
    holidays_known_until = forms.DateField(
        label=gettext_lazy("Holidays known until"), required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=gettext_lazy("Empty: as before. A warning comes 60 days ahead."),
    )  # fmt: skip
    note = forms.CharField(label=gettext_lazy("Reason"), max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for n, code in enumerate(CODES):
            for kind, label in (("hours", gettext_lazy("hours")), ("breaks", gettext_lazy("breaks"))):
                field = forms.CharField(label=f"{WEEKDAYS[n]}: {label}", required=False, max_length=200)
                field.widget.attrs["placeholder"] = "09:00-18:00" if kind == "hours" else ""
                self.fields[f"{kind}_{code}"] = field

    @property
    def week(self) -> list[dict[str, Any]]:
        """The fields of each weekday."""
        return [
            {"day": WEEKDAYS[n], "hours": self[f"hours_{code}"], "breaks": self[f"breaks_{code}"]}
            for n, code in enumerate(CODES)
        ]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        for kind in ("hours", "breaks"):
            found = {}
            for code in CODES:
                try:
                    windows = read_windows(given.get(f"{kind}_{code}", ""))
                except ValidationError as refused:
                    self.add_error(f"{kind}_{code}", refused)
                    continue
                if windows:
                    found[code] = windows
            given[kind] = found
        return given


def read_windows(text: str) -> list[list[str]]:
    """ "9:00-12:00, 13:00-18:00" as pairs of times."""
    found = []
    for part in re.split(r"[,;，；、]", text):
        if not part.strip():
            continue
        matched = WINDOW.fullmatch(part)
        if matched is None:
            raise ValidationError(_("Write hours such as 09:00-12:00, 13:00-18:00."))
        found.append([each.rjust(5, "0") for each in matched.groups()])
    return found


class DayForm(forms.Form):
    """A date, or some in a row, with hours of their own; empty rows count for nothing."""

    first = forms.DateField(
        label=gettext_lazy("From"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    last = forms.DateField(
        label=gettext_lazy("Until"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    kind = forms.ChoiceField(label=gettext_lazy("What"), required=False)
    hours = forms.CharField(label=gettext_lazy("Hours"), required=False, max_length=200)
    name_en = forms.CharField(label=gettext_lazy("Name (English)"), required=False, max_length=100)
    name_zh = forms.CharField(label=gettext_lazy("Name (Chinese)"), required=False, max_length=100)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        worked = [
            (code, _("worked like a %(weekday)s") % {"weekday": WEEKDAYS[n]}) for n, code in enumerate(CODES)
        ]
        choices = [("holiday", _("not worked")), ("special", _("hours of its own")), *worked]
        self.fields["kind"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        first, last = given.get("first"), given.get("last")
        if not first and any(given.get(name) for name in ("last", "hours", "name_en", "name_zh")):
            self.add_error("first", _("Choose the date."))
        if first and last and not first <= last < first + timedelta(days=LONGEST):
            self.add_error("last", _("The end lies after the beginning, by at most two months."))
        is_special = given.get("kind") == "special"
        if first and is_special and not given.get("hours"):
            self.add_error("hours", _("Give the hours of this day."))
        if first and given.get("hours") and not is_special:
            self.add_error("hours", _("Only a day with hours of its own has hours here."))
        try:
            given["windows"] = read_windows(given.get("hours") or "")
        except ValidationError as refused:
            self.add_error("hours", refused)
        return given


Days = forms.formset_factory(DayForm, extra=3, max_num=MOST_ROWS, absolute_max=MOST_ROWS)


# --- from the form to a definition and back ---------------------------------------------------


def initial_of(version: CalendarVersion | None) -> dict[str, Any]:
    """What the form begins with: the newest edition, else a five-day week."""
    if version is None:
        return {"timezone": "Asia/Shanghai", **{f"hours_{code}": "09:00-18:00" for code in CODES[:5]}}
    given = version.definition
    found: dict[str, Any] = {
        "timezone": given["timezone"],
        "always_open": bool(given.get("always_open")),
        "holidays_known_until": version.holidays_known_until,
    }
    for kind, key in (("hours", "weekly"), ("breaks", "breaks")):
        for code, windows in (given.get(key) or {}).items():
            found[f"{kind}_{code}"] = ", ".join(f"{begin}-{end}" for begin, end in windows)
    return found


def assemble(
    base: Mapping[str, Any],
    names: Mapping[str, Any],
    asked: Mapping[str, Any],
    added: list[dict[str, Any]],
    removed: set[str],
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The definition and the names of days of the next edition: the base's days, less some, and new ones."""
    holidays = {day for day in base.get("holidays", []) if day not in removed}
    makeup = {row["date"]: row["as"] for row in base.get("makeup", []) if row["date"] not in removed}
    special = {day: windows for day, windows in base.get("special", {}).items() if day not in removed}
    called = {day: words for day, words in names.items() if day not in removed}
    for row in added:
        for day in _dates(row):
            holidays.discard(day)
            makeup.pop(day, None)
            special.pop(day, None)
            called.pop(day, None)
            if row["kind"] == "holiday":
                holidays.add(day)
            elif row["kind"] == "special":
                special[day] = row["windows"]
            else:
                makeup[day] = row["kind"]
            if row.get("name_en") or row.get("name_zh"):
                called[day] = {"en": row.get("name_en", ""), "zh": row.get("name_zh", "")}
    made: dict[str, Any] = {"timezone": asked["timezone"].strip()}
    made |= {"always_open": True} if asked["always_open"] else {"weekly": asked["hours"]}
    made["breaks"] = asked["breaks"]
    made["holidays"] = sorted(holidays)
    made["makeup"] = [{"date": day, "as": makeup[day]} for day in sorted(makeup)]
    made["special"] = dict(sorted(special.items()))
    whole = {name: value for name, value in made.items() if value or name in ("timezone", "weekly")}
    return whole, dict(sorted(called.items()))


def _dates(row: Mapping[str, Any]) -> list[str]:
    first: date = row["first"]
    last: date = row["last"] or first
    return [(first + timedelta(days=n)).isoformat() for n in range((last - first).days + 1)]


def place(form: EditionForm, error: working_time.CalendarError) -> None:
    """Put what the engine refuses at the field it is about, in words of this page."""
    where, _dot, rest = error.field.partition(".")
    day = rest.partition("[")[0]
    field = {"weekly": f"hours_{day}", "breaks": f"breaks_{day}", "timezone": "timezone"}.get(where)
    words = REFUSED.get(error.code, gettext_lazy("The hours of this calendar cannot be computed with."))
    form.add_error(field if field in form.fields else None, words)
