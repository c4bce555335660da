"""The pages of calendars: what there is, one with its year and open clocks, and its next edition."""

from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Any

from django import forms
from django.core.exceptions import BadRequest, ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, F, Q
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.access import Actor, may
from accounts.pages import actor_for, add_errors, agent_of, now_utc
from sla import calendar as working_time
from sla import calendar_editing, calendar_forms, calendar_pages, definition, impact_pages
from sla.calendar_editing import Outdated
from sla.calendar_forms import Days, EditionForm
from sla.impact_rows import Preview, open_clocks, running_on
from sla.models import Agreement, Calendar, CalendarVersion, Clock, Metric
from sla.queries import RUNNING_OUT, agreements

SHOWN = 25
FOLLOW, KEEP = "follow", "keep"


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """All calendars with their present hours and how many open clocks run on them."""
    actor, now = agent_of(request), now_utc()
    newest = {v.calendar_id: v for v in CalendarVersion.objects.order_by("number") if v.effective_from <= now}
    counted = dict(
        open_clocks(Q(), actor)
        .annotate(on=Coalesce(F("target__calendar"), F("agreement_version__calendar")))
        .values("on")
        .annotate(n=Count("pk"))
        .values_list("on", "n")
    )
    rows = [
        _listed(calendar, newest.get(calendar.pk), now) for calendar in Calendar.objects.order_by("name_en")
    ]
    shown = [{**row, "clocks": counted.get(row["calendar"].pk, 0)} for row in rows]
    context = {"rows": shown, "may_edit": may(actor, "calendar")}
    return render(request, "sla/calendars.html", context)


def _listed(calendar: Calendar, version: CalendarVersion | None, now: datetime) -> dict[str, Any]:
    known = version.holidays_known_until if version else None
    return {
        "calendar": calendar,
        "version": version,
        "week": calendar_pages.summary(definition.read(version.definition)) if version else "",
        "known": known,
        "runs_out": bool(known and known < (now + RUNNING_OUT).date()),
    }


@require_safe
def detail(request: HttpRequest, code: str) -> HttpResponse:
    """One calendar: week, year, editions, who uses it, and the open clocks on it."""
    actor, now = agent_of(request), now_utc()
    calendar = get_object_or_404(Calendar, code=code)
    versions = list(calendar.versions.select_related("created_by", "retiming").order_by("-number"))
    context: dict[str, Any] = {
        "calendar": calendar,
        "may_edit": may(actor, "calendar"),
        "may_read_agreements": may(actor, "dashboard"),
        "editions": [
            _edition(version, before, now)
            for version, before in zip_longest(versions, versions[1:])
            if version
        ],
        "users": _users(calendar, actor, now),
        **_clocks(request, calendar, actor),
    }
    if versions:
        in_force = next((v for v in versions if v.effective_from <= now), versions[-1])
        number = _number(request, "edition") or in_force.number
        shown = next((v for v in versions if v.number == number), in_force)
        context |= _shown(shown, _number(request, "year") or timezone.localdate().year)
        context["is_in_force"] = shown == in_force
    return render(request, "sla/calendar.html", context)


def _number(request: HttpRequest, name: str) -> int:
    value = request.GET.get(name, "")
    if value and not (value.isascii() and value.isdigit() and len(value) <= 4):
        raise BadRequest(_("“%(field)s” must be a number.") % {"field": name})
    return int(value or 0)


def _shown(version: CalendarVersion, year: int) -> dict[str, Any]:
    """An edition's week and one of its years."""
    found = definition.read(version.definition)
    year = min(max(year, 1990), 2100)
    own = calendar_pages.days(found)
    this_year = timezone.localdate().year
    years = sorted({day.year for day in own if day.year >= this_year - 1} | {this_year, this_year + 1, year})
    first, last = timezone.localdate().replace(year=year, month=1, day=1), None
    last = first.replace(month=12, day=31)
    return {
        "shown": version,
        "zone": found.timezone,
        "week": calendar_pages.week(found),
        "has_breaks": any(found.breaks),
        "year": year,
        "years": years,
        "heads": calendar_pages.weekday_heads(),
        "months": calendar_pages.year(found, version.day_names, year),
        "days": calendar_pages.day_rows(found, version.day_names, first, last),
    }


def _edition(version: CalendarVersion, before: CalendarVersion | None, now: datetime) -> dict[str, Any]:
    retiming = getattr(version, "retiming", None)
    old = definition.read(before.definition) if before else None
    changed = calendar_pages.changes(old, definition.read(version.definition), version.day_names)
    return {
        "version": version,
        "changes": changed[:40],
        "more": max(0, len(changed) - 40),
        "is_to_come": version.effective_from > now,
        "retiming": retiming,
        "is_moving": bool(retiming and retiming.finished_at is None and retiming.starts_at <= now),
    }


