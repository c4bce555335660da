from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from redis.exceptions import ConnectionError as RedisConnectionError

from accounts import services, throttle
from accounts.models import Grant, Membership, Token, User
from sla.models import CalendarVersion
from tests.cast import Cast

WITHIN_A_WINDOW = "2026-11-20T10:01:00+00:00"  # the limit counts in windows of five minutes


ClientOf = Callable[[Any], Client]
PASSWORD = "a long and quiet sentence"


@pytest.fixture(autouse=True)
def _nobody_was_counted_yet() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def rita(cast: Cast) -> User:
    cast.rita.set_password(PASSWORD)
    cast.rita.save()
    return cast.rita


def log_in(username: str = "rita", password: str = PASSWORD, **extra: Any) -> Any:
    return Client().post(reverse("accounts:login"), {"username": username, "password": password}, **extra)


# --- logging in ------------------------------------------------------------------------------


def test_a_person_logs_in_by_user_name_in_any_case(rita: User) -> None:
    assert log_in("RiTa").status_code == 302


def test_a_wrong_password_keeps_the_name_and_says_what_to_check(rita: User) -> None:
    page = log_in(password="wrong")
    assert page.status_code == 422
    assert 'value="rita"' in page.text
    assert "do not match" in page.text


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example"]
)
def test_after_the_login_nobody_is_led_off_this_site(rita: User, target: str) -> None:
    page = Client().post(
        reverse("accounts:login"), {"username": "rita", "password": PASSWORD, "next": target}
    )
    assert page.headers["Location"] == "/"


def test_after_the_login_one_is_led_where_one_wanted_to_go(rita: User) -> None:
    data = {"username": "rita", "password": PASSWORD, "next": "/portal/help/"}
    assert Client().post(reverse("accounts:login"), data).headers["Location"] == "/portal/help/"


@time_machine.travel(WITHIN_A_WINDOW, tick=False)
def test_the_sixth_guess_on_an_account_is_refused_in_words_even_with_the_right_password(rita: User) -> None:
    assert [log_in(password="wrong").status_code for _n in range(5)] == [422] * 5
    page = log_in()
    assert page.status_code == 429
    assert "Too many attempts" in page.text
    assert 0 < int(page.headers["Retry-After"]) <= throttle.WINDOW


@time_machine.travel(WITHIN_A_WINDOW, tick=False)
def test_guesses_from_another_network_do_not_lock_the_person_out(rita: User) -> None:
    for _n in range(6):
        log_in(password="wrong", REMOTE_ADDR="203.0.113.7")
    assert log_in(REMOTE_ADDR="198.51.100.9").status_code == 302


@time_machine.travel(WITHIN_A_WINDOW, tick=False)
def test_one_network_that_tries_many_names_is_refused(rita: User) -> None:
    for n in range(throttle.PER_NETWORK):
        log_in(f"name{n}", "wrong")
    assert log_in().status_code == 429


def test_a_right_password_forgets_the_typing_errors(rita: User) -> None:
    for _round in range(3):
        for _n in range(4):
            log_in(password="wrong")
        assert log_in().status_code == 302


def test_while_redis_is_away_people_can_still_log_in(
    rita: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(*_args: Any, **_kwargs: Any) -> None:
        raise RedisConnectionError("gone")

    monkeypatch.setattr(cache, "add", away)
    monkeypatch.setattr(cache, "delete", away)
    assert log_in().status_code == 302
    assert "logins are not limited" in caplog.text


@pytest.mark.parametrize(
    ("headers", "network"),
    [
        ({"REMOTE_ADDR": "192.0.2.1"}, "192.0.2.1"),
        ({"REMOTE_ADDR": "2001:db8:1:2:3:4:5:6"}, "2001:db8:1:2::/64"),
        ({"REMOTE_ADDR": "::ffff:192.0.2.1"}, "192.0.2.1"),
        ({"REMOTE_ADDR": ""}, "unknown"),
        ({"REMOTE_ADDR": "192.0.2.1", "HTTP_X_FORWARDED_FOR": "8.8.8.8"}, "192.0.2.1"),
    ],
)
def test_the_network_is_the_callers_own_address(rf: Any, headers: dict[str, str], network: str) -> None:
    assert throttle.network_of(rf.get("/", **headers)) == network


def test_behind_a_trusted_proxy_only_its_own_entry_counts(rf: Any, settings: Any) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    request = rf.get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="1.2.3.4, 192.0.2.55")
    assert throttle.network_of(request) == "192.0.2.55"


