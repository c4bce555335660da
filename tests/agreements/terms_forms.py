"""What the tests of the forms of terms share: what is typed, and sending a form as a browser does."""

import re
from html.parser import HTMLParser
from typing import Any

from django.test import Client

from agreements.models import Edition
from tests.cast import Cast

NO_ROWS = {"rows-TOTAL_FORMS": 0, "rows-INITIAL_FORMS": 0}
TARGET = {
    "metric": "resolution", "service": "", "priority": "", "amount": "4", "unit": "working_hours",
    "until": "", "calendar": "", "opens": "creation", "goal_percent": "95", "source": "tickets",
    "period": "month", "method_en": "from the tickets", "method_zh": "依据工单", **NO_ROWS,
}  # fmt: skip
MEASURE = {
    "measure": "availability", "service": "mail", "operator": ">=", "value": "99.9", "unit": "percent",
    "source": "monitoring", "period": "month", "goal_percent": "", "method_en": "uptime", "method_zh": "",
    **NO_ROWS,
}  # fmt: skip
GENERAL = {
    "calendar": "office", "services": ["mail"], "pausing_reasons": ["customer", "appointment"],
    "warn_at": "50, 75，90", "review_months": "6", "cost_amount": "1200.50", "cost_currency": "CNY",
    "cost_per": "month", "key_services": ["mail"], "renewal_at_end": "continues",
    "renewal_prompt_days": "60, 30",
}  # fmt: skip


def second(cast: Cast) -> Client:
    found = Client()
    found.force_login(cast.admin)
    return found


def marks(client: Client, url: str) -> dict[str, str]:
    """The hidden words of a form: which state of the draft its writer sees."""
    page = client.get(url).content.decode()
    return {name: re.search(rf'name="{name}" value="([^"]*)"', page)[1] for name in ("version", "seen")}  # type: ignore[index]


def write(client: Client, url: str, words: dict[str, Any]) -> Any:
    return client.post(url, {**words, **marks(client, url)})


class FormReader(HTMLParser):
    """What a browser would send if the page's one form with hidden marks were sent as it was opened."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[str, list[str]] = {}
        self.select, self.area = "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, value = given.get("name") or "", given.get("value") or ""
        if tag == "input" and given.get("type") in ("checkbox", "radio"):
            if "checked" in given:
                self.sent.setdefault(name, []).append(value or "on")
        elif tag == "input":
            self.sent[name] = [value]
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select:
            if "selected" in given or self.select not in self.sent:
                self.sent[self.select] = [value]
        elif tag == "textarea":
            self.area = name
            self.sent[name] = [""]

    def handle_data(self, data: str) -> None:
        if self.area:
            self.sent[self.area] = [self.sent[self.area][0] + data]

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.area = ""
        elif tag == "select":
            self.select = ""


def sent(client: Client, url: str) -> dict[str, list[str]]:
    reader = FormReader()
    page = text(client.get(url))
    reader.feed(page[page.index('<form class="panel"') : page.rindex("</form>")])
    # a browser leaves out the line break after the tag, and sends its own line ends
    return {
        name: [v.removeprefix("\n").replace("\n", "\r\n") for v in vs] for name, vs in reader.sent.items()
    }


def now() -> dict[str, Any]:
    found: dict[str, Any] = Edition.objects.get().terms
    return found


def text(answer: Any) -> str:
    found: str = answer.content.decode()
    return found
