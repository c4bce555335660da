"""The shapes of what people enter about the parts of a plan; what it means is checked by releases.parting."""

from django import forms
from django.utils.translation import gettext_lazy as _

from actions.forms import StaffField, date_field
from records.fields import Moment


class AddMember(forms.Form):
    person = StaffField(_("Person"))
    duty = forms.CharField(label=_("Responsibility"), max_length=200)


class AddNode(forms.Form):
    what = forms.CharField(label=_("Key node"), max_length=200)
    due_on = date_field(_("Due"))
    responsible = StaffField(_("Responsible"))


class AddCheck(forms.Form):
    what = forms.CharField(label=_("What has to be ready"), max_length=200)


class AddStep(forms.Form):
    """``sort`` has the choices of the process."""

    sort = forms.ChoiceField(label=_("Kind of step"))
    what = forms.CharField(label=_("What is done"), max_length=200)
    planned_at = Moment(label=_("Planned for"))