# --- deactivation ----------------------------------------------------------------------------


def test_the_open_session_of_a_deactivated_person_is_cut_at_the_next_request(
    cast: Cast, client_of: ClientOf
) -> None:
    browser = client_of(cast.rita)
    assert browser.get("/portal/").status_code == 200
    services.deactivate(cast.rita, actor=cast.admin.actor)
    page = browser.get("/portal/")
    assert page.status_code == 302
    assert page.headers["Location"].startswith(reverse("accounts:login"))


def test_a_deactivated_person_neither_logs_in_nor_learns_why(rita: User, cast: Cast) -> None:
    services.deactivate(rita, actor=cast.admin.actor)
    assert log_in().text.count("do not match") == log_in("nobody").text.count("do not match") == 1


def test_the_tokens_of_a_deactivated_program_are_gone(cast: Cast) -> None:
    services.issue_token(cast.robot, name="monitoring", scope="write", lifetime=None)
    services.deactivate(cast.robot, actor=cast.admin.actor)
    assert not Token.objects.filter(user=cast.robot).exists()


# --- oneself ---------------------------------------------------------------------------------


def test_logging_out_is_a_post(cast: Cast, client_of: ClientOf) -> None:
    browser = client_of(cast.rita)
    assert browser.get(reverse("accounts:logout")).status_code == 405
    assert browser.post(reverse("accounts:logout")).status_code == 302
    assert browser.get("/portal/").status_code == 302


def test_a_new_password_ends_the_persons_other_sessions(rita: User, client_of: ClientOf) -> None:
    here, elsewhere = client_of(rita), client_of(rita)
    new = "another quiet sentence 42"
    page = here.post(
        reverse("accounts:password"),
        {"old_password": PASSWORD, "new_password1": new, "new_password2": new},
        follow=True,
    )
    assert "Other sessions of yours were ended" in page.text
    assert here.get("/portal/").status_code == 200
    assert elsewhere.get("/portal/").status_code == 302


def test_a_weak_new_password_is_refused(rita: User, client_of: ClientOf) -> None:
    data = {"old_password": PASSWORD, "new_password1": "12345678", "new_password2": "12345678"}
    assert client_of(rita).post(reverse("accounts:password"), data).status_code == 422


@pytest.mark.req("PLT-01")
def test_switching_the_language_keeps_the_page_and_is_remembered_for_the_person(
    cast: Cast, client_of: ClientOf
) -> None:
    page = client_of(cast.rita).post(
        reverse("set_language"), {"language": "zh-hans", "next": "/portal/help/?a=1"}
    )
    assert page.headers["Location"] == "/portal/help/?a=1"
    cast.rita.refresh_from_db()
    assert cast.rita.language == "zh-hans"
    assert client_of(cast.rita).get("/portal/").headers["Content-Language"] == "zh-hans"


def test_a_stranger_switches_the_language_of_the_browser(db: None) -> None:
    browser = Client()
    browser.post(reverse("set_language"), {"language": "zh-hans", "next": "/accounts/login/"})
    assert browser.cookies["django_language"].value == "zh-hans"


def test_an_unknown_language_changes_nothing(cast: Cast, client_of: ClientOf) -> None:
    client_of(cast.rita).post(reverse("set_language"), {"language": "xx-yy"})
    cast.rita.refresh_from_db()
    assert cast.rita.language == "en"


def test_preferences_are_saved_and_pages_speak_in_the_chosen_zone(cast: Cast, client_of: ClientOf) -> None:
    browser = client_of(cast.rita)
    data = {"language": "en", "time_zone": "Europe/Paris", "theme": "dark", "mail_level": "none"}
    page = browser.post(reverse("accounts:preferences"), data, follow=True)
    assert "Your preferences are saved." in page.text
    assert 'data-theme-choice="dark"' in page.text
    cast.rita.refresh_from_db()
    assert (cast.rita.time_zone, cast.rita.mail_level) == ("Europe/Paris", "none")


def test_an_unknown_time_zone_is_refused_by_name(cast: Cast, client_of: ClientOf) -> None:
    data = {"language": "en", "time_zone": "Mars/Olympus", "theme": "auto", "mail_level": "all"}
    page = client_of(cast.rita).post(reverse("accounts:preferences"), data)
    assert page.status_code == 422
    assert "Mars/Olympus" in page.text


# --- the back office -------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["alice", "mona", "rita", "carla", "robot"])
def test_settings_are_for_administrators_only(cast: Cast, client_of: ClientOf, name: str) -> None:
    page = client_of(getattr(cast, name)).get("/admin/", follow=True)
    assert page.status_code == 403


def test_a_stranger_at_the_settings_is_asked_to_log_in(db: None) -> None:
    page = Client().get("/admin/", follow=True)
    assert page.redirect_chain[-1][0].startswith(reverse("accounts:login"))


def test_every_page_of_the_settings_opens(cast: Cast, client_of: ClientOf) -> None:
    browser = client_of(cast.admin)
    pages = [
        "/admin/",
        "/admin/accounts/user/",
        "/admin/accounts/user/add/",
        f"/admin/accounts/user/{cast.rita.pk}/change/",
        f"/admin/accounts/user/{cast.rita.pk}/password/",
        "/admin/accounts/organisation/",
        f"/admin/accounts/team/{cast.desk.pk}/change/",
        f"/admin/catalog/service/{cast.mail.pk}/change/",
        "/admin/cmdb/item/",
        "/admin/cmdb/relationtype/add/",
        "/admin/cmdb/itemtype/",
        "/admin/sla/calendarversion/",
        f"/admin/sla/calendar/{cast.calendar.pk}/change/",
        f"/admin/sla/calendarversion/{cast.calendar.versions.get().pk}/change/",
        "/admin/sla/agreementversion/",
        f"/admin/sla/agreementversion/{cast.agreement.pk}/change/",
    ]
    assert {url: browser.get(url).status_code for url in pages} == dict.fromkeys(pages, 200)


def test_work_is_not_in_the_settings(cast: Cast, client_of: ClientOf) -> None:
    browser = client_of(cast.admin)
    assert browser.get("/admin/records/record/").status_code == 404
    assert browser.get("/admin/incidents/incident/").status_code == 404


def test_an_administrator_makes_a_person_with_roles_and_deactivates_them(
    cast: Cast, client_of: ClientOf
) -> None:
    browser = client_of(cast.admin)
    data = {
        "username": "Wei", "display_name": "Li Wei", "organisation": cast.acme.pk, "email": "",
        "usable_password": "true", "password1": PASSWORD, "password2": PASSWORD,
    }  # fmt: skip
    assert browser.post("/admin/accounts/user/add/", data).status_code == 302
    wei = User.objects.get(username="Wei")
    assert wei.check_password(PASSWORD)
    taken = browser.post("/admin/accounts/user/add/", data | {"username": "wei"})
    assert "taken" in taken.text

    browser.post(
        "/admin/accounts/user/", {"action": "deactivate", "_selected_action": [wei.pk, cast.admin.pk]}
    )
    wei.refresh_from_db()
    cast.admin.refresh_from_db()
    assert (wei.is_active, cast.admin.is_active) == (False, True)
    browser.post("/admin/accounts/user/", {"action": "reactivate", "_selected_action": [wei.pk]})
    wei.refresh_from_db()
    assert wei.is_active


def test_nobody_is_deleted_in_the_settings(cast: Cast, client_of: ClientOf) -> None:
    page = client_of(cast.admin).post(f"/admin/accounts/user/{cast.rita.pk}/delete/", {"post": "yes"})
    assert page.status_code == 403
    assert User.objects.filter(pk=cast.rita.pk).exists()


def test_editions_of_a_calendar_are_not_made_past_the_preview(cast: Cast, client_of: ClientOf) -> None:
    browser = client_of(cast.admin)
    version = cast.calendar.versions.get()
    assert browser.get("/admin/sla/calendarversion/add/").status_code == 403
    assert browser.post(f"/admin/sla/calendarversion/{version.pk}/change/", {"note": "x"}).status_code == 403
    page = browser.get(f"/admin/sla/calendar/{cast.calendar.pk}/change/")
    assert 'href="/sla/calendars/office/"' in page.text
    assert CalendarVersion.objects.get(calendar=cast.calendar) == version


def test_create_administrator_makes_one_and_says_what_to_do(
    db: None, capsys: pytest.CaptureFixture[str]
) -> None:
    from django.core.management import call_command

    call_command("create_administrator", "root", "--name", "The Root")
    said = capsys.readouterr().out
    root = User.objects.get(username="root")
    assert root.is_staff
    assert root.check_password(said.split("Password: ")[1].split()[0])
    call_command("create_administrator", "ROOT")
    assert "password was not changed" in capsys.readouterr().out
    assert Grant.objects.filter(user=root).count() == 1
    assert not Membership.objects.filter(user=root).exists()
