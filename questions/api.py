"""Questions over HTTP: keep, change and delete them, their answers, and the rows behind each figure."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.routers import SimpleRouter

from accounts.access import require
from itsm.rest import schema, versions
from itsm.rest.fields import Instant, Pick, Reference, Text
from itsm.rest.pagination import SortKey
from itsm.rest.problems import Problem, refuse
from itsm.rest.serializers import NamedShape, PersonShape, Shape, Strict
from itsm.rest.views import ViewSet, created
from questions import answers, layout, pages, services
from questions import content as contents
from questions.answers import OTHERS, Answer, Cell
from questions.content import Plan
from questions.models import Question
from questions.subjects import base

TAGS = ["questions"]
ID = OpenApiParameter("id", int, OpenApiParameter.PATH)
DAYS = [
    OpenApiParameter("from", str, description="Asked about other days: the first, such as 2026-03-01."),
    OpenApiParameter("to", str, description="The last day; both are included."),
]
CONTENT = {
    "subject": "incidents", "at": "opened", "period": "last_12_weeks", "from": None, "to": None,
    "filters": {"priority": ["1", "2"]}, "by": "opened.week", "across": "priority",
    "measure": "duration.median", "chart": "line",
}  # fmt: skip


class QuestionContentShape(Shape):
    subject = serializers.CharField(help_text="A key of `subjects/`.")
    at = serializers.CharField(help_text="The instant the period is about.")
    period = serializers.CharField(help_text="`last_month`, `last_12_weeks` …, `fixed`, or `always`.")
    filters = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))
    by = serializers.CharField(help_text="The dimension of the rows; empty for none.")
    across = serializers.CharField(help_text="The dimension of the columns; empty for none.")
    measure = serializers.CharField()
    chart = serializers.CharField()

    def get_fields(self) -> dict[str, Any]:
        # two names are words of Python
        days = {name: serializers.DateField(allow_null=True) for name in ("from", "to")}
        return {**super().get_fields(), **days}


class QuestionShape(Shape):
    id = serializers.IntegerField()
    url = serializers.SerializerMethodField()
    name = serializers.CharField(help_text="In the reader's language.")
    name_en = serializers.CharField()
    name_zh = serializers.CharField()
    owner = PersonShape()
    sharing = serializers.ChoiceField(choices=Question.Sharing.choices)
    team = NamedShape(allow_null=True)
    content = QuestionContentShape()
    may_change = serializers.SerializerMethodField()
    version = serializers.IntegerField()
    updated_at = Instant()

    def get_url(self, row: Question) -> str:
        return f"/api/v1/questions/{row.pk}/"

    def get_may_change(self, row: Question) -> bool:
        return services.may_change(row, self.asker)


class ContentField(serializers.DictField):
    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, Mapping):
            self.fail("not_a_dict", input_type=type(data).__name__)
        if stray := sorted(set(data) - set(CONTENT)):
            message = _("There is no such field: %(name)s.") % {"name": str(stray[0])[:40]}
            raise serializers.ValidationError(message, "unknown_field")
        return dict(data)


class QuestionPatch(Strict):
    name_en = Text(required=False, allow_blank=True, max_length=200)
    name_zh = Text(required=False, allow_blank=True, max_length=200)
    sharing = Pick(choices=Question.Sharing.choices, required=False)
    team = Reference(services.teams_for, code="code", see="teams", required=False, allow_null=True)
    content = ContentField(required=False, help_text="What is asked, as an answer has it.")


class QuestionSubjectShape(Shape):
    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    needs_period = serializers.BooleanField()
    instants = serializers.ListField(child=serializers.DictField(child=serializers.CharField()))
    dimensions = serializers.ListField(child=serializers.DictField(child=serializers.CharField()))
    measures = serializers.ListField(child=serializers.DictField(child=serializers.CharField()))


class QuestionFigureShape(Shape):
    row = serializers.CharField(allow_null=True, help_text="Key of the row; “~” others, null all.")
    row_label = serializers.CharField()
    column = serializers.CharField(allow_null=True)
    column_label = serializers.CharField()
    value = serializers.FloatField(allow_null=True)
    no_data = serializers.BooleanField()
    numerator = serializers.IntegerField(allow_null=True)
    record_count = serializers.IntegerField()
    records = serializers.URLField()


class QuestionAnswerShape(Shape):
    sentence = serializers.CharField()
    period = serializers.CharField()
    unit = serializers.CharField(help_text="rows, percent, seconds, working, minutes, points.")
    total = QuestionFigureShape()
    row_totals = QuestionFigureShape(many=True)
    column_totals = QuestionFigureShape(many=True)
    figures = QuestionFigureShape(many=True, help_text="Cells with rows; of numbers the others are 0.")


class QuestionRowShape(Shape):
    record = serializers.CharField()
    url = serializers.URLField()
    at = serializers.DateTimeField(allow_null=True)


@extend_schema_view(list=extend_schema(summary="Questions one may read", tags=TAGS))
class Questions(mixins.ListModelMixin, ViewSet):
    """What somebody wants to know again and again. Each reader gets the figures of what he sees."""

    queryset = Question.objects.none()
    serializer_class = QuestionShape
    filter_backends = []
    lookup_value_regex = "[0-9]{1,18}"
    orderings: ClassVar[dict[str, SortKey]] = {"id": SortKey("id"), "updated_at": SortKey("updated_at")}

    def get_queryset(self) -> QuerySet[Question]:
        require(self.actor, "ask_questions")
        return services.visible_to(self.actor)

    def get_object(self) -> Question:
        require(self.actor, "ask_questions")
        return services.get(self.actor, int(self.kwargs["pk"]))

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, services.Changed):
            exc = Problem("stale", headers={"ETag": versions.etag(exc.question.version)})
        elif isinstance(exc, answers.TooLong):
            exc = refuse("content", str(exc), "too_long")
        return super().handle_exception(exc)

    @extend_schema(summary="One question", parameters=[ID], responses=QuestionShape, tags=TAGS)
    def retrieve(self, request: Request, pk: str) -> Response:
        return self.shown(self.get_object())

    def shown(self, row: Question) -> Response:
        return Response(self.get_serializer(row).data, headers={"ETag": versions.etag(row.version)})

    def read(self, **more: Any) -> dict[str, Any]:
        form = QuestionPatch(data=self.request.data, context=self.get_serializer_context(), **more)
        form.is_valid(raise_exception=True)
        return dict(form.validated_data)

    @extend_schema(
        summary="Keep a question", request=QuestionPatch, responses={201: QuestionShape}, tags=TAGS,
        examples=[OpenApiExample(
            "Of one's own", request_only=True,
            value={"name_en": "How long do urgent incidents take?", "content": CONTENT},
        )],
    )  # fmt: skip
    def create(self, request: Request) -> Response:
        require(self.actor, "ask_questions")
        facts = self.read()
        row = services.save(
            name_en=facts.get("name_en", ""), name_zh=facts.get("name_zh", ""),
            sharing=facts.get("sharing", Question.Sharing.PRIVATE.value), team=facts.get("team"),
            data=facts.get("content", {}), actor=self.actor, now=self.now,
        )  # fmt: skip
        row = services.get(self.actor, row.pk)
        data = self.get_serializer(row).data
        return created(data, f"/api/v1/questions/{row.pk}/", ETag=versions.etag(row.version))

    @extend_schema(
        summary="Change a question", request=QuestionPatch, responses=QuestionShape, tags=TAGS,
        parameters=[ID, schema.IF_MATCH_REQUIRED],
        examples=[OpenApiExample("Shared", value={"sharing": "staff"}, request_only=True)],
    )  # fmt: skip
    def partial_update(self, request: Request, pk: str) -> Response:
        row = self.get_object()
        expected = versions.expected(request, row.version, required=True)
        facts = {
            "name_en": row.name_en, "name_zh": row.name_zh, "sharing": row.sharing, "team": row.team,
            **self.read(partial=True),
        }  # fmt: skip
        whole = {**row.content, **facts.pop("content", {})}
        services.change(row, **facts, data=whole, expected_version=expected, actor=self.actor, now=self.now)
        return self.shown(self.get_object())

    @extend_schema(summary="Delete a question", parameters=[ID], responses={204: None}, tags=TAGS)
    def destroy(self, request: Request, pk: str) -> Response:
        row = self.get_object()
        versions.expected(request, row.version, required=False)
        services.delete(row, actor=self.actor)
        return Response(status=204)

    @extend_schema(
        summary="What may be asked about, told apart by, and measured",
        responses=QuestionSubjectShape(many=True), tags=TAGS, filters=False,
    )  # fmt: skip
    @action(detail=False, pagination_class=None)
    def subjects(self, request: Request) -> Response:
        require(self.actor, "ask_questions")
        found = [_subject(each) for each in base.subjects_for(self.actor)]
        return Response({"next": None, "previous": None, "results": found})

    @extend_schema(summary="The answer", parameters=[ID, *DAYS], responses=QuestionAnswerShape, tags=TAGS)
    @action(detail=True)
    def answer(self, request: Request, pk: str) -> Response:
        plan = self.plan()
        found = answers.answer(plan, plan.asked(self.actor, self.now))
        return Response(_Answered(found, self).whole())

    @extend_schema(
        summary="The rows behind a figure",
        parameters=[
            ID, *DAYS, OpenApiParameter("row", str, description="Key of a row; “~” for the others."),
            OpenApiParameter("column", str, description="Key of a column."),
            OpenApiParameter("after", str, description="As the link to the next page has it."),
        ],
        responses=QuestionRowShape(many=True), tags=TAGS,
    )  # fmt: skip
    @action(detail=True)
    def rows(self, request: Request, pk: str) -> Response:
        plan = self.plan()
        shown = pages.listed(request._request, plan, self.actor, self.now)
        lines = [
            {"record": f"{row['number']} {row['title']}", "url": row["url"], "at": row["opened_at"]}
            for row in shown.get("tickets", ())
        ] or [{"record": line.words, "url": line.url, "at": line.at} for line in shown.get("lines", ())]
        following = shown["next_url"] and request.build_absolute_uri(request.path + shown["next_url"])
        results = [{**line, "url": request.build_absolute_uri(line["url"])} for line in lines]
        return Response({"next": following or None, "previous": None, "results": results})

    def plan(self) -> Plan:
        """What is asked, about other days where the address names some."""
        row = self.get_object()
        try:
            plan = services.plan_of(row)
        except ValidationError as refused:
            raise Problem("conflict", _("It can no longer be read: what it names is gone.")) from refused
        words = {name: self.request.query_params.get(name, "") for name in ("from", "to")}
        if not any(words.values()) or plan.instant is None:
            return plan
        return contents.read({**plan.content.dump(), "period": "fixed", **words})


def _subject(subject: base.Subject) -> dict[str, Any]:
    return {
        "key": subject.key, "label": str(subject.label), "needs_period": subject.needs_period,
        "instants": [{"key": each.key, "label": str(each.label)} for each in subject.instants],
        "dimensions": [
            {"key": each.key, "label": layout.label_of(each), "sort": each.sort.value}
            for each in subject.dimensions
        ],
        "measures": [
            {"key": each.key, "label": layout.measure_words(each), "unit": each.measured.value}
            for each in subject.measures
        ],
    }  # fmt: skip


Keys = tuple[str | None, ...]


class _Answered:
    """An answer for programs."""

    def __init__(self, found: Answer, view: Questions) -> None:
        self.found, self.view, plan = found, view, found.plan
        rows = [*found.row_totals, *found.rows]
        columns = [*found.column_totals, *found.columns]
        self.row_words = layout.labels(plan.by, rows, view.actor)
        self.column_words = layout.labels(plan.across, columns, view.actor)

    def whole(self) -> dict[str, Any]:
        found, plan, asked = self.found, self.found.plan, self.found.asked
        return {
            "sentence": layout.sentence(plan),
            "period": layout.period_words(plan, asked.period.first, asked.period.last),
            "unit": plan.measure.measured.value,
            "total": self.figure(found.total, (), ()),
            "row_totals": [self.figure(cell, (key,), ()) for key, cell in found.row_totals.items()]
            if plan.by
            else [],
            "column_totals": [self.figure(cell, (), (key,)) for key, cell in found.column_totals.items()]
            if plan.across
            else [],
            "figures": [
                self.figure(cell, (row,) if plan.by else (), (column,) if plan.across else ())
                for (row, column), cell in found.cells.items()
            ],
        }

    def figure(
        self, cell: Cell, row: tuple[str | None, ...], column: tuple[str | None, ...]
    ) -> dict[str, Any]:
        """A figure; of no row or column it is about all of them."""
        keys = [OTHERS if each and each[0] is None else each[0] if each else None for each in (row, column)]
        words = [
            names.get(each[0], "") if each else _("All")
            for names, each in ((self.row_words, row), (self.column_words, column))
        ]
        return {
            "row": keys[0], "row_label": words[0], "column": keys[1], "column_label": words[1],
            "value": None if cell.number is None else float(cell.number), "no_data": cell.number is None,
            "numerator": cell.hits, "record_count": cell.n, "records": self.link(keys[0], keys[1]),
        }  # fmt: skip

    def link(self, row: str | None, column: str | None) -> str:
        question = int(self.view.kwargs["pk"])
        params = self.view.request.query_params
        query = layout.address(
            [("row", row), ("column", column), ("from", params.get("from")), ("to", params.get("to"))]
        )
        return f"{reverse('api:questions-rows', args=[question], request=self.view.request)}{query}"


router = SimpleRouter()
router.register("questions", Questions, basename="questions")
urlpatterns = router.urls
