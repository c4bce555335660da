"""People, organisations and teams, to read. Everybody sees what their role lets them know of."""

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as framework
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from accounts import queries
from accounts.models import Organisation, Team, User
from itsm.rest.filters import FlagFilter, NamedFilter, Several
from itsm.rest.pagination import SortKey
from itsm.rest.serializers import Coded, NamedShape, Shape
from itsm.rest.views import ReadOnly

SEARCH_LENGTH = 100


class OrganisationShape(Shape):
    id = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField(help_text="In the reader's language.")
    name_en = serializers.CharField()
    name_zh = serializers.CharField()
    kind = Coded(Organisation.Kind.choices)
    is_active = serializers.BooleanField()


class UserShape(Shape):
    id = serializers.IntegerField()
    username = serializers.CharField()
    name = serializers.CharField()
    email = serializers.CharField()
    phone = serializers.CharField()
    organisation = NamedShape()
    roles = serializers.SerializerMethodField()
    teams = NamedShape(many=True)
    language = serializers.CharField()
    time_zone = serializers.CharField()
    is_active = serializers.BooleanField()

    def get_roles(self, user: User) -> list[str]:
        return sorted({grant.role for grant in user.grants.all()})


class MemberShape(Shape):
    id = serializers.IntegerField(source="user_id")
    username = serializers.CharField(source="user.username")
    name = serializers.CharField(source="user.display_name")
    is_lead = serializers.BooleanField()


class TeamShape(Shape):
    id = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField(help_text="In the reader's language.")
    name_en = serializers.CharField()
    name_zh = serializers.CharField()
    tier = Coded(Team.Tier.choices)
    is_active = serializers.BooleanField()
    members = MemberShape(many=True, source="memberships")


class NameFilters(framework.FilterSet):  # type: ignore[misc]
    """Things with a code and a name in two languages."""

    code = framework.CharFilter(lookup_expr="iexact")
    q = framework.CharFilter(method="by_words", max_length=SEARCH_LENGTH, label=_("Part of a name or code."))

    def by_words(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(
            Q(name_en__icontains=value) | Q(name_zh__icontains=value) | Q(code__icontains=value)
        )


class OrganisationFilters(NameFilters):
    kind = Several(choices=Organisation.Kind.choices)
    is_active = FlagFilter()


class TeamFilters(NameFilters):
    tier = Several(choices=Team.Tier.choices)
    is_active = FlagFilter()


class UserFilters(framework.FilterSet):  # type: ignore[misc]
    username = framework.CharFilter(lookup_expr="iexact")
    organisation = NamedFilter(rows=queries.organisations, code="code")
    team = NamedFilter(field_name="memberships__team", rows=queries.teams, code="code")
    is_active = FlagFilter()
    q = framework.CharFilter(method="by_words", max_length=SEARCH_LENGTH, label=_("Part of a name."))

    def by_words(self, rows: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        return rows.filter(Q(display_name__icontains=value) | Q(username__icontains=value))


@extend_schema_view(
    list=extend_schema(summary="Organisations you may know of"),
    retrieve=extend_schema(summary="One organisation"),
)
class Organisations(ReadOnly):
    queryset = Organisation.objects.none()
    serializer_class = OrganisationShape
    filterset_class = OrganisationFilters
    orderings = {"name": SortKey("name_en"), "code": SortKey("code"), "id": SortKey("id")}
    ordering = "name"
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Organisation]:
        return queries.organisations(self.actor)


@extend_schema_view(
    list=extend_schema(summary="People you may know of"), retrieve=extend_schema(summary="One person")
)
class Users(ReadOnly):
    """Customers see themselves, their contacts the whole organisation, the desk whom it covers."""

    queryset = User.objects.none()
    serializer_class = UserShape
    filterset_class = UserFilters
    orderings = {"name": SortKey("display_name"), "username": SortKey("username"), "id": SortKey("id")}
    ordering = "name"
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[User]:
        rows = queries.people(self.actor)
        return rows.select_related("organisation").prefetch_related("grants", "teams")

    @extend_schema(summary="Yourself")
    @action(detail=False, methods=["get"], filter_backends=[], pagination_class=None)
    def me(self, request: Request) -> Response:
        me = User.objects.select_related("organisation").prefetch_related("grants", "teams")
        return Response(self.get_serializer(me.get(pk=self.actor.user_id)).data)


@extend_schema_view(
    list=extend_schema(summary="Teams with their members"), retrieve=extend_schema(summary="One team")
)
class Teams(ReadOnly):
    queryset = Team.objects.none()
    serializer_class = TeamShape
    filterset_class = TeamFilters
    orderings = {"name": SortKey("name_en"), "code": SortKey("code"), "id": SortKey("id")}
    ordering = "name"
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Team]:
        return queries.with_members(queries.teams(self.actor))


router = SimpleRouter()
for prefix, views in (("users", Users), ("organisations", Organisations), ("teams", Teams)):
    router.register(prefix, views, basename=prefix)
urlpatterns = router.urls
