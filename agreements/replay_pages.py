"""The outcome of a replay in words and figures, as its page shows it. No figure where nothing was decided."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from agreements.models import ReplayRun
from agreements.replays import Failure
from records.models import Priority
from sla.naming import Names

FAILURES: Mapping[str, Any] = {
    Failure.PROMISE: gettext_lazy("A target in days cannot be kept: its calendar has too few working days."),
    Failure.ATTEMPTS: gettext_lazy(
        "It was begun several times and never got further. Ask again; if that does not help, tell the"
        " administrator."
    ),
    Failure.UNEXPECTED: gettext_lazy("Something went wrong here; the administrator finds it in the log."),
}
NOTHING = "–"
NO_RULES: Mapping[str, Any] = {"before": None, "after": None}


def failure_words(error: str) -> str:
    """Why a run stopped; "" if it did not."""
    return str(FAILURES.get(error, FAILURES[Failure.UNEXPECTED])) if error else ""


def outcome(run: ReplayRun, names: Names) -> dict[str, Any]:
    """What `agreements/_replay_outcome.html` shows."""
    found: dict[str, Any] = run.result or {}
    total, flips = found["total"], found["flips"]
    return {
        "is_empty": not found["tickets"],
        "headline": _headline(found),
        "figures": [
            _figure(_("Attainment as it was"), percent_words(total["before"]), _decided(total["before"])),
            _figure(
                _("Attainment under these terms"), percent_words(total["after"]), _decided(total["after"]),
                _change_tone(total),
            ),
            _figure(_("Newly missed"), _count(flips["now_missed"]), _("promises on tickets"),
                    "bad" if flips["now_missed"] else ""),
            _figure(_("No longer missed"), _count(flips["now_met"]), _("promises on tickets"),
                    "good" if flips["now_met"] else ""),
        ],
        "groups": _groups(found["rows"], names),
        "credits": _rules(found["credits"], names, _("no rule for credits")),
        "rewards": _rules(found.get("rewards", NO_RULES), names, _("no rule for rewards")),
    }  # fmt: skip


def _headline(found: Mapping[str, Any]) -> str:
    total, flips, n = found["total"], found["flips"], found["tickets"]
    sentences = [_("Tickets judged again: %(n)s.") % {"n": _count(n)}]
    if not flips["now_missed"] and not flips["now_met"]:
        sentences.append(_("Nothing would change sides."))
    else:
        words = _("Of what was promised on them, %(missed)s would be newly missed, %(met)s no longer missed.")
        sentences.append(words % {"missed": _count(flips["now_missed"]), "met": _count(flips["now_met"])})
    if total["before"]["percent"] is not None and total["after"]["percent"] is not None:
        words = _("Attainment of all targets together: %(after)s instead of %(before)s.")
        shown = {side: percent_words(total[side]) for side in ("before", "after")}
        sentences.append(words % shown)
    return _listed(sentences, ends=True)


def percent_words(figures: Mapping[str, Any]) -> str:
    """ "97.50 %", or a dash where nothing is decided."""
    value = figures["percent"]
    return NOTHING if value is None else f"{number_format(value, 2)} %"


def _count(n: int) -> str:
    return number_format(n, use_l10n=True, force_grouping=True)


def _figure(label: str, value: str, note: str, tone: str = "") -> dict[str, str]:
    return {"label": label, "value": value, "note": note, "tone": tone}


def _decided(figures: Mapping[str, Any]) -> str:
    decided = figures["met"] + figures["missed"]
    if not decided:
        return _("nothing decided")
    return _("%(met)s of %(decided)s met") % {"met": _count(figures["met"]), "decided": _count(decided)}


def _change_tone(pair: Mapping[str, Any]) -> str:
    before, after = pair["before"]["percent"], pair["after"]["percent"]
    if before is None or after is None or before == after:
        return ""
    return "good" if after > before else "bad"


def _groups(rows: list[dict[str, Any]], names: Names) -> list[dict[str, Any]]:
    """The table's rows: one for each target and priority."""
    return [
        {
            "target": names.key(row["key"]),
            "priority": Priority(row["priority"]).label,
            "goal": NOTHING if row["goal_percent"] is None else f"{row['goal_percent']:g} %",
            "before": percent_words(row["before"]),
            "before_note": _tally(row["before"]),
            "after": percent_words(row["after"]),
            "after_note": _tally(row["after"]),
            "is_below": _is_below(row),
            "difference": _difference(row),
            "tone": _change_tone(row) or "quiet",
        }
        for row in rows
    ]


