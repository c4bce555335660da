"""Pages of the register: the list, an asset with its history, and what happens to it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import Actor, may
from accounts.queries import customers, organisations
from assets import applications, depreciation, forms, lifecycle, pages, queries, register, words
from assets.models import Asset, AssetState, ServiceSite
from assets.pages import CONFLICT, UNPROCESSABLE
from cmdb.models import ItemType
from records.lifecycle import IllegalMove
from records.pages import add_errors, agent_of, now_utc

WARRANTIES = {
    "30": gettext_lazy("ends within 30 days"),
    "60": gettext_lazy("ends within 60 days"),
    "90": gettext_lazy("ends within 90 days"),
    "ended": gettext_lazy("has ended"),
    "none": gettext_lazy("not known"),
}
COVERAGE = {
    queries.COVERED: gettext_lazy("Important, a known item"),
    queries.MISSING: gettext_lazy("Important, not a known item"),
}


@dataclass(frozen=True)
class Step:
    """What may be done with an asset: its words, its form, its verb."""

    label: Any
    form: type[forms.Act]
    run: Callable[..., Any]


STEPS = {
    "receive": Step(gettext_lazy("Receive"), forms.Receive, register.receive),
    "hand_out": Step(gettext_lazy("Hand out"), forms.HandOut, register.hand_out),
    "take_back": Step(pgettext_lazy("asset", "Take back"), forms.TakeBack, register.take_back),
    "send_to_repair": Step(gettext_lazy("Send to repair"), forms.Repair, register.send_to_repair),
    "back_from_repair": Step(gettext_lazy("Back from repair"), forms.Repaired, register.back_from_repair),
    "dispose": Step(gettext_lazy("Apply for its disposal"), forms.Dispose, applications.ask_to_dispose),
}


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """The assets the reader sees, narrowed."""
    actor, on = agent_of(request), pages.today()
    choice = queries.Choice.read(request.GET)
    page = pages.keyset(queries.listed(actor, choice, on).select_related(*queries.RELATED), request)
    base = queries.assets(actor)
    context = {
        "choice": choice, "rows": [pages.row_of(asset, on) for asset in page["found"]], "page": page,
        "states": [("here", _("There")), ("left", _("Not disposed of")), *AssetState.choices],
        "classes": ItemType.objects.order_by("name_en"),
        "customers": customers(actor).order_by("name_en"), "sites": ServiceSite.objects.all(),
        "warranties": WARRANTIES.items(), "coverages": COVERAGE.items(), "here": "list",
        "tabs": [
            {"label": WARRANTIES[n], "url": "?" + urlencode({"warranty": n}),
             "count": queries.listed(actor, queries.Choice(warranty=n), on).count()}
            for n in ("30", "60", "90")
        ], "has_any": base.exists(), "own": queries.OWN,
    }  # fmt: skip
    return render(request, "assets/list.html", context)


@require_GET
def coverage(request: HttpRequest) -> HttpResponse:
    """The share of important assets known as items, in all and by customer and class (CMDB-04)."""
    actor = agent_of(request)
    owners: dict[Any, str] = {None: _("our own"), **{row.pk: row.name for row in organisations(actor)}}
    classes = {row.pk: row.name for row in ItemType.objects.all()}
    context = {
        "here": "coverage", "total": _part(_("All"), queries.coverage(actor)),
        "tables": [
            {"head": _("Customer"), "rows": _parts(actor, "customer", "customer", owners)},
            {"head": _("Device class"), "rows": _parts(actor, "device_class", "class", classes)},
        ],
    }  # fmt: skip
    return render(request, "assets/coverage.html", context)


def _parts(actor: Actor, column: str, word: str, names: dict[Any, str]) -> list[dict[str, Any]]:
    """The share by the values of a column, each with the lists of that value."""
    found = queries.coverage_by(actor, column)
    rows = [_part(names[pk], of, **{word: pk or "own"}) for pk, of in found.items() if pk in names]
    return sorted(rows, key=lambda row: str(row["label"]))


def _part(label: str, of: queries.Coverage, **given: Any) -> dict[str, Any]:
    """A line of the share, each number with the address of its list."""
    parts = (queries.COVERED, queries.MISSING)
    return {
        "label": label, "of": of, "all": "?" + urlencode({"important": 1, **given}),
        "links": {part: "?" + urlencode({"coverage": part, **given}) for part in parts},
    }  # fmt: skip


@require_GET
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """An asset with what it cost and is worth, its checks, and its history."""
    actor = agent_of(request)
    return _shown(request, actor, pages.asset_of(actor, number))


def _shown(
    request: HttpRequest,
    actor: Actor,
    asset: Asset,
    failed: tuple[str, forms.Act] | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    on = pages.today()
    since = asset.purchased_on or asset.received_on
    pending = asset.applications.filter(decision="").select_related("asked_by").first()
    checks = asset.checks.select_related("plan", "action", "done_by").order_by("-due_on")[:10]
    context = {
        **pages.row_of(asset, on), "row": pages.row_of(asset, on), "value": pages.value_of(asset, on),
        "written_off_on": depreciation.written_off_on(since, asset.life_months) if since else None,
        "steps": _steps(actor, asset, failed, has_pending=pending is not None), "pending": pending,
        "problem": problem, "checks": [pages.check_row(check, on) for check in checks],
        "findings": asset.findings.select_related("action").order_by("-pk")[:10],
        "may_edit": asset.state != lifecycle.DISPOSED, "timeline": words.history(asset),
    }  # fmt: skip
    return render(request, "assets/detail.html", context, status=status)


def _steps(
    actor: Actor, asset: Asset, failed: tuple[str, forms.Act] | None, *, has_pending: bool
) -> list[dict[str, Any]]:
    """The steps open from this state, each with its form."""
    names = [name for name in lifecycle.ASSET.legal_moves(asset.state) if may(actor, register.KEEP)]
    if has_pending:
        names = [name for name in names if name != "dispose"]
    return [
        {
            "name": name, "label": STEPS[name].label, "url": reverse("assets:act", args=[asset.number, name]),
            "form": failed[1] if failed and failed[0] == name
            else STEPS[name].form(of=asset, actor=actor, auto_id=f"{name}-%s"),
        }
        for name in names
    ]  # fmt: skip


@require_POST
def act(request: HttpRequest, number: str, act: str) -> HttpResponse:
    """Take a step with an asset."""
    actor = agent_of(request)
    asset = pages.asset_of(actor, number)
    step = STEPS.get(act)
    if step is None:
        raise Http404(_("There is no such step."))
    form = step.form(request.POST, of=asset, actor=actor, auto_id=f"{act}-%s")
    if not form.is_valid():
        return _shown(request, actor, asset, (act, form), status=UNPROCESSABLE)
    facts = {name: value for name, value in form.cleaned_data.items() if name != "customer"}
    if act != "dispose":
        facts["expected_version"] = pages.version_in(request)
    try:
        step.run(asset, **facts, actor=actor, now=now_utc())
    except ValidationError as refused:
        add_errors(form, refused)
        return _shown(request, actor, asset, (act, form), status=UNPROCESSABLE)
    except register.Stale:
        return _shown(request, actor, asset, problem=pages.stale_words(), status=CONFLICT)
    except IllegalMove:
        words_ = _("This is not possible any more: somebody else took a step meanwhile.")
        return _shown(request, actor, asset, problem=words_, status=CONFLICT)
    messages.success(
        request, _("The application waits for its approval.") if act == "dispose" else _("This was recorded.")
    )
    return redirect(asset)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, number: str = "") -> HttpResponse:
    """An asset, new or changed."""
    actor = agent_of(request)
    asset = pages.asset_of(actor, number) if number else None
    form = forms.AssetForm(
        request.POST if request.method == "POST" else None, actor=actor, asset=asset,
        initial={name: getattr(asset, name) for name in register.FACTS} if asset else {},
    )  # fmt: skip
    if form.is_valid():
        facts = dict(form.cleaned_data)
        try:
            if asset is None:
                came = facts.pop("received_on")
                saved = register.enter(facts, actor=actor, now=now_utc(), received_on=came)
            else:
                saved = register.change(
                    asset, facts, actor=actor, now=now_utc(), expected_version=pages.version_in(request)
                )
        except ValidationError as refused:
            add_errors(form, refused)
        except register.Stale:
            form.add_error(None, pages.stale_words())
        else:
            messages.success(request, _("The asset was saved."))
            return redirect(saved)
    context = {"form": form, "asset": asset, "here": "list"}
    return render(request, "assets/edit.html", context, status=UNPROCESSABLE if form.errors else 200)
