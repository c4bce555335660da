"""Pages about oneself: log in and out, password, preferences, language."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django.views.generic import TemplateView
from django.views.i18n import set_language as django_set_language

from accounts.forms import LoginForm, PreferencesForm
from accounts.models import User
from accounts.pages import actor_of


def has_portal_frame(request: HttpRequest) -> bool:
    """Customers see their portal around these pages, everybody else the desk's frame."""
    actor = actor_of(request)
    return not actor.is_desk_side


class Login(auth_views.LoginView):
    """Logs in by user name in any case; leads on to ``next`` only within this site."""

    template_name = "account/login.html"
    authentication_form = LoginForm

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            return HttpResponseRedirect(self.get_success_url())  # an address, not a name to look up
        return super().get(request, *args, **kwargs)

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_invalid(form)
        response.status_code = 422
        if form.has_error("__all__", "throttled"):
            response.status_code = 429
            response.headers["Retry-After"] = str(getattr(form, "retry_after", 0))
        return response


class PasswordChange(LoginRequiredMixin, auth_views.PasswordChangeView):
    """A new password; every other session of the person ends with it."""

    template_name = "account/password_change.html"
    success_url = reverse_lazy("accounts:password_done")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(portal=has_portal_frame(self.request), **kwargs)

    def form_invalid(self, form: PasswordChangeForm) -> HttpResponse:
        response = super().form_invalid(form)
        response.status_code = 422
        return response


class PasswordDone(LoginRequiredMixin, TemplateView):
    template_name = "account/password_change_done.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(portal=has_portal_frame(self.request), **kwargs)


@login_required
@require_http_methods(["GET", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """Language, time zone, theme and how much mail one wants."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - login_required
    # a row of its own: what was refused must not be shown by the frame around the form
    form = PreferencesForm(request.POST or None, instance=User.objects.get(pk=user.pk))
    status = 200
    if request.method == "POST":
        if form.is_valid():
            saved = form.save()
            response = redirect("accounts:preferences")
            with translation.override(saved.language or translation.get_language()):
                messages.success(request, _("Your preferences are saved."))
            return response
        status = 422
    context = {"form": form, "portal": has_portal_frame(request)}
    return render(request, "account/preferences.html", context, status=status)


@require_POST
def set_language(request: HttpRequest) -> HttpResponseBase:
    """Switch the language and stay on the page. Who is logged in keeps the choice on every device."""
    response = django_set_language(request)
    chosen = request.POST.get("language", "")
    user = request.user
    if isinstance(user, User) and translation.check_for_language(chosen):
        User.objects.filter(pk=user.pk).update(language=_offered(chosen))
    return response


def _offered(language: str) -> str:
    """The offered language nearest to the chosen one, "" if there is none."""
    try:
        return translation.get_supported_language_variant(language)
    except LookupError:
        return ""
