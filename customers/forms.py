"""The shapes of what people enter about complaints; what it means is checked by the verbs."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.models import Organisation, User
from accounts.queries import colleagues, customers
from actions.forms import StaffField, area, staff
from catalog.models import Service
from customers.models import Complaint, StaffFinding
from records.fields import Files, Moment
from records.models import Channel, Record

SCORES = [(n, str(n)) for n in range(5, 0, -1)]
CHANNELS = [
    (channel.value, channel.label)
    for channel in (
        Channel.PHONE,
        Channel.LETTER,
        Channel.VISIT,
        Channel.EMAIL,
        Channel.WECHAT,
        Channel.CHAT,
        Channel.PORTAL,
    )
]


class Numbered(forms.Form):
    """A field ``about`` that names a ticket the actor may know."""

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor

    def clean_about(self) -> Record | None:
        number = self.cleaned_data["about"].strip().upper()
        if not number:
            return None
        found: Record | None = (
            Record.objects.visible_to(self.actor)
            .tickets()
            .filter(number=number)
            .select_related("service")
            .first()
        )
        if found is None:
            raise forms.ValidationError(_("There is no ticket of this number."))
        return found


class Receive(Numbered):
    """What came in at the desk by whatever way."""

    nature = forms.ChoiceField(label=_("Kind"), choices=Complaint.Nature.choices)
    channel = forms.ChoiceField(label=_("Came in by"), choices=CHANNELS)
    received_at = Moment(label=_("Received on"), help_text=_("Empty: now. A letter counts from its arrival."))
    customer = forms.ModelChoiceField(Organisation.objects.none(), label=_("Customer"))
    requester = forms.ModelChoiceField(
        User.objects.none(), label=_("Person of the customer"), help_text=_("Is told and reads the answer.")
    )
    complainant = forms.CharField(
        label=_("Said by"), max_length=150, required=False, help_text=_("Of somebody without an account.")
    )
    title = forms.CharField(label=_("In a few words"), max_length=200)
    words = area(_("What was said"), rows=5)
    about = forms.CharField(
        label=_("About ticket"), max_length=20, required=False, help_text=_("Its number, if it is about one.")
    )
    service = forms.ModelChoiceField(Service.objects.none(), label=_("About service"), required=False)
    person = forms.ModelChoiceField(
        User.objects.none(), label=_("About a person of ours"), required=False,
        help_text=_("What was said is then read by managers and by who handles it, by nobody else."),
    )  # fmt: skip
    is_major = forms.BooleanField(label=_("Major: goes to the responsible leader at once"), required=False)
    attachments = Files(label=_("Files"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = customers(self.actor)
        people = colleagues(self.actor).filter(organisation__in=known).select_related("organisation")
        choices: dict[str, Any] = {
            "customer": known,
            "requester": people.order_by("organisation__name_en", "display_name"),
            "service": Service.objects.published(),
            "person": staff(),
        }
        for name, rows in choices.items():
            self.fields[name].queryset = rows  # type: ignore[attr-defined]
        self.fields["requester"].label_from_instance = _with_organisation  # type: ignore[attr-defined]


def _with_organisation(user: User) -> str:
    return f"{user.name} · {user.organisation.name}"


class Feedback(Numbered):
    """What a customer says in the portal."""

    nature = forms.ChoiceField(
        label=_("What is it?"), choices=Complaint.Nature.choices, widget=forms.RadioSelect
    )
    title = forms.CharField(label=_("In a few words"), max_length=200)
    words = area(_("What happened, or what do you suggest?"), rows=5)
    about_person = forms.BooleanField(
        label=_("It is about somebody who works for you: only managers shall read it"), required=False
    )
    about = forms.CharField(
        label=_("Number of your request"), max_length=20, required=False,
        help_text=_("If it is about one; for example INC0000012."),
    )  # fmt: skip
    service = forms.ModelChoiceField(
        Service.objects.none(), label=_("Which service is it about?"), required=False,
        empty_label=_("None, or several"),
    )  # fmt: skip
    attachments = Files(label=_("Files"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"].queryset = Service.objects.published()  # type: ignore[attr-defined]


class Give(forms.Form):
    person = StaffField(_("Who handles it"))


class Judge(forms.Form):
    valid = forms.TypedChoiceField(
        label=_("Judgement"), coerce=lambda value: value == "yes",
        choices=(("yes", _("valid")), ("no", _("not valid"))),
    )  # fmt: skip
    reason = area(_("Reason"))


class Answer(forms.Form):
    text = area(_("Answer to the customer"), rows=4)


class Handle(forms.Form):
    text = area(_("What was done"), rows=3)


class Because(forms.Form):
    reason = area(_("Reason"))


class Escalate(forms.Form):
    leader = StaffField(_("Responsible leader"))
    reason = area(_("Why it is major"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["leader"].required = False
        self.fields["leader"].help_text = _("Empty: who is named for this customer in the settings.")


class Find(forms.Form):
    person = StaffField(_("Whom it is about"))
    verdict = forms.ChoiceField(label=_("Finding"), choices=StaffFinding.Verdict.choices)
    reason = area(_("What it rests on"))
    consequence = area(_("Consequence"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].required = False
        self.fields["person"].help_text = _("Empty: who was named when it was recorded.")


class Say(forms.Form):
    """A message on a complaint."""

    text = area(_("Your message"), rows=3)


class DeskSay(Say):
    is_public = forms.TypedChoiceField(
        label=_("For whom"), coerce=lambda value: value == "yes",
        choices=(("no", _("Internal note")), ("yes", _("The customer reads it"))),
    )  # fmt: skip


class Rate(forms.Form):
    score = forms.TypedChoiceField(
        label=_("How content are you with what became of it?"), coerce=int, choices=SCORES,
        help_text=_("5 is the best."),
    )  # fmt: skip
    words = area(_("Comment"), required=False)


class StillWrong(forms.Form):
    reason = area(_("What is still not right?"))
