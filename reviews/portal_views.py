"""What customers see of the reviews they take part in: the list, the minutes, and their opinion."""

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from accounts.access import Actor, may
from actions import steps
from records.notices import read_about
from records.pages import get_one, now_utc, reader_of
from reviews import forms as shapes
from reviews import lifecycle, services, show
from reviews.models import Review

MOST = 50


def _review(actor: Actor, number: str) -> Review:
    return get_one(Review, actor, number)


def listing(request: HttpRequest) -> HttpResponse:
    """The reviews the customer takes part in, the newest first."""
    actor = reader_of(request)
    if actor.is_staff_side:
        return redirect("reviews:list")
    rows = Review.objects.visible_to(actor).select_related("agreement").order_by("-meets_at", "-pk")
    context = {"rows": [show.row_of(review, now_utc()) for review in rows[:MOST]]}
    return render(request, "reviews/portal_list.html", context)


def detail(request: HttpRequest, number: str) -> HttpResponse:
    """One review: when and where, and once they were sent, the minutes."""
    actor = reader_of(request)
    if actor.is_staff_side:
        return redirect("records:go", number)
    review = _review(actor, number)
    read_about(review, actor, now=now_utc())
    return _shown(request, actor, review, shapes.OwnRate(auto_id="rate-%s"))


def _shown(request: HttpRequest, actor: Actor, review: Review, form: shapes.OwnRate) -> HttpResponse:
    is_sent = review.state in (lifecycle.MINUTES_SENT, lifecycle.CLOSED)
    context = {
        **show.row_of(review, now_utc()),
        **(show.minutes(review) if is_sent else {"agenda": list(review.agenda.all())}),
        "is_sent": is_sent,
        "form": form,
        "may_rate": review.state in lifecycle.TOOK_PLACE and may(actor, "rate", review),
    }
    return render(request, "reviews/portal.html", context, status=422 if form.errors else 200)


@require_POST
def rate(request: HttpRequest, number: str) -> HttpResponse:
    """How satisfied a participant of the customer is."""
    actor = reader_of(request)
    review = _review(actor, number)
    form = shapes.OwnRate(request.POST, auto_id="rate-%s")
    if form.is_valid():
        try:
            services.rate(review, **form.cleaned_data, person=actor.name, actor=actor, now=now_utc())
            return redirect("reviews:portal", review.number)
        except ValidationError as refused:
            steps.add_errors(form, refused)
    return _shown(request, actor, review, form)
