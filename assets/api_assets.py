"""Assets over HTTP: entered, changed, moved; and what was applied for, decided by another person."""

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as framework
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

import accounts.queries
from accounts.access import Actor, require
from assets import api_base as base
from assets import applications, pages, register, words
from assets.api_base import ID, NUMBER, TAGS, Kept, Partly
from assets.models import Application, Asset, AssetState, DisposalWay
from cmdb.models import Item
from itsm.rest import schema
from itsm.rest.fields import Flag, Pick, Reference, Text
from itsm.rest.filters import FlagFilter, NamedFilter, Several
from itsm.rest.pagination import SortKey
from itsm.rest.serializers import Coded, NamedShape, PersonShape, Shape, Strict
from itsm.rest.views import created

NEW = {
    "tag": "XH-NB-0412", "name": "ThinkPad T14", "device_class": "laptop", "customer": "xinghe",
    "purchased_on": "2026-01-05", "order_reference": "PO-2026-017", "cost": "8600.00", "currency": "CNY",
    "warranty_until": "2029-01-04", "location": "苏州园区 2 号楼", "is_important": True,
}  # fmt: skip
F = TypeVar("F", bound=Callable[..., Any])
GIVEN = _("The system sets this itself.")


def items(actor: Actor) -> QuerySet[Item]:
    return Item.objects.visible_to(actor)


class AssetShape(Shape):
    number = serializers.CharField()
    url = serializers.SerializerMethodField()
    version = serializers.IntegerField(help_text="Also in the ETag.")
    tag = serializers.CharField()
    name = serializers.CharField()
    state = Coded(AssetState.choices)
    device_class = NamedShape()
    item = base.NumberedNameShape(allow_null=True)
    customer = NamedShape(allow_null=True, help_text="Null: our own.")
    make = serializers.CharField()
    serial = serializers.CharField()
    supplier = NamedShape(allow_null=True)
    purchased_on = serializers.DateField(allow_null=True)
    order_reference = serializers.CharField()
    received_on = serializers.DateField(allow_null=True)
    cost = serializers.DecimalField(max_digits=14, decimal_places=2, allow_null=True)
    currency = serializers.CharField()
    residual = serializers.DecimalField(max_digits=14, decimal_places=2)
    life_months = serializers.IntegerField()
    book_value = serializers.SerializerMethodField(help_text="Today, by straight line.")
    location = serializers.CharField()
    site = NamedShape(allow_null=True)
    user = PersonShape(allow_null=True)
    keeper = PersonShape(allow_null=True)
    warranty_until = serializers.DateField(allow_null=True)
    is_important = serializers.BooleanField()
    note = serializers.CharField()
    disposed_on = serializers.DateField(allow_null=True)
    disposal_way = Coded(DisposalWay.choices)
    disposal_approved_by = PersonShape(allow_null=True)
    data_wiped = serializers.BooleanField(allow_null=True)
    data_note = serializers.CharField()

    def get_url(self, row: Asset) -> str:
        return reverse("api:assets-detail", [row.number], request=self.context["request"])

    @extend_schema_field(serializers.DecimalField(max_digits=14, decimal_places=2, allow_null=True))
    def get_book_value(self, row: Asset) -> str | None:
        found = pages.value_of(row, pages.today())
        return None if found is None else str(found)


class AssetFacts(Strict):
    """Facts of an asset."""

    elsewhere = {
        **dict.fromkeys(("number", "url", "version", "book_value"), GIVEN),
        **dict.fromkeys(("state", "user"), _("Use the asset's acts, such as hand-out.")),
        **dict.fromkeys(("disposed_on", "disposal_way", "data_wiped"), _("Apply for its disposal.")),
    }

    tag = Text(max_length=50, help_text="Unique, whatever the case of its letters.")
    name = Text(max_length=200)
    device_class = Reference(base.classes, code="code", see="item-types")
    item = Reference(items, code="number", see="items", required=False, allow_null=True)
    customer = Reference(
        accounts.queries.customers, code="code", see="organisations", required=False, allow_null=True
    )
    make = Text(max_length=200, required=False, allow_blank=True)
    serial = Text(max_length=100, required=False, allow_blank=True)
    supplier = Reference(base.suppliers, code="code", see="suppliers", required=False, allow_null=True)
    purchased_on = serializers.DateField(required=False, allow_null=True)
    order_reference = Text(max_length=100, required=False, allow_blank=True)
    cost = serializers.DecimalField(
        max_digits=14, decimal_places=2, min_value=0, required=False, allow_null=True
    )
    currency = Text(max_length=3, required=False)
    residual = serializers.DecimalField(max_digits=14, decimal_places=2, min_value=0, required=False)
    life_months = serializers.IntegerField(min_value=0, max_value=1200, required=False)
    location = Text(max_length=200, required=False, allow_blank=True)
    site = Reference(base.sites, code="code", see="service-sites", required=False, allow_null=True)
    keeper = Reference(
        accounts.queries.assignees, code="username", see="users", required=False, allow_null=True
    )
    warranty_until = serializers.DateField(required=False, allow_null=True)
    is_important = Flag(required=False)
    note = Text(max_length=50_000, required=False, allow_blank=True)


