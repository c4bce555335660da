"""Odd input through the pages' doors: answered in words, never by an error page."""

import base64
import json
from datetime import datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from incidents.models import Incident
from tests.cast import Cast, make_incident

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59", "1969-12-31 10:00"])
def test_a_moment_no_calendar_of_ours_holds_is_refused_in_words(
    cast: Cast, client_of: Any, moment: str
) -> None:
    form = {
        "title": "t",
        "requester": cast.rita.pk,
        "level": "22",
        "channel": "phone",
        "contact_type": "fault",
    }
    response = client_of(cast.alice).post(reverse("incidents:new"), {**form, "occurred_at": moment})
    assert response.status_code == 422
    assert "Give a date and a time" in response.content.decode()
    assert Incident.objects.count() == 0


def test_a_title_of_invisible_characters_is_no_title(cast: Cast) -> None:
    with pytest.raises(ValidationError) as refused:
        make_incident(cast, title="\u202e\u200b \u00a0")
    assert list(refused.value.message_dict) == ["title"]


@pytest.mark.parametrize("following", ["-1", "none", "a\0b", "[]", "//evil.example", "https://evil.example/"])
def test_who_is_logged_in_is_led_on_within_the_site_whatever_the_address_says(
    cast: Cast, client_of: Any, following: str
) -> None:
    response = client_of(cast.alice).get(reverse("accounts:login"), {"next": following})
    assert response.status_code == 302
    assert "evil" not in response["Location"]


def test_changes_since_an_impossible_instant_are_no_error(cast: Cast, client_of: Any) -> None:
    url = reverse("records:changes")
    for since in (
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-23:59",
        "2026-03-02T10:00:00-23:59",
        "x",
        "2026-03-02T10:00:00",
    ):
        assert client_of(cast.alice).get(url, {"since": since}).status_code in (200, 204)


def test_null_characters_in_a_form_are_refused_beside_their_field(cast: Cast, client_of: Any) -> None:
    form = {"title": "a\0b", "affected": "2", "hurry": "2"}
    response = client_of(cast.rita).post(reverse("portal:new"), form)
    assert response.status_code == 422
    assert Incident.objects.count() == 0


def test_a_cursor_with_an_offset_no_database_knows_is_no_cursor_or_a_plain_one(
    cast: Cast, client_of: Any
) -> None:
    incident, alice = make_incident(cast), client_of(cast.alice)
    for at in ("2026-03-02T10:00:00-23:59", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"):
        page = base64.urlsafe_b64encode(json.dumps([at, incident.pk]).encode()).decode().rstrip("=")
        assert alice.get(reverse("records:queue"), {"view": "all", "after": page}).status_code == 200
        cursor = json.dumps(["-opened_at", {"at": at}, incident.pk, False]).encode()
        asked = {"cursor": base64.urlsafe_b64encode(cursor).decode().rstrip("=")}
        assert alice.get("/api/v1/incidents/", asked).status_code in (200, 400)


def test_a_moment_with_an_odd_offset_is_kept_in_utc(cast: Cast, client_of: Any) -> None:
    form = {
        "title": "t",
        "requester": cast.rita.pk,
        "level": "22",
        "channel": "phone",
        "contact_type": "fault",
    }
    moment = "2026-03-02T10:00:00+23:59"
    response = client_of(cast.alice).post(reverse("incidents:new"), {**form, "occurred_at": moment})
    assert response.status_code == 302
    assert Incident.objects.get().occurred_at == datetime.fromisoformat(moment)
