"""The customer's side of agreements: reading them, and saying yes, no, or what should be different."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Actor, may, require
from agreements import lifecycle, party
from agreements.documents.content import document_of
from agreements.documents.files import download
from agreements.documents.tree import LANGUAGES, plain
from agreements.models import Edition
from portal import agreement_forms as shapes
from portal import agreement_queries as queries
from portal.forms import take_errors
from portal.guard import customer_page, user_of
from portal.once import once
from records import notices
from records.once import fingerprint
from records.pages import actor_of, now_utc


@dataclass(frozen=True)
class Act:
    """What a customer's contact can do: its form, its verb, the states it fits, and the thanks for it."""

    name: str
    form: type[shapes.Decision]
    verb: Callable[..., Any]
    states: frozenset[str]
    thanks: Any


REVIEWING, SIGNING = frozenset({lifecycle.PARTY_REVIEW}), frozenset({lifecycle.TO_SIGN})
ACTS = {
    act.name: act
    for act in (
        Act(
            "remark", shapes.Remark, party.remark, REVIEWING,
            gettext_lazy("Your remark was sent. It stays here with our answer."),
        ),
        Act(
            "agree", shapes.Agree, party.agree, REVIEWING,
            gettext_lazy("Thank you. Your agreement is recorded; both sides sign next."),
        ),
        Act(
            "ask_changes", shapes.AskChanges, party.ask_changes, party.UNSIGNED,
            gettext_lazy("We revise the agreement and offer it to you again."),
        ),
        Act(
            "sign", shapes.Sign, party.sign, SIGNING,
            gettext_lazy("Thank you. Your signature is recorded."),
        ),
    )
}  # fmt: skip


@require_GET
@customer_page
def listing(request: HttpRequest) -> HttpResponse:
    """The agreements of the reader's organisation: what waits, what binds, what was."""
    actor = actor_of(request)
    return render(request, "portal/agreements.html", {"groups": queries.overview(actor, now_utc())})


def _edition(request: HttpRequest, number: str) -> Edition | HttpResponse:
    """The edition; a way back with words where it was offered once and is away; else 404."""
    actor = actor_of(request)
    if found := queries.find(actor, number):
        return found
    if away := queries.taken_back(actor, number):
        messages.warning(request, party.what_happened(away[0]))
        return redirect("portal:agreements")
    raise Http404(_("There is no record %(number)s.") % {"number": number[:20]})


def _language(request: HttpRequest) -> str:
    """The languages asked for; where none or unknown ones are, the reader's own."""
    asked = request.GET.get("lang", "")
    return asked if asked in LANGUAGES else "zh" if (get_language() or "").startswith("zh") else "en"


@require_GET
@customer_page
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """One edition as a document, with what the reader can say to it."""
    found = _edition(request, number)
    if isinstance(found, HttpResponse):
        return found
    notices.read_about(found, actor_of(request), now=now_utc())
    return _shown(request, found)


def _shown(
    request: HttpRequest,
    edition: Edition,
    *,
    failed: shapes.Decision | None = None,
    name: str = "",
    overtaken: str = "",
) -> HttpResponse:
    actor, lang = actor_of(request), _language(request)
    status = 409 if overtaken else 422 if failed else 200
    context = {
        "edition": edition,
        "state": queries.state_of(edition),
        "meta": queries.meta_of(edition),
        "document": plain(document_of(edition, lang)),
        "lang": lang,
        "choices": (("zh", "中文"), ("en", "English"), ("both", gettext("Both, side by side"))),
        "forms": {**_forms(edition, actor), **({name: failed} if failed else {})},
        "remarks": party.remarks_of(edition) if actor.has("customer_manager") else [],
        "editions": queries.editions_of(edition, actor),
        "history": queries.history_of(edition, actor),
        "overtaken": overtaken,
    }
    return render(request, "portal/agreement.html", context, status=status)


def _forms(edition: Edition, actor: Actor) -> dict[str, shapes.Decision]:
    """What the reader can do now, by name, each with an empty form."""
    if not actor.has("customer_manager") or not party.waits_for(edition):
        return {}
    start = {"offer": party.offer_of(edition), "person": actor.name}
    return {
        act.name: act.form(initial=dict(start), auto_id=f"{act.name}-%s")
        for act in ACTS.values()
        if edition.state in act.states and may(actor, act.name, edition)
    }


@require_POST
@customer_page
def act(request: HttpRequest, number: str, act: str) -> HttpResponse:
    """Say something to an edition. What is refused comes back with everything typed; twice acts once."""
    actor, step = actor_of(request), ACTS.get(act)
    found = _edition(request, number)
    if isinstance(found, HttpResponse):
        return found
    if step is None:
        raise Http404(_("There is no such step."))
    if not actor.has("customer_manager"):
        require(actor, "remark", found)  # raises: they may read, and decide nothing
    form = step.form(request.POST, request.FILES, auto_id=f"{act}-%s")
    if not form.is_valid():
        return _shown(request, found, failed=form, name=act)
    given = dict(form.cleaned_data)
    key = fingerprint(request) if given.pop("once") else ""

    def do() -> str:
        step.verb(found, **given, actor=actor, now=now_utc())
        messages.success(request, step.thanks)
        if act == "ask_changes":
            return reverse("portal:agreements")
        anchor = "#remark" if act == "remark" else ""
        return reverse("portal:agreement", args=[found.number]) + anchor

    try:
        return redirect(once(key, do, user=user_of(request), now=now_utc()))
    except ValidationError as refused:
        take_errors(form, refused)
        return _shown(request, found, failed=form, name=act)
    except party.Overtaken as news:
        return _overtaken(request, number, str(news))


def _overtaken(request: HttpRequest, number: str, words: str) -> HttpResponse:
    """The edition as it is now, above it what happened; where it is away, the list."""
    now_found = _edition(request, number)
    if isinstance(now_found, HttpResponse):
        return now_found
    return _shown(request, now_found, overtaken=words)


def _download(request: HttpRequest, number: str, form: str) -> HttpResponse:
    found = _edition(request, number)
    # never the annex: it is for the provider's own people
    return found if isinstance(found, HttpResponse) else download(found, _language(request), form)


@require_GET
@customer_page
def as_pdf(request: HttpRequest, number: str) -> HttpResponse:
    return _download(request, number, "pdf")


@require_GET
@customer_page
def as_docx(request: HttpRequest, number: str) -> HttpResponse:
    return _download(request, number, "docx")
