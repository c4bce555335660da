"""The verbs of an article: begun, written, reviewed by somebody else, published, revised, checked, retired.

Mistakes come back as ValidationError keyed by field, refusals as access.Denied, IllegalMove or Stale. The
knowledge base is the provider's own and not any customer's: whoever may write works on it with the whole of
it in reach, though he sees the tickets of some customers only (``at_large``).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import access
from accounts.access import Actor
from accounts.models import Organisation, User
from accounts.services import system_actor
from knowledge import found, lifecycle, writing
from knowledge.models import Article, ArticleVersion, Audience, Genre
from knowledge.writing import Content
from records import log as records_log
from records.files import Upload
from records.kinds import Kind
from records.lifecycle import IllegalMove
from records.models import Link, Priority, Record
from records.services import begin, comment, link, move, open_record, refuse, save

REVIEW_AFTER = timedelta(days=180)


def at_large(actor: Actor) -> Actor:
    """The actor, not limited to some customers: for what is the provider's own."""
    own = actor.via(actor.origin)  # a request's actor is a lazy stand-in
    return replace(own, scope=None) if own.is_desk_side else own


def provider() -> Organisation:
    return Organisation.objects.filter(kind=Organisation.Kind.PROVIDER).order_by("pk")[0]


# --- writing ---------------------------------------------------------------------------------


def begin_article(content: Content, *, actor: Actor, now: datetime, source: Record | None = None) -> Article:
    """A new article as a draft, with its first version. ``source`` is the record it is written from."""
    access.require(actor, "write_article")
    _check_named(content, actor)
    content = writing.cleaned(content, now=now)
    wide = at_large(actor)
    author = User.objects.get(pk=actor.user_id)
    with transaction.atomic():
        article: Article = open_record(
            Article, Kind.ARTICLE, actor=wide, now=now, customer=provider(), requester=author, owner=author,
            title=_title(content), priority=Priority.LOW, review_on=content.review_on, source=source,
        )  # fmt: skip
        _store(article, content, actor=wide, now=now)
    return article


def _title(content: Content) -> str:
    return content.texts["title"] or content.texts["title_zh"]


def _check_named(content: Content, actor: Actor) -> None:
    """Who is limited to some customers names those only."""
    if actor.scope is not None and any(c.pk not in actor.scope for c in content.customers):
        raise refuse("customers", _("Choose customers you work for."))


def _store(article: Article, content: Content, *, actor: Actor, now: datetime) -> ArticleVersion:
    version = writing.store(article, content, actor=actor, now=now)
    article.latest, article.title = version, _title(content)
    columns = ["latest", "title"]
    if article.published_id is None:
        article.review_on = content.review_on
        columns.append("review_on")
    save(article, columns, now=now)
    records_log.write(
        article, "article.written", actor=actor, at=now, text=content.texts["change_note"],
        version=version.number,
    )  # fmt: skip
    found.index(article)
    return version


def write(
    article: Article, content: Content, *, actor: Actor, now: datetime, expected_version: int | None
) -> Article:
    """Save what it says as its next version; the same again changes nothing."""
    _check_named(content, actor)
    content = writing.cleaned(content, now=now)
    wide = at_large(actor)
    with transaction.atomic():
        current = begin(article, "write_article", actor=wide, now=now, expected_version=expected_version)
        if current.state not in lifecycle.WRITABLE:
            legal = lifecycle.LIFECYCLE.legal_moves(current.state)
            raise IllegalMove("write_article", current.state, legal)
        if current.latest and Content.of(current.latest).says_the_same(content):
            return current
        _store(current, content, actor=wide, now=now)
    return current


# --- review ----------------------------------------------------------------------------------


def send_to_review(
    article: Article,
    *,
    actor: Actor,
    now: datetime,
    reviewer: User | None = None,
    expected_version: int | None = None,
) -> Article:
    """Ask for a review of the latest version, if it is whole; ``reviewer`` is told first."""
    act = "send_revision" if article.state == lifecycle.REVISING else "send_draft"
    with transaction.atomic():
        current = begin(article, act, actor=at_large(actor), now=now, expected_version=expected_version)
        if current.latest is None:
            raise refuse("body", _("Write the article first."))
        if lacking := writing.hindrances(current.latest):
            raise ValidationError({name: [words] for name, words in lacking.items()})
        if reviewer is not None and not _may_review(reviewer, current):
            raise refuse("reviewer", _("Choose somebody who leads and has not written it."))
        return move(
            current, act, actor=at_large(actor), now=now, changes={"assignee": reviewer},
            version=current.latest.number,
        )  # fmt: skip


