"""The page on which a question's owner says when its answer is sent, and to whom."""

from dataclasses import fields

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from questions import forms, pages, schedules, services
from questions.models import Schedule
from questions.schedules import Timing
from records.pages import add_errors, now_utc


@require_http_methods(["GET", "POST"])
def schedule(request: HttpRequest, item: int) -> HttpResponse:
    actor = pages.asker_of(request)
    row = services.get(actor, item)
    if not services.may_change(row, actor):
        messages.info(request, _("This question is somebody else's. Copy it to make your own of it."))
        return redirect(row)
    stored = Schedule.objects.filter(question=row).prefetch_related("recipients").first()
    start = stored or Schedule()
    initial = {each.name: getattr(start, each.name) for each in fields(Timing)}
    initial["recipients"] = [person.pk for person in stored.recipients.all()] if stored else [actor.user_id]
    form = forms.Plan(request.POST if request.method == "POST" else None, actor=actor, initial=initial)
    if request.method == "POST" and form.is_valid():
        facts = dict(form.cleaned_data)
        recipients = list(facts.pop("recipients"))
        try:
            schedules.set_up(
                row, Timing(**facts), recipients=recipients, zone=timezone.get_current_timezone_name(),
                actor=actor, now=now_utc(),
            )  # fmt: skip
        except ValidationError as refused:
            add_errors(form, refused)
        else:
            messages.success(request, _("The answer will be sent; the page of the question says when next."))
            return redirect(row)
    context = {"question": row, "form": form, "zone": timezone.get_current_timezone_name()}
    return render(request, "questions/schedule.html", context, status=422 if form.errors else 200)
