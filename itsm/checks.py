"""System checks of the installation: a wrong setting is named at start, not found out at night."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as CheckWarning


@register()
def check_engines(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    """E001: PostgreSQL it must be. Locks, triggers, text search and SKIP LOCKED are relied on."""
    engine = settings.DATABASES["default"]["ENGINE"]
    if engine == "django.db.backends.postgresql":
        return []
    return [
        Error(
            f"DATABASE_URL must name a PostgreSQL server, not {engine}.",
            hint="postgres://user@host/name",
            id="itsm.E001",
        )
    ]


@register(Tags.security, deploy=True)
def check_site(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    """W001: passwords should not travel in the clear. E002: DEBUG shows secrets to anybody."""
    found: list[CheckMessage] = []
    if not settings.SITE_URL.startswith("https://"):
        found.append(CheckWarning("SITE_URL is not https: cookies are sent unprotected.", id="itsm.W001"))
    if settings.DEBUG:
        found.append(Error("DEBUG is on.", hint="Unset DEBUG.", id="itsm.E002"))
    return found