def writers(article: Article) -> set[int]:
    """Who has written what is not published yet."""
    since = article.published.number if article.published else 0
    rows = article.versions.filter(number__gt=since)
    return set(rows.values_list("written_by", flat=True))


def _may_review(person: User, article: Article) -> bool:
    return access.may(person.actor, "publish_article", article) and person.pk not in writers(article)


def may_approve(actor: Actor, article: Article) -> bool:
    """Four eyes: who may publish and has written none of it."""
    return access.may(actor, "publish_article", article) and actor.user_id not in writers(article)


def approve(
    article: Article, *, actor: Actor, now: datetime, note: str = "", expected_version: int | None = None
) -> Article:
    """Publish the latest version. Refused to whoever wrote any of what is new in it."""
    wide = at_large(actor)
    with transaction.atomic():
        current = begin(article, "publish_article", actor=wide, now=now, expected_version=expected_version)
        if current.state in lifecycle.UNDER_REVIEW and actor.user_id in writers(current):
            raise refuse("approve", _("Who wrote it cannot approve it; a second person must."), "four_eyes")
        version = current.latest
        current = move(
            current, "publish_article", actor=wide, now=now, note=note.strip(),
            changes={
                "published": version, "review_on": version and version.review_on, "reminded_on": None,
                "assignee": None,
            },
            version=version and version.number,
        )  # fmt: skip
        found.index(current)
    return current


def send_back(
    article: Article, *, reason: str, actor: Actor, now: datetime, expected_version: int | None = None
) -> Article:
    """Ask the author for something else, with the reason."""
    if not reason.strip():
        raise refuse("reason", _("Say what is to be changed."), "required")
    act = "return_revision" if article.state == lifecycle.REVISION_IN_REVIEW else "return_draft"
    return move(
        article, act, actor=at_large(actor), now=now, note=reason.strip(), changes={"assignee": None},
        expected_version=expected_version,
    )  # fmt: skip


# --- after publication -----------------------------------------------------------------------


def revise(article: Article, *, actor: Actor, now: datetime, expected_version: int | None = None) -> Article:
    """Begin the next version; the published one stays to be read."""
    return move(article, "begin_revision", actor=at_large(actor), now=now, expected_version=expected_version)


def drop(article: Article, *, actor: Actor, now: datetime, expected_version: int | None = None) -> Article:
    """Give the revision up; what is published stays."""
    with transaction.atomic():
        current = move(
            article, "drop_revision", actor=at_large(actor), now=now, expected_version=expected_version,
            changes={"latest": article.published, "title": article.published and _name(article.published)},
        )  # fmt: skip
        found.index(current)
    return current


def _name(version: ArticleVersion) -> str:
    return version.title or version.title_zh


def retire(
    article: Article, *, reason: str, actor: Actor, now: datetime, expected_version: int | None = None
) -> Article:
    """Take it out of use, with the reason; it is found no more."""
    if not reason.strip():
        raise refuse("reason", _("Say why it is retired."), "required")
    with transaction.atomic():
        current = move(
            article, "retire", actor=at_large(actor), now=now, note=reason.strip(),
            expected_version=expected_version,
        )  # fmt: skip
        found.index(current)
    return current


def check(article: Article, *, review_on: date, note: str = "", actor: Actor, now: datetime) -> Article:
    """Somebody has read it again and it still holds: the next day of review (KNW-01)."""
    if review_on <= timezone.localdate(now):
        raise refuse("review_on", _("The review date lies in the future."))
    with transaction.atomic():
        current = begin(article, "check_article", actor=at_large(actor), now=now, expected_version=None)
        if current.state not in lifecycle.SHOWN:
            raise IllegalMove("check", current.state, lifecycle.LIFECYCLE.legal_moves(current.state))
        current.review_on, current.reminded_on = review_on, None
        save(current, ["review_on", "reminded_on"], now=now)
        records_log.write(
            current, "article.checked", actor=actor, at=now, text=note.strip(), day=review_on.isoformat()
        )
    return current


