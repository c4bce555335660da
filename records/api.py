"""What every record has below its own path: timeline, comments, files and clocks. A process mounts it."""

import logging
from collections.abc import Sequence
from typing import Any, ClassVar

from django.core.files.uploadedfile import UploadedFile
from django.db.models import Prefetch, QuerySet
from django.http import FileResponse, Http404
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import mixins
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.routers import SimpleRouter

from accounts.access import Denied
from itsm.rest import errors
from itsm.rest.pagination import SortKey
from itsm.rest.parsers import FormParser, JSONParser
from itsm.rest.problems import Problem, refuse
from itsm.rest.versions import etag
from itsm.rest.views import ViewSet, created
from records import files, services
from records.api_clocks import ClockShape, ExplainedShape, attach_states, clocks_of
from records.api_parties import HandsShape
from records.api_shapes import (
    CONVERSATION,
    ActivityShape,
    AttachmentForm,
    AttachmentShape,
    CommentForm,
    CommentShape,
)
from records.hands import hands_of
from records.lifecycle import IllegalMove
from records.models import Activity, Attachment, Record
from records.services import Stale
from sla.models import Clock, Holding

log = logging.getLogger(__name__)
FILE_FIELDS = ("attachments", "file", "files")
FORM_OVERHEAD = 2**20
FILE_POLICY = "default-src 'none'; sandbox"


def _illegal(error: IllegalMove) -> Problem:
    return Problem(
        "illegal-move",
        _("Not possible in the state “%(state)s”.") % {"state": error.state},
        extra={"state": error.state, "move": error.move, "legal_moves": list(error.legal)},
    )


errors.register(IllegalMove, _illegal)


def stale(error: Stale, view: ViewSet) -> Problem:
    """What happened since the writer read the record, as far as he may read it."""
    since = error.since_for(view.actor)
    context = {"request": view.request, "number": error.record.number}
    return Problem(
        "stale",
        _("%(number)s is at version %(version)s by now.")
        % {"number": error.record.number, "version": error.record.version},
        extra={
            "version": error.record.version,
            "changes": ActivityShape(since, many=True, context={**context, "no_files": True}).data,
        },
        headers={"ETag": etag(error.record.version)},
    )


class Below(ViewSet):
    """Things below a record; ``kind`` is the record's."""

    kind: ClassVar[str] = ""
    filter_backends = []
    lookup_value_regex = "[0-9]{1,18}"

    def record(self) -> Record:
        """The record of the path; 404 where it is invisible, or of another kind."""
        found = services.get_record(self.actor, self.kwargs["number"])
        if found.kind != self.kind:
            raise Http404(_("There is no record %(number)s.") % {"number": self.kwargs["number"]})
        return found

    def get_serializer_context(self) -> dict[str, Any]:
        number = self.kwargs.get("number", "").upper()
        return {**super().get_serializer_context(), "number": number, "kind": self.kind}

    def visible_files(self) -> Prefetch[Any]:
        rows = (
            Attachment.objects.all() if self.actor.is_desk_side else Attachment.objects.filter(is_public=True)
        )
        return Prefetch("attachments", rows.order_by("pk"))

    def activities(self) -> QuerySet[Activity]:
        rows = self.record().activities.readable_by(self.actor)
        found: QuerySet[Activity] = rows.select_related("actor").prefetch_related(self.visible_files())
        return found


def uploads_of(request: Request) -> Sequence["UploadedFile[Any]"]:
    """The files of a form, whatever of the usual names they came under."""
    if strange := set(request.FILES) - set(FILE_FIELDS):
        name = min(strange)
        raise refuse(name, _("There is no such field."), "unknown_field", _("Files go under “attachments”."))
    return [upload for name in FILE_FIELDS for upload in request.FILES.getlist(name)]


def words_of(request: Request) -> Any:
    """The fields of a body without its files."""
    data: Any = request.data
    if not hasattr(data, "getlist"):
        return data
    words = data.copy()
    for name in request.FILES:
        words.pop(name, None)
    return words


@extend_schema_view(list=extend_schema(summary="The timeline: everything that happened"))
class Activities(mixins.ListModelMixin, Below):
    queryset = Activity.objects.none()
    serializer_class = ActivityShape
    orderings = {"at": SortKey("at")}
    ordering = "at"

    def get_queryset(self) -> QuerySet[Activity]:
        return self.activities()


