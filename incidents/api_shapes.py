"""Shapes of an incident: what is answered, and what each act takes."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

import accounts.queries
import catalog.queries
from accounts.access import Actor
from accounts.models import Team
from cmdb.models import Item
from incidents.models import (
    BackfillSource,
    ContactType,
    EventKind,
    Incident,
    ResolutionCode,
    State,
    WaitingFor,
)
from itsm.rest.fields import Flag, Instant, Pick, Reference, Text
from itsm.rest.serializers import Coded, CodedNumber, ItemShape, NamedShape, PersonShape, Shape, Strict
from records.api_clocks import SummaryShape
from records.api_filters import PHASES
from records.models import Channel, Level, Link, Priority
from records.services import MAX_TEXT
from sla.models import Agreement, Breach
from suppliers.models import Supplier


def long(**kwargs: Any) -> Text:
    """A text of several lines, kept as it is written."""
    return Text(max_length=MAX_TEXT, trim_whitespace=False, **kwargs)


class IncidentShape(Shape):
    """A row of a list. Codes are for programs, labels for people."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    url = serializers.SerializerMethodField()
    version = serializers.IntegerField(help_text="Also in the ETag.")
    title = serializers.CharField()
    description = serializers.CharField()
    state = Coded(State.choices)
    phase = serializers.ChoiceField(choices=PHASES)
    waiting_for = Coded(WaitingFor.choices)
    priority = CodedNumber(Priority.choices)
    priority_reason = serializers.CharField()
    impact = CodedNumber(Level.choices)
    urgency = CodedNumber(Level.choices)
    customer = NamedShape()
    requester = PersonShape()
    reporter = PersonShape()
    service = NamedShape(allow_null=True)
    item = ItemShape(allow_null=True)
    team = NamedShape(allow_null=True)
    assignee = PersonShape(allow_null=True)
    owner = PersonShape(allow_null=True)
    channel = Coded(Channel.choices)
    contact_type = Coded(ContactType.choices)
    category = serializers.CharField()
    subcategory = serializers.CharField()
    symptom = serializers.CharField()
    site = serializers.CharField()
    occurred_at = Instant(allow_null=True)
    opened_at = Instant()
    updated_at = Instant()
    next_due_at = Instant(allow_null=True)
    done_at = Instant(allow_null=True)
    resolution_code = Coded(ResolutionCode.choices)
    resolution = serializers.CharField()
    resolved_by = PersonShape(allow_null=True)
    resolved_tier = Coded(Team.Tier.choices)
    resolved_at = Instant(allow_null=True)
    on_site_at = Instant(allow_null=True)
    restored_at = Instant(allow_null=True)
    user_notified_at = Instant(allow_null=True)
    confirmed_at = Instant(allow_null=True)
    confirmed_by = PersonShape(allow_null=True)
    closed_at = Instant(allow_null=True)
    reopen_count = serializers.IntegerField()
    event_kind = Coded(EventKind.choices)
    parent = serializers.SerializerMethodField(  # type: ignore[assignment]
        help_text="The number of the incident it stands behind."
    )
    repeat_of = serializers.SerializerMethodField(help_text="The number of the incident it repeats.")
    is_backfilled = serializers.BooleanField(help_text="Logged afterwards, with its real times.")
    backfill_source = Coded(BackfillSource.choices)
    bypassed_by = PersonShape(allow_null=True, help_text="Who helped without the desk.")
    urge_count = serializers.IntegerField(help_text="How often the customer urged.")
    urged_at = Instant(allow_null=True)
    source = serializers.CharField()  # type: ignore[assignment]
    external_reference = serializers.CharField()
    supplier = NamedShape(
        allow_null=True, help_text="Who has it while it waits for a supplier; for the desk."
    )
    supplier_reference = serializers.CharField(allow_null=True, help_text="Their number; for the desk.")

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_parent(self, incident: Incident) -> str | None:
        return self._number_of(incident, incident.parent)

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_repeat_of(self, incident: Incident) -> str | None:
        return self._number_of(incident, incident.repeat_of)

    def _number_of(self, incident: Incident, other: Incident | None) -> str | None:
        """Not across customers: who reads the one may not know of the other."""
        return other.number if other and other.customer_id == incident.customer_id else None

    def get_url(self, incident: Incident) -> str:
        return reverse("api:incidents-detail", [incident.number], request=self.context["request"])

    def to_representation(self, instance: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().to_representation(instance)
        # which supplier is no business of the customer's
        hidden = {} if self.asker.is_desk_side else {"supplier": None, "supplier_reference": None}
        return {**found, **hidden}


class LinkShape(Shape):
    type = Coded(Link.Type.choices)
    direction = serializers.ChoiceField(choices=["outward", "inward"])
    number = serializers.CharField()
    title = serializers.CharField()
    kind = serializers.CharField()


class IncidentDetailShape(IncidentShape):
    """An incident with what can be done next, its clocks and its links."""

    moves = serializers.SerializerMethodField(help_text="What you may do with it now.")
    clocks = serializers.SerializerMethodField()
    links = serializers.SerializerMethodField()

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_moves(self, incident: Incident) -> list[str]:
        return list(self.context["moves"])

    @extend_schema_field(SummaryShape(many=True))
    def get_clocks(self, incident: Incident) -> Any:
        return SummaryShape(self.context["clocks"], many=True, context=self.context).data

    @extend_schema_field(LinkShape(many=True))
    def get_links(self, incident: Incident) -> Any:
        return LinkShape(self.context["links"], many=True, context=self.context).data


# --- input -----------------------------------------------------------------------------------

MOVED = _("The state is changed by moves, such as POST /api/v1/incidents/INC0000001/resolve/.")
ASSIGNED = _("Use POST /api/v1/incidents/INC0000001/assign/.")
GIVEN = _("The system sets this itself.")
ELSEWHERE: Mapping[str, Any] = {
    **dict.fromkeys(("state", "phase", "waiting_for"), MOVED),
    **dict.fromkeys(("resolution", "resolution_code"), _("Use POST /api/v1/incidents/INC0000001/resolve/.")),
    **dict.fromkeys(
        (
            "id", "number", "url", "version", "opened_at", "updated_at", "next_due_at", "done_at", "owner",
            "resolved_by", "resolved_tier", "resolved_at", "confirmed_at", "confirmed_by", "closed_at",
            "on_site_at", "reopen_count", "moves", "clocks", "links", "is_backfilled", "backfill_source",
            "bypassed_by", "urge_count", "urged_at", "repeat_of",
        ),
        GIVEN,
    ),
    **dict.fromkeys(
        ("supplier", "supplier_reference"), _("Use POST /api/v1/incidents/INC0000001/hold/.")
    ),
    "parent": _("Use POST /api/v1/incidents/INC0000001/attach/."),
}  # fmt: skip


def active_items(actor: Actor) -> QuerySet[Item]:
    return Item.objects.visible_to(actor).filter(is_active=True)


def active_teams(actor: Actor) -> QuerySet[Team]:
    return accounts.queries.teams(actor).filter(is_active=True)


def person(**kwargs: Any) -> Reference:
    return Reference(accounts.queries.colleagues, code="username", see="users", **kwargs)


def helper(**kwargs: Any) -> Reference:
    return Reference(accounts.queries.assignees, code="username", see="users", **kwargs)


def team(**kwargs: Any) -> Reference:
    return Reference(active_teams, code="code", see="teams", **kwargs)


class Facts(Strict):
    """What both a new and a changed incident may be told."""

    desk_only = frozenset({"priority", "priority_reason", "event_kind"})

    title = Text(max_length=200)
    description = long(required=False, allow_blank=True)
    requester = person(required=False)
    service = Reference(
        catalog.queries.nameable, code="code", see="services", required=False, allow_null=True
    )
    impact = Pick(choices=Level.choices, required=False, help_text="1 high, 2 medium, 3 low.")
    urgency = Pick(choices=Level.choices, required=False, help_text="1 high, 2 medium, 3 low.")
    priority = Pick(
        choices=Priority.choices, required=False, help_text="Overrides the matrix; needs a reason."
    )
    priority_reason = Text(max_length=300, required=False, allow_blank=True)
    contact_type = Pick(choices=ContactType.choices, required=False)
    event_kind = Pick(choices=EventKind.choices, required=False)
    category = Text(max_length=100, required=False, allow_blank=True)
    subcategory = Text(max_length=100, required=False, allow_blank=True)
    symptom = Text(max_length=100, required=False, allow_blank=True)
    site = Text(max_length=200, required=False, allow_blank=True)
    item = Reference(active_items, code="name", see="items", required=False, allow_null=True)
    occurred_at = Instant(required=False, allow_null=True)


class IncidentForm(Facts):
    """A new incident. Only the title is always needed; who is not a customer names the requester too."""

    elsewhere = ELSEWHERE
    desk_only = Facts.desk_only | {"channel", "team", "assignee", "external_reference", "source"}

    customer = Reference(
        accounts.queries.customers, code="code", see="organisations", required=False,
        help_text="Default: the requester's organisation.",
    )  # fmt: skip
    reporter = person(required=False, help_text="Who reported it for the requester.")
    channel = Pick(
        choices=Channel.choices, required=False,
        help_text="Default: `portal` for customers, `monitoring` for integrations, else `phone`.",
    )  # fmt: skip
    team = team(required=False, allow_null=True)
    assignee = helper(required=False, allow_null=True)
    external_reference = Text(max_length=100, required=False, help_text="Unique together with `source`.")
    source = Text(max_length=40, required=False, help_text="Default: your name.")  # type: ignore[assignment]


class IncidentPatch(Facts):
    """Facts to change; what is left out stays."""

    elsewhere: ClassVar[Mapping[str, Any]] = {
        **ELSEWHERE,
        **dict.fromkeys(("team", "assignee"), ASSIGNED),
        **dict.fromkeys(
            ("customer", "reporter", "channel", "source", "external_reference"),
            _("This stays as it was opened."),
        ),
    }

    restored_at = Instant(required=False, allow_null=True)
    user_notified_at = Instant(required=False, allow_null=True)


class Nothing(Strict):
    """No fields."""


def active_suppliers(actor: Actor) -> QuerySet[Supplier]:
    return Supplier.objects.filter(is_active=True)


class HoldForm(Strict):
    reason = Pick(choices=WaitingFor.choices, help_text="What it waits for. Some reasons pause the clocks.")
    supplier = Reference(
        active_suppliers, code="code", see="suppliers", required=False, allow_null=True,
        help_text="Whose contract is measured while the ticket waits for a supplier.",
    )  # fmt: skip
    supplier_reference = Text(max_length=100, required=False, allow_blank=True)
    note = long(required=False, allow_blank=True)


class ResolveForm(Strict):
    code = Pick(choices=ResolutionCode.choices, default=ResolutionCode.SOLVED)
    steps = long(help_text="What solved it.")
    restored_at = Instant(required=False, help_text="When the service worked again, if before now.")


class SupplierRepliedForm(Strict):
    note = long(help_text="What the supplier said.")
    reference = Text(max_length=100, required=False, allow_blank=True)


class ReachedForm(Strict):
    at = Instant(required=False, help_text="When it happened, if before now.")
    note = long(required=False, allow_blank=True)


class ConfirmForm(Strict):
    note = long(required=False, allow_blank=True)
    close = Flag(default=False, help_text="Close it in the same act.")


class CloseForm(Strict):
    no_answer = long(
        required=False, allow_blank=True, help_text="How the requester was asked without an answer."
    )


def measured_agreements(actor: Actor) -> QuerySet[Agreement]:
    return Agreement.objects.exclude(kind=Agreement.Kind.SLA)


class CorrectionForm(Strict):
    title = Text(max_length=200, help_text="What is to be done.")
    responsible = helper()
    due_on = serializers.DateField()


class ExplainForm(Strict):
    clock = serializers.IntegerField(help_text="The id of the clock whose target was missed.")
    reason = Pick(choices=Breach.Reason.choices)
    note = long(required=False, allow_blank=True, default="")
    agreement = Reference(
        measured_agreements, code="code", see="agreements", required=False, allow_null=True,
        help_text="The OLA or UC that was broken and made it fail, if one was.",
    )  # fmt: skip
    no_action = Text(
        max_length=300, required=False, allow_blank=True, help_text="Why nothing needs to be corrected."
    )
    action = CorrectionForm(required=False, allow_null=True)


class ReasonForm(Strict):
    reason = long()


class AssignForm(Strict):
    team = team(required=False, allow_null=True, help_text="Left out: the present team.")
    assignee = helper(required=False, allow_null=True)
    note = long(required=False, allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not {"team", "assignee"} & set(attrs):
            message = serializers.ErrorDetail(str(_("Name a team, a person, or both.")), "required")
            raise serializers.ValidationError({"team": [message]})
        return attrs


class EscalateForm(Strict):
    team = team(required=False, help_text="Default: the second line of the service.")
    reason = long()


class AttachForm(Strict):
    parent = Text(  # type: ignore[assignment]
        max_length=20, help_text="The number of the incident it is to stand behind."
    )


class UrgeForm(Strict):
    note = long(required=False, allow_blank=True)


class InformForm(Strict):
    person = helper(help_text="Who of the management was informed.")
    note = long(help_text="How, and what was said.")
    at = Instant(required=False, help_text="When it happened, if before now.")


class LinkForm(Strict):
    other = Text(max_length=20, help_text="The number of the other record.")
    type = Pick(choices=[(kind.value, kind.label) for kind in Link.BY_HAND], default=Link.Type.RELATED)
