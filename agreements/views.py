"""The pages of agreements: the list, an edition with its next steps, its terms."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.access import Actor, may
from actions.queries import causes
from agreements import (
    bare,
    checks,
    editions,
    ending,
    follow_up,
    layering,
    lifecycle,
    party,
    renewal,
    services,
    terms_words,
)
from agreements import forms as shapes
from agreements.models import Edition, FollowUp, State
from agreements.remark_forms import Answer
from agreements.sections import NAMES
from agreements.terms_words import within
from records import panels
from records.middleware import changes_of
from records.pages import actor_for, agent_of, get_one, now_utc
from records.services import Stale
from records.timeline import entries
from sla import layers
from sla.models import Agreement
from sla.naming import Names
from sla.queries import agreements
from sla.terms import MeasureTerm, TargetTerm, Terms
from sla.terms_rows import terms_of

PAGE = 50


@dataclass(frozen=True)
class Step:
    """Something a person may do with an edition: its words, its form, the states it fits, and its verb."""

    name: str
    label: Any
    form: type[forms.Form]
    states: frozenset[str]
    run: Callable[..., Any]


def _from(move: str) -> frozenset[str]:
    return lifecycle.LIFECYCLE.moves[move][0]


REVIEWING = frozenset({lifecycle.INTERNAL_REVIEW})
SIGNING = frozenset({lifecycle.TO_SIGN})
STEPS = {
    step.name: step
    for step in (
        Step("submit", gettext_lazy("Submit for review"), shapes.Submit, _from("submit"), services.submit),
        Step("countersign", gettext_lazy("Countersign"), shapes.Countersign, REVIEWING, services.countersign),
        Step(
            "check_legality", gettext_lazy("Record the legality check"), shapes.CheckLegality,
            REVIEWING | _from("agree") | SIGNING, services.check_legality,
        ),
        Step(
            "offer", gettext_lazy("Offer to the other party"), shapes.Nothing, _from("offer"), services.offer
        ),
        Step("agree", gettext_lazy("Record agreement"), shapes.Agree, _from("agree"), services.agree),
        Step("sign", gettext_lazy("Record a signature"), shapes.Sign, SIGNING, services.sign),
        Step("activate", gettext_lazy("Put in force"), shapes.Nothing, SIGNING, services.activate),
        Step(
            "excuse", gettext_lazy("Accept although not proved"), shapes.Excuse, lifecycle.IN_MAKING,
            services.excuse,
        ),
        Step(
            "return", gettext_lazy("Send back to draft"), shapes.Because, _from("return"), services.send_back
        ),
        Step("withdraw", gettext_lazy("Withdraw"), shapes.Because, _from("withdraw"), services.withdraw),
        Step("renew", gettext_lazy("Renew"), shapes.Renew, renewal.RENEWABLE, renewal.renew),
        Step(
            "terminate", gettext_lazy("Terminate"), shapes.Terminate, _from("terminate"), ending.request
        ),
    )
}  # fmt: skip
TONES = {
    lifecycle.IN_FORCE: "good",
    lifecycle.TERMINATED: "bad",
    lifecycle.EXPIRED: "warn",
    lifecycle.PARTY_REVIEW: "accent",
    lifecycle.TO_SIGN: "accent",
}


def listing(request: HttpRequest) -> HttpResponse:
    """All editions, the newest first; narrowed to a state by the address."""
    actor = actor_for(request, "draft_agreement")
    state, now = request.GET.get("state", ""), now_utc()
    page = Paginator(editions.listed(actor, state), PAGE).get_page(request.GET.get("page"))
    shown = [
        {"edition": e, "state": State(e.state).label, "tone": TONES.get(e.state, "neutral"),
         "is_past": renewal.is_past_its_end(e, now)}
        for e in page
    ]  # fmt: skip
    is_told = page.number == 1 and state in ("", State.IN_FORCE)
    context = {
        "rows": shown,
        "page": page,
        "states": State.choices,
        "chosen": state,
        "bare": bare.in_force(agreements(actor), now) if is_told else [],
    }
    return render(request, "agreements/list.html", context)


def new(request: HttpRequest) -> HttpResponse:
    """Begin the next edition of an agreement."""
    actor = actor_for(request, "draft_agreement")
    asked_for = {name: request.GET.get(name, "") for name in ("agreement", "change_reason")}
    form = shapes.New(request.POST if request.method == "POST" else None, initial=asked_for)
    form.fields["agreement"].queryset = agreements(actor)  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        asked = dict(form.cleaned_data)
        agreement, package, calendar = asked.pop("agreement"), asked.pop("package"), asked.pop("calendar")
        last = agreement.versions.order_by("-number").first()
        if not (package or last or calendar):
            form.add_error("calendar", _("Choose the service hours, or a package to start from."))
        else:
            start = package.terms if package else layers.own(terms_of(last)).dump() if last else {}
            start |= {"calendar": calendar.code} if calendar else {}
            try:
                made = services.draft(agreement, terms=start, actor=actor, now=now_utc(), **asked)
                return redirect(made)
            except ValidationError as refused:
                _add(form, refused)
    return render(request, "agreements/new.html", {"form": form}, status=422 if form.errors else 200)


def _add(form: forms.Form, refused: ValidationError) -> None:
    """Put what a verb refused at its field, or above the form where there is no such field."""
    for field, errors in refused.message_dict.items():
        place, _dot, inside = field.partition(".")
        for words in errors:
            said = f"{inside}: {words}" if inside else words
            form.add_error(place if place in form.fields else None, said)


def detail(request: HttpRequest, number: str) -> HttpResponse:
    """An edition: state, next steps, decisions so far, terms, follow-ups, history. For all the staff."""
    actor = agent_of(request)
    return _shown(request, actor, get_one(Edition, actor, number))


def _shown(
    request: HttpRequest,
    actor: Actor,
    edition: Edition,
    *,
    failed: "forms.Form | None" = None,
    name: str = "",
) -> HttpResponse:
    terms, names = Terms.parse(edition.terms), Names.load()
    layer = layering.of(edition)
    steps = [
        {"name": s.name, "label": s.label, "form": failed if s.name == name else _step_form(s, edition)}
        for s in STEPS.values()
        if edition.state in s.states
        and s.name != "terminate"  # on a page of its own, with all that hangs on it
        and may(actor, s.name, edition)
        and (s.name == name or _is_open(s, edition, actor))
    ]
    items = follow_up.open_items(edition.agreement).select_related("agreement", "responsible")
    context = {
        "edition": edition,
        "state": State(edition.state).label,
        "tone": TONES.get(edition.state, "neutral"),
        "is_draft": edition.state == lifecycle.DRAFT,
        "may_draft": may(actor, "draft_agreement"),
        "is_past": renewal.is_past_its_end(edition, now_utc()),
        "ending": ending.pending(edition.agreement),
        "may_end": edition.state == lifecycle.IN_FORCE and may(actor, "terminate", edition),
        "steps": steps,
        "targets": [_promise(term, names, layer.terms.inherited) for term in layer.terms.promises],
        "looser": [names.key(key) for key in layering.looser(edition)],
        "below": layering.below(edition.agreement),
        "cost": terms_words.cost(terms.cost),
        "key_services": [names.service(code) for code in terms.key_services],
        "at_end": terms_words.AT_END[terms.renewal.at_end] if edition.effective_until else "",
        "sections": [{"name": NAMES[code], "section": terms.sections.get(code)} for code in NAMES],
        "countersignatures": edition.countersignatures.select_related("reviewer").order_by("pk"),
        "signatures": edition.signatures.order_by("pk"),
        "exceptions": [
            {"row": row, "target": checks.unproved_name(row.target_key, names)}
            for row in edition.exceptions.select_related("decided_by").order_by("pk")
        ],
        "items": items,
        "remarks": party.remarks_of(edition),
        "answer": Answer(auto_id=False) if may(actor, "answer_remark", edition) else None,
        "finish": shapes.Finish(auto_id=False),
        "causes": causes(edition, actor),
        **panels.beside(edition, actor, now=now_utc(), side=panels.Side.DESK),
        "timeline": entries(edition, actor, fold=False).entries[::-1],
    }
    return render(request, "agreements/detail.html", context, status=422 if failed else 200)


def _promise(term: TargetTerm | MeasureTerm, names: Names, inherited: Mapping[str, str]) -> dict[str, Any]:
    goal = term.goal_percent
    behind = [f"{names.agreement(s.agreement)}: {names.key(s.target)}" for s in term.underpinned_by]
    return {
        "name": names.key(term.key),
        "promise": within(term),
        "goal": "" if goal is None else f"{goal:g} %",
        "supports": behind,
        "origin": names.agreement(inherited[term.key]) if term.key in inherited else "",
    }


def _is_open(step: Step, edition: Edition, actor: Actor) -> bool:
    """Accepting looser promises is a second person's, and only where the proof shows one."""
    if step.name == "countersign":
        return bool(edition.countersignatures.filter(reviewer=actor.user_id).exists())
    if step.name == "renew":
        return renewal.is_open(edition)
    return step.name != "excuse" or bool(edition.requester_id != actor.user_id and _unproved(edition))


