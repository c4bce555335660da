"""A supplier's score of a quarter: proposed from what was counted, confirmed or changed by a manager.

The parts are kept with it (SUP-03, SUP-07). A run of reviews below the mark opens one action (SUP-12).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import access
from accounts.access import Actor, Role
from accounts.models import User
from accounts.services import system_after
from actions import services as actions
from actions.models import Action
from records import log as records_log
from records.services import refuse
from reports.period import Period
from reviews import lifecycle as review_lifecycle
from reviews import services as reviews
from reviews.models import Review
from sourcing import contracts, figures, reported, scoring
from sourcing.models import Delivery, Rating, RatingRule
from suppliers.models import Supplier

DAYS_TO_ACT = timedelta(days=14)
_RUN = gettext_lazy("%(supplier)s: %(n)s reviews in a row below %(mark)s points")


@dataclass(frozen=True)
class Proposal:
    """A score with its parts; None where there is nothing to judge by."""

    score: int | None
    parts: Sequence[scoring.Part]


def rule() -> RatingRule:
    """The rule that holds: the one made last, or the usual one."""
    return RatingRule.objects.order_by("-pk").first() or RatingRule()


def set_rule(*, actor: Actor, now: datetime, **facts: int) -> RatingRule:
    """Change the weights, the mark, and how many reviews below it open an action."""
    access.require(actor, "lead_suppliers")
    made = RatingRule(**facts, made_by_id=actor.user_id, made_at=now)
    if sum(getattr(made, part) for part in scoring.PARTS) != 100:
        raise refuse("attainment", _("The weights are 100 in all."))
    if not 1 <= made.mark <= 100:
        raise refuse("mark", _("Give a mark from 1 to 100."))
    if not 1 <= made.in_a_row <= 12:
        raise refuse("in_a_row", _("Give a number from 1 to 12."))
    before = rule()
    if all(getattr(before, name) == value for name, value in facts.items()) and before.pk:
        return before
    made.save()
    return made


def propose(review: Review, *, now: datetime) -> Proposal:
    """The score of the review's period by the rule that holds."""
    assert review.supplier is not None, "a supplier's review"  # noqa: S101 - for the type checker
    period = Period(review.period_from, review.period_until, figures.zone_of(review.supplier))
    parts = parts_of(review.supplier, period, now=now)
    return Proposal(scoring.total(parts), parts)


def parts_of(supplier: Supplier, period: Period, *, now: datetime) -> list[scoring.Part]:
    """What was counted of a supplier in some days, as parts of a score."""
    weights, counted = rule(), figures.of_period(supplier, period, now=now)
    in_time, late = _reports(supplier, period, now)
    checks = Delivery.objects.filter(
        purchase__supplier=supplier, checked_at__gte=period.start, checked_at__lt=period.end
    )
    rejected, accepted = checks.filter(is_accepted=False).count(), checks.filter(is_accepted=True).count()
    bad = counted.problems + rejected
    return [
        scoring.Part(
            scoring.ATTAINMENT, weights.attainment, scoring.share(counted.met, counted.missed),
            {"met": counted.met, "missed": counted.missed},
        ),
        scoring.Part(
            scoring.MISSES, weights.misses, scoring.without_misses(counted.breaches, counted.tickets),
            {"breaches": counted.breaches, "tickets": counted.tickets},
        ),
        scoring.Part(
            scoring.REPORTS, weights.reports, scoring.share(in_time, late),
            {"in_time": in_time, "late": late},
        ),
        scoring.Part(
            scoring.QUALITY, weights.quality,
            scoring.quality(bad, rejected + accepted, counted.tickets),
            {"problems": counted.problems, "rejected": rejected, "accepted": accepted},
        ),
    ]  # fmt: skip


