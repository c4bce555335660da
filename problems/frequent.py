"""Systems and services by the problems they have, and a problem turned into knowledge (PRB-10)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import access
from accounts.access import Actor
from catalog.models import Service
from cmdb.models import Item
from knowledge import found
from knowledge import services as articles
from knowledge.models import Article, Audience, Genre
from knowledge.writing import Content
from problems import lifecycle
from problems.models import Problem
from records import log as records_log
from records.kinds import TICKETS
from records.models import Link, Record
from records.services import begin, refuse

READ = 5000  # problems looked at, the newest
SHOWN = 50


@dataclass
class Frequent:
    """A system or service with its problems, the newest first, and how many incidents stand behind them."""

    subject: Item | Service
    problems: list[Problem] = field(default_factory=list)
    incidents: int = 0


def frequent(actor: Actor, *, since: datetime) -> tuple[list[Frequent], list[Frequent]]:
    """Items and services with their problems raised since then, those with most first; five queries."""
    rows = Problem.objects.visible_to(actor).filter(opened_at__gte=since).exclude(state=lifecycle.REJECTED)
    problems = {row.pk: row for row in rows.order_by("-opened_at", "-pk")[:READ]}
    behind: dict[int, int] = defaultdict(int)
    links = Link.objects.filter(target__in=problems, type=Link.Type.CAUSED_BY, source__kind__in=TICKETS)
    for target in links.values_list("target", flat=True):
        behind[target] += 1
    of_items: dict[int, list[int]] = defaultdict(list)
    for problem, item in Problem.items.through.objects.filter(problem__in=problems).values_list(
        "problem", "item"
    ):
        of_items[item].append(problem)
    of_services: dict[int, list[int]] = defaultdict(list)
    for row in problems.values():
        if row.service_id:
            of_services[row.service_id].append(row.pk)
    items = Item.objects.visible_to(actor).in_bulk(_most(of_items))
    services = Service.objects.in_bulk(_most(of_services))

    def listed(subjects: Iterable[Item | Service], of: dict[int, list[int]]) -> list[Frequent]:
        made = []
        for subject in subjects:
            theirs = sorted((problems[pk] for pk in of[subject.pk]), key=lambda p: -p.pk)
            made.append(Frequent(subject, theirs, sum(behind[p.pk] for p in theirs)))
        return sorted(made, key=lambda each: (-len(each.problems), -each.incidents, each.subject.pk))

    return listed(items.values(), of_items), listed(services.values(), of_services)


def _most(of: dict[int, list[int]]) -> list[int]:
    return sorted(of, key=lambda pk: (-len(of[pk]), pk))[:SHOWN]


def write_up(problem: Problem, *, actor: Actor, now: datetime) -> Article:
    """A draft article of what a problem taught, linked to it; whoever asks again is given the same."""
    access.require(actor, "write_article")
    with transaction.atomic():
        current = begin(problem, "note", actor=actor, now=now, expected_version=None)
        there: Article | None = Article.objects.filter(source=current.pk).first()
        if there:
            return there
        content = _content(current, now)
        article = articles.begin_article(
            content, actor=actor, now=now, source=Record.objects.get(pk=current.pk)
        )
        articles.connect(article, current, actor=actor, now=now)
        records_log.write(current, "knowledge.written_up", actor=actor, at=now, article=article.number)
    return article


def _content(problem: Problem, now: datetime) -> Content:
    """What is known of it in the language it is written in; of a known error also what stands there."""
    roots = "\n".join(cause.text for cause in problem.causes.filter(is_root=True))
    solution = problem.solutions.filter(is_chosen=True).first()
    error = problem.known_errors.order_by("pk").first()
    body = "\n\n".join(part for part in (solution.text if solution else "", problem.summary) if part)
    if not (roots or body or error):
        raise refuse("article", _("Nothing is known yet to write an article from: no cause, no workaround."))
    tongue = "_zh" if found.is_chinese(f"{problem.title}{body}{roots}") else ""
    texts = {
        f"title{tongue}": problem.title,
        f"symptom{tongue}": problem.description,
        f"cause{tongue}": roots,
        f"body{tongue}": body,
    }
    if problem.title_zh:
        texts["title_zh"] = problem.title_zh
    if error:
        texts |= {
            "symptom": error.description, "symptom_zh": error.symptom_zh, "workaround": error.workaround,
            "workaround_zh": error.workaround_zh,
        }  # fmt: skip
    item = problem.items.select_related("type").order_by("pk").first()
    return Content(
        genre=Genre.KNOWN_ERROR if error else Genre.SOLUTION,
        audience=Audience.INTERNAL,
        review_on=timezone.localdate(now) + articles.REVIEW_AFTER,
        texts=texts,
        services=(problem.service,) if problem.service else (),
        item_type=item.type if item else None,
    )
