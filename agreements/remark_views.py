"""The provider's answer to what a customer remarked on an edition."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import Actor, require
from agreements import party
from agreements.models import Edition
from agreements.remark_forms import Answer
from records.services import get_record


@require_POST
def answer(request: HttpRequest, number: str, remark: int) -> HttpResponse:
    """Tell the customer what came of a remark; what is refused is said above the page."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    require(actor, "draft_agreement")
    edition = get_record(actor, number)
    if not isinstance(edition, Edition):
        raise Http404(_("There is no record %(number)s.") % {"number": number[:20]})
    form = Answer(request.POST)
    given: dict[str, Any] = form.cleaned_data if form.is_valid() else {"outcome": "", "text": ""}
    try:
        now = timezone.now().replace(microsecond=0)
        party.answer(edition, remark=remark, actor=actor, now=now, **given)
    except ValidationError as refused:
        for words in refused.messages:
            messages.error(request, words)
    return redirect(f"{edition.get_absolute_url()}#remark-{remark}")
