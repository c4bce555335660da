"""The page about permissions names every permission there is, and none that there is not."""

import re
from pathlib import Path

import pytest

from accounts.access import RULES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "permissions.md"


@pytest.mark.req("PLT-09")
def test_every_permission_is_on_the_page() -> None:
    tables = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    named = set(re.findall(r"[a-z_]+", "\n".join(tables)))
    assert sorted(set(RULES) - named) == []
