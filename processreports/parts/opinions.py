"""What customers say: surveys and complaints of the period (RPT-02)."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from customers.mean import mean_of
from customers.models import Complaint, Invitation
from processreports.sections import Ask, Facts, Section, Source
from records.kinds import Kind
from servicereports import tree, words
from servicereports.relations.figures import means, plain
from servicereports.tree import NONE, Cell, cells


def _narrowed(ask: Ask, rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.filter(customer=ask.customer) if ask.customer else rows


def gather(ask: Ask) -> Facts:
    """Who was asked in the period and what they said; complaints received in it."""
    start, end = ask.period.start, ask.period.end
    invited = _narrowed(ask, Invitation.objects.filter(created_at__gte=start, created_at__lt=end))
    nobody = mean_of([], asked=0, answered=0)
    whole = means(invited, "survey__kind").get(Kind.SURVEY.value, nobody)
    received = _narrowed(
        ask,
        Complaint.objects.filter(
            nature=Complaint.Nature.COMPLAINT, received_at__gte=start, received_at__lt=end
        ),
    )
    complaints = list(received.order_by("pk").values_list("pk", "is_valid"))
    figures = {
        **plain(whole),
        "complaints": len(complaints),
        "valid": sum(valid is True for _pk, valid in complaints),
        "unjudged": sum(valid is None for _pk, valid in complaints),
    }
    keys = {
        "asked": sorted(invited.values_list("pk", flat=True)),
        "complaints": [pk for pk, _valid in complaints],
    }
    return Facts(figures, {}, keys)


def draw(source: Source) -> tree.Section:
    said = source.figures
    rows = []
    if said["asked"]:
        mean = _("%(n)s of 5") % {"n": said["mean"]} if said["mean"] else NONE
        rows = [
            cells(
                Cell(str(said["asked"]), number=str(said["asked"])),
                Cell(str(said["answered"]), number=str(said["answered"])),
                words.percent(said["rate"]), Cell(mean, number=said["mean"]),
                Cell(words.percent(said["satisfied"]), number=said["satisfied"]),
            )
        ]  # fmt: skip
    head = (
        pgettext("survey", "Asked"), pgettext("survey", "Answered"), _("Response rate"), _("Mean"),
        _("Satisfied"),
    )  # fmt: skip
    told = _("Complaints received: %(n)s, of which %(valid)s valid and %(unjudged)s not judged yet.") % {
        "n": said["complaints"], "valid": said["valid"], "unjudged": said["unjudged"],
    }  # fmt: skip
    if not said["complaints"]:
        told = _("No complaint was received in this period.")
    unanswered = _("Nobody who was asked has answered: there is no mean.")
    paragraphs = [told, *([unanswered] if said["asked"] and not said["answered"] else [])]
    note = "" if rows else _("Nobody was asked in this period: satisfaction is not known.")
    table = source.table(head, rows, (20, 20, 20, 20, 20), right=(0, 1, 2, 3, 4))
    return tree.Section("satisfaction", _("Satisfaction"), tuple(paragraphs), table, note)


SATISFACTION = Section("satisfaction", gettext_lazy("Satisfaction and complaints"), draw, gather)
