"""Item types and their attributes, made and changed by managers: no code, no restart."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import Actor, may, require
from accounts.pages import add_errors
from cmdb import designing
from cmdb.models import ItemAttribute, ItemType, RelationType
from configuration import forms
from configuration.page import reader
from configuration.prefixes import free_prefix

UNPROCESSABLE = 422


def _designer(request: HttpRequest) -> Actor:
    actor = reader(request)
    require(actor, "design_items")
    return actor


@require_GET
def types(request: HttpRequest) -> HttpResponse:
    """All types with their attributes and how many items they have; and the relation types, as they read."""
    actor = reader(request)
    rows = ItemType.objects.annotate(n=Count("items")).prefetch_related("attributes")
    context = {
        "types": rows.order_by("category", "name_en"),
        "relation_types": RelationType.objects.order_by("name_en"),
        "may_design": may(actor, "design_items"), "may_settle": may(actor, "administer"),
    }  # fmt: skip
    return render(request, "configuration/types.html", context)


@require_http_methods(["GET", "POST"])
def new_type(request: HttpRequest) -> HttpResponse:
    actor = _designer(request)
    form = forms.TypeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            free_prefix(form.cleaned_data["prefix"])
            made = designing.add_type(**form.cleaned_data, actor=actor)
        except ValidationError as refused:
            add_errors(form, refused)
        else:
            messages.success(request, _("The type is there; now its attributes."))
            return redirect("configuration:type", made.code)
    return render(request, "configuration/type.html", {"form": form}, status=_status(form))


@require_http_methods(["GET", "POST"])
def edit_type(request: HttpRequest, code: str) -> HttpResponse:
    """A type: how it is called and numbered, and its attributes."""
    actor = _designer(request)
    kind = get_object_or_404(ItemType, code=code)
    form = forms.TypeForm(request.POST if request.method == "POST" else None, item_type=kind)
    if request.method == "POST" and form.is_valid():
        try:
            free_prefix(form.cleaned_data["prefix"])
            designing.edit_type(kind, **form.cleaned_data, actor=actor)
        except ValidationError as refused:
            add_errors(form, refused)
        else:
            messages.success(request, _("The type was changed."))
            return redirect("configuration:type", code)
    return _type_page(request, kind, form)


def _type_page(request: HttpRequest, kind: ItemType, form: forms.TypeForm, status: int = 0) -> HttpResponse:
    context = {"form": form, "type": kind, "attributes": kind.attributes.all(), "count": kind.items.count()}
    return render(request, "configuration/type.html", context, status=status or _status(form))


def _status(form: Any) -> int:
    return UNPROCESSABLE if form.errors else 200


@require_http_methods(["GET", "POST"])
def new_attribute(request: HttpRequest, code: str) -> HttpResponse:
    actor = _designer(request)
    kind = get_object_or_404(ItemType, code=code)
    form = forms.AttributeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            designing.add_attribute(kind, form.cleaned_data, actor=actor)
        except ValidationError as refused:
            add_errors(form, refused)
        else:
            messages.success(request, _("The attribute is there: every item of the type has it now."))
            return redirect("configuration:type", code)
    context = {"form": form, "type": kind}
    return render(request, "configuration/attribute.html", context, status=_status(form))


@require_http_methods(["GET", "POST"])
def edit_attribute(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    actor = _designer(request)
    attribute = get_object_or_404(ItemAttribute.objects.select_related("type"), type__code=code, code=slug)
    form = forms.AttributeForm(request.POST if request.method == "POST" else None, attribute=attribute)
    if request.method == "POST" and form.is_valid():
        try:
            designing.edit_attribute(attribute, form.cleaned_data, actor=actor)
        except ValidationError as refused:
            add_errors(form, refused)
        else:
            messages.success(request, _("The attribute was changed."))
            return redirect("configuration:type", code)
    used = designing.used_values(attribute.type, attribute.code)
    context = {"form": form, "type": attribute.type, "attribute": attribute, "used": sum(used.values())}
    return render(request, "configuration/attribute.html", context, status=_status(form))


@require_POST
def drop_attribute(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    actor = _designer(request)
    attribute = get_object_or_404(ItemAttribute.objects.select_related("type"), type__code=code, code=slug)
    try:
        designing.drop_attribute(attribute, actor=actor)
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    else:
        messages.success(request, _("The attribute is gone."))
    return redirect("configuration:type", code)
