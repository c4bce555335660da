"""The forms on which the terms of a draft are written, by the browser's requests."""

import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone

from agreements.models import Edition
from agreements.sections import NAMES
from agreements.terms_words import HELP, key_of
from sla.models import Agreement
from sla.terms import SECTIONS, Terms
from tests.agreements.test_life import METHOD, draft, ola, terms
from tests.cast import MONDAY, Cast

pytestmark = pytest.mark.django_db
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


@pytest.fixture
def agreement(cast: Cast) -> Agreement:
    return Agreement.objects.create(code="acme", customer=cast.acme, name_en="Acme SLA", name_zh="艾可美协议")


@pytest.fixture
def mona(cast: Cast, client: Client) -> Client:
    client.force_login(cast.mona)
    return client


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


# --- from nothing to submitted -------------------------------------------------------------------


@pytest.mark.req("SLM-10", "SLM-11", "SLM-12", "SLM-13", "SLM-15", "SLM-31", "SLM-36", "SLM-50")
def test_a_whole_agreement_is_written_by_forms_and_submitted(
    mona: Client, cast: Cast, agreement: Agreement
) -> None:
    start = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
    asked = {"agreement": agreement.pk, "effective_from": start}
    nothing = mona.post("/agreements/new/", asked)
    assert (nothing.status_code, "Choose the service hours" in text(nothing)) == (422, True)
    page = mona.post("/agreements/new/", {**asked, "calendar": cast.calendar.pk}).headers["Location"]
    base = f"{page}terms/"
    shown = text(mona.get(base))
    assert "0 of 23" in shown
    assert "There is no quantified target." in shown
    assert write(mona, f"{base}general/", GENERAL).status_code == 302
    guide = {f"p{i}{u}": "1" if i == u == 1 else "3" for i in (1, 2, 3) for u in (1, 2, 3)}
    assert write(mona, f"{base}guide/", guide).status_code == 302
    assert "E-mail has no quantified target." in text(mona.get(base))
    assert write(mona, f"{base}targets/row/", TARGET).status_code == 302
    stronger = {
        **TARGET,
        "metric": "restoration",
        "service": "mail",
        "priority": "1",
        "amount": "30",
        "unit": "working_minutes",
    }
    assert write(mona, f"{base}targets/row/", stronger).status_code == 302
    assert write(mona, f"{base}measures/row/", MEASURE).status_code == 302
    load = {**MEASURE, "measure": "workload", "operator": "<=", "value": "500", "unit": "count"}
    assert write(mona, f"{base}measures/row/", load).status_code == 302
    for code in SECTIONS:
        words = {"en": "Words", "zh": "文字"} if code != "charges" else {"not_applicable": "Free of charge"}
        assert write(mona, f"{base}sections/{code}/", words).status_code == 302
    credit = {
        "rows-TOTAL_FORMS": 1,
        "rows-INITIAL_FORMS": 0,
        "rows-0-target": "resolution//",
        "rows-0-below": "95",
        "rows-0-percent": "5",
    }
    assert write(mona, f"{base}credits/", credit).status_code == 302
    report = {
        "rows-TOTAL_FORMS": 1,
        "rows-INITIAL_FORMS": 0,
        "rows-0-kind": "service_level",
        "rows-0-period": "month",
        "rows-0-due_day": "5",
        "rows-0-submitter": "Mona",
        "rows-0-way": "portal",
    }
    assert write(mona, f"{base}reports/", report).status_code == 302
    shown = text(mona.get(base))
    assert "23 of 23" in shown
    assert "Everything is there." in shown
    _is_as_written()
    assert mona.post(f"{page}submit/", {"reviewers": [cast.admin.pk]}).status_code == 302
    assert Edition.objects.get().state == "internal_review"


def _is_as_written() -> None:
    found = Terms.parse(now())
    assert found.services == ("mail",)
    assert found.warn_at == (50, 75, 90)
    assert found.matrix["11"] == 1
    assert found.matrix["22"] == 3
    assert [t.key for t in found.targets] == ["resolution//", "restoration/mail/1"]
    assert [t.promise.amount for t in found.targets] == [4 * 3600, 30 * 60]
    assert [m.key for m in found.measures] == ["availability/mail", "workload/mail"]
    assert found.measures[0].value == 99.9
    assert found.sections["charges"].not_applicable == "Free of charge"
    assert found.credits[0].target == "resolution//"
    assert found.reports[0].submitter == "Mona"
    assert found.cost.amount == 1200.5


