"""The pages on which the terms of a draft are written: an overview, and a form for each part.

Whatever is saved goes through `services.revise` with the version its writer saw. Who is second is told what
the others changed, keeps what was typed, and may save it on top.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import Actor
from agreements import layering, lifecycle, services, terms_pages
from agreements.models import Edition
from agreements.sections import NAMES
from agreements.terms_forms import General, Guide, Part, SectionPart
from agreements.terms_pages import Page, row_url
from agreements.terms_row_forms import PROMISES, RULES, Credits, Reports, Rewards
from agreements.terms_words import PARTS, key_of
from records.lifecycle import IllegalMove
from records.pages import actor_for, get_one, now_utc
from records.services import Stale
from sla import underpinning, underpinning_views
from sla.terms import Terms, TermsError
from sla.underpin import Circular

FORMS: dict[str, type[Part]] = {
    "general": General, "guide": Guide, "credits": Credits, "rewards": Rewards, "reports": Reports,
}  # fmt: skip
ABOUT = {"guide": "agreements/terms/_guide.html"}
UNPROCESSABLE, CONFLICT = 422, 409
Make = Callable[[Page, Any], Part]


def _page(request: HttpRequest, number: str) -> Page:
    actor = actor_for(request, "draft_agreement")
    return _read(actor, number)


def _read(actor: Actor, number: str) -> Page:
    found = get_one(Edition, actor, number)
    return Page.of(actor, found)


@require_safe
def overview(request: HttpRequest, number: str) -> HttpResponse:
    """How far the draft is: its parts, and what is missing before it can be submitted."""
    return render(request, "agreements/terms/overview.html", terms_pages.context(_page(request, number)))


def part(request: HttpRequest, number: str, part: str) -> HttpResponse:
    """A part that is one form, or the list of targets or measures."""
    page = _page(request, number)
    if part in PROMISES:
        return HttpResponseNotAllowed(["GET"]) if request.method == "POST" else _list(request, page, part)
    if part not in FORMS:
        raise Http404(_("There is no such part."))
    shape = FORMS[part]
    listed = "agreements/terms/_rows.html" if shape.row_form else "agreements/terms/_plain.html"
    return _edit(
        request, page, lambda page, data: _form(shape, page, data), here=part, back=page.url(part),
        template=ABOUT.get(part, listed), heading=PARTS[part],
    )  # fmt: skip


def section(request: HttpRequest, number: str, code: str) -> HttpResponse:
    """A section of the document, in both languages; saved, one may go on to the next."""
    page = _page(request, number)
    if code not in NAMES:
        raise Http404(_("There is no such section."))
    around = terms_pages.neighbours(page, code)
    goes_on = "next" in request.POST and around["next"]
    return _edit(
        request, page, lambda page, data: _form(SectionPart, page, data, code=code), here=code,
        back=around["next"]["url"] if goes_on else page.url("sections", code),
        template="agreements/terms/_section.html", heading=NAMES[code], around=around, code=code,
    )  # fmt: skip


def row(request: HttpRequest, number: str, part: str) -> HttpResponse:
    """A target or measure: a new one, a copy of another, or one of the draft."""
    page = _page(request, number)
    if part not in PROMISES:
        raise Http404(_("There is no such part."))
    shape, offers = PROMISES[part], terms_pages.offers(page)
    key, copied = request.GET.get("key", ""), request.GET.get("copy", "")
    stands = {key_of(each) for each in page.terms.dump()[part]}
    if request.method != "POST" and (key or copied) and (key or copied) not in stands:
        raise Http404(_("There is no such row."))
    return _edit(
        request, page,
        lambda page, data: _form(shape, page, data, key=key, copied=copied, offers=offers), here=part,
        back=page.url(part), template="agreements/terms/_promise.html",
        heading=page.names.key(key) if key else _("New target") if part == "targets" else _("New measure"),
    )  # fmt: skip


@require_POST
def remove(request: HttpRequest, number: str, part: str) -> HttpResponse:
    """Take a target or measure out of the draft."""
    page = _page(request, number)
    if part not in PROMISES:
        raise Http404(_("There is no such part."))
    _draft_only(page)
    key, terms = request.POST.get("key", ""), page.terms.dump()
    seen = request.POST.get("version", "")
    terms[part] = [each for each in terms[part] if key_of(each) != key]
    if key in {rule["target"] for name in RULES for rule in terms.get(name, [])}:
        words = _("A credit or a reward depends on this target; change that first.")
        return _list(request, page, part, refused=words, status=UNPROCESSABLE)
    try:
        services.revise(
            page.edition, {"terms": terms}, actor=page.actor, now=now_utc(),
            expected_version=int(seen) if seen.isascii() and seen.isdigit() else 0,
        )  # fmt: skip
    except Stale as lost:
        fresh = _read(page.actor, number)
        told = terms_pages.stale(fresh, lost, is_apart=True, newest=[])
        return _list(request, fresh, part, stale=told, status=CONFLICT)
    messages.success(request, _("Removed."))
    return redirect(page.url(part))


@require_safe
def proof(request: HttpRequest, number: str) -> HttpResponse:
    """The underpinning proof of an edition as it is written now, before anybody signs it."""
    page = _page(request, number)
    context = {**terms_pages.context(page), "rows": [], "refused": ""}
    try:
        terms = layering.of(page.edition).terms
        verdicts = underpinning.prove(
            terms, at=max(now_utc(), page.edition.effective_from), agreement=page.edition.agreement.code,
            until=page.edition.effective_until, is_bounded=True,
        )  # fmt: skip
        context["rows"] = underpinning_views.named_rows(terms, verdicts, page.names)
    except Circular as refused:
        context["refused"] = underpinning_views.circle_words(refused, page.names)
    return render(
        request, "agreements/terms/proof.html", context, status=UNPROCESSABLE if context["refused"] else 200
    )


# --- shared ------------------------------------------------------------------------------------


def _draft_only(page: Page) -> None:
    if not page.is_draft:
        state = page.edition.state
        raise IllegalMove("revise", state, lifecycle.LIFECYCLE.legal_moves(state))


def _form(shape: type[Part], page: Page, data: Any, **given: Any) -> Part:
    return shape(data, terms=page.terms.dump(), names=page.names, version=page.edition.version, **given)


def _list(request: HttpRequest, page: Page, part: str, *, status: int = 200, **more: Any) -> HttpResponse:
    context = {
        **terms_pages.context(page, part), "heading": PARTS[part], "kind": part,
        "add_url": row_url(page, part), "rows": terms_pages.promised(page, part), **more,
    }  # fmt: skip
    return render(request, "agreements/terms/list.html", context, status=status)


def _edit(
    request: HttpRequest, page: Page, make: Make, *, here: str, back: str, template: str, **more: Any
) -> HttpResponse:
    """Show a form, or save it and go ``back``; what is refused is shown again with all that was typed."""
    status, told = 200, None
    form = make(page, request.POST if request.method == "POST" else None)
    if request.method == "POST" and not page.is_draft:
        status = CONFLICT  # submitted meanwhile: what was typed can still be read
    elif request.method == "POST":
        status = UNPROCESSABLE
        try:
            if form.is_valid() and _save(page, form):
                messages.success(request, _("Saved."))
                return redirect(back)
        except Stale as lost:
            page = _read(page.actor, page.edition.number)
            newest, terms = make(page, None), page.terms.dump()
            lines = newest.lines() if newest.place(terms) else []
            is_apart = form.cleaned_data["seen"] == newest.initial["seen"]
            told = terms_pages.stale(page, lost, is_apart=is_apart, newest=lines)
            form = make(page, newest.marked(request.POST))
            status = CONFLICT
        form.focus()
    context = {
        **terms_pages.context(page, here), "form": form, "template": template, "stale": told,
        "away": page.url(here) if here in PROMISES else request.get_full_path(), **more,
    }  # fmt: skip
    return render(request, "agreements/terms/part.html", context, status=status)


def _save(page: Page, form: Part) -> bool:
    """Whether the draft was revised; a refusal is put at its field, `Stale` is let through."""
    seen = form.cleaned_data["version"]
    if seen != page.edition.version:
        raise Stale(page.edition, seen)
    try:
        changed = form.put(page.terms.dump())
        Terms.parse(changed)
        services.revise(
            page.edition, {"terms": changed}, actor=page.actor, now=now_utc(), expected_version=seen
        )
    except TermsError as refused:
        form.refuse(refused)
        return False
    except ValidationError as refused:
        form.add_error(None, refused.messages)
        return False
    return True
