"""What the routes of this app share: refusals, the version that was read, and the small shapes."""

from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.response import Response

from accounts.access import Actor, require
from accounts.models import Team
from assets import register
from assets.applications import Settled
from assets.models import Asset, ServiceSite
from cmdb.models import ItemType
from itsm.rest import errors, versions
from itsm.rest.problems import Problem
from itsm.rest.serializers import Shape, Strict
from itsm.rest.views import ReadOnly
from sla.models import Calendar
from suppliers.models import Supplier

TAGS = ["assets"]
NUMBER = OpenApiParameter("number", str, OpenApiParameter.PATH)
ID = OpenApiParameter("id", int, OpenApiParameter.PATH)
NUMBERS = "[A-Za-z]{3}[0-9]{6,12}"
DIGITS = "[0-9]{1,18}"


def _stale(error: register.Stale) -> Problem:
    return Problem(
        "stale",
        _("It is at version %(version)s by now.") % {"version": error.row.version},
        extra={"version": error.row.version},
        headers={"ETag": versions.etag(error.row.version)},
    )


def _settled(error: Settled) -> Problem:
    return Problem("conflict", _("The application was decided already."))


errors.register(register.Stale, _stale)
errors.register(Settled, _settled)


# --- what may be named -----------------------------------------------------------------------------


def classes(actor: Actor) -> QuerySet[ItemType]:
    return ItemType.objects.all()


def sites(actor: Actor) -> QuerySet[ServiceSite]:
    return ServiceSite.objects.all() if actor.is_desk_side else ServiceSite.objects.none()


def suppliers(actor: Actor) -> QuerySet[Supplier]:
    return Supplier.objects.all() if actor.is_desk_side else Supplier.objects.none()


def calendars(actor: Actor) -> QuerySet[Calendar]:
    return Calendar.objects.all()


def teams(actor: Actor) -> QuerySet[Team]:
    return Team.objects.filter(is_active=True) if actor.is_desk_side else Team.objects.none()


def assets(actor: Actor) -> QuerySet[Any]:
    return Asset.objects.visible_to(actor)


class NumberedNameShape(Shape):
    number = serializers.CharField()
    name = serializers.CharField()


class Partly:
    """Before a form of a new row: the same for a change, where what is left out stays."""

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()  # type: ignore[misc]
        for field in fields.values():
            field.required, field.default = False, serializers.empty
        return fields


class AssetEntryShape(Shape):
    """One line of the history of a thing."""

    at = serializers.DateTimeField()
    actor = serializers.CharField()
    words = serializers.CharField(help_text="What was done, in the reader's language.")


class Kept(ReadOnly):
    """For the desk's side. Rows have a version, and are changed only on the one that was read."""

    permission: ClassVar[str] = register.KEEP
    named: ClassVar[tuple[str, ...]] = ()

    def rows(self) -> QuerySet[Any]:
        raise LookupError(type(self).__name__)

    def get_queryset(self) -> QuerySet[Any]:
        require(self.actor, self.permission)
        return self.rows().select_related(*self.named)

    def checked(self, form: type[Strict], **more: Any) -> dict[str, Any]:
        asked = form(data=self.request.data, context=self.get_serializer_context(), **more)
        asked.is_valid(raise_exception=True)
        return dict(asked.validated_data)

    def seen(self, row: Any, *, required: bool = True) -> int | None:
        """The version insisted on; Stale where it is another one by now."""
        expected = versions.expected(self.request, row.version, required=required)
        if expected is not None and expected != row.version:
            raise register.Stale(row)
        return expected

    def shown(self, row: Model) -> tuple[Any, dict[str, str]]:
        """A row as it is now, with its ETag where it has a version."""
        current = self.get_queryset().get(pk=row.pk)
        data = dict(self.get_serializer(current).data)
        version = getattr(current, "version", None)
        return data, {"ETag": versions.etag(version)} if version else {}

    def answer(self, row: Model) -> Response:
        data, headers = self.shown(row)
        return Response(data, headers=headers)

    def retrieve(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        return self.answer(self.get_object())
