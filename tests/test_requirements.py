"""Every requirement of what is built has a test that carries its id, or a stated reason why none does."""

import re
from pathlib import Path

from tests.requirements import ROOT, known

MARK = re.compile(r"mark\.req\(([^)]*)\)", re.DOTALL)
ID = re.compile(r"\"([A-Z]+-\d+)\"")
GROUPS = ("SD", "INC", "REQ", "KNW", "BRM", "PRB", "CHG", "REL", "CMDB", "SUP", "TRN", "RPT", "KPI")
PEOPLE = {"PPL-06", "PPL-07", "PPL-08", "PPL-16", "PPL-18"}
# id -> why no test can prove it, or what it waits for
REASONS: dict[str, str] = {}


def marked(folder: Path = ROOT / "tests") -> set[str]:
    """The ids that a test names."""
    texts = (path.read_text(encoding="utf-8") for path in folder.rglob("test_*.py"))
    return {rid for text in texts for mark in MARK.findall(text) for rid in ID.findall(mark)}


def test_every_requirement_of_these_groups_is_marked_or_its_absence_explained() -> None:
    wanted = {rid for rid in known() if rid.partition("-")[0] in GROUPS} | PEOPLE
    missing = wanted - marked() - set(REASONS)
    assert missing == set(), "unmarked: " + ", ".join(sorted(missing))


def test_a_reason_goes_when_its_test_comes() -> None:
    assert marked() & set(REASONS) == set()


def test_no_mark_names_what_is_not_in_the_list() -> None:
    assert marked() - known().keys() == set()