def give(article: Article, *, owner: User, actor: Actor, now: datetime) -> Article:
    """Another owner, who answers for it and is reminded."""
    if not owner.is_active or not owner.actor.is_staff_side:
        raise refuse("owner", _("Choose an active person of the provider."))
    with transaction.atomic():
        current = begin(article, "give_article", actor=at_large(actor), now=now, expected_version=None)
        if current.owner_id != owner.pk:
            current.owner = owner
            save(current, ["owner"], now=now)
            records_log.write(current, "article.owned", actor=actor, at=now, owner=owner.label)
    return current


def connect(article: Article, other: Record, *, actor: Actor, now: datetime) -> Link:
    """Link it to a record: what it was written for, such as an improvement whose knowledge it hands on."""
    access.require(actor, "link", other)
    return link(article, other, kind=Link.Type.RELATED, actor=at_large(actor), now=now)


def add_files(
    article: Article, *, text: str, attachments: Sequence[Upload], actor: Actor, now: datetime
) -> None:
    """Keep evidence with it, or a note: read by the desk only, whoever the article is for (KNW-05)."""
    access.require(actor, "write_article")
    comment(article, text=text, is_public=False, attachments=attachments, actor=at_large(actor), now=now)


def remind(*, now: datetime) -> int:
    """Tell the owner of each article whose day of review has come, once for that day; answers how many."""
    actor, today = system_actor(), timezone.localdate(now)
    told = 0
    waiting = Article.objects.overdue(today).filter(reminded_on=None).order_by("pk")
    for pk in waiting.values_list("pk", flat=True).iterator():
        with transaction.atomic():
            row = Article.objects.select_for_update(no_key=True, of=("record_ptr", "self")).get(pk=pk)
            if row.reminded_on is not None or not row.is_overdue(today):
                continue
            row.reminded_on = today
            row.save(update_fields=["reminded_on"])
            records_log.write(
                row, "article.reminded", actor=actor, at=now, day=row.review_on.isoformat(),
                owner=row.owner.label if row.owner else {"en": "nobody", "zh": "无人"},
            )  # fmt: skip
            told += 1
    return told


# --- from a ticket ---------------------------------------------------------------------------


def write_up(record: Record, *, actor: Actor, now: datetime) -> Article:
    """A draft from a ticket's solution, linked to it (KNW-02); whoever asks again is given the same."""
    access.require(actor, "write_article")
    access.require(actor, "note", record)
    with transaction.atomic():
        current = begin(record, "note", actor=actor, now=now, expected_version=None)
        there: Article | None = Article.objects.filter(source=current.pk).first()
        if there:
            return there
        solution = str(getattr(current, "resolution", "")).strip()
        if not solution:
            raise refuse("resolution", _("The ticket has no solution yet to write an article from."))
        content = _content_from(current, solution, now)
        article = begin_article(content, actor=actor, now=now, source=Record.objects.get(pk=current.pk))
        connect(article, current, actor=actor, now=now)
        records_log.write(current, "knowledge.written_up", actor=actor, at=now, article=article.number)
    return article


def _content_from(record: Any, solution: str, now: datetime) -> Content:
    """Title, symptom and solution of a ticket in the language it is written in; internal until reviewed."""
    tongue = "_zh" if found.is_chinese(f"{record.title}{solution}") else ""
    first = record.description.strip().splitlines()[:1]
    texts = {
        f"title{tongue}": record.title,
        f"summary{tongue}": first[0][:300] if first else "",
        f"symptom{tongue}": record.description,
        f"body{tongue}": solution,
    }
    item = getattr(record, "item", None)
    return Content(
        genre=Genre.SOLUTION,
        audience=Audience.INTERNAL,
        review_on=timezone.localdate(now) + REVIEW_AFTER,
        texts=texts,
        services=(record.service,) if record.service else (),
        item_type=item.type if item else None,
    )
