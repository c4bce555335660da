"""Whether agreements in the making need an external service, and what came of it (SLM-26)."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import Actor, may
from actions import steps
from actions.rows import row_of as action_row
from agreements.lifecycle import IN_MAKING
from agreements.models import Edition, State
from records.pages import actor_for, now_utc
from sla.models import Agreement
from sla.queries import agreements, knows_what_is_behind
from sla.terms import Terms
from sourcing import forms, services
from sourcing.models import Procurement

PAGE = 30


def page(request: HttpRequest) -> HttpResponse:
    """The decisions by agreement; ``?agreement=`` (code or id) shows one, with the form of its draft."""
    actor = actor_for(request, "draft_agreement")
    agreement = _agreement(actor, request.GET.get("agreement", ""))
    edition = _making(actor, agreement) if agreement else None
    if request.method == "POST":
        if edition is None:
            raise Http404(_("No edition of this agreement is being made."))
        form = forms.Decide(request.POST)
        if form.is_valid():
            try:
                services.decide(edition, **form.cleaned_data, actor=actor, now=now_utc())
                return redirect(f"{reverse('sourcing:requests')}?agreement={edition.agreement.code}")
            except ValidationError as refused:
                steps.add_errors(form, refused)
        return _shown(request, actor, agreement, edition, form)
    return _shown(request, actor, agreement, edition, None)


def _agreement(actor: Actor, given: str) -> Agreement | None:
    given = given.strip()
    if not given:
        return None
    is_id = given.isascii() and given.isdigit() and len(given) < 19
    named = Q(code=given[:60].replace("\0", "")) | (Q(pk=int(given)) if is_id else Q())
    rows = agreements(actor).filter(named, kind=Agreement.Kind.SLA)
    found = rows.filter(code=given).first() or rows.first()
    if found is None:
        raise Http404(_("There is no such agreement."))
    return found


def _making(actor: Actor, agreement: Agreement) -> Edition | None:
    """The edition of the agreement that is being made."""
    rows = Edition.objects.visible_to(actor).filter(agreement=agreement, state__in=IN_MAKING)
    found: Edition | None = rows.select_related("agreement").first()
    return found


def _shown(
    request: HttpRequest,
    actor: Actor,
    agreement: Agreement | None,
    edition: Edition | None,
    failed: forms.Decide | None,
    wrong: tuple[int, forms.Link] | None = None,
) -> HttpResponse:
    seen = Edition.objects.visible_to(actor)
    rows = Procurement.objects.filter(edition__in=seen).select_related(
        "edition__agreement", "decided_by", "action__assignee", "action__agreement", "contract__supplier"
    )
    if agreement:
        rows = rows.filter(edition__agreement=agreement)
    listed = Paginator(rows.order_by("-decided_at", "-pk"), PAGE).get_page(request.GET.get("page"))
    decided = Procurement.objects.filter(edition=OuterRef("pk"), replaced_at=None)
    undecided = seen.filter(~Exists(decided), state__in=IN_MAKING, agreement__kind=Agreement.Kind.SLA)
    form = failed
    if form is None and edition and may(actor, "revise", edition):
        form = forms.Decide(initial={"responsible": actor.user_id})
    context = {
        "agreement": agreement,
        "edition": edition,
        "state": State(edition.state).label if edition else "",
        "form": form,
        "rows": _rows(actor, list(listed), wrong),
        "page": listed,
        "kept": f"agreement={agreement.code}" if agreement else "",
        "knows": knows_what_is_behind(actor),
        "undecided": [] if agreement else list(undecided.select_related("agreement").order_by("pk")[:PAGE]),
    }
    status = 422 if failed or wrong else 200
    return render(request, "sourcing/requests.html", context, status=status)


def _rows(
    actor: Actor, found: Sequence[Procurement], wrong: tuple[int, forms.Link] | None
) -> list[dict[str, Any]]:
    today, choices = timezone.localdate(), _contracts(actor)
    rows = []
    for request in found:
        is_open = request.is_needed and not request.contract_id and not request.replaced_at
        may_link = is_open and may(actor, "revise", request.edition)
        form = None
        if may_link:
            first = choices.filter(code__in=_named(request.edition)).first()
            form = forms.Link(contracts=choices, initial={"contract": first}, auto_id=f"link{request.pk}-%s")
            if wrong and wrong[0] == request.pk:
                form = wrong[1]
        rows.append(
            {
                "request": request,
                "edition": request.edition,
                "action": action_row(request.action, today) if request.action else None,
                "is_open": is_open,
                "form": form,
            }
        )
    return rows


def _contracts(actor: Actor) -> Any:
    return agreements(actor).filter(
        kind=Agreement.Kind.UC, versions__isnull=False, ended_at=None
    ).distinct().order_by("code")  # fmt: skip


def _named(edition: Edition) -> set[str]:
    """The agreements that the terms of an edition rest on, by code."""
    return {s.agreement for term in Terms.parse(edition.terms).promises for s in term.underpinned_by}


@require_POST
def link(request: HttpRequest, item: int) -> HttpResponse:
    """Name the contract that was agreed, which finishes the request and its action."""
    actor = actor_for(request, "draft_agreement")
    rows = Procurement.objects.filter(edition__in=Edition.objects.visible_to(actor))
    asked = get_object_or_404(rows.select_related("edition__agreement"), pk=item)
    form = forms.Link(request.POST, contracts=_contracts(actor), auto_id=f"link{asked.pk}-%s")
    own = asked.edition.agreement
    if form.is_valid():
        try:
            services.link_contract(asked, **form.cleaned_data, actor=actor, now=now_utc())
            return redirect(f"{reverse('sourcing:requests')}?agreement={own.code}")
        except ValidationError as refused:
            steps.add_errors(form, refused)
    return _shown(request, actor, own, _making(actor, own), None, (asked.pk, form))
