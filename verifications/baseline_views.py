"""The pages of baselines: those there are, a new one, what one holds, and what is otherwise now."""

from collections.abc import Iterable
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from accounts.access import Actor, may
from actions import steps
from cmdb.models import Item, RelationType
from records.pages import actor_for, now_utc
from verifications import baselines, scopes
from verifications import forms as shapes
from verifications.comparing import Difference, Edge
from verifications.facts import NAMES, fact_names, said
from verifications.models import Baseline

PAGE = 50
SHOWN = 500  # of one kind of difference; the rest is counted


def _baselines(actor: Actor) -> Any:
    return Baseline.objects.visible_to(actor).select_related("taken_by", "customer")


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Baselines, newest first."""
    actor = actor_for(request, "desk", "see_items")
    page = Paginator(_baselines(actor).order_by("-taken_at", "-pk"), PAGE).get_page(request.GET.get("page"))
    rows = [{"baseline": each, "scope": scopes.words(each.scope)} for each in page]
    context = {"page": page, "rows": rows, "may_take": may(actor, baselines.ACT)}
    return render(request, "verifications/baselines.html", context)


def new(request: HttpRequest) -> HttpResponse:
    """Take a baseline."""
    actor = actor_for(request, "desk", baselines.ACT)
    if request.method == "POST":
        form = shapes.NewBaseline(request.POST, actor=actor)
        if made := steps.attempt(form, baselines.take, actor=actor, now=now_utc()):
            return redirect(made)
    else:
        form = shapes.NewBaseline(actor=actor, initial={"items": request.GET.get("items", "")})
    status = 422 if form.errors else 200
    return render(request, "verifications/baseline_new.html", {"form": form}, status=status)


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What a baseline holds."""
    actor = actor_for(request, "desk", "see_items")
    baseline = get_object_or_404(_baselines(actor), pk=pk)
    page = Paginator(baseline.items.order_by("number"), PAGE).get_page(request.GET.get("page"))
    names = fact_names()
    context = {
        "baseline": baseline,
        "scope": scopes.words(baseline.scope),
        "others": _baselines(actor).exclude(pk=pk).order_by("-taken_at", "-pk")[:100],
        "page": page,
        "rows": [{"item": row, "facts": facts_shown(row.facts, names)} for row in page],
    }
    return render(request, "verifications/baseline.html", context)


def facts_shown(facts: dict[str, Any], names: dict[str, str]) -> list[dict[str, str]]:
    """The facts beside number and name that have a value, in words; those of every item first."""
    order = {key: place for place, key in enumerate(NAMES)}
    return [
        {"name": names.get(key, key), "value": said(facts[key])}
        for key in sorted(facts, key=lambda key: (order.get(key, len(order)), key))
        if key not in ("number", "name") and said(facts[key])
    ]


@require_safe
def compare(request: HttpRequest, pk: int) -> HttpResponse:
    """From a baseline to the present, or to another baseline (?with=)."""
    actor = actor_for(request, "desk", "see_items")
    baseline = get_object_or_404(_baselines(actor), pk=pk)
    asked = request.GET.get("with", "")
    other = None
    if asked:
        number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 18 else 0
        other = get_object_or_404(_baselines(actor), pk=number)
    found = baselines.difference(baseline, other, actor)
    context = {
        "baseline": baseline,
        "other": other,
        "scope": scopes.words(baseline.scope),
        "is_none": found.is_none,
        **shown(found, actor),
    }
    return render(request, "verifications/comparison.html", context)


def shown(found: Difference, actor: Actor) -> dict[str, Any]:
    """A difference as its page shows it: figures, items with their facts, relations in words."""
    names = fact_names()
    numbers = {*found.added[:SHOWN], *found.gone[:SHOWN], *found.altered_items[:SHOWN]}
    numbers |= {
        end for edge in (*found.related[:SHOWN], *found.unrelated[:SHOWN]) for end in (edge[0], edge[2])
    }
    items = {item.number: item for item in Item.objects.visible_to(actor).filter(number__in=numbers)}
    altered: dict[str, list[dict[str, str]]] = {}
    for each in found.altered:
        row = {
            "name": names.get(each.fact, each.fact),
            "before": said(each.before),
            "after": said(each.after),
        }
        altered.setdefault(each.number, []).append(row)
    return {
        "figures": {
            "added": len(found.added), "gone": len(found.gone), "altered": len(altered),
            "related": len(found.related), "unrelated": len(found.unrelated),
        },
        "added": _named(found.added, items),
        "gone": _named(found.gone, items),
        "altered": [
            {**row, "facts": altered[row["number"]]} for row in _named(found.altered_items, items)
        ],
        "related": _edges(found.related),
        "unrelated": _edges(found.unrelated),
        "most": SHOWN,
    }  # fmt: skip


def _named(numbers: Iterable[str], items: dict[str, Item]) -> list[dict[str, Any]]:
    return [{"number": number, "item": items.get(number)} for number in list(numbers)[:SHOWN]]


def _edges(edges: Iterable[Edge]) -> list[dict[str, str]]:
    kinds = {kind.code: kind.name for kind in RelationType.objects.all()}
    return [
        {"source": source, "kind": kinds.get(kind, kind), "target": target}
        for source, kind, target in list(edges)[:SHOWN]
    ]
