"""Lessons of the case library that a design has taken into account, or why not (KNW-06).

Cases about the requirement's services are listed by themselves, others by hand. While one is not answered,
the specification sheet is not approved and the planning is not finished.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import Actor
from knowledge.models import Article, Genre, VersionService
from planning import lifecycle
from planning.content import Content
from planning.models import Lesson, ServiceLevelRequirement
from planning.services import locked
from records import log as records_log
from records.services import MAX_TEXT, refuse, save

STATES = frozenset({lifecycle.DEFINING, lifecycle.FIXED})
MOST_NAMED = 8


@dataclass(frozen=True)
class Listed:
    """A case and what was answered; ``row`` None: listed because of its service, and not answered."""

    article: Article
    row: Lesson | None

    @property
    def is_open(self) -> bool:
        return self.row is None or self.row.is_heeded is None


def listed(requirement: ServiceLevelRequirement) -> list[Listed]:
    """Every lesson of a requirement, by number; three queries."""
    rows = {row.article_id: row for row in requirement.lessons.select_related("answered_by")}
    offered = set(_about(requirement).values_list("pk", flat=True))
    articles = Article.objects.filter(pk__in={*rows, *offered}).select_related("published", "latest")
    return [Listed(article, rows.get(article.pk)) for article in articles.order_by("number")]


def _about(requirement: ServiceLevelRequirement) -> Any:
    """The published cases about the requirement's services."""
    codes = {*Content.parse(requirement.content).services}
    if requirement.service:
        codes.add(requirement.service.code)
    versions = VersionService.objects.filter(service__code__in=codes).values("version")
    return cases().filter(published__in=versions)


def cases() -> Any:
    """The case library: what is published of it."""
    return Article.objects.shown().filter(published__genre=Genre.CASE)


def open_of(requirement: ServiceLevelRequirement) -> list[str]:
    """The numbers of the lessons that nobody has answered yet."""
    return [lesson.article.number for lesson in listed(requirement) if lesson.is_open]


def hindrance(requirement: ServiceLevelRequirement) -> str:
    """What the open lessons stand in the way of, as a sentence; "" where there are none."""
    left = open_of(requirement)
    if not left:
        return ""
    more = " …" if len(left) > MOST_NAMED else ""
    message = _("These lessons are not answered yet, heeded or why not: %(numbers)s.")
    return message % {"numbers": _(", ").join(left[:MOST_NAMED]) + more}


def add(requirement: ServiceLevelRequirement, *, number: str, actor: Actor, now: datetime) -> Lesson:
    """List a case that is not about one of its services. Safe to repeat."""
    chosen = cases().filter(number=number.strip().upper()).first()
    if chosen is None:
        raise refuse("number", _("There is no published case of this number."))
    with transaction.atomic():
        current = locked(requirement, "write_design", STATES, actor, now)
        made, is_new = Lesson.objects.get_or_create(requirement=current, article=chosen)
        if is_new:
            save(current, [], now=now)
            records_log.write(current, "requirement.list_lesson", actor=actor, at=now, lesson=chosen.number)
    return made


def answer(
    requirement: ServiceLevelRequirement,
    *,
    article: Article,
    is_heeded: bool,
    words: str,
    actor: Actor,
    now: datetime,
) -> Lesson:
    """Say how a lesson was taken into account, or why it is not; the same again changes nothing."""
    said = words.replace("\0", "").strip()
    if not said:
        message = _("Say how it was taken into account.") if is_heeded else _("Say why it is not heeded.")
        raise refuse("words", message, "required")
    if len(said) > MAX_TEXT:
        raise refuse("words", _("The text is too long: at most %(n)s characters.") % {"n": MAX_TEXT})
    with transaction.atomic():
        current = locked(requirement, "write_design", STATES, actor, now)
        if article.pk not in {lesson.article.pk for lesson in listed(current)}:
            raise refuse("article", _("This lesson is not listed here."))
        row, _is_new = Lesson.objects.get_or_create(requirement=current, article=article)
        if (row.is_heeded, row.words) == (is_heeded, said):
            return row
        row.is_heeded, row.words, row.answered_by_id, row.answered_at = is_heeded, said, actor.user_id, now
        row.save()
        save(current, [], now=now)
        heeded = {"en": "heeded", "zh": "已采纳"} if is_heeded else {"en": "not heeded", "zh": "未采纳"}
        records_log.write(
            current, "requirement.answer_lesson", actor=actor, at=now, text=said, lesson=article.number,
            heeded=heeded,
        )  # fmt: skip
    return row