def _unproved(edition: Edition) -> list[tuple[str, str]]:
    """The targets that still need a decision, by key and name; a proof takes a while."""
    is_customers = edition.agreement.kind == Agreement.Kind.SLA
    if is_customers and not any(term.underpinned_by for term in layering.of(edition).terms.promises):
        return []
    try:
        found = checks.unproved(edition)
    except ValidationError:
        return []  # a circle: there is nothing to accept, the proof and the signature say why
    excused, names = set(edition.exceptions.values_list("target_key", flat=True)), Names.load()
    return [(key, checks.unproved_name(key, names)) for key in found if key not in excused]


def _step_form(step: Step, edition: Edition, data: Any = None) -> forms.Form:
    over: dict[str, Any] = {"targets": _unproved(edition)} if step.form is shapes.Excuse else {}
    if step.form is shapes.Renew and data is None:
        over["initial"] = renewal.proposed(edition, now_utc())
    return step.form(data, auto_id=f"{step.name}-%s", **over)


@require_POST
def act(request: HttpRequest, number: str, act: str) -> HttpResponse:
    """Take a step; what is refused comes back on the page, with what was entered.

    A reviewer may be of any department; all other steps are for managers.
    """
    actor = actor_for(request, "desk" if act == "countersign" else "draft_agreement")
    edition = get_one(Edition, actor, number)
    step = STEPS.get(act)
    if step is None:
        raise Http404(_("There is no such step."))
    form = _step_form(step, edition, request.POST)
    if form.is_valid():
        try:
            made = step.run(edition, **form.cleaned_data, actor=actor, now=now_utc())
            return redirect(made if isinstance(made, Edition) else edition)
        except ValidationError as refused:
            _add(form, refused)
    return _shown(request, actor, get_one(Edition, actor, number), failed=form, name=act)


