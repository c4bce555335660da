"""Who: organisations, people and programs, teams, and the roles they were given."""

import zoneinfo
from typing import Any, ClassVar

import pghistory
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils import translation
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from knox.models import AbstractAuthToken

from accounts import access

SYSTEM_USERNAME = "system"


def in_reader_language(en: str, zh: str) -> str:
    """The text in the reader's language; the other one where it is missing."""
    return (zh or en) if (translation.get_language() or "en").startswith("zh") else (en or zh)


class Named(models.Model):
    """A thing with a name in both languages."""

    name_en = models.CharField(_("name (English)"), max_length=200)
    name_zh = models.CharField(_("name (Chinese)"), max_length=200, blank=True)

    class Meta:
        abstract = True

    @property
    def name(self) -> str:
        return in_reader_language(self.name_en, self.name_zh)

    @property
    def label(self) -> dict[str, Any]:
        """The name as the log keeps it, so that an old entry reads the same after a renaming."""
        return {"id": self.pk, "en": self.name_en, "zh": self.name_zh or self.name_en}

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class Organisation(Named):
    """The provider itself, one customer of it, or a supplier whose people use its pages (suppliers)."""

    class Kind(models.TextChoices):
        PROVIDER = "provider", _("Provider")
        CUSTOMER = "customer", _("Customer")
        SUPPLIER = "supplier", _("Supplier")

    code = models.SlugField(_("code"), max_length=50, unique=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.CUSTOMER)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering: ClassVar = ["name_en"]


def validate_time_zone(value: str) -> None:
    """Refuse what is not an IANA zone name."""
    if value not in zoneinfo.available_timezones():
        raise ValidationError(
            _("“%(value)s” is not a time zone; use an IANA name such as Asia/Shanghai."),
            code="unknown_zone",
            params={"value": value},
        )


class UserManager(BaseUserManager["User"]):
    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        """Create a person or program; without a password nobody can log in with it."""
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username__iexact=username)


