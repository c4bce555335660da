"""Copy what the pages need out of node_modules into static/vendor, and fonts: `python -m itsm.assets`.

Nothing is loaded from another host, and no third-party code lies in the repository. One line of FILES
per file; ICONS is the list of icons in the sprite, by their name in @tabler/icons. PRINT_FONTS are for
documents made here; they lie outside static/, for no browser asks for ten megabytes of a font.
"""

import re
import shutil
import sys
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
MODULES = BASE_DIR / "node_modules"
VENDOR = BASE_DIR / "static" / "vendor"
FONTS = BASE_DIR / "fonts"

FILES = {
    "@tabler/core/dist/css/tabler.min.css": "tabler.min.css",
    "@tabler/core/dist/js/tabler.min.js": "tabler.min.js",
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "htmx.org/dist/ext/hx-sse.min.js": "hx-sse.min.js",
    "htmx.org/LICENSE": "licenses/htmx.txt",
    "echarts/dist/echarts.common.min.js": "echarts.common.min.js",
    "echarts/i18n/langZH.js": "echarts.zh-hans.js",
    "echarts/LICENSE": "licenses/echarts.txt",
    "cytoscape/dist/cytoscape.min.js": "cytoscape.min.js",
    "cytoscape/LICENSE": "licenses/cytoscape.txt",
    "tom-select/dist/js/tom-select.complete.min.js": "tom-select.complete.min.js",
    "tom-select/dist/css/tom-select.bootstrap5.min.css": "tom-select.bootstrap5.min.css",
    "tom-select/LICENSE": "licenses/tom-select.txt",
    "@tabler/icons/LICENSE": "licenses/tabler-icons.txt",
    "@fontsource-variable/noto-sans-sc/LICENSE": "licenses/noto-sans-sc.txt",
}
PRINT_FONTS = {
    "@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf": "NotoSansSC-Regular.ttf",
    "@expo-google-fonts/noto-sans-sc/700Bold/NotoSansSC_700Bold.ttf": "NotoSansSC-Bold.ttf",
    "@expo-google-fonts/noto-sans-sc/LICENSE_FONT": "LICENSE",
}
# Only for tests, absent from a production installation.
OPTIONAL = {"axe-core/axe.min.js": "axe.min.js"}

OUTLINE = 'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"'
FONT = "@fontsource-variable/noto-sans-sc"

ICONS = """
activity adjustments alarm alert-circle alert-triangle api archive arrow-back-up arrow-down arrow-left
arrow-right arrow-up arrows-sort at ban bell bell-off bolt book bookmark briefcase building bulb calendar
calendar-event calendar-off calendar-time category chart-bar chart-donut chart-line check checkbox checklist
checks chevron-down chevron-left chevron-right chevron-up circle circle-check circle-dashed circle-x
clipboard clipboard-check clipboard-list clock clock-cancel clock-check clock-exclamation clock-hour-4
clock-pause clock-play clock-stop cloud code columns copy corner-down-left dashboard database device-desktop
device-laptop device-mobile dots dots-vertical download edit external-link eye eye-off file file-text filter
filter-off flag flame folder grip-vertical headset help help-circle history home hourglass hourglass-empty
hourglass-high hourglass-low id inbox info-circle key keyboard language layout-dashboard layout-list
layout-sidebar-left-collapse layout-sidebar-left-expand lifebuoy link list list-check list-details
list-search loader-2 lock lock-open login login-2 logout mail mail-forward map-pin maximize menu-2 message
message-2 message-circle message-plus message-reply messages minus mood-happy mood-sad moon network news
note notes notification package paperclip pencil phone phone-call phone-incoming player-pause player-play
player-stop plus point point-filled power printer progress question-mark refresh reload replace report
report-analytics robot rotate rotate-clockwise ruler-2 search selector send server settings share shield
shield-check sitemap sort-ascending sort-descending square square-check stack star subtask sun sun-moon
switch-horizontal table tag tags target ticket timeline tool trash trending-down trending-up truck upload
urgent user user-check user-circle user-heart user-minus user-off user-plus user-question user-search
user-shield user-up users users-group versions wifi world world-www x zoom-in zoom-out
""".split()  # noqa: SIM905 (a list of words reads better than a column of strings)


def main() -> int:
    if not MODULES.exists():
        print("node_modules is missing: run `npm ci` first", file=sys.stderr)
        return 1
    for made in (VENDOR, FONTS):
        shutil.rmtree(made, ignore_errors=True)
    VENDOR.mkdir(parents=True)
    for source, target in FILES.items():
        copy(MODULES / source, VENDOR / target)
    for source, target in PRINT_FONTS.items():
        copy(MODULES / source, FONTS / target)
    for source, target in OPTIONAL.items():
        if (MODULES / source).exists():
            copy(MODULES / source, VENDOR / target)
    copy_font(MODULES / FONT, VENDOR)
    (VENDOR / "icons.svg").write_text(sprite(MODULES / "@tabler/icons/icons", ICONS), encoding="utf-8")
    count = sum(1 for made in (VENDOR, FONTS) for path in made.rglob("*") if path.is_file())
    print(f"{count} files copied to static/vendor and fonts")
    return 0


def copy(source: Path, target: Path) -> None:
    """Copy; without the pointer to a source map, which is not there and would only make a 404."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.suffix in {".js", ".css"}:
        text = source.read_text(encoding="utf-8")
        target.write_text(re.sub(r"(//|/\*)# sourceMappingURL=.*", "", text), encoding="utf-8")
    else:
        shutil.copyfile(source, target)


def copy_font(package: Path, vendor: Path) -> None:
    """Chinese in about a hundred slices; a browser fetches the few that a page needs."""
    css = (package / "index.css").read_text(encoding="utf-8")
    (vendor / "noto-sans-sc.css").write_text(css.replace("./files/", "noto-sans-sc/"), encoding="utf-8")
    shutil.copytree(package / "files", vendor / "noto-sans-sc")


def sprite(icons: Path, names: list[str]) -> str:
    """One SVG of symbols; `<use href=".../icons.svg#bell">` shows one in the colour of its text."""
    symbols = "\n".join(symbol(icons, name) for name in sorted(set(names)))
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n{symbols}\n</svg>\n'


def symbol(icons: Path, name: str) -> str:
    outline, filled = (
        icons / "outline" / f"{name}.svg",
        icons / "filled" / f"{name.removesuffix('-filled')}.svg",
    )
    if outline.exists():
        path = outline
        paint = OUTLINE
    elif name.endswith("-filled") and filled.exists():
        path, paint = filled, 'fill="currentColor"'
    else:
        raise FileNotFoundError(f"@tabler/icons has no icon named {name}")
    inner = re.sub(r"^.*?<svg[^>]*>|</svg>\s*$", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    # The invisible square that gives an icon its size in editors.
    inner = re.sub(r'<path stroke="none" d="M0 0h24v24H0z" fill="none" ?/>', "", inner)
    return f'<symbol id="{name}" viewBox="0 0 24 24" {paint}>{" ".join(inner.split())}</symbol>'


if __name__ == "__main__":
    raise SystemExit(main())
