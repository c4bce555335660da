"""The provider's answer to what a customer remarked on an edition."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from agreements import party
from agreements.models import Edition
from agreements.remark_forms import Answer
from records.pages import actor_for, get_one, now_utc


@require_POST
def answer(request: HttpRequest, number: str, remark: int) -> HttpResponse:
    """Tell the customer what came of a remark; what is refused is said above the page."""
    actor = actor_for(request, "draft_agreement")
    edition = get_one(Edition, actor, number)
    form = Answer(request.POST)
    given: dict[str, Any] = form.cleaned_data if form.is_valid() else {"outcome": "", "text": ""}
    try:
        now = now_utc()
        party.answer(edition, remark=remark, actor=actor, now=now, **given)
    except ValidationError as refused:
        for words in refused.messages:
            messages.error(request, words)
    return redirect(f"{edition.get_absolute_url()}#remark-{remark}")
