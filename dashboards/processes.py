"""Which processes have a dashboard: those of the indicators' catalogue, by a word for their address."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from django.utils.text import slugify

from kpis import engine
from kpis.catalogue import Words, entries
from kpis.engine import Kpi
from records.kinds import Kind

# the numbers of the 17 processes begin so; what else is measured has numbers that begin with X
OF_PROCESS = "P"
# records whose open ones are the work of a process, by the beginning of its indicators' numbers
KINDS: Final[Mapping[str, tuple[Kind, ...]]] = {
    "P01": (Kind.INCIDENT, Kind.REQUEST, Kind.MAJOR),
    "P02": (Kind.PROBLEM,),
    "P03": (Kind.ITEM_AUDIT,),
    "P04": (Kind.CHANGE, Kind.BOARD),
    "P05": (Kind.RELEASE, Kind.TRANSITION),
    "P10": (Kind.PROCUREMENT,),
    "P11": (Kind.COMPLAINT, Kind.SURVEY, Kind.RELATION),
    "P12": (Kind.AGREEMENT, Kind.REQUIREMENT, Kind.REVIEW),
    "P15": (Kind.REPORT, Kind.ASSESSMENT, Kind.PROCESS_REPORT),
    "P17": (Kind.ACTION, Kind.IMPROVEMENT),
}
WORKED_ON: Final = frozenset(kind.value for kinds in KINDS.values() for kind in kinds)


@dataclass(frozen=True)
class Process:
    """A process, or another thing that is measured: its word in addresses, its name, its indicators' ids."""

    slug: str
    words: Words
    ids: tuple[str, ...]

    @property
    def is_process(self) -> bool:
        return self.ids[0].startswith(OF_PROCESS)

    @property
    def kinds(self) -> tuple[Kind, ...]:
        return KINDS.get(self.ids[0].partition(".")[0], ())

    def kpis(self) -> list[Kpi]:
        """Its indicators, in the order of the catalogue."""
        return [kpi for kpi in engine.all_kpis() if kpi.entry.process == self.words]


@cache
def processes() -> dict[str, Process]:
    """All by their slug, in the order of the catalogue."""
    ids: dict[Words, list[str]] = {}
    for entry in entries().values():
        ids.setdefault(entry.process, []).append(entry.id)
    return {slugify(words.en): Process(slugify(words.en), words, tuple(own)) for words, own in ids.items()}
