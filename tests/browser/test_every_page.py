"""Every page of the URL configuration: for everybody, within a telephone's width, in its reader's language.

The pages come from a crawl of the demo (tests/browser/crawl.py), so that a new one is examined without being
named here, and one that the crawl cannot find fails by its name.
"""

import logging
import re
import zoneinfo
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any
from zlib import crc32

import pytest
from django.core.management import call_command
from playwright.sync_api import Page

from accounts.models import User
from channels.models import MailMessage
from records.models import Activity, Record
from tests.browser.conftest import Visits
from tests.browser.crawl import Found, Place, crawl, expected
from tests.browser.test_pages import left_in_english

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

# No pages: an answer to programs, a file, a redirection, the rows of a list that opens while somebody types.
NO_PAGES = {
    "healthz", "javascript-catalog", "records:attachment", "records:changes", "records:go",
    "records:typeahead", "knowledge:suggest", "customers:own-survey", "fieldwork:signature",
    "automation:use", "workspace:bulk-results", "workspace:find", "workspace:news",
}  # fmt: skip
# In every language, width and theme; any other page in one of each, which its name decides.
MAIN = {
    "records:queue", "incidents:detail", "incidents:new", "fulfilment:detail", "majors:detail",
    "shifts:roster", "customers:complaint", "portal:home", "portal:offering", "portal:detail",
}  # fmt: skip
LANGUAGES = ("en", "zh-hans")
LOOKS: list[tuple[int, Any]] = [(1440, "light"), (390, "dark"), (1440, "dark"), (390, "light")]
# Drawn by Swagger UI from the API's description; its own markup and its own English.
FOREIGN = {"api:docs"}
FRAME = [".rail", ".topbar", ".portal-top"]  # the same everywhere, examined with the main pages

AXE = """async (frame) => {
  const about = frame.length ? { exclude: frame.map((css) => [css]) } : document;
  const { violations } = await axe.run(about, { resultTypes: ["violations"] });
  return violations.filter((v) => ["serious", "critical"].includes(v.impact))
    .flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.html.slice(0, 200)} ${n.failureSummary.slice(0, 300)}`));
}"""
TOO_WIDE = """() => {
  const over = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (over <= 0) return "";
  const edge = document.documentElement.clientWidth;
  const all = [...document.querySelectorAll("main *")];
  const out = all.filter((n) => n.getBoundingClientRect().right > edge + 1);
  return `${over} px wider than the window: ` + out.slice(-2).map((n) => n.outerHTML.slice(0, 150)).join(" ");
}"""


@pytest.fixture
def found(live_server: Any, _attachments_in_a_folder_of_their_own: None) -> Iterator[Found]:
    """The demo, crawled. What readers are refused on the way is no news."""
    call_command("demo", verbosity=0)
    logging.disable(logging.WARNING)
    titles.cache_clear()
    said.cache_clear()
    yield crawl()
    logging.disable(logging.NOTSET)


def test_every_page_is_for_everybody_on_any_screen_and_speaks_its_readers_language(
    visit: Visits, found: Found
) -> None:
    unseen = expected() - found.names - NO_PAGES
    assert unseen == set(), "the crawl of the demo finds no address of these"
    assert len(found.pages) > 180
    assert not MAIN - set(found.pages)
    wrong: dict[str, list[str]] = defaultdict(list)
    for place in [*found.pages.values(), *found.parts.values()]:
        wrong[place.name] += wrong_words(place)
    for language in LANGUAGES:
        User.objects.update(language=language)
        for reader, places in by_reader(found.pages.values(), language):
            page = visit(User.objects.filter(username=reader).first(), locale=language)
            for place in places:
                wrong[place.name] += examine(visit, page, place, language)
            page.context.close()
    problems = [f"{name}: {problem}" for name, found_there in wrong.items() for problem in found_there]
    assert problems == [], "\n".join(problems)


# --- words -----------------------------------------------------------------------------------------

SENTENCE = re.compile(r"[A-Za-z][A-Za-z'’]+(?:[\s,/-]+[A-Za-z][A-Za-z'’]+){2,}")
CODE = re.compile(
    r"\b[a-z]+(?:_[a-z]+)+\b|\b(?:None|True|False|null|undefined|NaN)\b"
    r"|\{['\"]|<\w+ object|%\(\w|\{\{|\{%|&\w+;"
)
# Labels of an alarm as its source sends them, an address in an example.
AS_SENT = {"severity"}
# Addresses, and the words of the placeholder language in which templates are written.
GIVEN = re.compile(r"https?://\S+|\{\{[\w.]+\}\}|\b[A-Z]{2,3}\d{7}\b")
ZONES = {zone.replace("_", " ") for zone in zoneinfo.available_timezones()}


def wrong_words(place: Place) -> Iterator[str]:
    """What a Chinese reader should not meet: sentences and words of ours in English, codes of the machine."""
    for text in place.texts:
        ours = without_what_people_wrote(text)
        if SENTENCE.search(ours):
            yield f"English: {text[:100]}"
        if CODE.search(ours):
            yield f"a code: {text[:100]}"
    for text in left_in_english([t for t in place.texts if t not in AS_SENT], "zh-hans"):
        yield f"not translated: {text[:100]}"


def without_what_people_wrote(text: str) -> str:
    if text in ZONES or text in said():
        return ""
    text = GIVEN.sub("", text)
    for title in titles():
        text = text.replace(title, "")
    return text


@cache
def titles() -> list[str]:
    return list(Record.objects.filter(title__regex="[A-Za-z]{3}").values_list("title", flat=True))


@cache
def said() -> set[str]:
    subjects = MailMessage.objects.values_list("subject", flat=True)
    return {" ".join(text.split()) for text in (*Activity.objects.values_list("text", flat=True), *subjects)}


# --- looks -----------------------------------------------------------------------------------------


def by_reader(places: Iterable[Place], language: str) -> Iterator[tuple[str, list[Place]]]:
    groups: dict[str, list[Place]] = defaultdict(list)
    for place in places:
        if place.name in FOREIGN:
            continue
        if place.name in MAIN or LANGUAGES[crc32(place.name.encode()) // 7 % 2] == language:
            groups[place.reader].append(place)
    yield from groups.items()


def examine(visit: Visits, page: Page, place: Place, language: str) -> Iterator[str]:
    page.goto(place.address)
    visit.settle(page)
    page.add_script_tag(url="/static/vendor/axe.min.js")
    if page.locator("html").get_attribute("lang") != language:
        yield f"is not in {language}"
    is_main = place.name in MAIN
    for width, theme in LOOKS if is_main else [LOOKS[crc32(place.name.encode()) % 4]]:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=theme)
        found: list[str] = page.evaluate(AXE, [] if is_main else FRAME)
        yield from (f"{language} {width} {theme} {problem}" for problem in found)
        if wide := page.evaluate(TOO_WIDE):
            yield f"{language} {width} {wide}"
    if not is_main:
        page.set_viewport_size({"width": 390, "height": 900})
        if wide := page.evaluate(TOO_WIDE):
            yield f"{language} 390 {wide}"
