"""The pages of questions: who sees which, what the builder takes and refuses, and the rows behind figures."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from accounts.access import Actor, Role
from accounts.models import Grant, User
from questions import answers, content, services
from questions.models import Question
from tests.cast import Cast, make_incident, make_user

NOW = timezone.now().replace(microsecond=0)
ASKED = {"subject": "tickets", "at": "opened", "period": "last_30_days", "by": "customer", "measure": "count",
         "chart": "bar"}  # fmt: skip


def fresh(user: Any) -> Actor:
    actor: Actor = User.objects.prefetch_related("grants", "memberships").get(pk=user.pk).actor
    return actor


@pytest.fixture
def tickets(cast: Cast) -> None:
    """Three of Acme, two of Globex, all of yesterday."""
    yesterday = NOW - timedelta(days=1)
    for requester in (cast.rita, cast.rita, cast.carla, cast.charlie, cast.charlie):
        make_incident(cast, customer=requester.organisation, requester=requester, now=yesterday)


@pytest.fixture
def scoped(cast: Cast) -> Any:
    """An agent who works for Acme alone."""
    user = make_user("sam", cast.provider)
    Grant.objects.create(user=user, role=Role.AGENT, organisation=cast.acme)
    return user


def keep(cast: Cast, owner: Any, **over: Any) -> Question:
    facts = {
        "name_en": "Tickets by customer",
        "name_zh": "",
        "sharing": "private",
        "team": None,
        "data": ASKED,
    }
    return services.save(**{**facts, **over}, actor=fresh(owner), now=NOW)


def figures(html: str) -> list[tuple[str, int]]:
    """The address and number of every figure on a page."""
    found = re.findall(r'<a href="([^"]+)"[^>]*data-figure>([0-9,]+)</a>', html)
    return [(url.replace("&amp;", "&"), int(words.replace(",", ""))) for url, words in found]


def test_every_figure_of_a_question_opens_as_many_rows(cast: Cast, client_of: Any, tickets: None) -> None:
    question = keep(cast, cast.mona, data={**ASKED, "across": "priority"})
    client = client_of(cast.mona)
    page = client.get(question.get_absolute_url()).content.decode()
    found = figures(page)
    assert "Acme" in page
    assert "Globex" in page
    assert max(n for _url, n in found) == 5
    for url, n in found:
        rows = client.get(url)
        assert rows.status_code == 200
        assert re.search(r"data-total>(\d+)<", rows.content.decode()).group(1) == str(n), url  # type: ignore[union-attr]


def test_each_reader_of_a_shared_question_sees_what_he_may_see(
    cast: Cast, client_of: Any, tickets: None, scoped: Any
) -> None:
    question = keep(cast, cast.mona, sharing="staff", data={**ASKED, "filters": {}})
    whole = client_of(cast.alice).get(question.get_absolute_url()).content.decode()
    own = client_of(scoped).get(question.get_absolute_url()).content.decode()
    assert "Globex" in whole
    assert "Acme" in whole
    assert "Acme" in own
    assert "Globex" not in own
    assert [n for _url, n in figures(own)] == [3, 3]
    rows = client_of(scoped).get(f"{question.get_absolute_url()}rows/?row={cast.globex.pk}")
    assert "data-total>0<" in rows.content.decode()
    assert "Globex" not in rows.content.decode()


def test_a_filter_naming_a_customer_out_of_scope_gives_nothing_away(
    cast: Cast, client_of: Any, tickets: None, scoped: Any
) -> None:
    data = {**ASKED, "by": "priority", "filters": {"customer": [str(cast.globex.pk)]}}
    question = keep(cast, cast.mona, sharing="staff", data=data)
    page = client_of(scoped).get(question.get_absolute_url()).content.decode()
    assert "Globex" not in page
    assert "one you do not see" in page
    assert not figures(page)
    with pytest.raises(ValidationError):
        services.save(
            name_en="Mine", name_zh="", sharing="private", team=None, data=data, actor=fresh(scoped), now=NOW
        )


def test_private_questions_are_their_owners_team_ones_the_teams_and_customers_have_none(
    cast: Cast, client_of: Any
) -> None:
    private = keep(cast, cast.alice, name_en="Private")
    of_team = keep(cast, cast.alice, name_en="Of the desk", sharing="team", team=cast.desk)
    for user, url, status in (
        (cast.bob, private, 404), (cast.mona, private, 404), (cast.bob, of_team, 200),
        (cast.sven, of_team, 404), (cast.mona, of_team, 200), (cast.alice, private, 200),
    ):  # fmt: skip
        assert client_of(user).get(url.get_absolute_url()).status_code == status, (user, url)
    for user in (cast.rita, cast.carla, cast.charlie):
        assert client_of(user).get("/questions/").status_code == 302
        assert client_of(user).post(f"{of_team.get_absolute_url()}delete/").status_code in (302, 403)
    assert client_of(cast.bob).post(f"{of_team.get_absolute_url()}delete/").status_code == 403
    assert client_of(cast.mona).post(f"{of_team.get_absolute_url()}delete/").status_code == 302
    assert not Question.objects.filter(pk=of_team.pk).exists()


def test_what_managers_alone_read_is_asked_by_managers_alone(cast: Cast, client_of: Any) -> None:
    data = {**ASKED, "subject": "answers", "at": "answered"}
    question = keep(cast, cast.mona, sharing="staff", data=data)
    assert client_of(cast.mona).get(question.get_absolute_url()).status_code == 200
    assert client_of(cast.alice).get(question.get_absolute_url()).status_code == 404
    with pytest.raises(ValidationError):
        keep(cast, cast.alice, data=data)


def test_the_builder_keeps_copies_and_changes_a_question(cast: Cast, client_of: Any, tickets: None) -> None:
    client = client_of(cast.alice)
    form = {**ASKED, "f.priority": ["=1", "=3", "="], "name_en": "Mine", "sharing": "private"}
    made = client.post("/questions/new/", form)
    question = Question.objects.get()
    assert made.status_code == 302
    assert made["Location"] == question.get_absolute_url()
    assert question.content["filters"] == {"priority": ["1", "3", ""]}
    again = client.post("/questions/new/", form)
    assert again.status_code == 422
    assert "You have a question of this name already." in again.content.decode()
    stale = client.post(f"{question.get_absolute_url()}edit/", {**form, "version": 7})
    assert stale.status_code == 422
    assert "Somebody has changed it" in stale.content.decode()
    changed = client.post(f"{question.get_absolute_url()}edit/", {**form, "name_en": "Ours", "version": 1})
    assert changed.status_code == 302
    question.refresh_from_db()
    assert (question.name_en, question.version) == ("Ours", 2)
    assert client.post(f"{question.get_absolute_url()}copy/").status_code == 302
    assert set(Question.objects.values_list("name_en", flat=True)) == {"Ours", "Ours (2)"}


WRONG = (
    ({"subject": "users"}, "nothing of that kind"), ({"period": "always"}, "Choose a period"),
    ({"period": "fixed"}, "both days"), ({"by": "password"}, "told apart"),
    ({"measure": "1; DROP"}, "measured"),
    ({"period": "fixed", "from": "2026-03-02", "to": "2026-03-01"}, "before the beginning"),
    ({"period": "fixed", "from": "1999-13-01", "to": "x"}, "A date such as"),
    ({"chart": "pie"}, "Choose one"),
    ({"filters": {"customer": ["x"]}}, "Choose from"),
    ({"filters": {"opened.month": ["2026-01-01"]}}, "Choose from"),
    ({"filters": {"priority": ["9"]}}, "Choose from"), ({"filters": {"customer": ["999999"]}}, "Choose from"),
    ({"filters": {"priority": [1]}}, "Choose from"), ({"filters": [1]}, "filters"), ({"by": 5}, "Choose one"),
    ({"across": "customer"}, "something else"), ({"by": "", "across": "priority"}, "rows first"),
)  # fmt: skip


@pytest.mark.parametrize(("over", "words"), WRONG)
def test_what_no_question_can_be_is_refused_in_words(cast: Cast, over: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        keep(cast, cast.mona, data={**ASKED, **over})
    assert words in " ".join(refused.value.messages)


@pytest.mark.parametrize(
    "query",
    ["subject=nothing", "subject=tickets&period=always", "subject=tickets&period=last_month&by=x",
     "subject=tickets&period=last_month&f.customer==x", "subject=tickets&period=fixed&from=1&to=2", ""],
)  # fmt: skip
def test_bad_addresses_are_answered_with_400_and_words(cast: Cast, client_of: Any, query: str) -> None:
    answer = client_of(cast.mona).get(f"/questions/rows/?{query}")
    assert answer.status_code == 400


@pytest.mark.parametrize("key", ["x", "-1", "9" * 30, "2026-01-01", "~~"])
def test_a_group_that_is_none_is_not_found(cast: Cast, client_of: Any, tickets: None, key: str) -> None:
    question = keep(cast, cast.mona)
    client = client_of(cast.mona)
    assert client.get(f"{question.get_absolute_url()}rows/", {"row": key}).status_code == 404
    assert client.get(f"{question.get_absolute_url()}rows/", {"column": "1"}).status_code == 404


def test_another_subject_in_the_builder_leaves_out_what_it_does_not_know(cast: Cast, client_of: Any) -> None:
    words = {**ASKED, "subject": "calls", "by": "channel", "f.channel": "=phone", "measure": "done"}
    built = client_of(cast.mona).get("/questions/builder/", words)
    assert built.status_code == 200
    assert "Telephone calls" in built.content.decode()
    assert 'name="f.channel"' not in built.content.decode()
    preview = client_of(cast.mona).get("/questions/preview/", words)
    assert preview.status_code == 200
    assert "No data" in preview.content.decode()


@pytest.mark.req("KPI-05")
def test_where_nothing_is_there_it_says_no_data_and_never_a_zero(cast: Cast, tickets: None) -> None:
    plan = content.read({**ASKED, "measure": "duration.mean"})
    found = answers.answer(plan, plan.asked(fresh(cast.mona), NOW))
    assert found.total.number is None
    assert found.total.n == 0
    share = content.read({**ASKED, "subject": "complaints", "at": "received", "measure": "in_time"})
    assert answers.answer(share, share.asked(fresh(cast.mona), NOW)).total.number is None


def test_an_answer_that_takes_too_long_is_given_up_in_words(
    cast: Cast, client_of: Any, tickets: None
) -> None:
    with pytest.raises(answers.TooLong, match="Choose a shorter period"), answers.limited(1):  # noqa: SIM117
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(3)")
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('statement_timeout')")
        assert cursor.fetchone()[0] == "0"


def test_an_answer_takes_one_query_however_many_groups(
    cast: Cast, tickets: None, django_assert_num_queries: Any
) -> None:
    plan = content.read({**ASKED, "across": "priority"})
    actor = fresh(cast.mona)
    asked = plan.asked(actor, NOW)
    with django_assert_num_queries(6):  # savepoint, timeout read, set, the answer, set back, release
        answers.answer(plan, asked)


def test_days_without_rows_stand_there_as_none_and_as_no_data(
    cast: Cast, client_of: Any, tickets: None
) -> None:
    data = {**ASKED, "period": "last_7_days", "by": "opened.day", "across": "priority"}
    for over in ({}, {"measure": "duration.median"}, {"by": "priority", "across": "opened.day"}):
        plan = content.read({**data, **over})
        found = answers.answer(plan, plan.asked(fresh(cast.mona), NOW))
        days = found.rows if plan.by and plan.by.key == "opened.day" else found.columns
        assert len(days) == (7 if found.total.n else 0)
        assert found.cell("1990-01-01", "1").number == (0 if plan.measure.key == "count" else None)
        url = keep(cast, cast.mona, name_en=str(over), data={**data, **over}).get_absolute_url()
        assert client_of(cast.mona).get(url).status_code == 200


@pytest.mark.req("RPT-13")
def test_the_table_comes_as_a_file_of_what_its_reader_sees(
    cast: Cast, client_of: Any, tickets: None, scoped: Any
) -> None:
    url = keep(cast, cast.mona, sharing="staff").get_absolute_url()
    text = client_of(scoped).get(f"{url}table/csv/").content.decode("utf-8-sig")
    assert [line.split(",")[-1] for line in text.split()[-2:]] == ["3", "3"]
    assert "Globex" not in text
    book = client_of(cast.mona).get(f"{url}table/xlsx/")
    assert book.content[:2] == b"PK"
    assert "attachment" in book["Content-Disposition"]
    assert client_of(cast.mona).get(f"{url}table/pdf/").status_code == 404


def test_a_long_list_of_rows_goes_on_page_by_page(
    cast: Cast, client_of: Any, tickets: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("questions.pages.SIZE", 2)
    client, seen = client_of(cast.mona), []
    url: str | None = f"{keep(cast, cast.mona).get_absolute_url()}rows/"
    for _turn in range(5):
        if not url:
            break
        page = client.get(url).content.decode()
        seen += re.findall(r">(INC\d+)<", page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        url = url.split("?")[0] + following.group(1).replace("&amp;", "&") if following else None
    assert len(seen) == len(set(seen)) == 5
