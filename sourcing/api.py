"""Suppliers over HTTP, /api/v1/suppliers/: read by the desk's side, entered and changed by managers."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.routers import SimpleRouter

import accounts.queries
from accounts.access import require
from accounts.api import NameFilters
from itsm.rest import errors, schema, versions
from itsm.rest.fields import Flag, Instant, Pick, Reference, Text
from itsm.rest.filters import FlagFilter, NamedFilter, Several
from itsm.rest.pagination import SortKey
from itsm.rest.problems import Problem, refuse
from itsm.rest.serializers import Coded, NamedShape, PersonShape, Shape, Strict
from itsm.rest.views import ByIdOrCode, created
from records.services import MAX_TEXT
from sla.api_calendars import ID_OR_CODE
from sla.models import Agreement
from sourcing import admission
from sourcing.contracts import suppliers
from suppliers import services
from suppliers.models import Condition, Supplier

NEW = {
    "code": "huaxun", "name_en": "Huaxun Networks", "name_zh": "华讯网络", "kind": "external",
    "contact": "高远", "email": "support@huaxun.example", "responsible": "network",
}  # fmt: skip
GIVEN = gettext_lazy("The system sets this itself.")
BY_ADMISSION = gettext_lazy("Use POST /api/v1/suppliers/CODE/checks/ and /api/v1/suppliers/CODE/admission/.")

STANDINGS = (admission.OPEN, admission.MET, admission.NOT_MET, admission.EXPIRED)


def _stale(error: services.Stale) -> Problem:
    supplier = error.supplier
    return Problem(
        "stale",
        _("%(code)s is at version %(version)s by now.")
        % {"code": supplier.code, "version": supplier.version},
        extra={"version": supplier.version},
        headers={"ETag": versions.etag(supplier.version)},
    )


errors.register(services.Stale, _stale)


class SupplierFilters(NameFilters):
    kind = Several(choices=Supplier.Kind.choices)
    is_active = FlagFilter()
    responsible = NamedFilter(rows=accounts.queries.everybody, code="username", people=True)


class SupplierShape(Shape):
    id = serializers.IntegerField()
    url = serializers.SerializerMethodField()
    version = serializers.IntegerField(help_text="Also in the ETag.")
    code = serializers.CharField()
    name = serializers.CharField(help_text="In the reader's language.")
    name_en = serializers.CharField()
    name_zh = serializers.CharField()
    kind = Coded(Supplier.Kind.choices)
    contact = serializers.CharField()
    email = serializers.CharField()
    phone = serializers.CharField()
    responsible = PersonShape(allow_null=True)
    admission_note = serializers.CharField()
    is_active = serializers.BooleanField()
    admission = Coded(Supplier.Admission.choices, help_text="A candidate is not active.")
    admitted_until = serializers.DateField(
        allow_null=True, help_text="This day is included; afterwards nothing new is agreed with it."
    )
    contracts = serializers.SerializerMethodField(help_text="Its UCs, at /api/v1/agreements/.")

    def get_url(self, supplier: Supplier) -> str:
        return reverse("api:suppliers-detail", [supplier.pk], request=self.context["request"])

    @extend_schema_field(NamedShape(many=True))
    def get_contracts(self, supplier: Supplier) -> Any:
        rows: Any = supplier.agreements.all()
        return NamedShape(rows, many=True).data


class SupplierPatch(Strict):
    """Facts to change; what is left out stays."""

    elsewhere = {
        **dict.fromkeys(("id", "url", "version", "name", "contracts"), GIVEN),
        **dict.fromkeys(("admission", "admitted_until"), BY_ADMISSION),
        "code": gettext_lazy("This stays as it was entered."),
    }

    name_en = Text(max_length=200)
    name_zh = Text(max_length=200, required=False, allow_blank=True)
    kind = Pick(choices=Supplier.Kind.choices, required=False)
    contact = Text(max_length=150, required=False, allow_blank=True)
    email = serializers.EmailField(max_length=254, required=False, allow_blank=True)
    phone = Text(max_length=50, required=False, allow_blank=True)
    responsible = Reference(
        accounts.queries.assignees, code="username", see="users", required=False, allow_null=True
    )
    admission_note = Text(max_length=MAX_TEXT, required=False, allow_blank=True)
    is_active = Flag(required=False)


class SupplierForm(SupplierPatch):
    """A new supplier."""

    elsewhere = {
        **dict.fromkeys(("id", "url", "version", "name", "contracts"), GIVEN),
        **dict.fromkeys(("admission", "admitted_until", "is_active"), BY_ADMISSION),
    }

    code = serializers.SlugField(max_length=50, help_text="Letters, digits, hyphen and underscore; for good.")


class CheckForm(Strict):
    """What was found about an admission condition of the edition that holds."""

    condition = serializers.IntegerField(min_value=1, help_text="By its id, from GET of this path.")
    is_met = Flag()
    evidence = Text(max_length=MAX_TEXT)
    valid_until = serializers.DateField(required=False, allow_null=True)
    document = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, help_text="The id of a file kept about the supplier."
    )


class AdmissionForm(Strict):
    """By somebody who checked none of the conditions."""

    is_admitted = Flag()
    reason = Text(max_length=MAX_TEXT, required=False, allow_blank=True, default="")


class StandingShape(Shape):
    """An admission condition with its latest check."""

    id = serializers.IntegerField(source="condition.pk")
    name_en = serializers.CharField(source="condition.name_en")
    name_zh = serializers.CharField(source="condition.name_zh")
    needs_document = serializers.BooleanField(source="condition.needs_document")
    expires = serializers.BooleanField(source="condition.expires")
    state = serializers.ChoiceField(choices=STANDINGS)
    evidence = serializers.CharField(source="check.evidence", default="")
    valid_until = serializers.DateField(source="check.valid_until", default=None, allow_null=True)
    checked_by = PersonShape(source="check.checked_by", default=None, allow_null=True)
    checked_at = Instant(source="check.checked_at", default=None, allow_null=True)


@extend_schema_view(
    list=extend_schema(summary="Suppliers with their contracts", tags=["suppliers"]),
)
class Suppliers(ByIdOrCode):
    """For those at the desk's side who cover every customer."""

    queryset = Supplier.objects.none()
    serializer_class = SupplierShape
    filterset_class = SupplierFilters
    orderings = {"name": SortKey("name_en"), "code": SortKey("code"), "id": SortKey("id")}
    ordering = "name"
    problems_of = {"partial_update": ("stale",)}

    def get_queryset(self) -> QuerySet[Supplier]:
        contracts = Agreement.objects.filter(kind=Agreement.Kind.UC).order_by("code")
        rows = suppliers(self.actor).select_related("responsible")
        return rows.prefetch_related(Prefetch("agreements", contracts))

    def answer(self, pk: int) -> Response:
        supplier = self.get_queryset().get(pk=pk)
        tag = {"ETag": versions.etag(supplier.version)}
        return Response(self.get_serializer(supplier).data, headers=tag)

    @extend_schema(
        summary="One supplier", parameters=[ID_OR_CODE], responses=SupplierShape, tags=["suppliers"]
    )
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.answer(self.get_object().pk)

    @extend_schema(
        summary="Enter a supplier",
        request=SupplierForm,
        responses={201: SupplierShape},
        examples=[OpenApiExample("A line provider", value=NEW, request_only=True)],
        tags=["suppliers"],
    )
    def create(self, request: Request) -> Response:
        require(self.actor, "lead_suppliers")
        form = SupplierForm(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        made = services.enter(**form.validated_data, actor=self.actor)
        data = self.get_serializer(self.get_queryset().get(pk=made.pk)).data
        return created(data, data["url"], ETag=versions.etag(made.version))

    @extend_schema(
        summary="Change a supplier",
        request=SupplierPatch,
        responses=SupplierShape,
        parameters=[schema.IF_MATCH_REQUIRED, ID_OR_CODE],
        examples=[OpenApiExample("Another contact", value={"contact": "李明"}, request_only=True)],
        tags=["suppliers"],
    )
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        supplier = self.get_object()
        require(self.actor, "lead_suppliers")
        expected = versions.expected(request, supplier.version, required=True)
        if expected is not None and expected != supplier.version:
            raise services.Stale(supplier)
        form = SupplierPatch(data=request.data, partial=True, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        services.change(supplier, form.validated_data, actor=self.actor, expected_version=expected)
        return self.answer(supplier.pk)

    def _filled(self, form: type[Strict]) -> Any:
        require(self.actor, "lead_suppliers")
        asked = form(data=self.request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        return asked.validated_data

    def _standing(self, supplier: Supplier) -> Response:
        rows: Any = admission.standing(supplier, self.now)
        return Response(
            {"results": StandingShape(rows, many=True, context=self.get_serializer_context()).data}
        )

    @extend_schema(
        methods=["get"],
        summary="The admission conditions with their latest checks",
        parameters=[ID_OR_CODE],
        responses=StandingShape(many=True),
        tags=["suppliers"],
    )
    @extend_schema(
        methods=["post"],
        summary="Check an admission condition",
        parameters=[ID_OR_CODE],
        request=CheckForm,
        responses=StandingShape(many=True),
        tags=["suppliers"],
    )
    @action(detail=True, methods=["get", "post"])
    def checks(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        supplier = self.get_object()
        if request.method == "POST":
            facts = self._filled(CheckForm)
            condition = Condition.objects.filter(pk=facts.pop("condition")).first()
            number = facts.pop("document", None)
            document = supplier.documents.filter(pk=number, removed_at=None).first() if number else None
            if condition is None:
                raise refuse("condition", _("There is no such condition."))
            if number and document is None:
                raise refuse("document", _("There is no such file."))
            admission.check(supplier, condition, **facts, document=document, actor=self.actor, now=self.now)
        return self._standing(supplier)

    @extend_schema(
        summary="Admit a supplier, or not",
        parameters=[ID_OR_CODE],
        request=AdmissionForm,
        responses=SupplierShape,
        tags=["suppliers"],
    )
    @action(detail=True, methods=["post"])
    def admission(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        supplier = self.get_object()
        admission.decide(supplier, **self._filled(AdmissionForm), actor=self.actor, now=self.now)
        return self.answer(supplier.pk)


router = SimpleRouter()
router.register("suppliers", Suppliers, basename="suppliers")
urlpatterns = router.urls