def test_what_is_written_is_shown_in_the_same_words_when_the_form_is_opened_again(
    mona: Client, cast: Cast, agreement: Agreement
) -> None:
    base = f"{draft(cast, agreement).get_absolute_url()}terms/"
    before = now()
    days = {
        **TARGET,
        "metric": "closure",
        "priority": "2",
        "amount": "3",
        "unit": "working_days",
        "until": "close",
    }
    write(mona, f"{base}targets/row/", days)
    assert now()["targets"][1]["promise"] == {"kind": "working_days", "days": 3, "until": "close"}
    shown = text(mona.get(f"{base}targets/"))
    assert f'href="{base}targets/row/"' in shown
    assert f'href="{base}targets/row/?copy=closure%2F%2F2"' in shown
    assert "Closure · all services · Priority 2" in shown
    assert "3 working days, until closing time" in shown
    assert "closure//2" not in re.sub(r'(value|href)="[^"]*"', "", shown)
    form = text(mona.get(f"{base}targets/row/?key={quote('closure//2')}"))
    assert '<option value="working_days" selected>' in form
    copy = text(mona.get(f"{base}targets/row/?copy={quote('resolution//')}"))
    assert 'value="8"' in copy
    assert now()["targets"][0] == before["targets"][0]


FULL: dict[str, Any] = {
    "services": ["mail"],
    "review_months": 6,
    "cost": {"amount": 12.5, "currency": "EUR", "per": "year"},
    "matrix": {f"{i}{u}": min(4, i + u - 1) for i in (1, 2, 3) for u in (1, 2, 3)},
    "pausing_reasons": ["customer"],
    "warn_at": [40, 80],
    "reopen_starts_new_cycle": True,
    "measures": [
        {"measure": "mtbf", "operator": ">=", "value": 720, "unit": "hours", "service": "mail",
         "method": {"en": "two\nlines", "zh": "两行"}, "source": "calls", "period": "half_year",
         "goal_percent": 90.5, "underpinned_by": []},
    ],
    "credits": [{"target": "*", "below": 97.5, "percent": 2}],
    "reports": [
        {"kind": "workload", "period": "quarter", "due_day": 9, "submitter": "Mona", "way": "email"},
        {"kind": "of our own", "period": "year", "due_day": 1, "submitter": "", "way": "paper"},
    ],
}  # fmt: skip


def test_every_form_sent_as_it_was_opened_changes_nothing(
    mona: Client, cast: Cast, agreement: Agreement
) -> None:
    ola(cast, 4)
    made = terms(**FULL)
    behind = [{"agreement": "ola-desk", "target": "resolution//", "stage": 2}]
    made["targets"][0] |= {"underpinned_by": behind, "goal_percent": 99.5, "service": "mail", "priority": 2,
                           "calendar": "office", "opens": "first_reply", "escalates": True}  # fmt: skip
    for n, (kind, amount) in enumerate(
        (("business_seconds", 90), ("business_seconds", 5400), ("working_days", 3), ("calendar_days", 5))
    ):
        promise: dict[str, Any] = {"kind": kind, "seconds": amount}
        if kind != "business_seconds":
            promise = {"kind": kind, "days": amount, "until": "close" if n == 2 else "same_time"}
        made["targets"].append({"metric": "closure", "priority": n + 1, "promise": promise, "method": METHOD})
    base = f"{draft(cast, agreement, terms=made).get_absolute_url()}terms/"
    before, version = now(), Edition.objects.get().version
    parts = ["general/", "guide/", "credits/", "reports/", "sections/charges/"]
    for kind in ("targets", "measures"):
        parts += [f"{kind}/row/?key={quote(key_of(row))}" for row in before[kind]]
    for part in parts:
        answer = mona.post(base + part, sent(mona, base + part))
        assert (answer.status_code, part) == (302, part)
        assert (now(), part) == (before, part)
    assert Edition.objects.get().version == version
    new = {**sent(mona, f"{base}measures/row/"), "measure": ["failures"], "value": ["3"]}
    assert mona.post(f"{base}measures/row/", new).status_code == 302


