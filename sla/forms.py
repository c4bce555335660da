"""The form of the clock simulator: people's words to one case of the case format."""

import zoneinfo
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sla.models import Calendar, CalendarVersion

UNITS = {
    "minutes": gettext_lazy("working minutes"),
    "hours": gettext_lazy("working hours"),
    "working_days": gettext_lazy("working days, same time of day"),
    "working_days_close": gettext_lazy("working days, until closing"),
    "calendar_days": gettext_lazy("calendar days, same time of day"),
    "calendar_days_close": gettext_lazy("calendar days, until midnight"),
}
EVENTS = ("pause", "resume", "stop", "reopen", "cancel")
MOMENT = "%Y-%m-%d %H:%M"


class SimulateForm(forms.Form):
    """One clock: calendar, target, start, events and the instant it is looked at.

    Instants are wall-clock time in the calendar's zone.
    """

    calendar = forms.ModelChoiceField(Calendar.objects.all(), label=gettext_lazy("Calendar"))
    amount = forms.IntegerField(label=gettext_lazy("Target"), min_value=1, max_value=1_000_000, initial=4)
    unit = forms.ChoiceField(label=gettext_lazy("Unit"), choices=list(UNITS.items()), initial="hours")
    start = forms.CharField(label=gettext_lazy("Start"), max_length=16)
    at = forms.CharField(label=gettext_lazy("Looked at"), max_length=16)
    events = forms.CharField(
        label=gettext_lazy("What happened"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
        help_text=gettext_lazy(
            "One event a line: time, then pause, resume, stop, reopen or cancel, then a reason if you like."
        ),
    )
    thresholds = forms.CharField(
        label=gettext_lazy("Warn at percent"), required=False, max_length=100, initial="50, 75, 90"
    )

    def version(self) -> CalendarVersion:
        """The newest edition of the chosen calendar."""
        calendar: Calendar = self.cleaned_data["calendar"]
        return calendar.versions.order_by("-number")[0]

    def clean_calendar(self) -> Calendar:
        calendar: Calendar = self.cleaned_data["calendar"]
        if not calendar.versions.exists():
            raise ValidationError(_("This calendar has no version yet."))
        return calendar

    def clean_thresholds(self) -> list[int]:
        words = self.cleaned_data["thresholds"].replace("，", ",").split(",")
        try:
            return [int(word) for word in words if word.strip()]
        except ValueError:
            raise ValidationError(_("Give whole numbers with commas between, such as 50, 75, 90.")) from None

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = self.cleaned_data
        if "calendar" not in data:
            return data
        zone = zoneinfo.ZoneInfo(self.version().definition["timezone"])
        for name in ("start", "at"):
            if name in data:
                data[name] = self._moment(name, data[name], zone)
        lines = data.get("events", "").splitlines()
        data["events"] = [self._event(n, line, zone) for n, line in enumerate(lines, 1) if line.strip()]
        return data

    def _moment(self, field: str, words: str, zone: zoneinfo.ZoneInfo, line: int = 0) -> str:
        try:
            local = datetime.strptime(words.strip().replace("T", " "), MOMENT).replace(tzinfo=zone)
        except ValueError:
            where = _("Line %(n)s: ") % {"n": line} if line else ""
            self.add_error(
                field,
                where + _("“%(words)s” is not a time such as 2026-03-02 09:30.") % {"words": words[:20]},
            )
            return ""
        return local.astimezone(UTC).isoformat()

    def _event(self, line: int, words: str, zone: zoneinfo.ZoneInfo) -> dict[str, str]:
        day, _space, rest = words.strip().partition(" ")
        clock, _space, rest = rest.strip().partition(" ")
        kind, _space, reason = rest.strip().partition(" ")
        at = self._moment("events", f"{day} {clock}", zone, line)
        if at and kind not in EVENTS:
            self.add_error(
                "events",
                _("Line %(n)s: “%(word)s” must be one of %(words)s.")
                % {"n": line, "word": kind[:20], "words": ", ".join(EVENTS)},
            )
        event = {"at": at, "type": kind}
        if reason.strip() and kind in ("pause", "resume"):
            event["reason"] = reason.strip()
        return event

    def request(self) -> dict[str, Any]:
        """The request in the case format that this form stands for; valid forms only."""
        data = self.cleaned_data
        name = data["calendar"].code
        case = {
            "id": "form",
            "type": "clock",
            "calendar": name,
            "start": data["start"],
            "target": self._target(),
            "events": data["events"],
            "checks": [{"at": data["at"]}],
            "thresholds": data["thresholds"],
            "explain": True,
        }
        return {"calendars": {name: self.version().definition}, "cases": [case]}

    def _target(self) -> dict[str, Any]:
        unit, amount = self.cleaned_data["unit"], self.cleaned_data["amount"]
        if unit in ("minutes", "hours"):
            seconds = amount * (60 if unit == "minutes" else 3600)
            return {"kind": "business_seconds", "seconds": seconds}
        until = "close" if unit.endswith("_close") else "same_time"
        return {"kind": unit.removesuffix("_close"), "days": amount, "until": until}