def _reports(supplier: Supplier, period: Period, now: datetime) -> tuple[int, int]:
    """How many of the reports due in some days came in time, and how many late or not at all."""
    held = contracts.load([supplier], now).get(supplier.pk, [])
    due = [e for e in reported.expected(held, now) if e.due_on and period.first <= e.due_on <= period.last]
    late = sum(1 for each in due if each.days_late)
    return sum(1 for each in due if each.report) - sum(1 for e in due if e.report and e.days_late), late


def rate(
    review: Review, *, score: int, conclusion: str, reason: str = "", actor: Actor, now: datetime
) -> Rating:
    """Give a review its score, the proposed one or another with the reason; act on a run of bad ones."""
    if review.supplier_id is None:
        raise refuse("score", _("Only suppliers are given a score."))
    proposal = propose(review, now=now)
    if score == proposal.score:
        reason = ""
    elif not reason.strip():
        message = _("Say why the score is not the proposed one (%(proposed)s).")
        shown = _("none, nothing was counted") if proposal.score is None else str(proposal.score)
        raise refuse("reason", message % {"proposed": shown}, "required")
    with transaction.atomic():
        # of two who rate at once the second sees what the first has opened
        Supplier.objects.select_for_update(no_key=True, of=("self",)).get(pk=review.supplier_id or 0)
        graded = reviews.grade(review, score=score, conclusion=conclusion, actor=actor, now=now)
        made = Rating.objects.create(
            review=graded, proposed=proposal.score, score=score, reason=reason.strip(),
            parts=[asdict(part) for part in proposal.parts], rated_by_id=actor.user_id, rated_at=now,
        )  # fmt: skip
        _act_on_run(graded, actor=actor, now=now)
    return made


def scored(supplier: Supplier) -> list[Review]:
    """The supplier's reviews with a score that were not called off, from the oldest to the newest."""
    rows = Review.objects.filter(supplier=supplier, score__isnull=False)
    rows = rows.exclude(state=review_lifecycle.CANCELLED)
    return list(rows.order_by("period_until", "pk"))


def latest(reviews_of: Sequence[Review]) -> Mapping[int, Rating]:
    """The last rating of each review, by the review's id; one query."""
    rows = Rating.objects.filter(review__in=reviews_of).order_by("review_id", "-pk").distinct("review_id")
    return {row.review_id: row for row in rows.select_related("rated_by")}


def _act_on_run(review: Review, *, actor: Actor, now: datetime) -> Action | None:
    """One action for a run of reviews below the mark, however long the run becomes (SUP-12)."""
    holds, found = rule(), scored(Supplier.objects.get(pk=review.supplier_id or 0))
    run = scoring.run_below([row.score or 0 for row in found], holds.mark)
    if run < holds.in_a_row:
        return None
    first, supplier = found[-run], review.supplier
    assert supplier is not None, "checked by the caller"  # noqa: S101 - for the type checker
    words: dict[str, Any] = {"n": run, "mark": holds.mark}
    named = {"en": supplier.name_en, "zh": supplier.name_zh or supplier.name_en}
    texts = records_log.bilingual(_RUN)
    title = " · ".join(text % {**words, "supplier": named[lang]} for lang, text in texts.items())
    lines = [f"{row.number}: {row.score}" for row in found[-run:]]
    return actions.open_action(
        source=Action.Source.SUPPLIER, title=title[:200], description="\n".join(lines),
        responsible=responsible_for(supplier, actor), due_on=(timezone.localdate(now) + DAYS_TO_ACT),
        actor=system_after(actor), now=now, cause=review, key=f"below-mark:{supplier.pk}:{first.pk}",
    )  # fmt: skip


def responsible_for(supplier: Supplier, actor: Actor | None = None) -> User:
    """Who answers for a supplier: the person named, else a service level manager, else who acts."""
    named = supplier.responsible
    if named and named.is_active and named.actor.is_staff_side:
        return named
    rows = User.objects.filter(
        is_active=True, grants__role__in=(Role.SERVICE_LEVEL_MANAGER, Role.MANAGER), grants__organisation=None
    )
    found = rows.order_by("pk").first()
    return found or User.objects.get(pk=actor.user_id if actor else 0)