def test_a_target_is_renamed_with_its_credits_and_removed_only_without(
    mona: Client, cast: Cast, agreement: Agreement
) -> None:
    owed = [{"target": "resolution//", "below": 95, "percent": 5}]
    base = f"{draft(cast, agreement, terms=terms(credits=owed)).get_absolute_url()}terms/"
    url = f"{base}targets/row/?key={quote('resolution//')}"
    assert write(mona, url, {**TARGET, "priority": "1"}).status_code == 302
    assert now()["credits"][0]["target"] == "resolution//1"
    gone = {"key": "resolution//1", "version": Edition.objects.get().version}
    refused = mona.post(f"{base}targets/remove/", gone)
    assert (refused.status_code, "A credit or a reward depends on this target" in text(refused)) == (422, True)
    rows = {
        "rows-TOTAL_FORMS": 1,
        "rows-INITIAL_FORMS": 1,
        "rows-0-target": "resolution//1",
        "rows-0-below": "95",
        "rows-0-percent": "5",
        "rows-0-DELETE": "on",
    }
    assert write(mona, f"{base}credits/", rows).status_code == 302
    gone["version"] = Edition.objects.get().version
    assert mona.post(f"{base}targets/remove/", gone).status_code == 302
    assert now()["targets"] == now()["credits"] == []


def test_a_promise_rests_on_targets_of_an_ola_chosen_by_name(
    mona: Client, cast: Cast, agreement: Agreement
) -> None:
    ola(cast, 4)
    edition = draft(cast, agreement)
    page = edition.get_absolute_url()
    url = f"{page}terms/targets/row/?key={quote('resolution//')}"
    shown = text(mona.get(url))
    assert 'optgroup label="Desk OLA"' in shown
    assert "Resolution · all services: 4 working hours" in shown
    behind = {
        "rows-TOTAL_FORMS": 2,
        "rows-INITIAL_FORMS": 0,
        "rows-0-target": "ola-desk|resolution//",
        "rows-0-stage": "1",
        "rows-1-stage": "1",
    }
    twice = {**behind, "rows-1-target": "ola-desk|resolution//"}
    assert "This stands here already." in text(write(mona, url, {**TARGET, **twice}))
    assert write(mona, url, {**TARGET, **behind}).status_code == 302
    assert now()["targets"][0]["underpinned_by"] == [
        {"agreement": "ola-desk", "target": "resolution//", "stage": 1}
    ]
    proof = text(mona.get(f"{page}proof/"))
    assert "No looser" in proof
    assert "Desk OLA" in proof
    assert "ola-desk" not in proof
    assert "Desk OLA: Resolution · all services" in text(mona.get(page))


# --- refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "words", "name", "refusal"),
    [
        ("general/", {**GENERAL, "warn_at": "90, 50"}, "warn_at", "ascending order"),
        ("general/", {**GENERAL, "warn_at": "half"}, "warn_at", "whole percentages"),
        ("general/", {**GENERAL, "calendar": "moon"}, "calendar", "moon is not one of"),
        ("general/", {**GENERAL, "services": ["nobody"]}, "services", "nobody is not one of"),
        ("general/", {**GENERAL, "review_months": "13"}, "review_months", "less than or equal to 12"),
        ("general/", {**GENERAL, "cost_currency": "yuan"}, "cost_currency", "three capital letters"),
        ("targets/row/", {**TARGET, "metric": ""}, "metric", "required"),
        ("targets/row/", {**TARGET, "amount": "0"}, "amount", "greater than or equal"),
        ("targets/row/", {**TARGET, "amount": "1.5", "unit": "working_days"}, "amount", "whole days"),
        ("targets/row/", {**TARGET, "amount": "0.01", "unit": "working_minutes"}, "amount", "whole number"),
        ("targets/row/", {**TARGET, "goal_percent": "101"}, "goal_percent", "less than or equal to 100"),
        ("targets/row/", {**TARGET, "service": "moon"}, "service", "moon is not one of"),
        ("targets/row/", TARGET, "metric", "promised already"),
        ("measures/row/", {**MEASURE, "value": "101"}, "value", "too small or too large"),
        ("sections/charges/", {"en": "x", "not_applicable": "y"}, "not_applicable", "Either write"),
    ],
)  # fmt: skip
def test_what_is_refused_comes_back_at_its_field_with_all_that_was_typed(
    mona: Client, cast: Cast, agreement: Agreement, part: str, words: dict[str, Any], name: str, refusal: str
) -> None:
    base = f"{draft(cast, agreement).get_absolute_url()}terms/"
    before = now()
    answer = write(mona, base + part, {"cost_per": "month", **words})
    shown = text(answer)
    assert answer.status_code == 422
    error = re.search(rf'id="terms-{name}_error">(.*?)</div>', shown, re.DOTALL)
    assert error is not None
    assert refusal in error[1]
    assert shown.count(" autofocus") >= 1
    for typed in ("yuan", "half", "90, 50"):
        assert typed not in words.values() or typed in shown
    assert now() == before


def test_refusals_are_in_the_readers_language(mona: Client, cast: Cast, agreement: Agreement) -> None:
    cast.mona.language = "zh-hans"
    cast.mona.save()
    base = f"{draft(cast, agreement).get_absolute_url()}terms/"
    shown = text(write(mona, f"{base}targets/row/", {**TARGET, "metric": ""}))
    assert "这个字段是必填项" in shown or "必填" in shown


