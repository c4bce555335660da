"""What the interfaces of releases and of service transitions share: one record, its moves, its problems."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.response import Response

from accounts.access import may, require
from itsm.rest import schema, versions
from itsm.rest.serializers import Strict
from itsm.rest.views import ViewSet
from records import api as below
from records.kinds import process_of
from records.lifecycle import IllegalMove
from records.services import Stale

NUMBER = "[A-Za-z]{1,6}[0-9]{1,15}"


class NothingForm(Strict):
    """No fields."""


def operation(
    summary: str, form: type[Strict], answer: type[Any], tag: str, example: Mapping[str, Any]
) -> Callable[..., Any]:
    """An act as a route of its own name and as an operation of the OpenAPI document."""

    def decorate(handler: Callable[..., Any]) -> Any:
        described = extend_schema(
            summary=summary, request=form, responses=answer, parameters=[schema.IF_MATCH],
            examples=[OpenApiExample(summary, value=dict(example), request_only=True)], filters=False,
            tags=[tag],
        )(handler)  # fmt: skip
        name = handler.__name__
        route = action(detail=True, methods=["post"], url_path=name, url_name=name.replace("_", "-"))
        return route(described)

    return decorate


class Works(mixins.ListModelMixin, ViewSet):
    """Records of one process by their number."""

    detail_shape: ClassVar[type[Any]]
    lookup_url_kwarg = "number"
    lookup_field = "number"
    lookup_value_regex = NUMBER

    def one(self) -> Any:
        """The record of the path; 404 where it is invisible."""
        number = self.kwargs["number"].upper()
        rows: QuerySet[Any] = self.get_queryset()
        found = rows.filter(number=number).first()
        if found is None:
            raise Http404(_("There is no record %(number)s.") % {"number": number})
        return found

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, Stale):
            exc = below.stale(exc, self)
        return super().handle_exception(exc)

    def moves(self, row: Any) -> list[str]:
        """What the asker may do with it in its state."""
        legal = process_of(row.kind).lifecycle_of(row).legal_moves(row.state)
        return [act for act in legal if may(self.actor, act, row)]

    def shown(self, row: Any) -> Any:
        context = {**self.get_serializer_context(), "moves": self.moves(row), "now": self.now}
        return self.detail_shape(row, context=context).data

    def answer(self) -> Response:
        row = self.one()
        return Response(self.shown(row), headers={"ETag": versions.etag(row.version)})

    def read(self, form: type[Strict]) -> dict[str, Any]:
        """The body as the form's values; 400 naming the field for anything wrong."""
        asked = form(data=self.request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        return dict(asked.validated_data)

    def move(self, name: str, form: type[Strict], verb: Callable[..., Any]) -> Response:
        """Refuse in the order invisible, not allowed, stale, not possible now, wrongly asked; or do it."""
        row = self.one()
        require(self.actor, name, row)
        expected = versions.expected(self.request, row.version, required=False)
        if expected is not None and expected != row.version:
            raise Stale(row, expected)
        legal = process_of(row.kind).lifecycle_of(row).legal_moves(row.state)
        if name not in legal:
            raise IllegalMove(name, row.state, tuple(self.moves(row)))
        verb(row, **self.read(form), expected_version=expected, actor=self.actor, now=self.now)
        return self.answer()

    def do(self, permission: str, form: type[Strict], verb: Callable[..., Any]) -> Response:
        """An act that is no move: it only adds, so it needs no version."""
        row = self.one()
        require(self.actor, permission, row)
        verb(row, **self.read(form), actor=self.actor, now=self.now)
        return self.answer()
