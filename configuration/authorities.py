"""From the number somebody typed to the right it gives (cmdb.authority)."""

from django.core.exceptions import ValidationError
from django.http import Http404
from django.utils.translation import gettext as _

from accounts.access import Actor
from changes import reading
from cmdb.authority import Authority


def authority_of(number: str, *, actor: Actor, field: str = "change") -> Authority | None:
    """None for no number. ValidationError on ``field`` for one that is no change the actor may see."""
    number = number.strip()
    if not number:
        return None
    try:
        return reading.authority(number, actor=actor)
    except Http404:
        words = _("There is no change of this number.")
        raise ValidationError({field: ValidationError(words, code="unknown_change")}) from None
