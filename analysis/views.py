"""The pages of the analysis: trend, spread, relations, before and after."""

from typing import Any

from django.core.exceptions import BadRequest, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from analysis import amounts, asking, comparing, relating, spreading, trending
from analysis.asking import Choice, Figure
from analysis.models import BeforeAfter
from kpis import shown
from records.pages import actor_for, now_utc

SIZE = 50


@require_safe
def trend(request: HttpRequest) -> HttpResponse:
    """One figure through time."""
    choice = asking.choice_of(request)
    figure = asking.figure_of(request.GET.get("figure") or asking.DEFAULT)
    context = asking.frame(
        request, choice, "trend", figure=figure, figure_options=asking.options(figure.code), needs="figure"
    )
    if figure.kpi.parts:
        context |= trending.page(figure, choice)
        context["kpi_url"] = reverse("kpis:detail", args=[figure.kpi.id])
    return render(request, "analysis/trend.html", context)


@require_safe
def spread(request: HttpRequest) -> HttpResponse:
    """How the amounts behind a figure are spread."""
    choice = asking.choice_of(request)
    known = asking.figures(with_amount=True)
    code = request.GET.get("figure") or (known[0].code if known else asking.DEFAULT)
    figure = asking.figure_of(code)
    context = asking.frame(
        request, choice, "spread", figure=figure, figure_options=asking.options(code, with_amount=True),
        needs="figure",
    )  # fmt: skip
    if figure.kpi.parts:
        kept = asking.kept(request, figure=figure.code)
        context |= spreading.page(figure, choice, kept)
    return render(request, "analysis/spread.html", context)


@require_safe
def amounts_list(request: HttpRequest) -> HttpResponse:
    """The rows of one bar of a spread."""
    choice = asking.choice_of(request)
    figure = asking.figure_of(request.GET.get("figure") or asking.DEFAULT)
    if not figure.kpi.parts or figure.part.amount is None:
        raise Http404(_("No amount lies behind the rows of this indicator."))
    low, high = (_number(request, name) for name in ("low", "high"))
    rows = amounts.within(amounts.rows_of(figure, choice), low or 0.0, high)
    after = asking.whole(request.GET.get("after", ""), 0)
    page, following = amounts.page(rows, after=max(0, after), size=SIZE)
    context = asking.frame(
        request, choice, "spread", figure=figure, total=rows.count(), lines=shown.lines(page, figure.part),
        next_url=f"?{_paged(request, following)}" if following else "",
        back_url=f"{reverse('analysis:spread')}?{asking.kept(request)}",
    )  # fmt: skip
    return render(request, "analysis/amounts.html", context)


def _paged(request: HttpRequest, after: int) -> str:
    found = request.GET.copy()
    found["after"] = str(after)
    return found.urlencode()


def _number(request: HttpRequest, name: str) -> float | None:
    words = request.GET.get(name, "")
    if not words:
        return None
    try:
        found = float(words)
    except ValueError:
        found = -1.0
    if not 0 <= found < 1e15:
        raise BadRequest(_("“%(field)s” must be a number.") % {"field": name})
    return found


@require_safe
def relations(request: HttpRequest) -> HttpResponse:
    """Whether figures go together: up to eight, pair by pair."""
    choice = asking.choice_of(request)
    codes = list(dict.fromkeys(code for code in request.GET.getlist("figure") if code))[: relating.MOST]
    figures = [figure for code in codes if (figure := asking.figure_of(code)).kpi.parts]
    pair = _pair(request.GET.get("pair", ""), len(figures))
    context = asking.frame(
        request, choice, "relations", figures=_chosen(request, figures), figure_options=asking.options(""),
        needs="figures", is_full=len(figures) >= relating.MOST,
    )  # fmt: skip
    if len(figures) > 1:
        context |= relating.page(figures, choice, pair)
    return render(request, "analysis/relations.html", context)


def _chosen(request: HttpRequest, figures: list[Figure]) -> list[dict[str, Any]]:
    """Those chosen, each with the address without it."""
    return [
        {
            "figure": figure,
            "without": f"?{asking.kept(request, figure=[f.code for f in figures if f is not figure])}",
        }
        for figure in figures
    ]


def _pair(words: str, n: int) -> tuple[int, int]:
    one, _dash, other = words.partition("-")
    first, second = asking.whole(one, 0), asking.whole(other, 1)
    return (first, second) if 0 <= first < second < n else (0, 1)


# --- before and after -----------------------------------------------------------------------------


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """Whether a figure differs from a day on."""
    return _compare_page(request, asking.choice_of(request))


def _compare_page(request: HttpRequest, choice: Choice, refused: str = "") -> HttpResponse:
    figure = asking.figure_of(request.GET.get("figure") or asking.DEFAULT)
    plans = comparing.plans(choice.actor)
    number = request.GET.get("improvement", "")
    plan = next((each for each in plans if each.number == number), None)
    day = asking.day_of(request.GET.get("day", ""), "day")
    if day is None:
        day = plan.starts_on if plan else choice.last.moved(-(choice.count // 2)).first
    context = asking.frame(
        request, choice, "compare", figure=figure, figure_options=asking.options(figure.code),
        needs="figure day", day=day, plans=plans, plan=plan, refused=refused,
    )  # fmt: skip
    if figure.kpi.parts:
        compared = comparing.compare(figure, choice, day)
        context |= comparing.page(compared, choice)
        context["missing"] = trending.missing(figure, choice, compared.before + compared.after)
    return render(request, "analysis/compare.html", context, status=422 if refused else 200)


@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """Keep the comparison of the address with an improvement."""
    choice = asking.choice_of(request)
    actor = actor_for(request, "lead_actions")
    figure = asking.figure_of(request.GET.get("figure") or asking.DEFAULT)
    day = asking.day_of(request.GET.get("day", ""), "day")
    number = request.POST.get("improvement", "")
    plan = next((each for each in comparing.plans(actor) if each.number == number), None)
    if plan is None or day is None or not figure.kpi.parts:
        return _compare_page(request, choice, _("Choose the improvement, the indicator and the day."))
    try:
        comparing.keep(
            plan, figure, customer=choice.customer, span_kind=choice.last.kind, day=day, count=choice.count,
            actor=actor, now=now_utc(),
        )  # fmt: skip
    except ValidationError as error:
        return _compare_page(request, choice, " ".join(error.messages))
    return redirect(f"{plan.get_absolute_url()}#comparisons")


@require_POST
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a comparison away from its improvement."""
    actor = actor_for(request, "lead_actions")
    rows = BeforeAfter.objects.filter(improvement__in=[plan.pk for plan in comparing.plans(actor)])
    if actor.scope is not None:
        rows = rows.filter(customer__in=actor.scope)
    kept = get_object_or_404(rows.select_related("improvement"), pk=pk)
    url = kept.improvement.get_absolute_url()
    comparing.drop(kept, actor=actor)
    return redirect(f"{url}#comparisons")
