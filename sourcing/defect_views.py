"""Quality problems reported and followed at a ticket, and messages to the supplier who has it."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.access import Actor, may, require
from actions import steps
from records.kinds import TICKETS
from records.models import Record
from records.pages import agent_of, now_utc
from records.services import get_record
from sourcing import asking, defects, handed
from sourcing import defect_forms as shapes
from sourcing.models import Defect
from sourcing.panel import state


def _ticket(request: HttpRequest, number: str, act: str) -> tuple[Actor, Record]:
    actor = agent_of(request)
    record = get_record(actor, number)
    if record.kind not in TICKETS:
        raise Http404(_("There is no record %(number)s.") % {"number": number[:20]})
    require(actor, act, record)
    return actor, record


def new(request: HttpRequest, number: str) -> HttpResponse:
    """Report a quality problem of something bought."""
    actor, record = _ticket(request, number, "raise_defect")
    item, supplier = getattr(record, "item", None), getattr(record, "supplier_id", None)
    form = shapes.Raise(asking.posted(request), initial={"supplier": supplier})
    if request.method == "POST":

        def report(**words: Any) -> Defect:
            return defects.raise_defect(record, item=item, **words)

        if steps.attempt(form, report, actor=actor, now=now_utc()):
            return redirect(record)
    context = {"record": record, "form": form, "item": item}
    return render(request, "sourcing/defect_new.html", context, status=422 if form.errors else 200)


ACTS: dict[str, tuple[Any, Any, Any]] = {
    "pass": (gettext_lazy("Passed to the vendor"), shapes.Pass, defects.pass_on),
    "answer": (gettext_lazy("Record the vendor's answer"), shapes.Answer, defects.answer),
    "postpone": (gettext_lazy("Another day"), shapes.Postpone, defects.postpone),
}


def _possible(defect: Defect, actor: Actor, record: Record) -> list[str]:
    if defect.answered_at:
        return []
    if not defect.passed_at:
        is_buyer = defect.buyer_id == actor.user_id or may(actor, "pass_defect", record)
        return ["pass", "postpone"] if is_buyer else []
    return ["answer", "postpone"]


def detail(request: HttpRequest, number: str, item: int) -> HttpResponse:
    """One quality problem with what may be done next; a step is posted to it."""
    actor, record = _ticket(request, number, "raise_defect")
    rows = Defect.objects.select_related("supplier", "buyer", "purchase", "item", "raised_by", "passed_by")
    defect = get_object_or_404(rows, pk=item, record=record.pk)
    asked, shown = request.POST.get("act", ""), []
    for name in _possible(defect, actor, record):
        label, shape, verb = ACTS[name]
        form = shape(request.POST if asked == name else None, auto_id=f"{name}-%s")
        if asked == name and form.is_valid():
            try:
                verb(defect, **form.cleaned_data, actor=actor, now=now_utc())
                return redirect(request.path)
            except ValidationError as refused:
                steps.add_errors(form, refused)
        shown.append({"name": name, "label": label, "form": form})
    if request.method == "POST" and asked not in [each["name"] for each in shown]:
        raise Http404(_("There is no such step."))
    context = {"record": record, "defect": defect, **state(defect), "steps": shown}
    status = 422 if request.method == "POST" else 200
    return render(request, "sourcing/defect.html", context, status=status)


@require_POST
def tell(request: HttpRequest, number: str) -> HttpResponse:
    """Write to the supplier who has the ticket."""
    actor, record = _ticket(request, number, "tell_supplier")
    words = request.POST.get("text", "")
    try:
        handed.tell(
            record, text=words, attachments=request.FILES.getlist("attachments"), actor=actor, now=now_utc()
        )
    except ValidationError as refused:
        errors = [str(each) for each in refused.messages]
        context = {"record": record, "text": words, "errors": errors}
        return render(request, "sourcing/tell.html", context, status=422)
    return redirect(record)
