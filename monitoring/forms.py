"""The shapes of what people enter about sources and rules; the verbs check what it means."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.access import Role
from accounts.models import Organisation, Team, User
from catalog.models import Service
from monitoring import matching
from monitoring.models import Rule, Source
from records.models import Level, Record


class SourceForm(forms.ModelForm[Source]):
    class Meta:
        model = Source
        fields = ("name", "code", "kind", "account", "on_recovery", "grace_minutes", "time_zone")
        labels = {"name": _("Name")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        accounts: Any = self.fields["account"]
        programs = Q(is_active=True, grants__role=Role.INTEGRATION)
        accounts.queryset = User.objects.filter(programs | Q(pk=self.instance.account_id)).distinct()
        if self.instance.pk:  # what it delivered stays its own
            for name in ("code", "kind", "account"):
                self.fields[name].disabled = True


class RuleForm(forms.ModelForm[Rule]):
    class Meta:
        model = Rule
        fields = (
            "name", "position", "conditions", "action", "customer", "requester", "service", "team",
            "item_label", "impact", "urgency", "group_by", "most_tickets", "is_active",
        )  # fmt: skip
        labels = {"name": _("Name")}
        widgets = {"conditions": forms.Textarea(attrs={"rows": 4, "spellcheck": "false"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["customer"].queryset = Organisation.objects.filter(
            kind=Organisation.Kind.CUSTOMER, is_active=True
        )
        people = User.objects.filter(is_active=True, organisation__kind=Organisation.Kind.CUSTOMER)
        chosen = people.filter(Q(grants__role=Role.CUSTOMER_MANAGER) | Q(pk=self.instance.requester_id or 0))
        fields["requester"].queryset = chosen.distinct().select_related("organisation")
        fields["requester"].label_from_instance = lambda user: f"{user.name} ({user.organisation})"
        fields["service"].queryset = Service.objects.published().order_by("name_en")
        fields["team"].queryset = Team.objects.filter(is_active=True)
        for name in ("impact", "urgency"):
            fields[name].choices = Level.choices

    def clean_conditions(self) -> str:
        text: str = self.cleaned_data["conditions"]
        try:
            matching.parse(text)
        except matching.BadCondition as bad:
            message = _("Line %(line)s is no condition: %(text)s. Write for example: severity = critical")
            raise forms.ValidationError(message % {"line": bad.line, "text": bad.text}) from bad
        return text


class AttachForm(forms.Form):
    number = forms.CharField(label=_("Number of the ticket"), max_length=20)

    def __init__(self, *args: Any, actor: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor

    def clean_number(self) -> Record:
        number = self.cleaned_data["number"].strip().upper()
        found: Record | None = Record.objects.visible_to(self.actor).filter(number=number).first()
        if found is None:
            raise forms.ValidationError(_("There is no record of this number."))
        return found