@require_POST
def finish(request: HttpRequest, number: str, item: int) -> HttpResponse:
    """Close a follow-up."""
    actor = actor_for(request, "draft_agreement")
    edition = get_one(Edition, actor, number)
    found = get_object_or_404(FollowUp, pk=item, edition__agreement=edition.agreement_id)
    form = shapes.Finish(request.POST)
    if form.is_valid():
        try:
            follow_up.finish(found, **form.cleaned_data, actor=actor, now=now_utc())
            return redirect(edition)
        except ValidationError as refused:
            _add(form, refused)
    return _shown(request, actor, edition, failed=form)


def terms(request: HttpRequest, number: str) -> HttpResponse:
    """The expert view of a draft's terms, as JSON; who was second to save is told, and keeps the text."""
    actor = actor_for(request, "draft_agreement")
    edition = get_one(Edition, actor, number)
    text, status = json.dumps(edition.terms, ensure_ascii=False, indent=2), 200
    changes: list[dict[str, Any]] = []
    form = shapes.TermsForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        text, status = request.POST.get("terms", ""), 422
        try:
            if form.is_valid():
                services.revise(
                    edition, {"terms": form.cleaned_data["terms"]}, actor=actor, now=now_utc(),
                    expected_version=form.cleaned_data["version"],
                )  # fmt: skip
                return redirect("agreements:terms", edition.number)
        except ValidationError as refused:
            _add(form, refused)
        except Stale as stale:
            changes, status = changes_of(stale, actor), 409
            edition = get_one(Edition, actor, number)
    is_draft = edition.state == lifecycle.DRAFT
    context = {"edition": edition, "form": form, "text": text, "changes": changes, "is_draft": is_draft}
    return render(request, "agreements/terms.html", context, status=status)
