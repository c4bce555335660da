"""An edition of an agreement as a tree of words, from its data alone: no request, no reader, no clock."""

from collections.abc import Callable, Mapping
from itertools import zip_longest

from django.utils.translation import gettext_lazy as _

from agreements import lifecycle, papers
from agreements.documents import tables, words
from agreements.documents.tables import Source, labelled
from agreements.documents.tree import (
    LANGUAGES,
    NOTHING,
    Document,
    Part,
    SignatureBlock,
    Table,
    same,
)
from agreements.documents.words import lowered, name_of, say
from agreements.models import Countersignature, Edition, Signature, State
from agreements.sections import NAMES
from sla.terms import Section, Text


def document_of(edition: Edition, languages: str, *, with_annex: bool = False) -> Document:
    """The document of an edition in "zh", "en" or "both" (Chinese leading); KeyError for anything else.

    The annex is for the provider's own people: what stands behind the targets, what was accepted as looser,
    and what reviewers remarked. It is no part of what the parties sign.
    """
    shown = LANGUAGES[languages]
    source = Source.of(edition)
    state = say(State(edition.state).label)
    signed = {row.party: row for row in edition.signatures.order_by("pk")}
    return Document(
        languages=shown,
        number=edition.number,
        edition=edition.edition_number,
        title=name_of(edition.agreement),
        kind=say(edition.agreement.Kind(edition.agreement.kind).label),
        state=state,
        mark=_mark(edition, state),
        watermark=say(_("DRAFT")) if edition.state in lifecycle.IN_MAKING else NOTHING,
        dated=edition.updated_at,
        author=source.provider,
        running=say(
            _("%(number)s · edition %(edition)s"), number=edition.number, edition=edition.edition_number
        ),
        footer=_mark(edition, state) if edition.state != lifecycle.IN_FORCE else source.provider,
        contents_title=say(_("Contents")),
        facts=_facts(source, state),
        parts=tuple(_part(source, n, code) for n, code in enumerate(NAMES, 1)),
        signatures_title=say(_("Signatures")),
        signatures=(
            _signature(say(_("Provider")), source.provider, signed.get(Signature.Party.PROVIDER)),
            _signature(source.side, source.counterparty, signed.get(Signature.Party.COUNTERPARTY)),
        ),
        annex_title=say(_("Internal annex, no part of the agreement")) if with_annex else NOTHING,
        annex=_annex(source) if with_annex else (),
    )


def _mark(edition: Edition, state: Text) -> Text:
    """What warns a reader who holds an edition that does not bind: nothing while it is in force."""
    if edition.state == lifecycle.IN_FORCE:
        return NOTHING
    if edition.state in lifecycle.IN_MAKING or edition.state == lifecycle.WITHDRAWN:
        return say(_("Not in force: %(state)s"), state=lowered(state))
    return say(_("No longer in force: %(state)s"), state=lowered(state))


def _facts(source: Source, state: Text) -> Table:
    """The front page: which document this is, between whom, and from when to when."""
    edition = source.edition
    return labelled(
        [
            (_("Number"), same(edition.number)),
            (_("Edition"), same(edition.edition_number)),
            (_("State"), state),
            (_("Provider"), source.provider),
            (source.side, source.counterparty),
            *_span(source),
        ]
    )


def _span(source: Source) -> list[tuple[object, Text]]:
    edition = source.edition
    until = say(_("until replaced or ended"))
    if edition.effective_until:
        until = words.instant(edition.effective_until, source.zone)
        if source.terms.renewal.at_end == "continues":
            until = say(_("%(at)s; without a new edition it goes on"), at=until)
    ended = source.agreement.ended_at if edition.state == lifecycle.TERMINATED else None
    return [
        (_("In force from"), words.instant(edition.effective_from, source.zone)),
        (_("In force until"), until),
        (_("Terminated as of"), words.instant(ended, source.zone) if ended else NOTHING),
    ]


def _part(source: Source, n: int, code: str) -> Part:
    section = source.terms.sections.get(code, Section())
    make = TABLES.get(code)
    made = tuple(make(source)) if make else ()
    note = NOTHING
    if section.not_applicable.strip():
        note = say(_("Not applicable: %(reason)s"), reason=section.not_applicable.strip())
    elif not section.is_filled and not made:
        note = say(_("This section is not written yet."))
    return Part(str(n), code, say(NAMES[code]), _paragraphs(section), note, made)


