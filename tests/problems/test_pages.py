"""The pages of problems, walked by request: raised, decided, analysed, offered, proposed, counted, ended."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Grant, User
from actions.models import Action
from knowledge.models import Article
from problems import analysis, candidates, figures, known, panel, quality, recurring, services
from problems.models import Candidate, KnownError, Outcome, Problem, Recurrence
from records.models import Link
from tests.cast import MONDAY, Cast
from tests.problems import made as m

pytestmark = pytest.mark.django_db
Browser = Callable[..., Client]
LATER = MONDAY + timedelta(days=1)
VIEWS = ("overview", "analysis", "links", "measures", "history", "odd")


@pytest.fixture
def browse(db: None) -> Browser:
    def logged_in(person: Any, language: str = "en") -> Client:
        client = Client(headers={"accept-language": language})
        client.force_login(person)
        return client

    return logged_in


def page(client: Client, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status, url
    return answer.content.decode()


def act(client: Client, problem: Problem, name: str, **given: Any) -> Any:
    return client.post(f"/problems/{problem.number}/act/{name}/", given)


def only() -> Problem:
    found: Problem = Problem.objects.get()
    return found


@pytest.mark.req("INC-11", "PRB-01")
def test_an_incident_is_turned_into_a_problem_from_its_page(cast: Cast, browse: Browser) -> None:
    incident = m.incident(cast)
    agent = browse(cast.alice)
    assert f"/problems/new/?from={incident.number}" in page(agent, incident.get_absolute_url())
    assert "Cannot send mail" in page(agent, f"/problems/new/?from={incident.number}")
    assert agent.post(f"/problems/new/?from={incident.number}", {"title": ""}).status_code == 422
    made = agent.post(f"/problems/new/?from={incident.number}", {"title": "Outbox", "source": "second_line"})
    assert made.status_code == 302
    assert Link.objects.get(source=incident.pk, target=only().pk).created_by == cast.alice
    assert only().number in page(agent, incident.get_absolute_url())
    assert "stands behind a problem already" in page(agent, f"/problems/new/?from={incident.number}")


def test_an_incident_is_put_behind_a_problem_there_is(cast: Cast, browse: Browser) -> None:
    incident, problem = m.incident(cast), m.problem(cast)
    agent = browse(cast.alice)
    agent.post(f"/problems/for/{incident.number}/gather/", {"problem": problem.number.lower()})
    assert incident.number in page(agent, f"{problem.get_absolute_url()}?view=links")


@pytest.mark.req("PRB-02")
def test_the_manager_accepts_on_the_page_and_an_agent_has_no_button(cast: Cast, browse: Browser) -> None:
    problem = m.problem(cast)
    assert "act/accept/" not in page(browse(cast.alice), problem.get_absolute_url())
    manager = browse(cast.mona)
    assert "act/accept/" in page(manager, problem.get_absolute_url())
    assert act(manager, problem, "accept").status_code == 422
    stale = act(manager, problem, "accept", expert=cast.sven.pk, version=0)
    assert stale.status_code == 409
    assert act(manager, problem, "accept", expert=cast.sven.pk, version=problem.version).status_code == 302
    text = page(manager, problem.get_absolute_url())
    assert "Expert since" in text
    assert only().decided_by == cast.mona


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_part_of_a_page_is_shown_in_every_state(cast: Cast, browse: Browser, language: str) -> None:
    item = m.item(cast)
    problem = m.accepted(cast, caused_by=m.incident(cast, item=item))
    url = problem.get_absolute_url()
    analysis.write_why(
        problem, question="Why?", answer="So.", evidence="Log", actor=cast.sven.actor, now=MONDAY
    )
    m.known_error(cast, problem=problem, workaround="")
    quality.send(
        problem, team=cast.second, text="Bad.", due_on=MONDAY.date(), actor=cast.mona.actor, now=MONDAY
    )
    for person in (cast.sven, cast.mona):
        client = browse(person, language)
        for view in VIEWS:
            page(client, f"{url}?view={view}")
    m.verified(cast, problem)
    services.close(
        problem, outcome="solved", summary="Done.", prevention="None.", actor=cast.sven.actor, now=MONDAY
    )
    m.incident(cast, item=item, now=LATER)
    recurring.watch(now=LATER)
    client = browse(cast.mona, language)
    for view in VIEWS:
        page(client, f"{url}?view={view}")
    page(client, "/problems/?state=any")
    page(client, "/problems/?state=flagged&q=Mail")


def send(client: Client, problem: Problem, name: str, *, htmx: bool = True, **given: Any) -> Any:
    headers = {"HX-Request": "true"} if htmx else {}
    return client.post(f"/problems/{problem.number}/analysis/{name}/", given, headers=headers)


@pytest.mark.req("PRB-03")
def test_the_analysis_is_written_in_place_and_without_scripts(cast: Cast, browse: Browser) -> None:
    problem = m.accepted(cast)
    expert = browse(cast.sven)
    version = m.fresh(problem).version
    assert send(expert, problem, "why", question="Why?", answer="", version=version).status_code == 422
    answer = send(expert, problem, "why", question="Why?", answer="Because.", version=version)
    assert answer.status_code == 200
    assert "<html" not in answer.content.decode()
    why = problem.whys.get()
    assert send(expert, problem, "root", row=why.pk, category="process").status_code == 422
    plain = send(expert, problem, "why", htmx=False, row=why.pk, question="Why?", answer="B.", evidence="Log")
    assert plain.status_code == 302
    send(expert, problem, "root", row=why.pk, category="process")
    send(expert, problem, "cause", category="people", text="Nobody looked")
    top = problem.causes.get(text="Nobody looked")
    send(expert, problem, "cause", row=top.pk, text="No list")
    send(expert, problem, "judge", row=top.pk, state="ruled_out", check_words="Asked them.")
    send(expert, problem, "solution", text="A list", effort="Small")
    send(expert, problem, "choose", row=problem.solutions.get().pk)
    text = page(expert, f"{problem.get_absolute_url()}?view=analysis")
    for words in ("Nobody looked", "No list", "Asked them.", "A list", "root cause"):
        assert words in text
    assert problem.causes.get(text="No list").category == "people"


@pytest.mark.req("PRB-03")
def test_the_second_of_two_writers_keeps_his_words_and_is_told(cast: Cast, browse: Browser) -> None:
    problem = m.accepted(cast)
    version = m.fresh(problem).version
    send(browse(cast.sven), problem, "solution", text="A", version=version)
    answer = send(browse(cast.bob), problem, "solution", text="My own idea", version=version)
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "Somebody has written here" in text
    assert "My own idea" in text
    again = send(browse(cast.bob), problem, "solution", text="My own idea", version=m.fresh(problem).version)
    assert again.status_code == 200
    assert problem.solutions.count() == 2


def test_what_is_refused_at_a_button_is_said_above(cast: Cast, browse: Browser) -> None:
    problem = m.accepted(cast)
    cause = m.rooted(cast, problem)
    answer = send(browse(cast.sven), problem, "drop-cause", row=cause.pk)
    assert answer.status_code == 422
    assert "stays: it is part of the search" in answer.content.decode()


@pytest.mark.req("PRB-04", "PRB-08")
def test_a_problem_is_closed_on_its_page_with_what_is_missing_said(cast: Cast, browse: Browser) -> None:
    problem = m.accepted(cast)
    expert = browse(cast.sven)
    assert "A root cause is confirmed first." in page(expert, problem.get_absolute_url())
    refused = act(expert, problem, "close", outcome="solved", summary="Done.")
    assert refused.status_code == 422
    assert "A solution is chosen and verified first." in refused.content.decode()
    made = act(
        expert, problem, "measure", what="Watch it", responsible=cast.bob.pk, due_on="2099-01-01", details=""
    )
    assert made.status_code == 302
    assert Action.objects.get().links_from.get().target_id == problem.pk
    done = act(expert, problem, "close", outcome="direct", summary="Done.", reason="Scrapped.")
    assert done.status_code == 302
    assert only().outcome == Outcome.DIRECT


@pytest.mark.req("PRB-07")
def test_a_known_error_is_offered_on_the_page_of_a_new_ticket(cast: Cast, browse: Browser) -> None:
    row = m.known_error(cast)
    agent = browse(cast.alice)
    similar = page(agent, f"{reverse('incidents:similar')}?title=outbox+blocked&customer={cast.acme.pk}")
    address = re.search(r'hx-get="(/problems/suggest/[^"]+)"', similar)
    assert address is not None
    assert row.number in page(agent, address.group(1).replace("&amp;", "&"))
    assert row.number not in page(agent, "/problems/suggest/?q=x&service=odd&item=-1")


@pytest.mark.req("PRB-07")
def test_beside_a_ticket_one_click_matches_and_the_workaround_goes_into_the_reply(
    cast: Cast, browse: Browser
) -> None:
    row = m.known_error(cast)
    incident = m.incident(cast, title="Outbox is blocked")
    agent = browse(cast.alice)
    assert f"/problems/for/{incident.number}/" in page(agent, incident.get_absolute_url())
    offered = page(agent, f"/problems/for/{incident.number}/")
    assert 'data-text="Delete the large mail."' in offered
    assert "data-insert" in offered
    for _n in range(2):
        agent.post(f"/problems/for/{incident.number}/match/", {"known_error": row.number})
    assert Link.objects.filter(target=row.pk, type="matches").count() == 1
    assert row.number in page(agent, incident.get_absolute_url())
    assert "Matched" in page(agent, f"/problems/for/{incident.number}/?q=outbox")
    assert ">1<" in page(agent, row.get_absolute_url())


def test_known_errors_are_listed_written_and_ended(cast: Cast, browse: Browser) -> None:
    item = m.item(cast)
    agent = browse(cast.alice)
    assert agent.post("/problems/known-errors/new/", {}).status_code == 422
    given = {"title": "Quota", "workaround": "Archive.", "service": cast.mail.pk, "item": item.pk}
    assert agent.post("/problems/known-errors/new/", given).status_code == 302
    row: KnownError = KnownError.objects.get()
    assert "no Chinese workaround" in page(agent, "/problems/known-errors/?q=quota")
    edit = f"/problems/known-errors/{row.number}/edit/"
    assert "Archive." in page(agent, edit)
    kept = {**given, "item": "", "kept": [item.pk], "workaround_zh": "归档", "version": row.version}
    assert agent.post(edit, kept).status_code == 302
    assert agent.post(edit, {**kept, "title": "Other"}).status_code == 409
    assert list(row.items.all()) == [item]
    agent.post(f"/problems/known-errors/{row.number}/act/end/", {"reason": "Patched."})
    assert KnownError.objects.get().state == "past"
    assert row.number not in page(agent, "/problems/known-errors/")
    assert row.number in page(agent, "/problems/known-errors/?state=any")


def test_a_known_error_of_a_chinese_problem_begins_in_the_chinese_fields(cast: Cast, browse: Browser) -> None:
    chinese = m.problem(cast, title="发件箱每天早上堵塞", description="邮件无法发出。")
    agent = browse(cast.alice)
    form = agent.get(f"/problems/known-errors/new/?problem={chinese.number}").context["form"]
    shown = {name: form[name].value() for name in ("title", "title_zh", "symptom", "symptom_zh")}
    assert shown["title_zh"] == "发件箱每天早上堵塞"
    assert shown["symptom_zh"] == "邮件无法发出。"
    assert not shown["title"]
    assert not shown["symptom"]
    english = m.problem(cast, title_zh="邮件停止")
    form = agent.get(f"/problems/known-errors/new/?problem={english.number}").context["form"]
    assert form["title"].value() == "Mail stops in the morning"
    assert form["title_zh"].value() == "邮件停止"
    # and written in Chinese alone, the English title stays to be written
    only = m.known_error(cast, title="")
    assert not agent.get(f"/problems/known-errors/{only.number}/edit/").context["form"]["title"].value()


@pytest.mark.req("PRB-09")
def test_a_recurrence_is_judged_on_the_page_of_its_problem(cast: Cast, browse: Browser) -> None:
    item = m.item(cast)
    problem = m.solved(cast, items=[item])
    again = m.incident(cast, item=item, now=LATER)
    recurring.watch(now=LATER)
    manager = browse(cast.mona)
    assert again.number in page(manager, problem.get_absolute_url())
    row = Recurrence.objects.get()
    refused = act(manager, problem, "judge", recurrence=row.pk, came_again="yes", reason="")
    assert refused.status_code == 422
    assert (
        act(browse(cast.alice), problem, "judge", recurrence=row.pk, came_again="yes", reason="x").status_code
        == 403
    )
    act(manager, problem, "judge", recurrence=row.pk, came_again="yes", reason="Same log.")
    assert only().state == "analysing"


@pytest.mark.req("PRB-10")
def test_a_proposal_is_shown_and_decided(cast: Cast, browse: Browser) -> None:
    for letter in "abc":
        m.incident(cast, title=f"Outbox mail stuck {letter}1")
    candidates.refresh(now=LATER)
    manager = browse(cast.mona)
    row = Candidate.objects.get()
    assert f"/problems/proposals/{row.pk}/" in page(manager, "/problems/proposals/")
    page(manager, f"/problems/proposals/{row.pk}/")
    assert "accept/" not in page(browse(cast.alice), f"/problems/proposals/{row.pk}/")
    for wrong in ({"problem": "PRB9999999"}, {"problem": m.incident(cast, title="Fan").number}):
        assert manager.post(f"/problems/proposals/{row.pk}/join/", wrong).status_code == 422
    given = {"title": "Outbox stuck", "version": row.version}
    assert manager.post(f"/problems/proposals/{row.pk}/accept/", given).status_code == 302
    assert manager.post(f"/problems/proposals/{row.pk}/dismiss/", {"reason": "x"}).status_code == 422
    assert only().number in page(manager, "/problems/proposals/?state=accepted")


def told_figures(text: str) -> dict[str, int]:
    """The figures of the page by their key."""
    found = re.findall(r'href="/problems/figures/([a-z-]+)/\?period=2026-03">(\d+)<', text)
    return {key: int(count) for key, count in found}


@pytest.mark.req("PRB-05", "PRB-12")
def test_each_figure_opens_a_list_of_as_many(cast: Cast, browse: Browser) -> None:
    item = m.item(cast)
    m.solved(cast, items=[item])
    m.incident(cast, item=item, now=LATER)
    recurring.watch(now=LATER)
    services.reject(m.problem(cast), reason="No.", actor=cast.mona.actor, now=MONDAY)
    open_one = m.accepted(cast)
    known.match(m.incident(cast), m.known_error(cast), actor=cast.alice.actor, now=MONDAY)
    quality.send(
        open_one, team=cast.desk, text="Bad.", due_on=LATER.date(), actor=cast.mona.actor, now=MONDAY
    )
    manager = browse(cast.mona)
    shown = told_figures(page(manager, "/problems/figures/?period=2026-03"))
    assert set(shown) == set(figures.FIGURES)
    assert {k: v for k, v in shown.items() if v} == {
        "raised": 3, "accepted": 2, "rejected": 1, "closed": 1, "solved": 1, "open": 1, "recurred": 1,
        "notices": 1, "known-errors": 1, "matched": 1,
    }  # fmt: skip
    for key, count in shown.items():
        text = page(manager, f"/problems/figures/{key}/?period=2026-03")
        assert text.count("<tr data-row>") == count, key


@pytest.mark.req("PRB-05")
def test_shares_of_outcomes_are_told_per_period_and_expert(cast: Cast, browse: Browser) -> None:
    m.solved(cast)
    other = m.accepted(cast)
    services.assign_expert(other, expert=cast.bob, actor=cast.mona.actor, now=MONDAY)
    services.close(other, outcome="direct", summary="x", reason="y", actor=cast.mona.actor, now=MONDAY)
    manager = browse(cast.mona)
    text = page(manager, "/problems/figures/?period=2026-Q1")
    assert "Quarter 1 of 2026" in text
    assert text.count("50 %") == 2
    assert text.count("100 %") == 2
    rows = page(manager, f"/problems/figures/closed/?period=2026-Q1&expert={cast.sven.pk}")
    assert rows.count("<tr data-row>") == 1
    assert "100 %" not in page(manager, "/problems/figures/?period=2026-01")


@pytest.mark.req("PRB-12")
@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("period=2026-12", "2026-12"),
        ("period=2026-Q4", "Quarter 4 of 2026"),
        ("period=2026", "2026"),
    ],
)
def test_a_report_is_of_a_month_a_quarter_or_a_year(
    cast: Cast, browse: Browser, asked: str, name: str
) -> None:
    text = page(browse(cast.mona), f"/problems/figures/?{asked}")
    assert f"Figures of problem management {name}" in text
    page(browse(cast.mona), "/problems/figures/?period=9999-99")
    page(browse(cast.mona), "/problems/figures/odd/", 404)


@pytest.mark.req("PRB-10")
def test_systems_with_most_problems_are_listed_and_a_problem_becomes_knowledge(
    cast: Cast, browse: Browser
) -> None:
    item = m.item(cast)
    now = datetime.now(tz=MONDAY.tzinfo)
    m.problem(cast, items=[item], service=cast.mail, now=now)
    first = m.accepted(cast, items=[item], service=cast.mail, now=now)
    manager = browse(cast.mona)
    text = page(manager, "/problems/frequent/")
    assert f"?state=any&amp;item={item.pk}" in text
    assert f"?state=any&amp;service={cast.mail.pk}" in text
    assert page(manager, f"/problems/?state=any&item={item.pk}").count("<tr data-row>") == 2
    manager.post(f"/problems/{first.number}/write-up/")
    assert not Article.objects.exists()
    m.known_error(cast, problem=first)
    for _n in range(2):
        assert manager.post(f"/problems/{first.number}/write-up/").status_code == 302
    article = Article.objects.get()
    assert (article.source_id, article.latest.workaround_zh) == (first.pk, "删除大邮件。")
    assert article.latest.services.get() == cast.mail


def test_numbers_that_are_none_are_404_and_mistakes_are_said(cast: Cast, browse: Browser) -> None:
    problem = m.accepted(cast)
    expert = browse(cast.sven)
    page(expert, "/problems/PRB9999999/", 404)
    page(expert, f"/problems/{m.incident(cast).number}/", 404)
    assert act(expert, problem, "odd").status_code == 404
    assert send(expert, problem, "odd").status_code == 404
    assert act(expert, problem, "gather", incident="INC9999999").status_code == 422
    assert act(expert, problem, "pass", change=m.incident(cast).number).status_code == 422
    assert send(expert, problem, "why", row="x", question="a", answer="b").status_code == 422


def test_a_list_costs_the_same_whatever_it_holds(
    cast: Cast, browse: Browser, django_assert_max_num_queries: Any
) -> None:
    for _n in range(12):
        m.known_error(cast, problem=m.accepted(cast, caused_by=m.incident(cast)))
    client = browse(cast.mona)
    page(client, "/problems/")
    with django_assert_max_num_queries(18):
        page(client, "/problems/")
    with django_assert_max_num_queries(14):
        page(client, "/problems/known-errors/")


def test_beside_a_ticket_it_is_one_question_whatever_there_is(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    incident = m.incident(cast)
    for _n in range(3):
        m.problem(cast, caused_by=incident)
        known.match(incident, m.known_error(cast), actor=cast.alice.actor, now=MONDAY)
    actor = cast.alice.actor
    with django_assert_num_queries(1):
        found = panel.content(incident, actor, now=MONDAY)
        assert found is not None
        names = [row["problem"].name for row in found["problems"]]
        names += [row["error"].name for row in found["matched"]]
    assert names == ["Mail stops in the morning"] * 3 + ["Outbox blocked by a large mail"] * 3


def test_who_works_for_other_customers_reads_no_problem_beside_a_ticket(cast: Cast) -> None:
    incident = m.incident(cast)
    m.problem(cast, caused_by=incident)
    known.match(incident, m.known_error(cast), actor=cast.alice.actor, now=MONDAY)
    Grant.objects.filter(user=cast.alice).update(organisation=cast.globex)
    limited = User.objects.get(pk=cast.alice.pk).actor
    assert panel.content(incident, limited, now=MONDAY) is None
    mine = m.incident(cast, customer=cast.globex, requester=cast.charlie, actor=cast.bob.actor)
    m.problem(cast, incidents=[mine, incident], customer=cast.acme, actor=cast.bob.actor)
    known.match(mine, m.known_error(cast), actor=cast.bob.actor, now=MONDAY)
    found = panel.content(mine, limited, now=MONDAY)
    assert found is not None
    assert (len(found["problems"]), len(found["matched"])) == (0, 1)