def _users(calendar: Calendar, actor: Actor, now: datetime) -> list[Agreement]:
    """Agreements whose versions, in force or to come, go by it, as far as the reader may know them."""
    present = Q(versions__effective_until=None) | Q(versions__effective_until__gt=now)
    uses = Q(versions__calendar=calendar) | Q(versions__targets__calendar=calendar)
    rows = agreements(actor).filter(present, uses, Q(ended_at=None) | Q(ended_at__gt=now))
    return list(rows.distinct().order_by("kind", "name_en")[:200])


def _clocks(request: HttpRequest, calendar: Calendar, actor: Actor) -> dict[str, Any]:
    """Open clocks on a calendar, those due first first."""
    rows = open_clocks(running_on(calendar), actor).select_related("record", "support")
    page = Paginator(rows.order_by(F("due_at").asc(nulls_last=True), "pk"), SHOWN).get_page(
        request.GET.get("page")
    )
    return {"page": page, "clocks": [_clock(clock) for clock in page]}


def _clock(clock: Clock) -> dict[str, Any]:
    return {
        "clock": clock,
        "record": clock.record,
        "metric": Metric(clock.metric).label,
        "state": Clock.State(clock.state).label,
        "support": clock.support.name if clock.support else "",
    }


# --- the next edition ------------------------------------------------------------------------


class Decision(forms.Form):
    """What becomes of the clocks that are open."""

    follow = forms.ChoiceField(
        label=gettext_lazy("What becomes of open clocks"),
        choices=[
            (FOLLOW, gettext_lazy("They follow: from then on they run by the new hours, as shown below.")),
            (
                KEEP,
                gettext_lazy(
                    "They keep the hours they began with; only clocks that start later have the new ones."
                ),
            ),
        ],
        widget=forms.RadioSelect,
    )


class Wanted:
    """What somebody has filled in: the form, the rows of days, and the edition they make."""

    def __init__(self, calendar: Calendar, latest: CalendarVersion | None, data: Any = None) -> None:
        self.calendar, self.latest = calendar, latest
        self.form = EditionForm(data, initial=calendar_forms.initial_of(latest))
        self.days = Days(data, prefix="days")
        self.removed = set(data.getlist("remove")) if data is not None else set()
        self.definition: dict[str, Any] = {}
        self.names: dict[str, Any] = {}

    @classmethod
    def again(cls, calendar: Calendar, latest: CalendarVersion | None, data: Any) -> "Wanted":
        """What was filled in so far, to be gone on with; nothing of it is judged yet."""
        found = cls(calendar, latest)
        found.form = EditionForm(initial={name: data.get(name) for name in found.form.fields})
        names = list(calendar_forms.DayForm.base_fields)
        total = data.get("days-TOTAL_FORMS", "")
        count = min(int(total), calendar_forms.MOST_ROWS) if total.isdigit() else 0
        rows = [{name: data.get(f"days-{n}-{name}") for name in names} for n in range(count)]
        filled = [row for row in rows if any(value for name, value in row.items() if name != "kind")]
        found.days = Days(prefix="days", initial=filled)
        found.removed = set(data.getlist("remove"))
        return found

    def is_valid(self) -> bool:
        """Whether it makes an edition that the engine takes and that differs from the present one."""
        if not (self.form.is_valid() & self.days.is_valid()):
            return False
        added = [row for row in self.days.cleaned_data if row.get("first")]
        base = self.latest.definition if self.latest else {}
        names = self.latest.day_names if self.latest else {}
        self.definition, self.names = calendar_forms.assemble(
            base, names, self.form.cleaned_data, added, self.removed
        )
        try:
            hours = working_time.Calendar.parse(self.definition)
        except working_time.CalendarError as refused:
            calendar_forms.place(self.form, refused)
            return False
        self._check(hours)
        return not self.form.errors

    def _check(self, hours: working_time.Calendar) -> None:
        begin = self.form.cleaned_data["effective_from"]
        if hours.never_opens(begin or now_utc()):
            self.form.add_error(None, _("This calendar never opens; give at least one window."))
        if self.latest is None:
            return
        is_known = self.form.cleaned_data["holidays_known_until"] in (None, self.latest.holidays_known_until)
        is_same = definition.read(self.definition) == definition.read(self.latest.definition)
        if is_same and is_known and self.names == self.latest.day_names:
            self.form.add_error(None, _("Nothing differs from the present edition."))

    def context(self) -> dict[str, Any]:
        return {
            "calendar": self.calendar, "latest": self.latest, "form": self.form, "rows": self.days,
            "own": self._own(), "removed": self.removed, "hint": calendar_forms.HINT,
        }  # fmt: skip

    def _own(self) -> list[dict[str, Any]]:
        """The days to come that can be taken out; days gone by stay as they were."""
        if self.latest is None:
            return []
        today = timezone.localdate()
        found = definition.read(self.latest.definition)
        rows = calendar_pages.day_rows(found, self.latest.day_names, today, today + timedelta(days=800))
        return [{**row, "key": row["on"].isoformat()} for row in rows]


