"""The OpenAPI document: what every operation shares is said here once."""

from collections.abc import Mapping
from typing import Any, Literal

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from itsm.rest.problems import MEDIA_TYPE, TYPES
from itsm.rest.serializers import ProblemShape

LANGUAGE = OpenApiParameter(
    "Accept-Language",
    str,
    OpenApiParameter.HEADER,
    description="`en`, `zh-Hans` or `zh-Hant`: of labels and messages.",
)
IDEMPOTENCY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="Repeating a request with its key repeats its answer (48 hours) instead of doing it twice.",
)
IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, description='The ETag you have read, such as `"v3"`.'
)
IF_MATCH_REQUIRED = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description='The ETag you have read, such as `"v3"`.',
)
_EVERYWHERE = ("not-authenticated", "forbidden", "not-acceptable", "too-many-requests", "internal")
_ON_POST = ("validation", "too-large", "unsupported-media-type", "idempotency-key-reused")


class Schema(AutoSchema):
    """Adds the common headers and the problems to each operation."""

    def get_override_parameters(self) -> list[Any]:
        common = [LANGUAGE]
        if self.method == "POST":
            common.append(IDEMPOTENCY)
        return common

    def get_operation_id(self) -> str:
        return super().get_operation_id().removeprefix("v1_")

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        found: dict[str, Any] = super()._get_response_bodies(direction)
        for slug in self._problems():
            status = str(TYPES[slug].status)
            if status not in found:
                response = OpenApiResponse(ProblemShape, description=str(TYPES[slug].title))
                found[status] = self._get_response_for_code(  # type: ignore[no-untyped-call]
                    response, status, [MEDIA_TYPE]
                )
        return dict(sorted(found.items()))

    def _problems(self) -> list[str]:
        slugs = list(_EVERYWHERE)
        if "{" in self.path:
            slugs.append("not-found")
        if self.method in ("POST", "PATCH"):
            slugs += _ON_POST
        if self._is_list_view():
            slugs.append("validation")
        if self.method == "PATCH":
            slugs += ["stale", "precondition-required"]
        return slugs + list(getattr(self.view, "problems_of", {}).get(getattr(self.view, "action", ""), ()))


def drop_other_paths(endpoints: list[tuple[str, ...]], **_: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Only what is below /api/v1/ belongs to the interface."""
    return [each for each in endpoints if each[0].startswith("/api/v1/")]
