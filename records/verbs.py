"""Every verb of the log: its sentence in the reader's language, and whom it concerns.

The sentence follows the actor's name ("Li Na assigned it to Network team"). A value in the activity's data
that is a label ({"en", "zh"}) is read in the reader's language. A verb nobody registered fails a test.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import in_reader_language
from itsm.templatetags.ui import instant_words


class To(StrEnum):
    """A part somebody plays in a record, to whom a message may go."""

    REQUESTER = "requester"
    WATCHERS = "watchers"
    ASSIGNEE = "assignee"
    OWNER = "owner"
    TEAM = "team"
    HOLDER = "holder"  # the assignee, or the team while there is none
    SERVICE_LEVEL_MANAGERS = "service_level_managers"
    CUSTOMER_MANAGERS = "customer_managers"  # the contacts of the customer the record is of
    NAMED = "named"  # the people whose ids the activity's data hold under "people"


@dataclass(frozen=True)
class Verb:
    """``is_public``: customers see it. ``is_important``: by e-mail also to those who want few mails.

    ``is_mechanical``: a page may fold it. ``subject``: what a notice or mail about it is headed with.
    """

    sentence: Any
    subject: Any
    to: tuple[To, ...] = ()
    is_public: bool = False
    is_important: bool = False
    is_mechanical: bool = False
    # told to the people of a supplier who are named in it, and to nobody else of theirs
    is_for_suppliers: bool = False
    # (activity, recipient) -> the path a mail leads that recipient to instead of the record; None: the record
    link: Callable[[Any, Any], str | None] | None = None


_VERBS: dict[str, Verb] = {}


def register(verbs: Mapping[str, Verb]) -> None:
    """Add a process's verbs. Safe to repeat."""
    _VERBS.update(verbs)


def verb_of(name: str) -> Verb:
    """KeyError for a verb nobody registered."""
    return _VERBS[name]


def registered() -> Mapping[str, Verb]:
    return _VERBS


def readable(value: Any) -> Any:
    """A label in the reader's language, an instant ({"instant": ISO}) in his zone; anything else as it is."""
    if isinstance(value, dict) and "en" in value:
        return in_reader_language(value["en"], value.get("zh", ""))
    if isinstance(value, dict) and "instant" in value:
        return instant_words(datetime.fromisoformat(value["instant"]))
    return value


def sentence(verb: str, data: Mapping[str, Any]) -> str:
    """What happened, in the active language."""
    words = {key: readable(value) for key, value in data.items()}
    return str(verb_of(verb).sentence) % _Forgiving(words)


def subject(verb: str, data: Mapping[str, Any]) -> str:
    """What a notice or mail about it is headed with, in the active language."""
    words = {key: readable(value) for key, value in data.items()}
    return str(verb_of(verb).subject) % _Forgiving(words)


def text_of(text: str, data: Mapping[str, Any]) -> str:
    """An entry's text; of one that was written in both languages (``said``) that of the reader."""
    return str(readable(data.get("said") or text))


class _Forgiving(dict[str, Any]):
    """An old entry may lack a word that a newer sentence names: a dash, not an error page."""

    def __missing__(self, key: str) -> str:
        return "–"


register(
    {
        "record.assigned": Verb(
            _("assigned it to %(to)s"), _("%(number)s was assigned to you or your team"), (To.HOLDER,)
        ),
        "record.accepted": Verb(_("accepted it"), _("%(number)s was accepted"), is_mechanical=True),
        "record.escalated": Verb(
            _("escalated it to %(to)s: %(reason)s"),
            _("%(number)s was escalated to your team"),
            (To.HOLDER, To.OWNER),
            is_important=True,
        ),
        "record.replied": Verb(
            _("replied"), _("New reply to %(number)s"), (To.REQUESTER, To.WATCHERS), True, True
        ),
        "record.asked": Verb(
            _("wrote"), _("The customer wrote about %(number)s"), (To.HOLDER, To.OWNER), True, True
        ),
        "record.noted": Verb(
            _("added an internal note"), _("New internal note on %(number)s"), (To.ASSIGNEE, To.OWNER)
        ),
        "record.edited": Verb(_("changed %(fields)s"), _("%(number)s was changed"), is_mechanical=True),
        "record.attached": Verb(_("attached %(names)s"), _("New file on %(number)s"), (To.HOLDER,)),
        "record.linked": Verb(_("linked it to %(other)s"), _("%(number)s was linked"), is_mechanical=True),
        "record.imported": Verb(
            _("imported it from %(system)s, where it is %(reference)s"),
            _("%(number)s was imported"),
            is_mechanical=True,
        ),
        "record.touched": Verb(
            _("saved it in %(system)s: %(fields)s"), _("%(number)s was saved"), is_mechanical=True
        ),
        "record.undelivered": Verb(
            _("could not deliver the message to %(person)s: %(why)s"),
            _("%(number)s: a message to %(person)s was not delivered"),
            (To.HOLDER, To.OWNER),
        ),
        "record.confirmed": Verb(
            _("recorded the requester's confirmation"),
            _("The solution of %(number)s was confirmed"),
            (To.HOLDER, To.OWNER),
            True,
        ),
        "sla.warned": Verb(
            _("%(metric)s: %(share)s %% of the time is used"),
            _("%(number)s: %(metric)s, %(share)s %% of the time is used"),
            (To.OWNER, To.HOLDER, To.TEAM, To.SERVICE_LEVEL_MANAGERS),
            is_mechanical=True,
        ),
        "sla.breached": Verb(
            _("%(metric)s was missed"),
            _("%(number)s: %(metric)s was missed"),
            (To.OWNER, To.HOLDER, To.TEAM, To.SERVICE_LEVEL_MANAGERS),
            is_important=True,
        ),
        "sla.exclusion_asked": Verb(
            _("asked that %(metric)s does not count: %(reason)s"),
            _("%(number)s: a target is to be excluded, please decide"),
            (To.SERVICE_LEVEL_MANAGERS,),
        ),
        "sla.exclusion_decided": Verb(
            _("decided on excluding %(metric)s: %(decision)s"),
            _("%(number)s: the exclusion of a target was decided"),
            (To.OWNER, To.HOLDER),
        ),
        "sla.retimed": Verb(
            _("put its clocks on edition %(edition)s of “%(calendar)s”: %(what)s"),
            _("%(number)s: the working hours have changed"),
            is_mechanical=True,
        ),
        "sla.appointed": Verb(
            _("noted %(agreed)s as the agreed time of arrival: %(reason)s"),
            _("%(number)s: the time of arrival was agreed"),
            is_mechanical=True,
        ),
        "sla.unappointed": Verb(
            _("noted that no time of arrival is agreed any more: %(reason)s"),
            _("%(number)s: no time of arrival is agreed any more"),
            is_mechanical=True,
        ),
        "sla.explained": Verb(
            _("gave the reason for missing %(metric)s: %(reason)s"),
            _("%(number)s: the missed target was explained"),
        ),
    }
)
