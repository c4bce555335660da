"""The shapes of what people enter about requirements; what it means is checked by the verbs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor, Role
from accounts.models import Organisation, User
from accounts.queries import customers
from actions.forms import StaffField, area
from catalog.models import Service
from knowledge.models import Article
from planning.models import Input, PlanningCheck, ServiceLevelRequirement
from sla.models import Agreement, ServicePackage
from sla.queries import agreements


class SeveralFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class Files(forms.FileField):
    """Any number of files; what may be attached is checked by the verb."""

    widget = SeveralFiles

    def clean(self, data: Any, initial: Any = None) -> "list[UploadedFile[Any]]":
        return [file for file in data or [] if file] if isinstance(data, Sequence) else []


class Need(forms.Form):
    """What a customer's project manager needs, in a few words."""

    title = forms.CharField(label=_("What do you need, in a few words?"), max_length=200)
    service = forms.ModelChoiceField(
        Service.objects.none(), label=_("Which service is it about?"), required=False,
        empty_label=_("A new one, or several"),
    )  # fmt: skip
    expectation = forms.CharField(
        label=_("What do you expect of it?"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("What it must do, how quickly, how reliably."),
    )  # fmt: skip
    wished_hours = forms.CharField(
        label=_("On which days and hours?"), max_length=300, required=False,
        help_text=_("For example: Monday to Saturday 8:00 to 20:00."),
    )  # fmt: skip
    why = forms.CharField(
        label=_("Why is it needed?"), max_length=20_000, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    attachments = Files(label=_("Files"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"].queryset = Service.objects.published()  # type: ignore[attr-defined]


class Raise(forms.Form):
    """The same raised by the provider for a customer."""

    customer = forms.ModelChoiceField(Organisation.objects.none(), label=_("Customer"))
    trigger = forms.ChoiceField(label=_("Trigger"), choices=ServiceLevelRequirement.Trigger.choices)
    title = forms.CharField(label=_("Title (English)"), max_length=200)
    title_zh = forms.CharField(label=_("Title (Chinese)"), max_length=200, required=False)
    service = forms.ModelChoiceField(Service.objects.none(), label=_("Service"), required=False)
    agreement = forms.ModelChoiceField(
        Agreement.objects.none(), label=_("Agreement"), required=False,
        help_text=_("The present agreement with this customer, if the need concerns one."),
    )  # fmt: skip
    expectation = area(_("Expectation of the customer"), rows=4)
    wished_hours = forms.CharField(label=_("Wished hours"), max_length=300, required=False)
    why = area(_("Why"), required=False)
    contact = forms.ModelChoiceField(
        User.objects.none(), label=_("Contact of the customer"), required=False,
        help_text=_("Follows it in the portal, reads these words and is told what comes of it."),
    )  # fmt: skip

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = customers(actor)
        contacts = User.objects.filter(
            organisation__in=known, is_active=True, grants__role=Role.CUSTOMER_MANAGER
        )
        choices = {
            "customer": known,
            "service": Service.objects.published(),
            "agreement": agreements(actor).filter(kind=Agreement.Kind.SLA, customer__in=known),
            "contact": contacts.distinct(),
        }
        for name, rows in choices.items():
            self.fields[name].queryset = rows  # type: ignore[attr-defined]


class Define(forms.Form):
    responsible = StaffField(_("Who defines it"))


class Seen(forms.Form):
    """An act on what the actor has read: not if somebody wrote since."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)


class Fix(Seen):
    reason = area(
        _("Reason"), required=False,
    )  # fmt: skip


class Because(forms.Form):
    reason = forms.CharField(
        label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Who raised or follows it reads this."),
    )  # fmt: skip


class Answer(forms.Form):
    text = area(_("Message to the customer"), rows=3)


class Reply(forms.Form):
    """What a customer adds."""

    text = area(_("Your message"), required=False, rows=3)
    attachments = Files(label=_("Files"), required=False)


class FileInput(forms.Form):
    kind = forms.ChoiceField(label=_("Kind of document"), choices=Input.Kind.choices)
    attachments = Files(label=_("Files"))


class Check(forms.Form):
    """The result on a planning document of this requirement."""

    of_record = True
    document = forms.ModelChoiceField(Input.objects.none(), label=_("Service planning document"))
    result = forms.ChoiceField(label=_("Result"), choices=PlanningCheck.Result.choices)
    points = area(_("Points to be corrected"), required=False)

    def __init__(self, *args: Any, record: ServiceLevelRequirement, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["document"]
        rows = record.inputs.filter(kind=Input.Kind.PLANNING)
        field.queryset = rows.select_related("attachment").order_by("-pk")
        field.label_from_instance = lambda row: row.attachment.name


class Draft(forms.Form):
    """The agreement a requirement leads to: the next edition of one there is, or the first of a new one."""

    agreement = forms.ModelChoiceField(
        Agreement.objects.none(), label=_("Agreement"), required=False, empty_label=_("A new agreement")
    )
    code = forms.SlugField(label=_("Code of the new agreement"), max_length=50, required=False)
    name_en = forms.CharField(label=_("Name (English)"), max_length=200, required=False)
    name_zh = forms.CharField(label=_("Name (Chinese)"), max_length=200, required=False)
    package = forms.ModelChoiceField(
        ServicePackage.objects.filter(is_active=True), label=_("Service package"), required=False,
        empty_label=_("None: only what is asked for"),
    )  # fmt: skip
    effective_from = forms.DateTimeField(
        label=_("In force from"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        requirement: ServiceLevelRequirement,
        actor: Actor,
        package: str = "",
        begin: datetime | None = None,
    ) -> None:
        start = {
            "agreement": requirement.agreement, "effective_from": begin, "name_en": requirement.title,
            "name_zh": requirement.title_zh,
            "package": ServicePackage.objects.filter(code=package).first() if package else None,
        }  # fmt: skip
        super().__init__(data, initial=start, auto_id="draft-%s")
        rows = agreements(actor).filter(kind=Agreement.Kind.SLA, customer=requirement.customer_id)
        self.fields["agreement"].queryset = rows  # type: ignore[attr-defined]


class AddLesson(forms.Form):
    number = forms.CharField(label=_("Number of the case"), max_length=20)


class AnswerLesson(forms.Form):
    """``article`` is the case's number; the verb says what is missing."""

    article = forms.CharField(max_length=20, widget=forms.HiddenInput)
    is_heeded = forms.TypedChoiceField(
        label=_("Taken into account"), coerce=lambda value: value == "yes",
        choices=[("yes", _("heeded")), ("no", _("not heeded"))],
    )  # fmt: skip
    words = forms.CharField(required=False)

    def clean_article(self) -> Article:
        found: Article | None = Article.objects.filter(number=self.cleaned_data["article"]).first()
        if found is None:
            raise forms.ValidationError(_("This lesson is not listed here."))
        return found
