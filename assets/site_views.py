"""Pages of service sites, and of what was applied for and waits for a second person."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import Actor, may
from assets import applications, forms, lifecycle, news, pages, register, sites, words
from assets.models import Application, AssetState, ServiceSite, SiteState
from assets.pages import CONFLICT, SITE_TONES, UNPROCESSABLE
from records.lifecycle import IllegalMove
from records.pages import actor_for, add_errors, agent_of, now_utc

APPLY = {
    "open_site": gettext_lazy("Apply for its opening"),
    "close_site": gettext_lazy("Apply for its closing"),
}
TONES = {"": "warn", "approved": "good", "refused": "bad", "withdrawn": "quiet"}
VIEWS = {"waiting": gettext_lazy("Waiting"), "decided": gettext_lazy("Decided")}


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """The service sites."""
    agent_of(request)
    there = Q(assets__isnull=False) & ~Q(assets__state=AssetState.DISPOSED)
    rows = ServiceSite.objects.select_related("calendar", "team", "keeper")
    state = request.GET.get("state", "")
    if state in SiteState.values:
        rows = rows.filter(state=state)
    ordered = rows.annotate(here=Count("assets", filter=there)).order_by("name_en", "pk")
    page = pages.numbered(ordered, request)
    context = {
        "page": page, "rows": [{"site": site, "tone": SITE_TONES[site.state]} for site in page],
        "states": SiteState.choices, "state": state, "kept": f"state={state}", "here": "sites",
    }  # fmt: skip
    return render(request, "assets/sites.html", context)


def _site(code: str) -> ServiceSite:
    rows = ServiceSite.objects.select_related("calendar", "team", "keeper")
    return get_object_or_404(rows, code=code.lower())


@require_GET
def detail(request: HttpRequest, code: str) -> HttpResponse:
    """A site, what was applied for about it, and its history."""
    actor = agent_of(request)
    return _shown(request, actor, _site(code))


def _shown(
    request: HttpRequest, actor: Actor, site: ServiceSite, failed: tuple[str, Any] | None = None,
    problem: str = "", status: int = 200,
) -> HttpResponse:  # fmt: skip
    asked = site.applications.select_related("asked_by", "decided_by").order_by("-pk")
    is_pending = any(not row.decision for row in asked)
    names = [] if is_pending else lifecycle.SITE.legal_moves(site.state)
    context = {
        "site": site, "tone": SITE_TONES[site.state], "here": "sites", "problem": problem,
        "applications": [_row(row) for row in asked], "leads": may(actor, "lead_sites"),
        "steps": [
            {"name": name, "label": APPLY[name], "url": reverse("assets:site-apply", args=[site.code, name]),
             "form": failed[1] if failed and failed[0] == name
             else forms.AskForSite(auto_id=f"{name}-%s", initial={"on": pages.today()})}
            for name in names if may(actor, "ask_for_site")
        ],
        "assets": site.assets.visible_to(actor).exclude(state=AssetState.DISPOSED).count(),
        "timeline": words.history(site),
    }  # fmt: skip
    return render(request, "assets/site.html", context, status=status)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, code: str = "") -> HttpResponse:
    """A site, planned or changed."""
    actor = actor_for(request, "desk", "lead_sites" if code else "ask_for_site")
    site = _site(code) if code else None
    initial = {name: getattr(site, name) for name in sites.FACTS} if site else {}
    form = forms.SiteForm(
        request.POST if request.method == "POST" else None, initial=initial, actor=actor, is_new=site is None
    )
    if form.is_valid():
        facts = dict(form.cleaned_data)
        try:
            if site is None:
                saved = sites.plan(facts.pop("code"), facts, actor=actor, now=now_utc())
            else:
                saved = sites.change(
                    site, facts, actor=actor, now=now_utc(), expected_version=pages.version_in(request)
                )
        except ValidationError as refused:
            add_errors(form, refused)
        except register.Stale:
            form.add_error(None, pages.stale_words())
        else:
            messages.success(request, _("The site was saved."))
            return redirect(saved)
    context = {"form": form, "site": site, "here": "sites"}
    return render(request, "assets/site_edit.html", context, status=UNPROCESSABLE if form.errors else 200)


@require_POST
def apply(request: HttpRequest, code: str, act: str) -> HttpResponse:
    """Apply for opening or closing a site."""
    actor = actor_for(request, "desk", "ask_for_site")
    site = _site(code)
    if act not in APPLY:
        raise Http404(_("There is no such step."))
    form = forms.AskForSite(request.POST, auto_id=f"{act}-%s")
    if not form.is_valid():
        return _shown(request, actor, site, (act, form), status=UNPROCESSABLE)
    try:
        applications.ask_for_site(site, act, **form.cleaned_data, actor=actor, now=now_utc())
    except ValidationError as refused:
        add_errors(form, refused)
        return _shown(request, actor, site, (act, form), status=UNPROCESSABLE)
    except IllegalMove:
        gone = _("This is not possible any more: somebody else took a step meanwhile.")
        return _shown(request, actor, site, problem=gone, status=CONFLICT)
    messages.success(request, _("The application waits for its approval."))
    return redirect(site)


# --- applications ----------------------------------------------------------------------------------


def _row(row: Application) -> dict[str, Any]:
    label = row.get_decision_display() if row.decision else _("waits for a decision")
    return {"application": row, "label": label, "tone": TONES[row.decision]}


@require_GET
def asked(request: HttpRequest) -> HttpResponse:
    """What was applied for: what waits, and what was decided."""
    actor = agent_of(request)
    view = request.GET.get("view", "")
    view = view if view in VIEWS else "waiting"
    seen = Application.objects.visible_to(actor)
    parts = {"waiting": seen.filter(decision=""), "decided": seen.exclude(decision="")}
    rows = parts[view].select_related("asset__customer", "site", "asked_by", "decided_by")
    page = pages.numbered(rows.order_by("-pk"), request)
    context = {
        "page": page, "rows": [_row(row) for row in page], "view": view, "kept": f"view={view}",
        "tabs": [{"key": key, "label": label, "count": parts[key].count()} for key, label in VIEWS.items()],
        "here": "applications",
    }  # fmt: skip
    return render(request, "assets/applications.html", context)


@require_http_methods(["GET", "POST"])
def application(request: HttpRequest, item: int) -> HttpResponse:
    """An application, to be decided by somebody else than who asked."""
    actor = agent_of(request)
    rows: Any = Application.objects.visible_to(actor).select_related(
        "asset__customer", "site", "asked_by", "decided_by"
    )
    row: Application = get_object_or_404(rows, pk=item)
    news.read_about(row, actor, now=now_utc())
    is_posted = request.method == "POST"
    form = forms.Decide(request.POST if is_posted else None)
    status = 200
    if is_posted and form.is_valid():
        try:
            if request.POST.get("act") == "withdraw":
                applications.withdraw(row, actor=actor, now=now_utc())
            else:
                applications.decide(
                    row, approve=request.POST.get("act") == "approve", note=form.cleaned_data["note"],
                    actor=actor, now=now_utc(),
                )  # fmt: skip
        except ValidationError as refused:
            add_errors(form, refused)
            status = UNPROCESSABLE
        except (applications.Settled, IllegalMove):
            form.add_error(None, _("It was decided or changed meanwhile. Open it again and look."))
            status = CONFLICT
        else:
            messages.success(request, _("The decision was recorded."))
            return redirect(row.about)
    context = {
        **_row(row), "row": row, "form": form, "here": "applications",
        "may_decide": applications.may_decide(actor, row),
        "may_withdraw": not row.decision and row.asked_by_id == actor.user_id,
    }  # fmt: skip
    return render(request, "assets/application.html", context, status=status)
