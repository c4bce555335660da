"""The pages: list, editor, article, versions, beside a ticket, and in the portal."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.urls import reverse

import incidents.services
from accounts.models import Grant
from knowledge import using
from knowledge.models import Article, ArticleUse, ArticleVersion, Audience, Genre, Question, Vote
from records import assignment
from records.models import Activity
from tests.cast import MONDAY, Cast, make_incident
from tests.knowledge.made import OUTBOX, TOMORROW_YEAR, make_article, make_draft, titled

ClientOf = Callable[[Any], Client]


def url(name: str, *args: Any) -> str:
    return reverse(f"knowledge:{name}", args=args)


def form(**over: Any) -> dict[str, Any]:
    return {
        **OUTBOX, "genre": "solution", "audience": "internal", "review_on": TOMORROW_YEAR.isoformat(), **over,
    }  # fmt: skip


# --- the desk ----------------------------------------------------------------------------------


def test_an_agent_writes_an_article_and_a_manager_publishes_it(cast: Cast, client_of: ClientOf) -> None:
    alice, mona = client_of(cast.alice), client_of(cast.mona)
    posted = alice.post(url("new"), form(services=[cast.mail.pk]))
    article = Article.objects.get()
    assert posted.headers["Location"] == article.get_absolute_url()
    assert "Clear the queue" in alice.get(article.get_absolute_url()).content.decode()
    alice.post(url("act", article.number, "send"), {"reviewer": cast.mona.pk})
    refused = alice.post(url("act", article.number, "publish"))
    assert refused.status_code in (403, 422)
    mona.post(url("act", article.number, "publish"))
    article.refresh_from_db()
    assert (article.state, article.published.number) == ("published", 1)
    assert article.number in alice.get(url("list"), {"q": "outbox"}).content.decode()


def test_the_editor_keeps_what_was_typed_and_names_what_is_wrong(cast: Cast, client_of: ClientOf) -> None:
    alice = client_of(cast.alice)
    answer = alice.post(
        url("new"), form(title="", title_zh="", body="Typed with care", review_on="2020-01-01")
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Give it a title in at least one language." in page
    assert "The review date lies in the future." in page
    assert "Typed with care" in page
    assert not Article.objects.exists()


def test_who_saves_after_somebody_else_is_told_and_loses_nothing(cast: Cast, client_of: ClientOf) -> None:
    article = make_draft(cast)
    seen = article.version
    client_of(cast.bob).post(url("edit", article.number), form(version=seen, body="Of Bob"))
    answer = client_of(cast.alice).post(url("edit", article.number), form(version=seen, body="Of Alice"))
    assert (answer.status_code, "Of Alice" in answer.content.decode()) == (409, True)
    assert [v.body for v in article.versions.order_by("number")][1:] == ["Of Bob"]


def test_the_preview_shows_markdown_and_no_script(cast: Cast, client_of: ClientOf) -> None:
    bad = "**bold** <script>alert(1)</script> [x](javascript:alert(1))"
    page = client_of(cast.alice).post(url("preview"), form(body=bad)).content.decode()
    assert "<strong>bold</strong>" in page
    assert "<script>" not in page
    assert 'href="javascript' not in page


def test_two_versions_are_compared(cast: Cast, client_of: ClientOf) -> None:
    article = make_draft(cast)
    alice = client_of(cast.alice)
    alice.post(url("edit", article.number), form(body="1. Open the outbox.\n2. Wait.", audience="internal"))
    page = alice.get(url("version", article.number, 2)).content.decode()
    assert "<del>2. Delete the large message." in page
    assert "<ins>2. Wait." in page
    assert alice.get(url("version", article.number, 9)).status_code == 404


@pytest.mark.req("KNW-01")
def test_overdue_reviews_are_listed(cast: Cast, client_of: ClientOf) -> None:
    late, fine = make_article(cast), make_article(cast, **titled("Other", "其他"))
    Article.objects.filter(pk=late.pk).update(review_on=MONDAY.date())
    page = client_of(cast.alice).get(url("list"), {"state": "overdue"}).content.decode()
    assert (late.number in page, fine.number in page) == (True, False)
    assert late.number in client_of(cast.mona).get(url("reports")).content.decode()


@pytest.mark.parametrize(
    "asked", [{"service": "x"}, {"state": "?"}, {"page": "-1"}, {"q": "\0'"}, {"order": "pk", "genre": "1"}]
)
def test_an_odd_address_of_the_list_is_no_error(
    cast: Cast, client_of: ClientOf, asked: dict[str, str]
) -> None:
    make_article(cast)
    assert client_of(cast.alice).get(url("list"), asked).status_code == 200


def test_the_list_asks_no_more_for_more_articles(
    cast: Cast, client_of: ClientOf, django_assert_max_num_queries: Any
) -> None:
    for n in range(12):
        make_article(cast, **titled(f"Article {n}", f"文章 {n}", services=(cast.mail,)))
    client = client_of(cast.alice)
    with django_assert_max_num_queries(16):
        assert client.get(url("list")).status_code == 200


# --- beside a ticket -----------------------------------------------------------------------------


@pytest.mark.req("SD-09")
def test_a_ticket_offers_articles_and_keeps_which_one_was_used(cast: Cast, client_of: ClientOf) -> None:
    article, incident = make_article(cast), make_incident(cast)
    alice = client_of(cast.alice)
    page = alice.get(incident.get_absolute_url()).content.decode()
    assert url("for-ticket", incident.number) in page
    assert "not searched yet" in page
    part = alice.get(url("for-ticket", incident.number), headers={"HX-Request": "true"}).content.decode()
    assert "Mail stays in the outbox" in part
    for _twice in range(2):
        alice.post(url("use", incident.number), {"article": article.number, "how": "suggested"})
    kept = ArticleUse.objects.get()
    article.refresh_from_db()
    assert (kept.version, kept.how, kept.user, article.use_count) == (
        article.published, "suggested", cast.alice, 1,
    )  # fmt: skip
    assert Activity.objects.filter(record=incident, verb="knowledge.used").count() == 1
    assert article.number in alice.get(incident.get_absolute_url()).content.decode()


@pytest.mark.req("KNW-04")
def test_a_search_from_a_ticket_is_in_its_history_once_an_hour(cast: Cast, client_of: ClientOf) -> None:
    make_article(cast)
    incident = make_incident(cast)
    alice = client_of(cast.alice)
    for words in ("outbox", "outbox", "zebra"):
        alice.get(url("for-ticket", incident.number), {"q": words})
    kept = Activity.objects.filter(record=incident, verb="knowledge.searched").order_by("pk")
    assert [(a.data["words"], a.data["count"]) for a in kept] == [("outbox", 1), ("zebra", 0)]
    assert not any(a.is_public for a in kept)
    now = kept[0].at + timedelta(minutes=61)
    using.search_for(incident, "outbox", actor=cast.alice.actor, now=now)
    assert kept.all().count() == 3
    assert "searched" in alice.get(incident.get_absolute_url()).content.decode()


@pytest.mark.req("KNW-04", "SD-13")
def test_managers_see_escalations_before_which_nobody_searched(cast: Cast, client_of: ClientOf) -> None:
    from django.utils import timezone

    now = timezone.now().replace(microsecond=0)
    searched, unsearched = make_incident(cast, now=now), make_incident(cast, now=now)
    using.search_for(searched, "outbox", actor=cast.alice.actor, now=now)
    for incident in (searched, unsearched):
        assignment.escalate(incident, team=cast.second, reason="Not in time", actor=cast.alice.actor, now=now)
    page = client_of(cast.mona).get(url("reports")).content.decode()
    assert (unsearched.number in page, searched.number in page) == (True, False)
    assert "outbox" in page  # searched for and not found
    assert client_of(cast.alice).get(url("reports")).status_code == 403


@pytest.mark.req("KNW-02")
def test_a_button_on_the_solved_ticket_writes_the_draft(cast: Cast, client_of: ClientOf) -> None:
    solved = incidents.services.resolve(
        make_incident(cast), code="solved", steps="Cleared the outbox.", actor=cast.alice.actor, now=MONDAY
    )
    alice = client_of(cast.alice)
    assert "Write an article from the solution" in alice.get(solved.get_absolute_url()).content.decode()
    posted = alice.post(url("write-up", solved.number))
    article = Article.objects.get()
    assert posted.headers["Location"] == article.get_absolute_url()
    assert (article.latest.title, article.latest.body) == ("Cannot send mail", "Cleared the outbox.")


def test_a_draft_cannot_be_used_for_a_ticket(cast: Cast, client_of: ClientOf) -> None:
    draft, incident = make_draft(cast), make_incident(cast)
    client_of(cast.alice).post(url("use", incident.number), {"article": draft.number})
    assert not ArticleUse.objects.exists()


# --- while somebody types --------------------------------------------------------------------------


@pytest.mark.req("SD-09", "KNW-08")
def test_while_typing_each_side_is_offered_what_it_may_read(cast: Cast, client_of: ClientOf) -> None:
    make_article(cast)
    make_article(
        cast, **titled("Outbox of Acme", "艾可美发件箱", audience=Audience.NAMED, customers=(cast.acme,))
    )
    make_article(cast, **titled("Outbox internals", "发件箱内幕", audience=Audience.INTERNAL))
    make_draft(cast, **titled("Outbox draft", "发件箱草稿"))

    def offered(person: Any, **asked: Any) -> str:
        return client_of(person).get(url("suggest"), {"q": "outbox", **asked}).content.decode()

    for person, seen in ((cast.alice, 3), (cast.rita, 2), (cast.carla, 2), (cast.charlie, 1)):
        assert offered(person, service=cast.mail.pk).count("<li>") == seen
    assert "internals" not in offered(cast.rita)
    assert "Acme" not in offered(cast.charlie)
    assert offered(cast.rita, q="ou").strip() == ""
    assert offered(cast.rita, q="zzz", service="x").strip() == ""
    assert "/portal/knowledge/" in offered(cast.rita)


# --- the portal ------------------------------------------------------------------------------------


@pytest.mark.req("KNW-08")
def test_customers_read_and_find_only_what_is_for_them(cast: Cast, client_of: ClientOf) -> None:
    everybody = make_article(cast)
    acme = make_article(
        cast, **titled("Acme gateway", "艾可美网关", audience=Audience.NAMED, customers=(cast.acme,))
    )
    internal = make_article(cast, **titled("Inside", "内部", audience=Audience.INTERNAL))
    draft = make_draft(cast, **titled("Half done", "未完成"))
    expected = {cast.rita: {everybody, acme}, cast.carla: {everybody, acme}, cast.charlie: {everybody}}
    for person, readable in expected.items():
        client = client_of(person)
        listed = client.get(url("portal-list")).content.decode()
        for article in (everybody, acme, internal, draft):
            status = client.get(url("portal-article", article.number)).status_code
            assert (status == 200, article.number in listed) == (article in readable,) * 2
            vote = client.post(url("vote", article.number), {"helped": "yes"})
            assert (vote.status_code == 302) == (article in readable)
            assert client.get(url("detail", article.number)).status_code in (302, 403)
    found = client_of(cast.charlie).get(url("portal-list"), {"q": "gateway"}).content.decode()
    assert acme.number not in found


def test_evidence_of_an_article_is_for_the_desk(cast: Cast, client_of: ClientOf) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    article = make_article(cast)
    upload = {"text": "", "attachments": SimpleUploadedFile("trace.txt", b"secret")}
    client_of(cast.alice).post(url("act", article.number, "files"), upload)
    file = reverse("records:attachment", args=[article.attachments.get().key])
    assert client_of(cast.alice).get(file).status_code == 200
    assert client_of(cast.rita).get(file).status_code == 404
    assert "trace.txt" not in client_of(cast.rita).get(url("portal-article", article.number)).content.decode()


def test_a_vote_may_be_changed_and_no_leads_to_a_ticket(cast: Cast, client_of: ClientOf) -> None:
    article = make_article(cast)
    rita = client_of(cast.rita)
    rita.post(url("vote", article.number), {"helped": "yes"})
    rita.post(url("vote", article.number), {"helped": "no"})
    article.refresh_from_db()
    assert (article.helpful_count, article.unhelpful_count, Vote.objects.count()) == (0, 1, 1)
    assert reverse("portal:new") in rita.get(url("portal-article", article.number)).content.decode()
    rita.post(url("vote", article.number), {"helped": "perhaps"})
    assert Vote.objects.get().is_helpful is False


@pytest.mark.django_db(transaction=True)
def test_votes_cast_at_once_are_all_counted_once(cast: Cast) -> None:
    article = make_article(cast)
    people = [cast.rita, cast.rita, cast.carla, cast.charlie, cast.alice, cast.alice]
    start = Barrier(len(people))

    def run(person: Any) -> None:
        start.wait()
        using.vote(article, is_helpful=True, actor=person.actor, now=MONDAY)
        connection.close()

    threads = [Thread(target=run, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    article.refresh_from_db()
    assert (article.helpful_count, Vote.objects.count()) == (4, 4)


def test_what_customers_searched_in_vain_is_kept_once_an_hour(cast: Cast, client_of: ClientOf) -> None:
    rita = client_of(cast.rita)
    for _twice in range(2):
        assert "Nothing found" in rita.get(url("portal-list"), {"q": "fax machine"}).content.decode()
    kept = Question.objects.get()
    assert (kept.words, kept.found, kept.is_customers, kept.record) == ("fax machine", 0, True, None)


def test_a_page_is_in_the_readers_language_and_offers_the_other(cast: Cast, client_of: ClientOf) -> None:
    article = make_article(cast)
    cast.rita.language = "zh-hans"
    cast.rita.save(update_fields=["language"])
    page = client_of(cast.rita).get(url("portal-article", article.number)).content.decode()
    assert page.index("邮件停留在发件箱") < page.index("Mail stays in the outbox")
    assert ArticleVersion.objects.get().genre == Genre.SOLUTION


def test_who_works_for_some_customers_sees_no_article_for_others_beside_a_ticket(
    cast: Cast, client_of: ClientOf
) -> None:
    of_globex = {"audience": Audience.NAMED, "customers": (cast.globex,)}
    article = make_article(cast, **titled("Globex outbox", "环球发件箱", **of_globex))
    incident = make_incident(cast)
    offered = client_of(cast.alice).get(url("for-ticket", incident.number), {"q": "outbox"})
    assert "Globex outbox" not in offered.content.decode()
    with pytest.raises(ValidationError):
        using.use(incident, article, how="searched", actor=cast.alice.actor, now=MONDAY)
    Grant.objects.filter(user=cast.bob).update(organisation=cast.acme)
    bob = client_of(cast.bob)
    assert "Globex outbox" not in bob.get(incident.get_absolute_url()).content.decode()
    assert article.number not in bob.get(url("list"), {"state": "any"}).content.decode()
    assert bob.get(article.get_absolute_url()).status_code == 404
