"""A change as its pages show it: words instead of codes, one function per part."""

from datetime import datetime
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from accounts.access import Actor, may
from accounts.models import in_reader_language
from changes import assessing, carrying, closing, deciding, lifecycle, queries, reading, scheduling
from changes import forms as shapes
from changes.models import Approval, Assessment, Change, PostReview, State, TargetEffect
from changes.risk import Questionnaire
from cmdb.models import Item
from records.kinds import process_of
from records.models import Record
from windows import words as conflict_words

TONES = {
    lifecycle.DRAFT: "quiet",
    lifecycle.SUBMITTED: "warn",
    lifecycle.ASSESSING: "accent",
    lifecycle.APPROVING: "warn",
    lifecycle.APPROVED: "good",
    lifecycle.IMPLEMENTING: "accent",
    lifecycle.VERIFYING: "accent",
    lifecycle.REVIEWING: "accent",
    lifecycle.CLOSED: "good",
    lifecycle.REJECTED: "bad",
    lifecycle.CANCELLED: "quiet",
}
CATEGORY_TONES = {"standard": "quiet", "normal": "neutral", "emergency": "bad"}
RISK_TONES = {1: "quiet", 2: "neutral", 3: "warn", 4: "bad"}
OUTCOME_TONES = {"success": "good", "backed_out": "warn", "failed": "bad"}
RESULT_TONES = {"approved": "good", "rejected": "bad", "void": "quiet", "": "warn"}
EFFECT_TONES = {"none": "quiet", "at_risk": "warn", "missed": "bad", "improves": "good"}
JUDGEMENT_TONES = {"better": "good", "none": "quiet", "slight": "warn", "serious": "bad"}
TEST_TONES = {"passed": "good", "failed": "bad"}
MOST_REACHED = 50


def row_of(change: Change) -> dict[str, Any]:
    """A line of a list, and the head of its page."""
    return {
        "change": change,
        "state": str(State(change.state).label),
        "tone": TONES[change.state],
        "category": change.get_category_display(),
        "category_tone": CATEGORY_TONES[change.category],
        "risk": change.get_risk_display() if change.risk else "",
        "risk_tone": RISK_TONES.get(change.risk or 0, "quiet"),
        "outcome": change.get_outcome_display() if change.outcome else "",
        "outcome_tone": OUTCOME_TONES.get(change.outcome, "quiet"),
    }


def stages(change: Change) -> list[dict[str, Any]]:
    """The states of its way one after the other, and where it is; without what ends it early."""
    way = lifecycle.WAYS[change.category]
    order = [state for state in State.values if state in way.states() - lifecycle.WITHDRAWN]
    at = order.index(change.state) if change.state in order else -1
    return [
        {"label": State(state).label, "is_done": n < at, "is_now": n == at} for n, state in enumerate(order)
    ]


def record_row(record: Record) -> dict[str, Any]:
    state = process_of(record.kind).labels(record.state).label
    return {"record": record, "state": str(state)}


# --- the views of the page -------------------------------------------------------------------


def request_view(change: Change, actor: Actor, now: datetime) -> dict[str, Any]:
    """What was asked for, and what it touches."""
    rows = change.change_items.select_related("item__type", "item__owner").order_by("item__name")
    visible = set(
        Item.objects.visible_to(actor).filter(change_items__change=change).values_list("pk", flat=True)
    )
    return {
        "items": [{"row": row, "url": item_url(row.item)} for row in rows if row.item_id in visible],
        "services": change.change_services.select_related("service__owner").order_by("service__code"),
        "causes": [record_row(row) for row in queries.causes(change, actor)],
        "findings": change.unauthorised.select_related("item"),
    }


def item_url(item: Item) -> str:
    """The item's page; empty where items have none."""
    try:
        return reverse("configuration:item", args=[item.number])
    except NoReverseMatch:
        return ""


def assessment_view(change: Change, actor: Actor, now: datetime) -> dict[str, Any]:
    """Risk, the five aspects, what is reached, and each promise about the services affected."""
    known = {row.aspect: row for row in change.assessments.select_related("judged_by")}
    reached = assessing.reached_items(change, actor=actor)
    names = Item.objects.select_related("type").in_bulk([each.item_id for each in reached[:MOST_REACHED]])
    return {
        "is_assessed": change.category != lifecycle.STANDARD,
        "answers": _answers(change),
        "path": [str(Approval.Party(party).label) for party in deciding.path_of(change)],
        "aspects": [
            {"label": label, "row": known.get(value), "tone": _tone(known.get(value))}
            for value, label in Assessment.Aspect.choices
        ],
        "reached": [
            {"item": names[each.item_id], "depth": each.depth, "url": item_url(names[each.item_id])}
            for each in reached[:MOST_REACHED]
            if each.item_id in names
        ],
        "reached_count": len(reached),
        "services": change.change_services.select_related("service").order_by("service__code"),
        "targets": _targets(change, now),
    }


def _tone(row: Assessment | None) -> str:
    return JUDGEMENT_TONES[row.judgement] if row else "warn"


def _answers(change: Change) -> list[dict[str, str]]:
    """The questions of the edition it was answered with, and what was answered."""
    if change.risk_edition is None:
        return []
    questions = Questionnaire.parse(change.risk_edition.definition).questions
    return [
        {
            "question": in_reader_language(question.en, question.zh),
            "answer": in_reader_language(answer.en, answer.zh),
        }
        for question in questions
        for answer in [question.answers[change.risk_answers[question.code]]]
    ]


