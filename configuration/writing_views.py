"""Pages that write to the register: add, alter and retire an item, relate it, name its services."""

from collections.abc import Callable
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.access import Actor, Denied
from cmdb import impact, queries, services
from cmdb.models import Item, ItemService, ItemType, Relation
from configuration import forms
from configuration.authorities import authority_of
from configuration.page import may_add, reader
from records.pages import now_utc

UNPROCESSABLE = 422
STALE = 409
FORBIDDEN = 403


def _writer(request: HttpRequest, number: str) -> tuple[Actor, Item]:
    actor = reader(request)
    return actor, queries.get_item(actor, number)


def _seen(request: HttpRequest) -> int | None:
    given = request.POST.get("version", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else None


def _not_yours(item: Item) -> str:
    return _(
        "You may alter %(number)s only by an approved change that names it. The attempt was written down."
    ) % {"number": item.number}


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Choose a type, then say what the item is."""
    actor = reader(request)
    if not may_add(actor):
        raise Denied(actor, "add_item")
    kind = ItemType.objects.filter(code=request.GET.get("type", "")[:50]).first()
    if kind is None:
        types = ItemType.objects.order_by("category", "name_en")
        status = UNPROCESSABLE if request.method == "POST" else 200
        return render(request, "configuration/choose_type.html", {"types": types}, status=status)
    form = forms.ItemForm(request.POST if request.method == "POST" else None, actor=actor, item_type=kind)
    if request.method == "POST" and form.is_valid():
        try:
            authority = authority_of(form.cleaned_data["change"], actor=actor)
            item = services.add_item(
                item_type=kind, **form.facts, authority=authority, actor=actor, now=now_utc()
            )
        except ValidationError as refused:
            form.take(refused)
        else:
            messages.success(request, _("%(number)s was added.") % {"number": item.number})
            return redirect(item)
    context = {"form": form, "type": kind}
    return render(request, "configuration/new.html", context, status=UNPROCESSABLE if form.errors else 200)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, number: str) -> HttpResponse:
    """Alter an item. A refused attempt says why, and stands in the item's history."""
    actor, item = _writer(request, number)
    is_posted = request.method == "POST"
    form = forms.ItemForm(request.POST if is_posted else None, actor=actor, item_type=item.type, item=item)
    seen = _seen(request) if is_posted else item.version
    status = 200
    if is_posted and form.is_valid():
        try:
            authority = authority_of(form.cleaned_data["change"], actor=actor)
            done = services.alter_item(
                item, form.facts, authority=authority, actor=actor, now=now_utc(), expected_version=seen
            )
        except ValidationError as refused:
            form.take(refused)
        except Denied:
            status = FORBIDDEN
            form.add_error(None, _not_yours(item))
        except services.Stale as stale:
            seen, status = stale.item.version, STALE
            form.add_error(None, _("Somebody altered this item since you opened it; compare and send anew."))
        else:
            same = done.version == item.version
            messages.success(request, _("Nothing was altered.") if same else _("The item was altered."))
            return redirect(done)
    status = UNPROCESSABLE if form.errors and status == 200 else status
    return render(
        request, "configuration/edit.html", {"item": item, "form": form, "seen": seen}, status=status
    )


Act = Callable[..., Any]


def _done_or_asked(
    request: HttpRequest, item: Item, form: Any, act: Act, *, said: str, **words: str
) -> HttpResponse:
    """One small form: carried out and back to the item, or shown with what was refused."""
    actor = reader(request)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            authority = authority_of(form.cleaned_data["change"], actor=actor)
            act(form, authority=authority, actor=actor, now=now_utc())
        except ValidationError as refused:
            form.take(refused)
        except Denied:
            status = FORBIDDEN
            form.add_error(None, _not_yours(item))
        except services.Stale:
            status = STALE
            form.add_error(None, _("Somebody altered this item since you opened it; compare and send anew."))
        else:
            messages.success(request, said)
            return redirect(item)
    if isinstance(form, django_forms.Form) and form.errors and status == 200:
        status = UNPROCESSABLE
    context = {"item": item, "form": form, "version": item.version, **words}
    return render(request, "configuration/act.html", context, status=status)


@require_http_methods(["GET", "POST"])
def retire(request: HttpRequest, number: str) -> HttpResponse:
    """Out of use for good, by an approved change; says what still needs it."""
    actor, item = _writer(request, number)
    form = forms.WithChange(request.POST if request.method == "POST" else None)

    def act(form: Any, **how: Any) -> None:
        services.retire(item, expected_version=_seen(request), **how)

    hit = len(impact.reached([item.pk], direction="impact", actor=actor))
    words = [_("It leaves the choices of tickets and the impact analysis. Relations and history stay.")]
    if hit:
        needed = ngettext("%(n)s item in use needs it.", "%(n)s items in use need it.", hit)
        words.append(needed % {"n": hit})
    return _done_or_asked(
        request, item, form, act, said=_("The item is retired."), title=_("Retire the item"),
        label=_("Retire"), help=" ".join(words),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def relate(request: HttpRequest, number: str) -> HttpResponse:
    actor, item = _writer(request, number)
    form = forms.RelateForm(request.POST if request.method == "POST" else None, actor=actor, item=item)

    def act(form: forms.RelateForm, **how: Any) -> None:
        services.relate(*form.relation(item), **how)

    return _done_or_asked(
        request, item, form, act, said=_("The relation is stored, to be read from both sides."),
        title=_("Relate the item"), label=_("Relate"), help="",
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def unrelate(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    actor, item = _writer(request, number)
    seen = Item.objects.visible_to(actor)
    rows = Relation.objects.filter(source__in=seen, target__in=seen).select_related(
        "source", "target", "type"
    )
    relation = get_object_or_404(rows, pk=pk)
    if item.pk not in (relation.source_id, relation.target_id):
        return redirect(item)
    form = forms.WithChange(request.POST if request.method == "POST" else None)

    def act(form: Any, **how: Any) -> None:
        services.unrelate(relation, **how)

    sentence = f"{relation.source.name} {relation.type.name} {relation.target.name}"
    return _done_or_asked(
        request, item, form, act, said=_("The relation is removed."), title=_("Remove the relation"),
        label=_("Remove"), help=sentence,
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def name_service(request: HttpRequest, number: str) -> HttpResponse:
    _actor, item = _writer(request, number)
    form = forms.ServiceForm(request.POST if request.method == "POST" else None, item=item)

    def act(form: forms.ServiceForm, **how: Any) -> None:
        services.name_service(item, form.cleaned_data["service"], **how)

    return _done_or_asked(
        request, item, form, act, said=_("The service is named."), title=_("Name a service"), label=_("Name"),
        help=_("Impact analysis goes from the item to the services that run on it, and to who has them."),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def remove_service(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    _actor, item = _writer(request, number)
    row = get_object_or_404(ItemService.objects.select_related("item", "service"), pk=pk, item=item)
    form = forms.WithChange(request.POST if request.method == "POST" else None)

    def act(form: Any, **how: Any) -> None:
        services.remove_service(row, **how)

    return _done_or_asked(
        request, item, form, act, said=_("The service is removed."), title=_("Remove the service"),
        label=_("Remove"), help=row.service.name,
    )  # fmt: skip
