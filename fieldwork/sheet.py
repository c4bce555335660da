"""The service form as the paper people sign: Chinese, English, or both; filled in as far as it is known."""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from agreements.documents.pdf import draw
from fieldwork import papers
from fieldwork.models import Appointment, ServiceForm
from records import files

TEMPLATE = Path(__file__).with_name("form.typ")
LANGUAGES = {"zh": ("zh-hans",), "en": ("en",), "both": ("zh-hans", "en")}
BLANK = "\u00a0"
EMPTY_PARTS = 3


@dataclass(frozen=True)
class Row:
    """A label and what stands beside it; if that is empty, ``lines`` are left to write on."""

    label: str
    value: str
    lines: int = 1


@dataclass(frozen=True)
class Sheet:
    """A form ready to be shown; ``image`` is the signature as a data URL or ""."""

    language: str
    title: str
    provider: str
    number: str
    mark: str
    facts: Sequence[Row]
    visit: Sequence[Row]
    work: Sequence[Row]
    parts_title: str
    parts_head: Sequence[str]
    parts: Sequence[Sequence[str]]
    result_title: str
    results: Sequence[tuple[str, bool]]
    score_title: str
    scores: Sequence[tuple[str, bool]]
    sign_title: str
    sign: Sequence[Row]
    image: str
    footer: str


class _Words:
    """Texts in the languages of the sheet, one after the other."""

    def __init__(self, languages: Sequence[str]) -> None:
        self.languages = languages

    def __call__(self, text: "str | Promise") -> str:
        found = []
        for language in self.languages:
            with translation.override(language):
                found.append(str(text))
        return " ".join(dict.fromkeys(found))

    def named(self, name: Callable[[], str]) -> str:
        """A name that knows its own languages."""
        found = []
        for language in self.languages:
            with translation.override(language):
                found.append(name())
        return " / ".join(dict.fromkeys(each for each in found if each))


def stamp(at: datetime | None) -> str:
    """Alike in every language, in the reader's zone."""
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M") if at else ""


def of(visit: Appointment, form: ServiceForm | None, language: str) -> Sheet:
    """The sheet of a visit; without a form an empty one to fill in by hand. KeyError: no such language."""
    said = _Words(LANGUAGES[language])
    return Sheet(
        language="en" if language == "en" else "zh",
        title=said(_("On-site service form")),
        provider=said.named(_provider),
        number=f"{visit.ticket.number} · {visit.pk}/{form.edition if form else 1}",
        mark=said(_("Not signed")) if form is None or not form.is_signed else "",
        facts=_facts(visit, said), visit=_visit(visit, form, said), work=_work(form, said),
        parts_title=said(_("Parts used")),
        parts_head=[said(_("Spare part")), said(_("Number")), said(_("Quantity"))],
        parts=_parts(form),
        result_title=said(_("Result")),
        results=[(said(r.label), bool(form and form.result == r.value)) for r in ServiceForm.Result],
        score_title=said(_("How satisfied are you?")),
        scores=[
            (said(s.label), bool(form and form.satisfaction == s.value))
            for s in reversed(ServiceForm.Satisfaction)
        ],
        sign_title=said(_("Customer's signature")), sign=_sign(form, said), image=image_url(form),
        footer=f"SHA-256 {form.sha256}" if form and form.sha256 else "",
    )  # fmt: skip


def _provider() -> str:
    found = Organisation.objects.filter(kind=Organisation.Kind.PROVIDER).order_by("pk").first()
    return found.name if found else ""


def _facts(visit: Appointment, said: _Words) -> list[Row]:
    ticket = visit.ticket
    item = getattr(getattr(ticket, "incident", None), "item", None)
    return [
        Row(said(_("Customer")), said.named(lambda: visit.customer.name)),
        Row(said(_("Ticket")), f"{ticket.number} {ticket.title}"),
        Row(said(_("Place")), visit.site),
        Row(said(_("Contact on site")), f"{visit.contact_name} {visit.contact_phone}".strip()),
        Row(said(_("Service")), said.named(lambda: ticket.service.name if ticket.service else "")),
        Row(said(_("Configuration item")), str(item) if item else ""),
        Row(said(_("Task on site")), visit.task or ticket.description[:500], 2),
    ]


def _visit(visit: Appointment, form: ServiceForm | None, said: _Words) -> list[Row]:
    until = timezone.localtime(visit.ends_at).strftime("%H:%M")
    travel = str(form.travel_minutes) if form and form.travel_minutes else ""
    return [
        Row(said(_("Appointment")), f"{stamp(visit.starts_at)}–{until}"),
        Row(said(_("Engineer")), said.named(lambda: visit.engineer.name if visit.engineer else "")),
        Row(said(_("Arrived on site")), stamp(form.arrived_at if form else visit.arrived_at)),
        Row(said(_("Left the site")), stamp(form.left_at if form else visit.left_at)),
        Row(said(_("Travel, minutes")), travel),
    ]


def _work(form: ServiceForm | None, said: _Words) -> list[Row]:
    return [
        Row(said(_("Fault found")), form.fault if form else "", 2),
        Row(said(_("Work done")), form.work_done if form else "", 4),
        Row(said(_("Customer's remarks")), form.remarks if form else "", 2),
    ]


def _parts(form: ServiceForm | None) -> list[list[str]]:
    if form is None:
        return [[BLANK, BLANK, BLANK] for _n in range(EMPTY_PARTS)]
    return [[str(p["name"]), str(p["number"]), str(p["quantity"])] for p in form.part_rows]


def _sign(form: ServiceForm | None, said: _Words) -> list[Row]:
    is_signed = form is not None and form.is_signed
    rows = [
        Row(said(_("Name of who signs")), form.signer if form and is_signed else ""),
        Row(said(_("Date and time")), stamp(form.signed_at) if form else ""),
    ]
    if form and form.collected_by:
        rows.append(Row(said(_("Score typed in from the signed paper by")), form.collected_by.name))
    return rows


def image_url(form: ServiceForm | None) -> str:
    """The signature as a data URL; "" where there is none."""
    if form is None or not form.key:
        return ""
    path = files.path_of(form.key)
    if not path.exists():
        return ""
    return f"data:{form.image_type};base64,{base64.b64encode(path.read_bytes()).decode()}"


def render_pdf(sheet: Sheet, *, dated: datetime) -> bytes:
    """A4, with our own fonts; the same sheet of the same instant gives the same bytes."""
    data: Mapping[str, Any] = {
        **asdict(sheet), "image": sheet.image.partition(",")[2],
        "image_kind": "jpg" if sheet.image.startswith("data:image/jpeg") else "png",
    }  # fmt: skip
    second = dated.replace(microsecond=0)
    made = draw(TEMPLATE.read_bytes(), json.dumps(data, ensure_ascii=False), "pdf", dated=second)
    assert isinstance(made, bytes)  # noqa: S101 - a PDF is one file, whatever its pages
    return made


def filled(visit: Appointment) -> ServiceForm | None:
    """The newest edition, which the sheet of a visit shows."""
    return papers.latest(visit)
