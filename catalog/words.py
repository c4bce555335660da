"""The words for the parts of an offer: on its page, in the form, and where versions are compared."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Team, in_reader_language
from catalog.models import Service
from catalog.offer import CODES, CUSTOMER_LISTS, PROVIDER_LISTS, Change, Offer, Text

LABELS: Mapping[str, Any] = {
    "name": gettext_lazy("Name"),
    "customer.what": gettext_lazy("What it is"),
    "customer.included": gettext_lazy("Included"),
    "customer.not_included": gettext_lazy("Not included"),
    "customer.ask": gettext_lazy("How to ask for it"),
    "customer.hours": gettext_lazy("Service hours"),
    "customer.level": gettext_lazy("Service level"),
    "customer.period": gettext_lazy("Duration"),
    "customer.price": gettext_lazy("Price"),
    "provider.delivery": gettext_lazy("How it is delivered"),
    "provider.components": gettext_lazy("Components"),
    "provider.interfaces": gettext_lazy("Interfaces"),
    "provider.quality": gettext_lazy("Quality steps"),
    "provider.groups": gettext_lazy("Supporting teams"),
    "provider.depends_on": gettext_lazy("Depends on"),
    "provider.benefit": gettext_lazy("Benefit"),
    "provider.risk": gettext_lazy("Risk"),
}
LISTS = {f"customer.{name}" for name in CUSTOMER_LISTS} | {f"provider.{name}" for name in PROVIDER_LISTS}
LANGUAGES: Mapping[str, Any] = {"en": gettext_lazy("English"), "zh": gettext_lazy("Chinese")}
TONES = {
    Service.State.DRAFT: "neutral",
    Service.State.IN_REVIEW: "accent",
    Service.State.PUBLISHED: "good",
    Service.State.UNAVAILABLE: "warn",
    Service.State.WITHDRAWN: "quiet",
}


def in_words(text: Text) -> str:
    """In the reader's language; the other one where it is missing."""
    return in_reader_language(text.en, text.zh)


def names_of(offers: Sequence[Offer]) -> dict[str, str]:
    """The names of the teams and services these offers speak of, by "team:code" and "service:code"."""
    groups = {code for offer in offers for code in offer.provider.groups}
    codes = {code for offer in offers for code in offer.provider.depends_on}
    teams = {f"team:{t.code}": t.name for t in Team.objects.filter(code__in=groups)}
    return teams | {f"service:{s.code}": s.name for s in Service.objects.filter(code__in=codes)}


def rows(offer: Offer, view: str, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """One view (customer, provider) of an offer as {label, text, lines}, the empty parts left out."""
    found = []
    for path, value in offer.parts.items():
        if not path.startswith(f"{view}.") or not value:
            continue
        row: dict[str, Any] = {"label": LABELS[path], "text": "", "lines": []}
        if isinstance(value, Text):
            row["text"] = in_words(value)
        elif path in LISTS:
            row["lines"] = [in_words(line) for line in value]
        elif path == "provider.groups":
            row["lines"] = [names.get(f"team:{code}", code) for code in value]
        else:
            continue  # what it rests on has a place of its own on the page
        if row["text"] or row["lines"]:
            found.append(row)
    return found


def difference(change: Change, names: Mapping[str, str]) -> dict[str, Any]:
    """A change as {label, before, after} for people."""
    path, _mark, language = change.path.partition("/")
    before, after = change.before, change.after
    if path.partition(".")[2] in CODES:
        kind = "team" if path.endswith("groups") else "service"
        before, after = (
            "\n".join(names.get(f"{kind}:{code}", code) for code in text.split("\n") if code)
            for text in (before, after)
        )
    label = LABELS[path]
    if language:
        label = _("%(part)s (%(language)s)") % {"part": label, "language": LANGUAGES[language]}
    return {"label": label, "before": before, "after": after}