def test_codes_nobody_knows_any_more_are_shown_and_refused_at_their_field(
    mona: Client, cast: Cast, agreement: Agreement
) -> None:
    lost = terms(calendar="moon", services=["gone"])
    lost["targets"][0]["underpinned_by"] = [{"agreement": "ola-x", "target": "resolution//", "stage": 1}]
    base = f"{draft(cast, agreement, terms=lost).get_absolute_url()}terms/"
    shown = write(mona, f"{base}general/", {**GENERAL, "calendar": "moon", "services": ["gone"]})
    assert shown.status_code == 422
    assert "There is nothing with the code “moon”." in text(shown)
    assert "There is nothing with the code “gone”." in text(shown)
    url = f"{base}targets/row/?key={quote('resolution//')}"
    behind = {
        "rows-TOTAL_FORMS": 1,
        "rows-INITIAL_FORMS": 1,
        "rows-0-target": "ola-x|resolution//",
        "rows-0-stage": "1",
    }
    shown = write(mona, url, {**TARGET, **behind})
    assert "no longer there; choose another" in text(shown)
    assert write(mona, url, {**TARGET, **behind, "rows-0-DELETE": "on"}).status_code == 302
    assert now()["targets"][0]["underpinned_by"] == []


# --- two editors -----------------------------------------------------------------------------------


def test_who_is_second_in_another_part_applies_the_change_to_the_newest_draft(
    mona: Client, cast: Cast, agreement: Agreement
) -> None:
    base = f"{draft(cast, agreement).get_absolute_url()}terms/"
    url = f"{base}sections/charges/"
    seen = marks(mona, url)
    write(second(cast), f"{base}targets/row/", {**TARGET, "priority": "1"})
    answer = mona.post(url, {"en": "Ten yuan", "zh": "", **seen})
    shown = text(answer)
    assert answer.status_code == 409
    assert "Admin changed Targets (Resolution · all services · Priority 1)" in re.sub(r"\s+", " ", shown)
    assert "Apply my change to the newest draft" in shown
    assert "Ten yuan" in shown
    fresh = {n: re.search(rf'name="{n}" value="([^"]*)"', shown)[1] for n in ("version", "seen")}  # type: ignore[index]
    assert mona.post(url, {"en": "Ten yuan", "zh": "", **fresh}).status_code == 302
    assert now()["sections"]["charges"]["en"] == "Ten yuan"
    assert len(now()["targets"]) == 2


def test_who_is_second_in_the_same_part_sees_what_it_says_now_before_replacing_it(
    mona: Client, cast: Cast, agreement: Agreement
) -> None:
    base = f"{draft(cast, agreement).get_absolute_url()}terms/"
    url = f"{base}targets/row/?key={quote('resolution//')}"
    seen = marks(mona, url)
    write(second(cast), url, {**TARGET, "amount": "16"})
    answer = mona.post(url, {**TARGET, "amount": "2", **seen})
    shown = text(answer)
    assert answer.status_code == 409
    assert "This very part was changed" in shown
    assert "<dd>16</dd>" in shown
    assert 'value="2"' in shown
    assert now()["targets"][0]["promise"]["seconds"] == 16 * 3600
    fresh = {n: re.search(rf'name="{n}" value="([^"]*)"', shown)[1] for n in ("version", "seen")}  # type: ignore[index]
    assert mona.post(url, {**TARGET, "amount": "2", **fresh}).status_code == 302
    assert now()["targets"][0]["promise"]["seconds"] == 2 * 3600


def test_a_target_removed_while_somebody_writes_it_is_told_and_can_be_written_anew(
    mona: Client, cast: Cast, agreement: Agreement
) -> None:
    base = f"{draft(cast, agreement).get_absolute_url()}terms/"
    url = f"{base}targets/row/?key={quote('resolution//')}"
    typed = {**TARGET, "amount": "3", **marks(mona, url)}
    gone = {"key": "resolution//", "version": Edition.objects.get().version}
    second(cast).post(f"{base}targets/remove/", gone)
    answer = mona.post(url, typed)
    assert answer.status_code == 409
    assert "It is empty now." in text(answer)
    fresh = {n: re.search(rf'name="{n}" value="([^"]*)"', text(answer))[1] for n in ("version", "seen")}  # type: ignore[index]
    assert mona.post(url, {**typed, **fresh}).status_code == 302
    assert [row["promise"]["seconds"] for row in now()["targets"]] == [3 * 3600]


