"""The defaults every installation begins with, and the demo organisation."""

import io
from datetime import date, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from accounts.models import Grant, Organisation, Team, User
from agreements import party
from agreements.checks import unproved
from agreements.models import Edition
from automation.models import Schedule
from cmdb.defaults import RELATION_TYPES
from cmdb.models import RelationType
from incidents.models import Incident, State
from itsm import defaults
from itsm.demo import alerting, mailing, stories
from itsm.demo.company import ACCOUNTS, SERVICES
from portal import agreement_queries
from records.models import Activity, Delivery
from servicereports import freezing
from servicereports.models import ServiceReport
from sla import calendar as working_time
from sla import selfcheck
from sla.models import Agreement, Calendar, Clock, Metric, Target
from tests.cast import Cast


def load() -> str:
    out = io.StringIO()
    call_command("demo", stdout=out)
    return out.getvalue()


def first_number() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER SEQUENCE records_number_incident RESTART WITH 1")


def test_the_desk_rule_is_the_default_commitment(db: None) -> None:
    assert defaults.ensure()
    agreement = Agreement.objects.get(customer=None)
    version = agreement.versions.get()
    figures = {t.metric: (t.amount, t.opens, t.escalates) for t in version.targets.all()}
    assert figures == {
        Metric.FIRST_RESPONSE: (2 * 3600, Target.Opens.CREATION, False),
        Metric.NEXT_UPDATE: (24 * 3600, Target.Opens.CREATION, True),
    }
    assert version.warn_at == [50, 75, 90]
    assert "customer" in version.pausing_reasons
    assert not defaults.ensure()
    assert Agreement.objects.count() == 1


def test_the_types_of_relations_are_there_and_those_people_chose_stay(db: None) -> None:
    RelationType.objects.all().delete()
    defaults.ensure()
    assert set(RelationType.objects.values_list("code", flat=True)) == set(RELATION_TYPES)
    RelationType.objects.exclude(code="uses").delete()
    defaults.ensure()
    assert RelationType.objects.get().code == "uses"


def test_the_default_calendars_know_lunch_night_and_make_up_days(db: None) -> None:
    defaults.ensure()
    hours = {c.code: c.versions.get().hours for c in Calendar.objects.all()}
    office = hours[defaults.OFFICE]
    day = datetime.fromisoformat("2026-03-02T00:00+08:00")  # a Monday
    assert working_time.between(office, day, day + timedelta(days=1)) == 8 * 3600
    assert not working_time.is_open(office, day.replace(hour=12, minute=30))
    assert working_time.is_working_day(office, date(2026, 2, 28))
    assert working_time.is_working_day(office, date(2025, 9, 28))
    assert not working_time.is_working_day(office, date(2026, 10, 6))
    assert working_time.between(hours[defaults.ALWAYS], day, day + timedelta(days=7)) == 7 * 86_400
    night = hours[defaults.NIGHT]
    assert working_time.is_open(night, day.replace(hour=23))
    assert not working_time.is_open(night, day.replace(hour=8))
    known = Calendar.objects.get(code=defaults.OFFICE).versions.get().holidays_known_until
    assert known is not None
    assert known >= date(2026, 12, 31)


def test_the_defaults_leave_alone_what_is_there(cast: Cast) -> None:
    call_command("defaults")
    assert Agreement.objects.filter(customer=None).get() == cast.agreement.agreement


def test_the_demo_is_loaded_once_and_is_what_it_says(db: None) -> None:
    first_number()
    assert load() == f"demo loaded: {len(stories.ALL)} tickets\n"
    assert load() == "the demo is there already\n"
    told = [f"INC{n:07d}" for n in range(1, len(stories.ALL) + 1)]
    rows = Incident.objects.order_by("opened_at").values_list("number", flat=True)
    assert list(rows.filter(number__in=told)) == told
    # those of the months before, for the service report, come after the numbers of the weeks told
    assert len(told) < 45
    assert len(told) < rows.count() < 90
    assert set(Incident.objects.values_list("state", flat=True)) == set(State.values)
    assert Organisation.objects.filter(kind="customer").count() == 3
    assert set(Team.objects.values_list("tier", flat=True)) == set(Team.Tier.values)
    assert len(SERVICES) == 8
    assert Clock.objects.filter(breached_at__isnull=False).count() >= 5
    assert Clock.objects.filter(decided_at__isnull=False, breached_at=None).count() >= 20
    assert Activity.objects.filter(verb="incident.reopen").exists()
    assert not Clock.objects.filter(alarm_at__lt=timezone.now() - timedelta(minutes=5)).exists()
    now = timezone.now()
    assert selfcheck.check(selfcheck.Report(started_at=""), now=now).differences == []
    assert Activity.objects.filter(at__gt=now).count() == 0


def test_the_demos_past_is_silent_and_its_present_is_not(db: None) -> None:
    load()
    rows = Delivery.objects.values_list("activity__record__title", "activity__record__kind")
    alarms = {title for began, _ended, _alarm, _item, severity, title in alerting.ALERTS if began < 24 * 60}
    told = {title for title, kind in rows if kind == "incident"}
    by_schedule = {name for row in Schedule.objects.all() for name in (row.name_en, row.name_zh)}
    assert told - alarms - by_schedule == {mailing.TITLE, *(story.title for story in stories.LIVE)}
    assert len(told & alarms) >= 1


@pytest.mark.req("SLM-37")
def test_last_months_service_report_is_published_and_this_months_is_being_made(db: None) -> None:
    load()
    published, drafted = ServiceReport.objects.order_by("period_from")
    assert (published.state, drafted.state) == ("published", "drafted")
    row = published.frozen.get()
    seen = freezing.verify(row, now=timezone.now())
    assert (seen.is_intact, seen.is_current) == (True, True)
    figures = freezing.content(row)["figures"]
    assert all(miss["reason"] for miss in figures["misses"])
    assert figures["exclusions"]
    assert User.objects.get(username="contact").actor.organisation_id == published.customer_id


@pytest.mark.req("SLM-49")
def test_an_agreement_waits_for_the_demos_contact_after_one_round_of_remarks(db: None) -> None:
    load()
    contact = User.objects.get(username="contact")
    (line,) = agreement_queries.waiting(contact.actor)
    edition = Edition.objects.get(agreement__code="xinghe-meeting")
    assert line.state.needs_you
    assert [remark.outcome for remark in party.remarks_of(edition)] == ["adjusted"]
    told = Delivery.objects.filter(recipient=contact, channel="in_app", activity__record=edition.pk)
    assert told.get().activity.verb == party.OFFER
    assert unproved(edition) == {}


def test_the_printed_accounts_can_log_in(db: None) -> None:
    load()
    out = io.StringIO()
    call_command("demo", accounts=True, stdout=out)
    lines = out.getvalue().splitlines()
    shown = [account for account in ACCOUNTS if account.is_shown]
    assert len(lines) == len(shown) + 1
    for line, account in zip(lines[1:], shown, strict=True):
        username, password = line.split()[:2]
        user = User.objects.get(username=username)
        assert username == account.username
        assert user.check_password(password)
        assert set(Grant.objects.filter(user=user).values_list("role", flat=True)) == set(account.roles)
    hidden = User.objects.get(username="nurse")
    assert not hidden.has_usable_password()


def test_the_demo_refuses_where_its_user_names_are_taken(cast: Cast) -> None:
    with pytest.raises(CommandError, match="admin"):
        load()
    assert not Organisation.objects.filter(code="xinghe").exists()