def _targets(change: Change, now: datetime) -> list[dict[str, Any]]:
    """By agreement: what was judged, as it was named then, and what is not judged yet."""
    found: dict[int, dict[str, Any]] = {}
    rows = change.target_effects.select_related("agreement__customer", "judged_by")
    for row in rows.order_by("agreement__name_en", "pk"):
        lines = found.setdefault(row.agreement_id, {"agreement": row.agreement, "lines": []})["lines"]
        name = in_reader_language(row.name_en, row.name_zh)
        label = TargetEffect.Effect(row.effect).label
        lines.append({"name": name, "effect": label, "tone": EFFECT_TONES[row.effect], "words": row.words})
    if change.state in lifecycle.WRITABLE and change.category != lifecycle.STANDARD:
        for promise in assessing.unjudged(change, now=now):
            group = found.setdefault(promise.agreement.pk, {"agreement": promise.agreement, "lines": []})
            name = in_reader_language(promise.name_en, promise.name_zh)
            group["lines"].append({"name": name, "effect": "", "tone": "warn", "words": ""})
    return list(found.values())


def plan_view(change: Change, actor: Actor, now: datetime) -> dict[str, Any]:
    """Plan, way back, test, times, and what stands against them."""
    asks = change.state in lifecycle.WRITABLE and change.planned_start_at is not None
    return {
        "conflicts": [conflict_words.said(each, actor) for each in scheduling.conflicts(change)]
        if asks
        else [],
        "test_tone": TEST_TONES.get(change.test_result, "quiet"),
        "exemptions": change.exemptions.select_related("given_by").order_by("pk"),
        "files": change.attachments.order_by("pk"),
    }


def approval_view(change: Change, actor: Actor, now: datetime, failed: Any = None) -> dict[str, Any]:
    """The rounds of approval, the present one first, and the conditions."""
    related = ("person", "decided_by", "handed_by", "service", "by_board")
    rows = change.approvals.select_related(*related).prefetch_related("conditions__met_by")
    rounds: dict[int, list[dict[str, Any]]] = {}
    for row in rows.order_by("-round", "pk"):
        rounds.setdefault(row.round, []).append({
            "row": row,
            "party": row.get_party_display(),
            "result": row.get_result_display() if row.result else _("Waiting"),
            "tone": RESULT_TONES[row.result],
            "conditions": list(row.conditions.all()),
        })  # fmt: skip
    may_tick = change.state in (lifecycle.APPROVING, lifecycle.APPROVED) and may(actor, "work_change", change)
    return {
        "rounds": [
            {"number": number, "is_present": number == change.round, "rows": found}
            for number, found in rounds.items()
        ],
        "may_tick": may_tick,
        "is_modelled": change.category == lifecycle.STANDARD,
        "missing": put_up_needs(change, now) if change.state == lifecycle.ASSESSING else [],
    }


def put_up_needs(change: Change, now: datetime) -> list[dict[str, str]]:
    """What is missing before it can be put up."""
    return [{"words": words} for words in deciding.missing(change, now=now).values()]


def work_view(change: Change, actor: Actor, now: datetime, failed: Any = None) -> dict[str, Any]:
    """What was done, by whom and when; and the items it may alter."""
    is_running = change.state == lifecycle.IMPLEMENTING
    return {
        "log_steps": change.log_steps.select_related("done_by"),
        "alterations": _alterations(change, actor, failed) if is_running else [],
        "needs": [{"words": words} for words in carrying.hindrances(change).values()]
        if change.state == lifecycle.APPROVED
        else [],
    }


def _alterations(change: Change, actor: Actor, failed: Any) -> list[dict[str, Any]]:
    """The items it may alter, each with a form: a fresh one, or the one that was refused."""
    seen = Item.objects.visible_to(actor).filter(change_items__change=change, change_items__is_altered=True)
    return [
        {
            "item": item,
            "url": item_url(item),
            "form": failed[1]
            if failed is not None and failed[0] == item.pk
            else shapes.Alter(
                initial={"state": item.state, "revision": item.revision, "version": item.version},
                auto_id=f"alter-{item.pk}-%s",
            ),
        }
        for item in seen.select_related("type").order_by("name")
    ]


def review_view(change: Change, actor: Actor, now: datetime) -> dict[str, Any]:
    """Outcome, verification, review, and the incidents it caused."""
    done = PostReview.objects.filter(change=change.pk).select_related("reviewed_by", "by_board", "follow_up")
    found = done.first()
    incidents = reading.caused_incidents(change)
    seen = Record.objects.visible_to(actor).filter(pk__in=incidents)[:100]
    return {
        "review": found,
        "questions": [
            {"label": label, **found.answers.get(value, {"yes": None, "words": ""})}
            for value, label in PostReview.Question.choices
        ]
        if found
        else [],
        "incidents": [record_row(row) for row in seen],
        "incident_count": incidents.count(),
        "needs": [{"words": words} for words in closing.obstacles(change).values()]
        if change.state in (lifecycle.VERIFYING, lifecycle.REVIEWING)
        else [],
    }
