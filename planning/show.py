"""A requirement as its pages show it: words instead of codes, one function per part of the page."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import Actor
from accounts.models import in_reader_language
from customers.profiles import rank_for
from planning import agreeing, design, designs, lifecycle, proposal, words
from planning import lessons as heeding
from planning.content import PARTS, Content
from planning.content import Change as Difference
from planning.design import QualityRow, SpecRow
from planning.models import Design, ImplementationStandard, Input, ServiceLevelRequirement, State
from planning.part_forms import PART_OF
from planning.proposal import Fit, Miss
from planning.words import Things
from sla.models import ServicePackage
from sla.naming import amount
from sla.terms import Text

TONES = {
    lifecycle.RAISED: "accent",
    lifecycle.DEFINING: "accent",
    lifecycle.FIXED: "accent",
    lifecycle.PLANNED: "good",
    lifecycle.AGREED: "good",
    lifecycle.DECLINED: "quiet",
}
# What a customer reads: how far it is, not how we work.
PORTAL_STATES = {
    lifecycle.RAISED: (gettext_lazy("Received"), "accent"),
    lifecycle.DEFINING: (gettext_lazy("Being worked on"), "accent"),
    lifecycle.FIXED: (gettext_lazy("Being worked on"), "accent"),
    lifecycle.PLANNED: (gettext_lazy("Being worked on"), "accent"),
    lifecycle.AGREED: (gettext_lazy("An agreement is being prepared"), "good"),
    lifecycle.DECLINED: (gettext_lazy("Declined"), "quiet"),
}
WHY = {
    "absent": gettext_lazy("promises nothing of the kind"),
    "looser": gettext_lazy("promises less"),
    "unknown": gettext_lazy("cannot be compared"),
    "short": gettext_lazy("its hours do not cover the required ones"),
}
EXTRAS = ("customer_duties", "provider_duties", "cost")
BESIDE = {"hours": "calendar", "components": "services"}


def lessons(requirement: ServiceLevelRequirement, actor: Actor) -> list[dict[str, Any]]:
    """The lessons of a requirement with what each says, for templates/planning/_lessons.html."""
    return [
        {
            "article": each.article,
            "version": each.article.shown_to(actor),
            "row": each.row,
            "is_open": each.is_open,
        }
        for each in heeding.listed(requirement)
    ]


def row_of(requirement: ServiceLevelRequirement) -> dict[str, Any]:
    """A requirement with its state, as lists and heads show it."""
    return {
        "requirement": requirement,
        "state": State(requirement.state).label,
        "tone": TONES.get(requirement.state, "neutral"),
    }


def portal_row(requirement: ServiceLevelRequirement) -> dict[str, Any]:
    """The same for a customer."""
    label, tone = PORTAL_STATES[requirement.state]
    return {"requirement": requirement, "state": label, "tone": tone}


# --- the requirement itself -----------------------------------------------------------------------


def parts(content: Content, things: Things) -> list[dict[str, Any]]:
    """The nine parts, then duties and cost, each with its words and the form that writes it."""
    missing = content.missing
    return [
        {
            "label": words.PARTS[name],
            "text": _text(content, name),
            "lines": _lines(content, name, things),
            "is_missing": name in missing,
            "is_optional": name in EXTRAS,
            "part": PART_OF.get(name, "measures"),
        }
        for name in (*PARTS, *EXTRAS)
    ]


def _text(content: Content, name: str) -> str:
    value = getattr(content, name)
    return words.of(value) if isinstance(value, Text) else ""


def _lines(content: Content, name: str, things: Things) -> list[str]:
    flat = content.flat()
    if name == "measures":
        return [f"{things.key(row.key)}: {words.figure(row)}" for row in content.measures]
    if name in ("departments", "cost"):
        return [line for line in [things.value(name, flat[name])] if line]
    beside = BESIDE.get(name)
    line = things.value(beside, flat[beside]) if beside else ""
    return [line] if line else []


def differences(changes: Iterable[Difference], things: Things) -> list[dict[str, str]]:
    """Changes in words: what, before, after."""
    return [
        {
            "what": things.place(each.place),
            "before": things.value(each.place, each.before),
            "after": things.value(each.place, each.after),
        }
        for each in changes
    ]


def baselines(requirement: ServiceLevelRequirement, things: Things) -> list[dict[str, Any]]:
    """The baselines, the newest first, each with the changes kept against it."""
    rows = requirement.baselines.select_related("fixed_by").prefetch_related("changes__changed_by")
    return [
        {
            "baseline": row,
            "parts": parts(Content.parse(row.content), things),
            "changes": [
                {
                    "row": change,
                    "differences": differences([Difference(**each) for each in change.changes], things),
                }
                for change in row.changes.all()
            ],
        }
        for row in rows
    ]


# --- design ---------------------------------------------------------------------------------------


def sheet(
    requirement: ServiceLevelRequirement, kind: str, things: Things, version: str = ""
) -> dict[str, Any]:
    """A version of a sheet in words, the newest unless another is asked for, and what else there is.

    Of the newest also what it leaves untranslated.
    """
    is_number = version.isascii() and version.isdigit() and len(version) < 6
    asked = requirement.designs.filter(kind=kind, number=int(version)).first() if is_number else None
    newest = asked or designs.last(requirement, kind)
    content = Content.parse(requirement.content)
    is_spec = kind == Design.Kind.SPECIFICATION
    spec, quality = (designs.spec_of(newest), ()) if is_spec else ((), designs.quality_of(newest))
    left = design.untranslated(content, spec) if is_spec and not asked else ()
    versions = requirement.designs.filter(kind=kind).select_related("written_by", "approved_by", "baseline")
    return {
        "newest": newest,
        "kind": kind,
        "spec": [_spec_row(row, content, things) for row in spec],
        "quality": [_quality_row(row, things) for row in quality],
        "untranslated": [things.place(place) for place in left],
        "versions": versions.order_by("-number"),
    }


def _spec_row(row: SpecRow, content: Content, things: Things) -> dict[str, Any]:
    head, _bar, key = row.requirement.partition("/")
    asked = next((words.figure(m) for m in content.measures if head == "measures" and m.key == key), "")
    return {
        "requirement": things.place(row.requirement),
        "asked": asked,
        "technical": words.of(row.technical),
        "object": " · ".join(
            each for each in (row.service and things.service(row.service), row.component) if each
        ),
        "value": row.value,
        "team": things.team(row.team),
        "method": words.of(row.method),
    }


def _quality_row(row: QualityRow, things: Things) -> dict[str, Any]:
    return {
        "process": words.PROCESSES[row.process],
        "indicator": words.of(row.indicator),
        "target": amount(row.operator, row.value, row.unit),
        "team": things.team(row.team),
        "check": words.of(row.check),
    }


def inputs(requirement: ServiceLevelRequirement) -> list[dict[str, Any]]:
    """The documents by kind, each with its checks, the newest first."""
    rows = (
        requirement.inputs.select_related("attachment__created_by")
        .prefetch_related("checks__checked_by")
        .order_by("kind", "-pk")
    )
    return [
        {"input": row, "checks": list(row.checks.all()), "is_plan": row.kind == Input.Kind.PLANNING}
        for row in rows
    ]


# --- the package proposed -------------------------------------------------------------------------


def packages(requirement: ServiceLevelRequirement, things: Things, *, at: datetime) -> dict[str, Any]:
    """The packages judged by what is asked for, and the proposal with its reason in words."""
    content = Content.parse(requirement.content)
    found = agreeing.fits(content, at=at)
    grade, rank = rank_for(requirement.customer_id)
    best = proposal.proposed(found, rank)
    rows = {row.code: row for row in ServicePackage.objects.filter(is_active=True)}
    shown = [
        {
            "package": rows[fit.tier.code],
            "price": price(rows[fit.tier.code]),
            "is_enough": fit.is_enough and (bool(content.measures) or fit is best),
            "is_proposed": fit is best,
            "misses": [_miss(miss, things) for miss in fit.misses],
        }
        for fit in found
    ]
    return {
        "proposed": best.tier.code if best else "",
        "reason": _reason(best, found, rows, grade, rank),
        "enough": [row for row in shown if row["is_enough"]],
        "others": [row for row in shown if not row["is_enough"]],
    }


def _reason(
    best: Fit | None, found: Sequence[Fit], rows: dict[str, ServicePackage], grade: str, rank: int | None
) -> str:
    if best is None:
        return _("No package keeps everything that is asked for; draft from the figures themselves.")
    package = rows[best.tier.code]
    said = {"package": package.name, "n": sum(fit.is_enough for fit in found), "price": price(package)}
    if rank is not None:
        return _of_grade(best, said, grade, rank)
    if best.tier.price is None:
        return (
            _("“%(package)s” keeps all that is asked for; it is the lowest of %(n)s that do; no price.")
            % said
        )
    return (
        _("“%(package)s” keeps all that is asked for; of %(n)s that do it is the cheapest: %(price)s.") % said
    )


def _of_grade(best: Fit, said: dict[str, Any], grade: str, rank: int) -> str:
    """Why, for a customer that has a grade."""
    words = {**said, "grade": grade, "rank": best.tier.rank, "wanted": rank}
    if best.tier.rank == rank:
        return (
            _("The customer's grade is “%(grade)s”: of %(n)s that do, “%(package)s” is of its level.") % words
        )
    return (
        _(
            "The customer's grade is “%(grade)s”, which stands for level %(wanted)s: of %(n)s that do, "
            "“%(package)s” of level %(rank)s is nearest."
        )
        % words
    )


def price(package: ServicePackage) -> str:
    """ "0.1 CNY / m2"; empty without a price."""
    if package.price is None:
        return ""
    amount = f"{package.price.normalize():f} CNY"
    return f"{amount} / {package.price_unit}" if package.price_unit else amount


def _miss(miss: Miss, things: Things) -> str:
    what = _("Service hours") if miss.key == "hours" else things.key(miss.key)
    return f"{what}: {WHY[miss.why]}"


def editions(requirement: ServiceLevelRequirement, actor: Actor) -> list[Any]:
    return list(agreeing.editions_of(requirement, actor))


# --- standards ------------------------------------------------------------------------------------


def standard(row: ImplementationStandard | None) -> list[dict[str, Any]]:
    """What a standard says, in the reader's language."""
    if row is None:
        return []
    return [
        {
            "label": label,
            "text": in_reader_language(getattr(row, f"{part}_en"), getattr(row, f"{part}_zh")),
        }
        for part, label in words.STANDARD_PARTS.items()
    ]
