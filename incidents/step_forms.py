"""Forms of the steps that tie incidents together and keep promises about telling people."""

from typing import Any

from django import forms
from django.http import Http404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from incidents import lifecycle
from incidents.act_forms import ActForm
from incidents.fields import Moment, RemoteChoice
from incidents.forms import colleagues, text
from incidents.models import Incident, Participation
from records.models import Record
from records.services import get_record


class Numbered(forms.CharField):
    """The number of another record."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            **{
                "max_length": 20,
                "error_messages": {"required": _("Give a number such as INC0000042.")},
                **options,
            }
        )


class Named(ActForm):
    """A step that names another incident."""

    def found(self, name: str) -> Record | None:
        number = self.cleaned_data[name].strip()
        if not number:
            return None
        try:
            return get_record(self.actor, number)
        except Http404 as missing:
            raise forms.ValidationError(str(missing), code="unknown") from missing


class Attach(Named):
    parent = Numbered(
        label=_("Number of the parent"),
        help_text=_("It stands still from then on; the solution of the parent is its solution."),
    )

    def prepare(self) -> None:
        suggested = likely_parent(self.incident)
        if suggested:
            self.begin_with(parent=suggested.number)

    def clean_parent(self) -> Record | None:
        return self.found("parent")


def likely_parent(incident: Incident) -> Incident | None:
    """An open incident of the same customer and service or item that others stand behind already."""
    rows = Incident.objects.filter(
        customer=incident.customer_id, service=incident.service_id, state__in=lifecycle.OPEN,
        children__isnull=False,
    )  # fmt: skip
    found: Incident | None = rows.exclude(pk=incident.pk).order_by("-pk").first()
    return found if incident.service_id else None


class Adopt(ActForm):
    children = text(
        _("Numbers of the tickets"), 3, required=True,
        help_text=_("One or several. They stand still behind this one; its solution is theirs."),
        error_messages={"required": _("Give a number such as INC0000042.")},
    )  # fmt: skip

    def clean_children(self) -> list[Incident]:
        found: list[Incident] = []
        for number in self.cleaned_data["children"].replace(",", " ").replace("，", " ").split()[:100]:
            try:
                record = get_record(self.actor, number)
            except Http404 as missing:
                raise forms.ValidationError(str(missing), code="unknown") from missing
            if not isinstance(record, Incident):
                message = gettext("%(number)s is no incident.") % {"number": number[:20]}
                raise forms.ValidationError(message, code="unknown")
            found.append(record)
        return found


class Repeat(Named):
    earlier = Numbered(
        label=_("Number of the earlier incident"), required=False,
        help_text=_("Empty: it repeats none."),
    )  # fmt: skip

    def prepare(self) -> None:
        if self.incident.repeat_of:
            self.begin_with(earlier=self.incident.repeat_of.number)

    def clean_earlier(self) -> Record | None:
        return self.found("earlier")


class Tell(ActForm):
    at = Moment(label=_("When"), help_text=_("Only if it was before now."))
    note = text(_("How, or what was said"), 2, help_text=_("The customer sees it."))


class Bypassed(ActForm):
    person = RemoteChoice(
        User.objects.none(), what="agents", label=_("Who helped without the desk"), required=False,
        help_text=_("Empty: nobody; it came through the desk."),
    )  # fmt: skip

    def prepare(self) -> None:
        self.fields["person"].queryset = colleagues()  # type: ignore[attr-defined]
        self.begin_with(person=self.incident.bypassed_by)


class Inform(ActForm):
    person = RemoteChoice(
        User.objects.none(), what="agents", label=_("Who was informed"),
        error_messages={"required": _("Choose who of the management was informed.")},
    )  # fmt: skip
    at = Moment(label=_("When"), help_text=_("Only if it was before now."))
    note = text(
        _("How, and what was said"), 2, required=True,
        error_messages={"required": _("Say how, and what was said.")},
    )  # fmt: skip

    def prepare(self) -> None:
        self.fields["person"].queryset = colleagues()  # type: ignore[attr-defined]


class TakePart(ActForm):
    person = RemoteChoice(
        User.objects.none(), what="agents", label=_("Person"),
        error_messages={"required": _("Choose a person.")},
    )  # fmt: skip
    part = forms.ChoiceField(choices=Participation.Part, label=_("Part"))

    def prepare(self) -> None:
        self.fields["person"].queryset = colleagues()  # type: ignore[attr-defined]
        if self.actor.has("manager", "service_level_manager", "administrator"):
            self.begin_with(person=User.objects.filter(pk=self.actor.user_id).first())


class Urge(ActForm):
    note = text(_("What the customer said"), 2, help_text=_("The customer sees it."))