def _is_below(row: Mapping[str, Any]) -> bool:
    after, goal = row["after"]["percent"], row["goal_percent"]
    return after is not None and goal is not None and after < goal


def _tally(figures: Mapping[str, Any]) -> str:
    if not any(figures[name] for name in ("met", "missed", "excluded", "pending")):
        return _("not promised")
    words = [_decided(figures)]
    if figures["pending"]:
        words.append(_("%(n)s still open") % {"n": _count(figures["pending"])})
    if figures["excluded"]:
        words.append(_("%(n)s not judged") % {"n": _count(figures["excluded"])})
    return " · ".join(words)


def _difference(pair: Mapping[str, Any]) -> str:
    before, after = pair["before"]["percent"], pair["after"]["percent"]
    if before is None or after is None:
        return NOTHING
    change = round(after - before, 2)
    return f"{'+' if change > 0 else ''}{number_format(change, 2)}" if change else "0"


def _rules(given: Mapping[str, Any], names: Names, without: str) -> dict[str, Any]:
    """What is expected by the rules of one kind, month by month where there is anything."""
    sides = {side: given[side] for side in ("before", "after")}
    months = sorted({m["month"] for side in sides.values() if side for m in side["months"] if m["percent"]})
    by_month = {
        side: {month["month"]: month for month in found["months"]} if found else {}
        for side, found in sides.items()
    }
    return {
        "before": _money(sides["before"], without),
        "after": _money(sides["after"], without),
        "has_rules": sides["after"] is not None,
        "had_rules": sides["before"] is not None,
        "months": [
            {
                "month": month,
                "before": _month(by_month["before"].get(month), sides["before"]),
                "after": _month(by_month["after"].get(month), sides["after"]),
                "because": _because(by_month["after"].get(month), names),
            }
            for month in months
        ],
    }


def _money(side: Mapping[str, Any] | None, without: str) -> str:
    if side is None:
        return without
    if side["amount"] is None:
        worst = max((month["percent"] for month in side["months"]), default=0)
        return (
            _("up to %(percent)s %% of a month's charge") % {"percent": f"{worst:g}"} if worst else _("none")
        )
    return f"{side['currency']} {number_format(side['amount'], 2, force_grouping=True)}"


def _month(month: Mapping[str, Any] | None, side: Mapping[str, Any] | None) -> str:
    if month is None or side is None or not month["percent"]:
        return NOTHING
    share = f"{month['percent']:g} %"
    if side["amount"] is None:
        return share
    return f"{share} · {side['currency']} {number_format(month['amount'], 2, force_grouping=True)}"


def _because(month: Mapping[str, Any] | None, names: Names) -> str:
    if not month:
        return ""
    below = _("%(target)s: %(percent)s %% is below %(below)s %%")
    above = _("%(target)s: %(percent)s %% is not below %(above)s %%")
    found = [
        (below if "below" in each else above)
        % {
            "target": names.key(each["target"]),
            "percent": number_format(each["percent"], 2),
            **{mark: f"{each[mark]:g}" for mark in ("below", "above") if mark in each},
        }
        for each in month["targets"]
    ]
    return _listed(found)


def _listed(parts: Sequence[str], *, ends: bool = False) -> str:
    """Parts one after another, whole sentences or not; Chinese leaves no space between them."""
    is_chinese = (get_language() or "").startswith("zh")
    between = {(True, True): "", (True, False): "；", (False, True): " ", (False, False): "; "}
    return between[is_chinese, ends].join(parts)
