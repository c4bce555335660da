"""The shape of whose time a record's was."""

from typing import Any

from rest_framework import serializers

from itsm.rest.fields import Instant
from itsm.rest.serializers import Shape
from records.explain import party_words
from sla.cases import stamp
from sla.models import Holding


class PartyShape(Shape):
    code = serializers.ChoiceField(choices=Holding.Party.choices)
    name = serializers.CharField(help_text="Of the team or supplier; else what the party is, in words.")

    def to_representation(self, instance: Any) -> dict[str, Any]:
        return {"code": instance.party, "name": party_words(instance)}


class ShareShape(Shape):
    party = PartyShape()
    seconds = serializers.IntegerField(help_text="By the clock on the wall.")
    counted = serializers.IntegerField(help_text="Working seconds of the resolution target in them.")

    def to_representation(self, instance: Any) -> dict[str, Any]:
        return {
            "party": PartyShape(instance).data, "seconds": instance.seconds, "counted": instance.counted
        }  # fmt: skip


class HandSpanShape(Shape):
    party = PartyShape()
    until = Instant(allow_null=True, help_text="Null while it is still there.")

    def get_fields(self) -> dict[str, Any]:
        # "from" is a word of Python's own
        return {"from": Instant(), **super().get_fields()}


class HandsShape(Shape):
    """The shares sum to the totals; the spans follow each other without gap."""

    seconds = serializers.IntegerField()
    counted = serializers.IntegerField(allow_null=True, help_text="Null where no resolution was promised.")
    shares = ShareShape(many=True)
    spans = HandSpanShape(many=True)

    def to_representation(self, instance: Any) -> dict[str, Any]:
        last = len(instance.spans) - 1
        return {
            "seconds": instance.seconds,
            "counted": instance.counted if instance.is_counted else None,
            "shares": ShareShape(instance.shares, many=True).data,
            "spans": [
                {
                    "party": PartyShape(span).data,
                    "from": stamp(span.start),
                    "until": None if instance.is_open and place == last else stamp(span.end),
                }
                for place, span in enumerate(instance.spans)
            ],
        }
