"""What is done with a row of a plan's parts on a page: which acts there are, and which verb each is."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.http import Http404, QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from accounts.access import Actor
from records.models import Record
from releases import parting
from releases.parting import Rules


def unseen(failed: "tuple[str, forms.BaseForm] | None", shown: Iterable[Mapping[str, Any]]) -> list[str]:
    """What a step was refused with that the page does not offer to this person, and so has no form for."""
    if failed is None or failed[0] in {step["name"] for step in shown}:
        return []
    return [str(words) for errors in failed[1].errors.values() for words in errors]


REMOVABLE = ("members", "nodes", "risks", "checks", "steps")


def take(
    work: Record,
    part: str,
    pk: int,
    act: str,
    data: QueryDict,
    uploads: MultiValueDict[str, Any],
    *,
    rules: Rules,
    finish: Callable[..., Any],
    actor: Actor,
    now: datetime,
) -> None:
    """Do it; Http404 for an act there is not. ``finish`` is the process's own verb that ends a step."""
    who: dict[str, Any] = {"actor": actor, "now": now}
    if act == "remove" and part in REMOVABLE and hasattr(work, part):
        parting.remove(work, part, pk, rules=rules, **who)
        return
    verbs: dict[tuple[str, str], Callable[[], Any]] = {
        ("nodes", "reach"): lambda: parting.reach(work, pk, rules=rules, **who),
        ("checks", "meet"): lambda: parting.meet(
            work, pk, evidence=data.get("words", ""), attachments=uploads.getlist("attachments"),
            rules=rules, **who,
        ),
        ("checks", "unmeet"): lambda: parting.unmeet(
            work, pk, reason=data.get("words", ""), rules=rules, **who
        ),
        ("steps", "start"): lambda: parting.start_step(work, pk, rules=rules, **who),
        ("steps", "finish"): lambda: finish(work, pk, result=data.get("words", ""), **who),
    }  # fmt: skip
    verb = verbs.get((part, act))
    if verb is None:
        raise Http404(_("There is no such step."))
    verb()
