"""What must be there before a change goes on: the request, the assessment, the plan."""

from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from changes.models import Change

Check = tuple[str, Callable[[Change], bool], str]


def missing_in_request(change: Change) -> dict[str, str]:
    """What a request lacks, by field; empty when it may be accepted (CHG-01)."""
    found: dict[str, str] = {}
    if not change.description.strip():
        found["description"] = _("Say what is to be changed.")
    if not change.reason.strip():
        found["reason"] = _("Say why it is needed.")
    if not change.expected_effect.strip():
        found["expected_effect"] = _("Say what effect is expected.")
    if not _touches_something(change):
        found["items"] = _("Name at least one configuration item or service.")
    return found


def _touches_something(change: Change) -> bool:
    return bool(change.agreement_id or change.change_items.exists() or change.change_services.exists())


def require_request(change: Change) -> None:
    """Raise ValidationError naming everything the request lacks."""
    raise_missing(missing_in_request(change))


def raise_missing(found: dict[str, str]) -> None:
    if found:
        raise ValidationError({f: ValidationError(words, code="required") for f, words in found.items()})
