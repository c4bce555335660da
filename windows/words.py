"""Conflicts as sentences, naming only what the reader may see."""

from collections.abc import Iterable

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.access import Actor
from catalog.models import Service
from cmdb.models import Item
from itsm.templatetags.ui import instant_words
from records.models import Record
from windows.models import Window
from windows.slots import Conflict, Kind

NAMED = 3


def said(conflict: Conflict, actor: Actor) -> str:
    """Why a time does not do, in the reader's language and zone."""
    if conflict.kind is Kind.BOOKING:
        return _booked(conflict, actor)
    names = and_so_on(window_names(conflict.window_ids))
    span = {"from": instant_words(conflict.start), "until": instant_words(conflict.end), "names": names}
    if conflict.kind is Kind.FREEZE:
        return _("It lies in the freeze “%(names)s” (%(from)s to %(until)s).") % span
    about = things(conflict.items, conflict.services, actor) or _("everything")
    message = _("It lies outside the maintenance windows of %(things)s: %(names)s.")
    return message % {**span, "things": about}


def _booked(conflict: Conflict, actor: Actor) -> str:
    span = {"from": instant_words(conflict.start), "until": instant_words(conflict.end)}
    about = things(conflict.items, conflict.services, actor)
    if not Record.objects.visible_to(actor).filter(number=conflict.number).exists():
        return _("Other work is planned from %(from)s to %(until)s that it shares something with.") % span
    facts = {**span, "number": conflict.number, "things": about}
    if not about:
        return _("%(number)s is planned from %(from)s to %(until)s and shares something with it.") % facts
    return _("%(number)s is planned from %(from)s to %(until)s and also touches %(things)s.") % facts


def window_names(ids: Iterable[int]) -> list[str]:
    """The names of windows in the reader's language."""
    return [window.name for window in Window.objects.filter(pk__in=list(ids)[:NAMED])]


def things(items: Iterable[int], services: Iterable[int], actor: Actor) -> str:
    """A few names of services and of items the actor may see, and how many more of these there are."""
    served = Service.objects.filter(pk__in=list(services))
    seen = Item.objects.visible_to(actor).filter(pk__in=list(items))
    names = [thing.name for thing in (*served[:NAMED], *seen[:NAMED])][:NAMED]
    more = served.count() + seen.count() - len(names)
    text = and_so_on(names)
    return _("%(names)s and %(n)s more") % {"names": text, "n": more} if more > 0 else text


def and_so_on(names: Iterable[str]) -> str:
    """Names one after the other, as the reader's language separates them."""
    return ("、" if (get_language() or "").startswith("zh") else ", ").join(names)
