"""What a version says, checked: from a form or the API to a new row that is never changed again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.models import Organisation
from catalog.models import Service
from cmdb.models import ItemType
from knowledge.models import TEXTS, Article, ArticleVersion, Audience, Genre, VersionCustomer, VersionService
from records.services import MAX_TEXT

COLUMNS = tuple(f"{name}{tongue}" for name in TEXTS for tongue in ("", "_zh"))
PLAIN = (*COLUMNS, "department", "keywords", "one_language_reason", "change_note")
SHORT = {
    "title": 200, "title_zh": 200, "summary": 500, "summary_zh": 500, "department": 200, "keywords": 500,
    "one_language_reason": 300, "change_note": 300,
}  # fmt: skip
# Texts that only some kinds of article have.
ONLY = {
    "symptom": (Genre.KNOWN_ERROR, Genre.SOLUTION),
    "cause": (Genre.KNOWN_ERROR, Genre.SOLUTION),
    "workaround": (Genre.KNOWN_ERROR,),
    "lesson": (Genre.CASE,),
}


@dataclass(frozen=True)
class Content:
    """All of a version. ``texts`` are the columns of PLAIN; what is missing is empty."""

    genre: str
    audience: str
    review_on: date
    texts: Mapping[str, str]
    services: Sequence[Service] = ()
    customers: Sequence[Organisation] = ()
    item_type: ItemType | None = None

    @classmethod
    def of(cls, version: ArticleVersion) -> "Content":
        return cls(
            genre=version.genre,
            audience=version.audience,
            review_on=version.review_on,
            texts={name: getattr(version, name) for name in PLAIN},
            services=tuple(version.services.order_by("pk")),
            customers=tuple(version.customers.order_by("pk")),
            item_type=version.item_type,
        )

    def says_the_same(self, other: "Content") -> bool:
        """Whether nothing but the note on what changed is different."""
        return replace(self, texts={**self.texts, "change_note": other.texts.get("change_note", "")}) == other


def cleaned(content: Content, *, now: datetime) -> Content:
    """The same without blanks around; ValidationError keyed by field for what not even a draft may be."""
    texts = {name: str(content.texts.get(name, "")).strip().replace("\r\n", "\n") for name in PLAIN}
    errors = {**_too_long(texts), **_unfit(content, texts, now)}
    if errors:
        raise ValidationError({name: [words] for name, words in errors.items()})
    for name, genres in ONLY.items():
        if content.genre not in genres:
            texts[name] = texts[f"{name}_zh"] = ""
    named = content.customers if content.audience == Audience.NAMED else ()
    services, customers = _sorted(content.services), _sorted(named)
    return replace(content, texts=texts, services=services, customers=customers)


def _too_long(texts: Mapping[str, str]) -> dict[str, str]:
    errors = {}
    for name, text in texts.items():
        most = SHORT.get(name, MAX_TEXT)
        if len(text) > most:
            errors[name] = _("The text is too long: at most %(n)s characters.") % {"n": most}
        elif "\0" in text:
            errors[name] = _("Null characters are not allowed.")
    return errors


def _unfit(content: Content, texts: Mapping[str, str], now: datetime) -> dict[str, str]:
    errors = {}
    if not (texts["title"] or texts["title_zh"]):
        errors["title"] = _("Give it a title in at least one language.")
    if content.genre not in Genre.values:
        errors["genre"] = _("Say what kind of article it is.")
    if content.audience not in Audience.values:
        errors["audience"] = _("Say who may read it.")
    if content.audience == Audience.NAMED and not content.customers:
        errors["customers"] = _("Name the customers who may read it.")
    if content.review_on <= timezone.localdate(now):
        errors["review_on"] = _("The review date lies in the future.")
    return errors


def _sorted(rows: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(sorted({row.pk: row for row in rows}.values(), key=lambda row: row.pk))


def store(article: Article, content: Content, *, actor: Actor, now: datetime) -> ArticleVersion:
    """The next version; the caller holds the article's lock and has cleaned the content."""
    last = article.versions.order_by("-number").values_list("number", flat=True).first() or 0
    version = ArticleVersion.objects.create(
        article=article, number=last + 1, genre=content.genre, audience=content.audience,
        review_on=content.review_on, item_type=content.item_type, written_by_id=actor.user_id,
        written_at=now, **content.texts,
    )  # fmt: skip
    VersionService.objects.bulk_create(VersionService(version=version, service=s) for s in content.services)
    VersionCustomer.objects.bulk_create(
        VersionCustomer(version=version, customer=c) for c in content.customers
    )
    return version


def hindrances(version: ArticleVersion) -> dict[str, str]:
    """What a version lacks before it may go to review, by field; empty when it is whole."""
    missing: dict[str, str] = {}
    is_said = _("The article says nothing yet: write it in the language of its title.")
    for tongue in ("", "_zh"):
        if getattr(version, f"title{tongue}"):
            missing |= _lacks(version, tongue, is_said)
    is_read_outside = version.audience != Audience.INTERNAL
    if is_read_outside and not version.one_language_reason and not _is_whole_in_both(version):
        words = _("What customers read is written in both languages, or says why it is not.")
        missing["one_language_reason"] = words
    if version.genre == Genre.CASE and not version.department:
        missing["department"] = _("A case names the department responsible.")
    return missing


def _is_whole_in_both(version: ArticleVersion) -> bool:
    return all(getattr(version, f"title{t}") and _said(version, t) for t in ("", "_zh"))


def _said(version: ArticleVersion, tongue: str) -> bool:
    return any(getattr(version, f"{name}{tongue}") for name in TEXTS if name not in ("title", "summary"))


def _lacks(version: ArticleVersion, tongue: str, is_said: str) -> dict[str, str]:
    if version.genre == Genre.KNOWN_ERROR:
        if not getattr(version, f"symptom{tongue}"):
            return {f"symptom{tongue}": _("A known error says by which symptom it is known.")}
        if not (getattr(version, f"workaround{tongue}") or getattr(version, f"body{tongue}")):
            return {f"workaround{tongue}": _("A known error says what helps meanwhile.")}
    if version.genre == Genre.CASE and not getattr(version, f"lesson{tongue}"):
        return {f"lesson{tongue}": _("A case says what was learnt.")}
    return {} if _said(version, tongue) else {f"body{tongue}": is_said}
