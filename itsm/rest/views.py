"""The base of every view: who acts, in which language, and POST once per Idempotency-Key."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponsePermanentRedirect
from django.urls import Resolver404, resolve
from django.utils import translation
from django.utils.translation.trans_real import get_supported_language_variant, parse_accept_lang_header
from django.views.decorators.csrf import csrf_exempt
from rest_framework import mixins, viewsets
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import Actor
from accounts.models import User
from accounts.pages import actor_of, now_utc
from itsm.rest import idempotency
from itsm.rest.errors import outside_views
from itsm.rest.fields import find
from itsm.rest.pagination import SortKey


class Base(APIView):
    """What every view of the interface does before its own work."""

    post_is_safe: ClassVar[bool] = False

    @property
    def actor(self) -> Actor:
        return actor_of(self.request)

    @property
    def now(self) -> datetime:
        """The instant of this request, to the second."""
        return now_utc()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        speak(request)
        key = idempotency.key_of(request) if request.method == "POST" else ""
        handler: Callable[..., HttpResponseBase] | None = getattr(self, "post", None)
        if key and handler:
            self.post = idempotency.once(handler, key)


def speak(request: Request) -> None:
    """Answer in the language the program asks for, else in the one of its account."""
    for wanted, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", "").lower()):
        try:
            translation.activate(get_supported_language_variant(wanted))
        except LookupError:
            continue
        return
    if isinstance(request.user, User) and request.user.language:
        translation.activate(request.user.language)


class ViewSet(Base, viewsets.GenericViewSet[Any]):
    """Things under a path. ``orderings`` and ``ordering`` say how a list may be ordered."""

    orderings: ClassVar[dict[str, SortKey]] = {"id": SortKey("id")}
    ordering: ClassVar[str] = "id"


class ReadOnly(mixins.ListModelMixin, mixins.RetrieveModelMixin, ViewSet):
    """A list and its entries."""


class ByIdOrCode(ReadOnly):
    """A list whose entries are found by id or by code, as references are."""

    lookup_value_regex = "[0-9A-Za-z_-]{1,50}"

    def get_object(self) -> Any:
        row = find(self.filter_queryset(self.get_queryset()), self.kwargs["pk"], "code")
        if row is None:
            raise Http404
        return row


@csrf_exempt
def fallback(request: HttpRequest) -> HttpResponseBase:
    """Paths under /api/ that nothing answers: a lost slash is put back, the rest is 404 as a problem."""
    if not request.path.endswith("/"):
        try:
            found = resolve(f"{request.path_info}/")
        except Resolver404:
            found = None
        if found is not None and found.func is not fallback:
            query = request.META.get("QUERY_STRING", "")
            return Redirect(f"{request.path}/{'?' + query if query else ''}")
    return outside_views(request, "not-found")


class Redirect(HttpResponsePermanentRedirect):
    """308: the same method and body, one slash further."""

    status_code = 308


def created(response_data: Any, location: str, **headers: str) -> Response:
    return Response(response_data, status=201, headers={"Location": location, **headers})
