"""Problems of the tests, through the real verbs."""

from typing import Any

from cmdb.models import Item, ItemType
from problems import analysis, known, services
from problems.models import Cause, KnownError, Problem
from tests.cast import MONDAY, Cast, make_incident


def problem(cast: Cast, **over: Any) -> Problem:
    facts: dict[str, Any] = {
        "title": "Mail stops in the morning", "description": "The outbox fills up.", "source": "second_line",
        "caused_by": None, "actor": cast.alice.actor, "now": MONDAY,
    }  # fmt: skip
    return services.open_problem(**{**facts, **over})


def accepted(cast: Cast, **over: Any) -> Problem:
    return services.accept(problem(cast, **over), expert=cast.sven, actor=cast.mona.actor, now=MONDAY)


def fresh(row: Problem) -> Problem:
    found: Problem = Problem.objects.get(pk=row.pk)
    return found


def known_error(cast: Cast, **over: Any) -> KnownError:
    facts: dict[str, Any] = {
        "title": "Outbox blocked by a large mail", "title_zh": "大邮件堵住发件箱",
        "symptom": "Nothing leaves the outbox", "symptom_zh": "发件箱邮件无法发出",
        "workaround": "Delete the large mail.", "workaround_zh": "删除大邮件。",
        "actor": cast.sven.actor, "now": MONDAY,
    }  # fmt: skip
    return known.record_error(**{**facts, **over})


def rooted(cast: Cast, row: Problem) -> Cause:
    """With a confirmed root cause."""
    made = analysis.add_cause(
        row, category="technology", text="The queue is too small.", actor=cast.sven.actor, now=MONDAY
    )
    return analysis.judge_cause(
        row, made.pk, state="confirmed", check_words="Read its log.", is_root=True,
        actor=cast.sven.actor, now=MONDAY,
    )  # fmt: skip


def verified(cast: Cast, row: Problem) -> None:
    """With a root cause and a verified solution."""
    rooted(cast, row)
    solution = analysis.add_solution(row, text="A bigger queue.", actor=cast.sven.actor, now=MONDAY)
    analysis.choose_solution(row, solution.pk, actor=cast.sven.actor, now=MONDAY)
    analysis.verify_solution(row, verification="A week without.", actor=cast.sven.actor, now=MONDAY)


def solved(cast: Cast, **over: Any) -> Problem:
    """Closed as permanently solved, at ``at``."""
    at = over.pop("at", MONDAY)
    row = accepted(cast, **over)
    verified(cast, row)
    return services.close(
        row, outcome="solved", summary="The queue was too small; it is bigger now.",
        prevention="Capacity is watched already.", actor=cast.sven.actor, now=at,
    )  # fmt: skip


def item(cast: Cast, name: str = "mx1") -> Item:
    kind, _new = ItemType.objects.get_or_create(
        code="server", defaults={"name_en": "Server", "name_zh": "服务器"}
    )
    return Item.objects.create(name=name, type=kind, customer=cast.acme)


def incident(cast: Cast, **over: Any) -> Any:
    return make_incident(cast, **over)
