"""The words of a report's figures, in the language that is active: codes are never shown."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts.models import in_reader_language
from actions.models import ActionState, PlanState
from agreements.terms_words import promise
from itsm.templatetags.ui import day_words, instant_words
from levels.measured import REASONS, amount
from records.models import Priority
from servicereports.tree import NONE
from sla.models import Agreement, Breach, Exclusion, MeasuredTarget, Metric, TicketKind
from sla.target import Target

ACCOUNTABLE: Mapping[str, Any] = {
    "": gettext_lazy("We ourselves"),
    Agreement.Kind.OLA: gettext_lazy("A team of ours"),
    Agreement.Kind.UC: gettext_lazy("A supplier of ours"),
}
"""Who answers for a miss: the kind of agreement that was broken. Suppliers are not named to customers."""


class Words:
    """The names and the zone of one report's content."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        self.names: Mapping[str, Any] = content["context"]["names"]
        self.zone = ZoneInfo(content["rules"]["zone"])
        versions = {row["version"] for row in content["figures"]["attainment"]["targets"]}
        self.has_versions = len(versions) > 1
        self.targets = {row["id"]: row for row in content["figures"]["attainment"]["targets"]}

    def instant(self, text: str | None) -> str:
        return instant_words(datetime.fromisoformat(text), self.zone) if text else NONE

    def service(self, code: str | None) -> str:
        if not code:
            return _("all services")
        return named(self.names["services"].get(code), code)

    def services(self, codes: list[str]) -> str:
        return joined([self.service(code) for code in codes])

    def team(self, code: str | None) -> str:
        return named(self.names["teams"].get(code), code) if code else ""

    def person(self, username: str) -> str:
        return str(self.names["people"].get(username, username)) or NONE

    def title(self, number: str) -> str:
        return str(self.names["records"].get(number, ""))

    def target(self, row: Mapping[str, Any]) -> str:
        """ "Resolution · E-mail · Critical"; with the version where there are several."""
        parts = [str(Metric(row["metric"]).label)]
        if row["service"]:
            parts.append(self.service(row["service"]))
        parts.append(str(Priority(row["priority"]).label) if row["priority"] else _("all priorities"))
        if kind := row.get("ticket_kind"):
            parts.append(str(TicketKind(kind).label))
        if self.has_versions:
            parts.append(_("version %(number)s") % {"number": row["version"]})
        return " · ".join(parts)

    def target_of(self, key: str) -> str:
        return self.target(self.targets[key]) if key in self.targets else NONE

    def measure(self, row: Mapping[str, Any]) -> str:
        return f"{MeasuredTarget.Measure(row['measure']).label} · {self.service(row['service'])}"


def named(label: Mapping[str, str] | None, code: str) -> str:
    return in_reader_language(label["en"], label["zh"]) if label else code


def joined(words: list[str]) -> str:
    between = "、" if (get_language() or "").startswith("zh") else ", "
    return between.join(words) or NONE


def day(text: str) -> str:
    return day_words(date.fromisoformat(text))


def period(first: str, last: str) -> str:
    """A month by its name, else from day to day."""
    begin, end = date.fromisoformat(first), date.fromisoformat(last)
    if (begin.year, begin.month) == (end.year, end.month):
        if (get_language() or "").startswith("zh"):
            return f"{begin.year}年{begin.month}月"
        return date_format(begin, "F Y")
    return f"{day_words(begin)} – {day_words(end)}"


def percent(text: str | None) -> str:
    return f"{text}\u00a0%" if text is not None else NONE


def promised(definition: Mapping[str, Any]) -> str:
    """ "4 working hours", "2 working days, until closing time"."""
    return str(promise(Target.parse(dict(definition))))


def measured(value: str | None, unit: str) -> str:
    return NONE if value is None else amount(float(value), unit)


def limit(row: Mapping[str, Any]) -> str:
    """ "at least 99.9 %"."""
    operator = MeasuredTarget.Operator(row["operator"]).label
    return f"{operator} {measured(row['promised'], row['unit'])}"


def missing(code: str) -> str:
    """Why there is no figure."""
    return str(REASONS.get(code, "")) or _("Not measured")


def verdict(kept: bool | None) -> str:
    if kept is None:
        return _("not judged")
    return _("kept") if kept else _("not kept")


def reached(is_reached: bool | None) -> str:
    if is_reached is None:
        return _("nothing decided")
    return _("reached") if is_reached else _("missed")


def tone(is_good: bool | None) -> str:
    return "" if is_good is None else "good" if is_good else "bad"


def reason(code: str) -> str:
    return str(Breach.Reason(code).label) if code else _("Not explained yet")


def exclusion(code: str) -> str:
    return str(Exclusion.Reason(code).label)


def accountable(code: str) -> str:
    return str(ACCOUNTABLE.get(code, NONE))


def action_state(code: str) -> str:
    return str(ActionState(code).label)


def plan_state(code: str) -> str:
    return str(PlanState(code).label)
