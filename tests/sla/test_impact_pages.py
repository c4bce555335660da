"""Calendars are read by all the staff; an edition is adopted only by who has seen what it does."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.access import Denied, Role
from accounts.models import Grant
from incidents.models import Incident
from records import retiming
from sla import calendar_editing, calendar_forms, impact_rows
from sla.calendar_editing import Outdated
from sla.models import Agreement, Calendar, CalendarVersion, Clock, Metric, Retiming, ServicePackage
from tests.agreements.test_life import draft, terms
from tests.cast import OFFICE, Cast, make_incident, make_user

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Any], Client]
URL = "/sla/calendars/office/"
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ALL_DAY = {"timezone": "Asia/Shanghai", "always_open": True}


def ticket(cast: Cast, **over: Any) -> Incident:
    """A ticket opened now, with 16 working hours to solve it."""
    return make_incident(cast, now=timezone.now().replace(microsecond=0), **over)


def filled(**over: str) -> dict[str, str]:
    """The form as the browser sends it: the present week, and the days of the coming month off."""
    first = timezone.localdate() + timedelta(days=1)
    hours = {f"hours_{day}": "09:00-12:00, 13:00-18:00" for day in WEEK[:5]}
    rows = {
        "days-TOTAL_FORMS": "2", "days-INITIAL_FORMS": "0", "days-0-first": first.isoformat(),
        "days-0-last": (first + timedelta(days=30)).isoformat(), "days-0-kind": "holiday",
        "days-0-name_en": "Works holidays", "days-0-name_zh": "厂休", "days-1-kind": "holiday",
    }  # fmt: skip
    base = {"step": "preview", "timezone": "Asia/Shanghai", "note": "Works holidays", **hours, **rows}
    return {**base, **over}


def digest_of(page: Any) -> str:
    found = re.search(r'name="digest" value="([0-9a-f]{64})"', page.content.decode())
    assert found is not None
    return found[1]


def test_agents_read_calendars_and_do_not_edit_them(cast: Cast, client_of: ClientOf) -> None:
    ticket(cast)
    alice = client_of(cast.alice)
    assert "Office" in alice.get("/sla/calendars/").content.decode()
    page = alice.get(URL).content.decode()
    assert "INC" in page
    assert f"{URL}new/" not in page
    assert alice.get(f"{URL}new/").status_code == 403
    assert alice.post(f"{URL}new/", filled()).status_code == 403


def test_who_covers_some_customers_only_reads_and_counts_those(cast: Cast, client_of: ClientOf) -> None:
    ticket(cast)
    limited = make_user("lena", cast.provider)
    Grant.objects.create(user=limited, role=Role.SERVICE_LEVEL_MANAGER, organisation=cast.globex)
    page = client_of(limited).get(URL).content.decode()
    assert "No clock is open on it." in page
    assert client_of(limited).get(f"{URL}new/").status_code == 403
    with pytest.raises(Denied):
        calendar_editing.preview(
            cast.calendar, ALL_DAY, effective_from=None, actor=limited.actor, now=timezone.now()
        )


def test_the_whole_way_from_the_form_to_clocks_that_have_moved(cast: Cast, client_of: ClientOf) -> None:
    made = ticket(cast)
    mona, clock = client_of(cast.mona), Clock.objects.get(record=made.pk, metric=Metric.RESOLUTION)
    page = mona.post(f"{URL}new/", filled())
    text = page.content.decode()
    assert page.status_code == 200
    assert CalendarVersion.objects.count() == 1  # a preview saves nothing
    assert made.number in text
    assert "would be due at another time" in text
    done = mona.post(
        f"{URL}new/", filled(step="confirm", digest=digest_of(page), follow="follow"), follow=True
    )
    assert done.redirect_chain == [(URL, 302)]
    assert "Clocks that are open" in done.content.decode() or "being moved" in done.content.decode()
    version = CalendarVersion.objects.get(number=2)
    first = timezone.localdate() + timedelta(days=1)
    assert version.day_names[first.isoformat()] == {"en": "Works holidays", "zh": "厂休"}
    assert len(version.definition["holidays"]) == 31
    assert version.note == "Works holidays"
    retiming.work(now=timezone.now() + timedelta(seconds=1), seconds=9)
    before, after = clock.due_at, Clock.objects.get(pk=clock.pk).due_at
    assert before is not None
    assert after is not None
    assert after > before + timedelta(days=28)
    shown = mona.get(f"{URL}?year={first.year}").content.decode()
    assert "Works holidays" in shown
    assert "open clocks followed" in shown


def test_open_clocks_keep_their_hours_if_that_is_decided(cast: Cast, client_of: ClientOf) -> None:
    ticket(cast)
    mona = client_of(cast.mona)
    seen = digest_of(mona.post(f"{URL}new/", filled()))
    assert mona.post(f"{URL}new/", filled(step="confirm", digest=seen, follow="keep")).status_code == 302
    assert not Retiming.objects.exists()


def test_the_decision_about_open_clocks_is_not_made_for_anybody(cast: Cast, client_of: ClientOf) -> None:
    mona = client_of(cast.mona)
    seen = digest_of(mona.post(f"{URL}new/", filled()))
    refused = mona.post(f"{URL}new/", filled(step="confirm", digest=seen))
    assert refused.status_code == 422
    assert "This field is required." in refused.content.decode()
    assert CalendarVersion.objects.count() == 1


def test_who_confirms_after_somebody_else_gets_a_fresh_preview(cast: Cast, client_of: ClientOf) -> None:
    mona, admin = client_of(cast.mona), client_of(cast.admin)
    seen = digest_of(mona.post(f"{URL}new/", filled()))
    other = filled(hours_fri="09:00-12:00")
    digest = digest_of(admin.post(f"{URL}new/", other))
    confirmed = admin.post(f"{URL}new/", {**other, "step": "confirm", "digest": digest, "follow": "keep"})
    assert confirmed.status_code == 302
    late = mona.post(f"{URL}new/", filled(step="confirm", digest=seen, follow="follow"))
    assert late.status_code == 409
    assert "Nothing was saved" in late.content.decode()
    assert CalendarVersion.objects.count() == 2
    again = mona.post(f"{URL}new/", filled(step="confirm", digest=digest_of(late), follow="follow"))
    assert again.status_code == 302


def test_a_clock_that_gets_worse_meanwhile_is_an_outcome_nobody_has_seen(cast: Cast) -> None:
    actor, now = cast.mona.actor, timezone.now().replace(microsecond=0)
    asked: dict[str, Any] = {"effective_from": None, "actor": actor}
    seen = calendar_editing.preview(cast.calendar, ALL_DAY, **asked, now=now)
    ticket(cast)
    adopt: dict[str, Any] = {**asked, "digest": seen.digest, "follow": True, "note": "x", "day_names": {}}
    with pytest.raises(Outdated) as outdated:
        calendar_editing.adopt(cast.calendar, ALL_DAY, **adopt, now=now + timedelta(seconds=5))
    assert outdated.value.preview.counts["earlier"] == 3
    # what only gets later is no reason to ask again
    holiday = {**OFFICE, "holidays": [(now.date() + timedelta(days=n)).isoformat() for n in range(1, 9)]}
    before = calendar_editing.preview(cast.calendar, holiday, **asked, now=now)
    ticket(cast)
    made = calendar_editing.adopt(
        cast.calendar, holiday, **{**adopt, "digest": before.digest}, now=now + timedelta(seconds=9)
    )
    assert made.number == 2


@pytest.mark.parametrize(
    ("over", "says"),
    [
        ({"hours_mon": "nine to five"}, "Write hours such as"),
        ({"hours_mon": "09:00-12:00, 11:00-18:00"}, "These hours overlap"),
        ({"hours_mon": "09:00-09:00"}, "begin and end at the same time"),
        ({"hours_mon": "25:00-26:00"}, "Write times such as 09:30"),
        ({"breaks_tue": "23:00-01:00"}, "A break does not cross midnight"),
        ({"timezone": "Mars/Base"}, "There is no such time zone"),
        ({"note": ""}, "This field is required."),
        ({"effective_from": "2015-01-01T00:00"}, "the next one cannot begin earlier"),
        ({"days-0-kind": "special"}, "Give the hours of this day."),
        ({"days-0-last": "2015-01-01"}, "The end lies after the beginning"),
        ({"days-0-first": ""}, "Choose the date."),
        ({"days-0-hours": "09:00-10:00"}, "Only a day with hours of its own"),
        (
            {"days-0-first": "", "days-0-last": "", "days-0-name_en": "", "days-0-name_zh": ""},
            "Nothing differs",
        ),
        ({f"hours_{day}": "" for day in WEEK}, "never opens"),
    ],
)
def test_what_cannot_be_computed_with_is_said_at_its_field(
    cast: Cast, client_of: ClientOf, over: dict[str, str], says: str
) -> None:
    page = client_of(cast.mona).post(f"{URL}new/", filled(**over))
    assert page.status_code == 422
    assert says in page.content.decode()
    assert CalendarVersion.objects.count() == 1


def test_more_rows_and_going_back_keep_what_was_filled_in(cast: Cast, client_of: ClientOf) -> None:
    mona = client_of(cast.mona)
    for step in ("more", "edit"):
        page = mona.post(f"{URL}new/", filled(step=step, note="", hours_sat="10:00-11:00"))
        text = page.content.decode()
        assert page.status_code == 200
        assert 'value="10:00-11:00"' in text
        assert 'value="Works holidays"' in text
        assert "This field is required." not in text


def test_days_are_taken_out_and_replaced_and_lose_their_names(cast: Cast) -> None:
    base = {
        **OFFICE,
        "holidays": ["2030-01-01", "2030-01-02"],
        "makeup": [{"date": "2030-01-05", "as": "fri"}],
    }
    names = {"2030-01-01": {"en": "New year", "zh": "元旦"}, "2030-01-02": {"en": "Second", "zh": ""}}
    asked = {
        "timezone": "Asia/Shanghai", "always_open": False, "hours": OFFICE["weekly"], "breaks": {},
    }  # fmt: skip
    special = {"first": date(2030, 1, 2), "last": None, "kind": "special", "windows": [["10:00", "12:00"]]}
    made, called = calendar_forms.assemble(base, names, asked, [special], {"2030-01-05"})
    assert made["holidays"] == ["2030-01-01"]
    assert made["special"] == {"2030-01-02": [["10:00", "12:00"]]}
    assert "makeup" not in made
    assert called == {"2030-01-01": names["2030-01-01"]}


def test_a_calendar_without_an_edition_gets_its_first_one_here(cast: Cast, client_of: ClientOf) -> None:
    empty = Calendar.objects.create(code="empty", name_en="Empty", name_zh="空")
    mona = client_of(cast.mona)
    assert "This calendar has no edition yet." in mona.get("/sla/calendars/empty/").content.decode()
    url = "/sla/calendars/empty/new/"
    assert 'value="09:00-18:00"' in mona.get(url).content.decode()
    seen = digest_of(mona.post(url, filled()))
    assert mona.post(url, filled(step="confirm", digest=seen, follow="keep")).status_code == 302
    assert empty.versions.get().number == 1


def test_the_number_of_queries_does_not_grow_with_the_clocks(cast: Cast) -> None:
    actor = cast.mona.actor

    def asked() -> int:
        now = timezone.now()
        with CaptureQueriesContext(connection) as found:
            impact_rows.preview(cast.calendar, ALL_DAY, effective_from=None, actor=actor, now=now)
        return len(found)

    ticket(cast)
    few = asked()
    for _n in range(6):
        ticket(cast)
    assert asked() == few <= 5


def test_every_page_of_a_calendar_is_in_chinese_too(cast: Cast, client_of: ClientOf) -> None:
    cast.mona.language = "zh-hans"
    cast.mona.save()
    ticket(cast)
    mona = client_of(cast.mona)
    for url in ("/sla/calendars/", URL, f"{URL}new/"):
        assert mona.get(url).status_code == 200
    with pytest.raises(ValidationError):
        calendar_forms.read_windows("9 bis 5")


def test_a_package_says_that_nothing_rests_on_it_and_names_drafts_alike(
    cast: Cast, client_of: ClientOf
) -> None:
    agreement = Agreement.objects.create(code="acme", customer=cast.acme, name_en="Acme SLA")
    edition = draft(cast, agreement)
    package = ServicePackage.objects.create(code="p", family="f", rank=1, name_en="P", terms=terms())
    other = ServicePackage.objects.create(
        code="q", family="f", rank=2, name_en="Q", terms=terms(calendar="moon")
    )
    admin = client_of(cast.admin)
    page = admin.get(f"/admin/sla/servicepackage/{package.pk}/change/").content.decode()
    assert "takes a copy of it" in page
    assert edition.number in page
    assert edition.number not in admin.get(f"/admin/sla/servicepackage/{other.pk}/change/").content.decode()
