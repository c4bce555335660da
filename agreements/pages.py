"""What the pages of an edition share: who asks, which edition, and what is refused."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Actor, require
from agreements.models import Edition
from records.services import get_record

UNPROCESSABLE = 422


def actor_of(request: HttpRequest) -> Actor:
    """Who asks: managers only."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    require(actor, "draft_agreement")
    return actor


def edition_of(actor: Actor, number: str) -> Edition:
    """The edition of an address; 404 for any other record."""
    found = get_record(actor, number)
    if not isinstance(found, Edition):
        raise Http404(_("There is no record %(number)s.") % {"number": number[:20]})
    return found


def now() -> Any:
    """This second."""
    return timezone.now().replace(microsecond=0)


def refused_by(form: Any, refused: ValidationError) -> None:
    """What a verb refused, at its field or above the form."""
    for field, errors in refused.message_dict.items():
        form.add_error(field if field in form.fields else None, errors)
