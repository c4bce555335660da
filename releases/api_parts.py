"""Team, timetable and readiness over HTTP, below a release or a service transition.

Each act answers the whole record, as its other acts do. What is added needs no version; what is written anew
does, and it is the record's.
"""

from collections.abc import Callable
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

import accounts.queries
from accounts.access import require
from itsm.rest import schema, versions
from itsm.rest.fields import Instant, Reference, Text
from itsm.rest.serializers import PersonShape, Shape, Strict
from records.services import MAX_TEXT
from releases import parting
from releases.api_base import NothingForm, Works
from releases.parting import Rules

ROW = "(?P<row>[0-9]{1,15})"


class PlanMemberShape(Shape):
    id = serializers.IntegerField()
    person = PersonShape()
    duty = serializers.CharField()


class PlanNodeShape(Shape):
    id = serializers.IntegerField()
    title = serializers.CharField()
    title_zh = serializers.CharField()
    due_on = serializers.DateField()
    responsible = PersonShape()
    done_at = Instant(allow_null=True)
    done_by = PersonShape(allow_null=True)


class PlanCheckShape(Shape):
    id = serializers.IntegerField()
    title = serializers.CharField()
    title_zh = serializers.CharField()
    is_further = serializers.SerializerMethodField(help_text="One of this plan; others belong to every plan.")
    evidence = serializers.CharField()
    met_at = Instant(allow_null=True)
    met_by = PersonShape(allow_null=True)

    @extend_schema_field(serializers.BooleanField())
    def get_is_further(self, row: Any) -> bool:
        return bool(row.sort == "other")


class PlanMemberForm(Strict):
    person = Reference(accounts.queries.assignees, code="username", see="users")
    duty = Text(max_length=200)


class PlanMemberPatchForm(Strict):
    """What is left out stays."""

    person = Reference(accounts.queries.assignees, code="username", see="users", required=False)
    duty = Text(max_length=200, required=False)


class PlanNodeForm(Strict):
    title = Text(max_length=200)
    title_zh = Text(max_length=200, required=False, allow_blank=True)
    due_on = serializers.DateField()
    responsible = Reference(accounts.queries.assignees, code="username", see="users")


class PlanNodePatchForm(Strict):
    """What is left out stays."""

    title = Text(max_length=200, required=False)
    title_zh = Text(max_length=200, required=False, allow_blank=True)
    due_on = serializers.DateField(required=False)
    responsible = Reference(accounts.queries.assignees, code="username", see="users", required=False)


class PlanCheckForm(Strict):
    title = Text(max_length=200)
    title_zh = Text(max_length=200, required=False, allow_blank=True)


class PlanCheckPatchForm(Strict):
    """What is left out stays."""

    title = Text(max_length=200, required=False)
    title_zh = Text(max_length=200, required=False, allow_blank=True)


class PlanMeetForm(Strict):
    evidence = Text(max_length=MAX_TEXT)


class PlanUnmeetForm(Strict):
    reason = Text(max_length=MAX_TEXT)


