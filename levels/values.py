"""Measured values as programs deliver them: repeats are harmless, corrections are further rows."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import Actor, require
from accounts.models import Organisation
from catalog.models import Service
from levels.models import MeasuredValue
from levels.services import check_customer, check_words
from records.services import refuse


@transaction.atomic
def deliver(
    *,
    service: Service,
    measure: str,
    started_at: datetime,
    ended_at: datetime,
    source: str,
    actor: Actor,
    now: datetime,
    customer: Organisation | None = None,
    numerator: Decimal | None = None,
    denominator: Decimal | None = None,
    value: Decimal | None = None,
    correction: str = "",
) -> tuple[MeasuredValue, bool]:
    """One value of a slice of time, and whether it is new. The same once more is answered as it is.

    Other figures for a slice that is there need ``correction``, which says why; slices of one series may not
    overlap, or they would be counted twice. ValidationError, Denied.
    """
    require(actor, "deliver_values")
    check_customer(actor, customer, "deliver_values")
    _check_figures(numerator, denominator, value)
    if ended_at <= started_at:
        raise refuse("ended_at", _("The end must lie after the beginning."))
    if ended_at > now:
        raise refuse("ended_at", _("This slice is not over yet; deliver it when it is."))
    # one writer of a service's values at a time, so that overlaps are seen
    Service.objects.select_for_update(no_key=True).get(pk=service.pk)
    series = MeasuredValue.objects.filter(service=service, customer=customer, measure=measure, source=source)
    kept: MeasuredValue | None = (
        series.filter(started_at=started_at, ended_at=ended_at).order_by("-revision").first()
    )
    if kept is None and series.overlapping(started_at, ended_at).exists():
        message = _("It overlaps another slice of the same series, so it would be counted twice.")
        raise refuse("started_at", message, "overlaps")
    if kept and (kept.numerator, kept.denominator, kept.value) == (numerator, denominator, value):
        return kept, False
    if kept:
        message = _("Another figure is recorded for this slice; say why it is corrected.")
        correction = check_words("correction", correction, message)[:300]
    made = MeasuredValue.objects.create(
        service=service, customer=customer, measure=measure, started_at=started_at, ended_at=ended_at,
        numerator=numerator, denominator=denominator, value=value, source=source,
        revision=kept.revision + 1 if kept else 1, note=correction if kept else "",
        recorded_by_id=actor.user_id, recorded_at=now,
    )  # fmt: skip
    return made, True


def _check_figures(numerator: Decimal | None, denominator: Decimal | None, value: Decimal | None) -> None:
    is_share = numerator is not None and denominator is not None and value is None
    is_value = numerator is None and denominator is None and value is not None
    if not (is_share or is_value):
        raise refuse("value", _("Give a numerator with its denominator, or a value."), "required")
    for field, figure in (("numerator", numerator), ("denominator", denominator), ("value", value)):
        if figure is not None and figure < 0:
            raise refuse(field, _("A figure below zero is not possible here."))
