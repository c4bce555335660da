"""The back office: Django's administration pages, for administrators, as the "Settings" of the service.

It keeps master data only: who, what we offer, what it runs on, and the versions of calendars and agreements.
Work itself (records, clocks, the log) is never changed here; that goes through the services.
"""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.views import LogoutView, redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.pages import actor_for


class BackOffice(AdminSite):
    """Administrators only; logging in and passwords are those of the rest of the site."""

    site_title = _("Settings")
    site_header = _("Settings")
    index_title = _("Master data")
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        return isinstance(request.user, User) and request.user.is_staff

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if request.user.is_authenticated:
            actor_for(request, "administer")
            return redirect("admin:index")
        return redirect_to_login(request.GET.get("next") or request.get_full_path())

    def logout(self, request: HttpRequest, extra_context: Any = None) -> HttpResponseBase:  # type: ignore[override]
        return LogoutView.as_view()(request)

    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: Any = None
    ) -> HttpResponse:
        return redirect("accounts:password")


site = BackOffice(name="admin")
