"""Filters of lists: an allow-list, checked values, and a refusal for names nobody knows."""

from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django_filters import rest_framework as framework
from django_filters.constants import EMPTY_VALUES
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from accounts.access import Actor
from accounts.pages import actor_of
from itsm.rest.fields import Rows, find, read_instant, with_hint

OF_THE_PAGE = ("cursor", "page_size", "ordering")
LISTED = {"type": "array", "items": {"type": "string"}}


class FilterBackend(framework.DjangoFilterBackend):  # type: ignore[misc]
    """A mistyped filter would quietly list everything; here it is refused."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        filterset = self.get_filterset_class(view, queryset)
        known = filterset.base_filters if filterset else {}
        errors: dict[str, Any] = {}
        for name, values in request.query_params.lists():
            if name not in known and name not in OF_THE_PAGE:
                hint = _("Known are: %(names)s.") % {"names": ", ".join([*known, *OF_THE_PAGE])}
                message = with_hint(_("There is no such filter."), hint)
                errors[name[:60]] = [serializers.ErrorDetail(message, "unknown_filter")]
            elif len(values) > 1 and not getattr(known.get(name), "takes_several", False):
                errors[name] = [serializers.ErrorDetail(_("Give it once."), "repeated")]
            elif any("\0" in value for value in values):
                errors[name] = [serializers.ErrorDetail(_("Null characters are not allowed."), "invalid")]
        if errors:
            raise serializers.ValidationError(errors)
        found: QuerySet[Any] = super().filter_queryset(request, queryset, view)
        return found


class SeveralWidget(forms.SelectMultiple):
    """``state=new,on_hold`` and ``state=new&state=on_hold`` alike."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        given = data.getlist(name) if hasattr(data, "getlist") else [data[name]] if name in data else []
        return [part.strip() for text in given for part in str(text).split(",") if part.strip()]


class Several(framework.MultipleChoiceFilter):  # type: ignore[misc]
    """One or more codes; rows with any of them."""

    takes_several = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, widget=SeveralWidget, distinct=False, **kwargs)

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        return qs.filter(**{f"{self.field_name}__in": list(value)}) if value else qs


class InstantFormField(forms.CharField):
    def clean(self, value: Any) -> datetime | None:
        if value in EMPTY_VALUES:
            return None
        # a "+" that was not written as %2B arrives as a space
        text = str(value).strip()
        if len(text) > 6 and text[-6] == " ":
            text = f"{text[:-6]}+{text[-5:]}"
        found, problem = read_instant(text)
        if found is None:
            hint = _("For example 2026-03-02T02:00:00Z; “+” is written as %2B in a URL.")
            # django-filter formats every message, with or without parameters
            message = with_hint(problem, hint).replace("%", "%%")
            raise forms.ValidationError(message, code="invalid_instant")
        return found


@extend_schema_field({"type": "string", "format": "date-time"})
class InstantFilter(framework.CharFilter):  # type: ignore[misc]
    """A bound in time: ``opened_after`` is inclusive, ``opened_before`` is not (half-open)."""

    field_class = InstantFormField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, strip=True, **kwargs)


@extend_schema_field({"type": "boolean"})
class FlagFilter(framework.TypedChoiceFilter):  # type: ignore[misc]
    """true or false."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        words = [("true", "true"), ("false", "false")]
        super().__init__(*args, choices=words, coerce=lambda text: text == "true", **kwargs)


@extend_schema_field(LISTED)
class NamedFilter(framework.CharFilter):  # type: ignore[misc]
    """Ids or codes of things the actor may name, separated by commas.

    ``me`` is the asker where it is people; ``none`` finds rows that have nothing there.
    """

    takes_several = True

    def __init__(self, *args: Any, rows: Rows, code: str, people: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, widget=SeveralText, **kwargs)
        self.rows, self.code, self.people = rows, code, people

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        parts = [part.strip() for part in (value or "").split(",") if part.strip()][:50]
        if not parts:
            return qs
        actor = actor_of(self.parent.request)
        query, ids = Q(), set()
        for part in parts:
            if part == "none":
                query |= Q(**{f"{self.field_name}__isnull": True})
            elif part == "me" and self.people:
                ids.add(actor.user_id)
            else:
                ids.add(self._id_of(part, actor))
        return qs.filter(query | Q(**{f"{self.field_name}__in": ids}) if ids else query)

    def _id_of(self, part: str, actor: Actor) -> int:
        row = find(self.rows(actor), part, self.code)
        if row is None:
            message = _("There is nothing you may name here under that id or code.")
            raise serializers.ValidationError(
                {self._own_name(): [serializers.ErrorDetail(message, "does_not_exist")]}
            )
        return int(row.pk)

    def _own_name(self) -> str:
        return next(str(name) for name, each in self.parent.filters.items() if each is self)


class SeveralText(forms.TextInput):
    """``team=desk,network`` and ``team=desk&team=network`` alike."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str:
        return ",".join(SeveralWidget().value_from_datadict(data, files, name))
