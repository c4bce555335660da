"""Shapes of service level requirements: what is answered, to whom, and what each act takes."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

import accounts.queries
import sla.queries
from accounts.access import Actor
from accounts.models import User
from catalog.models import Service
from itsm.rest.fields import Instant, Pick, Reference, Text
from itsm.rest.serializers import Coded, NamedShape, PersonShape, Shape, Strict
from planning import designs
from planning.models import ServiceLevelRequirement, State
from planning.show import PORTAL_STATES
from records.services import MAX_TEXT
from sla.models import ServicePackage


class RequirementShape(Shape):
    """A row of a list. What customers read of a need; the provider reads its own state of it."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    url = serializers.SerializerMethodField()
    version = serializers.IntegerField(help_text="Also in the ETag.")
    title = serializers.CharField()
    state = serializers.SerializerMethodField(
        help_text="For customers: raised, defining (being worked on), agreed, declined."
    )
    customer = NamedShape()
    service = NamedShape(allow_null=True)
    expectation = serializers.CharField(source="description", help_text="In the words of who raised it.")
    wished_hours = serializers.CharField()
    why = serializers.CharField()
    answer = serializers.CharField(help_text="What the customer was told in the end.")
    opened_at = Instant()
    updated_at = Instant()

    def get_url(self, row: ServiceLevelRequirement) -> str:
        return reverse("api:requirements-detail", [row.number], request=self.context["request"])

    @extend_schema_field(Coded(State.choices))
    def get_state(self, row: ServiceLevelRequirement) -> dict[str, str]:
        if self.asker.is_desk_side:
            return {"code": row.state, "label": str(State(row.state).label)}
        code = row.state if row.state in ("raised", "agreed", "declined") else "defining"
        return {"code": code, "label": str(PORTAL_STATES[row.state][0])}


class BaselineShape(Shape):
    number = serializers.IntegerField()
    content = serializers.JSONField()
    reason = serializers.CharField()
    fixed_by = PersonShape()
    fixed_at = Instant()


class RequirementChangeShape(Shape):
    place = serializers.CharField(help_text="`hours/zh`, `measures/resolution//1`.")
    before = serializers.JSONField(allow_null=True)
    after = serializers.JSONField(allow_null=True)


class RequirementDetailShape(RequirementShape):
    """A requirement with what it says and what hinders going on. For the desk's side."""

    trigger = Coded(ServiceLevelRequirement.Trigger.choices)
    title_zh = serializers.CharField()
    requester = PersonShape()
    responsible = PersonShape(source="assignee", allow_null=True)
    agreement = NamedShape(allow_null=True)
    content = serializers.JSONField(help_text="The nine parts, duties and cost.")
    baselines = BaselineShape(many=True)
    changes_since_baseline = serializers.SerializerMethodField()
    hindrances = serializers.SerializerMethodField(help_text="What stands between it and a finished plan.")
    moves = serializers.SerializerMethodField(help_text="What your role may do with it in this state.")

    @extend_schema_field(RequirementChangeShape(many=True))
    def get_changes_since_baseline(self, row: ServiceLevelRequirement) -> Any:
        return RequirementChangeShape(designs.changes_since(row), many=True).data

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_hindrances(self, row: ServiceLevelRequirement) -> list[str]:
        return designs.hindrances(row)

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_moves(self, row: ServiceLevelRequirement) -> list[str]:
        return list(self.context["moves"])


# --- input -----------------------------------------------------------------------------------


def services(actor: Actor) -> Any:
    return Service.objects.published()


def packages(actor: Actor) -> Any:
    return ServicePackage.objects.filter(is_active=True)


def contacts(actor: Actor) -> Any:
    known = accounts.queries.customers(actor)
    return User.objects.filter(organisation__in=known, is_active=True)


class RaiseForm(Strict):
    """A need. Customers raise it for their own organisation."""

    desk_only = frozenset({"customer", "trigger", "title_zh", "agreement", "contact"})
    title = Text(max_length=200)
    expectation = Text(max_length=MAX_TEXT, trim_whitespace=False)
    wished_hours = Text(max_length=300, required=False, allow_blank=True)
    why = Text(max_length=MAX_TEXT, required=False, allow_blank=True)
    service = Reference(services, code="code", see="services", required=False)
    customer = Reference(accounts.queries.customers, code="code", see="organisations", required=False)
    trigger = Pick(choices=ServiceLevelRequirement.Trigger.choices, required=False)
    title_zh = Text(max_length=200, required=False, allow_blank=True)
    agreement = Reference(sla.queries.agreements, code="code", see="agreements", required=False)
    contact = Reference(
        contacts, code="username", see="users", required=False, help_text="Follows it in the portal."
    )


class PatchForm(Strict):
    """What it says; parts that are left out stay. After the baseline a reason is needed."""

    content = serializers.JSONField()
    reason = Text(max_length=1000, required=False, allow_blank=True, default="")


class DefineForm(Strict):
    responsible = Reference(accounts.queries.assignees, code="username", see="users")


class FixForm(Strict):
    reason = Text(
        max_length=MAX_TEXT, required=False, allow_blank=True, default="", help_text="Of a later one."
    )


class NothingForm(Strict):
    """No fields."""


class DeclineForm(Strict):
    reason = Text(max_length=MAX_TEXT, help_text="The customer reads this.")


class DraftForm(Strict):
    """The agreement it leads to: one there is, or a new one by code and names."""

    agreement = Reference(sla.queries.agreements, code="code", see="agreements", required=False, default=None)
    code = Text(max_length=50, required=False, allow_blank=True, default="")
    name_en = Text(max_length=200, required=False, allow_blank=True, default="")
    name_zh = Text(max_length=200, required=False, allow_blank=True, default="")
    package = Reference(packages, code="code", see="packages", required=False, default=None)
    effective_from = Instant()
