"""Finding records by their words, in English and Chinese.

Chinese text has no spaces: it is cut into words before PostgreSQL sees it. Texts are cut finely (every
word inside a long word too), questions coarsely, so that parts of a long word are found as well.
"""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

import rjieba
from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.db.models import QuerySet

from accounts.access import Actor
from records.models import Record, SearchEntry

if TYPE_CHECKING:
    from records.models import ProcessQuerySet

MAX_TEXT = 100_000  # characters of one text that are indexed
MAX_QUESTION = 200
MANY = 2000  # matches above which a word counts as common
_WORD = re.compile(r"\w+", re.UNICODE)


def words(text: str) -> list[str]:
    """Every word of a text worth finding, long Chinese words with the words inside them."""
    text = text[:MAX_TEXT].lower()
    return [w for piece in rjieba.cut_for_search(text) for w in _WORD.findall(piece)]


def question_words(text: str) -> list[str]:
    """The words a question asks for; all of them must be there."""
    text = text[:MAX_QUESTION].lower()
    return [w for piece in rjieba.cut(text) for w in _WORD.findall(piece)]


def index(record: Record, *, public: Iterable[str] = (), internal: Iterable[str] = ()) -> None:
    """Add texts to a record's words. What is public is found by the desk side too."""
    open_words = " ".join(w for t in public for w in words(t))
    all_words = " ".join([open_words, *(w for t in internal for w in words(t))])
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO records_searchentry AS s (record_id, public, internal)
               VALUES (%s, to_tsvector('simple', %s), to_tsvector('simple', %s))
               ON CONFLICT (record_id) DO UPDATE
               SET public = s.public || EXCLUDED.public, internal = s.internal || EXCLUDED.internal""",
            [record.pk, open_words, all_words],
        )


def _vector_query(text: str) -> SearchQuery | None:
    asked = question_words(text)
    if not asked:
        return None
    # The last word may still be being typed: it matches as a beginning.
    quoted = [f"'{w}'" for w in asked]
    quoted[-1] += ":*"
    return SearchQuery(" & ".join(quoted), config="simple", search_type="raw")


def find(records: "ProcessQuerySet", text: str, *, actor: Actor) -> "QuerySet[Record]":
    """Narrow ``records`` (already visible to the actor) to those with the words of ``text``.

    The actor's side decides which words are searched: customers do not find by internal notes.
    Numbers are among a record's words. A question without a word finds nothing.
    """
    query = _vector_query(text)
    if query is None:
        return records.none()
    field = "internal" if actor.is_desk_side else "public"
    # PostgreSQL guesses how rare a word is, and guesses wrong: a rare one would be looked for from the newest
    # record on. So the matches are read first; where there are many, the condition is left to the planner.
    entries = SearchEntry.objects.filter(**{field: query}).values_list("pk", flat=True)
    matches = list(entries[: MANY + 1])
    if len(matches) <= MANY:
        return records.filter(pk__in=matches)
    return records.filter(**{f"search_entry__{field}": query})
