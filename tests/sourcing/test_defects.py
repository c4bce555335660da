"""Quality problems of what was bought: passed to the vendor and followed at the ticket until it answers."""

from datetime import date
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError

from accounts.access import Denied, Role
from accounts.models import Grant
from records.models import Activity, Delivery
from sourcing import defects, figures
from sourcing.models import Defect
from tests.cast import MONDAY, Cast, make_incident, make_user
from tests.sourcing.week import DAY, make_supplier

pytestmark = [pytest.mark.django_db, pytest.mark.req("SUP-08")]


@pytest.fixture(autouse=True)
def _on_monday() -> Any:
    with time_machine.travel(MONDAY, tick=False):
        yield


def report(cast: Cast, incident: Any, **over: Any) -> Defect:
    facts: dict[str, Any] = {
        "supplier": over.pop("supplier", None) or make_supplier(), "what": "Three of ten batteries swell.",
        "buyer": cast.mona, "due_on": date(2026, 3, 12), "actor": cast.alice.actor, "now": MONDAY, **over,
    }  # fmt: skip
    return defects.raise_defect(incident, **facts)


def told_to(activity: Activity) -> set[str]:
    """Who got a message because of it."""
    return set(Delivery.objects.filter(activity=activity).values_list("recipient__username", flat=True))


def log(incident: Any) -> list[str]:
    rows = Activity.objects.filter(record=incident.pk, verb__startswith="sourcing.").order_by("pk")
    return [row.verb for row in rows]


def test_it_is_passed_by_who_buys_and_followed_on_the_ticket_until_the_vendor_answers(cast: Cast) -> None:
    incident = make_incident(cast)
    made = report(cast, incident)
    told = Activity.objects.get(record=incident.pk, verb="sourcing.defect_raised")
    assert told_to(told) == {"mona"}
    with pytest.raises(ValidationError, match="not passed to the vendor yet"):
        defects.answer(made, outcome="replaced", answer="New ones.", actor=cast.alice.actor, now=MONDAY)
    with pytest.raises(Denied):
        defects.pass_on(made, reference="", note="", actor=cast.bob.actor, now=MONDAY)
    made = defects.pass_on(made, reference="RMA-7", note="By mail.", actor=cast.mona.actor, now=MONDAY)
    assert (made.passed_by, made.passed_at, made.reference) == (cast.mona, MONDAY, "RMA-7")
    with pytest.raises(ValidationError, match="already"):
        defects.pass_on(made, reference="", note="", actor=cast.mona.actor, now=MONDAY)
    made = defects.postpone(
        made, due_on=date(2026, 3, 20), reason="Tests.", actor=cast.mona.actor, now=MONDAY
    )
    answered: dict[str, Any] = {"answer": "Ten new ones.", "actor": cast.alice.actor, "now": MONDAY + DAY}
    with pytest.raises(ValidationError, match="what came of it"):
        defects.answer(made, outcome="forgotten", **answered)
    made = defects.answer(made, outcome="replaced", **answered)
    assert (made.outcome, made.answered_by, made.answered_at) == ("replaced", cast.alice, MONDAY + DAY)
    assert log(incident) == [
        "sourcing.defect_raised", "sourcing.defect_passed", "sourcing.defect_postponed",
        "sourcing.defect_answered",
    ]  # fmt: skip
    assert not Activity.objects.filter(verb__startswith="sourcing.", is_public=True).exists()
    with pytest.raises(ValidationError, match="already"):
        defects.answer(made, outcome="refused", **answered)


def test_the_day_that_passes_without_an_answer_is_told_once_a_week(cast: Cast) -> None:
    incident = make_incident(cast)
    made = report(cast, incident)
    assert defects.remind(now=MONDAY + 10 * DAY) == 0
    late = MONDAY + 11 * DAY
    assert (defects.remind(now=late), defects.remind(now=late + DAY)) == (1, 0)
    told = Activity.objects.get(verb="sourcing.defect_overdue")
    names = told_to(told)
    assert {"mona", "alice"} <= names
    assert defects.remind(now=late + 7 * DAY) == 1
    defects.pass_on(made, reference="", note="", actor=cast.mona.actor, now=late)
    defects.answer(made, outcome="credited", answer="Paid.", actor=cast.mona.actor, now=late)
    assert defects.remind(now=late + 30 * DAY) == 0


@pytest.mark.parametrize(
    ("field", "over"),
    [("what", {"what": " "}), ("due_on", {"due_on": date(2026, 3, 1)}), ("buyer", {"buyer": "carla"})],
)
def test_what_is_missing_is_named(cast: Cast, field: str, over: dict[str, Any]) -> None:
    facts = {k: getattr(cast, v) if k == "buyer" else v for k, v in over.items()}
    with pytest.raises(ValidationError) as refused:
        report(cast, make_incident(cast), **facts)
    assert set(refused.value.message_dict) == {field}
    assert not Defect.objects.exists()


def test_who_does_not_work_for_the_tickets_customer_is_told_nothing(cast: Cast) -> None:
    scoped = make_user("gina", cast.provider)
    Grant.objects.create(user=scoped, role=Role.MANAGER, organisation=cast.globex)
    incident = make_incident(cast)
    with pytest.raises(ValidationError, match="does not work for"):
        report(cast, incident, buyer=scoped)
    made = report(cast, incident, supplier=make_supplier(code="x"))
    with pytest.raises(Denied):
        defects.pass_on(made, reference="", note="", actor=scoped.actor, now=MONDAY)
    with pytest.raises(Denied):
        report(cast, incident, supplier=make_supplier(code="y"), actor=cast.carla.actor)


@pytest.mark.req("SUP-10")
def test_it_counts_for_the_supplier(cast: Cast) -> None:
    supplier = make_supplier()
    report(cast, make_incident(cast), supplier=supplier)
    assert figures.by_step(supplier, now=MONDAY, step="quarter")[0].problems == 1


def test_the_panel_beside_the_ticket_leads_through_all_of_it(client_of: Any, cast: Cast) -> None:
    incident, supplier = make_incident(cast), make_supplier()
    alice, mona = client_of(cast.alice), client_of(cast.mona)
    url = f"/tickets/{incident.number}/quality-problems/"
    assert url in alice.get(incident.get_absolute_url()).content.decode()
    words = {"supplier": supplier.pk, "what": "Swollen.", "buyer": cast.mona.pk, "due_on": "2026-03-12"}
    assert alice.post(url, {**words, "purchase": "PUR9"}).status_code == 422
    assert alice.post(url, words).headers["Location"] == incident.get_absolute_url()
    page = alice.get(incident.get_absolute_url()).content.decode()
    assert "Swollen." in page
    assert "answer due 2026-03-12" in page
    one = f"{url}{Defect.objects.get().pk}/"
    assert alice.post(one, {"act": "pass"}).status_code == 404
    assert mona.post(one, {"act": "pass", "reference": "R1"}).status_code == 302
    assert alice.post(one, {"act": "answer", "outcome": "replaced"}).status_code == 422
    assert alice.post(one, {"act": "answer", "outcome": "replaced", "answer": "Done."}).status_code == 302
    assert "Replaced" in alice.get("/suppliers/huaxun/problems/").content.decode()
    for person in (cast.carla, cast.charlie, cast.rita):
        browser = client_of(person)
        assert browser.get(url).status_code == 302
        assert browser.post(one, {"act": "answer"}).status_code == 403
        portal = browser.get(f"/portal/requests/{incident.number}/")
        assert "Swollen" not in portal.content.decode()
