"""Message catalogues: `python -m itsm.messages compile|check [FILE ...]`, without gettext's programs.

`compile` writes each .po as the .mo that Django reads. `check` says what would go wrong for a reader:
a catalogue that does not parse, placeholders that differ, texts without a translation or marked fuzzy.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import polib

BASE_DIR = Path(__file__).resolve().parent.parent
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


def catalogues() -> list[Path]:
    return sorted(BASE_DIR.glob("locale/*/LC_MESSAGES/*.po"))


def compile_catalogue(path: Path) -> Path:
    """Write the .mo beside `path`, whole or not at all; fuzzy entries are left out, as msgfmt does."""
    target = path.with_suffix(".mo")
    draft = target.with_suffix(".mo.new")
    polib.pofile(str(path)).save_as_mofile(str(draft))
    draft.replace(target)
    return target


def complaints(path: Path) -> Iterator[str]:
    """One line per text of `path` that a reader would see wrong or in English."""
    for entry in polib.pofile(str(path)):
        if entry.obsolete:
            continue
        where = f"{path.name}:{entry.linenum}: {entry.msgid[:60]!r}"
        translations = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
        if entry.fuzzy:
            yield f"{where} is marked fuzzy"
        elif not all(translations):
            yield f"{where} has no translation"
        for text in filter(None, translations):
            # A language without plurals may leave out the number's singular, but may not invent a name.
            wanted = set(PLACEHOLDER.findall(f"{entry.msgid} {entry.msgid_plural}"))
            found = set(PLACEHOLDER.findall(text))
            if found != set(PLACEHOLDER.findall(entry.msgid_plural or entry.msgid)) and not found <= wanted:
                yield f"{where} has other placeholders: {sorted(found ^ wanted)}"


def main(arguments: list[str]) -> int:
    action, *names = arguments or ["help"]
    paths = [Path(name) for name in names] or catalogues()
    if action == "compile":
        for path in paths:
            compile_catalogue(path)
        return 0
    if action == "check":
        found = [f"{path.parent.parent.name}/{line}" for path in paths for line in complaints(path)]
        print("\n".join(found) or f"{len(paths)} message catalogues are complete")
        return 1 if found else 0
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
