"""What the interface says about an entry of the catalogue, and what it is asked."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

import accounts.queries
from catalog import services
from catalog.models import ReviewDecision, Service, ServiceReview
from catalog.offer import Offer
from itsm.rest.fields import Instant, Pick, Reference, Text
from itsm.rest.serializers import Coded, NamedShape, PersonShape, Shape, Strict

API_ACTS = ("propose", "decide", "publish", "take_back", "unavailable", "available", "withdraw")


class BilingualShape(Shape):
    en = serializers.CharField()
    zh = serializers.CharField()


class CustomerViewShape(Shape):
    """In both languages; texts may be empty."""

    what = BilingualShape()
    included = BilingualShape(many=True)
    not_included = BilingualShape(many=True)
    ask = BilingualShape(help_text="How to ask for it.")
    hours = BilingualShape()
    level = BilingualShape()
    period = BilingualShape()
    price = BilingualShape()


class ProviderViewShape(Shape):
    """In both languages; texts may be empty."""

    delivery = BilingualShape()
    components = BilingualShape(many=True)
    interfaces = BilingualShape(many=True)
    quality = BilingualShape(many=True)
    groups = serializers.ListField(child=serializers.CharField(), help_text="Codes of teams.")
    depends_on = serializers.ListField(child=serializers.CharField(), help_text="Codes of services.")
    benefit = BilingualShape()
    risk = BilingualShape()


class UnavailableShape(Shape):
    since = Instant()
    until = Instant(allow_null=True, help_text="The expected return.")
    words = serializers.CharField(help_text="In the reader's language.")


class ServiceShape(Shape):
    id = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField(help_text="In the reader's language.")
    name_en = serializers.CharField()
    name_zh = serializers.CharField()
    description = serializers.CharField(help_text="In the reader's language.")
    family = NamedShape(allow_null=True)
    portfolio_class = Coded(Service.PortfolioClass.choices)
    state = Coded(Service.State.choices)
    owner = serializers.SerializerMethodField(help_text="Null for customers.")
    support_team = NamedShape(allow_null=True)
    second_line_team = NamedShape(allow_null=True)
    is_published = serializers.BooleanField()
    unavailable = serializers.SerializerMethodField(help_text="While orders are stopped, else null.")
    withdrawn_at = Instant(allow_null=True)
    edition = serializers.SerializerMethodField(help_text="The number of the present version.")
    customer_view = serializers.SerializerMethodField()
    provider_view = serializers.SerializerMethodField(help_text="Null for customers.")
    version = serializers.IntegerField(help_text="As in the ETag.")
    moves = serializers.SerializerMethodField(help_text="What you may do with it now.")

    @extend_schema_field(PersonShape(allow_null=True))
    def get_owner(self, service: Service) -> Any:
        if service.owner is None or not self.asker.is_desk_side:
            return None
        return PersonShape(service.owner, context=self.context).data

    @extend_schema_field(UnavailableShape(allow_null=True))
    def get_unavailable(self, service: Service) -> Any:
        if service.unavailable_since is None:
            return None
        found = {
            "since": service.unavailable_since,
            "until": service.unavailable_until,
            "words": service.unavailable_words,
        }
        return UnavailableShape(found, context=self.context).data

    def get_edition(self, service: Service) -> int | None:
        return service.present.number if service.present else None

    @extend_schema_field(CustomerViewShape())
    def get_customer_view(self, service: Service) -> Any:
        return service.offer.dump()["customer"]

    @extend_schema_field(ProviderViewShape(allow_null=True))
    def get_provider_view(self, service: Service) -> Any:
        return service.offer.dump()["provider"] if self.asker.is_desk_side else None

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_moves(self, service: Service) -> list[str]:
        if not self.asker.is_desk_side:
            return []
        return [act for act in services.available_acts(service, self.asker) if act in API_ACTS]


class ServiceVersionShape(Shape):
    number = serializers.IntegerField()
    effective_from = Instant()
    reason = serializers.CharField()
    name = serializers.SerializerMethodField()
    customer_view = serializers.SerializerMethodField()
    provider_view = serializers.SerializerMethodField(help_text="Null for customers.")

    def _part(self, version: Any, part: str) -> Any:
        return Offer.parse(version.offer).dump()[part]

    @extend_schema_field(BilingualShape())
    def get_name(self, version: Any) -> Any:
        return self._part(version, "name")

    @extend_schema_field(CustomerViewShape())
    def get_customer_view(self, version: Any) -> Any:
        return self._part(version, "customer")

    @extend_schema_field(ProviderViewShape(allow_null=True))
    def get_provider_view(self, version: Any) -> Any:
        return self._part(version, "provider") if self.asker.is_desk_side else None


class CommitteeDecisionShape(Shape):
    member = PersonShape()
    result = Coded(ReviewDecision.Result.choices)
    comment = serializers.CharField()
    decided_at = Instant(allow_null=True)


class ServiceReviewShape(Shape):
    id = serializers.IntegerField()
    state = Coded(ServiceReview.State.choices)
    author = PersonShape()
    reason = serializers.CharField()
    proposed_at = Instant()
    ended_at = Instant(allow_null=True)
    offer = serializers.JSONField(help_text="Name, customer view and provider view, as proposed.")
    decisions = CommitteeDecisionShape(many=True)


# --- input -----------------------------------------------------------------------------------


class ProposeForm(Strict):
    offer = serializers.JSONField(
        help_text="`name`, `customer` (the customer view) and `provider` (the provider view), each text as "
        '`{"en": "", "zh": ""}`; as answered in `customer_view` and `provider_view`.'
    )
    members = serializers.ListField(
        child=Reference(accounts.queries.assignees, code="username", see="users"), max_length=50,
        help_text="Who decides: managers, service level managers or administrators, not you.",
    )  # fmt: skip
    reason = Text(required=False, allow_blank=True, max_length=500, default="")


class DecideForm(Strict):
    result = Pick(choices=ReviewDecision.Result.choices)
    comment = Text(required=False, allow_blank=True, max_length=4000, default="")


class NothingForm(Strict):
    """No words are needed."""


class BecauseForm(Strict):
    reason = Text(max_length=500)


class UnavailableForm(Strict):
    words_en = Text(max_length=300)
    words_zh = Text(max_length=300)
    until = Instant(required=False, allow_null=True, default=None)
