"""The last net: whatever error reaches a program without being a problem yet becomes one."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from itsm.rest.errors import outside_views
from itsm.rest.problems import BY_STATUS, MEDIA_TYPE


class ProblemsMiddleware:
    """Errors from before or beside the views (an unknown host, a broken page) below /api/."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        is_ours = request.path_info == "/api" or request.path_info.startswith("/api/")
        if response.status_code < 400 or not is_ours or response.headers.get("Content-Type") == MEDIA_TYPE:
            return response
        slug = "malformed-request" if response.status_code == 400 else BY_STATUS.get(response.status_code, "")
        return outside_views(request, slug or "internal")
