"""What every page of a draft's terms shows beside its form: the list of parts and what is still missing."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts.access import Actor
from agreements import checks, layering, lifecycle, terms_words
from agreements.models import Edition, State
from agreements.sections import NAMES
from agreements.terms_words import PARTS
from records.middleware import changes_of
from records.services import Stale
from sla.models import Agreement, AgreementVersion
from sla.naming import Names
from sla.queries import agreements
from sla.terms import Section, Terms
from sla.terms_rows import terms_of

SUPPORTING = (Agreement.Kind.OLA, Agreement.Kind.UC)


@dataclass(frozen=True)
class Page:
    """An edition as a page of its terms reads it."""

    actor: Actor
    edition: Edition
    terms: Terms
    names: Names

    @classmethod
    def of(cls, actor: Actor, edition: Edition) -> "Page":
        return cls(actor, edition, Terms.parse(edition.terms), Names.load())

    @property
    def is_draft(self) -> bool:
        return self.edition.state == lifecycle.DRAFT

    @property
    def gaps(self) -> checks.Gaps:
        is_customers = self.edition.agreement.kind == Agreement.Kind.SLA
        return checks.gaps(layering.of(self.edition).terms, is_customers=is_customers)

    def url(self, part: str = "", key: str = "") -> str:
        """The address of a part, or of a section."""
        number = self.edition.number
        if part == "sections" and key:
            return reverse("agreements:terms-section", args=[number, key])
        return (
            reverse("agreements:terms-part", args=[number, part])
            if part
            else reverse("agreements:terms", args=[number])
        )


def context(page: Page, here: str = "") -> dict[str, Any]:
    """For templates/agreements/terms/_frame.html: the parts, what is missing, and the edition's state."""
    missing = checklist(page)
    return {
        "page": page,
        "edition": page.edition,
        "is_draft": page.is_draft,
        "is_in_making": page.edition.state in lifecycle.IN_MAKING,
        "state": State(page.edition.state).label,
        "parts": parts(page, here),
        "sections": section_links(page, here),
        "written": written(page),
        "missing": missing,
        "is_complete": not missing,
    }


def written(page: Page) -> dict[str, int]:
    """How many of the sections are written or do not apply."""
    return {"done": len(NAMES) - len(page.terms.missing_sections), "all": len(NAMES)}


def parts(page: Page, here: str) -> list[dict[str, Any]]:
    """The parts but the sections, each with its mark and its count."""
    terms, gaps = page.terms, page.gaps
    are_promises_done = not (gaps.is_without_promise or gaps.services or gaps.unclear)
    counts = {
        "targets": len(terms.targets), "measures": len(terms.measures), "credits": len(terms.credits),
        "rewards": len(terms.rewards), "reports": len(terms.reports),
    }  # fmt: skip
    found = []
    for part, label in PARTS.items():
        if part == "sections":
            continue
        mark = "none" if counts.get(part, 1) == 0 else "done"
        if part == "targets" and not are_promises_done:
            mark = "missing"
        found.append(
            {
                "label": label,
                "url": page.url(part),
                "mark": mark,
                "count": counts.get(part),
                "is_here": part == here,
            }
        )
    return found


def section_links(page: Page, here: str) -> list[dict[str, Any]]:
    """The sections in the order of the document, each with its mark."""
    found = []
    for code, label in NAMES.items():
        section = page.terms.sections.get(code, Section())
        mark = "done" if section.is_filled else "missing"
        if section.not_applicable.strip():
            mark = "not_applicable"
        found.append(
            {
                "label": label,
                "url": page.url("sections", code),
                "mark": mark,
                "is_here": code == here,
                "is_section": True,
            }
        )
    return found


def checklist(page: Page) -> list[dict[str, Any]]:
    """What is missing before the draft can be submitted, each with where to write it."""
    gaps, found = page.gaps, []
    targets = {term.key for term in page.terms.targets}
    if gaps.is_without_promise:
        found.append({"words": _("There is no quantified target."), "url": page.url("targets")})
    for code in gaps.services:
        words = _("%(service)s has no quantified target.") % {"service": page.names.service(code)}
        found.append({"words": words, "url": page.url("targets")})
    for key in gaps.unclear:
        words = _("Say how this is measured: %(target)s.") % {"target": page.names.key(key)}
        kind = "targets" if key in targets else "measures"
        found.append({"words": words, "url": row_url(page, kind, key)})
    for code in gaps.recovery:
        words = _("The key service %(service)s has no recovery time of its own.")
        found.append({"words": words % {"service": page.names.service(code)}, "url": page.url("targets")})
    for code in gaps.sections:
        words = _("Write the section “%(section)s”, or say why it does not apply.")
        found.append({"words": words % {"section": NAMES[code]}, "url": page.url("sections", code)})
    return found


def row_url(page: Page, kind: str, key: str = "", *, copied: str = "") -> str:
    """The address of a target's or measure's form."""
    url = reverse("agreements:terms-row", args=[page.edition.number, kind])
    query = {"key": key} if key else {"copy": copied} if copied else {}
    return f"{url}?{urlencode(query)}" if query else url


def neighbours(page: Page, code: str) -> dict[str, Any]:
    """The section before and the one after."""
    codes = list(NAMES)
    at = codes.index(code)
    link = {
        n: {"label": NAMES[codes[n]], "url": page.url("sections", codes[n])}
        for n in (at - 1, at + 1)
        if 0 <= n < len(codes)
    }
    return {"previous": link.get(at - 1), "next": link.get(at + 1)}


def promised(page: Page, kind: str) -> list[dict[str, Any]]:
    """The rows of the list of targets or measures."""
    unclear = page.gaps.unclear
    terms = page.terms.targets if kind == "targets" else page.terms.measures
    return [
        {
            "key": term.key,
            "name": page.names.key(term.key),
            "within": terms_words.within(term),
            "hours": page.names.calendar(own) if (own := getattr(term, "calendar", None)) else "",
            "goal": f"{term.goal_percent:g} %" if term.goal_percent is not None else "",
            "source": terms_words.SOURCES[term.source],
            "period": terms_words.PERIODS[term.period],
            "is_clear": term.key not in unclear,
            "supports": [
                f"{page.names.agreement(each.agreement)}: {page.names.key(each.target)}"
                for each in sorted(term.underpinned_by, key=lambda each: each.stage)
            ],
            "url": row_url(page, kind, term.key),
            "copy_url": row_url(page, kind, copied=term.key),
        }
        for term in terms
    ]


def offers(page: Page) -> dict[str, Terms]:
    """What may stand behind a promise: the newest terms of each OLA and UC the actor may read."""
    used = {each.agreement for term in page.terms.promises for each in term.underpinned_by}
    readable = agreements(page.actor).filter(kind__in=SUPPORTING, ended_at=None)
    rows = AgreementVersion.objects.filter(agreement__in=readable) | AgreementVersion.objects.filter(
        agreement__code__in=used
    )
    newest = (
        rows.exclude(agreement=page.edition.agreement_id)
        .order_by("agreement_id", "-effective_from", "-number")
        .distinct("agreement_id")
        .select_related("agreement", "calendar")
    )
    return {version.agreement.code: terms_of(version) for version in newest}


def stale(page: Page, lost: Stale, *, is_apart: bool, newest: list[dict[str, str]]) -> dict[str, Any]:
    """Who changed what meanwhile, whether it was this very part, and what stands there now."""
    return {"changes": changes_of(lost, page.actor), "is_apart": is_apart, "newest": newest}