def new_edition(request: HttpRequest, code: str) -> HttpResponse:
    """Fill in the next edition, look at what it does to open clocks, then adopt it."""
    actor = actor_for(request, "calendar")
    calendar = get_object_or_404(Calendar, code=code)
    latest = calendar.versions.order_by("-number").first()
    if request.method != "POST":
        return render(request, "sla/calendar_edit.html", Wanted(calendar, latest).context())
    step = request.POST.get("step", "preview")
    if step in ("more", "edit"):
        again = Wanted.again(calendar, latest, request.POST)
        return render(request, "sla/calendar_edit.html", again.context())
    wanted = Wanted(calendar, latest, request.POST)
    if not wanted.is_valid():
        return render(request, "sla/calendar_edit.html", wanted.context(), status=422)
    if step == "confirm":
        return _confirm(request, wanted, actor)
    try:
        found = calendar_editing.preview(
            calendar, wanted.definition, effective_from=wanted.form.cleaned_data["effective_from"],
            actor=actor, now=now_utc(),
        )  # fmt: skip
    except ValidationError as refused:
        return _refused(request, wanted, refused)
    return _previewed(request, wanted, found)


def _refused(request: HttpRequest, wanted: Wanted, refused: ValidationError) -> HttpResponse:
    add_errors(wanted.form, refused)
    return render(request, "sla/calendar_edit.html", wanted.context(), status=422)


def _confirm(request: HttpRequest, wanted: Wanted, actor: Actor) -> HttpResponse:
    given, now, decision = wanted.form.cleaned_data, now_utc(), Decision(request.POST)
    begin = given["effective_from"]
    try:
        if not decision.is_valid():
            found = calendar_editing.preview(
                wanted.calendar, wanted.definition, effective_from=begin, actor=actor, now=now
            )
            return _previewed(request, wanted, found, decision=decision, status=422)
        calendar_editing.adopt(
            wanted.calendar, wanted.definition, digest=request.POST.get("digest", ""),
            follow=decision.cleaned_data["follow"] == FOLLOW, effective_from=begin, actor=actor, now=now,
            note=given["note"], day_names=wanted.names, holidays_known_until=given["holidays_known_until"],
        )  # fmt: skip
    except Outdated as outdated:
        return _previewed(request, wanted, outdated.preview, decision=decision, status=409)
    except ValidationError as refused:
        return _refused(request, wanted, refused)
    return redirect("sla:calendar", wanted.calendar.code)


def _previewed(
    request: HttpRequest,
    wanted: Wanted,
    found: Preview,
    *,
    decision: Decision | None = None,
    status: int = 200,
) -> HttpResponse:
    """What the edition would do, with everything that was filled in, to be confirmed or changed."""
    before = definition.read(wanted.latest.definition) if wanted.latest else None
    changes = calendar_pages.changes(before, definition.read(wanted.definition), wanted.names)
    shown = impact_pages.page_of(found.moving, request.POST.get("page"))
    context: dict[str, Any] = {
        "calendar": wanted.calendar,
        "found": found,
        "is_later": found.at > now_utc(),
        "is_outdated": status == 409,
        "headline": impact_pages.headline(found.counts),
        "figures": impact_pages.figures([each.move for each in found.found], found.counts),
        "page": shown,
        "rows": impact_pages.rows(shown),
        "changes": changes[:60],
        "more": max(0, len(changes) - 60),
        "note": wanted.form.cleaned_data["note"],
        "decision": decision or Decision(),
        "kept": _kept(request.POST),
    }
    return render(request, "sla/calendar_preview.html", context, status=status)


def _kept(data: Any) -> list[tuple[str, str]]:
    """Everything that was filled in, to come back with the next step."""
    ours = ("csrfmiddlewaretoken", "step", "digest", "follow", "page")
    return [(name, value) for name, values in data.lists() if name not in ours for value in values]
