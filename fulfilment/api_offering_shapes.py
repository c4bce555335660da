"""Shapes of orderable entries: what customers order by, and what those who design them read and write."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

import accounts.queries
from accounts.access import Actor, may
from accounts.models import Organisation
from catalog.models import Service
from catalog.offer import Text as Words
from fulfilment import answers, offerings
from fulfilment.api_blueprint import DraftForm, Pair
from fulfilment.models import Offering
from itsm.rest.fields import LARGEST_ID, Flag, Instant, Pick, Reference, Text
from itsm.rest.serializers import Coded, NamedShape, PersonShape, Shape, Strict

GIVEN = gettext_lazy("The system sets this itself.")
PUBLISHED = gettext_lazy("This stands in the draft, and is published with it.")
MOST_CUSTOMERS = 500


class OfferingShape(NamedShape):
    """An orderable entry as its customers read it."""

    description = serializers.CharField()
    kind = Coded(Offering.Kind.choices)
    service = NamedShape()
    version = serializers.SerializerMethodField(help_text="Null: never published.")
    is_available = serializers.SerializerMethodField()
    unavailable_because = serializers.SerializerMethodField()
    returns_at = Instant(allow_null=True, help_text="When it is expected to be available again.")
    price = serializers.SerializerMethodField(help_text="An amount as a text; empty: none named.")
    currency = serializers.SerializerMethodField()
    is_chargeable = serializers.SerializerMethodField(help_text="Begins after a quotation was accepted.")
    level = serializers.SerializerMethodField()
    duration = serializers.SerializerMethodField()
    questions = serializers.SerializerMethodField(help_text="The fields of its form, in order.")

    def _says(self, row: Offering) -> Any:
        return row.present.blueprint if row.present else row.drafted

    def get_version(self, row: Offering) -> int | None:
        return row.present.number if row.present else None

    def get_is_available(self, row: Offering) -> bool:
        return row.present is not None and row.withdrawn_at is None and not row.is_away

    def get_unavailable_because(self, row: Offering) -> str:
        return row.unavailable_words if row.is_away else ""

    def get_price(self, row: Offering) -> str:
        return str(self._says(row).price)

    def get_currency(self, row: Offering) -> str:
        return str(self._says(row).currency)

    def get_is_chargeable(self, row: Offering) -> bool:
        return bool(self._says(row).is_chargeable)

    def get_level(self, row: Offering) -> str:
        level = self._says(row).level
        return answers.words({"en": level.en, "zh": level.zh})

    def get_duration(self, row: Offering) -> str:
        duration = self._says(row).duration
        return answers.words({"en": duration.en, "zh": duration.zh})

    @extend_schema_field({"type": "array", "items": {"type": "object", "additionalProperties": True}})
    def get_questions(self, row: Offering) -> list[dict[str, Any]]:
        return [
            {
                **one,
                "label": answers.words(one["label"]),
                "help": answers.words(one["help"]),
                "choices": [{"key": c["key"], "label": answers.words(c["label"])} for c in one["choices"]],
            }
            for one in self._says(row).dump()["fields"]
        ]


class DesignShape(Shape):
    """What only those read who may design entries; null for all others."""

    audience = Coded(Offering.Audience.choices)
    organisations = NamedShape(many=True, allow_null=True, help_text="The customers it is offered to.")
    for_contacts_only = serializers.BooleanField(allow_null=True)
    draft = serializers.SerializerMethodField(help_text="What the next version will say.")
    has_changes = serializers.BooleanField(
        allow_null=True, help_text="The draft says something else than the present version."
    )
    hindrances = serializers.SerializerMethodField(help_text="What keeps the draft from being published.")
    withdrawn_at = Instant(allow_null=True)
    withdrawal_reason = serializers.CharField(allow_null=True)

    @extend_schema_field(DraftForm(allow_null=True))
    def get_draft(self, row: Offering) -> Any:
        return row.drafted.dump()

    @extend_schema_field(serializers.ListField(child=serializers.CharField(), allow_null=True))
    def get_hindrances(self, row: Offering) -> list[str]:
        return offerings.hindrances(row)


class OfferingDetailShape(DesignShape, OfferingShape):
    """An orderable entry; its designers read the draft as well."""

    def to_representation(self, instance: Any) -> Any:
        if may(self.asker, "design_offerings"):
            return super().to_representation(instance)
        shown = OfferingShape(instance, context=self.context).data
        return {**shown, **dict.fromkeys(DesignShape().fields)}


class OfferingVersionShape(Shape):
    """A row of a list of versions."""

    number = serializers.IntegerField()
    reason = serializers.CharField(help_text="What has changed, and why.")
    created_by = PersonShape()
    created_at = Instant()


class OfferingVersionDetailShape(OfferingVersionShape):
    content = serializers.SerializerMethodField()

    @extend_schema_field(DraftForm)
    def get_content(self, row: Any) -> Any:
        return row.blueprint.dump()


# --- input -----------------------------------------------------------------------------------


def services(actor: Actor) -> Any:
    return Service.objects.published()


@extend_schema_field({"type": "array", "items": {"oneOf": [{"type": "integer"}, {"type": "string"}]}})
class Customers(serializers.Field[Any, Any, Any, Any]):
    """Customers by their ids or codes, found with one query."""

    default_error_messages = {
        "list": gettext_lazy("A list of ids or codes is expected."),
        "many": gettext_lazy("At most %(n)s customers can be named."),
    }

    def to_internal_value(self, data: Any) -> list[Organisation]:
        if not isinstance(data, list):
            self.fail("list")
        if len(data) > MOST_CUSTOMERS:
            raise serializers.ValidationError(self.error_messages["many"] % {"n": MOST_CUSTOMERS})
        rows = accounts.queries.customers(self.context["request"].actor)
        ids = [each for each in data if type(each) is int and 0 < each <= LARGEST_ID]
        codes = [each for each in data if isinstance(each, str) and "\0" not in each]
        by_id: Mapping[Any, Organisation] = rows.in_bulk(ids)
        by_code = {row.code: row for row in rows.filter(code__in=codes)}
        found: list[Organisation] = []
        errors: dict[Any, Any] = {}
        for place, each in enumerate(data):
            row = (
                by_code.get(each) if isinstance(each, str) else by_id.get(each) if type(each) is int else None
            )
            if row is None:
                errors[place] = [_("There is nothing you may name here under that id or code.")]
            else:
                found.append(row)
        if errors:
            raise serializers.ValidationError(errors)
        return list(dict.fromkeys(found))

    def to_representation(self, value: Any) -> Any:
        return [row.pk for row in value]


class OfferingForm(Strict):
    """A new entry: an empty draft, which nobody can order by before it was published."""

    elsewhere = dict.fromkeys(("id", "url", "version", "present"), GIVEN)

    code = serializers.SlugField(max_length=50, help_text="Letters, digits, hyphen and underscore; for good.")
    name = Pair()
    service = Reference(services, code="code", see="services")
    kind = Pick(choices=Offering.Kind.choices, default=Offering.Kind.STANDARD)

    def validate_code(self, code: str) -> str:
        if Offering.objects.filter(code__iexact=code).exists():
            raise serializers.ValidationError(_("There is an entry with this code already."))
        return code

    def validate_name(self, name: Mapping[str, str]) -> Words:
        if not (name["en"] and name["zh"]):
            raise serializers.ValidationError(_("Give it in both languages."))
        return Words(name["en"], name["zh"])


class OfferingPatch(Strict):
    """What to change; what is left out stays. ``draft`` is always the whole draft."""

    elsewhere = {
        **dict.fromkeys(("id", "version", "has_changes", "hindrances"), GIVEN),
        **dict.fromkeys(
            ("name", "description", "price", "questions", "fields", "stages", "tasks"), PUBLISHED
        ),
        "code": gettext_lazy("This stays as it was entered."),
    }

    service = Reference(services, code="code", see="services", required=False)
    kind = Pick(choices=Offering.Kind.choices, required=False)
    audience = Pick(choices=Offering.Audience.choices, required=False)
    organisations = Customers(required=False, help_text="By id or code; with the audience `named`.")
    for_contacts_only = Flag(required=False)
    draft = DraftForm(required=False)


class PublishForm(Strict):
    reason = Text(
        max_length=500, required=False, allow_blank=True, default="", help_text="What has changed, and why."
    )


class AwayForm(Strict):
    words_en = Text(max_length=300, help_text="Why, for customers.")
    words_zh = Text(max_length=300)
    until = Instant(required=False, allow_null=True, default=None, help_text="The expected return.")


class WithdrawForm(Strict):
    reason = Text(max_length=500)
