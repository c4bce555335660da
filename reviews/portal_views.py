"""What customers see of the reviews they take part in: the list, the minutes, and their opinion."""

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import Actor, may, require
from actions import steps
from records.notices import read_about
from records.services import get_record
from reviews import forms as shapes
from reviews import lifecycle, services, show
from reviews.models import Review

MOST = 50


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not actor.is_staff_side:
        require(actor, "portal")
    return actor


def _review(actor: Actor, number: str) -> Review:
    found = get_record(actor, number)
    if not isinstance(found, Review):
        raise Http404(_("There is no record %(number)s.") % {"number": number[:20]})
    return found


def listing(request: HttpRequest) -> HttpResponse:
    """The reviews the customer takes part in, the newest first."""
    actor = _actor(request)
    if actor.is_staff_side:
        return redirect("reviews:list")
    rows = Review.objects.visible_to(actor).select_related("agreement").order_by("-meets_at", "-pk")
    context = {"rows": [show.row_of(review, steps.now()) for review in rows[:MOST]]}
    return render(request, "reviews/portal_list.html", context)


def detail(request: HttpRequest, number: str) -> HttpResponse:
    """One review: when and where, and once they were sent, the minutes."""
    actor = _actor(request)
    if actor.is_staff_side:
        return redirect("records:go", number)
    review = _review(actor, number)
    read_about(review, actor, now=steps.now())
    return _shown(request, actor, review, shapes.OwnRate(auto_id="rate-%s"))


def _shown(request: HttpRequest, actor: Actor, review: Review, form: shapes.OwnRate) -> HttpResponse:
    is_sent = review.state in (lifecycle.MINUTES_SENT, lifecycle.CLOSED)
    context = {
        **show.row_of(review, steps.now()),
        **(show.minutes(review) if is_sent else {"agenda": list(review.agenda.all())}),
        "is_sent": is_sent,
        "form": form,
        "may_rate": review.state in lifecycle.TOOK_PLACE and may(actor, "rate", review),
    }
    return render(request, "reviews/portal.html", context, status=422 if form.errors else 200)


@require_POST
def rate(request: HttpRequest, number: str) -> HttpResponse:
    """How satisfied a participant of the customer is."""
    actor = _actor(request)
    review = _review(actor, number)
    form = shapes.OwnRate(request.POST, auto_id="rate-%s")
    if form.is_valid():
        try:
            services.rate(review, **form.cleaned_data, person=actor.name, actor=actor, now=steps.now())
            return redirect("reviews:portal", review.number)
        except ValidationError as refused:
            steps.add_errors(form, refused)
    return _shown(request, actor, review, form)
