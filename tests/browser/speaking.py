"""Pages in two languages: the words of a page by their source text, and what somebody types counted."""

import re
from dataclasses import dataclass

from django.utils import translation
from playwright.sync_api import Locator, Page

from accounts.models import User

LANGUAGES = ("en", "zh-hans")
# An experienced typist strikes 5 keys a second; a Chinese character takes three letters and its choice.
SECONDS_A_KEY = 0.2
KEYS_OF_A_CHARACTER = 4


@dataclass(frozen=True)
class Language:
    """Everybody reads this language from now on; called with a source text it gives the words shown."""

    code: str

    def __call__(self, text: str, context: str = "") -> str:
        with translation.override(self.code):
            return translation.pgettext(context, text) if context else translation.gettext(text)

    def pick(self, english: str, chinese: str) -> str:
        """What a person types in it."""
        return chinese if self.code.startswith("zh") else english

    def exactly(self, text: str, context: str = "") -> re.Pattern[str]:
        return re.compile(rf"^\s*{re.escape(self(text, context))}\s*$")

    def button(self, within: Page | Locator, text: str) -> Locator:
        return within.get_by_role("button", name=self(text), exact=True)

    def link(self, within: Page | Locator, text: str) -> Locator:
        return within.get_by_role("link", name=self(text), exact=True)

    def step(self, page: Page, text: str) -> Locator:
        """The form of a next step that opens in place, opened."""
        row = page.locator("details", has=page.locator("summary", has_text=self.exactly(text))).first
        row.locator("summary").first.click()
        return row


def everybody_reads(code: str) -> Language:
    User.objects.update(language=code)
    return Language(code)


class Typist:
    """Somebody at the keyboard; every key is counted."""

    def __init__(self, page: Page) -> None:
        self.page, self.keys = page, 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.keys += key.count("+") + 1
            self.page.keyboard.press(key)

    def write(self, text: str) -> None:
        self.keys += sum(KEYS_OF_A_CHARACTER if letter > "\u2e7f" else 1 for letter in text)
        self.page.keyboard.type(text)

    @property
    def seconds(self) -> float:
        return self.keys * SECONDS_A_KEY
