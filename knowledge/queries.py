"""Questions about articles; every one starts from what the reader may see."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import Actor
from accounts.services import system_actor
from catalog.models import Service
from knowledge import found, lifecycle
from knowledge.models import (
    Article,
    ArticleState,
    ArticleUse,
    ArticleVersion,
    Audience,
    Genre,
    Question,
    VersionService,
)
from records.models import Activity, Link, Record

SHOWN, TO_REVIEW, OVERDUE, ANY = "shown", "to_review", "overdue", "any"
STATES: tuple[tuple[str, Any], ...] = (
    (SHOWN, gettext_lazy("Published ones")),
    (TO_REVIEW, gettext_lazy("Waiting for a review")),
    (OVERDUE, gettext_lazy("Review overdue")),
    *ArticleState.choices,
    (ANY, gettext_lazy("In any state")),
)
ORDERS: tuple[tuple[str, Any], ...] = (
    ("updated", gettext_lazy("Changed last")),
    ("used", gettext_lazy("Used most")),
    ("helpful", gettext_lazy("Helped most")),
    ("review", gettext_lazy("Review due first")),
)
_ORDER_BY = {
    "updated": ("-updated_at", "-pk"),
    "used": ("-use_count", "-pk"),
    "helpful": ("-helpful_count", "-pk"),
    "review": ("review_on", "pk"),
}
PERIOD = timedelta(days=30)


def get_article(actor: Actor, number: str) -> Article:
    """The article of a number, if the actor may read it; else Http404."""
    rows = Article.objects.readable_by(actor).filter(number=number.upper())
    chosen: Article | None = rows.select_related("published", "latest", "owner", "assignee", "source").first()
    if chosen is None:
        raise Http404(_("There is no article %(number)s.") % {"number": number[:20]})
    return chosen


@dataclass(frozen=True)
class Choice:
    """How the list is narrowed and ordered. ``service`` is an id, 0 for all."""

    q: str = ""
    state: str = SHOWN
    genre: str = ""
    audience: str = ""
    service: int = 0
    order: str = "updated"
    mine: bool = False

    @classmethod
    def read(cls, given: Mapping[str, str]) -> "Choice":
        """From an address: what it does not know is as if not asked."""

        def one_of(name: str, known: Any, default: str) -> str:
            value = given.get(name, "")
            return value if value in known else default

        service = given.get("service", "")
        return cls(
            q=given.get("q", "").replace("\0", "").strip()[:200],
            state=one_of("state", dict(STATES), SHOWN),
            genre=one_of("genre", Genre.values, ""),
            audience=one_of("audience", Audience.values, ""),
            service=int(service) if service.isascii() and service.isdigit() and len(service) < 10 else 0,
            order=one_of("order", _ORDER_BY, "updated"),
            mine=given.get("mine") == "1",
        )


def listed(actor: Actor, choice: Choice, today: date) -> QuerySet[Article]:
    """The articles chosen, in the order chosen, with what a row shows."""
    rows = narrowed(Article.objects.readable_by(actor), choice, today)
    if choice.mine:
        rows = rows.filter(Q(owner=actor.user_id) | Q(requester=actor.user_id) | Q(assignee=actor.user_id))
    if choice.q:
        rows = rows.filter(
            pk__in=[m.article_id for m in found.matching(choice.q, actor=actor, is_published=False)]
        )
    ordered: QuerySet[Article] = with_versions(rows).order_by(*_ORDER_BY[choice.order])
    return ordered


def with_versions(rows: Any) -> Any:
    """Articles with what a row of a list shows of them."""
    return rows.select_related("published", "latest", "owner").prefetch_related(
        "published__services", "latest__services"
    )


def narrowed(rows: Any, choice: Choice, today: date) -> Any:
    if choice.state == SHOWN:
        rows = rows.shown()
    elif choice.state == TO_REVIEW:
        rows = rows.filter(state__in=lifecycle.UNDER_REVIEW)
    elif choice.state == OVERDUE:
        rows = rows.overdue(today)
    elif choice.state != ANY:
        rows = rows.filter(state=choice.state)
    if choice.genre:
        rows = rows.filter(latest__genre=choice.genre)
    if choice.audience:
        rows = rows.filter(latest__audience=choice.audience)
    if choice.service:
        about = VersionService.objects.filter(version=OuterRef("latest"), service=choice.service)
        rows = rows.filter(Exists(about))
    return rows


# --- the portal ------------------------------------------------------------------------------


def services_told_about(actor: Actor) -> list[tuple[Service, int]]:
    """The services that articles for this customer are about, with how many."""
    rows = Article.objects.readable_by(actor).values("published")
    counts = dict(
        VersionService.objects.filter(version__in=rows).values_list("service").annotate(n=Count("pk"))
    )
    known = Service.objects.published().filter(pk__in=counts).order_by("name_en")
    return [(service, counts[service.pk]) for service in known]


# --- an article's own --------------------------------------------------------------------------


def links_of(article: Article, actor: Actor) -> list[Record]:
    """The records it is linked with, both ways, as far as the actor may see them: tickets, improvements,
    follow-up actions because of it."""
    ends = Link.objects.filter(Q(source=article.pk) | Q(target=article.pk)).values_list("source", "target")
    others = {pk for pair in ends for pk in pair} - {article.pk}
    return list(Record.objects.visible_to(actor).filter(pk__in=others).order_by("-pk")[:50])


def uses_of(article: Article, actor: Actor) -> QuerySet[ArticleUse]:
    """Where it was used lately, as far as the actor may see the records."""
    seen = Record.objects.visible_to(actor)
    rows = ArticleUse.objects.filter(article=article.pk, record__in=seen)
    return rows.select_related("record", "user", "version").order_by("-used_at")


def versions_of(article: Article) -> QuerySet[ArticleVersion]:
    return article.versions.select_related("written_by").order_by("-number")


# --- what managers look at ---------------------------------------------------------------------


def used_most(actor: Actor, limit: int) -> list[Article]:
    rows = Article.objects.readable_by(actor).shown().filter(use_count__gt=0)
    return list(with_versions(rows).order_by("-use_count", "-pk")[:limit])


def never_used(actor: Actor, limit: int) -> list[Article]:
    rows = Article.objects.readable_by(actor).shown().filter(use_count=0)
    return list(with_versions(rows).order_by("opened_at", "pk")[:limit])


def disliked(actor: Actor, limit: int) -> list[Article]:
    """Those that did not help more often than they did."""
    rows = Article.objects.readable_by(actor).shown().filter(unhelpful_count__gt=F("helpful_count"))
    return list(with_versions(rows).order_by("-unhelpful_count", "-pk")[:limit])


def missing(actor: Actor, since: datetime, limit: int) -> list[dict[str, Any]]:
    """What was searched for and not found, the most frequent words first."""
    rows = Question.objects.filter(found=0, asked_at__gte=since)
    if actor.scope is not None:
        rows = rows.filter(Q(record=None, is_customers=False) | Q(record__customer__in=actor.scope))
    asked: Any = rows.values("words").annotate(
        times=Count("pk"), last=Max("asked_at"), customers=Count("pk", filter=Q(is_customers=True))
    )
    return list(asked.order_by("-times", "-last")[:limit])


def escalated_unsearched(actor: Actor, since: datetime) -> QuerySet[Activity]:
    """Escalations by people before which nobody had searched the knowledge base for the ticket (KNW-04)."""
    known = Activity.objects.filter(
        record=OuterRef("record"), verb__in=("knowledge.searched", "knowledge.used"), at__lte=OuterRef("at")
    )
    rows = Activity.objects.filter(verb="record.escalated", at__gte=since)
    rows = rows.exclude(actor=system_actor().user_id)
    seen = Record.objects.visible_to(actor)
    unsearched = rows.filter(~Exists(known), record__in=seen)
    return unsearched.select_related("record", "actor").order_by("-at", "-pk")


def was_searched(record: Record) -> bool:
    """Whether the knowledge base was searched for a ticket, or an article used."""
    verbs = ("knowledge.searched", "knowledge.used")
    return Activity.objects.filter(record=record.pk, verb__in=verbs).exists()
