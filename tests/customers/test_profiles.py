"""Customers: class and grade with their history, who looks after them, visits, and the package proposed."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from accounts.access import Denied
from customers import profiles
from customers.models import ContactPerson, CustomerProfile, ProfileChange, Publication, Visit
from tests.cast import Cast, make_agreement
from tests.customers.made import instant

pytestmark = pytest.mark.django_db
Browser = Callable[[Any], Client]


def grade(cast: Cast, value: str, **over: Any) -> ProfileChange | None:
    facts: dict[str, Any] = {
        "part": "grade", "value": value, "reason": "Yearly classification.",
        "effective_on": timezone.localdate(), "actor": cast.mona.actor, "now": instant(),
    }  # fmt: skip
    return profiles.change(cast.acme, **{**facts, **over})


@pytest.mark.req("BRM-11")
def test_class_and_grade_change_only_with_a_reason_and_a_day_and_keep_their_history(
    client_of: Browser, cast: Cast
) -> None:
    mona, url = client_of(cast.mona), "/customers/acme/"
    said = {"part": "grade", "value": "b", "effective_on": "2026-01-01"}
    assert mona.post(f"{url}change/", said).status_code == 422  # no reason
    assert mona.post(f"{url}change/", {**said, "effective_on": "", "reason": "x"}).status_code == 422
    assert mona.post(f"{url}change/", {**said, "value": "medical", "reason": "x"}).status_code == 422
    assert mona.post(f"{url}change/", {**said, "reason": "Contract over 1 million."}).status_code == 302
    grade(cast, "a", reason="Two sites more.")
    assert grade(cast, "a") is None  # the same again changes nothing
    profiles.change(
        cast.acme, part="customer_class", value="enterprise", reason="By industry.",
        effective_on=date(2026, 2, 1), actor=cast.mona.actor, now=instant(),
    )  # fmt: skip
    profile = CustomerProfile.objects.get()
    assert (profile.grade, profile.customer_class) == ("a", "enterprise")
    rows = ProfileChange.objects.order_by("pk").values_list("part", "before", "after", "by__username")
    assert list(rows) == [
        ("grade", "", "b", "mona"), ("grade", "b", "a", "mona"), ("customer_class", "", "enterprise", "mona"),
    ]  # fmt: skip
    page = mona.get(url).content.decode()
    assert ("Contract over 1 million." in page, "Two sites more." in page) == (True, True)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE customers_profilechange SET reason = 'x'")
    with pytest.raises(ValidationError):
        grade(cast, "c", effective_on=timezone.localdate() + timedelta(days=3))
    with pytest.raises(Denied):
        grade(cast, "d", actor=cast.alice.actor)


def keep(cast: Cast, **over: Any) -> dict[str, Any]:
    profile = profiles.profile_of(cast.acme)
    return {"version": profile.version, "account_manager": "", "industry": "", **over}


@pytest.mark.req("BRM-12", "BRM-13")
def test_a_key_customer_has_an_account_manager_and_contacts_by_level_and_is_completed(
    client_of: Browser, cast: Cast
) -> None:
    mona, url = client_of(cast.mona), "/customers/acme/"
    assert "Master data 0 % complete" in mona.get(url).content.decode()
    assert mona.post(f"{url}keep/", keep(cast, is_key="on")).status_code == 422
    said = keep(
        cast, is_key="on", account_manager=cast.bob.pk, industry="Machines", address="1 Main Road",
        phone="021 1234", confidentiality="Prices and people.",
    )  # fmt: skip
    assert mona.post(f"{url}keep/", said).status_code == 302
    assert mona.post(f"{url}keep/", said).status_code == 422  # somebody saved since it was read
    grade(cast, "a")
    profiles.change(
        cast.acme, part="customer_class", value="enterprise", reason="x", effective_on=date(2026, 1, 1),
        actor=cast.bob.actor, now=instant(),
    )  # the account manager keeps the profile too  # fmt: skip
    bob = client_of(cast.bob)
    assert bob.post(f"{url}contact/", {"user": cast.charlie.pk, "level": "decision"}).status_code == 422
    assert bob.post(f"{url}contact/", {"user": cast.carla.pk, "level": "management"}).status_code == 302
    assert bob.post(f"{url}contact/", {"name": "Ms Huang", "level": "decision"}).status_code == 302
    assert bob.post(f"{url}contact/", {"name": "Ms Huang", "level": "operation"}).status_code == 422
    page = bob.get(url).content.decode()
    assert ("Ms Huang" in page, "Carla" in page, "complete. Missing" in page) == (True, True, False)
    contact = ContactPerson.objects.get(name="Ms Huang")
    assert bob.post(f"{url}{contact.pk}/drop/").status_code == 302
    assert "Ms Huang" not in bob.get(url).content.decode()
    listed = bob.get("/customers/?who=mine&key=yes").content.decode()
    assert ("Acme" in listed, "Globex" in listed, "100 %" in listed) == (True, False, True)
    assert "Globex" in bob.get("/customers/?standing=existing").content.decode()
    # other agents read it, and change nothing; customers see none of it
    assert client_of(cast.alice).get(url).status_code == 200
    assert client_of(cast.alice).post(f"{url}contact/", {"name": "X", "level": "decision"}).status_code == 403
    for person in (cast.carla, cast.charlie):
        assert client_of(person).post(f"{url}keep/").status_code == 403
    assert client_of(cast.robot).get(url).status_code == 403


@pytest.mark.req("BRM-14")
def test_a_visit_is_planned_and_recorded_with_its_findings(client_of: Browser, cast: Cast) -> None:
    mona, url = client_of(cast.mona), "/customers/acme/"
    said = {
        "planned_on": "2026-03-01",
        "purpose": "Half-yearly visit",
        "visitor": cast.bob.pk,
        "place": "Suzhou",
    }
    assert mona.post(f"{url}visit/", said).status_code == 302
    visit = Visit.objects.get()
    held = {"held_on": "2026-03-02", "people": "Carla", "findings": "Wishes a second printer."}
    assert client_of(cast.alice).post(f"{url}{visit.pk}/held/", held).status_code == 403
    bob = client_of(cast.bob)  # who visits records it
    assert bob.post(f"{url}{visit.pk}/held/", {**held, "findings": ""}).status_code == 422
    assert bob.post(f"{url}{visit.pk}/held/", held).status_code == 302
    assert "Wishes a second printer." in mona.get(url).content.decode()
    assert bob.post(f"{url}{visit.pk}/call-off/", {"reason": "Ill."}).status_code == 409
    assert mona.post(f"{url}{visit.pk + 99}/held/", held).status_code == 404


@pytest.mark.req("BRM-21")
def test_a_publication_is_scheduled_by_agreement_recorded_and_comes_again(
    client_of: Browser, cast: Cast
) -> None:
    mona, url = client_of(cast.mona), "/customers/acme/"
    agreement = make_agreement(cast.calendar, cast.acme).agreement
    said = {
        "title": "Half-yearly account",
        "due_on": "2026-06-30",
        "every_months": 6,
        "agreement": agreement.pk,
    }
    assert mona.post(f"{url}publication/", said).status_code == 302
    assert mona.post(f"{url}publication/", said).status_code == 422
    assert mona.post(f"{url}publication/", {**said, "due_on": "9999-12-31"}).status_code == 422
    row = Publication.objects.get()
    published = {"published_on": "2026-06-28", "where": "Notice board"}
    assert mona.post(f"{url}{row.pk}/publish/", published).status_code == 302
    assert mona.post(f"{url}{row.pk}/publish/", published).status_code == 409
    following = Publication.objects.get(published_on=None)
    assert (following.due_on, following.agreement) == (date(2026, 12, 30), agreement)
    assert "Notice board" in mona.get(url).content.decode()


@pytest.mark.req("BRM-18")
def test_meetings_of_a_customer_stand_on_its_page_with_the_way_to_their_minutes(
    client_of: Browser, cast: Cast
) -> None:
    mona = client_of(cast.mona)
    agreement = make_agreement(cast.calendar, cast.acme).agreement
    at = (timezone.localtime() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    planned = mona.post(
        "/reviews/new/",
        {
            "meeting": "yearly", "agreement": agreement.pk, "meets_at": at, "chair": cast.mona.pk,
            "period_from": "2026-01-01", "period_until": "2026-06-30",
        },
    )  # fmt: skip
    page = mona.get("/customers/acme/").content.decode()
    assert planned.headers["Location"] in page


def test_the_list_of_customers_asks_the_same_few_questions_however_long(
    client_of: Browser, cast: Cast, django_assert_max_num_queries: Any
) -> None:
    mona = client_of(cast.mona)
    mona.get("/customers/")
    with django_assert_max_num_queries(14):
        mona.get("/customers/")
