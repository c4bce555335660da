"""Finding articles by words, Chinese and English, best first; the cost is bounded.

Words are cut as for records (records.search) and then taken as English ones, so that "printers" finds
"printer"; Chinese words pass as they are. What a title or keyword says weighs most, the long text least. What
helped often, and was judged helpful, stands higher among equals.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log1p

from django.db import connection

from accounts.access import Actor
from knowledge.models import TEXTS, Article, ArticleVersion, VersionService
from records import search

MOST_WORDS = 16  # of a question
COMMON = 2000  # articles with a word, above which it is left out where a rarer one is there
CANDIDATES = 3000  # articles that are ranked at most
LONGEST = 400  # characters of a ticket's text that a suggestion reads
ENOUGH = 0.3  # a suggestion must say so much: a word of the title, or two of the summary
NEAR = 0.35  # and at least this share of what the best one says
MANY = 200  # the most a search answers
_HAN = re.compile(r"[\u3400-\u9fff]")
# Words that say nothing, which the English dictionary does not know already.
_EMPTY = frozenset(
    "的 了 是 在 和 与 及 或 也 都 就 不 我 我们 你 您 他 她 它 们 这 那 这个 那个 一个 有 没有 请 "  # noqa: SIM905
    "怎么 如何 为什么 什么 无法 不能 可以 问题 帮忙 谢谢 今天 现在 进行 以及 之后 时候 提示 "
    "please help problem since today cannot can't error".split()
)
# weights of D, C, B, A: text, (unused), summary and symptom, title and keywords
_WEIGHTS = "{0.05, 0.1, 0.4, 1.0}"


@dataclass(frozen=True)
class Match:
    """An article that was found, and how well it fits."""

    article_id: int
    score: float


# --- what an article is found by -------------------------------------------------------------


def index(article: Article) -> None:
    """Store the words of the published version and of the latest one. Safe to repeat."""
    published = _vector_sql(article.published) if article.published and article.state != "retired" else None
    latest = _vector_sql(article.latest) if article.latest else ("''::tsvector", [])
    sql, args = published or ("NULL", [])
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO knowledge_articlewords (article_id, published, latest)
                VALUES (%s, {sql}, {latest[0]})
                ON CONFLICT (article_id) DO UPDATE
                SET published = EXCLUDED.published, latest = EXCLUDED.latest""",  # noqa: S608 (no input)
            [article.pk, *args, *latest[1]],
        )


def _vector_sql(version: ArticleVersion) -> tuple[str, list[str]]:
    """A weighted vector of a version, as SQL with its arguments."""
    number = Article.objects.filter(pk=version.article_id).values_list("number", flat=True).get()
    short = [version.title, version.title_zh, version.keywords, number]
    middle = [version.summary, version.summary_zh, version.symptom, version.symptom_zh]
    rest = [f"{name}{tongue}" for name in TEXTS if name not in ("title", "summary", "symptom")
            for tongue in ("", "_zh")]  # fmt: skip
    parts = [("A", short), ("B", middle), ("D", [getattr(version, name) for name in rest])]
    sql = " || ".join(f"setweight(to_tsvector('english', %s), '{weight}')" for weight, _texts in parts)
    return sql, [" ".join(w for text in texts for w in search.words(text)) for _weight, texts in parts]


# --- searching -------------------------------------------------------------------------------


def asked_words(text: str) -> list[str]:
    """The words of a question worth looking for, each once; single characters only if there is no longer."""
    found = list(dict.fromkeys(w for w in search.question_words(text) if w not in _EMPTY))
    long = [w for w in found if len(w) > 1]
    return (long or found)[:MOST_WORDS]


def matching(text: str, *, actor: Actor, is_published: bool = True) -> list[Match]:
    """The articles with all the words of a question, the last one as a beginning; best first.

    At the desk also by what is not published yet, unless ``is_published``.
    """
    words = asked_words(text[: search.MAX_QUESTION])
    if not words:
        return []
    quoted = [_quoted(word) for word in words]
    all_of_them = " & ".join([*quoted[:-1], f"{quoted[-1]}:*"])
    ranking = " | ".join([*quoted, f"{quoted[-1]}:*"])
    column = "published" if is_published or not actor.is_desk_side else "latest"
    return _ranked(all_of_them, ranking, len(words), column, actor=actor)


