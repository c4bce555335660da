import gettext
import re
from pathlib import Path

from django.conf import settings

from itsm.messages import catalogues, compile_catalogue, complaints, main
from tests.test_architecture import APPS

HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'


def catalogue(path: Path, body: str) -> Path:
    path.write_text(HEADER + body, encoding="utf-8")
    return path


def test_a_compiled_catalogue_translates(tmp_path: Path) -> None:
    path = catalogue(tmp_path / "django.po", 'msgid "Ticket"\nmsgstr "工单"\n')
    with compile_catalogue(path).open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("Ticket") == "工单"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["django.mo", "django.po"]


def test_a_fuzzy_text_is_not_shown_and_is_complained_of(tmp_path: Path) -> None:
    path = catalogue(tmp_path / "django.po", '#, fuzzy\nmsgid "Ticket"\nmsgstr "票"\n')
    with compile_catalogue(path).open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("Ticket") == "Ticket"
    assert "fuzzy" in next(complaints(path))


def test_a_text_without_translation_is_complained_of(tmp_path: Path) -> None:
    path = catalogue(tmp_path / "django.po", 'msgid "Ticket"\nmsgstr ""\n')
    assert "has no translation" in next(complaints(path))


def test_a_placeholder_that_got_lost_or_was_invented_is_complained_of(tmp_path: Path) -> None:
    path = catalogue(tmp_path / "a.po", 'msgid "Hello %(name)s"\nmsgstr "你好 %(nmae)s"\n')
    assert "other placeholders" in next(complaints(path))


def test_a_plural_may_leave_out_what_its_language_does_not_need(tmp_path: Path) -> None:
    body = 'msgid "one ticket"\nmsgid_plural "%(count)s tickets"\nmsgstr[0] "%(count)s 张工单"\n'
    assert list(complaints(catalogue(tmp_path / "a.po", body))) == []


def test_check_ends_with_1_when_there_is_something_to_complain_of(tmp_path: Path) -> None:
    bad = catalogue(tmp_path / "bad.po", 'msgid "Ticket"\nmsgstr ""\n')
    good = catalogue(tmp_path / "good.po", 'msgid "Ticket"\nmsgstr "工单"\n')
    assert main(["check", str(bad)]) == 1
    assert main(["check", str(good)]) == 0
    assert main(["nonsense"]) == 2


def test_every_catalogue_of_this_project_compiles(tmp_path: Path) -> None:
    for path in catalogues():
        copy = tmp_path / f"{path.parent.parent.name}-{path.name}"
        copy.write_bytes(path.read_bytes())
        assert compile_catalogue(copy).exists()


def test_what_is_translated_goes_by_a_name_that_the_collector_knows() -> None:
    """`makemessages` finds texts by the function around them; under another name they stay English."""
    renamed = re.compile(r"\b[np]?p?gettext(?:_lazy)? as (?!_\b)\w+")
    found = [
        str(path.relative_to(settings.BASE_DIR))
        for package in APPS
        for path in (settings.BASE_DIR / package).rglob("*.py")
        if renamed.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []
