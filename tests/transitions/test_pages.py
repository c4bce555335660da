"""The pages of transitions and templates, driven as a browser drives them, in both languages."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import Cast
from tests.transitions import made as m
from tests.transitions.test_ending import retiring
from transitions.forms import parts_of
from transitions.models import Observation, Template, Transition

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(cast: Cast, client: Client) -> Client:
    client.force_login(cast.mona)
    return client


def page(row: Transition, view: str = "") -> str:
    return f"{row.get_absolute_url()}?view={view}"


def act(row: Transition, name: str) -> str:
    return reverse("transitions:act", args=[row.number, name])


def test_a_transition_is_begun_from_a_template_and_listed(cast: Cast, browser: Client) -> None:
    first = m.template(cast)
    answer = browser.post(
        reverse("transitions:new"),
        {"nature": "new", "title": "New mail", "lead": cast.mona.pk, "template": first.template.pk},
    )
    row = Transition.objects.get()
    assert (answer.status_code, row.template_edition) == (302, first)
    listed = browser.get(reverse("transitions:list"))
    assert "New mail" in listed.content.decode()
    assert "New mail" not in browser.get(reverse("transitions:list") + "?nature=retired").content.decode()
    refused = browser.post(reverse("transitions:new"), {"nature": "changed", "title": "x", "lead": "999"})
    assert refused.status_code == 422


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_part_of_the_page_is_read_in_both_languages(
    cast: Cast, browser: Client, language: str, django_assert_max_num_queries: Any
) -> None:
    cast.mona.language = language
    cast.mona.save()
    row = m.implementing(cast)
    m.carried_out(cast, row)
    m.signed(cast, row)
    for view in ("design", "plan", "readiness", "implementation", "checklists", "gate", "watch", "history"):
        with django_assert_max_num_queries(70):
            answer = browser.get(page(row, view))
        assert answer.status_code == 200, view
    ending = browser.get(page(retiring(cast), "ending"))
    assert ending.status_code == 200


@pytest.mark.req("TRN-08")
def test_the_gate_shows_what_is_missing_and_refuses_with_the_same_words(cast: Cast, browser: Client) -> None:
    row = m.implementing(cast)
    shown = browser.get(page(row, "gate")).content.decode()
    assert "6 things are missing at this moment." in shown
    assert "The service has no entry in the catalogue." in shown
    assert "/catalogue/new/" in shown
    refused = browser.post(act(row, "go-live"))
    assert refused.status_code == 422
    assert "Missing: Published catalogue entry. The service has no entry" in refused.content.decode()
    assert browser.post(act(row, "exempt"), {"point": "catalogue", "reason": ""}).status_code == 422
    given = browser.post(act(row, "exempt"), {"point": "catalogue", "reason": "Internal only"})
    assert given.status_code == 302
    assert "Internal only" in browser.get(page(row, "gate")).content.decode()


def test_the_parts_of_a_plan_are_added_met_reached_and_done_on_the_page(cast: Cast, browser: Client) -> None:
    row = m.designed(cast)
    browser.post(act(row, "add-member"), {"person": cast.alice.pk, "duty": "Leads"})
    browser.post(act(row, "add-node"), {"what": "Switch", "due_on": "2026-03-20", "responsible": cast.bob.pk})
    browser.post(act(row, "add-risk"), {"risk": "Loss", "measure": "Backup", "responsible": cast.bob.pk})
    browser.post(act(row, "add-step"), {"sort": "deploy", "what": "Second server"})
    browser.post(act(row, "add-check"), {"what": "Cooling"})
    assert (row.members.count(), str(row.nodes.get()), row.risks.count()) == (1, "Switch", 1)
    assert [str(step) for step in row.steps.all()][:2] == ["Deploy to production", "Second server"]
    post = lambda part, pk, name, **data: browser.post(  # noqa: E731
        reverse("transitions:row", args=[row.number, part, pk, name]), data
    )
    check = row.checks.get(title="Cooling")
    assert post("checks", check.pk, "meet").status_code == 422
    assert post("checks", check.pk, "meet", words="Measured").status_code == 302
    assert post("nodes", row.nodes.get().pk, "reach").status_code == 302
    assert post("nodes", row.nodes.get().pk, "odd").status_code == 404
    assert post("members", row.members.get().pk, "remove").status_code == 302
    fixed = row.checks.get(sort="user_manual")
    assert "belongs to every plan" in post("checks", fixed.pk, "remove").content.decode()
    assert not row.members.exists()
    step = row.steps.all()[0]
    assert post("steps", step.pk, "finish", words="done").status_code == 409


def test_a_part_is_written_on_the_version_that_was_read(cast: Cast, browser: Client) -> None:
    row = m.begun(cast)
    address = reverse("transitions:edit", args=[row.number, "analysis"])
    assert browser.get(address).status_code == 200
    facts = {"business_process": "Mail", "goals": "Phones", "indicators": "", "version": row.version}
    assert browser.post(address, facts).status_code == 302
    stale = browser.post(address, {**facts, "goals": "Mine"})
    assert stale.status_code == 409
    assert "Mine" in stale.content.decode()
    assert m.fresh(row).goals == "Phones"
    assert browser.get(reverse("transitions:edit", args=[row.number, "odd"])).status_code == 404


@pytest.mark.req("TRN-07")
def test_a_checklist_is_looked_at_and_signed_on_the_page(cast: Cast, browser: Client) -> None:
    row = m.implementing(cast)
    checklist = row.checklists.all()[0]
    args = [row.number, checklist.pk]
    one, two = checklist.points.all()
    browser.post(reverse("transitions:add-point", args=args), {"title": "Keys"})
    found = {f"found-{p.pk}": "good" for p in checklist.points.all()}
    browser.post(
        reverse("transitions:look", args=args), {**found, f"remark-{one.pk}": "fine", "found-x": "good"}
    )
    sign = reverse("transitions:sign", args=args)
    assert browser.post(sign, {"side": "taking", "person": "", "role": ""}).status_code == 422
    assert browser.post(sign, {"side": "taking", "person": "Carla", "role": "IT"}).status_code == 302
    shown = browser.get(page(row, "checklists")).content.decode()
    assert "unchanged since" in shown
    assert "Carla" in shown
    two.refresh_from_db()
    assert two.found == "good"


@pytest.mark.req("TRN-09")
def test_a_retirement_shows_what_names_the_service_and_settles_it(cast: Cast, browser: Client) -> None:
    item = m.item_of(cast, cast.mail)
    row = retiring(cast)
    shown = browser.get(page(row, "ending")).content.decode()
    assert item.number in shown
    assert "1 thing is not dealt with yet." in shown
    thing = f"item:{item.number}"
    settle = reverse("transitions:settle", args=[row.number])
    assert browser.post(settle, {"thing": thing, "words": ""}).status_code == 422
    assert browser.post(settle, {"thing": thing, "words": "Goes to storage"}).status_code == 302
    texts = {"last_day": "2027-06-30", "text_en": "Use the new one.", "text_zh": "请使用新服务。"}
    assert browser.post(act(row, "notice"), texts).status_code == 302
    assert m.fresh(row).notice is not None


def test_every_part_of_either_way_has_its_form(cast: Cast, browser: Client) -> None:
    for row in (retiring(cast), m.implementing(cast)):
        for part in parts_of(row):
            answer = browser.get(reverse("transitions:edit", args=[row.number, part]))
            assert answer.status_code == 200, (row.number, part)


def test_what_was_seen_is_recorded_and_leads_to_an_action(cast: Cast, browser: Client) -> None:
    row = m.implementing(cast)
    browser.post(act(row, "observe"), {"sort": "lesson", "words": "Train earlier"})
    observation = Observation.objects.get()
    address = reverse("transitions:led-to", args=[row.number, observation.pk])
    assert browser.post(address, {"number": "ACT0009999"}).status_code == 422
    assert browser.post(address, {"number": row.number}).status_code == 422


@pytest.mark.req("TRN-10")
def test_a_template_is_written_in_lines_of_both_languages_and_revised(cast: Cast, browser: Client) -> None:
    lines = {
        "deploy": "Deploy | 部署", "test": "Test", "train": "培训", "switch": "Switch | 切换",
        "takeover": "", "acceptance": "", "checks": "", "days": "7", "rules_zh": "周五不切换", "rules_en": "",
    }  # fmt: skip
    head = {"code": "std", "name_zh": "新服务", "name_en": "New service", "nature": "new"}
    assert (
        browser.post(reverse("transitions:new-template"), {**head, **lines, "switch": ""}).status_code == 422
    )
    assert browser.post(reverse("transitions:new-template"), {**head, **lines}).status_code == 302
    first = Template.objects.get().editions.get()
    assert first.flow["steps"]["train"] == [["培训", ""]]
    revise = reverse("transitions:revise-template", args=["std"])
    assert "Deploy | 部署" in browser.get(revise).content.decode()
    assert browser.post(revise, {**lines, "reason": "x", "expected": "1"}).status_code == 422
    again = {**lines, "days": "14", "reason": "Longer watch", "expected": "1"}
    assert browser.post(revise, again).status_code == 302
    assert Template.objects.get().editions.count() == 2
    detail = reverse("transitions:template", args=["std"])
    assert "Longer watch" in browser.get(detail).content.decode()
    assert "Watched for 7 days" in browser.get(detail + "?edition=1").content.decode()
    browser.post(reverse("transitions:switch-template", args=["std"]), {})
    assert not Template.objects.get().is_active
    assert browser.get(reverse("transitions:templates")).status_code == 200


def test_customers_and_other_organisations_find_no_transition(cast: Cast, client: Client) -> None:
    row = m.designed(cast)
    for person in (cast.carla, cast.charlie, cast.rita):
        client.force_login(person)
        assert client.get(row.get_absolute_url()).status_code in (302, 404)
        assert client.get(f"/api/v1/transitions/{row.number}/").status_code == 404
        assert client.get("/api/v1/transitions/").json()["results"] == []


def test_the_interface_begins_writes_and_moves_a_transition(cast: Cast, client: Client) -> None:
    client.force_login(cast.mona)
    m.template(cast)
    send = lambda method, path, body, **head: getattr(client, method)(  # noqa: E731
        f"/api/v1/transitions/{path}", body, content_type="application/json", headers=head
    )
    made = send("post", "", {"title": "New", "nature": "new", "lead": "mona", "template": "std-new"})
    assert made.status_code == 201, made.content
    number, body = made.json()["number"], made.json()
    assert (body["state"]["code"], len(body["gate"]), body["moves"]) == (
        "designing", 6, ["settle_design", "abandon"],
    )  # fmt: skip
    assert send("patch", f"{number}/", {"goals": "x"}).status_code == 428
    tag = made.headers["ETag"]
    patched = send("patch", f"{number}/", {"goals": "Phones", "service": "mail"}, **{"if-match": tag})
    assert (patched.status_code, patched.json()["design"]["goals"]) == (200, "Phones")
    assert send("post", f"{number}/abandon/", {"reason": "x"}, **{"if-match": tag}).status_code == 412
    assert send("post", f"{number}/settle_design/", {}).status_code == 400
    illegal = send("post", f"{number}/go_live/", {})
    assert (illegal.status_code, illegal.json()["legal_moves"]) == (409, ["settle_design", "abandon"])
    assert send("post", f"{number}/abandon/", {}).json()["errors"][0]["field"] == "reason"
    gone = send("post", f"{number}/abandon/", {"reason": "No budget"})
    assert gone.json()["state"]["code"] == "cancelled"
    verbs = [row["verb"] for row in client.get(f"/api/v1/transitions/{number}/activities/").json()["results"]]
    assert "transition.abandon" in verbs


def test_the_interface_refuses_agents_what_leaders_decide(cast: Cast, client: Client) -> None:
    row = m.implementing(cast)
    client.force_login(cast.alice)
    answer = client.post(f"/api/v1/transitions/{row.number}/go_live/", {}, content_type="application/json")
    assert answer.status_code == 403
    seen = client.post(
        f"/api/v1/transitions/{row.number}/observe/", {"sort": "operation", "words": "Well"},
        content_type="application/json",
    )  # fmt: skip
    assert seen.status_code == 200
