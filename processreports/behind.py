"""The rows behind the figures of an edition, as they were when it was frozen."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.models import in_reader_language
from kpis import engine, shown
from kpis.engine import Part
from processreports import content, freezing, sections
from processreports.document import term
from processreports.models import ReportEdition
from records.models import Record
from sla.models import Breach, Clock

SIZE = 50


def _all(model: Any) -> Any:
    return lambda asked: model.objects.all()


_RECORDS = Part(_all(Record), at="opened_at")
_KINDS = {
    "attainment": Part(_all(Clock), customer="record__customer", at="decided_at"),
    "misses": Part(_all(Breach), customer="clock__record__customer", at="at"),
    "workload": _RECORDS,
    "project": _RECORDS,
    "risks": _RECORDS,
    "event": _RECORDS,
}


@dataclass(frozen=True)
class Behind:
    """A figure of an edition with the number of its rows; ``is_opened``: they can be listed."""

    key: str
    name: str
    n: int
    is_opened: bool


def figures(row: ReportEdition, *, found: dict[str, Any]) -> list[Behind]:
    """All figures that have rows, as the content keeps them."""
    return [
        Behind(key, _name(key, found), facts["n"], bool(facts["n"]) and _part(key) is not None)
        for key, facts in found["rows"].items()
    ]


def _part(key: str) -> Part | None:
    section, _slash, rest = key.partition("/")
    if section == "indicators":
        kpi_id, _slash, place = rest.rpartition("/")
        kpi = engine.get(kpi_id)
        place_of = int(place) if place.isascii() and place.isdigit() else 0
        return kpi.parts[place_of] if kpi and place_of < len(kpi.parts) else None
    if key == "satisfaction/complaints":
        return _RECORDS
    return _KINDS.get(section)


def _name(key: str, found: dict[str, Any]) -> str:
    section, _slash, rest = key.partition("/")
    known = sections.registered().get(section)
    label = str(known.label) if known else section
    if section != "indicators":
        return label if rest in ("all", "subject") else f"{label} · {term(rest)}"
    kpi_id, _slash, place = rest.rpartition("/")
    kpis = {row["id"]: row for row in found["context"]["indicators"]["kpis"]}
    kpi = kpis.get(kpi_id)
    if kpi is None:
        return kpi_id
    name = in_reader_language(kpi["name"]["en"], kpi["name"]["zh"])
    parts = kpi["parts"]
    part = parts[int(place)]["name"] if int(place) < len(parts) else None
    more = f" · {in_reader_language(part['en'], part['zh'])}" if part else ""
    return f"{kpi_id} {name}{more}"


def lines(row: ReportEdition, key: str, *, after: int, actor: Actor, asked: Any) -> dict[str, Any]:
    """A page of the rows of one figure, as far as who asks may see them; 404 for what was not kept."""
    kept = freezing.unpack(row.rows)
    part = _part(key)
    if key not in kept or part is None:
        raise Http404(_("No rows were kept of this figure."))
    keys = [pk for pk in kept[key] if pk > after][: SIZE + 1]
    here = keys[:SIZE]
    rows = engine.selected_of(part, asked, here).order_by("pk")
    return {
        "lines": shown.lines(rows, part),
        "n": len(kept[key]),
        "after": here[-1] if len(keys) > SIZE else None,
        "is_whole": content.sealed({key: kept[key]})[key] == freezing.content_of(row)["rows"][key],
    }
