"""Procurements over HTTP, /api/v1/procurements/: asked for, approved, tendered, ordered, checked."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_filters import rest_framework as framework
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.routers import SimpleRouter

import accounts.queries
import sla.queries
from accounts.access import Actor
from itsm.rest import versions
from itsm.rest.fields import Flag, Instant, Pick, Reference, Text
from itsm.rest.filters import NamedFilter, Several
from itsm.rest.pagination import SortKey
from itsm.rest.problems import refuse
from itsm.rest.serializers import Coded, ItemShape, NamedShape, PersonShape, Shape, Strict
from itsm.rest.views import ReadOnly, created
from records.models import Record
from sla.models import Agreement
from sourcing import contracts, purchases, tenders
from sourcing.models import Offer, Purchase, State
from suppliers.models import Supplier

LONG = 20_000
EXAMPLE = {"title": "Two access switches", "reason": "The old ones fail.", "amount": "16000.00"}
BY_STEPS = gettext_lazy("This changes by the steps below the procurement's address.")


def eligible(actor: Actor) -> QuerySet[Supplier]:
    """Whom the actor may choose: active suppliers whose admission holds."""
    return contracts.suppliers(actor).filter(pk__in=tenders.eligible(timezone.localdate()))


def signed(actor: Actor) -> QuerySet[Agreement]:
    return sla.queries.agreements(actor).filter(kind=Agreement.Kind.UC)


def money(**kwargs: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=14, decimal_places=2, min_value=0, **kwargs)


class PurchaseFilters(framework.FilterSet):  # type: ignore[misc]
    state = Several(choices=State.choices)
    supplier = NamedFilter(rows=contracts.suppliers, code="code")
    requester = NamedFilter(rows=accounts.queries.everybody, code="username", people=True)


class PurchaseShape(Shape):
    id = serializers.IntegerField()
    number = serializers.CharField()
    url = serializers.SerializerMethodField()
    version = serializers.IntegerField(help_text="Also in the ETag.")
    title = serializers.CharField()
    reason = serializers.CharField(source="description")
    state = Coded(State.choices)
    amount = money()
    currency = serializers.CharField()
    needed_on = serializers.DateField(allow_null=True)
    requester = PersonShape()
    buyer = PersonShape(source="assignee", allow_null=True)
    agreement = NamedShape(allow_null=True)
    item = ItemShape(allow_null=True)
    method = Coded(Purchase.Method.choices)
    supplier = NamedShape(allow_null=True)
    selection_reason = serializers.CharField()
    order_number = serializers.CharField()
    ordered_on = serializers.DateField(allow_null=True)
    expected_on = serializers.DateField(allow_null=True)
    price = money(allow_null=True)
    contract = NamedShape(allow_null=True)
    no_contract_reason = serializers.CharField()
    opened_at = Instant()
    done_at = Instant(allow_null=True)

    def get_url(self, purchase: Purchase) -> str:
        return reverse("api:procurements-detail", [purchase.number], request=self.context["request"])


class PurchaseApprovalShape(Shape):
    is_granted = serializers.BooleanField()
    comment = serializers.CharField()
    decided_by = PersonShape()
    decided_at = Instant()


class OfferShape(Shape):
    supplier = NamedShape(source="offer.supplier")
    price = money(source="offer.price", allow_null=True)
    received_on = serializers.DateField(source="offer.received_on", allow_null=True)
    points = serializers.DictField(child=serializers.IntegerField(), help_text="By the criterion's id.")
    score = serializers.FloatField(allow_null=True)
    is_best = serializers.BooleanField()


class CriterionShape(Shape):
    id = serializers.IntegerField()
    name_en = serializers.CharField()
    name_zh = serializers.CharField()
    weight = serializers.IntegerField()


class GoodsShape(Shape):
    is_accepted = serializers.BooleanField()
    note = serializers.CharField()
    checked_by = PersonShape()
    checked_at = Instant()
    settlement = Coded(Purchase.Settlement.choices)
    settle_by = serializers.DateField(allow_null=True)
    settled_at = Instant(allow_null=True)
    settled_note = serializers.CharField()


class PurchaseDetailShape(PurchaseShape):
    """With approvals, the tender, and what came."""

    approvals_missing = serializers.SerializerMethodField()
    approvals = serializers.SerializerMethodField()
    criteria = CriterionShape(many=True, source="criteria.all")
    offers = serializers.SerializerMethodField()
    goods = serializers.SerializerMethodField()

    def get_approvals_missing(self, purchase: Purchase) -> int:
        return purchases.missing_approvals(purchase) if purchase.state == State.APPROVING else 0

    @extend_schema_field(PurchaseApprovalShape(many=True))
    def get_approvals(self, purchase: Purchase) -> Any:
        rows: Any = (
            purchase.approvals.filter(round=purchase.round).select_related("decided_by").order_by("pk")
        )
        return PurchaseApprovalShape(rows, many=True, context=self.context).data

    @extend_schema_field(OfferShape(many=True))
    def get_offers(self, purchase: Purchase) -> Any:
        rows: Any = tenders.compared(purchase)
        return OfferShape(rows, many=True, context=self.context).data

    @extend_schema_field(GoodsShape(many=True))
    def get_goods(self, purchase: Purchase) -> Any:
        rows: Any = purchase.goods_checks.select_related("checked_by").order_by("pk")
        return GoodsShape(rows, many=True, context=self.context).data


class AskPurchaseForm(Strict):
    """What is to be bought, why, and for about how much."""

    elsewhere = dict.fromkeys(("state", "supplier", "price", "order_number", "contract"), BY_STEPS)

    title = Text(max_length=200)
    reason = Text(max_length=LONG)
    amount = money()
    currency = Text(max_length=3, required=False, default="CNY")
    needed_on = serializers.DateField(required=False, allow_null=True)
    buyer = Reference(
        accounts.queries.assignees, code="username", see="users", required=False, allow_null=True
    )
    agreement = Reference(
        sla.queries.agreements, code="code", see="agreements", required=False, allow_null=True
    )
    cause = Text(max_length=20, required=False, help_text="The number of a ticket it is because of.")


class PurchaseNoteForm(Strict):
    note = Text(max_length=LONG, required=False, allow_blank=True, default="")


class DecidePurchaseForm(Strict):
    approve = Flag()
    comment = Text(max_length=LONG, required=False, allow_blank=True, default="")


class CriterionForm(Strict):
    name_en = Text(max_length=200)
    name_zh = Text(max_length=200, required=False, allow_blank=True, default="")
    weight = serializers.IntegerField(min_value=1, max_value=100)


class TenderForm(Strict):
    invited: Any = serializers.ListField(child=Reference(eligible, code="code", see="suppliers"))
    criteria = CriterionForm(many=True)
    until = serializers.DateField()


class OfferForm(Strict):
    supplier = Reference(contracts.suppliers, code="code", see="suppliers")
    price = money()
    received_on = serializers.DateField()
    note = Text(max_length=LONG, required=False, allow_blank=True, default="")
    points: Any = serializers.DictField(
        child=serializers.IntegerField(min_value=0, max_value=100), help_text="By the criterion's id."
    )


class ChooseForm(Strict):
    """A supplier: of the tender's offers where there is one, else directly."""

    supplier = Reference(eligible, code="code", see="suppliers")
    reason = Text(max_length=LONG)


