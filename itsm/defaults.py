"""What every installation begins with: three calendars, the desk rule as the default commitment, and the
types of relations between items.

The figures are the defaults of the requirements (section 7): first reply within 2 hours, a solution or a
public progress note every 24 hours, round the clock. Made once; what is there is never changed.
"""

from datetime import UTC, date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.services import system_actor
from catalog import beginning
from cmdb.defaults import RELATION_TYPES
from cmdb.models import RelationType
from fulfilment.models import WaitingFor as Wanted
from incidents.models import WaitingFor
from sla import calendars, public_holidays
from sla.models import (
    Agreement,
    AgreementVersion,
    Calendar,
    CalendarVersion,
    Metric,
    ServicePackage,
    Target,
)
from sla.packages import CENTRE_HOURS, PACKAGES
from sla.policy import DEFAULT_MATRIX

ZONE, COUNTRY, FIRST_YEAR = "Asia/Shanghai", "CN", 2025
# Later than what another system's history is imported with: its agreement, not ours, applies there.
EFFECTIVE_FROM = datetime(2025, 1, 1, tzinfo=UTC)
WORKDAYS = ("mon", "tue", "wed", "thu", "fri")
WEEK = (*WORKDAYS, "sat", "sun")
OFFICE, ALWAYS, NIGHT = "office-8x5", "always-24x7", "night-shift"
WARN_AT = [50, 75, 90]
PAUSING = [
    WaitingFor.CUSTOMER.value,
    WaitingFor.APPOINTMENT.value,
    WaitingFor.PLANNED_INTERRUPTION.value,
    Wanted.APPROVAL.value,
    Wanted.ACCEPTANCE.value,
]
HOUR = 3600


@transaction.atomic
def ensure() -> bool:
    """Make what is missing. True if anything was made. Safe to repeat; callers hold a lock against others."""
    before = Agreement.objects.filter(customer=None).exists(), Calendar.objects.count()
    _calendar(OFFICE, "Office hours 8x5", "工作日 8x5", _office(), keeps_holidays=True)
    always = _calendar(ALWAYS, "Round the clock 7x24", "全天候 7x24", {"timezone": ZONE, "always_open": True})
    night = {"timezone": ZONE, "weekly": {day: [["20:00", "08:00"]] for day in WEEK}}
    _calendar(NIGHT, "Night shift 20:00-08:00", "夜班 20:00-08:00", night)
    if not before[0]:
        _desk_rule(always)
    _packages()
    _relation_types()
    beginning.ensure(actor=system_actor(), now=timezone.now().replace(microsecond=0))
    return before != (Agreement.objects.filter(customer=None).exists(), Calendar.objects.count())


def _relation_types() -> None:
    """The first ones; where there are some already, managers have chosen."""
    if not RelationType.objects.exists():
        RelationType.objects.bulk_create(
            RelationType(code=code, **facts) for code, facts in RELATION_TYPES.items()
        )


def _office() -> dict[str, Any]:
    """Eight hours from Monday to Friday, with the lunch break as a break."""
    return {
        "timezone": ZONE,
        "weekly": {day: [["09:00", "18:00"]] for day in WORKDAYS},
        "breaks": {day: [["12:00", "13:00"]] for day in WEEK},
    }


def _calendar(
    code: str, en: str, zh: str, definition: dict[str, Any], *, keeps_holidays: bool = False
) -> Calendar:
    calendar, _ = Calendar.objects.get_or_create(code=code, defaults={"name_en": en, "name_zh": zh})
    if CalendarVersion.objects.filter(calendar=calendar).exists():
        return calendar
    known: date | None = None
    names: dict[str, dict[str, str]] = {}
    if keeps_holidays:
        years = public_holidays.official_years(COUNTRY, FIRST_YEAR, timezone.now().year + 1)
        for year in years:
            definition, _ = calendars.with_days(definition, public_holidays.official(COUNTRY, year))
            names |= public_holidays.names(COUNTRY, year)
        known = date(max(years), 12, 31) if years else None
    calendars.new_version(
        calendar,
        definition,
        effective_from=EFFECTIVE_FROM,
        actor=system_actor(),
        now=timezone.now().replace(microsecond=0),
        note="default",
        holidays_known_until=known,
        day_names=names,
    )
    return calendar


def _packages() -> None:
    """The levels of sla.packages with the calendars of their service centres."""
    for hours, window in CENTRE_HOURS.items():
        week = {"timezone": ZONE, "weekly": {day: [window] for day in WEEK}}
        _calendar(
            f"centre-{hours}h", f"Service centre, {hours} hours a day", f"客服中心每天 {hours} 小时", week
        )
    for package in PACKAGES:
        ServicePackage.objects.get_or_create(
            code=package.code,
            defaults={
                "name_en": package.en, "name_zh": package.zh, "family": package.family, "rank": package.rank,
                "source": package.source, "description_en": package.about_en,
                "description_zh": package.about_zh, "price": package.price or None,
                "price_unit": package.price_unit, "terms": package.terms,
            },
        )  # fmt: skip


def _desk_rule(calendar: Calendar) -> None:
    """SD-04, SD-05: 2 h to the first reply, then a solution or progress every 24 h (SD-13)."""
    agreement, _ = Agreement.objects.get_or_create(
        code="desk-rule", defaults={"name_en": "Service desk rule", "name_zh": "服务台规则"}
    )
    version = AgreementVersion.objects.create(
        agreement=agreement,
        number=1,
        effective_from=EFFECTIVE_FROM,
        calendar=calendar,
        matrix=dict(DEFAULT_MATRIX),
        pausing_reasons=PAUSING,
        warn_at=WARN_AT,
        created_by_id=system_actor().user_id,
        created_at=timezone.now().replace(microsecond=0),
    )
    Target.objects.bulk_create(
        [
            Target(version=version, metric=Metric.FIRST_RESPONSE, amount=2 * HOUR),
            Target(version=version, metric=Metric.NEXT_UPDATE, amount=24 * HOUR, escalates=True),
        ]
    )
