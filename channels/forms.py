"""What the desk types when it decides on a mail; meaning is for the verbs."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.models import Organisation, User
from accounts.queries import customers
from channels.models import MailMessage
from channels.takeover import MAX_TITLE
from records.fields import RemoteChoice


def people_of(actor: Actor) -> QuerySet[User]:
    """Customers' people a ticket may be opened for."""
    return User.objects.filter(is_active=True, organisation__in=customers(actor)).select_related(
        "organisation"
    )


class OpenForm(forms.Form):
    """A new ticket from the mail."""

    customer = RemoteChoice(Organisation.objects.none(), what="customers", label=_("Customer"))
    requester = RemoteChoice(
        User.objects.none(), what="people", depends="#id_open-customer", label=_("Affected user"),
        required=False, help_text=_("Empty: the sender becomes a contact of the customer."),
    )  # fmt: skip
    title = forms.CharField(label=_("Title"), max_length=MAX_TITLE)


class AttachForm(forms.Form):
    """The ticket the mail belongs to."""

    number = forms.CharField(
        label=_("Number of the ticket"), max_length=20,
        help_text=_("As an answer of the sender if he may write to it, else as an internal note."),
    )  # fmt: skip


class DiscardForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=500)


class AgainForm(forms.Form):
    """Nothing to type."""


FORMS: dict[str, type[forms.Form]] = {
    "open": OpenForm,
    "attach": AttachForm,
    "discard": DiscardForm,
    "again": AgainForm,
}


def form_of(name: str, message: MailMessage, actor: Actor, data: Any = None) -> forms.Form:
    """The form of a decision, bound to ``data`` or filled with what is likely. KeyError for no decision."""
    form = FORMS[name](data, prefix=name, initial=_likely(name, message))
    for field, rows in (("customer", customers(actor)), ("requester", people_of(actor))):
        choice = form.fields.get(field)
        if isinstance(choice, RemoteChoice):
            choice.queryset = rows
            choice.show_only(form[field].value())
    return form


def _likely(name: str, message: MailMessage) -> dict[str, Any]:
    if name == "open":
        return {"customer": message.customer_id, "title": message.subject[:MAX_TITLE]}
    if name == "attach" and message.detail.isalnum():
        return {"number": message.detail}
    return {}
