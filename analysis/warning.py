"""Early warnings: rules judged every night over what was measured; each reason is told once (RPT-08).

Who is responsible is told by follow-up work that is opened for them; who checks the indicator is named on it
and told as well. A warning lasts until its reason is gone; the same reason tells nobody twice meanwhile.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

import actions.services
from accounts import access
from accounts.access import Actor
from accounts.models import User
from accounts.services import system_actor
from actions.models import Action
from actions.selfcheck import manager_of
from analysis import statistics, words
from analysis.asking import Choice, Figure, figure_of, goal_of
from analysis.models import Cause, Rule, Warned
from analysis.trending import values, within
from kpis import measuring
from kpis.models import Checker
from records import log, span_words, spans
from records.services import refuse
from records.spans import Span
from sla.models import Agreement

LOOKED_AT = 18
DUE_IN = timedelta(days=7)
Reason = dict[str, Any]


@dataclass(frozen=True)
class Judged:
    """What a rule found in the last span that is over; ``reasons`` by cause, with the numbers behind them."""

    span: Span
    reasons: dict[str, Reason]


# --- rules ----------------------------------------------------------------------------------------


def rules(actor: Actor) -> QuerySet[Rule]:
    """Those about customers one covers; who covers all sees all."""
    access.require(actor, "dashboard")
    rows = Rule.objects.select_related("customer", "responsible").order_by("kpi", "part", "customer", "pk")
    return rows if actor.scope is None else rows.filter(customer__in=actor.scope)


def warnings(actor: Actor) -> QuerySet[Warned]:
    """The same of warnings, the newest first."""
    rows = Warned.objects.filter(rule__in=rules(actor).order_by().values("pk"))
    return rows.select_related("rule__customer", "action").order_by("-raised_at", "-pk")


def set_rule(
    figure: Figure,
    *,
    customer: int | None,
    span_kind: str,
    rule: Rule | None = None,
    actor: Actor,
    **facts: Any,
) -> Rule:
    """Make a rule, or change one (of what it watches nothing is changed). ``facts``: the other columns."""
    access.require(actor, "lead_kpis")
    if not figure.kpi.parts:
        raise refuse("figure", _("It is not computed, so it cannot be watched."))
    if customer and not figure.part.customer:
        raise refuse(
            "customer", _("This figure is the provider's own: it is told for all customers together only.")
        )
    if not (facts["forecast"] or facts["row"] or facts["limits"]):
        raise refuse("forecast", _("Choose at least one reason to warn."), "required")
    if facts["row"] == 1:
        raise refuse("row", _("At least 2; 0 warns of it never."))
    if facts.get("responsible"):
        actions.services.check_responsible(facts["responsible"], "responsible")
    made = rule or Rule(
        kpi=figure.kpi.id, part=figure.place, customer_id=customer, span_kind=span_kind
    )  # fmt: skip
    for name, value in facts.items():
        setattr(made, name, value)
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError:
        raise refuse("figure", _("There is a rule for this figure, customer and span already.")) from None
    return made


# --- judging --------------------------------------------------------------------------------------


def judge(rule: Rule, *, actor: Actor, now: datetime) -> Judged | None:
    """What the rule finds; None where the last span that is over has no final figure yet."""
    zone = measuring.house_zone()
    last = spans.of(rule.span_kind, timezone.localdate(now, zone), zone).previous
    figure = figure_of(f"{rule.kpi}:{rule.part}")
    if not figure.kpi.parts:
        return None
    choice = Choice(actor, now, rule.customer_id, last, LOOKED_AT)
    found = values(choice.points(figure))
    if not found or found[-1] is None:
        return None
    tests: tuple[tuple[str, bool, Callable[[], Reason | None]], ...] = (
        (Cause.FORECAST.value, rule.forecast, lambda: _forecast(rule, figure, found, last)),
        (Cause.ROW.value, rule.row > 0, lambda: _row(rule, found)),
        (Cause.LIMITS.value, rule.limits, lambda: _limits(found)),
    )
    reasons = {cause: reason for cause, is_asked, test in tests if is_asked and (reason := test())}
    return Judged(last, {cause: {"number": found[-1], **reason} for cause, reason in reasons.items()})


def _forecast(rule: Rule, figure: Figure, found: list[float | None], last: Span) -> Reason | None:
    """The line of the last twelve goes the wrong way and misses the goal in the next span."""
    goal, line = goal_of(figure, last.first), statistics.line(found[-12:])
    if goal is None or line is None or line.slope * rule.better >= 0:
        return None
    expected = line.at(len(found[-12:]))
    if (expected - goal) * rule.better >= 0:
        return None
    return {"expected": expected, "goal": goal}


def _row(rule: Rule, found: list[float | None]) -> Reason | None:
    times = statistics.worsening(found, rule.better)
    return {"times": times} if times >= rule.row else None


def _limits(found: list[float | None]) -> Reason | None:
    """The last figure against limits from those before it, whichever way it left them."""
    limits, number = statistics.limits(found[:-1]), found[-1]
    if limits is None or number is None or limits.low <= number <= limits.high:
        return None
    return {"low": limits.low, "high": limits.high}


def reason_words(rule: Rule, cause: str, facts: Reason) -> str:
    """The numbers behind a warning, in the reader's language."""
    part = figure_of(f"{rule.kpi}:{rule.part}").part
    names = ("number", "expected", "goal", "low", "high")
    said: dict[str, Any] = {
        name: words.number(part, within(part, facts[name])) for name in names if name in facts
    }
    if cause == Cause.FORECAST:
        return _("%(number)s now; on its line %(expected)s next, the goal is %(goal)s.") % said
    if cause == Cause.ROW:
        return _("%(number)s now, worse %(times)s times in a row.") % {**said, "times": facts["times"]}
    return _("%(number)s is outside the usual %(low)s to %(high)s.") % said


