"""The pages of changes: written, decided, carried out and read in the browser."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.access import Role
from accounts.models import Grant
from changes import figures, lifecycle, unauthorised
from changes.models import Change, ChangeTemplate, RiskEdition, UnauthorisedChange
from changes.more_views import _zone
from cmdb.panels import panels_of
from records import spans
from records.models import Link
from records.services import link
from tests.cast import MONDAY, Cast, make_agreement, make_incident, make_user
from tests.changes.making import (
    AFTER,
    RISKY,
    TEMPLATE,
    approve,
    approved,
    begun,
    closed,
    emergency,
    make_change,
    make_item,
    put_up,
    standard,
)

Clients = Callable[[Any], Client]


def page(client: Client, change: Change, view: str = "") -> str:
    answer = client.get(f"{change.get_absolute_url()}?view={view}")
    assert answer.status_code == 200
    return answer.content.decode()


def act(client: Client, change: Change, step: str, **data: Any) -> Any:
    return client.post(reverse("changes:act", args=[change.number, step]), data)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_view_of_a_change_in_every_state_is_readable(
    cast: Cast, client_of: Clients, language: str
) -> None:
    make_agreement(cast.calendar, cast.acme)
    cast.mona.language = language
    cast.mona.save()
    client = client_of(cast.mona)
    changes = [
        make_change(cast, items=[make_item(cast)]), closed(cast, title="C"), standard(cast),
        emergency(cast, title="E"), put_up(cast, title="F", answers=RISKY),
    ]  # fmt: skip
    for change in changes:
        for view in ("request", "assessment", "plan", "approval", "work", "review", "history", "none"):
            assert change.number in page(client, change, view)


@pytest.mark.req("CHG-01")
def test_a_change_is_asked_for_and_brought_to_approval_on_its_pages(cast: Cast, client_of: Clients) -> None:
    bob, mona, item = client_of(cast.bob), client_of(cast.mona), make_item(cast)
    incident = make_incident(cast)
    asked = {
        "category": "normal", "title": "Upgrade", "nature": "component", "description": "To 2.4",
        "reason": "Unsupported", "expected_effect": "Faster", "items": item.number, "untouched": "",
        "assignee": cast.sven.pk,
    }  # fmt: skip
    answer = bob.post(f"{reverse('changes:new')}?from={incident.number}", asked)
    change = Change.objects.get()
    assert answer.headers["Location"] == change.get_absolute_url()
    assert Link.objects.filter(source=change.pk, target=incident.pk, type="caused_by").exists()
    assert act(bob, change, "submit").status_code == 302
    assert act(mona, change, "accept").status_code == 302
    refused = act(mona, change, "put-up")
    assert refused.status_code == 422
    text = refused.content.decode()
    for missing in ("Not judged yet", "what was promised is not judged", "risk questions", "Write the plan"):
        assert missing in text

    def write(part: str, **data: Any) -> None:
        answer = mona.post(reverse("changes:part", args=[change.number, part]), data)
        assert answer.status_code == 302, answer.content.decode()

    write("risk", reach=2, backout=0, experience=1, parts=0, security=0)
    write("aspects", **{
        key: value for aspect in ("performance", "reliability", "security", "users", "resources")
        for key, value in ((aspect, "none"), (f"{aspect}-words", "Nothing."))
    })  # fmt: skip
    write("targets", rest="on")
    write("plan", plan="Do it", backout_plan="Undo it", test_plan="On the copy",
          planned_start_at=_local(days=2), planned_end_at=_local(days=2, hours=1))  # fmt: skip
    answer = act(mona, change, "put-up")
    assert answer.status_code == 302, [str(e) for e in answer.context["steps"][0]["form"].errors.items()]
    change.refresh_from_db()
    assert (change.state, change.risk) == (lifecycle.APPROVING, 2)
    assert change.target_effects.count() == 6


def _local(**later: int) -> str:
    return timezone.localtime(timezone.now() + timedelta(**later)).strftime("%Y-%m-%dT%H:%M")


def test_a_part_is_written_in_place_with_its_mistakes_at_their_fields(cast: Cast, client_of: Clients) -> None:
    change = make_change(cast)
    url = reverse("changes:part", args=[change.number, "facts"])
    client = client_of(cast.bob)
    fragment = client.get(url, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in fragment
    assert "Upgrade the mail server" in fragment
    assert "<html" in client.get(url).content.decode()
    refused = client.post(url, {"title": ""}, headers={"HX-Request": "true"})
    assert refused.status_code == 422
    facts = {
        "title": "New title", "category": "normal", "nature": "component", "description": "d", "reason": "r",
        "expected_effect": "e", "version": change.version,
    }  # fmt: skip
    done = client.post(url, facts, headers={"HX-Request": "true"})
    assert (done.status_code, done.headers["HX-Redirect"]) == (
        204,
        f"{change.get_absolute_url()}?view=request",
    )
    stale = client.post(url, {**facts, "title": "Other"})
    assert stale.status_code == 409


def test_a_decision_with_a_condition_that_is_ticked_afterwards(cast: Cast, client_of: Clients) -> None:
    change, mona = put_up(cast), client_of(cast.mona)
    assert "waits for your decision" in mona.get(reverse("changes:list")).content.decode()
    done = act(mona, change, "decide", approve="yes", terms="Tell rita.", version=change.version)
    assert done.status_code == 302
    condition = change.conditions.get()
    assert "Tell rita." in page(mona, change, "approval")
    mona.post(reverse("changes:condition", args=[change.number, condition.pk]), {"words": "By telephone"})
    condition.refresh_from_db()
    assert (condition.met_by, condition.met_words) == (cast.mona, "By telephone")


def test_nobody_is_offered_to_decide_on_his_own_change(cast: Cast, client_of: Clients) -> None:
    change = put_up(cast, assignee=cast.mona)
    assert "/decide/" not in page(client_of(cast.mona), change, "approval")
    assert "/decide/" in page(client_of(cast.admin), change, "approval")
    refused = act(client_of(cast.mona), change, "decide", approve="yes")
    assert refused.status_code == 422
    assert "his own change" in refused.content.decode()


@pytest.mark.req("CHG-11")
def test_an_item_is_altered_from_the_page_of_its_change(cast: Cast, client_of: Clients) -> None:
    item = make_item(cast)
    change = begun(cast, items=[item])
    client = client_of(cast.sven)
    assert item.number in page(client, change, "work")
    data = {"state": "in_use", "revision": "2.4", "version": item.version}
    url = reverse("changes:alter", args=[change.number, item.pk])
    assert client.post(url, data).status_code == 302
    item.refresh_from_db()
    assert item.revision == "2.4"
    other = make_item(cast, "other")
    assert client.post(reverse("changes:alter", args=[change.number, other.pk]), data).status_code == 404


@pytest.mark.req("CHG-09")
def test_the_archive_is_found_by_words_and_offers_nothing_to_do(cast: Cast, client_of: Clients) -> None:
    change = closed(cast)
    client = client_of(cast.mona)
    assert change.number in client.get(reverse("changes:list"), {"q": "snapshot"}).content.decode()
    assert change.number not in client.get(reverse("changes:list")).content.decode()
    text = page(client, change, "review")
    assert "it is an archive" in text
    assert 'panel-title">Next steps' not in text
    assert act(client, change, "cancel", because="Too late").status_code == 409


@pytest.mark.req("CHG-17")
def test_the_list_and_the_page_show_how_many_incidents_it_caused(cast: Cast, client_of: Clients) -> None:
    change = begun(cast)
    incident = make_incident(cast, title="Nothing arrives")
    link(incident, change, kind=Link.Type.CAUSED_BY, actor=cast.alice.actor, now=AFTER)
    client = client_of(cast.alice)
    assert f"{change.get_absolute_url()}?view=review" in client.get(reverse("changes:list")).content.decode()
    assert incident.number in page(client, change, "review")


@pytest.mark.parametrize(
    "asked",
    ["state=nothing", "risk=9", "service=x", "item=99999999999999999999", "who=me", "page=nine", "q=%00"],
)
def test_an_odd_address_of_the_list_is_as_if_not_asked(cast: Cast, client_of: Clients, asked: str) -> None:
    assert client_of(cast.alice).get(f"{reverse('changes:list')}?{asked}").status_code == 200


def test_the_list_takes_as_many_queries_however_long_it_is(
    cast: Cast, client_of: Clients, django_assert_max_num_queries: Any
) -> None:
    for n in range(6):
        make_change(cast, title=f"Change {n}")
    client = client_of(cast.mona)
    client.get(reverse("changes:list"))
    with django_assert_max_num_queries(22):
        client.get(reverse("changes:list"))


def test_customers_see_no_change_and_a_limited_manager_only_those_of_his_customers(
    cast: Cast, client_of: Clients
) -> None:
    change, theirs = make_change(cast), make_change(cast, customer=cast.acme, title="Of Acme")
    for person in (cast.rita, cast.carla, cast.charlie):
        assert not Change.objects.visible_to(person.actor).exists()
        assert client_of(person).get(change.get_absolute_url()).status_code == 302
    limited = make_user("leo", cast.provider)
    Grant.objects.create(user=limited, role=Role.MANAGER, organisation=cast.acme)
    client = client_of(limited)
    assert client.get(change.get_absolute_url()).status_code == 404
    assert client.get(theirs.get_absolute_url()).status_code == 200
    assert client.get(reverse("changes:template-new")).status_code == 403


# --- models, risk, unauthorised, figures -----------------------------------------------------


@pytest.mark.req("CHG-15")
def test_a_model_is_proposed_approved_and_taken_on_its_pages(cast: Cast, client_of: Clients) -> None:
    facts = {**TEMPLATE, "code": "gateway", "service": cast.mail.pk, "minutes": 30, "risk": 1}
    answer = client_of(cast.mona).post(reverse("changes:template-new"), facts)
    model = ChangeTemplate.objects.get()
    assert answer.status_code == 302
    url = reverse("changes:template-act", args=[model.pk, "approve"])
    assert client_of(cast.mona).post(url, {"version": 1}).status_code == 422
    assert client_of(cast.admin).post(url, {"version": 1}).status_code == 302
    bob = client_of(cast.bob)
    assert "Restart the mail gateway" in bob.get(reverse("changes:templates")).content.decode()
    asked = {
        "category": "standard",
        "template": model.pk,
        "description": "It hangs.",
        "reason": "Queue full.",
    }
    assert bob.post(reverse("changes:new"), asked).status_code == 302
    change = Change.objects.get()
    assert act(bob, change, "take").status_code == 302
    assert Change.objects.get().state == lifecycle.APPROVED
    withdraw = reverse("changes:template-act", args=[model.pk, "withdraw"])
    assert client_of(cast.mona).post(withdraw, {"because": ""}).status_code == 422
    assert client_of(cast.mona).post(withdraw, {"because": "It broke."}).status_code == 302
    assert "It broke." in bob.get(reverse("changes:template", args=[model.pk])).content.decode()


@pytest.mark.req("CHG-13")
def test_the_next_edition_of_the_risk_questions_is_written_as_a_form(cast: Cast, client_of: Clients) -> None:
    mona = client_of(cast.mona)
    form = mona.get(reverse("changes:risk")).context["form"]
    data = {
        name: "" if field.initial is None else field.initial for name, field in form.fields.items()
        if field.initial is not False
    }  # fmt: skip
    assert mona.post(reverse("changes:risk"), {**data, "reason": "Same."}).status_code == 422
    done = mona.post(reverse("changes:risk"), {**data, "q0-weight": 9, "reason": "Reach counts more."})
    assert done.status_code == 302
    newest = RiskEdition.objects.order_by("-number")[0]
    assert (newest.number, newest.definition["questions"][0]["weight"]) == (2, 9)
    assert mona.get(reverse("changes:risk"), {"edition": 1}).status_code == 200
    assert client_of(cast.alice).post(reverse("changes:risk"), data).status_code == 403


@pytest.mark.req("CHG-10")
def test_an_unauthorised_change_is_reported_and_settled_on_its_pages(cast: Cast, client_of: Clients) -> None:
    item, alice, mona = make_item(cast), client_of(cast.alice), client_of(cast.mona)
    assert alice.post(reverse("changes:unauthorised"), {"items": "nothing", "found": "x"}).status_code == 422
    answer = alice.post(reverse("changes:unauthorised"), {"items": item.number, "found": "Port 25 is open"})
    row = UnauthorisedChange.objects.get()
    assert answer.status_code == 302
    assert "1 unauthorised change" in mona.get(reverse("changes:list")).content.decode()
    url = reverse("changes:unauthorised-one", args=[row.pk])
    assert "Make it a regular emergency change" not in alice.get(url).content.decode()
    assert mona.post(url, {"title": "Open port 25", "reason": "", "expected_effect": ""}).status_code == 422
    done = mona.post(url, {"title": "Open port 25", "reason": "Needed", "expected_effect": "As is"})
    assert done.headers["Location"] == Change.objects.get().get_absolute_url()
    other = unauthorised.record(item=item, found="A user", cause=None, actor=cast.alice.actor, now=MONDAY)
    mona.post(reverse("changes:unauthorised-one", args=[other.pk]), {"back": "1", "words": "Removed"})
    other.refresh_from_db()
    assert other.state == "backed_out"


@pytest.mark.req("CHG-14")
def test_each_number_of_a_quarter_and_of_the_year_opens_the_rows_it_counts(
    cast: Cast, client_of: Clients
) -> None:
    for title in ("First", "Second"):
        closed(cast, title=title)
    emergency(cast, title="E")
    unauthorised.record(item=make_item(cast), found="x", cause=None, actor=cast.alice.actor, now=MONDAY)
    year = spans.parse("2026", _zone())
    columns = [*year.parts("quarter"), year]
    rows = {row["figure"].name: [cell["n"] for cell in row["cells"]]
            for row in figures.table(cast.mona.actor, columns)}  # fmt: skip
    assert rows["requested"] == [3, 0, 0, 0, 3]
    assert rows["done"] == rows["successful"] == rows["in-time"] == [2, 0, 0, 0, 2]
    assert rows["accepted"] == rows["closed"] == [2, 0, 0, 0, 2]
    assert rows["failed"] == rows["rejected"] == [0, 0, 0, 0, 0]
    assert rows["unauthorised"] == [1, 0, 0, 0, 1]
    mona = client_of(cast.mona)
    assert mona.get(reverse("changes:figures"), {"year": "2026"}).status_code == 200
    for name, counts in rows.items():
        for period, n in zip(columns, counts, strict=True):
            answer = mona.get(reverse("changes:figure", args=[name, period.code]))
            assert answer.context["page"].paginator.count == n, (name, period.code)


@pytest.mark.parametrize("code", ["2026-Q5", "x", "1899", "2026-03", "2026-Q1-Q2", "99999999999"])
def test_a_period_that_is_none_is_not_found(cast: Cast, client_of: Clients, code: str) -> None:
    assert client_of(cast.mona).get(reverse("changes:figure", args=["done", code])).status_code == 404


def test_after_an_edit_the_page_says_that_the_round_before_does_not_count(
    cast: Cast, client_of: Clients
) -> None:
    change = approved(cast)
    url = reverse("changes:part", args=[change.number, "plan"])
    data = {"plan": "Another", "backout_plan": change.backout_plan, "test_plan": change.test_plan,
            "planned_start_at": "2026-03-04T10:00", "planned_end_at": "2026-03-04T12:00"}  # fmt: skip
    assert client_of(cast.sven).post(url, data).status_code == 302
    assert "history, does not count" in page(client_of(cast.mona), change, "approval")
    change.refresh_from_db()
    assert approve(change, cast.mona).state == lifecycle.APPROVED


@pytest.mark.req("CHG-11")
def test_an_items_page_shows_its_changes_and_where_one_is_asked_for(cast: Cast, client_of: Clients) -> None:
    item = make_item(cast)
    change = make_change(cast, items=[item])
    other = make_change(cast, title="Another")
    shown = {panel["name"]: panel["content"] for panel in panels_of(item, cast.mona.actor, now=MONDAY)}
    assert [row["change"] for row in shown["changes"]["changes"]] == [change]
    answer = client_of(cast.mona).get(f"{reverse('changes:new')}?item={item.number}&service=mail")
    assert answer.context["form"]["items"].initial == item.number
    assert answer.context["form"]["services"].initial == [cast.mail.pk]
    assert other.change_items.count() == 0
