"""What a customer does with a visit: agree to it, or ask for another time."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import Origin
from fieldwork import services
from fieldwork.forms import WishForm
from fieldwork.models import Appointment
from records.lifecycle import IllegalMove
from records.pages import now_utc, reader_of, url_of


@require_POST
def answer(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """``agree`` or ``wish``; what is not accepted is said on the ticket's page."""
    actor = reader_of(request)
    if act not in ("agree", "wish"):
        raise Http404
    row = get_object_or_404(Appointment.objects.visible_to(actor).shown(), pk=pk)
    actor, back = actor.via(Origin.PORTAL), url_of(row.ticket, actor)
    try:
        if act == "agree":
            services.agree(row, actor=actor, now=now_utc())
            messages.success(request, _("Thank you. We come on the agreed time."))
        else:
            form = WishForm(request.POST)
            if not form.is_valid():
                raise ValidationError(dict(form.errors))
            services.wish(row, **form.cleaned_data, actor=actor, now=now_utc())
            messages.success(request, _("We have your wish and will answer it."))
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    except IllegalMove:
        messages.warning(request, _("This visit has changed meanwhile. This is how it is now."))
    return redirect(back)
