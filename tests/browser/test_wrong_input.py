"""Wrong input in the main forms: said at its field, what was typed kept, the cursor at the first mistake."""

from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from calls.models import Hotline
from tests.browser.conftest import Visits
from tests.browser.scene import Scene
from tests.browser.speaking import LANGUAGES, everybody_reads
from tests.cast import Cast
from tests.customers.made import receive
from tests.fulfilment.orders import COLOUR, WHICH, make_offering

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
TYPED = "打字 typed"


@dataclass(frozen=True)
class Form:
    """A form, what is filled in, and the field that is wrong with it (the first one, if several are)."""

    who: str
    address: str
    wrong: str = ""  # empty: whichever
    filled: dict[str, str] = field(default_factory=dict)
    step: str = ""  # the name of a field by which a step that opens in place is found


FORMS = {
    "incident": Form("alice", "/incidents/new/", "requester", {"title": TYPED, "description": TYPED}),
    "report": Form("rita", "/portal/requests/new/", "title", {"description": TYPED}),
    "order": Form("rita", "/portal/catalogue/chair/", "q_colour", {"remark": TYPED}),
    "feedback": Form("rita", "/portal/feedback/new/", "about", {"title": TYPED, "about": "X1"}),
    "complaint": Form("alice", "/complaints/new/", "words", {"title": TYPED}),
    "judgement": Form("mona", "/complaints/{complaint}/", "reason", {}, step="valid"),
    "resolution": Form("alice", "/incidents/{fresh}/resolve/", "steps"),
    "escalation": Form("alice", "/incidents/{fresh}/escalate/", "reason"),
    "major": Form("alice", "/majors/declare/{fresh}/", "update_minutes", {"update_minutes": "1"}),
    "announcement": Form("mona", "/announcements/new/", "text_en", {"title_zh": TYPED}),
    "call": Form("alice", "/calls/new/", "number"),
    "article": Form("alice", "/knowledge/new/"),
    "offering": Form("mona", "/offerings/new/", "code", {"code": "a b"}),
    "service": Form("mona", "/catalogue/new/", "name_en", {"name_zh": TYPED, "code": "a b"}),
}


def filled(page: Page, name: str, value: str) -> None:
    page.locator(f"[name={name}]").first.fill(value)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_main_form_says_at_its_field_what_is_wrong_and_keeps_what_was_typed(
    visit: Visits, scene: Scene, language: str
) -> None:
    visit.expected = {422}
    words = prepared(scene.cast, language)
    wrong: dict[str, list[str]] = {}
    pages: dict[str, Page] = {}
    for name, form in FORMS.items():
        page = pages.setdefault(form.who, visit(getattr(scene.cast, form.who)))
        page.goto(form.address.format(**words, fresh=scene.fresh.number))
        if problems := list(problems_of(page, form)):
            wrong[name] = problems
    assert wrong == {}, "\n".join(f"{name}: {said}" for name, said in wrong.items())


def prepared(cast: Cast, language: str) -> dict[str, str]:
    everybody_reads(language)
    Hotline.objects.create(code="main", number="4000", key="4000", name_en="Desk", name_zh="服务台")
    make_offering(cast, fields=[COLOUR, WHICH])
    assert User.objects.filter(language=language).exists()
    return {"complaint": receive(cast).number}


def problems_of(page: Page, form: Form) -> list[str]:
    within: Locator = page.locator("main")
    if form.step:
        within = within.locator("details", has=page.locator(f"[name={form.step}]")).first
        within.locator("summary").click()
    for name, value in form.filled.items():
        within.locator(f"[name={name}]").first.fill(value)
    asked = page.locator(f"[name={form.wrong}]" if form.wrong else "textarea")
    within.locator("form", has=asked).first.locator("button[type=submit]").first.click()
    rows = page.locator("main .form-row.has-error")
    try:
        expect(rows.first.locator(".form-error")).to_be_visible()
    except AssertionError:
        return ["nothing is said at any field"]
    found = [
        f"{name} lost what was typed"
        for name, value in form.filled.items()
        if page.locator(f"main [name={name}]").first.input_value() != value
    ]
    if form.wrong and not rows.locator(f"[name={form.wrong}]").count():
        found.append(f"nothing is said at {form.wrong}")
    if not rows.first.evaluate("row => row.contains(document.activeElement)"):
        at = page.evaluate("document.activeElement.outerHTML.slice(0, 120)")
        found.append(f"the cursor is not at the first mistake but at {at}")
    return found
