"""The log of this app: written by its verbs, read as sentences after the actor's name."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import Actor
from assets.licensing import Verdict
from assets.models import Asset, Entry, Licence, MaintenancePlan, ServiceSite
from itsm.templatetags.ui import day_words
from records import log as records_log
from records.verbs import readable

Subject = Asset | Licence | MaintenancePlan | ServiceSite
COLUMNS: Mapping[type[models.Model], str] = {
    Asset: "asset",
    Licence: "licence",
    MaintenancePlan: "plan",
    ServiceSite: "site",
}
SENTENCES: Mapping[str, Any] = {
    "entered": gettext_lazy("entered it"),
    "changed": gettext_lazy("changed it"),
    "receive": gettext_lazy("received it, to %(place)s"),
    "hand_out": gettext_lazy("handed it out to %(to)s"),
    "take_back": gettext_lazy("took it back from %(from)s"),
    "send_to_repair": gettext_lazy("sent it to repair"),
    "back_from_repair": gettext_lazy("got it back from repair"),
    "dispose": gettext_lazy("approved its disposal: %(way)s"),
    "asked": gettext_lazy("applied: %(kind)s"),
    "refused": gettext_lazy("refused the application: %(kind)s"),
    "withdrawn": gettext_lazy("withdrew the application: %(kind)s"),
    "open_site": gettext_lazy("approved its opening"),
    "close_site": gettext_lazy("approved its closing"),
    "warranty": gettext_lazy("announced that its warranty ends %(day)s"),
    "check_done": gettext_lazy("recorded its check of %(day)s: %(outcome)s"),
    "check_skipped": gettext_lazy("left out its check of %(day)s"),
    "found": gettext_lazy("found unauthorised software on it: %(name)s"),
    "document": gettext_lazy("added the file %(name)s"),
    "document_removed": gettext_lazy("removed the file %(name)s"),
    "ended": gettext_lazy("gave it up"),
}

VERDICTS = {
    Verdict.OVER_USED: gettext_lazy("over-used"),
    Verdict.UNLICENSED: gettext_lazy("not licensed"),
    Verdict.EXPIRED: gettext_lazy("expired"),
    Verdict.ENDS_SOON: gettext_lazy("ends soon"),
    Verdict.IN_ORDER: gettext_lazy("in order"),
    Verdict.UNUSED: gettext_lazy("not used"),
}


def write(subject: Subject, verb: str, *, actor: Actor, at: datetime, note: str = "", **data: Any) -> Entry:
    """Append one fact. KeyError for a verb without a sentence."""
    SENTENCES[verb]
    return Entry.objects.create(
        verb=verb, at=at, actor_id=actor.user_id, origin=actor.origin, note=note, data=data,
        **{COLUMNS[type(subject)]: subject},
    )  # fmt: skip


def kept(row: models.Model, name: str) -> Any:
    """A field's value as the log keeps it: a label where it has one, a day as a day."""
    value, field = getattr(row, name), row._meta.get_field(name)
    if isinstance(value, models.Model):
        return getattr(value, "label", str(value))
    if isinstance(value, bool):
        return records_log.bilingual(gettext_lazy("yes") if value else gettext_lazy("no"))
    choices = dict(getattr(field, "flatchoices", ()) or ())
    if value in choices:
        return records_log.bilingual(choices[value])
    if isinstance(value, date):
        return {"day": value.isoformat()}
    if isinstance(value, list):
        return len(value)
    return str(value) if isinstance(value, Decimal) else value


def apply(row: models.Model, facts: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Set what differs; answers field -> [before, after] as the log keeps them; nothing of a new row."""
    changes = {}
    for name, value in facts.items():
        value = value.strip() if isinstance(value, str) else value
        if row._state.adding:
            setattr(row, name, value)
        elif getattr(row, name) != value:
            before = kept(row, name)
            setattr(row, name, value)
            changes[name] = [before, kept(row, name)]
    return changes


def history(subject: Subject, limit: int = 200) -> list[dict[str, Any]]:
    """The newest entries about one thing, as components/timeline_entry.html reads them."""
    rows = Entry.objects.filter(**{COLUMNS[type(subject)]: subject}).select_related("actor")
    return [line(entry, type(subject)) for entry in rows.order_by("-pk")[:limit]]


def line(entry: Entry, model: type[models.Model]) -> dict[str, Any]:
    """One entry in the reader's language."""
    words = {name: _said(value) for name, value in entry.data.items() if name != "changes"}
    said = str(SENTENCES[entry.verb]) % words if words else str(SENTENCES[entry.verb])
    parts = [_change(model, name, pair) for name, pair in entry.data.get("changes", {}).items()]
    if parts:
        said = f"{said}: {'; '.join(parts)}"
    if entry.note:
        said = f"{said} · {entry.note}"
    return {"kind": "move", "actor": entry.actor.name, "at": entry.at, "words": said}


def _change(model: type[models.Model], name: str, pair: list[Any]) -> str:
    label = getattr(model._meta.get_field(name), "verbose_name", name)
    before, after = (_said(value) for value in pair)
    return _("%(label)s from %(before)s to %(after)s") % {"label": label, "before": before, "after": after}


def _said(value: Any) -> str:
    if isinstance(value, dict) and "day" in value:
        return day_words(date.fromisoformat(value["day"]))
    return str(readable(value) if value not in (None, "") else "–")
