"""Layers of agreements: what a lower one inherits from the one above it, and whether it promises less. Pure.

The organisation's agreement stands above those of its units and services. A lower one inherits every target,
measure and section that it does not state itself (SLM-09). What is inherited is written into the terms that
are signed, with the code of the agreement it came from: what applies to a ticket can be read for good, and a
later edition above changes nothing below until somebody signs there too.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from sla.calendar import Calendar
from sla.curves import Duration
from sla.terms import MeasureTerm, Section, TargetTerm, Terms, overlapped
from sla.underpin import Figure, Link, compare, compare_figures

P = TypeVar("P", TargetTerm, MeasureTerm)
Promise = TargetTerm | MeasureTerm
Calendars = Mapping[str, Calendar]


def merge(upper: Terms, lower: Terms, *, source: str) -> Terms:
    """The terms of a lower agreement with what it inherits; ``source`` is the code of the one above.

    What ``upper`` itself inherited keeps its own origin. A lower target stands for all it covers: "resolution
    of e-mail in 4 h" replaces those above for each priority of e-mail. The guide from impact and urgency to
    priority is one for the whole customer: a ticket has its priority before it is known which layer applies.
    """
    targets = [term for term in upper.targets if _is_inherited(term, lower.targets, lower)]
    measures = [term for term in upper.measures if _is_inherited(term, lower.measures, lower)]
    sections = {
        code: section
        for code, section in upper.sections.items()
        if section.is_filled and not lower.sections.get(code, Section()).is_filled
    }
    came = [term.key for term in targets] + [term.key for term in measures]
    origins = {key: upper.inherited.get(key, source) for key in (*came, *(f"sections.{c}" for c in sections))}
    found = replace(
        lower,
        matrix=upper.matrix,
        targets=(*lower.targets, *(_on_its_calendar(term, upper, lower) for term in targets)),
        measures=(*lower.measures, *measures),
        sections={**lower.sections, **sections},
        reports=lower.reports or upper.reports,
        inherited=origins,
    )
    return _with_rules(found, upper, lower)


def own(terms: Terms) -> Terms:
    """What an agreement states itself: signed terms without what they inherited."""
    kept = replace(
        terms,
        targets=tuple(term for term in terms.targets if term.key not in terms.inherited),
        measures=tuple(term for term in terms.measures if term.key not in terms.inherited),
        sections={c: s for c, s in terms.sections.items() if f"sections.{c}" not in terms.inherited},
        inherited={},
    )
    keys = {"*", *(term.key for term in kept.promises)}
    return replace(
        kept,
        credits=tuple(credit for credit in kept.credits if credit.target in keys),
        rewards=tuple(reward for reward in kept.rewards if reward.target in keys),
    )


def _is_inherited(term: P, stated: tuple[P, ...], lower: Terms) -> bool:
    """In the scope of the lower agreement, and not covered by what that states."""
    if lower.services and term.service not in (None, *lower.services):
        return False
    # where one service is all it is for, a promise for that service is one for everything
    alone = lower.services if len(lower.services) == 1 else ()
    said = [replace(each, service=None) if each.service in alone else each for each in stated]
    return not any(_covers(each, term) for each in said)


def _covers(stated: Promise, term: Promise) -> bool:
    """Whether a promise speaks of all that another one of its kind speaks of."""
    is_same = (_subject(stated), stated.service or term.service) == (_subject(term), term.service)
    scopes = [
        (getattr(stated, name, None), getattr(term, name, None)) for name in ("priority", "ticket_kind")
    ]
    return is_same and all(said in (None, asked) for said, asked in scopes)


def _subject(term: Promise) -> str:
    return term.metric if isinstance(term, TargetTerm) else term.measure


def _on_its_calendar(term: TargetTerm, upper: Terms, lower: Terms) -> TargetTerm:
    """An inherited target keeps its hours where the lower agreement has others."""
    is_shared = term.calendar is None and upper.calendar != lower.calendar
    return replace(term, calendar=upper.calendar) if is_shared else term


def _with_rules(merged: Terms, upper: Terms, lower: Terms) -> Terms:
    """The rules for credits and for rewards, each kind inherited until it is stated.

    Where a rule from above would overlap one of the other kind that is stated below, the stated one counts.
    """
    keys = {"*", *(term.key for term in merged.promises)}
    owed = tuple(
        credit
        for credit in upper.credits
        if credit.target in keys and not any(overlapped(reward, [credit]) for reward in lower.rewards)
    )
    earned = tuple(
        reward
        for reward in upper.rewards
        if reward.target in merged.shares and not overlapped(reward, lower.credits)
    )
    return replace(merged, credits=lower.credits or owed, rewards=lower.rewards or earned)


# --- promising less ----------------------------------------------------------------------------


def looser(given: Terms, than: Terms, calendars: Calendars, *, begin: datetime) -> tuple[str, ...]:
    """The keys of ``given`` that promise less than ``than`` does for the same tickets, over a year.

    Durations are compared at every second in their calendars, figures in one unit, and goals. What has no
    counterpart, or cannot be compared, is not named.
    """
    found = []
    for term in given.targets:
        other = _counterpart(term, than.targets)
        mine, theirs = calendars.get(term.calendar or given.calendar), None
        if other:
            theirs = calendars.get(other.calendar or than.calendar)
        if other and mine and theirs and _is_later(term, mine, other, theirs, begin):
            found.append(term.key)
    for measure in given.measures:
        wanted = _counterpart(measure, than.measures)
        if wanted and _is_less(measure, wanted):
            found.append(measure.key)
    return tuple(found)


def _counterpart(term: P, among: tuple[P, ...]) -> P | None:
    """What applies to the same tickets: the most exact promise that covers this one."""
    fitting = [each for each in among if _covers(each, term)]
    return max(fitting, key=_exactness, default=None)


def _exactness(term: Promise) -> tuple[bool, bool, bool]:
    has_kind = getattr(term, "ticket_kind", None) is not None
    return has_kind, term.service is not None, getattr(term, "priority", None) is not None


def _is_later(term: TargetTerm, mine: Calendar, other: TargetTerm, theirs: Calendar, begin: datetime) -> bool:
    if term.goal_percent < other.goal_percent:
        return True
    if (term.promise, mine) == (other.promise, theirs):
        return False
    link = Link("", term.key, 1, term.promise, mine)
    return compare(term.key, Duration(other.promise, theirs), [link], begin=begin).state == "looser"


def _is_less(term: MeasureTerm, wanted: MeasureTerm) -> bool:
    if (term.goal_percent or 0) < (wanted.goal_percent or 0):
        return True
    return compare_figures(term.key, _figure(wanted), [_figure(term)]).state == "looser"


def _figure(term: MeasureTerm) -> Figure:
    return Figure(term.measure, term.operator, term.value, term.unit, term.period, "", term.key)


# --- key services (SLM-50) ---------------------------------------------------------------------

RECOVERY = ("restoration", "resolution", "outage_duration")
"""What says within which time a service is back."""


def without_recovery(terms: Terms) -> tuple[str, ...]:
    """The key services for which no recovery time of their own is promised."""
    named = {term.service for term in terms.targets if term.metric in RECOVERY}
    named |= {term.service for term in terms.measures if term.measure in RECOVERY}
    return tuple(code for code in terms.key_services if code not in named)


def looser_keys(terms: Terms, calendars: Calendars, *, begin: datetime) -> tuple[str, ...]:
    """The targets of key services that promise less than what holds for all services."""
    special = replace(
        terms,
        targets=tuple(term for term in terms.targets if term.service in terms.key_services),
        measures=tuple(term for term in terms.measures if term.service in terms.key_services),
    )
    general = replace(
        terms,
        targets=tuple(term for term in terms.targets if term.service is None),
        measures=tuple(term for term in terms.measures if term.service is None),
    )
    return looser(special, general, calendars, begin=begin)