@extend_schema_view(
    list=extend_schema(summary="The conversation"), retrieve=extend_schema(summary="One comment")
)
class Comments(mixins.ListModelMixin, mixins.RetrieveModelMixin, Below):
    queryset = Activity.objects.none()
    serializer_class = CommentShape
    parser_classes = [JSONParser, FormParser]
    largest_form = files.MAX_TOGETHER + FORM_OVERHEAD
    orderings = {"at": SortKey("at")}
    ordering = "at"

    def get_queryset(self) -> QuerySet[Activity]:
        return self.activities().filter(verb__in=CONVERSATION)

    @extend_schema(
        summary="Reply, or leave an internal note",
        request={"application/json": CommentForm, "multipart/form-data": CommentForm},
        responses={201: CommentShape},
        examples=[
            OpenApiExample(
                "A public reply", value={"text": "Please try again now.", "public": True}, request_only=True
            )
        ],
    )
    def create(self, request: Request, number: str) -> Response:
        record = self.record()
        uploads = uploads_of(request)
        form = CommentForm(data=words_of(request), context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        activity = services.comment(
            record, text=form.validated_data["text"], is_public=form.validated_data["public"],
            actor=self.actor, now=self.now, attachments=uploads,
        )  # fmt: skip
        activity = self.get_queryset().get(pk=activity.pk)
        url = reverse(f"api:{self.kind}-comments-detail", [record.number, activity.pk], request=request)
        return created(self.get_serializer(activity).data, url)


class AnyType(BaseContentNegotiation):
    """A file is what it is; the reader's ``Accept`` does not turn it into something else."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


@extend_schema_view(list=extend_schema(summary="The files"))
class Attachments(mixins.ListModelMixin, Below):
    queryset = Attachment.objects.none()
    serializer_class = AttachmentShape
    parser_classes = [FormParser]
    largest_form = files.MAX_TOGETHER + FORM_OVERHEAD
    lookup_field = "key"
    lookup_value_regex = "[0-9a-f]{8,64}"

    def get_queryset(self) -> QuerySet[Attachment]:
        rows = Attachment.objects.filter(record=self.record().pk).select_related("created_by")
        return rows if self.actor.is_desk_side else rows.filter(is_public=True)

    def get_content_negotiator(self) -> Any:
        is_download = "key" in self.kwargs
        return AnyType() if is_download else super().get_content_negotiator()

    @extend_schema(
        summary="Attach files",
        request={"multipart/form-data": AttachmentForm},
        responses={201: AttachmentShape(many=True)},
        filters=False,
    )
    def create(self, request: Request, number: str) -> Response:
        record = self.record()
        uploads = uploads_of(request)
        form = AttachmentForm(data=words_of(request), context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        if not uploads:
            raise refuse(
                "attachments", _("Send at least one file."), "required", _("As multipart/form-data.")
            )
        activity = services.comment(
            record, text=form.validated_data["text"], is_public=form.validated_data["public"],
            actor=self.actor, now=self.now, attachments=uploads,
        )  # fmt: skip
        rows = list(self.get_queryset().filter(activity=activity).order_by("pk"))
        data = self.get_serializer(rows, many=True).data
        return created(data, data[0]["url"])

    @extend_schema(
        summary="Download a file", responses={(200, "application/octet-stream"): OpenApiTypes.BINARY}
    )
    def retrieve(self, request: Request, number: str, key: str) -> HttpResponseBase:
        row = self.get_object()
        try:
            content = files.path_of(row.key).open("rb")
        except FileNotFoundError:
            log.error("attachment %s has lost its bytes", row.key)
            raise Http404(_("The file is not there any more.")) from None
        response = FileResponse(content, as_attachment=True, filename=row.name, content_type=row.content_type)
        response.headers["Content-Security-Policy"] = FILE_POLICY
        response.headers["Cache-Control"] = "private, no-store"
        return response


@extend_schema_view(
    list=extend_schema(summary="The clocks, as they stand now"),
    retrieve=extend_schema(summary="One clock, explained stretch by stretch", responses=ExplainedShape),
)
class Clocks(mixins.ListModelMixin, mixins.RetrieveModelMixin, Below):
    queryset = Clock.objects.none()
    serializer_class = ClockShape

    def get_queryset(self) -> QuerySet[Clock]:
        return clocks_of(self.record())

    def paginate_queryset(self, queryset: Any) -> Any:
        rows = super().paginate_queryset(queryset)
        return None if rows is None else attach_states(rows, self.now)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        clock = self.get_object()
        attach_states([clock], self.now)
        return Response(ExplainedShape(clock, context=self.get_serializer_context()).data)


@extend_schema_view(list=extend_schema(summary="Whose time it was", responses=HandsShape, filters=False))
class Parties(Below):
    """Which team, supplier or customer had the record in hand, and for how long. For the desk's side."""

    queryset = Holding.objects.none()
    serializer_class = HandsShape
    pagination_class = None

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        record = self.record()
        if not self.actor.is_desk_side:
            raise Denied(self.actor, "desk")
        return Response(HandsShape(hands_of(record, self.now), context=self.get_serializer_context()).data)


NUMBER = "(?P<number>[A-Za-z]{1,6}[0-9]{1,15})"


def mount(router: SimpleRouter, prefix: str, kind: str) -> None:
    """Give the records of a process, which live under ``prefix``, everything below them."""
    for name, view in (
        ("activities", Activities), ("comments", Comments), ("attachments", Attachments), ("clocks", Clocks),
        ("parties", Parties),
    ):  # fmt: skip
        mounted = type(view.__name__, (view,), {"kind": kind, "__doc__": view.__doc__})
        router.register(f"{prefix}/{NUMBER}/{name}", mounted, basename=f"{kind}-{name}")
