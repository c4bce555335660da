"""How a supplier stands with its admission, in words and tones."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sourcing import admission
from suppliers.models import Supplier

STATES = {
    admission.OPEN: (gettext_lazy("not checked"), "quiet"),
    admission.MET: (gettext_lazy("met"), "good"),
    admission.NOT_MET: (gettext_lazy("not met"), "bad"),
    admission.EXPIRED: (gettext_lazy("proof has run out"), "bad"),
}
TONES = {
    Supplier.Admission.CANDIDATE: "accent",
    Supplier.Admission.ADMITTED: "good",
    Supplier.Admission.UNCHECKED: "neutral",
}


def badge(supplier: Supplier) -> dict[str, Any]:
    """How a supplier stands, in words and tone, with a warning where its admission ends or ended."""
    today = timezone.localdate()
    left = admission.days_left(supplier, today)
    if left is not None and left < 0:
        return {"label": _("Admission lapsed"), "tone": "bad", "until": supplier.admitted_until, "left": left}
    near = left is not None and left <= admission.WARN_DAYS
    tone = "warn" if near else TONES[Supplier.Admission(supplier.admission)]
    return {
        "label": supplier.get_admission_display(),
        "tone": tone,
        "until": supplier.admitted_until,
        "left": left if near else None,
    }