class OrderForm(Strict):
    order_number = Text(max_length=100)
    ordered_on = serializers.DateField()
    expected_on = serializers.DateField(required=False, allow_null=True, default=None)
    price = money()
    contract = Reference(signed, code="code", see="contracts", required=False, allow_null=True, default=None)
    no_contract_reason = Text(max_length=LONG, required=False, allow_blank=True, default="")


class RejectForm(Strict):
    reason = Text(max_length=LONG)
    settlement = Pick(choices=Purchase.Settlement.choices)
    settle_by = serializers.DateField()


class SettleForm(Strict):
    settlement = Pick(choices=Purchase.Settlement.choices)
    note = Text(max_length=LONG)
    discount = money(required=False, allow_null=True, default=None)


class DropForm(Strict):
    reason = Text(max_length=LONG)


def step(summary: str, form: type[Strict], path: str) -> Callable[..., Any]:
    """One step of a procurement: POST below its address."""

    def decorate(method: Callable[..., Response]) -> Any:
        described = extend_schema(
            summary=summary, request=form, responses=PurchaseDetailShape, tags=["procurements"]
        )
        return described(action(detail=True, methods=["post"], url_path=path)(method))

    return decorate


@extend_schema_view(list=extend_schema(summary="Procurements", tags=["procurements"]))
class Procurements(ReadOnly):
    """The provider's own affair: for the desk's side that covers every customer."""

    queryset = Purchase.objects.none()
    serializer_class = PurchaseShape
    filterset_class = PurchaseFilters
    orderings = {"opened_at": SortKey("opened_at"), "id": SortKey("id")}
    ordering = "-id"
    lookup_url_kwarg = "number"
    lookup_value_regex = "[A-Za-z]{1,6}[0-9]{1,15}"
    problems_of = dict.fromkeys(
        ("submit", "decide", "tender", "offers", "choose_supplier", "order", "accept_goods", "reject_goods",
         "settle", "drop"),
        ("illegal-move",),
    )  # fmt: skip

    def get_queryset(self) -> QuerySet[Purchase]:
        rows: QuerySet[Purchase] = Purchase.objects.visible_to(self.actor)
        return rows.select_related("requester", "assignee", "agreement", "item", "supplier", "contract")

    def one(self) -> Purchase:
        number = self.kwargs["number"].upper()
        row = self.get_queryset().filter(number=number).first()
        if row is None:
            raise Http404(_("There is no record %(number)s.") % {"number": number})
        return row

    def answer(self) -> Response:
        row = self.one()
        data = PurchaseDetailShape(row, context=self.get_serializer_context()).data
        return Response(data, headers={"ETag": versions.etag(row.version)})

    def read(self, form: type[Strict]) -> dict[str, Any]:
        asked = form(data=self.request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        found: dict[str, Any] = asked.validated_data
        return found

    def take(self, form: type[Strict], verb: Callable[..., Any]) -> Response:
        verb(self.one(), **self.read(form), actor=self.actor, now=self.now)
        return self.answer()

    @extend_schema(summary="One procurement", responses=PurchaseDetailShape, tags=["procurements"])
    def retrieve(self, request: Request, number: str) -> Response:
        return self.answer()

    @extend_schema(
        summary="Ask for something to be bought", request=AskPurchaseForm,
        responses={201: PurchaseDetailShape},
        examples=[OpenApiExample("Switches", value=EXAMPLE, request_only=True)], tags=["procurements"],
    )  # fmt: skip
    def create(self, request: Request) -> Response:
        facts = self.read(AskPurchaseForm)
        number = facts.pop("cause", "").strip().upper()
        cause = Record.objects.visible_to(self.actor).filter(number=number).first() if number else None
        if number and cause is None:
            raise refuse("cause", _("There is no record of this number."))
        made = purchases.ask(**facts, cause=cause, actor=self.actor, now=self.now)
        self.kwargs["number"] = made.number
        data = self.answer().data
        return created(data, data["url"], ETag=versions.etag(data["version"]))

    @step("Ask for approval", PurchaseNoteForm, "submit")
    def submit(self, request: Request, number: str) -> Response:
        return self.take(PurchaseNoteForm, purchases.submit)

    @step("Decide on it", DecidePurchaseForm, "decide")
    def decide(self, request: Request, number: str) -> Response:
        return self.take(DecidePurchaseForm, purchases.decide)

    @step("Plan a tender", TenderForm, "tender")
    def tender(self, request: Request, number: str) -> Response:
        row, facts = self.one(), self.read(TenderForm)
        criteria = [tenders.Weighed(**each) for each in facts.pop("criteria")]
        tenders.plan(row, **facts, criteria=criteria, actor=self.actor, now=self.now)
        return self.answer()

    @step("Record an offer", OfferForm, "offers")
    def offers(self, request: Request, number: str) -> Response:
        row, facts = self.one(), self.read(OfferForm)
        offer = self._offer(row, facts.pop("supplier"))
        points = {int(k): v for k, v in facts.pop("points").items() if k.isascii() and k.isdigit()}
        tenders.record_offer(offer, **facts, points=points, actor=self.actor, now=self.now)
        return self.answer()

    def _offer(self, row: Purchase, supplier: Supplier) -> Offer:
        offer = row.offers.select_related("purchase").filter(supplier=supplier).first()
        if offer is None:
            raise refuse("supplier", _("This supplier was not invited."))
        return offer

    @step("Choose the supplier", ChooseForm, "choose-supplier")
    def choose_supplier(self, request: Request, number: str) -> Response:
        row, facts = self.one(), self.read(ChooseForm)
        if row.offers.exists():
            offer = self._offer(row, facts["supplier"])
            tenders.choose_offer(row, offer=offer, reason=facts["reason"], actor=self.actor, now=self.now)
        else:
            tenders.choose_directly(row, **facts, actor=self.actor, now=self.now)
        return self.answer()

    @step("Order", OrderForm, "order")
    def order(self, request: Request, number: str) -> Response:
        return self.take(OrderForm, purchases.order)

    @step("Accept the goods", PurchaseNoteForm, "accept-goods")
    def accept_goods(self, request: Request, number: str) -> Response:
        return self.take(PurchaseNoteForm, purchases.accept_goods)

    @step("Reject the goods", RejectForm, "reject-goods")
    def reject_goods(self, request: Request, number: str) -> Response:
        return self.take(RejectForm, purchases.reject_goods)

    @step("Settle rejected goods", SettleForm, "settle")
    def settle(self, request: Request, number: str) -> Response:
        return self.take(SettleForm, purchases.settle)

    @step("Give it up", DropForm, "drop")
    def drop(self, request: Request, number: str) -> Response:
        return self.take(DropForm, purchases.drop)


router = SimpleRouter()
router.register("procurements", Procurements, basename="procurements")
urlpatterns = router.urls
