"""What-if replays of an edition over HTTP: ask for one, see how far it is, read what it found."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from django_filters import rest_framework as framework
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from accounts.access import require
from agreements import replays
from agreements.api_below import BelowEdition
from agreements.models import Edition
from agreements.replay_models import ReplayFlip, ReplayRun
from agreements.replay_pages import failure_words
from itsm.rest.fields import Instant
from itsm.rest.filters import Several
from itsm.rest.serializers import Coded, CodedNumber, PersonShape, Shape, Strict
from records.models import Priority, Record

PERIOD = {"start": "2026-01-01T00:00:00+08:00", "end": "2026-04-01T00:00:00+08:00"}


class TallyShape(Shape):
    """Clocks, counted as the reports do."""

    met = serializers.IntegerField()
    missed = serializers.IntegerField()
    excluded = serializers.IntegerField(help_text="Waived or cancelled.")
    pending = serializers.IntegerField(help_text="Still open.")
    percent = serializers.FloatField(allow_null=True, help_text="Attainment; null where nothing is decided.")


class PairShape(Shape):
    before = TallyShape(help_text="As it was.")
    after = TallyShape(help_text="Under these terms.")


class ReplayRowShape(PairShape):
    key = serializers.CharField(help_text="The target: `resolution//1`.")
    priority = serializers.IntegerField()
    goal_percent = serializers.FloatField(allow_null=True)


class FlipCountsShape(Shape):
    now_missed = serializers.IntegerField()
    now_met = serializers.IntegerField()


class ReplayResultShape(Shape):
    tickets = serializers.IntegerField()
    flips = FlipCountsShape()
    rows = ReplayRowShape(many=True)
    total = PairShape()
    credits = serializers.JSONField(
        help_text="Expected service credits `before` and `after`, by month; null without rules for them."
    )
    rewards = serializers.JSONField(
        required=False, help_text="Expected rewards in the same way; older replays do not tell them."
    )


class ReplayShape(Shape):
    id = serializers.IntegerField()
    url = serializers.SerializerMethodField()
    state = Coded(ReplayRun.State.choices)
    start = Instant(source="period_start")
    end = Instant(source="period_end", help_text="Not part of it.")
    done = serializers.IntegerField(help_text="Tickets judged so far.")
    total = serializers.IntegerField(help_text="0 until it has begun.")
    asked_by = PersonShape()
    asked_at = Instant(help_text="Also the instant as of which open tickets are judged.")
    finished_at = Instant(allow_null=True)
    failure = serializers.SerializerMethodField(help_text="Why it stopped; null where it did not.")
    outdated = serializers.SerializerMethodField(help_text="The terms were changed since.")
    result = serializers.SerializerMethodField(help_text="Null until it is finished.")

    def get_url(self, run: ReplayRun) -> str:
        where = [self.context["edition"].number, run.pk]
        return reverse("api:edition-replays-detail", where, request=self.context["request"])

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_failure(self, run: ReplayRun) -> str | None:
        return failure_words(run.error) or None

    def get_outdated(self, run: ReplayRun) -> bool:
        return bool(self.context["edition"].terms != run.terms)

    @extend_schema_field(ReplayResultShape(allow_null=True))
    def get_result(self, run: ReplayRun) -> Any:
        return run.result


class ReplayForm(Strict):
    """Tickets opened in [start, end)."""

    start = Instant()
    end = Instant(help_text="Not part of it.")


class FlipRecordShape(Shape):
    number = serializers.CharField()
    title = serializers.CharField()
    priority = CodedNumber(Priority.choices)


class FlipShape(Shape):
    id = serializers.IntegerField()
    record = FlipRecordShape()
    target_key = serializers.CharField()
    direction = Coded(ReplayFlip.Direction.choices)
    at = Instant(allow_null=True, help_text="When it is missed, under the terms that miss it.")
    seconds = serializers.IntegerField(allow_null=True, help_text="By so much working time.")


class FlipFilters(framework.FilterSet):  # type: ignore[misc]
    direction = Several(choices=ReplayFlip.Direction.choices)
    target_key = framework.CharFilter(max_length=120)


class OfEdition(BelowEdition):
    """For those who make agreements."""

    def edition(self) -> Edition:
        """404 where it is invisible, 403 for who makes no agreements."""
        found = super().edition()
        require(self.actor, "draft_agreement")
        return found


@extend_schema_view(
    list=extend_schema(summary="The replays of an edition, the newest first", tags=["agreements"]),
    retrieve=extend_schema(summary="One replay: how far it is, and what it found", tags=["agreements"]),
)
class Replays(mixins.RetrieveModelMixin, OfEdition):
    queryset = ReplayRun.objects.none()
    serializer_class = ReplayShape
    ordering = "-id"

    def get_queryset(self) -> QuerySet[ReplayRun]:
        self.of = self.edition()
        return ReplayRun.objects.filter(edition=self.of).select_related("asked_by")

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "edition": getattr(self, "of", None)}

    @extend_schema(
        summary="Judge past tickets anew under the terms of this edition",
        description="Done in the background: ask at the address of `Location` until the state is `done`.",
        request=ReplayForm,
        responses={202: ReplayShape},
        examples=[OpenApiExample("A quarter", value=PERIOD, request_only=True)],
        tags=["agreements"],
    )
    def create(self, request: Request, number: str) -> Response:
        self.of = self.edition()
        form = ReplayForm(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        run = replays.ask(self.of, **form.validated_data, actor=self.actor, now=self.now)
        data = self.get_serializer(self.get_queryset().get(pk=run.pk)).data
        return Response(data, status=202, headers={"Location": data["url"]})


@extend_schema_view(
    list=extend_schema(
        summary="The tickets that change sides, as far as you may see them", tags=["agreements"]
    )
)
class Flips(OfEdition):
    queryset = ReplayFlip.objects.none()
    serializer_class = FlipShape
    filterset_class = FlipFilters
    ordering = "id"

    def get_queryset(self) -> QuerySet[ReplayFlip]:
        rows = ReplayRun.objects.filter(edition=self.edition(), pk=int(self.kwargs["replay"]))
        run = rows.first()
        if run is None:
            raise Http404(_("There is no such replay."))
        seen = Record.objects.visible_to(self.actor).filter(pk__in=run.flips.values("record")).values("pk")
        return run.flips.filter(record__in=seen).select_related("record")
