"""Shapes of what people type about themselves: logging in, preferences."""

import time
import zoneinfo
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import throttle
from accounts.models import User


class LoginForm(AuthenticationForm):
    """User name (any case) and password. Unknown, wrong and deactivated get the same answer.

    After too many wrong guesses the password is not even looked at: error code "throttled", and
    ``retry_after`` says in how many seconds it may be tried again.
    """

    _mismatch = _("User name and password do not match. Check both; capitals count in the password.")
    error_messages = {"invalid_login": _mismatch, "inactive": _mismatch}
    retry_after = 0

    def clean(self) -> dict[str, Any]:
        username = self.cleaned_data.get("username")
        if not username or not self.cleaned_data.get("password") or self.request is None:
            return super().clean()
        attempt = throttle.begin(self.request, username, timestamp=time.time())
        if not attempt.is_allowed:
            self.retry_after = attempt.retry_after
            raise _too_many(attempt.retry_after)
        cleaned = super().clean()
        throttle.succeed(attempt)
        return cleaned


def _too_many(seconds: int) -> ValidationError:
    minutes = -(-seconds // 60)
    message = ngettext(
        "Too many attempts to log in. Wait %(n)s minute and try again, or ask the service desk.",
        "Too many attempts to log in. Wait %(n)s minutes and try again, or ask the service desk.",
        minutes,
    )
    return ValidationError(message, code="throttled", params={"n": minutes})


class ThemeChoice(forms.RadioSelect):
    """Each choice is applied to this device by the page's script as soon as it is clicked."""

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(*args, **kwargs)
        option["attrs"]["data-theme-set"] = str(option["value"])
        return option


def time_zones() -> list[tuple[str, str]]:
    """Every zone a person may live in, by name; the odd ones (Etc/..., posix/...) are left out."""
    areas = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")
    names = sorted(n for n in zoneinfo.available_timezones() if n.startswith(areas) or n == "UTC")
    return [(name, name.replace("_", " ")) for name in names]


class PreferencesForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a person sets for themself. The name and the address belong to the administrators."""

    language = forms.ChoiceField(label=_("Language"), required=False)
    time_zone = forms.ChoiceField(label=_("Time zone"))

    class Meta:
        model = User
        fields = ("language", "time_zone", "theme", "mail_level")
        widgets = {"theme": ThemeChoice, "mail_level": forms.RadioSelect}
        labels = {"theme": _("Theme"), "mail_level": _("Notices by e-mail")}
        help_texts = {
            "mail_level": _("Important ones: replies, solutions, and what needs something from you."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language, zone = self.fields["language"], self.fields["time_zone"]
        assert isinstance(language, forms.ChoiceField)  # noqa: S101 - declared above
        assert isinstance(zone, forms.ChoiceField)  # noqa: S101
        language.choices = [("", _("As the browser")), *settings.LANGUAGES]
        choices = time_zones()
        if self.instance.time_zone not in dict(choices):
            choices.append((self.instance.time_zone, self.instance.time_zone))
        zone.choices = choices
