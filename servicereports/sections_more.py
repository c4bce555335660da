"""What a report says beside the targets: work, measures, exclusions, credits and rewards, its grounds."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import in_reader_language
from itsm.templatetags.ui import duration
from servicereports import words
from servicereports.sections import Source, count, share
from servicereports.tree import NONE, Cell, Section, cells


def workload(source: Source) -> Section:
    """Work done against the limits agreed on (SLM-31)."""
    work = source.figures["workload"]
    rows = [
        cells(_("Opened tickets"), count(work["opened"])),
        cells(_("Finished tickets"), count(work["done"])),
        cells(_("Open at the end of the period"), count(work["open_at_end"])),
    ]
    limits = [
        cells(
            source.words.service(row["service"]),
            words.limit(row),
            _actual(row),
            Cell(words.verdict(row["kept"]), tone=words.tone(row["kept"])),
        )
        for row in source.figures["limits"]
    ]
    head = (_("Workload limit"), _("Agreed"), _("Actual"), _("Result"))
    return Section(
        "workload",
        _("Workload"),
        () if limits else (_("The agreement names no workload limit."),),
        (
            *source.table((_("Work"), _("Tickets")), rows, (75, 25), right=(1,)),
            *source.table(head, limits, (30, 25, 25, 20), right=(2,)),
        ),
    )


def _actual(row: Mapping[str, Any]) -> Cell:
    if row["actual"] is None:
        return Cell(_("not measured"), sub=words.missing(row["missing"]))
    return Cell(words.measured(row["actual"], row["unit"]), number=row["actual"])


def measures(source: Source) -> Section:
    """Availability and the other promises over the period, and the outages behind them."""
    rows = [
        cells(
            Cell(source.words.measure(row), sub=_worst(source, row)),
            words.limit(row),
            _actual(row),
            Cell(words.verdict(row["kept"]), tone=words.tone(row["kept"])),
        )
        for row in source.figures["measures"]
    ]
    outages = [
        cells(
            source.words.service(row["service"]),
            source.words.instant(row["from"]),
            source.words.instant(row["until"]) if row["until"] else _("beyond the period"),
            source.record(row["number"]) if row["number"] else Cell(NONE),
            Cell(words.exclusion(row["excluded"]), sub=row["evidence"])
            if row["excluded"]
            else Cell(_("yes")),
        )
        for row in source.figures["outages"]
    ]
    head = (_("Measure"), _("Agreed"), _("Actual"), _("Result"))
    outage_head = (_("Outage of"), _("From"), _("Until"), _("Ticket"), _("Counts"))
    return Section(
        "measures",
        _("Availability and other measures"),
        (),
        (
            *source.table(head, rows, (38, 22, 22, 18), right=(2,)),
            *source.table(outage_head, outages, (22, 20, 20, 18, 20)),
        ),
        "" if rows or outages else _("The agreement promises no measure over a period; nothing is measured."),
    )


def _worst(source: Source, row: Mapping[str, Any]) -> str:
    """Where it was lost: the service that was worst, and for how long it was away."""
    found = []
    if row["worst"]:
        found.append(_("worst: %(service)s") % {"service": source.words.service(row["worst"])})
    if row["down_seconds"]:
        found.append(_("not available for %(time)s") % {"time": duration(row["down_seconds"])})
    return " · ".join(found)


def exclusions(source: Source) -> Section:
    """What does not count, with evidence and who decided (SLM-32)."""
    rows = [
        cells(
            source.record(row["number"]),
            Cell(source.words.target_of(row["target"]), sub=words.verdict(row["would_be"] == "met")),
            words.exclusion(row["reason"]),
            Cell(row["evidence"], sub=row["note"]),
            source.words.person(row["asked_by"]),
            Cell(source.words.person(row["decided_by"]), sub=source.words.instant(row["decided_at"] or None)),
        )
        for row in source.figures["exclusions"]
    ]
    head = (_("Ticket"), _("Target"), _("Reason"), _("Evidence"), _("Asked by"), _("Approved by"))
    return Section(
        "exclusions",
        _("What does not count"),
        (),
        source.table(head, rows, (18, 20, 15, 22, 11, 14)),
        "" if rows else _("Nothing was excluded; gross and net are the same."),
    )


def interruptions(source: Source) -> Section:
    rows = [
        cells(
            source.words.services(row["services"]),
            source.words.instant(row["from"]),
            source.words.instant(row["until"]),
            in_reader_language(row["reason"]["en"], row["reason"]["zh"]),
            Cell(row["agreed_with"] or NONE, sub=source.words.instant(row["announced_at"])),
            _("taken out") if row["taken_out"] else _("counts"),
        )
        for row in source.figures["interruptions"]
    ]
    head = (
        _("Services"), _("From"), _("Until"), _("Reason"), _("Agreed with, announced"), _("In availability"),
    )  # fmt: skip
    return Section(
        "interruptions",
        _("Planned interruptions"),
        (),
        source.table(head, rows, (20, 16, 16, 20, 16, 12)),
        "" if rows else _("There was no planned interruption in this period."),
    )


def credits_(source: Source) -> Section:
    """What the period costs by the rules of the agreement."""
    given = source.figures["credits"]
    if given is None:
        return Section(
            "credits", _("Service credits"), note=_("The agreement has no rule for service credits.")
        )
    words_ = _("Credits are computed for single months.")
    if given["percent"] is not None:
        words_ = _("Credit for the period: %(percent)s of the charge, %(amount)s.") % _charged(given)
    rows = _due(source, given, "below", "bad")
    head = (_("Rule"), _("Attained"), _("Due below"), _("Credit"))
    return Section(
        "credits",
        _("Service credits"),
        (words_,),
        source.table(head, rows, (40, 20, 20, 20), right=(1, 2, 3)),
        "" if rows else _("No rule is fulfilled; nothing is due."),
    )


def rewards(source: Source) -> Section | None:
    """What the period earns the provider by the rules of the agreement; None where it has none."""
    given = source.figures.get("rewards")
    if given is None:
        return None
    words_ = _("Rewards are computed for single months.")
    if given["percent"] is not None:
        words_ = _("Reward for the period: %(percent)s of the charge, %(amount)s.") % _charged(given)
    rows = _due(source, given, "above", "good")
    head = (_("Rule"), _("Attained"), _("Due from"), _("Reward"))
    return Section(
        "rewards",
        _("Rewards"),
        (words_,),
        source.table(head, rows, (40, 20, 20, 20), right=(1, 2, 3)),
        "" if rows else _("No rule is fulfilled; nothing is earned."),
    )


def _charged(given: Mapping[str, Any]) -> dict[str, str]:
    """The share of the charge and its amount, in words."""
    amount = f"{given['amount']} {given['currency']}"
    return {
        "percent": words.percent(given["percent"]),
        "amount": amount if given["amount"] is not None else _("not named in money"),
    }


def _due(source: Source, given: Mapping[str, Any], mark: str, tone: str) -> list[tuple[Cell, ...]]:
    """The rules that are fulfilled; ``mark``: what they call theirs."""
    return [
        cells(
            _("all targets") if row["id"] == "*" else _key(source, row["id"]),
            share(row["attained"], tone),
            share(row[mark]),
            share(row["percent"]),
        )
        for row in given["due"]
    ]


def _key(source: Source, key: str) -> str:
    """A target or measure by the key its rule names it with."""
    targets = [row for name, row in source.words.targets.items() if name.rpartition("@")[0] == key]
    if targets:
        return source.words.target(targets[-1])
    rows = [row for row in source.figures["measures"] if row["id"].rpartition("@")[0] == key]
    return source.words.measure(rows[-1]) if rows else key


def next_steps(source: Source) -> Section:
    said = source.content["comments"]
    own = in_reader_language(said["next_en"], said["next_zh"])
    note = "" if own else _("The next steps are not written yet.")
    paragraphs = [line for line in own.splitlines() if line.strip()]
    satisfaction = source.context["satisfaction"]
    if satisfaction:
        paragraphs.append(
            _("Satisfaction given in the last review, %(number)s: %(score)s of 5.")
            % {"number": satisfaction["review"], "score": satisfaction["score"]}
        )
    return Section("next", _("Next steps"), tuple(paragraphs), note=note)


def basis(source: Source) -> Section:
    """By which versions the figures were measured, and when."""
    rules = source.content["rules"]
    rows = [
        cells(
            _("Agreement, version %(number)s") % {"number": row["number"]},
            source.words.instant(row["from"]),
            row["sha256"][:16],
        )
        for row in rules["agreement_versions"]
    ]
    rows += [
        cells(
            _("Calendar %(code)s, version %(number)s") % {"code": row["calendar"], "number": row["number"]},
            NONE,
            row["sha256"][:16],
        )
        for row in rules["calendar_versions"]
    ]
    head = (_("Measured by"), _("In force from"), _("Fingerprint"))
    paragraphs = [
        _("Days and hours are those of %(zone)s. Figures computed %(at)s.")
        % {"zone": rules["zone"], "at": source.words.instant(source.context["computed_at"])}
    ]
    return Section(
        "basis",
        _("What the figures rest on"),
        tuple(paragraphs),
        source.table(head, rows, (45, 30, 25)),
    )