class Parts(Works):
    """The routes; a process gives its ``rules`` and describes them with :func:`described`."""

    rules: ClassVar[Rules]

    def _row(self, verb: Callable[..., Any], row: str, form: type[Strict], **more: Any) -> Response:
        """An act on a row, by the rules of the process."""
        work = self.one()
        require(self.actor, self.rules.act, work)
        given = self.read(form)
        verb(work, int(row), **given, **more, rules=self.rules, actor=self.actor, now=self.now)
        return self.answer()

    def _add(self, part: str, form: type[Strict], **fixed: Any) -> Response:
        work = self.one()
        require(self.actor, self.rules.act, work)
        facts = {**self.read(form), **fixed}
        parting.add(work, part, facts, rules=self.rules, actor=self.actor, now=self.now)
        return self.answer()

    def _change_or_remove(self, part: str, row: str, form: type[Strict]) -> Response:
        work = self.one()
        require(self.actor, self.rules.act, work)
        who: dict[str, Any] = {"rules": self.rules, "actor": self.actor, "now": self.now}
        if self.request.method == "DELETE":
            parting.remove(work, part, int(row), **who)
            return Response(status=204)
        expected = versions.expected(self.request, work.version, required=True)
        parting.change(work, part, int(row), self.read(form), expected_version=expected, **who)
        return self.answer()

    @action(detail=True, methods=["post"])
    def members(self, request: Request, number: str) -> Response:
        return self._add("members", PlanMemberForm)

    @action(detail=True, methods=["patch", "delete"], url_path=f"members/{ROW}")
    def member(self, request: Request, number: str, row: str) -> Response:
        return self._change_or_remove("members", row, PlanMemberPatchForm)

    @action(detail=True, methods=["post"])
    def nodes(self, request: Request, number: str) -> Response:
        return self._add("nodes", PlanNodeForm)

    @action(detail=True, methods=["patch", "delete"], url_path=f"nodes/{ROW}")
    def node(self, request: Request, number: str, row: str) -> Response:
        return self._change_or_remove("nodes", row, PlanNodePatchForm)

    @action(detail=True, methods=["post"], url_path=f"nodes/{ROW}/reach", url_name="reach-node")
    def reach_node(self, request: Request, number: str, row: str) -> Response:
        return self._row(parting.reach, row, NothingForm)

    @action(detail=True, methods=["post"])
    def checks(self, request: Request, number: str) -> Response:
        return self._add("checks", PlanCheckForm, sort="other")

    @action(detail=True, methods=["patch", "delete"], url_path=f"checks/{ROW}")
    def check(self, request: Request, number: str, row: str) -> Response:
        return self._change_or_remove("checks", row, PlanCheckPatchForm)

    @action(detail=True, methods=["post"], url_path=f"checks/{ROW}/meet", url_name="meet-check")
    def meet_check(self, request: Request, number: str, row: str) -> Response:
        return self._row(parting.meet, row, PlanMeetForm)

    @action(detail=True, methods=["post"], url_path=f"checks/{ROW}/unmeet", url_name="unmeet-check")
    def unmeet_check(self, request: Request, number: str, row: str) -> Response:
        return self._row(parting.unmeet, row, PlanUnmeetForm)


ACTS = {
    "members": ("Add somebody to the team", PlanMemberForm),
    "nodes": ("Add a key node to the timetable", PlanNodeForm),
    "reach_node": ("A key node is reached", NothingForm),
    "checks": ("Add a point to the readiness checklist", PlanCheckForm),
    "meet_check": ("A point is met, by which evidence", PlanMeetForm),
    "unmeet_check": ("A point is not met any more", PlanUnmeetForm),
}
ROWS = {
    "member": ("a member of the team", PlanMemberPatchForm),
    "node": ("a key node", PlanNodePatchForm),
    "check": ("a further point", PlanCheckPatchForm),
}
PROBLEMS = dict.fromkeys((*ACTS, *ROWS), ("illegal-move",))
"""What else than usual these answer, for ``problems_of``."""


def described(answer: type[Any], tag: str) -> Callable[[type[Any]], type[Any]]:
    """The same in the OpenAPI document of a process: which record is answered, under which heading."""
    views: dict[str, Any] = {
        name: extend_schema(summary=summary, request=form, responses=answer, filters=False, tags=[tag])
        for name, (summary, form) in ACTS.items()
    }
    for name, (what, form) in ROWS.items():
        changes = extend_schema(
            methods=["PATCH"], summary=f"Write {what} anew", request=form, responses=answer, filters=False,
            parameters=[schema.IF_MATCH_REQUIRED], tags=[tag],
        )  # fmt: skip
        removes = extend_schema(
            methods=["DELETE"], summary=f"Take {what} out", request=None, responses={204: None},
            filters=False, tags=[tag],
        )  # fmt: skip
        views[name] = _both(changes, removes)
    return extend_schema_view(**views)


def _both(first: Callable[..., Any], second: Callable[..., Any]) -> Callable[..., Any]:
    return lambda view: first(second(view))
