"""What a person may do with an article, as steps in place: words, form, when it fits, and its verb."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import Actor, may
from knowledge import forms, lifecycle, services
from knowledge.models import Article
from records.pages import add_errors

Failed = tuple[str, forms.ForActor]


@dataclass(frozen=True)
class Act:
    """``may`` answers whether this actor can take it with this article; ``hint`` says what it does."""

    label: Any
    form: type[forms.ForActor]
    may: Callable[[Actor, Article], bool]
    run: Callable[..., Any]
    hint: Any = ""


def _moves(*names: str) -> Callable[[Actor, Article], bool]:
    """One of these moves is legal and permitted."""

    def fits(actor: Actor, article: Article) -> bool:
        legal = lifecycle.LIFECYCLE.legal_moves(article.state)
        return any(name in legal and may(actor, name, article) for name in names)

    return fits


def _may_publish(actor: Actor, article: Article) -> bool:
    return article.state in lifecycle.UNDER_REVIEW and services.may_approve(actor, article)


def _may_check(actor: Actor, article: Article) -> bool:
    return article.state in lifecycle.SHOWN and may(actor, "check_article", article)


def _is_kept(actor: Actor, article: Article) -> bool:
    return article.state != lifecycle.RETIRED and may(actor, "write_article", article)


def _may_give(actor: Actor, article: Article) -> bool:
    return article.state != lifecycle.RETIRED and may(actor, "give_article", article)


def _connect(article: Article, *, other: Any, actor: Actor, now: datetime) -> None:
    services.connect(article, other, actor=actor, now=now)


ACTS: Mapping[str, Act] = {
    "publish": Act(gettext_lazy("Approve and publish"), forms.Note, _may_publish, services.approve),
    "send-back": Act(
        gettext_lazy("Send back"), forms.Because, _moves("return_draft", "return_revision"),
        services.send_back,
    ),
    "send": Act(
        gettext_lazy("Send to review"), forms.Send, _moves("send_draft", "send_revision"),
        services.send_to_review, gettext_lazy("Somebody else reads and publishes it."),
    ),
    "revise": Act(
        gettext_lazy("Revise"), forms.Nothing, _moves("begin_revision"), services.revise,
        gettext_lazy("The published version stays to be read meanwhile."),
    ),
    "drop": Act(
        gettext_lazy("Drop the revision"), forms.Nothing, _moves("drop_revision"), services.drop,
        gettext_lazy("The published version stays as it is."),
    ),
    "check": Act(
        gettext_lazy("It still holds"), forms.Check, _may_check, services.check,
        gettext_lazy("You have read it again; the next review is set."),
    ),
    "link": Act(gettext_lazy("Link to a record"), forms.Connect, _is_kept, _connect),
    "files": Act(
        gettext_lazy("Add evidence"), forms.Evidence, _is_kept, services.add_files,
        gettext_lazy("Files and notes are read by the service desk only."),
    ),
    "give": Act(gettext_lazy("Change the owner"), forms.Give, _may_give, services.give),
    "retire": Act(gettext_lazy("Retire"), forms.Because, _moves("retire"), services.retire),
}  # fmt: skip


def _form(name: str, actor: Actor, data: Any = None, files: Any = None, **more: Any) -> forms.ForActor:
    return ACTS[name].form(data, files, actor=actor, auto_id=f"{name}-%s", **more)


def possible(actor: Actor, article: Article, failed: Failed | None = None) -> list[dict[str, Any]]:
    """The steps open to the actor, with a form each: a fresh one, or the one that was refused."""
    name, form = failed or ("", None)
    ahead = timezone.localdate() + services.REVIEW_AFTER
    return [
        {
            "name": key,
            "label": act.label,
            "hint": act.hint,
            "form": form if key == name else _form(key, actor, initial={"review_on": ahead}),
        }
        for key, act in ACTS.items()
        if key == name or act.may(actor, article)
    ]


def take(name: str, article: Article, *, data: Any, files: Any, actor: Actor, now: datetime) -> Failed | None:
    """Take a step with what was entered; None if it was done, else the form with what is wrong."""
    act = ACTS.get(name)
    if act is None:
        raise Http404(_("There is no such step."))
    form = _form(name, actor, data, files)
    if form.is_valid():
        try:
            act.run(article, **form.cleaned_data, actor=actor, now=now)
        except ValidationError as refused:
            add_errors(form, refused)
        else:
            return None
    return name, form
