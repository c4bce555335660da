"""Admission conditions by kind of supplier, and one supplier measured by them (SUP-01)."""

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import Actor, may
from actions import steps
from records.pages import now_utc
from sourcing import admission, asking
from sourcing import admission_forms as forms
from sourcing.models import Decision
from sourcing.standing import STATES, badge
from suppliers import conditions as editions
from suppliers.models import Condition, ConditionList, Supplier

# --- one supplier ---------------------------------------------------------------------------------


def page(request: HttpRequest, code: str) -> HttpResponse:
    """The conditions with their latest checks, the decisions, and the forms for who may fill them in."""
    actor = asking.reader(request)
    return _shown(request, actor, asking.supplier_of(actor, code))


def _shown(
    request: HttpRequest,
    actor: Actor,
    supplier: Supplier,
    failed: "tuple[int, forms.CheckForm] | None" = None,
    refused: forms.DecideForm | None = None,
) -> HttpResponse:
    now = now_utc()
    found, leads = admission.standing(supplier, now), may(actor, "lead_suppliers")
    documents = supplier.documents.filter(removed_at=None)
    rows = []
    for row in found:
        form = None
        if leads:
            form = forms.CheckForm(condition=row.condition, documents=documents)
            if failed and failed[0] == row.condition.pk:
                form = failed[1]
        label, tone = STATES[row.state]
        rows.append({"row": row, "form": form, "label": label, "tone": tone})
    checked_by = {row.check.checked_by_id for row in found if row.check}
    decisions = Decision.objects.filter(supplier=supplier).select_related("decided_by", "edition")
    context = {
        "supplier": supplier,
        "badge": badge(supplier),
        "edition": editions.current(supplier.kind),
        "rows": rows,
        "open": sum(row.state != admission.MET for row in found),
        "decisions": decisions.order_by("-pk")[:20],
        "leads": leads,
        "has_checked": actor.user_id in checked_by,
        "decide": refused or (forms.DecideForm(auto_id="decide-%s") if leads and found else None),
    }
    status = 422 if failed or refused else 200
    return render(request, "sourcing/admission.html", context, status=status)


@require_POST
def check(request: HttpRequest, code: str, item: int) -> HttpResponse:
    """Write down what was found about one condition."""
    actor = asking.leader(request)
    supplier = asking.supplier_of(actor, code)
    condition = get_object_or_404(Condition.objects.filter(edition__kind=supplier.kind), pk=item)
    documents = supplier.documents.filter(removed_at=None)
    form = forms.CheckForm(request.POST, request.FILES, condition=condition, documents=documents)
    if form.is_valid():
        try:
            admission.check(supplier, condition, **form.cleaned_data, actor=actor, now=now_utc())
            return redirect("sourcing:admission", supplier.code)
        except ValidationError as refused:
            steps.add_errors(form, refused)
    return _shown(request, actor, supplier, failed=(condition.pk, form))


@require_POST
def decide(request: HttpRequest, code: str) -> HttpResponse:
    """Admit the supplier or not."""
    actor = asking.leader(request)
    supplier = asking.supplier_of(actor, code)
    form = forms.DecideForm(request.POST, auto_id="decide-%s")
    if steps.attempt(form, lambda **kw: admission.decide(supplier, **kw), actor=actor, now=now_utc()):
        return redirect("sourcing:admission", supplier.code)
    return _shown(request, actor, supplier, refused=form)


# --- the conditions -------------------------------------------------------------------------------


def conditions(request: HttpRequest) -> HttpResponse:
    """The conditions that hold, by kind of supplier."""
    actor = asking.leader(request)
    rows = [
        {"kind": kind, "label": label, "edition": editions.current(kind)}
        for kind, label in Supplier.Kind.choices
    ]
    context = {"rows": rows, "leads": may(actor, "lead_suppliers")}
    return render(request, "sourcing/conditions.html", context)


def edit_conditions(request: HttpRequest, kind: str) -> HttpResponse:
    """Make the next edition for a kind; the earlier ones are listed below."""
    actor = asking.leader(request)
    if kind not in Supplier.Kind.values:
        raise Http404(_("There is no such kind of supplier."))
    last = editions.current(kind)
    head = forms.Edition(asking.posted(request), initial={"number": last.number if last else 0})
    held = list(last.conditions.all()) if last else []
    names = ("name_en", "name_zh", "needs_document", "expires")
    start = [{name: getattr(each, name) for name in names} for each in held]
    rows = forms.Rows(asking.posted(request), initial=start, prefix="rows")
    status = 200
    if request.method == "POST":
        status = 422
        if head.is_valid() and rows.is_valid():
            try:
                editions.publish(
                    kind, forms.entered(rows), note=head.cleaned_data["note"],
                    expected_number=head.cleaned_data["number"], actor=actor, now=now_utc(),
                )  # fmt: skip
                return redirect("sourcing:conditions")
            except ValidationError as refused:
                steps.add_errors(head, refused)
    context = {
        "kind": kind,
        "label": Supplier.Kind(kind).label,
        "last": last,
        "head": head,
        "rows": rows,
        "former": ConditionList.objects.filter(kind=kind).select_related("made_by").order_by("-number")[:20],
    }
    return render(request, "sourcing/conditions_edit.html", context, status=status)