def _paragraphs(section: Section) -> tuple[Text, ...]:
    """Paragraph beside paragraph where both languages have as many, else each language as a whole."""
    en, zh = ([p.strip() for p in text.splitlines() if p.strip()] for text in (section.en, section.zh))
    if en and zh and len(en) != len(zh):
        return (Text("\n".join(en), "\n".join(zh)),)
    return tuple(Text(*pair) for pair in zip_longest(en, zh, fillvalue=""))


def _parties(source: Source) -> list[Table]:
    return [labelled([(_("Provider"), source.provider), (source.side, source.counterparty)])]


def _validity(source: Source) -> list[Table]:
    edition = source.edition
    version = edition.signed_version
    return [
        labelled(
            [
                *_span(source),
                (_("Version that tickets are measured by"), same(version.number) if version else NOTHING),
                (_("Reason for this edition"), same(edition.change_reason)),
                (_("Part of the contract"), _contract(edition)),
            ]
        )
    ]


def _contract(edition: Edition) -> Text:
    """The contract it is part of, with its approval (SLM-28); a document of its own says nothing."""
    paper = papers.contract_of(edition.agreement)
    if paper is None:
        return NOTHING
    if not paper.approved_on:
        return same(f"{paper.number} {paper.title}")
    facts = {"number": paper.number, "title": paper.title, "by": paper.approved_by}
    return say(
        _("%(number)s %(title)s, approved by %(by)s on %(day)s"), **facts, day=words.day(paper.approved_on)
    )


def _approval(source: Source) -> list[Table]:
    """Who reviewed it, and that it breaks no law (SLM-14, 17)."""
    edition, zone = source.edition, source.zone
    rows = []
    for row in edition.countersignatures.select_related("reviewer").order_by("pk"):
        result = Countersignature.Result(row.result).label if row.result else _("not yet")
        at = words.date_of(row.decided_at, zone) if row.decided_at else same("–")
        rows.append((say(_("Internal review")), same(row.reviewer.name), say(result), at))
    if edition.legality and edition.legality_by and edition.legality_at:
        result = Edition.Legality(edition.legality).label
        at = words.date_of(edition.legality_at, zone)
        rows.append((say(_("Legality check")), same(edition.legality_by.name), say(result), at))
    head = (_("Step"), _("By"), _("Result"), _("Date"))
    return [Table(tuple(rows), (24, 22, 24, 30), tuple(map(say, head)))] if rows else []


def _annex(source: Source) -> tuple[Table, ...]:
    edition = source.edition
    remarks = [
        (same(row.reviewer.name), same(row.comment))
        for row in edition.countersignatures.select_related("reviewer").order_by("pk")
        if row.comment.strip()
    ]
    if edition.legality_note.strip() and edition.legality_by:
        remarks.append((same(edition.legality_by.name), same(edition.legality_note)))
    head = (say(_("By")), say(_("Remark")))
    title = say(_("Remarks of the reviewers"))
    found = [Table(tuple(remarks), (3, 7), head, title)] if remarks else []
    found = [*tables.underpinning(source), *tables.exceptions(source), *found]
    return tuple(found) or (labelled([(_("Annex"), say(_("Nothing to add.")))]),)


def _signature(party: Text, name: Text, row: Signature | None) -> SignatureBlock:
    """The lines of a party: filled from its signature, else empty to be signed by hand."""
    return SignatureBlock(
        party,
        name,
        (
            (say(_("Signed by")), same(row.person) if row else NOTHING),
            (say(_("Role")), same(row.role) if row else NOTHING),
            (say(_("Date")), words.day(row.signed_on) if row else NOTHING),
            *(((say(_("Document")), same(row.document)),) if row and row.document else ()),
        ),
    )


TABLES: Mapping[str, Callable[[Source], list[Table]]] = {
    "parties": _parties,
    "validity": _validity,
    "approval": _approval,
    "scope": tables.scope,
    "service_hours": tables.service_hours,
    "interruptions": tables.interruptions,
    "priority_guide": tables.priority_guide,
    "escalation": tables.escalation,
    "service_targets": tables.service_targets,
    "metrics": tables.metrics,
    "workload_limits": tables.workload_limits,
    "charges": tables.charges,
    "reporting_review": tables.reporting_review,
    "incentives_penalties": tables.incentives_penalties,
    "glossary": tables.terms_used,
}
"""The sections that the agreement's figures speak in, besides the words written for them."""
