"""What is said in words: the overview at the beginning, the writer's comment, what comes next (RPT-03)."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import in_reader_language
from processreports.sections import Section, Source
from servicereports import tree, words


def overview(source: Source) -> tree.Section:
    """The introduction, and the main figures as sentences."""
    given = source.content["definition"]["introduction"]
    said = [line for line in in_reader_language(given["en"], given["zh"]).splitlines() if line.strip()]
    found = [each for each in (_work(source), _kept(source), _satisfied(source), _measured(source)) if each]
    if not source.content["span"]["is_over"] and source.content["subject"] is None:
        found.append(_("The period is not over yet: all figures still change."))
    note = "" if said or found else _("There is nothing to sum up.")
    return tree.Section("overview", _("Overview"), (*said, *found), (), note)


def _work(source: Source) -> str:
    work = source.of("workload")
    if not work:
        return ""
    if not work["opened"] and not work["done"]:
        return _("No ticket was opened or done in this period.")
    return _("%(opened)s tickets were opened, %(done)s done, %(open)s open at the end.") % {
        "opened": work["opened"], "done": work["done"], "open": work["open_at_end"],
    }  # fmt: skip


def _kept(source: Source) -> str:
    kept = source.of("attainment")
    if not kept:
        return ""
    total = kept["all"]
    decided = total["met"] + total["missed"]
    if not decided:
        return _("No promise on a ticket fell due in the period.")
    told = _("%(decided)s promises on tickets fell due: %(met)s were kept, %(missed)s missed (%(net)s net).")
    return told % {
        "decided": decided, "met": total["met"], "missed": total["missed"],
        "net": words.percent(total["net"]),
    }  # fmt: skip


def _satisfied(source: Source) -> str:
    said = source.of("satisfaction")
    if not said:
        return ""
    if said["mean"] is None:
        return _("Nobody answered a survey in this period, so satisfaction is not known.")
    return _("%(answered)s of %(asked)s people asked have answered; their mean is %(mean)s of 5.") % {
        "answered": said["answered"], "asked": said["asked"], "mean": said["mean"],
    }  # fmt: skip


def _measured(source: Source) -> str:
    kpis: list[Mapping[str, Any]] = source.content["context"].get("indicators", {}).get("kpis", [])
    if not kpis:
        return ""
    values = {row["id"]: row["value"] for row in source.of("indicators").get("parts", ())}
    known = [kpi for kpi in kpis if values.get(f"{kpi['id']}/0") is not None]
    judged = [kpi for kpi in known if kpi["goal"] is not None and kpi["points"] is not None]
    reached = sum(float(kpi["points"]) >= 100 for kpi in judged)
    told = _("Indicators with data: %(known)s of %(all)s.") % {"known": len(known), "all": len(kpis)}
    if judged:
        return f"{told} " + _("%(n)s of the %(all)s with a goal reached it.") % {
            "n": reached, "all": len(judged)
        }  # fmt: skip
    return f"{told} " + _("None of them has a goal, so none is judged.")


def comment(source: Source) -> tree.Section:
    return _said(source, "comment", _("Comment"), _("The figures are not commented yet."))


def outlook(source: Source) -> tree.Section:
    return _said(source, "outlook", _("What comes next"), _("Nothing is written about what comes next yet."))


def _said(source: Source, name: str, title: str, none: str) -> tree.Section:
    given = source.content.get("words", {})
    own = in_reader_language(given.get(f"{name}_en", ""), given.get(f"{name}_zh", ""))
    lines = tuple(line for line in own.splitlines() if line.strip())
    return tree.Section(name, title, lines, (), "" if lines else none)


OVERVIEW = Section("overview", gettext_lazy("Overview in words"), overview)
COMMENT = Section("comment", gettext_lazy("Comment of its writer"), comment)
OUTLOOK = Section("outlook", gettext_lazy("What comes next"), outlook)
