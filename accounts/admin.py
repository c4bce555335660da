"""People, organisations and teams in the back office. Nobody is ever deleted: accounts are deactivated."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import services
from accounts.backoffice import site
from accounts.models import SYSTEM_USERNAME, Grant, Membership, Organisation, Team, User
from accounts.pages import actor_of


class KeepsRows:
    """Master data is never deleted: old work names it."""

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class GrantInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Grant
    extra = 0
    autocomplete_fields = ("organisation",)


class MembershipInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Membership
    extra = 0
    autocomplete_fields = ("team", "user")


class UserForm(UserChangeForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = "__all__"


class NewUserForm(AdminUserCreationForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = ("username", "display_name", "organisation", "email")

    def clean_username(self) -> str:
        """One name in one spelling: "Li" and "li" would be the same person at the login."""
        username = str(self.cleaned_data["username"]).strip()
        if User.objects.filter(username__iexact=username).exists():
            raise forms.ValidationError(_("This user name is taken (capitals do not count)."), code="unique")
        return username


@admin.register(User, site=site)
class PersonAdmin(KeepsRows, UserAdmin):  # type: ignore[type-arg]
    """One person or program: who they are, what they may do, which teams they work in."""

    form = UserForm
    add_form = NewUserForm
    list_display = ("display_name", "username", "organisation", "email", "is_active")
    list_filter = ("is_active", "grants__role", "organisation")
    list_select_related = ("organisation",)
    search_fields = ("display_name", "username", "email")
    ordering = ("display_name",)
    filter_horizontal = ()
    autocomplete_fields = ("organisation",)
    readonly_fields = ("is_active", "last_login")
    inlines = (GrantInline, MembershipInline)
    actions = ("deactivate", "reactivate")
    fieldsets = (
        (None, {"fields": ("username", "password", "is_active", "last_login")}),
        (gettext_lazy("Person"), {"fields": ("display_name", "organisation", "email", "phone")}),
        (gettext_lazy("Preferences"), {"fields": ("language", "time_zone", "theme", "mail_level")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": (
                    "username",
                    "display_name",
                    "organisation",
                    "email",
                    "usable_password",
                    "password1",
                    "password2",
                ),
            },
        ),
    )

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """The system's own account is looked at, not changed."""
        is_system = isinstance(obj, User) and obj.username == SYSTEM_USERNAME
        return not is_system and super().has_change_permission(request, obj)

    @admin.action(description=gettext_lazy("Deactivate: no login, no session, no token from now on"))
    def deactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        actor = actor_of(request)
        chosen = queryset.exclude(pk=actor.user_id).exclude(username=SYSTEM_USERNAME)
        for user in chosen:
            services.deactivate(user, actor=actor)
        messages.success(request, _("Deactivated: %(n)s.") % {"n": len(chosen)})
        if len(chosen) < queryset.count():
            messages.warning(request, _("Your own account and the system's stay active."))

    @admin.action(description=gettext_lazy("Activate again"))
    def reactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            services.reactivate(user, actor=actor_of(request))
        messages.success(request, _("Active again: %(n)s.") % {"n": queryset.count()})

    def get_inline_instances(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Roles and teams are given to somebody who exists."""
        return super().get_inline_instances(request, obj) if obj else []


@admin.register(Organisation, site=site)
class OrganisationAdmin(KeepsRows, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name_en", "name_zh", "code", "kind", "is_active")
    list_filter = ("kind", "is_active")
    search_fields = ("name_en", "name_zh", "code")
    prepopulated_fields = {"code": ("name_en",)}


@admin.register(Team, site=site)
class TeamAdmin(KeepsRows, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name_en", "name_zh", "code", "tier", "is_active")
    list_filter = ("tier", "is_active")
    search_fields = ("name_en", "name_zh", "code")
    prepopulated_fields = {"code": ("name_en",)}
    inlines = (MembershipInline,)
