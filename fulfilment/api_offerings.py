"""Orderable entries over HTTP: /api/v1/offerings/, drafted, published in versions, away, withdrawn."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_filters import rest_framework as framework
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from accounts.access import require
from fulfilment import api_offering_shapes as shapes
from fulfilment import offerings
from fulfilment.api_blueprint import EXAMPLE
from fulfilment.api_shapes import Nothing
from fulfilment.blueprint import Blueprint
from fulfilment.models import Offering, OfferingVersion
from itsm.rest import errors, schema, versions
from itsm.rest.fields import find
from itsm.rest.filters import Several
from itsm.rest.pagination import SortKey
from itsm.rest.problems import Problem, refuse
from itsm.rest.serializers import Strict
from itsm.rest.views import ByIdOrCode, ReadOnly, created

ID_OR_CODE = OpenApiParameter("id", str, OpenApiParameter.PATH, description="An id or a code.")
OF_OFFERING = OpenApiParameter("offering", str, OpenApiParameter.PATH, description="An id or a code.")
ACTS = ("publish", "make_unavailable", "make_available", "withdraw")
SETTLED = ("service", "kind", "audience", "organisations", "for_contacts_only")
NEW = {
    "code": "new-laptop", "name": {"en": "New laptop", "zh": "新笔记本电脑"}, "service": "workplace",
    "kind": "standard",
}  # fmt: skip
AWAY = {
    "words_en": "Sold out.", "words_zh": "缺货。", "until": "2026-04-01T09:00:00+08:00",
}  # fmt: skip


def _stale(error: offerings.Stale) -> Problem:
    entry = error.offering
    return Problem(
        "stale",
        _("%(code)s is at version %(version)s by now.") % {"code": entry.code, "version": entry.version},
        extra={"version": entry.version},
        headers={"ETag": versions.etag(entry.version)},
    )


errors.register(offerings.Stale, _stale)


class OfferingFilters(framework.FilterSet):  # type: ignore[misc]
    kind = Several(choices=Offering.Kind.choices)
    q = framework.CharFilter(
        method="by_words", max_length=200, label=gettext_lazy("Words, English or Chinese.")
    )

    def by_words(self, rows: Any, name: str, value: str) -> Any:
        return rows.find(value)


def operation(summary: str, form: type[Strict], example: dict[str, Any]) -> Callable[..., Any]:
    """An act as a route and as an operation of the OpenAPI document."""

    def decorate(handler: Callable[..., Any]) -> Any:
        described = extend_schema(
            summary=summary, request=form, responses=shapes.OfferingDetailShape, filters=False,
            parameters=[schema.IF_MATCH, ID_OR_CODE],
            examples=[OpenApiExample(summary, value=example, request_only=True)],
        )(handler)  # fmt: skip
        return action(detail=True, methods=["post"], url_path=handler.__name__)(described)

    return decorate


@extend_schema_view(list=extend_schema(summary="What can be ordered"))
class Offerings(ByIdOrCode):
    """The desk side reads drafts too; customers what is offered to them."""

    queryset = Offering.objects.none()
    serializer_class = shapes.OfferingShape
    filterset_class = OfferingFilters
    orderings = {"name": SortKey("name_en"), "code": SortKey("code"), "id": SortKey("id")}
    ordering = "name"
    problems_of = {"partial_update": ("conflict",), **dict.fromkeys(ACTS, ("conflict", "stale"))}

    def get_queryset(self) -> QuerySet[Offering]:
        return Offering.objects.visible_to(self.actor).select_related("service", "present")

    def shown(self, pk: int) -> tuple[Any, dict[str, str]]:
        """The entry as it is now, and its ETag."""
        entry = self.get_queryset().get(pk=pk)
        shape = shapes.OfferingDetailShape(entry, context=self.get_serializer_context())
        return shape.data, {"ETag": versions.etag(entry.version)}

    def answer(self, pk: int) -> Response:
        data, headers = self.shown(pk)
        return Response(data, headers=headers)

    def checked(self, form: type[Strict]) -> dict[str, Any]:
        asked = form(data=self.request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        return dict(asked.validated_data)

    def begin(self, *, required: bool) -> tuple[Offering, int | None]:
        """The entry and the version insisted on; refused if it is invisible, not mine, stale or withdrawn."""
        entry: Offering = self.get_object()
        require(self.actor, "design_offerings")
        expected = versions.expected(self.request, entry.version, required=required)
        if expected is not None and expected != entry.version:
            raise offerings.Stale(entry)
        if entry.withdrawn_at is not None:
            raise Problem("conflict", _("This entry was withdrawn."))
        return entry, expected

    @extend_schema(
        summary="One orderable entry with its form", parameters=[ID_OR_CODE],
        responses=shapes.OfferingDetailShape,
    )  # fmt: skip
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.answer(self.get_object().pk)

    @extend_schema(
        summary="Begin an entry",
        request=shapes.OfferingForm,
        responses={201: shapes.OfferingDetailShape},
        examples=[OpenApiExample("A laptop", value=NEW, request_only=True)],
    )
    def create(self, request: Request) -> Response:
        """Then write its draft and publish it."""
        require(self.actor, "design_offerings")
        made = offerings.create(**self.checked(shapes.OfferingForm), actor=self.actor, now=self.now)
        data, headers = self.shown(made.pk)
        return created(data, reverse("api:offerings-detail", [made.code], request=request), **headers)

    @extend_schema(
        summary="Change an entry and its draft",
        request=shapes.OfferingPatch,
        responses=shapes.OfferingDetailShape,
        parameters=[schema.IF_MATCH_REQUIRED, ID_OR_CODE],
        examples=[
            OpenApiExample("The whole draft", value={"draft": EXAMPLE}, request_only=True),
            OpenApiExample(
                "To whom", value={"audience": "named", "organisations": ["xinghe"]}, request_only=True
            ),
        ],
    )
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Service, kind and audience change at once; the draft with the next version."""
        entry, _expected = self.begin(required=True)
        asked = self.checked(shapes.OfferingPatch)
        draft = asked.pop("draft", None)
        doing: dict[str, Any] = {"actor": self.actor, "now": self.now}
        with transaction.atomic():
            if asked:
                facts = self.settled(entry, asked)
                entry = offerings.settle(entry, **facts, **doing, expected_version=entry.version)
            if draft is not None:
                wanted = Blueprint.parse(draft)
                offerings.redraft(entry, lambda _old: wanted, **doing, expected_version=entry.version)
        return self.answer(entry.pk)

    @staticmethod
    def settled(entry: Offering, asked: dict[str, Any]) -> dict[str, Any]:
        """All the verb needs: what is asked, and for the rest what is there."""
        known = {name: getattr(entry, name) for name in SETTLED if name != "organisations"}
        facts = {**known, "organisations": list(entry.organisations.all()), **asked}
        if asked.get("organisations") and facts["audience"] != Offering.Audience.NAMED:
            raise refuse("organisations", _("Customers are named for the audience “named” only."))
        return facts

    def act(self, form: type[Strict], verb: Callable[..., Any]) -> Response:
        """Refuse in the order invisible, not allowed, stale, not possible now, wrongly asked; or do it."""
        entry, expected = self.begin(required=False)
        verb(
            entry, **self.checked(form), actor=self.actor, now=self.now, expected_version=expected
        )  # fmt: skip
        return self.answer(entry.pk)

    @operation("Publish the draft as the next version", shapes.PublishForm, {"reason": "A faster model"})
    def publish(self, request: Request, pk: str) -> Response:
        """What hinders it is named under `draft`."""
        return self.act(shapes.PublishForm, offerings.publish)

    @operation("Stop orders for a while", shapes.AwayForm, AWAY)
    def make_unavailable(self, request: Request, pk: str) -> Response:
        return self.act(shapes.AwayForm, offerings.make_unavailable)

    @operation("Take orders again", Nothing, {})
    def make_available(self, request: Request, pk: str) -> Response:
        return self.act(Nothing, offerings.make_available)

    @operation("Withdraw for good", shapes.WithdrawForm, {"reason": "Nobody orders it any more."})
    def withdraw(self, request: Request, pk: str) -> Response:
        return self.act(shapes.WithdrawForm, offerings.withdraw)


@extend_schema_view(
    list=extend_schema(summary="The versions of an entry, the newest first", parameters=[OF_OFFERING]),
    retrieve=extend_schema(
        summary="One version of an entry", parameters=[OF_OFFERING],
        responses=shapes.OfferingVersionDetailShape,
    ),
)  # fmt: skip
class OfferingVersions(ReadOnly):
    """Immutable; for the desk side. A request stays with the version it was ordered by."""

    queryset = OfferingVersion.objects.none()
    serializer_class = shapes.OfferingVersionShape
    filter_backends = []
    orderings = {"number": SortKey("number")}
    ordering = "-number"
    lookup_field = "number"
    lookup_url_kwarg = "version"
    lookup_value_regex = "[0-9]{1,9}"

    def get_queryset(self) -> QuerySet[OfferingVersion]:
        entry = find(Offering.objects.visible_to(self.actor), self.kwargs["offering"], "code")
        if entry is None or not self.actor.is_desk_side:
            raise Http404(_("There is no such entry here."))
        return OfferingVersion.objects.filter(offering=entry.pk).select_related("created_by")

    def get_serializer_class(self) -> Any:
        is_one = self.action == "retrieve"
        return shapes.OfferingVersionDetailShape if is_one else shapes.OfferingVersionShape
