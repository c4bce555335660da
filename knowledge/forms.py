"""The shapes of what people enter about articles; what it means is checked by the verbs."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts import queries as people
from accounts.access import STAFF_ROLES, Actor, Role
from accounts.models import Organisation, User
from catalog.models import Service
from cmdb.models import ItemType
from knowledge.models import TEXTS, ArticleVersion, Audience, Genre
from knowledge.writing import PLAIN, SHORT, Content
from records.files import Upload
from records.models import Record
from records.services import MAX_TEXT

ROWS = {"symptom": 4, "cause": 3, "workaround": 4, "body": 12, "lesson": 5}
LEADERS = (Role.ADMINISTRATOR, Role.MANAGER, Role.SERVICE_LEVEL_MANAGER)


def day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


def area(label: Any, *, required: bool = True, rows: int = 2) -> forms.CharField:
    return forms.CharField(
        label=label, required=required, max_length=MAX_TEXT, widget=forms.Textarea(attrs={"rows": rows})
    )


def _text_field(name: str) -> forms.CharField:
    label = ArticleVersion._meta.get_field(name).verbose_name  # type: ignore[union-attr]
    base = name.removesuffix("_zh")
    attrs: dict[str, Any] = {"lang": "zh"} if name.endswith("_zh") else {"lang": "en"}
    widget = forms.Textarea(attrs={**attrs, "rows": ROWS[base]}) if base in ROWS else forms.TextInput(attrs)
    if base == "summary":
        widget = forms.Textarea(attrs={**attrs, "rows": 2})
    return forms.CharField(
        label=str(label)[:1].upper() + str(label)[1:], required=False, widget=widget,
        max_length=SHORT.get(name, MAX_TEXT),
    )  # fmt: skip


class Write(forms.Form):
    """A whole version. The texts are added below, one field for each column."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    genre = forms.ChoiceField(label=_("Kind of article"), choices=Genre.choices)
    audience = forms.ChoiceField(label=_("Who may read it"), choices=Audience.choices)
    customers = forms.ModelMultipleChoiceField(
        Organisation.objects.none(), label=_("Customers by name"), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    services = forms.ModelMultipleChoiceField(
        Service.objects.none(), label=_("About the services"), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    item_type = forms.ModelChoiceField(
        ItemType.objects.all(), label=_("About items of the type"), required=False,
        empty_label=_("any"),
    )  # fmt: skip
    keywords = forms.CharField(
        label=_("Keywords"), max_length=500, required=False,
        help_text=_("Other words people may search for, in both languages."),
    )  # fmt: skip
    department = forms.CharField(label=_("Responsible department"), max_length=200, required=False)
    review_on = day(_("Review date"))
    one_language_reason = forms.CharField(
        label=_("Why it is in one language only"), max_length=300, required=False,
        help_text=_("Needed where customers read it and a language is missing."),
    )  # fmt: skip
    change_note = forms.CharField(label=_("What changed"), max_length=300, required=False)

    def __init__(
        self, *args: Any, actor: Actor, now_chosen: ArticleVersion | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for name in (f"{name}{tongue}" for name in TEXTS for tongue in ("", "_zh")):
            self.fields[name] = _text_field(name)
        kept = now_chosen.services.values("pk") if now_chosen else Service.objects.none().values("pk")
        offered = Service.objects.filter(Q(is_published=True) | Q(pk__in=kept)).order_by("name_en")
        self.fields["services"].queryset = offered  # type: ignore[attr-defined]
        self.fields["customers"].queryset = people.customers(actor)  # type: ignore[attr-defined]

    @staticmethod
    def initial_of(version: ArticleVersion) -> dict[str, Any]:
        return {
            **{name: getattr(version, name) for name in PLAIN if name != "change_note"},
            "genre": version.genre,
            "audience": version.audience,
            "review_on": version.review_on,
            "item_type": version.item_type_id,
            "services": [s.pk for s in version.services.all()],
            "customers": [c.pk for c in version.customers.all()],
        }

    @property
    def content(self) -> Content:
        """What was entered; for a form that is valid."""
        given = self.cleaned_data
        return Content(
            genre=given["genre"], audience=given["audience"], review_on=given["review_on"],
            texts={name: given[name] for name in PLAIN}, services=tuple(given["services"]),
            customers=tuple(given["customers"]), item_type=given["item_type"],
        )  # fmt: skip

    @property
    def pairs(self) -> list[dict[str, Any]]:
        """The fields of each text in both languages, with the kinds of article that have it."""
        only = {"symptom": "known_error solution", "cause": "known_error solution",
                "workaround": "known_error", "lesson": "case"}  # fmt: skip
        return [{"fields": [self[name], self[f"{name}_zh"]], "only": only.get(name, "")} for name in TEXTS]


# --- steps -----------------------------------------------------------------------------------


class ForActor(forms.Form):
    """A form whose choices depend on who fills it in."""

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor


class Send(ForActor):
    reviewer = forms.ModelChoiceField(
        User.objects.none(), label=_("Reviewer"), required=False, empty_label=_("any manager")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        leaders = User.objects.filter(is_active=True, grants__role__in=LEADERS).distinct()
        self.fields["reviewer"].queryset = leaders.exclude(pk=self.actor.user_id)  # type: ignore[attr-defined]


class Note(ForActor):
    note = area(_("Note"), required=False)


class Because(ForActor):
    reason = area(_("Reason"))


class Nothing(ForActor):
    """An act that needs no words."""


class Check(ForActor):
    review_on = day(_("Next review"))
    note = area(_("Note"), required=False)


class Give(ForActor):
    owner = forms.ModelChoiceField(User.objects.none(), label=_("Owner"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        staff = User.objects.filter(is_active=True, grants__role__in=STAFF_ROLES).distinct()
        self.fields["owner"].queryset = staff  # type: ignore[attr-defined]


class Connect(ForActor):
    other = forms.CharField(
        label=_("Number"), max_length=20, help_text=_("Of a ticket, an improvement plan, an action ...")
    )

    def clean_other(self) -> Record:
        number = self.cleaned_data["other"].strip().upper()
        found: Record | None = Record.objects.visible_to(self.actor).filter(number=number).first()
        if found is None:
            raise forms.ValidationError(_("There is no record of this number."))
        return found


class ManyFilesInput(forms.FileInput):
    allow_multiple_selected = True


class Files(forms.FileField):
    """Any number of files; each is checked where it is stored (records.files)."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Upload]:
        given = data if isinstance(data, list | tuple) else [data]
        return [file for file in given if file]


class Evidence(ForActor):
    text = area(_("Note"), required=False)
    attachments = Files(label=_("Files"), required=False)