class AssetPatch(Partly, AssetFacts):
    """What to change; what is left out stays."""


class AssetForm(AssetFacts):
    """A new asset."""

    received_on = serializers.DateField(
        required=False, allow_null=True, help_text="Left out: it is ordered and has not come yet."
    )


class AssetReceiveForm(Strict):
    on = serializers.DateField()
    location = Text(max_length=200)
    note = Text(max_length=500, required=False, allow_blank=True)


class AssetHandOutForm(Strict):
    user = Reference(
        accounts.queries.colleagues, code="username", see="users", required=False, allow_null=True,
        default=None,
    )  # fmt: skip
    location = Text(max_length=200, required=False, allow_blank=True, default="")
    note = Text(max_length=500, required=False, allow_blank=True)


class AssetTakeBackForm(Strict):
    location = Text(max_length=200)
    note = Text(max_length=500, required=False, allow_blank=True)


class AssetRepairForm(Strict):
    note = Text(max_length=500, help_text="What is broken, and who repairs it.")


class AssetRepairedForm(Strict):
    location = Text(max_length=200)
    note = Text(max_length=500, help_text="What was done.")


class AssetDisposeForm(Strict):
    on = serializers.DateField()
    way = Pick(DisposalWay.choices)
    data_wiped = Flag()
    data_note = Text(max_length=300, help_text="How the data were wiped, or why not.")
    reason = Text(max_length=50_000)


class AssetApplicationShape(Shape):
    id = serializers.IntegerField()
    url = serializers.SerializerMethodField()
    kind = Coded(Application.Kind.choices)
    asset = base.NumberedNameShape(allow_null=True)
    site = NamedShape(allow_null=True)
    on = serializers.DateField()
    reason = serializers.CharField()
    way = Coded(DisposalWay.choices)
    data_wiped = serializers.BooleanField(allow_null=True)
    data_note = serializers.CharField()
    asked_by = PersonShape()
    asked_at = serializers.DateTimeField()
    decision = Coded(Application.Decision.choices)
    decision_note = serializers.CharField()
    decided_by = PersonShape(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)

    def get_url(self, row: Application) -> str:
        return reverse("api:asset-applications-detail", [row.pk], request=self.context["request"])


class AssetFilters(framework.FilterSet):  # type: ignore[misc]
    state = Several(choices=AssetState.choices)
    device_class = NamedFilter(rows=base.classes, code="code")
    customer = NamedFilter(rows=accounts.queries.organisations, code="code")
    site = NamedFilter(rows=base.sites, code="code")
    is_important = FlagFilter()
    has_item = FlagFilter(field_name="item", lookup_expr="isnull", exclude=True)
    warranty_before = framework.DateFilter(field_name="warranty_until", lookup_expr="lt")
    tag = framework.CharFilter(field_name="tag", lookup_expr="iexact", max_length=50)


def _acts(form: type[Strict], summary: str) -> Callable[[F], F]:
    """What the schema says of an act."""
    return extend_schema(
        summary=summary, request=form, responses=AssetShape, parameters=[schema.IF_MATCH, NUMBER],
        tags=TAGS, filters=False,
    )  # fmt: skip


