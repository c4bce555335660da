"""The steps taken with an entry of the catalogue: begin, propose, and the acts of its page. For managers."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import Actor, require
from accounts.pages import add_errors, now_utc
from catalog import forms as shapes
from catalog import page, services
from catalog.models import Service, ServiceReview
from catalog.offer import Offer


def _writer(request: HttpRequest, permission: str) -> Actor:
    actor = page.reader(request)
    require(actor, permission)
    return actor


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Begin an entry, then go on to what it says."""
    actor = _writer(request, "catalogue_propose")
    form = shapes.New(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.create(**form.cleaned_data, actor=actor, now=now_utc())
            return redirect("catalog:propose", made.code)
        except ValidationError as refused:
            add_errors(form, refused)
    return render(request, "catalog/new.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def propose(request: HttpRequest, code: str) -> HttpResponse:
    """Write a version in both languages and put it before the committee."""
    actor = _writer(request, "catalogue_propose")
    service = page.find(code)
    if "propose" not in services.legal_acts(service):
        return _not_now(request, actor, service)
    data = request.POST if request.method == "POST" else None
    form = shapes.Proposal(data, service=service, offer=_beginning(service), actor=actor)
    seen = _version(request) if data is not None else service.version
    if data is not None and form.is_valid():
        asked = {name: form.cleaned_data[name] for name in ("members", "reason")}
        asked["members"] = list(asked["members"])
        offer = form.cleaned_data["offer"]
        try:
            services.propose(service, offer, **asked, actor=actor, now=now_utc(), expected_version=seen)
            return redirect("catalog:detail", service.code)
        except ValidationError as refused:
            form.take(refused)
        except services.Stale as stale:
            seen = stale.service.version
            form.add_error(None, _("Somebody changed this entry since you opened it; compare and send anew."))
    context = {"service": service, "form": form, "seen": seen}
    return render(request, "catalog/propose.html", context, status=422 if form.errors else 200)


def _beginning(service: Service) -> Offer:
    """What the form starts from: the latest proposal if it came to nothing, else the present version."""
    last = service.reviews.order_by("-pk").first()
    if last and last.state in (ServiceReview.State.REFUSED, ServiceReview.State.TAKEN_BACK):
        return Offer.parse(last.offer)
    return service.offer


def _version(request: HttpRequest) -> int | None:
    given = request.POST.get("version", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else None


def _not_now(request: HttpRequest, actor: Actor, service: Service) -> HttpResponse:
    notice = _("That step is not possible now: the entry has moved on. These steps are possible.")
    return page.shown(request, actor, service, notice=notice, status=409)


@require_POST
def act(request: HttpRequest, code: str, act: str) -> HttpResponse:
    """Take a step; what is refused comes back on the page, with what was entered."""
    actor = page.reader(request)
    step = page.STEPS.get(act)
    if step is None:
        raise Http404(_("There is no such step."))
    require(actor, services.RULES[act])
    service = page.find(code)
    form = page.new_form(step, service, request.POST)
    if form.is_valid():
        try:
            _take(act, service, form.cleaned_data, actor, _version(request))
            return redirect("catalog:detail", service.code)
        except ValidationError as refused:
            add_errors(form, refused)
        except services.NotNow:
            return _not_now(request, actor, page.find(code))
        except services.Stale:
            notice = _("Somebody took a step since you opened this page; look again, then repeat yours.")
            current = page.find(code)
            return page.shown(request, actor, current, failed=form, name=act, notice=notice, status=409)
    current = page.find(code)
    if act not in services.legal_acts(current):
        return _not_now(request, actor, current)
    return page.shown(request, actor, current, failed=form, name=act, status=422)


def _take(act: str, service: Service, given: dict[str, Any], actor: Actor, expected: int | None) -> None:
    doing: dict[str, Any] = {**given, "actor": actor, "now": now_utc(), "expected_version": expected}
    of_service = {
        "edit": services.edit,
        "unavailable": services.make_unavailable,
        "available": services.make_available,
        "withdraw": services.withdraw,
    }
    if act in of_service:
        of_service[act](service, **doing)  # type: ignore[operator]
        return
    review = service.reviews.filter(state=ServiceReview.State.OPEN).first()
    if review is None:
        raise services.NotNow(act, service.state, services.legal_acts(service))
    of_review = {"decide": services.decide, "publish": services.publish, "take_back": services.take_back}
    of_review[act](review, **doing)  # type: ignore[operator]
