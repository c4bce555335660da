"""Every core page: in its reader's language, for everybody, within a telephone's width, without errors."""

import re
from collections.abc import Callable, Iterator
from functools import cache
from itertools import chain
from typing import Any

import polib
import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from accounts.models import User
from sla.models import Clock
from tests.browser.conftest import Visits
from tests.browser.scene import Scene

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

SIMULATED = (
    "/sla/simulate/?calendar={calendar}&amount=4&unit=hours&start=2026-03-02+10:00&at=2026-03-02+17:00"
    "&events=2026-03-02+11:00+pause%0A2026-03-02+12:00+resume&thresholds=50"
)


def desk(scene: Scene) -> list[str]:
    clock = Clock.objects.filter(record=scene.talked_about.pk).latest("pk")
    return [
        "/queue/?view=all",
        "/search/?q=邮件",
        "/incidents/new/",
        f"/incidents/{scene.talked_about.number}/",
        f"/incidents/{scene.missed.number}/",
        f"/r/{scene.talked_about.number}/clocks/{clock.pk}/",
        "/notices/",
        "/accounts/preferences/",
    ]


def figures(scene: Scene) -> list[str]:
    return [
        "/reports/",
        "/reports/tickets/open/",
        "/reports/targets/all/missed/",
        "/catalogue/",
        "/catalogue/new/",
        "/catalogue/mail/",
        "/catalogue/mail/?view=provider",
        "/catalogue/mail/propose/",
        "/sla/simulate/",
        SIMULATED.format(calendar=scene.cast.calendar.pk),
    ]


def portal(scene: Scene) -> list[str]:
    numbers = (scene.talked_about.number, scene.solved.number)
    return [
        "/portal/",
        "/portal/requests/?show=all",
        "/portal/requests/new/",
        *(f"/portal/requests/{number}/" for number in numbers),
        "/portal/services/",
        "/portal/search/?q=打印机",
        "/portal/help/",
    ]


Addresses = Callable[[Scene], list[str]]
READERS: dict[str, tuple[str, Addresses]] = {
    "desk": ("alice", desk),
    "figures": ("mona", figures),
    "portal": ("rita", portal),
    "nobody": ("", lambda scene: ["/accounts/login/"]),
}
readers = pytest.mark.parametrize("reader", READERS)


def reading(scene: Scene, reader: str, language: str = "en") -> tuple[User | None, list[str]]:
    username, addresses = READERS[reader]
    if not username:
        return None, addresses(scene)
    user: User = getattr(scene.cast, username)
    User.objects.filter(pk=user.pk).update(language=language)
    return user, addresses(scene)


# --- language --------------------------------------------------------------------------------------

# Every text a page holds, shown or waiting to be shown: words, and what is read out or appears on hover.
TEXTS = r"""() => {
  const found = new Set();
  const walker = document.createTreeWalker(document, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (!node.parentElement.closest("script, style, noscript, textarea, pre, kbd, [lang]:not(html)"))
      found.add(node.textContent.trim().replace(/\s+/g, " "));
  }
  for (const node of document.querySelectorAll("[title], [aria-label], [placeholder], [data-confirm]"))
    for (const name of ["title", "aria-label", "placeholder", "data-confirm"])
      if (node.hasAttribute(name) && !node.closest("[lang]:not(html)"))
        found.add(node.getAttribute(name).trim());
  return [...found].filter(Boolean);
}"""
HOLES = re.compile(r"%\(\w+\)[sd]|%[sd]|%%|\{\w+\}")


@cache
def english_of(language: str) -> tuple[frozenset[str], list[re.Pattern[str]]]:
    """Source texts that this language says differently: whole ones, and those with holes as patterns."""
    folder = {"zh-hans": "zh_Hans", "zh-hant": "zh_Hant"}[language]
    entries = polib.pofile(str(settings.BASE_DIR / "locale" / folder / "LC_MESSAGES" / "django.po"))
    plain, patterns = set(), []
    for entry in entries:
        said = {entry.msgstr, *entry.msgstr_plural.values()}
        for text in filter(None, (entry.msgid, entry.msgid_plural)):
            if text in said:
                continue
            plain.add(text)
            literal = HOLES.split(text)
            if len(literal) > 1 and sum(len(re.findall("[A-Za-z]", part)) for part in literal) > 4:
                patterns.append(re.compile(".+".join(re.escape(part) for part in literal)))
    return frozenset(plain), patterns


