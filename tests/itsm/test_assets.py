import json
import re
from pathlib import Path

import pytest

from itsm.assets import BASE_DIR, ICONS, VENDOR, copy, sprite, symbol

SVG = """<svg
  xmlns="http://www.w3.org/2000/svg"
  viewBox="0 0 24 24"
>
  <path stroke="none" d="M0 0h24v24H0z" fill="none" />
  <path d="M9 17v1" />
</svg>"""


@pytest.fixture
def icons(tmp_path: Path) -> Path:
    for folder, name in (("outline", "bell"), ("filled", "point")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"{name}.svg").write_text(SVG, encoding="utf-8")
    return tmp_path


def test_an_icon_becomes_a_symbol_in_the_colour_of_its_text(icons: Path) -> None:
    made = symbol(icons, "bell")
    assert made.startswith('<symbol id="bell" viewBox="0 0 24 24" fill="none" stroke="currentColor"')
    assert made.endswith('<path d="M9 17v1" /></symbol>')
    assert "M0 0h24v24H0z" not in made
    assert 'id="point-filled"' in symbol(icons, "point-filled")


def test_an_icon_that_does_not_exist_is_named(icons: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no icon named nonsense"):
        sprite(icons, ["bell", "nonsense"])


def test_the_pointer_to_a_source_map_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("x()\n//# sourceMappingURL=a.js.map\n")
    copy(tmp_path / "a.js", tmp_path / "out" / "a.js")
    assert (tmp_path / "out" / "a.js").read_text().strip() == "x()"


def test_the_lock_names_versions_and_hashes_but_no_addresses() -> None:
    lock = json.loads((BASE_DIR / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert packages
    assert all("resolved" not in package and package["integrity"] for package in packages.values())
    for name in ("requirements.lock", "requirements-dev.lock"):
        assert "http" not in (BASE_DIR / name).read_text(encoding="utf-8")


def test_every_icon_and_vendor_file_that_a_template_names_is_there() -> None:
    named: set[str] = set()
    files: set[str] = set()
    for path in (BASE_DIR / "templates").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        named |= set(re.findall(r"{% icon ['\"]([a-z0-9-]+)['\"]", text))
        files |= set(re.findall(r"{% static ['\"]vendor/([^'\"]+)['\"]", text))
    assert named - set(ICONS) == set()
    assert {name for name in files if not (VENDOR / name).exists()} == set()