# --- telling --------------------------------------------------------------------------------------


def watch(*, now: datetime) -> int:
    """Judge every rule in use; answers how many warnings were raised. Safe to repeat and to race."""
    actor = system_actor()
    raised = 0
    for rule in Rule.objects.filter(is_active=True).select_related("customer", "responsible").order_by("pk"):
        judged = judge(rule, actor=actor, now=now)
        if judged is None:
            continue
        gone = Warned.objects.filter(rule=rule, ended_at=None).exclude(cause__in=judged.reasons)
        gone.update(ended_at=now)
        raised += sum(
            _raise(rule, cause, facts, judged.span, actor, now) for cause, facts in judged.reasons.items()
        )
    Warned.objects.filter(rule__is_active=False, ended_at=None).update(ended_at=now)
    return raised


def _raise(rule: Rule, cause: str, facts: Reason, span: Span, actor: Actor, now: datetime) -> bool:
    """True if nobody was told of it before."""
    with transaction.atomic():
        Rule.objects.select_for_update().get(pk=rule.pk)
        known = Warned.objects.filter(rule=rule, cause=cause)
        if known.filter(ended_at=None).exists() or known.filter(first=span.first).exists():
            return False
        action = _tell(rule, cause, facts, span, actor, now)
        Warned.objects.create(
            rule=rule, cause=cause, first=span.first, facts=facts, raised_at=now, action=action
        )
    return True


def _tell(rule: Rule, cause: str, facts: Reason, span: Span, actor: Actor, now: datetime) -> Action | None:
    """Follow-up work for who is responsible, named to who checks it; None where nobody could be told."""
    responsible = rule.responsible if rule.responsible and rule.responsible.is_active else None
    responsible = responsible or manager_of(rule.customer_id)
    if responsible is None:
        return None
    figure = figure_of(f"{rule.kpi}:{rule.part}")

    def title() -> str:
        return f"{figure.name[:70]}: {Cause(cause).label}"

    def text() -> str:
        whose = rule.customer.name if rule.customer else _("all customers together")
        return f"{figure.kpi.id} {figure.name} · {whose} · {span_words.words(span)}\n" + reason_words(
            rule, cause, facts
        )

    agreement = _agreement(rule)
    action = actions.services.open_action(
        source=Action.Source.OTHER.value, title=" · ".join(_both(title)),
        description="\n\n".join(_both(text)),
        responsible=responsible, due_on=timezone.localdate(now) + DUE_IN, customer=rule.customer,
        agreement=agreement, key=f"warning:{rule.pk}:{cause}:{span.first}", actor=actor, now=now,
    )  # fmt: skip
    others = _checkers(figure, rule) - {responsible.pk}
    if others:
        log.write(action, "analysis.warned", actor=actor, at=now, people=sorted(others))
    return action


def _agreement(rule: Rule) -> Agreement | None:
    if rule.customer_id is None:
        return None
    rows = Agreement.objects.filter(kind=Agreement.Kind.SLA, customer=rule.customer_id, ended_at=None)
    return rows.order_by("pk").first()


def _checkers(figure: Figure, rule: Rule) -> set[int]:
    """Who fills the role that checks the indicator, of those who cover the customer."""
    rows = User.objects.filter(
        is_active=True, pk__in=Checker.objects.filter(role=figure.kpi.entry.checker.en).values("person")
    ).prefetch_related("grants", "memberships")
    return {person.pk for person in rows if measuring.covers(person.actor, rule.customer_id)}


def _both(say: Callable[[], str]) -> tuple[str, str]:
    """In both languages: titles and texts of records are shown to readers of either as they are."""
    said = []
    for language in ("zh-hans", "en"):
        with translation.override(language):
            said.append(say())
    return said[0], said[1]


def span_of(warned: Warned) -> Span:
    """The span that gave the reason."""
    day: date = warned.first
    return spans.of(warned.rule.span_kind, day, measuring.house_zone())
