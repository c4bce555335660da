"""The shapes of what people enter about imports, baselines and audits; what it means is for the verbs."""

from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.models import Organisation
from accounts.queries import customers
from actions.forms import StaffField, area, date_field
from catalog.models import Service
from cmdb.models import ItemType
from records import files
from verifications import reading, scopes
from verifications.facts import fact_names, said
from verifications.imports import keys_of
from verifications.mapping import Target
from verifications.models import AuditEntry, ItemAudit, ItemImport

ENCODINGS = [
    ("", _("by itself (UTF-8, GBK)")),
    ("utf-8", "UTF-8"),
    ("gb18030", _("GBK / GB 18030 (simplified Chinese)")),
    ("big5hkscs", _("Big5 (traditional Chinese)")),
]


class Upload(forms.Form):
    """A file, and what kind of items it holds."""

    item_type = forms.ModelChoiceField(ItemType.objects.all(), label=_("Type of the items"))
    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "CSV or Excel (.xlsx); the first line names the columns. At most 10,000 lines and 10 MB."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx"}),
    )
    encoding = forms.ChoiceField(label=_("Encoding of a CSV"), choices=ENCODINGS, required=False)

    def clean_file(self) -> UploadedFile[Any]:
        file: UploadedFile[Any] = self.cleaned_data["file"]
        try:
            files.check_name(file.name or "")
        except forms.ValidationError as refused:
            raise forms.ValidationError(refused.messages) from refused
        if (file.size or 0) > reading.MAX_SIZE:
            words = _("The file is too large: at most %(most)s MB.") % {"most": reading.MAX_SIZE // 2**20}
            raise forms.ValidationError(words)
        return file


class Laying(forms.Form):
    """What each column of an import is, and how its lines are read."""

    match = forms.ChoiceField(
        label=_("Items are found again by"),
        help_text=_("A line whose item is found alters it; any other adds one. A number never adds."),
    )
    customer = forms.ModelChoiceField(
        Organisation.objects.none(), label=_("Customer, where no column says so"), required=False,
        empty_label=_("shared by all customers"),
    )  # fmt: skip
    authority = forms.CharField(
        label=_("Approved change"), max_length=20, required=False,
        help_text=_("Its number. Without one, lines that alter what is under control are refused."),
    )  # fmt: skip
    is_emptying = forms.BooleanField(label=_("An empty cell empties the fact"), required=False)

    def __init__(
        self, *args: Any, job: ItemImport, targets: dict[str, Target], actor: Actor, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.job = job
        names = {key: said(target.label) for key, target in targets.items()}
        choices = [("", gettext("leave out")), *names.items()]
        sample = job.rows[0][1] if job.rows else [""] * len(job.columns)
        for place, column in enumerate(job.columns):
            self.fields[f"column-{place}"] = forms.ChoiceField(
                label=column, choices=choices, required=False, initial=job.laid[place],
                help_text=_("such as “%(value)s”") % {"value": sample[place][:40]} if sample[place] else "",
            )  # fmt: skip
        self.fields["match"].choices = [(key, names[key]) for key in keys_of(targets)]  # type: ignore[attr-defined]
        self.fields["customer"].queryset = customers(actor)  # type: ignore[attr-defined]
        if actor.scope is not None:
            self.fields["customer"].empty_label = "–"  # type: ignore[attr-defined]
        begin = ("match", "customer", "authority", "is_emptying")
        self.initial = {**{name: getattr(job, name) for name in begin}, **self.initial}

    def columns(self) -> list[Any]:
        return [self[f"column-{place}"] for place in range(len(self.job.columns))]

    def rest(self) -> list[Any]:
        return [self[name] for name in ("match", "customer", "authority", "is_emptying")]

    def wanted(self) -> dict[str, Any]:
        """As verifications.imports.preview takes it."""
        found = self.cleaned_data
        laid = [found[f"column-{place}"] for place in range(len(self.job.columns))]
        return {
            "laid": laid,
            **{name: found[name] for name in ("match", "customer", "authority", "is_emptying")},
        }


class Scoped(forms.Form):
    """Which items: several answers narrow one another; none of them means all."""

    types = forms.ModelMultipleChoiceField(
        ItemType.objects.all(), label=_("Types"), required=False, widget=forms.CheckboxSelectMultiple
    )
    services = forms.ModelMultipleChoiceField(
        Service.objects.all(), label=_("Services they serve"), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    customer = forms.ModelChoiceField(
        Organisation.objects.none(), label=_("Customer"), required=False,
        empty_label=pgettext_lazy("customers", "all"),
    )  # fmt: skip
    items = forms.CharField(
        label=_("Chosen items"), required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Numbers, with commas or each on a line of its own. Empty: all that the above leaves."),
    )  # fmt: skip

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        self.fields["customer"].queryset = customers(actor)  # type: ignore[attr-defined]

    def clean_items(self) -> list[str]:
        return scopes.numbers_in(self.cleaned_data["items"])

    def clean(self) -> dict[str, Any]:
        """The scope takes the place of its parts."""
        found: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return found
        parts = {name: found.pop(name) for name in ("types", "services", "customer", "items")}
        try:
            found["scope"] = scopes.make(numbers=parts.pop("items"), actor=self.actor, **parts)
        except forms.ValidationError as refused:
            for field, words in refused.message_dict.items():
                self.add_error(field if field in self.fields else None, words)
        return found


class NewBaseline(Scoped):
    field_order = ("name_en", "name_zh", "description", "types", "services", "customer", "items")
    name_en = forms.CharField(label=_("Name (English)"), max_length=200)
    name_zh = forms.CharField(label=_("Name (Chinese)"), max_length=200, required=False)
    description = area(_("Description"), required=False)


class Auditing(forms.Form):
    """Who audits, when, and how much of it."""

    auditor = StaffField(_("Auditor"))
    planned_on = date_field(_("Planned for"))
    sample = forms.ChoiceField(label=_("Sample"), choices=ItemAudit.Sample.choices)
    amount = forms.IntegerField(
        label=_("How many, or how many per cent"), min_value=0, max_value=100_000, required=False
    )

    def clean_amount(self) -> int:
        return self.cleaned_data["amount"] or 0


class NewAudit(Scoped, Auditing):
    field_order = (
        "title",
        "auditor",
        "planned_on",
        "sample",
        "amount",
        "types",
        "services",
        "customer",
        "items",
    )
    title = forms.CharField(label=_("Title"), max_length=200)
    description = area(_("What to look at"), required=False)


class Replan(Auditing):
    """The same until the sample is drawn; the auditor is the record's assignee."""


class Unregistered(forms.Form):
    name = forms.CharField(label=_("What was found"), max_length=200)
    note = area(_("Where, and how it can be told"))


class Conclude(forms.Form):
    conclusion = area(_("Conclusion"), rows=4)


class Approve(forms.Form):
    due_on = date_field(_("Differences are put right by"))

    def get_initial_for_field(self, field: forms.Field, field_name: str) -> Any:
        """Two weeks, to begin with."""
        return super().get_initial_for_field(field, field_name) or timezone.localdate() + timedelta(days=14)


class Remark(forms.Form):
    remark = area(_("What was put right"))


class Checked(forms.Form):
    """What the auditor found of one item; a field per fact, for what is otherwise than the register says."""

    RESULTS: ClassVar = [
        (value, AuditEntry.Result(value).label)
        for value in (AuditEntry.Result.AGREES, AuditEntry.Result.DIFFERS, AuditEntry.Result.NOT_FOUND)
    ]
    result = forms.ChoiceField(label=_("Result"), choices=RESULTS, widget=forms.RadioSelect)
    note = area(_("Note"), required=False)
    is_unauthorised = forms.TypedChoiceField(
        label=_("Altered without an approved change"), required=False, empty_value=None,
        coerce=lambda given: given == "yes",
        choices=[("", _("if a fact under control differs")), ("yes", _("yes")), ("no", _("no"))],
    )  # fmt: skip

    def __init__(self, *args: Any, entry: AuditEntry, targets: dict[str, Target], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = fact_names([entry.item.type_id] if entry.item else ())
        differing = {row.fact: row.found for row in entry.differences.all()}
        self.differs = bool(differing)
        self.facts = [key for key in targets if key != "number"]
        for key in self.facts:
            before = differing.get(key)
            self.fields[f"found-{key}"] = _found_field(targets[key], names[key], before)
        if entry.result != AuditEntry.Result.OPEN:
            is_so = "yes" if entry.is_unauthorised else "no" if self.differs else ""
            begin = {"result": entry.result, "note": entry.note, "is_unauthorised": is_so}
            self.initial = {**begin, **self.initial}

    def found(self) -> dict[str, str]:
        """By fact what was entered."""
        given = {key: self.cleaned_data.get(f"found-{key}", "") for key in self.facts}
        return {key: text for key, text in given.items() if text}


def _found_field(target: Target, name: str, before: Any) -> forms.Field:
    """A text, or a choice where there are few; a dash says there is none."""
    initial = "" if before is None else (said(before) or "–")
    options: dict[str, Any] = {"label": name, "required": False, "initial": initial}
    if target.kind == "flag":
        words = [(gettext("yes"), gettext("yes")), (gettext("no"), gettext("no"))]
        return forms.ChoiceField(choices=[("", "–"), *words], **options)
    if target.kind == "choice" and target.key != "owner":
        labels = dict.fromkeys(said(value) for value in target.choices.values())
        none = [("–", gettext("none"))] if not target.is_required and target.key != "state" else []
        return forms.ChoiceField(choices=[("", ""), *((w, w) for w in labels), *none], **options)
    return forms.CharField(max_length=target.max_length, **options)
