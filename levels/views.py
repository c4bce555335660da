"""The pages of managers: agreements by their standing, one in full, the lists behind numbers, the ledger."""

from typing import Any

from django.core.exceptions import BadRequest, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from accounts.access import Actor, may
from accounts.queries import customers
from actions.steps import add_errors
from levels import credits as ledger
from levels import forms, pages, queries
from levels.bars import bar, month_of
from levels.models import CreditEntry
from levels.standing import Standing, standing, standings
from records.pages import actor_for, now_utc
from records.spans import Span
from reports import layout, paging
from sla.models import Agreement, Target

OUTCOMES = {
    "met": gettext_lazy("met"),
    "missed": gettext_lazy("missed"),
    "excluded": gettext_lazy("excluded by approval"),
    "decided": gettext_lazy("decided"),
    "open": gettext_lazy("not judged yet"),
}


def _asked(request: HttpRequest, action: str = "dashboard") -> tuple[Actor, Span]:
    """Who asks about which month."""
    actor = actor_for(request, action)
    return actor, month_of(request)


def _agreement(actor: Actor, code: str) -> Agreement:
    return get_object_or_404(queries.agreements(actor), code=code)


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Agreements with their standing in a month, the worst first."""
    actor, month = _asked(request)
    rows = queries.agreements(actor)
    chosen = request.GET.get("customer", "")
    if chosen.isascii() and chosen.isdigit() and len(chosen) < 19:
        rows = rows.filter(customer=int(chosen))
    found = standings(list(rows[:200]), start=month.start, end=month.end, now=now_utc())
    in_force = [row for row in found if row.versions or row.total.decided]
    context = {
        **bar(month),
        "rows": [pages.line_of(row, month) for row in pages.worst_first(in_force)],
        "customers": customers(actor),
        "chosen": chosen,
        "gone": pages.share(in_force[0].gone) if in_force else "",
        "may_keep": may(actor, "keep_credits"),
    }
    return render(request, "levels/list.html", context)


@require_GET
def detail(request: HttpRequest, code: str) -> HttpResponse:
    """One agreement in a month: everything it promises, against what came of it."""
    actor, month = _asked(request)
    agreement = _agreement(actor, code)
    found = standing(agreement, start=month.start, end=month.end, now=now_utc())
    past = [(each.start, each.end) for each in month.previous.up_to(queries.LOOKED_BACK)]
    context = {
        **bar(month),
        "agreement": agreement,
        "found": found,
        "cards": _cards(found, month),
        "targets": pages.target_rows(found, month),
        "measures": pages.measure_rows(found.measures, found, month),
        "workload": pages.measure_rows(found.workload, found, month),
        "work": {key: pages.tickets_url(found, month, key) for key in ("opened", "done")},
        "rules": pages.rule_rows(found.credits),
        "credit": pages.credit_words(found.credits),
        "reward_rules": pages.rule_rows(found.rewards),
        "reward": pages.credit_words(found.rewards),
        "scores": pages.score_rows(queries.track_record(agreement, past)),
        "edition": agreement.editions.order_by("-edition_number").first(),
    }
    return render(request, "levels/detail.html", context)


def _cards(found: Standing, month: Span) -> list[dict[str, Any]]:
    total, tightest = found.total, found.tightest
    cards = [
        {
            "label": _("Attainment"),
            "value": layout.words_of(total.net),
            "note": _("gross %(share)s") % {"share": layout.words_of(total.gross)} if total.excluded else "",
            "url": pages.clocks_url(found, month, None, "decided"),
        },
        {
            "label": _("Missed"), "value": f"{total.missed:,}", "tone": "",
            "url": pages.clocks_url(found, month, None, "missed"),
        },
        {
            "label": _("Opened tickets"), "value": f"{found.work.opened:,}",
            "url": pages.tickets_url(found, month, "opened"),
        },
    ]  # fmt: skip
    if tightest and tightest.budget:
        left = tightest.budget.left
        cards.insert(1, {
            "label": _("Misses left at the tightest target"), "value": f"{left:,}",
            "tone": "bad" if left < 0 else "", "note": tightest.label, "url": "#targets",
        })  # fmt: skip
    for label, each, url in (
        (_("Service credit"), found.credits, "#credits"), (_("Reward"), found.rewards, "#rewards"),
    ):  # fmt: skip
        if each is None or each.percent is None:
            continue
        note = _("booked") if each.is_closed else _("as it stands now")
        if each.amount is not None:
            note = f"{pages.money(each.amount, each.currency)} · {note}"
        cards.append({"label": label, "value": layout.words_of(each.percent), "note": note, "url": url})
    return cards


@require_GET
def clocks(request: HttpRequest, code: str, outcome: str) -> HttpResponse:
    """The targets a number counts."""
    actor, month = _asked(request)
    agreement = _agreement(actor, code)
    if outcome not in OUTCOMES:
        raise Http404(_("There is no such figure."))
    ids = _numbers(request.GET.get("targets", ""))
    found = queries.clocks(actor, agreement, ids, outcome, month.start, min(month.end, now_utc()))
    page = paging.page(
        found.select_related(
            "record__customer", "record__team", "record__assignee", "agreement_version__agreement", "breach"
        ).prefetch_related("exclusions"),
        after=request.GET.get("after", ""),
    )
    target = Target.objects.filter(pk__in=ids[:1], version__agreement=agreement).first()
    kept = request.GET.copy()
    kept["after"] = page.following
    context = {
        **bar(month),
        "agreement": agreement,
        "back": f"{agreement.code}",
        "title": f"{target.get_metric_display() if target else _('All targets')}: {OUTCOMES[outcome]}",
        "total": found.count(),
        "clocks": [layout.clock_row(clock) for clock in page.rows],
        "is_open": outcome == "open",
        "next_url": f"?{kept.urlencode()}" if page.following else "",
    }
    return render(request, "levels/clocks.html", context)


def _numbers(words: str) -> list[int]:
    parts = [part for part in words.split(",") if part]
    if any(not part.isascii() or not part.isdigit() or len(part) > 18 for part in parts):
        raise BadRequest(_("“targets” must be numbers."))
    return [int(part) for part in parts]


@require_GET
def values(request: HttpRequest, code: str) -> HttpResponse:
    """The measured values behind a figure."""
    actor, month = _asked(request)
    agreement = _agreement(actor, code)
    found = standing(agreement, start=month.start, end=month.end, now=now_utc())
    wanted = request.GET.get("measure", "")
    chosen = [row for row in (*found.measures, *found.workload) if row.key == wanted and row.values]
    if not chosen:
        raise Http404(_("There is no such figure."))
    rows = [value for row in chosen for value in row.values]
    context = {**bar(month), "agreement": agreement, "measure": chosen[-1], "rows": rows}
    return render(request, "levels/values.html", context)


def ledger_page(request: HttpRequest) -> HttpResponse:
    """The ledger by month; a correction is entered here."""
    actor, month = _asked(request, "keep_credits")
    form = forms.Correct(request.POST if request.method == "POST" else None, actor=actor)
    if request.method == "POST" and form.is_valid():
        try:
            line = ledger.correct(**form.cleaned_data, actor=actor, now=now_utc())
        except ValidationError as refused:
            add_errors(form, refused)
        else:
            return redirect(f"{request.path}?month={line.month:%Y-%m}")
    chosen = request.GET.get("month", "")
    rows = ledger.visible(actor).select_related("agreement__customer", "version", "made_by")
    rows = rows.filter(month=month.first) if chosen else rows
    lines = list(rows[:500])
    context = {
        **bar(month), "is_month": bool(chosen), "months": _by_month(lines), "form": form,
        "closes_on": ledger.CLOSES_ON,
    }  # fmt: skip
    return render(request, "levels/credits.html", context, status=422 if form.errors else 200)


def _by_month(lines: list[CreditEntry]) -> list[dict[str, Any]]:
    """Lines grouped by month, with the sum of each side and currency."""
    found: dict[Any, list[CreditEntry]] = {}
    for line in lines:
        found.setdefault(line.month, []).append(line)
    return [
        {"month": month, "lines": [_line(row) for row in rows], "sums": _sums(rows)}
        for month, rows in found.items()
    ]


def _line(row: CreditEntry) -> dict[str, Any]:
    return {"line": row, "amount": "" if row.amount is None else pages.money(row.amount, row.currency)}


def _sums(rows: list[CreditEntry]) -> list[str]:
    """ "credit: CNY 50.00", then those of rewards."""
    totals: dict[tuple[str, str], Any] = {}
    for row in sorted(rows, key=lambda row: row.side):
        if row.amount is not None:
            name = (row.get_side_display(), row.currency)
            totals[name] = totals.get(name, 0) + row.amount
    return [f"{side}: {pages.money(amount, currency)}" for (side, currency), amount in totals.items()]