@dataclass(frozen=True)
class About:
    """What a ticket is about besides its words."""

    service_ids: frozenset[int] = frozenset()
    item_type_id: int | None = None


def suggested(text: str, *, actor: Actor, about: About | None = None, limit: int = 5) -> list[Match]:
    """The published articles that best fit a text, by any of its words; what fits too little is left out."""
    about = about or About()
    words = _rare(asked_words(text[:LONGEST]))
    if not words:
        return []
    any_of_them = " | ".join(_quoted(word) for word in words)
    ranked = _ranked(any_of_them, any_of_them, len(words), "published", actor=actor)
    enough = max(ENOUGH, NEAR * ranked[0].score) if ranked else ENOUGH
    return _nearer([m for m in ranked if m.score >= enough][: 4 * limit], about)[:limit]


def _nearer(found: Sequence[Match], about: About) -> list[Match]:
    """The same, with those about the same service or item type higher."""
    if not (about.service_ids or about.item_type_id):
        return list(found)
    rows = Article.objects.filter(pk__in=[m.article_id for m in found]).select_related("published", "latest")
    shown = {row.pk: row.published or row.latest for row in rows}
    same = set(
        VersionService.objects.filter(
            version__in=[v.pk for v in shown.values()], service__in=about.service_ids
        ).values_list("version", flat=True)
    )

    def score(match: Match) -> float:
        version = shown[match.article_id]
        is_same_type = about.item_type_id and version.item_type_id == about.item_type_id
        return match.score * (1.6 if version.pk in same else 1) * (1.3 if is_same_type else 1)

    raised = [Match(m.article_id, score(m)) for m in found]
    return sorted(raised, key=lambda m: (-m.score, m.article_id))


def _quoted(word: str) -> str:
    """Words hold letters and digits only (records.search), so a quote cannot be among them."""
    return f"'{word}'"


def _rare(words: Sequence[str]) -> list[str]:
    """Without the words that very many articles have, as long as one stays; at most one question."""
    if len(words) < 2:
        return list(words)
    few = "SELECT 1 FROM knowledge_articlewords WHERE published @@ to_tsquery('english', %s)"
    each = f"(SELECT count(*) FROM ({few} LIMIT {COMMON + 1}) few)"  # noqa: S608 (no input)
    counts = ", ".join([each] * len(words))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {counts}", [_quoted(word) for word in words])
        numbers = dict(zip(words, cursor.fetchone(), strict=True))
    rare = [word for word in words if 0 < numbers[word] <= COMMON]
    return rare or sorted((w for w in words if numbers[w]), key=lambda w: (-len(w), w))[:1]


def _ranked(condition: str, ranking: str, words: int, column: str, *, actor: Actor) -> list[Match]:
    """The articles the actor may read whose words fulfil a condition, by how well they fit."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT article_id, ts_rank('{_WEIGHTS}', {column}, to_tsquery('english', %s)) * %s AS fit
                FROM (SELECT article_id, {column} FROM knowledge_articlewords
                      WHERE {column} @@ to_tsquery('english', %s) LIMIT {CANDIDATES}) candidates
                ORDER BY fit DESC, article_id LIMIT %s""",  # noqa: S608 (no input)
            [ranking, words, condition, 2 * MANY],
        )
        fits = {pk: float(fit) for pk, fit in cursor.fetchall()}
    rows = Article.objects.readable_by(actor).exclude(state="retired").filter(pk__in=fits)
    counts = rows.values_list("pk", "use_count", "helpful_count", "unhelpful_count")
    found = [Match(pk, fits[pk] * worth(used, yes, no)) for pk, used, yes, no in counts]
    return sorted(found, key=lambda m: (-m.score, m.article_id))[:MANY]


def worth(used: int, helpful: int, unhelpful: int) -> float:
    """A factor of about one: higher for what was used and judged helpful, lower for what did not help."""
    return (1 + 0.1 * log1p(used)) * (1 + 0.5 * (helpful - unhelpful) / (helpful + unhelpful + 3))


def rows_of(matches: Iterable[Match]) -> list[Article]:
    """The articles of matches in their order, with their versions."""
    order = [m.article_id for m in matches]
    rows = Article.objects.select_related("published", "latest", "owner").in_bulk(order)
    return [rows[pk] for pk in order if pk in rows]


def is_chinese(text: str) -> bool:
    """Whether a text is written in Chinese."""
    return len(_HAN.findall(text)) * 4 > len(text.strip())
