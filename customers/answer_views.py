"""Where people answer: by the signed link without logging in, or in the portal."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.access import Actor, require
from actions import steps
from customers import links, surveys
from customers.answering import own
from customers.models import Invitation, Response
from customers.survey_forms import Opinion
from records.pages import actor_of, now_utc

OK, FORBIDDEN, CONFLICT, GONE, REFUSED = 200, 403, 409, 410, 422


def answer(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the link: the questions, once; never for the provider's own people."""
    invitation = links.invitation_of(token)
    if invitation is None:
        return _page(request, None, "unknown", status=404)
    language = invitation.person.language
    if language in dict(settings.LANGUAGES) and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        with translation.override(language):
            return _answer(request, invitation)
    return _answer(request, invitation)


def _answer(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    actor = actor_of(request)
    if actor.is_desk_side:
        return _page(request, invitation, "ours", status=FORBIDDEN)
    return _ask(request, invitation, Response.Way.LINK, actor, "customers/answer.html")


def _ask(request: HttpRequest, invitation: Invitation, way: str, actor: Actor, template: str) -> HttpResponse:
    """Show the questions, or take the answers. A second answer changes nothing."""
    now, is_sent = now_utc(), request.method == "POST"
    if Response.objects.filter(invitation=invitation).exists():
        return _page(
            request, invitation, "again" if is_sent else "thanks", template, CONFLICT if is_sent else OK
        )
    if invitation.expires_at <= now or invitation.survey.state != "running":
        return _page(request, invitation, "over", template, GONE)
    form = Opinion(request.POST or None, questionnaire=invitation.survey.questionnaire)
    if is_sent and not form.is_bound:
        form = Opinion({}, questionnaire=invitation.survey.questionnaire)
    if is_sent and form.is_valid():
        try:
            surveys.answer(invitation, form.answers, way=way, actor=actor, now=now)
            return _page(request, invitation, "thanks", template)
        except ValidationError as refused:
            steps.add_errors(form, refused)
        except surveys.AlreadyAnswered:
            return _page(request, invitation, "again", template, CONFLICT)
        except surveys.Over:
            return _page(request, invitation, "over", template, GONE)
    context = {"invitation": invitation, "form": form, "said": ""}
    return render(request, template, context, status=REFUSED if is_sent else OK)


def _page(
    request: HttpRequest,
    invitation: Invitation | None,
    said: str,
    template: str = "customers/answer.html",
    status: int = OK,
) -> HttpResponse:
    return render(request, template, {"invitation": invitation, "said": said}, status=status)


# --- in the portal ---------------------------------------------------------------------------


def portal_answer(request: HttpRequest, item: int) -> HttpResponse:
    """The same questions for who is logged in; only one's own."""
    actor = actor_of(request)
    require(actor, "portal")
    invitation = get_object_or_404(own(actor), pk=item)
    return _ask(request, invitation, Response.Way.PORTAL, actor, "customers/portal_answer.html")


def own_survey(request: HttpRequest, number: str) -> HttpResponse:
    """From a notice about a survey to one's own questions."""
    actor = actor_of(request)
    if actor.is_staff_side:
        return redirect("records:go", number)
    require(actor, "portal")
    pk: Any = (
        own(actor).filter(survey__number=number.upper(), ticket=None).values_list("pk", flat=True).first()
    )
    if pk is None:
        raise Http404(_("There is no record %(number)s.") % {"number": number[:20]})
    return redirect("customers:own-answer", pk)
