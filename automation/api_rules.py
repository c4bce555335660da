"""Rules over HTTP: written in editions, tried on existing tickets, switched on and off; what they did."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

import accounts.queries
from accounts.access import Actor, require
from automation import api_base, rule_forms, rules, steps, telling
from automation.api_base import GIVEN, ID, TAGS, Partly, RuleStepForm, StepLineShape, StepShape, TicketKind
from automation.models import Rule, RuleEdition, Run, TryOut, When
from catalog.models import Service
from customers.models.profiles import Grade
from itsm.rest import schema
from itsm.rest.fields import Flag, Instant, Pick, Reference, Text
from itsm.rest.pagination import SortKey
from itsm.rest.problems import refuse
from itsm.rest.serializers import Coded, PersonShape, Shape, Strict
from itsm.rest.views import created
from records.models import Channel, Priority, Record
from sla.models import Calendar

NEW = {
    "name_en": "Storm at night", "when": "opened",
    "conditions": [{"kinds": ["incident"], "priorities": [1, 2], "hours": "outside", "calendar": "office"}],
    "steps": [{"change": "team", "value": 2}], "position": 50,
}  # fmt: skip
OWN = ("name_en", "name_zh", "position")


class RuleShape(Shape):
    id = serializers.IntegerField()
    name = serializers.CharField()
    position = serializers.IntegerField(help_text="Rules are asked from the smallest to the largest.")
    is_on = serializers.SerializerMethodField()
    edition = serializers.IntegerField(source="active.number", default=None, allow_null=True)
    when = serializers.SerializerMethodField(help_text="Of the edition in force.")
    keeper = PersonShape(allow_null=True, help_text="Who switched it on; it may do what that person may.")
    failures = serializers.IntegerField(help_text="In a row; five pause it.")
    paused_reason = serializers.CharField()
    version = serializers.IntegerField()

    def get_is_on(self, row: Rule) -> bool:
        return row.active_id is not None

    def get_when(self, row: Rule) -> str | None:
        return When(row.active.when).value if row.active else None


class RuleEditionShape(Shape):
    number = serializers.IntegerField()
    when = serializers.CharField()
    into = serializers.ListField(child=serializers.CharField())
    hours = serializers.IntegerField(allow_null=True)
    conditions = serializers.ListField(child=serializers.DictField())
    steps = serializers.SerializerMethodField()
    stops = serializers.BooleanField()
    is_tried = serializers.SerializerMethodField(help_text="Whether it was tried out.")

    @extend_schema_field(StepShape(many=True))
    def get_steps(self, row: RuleEdition) -> list[dict[str, Any]]:
        return api_base.shown_steps(row.steps, self.asker)

    def get_is_tried(self, row: RuleEdition) -> bool:
        return row.tries.exists()


class RuleDetailShape(RuleShape):
    name_en = serializers.CharField()
    name_zh = serializers.CharField()
    newest = serializers.SerializerMethodField(help_text="The newest edition, in force or not.")

    @extend_schema_field(RuleEditionShape)
    def get_newest(self, row: Rule) -> Any:
        return RuleEditionShape(rules.latest(row), context=self.context).data


class RuleRunShape(Shape):
    id = serializers.IntegerField()
    at = Instant()
    record = serializers.CharField(source="record.number")
    edition = serializers.IntegerField(source="edition.number")
    outcome = Coded(Run.Outcome.choices)
    error = serializers.CharField()
    lines = serializers.SerializerMethodField()

    def get_lines(self, run: Run) -> list[dict[str, Any]]:
        return [dict(StepLineShape(line).data) for line in telling.read(run.lines)]


class TryOutRowShape(Shape):
    record = serializers.CharField(source="record.number")
    lines = serializers.SerializerMethodField(help_text="What each step would do.")

    @extend_schema_field(StepLineShape(many=True))
    def get_lines(self, row: Any) -> list[dict[str, Any]]:
        return [dict(StepLineShape(line).data) for line in telling.read(row.lines)]


class TryOutShape(Shape):
    id = serializers.IntegerField()
    edition = serializers.IntegerField(source="edition.number")
    at = Instant()
    by = PersonShape()
    days = serializers.IntegerField()
    looked = serializers.IntegerField(help_text="Tickets looked at: the newest 1,000 at most.")
    matched = serializers.IntegerField()
    is_whole = serializers.BooleanField(help_text="False: it was stopped before all were looked at.")
    rows = serializers.SerializerMethodField(help_text="What matched, of what you may see.")

    @extend_schema_field(TryOutRowShape(many=True))
    def get_rows(self, row: TryOut) -> Any:
        seen = Record.objects.visible_to(self.asker)
        rows = row.rows.filter(record__in=seen).select_related("record").order_by("pk")
        return TryOutRowShape(rows, many=True, context=self.context).data


# --- input ---------------------------------------------------------------------------------------


class Word(Text):
    """One line of text."""

    def to_internal_value(self, data: Any) -> str:
        found = super().to_internal_value(data)
        if len(found.splitlines()) > 1:
            raise serializers.ValidationError(_("Give it in one line."), "lines")
        return found


def _words(**options: Any) -> serializers.ListField:
    most = rule_forms.MOST_WORDS
    return serializers.ListField(child=Word(max_length=200), required=False, max_length=most, **options)


@extend_schema_field({"type": "string"})
class Code(Pick):
    """Among codes the document names elsewhere."""


@extend_schema_field({"type": "integer"})
class NumberCode(Pick):
    """Among numbers the document names elsewhere."""


def _codes(choices: Any, kind: type[Pick] = Code) -> serializers.ListField:
    return serializers.ListField(child=kind(choices), required=False, max_length=50)


def published(actor: Actor) -> Any:
    return Service.objects.published()


def calendars(actor: Actor) -> Any:
    return Calendar.objects.all()


class ConditionForm(Strict):
    """A group: all it names must hold."""

    kinds = serializers.ListField(child=TicketKind(), required=False)
    priorities = _codes(Priority.choices, NumberCode)
    channels = _codes(Channel.choices)
    grades = _codes(Grade.choices)
    customers = api_base.ManyRows(accounts.queries.customers, required=False)
    services = api_base.ManyRows(published, required=False)
    teams = api_base.ManyRows(api_base.teams, required=False)
    categories = _words(help_text="One of them.")
    words = _words(help_text="The title or description contains one of them.")
    without = _words(help_text="The title and description contain none of them.")
    unassigned = Flag(required=False)
    targets = _codes(rule_forms.TARGETS)
    hours = Pick(rule_forms.HOURS[1:], required=False, help_text="Within or outside the calendar's hours.")
    calendar = Reference(calendars, code="code", see="calendars", required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        given = {**attrs, "calendar": attrs["calendar"].pk} if "calendar" in attrs else attrs
        form = rule_forms.bound_group(given, self.asker)
        if not form.is_valid():
            wrong: dict[str, Any] = {name: list(found) for name, found in form.errors.items()}
            raise serializers.ValidationError(wrong)
        if not (group := form.group()):
            raise serializers.ValidationError(_("Name at least one condition."), "required")
        return group


class RuleForm(Strict):
    """A new rule. It does nothing before it is switched on."""

    elsewhere = dict.fromkeys(("id", "name", "version", "edition", "is_on", "keeper"), GIVEN)

    name_en = Text(max_length=200)
    name_zh = Text(max_length=200, required=False, allow_blank=True)
    position = serializers.IntegerField(min_value=0, max_value=30_000, required=False)
    when = Text(max_length=10, help_text=", ".join(f"`{code}`" for code in When.values))
    into = serializers.ListField(
        child=Text(max_length=40), required=False, max_length=50, help_text="States, as `incident:on_hold`."
    )
    hours = serializers.IntegerField(min_value=1, max_value=9999, required=False, allow_null=True)
    conditions = ConditionForm(  # type: ignore[call-arg]
        many=True, required=False, max_length=rule_forms.GROUPS, help_text="One of the groups must hold."
    )
    steps = RuleStepForm(many=True, max_length=steps.MOST)  # type: ignore[call-arg]
    stops = Flag(required=False, help_text="Later rules are not asked after it.")

    def validate_into(self, given: list[str]) -> list[str]:
        known = {code for code, _label in rules.states()}
        wrong = {
            place: [_("There is no such state.")] for place, code in enumerate(given) if code not in known
        }
        if wrong:
            raise serializers.ValidationError(wrong)  # type: ignore[arg-type]
        return given


class RulePatch(Partly, RuleForm):
    """What the next edition says differently. ``conditions`` and ``steps`` are always all of them."""


class TryOutForm(Strict):
    days = serializers.IntegerField(min_value=1, max_value=rules.MOST_DAYS)


class SwitchOnForm(Strict):
    edition = serializers.IntegerField(min_value=1, max_value=2**31 - 1, help_text="Its number.")
    reason = Text(max_length=300, required=False, help_text="Needed where this edition was not tried out.")


class SwitchOffForm(Strict):
    reason = Text(max_length=300, required=False)


# --- the resource --------------------------------------------------------------------------------


@extend_schema_view(list=extend_schema(summary="Automation rules, in their order", tags=TAGS))
class Rules(api_base.Written):
    """For managers."""

    queryset = Rule.objects.none()
    serializer_class = RuleShape
    detail_shape = RuleDetailShape
    orderings: ClassVar[dict[str, SortKey]] = {"position": SortKey("position"), "id": SortKey("id")}
    ordering = "position"
    problems_of = {"switch_on": ("stale",), "switch_off": ("stale",)}

    def get_queryset(self) -> QuerySet[Rule]:
        require(self.actor, self.lead)
        return Rule.objects.select_related("active", "keeper__organisation")

    @extend_schema(
        summary="One rule with its newest edition", responses=RuleDetailShape, parameters=[ID], tags=TAGS
    )
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.answer(self.get_object())

    @extend_schema(
        summary="Write a rule",
        request=RuleForm,
        responses={201: RuleDetailShape},
        examples=[OpenApiExample("At night", value=NEW, request_only=True)],
        tags=TAGS,
    )
    def create(self, request: Request) -> Response:
        """Then try it out and switch it on."""
        require(self.actor, self.lead)
        row = rules.save(None, self.checked(RuleForm), actor=self.actor, now=self.now)
        data, headers = self.shown(row)
        return created(data, reverse("api:automation-rules-detail", [row.pk], request=request), **headers)

    @extend_schema(
        summary="Write the next edition of a rule",
        request=RulePatch,
        responses=RuleDetailShape,
        parameters=[schema.IF_MATCH_REQUIRED, ID],
        examples=[
            OpenApiExample(
                "Of other tickets", value={"conditions": [{"words": ["printer"]}]}, request_only=True
            )
        ],
        tags=TAGS,
    )
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The edition in force stays so until this one is switched on."""
        row, expected = self.begin(lambda _row: None)
        newest = rules.latest(row)
        facts = {
            **{name: getattr(row, name) for name in OWN},
            **{name: getattr(newest, name) for name in rules.CONTENT},
            **self.checked(RulePatch),
        }
        # what was read above is what is written on: "*" means the version of this moment
        rules.save(row, facts, actor=self.actor, now=self.now, expected_version=expected or row.version)
        return self.answer(row)

    @extend_schema(
        summary="Its last 100 runs", responses=RuleRunShape(many=True), parameters=[ID], tags=TAGS,
        filters=False,
    )  # fmt: skip
    @action(detail=True, methods=["get"], pagination_class=None)
    def runs(self, request: Request, pk: str) -> Response:
        seen = Record.objects.visible_to(self.actor)
        rows = self.get_object().runs.filter(record__in=seen).select_related("record", "edition")
        return Response(RuleRunShape(rows.order_by("-pk")[:100], many=True).data)

    @extend_schema(
        summary="Try the newest edition on existing tickets",
        request=TryOutForm,
        responses={201: TryOutShape},
        parameters=[ID],
        examples=[OpenApiExample("A month", value={"days": 30}, request_only=True)],
        tags=TAGS,
        filters=False,
    )
    @action(detail=True, methods=["post"], url_path="try-outs", pagination_class=None)
    def try_out(self, request: Request, pk: str) -> Response:
        """Tickets are only read."""
        row = self.get_object()
        days = self.checked(TryOutForm)["days"]
        tried = rules.try_out(rules.latest(row), days=days, actor=self.actor, now=self.now)
        place = reverse("api:automation-rules-tried", [row.pk, tried.pk], request=request)
        return created(TryOutShape(tried, context=self.get_serializer_context()).data, place)

    @extend_schema(
        summary="What a try-out found", responses=TryOutShape, parameters=[ID], tags=TAGS, filters=False
    )
    @action(
        detail=True, methods=["get"], url_path=f"try-outs/(?P<run>{api_base.DIGITS})", pagination_class=None
    )
    def tried(self, request: Request, pk: str, run: str) -> Response:
        rows = TryOut.objects.select_related("edition", "by__organisation")
        found = get_object_or_404(rows, pk=run, edition__rule=self.get_object())
        return Response(TryOutShape(found, context=self.get_serializer_context()).data)

    @extend_schema(
        summary="Switch an edition on",
        request=SwitchOnForm,
        responses=RuleDetailShape,
        parameters=[schema.IF_MATCH, ID],
        examples=[OpenApiExample("Tried out", value={"edition": 2}, request_only=True)],
        tags=TAGS,
        filters=False,
    )
    @action(detail=True, methods=["post"], url_path="switch-on", pagination_class=None)
    def switch_on(self, request: Request, pk: str) -> Response:
        """In the name of whoever does it; with a reason where it was not tried out."""
        row, expected = self.begin(lambda _row: None, required=False)
        given = self.checked(SwitchOnForm)
        edition = row.editions.filter(number=given["edition"]).first()
        if edition is None:
            raise refuse("edition", _("There is no such edition."), "does_not_exist")
        rules.switch_on(
            row, edition, actor=self.actor, now=self.now, reason=given.get("reason", ""),
            expected_version=expected,
        )  # fmt: skip
        return self.answer(row)

    @extend_schema(
        summary="Switch a rule off",
        request=SwitchOffForm,
        responses=RuleDetailShape,
        parameters=[schema.IF_MATCH, ID],
        examples=[OpenApiExample("Off", value={"reason": "The storm is over"}, request_only=True)],
        tags=TAGS,
        filters=False,
    )
    @action(detail=True, methods=["post"], url_path="switch-off", pagination_class=None)
    def switch_off(self, request: Request, pk: str) -> Response:
        """Safe to repeat."""
        row, expected = self.begin(lambda _row: None, required=False)
        reason = self.checked(SwitchOffForm).get("reason", "")
        rules.switch_off(row, actor=self.actor, now=self.now, reason=reason, expected_version=expected)
        return self.answer(row)