@pghistory.track(exclude=["password", "last_login"])
class User(AbstractBaseUser):  # type: ignore[django-manager-missing]  # knox has no types
    """A person, a program or the system. Never deleted, only deactivated."""

    class Theme(models.TextChoices):
        AUTO = "auto", _("As the device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    class MailLevel(models.TextChoices):
        ALL = "all", _("Every notice")
        IMPORTANT = "important", _("Important ones")
        NONE = "none", _("None")

    username = models.CharField(_("user name"), max_length=150, unique=True)
    display_name = models.CharField(_("name"), max_length=150)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("telephone"), max_length=50, blank=True)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="users", verbose_name=_("organisation")
    )
    language = models.CharField(_("language"), max_length=10, blank=True)
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="Asia/Shanghai", validators=[validate_time_zone]
    )
    theme = models.CharField(_("theme"), max_length=10, choices=Theme, default=Theme.AUTO)
    mail_level = models.CharField(
        _("notices by e-mail"), max_length=10, choices=MailLevel, default=MailLevel.IMPORTANT
    )
    is_active = models.BooleanField(_("active"), default=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["display_name", "organisation"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering: ClassVar = ["display_name", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("username"), name="user_username_any_case"),
        ]
        indexes: ClassVar = [models.Index(fields=["organisation", "display_name"])]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """A person's name as they write it; the system's in the reader's language."""
        return gettext("The system") if self.username == SYSTEM_USERNAME else self.display_name

    @property
    def label(self) -> dict[str, Any]:
        return {"id": self.pk, "en": self.display_name, "zh": self.display_name}

    @cached_property
    def actor(self) -> access.Actor:
        """This user as an actor, coming in through the browser; ``actor.via(...)`` for other doors."""
        given = list(self.grants.all())
        # the narrowest wins: who is a supplier's is nobody else, whatever was given besides by mistake
        grants = [g for g in given if g.role in access.NARROW_ROLES] or given
        wide = {g.organisation_id for g in grants if g.role in access.DESK_ROLES}
        return access.Actor(
            user_id=self.pk,
            name=self.display_name,
            roles=frozenset(g.role for g in grants) if self.is_active else frozenset(),
            organisation_id=self.organisation_id,
            scope=None if None in wide else frozenset(o for o in wide if o is not None),
            team_ids=frozenset(m.team_id for m in self.memberships.all()),
        )

    # What Django's administration pages ask of a user; the answer is the one rule table.
    @property
    def is_staff(self) -> bool:
        return access.may(self.actor, "administer")

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return access.may(self.actor, "administer")

    def has_module_perms(self, app_label: str) -> bool:
        return access.may(self.actor, "administer")


@pghistory.track()
class Grant(models.Model):
    """A role given to a user: for one organisation, or for all (organisation empty)."""

    class RoleName(models.TextChoices):
        ADMINISTRATOR = access.Role.ADMINISTRATOR.value, _("Administrator")
        MANAGER = access.Role.MANAGER.value, _("Manager")
        SERVICE_LEVEL_MANAGER = access.Role.SERVICE_LEVEL_MANAGER.value, _("Service level manager")
        AGENT = access.Role.AGENT.value, _("Agent")
        CUSTOMER = access.Role.CUSTOMER.value, _("Customer")
        CUSTOMER_MANAGER = access.Role.CUSTOMER_MANAGER.value, _("Customer's contact (whole organisation)")
        SUPPLIER = access.Role.SUPPLIER.value, _("Supplier's contact")
        INTEGRATION = access.Role.INTEGRATION.value, _("Integration")
        SYSTEM = access.Role.SYSTEM.value, _("System")

    user = models.ForeignKey(User, models.PROTECT, related_name="grants", verbose_name=_("user"))
    role = models.CharField(_("role"), max_length=40, choices=RoleName)
    organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("for organisation"),
        help_text=_("Empty: for all organisations."),
    )

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "role", "organisation"], nulls_distinct=False, name="grant_once"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["role"])]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}"

    def clean(self) -> None:
        """Settings are one for all: who keeps them could give himself whatever he was not given."""
        if self.role == access.Role.ADMINISTRATOR and self.organisation_id:
            raise ValidationError(
                {"organisation": _("An administrator is one for all organisations; leave this empty.")}
            )
        if self.user_id and (self.role == access.Role.SUPPLIER) != (
            self.user.organisation.kind == Organisation.Kind.SUPPLIER
        ):
            raise ValidationError(
                {"role": _("A supplier's people are its contacts and nothing else; nobody else is one.")}
            )


@pghistory.track()
class Team(Named):
    """A work group and its tier of support."""

    class Tier(models.TextChoices):
        DESK = "desk", _("Service desk")
        FIRST = "first", _("First line")
        SECOND = "second", _("Second line")
        THIRD = "third", _("Third line")

    code = models.SlugField(_("code"), max_length=50, unique=True)
    tier = models.CharField(_("tier"), max_length=10, choices=Tier, default=Tier.FIRST)
    is_active = models.BooleanField(_("active"), default=True)
    members: "models.ManyToManyField[User, Membership]" = models.ManyToManyField(
        User, through="Membership", related_name="teams"
    )

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        ordering: ClassVar = ["name_en"]


@pghistory.track()
class Membership(models.Model):
    """A person's place in a team."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="memberships", verbose_name=_("team"))
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships", verbose_name=_("user"))
    is_lead = models.BooleanField(_("leads the team"), default=False)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["team", "user"], name="membership_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.team}"


class Token(AbstractAuthToken):  # type: ignore[misc]
    """An opaque token of a program or person; only its hash is stored (knox)."""

    class Scope(models.TextChoices):
        READ = "read", _("Read only")
        WRITE = "write", _("Read and write")

    name = models.CharField(_("name"), max_length=100, blank=True)
    scope = models.CharField(_("scope"), max_length=10, choices=Scope, default=Scope.WRITE)


class IdempotencyKey(models.Model):
    """The answer given to a POST, so that repeating it with the same key repeats the answer."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_once"),
        ]

    def __str__(self) -> str:
        return self.key
