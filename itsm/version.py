"""The version of this program: the newest release named in CHANGELOG.md."""

import re
from pathlib import Path

CHANGELOG = Path(__file__).resolve().parent.parent / "CHANGELOG.md"


def read_version(changelog: str) -> str:
    """The first "## 1.2.3" heading; "unknown" where there is none."""
    found = re.search(r"^## v?(\d+\.\d+\.\d+\S*)", changelog, re.MULTILINE)
    return found[1] if found else "unknown"


VERSION = read_version(CHANGELOG.read_text(encoding="utf-8")) if CHANGELOG.exists() else "unknown"
