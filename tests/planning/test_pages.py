"""The pages of requirements, walked by request: for the provider, and what customers see of them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from planning import designs, services
from planning.models import Design, ServiceLevelRequirement
from tests.cast import MONDAY, Cast
from tests.planning import made as m

pytestmark = pytest.mark.django_db
Browser = Callable[[Any], Client]
VIEWS = ("requirement", "baseline", "specification", "quality", "documents", "agreement", "history", "odd")
NEED = {
    "title": "Mail at weekends",
    "expectation": "Mail must run.",
    "wished_hours": "Mon to Sun",
    "why": "Shifts",
}


def only() -> ServiceLevelRequirement:
    found: ServiceLevelRequirement = ServiceLevelRequirement.objects.get()
    return found


def rows(*given: dict[str, Any], start: int = 0) -> dict[str, Any]:
    """A formset as a browser sends it."""
    data: dict[str, Any] = {"rows-TOTAL_FORMS": len(given), "rows-INITIAL_FORMS": start}
    for n, row in enumerate(given):
        data |= {f"rows-{n}-{name}": value for name, value in row.items()}
    return data


@pytest.mark.req("SLM-01")
def test_a_requirement_is_raised_and_written_part_by_part_in_the_browser(
    client_of: Browser, cast: Cast
) -> None:
    mona = client_of(cast.mona)
    assert mona.get("/planning/new/").status_code == 200
    assert mona.post("/planning/new/", {"title": "Mail"}).status_code == 422
    asked = {
        **NEED,
        "customer": cast.acme.pk,
        "trigger": "need",
        "service": cast.mail.pk,
        "contact": cast.carla.pk,
    }
    page = mona.post("/planning/new/", asked).headers["Location"]
    assert "Mail at weekends" in mona.get("/planning/").content.decode()
    assert mona.post(f"{page}define/", {"responsible": cast.mona.pk}).status_code == 302

    def write(part: str, **data: Any) -> int:
        return mona.post(f"{page}edit/{part}/", {"version": only().version, **data}).status_code

    assert mona.get(f"{page}edit/need/").status_code == 200
    assert write("need", expectation_en="Mail must run.", baseline_zh="目前仅工作日") == 302
    assert write("hours", hours_en="All days", continuity_en="Four hours", calendar="office") == 302
    assert write("delivery", components_en="Mailbox", delivery_en="Online", quality_en="Weekly",
                 departments=["desk"], services=["mail"]) == 302  # fmt: skip
    refused = mona.post(
        f"{page}edit/measures/",
        {"version": only().version, **rows({"measure": "resolution", "value": "4", "unit": "percent"})},
    )
    assert (refused.status_code, "Choose a value that fits here" in refused.content.decode()) == (422, True)
    row = {"measure": "resolution", "value": "4", "unit": "working_hours", "priority": "1"}
    assert write("measures", **rows(row, {"measure": "", "value": ""})) == 302
    assert (
        write("duties", customer_duties_en="Name a contact", amount="8000", currency="CNY", per="month")
        == 302
    )
    assert only().content["measures"] == [
        {**row, "operator": "<=", "value": 4, "priority": 1, "service": None}
    ]
    assert mona.get(f"{page}edit/nonsense/").status_code == 404
    shown = mona.get(page).content.decode()
    assert "4 working hours" in shown
    assert "8,000 CNY a month" in shown
    assert mona.post(f"{page}fix/", {"reason": ""}).status_code == 302
    assert "Baseline 1" in mona.get(f"{page}?view=baseline").content.decode()


@pytest.mark.req("SLM-04")
def test_a_change_after_the_baseline_is_shown_as_a_difference(client_of: Browser, cast: Cast) -> None:
    row = m.fixed(cast)
    mona = client_of(cast.mona)
    page = row.get_absolute_url()
    data = {"version": m.fresh(row).version, "hours_en": "Around the clock", "continuity_en": "Words",
            "continuity_zh": "文字", "calendar": "office"}  # fmt: skip
    refused = mona.post(f"{page}edit/hours/", data)
    assert (refused.status_code, m.fresh(row).content["hours"]["en"]) == (422, "Words")
    assert mona.post(f"{page}edit/hours/", {**data, "reason": "Night shift"}).status_code == 302
    shown = mona.get(f"{page}?view=baseline").content.decode()
    for words in ("Changed since the baseline", "Around the clock", "Night shift"):
        assert words in shown
    assert mona.post(f"{page}fix/", {"reason": "Night shift"}).status_code == 422
    assert client_of(cast.admin).post(f"{page}fix/", {"reason": "Night shift"}).status_code == 302


def test_who_is_second_to_save_keeps_what_was_written(client_of: Browser, cast: Cast) -> None:
    row = m.defined(cast)
    mona, page = client_of(cast.mona), row.get_absolute_url()
    seen = row.version - 1
    late = mona.post(f"{page}edit/need/", {"version": seen, "expectation_en": "My words", "baseline_en": "B"})
    text = late.content.decode()
    assert (late.status_code, "My words" in text, f'value="{row.version}"' in text) == (409, True, True)
    again = {"version": row.version, "expectation_en": "My words", "baseline_en": "B"}
    assert mona.post(f"{page}edit/need/", again).status_code == 302
    assert m.fresh(row).content["measures"] != []


@pytest.mark.req("SLM-05")
def test_the_sheets_are_written_and_approved_in_the_browser(client_of: Browser, cast: Cast) -> None:
    row = m.fixed(cast)
    mona, admin, page = client_of(cast.mona), client_of(cast.admin), row.get_absolute_url()
    form = mona.get(f"{page}sheet/specification/").content.decode()
    assert form.count('name="rows-') > 30
    given = [
        {"requirement": place, "technical_en": "Redundant", "team": "desk", "method_en": "Monitoring"}
        for place in m.PLACES
    ]
    refused = mona.post(f"{page}sheet/specification/", {"version": 99, **rows(*given)})
    assert refused.status_code == 409

    def write(kind: str, *lines: dict[str, Any]) -> int:
        data = {"version": m.fresh(row).version, **rows(*lines)}
        return mona.post(f"{page}sheet/{kind}/", data).status_code

    assert write("specification", {**given[0], "technical_en": ""}) == 422
    assert write("specification", *given[:1], {"requirement": m.PLACES[1]}) == 302
    assert "Not translated" in mona.get(f"{page}?view=specification").content.decode()
    assert admin.post(f"{page}approve-specification/").status_code == 422
    assert write("specification", *given) == 302
    assert mona.post(f"{page}approve-specification/").status_code == 422
    assert admin.post(f"{page}approve-specification/", {"version": 1}).status_code == 409
    assert admin.post(f"{page}approve-specification/").status_code == 302
    line = {
        "process": "incident",
        "indicator_en": "In time",
        "operator": ">=",
        "value": "95",
        "unit": "percent",
        "team": "desk",
    }
    assert write("quality", {**line, "value": "120"}) == 422
    assert write("quality", line) == 302
    assert admin.post(f"{page}approve-quality/").status_code == 302
    assert Design.objects.filter(approved_by=cast.admin).count() == 2
    assert mona.get(f"{page}sheet/poem/").status_code == 404
    assert "at least 95 %" in mona.get(f"{page}?view=quality").content.decode()
    assert write("quality", {**line, "value": "97"}) == 302
    assert "at least 97 %" in mona.get(f"{page}?view=quality").content.decode()
    assert "at least 95 %" in mona.get(f"{page}?view=quality&version=1").content.decode()


@pytest.mark.req("SLM-58")
def test_documents_are_filed_and_the_planning_document_is_checked(client_of: Browser, cast: Cast) -> None:
    row = m.fixed(cast)
    page = row.get_absolute_url()
    alice, mona = client_of(cast.alice), client_of(cast.mona)
    assert alice.post(f"{page}files/", {"kind": "planning"}).status_code == 422
    file = SimpleUploadedFile("plan.txt", b"plan")
    assert alice.post(f"{page}files/", {"kind": "planning", "attachments": file}).status_code == 302
    document = row.inputs.get()
    asked = {"document": document.pk, "result": "to_correct", "points": ""}
    assert mona.post(f"{page}check/", asked).status_code == 422
    assert client_of(cast.admin).post(f"{page}check/", {**asked, "result": "passed"}).status_code == 403
    assert mona.post(f"{page}check/", {**asked, "points": "No owner named"}).status_code == 302
    shown = mona.get(f"{page}?view=documents").content.decode()
    assert "No owner named" in shown
    assert "to be corrected" in shown


@pytest.mark.req("SLM-56")
def test_the_agreement_is_drafted_and_both_know_of_each_other(client_of: Browser, cast: Cast) -> None:
    row = m.planned(cast)
    mona, page = client_of(cast.mona), row.get_absolute_url()
    assert "No package keeps everything" in mona.get(f"{page}?view=agreement").content.decode()
    asked = {"code": "acme-mail", "name_en": "Mail", "name_zh": "邮件", "effective_from": "2026-04-01T00:00"}
    assert mona.post(f"{page}agreement/", {**asked, "code": ""}).status_code == 422
    made = mona.post(f"{page}agreement/", asked)
    assert made.headers["Location"].startswith("/agreements/AGR")
    assert row.number in mona.get(made.headers["Location"]).content.decode()
    shown = mona.get(f"{page}?view=agreement").content.decode()
    assert made.headers["Location"] in shown
    assert mona.post(f"{page}agreement/", asked).status_code == 409


@pytest.mark.parametrize("view", VIEWS)
def test_each_part_of_the_page_opens_in_every_state(client_of: Browser, cast: Cast, view: str) -> None:
    mona = client_of(cast.mona)
    raised, done = m.need(cast), m.planned(cast)
    for row in (raised, done):
        assert mona.get(f"{row.get_absolute_url()}?view={view}").status_code == 200
    assert client_of(cast.alice).get(f"{done.get_absolute_url()}?view={view}").status_code == 200


def test_the_list_is_narrowed_by_state_cause_customer_and_words(client_of: Browser, cast: Cast) -> None:
    one = m.need(cast, trigger="renewal")
    two = m.need(cast, customer=cast.globex, title="Printing", title_zh="打印")
    services.decline(two, reason="No", actor=cast.mona.actor, now=MONDAY)
    mona = client_of(cast.mona)

    def shown(query: str) -> set[str]:
        text = mona.get(f"/planning/{query}").content.decode()
        return {row.number for row in (one, two) if row.number in text}

    assert shown("") == {one.number}
    assert shown("?state=any") == {one.number, two.number}
    assert shown("?state=declined&trigger=need") == {two.number}
    assert shown(f"?state=any&customer={cast.globex.pk}") == {two.number}
    assert shown("?state=any&q=打印") == {two.number}
    assert shown("?state=nonsense&customer=x") == {one.number}


def test_agents_read_and_do_not_write(client_of: Browser, cast: Cast) -> None:
    row = m.defined(cast)
    alice, page = client_of(cast.alice), row.get_absolute_url()
    assert "edit/need" not in alice.get(page).content.decode()
    assert alice.get(f"{page}edit/need/").status_code == 403
    assert alice.post(f"{page}fix/", {}).status_code == 403
    assert alice.post(f"{page}decline/", {"reason": "No"}).status_code == 403
    assert client_of(cast.mona).post(f"{page}nonsense/").status_code == 404


@pytest.mark.req("SLM-07")
def test_a_standard_is_written_published_and_found_from_the_catalogue(client_of: Browser, cast: Cast) -> None:
    mona, admin = client_of(cast.mona), client_of(cast.admin)
    assert "/standards/mail/" in mona.get("/catalogue/mail/?view=provider").content.decode()
    seen = {"seen": "0"}
    texts = {f"{p}_{lang}": "Words" for p in ("flow", "monitoring", "maintenance") for lang in ("en", "zh")}
    assert mona.get("/standards/mail/edit/").status_code == 200
    assert mona.post("/standards/mail/edit/", {**texts, **seen}).status_code == 302
    assert admin.post("/standards/mail/edit/", {**texts, **seen, "flow_en": "Other"}).status_code == 422
    assert mona.post("/standards/mail/publish/").status_code == 422
    assert admin.post("/standards/mail/publish/").status_code == 302
    assert "published" in client_of(cast.alice).get("/standards/mail/").content.decode()
    assert client_of(cast.alice).post("/standards/mail/publish/").status_code == 403


# --- the portal -----------------------------------------------------------------------------------


@pytest.mark.req("SLM-49")
def test_a_customer_raises_a_need_and_follows_it_to_the_answer(client_of: Browser, cast: Cast) -> None:
    carla = client_of(cast.carla)
    assert "No need was raised yet" in carla.get("/portal/needs/").content.decode()
    assert carla.post("/portal/needs/new/", {"title": "Mail"}).status_code == 422
    file = SimpleUploadedFile("shifts.txt", b"shifts")
    page = carla.post("/portal/needs/new/", {**NEED, "attachments": file}).headers["Location"]
    shown = carla.get(page).content.decode()
    for words in ("Mail must run.", "Mon to Sun", "Shifts", "shifts.txt", "Received"):
        assert words in shown
    row = only()
    assert carla.post(f"{page}reply/", {"text": "Also on holidays"}).status_code == 302
    mona = client_of(cast.mona)
    assert mona.post(f"{row.get_absolute_url()}answer/", {"text": "We look into it"}).status_code == 302
    assert mona.post(f"{row.get_absolute_url()}decline/", {"reason": "No staff then"}).status_code == 302
    shown = carla.get(page).content.decode()
    for words in ("Also on holidays", "We look into it", "No staff then", "Declined"):
        assert words in shown
    assert "No staff then" in mona.get(row.get_absolute_url()).content.decode()


SECRET = {"en": "Secret margin", "zh": "内部毛利"}


@pytest.mark.req("SLM-49")
def test_customers_never_see_what_is_internal(client_of: Browser, cast: Cast) -> None:
    row = m.need(cast, actor=cast.carla.actor)
    services.define(row, responsible=cast.mona, actor=cast.mona.actor, now=MONDAY)
    m.amend(cast, row, **{**m.CONTENT, "delivery": SECRET, "expectation": SECRET})
    services.fix_baseline(row, reason="Secret margin", actor=cast.mona.actor, now=MONDAY)
    sheet = [{**line, "technical": SECRET} for line in m.SPEC]
    m.write(cast, row, "specification", sheet)
    designs.approve(row, "specification", actor=cast.admin.actor, now=MONDAY)
    filed = m.document(cast, row, kind="contract")
    carla = client_of(cast.carla)
    page = carla.get(f"/portal/needs/{row.number}/").content.decode()
    assert "Mail must run at weekends too." in page
    for words in ("Secret margin", "内部毛利", "plan.txt", "baseline", "Specification", "Admin"):
        assert words not in page
    assert carla.get(f"/files/{filed.attachment.key}/").status_code == 404
    for address in ("", "?view=specification", "edit/need/", "sheet/quality/"):
        assert carla.get(f"{row.get_absolute_url()}{address}").status_code in (302, 403)
    assert "Secret" not in carla.get(f"/search/?q={row.number}").content.decode()


@pytest.mark.req("SLM-49")
@pytest.mark.parametrize("person", ["rita", "charlie"])
def test_others_do_not_learn_that_a_need_exists(client_of: Browser, cast: Cast, person: str) -> None:
    row = m.need(cast, actor=cast.carla.actor)
    stranger = client_of(getattr(cast, person))
    for address in (f"/portal/needs/{row.number}/", f"/r/{row.number}/"):
        assert stranger.get(address).status_code == 404
    assert row.number not in stranger.get("/portal/needs/").content.decode()
    assert stranger.post(f"/portal/needs/{row.number}/reply/", {"text": "Hi"}).status_code == 404


def test_only_the_customers_manager_raises_needs_in_the_portal(client_of: Browser, cast: Cast) -> None:
    assert client_of(cast.rita).get("/portal/needs/new/").status_code == 403
    assert client_of(cast.rita).post("/portal/needs/new/", NEED).status_code == 403
    assert "/portal/needs/" in client_of(cast.carla).get("/portal/").content.decode()
    assert "/portal/needs/" not in client_of(cast.rita).get("/portal/").content.decode()
    assert client_of(cast.mona).get("/portal/needs/").headers["Location"] == "/planning/"