@extend_schema_view(
    list=extend_schema(summary="Assets", tags=TAGS),
    retrieve=extend_schema(summary="One asset", parameters=[NUMBER], tags=TAGS),
)
class Assets(Kept):
    """Of the customers one works for, and the provider's own. Disposal is applied for."""

    queryset = Asset.objects.none()
    serializer_class = AssetShape
    filterset_class = AssetFilters
    lookup_field = "number"
    lookup_value_regex = base.NUMBERS
    orderings: ClassVar[dict[str, SortKey]] = {"number": SortKey("number"), "id": SortKey("id")}
    ordering = "-id"
    named = ("device_class", "item", "customer", "supplier", "site", "user__organisation",
             "keeper__organisation", "disposal_approved_by__organisation")  # fmt: skip
    problems_of: ClassVar = {"partial_update": ("stale",)}

    def rows(self) -> QuerySet[Any]:
        return Asset.objects.visible_to(self.actor)

    @extend_schema(
        summary="Enter an asset", request=AssetForm, responses={201: AssetShape}, tags=TAGS,
        examples=[OpenApiExample("A laptop that is ordered", value=NEW, request_only=True)],
    )  # fmt: skip
    def create(self, request: Request) -> Response:
        require(self.actor, register.KEEP)
        facts = self.checked(AssetForm)
        came = facts.pop("received_on", None)
        data, headers = self.shown(register.enter(facts, actor=self.actor, now=self.now, received_on=came))
        return created(data, data["url"], **headers)

    @extend_schema(
        summary="Change an asset", request=AssetPatch, responses=AssetShape, tags=TAGS,
        parameters=[schema.IF_MATCH_REQUIRED, NUMBER],
        examples=[OpenApiExample("Moved", value={"location": "2 号楼 305"}, request_only=True)],
    )  # fmt: skip
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        row = self.get_object()
        expected = self.seen(row)
        facts = self.checked(AssetPatch)
        return self.answer(
            register.change(row, facts, actor=self.actor, now=self.now, expected_version=expected)
        )

    def _take(self, verb: Any, form: type[Strict]) -> Response:
        row = self.get_object()
        expected = self.seen(row, required=False)
        facts = self.checked(form)
        return self.answer(verb(row, **facts, actor=self.actor, now=self.now, expected_version=expected))

    @_acts(AssetReceiveForm, "It has come")
    @action(detail=True, methods=["post"], pagination_class=None)
    def receive(self, request: Request, number: str) -> Response:
        return self._take(register.receive, AssetReceiveForm)

    @_acts(AssetHandOutForm, "Give it to a person, or put it to use at a place")
    @action(detail=True, methods=["post"], url_path="hand-out", pagination_class=None)
    def hand_out(self, request: Request, number: str) -> Response:
        return self._take(register.hand_out, AssetHandOutForm)

    @_acts(AssetTakeBackForm, "It is back in stock")
    @action(detail=True, methods=["post"], url_path="take-back", pagination_class=None)
    def take_back(self, request: Request, number: str) -> Response:
        return self._take(register.take_back, AssetTakeBackForm)

    @_acts(AssetRepairForm, "It is sent to repair")
    @action(detail=True, methods=["post"], url_path="send-to-repair", pagination_class=None)
    def send_to_repair(self, request: Request, number: str) -> Response:
        return self._take(register.send_to_repair, AssetRepairForm)

    @_acts(AssetRepairedForm, "It is back from repair")
    @action(detail=True, methods=["post"], url_path="back-from-repair", pagination_class=None)
    def back_from_repair(self, request: Request, number: str) -> Response:
        return self._take(register.back_from_repair, AssetRepairedForm)

    @extend_schema(
        summary="Apply for its disposal", request=AssetDisposeForm,
        responses={201: AssetApplicationShape}, tags=TAGS,
        parameters=[NUMBER], filters=False,
    )  # fmt: skip
    @action(detail=True, methods=["post"], pagination_class=None)
    def dispose(self, request: Request, number: str) -> Response:
        """Somebody else decides: see asset-applications."""
        row = self.get_object()
        facts = self.checked(AssetDisposeForm)
        asked = applications.ask_to_dispose(row, **facts, actor=self.actor, now=self.now)
        shown = AssetApplicationShape(asked, context=self.get_serializer_context()).data
        return created(shown, shown["url"])

    @extend_schema(
        summary="What happened to it",
        responses=base.AssetEntryShape(many=True), parameters=[NUMBER], tags=TAGS,
        filters=False,
    )  # fmt: skip
    @action(detail=True, methods=["get"], pagination_class=None)
    def history(self, request: Request, number: str) -> Response:
        return Response(base.AssetEntryShape(words.history(self.get_object()), many=True).data)


# --- applications ----------------------------------------------------------------------------------


class AssetDecisionForm(Strict):
    approve = Flag()
    note = Text(max_length=50_000, required=False, allow_blank=True, default="")


class AssetNoForm(Strict):
    """Nothing is said."""


class ApplicationFilters(framework.FilterSet):  # type: ignore[misc]
    kind = Several(choices=Application.Kind.choices)
    decision = Several(choices=Application.Decision.choices)
    is_decided = FlagFilter(field_name="decided_at", lookup_expr="isnull", exclude=True)


@extend_schema_view(
    list=extend_schema(summary="What was applied for: disposals, sites to open or close", tags=TAGS),
    retrieve=extend_schema(summary="One application", parameters=[ID], tags=TAGS),
)
class Applications(Kept):
    """Decided by another person than who asked."""

    queryset = Application.objects.none()
    serializer_class = AssetApplicationShape
    filterset_class = ApplicationFilters
    lookup_value_regex = base.DIGITS
    ordering = "-id"
    named = ("asset", "site", "asked_by__organisation", "decided_by__organisation")

    def rows(self) -> QuerySet[Any]:
        return Application.objects.visible_to(self.actor)

    @extend_schema(
        summary="Approve or refuse", request=AssetDecisionForm,
        responses=AssetApplicationShape, parameters=[ID],
        tags=TAGS, filters=False,
    )  # fmt: skip
    @action(detail=True, methods=["post"], pagination_class=None)
    def decide(self, request: Request, pk: str) -> Response:
        """What was approved is carried out at once."""
        row = self.get_object()
        facts = self.checked(AssetDecisionForm)
        return self.answer(applications.decide(row, **facts, actor=self.actor, now=self.now))

    @extend_schema(
        summary="Take an application back", request=AssetNoForm,
        responses=AssetApplicationShape, parameters=[ID],
        tags=TAGS, filters=False,
    )  # fmt: skip
    @action(detail=True, methods=["post"], pagination_class=None)
    def withdraw(self, request: Request, pk: str) -> Response:
        row = self.get_object()
        self.checked(AssetNoForm)
        return self.answer(applications.withdraw(row, actor=self.actor, now=self.now))
