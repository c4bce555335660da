"""An entry of the catalogue as its page shows it. Shared by what reads and what takes steps."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import Actor
from accounts.pages import actor_for, now_utc
from catalog import forms as shapes
from catalog import queries, services, words
from catalog.models import ReviewDecision, Service, ServiceReview, ServiceVersion
from catalog.offer import Offer, changes

VIEWS: Mapping[str, Any] = {
    "customer": gettext_lazy("Customer view"),
    "provider": gettext_lazy("Provider view"),
}
SHOWN = 100
"""How many of the latest steps are shown."""


@dataclass(frozen=True)
class Step:
    """Something a person may do with an entry: the words of its button and its form."""

    name: str
    label: Any
    form: type[forms.Form]


STEPS = {
    step.name: step
    for step in (
        Step("decide", gettext_lazy("Decide on the proposal"), shapes.Decide),
        Step("publish", gettext_lazy("Publish"), shapes.Nothing),
        Step("take_back", gettext_lazy("Take the proposal back"), shapes.Because),
        Step("available", gettext_lazy("Make available again"), shapes.Nothing),
        Step("edit", gettext_lazy("Change the classification"), shapes.Classification),
        Step("unavailable", gettext_lazy("Mark as temporarily unavailable"), shapes.Unavailable),
        Step("withdraw", gettext_lazy("Withdraw the service"), shapes.Because),
    )
}


def reader(request: HttpRequest) -> Actor:
    """The actor, who must be one of the staff."""
    return actor_for(request, "catalogue")


def find(code: str) -> Service:
    """The entry of a code; 404 if there is none."""
    related = ("present", "family", "owner", "support_team", "second_line_team")
    service = Service.objects.standing().select_related(*related).filter(code=code).first()
    if service is None:
        raise Http404(_("There is no service %(code)s.") % {"code": code})
    return service


def new_form(step: Step, service: Service, data: Any = None) -> forms.Form:
    """The form of a step, with ids of its own; the classification begins with what is there."""
    kwargs: dict[str, Any] = {"auto_id": f"{step.name}-%s"}
    if step.form is shapes.Classification and data is None:
        kwargs["service"] = service
    return step.form(data, **kwargs)


def shown(
    request: HttpRequest,
    actor: Actor,
    service: Service,
    *,
    failed: forms.Form | None = None,
    name: str = "",
    notice: str = "",
    status: int = 200,
) -> HttpResponse:
    """The page of an entry; ``failed`` is a step's form that was refused, ``notice`` a sentence on top."""
    acts = services.available_acts(service, actor)
    review = _review(service)
    view = request.GET.get("view", "")
    view = view if view in VIEWS else "customer"
    versions = list(service.versions.select_related("created_by", "review__author").order_by("-number"))
    names = words.names_of([service.offer, *(Offer.parse(v.offer) for v in versions)])
    context = {
        "service": service,
        "state": service.state.label,
        "tone": words.TONES[service.state],
        "notice": notice,
        "steps": _steps(service, acts, review, actor, failed, name),
        "may_propose": "propose" in acts,
        "review": review and _review_shown(review, service),
        "view": view,
        "views": VIEWS.items(),
        "rows": words.rows(service.offer, view, names),
        "versions": _versions(versions, names),
        "rests_on": service.dependencies.select_related("rests_on"),
        "dependents": Service.objects.filter(dependencies__rests_on=service).order_by("name_en"),
        "uses": queries.uses(service, actor, now_utc()),
        "timeline": _timeline(service),
    }
    return render(request, "catalog/detail.html", context, status=status)


def _review(service: Service) -> ServiceReview | None:
    rows = service.reviews.filter(state=ServiceReview.State.OPEN).select_related("author")
    return rows.prefetch_related("decisions__member").first()


def _steps(
    service: Service,
    acts: tuple[str, ...],
    review: ServiceReview | None,
    actor: Actor,
    failed: forms.Form | None,
    name: str,
) -> list[dict[str, Any]]:
    """The steps that make sense for this person now, with their forms."""
    found = []
    for step in STEPS.values():
        if step.name not in acts or (step.name != name and not _is_next(step.name, review, actor)):
            continue
        form = failed if failed is not None and step.name == name else new_form(step, service)
        row: dict[str, Any] = {"name": step.name, "label": step.label, "form": form, "known": []}
        if step.name == "withdraw":
            row["known"] = services.hindrances(service, actor, now_utc())
        row["is_due"] = step.name in ("decide", "publish")
        row["is_open"] = row["is_due"] or bool(form.errors)
        found.append(row)
    return found


def _is_next(name: str, review: ServiceReview | None, actor: Actor) -> bool:
    if review is None or name not in ("decide", "publish"):
        return True
    decisions = list(review.decisions.all())
    if name == "publish":
        return bool(decisions) and all(d.result == ReviewDecision.Result.APPROVED for d in decisions)
    return any(d.member_id == actor.user_id and not d.result for d in decisions)


def _review_shown(review: ServiceReview, service: Service) -> dict[str, Any]:
    offer = Offer.parse(review.offer)
    names = words.names_of([offer, service.offer])
    compared = changes(service.offer, offer)
    return {
        "review": review,
        "decisions": review.decisions.all(),
        "changes": [words.difference(change, names) for change in compared],
    }


def _versions(versions: list[ServiceVersion], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """The newest first, each with what it says differently from the one before."""
    offers = [Offer.parse(version.offer) for version in versions]
    found = []
    for place, version in enumerate(versions):
        older = offers[place + 1] if place + 1 < len(offers) else None
        compared = changes(older, offers[place]) if older else []
        found.append(
            {
                "version": version,
                "is_first": older is None,
                "changes": [words.difference(change, names) for change in compared],
            }
        )
    return found


def _timeline(service: Service) -> list[dict[str, Any]]:
    """Who did what, the latest first, as components/timeline_entry.html takes it."""
    found = []
    for step in service.steps.select_related("actor")[:SHOWN]:
        said = str(step.get_act_display())
        if step.number:
            said = _("published version %(number)s") % {"number": step.number}
        if step.words:
            said = _("%(act)s: %(words)s") % {"act": said, "words": step.words}
        found.append({"kind": "system", "actor": step.actor.name, "at": step.at, "words": said})
    return found
