"""On a ticket: the macros and texts there are, a macro looked at before it is used, and used."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import Actor, require
from automation import filling, forms, services, steps
from automation.models import Macro
from automation.steps import Line
from records.models import Record
from records.pages import actor_for, now_utc
from records.services import Stale, get_record

USE = "use_automation"
MOST_OFFERED = 60


def _ticket(request: HttpRequest, number: str) -> tuple[Actor, Record]:
    actor = actor_for(request, USE)
    record = get_record(actor, number)
    require(actor, "note", record)
    return actor, record


def _shown(request: HttpRequest, part: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """The part alone for a page that has a place for it, else within a page of its own."""
    is_part = request.headers.get("HX-Request") == "true" and not request.headers.get("HX-Boosted")
    template = f"automation/{part}" if is_part else "automation/beside.html"
    return render(request, template, {**context, "part": f"automation/{part}"}, status=status)


@require_GET
def choose(request: HttpRequest, number: str) -> HttpResponse:
    """The macros this person may use on the ticket."""
    actor, record = _ticket(request, number)
    macros = list(forms.macros_for(actor)[:MOST_OFFERED])
    said = steps.words_of_each([macro.steps for macro in macros], actor)
    rows = [
        {"macro": macro, "url": macro.url_for(record), "lines": lines}
        for macro, lines in zip(macros, said, strict=True)
    ]
    return _shown(request, "_choose.html", {"record": record, "rows": rows, "title": _("Use a macro")})


@require_GET
def replies(request: HttpRequest, number: str) -> HttpResponse:
    """The texts there are for this ticket, filled in, in the requester's language and in the other."""
    actor, record = _ticket(request, number)
    now, first = now_utc(), filling.language_of(record)
    other = "en" if first.startswith("zh") else "zh-hans"
    rows = []
    for template in forms.templates_for(actor, record.kind)[:MOST_OFFERED]:
        both = template.text_en and template.text_zh
        rows.append(
            {
                "template": template,
                "text": filling.text_of(template, record, actor=actor, now=now),
                "other": filling.text_of(template, record, actor=actor, now=now, language=other)
                if both
                else "",
                "other_words": _("Insert in English") if other == "en" else _("Insert in Chinese"),
            }
        )
    context = {"record": record, "rows": rows, "title": _("Insert a text")}
    return _shown(request, "_replies.html", context)


@require_http_methods(["GET", "POST"])
def use(request: HttpRequest, number: str, item: int) -> HttpResponse:
    """What a macro would do here, and doing it."""
    actor, record = _ticket(request, number)
    macro = get_object_or_404(Macro.objects.usable_by(actor).select_related("template"), pk=item)
    if request.method != "POST":
        return _looked_at(request, macro, record, actor)
    seen = request.POST.get("version", "")
    try:
        lines = services.use_macro(
            macro, record, actor=actor, now=now_utc(), text=request.POST.get("text", ""),
            expected_version=int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 10 else 0,
        )  # fmt: skip
    except Stale as stale:
        said = _("%(number)s was changed meanwhile. This is what the macro would do now; use it again.")
        words = said % {"number": record.number}
        return _looked_at(request, macro, get_record(actor, stale.record.number), actor, words, 409)
    except ValidationError as refused:
        return _looked_at(request, macro, record, actor, " ".join(refused.messages), 422)
    _say(request, macro, lines)
    url = record.get_absolute_url()
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return redirect(url)


def _say(request: HttpRequest, macro: Macro, lines: list[Line]) -> None:
    done = sum(line.is_done for line in lines)
    words = ngettext("“%(macro)s”: %(n)s change made.", "“%(macro)s”: %(n)s changes made.", done)
    messages.success(request, words % {"macro": macro.name, "n": done})
    for line in lines:
        if line.has_failed:
            messages.warning(request, f"{line.label}: {line.refused}")


def _looked_at(
    request: HttpRequest, macro: Macro, record: Record, actor: Actor, problem: str = "", status: int = 200
) -> HttpResponse:
    now = now_utc()
    text = request.POST.get("text", "")
    if macro.template and not text:
        text = filling.text_of(macro.template, record, actor=actor, now=now)
    context = {
        "macro": macro, "record": record, "title": macro.name, "problem": problem, "text": text,
        "lines": steps.told(record, macro.steps, actor=actor, now=now),
        "url": macro.url_for(record), "back": reverse("automation:choose", args=[record.number]),
    }  # fmt: skip
    return _shown(request, "_use.html", context, status=status)
