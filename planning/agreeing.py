"""From a planned requirement to a draft agreement: the package proposed, what it carries over, the link."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import Actor, require
from agreements import services as agreements
from agreements.models import Edition
from planning import carry, design, designs, lifecycle, proposal
from planning.content import Content
from planning.models import Design, ServiceLevelRequirement
from planning.proposal import Fit, Tier
from planning.services import locked
from records.models import Link, Record
from records.services import link, move, refuse
from sla import calendar as working_time
from sla.models import Agreement, CalendarVersion, ServicePackage
from sla.terms import Terms
from sla.terms_rows import terms_of


def fits(content: Content, *, at: datetime) -> list[Fit]:
    """Every package in use judged by what is asked for (SLM-56), the proposed one first if there is one."""
    tiers = [_tier(package) for package in ServicePackage.objects.filter(is_active=True)]
    editions = (
        CalendarVersion.objects.filter(effective_from__lte=at)
        .order_by("calendar_id", "-number")
        .distinct("calendar_id")
        .select_related("calendar")
    )
    day = working_time.from_seconds(working_time.to_seconds(at) // 86_400 * 86_400)
    return proposal.fits(content, tiers, {row.calendar.code: row.hours for row in editions}, at=day)


def _tier(package: ServicePackage) -> Tier:
    return Tier(
        package.code,
        package.family,
        package.rank,
        Terms.parse(package.terms),
        package.price,
        package.price_unit,
    )


def draft(
    requirement: ServiceLevelRequirement,
    *,
    agreement: Agreement | None,
    code: str,
    name_en: str,
    name_zh: str,
    package: ServicePackage | None,
    effective_from: datetime,
    actor: Actor,
    now: datetime,
) -> Edition:
    """Draft the agreement: the next edition of ``agreement``, or the first of a new one with the customer.

    What the package promises is kept, what is asked for beyond it is added; the edition is linked to the
    requirement, which is done with that.
    """
    require(actor, "draft_agreement")
    with transaction.atomic():
        states = frozenset({lifecycle.PLANNED})
        current = locked(requirement, "make_agreement", states, actor, now)
        if designs.changes_since(current):
            words = _("It was changed since the baseline: fix a new one, or take the changes back.")
            raise refuse("agreement", words)
        chosen = _agreement(current, agreement, code, name_en, name_zh)
        is_next = Edition.objects.filter(agreement=chosen).exists()
        made = agreements.draft(
            chosen, terms=_terms(current, chosen, package, now), effective_from=effective_from, actor=actor,
            now=now, change_reason=f"{current.number} {current.title}"[:300] if is_next else "",
        )  # fmt: skip
        link(made, current, kind=Link.Type.CAUSED_BY, actor=actor, now=now)
        move(current, "make_agreement", actor=actor, now=now, changes={"agreement": chosen})
    return made


def _agreement(
    current: ServiceLevelRequirement, given: Agreement | None, code: str, name_en: str, name_zh: str
) -> Agreement:
    if given:
        if given.kind != Agreement.Kind.SLA or given.customer_id != current.customer_id:
            raise refuse("agreement", _("This agreement is not one with this customer."))
        return given
    if not (code.strip() and name_en.strip() and name_zh.strip()):
        raise refuse("code", _("Choose an agreement, or give a new one a code and a name."), "required")
    if Agreement.objects.filter(code__iexact=code.strip()).exists():
        raise refuse("code", _("There is an agreement of this code already."), "unique")
    made = Agreement(
        code=code.strip(), customer=current.customer, name_en=name_en.strip(), name_zh=name_zh.strip()
    )
    made.full_clean()
    made.save()
    return made


def _terms(
    current: ServiceLevelRequirement, agreement: Agreement, package: ServicePackage | None, now: datetime
) -> dict[str, object]:
    content = Content.parse(current.content)
    sheet = designs.approved(current, Design.Kind.SPECIFICATION)
    methods = design.methods(designs.spec_of(sheet))
    if package:
        fit = next(fit for fit in fits(content, at=now) if fit.tier.code == package.code)
        start: dict[str, object] = Terms.parse(package.terms).dump()
        if any(miss.key == "hours" for miss in fit.misses):
            # what a package keeps it keeps within its own hours
            return carry.terms(content, {**start, "calendar": content.calendar}, methods=methods)
        return carry.terms(content, start, kept=fit.kept, methods=methods)
    last = agreement.versions.select_related("calendar").order_by("-number").first()
    begun = carry.terms(content, terms_of(last).dump() if last else {}, methods=methods)
    if not begun.get("calendar"):
        raise refuse("package", _("Choose a package, or the calendar of the required hours."), "required")
    return begun


def editions_of(requirement: Record, actor: Actor) -> Sequence[Edition]:
    """The editions a requirement led to, as far as the actor may see them."""
    links = Link.objects.filter(target=requirement.pk, type=Link.Type.CAUSED_BY)
    rows = Edition.objects.visible_to(actor).filter(pk__in=links.values("source"))
    return list(rows.select_related("agreement").order_by("pk"))
