"""How an article and its versions are shown: sections in a language, differences, rows of lists."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from typing import Any

from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from knowledge import lifecycle
from knowledge.models import TEXTS, Article, ArticleState, ArticleVersion, Audience, Genre
from records.markup import to_html

TONES = {
    lifecycle.DRAFT: "neutral",
    lifecycle.IN_REVIEW: "warn",
    lifecycle.PUBLISHED: "good",
    lifecycle.REVISING: "accent",
    lifecycle.REVISION_IN_REVIEW: "warn",
    lifecycle.RETIRED: "quiet",
}
ICONS = {
    Genre.SOLUTION: "circle-check",
    Genre.HOW_TO: "list-check",
    Genre.KNOWN_ERROR: "alert-triangle",
    Genre.CASE: "archive",
}
TONGUES = (("", "en", "English"), ("_zh", "zh-hans", "中文"))
HEADINGS = {
    "symptom": _("Symptom"),
    "cause": _("Cause"),
    "workaround": _("Workaround"),
    "body": _("What to do"),
    "lesson": _("What was learnt"),
}
BODY = {Genre.KNOWN_ERROR: _("Final solution"), Genre.CASE: _("What happened")}


@dataclass(frozen=True)
class Reading:
    """An article in one language. ``lang`` is for the page, ``name`` is the language's own."""

    lang: str
    name: str
    title: str
    summary: str
    sections: Sequence[tuple[str, str]]
    is_missing: bool


def readings(version: ArticleVersion) -> list[Reading]:
    """Both languages, headings in each one's own."""
    found = []
    for tongue, lang, name in TONGUES:
        with override(lang):
            sections = [(str(label), html) for label, html in _sections(version, tongue)]
        title = getattr(version, f"title{tongue}")
        found.append(
            Reading(
                lang, name, title, getattr(version, f"summary{tongue}"), sections, not (title or sections)
            )
        )
    return found


def reading(version: ArticleVersion) -> Reading:
    """The article in the reader's language, the other one where that is missing."""
    both = readings(version)
    if (get_language() or "en").startswith("zh"):
        both.reverse()
    return next((each for each in both if not each.is_missing), both[0])


def _sections(version: ArticleVersion, tongue: str) -> Iterable[tuple[Any, str]]:
    for name in ("symptom", "cause", "workaround", "body", "lesson"):
        if text := getattr(version, f"{name}{tongue}"):
            label = BODY.get(Genre(version.genre), HEADINGS[name]) if name == "body" else HEADINGS[name]
            yield label, to_html(text)


# --- rows ------------------------------------------------------------------------------------


def row_of(article: Article, today: date, actor: Actor) -> dict[str, Any]:
    """An article as lists show it; its services are prefetched on ``latest``."""
    version = article.shown_to(actor)
    return {
        "article": article,
        "version": version,
        "url": article.url_for(actor),
        "genre": Genre(version.genre).label,
        "icon": ICONS[Genre(version.genre)],
        "audience": Audience(version.audience).label,
        "services": list(version.services.all()),
        "state": ArticleState(article.state).label,
        "tone": TONES[article.state],
        "is_overdue": article.is_overdue(today),
    }


def brief(article: Article, actor: Actor) -> dict[str, Any]:
    """An article as suggestions show it: title, kind, one line, and where it is."""
    version = article.shown_to(actor)
    return {
        "number": article.number,
        "title": version.name,
        "genre": Genre(version.genre).label,
        "icon": ICONS[Genre(version.genre)],
        "summary": version.gist,
        "url": article.url_for(actor),
        "portal_url": article.portal_url if _is_for_customers(article) else "",
        "is_published": article.published_id is not None and article.state in lifecycle.SHOWN,
        "use_count": article.use_count,
    }


def _is_for_customers(article: Article) -> bool:
    return article.published is not None and article.published.audience != Audience.INTERNAL


# --- differences -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Piece:
    """A stretch of text: kept, added or removed."""

    kind: str  # same, added, removed
    text: str


@dataclass(frozen=True)
class Change:
    label: str
    pieces: Sequence[Piece]


def differences(before: ArticleVersion, after: ArticleVersion) -> list[Change]:
    """What a version says differently from another, field by field."""
    names = [f"{name}{tongue}" for name in TEXTS for tongue in ("", "_zh")]
    names += ["keywords", "department", "one_language_reason"]
    changes = [_change(name, getattr(before, name), getattr(after, name)) for name in names]
    facts = ("genre", "audience", "customers", "services", "item_type", "review_on")
    changes += [_change(name, _words(before, name), _words(after, name)) for name in facts]
    return [change for change in changes if change is not None]


def _words(version: ArticleVersion, name: str) -> str:
    """A fact of a version in words."""
    if name in ("genre", "audience"):
        return str(getattr(version, f"get_{name}_display")())
    if name in ("customers", "services"):
        return ", ".join(row.name for row in getattr(version, name).all())
    value = getattr(version, name)
    return "" if value is None else str(value)


def _change(name: str, old: str, new: str) -> Change | None:
    if old == new:
        return None
    label = str(getattr(ArticleVersion._meta.get_field(name), "verbose_name", name))
    return Change(label[:1].upper() + label[1:], _pieces(old, new))


def _pieces(old: str, new: str) -> list[Piece]:
    """By lines where there are many, else by characters in runs."""
    a: Sequence[str] = old.splitlines(keepends=True)
    b: Sequence[str] = new.splitlines(keepends=True)
    if len(a) < 2 and len(b) < 2:
        return [Piece(k, t) for k, t in (("removed", old), ("added", new)) if t]
    pieces = []
    for kind, a1, a2, b1, b2 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append(Piece("same", "".join(a[a1:a2])))
            continue
        pieces += [
            Piece(word, text)
            for word, text in (("removed", "".join(a[a1:a2])), ("added", "".join(b[b1:b2])))
            if text
        ]
    return pieces