def left_in_english(texts: list[str], language: str) -> Iterator[str]:
    plain, patterns = english_of(language)
    for text in texts:
        if NAMES.fullmatch(text):  # a language has its own name in every language
            continue
        if text in plain or any(pattern.fullmatch(text) for pattern in patterns):
            yield text


# What stays as it is in every language: names, addresses, numbers, times and zones, the protocol's own words.
NAMES = re.compile(
    r"INC\d+( .*)?|PRB\d+|[\w.]+@[\w.]+|\*|SLA|API|English|v\d+|Asia/Shanghai|UTC"
    r"|[\d\s.,:%/–—·()+-]*|.*[\u4e00-\u9fff].*"
)
PEOPLE = {"Alice", "Bob", "Sven", "Mona", "Rita", "Carla", "Charlie", "Admin", "Robot"}


@pytest.mark.req("PLT-01")
@pytest.mark.parametrize("language", ["zh-hans", "zh-hant"])
@readers
def test_a_chinese_reader_meets_no_english(visit: Visits, scene: Scene, reader: str, language: str) -> None:
    user, addresses = reading(scene, reader, language)
    page = visit(user, locale={"zh-hans": "zh-CN", "zh-hant": "zh-TW"}[language])
    english: dict[str, list[str]] = {}
    for address in addresses:
        page.goto(address)
        assert page.locator("html").get_attribute("lang") == language
        texts: list[str] = page.evaluate(TEXTS)
        assert any("\u4e00" <= letter <= "\u9fff" for text in texts for letter in text)
        unmarked = [t for t in texts if not NAMES.fullmatch(t) and t not in PEOPLE and "/" not in t]
        if found := sorted({*left_in_english(texts, language), *unmarked}):
            english[address] = found
    assert english == {}


# --- access ----------------------------------------------------------------------------------------

AXE = """async (rules) => {
  const options = { resultTypes: ["violations"] };
  if (rules) options.runOnly = { type: "rule", values: rules };
  const { violations } = await axe.run(document, options);
  return violations.filter((v) => ["serious", "critical"].includes(v.impact))
    .flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.html.slice(0, 200)} ${n.failureSummary.slice(0, 300)}`));
}"""
COLOURS = ["color-contrast"]
# Colours change with the theme and the rest with the width, so that four looks need two whole examinations.
LOOKS: list[tuple[int, Any, list[str] | None]] = [
    (1440, "light", None),
    (1440, "dark", COLOURS),
    (390, "dark", None),
    (390, "light", COLOURS),
]


def examine(page: Page, width: int, theme: Any, rules: list[str] | None) -> list[str]:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=theme)
    expect(page.locator("html")).to_have_attribute("data-bs-theme", theme)
    found: list[str] = page.evaluate(AXE, rules)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if wide > 0:
        found.append(f"{wide} px wider than the window")
    return [f"{width} {theme} {problem}" for problem in found]


@readers
def test_every_page_is_for_everybody_in_both_themes_and_widths(
    visit: Visits, scene: Scene, reader: str
) -> None:
    user, addresses = reading(scene, reader)
    page = visit(user, color_scheme="light")
    wrong: dict[str, list[str]] = {}
    for address in addresses:
        page.goto(address)
        page.add_script_tag(url="/static/vendor/axe.min.js")
        found = list(chain.from_iterable(examine(page, *look) for look in LOOKS))
        if found:
            wrong[address] = found
        page.set_viewport_size({"width": 1440, "height": 900})
        page.emulate_media(color_scheme="light")
    assert wrong == {}


def test_a_form_in_place_and_an_open_menu_are_for_everybody_too(visit: Visits, scene: Scene) -> None:
    page = visit(scene.cast.alice, color_scheme="light")
    page.goto(f"/incidents/{scene.fresh.number}/")
    page.add_script_tag(url="/static/vendor/axe.min.js")
    page.keyboard.press("e")
    expect(page.locator("#act .act-panel")).to_be_visible()
    page.get_by_role("button", name="More").click()
    found = list(chain.from_iterable(examine(page, *look) for look in LOOKS))
    page.keyboard.press("?")
    assert [*found, *examine(page, 390, "dark", None)] == []
