"""Numbers of items and of tickets are told apart by what they begin with."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from records.kinds import PREFIXES


def free_prefix(prefix: str) -> None:
    """Numbers of items must not look like those of tickets."""
    if prefix in set(PREFIXES.values()):
        raise ValidationError({"prefix": _("Tickets or other records are numbered so.")})
