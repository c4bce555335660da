"""The underpinning proof of an agreement: loads what supports it and asks `underpin`.

A proof takes two queries however many targets there are: the OLAs and UCs in force, and the calendars.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sla import calendar as working_time
from sla.curves import Duration
from sla.models import Agreement, AgreementVersion, CalendarVersion
from sla.terms import MeasureTerm, Support, TargetTerm, Terms
from sla.terms_rows import terms_of
from sla.underpin import (
    YEAR,
    Figure,
    Link,
    Node,
    Verdict,
    Warned,
    compare,
    compare_figures,
    first_gap,
    refuse_circles,
)


@dataclass(frozen=True, slots=True)
class Supporting:
    """An OLA or UC in force."""

    version: AgreementVersion
    terms: Terms

    def target(self, key: str) -> TargetTerm | None:
        return next((term for term in self.terms.targets if term.key == key), None)

    def measure(self, key: str) -> MeasureTerm | None:
        return next((term for term in self.terms.measures if term.key == key), None)


@dataclass(frozen=True, slots=True)
class Ground:
    """All a proof needs: the supporting agreements and the calendars by code, and the span it is about."""

    supporting: dict[str, Supporting]
    calendars: dict[str, working_time.Calendar]
    begin: datetime
    until: datetime | None
    is_bounded: bool


def prove(
    terms: Terms,
    *,
    at: datetime,
    agreement: str = "",
    until: datetime | None = None,
    is_bounded: bool = False,
    instead: Mapping[str, Supporting] | None = None,
) -> list[Verdict]:
    """A verdict for each target and measure, over the year that begins with the UTC day of `at`.

    Supporting agreements and calendars count as in force at `at`. `agreement` is the code of the agreement
    the terms belong to, if it has one; `until` the end of its validity if `is_bounded`. `instead` gives OLAs
    and UCs, by code, as they would be: those in force, and those named here in place of theirs. Raises
    `underpin.Circular` when targets rest on each other.
    """
    ground = _ground(at, until=until, is_bounded=is_bounded)
    ground.supporting.update(instead or {})
    refuse_circles(_links(terms, agreement, ground.supporting))
    found = [_of_target(term, terms, ground) for term in terms.targets]
    return found + [_of_measure(term, terms, ground) for term in terms.measures]


def prove_version(
    version: AgreementVersion, *, at: datetime, instead: Mapping[str, Supporting] | None = None
) -> list[Verdict]:
    """`prove` for a signed version, from `at` on or from its beginning if that is later."""
    return prove(
        terms_of(version),
        at=max(at, version.effective_from),
        agreement=version.agreement.code,
        until=version.effective_until,
        is_bounded=True,
        instead=instead,
    )


def _ground(at: datetime, *, until: datetime | None, is_bounded: bool) -> Ground:
    begin = working_time.from_seconds(working_time.to_seconds(at) // 86_400 * 86_400)
    versions = (
        AgreementVersion.objects.in_force(at)
        .filter(agreement__kind__in=(Agreement.Kind.OLA, Agreement.Kind.UC))
        .select_related("agreement", "calendar")
        .order_by("effective_from", "number")
    )
    # of two editions in force the later one counts, as in sla.policy
    supporting = {v.agreement.code: Supporting(v, terms_of(v)) for v in versions}
    return Ground(supporting, calendars_at(at), begin, until, is_bounded)


def calendars_at(at: datetime) -> dict[str, working_time.Calendar]:
    """The working time of each calendar in force at an instant, by its code; one query."""
    editions = (
        CalendarVersion.objects.filter(effective_from__lte=at)
        .order_by("calendar_id", "-number")
        .distinct("calendar_id")
        .select_related("calendar")
    )
    return {version.calendar.code: version.hours for version in editions}


def _links(terms: Terms, agreement: str, supporting: dict[str, Supporting]) -> dict[Node, list[Node]]:
    documents = {code: each.terms for code, each in supporting.items()} | {agreement: terms}
    return {
        (code, term.key): [(support.agreement, support.target) for support in term.underpinned_by]
        for code, document in documents.items()
        for term in _promises(document)
        if term.underpinned_by
    }


def _promises(terms: Terms) -> list[TargetTerm | MeasureTerm]:
    return [*terms.targets, *terms.measures]


def _of_target(term: TargetTerm, terms: Terms, ground: Ground) -> Verdict:
    missing: list[Warned] = []
    links = [link for support in term.underpinned_by if (link := _link(support, term, ground, missing))]
    calendar = ground.calendars.get(term.calendar or terms.calendar)
    if calendar is None:
        missing.append(Warned("calendar"))
    noted = _noted(term, calendar, links, ground)
    if missing or calendar is None:
        return Verdict(term.key, "unknown", warnings=(*missing, *noted))
    verdict = compare(term.key, Duration(term.promise, calendar), links, begin=ground.begin)
    return replace(verdict, warnings=(*verdict.warnings, *noted), zone=calendar.timezone)


def _link(support: Support, wanted: TargetTerm, ground: Ground, missing: list[Warned]) -> Link | None:
    """The supporting promise ready to compute with; what stands in the way is added to `missing`."""
    found = ground.supporting.get(support.agreement)
    term = found.target(support.target) if found else None
    calendar = ground.calendars.get(term.calendar or found.terms.calendar) if found and term else None
    why = ""
    if found is None:
        why = "agreement"
    elif term is None:
        why = "kind" if found.measure(support.target) else "target"
    elif calendar is None:
        why = "calendar"
    elif _begins_late(term, wanted) and support.stage == _first_stage(wanted):
        why = "opens"  # its clock starts later than ours, nobody knows by how much
    if why or term is None or calendar is None:
        missing.append(Warned(why, support.agreement, support.target))
        return None
    return Link(support.agreement, support.target, support.stage, term.promise, calendar)


def _begins_late(term: TargetTerm, wanted: TargetTerm) -> bool:
    """A party is given the ticket at its opening at the earliest: what happened before is not its time."""
    own = max(LATENESS[term.opens], LATENESS["creation"])
    return own > LATENESS[wanted.opens]


LATENESS = {"occurrence": 0, "creation": 1, "first_reply": 2}


def _first_stage(term: TargetTerm) -> int:
    return min(support.stage for support in term.underpinned_by)


def _noted(
    term: TargetTerm, calendar: working_time.Calendar | None, links: Sequence[Link], ground: Ground
) -> list[Warned]:
    """Hours and validity that do not contain ours (rule 4)."""
    found = _short(term.underpinned_by, ground)
    for link in links:
        gap = first_gap(calendar, link.calendar, begin=ground.begin) if calendar else None
        if gap:
            found.append(Warned("hours", link.agreement, link.target, gap))
    return found


def _short(supports: Sequence[Support], ground: Ground) -> list[Warned]:
    """Supporting agreements that end before the year of the proof, or the validity of ours, does."""
    horizon = ground.begin + timedelta(seconds=YEAR)
    found = []
    for code in dict.fromkeys(support.agreement for support in supports):
        if code not in ground.supporting:
            continue
        version = ground.supporting[code].version
        ends = [at for at in (version.effective_until, version.agreement.ended_at) if at]
        end = min(ends) if ends else None
        needed = ground.until if ground.is_bounded else horizon
        if end and (needed is None or end < needed):
            found.append(Warned("validity", code, at=end))
    return found


def _of_measure(term: MeasureTerm, terms: Terms, ground: Ground) -> Verdict:
    missing: list[Warned] = []
    figures = []
    for support in term.underpinned_by:
        found = ground.supporting.get(support.agreement)
        measure = found.measure(support.target) if found else None
        if found is None or measure is None:
            other = found.target(support.target) if found else None
            why = "kind" if other else "target" if found else "agreement"
            missing.append(Warned(why, support.agreement, support.target))
        else:
            figures.append(_figure(measure, support.agreement))
    noted = tuple(_short(term.underpinned_by, ground) + _measured_hours(term, terms, ground))
    if missing:
        return Verdict(term.key, "unknown", unit=term.unit, warnings=(*missing, *noted))
    verdict = compare_figures(term.key, _figure(term), figures)
    return replace(verdict, warnings=(*verdict.warnings, *noted))


def _measured_hours(term: MeasureTerm, terms: Terms, ground: Ground) -> list[Warned]:
    wanted = ground.calendars.get(terms.calendar)
    found = []
    for support in term.underpinned_by:
        other = ground.supporting.get(support.agreement)
        given = ground.calendars.get(other.terms.calendar) if other else None
        gap = first_gap(wanted, given, begin=ground.begin) if wanted and given else None
        if gap:
            found.append(Warned("hours", support.agreement, support.target, gap))
    return found


def _figure(term: MeasureTerm, agreement: str = "") -> Figure:
    return Figure(term.measure, term.operator, term.value, term.unit, term.period, agreement, term.key)
