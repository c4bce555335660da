"""The shapes of scores, of their rule, and of what is bought; the verbs check what it means."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from actions.forms import area
from sourcing.models import RatingRule


class RateForm(forms.Form):
    """The score of a review: the proposed one, or another with its reason."""

    score = forms.IntegerField(label=_("Score"), min_value=0, max_value=100)
    reason = area(_("Reason for another score"), required=False)
    conclusion = area(_("Conclusion"))


class RuleForm(forms.ModelForm):  # type: ignore[type-arg]
    """Weights, mark and run; saved by sourcing.rating."""

    class Meta:
        model = RatingRule
        fields = ("attainment", "misses", "reports", "quality", "mark", "in_a_row")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("attainment", "misses", "reports", "quality"):
            self.fields[name].help_text = _("Weight of 100 in all")

    def _post_clean(self) -> None:
        """Meaning is the verb's business; the row is never saved from here."""
