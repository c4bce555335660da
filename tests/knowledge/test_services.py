"""An article's life: written in versions, reviewed by somebody else, published, revised, checked, retired."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.utils import InternalError

import incidents.services
from accounts.access import Denied, Role
from accounts.models import Grant
from knowledge import lifecycle, services
from knowledge.models import Article, ArticleVersion, Audience, Genre, VersionService
from records.lifecycle import IllegalMove
from records.models import Activity, Delivery, Link
from records.services import Stale
from tests.cast import MONDAY, Cast, make_incident, make_user
from tests.knowledge.made import content, latest, make_article, make_draft, publish, published

LATER = MONDAY + timedelta(hours=2)


@pytest.mark.req("KNW-03")
def test_a_draft_becomes_usable_only_after_somebody_else_has_reviewed_it(cast: Cast) -> None:
    article = make_draft(cast)
    assert (article.state, article.published) == ("draft", None)
    services.send_to_review(article, actor=cast.alice.actor, now=LATER, reviewer=cast.mona)
    article.refresh_from_db()
    assert Delivery.objects.filter(recipient=cast.mona, activity__verb="article.send_draft").exists()
    done = services.approve(article, actor=cast.mona.actor, now=LATER)
    assert (done.state, done.published) == ("published", done.latest)


@pytest.mark.req("KNW-03")
def test_who_wrote_any_of_it_cannot_approve_it(cast: Cast) -> None:
    article = services.begin_article(content(), actor=cast.mona.actor, now=MONDAY)
    services.write(
        article, content(texts={"body": "Another way."}), actor=cast.alice.actor, now=LATER,
        expected_version=None,
    )  # fmt: skip
    article.refresh_from_db()
    services.send_to_review(article, actor=cast.alice.actor, now=LATER)
    article.refresh_from_db()
    with pytest.raises(ValidationError, match="a second person"):
        services.approve(article, actor=cast.mona.actor, now=LATER)
    with pytest.raises(Denied):
        services.approve(article, actor=cast.bob.actor, now=LATER)  # an agent publishes nothing
    other = make_user("max", cast.provider, Role.MANAGER)
    assert services.approve(article, actor=other.actor, now=LATER).state == "published"


def test_who_wrote_an_earlier_published_version_may_approve_the_next(cast: Cast) -> None:
    article = services.begin_article(content(), actor=cast.mona.actor, now=MONDAY)
    services.send_to_review(article, actor=cast.mona.actor, now=MONDAY)
    max_ = make_user("max", cast.provider, Role.MANAGER)
    article = services.approve(Article.objects.get(), actor=max_.actor, now=MONDAY)
    article = services.revise(article, actor=cast.alice.actor, now=LATER)
    article = services.write(
        article, content(texts={"body": "Better."}), actor=cast.alice.actor, now=LATER, expected_version=None
    )
    article = services.send_to_review(article, actor=cast.alice.actor, now=LATER)
    assert published(services.approve(article, actor=cast.mona.actor, now=LATER)).number == 2


@pytest.mark.req("KNW-08")
def test_versions_are_never_changed_and_the_published_one_stays_while_the_next_is_written(cast: Cast) -> None:
    article = make_article(cast)
    first = article.published
    article = services.revise(article, actor=cast.bob.actor, now=LATER)
    article = services.write(
        article, content(texts={"body": "Restart it."}), actor=cast.bob.actor, now=LATER,
        expected_version=article.version,
    )  # fmt: skip
    assert (article.state, article.published, latest(article).number) == ("revising", first, 2)
    assert Article.objects.readable_by(cast.rita.actor).get().shown_to(cast.rita.actor) == first
    VersionService.objects.create(version=published(article), service=cast.mail)
    for wrong in ("UPDATE knowledge_articleversion SET body = ''", "DELETE FROM knowledge_versionservice"):
        with pytest.raises(InternalError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(wrong)
    dropped = services.drop(article, actor=cast.bob.actor, now=LATER)
    assert (dropped.state, dropped.latest, ArticleVersion.objects.count()) == ("published", first, 2)


def test_the_same_saved_again_is_no_version_and_a_stale_save_is_refused(cast: Cast) -> None:
    article = make_draft(cast)
    seen = article.version
    services.write(article, content(), actor=cast.alice.actor, now=LATER, expected_version=seen)
    assert article.versions.count() == 1
    services.write(
        article, content(genre=Genre.HOW_TO), actor=cast.bob.actor, now=LATER, expected_version=seen
    )
    with pytest.raises(Stale):
        services.write(article, content(), actor=cast.alice.actor, now=LATER, expected_version=seen)


def test_nothing_is_written_during_a_review_and_the_reviewer_sends_back_with_a_reason(
    cast: Cast,
) -> None:
    article = services.send_to_review(make_draft(cast), actor=cast.alice.actor, now=LATER)
    with pytest.raises(IllegalMove):
        services.write(article, content(), actor=cast.alice.actor, now=LATER, expected_version=None)
    with pytest.raises(ValidationError):
        services.send_back(article, reason=" ", actor=cast.mona.actor, now=LATER)
    back = services.send_back(article, reason="Name the version.", actor=cast.mona.actor, now=LATER)
    assert back.state == lifecycle.DRAFT
    note = Activity.objects.get(verb="article.return_draft")
    assert (note.text, note.deliveries.filter(recipient=cast.alice).exists()) == ("Name the version.", True)


@pytest.mark.req("KNW-08")
def test_what_customers_read_is_in_both_languages_or_says_why_not(cast: Cast) -> None:
    english = {"title_zh": "", "summary_zh": "", "body_zh": ""}
    article = make_draft(cast, texts=english)
    with pytest.raises(ValidationError) as refused:
        services.send_to_review(article, actor=cast.alice.actor, now=LATER)
    assert set(refused.value.message_dict) == {"one_language_reason"}
    with_reason = {**english, "one_language_reason": "Only the London office uses it."}
    assert make_article(cast, texts=with_reason).state == "published"
    assert make_article(cast, texts=english, audience=Audience.INTERNAL).state == "published"


@pytest.mark.parametrize(("genre", "field"), [(Genre.KNOWN_ERROR, "symptom"), (Genre.CASE, "lesson")])
def test_a_known_error_names_its_symptom_and_a_case_its_lesson(cast: Cast, genre: str, field: str) -> None:
    article = make_draft(cast, genre=genre, audience=Audience.INTERNAL)
    with pytest.raises(ValidationError) as refused:
        services.send_to_review(article, actor=cast.alice.actor, now=LATER)
    assert field in refused.value.message_dict


@pytest.mark.req("KNW-05")
def test_a_case_keeps_description_evidence_lesson_and_department(cast: Cast) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    texts = {"lesson": "Test the restore.", "lesson_zh": "要演练恢复。", "department": "Platform"}
    article = make_article(cast, genre=Genre.CASE, audience=Audience.INTERNAL, texts=texts)
    photo = SimpleUploadedFile("rack.jpg", b"jpeg")
    services.add_files(article, text="The rack.", attachments=[photo], actor=cast.alice.actor, now=LATER)
    kept = article.attachments.get()
    assert (kept.name, kept.is_public, published(article).department) == ("rack.jpg", False, "Platform")


@pytest.mark.req("KNW-01")
def test_the_owner_is_reminded_once_of_a_review_and_a_check_sets_the_next(cast: Cast) -> None:
    article = make_article(cast)
    due = MONDAY + timedelta(days=366)
    assert services.remind(now=MONDAY) == 0
    assert (services.remind(now=due), services.remind(now=due)) == (1, 0)
    assert Delivery.objects.filter(
        recipient=cast.alice, channel="in_app", activity__verb="article.reminded"
    ).exists()
    with pytest.raises(ValidationError):
        services.check(article, review_on=due.date(), actor=cast.bob.actor, now=due)
    ahead = (due + timedelta(days=90)).date()
    checked = services.check(article, review_on=ahead, actor=cast.bob.actor, now=due)
    assert (checked.review_on, checked.is_overdue(due.date())) == (ahead, False)
    assert services.remind(now=due + timedelta(days=91)) == 1


def test_a_retired_article_is_read_and_found_no_more(cast: Cast) -> None:
    from knowledge import found

    article = make_article(cast)
    assert found.matching("outbox", actor=cast.rita.actor)
    services.retire(article, reason="The old client is gone.", actor=cast.mona.actor, now=LATER)
    assert not Article.objects.readable_by(cast.rita.actor).exists()
    for actor in (cast.rita.actor, cast.alice.actor):
        assert found.matching("outbox", actor=actor) == found.suggested("outbox", actor=actor) == []


@pytest.mark.req("KNW-02")
def test_a_solution_becomes_a_draft_in_one_step_and_only_once(cast: Cast) -> None:
    incident = make_incident(cast, title="邮件发不出去", description="发件箱一直显示正在发送。")
    with pytest.raises(ValidationError):
        services.write_up(incident, actor=cast.alice.actor, now=MONDAY)
    solved = incidents.services.resolve(
        incident, code="solved", steps="清理了发件箱，重启客户端。", actor=cast.alice.actor, now=MONDAY
    )
    article = services.write_up(solved, actor=cast.bob.actor, now=LATER)
    first = latest(article)
    assert (first.title_zh, first.body_zh) == ("邮件发不出去", "清理了发件箱，重启客户端。")
    assert (first.symptom_zh, first.title, first.audience) == ("发件箱一直显示正在发送。", "", "internal")
    assert [s.pk for s in first.services.all()] == [cast.mail.pk]
    assert Link.objects.filter(source=article.pk, target=incident.pk).exists()
    assert Activity.objects.filter(record=incident, verb="knowledge.written_up").count() == 1
    assert services.write_up(solved, actor=cast.alice.actor, now=LATER) == article


@pytest.mark.django_db(transaction=True)
def test_two_who_write_up_the_same_ticket_at_once_get_one_article(cast: Cast) -> None:
    solved = incidents.services.resolve(
        make_incident(cast), code="solved", steps="Cleared the queue.", actor=cast.alice.actor, now=MONDAY
    )
    start, made = Barrier(2), []

    def run(actor: object) -> None:
        start.wait()
        made.append(services.write_up(solved, actor=actor, now=LATER).pk)  # type: ignore[arg-type]
        connection.close()

    threads = [Thread(target=run, args=(u.actor,)) for u in (cast.alice, cast.bob)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 2
    assert len(set(made)) == Article.objects.count() == 1


@pytest.mark.req("KNW-07")
def test_an_improvement_is_linked_with_the_article_that_hands_its_knowledge_on(cast: Cast) -> None:
    from actions import plans
    from actions import queries as action_queries
    from actions import services as actions
    from knowledge import queries

    plan = plans.propose(
        title="Mail queue watched", title_zh="监控邮件队列", agreement=None, cause=None, owner=cast.mona,
        objective="No mail waits.", people="", resources="", starts_on=MONDAY.date(),
        ends_on=(MONDAY + timedelta(days=30)).date(), indicator="Waiting mails", value_before="20",
        value_wanted="0", actor=cast.mona.actor, now=MONDAY,
    )  # fmt: skip
    article = make_article(cast)
    services.connect(article, plan, actor=cast.mona.actor, now=LATER)
    transfer = actions.open_action(
        source="improvement", title="Train the desk", description="", responsible=cast.alice,
        due_on=(LATER + timedelta(days=9)).date(), actor=cast.mona.actor, now=LATER, cause=article, plan=plan,
    )  # fmt: skip
    assert {r.number for r in queries.links_of(article, cast.mona.actor)} == {plan.number, transfer.number}
    assert [a.pk for a in action_queries.caused_by(article, cast.mona.actor)] == [transfer.pk]


def test_who_works_for_some_customers_only_writes_too_but_names_no_other_customer(cast: Cast) -> None:
    Grant.objects.filter(user=cast.bob).delete()
    Grant.objects.create(user=cast.bob, role=Role.AGENT, organisation=cast.acme)
    bob = type(cast.bob).objects.get(pk=cast.bob.pk).actor
    assert services.begin_article(content(), actor=bob, now=MONDAY).state == "draft"
    with pytest.raises(ValidationError) as refused:
        services.begin_article(
            content(audience=Audience.NAMED, customers=(cast.globex,)), actor=bob, now=MONDAY
        )
    assert set(refused.value.message_dict) == {"customers"}
    theirs = make_article(cast, audience=Audience.NAMED, customers=(cast.globex,))
    readable = Article.objects.readable_by(bob)
    assert theirs.pk not in readable.values_list("pk", flat=True)
    assert readable.exists()


def test_publish_of_helper_is_the_whole_way(cast: Cast) -> None:
    assert publish(cast, make_draft(cast)).state == "published"
