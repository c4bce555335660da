"""Standings as pages show them: words, tones, bars and addresses. Nothing is decided here."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from itsm.templatetags.ui import duration
from levels.measured import Allowance, MeasureStanding
from levels.standing import CreditStanding, Standing, TargetStanding
from records.spans import Span
from reports.layout import words_of
from sla.budget import Budget, Score
from sla.naming import Names

TONES = {True: "good", False: "bad", None: "neutral"}


def share(part: float) -> str:
    """ "41 %" of 0.41; the whole is only said of the whole."""
    return f"{int(part * 100)} %"


# --- the list ------------------------------------------------------------------------------------


def line_of(found: Standing, month: Span) -> dict[str, Any]:
    """An agreement in the list."""
    tightest, judged = found.tightest, (*found.measures, *found.workload)
    kept = [row.is_kept for row in judged if row.is_kept is not None]
    return {
        "agreement": found.agreement,
        "url": address(found, month),
        "broken": found.broken,
        "tone": "bad" if found.broken else "neutral" if found.no_data else "good",
        "net": words_of(found.total.net),
        "gross": words_of(found.total.gross) if found.total.excluded else "",
        "missed": found.total.missed,
        "decided": found.total.decided,
        "tightest": tightest,
        "budget": budget_of(tightest, found) if tightest else None,
        "kept": _("%(kept)s of %(all)s") % {"kept": kept.count(True), "all": len(kept)} if kept else "",
        "measures_tone": TONES[all(kept) if kept else None],
        "credit": credit_words(found.credits),
        "reward": credit_words(found.rewards),
        "why": found.why,
    }


def worst_first(found: Sequence[Standing]) -> list[Standing]:
    """Most broken promises first, then the least budget left, then those without figures."""

    def place(row: Standing) -> tuple[int, float, str]:
        budget = row.tightest.budget if row.tightest else None
        room = budget.left / max(1, budget.allowed) if budget else 99.0
        return -row.broken, room, row.agreement.code

    return sorted(found, key=place)


def address(found: Standing, month: Span) -> str:
    return f"{reverse('levels:detail', args=[found.agreement.code])}?month={month}"


# --- targets ---------------------------------------------------------------------------------------


def budget_of(row: TargetStanding, found: Standing) -> dict[str, Any] | None:
    """The error budget of a target in words and as a bar."""
    if row.budget is None or not row.decided:
        return None
    of, ahead = row.budget, row.budget.forecast
    shown = {
        "words": budget_words(of, found),
        "used": 100 * of.missed / of.allowed if of.allowed else (100 if of.missed else 0),
        "gone": 100 * of.gone,
        "tone": "bad" if of.is_spent else "warn" if of.burn is not None and of.burn > 1 else "good",
        "forecast": "",
        "range": "",
    }
    if ahead and of.gone < 1:
        shown["forecast"] = _("%(percent)s expected") % {"percent": words_of(ahead.percent)}
        shown["range"] = f"{words_of(ahead.low)} – {words_of(ahead.high)}"
    return shown


def budget_words(of: Budget, found: Standing) -> str:
    """ "3 misses left, 41 % of the month gone"."""
    gone = share(of.gone)
    if of.left < 0:
        words = ngettext("%(n)s miss too many", "%(n)s misses too many", -of.left) % {"n": -of.left}
    elif of.allowed == 0:
        words = _("no miss allowed, none happened")
    else:
        words = ngettext("%(n)s miss left", "%(n)s misses left", of.left) % {"n": of.left}
    if of.gone >= 1:
        return words
    return _("%(words)s, %(share)s of the month gone") % {"words": words, "share": gone}


def target_rows(found: Standing, month: Span) -> list[dict[str, Any]]:
    return [
        {
            "label": row.label,
            "versions": ", ".join(map(str, row.versions)) if len(found.versions) > 1 else "",
            "numbers": [
                {"name": name, "label": label, "n": n, "url": clocks_url(found, month, row, name)}
                for name, label, n in (
                    ("met", _("Met"), row.met),
                    ("missed", _("Missed"), row.missed),
                    ("excluded", _("Excluded"), row.excluded),
                    ("open", _("Open"), row.open),
                )
            ],
            "net": words_of(row.net) if row.net is not None else "",
            "gross": words_of(row.gross) if row.excluded else "",
            "goal": words_of(row.goal_percent),
            "tone": TONES[row.on_goal],
            "why": row.why,
            "budget": budget_of(row, found),
        }
        for row in found.targets
    ]


def clocks_url(found: Standing, month: Span, row: TargetStanding | None, outcome: str) -> str:
    """The list behind a number; ``row`` None: of all targets."""
    words = {"month": str(month)}
    if row is not None:
        words["targets"] = ",".join(map(str, row.target_ids))
    return f"{reverse('levels:clocks', args=[found.agreement.code, outcome])}?{urlencode(words)}"


def tickets_url(found: Standing, month: Span, key: str, service: int | None = None) -> str:
    """The tickets behind the workload, in the reports."""
    words = {"from": month.first.isoformat(), "to": month.last.isoformat(), "agreement": found.agreement.pk}
    if service:
        words["service"] = service
    return f"{reverse('reports:records', args=[key])}?{urlencode(words)}"


# --- measures --------------------------------------------------------------------------------------


def measure_rows(rows: Sequence[MeasureStanding], found: Standing, month: Span) -> list[dict[str, Any]]:
    return [
        {
            "label": row.label,
            "promise": row.promise,
            "figure": row.figure,
            "why": row.why,
            "tone": TONES[row.is_kept],
            "verdict": _verdict(row, is_running=found.gone < 1),
            "allowance_tone": _allowance_tone(row, found),
            "worst": row.worst,
            "allowance": allowance_words(row.allowance) if row.allowance else "",
            "used": 100 * row.allowance.used / max(1, row.allowance.allowed) if row.allowance else None,
            "gone": 100 * found.gone,
            "versions": ", ".join(map(str, row.versions)) if len(found.versions) > 1 else "",
            "sources": _sources(row, found, month),
        }
        for row in rows
    ]


def _verdict(row: MeasureStanding, *, is_running: bool) -> str:
    if row.is_kept is None:
        return _("not judged")
    if is_running:
        return _("kept so far") if row.is_kept else _("not kept so far")
    return _("kept") if row.is_kept else _("not kept")


def _allowance_tone(row: MeasureStanding, found: Standing) -> str:
    if row.allowance is None:
        return "neutral"
    if row.allowance.left < 0:
        return "bad"
    return "warn" if row.allowance.used > row.allowance.allowed * max(found.gone, 0.05) else "good"


def allowance_words(of: Allowance) -> str:
    """ "1 h left of 2 h"; service hours, as availability counts them."""
    if of.is_time:
        left, allowed = duration(abs(of.left)), duration(of.allowed)
        sentence = _("%(left)s left of %(all)s") if of.left >= 0 else _("%(left)s more than %(all)s")
        return sentence % {"left": left, "all": allowed}
    sentence = _("%(left)s left of %(all)s") if of.left >= 0 else _("%(left)s more than %(all)s")
    return sentence % {"left": abs(of.left), "all": of.allowed}


def _sources(row: MeasureStanding, found: Standing, month: Span) -> list[dict[str, str]]:
    shown = []
    if row.outages:
        n = len(row.outages)
        words = ngettext("%(n)s outage", "%(n)s outages", n) % {"n": n}
        query = urlencode({"month": str(month), "agreement": found.agreement.code, "measure": row.key})
        shown.append({"words": words, "url": f"{reverse('levels:outages')}?{query}"})
    if row.values:
        n = len(row.values)
        words = ngettext("%(n)s value", "%(n)s values", n) % {"n": n}
        shown.append({"words": words, "url": values_url(row, found, month)})
    if row.tickets is not None:
        words = ngettext("%(n)s ticket", "%(n)s tickets", row.tickets) % {"n": row.tickets}
        url = tickets_url(found, month, "opened", row.service.pk if row.service else None)
        shown.append({"words": words, "url": url})
    return shown


def values_url(row: MeasureStanding, found: Standing, month: Span) -> str:
    query = {"month": str(month), "measure": row.key}
    return f"{reverse('levels:values', args=[found.agreement.code])}?{urlencode(query)}"


# --- the ledger and forecasts -------------------------------------------------------------------------


def credit_words(found: CreditStanding | None) -> str:
    """ "5 % · CNY 50.00"; empty without a rule."""
    if found is None or found.percent is None:
        return ""
    if not found.percent:
        return _("none")
    percent = f"{found.percent.normalize():f} %"
    return percent if found.amount is None else f"{percent} · {money(found.amount, found.currency)}"


def money(amount: Any, currency: str) -> str:
    return f"{currency} {amount:,.2f}"


def rule_rows(found: CreditStanding | None) -> list[dict[str, Any]]:
    """The rules that are fulfilled, in words: below a mark (of credits), or above it (of rewards)."""
    if found is None or not found.due:
        return []
    names = Names.load()
    return [
        {
            "target": names.key(rule["target"]),
            **{name: words_of(value) for name, value in rule.items() if name != "target"},
        }
        for rule in found.due
    ]


def score_rows(scores: Sequence[Score]) -> list[dict[str, Any]]:
    """How good forecasts were; empty where no month could be tried."""
    return [
        {
            "gone": share(score.gone),
            "mean": score.mean_error,
            "greatest": score.greatest_error,
            "within": _("%(n)s of %(all)s") % {"n": score.within, "all": score.periods},
        }
        for score in scores
        if score.periods
    ]