def test_removing_a_row_of_a_draft_that_changed_is_asked_again(
    mona: Client, cast: Cast, agreement: Agreement
) -> None:
    edition = draft(cast, agreement)
    base = f"{edition.get_absolute_url()}terms/"
    write(second(cast), f"{base}general/", GENERAL)
    gone = {"key": "resolution//", "version": edition.version}
    answer = mona.post(f"{base}targets/remove/", gone)
    assert (answer.status_code, "Admin changed" in text(answer)) == (409, True)
    assert len(now()["targets"]) == 1


# --- only drafts, only managers ------------------------------------------------------------------


def test_what_is_submitted_is_read_and_not_changed(mona: Client, cast: Cast, agreement: Agreement) -> None:
    page = draft(cast, agreement).get_absolute_url()
    seen = marks(mona, f"{page}terms/general/")
    assert mona.post(f"{page}submit/", {"reviewers": [cast.admin.pk]}).status_code == 302
    before = now()
    for part in ("general/", "guide/", "targets/", "sections/charges/", "credits/", "json/", "reports/"):
        shown = text(mona.get(f"{page}terms/{part}"))
        assert 'type="submit">Save' not in shown
        assert part == "json/" or "Only a draft can be changed" in shown
    row = text(mona.get(f"{page}terms/targets/row/?key={quote('resolution//')}"))
    assert "<dd>8</dd>" in row
    late = mona.post(f"{page}terms/general/", {**GENERAL, "warn_at": "33, 66", **seen})
    assert late.status_code == 409
    assert "Only a draft can be changed" in text(late)
    assert "33, 66" in text(late)
    assert 'type="submit">Save' not in text(late)
    gone = {"key": "resolution//", "version": Edition.objects.get().version}
    assert mona.post(f"{page}terms/targets/remove/", gone).status_code == 409
    assert now() == before


def test_terms_are_written_by_managers_only(cast: Cast, agreement: Agreement) -> None:
    base = f"{draft(cast, agreement).get_absolute_url()}terms/"
    before = now()
    for person in (cast.alice, cast.carla, cast.charlie):
        other = Client()
        other.force_login(person)
        for part in ("", "general/", "targets/row/", "sections/charges/", "json/"):
            assert other.get(base + part).status_code == 403
        assert other.post(f"{base}general/", GENERAL).status_code == 403
        assert other.post(f"{base}targets/remove/", {"key": "resolution//", "version": 1}).status_code == 403
    assert now() == before


def test_addresses_of_nothing_are_not_found(mona: Client, cast: Cast, agreement: Agreement) -> None:
    base = f"{draft(cast, agreement).get_absolute_url()}terms/"
    for part in ("poetry/", "sections/poetry/", "general/row/", "targets/row/?key=closure//"):
        assert mona.get(base + part).status_code == 404
    assert mona.post(f"{base}targets/").status_code == 405
    assert mona.post(f"{base}general/remove/").status_code == 404


def test_the_looser_targets_are_offered_by_name_to_the_second_person_only(
    mona: Client, cast: Cast, agreement: Agreement
) -> None:
    ola(cast, 16)
    made = terms()
    made["targets"][0]["underpinned_by"] = [{"agreement": "ola-desk", "target": "resolution//"}]
    page = draft(cast, agreement, terms=made, effective_from=MONDAY).get_absolute_url()
    admin = second(cast)
    assert '<option value="resolution//">Resolution · all services</option>' in text(admin.get(page))
    assert "Accept although not proved" not in text(mona.get(page))
    wrong = admin.post(f"{page}excuse/", {"target_key": "closure//", "reason": "x"})
    assert wrong.status_code == 422
    assert (
        admin.post(f"{page}excuse/", {"target_key": "resolution//", "reason": "Until June"}).status_code
        == 302
    )
    shown = text(admin.get(page))
    assert "Until June" in shown
    assert "<code>resolution//</code>" not in shown


def test_every_section_says_what_belongs_into_it(mona: Client, cast: Cast, agreement: Agreement) -> None:
    assert set(HELP) == set(NAMES) == set(SECTIONS)
    base = f"{draft(cast, agreement).get_absolute_url()}terms/"
    assert str(HELP["glossary"]) in text(mona.get(f"{base}sections/glossary/"))
    on = mona.post(
        f"{base}sections/introduction/",
        {"en": "x", "next": "1", **marks(mona, f"{base}sections/introduction/")},
    )
    assert on.headers["Location"] == f"{base}sections/parties/"
    assert METHOD["en"] == now()["targets"][0]["method"]["en"]
